"""What the element must share with its plate: black level, grain, softness, air and sky."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np

from secondunit.comp.sky import Colour, fit_sky
from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import box, gaussian, luminance
from secondunit.imaging.grain import Grain

# A step of brightness whose blocks vary this many times more than usual shows texture and not grain.
TEXTURE = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateMatch:
    """A plate's measured look, ACEScg. The defaults match nothing: no haze, no grain, true black, pin sharp."""

    black: Colour = (0.0, 0.0, 0.0)
    """The darkest the plate gets, per channel."""
    grain: Grain = field(default_factory=Grain)
    softness_px: float = 0.35
    """Sigma of the blur of the plate's sharpest edges; 0.35 is what anti-aliasing alone gives."""
    haze_per_km: float = 0.0
    """Extinction of the air, 0 where the plate does not show it."""
    haze_colour: Colour = (0.6, 0.7, 0.8)
    """What very far things fade to."""
    sky_colour: Colour = (0.5, 0.6, 0.8)
    """Mean of the visible sky."""
    white_balance: Colour = (1.0, 1.0, 1.0)
    """What a neutral surface reads in this plate, divided by its mean."""


def measure_plate(
    plate: Image,
    *,
    matte: Image,
    holdout: Image | None = None,
    horizon_row: float | None = None,
    far_m: float | None = None,
) -> PlateMatch:
    """Measure what an element must share with its plate.

    Parameters
    ----------
    plate
        (height, width, 3) ACEScg, as photographed: not denoised, not resized.
    matte, holdout
        (height, width) coverage by the building and by what stands in front.
    horizon_row
        Row of the horizon; None takes the middle of the picture.
    far_m
        Distance of the dark things just above the horizon. With it the air's extinction is measured from how far they
        have faded; without it the haze is 0, since one picture does not tell distance.

    Raises
    ------
    BriefError
        A matte differs in size.
    """
    height, width = plate.shape[:2]
    holdout = np.zeros((height, width), np.float32) if holdout is None else holdout
    if matte.shape != (height, width) or holdout.shape != (height, width):
        raise BriefError(
            f"matte {matte.shape} and holdout {holdout.shape} against a plate of {height, width}",
            fix="give mattes of the plate's size",
        )
    plate = np.nan_to_num(plate, nan=0.0, posinf=65504.0, neginf=0.0).astype(np.float32)
    row = height / 2 if horizon_row is None else horizon_row
    open_air = ((matte < 0.02) & (holdout < 0.05)).astype(np.float32)
    sky = fit_sky(plate, known=open_air, horizon_row=row)
    seen = sky.seen > 0.5
    sky_colour = np.median(plate[seen], axis=0) if seen.any() else np.asarray(sky.horizon)
    black = np.maximum(np.percentile(box(plate, radius_px=1).reshape(-1, 3), 0.2, axis=0), 0)
    return PlateMatch(
        black=_colour(black),
        grain=measure_grain(plate),
        softness_px=measure_softness(plate),
        haze_per_km=_haze(plate, sky.horizon, black, open_air, row, far_m),
        haze_colour=sky.horizon,
        sky_colour=_colour(sky_colour),
        white_balance=_white(plate, matte),
    )


