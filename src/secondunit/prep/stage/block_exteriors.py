"""Streets, houses, country, water and roofs, sketched round the action."""

import numpy as np

from secondunit.prep.stage.block_interiors import door, window
from secondunit.prep.stage.block_pieces import boxes, put
from secondunit.prep.stage.geometry import (
    Mesh,
    Part,
    Stage,
    box,
    cylinder,
    ellipsoid,
    join,
    merge,
    mesh_of,
    scaling,
    translation,
)
from secondunit.prep.stage.loft import loft
from secondunit.prep.stage.vehicles import build_vehicle


def _facade(path: str, width: float, floors: int, rng: np.random.Generator) -> list[Mesh]:
    """Return a building whose front lies at z = 0 and faces +Z, from x = -width/2."""
    ground_h, storey = float(rng.uniform(3.8, 4.4)), float(rng.uniform(3.0, 3.4))
    height = ground_h + storey * (floors - 1)
    wall = ("block_facade", "block_facade_2", "block_wall")[int(rng.integers(0, 3))]
    body = box(f"{path}/body", (width, height, 12.0), wall, at=(0, 0, -6.0))
    cornice = boxes(
        f"{path}/cornice", "block_trim",
        [(0, height - 0.1, 0.12, width, 0.45, 0.6), (0, ground_h - 0.12, 0.06, width, 0.28, 0.34)],
    )  # fmt: skip
    bays = max(2, round(width / float(rng.uniform(2.3, 3.0))))
    step = width / bays
    panes, sills, rails = [], [], []
    tall = float(rng.uniform(1.5, 2.1))
    wide = min(1.25, step * 0.5)
    balcony = rng.random() < 0.5
    for f in range(floors - 1):
        y = ground_h + storey * f + (0.25 if balcony else 0.8)
        for b in range(bays):
            x = -width / 2 + step * (b + 0.5)
            panes.append((x, y, 0.0, wide, tall, 0.06))
            sills.append((x, y - 0.1, 0.1, wide + 0.3, 0.1, 0.22))
            sills.append((x, y + tall, 0.05, wide + 0.2, 0.14, 0.12))
            if balcony and (b + f) % 2 == 0:
                sills.append((x, y - 0.14, 0.45, wide + 0.8, 0.12, 0.9))
                rails.append((x, y + 0.85, 0.86, wide + 0.8, 0.05, 0.05))
                rails += [(x + (k / 6 - 0.5) * (wide + 0.7), y, 0.86, 0.025, 0.86, 0.025) for k in range(7)]
    meshes = [
        body,
        cornice,
        boxes(f"{path}/windows", "block_glass", panes),
        boxes(f"{path}/sills", "block_trim", sills),
    ]
    if rails:
        meshes.append(boxes(f"{path}/rails", "block_metal", rails))
    shops = [
        (-width / 2 + step * (b + 0.5), 0.5 if b % 3 else 0.05, 0.0, step * 0.72, 2.4 if b % 3 else 2.85, 0.08)
        for b in range(bays)
    ]
    meshes.append(boxes(f"{path}/shopfronts", "block_glass", shops))
    posts = [(-width / 2 + step * b, 0.0, 0.05, 0.3, ground_h - 0.2, 0.26) for b in range(bays + 1)]
    meshes.append(boxes(f"{path}/posts", wall, posts))
    meshes.append(boxes(f"{path}/sign", "block_trim", [(0, ground_h - 0.85, 0.16, width * 0.8, 0.5, 0.12)]))
    if rng.random() < 0.55:
        x0 = -width / 2 + step * 0.5
        slope = mesh_of(
            f"{path}/awning",
            [(x0 - step * 0.45, 2.95, 0.1), (x0 + step * 1.45, 2.95, 0.1), (x0 + step * 1.45, 2.45, 1.3),
            (x0 - step * 0.45, 2.45, 1.3),
             (x0 - step * 0.45, 2.22, 1.3), (x0 + step * 1.45, 2.22, 1.3)],
            [(0, 2, 1), (0, 3, 2), (3, 5, 2), (3, 4, 5)], "block_cloth",
        )  # fmt: skip
        meshes.append(slope)
    return meshes


