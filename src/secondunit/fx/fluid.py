"""Dusty air on a staggered grid: MacCormack advection, exact pressure, vorticity confinement, drag by solids.

Lengths in metres, speeds in metres a second, extinction in 1/m. The four sides and the top are open (pressure 0
on the outer faces, solved exactly by sine and cosine transforms), the ground is closed and rough.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from numba import njit, prange
from numpy.typing import NDArray

from secondunit.fx.advection import CENTRE, carry, carry_drift, centre_velocity, correct, departures

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

PHASES = 3
FASTEST_M_PER_S = 32.0

# Channels of a Sources array.
AREA, PUSH_X, PUSH_Y, PUSH_Z, EMIT, EXPAND = range(6)

_HALF = np.float32(0.5)
_QUARTER = np.float32(0.25)
_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)
_SMALL = np.float32(1e-12)
_FAINT = np.float32(2e-4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where the cells lie. Shape is even on each axis."""

    origin_m: tuple[float, float, float]
    cell_m: float
    shape: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """The constants of the motion."""

    weight_m_per_s2: float = 0.55
    """Downward pull on dense dust (a gravity current)."""
    lift_m_per_s2: float = 1.6
    """Upward pull on freshly torn, warm and turbulent air."""
    swirl: float = 1.0
    """Vorticity confinement (Fedkiw et al. 2001), as the epsilon of that paper."""
    turbulence_m_per_s2: float = 45.0
    """Acceleration by seeded curl noise where dust is being made."""
    shear_turbulence_per_s: float = 3.0
    """Acceleration by the same noise in sheared dust, per metre a second of shear across a cell."""
    drag: float = 0.6
    """Half a drag coefficient: solids carry the air with them at ``drag * area * speed difference``."""
    ground_friction: float = 0.035
    wind_m_per_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    cooling_per_s: float = 0.9
    settling_per_s: float = 0.03
    thinning_per_m_s: float = 0.45
    """Extinction that thin dust loses a second: the numerical haze around a billow, and what settles out of it."""
    scour: float = 0.9
    """Dust that a rush lifts from the ground: extinction flux per metre a second over a threshold."""
    full_per_m: float = 2.2
    """Extinction above which new dust no longer adds."""


