"""``shotlist.toml``: read closed and typed, written so that a person likes to edit it."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

from secondunit.core.errors import BriefError
from secondunit.prep.shotlist.shot import ANGLES, MOVES, SIZES, ShotEntry
from secondunit.show.brief.shot_file import NAME
from secondunit.show.brief.table import check_schema, load_toml, read_table, refuse_unknown
from secondunit.show.brief.write import toml_value
from secondunit.show.store.records import write_text

SCHEMA: Final = 1
LIMITS: Final = {"shot.number": (0, 99_999), "shot.lens_mm": (4.0, 2000.0), "shot.duration_s": (0.04, 3600.0)}

_HEAD: Final = f"""schema = {SCHEMA}
# Edit freely: what you change, rename, add or take away stays so when the breakdown runs again.
# size   {" ".join(SIZES)}
# angle  {" ".join(ANGLES)}
# move   {" ".join(MOVES)}
# line_side is the side of the line of action the camera stays on; origin ties a shot to its scene: leave it.
"""


def read_shotlist(path: Path) -> tuple[ShotEntry, ...]:
    """Read a shot list, in the order it is written.

    Raises
    ------
    BriefError
        An unknown key, a wrong type, a size that is none, a name given twice or one that cannot be a folder.
    """
    data = load_toml(path)
    check_schema(data, SCHEMA, path)
    refuse_unknown(data, ["shot"], file=path)
    rows = data.get("shot", [])
    if not isinstance(rows, list):
        raise BriefError(f"{path}: [shot] is one of several", fix="write [[shot]] with two brackets")
    shots = tuple(read_table(ShotEntry, row, file=path, section="shot", limits=LIMITS) for row in rows)
    seen: set[str] = set()
    for shot in shots:
        if not NAME.fullmatch(shot.name):
            raise BriefError(f"{path}: {shot.name!r} is no shot name", fix="use letters, digits and ._- as S004_0010")
        if shot.name.casefold() in seen:
            raise BriefError(f"{path}: two shots are called {shot.name}", fix="rename one of them")
        seen.add(shot.name.casefold())
    return shots


def write_shotlist(path: Path, shots: Sequence[ShotEntry]) -> None:
    """Write a shot list that reads back as ``shots``; keys that say nothing are left out.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    write_text(path, shotlist_text(shots))


def shotlist_text(shots: Sequence[ShotEntry]) -> str:
    """Return the text of a ``shotlist.toml``."""
    blocks = [_HEAD]
    for shot in shots:
        lines = ["[[shot]]"]
        for field in fields(shot):
            value = getattr(shot, field.name)
            if value not in ("", ()):
                lines.append(f"{field.name} = {toml_value(value)}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)
