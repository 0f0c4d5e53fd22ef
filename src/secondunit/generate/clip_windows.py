"""Takes cut to what a model accepts, and its frames cut back: frame counts, sizes, stretches that overlap."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from secondunit.core.errors import BackendError
from secondunit.generate.clip import ClipGrid
from secondunit.imaging.clip import Frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some frames of a take, counted from 0, that a model is given at once."""

    first: int
    frames: int
    """That are the take's."""
    padded: int
    """That the model is given: the last is held."""
    kept: int
    """So many at the head are known already."""

    @property
    def indices(self) -> list[int]:
        """The take's frames as given, the last repeated."""
        last = self.first + self.frames - 1
        return [min(self.first + n, last) for n in range(self.padded)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """A picture's place on a model's canvas: worked size, and what is added at the right and below."""

    height: int
    width: int
    padded_height: int
    padded_width: int


def padded_frames(count: int, grid: ClipGrid) -> int:
    """Return the next number of frames that a model accepts.

    >>> wan = ClipGrid(frame_step=4, size_step=16, most_frames=81)
    >>> [padded_frames(n, wan) for n in (1, 2, 5, 72)]
    [1, 5, 5, 73]
    """
    count = max(count, grid.least_frames)
    return -(-(count - 1) // grid.frame_step) * grid.frame_step + 1


def canvas(width: int, height: int, grid: ClipGrid, *, worked_width: int = 0) -> Canvas:
    """Return how pictures of a size are brought to a model.

    Parameters
    ----------
    worked_width
        Width to work at; 0 keeps the size, and only pads.

    >>> canvas(434, 300, ClipGrid(frame_step=8, size_step=32, most_frames=121))
    Canvas(height=300, width=434, padded_height=320, padded_width=448)
    """
    if worked_width:
        width, height = worked_width, max(round(height * worked_width / width), 1)
    step = grid.size_step
    return Canvas(
        height=height, width=width, padded_height=-(-height // step) * step, padded_width=-(-width // step) * step
    )


def stretches(count: int, grid: ClipGrid, *, most: int = 0) -> tuple[Stretch, ...]:
    """Cut a take into stretches of at most ``most`` frames; each begins with the end of the one before.

    >>> [(s.first, s.frames, s.padded, s.kept) for s in stretches(
    ...     100, ClipGrid(frame_step=4, size_step=16, most_frames=81))]
    [(0, 81, 81, 0), (76, 24, 25, 5)]

    Raises
    ------
    BackendError
        There is no room for a new frame beside those that are kept.
    """
    limit = min(most or grid.most_frames, grid.most_frames)
    limit = (limit - 1) // grid.frame_step * grid.frame_step + 1
    kept = grid.frame_step + 1
    if count > limit and limit <= kept:
        raise BackendError(
            f"[clip] frames = {most} leaves no room: {kept} are carried over", fix=f"use {2 * grid.frame_step + 1}"
        )
    found = [Stretch(first=0, frames=min(count, limit), padded=padded_frames(min(count, limit), grid), kept=0)]
    while (end := found[-1].first + found[-1].frames) < count:
        first = end - kept
        frames = min(count - first, limit)
        found.append(Stretch(first=first, frames=frames, padded=padded_frames(frames, grid), kept=kept))
    return tuple(found)


def to_canvas(picture: np.ndarray, place: Canvas, *, nearest: bool = False) -> np.ndarray:
    """Return a picture (height, width[, channels]) at the worked size with its edge pixels repeated to the canvas."""
    if picture.shape[:2] != (place.height, place.width):
        shrinks = place.width < picture.shape[1]
        way = cv2.INTER_NEAREST if nearest else cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(picture, (place.width, place.height), interpolation=way))
    below, right = place.padded_height - place.height, place.padded_width - place.width
    edges = ((0, below), (0, right), *(((0, 0),) if picture.ndim == 3 else ()))
    return np.ascontiguousarray(np.pad(picture, edges, mode="edge"), dtype=np.float32)


def from_canvas(picture: np.ndarray, place: Canvas, *, width: int, height: int) -> np.ndarray:
    """Return a model's picture without its padding, at a size; the exact pixels where no size was changed."""
    cut = picture[: place.height, : place.width]
    if cut.shape[:2] != (height, width):
        way = cv2.INTER_AREA if width < place.width else cv2.INTER_CUBIC
        cut = np.asarray(cv2.resize(np.ascontiguousarray(cut), (width, height), interpolation=way))
    return np.ascontiguousarray(cut, dtype=np.float32)


def check_grid(size: tuple[int, int, int], grid: ClipGrid, *, name: str) -> None:
    """Refuse a window that a model would round by itself.

    Raises
    ------
    BackendError
        Frames or sides that it does not accept.
    """
    frames, height, width = size
    if (frames - 1) % grid.frame_step or frames < grid.least_frames:
        raise BackendError(f"{name} takes {grid.frame_step}k+1 frames, not {frames}", fix="pad the window first")
    if height % grid.size_step or width % grid.size_step:
        raise BackendError(
            f"{name} takes sides in steps of {grid.size_step} px, not {width} x {height}", fix="pad the window first"
        )


def check_frames(frames: Frames, size: tuple[int, int, int], *, name: str) -> Frames:
    """Return a model's frames where they are what was asked for.

    Raises
    ------
    BackendError
        Another number or size, or values that are no pictures.
    """
    if frames.shape != (*size, 3):
        raise BackendError(
            f"{name} returned frames of shape {frames.shape}, not {(*size, 3)}", fix="check the model's files"
        )
    bad = [n for n in range(size[0]) if not np.isfinite(frames[n]).all()]
    if bad:
        raise BackendError(
            f"{name} returned values that are not finite in {len(bad)} of {size[0]} frames",
            fix="another seed, or full precision: device = 'cpu' shows whether the weights are whole",
        )
    return np.ascontiguousarray(frames, dtype=np.float32)


def each(stretch: Stretch) -> Iterator[tuple[int, int]]:
    """Give, for each new frame of a stretch, its place in the stretch and in the take."""
    for n in range(stretch.kept, stretch.frames):
        yield n, stretch.first + n
