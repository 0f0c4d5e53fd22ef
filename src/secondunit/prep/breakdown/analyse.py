"""From scenes to sheets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from secondunit.prep.breakdown.cast import CastBook, cast_book, is_off, speakers_of, unsorted_capitals
from secondunit.prep.breakdown.effects import causes_in, effects_of
from secondunit.prep.breakdown.embedding import Opened, model_causes
from secondunit.prep.breakdown.lexicon import Lexicon, lexicon_of
from secondunit.prep.breakdown.sheet import CATEGORIES, Breakdown, Category, Cause, Item, Person, SceneSheet
from secondunit.prep.script.scenes import Scene, scenes_of
from secondunit.prep.script.script import Element, Script, span_of

_SEEN: Final = ("action", "slug", "parenthetical")
_TELLING: Final = (*_SEEN, "heading", "dialogue", "lyric")
_KEPT_LINES: Final = 5
_MOVES: Final = ("travel", "drive", "arrival")


def break_down(script: Script, *, ids: Mapping[int, str], opened: Opened) -> Breakdown:
    """Return the breakdown of a script.

    Parameters
    ----------
    ids
        The show's name for each scene, by its ordinal.
    opened
        The model, or why there is none.
    """
    scenes = scenes_of(script)
    lexicon = lexicon_of(script.language)
    book = cast_book(scenes, lexicon)
    notes = list(script.notes)
    if lexicon is None:
        notes.append(
            f"there is no lexicon for '{script.language}': cast and scenes only; add one, see docs/prep/script.md"
        )
    by_model = _ask_model(scenes, lexicon, opened)
    sheets = tuple(
        _sheet(scene, ids[scene.ordinal], book, lexicon, by_model.get(scene.ordinal, {})) for scene in scenes
    )
    return Breakdown(
        script_sha256=script.sha256,
        language=script.language,
        lexicon=script.language if lexicon else "",
        model=opened.said,
        sheets=sheets,
        people=people_of(sheets, book.full_names),
        notes=tuple(notes),
    )


def people_of(sheets: Sequence[SceneSheet], full_names: Mapping[str, str]) -> tuple[Person, ...]:
    """Return the cast of all sheets, who is in most scenes first."""
    scenes: dict[str, list[str]] = {}
    speeches: Counter[str] = Counter()
    for sheet in sheets:
        for item in sheet.of("cast"):
            scenes.setdefault(item.name, []).append(sheet.number)
            speeches[item.name] += item.speeches
    people = (
        Person(
            name=name,
            full_name=full_names.get(name, ""),
            speeches=speeches[name],
            scenes=tuple(numbers),
            speaks=speeches[name] > 0,
        )
        for name, numbers in scenes.items()
    )
    return tuple(sorted(people, key=lambda person: (-len(person.scenes), -person.speeches, person.name)))


def _ask_model(
    scenes: Sequence[Scene], lexicon: Lexicon | None, opened: Opened
) -> dict[int, dict[int, dict[str, list[Cause]]]]:
    """Ask the model about all scenes in one go; return its causes by scene, element and kind."""
    if lexicon is None or opened.model is None:
        return {}
    flat = [(scene.ordinal, place, element) for scene in scenes for place, element in enumerate(scene.elements)]
    explained = {
        index: set(causes_in(element, lexicon))
        for index, (_, _, element) in enumerate(flat)
        if element.kind == "action"
    }
    added = model_causes([element for _, _, element in flat], lexicon=lexicon, model=opened.model, explained=explained)
    found: dict[int, dict[int, dict[str, list[Cause]]]] = {}
    for index, causes in added.items():
        ordinal, place, _ = flat[index]
        found.setdefault(ordinal, {})[place] = causes
    return found


def _sheet(
    scene: Scene,
    scene_id: str,
    book: CastBook,
    lexicon: Lexicon | None,
    by_model: Mapping[int, Mapping[str, Sequence[Cause]]],
) -> SceneSheet:
    causes: dict[str, list[Cause]] = {}
    beside_cast: set[str] = set()
    items: dict[tuple[Category, str], Item] = {}
    moves: set[str] = set()
    heading = Element(kind="heading", text=scene.set_name, line=scene.first_line, last_line=scene.first_line)
    for place, element in enumerate((heading, *scene.elements)):
        found = causes_in(element, lexicon) if lexicon and element.kind in _TELLING else {}
        for kind, more in by_model.get(place - 1, {}).items() if place else ():
            found.setdefault(kind, []).extend(more)
        for kind, more in found.items():
            causes.setdefault(kind, []).extend(more)
            if element.kind == "action" and book.mentions(element.text):
                beside_cast.add(kind)
        if lexicon and (element.kind in _SEEN or place == 0):
            moves |= _collect(element, lexicon, items, heading=place == 0)
        if element.kind == "action":
            for name, at in unsorted_capitals(element.text, book, lexicon):
                _count(items, "unsorted", name, element, at, at + len(name))
    cast, order = _cast(scene, book)
    return SceneSheet(
        id=scene_id,
        number=scene.number,
        ordinal=scene.ordinal,
        int_ext=scene.int_ext,
        set_name=scene.set_name,
        time_of_day=scene.time_of_day,
        light=scene.light,
        page=scene.page,
        eighths=scene.eighths,
        first_line=scene.first_line,
        last_line=scene.last_line,
        items=tuple(sorted((*cast, *items.values()), key=_order)),
        effects=effects_of(causes, with_cast=beside_cast),
        speeches=len(order),
        exchanges=tuple(Counter(order).most_common()),
        pair_turns=_pair_turns(order),
        last_speaker=order[-1] if order else "",
        moves=tuple(sorted(moves)),
    )


def _collect(element: Element, lexicon: Lexicon, items: dict[tuple[Category, str], Item], *, heading: bool) -> set[str]:
    moves = set()
    for hit in lexicon.find(element.text):
        if hit.group in _MOVES and not heading:
            moves.add(hit.group)
        elif hit.group in CATEGORIES and (not heading or hit.group == "vehicles"):
            _count(items, hit.group, hit.name, element, hit.start, hit.end)
    return moves


def _count(
    items: dict[tuple[Category, str], Item], category: Category, name: str, element: Element, start: int, end: int
) -> None:
    line = element.line + element.text.count("\n", 0, start)
    held = items.get((category, name))
    items[category, name] = Item(
        category=category,
        name=name,
        count=held.count + 1 if held else 1,
        lines=(*held.lines, line)[:_KEPT_LINES] if held else (line,),
        span=held.span if held else span_of(element.text, start, end),
    )


def _cast(scene: Scene, book: CastBook) -> tuple[list[Item], list[str]]:
    speeches: Counter[str] = Counter()
    seen_speaking: set[str] = set()
    mentions: Counter[str] = Counter()
    lines: dict[str, list[int]] = {}
    order: list[str] = []
    for element in scene.elements:
        if element.kind == "character":
            for name in speakers_of(element.text, book.speaking):
                speeches[name] += 1
                order.append(name)
                lines.setdefault(name, []).append(element.line)
                if not is_off(element.text, element.extension):
                    seen_speaking.add(name)
        elif element.kind in ("action", "slug"):
            for name, count in book.mentions(element.text).items():
                mentions[name] += count
                lines.setdefault(name, []).append(element.line)
    items = []
    for name in lines:
        spoken = speeches[name]
        items.append(
            Item(
                category="cast",
                name=name,
                count=spoken + mentions[name],
                lines=tuple(lines[name][:_KEPT_LINES]),
                source="cue" if spoken else "mention",
                speeches=spoken,
                voice_only=bool(spoken) and name not in seen_speaking and not mentions[name],
            )
        )
    return items, order


def _pair_turns(order: Sequence[str]) -> int:
    top = {name for name, _ in Counter(order).most_common(2)}
    return sum(a != b and {a, b} == top for a, b in pairwise(order))


def _order(item: Item) -> tuple[int, int, int, str]:
    return CATEGORIES.index(item.category), -item.speeches, -item.count, item.name
