"""The modern block: slabs, towers and terraces of concrete and glass that stand free on a plaza."""

from dataclasses import dataclass

import numpy as np

from secondunit.core.errors import BriefError
from secondunit.core.layout import Box
from secondunit.prep.sets.assembly import Assembly, Frame, Pen, between, sweep
from secondunit.prep.sets.brief import Period, SetBrief
from secondunit.prep.sets.cars import park
from secondunit.prep.sets.front import Finish, draw_upper
from secondunit.prep.sets.grammar import Facade, derive_facade
from secondunit.prep.sets.kit import Built, Dimension
from secondunit.prep.sets.lot import PAVEMENT_M, Lot
from secondunit.prep.sets.options import KIT_PERIODS
from secondunit.prep.sets.parcel import headroom
from secondunit.prep.sets.roofs import furnish
from secondunit.prep.sets.street import lay_street
from secondunit.prep.sets.styles import MODERN, STYLES, Style
from secondunit.prep.sets.trees import plane_tree
from secondunit.prep.sets.walls import CORNICES
from secondunit.prep.sets.wear import weather

_PODIUM_M = 5.2
_RECESS_M = 2.6
_ROOF_M = 5.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mass:
    """One body: a rectangle in plan (z negative, back from the street), storeys over a foot."""

    name: str
    x0: float
    x1: float
    z0: float
    """Its back."""
    z1: float
    """Its front."""
    foot_m: float
    storeys: int
    style: str
    wall: str
    seed: int

    @property
    def top_m(self) -> float:
        """Height of its roof over the pavement."""
        return self.foot_m + self.storeys * STYLES[self.style].body_m


def build_modern(assembly: Assembly, brief: SetBrief) -> Built:
    """Build the kit's block and street into an assembly.

    Raises
    ------
    BriefError
        A period the kit has no buildings of, kept lots, or a sight line that leaves no room.
    """
    if brief.design.period not in KIT_PERIODS["modern"]:
        known = ", ".join(KIT_PERIODS["modern"])
        raise BriefError(f"the modern kit has no buildings of {brief.design.period}", fix=f"use {known}, or kit avenue")
    if brief.keep:
        raise BriefError("the modern kit has no lots to keep", fix="use kit avenue, or vary = [...] to hold an axis")
    rng = np.random.default_rng([brief.seed, 0x30D])
    masses = [_under_limits(brief, mass) for mass in arrange(brief, rng)]
    masses = [m for m in masses if m.storeys > 0]
    if not masses:
        raise BriefError(
            "plot and sight lines leave no room for a building", fix="make the plot longer or higher, or move the lines"
        )
    boxes, dimensions = [], []
    for mass in masses:
        facade = _raise(assembly.pen(f"buildings/{mass.name}", Frame()), mass, brief)
        boxes.append(_box(mass, facade))
        dimensions.append(Dimension(name=mass.name, from_m=mass.x0, to_m=mass.x1))
        dimensions += [
            Dimension(name=mass.name, from_m=a, to_m=b, at_m=mass.x0, upright=True) for a, b in _levels(mass)
        ]
    _plaza(assembly.pen("plaza", Frame()), brief, masses, rng)
    lay_street(assembly, brief, rng)
    park(assembly, brief, np.random.default_rng([brief.seed, 0xCA5]))
    lots = tuple(
        Lot(name=m.name, x0=m.x0, x1=m.x1, depth_m=m.z1 - m.z0, style=m.style, storeys=m.storeys) for m in masses
    )
    height = max(m.top_m for m in masses)
    return Built(boxes=tuple(boxes), lots=lots, dimensions=tuple(dimensions), height_m=height)


def _levels(mass: Mass) -> list[tuple[float, float]]:
    step = STYLES[mass.style].body_m
    foot = [(0.0, mass.foot_m)] if mass.foot_m > 0.2 else []
    return foot + [(mass.foot_m + k * step, mass.foot_m + (k + 1) * step) for k in range(mass.storeys)]


def _skin(brief: SetBrief, rng: np.random.Generator, *, not_this: str = "") -> str:
    periods: tuple[Period, ...] = KIT_PERIODS["modern"]
    period = brief.design.period
    if rng.random() < brief.design.mix:
        period = periods[int(rng.integers(0, len(periods)))]
    names = [n for n in MODERN[period] if n != not_this] or list(MODERN[period])
    return names[int(rng.integers(0, len(names)))]


