"""The camera of a shot from its size, angle, lens and framing, as a first assistant would set it.

======  =============================================================================
size    what the frame holds of a standing figure, as shares of stature below the top of the head
======  =============================================================================
ECU     brow to lip
CU      head and shoulders: cut below the collar
MCU     cut at the chest
MS      cut at the waist
FS      head to toe with a little floor
WS      the figure takes two fifths of the frame's height
EWS     the figure takes a seventh
OTS     a chest size of one over the shoulder of another
INSERT  a thing fills about half the frame
======  =============================================================================

Distances follow from the lens: frame height / filmback height = distance / focal length. All cameras of a scene stay on
the shot's side of the line (A is +Z); an overhead looks down the line's own middle.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera, Filmback, Mat3, Vec3
from secondunit.core.errors import BriefError
from secondunit.imaging.projection import project
from secondunit.prep.boards.blocking import level_way, two_shot_turn
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.prep.stage.figure import Figure

Array = NDArray[np.float64]
_CUTS: Mapping[str, tuple[float, float]] = {
    "ECU": (-0.03, 0.136), "CU": (0.03, 0.205), "MCU": (0.04, 0.30), "OTS": (0.06, 0.36), "MS": (0.05, 0.475),
    "FS": (0.07, 1.07),
}  # fmt: skip
"""How far above the top of the head the frame begins and below it the frame ends, in statures."""
_SHARE = {"WS": 0.42, "EWS": 0.14}
_FLOOR_AT = {"WS": 0.2, "EWS": 0.2}
"""Where the feet stand in the frame, as a share from its foot."""
_RISE = {"eye": 0.0, "low": -24.0, "high": 30.0, "overhead": 84.0, "dutch": 0.0}
_TURN = {"ECU": 24.0, "CU": 30.0, "MCU": 34.0, "MS": 38.0, "FS": 40.0, "WS": 40.0, "EWS": 40.0, "OTS": 14.0}
"""How far off a single's own facing the camera stands, towards the camera's side of the line."""
DUTCH_DEG = 13.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Framed:
    """A camera and what it was set by."""

    camera: Camera
    target_m: Vec3
    """What lies in the middle of the frame."""
    distance_m: float
    frame_height_m: float
    """Height of the field at the target."""


def filmback_of(aspect: float) -> Filmback:
    """Return a Super 35 filmback (24.89 x 18.66 mm, SMPTE ST 59) cropped to an aspect.

    Raises
    ------
    BriefError
        An aspect out of range.
    """
    if not 0.5 <= aspect <= 3.0:
        raise BriefError(f"an aspect of {aspect}", fix="use 0.5 to 3; cinema is 1.85 or 2.39")
    if aspect >= 24.89 / 18.66:
        return Filmback(width_mm=24.89, height_mm=24.89 / aspect)
    return Filmback(width_mm=18.66 * aspect, height_mm=18.66)


def look_at(position: Vec3, target: Vec3, *, roll_deg: float = 0.0) -> Mat3:
    """Return the camera-to-world rotation that looks from one point at another, its horizon level but for a roll."""
    back = np.asarray(position, np.float64) - np.asarray(target, np.float64)
    back /= max(float(np.linalg.norm(back)), 1e-9)
    right = np.cross((0.0, 1.0, 0.0), back)
    if np.linalg.norm(right) < 1e-4:
        right = np.array([1.0, 0.0, 0.0])
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    a = math.radians(roll_deg)
    turned = math.cos(a) * right + math.sin(a) * up
    risen = np.cross(back, turned)
    matrix = np.stack([turned, risen, back], axis=1)
    x, y, z = (tuple(float(v) for v in row) for row in matrix)
    return (x[0], x[1], x[2]), (y[0], y[1], y[2]), (z[0], z[1], z[2])


def _aim(
    shot: ShotEntry,
    target: Vec3,
    way: Array,
    *,
    frame_m: float,
    aspect: float,
    rise_deg: float | None = None,
    floor: bool = True,
) -> Framed:
    """Return the camera that holds a field of ``frame_m`` at a target, looking from along a level direction."""
    back = filmback_of(aspect)
    distance = max(frame_m * shot.lens_mm / back.height_mm, 0.25)
    rise = math.radians(_RISE[shot.angle] if rise_deg is None else rise_deg)
    x, y, z = target
    flat = math.cos(rise) * distance
    place = (x + way[0] * flat, y + math.sin(rise) * distance, z + way[2] * flat)
    if floor and place[1] < 0.12:
        place = (place[0], 0.12, place[2])
    roll = DUTCH_DEG if shot.angle == "dutch" else 0.0
    rotation = look_at(place, target, roll_deg=roll)
    camera = Camera(focal_length_mm=shot.lens_mm, filmback=back, position_m=place, rotation=rotation)
    return Framed(camera=camera, target_m=target, distance_m=distance, frame_height_m=frame_m)


def _turned(way: Array, degrees: float) -> Array:
    """Return a level direction turned to the left, seen from above."""
    a = math.radians(degrees)
    x, z = way[0], way[2]
    return np.array([x * math.cos(a) + z * math.sin(a), 0.0, -x * math.sin(a) + z * math.cos(a)])


def _towards_side(way: Array, degrees: float, side: float) -> Array:
    """Return a direction turned by so much towards the camera's side of the line; past the line it is brought back."""
    best = max((_turned(way, degrees), _turned(way, -degrees)), key=lambda w: w[2] * side)
    if best[2] * side < 0.12:
        best = np.array([best[0], 0.0, 0.12 * side])
    return np.asarray(best / np.linalg.norm(best))


