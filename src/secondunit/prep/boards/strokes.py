"""From borders to pen strokes: straight where the eye sees straight, lifted at corners, never quite repeated."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stroke:
    """One movement of the hand."""

    points: Floats
    """(n, 2) x and y in pixels."""
    width: Floats
    """(n,) pixels across."""
    dark: Floats
    """(n,) pressure, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """How a hand draws."""

    wobble_px: float
    """How far it strays, over a length of about ``wave_px``."""
    wave_px: float = 70.0
    overshoot_px: float = 0.0
    """How far straight lines run past their corners."""
    taper_px: float = 18.0
    """Over what length pressure comes and goes at the ends."""
    tip: float = 0.35
    """Width and pressure at the very ends, as a share."""


@njit(cache=True, nogil=True)
def simplify(points: Any, tolerance: float) -> Any:
    """Return the numbers of the points that keep a line within a tolerance (Douglas and Peucker 1973)."""
    count = len(points)
    keep = np.zeros(count, np.bool_)
    keep[0] = keep[count - 1] = True
    todo = np.empty((count + 2, 2), np.int64)
    todo[0, 0], todo[0, 1] = 0, count - 1
    depth = 1
    while depth > 0:
        depth -= 1
        a, b = todo[depth, 0], todo[depth, 1]
        if b - a < 2:
            continue
        ux, uy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
        length = np.sqrt(ux * ux + uy * uy)
        worst, where = -1.0, a + 1
        for k in range(a + 1, b):
            dx, dy = points[k, 0] - points[a, 0], points[k, 1] - points[a, 1]
            off = np.sqrt(dx * dx + dy * dy) if length < 1e-6 else abs(dx * uy - dy * ux) / length
            if off > worst:
                worst, where = off, k
        if worst > tolerance:
            keep[where] = True
            todo[depth, 0], todo[depth, 1] = a, where
            todo[depth + 1, 0], todo[depth + 1, 1] = where, b
            depth += 2
    return np.flatnonzero(keep)


@njit(cache=True, nogil=True)
def soften(points: Any, sigma: float) -> Any:
    """Return a chain of unit steps with its staircase taken out; both ends stay where they are."""
    count = len(points)
    if count < 4:
        return points
    radius = min(int(3 * sigma), count - 1)
    weight = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weight /= weight.sum()
    out = np.empty((count, 2), np.float32)
    for i in range(count):
        x = y = 0.0
        for j in range(-radius, radius + 1):
            k = i + j
            # Odd reflection about the ends keeps them fixed, and their direction.
            if k < 0:
                px, py = 2 * points[0, 0] - points[-k, 0], 2 * points[0, 1] - points[-k, 1]
            elif k >= count:
                m = 2 * (count - 1) - k
                px, py = 2 * points[count - 1, 0] - points[m, 0], 2 * points[count - 1, 1] - points[m, 1]
            else:
                px, py = points[k, 0], points[k, 1]
            x += weight[j + radius] * px
            y += weight[j + radius] * py
        out[i, 0], out[i, 1] = x, y
    return out


@njit(cache=True, nogil=True)
def evened(values: Any, radius: int) -> Any:
    """Return values averaged over their neighbours to both sides; the ends are carried on."""
    count = len(values)
    out = np.empty(count, np.float32)
    for i in range(count):
        total = 0.0
        for j in range(i - radius, i + radius + 1):
            total += values[min(max(j, 0), count - 1)]
        out[i] = total / (2 * radius + 1)
    return out


def corners_of(points: Floats, *, tolerance: float = 1.4, turn_deg: float = 38.0, least_px: float = 7.0) -> list[int]:
    """Return the numbers of a line's ends and of its sharp corners."""
    keep = simplify(points, tolerance).tolist()
    out = [0]
    limit = np.cos(np.radians(turn_deg))
    for a, b, c in zip(keep, keep[1:], keep[2:], strict=False):
        u, v = points[b] - points[a], points[c] - points[b]
        m, n = np.hypot(u[0], u[1]), np.hypot(v[0], v[1])
        if min(m, n) >= least_px and (u @ v) / (m * n) < limit:
            out.append(b)
    out.append(len(points) - 1)
    return out


