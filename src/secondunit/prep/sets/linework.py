"""Hidden-line drawings: the edges that a draughtsman would draw of a stage seen without perspective, as vectors.

Edges are borders and creases of meshes; each is sampled along its length against a depth raster and cut to what is
seen.
Line weights follow how far the surface falls away behind an edge, as on a drafted sheet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from secondunit.prep.sets.assembly import Placement
from secondunit.prep.stage.geometry import Mesh, placed

Floats = NDArray[np.float32]
Side = Literal["front", "top"]

_CREASE: Final = 0.9
"""Cosine of the angle between faces under which their edge is drawn: 26 degrees."""
HEAVY_M: Final = 1.2
MEDIUM_M: Final = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Linework:
    """Visible line segments in drawing metres by weight class."""

    segments: NDArray[np.float32]
    """(n, 4) u0, v0, u1, v1; u to the right, v up."""
    weight: NDArray[np.int8]
    """(n,) 0 thin, 1 medium, 2 heavy."""


def linework(
    singles: Sequence[Mesh],
    placements: Sequence[Placement],
    side: Side,
    window: tuple[float, float, float, float],
    *,
    cell_m: float = 0.025,
    wanted: Callable[[str], bool] = lambda path: True,
) -> Linework:
    """Draw what is seen of meshes and placements.

    Parameters
    ----------
    side
        ``front`` looks along -Z at facades (u = x, v = y); ``top`` looks down (u = x, v = -z).
    window
        u0, u1, v0, v1 in metres: nothing outside is drawn.
    cell_m
        Of the depth raster: ends of lines are right to this.
    wanted
        Which paths take part, both as lines and as what hides them.
    """
    triangles: list[NDArray[np.float64]] = []
    edges: list[NDArray[np.float64]] = []
    known: dict[int, _Edges] = {}
    placed_meshes: list[tuple[Mesh, NDArray[np.float64]]] = [(mesh, np.eye(4)) for mesh in singles if wanted(mesh.path)]
    placed_meshes += [(m, p.transform) for p in placements if wanted(p.path) for m in p.prototype.meshes]
    for mesh, turn in placed_meshes:
        if id(mesh) not in known:
            known[id(mesh)] = edges_of(mesh)
        mine = known[id(mesh)]
        points = _turned(placed(mesh.points, turn), side)
        triangles.append(points[mesh.triangles])
        edges.append(points[mine.sharp])
        if len(mine.soft):  # a round body is drawn where it turns away
            toward = turn[2 if side == "front" else 1, :3]
            outline = (mine.normals @ toward > 0).sum(axis=1) == 1
            edges.append(points[mine.soft[outline]])
    faces = np.ascontiguousarray(np.concatenate(triangles) if triangles else np.zeros((0, 3, 3)), np.float32)
    lines = np.ascontiguousarray(np.concatenate(edges) if edges else np.zeros((0, 2, 3)), np.float32)
    u0, u1, v0, v1 = window
    columns, rows = int(np.ceil((u1 - u0) / cell_m)) + 1, int(np.ceil((v1 - v0) / cell_m)) + 1
    depth = np.full((rows, columns), -1e6, np.float32)
    _raster(faces, np.float32(u0), np.float32(v0), np.float32(cell_m), depth)
    # An edge that is a point on paper draws nothing; the rest is cut to what is seen.
    flat = np.hypot(lines[:, 1, 0] - lines[:, 0, 0], lines[:, 1, 1] - lines[:, 0, 1])
    lines = lines[flat > 0.02]
    out = np.empty((4 * len(lines) + 16, 5), np.float32)
    count = _cut(lines, depth, np.float32(u0), np.float32(v0), np.float32(cell_m), out)
    found = _once(out[:count])
    return Linework(segments=np.ascontiguousarray(found[:, :4]), weight=found[:, 4].astype(np.int8))


def _once(found: Floats) -> Floats:
    """Lines that lie on one another are drawn once, with the heavier pen."""
    if not len(found):
        return found
    key = np.rint(found[:, :4] / 0.02).astype(np.int64)
    swap = (key[:, 0] > key[:, 2]) | ((key[:, 0] == key[:, 2]) & (key[:, 1] > key[:, 3]))
    key[swap] = key[swap][:, [2, 3, 0, 1]]
    order = np.lexsort((-found[:, 4], key[:, 3], key[:, 2], key[:, 1], key[:, 0]))
    key = key[order]
    first = np.ones(len(key), np.bool_)
    first[1:] = (key[1:] != key[:-1]).any(axis=1)
    return np.asarray(found[order][first])


def _turned(points: NDArray[np.float64], side: Side) -> NDArray[np.float64]:
    x, y, z = points[:, 0], points[:, 1], points[:, 2]
    return np.stack([x, y, z] if side == "front" else [x, -z, y], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edges:
    """Edges of a mesh by point numbers: sharp ones are always drawn, soft ones where the body turns away."""

    sharp: NDArray[np.int64]
    soft: NDArray[np.int64]
    normals: NDArray[np.float64]
    """(n, 2, 3) of the two faces at each soft edge."""


def edges_of(mesh: Mesh) -> _Edges:
    """Return the edges of a mesh; points in one place count as one."""
    t = mesh.triangles.astype(np.int64)
    if not len(t):
        return _Edges(sharp=np.zeros((0, 2), np.int64), soft=np.zeros((0, 2), np.int64), normals=np.zeros((0, 2, 3)))
    _, keep, same = np.unique(
        np.rint(mesh.points * 1000).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    welded = keep[same.reshape(-1)][t]
    p = mesh.points.astype(np.float64)
    normal = np.cross(p[t[:, 1]] - p[t[:, 0]], p[t[:, 2]] - p[t[:, 0]])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    pairs = np.concatenate([welded[:, [0, 1]], welded[:, [1, 2]], welded[:, [2, 0]]])
    owner = np.tile(np.arange(len(t)), 3)
    pairs.sort(axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, owner = pairs[order], owner[order]
    starts = np.ones(len(pairs), np.bool_)
    starts[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    first = np.nonzero(starts)[0]
    size = np.diff(np.append(first, len(pairs)))
    draw = size != 2
    two = first[size == 2]
    draw[size == 2] = (normal[owner[two]] * normal[owner[two + 1]]).sum(axis=1) < _CREASE
    solid = pairs[first, 0] != pairs[first, 1]
    smooth = first[(size == 2) & ~draw & solid]
    return _Edges(
        sharp=pairs[first[draw & solid]], soft=pairs[smooth],
        normals=np.stack([normal[owner[smooth]], normal[owner[smooth + 1]]], axis=1),
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _raster(faces: Any, u0: Any, v0: Any, cell: Any, depth: Any) -> None:
    rows, columns = depth.shape
    for n in range(len(faces)):
        ax, ay, aw = (faces[n, 0, 0] - u0) / cell, (faces[n, 0, 1] - v0) / cell, faces[n, 0, 2]
        bx, by, bw = (faces[n, 1, 0] - u0) / cell, (faces[n, 1, 1] - v0) / cell, faces[n, 1, 2]
        cx, cy, cw = (faces[n, 2, 0] - u0) / cell, (faces[n, 2, 1] - v0) / cell, faces[n, 2, 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        x0, x1 = max(0, int(np.ceil(min(ax, bx, cx)))), min(columns - 1, int(np.floor(max(ax, bx, cx))))
        y0, y1 = max(0, int(np.ceil(min(ay, by, cy)))), min(rows - 1, int(np.floor(max(ay, by, cy))))
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                p = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
                q = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
                r = 1.0 - p - q
                if p >= -1e-5 and q >= -1e-5 and r >= -1e-5:
                    w = p * aw + q * bw + r * cw
                    if w > depth[y, x]:
                        depth[y, x] = w


@njit(cache=True, nogil=True, error_model="numpy")
def _cut(lines: Any, depth: Any, u0: Any, v0: Any, cell: Any, out: Any) -> int:
    rows, columns = depth.shape
    count = 0
    for n in range(len(lines)):
        ax, ay, aw = lines[n, 0, 0], lines[n, 0, 1], lines[n, 0, 2]
        bx, by, bw = lines[n, 1, 0], lines[n, 1, 1], lines[n, 1, 2]
        length = np.hypot(bx - ax, by - ay)
        px, py = -(by - ay) / length, (bx - ax) / length
        steps = max(2, int(length / cell))
        begun, gap, seen = -1, 0.0, 0
        for k in range(steps + 1):
            f = (k + 0.5) / (steps + 1)
            x, y, w = ax + f * (bx - ax), ay + f * (by - ay), aw + f * (bw - aw)
            c, r = int(np.floor((x - u0) / cell + 0.5)), int(np.floor((y - v0) / cell + 0.5))
            visible = False
            if 1 <= c < columns - 1 and 1 <= r < rows - 1:
                # The nearest of the four cells about it that is not before it: an edge is seen if its own face is.
                tolerance = 0.02 + abs(bw - aw) / length * cell * 1.5
                i, j = int(np.floor((x - u0) / cell)), int(np.floor((y - v0) / cell))
                least = min(depth[j, i], depth[j, i + 1], depth[j + 1, i], depth[j + 1, i + 1])
                visible = least <= w + tolerance
                if visible:
                    near_a = depth[
                        min(max(int((y + 2 * cell * py - v0) / cell), 0), rows - 1),
                        min(max(int((x + 2 * cell * px - u0) / cell), 0), columns - 1),
                    ]
                    near_b = depth[
                        min(max(int((y - 2 * cell * py - v0) / cell), 0), rows - 1),
                        min(max(int((x - 2 * cell * px - u0) / cell), 0), columns - 1),
                    ]
                    # In front of the edge on both sides: it only shows through a gap between faces.
                    if near_a > w + tolerance + 0.05 and near_b > w + tolerance + 0.05:
                        visible = False
                    else:
                        # Paper on both sides: a bar thinner than the pen's reach, which a heavy pen would drown.
                        if min(w - near_a, w - near_b) < 0.1:
                            gap += max(w - near_a, w - near_b)
                        seen += 1
            if visible and begun < 0:
                begun = k
            if begun >= 0 and (not visible or k == steps):
                end = k if not visible else k + 1
                if (end - begun) * length / (steps + 1) > 0.04 or (begun == 0 and end == steps + 1):
                    f0, f1 = begun / (steps + 1), end / (steps + 1)
                    mean = gap / max(seen, 1)
                    if count < len(out):
                        out[count, 0], out[count, 1] = ax + f0 * (bx - ax), ay + f0 * (by - ay)
                        out[count, 2], out[count, 3] = ax + f1 * (bx - ax), ay + f1 * (by - ay)
                        out[count, 4] = 2 if mean > 1.2 else (1 if mean > 0.12 else 0)
                        count += 1
                begun, gap, seen = -1, 0.0, 0
    return count
