"""The compiled ray-march: one slab of dust, rows in parallel, every pixel on its own."""

import numpy as np
from numba import njit, prange

from secondunit.fx.march_medium import BRICK, CHANNELS
from secondunit.fx.noise import OCTAVES, PHASES, SIZE

PLANES = (
    "alpha", "sun", "sky", "optical_depth", "depth", "velocity_x", "velocity_y", "velocity_z", "normal_x", "normal_y",
    "normal_z", "noise_0", "noise_1", "noise_2", "noise_3", "stretch", "eroded_alpha", "eroded_sun", "eroded_sky",
)  # fmt: skip
"""What ``march_slab`` writes, in order; velocity and normal in the world, per unit of alpha."""

F = np.float32
ZERO, HALF, ONE, TWO, THREE, FOUR = F(0.0), F(0.5), F(1.0), F(2.0), F(3.0), F(4.0)

OPAQUE = F(0.004)
"""Transmittance at which a ray has seen all it will."""

# Dust is a forward scatterer with a weak backward lobe; concrete dust's albedo hides the rest in many orders.
LOBE_FORWARD, LOBE_BACK, LOBE_MIX = F(0.5), F(-0.3), F(0.35)

# Erosion. Lengths in dust cells.
CUT = F(0.62)
"""How far into the body (extinction over body) the deepest crease cuts."""
SOFT = F(0.16)
"""Over how much of the body the cut surface turns from clear to full."""
DENSER = F(2.6)
"""Eroded extinction over coarse: what is left is denser, so that an edge closes within a few centimetres."""
CREST = F(1.55)
"""Billow at which a bump's top is reached (the mean of |n| is 0.8)."""
GAIN_0, GAIN_1, GAIN_2, GAIN_3 = F(1.0), F(0.62), F(0.40), F(0.24)
"""Weight of each octave in the billow."""

TAPS = 3
TAP_0, TAP_RATIO = F(0.22), F(2.1)
"""First sun-ward tap in cells, and the ratio between taps."""

LONG, SHORT = F(0.55), F(0.10)
"""Longest and shortest step in cells."""

CORRELATION = F(0.16)
"""Length over which an octave stays itself along a ray, in wavelengths."""


@njit(fastmath=True, nogil=True, inline="always")
def _phase(g, c):  # type: ignore[no-untyped-def]
    """Henyey-Greenstein (1941), times 4 pi."""
    b = ONE + g * g - TWO * g * c
    return (ONE - g * g) / (b * np.sqrt(b))


@njit(fastmath=True, nogil=True, inline="always")
def _read(a, x, y, z):  # type: ignore[no-untyped-def]
    """Trilinear read in cell-centre coordinates, clamped."""
    nx, ny, nz = a.shape
    x = min(max(x, ZERO), F(nx - 1))
    y = min(max(y, ZERO), F(ny - 1))
    z = min(max(z, ZERO), F(nz - 1))
    i = min(int(x), nx - 2)
    j = min(int(y), ny - 2)
    k = min(int(z), nz - 2)
    u = x - F(i)
    v = y - F(j)
    w = z - F(k)
    c00 = a[i, j, k] + (a[i, j, k + 1] - a[i, j, k]) * w
    c01 = a[i, j + 1, k] + (a[i, j + 1, k + 1] - a[i, j + 1, k]) * w
    c10 = a[i + 1, j, k] + (a[i + 1, j, k + 1] - a[i + 1, j, k]) * w
    c11 = a[i + 1, j + 1, k] + (a[i + 1, j + 1, k + 1] - a[i + 1, j + 1, k]) * w
    c0 = c00 + (c01 - c00) * v
    c1 = c10 + (c11 - c10) * v
    return c0 + (c1 - c0) * u


