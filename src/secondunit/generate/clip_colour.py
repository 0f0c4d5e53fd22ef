"""Scene light to a screen and back, for models that were trained on what screens show.

``sRGB = OCIO(ACEScg -> sRGB Encoded Rec.709)(2 ** stops * scene)``, clipped to 0 to 1 on the way in; the exact inverse
on the way out. One exposure for the whole take, so that nothing flickers. What is brighter than the screen's white
after it (a sky, a glint) is clipped for the model alone: the comp's own pixels never pass through here.
"""

import math
from dataclasses import dataclass

import numpy as np

from secondunit.imaging.buffers import Image
from secondunit.media.colour import SRGB, from_acescg, to_acescg

WHITE_AT = 0.75
"""Linear value that the dust's bright end is brought under: a code of 0.88, with room for what the model adds."""
_STOPS = (-8.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenEncoding:
    """How a take's light is encoded for a model."""

    stops: float = 0.0

    def encode(self, scene: Image) -> Image:
        """Return (height, width, 3) ACEScg as sRGB, 0 to 1."""
        lit = np.asarray(scene, np.float32) * np.float32(2.0**self.stops)
        return np.clip(np.nan_to_num(from_acescg(lit, SRGB), nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)

    def decode(self, screen: Image) -> Image:
        """Return (height, width, 3) sRGB as ACEScg scene light."""
        return to_acescg(screen, SRGB) * np.float32(2.0**-self.stops)


def encoding_for(bright: float) -> ScreenEncoding:
    """Return the encoding under which a linear value just fits: darker where it must be, never brighter.

    >>> encoding_for(3.0).stops, encoding_for(0.4).stops
    (-2.0, 0.0)
    """
    if not math.isfinite(bright) or bright <= WHITE_AT:
        return ScreenEncoding()
    return ScreenEncoding(stops=float(np.clip(-math.ceil(4 * math.log2(bright / WHITE_AT)) / 4, *_STOPS)))
