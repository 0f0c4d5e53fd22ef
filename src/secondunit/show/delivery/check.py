"""A show checked from outside: its ledger, its published files, and whether each knows of the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from secondunit.clearance.ledger.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.verify import verify_ledger
from secondunit.clearance.provenance.authority import Trust
from secondunit.clearance.provenance.findings import Verification
from secondunit.clearance.provenance.verify import verify_path
from secondunit.core.errors import BriefError
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.people import (
    AUTHORITY,
    FOLDER,
    authority_digest,
    has_keys,
    registrar_public,
    show_keys,
    trust_of,
)
from secondunit.show.store.show import Show, open_show


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check of a whole show found."""

    entries: int
    checkpoints: int
    wrong: tuple[str, ...]
    """Each thing that is wrong, with the row or the file it names."""
    notes: tuple[str, ...]
    deliveries: tuple[str, ...] = ()
    """Published versions that verified."""


def verify_show(show: Show, *, checkpoints: tuple[Path, ...] = (), files: bool = True) -> Checked:
    """Check a show's ledger and, unless told not to, all it published.

    Parameters
    ----------
    checkpoints
        Copies that a witness outside the show kept. Those in the show are read too, but prove less.

    Raises
    ------
    BriefError
        A checkpoint cannot be read.
    """
    own = tuple(sorted((show.root / FOLDER / "checkpoints").glob("*.json")))
    points = [read_checkpoint(path) for path in (*checkpoints, *own)]
    trusted = (registrar_public(show),) if has_keys(show) else ()
    found_in = verify_ledger(show.database_url, checkpoints=points, trusted=trusted)
    wrong = [f for f in found_in if f.grave]
    told = [f"ledger: {f.says}" for f in wrong]
    notes = [f"ledger: {f.says}" for f in found_in if not f.grave]
    notes += [] if checkpoints else ["no checkpoint from outside was given: a history rewritten as a whole is not seen"]
    if any(f.kind == "missing" for f in wrong):
        return Checked(entries=0, checkpoints=len(points), wrong=tuple(told), notes=tuple(notes))
    with ledger_of(show) as ledger:
        entries = ledger.entries()
    told += _swapped(show, entries)
    notes += _unfinished(entries)
    good: list[str] = []
    if files:
        exports = {
            (str(e.facts.get("shot")), str(e.facts.get("version"))): str(e.facts.get("root"))
            for e in entries
            if e.kind == "export"
        }
        for (shot, version), root in exports.items():
            folder = show.root / "shots" / shot / "publish" / version
            if not folder.is_dir():
                told.append(f"{folder}: published and no longer there")
                continue
            found = verify_path(folder, trust=trust_of(show), expected_root=root)
            told += [str(f) for f in found.findings if f.level == "bad"]
            notes += [str(f) for f in found.findings if f.level == "note"]
            good += [f"{shot} {version}: {found.files} files"] if found.ok else []
        for folder in sorted((show.root / "shots").glob("*/publish/v[0-9]*")):
            if (folder.parent.parent.name, folder.name) not in exports:
                told.append(f"{folder}: published, and the ledger does not know it")
    return Checked(
        entries=len(entries),
        checkpoints=len(points),
        wrong=tuple(dict.fromkeys(told)),
        notes=tuple(dict.fromkeys(notes)),
        deliveries=tuple(good),
    )


def _swapped(show: Show, entries: Sequence[Entry]) -> list[str]:
    """Return whether the certificate that files are trusted by is the one that the ledger has from its first day."""
    said = [e.facts.get("sha256") for e in entries if e.kind == "notice" and e.facts.get("what") == AUTHORITY]
    if not said and not has_keys(show):
        return []
    if not said:
        return ["provenance/ca.pem: the ledger does not know it"]
    return [] if authority_digest(show) == said[0] else ["provenance/ca.pem: not the one that the ledger knows"]


def _unfinished(entries: Sequence[Entry]) -> list[str]:
    """Return the runs that nothing came of: stopped, failed, or kept quiet about."""
    made = {e.facts.get("recipe") for e in entries if e.kind == "output"}
    return [
        f"entry {e.seq}: {e.facts.get('kind')} of take {e.facts.get('take')} of {e.facts.get('shot')} unfinished"
        for e in entries
        if e.kind == "run" and e.facts.get("recipe") not in made
    ]


def verify_anywhere(path: Path, *, trust: tuple[Path, ...] = ()) -> tuple[Verification, tuple[Path, ...]]:
    """Verify a file or folder against given anchors, else those of the show it lies in; return the anchors too.

    Raises
    ------
    BriefError
        There is nothing there, or nobody to trust.
    """
    show = None if trust else show_above(path)
    anchors = trust or ((show.root / FOLDER / "ca.pem",) if show else ())
    if not anchors:
        raise BriefError(f"{path} lies in no show, so nobody is trusted", fix="give the show's ca.pem: --trust FILE")
    return verify_path(path, trust=Trust.of(*anchors), expected_root=_root(show, path) if show else ""), anchors


def show_above(path: Path) -> Show | None:
    """Return the show that a path lies in."""
    for folder in (path.resolve(), *path.resolve().parents):
        if (folder / "show.toml").is_file():
            return open_show(folder)
    return None


def _root(show: Show, path: Path) -> str:
    """Return the root that the ledger holds for a published folder; empty for anything else."""
    place = path.resolve()
    if place.parent.name != "publish":
        return ""
    with ledger_of(show) as ledger:
        known = [
            str(e.facts.get("root"))
            for e in ledger.entries(kind="export")
            if (e.facts.get("shot"), e.facts.get("version")) == (place.parent.parent.name, place.name)
        ]
    return known[-1] if known else ""


def make_checkpoint(
    show: Show, *, out: Path | None = None, keys: Path | None = None, passphrase: str = ""
) -> tuple[Checkpoint, Path]:
    """Sign a show's ledger as it stands, for a witness outside; return the checkpoint and its file.

    Raises
    ------
    BriefError
        The show has no keys, or its ledger is empty.
    """
    registrar = show_keys(show, keys=keys, passphrase=passphrase).registrar
    with ledger_of(show) as ledger:
        point = ledger.checkpoint(registrar)
    path = out or show.root / FOLDER / "checkpoints" / f"{point.size:08d}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(point, path)
    return point, path