@njit(fastmath=True, nogil=True, inline="always")
def _read_all(a, x, y, z, count, out):  # type: ignore[no-untyped-def]
    """Trilinear read of interleaved channels."""
    nx, ny, nz, _ = a.shape
    x = min(max(x, ZERO), F(nx - 1))
    y = min(max(y, ZERO), F(ny - 1))
    z = min(max(z, ZERO), F(nz - 1))
    i = min(int(x), max(nx - 2, 0))
    j = min(int(y), max(ny - 2, 0))
    k = min(int(z), max(nz - 2, 0))
    i1 = min(i + 1, nx - 1)
    j1 = min(j + 1, ny - 1)
    k1 = min(k + 1, nz - 1)
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
    for c in range(count):
        out[c] = (
            w000 * a[i, j, k, c] + w001 * a[i, j, k1, c] + w010 * a[i, j1, k, c] + w011 * a[i, j1, k1, c]
            + w100 * a[i1, j, k, c] + w101 * a[i1, j, k1, c] + w110 * a[i1, j1, k, c] + w111 * a[i1, j1, k1, c]
        )  # fmt: skip


@njit(fastmath=True, nogil=True, inline="always")
def _tile(n, x, y, z):  # type: ignore[no-untyped-def]
    """Trilinear read of the periodic noise volume (its last layer repeats the first)."""
    fx = np.floor(x)
    fy = np.floor(y)
    fz = np.floor(z)
    i = int(fx) & (SIZE - 1)
    j = int(fy) & (SIZE - 1)
    k = int(fz) & (SIZE - 1)
    u = x - fx
    v = y - fy
    w = z - fz
    c00 = n[i, j, k] + (n[i, j, k + 1] - n[i, j, k]) * w
    c01 = n[i, j + 1, k] + (n[i, j + 1, k + 1] - n[i, j + 1, k]) * w
    c10 = n[i + 1, j, k] + (n[i + 1, j, k + 1] - n[i + 1, j, k]) * w
    c11 = n[i + 1, j + 1, k] + (n[i + 1, j + 1, k + 1] - n[i + 1, j + 1, k]) * w
    c0 = c00 + (c01 - c00) * v
    c1 = c10 + (c11 - c10) * v
    return c0 + (c1 - c0) * u


@njit(fastmath=True, nogil=True)
def _octave(volume, turn, offset, o, x, y, z, m):  # type: ignore[no-untyped-def]
    """One octave at a world position: three phases, blended so that the variance stays.

    ``m`` holds the drifts and, in 9 to 11, the weights already divided by the root of their squares' sum.
    """
    total = ZERO
    for p in range(PHASES):
        weight = m[9 + p]
        if weight > F(0.02):
            a = x + m[3 * p]
            b = y + m[3 * p + 1]
            c = z + m[3 * p + 2]
            total += weight * _tile(
                volume,
                turn[o, 0, 0] * a + turn[o, 0, 1] * b + turn[o, 0, 2] * c + offset[o, p, 0],
                turn[o, 1, 0] * a + turn[o, 1, 1] * b + turn[o, 1, 2] * c + offset[o, p, 1],
                turn[o, 2, 0] * a + turn[o, 2, 1] * b + turn[o, 2, 2] * c + offset[o, p, 2],
            )
    return total


@njit(fastmath=True, nogil=True, inline="always")
def _carve(d, body, billow, gain):  # type: ignore[no-untyped-def]
    """Return (extinction that is left, how far under the skin this is, -1 clear .. 1 core).

    Bump tops reach the skin of the coarse cloud, creases between them cut into it: billows, not holes.
    """
    inside = d / (body + F(1e-6))
    crease = ONE - min(billow / CREST, ONE)
    cut = min(gain * CUT * crease * (F(0.35) + F(0.65) * crease) + F(0.035), F(0.9))
    over = (inside - cut) / SOFT
    s = min(max(over, ZERO), ONE)
    return DENSER * d * s * s * (THREE - TWO * s), inside - cut


