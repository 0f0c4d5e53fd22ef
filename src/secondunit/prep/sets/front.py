"""From a derived facade to its geometry: walls, reveals, windows, balconies, oriels, fins."""

import itertools
from dataclasses import dataclass

import numpy as np

from secondunit.prep.sets.assembly import Frame, Pen, between
from secondunit.prep.sets.balconies import railing, slab
from secondunit.prep.sets.grammar import Bay, Facade, Storey
from secondunit.prep.sets.styles import Opening
from secondunit.prep.sets.walls import Hole, pierced, pilaster, surround
from secondunit.prep.sets.windows import Leaf, WindowKind, reveal, shutters, window

BALCONY_OUT = {"juliet": 0.2, "single": 0.75, "pair": 1.1, "run": 1.3, "none": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """What a front is painted with and how it has fared."""

    wall: str = "wall_1"
    wear: float = 0.3
    density: float = 0.7
    low_wall: str = ""
    """Another material for the first storeys, as a brick or stone base; empty for none."""


def draw_upper(pen: Pen, facade: Facade, finish: Finish, rng: np.random.Generator, *, base_m: float = 0.0) -> None:
    """Draw the storeys over the ground floor, or all of them where the facade has none of that role.

    The pen's frame stands at the facade's left foot; ``base_m`` is where storey 0 begins over it.
    """
    storeys = [s for s in facade.storeys if s.role != "ground"]
    oriel = _oriel_bays(facade)
    for storey in storeys:
        here = pen.at(f"storey_{storey.number}").on(pen.frame.moved(0.0, base_m))
        bays = [b for k, b in enumerate(storey.bays) if k not in oriel or storey.role == "attic"]
        _draw_storey(here, facade, storey, bays, finish, rng, gap=oriel if storey.role != "attic" else ())
    if oriel and len(storeys) > 1:
        _draw_oriel(pen.at("oriel").on(pen.frame.moved(0.0, base_m)), facade, storeys[:-1], oriel, finish, rng)
    if facade.style.fins:
        _fins(pen.at("fins").on(pen.frame.moved(0.0, base_m)), facade, storeys)
    if facade.style.pilasters and len(storeys) > 0:
        order = pen.at("pilasters").on(pen.frame.moved(0.0, base_m))
        edges = [storeys[0].bays[0].s0, *(b.s1 for b in storeys[0].bays)]
        for s in edges:
            s = min(max(s, 0.24), facade.width_m - 0.24)
            for storey in storeys:
                pilaster(order, s, storey.base_m + 0.26, storey.top_m, width_m=0.34)


def _oriel_bays(facade: Facade) -> tuple[int, ...]:
    if facade.style.oriel == "none" or len(facade.storeys) < 4:
        return ()
    bays = facade.storeys[1].bays
    return tuple(k for k, b in enumerate(bays) if b.accent) if len(bays) > 1 else ()


def _hole(bay: Bay, storey: Storey, opening: Opening) -> Hole:
    half = opening.width_m / 2
    low = storey.base_m + opening.sill_m + (0.02 if opening.sill_m == 0.0 else 0.0)
    return (bay.middle - half, bay.middle + half, low, low + opening.height_m)


def _draw_storey(
    pen: Pen,
    facade: Facade,
    storey: Storey,
    bays: list[Bay],
    finish: Finish,
    rng: np.random.Generator,
    *,
    gap: tuple[int, ...],
) -> None:
    holes = {b: _hole(b, storey, b.opening) for b in bays if b.opening}
    wall = finish.wall
    # Where an oriel stands the wall behind it is left out: its bays are one hole from floor to floor.
    blank: list[Hole] = []
    if gap:
        blank = [(storey.bays[gap[0]].s0 + 0.1, storey.bays[gap[-1]].s1 - 0.1, storey.base_m, storey.top_m)]
    cut = sorted([*holes.values(), *blank])
    pierced(pen.at("wall"), wall, (0.0, facade.width_m), (storey.base_m, storey.top_m), cut)
    runs = [b for b in bays if b.opening and b.opening.balcony == "run"]
    for bay, hole in holes.items():
        assert bay.opening is not None
        fill_opening(pen, facade, bay.opening, hole, finish, rng, room=0.5 * (bay.s1 - bay.s0))
        if bay.opening.balcony in ("juliet", "single", "pair"):
            _balcony(pen, facade, storey, bay, hole)
    if runs:
        s0, s1 = 0.25, facade.width_m - 0.25
        _slab_and_rail(pen, facade, s0, s1, storey.base_m, BALCONY_OUT["run"])


def fill_opening(
    pen: Pen,
    facade: Facade,
    opening: Opening,
    hole: Hole,
    finish: Finish,
    rng: np.random.Generator,
    *,
    room: float,
) -> None:
    """Draw the reveal of an opening, its surround and what closes it."""
    style, (s0, s1, t0, t1) = facade.style, hole
    glazed = opening.cell == "glazed"
    if glazed:
        pen.at("spandrel").box("cladding", (s0, s1), (t0 - opening.sill_m + 0.08, t0 - 0.06), (0.0, 0.05), skip="b")
    reveal(pen.at("reveals"), finish.wall, s0, s1, t0, t1, style.reveal_m, sill=opening.cell == "window")
    surround(pen.at("surrounds"), hole, kind=style.surround, head=opening.head)
    boarded = bool(rng.random() < 0.45 * max(0.0, finish.wear - 0.45))
    blind = 0.0
    if style.blind == "roller" and not boarded:
        blind = float(rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], p=[0.42, 0.2, 0.16, 0.1, 0.12]))
    wide = s1 - s0
    kind = WindowKind(
        width_m=round(wide, 2), height_m=round(t1 - t0, 2), reveal_m=style.reveal_m, frame_m=style.frame_m,
        leaves=2 if wide < 1.7 else (3 if wide < 2.5 else 4), transom=style.period == "1910" and t1 - t0 > 2.3,
        curtain=bool(rng.random() < 0.42), blind=blind, boards=boarded,
    )  # fmt: skip
    centre = pen.on(pen.frame.moved(0.5 * (s0 + s1), t0))
    centre.place("window", window(pen.assembly, kind), 0.0, 0.0)
    if style.blind == "leaf" and not boarded and opening.cell in ("window", "french"):
        states: list[Leaf] = ["open", "closed", "half", "none"]
        state: Leaf = states[int(rng.choice(4, p=[0.48, 0.2, 0.14, 0.18]))]
        shutters(centre, pen.assembly, wide, t1 - t0, state, room_m=room - 0.5 * wide)
    cooled = 0.22 * finish.density if style.period != "1910" else 0.1 * finish.density
    if opening.cell == "window" and opening.sill_m >= 0.7 and rng.random() < cooled:
        pen.place("air_conditioner", pen.assembly.prototype("air_conditioner", draw=_cooler), s0 + 0.45, t0 - 0.66, 0.0)


