"""What stands far behind a building that is gone: a band of trees in haze, and the ground that runs up to it."""

import cv2
import numpy as np

from secondunit.comp.sky import Sky
from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import gaussian, luminance, spread
from secondunit.imaging.quilt import quilt

# Rows of trees, the farthest first: height against the band's, the horizon's colour over them, size of their leaves.
ROWS = ((1.0, 0.42, 0.4), (0.66, 0.2, 0.55))
# Foliage to grow from, in patches: less than this comes back as a picket fence of one patch.
ENOUGH_LEAVES = 6.0


def treeline(plate: Image, *, known: Image, sky: Sky, horizon_row: float, seed: int) -> tuple[Image, Image]:
    """Return a far band of trees and its coverage, over the whole width.

    Two rows of trees, the farther one taller and hazier. Foliage is grown from what the plate shows of it beside the
    building, made smaller; where the plate shows none, a plain texture of the surroundings' own dark colour stands in.
    The height follows what is seen beyond the building's sides.

    Parameters
    ----------
    known
        (height, width), 1 where the plate may be taken from: not the building. Foreground trees count.
    horizon_row
        Where the band stands.

    Returns
    -------
    band
        (height, width, 3) ACEScg.
    coverage
        (height, width) 0 to 1, 0 below the horizon.
    """
    height, width = known.shape
    work = np.sqrt(np.maximum(plate, 0)).astype(np.float32)
    foliage = _foliage(work, known, sky, horizon_row)
    tall = _height_px(foliage, horizon_row, height)
    far = np.sqrt(np.asarray(sky.horizon, dtype=np.float32))
    band, coverage = np.zeros_like(plate), np.zeros_like(known)
    for k, (share, haze, scale) in enumerate(ROWS):
        top = _skyline(share * tall, width, seed + 31 * k)
        row, cover = _row_of_trees(work, foliage, top, horizon_row, scale, seed + 31 * k)
        row = row + (far - row) * haze
        band = band + (row - band) * cover[..., None]
        coverage = np.maximum(coverage, cover)
    return np.maximum(band, 0).astype(np.float32) ** 2, coverage


def _row_of_trees(
    work: Image, foliage: Image, top: np.ndarray, horizon_row: float, scale: float, seed: int
) -> tuple[Image, Image]:
    """Return one row of trees in square roots of light, and its coverage."""
    height, width = foliage.shape
    tall = float(top.max())
    rows = int(np.ceil(tall)) + 4
    texture, mean = _leaves(work, foliage, width, rows, scale, seed)
    y = np.arange(height, dtype=np.float32)[:, None] + 0.5
    first = round(horizon_row) - rows
    band = np.tile(mean, (height, width, 1)).astype(np.float32)
    a, b = max(first, 0), min(first + rows, height)
    if b > a:
        band[a:b] = texture[a - first : b - first]
    # Crowns: lit from above, darker to their feet, each clump with its own brightness.
    up = np.clip((horizon_row - y) / np.maximum(top[None, :], 1), 0, 1)
    clumps = _clumps(width, height, scale_px=max(tall * 0.10, 3.0), seed=seed + 5)
    band = band * ((0.80 + 0.30 * up) * (1 + 0.10 * clumps))[..., None]
    # The crowns' edge is cut by leaves: the texture's own light and dark push it in and out.
    leaf = luminance(band)
    leaf = (leaf - gaussian(leaf, sigma_px=4)) / (float(leaf.std()) + 1e-6)
    edge = (y - (horizon_row - top[None, :])) + 1.2 * np.clip(leaf, -2, 2)
    coverage = np.clip(edge / 1.8 + 0.5, 0, 1) * (y <= horizon_row + 1)
    return gaussian(band.astype(np.float32), sigma_px=0.45), gaussian(coverage.astype(np.float32), sigma_px=0.5)


