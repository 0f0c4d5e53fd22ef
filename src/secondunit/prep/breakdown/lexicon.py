"""Lexicons: words by what they stand for, as data, and finding them in a text."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

STRONG: Final = 0.8
WEAK: Final = 0.35
HINT: Final = 0.2
"""Of a word that needs a thing beside it and has none: a person collapses too."""
_TOKEN: Final = re.compile(r"[^\W_]+")
_STOP: Final = re.compile(r"[.!?…\n]")
_BUCKET: Final = 2
_ITEMS: Final = ("props", "vehicles", "animals", "extras")
_WHOLE_SCRIPTS: Final = ("ja", "zh")
"""Languages written without spaces: a word counts wherever its letters stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word of a text and where it stands."""

    word: str
    """Small letters, Latin accents off."""
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry found in a text."""

    group: str
    """props, vehicles …, or effects.KIND, or travel and so on."""
    name: str
    start: int
    end: int
    weight: float
    token: int
    """Index of its first word among the text's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    group: str
    name: str
    words: tuple[str, ...]
    """A word that ends in * takes any ending."""
    weight: float
    endings: tuple[str, ...] = ()
    beside: bool = False
    """Strong only where one of its kind's things stands in the same sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """A language's lexicon, ready to search."""

    language: str
    entries: tuple[_Entry, ...] = field(repr=False)
    exact: Mapping[str, tuple[_Entry, ...]] = field(repr=False)
    starts: Mapping[str, tuple[_Entry, ...]] = field(repr=False)
    figurative: tuple[tuple[str, ...], ...]
    negative: frozenset[str]
    noise: frozenset[str]
    things: Mapping[str, tuple[tuple[str, ...], ...]] = field(repr=False)
    """Words that make a word beside them strong, by group."""
    everyday: tuple[str, ...]
    """Sentences of no effect, the model's other pole."""
    like: Mapping[str, tuple[str, ...]]
    """Sentences that a model compares with, by kind of effect."""

    def find(self, text: str, tokens: tuple[Token, ...] | None = None) -> tuple[Hit, ...]:
        """Return every entry in a text: of things (props, vehicles, animals, extras) the longest at each word."""
        if self.language in _WHOLE_SCRIPTS:
            return tuple(self._find_anywhere(text))
        tokens = tokens_of(text) if tokens is None else tokens
        hits: list[Hit] = []
        taken_until: dict[str, int] = {}
        for at, token in enumerate(tokens):
            found: dict[str, tuple[int, _Entry]] = {}
            candidates = (*self.exact.get(token.word, ()), *self.starts.get(token.word[:_BUCKET], ()))
            for entry in candidates:
                if _fits(entry, tokens, at):
                    lane = "items" if entry.group in _ITEMS else entry.group
                    size = len(entry.words)
                    if size > found.get(lane, (0, entry))[0]:
                        found[lane] = (size, entry)
            for lane, (size, entry) in found.items():
                if taken_until.get(lane, 0) > at:
                    continue
                taken_until[lane] = at + size
                hits.append(
                    Hit(
                        group=entry.group,
                        name=entry.name,
                        start=token.start,
                        end=tokens[at + size - 1].end,
                        weight=HINT if entry.beside and not self._is_beside(entry, text, tokens, at) else entry.weight,
                        token=at,
                    )
                )
        return tuple(hits)

    def _is_beside(self, entry: _Entry, text: str, tokens: tuple[Token, ...], at: int) -> bool:
        """Whether a sentence holds one of the things that an entry needs beside it."""
        things = self.things.get(entry.group, ())
        first = max((m.end() for m in _STOP.finditer(text, 0, tokens[at].start)), default=0)
        stop = _STOP.search(text, tokens[at].end)
        last = stop.start() if stop else len(text)
        near = tuple(token for token in tokens[max(at - 30, 0) : at + 30] if first <= token.start < last)
        return any(
            near[place].word.startswith(words[0][:-1]) if words[0].endswith("*") else near[place].word == words[0]
            for words in things
            for place in range(len(near))
        )

    def _find_anywhere(self, text: str) -> Iterator[Hit]:
        taken: dict[str, int] = {}
        for at in range(len(text)):
            best: dict[str, _Entry] = {}
            for entry in self.starts.get(text[at], ()):
                if text.startswith(entry.words[0], at):
                    lane = "items" if entry.group in _ITEMS else entry.group
                    if lane not in best or len(entry.words[0]) > len(best[lane].words[0]):
                        best[lane] = entry
            for lane, entry in best.items():
                if taken.get(lane, 0) <= at:
                    taken[lane] = end = at + len(entry.words[0])
                    yield Hit(group=entry.group, name=entry.name, start=at, end=end, weight=entry.weight, token=at)

    def is_figurative(self, tokens: tuple[Token, ...], at: int) -> bool:
        """Whether words just before a word make it a comparison: like a bomb."""
        words = tuple(token.word for token in tokens[max(at - 4, 0) : at])
        return any(
            words[first : first + len(turn)] == turn
            for turn in self.figurative
            for first in range(len(words) - len(turn) + 1)
        )

    def is_denied(self, tokens: tuple[Token, ...], at: int) -> bool:
        """Whether one of the two words before a word denies it."""
        return any(token.word in self.negative for token in tokens[max(at - 2, 0) : at])


