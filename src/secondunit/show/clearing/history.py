"""What the pipeline itself puts on record: briefs as people change them, runs, outputs, choices."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from secondunit.clearance.gate import Grant
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.records import HumanWork
from secondunit.clearance.policy.vocabulary import HumanWorkKind
from secondunit.core.errors import BriefError
from secondunit.core.recipe import canonical, digest
from secondunit.media.digest import file_digest
from secondunit.show.brief.table import load_toml
from secondunit.show.clearing.approvals import given_digest
from secondunit.show.clearing.question import Question
from secondunit.show.record.ledger import ledger_of
from secondunit.show.shot.plate_link import previs_link
from secondunit.show.shot.scene import Scene
from secondunit.show.store.show import Show
from secondunit.show.store.takes import TakeResult, area_of


def record_brief(scene: Scene) -> None:
    """Put on record that a person changed ``shot.toml``: its digest before and after, and which keys."""
    path = scene.folder / "shot.toml"
    now = file_digest(path)
    values = {key: digest(value)[:16] for key, value in flat(load_toml(path)).items()}
    shot = scene.brief.name
    with ledger_of(scene.show) as ledger:
        last = next((e for e in reversed(ledger.entries(kind="human_edit")) if _is_brief(e, shot)), None)
        before: dict[str, Any] = dict(last.facts) if last else {}
        if before.get("after") == now:
            return
        known: dict[str, str] = dict(before.get("values", {}))
        changed = sorted(k for k in {*known, *values} if known.get(k) != values.get(k)) if last else []
        body = {"shot": shot, "file": "shot.toml", "before": before.get("after", ""), "after": now}
        ledger.append("human_edit", {**body, "keys": changed, "values": values})


def record_work(show: Show, shot: str, *, kind: HumanWorkKind, by: str, after: Path, before: Path | None = None) -> str:
    """Put on record what a person made by hand for a shot: paint, roto, comp, a grade; return the entry's time.

    Parameters
    ----------
    before, after
        The files as they were and as they are; their digests are kept.

    Raises
    ------
    BriefError
        Nobody is named, there is no such kind or shot, or a file cannot be read.
    """
    if kind not in get_args(HumanWorkKind):
        raise BriefError(f"{kind!r} is no kind of work", fix=f"use {', '.join(get_args(HumanWorkKind))}")
    if not by.strip():
        raise BriefError("nobody is named", fix='say who: --by "Name"')
    show.brief(shot)
    body = {
        "shot": shot,
        "work": kind,
        "file": after.name,
        "before": given_digest(before) if before else "",
        "after": given_digest(after),
        "keys": [],
    }
    with ledger_of(show) as ledger:
        return ledger.append("human_edit", body, private={"person": " ".join(by.split())}).at


def work_of(shot: str, artist: str, ledger: Ledger) -> tuple[HumanWork, ...]:
    """Return what people did to a shot by the ledger: what they recorded, and what they changed of its picture."""
    found = []
    for entry in ledger.entries(kind="human_edit"):
        facts = entry.facts
        if facts.get("shot") != shot:
            continue
        if "work" in facts:
            person = str((ledger.private(entry) or {}).get("person", "(erased)"))
            found.append(HumanWork(kind=facts["work"], person=person, before=facts["before"], after=facts["after"]))
        else:
            kinds = {_WORK[key.split(".")[0]] for key in facts["keys"] if key.split(".")[0] in _WORK}
            found += [
                HumanWork(kind=kind, person=artist, before=facts["before"], after=facts["after"])
                for kind in sorted(kinds)
            ]
    return tuple(found)


_WORK: Mapping[str, HumanWorkKind] = {
    "matte": "roto",
    "holdout": "roto",
    "look": "comp",
    "box": "layout",
    "camera": "camera",
    "collapse": "keys",
}
"""What a changed section of the brief is a change of; seeds and sizes are not among them."""


def record_run(scene: Scene, grant: Grant) -> None:
    """Put on record that a generator is about to run, on which verdict."""
    use = grant.verdict.use
    body = {
        "shot": use.shot,
        "take": use.take,
        "kind": use.kind,
        "recipe": use.recipe,
        "generator": f"{use.generator} {use.generator_version}",
        "weights": use.weights_digest,
        "granted": grant.entry,
    }
    with ledger_of(scene.show, policy=grant.verdict.judgement.policy) as ledger:
        ledger.append("run", body)


def record_output(
    scene: Scene,
    result: TakeResult,
    frames: list[dict[str, Any]],
    *,
    state: str,
    clip: Mapping[str, Any] | None = None,
) -> None:
    """Put a take that was made on record: its files by digest, how much of the picture it is.

    Parameters
    ----------
    clip
        Of one that a clip model drew: its pictures by digest, backend and seed.
    """
    take, area = result.take, area_of(result.folder)
    body: dict[str, Any] = {
        "shot": scene.brief.name,
        "take": take.number,
        "kind": take.kind,
        "state": state,
        "recipe": take.recipe_digest,
        "content": result.content,
        "folder": (result.folder.parent / result.folder.name.lstrip(".")).relative_to(scene.show.root).as_posix(),
        "frames": list(take.frames),
        "rate": str(scene.plate.rate),
        "size": [take.width, take.height],
        "area_percent": None if area is None else [round(a, 3) for a in area],
        "movie": file_digest(result.movie),
        "comps": [proof["sha256"] for r in frames for name, proof in r["files"].items() if "_comp_" in name],
        "seconds": take.seconds.get("total", 0.0),
    }
    if clip:
        body["clip"] = dict(clip)
    link = previs_link(scene.folder)
    if link:
        body["previs"] = f"{link['version']} {link['content']}"
    with ledger_of(scene.show) as ledger:
        same = [e for e in ledger.entries(kind="output") if _core(e.facts) == _core(body)]
        if not same:
            ledger.append("output", body)


def record_selection(question: Question, ledger: Ledger) -> None:
    """Put on record which take was chosen, of how many."""
    takes = sorted(int(p.parent.name[1:]) for p in question.scene.folder.glob("takes/t[0-9][0-9][0-9]/take.json"))
    number = question.take.take.number
    body = {"shot": question.scene.brief.name, "take": number, "of": takes, "content": question.plan.content}
    if not any(e.facts == body for e in ledger.entries(kind="selection")):
        ledger.append("selection", body)


def flat(table: Any, prefix: str = "") -> dict[str, Any]:
    """Return a TOML document's values by dotted key; tables of a list by their number.

    >>> flat({"a": {"b": 1}, "c": [{"d": 2}]})
    {'a.b': 1, 'c.0.d': 2}
    """
    found: dict[str, Any] = {}
    items = table.items() if isinstance(table, dict) else enumerate(table)
    for key, value in items:
        name = f"{prefix}{key}"
        nested = isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict))
        found |= flat(value, f"{name}.") if nested else {name: json.loads(json.dumps(value, default=str))}
    return found


def _is_brief(entry: Entry, shot: str) -> bool:
    return entry.facts.get("shot") == shot and "work" not in entry.facts


def _core(facts: Any) -> Any:
    return canonical({k: v for k, v in dict(facts).items() if k not in ("seconds", "movie")})
