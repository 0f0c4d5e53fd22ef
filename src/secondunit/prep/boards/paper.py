"""Paper and what lies on it: tooth, graphite, ink and marker."""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from secondunit.prep.boards.style import Style

Floats = NDArray[np.float32]
_TOOTH = 7
_BLUE = (142, 182, 222)
"""The blue pencil of construction lines, that copies used not to see."""


@lru_cache(maxsize=6)
def tooth(height: int, width: int, grain_px: float) -> Floats:
    """Return (height, width) relief of the paper, 0 to 1, evenly spread; the same sheet every time."""
    rng = np.random.default_rng([_TOOTH, height, width])
    field = np.zeros((height, width), np.float32)
    for sigma, share in ((0.5, 0.8), (0.95, 1.0), (2.0, 0.35)):
        layer = cv2.GaussianBlur(rng.standard_normal((height, width), np.float32), (0, 0), sigma * grain_px)
        field += share * layer / layer.std()
    field = (field - field.mean()) / field.std()
    return np.asarray(np.clip(0.5 + field * 0.27, 0, 1), np.float32)


def grained(cover: Floats, relief: Floats, amount: float) -> Floats:
    """Return coverage as it takes on paper: light pressure reaches only the high grain."""
    if amount <= 0:
        return cover
    bitten = np.clip((cover * 1.55 - relief * 0.85) * 2.2, 0, 1) * np.minimum(cover * 1.12, 1)
    return np.asarray(cover * (1 - amount) + bitten * amount, np.float32)


def washes(tone: Floats, style: Style, *, scale: float, rng: np.random.Generator) -> Floats:
    """Return (height, width) what the washes leave of the paper, 1 untouched."""
    left = np.ones_like(tone)
    if not style.washes:
        return left
    height, width = tone.shape
    relief = tooth(height, width, scale)
    cut = _strayed(tone, 2.2 * scale, rng) if style.wash_soft_px == 0 else tone
    before = 1.0
    for number, wash in enumerate(style.washes):
        mask = (cut < wash.below).astype(np.float32)
        if style.wash_soft_px > 0:
            mask = cv2.GaussianBlur(mask, (0, 0), style.wash_soft_px * scale)
            mask = mask * np.clip(1.15 - 1.3 * (relief - 0.35), 0.1, 1.5)
        else:
            mask = cv2.GaussianBlur(mask, (0, 0), 0.8 * scale)
            pooled = np.clip(mask - cv2.GaussianBlur(mask, (0, 0), 5 * scale), 0, 1)
            mask = mask * (1 + style.streak * (_passes(height, width, number, scale) - 0.5) * 0.30) + pooled * 0.16
        left = left * (1 - np.clip(mask, 0, 1.15) * (1 - wash.grey / before))
        before = wash.grey
    return np.asarray(left, np.float32)


def _strayed(tone: Floats, amount: float, rng: np.random.Generator) -> Floats:
    """Return the tone with its shapes' edges cut by a hand, not by a light."""
    height, width = tone.shape
    small = (max(4, height // 80), max(4, width // 80))
    shift = [
        cv2.resize(rng.standard_normal(small).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    ]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(tone, x + shift[0] * amount, y + shift[1] * amount, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


@lru_cache(maxsize=12)
def _passes(height: int, width: int, number: int, scale: float) -> Floats:
    """Return the bands of a broad nib drawn across the sheet, 0 to 1, with the darker seams where passes overlap."""
    rng = np.random.default_rng([_TOOTH, 31, number])
    angle = np.radians((18.0, -12.0, 64.0)[number % 3])
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    along, across = x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)
    nib = 26.0 * scale
    wave = cv2.resize(rng.standard_normal((9, 16)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    place = (across + wave * 3.0 * scale) / nib
    band = np.floor(place)
    shade = rng.random(4096).astype(np.float32)[
        (band.astype(int) * 7 + (along // (340 * scale)).astype(int) * 3) % 4096
    ]
    seam = np.clip(1 - np.abs(place - band - 0.06) / 0.09, 0, 1)
    fibre = cv2.resize(rng.random((1, height + width)).astype(np.float32), (width, height))
    out = 0.25 + 0.35 * shade + 0.5 * seam + 0.06 * fibre
    return np.asarray(cv2.GaussianBlur(out.astype(np.float32), (0, 0), 0.9 * scale), np.float32)


def on_paper(ink: Floats, left: Floats, style: Style, relief: Floats, *, blue: Floats) -> NDArray[np.uint8]:
    """Return (height, width, 3) sRGB codes of ink over blue construction lines over washes over paper."""
    out = np.empty((*ink.shape, 3), np.uint8)
    three = [np.asarray(c, np.float32) for c in (style.paper, style.ink, _BLUE)]
    _mix(ink, left, relief, blue, *three, out)
    return out


@njit(parallel=True, cache=True, nogil=True)
def _mix(ink: Any, left: Any, relief: Any, blue: Any, paper: Any, dark: Any, pencil: Any, out: Any) -> None:
    cool = (np.float32(0.985), np.float32(0.995), np.float32(1.0))
    one = np.float32(1.0)
    for r in prange(out.shape[0]):
        for c in range(out.shape[1]):
            sheet = one - np.float32(0.022) * (one - relief[r, c])
            for k in range(3):
                under = paper[k] * sheet * left[r, c]
                if left[r, c] < np.float32(0.999):
                    under *= cool[k]
                under *= one - blue[r, c] * (one - pencil[k] / np.float32(255.0))
                value = under * (one - ink[r, c]) + min(dark[k], under) * ink[r, c]
                out[r, c, k] = np.uint8(min(max(value + np.float32(0.5), np.float32(0.0)), np.float32(255.0)))
