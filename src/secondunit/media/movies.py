"""Movies out: an H.264 that plays everywhere and a ProRes 4444 for the cutting room."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from secondunit.core.errors import BackendError, BriefError
from secondunit.media.atomic import whole_file

Codes = NDArray[np.uint8] | NDArray[np.uint16]

_BT709 = 1
_LIMITED = 1
_QUALITY = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Codec:
    encoder: str
    pixels: str
    suffixes: tuple[str, ...]
    even: bool
    """Needs even width and height: chroma is halved."""
    options: dict[str, str]


_CODECS = {
    "h264": _Codec(
        encoder="libx264",
        pixels="yuv420p",
        suffixes=(".mp4", ".mov", ".m4v"),
        even=True,
        options={
            "crf": "17",
            "preset": "medium",
            "profile": "high",
            "x264-params": "open-gop=0:colorprim=bt709:transfer=bt709:colormatrix=bt709",
        },
    ),
    "prores": _Codec(
        encoder="prores_ks",
        pixels="yuv444p10le",
        suffixes=(".mov",),
        even=False,
        options={"profile": "4444", "vendor": "apl0"},
    ),
}


def padded_even(image: NDArray[Any]) -> NDArray[Any]:
    """Return (height, width, 3) with an odd side lengthened by one pixel, a copy of the edge."""
    height, width = image.shape[:2]
    if not (height % 2 or width % 2):
        return image
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def _checked(frames: Iterable[Codes], *, path: Path, even: bool) -> Iterator[NDArray[Any]]:
    size = None
    for number, frame in enumerate(frames, start=1):
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype not in (np.uint8, np.uint16):
            raise BriefError(f"{path.name}: frame {number} is {frame.dtype} {frame.shape}", fix="give 8 or 16-bit RGB")
        if size not in (None, frame.shape):
            raise BriefError(f"{path.name}: frame {number} is {frame.shape}, not {size}", fix="give frames of one size")
        size = frame.shape
        yield padded_even(frame) if even else frame


def _stream(container: Any, codec: _Codec, *, first: NDArray[Any], rate: Fraction) -> Any:
    stream = container.add_stream(codec.encoder, rate=rate, options=codec.options)
    stream.height, stream.width = first.shape[:2]
    stream.pix_fmt = codec.pixels
    context = stream.codec_context
    context.time_base = 1 / rate
    context.gop_size = max(1, round(rate))
    context.thread_count = 2  # the encoder's bits depend on it
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    return stream


def _picture(codes: NDArray[Any], codec: _Codec) -> Any:
    """Return an encoder's frame, carried from full-range RGB to limited-range BT.709."""
    frame = av.VideoFrame.from_ndarray(
        np.ascontiguousarray(codes), format="rgb24" if codes.dtype == np.uint8 else "rgb48le"
    )
    frame = frame.reformat(
        format=codec.pixels,
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=_QUALITY,
        threads=1,
    )
    frame.colorspace, frame.color_range = _BT709, _LIMITED
    return frame


def write_movie(path: Path, frames: Iterable[Codes], *, rate: Fraction, codec: str = "h264") -> int:
    """Write a movie, whole or not at all, and return its number of frames.

    Frames are tagged BT.709 in limited range; groups of pictures are closed and a second long; the index comes first
    (it plays before it is loaded).

    Parameters
    ----------
    frames
        (height, width, 3) uint8 (or uint16, worth it for ProRes) codes for a Rec.709 screen, all of one size. H.264
        halves chroma: an odd side is lengthened by one pixel, a copy of the edge.
    codec
        ``h264`` (8 bit 4:2:0, .mp4) or ``prores`` (ProRes 4444, 10 bit, .mov).

    Raises
    ------
    BriefError
        Unknown codec, a suffix it has no container for, no frame, frames of several sizes.
    BackendError
        The encoder failed.
    """
    if codec not in _CODECS:
        raise BriefError(f"movie codec {codec!r}", fix=f"use one of {', '.join(_CODECS)}")
    chosen = _CODECS[codec]
    if path.suffix.lower() not in chosen.suffixes:
        raise BriefError(f"{path.name}: {codec} does not go into {path.suffix}", fix=f"use {chosen.suffixes[0]}")
    checked = _checked(frames, path=path, even=chosen.even)
    first = next(checked, None)
    if first is None:
        raise BriefError(f"{path.name} would hold no frame", fix="give at least one")
    count = 0
    with whole_file(path) as temporary:
        try:
            with av.open(str(temporary), "w", options={"movflags": "+faststart"}) as container:
                stream = _stream(container, chosen, first=first, rate=rate)
                for codes in chain([first], checked):
                    picture = _picture(codes, chosen)
                    picture.pts, picture.time_base = count, 1 / rate
                    container.mux(stream.encode(picture))
                    count += 1
                container.mux(stream.encode(None))
        except (av.FFmpegError, av.codec.codec.UnknownCodecError) as error:
            raise BackendError(
                f"{path.name}: the {chosen.encoder} encoder failed: {error}", fix="check the disk and the av package"
            ) from error
    return count
