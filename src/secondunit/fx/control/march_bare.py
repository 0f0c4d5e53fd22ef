"""The march without what the dust carries: how thick it is, how it is lit and how far away, for slabs nobody paints.

Steps, light and limits are those of ``march_rays.march_slab``; what is left out is two thirds of its time.
"""

import numpy as np
from numba import njit, prange

from secondunit.fx.control.march_medium import BRICK
from secondunit.fx.control.march_rays import (
    HALF,
    LONG,
    ONE,
    OPAQUE,
    ZERO,
    F,
    phase_of,
    ray_of,
    read,
    read_light,
    span_of,
    through_brick,
)
from secondunit.imaging.fused import fma
from secondunit.imaging.turns import dealt

PLANES = ("alpha", "sun", "sky", "optical_depth", "depth")
"""What ``march_bare`` writes, in order."""


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
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
    for turn_of in prange(height):
        row = dealt(turn_of, height)
        lit = np.zeros(3, dtype=np.float32)
        for col in range(width):
            dx, dy, dz = ray_of(camera, rotation, row, col)
            t, end = span_of(ox, oy, oz, dx, dy, dz, size_x, size_y, size_z, near[row, col], far[row, col])
            if not t < end:
                continue
            length = np.sqrt(dx * dx + dy * dy + dz * dz)
            cosine = (dx * sun[0] + dy * sun[1] + dz * sun[2]) / length
            phase = phase_of(cosine)
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
                wx = fma(dx, t, ox)
                wy = fma(dy, t, oy)
                wz = fma(dz, t, oz)
                x = fma(wx, inv, -HALF)
                y = fma(wy, inv, -HALF)
                z = fma(wz, inv, -HALF)
                i = min(max(int(x), 0), nx - 1)
                j = min(max(int(y), 0), ny - 1)
                k = min(max(int(z), 0), nz - 1)
                if bricks[i // BRICK, j // BRICK, k // BRICK] == 0:
                    # Nothing in this brick: go to where the ray leaves it.
                    last_d = ZERO
                    t += through_brick(x, y, z, i, j, k, cell / dx, cell / dy, cell / dz, cell)
                    last = t
                    continue
                d = read(extinction, nx, ny, nz, x, y, z)
                if d >= F(1e-4) or last_d >= F(1e-4):
                    gx = wx + origin[0]
                    gy = wy + origin[1]
                    gz = wz + origin[2]
                    read_light(light, light_shape, light_origin, inv_light, reach, gx, gy, gz, lit)
                    seen = ONE if t < held_at else ONE - held
                    thick = HALF * (d + last_d) * (t - last) * length
                    a = ONE - np.exp(-thick)
                    w = clear * a * seen
                    clear *= ONE - a
                    tau = fma(thick, seen, tau)
                    alpha += w
                    lum = fma(w, fma(phase, lit[0], lit[1]), lum)
                    sky = fma(w, lit[2], sky)
                    depth = fma(w, t, depth)
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
