"""One lot becomes one building: street fronts, party walls, rear, roof and what stands on it."""

import itertools
from dataclasses import dataclass

import numpy as np

from secondunit.prep.sets.assembly import Assembly, Frame, Pen, Point, between, sweep
from secondunit.prep.sets.front import Finish, draw_upper
from secondunit.prep.sets.grammar import Facade, derive_facade
from secondunit.prep.sets.ground_floor import draw_ground, ground_units
from secondunit.prep.sets.lot import PAVEMENT_M, Lot, Plan, footprint
from secondunit.prep.sets.roofs import crown_of, furnish_roof, rail_round
from secondunit.prep.sets.styles import STYLES, Style
from secondunit.prep.sets.walls import CORNICES, dentils
from secondunit.prep.sets.wear import weather, weather_party
from secondunit.prep.sets.windows import WindowKind, window


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a building is told of the block."""

    left_m: float
    """Height of the neighbour on the left over the pavement; 0 where none is."""
    right_m: float
    wear: float
    density: float
    awnings: float


def raise_building(assembly: Assembly, frame: Frame, lot: Lot, around: Surroundings) -> Facade:
    """Build a lot; return the front that looks at the street the block is named after."""
    style = STYLES[lot.style]
    rng = np.random.default_rng([lot.seed, 0x10D])
    pen = assembly.pen(f"buildings/{lot.slug}", frame)
    finish = Finish(wall=lot.wall, wear=around.wear, density=around.density)
    upper = lot.set_back_storeys
    mansard = style.crown == "mansard" and lot.storeys > 3
    low = lot.storeys - upper - (1 if mansard else 0)
    street, rest = footprint(lot)
    fronts = _fronts(street, lot)
    main: Facade | None = None
    for name, a, b in fronts:
        local, length = _local(frame, a, b)
        facade = derive_facade(length, style, low, chamfer=name == "corner")
        here = pen.at(name).on(local)
        units = ground_units(facade, rng, entrance_here=name == "front")
        draw_ground(here, facade, units, finish, rng, awnings=around.awnings)
        draw_upper(here, facade, finish, rng)
        weather(here.at("wear"), facade, finish, rng, doors=[(u.s0, u.s1, 0.0, u.height_m) for u in units])
        if name == "front":
            main = facade
    assert main is not None
    _mouldings(pen, frame, street, main, style)
    top = PAVEMENT_M + main.height_m
    _blind_walls(pen, frame, lot, style, around, street, rest, top, rng)
    _deck(pen.at("roof"), frame, street, rest, top)
    roof_line, roof_top = street, top
    if upper:
        roof_top = _set_back(pen, frame, lot, style, upper, top, finish, rng)
        roof_line, _ = footprint(lot, inset=SET_BACK_M)
    rise = crown_of(pen.at("crown"), frame, lot, style, roof_line, rest, roof_top, main)
    furnish_roof(pen.at("roof"), frame, lot, roof_line, roof_top + rise, around.density, rng)
    return main


SET_BACK_M = 2.4


def _fronts(street: list[Plan], lot: Lot) -> list[tuple[str, Plan, Plan]]:
    names = {"none": ["front"], "left": ["side", "corner", "front"], "right": ["front", "corner", "side"]}[lot.corner]
    return [(n, a, b) for n, a, b in zip(names, street, street[1:], strict=False)]


def _world(frame: Frame, p: Plan) -> Plan:
    x, _, z = frame.world(p[0], 0.0, p[1])
    return (x, z)


def _local(frame: Frame, a: Plan, b: Plan, *, y: float = PAVEMENT_M) -> tuple[Frame, float]:
    return between(_world(frame, a), _world(frame, b), y=y)


def _mouldings(pen: Pen, frame: Frame, street: list[Plan], main: Facade, style: Style) -> None:
    line = [_world(frame, p) for p in street]
    at = pen.at("mouldings")
    storeys = main.storeys
    if style.courses in ("noble", "each") and len(storeys) > 1:
        sweep(at, "trim", CORNICES["course"], line, base=PAVEMENT_M + storeys[1].base_m - 0.24)
    if style.courses == "noble" and len(storeys) > 4:
        sweep(at, "trim", CORNICES["course"], line, base=PAVEMENT_M + storeys[-1].base_m - 0.12)
    if style.courses == "each":
        for storey in storeys[2:]:
            sweep(at, "trim", CORNICES["course"], line, base=PAVEMENT_M + storey.base_m - 0.12)
    if style.courses == "bands" and style.period == "1935":
        for storey in storeys[1:]:
            for t in (0.76, 2.42):
                sweep(at, "trim", CORNICES["band"], line, base=PAVEMENT_M + storey.base_m + t)
    if style.period in ("1960", "1990", "now"):
        for storey in storeys[1:]:
            sweep(at, "concrete", CORNICES["slab_edge"], line, base=PAVEMENT_M + storey.base_m - 0.28)
    if style.period == "1935" and len(storeys) > 1:  # the canopy slab over the shops
        profile = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.14), (0.0, 0.16))
        sweep(at, "trim", profile, line, base=PAVEMENT_M + storeys[1].base_m - 0.3)
    if style.cornice != "none":
        foot = PAVEMENT_M + main.height_m - (0.7 if style.cornice == "classical" else 0.36)
        sweep(pen.at("cornice"), "trim", CORNICES[style.cornice], line, base=foot)
        if style.cornice == "classical":
            for a, b in itertools.pairwise(street):
                local, length = _local(frame, a, b)
                dentils(pen.at("cornice/dentils").on(local), 0.1, length - 0.1, main.height_m - 0.41)


def _blind_walls(
    pen: Pen,
    frame: Frame,
    lot: Lot,
    style: Style,
    around: Surroundings,
    street: list[Plan],
    rest: list[Plan],
    top: float,
    rng: np.random.Generator,
) -> None:
    """Party walls, bare but for a few small windows over the neighbour's roof, and the rear."""
    ring = [street[-1], *rest, street[0]]
    height = top + 0.0
    parapet = 0.9
    for a, b in itertools.pairwise(ring):
        if abs(a[0] - b[0]) < 1e-6 and abs(a[1] - b[1]) < 1e-6:
            continue
        local, length = _local(frame, a, b, y=0.0)
        if abs(a[1] - b[1]) < 1e-6:
            _rear(pen.at("rear").on(local), style, length, height, rng)
            continue
        right = a[0] > 0.5 * (lot.x0 + lot.x1)
        wall = pen.at("party_wall_right" if right else "party_wall_left").on(local)
        neighbour = PAVEMENT_M + (around.right_m if right else around.left_m)
        wall.wall("party", 0.0, length, 0.0, height + parapet)
        wall.box("party", (0.0, length), (height, height + parapet), (-0.22, 0.0), skip="fd")
        if height - neighbour > 4.0:
            _party_windows(wall, length, neighbour, height, rng)
            weather_party(wall.at("wear"), length, neighbour, height + parapet, around.wear, rng)


