"""The sky a plate shows, as a smooth field that goes on behind buildings, and its noise."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import box, erode, gaussian, luminance, spread
from secondunit.imaging.grain import grain_field
from secondunit.imaging.metrics import robust_sigma

Colour = tuple[float, float, float]

# A plate with less sky than this has none to go on from.
LEAST_SHARE, LEAST_PIXELS = 0.002, 64
# How far the measured colours of the visible sky's edge reach into the invented part, as a share of the width.
EDGE_REACH = 0.12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """A sky over the whole picture."""

    field: Image
    """(height, width, 3) smooth ACEScg radiance, everywhere."""
    seen: Image
    """(height, width) 1 where the plate shows open sky."""
    horizon: Colour
    """Colour just above the horizon: what far things fade to."""


def fit_sky(plate: Image, *, known: Image, horizon_row: float, hint: Colour | None = None) -> Sky:
    """Find the plate's sky and carry it on over the whole picture.

    A gradient (quadratic downwards, gently linear across) is fitted to the open sky with outliers thrown out; the
    visible sky's own departures from it fade in from its edge, so that the seam does not show.

    Parameters
    ----------
    known
        (height, width), 1 where the plate may be looked at: neither building nor foreground.
    horizon_row
        Row of the horizon; below it is no sky.
    hint
        ACEScg colour for a plate that shows no sky; None takes a pale grey blue as bright as the plate's highlights.
    """
    height, width = plate.shape[:2]
    work = np.sqrt(np.maximum(plate, 0))
    seen = _open_sky(work, known, horizon_row)
    if seen.mean() < LEAST_SHARE or seen.sum() < LEAST_PIXELS:
        return _without_sky(plate, known, horizon_row, hint)
    rows, columns = np.nonzero(seen)
    stride = max(1, len(rows) // 20000)
    rows, columns = rows[::stride], columns[::stride]
    values = cv2.blur(work, (5, 5))[rows, columns]
    low, high = np.percentile(columns, [2, 98])
    top, bottom = np.percentile(rows, [1, 99])
    keep = np.ones(len(rows), bool)
    terms = _terms(rows, columns, height, width, low, high, top, bottom)
    solution = np.zeros((terms.shape[1], 3))
    for _ in range(6):
        # A little ridge keeps a thin strip of sky from bending the rest of it.
        left = terms[keep].T @ terms[keep] + 1e-3 * keep.sum() * np.diag([0, 0, 0.2, 0.4])
        solution = np.linalg.solve(left, terms[keep].T @ values[keep])
        error = np.abs(values - terms @ solution).max(axis=1)
        keep = error < max(3 * robust_sigma(error[keep]) + float(np.median(error[keep])), 0.01)
    y, x = np.mgrid[:height, :width]
    smooth = (_terms(y.ravel(), x.ravel(), height, width, low, high, top, bottom) @ solution).reshape(height, width, 3)
    smooth = smooth.astype(np.float32)
    trusted = erode(seen, radius_px=1)
    departure = np.where(trusted[..., None] > 0, gaussian(work, sigma_px=1.5) - smooth, 0).astype(np.float32)
    departure = np.clip(departure, -0.08, 0.08)
    carried = spread(departure, trusted, sigma_px=4.0)
    away = cv2.distanceTransform((trusted < 0.5).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    carried = gaussian(carried, sigma_px=5.0) * np.exp(-away / (EDGE_REACH * width))[..., None]
    field = np.maximum(smooth + carried, 0).astype(np.float32) ** 2
    strip = field[int(np.clip(bottom, 0, height - 1))]
    horizon = np.median(strip, axis=0)
    return Sky(field=field, seen=seen, horizon=(float(horizon[0]), float(horizon[1]), float(horizon[2])))


def noise_like(plate: Image, *, where: Image, seed: int) -> Image:
    """Return (height, width, 3) noise as strong and as coarse as the plate's in a smooth part of it.

    Two bands are measured and made: grain (finer than 1.5 px) and the blotches of compression and film (to 5 px).
    The noise is a share of the brightness: multiply a picture by one plus it.
    """
    height, width = where.shape
    inside = erode(where, radius_px=4) > 0.5
    noise = np.zeros((height, width, 3), np.float32)
    if inside.sum() < 200:
        return noise
    fine = gaussian(plate, sigma_px=1.5)
    coarse = gaussian(plate, sigma_px=5.0)
    level = float(np.median(luminance(coarse)[inside]))
    for k, (residual, size_px) in enumerate(((plate - fine, 0.6), (fine - coarse, 2.2))):
        grey = luminance(residual)[inside]
        sigma = robust_sigma(grey) / max(level, 1e-4)
        chroma = 0.5 * sum(robust_sigma(residual[..., c][inside] - grey) for c in (0, 2)) / max(level, 1e-4)
        power = sigma * sigma + chroma * chroma
        shared = sigma * sigma / max(power, 1e-12)
        total = min(math.sqrt(power), 0.1)
        noise += np.float32(total) * grain_field(
            width=width, height=height, size_px=size_px, shared=shared, seed=seed, frame=k
        )
    return noise


def _terms(
    rows: np.ndarray,
    columns: np.ndarray,
    height: int,
    width: int,
    low: float,
    high: float,
    top: float,
    bottom: float,
) -> np.ndarray:
    """Design matrix: constant, down, across (held beyond what was seen), down squared."""
    room = 0.25 * (bottom - top)
    down = np.clip(rows, top - room, bottom + room) / height
    across = np.clip(columns, low - 0.1 * width, high + 0.1 * width) / width
    return np.stack([np.ones(len(down)), down, across, down**2], axis=1)


def _open_sky(work: Image, known: Image, horizon_row: float) -> Image:
    """Return 1 where the plate shows sky: smooth, above the horizon, coloured as the smooth part highest up."""
    height, width = known.shape
    mean = box(work, radius_px=3)
    deviation = np.sqrt(np.maximum(box(work * work, radius_px=3) - mean * mean, 0)).max(axis=2)
    smooth = deviation < 0.015 + 0.035 * mean.max(axis=2)
    candidate = smooth & (erode(known, radius_px=4) > 0.5) & (np.arange(height)[:, None] < horizon_row)
    if candidate.mean() < LEAST_SHARE:
        return np.zeros((height, width), np.float32)
    rows = np.nonzero(candidate)[0]
    highest = candidate & (np.arange(height)[:, None] <= np.percentile(rows, 30))
    centre = np.median(mean[highest], axis=0)
    # Sky grows paler downwards: followed step by step rather than by one tolerance.
    near = np.abs(mean - centre).max(axis=2) < 0.12
    grown = candidate & near
    for _ in range(3):
        down, middle = np.nonzero(grown)[0], mean[grown]
        if len(down) < 50:
            break
        line = np.polyfit(down / height, middle, 1)
        expected = line[0] * (np.arange(height) / height)[:, None] + line[1]
        grown = candidate & (np.abs(mean - expected[:, None, :]).max(axis=2) < 0.1)
    return np.asarray(grown, dtype=np.float32)


def _without_sky(plate: Image, known: Image, horizon_row: float, hint: Colour | None) -> Sky:
    height, width = plate.shape[:2]
    if hint is None:
        bright = float(np.percentile(luminance(plate), 95))
        hint = (0.80 * bright, 0.90 * bright, 1.05 * bright)
    base = np.asarray(hint, dtype=np.float32)
    down = np.clip(np.arange(height, dtype=np.float32) / max(horizon_row, 1.0), 0, 1)[:, None, None]
    pale = np.mean(base) * np.float32(1.1)
    field = base * (1 - 0.5 * down**2) + pale * 0.5 * down**2
    field = np.broadcast_to(field, (height, width, 3)).astype(np.float32)
    far = field[int(np.clip(horizon_row, 0, height - 1)), 0]
    return Sky(
        field=field, seen=np.zeros((height, width), np.float32), horizon=(float(far[0]), float(far[1]), float(far[2]))
    )
