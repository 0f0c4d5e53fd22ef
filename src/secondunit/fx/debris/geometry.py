"""Pieces and crumbs in one soup of triangles, with what each face is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.core.layout import Layout
from secondunit.fx.debris.shading import CRUMB, Faces
from secondunit.fx.debris.small_debris import CHUNK, SmallDebris
from secondunit.fx.fracture.pieces import KINDS, Pieces

SQUARE = 0.9999
"""Cosine beyond which a face is square to its building."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Geometry:
    """Pieces, then crumbs, as one soup of triangles."""

    vertices: Floats
    vertex_body: Ints
    triangles: Ints
    faces: Faces
    radius: Floats
    """(B,) metres."""
    crumbs: NDArray[np.intp]
    """Rows of the small debris that have a body."""


def assemble(pieces: Pieces, small: SmallDebris, layout: Layout) -> Geometry:
    """Put pieces and the crumbs that are large enough for a body in one soup."""
    crumbs = np.nonzero(small.group == CHUNK)[0]
    shapes, hull = _crumb_shapes()
    size = small.size_m[crumbs]
    own = shapes[np.arange(len(crumbs)) % len(shapes)] * size[:, None, None]
    corners = own.reshape(-1, 3).astype(np.float32)
    first = len(pieces.vertices) + np.arange(len(crumbs), dtype=np.int32) * 8
    triangles = np.concatenate([pieces.faces, (hull[None] + first[:, None, None]).reshape(-1, 3)]).astype(np.int32)
    vertices = np.concatenate([pieces.vertices, corners]).astype(np.float32)
    count = len(pieces)
    vertex_body = np.repeat(np.arange(count), np.diff(pieces.vertex_start))
    face_body = np.repeat(np.arange(count), np.diff(pieces.face_start)).astype(np.int32)
    ones = count + np.arange(len(crumbs))
    centre = np.concatenate([pieces.centre, np.zeros((len(crumbs), 3))]).astype(np.float32)
    normal = _normals(vertices, triangles)
    crack, crack_start = _cracks(pieces, normal, layout)
    faces = Faces(
        normal=normal,
        body=np.concatenate([face_body, np.repeat(ones, len(hull))]).astype(np.int32),
        broken=np.concatenate([~pieces.face_outer, np.ones(len(crumbs) * len(hull), np.bool_)]),
        shell=np.concatenate(
            [_shell(pieces, normal[: len(pieces.faces)], face_body, layout), np.full(len(crumbs) * len(hull), -1)]
        ).astype(np.int32),
        side=np.concatenate(
            [_sides(pieces, normal[: len(pieces.faces)], face_body, layout), np.full(len(crumbs) * len(hull), -2)]
        ).astype(np.int32),
        centre=centre,
        material=np.concatenate([pieces.material, np.zeros(len(crumbs))]).astype(np.int32),
        kind=np.concatenate([pieces.kind, np.full(len(crumbs), CRUMB)]).astype(np.int32),
        number=np.concatenate([np.arange(count), small.piece[crumbs]]).astype(np.int32) + np.int32(1),
        crack=crack,
        crack_start=np.append(crack_start, np.full(len(crumbs), crack_start[-1])).astype(np.int32),
        albedo=np.concatenate([np.zeros((count, 3)), small.albedo[crumbs]]).astype(np.float32),
    )
    return Geometry(
        vertices=vertices,
        vertex_body=np.concatenate([vertex_body, np.repeat(ones, 8)]).astype(np.int32),
        triangles=triangles,
        faces=faces,
        radius=np.concatenate([0.8 * np.cbrt(pieces.volume_m3), 0.5 * size]).astype(np.float32),
        crumbs=crumbs,
    )


def _sides(pieces: Pieces, normal: Floats, face_body: Ints, layout: Layout) -> Ints:
    """Return (F,) a number for the flat side of its box that a face of a piece belongs to."""
    box = pieces.box[face_body]
    axes = np.array([(b.along, (0.0, 1.0, 0.0), b.inward) for b in layout.falling])
    facing = np.einsum("fij,fj->fi", axes[box], normal)
    side = np.abs(facing).argmax(axis=1)
    sign = np.take_along_axis(facing, side[:, None], axis=1)[:, 0] > 0
    return np.asarray(box * 6 + side * 2 + sign, dtype=np.int32)


def _normals(vertices: Floats, triangles: Ints) -> Floats:
    a, b, c = (vertices[triangles[:, k]].astype(np.float64) for k in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    return np.asarray(normal / np.maximum(length, 1e-12), dtype=np.float32)


def _cracks(pieces: Pieces, normal: Floats, layout: Layout) -> tuple[Floats, Ints]:
    """Return (K, 4) planes that pieces broke along, normal and offset, and (P + 1,) where each piece's begin.

    Where members meet square to their building, nothing has broken: chips along those joints would draw them as a grid.
    """
    axes = np.array([(b.along, (0.0, 1.0, 0.0), b.inward) for b in layout.falling])
    planes, start = [], [0]
    point = pieces.vertices[pieces.faces[:, 0]]
    offset = (normal[: len(pieces.faces)] * point).sum(axis=1)
    every = np.concatenate([normal[: len(pieces.faces)], offset[:, None]], axis=1)
    for p in range(len(pieces)):
        mine = slice(pieces.face_start[p], pieces.face_start[p + 1])
        broken = every[mine][~pieces.face_outer[mine]]
        broken = broken[np.abs(broken[:, :3] @ axes[pieces.box[p]].T).max(axis=1) < SQUARE]
        _, first = np.unique(np.round(broken, 2), axis=0, return_index=True)
        planes.append(broken[np.sort(first)])
        start.append(start[-1] + len(first))
    return np.ascontiguousarray(np.concatenate(planes), np.float32), np.array(start, np.int32)


def _shell(pieces: Pieces, normal: Floats, face_body: Ints, layout: Layout) -> Ints:
    """Return (F,) the box on whose upright outside a face lies, -1 for none."""
    middle = pieces.vertices[pieces.faces].mean(axis=1)
    shell = np.full(len(normal), -1, np.int32)
    walls = np.isin(pieces.kind, [KINDS.index(k) for k in ("facade", "slab", "column", "canopy", "roof")])
    for index, box in enumerate(layout.falling):
        along, inward = np.array(box.along), np.array(box.inward)
        local = middle - np.array(box.corner_m)
        s, q = local @ along, local @ inward
        outward = [(normal @ -inward, q), (normal @ along, box.width_m - s)]
        outward += [(normal @ inward, box.depth_m - q), (normal @ -along, s)]
        mine = (pieces.box[face_body] == index) & pieces.face_outer & walls[face_body]
        for facing, behind in outward:
            shell[mine & (facing > 0.9) & (behind < 0.5)] = index
    return shell


def _crumb_shapes() -> tuple[Floats, Ints]:
    """Return (K, 8, 3) jagged lumps about one unit across and the (12, 3) triangles they share."""
    rng = np.random.default_rng(8)
    cube = np.array([[(i & 1) - 0.5, (i >> 1 & 1) - 0.5, (i >> 2) - 0.5] for i in range(8)])
    shapes = cube * rng.uniform(0.55, 1.0, (12, 1, 3)) + rng.uniform(-0.17, 0.17, (12, 8, 3))
    quads = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
    hull = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return shapes.astype(np.float32), np.array(hull, np.int32)
