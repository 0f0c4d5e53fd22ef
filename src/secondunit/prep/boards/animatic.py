"""The animatic: each panel for its length behind a temp slate, as a movie that plays everywhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from secondunit.core.errors import BriefError
from secondunit.media.contact_sheet import burn_in
from secondunit.media.movies import write_movie
from secondunit.prep.boards.lettering import fitted, font_for

Codes = NDArray[np.uint8]
SLATE_FRAMES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A panel's time in the cut."""

    name: str
    art: Codes
    seconds: float
    said: str


def frames_of(seconds: Sequence[float], rate: Fraction) -> list[int]:
    """Return each panel's frames, at least one; rounded on the running total, so that lengths never drift.

    >>> frames_of([1.5, 1.0, 0.02], Fraction(24))
    [36, 24, 1]
    """
    out, done, total = [], 0, Fraction(0)
    for length in seconds:
        total += Fraction(length).limit_denominator(100000) * rate
        count = max(1, round(total) - done)
        done += count
        out.append(count)
    return out


def write_animatic(
    path: Path, beats: Sequence[Beat], *, rate: Fraction, title: str, lines: Sequence[str], width: int = 960
) -> int:
    """Write the animatic and return its frames, the slate's first frame included.

    Parameters
    ----------
    title, lines
        On the slate: show and what this is.

    Raises
    ------
    BriefError
        No panel.
    BackendError
        The encoder failed.
    """
    if not beats:
        raise BriefError("there is no panel for an animatic", fix="draw some boards first")
    aspect = max(b.art.shape[0] / b.art.shape[1] for b in beats)
    height = round(width * aspect / 2) * 2
    counts = frames_of([b.seconds for b in beats], rate)

    def frames() -> Iterator[Codes]:
        slate = _slate(title, lines, width, height)
        for _ in range(SLATE_FRAMES):
            yield slate
        for beat, count in zip(beats, counts, strict=True):
            art = cv2.resize(
                beat.art, (width, round(width * beat.art.shape[0] / beat.art.shape[1])), interpolation=cv2.INTER_AREA
            )
            sheet = np.full((height, width, 3), 20, np.uint8)
            top = max(0, (height - art.shape[0]) // 2)
            sheet[top : top + art.shape[0]] = art[:height]
            picture = burn_in(sheet, text_left=f"{beat.name}   {beat.said}", text_right=f"{count} f", mark="BOARD")
            for _ in range(count):
                yield picture

    return write_movie(path, frames(), rate=rate)


def _slate(title: str, lines: Sequence[str], width: int, height: int) -> Codes:
    sheet = Pillow.new("RGB", (width, height), (18, 18, 19))
    draw = ImageDraw.Draw(sheet)
    big, small = round(height / 12), round(height / 24)
    draw.text(
        (width * 0.08, height * 0.2),
        fitted(draw, title, font_for(title, big), width * 0.84),
        font=font_for(title, big),
        fill=(235, 235, 232),
    )
    for n, line in enumerate(lines):
        at = (width * 0.08, height * 0.2 + big * 1.7 + n * small * 1.6)
        draw.text(
            at,
            fitted(draw, line, font_for(line, small), width * 0.84),
            font=font_for(line, small),
            fill=(170, 170, 168),
        )
    draw.rectangle((width * 0.08, height * 0.86, width * 0.92, height * 0.864), fill=(232, 168, 56))
    return np.asarray(sheet)
