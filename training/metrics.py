"""What can be measured on dust beside the truth. No number here judges alone; ``evaluate`` says which may judge at all.

Pictures are compared as they are seen: lit, over a plain sky, in display values. ``where`` masks are (height, width) of
bool. A picture here is (height, width) of luma unless it says otherwise.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.imaging.buffers import DustLayers, Image
from training.pictures import lit

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

PATCH = 48
"""Pixels along one edge of a spectrum's patch; patches overlap by half."""
COVERED = 0.6
"""Least share of a patch that is dust."""
BAND = (5, 22)
"""First and last cycles a patch of the log-spectrum: wavelengths of 9.6 to 2.2 pixels, what the detail owns."""
HIGH = (8, 22)
"""The same of the high-frequency energy: 6 pixels and less."""
LOW = 8
"""Pixels of the low-pass that no micro seed may move."""
_LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)


def shown(layers: DustLayers) -> Image:
    """Return (height, width, 3) display values, 0 to 1, as ``pictures.screen`` rounds them."""
    light = lit(layers)
    soft = light * (1.0 + light / 6.0) / (1.0 + light) * 1.25
    return np.asarray(np.clip(soft, 0.0, 1.0) ** (1 / 2.2), dtype=np.float32)


def luma(picture: Image) -> Image:
    """Return the luma of display values (height, width, 3)."""
    return np.asarray(picture @ _LUMA, dtype=np.float32)


def error_db(picture: Image, truth: Image, where: Mask) -> float:
    """Return the PSNR in dB over a region, peak 1; infinite for equal pictures. Any channels."""
    error = float(np.mean((picture[where].astype(np.float64) - truth[where]) ** 2))
    return math.inf if error == 0 else -10.0 * math.log10(error)


def similarity(picture: Image, truth: Image, where: Mask) -> float:
    """Return SSIM (Wang et al. 2004: Gaussian of 1.5 px in 11 x 11, K 0.01 and 0.03) over a region."""

    def blur(image: Floats) -> Floats:
        return np.asarray(cv2.GaussianBlur(image, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT), dtype=np.float64)

    a, b = picture.astype(np.float64), truth.astype(np.float64)
    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    score = ((2 * mean_a * mean_b + 1e-4) * (2 * both + 9e-4)) / (
        (mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4)
    )
    return float(score[where].mean())


def alpha_error(alpha: Image, truth: Image, where: Mask) -> float:
    """Return the mean absolute difference of alpha over a region."""
    return float(np.abs(alpha[where] - truth[where]).mean())


def patch_corners(where: Mask) -> list[tuple[int, int]]:
    """Return the corners of patches that lie mostly in a region."""
    half = PATCH // 2
    height, width = where.shape
    return [
        (y, x)
        for y in range(0, height - PATCH + 1, half)
        for x in range(0, width - PATCH + 1, half)
        if where[y : y + PATCH, x : x + PATCH].mean() > COVERED
    ]


def power(picture: Image, corners: Sequence[tuple[int, int]]) -> Floats:
    """Return (PATCH / 2 + 1,) the radial power spectrum summed over Hann-windowed patches: mean of each ring."""
    rings = PATCH // 2 + 1
    if not corners:
        return np.zeros(rings)
    k = np.fft.fftfreq(PATCH) * PATCH
    ring = np.hypot(k[:, None], k).round().astype(int).ravel()
    total = np.bincount(ring, _transformed(picture, corners).ravel())[:rings]
    return np.asarray(total / np.bincount(ring)[:rings])


def _transformed(picture: Image, corners: Sequence[tuple[int, int]]) -> Floats:
    """Return (PATCH, PATCH) the power of Hann-windowed patches, summed over them."""
    window = np.hanning(PATCH + 1)[:-1]
    patches = np.stack([picture[y : y + PATCH, x : x + PATCH] for y, x in corners]).astype(np.float64)
    patches -= patches.mean(axis=(1, 2), keepdims=True)
    return np.asarray((np.abs(np.fft.fft2(patches * window[:, None] * window)) ** 2).sum(axis=0))


