"""Set blocks: what a storyboard artist sketches round the action when no set has been built yet.

Each stands round an action area at the origin about 3 m across, with 0 m the floor. A room's walls are wild: seen from
inside only, so a camera may stand behind them. The same name gives the same set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

import numpy as np

from secondunit.prep.stage.geometry import (
    Material,
    Mesh,
    Part,
    Stage,
    box,
    cylinder,
    ellipsoid,
    join,
    merge,
    mesh_of,
    move,
    rotation,
    scaling,
    translation,
)
from secondunit.prep.stage.loft import loft
from secondunit.prep.stage.vehicles import build_vehicle

BlockKind = Literal["room", "corridor", "car", "street", "house", "country", "roof", "water"]
BLOCKS: tuple[str, ...] = get_args(BlockKind)

_WORDS: dict[str, tuple[str, ...]] = {
    "car": ("car", "taxi", "cab", "truck", "van", "bus", "auto", "coche", "voiture", "машина", "車", "车"),
    "corridor": ("corridor", "hallway", "hall", "pasillo", "couloir", "tunnel", "stair", "коридор", "廊下", "走廊"),
    "roof": ("roof", "rooftop", "terrace", "azotea", "toit", "крыша", "屋上", "屋顶"),
    "water": ("river", "lake", "sea", "ocean", "beach", "pond", "shore", "río", "rio", "playa", "море", "река", "海",
    "川"),
    "country": (
        "field", "forest", "woods", "wood", "park", "desert", "hill", "mountain", "garden", "swamp", "meadow", "trail",
        "path", "campo", "bosque", "jardin", "лес", "поле", "森", "山", "田",
    ),
    "street": (
        "street", "avenue", "av", "ave", "road", "calle", "corrientes", "block", "city", "alley", "downtown", "main",
        "sidewalk", "square", "plaza", "town", "rue", "boulevard", "улица", "площадь", "街", "通り", "路", "道",
    ),
    "house": (
        "house", "home", "porch", "yard", "farm", "backyard", "driveway", "casa", "maison", "mansion", "cabin",
        "church",
        "school", "patio", "дом", "двор", "家", "院",
    ),
}  # fmt: skip

_MATERIALS = (
    Material(name="block_wall", base_color=(0.62, 0.6, 0.56)),
    Material(name="block_trim", base_color=(0.72, 0.7, 0.66)),
    Material(name="block_floor", base_color=(0.42, 0.38, 0.33)),
    Material(name="block_wood", base_color=(0.32, 0.24, 0.17), roughness=0.6),
    Material(name="block_cloth", base_color=(0.4, 0.38, 0.38)),
    Material(name="block_dark", base_color=(0.08, 0.08, 0.085), roughness=0.7),
    Material(name="block_glass", base_color=(0.06, 0.07, 0.08), roughness=0.12, glass=True),
    Material(name="block_light", base_color=(0.85, 0.85, 0.84)),
    Material(name="block_facade", base_color=(0.56, 0.53, 0.48)),
    Material(name="block_facade_2", base_color=(0.44, 0.37, 0.32)),
    Material(name="block_road", base_color=(0.4, 0.4, 0.4)),
    Material(name="block_pavement", base_color=(0.52, 0.51, 0.49)),
    Material(name="block_grass", base_color=(0.5, 0.5, 0.4)),
    Material(name="block_leaf", base_color=(0.26, 0.3, 0.18)),
    Material(name="block_bark", base_color=(0.24, 0.2, 0.16)),
    Material(name="block_metal", base_color=(0.3, 0.3, 0.31), roughness=0.4),
    Material(name="block_water", base_color=(0.35, 0.4, 0.42), roughness=0.2),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """A sketched set."""

    kind: str
    stage: Stage
    inside: bool
    """Whether there are walls and a ceiling about the action."""


def kind_of_place(set_name: str, int_ext: str) -> BlockKind:
    """Return the block that a scene heading's place asks for; words of a few languages are known.

    >>> kind_of_place("KITCHEN", "INT"), kind_of_place("AV. CORRIENTES", "EXT"), kind_of_place("POND", "EXT")
    ('room', 'street', 'water')
    """
    inside = int_ext.upper().startswith("INT") and "EXT" not in int_ext.upper()
    text = set_name.casefold()
    words = {w.strip(".,'’-/()") for w in text.replace("/", " ").replace("-", " ").split()}
    found = {
        kind
        for kind, known in _WORDS.items()
        if any(w in words or (not w.isascii() and len(w) <= 2 and w in text) for w in known)
    }
    for kind in ("car", "corridor") if inside else ("roof", "water", "street", "house", "country"):
        if kind in found:
            return kind  # type: ignore[return-value]
    return "room" if inside else "street" if not found else "country"


def build_block(set_name: str, int_ext: str = "EXT") -> Block:
    """Return the set block for a place."""
    kind = kind_of_place(set_name, int_ext)
    seed = int.from_bytes(sha256(set_name.casefold().encode()).digest()[:4], "big")
    rng = np.random.default_rng([seed, 77])
    makers = {
        "room": _room, "corridor": _corridor, "car": _car, "street": _street, "house": _house, "country": _country,
        "roof": _roof, "water": _water,
    }  # fmt: skip
    parts, ground = makers[kind](rng, set_name.casefold())
    stage = Stage(parts=tuple(parts), materials=_MATERIALS, ground=ground)
    if kind in ("street", "house"):
        stage = join([stage, _parked(rng, kind)])
    return Block(kind=kind, stage=stage, inside=kind in ("room", "corridor", "car"))


def _put(mesh: Mesh, x: float = 0.0, z: float = 0.0, *, turn: float = 0.0, y: float = 0.0) -> Part:
    return Part(mesh=mesh, transform=translation(x, y, z) @ rotation("y", turn))


def _boxes(path: str, material: str, rows: Sequence[tuple[float, float, float, float, float, float]]) -> Mesh:
    """Return one mesh of boxes, each x, y, z of its foot and width, height, depth."""
    return merge(path, [box(path, (w, h, d), material, at=(x, y, z)) for x, y, z, w, h, d in rows])


def _wall(
    path: str, width: float, height: float, material: str, hole: tuple[float, float, float, float] | None
) -> list[Mesh]:
    """Return a wild wall along X at z = 0 that faces +Z, with an opening x, y, width, height."""
    xs, ys = [-width / 2, width / 2], [0.0, height]
    if hole:
        x, y, w, h = hole
        xs, ys = [-width / 2, x - w / 2, x + w / 2, width / 2], [0.0, y, y + h, height] if y > 0 else [0.0, h, height]
    points, faces = [], []
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


def _window(path: str, w: float, h: float, y: float) -> list[Mesh]:
    """Return a window in a wall at z = 0: frame, bars, a pale pane behind, a sill."""
    f = 0.07
    bars = [(-w / 2, y, 0, f, h, 0.12), (w / 2, y, 0, f, h, 0.12), (0, y, 0, f * 0.7, h, 0.08)]
    bars += [(0, y + h - f, 0, w, f, 0.12), (0, y, 0, w, f, 0.12), (0, y + h * 0.6, 0, w, f * 0.6, 0.08)]
    pane = mesh_of(
        f"{path}/pane", [(-w / 2, y, -0.03), (w / 2, y, -0.03), (w / 2, y + h, -0.03), (-w / 2, y + h, -0.03)],
        [(0, 1, 2), (0, 2, 3)], "block_light",
    )  # fmt: skip
    sill = box(f"{path}/sill", (w + 0.24, 0.05, 0.24), "block_trim", at=(0, y - 0.05, 0.06))
    return [_wild(_boxes(f"{path}/frame", "block_trim", bars)), _wild(pane), _wild(sill)]


def _door(path: str, w: float = 0.9, h: float = 2.05) -> list[Mesh]:
    frame = [(-w / 2 - 0.06, 0, 0, 0.12, h, 0.12), (w / 2 + 0.06, 0, 0, 0.12, h, 0.12), (0, h, 0, w + 0.24, 0.12, 0.12)]
    panels = [(x, y, 0.025, w * 0.34, ph, 0.03) for x in (-w * 0.22, w * 0.22) for y, ph in ((0.18, 0.75), (1.1, 0.78))]
    knob = ellipsoid(f"{path}/knob", (0.035, 0.035, 0.05), "block_metal", at=(w * 0.4, 1.0, 0.06))
    leaf = box(f"{path}/leaf", (w, h, 0.04), "block_wood", at=(0, 0, 0))
    return [
        _wild(_boxes(f"{path}/frame", "block_trim", frame)), _wild(leaf),
        _wild(_boxes(f"{path}/panels", "block_wood", panels)), _wild(knob),
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
            opening = _door(f"room/door_{name}")
        else:
            opening = _window(f"room/window_{name}", min(1.7, length * 0.35), 1.35, 0.95)
        parts += [Part(mesh=m, transform=wall @ translation(at, 0, 0.005)) for m in opening]
        if rng.random() < 0.7 and abs(at) > 0.1:
            frame = box(f"room/picture_{name}", (0.7, 0.5, 0.03), "block_dark", at=(-at * 1.2, 1.45, 0.02))
            inner = box(f"room/picture_inner_{name}", (0.58, 0.38, 0.034), "block_light", at=(-at * 1.2, 1.51, 0.024))
            parts += [Part(mesh=_wild(m), transform=wall) for m in (frame, inner)]
    return parts


def _table(path: str, w: float, d: float, h: float) -> list[Mesh]:
    legs = [(sx * (w / 2 - 0.06), 0, sz * (d / 2 - 0.06), 0.06, h - 0.04, 0.06) for sx in (-1, 1) for sz in (-1, 1)]
    return [
        box(f"{path}/top", (w, 0.04, d), "block_wood", at=(0, h - 0.04, 0)),
        _boxes(f"{path}/legs", "block_wood", legs),
    ]


def _chair(path: str) -> list[Mesh]:
    legs = [(sx * 0.2, 0, sz * 0.2, 0.04, 0.45, 0.04) for sx in (-1, 1) for sz in (-1, 1)]
    back = [(sx * 0.2, 0.45, -0.2, 0.04, 0.5, 0.04) for sx in (-1, 1)] + [(0, 0.78, -0.2, 0.4, 0.14, 0.03)]
    return [
        box(f"{path}/seat", (0.46, 0.04, 0.46), "block_wood", at=(0, 0.44, 0)),
        _boxes(f"{path}/frame", "block_wood", legs + back),
    ]


def _sofa(path: str) -> list[Mesh]:
    return [
        _boxes(f"{path}/base", "block_cloth", [(0, 0.06, 0, 2.0, 0.24, 0.86)]),
        _boxes(
            f"{path}/seats", "block_cloth", [(-0.45, 0.3, 0.05, 0.86, 0.16, 0.72), (0.45, 0.3, 0.05, 0.86, 0.16, 0.72)]
        ),
        _boxes(f"{path}/back", "block_cloth", [(0, 0.3, -0.35, 1.9, 0.55, 0.2)]),
        _boxes(f"{path}/arms", "block_cloth", [(-0.98, 0.06, 0, 0.2, 0.56, 0.88), (0.98, 0.06, 0, 0.2, 0.56, 0.88)]),
    ]


def _shelves(path: str, rng: np.random.Generator) -> list[Mesh]:
    rows = [(-0.5, 0, 0, 0.04, 2.0, 0.3), (0.5, 0, 0, 0.04, 2.0, 0.3), (0, 0, -0.14, 1.0, 2.0, 0.02)]
    rows += [(0, y, 0, 1.0, 0.03, 0.3) for y in (0.06, 0.45, 0.85, 1.25, 1.65, 1.98)]
    books = []
    for y in (0.48, 0.88, 1.28, 1.68):
        x = -0.46
        while x < 0.3:
            w, h = float(rng.uniform(0.03, 0.07)), float(rng.uniform(0.2, 0.3))
            books.append((x + w / 2, y, 0.0, w * 0.9, h, 0.22))
            x += w
    return [_boxes(f"{path}/frame", "block_wood", rows), _boxes(f"{path}/books", "block_cloth", books)]


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
        _boxes(f"{path}/doors", "block_light", doors),
        box(f"{path}/top", (2.86, 0.04, 0.64), "block_dark", at=(0, 0.88, 0.01)),
        _boxes(
            f"{path}/cupboards",
            "block_light",
            [(-0.72, 1.5, -0.12, 1.36, 0.7, 0.34), (0.72, 1.5, -0.12, 1.36, 0.7, 0.34)],
        ),
        cylinder(f"{path}/pot", 0.12, 0.16, "block_metal", at=(0.7, 0.92, 0.05)),
    ]


def _room(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    width, depth, height = float(rng.uniform(6.6, 8.2)), float(rng.uniform(5.6, 6.8)), float(rng.uniform(2.75, 3.1))
    parts = _room_shell(width, depth, height, rng)
    back, side = -depth / 2, width / 2

    def add(meshes: list[Mesh], x: float, z: float, turn: float = 0.0) -> None:
        parts.extend(_put(m, x, z, turn=turn) for m in meshes)

    has = lambda *words: any(w in name for w in words)  # noqa: E731
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


def _corridor(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
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
                for m in _door(f"corridor/door_{k + 1}")
            ]
    end = translation(0, 0, -15.0)
    parts += [Part(mesh=m, transform=end) for m in _wall("corridor/end", wide, high, "block_wall", None)]
    parts += [
        Part(mesh=m, transform=end @ translation(0, 0, 0.01)) for m in _window("corridor/end_window", 1.2, 1.4, 0.95)
    ]
    ceiling = mesh_of(
        "corridor/ceiling", [(-wide / 2, high, 7), (-wide / 2, high, -15), (wide / 2, high, -15), (wide / 2, high, 7)],
        [(0, 2, 1), (0, 3, 2)], "block_light",
    )  # fmt: skip
    parts.append(Part(mesh=_wild(ceiling)))
    lamps = [(0.0, high - 0.06, -12.0 + 3.4 * k, 0.3, 0.05, 1.2) for k in range(6)]
    parts.append(Part(mesh=_wild(_boxes("corridor/lamps", "block_trim", lamps))))
    return parts, "block_floor"


def _car(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
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
            _put(box(f"car/door_{side}", (0.07, 0.62, 1.9), "block_dark"), s * 0.78, 0.1, y=0.1),
            _put(box(f"car/sill_{side}", (0.1, 0.05, 1.9), "block_trim"), s * 0.77, 0.1, y=0.72),
        ]
        post = cylinder(f"car/pillar_{side}", 0.035, 0.82, "block_dark", sides=10)
        parts.append(Part(mesh=post, transform=translation(s * 0.74, 0.76, 1.0) @ rotation("x", -46)))
        rear = cylinder(f"car/post_{side}", 0.04, 0.6, "block_dark", sides=10)
        parts.append(Part(mesh=rear, transform=translation(s * 0.72, 0.76, -0.35)))
        roof = box(f"car/rail_{side}", (0.06, 0.05, 1.2), "block_dark")
        parts.append(_put(roof, s * 0.68, -0.1, y=1.33))
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
    parts.append(_put(box("car/header", (1.4, 0.05, 0.06), "block_dark"), 0, 0.45, y=1.33))
    parts.append(_put(box("car/mirror", (0.22, 0.06, 0.03), "block_dark"), 0, 0.5, y=1.22))
    parts.append(_put(box("car/rear_seat", (1.3, 0.62, 0.16), "block_cloth"), 0, -1.1, y=0.2))
    parts.append(_put(box("car/rear_header", (1.3, 0.05, 0.05), "block_dark"), 0, -0.7, y=1.33))
    return parts, "block_road"


def _facade(path: str, width: float, floors: int, rng: np.random.Generator) -> list[Mesh]:
    """Return a building whose front lies at z = 0 and faces +Z, from x = -width/2."""
    ground_h, storey = float(rng.uniform(3.8, 4.4)), float(rng.uniform(3.0, 3.4))
    height = ground_h + storey * (floors - 1)
    wall = ("block_facade", "block_facade_2", "block_wall")[int(rng.integers(0, 3))]
    body = box(f"{path}/body", (width, height, 12.0), wall, at=(0, 0, -6.0))
    cornice = _boxes(
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
        _boxes(f"{path}/windows", "block_glass", panes),
        _boxes(f"{path}/sills", "block_trim", sills),
    ]
    if rails:
        meshes.append(_boxes(f"{path}/rails", "block_metal", rails))
    shops = [
        (-width / 2 + step * (b + 0.5), 0.5 if b % 3 else 0.05, 0.0, step * 0.72, 2.4 if b % 3 else 2.85, 0.08)
        for b in range(bays)
    ]
    meshes.append(_boxes(f"{path}/shopfronts", "block_glass", shops))
    posts = [(-width / 2 + step * b, 0.0, 0.05, 0.3, ground_h - 0.2, 0.26) for b in range(bays + 1)]
    meshes.append(_boxes(f"{path}/posts", wall, posts))
    meshes.append(_boxes(f"{path}/sign", "block_trim", [(0, ground_h - 0.85, 0.16, width * 0.8, 0.5, 0.12)]))
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


def _street(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    half, walk = 6.2, 3.2
    parts: list[Part] = []
    for s in (-1.0, 1.0):
        z, n = 26.0, 0
        while z > -70.0:
            width = float(rng.uniform(9.0, 15.0))
            middle = z - width / 2
            meshes = _facade(f"street/{'left' if s < 0 else 'right'}_{n:02d}", width, int(rng.integers(3, 7)), rng)
            parts += [_put(m, s * (half + walk), middle, turn=90.0 if s < 0 else -90.0) for m in meshes]
            z -= width
            n += 1
        kerb = box(
            "street/pavement", (walk + 0.4, 0.14, 110.0), "block_pavement", at=(s * (half + walk / 2 + 0.2), 0, -22)
        )
        parts.append(Part(mesh=kerb))
        for k in range(7):
            at = 12.0 - 14.0 * k + (4.0 if s > 0 else 0.0)
            parts += [
                _put(m, s * (half + 0.5), at, y=0.14, turn=0.0 if s < 0 else 180.0) for m in _lamp_post("street/lamp")
            ]
            if k % 2 == 0 and abs(at - 7) > 6:
                parts += [
                    _put(m, s * (half + 0.9), at - 6.0, y=0.14)
                    for m in _tree("street/tree", float(rng.uniform(5, 6.5)), rng)
                ]
    lines = [(0.0, 0.004, 20.0 - 6.0 * k, 0.14, 0.004, 2.6) for k in range(16)]
    parts.append(Part(mesh=_boxes("street/line", "block_light", lines)))
    return parts, "block_road"


def _parked(rng: np.random.Generator, kind: str) -> Stage:
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


def _house(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    w, d, h = float(rng.uniform(9, 11)), 8.0, float(rng.uniform(3.0, 3.4))
    at = -8.5
    parts: list[Part] = [_put(box("house/walls", (w, h, d), "block_wall"), 0, at - d / 2)]
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
        parts += [_put(m, x, at + 0.02) for m in _window("house/window", 1.5, 1.3, 0.95)]
    parts += [_put(m, 0, at + 0.02) for m in _door("house/door")]
    deck = [(0, 0, at + 1.0, 4.6, 0.3, 2.0), (0, 0, at + 2.2, 1.8, 0.15, 0.5)]
    posts = [(x, 0.3, at + 1.9, 0.14, 2.4, 0.14) for x in (-2.2, -0.9, 0.9, 2.2)]
    parts.append(Part(mesh=_boxes("house/porch", "block_wood", deck)))
    parts.append(Part(mesh=_boxes("house/posts", "block_trim", posts)))
    parts.append(Part(mesh=box("house/porch_roof", (5.0, 0.14, 2.4), "block_facade_2", at=(0, 2.7, at + 1.0))))
    parts.append(
        Part(mesh=box("house/chimney", (0.8, 1.9, 0.8), "block_facade", at=(w * 0.3, h + 1.2, at - d / 2 - 0.6)))
    )
    fence = [(x * 0.4, 0.1, -6.2, 0.1, 0.95, 0.03) for x in range(-34, 35) if abs(x * 0.4) > 1.6]
    fence += [(s * 7.7, y, -6.17, 12.2, 0.07, 0.05) for s in (-1, 1) for y in (0.3, 0.8)]
    parts.append(Part(mesh=_boxes("house/fence", "block_light", fence)))
    parts.append(Part(mesh=box("house/path", (1.4, 0.02, 9.0), "block_pavement", at=(0, 0, at + 4.4))))
    for x, z in ((-9.5, -9.0), (10.5, -12.0), (-13.0, -16.0), (6.0, -20.0)):
        parts += [_put(m, x, z) for m in _tree("house/tree", float(rng.uniform(5.5, 8.0)), rng)]
    return parts, "block_grass"


def _country(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    parts: list[Part] = []
    dense = any(w in name for w in ("forest", "wood", "лес", "森", "bosque", "swamp"))
    for k in range(34 if dense else 14):
        a = float(rng.uniform(0, 2 * np.pi))
        r = float(rng.uniform(6.5, 30.0 if dense else 55.0))
        parts += [
            _put(m, r * np.cos(a), r * np.sin(a)) for m in _tree(f"country/tree_{k:02d}", float(rng.uniform(5, 9)), rng)
        ]
    for k in range(7):
        a = k * 0.95 + float(rng.uniform(0, 0.5))
        hill = ellipsoid(
            f"country/hill_{k}", (float(rng.uniform(60, 110)), float(rng.uniform(9, 24)), 50.0), "block_grass", sides=32
        )
        parts.append(_put(hill, 170 * np.cos(a), 170 * np.sin(a), y=-2.0))
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
    posts = [(-16 + 2.4 * k, 0, -7.5, 0.12, 1.2, 0.12) for k in range(14)]
    rails = [(0, y, -7.5, 32.0, 0.09, 0.05) for y in (0.5, 0.95)]
    if not dense:
        parts.append(Part(mesh=_boxes("country/fence", "block_wood", posts + rails)))
    return parts, "block_grass"


def _water(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    parts, _ = _country(rng, name)
    kept = [p for p in parts if "fence" not in p.mesh.path and (p.transform[2, 3] > -4.5 or "hill" in p.mesh.path)]
    kept.append(Part(mesh=box("water/surface", (400.0, 0.02, 110.0), "block_water", at=(0, 0, -61.0))))
    planks = [(0.0, 0.35, -4.0 - 0.3 * k, 2.0, 0.06, 0.27) for k in range(24)]
    piles = [(s * 0.9, 0.0, -4.5 - 2.2 * k, 0.2, 0.9, 0.2) for s in (-1, 1) for k in range(4)]
    kept.append(Part(mesh=_boxes("water/pier", "block_wood", planks + piles)))
    return kept, "block_grass"


def _roof(rng: np.random.Generator, name: str) -> tuple[list[Part], str]:
    parts = [Part(mesh=_boxes("roof/parapet", "block_facade", [
        (0, 0, -6.0, 18.0, 1.0, 0.3), (-9.0, 0, 0, 0.3, 1.0, 12.3), (9.0, 0, 0, 0.3, 1.0, 12.3), (0, 0, 6.0, 18.0,
        1.0, 0.3),
    ]))]  # fmt: skip
    parts.append(Part(mesh=box("roof/stair_house", (3.2, 2.6, 2.8), "block_wall", at=(-5.4, 0, -3.6))))
    parts += [_put(m, -5.4, -2.18) for m in _door("roof/door")]
    parts.append(_put(cylinder("roof/tank", 1.1, 2.0, "block_wood", sides=24), 5.2, -3.4, y=1.2))
    parts.append(_put(cylinder("roof/tank_top", 1.2, 0.6, "block_wood", radius_top=0.05, sides=24), 5.2, -3.4, y=3.2))
    legs = [(5.2 + sx * 0.7, 0, -3.4 + sz * 0.7, 0.12, 1.2, 0.12) for sx in (-1, 1) for sz in (-1, 1)]
    parts.append(Part(mesh=_boxes("roof/tank_legs", "block_metal", legs)))
    parts.append(
        Part(mesh=_boxes("roof/vents", "block_metal", [(2.0, 0, -4.6, 0.6, 0.7, 0.6), (3.2, 0, 2.6, 0.5, 0.9, 0.5)]))
    )
    for k in range(26):
        x, z = float(rng.uniform(-90, 90)), float(rng.uniform(-130, -24))
        w, h = float(rng.uniform(9, 18)), float(rng.uniform(-6, 26))
        if h > 1:
            parts.append(_put(box(f"roof/city_{k:02d}", (w, h, w * 0.8), "block_facade"), x, z))
            rows = [
                (x + (i - 1.5) * w * 0.22, y, z + w * 0.4, w * 0.1, 1.4, 0.1)
                for i in range(4)
                for y in np.arange(1.0, h - 1.5, 3.2)
            ]
            if rows:
                parts.append(Part(mesh=_boxes(f"roof/city_{k:02d}_windows", "block_glass", rows)))
    return parts, "block_pavement"


def as_set(block: Block, *, yaw_deg: float = 0.0) -> Stage:
    """Return a block's stage turned about the action, for staging at an angle to the line."""
    return move(block.stage, rotation("y", yaw_deg))
