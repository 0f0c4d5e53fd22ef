"""What is behind and in front of the element, prepared once for a locked plate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import dilate, distance, gaussian, spread

# The removal reaches this far beyond the matte: plate pixels there still hold some building, or its ringing in a JPEG.
MARGIN_PX = 4.0
# A holdout this dense is the plate itself.
SOLID = 0.985
# A matte that stops at the foreground is carried on this far among its leaves, in pixels, and fades over as many more.
REACH_PX = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backdrop:
    """Pictures behind and before the element, all at one size."""

    clean: Image
    """(height, width, 3) the place without its building."""
    behind: Image
    """(height, width, 3) the clean plate with the foreground put back over it."""
    foreground: Image
    """(height, width, 3) straight colour of the holdouts, the plate where they are solid."""
    removal: Image
    """(height, width) where the plate must give way once the building is gone; goes on under the holdouts."""
    holdout: Image
    """(height, width) coverage by what stands in front."""
    rest: Image | None
    """(height, width) coverage by the building's surfaces while all stands; None takes it as read."""
    nearest: NDArray[np.int32] | None
    """(2, height, width) row and column of the building pixel that each pixel goes with."""

    def standing(self, static: Image) -> Image:
        """Return (height, width): how much of what the plate shows here still stands, 1 while nothing moved.

        Parameters
        ----------
        static
            (height, width) coverage by surfaces still where the plate shows them.
        """
        if self.rest is None or self.nearest is None:
            return np.clip(static, 0, 1).astype(np.float32)
        share = np.clip(static / np.maximum(self.rest, np.float32(1e-4)), 0, 1)
        share[share > 0.999] = 1
        rows, columns = self.nearest
        standing: Image = share[rows, columns].astype(np.float32)
        return standing


def prepare_backdrop(
    plate: Image, *, clean: Image, matte: Image, holdout: Image | None = None, static_rest: Image | None = None
) -> Backdrop:
    """Prepare what does not change while the camera is locked.

    Parameters
    ----------
    plate, clean
        (height, width, 3) ACEScg.
    matte
        (height, width) coverage by the building; it may or may not go on behind the holdouts.
    holdout
        (height, width) coverage by trees, cars and the like in front.
    static_rest
        (height, width) ``SurfaceLayer.static`` of the unbroken building. With it, whatever the matte holds beyond the
        rendered silhouette (railings, signs, a soft edge) stays as long as the surface next to it stays.

    Raises
    ------
    BriefError
        The pictures differ in size.
    """
    size = plate.shape[:2]
    holdout = np.zeros(size, np.float32) if holdout is None else np.clip(holdout, 0, 1).astype(np.float32)
    for name, picture in (("clean plate", clean), ("matte", matte), ("holdout", holdout), ("rest", static_rest)):
        if picture is not None and picture.shape[:2] != size:
            raise BriefError(
                f"the {name} is {picture.shape[1]} x {picture.shape[0]}, the plate {size[1]} x {size[0]}",
                fix=f"give a {name} of the plate's size",
            )
    holdout = np.where(holdout > SOLID, np.float32(1), np.where(holdout < 1 - SOLID, np.float32(0), holdout))
    removal = grown_matte(matte, holdout=holdout)
    foreground = _straight(plate, holdout) if ((holdout > 0) & (holdout < 1)).any() else plate.copy()
    behind = clean + (foreground - clean) * holdout[..., None]
    behind = np.where((holdout >= 1)[..., None], plate, behind).astype(np.float32)
    nearest = None
    if static_rest is not None:
        seen = static_rest > 0.5
        if seen.any():
            nearest = np.asarray(
                ndimage.distance_transform_edt(~seen, return_distances=False, return_indices=True), dtype=np.int32
            )
            # Every soft edge follows the surface it belongs to, but not farther than the removal reaches.
    return Backdrop(
        clean=np.ascontiguousarray(clean, dtype=np.float32),
        behind=behind,
        foreground=foreground,
        removal=removal,
        holdout=holdout,
        rest=static_rest if nearest is not None else None,
        nearest=nearest,
    )


def _straight(plate: Image, holdout: Image) -> Image:
    """Return the foreground's own colour: the plate less what shows through, carried on over its soft edge."""
    background = spread(plate, (1 - holdout) ** 8, sigma_px=2.0)
    share = holdout[..., None]
    own = (plate - (1 - share) * background) / np.maximum(share, np.float32(0.2))
    own = np.clip(own, 0, np.maximum(plate, background))
    smooth = spread(np.asarray(own, dtype=np.float32), holdout**4, sigma_px=1.5)
    straight = own * share + smooth * (1 - share)
    return np.asarray(np.where(share >= 1, plate, straight), dtype=np.float32)


def grown_matte(matte: Image, *, holdout: Image, margin_px: float = MARGIN_PX) -> Image:
    """Return the building's matte carried on under the holdouts and a little beyond its edge."""
    full = matte
    if (holdout > 0).any() and (matte > 0.5).any():
        near = np.clip(2 - distance(matte) / np.float32(REACH_PX), 0, 1)
        full = np.maximum(matte, spread(matte, 1 - holdout, sigma_px=3.0) * near * (holdout > 0))
    grown = gaussian(dilate(np.clip(full, 0, 1).astype(np.float32), radius_px=margin_px), sigma_px=0.7)
    grown = np.maximum(grown, full)
    grown[grown < 0.004] = 0
    return np.asarray(grown, dtype=np.float32)
