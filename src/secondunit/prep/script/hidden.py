"""What Fountain hides: boneyards and notes, taken out with every line kept in its place."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

_BONE: Final = re.compile(r"/\*|\*/")
_NOTE: Final = re.compile(r"\[\[|\]\]|\n[^\S\n]?(?=\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A stretch that is no part of the screenplay, by lines."""

    line: int
    last_line: int


def without_boneyards(text: str) -> str:
    r"""Return a text with what stands in ``/* */`` blanked, line ends kept. One left open hides nothing.

    >>> without_boneyards("a /* b /* c */ d */ e"), without_boneyards("a /* b")
    ('a  e', 'a /* b')
    """
    opened: list[int] = []
    regions: list[tuple[int, int]] = []
    for found in _BONE.finditer(text):
        if found[0] == "/*":
            opened.append(found.start())
        elif opened:
            regions.append((opened.pop(), found.end()))
    if opened and regions:
        # An opening without its own end: the first end after it is the end (Fountain has no nesting of its own).
        ends = sorted(end for _, end in regions)
        for start in opened:
            place = bisect_right(ends, start)
            regions.append((start, ends[place] if place < len(ends) else start))
    return _blank(text, regions)


def without_notes(text: str) -> tuple[str, tuple[Hidden, ...]]:
    r"""Return a text with its notes blanked, and where they were.

    A note ends at its brackets, or at an empty line: one with two spaces in it goes on.

    >>> without_notes("a [[b]] c")[0], without_notes("a [[b\nc\n\nd]]")[0]
    ('a  c', 'a \n\n\nd]]')
    """
    start, depth = -1, 0
    regions: list[tuple[int, int]] = []
    for found in _NOTE.finditer(text):
        if found[0] == "[[":
            start, depth = (found.start(), 1) if not depth else (start, depth)
        elif depth:
            regions.append((start, found.end() if found[0] == "]]" else found.start()))
            depth = 0
    spots, line, seen = [], 1, 0
    for first, last in regions:
        line += text.count("\n", seen, first)
        spots.append(Hidden(line=line, last_line=line + text.count("\n", first, last)))
        seen = first
    return _blank(text, regions), tuple(spots)


def _blank(text: str, regions: list[tuple[int, int]]) -> str:
    pieces, at = [], 0
    for start, end in sorted(regions):
        if end <= at:
            continue
        pieces.append(text[at : max(start, at)])
        pieces.append("\n" * text.count("\n", max(start, at), end))
        at = end
    pieces.append(text[at:])
    return "".join(pieces)
