"""How near a rig comes to what is built: the shortest way from a point to any triangle of a stage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.prep.stage.geometry import Stage, placed

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The tightest moment of a move."""

    metres: float
    """From the point to the surface; inf where the stage is empty."""
    index: int
    """Which of the points."""
    path: str
    """What it comes near to."""


def nearest(stage: Stage, points: Floats, *, ignore: Sequence[str] = ()) -> Nearest:
    """Return where points (n, 3) come nearest to a stage's parts; the ground plane does not count.

    Parameters
    ----------
    ignore
        Beginnings of part paths that do not count: what the rig stands on, what it films.
    """
    parts = [p for p in stage.parts if len(p.mesh.triangles) and not p.mesh.path.startswith(tuple(ignore))]
    best = Nearest(metres=np.inf, index=0, path="")
    if not parts:
        return best
    corners = [placed(p.mesh.points, p.transform) for p in parts]
    low = np.array([c.min(axis=0) for c in corners])
    high = np.array([c.max(axis=0) for c in corners])
    # (points, parts): no triangle of a part is nearer than its box is.
    bound = _to_boxes(points, low, high)
    for flat in np.argsort(bound, axis=None, kind="stable"):
        index, number = divmod(int(flat), len(parts))
        if bound[index, number] >= best.metres:
            break
        triangles = corners[number][parts[number].mesh.triangles]
        near = _to_boxes(points[index : index + 1], triangles.min(axis=1), triangles.max(axis=1))[0] < best.metres
        if near.any():
            metres = float(to_triangles(points[index], triangles[near]).min())
            if metres < best.metres:
                best = Nearest(metres=metres, index=index, path=parts[number].mesh.path)
    return best


def _to_boxes(points: Floats, low: Floats, high: Floats) -> Floats:
    """Return (n, m) metres from points (n, 3) to boxes (m, 3)."""
    off = np.maximum(np.maximum(low[None] - points[:, None], points[:, None] - high[None]), 0.0)
    return np.asarray(np.linalg.norm(off, axis=2))


def to_triangles(point: Floats, triangles: Floats) -> Floats:
    """Return (m,) metres from a point to triangles (m, 3, 3) (Ericson, Real-Time Collision Detection, 5.1.5)."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    ab, ac, bc = b - a, c - a, c - b
    normal = np.cross(ab, ac)
    square = np.einsum("ij,ij->i", normal, normal)
    safe = np.where(square > 1e-20, square, 1.0)
    to = point - a
    # Barycentric place of the point's shadow on the plane; where it falls outside, an edge is nearest.
    v = np.einsum("ij,ij->i", np.cross(to, ac), normal) / safe
    w = np.einsum("ij,ij->i", np.cross(ab, to), normal) / safe
    inside = (square > 1e-20) & (v >= 0) & (w >= 0) & (v + w <= 1)
    plane = np.abs(np.einsum("ij,ij->i", to, normal)) / np.sqrt(safe)
    edges = np.minimum(np.minimum(_to_edges(point, a, ab), _to_edges(point, a, ac)), _to_edges(point, b, bc))
    return np.asarray(np.where(inside, plane, edges))


def _to_edges(point: Floats, start: Floats, run: Floats) -> Floats:
    square = np.maximum(np.einsum("ij,ij->i", run, run), 1e-20)
    t = np.clip(np.einsum("ij,ij->i", point - start, run) / square, 0.0, 1.0)
    return np.asarray(np.linalg.norm(point - start - t[:, None] * run, axis=1))
