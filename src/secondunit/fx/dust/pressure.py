"""Pressure that keeps air from piling up, solved exactly: sides and top open, the ground closed.

On cell centres with the value 0 on both outer faces the 7-point Laplacian is diagonal in sines (DST-II); closed
below and open above, in the quarter-wave cosines of DCT-IV (Strang 1999, "The discrete cosine transform").
"""

from typing import Any

import numpy as np
import scipy.fft
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WORKERS = 2
"""Lines are always shared between as many workers, so that grouping and hence rounding never change."""


def project(u: Floats, v: Floats, w: Floats, expansion: Floats | None, *, inverse: Floats, limit: float) -> None:
    """Take the divergence out of face velocities in place, but for what may expand.

    Parameters
    ----------
    u, v, w
        (nx + 1, ny, nz), (nx, ny + 1, nz), (nx, ny, nz + 1) metres a second.
    expansion
        (nx, ny, nz) wanted divergence times the cell's width, metres a second; None for none.
    inverse
        ``inverse_laplacian`` of the grid.
    limit
        Speeds are held to this, metres a second.
    """
    right = np.empty(inverse.shape, np.float32)
    _divergence(u, v, w, right)
    if expansion is not None:
        right -= expansion
    p = scipy.fft.dstn(right, type=2, axes=(0, 2), norm="ortho", workers=WORKERS, overwrite_x=True)
    p = scipy.fft.dct(p, type=4, axis=1, norm="ortho", workers=WORKERS, overwrite_x=True)
    p *= inverse
    p = scipy.fft.dct(p, type=4, axis=1, norm="ortho", workers=WORKERS, overwrite_x=True)
    p = scipy.fft.idstn(p, type=2, axes=(0, 2), norm="ortho", workers=WORKERS, overwrite_x=True)
    _subtract_gradient(u, v, w, np.ascontiguousarray(p, dtype=np.float32), np.float32(limit))


def inverse_laplacian(shape: tuple[int, int, int]) -> Floats:
    """Inverse eigenvalues of the 7-point Laplacian: value 0 on the sides and top, slope 0 on the ground."""
    nx, ny, nz = shape
    x = 2.0 - 2.0 * np.cos(np.pi * (np.arange(nx) + 1.0) / nx)
    y = 2.0 - 2.0 * np.cos(np.pi * (np.arange(ny) + 0.5) / ny)
    z = 2.0 - 2.0 * np.cos(np.pi * (np.arange(nz) + 1.0) / nz)
    return (-1.0 / (x[:, None, None] + y[None, :, None] + z[None, None, :])).astype(np.float32)


@njit(parallel=True, cache=True, nogil=True)
def _divergence(u: Floats, v: Floats, w: Floats, out: Floats) -> None:
    nx, ny, nz = out.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                out[i, j, k] = u[i + 1, j, k] - u[i, j, k] + v[i, j + 1, k] - v[i, j, k] + w[i, j, k + 1] - w[i, j, k]


@njit(parallel=True, cache=True, nogil=True)
def _subtract_gradient(u: Floats, v: Floats, w: Floats, p: Floats, limit: Any) -> None:
    nx, ny, nz = p.shape
    for i in prange(nx + 1):
        for j in range(ny):
            for k in range(nz):
                above = p[i, j, k] if i < nx else -p[i - 1, j, k]
                below = p[i - 1, j, k] if i > 0 else -p[i, j, k]
                u[i, j, k] = min(max(u[i, j, k] - (above - below), -limit), limit)
                if i < nx:
                    below = p[i, j, k - 1] if k > 0 else -p[i, j, k]
                    w[i, j, k] = min(max(w[i, j, k] - (p[i, j, k] - below), -limit), limit)
                    if j > 0:
                        v[i, j, k] = min(max(v[i, j, k] - (p[i, j, k] - p[i, j - 1, k]), -limit), limit)
            if i < nx:
                last = w[i, j, nz] + (p[i, j, nz - 1] + p[i, j, nz - 1])
                w[i, j, nz] = min(max(last, -limit), limit)
        if i < nx:
            for k in range(nz):
                last = v[i, ny, k] + (p[i, ny - 1, k] + p[i, ny - 1, k])
                v[i, ny, k] = min(max(last, -limit), limit)
