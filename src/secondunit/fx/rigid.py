"""Rigid bodies: what has left its block falls, strikes, breaks and settles."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Collapse
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Layout
from secondunit.fx.descent import GRAVITY, NEVER, Descent, descend
from secondunit.fx.motion import Motion
from secondunit.fx.pieces import Pieces
from secondunit.fx.rubble import Body, Rubble
from secondunit.fx.sections import Groups, group_pieces

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HITS = 20_000
_HIT_J_PER_KG = 2.0
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
    step = np.minimum(descent.move_step, descent.leave_step)[groups.of_piece]
    return np.where(step >= NEVER, np.inf, span.first + step / descent.steps_per_frame)


class _Fall:
    """The state of one simulation."""

    def __init__(self, pieces: Pieces, groups: Groups, descent: Descent, layout: Layout, collapse: Collapse) -> None:
        self.pieces, self.groups, self.descent = pieces, groups, descent
        self.rng = np.random.default_rng([collapse.seed, _RIGID])
        top = max((c.corner_m[1] + c.height_m for c in layout.falling), default=1.0)
        burst = max((e.burst_m_per_s for e in collapse.events), default=2.5)
        self.fastest = math.sqrt(2 * GRAVITY * top) + burst
        self.rubble = Rubble(pieces, groups, layout.standing, step_s=descent.step_s, fastest=self.fastest)
        self.members: list[Ints] = [np.flatnonzero(groups.of_piece == g) for g in range(len(groups))]
        count = len(pieces)
        self.centre = pieces.centre.astype(np.float64)
        self.at, self.turned = self.centre.copy(), np.tile([1.0, 0.0, 0.0, 0.0], (count, 1))
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
        self.rubble.settle()
        moved = self.at - before
        self.speed = np.linalg.norm(moved, axis=1) / (self.descent.step_s * per)
        if n:
            self._strikes(n, moved[:, 1], speed)
        self.positions.append(self.at.astype(np.float32))
        unit = self.turned / np.linalg.norm(self.turned, axis=1, keepdims=True)
        self.turns.append(unit.astype(np.float32))

    def _let_go(self, step: int, n: int) -> None:
        start = np.minimum(self.descent.move_step, self.descent.leave_step)
        for group in np.flatnonzero((start <= step) & ~self.started):
            self.rubble.take_down(self.members[group])
            self.started[group] = True
        leaving = np.flatnonzero((self.descent.leave_step <= step) & ~self.left)
        for group in leaving:
            self.left[group] = True
            self._release(int(group), step, n)

    def _release(self, group: int, step: int, n: int) -> None:
        """Turn a group into a body with its block's motion and a kick of its own."""
        members = self.members[group]
        rotation, shift = self.descent.pose(step, group)
        before, was = self.descent.pose(max(step - 1, 0), group)
        mass = self.pieces.mass_kg[members].astype(np.float64)
        middle = (self.centre[members] * mass[:, None]).sum(axis=0) / mass.sum()
        place = rotation @ middle + shift
        velocity = (place - (before @ middle + was)) / self.descent.step_s
        spin = _spin(before, rotation) / self.descent.step_s
        outward = self.groups.outward[group]
        kick = self.descent.kick[group]
        fallen = max(-velocity[1], 0.0)
        lost = 0.5 if fallen > 1.0 else 0.0
        velocity = velocity * np.array([1.0, 1.0 - lost, 1.0])
        aside = self.rng.normal(0.0, 0.25, 3) * np.array([1.0, 0.3, 1.0]) * (kick + 0.1 * fallen)
        if self.groups.facade[group]:
            out = kick + 0.12 * fallen
            velocity = velocity + outward * out + aside
            lean = np.cross([0.0, 1.0, 0.0], outward)
            spin = spin + lean * float(self.rng.uniform(-0.7, 1.0)) * (0.3 + 0.35 * out)
        else:
            velocity = velocity + aside
            spin = spin + self.rng.normal(0.0, 0.25, 3) * (0.3 + 0.1 * fallen)
        self.rubble.add(Body(members=members, middle=middle, level=0), rotation, place, velocity, spin)
        energy = 0.5 * mass * (fallen**2 * (1 - (1 - lost) ** 2) + 2.0 * max(kick, 0.5))
        here = self.centre[members] @ rotation.T + shift
        self.hits.append((np.full(len(members), n), members, here, energy))

    def _follow_blocks(self, step: int) -> None:
        for group in np.flatnonzero(self.started & ~self.left):
            rotation, shift = self.descent.pose(step, int(group))
            members = self.members[group]
            self.at[members] = self.centre[members] @ rotation.T + shift
            self.turned[members] = _quaternion(self.descent.axis[group], float(self.descent.tilt[step, group]))

    def _strikes(self, n: int, rise: Floats, speed: Floats) -> None:
        """Record who lost energy in this frame beyond what falling explains."""
        lost = 0.5 * (speed**2 - self.speed**2) - GRAVITY * rise
        mass = self.pieces.mass_kg.astype(np.float64)
        struck = np.flatnonzero((lost > _HIT_J_PER_KG) & self.left[self.groups.of_piece])
        if len(struck):
            self.hits.append((np.full(len(struck), n), struck, self.at[struck].copy(), (lost * mass)[struck]))

    def motion(self, frames: FrameRange, rate: Fraction) -> Motion:
        frame = np.concatenate([h[0] for h in self.hits]) if self.hits else np.zeros(0, np.int64)
        piece = np.concatenate([h[1] for h in self.hits]) if self.hits else np.zeros(0, np.int64)
        place = np.concatenate([h[2] for h in self.hits]) if self.hits else np.zeros((0, 3))
        energy = np.concatenate([h[3] for h in self.hits]) if self.hits else np.zeros(0)
        strongest = np.sort(np.argsort(-energy, kind="stable")[:HITS])
        step = np.minimum(self.descent.move_step, self.descent.leave_step)[self.groups.of_piece]
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


def _quaternion(axis: Floats, angle: float) -> Floats:
    """Return w x y z of a turn about a unit axis."""
    return np.concatenate([[math.cos(angle / 2)], math.sin(angle / 2) * axis])


def _spin(before: Floats, after: Floats) -> Floats:
    """Return the rotation vector from one orientation to a near one."""
    change = after @ before.T
    return 0.5 * np.array([change[2, 1] - change[1, 2], change[0, 2] - change[2, 0], change[1, 0] - change[0, 1]])
