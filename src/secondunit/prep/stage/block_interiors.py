"""Rooms, corridors and the inside of a car, sketched round the action; their walls are wild."""

import numpy as np

from secondunit.prep.stage.block_pieces import boxes, put
from secondunit.prep.stage.geometry import (
    Mesh,
    Part,
    box,
    cylinder,
    ellipsoid,
    merge,
    mesh_of,
    rotation,
    translation,
)
from secondunit.prep.stage.loft import loft


def _wall(
    path: str, width: float, height: float, material: str, hole: tuple[float, float, float, float] | None
) -> list[Mesh]:
    """Return a wild wall along X at z = 0 that faces +Z, with an opening x, y, width, height."""
    xs, ys = [-width / 2, width / 2], [0.0, height]
    if hole:
        x, y, w, h = hole
        xs, ys = [-width / 2, x - w / 2, x + w / 2, width / 2], [0.0, y, y + h, height] if y > 0 else [0.0, h, height]
    points: list[tuple[float, float, float]] = []
    faces: list[tuple[int, int, int]] = []
    for i in range(len(xs) - 1):
        for j in range(len(ys) - 1):
            if hole and i == 1 and j == (1 if hole[1] > 0 else 0):
                continue
            n = len(points)
            points += [(xs[i], ys[j], 0), (xs[i + 1], ys[j], 0), (xs[i + 1], ys[j + 1], 0), (xs[i], ys[j + 1], 0)]
            faces += [(n, n + 1, n + 2), (n, n + 2, n + 3)]
    plain = mesh_of(path, points, faces, material)
    return [Mesh(path=path, points=plain.points, triangles=plain.triangles, material=material, wild=True)]


def _wild(mesh: Mesh) -> Mesh:
    return Mesh(
        path=mesh.path,
        points=mesh.points,
        triangles=mesh.triangles,
        material=mesh.material,
        normals=mesh.normals,
        wild=True,
    )


def window(path: str, w: float, h: float, y: float) -> list[Mesh]:
    """Return a window in a wall at z = 0: frame, bars, a pale pane behind, a sill."""
    f = 0.07
    bars = [(-w / 2, y, 0, f, h, 0.12), (w / 2, y, 0, f, h, 0.12), (0, y, 0, f * 0.7, h, 0.08)]
    bars += [(0, y + h - f, 0, w, f, 0.12), (0, y, 0, w, f, 0.12), (0, y + h * 0.6, 0, w, f * 0.6, 0.08)]
    pane = mesh_of(
        f"{path}/pane", [(-w / 2, y, -0.03), (w / 2, y, -0.03), (w / 2, y + h, -0.03), (-w / 2, y + h, -0.03)],
        [(0, 1, 2), (0, 2, 3)], "block_light",
    )  # fmt: skip
    sill = box(f"{path}/sill", (w + 0.24, 0.05, 0.24), "block_trim", at=(0, y - 0.05, 0.06))
    return [_wild(boxes(f"{path}/frame", "block_trim", bars)), _wild(pane), _wild(sill)]


def door(path: str, w: float = 0.9, h: float = 2.05) -> list[Mesh]:
    """Return a panelled door in its frame, in a wall at z = 0."""
    frame = [(-w / 2 - 0.06, 0, 0, 0.12, h, 0.12), (w / 2 + 0.06, 0, 0, 0.12, h, 0.12), (0, h, 0, w + 0.24, 0.12, 0.12)]
    panels = [(x, y, 0.025, w * 0.34, ph, 0.03) for x in (-w * 0.22, w * 0.22) for y, ph in ((0.18, 0.75), (1.1, 0.78))]
    knob = ellipsoid(f"{path}/knob", (0.035, 0.035, 0.05), "block_metal", at=(w * 0.4, 1.0, 0.06))
    leaf = box(f"{path}/leaf", (w, h, 0.04), "block_wood", at=(0, 0, 0))
    return [
        _wild(boxes(f"{path}/frame", "block_trim", frame)), _wild(leaf),
        _wild(boxes(f"{path}/panels", "block_wood", panels)), _wild(knob),
    ]  # fmt: skip


