"""A stage: named triangle meshes with plain materials, placed in metres, Y up, right-handed."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondunit.core.errors import BriefError

RGB = tuple[float, float, float]
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Matrix = NDArray[np.float64]
"""(4, 4) column-vector transform: world = matrix @ (x, y, z, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """How a surface takes light, in plain words."""

    name: str
    base_color: RGB = (0.5, 0.5, 0.5)
    """ACEScg albedo, 0 to 1."""
    roughness: float = 0.8
    metallic: float = 0.0
    glass: bool = False
    """Dark and mirroring the sky from outside; still opaque to the renderer's visibility."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mesh:
    """Triangles of one material under one semantic name."""

    path: str
    """What it is, from the whole to the part: ``building/ground_floor/shop_01/window``."""
    points: Floats
    """(n, 3) metres."""
    triangles: Ints
    """(m, 3) anticlockwise seen from outside."""
    material: str
    """Name of a `Material` of the stage."""
    uv: Floats | None = None
    """(n, 2) or None."""
    normals: Floats | None = None
    """(n, 3) unit normals for a round surface; None shades each triangle flat."""
    wild: bool = False
    """A wild wall, taken out for the camera: unseen from behind, and it casts no shadow."""

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or self.points.shape[1] != 3 or not np.isfinite(self.points).all():
            raise BriefError(f"{self.path}: points must be (n, 3) finite numbers, not {self.points.shape}")
        if self.triangles.ndim != 2 or self.triangles.shape[1] != 3:
            raise BriefError(f"{self.path}: triangles must be (m, 3), not {self.triangles.shape}")
        if self.triangles.size and not 0 <= int(self.triangles.min()) <= int(self.triangles.max()) < len(self.points):
            raise BriefError(f"{self.path}: a triangle names a point that is not there")


def identity() -> Matrix:
    """Return the (4, 4) transform that moves nothing."""
    return np.eye(4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A mesh in its place."""

    mesh: Mesh
    transform: Matrix = field(default_factory=identity)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """Everything a camera can see."""

    parts: tuple[Part, ...]
    materials: tuple[Material, ...]
    ground: str | None = None
    """Material of the endless plane y = 0, or None for no ground."""

    def __post_init__(self) -> None:
        names = {m.name for m in self.materials}
        if len(names) != len(self.materials):
            raise BriefError("two materials of a stage share a name", fix="give each its own")
        for wanted in {p.mesh.material for p in self.parts} | ({self.ground} if self.ground else set()):
            if wanted not in names:
                raise BriefError(f"a stage has no material {wanted!r}", fix=f"use one of {', '.join(sorted(names))}")

    @property
    def triangle_count(self) -> int:
        """Triangles of all parts."""
        return sum(len(p.mesh.triangles) for p in self.parts)

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the lowest and highest corner (3,) of all parts in metres; zeros where there are none."""
        corners = [placed(p.mesh.points, p.transform) for p in self.parts if len(p.mesh.points)]
        if not corners:
            return np.zeros(3), np.zeros(3)
        return np.min([c.min(axis=0) for c in corners], axis=0), np.max([c.max(axis=0) for c in corners], axis=0)


def placed(points: ArrayLike, transform: Matrix) -> NDArray[np.float64]:
    """Return (n, 3) points moved by a transform."""
    return np.asarray(np.asarray(points, np.float64) @ transform[:3, :3].T + transform[:3, 3])


def translation(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Matrix:
    """Return the transform that moves by metres."""
    matrix = np.eye(4)
    matrix[:3, 3] = (x, y, z)
    return matrix


def scaling(x: float, y: float | None = None, z: float | None = None) -> Matrix:
    """Return the transform that scales; one number scales all axes."""
    return np.diag([x, x if y is None else y, x if z is None else z, 1.0])


def rotation(axis: str, degrees: float) -> Matrix:
    """Return the right-handed turn about ``x``, ``y`` or ``z``.

    >>> bool(np.allclose(rotation("y", 90)[:3, :3] @ [1, 0, 0], [0, 0, -1]))
    True
    """
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(4)
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = -s, s
    return matrix


def join(stages: Iterable[Stage]) -> Stage:
    """Return one stage of several. Of materials that share a name the first stands; so does the first ground."""
    parts: list[Part] = []
    materials: dict[str, Material] = {}
    ground = None
    for stage in stages:
        parts += stage.parts
        for material in stage.materials:
            materials.setdefault(material.name, material)
        ground = ground or stage.ground
    return Stage(parts=tuple(parts), materials=tuple(materials.values()), ground=ground)


def move(stage: Stage, transform: Matrix) -> Stage:
    """Return a stage with every part moved by one transform."""
    parts = tuple(Part(mesh=p.mesh, transform=transform @ p.transform) for p in stage.parts)
    return Stage(parts=parts, materials=stage.materials, ground=stage.ground)


def mesh_of(path: str, points: ArrayLike, triangles: ArrayLike, material: str, *, smooth: bool = False) -> Mesh:
    """Return a mesh from anything array-like; ``smooth`` gives it area-weighted vertex normals."""
    p = np.ascontiguousarray(points, dtype=np.float32).reshape(-1, 3)
    t = np.ascontiguousarray(triangles, dtype=np.int32).reshape(-1, 3)
    return Mesh(path=path, points=p, triangles=t, material=material, normals=vertex_normals(p, t) if smooth else None)


def vertex_normals(points: Floats, triangles: Ints) -> Floats:
    """Return (n, 3) area-weighted unit normals."""
    a, b, c = (points[triangles[:, k]].astype(np.float64) for k in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros((len(points), 3))
    for k in range(3):
        np.add.at(total, triangles[:, k], face)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.where(length > 0, length, 1.0), np.float32)


_CORNERS = [(x, y, z) for z in (-0.5, 0.5) for y in (0.0, 1.0) for x in (-0.5, 0.5)]
_BOX_QUADS = [(4, 5, 7, 6), (1, 0, 2, 3), (5, 1, 3, 7), (0, 4, 6, 2), (6, 7, 3, 2), (0, 1, 5, 4)]


def box(path: str, size: Sequence[float], material: str, *, at: Sequence[float] = (0.0, 0.0, 0.0)) -> Mesh:
    """Return an axis-aligned box.

    Parameters
    ----------
    size
        Width (x), height (y), depth (z) in metres.
    at
        Middle of its foot: it stands on ``y = at[1]``.
    """
    points = np.array(_CORNERS) * np.asarray(size, np.float64) + np.asarray(at, np.float64)
    return mesh_of(path, points, quads(_BOX_QUADS), material)


def quads(corners: Iterable[Sequence[int]]) -> Ints:
    """Return (2m, 3) triangles of quads given by four point numbers each."""
    return np.array([t for a, b, c, d in corners for t in ((a, b, c), (a, c, d))], np.int32).reshape(-1, 3)


def cylinder(
    path: str,
    radius: float,
    height: float,
    material: str,
    *,
    radius_top: float | None = None,
    sides: int = 16,
    at: Sequence[float] = (0.0, 0.0, 0.0),
    capped: bool = True,
) -> Mesh:
    """Return an upright cylinder, or a cone's frustum with another ``radius_top``, standing on ``y = at[1]``."""
    top = radius if radius_top is None else radius_top
    turn = np.arange(sides) * (2 * math.pi / sides)
    ring = np.stack([np.cos(turn), np.zeros(sides), -np.sin(turn)], axis=1)
    wall = np.concatenate([ring * radius, ring * top + (0, height, 0)])
    slope = np.tile(ring, (2, 1)) + np.array([0.0, (radius - top) / max(height, 1e-9), 0.0])
    normals = [slope / np.linalg.norm(slope, axis=1, keepdims=True)]
    points = [wall]
    i, j = np.arange(sides), (np.arange(sides) + 1) % sides
    triangles = [np.stack([i, j, j + sides], axis=1), np.stack([i, j + sides, i + sides], axis=1)]
    if capped:
        first = 2 * sides
        for y, r, up in ((0.0, radius, -1.0), (height, top, 1.0)):
            points.append(np.concatenate([ring * r + (0, y, 0), [(0, y, 0)]]))
            normals.append(np.tile((0.0, up, 0.0), (sides + 1, 1)))
            a, b = (i, j) if up > 0 else (j, i)
            triangles.append(np.stack([a, b, np.full(sides, sides)], axis=1) + first)
            first += sides + 1
    return Mesh(
        path=path,
        points=np.asarray(np.concatenate(points) + np.asarray(at), np.float32),
        triangles=np.asarray(np.concatenate(triangles), np.int32),
        material=material,
        normals=np.asarray(np.concatenate(normals), np.float32),
    )


def ellipsoid(
    path: str, radii: Sequence[float], material: str, *, sides: int = 16, at: Sequence[float] = (0.0, 0.0, 0.0)
) -> Mesh:
    """Return an ellipsoid about its middle ``at`` with radii x, y, z in metres."""
    rings = max(3, sides // 2)
    lat = np.linspace(-math.pi / 2, math.pi / 2, rings + 1)[1:-1]
    turn = np.arange(sides) * (2 * math.pi / sides)
    unit = np.stack(
        [
            np.outer(np.cos(lat), np.cos(turn)),
            np.outer(np.sin(lat), np.ones(sides)),
            -np.outer(np.cos(lat), np.sin(turn)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    unit = np.concatenate([unit, [(0, -1, 0), (0, 1, 0)]])
    south, north = len(unit) - 2, len(unit) - 1
    i, j = np.arange(sides), (np.arange(sides) + 1) % sides
    triangles = [np.stack([j, i, np.full(sides, south)], axis=1)]
    for r in range(rings - 2):
        a, b = r * sides, (r + 1) * sides
        triangles += [np.stack([a + i, a + j, b + j], axis=1), np.stack([a + i, b + j, b + i], axis=1)]
    last = (rings - 2) * sides
    triangles.append(np.stack([last + i, last + j, np.full(sides, north)], axis=1))
    normals = unit / np.asarray(radii, np.float64)
    return Mesh(
        path=path,
        points=np.asarray(unit * np.asarray(radii) + np.asarray(at), np.float32),
        triangles=np.asarray(np.concatenate(triangles), np.int32),
        material=material,
        normals=np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True), np.float32),
    )


def extrude(path: str, polygon: ArrayLike, height: float, material: str, *, base: float = 0.0) -> Mesh:
    """Return a simple polygon drawn up into a prism with both ends closed.

    Parameters
    ----------
    polygon
        (n, 2) x and z of a plan, in either sense; it may be concave, not cross itself.
    height, base
        Metres; it stands on ``y = base``.
    """
    plan = np.asarray(polygon, np.float64).reshape(-1, 2)
    if _doubled_area(plan) < 0:
        plan = plan[::-1]
    count = len(plan)
    caps = ear_clip(plan)
    low = np.stack([plan[:, 0], np.full(count, base), plan[:, 1]], axis=1)
    high = low + np.array([0.0, height, 0.0])
    i, j = np.arange(count), (np.arange(count) + 1) % count
    # x right and z towards the viewer: an anticlockwise plan (x, z) turns clockwise seen from above.
    wall = np.concatenate([np.stack([j, i, i + count], axis=1), np.stack([j, i + count, j + count], axis=1)])
    triangles = np.concatenate([wall, caps, caps[:, ::-1] + count])
    return mesh_of(path, np.concatenate([low, high]), triangles, material)


def _doubled_area(plan: Matrix) -> float:
    x, y = plan[:, 0], plan[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def ear_clip(polygon: ArrayLike) -> Ints:
    """Return (n - 2, 3) triangles of a simple anticlockwise polygon (n, 2), numbers into it.

    Meisters, "Polygons have ears", American Mathematical Monthly 82 (1975).

    Raises
    ------
    BriefError
        Fewer than three corners, or a polygon that crosses itself.
    """
    plan = np.asarray(polygon, np.float64)
    left = list(range(len(plan)))
    if len(left) < 3:
        raise BriefError("a plan needs three corners", fix="give at least three points")
    out: list[tuple[int, int, int]] = []

    def side(a: int, b: int, c: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = plan[a], plan[b], plan[c]
        return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))

    while len(left) > 3:
        for k in range(len(left)):
            a, b, c = left[k - 1], left[k], left[(k + 1) % len(left)]
            if side(a, b, c) < 0:
                continue
            others = (p for p in left if p not in (a, b, c))
            inside = any(side(a, b, p) >= 0 and side(b, c, p) >= 0 and side(c, a, p) >= 0 for p in others)
            if inside and side(a, b, c) > 1e-12:
                continue
            out.append((a, b, c))
            del left[k]
            break
        else:
            raise BriefError("a plan crosses itself", fix="give its corners in order around it")
    out.append((left[0], left[1], left[2]))
    return np.array(out, np.int32)


def merge(path: str, meshes: Sequence[Mesh], transforms: Sequence[Matrix] | None = None) -> Mesh:
    """Return one mesh of several of one material; a flat-shaded one among round ones keeps its flat faces.

    Raises
    ------
    BriefError
        No mesh, or two materials.
    """
    if not meshes or len({m.material for m in meshes}) > 1:
        raise BriefError(f"{path}: merge needs meshes of one material", fix="merge each material by itself")
    points, triangles, normals, first = [], [], [], 0
    any_round = any(m.normals is not None for m in meshes)
    for number, mesh in enumerate(meshes):
        matrix = transforms[number] if transforms is not None else np.eye(4)
        p, t = placed(mesh.points, matrix), mesh.triangles
        if np.linalg.det(matrix[:3, :3]) < 0:
            t = t[:, ::-1]
        if any_round:
            if mesh.normals is None:
                p, t = p[t].reshape(-1, 3), np.arange(t.size, dtype=np.int32).reshape(-1, 3)
                face = np.cross(p[1::3] - p[::3], p[2::3] - p[::3])
                n = np.repeat(face, 3, axis=0)
            else:
                n = mesh.normals @ np.linalg.inv(matrix[:3, :3])
            normals.append(n / np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-12))
        points.append(p)
        triangles.append(t + first)
        first += len(p)
    return Mesh(
        path=path,
        points=np.asarray(np.concatenate(points), np.float32),
        triangles=np.asarray(np.concatenate(triangles), np.int32),
        material=meshes[0].material,
        normals=np.asarray(np.concatenate(normals), np.float32) if any_round else None,
    )
