"""A triangle rasteriser for convex pieces: near clip, visibility by depth, row bands that never share a pixel.

Depth is kept as a number that is linear on the picture and grows towards the viewer: 1 / depth for a pinhole camera,
height along the light for a shadow map.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

NEAR_M = np.float32(0.1)
BAND = 32
"""Rows in a band. Bands are the unit of parallel work, whatever the number of threads."""

_ONE = np.float32(1.0)
_HALF = np.float32(0.5)


@njit(inline="never", cache=True, nogil=True)
def fill_triangle(
    corner: Any, number: int, first_row: int, end_row: int, width: int, nearness: Any, identity: Any
) -> None:
    """Draw one triangle into rows ``first_row`` to ``end_row`` of a band.

    Parameters
    ----------
    corner
        (9,) x, y, nearness of three corners in pixels; a pixel is covered where its centre (+0.5) is inside.
    number
        Written into ``identity`` where the triangle is nearest.
    nearness, identity
        (rows of the band, width); row 0 is ``first_row``.
    """
    xa, ya, za = corner[0], corner[1], corner[2]
    xb, yb, zb = corner[3], corner[4], corner[5]
    xc, yc, zc = corner[6], corner[7], corner[8]
    if yb < ya:
        xa, ya, za, xb, yb, zb = xb, yb, zb, xa, ya, za
    if yc < ya:
        xa, ya, za, xc, yc, zc = xc, yc, zc, xa, ya, za
    if yc < yb:
        xb, yb, zb, xc, yc, zc = xc, yc, zc, xb, yb, zb
    row0 = max(int(np.ceil(ya - _HALF)), first_row)
    row1 = min(int(np.ceil(yc - _HALF)), end_row)
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
    for row in range(row0, row1):
        y = np.float32(row) + _HALF
        left = xa + (y - ya) * run_ac
        right = xa + (y - ya) * run_ab if y < yb else xb + (y - yb) * run_bc
        if right < left:
            left, right = right, left
        c0 = max(int(np.ceil(left - _HALF)), 0)
        c1 = min(int(np.ceil(right - _HALF)), width)
        z = za + slope_y * (y - ya) + slope_x * (np.float32(c0) + _HALF - xa)
        line = nearness[row - first_row]
        who = identity[row - first_row]
        for c in range(c0, c1):
            clamped = min(max(z, low), high)
            if clamped > line[c]:
                line[c] = clamped
                who[c] = number
            z += slope_x


@njit(cache=True, nogil=True)
def fill_disc(
    x: Any, y: Any, z: Any, radius: Any, number: int, first_row: int, end_row: int, width: int,
    nearness: Any, identity: Any,
) -> None:  # fmt: skip
    """Draw a small disc that faces the viewer; arguments as for `fill_triangle`."""
    row0 = max(int(np.ceil(y - radius - _HALF)), first_row)
    row1 = min(int(np.floor(y + radius - _HALF)) + 1, end_row)
    for row in range(row0, row1):
        dy = np.float32(row) + _HALF - y
        half = np.sqrt(max(radius * radius - dy * dy, np.float32(0.0)))
        c0 = max(int(np.ceil(x - half - _HALF)), 0)
        c1 = min(int(np.floor(x + half - _HALF)) + 1, width)
        for c in range(c0, c1):
            if z > nearness[row - first_row, c]:
                nearness[row - first_row, c] = z
                identity[row - first_row, c] = number


@njit(cache=True, nogil=True)
def _put(
    out: Any, out_face: Any, count: int, a: Any, b: Any, c: Any, lens: Any, shift: Any, width: int, height: int,
    face: int,
) -> int:  # fmt: skip
    """Project three camera-space points and keep the triangle if it faces the camera and touches the picture."""
    fx, fy, cx, cy = lens[0], lens[1], lens[2] - shift[0], lens[3] - shift[1]
    ia, ib, ic = -_ONE / a[2], -_ONE / b[2], -_ONE / c[2]
    xa, ya = cx + fx * a[0] * ia, cy - fy * a[1] * ia
    xb, yb = cx + fx * b[0] * ib, cy - fy * b[1] * ib
    xc, yc = cx + fx * c[0] * ic, cy - fy * c[1] * ic
    if (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya) >= 0:
        return count
    if max(xa, xb, xc) <= _HALF or min(xa, xb, xc) >= width - _HALF:
        return count
    if max(ya, yb, yc) <= _HALF or min(ya, yb, yc) >= height - _HALF:
        return count
    if count >= len(out):
        return count
    row = out[count]
    row[0], row[1], row[2] = xa, ya, ia
    row[3], row[4], row[5] = xb, yb, ib
    row[6], row[7], row[8] = xc, yc, ic
    out_face[count] = face
    return count + 1


@njit(cache=True, nogil=True)
def _set_up_sample(
    points: Any, faces: Any, face_body: Any, alive: Any, lens: Any, shift: Any, width: int, height: int, out: Any,
    out_face: Any,
) -> int:  # fmt: skip
    count = 0
    polygon = np.empty((4, 3), np.float32)
    for f in range(len(faces)):
        if not alive[face_body[f]]:
            continue
        a, b, c = points[faces[f, 0]], points[faces[f, 1]], points[faces[f, 2]]
        inside = int(a[2] < -NEAR_M) + int(b[2] < -NEAR_M) + int(c[2] < -NEAR_M)
        if inside == 3:
            count = _put(out, out_face, count, a, b, c, lens, shift, width, height, f)
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
                    out, out_face, count, polygon[0], polygon[i], polygon[i + 1], lens, shift, width, height, f
                )
    return count


@njit(parallel=True, cache=True, nogil=True)
def set_up(
    points: Floats, faces: Ints, face_body: Ints, alive: NDArray[np.bool_], lens: Floats, shift: Floats, width: int,
    height: int, out: Floats, out_face: Ints, count: Ints,
) -> None:  # fmt: skip
    """Clip, project and cull the triangles of every time sample.

    Parameters
    ----------
    points
        (S, V, 3) camera space, metres.
    faces, face_body
        (F, 3) vertex numbers and (F,) the body each belongs to.
    alive
        (S, B) bodies to draw.
    lens, shift
        (4,) fx, fy, cx, cy in pixels; (S, 2) where in the pixel the sample lies, less its centre.
    out, out_face, count
        (S, N, 9), (S, N) and (S,): what `fill_triangle` draws, the face each came from, and how many.
    """
    for s in prange(len(points)):
        count[s] = _set_up_sample(
            points[s], faces, face_body, alive[s], lens, shift[s], width, height, out[s], out_face[s]
        )


@njit(parallel=True, cache=True, nogil=True)
def draw(triangles: Floats, face: Ints, count: Ints, nearness: Floats, identity: Ints) -> None:
    """Draw every sample's triangles: ``nearness`` and ``identity`` are (S, height, width), cleared here (0 and -1)."""
    samples, height = nearness.shape[:2]
    bands = (height + BAND - 1) // BAND
    for job in prange(samples * bands):
        s, first = job // bands, job % bands * BAND
        end = min(first + BAND, height)
        nearness[s, first:end] = 0.0
        identity[s, first:end] = -1
        draw_band(triangles[s], face[s], count[s], first, end, nearness[s, first:end], identity[s, first:end])