def ground(plate: Image, *, known: Image, hole: Image, horizon_row: float, seed: int) -> Image:
    """Return (height, width, 3): the ground carried on from below the hole up to the horizon.

    Each column takes the colour found below the hole, evened out sideways; towards the horizon all columns share one
    colour. Its texture is the plate's own lower ground, pressed flat as a plain seen at a grazing angle.

    Parameters
    ----------
    known
        (height, width), 1 where the plate may be taken from; grass and paving in the foreground count.
    hole
        (height, width), 1 where the building was.
    """
    height, width = known.shape
    work = np.sqrt(np.maximum(plate, 0)).astype(np.float32)
    row = int(np.clip(round(horizon_row), 0, height - 1))
    filled = hole > 0.5
    foot = np.where(filled.any(axis=0), height - 1 - np.argmax(filled[::-1], axis=0), row)
    y = np.arange(height)[:, None]
    usable = (known * (y > np.maximum(foot[None, :], row))).astype(np.float32)
    if usable.mean() < 0.002:
        usable = known.copy()
    # Not the rows next to the foot: dirt, weeds and the building's own shade lie there.
    away = np.abs(y - foot[None, :]) / (0.06 * height)
    strip = usable * ((0.05 + np.minimum(away, 1)) * np.exp(-away)).astype(np.float32)
    near = spread(work, np.ascontiguousarray(strip, dtype=np.float32), sigma_px=0.01 * width + 2)
    colour = near[np.minimum(foot, height - 1), np.arange(width)]
    colour = np.asarray(cv2.blur(colour[None], (max(3, width // 12) | 1, 1)))[0]
    common = np.median(colour, axis=0)
    run = np.clip((y - horizon_row) / np.maximum(foot[None, :] - horizon_row, 4), 0, 1).astype(np.float32)[..., None]
    base = common * (1 - run) + colour[None] * run
    base = base * (1 + _ground_texture(work, usable, seed) * (0.4 + 0.6 * run))
    # Under the far trees it is in their shade.
    base = base * (1 - 0.35 * np.exp(-np.maximum(y - horizon_row, 0) / (0.008 * height)))[..., None]
    return np.asarray(np.maximum(base, 0) ** 2, dtype=np.float32)


def _ground_texture(work: Image, usable: Image, seed: int) -> Image:
    """Return (height, width, 1 or 3): relative variation of the ground, pressed flat."""
    height, width = usable.shape
    broad = gaussian(work, sigma_px=6)
    relative = np.asarray(np.clip((work - broad) / np.maximum(broad, 0.02), -0.5, 0.5), dtype=np.float32)
    size = (width, max(height // 2, 1))
    flat = np.asarray(cv2.resize(relative, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    area = np.asarray(cv2.resize(usable, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    try:
        return quilt(flat, usable=area, width=width, height=height, seed=seed + 9, patch_px=14, overlap_px=5)
    except BriefError:
        fine = _clumps(width, height, scale_px=2.5, seed=seed + 10, flat=2.5)
        return np.asarray(0.05 * fine[..., None], dtype=np.float32)


def _foliage(work: Image, known: Image, sky: Sky, horizon_row: float) -> Image:
    """Return 1 where the plate shows leaves: darker than the sky, rough, no redder than it is green."""
    height = known.shape[0]
    light = gaussian(luminance(work), sigma_px=3)
    limit = 0.75 * luminance(np.sqrt(np.maximum(sky.field, 0)))
    mean = gaussian(work, sigma_px=4)
    green = mean[..., 1] >= 0.93 * np.maximum(mean[..., 0], mean[..., 2])
    fine = luminance(work) - gaussian(luminance(work), sigma_px=2)
    rough = np.sqrt(gaussian(fine * fine, sigma_px=4)) > 0.012
    y = np.arange(height)[:, None]
    band = (y < horizon_row + 0.02 * height) & (y > horizon_row - 0.45 * height)
    leaves = green & rough & (light < limit) & band & (known > 0.5) & (sky.seen < 0.5)
    if not leaves.any():
        return np.asarray(leaves, dtype=np.float32)
    # Sunlit hedge tops and deep shade make stripes when they are repeated.
    middle = float(np.median(light[leaves]))
    return np.asarray(leaves & (light > 0.5 * middle) & (light < 1.7 * middle), dtype=np.float32)


def _height_px(foliage: Image, horizon_row: float, height: int) -> float:
    """Return how tall the far band is: less than what near trees reach, between 4 and 20 % of the picture."""
    columns = foliage.sum(axis=0) > 0.02 * height
    if not columns.any():
        return 0.07 * height
    tops = horizon_row - np.argmax(foliage[:, columns] > 0.5, axis=0)
    return float(np.clip(0.75 * np.percentile(tops, 60), 0.04 * height, 0.2 * height))


def _skyline(tall: float, width: int, seed: int) -> np.ndarray:
    """Return the band's height over each column: crowns of several sizes, each round on top."""
    draw = np.random.default_rng([seed, 0x7EE])
    x = np.arange(width, dtype=np.float32)
    line = np.full(width, 0.55 * tall, np.float32)
    for share, low, high in ((1.1, 0.7, 1.15), (0.55, 0.6, 1.0), (0.28, 0.75, 1.08)):
        reach = share * tall
        for centre in np.arange(-reach, width + reach, reach * 0.9):
            at, wide = centre + draw.uniform(-0.4, 0.4) * reach, reach * draw.uniform(0.6, 1.2)
            peak = tall * draw.uniform(low, high)
            bump = peak - 0.4 * wide * (1 - np.sqrt(np.clip(1 - ((x - at) / wide) ** 2, 0, 1)))
            line = np.where(np.abs(x - at) < wide, np.maximum(line, bump - 0.15 * tall), line)
    slow = np.interp(x, np.linspace(0, width, 7), draw.uniform(0.72, 1.12, 7))
    ragged = gaussian(draw.standard_normal((1, width)).astype(np.float32), sigma_px=1.2)[0] * 1.5
    return np.asarray(np.maximum(line * slow + ragged, 1), dtype=np.float32)


def _leaves(work: Image, foliage: Image, width: int, rows: int, scale: float, seed: int) -> tuple[Image, np.ndarray]:
    """Return (rows, width, 3) foliage and its mean, in square roots of light."""
    some = foliage > 0.5
    if some.mean() > 0.002:
        mean = np.median(work[some], axis=0)
        small = np.asarray(cv2.resize(work, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.float32)
        # Only what varies within a crown is grown on: a far wood is of one kind, and near trees are not.
        broad = gaussian(small, sigma_px=6)
        relative = np.asarray(np.clip((small - broad) / np.maximum(broad, 0.03), -0.6, 0.8), dtype=np.float32)
        area = np.asarray(cv2.resize(foliage, small.shape[1::-1], interpolation=cv2.INTER_AREA), dtype=np.float32)
        area = cv2.morphologyEx((area > 0.3).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        for patch in (22, 16, 12):
            if area.sum() < ENOUGH_LEAVES * patch * patch:
                continue
            try:
                grown = quilt(
                    relative,
                    usable=area.astype(np.float32),
                    width=width,
                    height=rows,
                    seed=seed,
                    patch_px=patch,
                    overlap_px=patch // 3,
                )
            except BriefError:
                continue
            return (mean * (1 + grown)).astype(np.float32), mean
    dark = np.percentile(work.reshape(-1, 3), 20, axis=0)
    green = np.array([0.22, 0.26, 0.20]) * max(float(np.percentile(work, 90)), 0.2)
    mean = np.asarray(0.5 * dark + 0.5 * green, dtype=np.float32)
    rough = _clumps(width, max(rows, 2), scale_px=3.0, seed=seed + 3)
    fine = _clumps(width, max(rows, 2), scale_px=1.2, seed=seed + 4)
    shade = 1 + 0.14 * rough + 0.12 * fine
    return (mean * shade[..., None])[:rows].astype(np.float32), mean


def _clumps(width: int, height: int, *, scale_px: float, seed: int, flat: float = 1.0) -> Image:
    """Return smooth noise of zero mean and unit variance, ``flat`` times as wide as it is high."""
    draw = np.random.default_rng([seed, 0xC1])
    noise = draw.standard_normal((height, width)).astype(np.float32)
    sigma_y = max(scale_px / flat, 0.3)
    noise = cv2.GaussianBlur(noise, (0, 0), sigmaX=scale_px, sigmaY=sigma_y, borderType=cv2.BORDER_REFLECT)
    return np.asarray((noise - noise.mean()) / (noise.std() + 1e-9), dtype=np.float32)
