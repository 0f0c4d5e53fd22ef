"""Hatching: rows of short strokes where the tone is dark, along the direction of the surface they lie on."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from secondunit.prep.boards.strokes import Stroke
from secondunit.prep.boards.style import HatchLevel

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
FAMILIES = 12
"""Directions a hand chooses from, 15 degrees apart."""


@njit(cache=True, nogil=True)
def _runs(
    tone: Any, family: Any, label: Any, wanted: int, angle: Any, below: Any, spacing: Any, longest: Any, jitter: Any,
    out: Any,
) -> int:  # fmt: skip
    """Walk parallel lines over the picture and note each run in the dark: x0, y0, x1, y1, label."""
    height, width = tone.shape
    ux, uy = np.cos(angle), -np.sin(angle)
    vx, vy = -uy, ux
    corners = np.array([0.0, width * vx, height * vy, width * vx + height * vy])
    ends = np.array([0.0, width * ux, height * uy, width * ux + height * uy])
    number, row = 0, 0
    step = 2.0
    offset = corners.min()
    while offset < corners.max():
        shift = offset + (jitter[row % len(jitter)] - 0.5) * spacing * 0.55
        drift = (jitter[(row * 7 + 3) % len(jitter)] - 0.5) * 0.05
        limit = longest * (0.55 + 0.9 * jitter[(row * 3 + 1) % len(jitter)])
        inside, mine = False, -1
        x0 = y0 = x1 = y1 = 0.0
        rest = 0.0
        t = ends.min() + jitter[(row * 5 + 2) % len(jitter)] * step
        while t < ends.max():
            s = shift + drift * t
            x, y = t * ux + s * vx, t * uy + s * vy
            c, r = int(np.floor(x)), int(np.floor(y))
            ok = 0 <= c < width and 0 <= r < height and family[r, c] == wanted and tone[r, c] < below
            if ok and inside and label[r, c] != mine:
                ok = False
            if rest > 0:
                rest -= step
                ok = False
            if ok:
                if not inside:
                    inside, mine, x0, y0 = True, label[r, c], x, y
                x1, y1 = x, y
                if (x1 - x0) ** 2 + (y1 - y0) ** 2 > limit * limit:
                    ok = False
                    rest = 3.0 + 6.0 * jitter[(row * 11 + number) % len(jitter)]
            if not ok and inside:
                inside = False
                if (x1 - x0) ** 2 + (y1 - y0) ** 2 > 30.0 and number < len(out):
                    out[number, 0], out[number, 1], out[number, 2], out[number, 3] = x0, y0, x1, y1
                    out[number, 4] = mine
                    number += 1
            t += step
        if inside and number < len(out):
            out[number, 0], out[number, 1], out[number, 2], out[number, 3] = x0, y0, x1, y1
            out[number, 4] = mine
            number += 1
        offset += spacing
        row += 1
    return number


def hatch(
    tone: Floats, angle_deg: Floats, label: Ints, curved: NDArray[np.bool_], level: HatchLevel, *,
    scale: float, rng: np.random.Generator,
) -> list[Stroke]:  # fmt: skip
    """Return one layer of hatching.

    Parameters
    ----------
    tone
        (height, width) 0 black to 1 white.
    angle_deg
        (height, width) direction of the strokes, anticlockwise from the right.
    label
        (height, width) regions; a stroke ends with its region.
    curved
        (height, width) where strokes bend round a form.
    """
    turned = (angle_deg + level.turn_deg) % 180.0
    family = (np.round(turned * (FAMILIES / 180.0)).astype(np.int32)) % FAMILIES
    area = np.bincount(label.ravel())
    tone = np.where(area[label] < (420 if level.turn_deg == 0 else 1100) * scale * scale, np.float32(9), tone)  # flecks
    dark = tone < level.below
    out: list[Stroke] = []
    rows = np.empty((60000, 5), np.float64)
    for k in range(FAMILIES):
        if np.count_nonzero(dark & (family == k)) < 40:
            continue
        number = _runs(
            tone, family, label, k, np.radians(k * 180.0 / FAMILIES), level.below, level.spacing_px * scale,
            120.0 * scale,
            rng.random(997), rows,
        )  # fmt: skip
        out += _strokes(rows[:number], curved, level, scale=scale, rng=rng)
    return out


def _strokes(
    rows: NDArray[np.float64], curved: NDArray[np.bool_], level: HatchLevel, *, scale: float, rng: np.random.Generator
) -> list[Stroke]:
    """Draw all runs of a family at once: five points each, bowed, pressed more at one end."""
    number = len(rows)
    if not number:
        return []
    a, b = rows[:, :2], rows[:, 2:4]
    along = b - a
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
    unit = along / length
    across = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    a = a - unit * rng.uniform(-1.5, 2.5, (number, 1)) * scale
    b = b + unit * rng.uniform(-2.5, 3.0, (number, 1)) * scale
    middle = ((a + b) / 2).astype(int)
    bends = curved[np.clip(middle[:, 1], 0, curved.shape[0] - 1), np.clip(middle[:, 0], 0, curved.shape[1] - 1)]
    bow = np.where(bends, 0.13, 0.012)[:, None] * length + rng.normal(0, 0.6 * scale, (number, 1))
    t = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    points = (
        a[:, None] + (b - a)[:, None] * t[None, :, None] + (across * bow)[:, None] * (4 * t * (1 - t))[None, :, None]
    )
    press = rng.uniform(0.8, 1.15, (number, 1)) * np.array([0.75, 1.1, 1.0, 0.8, 0.4])
    if_flip = rng.random(number) < 0.3
    press[if_flip] = press[if_flip][:, ::-1]
    width = np.asarray(level.width * scale * press, np.float32)
    dark = np.asarray(np.clip(level.dark * press, 0, 1), np.float32)
    points = np.asarray(points, np.float32)
    return [Stroke(points=points[i], width=width[i], dark=dark[i]) for i in range(number)]