def measure_grain(plate: Image) -> Grain:
    """Measure grain on the plate's flattest blocks, brightness by brightness.

    In each of eight steps of brightness the flattest tenth of all 12-pixel blocks stands for the grain; what is left
    of the picture after a blur of 2.5 px is taken off is measured there. Coarseness comes from the correlation of
    neighbouring pixels. A step of brightness that has no flat block (grass) is held to what the others say.
    """
    height, width = plate.shape[:2]
    side = 12
    if min(height, width) < 2 * side:
        return Grain()
    residual = plate - gaussian(plate, sigma_px=2.5)
    rows, columns = height // side, width // side
    blocks = residual[: rows * side, : columns * side].reshape(rows, side, columns, side, 3).swapaxes(1, 2)
    blocks = blocks.reshape(-1, side, side, 3)
    level = (
        luminance(plate)[: rows * side, : columns * side].reshape(rows, side, columns, side).mean(axis=(1, 3)).ravel()
    )
    spread_ = blocks.std(axis=(1, 2))
    grey = spread_ @ np.array([0.27, 0.67, 0.06], np.float32)
    usable = (level > 1e-4) & (grey > 1e-6) & (level < 0.98 * max(float(level.max()), 1e-3))
    if usable.sum() < 20:
        return Grain()
    edges = np.unique(np.quantile(level[usable], np.linspace(0, 1, 9)))
    nodes: list[float] = []
    sigmas: list[tuple[float, float, float]] = []
    flattest: list[int] = []
    for low, high in pairwise(edges):
        inside = np.nonzero(usable & (level >= low) & (level <= high))[0]
        if len(inside) < 4:
            continue
        chosen = inside[np.argsort(grey[inside])[: max(2, len(inside) // 10)]]
        nodes.append(float(level[chosen].mean()))
        sigmas.append(_colour(np.median(spread_[chosen], axis=0)))
        flattest.extend(int(i) for i in chosen)
    if not flattest:
        return Grain()
    order = np.argsort(nodes)
    rising = [int(i) for k, i in enumerate(order) if k == 0 or nodes[i] > nodes[order[k - 1]]]
    flat = blocks[flattest]
    flat = flat - flat.mean(axis=(1, 2), keepdims=True)
    power = float((flat[..., 1] ** 2).mean())
    sideways, down = flat[:, :, 1:, 1] * flat[:, :, :-1, 1], flat[:, 1:, :, 1] * flat[:, :-1, :, 1]
    beside = float(sideways.mean() + down.mean()) / 2
    size_px, kept = _coarseness(beside / max(power, 1e-12))
    channels = np.corrcoef(flat.reshape(-1, 3).T + 0.0)
    shared = float(np.clip(np.nan_to_num((channels[0, 1] + channels[1, 2] + channels[0, 2]) / 3), 0, 1))
    levels = np.array([nodes[i] for i in rising])
    curve = np.array([sigmas[i] for i in rising]) / kept
    root = np.sqrt(levels + 0.02)[:, None]
    usual = np.median(np.sort(curve / root, axis=0)[: (len(rising) + 1) // 2], axis=0)
    curve = np.minimum(curve, TEXTURE * usual * root)
    if len(rising) == 1:
        levels, curve = np.array([levels[0], levels[0] + 1]), np.vstack([curve, curve])
    return Grain(
        luminance=tuple(float(v) for v in levels),
        sigma=tuple(_colour(row) for row in curve),
        size_px=size_px,
        shared=shared,
    )


def _coarseness(correlation: float) -> tuple[float, float]:
    """Return the blur of white noise whose neighbours correlate so, and what the high pass leaves of its deviation.

    Found on a table of spectra: noise under a Gaussian blur, high-passed as ``measure_grain`` does.
    """
    w = np.fft.fftfreq(64) * 2 * np.pi
    wy, wx = np.meshgrid(w, w, indexing="ij")
    square = wx**2 + wy**2
    high = (1 - np.exp(-(2.5**2) * square / 2)) ** 2
    sizes = np.linspace(0.05, 2.0, 40)
    table = []
    for size in sizes:
        power = np.exp(-(size**2) * square)
        left = power * high
        table.append((float((left * np.cos(wx)).sum() / left.sum()), math.sqrt(left.sum() / power.sum())))
    at = int(np.argmin([abs(row[0] - correlation) for row in table]))
    return float(sizes[at]), table[at][1]


def measure_softness(plate: Image) -> float:
    """Return the sigma in pixels of the plate's sharpest strong edges, 0.2 to 3.

    A step of height A under a Gaussian of that sigma has the slope ``A / (sigma sqrt(2 pi))`` at its middle; the pixel
    the slope is taken over adds a variance of 1/12, which is taken off.
    """
    light = luminance(plate)
    found: list[np.ndarray] = []
    for picture in (light, np.ascontiguousarray(light.T)):
        if picture.shape[1] < 16:
            continue
        along = np.abs(picture[:, 1:] - picture[:, :-1])[1:-1, 1:]
        across = np.abs(picture[2:] - picture[:-2])[:, 1:-1] / 2
        kernel = np.ones((1, 13), np.uint8)
        step = (cv2.dilate(picture, kernel) - cv2.erode(picture, kernel))[1:-1, 1:-1]
        peak = along >= cv2.dilate(along, np.ones((1, 5), np.uint8))
        strong = peak & (step > 0.15 * max(float(np.percentile(light, 98)), 1e-4)) & (across < 0.25 * along)
        found.append(step[strong] / (along[strong] * math.sqrt(2 * math.pi)))
    values = np.concatenate(found) if found else np.empty(0)
    if len(values) < 30:
        return 0.5
    sharp = float(np.percentile(values, 15))
    return float(np.clip(math.sqrt(max(sharp * sharp - 1 / 12, 0.04)), 0.2, 3.0))


def _haze(
    plate: Image, horizon: Colour, black: np.ndarray, open_air: Image, horizon_row: float, far_m: float | None
) -> float:
    if far_m is None or far_m <= 0:
        return 0.0
    height = plate.shape[0]
    y = np.arange(height)[:, None]
    band = (open_air > 0.5) & (y < horizon_row) & (y > horizon_row - 0.08 * height)
    if band.sum() < 50:
        return 0.0
    dark = np.percentile(luminance(plate)[band], 5)
    floor = float(luminance(np.asarray(black, dtype=np.float32)[None, None])[0, 0])
    far = float(luminance(np.asarray(horizon, dtype=np.float32)[None, None])[0, 0])
    veil = float(np.clip((dark - floor) / max(far - floor, 1e-4), 0, 0.95))
    return -math.log(1 - veil) / (far_m / 1000)


def _white(plate: Image, matte: Image) -> Colour:
    """Return what the building's pale parts read, divided by their mean; the whole picture's where there are none."""
    pixels = plate[matte > 0.5] if (matte > 0.5).sum() > 100 else plate.reshape(-1, 3)
    light = pixels @ np.array([0.2722, 0.6741, 0.0537], np.float32)
    low, high = np.percentile(light, [80, 97])
    pale = np.median(pixels[(light >= low) & (light <= high)], axis=0)
    return _colour(pale / max(float(pale.mean()), 1e-6))


def _colour(values: np.ndarray) -> Colour:
    return float(values[0]), float(values[1]), float(values[2])
