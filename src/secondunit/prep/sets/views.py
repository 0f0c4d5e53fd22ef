"""Named cameras of a set: what an art director asks to see, and where boards and previs may begin."""

import math
from collections.abc import Mapping

import numpy as np

from secondunit.core.camera import Camera, Filmback, Vec3
from secondunit.prep.sets.brief import SetBrief

SCOPE = Filmback(width_mm=24.89, height_mm=24.89 / 1.85)
"""Super 35 cropped to 1.85."""


def look_at(eye: Vec3, mark: Vec3, focal_mm: float, *, back: Filmback = SCOPE) -> Camera:
    """Return an upright camera at a point that looks at a mark."""
    toward = np.array(eye, np.float64) - np.array(mark, np.float64)
    toward /= np.linalg.norm(toward)
    right = np.cross((0.0, 1.0, 0.0), toward)
    right /= max(float(np.linalg.norm(right)), 1e-9)
    up = np.cross(toward, right)
    rows = tuple((float(right[k]), float(up[k]), float(toward[k])) for k in range(3))
    return Camera(focal_length_mm=focal_mm, filmback=back, position_m=eye, rotation=rows)  # type: ignore[arg-type]


def set_cameras(brief: SetBrief, *, height_m: float) -> Mapping[str, Camera]:
    """Return the named cameras of a set whose roofs reach ``height_m``."""
    length, street, depth = brief.plot.length_m, brief.plot.street_width_m, brief.plot.depth_m
    mid = 0.5 * length
    # Far enough back that the block's length and height both fit.
    reach = max(0.62 * length, 1.05 * height_m) + 14.0
    high = 0.62 * height_m + 9.0
    aim = (mid + 0.02 * length, 0.36 * height_m, -0.25 * depth)
    azimuth = math.radians(32.0)
    eye = (mid - reach * math.sin(azimuth) * 1.25, high, 0.35 * street + reach * math.cos(azimuth) * 1.12)
    eye_m = 1.65
    return {
        "three_quarter": look_at(eye, aim, 25.0),
        "street": look_at(
            (-4.0, eye_m, street - 2.0), (0.55 * length, 0.2 * height_m + 1.5, 0.5), 21.0
        ),
        "along": look_at((0.12 * length, eye_m, 0.5 * street + 1.5), (length, 0.16 * height_m + 3.0, 0.42 * street), 28.0),
        "detail": look_at((0.3 * length, 6.0, street - 3.0), (0.42 * length, 8.5, 0.0), 40.0),
    }