def _room_shell(width: float, depth: float, height: float, rng: np.random.Generator) -> list[Part]:
    """Return four wild walls with a door and windows, skirting and a floor; walls face inwards."""
    parts: list[Part] = []
    door_wall = int(rng.integers(0, 2))
    for number, (length, x, z, turn) in enumerate(
        (
            (width, 0.0, -depth / 2, 0.0),
            (depth, width / 2, 0.0, -90.0),
            (width, 0.0, depth / 2, 180.0),
            (depth, -width / 2, 0.0, 90.0),
        )
    ):
        name = ("back", "right", "front", "left")[number]
        has_door = number % 2 == door_wall
        at = float(rng.uniform(-0.25, 0.25)) * length
        meshes = _wall(f"room/wall_{name}", length, height, "block_wall", None)
        meshes.append(_wild(box(f"room/skirting_{name}", (length, 0.11, 0.03), "block_trim", at=(0, 0, 0.015))))
        meshes.append(
            _wild(box(f"room/cornice_{name}", (length, 0.08, 0.08), "block_trim", at=(0, height - 0.08, 0.04)))
        )
        wall = translation(x, 0, z) @ rotation("y", turn)
        parts += [Part(mesh=m, transform=wall) for m in meshes]
        if has_door:
            opening = door(f"room/door_{name}")
        else:
            opening = window(f"room/window_{name}", min(1.7, length * 0.35), 1.35, 0.95)
        parts += [Part(mesh=m, transform=wall @ translation(at, 0, 0.005)) for m in opening]
        if rng.random() < 0.7 and abs(at) > 0.1:
            frame = box(f"room/picture_{name}", (0.7, 0.5, 0.03), "block_dark", at=(-at * 1.2, 1.45, 0.02))
            inner = box(f"room/picture_inner_{name}", (0.58, 0.38, 0.034), "block_light", at=(-at * 1.2, 1.51, 0.024))
            parts += [Part(mesh=_wild(m), transform=wall) for m in (frame, inner)]
    return parts


def _table(path: str, w: float, d: float, h: float) -> list[Mesh]:
    legs = [
        (sx * (w / 2 - 0.06), 0, sz * (d / 2 - 0.06), 0.06, h - 0.04, 0.06) for sx in (-1.0, 1.0) for sz in (-1.0, 1.0)
    ]
    return [
        box(f"{path}/top", (w, 0.04, d), "block_wood", at=(0, h - 0.04, 0)),
        boxes(f"{path}/legs", "block_wood", legs),
    ]


def _chair(path: str) -> list[Mesh]:
    legs = [(sx * 0.2, 0, sz * 0.2, 0.04, 0.45, 0.04) for sx in (-1.0, 1.0) for sz in (-1.0, 1.0)]
    back = [(sx * 0.2, 0.45, -0.2, 0.04, 0.5, 0.04) for sx in (-1, 1)] + [(0, 0.78, -0.2, 0.4, 0.14, 0.03)]
    return [
        box(f"{path}/seat", (0.46, 0.04, 0.46), "block_wood", at=(0, 0.44, 0)),
        boxes(f"{path}/frame", "block_wood", legs + back),
    ]


def _sofa(path: str) -> list[Mesh]:
    return [
        boxes(f"{path}/base", "block_cloth", [(0, 0.06, 0, 2.0, 0.24, 0.86)]),
        boxes(
            f"{path}/seats", "block_cloth", [(-0.45, 0.3, 0.05, 0.86, 0.16, 0.72), (0.45, 0.3, 0.05, 0.86, 0.16, 0.72)]
        ),
        boxes(f"{path}/back", "block_cloth", [(0, 0.3, -0.35, 1.9, 0.55, 0.2)]),
        boxes(f"{path}/arms", "block_cloth", [(-0.98, 0.06, 0, 0.2, 0.56, 0.88), (0.98, 0.06, 0, 0.2, 0.56, 0.88)]),
    ]


def _shelves(path: str, rng: np.random.Generator) -> list[Mesh]:
    rows = [(-0.5, 0.0, 0.0, 0.04, 2.0, 0.3), (0.5, 0.0, 0.0, 0.04, 2.0, 0.3), (0.0, 0.0, -0.14, 1.0, 2.0, 0.02)]
    rows += [(0.0, y, 0.0, 1.0, 0.03, 0.3) for y in (0.06, 0.45, 0.85, 1.25, 1.65, 1.98)]
    books = []
    for y in (0.48, 0.88, 1.28, 1.68):
        x = -0.46
        while x < 0.3:
            w, h = float(rng.uniform(0.03, 0.07)), float(rng.uniform(0.2, 0.3))
            books.append((x + w / 2, y, 0.0, w * 0.9, h, 0.22))
            x += w
    return [boxes(f"{path}/frame", "block_wood", rows), boxes(f"{path}/books", "block_cloth", books)]


def _floor_lamp(path: str) -> list[Mesh]:
    return [
        cylinder(f"{path}/foot", 0.14, 0.03, "block_metal"),
        cylinder(f"{path}/pole", 0.014, 1.4, "block_metal", sides=10),
        cylinder(f"{path}/shade", 0.22, 0.28, "block_light", radius_top=0.14, sides=24, at=(0, 1.35, 0)),
    ]


