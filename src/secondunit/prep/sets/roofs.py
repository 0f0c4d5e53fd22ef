"""How a building ends against the sky: crowns, and what stands on the roof."""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from secondunit.prep.sets.assembly import Assembly, Frame, Pen, between, sweep
from secondunit.prep.sets.balconies import BALUSTER, railing
from secondunit.prep.sets.grammar import Facade
from secondunit.prep.sets.lot import Lot, Plan, footprint
from secondunit.prep.sets.styles import Style
from secondunit.prep.sets.walls import CORNICES
from secondunit.prep.sets.windows import WindowKind, window


def _runs(frame: Frame, line: Sequence[Plan], y: float) -> list[tuple[Frame, float]]:
    world = [frame.world(x, 0.0, z) for x, z in line]
    return [between((a[0], a[2]), (b[0], b[2]), y=y) for a, b in itertools.pairwise(world)]


def crown_of(
    pen: Pen,
    frame: Frame,
    lot: Lot,
    style: Style,
    line: Sequence[Plan],
    rest: Sequence[Plan],
    top: float,
    main: Facade,
) -> float:
    """Draw what ends a front; return how far it lifts the roof that can be stood on."""
    world = [(p[0], p[2]) for p in (frame.world(x, 0.0, z) for x, z in line)]
    if style.crown == "mansard" and lot.storeys > 3:
        return _mansard(pen, frame, lot, line, rest, world, top, main)
    if style.crown == "balustrade":
        _balustrade(pen, frame, line, top)
    elif style.crown == "stepped":
        _stepped(pen, frame, line, top, lot.wall)
    elif style.crown == "slab":
        profile = ((0.0, 0.0), (0.45, 0.02), (0.45, 0.24), (-0.2, 0.28))
        sweep(pen, "concrete", profile, world, base=top)
        rail_round(pen, frame, line, top + 0.2, style)
    else:
        _parapet(pen, frame, line, world, top, lot.wall)
    return 0.0


def _parapet(pen: Pen, frame: Frame, line: Sequence[Plan], world: Sequence[Plan], top: float, wall: str) -> None:
    for local, length in _runs(frame, line, top):
        pen.at("parapet").on(local).box(wall, (0.0, length), (0.0, 0.95), (-0.2, 0.0), skip="du")
    sweep(pen.at("parapet"), "trim", CORNICES["coping"], world, base=top + 0.95)


def rail_round(pen: Pen, frame: Frame, line: Sequence[Plan], top: float, style: Style) -> None:
    """Set a railing a little back from the edge of a roof or a terrace."""
    for local, length in _runs(frame, line, top):
        if length > 1.0:
            one = railing(pen.assembly, style.railing, length - 0.5, 0.05)
            pen.on(local).place("railing", one, 0.5 * length, 0.0, -0.35)


def _balustrade(pen: Pen, frame: Frame, line: Sequence[Plan], top: float) -> None:
    baluster = pen.assembly.prototype("baluster", draw=lambda p: p.lathe("trim", BALUSTER, sides=6))
    here = pen.at("balustrade")
    for local, length in _runs(frame, line, top):
        run = here.on(local)
        run.box("trim", (0.0, length), (0.0, 0.3), (-0.3, 0.0), skip="d")
        run.box("trim", (0.0, length), (0.84, 1.0), (-0.32, 0.03))
        posts = max(1, round(length / 2.6))
        for k in range(posts + 1):
            s = min(max(length * k / posts, 0.2), length - 0.2)
            run.box("trim", (s - 0.2, s + 0.2), (0.3, 1.06), (-0.33, 0.04), skip="d")
            if k < posts:
                room = length / posts - 0.5
                count = max(1, round(room / 0.26))
                for n in range(count):
                    run.place("baluster", baluster, length * k / posts + 0.25 + room * (n + 0.5) / count, 0.3, -0.15)
        urn = pen.assembly.prototype("urn", draw=_urn)
        for s in (0.2, length - 0.2):
            run.place("urn", urn, s, 1.06, -0.15)


def _urn(pen: Pen) -> None:
    profile = ((0.12, 0.0), (0.07, 0.08), (0.2, 0.3), (0.22, 0.42), (0.12, 0.5), (0.14, 0.55), (0.0, 0.72))
    pen.lathe("trim", profile, sides=8)


