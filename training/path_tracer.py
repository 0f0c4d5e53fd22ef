"""The yardstick: dust lit without bias, by following single quanta of light back from the camera.

Free paths by delta tracking and transmittance towards the sun by ratio tracking (Woodcock et al. 1965; Novák et al.
2014, "Residual ratio tracking"), against a majorant for each brick of cells; directions from the product's own two
Henyey-Greenstein lobes; a Lambert ground; a uniform sky. Layers are told as the product tells them: albedo 1 where the
camera's ray meets the dust (the tint is applied later), ``light.ALBEDO`` at every later meeting. The sun sends pi, so
that a white card facing it reads 1; the sky shows 1.

It is slow and it is noise: it says how far the training's discrete-ordinate targets are from the truth, and is never
trained on (``training.yardstick``).
"""

import math

import numpy as np
from numba import njit, prange
from scipy.ndimage import maximum_filter

from secondunit.core.camera import Camera, Vec3
from secondunit.fx.control.march import NEAREST_M
from secondunit.fx.control.march_rays import LOBE_BACK, LOBE_FORWARD, LOBE_MIX
from secondunit.fx.dust.grid import DustFrame
from secondunit.fx.dust.light import ALBEDO, GROUND
from secondunit.imaging.buffers import DustLayers, Image
from secondunit.imaging.projection import intrinsics, pose
from training.target import lobe, read

BRICK = 4
"""Cells along one edge of what one majorant stands for."""
DARK = 0.05
"""Throughput under which a path goes on by lot alone."""

F = np.float32
ZERO, HALF, ONE, TWO = F(0.0), F(0.5), F(1.0), F(2.0)
_EPS = F(1e-4)
_FAR = F(1e30)


def trace(
    dust: DustFrame,
    *,
    camera: Camera,
    width: int,
    height: int,
    surface_depth: Image,
    sun_direction: Vec3,
    samples: int,
    seed: int = 1,
    albedo: float = ALBEDO,
    ground: float = GROUND,
    orders: int = 1 << 20,
) -> DustLayers:
    """Return noisy layers without bias.

    Parameters
    ----------
    surface_depth
        (height, width) metres along the optical axis, inf where there is nothing. Surfaces hide, but light nothing.
    samples
        Paths a pixel.
    orders
        Meetings with dust after which a path ends: 1 is single scattering. Bias, for tests.
    """
    extinction = np.ascontiguousarray(dust.extinction, dtype=np.float32)
    out = np.zeros((3, height, width), np.float32)
    rotation, position = pose(camera)
    _trace(
        extinction, majorants(extinction), dust.origin_m.astype(np.float32), F(dust.cell_m),
        np.asarray(intrinsics(camera, width, height), np.float32), rotation.astype(np.float32),
        position.astype(np.float32), surface_depth.astype(np.float32), np.asarray(sun_direction, np.float32),
        samples, np.uint64(seed), F(albedo), F(ground), orders, out,
    )  # fmt: skip
    return DustLayers(alpha=out[0], sun=out[1], sky=out[2])


