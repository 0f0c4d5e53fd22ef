"""Balconies: slabs, consoles and railings of each period."""

import math

from secondunit.prep.sets.assembly import Assembly, Pen, Prototype
from secondunit.prep.sets.styles import Railing


def railing(assembly: Assembly, kind: Railing, width_m: float, depth_m: float) -> Prototype:
    """Return a railing round three sides of a balcony; the origin is the middle of its foot in the wall's face."""
    key = ("railing", kind, round(width_m, 2), round(depth_m, 2))
    return assembly.prototype(*key, draw=lambda pen: _DRAW[kind](pen, width_m / 2, depth_m))


def _sides(pen: Pen, material: str, half: float, depth: float, t: tuple[float, float], thick: float) -> None:
    """Draw a rail of a square section round the three sides."""
    z = depth - 0.05
    pen.box(material, (-half, half), t, (z - thick / 2, z + thick / 2))
    if depth > 0.3:
        for s in (-half + thick / 2, half - thick / 2):
            pen.box(material, (s - thick / 2, s + thick / 2), t, (0.0, z - thick / 2), skip="bf")


def _bars(pen: Pen, material: str, half: float, depth: float, t: tuple[float, float], gap: float, thick: float) -> None:
    z, (t0, t1) = depth - 0.05, t
    count = max(2, round(2 * half / gap))
    for n in range(count + 1):
        s = -half + thick / 2 + (2 * half - thick) * n / count
        pen.beam(material, (s, t0, z), (s, t1, z), thick, sides=3)
    deep = round((z - 0.1) / gap) if depth > 0.3 else 0
    for n in range(1, deep + 1):
        for s in (-half + thick / 2, half - thick / 2):
            w = z * n / (deep + 1)
            pen.beam(material, (s, t0, w), (s, t1, w), thick, sides=3)


def _iron(pen: Pen, half: float, depth: float) -> None:
    _sides(pen, "iron", half, depth, (0.08, 0.11), 0.03)
    _sides(pen, "iron", half, depth, (0.98, 1.03), 0.05)
    _sides(pen, "iron", half, depth, (0.80, 0.82), 0.02)
    _bars(pen, "iron", half, depth, (0.11, 0.98), 0.14, 0.016)
    z = depth - 0.05
    count = max(1, round(2 * half / 0.7))
    for n in range(count):  # a lozenge in every 0.7 m: the cast panel's middle
        s, r = -half + 2 * half * (n + 0.5) / count, 0.11
        for k in range(4):
            a, b = math.pi / 2 * k, math.pi / 2 * (k + 1)
            pen.beam(
                "iron", (s + r * math.cos(a), 0.46 + 2 * r * math.sin(a), z + 0.012),
                (s + r * math.cos(b), 0.46 + 2 * r * math.sin(b), z + 0.012), 0.022, sides=3,
            )  # fmt: skip
    for s in (-half, half):
        pen.box("iron", (s - 0.025, s + 0.025), (0.0, 1.08), (z - 0.025, z + 0.025), skip="d")


BALUSTER = ((0.05, 0.0), (0.05, 0.05), (0.085, 0.2), (0.04, 0.42), (0.055, 0.5), (0.055, 0.54))


def _balustrade(pen: Pen, half: float, depth: float) -> None:
    z = depth - 0.1
    pen.box("trim", (-half, half), (0.0, 0.14), (z - 0.1, z + 0.1), skip="d")
    pen.box("trim", (-half - 0.02, half + 0.02), (0.68, 0.82), (z - 0.13, z + 0.13))
    count = max(2, round((2 * half - 0.3) / 0.24))
    for n in range(count):
        s = -half + 0.15 + (2 * half - 0.3) * (n + 0.5) / count
        pen.lathe("trim", BALUSTER, at=(s, 0.14, z), sides=6)
    for s in (-half + 0.08, half - 0.08):
        pen.box("trim", (s - 0.1, s + 0.1), (0.14, 0.68), (z - 0.1, z + 0.1), skip="ud")
        if depth > 0.4:
            pen.box("trim", (s - 0.08, s + 0.08), (0.0, 0.8), (0.0, z - 0.1), skip="dbf")


