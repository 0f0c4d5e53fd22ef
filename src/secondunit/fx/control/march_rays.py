"""The compiled ray-march: one slab of dust, rows in parallel, every pixel on its own."""

import numpy as np
from numba import njit, prange

from secondunit.fx.control.march_medium import BRICK, CHANNELS
from secondunit.fx.control.noise import OCTAVES, PHASES, SIZE
from secondunit.imaging.fused import fma
from secondunit.imaging.turns import dealt

PLANES = (
    "alpha", "sun", "sky", "optical_depth", "depth", "velocity_x", "velocity_y", "velocity_z", "normal_x", "normal_y",
    "normal_z", "noise_0", "noise_1", "noise_2", "noise_3", "stretch", "eroded_alpha", "eroded_sun", "eroded_sky",
)  # fmt: skip
"""What ``march_slab`` writes, in order; velocity and normal in the world, per unit of alpha."""

F = np.float32
ZERO, HALF, ONE, TWO, THREE, FOUR = F(0.0), F(0.5), F(1.0), F(2.0), F(3.0), F(4.0)

MEAN = F(0.7979)
"""Mean of |n|, n normal."""

ROUND = F(0.16)
"""Width of that rounding."""

UNIT = np.uint64(1)
TILE_Y = np.uint64(SIZE + 1)
TILE_X = np.uint64((SIZE + 1) ** 2)

OUTSIDE = F(-0.3)
"""Depth under the skin that stands for clear air."""

OPAQUE = F(0.01)
"""Transmittance at which a ray has seen all it will; what is seen is scaled so that such a ray is wholly opaque."""

# Dust is a forward scatterer with a weak backward lobe; concrete dust's albedo hides the rest in many orders.
LOBE_FORWARD, LOBE_BACK, LOBE_MIX = F(0.5), F(-0.3), F(0.35)

# Erosion.
NEAR_SHARE = F(0.25)
"""Share of the extinction itself, against its surroundings, in how deep a point lies in the cloud."""
CUT = F(0.70)
"""How far into the body the deepest crease cuts."""
LEAST_CUT = F(0.10)
"""How far bump tops stay under the coarse cloud's faint outskirts."""
SOFT = F(0.07)
"""Over how much of the body the carved skin turns from clear to full."""
SOFTER = F(0.30)
"""What is added to that in thin dust: wisps have no crisp edge."""
THIN = F(0.08)
"""Body extinction in 1/m at which dust is half way to thin."""
VEIL, THIN_VEIL = F(0.06), F(0.4)
"""Share of the coarse dust that stays outside the carved skin, and what thin dust adds: tails and haze."""
DENSER = F(3.0)
"""Eroded extinction over coarse: what is left is denser, so that an edge closes within a few centimetres."""
CREST = F(1.25)
"""How fast a crease closes with the billow beside it: exp(-CREST billow)."""
WEIGHT_0, WEIGHT_1, WEIGHT_2, WEIGHT_3 = F(1.0 / 2.26), F(0.62 / 2.26), F(0.40 / 2.26), F(0.24 / 2.26)
"""Of each octave in the billow; together 1."""

FILL = F(0.4)
"""Least extinction over body just under the carved skin: a bump is dense to its surface."""

AMBIENT = F(1.0)
"""How much of the sky, and of sun scattered many times, the deepest crease loses."""

LIFT = F(0.3)
"""Most that a point may gain, in optical depth, where carving opens its way to the sun."""

TAPS = 3
TAP_0, TAP_RATIO = F(0.22), F(2.1)
"""First sun-ward tap in cells, and the ratio between taps."""

LONG, SHORT = F(0.8), F(0.10)
"""Longest and shortest step in cells."""

CORRELATION = F(0.16)
"""Length over which an octave stays itself along a ray, in wavelengths."""


@njit(nogil=True, inline="always")
def henyey_greenstein(g, c):  # type: ignore[no-untyped-def]
    """Henyey-Greenstein (1941), times 4 pi."""
    b = ONE + g * g - TWO * g * c
    return (ONE - g * g) / (b * np.sqrt(b))


@njit(nogil=True, inline="always")
def phase_of(cosine):  # type: ignore[no-untyped-def]
    """Return the two-lobed phase function, once around the sphere 4 pi over 4: as the light grid counts."""
    forward = (ONE - LOBE_MIX) * henyey_greenstein(LOBE_FORWARD, cosine)
    return F(0.25) * (forward + LOBE_MIX * henyey_greenstein(LOBE_BACK, cosine))


