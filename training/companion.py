"""A fine simulation and its coarse companion: the same collapse on cells four times as wide.

Led, the companion has the low-passed velocity of the fine air and is drawn towards its dust, so that the two stay
aligned while its advection blurs as a coarse solver's does. Free, it is the coarse solver from where it was let go:
what the generator meets in a shot.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.fx.dust.emission import Emitter
from secondunit.fx.dust.fluid import Fluid, Grid
from secondunit.fx.dust.grid import DustFrame
from secondunit.fx.dust.simulate import dust_grid
from secondunit.fx.dust.snapshot import renew_phases, snapshot
from secondunit.fx.dust.turbulence import billow_tile, shift_at, solid_cells, swirl_tile
from secondunit.fx.fracture.breaking import break_building
from secondunit.fx.rigid.simulate import simulate
from training.scene import RATE, Scene

Floats = NDArray[np.float32]

FACTOR = 4
"""Coarse cells over fine, along each side."""
STEPS = 2
"""Steps a frame, of both."""
LED = 0.12
"""Share of its difference to the fine dust that the led companion makes up in a step."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """One frame of both."""

    frame: int
    fine: DustFrame
    coarse: DustFrame
    free_for: int
    """Frames since the companion was let go; 0 while it is led."""


def simulate_pairs(scene: Scene) -> Iterator[Pair]:
    """Simulate a scene; yield its frames from the first that holds dust."""
    pieces = break_building(scene.layout, scene.collapse)
    motion = simulate(pieces, scene.layout, scene.collapse, frames=scene.frames, rate=RATE)
    grid = dust_grid(scene.layout, cells=scene.coarse_cells)
    fine_grid = Grid(origin_m=grid.origin_m, cell_m=grid.cell_m / FACTOR, shape=tuple(n * FACTOR for n in grid.shape))
    billow, swirl = billow_tile(fine_grid, scene.dust), swirl_tile(fine_grid, scene.dust)
    fine = Fluid(
        fine_grid, air=scene.air, solid=solid_cells(scene.layout, fine_grid), billow=billow, swirl=swirl, phases=0
    )
    coarse = Fluid(grid, air=scene.air, solid=solid_cells(scene.layout, grid), billow=_mean(billow), swirl=_mean(swirl))
    emitter = Emitter(pieces, motion, scene.layout, scene.dust, grid=fine_grid)
    sources = np.zeros((*fine_grid.shape, 6), np.float32)
    first, seconds = scene.frames.first, float(1 / RATE) / STEPS
    led = _led_frames(scene)
    free_for = 0
    for frame in scene.frames:
        row = frame - motion.first_frame
        renew_phases(coarse, frame=frame, first=first)
        if row < emitter.first_row:
            continue
        free_for = 0 if led[frame - first] else free_for + 1
        shift = tuple(s // FACTOR * FACTOR for s in shift_at(scene.dust, frame=frame, first=first))
        for step in range(STEPS):
            emitter.sources(row - 1 + (step + 0.5) / STEPS, out=sources)
            small = _mean(sources)
            fine.step(sources, seconds=seconds, shift=(shift[0], shift[1], shift[2]))
            coarse.step(small, seconds=seconds, shift=tuple(s // FACTOR for s in shift))  # type: ignore[arg-type]
            if not free_for:
                _lead(coarse, fine)
        if fine.extinction.max() > 0.05:
            yield Pair(
                frame=frame,
                fine=_bare(fine, frame),
                coarse=snapshot(coarse, frame=frame, first=first),
                free_for=free_for,
            )


def _led_frames(scene: Scene) -> list[bool]:
    return [not free for length, free in scene.segments for _ in range(length)]


def _mean(volume: Floats) -> Floats:
    """Average over blocks of ``FACTOR`` cells along the first three axes."""
    f = FACTOR
    nx, ny, nz = (n // f for n in volume.shape[:3])
    blocks = volume.reshape(nx, f, ny, f, nz, f, *volume.shape[3:])
    return np.ascontiguousarray(blocks.mean(axis=(1, 3, 5), dtype=np.float32))


def _lead(coarse: Fluid, fine: Fluid) -> None:
    """Give the companion the fine air's velocity through each of its faces, and some of its dust and warmth."""
    f = FACTOR
    nx, ny, nz = coarse.grid.shape
    coarse.u[...] = fine.u[::f].reshape(nx + 1, ny, f, nz, f).mean(axis=(2, 4))
    coarse.v[...] = fine.v[:, ::f].reshape(nx, f, ny + 1, nz, f).mean(axis=(1, 4))
    coarse.w[...] = fine.w[:, :, ::f].reshape(nx, f, ny, f, nz + 1).mean(axis=(1, 3))
    coarse.extinction += np.float32(LED) * (_mean(fine.extinction) - coarse.extinction)
    coarse.heat += np.float32(LED) * (_mean(fine.heat) - coarse.heat)


def _bare(fine: Fluid, frame: int) -> DustFrame:
    """Return the fine dust whole: without texture coordinates, uncropped."""
    nx, ny, nz = (n // 2 for n in fine.grid.shape)
    return DustFrame(
        frame=frame,
        origin_m=np.array(fine.grid.origin_m, np.float32),
        cell_m=fine.grid.cell_m,
        extinction=fine.extinction.astype(np.float16),
        velocity=np.zeros((3, 2, 2, 2), np.float16),
        drift=np.zeros((0, 3, nx, ny, nz), np.float16),
        weight=np.zeros(3, np.float32),
        phase=np.zeros(3, np.float32),
    )