def majorants(extinction: Image) -> Image:
    """Return the largest extinction that a trilinear read can give within each brick."""
    wide = maximum_filter(extinction, 3)
    shape = tuple(-(-n // BRICK) for n in extinction.shape)
    padded = np.zeros([n * BRICK for n in shape], np.float32)
    padded[tuple(slice(n) for n in extinction.shape)] = wide
    bricks = padded.reshape(shape[0], BRICK, shape[1], BRICK, shape[2], BRICK)
    return np.ascontiguousarray(bricks.max(axis=(1, 3, 5)))


@njit(nogil=True, inline="always")
def _next(state):  # type: ignore[no-untyped-def]
    """Return (state, uniform in [0, 1)): splitmix64 (Steele et al. 2014)."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return state, F(z >> np.uint64(40)) * F(1.0 / 16777216.0)


@njit(nogil=True)
def phase(cosine):  # type: ignore[no-untyped-def]
    """Return the product's phase function times 4 pi."""
    return (ONE - LOBE_MIX) * lobe(LOBE_FORWARD, cosine) + LOBE_MIX * lobe(LOBE_BACK, cosine)


@njit(nogil=True)
def turned(state, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Return (state, a direction drawn from the phase function around (dx, dy, dz))."""
    state, pick = _next(state)
    g = LOBE_FORWARD if pick >= LOBE_MIX else LOBE_BACK
    state, u = _next(state)
    # Inverse of the lobe's distribution (Witt 1977).
    s = (ONE - g * g) / (ONE - g + TWO * g * u)
    cosine = min(max((ONE + g * g - s * s) / (TWO * g), F(-1.0)), ONE)
    state, v = _next(state)
    return state, *around(dx, dy, dz, cosine, v)


@njit(nogil=True)
def around(dx, dy, dz, cosine, v):  # type: ignore[no-untyped-def]
    """Return the direction at ``cosine`` to a unit vector, turned by the share ``v`` of a circle."""
    sine = np.sqrt(max(ONE - cosine * cosine, ZERO))
    angle = F(2.0 * math.pi) * v
    # An axis that is never parallel to the vector.
    if abs(dx) < F(0.7):
        ax, ay, az = ZERO, dz, -dy
    else:
        ax, ay, az = -dz, ZERO, dx
    size = ONE / np.sqrt(ax * ax + ay * ay + az * az)
    ax, ay, az = ax * size, ay * size, az * size
    bx, by, bz = dy * az - dz * ay, dz * ax - dx * az, dx * ay - dy * ax
    p, q = sine * np.cos(angle), sine * np.sin(angle)
    x = cosine * dx + p * ax + q * bx
    y = cosine * dy + p * ay + q * by
    z = cosine * dz + p * az + q * bz
    size = ONE / np.sqrt(x * x + y * y + z * z)
    return x * size, y * size, z * size


@njit(nogil=True)
def _inside(px, py, pz, dx, dy, dz, nx, ny, nz):  # type: ignore[no-untyped-def]
    """Return (enter, leave) of a ray and the grid, in cells; nothing is met where leave <= enter."""
    ix = ONE / (dx if abs(dx) > F(1e-9) else F(1e-9))
    iy = ONE / (dy if abs(dy) > F(1e-9) else F(1e-9))
    iz = ONE / (dz if abs(dz) > F(1e-9) else F(1e-9))
    ax, bx = -px * ix, (F(nx) - px) * ix
    ay, by = -py * iy, (F(ny) - py) * iy
    az, bz = -pz * iz, (F(nz) - pz) * iz
    enter = max(max(min(ax, bx), min(ay, by)), max(min(az, bz), ZERO))
    leave = min(min(max(ax, bx), max(ay, by)), max(az, bz))
    return enter, leave


@njit(nogil=True)
def _brick(bricks, x, y, z, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Return (majorant, distance to its end) of the brick that a ray is in, or is about to enter."""
    mx, my, mz = bricks.shape
    size = F(BRICK)
    i = min(max(int((x + dx * _EPS) / size), 0), mx - 1)
    j = min(max(int((y + dy * _EPS) / size), 0), my - 1)
    k = min(max(int((z + dz * _EPS) / size), 0), mz - 1)
    sx = (F(i + (1 if dx > ZERO else 0)) * size - x) / dx if abs(dx) > F(1e-9) else _FAR
    sy = (F(j + (1 if dy > ZERO else 0)) * size - y) / dy if abs(dy) > F(1e-9) else _FAR
    sz = (F(k + (1 if dz > ZERO else 0)) * size - z) / dz if abs(dz) > F(1e-9) else _FAR
    return bricks[i, j, k], max(min(sx, min(sy, sz)), _EPS)


@njit(nogil=True)
def _flight(bricks, cell, state, x, y, z, dx, dy, dz, t, length):  # type: ignore[no-untyped-def]
    """Fly on from ``t`` to where the densest dust of the bricks would be met; (state, distance, that extinction)."""
    while t < length:
        most, far = _brick(bricks, x + dx * t, y + dy * t, z + dz * t, dx, dy, dz)
        if most * cell <= F(1e-9):
            t += far
            continue
        state, u = _next(state)
        step = -np.log(ONE - u) / (most * cell)
        if step < far:
            return state, t + step, most
        t += far
    return state, t, ZERO


@njit(nogil=True)
def meet(extinction, bricks, cell, state, x, y, z, dx, dy, dz, start, end):  # type: ignore[no-untyped-def]
    """Draw where a ray first meets dust between two distances in cells; (state, distance), below 0 for nowhere."""
    # Counted from where the ray begins: far away, a single-precision distance is too coarse to go on by.
    x, y, z = x + dx * start, y + dy * start, z + dz * start
    length = end - start
    state, t, most = _flight(bricks, cell, state, x, y, z, dx, dy, dz, ZERO, length)
    while t < length:
        here = read(extinction, x + dx * t - HALF, y + dy * t - HALF, z + dz * t - HALF)
        state, v = _next(state)
        if v * most < here:
            return state, start + t
        state, t, most = _flight(bricks, cell, state, x, y, z, dx, dy, dz, t, length)
    return state, F(-1.0)


@njit(nogil=True)
def through(extinction, bricks, cell, state, x, y, z, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Estimate the transmittance from a point to beyond the grid; (state, estimate)."""
    nx, ny, nz = extinction.shape
    start, end = _inside(x, y, z, dx, dy, dz, nx, ny, nz)
    x, y, z = x + dx * start, y + dy * start, z + dz * start
    length = end - start
    clear = ONE
    state, t, most = _flight(bricks, cell, state, x, y, z, dx, dy, dz, ZERO, length)
    while t < length:
        here = read(extinction, x + dx * t - HALF, y + dy * t - HALF, z + dz * t - HALF)
        clear *= max(ONE - here / most, ZERO)
        if clear < F(0.1):
            state, v = _next(state)
            if v > HALF:
                return state, ZERO
            clear *= TWO
        state, t, most = _flight(bricks, cell, state, x, y, z, dx, dy, dz, t, length)
    return state, clear


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def _trace(  # type: ignore[no-untyped-def]
    extinction, bricks, origin, cell, camera, rotation, position, far, sun, samples, seed, albedo, ground, orders, out,
):  # fmt: skip
    nx, ny, nz = extinction.shape
    _, height, width = out.shape
    floor = -origin[1] / cell
    for row in prange(height):
        for col in range(width):
            state = (seed * np.uint64(0xD1342543DE82EF95) + np.uint64(row * width + col)) * np.uint64(
                0x2545F4914F6CDD1D
            )
            met = ZERO
            lum = ZERO
            sky = ZERO
            for _ in range(samples):
                state, u = _next(state)
                state, v = _next(state)
                lx = (F(col) + u - camera[2]) / camera[0]
                ly = -(F(row) + v - camera[3]) / camera[1]
                dx = rotation[0, 0] * lx + rotation[0, 1] * ly - rotation[0, 2]
                dy = rotation[1, 0] * lx + rotation[1, 1] * ly - rotation[1, 2]
                dz = rotation[2, 0] * lx + rotation[2, 1] * ly - rotation[2, 2]
                length = np.sqrt(dx * dx + dy * dy + dz * dz)
                dx, dy, dz = dx / length, dy / length, dz / length
                # From here on lengths are cells from the grid's corner.
                x = (position[0] - origin[0]) / cell
                y = (position[1] - origin[1]) / cell
                z = (position[2] - origin[2]) / cell
                enter, leave = _inside(x, y, z, dx, dy, dz, nx, ny, nz)
                enter = max(enter, F(NEAREST_M) * length / cell)
                leave = min(leave, far[row, col] * length / cell)
                if leave <= enter:
                    continue
                state, t = meet(extinction, bricks, cell, state, x, y, z, dx, dy, dz, enter, leave)
                if t < ZERO:
                    continue
                met += ONE
                weight = ONE
                x, y, z = x + dx * t, y + dy * t, z + dz * t
                count = 0
                while True:
                    count += 1
                    if sun[1] > ZERO:
                        state, clear = through(extinction, bricks, cell, state, x, y, z, sun[0], sun[1], sun[2])
                        lum += weight * F(0.25) * phase(dx * sun[0] + dy * sun[1] + dz * sun[2]) * clear
                    state, dx, dy, dz = turned(state, dx, dy, dz)
                    # Away until dust is met again: to the sky, or off the ground.
                    alive = True
                    while alive:
                        enter, leave = _inside(x, y, z, dx, dy, dz, nx, ny, nz)
                        down = (floor - y) / dy if dy < ZERO else _FAR
                        t = F(-1.0)
                        if leave > enter:
                            state, t = meet(
                                extinction, bricks, cell, state, x, y, z, dx, dy, dz, enter, min(leave, down)
                            )
                        if t >= ZERO:
                            x, y, z = x + dx * t, y + dy * t, z + dz * t
                            break
                        if dy >= ZERO:
                            sky += weight
                            alive = False
                            break
                        weight *= ground
                        if weight <= ZERO:
                            alive = False
                            break
                        x, y, z = x + dx * down, floor + _EPS, z + dz * down
                        if sun[1] > ZERO:
                            state, clear = through(extinction, bricks, cell, state, x, y, z, sun[0], sun[1], sun[2])
                            lum += weight * sun[1] * clear
                        state, u = _next(state)
                        state, v = _next(state)
                        dx, dy, dz = around(ZERO, ONE, ZERO, np.sqrt(u), v)
                        if weight < F(DARK):
                            state, u = _next(state)
                            if u > HALF:
                                alive = False
                            weight *= TWO
                    if not alive or count >= orders:
                        break
                    weight *= albedo
                    if weight < F(DARK):
                        state, u = _next(state)
                        if u > HALF:
                            break
                        weight *= TWO
            share = ONE / F(samples)
            out[0, row, col] = met * share
            out[1, row, col] = lum * share
            out[2, row, col] = sky * share
