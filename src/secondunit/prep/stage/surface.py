"""Where a view ray meets a known face: depth, point, normals, and its way to the next frame."""

from typing import Any

import numpy as np
from numba import njit, prange

from secondunit.prep.stage.raster import GROUND, SKY

_F = np.float32
_HALF = np.float32(0.5)
_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)


@njit(cache=True, nogil=True, inline="always")
def view_ray(x: Any, y: Any, lens: Any, turn: Any) -> Any:
    """Return a pixel's ray in the world, one metre of depth long."""
    a, b = (x - lens[2]) / lens[0], -(y - lens[3]) / lens[1]
    return (
        turn[0, 0] * a + turn[0, 1] * b - turn[0, 2],
        turn[1, 0] * a + turn[1, 1] * b - turn[1, 2],
        turn[2, 0] * a + turn[2, 1] * b - turn[2, 2],
    )


@njit(cache=True, nogil=True)
def _weights(points: Any, faces: Any, f: int, px: Any, py: Any, pz: Any) -> Any:
    """Return barycentric weights of a point on a face, held inside it (Ericson 2005, 3.4)."""
    a, b, c = points[faces[f, 0]], points[faces[f, 1]], points[faces[f, 2]]
    e0x, e0y, e0z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    e1x, e1y, e1z = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    e2x, e2y, e2z = px - a[0], py - a[1], pz - a[2]
    d00, d01, d11 = (
        e0x * e0x + e0y * e0y + e0z * e0z,
        e0x * e1x + e0y * e1y + e0z * e1z,
        e1x * e1x + e1y * e1y + e1z * e1z,
    )
    d20, d21 = e2x * e0x + e2y * e0y + e2z * e0z, e2x * e1x + e2y * e1y + e2z * e1z
    det = d00 * d11 - d01 * d01
    if det < _F(1e-20):
        return _ONE, _ZERO, _ZERO
    v = min(max((d11 * d20 - d01 * d21) / det, _ZERO), _ONE)
    w = min(max((d00 * d21 - d01 * d20) / det, _ZERO), _ONE)
    u = max(_ONE - v - w, _ZERO)
    total = u + v + w
    return u / total, v / total, w / total


@njit(cache=True, nogil=True)
def surface(
    f: int, dx: Any, dy: Any, dz: Any, eye: Any, points: Any, faces: Any, face_normal: Any, normals: Any,
    round_face: Any
) -> Any:  # fmt: skip
    """Return depth, point, flat and round normal (towards the eye) of a face along a view ray."""
    if f == GROUND:
        t = eye[1] / max(-dy, _F(1e-7))
        return t, eye[0] + dx * t, _ZERO, eye[2] + dz * t, _ZERO, _ONE, _ZERO, _ZERO, _ONE, _ZERO
    nx, ny, nz = face_normal[f, 0], face_normal[f, 1], face_normal[f, 2]
    a = points[faces[f, 0]]
    facing = nx * dx + ny * dy + nz * dz
    if abs(facing) < _F(1e-7):
        facing = _F(1e-7) if facing > 0 else _F(-1e-7)
    t = (nx * (a[0] - eye[0]) + ny * (a[1] - eye[1]) + nz * (a[2] - eye[2])) / facing
    # A face seen edge on has no depth of its own along a ray beside it: hold it within its corners.
    near, far = _F(np.inf), _ZERO
    for k in range(3):
        q = points[faces[f, k]]
        qx, qy, qz = q[0] - eye[0], q[1] - eye[1], q[2] - eye[2]
        along = (qx * dx + qy * dy + qz * dz) / (dx * dx + dy * dy + dz * dz)
        near, far = min(near, along), max(far, along)
    t = max(min(max(t, near), far), _F(0.05))
    px, py, pz = eye[0] + dx * t, eye[1] + dy * t, eye[2] + dz * t
    sx, sy, sz = nx, ny, nz
    if round_face[f]:
        u, v, w = _weights(points, faces, f, px, py, pz)
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        sx = u * normals[i, 0] + v * normals[j, 0] + w * normals[k, 0]
        sy = u * normals[i, 1] + v * normals[j, 1] + w * normals[k, 1]
        sz = u * normals[i, 2] + v * normals[j, 2] + w * normals[k, 2]
        length = max(np.sqrt(sx * sx + sy * sy + sz * sz), _F(1e-9))
        sx, sy, sz = sx / length, sy / length, sz / length
    if facing > 0:
        nx, ny, nz, sx, sy, sz = -nx, -ny, -nz, -sx, -sy, -sz
    return t, px, py, pz, nx, ny, nz, sx, sy, sz


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def central(
    identity: Any, offset: Any, middle: int, lens: Any, turn: Any, eye: Any, points: Any, faces: Any, face_normal: Any,
    normals: Any, round_face: Any, has_next: bool, points_next: Any, lens_next: Any, turn_next: Any, eye_next: Any,
    face: Any, depth: Any, normal: Any, flat: Any, motion: Any,
) -> None:  # fmt: skip
    """Read the pixel's sample number ``middle``: face, depth, world normals and the way to the next frame."""
    samples = len(offset)
    height, width = face.shape
    up = (_F(middle) + _HALF) / _F(samples)
    for r in prange(height):
        for c in range(width):
            f = identity[r * samples + middle, c]
            face[r, c] = f
            depth[r, c] = _F(np.inf)
            for k in range(3):
                normal[r, c, k] = flat[r, c, k] = 0.0
            motion[r, c, 0] = motion[r, c, 1] = 0.0
            if f == SKY:
                continue
            x, y = _F(c) + offset[middle], _F(r) + up
            dx, dy, dz = view_ray(x, y, lens, turn)
            t, px, py, pz, nx, ny, nz, sx, sy, sz = surface(
                f, dx, dy, dz, eye, points, faces, face_normal, normals, round_face
            )
            depth[r, c] = t
            flat[r, c, 0], flat[r, c, 1], flat[r, c, 2] = nx, ny, nz
            normal[r, c, 0], normal[r, c, 1], normal[r, c, 2] = sx, sy, sz
            if has_next:
                if f >= 0:
                    u, v, w = _weights(points, faces, f, px, py, pz)
                    i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
                    a, b, d = points_next[i], points_next[j], points_next[k]
                    p, q, s = points[i], points[j], points[k]
                    # How far the face carries the point: what does not move has none, however its edge is held.
                    px += u * (a[0] - p[0]) + v * (b[0] - q[0]) + w * (d[0] - s[0])
                    py += u * (a[1] - p[1]) + v * (b[1] - q[1]) + w * (d[1] - s[1])
                    pz += u * (a[2] - p[2]) + v * (b[2] - q[2]) + w * (d[2] - s[2])
                px, py, pz = px - eye_next[0], py - eye_next[1], pz - eye_next[2]
                lx = turn_next[0, 0] * px + turn_next[1, 0] * py + turn_next[2, 0] * pz
                ly = turn_next[0, 1] * px + turn_next[1, 1] * py + turn_next[2, 1] * pz
                lz = max(-(turn_next[0, 2] * px + turn_next[1, 2] * py + turn_next[2, 2] * pz), _F(1e-3))
                motion[r, c, 0] = lens_next[2] + lens_next[0] * lx / lz - x
                motion[r, c, 1] = lens_next[3] - lens_next[1] * ly / lz - y
