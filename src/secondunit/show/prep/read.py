"""``prep read``: a script into a show by reference; a revised one matched with the one before."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from secondunit.core.errors import BriefError, StoreError
from secondunit.prep.script.open_script import Reading, open_script
from secondunit.prep.script.pages import said_eighths
from secondunit.prep.script.revision import Change, changes_of, match_scenes
from secondunit.prep.script.scenes import scenes_of
from secondunit.prep.script.script import Script
from secondunit.show.prep.draft import Draft, read_draft, refs_of, renamed, write_draft
from secondunit.show.prep.shotlist_file import read_shotlist
from secondunit.show.prep.store import PrepStore, prep_of
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.show import Show, locked


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """What a reading found."""

    draft: Draft
    notes: tuple[str, ...]
    shots: tuple[tuple[str, str], ...]
    """Shots of the list and what became of their scenes, where a draft was read before."""
    boards: tuple[tuple[str, str], ...]
    """Boards, likewise."""

    def as_json(self) -> dict[str, Any]:
        """Return it for machines: no prose."""
        draft = self.draft
        return {
            "script": draft.file,
            "format": draft.format,
            "language": draft.language,
            "encoding": draft.encoding,
            "sha256": draft.sha256,
            "bytes": draft.size,
            "lines": draft.lines,
            "scenes": len(draft.scenes),
            "eighths": sum(ref.eighths for ref in draft.scenes),
            "pages": said_eighths(sum(ref.eighths for ref in draft.scenes)),
            "revision": {
                "scenes": dict(Counter(change.fate for change in draft.changes)),
                "changes": [
                    {
                        "scene": change.number,
                        "was": change.number_was,
                        "fate": change.fate,
                        "page": change.page,
                        "page_was": change.page_was,
                        "said": change.said,
                    }
                    for change in draft.changes
                    if change.fate != "kept"
                ],
                "shots": dict(self.shots),
                "boards": dict(self.boards),
            },
            "notes": list(self.notes),
        }


def read_script(show: Show, path: Path) -> ReadResult:
    """Read a script into a show: references in ``prep/script.json``, the reading on the show's record.

    The file is opened for reading only, and hashed before and after. Nothing of an earlier draft is erased.

    Raises
    ------
    BriefError
        The script cannot be read, or has no scenes.
    StoreError
        It changed while it was read, or the show cannot be written.
    """
    store = prep_of(show)
    with locked(store.root):
        reading = open_script(path)
        draft = _drafted(show, store, path, reading)
        write_draft(store.script, draft)
    record_reading(show, path, reading, purpose="scenes", scenes=len(draft.scenes))
    return ReadResult(
        draft=draft,
        notes=reading.script.notes,
        shots=_fates_of_shots(store, draft),
        boards=_fates_of_boards(store, draft),
    )


def draft_of(show: Show) -> Draft:
    """Return what the show remembers of its script.

    Raises
    ------
    BriefError
        None was read yet.
    """
    draft = read_draft(prep_of(show).script)
    if draft is None:
        raise BriefError(f"{show.root} has no script yet", fix=f"secondunit prep read {show.typed} SCRIPT")
    return draft


def reread(show: Show, draft: Draft) -> tuple[Path, Reading]:
    """Open the script that a draft is of, and prove that it is still that one.

    Raises
    ------
    BriefError
        It is gone or was changed since.
    """
    path = draft.path(show.root)
    again = f"secondunit prep read {show.typed} {path.name if path.name == draft.file else draft.file}"
    if not path.is_file():
        raise BriefError(f"the script {draft.file} is not there", fix=f"put it back, or: {again}")
    reading = open_script(path)
    if reading.script.sha256 != draft.sha256:
        raise BriefError(f"the script {draft.file} was changed since it was read", fix=again)
    return path, reading


def record_reading(show: Show, path: Path, reading: Reading, *, purpose: str, scenes: int, model: str = "") -> None:
    """Put on the show's record that a script was read, by digests before and after: no name of a scene, no word."""
    body = {
        "file": path.name,
        "format": reading.script.format,
        "bytes": reading.script.size,
        "sha256_before": reading.sha256_before,
        "sha256_after": reading.sha256_after,
        "scenes": scenes,
        "purpose": purpose,
        "output": "data",
        "model": model,
    }
    with ledger_of(show) as ledger:
        ledger.append("reading", body)


