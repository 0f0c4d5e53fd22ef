"""Numbers about pictures and pairs of pictures."""

import math

import numpy as np

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.imaging.half import HALF_MAX, halved


def max_abs_diff(first: Image, second: Image, *, where: np.ndarray | None = None) -> float:
    """Return the largest absolute difference over all channels; NaN in either counts as infinite.

    Parameters
    ----------
    where
        (height, width) of bool: the pixels that count. None counts all; no pixel gives 0.

    Examples
    --------
    >>> max_abs_diff(np.zeros((1, 2), np.float32), np.array([[0, 0.5]], np.float32))
    0.5
    """
    _same_size(first, second)
    if where is not None:
        first, second = first[where], second[where]
    if first.size == 0:
        return 0.0
    # Equal infinities differ by nothing, so they are compared and not subtracted.
    with np.errstate(invalid="ignore"):
        difference = np.where(first == second, np.float32(0), np.abs(first - second))
    largest = float(np.max(difference))
    return math.inf if math.isnan(largest) else largest


def psnr(first: Image, second: Image, *, peak: float = 1.0) -> float:
    """Return the peak signal to noise ratio in dB; infinite for equal pictures."""
    _same_size(first, second)
    error = float(np.mean((first.astype(np.float64) - second) ** 2))
    return math.inf if error == 0 else 10 * math.log10(peak * peak / error)


def robust_sigma(values: np.ndarray) -> float:
    """Return the standard deviation of the bulk: 1.4826 times the median absolute deviation from the median."""
    if values.size == 0:
        return 0.0
    return float(robust_sigmas(values.reshape(1, -1))[0])


def robust_sigmas(rows: np.ndarray) -> np.ndarray:
    """Return (n,) ``robust_sigma`` of each row of (n, values)."""
    middle = np.median(rows, axis=1, keepdims=True)
    return np.asarray(1.4826 * np.median(np.abs(rows - middle), axis=1).astype(np.float64))


def half_rounded(picture: Image) -> Image:
    """Return float32 values as a half-float file will give them back; beyond its range they are clipped to it."""
    return halved(np.clip(picture, -HALF_MAX, HALF_MAX))


def _same_size(first: Image, second: Image) -> None:
    if first.shape != second.shape:
        raise BriefError(f"cannot compare {first.shape} with {second.shape}", fix="give two pictures of one size")
