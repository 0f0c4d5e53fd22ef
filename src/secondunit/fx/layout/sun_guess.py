"""How bright sun and sky are, by the facade and the sky that a plate shows."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from secondunit.core.brief import SunBrief
from secondunit.core.layout import Layout, Sun
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import directions

Floats = NDArray[np.float64]

FACADE_ALBEDO = 0.55
"""Of light plaster and concrete (PBR tables give 0.5 to 0.6)."""
GROUND_ALBEDO = 0.2
_LUMA = np.array([0.2722, 0.6741, 0.0537], np.float32)
"""ACEScg luminance."""
_SUN_TINT = np.array([1.08, 1.0, 0.88])
_OVER_SKY = (0.3, 10.0)
"""Least and most that the sun's light may be of the sky's: overcast, and a clear day high up."""


def guess_sun(brief: SunBrief, layout: Layout, plate: Image, *, frame: int, matte: Image, holdout: Image) -> Sun:
    """Return the layout's sun with its brightness measured where the brief leaves it open.

    The bright facade F of albedo a = 0.55 faces sun E, half the sky S and half the lit ground g = 0.2, so
    F / a = E·cos + S/2 + g/2·(E·sin(elevation) + S); S is the radiance of the visible sky, for a horizontal white card
    under an even sky reads that sky's own radiance.

    Parameters
    ----------
    plate
        (height, width, 3) ACEScg.
    matte, holdout
        (height, width) coverage of the building and of what stands in front of it.
    """
    sun = layout.sun
    if brief.illuminance is not None and brief.sky is not None:
        return sun
    sky = np.array(brief.sky) if brief.sky is not None else visible_sky(plate, layout, frame, matte, holdout)
    front = next((box for box in layout.boxes if box.kind == "building"), None)
    inside = (matte > 0.9) & (holdout < 0.1)
    facade = _bright(plate[inside]) if int(inside.sum()) >= 64 else None
    if sky is None:
        sky = 0.35 * facade / FACADE_ALBEDO if facade is not None else np.array(Sun().sky)
    if brief.illuminance is not None or facade is None or front is None:
        lit = np.array(brief.illuminance or Sun().illuminance)
    else:
        rise = sun.direction[1]
        faces = max(0.0, -float(np.dot(sun.direction, front.inward)))
        reach = max(faces + 0.5 * GROUND_ALBEDO * max(rise, 0.0), 0.25)
        colour = (facade / FACADE_ALBEDO - 0.5 * (1.0 + GROUND_ALBEDO) * sky) / reach
        level, sky_level = float(colour @ _LUMA), float(sky @ _LUMA)
        level = float(np.clip(level, _OVER_SKY[0] * sky_level, _OVER_SKY[1] * sky_level))
        # One facade's paint is not the sun's colour: keep the measured level and half of the measured tint.
        tint = np.clip(colour / max(float(colour @ _LUMA), 1e-6), 0.6, 1.6) if colour.min() > 0 else _SUN_TINT
        lit = level * (0.5 * tint + 0.5 * _SUN_TINT)
    return replace(sun, illuminance=_triple(lit), sky=_triple(sky))


def visible_sky(plate: Image, layout: Layout, frame: int, matte: Image, holdout: Image) -> Floats | None:
    """Return the median radiance (3,) of the sky that the plate shows; None where it shows hardly any."""
    height, width = plate.shape[:2]
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rising = directions(layout.camera.at(frame), np.stack([x, y], axis=-1), width, height)[..., 1] > 0.05
    free = rising & (matte < 0.05) & (holdout < 0.05) & np.isfinite(plate).all(axis=2)
    level = plate @ _LUMA
    # What stands out there is darker than the sky: of what is free, the brighter half.
    if int(free.sum()) < max(64, height * width // 500):
        return None
    bright = free & (level >= np.median(level[free]))
    return np.asarray(np.median(plate[bright], axis=0), dtype=np.float64)


def _bright(pixels: Image) -> Floats:
    """Return the colour of the lit part of a facade: the median between the 70th and 95th percentile."""
    level = np.nan_to_num(pixels @ _LUMA)
    low, high = np.percentile(level, (70, 95))
    return np.asarray(np.median(pixels[(level >= low) & (level <= high)], axis=0), dtype=np.float64)


def _triple(values: Floats) -> tuple[float, float, float]:
    r, g, b = (round(max(float(v), 0.0), 4) for v in values)
    return (r, g, b)
