"""Coverage of a scene by stated rules: a proposal, for a person to change. It says no more than the sheet holds.

=============  ==========================================================================================
rule           what and when
=============  ==========================================================================================
establish      EWS, high, 24 mm: an exterior seen for the first time
master         WS (FS for one alone inside), 24 to 32 mm: every scene
over           OTS both ways, 50 mm, on one side of the line: two who answer each other twice or more
single         MS, 50 mm: everybody else who speaks twice or more
close          MCU both ways, 75 mm, after six turns; CU, 85 mm, after twelve: sizes only grow within a scene
reaction       MCU of who hears the last speech and does not speak it: four speeches or more
insert         INSERT, 85 mm: the two props most spoken of in the action, once a scene each
vehicle        WS, track, 35 mm: a vehicle in a scene whose action drives
travel         FS, track, 35 mm: somebody walks or runs and hardly anybody speaks
effect         WS, low, 28 mm, static for the plate: effects of confidence 0.5 or more, one shot for one line
witness        MCU, 75 mm: the first of the cast sees the surest effect
=============  ==========================================================================================

The line of action runs between the two who talk most; every shot of a scene stays on side A of it. Durations: a page is
a minute, so an eighth is 7.5 s; the scene's time is shared among its shots by weight of size, 1.5 s at least, inserts
and reactions 2 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from secondunit.prep.breakdown.effects import SURE
from secondunit.prep.breakdown.sheet import Effect, SceneSheet
from secondunit.prep.shotlist.shot import Angle, Move, ShotEntry, Size

EIGHTH_S: Final = 7.5
LEAST_S: Final = 1.5
BRIEF_S: Final = 2.0
MOST: Final = 14
"""Shots proposed for a scene, at most; the rules come in order of need."""
_WEIGHT: Final = {"EWS": 0.8, "WS": 1.6, "FS": 1.2, "OTS": 1.5, "MS": 1.1, "MCU": 1.0, "CU": 0.8, "ECU": 0.6}
_BRIEF: Final = ("insert", "reaction", "witness")
_NEAR: Final = ("creature", "wounds", "screen", "time", "change")
"""Kinds that are seen near: MS, 50 mm, and not a wide plate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Idea:
    rule: str
    size: Size
    lens: float
    angle: Angle = "eye"
    move: Move = "static"
    framing: str = ""
    subjects: tuple[str, ...] = ()
    props: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    faced: bool = False
    """Whether somebody faces somebody: then it has a side of the line."""
    note: str = ""


def propose_shots(sheets: Sequence[SceneSheet]) -> tuple[ShotEntry, ...]:
    """Return the coverage of scenes, in their order. The same sheets give the same shots."""
    seen: set[str] = set()
    shots: list[ShotEntry] = []
    for sheet in sheets:
        first = sheet.set_name not in seen
        seen.add(sheet.set_name)
        shots += cover_scene(sheet, first_time=first)
    return tuple(shots)


def cover_scene(sheet: SceneSheet, *, first_time: bool) -> tuple[ShotEntry, ...]:
    """Return the shots proposed for a scene, numbered in steps of 10, without a show's name yet.

    Parameters
    ----------
    first_time
        Whether the script has not been at this set before.
    """
    ideas = _ideas(sheet, first_time=first_time)[:MOST]
    times = _durations(ideas, sheet.eighths * EIGHTH_S)
    return tuple(
        ShotEntry(
            name=f"{sequence_of(sheet)}_{place * 10:04d}",
            scene=sheet.number,
            number=place * 10,
            size=idea.size,
            angle=idea.angle,
            lens_mm=idea.lens,
            move=idea.move,
            framing=idea.framing,
            duration_s=seconds,
            subjects=idea.subjects,
            props=idea.props,
            vehicles=idea.vehicles,
            set_name=sheet.set_name,
            int_ext=sheet.int_ext,
            time_of_day=sheet.time_of_day,
            line_side="A" if idea.faced else "",
            effects=idea.effects,
            note=idea.note,
            origin=f"{sheet.id}/{idea.rule}",
        )
        for place, (idea, seconds) in enumerate(zip(ideas, times, strict=True), start=1)
    )


def sequence_of(sheet: SceneSheet) -> str:
    """Return the sequence part of a scene's shot names: S and its number, at least three digits; letters kept.

    >>> from secondunit.prep.breakdown.sheet import Effect, SceneSheet
    >>> base = dict(id="a", ordinal=7, int_ext="", set_name="", time_of_day="", light="", page=1, eighths=1)
    >>> sequence_of(SceneSheet(number="4A", first_line=1, last_line=2, **base))
    'S004A'
    """
    digits = "".join(c for c in sheet.number if c.isascii() and c.isdigit())
    plain = "".join(c for c in sheet.number if c.isascii() and (c.isalnum() or c == "-"))
    if not digits or plain != sheet.number:
        return f"S{sheet.ordinal:03d}"
    head = sheet.number.index(digits[0])
    run = ""
    for letter in sheet.number[head:]:
        if not letter.isdigit():
            break
        run += letter
    return f"S{sheet.number[:head]}{run.zfill(3)}{sheet.number[head + len(run) :]}".upper()


def _ideas(sheet: SceneSheet, *, first_time: bool) -> list[_Idea]:
    cast = sheet.seen_cast
    inside = sheet.int_ext.startswith("INT")
    ideas = []
    if first_time and sheet.int_ext.startswith("EXT"):
        ideas.append(_Idea(rule="establish", size="EWS", lens=24.0, angle="high", framing="the place"))
    ideas.append(_master(sheet, cast, inside=inside))
    ideas += _of_effects(sheet, cast)
    ideas += _of_movement(sheet, cast)
    ideas += _of_talk(sheet, cast)
    ideas += _of_props(sheet)
    return ideas