def _stepped(pen: Pen, frame: Frame, line: Sequence[Plan], top: float, wall: str) -> None:
    """Draw a parapet that rises in steps to the middle of each front."""
    for local, length in _runs(frame, line, top):
        run = pen.at("parapet").on(local)
        steps = (
            ((0.0, 1.0, 0.9), (0.2, 0.8, 1.5), (0.34, 0.66, 2.2))
            if length > 7.0
            else ((0.0, 1.0, 1.1), (0.28, 0.72, 1.8))
        )
        for k, (a, b, high) in enumerate(steps):
            low = 0.0 if k == 0 else steps[k - 1][2]
            run.box(wall, (a * length, b * length), (low, high), (-0.24, 0.0), skip="d")
            run.box("trim", (a * length - 0.04, b * length + 0.04), (high, high + 0.1), (-0.28, 0.05))
        mid, high = 0.5 * length, steps[-1][2]
        for off, tall in ((-0.5, 0.5), (0.0, 0.8), (0.5, 0.5)):  # fins over the last step
            run.box("trim", (mid + off - 0.11, mid + off + 0.11), (high - 1.4, high + tall), (-0.1, 0.16))


def _mansard(
    pen: Pen,
    frame: Frame,
    lot: Lot,
    line: Sequence[Plan],
    rest: Sequence[Plan],
    world: Sequence[Plan],
    top: float,
    main: Facade,
) -> float:
    """Draw a slate roof of two slopes with a dormer over each bay, and a cupola over a cut corner."""
    rise = 3.4
    here = pen.at("mansard")
    profile = (
        (-0.35, 0.0),
        (-0.35, 0.35),
        (-0.55, 1.0),
        (-0.95, 2.0),
        (-1.25, 2.9),
        (-1.2, 2.95),
        (-1.2, 3.08),
        (-1.6, 3.2),
        (-2.4, rise),
    )
    sweep(here, "slate", profile, world, base=top)
    sweep(here, "trim", ((0.0, 0.0), (0.0, 0.32), (-0.35, 0.36)), world, base=top)
    inner, _ = footprint(lot, inset=2.4)
    plan = [*inner, *rest]
    points = [frame.world(x, top + rise - frame.origin[1], z) for x, z in plan]
    here.at("deck").on(Frame()).polygon("zinc", *points)
    ring = [line[-1], *rest, line[0]]
    for a, b in itertools.pairwise(ring):  # fire walls carry on beside the slates
        (p, _, q), (u, _, v) = frame.world(a[0], 0.0, a[1]), frame.world(b[0], 0.0, b[1])
        if math.hypot(p - u, q - v) > 0.1:
            local, length = between((p, q), (u, v), y=top)
            here.at("fire_wall").on(local).box("party", (0.0, length), (0.0, rise + 0.35), (-0.25, 0.0), skip="d")
    dormer = pen.assembly.prototype("dormer", draw=_dormer)
    for number, (local, length) in enumerate(_runs(frame, line, top)):
        if lot.corner != "none" and number == 1:
            _cupola(here.at("cupola"), local, length)
            continue
        bays = max(1, round(length / (main.width_m / max(1, len(main.storeys[1].bays)))))
        for k in range(bays):
            here.on(local).place("dormer", dormer, length * (k + 0.5) / bays, 0.35, -0.35)
    return rise


def _dormer(pen: Pen) -> None:
    w, h = 0.62, 1.75
    kind = WindowKind(width_m=0.86, height_m=1.35, reveal_m=0.1, frame_m=0.06, leaves=2)
    pen.box("trim", (-w, -0.43), (0.0, h), (-1.4, 0.0), skip="bd")
    pen.box("trim", (0.43, w), (0.0, h), (-1.4, 0.0), skip="bd")
    pen.box("trim", (-0.43, 0.43), (h - 0.22, h), (-0.12, 0.0), skip="blr")
    pen.box("trim", (-w - 0.06, w + 0.06), (0.0, 0.18), (-0.1, 0.12), skip="b")
    for mesh in window(Assembly(), kind).meshes:
        moved = mesh.points + np.array((0.0, 0.18, 0.0), np.float32)
        faces = pen.assembly.faces.setdefault((f"{pen.path}/{mesh.path}", mesh.material), [])
        faces += [(float(x), float(y), float(z)) for x, y, z in moved]
    arch = [(-w - 0.08 + (2 * w + 0.16) * k / 6, h + 0.34 * math.sin(math.pi * k / 6)) for k in range(7)]
    for (a, p), (b, q) in itertools.pairwise(arch):
        pen.polygon("zinc", (a, p, 0.14), (b, q, 0.14), (b, q, -1.9), (a, p, -1.9))
        pen.polygon("trim", (a, h - 0.02, 0.1), (b, h - 0.02, 0.1), (b, q, 0.14), (a, p, 0.14))


