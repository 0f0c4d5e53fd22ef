"""A new proposal and a person's list: what the person changed, renamed, added or took away stays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from secondunit.prep.shotlist.shot import Revision, ShotEntry

STEP: Final = 10
_OURS: Final = ("name", "number", "scene", "revision", "origin")
"""Fields that are kept or moved by other rules than a person's wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A shot list after a new proposal."""

    shots: tuple[ShotEntry, ...]
    edited: tuple[str, ...]
    """Names of shots that hold a person's own values."""
    taken_away: tuple[str, ...]
    """Origins of proposals that a person took away: not proposed again."""


def merge_shots(
    proposed: Sequence[ShotEntry],
    *,
    last: Mapping[str, Mapping[str, Any]],
    current: Sequence[ShotEntry],
    taken_away: Iterable[str] = (),
    fates: Mapping[str, Revision] | None = None,
) -> Merged:
    """Return the list that keeps everything of a person's.

    Parameters
    ----------
    proposed
        The new proposal, by today's sheets.
    last
        Fields of the proposal before, by origin: a value that differs from it is a person's.
    current
        The list as it is in the file.
    taken_away
        Origins that were taken away before.
    fates
        What became of each scene, by its id.

    Notes
    -----
    Names never change: a shot that exists keeps its own, a new one takes the next free step after its neighbour in the
    scene. Shots of a scene that is gone stay where they are, as orphaned.
    """
    fates = fates or {}
    mine = {shot.origin: shot for shot in current if shot.origin}
    gone = {*taken_away, *(origin for origin in last if origin not in mine)} if current or last else set()
    gone -= mine.keys()
    fresh = {shot.origin: shot for shot in proposed}
    names = {shot.name.casefold() for shot in current}
    edited: list[str] = []
    result: list[ShotEntry] = []
    for shot in current:
        new = fresh.get(shot.origin)
        before = last.get(shot.origin, {})
        changes = {
            key for key in _shown() if shot.origin and key in before and _plain(getattr(shot, key)) != before[key]
        }
        if changes or not shot.origin:
            edited.append(shot.name)
        if new is not None:
            kept = {key: getattr(shot, key) for key in _shown() if key in changes or key not in before}
            shot = replace(new, name=shot.name, number=shot.number, **kept)
        result.append(_with_fate(shot, fates))
    for place, shot in enumerate(proposed):
        if shot.origin in mine or shot.origin in gone:
            continue
        after = [other.origin for other in proposed[:place]]
        result.insert(_place(result, shot, after), _with_fate(_named(shot, names, result), fates))
    return Merged(shots=tuple(result), edited=tuple(edited), taken_away=tuple(sorted(gone)))


def proposal_state(proposed: Iterable[ShotEntry]) -> dict[str, dict[str, Any]]:
    """Return what is to be remembered of a proposal, by origin."""
    return {shot.origin: {key: _plain(getattr(shot, key)) for key in _shown()} for shot in proposed}


def _shown() -> list[str]:
    return [field.name for field in fields(ShotEntry) if field.name not in _OURS]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _scene_id(shot: ShotEntry) -> str:
    return shot.origin.split("/", 1)[0]


def _with_fate(shot: ShotEntry, fates: Mapping[str, Revision]) -> ShotEntry:
    fate = fates.get(_scene_id(shot)) if shot.origin else None
    return replace(shot, revision=fate) if fate else shot


def _place(result: Sequence[ShotEntry], shot: ShotEntry, after: Sequence[str]) -> int:
    """Return where a new shot goes: behind the last of those proposed before it that is there."""
    known = set(after)
    for index in range(len(result) - 1, -1, -1):
        if result[index].origin in known:
            place = index + 1
            # A person's own shots behind it, in the same scene, stay with it.
            while place < len(result) and not result[place].origin and result[place].scene == result[index].scene:
                place += 1
            return place
    return 0


def _named(shot: ShotEntry, names: set[str], result: Sequence[ShotEntry]) -> ShotEntry:
    """Give a new shot a name nobody has: its own, else the next step of ten in its sequence."""
    name, number = shot.name, shot.number
    sequence = shot.name.rpartition("_")[0]
    if name.casefold() in names:
        used = [other.number for other in result if other.name.casefold().startswith(f"{sequence.casefold()}_")]
        number = (max(used, default=0) // STEP + 1) * STEP
        name = f"{sequence}_{number:04d}"
        while name.casefold() in names:
            number += STEP
            name = f"{sequence}_{number:04d}"
    names.add(name.casefold())
    return replace(shot, name=name, number=number)
