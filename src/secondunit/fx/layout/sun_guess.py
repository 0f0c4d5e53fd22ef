"""How bright sun and sky are, by the facade and the sky that a plate shows."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from secondunit.core.brief import SunBrief
from secondunit.core.layout import Layout, Sun
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import box
from secondunit.imaging.projection import directions

Floats = NDArray[np.float64]

FACADE_ALBEDO = 0.55
"""Of light plaster and concrete (PBR tables give 0.5 to 0.6)."""
GROUND_ALBEDO = 0.2
LIT_GROUND_ALBEDO = 0.4
"""Of the palest ground that plates show in the sun: concrete paving. Cobbles, asphalt and grass are darker."""
NIGHT_SKY = 0.12
"""A sky darker than this over a facade four times as bright is no daylight."""
_LUMA = np.array([0.2722, 0.6741, 0.0537], np.float32)
"""ACEScg luminance."""
_SUN_TINT = np.array([1.08, 1.0, 0.88])
_SKY_TINT = (0.7, 1.6)
"""Least and most of a channel of the sky's light against its luminance: skylight of some 15,000 K."""
_OVER_SKY = (0.3, 10.0)
"""Least and most that the sun's light may be of the sky's: overcast, and a clear day high up."""


def guess_sun(brief: SunBrief, layout: Layout, plate: Image, *, frame: int, matte: Image, holdout: Image) -> Sun:
    """Return the layout's sun with its brightness measured where the brief leaves it open.

    The bright facade F of albedo a = 0.55 faces sun E, half the sky S and half the lit ground g = 0.2, so
    F / a = E·cos + S/2 + g/2·(E·sin(elevation) + S); S is the radiance of the visible sky, for a horizontal white card
    under an even sky reads that sky's own radiance. A dark facade says too little of a bright day: the sun is at least
    what pale ground needs to look as it does. At night the facade's bright part are its windows, and its dim part is
    seen by the light of the town: that light stands in for sun and sky.

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
    if brief.illuminance is None and brief.sky is None and _is_night(sky, facade):
        town = np.asarray(np.median(_dim(plate[inside]), axis=0) / FACADE_ALBEDO, dtype=np.float64)
        above = 0.5 * town if sky is None else np.maximum(sky, 0.5 * town)
        return replace(sun, illuminance=_triple(town), sky=_triple(above))
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
        by_ground = _by_ground(plate, layout, frame, matte, holdout, sky_level)
        if by_ground > level:
            colour, level = by_ground * _SUN_TINT, by_ground
        level = float(np.clip(level, _OVER_SKY[0] * sky_level, _OVER_SKY[1] * sky_level))
        # One facade's paint is not the sun's colour: keep the measured level and half of the measured tint.
        tint = np.clip(colour / max(float(colour @ _LUMA), 1e-6), 0.6, 1.6) if colour.min() > 0 else _SUN_TINT
        lit = level * (0.5 * tint + 0.5 * _SUN_TINT)
    return replace(sun, illuminance=_triple(lit), sky=_triple(sky))


def visible_sky(plate: Image, layout: Layout, frame: int, matte: Image, holdout: Image) -> Floats | None:
    """Return the median radiance (3,) of the sky that the plate shows; None where it shows hardly any."""
    height, width = plate.shape[:2]
    rising = _directions(plate, layout, frame)[..., 1] > 0.05
    free = rising & (matte < 0.05) & (holdout < 0.05) & np.isfinite(plate).all(axis=2)
    level = plate @ _LUMA
    least = max(64, height * width // 500)
    if int(free.sum()) < least:
        return None
    # Other buildings stand out there too: the sky is the smooth part where there is enough of it ...
    mean = box(level, radius_px=3)
    smooth = np.sqrt(np.maximum(box(level * level, radius_px=3) - mean * mean, 0)) < 0.03 * mean + 0.003
    if int((free & smooth).sum()) >= 4 * least:
        free &= smooth
    # ... and brighter than what is dark against it.
    bright = free & (level >= np.median(level[free]))
    seen = np.asarray(np.median(plate[bright], axis=0), dtype=np.float64)
    # One patch of deep blue is not the whole sky: clouds and the pale horizon light the place too.
    grey = max(float(seen @ _LUMA), 1e-6)
    return np.asarray(grey * np.clip(seen / grey, *_SKY_TINT))


def _is_night(sky: Floats | None, facade: Floats | None) -> bool:
    if sky is None or facade is None:
        return False
    level = float(sky @ _LUMA)
    return level < NIGHT_SKY and float(facade @ _LUMA) > 4.0 * level


def _by_ground(plate: Image, layout: Layout, frame: int, matte: Image, holdout: Image, sky_level: float) -> float:
    """Return the sun that the bright part of the ground asks for at least; 0 where hardly any ground is seen."""
    falling = _directions(plate, layout, frame)[..., 1] < -0.02
    ground = (plate @ _LUMA)[falling & (matte < 0.05) & (holdout < 0.05)]
    if len(ground) < max(64, plate.shape[0] * plate.shape[1] // 50):
        return 0.0
    card = float(np.percentile(ground, 90)) / LIT_GROUND_ALBEDO
    return max(card - sky_level, 0.0) / max(layout.sun.direction[1], 0.25)


def _directions(plate: Image, layout: Layout, frame: int) -> Floats:
    """Return (height, width, 3) unit vectors in the world through the pixels' centres."""
    height, width = plate.shape[:2]
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rays = directions(layout.camera.at(frame), np.stack([x, y], axis=-1), width, height)
    return np.asarray(rays / np.linalg.norm(rays, axis=-1, keepdims=True))


def _dim(pixels: Image) -> Image:
    """Return the pixels between the 20th and the 70th percentile: walls at night, not windows."""
    level = np.nan_to_num(pixels @ _LUMA)
    low, high = np.percentile(level, (20, 70))
    return np.asarray(pixels[(level >= low) & (level <= high)])


def _bright(pixels: Image) -> Floats:
    """Return the colour of the lit part of a facade: the median between the 70th and 95th percentile."""
    level = np.nan_to_num(pixels @ _LUMA)
    low, high = np.percentile(level, (70, 95))
    return np.asarray(np.median(pixels[(level >= low) & (level <= high)], axis=0), dtype=np.float64)


def _triple(values: Floats) -> tuple[float, float, float]:
    r, g, b = (round(max(float(v), 0.0), 4) for v in values)
    return (r, g, b)
