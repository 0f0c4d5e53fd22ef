"""Walls with holes, courses, mouldings and surrounds: what a front is made of before anything is hung on it."""

import math
from collections.abc import Sequence
from typing import Final

from secondunit.prep.sets.assembly import Pen

Hole = tuple[float, float, float, float]
"""(s0, s1, t0, t1) in facade metres."""

CORNICES: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "classical": (
        (0.0, 0.0), (0.06, 0.0), (0.06, 0.1), (0.1, 0.16), (0.14, 0.24), (0.2, 0.28), (0.42, 0.3), (0.42, 0.36),
        (0.46, 0.38), (0.46, 0.48), (0.5, 0.52), (0.56, 0.6), (0.58, 0.66), (0.0, 0.7),
    ),
    "plain": ((0.0, 0.0), (0.22, 0.04), (0.22, 0.22), (0.3, 0.24), (0.3, 0.34), (0.0, 0.36)),
    "course": ((0.0, 0.0), (0.05, 0.02), (0.08, 0.08), (0.14, 0.12), (0.14, 0.2), (0.0, 0.24)),
    "plinth": ((0.06, 0.0), (0.06, 0.5), (0.03, 0.56), (0.0, 0.58)),
    "slab_edge": ((0.0, 0.0), (0.08, 0.0), (0.08, 0.28), (0.0, 0.28)),
    "band": ((0.0, 0.0), (0.1, 0.0), (0.1, 0.14), (0.0, 0.16)),
    "coping": ((0.0, 0.0), (0.06, 0.0), (0.06, 0.1), (-0.26, 0.12)),
}  # fmt: skip
"""Profiles as (out, up) from the wall's face, foot to head, in metres."""


def panel(pen: Pen, material: str, s0: float, s1: float, t0: float, t1: float, *, course_m: float = 0.0) -> None:
    """Draw a stretch of wall; with ``course_m`` its ashlar joints are cut 3 cm deep."""
    if s1 - s0 < 1e-4 or t1 - t0 < 1e-4:
        return
    if course_m <= 0.0 or s1 - s0 < 0.15:
        pen.wall(material, s0, s1, t0, t1)
        return
    joint, deep = 0.035, 0.03
    cuts = [course_m * k for k in range(math.ceil(t0 / course_m), math.floor(t1 / course_m) + 1)]
    low = t0
    for cut in cuts:
        if cut - joint > low + 0.02 and cut < t1 - 0.02:
            pen.wall(material, s0, s1, low, cut - joint)
            pen.wall(material, s0, s1, cut - joint, cut, -deep)
            pen.floor(material, s0, s1, -deep, 0.0, cut - joint)
            pen.floor(material, s0, s1, -deep, 0.0, cut, down=True)
            low = cut
    pen.wall(material, s0, s1, low, t1)


def pierced(
    pen: Pen,
    material: str,
    s: tuple[float, float],
    t: tuple[float, float],
    holes: Sequence[Hole],
    *,
    course_m: float = 0.0,
) -> None:
    """Draw a wall round holes that lie beside one another, from left to right."""
    left = s[0]
    for a, b, low, high in holes:
        panel(pen, material, left, a, *t, course_m=course_m)
        panel(pen, material, a, b, t[0], low, course_m=course_m)
        panel(pen, material, a, b, high, t[1], course_m=course_m)
        left = b
    panel(pen, material, left, s[1], *t, course_m=course_m)


