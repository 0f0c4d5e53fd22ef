"""Ambient occlusion by a few short rays a pixel, gathered over the pixels of a plane.

Cosine-weighted with a stratified reach, so that it falls off with distance.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from secondunit.prep.stage.bvh import blocked
from secondunit.prep.stage.raster import SKY
from secondunit.prep.stage.surface import view_ray

Floats = NDArray[np.float32]

AO_PATTERN = 4
"""Side of the square of pixels over which the rays are spread, and of the filter that gathers them again."""
_F = np.float32
_HALF = np.float32(0.5)
_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)


def ao_directions(rays: int) -> Floats:
    """Return (16, rays, 4): local cosine-weighted direction and a share of the reach, for 16 neighbouring pixels.

    One Hammersley set (Niederreiter 1992) of 16 * rays points, dealt out so that each pixel's own few are spread too.
    """
    cells = AO_PATTERN * AO_PATTERN
    number = cells * rays
    i = np.arange(number)
    radical = np.zeros(number)
    for bit in range(16):
        radical += ((i >> bit) & 1) * 0.5 ** (bit + 1)
    u, v = (i + 0.5) / number, radical
    radius, turn = np.sqrt(u), 2 * np.pi * v
    share = np.sqrt((i * 0.7548776662466927 + 0.5) % 1.0)
    each = np.stack([radius * np.cos(turn), radius * np.sin(turn), np.sqrt(1 - u), np.maximum(share, 0.12)], axis=1)
    shuffled = np.array([0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5])  # Bayer 4 x 4
    return np.ascontiguousarray(each.reshape(rays, cells, 4).transpose(1, 0, 2)[shuffled], np.float32)


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def occlusion(
    face: Any, depth: Any, flat: Any, middle: Any, lens: Any, turn: Any, eye: Any, directions: Any, reach: Any,
    step: int,
    low: Any, high: Any, skip: Any, first: Any, count: Any, corners: Any, coarse: Any, place: Any,
) -> None:  # fmt: skip
    """Cast occlusion rays from every ``step``-th pixel.

    ``coarse`` (rows, columns) is the open share of the sky, ``place`` (rows, columns, 3) the point from the eye,
    metres.
    """
    rows, columns = coarse.shape
    rays = directions.shape[1]
    for i in prange(rows):
        stack = np.empty(64, np.int32)
        for j in range(columns):
            r, c = i * step, j * step
            coarse[i, j] = 1.0
            if face[r, c] == SKY:
                continue
            dx, dy, dz = view_ray(_F(c) + middle[0], _F(r) + middle[1], lens, turn)
            t = depth[r, c]
            place[i, j, 0], place[i, j, 1], place[i, j, 2] = dx * t, dy * t, dz * t
            if t > _F(400.0):
                continue
            nx, ny, nz = flat[r, c, 0], flat[r, c, 1], flat[r, c, 2]
            lift = _F(2e-3) + t * _F(4e-4)
            px, py, pz = eye[0] + dx * t + nx * lift, eye[1] + dy * t + ny * lift, eye[2] + dz * t + nz * lift
            # Duff et al. 2017, "Building an orthonormal basis, revisited".
            sign = _ONE if nz >= 0 else -_ONE
            a = -_ONE / (sign + nz)
            b = nx * ny * a
            tx, ty, tz = _ONE + sign * nx * nx * a, sign * b, -sign * nx
            ux, uy, uz = b, sign + ny * ny * a, -ny
            cell = (i % AO_PATTERN) * AO_PATTERN + j % AO_PATTERN
            far = reach * (_ONE + t / _F(30.0))
            open_ = 0
            for k in range(rays):
                lx, ly, lz, share = (
                    directions[cell, k, 0], directions[cell, k, 1], directions[cell, k, 2], directions[cell, k, 3]
                )  # fmt: skip
                wx, wy, wz = lx * tx + ly * ux + lz * nx, lx * ty + ly * uy + lz * ny, lx * tz + ly * uz + lz * nz
                if not blocked(low, high, skip, first, count, corners, px, py, pz, wx, wy, wz, far * share, stack):
                    open_ += 1
            coarse[i, j] = _F(open_) / _F(rays)


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def gather_occlusion(
    face: Any, depth: Any, flat: Any, middle: Any, step: int, lens: Any, turn: Any, coarse: Any, place: Any, ao: Any
) -> None:
    """Spread coarse occlusion to every pixel from the 4 x 4 coarse pixels round it that lie on its plane."""
    height, width = face.shape
    rows, columns = coarse.shape
    for r in prange(height):
        for c in range(width):
            ao[r, c] = 1.0
            if face[r, c] == SKY:
                continue
            t = depth[r, c]
            nx, ny, nz = flat[r, c, 0], flat[r, c, 1], flat[r, c, 2]
            dx, dy, dz = view_ray(_F(c) + middle[0], _F(r) + middle[1], lens, turn)
            plane = (nx * dx + ny * dy + nz * dz) * t
            thick = t * _F(0.004) + _F(0.02)
            i0, j0 = (r + step - 1) // step - 2, (c + step - 1) // step - 2
            total, weight = _ZERO, _ZERO
            for i in range(max(i0, 0), min(i0 + 5, rows)):
                for j in range(max(j0, 0), min(j0 + 5, columns)):
                    y, x = i * step, j * step
                    if face[y, x] == SKY:
                        continue
                    alike = nx * flat[y, x, 0] + ny * flat[y, x, 1] + nz * flat[y, x, 2]
                    if alike < _F(0.8):
                        continue
                    apart = abs(nx * place[i, j, 0] + ny * place[i, j, 1] + nz * place[i, j, 2] - plane) / thick
                    wy = _F(2.5) - abs(_F(y - r) / _F(step))
                    wx = _F(2.5) - abs(_F(x - c) / _F(step))
                    w = max(_ONE - apart, _ZERO) * min(max(wy, _ZERO), _ONE) * min(max(wx, _ZERO), _ONE)
                    total += w * coarse[i, j]
                    weight += w
            if weight > _F(1e-4):
                ao[r, c] = total / weight
