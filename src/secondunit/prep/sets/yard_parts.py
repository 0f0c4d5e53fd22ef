"""What stands in an industrial yard beside its sheds: silos, tanks, pipes, cranes, containers, rails, fences."""

import math

import numpy as np

from secondunit.prep.sets.assembly import Assembly, Pen, Prototype


def silo(assembly: Assembly, radius: float, height: float, *, steel: bool) -> Prototype:
    """Return one silo, its cone and catwalk rail on top."""
    return assembly.prototype(
        "silo", round(radius, 2), round(height, 2), steel, draw=lambda pen: _silo(pen, radius, height, steel=steel)
    )


def _silo(pen: Pen, r: float, h: float, *, steel: bool) -> None:
    stuff = "zinc" if steel else "concrete"
    rings: list[tuple[float, float]] = []
    steps = max(3, round(h / 2.4))
    for k in range(steps):
        rings += [
            (r, h * k / steps),
            (r, h * (k + 1) / steps - 0.12),
            (r + 0.05, h * (k + 1) / steps - 0.1),
            (r + 0.05, h * (k + 1) / steps - 0.02),
        ]
    top = (
        ((r, h), (0.12 * r, h + 0.42 * r), (0.12 * r, h + 0.5 * r), (0.0, h + 0.52 * r))
        if steel
        else ((r, h), (r + 0.15, h), (r + 0.15, h + 0.35), (0.0, h + 0.36))
    )
    pen.at("wall").lathe(stuff, [*rings, *top], sides=20)
    for k in range(10):
        a, b = 2 * math.pi * k / 10, 2 * math.pi * (k + 1) / 10
        p, q = (r * math.cos(a), h + 1.3, r * math.sin(a)), (r * math.cos(b), h + 1.3, r * math.sin(b))
        pen.at("rail").beam("steel", p, q, 0.06, sides=3)
        pen.at("rail").beam("steel", (p[0], h + 0.2, p[2]), p, 0.05, sides=3)


def tank(assembly: Assembly, radius: float, height: float) -> Prototype:
    """Return a welded storage tank with its stair and rail; origin at the middle of its foot."""
    return assembly.prototype("tank", round(radius, 2), round(height, 2), draw=lambda pen: _tank(pen, radius, height))


def _tank(pen: Pen, r: float, h: float) -> None:
    shell: list[tuple[float, float]] = [(r, 0.0)]
    courses = max(2, round(h / 2.4))
    for k in range(1, courses + 1):
        t = h * k / courses
        shell += [(r, t - 0.05), (r + 0.03, t - 0.04), (r + 0.03, t)]
    shell += [(r, h), (0.0, h + 0.12 * r)]
    pen.at("shell").lathe("cladding", shell, sides=28)
    steps, turn = max(8, round(h / 0.45)), 1.6
    for k in range(steps):
        a, t = -0.3 + turn * k / steps, h * (k + 1) / steps
        c, s = math.cos(a), math.sin(a)
        pen.at("stair").beam("steel", ((r + 0.05) * c, t, (r + 0.05) * s), ((r + 0.85) * c, t, (r + 0.85) * s), 0.16)
        if k % 2 == 0:
            pen.at("stair").beam(
                "signal", ((r + 0.85) * c, t, (r + 0.85) * s), ((r + 0.85) * c, t + 1.05, (r + 0.85) * s), 0.05, sides=3
            )
            a2, t2 = -0.3 + turn * min(k + 2, steps) / steps, h * min(k + 3, steps) / steps
            pen.at("stair").beam(
                "signal",
                ((r + 0.85) * c, t + 1.05, (r + 0.85) * s),
                ((r + 0.85) * math.cos(a2), t2 + 1.05, (r + 0.85) * math.sin(a2)),
                0.05,
                sides=3,
            )
    for k in range(20):
        a, b = 2 * math.pi * k / 20, 2 * math.pi * (k + 1) / 20
        p, q = (
            ((r - 0.1) * math.cos(a), h + 1.1, (r - 0.1) * math.sin(a)),
            ((r - 0.1) * math.cos(b), h + 1.1, (r - 0.1) * math.sin(b)),
        )
        pen.at("rail").beam("signal", p, q, 0.05, sides=3)
        pen.at("rail").beam("signal", (p[0], h, p[2]), p, 0.05, sides=3)


def container(assembly: Assembly, paint: str, *, long: bool) -> Prototype:
    """Return an ISO container, 20 or 40 foot; it lies along the frame, origin at the middle of its foot."""
    return assembly.prototype(
        "container", paint, long, draw=lambda pen: _container(pen, paint, 12.192 if long else 6.058)
    )


