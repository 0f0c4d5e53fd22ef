"""What the network learns to paint: the fine dust as the camera sees it, alpha, sun and sky apart, at full size.

The light is the product's own many-times scattered light (``fx.dust.light``), solved on the fine dust; the march is
plain, in short even steps, so that a target owes nothing to the shortcuts of the control march.
"""

import numpy as np
from numba import njit, prange

from secondunit.core.camera import Camera, Vec3
from secondunit.fx.control.march import NEAREST_M
from secondunit.fx.control.march_rays import LOBE_BACK, LOBE_FORWARD, LOBE_MIX, OPAQUE
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.imaging.buffers import DustLayers, Image
from secondunit.imaging.projection import intrinsics, pose

STEP = 0.6
"""Step of the march in fine cells."""

F = np.float32
ZERO, HALF, ONE, TWO = F(0.0), F(0.5), F(1.0), F(2.0)
_BRICK = 8


def render_target(
    dust: DustFrame,
    light: LightGrid,
    *,
    camera: Camera,
    width: int,
    height: int,
    surface_depth: Image,
    sun_direction: Vec3,
) -> DustLayers:
    """March fine dust before the first surface.

    Parameters
    ----------
    surface_depth
        (height, width) metres along the optical axis, inf where there is nothing.
    """
    extinction = np.ascontiguousarray(dust.extinction, dtype=np.float32)
    volume = np.ascontiguousarray(np.stack([light.sun, light.sun_scatter, light.sky], -1), dtype=np.float32)
    out = np.zeros((3, height, width), np.float32)
    rotation, position = pose(camera)
    _march(
        extinction, _bricks(extinction), dust.origin_m.astype(np.float32), F(dust.cell_m),
        volume, light.origin_m.astype(np.float32), F(light.cell_m), light.reach_m.astype(np.float32),
        np.asarray(intrinsics(camera, width, height), np.float32), rotation.astype(np.float32),
        position.astype(np.float32), surface_depth.astype(np.float32),
        np.asarray(sun_direction, np.float32), F(STEP), out,
    )  # fmt: skip
    return DustLayers(alpha=out[0], sun=out[1], sky=out[2])


