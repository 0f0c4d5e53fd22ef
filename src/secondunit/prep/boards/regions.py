"""A picture's surfaces as an artist sees them: pixels that lie on one continuous face are one region.

Two neighbouring pixels belong together where part, direction and plane agree; flush pieces of one material are one face
however many parts they were built of. Region borders are all the lines a drawing needs: silhouettes, creases, joints.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from secondunit.prep.stage.image import StageImage

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

_CREASE = np.float32(0.84)
"""Cosine of 33 degrees: a softer fold is no line."""
_FLUSH = np.float32(0.9995)


@njit(cache=True, nogil=True)
def _root(parent: Any, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True, nogil=True)
def _alike(
    part: Any, material: Any, soft: Any, depth: Any, normal: Any, rays: Any, r: int, c: int, rr: int, cc: int
) -> bool:  # fmt: skip
    a, b = part[r, c], part[rr, cc]
    if soft[r, c] and soft[rr, cc]:
        return bool(a == b)
    if a < 0 or b < 0:
        return bool(a == b)
    dot = (
        normal[r, c, 0] * normal[rr, cc, 0] + normal[r, c, 1] * normal[rr, cc, 1] + normal[r, c, 2] * normal[rr, cc, 2]
    )
    if a != b and (material[r, c] != material[rr, cc] or dot < _FLUSH):
        return False
    if dot < _CREASE:
        return False
    # How far the other pixel's point lies off this one's plane, in camera space.
    dx = depth[rr, cc] * rays[rr, cc, 0] - depth[r, c] * rays[r, c, 0]
    dy = depth[rr, cc] * rays[rr, cc, 1] - depth[r, c] * rays[r, c, 1]
    dz = depth[r, c] - depth[rr, cc]
    off = abs(normal[r, c, 0] * dx + normal[r, c, 1] * dy + normal[r, c, 2] * dz)
    off2 = abs(normal[rr, cc, 0] * dx + normal[rr, cc, 1] * dy + normal[rr, cc, 2] * dz)
    limit = depth[r, c] * np.float32(0.004) + np.float32(0.004)
    if a != b:
        limit *= np.float32(0.4)
    return bool(min(off, off2) < limit)


@njit(cache=True, nogil=True)
def _label(part: Any, material: Any, soft: Any, depth: Any, normal: Any, rays: Any, out: Any) -> int:
    height, width = part.shape
    parent = np.arange(height * width).astype(np.int32)
    for r in range(height):
        for c in range(width):
            if c > 0 and _alike(part, material, soft, depth, normal, rays, r, c, r, c - 1):
                a, b = _root(parent, r * width + c), _root(parent, r * width + c - 1)
                parent[max(a, b)] = min(a, b)
            if r > 0 and _alike(part, material, soft, depth, normal, rays, r, c, r - 1, c):
                a, b = _root(parent, r * width + c), _root(parent, (r - 1) * width + c)
                parent[max(a, b)] = min(a, b)
    number = 0
    name = np.full(height * width, -1, np.int32)
    for i in range(height * width):
        root = _root(parent, i)
        if name[root] < 0:
            name[root] = number
            number += 1
        out[i // width, i % width] = name[root]
    return number


@njit(cache=True, nogil=True)
def _absorb(label: Any, area: Any, least: Any) -> None:
    """Give pixels of regions too small to draw to a neighbour, so that far detail does not turn into noise."""
    height, width = label.shape
    for sweep in range(3):
        for i in range(height * width):
            k = i if sweep != 1 else height * width - 1 - i
            r, c = k // width, k % width
            mine = label[r, c]
            if area[mine] >= least[mine]:
                continue
            for dr, dc in ((0, -1), (-1, 0), (0, 1), (1, 0)):
                rr, cc = r + dr, c + dc
                if 0 <= rr < height and 0 <= cc < width and area[label[rr, cc]] >= least[label[rr, cc]]:
                    label[r, c] = label[rr, cc]
                    break


def regions(
    image: StageImage,
    rays: Floats,
    *,
    least_px: int = 12,
    group: Ints | None = None,
    soft: NDArray[np.bool_] | None = None,
) -> Ints:
    """Return (height, width) region numbers from 0.

    Parameters
    ----------
    rays
        (height, width, 2) camera-space x and y of a view ray one metre deep.
    least_px
        Smaller regions are given to a neighbour; four times this in the background where ``group`` says so.
    group
        (height, width): 0 background, above 0 what the shot is about.
    soft
        (height, width) foliage and clouds: a part of such is one shape, whatever folds it has.
    """
    label = np.empty(image.part.shape, np.int32)
    cloudy = np.zeros(image.part.shape, np.bool_) if soft is None else soft
    number = _label(image.part, image.material, cloudy, image.depth, image.normal, rays, label)
    area = np.bincount(label.ravel(), minlength=number)
    least = np.full(number, least_px)
    if group is not None:
        kind = np.zeros(number, np.int64)
        kind[label.ravel()] = group.ravel()
        least[kind == 0] = least_px * 4
    _absorb(label, area, least)
    return label


@njit(cache=True, nogil=True)
def _trace(label: Any, points: Any, left: Any, right: Any, start: Any) -> Any:
    height, width = label.shape
    level = np.zeros((height + 1, width), np.bool_)
    upright = np.zeros((height, width + 1), np.bool_)
    for r in range(1, height):
        for c in range(width):
            level[r, c] = label[r - 1, c] != label[r, c]
    for r in range(height):
        for c in range(1, width):
            upright[r, c] = label[r, c - 1] != label[r, c]
    chains, used = 0, 0
    for phase in range(2):
        for r0 in range(height + 1):
            for c0 in range(width + 1):
                # Junctions first; what is left then are closed loops.
                if _degree(level, upright, r0, c0) == 0 or (phase == 0 and not _junction(label, r0, c0)):
                    continue
                for way in range(4):
                    if not _has(level, upright, r0, c0, way):
                        continue
                    r, c, d = r0, c0, way
                    start[chains] = used
                    points[used, 0], points[used, 1] = c, r
                    left[used] = right[used] = -1
                    used += 1
                    while True:
                        if d == 0:
                            level[r, c] = False
                            a, b = (r - 1) * width + c, r * width + c
                            c += 1
                        elif d == 1:
                            upright[r, c] = False
                            a, b = r * width + c, r * width + c - 1
                            r += 1
                        elif d == 2:
                            level[r, c - 1] = False
                            a, b = r * width + c - 1, (r - 1) * width + c - 1
                            c -= 1
                        else:
                            upright[r - 1, c] = False
                            a, b = (r - 1) * width + c - 1, (r - 1) * width + c
                            r -= 1
                        points[used, 0], points[used, 1] = c, r
                        left[used], right[used] = a, b
                        used += 1
                        if _degree(level, upright, r, c) != 1 or _junction(label, r, c):
                            break
                        for k in range(4):
                            if _has(level, upright, r, c, k):
                                d = k
                                break
                    chains += 1
    start[chains] = used
    return chains, used


@njit(cache=True, nogil=True, inline="always")
def _has(level: Any, upright: Any, r: int, c: int, way: int) -> bool:
    if way == 0:
        return bool(c < level.shape[1] and level[r, c])
    if way == 1:
        return bool(r < upright.shape[0] and upright[r, c])
    if way == 2:
        return bool(c > 0 and level[r, c - 1])
    return bool(r > 0 and upright[r - 1, c])


@njit(cache=True, nogil=True)
def _degree(level: Any, upright: Any, r: int, c: int) -> int:
    count = 0
    for way in range(4):
        if _has(level, upright, r, c, way):
            count += 1
    return count


@njit(cache=True, nogil=True)
def _junction(label: Any, r: int, c: int) -> bool:
    """Say whether more than two cracks met at a node, whatever was walked since."""
    height, width = label.shape
    if r <= 0 or c <= 0 or r >= height or c >= width:
        return True
    a, b, d, e = label[r - 1, c - 1], label[r - 1, c], label[r, c - 1], label[r, c]
    return int(a != b) + int(d != e) + int(a != d) + int(b != e) > 2


def trace(label: Ints) -> tuple[Floats, Ints, Ints, Ints]:
    """Follow every border between regions from junction to junction.

    Returns
    -------
    points
        (n, 2) x and y of pixel corners, chain after chain.
    left, right
        (n,) flat numbers of the pixels beside the step that led to each point; -1 at a chain's first.
    start
        (chains + 1,) where each chain begins.
    """
    cracks = int((label[:, 1:] != label[:, :-1]).sum() + (label[1:] != label[:-1]).sum())
    points = np.empty((2 * cracks + 8, 2), np.float32)
    left, right = np.empty(len(points), np.int32), np.empty(len(points), np.int32)
    start = np.empty(cracks + 8, np.int32)
    chains, used = _trace(label, points, left, right, start)
    return points[:used], left[:used], right[:used], start[: chains + 1]


@njit(parallel=True, cache=True, nogil=True)
def view_rays(height: int, width: int, fx: float, fy: float, cx: float, cy: float) -> Any:
    """Return (height, width, 2) camera-space x and y of rays one metre deep, y up."""
    out = np.empty((height, width, 2), np.float32)
    for r in prange(height):
        for c in range(width):
            out[r, c, 0] = (c + 0.5 - cx) / fx
            out[r, c, 1] = -(r + 0.5 - cy) / fy
    return out
