"""Facade styles of an avenue by period: proportions in metres, what opens, what projects, how the top ends.

Heights and sizes are those of Buenos Aires practice: storeys of 4 to 5 m before 1914, about 3.2 m between the wars, 2.8
m clear after 1955; French windows of 1.1 x 2.4 to 2.9 m; reveals of 0.15 to 0.3 m of masonry; balconies out to 1.2 m.
"""

from dataclasses import dataclass
from typing import Final, Literal

from secondunit.prep.sets.brief import Period

Cell = Literal["wall", "window", "french", "strip", "glazed"]
Balcony = Literal["none", "juliet", "single", "pair", "run"]
Railing = Literal["iron", "balustrade", "tube", "solid", "panel", "glass"]
Blind = Literal["none", "leaf", "roller"]
Crown = Literal["balustrade", "mansard", "parapet", "stepped", "setback", "slab"]
Ground = Literal["shops", "arcade", "lobby", "bank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One opening of a bay."""

    cell: Cell
    width_m: float = 1.1
    height_m: float = 2.2
    sill_m: float = 0.9
    """Over the storey's floor; a French window's is 0."""
    balcony: Balcony = "none"
    head: Literal["plain", "lintel", "pediment", "arch"] = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a facade of a period is made. The grammar reads it; nothing here is drawn."""

    name: str
    period: Period
    ground_m: float
    noble_m: float
    """The first storey over the ground floor."""
    body_m: float
    attic_m: float
    bay_m: tuple[float, float]
    """Least and most width of a bay."""
    noble: Opening
    body: Opening
    accent: Opening
    """What the middle or end bays have in place of the body's."""
    attic: Opening
    accents: Literal["none", "centre", "ends"] = "none"
    reveal_m: float = 0.2
    surround: Literal["none", "flat", "moulded"] = "none"
    rusticated: bool = False
    pilasters: bool = False
    courses: Literal["none", "noble", "each", "bands"] = "none"
    """String courses: over the ground floor and under the attic, at each floor, or broad bands between windows."""
    railing: Railing = "iron"
    blind: Blind = "leaf"
    cornice: Literal["classical", "plain", "none"] = "classical"
    crown: Crown = "parapet"
    ground: Ground = "shops"
    oriel: Literal["none", "bow", "box"] = "none"
    """A projecting body of closed bays over the ground floor."""
    fins: bool = False
    storeys: tuple[int, int] = (2, 9)
    frame_m: float = 0.06
    """Width of window frames as seen."""


def _french(width: float, height: float, balcony: Balcony = "juliet", head: str = "plain") -> Opening:
    return Opening(cell="french", width_m=width, height_m=height, sill_m=0.0, balcony=balcony, head=head)  # type: ignore[arg-type]


def _window(width: float, height: float, sill: float = 0.9, head: str = "plain") -> Opening:
    return Opening(cell="window", width_m=width, height_m=height, sill_m=sill, head=head)  # type: ignore[arg-type]


def _glazed(height: float, sill: float) -> Opening:
    return Opening(cell="glazed", height_m=height, sill_m=sill)


STYLES: Final[dict[str, Style]] = {
    s.name: s
    for s in (
        Style(
            name="italianate", period="1910", ground_m=4.8, noble_m=4.4, body_m=4.2, attic_m=4.0, bay_m=(2.3, 3.1),
            noble=_french(1.15, 2.9, "single", "pediment"), body=_french(1.1, 2.7, "juliet", "lintel"),
            accent=_french(1.15, 2.9, "single", "pediment"), attic=_window(1.0, 1.7, 0.9, "lintel"),
            surround="moulded", pilasters=True, courses="each", railing="iron", crown="balustrade", storeys=(1, 3),
            reveal_m=0.25,
        ),
        Style(
            name="academic", period="1910", ground_m=5.0, noble_m=4.2, body_m=3.8, attic_m=3.4, bay_m=(2.5, 3.4),
            noble=_french(1.2, 2.9, "single", "pediment"), body=_french(1.15, 2.6, "juliet", "lintel"),
            accent=_french(1.5, 2.7, "single", "arch"), attic=_window(1.1, 1.8, 0.7, "lintel"), accents="ends",
            surround="moulded", rusticated=True, courses="noble", railing="iron", crown="mansard", storeys=(4, 8),
            reveal_m=0.3, ground="shops",
        ),
        Style(
            name="bow", period="1910", ground_m=4.8, noble_m=4.0, body_m=3.7, attic_m=3.4, bay_m=(2.4, 3.2),
            noble=_french(1.15, 2.7, "single", "arch"), body=_french(1.1, 2.5, "juliet", "arch"),
            accent=_window(1.0, 2.1, 0.8), attic=_window(1.2, 1.6, 0.8, "arch"), accents="centre", surround="flat",
            rusticated=True, courses="noble", railing="iron", crown="balustrade", oriel="bow", storeys=(3, 7),
            reveal_m=0.25,
        ),
        Style(
            name="deco", period="1935", ground_m=4.4, noble_m=3.5, body_m=3.3, attic_m=3.2, bay_m=(2.4, 3.3),
            noble=_window(1.5, 1.7, 0.8), body=_window(1.4, 1.6, 0.9), accent=_french(1.5, 2.35, "pair"),
            attic=_window(1.1, 1.6, 0.9), accents="ends", courses="noble", railing="solid", blind="roller",
            cornice="plain", crown="stepped", fins=True, storeys=(5, 14), reveal_m=0.22,
        ),
        Style(
            name="rational", period="1935", ground_m=4.2, noble_m=3.2, body_m=3.2, attic_m=3.2, bay_m=(2.8, 3.8),
            noble=_window(2.1, 1.5, 0.9), body=_window(2.1, 1.5, 0.9), accent=_french(2.0, 2.3, "pair"),
            attic=_french(2.0, 2.3, "none"), accents="ends", courses="bands", railing="tube", blind="roller",
            cornice="none", crown="setback", oriel="none", storeys=(4, 13), reveal_m=0.18,
        ),
        Style(
            name="box_oriel", period="1935", ground_m=4.2, noble_m=3.3, body_m=3.2, attic_m=3.2, bay_m=(2.6, 3.4),
            noble=_window(1.6, 1.6, 0.9), body=_window(1.6, 1.6, 0.9), accent=_window(2.1, 1.7, 0.85),
            attic=_french(1.4, 2.3, "none"), accents="centre", courses="none", railing="solid", blind="roller",
            cornice="plain", crown="setback", oriel="box", storeys=(5, 13), reveal_m=0.2,
        ),
        Style(
            name="long_balcony", period="1960", ground_m=3.8, noble_m=3.0, body_m=2.95, attic_m=2.95, bay_m=(3.0, 4.2),
            noble=_french(2.4, 2.3, "run"), body=_french(2.4, 2.3, "run"), accent=_french(2.4, 2.3, "run"),
            attic=_french(2.4, 2.3, "run"), railing="panel", blind="roller", cornice="none", crown="slab",
            storeys=(6, 16), reveal_m=0.15, ground="lobby",
        ),
        Style(
            name="spandrel", period="1960", ground_m=4.0, noble_m=3.2, body_m=3.1, attic_m=3.1, bay_m=(1.5, 2.1),
            noble=_glazed(2.0, 0.85), body=_glazed(2.0, 0.85),
            accent=_glazed(2.0, 0.85), attic=_glazed(2.0, 0.85),
            fins=True, railing="tube", blind="none", cornice="none", crown="slab", storeys=(6, 16), reveal_m=0.12,
            ground="lobby",
        ),
        Style(
            name="brick_90", period="1990", ground_m=4.0, noble_m=3.0, body_m=2.9, attic_m=2.9, bay_m=(3.0, 4.0),
            noble=_window(1.8, 1.4, 0.9), body=_window(1.8, 1.4, 0.9), accent=_french(2.2, 2.2, "pair"),
            attic=_french(2.2, 2.2, "pair"), accents="ends", courses="bands", railing="tube", blind="roller",
            cornice="none", crown="parapet", storeys=(6, 16), reveal_m=0.12, ground="lobby",
        ),
        Style(
            name="glass_rail", period="now", ground_m=4.4, noble_m=3.0, body_m=3.0, attic_m=3.0, bay_m=(3.2, 4.6),
            noble=_french(2.8, 2.5, "run"), body=_french(2.8, 2.5, "run"), accent=_french(2.8, 2.5, "run"),
            attic=_french(2.8, 2.5, "run"), railing="glass", blind="none", cornice="none", crown="slab",
            storeys=(5, 18), reveal_m=0.12, ground="lobby", frame_m=0.05,
        ),
        Style(
            name="ribbon", period="1960", ground_m=4.6, noble_m=3.3, body_m=3.3, attic_m=3.3, bay_m=(3.4, 4.6),
            noble=Opening(cell="strip", width_m=9.0, height_m=1.5, sill_m=0.95),
            body=Opening(cell="strip", width_m=9.0, height_m=1.5, sill_m=0.95),
            accent=Opening(cell="strip", width_m=9.0, height_m=1.5, sill_m=0.95),
            attic=Opening(cell="strip", width_m=9.0, height_m=1.5, sill_m=0.95), reveal_m=0.25, blind="none",
            cornice="none", crown="parapet", ground="lobby", storeys=(2, 30), frame_m=0.05, railing="tube",
        ),
        Style(
            name="grid", period="1960", ground_m=4.6, noble_m=3.2, body_m=3.2, attic_m=3.2, bay_m=(2.8, 3.6),
            noble=_window(9.0, 2.35, 0.45), body=_window(9.0, 2.35, 0.45), accent=_window(9.0, 2.35, 0.45),
            attic=_window(9.0, 2.35, 0.45), reveal_m=0.75, blind="none", cornice="none", crown="parapet",
            ground="lobby", storeys=(2, 30), frame_m=0.06, railing="tube",
        ),
        Style(
            name="brise", period="1960", ground_m=4.6, noble_m=3.2, body_m=3.2, attic_m=3.2, bay_m=(1.2, 1.6),
            noble=_glazed(2.3, 0.6), body=_glazed(2.3, 0.6),
            accent=_glazed(2.3, 0.6), attic=_glazed(2.3, 0.6),
            reveal_m=0.1, blind="none", cornice="none", crown="slab", ground="lobby", storeys=(2, 30), fins=True,
            frame_m=0.05, railing="tube",
        ),
        Style(
            name="curtain", period="now", ground_m=5.0, noble_m=3.6, body_m=3.6, attic_m=3.6, bay_m=(1.4, 1.8),
            noble=_glazed(2.7, 0.6), body=_glazed(2.7, 0.6),
            accent=_glazed(2.7, 0.6), attic=_glazed(2.7, 0.6),
            reveal_m=0.05, blind="none", cornice="none", crown="parapet", ground="lobby", storeys=(2, 60),
            frame_m=0.05, railing="tube",
        ),
        Style(
            name="balcony_slab", period="now", ground_m=4.4, noble_m=3.0, body_m=3.0, attic_m=3.0, bay_m=(3.4, 4.8),
            noble=_french(3.0, 2.5, "run"), body=_french(3.0, 2.5, "run"), accent=_french(3.0, 2.5, "run"),
            attic=_french(3.0, 2.5, "run"), railing="glass", blind="none", cornice="none", crown="slab",
            storeys=(2, 40), reveal_m=0.12, ground="lobby", frame_m=0.05,
        ),
        Style(
            name="punched", period="1990", ground_m=4.4, noble_m=3.1, body_m=3.1, attic_m=3.1, bay_m=(2.6, 3.4),
            noble=_window(1.5, 1.5, 0.9), body=_window(1.5, 1.5, 0.9), accent=_french(1.9, 2.3, "pair"),
            attic=_window(1.5, 1.5, 0.9), accents="ends", courses="bands", reveal_m=0.2, blind="roller",
            cornice="none", crown="parapet", storeys=(2, 30), ground="lobby", railing="tube",
        ),
    )
}  # fmt: skip

MODERN: Final[dict[Period, tuple[str, ...]]] = {
    "1960": ("ribbon", "grid", "brise"),
    "1990": ("punched", "ribbon", "curtain"),
    "now": ("curtain", "balcony_slab", "grid"),
}
"""Skins of the modern block by period."""

BY_PERIOD: Final[dict[Period, tuple[str, ...]]] = {
    "1910": ("academic", "italianate", "bow"),
    "1935": ("rational", "deco", "box_oriel"),
    "1960": ("long_balcony", "spandrel"),
    "1990": ("brick_90", "long_balcony"),
    "now": ("glass_rail", "brick_90"),
}


def styles_for(period: Period, storeys: int) -> tuple[str, ...]:
    """Return the styles of a period that were built so high, or its nearest where none was."""
    fit = tuple(n for n in BY_PERIOD[period] if STYLES[n].storeys[0] <= storeys <= STYLES[n].storeys[1])
    if fit:
        return fit

    def miss(name: str) -> int:
        low, high = STYLES[name].storeys
        return max(low - storeys, storeys - high)

    return (min(BY_PERIOD[period], key=miss),)
