"""Break members into closed convex pieces: Voronoi cells of seeds mirrored at the member's own faces."""

from collections.abc import Callable, Sequence

import numpy as np
from manifold3d import Manifold
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from secondunit.core.collapse import Collapse
from secondunit.core.errors import BriefError
from secondunit.core.layout import Box, Layout
from secondunit.fx.fracture.pieces import DENSITY_KG_PER_M3, Pieces
from secondunit.fx.fracture.structure import Member, build_members, kind_index, material_index, to_world
from secondunit.fx.fracture.support import bonds_between

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FRACTURE = 12
_BOX_CORNERS = np.array([[i & 1, i >> 1 & 1, i >> 2] for i in range(8)], dtype=np.float64)
_OUTSIDE_M = 1e-4


def break_building(layout: Layout, collapse: Collapse, *, progress: Callable[[int, int], None] | None = None) -> Pieces:
    """Break every falling box of a layout into about ``collapse.pieces`` pieces.

    Each member (slab, column, panel part, pane) becomes one piece or the cells of a Voronoi diagram whose seeds
    cluster, so that a few pieces are large and many small, as in real rubble. Cells tile their member, so volumes
    add up. ``face_outer`` is set on the outside of the building only: surfaces between members count as broken.

    Raises
    ------
    BriefError
        Nothing in the layout falls, or the number of pieces is out of range.
    """
    if not layout.falling:
        raise BriefError("nothing comes down: the layout has no building", fix='give one [[box]] kind = "building"')
    if not 50 <= collapse.pieces <= 20_000:
        raise BriefError(f"collapse.pieces = {collapse.pieces}", fix="use 50 to 20000")
    members = build_members(layout, collapse)
    rng = np.random.default_rng([collapse.seed, _FRACTURE])
    counts = cells_per_member(members, collapse.pieces, rng)
    meshes: list[tuple[int, Floats, Ints]] = []
    for i, (member, count) in enumerate(zip(members, counts, strict=True)):
        meshes += [(i, *_hull(cell)) for cell in voronoi_cells(member, int(count), rng)]
        if progress is not None and (i % 32 == 31 or i + 1 == len(members)):
            progress(i + 1, len(members))
    return _assemble(layout.falling, members, meshes)


def cells_per_member(members: Sequence[Member], pieces: int, rng: np.random.Generator) -> Ints:
    """Share a number of pieces among members by volume, breakage and luck; at least one each."""
    luck = rng.lognormal(0.0, 0.7, len(members))
    size = np.array([max(m.volume_m3, 1e-6) ** 0.6 for m in members])
    wish = np.array([m.breakage for m in members]) * size * luck
    low, high = 0.0, 4.0 * pieces / max(wish.sum(), 1e-9)
    for _ in range(40):
        middle = 0.5 * (low + high)
        if np.maximum(1, np.floor(middle * wish)).sum() > pieces:
            high = middle
        else:
            low = middle
    return np.asarray(np.maximum(1, np.floor(low * wish)), dtype=np.int64)


def voronoi_cells(member: Member, count: int, rng: np.random.Generator) -> list[Floats]:
    """Return the corner points (n, 3), local, of the ``count`` Voronoi cells of a member.

    Seeds mirrored at the six faces make every cell end exactly at the member's surface. Along directions much
    shorter than the longest the seeds stay near the middle, so that cracks run through, slightly slanted.
    """
    low, size = np.array(member.low), np.array(member.size)
    if count <= 1:
        return [low + _BOX_CORNERS * size]
    seeds = _seeds(size, count, rng)
    mirrored = [seeds]
    for axis in range(3):
        for wall in (0.0, size[axis]):
            copy = seeds.copy()
            copy[:, axis] = 2 * wall - copy[:, axis]
            mirrored.append(copy)
    diagram = Voronoi(np.concatenate(mirrored))
    cells = []
    for i in range(len(seeds)):
        points = diagram.vertices[diagram.regions[diagram.point_region[i]]]
        points = np.clip(points, 0.0, size)
        near_low, near_high = points < 1e-7, points > size - 1e-7
        points = np.where(near_low, 0.0, np.where(near_high, size, points))
        cells.append(low + points)
    return cells


