"""The street before a block: carriageway, kerbs, pavements, lane marks, crossings, lamps, trees, kiosks, cars."""

from dataclasses import dataclass

import numpy as np

from secondunit.prep.sets.assembly import Assembly, Frame, Pen
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.sets.lot import PAVEMENT_M
from secondunit.prep.sets.trees import plane_tree

CROSS_M = 9.0
"""Half of a cross street with its pavement, kept at each end of the plot where one crosses."""
_KERB_M = 0.18


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetPlan:
    """Lines of the street in plan: metres of z from the building line, and of x along it."""

    x0: float
    x1: float
    pavement_m: float
    width_m: float
    corner_left: bool
    corner_right: bool

    @property
    def kerb_z(self) -> float:
        """Face of the near kerb."""
        return self.pavement_m

    @property
    def far_kerb_z(self) -> float:
        """Face of the far kerb."""
        return self.width_m - self.pavement_m


def street_plan(brief: SetBrief) -> StreetPlan:
    """Return the street's lines."""
    plot = brief.plot
    left, right = plot.street_corners in ("left", "both"), plot.street_corners in ("right", "both")
    return StreetPlan(
        x0=0.0, x1=plot.length_m, pavement_m=plot.pavement_m, width_m=plot.street_width_m,
        corner_left=left, corner_right=right,
    )  # fmt: skip


def lay_street(assembly: Assembly, brief: SetBrief, rng: np.random.Generator) -> StreetPlan:
    """Lay the street of a block whose building line is z = 0, from x = 0 to the plot's length."""
    plan = street_plan(brief)
    pen = assembly.pen("street", Frame())
    side_m = CROSS_M
    ends = (plan.x0 - (side_m if plan.corner_left else 0.0), plan.x1 + (side_m if plan.corner_right else 0.0))
    _ground(pen, plan, ends, brief)
    _marks(pen.at("marks"), plan)
    _furnish(pen, plan, brief, rng)
    return plan


def _slab(pen: Pen, x: tuple[float, float], z: tuple[float, float], kerbs: str) -> None:
    """Lay a pavement with its kerb stones: ``kerbs`` names the sides that have one, f b l r."""
    (x0, x1), (z0, z1) = x, z
    pen.at("pavement").floor("pavement", x0, x1, z0, z1, PAVEMENT_M)
    k = _KERB_M
    stones = pen.at("kerb")
    if "f" in kerbs:
        stones.box("kerb", (x0, x1), (0.0, PAVEMENT_M + 0.005), (z1 - k, z1), skip="bd")
    if "b" in kerbs:
        stones.box("kerb", (x0, x1), (0.0, PAVEMENT_M + 0.005), (z0, z0 + k), skip="fd")
    if "l" in kerbs:
        stones.box("kerb", (x0, x0 + k), (0.0, PAVEMENT_M + 0.005), (z0, z1), skip="rd")
    if "r" in kerbs:
        stones.box("kerb", (x1 - k, x1), (0.0, PAVEMENT_M + 0.005), (z0, z1), skip="ld")
    joints = pen.at("joints")
    for s in np.arange(np.ceil(x0 / 3.0) * 3.0, x1, 3.0):
        joints.floor("pavement_joint", float(s), float(s) + 0.03, z0, z1, PAVEMENT_M + 0.004)
    for w in np.arange(np.ceil(z0 / 1.5) * 1.5, z1 - 0.2, 1.5):
        joints.floor("pavement_joint", x0, x1, float(w), float(w) + 0.03, PAVEMENT_M + 0.004)


def _ground(pen: Pen, plan: StreetPlan, ends: tuple[float, float], brief: SetBrief) -> None:
    p, back = plan.pavement_m, -brief.plot.depth_m
    far = plan.width_m
    road = pen.at("carriageway")
    wide = 60.0
    road.floor("asphalt", ends[0] - wide, ends[1] + wide, plan.kerb_z, plan.far_kerb_z, 0.002)
    for crossing, x in ((plan.corner_left, plan.x0), (plan.corner_right, plan.x1)):
        if crossing:
            a, b = (x - CROSS_M, x - 3.0) if x == plan.x0 else (x + 3.0, x + CROSS_M)
            road.floor("asphalt", a, b, back - 30.0, plan.kerb_z, 0.002)
            road.floor("asphalt", a, b, plan.far_kerb_z, far + 30.0, 0.002)
    x0 = plan.x0 - (3.0 if plan.corner_left else 0.0)
    x1 = plan.x1 + (3.0 if plan.corner_right else 0.0)
    sides = "f" + ("l" if plan.corner_left else "") + ("r" if plan.corner_right else "")
    _slab(pen.at("near"), (x0, x1), (0.0, p), sides)
    if plan.corner_left:
        _slab(pen.at("near_left"), (x0, plan.x0), (back, 0.0), "l")
    if plan.corner_right:
        _slab(pen.at("near_right"), (plan.x1, x1), (back, 0.0), "r")
    for name, x, lot in (("left", plan.x0, plan.corner_left), ("right", plan.x1, plan.corner_right)):
        if lot:  # the floor of a cut corner is pavement
            a, b = (x, x + 3.6) if name == "left" else (x - 3.6, x)
            pen.at(f"near_{name}/pavement").floor("pavement", a, b, -3.6, 0.0, PAVEMENT_M)
    _slab(pen.at("far"), (x0, x1), (plan.far_kerb_z, far), "b" + sides[1:])
    beyond = ends[1] + wide
    for name, a, b in (("left", -wide + ends[0], ends[0]), ("right", ends[1], beyond)):
        if (name == "left" and plan.corner_left) or (name == "right" and plan.corner_right):
            _slab(pen.at(f"next_{name}"), (a, b), (0.0, p), "f" + ("r" if name == "left" else "l"))
            _slab(pen.at(f"next_far_{name}"), (a, b), (plan.far_kerb_z, far), "b" + ("r" if name == "left" else "l"))


