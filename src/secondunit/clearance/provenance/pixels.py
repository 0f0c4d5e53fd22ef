"""Prints of decoded pixels: one digest for the picture, and short ones for a grid of tiles to find a change by.

The print survives a new header or another lossless compression, so a frame is known again; it is no hard binding:
that is the file's own SHA-256. The short tile digests only say where to look.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BackendError, BriefError
from secondunit.media.exr import read_exr

GRID = 16
"""Tiles across and down. 868 x 600 pixels make tiles of about 54 x 38."""
SHORT = 6
"""Bytes of a digest that only locates."""
STILLS = frozenset((".png", ".tif", ".tiff", ".jpg", ".jpeg"))
MOVIES = frozenset((".mp4", ".mov", ".m4v"))

Region = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelPrint:
    """A picture's prints."""

    digest: str
    """SHA-256 over names, types, sizes and every tile of every channel."""
    size: tuple[int, int]
    """Width and height."""
    channels: Mapping[str, str]
    """A short digest of each channel, to name it."""
    tiles: str
    """``GRID`` x ``GRID`` short digests in hex, row by row."""

    def said(self) -> dict[str, Any]:
        """Return the prints as plain JSON."""
        return {
            "pixels": self.digest,
            "pixelSize": list(self.size),
            "channels": dict(self.channels),
            "tiles": self.tiles,
        }

    def changed(self, now: "PixelPrint") -> Region | None:
        """Return left, top, right, bottom (inclusive) around all tiles that differ; None where none does."""
        if self.size != now.size:
            return (0, 0, max(self.size[0], now.size[0]) - 1, max(self.size[1], now.size[1]) - 1)
        step = 2 * SHORT
        pairs = zip(_cut(self.tiles, step), _cut(now.tiles, step), strict=True)
        bad = [n for n, (before, after) in enumerate(pairs) if before != after]
        if not bad:
            return None
        columns, rows = [n % GRID for n in bad], [n // GRID for n in bad]
        across, down = _edges(self.size[0]), _edges(self.size[1])
        return (across[min(columns)], down[min(rows)], across[max(columns) + 1] - 1, down[max(rows) + 1] - 1)

    def changed_channels(self, now: "PixelPrint") -> tuple[str, ...]:
        """Return the channels that differ, came or went."""
        names = sorted(self.channels.keys() | now.channels.keys())
        return tuple(name for name in names if self.channels.get(name) != now.channels.get(name))


def read_print(said: Mapping[str, Any]) -> PixelPrint:
    """Return the prints that ``said`` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        There are none.
    """
    width, height = said["pixelSize"]
    if len(said["tiles"]) != 2 * SHORT * GRID * GRID:
        raise ValueError("tiles of another grid")
    return PixelPrint(
        digest=str(said["pixels"]),
        size=(int(width), int(height)),
        channels={str(name): str(value) for name, value in said["channels"].items()},
        tiles=str(said["tiles"]),
    )


def print_pixels(channels: Mapping[str, NDArray[Any]]) -> PixelPrint:
    """Return the prints of a picture's channels.

    Parameters
    ----------
    channels
        (height, width) arrays by name, in the type they are stored in. A channel of another size than the first (the
        chroma of a movie) is cut into the same number of tiles.
    """
    parts: dict[str, list[bytes]] = {}
    whole = hashlib.sha256()
    for name, pixels in sorted(channels.items()):
        plain = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))
        parts[name] = [hashlib.sha256(tile.tobytes()).digest() for tile in _tiles(plain)]
        whole.update(f"{name}\0{plain.dtype.str}\0{plain.shape[1]}x{plain.shape[0]}\0".encode())
        whole.update(b"".join(parts[name]))
    height, width = max((pixels.shape for pixels in channels.values()), default=(0, 0))
    tiles = [hashlib.sha256(b"".join(parts[name][n] for name in parts)).digest() for n in range(GRID * GRID)]
    return PixelPrint(
        digest=whole.hexdigest(),
        size=(int(width), int(height)),
        channels={name: hashlib.sha256(b"".join(tile)).hexdigest()[: 2 * SHORT] for name, tile in parts.items()},
        tiles=b"".join(tile[:SHORT] for tile in tiles).hex(),
    )


def print_picture(path: Path) -> PixelPrint:
    """Return the prints of an EXR or a still.

    Raises
    ------
    BriefError
        The file cannot be decoded.
    """
    if path.suffix.lower() == ".exr":
        channels, _ = read_exr(path)
        return print_pixels(channels)
    try:
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise BriefError(f"{path} cannot be decoded: {error}", fix="export it again") from error
    if pixels is None:
        raise BriefError(f"{path} cannot be decoded", fix="export it again")
    planes = np.atleast_3d(np.asarray(pixels))
    return print_pixels({str(n): planes[..., n] for n in range(planes.shape[2])})


def print_movie(path: Path) -> Iterator[PixelPrint]:
    """Give the prints of a movie's frames as they are decoded, before any change of colour.

    Raises
    ------
    BackendError
        The movie cannot be decoded; what came before was given.
    """
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield print_pixels({str(n): _plane(frame, n) for n in range(len(frame.planes))})
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise BackendError(f"{path} cannot be decoded: {error}", fix="export it again") from error


def _plane(frame: av.VideoFrame, number: int) -> NDArray[Any]:
    """Return a plane's samples without the padding that a decoder leaves undefined."""
    plane, wide = frame.planes[number], frame.format.components[0].bits > 8
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    each = 1 if frame.format.is_planar else frame.format.padded_bits_per_pixel // (16 if wide else 8)
    used = np.ascontiguousarray(rows[:, : plane.width * each * (2 if wide else 1)])
    return used.view("<u2") if wide else used


def _edges(length: int) -> list[int]:
    return [length * n // GRID for n in range(GRID + 1)]


def _tiles(pixels: NDArray[Any]) -> Iterator[NDArray[Any]]:
    down, across = _edges(pixels.shape[0]), _edges(pixels.shape[1])
    for top, bottom in pairwise(down):
        for left, right in pairwise(across):
            yield pixels[top:bottom, left:right]


def _cut(text: str, step: int) -> list[str]:
    return [text[n : n + step] for n in range(0, len(text), step)]
