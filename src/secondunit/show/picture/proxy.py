"""What people look at: the review movie and the contact sheets, made from the written comps."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondunit.core.frames import FrameRange, timecode
from secondunit.media.colour import display
from secondunit.media.contact_sheet import burn_in, contact_sheet
from secondunit.media.exr import read_exr
from secondunit.media.movies import write_movie
from secondunit.media.png import write_png
from secondunit.show.picture.passes import Naming

Codes = NDArray[np.uint8]
SHEET_FRAMES = 12
SIDE_FRAMES = 6


def review_frame(naming: Naming, frame: int, *, view: str) -> Codes:
    """Return a written comp as (height, width, 3) uint8: what is viewed is what was rendered."""
    channels, _ = read_exr(naming.folder / naming.file("comp", frame))
    return display(np.stack([channels[c] for c in "RGB"], axis=-1).astype(np.float32), view=view)


def write_proxy(naming: Naming, frames: FrameRange, *, rate: Fraction, view: str, mark: str, label: str) -> Path:
    """Write the review movie; burn-ins and mark only where there is a mark (drafts, never finals).

    Raises
    ------
    BriefError
        A comp is missing or the movie cannot be written.
    """
    path = naming.folder / f"{naming.stem}.mp4"

    def pictures() -> Iterator[Codes]:
        for frame in frames:
            picture = review_frame(naming, frame, view=view)
            if mark:
                when = f"{frame}  {timecode(frame, rate)}"
                picture = burn_in(picture, text_left=f"{naming.stem}  {label}", text_right=when, mark=mark)
            yield picture

    write_movie(path, pictures(), rate=rate)
    return path


def write_contact_sheet(naming: Naming, frames: FrameRange, *, view: str, mark: str, label: str) -> Path:
    """Write a take's contact sheet: twelve frames over its length."""
    chosen = spread(frames, SHEET_FRAMES)
    pictures = [review_frame(naming, frame, view=view) for frame in chosen]
    title = naming.stem + (f"   {mark}" if mark else "")
    sheet = contact_sheet(pictures, columns=4, labels=[str(f) for f in chosen], title=title, subtitle=label)
    path = naming.folder / f"{naming.stem}_contact.png"
    write_png(path, sheet)
    return path


def write_side_by_side(
    path: Path, takes: Sequence[tuple[Naming, str]], frames: FrameRange, *, view: str, title: str
) -> Path:
    """Write takes under each other, each a row of the same frames, so that they can be compared."""
    chosen = spread(frames, SIDE_FRAMES)
    pictures, labels = [], []
    for naming, label in takes:
        for frame in chosen:
            pictures.append(review_frame(naming, frame, view=view))
            labels.append(f"{naming.version}  {label}\n{frame}" if frame == chosen[0] else f"{naming.version}\n{frame}")
    write_png(path, contact_sheet(pictures, columns=len(chosen), labels=labels, title=title))
    return path


def spread(frames: FrameRange, count: int) -> list[int]:
    """Return up to ``count`` frames evenly over a range, both ends among them.

    >>> spread(FrameRange(1001, 1072), 4)
    [1001, 1025, 1048, 1072]
    """
    steps = np.linspace(frames.first, frames.last, min(count, len(frames)))
    return [round(float(step)) for step in steps]
