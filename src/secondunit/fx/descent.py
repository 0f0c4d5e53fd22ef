"""The crush: how the blocks of a failing building come down, before anything breaks off them.

Each section is a chain of storeys and slabs. Where a storey's columns fail, what stands above it is a block that
falls against the resistance of what it crushes (a one-dimensional crush-down, crush-up model after Bažant &
Verdure, J. Eng. Mech. 133 (2007) 308-319, with fixed resistances). A group of pieces stays with its block until
the ground, the growing pile or the block above reaches it; from then on it belongs to ``fx.rigid``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Collapse, Event, Side
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout
from secondunit.fx.pieces import KINDS, Pieces
from secondunit.fx.presets import events_for, lead_side
from secondunit.fx.sections import Groups, Section
from secondunit.fx.support import hanging

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GRAVITY = 9.81
STEP_S = 1.0 / 120.0
LEAN_DEG = 22.0
"""Tilt of a block at ``lean`` 1 once it has fallen its own height."""
_FREE, _CRUSH = 0.15, 0.36
"""Share of its weight that carries a block through a failed storey, and through one that it crushes."""
_RUBBLE = 0.14
"""Height of a crushed storey against its own."""
_BULK = 1.7
"""Volume of rubble against the volume of its pieces."""
_SPREAD = 1.5
"""Area of the pile against the area of its section."""
_DESCENT = 31


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Descent:
    """The blocks over time, at ``steps_per_frame`` instants a frame from the shot's first frame on."""

    steps_per_frame: int
    step_s: float
    move_step: Ints
    """(G,) step at which a group starts to move with its block; a large number for never."""
    leave_step: Ints
    """(G,) step at which it leaves its block (or its place) for good; a large number for never."""
    kick: Floats
    """(G,) outward speed it leaves with, in metres a second."""
    drop: NDArray[np.float32]
    """(T, G) metres fallen with its block."""
    tilt: NDArray[np.float32]
    """(T, G) radians turned with its block."""
    pivot: Floats
    """(G, 3) the turn's fixed point."""
    axis: Floats
    """(G, 3) the turn's axis, a unit vector."""

    def pose(self, step: int, group: int) -> tuple[Floats, Floats]:
        """Return rotation (3, 3) and translation (3,) of a group at a step: ``x -> rotation @ x + translation``."""
        t = min(step, len(self.drop) - 1)
        rotation = turn(self.axis[group], float(self.tilt[t, group]))
        shift = self.pivot[group] - rotation @ self.pivot[group]
        shift[1] -= self.drop[t, group]
        return rotation, shift


NEVER = 1 << 30


