"""The camera at each frame: its keys as curves, what it follows, and how its carrier shakes it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera, CameraPath, Filmback, Mat3, Vec3
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.imaging.projection import rotation_from_angles
from secondunit.prep.previs.bodies import body_of
from secondunit.prep.previs.brief import CameraKey, MoveBrief, PictureBrief
from secondunit.prep.previs.curve import Curve, Key
from secondunit.prep.previs.lens import extraction
from secondunit.prep.previs.shake import shake_at

Where = Callable[[int], Vec3]
"""Where something is at a frame, metres."""
_EYE_M: Vec3 = (0.0, 1.6, 8.0)
DEFAULT_FOCAL_MM = 35.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraCurves:
    """A camera's keys, a curve for each of what they set."""

    position_m: Curve
    target_m: Curve | None
    """None where no key names a target."""
    turn_deg: tuple[Curve, Curve, Curve]
    """Pan to the right, tilt up, roll with the horizon's right end down."""
    focal_mm: Curve


def curves_of(keys: tuple[CameraKey, ...]) -> CameraCurves:
    """Return the curves of a camera's keys.

    Raises
    ------
    BriefError
        Two keys at one frame, or keys out of order.
    """

    def curve(name: str) -> Curve | None:
        found = [(k, getattr(k, name)) for k in keys if getattr(k, name) is not None]
        values = [
            Key(frame=k.frame, value=tuple(v) if isinstance(v, tuple) else (float(v),), ease=k.ease) for k, v in found
        ]
        return Curve(tuple(values)) if values else None

    for before, after in pairwise(keys):
        if after.frame <= before.frame:
            raise BriefError(f"camera keys at {before.frame} and {after.frame}", fix="one key a frame, in order")
    turns = [curve(name) or Curve.of(0.0) for name in ("pan_deg", "tilt_deg", "roll_deg")]
    return CameraCurves(
        position_m=curve("position_m") or Curve.of(_EYE_M),
        target_m=curve("target_m"),
        turn_deg=(turns[0], turns[1], turns[2]),
        focal_mm=curve("focal_mm") or Curve.of(DEFAULT_FOCAL_MM),
    )


def filmback_of(camera: MoveBrief, picture: PictureBrief) -> Filmback:
    """Return the filmback of the picture: the camera's sensor, its squeeze taken out, cut to the picture's aspect.

    Raises
    ------
    BriefError
        There is no such camera.
    """
    width, height = picture.size
    return extraction(body_of(camera.body), squeeze=camera.squeeze, aspect=width / height).filmback


def camera_path(camera: MoveBrief, picture: PictureBrief, *, subject: Where | None = None) -> CameraPath:
    """Return the camera at every frame.

    Parameters
    ----------
    subject
        Where what it follows is; needed where ``follow`` is set.

    Raises
    ------
    BriefError
        There is no such camera, keys cannot be meant, it follows nothing, or it stands where it looks.
    """
    if camera.follow and subject is None:
        raise BriefError(f"the camera follows {camera.subject!r}, which is not there", fix="name a figure or mark")
    curves, back = curves_of(camera.keys), filmback_of(camera, picture)
    keys = tuple((f, _camera(camera, curves, back, f, picture, subject)) for f in picture.range)
    if all(key == keys[0][1] for _, key in keys):
        return CameraPath(locked=keys[0][1])
    return CameraPath(locked=keys[0][1], keys=keys)


def _camera(
    brief: MoveBrief, curves: CameraCurves, back: Filmback, frame: int, picture: PictureBrief, subject: Where | None
) -> Camera:
    position = np.array(curves.position_m.at(frame))
    target = subject(frame) if brief.follow and subject else curves.target_m.at(frame) if curves.target_m else None
    yaw, pitch = angles_towards(position, np.array(target), frame) if target is not None else (0.0, 0.0)
    pan, tilt, roll = (curve.one(frame) for curve in curves.turn_deg)
    off, turn = shake_at(brief.shake, (frame - picture.first_frame) / float(picture.rate))
    yaw, pitch, roll = yaw - pan + turn[0], pitch + tilt + turn[1], roll + turn[2]
    axes = rotation_from_angles(yaw, pitch, roll)
    moved = position + axes @ np.array([off[0], off[1], -off[2]])
    rows: Mat3 = tuple(tuple(float(v) for v in row) for row in axes)  # type: ignore[assignment]
    return Camera(
        focal_length_mm=curves.focal_mm.one(frame),
        filmback=back,
        position_m=(float(moved[0]), float(moved[1]), float(moved[2])),
        rotation=rows,
    )


def angles_towards(eye: NDArray[np.float64], target: NDArray[np.float64], frame: int) -> tuple[float, float]:
    """Return the yaw to the left and the pitch up, in degrees, that look from one point to another.

    Raises
    ------
    BriefError
        The points are one.
    """
    x, y, z = (float(v) for v in target - eye)
    flat = math.hypot(x, z)
    if math.hypot(flat, y) < 1e-6:
        raise BriefError(f"at frame {frame} the camera stands on what it looks at", fix="move position_m or target_m")
    return math.degrees(math.atan2(-x, -z)), math.degrees(math.atan2(y, flat))


def pan_tilt_roll(camera: Camera) -> tuple[float, float, float]:
    """Return a camera's pan to the right, tilt up and roll (horizon's right end down), in degrees.

    >>> [round(a, 6) + 0.0 for a in pan_tilt_roll(Camera())]
    [0.0, 0.0, 0.0]
    """
    r = camera.rotation
    tilt = math.degrees(math.asin(max(-1.0, min(1.0, -r[1][2]))))
    yaw = math.degrees(math.atan2(r[0][2], r[2][2]))
    roll = math.degrees(math.atan2(r[1][0], r[1][1]))
    return -yaw + 0.0, tilt, roll + 0.0


def positions(path: CameraPath, frames: FrameRange | Iterable[int]) -> NDArray[np.float64]:
    """Return (n, 3) where the lens is at each frame, metres."""
    return np.array([path.at(frame).position_m for frame in frames], np.float64)
