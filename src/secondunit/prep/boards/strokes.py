"""From borders to pen strokes: straight where the eye sees straight, lifted at corners, never quite repeated."""

from dataclasses import dataclass

import numpy as np
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


def simplify(points: Floats, tolerance: float) -> list[int]:
    """Return the numbers of the points that keep a line within a tolerance (Douglas and Peucker 1973)."""
    keep = {0, len(points) - 1}
    todo = [(0, len(points) - 1)]
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        p, q = points[a], points[b]
        along = q - p
        length = float(np.hypot(along[0], along[1]))
        inner = points[a + 1 : b] - p
        if length < 1e-6:
            off = np.hypot(inner[:, 0], inner[:, 1])
        else:
            off = np.abs(inner[:, 0] * along[1] - inner[:, 1] * along[0]) / length
        k = int(np.argmax(off))
        if off[k] > tolerance:
            keep.add(a + 1 + k)
            todo += [(a, a + 1 + k), (a + 1 + k, b)]
    return sorted(keep)


def soften(points: Floats, sigma: float) -> Floats:
    """Return a chain of unit steps with its staircase taken out; both ends stay where they are."""
    count = len(points)
    if count < 4:
        return points
    radius = min(int(3 * sigma), count - 1)
    weight = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weight /= weight.sum()
    # Odd reflection about the ends keeps them fixed and their direction.
    head = 2 * points[0] - points[radius:0:-1]
    tail = 2 * points[-1] - points[-2 : -radius - 2 : -1]
    padded = np.concatenate([head, points, tail])
    return np.stack([np.convolve(padded[:, k], weight, mode="valid") for k in (0, 1)], axis=1).astype(np.float32)


def corners_of(points: Floats, *, tolerance: float = 1.4, turn_deg: float = 38.0, least_px: float = 7.0) -> list[int]:
    """Return the numbers of a line's ends and of its sharp corners."""
    keep = simplify(points, tolerance)
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


def noise(count: int, *, step_px: float, wave_px: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return smooth noise of about unit size along a line."""
    knots = max(3, int(count * step_px / wave_px) + 3)
    values = rng.standard_normal(knots)
    at = np.linspace(0, knots - 1.001, count)
    i = at.astype(int)
    t = at - i
    t = t * t * (3 - 2 * t)
    return np.asarray(values[i] * (1 - t) + values[np.minimum(i + 1, knots - 1)] * t)


def resample(points: Floats, step: float) -> Floats:
    """Return points at about even steps along a line, ends included."""
    gaps = np.hypot(np.diff(points[:, 0]), np.diff(points[:, 1]))
    along = np.concatenate([[0.0], np.cumsum(gaps)])
    count = max(2, round(along[-1] / step) + 1)
    at = np.linspace(0, along[-1], count)
    return np.stack([np.interp(at, along, points[:, k]) for k in (0, 1)], axis=1).astype(np.float32)


def stroke(
    points: Floats, *, width: float | Floats, dark: float | Floats, hand: Hand, rng: np.random.Generator,
    overshoot: bool = False, step: float = 4.0,
) -> Stroke:  # fmt: skip
    """Draw a line once: resampled, strayed, run past its ends where straight, pressed and lifted.

    ``width`` and ``dark`` are numbers, or arrays along ``points``.
    """
    before = len(points)
    line = resample(points, step)
    if overshoot and hand.overshoot_px > 0 and len(line) > 2:
        ends = rng.uniform(0.25, 1.0, 2) * hand.overshoot_px
        first, last = line[0] - line[1], line[-1] - line[-2]
        reach = min(1.0, len(line) * step / 60.0)
        first = line[0] + first / max(np.hypot(first[0], first[1]), 1e-6) * ends[0] * reach
        last = line[-1] + last / max(np.hypot(last[0], last[1]), 1e-6) * ends[1] * reach
        line = np.concatenate([[first], line, [last]]).astype(np.float32)
    count = len(line)
    along = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
    total = count * step
    stray = hand.wobble_px * min(1.0, total / 50.0)
    drift = noise(count, step_px=step, wave_px=hand.wave_px, rng=rng) * stray
    bow = np.sin(np.linspace(0, np.pi, count)) * rng.normal(0, 0.0022) * total
    line = line + across * (drift + bow)[:, None]
    at = np.arange(count) * step
    taper = min(hand.taper_px, total * 0.35) + 1e-6
    ends = np.minimum(at, at[::-1]) / taper
    tip = hand.tip + (0.8 - hand.tip) * max(0.0, 1 - total / (5 * hand.taper_px))  # a short line is not all taper
    press = tip + (1 - tip) * np.clip(ends, 0, 1) ** 0.8
    press = press * (1 + 0.12 * noise(count, step_px=step, wave_px=45.0, rng=rng))

    def spread(value: float | Floats) -> NDArray[np.float64]:
        if isinstance(value, np.ndarray):
            return np.interp(np.linspace(0, 1, count), np.linspace(0, 1, before), value)
        return np.full(count, value)

    return Stroke(
        points=np.asarray(line, np.float32),
        width=np.asarray(np.maximum(spread(width) * press, 0.35), np.float32),
        dark=np.asarray(np.clip(spread(dark) * (0.45 + 0.55 * press), 0, 1), np.float32),
    )
