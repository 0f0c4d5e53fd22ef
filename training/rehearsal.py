"""A held-out collapse: the training pair's own two simulations, with what only an evaluation needs beside them.

That is the fine air's velocity, by which fine pictures move exactly, and, where asked, the *twin*: the same fine
collapse stirred below the coarse cell and held to the same coarse state. How far the twin is from the truth is what
chaos leaves open: no generator that sees the coarse state alone can be nearer.
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
from training.companion import FACTOR, STEPS, _bare, _lead, _led_frames, _mean
from training.scene import RATE, Scene

Floats = NDArray[np.float32]

STAGE = 0x5457494E
STIR_M_PER_S = 1.0
"""What stirs the twin below the coarse cell, once every ``STIR_FRAMES``."""
STIR_FRAMES = 6
HELD = 0.7
"""Share of its coarse difference to the truth that the twin makes up in a step."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rehearsal:
    """One frame."""

    frame: int
    fine: DustFrame
    coarse: DustFrame
    free_for: int
    """Frames since the coarse simulation was let go; 0 while it is led."""
    velocity: Floats
    """(nx, ny, nz, 3) metres a second of the fine air: a view of the solver's own, good until the next frame."""
    twin: DustFrame | None


def rehearse(scene: Scene, *, twin: bool = False) -> Iterator[Rehearsal]:
    """Simulate a scene as ``companion.simulate_pairs`` does, bit for bit; yield its frames from the first with dust."""
    pieces = break_building(scene.layout, scene.collapse)
    motion = simulate(pieces, scene.layout, scene.collapse, frames=scene.frames, rate=RATE)
    grid = dust_grid(scene.layout, cells=scene.coarse_cells)
    nx, ny, nz = grid.shape
    fine_grid = Grid(origin_m=grid.origin_m, cell_m=grid.cell_m / FACTOR, shape=(FACTOR * nx, FACTOR * ny, FACTOR * nz))
    billow, swirl = billow_tile(fine_grid, scene.dust), swirl_tile(fine_grid, scene.dust)
    fine = _still(scene, fine_grid, billow, swirl)
    coarse = Fluid(grid, air=scene.air, solid=solid_cells(scene.layout, grid), billow=_mean(billow), swirl=_mean(swirl))
    other = _still(scene, fine_grid, billow, swirl) if twin else None
    rng = np.random.default_rng([scene.seed, STAGE])
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
        if other is not None and (row - emitter.first_row) % STIR_FRAMES == 0:
            _stir(other, rng)
        for step in range(STEPS):
            emitter.sources(row - 1 + (step + 0.5) / STEPS, out=sources)
            small = _mean(sources)
            fine.step(sources, seconds=seconds, shift=(shift[0], shift[1], shift[2]))
            coarse.step(small, seconds=seconds, shift=tuple(s // FACTOR for s in shift))  # type: ignore[arg-type]
            if not free_for:
                _lead(coarse, fine)
            if other is not None:
                other.step(sources, seconds=seconds, shift=(shift[0], shift[1], shift[2]))
                _hold(other, fine)
        if fine.extinction.max() > 0.05:
            yield Rehearsal(
                frame=frame,
                fine=_bare(fine, frame),
                coarse=snapshot(coarse, frame=frame, first=first),
                free_for=free_for,
                velocity=fine.velocity,
                twin=None if other is None else _bare(other, frame),
            )


def _still(scene: Scene, grid: Grid, billow: Floats, swirl: Floats) -> Fluid:
    """Return fine air before anything has happened."""
    return Fluid(grid, air=scene.air, solid=solid_cells(scene.layout, grid), billow=billow, swirl=swirl, phases=0)


def _stir(fluid: Fluid, rng: np.random.Generator) -> None:
    """Add to the air's velocity what no coarse cell sees of white noise."""
    nx, ny, nz = fluid.grid.shape
    for field in (fluid.u, fluid.v, fluid.w):
        noise = rng.standard_normal((nx, ny, nz), np.float32)
        noise -= _spread(_mean(noise), (nx, ny, nz))
        field[:nx, :ny, :nz] += np.float32(STIR_M_PER_S) * noise


def _hold(fluid: Fluid, to: Fluid) -> None:
    """Draw a fluid towards another's coarse state."""
    nx, ny, nz = shape = fluid.grid.shape
    for mine, theirs in (
        (fluid.u, to.u), (fluid.v, to.v), (fluid.w, to.w), (fluid.extinction, to.extinction), (fluid.heat, to.heat)
    ):  # fmt: skip
        apart = _mean(theirs[:nx, :ny, :nz] - mine[:nx, :ny, :nz])
        mine[:nx, :ny, :nz] += np.float32(HELD) * _spread(apart, shape)
    np.maximum(fluid.extinction, 0.0, out=fluid.extinction)
    np.maximum(fluid.heat, 0.0, out=fluid.heat)


def _spread(small: Floats, shape: tuple[int, int, int]) -> Floats:
    """Bring coarse cells to fine ones, linear along each axis, ends continued."""
    out = small
    for axis in range(3):
        at = (np.arange(shape[axis], dtype=np.float32) + np.float32(0.5)) / np.float32(FACTOR) - np.float32(0.5)
        at = np.clip(at, 0.0, small.shape[axis] - 1.0)
        low = np.minimum(at.astype(np.int64), max(small.shape[axis] - 2, 0))
        high = np.minimum(low + 1, small.shape[axis] - 1)
        share = (at - low).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        out = out.take(low, axis) * (1 - share) + out.take(high, axis) * share
    return out