def frame_figures(
    shot: ShotEntry, figures: Sequence[Figure], statures: Mapping[str, float], *, aspect: float, side: float
) -> Framed:
    """Return the camera for people.

    Parameters
    ----------
    figures
        Who is in the frame, most important first.
    side
        1 for side A of the line, -1 for side B.
    """
    lead = figures[0]
    tall = statures[lead.name]
    single = len(figures) == 1 or shot.size in ("ECU", "CU") or shot.framing.casefold().startswith("single")
    framed = figures[:1] if single else figures
    if shot.size == "OTS" and len(figures) >= 2:
        return _over(shot, figures[0], figures[1], tall, aspect=aspect, side=side)
    tops = np.array([f.head_top for f in framed])
    top = float(tops[:, 1].max())
    middle = (tops.min(axis=0) + tops.max(axis=0)) / 2
    if shot.size in _CUTS:
        over, under = _CUTS[shot.size]
        low = top - under * tall
        if shot.size == "FS":
            low = lead.feet[1] - 0.07 * tall
        frame = top + over * tall - low
        centre = low + frame / 2
    else:
        frame = tall / _SHARE.get(shot.size, 0.42)
        centre = lead.feet[1] + frame * (0.5 - _FLOOR_AT.get(shot.size, 0.2))
    if single:
        way = _towards_side(np.asarray(lead.facing), _TURN.get(shot.size, 38.0), side)
        middle = np.array([lead.head_top[0], 0.0, lead.head_top[2]])
        if shot.size not in ("WS", "EWS", "FS"):
            middle = middle + 0.35 * (np.asarray(lead.eyes) - np.asarray(lead.head_top))
    else:
        turn = 16.0 * two_shot_turn(shot.scene)
        way = _turned(np.array([0.0, 0.0, side]), turn)
        right = np.cross((0.0, 1.0, 0.0), way)
        across = tops @ right
        wanted = float(np.ptp(across)) + 0.62 + 0.1 * len(framed)
        frame_wide = max(frame, wanted / aspect)
        if frame_wide > frame and shot.size in ("MS", "MCU"):
            centre -= (frame_wide - frame) * 0.3
        frame = frame_wide
    # Room to look into: the head stands off the middle, away from where it looks.
    right = np.cross((0.0, 1.0, 0.0), way)
    looks = float(np.asarray(lead.gaze) @ right)
    width = frame * aspect
    room = np.sign(looks) * width * (0.09 if single and abs(looks) > 0.2 else 0.0)
    target = (float(middle[0] + right[0] * room), float(centre), float(middle[2] + right[2] * room))
    rise = _RISE[shot.angle]
    if shot.angle == "eye" or shot.angle == "dutch":
        # The lens at the height of the eyes for people near, at the chest for a whole figure.
        distance = frame * shot.lens_mm / filmback_of(aspect).height_mm
        height = (
            lead.eyes[1]
            if shot.size in ("ECU", "CU", "MCU", "MS")
            else lead.feet[1] + {"FS": 1.15, "WS": 1.5}.get(shot.size, 2.2)
        )
        if shot.move == "drone":
            height = 9.0 if shot.size == "EWS" else 4.2
        rise = math.degrees(math.asin(max(-0.9, min(0.9, (height - centre) / max(distance, 1e-6)))))
    return _aim(shot, target, way, frame_m=frame, aspect=aspect, rise_deg=rise)


