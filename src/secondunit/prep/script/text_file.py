"""Bytes to text: byte order marks, UTF-16, line ends; and what is no text at all."""

import codecs
import re
from typing import Final

from secondunit.core.errors import BriefError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENDS: Final = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def decode_text(data: bytes, *, name: str) -> tuple[str, str]:
    r"""Return a text with ``\n`` alone at its line ends, and its encoding.

    Without a mark it is UTF-8; UTF-16 where every second byte is nil; else Windows-1252, which old programs write.

    Raises
    ------
    BriefError
        It is no text.

    >>> decode_text(b"\xef\xbb\xbfINT.\r\nx", name="a"), decode_text("é".encode("utf-16"), name="a")
    (('INT.\nx', 'utf-8'), ('é', 'utf-16'))
    """
    encoding = next((code for mark, code in _MARKS if data.startswith(mark)), "")
    if encoding == "utf-8":
        data = data[3:]
    if not encoding:
        head = data[:4096]
        if head.count(0) > len(head) // 4:
            encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    try:
        text = data.decode(encoding or "utf-8")
        encoding = encoding or "utf-8"
    except UnicodeDecodeError as error:
        if encoding:
            raise BriefError(f"{name} is not whole {encoding} text", fix="save it as UTF-8") from error
        try:
            text, encoding = data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError as worse:
            raise BriefError(f"{name} is no text that can be read", fix="save it as UTF-8") from worse
    if len(_CONTROLS.findall(text[:100_000])) > 8:
        raise BriefError(f"{name} is no text: it holds control characters", fix="give the screenplay itself")
    return _ENDS.sub("\n", text), encoding