def _marks(pen: Pen, plan: StreetPlan) -> None:
    z0, z1 = plan.kerb_z, plan.far_kerb_z
    lanes = max(2, round((z1 - z0) / 3.3))
    x0 = plan.x0 + (3.0 if plan.corner_left else -40.0)
    x1 = plan.x1 - (3.0 if plan.corner_right else -40.0)
    lane = (z1 - z0) / lanes
    for n in range(1, lanes):
        z = z0 + lane * n
        if n in (1, lanes - 1) and lanes > 3:
            pen.at("lines").floor("lane", x0, x1, z - 0.06, z + 0.06, 0.006)
            continue
        for s in np.arange(x0, x1 - 3.0, 7.0):
            pen.at("dashes").floor("lane", float(s), float(s) + 3.0, z - 0.06, z + 0.06, 0.006)
    for corner, x, way in ((plan.corner_left, plan.x0 - 2.6, 1), (plan.corner_right, plan.x1 + 2.6, -1)):
        if corner:  # a crossing: bars along the traffic, and a stop line before it
            a, b = (x - 0.4, x + 3.4) if way > 0 else (x - 3.4, x + 0.4)
            for z in np.arange(z0 + 0.4, z1 - 0.5, 1.0):
                pen.at("crossing").floor("lane", a, b, float(z), float(z) + 0.5, 0.006)
            s = b + 0.8 if way > 0 else a - 1.2
            pen.at("stop_line").floor("lane", s, s + 0.4, z0 + 0.3, z1 - 0.3, 0.006)
    rng = np.random.default_rng(0xA5F)
    for _ in range(round((x1 - x0) / 9.0)):
        s, z = float(rng.uniform(x0, x1 - 5.0)), float(rng.uniform(z0 + 0.5, z1 - 2.0))
        pen.at("patches").floor(
            "asphalt_patch", s, s + float(rng.uniform(1.0, 5.0)), z, z + float(rng.uniform(0.6, 1.6)), 0.004
        )


def _furnish(pen: Pen, plan: StreetPlan, brief: SetBrief, rng: np.random.Generator) -> None:
    dress, asm = brief.dressing, pen.assembly
    first = plan.x0 + (4.5 if plan.corner_left else 2.0)
    last = plan.x1 - (4.5 if plan.corner_right else 2.0)
    rows = ((plan.kerb_z - 0.75, 0.0, "near"), (plan.far_kerb_z + 0.75, 180.0, "far"))
    gap = dress.tree_gap_m
    for z, turn, name in rows:
        if dress.trees != "none":
            for s in np.arange(first, last, gap):
                if rng.random() < 0.93:
                    x = float(s) + float(rng.uniform(-0.3, 0.3))
                    tree = plane_tree(asm, dress.trees, int(rng.integers(0, 3)))
                    pit = pen.at(f"{name}/tree_pit")
                    pit.floor("soil", x - 0.6, x + 0.6, z - 0.55, z + 0.55, PAVEMENT_M + 0.008)
                    pen.at(name).place("plane_tree", tree, x, PAVEMENT_M, z, turn_deg=float(rng.uniform(0, 360)))
        if dress.lamps:
            kind = "old" if brief.design.period in ("1910", "1935") else "new"
            lamp = asm.prototype("lamp", kind, draw=lambda p, old=kind == "old": _lamp(p, old=old))  # type: ignore[misc]
            for s in np.arange(first + 0.5 * gap, last, 2.0 * gap if dress.trees != "none" else 18.0):
                pen.at(name).place("lamp", lamp, float(s), PAVEMENT_M, z, turn_deg=turn)
        basket = asm.prototype("litter_bin", draw=_bin)
        for s in np.arange(first + 0.25 * gap, last, 3.0 * gap):
            pen.at(name).place("litter_bin", basket, float(s), PAVEMENT_M, z + (0.2 if turn == 0.0 else -0.2))
        for k, x in enumerate((first - 1.6, last + 1.6)):
            if (plan.corner_left, plan.corner_right)[k]:
                signal = asm.prototype("traffic_signal", draw=_signal)
                pen.at(name).place("traffic_signal", signal, x, PAVEMENT_M, z, turn_deg=turn)
    kiosk = asm.prototype("kiosk", draw=_kiosk)
    for _ in range(dress.kiosks):
        s = float(rng.uniform(first + 3.0, last - 3.0))
        pen.at("near").place(
            "kiosk", kiosk, first + gap * (round((s - first) / gap) + 0.5), PAVEMENT_M, plan.kerb_z - 1.35
        )
    hydrant = asm.prototype("hydrant", draw=_hydrant)
    pen.at("near").place("hydrant", hydrant, first + 1.7 * gap, PAVEMENT_M, plan.kerb_z - 0.5)
    cover = asm.prototype("manhole", draw=_manhole)
    for s in np.arange(first + 6.0, last, 23.0):
        pen.at("carriageway").place("manhole", cover, float(s), 0.0, 0.5 * plan.width_m + 1.1)