def arrange(brief: SetBrief, rng: np.random.Generator) -> list[Mass]:
    """Return the bodies of a scheme. The skyline names it: each is another idea of a block."""
    length, depth, n = brief.plot.length_m, brief.plot.depth_m, brief.design.storeys
    front, back = -3.5, -depth + 1.0
    room = front - back
    slab = min(15.0, 0.62 * room)
    made: list[Mass] = []

    def add(name: str, x: tuple[float, float], z: tuple[float, float], foot: float, storeys: int, skin: str) -> None:
        wall = f"wall_{1 + len(made) % 4}"
        made.append(
            Mass(
                name=name,
                x0=x[0],
                x1=x[1],
                z0=max(z[0], back),
                z1=z[1],
                foot_m=foot,
                storeys=max(1, storeys),
                style=skin,
                wall=wall,
                seed=int(rng.integers(0, 2**31)),
            )
        )

    first = _skin(brief, rng)
    if brief.design.skyline == "even":
        add("podium", (3.0, length - 3.0), (back, front), 0.0, 1, "curtain")
        top = _PODIUM_M
        add(
            "slab",
            (6.0, length - 12.0),
            (front - 4.0 - slab, front - 4.0),
            top,
            n - 1,
            "ribbon" if brief.design.period == "1960" else first,
        )
    elif brief.design.skyline == "peak":
        wide = min(26.0, 0.3 * length)
        add(
            "tower",
            (0.62 * length, 0.62 * length + wide),
            (back, min(front, back + wide)),
            _PODIUM_M,
            round(1.7 * n),
            "curtain" if brief.design.period == "now" else first,
        )
        add("hall", (4.0, 0.5 * length), (back, front - 2.0), _PODIUM_M - 1.2, 2, _skin(brief, rng, not_this=first))
    elif brief.design.skyline == "steps":
        count = max(3, round(length / 22.0))
        wide = (length - 8.0) / count
        skin = "balcony_slab" if brief.design.period == "now" else first
        for k in range(count):
            levels = max(2, round(n * (1.25 - 0.9 * k / (count - 1))))
            add(
                f"terrace_{k + 1}",
                (4.0 + wide * k, 4.0 + wide * (k + 1)),
                (front - slab - 1.5 * (k % 2), front - 1.5 * (k % 2)),
                3.8,
                levels,
                skin,
            )
    elif brief.design.skyline == "corners":
        wide = 0.32 * length
        skin = "grid" if brief.design.period == "1960" else first
        add("west_block", (3.0, 3.0 + wide), (back, front), _PODIUM_M, n, skin)
        add("east_block", (length - 3.0 - wide, length - 3.0), (back, front), _PODIUM_M, n + 2, skin)
        add("link", (3.0 + wide, length - 3.0 - wide), (back, back + 9.0), 3.8, 1, "curtain")
    elif brief.design.skyline == "valley":
        wide = min(24.0, 0.27 * length)
        skin = "brise" if brief.design.period == "1960" else first
        add("left_tower", (4.0, 4.0 + wide), (back, front - 2.0), _PODIUM_M, round(1.2 * n), skin)
        add("right_tower", (length - 4.0 - wide, length - 4.0), (back, front - 2.0), _PODIUM_M, n, skin)
        add("hall", (4.0 + wide, length - 4.0 - wide), (back + 2.0, front - 6.0), 3.8, 1, "ribbon")
    else:
        x, skin = 3.0, ""
        for k, share in enumerate((0.28, 0.34, 0.3)):
            skin = _skin(brief, rng, not_this=skin)
            deep = float(rng.uniform(0.0, 0.25)) * room
            levels = round(n * (0.6, 1.35, 0.95)[k])
            wide = share * (length - 10.0)
            add(f"block_{k + 1}", (x, x + wide), (back, front - deep), _PODIUM_M - 0.8 * k, levels, skin)
            x += wide + 3.5
    return made


