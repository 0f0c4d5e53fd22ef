"""Burn-ins of a previs: lens, height, distance, frame, and the mark that says what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from secondunit.prep.previs.brief import PictureBrief
from secondunit.prep.previs.techvis import Reading

Codes = NDArray[np.uint8]
TEMP_MARK = "PREVIS TEMP"
_PAPER, _TEXT, _DIM, _MARK = (12, 12, 14), (236, 236, 232), (150, 152, 156), (255, 176, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate:
    """What stays the same over a shot."""

    name: str
    """SHW_SEQ_0010."""
    version: str
    lens: str
    """Camera and squeeze in few words."""
    subject: str = ""


def framed(picture: Codes, brief: PictureBrief, reading: Reading, slate: Slate) -> Codes:
    """Return the animatic's frame: the picture in the middle, burn-ins in what is left, else over its edges."""
    height, width = picture.shape[:2]
    canvas = Pillow.new("RGB", (brief.width, brief.height), _PAPER)
    canvas.paste(Pillow.fromarray(picture), ((brief.width - width) // 2, (brief.height - height) // 2))
    size = max(round(brief.height / 34), 9)
    font, small = _font(size), _font(max(round(size * 0.8), 8))
    pen = ImageDraw.Draw(canvas, "RGBA")
    bar = (brief.height - height) // 2
    strip = round(size * 1.9)
    if bar < strip:  # over the picture, on a veil
        pen.rectangle((0, 0, brief.width, strip), fill=(0, 0, 0, 120))
        pen.rectangle((0, brief.height - strip, brief.width, brief.height), fill=(0, 0, 0, 120))
    room = max(bar, strip)
    top, low = max((room - size) // 2, 2), brief.height - room + max((room - size) // 2, 2)
    edge = round(size * 0.9)
    first, last = brief.range.first, brief.range.last
    cut = brief.cut
    where = "" if reading.frame in cut else "  handle"
    head = [(f"{slate.name}  {slate.version}", _TEXT), (TEMP_MARK, _MARK), (f"{reading.frame}{where}", _TEXT)]
    _row(pen, font, brief.width, edge, top, head)
    _row(pen, font, brief.width, edge, low, [(said, _TEXT) for said in told(reading, slate)])
    if room > 3.2 * size:
        pen.text((edge, top + size * 1.35), slate.lens, font=small, fill=_DIM)
        said = f"{first}-{last}  {float(brief.rate):g} fps"
        pen.text(
            (brief.width - edge - pen.textlength(said, font=small), top + size * 1.35), said, font=small, fill=_DIM
        )
    return np.asarray(canvas)


def told(reading: Reading, slate: Slate) -> tuple[str, ...]:
    """Return what the lower line says: lens, height, tilt, distance."""
    distance = "" if reading.distance_m is None else f"{slate.subject} {reading.distance_m:.2f} m".strip()
    parts = (
        f"{reading.focal_mm:.3g} mm",
        f"H {reading.height_m:.2f} m",
        f"tilt {reading.tilt_deg:+.0f}°",
        f"D {distance}" if distance else "",
        f"{reading.speed_m_per_s:.1f} m/s" if reading.speed_m_per_s >= 0.05 else "locked",
    )
    return tuple(p for p in parts if p)


def _row(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    width: int,
    edge: int,
    y: int,
    said: Sequence[tuple[str, tuple[int, int, int]]],
) -> None:
    """Write texts from edge to edge with even gaps."""
    wide = [pen.textlength(text, font=font) for text, _ in said]
    gap = (width - 2 * edge - sum(wide)) / max(len(said) - 1, 1)
    x = float(edge)
    for (text, ink), w in zip(said, wide, strict=True):
        pen.text((x, y), text, font=font, fill=ink)
        x += w + gap


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
