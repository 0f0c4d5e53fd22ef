"""How each effects shot can be made, and what has been measured of either way. No figure without its data."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Any

from secondunit.prep.breakdown.sheet import Effect, SceneSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectKind:
    """A kind of effect, as the data file has it."""

    kind: str
    title: str
    says: str
    conventional: str
    generated: str
    here: bool = False
    """Whether this software makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Something measured, with where it comes from."""

    effects: tuple[str, ...]
    way: str
    """conventional or generated."""
    says: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredTake:
    """A take of this show, made by this software: what the show itself has measured."""

    shot: str
    number: int
    seconds: float
    frames: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodNote:
    """Conventional against generated, for one effects shot."""

    conventional: str
    generated: str
    weighs: tuple[str, ...]
    """What of this scene speaks for either way, from its own fields."""
    figures: tuple[Figure, ...]
    unmeasured: str
    """What no figure is given for; empty where both ways have one."""


@cache
def effect_kinds() -> Mapping[str, EffectKind]:
    """Return the kinds of effect there are."""
    data = _load("effects.toml")
    return {kind: EffectKind(kind=kind, **table) for kind, table in data.items()}


def figures() -> tuple[Figure, ...]:
    """Return what has been measured outside this show."""
    return tuple(
        Figure(effects=tuple(row["effects"]), way=row["way"], says=row["says"], source=row["source"])
        for row in _load("figures.toml")["figure"]
    )


def method_note(effect: Effect, sheet: SceneSheet, *, takes: Sequence[MeasuredTake] = ()) -> MethodNote:
    """Return the note of an effects shot.

    Parameters
    ----------
    takes
        What this show has measured itself; it is quoted for the kinds that this software makes.
    """
    kind = effect_kinds().get(effect.kind)
    if kind is None:
        return MethodNote(
            conventional="",
            generated="",
            weighs=_weighs(effect, sheet),
            figures=(),
            unmeasured="neither way is measured",
        )
    found = [figure for figure in figures() if effect.kind in figure.effects]
    if kind.here and takes:
        found.append(_of_takes(effect.kind, takes))
    ways = {figure.way for figure in found}
    lacking = [way for way in ("conventional", "generated") if way not in ways]
    unmeasured = f"not measured: {' and '.join(lacking)}" if lacking else ""
    if "generated" in lacking and kind.here:
        unmeasured += "; make a take of such a shot in this show, and its own seconds stand here"
    return MethodNote(
        conventional=kind.conventional,
        generated=kind.generated,
        weighs=_weighs(effect, sheet),
        figures=tuple(found),
        unmeasured=unmeasured,
    )


def _of_takes(kind: str, takes: Sequence[MeasuredTake]) -> Figure:
    each = sorted(take.seconds / take.frames for take in takes if take.frames)
    sizes = sorted({f"{take.width}x{take.height}" for take in takes})
    said = f"{each[0]:.1f}" if len(each) == 1 else f"{each[0]:.1f} to {each[-1]:.1f}, median {median(each):.1f}"
    return Figure(
        effects=(kind,),
        way="generated",
        says=f"{said} wall seconds a frame at {', '.join(sizes)}",
        source=f"measured by this show's own takes: {', '.join(f'{t.shot} t{t.number:03d}' for t in takes[:6])}",
    )


def _weighs(effect: Effect, sheet: SceneSheet) -> tuple[str, ...]:
    said = []
    if effect.with_cast:
        said.append("cast in the same lines: contact and light to be planned with them")
    else:
        said.append("no cast in the same lines")
    if sheet.int_ext.startswith("EXT"):
        said.append("exterior: lock the plate, survey the place")
    if sheet.light == "night":
        said.append("night: its light falls on everything")
    if any(item.category == "stunts" for item in sheet.items):
        said.append("stunts in the scene: the coordinator first")
    if effect.confidence < 0.5 and effect.source != "person":
        said.append("weakly told by the page: ask before planning")
    return tuple(said)


@cache
def _load(name: str) -> dict[str, Any]:
    data = tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))
    data.pop("schema")
    return data
