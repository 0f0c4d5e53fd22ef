"""Rigid bodies: what has left its block falls, strikes, breaks and settles."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from secondunit.core.collapse import Collapse
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Layout
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.fracture.sections import Groups, group_pieces
from secondunit.fx.rigid.blocks import GRAVITY
from secondunit.fx.rigid.descent import NEVER, Descent, descend
from secondunit.fx.rigid.motion import Motion
from secondunit.fx.rigid.rubble import Body, Rubble

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HITS = 20_000
SUNK_M = 0.02
_HIT_J_PER_KG = 2.0
_TEAR_J_PER_KG = 3.0
_SHATTERS = 0.65
"""Share of the crushed groups that come out in panels or pieces at once."""
_CHECKED, _SLOWED = 0.5, 0.9
"""Share of its fall that a group keeps which the pile has crushed, and one crushed between falling blocks."""
_RIGID = 41


def simulate(
    pieces: Pieces,
    layout: Layout,
    collapse: Collapse,
    *,
    frames: FrameRange,
    rate: Fraction,
    progress: Callable[[int, int], None] | None = None,
) -> Motion:
    """Bring the building down.

    Blocks follow ``fx.descent``; a group of pieces that leaves its block becomes a body of its own with the block's
    motion and an outward kick, breaks into panels and then pieces as it strikes, and is held still once it has come
    to rest. Deterministic bit for bit for equal arguments.

    Parameters
    ----------
    frames
        The plate range; before ``collapse.start_frame`` nothing moves.
    rate
        Frames a second.
    """
    groups = group_pieces(pieces, layout, collapse)
    descent = descend(pieces, groups, layout, collapse, frames=frames, rate=rate)
    fall = _Fall(pieces, groups, descent, layout, collapse)
    for n in range(len(frames)):
        fall.frame(n)
        if progress is not None:
            progress(n + 1, len(frames))
    return fall.motion(frames, rate)


def release_frames(
    pieces: Pieces, layout: Layout, collapse: Collapse, rate: Fraction, *, frames: FrameRange | None = None
) -> Floats:
    """Return the frame number (P,), with fractions, at which each piece first moves; inf for never."""
    span = frames or FrameRange(collapse.start_frame - 1, collapse.start_frame + math.ceil(6 * rate))
    groups = group_pieces(pieces, layout, collapse)
    descent = descend(pieces, groups, layout, collapse, frames=span, rate=rate)
    step = descent.move_step[groups.of_piece]
    return np.where(step >= NEVER, np.inf, span.first + step / descent.steps_per_frame)


class _Fall:
    """The state of one simulation."""

    def __init__(self, pieces: Pieces, groups: Groups, descent: Descent, layout: Layout, collapse: Collapse) -> None:
        self.pieces, self.groups, self.descent = pieces, groups, descent
        self.rng = np.random.default_rng([collapse.seed, _RIGID])
        burst = max((e.burst_m_per_s for e in collapse.events), default=0.0)
        self.rubble = Rubble(pieces, groups, layout.standing, step_s=descent.step_s, burst=burst)
        self.members: list[Ints] = [np.flatnonzero(groups.of_piece == g) for g in range(len(groups))]
        count = len(pieces)
        self.centre = pieces.centre.astype(np.float64)
        self.at, self.turned = self.centre.copy(), np.tile([1.0, 0.0, 0.0, 0.0], (count, 1))
        self.owner = np.repeat(np.arange(count), np.diff(pieces.vertex_start))
        self.arm = pieces.vertices.astype(np.float64) - self.centre[self.owner]
        self.speed = np.zeros(count)
        self.positions: list[NDArray[np.float32]] = []
        self.turns: list[NDArray[np.float32]] = []
        self.hits: list[tuple[Ints, Ints, Floats, Floats]] = []
        self.started, self.left = np.zeros(len(groups), dtype=bool), np.zeros(len(groups), dtype=bool)

    def frame(self, n: int) -> None:
        """Advance to frame ``n`` and record it."""
        per = self.descent.steps_per_frame
        before, speed = self.at.copy(), self.speed
        for step in range(max((n - 1) * per + 1, 0), n * per + 1):
            self._let_go(step, n)
            self.rubble.step()
        self._follow_blocks(n * per)
        self.rubble.read(self.at, self.turned)
        self._keep_above_ground()
        self.rubble.settle()
        moved = self.at - before
        self.speed = np.linalg.norm(moved, axis=1) / (self.descent.step_s * per)
        if n:
            self._strikes(n, moved[:, 1], speed)
        self.positions.append(self.at.astype(np.float32))
        unit = self.turned / np.linalg.norm(self.turned, axis=1, keepdims=True)
        self.turns.append(unit.astype(np.float32))

    def _let_go(self, step: int, n: int) -> None:
        for group in np.flatnonzero((self.descent.move_step <= step) & ~self.started):
            self.rubble.take_down(self.members[group])
            self.started[group] = True
        leaving = np.flatnonzero((self.descent.leave_step <= step) & ~self.left)
        if not len(leaving):
            return
        self.left[leaving] = True
        now, before = self.descent.pose(step, leaving), self.descent.pose(step - 1, leaving)
        for i, group in enumerate(leaving):
            self._release(int(group), n, (now[0][i], now[1][i]), (before[0][i], before[1][i]))

    def _release(self, group: int, n: int, now: tuple[Floats, Floats], before: tuple[Floats, Floats]) -> None:
        """Turn a group into a body with its block's motion and a kick of its own."""
        members, (rotation, shift) = self.members[group], now
        mass = self.pieces.mass_kg[members].astype(np.float64)
        middle = (self.centre[members] * mass[:, None]).sum(axis=0) / mass.sum()
        place = rotation @ middle + shift
        velocity = (place - (before[0] @ middle + before[1])) / self.descent.step_s
        spin = Rotation.from_matrix(rotation @ before[0].T).as_rotvec() / self.descent.step_s
        outward, kick = self.groups.outward[group], float(self.descent.kick[group])
        fallen = max(-float(velocity[1]), 0.0)
        pressed = fallen if self.descent.crushed[group] else 0.0
        if pressed > 1.0:
            keeps = _CHECKED if self.descent.grounded[group] else _SLOWED
            velocity = velocity * np.array([1.0, keeps, 1.0])
        aside = self.rng.normal(0.0, 0.25, 3) * np.array([1.0, 0.3, 1.0])
        if self.groups.facade[group]:
            out = kick + 0.12 * pressed
            velocity = velocity + outward * out + aside * out
            lean = np.cross([0.0, 1.0, 0.0], outward)  # turns the head outwards
            least = -0.7 if pressed else 0.1
            spin = spin + lean * float(self.rng.uniform(least, 1.0)) * (0.3 + 0.35 * out) + 0.3 * aside
        else:
            velocity = velocity + aside * (kick + 0.1 * pressed)
            spin = spin + self.rng.normal(0.0, 0.25, 3) * (0.3 + 0.1 * pressed)
        body = Body(members=members, middle=middle, level=0)
        self.rubble.add(body, rotation, place, velocity, spin)
        if pressed > 1.0 and self.rng.random() < _SHATTERS:
            self.rubble.shatter(body, velocity, whole=bool(self.rng.random() < 0.4))
        energy = mass * (_TEAR_J_PER_KG + 0.5 * kick**2)
        self.hits.append((np.full(len(members), n), members, self.centre[members] @ rotation.T + shift, energy))

    def _follow_blocks(self, step: int) -> None:
        riding = self.started & ~self.left
        if not riding.any():
            return
        groups = np.flatnonzero(riding)
        rotation, shift = self.descent.pose(step, groups)
        members = np.flatnonzero(riding[self.groups.of_piece])
        row = np.searchsorted(groups, self.groups.of_piece[members])
        self.at[members] = np.einsum("nij,nj->ni", rotation[row], self.centre[members]) + shift[row]
        self.turned[members] = Rotation.from_matrix(rotation).as_quat(scalar_first=True)[row]

    def _keep_above_ground(self) -> None:
        """Lift what the engine has let sink, so that nothing lies deeper than ``SUNK_M``."""
        loose = self.left[self.groups.of_piece][self.owner]
        owner = self.owner[loose]
        turned = Rotation.from_quat(self.turned, scalar_first=True).as_matrix()[:, 1, :]
        low = np.full(len(self.pieces), np.inf)
        np.minimum.at(low, owner, np.einsum("nj,nj->n", turned[owner], self.arm[loose]) + self.at[owner, 1])
        self.at[:, 1] += np.maximum(-SUNK_M - low, 0.0)

    def _strikes(self, n: int, rise: Floats, speed: Floats) -> None:
        """Record who lost energy in this frame beyond what falling explains."""
        lost = 0.5 * (speed**2 - self.speed**2) - GRAVITY * rise
        mass = self.pieces.mass_kg.astype(np.float64)
        struck = np.flatnonzero((lost > _HIT_J_PER_KG) & self.left[self.groups.of_piece])
        if len(struck):
            self.hits.append((np.full(len(struck), n), struck, self.at[struck].copy(), (lost * mass)[struck]))

    def motion(self, frames: FrameRange, rate: Fraction) -> Motion:
        """Return what has been recorded."""
        frame = np.concatenate([h[0] for h in self.hits]) if self.hits else np.zeros(0, np.int64)
        piece = np.concatenate([h[1] for h in self.hits]) if self.hits else np.zeros(0, np.int64)
        place = np.concatenate([h[2] for h in self.hits]) if self.hits else np.zeros((0, 3))
        energy = np.concatenate([h[3] for h in self.hits]) if self.hits else np.zeros(0)
        strongest = np.sort(np.argsort(-energy, kind="stable")[:HITS])
        step = self.descent.move_step[self.groups.of_piece]
        released = np.where(step >= NEVER, NEVER, frames.first + -(-step // self.descent.steps_per_frame))
        return Motion(
            first_frame=frames.first,
            rate=float(rate),
            position=np.stack(self.positions),
            quaternion=np.stack(self.turns),
            released=released.astype(np.int32),
            hit_frame=(frames.first + frame[strongest]).astype(np.int32),
            hit_piece=piece[strongest].astype(np.int32),
            hit_position=place[strongest].astype(np.float32),
            hit_energy=np.maximum(energy[strongest], 0.0).astype(np.float32),
        )
