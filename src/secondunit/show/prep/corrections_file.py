"""``corrections.toml``: what a person put right, and for which scene it was meant."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from secondunit.core.errors import BriefError
from secondunit.prep.breakdown.corrections import EVERYWHERE, Correction
from secondunit.prep.breakdown.method import effect_kinds
from secondunit.prep.breakdown.sheet import CATEGORIES
from secondunit.show.brief.table import check_schema, load_toml, read_table, refuse_unknown
from secondunit.show.prep.draft import Draft
from secondunit.show.store.records import read_json, write_json, write_text

SCHEMA: Final = 1

TEMPLATE: Final = f"""schema = {SCHEMA}
# What the breakdown got wrong, put right here: it is applied again on every run, and no run writes to this file.
# scene is the number it has now, or "*" for all; a later draft's new numbers do not matter.
# categories: {", ".join(CATEGORIES)}, effects.
#
# [[add]]
# scene = "4"
# category = "props"
# name = "umbrella"
#
# [[remove]]
# scene = "*"
# category = "effects"   # the name of an effect is its kind, as fire
# name = "fire"
#
# [[rename]]
# scene = "*"
# category = "cast"
# name = "YOUNG EDWARD"
# to = "EDWARD (YOUNG)"
#
# [[scene]]
# scene = "12"
# set_name = "KITCHEN"
# time_of_day = "NIGHT"
# light = "night"        # day, night, dawn, dusk
# eighths = 5
"""

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "add": ("scene", "category", "name"),
    "remove": ("scene", "category", "name"),
    "rename": ("scene", "category", "name", "to"),
    "scene": ("scene", "set_name", "int_ext", "time_of_day", "light", "eighths"),
}
_NEEDED: Final = {"add": ("category", "name"), "remove": ("category", "name"), "rename": ("category", "name", "to")}


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """Read the corrections; none where there is no file.

    Raises
    ------
    BriefError
        An unknown key or category, a missing name, a wrong type.
    """
    if not path.is_file():
        return ()
    data = load_toml(path)
    check_schema(data, SCHEMA, path)
    refuse_unknown(data, [*_KEYS], file=path)
    return tuple(
        _correction(do, row, path) for do in ("rename", "scene", "remove", "add") for row in _rows(data, do, path)
    )


def write_template(path: Path) -> None:
    """Write a file that says how, where there is none.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    if not path.exists():
        write_text(path, TEMPLATE)


def meant_scenes(path: Path, corrections: Sequence[Correction], draft: Draft) -> dict[str, str]:
    """Return which scene each correction was written for, by its key, and remember it.

    Parameters
    ----------
    path
        Where that is remembered.

    Raises
    ------
    BriefError
        A correction names a scene that no draft had.
    """
    known: dict[str, str] = dict(read_json(path)) if path.is_file() else {}
    by_number = {mark.number: mark.id for mark in (*draft.orphaned, *draft.marks)}
    for correction in corrections:
        if correction.scene == EVERYWHERE or correction.key in known:
            continue
        scene = by_number.get(correction.scene)
        if scene is None:
            raise BriefError(
                f"{path.with_name('corrections.toml')}: there is no scene {correction.scene}",
                fix=f'use a number of this draft, 1 to {len(draft.scenes)} where it has none of its own, or "*"',
            )
        known[correction.key] = scene
    write_json(path, dict(sorted(known.items())))
    return known


def _rows(data: Mapping[str, Any], do: str, path: Path) -> list[Any]:
    rows = data.get(do, [])
    if not isinstance(rows, list):
        raise BriefError(f"{path}: [{do}] is one of several", fix=f"write [[{do}]] with two brackets")
    return rows


def _correction(do: str, row: Any, path: Path) -> Correction:
    if isinstance(row, dict):
        refuse_unknown(row, [*_KEYS[do]], file=path, section=do)
    found = read_table(
        Correction,
        {**row, "do": do} if isinstance(row, dict) else row,
        file=path,
        section=do,
        limits={"scene.eighths": (1, 400)},
    )
    for key in _NEEDED.get(do, ()):
        if not getattr(found, key).strip():
            raise BriefError(f"{path}: [[{do}]] lacks {key}", fix=f'write {key} = "..."')
    if do == "scene" and found.scene == EVERYWHERE:
        raise BriefError(f"{path}: [[scene]] names no scene", fix='write scene = "12"')
    if found.light not in ("", "day", "night", "dawn", "dusk"):
        raise BriefError(f"{path}: [[scene]] light = {found.light!r} is none", fix="use day, night, dawn or dusk")
    if do != "scene" and found.category not in (*CATEGORIES, "effects"):
        raise BriefError(
            f"{path}: [[{do}]] category = {found.category!r} is none", fix=f"use {', '.join(CATEGORIES)} or effects"
        )
    kinds = effect_kinds()
    wanted = found.to if do == "rename" else found.name
    if found.category == "effects" and do != "remove" and wanted not in kinds:
        raise BriefError(f"{path}: [[{do}]] {wanted!r} is no kind of effect", fix=f"use {', '.join(kinds)}")
    return found
