"""A panel as it is pinned up: the drawing in its frame lines, and below it what the shot list says, nothing else."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from secondunit.prep.boards.lettering import fitted, font_for, wrapped
from secondunit.prep.boards.plot import plot
from secondunit.prep.boards.strokes import Hand, stroke
from secondunit.prep.shotlist.shot import ShotEntry, caption_of

Codes = NDArray[np.uint8]
_INK = (28, 28, 30)
_QUIET = (118, 116, 112)
_PAPER = (255, 255, 255)
STATUS_COLOURS = {
    "new": (38, 110, 62),
    "kept": (120, 120, 118),
    "moved": (40, 92, 150),
    "changed": (190, 106, 16),
    "orphaned": (170, 40, 40),
}
_HAND = Hand(wobble_px=0.8, overshoot_px=12.0, taper_px=16.0, tip=0.7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What stands under a panel: shot list fields."""

    name: str
    place: str
    said: str
    note: str
    seconds: str
    status: str
    aspect: str
    own: bool
    """Whether the picture is a person's own drawing."""


def caption_for(name: str, shot: ShotEntry, *, aspect: float, note: str | None = None, own: bool = False) -> Caption:
    """Return a panel's caption from its shot list entry."""
    place = " ".join(p for p in (f"{shot.int_ext}." if shot.int_ext else "", shot.set_name) if p)
    place += f" - {shot.time_of_day}" if shot.time_of_day else ""
    return Caption(
        name=name,
        place=f"SC {shot.scene}   {place}".strip(),
        said=caption_of(shot),
        note=shot.note if note is None else note,
        seconds=f"{float(shot.duration_s):.1f} s",
        status=shot.revision,
        aspect=f"{aspect:.2f}:1",
        own=own,
    )


def framed(art: Codes, *, seed: int) -> Codes:
    """Return a drawing on white with its frame lines drawn round it by hand."""
    height, width = art.shape[:2]
    scale = width / 1600
    pad = round(22 * scale)
    sheet = np.full((height + 2 * pad, width + 2 * pad, 3), 255, np.uint8)
    sheet[pad : pad + height, pad : pad + width] = art
    rng = np.random.default_rng([seed, 91])
    x0, y0, x1, y1 = pad, pad, pad + width, pad + height
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    lines = []
    for weight, shift in ((5.0, 0.0), (1.4, 5.5)):
        for a, b in pairwise(corners):
            ends = np.array([a, b], np.float32)
            if shift:
                away = np.sign(ends - np.array([(x0 + x1) / 2, (y0 + y1) / 2], np.float32))
                ends = np.asarray(ends + away * shift * scale, np.float32)
            lines.append(stroke(ends, width=weight * scale, dark=0.97, hand=_HAND, rng=rng, overshoot=True))
    cover = plot(lines, np.zeros(sheet.shape[:2], np.float32))[..., None]
    return np.asarray(sheet * (1 - cover) + np.asarray(_INK, np.float32) * cover + 0.5, np.uint8)


def panel_sheet(art: Codes, caption: Caption, *, seed: int) -> Codes:
    """Return a panel: the framed drawing over its caption strip."""
    picture = framed(art, seed=seed)
    height, width = picture.shape[:2]
    scale = width / 1644
    strip = round(176 * scale)
    sheet = Pillow.new("RGB", (width, height + strip), _PAPER)
    sheet.paste(Pillow.fromarray(picture), (0, 0))
    draw = ImageDraw.Draw(sheet)

    def size(points: float) -> int:
        return max(8, round(float(points * scale)))

    left, top, right = round(24 * scale), height + round(4 * scale), width - round(24 * scale)
    big = font_for(caption.name, size(40))
    draw.text((left, top), caption.name, font=big, fill=_INK)
    used = left + draw.textlength(caption.name, font=big) + 26 * scale
    small = font_for(caption.seconds + caption.aspect, size(28))
    tail = f"{caption.seconds}   {caption.aspect}"
    room = draw.textlength(tail, font=small)
    draw.text((right - room, top + 8 * scale), tail, font=small, fill=_INK)
    edge = right - room - 24 * scale
    for words, colour in (
        (caption.status, STATUS_COLOURS.get(caption.status, _QUIET)),
        ("own drawing" if caption.own else "", _INK),
    ):
        if words:
            edge = _tag(draw, words.upper(), edge, top, colour, scale)
    place = font_for(caption.place, size(26))
    draw.text((used, top + 12 * scale), fitted(draw, caption.place, place, edge - used), font=place, fill=_QUIET)
    said = font_for(caption.said, size(30))
    y = top + 56 * scale
    draw.text((left, y), fitted(draw, caption.said, said, right - left), font=said, fill=_INK)
    if caption.note:
        note = font_for(caption.note, size(27))
        for n, line in enumerate(wrapped(draw, caption.note, note, right - left, lines=2)):
            draw.text((left, y + (42 + 33 * n) * scale), line, font=note, fill=_QUIET)
    return np.asarray(sheet)


def _tag(
    draw: ImageDraw.ImageDraw, words: str, right: float, top: float, colour: tuple[int, int, int], scale: float
) -> float:
    font = font_for(words, max(8, round(21 * scale)))
    length = draw.textlength(words, font=font)
    box = (right - length - 22 * scale, top + 6 * scale, right, top + 40 * scale)
    draw.rounded_rectangle(box, radius=6 * scale, outline=colour, width=max(1, round(2.4 * scale)))
    draw.text(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), words, font=font, fill=colour, anchor="mm")
    return box[0] - 14 * scale


def fitted_drawing(picture: Codes, *, width: int, height: int) -> Codes:
    """Return a person's own drawing, whole, on white paper of a panel's size."""
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    sheet = np.full((height, width, 3), 255, np.uint8)
    x, y = (width - size[0]) // 2, (height - size[1]) // 2
    sheet[y : y + size[1], x : x + size[0]] = small
    return sheet
