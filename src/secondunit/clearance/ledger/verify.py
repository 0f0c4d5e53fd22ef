"""Whether a ledger is whole, judged from its rows alone and from what witnesses kept."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import URL, Engine, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from secondunit.clearance.ledger.checkpoint import Checkpoint, fault_of, leaves_of, parse_checkpoint
from secondunit.clearance.ledger.entry import KINDS, Entry
from secondunit.clearance.ledger.links import Fault, Placed, link_faults, place
from secondunit.clearance.ledger.merkle import root_of
from secondunit.clearance.ledger.tables import LEDGER, META, PRIVATE, VAULT, open_engine, snapshot
from secondunit.clearance.ledger.vault import unseal
from secondunit.core.errors import StoreError

CLOCK_SLACK: Final = timedelta(minutes=5)
"""How far clocks of two machines may differ before an entry's time is remarked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with a ledger."""

    kind: Literal[
        "missing", "edited", "deleted", "reordered", "truncated", "forked", "inserted", "checkpoint", "vault", "clock"
    ]
    says: str
    seq: int | None = None
    """The first entry it is about."""
    grave: bool = True
    """Whether the record is wrong; else it is a remark, such as a clock that ran back."""


def verify_ledger(
    url: str | URL, *, checkpoints: Sequence[Checkpoint] = (), trusted: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Return all that is wrong with a ledger, each with the row it names; nothing where it is whole.

    Without a checkpoint from outside, a tail cut off or a history rewritten from some row on cannot be seen.

    Parameters
    ----------
    checkpoints
        As witnesses outside the show kept them.
    trusted
        Public halves of keys that may sign checkpoints. None given, those of the checkpoints from outside.

    Raises
    ------
    BriefError
        The URL is none.
    BackendError
        The driver is not installed.
    """
    rows = _rows(url)
    if isinstance(rows, Finding):
        return (rows,)
    entries, private, keys = rows
    placed = place(entries)
    found = [_finding(fault) for fault in link_faults(placed)]
    found += _kinds(entries)
    found += _vault(entries, private, keys)
    found += _clock(entries)
    signers = trusted or tuple(point.public for point in checkpoints)
    for point in checkpoints:
        found += _against(point, placed, label=f"the checkpoint of {point.at}", trusted=trusted)
    for seq, inner in _inner(entries):
        if isinstance(inner, Finding):
            found.append(inner)
        elif inner.size > seq:
            found.append(_of_checkpoint(seq, "signs for entries that came after it"))
        elif signers:
            found += _against(inner, placed, label=f"the checkpoint recorded as entry {seq}", trusted=signers)
    found += _equivocation(checkpoints)
    return tuple(_once(found))


def _rows(url: str | URL) -> Finding | tuple[list[Entry], dict[int, Any], dict[int, bytes]]:
    """Read everything without writing anything: no table is made, no file."""
    engine = open_engine(url)
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file and not Path(file).is_file():
        return Finding(kind="missing", says=f"there is no database {file}")
    try:
        return _tables(engine)
    except (SQLAlchemyError, TypeError, ValueError) as error:
        reason = (str(getattr(error, "orig", None) or error).splitlines() or ["?"])[0]
        return Finding(kind="missing", says=f"the ledger cannot be read: {reason}")
    finally:
        engine.dispose()


def _tables(engine: Engine) -> Finding | tuple[list[Entry], dict[int, Any], dict[int, bytes]]:
    there = set(inspect(engine).get_table_names())
    missing = sorted(set(META.tables) - there)
    if missing:
        return Finding(kind="missing", says=f"the database has no table {', '.join(missing)}")
    with snapshot(engine) as connection:
        entries = [Entry(**row) for row in connection.execute(select(LEDGER).order_by(LEDGER.c.seq)).mappings()]
        odd = [e for e in entries if type(e.seq) is not int or e.seq < 0]
        if odd:
            return Finding(kind="edited", says=f"an entry has no number: {odd[0].seq!r}")
        private = {row["seq"]: row for row in connection.execute(select(PRIVATE)).mappings()}
        keys = {row["seq"]: row["key"] for row in connection.execute(select(VAULT)).mappings()}
    return entries, private, keys


def _kinds(entries: Iterable[Entry]) -> list[Finding]:
    return [
        Finding(kind="inserted", seq=e.seq, says=f"entry {e.seq} is of a kind that nothing writes: {e.kind!r}")
        for e in entries
        if e.kind not in KINDS
    ]


def _vault(entries: Sequence[Entry], private: dict[int, Any], keys: dict[int, bytes]) -> list[Finding]:
    erased = {seq for e in entries if e.kind == "erasure" and isinstance(seq := _fact(e, "entry"), int)}
    found = []
    for entry in entries:
        row, key = private.get(entry.seq), keys.get(entry.seq)
        if not entry.sealed:
            says = "has a private body that it does not name" if row else ""
        elif row is None:
            says = "has lost its private body"
        elif key is None:
            says = "" if entry.seq in erased else "has lost its key, and no entry says that it was erased"
        elif entry.seq in erased:
            says = "was erased, and its key is there again"
        else:
            whole = unseal(commitment=entry.sealed, nonce=row["nonce"], cipher=row["cipher"], key=key)
            says = "has a private body that is not the one recorded" if whole is None else ""
        if says:
            found.append(Finding(kind="vault", seq=entry.seq, says=f"entry {entry.seq} {says}"))
    strays = sorted({*private, *keys} - {e.seq for e in entries})
    return found + [
        Finding(kind="vault", seq=s, says=f"a private body of entry {s}, which is not there") for s in strays
    ]


def _clock(entries: Sequence[Entry]) -> list[Finding]:
    found, latest = [], None
    for entry in entries:
        try:
            at = datetime.fromisoformat(entry.at)
            if latest is not None and at < latest - CLOCK_SLACK:
                says = f"entry {entry.seq} says {entry.at}, but an entry before it says {latest.isoformat()}"
                found.append(Finding(kind="clock", seq=entry.seq, says=says, grave=False))
            latest = at if latest is None else max(at, latest)
        except (ValueError, TypeError):
            found.append(Finding(kind="edited", seq=entry.seq, says=f"entry {entry.seq} has no time: {entry.at!r}"))
    return found


def _inner(entries: Sequence[Entry]) -> Iterable[tuple[int, Checkpoint | Finding]]:
    for entry in entries:
        if entry.kind == "checkpoint":
            try:
                yield entry.seq, parse_checkpoint(json.loads(entry.body))
            except (TypeError, ValueError):
                yield entry.seq, _of_checkpoint(entry.seq, "is none")


def _of_checkpoint(seq: int, says: str) -> Finding:
    return Finding(kind="checkpoint", seq=seq, says=f"the checkpoint recorded as entry {seq} {says}")


def _against(point: Checkpoint, placed: Sequence[Placed], *, label: str, trusted: Sequence[str]) -> list[Finding]:
    """Compare the rows with a checkpoint, by its list of hashes where it has one."""
    fault = fault_of(point, trusted=trusted)
    if fault:
        return [Finding(kind="checkpoint", says=f"{label}: {fault}")]
    now = {p.entry.seq: p.entry.hash for p in placed}
    found = []
    last = max(now, default=-1)
    if last + 1 < point.size:
        says = f"entries {last + 1} to {point.size - 1} are cut off: {label} covers {point.size} entries"
        found.append(Finding(kind="truncated", seq=last + 1, says=says))
    if now.get(0, point.origin) != point.origin:
        found.append(Finding(kind="forked", seq=0, says=f"entry 0 is not the one of {label}: this is another ledger"))
    differing = [s for s, known in enumerate(point.hashes) if now.get(s, known) != known]
    if differing:
        first, rest = differing[0], f", and {len(differing) - 1} after it" if len(differing) > 1 else ""
        says = f"entry {first} is not the one that {label} covers{rest}"
        found.append(Finding(kind="forked", seq=first, says=says))
    if not found and all(s in now for s in range(point.size)):
        try:
            root = root_of(leaves_of([now[s] for s in range(point.size)])).hex()
        except (TypeError, ValueError):
            root = ""
        if root != point.root:
            says = f"some entry before {point.size} is not the one that {label} covers"
            found.append(Finding(kind="forked", says=says))
    return found


def _equivocation(points: Sequence[Checkpoint]) -> list[Finding]:
    """Two signed histories of one length that differ: the ledger's owner showed two faces."""
    roots: dict[tuple[str, int], str] = {}
    found = []
    for point in points:
        known = roots.setdefault((point.origin, point.size), point.root)
        if known != point.root:
            says = f"two checkpoints over {point.size} entries of one ledger differ: it was forked"
            found.append(Finding(kind="forked", seq=None, says=says))
    return found


def _fact(entry: Entry, name: str) -> Any:
    try:
        return entry.facts.get(name)
    except StoreError:
        return None


def _finding(fault: Fault) -> Finding:
    return Finding(kind=fault.kind, seq=fault.seq, says=fault.says)


def _once(found: Iterable[Finding]) -> list[Finding]:
    return list(dict.fromkeys(found))
