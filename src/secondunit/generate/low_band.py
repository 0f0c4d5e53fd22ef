"""What a seed must not move: after clipping, the low band is given back what it had."""

import cv2
import numpy as np

from secondunit.imaging.buffers import DustLayers, Image

LOW = 8
"""Pixels of the picture under one of the low band's."""
ROUNDS, SMOOTH_ROUNDS = 30, 12
LARGEST = np.float32(0.7)
"""Share of its room that a pixel is moved by in one round, at most."""
LEAST = np.float32(0.02)
"""Room that opaque dust still has."""
_FLOOR = np.float32(1e-6)
_NEAR = 2e-4
"""Difference of means that is left alone."""


def low_pass(image: Image) -> Image:
    """Return a picture's means over blocks of ``LOW`` pixels; the last row and column may cover fewer."""
    height, width = image.shape
    rows, cols = -(-height // LOW), -(-width // LOW)
    padded = cv2.copyMakeBorder(image, 0, rows * LOW - height, 0, cols * LOW - width, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(padded, (cols, rows), interpolation=cv2.INTER_AREA))


def keep_low_band(fine: DustLayers, likely: DustLayers) -> DustLayers:
    """Return fine layers whose low band is that of the likely ones.

    The difference of a block's means is spread over its pixels by how much room each has: alpha by its distance from
    clear and opaque, light by alpha, so that what is clear stays clear, brightness moves evenly and no rim is drawn.
    """
    alpha = _kept(fine.alpha, likely.alpha, None)
    # Light goes with the alpha that was moved, at the brightness that was painted.
    share = np.asarray(alpha / np.maximum(fine.alpha, _FLOOR), dtype=np.float32)
    sun, sky = (
        _kept(np.asarray(light * share, dtype=np.float32), wanted, alpha)
        for light, wanted in ((fine.sun, likely.sun), (fine.sky, likely.sky))
    )
    return DustLayers(alpha=alpha, sun=sun, sky=sky)


def _kept(image: Image, likely: Image, alpha: Image | None) -> Image:
    height, width = image.shape
    wanted = low_pass(likely)
    out = image.copy()
    rows, cols = wanted.shape
    for turn in range(ROUNDS):
        missing = wanted - low_pass(out)
        if np.abs(missing).max() < _NEAR:
            break
        # Towards nothing there is less and less room: no round can empty a pixel, and leave its neighbours to make up.
        room = out * (np.float32(1.0) + LEAST - out) if alpha is None else alpha
        share = np.clip(missing / (low_pass(room) + _FLOOR), -LARGEST, LARGEST)
        # Smoothly at first; the little that is left, block by block, so that it is met.
        how = cv2.INTER_LINEAR if turn < SMOOTH_ROUNDS else cv2.INTER_NEAREST
        spread = cv2.resize(share, (cols * LOW, rows * LOW), interpolation=how)[:height, :width]
        out += room * spread
        np.clip(out, 0.0, 1.0 if alpha is None else None, out=out)
    return out
