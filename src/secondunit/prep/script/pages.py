"""How much paper a scene takes: lines as a typist sets them, pages, eighths.

US letter, Courier 12: 54 lines on a page, so an eighth is 6.75 lines. Widths in characters are those of the trade's
templates: action 60, dialogue 35, parentheticals 25. Han, kana and hangul take two.
"""

import math
import unicodedata
from collections.abc import Iterable
from typing import Final

from secondunit.prep.script.script import Element, Kind

LINES: Final = 54
_WIDTH: Final[dict[Kind, int]] = {
    "heading": 60,
    "slug": 60,
    "action": 60,
    "character": 38,
    "parenthetical": 25,
    "dialogue": 35,
    "lyric": 35,
    "transition": 60,
    "centered": 60,
}
_BEFORE: Final[dict[Kind, int]] = {"heading": 2, "slug": 1, "action": 1, "character": 1, "transition": 1, "centered": 1}
"""Empty lines before each; none before what is said."""


def columns(text: str) -> int:
    """Return how many columns a text takes.

    >>> columns("house"), columns("病院")
    (5, 4)
    """
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text if not unicodedata.combining(c))


def lines_of(element: Element) -> float:
    """Return how many lines an element takes, those before it included. Two who speak at once share the page."""
    width = _WIDTH.get(element.kind)
    if width is None or not element.text:
        return 0.0
    set_lines = sum(_wrapped(line, width) for line in element.text.split("\n"))
    return float(set_lines + _BEFORE.get(element.kind, 0))


def scene_lines(elements: Iterable[Element]) -> float:
    """Return how many lines a scene takes; of a dual dialogue, the longer half."""
    total, first, second, dual = 0.0, 0.0, 0.0, False
    for element in elements:
        lines = lines_of(element)
        if element.kind == "character":
            if element.dual:
                dual, second = True, lines
                continue
            total, first, second, dual = total + max(second - first, 0.0), 0.0, 0.0, False
        elif element.kind not in ("parenthetical", "dialogue", "lyric"):
            total, first, second, dual = total + max(second - first, 0.0), 0.0, 0.0, False
        if dual:
            second += lines
        else:
            first += lines
            total += lines
    return total + max(second - first, 0.0)


def eighths(lines: float) -> int:
    """Return lines as eighths of a page, one at least.

    >>> eighths(54.0), eighths(3.0), eighths(10.2)
    (8, 1, 2)
    """
    return max(1, math.floor(lines * 8.0 / LINES + 0.5))


def said_eighths(count: int) -> str:
    """Return eighths as the trade writes them.

    >>> said_eighths(3), said_eighths(11), said_eighths(16)
    ('3/8', '1 3/8', '2')
    """
    whole, part = divmod(count, 8)
    return " ".join([str(whole)] * bool(whole) + [f"{part}/8"] * bool(part)) or "0"


def _wrapped(line: str, width: int) -> int:
    if columns(line) <= width:
        return 1
    if not line.isascii() and " " not in line.strip():
        return math.ceil(columns(line) / width)
    count, at = 1, 0
    for word in line.split():
        size = columns(word)
        if at and at + 1 + size > width:
            count, at = count + 1, 0
        count += max(size - 1, 0) // width
        at += size + bool(at)
    return count
