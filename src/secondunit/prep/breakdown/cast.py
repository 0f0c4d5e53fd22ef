"""Who is in a script: by their cues, by what they are called where they come in, by mention."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from secondunit.prep.breakdown.lexicon import Lexicon, tokens_of
from secondunit.prep.script.scenes import Scene
from secondunit.prep.script.script import Element

_TOGETHER: Final = re.compile(r"\s*(?:/|&|,|\+|\bAND\b|\bY\b|\bИ\b|\bET\b|\bUND\b)\s*", re.IGNORECASE)
_OFF: Final = re.compile(r"\b(?:V\.?\s?O|O\.?\s?S|O\.?\s?C|OFF|VOZ|ЗК|ЗА КАДРОМ|VOICE)\b|画外|声", re.IGNORECASE)
_VOICES: Final = ("VOICE", "VOICES", "VOZ", "VOCES", "ГОЛОС", "VOIX", "STIMME", "的声音", "の声")
_SEEN_LATER: Final = re.compile(r"\bO\.?\s?[SC]\b", re.IGNORECASE)
_CAPITALS: Final = re.compile(
    r"\b[^\W\d_a-zа-яё]{2,}(?:['’.-][^\W\d_a-zа-яё]+)*(?:\s+[^\W\d_a-zа-яё]{2,}(?:['’.-][^\W\d_a-zа-яё]+)*){0,3}"
)
_JOINS: Final = frozenset(("AND", "ON", "WITH", "BEHIND", "Y", "EN", "CON", "OF", "DE", "TO", "AT", "OFF"))
_MET_AGAIN: Final = 2
"""How often a name in capitals is written as a name before it counts as somebody without a line."""
_COMMON_ENDS: Final = re.compile(r"['’]S$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CastBook:
    """The names of a script."""

    speaking: frozenset[str]
    silent: frozenset[str]
    """Introduced in capitals and met again, without a line."""
    full_names: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]]

    def mentions(self, text: str) -> Counter[str]:
        """Return who is named in a text, and how often."""
        found: Counter[str] = Counter()
        for name, pattern in self.patterns.items():
            count = len(pattern.findall(text))
            if count:
                found[name] = count
        return found


def speakers_of(cue: str, known: frozenset[str] | set[str]) -> tuple[str, ...]:
    """Return who speaks under a cue: several where each is known by a cue of their own.

    >>> speakers_of("BRICK & STEEL", {"BRICK", "STEEL"}), speakers_of("BED AND BREAKFAST MAN", {"BED"})
    (('BRICK', 'STEEL'), ('BED AND BREAKFAST MAN',))
    """
    name = " ".join(cue.upper().split())
    parts = [part for part in _TOGETHER.split(name) if part]
    if len(parts) > 1 and all(part in known for part in parts):
        return tuple(parts)
    return (name,)


def is_off(cue: str, extension: str) -> bool:
    """Whether a cue says that the speaker is heard and not seen; O.S. is near enough to be seen.

    >>> is_off("WILL", "(V.O.)"), is_off("WILL", "(O.S.)"), is_off("A MAN'S VOICE", "")
    (True, False, True)
    """
    heard = cue.upper().split()[-1:] and cue.upper().endswith(_VOICES)
    return bool(heard) or (bool(_OFF.search(extension)) and not _SEEN_LATER.search(extension))


def cast_book(scenes: Sequence[Scene], lexicon: Lexicon | None) -> CastBook:
    """Return the names of a script's scenes."""
    cues = Counter(
        " ".join(element.text.upper().split()) for element in _of(scenes, "character") if element.text.strip()
    )
    speaking = frozenset(name for name in cues if len(speakers_of(name, set(cues))) == 1)
    capitals: Counter[str] = Counter()
    action = "\n".join(element.text for element in _of(scenes, "action"))
    plain = frozenset(re.findall(r"\b[^\W\d_][^\W\d_]+\b", action))
    for element in _of(scenes, "action"):
        for found in _CAPITALS.finditer(element.text):
            capitals[_COMMON_ENDS.sub("", " ".join(found[0].split()))] += 1
    full = _full_names(capitals, speaking)
    silent = frozenset(
        name
        for name in capitals
        if name not in speaking
        and name not in full.values()
        and _is_name(name, lexicon)
        and all(word.title() in plain and word.lower() not in plain for word in name.split())
        and action.count(f" {name.title()}") >= _MET_AGAIN
        and not any(f"{article} {name.title()}" in action for article in ("the", "a", "The", "A"))
        and not any(name in other.split() or set(name.split()) & set(other.split()) for other in speaking)
    )
    patterns = {name: _pattern(name) for name in sorted(speaking | silent)}
    return CastBook(speaking=speaking, silent=silent, full_names=full, patterns=patterns)


def unsorted_capitals(text: str, book: CastBook, lexicon: Lexicon | None) -> list[tuple[str, int]]:
    """Return words in capitals that are neither names nor in the lexicon, and where they stand."""
    known = {word for name in (*book.speaking, *book.silent, *book.full_names.values()) for word in name.split()}
    found = []
    for match in _CAPITALS.finditer(text):
        name = _COMMON_ENDS.sub("", " ".join(match[0].split()))
        if _is_name(name, lexicon) and not set(name.split()) & known:
            found.append((name, match.start()))
    return found


def _of(scenes: Iterable[Scene], kind: str) -> Iterable[Element]:
    return (element for scene in scenes for element in scene.elements if element.kind == kind)


def _full_names(capitals: Mapping[str, int], speaking: frozenset[str]) -> dict[str, str]:
    full: dict[str, str] = {}
    for name in capitals:
        words = name.split()
        if len(words) < 2 or name in speaking or set(words) & _JOINS or capitals[name] > 3:
            continue
        ends = [cue for cue in speaking if cue in (words[0], words[-1], " ".join(words[-2:]))]
        if len(ends) == 1:
            full.setdefault(ends[0], name)
    return full


def _is_name(name: str, lexicon: Lexicon | None) -> bool:
    """Whether words in capitals may be somebody or something: no direction, sound, thing or effect we know."""
    if len(name) < 3 or not any(c.isupper() for c in name):
        return False
    if lexicon is None:
        return True
    tokens = tokens_of(name)
    words = " ".join(token.word for token in tokens)
    if words in lexicon.noise or all(token.word in lexicon.noise for token in tokens):
        return False
    return not lexicon.find(name)


def _pattern(name: str) -> re.Pattern[str]:
    """Match a name in capitals or as a name is written; where a script has no capitals, anywhere."""
    if name.lower() == name.upper():
        return re.compile(re.escape(name))
    written = " ".join(word if any(c.isdigit() for c in word) else word.title() for word in name.split())
    return re.compile(rf"(?<!\w)(?:{re.escape(name)}|{re.escape(written)})(?!\w)")