def turn(axis: Floats, angle: float) -> Floats:
    """Return the rotation matrix about a unit axis (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1.0 - math.cos(angle)) * (cross @ cross))


def steps_per_frame(rate: Fraction) -> int:
    """Return how many steps of about 1/120 s make a frame."""
    return max(1, round(1.0 / (float(rate) * STEP_S)))


@dataclass(slots=True, eq=False)
class _Block:
    """A run of links of one section that moves as one. Mutable: the state of the integration."""

    low: int
    high: int
    drop: float = 0.0
    speed: float = 0.0


@dataclass(slots=True, eq=False)
class _Stack:
    """The blocks of one section, lowest first, and the pile under them."""

    section: Section
    groups: Ints
    luck: float
    blocks: list[_Block]
    pile_m: float = 0.0
    failed: set[int] = field(default_factory=set)

    def base(self, link: int) -> float:
        """Rest height of a link's foot."""
        return (link + 1) // 2 * self.section.floor_height_m

    def fail(self, storey: int) -> bool:
        """Take a storey out of the chain; False where it has gone already."""
        link = 2 * storey
        for i, block in enumerate(self.blocks):
            if block.low <= link <= block.high:
                parts = [(block.low, link - 1), (link + 1, block.high)]
                self.blocks[i : i + 1] = [_Block(a, b, block.drop, block.speed) for a, b in parts if a <= b]
                self.failed.add(link)
                return True
        return False

    @property
    def moving(self) -> list[_Block]:
        """Blocks that stand on nothing."""
        return [b for b in self.blocks if b.low > 0]

    def step(self, dt: float) -> None:
        """Advance the blocks from the lowest up."""
        height = self.section.floor_height_m
        below: _Block | None = None
        for block in list(self.blocks):
            if block.low == 0:
                below = block
                continue
            foot = self.base(block.low) - block.drop
            top = self.pile_m if below is None else self.base(below.high + 1) - below.drop
            gone = sum(1 for link in self.failed if (below.high if below else -1) < link < block.low)
            free = foot - top - _RUBBLE * height * (gone if below is not None else 0)
            share = _FREE if free > 0 else _CRUSH
            block.speed += GRAVITY * (1.0 - share * self.luck) * dt
            if below is not None and free <= 0:
                mass_a, mass_b = block.high - block.low + 1, below.high - below.low + 1
                if below.low == 0:
                    self._crush_down(block, below)
                elif block.speed > below.speed:
                    shared = (mass_a * block.speed + mass_b * below.speed) / (mass_a + mass_b)
                    block.speed = below.speed = shared
            block.drop += block.speed * dt
            below = block

    def _crush_down(self, block: _Block, below: _Block) -> None:
        """Break the storey under a standing block's top slab; the slab joins the fall."""
        storey = (below.high - 1) // 2 if below.high % 2 else below.high // 2
        mass = block.high - block.low + 1
        block.speed *= mass / (mass + 2.0)
        self.fail(storey)
        for piece in self.blocks:
            if piece.low == 2 * storey + 1:
                piece.speed = block.speed


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
        self.topples = collapse.preset == "topple"
        count = len(groups)
        self.move, self.leave = np.full(count, NEVER), np.full(count, NEVER)
        self.kick = np.zeros(count)
        self.drop = np.zeros((self.total, count), dtype=np.float32)
        self.tilt = np.zeros((self.total, count), dtype=np.float32)
        self.now_drop, self.now_tilt = np.zeros(count), np.zeros(count)
        self.queue: list[tuple[int, Event]] = [
            (max(0, (e.frame - frames.first) * self.per_frame), e)
            for e in events_for(collapse, layout, rate=rate)
            if e.frame <= frames.last
        ]
        self.stacks = [
            _Stack(
                section=section,
                groups=np.flatnonzero(groups.section == i),
                luck=float(self.rng.uniform(0.8, 1.2)),
                blocks=[_Block(0, 2 * section.floors - 1)],
            )
            for i, section in enumerate(groups.sections)
        ]
        self.luck = self.rng.random(count)
        self.volume = np.bincount(groups.of_piece, pieces.volume_m3.astype(np.float64), count)
        self.axis, self.pivot, self.full = self._leans(layout, collapse)
        self.angle, self.spin = 0.0, 0.0
        self.begun = -1

    def _leans(self, layout: Layout, collapse: Collapse) -> tuple[Floats, Floats, Floats]:
        """Return each section's axis (S, 3), pivot (S, 3) and full tilt in radians (S,)."""
        axes, pivots, angles = [], [], []
        for section in self.groups.sections:
            box = layout.falling[section.box]
            towards, angle = _lean(box, section, collapse)
            towards = towards + self.rng.normal(0.0, 0.0 if self.topples else 0.2, 3) * np.array([1.0, 0.0, 1.0])
            towards /= max(float(np.linalg.norm(towards)), 1e-9)
            axes.append(np.cross([0.0, 1.0, 0.0], towards))
            pivots.append(_toe(box, towards) if self.topples else section.foot_m)
            angles.append(angle * (1.0 if self.topples else float(self.rng.uniform(0.5, 1.4))))
        shape = (-1, 3)
        return np.array(axes).reshape(shape), np.array(pivots).reshape(shape), np.array(angles)

    def advance(self, step: int) -> None:
        """Advance every section by one step and see who lets go."""
        while self.queue and self.queue[0][0] <= step:
            self._happen(step, self.queue.pop(0)[1])
        if self.topples and self.begun >= 0:
            self._fall_over(step)
        for i, stack in enumerate(self.stacks):
            if stack.moving:
                stack.step(self.dt)
                self._follow(step, i, stack)
        if step % self.per_frame == 0:
            self._drag(step)
            self._let_go_hanging(step)
        self.drop[step], self.tilt[step] = self.now_drop, self.now_tilt

    def _happen(self, step: int, event: Event) -> None:
        self.begun = step if self.begun < 0 else self.begun
        for i, stack in enumerate(self.stacks):
            if not _on_side(stack.section, event.side) or event.storey >= stack.section.floors:
                continue
            here = stack.groups[self.groups.link[stack.groups] == 2 * event.storey]
            if event.parts in ("columns", "core", "all"):
                if not self.topples:
                    stack.fail(event.storey)
                elif len(stack.blocks) == 1 and self.begun < step:
                    for other in self.stacks:
                        other.fail(event.storey)
                loose = ~self.groups.facade[here] if event.parts != "all" else np.ones(len(here), dtype=bool)
                burst = here[self.groups.facade[here] & (self.luck[here] < 0.12 * event.burst_m_per_s)]
                self._release(step, here[loose], 0.4, 0.25)
                self._release(step, burst, event.burst_m_per_s, 0.35)
            elif event.parts == "facade":
                self._release(step, here[self.groups.facade[here]], max(event.burst_m_per_s, 0.3), 0.5)
            else:
                slabs = stack.groups[self.groups.link[stack.groups] == 2 * event.storey + 1]
                self._release(step, slabs, event.burst_m_per_s, 0.2)
        self.lead = lead_side(self.collapse)

    def _release(self, step: int, chosen: Ints, kick: float, spread_s: float) -> None:
        """Let groups leave within a time, with an outward speed around ``kick``."""
        late = np.rint(self.luck[chosen] * spread_s / self.dt).astype(np.int64)
        when = np.minimum(self.leave[chosen], step + late)
        fresh = self.leave[chosen] > when
        self.leave[chosen] = when
        self.move[chosen] = np.minimum(self.move[chosen], when)
        self.kick[chosen[fresh]] = kick * (0.4 + 1.2 * self.luck[chosen[fresh]])

    def _follow(self, step: int, index: int, stack: _Stack) -> None:
        """Carry a section's groups with their blocks, and let go those that the pile or a ceiling reaches."""
        there = stack.groups[self.leave[stack.groups] > step]
        link = self.groups.link[there]
        lowest_gone = 0.0
        for block in stack.blocks:
            carried = there[(link >= block.low) & (link <= block.high)]
            above = [link_ for link_ in stack.failed if link_ == block.high + 1]
            if above:  # what is left of a failed storey rides on the slab under it
                carried = np.concatenate([carried, there[link == above[0]]])
            if block.low > 0:
                self._carry(step, index, carried, block)
        for block in stack.moving:
            held = there[(link < block.low) & (link % 2 == 0)]
            if len(held):
                self._under_ceiling(step, index, stack, held, block)
        moving = there[self.move[there] <= step]
        if len(moving):
            low = self._bounds(moving, index)[:, :, 1].min(axis=1)
            reached = moving[low < stack.pile_m + 0.02]
            lowest_gone = float(self.volume[reached].sum())
            self._release(step, reached, 1.6, 0.0)
        stack.pile_m += lowest_gone * _BULK / (stack.section.area_m2 * _SPREAD)

    def _carry(self, step: int, index: int, carried: Ints, block: _Block) -> None:
        self.move[carried] = np.minimum(self.move[carried], step)
        self.now_drop[carried] = block.drop
        if self.topples:
            self.now_tilt[carried] = self.angle
            return
        reach = max(self.layout.falling[self.stacks[index].section.box].height_m, 1.0)
        self.now_tilt[carried] = self.full[index] * (1.0 - math.exp(-((block.drop / (0.5 * reach)) ** 1.5)))

    def _bounds(self, chosen: Ints, index: int) -> Floats:
        """Return the corners (n, 8, 3) of groups where their blocks have carried them."""
        corners = self.groups.corners[chosen]
        pivot = self.pivot[index]
        angles = self.now_tilt[chosen]
        out = np.empty_like(corners)
        for angle in np.unique(angles):
            same = angles == angle
            out[same] = (corners[same] - pivot) @ turn(self.axis[index], float(angle)).T + pivot
        out[..., 1] -= self.now_drop[chosen][:, None]
        return out

    def _under_ceiling(self, step: int, index: int, stack: _Stack, held: Ints, block: _Block) -> None:
        """Let go the groups whose head the block above has reached."""
        bounds = self._bounds(held, index)
        head, middle = bounds[:, :, 1].max(axis=1), bounds.mean(axis=1)
        above = stack.groups[(self.groups.link[stack.groups] == block.low)]
        tilt = float(self.now_tilt[above].max()) if len(above) else 0.0
        rotation = turn(self.axis[index], tilt)
        pivot = self.pivot[index]
        ceiling = np.stack([middle[:, 0], np.full(len(held), stack.base(block.low)), middle[:, 2]], axis=1)
        ceiling_y = ((ceiling - pivot) @ rotation.T + pivot)[:, 1] - block.drop
        room = 0.12 * stack.section.floor_height_m
        crushed = head > ceiling_y + room * (0.3 + 1.4 * self.luck[held])
        self._release(step, held[crushed], 1.8, 0.0)

    def _fall_over(self, step: int) -> None:
        """Turn the whole as a pendulum standing on its toe; at its end it breaks its back."""
        box = self.layout.falling[self.groups.sections[0].box] if self.groups.sections else self.layout.falling[0]
        arm = 0.5 * math.hypot(box.height_m, 0.6 * box.depth_m)
        self.spin += 0.75 * GRAVITY / arm * math.sin(min(self.angle + 0.16, math.pi / 2)) * self.dt
        self.angle += self.spin * self.dt
        if self.angle > math.radians(42.0):
            left = np.flatnonzero((self.leave == NEVER) & (self.move <= step))
            self._release(step, left, 0.8, 0.7)

    def _drag(self, step: int) -> None:
        """Pull a standing section down after a neighbour that has fallen past it."""
        if self.topples or self.begun < 0:
            return
        for i, stack in enumerate(self.stacks):
            if stack.moving:
                continue
            for other in self.stacks:
                near = float(np.linalg.norm(other.section.foot_m - stack.section.foot_m)) < 1.5 * SECTION_REACH_M
                fell = max((b.drop for b in other.moving), default=0.0)
                limit = (3.0 if self.collapse.preset != "corner" else 1e9) * stack.section.floor_height_m
                if other.section.box == stack.section.box and near and fell > limit * stack.luck:
                    stack.fail(0)
                    here = stack.groups[(self.groups.link[stack.groups] == 0) & ~self.groups.facade[stack.groups]]
                    self._release(step, here, 0.3, 0.3)
                    break

    def _let_go_hanging(self, step: int) -> None:
        gone = (np.minimum(self.move, self.leave) <= step)[self.groups.of_piece]
        if not gone.any():
            return
        lost = np.unique(self.groups.of_piece[hanging(self.pieces, gone)])
        self._release(step, lost[self.leave[lost] == NEVER], 0.5, 0.35)

    def result(self) -> Descent:
        section = self.groups.section
        upright = np.array([[0.0, 0.0, 1.0]])
        axis, pivot = np.concatenate([self.axis, upright]), np.concatenate([self.pivot, np.zeros((1, 3))])
        return Descent(
            steps_per_frame=self.per_frame,
            step_s=self.dt,
            move_step=self.move,
            leave_step=self.leave,
            kick=self.kick,
            drop=self.drop,
            tilt=self.tilt,
            pivot=pivot[section],
            axis=axis[section],
        )


