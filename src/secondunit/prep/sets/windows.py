"""Windows, shutters, blinds and boards as prototypes: the origin is the middle of the sill line in the wall's face."""

import math
from dataclasses import dataclass
from typing import Literal

from secondunit.prep.sets.assembly import Assembly, Pen, Prototype

Leaf = Literal["none", "open", "half", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowKind:
    """What stands in an opening; windows of one kind are one prototype."""

    width_m: float
    height_m: float
    reveal_m: float
    frame_m: float = 0.06
    leaves: int = 2
    transom: bool = False
    arch: bool = False
    curtain: bool = False
    blind: float = 0.0
    """How far a roller blind is down, 0 to 1."""
    boards: bool = False
    frame: str = "joinery"


def window(assembly: Assembly, kind: WindowKind) -> Prototype:
    """Return the prototype of a window of a kind."""
    return assembly.prototype("window", kind, draw=lambda pen: _draw_window(pen, kind))


def _draw_window(pen: Pen, k: WindowKind) -> None:
    half, z = k.width_m / 2, -k.reveal_m
    f, h = k.frame_m, k.height_m
    glass = "glass_curtain" if k.curtain else "glass"
    if k.boards:
        _boards(pen.at("boards"), half, h, z + 0.08)
    pen.at("glass").wall(glass, -half, half, 0.0, h, z - 0.03)
    frame = pen.at("frame")
    for s0, s1 in ((-half, -half + f), (half - f, half)):
        frame.box(k.frame, (s0, s1), (0.0, h), (z - 0.03, z + 0.03), skip="bud")
    frame.box(k.frame, (-half + f, half - f), (0.0, f * 1.3), (z - 0.03, z + 0.03), skip="bdlr")
    frame.box(k.frame, (-half + f, half - f), (h - f, h), (z - 0.03, z + 0.03), skip="bulr")
    for n in range(1, k.leaves):
        s = -half + k.width_m * n / k.leaves
        frame.box(k.frame, (s - 0.6 * f, s + 0.6 * f), (f, h - f), (z - 0.03, z + 0.035), skip="bud")
    if k.transom:
        t = h - max(0.45, 0.2 * h)
        frame.box(k.frame, (-half + f, half - f), (t - 0.5 * f, t + 0.5 * f), (z - 0.03, z + 0.04), skip="blr")
    if k.blind > 0.0:
        _roller(pen.at("blind"), half, h, k.blind, z + 0.07)


def _roller(pen: Pen, half: float, height: float, down: float, z: float) -> None:
    """Slats as a zigzag every 0.2 m: at a set's distance the shadow lines of the real 45 mm ones."""
    foot = height * (1.0 - down)
    count = max(1, round((height - foot) / 0.2))
    step = (height - foot) / count
    for n in range(count):
        t0, t1 = foot + n * step, foot + (n + 1) * step
        tm = t0 + 0.25 * step
        pen.polygon("shutter", (-half, t0, z), (half, t0, z), (half, tm, z + 0.03), (-half, tm, z + 0.03))
        pen.polygon("shutter", (-half, tm, z + 0.03), (half, tm, z + 0.03), (half, t1, z), (-half, t1, z))
    pen.floor("shutter", -half, half, z - 0.03, z, foot, down=True)


def _boards(pen: Pen, half: float, height: float, z: float) -> None:
    count = max(3, round(height / 0.42))
    for n in range(count):
        t = height * (n + 0.5) / count
        lean = 0.05 * math.sin(7.3 * n + 11.0 * half)
        wide, r = half + 0.06, 0.13
        stuff = "board" if (n * 7 + round(half * 100)) % 3 else "board_grey"
        corners = [(-wide, t - r - lean), (wide, t - r + lean), (wide, t + r + lean), (-wide, t + r - lean)]
        pen.polygon(stuff, *((s, y, z + 0.03) for s, y in corners))
        (s0, y0), (s1, y1) = corners[0], corners[1]
        pen.polygon(stuff, (s0, y0, z), (s1, y1, z), (s1, y1, z + 0.03), (s0, y0, z + 0.03))


def leaf(assembly: Assembly, width_m: float, height_m: float) -> Prototype:
    """Return one louvred shutter leaf; the origin is its foot at the hinge, it lies to the right of it."""
    return assembly.prototype(
        "shutter_leaf", round(width_m, 2), round(height_m, 2), draw=lambda pen: _draw_leaf(pen, width_m, height_m)
    )


def _draw_leaf(pen: Pen, w: float, h: float) -> None:
    e, d = 0.055, 0.035
    pen.box("shutter", (0.0, e), (0.0, h), (0.0, d), skip="bud")
    pen.box("shutter", (w - e, w), (0.0, h), (0.0, d), skip="bud")
    for t in (0.0, h * 0.42, h - e):
        pen.box("shutter", (e, w - e), (t, t + e), (0.0, d), skip="blr")
    count = max(4, round((h - 2 * e) / 0.19))
    step = (h - 2 * e) / count
    for n in range(count):
        t = e + n * step
        pen.polygon("shutter", (e, t, d * 0.9), (w - e, t, d * 0.9), (w - e, t + step, 0.004), (e, t + step, 0.004))


def shutters(pen: Pen, assembly: Assembly, width_m: float, height_m: float, state: Leaf, *, room_m: float) -> None:
    """Hang a pair of leaves on an opening whose sill middle is the pen's origin.

    Parameters
    ----------
    state
        Open leaves lie on the wall where there is room for them, else they are folded back in the reveal, unseen.
    room_m
        Wall between the opening and the end of its bay.
    """
    half = width_m / 2
    one = leaf(assembly, half, height_m)
    if state in ("open", "half") and room_m >= half + 0.04:
        pen.place("shutter", one, -half - 0.02, 0.0, 0.05, turn_deg=180.0)
        if state == "open":
            pen.place("shutter", one, half + 0.02, 0.0, 0.012)
    if state in ("closed", "half"):
        pen.place("shutter", one, 0.0, 0.0, -0.09)
        if state == "closed":
            pen.place("shutter", one, -half, 0.0, -0.09)


def reveal(pen: Pen, material: str, s0: float, s1: float, t0: float, t1: float, depth: float, *, sill: bool) -> None:
    """Draw the four faces of an opening's thickness, and a sill that throws water off the wall."""
    pen.polygon(material, (s0, t0, -depth), (s0, t0, 0.0), (s0, t1, 0.0), (s0, t1, -depth))
    pen.polygon(material, (s1, t0, 0.0), (s1, t0, -depth), (s1, t1, -depth), (s1, t1, 0.0))
    pen.floor(material, s0, s1, -depth, 0.0, t1, down=True)
    pen.floor("trim" if sill else material, s0, s1, -depth, 0.0, t0)
    if sill:
        pen.at("sill").box("trim", (s0 - 0.06, s1 + 0.06), (t0 - 0.08, t0), (0.0, 0.07), skip="b")
