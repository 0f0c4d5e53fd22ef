"""Street trees: planes as they stand on avenues, a trunk that forks at four metres and a broad crown."""

import math
from functools import lru_cache

import numpy as np

from secondunit.prep.sets.assembly import Assembly, Pen, Point, Prototype
from secondunit.prep.sets.brief import Trees
from secondunit.prep.stage.geometry import Mesh


def plane_tree(assembly: Assembly, season: Trees, variant: int) -> Prototype:
    """Return a plane tree about 11 m high; the origin is its foot."""
    key = ("plane_tree", season, variant)
    if key not in assembly.prototypes:
        assembly.prototypes[key] = Prototype(name=f"plane_tree_{variant + 1:02d}", meshes=_grown(season, variant))
    return assembly.prototypes[key]


@lru_cache(maxsize=16)
def _grown(season: Trees, variant: int) -> tuple[Mesh, ...]:
    sheet = Assembly()
    _draw(sheet.pen("plane_tree"), season, variant)
    return tuple(sheet.meshes())


def _draw(pen: Pen, season: Trees, variant: int) -> None:
    rng = np.random.default_rng([variant, 0x7EE])
    wood = pen.at("wood")
    fork: Point = (float(rng.uniform(-0.15, 0.15)), 3.7 + 0.4 * variant, float(rng.uniform(-0.15, 0.15)))
    _limb(wood, (0.0, 0.0, 0.0), fork, 0.27, 0.2, sides=7, stuff="bark")
    tips: list[Point] = []
    count = 5
    for k in range(count):
        turn = 2 * math.pi * (k + float(rng.uniform(-0.2, 0.2))) / count
        reach, rise = float(rng.uniform(1.6, 2.4)), float(rng.uniform(2.2, 3.4))
        elbow = (fork[0] + reach * math.cos(turn), fork[1] + rise, fork[2] + reach * math.sin(turn))
        _limb(wood, fork, elbow, 0.14, 0.09, sides=5, stuff="bark_pale")
        tips.append(elbow)
        for _ in range(3):
            t2, r2, h2 = (
                turn + float(rng.uniform(-0.9, 0.9)),
                float(rng.uniform(0.7, 1.7)),
                float(rng.uniform(1.0, 2.6)),
            )
            tip = (elbow[0] + r2 * math.cos(t2), elbow[1] + h2, elbow[2] + r2 * math.sin(t2))
            _limb(wood, elbow, tip, 0.07, 0.03, sides=4, stuff="bark_pale")
            tips.append(tip)
            if season == "winter":
                for _ in range(4):
                    d = rng.normal(0, 0.6, 3) + np.array((0.0, 0.8, 0.0))
                    end = (tip[0] + float(d[0]), tip[1] + float(d[1]), tip[2] + float(d[2]))
                    _limb(wood, tip, end, 0.03, 0.01, sides=3, stuff="bark_pale")
    if season in ("summer", "autumn"):
        _leaves(pen.at("leaves"), tips, season, rng)


def _limb(pen: Pen, a: Point, b: Point, r0: float, r1: float, *, sides: int, stuff: str) -> None:
    p, q = np.array(a), np.array(b)
    run = (q - p) / np.linalg.norm(q - p)
    side = np.cross(run, (0.3, 0.1, 0.95))
    side /= np.linalg.norm(side)
    up = np.cross(side, run)
    ring = [math.cos(t) * side + math.sin(t) * up for t in (2 * math.pi * k / sides for k in range(sides))]
    for k in range(sides):
        i, j = ring[k], ring[(k + 1) % sides]
        corners = (p + r0 * j, p + r0 * i, q + r1 * i, q + r1 * j)
        pen.polygon(stuff, *((float(c[0]), float(c[1]), float(c[2])) for c in corners))


def _leaves(pen: Pen, tips: list[Point], season: Trees, rng: np.random.Generator) -> None:
    """Sprays of foliage on the shells of blobs about the branch ends: light passes between them as it does."""
    share = 46 if season == "summer" else 26
    stem = "leaf_autumn" if season == "autumn" else "leaf"
    for tip in tips:
        blob = float(rng.uniform(0.9, 1.45))
        for _ in range(share):
            d = rng.normal(0, 1, 3)
            d /= np.linalg.norm(d)
            c = np.array(tip) + d * blob * float(rng.uniform(0.4, 1.05)) * (1.0, 0.75, 1.0)
            normal = d + rng.normal(0, 0.35, 3) + (0.0, 0.5, 0.0)
            normal /= np.linalg.norm(normal)
            a = np.cross(normal, rng.normal(0, 1, 3))
            a /= np.linalg.norm(a)
            b = np.cross(normal, a)
            r = float(rng.uniform(0.16, 0.3))
            points = [c + r * (x * a + y * b) for x, y in ((1.0, 0.0), (0.1, 0.7), (-0.9, 0.1), (-0.1, -0.75))]
            low = tip[1] + d[1] < tip[1] - 0.2
            stuff = f"{stem}_{2 if low else (1 if rng.random() < 0.6 else 3)}"
            pen.polygon(stuff, *((float(p[0]), float(p[1]), float(p[2])) for p in points))
