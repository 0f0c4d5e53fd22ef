"""Plate lock: outside the matte and its declared ring the comp is the plate, bit for bit."""

import numpy as np

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import dilate
from secondunit.imaging.metrics import half_rounded, max_abs_diff


def allowed(support: Image, *, ring_px: float) -> np.ndarray:
    """Return (height, width) of bool: where the comp may differ from the plate.

    Parameters
    ----------
    support
        (height, width), above 0 wherever an element, a shadow or a removal touches the plate.
    ring_px
        How far around it wrap, softness and grain may reach, in pixels.
    """
    return dilate((support > 0).astype(np.float32), radius_px=ring_px) > 0.5


def lock(comp: Image, plate: Image, *, support: Image, ring_px: float) -> tuple[Image, float, float]:
    """Put the plate back outside the support's ring, and measure what a reader of the files will find there.

    Parameters
    ----------
    comp
        (height, width, 3 or 4) ACEScg.
    plate
        (height, width, 3) ACEScg.
    support, ring_px
        See ``allowed``.

    Returns
    -------
    locked
        The comp with the plate's own values outside the ring (alpha, where there is one, is kept).
    max_abs_diff
        Largest difference to the plate outside the ring after both are rounded to half floats. 0.0 or a fault.
    touched_share
        Share of the picture inside the ring, 0 to 1.

    Raises
    ------
    BriefError
        The pictures differ in size.
    """
    if comp.shape[:2] != plate.shape[:2] or support.shape != plate.shape[:2]:
        raise BriefError(
            f"comp {comp.shape[:2]}, plate {plate.shape[:2]} and support {support.shape} differ in size",
            fix="lock at the size of the plate",
        )
    inside = allowed(support, ring_px=ring_px)
    locked = comp.copy()
    outside = ~inside
    locked[outside, :3] = plate[outside]
    return locked, outside_difference(locked, plate, inside=inside), float(inside.mean())


def outside_difference(comp: Image, plate: Image, *, inside: np.ndarray) -> float:
    """Return the largest difference to the plate outside ``inside``, both rounded to half floats.

    Works on the comp in memory and on what was read back from its file alike. Not a number counts as infinite unless
    the plate has it there too.
    """
    outside = ~inside
    return max_abs_diff(half_rounded(comp[outside][:, :3]), half_rounded(plate[outside]))
