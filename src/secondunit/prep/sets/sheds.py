"""Sheds of an industrial yard: brick or sheet walls under saw teeth, gables or barrel vaults."""

import itertools
import math
from typing import Literal

import numpy as np

from secondunit.prep.sets.assembly import Frame, Pen
from secondunit.prep.sets.walls import pierced
from secondunit.prep.sets.windows import WindowKind, reveal, window

RoofKind = Literal["sawtooth", "gable", "barrel"]
TOOTH_M = 7.5
"""Run of one saw tooth."""


def shed(
    pen: Pen,
    x: tuple[float, float],
    z: tuple[float, float],
    eaves: float,
    roof: RoofKind,
    *,
    brick: bool,
    wall: str,
    wear: float,
    rng: np.random.Generator,
) -> int:
    """Build a shed on a rectangle of plan; return how many bays its front has."""
    (x0, x1), (z0, z1) = x, z
    wide, deep = x1 - x0, z1 - z0
    bay = 5.0 if brick else 6.0
    bays = max(2, round(wide / bay))
    for name, frame, length, front in (
        ("front", Frame(origin=(x0, 0.0, z1)), wide, True),
        ("right", Frame(origin=(x1, 0.0, z1), along=(0.0, -1.0)), deep, False),
        ("rear", Frame(origin=(x1, 0.0, z0), along=(-1.0, 0.0)), wide, False),
        ("left", Frame(origin=(x0, 0.0, z0), along=(0.0, 1.0)), deep, False),
    ):
        count = bays if front or name == "rear" else max(2, round(deep / bay))
        _shed_wall(
            pen.at(name).on(frame), length, eaves, count, brick=brick, wall=wall, doors=front, wear=wear, rng=rng
        )
    make = {"sawtooth": _sawtooth, "gable": _gable, "barrel": _barrel}[roof]
    make(pen.at("roof").on(Frame()), x, z, eaves, wall)
    return bays