def _bed(path: str) -> list[Mesh]:
    return [
        box(f"{path}/frame", (1.6, 0.3, 2.1), "block_wood"),
        box(f"{path}/mattress", (1.54, 0.22, 2.0), "block_light", at=(0, 0.3, 0)),
        box(f"{path}/head", (1.64, 1.05, 0.08), "block_wood", at=(0, 0, -1.05)),
        ellipsoid(f"{path}/pillow_left", (0.34, 0.1, 0.22), "block_light", at=(-0.38, 0.58, -0.74)),
        ellipsoid(f"{path}/pillow_right", (0.34, 0.1, 0.22), "block_light", at=(0.38, 0.58, -0.74)),
    ]


def _counter(path: str) -> list[Mesh]:
    doors = [(-1.05 + 0.7 * k, 0.12, 0.31, 0.64, 0.7, 0.02) for k in range(4)]
    return [
        box(f"{path}/base", (2.8, 0.88, 0.6), "block_trim"),
        boxes(f"{path}/doors", "block_light", doors),
        box(f"{path}/top", (2.86, 0.04, 0.64), "block_dark", at=(0, 0.88, 0.01)),
        boxes(
            f"{path}/cupboards",
            "block_light",
            [(-0.72, 1.5, -0.12, 1.36, 0.7, 0.34), (0.72, 1.5, -0.12, 1.36, 0.7, 0.34)],
        ),
        cylinder(f"{path}/pot", 0.12, 0.16, "block_metal", at=(0.7, 0.92, 0.05)),
    ]


