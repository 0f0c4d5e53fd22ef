"""Visibility: triangles into a picture whose pixels each hold several samples.

A pixel's ``samples`` lie one to a sub-row, each at its own place across the pixel (n rooks), so an edge that is nearly
level or nearly upright takes as many grey steps as there are samples. Depth is kept as 1 / metres, linear on the
picture. Bands of rows are drawn side by side and never share a pixel, so the bytes do not depend on threads.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

NEAR_M = np.float32(0.05)
BAND = 16
"""Pixel rows in a band."""
SKY, GROUND = -1, -2
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)


def sample_offsets(samples: int) -> Floats:
    """Return (samples,) places across a pixel, 0 to 1, of its sub-rows from the top.

    Consecutive sub-rows lie far apart across: multiples of the golden ratio, ranked to a permutation.
    """
    spread = (np.arange(samples) * 0.6180339887498949 + 0.25) % 1.0
    return np.asarray((np.argsort(np.argsort(spread)) + 0.5) / samples, np.float32)


@njit(cache=True, nogil=True)
def _fill(
    t: Any, face: int, first: int, end: int, width: int, samples: int, offset: Any, nearness: Any, identity: Any
) -> None:
    xa, ya, za, xb, yb, zb, xc, yc, zc = t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8]
    if yb < ya:
        xa, ya, za, xb, yb, zb = xb, yb, zb, xa, ya, za
    if yc < ya:
        xa, ya, za, xc, yc, zc = xc, yc, zc, xa, ya, za
    if yc < yb:
        xb, yb, zb, xc, yc, zc = xc, yc, zc, xb, yb, zb
    steps = np.float32(samples)
    row0 = max(int(np.ceil(max(ya, np.float32(first) - _ONE) * steps - _HALF)), first * samples)
    row1 = min(int(np.ceil(min(yc, np.float32(end) + _ONE) * steps - _HALF)), end * samples)
    if row1 <= row0:
        return
    twice = (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)
    if abs(twice) < np.float32(1e-12):
        return
    over = _ONE / twice
    slope_x = ((zb - za) * (yc - ya) - (zc - za) * (yb - ya)) * over
    slope_y = ((zc - za) * (xb - xa) - (zb - za) * (xc - xa)) * over
    low, high = min(za, zb, zc), max(za, zb, zc)
    run_ac = (xc - xa) / (yc - ya)
    run_ab = (xb - xa) / (yb - ya) if yb > ya else np.float32(0.0)
    run_bc = (xc - xb) / (yc - yb) if yc > yb else np.float32(0.0)
    wide = np.float32(width)
    for row in range(row0, row1):
        y = (np.float32(row) + _HALF) / steps
        left = xa + (y - ya) * run_ac
        right = xa + (y - ya) * run_ab if y < yb else xb + (y - yb) * run_bc
        if right < left:
            left, right = right, left
        across = offset[row % samples]
        c0 = int(np.ceil(max(left, -_ONE) - across))
        c1 = int(np.ceil(min(right, wide + _ONE) - across))
        c0, c1 = max(c0, 0), min(c1, width)
        if c1 <= c0:
            continue
        z = za + slope_y * (y - ya) + slope_x * (np.float32(c0) + across - xa)
        line, who = nearness[row - first * samples], identity[row - first * samples]
        for c in range(c0, c1):
            clamped = min(max(z, low), high)
            if clamped > line[c]:
                line[c] = clamped
                who[c] = face
            z += slope_x


@njit(cache=True, nogil=True)
def _put(
    out: Any, out_face: Any, count: int, a: Any, b: Any, c: Any, lens: Any, width: int, height: int, face: int,
    one_sided: bool,
) -> int:  # fmt: skip
    fx, fy, cx, cy = lens[0], lens[1], lens[2], lens[3]
    ia, ib, ic = -_ONE / a[2], -_ONE / b[2], -_ONE / c[2]
    xa, ya = cx + fx * a[0] * ia, cy - fy * a[1] * ia
    xb, yb = cx + fx * b[0] * ib, cy - fy * b[1] * ib
    xc, yc = cx + fx * c[0] * ic, cy - fy * c[1] * ic
    if one_sided and (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya) >= 0:
        return count
    if max(xa, xb, xc) <= 0 or min(xa, xb, xc) >= width or max(ya, yb, yc) <= 0 or min(ya, yb, yc) >= height:
        return count
    row = out[count]
    row[0], row[1], row[2] = xa, ya, ia
    row[3], row[4], row[5] = xb, yb, ib
    row[6], row[7], row[8] = xc, yc, ic
    out_face[count] = face
    return count + 1


@njit(cache=True, nogil=True)
def project_faces(
    points: Any, faces: Any, one_sided: Any, lens: Any, width: int, height: int, out: Any, out_face: Any
) -> int:
    """Clip at the near plane, project and keep what touches the picture; return how many triangles that leaves.

    Parameters
    ----------
    points
        (V, 3) camera space, metres.
    faces, one_sided
        (F, 3) point numbers and (F,) whether a face is unseen from behind.
    lens
        (4,) fx, fy, cx, cy in pixels.
    out, out_face
        (2F + 8, 9) x, y, 1 / depth of three corners, and the face each came from.
    """
    count = 0
    polygon = np.empty((4, 3), np.float32)
    for f in range(len(faces)):
        a, b, c = points[faces[f, 0]], points[faces[f, 1]], points[faces[f, 2]]
        inside = int(a[2] < -NEAR_M) + int(b[2] < -NEAR_M) + int(c[2] < -NEAR_M)
        if inside == 3:
            count = _put(out, out_face, count, a, b, c, lens, width, height, f, one_sided[f])
        elif inside > 0:
            corners = 0
            for i in range(3):
                p, q = points[faces[f, i]], points[faces[f, (i + 1) % 3]]
                if p[2] < -NEAR_M:
                    polygon[corners] = p
                    corners += 1
                if (p[2] < -NEAR_M) != (q[2] < -NEAR_M):
                    t = (-NEAR_M - p[2]) / (q[2] - p[2])
                    for k in range(3):
                        polygon[corners, k] = p[k] + t * (q[k] - p[k])
                    polygon[corners, 2] = -NEAR_M
                    corners += 1
            for i in range(1, corners - 1):
                count = _put(
                    out, out_face, count, polygon[0], polygon[i], polygon[i + 1], lens, width, height, f, one_sided[f]
                )
    return count


@njit(parallel=True, cache=True, nogil=True)
def draw(
    triangles: Floats, face: Ints, count: int, ground: Floats, offset: Floats, nearness: Floats, identity: Ints
) -> None:  # fmt: skip
    """Draw triangles over the ground into ``nearness`` and ``identity``, both (height * samples, width).

    ``ground`` is (3,): its nearness at pixel x, y is g0 + g1 x + g2 y, the plane seen where that is above 0.
    """
    samples = len(offset)
    height, width = identity.shape[0] // samples, identity.shape[1]
    bands = (height + BAND - 1) // BAND
    for job in prange(bands):
        first = job * BAND
        end = min(first + BAND, height)
        near, who = nearness[first * samples : end * samples], identity[first * samples : end * samples]
        for row in range((end - first) * samples):
            y = np.float32(first) + (np.float32(row) + _HALF) / np.float32(samples)
            at = ground[0] + ground[2] * y + ground[1] * offset[row % samples]
            for c in range(width):
                z = at + ground[1] * np.float32(c)
                near[row, c] = z if z > 0 else 0.0
                who[row, c] = GROUND if z > 0 else SKY
        for i in range(count):
            a, b, c = triangles[i, 1], triangles[i, 4], triangles[i, 7]
            if max(a, b, c) > first and min(a, b, c) < end:
                _fill(triangles[i], face[i], first, end, width, samples, offset, near, who)
