"""A breakdown as tables: rows of plain cells, for CSV and for pages."""

import csv
import io
from collections.abc import Iterable, Sequence

from secondunit.prep.breakdown.method import MethodNote, effect_kinds
from secondunit.prep.breakdown.schedule import Strip
from secondunit.prep.breakdown.sheet import Breakdown, Category, Effect, SceneSheet
from secondunit.prep.script.pages import said_eighths
from secondunit.prep.shotlist.shot import ShotEntry, caption_of, full_name

Table = list[list[str]]

_COLUMNS: tuple[Category, ...] = ("extras", "props", "vehicles", "animals", "stunts", "sound")


def scene_table(breakdown: Breakdown) -> Table:
    """Return a row for each scene, with a head."""
    head = ["scene", "int_ext", "set", "time", "light", "page", "eighths", "pages", "first_line", "last_line", "cast"]
    rows = [[*head, *_COLUMNS, "effects", "revision_id"]]
    for sheet in breakdown.sheets:
        rows.append(
            [
                sheet.number,
                sheet.int_ext,
                sheet.set_name,
                sheet.time_of_day,
                sheet.light,
                str(sheet.page),
                str(sheet.eighths),
                said_eighths(sheet.eighths),
                str(sheet.first_line),
                str(sheet.last_line),
                "; ".join(item.name + (" (voice)" if item.voice_only else "") for item in sheet.of("cast")),
                *("; ".join(item.name for item in sheet.of(category)) for category in _COLUMNS),
                "; ".join(f"{effect.kind} {effect.confidence:.2f}" for effect in sheet.effects),
                sheet.id,
            ]
        )
    return rows


def element_table(breakdown: Breakdown) -> Table:
    """Return a row for each thing in each scene, with the words around its first mention."""
    rows = [["scene", "category", "name", "mentions", "speeches", "voice_only", "lines", "found_by", "quoted"]]
    for sheet in breakdown.sheets:
        for item in sheet.items:
            rows.append(
                [
                    sheet.number,
                    item.category,
                    item.name,
                    str(item.count),
                    str(item.speeches) if item.category == "cast" else "",
                    "yes" if item.voice_only else "",
                    " ".join(map(str, item.lines)),
                    item.source,
                    item.span,
                ]
            )
    return rows


def effect_name(sheet: SceneSheet, effect: Effect) -> str:
    """Return what an effects shot is called in lists: its scene and kind."""
    return f"{sheet.number}/{effect.kind}"


def effect_table(rows: Iterable[tuple[SceneSheet, Effect, MethodNote]]) -> Table:
    """Return a row for each effects shot, with the words that caused it, its confidence and its method note."""
    table: Table = [
        [
            "effect",
            "scene",
            "page",
            "kind",
            "confidence",
            "found_by",
            "words",
            "lines",
            "quoted",
            "takes_away",
            "conventional",
            "generated",
            "weighs",
            "measured",
            "not_measured",
        ],
    ]
    for sheet, effect, note in rows:
        table.append(
            [
                effect_name(sheet, effect),
                sheet.number,
                str(sheet.page),
                title_of(effect.kind),
                f"{effect.confidence:.2f}",
                effect.source,
                "; ".join(cause.words for cause in effect.causes),
                " ".join(str(cause.line) for cause in effect.causes),
                " | ".join(cause.span for cause in effect.causes[:2]),
                "; ".join(dict.fromkeys(cause.why for cause in effect.causes if cause.why)),
                note.conventional,
                note.generated,
                "; ".join(note.weighs),
                " | ".join(f"{figure.way}: {figure.says} ({figure.source})" for figure in note.figures),
                note.unmeasured,
            ]
        )
    return table


def schedule_table(strips: Sequence[Strip]) -> Table:
    """Return a row for each strip of the one-line schedule."""
    rows = [["order", "set", "int_ext", "light", "scenes", "eighths", "pages", "cast", "effects"]]
    for place, strip in enumerate(strips, start=1):
        effects = dict.fromkeys(e.kind for scene in strip.scenes for e in scene.effects if e.confidence >= 0.5)
        rows.append(
            [
                str(place),
                strip.set_name,
                strip.int_ext,
                strip.light,
                " ".join(scene.number for scene in strip.scenes),
                str(strip.eighths),
                said_eighths(strip.eighths),
                "; ".join(strip.cast),
                "; ".join(effects),
            ]
        )
    return rows


def shot_table(shots: Sequence[ShotEntry], *, code: str) -> Table:
    """Return a row for each shot of the list."""
    rows = [
        [
            "shot",
            "scene",
            "size",
            "angle",
            "lens_mm",
            "move",
            "framing",
            "subjects",
            "props",
            "vehicles",
            "effects",
            "side",
            "duration_s",
            "int_ext",
            "set",
            "time",
            "caption",
            "note",
            "revision",
        ],
    ]
    for shot in shots:
        rows.append(
            [
                full_name(code, shot),
                shot.scene,
                shot.size,
                shot.angle,
                f"{shot.lens_mm:g}",
                shot.move,
                shot.framing,
                "; ".join(shot.subjects),
                "; ".join(shot.props),
                "; ".join(shot.vehicles),
                "; ".join(shot.effects),
                shot.line_side,
                f"{shot.duration_s:g}",
                shot.int_ext,
                shot.set_name,
                shot.time_of_day,
                caption_of(shot),
                shot.note,
                shot.revision,
            ]
        )
    return rows


def title_of(kind: str) -> str:
    """Return what a kind of effect is called."""
    known = effect_kinds().get(kind)
    return known.title if known else kind


def csv_text(table: Table) -> str:
    r"""Return a table as CSV (RFC 4180), with a mark that spreadsheets know UTF-8 by.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> csv_text([["a"], ["=1+1"]])
    "\ufeffa\r\n'=1+1\r\n"
    """
    stream = io.StringIO()
    csv.writer(stream).writerows([[_harmless(cell) for cell in row] for row in table])
    return "\ufeff" + stream.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "@", "\t", "\r") or (cell[:1] == "-" and len(cell) > 1) else cell
