"""A frame of dust out of the solver: cropped to what is seen, with the texture coordinates of its three phases."""

import numpy as np
from numpy.typing import NDArray

from secondunit.fx.dust.fluid import Fluid
from secondunit.fx.dust.grid import DustFrame

Floats = NDArray[np.float32]

LIFE_FRAMES = 15
"""Life of a phase of texture coordinates."""
STAGGER = (0, 5, 10)
"""Frames by which the lives of the phases are set off against each other."""
SEEN_PER_M = 2e-3
"""Extinction below which a cell does not widen the frame's crop."""


def renew_phases(fluid: Fluid, *, frame: int, first: int) -> None:
    """Begin the phases whose life ends at this frame anew."""
    for phase in range(len(fluid.drift)):
        if (frame - first + STAGGER[phase]) % LIFE_FRAMES == 0:
            fluid.drift[phase] = 0.0


def snapshot(fluid: Fluid, *, frame: int, first: int) -> DustFrame:
    """Crop the state to where there is dust.

    Parameters
    ----------
    first
        The simulation's first frame, from which the lives of the phases are counted.
    """
    grid = fluid.grid
    low, high = _crop(fluid.extinction)
    full = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    half = tuple(slice(a // 2, b // 2) for a, b in zip(low, high, strict=True))
    age = np.array([(frame - first + s) % LIFE_FRAMES for s in STAGGER], np.float32) / LIFE_FRAMES
    weight = 1.0 - np.abs(2.0 * age - 1.0)
    return DustFrame(
        frame=frame,
        origin_m=np.array([o + a * grid.cell_m for o, a in zip(grid.origin_m, low, strict=True)], np.float32),
        cell_m=grid.cell_m,
        extinction=fluid.extinction[full].astype(np.float16),
        velocity=_halved(fluid.velocity[full]),
        drift=fluid.drift[(slice(None), slice(None), *half)].astype(np.float16),
        weight=(weight / weight.sum()).astype(np.float32),
        phase=np.array([(frame - first + s) // LIFE_FRAMES for s in STAGGER], np.float32),
    )


def _crop(extinction: Floats) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Even bounds of what is seen, two cells wider; two cells where nothing is."""
    seen = extinction > SEEN_PER_M
    low, high = [], []
    for axis in range(3):
        rows = np.flatnonzero(seen.any(axis=tuple(a for a in range(3) if a != axis)))
        if not len(rows):
            return (0, 0, 0), (2, 2, 2)
        low.append(max(int(rows[0]) - 2, 0) // 2 * 2)
        high.append(min((int(rows[-1]) + 4) // 2 * 2, extinction.shape[axis]))
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def _halved(velocity: Floats) -> NDArray[np.float16]:
    """Average (nx, ny, nz, 3) over 2 x 2 x 2 cells: (3, nx/2, ny/2, nz/2)."""
    nx, ny, nz, _ = velocity.shape
    mean = velocity.reshape(nx // 2, 2, ny // 2, 2, nz // 2, 2, 3).mean(axis=(1, 3, 5), dtype=np.float32)
    return np.ascontiguousarray(np.moveaxis(mean, -1, 0)).astype(np.float16)
