"""What stands at the foot of a front: shop windows, shutters, awnings, signs without words, entrances, garages."""

from dataclasses import dataclass
from typing import Literal

from secondunit.prep.sets.assembly import Assembly, Pen, Prototype

ShopState = Literal["open", "half", "shut", "boarded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopKind:
    """A shop front in an opening of the ground floor; the origin is the middle of its foot in the wall's face."""

    width_m: float
    height_m: float
    state: ShopState
    door: Literal["left", "middle", "right"]
    old: bool
    """Timber with a panelled riser, else metal frames to the ground."""
    accent: str = "accent_1"


def shop(assembly: Assembly, kind: ShopKind) -> Prototype:
    """Return the prototype of a shop front."""
    return assembly.prototype("shopfront", kind, draw=lambda pen: _draw_shop(pen, kind))


_Z = -0.35


def _draw_shop(pen: Pen, k: ShopKind) -> None:
    half, h = k.width_m / 2, k.height_m
    rolled = {"open": 0.0, "half": 0.45, "shut": 1.0, "boarded": 0.0}[k.state]
    frame = ("door" if k.old else "joinery") if k.state != "boarded" else "door"
    riser = 0.55 if k.old else 0.12
    wide = min(1.0, 0.4 * k.width_m)
    d0 = {"left": -half + 0.06, "middle": -wide / 2, "right": half - wide - 0.06}[k.door]
    if rolled < 1.0:
        light = h - 0.65
        glass = pen.at("glass")
        glass.wall("glass_shop", -half, half, riser, h, _Z)
        pen.at("riser").box(frame, (-half, d0), (0.0, riser), (_Z, _Z + 0.07), skip="bdlr")
        pen.at("riser").box(frame, (d0 + wide, half), (0.0, riser), (_Z, _Z + 0.07), skip="bdlr")
        door = pen.at("door")
        door.wall("glass_shop", d0, d0 + wide, 0.12, riser, _Z)
        for s0, s1 in ((d0, d0 + 0.09), (d0 + wide - 0.09, d0 + wide)):
            door.box(frame, (s0, s1), (0.0, light), (_Z, _Z + 0.06), skip="bud")
        door.box(frame, (d0 + 0.09, d0 + wide - 0.09), (0.0, 0.22), (_Z, _Z + 0.05), skip="blrd")
        bars = pen.at("frame")
        bars.box(frame, (-half, half), (light - 0.05, light + 0.05), (_Z, _Z + 0.08), skip="blr")
        bars.box(frame, (-half, half), (h - 0.09, h), (_Z, _Z + 0.06), skip="blru")
        for s0, s1 in ((-half, -half + 0.07), (half - 0.07, half)):
            bars.box(frame, (s0, s1), (riser, h), (_Z, _Z + 0.06), skip="bud")
        for a, b in ((-half, d0), (d0 + wide, half)):
            count = max(1, round((b - a) / (1.1 if k.old else 1.8)))
            for n in range(1, count):
                s = a + (b - a) * n / count
                bars.box(frame, (s - 0.03, s + 0.03), (riser, light), (_Z, _Z + 0.06), skip="bud")
    if rolled > 0.0:
        _shutter(pen.at("roller"), half, h, h * (1.0 - rolled))
    if k.state == "boarded":
        boards = pen.at("boards")
        count = max(2, round(k.width_m / 0.62))
        for n in range(count):
            s0, s1 = -half + k.width_m * n / count + 0.01, -half + k.width_m * (n + 1) / count - 0.01
            stuff = "board" if (n * 5 + round(half * 10)) % 3 else "board_grey"
            boards.box(stuff, (s0, s1), (0.04, 2.3 + 0.12 * ((n * 3) % 2)), (_Z + 0.1, _Z + 0.13), skip="bd")


def _shutter(pen: Pen, half: float, height: float, foot: float) -> None:
    z = _Z + 0.16
    count = max(2, round((height - foot) / 0.16))
    step = (height - foot) / count
    for n in range(count):
        t0, t1 = foot + n * step, foot + (n + 1) * step
        tm = 0.5 * (t0 + t1)
        pen.polygon("metal_shutter", (-half, t0, z), (half, t0, z), (half, tm, z + 0.035), (-half, tm, z + 0.035))
        pen.polygon("metal_shutter", (-half, tm, z + 0.035), (half, tm, z + 0.035), (half, t1, z), (-half, t1, z))
    pen.box("metal_shutter", (-half, half), (foot - 0.07, foot), (z - 0.03, z + 0.05), skip="b")


def awning(assembly: Assembly, width_m: float, drop_m: float, out_m: float, accent: str) -> Prototype:
    """Return a striped drop-arm awning; the origin is the middle of its head in the wall's face."""
    key = ("awning", round(width_m, 2), round(drop_m, 2), round(out_m, 2), accent)
    return assembly.prototype(*key, draw=lambda pen: _draw_awning(pen, width_m, drop_m, out_m, accent))


def _draw_awning(pen: Pen, w: float, drop: float, out: float, accent: str) -> None:
    count = max(5, 2 * round(w / 0.7) + 1)
    cloth = pen.at("cloth")
    for n in range(count):
        s0, s1 = -w / 2 + w * n / count, -w / 2 + w * (n + 1) / count
        stuff = accent if n % 2 == 0 else "white"
        cloth.polygon(stuff, (s0, -drop, out), (s1, -drop, out), (s1, 0.0, 0.03), (s0, 0.0, 0.03))
        cloth.polygon(stuff, (s0, -0.02, 0.02), (s1, -0.02, 0.02), (s1, -drop - 0.02, out), (s0, -drop - 0.02, out))
        mid = 0.5 * (s0 + s1)
        cloth.polygon(  # a scalloped valance
            stuff, (s0, -drop - 0.18, out), (mid, -drop - 0.27, out), (s1, -drop - 0.18, out),
            (s1, -drop, out), (s0, -drop, out),
        )  # fmt: skip
    arms = pen.at("arms")
    for s in (-w / 2 + 0.05, w / 2 - 0.05):
        arms.beam("iron", (s, -drop - 0.05, out - 0.02), (s, -drop - 0.25, 0.02), 0.03, sides=3)


def fascia(pen: Pen, s0: float, s1: float, t0: float, t1: float, accent: str, *, device: int) -> None:
    """Draw a sign board: a panel, a border and a device of plain shapes. It carries no letters."""
    pen.box(accent, (s0, s1), (t0, t1), (0.0, 0.09), skip="b")
    tall, mid = t1 - t0, 0.5 * (s0 + s1)
    for a, b in ((t0, t0 + 0.035), (t1 - 0.035, t1)):
        pen.box("white", (s0, s1), (a, b), (0.09, 0.105), skip="blr")
    if device % 3 == 0:  # a disc between two bars
        pen.box("white", (s0 + 0.3, mid - tall), (t0 + 0.45 * tall, t0 + 0.55 * tall), (0.09, 0.1), skip="b")
        pen.box("white", (mid + tall, s1 - 0.3), (t0 + 0.45 * tall, t0 + 0.55 * tall), (0.09, 0.1), skip="b")
        r, c = 0.32 * tall, (t0 + t1) / 2
        pen.polygon("white", *((mid + r * x, c + r * y, 0.1) for x, y in _OCTAGON))
    elif device % 3 == 1:  # lozenges in a row
        count = max(3, round((s1 - s0) / 0.6))
        for n in range(count):
            s, r, c = s0 + (s1 - s0) * (n + 0.5) / count, 0.26 * tall, (t0 + t1) / 2
            pen.polygon("white", (s, c - r, 0.1), (s + 0.7 * r, c, 0.1), (s, c + r, 0.1), (s - 0.7 * r, c, 0.1))
    else:  # one broad stripe
        pen.box("white", (s0 + 0.25, s1 - 0.25), (t0 + 0.38 * tall, t0 + 0.62 * tall), (0.09, 0.1), skip="b")


_OCTAGON = ((1, 0.41), (0.41, 1), (-0.41, 1), (-1, 0.41), (-1, -0.41), (-0.41, -1), (0.41, -1), (1, -0.41))


def blade_sign(assembly: Assembly, tall_m: float, accent: str, device: int) -> Prototype:
    """Return a sign that stands out from the wall on two brackets; the origin is its foot in the wall's face."""
    return assembly.prototype(
        "blade_sign", round(tall_m, 1), accent, device % 2, draw=lambda pen: _draw_blade(pen, tall_m, accent, device)
    )


def _draw_blade(pen: Pen, tall: float, accent: str, device: int) -> None:
    for t in (0.15 * tall, 0.85 * tall):
        pen.at("bracket").box("iron", (-0.02, 0.02), (t - 0.03, t + 0.03), (0.0, 0.4), skip="bf")
    pen.at("board").box(accent, (-0.09, 0.09), (0.0, tall), (0.25, 0.95))
    count = max(2, int(tall / 0.8))
    for n in range(count):
        c, r = tall * (n + 0.5) / count, 0.22
        for s, turn in ((0.095, 1), (-0.095, -1)):
            shape = _OCTAGON if device % 2 == 0 else ((1, 0), (0, 1), (-1, 0), (0, -1))
            points = [(s, c + r * y, 0.6 - turn * r * x) for x, y in shape]
            pen.at("device").polygon("white", *points)


def entrance(assembly: Assembly, width_m: float, height_m: float, *, old: bool) -> Prototype:
    """Return a building's street door with its fanlight; the origin is the middle of its threshold."""
    key = ("entrance", round(width_m, 2), round(height_m, 2), old)
    return assembly.prototype(*key, draw=lambda pen: _draw_entrance(pen, width_m / 2, height_m, old=old))


def _draw_entrance(pen: Pen, half: float, h: float, *, old: bool) -> None:
    z, light = -0.45, min(2.5, h - 0.5)
    pen.at("fanlight").wall("glass", -half, half, light, h, z)
    step = pen.at("step")
    step.box("plinth", (-half, half), (0.0, 0.12), (z, 0.05), skip="bd")
    leaf = pen.at("leaf")
    stuff = "door" if old else "joinery"
    for a, b in ((-half, 0.0), (0.0, half)):
        if old:
            leaf.wall(stuff, a, b, 0.12, light, z)
            for t0, t1 in ((0.25, 0.95), (1.1, light - 0.15)):
                inner = "glass" if t0 > 1.0 else stuff
                leaf.box(stuff, (a + 0.08, b - 0.08), (t0, t1), (z, z + 0.035), skip="b")
                leaf.wall(inner, a + 0.14, b - 0.14, t0 + 0.06, t1 - 0.06, z + 0.037)
        else:
            leaf.wall("glass", a, b, 0.12, light, z)
            for s in (a, b - 0.06):
                leaf.box(stuff, (s, s + 0.06), (0.12, light), (z, z + 0.05), skip="bud")
    pen.at("frame").box(stuff, (-half, half), (light - 0.06, light + 0.06), (z, z + 0.1), skip="blr")
    pen.at("frame").box("metal", (0.03, 0.06), (1.0, 1.3), (z + 0.04, z + 0.09), skip="b")


def garage(assembly: Assembly, width_m: float, height_m: float) -> Prototype:
    """Return a garage's sectional door; the origin is the middle of its foot."""
    key = ("garage", round(width_m, 2), round(height_m, 2))
    return assembly.prototype(*key, draw=lambda pen: _draw_garage(pen, width_m / 2, height_m))


def _draw_garage(pen: Pen, half: float, h: float) -> None:
    z, count = -0.3, 5
    for n in range(count):
        t0, t1 = h * n / count, h * (n + 1) / count
        pen.at("leaf").box("metal_shutter", (-half, half), (t0 + 0.015, t1 - 0.015), (z, z + 0.04), skip="blr")
    pen.at("leaf").wall("dark", -half, half, 0.0, h, z + 0.005)