def tokens_of(text: str) -> tuple[Token, ...]:
    """Return a text's words.

    >>> [token.word for token in tokens_of("The CAFÉ's door")]
    ['the', 'cafe', 's', 'door']
    """
    return tuple(
        Token(word=plain_word(found[0]), start=found.start(), end=found.end()) for found in _TOKEN.finditer(text)
    )


def plain_word(word: str) -> str:
    """Return a word in small letters, accents off Latin letters."""
    word = word.casefold()
    if word.isascii():
        return word
    return "".join(_bare(letter) for letter in word)


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1]
    return base if base.isascii() else letter


def languages() -> tuple[str, ...]:
    """Return the languages there are lexicons for."""
    folder = files(__package__) / "lexicons"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def lexicon_of(language: str) -> Lexicon | None:
    """Return a language's lexicon, None where there is none."""
    if language not in languages():
        return None
    text = (files(__package__) / "lexicons" / f"{language}.toml").read_text(encoding="utf-8")
    return read_lexicon(tomllib.loads(text))


def read_lexicon(data: Mapping[str, Any]) -> Lexicon:
    """Return a lexicon of its document."""
    language, plural = data["language"], tuple(data.get("plural", ()))
    entries: list[_Entry] = []
    for group in (*_ITEMS, "stunts", "sound"):
        endings = plural if group in _ITEMS else ()
        for line in data.get(group, {}).get("words", ()):
            entries += _entries(group, line, 1.0, endings)
    for kind, table in data.get("effects", {}).items():
        for key, weight in (("strong", STRONG), ("beside", STRONG), ("weak", WEAK)):
            for line in table.get(key, ()):
                found = _entries(f"effects.{kind}", line, weight, (), own_names=True)
                entries += [replace(entry, beside=key == "beside") for entry in found]
    for group in ("travel", "drive", "arrival", "watch"):
        for line in data.get(group, ()):
            entries += _entries(group, line, 1.0, ())
    exact: dict[str, list[_Entry]] = {}
    starts: dict[str, list[_Entry]] = {}
    for entry in entries:
        first = entry.words[0]
        if language in _WHOLE_SCRIPTS:
            starts.setdefault(first[:1], []).append(entry)
        elif first.endswith("*"):
            starts.setdefault(first[:_BUCKET], []).append(entry)
        else:
            exact.setdefault(first, []).append(entry)
            for ending in entry.endings:
                for form in _plurals(first, ending):
                    exact.setdefault(form, []).append(entry)
    return Lexicon(
        language=language,
        entries=tuple(entries),
        exact={word: tuple(found) for word, found in exact.items()},
        starts={word: tuple(found) for word, found in starts.items()},
        figurative=tuple(_words(turn) for turn in data.get("figurative", ())),
        negative=frozenset(word for turn in data.get("negative", ()) for word in _words(turn)[:1]),
        noise=frozenset(" ".join(_words(turn)) for turn in data.get("noise", ())),
        things={
            f"effects.{kind}": tuple(_words(thing) for thing in table.get("things", ()))
            for kind, table in data.get("effects", {}).items()
        },
        everyday=tuple(data.get("everyday", ())),
        like={kind: tuple(table.get("like", ())) for kind, table in data.get("effects", {}).items()},
    )


def _entries(
    group: str, line: str, weight: float, endings: tuple[str, ...], *, own_names: bool = False
) -> Iterator[_Entry]:
    forms = line.split("|")
    for form in forms:
        words = _words(form)
        if words:
            name = (form if own_names else forms[0]).rstrip("*").strip()
            kept = endings if len(words) == 1 and not form.endswith("*") else ()
            yield _Entry(group=group, name=name, words=words, weight=weight, endings=kept)


def _words(text: str) -> tuple[str, ...]:
    return tuple(
        plain_word(found[0].rstrip("*")) + ("*" if found[0].endswith("*") else "")
        for found in re.finditer(r"[^\W_]+\*?", text)
    )


def _plurals(word: str, ending: str) -> Iterator[str]:
    yield word + ending
    if ending == "es" and word.endswith("y"):
        yield word[:-1] + "ies"


def _fits(entry: _Entry, tokens: tuple[Token, ...], at: int) -> bool:
    words = entry.words
    if at + len(words) > len(tokens):
        return False
    for offset, word in enumerate(words):
        token = tokens[at + offset].word
        if word.endswith("*"):
            if not token.startswith(word[:-1]):
                return False
        elif token != word and not (offset == 0 and entry.endings and len(words) == 1):
            return False
    return True
