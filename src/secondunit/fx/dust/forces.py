"""What pushes dusty air: weight, lift, confinement, turbulence, solids, the ground, the wind. Kernels of ``fluid``.

Index (x, y, z); metres, seconds, extinction in 1/m. Each kernel writes a cell once, plane by plane.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_HALF = np.float32(0.5)
_QUARTER = np.float32(0.25)
_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)
_SMALL = np.float32(1e-12)
_FAINT = np.float32(2e-4)


@njit(parallel=True, cache=True, nogil=True)
def make_dust(
    extinction: Floats, heat: Floats, sources: Floats, billow: Floats, shift: Any, full: Any, dt: Any
) -> None:
    """Add seeded clumps of dust and of warmth, and let what expands expand as unevenly."""
    nx, ny, nz = extinction.shape
    n = billow.shape[0]
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                rate = sources[i, j, k, 4]
                if rate <= _ZERO:
                    continue
                clump = billow[(i + shift[0]) % n, (j + shift[1]) % n, (k + shift[2]) % n]
                sources[i, j, k, 5] *= clump  # what blows unevenly billows
                room = max(_ONE - extinction[i, j, k] / full, _ZERO)
                added = rate * clump * dt * room
                extinction[i, j, k] += added
                heat[i, j, k] = min(heat[i, j, k] + added, _ONE)


@njit(parallel=True, cache=True, nogil=True)
def take_curl(velocity: Floats, out: Floats) -> None:
    """Curl (x, y, z) and its length, in velocity per cell; 0 on the outer cells."""
    nx, ny, nz = velocity.shape[:3]
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                x = (
                    velocity[i, j + 1, k, 2]
                    - velocity[i, j - 1, k, 2]
                    - velocity[i, j, k + 1, 1]
                    + velocity[i, j, k - 1, 1]
                )
                y = (
                    velocity[i, j, k + 1, 0]
                    - velocity[i, j, k - 1, 0]
                    - velocity[i + 1, j, k, 2]
                    + velocity[i - 1, j, k, 2]
                )
                z = (
                    velocity[i + 1, j, k, 1]
                    - velocity[i - 1, j, k, 1]
                    - velocity[i, j + 1, k, 0]
                    + velocity[i, j - 1, k, 0]
                )
                x, y, z = _HALF * x, _HALF * y, _HALF * z
                out[i, j, k, 0] = x
                out[i, j, k, 1] = y
                out[i, j, k, 2] = z
                out[i, j, k, 3] = np.sqrt(x * x + y * y + z * z)


@njit(parallel=True, cache=True, nogil=True)
def accelerate(
    velocity: Floats,
    extinction: Floats,
    heat: Floats,
    sources: Floats,
    curl: Floats,
    swirl: Floats,
    shift: Any,
    constants: Floats,
    dt: Any,
    out: Floats,
) -> None:
    """Acceleration at each cell centre: weight, lift, confinement, turbulence, drag, ground."""
    nx, ny, nz = extinction.shape
    n = swirl.shape[0]
    weight, lift, confine, turbulence, drag, friction, shear = (
        constants[0],
        constants[1],
        constants[2],
        constants[3],
        constants[4],
        constants[5],
        constants[6],
    )
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                x = y = z = _ZERO
                dust = extinction[i, j, k]
                vx, vy, vz = velocity[i, j, k, 0], velocity[i, j, k, 1], velocity[i, j, k, 2]
                if dust > _FAINT:
                    share = dust / (dust + _HALF)
                    y += lift * heat[i, j, k] - weight * share
                    if 0 < i < nx - 1 and 0 < j < ny - 1 and 0 < k < nz - 1:
                        gx = curl[i + 1, j, k, 3] - curl[i - 1, j, k, 3]
                        gy = curl[i, j + 1, k, 3] - curl[i, j - 1, k, 3]
                        gz = curl[i, j, k + 1, 3] - curl[i, j, k - 1, 3]
                        scale = (
                            confine * min(dust * np.float32(12.0), _ONE) / np.sqrt(gx * gx + gy * gy + gz * gz + _SMALL)
                        )
                        cx, cy, cz = curl[i, j, k, 0], curl[i, j, k, 1], curl[i, j, k, 2]
                        # epsilon * h * (N x omega); omega = curl / h, so that h cancels.
                        x += scale * (gy * cz - gz * cy)
                        y += scale * (gz * cx - gx * cz)
                        z += scale * (gx * cy - gy * cx)
                made = sources[i, j, k, 4]
                gain = turbulence * made / (made + _ONE)
                if dust > _FAINT:
                    gain += shear * min(curl[i, j, k, 3], np.float32(6.0)) * dust / (dust + _QUARTER)
                if gain > _FAINT:
                    a, b, c = (i + shift[0]) % n, (j + shift[1]) % n, (k + shift[2]) % n
                    x += gain * swirl[a, b, c, 0]
                    y += gain * swirl[a, b, c, 1]
                    z += gain * swirl[a, b, c, 2]
                area = sources[i, j, k, 0]
                if area > _FAINT:
                    dx = sources[i, j, k, 1] / area - vx
                    dy = sources[i, j, k, 2] / area - vy
                    dz = sources[i, j, k, 3] / area - vz
                    rate = drag * area * np.sqrt(dx * dx + dy * dy + dz * dz)
                    rate = rate / (_ONE + rate * dt)
                    x += rate * dx
                    y += rate * dy
                    z += rate * dz
                if j == 0:
                    rate = friction * np.sqrt(vx * vx + vz * vz)
                    x -= rate * vx
                    z -= rate * vz
                out[i, j, k, 0] = x
                out[i, j, k, 1] = y
                out[i, j, k, 2] = z


@njit(parallel=True, cache=True, nogil=True)
def push(u: Floats, v: Floats, w: Floats, force: Floats, rim: Floats, wind: Floats, dt: Any) -> None:
    """Add accelerations to the inner faces and lean the border towards the wind."""
    nx, ny, nz = rim.shape
    half = _HALF * dt
    ease = _HALF * min(dt * np.float32(2.0), _ONE)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                near = rim[i, j, k] * ease + dt * np.float32(0.01)
                if i > 0:
                    u[i, j, k] += half * (force[i - 1, j, k, 0] + force[i, j, k, 0]) + near * (wind[0] - u[i, j, k])
                if j > 0:
                    v[i, j, k] += half * (force[i, j - 1, k, 1] + force[i, j, k, 1]) - near * v[i, j, k]
                if k > 0:
                    w[i, j, k] += half * (force[i, j, k - 1, 2] + force[i, j, k, 2]) + near * (wind[2] - w[i, j, k])


@njit(parallel=True, cache=True, nogil=True)
def take_company(extinction: Floats, out: Floats) -> None:
    """Mean extinction three cells away along each axis."""
    nx, ny, nz = extinction.shape
    far, sixth = 3, np.float32(1.0 / 6.0)
    for row in prange(nx):
        i: Any = np.int64(row)
        low_i, high_i = max(i - far, 0), min(i + far, nx - 1)
        for j in range(ny):
            low_j, high_j = max(j - far, 0), min(j + far, ny - 1)
            for k in range(nz):
                if extinction[i, j, k] <= _ZERO:
                    continue
                low_k, high_k = max(k - far, 0), min(k + far, nz - 1)
                out[i, j, k] = sixth * (
                    extinction[low_i, j, k]
                    + extinction[high_i, j, k]
                    + extinction[i, low_j, k]
                    + extinction[i, high_j, k]
                    + extinction[i, j, low_k]
                    + extinction[i, j, high_k]
                )


@njit(parallel=True, cache=True, nogil=True)
def settle(
    extinction: Floats,
    heat: Floats,
    rim: Floats,
    velocity: Floats,
    company: Floats,
    keep: Any,
    warm: Any,
    scour: Any,
    thinning: Any,
) -> None:
    """Fade dust and heat; lift dust under a dusty rush.

    Thin dust goes first, which keeps the edges of billows, and so do scraps with no dust around them.
    """
    nx, ny, nz = extinction.shape
    full, calm = np.float32(1.5), np.float32(2.5)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                dust = extinction[i, j, k] * keep * (_ONE - _QUARTER * rim[i, j, k])
                share = dust / np.float32(0.8)
                alone = max(_ONE - np.float32(4.0) * company[i, j, k], _ZERO)
                dust = max(dust - thinning * (np.float32(5.0) * alone + _ONE / (_ONE + share * share)), _ZERO)
                if j == 0:
                    vx, vz = velocity[i, 0, k, 0], velocity[i, 0, k, 2]
                    rush = max(np.sqrt(vx * vx + vz * vz) - calm, _ZERO)
                    over = max(extinction[i, 1, k], extinction[i, 2, k])
                    dust += scour * rush * min(over, _ONE) * max(_ONE - dust / full, _ZERO)
                extinction[i, j, k] = dust if dust > _FAINT else _ZERO
                heat[i, j, k] *= warm
