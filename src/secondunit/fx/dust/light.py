"""Light in and below the dust: the sun's way through it, and light scattered many times, on one coarse grid.

The sun is marched. Scattered light is solved by discrete ordinates: fourteen directions (the six axes and the eight
diagonals of a cube, whose rays meet cell centres exactly, so that nothing is smeared), a few rounds of scattering
from a good first guess. Forward scattering is taken up by similarity: higher orders see the extinction times
(1 - g) (van de Hulst 1980, chapter 14). No randomness, and one thread: frames are lit side by side.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from secondunit.core.layout import Box, Layout
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

FORWARD = 0.55
"""Mean cosine of scattering that the higher orders assume."""
ALBEDO = 0.965
"""Of a grain of white dust: under 1 so that deep folds stay darker than the surface."""
GROUND = 0.22
"""Reflectance of the ground below."""
ROUNDS = 5
DIFFUSION = math.sqrt(3.0 * (1.0 - ALBEDO))
"""How fast diffuse light dies with depth in the reduced medium (Eddington's approximation)."""
AXIS_WEIGHT, DIAGONAL_WEIGHT = 1.0 / 15.0, 3.0 / 40.0
"""Of the fourteen-point rule on the sphere (exact to fifth order; McLaren 1963)."""
HIGHEST_SHADOW = 2.0
"""The grid follows the shadow on the ground at most this many times the dust's height away."""

_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)
_FAINT = np.float32(1e-7)
_OPAQUE = np.float32(14.0)


def light_dust(frame: DustFrame, layout: Layout, *, occluders: tuple[Box, ...] = ()) -> LightGrid:
    """Light one frame of dust for a sun and a sky of one unit.

    Parameters
    ----------
    frame
        The dust.
    layout
        For the sun's direction.
    occluders
        Boxes that keep the sun from the dust. They darken ``sun`` only as far as there is dust to show it: in clear
        air the plate already carries their shadows.

    Returns
    -------
    LightGrid
        On cells twice the dust's, from the ground up, long enough to hold the shadow on the ground. Isotropic
        single scattering of the sun is 0.25 x ``sun``; the march adds that with its own phase function, and
        ``sun_scatter`` is all the rest.
    """
    extinction, origin, cell = _half_grid(frame, layout)
    sun = np.array(layout.sun.direction, np.float32)
    depth = np.zeros_like(extinction)
    if sun[1] > 0.0:
        _march_sun(extinction, sun, np.float32(cell), depth)
    else:
        depth[...] = _OPAQUE
    through = np.exp(-depth)
    forward = np.exp(-np.float32(1.0 - FORWARD) * depth)
    shows = np.float32(1.0) - np.exp(extinction * np.float32(-1.5 * cell))
    for box in occluders:
        open_sun = 1.0 - shows * _shadow(box, sun, origin, cell, extinction.shape)
        through, forward = through * open_sun, forward * open_sun
    sun_mean, sky_mean, ground_sky = _scatter(
        extinction, forward, sun_up=max(float(sun[1]), 0.0), cell=np.float32(cell)
    )
    clear_sun, clear_sky = _clear(max(float(sun[1]), 0.0))
    # In clear air both are told against what the plate shows there; in dust, and on its skin, what a white grain shows.
    near = 1.0 - np.exp(maximum_filter(extinction, 3) * np.float32(-4.0 * cell))
    scatter = sun_mean - np.float32(0.25) * through - (1.0 - near) * clear_sun
    scatter[near <= 0.0] = 0.0
    sky = sky_mean * (near + (1.0 - near) / clear_sky)
    sky[:, 0] = ground_sky  # what reaches the ground, 1 under open sky: receivers there are lit by this
    return LightGrid(
        frame=frame.frame,
        origin_m=origin.astype(np.float32),
        cell_m=cell,
        sun=through.astype(np.float16),
        sun_scatter=np.maximum(scatter, 0.0).astype(np.float16),
        sky=np.clip(sky, 0.0, 1.0).astype(np.float16),
        reach_m=np.stack((origin, origin + np.array(extinction.shape) * cell)).astype(np.float32),
    )


def standing_boxes(pieces: Pieces, motion: Motion, layout: Layout, *, frame: int) -> tuple[Box, ...]:
    """Return what keeps the sun from the dust in a frame: neighbours, and each falling box as low as it has come."""
    now = motion.position[motion.index(frame)]
    boxes = list(layout.standing)
    for number, box in enumerate(layout.falling):
        mine = pieces.box == number
        if box.kind != "building" or not mine.any():
            continue
        top = float(np.quantile(now[mine, 1], 0.9)) - box.corner_m[1]
        if top > 1.0:
            boxes.append(replace(box, height_m=min(top, box.height_m)))
    return tuple(boxes)