def _tree(path: str, height: float, rng: np.random.Generator) -> list[Mesh]:
    trunk = loft(
        f"{path}/trunk",
        [(0, 0.2, 0.2), (0.5, 0.13, 0.13), (height * 0.55, 0.09, 0.09, 0.1, 0.05)],
        "block_bark",
        dome=0,
    )
    blobs, moves = [], []
    for k in range(7):
        a, r = k * 2.4 + float(rng.uniform(0, 1)), height * float(rng.uniform(0.05, 0.2))
        size = height * float(rng.uniform(0.14, 0.21))
        blob = ellipsoid(f"{path}/crown", (1.0, 0.82, 1.0), "block_leaf", sides=16)
        lump = blob.points * (1 + 0.10 * np.sin(blob.points[:, :1] * 9 + k) * np.cos(blob.points[:, 1:2] * 8 - k))
        blobs.append(mesh_of(f"{path}/crown", lump, blob.triangles, "block_leaf", smooth=True))
        moves.append(translation(r * np.cos(a), height * float(rng.uniform(0.56, 0.86)), r * np.sin(a)) @ scaling(size))
    return [trunk, merge(f"{path}/crown", blobs, moves)]


def _lamp_post(path: str) -> list[Mesh]:
    return [
        cylinder(f"{path}/post", 0.075, 5.2, "block_metal", radius_top=0.05, sides=12),
        cylinder(f"{path}/base", 0.16, 0.5, "block_metal", radius_top=0.1, sides=12),
        box(f"{path}/arm", (1.3, 0.06, 0.06), "block_metal", at=(0.6, 5.15, 0)),
        ellipsoid(f"{path}/head", (0.34, 0.09, 0.14), "block_light", at=(1.2, 5.1, 0)),
    ]


