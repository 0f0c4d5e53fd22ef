"""Filling holes so that texture and lines go on: patches of the known picture, coarse to fine.

Wexler, Shechtman and Irani, "Space-Time Completion of Video", PAMI 2007, with the search of Barnes et al.,
"PatchMatch", SIGGRAPH 2009. One thread and its own random numbers: the same input gives the same picture.
"""

import cv2
import numpy as np
from numba import njit

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import gaussian, spread

RADIUS = 3
"""Patches are 2 * 3 + 1 pixels a side."""
COARSEST, COARSEST_PX = 2, 20.0
"""The picture is halved at most so often, and only while a hole is thicker: smaller, and windows are lost."""
TRIES = 600
"""Patches tried by chance for a pixel of the first fill."""
SMALL_PX = 2.5
"""Holes no thicker than twice this are closed by their edges alone."""


def inpaint(
    picture: Image,
    *,
    hole: Image,
    source: Image | None = None,
    seed: int = 1,
    locality: float = 0.5,
    row_weight: float = 1.0,
    rounds: int = 5,
) -> Image:
    """Fill a hole with what is around it.

    Parameters
    ----------
    picture
        (height, width, 3), scene-linear; values below 0 are taken as 0 inside the hole.
    hole
        (height, width), filled where above 0.5; the rest comes back untouched.
    source
        (height, width), patches are taken only where above 0.5; None takes all that is known.
    seed
        Of the search.
    locality
        How much a patch from far away must fit better; 0 does not care. Keeps a perspective's scale.
    row_weight
        How much more a step up or down counts as far away than one sideways; for storeys, which repeat along rows.
    rounds
        Improvements on each scale.

    Raises
    ------
    BriefError
        The hole leaves nothing to take from, or sizes differ.
    """
    if hole.shape != picture.shape[:2] or (source is not None and source.shape != hole.shape):
        raise BriefError(
            f"a hole of {hole.shape} in a picture of {picture.shape[:2]}", fix="give a matte of the picture's size"
        )
    missing = hole > 0.5
    if not missing.any():
        return picture.copy()
    if missing.all():
        raise BriefError("the hole covers the whole picture", fix="give a matte that leaves some of it")
    known = (~missing).astype(np.float32)
    thickness = float(cv2.distanceTransform(missing.astype(np.uint8), cv2.DIST_L2, 3).max())
    # A square root evens out noise and contrast over the range, much as an eye does.
    work = np.sqrt(np.maximum(picture, 0)).astype(np.float32)
    smooth = spread(work, known, sigma_px=1.0)
    if thickness > SMALL_PX:
        usable = known if source is None else known * (source > 0.5)
        smooth = _complete(work, missing, usable > 0.5, smooth, thickness, seed, locality, row_weight, rounds)
    filled = picture.copy()
    filled[missing] = smooth[missing] ** 2
    return filled


