"""PNG out, for contact sheets, layouts and mattes."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.media.atomic import whole_file


def write_png(path: Path, image: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """Write (height, width), (height, width, 3) or (height, width, 4) codes of 8 or 16 bits as PNG.

    The same pixels give the same bytes.

    Raises
    ------
    BriefError
        Another shape or type, or a folder that cannot be written.
    """
    channels = 1 if image.ndim == 2 else image.shape[-1]
    if (
        image.ndim not in (2, 3)
        or channels not in (1, 3, 4)
        or image.dtype not in (np.uint8, np.uint16)
        or not image.size
    ):
        raise BriefError(
            f"{path.name}: {image.dtype} {image.shape} is no PNG", fix="give 8 or 16-bit grey, RGB or RGBA"
        )
    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
    done, data = cv2.imencode(".png", image.reshape(*image.shape[:2], channels)[..., order])
    if not done:
        raise BriefError(f"{path.name} cannot be written as PNG", fix="check its size")
    with whole_file(path) as temporary:
        temporary.write_bytes(data.tobytes())