SECTION_REACH_M = 12.0


def _on_side(section: Section, side: Side) -> bool:
    third = min(int(section.across * 3), 2)
    return {
        "all": True,
        "left": third == 0,
        "middle": third == 1,
        "right": third == 2,
        "front": section.behind <= 0.5,
        "back": section.behind >= 0.5,
    }[side]


def _direction(box: Box, direction_deg: float) -> Floats:
    """Return the world direction of a lean: 0 out of the facade, 90 towards its right end."""
    a = math.radians(direction_deg)
    return -math.cos(a) * np.array(box.inward) + math.sin(a) * np.array(box.along)


def _lean(box: Box, section: Section, collapse: Collapse) -> tuple[Floats, float]:
    """Return where a section leans, not quite a unit vector, and how far in radians."""
    towards = _direction(box, collapse.direction_deg)
    full = math.radians(LEAN_DEG) * collapse.lean
    if collapse.preset == "implosion":
        inward = (0.5 - section.behind) * 2 * np.array(box.inward) + (0.5 - section.across) * 1.6 * np.array(box.along)
        return inward + 0.3 * collapse.lean * towards, math.radians(7.0)
    if collapse.preset == "pancake":
        return towards, 0.25 * full
    return towards, full


def _toe(box: Box, towards: Floats) -> Floats:
    """Return a point of the hinge a toppling box turns about: some way in from its leading foot."""
    feet = np.array([box.point(s * box.width_m, 0.0, q * box.depth_m) for s in (0, 1) for q in (0, 1)])
    ahead = feet @ towards
    middle = feet.mean(axis=0)
    return np.asarray(middle + towards * 0.4 * (ahead.max() - ahead.min()))


def release_steps(descent: Descent) -> Ints:
    """Return the step (G,) at which each group first moves."""
    return np.minimum(descent.move_step, descent.leave_step)


def quiet_after(descent: Descent, groups: Sequence[int]) -> int:
    """Return the last step at which any of these groups leaves its block, 0 for none."""
    steps = [int(descent.leave_step[g]) for g in groups if descent.leave_step[g] < NEVER]
    return max(steps, default=0)
