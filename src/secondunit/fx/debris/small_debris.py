"""What flies when pieces break: chunks, fragments and grit on ballistic arcs, each a pure function of the frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Doubles = NDArray[np.float64]

CHUNK, FRAGMENT, GRIT = range(3)
SIZE_M = ((0.10, 0.30), (0.03, 0.10), (0.008, 0.03))
"""Diameters of each class."""
SHARE = (0.08, 0.42, 0.50)
GRAVITY = 9.81
BOUNCE = 0.22
"""Share of the upward speed that rubble keeps on hard ground."""

SHARDS = 12
"""What a pane breaks into."""
GLINT = 5.0
"""Light of a shard that mirrors the sky at the camera, against its dull side."""

_STAGE = 0x5EB  # this stage's own stream of random numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SmallDebris:
    """N small bodies, each two arcs through the air and then at rest."""

    rate: float
    born_s: Doubles
    """(N,) seconds after frame 0."""
    land_s: Doubles
    """(N, 2) when it first strikes the ground and when it comes to rest."""
    start_m: Doubles
    """(N, 2, 3) where each arc begins."""
    speed: Doubles
    """(N, 2, 3) velocity at the start of each arc, metres a second."""
    drag: Doubles
    """(N,) linear drag, 1 / s."""
    size_m: Floats
    """(N,) diameter."""
    group: NDArray[np.int32]
    """(N,) CHUNK, FRAGMENT or GRIT."""
    piece: NDArray[np.int32]
    """(N,) the piece it came from."""
    albedo: Floats
    """(N, 3) ACEScg."""
    axis: Floats
    """(N, 3) unit axis it spins about."""
    spin: Floats
    """(N,) radians a second until it rests."""
    glass: NDArray[np.bool_]
    """(N,) a shard of a pane."""

    def __len__(self) -> int:
        return len(self.born_s)

    def at(self, frame: float) -> tuple[NDArray[np.bool_], Floats]:
        """Return which are there at a (fractional) frame, (N,), and all their centres, (N, 3) metres."""
        now = frame / self.rate
        second = now >= self.land_s[:, 0]
        start = np.where(second, self.land_s[:, 0], self.born_s)
        end = np.where(second, self.land_s[:, 1], self.land_s[:, 0])
        t = np.clip(now, start, end) - start
        arc = second.astype(np.intp)
        rows = np.arange(len(self))
        place = fly(self.start_m[rows, arc], speed=self.speed[rows, arc], drag=self.drag, seconds=t)
        return now >= self.born_s, place.astype(np.float32)

    def glint(self, frame: float) -> Floats:
        """Return (N,) what each throws back of its light against a dull one: glass flashes as it turns."""
        flash = np.maximum(np.cos(self.angle(frame) + self.axis[:, 0] * np.pi), 0) ** 24
        flying = frame / self.rate < self.land_s[:, 1]
        return np.asarray(np.where(self.glass & flying, 1 + GLINT * flash, 1), dtype=np.float32)

    def angle(self, frame: float) -> Floats:
        """Return (N,) how far each has turned, radians."""
        now = np.clip(frame / self.rate, self.born_s, self.land_s[:, 1])
        return np.asarray(self.spin * (now - self.born_s), dtype=np.float32)


def fly(start_m: Doubles, *, speed: Doubles, drag: Doubles, seconds: Doubles) -> Doubles:
    """Return where ballistic bodies are after some time, with linear drag.

    The closed form of x'' = -g - k x': see any text on projectile motion with Stokes drag.
    """
    end = np.stack([0 * drag, -GRAVITY / drag, 0 * drag], axis=-1)
    fade = (-np.expm1(-drag * seconds) / drag)[..., None]
    return np.asarray(start_m + end * seconds[..., None] + (speed - end) * fade)


def _landing(start_m: Doubles, speed: Doubles, drag: Doubles, floor_m: Doubles) -> Doubles:
    """Return seconds until each reaches its floor, by bisection (a height falls once it has begun to fall)."""
    rise = np.log1p(np.maximum(speed[:, 1], 0) * drag / GRAVITY) / drag
    low, high = rise, rise + 30.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        above = fly(start_m, speed=speed, drag=drag, seconds=middle)[:, 1] > floor_m
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray(0.5 * (low + high))


def scatter(
    pieces: Pieces, motion: Motion, *, seed: int, count: int = 9000, shatters: Doubles | None = None
) -> SmallDebris:
    """Return small debris born at breaks and blows.

    Parameters
    ----------
    pieces, motion
        Releases give birth over a piece's own body, hits at the place struck, both with the piece's speed.
    seed
        Draws places, sizes, speeds.
    count
        About how many in all, less the shards.
    shatters
        (P,) frame at which each piece flies to shards, from `shatter_frames`; None where nothing is glass.
    """
    rng = np.random.default_rng([seed, _STAGE])
    frame, piece, place, kick, group = _births(pieces, motion, rng, count, shatters)
    n = len(frame)
    low, high = np.array(SIZE_M)[group].T
    size = low * (high / low) ** (rng.random(n) ** 1.6)
    carried = _velocity(motion, frame, piece)
    way = rng.normal(size=(n, 3))
    way[:, 1] = np.abs(way[:, 1]) * 0.9
    way /= np.maximum(np.linalg.norm(way, axis=1), 1e-6)[:, None]
    speed = 0.75 * carried + way * (kick * rng.gamma(2.0, 0.5, n) * (1.25 - 0.5 * (size / 0.3)))[:, None]
    terminal = np.array([38.0, 20.0, 9.0])[group] * np.sqrt(size / high)
    drag = GRAVITY / terminal
    floor = 0.4 * size
    place[:, 1] = np.maximum(place[:, 1], floor + 0.01)
    first = _landing(place, speed, drag, floor)
    landed = fly(place, speed=speed, drag=drag, seconds=first)
    landed[:, 1] = floor
    arrive = (speed - np.stack([0 * drag, -GRAVITY / drag, 0 * drag], -1)) * np.exp(-drag * first)[:, None]
    arrive[:, 1] -= GRAVITY / drag
    again = arrive * np.array([0.45, -BOUNCE, 0.45]) * rng.uniform(0.5, 1.2, (n, 1))
    second = _landing(landed, again, drag, floor)
    born = frame / motion.rate
    axis = rng.normal(size=(n, 3))
    return SmallDebris(
        rate=motion.rate,
        born_s=born,
        land_s=np.stack([born + first, born + first + second], axis=-1),
        start_m=np.stack([place, landed], axis=1),
        speed=np.stack([speed, again], axis=1),
        drag=drag,
        size_m=size.astype(np.float32),
        group=group,
        piece=piece.astype(np.int32),
        albedo=_albedo(pieces.material[piece], rng),
        axis=(axis / np.linalg.norm(axis, axis=1)[:, None]).astype(np.float32),
        spin=rng.normal(0, 9, n).astype(np.float32),
        glass=np.isin(piece, np.flatnonzero(np.isfinite(shatters))) if shatters is not None else np.zeros(n, np.bool_),
    )


def shatter_frames(pieces: Pieces, motion: Motion, panes: NDArray[np.bool_]) -> Doubles:
    """Return (P,) the frame at which each pane breaks: its first blow. Infinite for all else."""
    first = np.full(len(pieces), np.inf)
    np.minimum.at(first, motion.hit_piece, motion.hit_frame.astype(np.float64))
    first[~panes] = np.inf
    return first


def _births(
    pieces: Pieces, motion: Motion, rng: np.random.Generator, count: int, shatters: Doubles | None
) -> tuple[Doubles, NDArray[np.intp], Doubles, Doubles, Ints]:
    """Return frame, piece, place, kick (m/s) and class of each birth: 40 % at releases, 60 % at hits, and shards."""
    if count <= 0:
        return np.zeros(0), np.zeros(0, np.intp), np.zeros((0, 3)), np.zeros(0), np.zeros(0, np.int32)
    freed = np.nonzero(motion.released <= motion.last_frame)[0]
    hits = np.nonzero(motion.hit_energy > 20.0)[0]
    at_release = (count * 2 // 5 if len(hits) else count) if len(freed) else 0
    frame, piece, place, kick, group = [], [], [], [], []
    if at_release:
        weight = pieces.volume_m3[freed].astype(np.float64) ** (2 / 3)
        who = freed[rng.choice(len(freed), at_release, p=weight / weight.sum())]
        radius = np.cbrt(pieces.volume_m3[who].astype(np.float64))[:, None]
        when = motion.released[who] + rng.gamma(1.5, 2.0, at_release)
        frame.append(when)
        piece.append(who)
        place.append(_centre(motion, when, who) + rng.uniform(-0.6, 0.6, (at_release, 3)) * radius)
        kick.append(np.full(at_release, 1.3))
        # What begins to move breaks nothing yet: its cracks drop grit, and chunks come of blows.
        group.append(rng.choice(3, size=at_release, p=(0.0, *np.array(SHARE[1:]) / sum(SHARE[1:]))))
    if len(hits):
        number = count - at_release
        energy = motion.hit_energy[hits].astype(np.float64)
        weight = np.minimum(energy, np.percentile(energy, 95)) ** 0.5
        which = hits[rng.choice(len(hits), number, p=weight / weight.sum())]
        frame.append(motion.hit_frame[which] + rng.random(number))
        piece.append(motion.hit_piece[which].astype(np.intp))
        place.append(motion.hit_position[which] + rng.normal(0, 0.25, (number, 3)))
        specific = motion.hit_energy[which] / np.maximum(pieces.mass_kg[motion.hit_piece[which]], 20.0)
        kick.append(np.clip(0.55 * np.sqrt(2 * specific), 1.0, 6.5))
        group.append(rng.choice(3, size=number, p=SHARE))
    shatters = np.full(len(pieces), np.inf) if shatters is None else shatters
    for pane in np.flatnonzero(np.isfinite(shatters)).tolist():
        corners = slice(pieces.vertex_start[pane], pieces.vertex_start[pane + 1])
        share = rng.dirichlet(np.full(corners.stop - corners.start, 0.5), SHARDS)
        when = np.full(SHARDS, shatters[pane])
        frame.append(when)
        piece.append(np.full(SHARDS, pane))
        place.append(_centre(motion, when, piece[-1]))
        place[-1] += _turned(motion, int(when[0]), pane, share @ (pieces.vertices[corners] - pieces.centre[pane]))
        kick.append(np.full(SHARDS, 0.9))
        group.append(rng.choice(3, size=SHARDS, p=(0.0, 0.6, 0.4)))
    if not frame:
        return np.zeros(0), np.zeros(0, np.intp), np.zeros((0, 3)), np.zeros(0), np.zeros(0, np.int32)
    return (
        np.concatenate(frame).astype(np.float64), np.concatenate(piece).astype(np.intp),
        np.concatenate(place).astype(np.float64), np.concatenate(kick).astype(np.float64),
        np.concatenate(group).astype(np.int32),
    )  # fmt: skip


def _turned(motion: Motion, frame: int, piece: int, arm: Doubles) -> Doubles:
    """Return (N, 3) arms of a piece at rest as they lie in a frame."""
    turn = Rotation.from_quat(motion.quaternion[motion.index(frame), piece], scalar_first=True)
    return np.asarray(turn.apply(arm), dtype=np.float64)


def _centre(motion: Motion, frame: Doubles, piece: NDArray[np.intp]) -> Doubles:
    row = np.clip(frame - motion.first_frame, 0, len(motion.position) - 1)
    low = np.minimum(np.floor(row).astype(np.intp), len(motion.position) - 1)
    high = np.minimum(low + 1, len(motion.position) - 1)
    part = (row - low)[:, None]
    return np.asarray(motion.position[low, piece] * (1 - part) + motion.position[high, piece] * part, dtype=np.float64)


def _velocity(motion: Motion, frame: Doubles, piece: NDArray[np.intp]) -> Doubles:
    return (_centre(motion, frame, piece) - _centre(motion, frame - 1.0, piece)) * motion.rate


def _albedo(material: NDArray[np.int32], rng: np.random.Generator) -> Floats:
    """Return (N, 3) colours of crumbs by what they broke from."""
    base = np.array(
        [
            [0.38, 0.36, 0.33],
            [0.30, 0.19, 0.14],
            [0.52, 0.50, 0.46],
            [0.20, 0.24, 0.24],
            [0.14, 0.12, 0.11],
            [0.13, 0.12, 0.12],
        ]
    )
    tone = rng.uniform(0.65, 1.15, (len(material), 1))
    return np.asarray(base[material] * tone, dtype=np.float32)
