"""Sizes and lengths that a video generator takes, and the way back to the picture's own.

Wan 2.1/2.2 (its VAE halves space eight times over two-pixel patches, time four times): sides are multiples of 16,
frames 4k + 1. LTX-Video and LTX-2 (space 32 times, time eight times): sides multiples of 32, frames 8n + 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.prep.previs.brief import Model

Pixels = TypeVar("Pixels", bound=NDArray[Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a model's sides and lengths are multiples of."""

    side: int
    step: int
    """Frames are a multiple of this, and one."""
    least: int
    """Frames of the shortest clip."""


GRIDS: Final[Mapping[Model, Grid]] = {
    "wan": Grid(side=16, step=4, least=5),
    "ltx": Grid(side=32, step=8, least=9),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Padding:
    """A picture of so many frames inside a legal clip."""

    width: int
    height: int
    frames: int
    """Of the picture."""
    full_width: int
    full_height: int
    full_frames: int
    """Of the clip that a generator is handed."""
    left: int
    top: int

    def trim(self, picture: Pixels) -> Pixels:
        """Return the picture of a legal frame (full_height, full_width, ...), exactly.

        Raises
        ------
        BriefError
            It has another size.
        """
        if picture.shape[:2] != (self.full_height, self.full_width):
            raise BriefError(
                f"a frame of {picture.shape[1]} x {picture.shape[0]} is none of {self.full_width} x {self.full_height}",
                fix="hand back what the generator made, at its own size",
            )
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]  # type: ignore[return-value]

    def widened(self, camera: Camera) -> Camera:
        """Return the camera of the legal frame: more of the sensor, pixels where they were."""
        back = camera.filmback
        across, up = back.width_mm / self.width, back.height_mm / self.height
        right, low = self.full_width - self.width - self.left, self.full_height - self.height - self.top
        wide = replace(
            back,
            width_mm=across * self.full_width,
            height_mm=up * self.full_height,
            offset_x_mm=back.offset_x_mm + across * (right - self.left) / 2,
            offset_y_mm=back.offset_y_mm + up * (self.top - low) / 2,
        )
        return replace(camera, filmback=wide)

    def source_frame(self, index: int) -> int:
        """Return which frame of the picture (from 0) a frame of the clip shows: the last is held over the padding."""
        return min(index, self.frames - 1)

    def said(self) -> dict[str, Any]:
        """Return how it is padded and how to trim it, for a record."""
        return {
            "full_size": [self.full_width, self.full_height],
            "full_frames": self.full_frames,
            "picture_size": [self.width, self.height],
            "picture_frames": self.frames,
            "crop_left_top_width_height": [self.left, self.top, self.width, self.height],
            "padded": "sides are rendered beyond the picture; the last frame is held",
            "trim": f"keep the first {self.frames} frames; crop {self.width}x{self.height}+{self.left}+{self.top}",
            "ffmpeg": f"-frames:v {self.frames} -vf crop={self.width}:{self.height}:{self.left}:{self.top}",
        }


def legal_frames(frames: int, model: Model) -> int:
    """Return the shortest legal length that holds so many frames.

    >>> [legal_frames(n, "wan") for n in (1, 81, 82, 96)], [legal_frames(n, "ltx") for n in (96, 97, 98)]
    ([5, 81, 85, 97], [97, 97, 105])
    """
    grid = GRIDS[model]
    return max(grid.least, -(-(frames - 1) // grid.step) * grid.step + 1)


def padding_for(*, aspect: float, frames: int, model: Model, budget_px: int) -> Padding:
    """Return the largest picture of an aspect inside a legal frame of at most so many pixels.

    Of the legal frames the one is taken whose picture has the most pixels, then the one that wastes least.

    Raises
    ------
    BriefError
        No legal frame fits into the budget.
    """
    side = GRIDS[model].side
    best: tuple[int, int] | None = None
    chosen: tuple[int, int, int, int] | None = None
    for full_height in range(side * 4, 4096 + side, side):
        for full_width in range(side * 4, min(budget_px // full_height, 8192) + 1, side):
            width = min(full_width, round(full_height * aspect / 2) * 2)
            height = min(full_height, round(width / aspect / 2) * 2)
            if abs(width / height / aspect - 1) > 0.006:
                continue
            rank = (width * height, -full_width * full_height)
            if best is None or rank > best:
                best, chosen = rank, (width, height, full_width, full_height)
    if chosen is None:
        raise BriefError(f"no legal frame of {model} has {budget_px} pixels or fewer", fix="raise budget_px")
    width, height, full_width, full_height = chosen
    return Padding(
        width=width,
        height=height,
        frames=frames,
        full_width=full_width,
        full_height=full_height,
        full_frames=legal_frames(frames, model),
        left=(full_width - width) // 2,
        top=(full_height - height) // 2,
    )


def near_and_far(depths: NDArray[np.float32], *, share: float = 0.02, far_share: float = 0.001) -> tuple[float, float]:
    """Return metres between which a clip's depths lie; what is endless does not count.

    The nearest two hundredths are left to be white, else somebody who passes the lens leaves all else black.
    """
    finite = depths[np.isfinite(depths) & (depths > 0)]
    if not finite.size:
        return 1.0, 2.0
    near, far = (float(v) for v in np.quantile(finite, (share, 1 - far_share)))
    return near, max(far, near * 1.01)


def disparity(depth: NDArray[np.float32], near: float, far: float) -> NDArray[np.float32]:
    """Return nearness, 1 at ``near`` to 0 at ``far`` and beyond, linear in one over metres: what depth models give.

    >>> disparity(np.array([1.0, 2.0, np.inf], np.float32), 1.0, 2.0).tolist()
    [1.0, 0.0, 0.0]
    """
    with np.errstate(divide="ignore"):
        inverse = 1.0 / np.maximum(depth, 1e-6)
    return np.asarray(np.clip((inverse - 1 / far) / (1 / near - 1 / far), 0.0, 1.0), np.float32)


def metres_of(code: NDArray[np.float32], near: float, far: float) -> NDArray[np.float32]:
    """Return metres of nearness 0 to 1: the way back from `disparity`."""
    return np.asarray(1.0 / (code * (1 / near - 1 / far) + 1 / far), np.float32)


def id_colour(number: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Return (..., 3) flat colours of ids: the same id has the same colour in every shot; below 0 black.

    Hues go round by the golden angle, so that neighbours in number are far apart in colour.
    """
    turn = np.asarray(number, np.float64) * 0.61803398875 % 1.0
    band = np.asarray(number) % 3
    value = np.choose(band, [0.95, 0.75, 0.55])
    strength = np.choose((np.asarray(number) // 3) % 2, [0.75, 0.45])
    sector = turn * 6
    ramp = np.stack([(sector + shift) % 6 for shift in (5.0, 3.0, 1.0)], axis=-1)
    rgb = value[..., None] * (1 - strength[..., None] * np.clip(np.minimum(ramp, 4 - ramp), 0, 1))
    return np.where(np.asarray(number)[..., None] < 0, 0, np.round(rgb * 255)).astype(np.uint8)
