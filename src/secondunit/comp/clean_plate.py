"""The place without its building: sky, a far band of trees, and ground, carried on from what the plate shows."""

import cv2
import numpy as np

from secondunit.comp.backdrop import grown_matte
from secondunit.comp.sky import Colour, fit_sky, noise_like
from secondunit.comp.surroundings import ground, treeline
from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import dilate, gaussian, spread
from secondunit.imaging.inpaint import inpaint
from secondunit.imaging.projection import intrinsics, pose
from secondunit.imaging.resample import warp

# The new picture goes this far beyond what the comp removes, then gives way to the plate.
MARGIN_PX, FEATHER_PX = 3.0, 1.5


def make_clean_plate(
    plate: Image,
    *,
    matte: Image,
    holdout: Image | None = None,
    horizon_row: float | None = None,
    sky_hint: Colour | None = None,
    grain: bool = True,
    seed: int = 1,
) -> Image:
    """Return the plate without its building.

    Nothing of the building is used, and what is known of the place is kept. An artist's own clean plate is better;
    this one is made to stand behind dust.

    Parameters
    ----------
    plate
        (height, width, 3) ACEScg.
    matte
        (height, width) coverage by the building.
    holdout
        (height, width) coverage by what stands in front of it.
    horizon_row
        Row of the horizon, pixels from the top; may lie outside the picture. None takes the middle of the matte's
        lowest tenth.
    sky_hint
        ACEScg sky colour for a plate that shows no sky.
    grain
        Give the invented part the plate's own noise. False for moving plates, which are grained frame by frame.
    seed
        Of all that is drawn.

    Raises
    ------
    BriefError
        The pictures differ in size.
    """
    size = plate.shape[:2]
    holdout = np.zeros(size, np.float32) if holdout is None else np.clip(holdout, 0, 1).astype(np.float32)
    if matte.shape != size or holdout.shape != size:
        raise BriefError(
            f"matte {matte.shape} and holdout {holdout.shape} against a plate of {size}",
            fix="give mattes of the plate's size",
        )
    plate = np.maximum(np.nan_to_num(plate, nan=0.0, posinf=65504.0, neginf=0.0), 0).astype(np.float32)
    full = grown_matte(matte, holdout=holdout)
    hole = dilate((full > 0.02).astype(np.float32), radius_px=MARGIN_PX)
    if not hole.any():
        return plate.copy()
    if horizon_row is None:
        rows = np.nonzero(hole.any(axis=1))[0]
        horizon_row = float(rows[0] + 0.9 * (rows[-1] - rows[0]))
    near = dilate((holdout > 0.05).astype(np.float32), radius_px=3)
    # The building may show through foreground leaves: there the plate is no witness of the trees either.
    leaky = (full > 0.02) & (holdout < 0.9)
    sky = fit_sky(plate, known=(1 - hole) * (1 - near), horizon_row=horizon_row, hint=sky_hint)
    band, coverage = treeline(
        plate,
        known=np.where(leaky | ((hole > 0.5) & (holdout < 0.9)), 0, 1).astype(np.float32),
        sky=sky,
        horizon_row=horizon_row,
        seed=seed,
    )
    floor = ground(plate, known=1 - hole, hole=hole, horizon_row=horizon_row, seed=seed)
    below = np.clip((np.arange(size[0], dtype=np.float32) + 0.5 - horizon_row) / 3 + 0.5, 0, 1)[:, None, None]
    noise = noise_like(plate, where=sky.seen, seed=seed) if grain else np.zeros_like(plate)
    invented = sky.field + (band - sky.field) * coverage[..., None]
    invented = (invented + (floor - invented) * below) * (1 + noise)
    share = np.maximum(gaussian(hole, sigma_px=FEATHER_PX), dilate((full > 0).astype(np.float32), radius_px=1))
    share[share < 0.004] = 0
    # Outside the building the foreground stays as it is: the comp merges it over the clean plate.
    share = np.maximum(share * (1 - near), (full > 0).astype(np.float32))
    clean: Image = plate + (np.maximum(invented, 0) - plate) * share[..., None]
    return clean.astype(np.float32)


