"""A lot: a piece of the plot, what is to stand on it, and its plan."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from secondunit.prep.sets.brief import Period
from secondunit.prep.sets.grammar import wall_height
from secondunit.prep.sets.styles import STYLES

Plan = tuple[float, float]
"""(x, z) metres."""
Corner = Literal["none", "left", "right"]

CHAMFER_M: Final = 3.6
"""Legs of a cut corner: its front is 5.1 m wide."""
PAVEMENT_M: Final = 0.15
"""Pavement over the carriageway, which is y = 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A piece of the plot and what stands on it."""

    name: str
    x0: float
    x1: float
    depth_m: float
    style: str
    storeys: int
    wall: str = "wall_1"
    corner: Corner = "none"
    kept: bool = False
    seed: int = 0

    @property
    def width_m(self) -> float:
        """Frontage."""
        return self.x1 - self.x0

    @property
    def period(self) -> Period:
        """Of its style."""
        return STYLES[self.style].period

    @property
    def slug(self) -> str:
        """The name as a path has it."""
        return re.sub(r"[^A-Za-z0-9]+", "_", self.name).strip("_").lower() or "lot"

    @property
    def set_back_storeys(self) -> int:
        """Storeys at the top that step back from the front."""
        if STYLES[self.style].crown != "setback" or self.storeys < 4:
            return 0
        return 1 if self.storeys < 8 else 2

    @property
    def wall_height_m(self) -> float:
        """Height of the whole wall over the pavement, set-back storeys with it, crown without."""
        return wall_height(STYLES[self.style], self.storeys)


def footprint(lot: Lot, *, inset: float = 0.0) -> tuple[list[Plan], list[Plan]]:
    """Return the street line, from left to right as seen from the street, and the rest of the plan, on from there.

    Plan points are (x, z); the building line is z = 0 and the street lies in +z.
    """
    x0, x1, back, c, i = lot.x0, lot.x1, -lot.depth_m, CHAMFER_M, inset
    k = i * 0.41421356  # a cut corner moved in keeps its 45 degrees
    if lot.corner == "left":
        street = [(x0 + i, back), (x0 + i, -c - k), (x0 + c + k, -i), (x1, -i)]
        return street, [(x1, back)]
    if lot.corner == "right":
        street = [(x0, -i), (x1 - c - k, -i), (x1 - i, -c - k), (x1 - i, back)]
        return street, [(x0, back)]
    return [(x0, -i), (x1, -i)], [(x1, back), (x0, back)]
