"""OpenEXR files as compositors expect them: named channels, ACEScg chromaticities, timecode, whole files only."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.core.threads import compute_threads
from secondunit.imaging.half import HALF_MAX, to_half
from secondunit.media.atomic import whole_file
from secondunit.media.colour import AP1_CHROMATICITIES

_COMPRESSION = {
    "none": OpenEXR.NO_COMPRESSION,
    "zip": OpenEXR.ZIP_COMPRESSION,
    "zips": OpenEXR.ZIPS_COMPRESSION,
    "piz": OpenEXR.PIZ_COMPRESSION,
    "dwaa": OpenEXR.DWAA_COMPRESSION,
    "dwab": OpenEXR.DWAB_COMPRESSION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExrHeader:
    """What a file says of itself."""

    data_window: tuple[int, int, int, int]
    """First column, first row, last column, last row, inclusive, of the pixels that are stored."""
    display_window: tuple[int, int, int, int]
    """The picture, in the same coordinates."""
    attributes: dict[str, Any]
    """Every other attribute by its name, as OpenEXR gives it."""


def exr_timecode(frame: int, rate: Fraction) -> Any:
    """Return the SMPTE timecode attribute of a frame counted from zero.

    Above 30 frames a second timecode counts pairs (or more) of frames (SMPTE ST 12-1 section 12).
    """
    base = round(rate)
    seconds, rest = divmod(frame, base)
    together = ceil(base / 30)
    return OpenEXR.TimeCode(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, rest // together, *([0] * 14))


def _stored(name: str, pixels: NDArray[Any], *, half: bool) -> NDArray[Any]:
    """Return a channel in the type it is stored in: ids as uint32, depth as float, all else half where asked."""
    if pixels.dtype.kind in "ui":
        return np.ascontiguousarray(pixels, dtype=np.uint32)
    if not half or name.split(".")[0].lower().startswith("depth") or name.rsplit(".", 1)[-1] == "Z":
        return np.ascontiguousarray(pixels, dtype=np.float32)
    return to_half(np.clip(pixels, -HALF_MAX, HALF_MAX))


def stored_channels(channels: Mapping[str, NDArray[Any]], *, half: bool = True) -> dict[str, NDArray[Any]]:
    """Return channels as ``write_exr`` stores them and ``read_exr`` gives them back: the same types and values."""
    return {name: _stored(name, pixels, half=half) for name, pixels in sorted(channels.items())}


def write_exr(
    path: Path,
    channels: Mapping[str, NDArray[Any]],
    *,
    frame: int,
    rate: Fraction,
    header: Mapping[str, str] | None = None,
    compression: str = "zip",
    half: bool = True,
) -> None:
    """Write a single-part scan-line EXR; the same arguments give the same bytes.

    Parameters
    ----------
    channels
        (height, width) arrays by name: ``R``, ``G``, ``B``, ``A``, ``depth.Z``, ``motion.X``, ``light.sun.R``, ...
        Integers are stored as uint32, depth channels as float, everything else as half (infinite values and those
        beyond 65504 become 65504).
    frame
        Absolute frame number; written as ``timeCode`` counted from frame zero and as ``imageCounter``.
    header
        Further text attributes, such as ``owner`` or a recipe digest.
    compression
        none, zip, zips, piz, dwaa or dwab.

    Raises
    ------
    BriefError
        No channel, channels of several sizes, an unknown compression, or a folder that cannot be written.
    """
    sizes = {pixels.shape for pixels in channels.values()}
    if len(sizes) != 1 or any(len(size) != 2 or 0 in size for size in sizes):
        raise BriefError(f"{path.name}: channels of sizes {sorted(sizes)}", fix="give (height, width) of one size")
    if compression not in _COMPRESSION:
        raise BriefError(f"EXR compression {compression!r}", fix=f"use one of {', '.join(_COMPRESSION)}")
    attributes: dict[str, Any] = {
        **(header or {}),
        "type": OpenEXR.scanlineimage,
        "compression": _COMPRESSION[compression],
        "chromaticities": AP1_CHROMATICITIES,
        "colorInteropID": "lin_ap1_scene",
        "framesPerSecond": rate,
        "timeCode": exr_timecode(frame, rate),
        "imageCounter": frame,
    }
    stored = stored_channels(channels, half=half)
    with whole_file(path) as temporary:
        try:
            OpenEXR.File(attributes, stored, num_threads=_threads()).write(str(temporary))
        except (RuntimeError, ValueError, TypeError) as error:
            raise BriefError(f"cannot write {path}: {error}", fix="check the channel names and the disk") from error


@cache
def _threads() -> int:
    """Return how many threads pack a file's strips, which come out the same by any number; they are made ready once."""
    count = compute_threads()
    OpenEXR.set_global_thread_count(count if count > 1 else 0)
    return count


