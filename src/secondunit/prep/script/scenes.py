"""The scenes of a script, numbered, with their elements."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from secondunit.prep.script.heading import read_heading
from secondunit.prep.script.heading_words import Light
from secondunit.prep.script.pages import LINES, eighths, scene_lines
from secondunit.prep.script.script import Element, Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A scene of the script in memory."""

    ordinal: int
    """Counted from 1 in the order of the script."""
    number: str
    """The script's own, else the ordinal."""
    numbered: bool
    """Whether the number is the script's own."""
    heading: str = field(repr=False)
    int_ext: str
    set_name: str
    time_of_day: str
    light: Light
    """Of the heading; where it says CONTINUOUS, that of the scene before."""
    first_line: int
    last_line: int
    page: int
    eighths: int
    elements: tuple[Element, ...] = field(repr=False)
    """All after the heading, slugs included."""


def scenes_of(script: Script) -> tuple[Scene, ...]:
    """Return a script's scenes; what stands before the first heading is none."""
    scenes: list[Scene] = []
    before = 0.0
    for heading, body in _split(script.elements):
        if heading is None:
            before += _paper(body, before)
            continue
        said = read_heading(heading.text)
        lines = scene_lines((heading, *body))
        light = said.light if said.light != "same" else scenes[-1].light if scenes else ""
        ordinal = len(scenes) + 1
        scenes.append(
            Scene(
                ordinal=ordinal,
                number=heading.number or str(ordinal),
                numbered=bool(heading.number),
                heading=heading.text.upper(),
                int_ext=said.int_ext,
                set_name=said.place,
                time_of_day=said.time_of_day,
                light=light,
                first_line=heading.line,
                last_line=body[-1].last_line if body else heading.last_line,
                page=1 + int(before // LINES),
                eighths=eighths(lines),
                elements=tuple(body),
            )
        )
        before += _paper((heading, *body), before)
    return _told_apart(tuple(scenes))


def _split(elements: tuple[Element, ...]) -> Iterator[tuple[Element | None, list[Element]]]:
    heading: Element | None = None
    body: list[Element] = []
    for element in elements:
        if element.kind == "heading":
            yield heading, body
            heading, body = element, []
        else:
            body.append(element)
    yield heading, body


def _paper(elements: tuple[Element, ...] | list[Element], before: float) -> float:
    """Return the lines from here to the end of some elements, forced page ends included."""
    at = before
    run: list[Element] = []
    for element in elements:
        if element.kind == "page_break":
            at += scene_lines(run)
            at, run = (at // LINES + 1) * LINES if at % LINES else at, []
        else:
            run.append(element)
    return at + scene_lines(run) - before


def _told_apart(scenes: tuple[Scene, ...]) -> tuple[Scene, ...]:
    """Give scenes of one number a second figure, so that each can be named: 4, 4-2."""
    seen: dict[str, int] = {}
    told = []
    for scene in scenes:
        seen[scene.number] = seen.get(scene.number, 0) + 1
        count = seen[scene.number]
        told.append(scene if count == 1 else replace(scene, number=f"{scene.number}-{count}"))
    return tuple(told)
