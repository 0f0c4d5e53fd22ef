"""One section's blocks: runs of storeys that fall as one, crush what is under them and end in a pile.

A one-dimensional crush-down, crush-up model after Bažant & Verdure, J. Eng. Mech. 133 (2007) 308-319, with fixed
resistances in place of theirs.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from secondunit.fx.fracture.sections import Section

Ints = NDArray[np.int64]

GRAVITY = 9.81
FREE, CRUSH, SQUASH = 0.1, 0.28, 0.45
"""Share of its weight that carries a block through a failed storey, while it crushes its way into the pile, and
while it does so with another block still to come down on it."""
RUBBLE = 0.14
"""Height of a crushed storey against its own."""
BULK, SPREAD = 1.7, 1.5
"""Volume of rubble against that of its pieces, and area of the pile against that of its section."""


@dataclass(slots=True, eq=False)
class Block:
    """A run of links of one section that moves as one. Mutable: the state of the integration."""

    low: int
    high: int
    drop: float = 0.0
    speed: float = 0.0


@dataclass(slots=True, eq=False)
class Stack:
    """The blocks of one section, lowest first, and the pile under them. Mutable."""

    section: Section
    groups: Ints
    luck: float
    """Scales every resistance."""
    blocks: list[Block]
    pile_m: float = 0.0
    failed: set[int] = field(default_factory=set)

    @property
    def moving(self) -> list[Block]:
        """Blocks that stand on nothing."""
        return [b for b in self.blocks if b.low > 0]

    def base(self, link: int) -> float:
        """Return the rest height of a link's foot, in metres over the section's."""
        return (link + 1) // 2 * self.section.floor_height_m

    def fail(self, storey: int) -> bool:
        """Take a storey out of the chain; False where it has gone already."""
        link = 2 * storey
        for i, block in enumerate(self.blocks):
            if block.low <= link <= block.high:
                parts = [(block.low, link - 1), (link + 1, block.high)]
                self.blocks[i : i + 1] = [Block(a, b, block.drop, block.speed) for a, b in parts if a <= b]
                self.failed.add(link)
                return True
        return False

    def bury(self, volume_m3: float) -> None:
        """Raise the pile by what has broken."""
        self.pile_m += volume_m3 * BULK / (self.section.area_m2 * SPREAD)

    def step(self, dt: float) -> None:
        """Advance the blocks from the lowest up."""
        below: Block | None = None
        for block in list(self.blocks):
            if block.low > 0:
                self._advance(block, below, dt)
            below = block

    def _advance(self, block: Block, below: Block | None, dt: float) -> None:
        height = self.section.floor_height_m
        top = self.pile_m if below is None else self.base(below.high + 1) - below.drop
        between = sum(1 for link in self.failed if (below.high if below else -1) < link < block.low)
        rubble = RUBBLE * height * between if below is not None else 0.0
        touches = self.base(block.low) - block.drop - top <= rubble
        share = FREE
        if touches:
            share = SQUASH if below is None and block is not self.blocks[-1] else CRUSH
        block.speed += GRAVITY * (1.0 - share * self.luck) * dt
        if below is not None and touches:
            mass, under = block.high - block.low + 1, below.high - below.low + 1
            if below.low == 0:
                self._crush_down(block, below)
            elif block.speed > below.speed:  # they go on together
                block.speed = below.speed = (mass * block.speed + under * below.speed) / (mass + under)
        block.drop += block.speed * dt

    def _crush_down(self, block: Block, below: Block) -> None:
        """Break the storey under a standing block's top slab; the slab joins the fall."""
        storey = (below.high - 1) // 2 if below.high % 2 else below.high // 2
        mass = block.high - block.low + 1
        block.speed *= mass / (mass + 2.0)
        self.fail(storey)
        for part in self.blocks:
            if part.low == 2 * storey + 1:
                part.speed = block.speed
