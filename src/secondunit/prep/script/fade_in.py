"""Fade In (.fadein): a zip archive with a document in the Open Screenplay Format; also that document alone (.osf)."""

import io
import zipfile
import zlib
from typing import Final

from secondunit.core.errors import BriefError
from secondunit.prep.script.paragraphs import Paragraph, elements_of
from secondunit.prep.script.script import Element
from secondunit.prep.script.xml_guard import read_xml

_ENTRIES: Final = 2_000
_RATIO: Final = 200


def read_fade_in(data: bytes, *, name: str, limit: int) -> tuple[Element, ...]:
    """Read a script.

    Parameters
    ----------
    limit
        The most bytes its document may have.

    Raises
    ------
    BriefError
        It is no archive, holds no document, is packed to harm, or the document is none.
    """
    pages = _Pages()
    read_xml(_document(data, name=name, limit=limit), pages, name=name)
    if pages.root != "document":
        raise BriefError(f"{name} is no Fade In script", fix="save it from Fade In as .fadein")
    return elements_of(pages.paragraphs)


def _document(data: bytes, *, name: str, limit: int) -> bytes:
    if not data.startswith(b"PK"):
        return data
    fix = "save it from Fade In again"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _ENTRIES:
                raise BriefError(f"{name} holds {len(entries)} files", fix=fix)
            entry = next((e for e in entries if e.filename.lower() == "document.xml"), None)
            if entry is None:
                raise BriefError(f"{name} holds no document.xml", fix=fix)
            if entry.file_size > limit or entry.file_size > _RATIO * max(entry.compress_size, 1):
                raise BriefError(f"{name} unpacks to {entry.file_size} bytes", fix=fix)
            with archive.open(entry) as stream:
                document = stream.read(limit + 1)  # the size an archive states may be a lie
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise BriefError(f"{name} is not a whole archive", fix=fix) from error
    if len(document) > limit:
        raise BriefError(f"{name} unpacks to more than {limit} bytes", fix=fix)
    return document


class _Pages:
    """Listens to a document: ``para`` with its ``style`` and ``text`` tags."""

    def __init__(self) -> None:
        self.root = ""
        self.paragraphs: list[Paragraph] = []
        self._path: list[str] = []
        self._style, self._number, self._first, self._line, self._dual = "", "", 0, 0, 0
        self._open = False
        self._text: list[str] = []

    def begin(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.root = self.root or name
        self._path.append(name)
        self._line = line
        if name == "para" and self._path[:-1] == ["document", "paragraphs"]:
            self._open, self._text, self._first = True, [], line
            self._style, self._dual = "Action", 0
            self._number = attributes.get("number", "")
        elif name == "style" and self._open and self._path[-2] == "para":
            self._style = attributes.get("basestyle") or attributes.get("basestylename") or self._style
            self._dual = {"1": 1, "2": 2}.get(attributes.get("dual", attributes.get("dualdialogue", "")), 0)

    def end(self, name: str) -> None:
        if name == "para" and self._open and len(self._path) == 3:
            self.paragraphs.append(
                Paragraph(
                    style=self._style,
                    text="".join(self._text),
                    line=self._first,
                    last_line=self._line,
                    number=self._number,
                    dual=self._dual,
                )
            )
            self._open = False
        self._path.pop()

    def text(self, text: str) -> None:
        if self._open and self._path[-1] == "text":
            self._text.append(text)