def _seeds(size: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Return seeds, half of them crowded round a few spots."""
    thin = size < 0.25 * size.max()
    free = rng.uniform(0.06, 0.94, (count, 3))
    spots = rng.uniform(0.1, 0.9, (max(1, count // 6), 3))
    crowd = spots[rng.integers(0, len(spots), count)] + rng.normal(0.0, 0.12, (count, 3))
    unit = np.where(rng.random((count, 1)) < 0.5, free, np.clip(crowd, 0.03, 0.97))
    slant = 0.5 + rng.uniform(-0.12, 0.12, (count, 3))
    return np.asarray(np.where(thin, slant, unit) * size)


def _hull(points: Floats) -> tuple[Floats, Ints]:
    """Return the closed convex hull of points: vertices (v, 3) and triangles (f, 3)."""
    mesh = Manifold.hull_points(np.asarray(points - points[0], dtype=np.float64)).to_mesh()
    return np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3] + points[0], np.asarray(mesh.tri_verts, np.int64)


def _outside(local: Floats, faces: Ints, box: Box) -> NDArray[np.bool_]:
    """Return which triangles lie on the outside of a box (its foot counts only where it hangs)."""
    extent = np.array([box.width_m, box.height_m, box.depth_m])
    at_low, at_high = np.abs(local) < _OUTSIDE_M, np.abs(local - extent) < _OUTSIDE_M
    if box.corner_m[1] < 0.05:
        at_low[:, 1] = False
    planes = np.concatenate([at_low, at_high], axis=1)
    return np.asarray(np.any(np.all(planes[faces], axis=1), axis=1))


def _assemble(boxes: tuple[Box, ...], members: Sequence[Member], meshes: Sequence[tuple[int, Floats, Ints]]) -> Pieces:
    vertices, faces, outer, centres, volumes = [], [], [], [], []
    start = 0
    for i, local, triangles in meshes:
        box = boxes[members[i].box]
        corners = to_world(box, local)
        middle = corners.mean(axis=0)
        a, b, c = (corners[triangles[:, k]] for k in range(3))
        inside_out = np.einsum("ij,ij->i", np.cross(b - a, c - a), a - middle) < 0
        triangles = np.where(inside_out[:, None], triangles[:, ::-1], triangles)
        a, b, c = (corners[triangles[:, k]] - middle for k in range(3))
        parts = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0
        volumes.append(parts.sum())
        centres.append(middle + (parts[:, None] * (a + b + c)).sum(axis=0) / 4.0 / parts.sum())
        outer.append(_outside(local, triangles, box))
        vertices.append(corners)
        faces.append(triangles + start)
        start += len(corners)
    owner = np.array([i for i, _, _ in meshes])
    material = np.array([material_index(m.material) for m in members])[owner]
    bond, area = bonds_between(boxes, members, meshes)
    low = np.array([v[:, 1].min() for v in vertices])
    return Pieces(
        vertices=np.concatenate(vertices).astype(np.float32),
        faces=np.concatenate(faces).astype(np.int32),
        vertex_start=_starts([len(v) for v in vertices]),
        face_start=_starts([len(f) for f in faces]),
        face_outer=np.concatenate(outer),
        centre=np.array(centres, dtype=np.float32),
        mass_kg=(np.array(volumes) * np.array(DENSITY_KG_PER_M3)[material]).astype(np.float32),
        volume_m3=np.array(volumes, dtype=np.float32),
        material=material.astype(np.int32),
        kind=np.array([kind_index(m.kind) for m in members])[owner].astype(np.int32),
        box=np.array([m.box for m in members])[owner].astype(np.int32),
        storey=np.array([m.storey for m in members])[owner].astype(np.int32),
        bond=bond,
        bond_area_m2=area,
        grounded=low < 0.05,
    )


def _starts(counts: Sequence[int]) -> NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