@njit(parallel=True, fastmath=True, cache=True, nogil=True, error_model="numpy")
def march_slab(  # type: ignore[no-untyped-def]
    extinction, half, bricks, light, origin, cell, light_origin, light_cell, reach,
    volume, turn, offset, wavelength, weight_square, gain, eroded,
    camera, rotation, position, near, far, holdout, holdout_depth, sun, out,
):  # fmt: skip
    """March every pixel of a slab. ``camera`` is (fx, fy, cx, cy); ``near`` and ``far`` are depths in metres."""
    height, width = near.shape
    nx, ny, nz = extinction.shape
    inv = ONE / cell
    inv_light = ONE / light_cell
    size_x = cell * F(nx)
    size_y = cell * F(ny)
    size_z = cell * F(nz)
    upper = (height + 1) // 2
    for turn_of in prange(height):
        # Neighbouring rows cost alike: dealing them out in turn keeps both threads busy.
        row = 2 * turn_of if turn_of < upper else 2 * (turn_of - upper) + 1
        m = np.zeros(CHANNELS, dtype=np.float32)
        lit = np.zeros(3, dtype=np.float32)
        n = np.zeros(OCTAVES, dtype=np.float32)
        noise_sum = np.zeros(OCTAVES, dtype=np.float32)
        noise_var = np.zeros(OCTAVES, dtype=np.float32)
        carry = np.zeros(OCTAVES, dtype=np.float32)
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
            # Where the ray is inside the grid, in metres of depth.
            ox = position[0] - origin[0]
            oy = position[1] - origin[1]
            oz = position[2] - origin[2]
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
            cosine = (dx * sun[0] + dy * sun[1] + dz * sun[2]) / length
            phase = F(0.25) * ((ONE - LOBE_MIX) * _phase(LOBE_FORWARD, cosine) + LOBE_MIX * _phase(LOBE_BACK, cosine))
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
            step = SHORT * cell / length
            finished = False
            while not finished:
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
                    last_e = ZERO
                    last = t
                    t += max(min(sx, min(sy, sz)), ZERO) + F(0.02) * cell
                    last = t
                    step = SHORT * cell / length
                    continue
                d = _read(extinction, x, y, z)
                run = (t - last) * length
                seen = ONE if t < held_at else ONE - held
                if d < F(1e-4) and last_d < F(1e-4):
                    last_d = d
                    last_e = ZERO
                    last = t
                    t += LONG * cell / length
                    continue
                hx = x * HALF - F(0.25)
                hy = y * HALF - F(0.25)
                hz = z * HALF - F(0.25)
                _read_all(half, hx, hy, hz, CHANNELS, m)
                squares = m[9] * m[9] + m[10] * m[10] + m[11] * m[11]
                scale = ONE / np.sqrt(max(squares, F(0.25) * weight_square) + F(1e-12))
                m[9] *= scale
                m[10] *= scale
                m[11] *= scale
                gxw = wx + origin[0]
                gyw = wy + origin[1]
                gzw = wz + origin[2]
                foot = pixel * t * length
                n[0] = _octave(volume, turn, offset, 0, gxw, gyw, gzw, m)
                n[1] = _octave(volume, turn, offset, 1, gxw, gyw, gzw, m)
                n[2] = _octave(volume, turn, offset, 2, gxw, gyw, gzw, m)
                n[3] = _octave(volume, turn, offset, 3, gxw, gyw, gzw, m)
                body = m[16]
                # An octave finer than two pixels would only glitter.
                keep_2 = min(max(wavelength[2] / (TWO * foot) - ONE, ZERO), ONE)
                keep_3 = min(max(wavelength[3] / (TWO * foot) - ONE, ZERO), ONE)

                lx = (gxw - light_origin[0]) * inv_light - HALF
                ly = (gyw - light_origin[1]) * inv_light - HALF
                lz = (gzw - light_origin[2]) * inv_light - HALF
                if (
                    gxw < reach[0, 0] or gyw < reach[0, 1] or gzw < reach[0, 2]
                    or gxw > reach[1, 0] or gyw > reach[1, 1] or gzw > reach[1, 2]
                ):  # fmt: skip
                    lit[0] = ONE
                    lit[1] = ZERO
                    lit[2] = ONE
                else:
                    _read_all(light, lx, ly, lz, 3, lit)

                # Coarse: trapezoid between this sample and the last.
                if clear > OPAQUE:
                    thick = HALF * (d + last_d) * run
                    a = ONE - np.exp(-thick)
                    w = clear * a * seen
                    clear *= ONE - a
                    tau += thick * seen
                    alpha += w
                    lum += w * (phase * lit[0] + lit[1])
                    sky += w * lit[2]
                    depth += w * t
                    vx += w * m[12]
                    vy += w * m[13]
                    vz += w * m[14]
                    gx += w * m[17]
                    gy += w * m[18]
                    gz += w * m[19]
                    pulled += w * m[15]
                    for o in range(OCTAVES):
                        # Samples near each other agree: their covariance falls off along the ray.
                        carry[o] /= ONE + run / (CORRELATION * wavelength[o])
                        noise_var[o] += w * w + TWO * w * carry[o]
                        carry[o] += w
                        noise_sum[o] += w * n[o]

                e = ZERO
                skin = ONE
                if e_clear > OPAQUE:
                    billow = (
                        GAIN_0 * abs(n[0]) + GAIN_1 * abs(n[1]) + GAIN_2 * (keep_2 * abs(n[2]) + (ONE - keep_2) * F(0.8))
                        + GAIN_3 * (keep_3 * abs(n[3]) + (ONE - keep_3) * F(0.8))
                    ) / (GAIN_0 + GAIN_1 + GAIN_2 + GAIN_3)  # fmt: skip
                    e, skin = _carve(d, body, billow, gain)
                    thick = HALF * (e + last_e) * run
                    if thick > F(1e-4):
                        a = ONE - np.exp(-thick)
                        w = e_clear * a * seen
                        e_clear *= ONE - a
                        shade = ONE
                        if w > F(0.015):
                            shadow = ZERO
                            at = ZERO
                            reach_to = TAP_0 * cell
                            for _ in range(TAPS):
                                mid = HALF * (at + reach_to)
                                qx = gxw + sun[0] * mid
                                qy = gyw + sun[1] * mid
                                qz = gzw + sun[2] * mid
                                q = _read(
                                    extinction, x + sun[0] * mid * inv, y + sun[1] * mid * inv, z + sun[2] * mid * inv
                                )
                                if q > F(1e-4):
                                    b = (
                                        GAIN_0 * abs(_octave(volume, turn, offset, 0, qx, qy, qz, m))
                                        + GAIN_1 * abs(_octave(volume, turn, offset, 1, qx, qy, qz, m))
                                        + GAIN_2 * abs(_octave(volume, turn, offset, 2, qx, qy, qz, m))
                                        + GAIN_3 * F(0.8)
                                    ) / (GAIN_0 + GAIN_1 + GAIN_2 + GAIN_3)
                                    q, _ = _carve(q, body, b, gain)
                                    shadow += q * (reach_to - at)
                                at = reach_to
                                reach_to *= TAP_RATIO
                            shade = np.exp(-shadow)
                        # Crevices see less of the sky: they lie deeper under the cloud's skin.
                        inside = min(d / (body + F(1e-6)), ONE)
                        open_sky = ONE - F(0.55) * inside * gain
                        e_alpha += w
                        e_lum += w * (phase * lit[0] * shade + lit[1] * (F(0.35) + F(0.65) * np.sqrt(np.sqrt(shade))))
                        e_sky += w * lit[2] * open_sky

                last = t
                last_d = d
                last_e = e
                if clear <= OPAQUE and e_clear <= OPAQUE:
                    break
                # Step by how much there is to see: short near the carved skin and in thick dust, longer in the clear.
                short = SHORT * cell
                long = LONG * cell
                if e > ZERO and e_clear > OPAQUE:
                    metres = min(max(F(0.35) / e, short), long)
                else:
                    metres = min(max(-skin * F(1.6) * cell, short), long) if skin < ZERO else long
                t += metres / length
            if alpha <= F(1e-5):
                continue
            back = ONE / alpha
            out[0, row, col] = min(alpha, ONE)
            out[1, row, col] = lum
            out[2, row, col] = sky
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
            out[16, row, col] = min(e_alpha, ONE)
            out[17, row, col] = e_lum
            out[18, row, col] = e_sky
