"""Contact sheets and burn-ins: pictures with words, fit to hand over."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from secondunit.core.errors import BriefError

Codes = NDArray[np.uint8]

_PAPER = (24, 24, 25)
_FRAME = (46, 46, 48)
_WORDS = (222, 222, 220)
_QUIET = (150, 150, 148)
_MARK = (232, 168, 56)


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _fitted(draw: ImageDraw.ImageDraw, text: str, *, width: float, size: int) -> str:
    """Return a text cut with an ellipsis to fit a width."""
    font = _font(size)
    if draw.textlength(text, font=font) <= width:
        return text
    while text and draw.textlength(text + "...", font=font) > width:
        text = text[:-1]
    return text.rstrip() + "..."


def _check(image: Codes) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise BriefError(f"a sheet needs (height, width, 3) uint8 pictures, not {image.dtype} {image.shape}")


def contact_sheet(
    images: Sequence[Codes],
    *,
    columns: int,
    labels: Sequence[str] = (),
    title: str = "",
    subtitle: str = "",
    cell_width: int = 0,
) -> Codes:
    """Lay pictures side by side on dark neutral paper, each with a caption.

    Parameters
    ----------
    images
        (height, width, 3) uint8 each, of any sizes: each is fitted into a cell of the first one's shape.
    columns
        Pictures in a row.
    labels
        A caption for each picture, or none. A line break starts a second, quieter line.
    subtitle
        A quieter line under the title: rate, recipe, what varies.
    cell_width
        Width of a picture on the sheet in pixels; 0 makes the sheet about 1920 wide.

    Returns
    -------
    sheet
        (height, width, 3) uint8.

    Raises
    ------
    BriefError
        No picture, one of another type, or another number of captions.
    """
    if not images or columns < 1:
        raise BriefError("a contact sheet needs a picture and a column", fix="give at least one of each")
    if labels and len(labels) != len(images):
        raise BriefError(f"{len(labels)} captions for {len(images)} pictures", fix="give one for each")
    for image in images:
        _check(image)
    columns = min(columns, len(images))
    gap = 16
    wide = cell_width or max(96, (1920 - gap * (columns + 1)) // columns)
    tall = max(1, round(wide * images[0].shape[0] / images[0].shape[1]))
    size = min(20, max(12, wide // 26))
    lines = max((label.count("\n") + 1 for label in labels), default=0)
    caption = round(lines * size * 1.4) + (8 if lines else 0)
    head = (gap + 34 if title else 0) + (26 if subtitle else 0) + gap
    rows = -(-len(images) // columns)
    canvas = (gap + columns * (wide + gap), head + rows * (tall + caption + gap))
    sheet = Pillow.new("RGB", canvas, _PAPER)
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((gap, gap), _fitted(draw, title, width=canvas[0] - 2 * gap, size=26), font=_font(26), fill=_WORDS)
    if subtitle:
        at = (gap, gap + 36 if title else gap)
        draw.text(at, _fitted(draw, subtitle, width=canvas[0] - 2 * gap, size=15), font=_font(15), fill=_QUIET)
    for number, image in enumerate(images):
        left, top = gap + number % columns * (wide + gap), head + number // columns * (tall + caption + gap)
        draw.rectangle((left - 1, top - 1, left + wide, top + tall), fill=_FRAME)
        picture = Pillow.fromarray(np.ascontiguousarray(image))
        scale = min(wide / picture.width, tall / picture.height)
        fitted = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(fitted, Pillow.Resampling.LANCZOS)
        sheet.paste(picture, (left + (wide - fitted[0]) // 2, top + (tall - fitted[1]) // 2))
        for line, text in enumerate(labels[number].split("\n") if labels else ()):
            at = (left, top + tall + 6 + round(line * size * 1.4))
            colour = _QUIET if line else _WORDS
            draw.text(at, _fitted(draw, text, width=wide, size=size), font=_font(size), fill=colour)
    return np.asarray(sheet)


def burn_in(image: Codes, *, text_left: str = "", text_right: str = "", mark: str = "") -> Codes:
    """Write into a review picture what it is.

    Parameters
    ----------
    image
        (height, width, 3) uint8; not changed.
    text_left, text_right
        On a dark strip along the foot: show, shot and take; frame and timecode.
    mark
        A framed word at the top right that cannot be overlooked, such as ``AI temp``.

    Returns
    -------
    picture
        A copy of the same size.
    """
    _check(image)
    height, width = image.shape[:2]
    size = max(9, round(min(height, width * 0.62) / 26))
    pad = max(2, size // 2)
    codes = image.copy()
    if text_left or text_right:
        strip = codes[max(0, height - size - 2 * pad) :]
        strip[...] = strip * np.float32(0.35)
    picture = Pillow.fromarray(codes)
    draw = ImageDraw.Draw(picture)
    font = _font(size)
    foot = height - pad - size // 2
    right = draw.textlength(text_right, font=font)
    if text_left:
        words = _fitted(draw, text_left, width=width - right - 4 * pad, size=size)
        draw.text((2 * pad, foot), words, font=font, fill=_WORDS, anchor="lm")
    if text_right:
        draw.text((width - 2 * pad, foot), text_right, font=font, fill=_WORDS, anchor="rm")
    if mark:
        length = draw.textlength(mark, font=font)
        box = (width - 4 * pad - length, pad, width - 2 * pad + pad, 3 * pad + size)
        draw.rounded_rectangle(box, radius=pad, fill=_PAPER, outline=_MARK, width=max(1, size // 10))
        draw.text(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), mark, font=font, fill=_MARK, anchor="mm")
    return np.asarray(picture)