def _half_grid(frame: DustFrame, layout: Layout) -> tuple[Floats, NDArray[np.float64], float]:
    """Extinction on cells twice as wide, padded by two cells and by the shadow's reach, from the ground up."""
    nx, ny, nz = (n // 2 for n in frame.extinction.shape)
    fine = frame.extinction.astype(np.float32)
    coarse = fine.reshape(nx, 2, ny, 2, nz, 2).mean(axis=(1, 3, 5), dtype=np.float32)
    cell = 2.0 * frame.cell_m
    origin = frame.origin_m.astype(np.float64)
    below = max(round(float(origin[1]) / cell), 0)
    height = (ny + below) * cell
    x, y, z = layout.sun.direction
    flat = math.hypot(x, z)
    length = min(height * flat / max(y, 1e-3), HIGHEST_SHADOW * height) if coarse.any() and y > 0.0 else 0.0
    pad = [[2, 2], [below, 2], [2, 2]]
    for axis, lean in ((0, x), (2, z)):
        cells = math.ceil(length * abs(lean) / max(flat, 1e-6) / cell)
        pad[axis][0 if lean > 0 else 1] += cells
    out = np.pad(coarse, pad)
    origin = origin - np.array([p[0] for p in pad]) * cell
    return np.ascontiguousarray(out), origin, cell


def _shadow(box: Box, sun: Floats, origin: NDArray[np.float64], cell: float, shape: tuple[int, ...]) -> Floats:
    """1 where a box stands between a cell and the sun."""
    axes = [origin[a] + (np.arange(shape[a]) + 0.5) * cell for a in range(3)]
    x, y, z = np.meshgrid(*axes, indexing="ij", sparse=True)
    cx, cy, cz = box.corner_m
    enter, leave = np.full(shape, 0.01), np.full(shape, np.inf)
    for axis, length in ((box.along, box.width_m), ((0.0, 1.0, 0.0), box.height_m), (box.inward, box.depth_m)):
        start = (x - cx) * axis[0] + (y - cy) * axis[1] + (z - cz) * axis[2]
        slope = float(np.dot(sun, axis))
        slope = slope if abs(slope) > 1e-6 else 1e-6
        a, b = -start / slope, (length - start) / slope
        enter, leave = np.maximum(enter, np.minimum(a, b)), np.minimum(leave, np.maximum(a, b))
    return (enter < leave).astype(np.float32)


def _directions() -> tuple[Ints, Floats]:
    """List the fourteen ways light travels, downward ones first, then level, then upward; and their weights."""
    steps = [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)]
    used = [s for s in steps if sum(map(abs, s)) in (1, 3)]
    used.sort(key=lambda s: s[1])
    weights = [AXIS_WEIGHT if sum(map(abs, s)) == 1 else DIAGONAL_WEIGHT for s in used]
    return np.array(used), np.array(weights, np.float32)


def _clear(sun_up: float) -> tuple[float, float]:
    """Mean radiance in clear air, scattered sun and sky."""
    ways, weights = _directions()
    arriving = np.where(ways[:, 1] < 0, 1.0, np.where(ways[:, 1] == 0, 0.5 + 0.5 * GROUND, GROUND))
    ground = np.where(ways[:, 1] < 0, 0.0, np.where(ways[:, 1] == 0, 0.5, 1.0)) * GROUND * sun_up
    return float((weights * ground).sum()), float((weights * arriving).sum())


def _scatter(extinction: Floats, direct: Floats, *, sun_up: float, cell: Any) -> tuple[Floats, Floats, Floats]:
    """Mean radiance at each cell from the sun (first order included) and the sky, and sky light on the ground."""
    ways, weights = _directions()
    reduced = extinction * np.float32(1.0 - FORWARD)
    # First guess: octaves of the sun's own way in (after Wrenninge et al. 2013) so that few rounds are needed.
    mean = np.empty((*extinction.shape, 2), np.float32)
    mean[..., 0] = 0.25 * direct + 0.35 * np.sqrt(direct)
    above = np.cumsum(reduced[:, ::-1], axis=1, dtype=np.float32)[:, ::-1] * cell
    mean[..., 1] = 0.6 * np.exp(np.float32(-DIFFUSION) * above)
    shape = np.array(extinction.shape)
    facing = AXIS_WEIGHT + 4.0 * DIAGONAL_WEIGHT / math.sqrt(3.0)
    floor = np.zeros((2, shape[0], shape[2]), np.float32)
    for _ in range(ROUNDS):
        total = np.zeros_like(mean)
        floor_next = np.zeros_like(floor)
        for way, weight in zip(ways, weights, strict=True):
            starts = _starts(way, shape)
            length = cell * np.float32(math.sqrt(float(np.abs(way).sum())))
            down = way[1] < 0
            arrive = _arriving(int(way[1]), sun_up)
            on_ground = (
                np.float32(weight * abs(way[1]) / math.sqrt(float(np.abs(way).sum())) / facing) if down else _ZERO
            )
            _sweep(
                reduced, direct, mean, total, floor, floor_next, starts, way, length, weight, arrive,
                np.float32(sun_up), on_ground,
            )  # fmt: skip
        mean = total
        mean[..., 0] += np.float32(0.25) * direct
        floor = floor_next
    return mean[..., 0], mean[..., 1], floor[1]


