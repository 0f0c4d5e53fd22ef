"""What a shot's frames share: mattes, clean plate, and the picture that the pieces carry. Made once, at full size."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import cv2
import numpy as np

from secondunit.comp.clean_plate import fill_under, make_clean_plate, warp_clean_plate
from secondunit.core.brief import ShotBrief
from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.core.layout import Layout
from secondunit.fx.debris.shadow_map import ground_receivers
from secondunit.fx.layout.facade_fit import horizon_row
from secondunit.fx.layout.matte import building_matte, holdout_layers
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import project
from secondunit.imaging.resample import resize
from secondunit.media.plate import PlateSource, open_plate
from secondunit.show.shot.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedPlate:
    """Pictures of the texture frame, all of one size."""

    matte: Image
    """(height, width) coverage by what comes down."""
    holdout: Image
    """(height, width) coverage by what stands in front."""
    holdout_layers: Image
    """(layers, height, width) the same apart by depth, the nearest first."""
    holdout_depths: Image
    """(layers,) metres along the optical axis."""
    clean: Image
    """(height, width, 3) ACEScg, the place without its building."""
    texture: Image
    """(height, width, 3) ACEScg, the plate with what stands in front taken off."""

    def save(self, path: Path) -> None:
        """Write as an uncompressed ``.npz`` at exactly ``path``."""
        with path.open("wb") as stream:
            np.savez(stream, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: Path) -> "PreparedPlate":
        """Read what ``save`` wrote."""
        with np.load(path) as data:
            return cls(**{f.name: data[f.name] for f in fields(cls)})

    def resized(self, *, width: int, height: int) -> "PreparedPlate":
        """Return all pictures at another size."""

        def small(picture: Image) -> Image:
            return resize(picture, width=width, height=height, method="area")

        return PreparedPlate(
            matte=small(self.matte),
            holdout=small(self.holdout),
            holdout_layers=_each(small, self.holdout_layers, (height, width)),
            holdout_depths=self.holdout_depths,
            clean=small(self.clean),
            texture=small(self.texture),
        )

    def shifted(self, x: float, y: float) -> "PreparedPlate":
        """Return all pictures moved right and down by pixels, as a drifting still moves."""
        if not (x or y):
            return self

        def moved(picture: Image, method: int) -> Image:
            height, width = picture.shape[:2]
            step = np.array([[1, 0, x], [0, 1, y]], dtype=np.float32)
            result = cv2.warpAffine(picture, step, (width, height), flags=method, borderMode=cv2.BORDER_REPLICATE)
            return np.asarray(result, dtype=np.float32)

        return PreparedPlate(
            matte=moved(self.matte, cv2.INTER_LINEAR),
            holdout=moved(self.holdout, cv2.INTER_LINEAR),
            holdout_layers=_each(lambda p: moved(p, cv2.INTER_LINEAR), self.holdout_layers, self.matte.shape),
            holdout_depths=self.holdout_depths,
            clean=moved(self.clean, cv2.INTER_CUBIC),
            texture=self.texture,
        )


def prepared_at(
    full: PreparedPlate,
    *,
    brief: ShotBrief,
    layout: Layout,
    plate: PlateSource,
    folder: Path,
    frame: int,
    reference: int,
) -> PreparedPlate:
    """Return the pictures as they lie in another frame.

    A locked camera leaves them; a drifting still carries them along. For a moving camera the boxes' matte is drawn
    anew, and what is far or drawn by hand is turned with the camera: exact for a camera that turns on its spot.
    """
    if plate.drift_px:
        (x, y), (x0, y0) = plate.drift(frame), plate.drift(reference)
        return full.shifted(x - x0, y - y0)
    if not layout.camera.moves or frame == reference:
        return full
    before, now = layout.camera.at(reference), layout.camera.at(frame)

    def turned(picture: Image) -> Image:
        return warp_clean_plate(picture, reference=before, now=now)

    holdout = np.clip(turned(full.holdout), 0, 1)
    if brief.matte.source == "boxes":
        matte = building_matte(
            brief.matte,
            layout,
            plate.frame(frame),
            frame=frame,
            root=folder,
            holdout=holdout if holdout.any() else None,
        )
    else:
        matte = np.clip(turned(full.matte), 0, 1)

    def covered(picture: Image) -> Image:
        return np.clip(turned(picture), 0, 1)

    return PreparedPlate(
        matte=matte,
        holdout=holdout,
        holdout_layers=_each(covered, full.holdout_layers, holdout.shape),
        holdout_depths=full.holdout_depths,
        clean=np.maximum(turned(full.clean), 0),
        texture=full.texture,
    )


def standing_depth(layout: Layout, camera: Camera, *, width: int, height: int) -> Image | None:
    """Return (height, width) metres along the axis to the neighbours, inf where none is seen; None without any."""
    if not layout.standing:
        return None
    receivers = ground_receivers(replace(layout, boxes=layout.standing), camera, width=width, height=height)
    backward = np.array([row[2] for row in camera.rotation], dtype=np.float32)
    depth = -(receivers.points - np.array(camera.position_m, dtype=np.float32)) @ backward
    on_box = (np.abs(receivers.normals).sum(axis=-1) > 0) & (receivers.points[..., 1] > 1e-3)
    return np.where(on_box, depth, np.inf).astype(np.float32)


def prepare_plate(scene: Scene) -> PreparedPlate:
    """Make the mattes, the clean plate and the texture of a shot.

    Raises
    ------
    BriefError
        A matte or clean plate cannot be used, or the matte is empty.
    """
    frame = scene.texture_frame
    plate = scene.plate.frame(frame)
    layers, depths = holdout_layers(scene.brief.holdouts, plate, root=scene.folder)
    holdout = np.minimum(layers.sum(axis=0), np.float32(1.0))
    matte = building_matte(scene.brief.matte, scene.layout, plate, frame=frame, root=scene.folder, holdout=holdout)
    if not matte.max() > 0.5:
        raise BriefError("the building's matte is empty", fix="look at layout.png and mend facade_px or [matte]")
    return PreparedPlate(
        matte=matte,
        holdout=holdout,
        holdout_layers=layers,
        holdout_depths=depths,
        clean=_clean_plate(scene, plate, matte, holdout),
        texture=_texture(scene, plate, matte, holdout),
    )


def _texture(scene: Scene, plate: Image, matte: Image, holdout: Image) -> Image:
    """Return the plate with what stands in front taken off, along the facade where its corners are before the lens."""
    if not holdout.max() > 0:
        return plate
    height, width = plate.shape[:2]
    box = scene.layout.falling[0]
    corners = [box.point(s, t, 0.0) for s, t in ((0.0, box.height_m), (box.width_m, box.height_m), (box.width_m, 0.0))]
    corners.append(box.point(0.0, 0.0, 0.0))
    pixels, depth = project(scene.layout.camera.at(scene.texture_frame), corners, width, height)
    facade = tuple((float(x), float(y)) for x, y in pixels) if (depth > 0.1).all() else None
    return fill_under(plate, mask=holdout, source=matte, facade_px=facade)


def _each(change: Callable[[Image], Image], layers: Image, size: tuple[int, ...]) -> Image:
    """Change (height, width) pictures of a stack one by one; ``size`` is theirs afterwards."""
    return np.stack([change(layer) for layer in layers]) if len(layers) else np.zeros((0, *size), np.float32)


def _clean_plate(scene: Scene, plate: Image, matte: Image, holdout: Image) -> Image:
    if not scene.brief.clean_plate:
        row = horizon_row(scene.layout.camera.at(scene.texture_frame), plate.shape[1], plate.shape[0])
        return make_clean_plate(
            plate, matte=matte, holdout=holdout, horizon_row=row, grain=not scene.plate.moves, seed=1
        )
    brief = scene.brief.plate
    given = open_plate(
        type(brief)(file=scene.brief.clean_plate, colour_space=brief.colour_space, frames=1), root=scene.folder
    )
    if (given.width, given.height) != (scene.plate.width, scene.plate.height):
        raise BriefError(
            f"the clean plate is {given.width} x {given.height}, the plate {scene.plate.width} x {scene.plate.height}",
            fix="save it at the plate's size",
        )
    return given.frame(given.range.first)
