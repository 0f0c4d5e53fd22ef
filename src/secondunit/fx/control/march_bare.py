"""The march without what the dust carries: how thick it is, how it is lit and how far away, for slabs nobody paints.

Steps, light and limits are those of ``march_rays.march_slab``; what is left out is two thirds of its time.
"""

import numpy as np
from numba import njit, prange

from secondunit.fx.control.march_medium import BRICK
from secondunit.fx.control.march_rays import (
    HALF,
    LOBE_BACK,
    LOBE_FORWARD,
    LOBE_MIX,
    LONG,
    ONE,
    OPAQUE,
    ZERO,
    F,
    henyey_greenstein,
    read,
    read_all,
)

PLANES = ("alpha", "sun", "sky", "optical_depth", "depth")
"""What ``march_bare`` writes, in order."""


@njit(parallel=True, fastmath=True, cache=True, nogil=True, error_model="numpy")
def march_bare(  # type: ignore[no-untyped-def]
    extinction, shape, bricks, light, light_shape, origin, cell, light_origin, light_cell, reach,
    camera, rotation, position, near, far, holdout, holdout_depth, sun, out,
):  # fmt: skip
    """March every pixel of a slab; arguments as ``march_rays.march_slab`` takes them."""
    height, width = near.shape
    nx, ny, nz = shape
    inv = ONE / cell
    inv_light = ONE / light_cell
    size_x = cell * F(nx)
    size_y = cell * F(ny)
    size_z = cell * F(nz)
    ox = position[0] - origin[0]
    oy = position[1] - origin[1]
    oz = position[2] - origin[2]
    upper = (height + 1) // 2
    for turn_of in prange(height):
        # Neighbouring rows cost alike: dealing them out in turn keeps both threads busy.
        row = 2 * turn_of if turn_of < upper else 2 * (turn_of - upper) + 1
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
            ax = -ox / dx
            bx = (size_x - ox) / dx
            ay = -oy / dy
            by = (size_y - oy) / dy
            az = -oz / dz
            bz = (size_z - oz) / dz
            t = max(max(min(ax, bx), min(ay, by)), max(min(az, bz), near[row, col]))
            end = min(min(max(ax, bx), max(ay, by)), min(max(az, bz), far[row, col]))
            if not t < end:
                continue
            length = np.sqrt(dx * dx + dy * dy + dz * dz)
            cosine = (dx * sun[0] + dy * sun[1] + dz * sun[2]) / length
            forward = (ONE - LOBE_MIX) * henyey_greenstein(LOBE_FORWARD, cosine)
            phase = F(0.25) * (forward + LOBE_MIX * henyey_greenstein(LOBE_BACK, cosine))
            held = holdout[row, col]
            held_at = holdout_depth[row, col]
            clear = ONE
            tau = ZERO
            alpha = ZERO
            lum = ZERO
            sky = ZERO
            depth = ZERO
            last = t
            last_d = ZERO
            finished = False
            while not finished and clear > OPAQUE:
                if t >= end:
                    t = end
                    finished = True
                wx = ox + dx * t
                wy = oy + dy * t
                wz = oz + dz * t
                x = wx * inv - HALF
                y = wy * inv - HALF
                z = wz * inv - HALF
                i = min(max(int(x), 0), nx - 1)
                j = min(max(int(y), 0), ny - 1)
                k = min(max(int(z), 0), nz - 1)
                if bricks[i // BRICK, j // BRICK, k // BRICK] == 0:
                    # Nothing in this brick: go to where the ray leaves it.
                    sx = (F((i // BRICK + (1 if dx > ZERO else 0)) * BRICK) - x) * cell / dx
                    sy = (F((j // BRICK + (1 if dy > ZERO else 0)) * BRICK) - y) * cell / dy
                    sz = (F((k // BRICK + (1 if dz > ZERO else 0)) * BRICK) - z) * cell / dz
                    last_d = ZERO
                    t += max(min(sx, min(sy, sz)), ZERO) + F(0.02) * cell
                    last = t
                    continue
                d = read(extinction, nx, ny, nz, x, y, z)
                if d >= F(1e-4) or last_d >= F(1e-4):
                    gx = wx + origin[0]
                    gy = wy + origin[1]
                    gz = wz + origin[2]
                    if (
                        gx < reach[0, 0] or gy < reach[0, 1] or gz < reach[0, 2]
                        or gx > reach[1, 0] or gy > reach[1, 1] or gz > reach[1, 2]
                    ):  # fmt: skip
                        lit[0] = ONE
                        lit[1] = ZERO
                        lit[2] = ONE
                    else:
                        lx = (gx - light_origin[0]) * inv_light - HALF
                        ly = (gy - light_origin[1]) * inv_light - HALF
                        lz = (gz - light_origin[2]) * inv_light - HALF
                        read_all(light, light_shape[0], light_shape[1], light_shape[2], 3, lx, ly, lz, lit)
                    seen = ONE if t < held_at else ONE - held
                    thick = HALF * (d + last_d) * (t - last) * length
                    a = ONE - np.exp(-thick)
                    w = clear * a * seen
                    clear *= ONE - a
                    tau += thick * seen
                    alpha += w
                    lum += w * (phase * lit[0] + lit[1])
                    sky += w * lit[2]
                    depth += w * t
                last = t
                last_d = d
                t += LONG * cell / length
            if alpha <= F(1e-5):
                continue
            whole = ONE / (ONE - OPAQUE)
            out[0, row, col] = min(alpha * whole, ONE)
            out[1, row, col] = lum * whole
            out[2, row, col] = sky * whole
            out[3, row, col] = tau
            out[4, row, col] = depth / alpha
