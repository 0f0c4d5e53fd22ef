"""Movies in: any frame by its number, exactly, decoded by PyAV."""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation

from secondunit.core.errors import BriefError
from secondunit.media.colour import SRGB, VIDEO
from secondunit.media.stills import Still, check_size

MOVIE_SUFFIXES = frozenset(
    (
        *(".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mxf", ".mpg", ".mpeg", ".m2v", ".vob"),
        *(".ts", ".mts", ".m2ts", ".ogv", ".mjpg", ".mjpeg", ".dv", ".3gp"),
    )
)

_QUALITY = (
    Interpolation.BICUBIC
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
    | Interpolation.ACCURATE_RND
    | Interpolation.BITEXACT
)
_MATRICES = {1: "BT.709", 4: "FCC", 5: "BT.601", 6: "BT.601", 7: "SMPTE 240M", 9: "BT.2020"}
_BT709, _BT601, _UNSPECIFIED = 1, 5, 2
_HDR = {16: "PQ", 18: "HLG"}
_YUV_WHITE = 0xFF00
"""swscale carries 8-bit full scale to 255 * 256 of 16-bit RGB; what exceeds it is over white."""
_NEAR = 48
"""Frames ahead that are reached by decoding on rather than by a seek."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieFacts:
    """What a movie says of itself."""

    width: int
    height: int
    rate: Fraction
    frames: int
    codec: str
    colour_space: str
    decided: str
    notes: tuple[str, ...]


def _rate(stream: Any) -> Fraction:
    """Return the stream's rate, on the NTSC or whole number it is nearest to (within 0.02 %)."""
    raw = Fraction(stream.average_rate or stream.guessed_rate or stream.base_rate or 0)
    if not 1 <= raw <= 1000:
        raise BriefError(f"the movie runs at {raw} frames a second", fix="use 1 to 1000")
    exact = [Fraction(n) for n in range(1, 241)] + [Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)]
    near = min(exact, key=lambda rate: abs(rate - raw))
    return near if abs(near - raw) < raw / 5000 else raw