def _arriving(rise: int, sun_up: float) -> Floats:
    """Radiance (sun's, sky's) entering the grid from clear air, by the way's vertical step."""
    if rise < 0:
        return np.array((0.0, 1.0), np.float32)
    if rise == 0:
        return np.array((0.5 * GROUND * sun_up, 0.5 + 0.5 * GROUND), np.float32)
    return np.array((GROUND * sun_up, GROUND), np.float32)


def _starts(way: Ints, shape: Ints) -> Ints:
    """Cells where rays of a way enter the grid: (M, 3)."""
    found = []
    taken: list[int] = []
    for axis in range(3):
        if way[axis] == 0:
            continue
        ranges = [np.arange(n) for n in shape]
        ranges[axis] = np.array([0 if way[axis] > 0 else shape[axis] - 1])
        for other in taken:  # an edge belongs to the face listed first
            edge = 0 if way[other] > 0 else shape[other] - 1
            ranges[other] = ranges[other][ranges[other] != edge]
        found.append(np.stack(np.meshgrid(*ranges, indexing="ij"), -1).reshape(-1, 3))
        taken.append(axis)
    return np.ascontiguousarray(np.concatenate(found), dtype=np.int64)


@njit(cache=True, nogil=True)
def _march_sun(extinction: Floats, sun: Floats, cell: Any, out: Floats) -> None:
    """Optical depth from each cell centre towards the sun, one cell a step."""
    nx, ny, nz = extinction.shape
    stretch = _ONE / max(abs(sun[0]), max(abs(sun[1]), abs(sun[2])))
    dx, dy, dz = sun[0] * stretch, sun[1] * stretch, sun[2] * stretch
    length = cell * stretch
    top_x, top_y, top_z = np.float32(nx - 1), np.float32(ny - 1), np.float32(nz - 1)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                depth = _HALF * extinction[i, j, k] * length
                x, y, z = np.float32(i) + dx, np.float32(j) + dy, np.float32(k) + dz
                while _ZERO <= x < top_x and _ZERO <= y < top_y and _ZERO <= z < top_z and depth < _OPAQUE:
                    a, b, c = int(x), int(y), int(z)
                    fx, fy, fz = x - np.float32(a), y - np.float32(b), z - np.float32(c)
                    gx, gy, gz = _ONE - fx, _ONE - fy, _ONE - fz
                    low = (extinction[a, b, c] * gz + extinction[a, b, c + 1] * fz) * gy + (
                        extinction[a, b + 1, c] * gz + extinction[a, b + 1, c + 1] * fz
                    ) * fy
                    high = (extinction[a + 1, b, c] * gz + extinction[a + 1, b, c + 1] * fz) * gy + (
                        extinction[a + 1, b + 1, c] * gz + extinction[a + 1, b + 1, c + 1] * fz
                    ) * fy
                    depth += (low * gx + high * fx) * length
                    x += dx
                    y += dy
                    z += dz
                out[i, j, k] = depth


@njit(cache=True, nogil=True)
def _sweep(
    extinction: Floats,
    direct: Floats,
    mean: Floats,
    total: Floats,
    floor: Floats,
    floor_next: Floats,
    starts: Ints,
    way: Ints,
    length: Any,
    weight: Any,
    arrive: Floats,
    sun_up: Any,
    floor_weight: Any,
) -> None:
    """Carry light along one way from every start; each ray of a way has cells of its own."""
    nx, ny, nz = extinction.shape
    ground = np.float32(GROUND)
    for n in range(len(starts)):
        i, j, k = starts[n, 0], starts[n, 1], starts[n, 2]
        sun, sky = arrive[0], arrive[1]
        if way[1] > 0 and j == 0:
            sun = ground * (sun_up * direct[i, 0, k] + floor[0, i, k])
            sky = ground * floor[1, i, k]
        while 0 <= i < nx and 0 <= j < ny and 0 <= k < nz:
            sigma = extinction[i, j, k]
            # Denormal numbers are slow.
            sun = sun if sun > _FAINT else _ZERO
            sky = sky if sky > _FAINT else _ZERO
            if sigma > _ZERO:
                half = np.exp(-_HALF * sigma * length)
                glow = np.float32(ALBEDO) * (_ONE - half)
                a, b = glow * mean[i, j, k, 0], glow * mean[i, j, k, 1]
                sun = sun * half + a
                sky = sky * half + b
                total[i, j, k, 0] += weight * sun
                total[i, j, k, 1] += weight * sky
                sun = sun * half + a
                sky = sky * half + b
            else:
                total[i, j, k, 0] += weight * sun
                total[i, j, k, 1] += weight * sky
            if j == 0:
                floor_next[0, i, k] += floor_weight * sun
                floor_next[1, i, k] += floor_weight * sky
            i += way[0]
            j += way[1]
            k += way[2]