def _lamp(pen: Pen, *, old: bool) -> None:
    if old:
        pole = ((0.22, 0.0), (0.2, 0.35), (0.11, 0.5), (0.09, 1.2), (0.06, 3.9), (0.1, 4.0), (0.05, 4.1))
        pen.at("pole").lathe("lamp", pole, sides=8)
        pen.at("arm").beam("lamp", (-0.55, 4.05, 0.0), (0.55, 4.05, 0.0), 0.05)
        for s in (-0.5, 0.5):
            pen.at("globe").lathe("lamp_glass", ((0.06, 4.12), (0.2, 4.3), (0.2, 4.48), (0.0, 4.62)), at=(s, 0.0, 0.0))
        return
    pen.at("pole").lathe("lamp", ((0.11, 0.0), (0.1, 1.0), (0.07, 8.4)), sides=8)
    pen.at("arm").beam("lamp", (0.0, 8.3, 0.0), (0.0, 8.75, 2.2), 0.08)
    pen.at("head").box("lamp", (-0.16, 0.16), (8.66, 8.8), (1.9, 2.7))
    pen.at("head").floor("lamp_glass", -0.12, 0.12, 2.0, 2.65, 8.655, down=True)


def _bin(pen: Pen) -> None:
    pen.lathe("lamp", ((0.2, 0.25), (0.24, 0.9), (0.26, 0.92), (0.0, 0.94)), sides=8)
    pen.beam("lamp", (0.0, 0.0, 0.0), (0.0, 0.3, 0.0), 0.08)


def _signal(pen: Pen) -> None:
    pen.at("pole").lathe("lamp", ((0.09, 0.0), (0.08, 3.3), (0.0, 3.34)), sides=8)
    pen.at("head").box("lamp", (-0.16, 0.16), (2.35, 3.25), (0.1, 0.34))
    for t, stuff in ((2.5, "leaf_1"), (2.8, "signal"), (3.1, "accent_1")):
        pen.at("lights").polygon(stuff, *((0.1 * c, t + 0.1 * w, 0.345) for c, w in _DISC))


_DISC = tuple((float(np.cos(a)), float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 11)[:-1])


def _kiosk(pen: Pen) -> None:
    """Draw a newspaper stand, its front to the pavement, shutters up."""
    pen.at("body").box("shutter", (-1.5, 1.5), (0.0, 2.3), (-0.55, 0.55), skip="d")
    pen.at("roof").box("lamp", (-1.7, 1.7), (2.3, 2.42), (-0.95, 0.75))
    pen.at("counter").box("timber", (-1.35, 1.35), (0.75, 0.85), (-1.0, -0.55))
    for n in range(6):
        s = -1.25 + n * 0.42
        for t in (0.95, 1.42):
            stuff = ("accent_1", "white", "accent_2", "accent_3")[(n + int(t)) % 4]
            pen.at("covers").box(stuff, (s, s + 0.36), (t, t + 0.42), (-0.6, -0.56), skip="f")


def _hydrant(pen: Pen) -> None:
    pen.lathe("accent_1", ((0.14, 0.0), (0.12, 0.1), (0.1, 0.55), (0.13, 0.6), (0.0, 0.72)), sides=8)


def _manhole(pen: Pen) -> None:
    pen.polygon("steel", *((0.35 * c, 0.008, -0.35 * w) for c, w in _DISC))
