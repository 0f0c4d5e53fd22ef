"""Changing a picture's size, and moving it under a homography."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image

Method = Literal["area", "linear", "lanczos", "nearest"]
_CODES = {
    "area": cv2.INTER_AREA,
    "linear": cv2.INTER_LINEAR,
    "lanczos": cv2.INTER_LANCZOS4,
    "nearest": cv2.INTER_NEAREST,
}


def resize(picture: Image, *, width: int, height: int, method: Method = "area") -> Image:
    """Return the picture at another size; corners meet corners.

    ``area`` averages when the picture shrinks and is linear when it grows. ``lanczos`` may ring below zero.

    Raises
    ------
    BriefError
        The size asked for has no pixel.
    """
    if width < 1 or height < 1:
        raise BriefError(f"a size of {width} x {height} pixels", fix="use 1 x 1 or more")
    if picture.shape[:2] == (height, width):
        return picture.copy()
    code = _CODES[method]
    if method == "area" and (width > picture.shape[1] or height > picture.shape[0]):
        code = cv2.INTER_LINEAR
    result = cv2.resize(picture, (width, height), interpolation=code)
    return np.asarray(result, dtype=np.float32).reshape(height, width, *picture.shape[2:])


def warp(picture: Image, homography: ArrayLike, *, width: int, height: int) -> Image:
    """Return the picture seen through a homography; what lies outside it repeats its edge.

    Parameters
    ----------
    homography
        (3, 3) from pixels of the result to pixels of the picture, pixel (0, 0) being the top left corner.
    """
    # OpenCV counts from pixel centres, we count from corners.
    shift = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    matrix = np.linalg.inv(shift) @ np.asarray(homography, dtype=np.float64) @ shift
    result = cv2.warpPerspective(
        picture, matrix, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(result, dtype=np.float32).reshape(height, width, *picture.shape[2:])