def room(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    """Return a room furnished by what its name says it is."""
    width, depth, height = float(rng.uniform(6.6, 8.2)), float(rng.uniform(5.6, 6.8)), float(rng.uniform(2.75, 3.1))
    parts = _room_shell(width, depth, height, rng)
    back, side = -depth / 2, width / 2

    def add(meshes: list[Mesh], x: float, z: float, turn: float = 0.0) -> None:
        parts.extend(put(m, x, z, turn=turn) for m in meshes)

    def has(*words: str) -> bool:
        return any(w in name for w in words)

    if has("kitchen", "cocina", "cuisine", "кухня", "台所", "厨房"):
        add(_counter("kitchen/counter"), -0.6, back + 0.36)
        add(_table("kitchen/table", 1.4, 0.85, 0.76), 1.7, 1.6)
        add(_chair("kitchen/chair_1"), 1.3, 2.3, 180)
        add(_chair("kitchen/chair_2"), 2.1, 0.9, 0)
    elif has("bed", "dormitorio", "hospital", "спальня", "寝室", "病"):
        add(_bed("bedroom/bed"), -1.5, back + 1.2)
        add(_table("bedroom/stand", 0.45, 0.4, 0.55), -0.3, back + 0.35)
        add(_shelves("bedroom/shelves", rng), side - 0.25, -0.8, -90)
    elif has("office", "oficina", "study", "police", "station", "school", "class", "кабинет", "事務", "办公"):
        add(_table("office/desk", 1.7, 0.8, 0.75), 0.9, back + 1.2)
        add(_chair("office/chair"), 0.9, back + 0.55)
        add(_shelves("office/shelves_1", rng), -1.7, back + 0.2)
        add(_shelves("office/shelves_2", rng), -2.75, back + 0.2)
        add([box("office/cabinet", (0.5, 1.3, 0.6), "block_metal")], side - 0.4, back + 0.6)
    else:
        add(_sofa("room/sofa"), -1.1, back + 0.62)
        add(_table("room/low_table", 1.1, 0.55, 0.42), -1.0, back + 1.75)
        add(_shelves("room/shelves", rng), side - 0.22, -0.6, -90)
        add(_floor_lamp("room/lamp"), 0.45, back + 0.5)
        add([_chair("room/chair")[0], _chair("room/chair")[1]], 2.2, back + 0.9, -35)
    rug = box("room/rug", (2.8, 0.015, 2.0), "block_cloth")
    add([rug], 0.0, 0.1)
    return parts, "block_floor"


def corridor(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    """Return a corridor with doors along both sides and a window at its end."""
    length, wide, high = 22.0, 2.6, 2.8
    parts = []
    for side, turn in ((-1.0, 90.0), (1.0, -90.0)):
        wall = translation(side * wide / 2, 0, -4.0) @ rotation("y", turn)
        meshes = _wall("corridor/wall", length, high, "block_wall", None)
        meshes.append(_wild(box("corridor/skirting", (length, 0.12, 0.03), "block_trim", at=(0, 0, 0.015))))
        parts += [Part(mesh=m, transform=wall) for m in meshes]
        for k in range(5):
            parts += [
                Part(mesh=m, transform=wall @ translation(-8.0 + 4.0 * k + side, 0, 0.005))
                for m in door(f"corridor/door_{k + 1}")
            ]
    end = translation(0, 0, -15.0)
    parts += [Part(mesh=m, transform=end) for m in _wall("corridor/end", wide, high, "block_wall", None)]
    parts += [
        Part(mesh=m, transform=end @ translation(0, 0, 0.01)) for m in window("corridor/end_window", 1.2, 1.4, 0.95)
    ]
    ceiling = mesh_of(
        "corridor/ceiling", [(-wide / 2, high, 7), (-wide / 2, high, -15), (wide / 2, high, -15), (wide / 2, high, 7)],
        [(0, 2, 1), (0, 3, 2)], "block_light",
    )  # fmt: skip
    parts.append(Part(mesh=_wild(ceiling)))
    lamps = [(0.0, high - 0.06, -12.0 + 3.4 * k, 0.3, 0.05, 1.2) for k in range(6)]
    parts.append(Part(mesh=_wild(boxes("corridor/lamps", "block_trim", lamps))))
    return parts, "block_floor"


def car_inside(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    """Return the inside of a car, open to the camera: seats, dash, wheel, doors, pillars. The seats face +Z."""
    parts = []
    for s in (-1.0, 1.0):
        side = "left" if s > 0 else "right"
        cushion = loft(f"car/seat_{side}", [(0.02, 0.25, 0.26), (0.16, 0.26, 0.27)], "block_cloth", squareness=5)
        back = loft(
            f"car/back_{side}", [(0.0, 0.25, 0.08), (0.35, 0.25, 0.09), (0.62, 0.2, 0.07)], "block_cloth", squareness=4
        )
        rest = loft(f"car/headrest_{side}", [(0.0, 0.13, 0.05), (0.14, 0.13, 0.06)], "block_cloth", squareness=3)
        parts += [
            Part(mesh=cushion, transform=translation(s * 0.37, 0.12, 0.0)),
            Part(mesh=back, transform=translation(s * 0.37, 0.28, -0.26) @ rotation("x", -14)),
            Part(mesh=rest, transform=translation(s * 0.37, 0.95, -0.42) @ rotation("x", -8)),
            put(box(f"car/door_{side}", (0.07, 0.62, 1.9), "block_dark"), s * 0.78, 0.1, y=0.1),
            put(box(f"car/sill_{side}", (0.1, 0.05, 1.9), "block_trim"), s * 0.77, 0.1, y=0.72),
        ]
        post = cylinder(f"car/pillar_{side}", 0.035, 0.82, "block_dark", sides=10)
        parts.append(Part(mesh=post, transform=translation(s * 0.74, 0.76, 1.0) @ rotation("x", -46)))
        rear = cylinder(f"car/post_{side}", 0.04, 0.6, "block_dark", sides=10)
        parts.append(Part(mesh=rear, transform=translation(s * 0.72, 0.76, -0.35)))
        roof = box(f"car/rail_{side}", (0.06, 0.05, 1.2), "block_dark")
        parts.append(put(roof, s * 0.68, -0.1, y=1.33))
    dash = loft("car/dash", [(-0.72, 0.16, 0.13), (0.72, 0.16, 0.13)], "block_dark", squareness=4, dome=0)
    parts.append(Part(mesh=dash, transform=translation(0, 0.62, 0.86) @ rotation("z", 90)))
    turn = np.linspace(0, 2 * np.pi, 25)[:-1]
    ring = [
        ellipsoid("car/wheel", (0.032, 0.017, 0.017), "block_dark", sides=8, at=(0.18 * np.cos(t), 0.18 * np.sin(t), 0))
        for t in turn
    ]
    wheel = translation(0.37, 0.72, 0.62) @ rotation("x", 24)
    turned = [
        translation(0.18 * np.cos(t), 0.18 * np.sin(t), 0)
        @ rotation("z", float(np.degrees(t)) + 90)
        @ translation(-0.18 * np.cos(t), -0.18 * np.sin(t), 0)
        for t in turn
    ]
    parts.append(Part(mesh=merge("car/wheel", ring, turned), transform=wheel))
    parts.append(
        Part(mesh=box("car/wheel_spoke", (0.34, 0.03, 0.02), "block_dark", at=(0, -0.015, 0)), transform=wheel)
    )
    parts.append(put(box("car/header", (1.4, 0.05, 0.06), "block_dark"), 0, 0.45, y=1.33))
    parts.append(put(box("car/mirror", (0.22, 0.06, 0.03), "block_dark"), 0, 0.5, y=1.22))
    parts.append(put(box("car/rear_seat", (1.3, 0.62, 0.16), "block_cloth"), 0, -1.1, y=0.2))
    parts.append(put(box("car/rear_header", (1.3, 0.05, 0.05), "block_dark"), 0, -0.7, y=1.33))
    return parts, "block_road"