@njit(nogil=True, inline="always")
def ray_of(camera, rotation, row, col):  # type: ignore[no-untyped-def]
    """Return the direction through a pixel's centre, one metre along the optical axis; no component is 0."""
    px = (F(col) + HALF - camera[2]) / camera[0]
    py = -(F(row) + HALF - camera[3]) / camera[1]
    dx = rotation[0, 0] * px + rotation[0, 1] * py - rotation[0, 2]
    dy = rotation[1, 0] * px + rotation[1, 1] * py - rotation[1, 2]
    dz = rotation[2, 0] * px + rotation[2, 1] * py - rotation[2, 2]
    dx = dx if abs(dx) > F(1e-7) else F(1e-7)
    dy = dy if abs(dy) > F(1e-7) else F(1e-7)
    dz = dz if abs(dz) > F(1e-7) else F(1e-7)
    return dx, dy, dz


@njit(nogil=True, inline="always")
def span_of(ox, oy, oz, dx, dy, dz, size_x, size_y, size_z, near, far):  # type: ignore[no-untyped-def]
    """Return where a ray from (ox, oy, oz) enters and leaves a grid between two depths, in metres of depth."""
    ax = -ox / dx
    bx = (size_x - ox) / dx
    ay = -oy / dy
    by = (size_y - oy) / dy
    az = -oz / dz
    bz = (size_z - oz) / dz
    enter = max(max(min(ax, bx), min(ay, by)), max(min(az, bz), near))
    leave = min(min(max(ax, bx), max(ay, by)), min(max(az, bz), far))
    return enter, leave


