"""From layers to a picture: light and tint, and back to the plate's size without haloes."""

import cv2
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from secondunit.imaging.buffers import DustLayers, Image
from secondunit.imaging.fused import fma

RGB = tuple[float, float, float]

_SIMILAR = np.float32(12.0)
"""Fall of a neighbour's weight with the relative difference of inverse depth: e^-1 at 8 %."""

_TENT = np.array([1, 2, 1], np.float32) / 4
"""Takes off the steps that a ray either side of a crease leaves from one small pixel to the next."""

_JUMP = 0.08
"""Relative difference of inverse depth that counts as an edge."""


def thicken(layers: DustLayers, density: float) -> DustLayers:
    """Return layers whose optical depth is multiplied; their light goes with their alpha."""
    if density == 1.0:
        return layers
    alpha = 1.0 - np.power(1.0 - np.clip(layers.alpha, 0.0, 1.0), np.float32(density))
    # The first grains of thin dust are lit as the dust is; what alpha gains, light gains.
    scale = np.where(layers.alpha > 1e-4, alpha / np.maximum(layers.alpha, np.float32(1e-4)), np.float32(density))
    return DustLayers(
        alpha=alpha.astype(np.float32),
        sun=(layers.sun * scale).astype(np.float32),
        sky=(layers.sky * scale).astype(np.float32),
    )


def relight(layers: DustLayers, *, tint: RGB, sun: RGB, sky: RGB) -> Image:
    """Return (height, width, 4) premultiplied ACEScg: ``tint * (layers.sun * sun + layers.sky * sky)`` and alpha.

    Parameters
    ----------
    tint
        Single-scatter albedo colour of the dust.
    sun, sky
        What a white card reads from each (``core.layout.Sun``).
    """
    out = np.empty((*layers.alpha.shape, 4), dtype=np.float32)
    for c in range(3):
        np.multiply(layers.sun, np.float32(tint[c] * sun[c]), out=out[..., c])
        out[..., c] += layers.sky * np.float32(tint[c] * sky[c])
    out[..., 3] = layers.alpha
    return out


def reduce_depth(depth: Image, *, width: int, height: int) -> Image:
    """Return a depth at a smaller size that keeps both sides of its edges.

    Nearest and farthest of the pixels under each small pixel are taken in turn, as on a chequerboard, so that beside
    every edge some small pixel has marched to either side's depth.
    """
    if depth.shape == (height, width):
        return depth.astype(np.float32)
    out = np.empty((height, width), dtype=np.float32)
    _reduce(np.ascontiguousarray(depth, dtype=np.float32), out)
    return out


def upsample(layers: DustLayers, *, low_depth: Image, depth: Image) -> DustLayers:
    """Bring layers to the size of ``depth``.

    Parameters
    ----------
    layers
        At the size of ``low_depth``, which the march was given, or at a multiple of it.
    depth
        (height, width) metres of the nearest surface at full size, inf where none.

    Notes
    -----
    Cubic inside; where the surface's depth jumps, each pixel takes the neighbours whose surface lies at its own depth
    (joint bilateral, Kopf et al. 2007), so that dust before a piece ends at the piece's own edge.
    """
    height, width = depth.shape
    if layers.alpha.shape == depth.shape == low_depth.shape:
        return layers
    drawn = layers.alpha.shape != low_depth.shape
    planes = []
    for image in (layers.alpha, layers.sun, layers.sky):
        soft = image if drawn else cv2.sepFilter2D(image, cv2.CV_32F, _TENT, _TENT, borderType=cv2.BORDER_REPLICATE)
        big = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
        planes.append(np.maximum(np.asarray(big, dtype=np.float32), 0.0))
    if drawn:
        layers = _reduced(layers, low_depth.shape)
    near, near_low = _inverse(depth), _inverse(low_depth)
    edge = cv2.resize(surface_edges(low_depth), (width, height), interpolation=cv2.INTER_NEAREST)
    stack = np.stack([layers.alpha, layers.sun, layers.sky])
    out = np.stack(planes)
    _mend(stack, near_low, near, np.asarray(edge), out)
    # A cubic rings past the light that its own neighbours hold; a pixel of no alpha shows no light.
    alpha = np.minimum(out[0], 1.0)
    lit = alpha > 0.0
    return DustLayers(alpha=alpha, sun=np.where(lit, out[1], 0.0), sky=np.where(lit, out[2], 0.0))


def _reduced(layers: DustLayers, shape: tuple[int, ...]) -> DustLayers:
    size = (shape[1], shape[0])
    alpha, sun, sky = (
        np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
        for image in (layers.alpha, layers.sun, layers.sky)
    )
    return DustLayers(alpha=alpha, sun=sun, sky=sky)


def surface_edges(depth: Image) -> NDArray[np.uint8]:
    """Return 1 near a jump of a surface's depth, as far as the filters on the way to full size reach."""
    near = _inverse(depth)
    box = np.ones((5, 5), np.uint8)
    high = cv2.dilate(near, box)
    return np.asarray((high - cv2.erode(near, box) > _JUMP * high).astype(np.uint8))


def _inverse(depth: Image) -> Image:
    with np.errstate(divide="ignore"):
        return np.where(np.isfinite(depth) & (depth > 0), 1.0 / depth, 0.0).astype(np.float32)


@njit(parallel=True, cache=True, nogil=True)
def _reduce(depth, out):  # type: ignore[no-untyped-def]
    height, width = out.shape
    rows, cols = depth.shape
    for r in prange(height):
        r0 = r * rows // height
        r1 = max((r + 1) * rows // height, r0 + 1)
        for c in range(width):
            c0 = c * cols // width
            c1 = max((c + 1) * cols // width, c0 + 1)
            best = depth[r0, c0]
            for i in range(r0, r1):
                for j in range(c0, c1):
                    best = min(best, depth[i, j]) if (r + c) % 2 == 0 else max(best, depth[i, j])
            out[r, c] = best


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def _mend(low, near_low, near, edge, out):  # type: ignore[no-untyped-def]
    """Write edge pixels anew from the 4 x 4 small pixels around them."""
    _, rows, cols = low.shape
    height, width = near.shape
    half, one = np.float32(0.5), np.float32(1.0)
    across, down = np.float32(cols) / np.float32(width), np.float32(rows) / np.float32(height)
    for r in prange(height):
        y = (np.float32(r) + half) * down - half
        j = int(np.floor(y))
        for c in range(width):
            if edge[r, c] == 0:
                continue
            x = (np.float32(c) + half) * across - half
            i = int(np.floor(x))
            here = near[r, c]
            total = np.float32(0.0)
            a = np.float32(0.0)
            b = np.float32(0.0)
            s = np.float32(0.0)
            for q in range(j - 1, j + 3):
                wy = max(np.float32(1.6) - abs(y - np.float32(q)), np.float32(0.0))
                wy *= wy
                qq = min(max(q, 0), rows - 1)
                for p in range(i - 1, i + 3):
                    wx = max(np.float32(1.6) - abs(x - np.float32(p)), np.float32(0.0))
                    pp = min(max(p, 0), cols - 1)
                    there = near_low[qq, pp]
                    apart = abs(here - there) / max(max(here, there), np.float32(1e-5))
                    w = wx * wx * wy * (np.exp(-_SIMILAR * apart) + np.float32(1e-5))
                    total += w
                    a = fma(w, low[0, qq, pp], a)
                    b = fma(w, low[1, qq, pp], b)
                    s = fma(w, low[2, qq, pp], s)
            back = one / total
            out[0, r, c] = a * back
            out[1, r, c] = b * back
            out[2, r, c] = s * back
