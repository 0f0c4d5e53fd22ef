"""What a breakdown holds, as values: a sheet for each scene, people, totals. Short quotations only, never prose."""

from dataclasses import dataclass, field
from typing import Literal

Category = Literal["cast", "extras", "props", "vehicles", "animals", "stunts", "sound", "unsorted"]
Source = Literal["cue", "mention", "lexicon", "model", "person"]

CATEGORIES: tuple[Category, ...] = ("cast", "extras", "props", "vehicles", "animals", "stunts", "sound", "unsorted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something a scene needs."""

    category: Category
    name: str
    count: int = 1
    """Mentions; of cast, speeches and mentions."""
    lines: tuple[int, ...] = ()
    """Where it is found: the first few lines."""
    span: str = ""
    """The words around its first mention."""
    source: Source = "lexicon"
    speeches: int = 0
    """Of cast: how often they speak."""
    voice_only: bool = False
    """Of cast: heard and not seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why an effect is listed."""

    words: str
    """What was found, as it stands on the page."""
    span: str
    line: int
    weight: float
    """What it adds, 0 to 1, after what takes away."""
    source: Source
    why: str = ""
    """What took away: spoken, figurative, denied; or what the model compared it with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An effects shot as far as the page tells."""

    kind: str
    confidence: float
    """1 minus the product of what each cause leaves open: 0 to 1. No probability was fitted; it orders and explains."""
    causes: tuple[Cause, ...]
    with_cast: bool = False
    """Whether cast are named in the same paragraph."""
    source: Source = "lexicon"


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSheet:
    """A scene's breakdown sheet."""

    id: str
    number: str
    ordinal: int
    int_ext: str
    set_name: str
    time_of_day: str
    light: str
    page: int
    eighths: int
    first_line: int
    last_line: int
    items: tuple[Item, ...] = ()
    effects: tuple[Effect, ...] = ()
    speeches: int = 0
    exchanges: tuple[tuple[str, int], ...] = ()
    """Who speaks and how often, most first."""
    pair_turns: int = 0
    """How often the two who talk most answer each other."""
    last_speaker: str = ""
    moves: tuple[str, ...] = ()
    """travel, drive, arrival: what kind of movement the action speaks of."""

    def of(self, category: Category) -> tuple[Item, ...]:
        """Return the items of a category."""
        return tuple(item for item in self.items if item.category == category)

    @property
    def seen_cast(self) -> tuple[str, ...]:
        """Cast in the picture, who speaks most first."""
        seen = [item for item in self.of("cast") if not item.voice_only]
        return tuple(item.name for item in sorted(seen, key=lambda item: (-item.speeches, -item.count, item.name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in the cast, over the whole script."""

    name: str
    full_name: str
    """As introduced in capitals; empty where that is the name."""
    speeches: int
    scenes: tuple[str, ...]
    speaks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A whole breakdown."""

    script_sha256: str
    language: str
    lexicon: str
    """Language of the lexicon used; empty where there is none for the script's."""
    model: str
    """Name and digest of the model that looked on; else why none did."""
    sheets: tuple[SceneSheet, ...]
    people: tuple[Person, ...]
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = field(default=())
    """Corrections that found nothing to correct: kept, and said."""

    @property
    def eighths(self) -> int:
        """All scenes' eighths."""
        return sum(sheet.eighths for sheet in self.sheets)