def _under_limits(brief: SetBrief, mass: Mass) -> Mass:
    probe = Lot(name=mass.name, x0=mass.x0, x1=mass.x1, depth_m=-mass.z0, style=mass.style, storeys=1)
    cap = min(brief.plot.height_m, headroom(brief.sight_lines, probe)[0])
    step = STYLES[mass.style].body_m
    most = int((cap - PAVEMENT_M - _ROOF_M - mass.foot_m) // step)
    storeys = min(mass.storeys, max(0, most))
    return Mass(
        name=mass.name, x0=mass.x0, x1=mass.x1, z0=mass.z0, z1=mass.z1, foot_m=mass.foot_m, storeys=storeys,
        style=mass.style, wall=mass.wall, seed=mass.seed,
    )  # fmt: skip


def _raise(pen: Pen, mass: Mass, brief: SetBrief) -> Facade:
    style = STYLES[mass.style]
    rng = np.random.default_rng([mass.seed, 0x30D])
    finish = Finish(wall=mass.wall, wear=brief.design.wear, density=brief.design.density)
    plan = [(mass.x0, mass.z1), (mass.x1, mass.z1), (mass.x1, mass.z0), (mass.x0, mass.z0)]
    names = ("front", "right", "rear", "left")
    front: Facade | None = None
    foot = PAVEMENT_M + mass.foot_m
    for name, a, b in zip(names, plan, [*plan[1:], plan[0]], strict=True):
        local, length = between(a, b, y=foot)
        facade = derive_facade(length, style, mass.storeys + 1)
        here = pen.at(name).on(local)
        base = facade.storeys[1].base_m if mass.storeys else 0.0
        draw_upper(here, facade, finish, rng, base_m=-base)
        if name in ("front", "left"):
            weather(here.at("wear").on(local.moved(0.0, -base)), facade, finish, rng)
        if name == "front":
            front = facade
        if mass.foot_m > 0.2:
            _undercroft(pen.at(f"ground_floor/{name}").on(local.moved(0.0, -mass.foot_m)), length, mass.foot_m)
    assert front is not None
    top = PAVEMENT_M + mass.foot_m + front.height_m - front.storeys[1].base_m
    _edges(pen, plan, style, mass, front, top)
    pen.at("roof/deck").on(Frame()).floor("roof", mass.x0, mass.x1, mass.z0, mass.z1, top)
    if mass.foot_m > 0.2:
        pen.at("soffit").on(Frame()).floor("trim", mass.x0, mass.x1, mass.z0, mass.z1, foot, down=True)
    furnish(
        pen.at("roof"), Frame(), (mass.x0 + 1.5, mass.x1 - 1.5), (mass.z0 + 1.5, mass.z1 - 1.0), top,
        brief.design.density, rng, tank_tall=mass.storeys > 5,
    )  # fmt: skip
    return front


def _edges(pen: Pen, plan: list[tuple[float, float]], style: Style, mass: Mass, front: Facade, top: float) -> None:
    ring = [plan[k] for k in range(4)]
    first = front.storeys[1].base_m
    if style.name in ("curtain",):
        for storey in front.storeys[1:]:
            sweep(
                pen.at("mouldings"),
                "metal",
                ((0.0, 0.0), (0.06, 0.0), (0.06, 0.1), (0.0, 0.1)),
                ring,
                base=PAVEMENT_M + mass.foot_m + storey.base_m - first,
                closed=True,
            )
    elif style.crown == "slab" or style.name in ("ribbon", "grid", "punched"):
        for storey in front.storeys[1:]:
            sweep(
                pen.at("mouldings"),
                "concrete" if style.crown == "slab" else "trim",
                CORNICES["slab_edge"],
                ring,
                base=PAVEMENT_M + mass.foot_m + storey.base_m - first - 0.14,
                closed=True,
            )
    for a, b in zip(plan, [*plan[1:], plan[0]], strict=True):
        local, length = between(a, b, y=top)
        pen.at("parapet").on(local).box(mass.wall, (0.0, length), (0.0, 0.9), (-0.2, 0.0), skip="d")


def _undercroft(pen: Pen, length: float, tall: float) -> None:
    """Columns at the front, a glass wall with doors set back behind them."""
    bays = max(1, round(length / 6.0))
    for k in range(bays + 1):
        s = min(max(length * k / bays, 0.35), length - 0.35)
        pen.at("column").box("concrete", (s - 0.3, s + 0.3), (0.0, tall), (-0.75, -0.15), skip="ud")
    z = -_RECESS_M
    pen.at("glazing").wall("glass_shop", _RECESS_M, length - _RECESS_M, 0.0, tall, z)
    count = max(1, round((length - 2 * _RECESS_M) / 2.0))
    for k in range(count + 1):
        s = _RECESS_M + (length - 2 * _RECESS_M) * k / count
        pen.at("mullion").box("joinery", (s - 0.04, s + 0.04), (0.0, tall), (z, z + 0.12), skip="bud")
    pen.at("transom").box("joinery", (_RECESS_M, length - _RECESS_M), (2.6, 2.7), (z, z + 0.1), skip="blr")
    pen.at("beam").box("trim", (0.0, length), (tall - 0.45, tall), (-0.5, 0.0), skip="u")


def _plaza(pen: Pen, brief: SetBrief, masses: list[Mass], rng: np.random.Generator) -> None:
    length, depth = brief.plot.length_m, brief.plot.depth_m
    pen.at("paving").floor("pavement", 0.0, length, -depth, 0.0, PAVEMENT_M + 0.002)
    for s in np.arange(4.0, length, 4.0):
        pen.at("joints").floor("pavement_joint", float(s), float(s) + 0.06, -depth, 0.0, PAVEMENT_M + 0.006)
    for w in np.arange(-depth + 4.0, 0.0, 4.0):
        pen.at("joints").floor("pavement_joint", 0.0, length, float(w), float(w) + 0.06, PAVEMENT_M + 0.006)

    def free(s: float, z: float, r: float) -> bool:
        return all(s + r < m.x0 or s - r > m.x1 or z + r < m.z0 or z - r > m.z1 for m in masses)

    asm = pen.assembly
    spots: list[tuple[float, float]] = []
    planter = asm.prototype("planter", draw=_planter)
    bench = asm.prototype("bench", draw=_bench)
    for _ in range(60):
        s, z = float(rng.uniform(4.0, length - 4.0)), float(rng.uniform(-depth + 3.0, -2.0))
        if not free(s, z, 2.6) or any(abs(s - a) < 5.0 and abs(z - b) < 4.0 for a, b in spots):
            continue
        spots.append((s, z))
        if brief.dressing.trees != "none" and rng.random() < 0.4:
            pen.place("tree", plane_tree(asm, brief.dressing.trees, int(rng.integers(0, 3))), s, PAVEMENT_M, z)
        elif rng.random() < 0.6:
            pen.place("planter", planter, s, PAVEMENT_M, z)
        else:
            pen.place("bench", bench, s, PAVEMENT_M, z)
    if brief.design.wear > 0.6:
        plant_weeds(pen, brief, [((m.x0, m.x1), (m.z0, m.z1)) for m in masses], rng, 60)


def plant_weeds(
    pen: Pen,
    brief: SetBrief,
    taken: list[tuple[tuple[float, float], tuple[float, float]]],
    rng: np.random.Generator,
    count: int,
) -> None:
    """Let weeds come up through the ground wherever nothing stands."""
    weed = pen.assembly.prototype("weeds", draw=_weeds)
    for _ in range(int(count * brief.design.wear)):
        s, z = float(rng.uniform(1.0, brief.plot.length_m - 1.0)), float(rng.uniform(-brief.plot.depth_m + 1.0, -0.3))
        if all(not (a - 0.3 < s < b + 0.3 and c - 0.3 < z < d + 0.3) for (a, b), (c, d) in taken):
            pen.place(
                "weeds", weed, s, PAVEMENT_M if brief.kit == "modern" else 0.02, z, turn_deg=float(rng.uniform(0, 360))
            )


def _planter(pen: Pen) -> None:
    pen.at("tub").box("concrete", (-1.6, 1.6), (0.0, 0.55), (-0.7, 0.7), skip="du")
    pen.at("soil").floor("soil", -1.5, 1.5, -0.6, 0.6, 0.5)
    rng = np.random.default_rng(0x9A)
    for _ in range(90):
        s, z, t = float(rng.uniform(-1.4, 1.4)), float(rng.uniform(-0.55, 0.55)), float(rng.uniform(0.5, 1.15))
        a, b, c = (rng.normal(0, 0.16, 3) for _ in range(3))
        pen.at("shrub").polygon(
            "leaf_2" if t < 0.8 else "leaf_1", *((s + float(v[0]), t + float(v[1]), z + float(v[2])) for v in (a, b, c))
        )


def _bench(pen: Pen) -> None:
    for s in (-0.8, 0.8):
        pen.at("leg").box("concrete", (s - 0.1, s + 0.1), (0.0, 0.4), (-0.2, 0.2), skip="d")
    for z in (-0.18, -0.02, 0.14):
        pen.at("seat").box("timber", (-1.0, 1.0), (0.4, 0.45), (z - 0.06, z + 0.06))


def _weeds(pen: Pen) -> None:
    rng = np.random.default_rng(0x3EED)
    for _ in range(16):
        s, z = (float(v) for v in rng.normal(0, 0.25, 2))
        a, tall = float(rng.uniform(0, 6.28)), float(rng.uniform(0.15, 0.7))
        c, w = 0.05 * float(np.cos(a)), 0.05 * float(np.sin(a))
        tip = (s + 2.5 * w, tall, z - 2.5 * c)
        pen.polygon("leaf_3", (s - c, 0.0, z - w), (s + c, 0.0, z + w), tip)
        pen.polygon("leaf_2", (s + c, 0.0, z + w), (s - c, 0.0, z - w), tip)


def _box(mass: Mass, facade: Facade) -> Box:
    return Box(
        name=mass.name, kind="building", corner_m=(mass.x0, 0.0, mass.z1), yaw_deg=0.0, width_m=mass.x1 - mass.x0,
        height_m=round(PAVEMENT_M + mass.top_m, 3), depth_m=mass.z1 - mass.z0,
        floors=mass.storeys + (1 if mass.foot_m > 0.2 else 0), bays=min(200, len(facade.storeys[-1].bays)),
        bays_deep=max(1, round((mass.z1 - mass.z0) / 5.0)), window_ratio=round(min(0.9, facade.glass_share), 3),
    )  # fmt: skip