def _window(box: Any) -> tuple[int, int, int, int]:
    (left, top), (right, bottom) = box
    return int(left), int(top), int(right), int(bottom)


def _header(raw: Mapping[str, Any]) -> ExrHeader:
    return ExrHeader(
        data_window=_window(raw["dataWindow"]),
        display_window=_window(raw["displayWindow"]),
        attributes={k: v for k, v in raw.items() if k not in ("dataWindow", "displayWindow", "channels")},
    )


def _refuse(path: Path, header: ExrHeader, shapes: Mapping[str, tuple[int, int]], *, limit_px: int) -> None:
    """Refuse what the pixels of cannot be used, before they are read."""
    if header.attributes.get("type") in (OpenEXR.deepscanline, OpenEXR.deeptile):
        raise BriefError(f"{path.name} is a deep EXR", fix="flatten it (DeepToImage) first")
    if any(sampling != (1, 1) for sampling in shapes.values()):
        raise BriefError(f"{path.name} has subsampled (luminance/chroma) channels", fix="save it as RGB")
    for left, top, right, bottom in (header.data_window, header.display_window):
        if (right - left + 1) * (bottom - top + 1) > limit_px:
            raise BriefError(
                f"{path.name} is {right - left + 1} x {bottom - top + 1} pixels (limit {limit_px / 1e6:.0f} million)",
                fix="make it smaller",
            )


def read_exr_header(path: Path, *, limit_px: int = 200_000_000) -> tuple[ExrHeader, tuple[str, ...]]:
    """Return the header and the channel names of a file's first part; errors as `read_exr`."""
    try:
        with OpenEXR.File(str(path), separate_channels=True, header_only=True) as file:
            raw = dict(file.parts[0].header)
    except (RuntimeError, ValueError, OSError, IndexError) as error:
        raise BriefError(f"{path} cannot be read as EXR: {error}", fix="export it again") from error
    header = _header(raw)
    sampling = {c.name: (int(c.xSampling), int(c.ySampling)) for c in raw["channels"]}
    _refuse(path, header, sampling, limit_px=limit_px)
    return header, tuple(sampling)


def read_exr(path: Path, *, limit_px: int = 200_000_000) -> tuple[dict[str, NDArray[Any]], ExrHeader]:
    """Return the channels of a file's first part, each (height, width) of the data window, and its header.

    Raises
    ------
    BriefError
        Missing, damaged or incomplete, deep, subsampled, or larger than ``limit_px``.
    """
    header, _ = read_exr_header(path, limit_px=limit_px)
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            channels = {name: channel.pixels for part in file.parts[:1] for name, channel in part.channels.items()}
    except (RuntimeError, ValueError, OSError) as error:
        raise BriefError(f"{path} cannot be read as EXR: {error}", fix="export it again") from error
    if not channels or any(pixels is None for pixels in channels.values()):
        raise BriefError(f"{path} is incomplete or damaged", fix="export it again")
    return {name: np.array(pixels) for name, pixels in channels.items()}, header
