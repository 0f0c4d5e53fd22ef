"""A bounding-volume tree over triangles, and the one question asked of it: whether anything is in the way.

Wald, "On fast construction of SAH-based bounding volume hierarchies", RT 2007, with 12 bins; Möller and Trumbore,
"Fast, minimum storage ray/triangle intersection", JGT 2 (1997).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

LEAF = 4
BINS = 12
_DEPTH = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tree:
    """Nodes in depth-first order: a node's first child follows it, ``skip`` is the second child."""

    low: Floats
    """(nodes, 3) metres."""
    high: Floats
    """(nodes, 3) metres."""
    skip: Ints
    """(nodes,) second child, or -1 in a leaf."""
    first: Ints
    """(nodes,) first triangle of a leaf."""
    count: Ints
    """(nodes,) triangles of a leaf."""
    corners: Floats
    """(triangles, 9) corner and two edges, in leaf order."""


def build_tree(points: Floats, faces: Ints) -> Tree:
    """Return the tree of (F, 3) faces over (V, 3) points; an empty one answers "nothing"."""
    number = len(faces)
    size = max(1, 2 * number)
    low, high = np.zeros((size, 3), np.float32), np.zeros((size, 3), np.float32)
    skip, first, count = np.full(size, -1, np.int32), np.zeros(size, np.int32), np.zeros(size, np.int32)
    corners = np.zeros((number, 9), np.float32)
    used = _build(points, faces, low, high, skip, first, count, corners) if number else 1
    return Tree(
        low=low[:used], high=high[:used], skip=skip[:used], first=first[:used], count=count[:used], corners=corners
    )


@njit(cache=True, nogil=True)
def _build(
    points: Any, faces: Any, low: Any, high: Any, skip: Any, first: Any, count: Any, corners: Any
) -> int:  # fmt: skip
    number = len(faces)
    box_low, box_high = np.empty((number, 3), np.float32), np.empty((number, 3), np.float32)
    for f in range(number):
        for k in range(3):
            a, b, c = points[faces[f, 0], k], points[faces[f, 1], k], points[faces[f, 2], k]
            box_low[f, k], box_high[f, k] = min(a, b, c), max(a, b, c)
    order = np.arange(number).astype(np.int32)
    todo = np.empty((_DEPTH * 2, 3), np.int32)  # first triangle, end, whose second child
    todo[0, 0], todo[0, 1], todo[0, 2] = 0, number, -1
    depth, used = 1, 0
    tally = np.empty(BINS, np.int32)
    bins_low, bins_high = np.empty((BINS, 3), np.float32), np.empty((BINS, 3), np.float32)
    right_area = np.empty(BINS, np.float32)
    middle_low, middle_high = np.empty(3, np.float32), np.empty(3, np.float32)
    while depth > 0:
        depth -= 1
        begin, end, parent = todo[depth, 0], todo[depth, 1], todo[depth, 2]
        node = used
        used += 1
        if parent >= 0:
            skip[parent] = node
        for k in range(3):
            low[node, k] = middle_low[k] = np.float32(np.inf)
            high[node, k] = middle_high[k] = np.float32(-np.inf)
        for i in range(begin, end):
            f = order[i]
            for k in range(3):
                low[node, k] = min(low[node, k], box_low[f, k])
                high[node, k] = max(high[node, k], box_high[f, k])
                middle = box_low[f, k] + box_high[f, k]
                middle_low[k] = min(middle_low[k], middle)
                middle_high[k] = max(middle_high[k], middle)
        axis = 0
        for k in range(1, 3):
            if middle_high[k] - middle_low[k] > middle_high[axis] - middle_low[axis]:
                axis = k
        extent = middle_high[axis] - middle_low[axis]
        if end - begin <= LEAF or extent <= 1e-9 or depth > 2 * _DEPTH - 4:
            first[node], count[node] = begin, end - begin
            continue
        scale = np.float32(BINS * 0.9999) / extent
        tally[:] = 0
        bins_low[:] = np.float32(np.inf)
        bins_high[:] = np.float32(-np.inf)
        for i in range(begin, end):
            f = order[i]
            b = int((box_low[f, axis] + box_high[f, axis] - middle_low[axis]) * scale)
            tally[b] += 1
            for k in range(3):
                bins_low[b, k] = min(bins_low[b, k], box_low[f, k])
                bins_high[b, k] = max(bins_high[b, k], box_high[f, k])
        _areas_from_right(bins_low, bins_high, right_area)
        best, best_bin, left_count = np.float32(np.inf), 0, 0
        l0, l1, l2 = np.float32(np.inf), np.float32(np.inf), np.float32(np.inf)
        h0, h1, h2 = np.float32(-np.inf), np.float32(-np.inf), np.float32(-np.inf)
        for b in range(BINS - 1):
            left_count += tally[b]
            l0, l1, l2 = min(l0, bins_low[b, 0]), min(l1, bins_low[b, 1]), min(l2, bins_low[b, 2])
            h0, h1, h2 = max(h0, bins_high[b, 0]), max(h1, bins_high[b, 1]), max(h2, bins_high[b, 2])
            if left_count == 0 or left_count == end - begin:
                continue
            dx, dy, dz = h0 - l0, h1 - l1, h2 - l2
            cost = left_count * (dx * dy + dy * dz + dz * dx) + (end - begin - left_count) * right_area[b + 1]
            if cost < best:
                best, best_bin = cost, b
        i, j = begin, end - 1
        while i <= j:
            f = order[i]
            b = int((box_low[f, axis] + box_high[f, axis] - middle_low[axis]) * scale)
            if b <= best_bin:
                i += 1
            else:
                order[i], order[j] = order[j], order[i]
                j -= 1
        todo[depth, 0], todo[depth, 1], todo[depth, 2] = i, end, node
        todo[depth + 1, 0], todo[depth + 1, 1], todo[depth + 1, 2] = begin, i, -1
        depth += 2
    for i in range(number):
        f = order[i]
        for k in range(3):
            a = points[faces[f, 0], k]
            corners[i, k], corners[i, 3 + k], corners[i, 6 + k] = (
                a,
                points[faces[f, 1], k] - a,
                points[faces[f, 2], k] - a,
            )
    return used