def _over(shot: ShotEntry, onto: Figure, over: Figure, tall: float, *, aspect: float, side: float) -> Framed:
    """Return the camera over one's shoulder onto another: the near head at a sixth of the frame, on the line's side."""
    top, cut = _CUTS["OTS"]
    frame = (top + cut) * tall
    centre = onto.head_top[1] + top * tall - frame / 2
    back = filmback_of(aspect)
    distance = frame * shot.lens_mm / back.height_mm
    line = np.asarray(over.feet) - np.asarray(onto.feet)
    gap = float(np.linalg.norm(line))
    line = line / max(gap, 1e-6)
    distance = max(distance, gap + 0.75)
    frame = distance * back.height_mm / shot.lens_mm
    for degrees in np.arange(4.0, 42.0, 1.0):
        way = _towards_side(line, float(degrees), side)
        right = np.cross((0.0, 1.0, 0.0), way)
        near = float(np.asarray(over.head_top) @ right - np.asarray(onto.head_top) @ right)
        shift = np.sign(near) * frame * aspect * 0.13
        target = (onto.head_top[0] + right[0] * shift, centre, onto.head_top[2] + right[2] * shift)
        height = onto.eyes[1] + 0.06
        rise = math.degrees(math.asin(max(-0.5, min(0.5, (height - centre) / distance)))) + _RISE[shot.angle] * 0.5
        framed = _aim(shot, target, way, frame_m=frame, aspect=aspect, rise_deg=rise)
        pixels, _ = project(framed.camera, np.asarray([over.head_top]), 1000, 1000)
        place = float(pixels[0, 0]) / 1000
        if place < 0.17 or place > 0.83:
            break
    return framed


def frame_thing(shot: ShotEntry, low: Array, high: Array, *, aspect: float, side: float, heading_deg: float) -> Framed:
    """Return the camera for a vehicle: three-quarter view, its length or height by the shot's size."""
    size = high - low
    share = {"EWS": 0.14, "WS": 0.46, "FS": 0.62, "MS": 0.95, "MCU": 1.2, "CU": 1.6, "ECU": 2.4}.get(shot.size, 0.5)
    length = float(max(size[0], size[2]))
    frame = max(length * 0.86 / aspect, float(size[1])) / share
    way = _towards_side(np.asarray(level_way(heading_deg)), 38.0, side)
    target = ((low + high) / 2).astype(float)
    y = float(low[1]) + float(size[1]) * 0.5 + frame * (0.12 if share < 0.6 else 0.0)
    rise = _RISE[shot.angle] if shot.angle != "eye" else 4.0
    return _aim(shot, (float(target[0]), y, float(target[2])), way, frame_m=frame, aspect=aspect, rise_deg=rise)


def frame_insert(shot: ShotEntry, at: Vec3, size_m: float, *, aspect: float, way: Array) -> Framed:
    """Return the camera for a prop: half the frame's height, looked down on."""
    rise = 50.0 if shot.angle in ("eye", "dutch") else _RISE[shot.angle]
    return _aim(shot, at, way, frame_m=size_m * 1.3, aspect=aspect, rise_deg=rise)


def frame_place(shot: ShotEntry, *, aspect: float, side: float, inside: bool) -> Framed:
    """Return the camera for a place with nobody in it."""
    wide = {"EWS": 15.0, "WS": 7.5, "FS": 5.0}.get(shot.size, 3.2)
    if inside:
        wide = min(wide, 3.0)
    way = _turned(np.array([0.0, 0.0, side]), 14.0 * two_shot_turn(shot.scene))
    target = (0.0, wide * (0.3 if shot.angle != "low" else 0.42), -1.0 * side)
    rise = {"high": 16.0, "low": -7.0, "overhead": 84.0}.get(shot.angle, 1.5)
    return _aim(shot, target, way, frame_m=wide, aspect=aspect, rise_deg=rise)
