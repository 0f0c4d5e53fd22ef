"""Options: the directions an art director would pin up side by side, each one idea, not one seed."""

from dataclasses import dataclass, replace
from typing import Final

from secondunit.prep.sets.brief import AXES, PERIODS, Axis, Dressing, Kit, Period, SetBrief, Skyline, Trees


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One idea for a set, by the axes it changes."""

    name: str
    line: str
    skyline: Skyline
    storeys: float
    """Times the brief's."""
    lot: float
    """Times the brief's frontage."""
    density: float
    period: Period
    mix: float
    palette: str
    wear: float
    trees: Trees
    awnings: float
    cars: float


def _direction(name: str, line: str, *values: object) -> Direction:
    keys = ("skyline", "storeys", "lot", "density", "period", "mix", "palette", "wear", "trees", "awnings", "cars")
    return Direction(name=name, line=line, **dict(zip(keys, values, strict=True)))  # type: ignore[arg-type]


DIRECTIONS: Final[dict[Kit, tuple[Direction, ...]]] = {
    "avenue": (
        _direction("Broken skyline", "a century in one block: party walls bare over low neighbours",
                   "broken", 1.0, 1.0, 0.75, "1935", 0.75, "piedra paris", 0.3, "summer", 0.5, 0.6),
        _direction("Academic terrace", "one cornice line, mansards, a cupola on each corner",
                   "even", 1.0, 1.35, 0.55, "1910", 0.0, "piedra paris", 0.08, "summer", 0.8, 0.3),
        _direction("Low barrio, one tower", "italianate shops of two storeys and a single slab that does not belong",
                   "peak", 0.5, 0.85, 0.6, "1910", 0.15, "fileteado", 0.4, "autumn", 0.7, 0.5),
        _direction("Rationalist climb", "cream banded fronts that step up the block, roofs set back",
                   "steps", 1.25, 1.25, 0.5, "1935", 0.05, "crema racionalista", 0.12, "summer", 0.3, 0.5),
        _direction("After the flood", "boarded, soot and brick showing, bare planes, shutters down",
                   "valley", 0.85, 0.8, 0.9, "1910", 0.5, "revoque gastado", 0.95, "winter", 0.05, 0.25),
        _direction("Sixties canyon", "flat fronts and long balconies to full height, cold greys and brick",
                   "corners", 1.9, 1.5, 1.0, "1960", 0.2, "gris y teja", 0.35, "winter", 0.2, 1.0),
        _direction("Ochre street", "warm ochres, green shutters, awnings out",
                   "valley", 0.75, 0.9, 0.6, "1910", 0.3, "ocre y verde", 0.25, "summer", 1.0, 0.4),
        _direction("New money", "glass rails and white render between two survivors",
                   "peak", 1.4, 1.2, 0.5, "now", 0.35, "blanco y vidrio", 0.05, "summer", 0.2, 0.7),
    ),
    "modern": (
        _direction("Slab on podium", "one long slab of ribbon windows over a glazed podium",
                   "even", 1.0, 1.0, 0.6, "1960", 0.0, "hormigon y bronce", 0.15, "summer", 0.0, 0.4),
        _direction("Tower and hall", "a curtain-wall tower beside a low hall, open plaza",
                   "peak", 1.0, 1.0, 0.4, "now", 0.0, "travertino y azul", 0.05, "none", 0.0, 0.3),
        _direction("Terraces", "balconies all round that step down the plot",
                   "steps", 0.9, 1.0, 0.5, "now", 0.0, "blanco y vidrio", 0.05, "summer", 0.0, 0.6),
        _direction("Egg-crate pair", "two deep concrete grids over a court",
                   "corners", 0.95, 1.0, 0.7, "1960", 0.0, "cemento y cal", 0.45, "winter", 0.0, 0.5),
        _direction("Three strangers", "three blocks of three decades, none in line",
                   "broken", 1.0, 1.0, 0.8, "1990", 0.9, "gris y teja", 0.3, "autumn", 0.0, 0.8),
        _direction("Given up", "sun-breakers stained and boarded, weeds in the plaza",
                   "valley", 0.8, 1.0, 0.9, "1960", 0.0, "revoque gastado", 0.9, "winter", 0.0, 0.2),
    ),
    "yard": (
        _direction("Saw-tooth works", "brick sheds in step, a chimney, a siding",
                   "even", 1.0, 1.0, 0.5, "1910", 0.0, "oxido y zinc", 0.4, "none", 0.0, 0.3),
        _direction("Silos", "a bank of concrete silos over a head house and a rail line",
                   "peak", 1.0, 1.0, 0.5, "1960", 0.0, "cemento y cal", 0.3, "none", 0.0, 0.3),
        _direction("Container depot", "stacks in three colours under a gantry crane",
                   "steps", 1.0, 1.0, 0.9, "now", 0.0, "senal y verde", 0.15, "none", 0.0, 0.6),
        _direction("Tank farm", "welded tanks, pipe racks, bund walls",
                   "valley", 1.0, 1.0, 0.7, "1990", 0.0, "blanco y vidrio", 0.1, "none", 0.0, 0.2),
        _direction("Mixed works", "every decade bolted to the last one",
                   "broken", 1.0, 0.8, 1.0, "1960", 0.6, "gris y teja", 0.5, "autumn", 0.0, 0.6),
        _direction("Closed since", "rust, broken lights, weeds on the rails",
                   "corners", 1.0, 1.2, 0.35, "1935", 0.3, "revoque gastado", 0.95, "winter", 0.0, 0.05),
    ),
}  # fmt: skip

