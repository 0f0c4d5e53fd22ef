"""The three hands a board can be drawn by, as numbers. Widths are pixels on a panel 1600 wide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from secondunit.core.errors import BriefError
from secondunit.prep.boards.strokes import Hand

StyleName = Literal["pencil", "ink", "marker"]
STYLES: Final[tuple[str, ...]] = get_args(StyleName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Line widths of one kind of thing."""

    outline: float
    """Against another thing behind it."""
    inner: float
    """Where it covers itself."""
    crease: float
    """Folds and joints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HatchLevel:
    """One layer of hatching."""

    below: float
    """It lies where the tone is darker than this; white is 1."""
    spacing_px: float
    width: float
    dark: float
    turn_deg: float = 0.0
    """Against the surface's own direction: cross-hatching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wash:
    """One flat tone."""

    below: float
    grey: float
    """What it leaves of the paper, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A way of drawing."""

    name: str
    hand: Hand
    figure: Weights
    object: Weights
    set: Weights
    line_dark: float
    restate: float
    """Share of the long outlines that are gone over a second time."""
    construction: float
    """Pressure of construction lines; 0 for none."""
    tooth: float
    """How much the paper's grain breaks a line, 0 to 1."""
    ink: tuple[int, int, int]
    paper: tuple[int, int, int]
    hatching: tuple[HatchLevel, ...]
    washes: tuple[Wash, ...]
    wash_soft_px: float
    """Blur of a tone's edge; 0 is a marker's hard edge."""
    streak: float
    """How much a marker's passes show."""
    black: float
    """Tones darker than this are filled."""


_PENCIL = Style(
    name="pencil",
    hand=Hand(wobble_px=0.75, overshoot_px=13.0, taper_px=34.0, tip=0.22),
    figure=Weights(outline=4.2, inner=2.7, crease=1.7),
    object=Weights(outline=3.6, inner=2.4, crease=1.6),
    set=Weights(outline=2.3, inner=2.0, crease=1.45),
    line_dark=0.96,
    restate=0.55,
    construction=0.95,
    tooth=0.62,
    ink=(44, 43, 46),
    paper=(249, 246, 239),
    hatching=(
        HatchLevel(below=0.64, spacing_px=7.0, width=1.9, dark=0.6),
        HatchLevel(below=0.42, spacing_px=6.0, width=2.0, dark=0.7, turn_deg=38.0),
        HatchLevel(below=0.26, spacing_px=4.2, width=2.6, dark=0.88, turn_deg=-14.0),
    ),
    washes=(Wash(below=0.70, grey=0.88), Wash(below=0.44, grey=0.74), Wash(below=0.25, grey=0.55)),
    wash_soft_px=2.4,
    streak=0.0,
    black=0.0,
)
_INK = Style(
    name="ink",
    hand=Hand(wobble_px=0.6, overshoot_px=4.0, taper_px=44.0, tip=0.12),
    figure=Weights(outline=5.4, inner=3.2, crease=1.9),
    object=Weights(outline=4.4, inner=2.7, crease=1.6),
    set=Weights(outline=2.5, inner=2.0, crease=1.25),
    line_dark=1.0,
    restate=0.0,
    construction=0.0,
    tooth=0.06,
    ink=(18, 18, 20),
    paper=(252, 251, 247),
    hatching=(
        HatchLevel(below=0.58, spacing_px=8.5, width=1.9, dark=1.0),
        HatchLevel(below=0.42, spacing_px=6.5, width=2.0, dark=1.0, turn_deg=62.0),
    ),
    washes=(),
    wash_soft_px=0.0,
    streak=0.0,
    black=0.27,
)
_MARKER = Style(
    name="marker",
    hand=Hand(wobble_px=0.7, overshoot_px=7.0, taper_px=20.0, tip=0.5),
    figure=Weights(outline=3.9, inner=2.6, crease=1.7),
    object=Weights(outline=3.4, inner=2.2, crease=1.5),
    set=Weights(outline=2.1, inner=1.8, crease=1.3),
    line_dark=0.97,
    restate=0.12,
    construction=0.9,
    tooth=0.12,
    ink=(26, 26, 29),
    paper=(251, 250, 247),
    hatching=(HatchLevel(below=0.24, spacing_px=7.5, width=1.7, dark=0.8),),
    washes=(Wash(below=0.68, grey=0.84), Wash(below=0.46, grey=0.64), Wash(below=0.27, grey=0.42)),
    wash_soft_px=0.0,
    streak=0.6,
    black=0.12,
)
_STYLES: Final[Mapping[str, Style]] = {s.name: s for s in (_PENCIL, _INK, _MARKER)}


def style_of(name: str) -> Style:
    """Return a style by name.

    Raises
    ------
    BriefError
        There is none of that name.
    """
    if name not in _STYLES:
        raise BriefError(f"there is no drawing style {name!r}", fix=f"use one of {', '.join(STYLES)}")
    return _STYLES[name]
