"""A revised script against the one before: which scene is which, and what became of each."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from secondunit.prep.script.sketch import likeness

Fate = Literal["new", "kept", "moved", "changed", "orphaned"]

ALIKE: Final = 0.35
"""Least score of two scenes that are one: content 0.55, heading 0.3, own number 0.15."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneMark:
    """What is remembered of a scene: enough to know it again, none of its prose."""

    id: str
    ordinal: int
    number: str
    numbered: bool
    set_name: str
    int_ext: str
    light: str
    page: int
    digest: str
    sketch: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of a scene."""

    id: str
    fate: Fate
    moved: bool
    """Whether its place among the others changed; a changed scene may have moved too."""
    number: str
    """Now; of an orphaned scene, as it was."""
    number_was: str
    page: int
    page_was: int

    @property
    def said(self) -> str:
        """What a board or a shot says of its scene."""
        match self.fate:
            case "orphaned":
                return f"orphaned: its scene {self.number_was} is gone"
            case "changed":
                return f"changed, page {self.page}" + (", moved" if self.moved else "")
            case "moved":
                was = f"scene {self.number_was}, page {self.page_was}"
                return f"moved: was {was}, now scene {self.number}, page {self.page}"
        return str(self.fate)


def match_scenes(old: Sequence[SceneMark], new: Sequence[SceneMark]) -> dict[int, SceneMark]:
    """Return which old scene each new one is, by the new one's place in the list.

    First scenes whose text and place are the same, nearest in order; then the best pairs by content, heading and
    number, as far as they are alike. Each old scene is used once.
    """
    found: dict[int, SceneMark] = {}
    free = dict(enumerate(old))
    by_text: dict[tuple[str, str], list[int]] = {}
    for at, mark in free.items():
        by_text.setdefault((mark.digest, mark.set_name), []).append(at)
    for at, mark in enumerate(new):
        same = [index for index in by_text.get((mark.digest, mark.set_name), []) if index in free]
        if same:
            # Two scenes may read alike (EXT. ROAD, nothing in it): the nearest is meant.
            found[at] = free.pop(min(same, key=lambda index: (abs(index - at), index)))
    pairs = []
    for at, mark in enumerate(new):
        if at in found:
            continue
        for index, before in free.items():
            score = _score(before, mark)
            if score >= ALIKE:
                pairs.append((-score, abs(index - at), at, index))
    for _, _, at, index in sorted(pairs):
        if at not in found and index in free:
            found[at] = free.pop(index)
    return found


def _score(old: SceneMark, new: SceneMark) -> float:
    content = likeness(old.sketch, new.sketch) if old.sketch and new.sketch else 0.0
    heading = 0.3 * (old.set_name == new.set_name) * (1.0 if old.int_ext == new.int_ext else 0.7)
    number = 0.15 * (old.numbered and new.numbered and old.number == new.number)
    score = 0.55 * content + heading + number
    # A place comes back again and again: alone, it is no proof.
    return score if content > 0.12 or number else 0.0


def changes_of(old: Sequence[SceneMark], new: Sequence[SceneMark]) -> tuple[Change, ...]:
    """Return what became of every scene, new ones first in their order, then the orphaned ones.

    New marks carry the id of the old scene they are.
    """
    before = {mark.id: mark for mark in old}
    stayed = [mark for mark in new if mark.id in before]
    steady = _longest_rising([before[mark.id].ordinal for mark in stayed])
    changes = []
    for mark in new:
        was = before.get(mark.id)
        if was is None:
            changes.append(_change("new", mark, mark, moved=False))
            continue
        renumbered = mark.numbered and was.numbered and mark.number != was.number
        moved = was.ordinal not in steady or renumbered
        same = mark.digest == was.digest and (mark.set_name, mark.int_ext, mark.light) == (
            was.set_name,
            was.int_ext,
            was.light,
        )
        changes.append(_change("changed" if not same else "moved" if moved else "kept", mark, was, moved=moved))
    here = {mark.id for mark in new}
    changes += [_change("orphaned", mark, mark, moved=False) for mark in old if mark.id not in here]
    return tuple(changes)


def _change(fate: Fate, now: SceneMark, was: SceneMark, *, moved: bool) -> Change:
    return Change(
        id=now.id, fate=fate, moved=moved, number=now.number, number_was=was.number, page=now.page, page_was=was.page
    )


def _longest_rising(values: Iterable[int]) -> frozenset[int]:
    """Return the members of a longest rising run: the scenes that kept their order."""
    tails: list[int] = []
    places: list[int] = []
    back: list[int] = []
    items = list(values)
    for at, value in enumerate(items):
        spot = bisect_left(tails, value)
        if spot == len(tails):
            tails.append(value)
            places.append(at)
        else:
            tails[spot], places[spot] = value, at
        back.append(places[spot - 1] if spot else -1)
    steady, at = set(), places[-1] if places else -1
    while at >= 0:
        steady.add(items[at])
        at = back[at]
    return frozenset(steady)