@njit(nogil=True, inline="always")
def through_brick(x, y, z, i, j, k, per_x, per_y, per_z, cell):  # type: ignore[no-untyped-def]
    """Return how much further, in metres of depth, a ray leaves the brick of a cell; metres of depth per cell."""
    sx = (F((i // BRICK + (1 if per_x > ZERO else 0)) * BRICK) - x) * per_x
    sy = (F((j // BRICK + (1 if per_y > ZERO else 0)) * BRICK) - y) * per_y
    sz = (F((k // BRICK + (1 if per_z > ZERO else 0)) * BRICK) - z) * per_z
    return max(min(sx, min(sy, sz)), ZERO) + F(0.02) * cell


@njit(nogil=True)
def read(a, nx, ny, nz, x, y, z):  # type: ignore[no-untyped-def]
    """Trilinear read of a flat volume in cell-centre coordinates, clamped. nx, ny, nz are 2 or more."""
    x = min(max(x, ZERO), F(nx - 1))
    y = min(max(y, ZERO), F(ny - 1))
    z = min(max(z, ZERO), F(nz - 1))
    i = min(int(x), nx - 2)
    j = min(int(y), ny - 2)
    k = min(int(z), nz - 2)
    u = x - F(i)
    v = y - F(j)
    w = z - F(k)
    q00 = np.uint64((i * ny + j) * nz + k)
    q01 = q00 + np.uint64(nz)
    q10 = q00 + np.uint64(ny * nz)
    q11 = q10 + np.uint64(nz)
    c00 = fma(a[q00 + UNIT] - a[q00], w, a[q00])
    c01 = fma(a[q01 + UNIT] - a[q01], w, a[q01])
    c10 = fma(a[q10 + UNIT] - a[q10], w, a[q10])
    c11 = fma(a[q11 + UNIT] - a[q11], w, a[q11])
    c0 = fma(c01 - c00, v, c00)
    c1 = fma(c11 - c10, v, c10)
    return fma(c1 - c0, u, c0)


@njit(nogil=True)
def read_all(a, nx, ny, nz, count, x, y, z, out):  # type: ignore[no-untyped-def]
    """Trilinear read of the interleaved channels of a flat volume, clamped."""
    x = min(max(x, ZERO), F(nx - 1))
    y = min(max(y, ZERO), F(ny - 1))
    z = min(max(z, ZERO), F(nz - 1))
    i = min(int(x), max(nx - 2, 0))
    j = min(int(y), max(ny - 2, 0))
    k = min(int(z), max(nz - 2, 0))
    up_i = np.uint64(ny * nz * count if nx > 1 else 0)
    up_j = np.uint64(nz * count if ny > 1 else 0)
    up_k = np.uint64(count if nz > 1 else 0)
    u = x - F(i)
    v = y - F(j)
    w = z - F(k)
    w000 = (ONE - u) * (ONE - v) * (ONE - w)
    w001 = (ONE - u) * (ONE - v) * w
    w010 = (ONE - u) * v * (ONE - w)
    w011 = (ONE - u) * v * w
    w100 = u * (ONE - v) * (ONE - w)
    w101 = u * (ONE - v) * w
    w110 = u * v * (ONE - w)
    w111 = u * v * w
    q = np.uint64(((i * ny + j) * nz + k) * count)
    for c in range(np.uint64(count)):
        low = fma(w001, a[q + up_k + c], w000 * a[q + c])
        low = fma(w011, a[q + up_j + up_k + c], fma(w010, a[q + up_j + c], low))
        high = fma(w101, a[q + up_i + up_k + c], w100 * a[q + up_i + c])
        out[c] = low + fma(w111, a[q + up_i + up_j + up_k + c], fma(w110, a[q + up_i + up_j + c], high))


@njit(nogil=True, inline="always")
def read_light(light, light_shape, light_origin, inv_light, reach, x, y, z, out):  # type: ignore[no-untyped-def]
    """Read the light at a point of the world: outside the light grid's reach all of sun and sky, nothing scattered."""
    if (
        x < reach[0, 0] or y < reach[0, 1] or z < reach[0, 2]
        or x > reach[1, 0] or y > reach[1, 1] or z > reach[1, 2]
    ):  # fmt: skip
        out[0] = ONE
        out[1] = ZERO
        out[2] = ONE
    else:
        lx = (x - light_origin[0]) * inv_light - HALF
        ly = (y - light_origin[1]) * inv_light - HALF
        lz = (z - light_origin[2]) * inv_light - HALF
        read_all(light, light_shape[0], light_shape[1], light_shape[2], 3, lx, ly, lz, out)


@njit(nogil=True)
def _tile(n, x, y, z):  # type: ignore[no-untyped-def]
    """Trilinear read of the flat periodic noise volume (its last layer repeats the first)."""
    fx = np.floor(x)
    fy = np.floor(y)
    fz = np.floor(z)
    i = np.uint64(int(fx) & (SIZE - 1))
    j = np.uint64(int(fy) & (SIZE - 1))
    k = np.uint64(int(fz) & (SIZE - 1))
    u = x - fx
    v = y - fy
    w = z - fz
    q00 = i * TILE_X + j * TILE_Y + k
    q01 = q00 + TILE_Y
    q10 = q00 + TILE_X
    q11 = q10 + TILE_Y
    c00 = fma(n[q00 + UNIT] - n[q00], w, n[q00])
    c01 = fma(n[q01 + UNIT] - n[q01], w, n[q01])
    c10 = fma(n[q10 + UNIT] - n[q10], w, n[q10])
    c11 = fma(n[q11 + UNIT] - n[q11], w, n[q11])
    c0 = fma(c01 - c00, v, c00)
    c1 = fma(c11 - c10, v, c10)
    return fma(c1 - c0, u, c0)


@njit(nogil=True)
def _octaves(volume, turn, offset, count, x, y, z, m, n):  # type: ignore[no-untyped-def]
    """Write the first ``count`` octaves at a world position: three phases, blended so that the variance stays.

    ``m`` holds the drifts and, in 9 to 11, the weights already divided by the root of their squares' sum.
    """
    for o in range(count):
        n[o] = ZERO
    for p in range(PHASES):
        weight = m[9 + p]
        if weight > F(0.02):
            a = x + m[3 * p]
            b = y + m[3 * p + 1]
            c = z + m[3 * p + 2]
            for o in range(count):
                u = fma(turn[o, 0, 0], a, fma(turn[o, 0, 1], b, fma(turn[o, 0, 2], c, offset[o, p, 0])))
                v = fma(turn[o, 1, 0], a, fma(turn[o, 1, 1], b, fma(turn[o, 1, 2], c, offset[o, p, 1])))
                w = fma(turn[o, 2, 0], a, fma(turn[o, 2, 1], b, fma(turn[o, 2, 2], c, offset[o, p, 2])))
                n[o] = fma(weight, _tile(volume, u, v, w), n[o])


@njit(nogil=True)
def _round(n):  # type: ignore[no-untyped-def]
    """|n| with the bottom of its crease rounded: a sharp one draws cracks on smooth domes."""
    return np.sqrt(n * n + ROUND * ROUND) - HALF * ROUND


@njit(nogil=True)
def _billow(n, keep_2, keep_3):  # type: ignore[no-untyped-def]
    """Weighted mean of |n| over octaves; a share of the finer two is replaced by their mean, 0.8."""
    return (
        WEIGHT_0 * _round(n[0]) + WEIGHT_1 * _round(n[1])
        + WEIGHT_2 * (keep_2 * _round(n[2]) + (ONE - keep_2) * MEAN)
        + WEIGHT_3 * (keep_3 * _round(n[3]) + (ONE - keep_3) * MEAN)
    )  # fmt: skip


@njit(nogil=True, inline="always")
def _carve(d, body, deep, billow, gain):  # type: ignore[no-untyped-def]
    """Return (extinction that is left, how far under the carved skin this is: negative outside).

    Bump tops reach the skin of the coarse cloud, creases between them cut into it: billows, not holes. ``deep`` rises
    further inside than the extinction itself does, so that creases may run deep where the coarse skin is sharp.
    """
    inside = (d * NEAR_SHARE + deep * (ONE - NEAR_SHARE)) / (body + F(1e-6))
    crease = np.exp(-billow * CREST)
    cut = min(gain * CUT * crease, F(0.9)) + LEAST_CUT
    thin = THIN / (THIN + body)
    s = min(max((inside - cut) / (SOFT + thin * SOFTER), ZERO), ONE)
    s = s * s * (THREE - TWO * s)
    veil = (VEIL + thin * THIN_VEIL) * min(billow, TWO)
    full = max(d, FILL * body * min(d / (F(0.1) * body + F(1e-6)), ONE))
    return DENSER * full * s + d * veil * (ONE - s), inside - cut


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def march_slab(  # type: ignore[no-untyped-def]
    extinction, shape, bricks, light, light_shape, origin, cell, light_origin, light_cell, reach,
    half, volume, turn, offset, wavelength, weight_square, gain, eroded,
    camera, rotation, position, near, far, holdout, holdout_depth, sun, out,
):  # fmt: skip
    """March every pixel of a slab. ``camera`` is (fx, fy, cx, cy); ``near`` and ``far`` are depths in metres."""
    height, width = near.shape
    nx, ny, nz = shape
    inv = ONE / cell
    inv_light = ONE / light_cell
    size_x = cell * F(nx)
    size_y = cell * F(ny)
    size_z = cell * F(nz)
    apart = ONE / (CORRELATION * wavelength)
    for turn_of in prange(height):
        row = dealt(turn_of, height)
        m = np.zeros(CHANNELS, dtype=np.float32)
        lit = np.zeros(3, dtype=np.float32)
        n = np.zeros(OCTAVES, dtype=np.float32)
        tap = np.zeros(OCTAVES, dtype=np.float32)
        noise_sum = np.zeros(OCTAVES, dtype=np.float32)
        noise_var = np.zeros(OCTAVES, dtype=np.float32)
        carry = np.zeros(OCTAVES, dtype=np.float32)
        for col in range(width):
            dx, dy, dz = ray_of(camera, rotation, row, col)
            length = np.sqrt(dx * dx + dy * dy + dz * dz)
            # Where the ray is inside the grid, in metres of depth.
            ox = position[0] - origin[0]
            oy = position[1] - origin[1]
            oz = position[2] - origin[2]
            t, end = span_of(ox, oy, oz, dx, dy, dz, size_x, size_y, size_z, near[row, col], far[row, col])
            if not t < end:
                continue
            cosine = (dx * sun[0] + dy * sun[1] + dz * sun[2]) / length
            phase = phase_of(cosine)
            pixel = ONE / camera[0]
            held = holdout[row, col]
            held_at = holdout_depth[row, col]
            clear = ONE
            tau = ZERO
            alpha = ZERO
            lum = ZERO
            sky = ZERO
            depth = ZERO
            vx = ZERO
            vy = ZERO
            vz = ZERO
            gx = ZERO
            gy = ZERO
            gz = ZERO
            pulled = ZERO
            for o in range(OCTAVES):
                noise_sum[o] = ZERO
                noise_var[o] = ZERO
                carry[o] = ZERO
            e_clear = ONE if eroded else ZERO
            e_alpha = ZERO
            e_lum = ZERO
            e_sky = ZERO
            last = t
            last_d = ZERO
            last_e = ZERO
            last_skin = OUTSIDE
            tries = 0
            shade = ONE
            finished = False
            while not finished:
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
                    last_e = ZERO
                    last_skin = OUTSIDE
                    last = t
                    t += through_brick(x, y, z, i, j, k, cell / dx, cell / dy, cell / dz, cell)
                    last = t
                    continue
                d = read(extinction, nx, ny, nz, x, y, z)
                run = (t - last) * length
                seen = ONE if t < held_at else ONE - held
                if d < F(1e-4) and last_d < F(1e-4):
                    last_d = d
                    last_e = ZERO
                    last_skin = OUTSIDE
                    last = t
                    t += LONG * cell / length
                    continue
                hx = x * HALF - F(0.25)
                hy = y * HALF - F(0.25)
                hz = z * HALF - F(0.25)
                read_all(half, nx // 2, ny // 2, nz // 2, CHANNELS, hx, hy, hz, m)
                squares = m[9] * m[9] + m[10] * m[10] + m[11] * m[11]
                scale = ONE / np.sqrt(max(squares, F(0.25) * weight_square) + F(1e-12))
                m[9] *= scale
                m[10] *= scale
                m[11] *= scale
                gxw = wx + origin[0]
                gyw = wy + origin[1]
                gzw = wz + origin[2]
                foot = pixel * t * length
                _octaves(volume, turn, offset, OCTAVES, gxw, gyw, gzw, m, n)
                body = m[16]
                deep = m[20]
                # An octave finer than two pixels would only glitter.
                keep_2 = min(max(wavelength[2] / (TWO * foot) - ONE, ZERO), ONE)
                keep_3 = min(max(wavelength[3] / (TWO * foot) - ONE, ZERO), ONE)

                e = ZERO
                skin = ONE
                if e_clear > OPAQUE:
                    billow = _billow(n, keep_2, keep_3)
                    e, skin = _carve(d, body, deep, billow, gain)
                    if skin > ZERO and last_skin < ZERO and tries < 3 and run > THREE * SHORT * cell:
                        # Overshot the skin: go back to about where it was crossed.
                        tries += 1
                        t = last + (t - last) * (-last_skin) / (skin - last_skin) + HALF * SHORT * cell / length
                        finished = False
                        continue
                    tries = 0

                read_light(light, light_shape, light_origin, inv_light, reach, gxw, gyw, gzw, lit)

                # Coarse: trapezoid between this sample and the last.
                if clear > OPAQUE:
                    thick = HALF * (d + last_d) * run
                    a = ONE - np.exp(-thick)
                    w = clear * a * seen
                    clear *= ONE - a
                    tau += thick * seen
                    alpha += w
                    lum = fma(w, fma(phase, lit[0], lit[1]), lum)
                    sky = fma(w, lit[2], sky)
                    depth = fma(w, t, depth)
                    vx = fma(w, m[12], vx)
                    vy = fma(w, m[13], vy)
                    vz = fma(w, m[14], vz)
                    gx = fma(w, m[17], gx)
                    gy = fma(w, m[18], gy)
                    gz = fma(w, m[19], gz)
                    pulled = fma(w, m[15], pulled)
                    for o in range(OCTAVES):
                        # Samples near each other agree: their covariance falls off along the ray.
                        carry[o] /= fma(run, apart[o], ONE)
                        noise_var[o] = fma(w, fma(TWO, carry[o], w), noise_var[o])
                        carry[o] += w
                        noise_sum[o] = fma(w, n[o], noise_sum[o])

                if e_clear > OPAQUE:
                    thick = HALF * (e + last_e) * run
                    if thick > F(1e-4):
                        a = ONE - np.exp(-thick)
                        w = e_clear * a * seen
                        e_clear *= ONE - a
                        if w > F(0.03):
                            shadow = ZERO
                            at = ZERO
                            reach_to = TAP_0 * cell
                            for _ in range(TAPS):
                                mid = HALF * (at + reach_to)
                                qx = gxw + sun[0] * mid
                                qy = gyw + sun[1] * mid
                                qz = gzw + sun[2] * mid
                                q = read(
                                    extinction,
                                    nx,
                                    ny,
                                    nz,
                                    x + sun[0] * mid * inv,
                                    y + sun[1] * mid * inv,
                                    z + sun[2] * mid * inv,
                                )
                                if q > F(1e-4):
                                    _octaves(volume, turn, offset, OCTAVES - 1, qx, qy, qz, m, tap)
                                    b = _billow(tap, keep_2, ZERO)
                                    left, _ = _carve(q, body, deep, b, gain)
                                    shadow += (left - q) * (reach_to - at)
                                at = reach_to
                                reach_to *= TAP_RATIO
                            # The light grid has counted the coarse dust on this way: only the difference shades.
                            shade = np.exp(-max(shadow, -LIFT))
                        # Creases see less of the sky, and of light scattered many times.
                        crease = np.exp(-billow * CREST)
                        open_sky = ONE - AMBIENT * crease * min(gain, ONE)
                        e_alpha += w
                        e_lum += w * (phase * lit[0] * shade + lit[1] * open_sky * (F(0.2) + F(0.8) * np.sqrt(shade)))
                        e_sky += w * lit[2] * open_sky

                last = t
                last_d = d
                last_e = e
                last_skin = skin
                if clear <= OPAQUE and e_clear <= OPAQUE:
                    break
                # Step by how much there is to see: short near the carved skin and in thick dust, longer in the clear.
                short = SHORT * cell
                long = LONG * cell
                if e > ZERO and e_clear > OPAQUE:
                    metres = min(max(F(0.35) / e, short), long)
                else:
                    metres = min(max(-skin * F(3.0) * cell, short), long) if skin < ZERO else long
                t += metres / length
            if alpha <= F(1e-5):
                continue
            back = ONE / alpha
            whole = ONE / (ONE - OPAQUE)
            out[0, row, col] = min(alpha * whole, ONE)
            out[1, row, col] = lum * whole
            out[2, row, col] = sky * whole
            out[3, row, col] = tau
            out[4, row, col] = depth * back
            out[5, row, col] = vx * back
            out[6, row, col] = vy * back
            out[7, row, col] = vz * back
            steep = ONE / np.sqrt(gx * gx + gy * gy + gz * gz + F(1e-20))
            out[8, row, col] = -gx * steep
            out[9, row, col] = -gy * steep
            out[10, row, col] = -gz * steep
            for o in range(OCTAVES):
                out[11 + o, row, col] = noise_sum[o] / np.sqrt(noise_var[o] + F(1e-20))
            out[15, row, col] = pulled * back
            out[16, row, col] = min(e_alpha * whole, ONE)
            out[17, row, col] = e_lum * whole
            out[18, row, col] = e_sky * whole


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def screen_motion(planes, camera, rotation, position, camera_next, rotation_next, position_next, seconds, out):  # type: ignore[no-untyped-def]
    """Write (2, height, width) where what is seen goes in ``seconds``, in pixels. ``planes`` as ``PLANES``."""
    _, height, width = planes.shape
    for row in prange(height):
        for col in range(width):
            if planes[0, row, col] <= ZERO:
                continue
            t = planes[4, row, col]
            px = (F(col) + HALF - camera[2]) / camera[0] * t
            py = -(F(row) + HALF - camera[3]) / camera[1] * t
            x = position[0] - position_next[0] + planes[5, row, col] * seconds
            y = position[1] - position_next[1] + planes[6, row, col] * seconds
            z = position[2] - position_next[2] + planes[7, row, col] * seconds
            x += rotation[0, 0] * px + rotation[0, 1] * py - rotation[0, 2] * t
            y += rotation[1, 0] * px + rotation[1, 1] * py - rotation[1, 2] * t
            z += rotation[2, 0] * px + rotation[2, 1] * py - rotation[2, 2] * t
            right = rotation_next[0, 0] * x + rotation_next[1, 0] * y + rotation_next[2, 0] * z
            up = rotation_next[0, 1] * x + rotation_next[1, 1] * y + rotation_next[2, 1] * z
            ahead = -(rotation_next[0, 2] * x + rotation_next[1, 2] * y + rotation_next[2, 2] * z)
            if ahead > F(0.1):
                out[0, row, col] = camera_next[2] + camera_next[0] * right / ahead - (F(col) + HALF)
                out[1, row, col] = camera_next[3] - camera_next[1] * up / ahead - (F(row) + HALF)