def _cupola(pen: Pen, local: Frame, length: float) -> None:
    r = 0.5 * length - 0.25
    at = (0.5 * length, 0.0, -r * 0.95)
    turned = pen.on(local)
    drum = ((r, 0.0), (r, 0.5), (r * 0.94, 0.55), (r * 0.94, 2.6), (r * 1.06, 2.75), (r * 1.06, 3.0), (r, 3.1))
    turned.at("drum").lathe("trim", drum, at=at, sides=16)
    for k in range(8):
        a = 2 * math.pi * (k + 0.5) / 8
        c, w = math.cos(a), math.sin(a)
        s, z = at[0] + r * 0.95 * c, at[2] + r * 0.95 * w
        frame = Frame(origin=local.world(s, 0.0, z), along=_turned(local, c, w))
        turned.at("lights").on(frame).box("glass", (-0.32, 0.32), (0.85, 2.3), (-0.1, 0.06), skip="b")
        turned.at("lights").on(frame).box("trim", (-0.42, 0.42), (2.3, 2.42), (-0.1, 0.14), skip="b")
    dome = [(r * math.cos(a), 3.1 + 1.25 * r * math.sin(a)) for a in np.linspace(0.0, 1.32, 8)]
    turned.at("dome").lathe("slate", dome, at=at, sides=16)
    head, base = dome[-1][0], dome[-1][1]
    lantern = (
        (head, base),
        (head, base + 0.25),
        (head * 0.7, base + 0.3),
        (head * 0.7, base + 1.2),
        (head, base + 1.3),
        (0.12, base + 1.9),
        (0.05, base + 3.6),
        (0.0, base + 3.7),
    )
    turned.at("lantern").lathe("zinc", lantern, at=at, sides=8)


def _turned(local: Frame, c: float, w: float) -> tuple[float, float]:
    """Return the run of a face whose outward normal is (c, w) of a frame's (s, z)."""
    (ax, az), (ox, oz) = local.along, local.out
    nx, nz = c * ax + w * ox, c * az + w * oz
    return (nz, -nx)


def furnish_roof(
    pen: Pen, frame: Frame, lot: Lot, line: Sequence[Plan], top: float, density: float, rng: np.random.Generator
) -> None:
    """Furnish the roof of a lot, back from its edges."""
    front = min(p[1] for p in line if p[1] > -lot.depth_m + 1e-6) if lot.corner == "none" else -5.5
    x, z = (lot.x0 + 1.2, lot.x1 - 1.2), (-lot.depth_m + 1.5, front)
    furnish(pen, frame, x, z, top, density, rng, tank_tall=lot.storeys > 3)


def furnish(
    pen: Pen,
    frame: Frame,
    x: tuple[float, float],
    z: tuple[float, float],
    top: float,
    density: float,
    rng: np.random.Generator,
    *,
    tank_tall: bool,
) -> None:
    """Stand a stair hut, a water tank, chimneys, condensers and an aerial on a level roof."""
    (x0, x1), (back, front) = x, z
    if x1 - x0 < 2.6 or front - back < 6.0:
        return
    local = frame.moved(0.0, top - frame.origin[1], 0.0)
    roof = pen.on(local)
    hut_w, hut_d, hut_h = min(3.2, x1 - x0), 3.6, 2.7
    hx = float(rng.uniform(x0, x1 - hut_w))
    hz = float(rng.uniform(back, max(back + 0.1, front - hut_d - 3.5)))
    hut = roof.at("stair_hut")
    hut.box("party", (hx, hx + hut_w), (0.0, hut_h), (hz, hz + hut_d), skip="d")
    hut.box("concrete", (hx - 0.12, hx + hut_w + 0.12), (hut_h, hut_h + 0.14), (hz - 0.12, hz + hut_d + 0.12))
    hut.box("metal", (hx + 0.5, hx + 1.4), (0.0, 2.05), (hz + hut_d, hz + hut_d + 0.05), skip="bd")
    round_ = bool(rng.integers(0, 2))
    tank = pen.assembly.prototype(
        "water_tank", tank_tall, round_, draw=lambda p: _tank(p, tall=tank_tall, round_=round_)
    )
    if rng.random() < (0.72 if tank_tall else 0.45):
        roof.place("water_tank", tank, hx + hut_w / 2, hut_h + 0.14, hz + hut_d / 2)
    if x1 - x0 > 6.5 and rng.random() < density:
        far = x0 + 1.2 if hx + hut_w / 2 > 0.5 * (x0 + x1) else x1 - 1.2
        roof.place("water_tank", pen.assembly.prototype("roof_tank", draw=_small_tank), far, 0.0, hz + hut_d / 2)
    taken = [(hx - 0.6, hx + hut_w + 0.6, hz - 0.6, hz + hut_d + 0.6)]
    things = [
        ("condenser", _condenser, 0.6),
        ("vent", _vent, 0.4),
        ("chimney", _chimney, 0.4),
        ("aerial", _aerial, 0.35),
        ("skylight", _skylight, 0.9),
    ]
    for _ in range(round(2 + 9 * density)):
        name, draw, r = things[int(rng.choice(len(things), p=[0.3, 0.25, 0.2, 0.1, 0.15]))]
        s, w = float(rng.uniform(x0, x1)), float(rng.uniform(back, front - 2.6))
        if all(s + r < a or s - r > b or w + r < c or w - r > d for a, b, c, d in taken):
            taken.append((s - r, s + r, w - r, w + r))
            roof.place(name, pen.assembly.prototype(name, draw=draw), s, 0.0, w)


