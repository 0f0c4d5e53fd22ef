"""How bright a previs is shown: one exposure for the whole shot, as a meter would set it."""

import math

import numpy as np

from secondunit.imaging.buffers import Image

_GREY = 0.18
_LUMA = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)
"""Luminance of ACEScg (SMPTE RP 177 from AP1's primaries)."""
LEAST_STOPS, MOST_STOPS = -5.0, 5.0


def metered_stops(beauty: Image, alpha: Image) -> float:
    """Return stops that bring what is built, sky aside, to middle grey: the geometric mean of its luminance.

    Very bright and very dark tenths do not count, as with a careful spot meter.
    """
    luminance = (beauty @ _LUMA)[alpha > 0.5]
    luminance = luminance[luminance > 1e-5]
    if luminance.size < 16:
        luminance = np.maximum((beauty @ _LUMA).ravel(), 1e-5)
    low, high = np.quantile(luminance, (0.1, 0.9))
    middle = luminance[(luminance >= low) & (luminance <= high)]
    mean = float(np.exp(np.log(middle).mean())) if middle.size else float(low)
    return round(min(max(math.log2(_GREY / max(mean, 1e-6)), LEAST_STOPS), MOST_STOPS), 2)


def exposed(beauty: Image, stops: float) -> Image:
    """Return a picture so many stops brighter."""
    return np.asarray(beauty * np.float32(2.0**stops), np.float32)
