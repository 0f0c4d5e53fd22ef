"""Opening a script: read-only, its bytes hashed before and after, within limits."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from secondunit.core.errors import BriefError, StoreError
from secondunit.prep.script.fade_in import read_fade_in
from secondunit.prep.script.final_draft import read_final_draft
from secondunit.prep.script.fountain import read_fountain
from secondunit.prep.script.language import language_of
from secondunit.prep.script.script import Element, Format, Script
from secondunit.prep.script.text_file import decode_text

LIMIT: Final = 8_000_000
"""The most bytes a script may have; 120 pages are 0.2 MB as text and 1 to 3 MB as FDX."""
LINES: Final = 400_000
ELEMENTS: Final = 100_000
SUFFIXES: Final[dict[str, Format]] = {
    ".fountain": "fountain",
    ".spmd": "fountain",
    ".txt": "text",
    ".fdx": "fdx",
    ".fadein": "fadein",
    ".osf": "fadein",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A script and the proof that it was left as it was."""

    script: Script
    sha256_before: str
    sha256_after: str


def open_script(path: Path) -> Reading:
    """Read a script. The file is never opened for writing.

    Raises
    ------
    BriefError
        Missing, unreadable, too large, of an unknown kind, broken, made to harm, or without a single scene or line.
    StoreError
        The file changed while it was read.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(SUFFIXES)
        raise BriefError(
            f"{path.name} is not a script this can read", fix=f"give one of {known}; a PDF holds no structure"
        )
    data = _bytes(path)
    before = hashlib.sha256(data).hexdigest()
    script = parse_script(data, kind=kind, name=path.name)
    after = hashlib.sha256(_bytes(path)).hexdigest()
    if after != before:
        raise StoreError(f"{path.name} changed while it was read", fix="find out who writes to it, and read it again")
    return Reading(script=script, sha256_before=before, sha256_after=after)


def parse_script(data: bytes, *, kind: Format, name: str) -> Script:
    """Return a script of its bytes.

    Raises
    ------
    BriefError
        As ``open_script``.
    """
    notes: list[str] = []
    encoding = "xml"
    if kind == "fdx":
        elements = read_final_draft(data, name=name)
    elif kind == "fadein":
        elements = read_fade_in(data, name=name, limit=LIMIT)
    else:
        text, encoding = decode_text(data, name=name)
        if text.count("\n") > LINES:
            raise BriefError(f"{name} has more than {LINES} lines", fix="give the script alone")
        elements = read_fountain(text, printed=kind == "text")
        if encoding == "cp1252":
            notes.append("the file is not UTF-8; it was read as Windows-1252: check names with accents")
    if len(elements) > ELEMENTS:
        raise BriefError(f"{name} has more than {ELEMENTS} paragraphs", fix="give the script alone")
    if not elements:
        raise BriefError(f"{name} holds no screenplay", fix="check that it is the right file")
    slugs = sum(element.kind == "slug" for element in elements)
    if slugs:
        notes.append(f"{slugs} headings name neither inside nor outside and count as part of their scene")
    return Script(
        elements=elements,
        format=kind,
        language=language_of(elements),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        lines=_last_line(elements),
        encoding=encoding,
        notes=tuple(notes),
    )


def _last_line(elements: tuple[Element, ...]) -> int:
    return max(element.last_line for element in elements)


def _bytes(path: Path) -> bytes:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY), "rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            if size > LIMIT:
                raise BriefError(
                    f"{path.name} has {size / 1e6:.1f} MB, more than the {LIMIT // 1_000_000} a script may have",
                    fix="give the script alone, without pictures or revisions",
                )
            return handle.read(LIMIT + 1)
    except IsADirectoryError as error:
        raise BriefError(f"{path.name} is a folder", fix="give the script's file") from error
    except OSError as error:
        raise BriefError(f"{path} cannot be read: {error.strerror}", fix="check the path and permissions") from error
