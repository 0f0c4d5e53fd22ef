"""A page before it is HTML or PDF: a handful of blocks that both can print."""

from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["body", "lead", "small", "warn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A section's title."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text."""

    text: str
    tone: Tone = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A short list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names and values beside each other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table. ``widths`` are shares of the page's width, one for each column."""

    columns: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str
    """What stands there where there is no row: an empty table says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A JPEG with a caption."""

    jpeg: bytes = field(repr=False)
    caption: str = ""


Block = Heading | Paragraph | Items | Facts | Grid | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An edition, ready to be printed."""

    title: str
    edition: str
    subtitle: str
    cover: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    footer: str
    language: str = "en"
