"""What a crew needs to lay a shot: heights, tilts, lenses, distances, speeds, room for the rig, the sun."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import CameraPath
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Sun
from secondunit.prep.previs.brief import RIG_RADIUS_M, MoveBrief, PictureBrief
from secondunit.prep.previs.camera_move import Where, pan_tilt_roll, positions
from secondunit.prep.previs.clearance import Nearest, nearest
from secondunit.prep.previs.lens import angles_of_view, equivalent_mm
from secondunit.prep.stage.geometry import Stage, placed

Floats = NDArray[np.float64]
KERB_M = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The camera at a frame."""

    frame: int
    height_m: float
    pan_deg: float
    tilt_deg: float
    roll_deg: float
    focal_mm: float
    across_deg: float
    up_deg: float
    distance_m: float | None
    """Straight from the lens to the subject; None without one."""
    speed_m_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Techvis:
    """A whole move measured."""

    readings: tuple[Reading, ...]
    length_m: float
    """Way of the lens through the cut."""
    rise_m: float
    top_speed_m_per_s: float
    top_speed_frame: int
    top_acceleration_m_per_s2: float
    rig_radius_m: float
    near: Nearest
    near_frame: int
    equivalent_mm: float
    """Focal length at the start that sees as wide on a full frame."""
    azimuth_deg: float
    """Of the sun, in the set's axes."""
    elevation_deg: float

    @property
    def room_m(self) -> float:
        """What is left between the rig and what is built; negative where they meet."""
        return self.near.metres - self.rig_radius_m

    def at(self, frame: int) -> Reading:
        """Return the reading of a frame."""
        return self.readings[frame - self.readings[0].frame]

    def as_json(self) -> dict[str, object]:
        """Return the figures that the sheet prints, for machines."""
        room = None if math.isinf(self.near.metres) else round(self.room_m, 3)
        return {
            "move_length_m": round(self.length_m, 3),
            "rise_m": round(self.rise_m, 3),
            "top_speed_m_per_s": round(self.top_speed_m_per_s, 3),
            "top_speed_frame": self.top_speed_frame,
            "top_acceleration_m_per_s2": round(self.top_acceleration_m_per_s2, 3),
            "rig_room_m": room,
            "rig_nearest": self.near.path,
            "rig_nearest_frame": self.near_frame,
            "sun_azimuth_deg": round(self.azimuth_deg, 2),
            "sun_elevation_deg": round(self.elevation_deg, 2),
            "frames": [
                {
                    "frame": r.frame,
                    "height_m": round(r.height_m, 3),
                    "pan_deg": round(r.pan_deg, 2),
                    "tilt_deg": round(r.tilt_deg, 2),
                    "roll_deg": round(r.roll_deg, 2),
                    "focal_mm": round(r.focal_mm, 2),
                    "horizontal_angle_deg": round(r.across_deg, 2),
                    "vertical_angle_deg": round(r.up_deg, 2),
                    "distance_m": None if r.distance_m is None else round(r.distance_m, 3),
                    "speed_m_per_s": round(r.speed_m_per_s, 3),
                }
                for r in self.readings
            ],
        }


def measure(
    path: CameraPath,
    camera: MoveBrief,
    picture: PictureBrief,
    *,
    stage: Stage,
    sun: Sun,
    subject: Where | None = None,
) -> Techvis:
    """Measure a camera move.

    Parameters
    ----------
    path
        The camera at every frame, as it was rendered.
    stage
        What is built; figures and vehicles may be left out of it.
    subject
        Where the subject is at a frame, metres.
    """
    frames, rate = picture.range, float(picture.rate)
    place = positions(path, frames)
    way = np.diff(place, axis=0)
    steps = np.linalg.norm(way, axis=1)
    speeds = _at_frames(steps * rate)
    pull = np.linalg.norm(np.diff(way, axis=0), axis=1) * rate * rate
    readings = tuple(_reading(path, frame, float(speeds[n]), subject) for n, frame in enumerate(frames))
    cut = slice(picture.cut.first - frames.first, picture.cut.last - frames.first)
    fastest = int(np.argmax(speeds))
    near = nearest(_off_the_floor(stage), place)
    return Techvis(
        readings=readings,
        length_m=float(steps[cut].sum()),
        rise_m=float(place[:, 1].max() - place[:, 1].min()),
        top_speed_m_per_s=float(speeds[fastest]),
        top_speed_frame=frames.first + fastest,
        top_acceleration_m_per_s2=float(pull.max()) if len(pull) else 0.0,
        rig_radius_m=RIG_RADIUS_M[camera.support] if camera.rig_radius_m is None else camera.rig_radius_m,
        near=near,
        near_frame=frames.first + near.index,
        equivalent_mm=equivalent_mm(path.at(frames.first)),
        azimuth_deg=sun.azimuth_deg,
        elevation_deg=sun.elevation_deg,
    )


def _off_the_floor(stage: Stage) -> Stage:
    """Return what of a stage is higher than a kerb: what a rig stands on is not in its way."""
    kept = tuple(
        p for p in stage.parts if len(p.mesh.points) and float(placed(p.mesh.points, p.transform)[:, 1].max()) > KERB_M
    )
    return Stage(parts=kept, materials=stage.materials)


def _at_frames(between: Floats) -> Floats:
    """Return values at frames from those between them: the mean of both sides."""
    if not len(between):
        return np.zeros(1)
    wide = np.concatenate([between[:1], between, between[-1:]])
    return np.asarray(0.5 * (wide[1:] + wide[:-1]))


def _reading(path: CameraPath, frame: int, speed: float, subject: Where | None) -> Reading:
    camera = path.at(frame)
    pan, tilt, roll = pan_tilt_roll(camera)
    across, up = angles_of_view(camera)
    distance = math.dist(camera.position_m, subject(frame)) if subject else None
    return Reading(
        frame=frame,
        height_m=camera.position_m[1],
        pan_deg=pan,
        tilt_deg=tilt,
        roll_deg=roll,
        focal_mm=camera.focal_length_mm,
        across_deg=across,
        up_deg=up,
        distance_m=distance,
        speed_m_per_s=speed,
    )


def told_frames(frames: FrameRange, keys: tuple[int, ...], *, most: int = 7) -> tuple[int, ...]:
    """Return the frames whose numbers a sheet prints: the ends, the keys between, and even ones where there is room."""
    chosen = [frames.first, frames.last]
    for frame in [k for k in keys if k in frames] + [
        round(frames.first + share * (len(frames) - 1)) for share in (0.5, 0.25, 0.75)
    ]:
        if len(chosen) < most and min(abs(frame - c) for c in chosen) > len(frames) / (2 * most):
            chosen.append(frame)
    return tuple(sorted(set(chosen)))
