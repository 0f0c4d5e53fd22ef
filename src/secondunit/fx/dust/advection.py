"""Carrying fields with the air on a staggered grid. Lengths in cells; index (x, y, z).

Each kernel writes every cell of its output once, plane by plane, so that the result does not depend on the
number of threads.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from secondunit.imaging.fused import fma

Floats = NDArray[np.float32]

CENTRE = -1
"""Where a field lives: at the cell centres, or (0, 1, 2) on the faces across x, y, z."""

_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)
_EDGE = np.float32(1.001)
_TINY = np.float32(1e-6)


@njit(inline="always")
def sample(field: Any, x: Any, y: Any, z: Any) -> Any:
    """Read a field between its samples (trilinear), held at its borders; (0, 0, 0) is the first sample."""
    nx, ny, nz = field.shape
    x = min(max(x, _ZERO), np.float32(nx) - _EDGE)
    y = min(max(y, _ZERO), np.float32(ny) - _EDGE)
    z = min(max(z, _ZERO), np.float32(nz) - _EDGE)
    i, j, k = int(x), int(y), int(z)
    fx, fy, fz = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    gz = _ONE - fz
    a = fma(field[i, j, k + 1], fz, field[i, j, k] * gz)
    b = fma(field[i, j + 1, k + 1], fz, field[i, j + 1, k] * gz)
    c = fma(field[i + 1, j, k + 1], fz, field[i + 1, j, k] * gz)
    d = fma(field[i + 1, j + 1, k + 1], fz, field[i + 1, j + 1, k] * gz)
    gy = _ONE - fy
    return fma(fma(d, fy, c * gy), fx, fma(b, fy, a * gy) * (_ONE - fx))


@njit(parallel=True, cache=True, nogil=True)
def centre_velocity(u: Floats, v: Floats, w: Floats, out: Floats) -> None:
    """Average face velocities to the cell centres: out (nx, ny, nz, 3)."""
    nx, ny, nz = out.shape[:3]
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                out[i, j, k, 0] = _HALF * (u[i, j, k] + u[i + 1, j, k])
                out[i, j, k, 1] = _HALF * (v[i, j, k] + v[i, j + 1, k])
                out[i, j, k, 2] = _HALF * (w[i, j, k] + w[i, j, k + 1])


@njit(parallel=True, cache=True, nogil=True)
def departures(velocity: Floats, scale: Any, out: Floats) -> None:
    """Trace each cell centre back along the wind (midpoint rule): out (nx, ny, nz, 3) = departure less arrival.

    ``velocity`` is (nx, ny, nz, 3); ``scale`` = seconds per step over metres per cell.
    """
    nx, ny, nz = velocity.shape[:3]
    top_x, top_y, top_z = np.float32(nx) - _EDGE, np.float32(ny) - _EDGE, np.float32(nz) - _EDGE
    half = _HALF * scale
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                x = min(max(np.float32(i) - half * velocity[i, j, k, 0], _ZERO), top_x)
                y = min(max(np.float32(j) - half * velocity[i, j, k, 1], _ZERO), top_y)
                z = min(max(np.float32(k) - half * velocity[i, j, k, 2], _ZERO), top_z)
                a, b, c = int(x), int(y), int(z)
                fx, fy, fz = x - np.float32(a), y - np.float32(b), z - np.float32(c)
                gx, gy, gz = _ONE - fx, _ONE - fy, _ONE - fz
                w0, w1, w2, w3 = gx * gy * gz, gx * gy * fz, gx * fy * gz, gx * fy * fz
                w4, w5, w6, w7 = fx * gy * gz, fx * gy * fz, fx * fy * gz, fx * fy * fz
                for m in range(3):
                    near = fma(w1, velocity[a, b, c + 1, m], w0 * velocity[a, b, c, m])
                    near = fma(w3, velocity[a, b + 1, c + 1, m], fma(w2, velocity[a, b + 1, c, m], near))
                    past = fma(w5, velocity[a + 1, b, c + 1, m], w4 * velocity[a + 1, b, c, m])
                    past = fma(w7, velocity[a + 1, b + 1, c + 1, m], fma(w6, velocity[a + 1, b + 1, c, m], past))
                    out[i, j, k, m] = -scale * (near + past)


@njit(inline="always")
def _shift(trace: Any, where: Any, i: Any, j: Any, k: Any, m: Any) -> Any:
    """Departure less arrival at a sample of a field that lives at ``where``."""
    nx, ny, nz = trace.shape[:3]
    if where == 0:
        i = np.int64(i)  # a parallel index is unsigned, and unsigned less signed is a float
        return _HALF * (trace[max(i - 1, 0), j, k, m] + trace[min(i, nx - 1), j, k, m])
    if where == 1:
        return _HALF * (trace[i, max(j - 1, 0), k, m] + trace[i, min(j, ny - 1), k, m])
    if where == 2:
        return _HALF * (trace[i, j, max(k - 1, 0), m] + trace[i, j, min(k, nz - 1), m])
    return trace[i, j, k, m]


@njit(parallel=True, cache=True, nogil=True)
def carry(field: Floats, trace: Floats, where: int, first: Floats, low: Floats, high: Floats) -> None:
    """Semi-Lagrangian step into ``first``, with the range of the departure cell in ``low`` and ``high``.

    A field at the centres is 0 outside the grid except below the ground.
    """
    nx, ny, nz = field.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                x = np.float32(i) + _shift(trace, where, i, j, k, 0)
                y = np.float32(j) + _shift(trace, where, i, j, k, 1)
                z = np.float32(k) + _shift(trace, where, i, j, k, 2)
                if where == -1 and (
                    x < -_HALF
                    or z < -_HALF
                    or x > np.float32(nx) - _HALF
                    or y > np.float32(ny) - _HALF
                    or z > np.float32(nz) - _HALF
                ):
                    first[i, j, k] = low[i, j, k] = high[i, j, k] = _ZERO
                    continue
                x = min(max(x, _ZERO), np.float32(nx) - _EDGE)
                y = min(max(y, _ZERO), np.float32(ny) - _EDGE)
                z = min(max(z, _ZERO), np.float32(nz) - _EDGE)
                a, b, c = int(x), int(y), int(z)
                fx, fy, fz = x - np.float32(a), y - np.float32(b), z - np.float32(c)
                gx, gy, gz = _ONE - fx, _ONE - fy, _ONE - fz
                q0, q1 = field[a, b, c], field[a, b, c + 1]
                q2, q3 = field[a, b + 1, c], field[a, b + 1, c + 1]
                q4, q5 = field[a + 1, b, c], field[a + 1, b, c + 1]
                q6, q7 = field[a + 1, b + 1, c], field[a + 1, b + 1, c + 1]
                near = fma(fma(q3, fz, q2 * gz), fy, fma(q1, fz, q0 * gz) * gy)
                past = fma(fma(q7, fz, q6 * gz), fy, fma(q5, fz, q4 * gz) * gy)
                first[i, j, k] = fma(past, fx, near * gx)
                low[i, j, k] = min(min(min(q0, q1), min(q2, q3)), min(min(q4, q5), min(q6, q7)))
                high[i, j, k] = max(max(max(q0, q1), max(q2, q3)), max(max(q4, q5), max(q6, q7)))


@njit(parallel=True, cache=True, nogil=True)
def correct(field: Floats, first: Floats, low: Floats, high: Floats, trace: Floats, where: int, out: Floats) -> None:
    """MacCormack's correction of ``carry``, held to the departure cell's range (Selle et al. 2008)."""
    nx, ny, nz = field.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                now = first[i, j, k]
                if low[i, j, k] == high[i, j, k]:
                    out[i, j, k] = now
                    continue
                back = sample(
                    first,
                    np.float32(i) - _shift(trace, where, i, j, k, 0),
                    np.float32(j) - _shift(trace, where, i, j, k, 1),
                    np.float32(k) - _shift(trace, where, i, j, k, 2),
                )
                value = min(max(now + _HALF * (field[i, j, k] - back), low[i, j, k]), high[i, j, k])
                out[i, j, k] = value if abs(value) > _TINY else _ZERO


@njit(parallel=True, cache=True, nogil=True)
def carry_drift(drift: Floats, trace: Floats, cell_m: Any, out: Floats) -> None:
    """Carry texture coordinates on the grid of half the resolution.

    ``drift`` (3, nx/2, ny/2, nz/2) in metres is where the dust was less where it is; ``trace`` is the full grid's.
    """
    _, nx, ny, nz = drift.shape
    eighth = np.float32(0.125)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                dx = dy = dz = _ZERO
                for m in range(8):
                    a, b, c = 2 * i + (m & 1), 2 * j + ((m >> 1) & 1), 2 * k + (m >> 2)
                    dx += trace[a, b, c, 0]
                    dy += trace[a, b, c, 1]
                    dz += trace[a, b, c, 2]
                dx *= eighth
                dy *= eighth
                dz *= eighth
                x = np.float32(i) + _HALF * dx
                y = np.float32(j) + _HALF * dy
                z = np.float32(k) + _HALF * dz
                out[0, i, j, k] = sample(drift[0], x, y, z) + dx * cell_m
                out[1, i, j, k] = sample(drift[1], x, y, z) + dy * cell_m
                out[2, i, j, k] = sample(drift[2], x, y, z) + dz * cell_m
