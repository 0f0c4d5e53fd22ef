"""Named cameras of a set: what an art director asks to see, and where boards and previs may begin."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from secondunit.core.camera import Camera, Filmback, Vec3
from secondunit.imaging.projection import project
from secondunit.prep.sets.brief import SetBrief

SCOPE = Filmback(width_mm=24.89, height_mm=24.89 / 1.85)
"""Super 35 cropped to 1.85."""
ASPECT = 1.85
_MARGIN = 0.97


def look_at(eye: Vec3, mark: Vec3, focal_mm: float, *, back: Filmback = SCOPE) -> Camera:
    """Return an upright camera at a point that looks at a mark."""
    toward = np.array(eye, np.float64) - np.array(mark, np.float64)
    toward /= np.linalg.norm(toward)
    right = np.cross((0.0, 1.0, 0.0), toward)
    right /= max(float(np.linalg.norm(right)), 1e-9)
    up = np.cross(toward, right)
    rows = tuple((float(right[k]), float(up[k]), float(toward[k])) for k in range(3))
    return Camera(focal_length_mm=focal_mm, filmback=back, position_m=eye, rotation=rows)  # type: ignore[arg-type]


def fitted(points_m: ArrayLike, azimuth_deg: float, elevation_deg: float, focal_mm: float) -> Camera:
    """Return the nearest camera of a direction that holds all points in its picture.

    Parameters
    ----------
    azimuth_deg
        Where it stands, seen from the set: 0 square before the facades (+Z), positive to the left (-X).
    """
    p = np.asarray(points_m, np.float64)
    a, e = math.radians(azimuth_deg), math.radians(elevation_deg)
    way = np.array((-math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)))
    mark = 0.5 * (p.min(axis=0) + p.max(axis=0))
    distance = float(np.linalg.norm(np.ptp(p, axis=0)))
    camera = look_at(_vec(mark + distance * way), _vec(mark), focal_mm)
    for _ in range(24):  # centre the picture, then close in until it is full
        pixels, depth = project(camera, p, 1000, round(1000 / ASPECT))
        size = np.array((1000.0, 1000.0 / ASPECT))
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        fill = float(((high - low) / (size * _MARGIN)).max())
        rows = np.array(camera.rotation)
        middle = 0.5 * (low + high) - 0.5 * size
        per_pixel = float(np.median(depth)) * camera.filmback.width_mm / camera.focal_length_mm / 1000.0
        mark = mark + rows[:, 0] * middle[0] * per_pixel - rows[:, 1] * middle[1] * per_pixel
        distance *= 1.0 + 0.6 * (fill - 1.0)
        camera = look_at(_vec(mark + distance * way), _vec(mark), focal_mm)
    return camera


def _vec(v: ArrayLike) -> Vec3:
    x, y, z = (float(c) for c in np.asarray(v))
    return (x, y, z)


def set_cameras(brief: SetBrief, corners_m: ArrayLike) -> Mapping[str, Camera]:
    """Return the named cameras of a set whose buildings' corners are given, (n, 3) metres."""
    p = np.asarray(corners_m, np.float64)
    high = float(p[:, 1].max())
    length, street = brief.plot.length_m, brief.plot.street_width_m
    kerb = [(x, 0.0, brief.plot.pavement_m + 4.0) for x in (0.0, length)]
    eye, lane = 1.65, 0.62 * street
    detail = look_at((0.42 * length, 2.6, lane), (0.5 * length, 7.0, 0.0), 24.0)
    if brief.kit == "yard":  # whose interest stands behind its fence, lower and to the left
        detail = look_at((0.4 * length, 2.6, lane), (0.22 * length, 4.2, -0.2 * brief.plot.depth_m), 24.0)
    return {
        "three_quarter": fitted(np.concatenate([p, kerb]), 36.0, 18.0, 24.0),
        "street": look_at(
            (0.04 * length - 4.0, eye, 0.5 * street), (0.52 * length, 0.2 * high + 1.5, 0.2 * street), 21.0
        ),
        "along": look_at((0.06 * length, eye, lane - 1.6), (length, 0.16 * high + 3.0, 0.3 * street), 27.0),
        "detail": detail,
    }
