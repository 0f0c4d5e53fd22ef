"""Fountain, whole syntax, and plain text laid out as a screenplay. Source: fountain.io/syntax, version 1.1.

Stricter or looser than the page in four places, each because scripts as they come need it: headings in other languages
than English; EXT/INT and other orders; a boneyard may hold another; a forced heading that says neither INT nor EXT and
has no number is a slug inside its scene, as long as the script has real headings.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from secondunit.prep.script.heading import is_heading, margin_number, split_number
from secondunit.prep.script.heading_words import heading_words
from secondunit.prep.script.hidden import without_boneyards, without_notes
from secondunit.prep.script.script import Element, Kind

_TITLE: Final = re.compile(r"(?P<key>[^\W\d_][\w '’-]{0,30}?)\s*[:：](?P<value>.*)")
_TITLE_KEYS: Final = frozenset(
    {"title", "credit", "credits", "author", "authors", "source", "notes", "date", "copyright", "contact", "revision"}
    | {"font", "draft", "lang", "language", "episode", "series", "título", "titulo", "autor", "autores", "fuente"}
    | {"fecha", "contacto", "créditos", "titre", "auteur", "titel", "autorin", "название", "автор"}
    | {"题目", "标题", "作者", "タイトル", "作"}
)
_CUE: Final = re.compile(r"(?P<name>[^()（）^]+?)\s*(?P<more>(?:[(（][^()（）]*[)）]\s*)*)(?P<dual>\^?)\s*")
_SAID: Final = re.compile(r"(?P<name>[^\s「」：:。！？]{1,10})\s*(?:「(?P<a>.+)」?|[：:](?P<b>\s*\S.*))\s*")
_PAGE: Final = re.compile(r"={3,}\s*")
_SECTION: Final = re.compile(r"#{1,6}\s*(?P<text>[^#].*)")
_FURNITURE: Final = re.compile(
    r"\(?(?:CONTINUED|MORE|CONT['’]D)\)?:?(?:\s*\(\d+\))?|\d{1,4}\.|(?:page\s+)?\d{1,4}\s*(?:of\s+\d+)?", re.IGNORECASE
)
_PUNCTUATION: Final = "。．！？!?，,、;；…"


def read_fountain(text: str, *, printed: bool = False) -> tuple[Element, ...]:
    """Read a screenplay.

    Parameters
    ----------
    text
        Its lines end in line feeds alone.
    printed
        The text was laid out for print: scene numbers in the margins and page furniture are taken off.
    """
    text, notes = without_notes(without_boneyards(text))
    lines = text.split("\n")
    found = [Element(kind="note", text="", line=note.line, last_line=note.last_line) for note in notes]
    found += _Reader(lines, printed=printed).elements()
    return settle_slugs(tuple(sorted(found, key=lambda element: element.line)))


def settle_slugs(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Make headings that say neither INT nor EXT and have no number slugs, where the script has real headings."""
    headings = [element for element in elements if element.kind == "heading"]
    if not any(is_heading(element.text) for element in headings):
        return tuple(elements)
    return tuple(
        replace(element, kind="slug")
        if element.kind == "heading" and not element.number and not is_heading(element.text)
        else element
        for element in elements
    )


