"""Where dust is made and air is pushed: breaks, rubs, landings, closing floors, windows, the rush at the foot.

Amounts are areas: one cubic metre filled to an extinction of 1/m holds 1 m² of dust.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from secondunit.core.collapse import Dust
from secondunit.core.layout import Layout
from secondunit.fx.dust.breakage import fallen_m3, hits, shed
from secondunit.fx.dust.crush import Rooms, Windows, buildings, rooms_of
from secondunit.fx.dust.fluid import Grid
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion

Floats = NDArray[np.float32]

DUST_M2_PER_M3 = 3.0
"""Dust that a cubic metre of fallen building leaves in the air, chosen by eye against demolition footage."""
SHARE_CRUSH, SHARE_JETS, SHARE_HITS, SHARE_TRAILS, SHARE_BREAKS = 0.40, 0.26, 0.26, 0.05, 0.03
BLOCK = 6.0
"""How much harder a standing wall stops the air than a falling one carries it."""
SETTLED_M_PER_S = 0.15
SHUTS_M_PER_S = 1.2
"""A storey that closes more slowly presses nothing out."""
SLAMS_M_PER_S = 5.0
"""From this speed on a closing storey blows out all its dust; below, the less the slower it shuts."""
HIT_SPREAD = (0.4, 0.3, 0.2, 0.1)
"""A landing gives its dust over this many frames."""

_STAGE = 0x64757374
_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)


class Emitter:
    """Sources of dust and of motion in the air, as a pure function of time.

    Time is counted in rows of ``motion``, and may lie between two.
    """

    def __init__(self, pieces: Pieces, motion: Motion, layout: Layout, dust: Dust, *, grid: Grid) -> None:
        self._pieces, self._motion, self._dust, self._grid = pieces, motion, dust, grid
        self._points = _surface_points(pieces, spacing=0.95 * grid.cell_m, seed=dust.seed)
        self._rooms: list[tuple[Rooms, Windows]] = [
            rooms_of(box, pieces, motion, number=number) for number, box in buildings(layout)
        ]
        budget = dust.amount * DUST_M2_PER_M3 * fallen_m3(pieces, motion, layout)
        self._shed = shed(pieces, motion, trails=SHARE_TRAILS * budget, breaks=SHARE_BREAKS * budget)
        self._hit_dust, self._hit_air = hits(pieces, motion, layout, dust=SHARE_HITS * budget, surge=dust.surge)
        closed = sum(float(_pressed(r.closing_m_per_s).sum()) * r.size_m[0] * r.size_m[1] for r, _ in self._rooms)
        self._crush_dust = SHARE_CRUSH * budget * motion.rate / max(closed, 1e-6)
        blown = sum(float(_pressed(r.closing_m_per_s[:, w.room]).sum()) for r, w in self._rooms)
        self._jet_dust = SHARE_JETS * budget * dust.jets * motion.rate / max(blown, 1e-6)
        self._strength = [_jet_strength(w, dust.seed, n) for n, (_, w) in enumerate(self._rooms)]
        self._cache: dict[int, Floats] = {}

    @property
    def first_row(self) -> int:
        """The row of the motion at which the first dust is made; its length if there is none."""
        rows = [len(self._motion.position)]
        rows += [int(r) for r in np.flatnonzero(self._shed.sum(axis=1))[:1]]
        for rooms, _ in self._rooms:
            rows += [int(r) for r in np.flatnonzero((rooms.closing_m_per_s > SHUTS_M_PER_S).any(axis=1))[:1]]
        landed = self._motion.hit_frame[self._hit_dust > 0]
        if len(landed):
            rows.append(max(int(landed.min()) - self._motion.first_frame, 0))
        return min(rows)

    def sources(self, row: float, *, out: Floats) -> None:
        """Write the sources at a time into ``out`` (nx, ny, nz, 6): see the channel numbers in ``fluid``.

        Parameters
        ----------
        row
            Middle of the step, in rows of the motion. After its end everything stands still and nothing breaks.
        out
            Overwritten.
        """
        out[...] = 0.0
        last = len(self._motion.position) - 1
        n = min(max(int(np.floor(row)), 0), last)
        blend = np.float32(min(max(row - n, 0.0), 1.0)) if n < last else np.float32(0.0)
        rng = np.random.default_rng([self._dust.seed, _STAGE, max(round(row * 64), 0)])
        splat = self._splatter(out)
        self._moving(splat, n, blend)
        self._landings(splat, row, rng)
        if row >= last:
            return
        for (rooms, windows), strength in zip(self._rooms, self._strength, strict=True):
            self._closing(splat, rooms, n + 1, rng)
            self._windows(splat, rooms, windows, strength, n + 1, rng)

    def _splatter(self, out: Floats) -> Callable[[Floats, Floats], None]:
        grid = self._grid
        origin = np.array(grid.origin_m, np.float32)
        inverse = np.float32(1.0 / grid.cell_m)
        volume = np.float32(1.0 / grid.cell_m**3)

        def splat(where: Floats, values: Floats) -> None:
            _splat(out, where.astype(np.float32), values.astype(np.float32), origin, inverse, volume)

        return splat

    def _placed(self, n: int) -> Floats:
        """World positions of the surface points in a row."""
        if n not in self._cache:
            piece, local = self._points[0], self._points[1]
            self._cache = {k: v for k, v in self._cache.items() if k >= n - 1}
            self._cache[n] = _rotate(self._motion.quaternion[n][piece], local) + self._motion.position[n][piece]
        return self._cache[n]

    def _moving(self, splat: Callable[[Floats, Floats], None], n: int, blend: np.float32) -> None:
        piece, _, area, share = self._points
        last = len(self._motion.position) - 1
        here, there = self._placed(n), self._placed(min(n + 1, last))
        velocity = (there - here) * np.float32(self._motion.rate)
        speed = np.sqrt((velocity * velocity).sum(axis=1))
        weight = area * np.where(speed < SETTLED_M_PER_S, np.float32(BLOCK), np.float32(1.0))
        values = np.zeros((len(piece), 6), np.float32)
        values[:, 0] = weight
        values[:, 1:4] = weight[:, None] * velocity
        values[:, 4] = self._shed[n + 1][piece] * share if n < last else 0.0
        splat(here + blend * (there - here), values)

    def _landings(self, splat: Callable[[Floats, Floats], None], row: float, rng: np.random.Generator) -> None:
        age = np.ceil(row).astype(int) + self._motion.first_frame - self._motion.hit_frame
        chosen = np.flatnonzero((age >= 0) & (age < len(HIT_SPREAD)) & (self._hit_dust > 0))
        if not len(chosen):
            return
        gain = np.array(HIT_SPREAD, np.float32)[age[chosen]] * np.float32(self._motion.rate)
        each = 10
        energy = self._motion.hit_energy[chosen]
        radius = np.clip(0.6 * self._grid.cell_m + 0.25 * np.cbrt(energy / 1000.0), 0.5, 3.0)
        offset = rng.normal(size=(len(chosen), each, 3)) * 0.6 * radius[:, None, None]
        offset[..., 1] = np.abs(offset[..., 1])
        where = self._motion.hit_position[chosen][:, None, :] + offset
        values = np.zeros((len(chosen), each, 6), np.float32)
        values[..., 4] = (self._hit_dust[chosen] * gain / each)[:, None]
        values[..., 5] = (self._hit_air[chosen] * gain / each)[:, None]
        splat(where.reshape(-1, 3), values.reshape(-1, 6))

    def _closing(self, splat: Callable[[Floats, Floats], None], rooms: Rooms, n: int, rng: np.random.Generator) -> None:
        rate = rooms.closing_m_per_s[n]
        chosen = np.flatnonzero(rate > SHUTS_M_PER_S)
        if not len(chosen):
            return
        a, b = rooms.size_m
        counts = [max(2, int(np.ceil(length / self._grid.cell_m))) for length in (a, 3.0, b)]
        each = int(np.prod(counts))
        lattice = np.stack(np.meshgrid(*((np.arange(c) + 0.5) / c for c in counts), indexing="ij"), -1).reshape(-1, 3)
        lattice = lattice[None] + rng.uniform(-0.5, 0.5, (len(chosen), each, 3)) / np.array(counts)
        where = (
            rooms.centre[n][chosen][:, None]
            + ((lattice[..., :1] - 0.5) * a) * rooms.along
            + ((lattice[..., 2:] - 0.5) * b) * rooms.inward
        )
        where[..., 1] += lattice[..., 1] * np.maximum(rooms.gap_m[n][chosen], 0.5)[:, None]
        volume = rate[chosen] * a * b
        values = np.zeros((len(chosen), each, 6), np.float32)
        values[..., 4] = (self._crush_dust * volume * _slam(rate[chosen]) / each)[:, None]
        values[..., 5] = (0.8 * volume / each)[:, None]
        splat(where.reshape(-1, 3), values.reshape(-1, 6))

    def _windows(
        self,
        splat: Callable[[Floats, Floats], None],
        rooms: Rooms,
        windows: Windows,
        strength: Floats,
        n: int,
        rng: np.random.Generator,
    ) -> None:
        closing = rooms.closing_m_per_s[n][windows.room]
        rate = closing * strength
        chosen = np.flatnonzero((closing > SHUTS_M_PER_S) & (rate > SHUTS_M_PER_S))
        if not len(chosen) or self._dust.jets <= 0:
            return
        each = 14
        room, outward = windows.room[chosen], windows.outward[chosen]
        # The room's air leaves through openings of a fifth of its outer wall: about twice its closing speed and up.
        speed = np.minimum(3.0 + 2.4 * rate[chosen], 20.0) * min(self._dust.jets, 2.0)
        side: Floats = np.stack((outward[:, 2], np.zeros_like(rate[chosen]), -outward[:, 0]), axis=1).astype(np.float32)
        spread = rng.uniform(-0.5, 0.5, (len(chosen), each, 3))
        where = rooms.centre[n][room][:, None] + windows.offset[chosen][:, None]
        where = where + side[:, None] * (spread[..., :1] * 0.5 * windows.width_m)
        where = where + outward[:, None] * (0.3 + (spread[..., 1:2] + 0.5) * 2.2 * self._grid.cell_m)
        where[..., 1] += np.maximum(rooms.gap_m[n][room], 0.6)[:, None] * (0.55 + 0.35 * spread[..., 2])
        values = np.zeros((len(chosen), each, 6), np.float32)
        area = 1.6 * self._grid.cell_m**2
        values[..., 0] = area
        values[..., 1:4] = (area * speed)[:, None, None] * outward[:, None]
        values[..., 4] = (self._jet_dust * rate[chosen] * _slam(closing[chosen]) / each)[:, None]
        splat(where.reshape(-1, 3), values.reshape(-1, 6))


def _surface_points(pieces: Pieces, *, spacing: float, seed: int) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Scatter points over the faces: piece, place less the piece's centre, drag area in m², share of the piece."""
    rng = np.random.default_rng([seed, _STAGE, 1])
    a, b, c = (pieces.vertices[pieces.faces[:, n]] for n in range(3))
    size = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    owner = np.repeat(np.arange(len(pieces)), np.diff(pieces.face_start))
    count = np.floor(size / spacing**2 + rng.random(len(size))).astype(int)
    bare = np.setdiff1d(np.arange(len(pieces)), owner[count > 0])
    first_face = pieces.face_start[:-1][bare]
    count[first_face] = 1
    face = np.repeat(np.arange(len(size)), count)
    s, t = rng.random((2, len(face)))
    flip = s + t > 1.0
    s, t = np.where(flip, 1.0 - s, s)[:, None], np.where(flip, 1.0 - t, t)[:, None]
    where = a[face] + s * (b[face] - a[face]) + t * (c[face] - a[face])
    piece = owner[face]
    total = np.bincount(owner, weights=size, minlength=len(pieces))
    share = 1.0 / np.bincount(piece, minlength=len(pieces)).clip(1)
    # Two faces of a panel see the wind once.
    area = 0.5 * total * share
    return (
        piece,
        (where - pieces.centre[piece]).astype(np.float32),
        area[piece].astype(np.float32),
        share[piece].astype(np.float32),
    )


