"""The breakdown, the one-line schedule and the shot list as pages to read and print."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from secondunit.prep.breakdown.effects import SURE
from secondunit.prep.breakdown.method import MethodNote
from secondunit.prep.breakdown.page_style import KEY, page, strip_class, total
from secondunit.prep.breakdown.schedule import Strip
from secondunit.prep.breakdown.sheet import Breakdown, Category, Cause, Effect, Person, SceneSheet
from secondunit.prep.breakdown.tables import title_of
from secondunit.prep.script.pages import said_eighths
from secondunit.prep.shotlist.shot import ShotEntry, full_name

_SAID: dict[Category, str] = {
    "cast": "Cast",
    "extras": "Extras",
    "props": "Props",
    "vehicles": "Vehicles",
    "animals": "Animals",
    "stunts": "Stunts",
    "sound": "Sound",
    "unsorted": "Unsorted",
}
_LIGHT = {"day": "day", "night": "night", "dawn": "dawn", "dusk": "dusk", "": "not said"}

Rows = Sequence[tuple[SceneSheet, Effect, MethodNote]]


def breakdown_page(breakdown: Breakdown, effects: Rows, *, code: str) -> str:
    """Return the breakdown: effects shots with their causes, cast, a sheet for each scene."""
    sure = sum(effect.confidence >= SURE for _, effect, _ in effects)
    totals = (
        total("scenes", str(len(breakdown.sheets)))
        + total("pages", said_eighths(breakdown.eighths))
        + total("cast", str(len(breakdown.people)))
        + total("effects shots", str(sure))
        + total("to check", str(len(effects) - sure))
        + total("language", breakdown.language)
        + total("effects found by", _found_by(breakdown), small=True)
    )
    notes = [*breakdown.notes, *(f"correction: {said}" for said in breakdown.lost)]
    body = "".join(f'<p class="lead">{escape(note)}</p>' for note in notes)
    body += (
        "<h2>Effects shots</h2>"
        '<p class="lead">Each with the words that caused it and its confidence. Put right what is wrong in '
        "corrections.toml; it stays put right.</p>" + _effects([row for row in effects if row[1].confidence >= SURE])
    )
    hints = [row for row in effects if row[1].confidence < SURE]
    if hints:
        body += '<h2>To check</h2><p class="lead">Weakly told by the page: perhaps an effect, perhaps none.</p>'
        body += _hints(hints)
    body += "<h2>Cast</h2>" + _cast(breakdown.people)
    sheets = "".join(_sheet(sheet) for sheet in breakdown.sheets)
    body += f'<h2>Scenes</h2>{KEY}<div class="sheets">{sheets}</div>'
    return page(
        language=breakdown.language,
        over="Breakdown",
        title=code,
        totals=totals,
        body=body,
        footer=f"Script sha256 {breakdown.script_sha256}. People wrote it; this is analysis: no text was generated, "
        "quotations have at most 80 characters.",
        landscape=False,
    )


def schedule_page(strips: Sequence[Strip], breakdown: Breakdown, *, code: str) -> str:
    """Return the one-line schedule."""
    sets = len({strip.set_name for strip in strips})
    by_light = {
        name: sum(s.eighths for s in strips if s.light == name) for name in ("day", "night", "dawn", "dusk", "")
    }
    totals = (
        total("strips", str(len(strips)))
        + total("sets", str(sets))
        + total("scenes", str(len(breakdown.sheets)))
        + total("pages", said_eighths(breakdown.eighths))
        + "".join(total(_LIGHT[name], said_eighths(count)) for name, count in by_light.items() if count)
    )
    rows = []
    for place, strip in enumerate(strips, start=1):
        kinds = dict.fromkeys(e.kind for scene in strip.scenes for e in scene.effects if e.confidence >= SURE)
        numbers = ", ".join(scene.number for scene in strip.scenes)
        rows.append(
            f'<tr class="{strip_class(strip.int_ext, strip.light)}"><td class="num">{place}</td>'
            f'<td class="nowrap">{escape(strip.int_ext)}</td><td><b>{escape(strip.set_name)}</b></td>'
            f'<td class="nowrap">{_LIGHT.get(strip.light, strip.light)}</td><td>{escape(numbers)}</td>'
            f'<td class="num">{said_eighths(strip.eighths)}</td><td>{escape(", ".join(strip.cast))}</td>'
            f'<td class="fx">{escape(", ".join(title_of(kind) for kind in kinds))}</td></tr>'
        )
    head = "".join(
        f"<th{' class=num' if name in ('#', 'pages') else ''}>{name}</th>"
        for name in ("#", "i/e", "set", "light", "scenes", "pages", "cast in picture", "effects")
    )
    body = f"{KEY}<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return page(
        language=breakdown.language,
        over="One-line schedule",
        title=code,
        totals=totals,
        body=body,
        footer="Grouped by set, the set with most pages first, day before night. Days, moves and availability are the "
        "assistant director's.",
        landscape=True,
    )


def shotlist_page(shots: Sequence[ShotEntry], *, code: str, language: str, edited: Sequence[str]) -> str:
    """Return the shot list, scene by scene."""
    seconds = sum(shot.duration_s for shot in shots if shot.revision != "orphaned")
    minutes, rest = divmod(round(seconds), 60)
    totals = (
        total("shots", str(len(shots)))
        + total("scenes", str(len({shot.scene for shot in shots})))
        + total("running time", f"{minutes}:{rest:02d}")
        + total("effects", str(sum(bool(shot.effects) for shot in shots)))
        + total("edited by hand", str(len(edited)))
    )
    names = ("shot", "size", "angle", "lens", "move", "framing", "in frame", "effects", "side", "s", "note", "")
    head = "".join(f"<th{' class=num' if name in ('lens', 's') else ''}>{name}</th>" for name in names)
    hand = {name.casefold() for name in edited}
    rows = []
    for (scene, set_name), group in groupby(shots, key=lambda shot: (shot.scene, shot.set_name)):
        listed = list(group)
        first = listed[0]
        place = " ".join(part for part in (first.int_ext, set_name, first.time_of_day) if part)
        seconds = sum(shot.duration_s for shot in listed)
        rows.append(
            f'<tr class="scene-row"><td colspan="9">{escape(scene)} &nbsp; {escape(place)}</td>'
            f'<td class="num">{seconds:g}</td><td colspan="2"></td></tr>'
        )
        rows += [_shot(shot, code, by_hand=shot.name.casefold() in hand) for shot in listed]
    body = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return page(
        language=language,
        over="Shot list",
        title=code,
        totals=totals,
        body=body,
        footer="Proposed by stated rules (docs/prep/script.md), edited in shotlist.toml; a person's changes are kept. "
        "Lenses for a Super 35 filmback, 24.89 mm wide. Side: of the line of action that the camera stays on.",
        landscape=True,
    )


def _found_by(breakdown: Breakdown) -> str:
    lexicon = f"lexicon '{breakdown.lexicon}'" if breakdown.lexicon else "no lexicon"
    return f"{lexicon}; {breakdown.model}"


def _effects(effects: Rows) -> str:
    if not effects:
        return '<p class="soft">None found.</p>'
    head = "".join(f"<th>{name}</th>" for name in ("scene", "effect", "confidence", "because", "how it can be made"))
    rows = "".join(_effect(sheet, effect, note) for sheet, effect, note in effects)
    columns = "".join(f'<col style="width:{share}%">' for share in (6, 11, 12, 34, 37))
    return f"<table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _hints(effects: Rows) -> str:
    rows = "".join(
        f'<tr><td class="num">{escape(sheet.number)}</td><td class="num soft">p. {sheet.page}</td>'
        f'<td class="nowrap">{escape(title_of(effect.kind))}</td><td class="num">{effect.confidence:.2f}</td>'
        f"<td>{_because(effect.causes[0]) if effect.causes else ''}</td></tr>"
        for sheet, effect, _ in effects
    )
    return f'<table class="hints"><tbody>{rows}</tbody></table>'


def _effect(sheet: SceneSheet, effect: Effect, note: MethodNote) -> str:
    because = "".join(_because(cause) for cause in effect.causes[:3]) or "<p>a person said so</p>"
    method = (
        f'<td class="method"><p><b>Conventional:</b> {escape(note.conventional)}.</p>'
        f"<p><b>Generated:</b> {escape(note.generated)}.</p>"
        + "".join(
            f"<p>{escape(figure.way.capitalize())}, measured: {escape(figure.says)} "
            f'<span class="soft">({escape(figure.source)})</span></p>'
            for figure in note.figures
        )
        + (f'<p class="soft">{escape(note.unmeasured.capitalize())}.</p>' if note.unmeasured else "")
        + f'<p class="soft">{escape("; ".join(note.weighs).capitalize())}.</p></td>'
    )
    by = {"model": "<br>by the model", "person": "<br>by a person"}.get(effect.source, "")
    return (
        f'<tr><td class="num">{escape(sheet.number)}<br><span class="soft">p. {sheet.page}</span></td>'
        f'<td class="fx">{escape(title_of(effect.kind))}</td>'
        f'<td class="nowrap"><span class="bar"><i style="width:{effect.confidence:.0%}"></i></span> '
        f'{effect.confidence:.2f}<span class="soft">{by}</span></td><td class="method">{because}</td>{method}</tr>'
    )


def _because(cause: Cause) -> str:
    span, words = escape(cause.span), escape(cause.words)
    marked = span.replace(words, f'<b class="word">{words}</b>', 1) if words in span else span
    why = f' <span class="soft">{escape(cause.why)}</span>' if cause.why else ""
    return f'<p><span class="quote">{marked}</span> <span class="soft">line {cause.line}</span>{why}</p>'


def _cast(people: Sequence[Person]) -> str:
    if not people:
        return '<p class="soft">Nobody found.</p>'
    rows = "".join(
        f'<tr><td class="nowrap"><b>{escape(person.name)}</b>'
        + (f' <span class="soft">{escape(person.full_name)}</span>' if person.full_name else "")
        + f'</td><td class="num">{len(person.scenes)}</td><td class="num">{person.speeches or "–"}</td>'
        f"<td>{escape(_runs(person.scenes))}</td></tr>"
        for person in people
    )
    head = "<tr><th>name</th><th class=num>scenes</th><th class=num>speeches</th><th>in scenes</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _runs(numbers: Sequence[str]) -> str:
    """Return scene numbers with runs drawn together: 3–7, 9."""
    said: list[str] = []
    start = last = None
    for number in [*numbers, ""]:
        value = int(number) if number.isdigit() else None
        if start is not None and last is not None and value == last + 1:
            last = value
            continue
        if start is not None and last is not None:
            said.append(str(start) if start == last else f"{start}–{last}")
        start = last = value
        if value is None and number:
            said.append(number)
    return ", ".join(said)


def _sheet(sheet: SceneSheet) -> str:
    rows = ""
    for category, name in _SAID.items():
        items = sheet.of(category)
        if items:
            said = ", ".join(item.name + (" (voice)" if item.voice_only else "") for item in items[:14])
            soft = ' class="soft"' if category == "unsorted" else ""
            rows += f"<dt>{name}</dt><dd{soft}>{escape(said)}</dd>"
    if sheet.effects:
        said = ", ".join(
            f"{title_of(effect.kind)}{'' if effect.confidence >= SURE else '?'}" for effect in sheet.effects
        )
        rows += f'<dt>Effects</dt><dd class="fx">{escape(said)}</dd>'
    body = f"<dl>{rows}</dl>" if rows else ""
    return (
        f'<section class="sheet"><h3 class="{strip_class(sheet.int_ext, sheet.light)}">'
        f'<span class="no">{escape(sheet.number)}</span><span class="set">{escape(sheet.int_ext)} '
        f'{escape(sheet.set_name)} <span class="soft">{escape(sheet.time_of_day)}</span></span>'
        f'<span class="pg">{said_eighths(sheet.eighths)} p. {sheet.page}</span></h3>{body}</section>'
    )


def _shot(shot: ShotEntry, code: str, *, by_hand: bool) -> str:
    frame = ", ".join((*shot.subjects, *shot.vehicles, *shot.props))
    state = f'<span class="state {shot.revision}">{shot.revision}</span>' if shot.revision else ""
    hand = ' <span class="soft" title="edited by hand">✎</span>' if by_hand else ""
    return (
        f'<tr><td class="nowrap">{escape(full_name(code, shot))}{hand}</td><td class="nowrap"><b>{shot.size}</b></td>'
        f'<td>{shot.angle}</td><td class="num">{shot.lens_mm:g}</td><td class="nowrap">{shot.move}</td>'
        f"<td>{escape(shot.framing)}</td><td>{escape(frame)}</td>"
        f'<td class="fx">{escape(", ".join(title_of(kind) for kind in shot.effects))}</td><td>{shot.line_side}</td>'
        f'<td class="num">{shot.duration_s:g}</td><td class="soft">{escape(shot.note)}</td><td>{state}</td></tr>'
    )