def _shed_wall(
    pen: Pen,
    length: float,
    eaves: float,
    bays: int,
    *,
    brick: bool,
    wall: str,
    doors: bool,
    wear: float,
    rng: np.random.Generator,
) -> None:
    bay = length / bays
    holes, kinds = [], []
    big = set(rng.choice(bays, max(1, bays // 4), replace=False).tolist()) if doors else set()
    for k in range(bays):
        mid = bay * (k + 0.5)
        if k in big:
            w, h = min(bay - 0.9, 4.2), min(4.6, eaves - 1.2)
            holes.append((mid - w / 2, mid + w / 2, 0.0, h))
            kinds.append("door")
        elif brick:
            w = min(2.2, bay - 1.6)
            holes.append((mid - w / 2, mid + w / 2, 1.3, min(eaves - 1.0, 4.6)))
            kinds.append("window")
        elif eaves > 5.0 and k % 2 == 0:
            holes.append((mid - bay * 0.4, mid + bay * 0.4, eaves - 2.0, eaves - 0.7))
            kinds.append("strip")
    stuff = "brick" if brick else wall
    if brick:
        pierced(pen.at("wall"), stuff, (0.0, length), (0.0, eaves), holes)
    else:
        _sheeting(pen.at("wall"), stuff, length, eaves, holes)
    for (a, b, c, d), kind in zip(holes, kinds, strict=True):
        reveal(pen.at("reveals"), stuff, a, b, c, d, 0.25, sill=kind == "window")
        if kind == "door":
            _big_door(pen, a, b, d, wear, rng)
            continue
        look = WindowKind(
            width_m=round(b - a, 2), height_m=round(d - c, 2), reveal_m=0.2, frame_m=0.05,
            leaves=max(2, round((b - a) / 0.55)), transom=True, curtain=bool(rng.random() < 0.25),
            boards=bool(rng.random() < 0.6 * max(0.0, wear - 0.4)), frame="steel",
        )  # fmt: skip
        pen.place("window", window(pen.assembly, look), 0.5 * (a + b), c)
        if brick and kind == "window":  # a flat arch of headers
            pen.at("arches").box("brick_pale", (a - 0.15, b + 0.15), (d, d + 0.34), (0.0, 0.035), skip="b")
    if brick:
        for k in range(bays + 1):
            s = min(max(bay * k, 0.3), length - 0.3)
            pen.at("piers").box("brick", (s - 0.3, s + 0.3), (0.0, eaves - 0.5), (0.0, 0.2), skip="bd")
        pen.at("cornice").box("brick_pale", (0.0, length), (eaves - 0.5, eaves - 0.25), (0.0, 0.16), skip="b")
        pen.at("cornice").box("brick", (0.0, length), (eaves - 0.25, eaves), (0.0, 0.26), skip="b")
        pen.at("plinth").box("plinth", (0.0, length), (0.0, 0.5), (0.0, 0.07), skip="bd") if not doors else None
    for _ in range(int(length * (0.1 + 0.8 * wear))):
        s, tall = float(rng.uniform(0.3, length - 0.3)), float(rng.uniform(0.5, 0.2 + 0.7 * eaves * wear + 0.6))
        if all(not (a - 0.3 < s < b + 0.3 and d > eaves - tall) for a, b, c, d in holes):
            h = float(rng.uniform(0.05, 0.22))
            stain = "stain" if brick else "rust"
            top = eaves - (0.5 if brick else 0.02)
            pen.at("wear").polygon(stain, (s, top - min(tall, top - 0.1), 0.06), (s + h, top, 0.06), (s - h, top, 0.06))


def _sheeting(
    pen: Pen, stuff: str, length: float, eaves: float, holes: list[tuple[float, float, float, float]]
) -> None:
    """Corrugated sheet: ribs every half metre stand in for the real 76 mm at a set's distance."""
    pierced(pen, stuff, (0.0, length), (0.0, eaves), holes)
    count = round(length / 0.5)
    for k in range(count):
        s = length * (k + 0.5) / count
        spans = [(0.0, eaves)]
        for a, b, c, d in holes:
            if a - 0.1 < s < b + 0.1:
                spans = [(lo, hi) for p, q in spans for lo, hi in ((p, min(q, c)), (max(p, d), q)) if hi - lo > 0.1]
        for lo, hi in spans:
            pen.polygon(stuff, (s - 0.08, lo, 0.002), (s, lo, 0.05), (s, hi, 0.05), (s - 0.08, hi, 0.002))
            pen.polygon(stuff, (s, lo, 0.05), (s + 0.08, lo, 0.002), (s + 0.08, hi, 0.002), (s, hi, 0.05))


def _big_door(pen: Pen, a: float, b: float, h: float, wear: float, rng: np.random.Generator) -> None:
    openness = float(rng.choice([0.0, 0.35, 1.0], p=[0.6, 0.2, 0.2])) if wear < 0.8 else 0.1
    pen.at("door").wall("dark", a, b, 0.0, h, -0.24)
    leaf = (b - a) * (1 - openness)
    count = max(1, round(leaf / 0.5))
    for k in range(count if leaf > 0.2 else 0):
        s0, s1 = a + leaf * k / count + 0.01, a + leaf * (k + 1) / count - 0.01
        pen.at("door").box("shutter", (s0, s1), (0.03, h), (-0.16, -0.11), skip="bd")
    pen.at("door").box("steel", (a - 0.3, b + 0.3), (h + 0.02, h + 0.16), (0.0, 0.14), skip="b")


def _sawtooth(pen: Pen, x: tuple[float, float], z: tuple[float, float], eaves: float, wall: str) -> None:
    """Teeth across the shed: a steep side of glass, a long side of sheet or tile."""
    (x0, x1), (z0, z1) = x, z
    teeth = max(1, round((x1 - x0) / TOOTH_M))
    run, rise = (x1 - x0) / teeth, 2.9
    for k in range(teeth):
        a, b = x0 + run * k, x0 + run * (k + 1)
        pen.at("slope").polygon(
            "zinc" if wall != "brick" else "tile",
            (a + 0.9, eaves + rise, z1),
            (b, eaves + 0.1, z1),
            (b, eaves + 0.1, z0),
            (a + 0.9, eaves + rise, z0),
        )
        pen.at("lights").polygon(
            "glass",
            (a, eaves + 0.5, z0),
            (a, eaves + 0.5, z1),
            (a + 0.9, eaves + rise, z1),
            (a + 0.9, eaves + rise, z0),
        )
        pen.at("upstand").polygon(
            "concrete", (a, eaves, z0), (a, eaves, z1), (a, eaves + 0.5, z1), (a, eaves + 0.5, z0)
        )
        for m in range(max(1, round((z1 - z0) / 1.6)) + 1):
            w = z0 + (z1 - z0) * m / max(1, round((z1 - z0) / 1.6))
            pen.at("bars").beam("steel", (a - 0.03, eaves + 0.5, w), (a + 0.87, eaves + rise, w), 0.07, sides=3)
        for w, flip in ((z1, False), (z0, True)):
            gable = [(a, eaves, w), (b, eaves, w), (a + 0.9, eaves + rise, w), (a, eaves + 0.5, w)]
            pen.at("gable").polygon(wall, *(reversed(gable) if flip else gable))
        pen.at("gutter").box("zinc", (b - 0.25, b + 0.1), (eaves - 0.02, eaves + 0.16), (z0, z1))


def _gable(pen: Pen, x: tuple[float, float], z: tuple[float, float], eaves: float, wall: str) -> None:
    (x0, x1), (z0, z1) = x, z
    mid, rise, over = 0.5 * (x0 + x1), 0.2 * (x1 - x0), 0.35
    for a, b in ((x0 - over, mid), (mid, x1 + over)):
        ya, yb = (eaves - 0.1, eaves + rise) if b == mid else (eaves + rise, eaves - 0.1)
        pen.at("slope").polygon("zinc", (a, ya, z1 + over), (b, yb, z1 + over), (b, yb, z0 - over), (a, ya, z0 - over))
        pen.at("slope").polygon(
            "zinc",
            (a, ya - 0.06, z0 - over),
            (b, yb - 0.06, z0 - over),
            (b, yb - 0.06, z1 + over),
            (a, ya - 0.06, z1 + over),
        )
    for w, flip in ((z1, False), (z0, True)):
        gable = [(x0, eaves, w), (x1, eaves, w), (mid, eaves + rise - 0.06, w)]
        pen.at("gable").polygon(wall, *(reversed(gable) if flip else gable))
    pen.at("ridge_vent").box(
        "zinc", (mid - 0.9, mid + 0.9), (eaves + rise - 0.25, eaves + rise + 0.9), (z0 + 2.0, z1 - 2.0)
    )


def _barrel(pen: Pen, x: tuple[float, float], z: tuple[float, float], eaves: float, wall: str) -> None:
    (x0, x1), (z0, z1) = x, z
    n, mid, half, rise = 12, 0.5 * (x0 + x1), 0.5 * (x1 - x0), 0.22 * (x1 - x0)
    arc = [(mid - half * math.cos(math.pi * k / n), eaves + rise * math.sin(math.pi * k / n)) for k in range(n + 1)]
    for (a, p), (b, q) in itertools.pairwise(arc):
        pen.at("vault").polygon("zinc", (a, p, z1), (b, q, z1), (b, q, z0), (a, p, z0))
    for w, flip in ((z1, False), (z0, True)):
        for (a, p), (b, q) in itertools.pairwise(arc):
            gable = [(a, eaves, w), (b, eaves, w), (b, q, w), (a, p, w)]
            pen.at("gable").polygon(wall, *(reversed(gable) if flip else gable))
