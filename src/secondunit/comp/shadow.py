"""What debris and dust take from the light on the plate, as a multiplier of the plate's own pixels."""

import numpy as np

from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun
from secondunit.imaging.buffers import Image

# Nothing outdoors goes wholly black: light from the lit surroundings reaches under any cloud of dust.
FLOOR = np.float32(0.06)


def plate_shadow(
    sun_visibility: Image,
    sky_visibility: Image,
    *,
    sun: Sun,
    cosine: float | Image | None = None,
    lit: float | Image = 1.0,
    strength: float = 1.0,
) -> Image:
    """Return the plate multiplier for light that is newly taken away.

    The plate's pixel is albedo times ``sun * cosine * lit + sky``; with part of both gone, the ratio of the new sum
    to the old one is what the pixel must be multiplied with. Shadows so take the plate's own colour: where the sun is
    warm and the sky is blue, they are blue.

    Parameters
    ----------
    sun_visibility, sky_visibility
        (height, width), 1 where nothing changed against the plate, 0 where all of it is newly gone.
    sun
        Colours of sun and sky.
    cosine
        Of the angle between the surface and the sun, a number or (height, width). None is level ground.
    lit
        How much of the sun the plate's pixel already had, a number or (height, width): 0 in its own shade.
    strength
        1 is physical, 0 none.

    Returns
    -------
    Image
        (height, width, 3), 0.06 to 1.

    Raises
    ------
    BriefError
        The two pictures differ in size.
    """
    if sun_visibility.shape != sky_visibility.shape:
        raise BriefError(
            f"sun visibility {sun_visibility.shape} and sky visibility {sky_visibility.shape} differ in size",
            fix="render both at the size of the plate",
        )
    if cosine is None:
        cosine = max(sun.direction[1], 0.0)
    share = np.clip(np.asarray(cosine, dtype=np.float32) * np.asarray(lit, dtype=np.float32), 0, 1)
    direct = np.asarray(sun.illuminance, dtype=np.float32) * share[..., None]
    ambient = np.asarray(sun.sky, dtype=np.float32)
    before = np.maximum(direct + ambient, np.float32(1e-6))
    sun_seen, sky_seen = (np.clip(v, 0, 1, dtype=np.float32)[..., None] for v in (sun_visibility, sky_visibility))
    ratio = np.clip((direct * sun_seen + ambient * sky_seen) / before, FLOOR, 1)
    multiplier: Image = (1 + (ratio - 1) * np.float32(strength)).astype(np.float32)
    return np.clip(multiplier, FLOOR, 1)