def fill_under(
    plate: Image,
    *,
    mask: Image,
    source: Image | None = None,
    facade_px: tuple[tuple[float, float], ...] | None = None,
    seed: int = 1,
) -> Image:
    """Return the plate with what a mask covers filled by the structure around it.

    Takes foreground (trees, cars) off the picture that is projected on the building.

    Parameters
    ----------
    mask
        (height, width), filled where above 0.1.
    source
        (height, width), the fill is taken only from where it is above 0.5 (the building's matte); None takes all.
    facade_px
        Corners of the facade, top left, top right, bottom right, bottom left, in pixels; may lie outside. With them
        the fill is made on the facade seen straight on, where windows repeat, and put back in perspective.

    Raises
    ------
    BriefError
        The mask leaves nothing to take from.
    """
    hole = dilate((mask > 0.1).astype(np.float32), radius_px=2)
    if not hole.any():
        return plate.copy()
    if facade_px is None:
        return inpaint(plate, hole=hole, source=source, seed=seed, locality=1.5)
    height, width = hole.shape
    corners = np.asarray(facade_px, dtype=np.float32)
    flat_width = int(np.clip(float(np.ptp(corners[:, 0])), 32, 1.5 * width))
    flat_height = int(
        np.clip(0.5 * (abs(corners[3, 1] - corners[0, 1]) + abs(corners[2, 1] - corners[1, 1])), 32, 2048)
    )
    # A little beyond the facade on all sides, for what hangs over its edges.
    edge = np.array([[0.04, 0.04], [0.96, 0.04], [0.96, 0.96], [0.04, 0.96]], dtype=np.float32)
    to_plate = cv2.getPerspectiveTransform(edge * np.array([flat_width, flat_height], dtype=np.float32), corners)
    flat_size = {"width": flat_width, "height": flat_height}
    flat = np.maximum(warp(plate, to_plate, **flat_size), 0)
    seen = warp(np.pad(np.ones((height - 2, width - 2), np.float32), 1), to_plate, **flat_size)
    flat_hole = warp(hole, to_plate, **flat_size)
    flat_source = (
        seen if source is None else np.minimum(seen, warp((source > 0.5).astype(np.float32), to_plate, **flat_size))
    )
    onto = np.zeros((flat_height, flat_width), np.float32)
    onto[int(0.02 * flat_height) : int(0.97 * flat_height), int(0.02 * flat_width) : int(0.98 * flat_width)] = 1
    filled = inpaint(
        flat,
        hole=((flat_hole > 0.05) & (seen > 0.5) & (onto > 0.5)).astype(np.float32),
        source=(flat_source > 0.95).astype(np.float32),
        seed=seed,
        locality=0.5,
        row_weight=8.0,
    )
    back = warp(filled, np.linalg.inv(to_plate), width=width, height=height)
    inside = warp(onto, np.linalg.inv(to_plate), width=width, height=height)
    patched = np.where(((hole > 0.5) & (inside > 0.5))[..., None], np.maximum(back, 0), plate)
    rest = hole * (inside <= 0.5)
    if source is not None:
        # Beyond the facade there is nothing worth searching for: its edge is carried on.
        return np.where(
            (rest > 0.5)[..., None], spread(patched.astype(np.float32), 1 - rest, sigma_px=2.0), patched
        ).astype(np.float32)
    return inpaint(patched.astype(np.float32), hole=rest, seed=seed, locality=1.5)


def warp_clean_plate(clean: Image, *, reference: Camera, now: Camera) -> Image:
    """Return the clean plate as a camera that turned (or zoomed) sees it.

    Exact for far things and for a camera that turns on its spot; what came into view repeats the picture's edge.
    """
    height, width = clean.shape[:2]

    def matrix(camera: Camera) -> np.ndarray:
        fx, fy, cx, cy = intrinsics(camera, width, height)
        return np.array([[fx, 0, -cx], [0, -fy, -cy], [0, 0, -1]])

    turn = pose(reference)[0].T @ pose(now)[0]
    homography = matrix(reference) @ turn @ np.linalg.inv(matrix(now))
    return warp(clean, homography, width=width, height=height)
