"""Strokes and filled shapes into coverage, anti-aliased."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from secondunit.prep.boards.strokes import Stroke

Floats = NDArray[np.float32]


@njit(cache=True, nogil=True, error_model="numpy")
def _segments(points: Any, width: Any, dark: Any, start: Any, out: Any) -> None:
    height, wide = out.shape
    for s in range(len(start) - 1):
        for i in range(start[s], start[s + 1] - 1):
            ax, ay, bx, by = points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1]
            ra, rb = width[i] * np.float32(0.5), width[i + 1] * np.float32(0.5)
            da, db = dark[i], dark[i + 1]
            reach = max(ra, rb) + np.float32(1.0)
            x0, x1 = max(int(min(ax, bx) - reach), 0), min(int(max(ax, bx) + reach) + 1, wide)
            y0, y1 = max(int(min(ay, by) - reach), 0), min(int(max(ay, by) + reach) + 1, height)
            ux, uy = bx - ax, by - ay
            over = np.float32(1.0) / max(ux * ux + uy * uy, np.float32(1e-6))
            for r in range(y0, y1):
                py = np.float32(r) + np.float32(0.5) - ay
                for c in range(x0, x1):
                    px = np.float32(c) + np.float32(0.5) - ax
                    t = min(max((px * ux + py * uy) * over, np.float32(0.0)), np.float32(1.0))
                    ex, ey = px - t * ux, py - t * uy
                    radius = ra + t * (rb - ra)
                    gap = radius + np.float32(0.5) - np.sqrt(ex * ex + ey * ey)
                    if gap <= 0:
                        continue
                    # A line thinner than a pixel is paler, not broken.
                    cover = min(gap, np.float32(1.0)) * min(radius * np.float32(2.0), np.float32(1.0))
                    value = cover * (da + t * (db - da))
                    if value > out[r, c]:
                        out[r, c] = value


def plot(strokes: Iterable[Stroke], out: Floats) -> Floats:
    """Lay strokes into (height, width) coverage, 0 to 1; where they cross the darker stands. Returns ``out``."""
    kept = [s for s in strokes if len(s.points) > 1]
    if kept:
        start = np.concatenate([[0], np.cumsum([len(s.points) for s in kept])]).astype(np.int64)
        points = np.concatenate([s.points for s in kept])
        _segments(points, np.concatenate([s.width for s in kept]), np.concatenate([s.dark for s in kept]), start, out)
    return out
