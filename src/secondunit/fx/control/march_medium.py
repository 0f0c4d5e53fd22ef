"""One frame's dust packed for the march: what a ray reads together lies together in memory."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy import ndimage

from secondunit.fx.dust.grid import DustFrame, LightGrid

Floats = NDArray[np.float32]

CHANNELS = 21
"""Of ``Medium.half``: 0-8 drift by phase and axis (m), 9-11 phase weights, 12-14 velocity (m/s), 15 stretch,
16 body (1/m), 17-19 gradient of extinction (1/m per cell),
20 deep (1/m)."""

BRICK = 8
"""Cells along one edge of a brick of the skip grid."""

STRETCH_FADE = (1.5, 2.4)
"""Stretch at which a phase's noise starts to fade, and at which it is gone."""

EMPTY = 1e-4
"""Extinction in 1/m under which a cell counts as clear."""

_EDGE = (0.05, 0.35, 0.75)
"""What is kept of the outermost layers, so that dust that leaves the domain fades and shows no wall."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Medium:
    """What the rays read."""

    extinction: Floats
    """(nx, ny, nz) 1/m."""
    half: Floats
    """(nx/2, ny/2, nz/2, CHANNELS)."""
    bricks: NDArray[np.uint8]
    """(bx, by, bz) 1 where a brick, or a cell that touches it, holds dust."""
    light: Floats
    """(lx, ly, lz, 3) sun, sun_scatter, sky."""
    origin_m: Floats
    cell_m: float
    light_origin_m: Floats
    light_cell_m: float
    light_reach_m: Floats


def medium(dust: DustFrame, light: LightGrid) -> Medium:
    """Pack a frame of dust and its light for the march.

    ``body`` is the extinction that the dust nearby mostly has (its mean weighted by itself): extinction over body runs
    from 0 at the skin of a cloud to about 1 inside it, thick or thin, and is what erosion cuts into.
    """
    extinction = np.ascontiguousarray(dust.extinction, dtype=np.float32)
    np.nan_to_num(extinction, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    np.maximum(extinction, 0.0, out=extinction)
    extinction[extinction < EMPTY] = 0.0
    _fade_edges(extinction)
    nx, ny, nz = extinction.shape
    blocks = extinction.reshape(nx // 2, 2, ny // 2, 2, nz // 2, 2)
    mean = blocks.mean(axis=(1, 3, 5), dtype=np.float32)
    smooth = ndimage.uniform_filter(mean, size=3)
    deep = _wide(mean)
    body = _wide(mean * mean) / (deep + 1e-6)

    half = np.zeros((*mean.shape, CHANNELS), dtype=np.float32)
    _pack_drift(
        np.ascontiguousarray(dust.drift, dtype=np.float32),
        dust.weight.astype(np.float32),
        np.float32(2.0 * dust.cell_m),
        half,
    )
    half[..., 12:15] = np.moveaxis(dust.velocity.astype(np.float32), 0, -1)
    half[..., 16] = body
    half[..., 20] = deep
    for axis in range(3):
        half[..., 17 + axis] = np.gradient(smooth, axis=axis) if smooth.shape[axis] > 1 else 0.0
    return Medium(
        extinction=extinction,
        half=half,
        bricks=_bricks(extinction),
        light=np.ascontiguousarray(np.stack([light.sun, light.sun_scatter, light.sky], axis=-1), dtype=np.float32),
        origin_m=dust.origin_m.astype(np.float32),
        cell_m=dust.cell_m,
        light_origin_m=light.origin_m.astype(np.float32),
        light_cell_m=light.cell_m,
        light_reach_m=light.reach_m.astype(np.float32),
    )


def _wide(volume: Floats) -> Floats:
    """Blur over some ten dust cells."""
    return np.asarray(ndimage.uniform_filter(ndimage.uniform_filter(volume, size=5), size=3))


def _fade_edges(extinction: Floats) -> None:
    """Fade the outermost layers, the ground's excepted."""
    for axis in range(3):
        layers = np.moveaxis(extinction, axis, 0)
        for i, keep in enumerate(_EDGE):
            if len(layers) > 2 * len(_EDGE):
                layers[-1 - i] *= keep
                if axis != 1:
                    layers[i] *= keep


def _bricks(extinction: Floats) -> NDArray[np.uint8]:
    """Mark bricks that a trilinear read may find dust in: a read reaches one cell further."""
    near = ndimage.maximum_filter((extinction > 0.0).astype(np.uint8), size=3)
    shape = tuple(math.ceil(n / BRICK) for n in near.shape)
    padded = np.zeros([n * BRICK for n in shape], dtype=np.uint8)
    padded[tuple(slice(n) for n in near.shape)] = near
    blocks = padded.reshape(shape[0], BRICK, shape[1], BRICK, shape[2], BRICK)
    return np.ascontiguousarray(blocks.max(axis=(1, 3, 5)))


@njit(parallel=True, cache=True, nogil=True)
def _pack_drift(drift, weight, width, half):  # type: ignore[no-untyped-def]
    """Write drift, its stretch and the phase weights that the stretch leaves.

    The texture coordinate is position + drift; its Jacobian J is I + grad drift. A flow keeps volume, so a stretch
    k comes with 1/k across: |J|^2 = k^2 + 1/k^2 + 1 gives k.
    """
    _, _, nx, ny, nz = drift.shape
    one = np.float32(1.0)
    low = np.float32(STRETCH_FADE[0])
    span = np.float32(STRETCH_FADE[1] - STRETCH_FADE[0])
    for i in prange(nx):
        i0 = max(i - 1, 0)
        i1 = min(i + 1, nx - 1)
        for j in range(ny):
            j0 = max(j - 1, 0)
            j1 = min(j + 1, ny - 1)
            for k in range(nz):
                k0 = max(k - 1, 0)
                k1 = min(k + 1, nz - 1)
                mixed = np.float32(0.0)
                for p in range(3):
                    total = np.float32(0.0)
                    for c in range(3):
                        a = drift[p, c]
                        half[i, j, k, p * 3 + c] = a[i, j, k]
                        gx = (a[i1, j, k] - a[i0, j, k]) / (np.float32(max(i1 - i0, 1)) * width)
                        gy = (a[i, j1, k] - a[i, j0, k]) / (np.float32(max(j1 - j0, 1)) * width)
                        gz = (a[i, j, k1] - a[i, j, k0]) / (np.float32(max(k1 - k0, 1)) * width)
                        if c == 0:
                            gx += one
                        elif c == 1:
                            gy += one
                        else:
                            gz += one
                        total += gx * gx + gy * gy + gz * gz
                    q = max(total - one, np.float32(2.0))
                    stretch = np.sqrt(np.float32(0.5) * (q + np.sqrt(q * q - np.float32(4.0))))
                    fade = one - min(max((stretch - low) / span, np.float32(0.0)), one)
                    half[i, j, k, 9 + p] = weight[p] * (fade * fade * (np.float32(3.0) - np.float32(2.0) * fade))
                    mixed += weight[p] * stretch
                half[i, j, k, 15] = mixed