def _master(sheet: SceneSheet, cast: tuple[str, ...], *, inside: bool) -> _Idea:
    framing = {0: "the set", 1: "single", 2: "two-shot", 3: "three-shot"}.get(len(cast), "group")
    alone = len(cast) == 1 and inside
    return _Idea(
        rule="master",
        size="FS" if alone else "WS",
        lens=32.0 if alone else 28.0 if inside else 24.0,
        framing=framing,
        subjects=cast[:6],
        vehicles=tuple(item.name for item in sheet.of("vehicles")[:2]),
        faced=len(cast) >= 2,
    )


def _of_effects(sheet: SceneSheet, cast: tuple[str, ...]) -> list[_Idea]:
    sure = [effect for effect in sheet.effects if effect.confidence >= SURE]
    ideas = []
    for effects in _together(sure)[:3]:
        kinds = tuple(effect.kind for effect in effects)
        near = all(kind in _NEAR for kind in kinds)
        ideas.append(
            _Idea(
                rule=f"effect-{kinds[0]}",
                size="MS" if near else "WS",
                lens=50.0 if near else 28.0,
                angle="eye" if near else "low",
                framing=f"for the effect: {', '.join(kinds)}",
                subjects=cast[:2] if any(effect.with_cast for effect in effects) else (),
                effects=kinds,
                note="" if near else "locked off: plate and clean plate",
            )
        )
    if sure and cast:
        ideas.append(
            _Idea(
                rule="witness", size="MCU", lens=75.0, framing="reaction", subjects=cast[:1], note="sees it, lit by it"
            )
        )
    return ideas


def _together(effects: Sequence[Effect]) -> list[list[Effect]]:
    """Return effects by shot, the surest first: those told in the same line are one shot, as dust is a collapse's."""
    shots: list[list[Effect]] = []
    for effect in effects:
        lines = {cause.line for cause in effect.causes}
        home = next((shot for shot in shots if lines & {cause.line for other in shot for cause in other.causes}), None)
        if home is None:
            shots.append([effect])
        else:
            home.append(effect)
    return shots


def _of_movement(sheet: SceneSheet, cast: tuple[str, ...]) -> list[_Idea]:
    vehicles = tuple(item.name for item in sheet.of("vehicles"))
    if "drive" in sheet.moves and vehicles:
        return [_Idea(rule="vehicle", size="WS", lens=35.0, move="track", framing=vehicles[0], vehicles=vehicles[:1])]
    if "travel" in sheet.moves and cast and sheet.speeches <= 2:
        return [_Idea(rule="travel", size="FS", lens=35.0, move="track", framing="single", subjects=cast[:1])]
    return []


def _of_talk(sheet: SceneSheet, cast: tuple[str, ...]) -> list[_Idea]:
    speakers = [name for name, _ in sheet.exchanges if name in cast]
    counts = dict(sheet.exchanges)
    ideas = []
    pair = speakers[:2] if len(speakers) >= 2 and sheet.pair_turns >= 2 else []
    if pair:
        for mine, other in (pair, pair[::-1]):
            ideas.append(
                _Idea(
                    rule=f"over-{mine}",
                    size="OTS",
                    lens=50.0,
                    framing=f"over {other} onto {mine}",
                    subjects=(mine, other),
                    faced=True,
                )
            )
    rest = [name for name in speakers if name not in pair and (counts[name] >= 2 or len(speakers) == 1)]
    ideas += [
        _Idea(rule=f"single-{name}", size="MS", lens=50.0, framing="single", subjects=(name,), faced=len(cast) > 1)
        for name in rest[:3]
    ]
    if pair and sheet.pair_turns >= 6:
        ideas += [
            _Idea(rule=f"close-{name}", size="MCU", lens=75.0, framing="single", subjects=(name,), faced=True)
            for name in pair
        ]
    if pair and sheet.pair_turns >= 12:
        ideas += [
            _Idea(
                rule=f"closer-{name}",
                size="CU",
                lens=85.0,
                move="dolly-in" if place == 0 else "static",
                framing="single",
                subjects=(name,),
                faced=True,
            )
            for place, name in enumerate(pair)
        ]
    hearers = tuple(name for name in cast if name != sheet.last_speaker)
    if hearers and sheet.speeches >= 4 and sheet.last_speaker:
        ideas.append(
            _Idea(rule="reaction", size="MCU", lens=75.0, framing="reaction", subjects=hearers[:1], faced=True)
        )
    return ideas


def _of_props(sheet: SceneSheet) -> list[_Idea]:
    props = sorted(sheet.of("props"), key=lambda item: (-item.count, item.lines[:1], item.name))
    return [
        _Idea(
            rule=f"insert-{item.name}", size="INSERT", lens=85.0, framing=f"insert of {item.name}", props=(item.name,)
        )
        for item in props[:2]
    ]


def _durations(ideas: Sequence[_Idea], seconds: float) -> list[float]:
    """Share a scene's time: brief shots take their own, the rest goes by weight; to a quarter of a second."""
    brief = [idea.rule.split("-")[0] in _BRIEF for idea in ideas]
    left = max(seconds - BRIEF_S * sum(brief), 0.0)
    weights = [0.0 if short else _WEIGHT[idea.size] for idea, short in zip(ideas, brief, strict=True)]
    total = sum(weights) or 1.0
    return [
        BRIEF_S if short else max(round(left * weight / total * 4) / 4, LEAST_S)
        for short, weight in zip(brief, weights, strict=True)
    ]