@njit(cache=True, nogil=True)
def _areas_from_right(bins_low: Any, bins_high: Any, area: Any) -> None:
    l0, l1, l2 = np.float32(np.inf), np.float32(np.inf), np.float32(np.inf)
    h0, h1, h2 = np.float32(-np.inf), np.float32(-np.inf), np.float32(-np.inf)
    for b in range(BINS - 1, -1, -1):
        l0, l1, l2 = min(l0, bins_low[b, 0]), min(l1, bins_low[b, 1]), min(l2, bins_low[b, 2])
        h0, h1, h2 = max(h0, bins_high[b, 0]), max(h1, bins_high[b, 1]), max(h2, bins_high[b, 2])
        dx, dy, dz = h0 - l0, h1 - l1, h2 - l2
        area[b] = dx * dy + dy * dz + dz * dx if dx >= 0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def blocked(
    low: Any, high: Any, skip: Any, first: Any, count: Any, corners: Any,
    ox: Any, oy: Any, oz: Any, dx: Any, dy: Any, dz: Any, reach: Any, stack: Any,
) -> bool:  # fmt: skip
    """Say whether any triangle lies within ``reach`` (multiples of the direction) of an origin.

    ``stack`` is (64,) int32 of the caller's own.
    """
    if len(corners) == 0:
        return False
    tiny = np.float32(1e-12)
    one = np.float32(1.0)
    ix = one / (dx if abs(dx) > tiny else tiny)
    iy = one / (dy if abs(dy) > tiny else tiny)
    iz = one / (dz if abs(dz) > tiny else tiny)
    depth, node = 0, 0
    while True:
        ax, bx = (low[node, 0] - ox) * ix, (high[node, 0] - ox) * ix
        ay, by = (low[node, 1] - oy) * iy, (high[node, 1] - oy) * iy
        az, bz = (low[node, 2] - oz) * iz, (high[node, 2] - oz) * iz
        near = max(min(ax, bx), min(ay, by), min(az, bz), np.float32(0.0))
        far = min(max(ax, bx), max(ay, by), max(az, bz), reach)
        if near <= far * np.float32(1.000001):
            if skip[node] >= 0:
                stack[depth] = skip[node]
                depth += 1
                node += 1
                continue
            for i in range(first[node], first[node] + count[node]):
                e1x, e1y, e1z = corners[i, 3], corners[i, 4], corners[i, 5]
                e2x, e2y, e2z = corners[i, 6], corners[i, 7], corners[i, 8]
                px, py, pz = dy * e2z - dz * e2y, dz * e2x - dx * e2z, dx * e2y - dy * e2x
                det = e1x * px + e1y * py + e1z * pz
                if abs(det) < tiny:
                    continue
                inv = one / det
                sx, sy, sz = ox - corners[i, 0], oy - corners[i, 1], oz - corners[i, 2]
                u = (sx * px + sy * py + sz * pz) * inv
                if u < 0 or u > one:
                    continue
                qx, qy, qz = sy * e1z - sz * e1y, sz * e1x - sx * e1z, sx * e1y - sy * e1x
                v = (dx * qx + dy * qy + dz * qz) * inv
                if v < 0 or u + v > one:
                    continue
                t = (e2x * qx + e2y * qy + e2z * qz) * inv
                if t > 0 and t < reach:
                    return True
        if depth == 0:
            return False
        depth -= 1
        node = stack[depth]
