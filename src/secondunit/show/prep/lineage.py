"""One lineage of a shot, from the page to the publish: shot list, panel, set, previs, shot, takes, versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.show import Show


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of the record that a shot came through."""

    seq: int
    at: str
    what: str
    """panel, previs, shot, take, choice, version."""
    name: str
    """v001, take 2."""
    digest: str
    """Of what was made; first characters tell it apart."""
    comes_from: tuple[tuple[str, str], ...] = ()
    """What it came from, by kind and digest."""

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "seq": self.seq, "at": self.at, "what": self.what, "name": self.name, "digest": self.digest,
            "from": dict(self.comes_from),
        }  # fmt: skip


def lineage_of(show: Show, shot: str) -> tuple[Step, ...]:
    """Return what a shot came through, oldest first, as the ledger has it; empty where nothing was made."""
    with ledger_of(show) as ledger:
        entries = [(e.seq, e.at, e.kind, e.facts) for e in ledger.entries()]
    steps = [_step(seq, at, kind, facts) for seq, at, kind, facts in entries if facts.get("shot") == shot]
    return tuple(s for s in steps if s is not None)


def _step(seq: int, at: str, kind: str, facts: Mapping[str, Any]) -> Step | None:
    def step(what: str, name: str, digest: str, *comes: tuple[str, Any]) -> Step:
        known = tuple((k, str(v)) for k, v in comes if v)
        return Step(seq=seq, at=at, what=what, name=name, digest=digest, comes_from=known)

    get = facts.get
    if kind == "output" and get("kind") == "board":
        return step("panel", str(get("style", "")), str(get("art_sha256", "")), ("set", get("set")))
    if kind == "output" and get("kind") == "previs":
        return step("previs", str(get("state")), str(get("content")), *dict(get("from") or {}).items())
    if kind == "selection" and get("previs"):
        came = ("previs", f"{get('previs')} {get('content')}")
        return step("shot", str(get("plate")), str(get("brief")), came)
    if kind == "output" and get("take"):
        name = f"take {get('take')} {get('kind')}"
        return step("take", name, str(get("content")), ("previs", get("previs")), ("recipe", get("recipe")))
    if kind == "selection" and get("take"):
        return step("choice", f"take {get('take')} of {len(get('of') or ())}", str(get("content")))
    if kind == "export":
        return step("version", str(get("version")), str(get("root") or get("content") or ""), ("take", get("take")))
    return None
