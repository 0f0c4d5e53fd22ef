"""Line segments of a picture and the points they run to. Pixels from the top left corner of the picture."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

WITHIN_DEG = 1.5
"""A segment belongs to a vanishing point when it points there to this."""
_UPRIGHT_DEG = 25.0
_TRIALS = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vanishing:
    """A vanishing point and the segments that run to it."""

    point: Array
    """(3,) homogeneous pixels; the third is 0 where the lines are parallel."""
    members: Mask
    """(n,) which of the segments."""
    length_px: float
    """Summed length of the members."""

    def direction(self, at: Array) -> Array:
        """Return (..., 2) unit directions from pixels towards the point."""
        away = self.point[:2] - self.point[2] * np.asarray(at, dtype=np.float64)
        return np.asarray(away / np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-12))


def line_segments(picture: NDArray[np.uint8], *, shortest_px: float = 0.0) -> Array:
    """Return (n, 4) segments x0 y0 x1 y1 of an 8-bit picture, by LSD (von Gioi and others, IPOL 2012).

    Parameters
    ----------
    shortest_px
        Shorter segments are left out; 0 takes 2 % of the picture's diagonal.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    if min(grey.shape) < 16:
        return np.zeros((0, 4))
    found = cv2.createLineSegmentDetector().detect(np.ascontiguousarray(grey))[0]
    if found is None or not len(found):
        return np.zeros((0, 4))
    lines = np.asarray(found, dtype=np.float64).reshape(-1, 4) + 0.5
    least = shortest_px or 0.02 * math.hypot(*grey.shape)
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    return np.asarray(lines[length >= least])


def find_vanishing(segments: Array, *, upright: bool, seed: int, among: Mask | None = None) -> Vanishing | None:
    """Find the strongest vanishing point by RANSAC, refined on its members.

    Parameters
    ----------
    segments
        (n, 4) from ``line_segments``.
    upright
        Look among segments within 25 degrees of upright, else among the others.
    seed
        Of the trials; the same seed finds the same point.
    among
        (n,) segments to look among besides; None is all.

    Returns
    -------
    The point, or None where fewer than three segments agree.
    """
    if not len(segments):
        return None
    run = segments[:, 2:] - segments[:, :2]
    lean = np.degrees(np.arctan2(np.abs(run[:, 0]), np.abs(run[:, 1])))
    allowed = lean < _UPRIGHT_DEG if upright else lean >= _UPRIGHT_DEG
    if among is not None:
        allowed &= among
    candidates = np.nonzero(allowed)[0]
    if len(candidates) < 3:
        return None
    length = np.hypot(run[:, 0], run[:, 1])
    lines = _lines(segments)
    random = np.random.default_rng([seed, 0x5A9])
    chance = length[candidates] / length[candidates].sum()
    best, best_score = None, 0.0
    for _ in range(_TRIALS):
        a, b = random.choice(candidates, size=2, replace=False, p=chance)
        point = np.cross(lines[a], lines[b])
        if np.linalg.norm(point) < 1e-9:
            continue
        members = allowed & (_misses(segments, point) < WITHIN_DEG)
        score = float(length[members].sum())
        if score > best_score:
            best, best_score = point, score
    if best is None:
        return None
    for _ in range(4):
        members = allowed & (_misses(segments, best) < WITHIN_DEG)
        if int(members.sum()) < 3:
            return None
        best = _refined(segments[members], length[members], best)
    members = allowed & (_misses(segments, best) < WITHIN_DEG)
    if int(members.sum()) < 3:
        return None
    return Vanishing(point=best, members=members, length_px=float(length[members].sum()))


def _lines(segments: Array) -> Array:
    ends = np.concatenate([segments, np.ones((len(segments), 2))], axis=1)
    lines = np.cross(ends[:, [0, 1, 4]], ends[:, [2, 3, 5]])
    return np.asarray(lines / np.hypot(lines[:, 0], lines[:, 1])[:, None])


def _misses(segments: Array, point: Array) -> Array:
    """Return the angle in degrees between each segment and the direction from its middle to a point."""
    middle = (segments[:, :2] + segments[:, 2:]) / 2
    run = segments[:, 2:] - segments[:, :2]
    away = point[:2] - point[2] * middle
    cross = np.abs(run[:, 0] * away[:, 1] - run[:, 1] * away[:, 0])
    return np.asarray(np.degrees(np.arctan2(cross, np.abs((run * away).sum(axis=1)))))


def _refined(segments: Array, length: Array, start: Array) -> Array:
    """Return the point nearest to all lines, each weighed by its length and its nearness to the point."""
    centre = segments.reshape(-1, 2).mean(axis=0)
    size = max(float(np.abs(segments.reshape(-1, 2) - centre).max()), 1.0)
    unit = (segments - np.tile(centre, 2)) / size
    point = np.array([start[0] - centre[0] * start[2], start[1] - centre[1] * start[2], start[2] * size])
    point /= np.linalg.norm(point)
    lines, middle = _lines(unit), (unit[:, :2] + unit[:, 2:]) / 2
    for _ in range(5):
        reach = np.hypot(*(point[:2] - point[2] * middle).T)
        weight = length / np.maximum(reach, 1e-6)
        point = np.linalg.svd(lines * weight[:, None])[2][-1]
    return np.array([point[0] * size + centre[0] * point[2], point[1] * size + centre[1] * point[2], point[2]])
