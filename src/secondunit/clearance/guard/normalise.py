"""Text as a reader would hear it: the tricks of spelling undone, so that a name is the same name.

Look-alike letters are those of Unicode's confusables (UTS 39) that have a plain Latin twin and are used in prose.
"""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

_TWINS = {
    # Cyrillic
    **dict(zip("аеорсухіјѕһԁѵԛԝвнкмтгп", "aeopcyxijshdvqwbhkmtrn", strict=True)),
    # Greek
    **dict(zip("αβεηικνορτυχωγσςμκζ", "abenikvoptuxwyoomkz", strict=True)),
    # Armenian, Latin relatives, Cherokee in lower case
    **dict(zip("օսհոցıɑɡɩʟɴʀʏßøđłħŧðþæœ", "ouhngiagilnrybodlhtdpao", strict=True)),
    **dict(zip("ꭰꭱꭲꭺꮃꮇꮋꮖꮲꮪꮓ", "drialmhgpsz", strict=True)),
}
_CYRILLIC = {
    **dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufye", strict=True)),
    "ж": "zh", "й": "y", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ё": "e",
    "ъ": "", "ь": "", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ј": "j",
}  # fmt: skip
_GREEK = {
    **dict(zip("αβγδεζηικλμνξοπρσςτυφχω", "avgdeziiklmnxoprsstyfho", strict=True)),
    "θ": "th", "ψ": "ps",
}  # fmt: skip
_LEET = tuple(str.maketrans("034578@$+1!|", f"oeastbast{one * 3}") for one in "il")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}){6,}\b")
DEPTH = 2
"""How often one encoding may lie in another."""


def plain(text: str) -> str:
    """Return text with compatibility forms, case, accents and invisible characters undone (NFKC, then no marks).

    >>> plain("Sebastião SALGADO"), plain("𝓑𝓪𝓷𝓴𝓼𝔂")
    ('sebastiao salgado', 'banksy')
    """
    shown = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c in "\n\t")
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", shown).casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def twins(text: str) -> str:
    """Return plain text with look-alike letters made Latin."""
    return "".join(_TWINS.get(c, c) for c in text)


def readings(text: str) -> Iterator[str]:
    """Give the ways in which a text may be meant: as it is, undisguised, decoded, transliterated.

    All are in the form of ``plain``. The first is the text itself.
    """
    seen: set[str] = set()
    for decoded in _decoded(text, DEPTH):
        base = plain(decoded)
        for reading in (base, twins(base), _translit(base, _CYRILLIC), _translit(base, _GREEK), *_unleet(twins(base))):
            if reading not in seen:
                seen.add(reading)
                yield reading


def hidden_readings(text: str) -> Iterator[str]:
    """Give readings that hardly any honest text matches: backwards, and shifted by thirteen letters."""
    base = plain(text)
    yield base[::-1]
    yield codecs.encode(base, "rot13")


def _decoded(text: str, depth: int) -> Iterator[str]:
    yield text
    if depth == 0:
        return
    for other in {html.unescape(text), unquote(text), _ESCAPE.sub(_character, text)} - {text}:
        yield from _decoded(other, depth - 1)
    for found in _BASE64.findall(text):
        yield from _bytes_as_text(_from_base64(found), depth)
    for found in _HEX.findall(text):
        yield from _bytes_as_text(bytes.fromhex(found), depth)


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))


def _from_base64(text: str) -> bytes:
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _bytes_as_text(data: bytes, depth: int) -> Iterator[str]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    if text and text.isprintable():
        yield from _decoded(text, depth - 1)


def _translit(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(c, c) for c in text)


def _unleet(text: str) -> Iterator[str]:
    """Give text with digits and signs read as letters, in words that mix them."""
    words = re.split(r"(\s+)", text)
    for table in _LEET:
        yield "".join(w.translate(table) if any(c.isalpha() for c in w) else w for w in words)
