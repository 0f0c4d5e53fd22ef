"""Paths along the ground, measured by their length: where somebody is after so many metres, and which way they face."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondunit.core.errors import BriefError

Floats = NDArray[np.float64]
_SAMPLES = 32
"""Points taken of each span between two corners."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundPath:
    """A smooth line through points on the ground, x and z in metres."""

    points: tuple[tuple[float, float], ...]
    line: Floats = field(init=False, repr=False)
    """(n, 2) points close together."""
    run: Floats = field(init=False, repr=False)
    """(n,) metres from the start to each."""

    def __post_init__(self) -> None:
        if not self.points:
            raise BriefError("a path has no point", fix="give x and z of at least one")
        line = _rounded(np.array(self.points, np.float64))
        steps = np.linalg.norm(np.diff(line, axis=0), axis=1) if len(line) > 1 else np.zeros(0)
        object.__setattr__(self, "line", line)
        object.__setattr__(self, "run", np.concatenate([[0.0], np.cumsum(steps)]))

    @property
    def length_m(self) -> float:
        """Metres from end to end."""
        return float(self.run[-1])

    def at(self, metres: float) -> Floats:
        """Return x and z after so many metres; straight on beyond both ends."""
        inside = min(max(metres, 0.0), self.length_m)
        place = np.array([np.interp(inside, self.run, self.line[:, axis]) for axis in range(2)])
        return np.asarray(place + (metres - inside) * self.heading(inside))

    def heading(self, metres: float) -> Floats:
        """Return the unit direction (x, z) of travel after so many metres; towards -Z where the path is one point."""
        if len(self.line) < 2 or self.length_m < 1e-9:
            return np.array([0.0, -1.0])
        # Between the middles of the short pieces, so that the direction turns evenly.
        middles = 0.5 * (self.run[1:] + self.run[:-1])
        pieces = np.diff(self.line, axis=0)
        angle = np.unwrap(np.arctan2(pieces[:, 1], pieces[:, 0]))
        turned = float(np.interp(metres, middles, angle))
        return np.array([math.cos(turned), math.sin(turned)])

    def tightest_m(self) -> float:
        """Return the smallest radius of a bend; inf for a straight line."""
        if len(self.line) < 3:
            return math.inf
        pieces = np.diff(self.line, axis=0)
        turn = np.abs(np.diff(np.unwrap(np.arctan2(pieces[:, 1], pieces[:, 0]))))
        run = 0.5 * (np.linalg.norm(pieces[1:], axis=1) + np.linalg.norm(pieces[:-1], axis=1))
        bends = turn > 1e-6
        return float((run[bends] / turn[bends]).min()) if bends.any() else math.inf


def _rounded(corners: Floats) -> Floats:
    """Return close points on the centripetal Catmull-Rom spline through corners (Yuksel, Schaefer, Keyser 2011).

    The centripetal one has neither cusps nor loops between corners.
    """
    keep = np.concatenate([[True], np.linalg.norm(np.diff(corners, axis=0), axis=1) > 1e-9])
    corners = corners[keep]
    if len(corners) < 3:
        return corners if len(corners) < 2 else np.linspace(corners[0], corners[1], _SAMPLES + 1)
    ends = np.concatenate([[_turned_on(*corners[:3])], corners, [_turned_on(*corners[:-4:-1])]])
    spans = [_span(*ends[n : n + 4]) for n in range(len(corners) - 1)]
    return np.concatenate([*spans, corners[-1:]])


def _turned_on(first: Floats, second: Floats, third: Floats) -> Floats:
    """Return the point before the first that goes on turning as the first three do: the third, mirrored."""
    along = (second - first) / np.linalg.norm(second - first)
    from_middle = third - 0.5 * (first + second)
    return np.asarray(third - 2 * float(from_middle @ along) * along)


def _span(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    knots = np.cumsum([0.0, *(math.sqrt(float(np.linalg.norm(q - p))) for p, q in ((a, b), (b, c), (c, d)))])
    t = np.linspace(knots[1], knots[2], _SAMPLES, endpoint=False)[:, None]

    def between(p: Floats, q: Floats, low: float, high: float) -> Floats:
        return np.asarray((high - t) / (high - low) * p + (t - low) / (high - low) * q)

    ab, bc, cd = (between(p, q, knots[n], knots[n + 1]) for n, (p, q) in enumerate(((a, b), (b, c), (c, d))))
    abc, bcd = between(ab, bc, knots[0], knots[2]), between(bc, cd, knots[1], knots[3])
    return between(abc, bcd, knots[1], knots[2])


def travelled(seconds: ArrayLike, *, length_m: float, speed_m_per_s: float, ramp_s: float = 0.6) -> Floats:
    """Return metres gone after so many seconds: up to speed evenly, on, and evenly to rest at the end.

    Before 0 it is 0; after arrival it is the length. A way too short for both ramps never reaches the speed.
    """
    t = np.asarray(seconds, np.float64)
    if length_m <= 0 or speed_m_per_s <= 0:
        return np.zeros_like(t)
    rate = speed_m_per_s / max(ramp_s, 1e-6)
    top = min(speed_m_per_s, math.sqrt(rate * length_m))
    ramp = top / rate
    cruise = (length_m - top * ramp) / top
    end = 2 * ramp + cruise
    t = np.clip(t, 0.0, end)
    up, on = 0.5 * rate * np.minimum(t, ramp) ** 2, top * np.clip(t - ramp, 0.0, cruise)
    left = np.maximum(t - ramp - cruise, 0.0)
    gone = up + on + top * left - 0.5 * rate * left**2
    return np.asarray(np.where(t >= end, length_m, np.clip(gone, 0.0, length_m)))


def arrival_s(*, length_m: float, speed_m_per_s: float, ramp_s: float = 0.6) -> float:
    """Return the seconds that `travelled` takes to the end."""
    if length_m <= 0 or speed_m_per_s <= 0:
        return 0.0
    rate = speed_m_per_s / max(ramp_s, 1e-6)
    top = min(speed_m_per_s, math.sqrt(rate * length_m))
    return 2 * top / rate + (length_m - top * top / rate) / top