def lattice(picture: Image, corners: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Return the power along the raster's axes at four pixels' wavelength, and what lies just beside it in frequency.

    Four pixels are the raster of features at half of the buffers' size: what is painted from them in a hurry shows it.
    Upright and level edges raise both alike.
    """
    if not corners:
        return 0.0, 0.0
    found = _transformed(picture, corners)
    axes = found[:, :2].sum(axis=1) + found[:2].sum(axis=0)
    centre = PATCH // 4
    beside = math.sqrt(float(axes[centre - 2]) * float(axes[centre + 2]))
    return float(axes[centre]), beside


def log_spectrum_db(found: Floats, truth: Floats) -> float:
    """Return the root mean square difference of two spectra in dB over ``BAND``."""
    rows = slice(BAND[0], BAND[1] + 1)
    apart = 10.0 * np.log10(np.maximum(found[rows], 1e-12) / np.maximum(truth[rows], 1e-12))
    return float(np.sqrt(np.mean(apart**2)))


def high_energy(found: Floats, truth: Floats) -> float:
    """Return the energy over ``HIGH`` against the truth's."""
    rows = slice(HIGH[0], HIGH[1] + 1)
    return float(found[rows].sum() / max(float(truth[rows].sum()), 1e-12))


def flicker(run: Sequence[Image], motion: Sequence[Image], where: Sequence[Mask]) -> tuple[float, float]:
    """Return (what fine detail its own motion leaves unexplained, how much detail there is), summed over a run.

    Parameters
    ----------
    run
        Consecutive pictures.
    motion
        (2, height, width) pixels from each picture to the next, of what each shows.
    where
        Dust in each.

    Notes
    -----
    A picture is compared with its predecessor brought along by the mean of both pictures' motion (the midpoint rule),
    after what is wider than some nine pixels has been taken out of both. Detail that is drawn anew each frame gives a
    quotient of about 1.4.
    """
    left, whole = 0.0, 0.0
    height, width = run[0].shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    for before, after, here, there, dust in zip(run[:-1], run[1:], motion[:-1], motion[1:], where[1:], strict=True):
        back = [cv2.remap(m, x - there[0], y - there[1], cv2.INTER_LINEAR) for m in here]
        dx, dy = (0.5 * (a + b) for a, b in zip(back, there, strict=True))
        moved = cv2.remap(before, x - dx, y - dy, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        detail, brought = fine(after), fine(np.asarray(moved, dtype=np.float32))
        left += float(np.abs(detail - brought)[dust].sum(dtype=np.float64))
        whole += float(np.abs(detail)[dust].sum(dtype=np.float64))
    return left, whole


def fine(picture: Image) -> Image:
    """Return a picture without what is wider than some nine pixels."""
    return np.asarray(picture - cv2.blur(picture, (9, 9), borderType=cv2.BORDER_REFLECT), dtype=np.float32)


def low_pass(picture: Image) -> Image:
    """Return means over blocks of ``LOW`` pixels; whole blocks alone."""
    height, width = (n // LOW * LOW for n in picture.shape[:2])
    return np.asarray(
        picture[:height, :width].reshape(height // LOW, LOW, width // LOW, LOW, -1).mean(axis=(1, 3)), dtype=np.float32
    )


def spread_and_error(draws: Image, truth: Image, where: Mask) -> tuple[float, float]:
    """Return (mean variance of draws about their mean, mean square error of that mean), for ``calibration``.

    Parameters
    ----------
    draws
        (draws, height, width)
    """
    mean = draws.mean(axis=0, dtype=np.float64)
    variance = draws.var(axis=0, ddof=1, dtype=np.float64)
    return float(variance[where].mean()), float(((mean - truth) ** 2)[where].mean())


def calibration(variance: float, error: float, draws: int) -> float:
    """Return spread over skill: 1 where the truth might be one of the draws (Fortin et al. 2014, equation 15)."""
    return math.sqrt((draws + 1) / draws * variance / max(error, 1e-12))


def ranks(draws: Image, truth: Image, where: Mask) -> Floats:
    """Return (draws + 1,) counts of the truth's rank among the draws; ties are shared out (Hamill 2001)."""
    mine, wanted = draws[:, where], truth[where]
    below, same = (mine < wanted).sum(axis=0), (mine == wanted).sum(axis=0)
    counts = np.zeros(len(draws) + 1)
    for ties in range(len(draws) + 1):
        first = below[same == ties]
        for step in range(ties + 1):
            counts += np.bincount(first + step, minlength=len(counts)) / (ties + 1)
    return counts


def overlap(first: Image, second: Image) -> float:
    """Return the intersection over union of two silhouettes, alpha over one half; 1 where neither has any."""
    a, b = first > 0.5, second > 0.5
    union = int((a | b).sum())
    return 1.0 if union == 0 else float((a & b).sum()) / union


def roughness(alpha: Image) -> tuple[float, float]:
    """Return the length of the silhouette in pixels, and of that of the same cloud without detail (Gaussian, 5 px).

    Lengths by Cauchy and Crofton: crossings of the raster's rows and columns.
    """
    smooth = cv2.GaussianBlur(alpha, (0, 0), 5.0, borderType=cv2.BORDER_REPLICATE)
    return _outline(alpha), _outline(np.asarray(smooth))


def _outline(alpha: Image) -> float:
    inside = alpha > 0.5
    crossings = (inside[:, 1:] != inside[:, :-1]).sum() + (inside[1:] != inside[:-1]).sum()
    return float(crossings) * math.pi / 4.0