def _complete(
    work: Image,
    missing: np.ndarray,
    usable: np.ndarray,
    start: Image,
    thickness: float,
    seed: int,
    locality: float,
    row_weight: float,
    rounds: int,
) -> Image:
    height, width = missing.shape
    levels = 0
    while (
        levels < COARSEST and thickness / 2**levels > COARSEST_PX and min(height, width) >> (levels + 1) >= 6 * RADIUS
    ):
        levels += 1
    offsets = None
    row_scale = np.float32(row_weight)
    guess = start
    for level in range(levels, -1, -1):
        size = (max(width >> level, 1), max(height >> level, 1))
        image = _shrink(work * (~missing)[..., None], size)
        share = _shrink((~missing).astype(np.float32), size)
        image = np.asarray(image / np.maximum(share, 1e-3)[..., None], dtype=np.float32)
        holes = share < 0.999 if level else missing
        allowed = _shrink(usable.astype(np.float32), size) > 0.999
        middle = cv2.erode(
            (allowed & ~holes).astype(np.uint8),
            np.ones((2 * RADIUS + 1,) * 2, np.uint8),
            borderType=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
        places = np.argwhere(middle > 0).astype(np.int32)
        if len(places) < 4:
            continue
        method = cv2.INTER_LINEAR if level < levels else cv2.INTER_AREA
        guess = np.asarray(cv2.resize(guess, size, interpolation=method), dtype=np.float32)
        image = np.asarray(np.where(holes[..., None], guess, image), dtype=np.float32)
        penalty = np.float32(locality * 0.02 / max(size))
        if offsets is None:
            _peel(image, holes.copy(), middle, np.int64(max(24, max(size) // 3)), np.uint64(seed), penalty, row_scale)
        field = np.full((size[1], size[0], 2), -1, np.int32)
        if offsets is not None:
            scale = offsets.shape[0] / size[1], offsets.shape[1] / size[0]
            y, x = np.mgrid[: size[1], : size[0]]
            row = np.minimum((y * scale[0]).astype(int), offsets.shape[0] - 1)
            column = np.minimum((x * scale[1]).astype(int), offsets.shape[1] - 1)
            old = offsets[row, column]
            moved = np.stack([old[..., 0] * 2 + y % 2, old[..., 1] * 2 + x % 2], axis=-1)
            field = np.where(old[..., :1] >= 0, moved, -1).astype(np.int32)
        guess, offsets = _refine(
            image, holes, middle, places, field, np.uint64(seed + 977 * level), penalty, row_scale, rounds
        )
    return guess


def _shrink(picture: Image, size: tuple[int, int]) -> Image:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


@njit(cache=True, nogil=True)
def _draw(state):  # type: ignore[no-untyped-def]
    """Step xorshift64* (Vigna 2016); return the new state and a number of 31 bits."""
    state ^= state >> np.uint64(12)
    state ^= state << np.uint64(25)
    state ^= state >> np.uint64(27)
    return state, np.int64((state * np.uint64(2685821657736338717)) >> np.uint64(33))


@njit(cache=True, nogil=True)
def _cost(image, y, x, v, u, penalty, row_weight, best):  # type: ignore[no-untyped-def]
    """Mean squared difference of two patches plus the price of distance; gives up beyond ``best``."""
    height, width = image.shape[0], image.shape[1]
    total, count = np.float32(0), 0
    dy, dx = np.float32(y - v) * row_weight, np.float32(x - u)
    price = penalty * np.float32(np.sqrt(dy * dy + dx * dx))
    for j in range(-RADIUS, RADIUS + 1):
        if y + j < 0 or y + j >= height:
            continue
        for i in range(-RADIUS, RADIUS + 1):
            if x + i < 0 or x + i >= width:
                continue
            for c in range(3):
                d = image[y + j, x + i, c] - image[v + j, u + i, c]
                total += d * d
            count += 1
        if total / np.float32((2 * RADIUS + 1) ** 2) + price > best:
            return np.float32(1e9)
    return total / np.float32(max(count, 1)) + price


@njit(cache=True, nogil=True)
def _peel(image, holes, middle, reach, seed, penalty, row_weight):  # type: ignore[no-untyped-def]
    """Fill the holes from their edges inwards, each pixel from the patch that fits what is there already, in place.

    Criminisi, Perez and Toyama, "Region Filling and Object Removal by Exemplar-Based Inpainting", TIP 2004, one pixel
    at a time: a flat start would only find flat patches.
    """
    height, width = holes.shape
    state = np.uint64(seed * np.uint64(0x9E3779B1) + np.uint64(88172645463325252))
    taken = np.full((height, width, 2), -1, np.int64)
    left = 0
    for y in range(height):
        for x in range(width):
            left += holes[y, x]
    while left > 0:
        # Of all pixels at an edge, those with the most known neighbours and the strongest lines go first.
        ranks = np.full((height, width), np.float32(-1), np.float32)
        top = np.float32(-1)
        for y in range(height):
            for x in range(width):
                if not holes[y, x]:
                    continue
                count, low, high = 0, np.float32(1e9), np.float32(-1e9)
                for j in range(max(0, y - 2), min(height, y + 3)):
                    for i in range(max(0, x - 2), min(width, x + 3)):
                        if not holes[j, i]:
                            count += 1
                            low, high = min(low, image[j, i, 1]), max(high, image[j, i, 1])
                if count > 0:
                    ranks[y, x] = np.float32(count) * (np.float32(0.05) + high - low)
                    top = max(top, ranks[y, x])
        if top < 0:
            return
        for y in range(height):
            for x in range(width):
                if ranks[y, x] < np.float32(0.7) * top:
                    continue
                best, bv, bu = np.float32(1e9), -1, -1
                # What goes on from a neighbour's own source, then chance, half of it along the row.
                for j in range(-1, 2):
                    for i in range(-1, 2):
                        if 0 <= y + j < height and 0 <= x + i < width and taken[y + j, x + i, 0] >= 0:
                            v, u = taken[y + j, x + i, 0] - j, taken[y + j, x + i, 1] - i
                            if 0 <= v < height and 0 <= u < width and middle[v, u] > 0:
                                c = _partial(image, holes, y, x, v, u, penalty, row_weight, best)
                                if c < best:
                                    best, bv, bu = c, v, u
                tries, hits = 0, 0
                while hits < TRIES and (tries < 8 * TRIES or bv < 0):
                    tries += 1
                    wide = np.int64(reach if tries < 6 * TRIES else 2 * max(height, width))
                    tall = np.int64(max(np.float32(4), np.float32(wide) / row_weight)) if tries % 2 == 0 else wide
                    state, r = _draw(state)
                    v = y + r % (2 * tall + 1) - tall
                    state, r = _draw(state)
                    u = x + r % (2 * wide + 1) - wide
                    if v < 0 or v >= height or u < 0 or u >= width or middle[v, u] == 0:
                        continue
                    hits += 1
                    c = _partial(image, holes, y, x, v, u, penalty, row_weight, best)
                    if c < best:
                        best, bv, bu = c, v, u
                if bv >= 0:
                    taken[y, x, 0], taken[y, x, 1] = bv, bu
                    for c in range(3):
                        image[y, x, c] = image[bv, bu, c]
                holes[y, x] = False
                left -= 1


@njit(cache=True, nogil=True)
def _partial(image, holes, y, x, v, u, penalty, row_weight, best):  # type: ignore[no-untyped-def]
    """Mean squared difference over what is known of the patch at (y, x), plus the price of distance."""
    height, width = holes.shape
    dy, dx = np.float32(y - v) * row_weight, np.float32(x - u)
    price = penalty * np.float32(np.sqrt(dy * dy + dx * dx))
    if price >= best:
        return np.float32(1e9)
    total, count = np.float32(0), 0
    for j in range(-RADIUS, RADIUS + 1):
        if y + j < 0 or y + j >= height:
            continue
        for i in range(-RADIUS, RADIUS + 1):
            if x + i < 0 or x + i >= width or holes[y + j, x + i]:
                continue
            for c in range(3):
                d = image[y + j, x + i, c] - image[v + j, u + i, c]
                total += d * d
            count += 1
        if total / np.float32((2 * RADIUS + 1) ** 2) + price > best:
            return np.float32(1e9)
    return total / np.float32(max(count, 1)) + price


@njit(cache=True, nogil=True)
def _refine(image, holes, middle, places, field, seed, penalty, row_weight, rounds):  # type: ignore[no-untyped-def]
    """Improve the field of best patches and the picture it votes for, in turn."""
    height, width = holes.shape
    state = np.uint64(seed * np.uint64(2654435761) + np.uint64(88172645463325252))
    near = np.zeros((height, width), np.bool_)
    for y in range(height):
        for x in range(width):
            if holes[y, x]:
                for j in range(max(0, y - RADIUS), min(height, y + RADIUS + 1)):
                    for i in range(max(0, x - RADIUS), min(width, x + RADIUS + 1)):
                        near[j, i] = True
    cost = np.full((height, width), np.float32(1e9), np.float32)
    for turn in range(rounds):
        for y in range(height):
            for x in range(width):
                if not near[y, x]:
                    continue
                v, u = field[y, x, 0], field[y, x, 1]
                if v < 0 or v >= height or u < 0 or u >= width or middle[v, u] == 0:
                    state, r = _draw(state)
                    k = r % len(places)
                    v, u = places[k, 0], places[k, 1]
                    field[y, x, 0], field[y, x, 1] = v, u
                cost[y, x] = _cost(image, y, x, v, u, penalty, row_weight, np.float32(1e9))
        for sweep in range(2):
            step = 1 if (turn + sweep) % 2 == 0 else -1
            for a in range(height):
                y = a if step == 1 else height - 1 - a
                for b in range(width):
                    x = b if step == 1 else width - 1 - b
                    if not near[y, x]:
                        continue
                    for side in range(2):
                        py, px = (y - step, x) if side == 0 else (y, x - step)
                        if 0 <= py < height and 0 <= px < width and near[py, px]:
                            v, u = field[py, px, 0] + (y - py), field[py, px, 1] + (x - px)
                            if 0 <= v < height and 0 <= u < width and middle[v, u] > 0:
                                c = _cost(image, y, x, v, u, penalty, row_weight, cost[y, x])
                                if c < cost[y, x]:
                                    cost[y, x] = c
                                    field[y, x, 0], field[y, x, 1] = v, u
                    reach = max(height, width)
                    while reach >= 1:
                        state, r = _draw(state)
                        v = field[y, x, 0] + r % (2 * reach + 1) - reach
                        state, r = _draw(state)
                        u = field[y, x, 1] + r % (2 * reach + 1) - reach
                        if 0 <= v < height and 0 <= u < width and middle[v, u] > 0:
                            c = _cost(image, y, x, v, u, penalty, row_weight, cost[y, x])
                            if c < cost[y, x]:
                                cost[y, x] = c
                                field[y, x, 0], field[y, x, 1] = v, u
                        reach //= 2
        last = turn == rounds - 1
        voted = image.copy()
        for y in range(height):
            for x in range(width):
                if not holes[y, x]:
                    continue
                sums = np.zeros(3, np.float32)
                total = np.float32(0)
                best = np.float32(1e9)
                for j in range(max(0, y - RADIUS), min(height, y + RADIUS + 1)):
                    for i in range(max(0, x - RADIUS), min(width, x + RADIUS + 1)):
                        best = min(best, cost[j, i])
                # The last vote trusts the best patches most: sharp, where a mean of all would be soft.
                width2 = np.float32(2e-4) + best * np.float32(0.3 if last else 1.0)
                for j in range(max(0, y - RADIUS), min(height, y + RADIUS + 1)):
                    for i in range(max(0, x - RADIUS), min(width, x + RADIUS + 1)):
                        v, u = field[j, i, 0] + (y - j), field[j, i, 1] + (x - i)
                        w = np.float32(np.exp(-(cost[j, i] - best) / width2))
                        if last:
                            w /= np.float32(1 + (y - j) ** 2 + (x - i) ** 2)
                        for c in range(3):
                            sums[c] += w * image[v, u, c]
                        total += w
                for c in range(3):
                    voted[y, x, c] = sums[c] / total
        image[:] = voted
    return image, field


def feathered(first: Image, second: Image, *, where: Image, feather_px: float) -> Image:
    """Return ``first`` with ``second`` where the matte is above 0.5, over a soft edge outside of it."""
    inside = (where > 0.5).astype(np.float32)
    grown = cv2.dilate(inside, np.ones((3, 3), np.uint8), iterations=max(1, round(2 * feather_px)))
    share = np.maximum(gaussian(np.asarray(grown, dtype=np.float32), sigma_px=feather_px), inside)
    mixed: Image = first + (second - first) * np.clip(share, 0, 1)[..., None]
    return mixed.astype(np.float32)
