"""Letters on boards: the package's own face for Latin, a face of this machine where a caption needs more."""

import os
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

VARIABLE = "SECONDUNIT_FONT"
"""A font file to letter boards with where a caption's script needs one."""
_PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/meiryo.ttc",
    "C:/Windows/Fonts/segoeui.ttf",
)


@lru_cache(maxsize=1)
def candidates() -> tuple[str, ...]:
    """Return the font files that are here, the one a person named first; empty stands for the package's own."""
    own = os.environ.get(VARIABLE, "")
    return (*([own] if own and Path(own).is_file() else []), "", *(p for p in _PLACES if Path(p).is_file()))


@lru_cache(maxsize=64)
def _load(path: str, size: int) -> Font:
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


@lru_cache(maxsize=4096)
def _draws(path: str, letter: str) -> bool:
    """Say whether a font has a letter: what it draws differs from what it draws for no letter at all."""
    if letter.isspace():
        return True
    return _picture(path, letter) != _picture(path, "\U0010fffe")


@lru_cache(maxsize=4096)
def _picture(path: str, letter: str) -> bytes:
    canvas = Image.new("L", (48, 48))
    ImageDraw.Draw(canvas).text((4, 4), letter, font=_load(path, 28), fill=255)
    return canvas.tobytes()


def face_for(text: str) -> str:
    """Return the font file that draws most of a text; the first one that draws all of it."""
    letters = set(text)
    best, most = "", -1
    for path in candidates():
        drawn = sum(_draws(path, letter) for letter in letters)
        if drawn == len(letters):
            return path
        if drawn > most:
            best, most = path, drawn
    return best


def font_for(text: str, size: int) -> Font:
    """Return a font of a size for a text."""
    return _load(face_for(text), size)


def missing_letters(text: str) -> str:
    """Return the letters that no font here draws."""
    face = face_for(text)
    return "".join(sorted({letter for letter in text if not _draws(face, letter)}))


def fitted(draw: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> str:
    """Return a text cut with an ellipsis to fit a width."""
    if draw.textlength(text, font=font) <= width:
        return text
    while text and draw.textlength(text + "…", font=font) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(draw: ImageDraw.ImageDraw, text: str, font: Font, width: float, *, lines: int) -> list[str]:
    """Return a text in at most so many lines; a script without spaces breaks anywhere."""
    out: list[str] = []
    line = ""
    words = text.split(" ") if " " in text else list(text)
    gap = " " if " " in text else ""
    for word in words:
        longer = f"{line}{gap}{word}" if line else word
        if draw.textlength(longer, font=font) <= width or not line:
            line = longer
            continue
        out.append(line)
        line = word
        if len(out) == lines:
            break
    if len(out) < lines:
        out.append(line)
        return [fitted(draw, part, font, width) for part in out]
    out[-1] = fitted(draw, f"{out[-1]} {line}…", font, width)
    return out
