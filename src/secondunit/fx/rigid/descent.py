"""How the blocks of a failing building come down, and when each group of pieces lets go of its block.

A group stays with its block until the pile or the block above reaches it, or until it is shed from a wall on the
way; from then on it belongs to ``fx.rigid``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from secondunit.core.collapse import Collapse, Event
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Layout
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.fracture.presets import events_for, lead_side
from secondunit.fx.fracture.sections import Groups
from secondunit.fx.fracture.structure import to_local
from secondunit.fx.fracture.support import hanging
from secondunit.fx.rigid.blocks import GRAVITY, Block, Stack
from secondunit.fx.rigid.lean import lean_of, on_side, toe_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEVER = 1 << 30
STEP_S = 1.0 / 120.0
BREAK_BACK_DEG = 32.0
"""Angle at which a toppling building comes apart."""
_LEANS_RAD, _SPINS_RAD_PER_S = 0.3, 0.22
"""A toppling building is past its balance and turning as its last columns go: shots do not wait."""
_CRACK_DEG, _CRACK_M = 2.2, 0.10
"""How far groups of a wall work loose in a falling block before they leave it."""
_DESCENT = 31


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Descent:
    """The blocks over time, at ``steps_per_frame`` instants a frame from the shot's first frame on."""

    steps_per_frame: int
    step_s: float
    move_step: Ints
    """(G,) step at which a group first moves; ``NEVER`` where it stands to the end."""
    leave_step: Ints
    """(G,) step at which it leaves its block (or its place) for good; ``NEVER`` where it does not."""
    kick: Floats
    """(G,) outward speed it leaves with, in metres a second."""
    crushed: NDArray[np.bool_]
    """(G,) leaves because the pile or a block has crushed it."""
    grounded: NDArray[np.bool_]
    """(G,) leaves because it has reached the pile: its fall is checked."""
    drop: NDArray[np.float32]
    """(T, G) metres fallen with its block."""
    tilt: NDArray[np.float32]
    """(T, G) radians turned with its block."""
    pivot: Floats
    """(G, 3) the turn's fixed point."""
    axis: Floats
    """(G, 3) the turn's axis, a unit vector."""
    middle: Floats
    """(G, 3) the group's own middle at rest."""
    crack: Floats
    """(G, 3) rotation vector by which it works loose at most."""
    gape: Floats
    """(G, 3) metres by which it works loose at most."""

    def pose(self, step: int, groups: Ints) -> tuple[Floats, Floats]:
        """Return rotations (n, 3, 3) and translations (n, 3) of groups: ``x -> rotation @ x + translation``."""
        t = min(max(step, 0), len(self.drop) - 1)
        drop = self.drop[t, groups].astype(np.float64)
        tilt = self.tilt[t, groups].astype(np.float64)
        loose = (1.0 - np.exp(-(drop + 6.0 * np.abs(tilt)) / 4.0))[:, None]
        block = Rotation.from_rotvec(self.axis[groups] * tilt[:, None]).as_matrix()
        own = Rotation.from_rotvec(self.crack[groups] * loose).as_matrix()
        pivot, middle = self.pivot[groups], self.middle[groups]
        rotation = block @ own
        # Work loose about the group's middle, then turn with the block, then fall with it.
        inner = middle - np.einsum("nij,nj->ni", own, middle) + self.gape[groups] * loose
        shift = np.einsum("nij,nj->ni", block, inner - pivot) + pivot
        shift[:, 1] -= drop
        return np.asarray(rotation), np.asarray(shift)


def steps_per_frame(rate: Fraction) -> int:
    """Return how many steps of about 1/120 s make a frame."""
    return max(1, round(1.0 / (float(rate) * STEP_S)))


def descend(
    pieces: Pieces,
    groups: Groups,
    layout: Layout,
    collapse: Collapse,
    *,
    frames: FrameRange,
    rate: Fraction,
    progress: Callable[[int, int], None] | None = None,
) -> Descent:
    """Integrate the blocks over a shot and say when each group starts and leaves."""
    run = _Run(pieces, groups, layout, collapse, frames, rate)
    for step in range(run.total):
        run.advance(step)
        if progress is not None and step % 120 == 119:
            progress(step + 1, run.total)
    return run.result()