def _drafted(show: Show, store: PrepStore, path: Path, reading: Reading) -> Draft:
    script = reading.script
    before = read_draft(store.script)
    scenes = scenes_of(script)
    if not scenes:
        raise BriefError(
            f"{path.name} has no scene headings", fix="begin scenes with INT. or EXT., or a full stop: .THE KITCHEN"
        )
    key = bytes.fromhex(before.key) if before else hashlib.sha256(script.sha256.encode()).digest()[:16]
    own = {scene.ordinal: _new_id(script, scene.ordinal) for scene in scenes}
    refs = refs_of(scenes, own, key=key)
    if before is None:
        return Draft(**_facts(show, path, script), key=key.hex(), scenes=refs)
    if before.sha256 == script.sha256:
        same = renamed(refs, before.ids) if len(refs) == len(before.scenes) else before.scenes
        return replace(before, **_facts(show, path, script), scenes=same)
    known = (*before.marks, *before.orphaned)
    matched = match_scenes(known, [ref.mark for ref in refs])
    ids = {ref.mark.ordinal: matched[at].id if at in matched else own[ref.mark.ordinal] for at, ref in enumerate(refs)}
    refs = renamed(refs, _told_apart(ids, {mark.id for mark in known}))
    here = {ref.mark.id for ref in refs}
    return Draft(
        **_facts(show, path, script),
        key=before.key,
        scenes=refs,
        orphaned=tuple(mark for mark in known if mark.id not in here),
        changes=changes_of(known, [ref.mark for ref in refs]),
        earlier=(*before.earlier, before.sha256),
    )


def _facts(show: Show, path: Path, script: Script) -> dict[str, Any]:
    place = path.resolve()
    inside = place.is_relative_to(show.root)
    return {
        "file": place.relative_to(show.root).as_posix() if inside else str(place),
        "format": script.format,
        "language": script.language,
        "encoding": script.encoding,
        "sha256": script.sha256,
        "size": script.size,
        "lines": script.lines,
    }


def _new_id(script: Script, ordinal: int) -> str:
    return f"sc-{hashlib.sha256(f'{script.sha256} {ordinal}'.encode()).hexdigest()[:10]}"


def _told_apart(ids: dict[int, str], known: set[str]) -> dict[int, str]:
    """Refuse that a new scene has an old one's id by chance: ids are what shots hang on."""
    new = [value for value in ids.values() if value not in known]
    if len(set(ids.values())) != len(ids) or len(set(new)) != len(new):
        raise StoreError("two scenes have one id", fix="report this with prep/script.json")
    return ids


def said_by_scene(draft: Draft) -> dict[str, str]:
    """Return what each scene's shots and boards say of the last revision, by scene id; empty for a first draft."""
    if not draft.changes:
        return {}
    said = {change.id: change.said for change in draft.changes}
    return {**{m.id: f"orphaned: its scene {m.number} is gone" for m in draft.orphaned}, **said}


def changes_by_scene(draft: Draft) -> dict[str, Change]:
    """Return what became of each scene, by its id."""
    return {change.id: change for change in draft.changes}


def _fates_of_shots(store: PrepStore, draft: Draft) -> tuple[tuple[str, str], ...]:
    said = said_by_scene(draft)
    if not said or not store.shotlist.is_file():
        return ()
    return tuple(
        (shot.name, said.get(shot.origin.split("/", 1)[0], "kept: a person's own shot"))
        for shot in read_shotlist(store.shotlist)
    )


def _fates_of_boards(store: PrepStore, draft: Draft) -> tuple[tuple[str, str], ...]:
    shots = dict(_fates_of_shots(store, draft))
    folder = store.root / "boards"
    if not said_by_scene(draft) or not folder.is_dir():
        return ()
    names: Sequence[str] = sorted(place.name for place in folder.iterdir() if place.is_dir())
    return tuple((name, shots.get(name, "kept: no shot of that name is in the list")) for name in names)