def _cooler(pen: Pen) -> None:
    pen.box("white", (-0.4, 0.4), (0.0, 0.56), (0.08, 0.4))
    pen.polygon("dark", *((-0.12 + 0.2 * x, 0.28 + 0.2 * y, 0.405) for x, y in _ROUND))
    for s in (-0.3, 0.26):
        pen.box("steel", (s, s + 0.04), (-0.05, 0.0), (0.0, 0.4), skip="u")


_ROUND = tuple((float(np.cos(a)), float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 11)[:-1])


def _balcony(pen: Pen, facade: Facade, storey: Storey, bay: Bay, hole: Hole) -> None:
    assert bay.opening is not None
    kind = bay.opening.balcony
    out = BALCONY_OUT[kind]
    if kind == "pair":
        s0, s1 = bay.s0 + 0.12, bay.s1 - 0.12
    else:
        more = 0.1 if kind == "juliet" else 0.38
        s0, s1 = max(hole[0] - more, bay.s0 + 0.02), min(hole[1] + more, bay.s1 - 0.02)
    _slab_and_rail(pen, facade, s0, s1, storey.base_m, out)


def _slab_and_rail(pen: Pen, facade: Facade, s0: float, s1: float, floor: float, out: float) -> None:
    style = facade.style
    here = pen.at("balcony")
    stone = style.period == "1910"
    edge = "trim" if style.period in ("1910", "1935") else "concrete"
    slab(here, s0, s1, floor, out, consoles=stone and out > 0.5, material=edge)
    if out < 0.3:
        out = 0.17
    here.place("railing", railing(pen.assembly, style.railing, s1 - s0 - 0.06, out - 0.03), 0.5 * (s0 + s1), floor)