def is_straight(points: Floats, *, tolerance: float) -> bool:
    """Say whether a line is straight to the eye."""
    a, b = points[0], points[-1]
    along = b - a
    length = float(np.hypot(along[0], along[1]))
    if length < 1e-6:
        return False
    inner = points - a
    return bool(np.abs(inner[:, 0] * along[1] - inner[:, 1] * along[0]).max() / length <= tolerance)


_POOL: Final = np.random.default_rng(20_011).standard_normal(8192).astype(np.float32)


@njit(cache=True, nogil=True, error_model="numpy")
def _moved(
    points: Any, width: Any, dark: Any, step: float, over_a: float, over_b: float, wobble: float, wave: float,
    taper: float,
    tip: float, bow: float, pool: Any, start: int,
) -> Any:  # fmt: skip
    before = len(points)
    along = np.zeros(before)
    for i in range(1, before):
        dx, dy = points[i, 0] - points[i - 1, 0], points[i, 1] - points[i - 1, 1]
        along[i] = along[i - 1] + np.sqrt(dx * dx + dy * dy)
    total = along[before - 1]
    count = max(2, round(total / step) + 1)
    reach = total + over_a + over_b
    line = np.empty((count, 2), np.float32)
    wide, press = np.empty(count, np.float32), np.empty(count, np.float32)
    tapered = min(taper, reach * 0.35) + 1e-6
    edge = tip + (0.8 - tip) * max(0.0, 1 - reach / (5 * taper))  # a short line is not all taper
    stray = wobble * min(1.0, reach / 50.0)
    k = 0
    for i in range(count):
        s = -over_a + reach * i / (count - 1)
        while k < before - 2 and along[k + 1] < s:
            k += 1
        gap = max(along[k + 1] - along[k], 1e-6)
        t = (s - along[k]) / gap
        ux, uy = (points[k + 1, 0] - points[k, 0]) / gap, (points[k + 1, 1] - points[k, 1]) / gap
        x, y = points[k, 0] + ux * (s - along[k]), points[k, 1] + uy * (s - along[k])
        held = min(max(t, 0.0), 1.0)
        off = stray * _drift(pool, start, (s + over_a) / wave) + bow * reach * np.sin(np.pi * i / (count - 1))
        line[i, 0], line[i, 1] = x - uy * off, y + ux * off
        ends = min(s + over_a, reach - s - over_a) / tapered
        p = edge + (1 - edge) * min(max(ends, 0.0), 1.0) ** 0.8
        p *= 1 + 0.12 * _drift(pool, start + 401, (s + over_a) / 45.0)
        wide[i] = max((width[k] + (width[k + 1] - width[k]) * held) * p, 0.35)
        press[i] = min(max((dark[k] + (dark[k + 1] - dark[k]) * held) * (0.45 + 0.55 * p), 0.0), 1.0)
    return line, wide, press


@njit(cache=True, nogil=True)
def _drift(pool: Any, start: int, at: float) -> float:
    """Return smooth noise of about unit size."""
    i = int(at)
    t = at - i
    t = t * t * (3 - 2 * t)
    a, b = pool[(start + i) % len(pool)], pool[(start + i + 1) % len(pool)]
    return float(a * (1 - t) + b * t)


def stroke(
    points: Floats, *, width: float | Floats, dark: float | Floats, hand: Hand, rng: np.random.Generator,
    overshoot: bool = False, step: float = 4.0,
) -> Stroke:  # fmt: skip
    """Draw a line once: resampled, strayed, run past its ends where straight, pressed and lifted.

    ``width`` and ``dark`` are numbers, or arrays along ``points``.
    """

    def along(value: float | Floats) -> Floats:
        return value if isinstance(value, np.ndarray) else np.full(len(points), value, np.float32)

    over = [0.0, 0.0]
    if overshoot and hand.overshoot_px > 0:
        length = float(np.hypot(*(points[-1] - points[0])))
        over = (rng.uniform(0.25, 1.0, 2) * hand.overshoot_px * min(1.0, length / 60.0)).tolist()
    line, wide, press = _moved(
        points, along(width), along(dark), step, over[0], over[1], hand.wobble_px, hand.wave_px, hand.taper_px,
        hand.tip,
        float(rng.standard_normal()) * 0.0022, _POOL, int(rng.integers(0, len(_POOL))),
    )  # fmt: skip
    return Stroke(points=line, width=wide, dark=press)