@njit(cache=True, nogil=True)
def draw_band(triangles: Any, face: Any, count: int, first: int, end: int, nearness: Any, identity: Any) -> None:
    """Draw a sample's triangles into one band of rows, already cleared."""
    width = nearness.shape[1]
    for i in range(count):
        a, b, c = triangles[i, 1], triangles[i, 4], triangles[i, 7]
        if max(a, b, c) > first and min(a, b, c) < end:
            fill_triangle(triangles[i], face[i], first, end, width, nearness, identity)


@njit(parallel=True, cache=True, nogil=True)
def draw_maps(points: Floats, faces: Ints, face_body: Ints, alive: NDArray[np.bool_], nearness: Floats) -> None:
    """Draw orthographic depth maps of the faces turned towards each light.

    Parameters
    ----------
    points
        (M, V, 3) per map: x and y in its pixels, y down, and metres towards the light.
    alive
        (B,) bodies that cast.
    nearness
        (M, n, n), cleared here to a large negative number.
    """
    maps, size, _ = nearness.shape
    bands = (size + 127) // 128
    for job in prange(maps * bands):
        m, first = job // bands, job % bands * 128
        end = min(first + 128, size)
        nearness[m, first:end] = -1e9
        ignored = np.empty((end - first, size), np.int32)
        corner = np.empty(9, np.float32)
        for f in range(len(faces)):
            if not alive[face_body[f]]:
                continue
            a, b, c = points[m, faces[f, 0]], points[m, faces[f, 1]], points[m, faces[f, 2]]
            if max(a[1], b[1], c[1]) <= first or min(a[1], b[1], c[1]) >= end:
                continue
            if (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]) >= 0:
                continue
            for k in range(3):
                corner[k], corner[3 + k], corner[6 + k] = a[k], b[k], c[k]
            fill_triangle(corner, f, first, end, size, nearness[m, first:end], ignored)


@njit(parallel=True, cache=True, nogil=True)
def place(
    vertices: Floats, vertex_body: Ints, centre: Floats, rotation: Floats, position: Floats, still: NDArray[np.bool_],
    camera_rotation: Floats, camera_position: Floats, out: Floats,
) -> None:  # fmt: skip
    """Move rest vertices into camera space for every sample; bodies that are still keep their rest bits.

    ``rotation`` (S, B, 3, 3) and ``position`` (S, B, 3) are the bodies', ``camera_rotation`` (S, 3, 3) is camera to
    world, ``out`` (S, V, 3).
    """
    for s in prange(len(out)):
        for v in range(len(vertices)):
            b = vertex_body[v]
            x, y, z = vertices[v, 0], vertices[v, 1], vertices[v, 2]
            if not still[s, b]:
                r, c, p = rotation[s, b], centre[b], position[s, b]
                dx, dy, dz = x - c[0], y - c[1], z - c[2]
                x = p[0] + r[0, 0] * dx + r[0, 1] * dy + r[0, 2] * dz
                y = p[1] + r[1, 0] * dx + r[1, 1] * dy + r[1, 2] * dz
                z = p[2] + r[2, 0] * dx + r[2, 1] * dy + r[2, 2] * dz
            x, y, z = x - camera_position[s, 0], y - camera_position[s, 1], z - camera_position[s, 2]
            k = camera_rotation[s]
            for i in range(3):
                out[s, v, i] = k[0, i] * x + k[1, i] * y + k[2, i] * z


def rotations(quaternion: Floats) -> Floats:
    """Return (..., 3, 3) rotation matrices of (..., 4) unit quaternions, w x y z."""
    w, x, y, z = np.moveaxis(quaternion, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2).astype(np.float32)
