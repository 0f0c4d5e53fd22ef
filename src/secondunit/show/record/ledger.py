"""The show's record: the ledger in its database, what each entry of ours holds, and reading it back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from secondunit.clearance.keys import KeyRing
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.people import ring_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.show.store.show import Show

LISTED = (
    "declaration",
    "verdict",
    "refusal",
    "approval",
    "opt_in",
    "run",
    "output",
    "selection",
    "export",
    "reading",
    "incident",
)


@contextmanager
def ledger_of(show: Show, *, policy: str = "") -> Iterator[Ledger]:
    """Open a show's ledger, its tables made where missing.

    Raises
    ------
    BriefError
        The database's URL is none.
    BackendError
        The database refuses.
    """
    ledger = Ledger(show.database_url, policy=policy)
    try:
        yield ledger
    finally:
        ledger.close()


def record_of(show: Show, *, shot: str = "") -> list[dict[str, Any]]:
    """Return all that is recorded, oldest first: number, what, when, which take, and what was said."""
    with ledger_of(show) as ledger:
        ring = ring_of(ledger)
        told = [_told(ledger, entry, ring) for entry in ledger.entries()]
    return [row for row in told if not shot or row["shot"] == shot]


def about(entry: Entry) -> tuple[str, int]:
    """Return the shot and take that an entry is about; empty and 0 where none."""
    facts: Mapping[str, Any] = entry.facts
    inner = facts.get("scope")
    if isinstance(inner, Mapping):
        facts = inner
    take = facts.get("take", 0)
    return str(facts.get("shot", "")), take if isinstance(take, int) else 0


def _told(ledger: Ledger, entry: Entry, ring: KeyRing) -> dict[str, Any]:
    shot, take = about(entry)
    private = ledger.private(entry) or {}
    said = _said(entry.kind, entry.facts, private, ring)
    return {"seq": entry.seq, "at": entry.at, "what": entry.kind, "shot": shot, "take": take, "said": said}


def _said(kind: str, facts: Mapping[str, Any], private: Mapping[str, Any], ring: KeyRing) -> str:
    get = facts.get
    if kind == "declaration":
        return f"{private.get('artist', 'an artist')} declares {get('output_use')}, {get('operation')}"
    if kind in ("verdict", "refusal"):
        rules = f" by {', '.join(get('rules') or ())}" if get("rules") else ""
        lacking = f"; missing: {', '.join(get('missing') or ())}" if get("missing") else ""
        return f"{get('decision')}{rules}{lacking}"
    if kind == "approval":
        person = ring.person(str(get("key_id"))) or f"key {get('key_id')}"
        return f"{person} ({get('role')}) {get('decision')}" + (f": {get('conditions')}" if get("conditions") else "")
    if kind == "opt_in":
        person = ring.person(str(get("key_id"))) or f"key {get('key_id')}"
        return f"{person} uses it {'of their own will' if get('voluntary') else 'not: declined'}"
    if kind == "key":
        return f"{private.get('person', '(erased)')} is {get('role')}, key {get('key_id')}"
    if kind == "tool":
        tool = dict(get("tool") or {})
        who = private.get("person") or f"key {get('key_id')}"
        return f"{who} ({get('role')}) registers {tool.get('id')} {get('model')}, weights {tool.get('weights_digest')}"
    if kind in ("output", "run"):
        return f"{get('kind')} {get('state') or 'begun'}"
    if kind == "export":
        return f"{get('version')} signed and verified, {get('files')} files"
    if kind == "reading":
        changed = "" if get("sha256_before") == get("sha256_after") else ", and it changed meanwhile"
        return f"{get('file')} read for {get('purpose')}, data out{changed}"
    if kind == "policy":
        return f"rules in force: {', '.join(get('packs') or ())}"
    if kind == "human_edit":
        return f"{get('file')} changed: {', '.join((get('keys') or ())[:6]) or 'first seen'}"
    return ", ".join(f"{key}={value}" for key, value in facts.items() if isinstance(value, str | int | float))[:160]