def _party_windows(pen: Pen, length: float, low: float, high: float, rng: np.random.Generator) -> None:
    """Small windows let into a party wall against the rules, in one or two columns; what Buenos Aires looks like."""
    kind = WindowKind(width_m=0.7, height_m=0.9, reveal_m=-0.03, frame_m=0.05, leaves=1)
    columns = sorted(float(s) for s in rng.uniform(2.5, length - 2.5, int(rng.integers(1, 4))))
    level = low + 2.2
    while level < high - 1.6:
        for s in columns:
            if rng.random() < 0.62:
                pen.place("window", window(pen.assembly, kind), s, level)
        level += 3.1


def _rear(pen: Pen, style: Style, length: float, height: float, rng: np.random.Generator) -> None:
    pen.wall("rear", 0.0, length, 0.0, height)
    kind = WindowKind(width_m=1.2, height_m=1.4, reveal_m=-0.03, frame_m=0.05, leaves=2)
    columns = max(1, round(length / 3.6))
    level = 1.2
    while level < height - 1.6:
        for n in range(columns):
            if rng.random() < 0.8:
                pen.place("window", window(pen.assembly, kind), length * (n + 0.5) / columns, level)
        level += 3.2


def _deck(pen: Pen, frame: Frame, street: list[Plan], rest: list[Plan], top: float, *, material: str = "roof") -> None:
    """Draw a level roof over a plan."""
    plan = [*street, *rest]
    points: list[Point] = [frame.world(x, top - frame.origin[1], z) for x, z in reversed(plan)]
    pen.at("deck").on(Frame()).polygon(material, *reversed(points))


def _set_back(
    pen: Pen, frame: Frame, lot: Lot, style: Style, storeys: int, base: float, finish: Finish, rng: np.random.Generator
) -> float:
    """Build the storeys that step back; return their top over y = 0."""
    street, rest = footprint(lot, inset=SET_BACK_M)
    here = pen.at("set_back")
    edge, _ = footprint(lot)
    rail_round(here.at("terrace"), frame, edge, base, style)
    top = base
    for name, a, b in _fronts(street, lot):
        local, length = _local(frame, a, b, y=base)
        whole = derive_facade(length, style, storeys + 1, chamfer=name == "corner")
        upper = whole.storeys[1:]
        foot = upper[0].base_m
        draw_upper(here.at(name).on(local), whole, finish, rng, base_m=-foot)
        top = base + whole.height_m - foot
    for a, b in zip([street[-1], *rest], [*rest, street[0]], strict=True):
        local, length = _local(frame, a, b, y=base)
        here.at("blind_wall").on(local).wall("party", 0.0, length, 0.0, top - base)
    _deck(here.at("roof"), frame, street, rest, top)
    return top
