"""What a kit hands back beside its geometry."""

from dataclasses import dataclass

from secondunit.core.layout import Box
from secondunit.prep.sets.lot import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A length that the drawings give: along the building line, or upwards at a place."""

    name: str
    from_m: float
    to_m: float
    at_m: float = 0.0
    upright: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Boxes for the collapse, lots, and the lengths that drawings name."""

    boxes: tuple[Box, ...]
    lots: tuple[Lot, ...]
    dimensions: tuple[Dimension, ...]
    height_m: float
    """Top of the highest wall."""
