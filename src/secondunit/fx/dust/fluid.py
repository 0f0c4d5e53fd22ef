"""Dusty air on a staggered grid: MacCormack advection, exact pressure, vorticity confinement, drag by solids.

Lengths in metres, speeds in metres a second, extinction in 1/m. The four sides and the top are open (pressure 0
on the outer faces, solved exactly by sine and cosine transforms), the ground is closed and rough.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.fx.dust.advection import CENTRE, carry, carry_drift, centre_velocity, correct, departures
from secondunit.fx.dust.forces import accelerate, make_dust, push, settle, take_company, take_curl
from secondunit.fx.dust.pressure import inverse_laplacian, project

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

PHASES = 3
FASTEST_M_PER_S = 32.0

# Channels of a Sources array.
AREA, PUSH_X, PUSH_Y, PUSH_Z, EMIT, EXPAND = range(6)


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
    thinning_per_m_s: float = 0.55
    """Extinction that thin dust loses a second: the numerical haze around a billow, and what settles out of it."""
    scour: float = 0.9
    """Dust that a rush lifts from the ground: extinction flux per metre a second over a threshold."""
    full_per_m: float = 2.2
    """Extinction above which new dust no longer adds."""


class Fluid:
    """State of the air and one step of it.

    ``solid`` (nx, ny, nz) marks cells that no air enters; ``phases`` is 0 where nobody asks for texture coordinates.
    """

    def __init__(
        self, grid: Grid, *, air: Air, solid: Mask, billow: Floats, swirl: Floats, phases: int = PHASES
    ) -> None:
        nx, ny, nz = grid.shape
        self.grid, self.air = grid, air
        self.u = np.full((nx + 1, ny, nz), air.wind_m_per_s[0], np.float32)
        self.v = np.zeros((nx, ny + 1, nz), np.float32)
        self.w = np.full((nx, ny, nz + 1), air.wind_m_per_s[2], np.float32)
        self.extinction = np.zeros(grid.shape, np.float32)
        self.heat = np.zeros(grid.shape, np.float32)
        self.drift = np.zeros((phases, 3, nx // 2, ny // 2, nz // 2), np.float32)
        self.velocity = np.zeros((nx, ny, nz, 3), np.float32)
        self._billow, self._swirl = billow, swirl
        self._walls = _walls(solid)
        self._solid = solid if bool(solid.any()) else None
        self._inverse = inverse_laplacian(grid.shape)
        self._trace = np.empty((nx, ny, nz, 3), np.float32)
        self._force = np.zeros((nx, ny, nz, 3), np.float32)
        self._curl = np.zeros((nx, ny, nz, 4), np.float32)
        self._company = np.zeros(grid.shape, np.float32)
        self._rim = _rim(grid.shape)
        self._project(None)
        centre_velocity(self.u, self.v, self.w, self.velocity)

    def fastest(self) -> float:
        """Return the largest speed along an axis, metres a second."""
        return float(max(np.abs(a).max() for a in (self.u, self.v, self.w)))

    def step(self, sources: Floats, *, seconds: float, shift: tuple[int, int, int]) -> None:
        """Advance by one step under ``sources`` (nx, ny, nz, 6): see the channel numbers above.

        ``shift`` moves the seeded noise, in cells.
        """
        air, dt, cell = self.air, np.float32(seconds), np.float32(self.grid.cell_m)
        make_dust(self.extinction, self.heat, sources, self._billow, np.array(shift), np.float32(air.full_per_m), dt)
        take_curl(self.velocity, self._curl)
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
        accelerate(
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
        push(self.u, self.v, self.w, self._force, self._rim, np.array(air.wind_m_per_s, np.float32), dt)
        self._project(sources)
        centre_velocity(self.u, self.v, self.w, self.velocity)
        departures(self.velocity, dt / cell, self._trace)
        self.extinction = self._carried(self.extinction, CENTRE)
        self.heat = self._carried(self.heat, CENTRE)
        for phase in range(len(self.drift)):
            out = np.empty_like(self.drift[phase])
            carry_drift(self.drift[phase], self._trace, cell, out)
            self.drift[phase] = out
        self.u, self.v, self.w = (self._carried(a, axis) for axis, a in enumerate((self.u, self.v, self.w)))
        take_company(self.extinction, self._company)
        settle(
            self.extinction,
            self.heat,
            self._rim,
            self.velocity,
            self._company,
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
        expansion = None if sources is None else np.float32(self.grid.cell_m) * sources[..., EXPAND]
        project(self.u, self.v, self.w, expansion, inverse=self._inverse, limit=FASTEST_M_PER_S)
        self._hold_walls()


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
