"""Prompt lint: whether a text names a person, an artist, a work or a brand, or asks to imitate one.

Names come from lists and are found through misspellings, other scripts and disguises. What no list holds is found only
where a phrase asks to imitate it; that is ``unsure``, and unsure is not yes. No hit is no proof.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from secondunit.clearance.guard.edits import within
from secondunit.clearance.guard.names import Names, load_names
from secondunit.clearance.guard.normalise import hidden_readings, plain, readings, twins
from secondunit.clearance.policy.vocabulary import LintHit

LIMIT = 20_000
"""Characters of one text; more is a hit by itself."""
_WORD = re.compile(r"[^\W_]+")
_SHORT = 5
"""A name of one word with fewer letters must be written just so."""
_JOINED = 8
"""Letters that a name needs to be looked for with all spaces taken out."""
_IMITATION = re.compile(
    r"\b(?:in (?:the |an? )?(?:style|manner|spirit|vein) of|inspired by|homage to|"
    r"as (?:painted|shot|photographed|drawn|"
    r"filmed|played|directed) by|look(?:s|ing)? (?:just |exactly )?like (?=the (?:painting|photo|photograph|film|movie|"
    r"poster|cover)\b)|(?:photo|painting|film|picture|image|frame|work)s? by (?!the |an? |day|night)|"
    r"im stil (?:von|des|der)|nach (?:art|dem vorbild) (?:von|des|der)|inspiriert (?:von|durch)|"
    r"dans le style d|a la maniere d|inspire(?:e|s|es)? (?:de|par)|"
    r"al estilo d|estilo de|inspirad[oa]s? (?:en|por)|a la manera d|no estilo d|ao estilo d|"
    r"nello stile d|ispirat[oa] (?:a|da))",
)
_IMITATION_ANYWHERE = (
    "в стиле",
    "в духе",
    "в манере",
    "风格",
    "風格",
    "のスタイル",
    "風の",
    "스타일",
    "بأسلوب",
    "בסגנון",
)
_LIKE = re.compile(
    r"\b(?i:like|als ob von|comme|como|wie)\s+(?i:an?\s+|un[ae]?\s+|eine?n?\s+)?"
    r"(?P<who>\w*[^\W\d_a-zß-öø-ÿ]\w+(?:\s+[^\W\d_a-z]\w+)*)"
    r"(?:['’]s)?\s+(?i:photo|photograph|painting|film|movie|picture|print|shot|foto|bild|tableau|cuadro|película)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that a text may not say without a permission."""

    kind: LintHit
    entry: str
    """The name on the list; the phrase where none is."""
    reason: str


def lint(text: str, *, names: Names | None = None) -> tuple[Hit, ...]:
    """Return what a text names or imitates, each name once, in the order of the lists.

    Parameters
    ----------
    names
        The lists; the shipped ones where there are none.
    """
    if len(text) > LIMIT:
        return (Hit(kind="unsure", entry=f"{len(text)} characters", reason="too long to be judged: shorten it"),)
    chosen = names or _shipped()
    pages = [_page(reading) for reading in readings(text)]
    hidden = [_page(reading) for reading in hidden_readings(text)]
    found = [*_named(chosen, pages, hidden), *_imitations(text, pages)]
    return tuple({(hit.kind, hit.entry): hit for hit in found}.values())


def lint_all(texts: Mapping[str, str], *, names: Names | None = None) -> dict[str, tuple[Hit, ...]]:
    """Return the hits of several texts by their names (prompt, negative prompt, metadata)."""
    found = {where: lint(text, names=names) for where, text in texts.items()}
    return {where: hits for where, hits in found.items() if hits}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One reading of a text."""

    text: str
    words: tuple[str, ...]
    joined: str


def _page(text: str) -> _Page:
    return _Page(text=text, words=tuple(_together(_WORD.findall(text))), joined="".join(_WORD.findall(text)))


def _together(words: list[str]) -> Iterator[str]:
    """Give words; a run of single letters, spelt out, is one, also less a word of one letter at either end."""
    run: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1 and not word.isdigit():
            run.append(word)
            continue
        if len(run) >= _SHORT:
            yield from ("".join(run), "".join(run[1:]), "".join(run[:-1]), "".join(run[1:-1]))
        else:
            yield from run
        run = []
        if word:
            yield word


def _named(names: Names, pages: list[_Page], hidden: list[_Page]) -> Iterator[Hit]:
    for entry in names.entries:
        for spelling in entry.spellings:
            how = _how(spelling, pages, hidden)
            if how:
                yield Hit(kind=entry.kind, entry=entry.name, reason=f"names {entry.name} ({how})")
                break


def _how(spelling: str, pages: list[_Page], hidden: list[_Page]) -> str:
    """Return how a text writes a name; empty where it does not."""
    forms = _forms(spelling)
    for number, page in enumerate(pages):
        for words, joined in forms:
            if _has(page, words, joined):
                return "as written" if number == 0 else "disguised"
    for page in pages:
        if any(_nearly(page, words) for words, _ in forms):
            return "misspelt"
    if any(_has(page, words, joined) for page in hidden for words, joined in forms if len(joined) >= _JOINED):
        return "hidden"
    return ""


@lru_cache(maxsize=4096)
def _forms(spelling: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return a name's words and letters, as written and with look-alikes made Latin."""
    texts = dict.fromkeys((plain(spelling), twins(plain(spelling))))
    return tuple((tuple(_WORD.findall(text)), "".join(_WORD.findall(text))) for text in texts)


def _has(page: _Page, words: tuple[str, ...], joined: str) -> bool:
    spaced = joined.isascii()  # scripts without spaces hold names inside longer runs
    if not spaced:
        return joined in page.joined
    if len(joined) >= _JOINED and joined in page.joined:
        return True
    return any(window in (words, words[::-1]) for window in _windows(page.words, len(words))) or (
        len(words) > 1 and any(window == (joined,) for window in _windows(page.words, 1))
    )


def _nearly(page: _Page, words: tuple[str, ...]) -> bool:
    """Whether a name stands there with a slip in a word. A short name must be right: too many words are near it."""
    if len(words) == 1 and len(words[0]) <= _SHORT + 1:
        return False
    return any(
        all(within(said, word, _slips(word)) for said, word in zip(window, order, strict=True))
        for order in (words, words[::-1])
        for window in _windows(page.words, len(words))
    )


def _slips(word: str) -> int:
    return 0 if len(word) < _SHORT else 1 if len(word) < 9 else 2


def _windows(words: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(len(words) - size + 1):
        yield words[start : start + size]


def _imitations(text: str, pages: list[_Page]) -> Iterator[Hit]:
    reason = "asks to imitate somebody or something: say what it should look like instead"
    for page in pages:
        for match in _IMITATION.finditer(page.text):
            yield Hit(kind="unsure", entry=match[0].strip(), reason=reason)
        for phrase in _IMITATION_ANYWHERE:
            if plain(phrase) in page.text:
                yield Hit(kind="unsure", entry=phrase, reason=reason)
    for match in _LIKE.finditer(text):
        yield Hit(kind="unsure", entry=f"like {match['who']}", reason=reason)


@lru_cache(maxsize=1)
def _shipped() -> Names:
    return load_names()