def _container(pen: Pen, paint: str, length: float) -> None:
    h, w, half = 2.591, 2.438 / 2, length / 2
    pen.at("body").box(paint, (-half, half), (0.12, h), (-w + 0.04, w - 0.04), skip="d")
    ribs = round(length / 0.42)
    for k in range(ribs):
        s = -half + 0.2 + (length - 0.4) * (k + 0.5) / ribs
        for z, turn in ((w - 0.04, 1), (1 * -w + 0.04, -1)):
            a, b = (s - 0.09, 0.24, z), (s + 0.09, 0.24, z)
            out = z + turn * 0.036
            face = [(a[0], 0.24, out), (b[0], 0.24, out), (b[0], h - 0.14, out), (a[0], h - 0.14, out)]
            pen.at("ribs").polygon(paint, *(face if turn > 0 else reversed(face)))
    for s in (-half, half - 0.14):
        for z in (-w, w - 0.14):
            pen.at("posts").box(paint, (s, s + 0.14), (0.0, h + 0.02), (z, z + 0.14), skip="d")
    for t in (0.0, h - 0.12):
        for z in (-w, w - 0.1):
            pen.at("rails").box(paint, (-half, half), (t, t + 0.13), (z, z + 0.1))
    for z in (-0.6, -0.2, 0.2, 0.6):
        pen.at("doors").beam("steel", (half + 0.02, 0.15, z), (half + 0.02, h - 0.1, z), 0.05, sides=3)


def gantry(pen: Pen, x: float, z0: float, z1: float, height: float) -> None:
    """Build a gantry crane that spans from z0 to z1 over its rails."""
    for z in (z0, z1):
        for s in (-3.2, 3.2):
            pen.at("leg").beam("signal", (x + s, 0.8, z), (x + 0.35 * s, height, z), 0.55)
        pen.at("leg").beam("signal", (x - 2.6, 0.42 * height, z), (x + 2.6, 0.42 * height, z), 0.35)
        pen.at("bogie").box("steel", (x - 4.0, x + 4.0), (0.15, 0.85), (z - 0.35, z + 0.35))
    for s in (-1.1, 1.1):
        pen.at("girder").box("signal", (x + s - 0.35, x + s + 0.35), (height, height + 1.5), (z0 - 2.0, z1 + 2.0))
    panels = max(4, round((z1 - z0 + 4.0) / 2.5))
    for k in range(panels):
        a, b = z0 - 2.0 + (z1 - z0 + 4.0) * k / panels, z0 - 2.0 + (z1 - z0 + 4.0) * (k + 1) / panels
        pen.at("walkway").beam("steel", (x - 1.9, height + 1.6, a), (x - 1.9, height + 1.6, b), 0.06, sides=3)
        pen.at("walkway").beam("steel", (x - 1.9, height + 0.5, a), (x - 1.9, height + 1.6, a), 0.06, sides=3)
    mid = 0.35 * z0 + 0.65 * z1
    pen.at("trolley").box("steel", (x - 1.6, x + 1.6), (height + 1.5, height + 2.6), (mid - 2.0, mid + 2.0))
    pen.at("cab").box("white", (x + 1.3, x + 3.1), (height - 2.2, height - 0.1), (mid + 2.2, mid + 4.4))
    pen.at("cab").wall("glass", x + 1.35, x + 3.05, height - 1.9, height - 0.5, mid + 4.41)
    for s, w in ((-1.0, -1.4), (1.0, -1.4), (-1.0, 1.4), (1.0, 1.4)):
        pen.at("ropes").beam("steel", (x + s, height - 5.0, mid + w), (x + s, height + 1.5, mid + w), 0.05, sides=3)
    pen.at("spreader").box("signal", (x - 3.0, x + 3.0), (height - 5.4, height - 5.0), (mid - 1.2, mid + 1.2))


def chimney(pen: Pen, x: float, z: float, height: float) -> None:
    """Build a round brick stack with iron bands."""
    r = 0.045 * height + 0.6
    pen.at("base").box("brick", (x - r * 1.3, x + r * 1.3), (0.0, 3.2), (z - r * 1.3, z + r * 1.3), skip="d")
    profile = [(r, 3.2)]
    steps = 8
    for k in range(1, steps + 1):
        t = 3.2 + (height - 3.2) * k / steps
        w = r * (1 - 0.42 * k / steps)
        profile += [(w, t - 0.2), (w + 0.04, t - 0.18), (w + 0.04, t)]
    w = profile[-1][0]
    pen.at("shaft").lathe("brick", profile, at=(x, 0.0, z), sides=18)
    pen.at("cap").lathe(
        "brick_pale",
        (
            (w, height),
            (w + 0.3, height + 0.35),
            (w + 0.3, height + 0.9),
            (w - 0.1, height + 0.95),
            (w - 0.25, height + 0.6),
        ),
        at=(x, 0.0, z),
        sides=18,
    )
    for t in np.arange(3.6, height, 0.7):
        pen.at("rungs").box(
            "steel", (x - 0.22, x + 0.22), (float(t), float(t) + 0.04), (z + r * 0.62, z + r * 1.06), skip="b"
        )