def _tank(pen: Pen, *, tall: bool, round_: bool) -> None:
    legs = 1.3 if tall else 0.4
    for s in (-0.9, 0.9):
        for z in (-0.9, 0.9):
            pen.at("legs").box("concrete", (s - 0.12, s + 0.12), (0.0, legs), (z - 0.12, z + 0.12), skip="du")
    pen.at("slab").box("concrete", (-1.2, 1.2), (legs, legs + 0.15), (-1.2, 1.2))
    if round_:
        pen.at("tank").lathe(
            "tank", ((1.05, legs + 0.15), (1.05, legs + 2.1), (0.9, legs + 2.2), (0.0, legs + 2.4)), sides=14
        )
    else:
        pen.at("tank").box("tank", (-1.1, 1.1), (legs + 0.15, legs + 2.2), (-1.1, 1.1), skip="d")
        pen.at("tank").box("concrete", (-1.2, 1.2), (legs + 2.2, legs + 2.32), (-1.2, 1.2))
    for t in np.arange(0.3, legs + 2.2, 0.35):
        pen.at("ladder").box("steel", (-0.2, 0.2), (float(t), float(t) + 0.03), (1.25, 1.28), skip="b")
    for s in (-0.2, 0.2):
        pen.at("ladder").beam("steel", (s, 0.0, 1.26), (s, legs + 2.4, 1.26), 0.04, sides=3)


def _small_tank(pen: Pen) -> None:
    for z in (-0.4, 0.4):
        pen.at("legs").box("concrete", (-0.5, 0.5), (0.0, 0.7), (z - 0.1, z + 0.1), skip="du")
    pen.at("tank").lathe(
        "tank", ((0.5, 0.7), (0.55, 1.0), (0.55, 1.7), (0.25, 1.9), (0.25, 1.98), (0.0, 2.0)), sides=12
    )


def _condenser(pen: Pen) -> None:
    pen.box("white", (-0.42, 0.42), (0.12, 0.9), (-0.18, 0.18))
    pen.box("steel", (-0.4, 0.4), (0.0, 0.12), (-0.15, 0.15), skip="du")
    pen.polygon(
        "dark",
        *((-0.1 + 0.27 * math.cos(a), 0.5 + 0.27 * math.sin(a), 0.185) for a in np.linspace(0, 2 * math.pi, 11)[:-1]),
    )


def _vent(pen: Pen) -> None:
    pen.lathe("zinc", ((0.09, 0.0), (0.09, 0.9), (0.2, 0.95), (0.2, 1.1), (0.0, 1.2)), sides=8)


def _chimney(pen: Pen) -> None:
    pen.box("brick", (-0.3, 0.3), (0.0, 1.7), (-0.3, 0.3), skip="d")
    pen.box("concrete", (-0.36, 0.36), (1.7, 1.82), (-0.36, 0.36))


def _aerial(pen: Pen) -> None:
    pen.beam("steel", (0.0, 0.0, 0.0), (0.0, 3.4, 0.0), 0.04, sides=3)
    pen.beam("steel", (-0.7, 3.2, 0.0), (0.7, 3.2, 0.0), 0.025, sides=3)
    for s in (-0.6, -0.3, 0.0, 0.3, 0.6):
        pen.beam("steel", (s, 3.2, -0.3), (s, 3.2, 0.3), 0.02, sides=3)


def _skylight(pen: Pen) -> None:
    pen.box("concrete", (-0.9, 0.9), (0.0, 0.35), (-0.6, 0.6), skip="d")
    pen.prism("glass", ((0.6, 0.35), (0.0, 0.75), (-0.6, 0.35)), -0.9, 0.9)
