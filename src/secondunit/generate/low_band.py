"""What a seed must not move: after clipping, the low band is given back what it had."""

import numpy as np
from numba import njit, prange

from secondunit.imaging.buffers import DustLayers, Image

LOW = 8
"""Pixels of the picture under one of the low band's."""
ROUNDS, SMOOTH_ROUNDS = 30, 12
LARGEST = np.float32(0.7)
"""Share of its room that a pixel is moved by in one round, at most."""
LEAST = np.float32(0.02)
"""Room that opaque dust still has."""
_FLOOR = np.float32(1e-6)
_F = np.float32
_AT = ((np.arange(LOW, dtype=np.float32) + 0.5) / LOW - 0.5).astype(np.float32)
"""Where a block's pixels lie between block centres, from its own: the first half reads the block before too."""
_NEAR = 2e-4
"""Difference of means that is left alone."""


def low_pass(image: Image) -> Image:
    """Return a picture's means over blocks of ``LOW`` pixels; the last row and column may cover fewer."""
    height, width = image.shape
    out = np.empty((-(-height // LOW), -(-width // LOW)), np.float32)
    _means(np.ascontiguousarray(image, dtype=np.float32), out)
    return out


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
    wanted = low_pass(likely)
    out = np.array(image, dtype=np.float32, order="C")
    # Light's room is alpha; alpha's own depends on what it has become.
    room = out if alpha is None else alpha
    missing, share = np.empty_like(wanted), np.empty_like(wanted)
    for turn in range(ROUNDS):
        _lack(out, room, wanted, alpha is None, missing, share)
        if np.abs(missing).max() < _NEAR:
            break
        # Smoothly at first; the little that is left, block by block, so that it is met.
        _spread(out, room, share, alpha is None, turn < SMOOTH_ROUNDS)
    return out


@njit(cache=True, nogil=True)
def _room(value, opaque):  # type: ignore[no-untyped-def]
    """Return how far a pixel may move: towards nothing there is less and less room, so that no round empties it."""
    return value * (_F(1.0) + LEAST - value) if opaque else value


@njit(parallel=True, cache=True, nogil=True)
def _means(image, out):  # type: ignore[no-untyped-def]
    height, width = image.shape
    for r in prange(out.shape[0]):
        first, end = r * LOW, min(r * LOW + LOW, height)
        down = np.zeros(width, np.float32)
        for y in range(first, end):
            for x in range(width):
                down[x] += image[y, x]
        for b in range(out.shape[1]):
            out[r, b] = _mean(down, b, end - first)


@njit(cache=True, nogil=True)
def _mean(down, block, rows):  # type: ignore[no-untyped-def]
    """Return a block's mean by the sums of its columns."""
    left, right = block * LOW, min(block * LOW + LOW, len(down))
    total = _F(0.0)
    for x in range(left, right):
        total += down[x]
    return total / _F(rows * (right - left))


@njit(parallel=True, cache=True, nogil=True)
def _lack(image, room, wanted, opaque, missing, share):  # type: ignore[no-untyped-def]
    """Write what each block's mean lacks, and the share of its room that would make it up."""
    height, width = image.shape
    for r in prange(wanted.shape[0]):
        first, end = r * LOW, min(r * LOW + LOW, height)
        down, space = np.zeros(width, np.float32), np.zeros(width, np.float32)
        for y in range(first, end):
            for x in range(width):
                down[x] += image[y, x]
                space[x] += _room(room[y, x], opaque)
        for b in range(wanted.shape[1]):
            missing[r, b] = wanted[r, b] - _mean(down, b, end - first)
            most = missing[r, b] / (_mean(space, b, end - first) + _FLOOR)
            share[r, b] = min(max(most, -LARGEST), LARGEST)


@njit(parallel=True, cache=True, nogil=True)
def _spread(image, room, share, opaque, smooth):  # type: ignore[no-untyped-def]
    """Move each pixel by its block's share of its room; smoothly: by the shares between block centres, bilinear."""
    height, width = image.shape
    rows, cols = share.shape
    for r in prange(rows):
        line = np.empty(cols * LOW, np.float32)
        mixed = np.empty(cols, np.float32)
        for k in range(min(LOW, height - r * LOW)):
            y = r * LOW + k
            down = _AT[k] if smooth else _F(0.0)
            other = min(max(r + (-1 if down < 0 else 1), 0), rows - 1)
            for b in range(cols):
                mixed[b] = share[r, b] + abs(down) * (share[other, b] - share[r, b])
            for b in range(cols):
                before, after = mixed[max(b - 1, 0)], mixed[min(b + 1, cols - 1)]
                for n in range(LOW):
                    across = _AT[n] if smooth else _F(0.0)
                    there = before if across < 0 else after
                    line[b * LOW + n] = mixed[b] + abs(across) * (there - mixed[b])
            for x in range(width):
                value = image[y, x] + _room(room[y, x], opaque) * line[x]
                value = max(value, _F(0.0))
                image[y, x] = min(value, _F(1.0)) if opaque else value
