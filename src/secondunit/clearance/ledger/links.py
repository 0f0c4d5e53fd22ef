"""What is wrong with a chain of rows: which was edited, which is gone, which was moved."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from secondunit.clearance.ledger.entry import GENESIS, Entry, hash_of

_TRIES: Final = 200_000
"""Places tried for rows that do not fit where they stand, all rows together: a second's work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A row, and the place it was written at."""

    entry: Entry
    own: int | None
    """The place that its hash was made for; None where no place fits, so that the row was edited."""

    @property
    def place(self) -> int:
        """Where it belongs, as far as can be told."""
        return self.entry.seq if self.own is None else self.own


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A break of the chain."""

    kind: Literal["edited", "deleted", "reordered", "forked"]
    seq: int
    says: str


def place(entries: Sequence[Entry]) -> list[Placed]:
    """Return each row with the place it was written at.

    A row whose hash does not fit where it stands is tried where the one before it was moved from, where its link
    says, and then ever farther away.
    """
    owns: dict[str, int] = {e.hash: e.seq for e in entries if _fits(e, e.seq)}
    placed, shift, budget = [], 0, _TRIES
    for entry in entries:
        own: int | None = None
        for guess in _guesses(entry, shift=shift, linked=owns.get(entry.prev), count=len(entries)):
            if _fits(entry, guess):
                own, shift = guess, guess - entry.seq
                owns[entry.hash] = guess
                break
            budget -= 1
            if budget <= 0:
                break
        placed.append(Placed(entry=entry, own=own))
    return placed


def link_faults(placed: Sequence[Placed]) -> list[Fault]:
    """Return the breaks of a chain, by row; none where it is whole."""
    faults = [
        Fault(kind="edited", seq=p.entry.seq, says=f"entry {p.entry.seq} was edited: its hash is another's")
        for p in placed
        if p.own is None
    ]
    faults += _moved(placed)
    places = {p.place for p in placed}
    for first, last in _runs(s for s in range(max(places, default=-1) + 1) if s not in places):
        faults.append(Fault(kind="deleted", seq=first, says=f"{_entries(first, last)} deleted"))
    faults += _forks(placed)
    faults += _links(placed)
    return faults


def _guesses(entry: Entry, *, shift: int, linked: int | None, count: int) -> Iterator[int]:
    yield entry.seq
    if shift:
        yield entry.seq + shift
    if linked is not None:
        yield linked + 1
    for distance in range(1, 2 * count + 64):
        yield entry.seq + distance
        if entry.seq >= distance:
            yield entry.seq - distance


def _fits(entry: Entry, seq: int) -> bool:
    try:
        return hash_of(entry, seq=seq) == entry.hash
    except (TypeError, ValueError):
        return False


def _moved(placed: Sequence[Placed]) -> Iterator[Fault]:
    """Rows moved by one step together, as after a deletion that was renumbered, are told as one."""
    moved = {p.entry.seq: p.place - p.entry.seq for p in placed if p.place != p.entry.seq}
    for shift in sorted(set(moved.values())):
        for first, last in _runs(s for s in sorted(moved) if moved[s] == shift):
            what = f"entry {first} stands" if first == last else f"entries {first} to {last} stand"
            says = f"{what} out of order: written as {_span(first + shift, last + shift)}"
            yield Fault(kind="reordered", seq=first, says=says)


def _forks(placed: Sequence[Placed]) -> Iterator[Fault]:
    at: dict[int, int] = {}
    for p in placed:
        if p.place in at:
            says = f"entries {at[p.place]} and {p.entry.seq} were both written as entry {p.place}: one was put in"
            yield Fault(kind="forked", seq=p.entry.seq, says=says)
        at.setdefault(p.place, p.entry.seq)


def _links(placed: Sequence[Placed]) -> Iterator[Fault]:
    at = {p.place: p for p in placed}
    for p in placed:
        before = at.get(p.place - 1)
        if p.place == 0 and p.entry.prev != GENESIS:
            yield Fault(kind="deleted", seq=0, says="entry 0 names one before it: the beginning is gone")
        elif before is not None and before.own is not None and p.entry.prev != before.entry.hash:
            says = f"entry {before.entry.seq} was rewritten with its hash: entry {p.entry.seq} knows another before it"
            yield Fault(kind="edited", seq=before.entry.seq, says=says)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for number in numbers:
        if last is not None and first is not None and number != last + 1:
            yield first, last
            first = None
        first, last = number if first is None else first, number
    if first is not None and last is not None:
        yield first, last


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _entries(first: int, last: int) -> str:
    return f"entry {first} was" if first == last else f"entries {first} to {last} were"
