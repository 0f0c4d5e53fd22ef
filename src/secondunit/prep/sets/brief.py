"""What an art director says of a set: plot, period, heights, wear, palette, and what must not change."""

from dataclasses import dataclass
from typing import Final, Literal

from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun

Kit = Literal["avenue", "modern", "yard"]
Period = Literal["1910", "1935", "1960", "1990", "now"]
Skyline = Literal["even", "broken", "peak", "steps", "valley", "corners"]
"""How heights run along the block: one cornice line, up and down, one tower, climbing, low in the middle, high ends."""
Trees = Literal["summer", "autumn", "winter", "none"]
Axis = Literal["skyline", "rhythm", "period", "palette", "wear", "dressing"]

PERIODS: Final[tuple[Period, ...]] = ("1910", "1935", "1960", "1990", "now")
AXES: Final[tuple[Axis, ...]] = ("skyline", "rhythm", "period", "palette", "wear", "dressing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The ground a set stands on, and the street before it. Metres."""

    length_m: float = 84.0
    """Along the building line."""
    depth_m: float = 24.0
    """From the building line back; nothing is built behind it."""
    height_m: float = 48.0
    """Nothing is built higher."""
    street_width_m: float = 22.0
    """From building line to building line."""
    pavement_m: float = 4.5
    sides: int = 1
    """2 builds the other side of the street as well."""
    street_corners: Literal["none", "left", "right", "both"] = "both"
    """Where a street crosses: a corner lot is cut at 45 degrees there (ochava)."""
    north_deg: float = 20.0
    """Where north is: 0 is behind the block (-Z), positive turns towards +X."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What the set looks like."""

    period: Period = "1935"
    mix: float = 0.35
    """Share of lots that are of a neighbouring period, 0 to 1."""
    storeys: int = 6
    """Typical height, ground floor included."""
    skyline: Skyline = "broken"
    lot_m: float = 11.0
    """Typical frontage of a lot; a large one gives a slow rhythm."""
    density: float = 0.7
    """How much the plot is built over and how much stands on roofs and facades, 0 to 1."""
    wear: float = 0.3
    """0 as new, 1 ruinous: stains, missing plaster, cracks, boarded windows."""
    palette: str = "piedra paris"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dressing:
    """What stands in the street."""

    trees: Trees = "summer"
    tree_gap_m: float = 10.5
    lamps: bool = True
    cars: float = 0.6
    """Share of parking places that are taken."""
    awnings: float = 0.5
    """Share of shops with an awning out."""
    kiosks: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLot:
    """A lot that is the same in every option, whatever else changes."""

    name: str
    from_m: float
    """Its left end along the building line."""
    width_m: float
    storeys: int
    period: Period = "1935"
    palette: str = ""
    """Empty takes the brief's own palette, in every option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SightLine:
    """A line that must be free from end to end: a camera sees its mark."""

    name: str
    from_m: tuple[float, float, float]
    to_m: tuple[float, float, float]
    clear_m: float = 0.3
    """How far everything keeps away from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBrief:
    """A set, wholly said."""

    name: str
    kit: Kit = "avenue"
    seed: int = 1
    plot: Plot = Plot()
    design: Design = Design()
    """What it looks like."""
    dressing: Dressing = Dressing()
    sun: Sun = Sun(azimuth_deg=142.0, elevation_deg=41.0)
    """Azimuth 0 is towards -Z, behind the block; 90 towards +X; 180 shines square on the facades."""
    vary: tuple[Axis, ...] = AXES
    """What options may differ in; the rest stays as the brief says."""
    keep: tuple[KeptLot, ...] = ()
    sight_lines: tuple[SightLine, ...] = ()
    option: int = 0
    """0 is the brief as it stands."""
    direction: str = ""
    """An option's idea in a line."""
    kept_palette: str = ""
    """The palette of the brief itself, which kept lots wear in every option; empty where this is the brief itself."""

    @property
    def home_palette(self) -> str:
        """The palette that kept lots wear where they do not say."""
        return self.kept_palette or self.design.palette

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BriefError("a set has no name", fix='write name = "AV. CORRIENTES, BLOCK 1200"')
        plot = self.plot
        if plot.street_width_m < 2 * plot.pavement_m + 5.5:
            raise BriefError(
                f"a street of {plot.street_width_m:g} m leaves no carriageway between pavements of {plot.pavement_m:g}",
                fix=f"use street_width_m = {2 * plot.pavement_m + 5.5:g} or more, or narrower pavements",
            )
        names = [k.name for k in self.keep] + [s.name for s in self.sight_lines]
        if len(set(names)) != len(names):
            raise BriefError("two kept lots or sight lines share a name", fix="give each its own")


LIMITS: Final[dict[str, tuple[float, float]]] = {
    "plot.length_m": (20.0, 240.0),
    "plot.depth_m": (8.0, 120.0),
    "plot.height_m": (6.0, 250.0),
    "plot.street_width_m": (9.0, 80.0),
    "plot.pavement_m": (1.2, 12.0),
    "plot.sides": (1, 2),
    "plot.north_deg": (-360.0, 360.0),
    "design.mix": (0.0, 1.0),
    "design.storeys": (1, 60),
    "design.lot_m": (5.0, 60.0),
    "design.density": (0.0, 1.0),
    "design.wear": (0.0, 1.0),
    "dressing.tree_gap_m": (4.0, 60.0),
    "dressing.cars": (0.0, 1.0),
    "dressing.awnings": (0.0, 1.0),
    "dressing.kiosks": (0, 6),
    "keep.from_m": (0.0, 240.0),
    "keep.width_m": (5.0, 60.0),
    "keep.storeys": (1, 60),
    "sight_line.from_m": (-500.0, 500.0),
    "sight_line.to_m": (-500.0, 500.0),
    "sight_line.clear_m": (0.0, 5.0),
    "sun.azimuth_deg": (-360.0, 360.0),
    "sun.elevation_deg": (-5.0, 90.0),
    "sun.illuminance": (0.0, 1000.0),
    "sun.sky": (0.0, 1000.0),
}
"""Lowest and highest value of each number by ``table.key``; they hold for each number of a list."""
