"""The dust of a collapse, frame by frame, from the moving pieces. Resumes after a kill at its last checkpoint."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from secondunit.core.collapse import Dust
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Layout
from secondunit.fx.dust.emission import Emitter
from secondunit.fx.dust.fluid import Air, Fluid, Grid
from secondunit.fx.dust.grid import DustFrame
from secondunit.fx.dust.snapshot import renew_phases, snapshot
from secondunit.fx.dust.turbulence import billow_tile, shift_at, solid_cells, swirl_tile
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion
from secondunit.media.atomic import replacing

CHECKPOINT_FRAMES = 8
COURANT = 1.6
"""Cells the fastest air may cross in a step, up to two steps a frame."""


def dust_grid(layout: Layout, *, cells: int) -> Grid:
    """Lay a grid of about ``cells`` cells around what falls, roomier above and towards the camera."""
    corners = np.array([p for box in layout.falling for p in box.corners()] or [(0.0, 0.0, -10.0)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    height = max(float(high[1]), 2.0)
    room = min(1.15 * height, 24.0 + 0.5 * height)
    toward = np.array(layout.camera.locked.position_m) - 0.5 * (low + high)
    toward /= max(float(np.hypot(toward[0], toward[2])), 1e-6)
    for axis in (0, 2):
        lean = 0.4 * room * toward[axis]
        low[axis] -= room + max(-lean, 0.0) - 0.25 * max(lean, 0.0)
        high[axis] += room + max(lean, 0.0) - 0.25 * max(-lean, 0.0)
    low[1], high[1] = 0.0, height * 1.3 + min(0.2 * height, 10.0) + 2.0
    size = high - low
    cell = float(np.cbrt(size.prod() / max(cells, 4096)))
    shape = tuple(_smooth_even(math.ceil(s / cell)) for s in size)
    origin = (low[0] - 0.5 * (shape[0] * cell - size[0]), 0.0, low[2] - 0.5 * (shape[2] * cell - size[2]))
    return Grid(origin_m=(float(origin[0]), 0.0, float(origin[2])), cell_m=cell, shape=(shape[0], shape[1], shape[2]))


def simulate_dust(
    pieces: Pieces,
    motion: Motion,
    layout: Layout,
    dust: Dust,
    *,
    frames: FrameRange,
    rate: Fraction,
    out: Callable[[DustFrame], None],
    checkpoint: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Solve the dust and hand each frame to ``out``, in order.

    Parameters
    ----------
    pieces, motion, layout
        What falls, how, and where. The motion's own frames are simulated even before ``frames`` begins.
    dust
        The director's gains.
    frames
        The frames handed out.
    rate
        Frames a second, those of the motion.
    out
        Called once per frame of ``frames`` in order; after a resume, from the frame after the checkpoint on. What it
        was given before the checkpoint must have been kept by the caller.
    checkpoint
        A file for the state of the solver, written whole every eighth frame and removed at the end. A file that
        belongs to other inputs, or cannot be read, is ignored.
    progress
        Called with frames done and frames in all.
    """
    grid = dust_grid(layout, cells=dust.cells)
    run = _Run(pieces, motion, layout, dust, grid=grid, rate=rate)
    first = min(frames.first, motion.first_frame)
    key = _digest(pieces, motion, layout, dust, frames, rate)
    done = run.resume(checkpoint, key) if checkpoint else None
    start = first if done is None else done + 1
    for frame in range(start, frames.last + 1):
        run.advance(frame, first=first)
        if frame in frames:
            out(run.frame(frame, first=first))
        if progress:
            progress(frame - first + 1, frames.last - first + 1)
        if checkpoint and run.started and (frame - first) % CHECKPOINT_FRAMES == CHECKPOINT_FRAMES - 1:
            run.save(checkpoint, key, frame)
    if checkpoint:
        checkpoint.unlink(missing_ok=True)


class _Run:
    """One simulation under way."""

    def __init__(
        self, pieces: Pieces, motion: Motion, layout: Layout, dust: Dust, *, grid: Grid, rate: Fraction
    ) -> None:
        self._grid, self._dust, self._motion = grid, dust, motion
        self._seconds = float(1 / rate)
        self._emitter = Emitter(pieces, motion, layout, dust, grid=grid)
        self._fluid = Fluid(
            grid,
            air=Air(wind_m_per_s=dust.wind_m_per_s),
            solid=solid_cells(layout, grid),
            billow=billow_tile(grid, dust),
            swirl=swirl_tile(grid, dust),
        )
        self._sources = np.zeros((*grid.shape, 6), np.float32)
        self.started = False

    def advance(self, frame: int, *, first: int) -> None:
        """Bring the air from the frame before to ``frame``."""
        row = frame - self._motion.first_frame
        self.started = self.started or row >= self._emitter.first_row
        renew_phases(self._fluid, frame=frame, first=first)
        if not self.started:
            return
        steps = 2 if self._fluid.fastest() * self._seconds > COURANT * self._grid.cell_m else 1
        for step in range(steps):
            self._emitter.sources(row - 1 + (step + 0.5) / steps, out=self._sources)
            self._fluid.step(
                self._sources, seconds=self._seconds / steps, shift=shift_at(self._dust, frame=frame, first=first)
            )

    def frame(self, frame: int, *, first: int) -> DustFrame:
        """Crop the state to where there is dust."""
        return snapshot(self._fluid, frame=frame, first=first)

    def save(self, path: Path, key: str, frame: int) -> None:
        """Write the state whole, or not at all."""
        fluid = self._fluid
        with replacing(path) as part, part.open("wb") as stream:
            np.savez(
                stream, key=key, frame=frame, u=fluid.u, v=fluid.v, w=fluid.w,
                extinction=fluid.extinction, heat=fluid.heat, drift=fluid.drift, velocity=fluid.velocity,
            )  # fmt: skip

    def resume(self, path: Path, key: str) -> int | None:
        """Take up a saved state; None when there is none that fits."""
        try:
            with path.open("rb") as stream, np.load(stream) as data:
                if str(data["key"]) != key:
                    return None
                for name in ("u", "v", "w", "extinction", "heat", "drift", "velocity"):
                    setattr(self._fluid, name, data[name])
                self.started = True
                return int(data["frame"])
        except (OSError, EOFError, ValueError, KeyError, BadZipFile):
            return None


def _smooth_even(n: int) -> int:
    """Return the next even number with no prime factor over 5."""
    n = max(n + n % 2, 8)
    while True:
        rest = n
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
        n += 2


def _digest(pieces: Pieces, motion: Motion, layout: Layout, dust: Dust, frames: FrameRange, rate: Fraction) -> str:
    """Name of the inputs, to tell whose a checkpoint is."""
    digest = hashlib.sha256(repr((asdict(layout), asdict(dust), frames, rate, motion.first_frame)).encode())
    for array in (pieces.centre, pieces.vertices, motion.position, motion.quaternion, motion.hit_energy):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