def street(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    """Return a street along Z between two rows of shop houses, its lamps, trees and centre line."""
    half, walk = 6.2, 3.2
    parts: list[Part] = []
    for s in (-1.0, 1.0):
        z, n = 26.0, 0
        while z > -70.0:
            width = float(rng.uniform(9.0, 15.0))
            middle = z - width / 2
            meshes = _facade(f"street/{'left' if s < 0 else 'right'}_{n:02d}", width, int(rng.integers(3, 7)), rng)
            parts += [put(m, s * (half + walk), middle, turn=90.0 if s < 0 else -90.0) for m in meshes]
            z -= width
            n += 1
        kerb = box(
            "street/pavement", (walk + 0.4, 0.14, 110.0), "block_pavement", at=(s * (half + walk / 2 + 0.2), 0, -22)
        )
        parts.append(Part(mesh=kerb))
        for k in range(7):
            at = 12.0 - 14.0 * k + (4.0 if s > 0 else 0.0)
            parts += [
                put(m, s * (half + 0.5), at, y=0.14, turn=0.0 if s < 0 else 180.0) for m in _lamp_post("street/lamp")
            ]
            if k % 2 == 0 and abs(at - 7) > 6:
                parts += [
                    put(m, s * (half + 0.9), at - 6.0, y=0.14)
                    for m in _tree("street/tree", float(rng.uniform(5, 6.5)), rng)
                ]
    lines = [(0.0, 0.004, 20.0 - 6.0 * k, 0.14, 0.004, 2.6) for k in range(16)]
    parts.append(Part(mesh=boxes("street/line", "block_light", lines)))
    return parts, "block_road"


def parked(rng: np.random.Generator, kind: str) -> Stage:
    """Return cars parked where a street or a drive has them."""
    shades = ((0.2, 0.2, 0.21), (0.5, 0.5, 0.5), (0.35, 0.12, 0.1), (0.12, 0.16, 0.22))
    rows = (
        ((-5.0, -9.5), (-5.0, -16.5), (5.0, -14.0), (5.0, -26.0), (-5.0, 9.0), (5.0, 14.0))
        if kind == "street"
        else ((7.5, -4.5),)
    )
    cars = []
    for n, (x, z) in enumerate(rows):
        model = "van" if n == 3 else "car"
        heading = 180.0 if x < 0 else 0.0
        cars.append(
            build_vehicle(
                f"parked_{n + 1}", model, at=(x, 0, z), heading_deg=heading, paint=shades[int(rng.integers(0, 4))]
            )
        )
    return join(cars)


def house(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    """Return a house with a porch behind a fence, and trees."""
    w, d, h = float(rng.uniform(9, 11)), 8.0, float(rng.uniform(3.0, 3.4))
    at = -8.5
    parts: list[Part] = [put(box("house/walls", (w, h, d), "block_wall"), 0, at - d / 2)]
    ridge = 2.4
    roof = mesh_of(
        "house/roof",
        [(-w / 2 - 0.5, h - 0.1, at + 0.6), (w / 2 + 0.5, h - 0.1, at + 0.6), (w / 2 + 0.5, h - 0.1, at - d - 0.6),
         (-w / 2 - 0.5, h - 0.1, at - d - 0.6), (-w / 2 - 0.5, h + ridge, at - d / 2), (w / 2 + 0.5, h + ridge,
         at - d / 2)],
        [(0, 1, 5), (0, 5, 4), (2, 3, 4), (2, 4, 5), (0, 4, 3), (1, 2, 5), (0, 2, 1), (0, 3, 2)], "block_facade_2",
    )  # fmt: skip
    parts.append(Part(mesh=roof))
    for x in (-w * 0.3, w * 0.3):
        parts += [put(m, x, at + 0.02) for m in window("house/window", 1.5, 1.3, 0.95)]
    parts += [put(m, 0, at + 0.02) for m in door("house/door")]
    deck = [(0, 0, at + 1.0, 4.6, 0.3, 2.0), (0, 0, at + 2.2, 1.8, 0.15, 0.5)]
    posts = [(x, 0.3, at + 1.9, 0.14, 2.4, 0.14) for x in (-2.2, -0.9, 0.9, 2.2)]
    parts.append(Part(mesh=boxes("house/porch", "block_wood", deck)))
    parts.append(Part(mesh=boxes("house/posts", "block_trim", posts)))
    parts.append(Part(mesh=box("house/porch_roof", (5.0, 0.14, 2.4), "block_facade_2", at=(0, 2.7, at + 1.0))))
    parts.append(
        Part(mesh=box("house/chimney", (0.8, 1.9, 0.8), "block_facade", at=(w * 0.3, h + 1.2, at - d / 2 - 0.6)))
    )
    fence = [(x * 0.4, 0.1, -6.2, 0.1, 0.95, 0.03) for x in range(-34, 35) if abs(x * 0.4) > 1.6]
    fence += [(s * 7.7, y, -6.17, 12.2, 0.07, 0.05) for s in (-1, 1) for y in (0.3, 0.8)]
    parts.append(Part(mesh=boxes("house/fence", "block_light", fence)))
    parts.append(Part(mesh=box("house/path", (1.4, 0.02, 9.0), "block_pavement", at=(0, 0, at + 4.4))))
    for x, z in ((-9.5, -9.0), (10.5, -12.0), (-13.0, -16.0), (6.0, -20.0)):
        parts += [put(m, x, z) for m in _tree("house/tree", float(rng.uniform(5.5, 8.0)), rng)]
    return parts, "block_grass"


def country(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    """Return open country or, for a forest, dense trees; hills round it."""
    parts: list[Part] = []
    dense = any(w in name for w in ("forest", "wood", "лес", "森", "bosque", "swamp"))
    for k in range(34 if dense else 14):
        a = float(rng.uniform(0, 2 * np.pi))
        r = float(rng.uniform(6.5, 30.0 if dense else 55.0))
        parts += [
            put(m, r * np.cos(a), r * np.sin(a)) for m in _tree(f"country/tree_{k:02d}", float(rng.uniform(5, 9)), rng)
        ]
    for k in range(7):
        a = k * 0.95 + float(rng.uniform(0, 0.5))
        hill = ellipsoid(
            f"country/hill_{k}", (float(rng.uniform(60, 110)), float(rng.uniform(9, 24)), 50.0), "block_grass", sides=32
        )
        parts.append(put(hill, 170 * np.cos(a), 170 * np.sin(a), y=-2.0))
    stones = []
    for _ in range(14):
        x, z = float(rng.uniform(-9, 9)), float(rng.uniform(-9, 5))
        if x * x + z * z > 5:
            size = float(rng.uniform(0.08, 0.3))
            stones.append(
                (
                    ellipsoid("country/stone", (size, size * 0.6, size * 0.8), "block_pavement", sides=10),
                    translation(x, 0, z),
                )
            )
    parts.append(Part(mesh=merge("country/stone", [s for s, _ in stones], [m for _, m in stones])))
    posts = [(-16 + 2.4 * k, 0.0, -7.5, 0.12, 1.2, 0.12) for k in range(14)]
    rails = [(0.0, y, -7.5, 32.0, 0.09, 0.05) for y in (0.5, 0.95)]
    if not dense:
        parts.append(Part(mesh=boxes("country/fence", "block_wood", posts + rails)))
    return parts, "block_grass"


def water(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    """Return a shore with a pier."""
    parts, _ = country(rng, name)
    kept = [p for p in parts if "fence" not in p.mesh.path and (p.transform[2, 3] > -4.5 or "hill" in p.mesh.path)]
    kept.append(Part(mesh=box("water/surface", (400.0, 0.02, 110.0), "block_water", at=(0, 0, -61.0))))
    planks = [(0.0, 0.35, -4.0 - 0.3 * k, 2.0, 0.06, 0.27) for k in range(24)]
    piles = [(s * 0.9, 0.0, -4.5 - 2.2 * k, 0.2, 0.9, 0.2) for s in (-1, 1) for k in range(4)]
    kept.append(Part(mesh=boxes("water/pier", "block_wood", planks + piles)))
    return kept, "block_grass"


def roof(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    """Return a flat roof with its parapet, stair house and tank over a city."""
    parts = [Part(mesh=boxes("roof/parapet", "block_facade", [
        (0, 0, -6.0, 18.0, 1.0, 0.3), (-9.0, 0, 0, 0.3, 1.0, 12.3), (9.0, 0, 0, 0.3, 1.0, 12.3), (0, 0, 6.0, 18.0,
        1.0, 0.3),
    ]))]  # fmt: skip
    parts.append(Part(mesh=box("roof/stair_house", (3.2, 2.6, 2.8), "block_wall", at=(-5.4, 0, -3.6))))
    parts += [put(m, -5.4, -2.18) for m in door("roof/door")]
    parts.append(put(cylinder("roof/tank", 1.1, 2.0, "block_wood", sides=24), 5.2, -3.4, y=1.2))
    parts.append(put(cylinder("roof/tank_top", 1.2, 0.6, "block_wood", radius_top=0.05, sides=24), 5.2, -3.4, y=3.2))
    legs = [(5.2 + sx * 0.7, 0, -3.4 + sz * 0.7, 0.12, 1.2, 0.12) for sx in (-1.0, 1.0) for sz in (-1.0, 1.0)]
    parts.append(Part(mesh=boxes("roof/tank_legs", "block_metal", legs)))
    parts.append(
        Part(mesh=boxes("roof/vents", "block_metal", [(2.0, 0, -4.6, 0.6, 0.7, 0.6), (3.2, 0, 2.6, 0.5, 0.9, 0.5)]))
    )
    for k in range(26):
        x, z = float(rng.uniform(-90, 90)), float(rng.uniform(-130, -24))
        w, h = float(rng.uniform(9, 18)), float(rng.uniform(-6, 26))
        if h > 1:
            parts.append(put(box(f"roof/city_{k:02d}", (w, h, w * 0.8), "block_facade"), x, z))
            rows = [
                (x + (i - 1.5) * w * 0.22, y, z + w * 0.4, w * 0.1, 1.4, 0.1)
                for i in range(4)
                for y in np.arange(1.0, h - 1.5, 3.2)
            ]
            if rows:
                parts.append(Part(mesh=boxes(f"roof/city_{k:02d}_windows", "block_glass", rows)))
    return parts, "block_pavement"