def _draw_oriel(
    pen: Pen,
    facade: Facade,
    storeys: list[Storey],
    bays: tuple[int, ...],
    finish: Finish,
    rng: np.random.Generator,
) -> None:
    """Draw a body of closed bays: three sides of wall with a window in each, a soffit and a roof."""
    first, last = storeys[0].bays[bays[0]], storeys[0].bays[bays[-1]]
    s0, s1 = first.s0 + 0.1, last.s1 - 0.1
    out = 0.85
    slant = 0.6 if facade.style.oriel == "bow" else 0.0
    plan = [(s0, 0.0), (s0 + slant, out), (s1 - slant, out), (s1, 0.0)]
    low, high = storeys[0].base_m, storeys[-1].top_m
    world = [pen.frame.world(s, 0.0, z) for s, z in plan]
    for number, (a, b) in enumerate(itertools.pairwise(world)):
        frame, length = between((a[0], a[2]), (b[0], b[2]), y=pen.frame.origin[1])
        side = pen.at(f"side_{number + 1}").on(frame)
        for storey in storeys:
            holes: list[Hole] = []
            tall = min(2.0, storey.height_m - 1.15)
            t0 = storey.base_m + 0.85
            count = max(1, round(length / 1.5)) if number == 1 else 1
            for n in range(count):
                room = length / count
                wide = room - (0.3 if number == 1 else 0.36)
                if wide >= 0.45:
                    s = room * (n + 0.5)
                    holes.append((s - wide / 2, s + wide / 2, t0, t0 + tall))
            pierced(side.at("wall"), finish.wall, (0.0, length), (storey.base_m, storey.top_m), holes)
            for hole in holes:
                look = Opening(cell="strip", width_m=hole[1] - hole[0], height_m=tall, sill_m=0.85)
                fill_opening(side, facade, look, hole, finish, rng, room=0.0)
            side.at("courses").box(
                "trim", (-0.03, length + 0.03), (storey.base_m - 0.1, storey.base_m + 0.1), (0.0, 0.07), skip="b"
            )
    pen.polygon(finish.wall, *((s, low, z) for s, z in plan))
    pen.polygon("roof", *((s, high, z) for s, z in reversed(plan)))
    rail = railing(pen.assembly, facade.style.railing, s1 - s0 - 2 * slant - 0.1, out - 0.05)
    pen.place("railing", rail, 0.5 * (s0 + s1), high)


def _fins(pen: Pen, facade: Facade, storeys: list[Storey]) -> None:
    style = facade.style
    low = storeys[0].base_m
    high = storeys[-1].top_m + (0.5 if style.period == "1935" else 0.0)
    edges = [storeys[0].bays[0].s0, *(b.s1 for b in storeys[0].bays)]
    wide, out, stuff = (0.26, 0.22, "trim") if style.period == "1935" else (0.07, 0.2, "metal")
    for s in edges:
        pen.box(stuff, (s - wide / 2, s + wide / 2), (low + 0.02, high), (0.0, out), skip="b")


def facade_frame(a: tuple[float, float], b: tuple[float, float], foot: float) -> tuple[Frame, float]:
    """Return the frame and length of a front between two plan points, its foot at a height."""
    return between(a, b, y=foot)
