"""Seeded, periodic noise by which dust is made in clumps and stirred; and the cells no air enters."""

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Dust
from secondunit.core.layout import Layout
from secondunit.fx.dust.fluid import Grid

Floats = NDArray[np.float32]

TILE = 64
"""Cells along one edge of a tile."""
SHIFT_FRAMES = 5
"""Frames for which the tiles lie still."""

_STAGE = 0x666C7569


def shift_at(dust: Dust, *, frame: int, first: int) -> tuple[int, int, int]:
    """Return by how many cells the tiles are moved at a frame."""
    rng = np.random.default_rng([dust.seed, _STAGE, 3, max(frame - first, 0) // SHIFT_FRAMES])
    x, y, z = rng.integers(0, TILE, 3)
    return int(x), int(y), int(z)


def solid_cells(layout: Layout, grid: Grid) -> NDArray[np.bool_]:
    """Cells whose centre lies in a box that stays."""
    x, y, z = (o + (np.arange(n) + 0.5) * grid.cell_m for o, n in zip(grid.origin_m, grid.shape, strict=True))
    solid = np.zeros(grid.shape, bool)
    for box in layout.standing:
        cx, cy, cz = box.corner_m
        (ax, _, az), (ix, _, iz) = box.along, box.inward
        dx, dz = x[:, None] - cx, z[None, :] - cz
        s, q = dx * ax + dz * az, dx * ix + dz * iz
        plan = (s >= 0) & (s <= box.width_m) & (q >= 0) & (q <= box.depth_m)
        solid |= plan[:, None, :] & ((y >= cy) & (y <= cy + box.height_m))[None, :, None]
    return solid


def _noise(rng: np.random.Generator, *, cells: float) -> NDArray[np.float64]:
    """Periodic Gaussian noise of unit variance with features of about ``cells`` cells."""
    k = np.fft.fftfreq(TILE)
    square = k[:, None, None] ** 2 + k[None, :, None] ** 2 + np.fft.rfftfreq(TILE)[None, None, :] ** 2
    centre = 0.5 / max(cells, 1.5)
    band = np.exp(-(((np.sqrt(square) - centre) / (0.6 * centre)) ** 2))
    band[0, 0, 0] = 0.0
    axes = (0, 1, 2)
    field = np.fft.irfftn(np.fft.rfftn(rng.standard_normal((TILE,) * 3), axes=axes) * band, (TILE,) * 3, axes=axes)
    scaled: NDArray[np.float64] = field / field.std()
    return scaled


def billow_tile(grid: Grid, dust: Dust) -> Floats:
    """Clumps by which emission is multiplied, mean about 1."""
    rng = np.random.default_rng([dust.seed, _STAGE, 1])
    size = 1.7 * dust.scale / grid.cell_m
    field = 0.8 * _noise(rng, cells=2.0 * size) + 0.6 * _noise(rng, cells=size)
    clumps = np.clip(0.35 + 1.3 * field, 0.0, 3.2)
    out: Floats = (clumps / clumps.mean()).astype(np.float32)
    return out


def swirl_tile(grid: Grid, dust: Dust) -> Floats:
    """Divergence-free noise (TILE, TILE, TILE, 3) of unit variance."""
    rng = np.random.default_rng([dust.seed, _STAGE, 2])
    size = 2.0 * dust.scale / grid.cell_m
    a, b, c = (_noise(rng, cells=2.0 * size) + 0.5 * _noise(rng, cells=size) for _ in range(3))

    def slope(field: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        return 0.5 * (np.roll(field, -1, axis) - np.roll(field, 1, axis))

    curl = np.stack((slope(c, 1) - slope(b, 2), slope(a, 2) - slope(c, 0), slope(b, 0) - slope(a, 1)), axis=-1)
    out: Floats = (curl / curl.std()).astype(np.float32)
    return out
