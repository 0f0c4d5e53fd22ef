"""``prep breakdown``: a show's script to sheets, lists and pages; the person's corrections and shots kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from secondunit.core.errors import StoreError
from secondunit.core.recipe import canonical
from secondunit.prep.breakdown.analyse import break_down, people_of
from secondunit.prep.breakdown.corrections import apply_corrections
from secondunit.prep.breakdown.effects import SURE
from secondunit.prep.breakdown.embedding import Use, open_model
from secondunit.prep.breakdown.method import MeasuredTake, MethodNote, method_note
from secondunit.prep.breakdown.pages import breakdown_page, schedule_page, shotlist_page
from secondunit.prep.breakdown.schedule import one_line_schedule
from secondunit.prep.breakdown.sheet import Breakdown, Effect, SceneSheet
from secondunit.prep.breakdown.tables import (
    csv_text,
    effect_name,
    effect_table,
    element_table,
    scene_table,
    schedule_table,
    shot_table,
)
from secondunit.prep.script.pages import said_eighths
from secondunit.prep.shotlist.keep import Merged, merge_shots, proposal_state
from secondunit.prep.shotlist.propose import propose_shots
from secondunit.prep.shotlist.shot import Revision, ShotEntry
from secondunit.show.prep.corrections_file import meant_scenes, read_corrections, write_template
from secondunit.show.prep.draft import Draft
from secondunit.show.prep.read import draft_of, record_reading, reread
from secondunit.show.prep.reading_rules import reading_rules
from secondunit.show.prep.shotlist_file import read_shotlist, write_shotlist
from secondunit.show.prep.store import PrepStore, prep_of
from secondunit.show.store.records import read_json, write_json, write_text
from secondunit.show.store.show import Show, locked

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownResult:
    """What a breakdown found, and where it lies."""

    breakdown: Breakdown
    effects: tuple[tuple[SceneSheet, Effect, MethodNote], ...]
    shots: tuple[ShotEntry, ...]
    edited: tuple[str, ...]
    files: tuple[Path, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        found = self.breakdown
        return {
            "scenes": len(found.sheets),
            "eighths": found.eighths,
            "pages": said_eighths(found.eighths),
            "language": found.language,
            "sha256": found.script_sha256,
            "cast": len(found.people),
            "effects": [
                {
                    "effect": effect_name(sheet, effect),
                    "scene": sheet.number,
                    "kind": effect.kind,
                    "confidence": effect.confidence,
                    "sure": effect.confidence >= SURE,
                    "found_by": effect.source,
                    "words": [cause.words for cause in effect.causes],
                    "lines": [cause.line for cause in effect.causes],
                }
                for sheet, effect, _ in self.effects
            ],
            "shots": len(self.shots),
            "edited": list(self.edited),
            "model": found.model,
            "notes": list(found.notes),
            "corrections_waiting": list(found.lost),
            "files": [str(path) for path in self.files],
        }


def break_down_show(show: Show, *, model: Use = "auto") -> BreakdownResult:
    """Break a show's script down: ``prep/breakdown.*``, ``schedule.*``, ``effects.csv``, ``shotlist.*``.

    Parameters
    ----------
    model
        auto uses the optional sentence model where it is installed; on insists; off leaves it out.

    Raises
    ------
    BriefError
        No script was read, it is gone or changed, or a file that a person edits cannot be meant.
    StoreError
        The show cannot be written.
    """
    store = prep_of(show)
    draft = draft_of(show)
    corrections = read_corrections(store.corrections)
    current = read_shotlist(store.shotlist) if store.shotlist.is_file() else ()
    with locked(store.root):
        path, reading = reread(show, draft)
        meant = meant_scenes(store.corrections.with_name("corrections.scenes.json"), corrections, draft)
        found = break_down(reading.script, ids=draft.ids, opened=open_model(model, language=draft.language))
        sheets, lost = apply_corrections(found.sheets, corrections, meant=meant)
        full = {person.name: person.full_name for person in found.people}
        notes = (*found.notes, *reading_rules(show))
        found = replace(found, sheets=sheets, people=people_of(sheets, full), lost=lost, notes=notes)
        takes = measured_takes(show)
        effects = tuple(
            (sheet, effect, method_note(effect, sheet, takes=takes)) for sheet in sheets for effect in sheet.effects
        )
        merged = _merged(store, draft, sheets, current)
        files = _write(store, found, effects, merged)
    record_reading(show, path, reading, purpose="breakdown", scenes=len(sheets), model=found.model)
    return BreakdownResult(breakdown=found, effects=effects, shots=merged.shots, edited=merged.edited, files=files)


def measured_takes(show: Show) -> tuple[MeasuredTake, ...]:
    """Return what this show's own takes took: seconds, frames and size, from their records."""
    found = []
    for record in sorted(show.root.glob("shots/*/takes/t[0-9][0-9][0-9]/take.json")):
        try:
            data: Mapping[str, Any] = read_json(record)
            first, last = data["frames"][:2]
            found.append(
                MeasuredTake(
                    shot=record.parents[2].name,
                    number=int(record.parent.name[1:]),
                    seconds=float(data["seconds"]["total"]),
                    frames=int(last) - int(first) + 1,
                    width=int(data["width"]),
                    height=int(data["height"]),
                )
            )
        except (StoreError, KeyError, TypeError, ValueError):
            continue  # a take half made has measured nothing
    return tuple(take for take in found if take.seconds > 0 and take.frames > 0)


def _merged(store: PrepStore, draft: Draft, sheets: tuple[SceneSheet, ...], current: tuple[ShotEntry, ...]) -> Merged:
    state: dict[str, Any] = dict(read_json(store.proposals)) if store.proposals.is_file() else {}
    fates: dict[str, Revision] = {change.id: change.fate for change in draft.changes}
    fates |= {mark.id: "orphaned" for mark in draft.orphaned}
    proposed = propose_shots(sheets)
    listed = store.shotlist.is_file()
    merged = merge_shots(
        proposed,
        last=state.get("shots", {}) if listed else {},
        current=current,
        taken_away=state.get("taken_away", ()) if listed else (),
        fates=fates,
    )
    write_shotlist(store.shotlist, merged.shots)
    kept = {**state.get("shots", {}), **proposal_state(proposed)}
    write_json(store.proposals, {"schema": SCHEMA, "shots": kept, "taken_away": list(merged.taken_away)})
    return merged


def _write(
    store: PrepStore,
    found: Breakdown,
    effects: tuple[tuple[SceneSheet, Effect, MethodNote], ...],
    merged: Merged,
) -> tuple[Path, ...]:
    code, root = store.show.settings.code, store.root
    strips = one_line_schedule(found.sheets)
    notes = {effect_name(sheet, effect): canonical(note) for sheet, effect, note in effects}
    texts = {
        "breakdown.csv": csv_text(scene_table(found)),
        "breakdown.html": breakdown_page(found, effects, code=code),
        "elements.csv": csv_text(element_table(found)),
        "effects.csv": csv_text(effect_table(effects)),
        "schedule.csv": csv_text(schedule_table(strips)),
        "schedule.html": schedule_page(strips, found, code=code),
        "shotlist.csv": csv_text(shot_table(merged.shots, code=code)),
        "shotlist.html": shotlist_page(merged.shots, code=code, language=found.language, edited=merged.edited),
    }
    write_json(store.breakdown, {"schema": SCHEMA, **canonical(found), "methods": notes})
    for name, text in texts.items():
        write_text(root / name, text)
    write_template(store.corrections)
    return (store.breakdown, *(root / name for name in texts), store.shotlist, store.corrections)
