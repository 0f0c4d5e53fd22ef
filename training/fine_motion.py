"""Where fine dust goes on the screen: the fine air's own velocity, averaged over what each pixel sees."""

import numpy as np
from numba import njit, prange

from secondunit.core.camera import Camera
from secondunit.fx.control.march import NEAREST_M
from secondunit.fx.control.march_rays import OPAQUE
from secondunit.fx.dust.grid import DustFrame
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import intrinsics, pose
from training.target import STEP, _bricks, read

F = np.float32
ZERO, HALF, ONE = F(0.0), F(0.5), F(1.0)
_BRICK = 8


def render_motion(
    dust: DustFrame, velocity: Image, *, camera: Camera, width: int, height: int, surface_depth: Image, rate: float
) -> Image:
    """Return (2, height, width) pixels from this frame to the next, x right and y down; 0 where there is no dust.

    Parameters
    ----------
    velocity
        (nx, ny, nz, 3) metres a second, on the dust's cells.
    surface_depth
        (height, width) metres along the optical axis, inf where there is nothing.
    rate
        Frames a second.
    """
    extinction = np.ascontiguousarray(dust.extinction, dtype=np.float32)
    out = np.zeros((2, height, width), np.float32)
    rotation, position = pose(camera)
    _motion(
        extinction, _bricks(extinction), np.ascontiguousarray(velocity, dtype=np.float32),
        dust.origin_m.astype(np.float32), F(dust.cell_m), np.asarray(intrinsics(camera, width, height), np.float32),
        rotation.astype(np.float32), position.astype(np.float32), surface_depth.astype(np.float32), F(1.0 / rate),
        F(STEP), out,
    )  # fmt: skip
    return out


@njit(parallel=True, fastmath=True, cache=True, nogil=True, error_model="numpy")
def _motion(  # type: ignore[no-untyped-def]
    extinction, bricks, velocity, origin, cell, camera, rotation, position, far, seconds, step, out,
):  # fmt: skip
    nx, ny, nz = extinction.shape
    _, height, width = out.shape
    inv = ONE / cell
    for row in prange(height):
        for col in range(width):
            px = (F(col) + HALF - camera[2]) / camera[0]
            py = -(F(row) + HALF - camera[3]) / camera[1]
            dx = rotation[0, 0] * px + rotation[0, 1] * py - rotation[0, 2]
            dy = rotation[1, 0] * px + rotation[1, 1] * py - rotation[1, 2]
            dz = rotation[2, 0] * px + rotation[2, 1] * py - rotation[2, 2]
            dx = dx if abs(dx) > F(1e-7) else F(1e-7)
            dy = dy if abs(dy) > F(1e-7) else F(1e-7)
            dz = dz if abs(dz) > F(1e-7) else F(1e-7)
            length = np.sqrt(dx * dx + dy * dy + dz * dz)
            ox, oy, oz = position[0] - origin[0], position[1] - origin[1], position[2] - origin[2]
            ax, bx = -ox / dx, (cell * F(nx) - ox) / dx
            ay, by = -oy / dy, (cell * F(ny) - oy) / dy
            az, bz = -oz / dz, (cell * F(nz) - oz) / dz
            t = max(max(min(ax, bx), min(ay, by)), max(min(az, bz), F(NEAREST_M)))
            end = min(min(max(ax, bx), max(ay, by)), min(max(az, bz), far[row, col]))
            clear = ONE
            depth = ZERO
            vx = ZERO
            vy = ZERO
            vz = ZERO
            stride = step * cell / length
            while t < end and clear > OPAQUE:
                mid = t + HALF * min(stride, end - t)
                x = (ox + dx * mid) * inv - HALF
                y = (oy + dy * mid) * inv - HALF
                z = (oz + dz * mid) * inv - HALF
                i = min(max(int(x), 0), nx - 1)
                j = min(max(int(y), 0), ny - 1)
                k = min(max(int(z), 0), nz - 1)
                p, q, r = i // _BRICK, j // _BRICK, k // _BRICK
                if not bricks[p, q, r]:
                    sx = (F((p + (1 if dx > ZERO else 0)) * _BRICK) - x) * cell / dx
                    sy = (F((q + (1 if dy > ZERO else 0)) * _BRICK) - y) * cell / dy
                    sz = (F((r + (1 if dz > ZERO else 0)) * _BRICK) - z) * cell / dz
                    t = mid + max(min(sx, min(sy, sz)), ZERO) + F(0.02) * cell
                    continue
                d = read(extinction, x, y, z)
                if d > F(1e-4):
                    a = ONE - np.exp(-d * min(stride, end - t) * length)
                    w = clear * a
                    depth += w * mid
                    i = min(max(int(x + HALF), 0), nx - 1)
                    j = min(max(int(y + HALF), 0), ny - 1)
                    k = min(max(int(z + HALF), 0), nz - 1)
                    vx += w * velocity[i, j, k, 0]
                    vy += w * velocity[i, j, k, 1]
                    vz += w * velocity[i, j, k, 2]
                    clear *= ONE - a
                t += stride
            seen = ONE - clear
            if seen < F(1e-3):
                continue
            depth /= seen
            x = dx * depth + vx / seen * seconds
            y = dy * depth + vy / seen * seconds
            z = dz * depth + vz / seen * seconds
            right = rotation[0, 0] * x + rotation[1, 0] * y + rotation[2, 0] * z
            up = rotation[0, 1] * x + rotation[1, 1] * y + rotation[2, 1] * z
            ahead = -(rotation[0, 2] * x + rotation[1, 2] * y + rotation[2, 2] * z)
            if ahead > F(0.1):
                out[0, row, col] = camera[2] + camera[0] * right / ahead - (F(col) + HALF)
                out[1, row, col] = camera[3] - camera[1] * up / ahead - (F(row) + HALF)
