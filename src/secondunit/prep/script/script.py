"""A screenplay as it was read: elements with their lines. It lives in memory; its prose is never kept or shown."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "heading",
    "slug",
    "action",
    "character",
    "parenthetical",
    "dialogue",
    "lyric",
    "transition",
    "centered",
    "section",
    "synopsis",
    "note",
    "page_break",
]
Format = Literal["fountain", "fdx", "fadein", "text"]

SPAN = 80
"""The longest quotation that may be kept or shown, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A paragraph of the script."""

    kind: Kind
    text: str = field(repr=False)
    """Without markup, cues without extensions, parentheticals without brackets. Not shown in messages."""
    line: int
    """First line in the file, counted from 1; in a Fade In file, of its document."""
    last_line: int
    number: str = ""
    """Scene number as the script has it; of headings alone."""
    extension: str = field(default="", repr=False)
    """What stands behind a cue, as V.O."""
    dual: bool = False
    """Second of two who speak at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole screenplay. Two scripts are the same where their elements are."""

    elements: tuple[Element, ...] = field(repr=False)
    format: Format
    language: str
    """ISO 639-1, or und where nothing tells."""
    sha256: str
    """Of the file's bytes."""
    size: int
    lines: int
    encoding: str
    notes: tuple[str, ...] = ()
    """What a person should know about the reading: nothing of the prose."""


def span_of(text: str, start: int = 0, end: int | None = None) -> str:
    """Return a short quotation around some characters, whole words, at most ``SPAN`` long.

    >>> span_of("The tower   collapses.")
    'The tower collapses.'
    >>> len(span_of("word " * 60, 100, 104)) <= SPAN
    True
    """
    end = len(text) if end is None else end
    if len(text) > SPAN:
        room = max(SPAN - 2 - (end - start), 0) // 2
        first, last = max(start - room, 0), min(max(end, start) + room, len(text))
        piece = text[first:last]
        head, tail = "…" if first else "", "…" if last < len(text) else ""
        if first and " " in piece[: room or 1]:
            piece = piece[piece.index(" ") + 1 :]
        if last < len(text) and " " in piece[-(room or 1) :]:
            piece = piece[: piece.rindex(" ")]
        text = head + piece.strip() + tail
    text = " ".join(text.split())
    return text if len(text) <= SPAN else text[: SPAN - 1] + "…"
