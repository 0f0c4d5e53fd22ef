"""The dust of a collapse, frame by frame, from the moving pieces. Resumes after a kill at its last checkpoint."""

import hashlib
import math
import os
from collections.abc import Callable
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Dust
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Layout
from secondunit.fx.dust.emission import Emitter
from secondunit.fx.dust.fluid import PHASES, Air, Fluid, Grid
from secondunit.fx.dust.grid import DustFrame
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion

Floats = NDArray[np.float32]

LIFE_FRAMES = 15
"""Life of a phase of texture coordinates."""
STAGGER = (0, 5, 10)
"""Frames by which the lives of the phases are set off against each other."""
CHECKPOINT_FRAMES = 8
COURANT = 1.6
"""Cells the fastest air may cross in a step, up to two steps a frame."""
SEEN_PER_M = 2e-3
"""Extinction below which a cell does not widen the frame's crop."""
TILE = 64

_STAGE = 0x666C7569


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
            solid=_solid(layout, grid),
            billow=_billow(grid, dust),
            swirl=_swirl(grid, dust),
        )
        self._sources = np.zeros((*grid.shape, 6), np.float32)
        self.started = False

    def advance(self, frame: int, *, first: int) -> None:
        """Bring the air from the frame before to ``frame``."""
        row = frame - self._motion.first_frame
        self.started = self.started or row >= self._emitter.first_row
        for phase in range(PHASES):
            if (frame - first + STAGGER[phase]) % LIFE_FRAMES == 0:
                self._fluid.drift[phase] = 0.0
        if not self.started:
            return
        steps = 2 if self._fluid.fastest() * self._seconds > COURANT * self._grid.cell_m else 1
        for step in range(steps):
            self._emitter.sources(row - 1 + (step + 0.5) / steps, out=self._sources)
            rng = np.random.default_rng([self._dust.seed, _STAGE, 3, max(frame - first, 0) // 5])
            shift = rng.integers(0, TILE, 3)
            self._fluid.step(
                self._sources, seconds=self._seconds / steps, shift=(int(shift[0]), int(shift[1]), int(shift[2]))
            )

    def frame(self, frame: int, *, first: int) -> DustFrame:
        """Crop the state to where there is dust."""
        fluid, grid = self._fluid, self._grid
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

    def save(self, path: Path, key: str, frame: int) -> None:
        """Write the state whole, or not at all."""
        fluid = self._fluid
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        with part.open("wb") as stream:
            np.savez(
                stream, key=key, frame=frame, u=fluid.u, v=fluid.v, w=fluid.w,
                extinction=fluid.extinction, heat=fluid.heat, drift=fluid.drift, velocity=fluid.velocity,
            )  # fmt: skip
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)

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


def _solid(layout: Layout, grid: Grid) -> NDArray[np.bool_]:
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


def _billow(grid: Grid, dust: Dust) -> Floats:
    """Clumps by which emission is multiplied, mean about 1."""
    rng = np.random.default_rng([dust.seed, _STAGE, 1])
    size = 1.7 * dust.scale / grid.cell_m
    field = 0.8 * _noise(rng, cells=2.0 * size) + 0.6 * _noise(rng, cells=size)
    clumps = np.clip(0.35 + 1.3 * field, 0.0, 3.2)
    out: Floats = (clumps / clumps.mean()).astype(np.float32)
    return out


def _swirl(grid: Grid, dust: Dust) -> Floats:
    """Divergence-free noise (TILE, TILE, TILE, 3) of unit variance."""
    rng = np.random.default_rng([dust.seed, _STAGE, 2])
    size = 2.0 * dust.scale / grid.cell_m
    a, b, c = (_noise(rng, cells=2.0 * size) + 0.5 * _noise(rng, cells=size) for _ in range(3))

    def slope(field: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        return 0.5 * (np.roll(field, -1, axis) - np.roll(field, 1, axis))

    curl = np.stack((slope(c, 1) - slope(b, 2), slope(a, 2) - slope(c, 0), slope(b, 0) - slope(a, 1)), axis=-1)
    out: Floats = (curl / curl.std()).astype(np.float32)
    return out


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