def surround(pen: Pen, hole: Hole, *, kind: str, head: str) -> None:
    """Draw an opening's architrave and what crowns it."""
    s0, s1, t0, t1 = hole
    wide, out = (0.16, 0.06) if kind == "moulded" else (0.12, 0.035)
    if kind != "none":
        pen.box("trim", (s0 - wide, s0), (t0, t1), (0.0, out), skip="bd")
        pen.box("trim", (s1, s1 + wide), (t0, t1), (0.0, out), skip="bd")
        pen.box("trim", (s0 - wide, s1 + wide), (t1, t1 + wide), (0.0, out), skip="b")
    mid, half, top = 0.5 * (s0 + s1), 0.5 * (s1 - s0) + wide + 0.08, t1 + wide
    if head in ("lintel", "pediment"):
        pen.box("trim", (mid - half, mid + half), (top + 0.08, top + 0.14), (0.0, 0.12), skip="b")
        pen.box("trim", (mid - half - 0.06, mid + half + 0.06), (top + 0.14, top + 0.2), (0.0, 0.2), skip="b")
    if head == "pediment":
        w, base, rise, z = half + 0.06, top + 0.2, 0.3 * half, 0.2
        pen.polygon("trim", (mid - w, base, 0.08), (mid + w, base, 0.08), (mid, base + rise, 0.08))
        for a, b in (((mid - w, base), (mid, base + rise)), ((mid, base + rise), (mid + w, base))):
            lift = 0.09
            pen.polygon("trim", (a[0], a[1], z), (b[0], b[1], z), (b[0], b[1] + lift, z), (a[0], a[1] + lift, z))
            pen.polygon(
                "trim",
                (a[0], a[1] + lift, z),
                (b[0], b[1] + lift, z),
                (b[0], b[1] + lift, 0.0),
                (a[0], a[1] + lift, 0.0),
            )
            pen.polygon("trim", (a[0], a[1], 0.0), (b[0], b[1], 0.0), (b[0], b[1], z), (a[0], a[1], z))
    if head == "arch":
        _arch(pen, mid, half - 0.06, top + 0.02)
        pen.box("trim", (mid - 0.1, mid + 0.1), (t1 - 0.02, top + 0.3), (0.0, 0.16), skip="b")  # keystone


def _arch(pen: Pen, mid: float, half: float, foot: float) -> None:
    rise, thick, z, count = 0.42 * half, 0.13, 0.13, 8
    angle = [math.pi * k / count for k in range(count + 1)]
    inner = [(mid - half * math.cos(a), foot + rise * math.sin(a)) for a in angle]
    outer = [(mid - (half + thick) * math.cos(a), foot + (rise + thick) * math.sin(a)) for a in angle]
    for k in range(count):
        (a, b), (c, d) = (inner[k], inner[k + 1]), (outer[k], outer[k + 1])
        pen.polygon("trim", (*a, z), (*b, z), (*d, z), (*c, z))
        pen.polygon("trim", (*c, z), (*d, z), (*d, 0.0), (*c, 0.0))
        pen.polygon("trim", (*b, z), (*a, z), (*a, 0.0), (*b, 0.0))


def pilaster(pen: Pen, s: float, t0: float, t1: float, *, width_m: float = 0.42, out: float = 0.1) -> None:
    """Draw a pilaster with base and capital about ``s``."""
    h = width_m / 2
    pen.box("trim", (s - h, s + h), (t0 + 0.3, t1 - 0.34), (0.0, out), skip="bud")
    pen.box("trim", (s - h - 0.06, s + h + 0.06), (t0, t0 + 0.22), (0.0, out + 0.06), skip="b")
    pen.box("trim", (s - h - 0.03, s + h + 0.03), (t0 + 0.22, t0 + 0.3), (0.0, out + 0.03), skip="b")
    pen.box("trim", (s - h - 0.03, s + h + 0.03), (t1 - 0.34, t1 - 0.26), (0.0, out + 0.03), skip="b")
    pen.box("trim", (s - h - 0.08, s + h + 0.08), (t1 - 0.12, t1), (0.0, out + 0.1), skip="b")
    pen.box("trim", (s - h - 0.02, s + h + 0.02), (t1 - 0.26, t1 - 0.12), (0.0, out + 0.05), skip="bud")


def dentils(pen: Pen, s0: float, s1: float, t: float, *, out: float = 0.2) -> None:
    """Draw a row of dentils under a cornice, their heads at ``t``."""
    count = max(2, round((s1 - s0) / 0.34))
    for n in range(count):
        s = s0 + (s1 - s0) * (n + 0.5) / count
        pen.box("trim", (s - 0.08, s + 0.08), (t - 0.17, t), (0.0, out), skip="bu")