class _Run:
    """The state of one integration."""

    def __init__(
        self,
        pieces: Pieces,
        groups: Groups,
        layout: Layout,
        collapse: Collapse,
        frames: FrameRange,
        rate: Fraction,
    ) -> None:
        self.pieces, self.groups, self.layout, self.collapse = pieces, groups, layout, collapse
        self.per_frame = steps_per_frame(rate)
        self.dt = 1.0 / (float(rate) * self.per_frame)
        self.total = (len(frames) - 1) * self.per_frame + 1
        self.rng = np.random.default_rng([collapse.seed, _DESCENT])
        self.topples = collapse.preset == "topple" and not collapse.events
        self.hangs = collapse.preset == "pancake"  # walls come down with the slab over them
        count = len(groups)
        self.luck, self.fate = self.rng.random(count), self.rng.random(count)
        self.shed_at = self.rng.uniform(0.5, 6.0, count)
        self.move, self.leave = np.full(count, NEVER), np.full(count, NEVER)
        self.kick, self.crushed = np.zeros(count), np.zeros(count, dtype=bool)
        self.grounded = np.zeros(count, dtype=bool)
        self.drop = np.zeros((self.total, count), dtype=np.float32)
        self.tilt = np.zeros((self.total, count), dtype=np.float32)
        self.now_drop, self.now_tilt = np.zeros(count), np.zeros(count)
        self.stacks = [
            Stack(
                section=section,
                groups=np.flatnonzero(groups.section == i),
                luck=float(self.rng.uniform(0.85, 1.15)),
                blocks=[Block(0, 2 * section.floors - 1)],
            )
            for i, section in enumerate(groups.sections)
        ]
        self.queue = self._schedule(frames, rate)
        self.volume = np.bincount(groups.of_piece, pieces.volume_m3.astype(np.float64), count)
        self.axis, self.pivot, self.full = self._leans()
        self.angle, self.spin = 0.0, 0.0
        self.begun = -1

    def _schedule(self, frames: FrameRange, rate: Fraction) -> list[tuple[int, int, Event]]:
        """Return (step, section, event) in order: a failure takes time to run along the building."""
        lead, _ = lead_side(self.collapse)
        queue: list[tuple[int, int, Event]] = []
        for event in events_for(self.collapse, self.layout, rate=rate):
            if event.frame > frames.last:
                continue
            start = max(0, (event.frame - frames.first) * self.per_frame)
            for i, stack in enumerate(self.stacks):
                section = stack.section
                if on_side(section, event.side) and event.storey < section.floors:
                    late = 0.0 if self.topples else float(self.rng.uniform(0.0, 0.06))
                    if self.collapse.preset in ("progressive", "corner") and event.side != "all":
                        way = section.across if lead == "left" else 1.0 - section.across
                        late += 3.0 * self.collapse.storey_delay_s * (way * 3 % 1)
                    queue.append((start + round(late / self.dt), i, event))
        return sorted(queue, key=lambda entry: entry[:2])

    def _leans(self) -> tuple[Floats, Floats, Floats]:
        """Return each section's axis (S, 3), pivot (S, 3) and full tilt in radians (S,)."""
        axes, pivots, angles = [], [], []
        for section in self.groups.sections:
            box = self.layout.falling[section.box]
            towards, angle = lean_of(box, section, self.collapse)
            if not self.topples:
                towards = towards + self.rng.normal(0.0, 0.2, 3) * np.array([1.0, 0.0, 1.0])
                angle *= float(self.rng.uniform(0.5, 1.4))
            towards = towards / max(float(np.linalg.norm(towards)), 1e-9)
            axes.append(np.cross([0.0, 1.0, 0.0], towards))
            pivots.append(toe_of(box, towards) if self.topples else section.foot_m)
            angles.append(angle)
        return np.array(axes).reshape(-1, 3), np.array(pivots).reshape(-1, 3), np.array(angles)

    def advance(self, step: int) -> None:
        """Advance every section by one step and see who lets go."""
        while self.queue and self.queue[0][0] <= step:
            _, section, event = self.queue.pop(0)
            self._happen(step, self.stacks[section], event)
        if self.topples and self.begun >= 0:
            self._fall_over(step)
        for i, stack in enumerate(self.stacks):
            if stack.moving:
                if not self.topples:
                    stack.step(self.dt)
                self._follow(step, i, stack)
        if step % self.per_frame == 0:
            self._drag(step)
            self._let_go_hanging(step)
        self.drop[step], self.tilt[step] = self.now_drop, self.now_tilt

    def _happen(self, step: int, stack: Stack, event: Event) -> None:
        here = stack.groups[self.groups.link[stack.groups] == 2 * event.storey]
        walls = self.groups.facade[here]
        if event.parts == "slab":
            over = 2 * event.storey + 1
            self._release(
                step, stack.groups[self.groups.link[stack.groups] == over], kick=event.burst_m_per_s, spread_s=0.2
            )
            return
        if event.parts == "facade":
            self._release(step, here[walls], kick=max(event.burst_m_per_s, 0.3), spread_s=0.5)
            return
        if self.begun < 0:
            self.begun = step
        if not self.topples or event.side == "all":
            stack.fail(event.storey)
        burst = walls & (self.luck[here] < (1.0 if event.parts == "all" else 0.1 * event.burst_m_per_s))
        self._release(step, here[~walls], kick=0.4, spread_s=0.25)
        self._release(step, here[burst], kick=event.burst_m_per_s, spread_s=0.35)

    def _release(self, step: int, chosen: Ints, *, kick: float, spread_s: float, crushed: bool = False) -> None:
        """Let groups leave within a time, with an outward speed around ``kick``."""
        when = step + np.rint(self.luck[chosen] * spread_s / self.dt).astype(np.int64)
        fresh = when < self.leave[chosen]
        chosen, when = chosen[fresh], when[fresh]
        self.leave[chosen] = when
        self.move[chosen] = np.minimum(self.move[chosen], when)
        self.kick[chosen] = kick * (0.4 + 1.2 * self.luck[chosen])
        self.crushed[chosen] = crushed

    def _follow(self, step: int, index: int, stack: Stack) -> None:
        """Carry a section's groups with their blocks, and let go those that are shed or reached."""
        there = stack.groups[self.leave[stack.groups] > step]
        link = self.groups.link[there]
        below: Block | None = None
        for block in stack.blocks:
            if block.low > 0:
                carried = (link >= block.low) & (link <= block.high)
                hung = (link == block.low - 1) & self.hangs & (block.low > 1)
                if block.high + 1 in stack.failed and not (self.hangs and block.high + 2 < 2 * stack.section.floors):
                    carried |= link == block.high + 1  # what is left of a failed storey rides on the slab under it
                self._carry(step, index, there[carried | hung], block)
                self._let_down(step, there[hung], block, below, stack)
            below = block
        for block in stack.moving:
            held = there[(link < block.low) & (link % 2 == 0)]
            if len(held):
                self._under_ceiling(step, index, stack, held, block)
        moving = there[self.move[there] <= step]
        if len(moving):
            bounds = self._bounds(moving, index)
            reached = moving[bounds[:, :, 1].min(axis=1) < stack.pile_m + 0.02]
            for box in self.layout.standing:
                local = to_local(box, bounds)
                within = (local > 0.0) & (local < [box.width_m, box.height_m, box.depth_m])
                inside = np.any(np.all(within, axis=2), axis=1)
                self._release(step, moving[inside], kick=0.5, spread_s=0.0, crushed=True)
            stack.bury(float(self.volume[reached].sum()))
            self._release(step, reached, kick=1.6, spread_s=0.0, crushed=True)
            self.grounded[reached] = True
        self._shed(step, stack, moving)

    def _let_down(self, step: int, hung: Ints, block: Block, below: Block | None, stack: Stack) -> None:
        """Let go walls that hang from a slab once it has come far enough down on the next."""
        if len(hung) and below is not None:
            closed = (block.drop - below.drop) / stack.section.floor_height_m
            self._release(step, hung[closed > 0.3 + 0.6 * self.luck[hung]], kick=1.5, spread_s=0.0, crushed=True)

    def _shed(self, step: int, stack: Stack, moving: Ints) -> None:
        """Let go walls along a crack between sections, and a few others, once they have been shaken enough."""
        chance = np.where(self.groups.edge[moving], 0.4, 0.1) * self.groups.facade[moving]
        loose = (self.fate[moving] < chance) & (self.now_drop[moving] > self.shed_at[moving])
        self._release(step, moving[loose], kick=1.1, spread_s=0.0)

    def _carry(self, step: int, index: int, carried: Ints, block: Block) -> None:
        self.move[carried] = np.minimum(self.move[carried], step)
        self.now_drop[carried] = block.drop
        if self.topples:
            self.now_tilt[carried] = self.angle * (0.6 + 0.4 * self.stacks[index].luck)
            return
        reach = max(self.layout.falling[self.stacks[index].section.box].height_m, 1.0)
        self.now_tilt[carried] = self.full[index] * (1.0 - math.exp(-((block.drop / (0.5 * reach)) ** 1.5)))

    def _bounds(self, chosen: Ints, index: int) -> Floats:
        """Return the corners (n, 8, 3) of groups where their blocks have carried them."""
        turned = Rotation.from_rotvec(self.axis[index] * self.now_tilt[chosen][:, None]).as_matrix()
        pivot = self.pivot[index]
        out = np.einsum("nij,nkj->nki", turned, self.groups.corners[chosen] - pivot) + pivot
        out[..., 1] -= self.now_drop[chosen][:, None]
        return np.asarray(out)

    def _under_ceiling(self, step: int, index: int, stack: Stack, held: Ints, block: Block) -> None:
        """Let go the groups whose head the block above has reached."""
        bounds = self._bounds(held, index)
        head, middle = bounds[:, :, 1].max(axis=1), bounds.mean(axis=1)
        above = stack.groups[self.groups.link[stack.groups] == block.low]
        tilt = float(self.now_tilt[above].max()) if len(above) else 0.0
        rotation, pivot = Rotation.from_rotvec(self.axis[index] * tilt).as_matrix(), self.pivot[index]
        foot = self.layout.falling[stack.section.box].corner_m[1] + stack.base(block.low)
        ceiling = np.stack([middle[:, 0], np.full(len(held), foot), middle[:, 2]], axis=1)
        ceiling_y = ((ceiling - pivot) @ rotation.T + pivot)[:, 1] - block.drop
        room = 0.12 * stack.section.floor_height_m
        crushed = head > ceiling_y + room * (0.3 + 1.4 * self.luck[held])
        self._release(step, held[crushed], kick=1.8, spread_s=0.0, crushed=True)

    def _fall_over(self, step: int) -> None:
        """Turn the whole as a pendulum standing on its toe; at its end it breaks its back."""
        if not any(stack.moving for stack in self.stacks):
            return
        box = self.layout.falling[self.groups.sections[0].box]
        towards = np.cross(self.axis[0], [0.0, 1.0, 0.0])
        deep = abs(towards @ box.along) * box.width_m + abs(towards @ box.inward) * box.depth_m
        arm = 0.5 * math.hypot(box.height_m, 0.6 * deep)
        self.spin = max(self.spin, _SPINS_RAD_PER_S)
        self.spin += 0.75 * GRAVITY / arm * math.sin(min(self.angle + _LEANS_RAD, math.pi / 2)) * self.dt
        far = math.hypot(box.height_m, 0.9 * deep)  # no end outruns its fall
        self.spin = min(self.spin, 0.9 * math.sqrt(2 * GRAVITY * box.height_m) / far)
        self.angle += self.spin * self.dt
        for stack in self.stacks:
            for block in stack.moving:  # the toe crumbles under the load
                block.drop = 0.5 * stack.section.floor_height_m * min(1.0, self.angle / 0.5)
        if self.angle > math.radians(BREAK_BACK_DEG):
            left = np.flatnonzero((self.leave == NEVER) & (self.move <= step))
            self._release(step, left, kick=0.8, spread_s=0.9)

    def _drag(self, step: int) -> None:
        """Pull a standing section down after a neighbour that has fallen past it."""
        if self.topples or self.begun < 0 or self.collapse.preset == "corner":
            return
        for stack in self.stacks:
            if stack.moving:
                continue
            limit = 2.0 * stack.section.floor_height_m * stack.luck
            for other in self.stacks:
                gap = other.section.foot_m - stack.section.foot_m
                fell = max((b.drop for b in other.moving), default=0.0)
                if other.section.box == stack.section.box and fell > limit and float(np.linalg.norm(gap)) < 18.0:
                    stack.fail(0)
                    here = stack.groups[(self.groups.link[stack.groups] == 0) & ~self.groups.facade[stack.groups]]
                    self._release(step, here, kick=0.3, spread_s=0.3)
                    break

    def _let_go_hanging(self, step: int) -> None:
        gone = (np.minimum(self.move, self.leave) <= step)[self.groups.of_piece]
        if gone.any():
            lost = np.unique(self.groups.of_piece[hanging(self.pieces, gone)])
            self._release(step, lost[self.leave[lost] == NEVER], kick=0.4, spread_s=0.35)

    def result(self) -> Descent:
        """Return what has been integrated."""
        groups, section, count = self.groups, self.groups.section, len(self.groups)
        upright = np.array([[0.0, 0.0, 1.0]])  # for what hangs on the building, in no section
        axis, pivot = np.concatenate([self.axis, upright]), np.concatenate([self.pivot, np.zeros((1, 3))])
        works = np.where(groups.facade, 1.0, 0.3)[:, None] * (0.6 if self.topples else 1.0)
        gape = np.abs(self.rng.normal(0.0, _CRACK_M, (count, 1))) * groups.outward * groups.facade[:, None]
        return Descent(
            steps_per_frame=self.per_frame,
            step_s=self.dt,
            move_step=np.minimum(self.move, self.leave),
            leave_step=self.leave,
            kick=self.kick,
            crushed=self.crushed,
            grounded=self.grounded,
            drop=self.drop,
            tilt=self.tilt,
            pivot=pivot[section],
            axis=axis[section],
            middle=groups.corners.mean(axis=1),
            crack=self.rng.normal(0.0, math.radians(_CRACK_DEG) / 1.7, (count, 3)) * works,
            gape=gape * works,
        )
