"""The common ways a building goes, as events. Each has its own tell."""

import math
from collections.abc import Callable
from fractions import Fraction

from secondunit.core.collapse import Collapse, Event, Part, Preset, Side
from secondunit.core.layout import Layout

Make = Callable[[Collapse, int, "Timing"], list[Event]]


class Timing:
    """Turns delays in storeys into frames."""

    def __init__(self, collapse: Collapse, rate: Fraction) -> None:
        self.start, self.delay, self.rate = collapse.start_frame, collapse.storey_delay_s, float(rate)

    def event(
        self, delays: float, storey: int, side: Side = "all", parts: Part = "columns", burst: float = 0.0
    ) -> Event:
        """Return an event so many storey delays after the start."""
        frame = self.start + round(delays * self.delay * self.rate)
        return Event(frame=frame, storey=storey, parts=parts, side=side, burst_m_per_s=burst)


def events_for(collapse: Collapse, layout: Layout, *, rate: Fraction = Fraction(24)) -> tuple[Event, ...]:
    """Return the events of a collapse in order: its own where it has any, else its preset's.

    - ``progressive``: the ground floor goes at one end and the failure runs along; the roofline kinks and follows.
    - ``pancake``: from the top storey down, floors drop level on one another; walls burst outwards.
    - ``topple``: one side's columns go and the block turns over its toe in one piece until it breaks.
    - ``implosion``: core and middle first, then both ends; the roof dips and the walls lean in.
    - ``corner``: one end shears off over its height, the middle follows late, the rest stands.

    Parameters
    ----------
    rate
        Frames a second of the shot, which turns ``storey_delay_s`` into frames.
    """
    if collapse.events:
        return tuple(sorted(collapse.events, key=lambda e: e.frame))
    floors = max((b.floors for b in layout.falling if b.kind == "building"), default=1)
    return tuple(sorted(_PRESETS[collapse.preset](collapse, floors, Timing(collapse, rate)), key=lambda e: e.frame))


def lead_side(collapse: Collapse) -> tuple[Side, Side]:
    """Return the end of the facade that goes first and the one that goes last."""
    across = math.sin(math.radians(collapse.direction_deg))
    right = across > 0.35 or (abs(across) <= 0.35 and collapse.seed % 2 == 0)
    return ("right", "left") if right else ("left", "right")


def toe_side(collapse: Collapse) -> Side:
    """Return the side towards which a building topples."""
    quarter = round(collapse.direction_deg / 90.0) % 4
    sides: tuple[Side, ...] = ("front", "right", "back", "left")
    return sides[quarter]


def _progressive(collapse: Collapse, floors: int, at: Timing) -> list[Event]:
    first, last = lead_side(collapse)
    events = [
        at.event(0, 0, first, burst=2.5),
        at.event(1.5, 0, "middle", burst=1.5),
        at.event(2, 0, "all", "core"),
        at.event(4, 0, last, burst=1.5),
    ]
    if floors >= 4:
        upper = max(2, floors // 2)
        events += [at.event(3.5, upper, first), at.event(5.5, upper, "middle"), at.event(8, upper, last)]
    return events


def _pancake(collapse: Collapse, floors: int, at: Timing) -> list[Event]:
    events = [at.event(0.8 * i, storey) for i, storey in enumerate(range(floors - 1, 0, -1))]
    return [*events, at.event(0.8 * (floors - 1), 0, parts="all", burst=2.0)]


def _topple(collapse: Collapse, floors: int, at: Timing) -> list[Event]:
    return [at.event(0, 0, toe_side(collapse), burst=1.0), at.event(3, 0, "all")]


def _implosion(collapse: Collapse, floors: int, at: Timing) -> list[Event]:
    events = [
        at.event(0, 0, "middle", "all", burst=2.5),
        at.event(2.5, 0, "left", burst=2.0),
        at.event(3, 0, "right", burst=2.0),
    ]
    if floors >= 3:
        events += [at.event(1, floors // 2, "middle", burst=1.5)]
        events += [at.event(4, floors // 2, "left"), at.event(4.5, floors // 2, "right")]
    return events


def _corner(collapse: Collapse, floors: int, at: Timing) -> list[Event]:
    first, _ = lead_side(collapse)
    events = [at.event(0, 0, first, burst=1.5), at.event(11, 0, "middle", burst=1.5)]
    if floors >= 3:
        events += [at.event(2, floors // 2, first), at.event(13, floors // 2, "middle")]
    return events


_PRESETS: dict[Preset, Make] = {
    "progressive": _progressive,
    "pancake": _pancake,
    "topple": _topple,
    "implosion": _implosion,
    "corner": _corner,
}