def _jet_strength(windows: Windows, seed: int, number: int) -> Floats:
    """How hard each window blows: most little, some a lot."""
    rng = np.random.default_rng([seed, _STAGE, 2, number])
    return np.clip(rng.lognormal(-0.35, 0.75, len(windows.room)), 0.0, 2.2).astype(np.float32)


def _pressed(closing_m_per_s: Floats) -> Floats:
    """Weigh closing speeds by what they blow out."""
    return np.where(closing_m_per_s > SHUTS_M_PER_S, closing_m_per_s * _slam(closing_m_per_s), np.float32(0.0))


def _slam(closing_m_per_s: Floats) -> Floats:
    """Share of its dust that a storey blows out, by how fast it shuts."""
    share: Floats = np.minimum(closing_m_per_s / np.float32(SLAMS_M_PER_S), np.float32(1.0)) ** 2
    return share


def _rotate(quaternion: Floats, vector: Floats) -> Floats:
    """Rotate vectors (M, 3) by unit quaternions (M, 4), w x y z."""
    w, axis = quaternion[:, :1], quaternion[:, 1:]
    turn = 2.0 * np.cross(axis, vector)
    return (vector + w * turn + np.cross(axis, turn)).astype(np.float32)


@njit(cache=True, nogil=True)
def _splat(out: Floats, where: Floats, values: Floats, origin: Floats, inverse: Any, volume: Any) -> None:
    """Spread point values over the cells around them, as densities. One thread: sums keep their order."""
    nx, ny, nz, channels = out.shape
    half = np.float32(0.5)
    for p in range(len(where)):
        x = (where[p, 0] - origin[0]) * inverse - half
        y = max((where[p, 1] - origin[1]) * inverse - half, _ZERO)
        z = (where[p, 2] - origin[2]) * inverse - half
        i, j, k = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
        if i < 0 or j < 0 or k < 0 or i >= nx - 1 or j >= ny - 1 or k >= nz - 1:
            continue
        fx, fy, fz = x - np.float32(i), y - np.float32(j), z - np.float32(k)
        for m in range(8):
            share = (fx if m & 1 else _ONE - fx) * (fy if m & 2 else _ONE - fy) * (fz if m & 4 else _ONE - fz) * volume
            cell = out[i + (m & 1), j + (m >> 1 & 1), k + (m >> 2)]
            for c in range(channels):
                cell[c] += values[p, c] * share