OWN_PALETTE: Final[dict[Kit, str]] = {"avenue": "piedra paris", "modern": "hormigon y bronce", "yard": "oxido y zinc"}
KIT_PERIODS: Final[dict[Kit, tuple[Period, ...]]] = {
    "avenue": PERIODS, "modern": ("1960", "1990", "now"), "yard": PERIODS,
}  # fmt: skip


def option_brief(brief: SetBrief, number: int) -> SetBrief:
    """Return option ``number`` (1 and up) of a brief: its direction on the axes that may vary, the rest as briefed.

    After the last direction they begin again with other lots, heights and palettes.
    """
    known = DIRECTIONS[brief.kit]
    turn, k = divmod(number - 1, len(known))
    way = known[k]
    free = set(brief.vary)
    design, dress = brief.design, brief.dressing

    def pick(axis: Axis, new: object, old: object) -> object:
        return new if axis in free else old

    others = [p for p in dict.fromkeys(d.palette for d in (*known[k:], *known[:k])) if p != way.palette]
    paint = way.palette if turn == 0 else others[(turn - 1) % len(others)]
    design = replace(
        design,
        skyline=pick("skyline", way.skyline, design.skyline),  # type: ignore[arg-type]
        storeys=pick("skyline", min(60, max(1, round(way.storeys * design.storeys))), design.storeys),  # type: ignore[arg-type]
        lot_m=pick("rhythm", min(60.0, max(5.0, way.lot * design.lot_m)), design.lot_m),  # type: ignore[arg-type]
        density=pick("rhythm", way.density, design.density),  # type: ignore[arg-type]
        period=pick("period", way.period, design.period),  # type: ignore[arg-type]
        mix=pick("period", way.mix, design.mix),  # type: ignore[arg-type]
        palette=pick("palette", paint, design.palette),  # type: ignore[arg-type]
        wear=pick("wear", way.wear, design.wear),  # type: ignore[arg-type]
    )
    if "dressing" in free:
        dress = replace(dress, trees=way.trees, awnings=way.awnings, cars=way.cars)
    return replace(
        brief, design=design, dressing=dress, option=number, seed=brief.seed + 101 * number + 9 * turn,
        direction=f"{way.name}: {way.line}", kept_palette=brief.design.palette,
    )  # fmt: skip


def differences(brief: SetBrief, other: SetBrief) -> tuple[Axis, ...]:
    """Return the axes in which two briefs differ."""
    a, b = brief.design, other.design
    pairs: dict[Axis, bool] = {
        "skyline": (a.skyline, a.storeys) != (b.skyline, b.storeys),
        "rhythm": (a.lot_m, a.density) != (b.lot_m, b.density),
        "period": (a.period, a.mix) != (b.period, b.mix),
        "palette": a.palette != b.palette,
        "wear": a.wear != b.wear,
        "dressing": _dressing(brief.dressing) != _dressing(other.dressing),
    }
    return tuple(axis for axis in AXES if pairs[axis])


def _dressing(dress: Dressing) -> tuple[object, ...]:
    return (dress.trees, dress.awnings, dress.cars, dress.kiosks, dress.lamps)