class Fluid:
    """State of the air and one step of it.

    ``solid`` (nx, ny, nz) marks cells that no air enters.
    """

    def __init__(self, grid: Grid, *, air: Air, solid: Mask, billow: Floats, swirl: Floats) -> None:
        nx, ny, nz = grid.shape
        self.grid, self.air = grid, air
        self.u = np.full((nx + 1, ny, nz), air.wind_m_per_s[0], np.float32)
        self.v = np.zeros((nx, ny + 1, nz), np.float32)
        self.w = np.full((nx, ny, nz + 1), air.wind_m_per_s[2], np.float32)
        self.extinction = np.zeros(grid.shape, np.float32)
        self.heat = np.zeros(grid.shape, np.float32)
        self.drift = np.zeros((PHASES, 3, nx // 2, ny // 2, nz // 2), np.float32)
        self.velocity = np.zeros((nx, ny, nz, 3), np.float32)
        self._billow, self._swirl = billow, swirl
        self._walls = _walls(solid)
        self._solid = solid if bool(solid.any()) else None
        self._inverse = _inverse_laplacian(grid.shape)
        self._trace = np.empty((nx, ny, nz, 3), np.float32)
        self._force = np.zeros((nx, ny, nz, 3), np.float32)
        self._curl = np.zeros((nx, ny, nz, 4), np.float32)
        self._rim = _rim(grid.shape)
        self._project(None)
        centre_velocity(self.u, self.v, self.w, self.velocity)

    def fastest(self) -> float:
        """Return the largest speed along an axis, metres a second."""
        return float(max(np.abs(a).max() for a in (self.u, self.v, self.w)))

    def step(self, sources: Floats, *, seconds: float, shift: tuple[int, int, int]) -> None:
        """Advance by one step under ``sources`` (nx, ny, nz, 6): see ``Sources`` in ``emission``.

        ``shift`` moves the seeded noise, in cells.
        """
        air, dt, cell = self.air, np.float32(seconds), np.float32(self.grid.cell_m)
        _emit(self.extinction, self.heat, sources, self._billow, np.array(shift), np.float32(air.full_per_m), dt)
        _curl(self.velocity, self._curl)
        constants = np.array(
            (
                air.weight_m_per_s2,
                air.lift_m_per_s2,
                air.swirl,
                air.turbulence_m_per_s2,
                air.drag,
                air.ground_friction / float(cell),
                air.shear_turbulence_per_s,
            ),
            np.float32,
        )
        _forces(
            self.velocity,
            self.extinction,
            self.heat,
            sources,
            self._curl,
            self._swirl,
            np.array(shift),
            constants,
            dt,
            self._force,
        )
        _apply(self.u, self.v, self.w, self._force, self._rim, np.array(air.wind_m_per_s, np.float32), dt)
        self._project(sources)
        centre_velocity(self.u, self.v, self.w, self.velocity)
        departures(self.velocity, dt / cell, self._trace)
        self.extinction = self._carried(self.extinction, CENTRE)
        self.heat = self._carried(self.heat, CENTRE)
        for phase in range(PHASES):
            out = np.empty_like(self.drift[phase])
            carry_drift(self.drift[phase], self._trace, cell, out)
            self.drift[phase] = out
        self.u, self.v, self.w = (self._carried(a, axis) for axis, a in enumerate((self.u, self.v, self.w)))
        _settle(
            self.extinction,
            self.heat,
            self._rim,
            self.velocity,
            np.float32(np.exp(-air.settling_per_s * seconds)),
            np.float32(np.exp(-air.cooling_per_s * seconds)),
            np.float32(air.scour * seconds / self.grid.cell_m),
            np.float32(air.thinning_per_m_s * seconds),
        )
        if self._solid is not None:
            self.extinction[self._solid] = 0.0
        self._hold_walls()
        centre_velocity(self.u, self.v, self.w, self.velocity)

    def _carried(self, field: Floats, where: int) -> Floats:
        first, low, high, out = (np.empty_like(field) for _ in range(4))
        carry(field, self._trace, where, first, low, high)
        correct(field, first, low, high, self._trace, where, out)
        return out

    def _hold_walls(self) -> None:
        self.v[:, 0] = 0.0
        if self._walls is not None:
            for field, wall in zip((self.u, self.v, self.w), self._walls, strict=True):
                field[wall] = 0.0

    def _project(self, sources: Floats | None) -> None:
        """Take the divergence out of the air, but for what ``sources`` let expand."""
        self._hold_walls()
        u, v, w = self.u, self.v, self.w
        cell = np.float32(self.grid.cell_m)
        right = np.empty(self.grid.shape, np.float32)
        _divergence(u, v, w, right)
        if sources is not None:
            right -= cell * sources[..., EXPAND]
        # Lines are always shared between two workers, so that grouping and hence rounding never change.
        p = scipy.fft.dstn(right, type=2, axes=(0, 2), norm="ortho", workers=2, overwrite_x=True)
        p = scipy.fft.dct(p, type=4, axis=1, norm="ortho", workers=2, overwrite_x=True)
        p *= self._inverse
        p = scipy.fft.dct(p, type=4, axis=1, norm="ortho", workers=2, overwrite_x=True)
        p = scipy.fft.idstn(p, type=2, axes=(0, 2), norm="ortho", workers=2, overwrite_x=True)
        _subtract_gradient(u, v, w, np.ascontiguousarray(p, dtype=np.float32), np.float32(FASTEST_M_PER_S))
        self._hold_walls()


def _inverse_laplacian(shape: tuple[int, int, int]) -> Floats:
    """Inverse eigenvalues of the 7-point Laplacian: value 0 on the sides and top, slope 0 on the ground."""
    nx, ny, nz = shape
    x = 2.0 - 2.0 * np.cos(np.pi * (np.arange(nx) + 1.0) / nx)
    y = 2.0 - 2.0 * np.cos(np.pi * (np.arange(ny) + 0.5) / ny)
    z = 2.0 - 2.0 * np.cos(np.pi * (np.arange(nz) + 1.0) / nz)
    return (-1.0 / (x[:, None, None] + y[None, :, None] + z[None, None, :])).astype(np.float32)


def _walls(solid: Mask) -> tuple[Mask, Mask, Mask] | None:
    """Faces that touch a solid cell, per axis; None where there is no solid."""
    if not solid.any():
        return None
    walls = []
    for axis in range(3):
        pad = [(0, 0)] * 3
        pad[axis] = (1, 1)
        padded = np.pad(solid, pad)
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        walls.append(padded[tuple(low)] | padded[tuple(high)])
    return walls[0], walls[1], walls[2]


def _rim(shape: tuple[int, int, int], width: int = 5) -> Floats:
    """How near a cell is to the open border: 1 on it, 0 from ``width`` cells inward; (nx, ny, nz)."""
    x, y, z = (np.arange(n) for n in shape)
    near_x = np.minimum(x, shape[0] - 1 - x)[:, None, None]
    near_y = (shape[1] - 1 - y)[None, :, None]
    near_z = np.minimum(z, shape[2] - 1 - z)[None, None, :]
    near = np.minimum(np.minimum(near_x, near_y), near_z)
    return np.clip(1.0 - near / width, 0.0, 1.0).astype(np.float32)


@njit(parallel=True, fastmath=True, cache=True, nogil=True)
def _divergence(u: Floats, v: Floats, w: Floats, out: Floats) -> None:
    nx, ny, nz = out.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                out[i, j, k] = u[i + 1, j, k] - u[i, j, k] + v[i, j + 1, k] - v[i, j, k] + w[i, j, k + 1] - w[i, j, k]


@njit(parallel=True, fastmath=True, cache=True, nogil=True)
def _subtract_gradient(u: Floats, v: Floats, w: Floats, p: Floats, limit: Any) -> None:
    nx, ny, nz = p.shape
    for i in prange(nx + 1):
        for j in range(ny):
            for k in range(nz):
                above = p[i, j, k] if i < nx else -p[i - 1, j, k]
                below = p[i - 1, j, k] if i > 0 else -p[i, j, k]
                u[i, j, k] = min(max(u[i, j, k] - (above - below), -limit), limit)
                if i < nx:
                    below = p[i, j, k - 1] if k > 0 else -p[i, j, k]
                    w[i, j, k] = min(max(w[i, j, k] - (p[i, j, k] - below), -limit), limit)
                    if j > 0:
                        v[i, j, k] = min(max(v[i, j, k] - (p[i, j, k] - p[i, j - 1, k]), -limit), limit)
            if i < nx:
                last = w[i, j, nz] + (p[i, j, nz - 1] + p[i, j, nz - 1])
                w[i, j, nz] = min(max(last, -limit), limit)
        if i < nx:
            for k in range(nz):
                last = v[i, ny, k] + (p[i, ny - 1, k] + p[i, ny - 1, k])
                v[i, ny, k] = min(max(last, -limit), limit)


@njit(parallel=True, fastmath=True, cache=True, nogil=True)
def _emit(extinction: Floats, heat: Floats, sources: Floats, billow: Floats, shift: Any, full: Any, dt: Any) -> None:
    nx, ny, nz = extinction.shape
    n = billow.shape[0]
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                rate = sources[i, j, k, 4]
                if rate <= _ZERO:
                    continue
                clump = billow[(i + shift[0]) % n, (j + shift[1]) % n, (k + shift[2]) % n]
                sources[i, j, k, 5] *= clump  # what blows unevenly billows
                room = max(_ONE - extinction[i, j, k] / full, _ZERO)
                added = rate * clump * dt * room
                extinction[i, j, k] += added
                heat[i, j, k] = min(heat[i, j, k] + added, _ONE)


@njit(parallel=True, fastmath=True, cache=True, nogil=True)
def _curl(velocity: Floats, out: Floats) -> None:
    """Curl (x, y, z) and its length, in velocity per cell; 0 on the outer cells."""
    nx, ny, nz = velocity.shape[:3]
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                x = (
                    velocity[i, j + 1, k, 2]
                    - velocity[i, j - 1, k, 2]
                    - velocity[i, j, k + 1, 1]
                    + velocity[i, j, k - 1, 1]
                )
                y = (
                    velocity[i, j, k + 1, 0]
                    - velocity[i, j, k - 1, 0]
                    - velocity[i + 1, j, k, 2]
                    + velocity[i - 1, j, k, 2]
                )
                z = (
                    velocity[i + 1, j, k, 1]
                    - velocity[i - 1, j, k, 1]
                    - velocity[i, j + 1, k, 0]
                    + velocity[i, j - 1, k, 0]
                )
                x, y, z = _HALF * x, _HALF * y, _HALF * z
                out[i, j, k, 0] = x
                out[i, j, k, 1] = y
                out[i, j, k, 2] = z
                out[i, j, k, 3] = np.sqrt(x * x + y * y + z * z)


@njit(parallel=True, fastmath=True, cache=True, nogil=True)
def _forces(
    velocity: Floats,
    extinction: Floats,
    heat: Floats,
    sources: Floats,
    curl: Floats,
    swirl: Floats,
    shift: Any,
    constants: Floats,
    dt: Any,
    out: Floats,
) -> None:
    """Acceleration at each cell centre: weight, lift, confinement, turbulence, drag, ground."""
    nx, ny, nz = extinction.shape
    n = swirl.shape[0]
    weight, lift, confine, turbulence, drag, friction, shear = (
        constants[0],
        constants[1],
        constants[2],
        constants[3],
        constants[4],
        constants[5],
        constants[6],
    )
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                x = y = z = _ZERO
                dust = extinction[i, j, k]
                vx, vy, vz = velocity[i, j, k, 0], velocity[i, j, k, 1], velocity[i, j, k, 2]
                if dust > _FAINT:
                    share = dust / (dust + _HALF)
                    y += lift * heat[i, j, k] - weight * share
                    if 0 < i < nx - 1 and 0 < j < ny - 1 and 0 < k < nz - 1:
                        gx = curl[i + 1, j, k, 3] - curl[i - 1, j, k, 3]
                        gy = curl[i, j + 1, k, 3] - curl[i, j - 1, k, 3]
                        gz = curl[i, j, k + 1, 3] - curl[i, j, k - 1, 3]
                        scale = (
                            confine * min(dust * np.float32(12.0), _ONE) / np.sqrt(gx * gx + gy * gy + gz * gz + _SMALL)
                        )
                        cx, cy, cz = curl[i, j, k, 0], curl[i, j, k, 1], curl[i, j, k, 2]
                        # epsilon * h * (N x omega); omega = curl / h, so that h cancels.
                        x += scale * (gy * cz - gz * cy)
                        y += scale * (gz * cx - gx * cz)
                        z += scale * (gx * cy - gy * cx)
                made = sources[i, j, k, 4]
                gain = turbulence * made / (made + _ONE)
                if dust > _FAINT:
                    gain += shear * min(curl[i, j, k, 3], np.float32(6.0)) * dust / (dust + _QUARTER)
                if gain > _FAINT:
                    a, b, c = (i + shift[0]) % n, (j + shift[1]) % n, (k + shift[2]) % n
                    x += gain * swirl[a, b, c, 0]
                    y += gain * swirl[a, b, c, 1]
                    z += gain * swirl[a, b, c, 2]
                area = sources[i, j, k, 0]
                if area > _FAINT:
                    dx = sources[i, j, k, 1] / area - vx
                    dy = sources[i, j, k, 2] / area - vy
                    dz = sources[i, j, k, 3] / area - vz
                    rate = drag * area * np.sqrt(dx * dx + dy * dy + dz * dz)
                    rate = rate / (_ONE + rate * dt)
                    x += rate * dx
                    y += rate * dy
                    z += rate * dz
                if j == 0:
                    rate = friction * np.sqrt(vx * vx + vz * vz)
                    x -= rate * vx
                    z -= rate * vz
                out[i, j, k, 0] = x
                out[i, j, k, 1] = y
                out[i, j, k, 2] = z


@njit(parallel=True, fastmath=True, cache=True, nogil=True)
def _apply(u: Floats, v: Floats, w: Floats, force: Floats, rim: Floats, wind: Floats, dt: Any) -> None:
    """Add accelerations to the inner faces and lean the border towards the wind."""
    nx, ny, nz = rim.shape
    half = _HALF * dt
    ease = _HALF * min(dt * np.float32(2.0), _ONE)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                near = rim[i, j, k] * ease + dt * np.float32(0.01)
                if i > 0:
                    u[i, j, k] += half * (force[i - 1, j, k, 0] + force[i, j, k, 0]) + near * (wind[0] - u[i, j, k])
                if j > 0:
                    v[i, j, k] += half * (force[i, j - 1, k, 1] + force[i, j, k, 1]) - near * v[i, j, k]
                if k > 0:
                    w[i, j, k] += half * (force[i, j, k - 1, 2] + force[i, j, k, 2]) + near * (wind[2] - w[i, j, k])


@njit(parallel=True, fastmath=True, cache=True, nogil=True)
def _settle(
    extinction: Floats,
    heat: Floats,
    rim: Floats,
    velocity: Floats,
    keep: Any,
    warm: Any,
    scour: Any,
    thinning: Any,
) -> None:
    """Fade dust and heat, thin dust sooner than dense, which keeps billows' edges; lift dust from the ground where a dusty rush passes over it."""
    nx, ny, nz = extinction.shape
    full, calm = np.float32(1.5), np.float32(2.5)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                dust = extinction[i, j, k] * keep * (_ONE - _QUARTER * rim[i, j, k])
                share = dust / _HALF
                dust = max(dust - thinning / (_ONE + share * share), _ZERO)
                if j == 0:
                    vx, vz = velocity[i, 0, k, 0], velocity[i, 0, k, 2]
                    rush = max(np.sqrt(vx * vx + vz * vz) - calm, _ZERO)
                    over = max(extinction[i, 1, k], extinction[i, 2, k])
                    dust += scour * rush * min(over, _ONE) * max(_ONE - dust / full, _ZERO)
                extinction[i, j, k] = dust if dust > _FAINT else _ZERO
                heat[i, j, k] *= warm
