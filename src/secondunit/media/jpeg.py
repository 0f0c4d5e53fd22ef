"""Pictures made small for paper and page."""

from pathlib import Path

import cv2

from secondunit.core.errors import BriefError


def jpeg_of(path: Path, *, width: int = 1600, quality: int = 88) -> bytes:
    """Return a picture file as JPEG, no wider than ``width`` pixels.

    Raises
    ------
    BriefError
        It cannot be read as a picture.
    """
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise BriefError(f"{path} is no picture", fix="make it again")
    height, wide = picture.shape[:2]
    if wide > width:
        picture = cv2.resize(picture, (width, round(height * width / wide)), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise BriefError(f"{path} cannot be written as JPEG", fix="make it again")
    return data.tobytes()
