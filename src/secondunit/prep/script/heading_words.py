"""The words of scene headings, by language, out of ``languages.toml``."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

Light = Literal["", "day", "night", "dawn", "dusk", "same"]
_LIGHTS: Final = ("day", "night", "dawn", "dusk", "same")
WORD: Final = 5
"""Letters from which a beginning is a word and no abbreviation: it then counts in capitals only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingWords:
    """All languages' words, ready to look up."""

    place: Mapping[str, str]
    """INT or EXT by beginning, in capitals."""
    light: Mapping[str, Light]
    """Light by time word, in capitals."""
    transitions: tuple[str, ...]
    languages: Mapping[str, frozenset[str]]
    """Languages by heading word, in capitals."""
    common: Mapping[str, frozenset[str]]
    """Everyday words by language, in small letters."""
    beginning: re.Pattern[str]
    """One or two beginnings, as INT./EXT., with what divides them from the rest."""


@cache
def heading_words() -> HeadingWords:
    """Return the words; the file is read once."""
    data: dict[str, Any] = tomllib.loads(files(__package__).joinpath("languages.toml").read_text(encoding="utf-8"))
    data.pop("schema")
    place: dict[str, str] = {}
    light: dict[str, Light] = {}
    languages: dict[str, set[str]] = {}
    transitions: list[str] = []
    for code, table in data.items():
        for key, name in (("interior", "INT"), ("exterior", "EXT")):
            for word in table[key]:
                place.setdefault(word, name)
                languages.setdefault(word, set()).add(code)
        for kind in _LIGHTS:
            for word in table["times"][kind]:
                light.setdefault(word, kind)
                languages.setdefault(word, set()).add(code)
        transitions += table.get("transitions", ())
    return HeadingWords(
        place=place,
        light=light,
        transitions=tuple(transitions),
        languages={word: frozenset(codes) for word, codes in languages.items()},
        common={code: frozenset(table.get("common", ())) for code, table in data.items()},
        beginning=_beginning(place),
    )


def _beginning(place: Mapping[str, str]) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(place, key=len, reverse=True))
    one = rf"(?:{words})"
    pair = rf"(?:{one}|I|E)[.．。]?\s*[/／\\]\s*(?:{one}|I|E)"
    return re.compile(
        rf"(?P<places>{pair}|{one})(?P<stop>\s*[.．。:：、]+\s*|\s+[-–—]\s+|\s+)(?P<rest>\S.*)", re.IGNORECASE
    )