def water_tower(pen: Pen, x: float, z: float, height: float) -> None:
    """Build a riveted tank on a braced steel trestle."""
    feet = [(-2.2, -2.2), (2.2, -2.2), (2.2, 2.2), (-2.2, 2.2)]
    for a, b in feet:
        pen.at("trestle").beam("steel", (x + 1.35 * a, 0.0, z + 1.35 * b), (x + a, height, z + b), 0.3)
    levels = max(2, round(height / 4.0))
    for k in range(levels):
        t0, t1 = height * k / levels, height * (k + 1) / levels
        f0, f1 = 1.35 - 0.35 * k / levels, 1.35 - 0.35 * (k + 1) / levels
        for (a, b), (c, d) in zip(feet, [*feet[1:], feet[0]], strict=True):
            pen.at("trestle").beam("steel", (x + a * f0, t0, z + b * f0), (x + c * f1, t1, z + d * f1), 0.1, sides=3)
            pen.at("trestle").beam("steel", (x + c * f0, t0, z + d * f0), (x + a * f1, t1, z + b * f1), 0.1, sides=3)
            pen.at("trestle").beam("steel", (x + a * f1, t1, z + b * f1), (x + c * f1, t1, z + d * f1), 0.16)
    pen.at("tank").lathe(
        "cladding",
        (
            (0.0, height - 1.4),
            (2.0, height - 0.8),
            (3.3, height),
            (3.3, height + 4.2),
            (3.5, height + 4.3),
            (0.4, height + 5.8),
            (0.0, height + 6.2),
        ),
        at=(x, 0.0, z),
        sides=20,
    )


def pipe_rack(pen: Pen, x0: float, x1: float, z: float, height: float, rng: np.random.Generator) -> None:
    """Build a pipe rack along the yard with four runs of pipe and their drops."""
    count = max(2, round((x1 - x0) / 6.0))
    for k in range(count + 1):
        s = x0 + (x1 - x0) * k / count
        for w in (-1.1, 1.1):
            pen.at("post").beam("steel", (s, 0.0, z + w), (s, height + 0.8, z + w), 0.22)
        for t in (height, height + 0.8):
            pen.at("beam").beam("steel", (s, t, z - 1.3), (s, t, z + 1.3), 0.2)
    for w, r, stuff in ((-0.8, 0.22, "zinc"), (-0.25, 0.15, "accent_2"), (0.2, 0.12, "signal"), (0.75, 0.26, "zinc")):
        t = height + 0.1 + r + (0.8 if r > 0.2 else 0.0)
        pen.at("pipe").beam(stuff, (x0 - 0.8, t, z + w), (x1 + 0.8, t, z + w), 2 * r, sides=8)
        s = float(rng.uniform(x0 + 1.0, x1 - 1.0))
        pen.at("pipe").beam(stuff, (s, 0.0, z + w), (s, t, z + w), 1.6 * r, sides=6)


def track(pen: Pen, x0: float, x1: float, z: float) -> None:
    """Lay a railway track of 1.676 m gauge (broad, as in Argentina) along the yard."""
    pen.at("ballast").floor("gravel", x0, x1, z - 1.9, z + 1.9, 0.03)
    for w in (-0.838, 0.838):
        pen.at("rail").box("rail", (x0, x1), (0.13, 0.3), (z + w - 0.036, z + w + 0.036), skip="d")
    sleeper = pen.assembly.prototype(
        "sleeper", draw=lambda p: p.box("timber", (-0.12, 0.12), (0.0, 0.14), (-1.35, 1.35), skip="d")
    )
    for s in np.arange(x0 + 0.3, x1, 0.75):
        pen.place("sleeper", sleeper, float(s), 0.0, z)
    for s in (x0 + 0.4,):
        pen.at("buffer").box("signal", (s - 0.3, s + 0.3), (0.3, 1.3), (z - 1.3, z + 1.3))


def fence(pen: Pen, x0: float, x1: float, z: float, gates: tuple[tuple[float, float], ...]) -> None:
    """Put a palisade on a dwarf wall along the street, open where the gates are."""
    pale = pen.assembly.prototype("fence_panel", draw=_panel)
    at = x0
    while at + 2.5 <= x1 + 1e-6:
        if not any(a - 0.3 < at + 1.25 < b + 0.3 for a, b in gates):
            pen.place("fence_panel", pale, at, 0.0, z)
        at += 2.5
    for a, b in gates:
        for s in (a - 0.35, b + 0.35):
            pen.at("gate_post").box("brick", (s - 0.35, s + 0.35), (0.0, 3.2), (z - 0.35, z + 0.35), skip="d")
            pen.at("gate_post").box("concrete", (s - 0.45, s + 0.45), (3.2, 3.4), (z - 0.45, z + 0.45))


