"""Round bodies from cross-sections: limbs, torsos, tyres, bonnets."""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import PchipInterpolator

from secondunit.prep.stage.geometry import Mesh, mesh_of

Ring = tuple[float, float, float] | tuple[float, float, float, float, float]
"""Height y, radius x, radius z, and where the middle lies in x and z."""


def loft(
    path: str,
    rings: Sequence[Ring],
    material: str,
    *,
    sides: int = 18,
    squareness: float = 2.0,
    smooth: bool = True,
    dome: float = 0.35,
    between: int = 1,
) -> Mesh:
    """Return a closed body through cross-sections along Y.

    Parameters
    ----------
    rings
        From one end to the other, up or down.
    squareness
        Exponent of the superellipse of each section: 2 an ellipse, 4 nearly a rounded box (Lamé).
    between
        Sections added between two, on a smooth curve that does not overshoot (Fritsch and Carlson 1980).
    dome
        How far each end bulges past its last ring, as a share of its smaller radius; 0 is flat.
    """
    full = [tuple(r) if len(r) == 5 else (*r, 0.0, 0.0) for r in rings]
    if full[0][0] > full[-1][0]:
        full = full[::-1]
    if smooth and between > 0 and len(full) > 2:
        table = np.asarray(full)
        at = np.linspace(0, len(full) - 1, (len(full) - 1) * (between + 1) + 1)
        curve = PchipInterpolator(np.arange(len(full)), table)(at)
        full = [tuple(float(v) for v in row) for row in curve]
    if dome > 0:
        full = [*_dome(full[0], -dome)[::-1], *full, *_dome(full[-1], dome)]
    turn = (np.arange(sides) + 0.5) * (2 * np.pi / sides)
    power = 2.0 / squareness
    across = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power
    along = -np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** power
    rows = [np.stack([x + rx * across, np.full(sides, y), z + rz * along], axis=1) for y, rx, rz, x, z in full]
    points = np.concatenate([*rows, [(full[0][3], full[0][0], full[0][4])], [(full[-1][3], full[-1][0], full[-1][4])]])
    i, j = np.arange(sides), (np.arange(sides) + 1) % sides
    faces = []
    for r in range(len(full) - 1):
        a, b = r * sides, (r + 1) * sides
        faces += [np.stack([a + i, a + j, b + j], axis=1), np.stack([a + i, b + j, b + i], axis=1)]
    foot, top, last = len(points) - 2, len(points) - 1, (len(full) - 1) * sides
    faces.append(np.stack([j, i, np.full(sides, foot)], axis=1))
    faces.append(np.stack([last + i, last + j, np.full(sides, top)], axis=1))
    return mesh_of(path, points, np.concatenate(faces), material, smooth=smooth)


def _dome(ring: tuple[float, ...], dome: float) -> list[tuple[float, ...]]:
    y, rx, rz, x, z = ring
    high = min(rx, rz) * dome
    steps = ((0.3, 0.95), (0.56, 0.82), (0.8, 0.6), (0.95, 0.3))
    return [(y + high * up, rx * wide, rz * wide, x, z) for up, wide in steps]
