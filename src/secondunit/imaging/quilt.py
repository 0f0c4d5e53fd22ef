"""Growing texture from a sample by laying patches with hidden seams.

Efros and Freeman, "Image Quilting for Texture Synthesis and Transfer", SIGGRAPH 2001.
"""

import cv2
import numpy as np
from numba import njit

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image

# A patch is not laid again before this many others.
RECENT = 4


def quilt(
    sample: Image,
    *,
    usable: Image,
    width: int,
    height: int,
    seed: int,
    patch_px: int = 28,
    overlap_px: int = 9,
    candidates: int = 160,
) -> Image:
    """Return (height, width, 3) of texture like the sample's.

    Parameters
    ----------
    sample
        (h, w, 3); compared as it is, so give something perceptual (a square root) rather than linear light.
    usable
        (h, w), patches are taken only where above 0.5 throughout.
    patch_px, overlap_px
        Side of a patch, and how far neighbours overlap.
    candidates
        Patches drawn for each place.

    Raises
    ------
    BriefError
        No patch fits in the usable area.
    """
    draw = np.random.default_rng([seed, 0x9117])
    fits = cv2.erode(
        (usable > 0.5).astype(np.uint8),
        np.ones((patch_px, patch_px), np.uint8),
        anchor=(0, 0),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    places = np.argwhere(fits > 0).astype(np.int32)
    sample = np.ascontiguousarray(sample, dtype=np.float32)
    if len(places) == 0:
        raise BriefError("no patch fits in the texture's sample", fix="give a larger sample or a smaller patch")
    step = patch_px - overlap_px
    rows, columns = -(-(height - overlap_px) // step), -(-(width - overlap_px) // step)
    rows, columns = max(rows, 1), max(columns, 1)
    out = np.zeros((rows * step + overlap_px, columns * step + overlap_px, 3), np.float32)
    laid: list[tuple[int, int]] = []
    for r in range(rows):
        for c in range(columns):
            y, x = r * step, c * step
            chosen = _others(places, draw.integers(0, len(places), candidates), laid[-RECENT:], patch_px)
            here = out[y : y + patch_px, x : x + patch_px]
            v, u = places[_best(sample, here, places, chosen, overlap_px, r > 0, c > 0)]
            laid.append((int(v), int(u)))
            patch = sample[v : v + patch_px, u : u + patch_px]
            cut = np.ones((patch_px, patch_px), np.float32)
            error = ((patch - here) ** 2).sum(axis=2)
            if c > 0:
                cut[:, :overlap_px] = np.minimum(
                    cut[:, :overlap_px], _seam(np.ascontiguousarray(error[:, :overlap_px]))
                )
            if r > 0:
                cut[:overlap_px] = np.minimum(cut[:overlap_px], _seam(np.ascontiguousarray(error[:overlap_px].T)).T)
            cut = cv2.GaussianBlur(cut, (0, 0), 0.7) if r or c else cut
            out[y : y + patch_px, x : x + patch_px] = here + (patch - here) * cut[..., None]
    return out[:height, :width]


def _others(places: np.ndarray, chosen: np.ndarray, laid: list[tuple[int, int]], patch_px: int) -> np.ndarray:
    """Return the chosen places less those that were laid just now: what fits its own edge would be laid for ever."""
    for place in laid:
        away = np.abs(places[chosen] - np.array(place)).max(axis=1) >= patch_px // 3
        if away.sum() >= 8:
            chosen = chosen[away]
    return chosen


@njit(cache=True, nogil=True)
def _best(sample, here, places, chosen, overlap, above, left):  # type: ignore[no-untyped-def]
    """Return which of the chosen places fits best to what lies above and to the left."""
    side = here.shape[0]
    best, at = np.float32(1e30), chosen[0]
    for k in chosen:
        v, u = places[k, 0], places[k, 1]
        error = np.float32(0)
        for j in range(side):
            if not (above and j < overlap) and not left:
                continue
            end = side if above and j < overlap else overlap
            for i in range(end):
                for c in range(3):
                    d = sample[v + j, u + i, c] - here[j, i, c]
                    error += d * d
            if error >= best:
                break
        if error < best:
            best, at = error, k
    return at


@njit(cache=True, nogil=True)
def _seam(error):  # type: ignore[no-untyped-def]
    """Return 0 left of the path of least error from top to bottom, 1 from it on."""
    height, width = error.shape
    total = error.copy()
    for y in range(1, height):
        for x in range(width):
            before = total[y - 1, x]
            if x > 0:
                before = min(before, total[y - 1, x - 1])
            if x < width - 1:
                before = min(before, total[y - 1, x + 1])
            total[y, x] += before
    keep = np.zeros((height, width), np.float32)
    x = 0
    for i in range(1, width):
        if total[height - 1, i] < total[height - 1, x]:
            x = i
    for y in range(height - 1, -1, -1):
        if y < height - 1:
            low, high = max(x - 1, 0), min(x + 1, width - 1)
            x = low
            for i in range(low + 1, high + 1):
                if total[y, i] < total[y, x]:
                    x = i
        keep[y, x:] = 1
    return keep
