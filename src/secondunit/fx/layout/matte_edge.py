"""Edges of mattes, found in the plate: a cut in a band around a drawn edge, and keys for twigs and leaves."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BackendError
from secondunit.imaging.buffers import Image

Mask = NDArray[np.bool_]
_NEAR_PX = 12.0
"""Reach of the local levels of a key."""
_LARGEST = 1600
"""Pixels on the long side at which the cut is made; the soft edge is always found at full size."""


def cut_out(plate: Image, drawn: Image, *, band_px: int, ignore: Image | None) -> Image:
    """Move a drawn edge to the plate's own within a band, and find its soft coverage there.

    GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004) decides inside or outside within ``band_px`` of the drawn
    edge; then each pixel near the cut is unmixed between the mean colours of both sides nearby. Where these hardly
    differ, a one pixel ramp stands.

    Parameters
    ----------
    plate
        (height, width, 3) ACEScg.
    drawn
        (height, width) coverage as drawn.
    band_px
        How far the edge may move.
    ignore
        (height, width) coverage of what hides the edge: there the drawn edge stays.
    """
    inside = drawn > 0.5
    if not inside.any() or inside.all():
        return drawn
    seen = display_like(plate)
    outward = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5)
    inward = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)
    band = (outward < band_px) & (inward < band_px)
    cut = _grab_cut(seen, inside, band, band_px)
    soft = unmix(seen, cut, radius=max(3, band_px // 2))
    # Towards the limit of the band the drawn edge comes back, so that nothing is cut off square.
    edge_distance = np.where(inside, inward, outward)
    trust = np.clip((band_px - edge_distance) / max(0.25 * band_px, 1.0), 0.0, 1.0)
    if ignore is not None:
        trust = trust * (1.0 - cv2.GaussianBlur(ignore, (0, 0), 2.0))
    return np.asarray(np.clip(drawn + trust * (soft - drawn), 0.0, 1.0), dtype=np.float32)


def key_matte(plate: Image, drawn: Image, *, key: Literal["dark", "bright", "green"]) -> Image:
    """Pull a soft key inside a drawn shape: dark or bright against what lies behind, or green.

    The level that parts both sides is Otsu's (1979) over the shape; coverage is then unmixed between the mean level of
    each side nearby, so that twigs thinner than a pixel keep their share.
    """
    seen = display_like(plate)
    if key == "green":
        level = (seen[..., 1] - np.maximum(seen[..., 0], seen[..., 2])) / np.maximum(seen.sum(axis=2), 0.15)
    else:
        level = seen @ np.array([0.27, 0.67, 0.06], np.float32)
        level = -level if key == "dark" else level
    shape = drawn > 0.5
    if int(shape.sum()) < 16:
        return drawn
    split = _otsu(level[shape])
    if not (level[shape] > split).any() or (level[shape] > split).all():
        return drawn
    # What stands in front varies more than what lies behind: the parting level lies nearer to the latter.
    back_level = float(np.median(level[shape & (level <= split)]))
    split = min(split, 0.4 * float(level[shape & (level > split)].mean()) + 0.6 * back_level)
    front = shape & (level > split)
    back = shape & ~front
    if not back.any():
        return drawn
    low = _local_mean(level, back, _NEAR_PX, back_level)
    high = _local_mean(level, front, _NEAR_PX, float(level[front].mean())) - float(level[front].std())
    spread = 0.4 * (float(level[front].mean()) - back_level)
    mixed = (level - low) / np.maximum(high - low, max(spread, 1e-3))
    return np.asarray(drawn * np.clip((mixed - 0.18) / 0.7, 0.0, 1.0), dtype=np.float32)


def unmix(seen: Image, cut: Mask, *, radius: int) -> Image:
    """Return soft coverage near a cut: each pixel as a mix of the two sides' mean colours nearby.

    Alpha is the projection on the line between both means, a = (I - B)·(F - B) / |F - B|², as in local colour-line
    matting (Levin, Lischinski and Weiss, PAMI 2008, section 3, with the means known).
    """
    ramp = cv2.GaussianBlur(cut.astype(np.float32), (0, 0), 0.7)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    sure_in = cv2.erode(cut.astype(np.uint8), kernel) > 0
    sure_out = cv2.erode((~cut).astype(np.uint8), kernel) > 0
    inner, has_in = _local_colour(seen, sure_in, radius)
    outer, has_out = _local_colour(seen, sure_out, radius)
    line = inner - outer
    length = (line**2).sum(axis=2)
    alpha = np.clip(((seen - outer) * line).sum(axis=2) / np.maximum(length, 1e-6), 0.0, 1.0)
    told = np.clip((np.sqrt(length) - 0.12) / 0.18, 0.0, 1.0) * (has_in & has_out)
    # A pixel deep on one side is that side, whatever its colour: a window is no hole.
    reach = cv2.GaussianBlur(cut.astype(np.float32), (0, 0), 1.2)
    at_edge = np.clip(np.minimum(reach, 1.0 - reach) / 0.06, 0.0, 1.0)
    soft = ramp + told * at_edge * (alpha - ramp)
    return np.asarray(np.where(at_edge > 0, soft, cut.astype(np.float32)), dtype=np.float32)


def display_like(plate: Image) -> Image:
    """Return the plate with a display's gamma, 0 to 1: differences as the eye weighs them."""
    return np.asarray(np.clip(np.nan_to_num(plate), 0.0, 1.0) ** np.float32(1 / 2.2), dtype=np.float32)


