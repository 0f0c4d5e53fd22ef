"""``set.toml``: a set's brief as a person edits it, read with limits, written with a word on each key."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, get_args

from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun
from secondunit.prep.sets.brief import (
    AXES,
    LIMITS,
    Axis,
    Design,
    Dressing,
    KeptLot,
    Kit,
    Plot,
    SetBrief,
    SightLine,
)
from secondunit.prep.sets.options import KIT_PERIODS, OWN_PALETTE
from secondunit.prep.sets.palettes import PALETTES, palette
from secondunit.show.brief.table import check_schema, convert, load_toml, read_table, refuse_unknown

SCHEMA: Final = 1
_TOP: Final = ["name", "kit", "seed", "vary", "plot", "design", "dressing", "sun", "keep", "sight_line"]
_SUN_KEYS: Final = ("azimuth_deg", "elevation_deg", "illuminance", "sky")

_KIT_WORDS: Final[dict[Kit, str]] = {
    "yard": r"yard|depot|dock|works|factory|plant|warehouse|silo|refinery|rail|hangar|fábrica|galpón|planta|puerto",
    "modern": r"tower|office|plaza|slab|headquarters|hospital|campus|torre|oficina|estate|terminal",
    "avenue": r".",
}


def read_set_brief(path: Path) -> SetBrief:
    """Read ``set.toml``.

    Raises
    ------
    BriefError
        It is missing or cannot be meant; the message names file and key.
    """
    data = load_toml(path)
    check_schema(data, SCHEMA, path)
    refuse_unknown(data, _TOP, file=path)
    more: dict[str, Any] = {}
    for key, kind in (("name", str), ("kit", Kit), ("seed", int), ("vary", tuple[Axis, ...])):
        if key in data:
            more[key] = convert(data[key], kind, f"{path}: {key}")
    if not 0 <= more.get("seed", 1) <= 2**31 - 1:
        raise BriefError(f"{path}: seed = {more['seed']} is out of range", fix="use 0 to 2147483647")
    if len(str(more.get("name", ""))) > 120:
        raise BriefError(f"{path}: name is longer than 120 letters", fix="shorten it")

    def table(cls: type[Any], key: str, value: Any) -> Any:
        return read_table(cls, value, file=path, section=key, limits=LIMITS)

    single: tuple[tuple[str, type[Any]], ...] = (
        ("plot", Plot),
        ("design", Design),
        ("dressing", Dressing),
        ("sun", Sun),
    )
    for key, cls in single:
        if key in data:
            more[key] = table(cls, key, data[key])
    several: tuple[tuple[str, type[Any], str], ...] = (
        ("keep", KeptLot, "keep"),
        ("sight_line", SightLine, "sight_lines"),
    )
    for key, cls, field in several:
        rows = data.get(key, [])
        if not isinstance(rows, list) or len(rows) > 24:
            raise BriefError(
                f"{path}: [[{key}]] must be a list of at most 24 tables", fix=f"write [[{key}]] before each"
            )
        more[field] = tuple(table(cls, key, row) for row in rows)
    try:
        brief = SetBrief(**more)
        palette(brief.design.palette)
        for keep in brief.keep:
            palette(keep.palette or brief.design.palette)
    except TypeError as error:
        raise BriefError(f"{path} lacks name", fix='write name = "AV. CORRIENTES, BLOCK 1200"') from error
    except BriefError as error:
        raise BriefError(f"{path}: {error.message}", fix=error.fix) from error
    return brief


def guessed_kit(name: str) -> Kit:
    """Return the kit that a set's name on the page suggests; the avenue where it says nothing.

    >>> guessed_kit("AV. CORRIENTES, BLOCK 1200"), guessed_kit("GRAIN DEPOT - NIGHT"), guessed_kit("OFFICE TOWER")
    ('avenue', 'yard', 'modern')
    """
    return next(kit for kit, words in _KIT_WORDS.items() if re.search(words, name, re.IGNORECASE) or kit == "avenue")


def default_brief(name: str, kit: Kit) -> SetBrief:
    """Return the brief a set begins with."""
    if kit == "avenue":
        return SetBrief(name=name, kit=kit)
    plot = Plot(length_m=96.0, depth_m=36.0, height_m=70.0 if kit == "modern" else 45.0)
    design = Design(period="1960", storeys=9 if kit == "modern" else 3, palette=OWN_PALETTE[kit])
    return SetBrief(name=name, kit=kit, plot=plot, design=design)


_WORDS: Final = {
    "kit": "avenue, modern or yard",
    "seed": "another number gives other lots and heights of the same idea",
    "vary": "what options may differ in; take one out and it stays as written here",
    "plot.length_m": "along the building line",
    "plot.depth_m": "back from the building line; nothing is built behind it",
    "plot.height_m": "nothing is built higher",
    "plot.street_width_m": "from building line to building line",
    "plot.pavement_m": "each of the two",
    "plot.sides": "2 builds the other side of the street as well (avenue)",
    "plot.street_corners": "where a street crosses: none, left, right or both",
    "plot.north_deg": "0 is behind the block, positive turns to the right",
    "design.period": "1910, 1935, 1960, 1990 or now",
    "design.mix": "share of lots of a neighbouring period",
    "design.storeys": "typical height, ground floor included",
    "design.skyline": "even, broken, peak, steps, valley or corners",
    "design.lot_m": "typical frontage",
    "design.density": "how much is built over, how much stands on roofs and fronts",
    "design.wear": "0 as new, 1 ruinous",
    "design.palette": "one of the named palettes",
    "dressing.trees": "summer, autumn, winter or none",
    "dressing.tree_gap_m": "between street trees",
    "dressing.lamps": "street lamps",
    "dressing.cars": "share of parking places taken",
    "dressing.awnings": "share of open shops with an awning out",
    "dressing.kiosks": "newspaper stands",
    "sun.azimuth_deg": "0 behind the block, 90 to the right, 180 square on the fronts",
    "sun.elevation_deg": "above the horizon",
    "sun.illuminance": "what a white card facing the sun reads from the sun alone, ACEScg",
    "sun.sky": "what a white level card reads from the sky alone, ACEScg",
}


def write_set_brief(brief: SetBrief) -> str:
    """Return a brief as TOML with a word on each key."""
    lines = [f"schema = {SCHEMA}", f"name = {_toml(brief.name)}"]
    lines += [_line("kit", brief.kit, ""), _line("seed", brief.seed, ""), _line("vary", list(brief.vary), "")]
    for section, value in (("plot", brief.plot), ("design", brief.design), ("dressing", brief.dressing)):
        lines += ["", f"[{section}]"]
        lines += [_line(f.name, getattr(value, f.name), section) for f in fields(value)]
    lines += ["", "[sun]"] + [_line(key, getattr(brief.sun, key), "sun") for key in _SUN_KEYS]
    for section, rows in (("keep", brief.keep), ("sight_line", brief.sight_lines)):
        for row in rows:
            lines += ["", f"[[{section}]]", *(_line(f.name, getattr(row, f.name), section) for f in fields(row))]
    lines += ["", *_HINTS.splitlines(), "", f"# periods of this kit: {', '.join(KIT_PERIODS[brief.kit])}"]
    lines += ["# palettes:", *(f"#   {p.name}: {p.note}" for p in PALETTES.values())]
    return "\n".join(lines) + "\n"


_HINTS: Final = """# What must not change is written like this (avenue kit):
# [[keep]]
# name = "HOTEL"
# from_m = 24.0
# width_m = 14.0
# storeys = 7
# period = "1910"
#
# A line that must stay free from a camera to its mark, in metres of the set (x along, y up, z out to the street):
# [[sight_line]]
# name = "crane to the clock"
# from_m = [10.0, 14.0, 16.0]
# to_m = [80.0, 9.0, 4.0]"""


def _line(key: str, value: Any, section: str) -> str:
    word = _WORDS.get(f"{section}.{key}" if section else key, "")
    return f"{key} = {_toml(value)}" + (f"  # {word}" if word else "")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in value)
        return f'"{text}"'
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return repr(value)


assert set(get_args(Axis)) == set(AXES)