def _panel(pen: Pen) -> None:
    pen.at("wall").box("concrete", (0.0, 2.5), (0.0, 0.55), (-0.12, 0.12), skip="dlr")
    pen.at("post").box("steel", (-0.05, 0.05), (0.0, 2.4), (-0.05, 0.05), skip="d")
    for t in (0.8, 2.1):
        pen.at("rail").box("steel", (0.0, 2.5), (t, t + 0.05), (-0.025, 0.025), skip="lr")
    for k in range(17):
        s = 0.07 + 2.5 * k / 17
        pen.at("pale").polygon(
            "steel",
            (s, 0.6, 0.03),
            (s + 0.07, 0.6, 0.03),
            (s + 0.07, 2.25, 0.03),
            (s + 0.035, 2.4, 0.03),
            (s, 2.25, 0.03),
        )
        pen.at("pale").polygon(
            "steel",
            (s + 0.07, 0.6, 0.028),
            (s, 0.6, 0.028),
            (s, 2.25, 0.028),
            (s + 0.035, 2.4, 0.028),
            (s + 0.07, 2.25, 0.028),
        )


def mast(assembly: Assembly) -> Prototype:
    """Return a flood-light mast."""
    return assembly.prototype("mast", draw=_mast)


def _mast(pen: Pen) -> None:
    pen.at("pole").lathe("steel", ((0.18, 0.0), (0.1, 14.0), (0.0, 14.05)), sides=8)
    pen.at("arm").beam("steel", (-1.2, 13.8, 0.0), (1.2, 13.8, 0.0), 0.1)
    for s in (-1.1, -0.4, 0.4, 1.1):
        pen.at("lamp").box("lamp", (s - 0.22, s + 0.22), (13.3, 13.75), (0.0, 0.3))
        pen.at("lamp").wall("lamp_glass", s - 0.18, s + 0.18, 13.35, 13.7, 0.305)


def clutter(assembly: Assembly, kind: str) -> Prototype:
    """Return a heap that lies about in yards: pallets, drums, a cable reel, beams."""
    draw = {"pallets": _pallets, "drums": _drums, "reel": _reel, "beams": _beams}[kind]
    return assembly.prototype(kind, draw=draw)


def _pallets(pen: Pen) -> None:
    for k in range(6):
        t = 0.15 * k
        for z in (-0.35, 0.0, 0.35):
            pen.box("timber", (-0.6, 0.6), (t, t + 0.1), (z - 0.05, z + 0.05))
        for s in (-0.5, -0.25, 0.0, 0.25, 0.5):
            pen.box("board", (s - 0.09, s + 0.09), (t + 0.1, t + 0.13), (-0.4, 0.4))


def _drums(pen: Pen) -> None:
    rows = (
        (0.0, 0.0, "accent_1"),
        (0.62, 0.0, "accent_2"),
        (1.24, 0.05, "rust"),
        (0.3, 0.54, "accent_2"),
        (0.93, 0.55, "steel"),
    )
    for s, z, stuff in rows:
        pen.lathe(
            stuff,
            (
                (0.29, 0.0),
                (0.29, 0.28),
                (0.31, 0.3),
                (0.29, 0.32),
                (0.29, 0.6),
                (0.31, 0.62),
                (0.29, 0.64),
                (0.29, 0.88),
                (0.0, 0.87),
            ),
            at=(s, 0.0, z),
            sides=12,
        )


def _reel(pen: Pen) -> None:
    for z in (-0.5, 0.45):
        rim = [(0.95 * math.cos(a), 0.95 + 0.95 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 17)[:-1]]
        pen.polygon("timber", *((s, t, z + 0.05) for s, t in rim))
        pen.polygon("timber", *((s, t, z) for s, t in reversed(rim)))
        for (a, b), (c, d) in zip(rim, [*rim[1:], rim[0]], strict=True):
            pen.polygon("timber", (a, b, z + 0.05), (a, b, z), (c, d, z), (c, d, z + 0.05))
    pen.beam("rubber", (0.0, 0.95, -0.45), (0.0, 0.95, 0.45), 1.1, sides=14)


def _beams(pen: Pen) -> None:
    for k in range(4):
        t, z = 0.32 * (k // 2), -0.25 + 0.45 * (k % 2)
        pen.box("rust", (-3.0, 3.0), (t, t + 0.04), (z - 0.15, z + 0.15))
        pen.box("rust", (-3.0, 3.0), (t + 0.04, t + 0.26), (z - 0.02, z + 0.02))
        pen.box("rust", (-3.0, 3.0), (t + 0.26, t + 0.3), (z - 0.15, z + 0.15))
