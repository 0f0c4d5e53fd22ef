"""Dust layers as pictures for people: lit, over a plain sky, encoded for a screen."""

import numpy as np
from numpy.typing import NDArray

from secondunit.imaging.buffers import DustLayers, Image

TINT = np.array((0.92, 0.86, 0.78), np.float32)
SUN = np.array((1.35, 1.215, 1.03), np.float32)
SKY = np.array((0.41, 0.495, 0.64), np.float32)


def lit(layers: DustLayers, *, tint: Image = TINT, sun: Image = SUN, sky: Image = SKY) -> Image:
    """Return (height, width, 3) linear light over a graded sky."""
    height = layers.alpha.shape[0]
    back = np.linspace(0.55, 0.30, height, dtype=np.float32)[:, None, None] * np.array((0.55, 0.70, 0.95), np.float32)
    light = (layers.sun[..., None] * sun + layers.sky[..., None] * sky) * tint
    return np.asarray(light + (1.0 - layers.alpha[..., None]) * back, dtype=np.float32)


def screen(light: Image) -> NDArray[np.uint8]:
    """Return 8-bit pixels with a soft shoulder."""
    soft = light * (1.0 + light / 6.0) / (1.0 + light) * 1.25
    return np.round(np.clip(soft, 0.0, 1.0) ** (1 / 2.2) * 255.0).astype(np.uint8)
