"""XML from strangers: no document types, no entities, a bounded size, depth, number of tags and time."""

import io
import re
import time
from typing import Any, Final, Protocol
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from secondunit.core.errors import BriefError

DEPTH: Final = 48
TAGS: Final = 200_000
"""A 120-page script in Final Draft has some 20,000; this is for those with notes and revisions on every line."""
TEXTS: Final = 600_000
LINES: Final = 400_000
SECONDS: Final = 1.2
"""Of this thread's own time, so that a busy machine refuses nothing."""
_CHUNK: Final = 1 << 16
_LONG_TAG: Final = re.compile(rb"<[^<>]{65536}")


class Listener(Protocol):
    """What is told of a document as it is read."""

    def begin(self, name: str, attributes: dict[str, str], line: int) -> None:
        """Tell that a tag begins."""

    def end(self, name: str) -> None:
        """Tell that a tag ends."""

    def text(self, text: str) -> None:
        """Tell what stands between tags."""


class _Refused(SAXException):
    """Not for a parser's own faults: what we refuse, said to a person."""


class _Guard(ContentHandler):
    def __init__(self, listener: Listener, parser: Any) -> None:
        super().__init__()
        self._listener, self._parser, self._depth, self._tags, self._texts = listener, parser, 0, 0, 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the names are SAX's
        self._depth += 1
        self._tags += 1
        if self._depth > DEPTH:
            raise _Refused(f"it nests deeper than {DEPTH} tags")
        if self._tags > TAGS:
            raise _Refused(f"it has more than {TAGS} tags")
        self._listener.begin(name, dict(attrs.items()), self._parser.getLineNumber())

    def endElement(self, name: str) -> None:  # noqa: N802
        self._depth -= 1
        self._listener.end(name)

    def characters(self, content: str) -> None:
        self._texts += 1
        if self._texts > TEXTS:
            raise _Refused(f"it has more than {TEXTS} pieces of text")
        self._listener.text(content)


def read_xml(data: bytes, listener: Listener, *, name: str, seconds: float = SECONDS) -> None:
    """Read a document, telling a listener of it.

    Raises
    ------
    BriefError
        It is broken, declares a document type or entities, is too deep, has too many tags or takes too long.
    """
    fix = "open it in the program that wrote it and save it again"
    if data.count(b"<") > 2 * TAGS or data.count(b"\n") > LINES or _LONG_TAG.search(data):
        raise BriefError(f"{name} cannot be a screenplay: too many tags or lines, or a tag too long", fix=fix)
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(_Guard(listener, parser))
    until, stream = time.thread_time() + seconds, io.BytesIO(data)
    try:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
            if time.thread_time() > until:
                # On a slow machine time is up before the tags are counted out: what is wrong is the same.
                many = data.count(b"<") - data.count(b"</") - data.count(b"<!") - data.count(b"<?") > TAGS
                said = f"has more than {TAGS} tags" if many else f"takes longer than {seconds:g} s to read"
                raise _Refused(f"it {said}")
        parser.close()
    except DefusedXmlException as error:
        raise BriefError(f"{name} declares {_declared(error)}, which no screenplay needs", fix=fix) from error
    except _Refused as error:
        raise BriefError(f"{name} cannot be a screenplay: {error.getMessage()}", fix=fix) from error
    except (SAXException, ValueError, LookupError) as error:
        line = getattr(error, "getLineNumber", lambda: None)()
        place = f" in line {line}" if line else ""
        raise BriefError(f"{name} is not whole XML{place}", fix=fix) from error


def _declared(error: DefusedXmlException) -> str:
    kind = type(error).__name__
    return "a document type" if kind == "DTDForbidden" else "entities"