def _bricks(extinction: Image) -> np.ndarray:
    """Mark bricks of ``_BRICK`` cells that hold dust, one cell wider."""
    shape = tuple(-(-n // _BRICK) for n in extinction.shape)
    padded = np.zeros([n * _BRICK for n in shape], np.bool_)
    padded[tuple(slice(n) for n in extinction.shape)] = extinction > 0.0
    near = padded.reshape(shape[0], _BRICK, shape[1], _BRICK, shape[2], _BRICK).any(axis=(1, 3, 5))
    wide = np.pad(near, 1)
    out = np.zeros_like(near)
    for i in range(3):
        for j in range(3):
            for k in range(3):
                out |= wide[i : i + shape[0], j : j + shape[1], k : k + shape[2]]
    return out


@njit(fastmath=True, nogil=True, inline="always")
def lobe(g, c):  # type: ignore[no-untyped-def]
    """Henyey-Greenstein (1941), times 4 pi."""
    b = ONE + g * g - TWO * g * c
    return (ONE - g * g) / (b * np.sqrt(b))


@njit(fastmath=True, nogil=True)
def read(a, x, y, z):  # type: ignore[no-untyped-def]
    """Trilinear read in cell-centre coordinates, clamped."""
    nx, ny, nz = a.shape
    x = min(max(x, ZERO), F(nx - 1))
    y = min(max(y, ZERO), F(ny - 1))
    z = min(max(z, ZERO), F(nz - 1))
    i, j, k = min(int(x), nx - 2), min(int(y), ny - 2), min(int(z), nz - 2)
    u, v, w = x - F(i), y - F(j), z - F(k)
    c00 = a[i, j, k] + (a[i, j, k + 1] - a[i, j, k]) * w
    c01 = a[i, j + 1, k] + (a[i, j + 1, k + 1] - a[i, j + 1, k]) * w
    c10 = a[i + 1, j, k] + (a[i + 1, j, k + 1] - a[i + 1, j, k]) * w
    c11 = a[i + 1, j + 1, k] + (a[i + 1, j + 1, k + 1] - a[i + 1, j + 1, k]) * w
    c0 = c00 + (c01 - c00) * v
    c1 = c10 + (c11 - c10) * v
    return c0 + (c1 - c0) * u


@njit(fastmath=True, nogil=True)
def read_light(a, x, y, z, out):  # type: ignore[no-untyped-def]
    """Trilinear read of three interleaved channels, clamped."""
    nx, ny, nz, _ = a.shape
    x = min(max(x, ZERO), F(nx - 1))
    y = min(max(y, ZERO), F(ny - 1))
    z = min(max(z, ZERO), F(nz - 1))
    i, j, k = min(int(x), nx - 2), min(int(y), ny - 2), min(int(z), nz - 2)
    u, v, w = x - F(i), y - F(j), z - F(k)
    for c in range(3):
        out[c] = ZERO
    for m in range(8):
        share = (u if m & 1 else ONE - u) * (v if m & 2 else ONE - v) * (w if m & 4 else ONE - w)
        cell = a[i + (m & 1), j + (m >> 1 & 1), k + (m >> 2)]
        for c in range(3):
            out[c] += share * cell[c]


@njit(parallel=True, fastmath=True, cache=True, nogil=True, error_model="numpy")
def _march(  # type: ignore[no-untyped-def]
    extinction, bricks, origin, cell, light, light_origin, light_cell, reach, camera, rotation, position, far, sun,
    step, out,
):  # fmt: skip
    height, width = far.shape
    nx, ny, nz = extinction.shape
    inv, inv_light = ONE / cell, ONE / light_cell
    for row in prange(height):
        lit = np.zeros(3, dtype=np.float32)
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
            cosine = (dx * sun[0] + dy * sun[1] + dz * sun[2]) / length
            phase = F(0.25) * ((ONE - LOBE_MIX) * lobe(LOBE_FORWARD, cosine) + LOBE_MIX * lobe(LOBE_BACK, cosine))
            clear = ONE
            lum = ZERO
            sky = ZERO
            stride = step * cell / length
            while t < end and clear > OPAQUE:
                mid = t + HALF * min(stride, end - t)
                wx, wy, wz = ox + dx * mid, oy + dy * mid, oz + dz * mid
                x, y, z = wx * inv - HALF, wy * inv - HALF, wz * inv - HALF
                i = min(max(int(x), 0), nx - 1) // _BRICK
                j = min(max(int(y), 0), ny - 1) // _BRICK
                k = min(max(int(z), 0), nz - 1) // _BRICK
                if not bricks[i, j, k]:
                    sx = (F((i + (1 if dx > ZERO else 0)) * _BRICK) - x) * cell / dx
                    sy = (F((j + (1 if dy > ZERO else 0)) * _BRICK) - y) * cell / dy
                    sz = (F((k + (1 if dz > ZERO else 0)) * _BRICK) - z) * cell / dz
                    t = mid + max(min(sx, min(sy, sz)), ZERO) + F(0.02) * cell
                    continue
                d = read(extinction, x, y, z)
                if d > F(1e-4):
                    gx, gy, gz = wx + origin[0], wy + origin[1], wz + origin[2]
                    if (
                        gx < reach[0, 0] or gy < reach[0, 1] or gz < reach[0, 2]
                        or gx > reach[1, 0] or gy > reach[1, 1] or gz > reach[1, 2]
                    ):  # fmt: skip
                        lit[0], lit[1], lit[2] = ONE, ZERO, ONE
                    else:
                        read_light(
                            light,
                            (gx - light_origin[0]) * inv_light - HALF,
                            (gy - light_origin[1]) * inv_light - HALF,
                            (gz - light_origin[2]) * inv_light - HALF,
                            lit,
                        )
                    a = ONE - np.exp(-d * min(stride, end - t) * length)
                    w = clear * a
                    lum += w * (phase * lit[0] + lit[1])
                    sky += w * lit[2]
                    clear *= ONE - a
                t += stride
            whole = ONE / (ONE - OPAQUE)
            out[0, row, col] = min((ONE - clear) * whole, ONE)
            out[1, row, col] = lum * whole
            out[2, row, col] = sky * whole
