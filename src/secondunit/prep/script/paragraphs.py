"""Paragraphs of a word-processed script, by their style, to elements: shared by Final Draft and Fade In."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from secondunit.prep.script.fountain import settle_slugs
from secondunit.prep.script.heading import split_number
from secondunit.prep.script.script import Element, Kind

_KINDS: Final[dict[str, Kind]] = {
    "scene heading": "heading",
    "action": "action",
    "general": "action",
    "normal text": "action",
    "character": "character",
    "parenthetical": "parenthetical",
    "dialogue": "dialogue",
    "transition": "transition",
    "centered": "centered",
    "page break": "page_break",
    "shot": "slug",
    "cast list": "action",
    "lyrics": "lyric",
    "singing": "lyric",
    "new act": "section",
    "end of act": "section",
    "synopsis": "synopsis",
    "outline 1": "section",
    "outline 2": "section",
}
_EXTENSION: Final = re.compile(r"(?P<name>[^()（）]+?)\s*(?P<more>(?:[(（][^()（）]*[)）]\s*)+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph as it stands in the file."""

    style: str
    text: str = field(repr=False)
    line: int
    last_line: int
    number: str = ""
    dual: int = 0
    """1 and 2 for those who speak at once."""


def elements_of(paragraphs: Iterable[Paragraph]) -> tuple[Element, ...]:
    """Return the elements of a script's paragraphs; an unknown style is action."""
    found = [element for paragraph in paragraphs if (element := _element(paragraph))]
    return settle_slugs(tuple(found))


def _element(paragraph: Paragraph) -> Element | None:
    kind = _KINDS.get(paragraph.style.strip().casefold(), "action")
    text = "\n".join(" ".join(line.split()) for line in paragraph.text.strip().split("\n"))
    if not text and kind != "page_break":
        return None
    element = Element(kind=kind, text=text, line=paragraph.line, last_line=paragraph.last_line)
    if kind == "heading":
        bare, number = split_number(text)
        return replace(element, text=bare, number=paragraph.number or number)
    if kind == "parenthetical":
        return replace(element, text=text.strip("()（） "))
    if kind == "character":
        cue = _EXTENSION.fullmatch(text)
        name, more = (cue["name"], cue["more"].strip()) if cue else (text, "")
        return replace(element, text=name.upper(), extension=more, dual=paragraph.dual == 2)
    return element
