"""Merging premultiplied pictures (Porter and Duff, "Compositing Digital Images", SIGGRAPH 1984)."""

import numpy as np

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image

# Coverage below this is none: dividing by it would only make noise larger.
TINY = np.float32(1e-6)


def over(front: Image, back: Image) -> Image:
    """Merge one premultiplied picture over another.

    Parameters
    ----------
    front
        (height, width, 4), premultiplied.
    back
        (height, width, 4) premultiplied, or (height, width, 3) which stands for a picture of alpha 1.

    Returns
    -------
    Image
        As many channels as ``back``.

    Raises
    ------
    BriefError
        The pictures differ in size, or ``front`` has no alpha.

    Examples
    --------
    >>> a = np.full((1, 1, 4), 0.5, np.float32)
    >>> float(over(a, np.zeros((1, 1, 3), np.float32))[0, 0, 0])
    0.5
    """
    if front.ndim != 3 or front.shape[2] != 4:
        raise BriefError(f"a front picture of shape {front.shape} has no alpha", fix="give (height, width, 4)")
    if back.shape[:2] != front.shape[:2]:
        raise BriefError(f"cannot merge {front.shape[:2]} over {back.shape[:2]}", fix="resize one of the two first")
    channels = back.shape[2]
    merged: Image = front[..., :channels] + back * (np.float32(1) - front[..., 3:4])
    return merged


def under(back: Image, front: Image) -> Image:
    """Merge ``back`` beneath ``front``: ``over`` with its arguments exchanged, for chains that read back to front."""
    return over(front, back)


def premultiply(colour: Image, alpha: Image) -> Image:
    """Return (height, width, 4) of straight colour (height, width, 3) times alpha (height, width)."""
    return np.dstack([colour * alpha[..., None], alpha]).astype(np.float32)


def unpremultiply(picture: Image) -> Image:
    """Return the straight colour (height, width, 3) of a premultiplied rgba; 0 where there is no coverage."""
    alpha = picture[..., 3:4]
    colour: Image = np.where(alpha > TINY, picture[..., :3] / np.maximum(alpha, TINY), np.float32(0))
    return colour


def mix(first: Image, second: Image, share: Image) -> Image:
    """Return ``first`` where ``share`` (height, width) is 0 and ``second`` where it is 1."""
    weight = share[..., None] if first.ndim == 3 and share.ndim == 2 else share
    mixed: Image = first + (second - first) * weight
    return mixed
