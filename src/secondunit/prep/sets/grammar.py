"""The facade grammar: a lot's front is split into storeys, a storey into bays, a bay into wall and one opening.

Split grammars after Wonka et al., "Instant Architecture", ACM TOG 22 (2003), and Müller et al., "Procedural Modeling of
Buildings", ACM TOG 25 (2006). The result is plain values in metres: geometry, drawings and the collapse read the same.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from secondunit.prep.sets.styles import Opening, Style

Role = Literal["ground", "noble", "body", "attic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bay:
    """A strip of a storey: from ``s0`` to ``s1`` along the facade, with what opens in its middle."""

    s0: float
    s1: float
    opening: Opening | None
    accent: bool = False

    @property
    def middle(self) -> float:
        """Metres along."""
        return 0.5 * (self.s0 + self.s1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storey:
    """One floor of a facade."""

    number: int
    """0 is the ground floor."""
    role: Role
    base_m: float
    height_m: float
    bays: tuple[Bay, ...]

    @property
    def top_m(self) -> float:
        """Where the next floor begins."""
        return self.base_m + self.height_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """One front of a building, split to its openings. Heights are over the pavement."""

    width_m: float
    style: Style
    storeys: tuple[Storey, ...]
    margin_m: float
    """Plain wall at each end."""

    @property
    def height_m(self) -> float:
        """Top of the last storey: the foot of the crown."""
        return self.storeys[-1].top_m

    @property
    def glass_share(self) -> float:
        """Share of the upper storeys' front that opens."""
        upper = self.storeys[1:] or self.storeys
        area = sum(s.height_m for s in upper) * self.width_m
        return sum(_area(b) for s in upper for b in s.bays) / area


def _area(bay: Bay) -> float:
    o = bay.opening
    return min(o.width_m, bay.s1 - bay.s0) * o.height_m if o else 0.0


def storey_heights(style: Style, storeys: int) -> tuple[tuple[Role, float], ...]:
    """Return role and height of each storey, from the ground up."""
    if storeys == 1:
        return (("ground", style.ground_m),)
    upper: list[tuple[Role, float]] = [("noble", style.noble_m)]
    upper += [("body", style.body_m)] * max(0, storeys - 3)
    if storeys > 2:
        upper.append(("attic", style.attic_m))
    return (("ground", style.ground_m), *upper)


def wall_height(style: Style, storeys: int) -> float:
    """Return the height of the front without its crown, in metres."""
    return sum(h for _, h in storey_heights(style, storeys))


def split_bays(width_m: float, style: Style, *, margin_m: float) -> tuple[tuple[float, float, bool], ...]:
    """Return (s0, s1, accent) of each bay: as many as the style's bay allows, the accents a little wider.

    A front too narrow for one bay of the style has one bay all the same.
    """
    room = width_m - 2 * margin_m
    least, most = style.bay_m
    count = max(1, math.floor(room / (0.5 * (least + most)) + 0.5))
    while count > 1 and room / count < least:
        count -= 1
    if style.accents == "centre" and count > 1 and count % 2 == 0 and room / (count + 1) >= 0.9 * least:
        count += 1
    accent = [False] * count
    if style.accents == "centre":
        middle = {count // 2, (count - 1) // 2}
        accent = [k in middle for k in range(count)]
    elif style.accents == "ends" and count > 2:
        accent = [k in (0, count - 1) for k in range(count)]
    weight = np.array([1.15 if a else 1.0 for a in accent])
    edges = margin_m + np.concatenate([[0.0], np.cumsum(weight / weight.sum() * room)])
    return tuple((float(edges[k]), float(edges[k + 1]), accent[k]) for k in range(count))


def derive_facade(width_m: float, style: Style, storeys: int, *, chamfer: bool = False) -> Facade:
    """Derive a front from its axiom: width, style and number of storeys.

    Parameters
    ----------
    chamfer
        The front is a cut corner: one axis, its openings accents.
    """
    margin = min(0.45, 0.06 * width_m)
    bays = split_bays(width_m, style, margin_m=margin)
    if chamfer:
        bays = ((margin, width_m - margin, True),)
    made, base = [], 0.0
    for number, (role, height) in enumerate(storey_heights(style, storeys)):
        cells = tuple(
            Bay(s0=a, s1=b, opening=_opening(style, role, accent, b - a, height), accent=accent)
            for a, b, accent in bays
        )
        made.append(Storey(number=number, role=role, base_m=base, height_m=height, bays=cells))
        base += height
    return Facade(width_m=width_m, style=style, storeys=tuple(made), margin_m=margin)


def _opening(style: Style, role: Role, accent: bool, room: float, height: float) -> Opening | None:
    """Apply the productions: what a bay of a role becomes."""
    if role == "ground":
        return None  # shops and entrances are laid out along the whole front
    asked = {"noble": style.noble, "body": style.body, "attic": style.attic}[role]
    if accent and role == "body":
        asked = style.accent
    if accent and role == "noble" and style.accents != "none":
        asked = style.accent if style.accent.balcony != "none" else style.noble
    edge = {"glazed": 0.0, "strip": 0.12}.get(asked.cell, 0.36)
    width = min(asked.width_m, room - edge) if asked.cell != "glazed" else room
    tall = min(asked.height_m, height - asked.sill_m - 0.3)
    if width < 0.5 or tall < 0.6:
        return None
    return Opening(
        cell=asked.cell, width_m=round(width, 2), height_m=round(tall, 2), sill_m=asked.sill_m, balcony=asked.balcony,
        head=asked.head,
    )  # fmt: skip