def _grab_cut(seen: Image, inside: Mask, band: Mask, band_px: int) -> Mask:
    """Return inside or outside for each pixel; outside the band as drawn."""
    height, width = inside.shape
    rows, columns = np.nonzero(band)
    if not len(rows):
        return inside
    pad = 4 * band_px
    y0, y1 = max(0, int(rows.min()) - pad), min(height, int(rows.max()) + pad + 1)
    x0, x1 = max(0, int(columns.min()) - pad), min(width, int(columns.max()) + pad + 1)
    window = (slice(y0, y1), slice(x0, x1))
    labels = np.where(inside, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
    labels[band & inside], labels[band & ~inside] = cv2.GC_PR_FGD, cv2.GC_PR_BGD
    colour, labels = (seen[window][..., ::-1] * 255).round().astype(np.uint8), labels[window]
    shrink = min(1.0, _LARGEST / max(colour.shape[:2]))
    if shrink < 1.0:
        colour = cv2.resize(colour, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        labels = cv2.resize(labels, colour.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    known = set(np.unique(labels).tolist())
    if not ({cv2.GC_FGD, cv2.GC_PR_FGD} & known and {cv2.GC_BGD, cv2.GC_PR_BGD} & known):
        return inside
    cv2.setRNGSeed(1)  # GrabCut starts its colour models by k-means
    try:
        cv2.grabCut(colour, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    except cv2.error as error:
        raise BackendError(f"the matte's edge could not be cut: {error}", fix="set matte.refine = false") from error
    found = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    found = cv2.medianBlur(found * 255, 5)
    found = cv2.resize(found, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    result = inside.copy()
    # The cut steps from pixel to pixel; a little smoothing gives back the line it follows.
    found = cv2.GaussianBlur(found, (0, 0), 1.5)
    result[window] = np.where(band[window], found > 127, inside[window])
    return result


def _local_colour(seen: Image, where: Mask, radius: int) -> tuple[Image, Mask]:
    """Return the mean colour of marked pixels nearby and where there are any."""
    weight = where.astype(np.float32)
    sigma = float(radius)
    total = cv2.GaussianBlur(weight, (0, 0), sigma)
    mean = cv2.GaussianBlur(seen * weight[..., None], (0, 0), sigma) / np.maximum(total, 1e-4)[..., None]
    return np.asarray(mean, dtype=np.float32), np.asarray(total > 1e-3)


def _local_mean(level: Image, where: Mask, sigma: float, default: float) -> Image:
    weight = where.astype(np.float32)
    total = cv2.GaussianBlur(weight, (0, 0), sigma)
    mean = cv2.GaussianBlur(level * weight, (0, 0), sigma)
    return np.asarray((mean + 0.02 * default) / (total + 0.02), dtype=np.float32)


def _otsu(values: Image) -> float:
    """Return the level that parts values into two groups with the least variance within each."""
    low, high = (float(v) for v in np.percentile(values, (0.5, 99.5)))
    if high - low < 1e-6:
        return high
    counts, edges = np.histogram(values, bins=128, range=(low, high))
    share = counts / counts.sum()
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(share)
    moment = np.cumsum(share * centres)
    between = (moment[-1] * below - moment) ** 2 / np.maximum(below * (1 - below), 1e-9)
    return float(edges[1 + int(between[:-1].argmax())])