def _tube(pen: Pen, half: float, depth: float) -> None:
    for t in (0.28, 0.5, 0.72):
        _sides(pen, "iron", half, depth, (t, t + 0.025), 0.025)
    _sides(pen, "iron", half, depth, (0.96, 1.01), 0.05)
    _bars(pen, "iron", half, depth, (0.0, 0.96), 1.1, 0.035)


def _solid(pen: Pen, half: float, depth: float) -> None:
    z, wall = depth, 0.12
    for wide, low, high, name in ((0.0, 0.0, 0.9, "trim_wall"), (0.03, 0.9, 0.98, "trim")):
        pen.box(
            name, (-half - wide, half + wide), (low, high), (z - wall - wide, z + wide), skip="d" if low == 0 else ""
        )
        for s in (-1, 1):
            a, b = sorted((s * (half + wide), s * (half - wall - wide)))
            pen.box(name, (a, b), (low, high), (0.0, z - wall - wide), skip="bf")


def _panel(pen: Pen, half: float, depth: float) -> None:
    z = depth - 0.05
    _sides(pen, "iron", half, depth, (0.98, 1.03), 0.05)
    count = max(1, round(2 * half / 1.2))
    for n in range(count):
        s0, s1 = -half + 2 * half * n / count + 0.03, -half + 2 * half * (n + 1) / count - 0.03
        pen.box("accent_panel", (s0, s1), (0.12, 0.86), (z - 0.015, z + 0.015))
    _bars(pen, "iron", half, depth, (0.0, 0.98), 1.2, 0.04)
    if depth > 0.3:
        for s in (-half + 0.02, half - 0.02):
            pen.box("accent_panel", (s - 0.015, s + 0.015), (0.12, 0.86), (0.05, z - 0.06))


def _glass(pen: Pen, half: float, depth: float) -> None:
    z = depth - 0.05
    _sides(pen, "metal", half, depth, (1.0, 1.04), 0.05)
    count = max(1, round(2 * half / 1.5))
    for n in range(count):
        s0, s1 = -half + 2 * half * n / count + 0.015, -half + 2 * half * (n + 1) / count - 0.015
        pen.box("glass_rail", (s0, s1), (0.06, 1.0), (z - 0.008, z + 0.008), skip="u")
    if depth > 0.3:
        for s in (-half + 0.01, half - 0.01):
            pen.box("glass_rail", (s - 0.008, s + 0.008), (0.06, 1.0), (0.05, z - 0.03), skip="u")
    _sides(pen, "metal", half, depth, (0.0, 0.06), 0.05)


_DRAW = {
    "iron": _iron, "balustrade": _balustrade, "tube": _tube, "solid": _solid, "panel": _panel, "glass": _glass,
}  # fmt: skip


def slab(pen: Pen, s0: float, s1: float, floor_t: float, depth: float, *, consoles: bool, material: str) -> None:
    """Draw a balcony's slab, its top at the floor's height; moulded and on consoles where it is of stone."""
    if not consoles:
        pen.box(material, (s0, s1), (floor_t - 0.16, floor_t), (0.0, depth), skip="b")
        return
    pen.box("trim", (s0, s1), (floor_t - 0.1, floor_t), (0.0, depth), skip="b")
    pen.box("trim", (s0 + 0.05, s1 - 0.05), (floor_t - 0.19, floor_t - 0.1), (0.0, depth - 0.06), skip="bu")
    count = max(2, round((s1 - s0) / 1.5) + 1)
    high = min(0.5, 0.75 * depth)
    for n in range(count):
        s = s0 + 0.22 + (s1 - s0 - 0.44) * n / (count - 1)
        t = floor_t - 0.19
        outline = [
            (0.0, t - high),
            (0.1, t - high),
            (depth * 0.45, t - high * 0.35),
            (depth - 0.12, t - 0.1),
            (depth - 0.12, t),
            (0.0, t),
        ]
        pen.prism("trim", outline, s - 0.09, s + 0.09)