class MovieReader:
    """Frames of one movie's first picture stream, by their index from 0. Can be pickled to another process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._container: Any = None
        self._frames: Any = None
        self._next = 0
        self._times = self._index()
        self.facts = self._probe()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_container": None, "_frames": None, "_next": 0}

    def _open(self) -> Any:
        try:
            container = av.open(str(self.path))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise BriefError(f"{self.path.name} cannot be opened as a movie: {error}", fix="export it again") from error
        if not container.streams.video:
            container.close()
            raise BriefError(f"{self.path.name} holds no pictures", fix="use a movie with a video stream")
        container.streams.video[0].thread_type = "AUTO"
        return container

    def _index(self) -> list[int]:
        """Return the time of every frame in the order of showing, without decoding; doubtful times as counts."""
        with self._open() as container:
            packets = []
            try:
                for packet in container.demux(container.streams.video[0]):
                    if packet.size and not packet.is_discard:
                        packets.append(packet.pts)
            except av.FFmpegError as error:
                raise BriefError(f"{self.path.name} is damaged: {error}", fix="export it again") from error
        if not packets:
            raise BriefError(f"{self.path.name} holds no frame", fix="export it again")
        self._seekable = None not in packets and len(set(packets)) == len(packets)
        return sorted(packets) if self._seekable else list(range(len(packets)))

    def _probe(self) -> MovieFacts:
        frame = self._decode(0)
        stream = self._container.streams.video[0]
        turned = round(frame.rotation / 90) % 2
        width, height = (frame.height, frame.width) if turned else (frame.width, frame.height)
        check_size(self.path.name, width=width, height=height)
        notes = self._shortness(stream)
        if frame.rotation:
            notes.append(f"turned upright by {frame.rotation} degrees as the file says")
        if frame.interlaced_frame:
            notes.append("interlaced: worked on as whole frames; deinterlace it first where it combs")
        aspect = stream.sample_aspect_ratio
        if aspect and aspect != 1:
            notes.append(f"pixel aspect {aspect}: worked on as it is; set camera.filmback_mm to the true aspect")
        if "a" in stream.format.name.removesuffix("le").removesuffix("be")[3:4]:
            notes.append("alpha dropped: a plate has none")
        matrix, assumed = self._matrix(frame)
        if assumed:
            notes.append(f"no colour matrix in the file: {_MATRICES[matrix]} taken by its height")
        space, decided = self._space(frame)
        return MovieFacts(
            width=width,
            height=height,
            rate=_rate(stream),
            frames=len(self._times),
            codec=stream.codec_context.name,
            colour_space=space,
            decided=decided,
            notes=tuple(notes),
        )

    def _shortness(self, stream: Any) -> list[str]:
        """Say where fewer frames can be read than the file itself says it has."""
        lasts = float(stream.duration * stream.time_base) if stream.duration else (self._container.duration or 0) / 1e6
        said = stream.frames or round(lasts * float(_rate(stream)))
        if len(self._times) >= 0.9 * said - 2:
            return []
        return [f"the file says {said} frames, {len(self._times)} can be read: it is cut off or damaged"]

    @staticmethod
    def _matrix(frame: Any) -> tuple[int, bool]:
        if frame.colorspace in _MATRICES or frame.format.is_rgb:
            return frame.colorspace if frame.colorspace in _MATRICES else _BT709, False
        return (_BT709 if frame.height >= 720 else _BT601), True

    @staticmethod
    def _space(frame: Any) -> tuple[str, str]:
        if frame.color_trc in _HDR:
            return "", f"the movie is HDR ({_HDR[frame.color_trc]})"
        if frame.color_trc == 13:
            return SRGB, "the movie says sRGB"
        return VIDEO, "movies are taken for Rec.709 on a BT.1886 screen"

    def _seek(self, index: int) -> None:
        """Stand before a frame: at the last key frame not after it, or at the start where times are doubtful."""
        if self._container is not None:
            self._container.close()
        self._container = self._open()
        stream = self._container.streams.video[0]
        self._next = 0
        if self._seekable and index > 0:
            self._container.seek(self._times[index], stream=stream, backward=True)
            self._next = -1
        self._frames = self._container.decode(stream)

    def _decode(self, index: int) -> Any:
        if self._frames is None or self._next < 0 or not self._next <= index <= self._next + _NEAR:
            self._seek(index)
        try:
            for frame in self._frames:
                at = self._next
                if self._seekable and frame.pts is not None:
                    at = bisect_right(self._times, frame.pts) - 1
                self._next = at + 1
                if at == index:
                    return frame
                if at > index:
                    break
        except av.FFmpegError as error:
            self._frames = None
            raise BriefError(
                f"{self.path.name} is damaged at frame {index + 1}: {error}", fix="export it again"
            ) from error
        self._frames = None
        if self._seekable:  # the seek landed late, or times lie: count from the start
            self._seekable = False
            return self._decode(index)
        raise BriefError(
            f"{self.path.name} ends before frame {index + 1} of {len(self._times)}", fix="export it again or take fewer"
        )

    def read(self, index: int) -> Still:
        """Return a frame (0 is the first), upright, in the movie's own encoding.

        Raises
        ------
        BriefError
            The movie is damaged there or ends earlier.
        """
        if not 0 <= index < len(self._times):
            raise BriefError(f"{self.path.name} has {len(self._times)} frames, not {index + 1}", fix="take fewer")
        frame = self._decode(index)
        matrix, _ = self._matrix(frame)
        rgb = frame.reformat(
            format="rgb48le",
            src_colorspace=matrix,
            dst_colorspace=_BT709,
            interpolation=_QUALITY,
            threads=1,
        )
        turns = round(frame.rotation / 90) % 4
        white = np.float32(0xFFFF if frame.format.is_rgb else _YUV_WHITE)
        pixels = np.rot90(rgb.to_ndarray(), turns).astype(np.float32) / white
        space, decided = self._space(frame)
        return Still(pixels=np.ascontiguousarray(pixels), colour_space=space, decided=decided)
