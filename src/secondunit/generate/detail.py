"""The split between the band the simulation owns and the band a generator may fill."""

import cv2
import numpy as np

from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image

CUT_CELLS = 1.6
"""Sigma of the low band in dust cells: structure wider than some five cells belongs to the simulation."""

_TAU_GAIN = (0.6, 2.0)
_LIGHT_GAIN = (0.5, 2.2)
_FLOOR = 2e-3


def low_band(image: Image, *, sigma_px: float) -> Image:
    """Return the low band of a picture: a Gaussian of ``sigma_px``, edges continued.

    Wide Gaussians are taken at a reduced size; the difference is under 1 % of the picture's range.
    """
    height, width = image.shape
    factor = max(1, int(sigma_px / 3.0))
    if factor == 1:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), max(sigma_px, 0.3), borderType=cv2.BORDER_REPLICATE))
    small = cv2.resize(image, (max(width // factor, 1), max(height // factor, 1)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / factor, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def cut_sigma_px(buffers: ControlBuffers) -> float:
    """Return the low band's sigma for a frame: ``CUT_CELLS`` at the mean footprint of what is seen."""
    weight = buffers.channels["alpha"]
    total = float(weight.sum(dtype=np.float64))
    if total < _FLOOR:
        return 1.0
    mean = float((weight * buffers.channels["footprint"]).sum(dtype=np.float64)) / total
    return min(max(CUT_CELLS * mean, 1.0), max(buffers.size) / 4)


def lock_low_band(fine: DustLayers, buffers: ControlBuffers) -> DustLayers:
    """Return fine layers whose low band follows the coarse render.

    Gains, not sums, carry the low band over: they leave what is clear clear and put no soft skirt around a crisp edge.
    Optical depth is scaled towards the coarse alpha, brightness a unit of alpha towards the coarse brightness.
    """
    channels = buffers.channels
    sigma = cut_sigma_px(buffers)
    coarse_low = low_band(channels["alpha"], sigma_px=sigma)
    fine_low = low_band(fine.alpha, sigma_px=sigma)
    gain = np.clip((coarse_low + _FLOOR) / (fine_low + _FLOOR), *_TAU_GAIN)
    alpha = 1.0 - np.power(1.0 - np.minimum(fine.alpha, 0.9999), gain)
    scale = alpha / np.maximum(fine.alpha, 1e-6)
    alpha_low = low_band(alpha, sigma_px=sigma)
    lights = []
    for name, light in (("sun", fine.sun), ("sky", fine.sky)):
        carried = light * scale
        wanted = low_band(channels[name], sigma_px=sigma) * (alpha_low + _FLOOR)
        found = low_band(carried, sigma_px=sigma) * (coarse_low + _FLOOR)
        lights.append(carried * np.clip((wanted + _FLOOR**2) / (found + _FLOOR**2), *_LIGHT_GAIN))
    return DustLayers(
        alpha=alpha.astype(np.float32), sun=lights[0].astype(np.float32), sky=lights[1].astype(np.float32)
    )
