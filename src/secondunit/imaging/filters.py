"""Blurs, growth and distances of pictures and mattes. Edges are mirrored, sizes never change."""

import math

import cv2
import numpy as np

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image


def gaussian(picture: Image, *, sigma_px: float) -> Image:
    """Blur by a Gaussian.

    Wide blurs (more than 6 px) are made on a picture reduced by a power of two, which the eye cannot tell apart.

    Parameters
    ----------
    picture
        (height, width) or (height, width, channels).
    sigma_px
        Standard deviation in pixels; 0 returns a copy.
    """
    if sigma_px < 0 or not math.isfinite(sigma_px):
        raise BriefError(f"a blur of {sigma_px} px", fix="use 0 or more")
    if sigma_px < 0.05:
        return picture.copy()
    height, width = picture.shape[:2]
    factor = 1
    while sigma_px / factor > 6 and min(height, width) // (factor * 2) >= 8:
        factor *= 2
    if factor == 1:
        return _same_shape(cv2.GaussianBlur(picture, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT), picture)
    small = cv2.resize(picture, (-(-width // factor), -(-height // factor)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / factor, borderType=cv2.BORDER_REFLECT)
    return _same_shape(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), picture)


def box(picture: Image, *, radius_px: int) -> Image:
    """Return the mean over a square of ``2 * radius_px + 1`` pixels a side."""
    side = 2 * radius_px + 1
    return _same_shape(cv2.blur(picture, (side, side), borderType=cv2.BORDER_REFLECT), picture)


def dilate(matte: Image, *, radius_px: float) -> Image:
    """Return the largest value within a disc: a matte grown by ``radius_px``."""
    return _same_shape(cv2.dilate(matte, _disc(radius_px)), matte) if radius_px >= 0.5 else matte.copy()


def erode(matte: Image, *, radius_px: float) -> Image:
    """Return the smallest value within a disc: a matte shrunk by ``radius_px``."""
    return _same_shape(cv2.erode(matte, _disc(radius_px)), matte) if radius_px >= 0.5 else matte.copy()


def distance(matte: Image, *, threshold: float = 0.5) -> Image:
    """Return the distance in pixels from each pixel to the nearest one whose matte exceeds the threshold.

    Zero inside; infinite everywhere when nothing exceeds it.
    """
    outside = (matte <= threshold).astype(np.uint8)
    if outside.all():
        return np.full(matte.shape, np.inf, np.float32)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), dtype=np.float32)


def spread(picture: Image, weight: Image, *, sigma_px: float) -> Image:
    """Fill where ``weight`` is low with a weighted mean of what is near (normalised convolution).

    Known pixels are kept in proportion to their weight. Growing scales are tried until every pixel has a value.

    Parameters
    ----------
    picture
        (height, width[, channels]).
    weight
        (height, width), 1 where the picture is known and 0 where not.
    sigma_px
        First scale; doubled until all is reached.

    References
    ----------
    Knutsson and Westin, "Normalized and Differential Convolution", CVPR 1993.
    """
    flat = picture[..., None] if picture.ndim == 2 else picture
    mean = np.zeros_like(flat)
    missing = np.ones(flat.shape[:2], np.float32)
    sigma = sigma_px
    while True:
        share = gaussian(weight, sigma_px=sigma)
        blurred = gaussian(np.ascontiguousarray(flat * weight[..., None]), sigma_px=sigma).reshape(flat.shape)
        here = np.clip(share * 20, 0, 1) * missing
        mean += (blurred / np.maximum(share, 1e-8)[..., None]) * here[..., None]
        missing -= here
        if sigma > 2 * max(weight.shape) or float(missing.max()) < 1e-3:
            break
        sigma *= 2
    mean /= np.maximum(1 - missing, 1e-6)[..., None]
    filled: Image = flat * weight[..., None] + mean * (1 - weight[..., None])
    return filled.reshape(picture.shape).astype(np.float32)


def luminance(picture: Image) -> Image:
    """Return the ACEScg luminance Y of (height, width, 3 or more) (AP1 to XYZ, S-2014-004)."""
    y: Image = (
        picture[..., 0] * np.float32(0.2722287)
        + picture[..., 1] * np.float32(0.6740818)
        + picture[..., 2] * np.float32(0.0536895)
    )
    return y


def _disc(radius_px: float) -> np.ndarray:
    reach = math.ceil(radius_px)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(x * x + y * y <= (radius_px + 0.25) ** 2, dtype=np.uint8)


def _same_shape(result: np.ndarray, like: Image) -> Image:
    """Undo OpenCV's habit of dropping a last axis of one."""
    return np.asarray(result, dtype=np.float32).reshape(like.shape)
