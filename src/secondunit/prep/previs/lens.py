"""A lens before a filmback: what of the sensor a delivery uses, and the angles it sees."""

import math
from dataclasses import dataclass

from secondunit.core.camera import Camera, Filmback
from secondunit.core.errors import BriefError
from secondunit.prep.previs.bodies import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """The part of a sensor that becomes the picture: the largest of the wanted aspect, in the middle."""

    used_width_mm: float
    """On the sensor, still squeezed."""
    used_height_mm: float
    squeeze: float

    @property
    def filmback(self) -> Filmback:
        """The filmback of a lens without squeeze that sees the same: width times squeeze.

        USD, Nuke and Blender know no squeezed lens; they are handed this one.
        """
        return Filmback(width_mm=self.used_width_mm * self.squeeze, height_mm=self.used_height_mm)


def extraction(body: Body, *, squeeze: float, aspect: float) -> Extraction:
    """Return what of a sensor is used for a picture of an aspect (its squeeze taken out).

    >>> from secondunit.prep.previs.bodies import body_of
    >>> cut = extraction(body_of("ALEXA 35 4.6K 3:2 open gate"), squeeze=1.0, aspect=2.39)
    >>> round(cut.used_width_mm, 2), round(cut.used_height_mm, 2)
    (27.99, 11.71)

    Raises
    ------
    BriefError
        An aspect or squeeze out of range.
    """
    if not 0.4 <= aspect <= 4.0:
        raise BriefError(f"an aspect of {aspect}", fix="use 0.4 to 4; cinema is 1.85 or 2.39")
    if not 1.0 <= squeeze <= 2.0:
        raise BriefError(f"a squeeze of {squeeze}", fix="use 1 (spherical) to 2")
    raw = aspect / squeeze
    if raw >= body.aspect:
        return Extraction(used_width_mm=body.width_mm, used_height_mm=body.width_mm / raw, squeeze=squeeze)
    return Extraction(used_width_mm=body.height_mm * raw, used_height_mm=body.height_mm, squeeze=squeeze)


def angles_of_view(camera: Camera) -> tuple[float, float]:
    """Return the horizontal and vertical angle of view in degrees, for an axis in the middle."""
    back, focal = camera.filmback, camera.focal_length_mm
    return (
        math.degrees(2 * math.atan(back.width_mm / (2 * focal))),
        math.degrees(2 * math.atan(back.height_mm / (2 * focal))),
    )


def equivalent_mm(camera: Camera) -> float:
    """Return the focal length that sees as wide on a full-frame still (36 mm)."""
    return camera.focal_length_mm * 36.0 / camera.filmback.width_mm
