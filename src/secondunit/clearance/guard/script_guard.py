"""Scripts are read for where things are, never for what they say, and are never written.

A reader scans the file once, line by line, and keeps line numbers alone: no line of it is held, returned, printed or
raised. What leaves is a ``ScriptRef`` (which file, which lines) and a ``Receipt`` (hash in, hash out).
"""

import hashlib
import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from secondunit.core.errors import BriefError, StoreError

SUFFIXES = frozenset((".fountain", ".fdx", ".txt"))
LIMIT_BYTES = 50_000_000
_FOUNTAIN = re.compile(rb"^\s*(?:\.(?!\.)|(?:INT|EXT|EST|I/E|INT\.?/EXT)[. ])", re.IGNORECASE)
_FINAL_DRAFT = re.compile(rb"<Paragraph[^>]*\bType=\"Scene Heading\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRef:
    """A place in a script: numbers and a digest, no text."""

    script_sha256: str
    """Of the whole file; a line on its own is too short to be hidden by a digest."""
    scene: int
    """Counted from 1 by scene headings; 0 before the first."""
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that a script was read and left as it was: for the ledger."""

    sha256_in: str
    sha256_out: str
    size: int

    @property
    def unchanged(self) -> bool:
        """Whether the file is what it was."""
        return self.sha256_in == self.sha256_out


class ScriptReader:
    """Where the scenes of a script lie."""

    __slots__ = ("_headings", "_lines", "_path", "_receipts", "sha256", "size")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._headings: tuple[int, ...]
        self.sha256, self.size, self._lines, self._headings = _scan(path)
        self._receipts: list[Receipt] = []

    @property
    def scenes(self) -> int:
        """How many scenes there are."""
        return len(self._headings)

    def scene(self, number: int) -> ScriptRef:
        """Return where a scene lies.

        Raises
        ------
        BriefError
            There is no such scene.
        """
        if not 1 <= number <= self.scenes:
            raise BriefError(f"scene {number} of {self.scenes}", fix="count scenes by their headings, from 1")
        last = self._headings[number] - 1 if number < self.scenes else self._lines
        return self._ref(number, self._headings[number - 1], last)

    def lines(self, first: int, last: int) -> ScriptRef:
        """Return a reference to some lines, counted from 1.

        Raises
        ------
        BriefError
            There are no such lines.
        """
        if not 1 <= first <= last <= self._lines:
            raise BriefError(f"lines {first} to {last} of {self._lines}", fix="count lines from 1")
        return self._ref(bisect_right(self._headings, first), first, last)

    def receipt(self) -> Receipt:
        """Return the receipt; it is there once the script was closed.

        Raises
        ------
        StoreError
            The script is still open.
        """
        if not self._receipts:
            raise StoreError("the script is still open", fix="ask after it was closed")
        return self._receipts[0]

    def _ref(self, scene: int, first: int, last: int) -> ScriptRef:
        return ScriptRef(script_sha256=self.sha256, scene=scene, first_line=first, last_line=last)

    def _close(self) -> None:
        digest, size, _, _ = _scan(self._path)
        self._receipts.append(Receipt(sha256_in=self.sha256, sha256_out=digest, size=size))


@contextmanager
def open_script(path: Path) -> Iterator[ScriptReader]:
    """Open a script, read-only; on closing it must be what it was.

    Raises
    ------
    BriefError
        Missing, unreadable, larger than 50 MB, or no Fountain, Final Draft or text file.
    StoreError
        The file changed while it was open.
    """
    reader = ScriptReader(path)
    yield reader
    reader._close()
    if not reader.receipt().unchanged:
        raise StoreError(f"{path.name} changed while it was open", fix="find out who wrote to it, and read it again")


def _scan(path: Path) -> tuple[str, int, int, tuple[int, ...]]:
    """Return digest, size, number of lines and the lines of the scene headings. The lines themselves are dropped."""
    if path.suffix.lower() not in SUFFIXES:
        raise BriefError(f"{path.name} is not a script this can read", fix=f"give one of {', '.join(sorted(SUFFIXES))}")
    heading = _FINAL_DRAFT if path.suffix.lower() == ".fdx" else _FOUNTAIN
    digest, number, found = hashlib.sha256(), 0, []
    try:
        with os.fdopen(os.open(path, os.O_RDONLY), "rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            if size > LIMIT_BYTES:
                raise BriefError(f"{path.name} has {size} bytes", fix="give the script alone")
            for number, line in enumerate(handle, start=1):
                digest.update(line)
                if heading.search(line) if heading is _FINAL_DRAFT else heading.match(line):
                    found.append(number)
    except OSError as error:
        raise BriefError(
            f"{path.name} cannot be read: {error.strerror}", fix="check the path and permissions"
        ) from error
    return digest.hexdigest(), size, number, tuple(found)