class _Reader:
    """One pass over the lines. It knows the line before and the line after, no more."""

    def __init__(self, lines: list[str], *, printed: bool) -> None:
        self._lines, self._printed = lines, printed

    def elements(self) -> Iterator[Element]:
        """Give the elements in order."""
        at = self._after_title()
        action: list[str] = []
        first = 0
        while at < len(self._lines):
            raw = self._lines[at]
            line = raw.strip()
            taken = self._special(at, line, raw) if line else None
            if action and (taken is not None or not line):
                yield _element("action", "\n".join(action), first, at - 1)
                action = []
            if not line:
                at += 1
            elif taken is None:
                if not action:
                    first = at
                action.append(line.removeprefix("!") if line.startswith("!") else line)
                at += 1
            else:
                yield from taken[0]
                at = taken[1]
        if action:
            yield _element("action", "\n".join(action), first, len(self._lines) - 1)

    def _after_title(self) -> int:
        at = 0
        while at < len(self._lines) and not self._lines[at].strip():
            at += 1
        keys = []
        end = at
        while end < len(self._lines) and (line := self._lines[end]).strip():
            found = _TITLE.fullmatch(line.rstrip()) if line[:1].strip() else None
            if found:
                keys.append(found["key"])
            elif line[:1].strip() or not keys:
                break
            end += 1
        known = [key for key in keys if key.casefold().split()[0] in _TITLE_KEYS]
        return end if known and keys[0] in known else at

    def _blank(self, at: int) -> bool:
        return not 0 <= at < len(self._lines) or not self._lines[at].strip()

    def _opens(self, at: int) -> bool:
        """Whether a line stands free of the one before: that is empty, or a mark that takes a line of its own."""
        if self._blank(at - 1):
            return True
        before = self._lines[at - 1].strip()
        return bool(_PAGE.fullmatch(before) or _SECTION.fullmatch(before)) or before.startswith("=")

    def _special(self, at: int, line: str, raw: str) -> tuple[list[Element], int] | None:
        """Return what begins at a line that is no action, and where it ends."""
        if line.startswith("!"):
            return None
        marked = self._marked(at, line)
        if marked:
            return [marked], at + 1
        if not self._opens(at):
            return None
        if self._printed and _FURNITURE.fullmatch(line):
            return [], at + 1
        if self._printed:
            bare, margin = margin_number(line)
            if margin:
                return [replace(_element("heading", bare, at, at), number=margin)], at + 1
        if is_heading(line):
            text, number = split_number(line.strip("*_ "))
            return [replace(_element("heading", text, at, at), number=number)], at + 1
        if self._is_transition(at, line, raw):
            return [_element("transition", line, at, at)], at + 1
        return self._speech(at, line)

    def _marked(self, at: int, line: str) -> Element | None:
        """Return what a mark at the line's beginning says it is."""
        if _PAGE.fullmatch(line):
            return _element("page_break", "", at, at)
        if line[0] == "#" and (section := _SECTION.fullmatch(line)):
            return _element("section", section["text"].strip(), at, at)
        if line[0] == "=":
            return _element("synopsis", line[1:].strip(), at, at)
        if line[0] == "." and len(line) > 1 and line[1] not in ". \t":
            text, number = split_number(line[1:])
            return replace(_element("heading", text, at, at), number=number)
        if line[0] == ">":
            if line[-1] == "<":
                return _element("centered", line[1:-1].strip(), at, at)
            return _element("transition", line[1:].strip(), at, at)
        if line[0] == "~":
            return _element("lyric", line[1:].strip(), at, at)
        return None

    def _is_transition(self, at: int, line: str, raw: str) -> bool:
        if not self._blank(at + 1) or line != line.upper():
            return False
        if line.endswith("TO:") and raw == raw.rstrip():  # a space behind it makes it action, says the syntax
            return any(c.isalpha() for c in line)
        return any(line.startswith(word) for word in heading_words().transitions) and len(line) < 40

    def _speech(self, at: int, line: str) -> tuple[list[Element], int] | None:
        """Return a cue with what is said under it."""
        caseless = _is_caseless(line)
        if caseless and (said := _SAID.fullmatch(line)) and not any(c in said["name"] for c in "（("):
            words = (said["a"] or said["b"]).strip().removesuffix("」")
            return [_cue(said["name"], "", False, at), _element("dialogue", words, at, at)], at + 1
        if self._blank(at + 1):
            return None
        found = _CUE.fullmatch(line.removeprefix("@"))
        if not found or not any(c.isalpha() for c in found["name"]):
            return None
        name = found["name"].strip()
        if not line.startswith("@"):
            following = self._lines[at + 1].strip()
            if line.endswith((":", "：")) or is_heading(following):
                return None
            if caseless:
                if len(name) > 12 or any(c in name for c in _PUNCTUATION):
                    return None
            elif name != name.upper() or len(name) > 60 or name == name.lower():
                return None
        block = [_cue(name, found["more"].strip(), bool(found["dual"]), at)]
        end = at + 1
        while end < len(self._lines) and self._goes_on(end):
            block.append(_spoken(self._lines[end].strip(), end))
            end += 1
        return [element for element in block if element.text], end

    def _goes_on(self, at: int) -> bool:
        raw = self._lines[at]
        if raw.strip():
            return True
        return raw.startswith("  ") and not self._blank(at + 1)  # two spaces keep an empty line in a speech


def _element(kind: Kind, text: str, first: int, last: int) -> Element:
    # Typists put two spaces behind a full stop; word processors' files do not keep them.
    even = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return Element(kind=kind, text=even, line=first + 1, last_line=last + 1)


def _cue(name: str, extension: str, dual: bool, at: int) -> Element:
    cue = _element("character", _TAG.sub("", name).strip(" *_"), at, at)
    return replace(cue, extension=extension, dual=dual)


_TAG: Final = re.compile(r"\s+#\S+")


def _spoken(line: str, at: int) -> Element:
    if line[:1] in "(（" and line[-1:] in ")）":
        return _element("parenthetical", line[1:-1].strip(), at, at)
    if line[:1] == "~":
        return _element("lyric", line[1:].strip(), at, at)
    return _element("dialogue", line, at, at)


def _is_caseless(line: str) -> bool:
    """Whether a line is in a script without capitals."""
    letters = [c for c in line if c.isalpha()]
    return bool(letters) and not any(c.lower() != c.upper() for c in letters)
