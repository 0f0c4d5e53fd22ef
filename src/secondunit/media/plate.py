"""The plate: whatever was photographed, as numbered frames of scene-linear ACEScg."""

from collections import OrderedDict
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from secondunit.core.brief import PlateBrief
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.core.recipe import digest
from secondunit.imaging.buffers import Image
from secondunit.imaging.half import HALF_MAX
from secondunit.media.colour import resolve_space, review_view, to_acescg
from secondunit.media.digest import file_digest
from secondunit.media.dpx_still import read_dpx_still
from secondunit.media.exr_still import read_exr_still
from secondunit.media.movie_reader import MOVIE_SUFFIXES, MovieReader
from secondunit.media.sequences import find_sequence
from secondunit.media.stills import PlateMetadata, Still, read_still

DRIFT_STAGE = 0x0D21
"""Stage constant of the drift's random numbers."""

_CACHE_BYTES = 256 * 2**20


class Frames(Protocol):
    """Decoded pictures by their index from 0."""

    def read(self, index: int) -> Still:
        """Return one picture in the file's own encoding."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFiles:
    """One picture a file: a still, or the files of a sequence."""

    files: tuple[Path, ...]
    auto: bool = True

    def read(self, index: int) -> Still:
        """Return one picture in the file's own encoding."""
        path = self.files[index]
        match path.suffix.lower():
            case ".exr":
                return read_exr_still(path)
            case ".dpx":
                return read_dpx_still(path)
            case _:
                return read_still(path, auto=self.auto)


@dataclass(kw_only=True, eq=False)
class PlateSource:
    """An opened plate. Reading is cached; a copy in another process (pickle) reads for itself."""

    path: Path
    width: int
    height: int
    range: FrameRange
    rate: Fraction
    colour_space: str
    """Full OCIO name of what the file is taken for."""
    colour_decided: str
    """How that was decided, in words."""
    notes: tuple[str, ...]
    """What was done to the pictures, for a person to read."""
    digest: str
    """SHA-256 of the file, or of the list of the files' own."""
    metadata: PlateMetadata
    moves: bool
    """Whether the picture differs from frame to frame (by more than the drift)."""
    frames: Frames = field(repr=False)
    held: int = 0
    """Index of the picture that every frame shows, where the plate does not move."""
    drift_px: float = 0.0
    seed: int = 1
    _cache: "OrderedDict[int, tuple[Image, tuple[str, ...]]]" = field(default_factory=OrderedDict, repr=False)

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_cache": OrderedDict()}

    @property
    def review_view(self) -> str:
        """The view under which this plate is reviewed; see `media.colour.review_view`."""
        return review_view(self.colour_space)

    def _picture(self, index: int) -> tuple[Image, tuple[str, ...]]:
        if index not in self._cache:
            still = self.frames.read(index)
            if still.pixels.shape != (self.height, self.width, 3):
                height, width, _ = still.pixels.shape
                raise BriefError(
                    f"picture {index + 1} of {self.path.name} is {width} x {height}, not {self.width} x {self.height}",
                    fix="make all frames one size",
                )
            pixels, mended = _finite(still.pixels)
            image = to_acescg(pixels, self.colour_space)
            image.flags.writeable = False
            room = max(1, _CACHE_BYTES // max(image.nbytes, 1))
            while len(self._cache) >= min(room, 8):
                self._cache.popitem(last=False)
            self._cache[index] = image, (*still.notes, *mended)
        self._cache.move_to_end(index)
        return self._cache[index]

    def _index(self, frame: int) -> int:
        if frame not in self.range:
            raise BriefError(f"frame {frame} lies outside the plate's {self.range}", fix="use a frame of the plate")
        return frame - self.range.first if self.moves else self.held

    def frame(self, frame: int) -> Image:
        """Return (height, width, 3) float32 scene-linear ACEScg of a frame; unclamped, finite, read-only.

        Raises
        ------
        BriefError
            Outside the range, or the file cannot be read there.
        """
        image, _ = self._picture(self._index(frame))
        x, y = self.drift(frame)
        if not (x or y):
            return image
        move = np.array([[1, 0, x], [0, 1, y]], dtype=np.float32)
        drifted = cv2.warpAffine(
            image, move, (self.width, self.height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(drifted, dtype=np.float32)

    def frame_notes(self, frame: int) -> tuple[str, ...]:
        """Return what was done to one frame's picture (alpha dropped, NaN replaced); reads it."""
        return self._picture(self._index(frame))[1]

    def drift(self, frame: int) -> tuple[float, float]:
        """Return how far this frame's picture is moved, pixels to the right and down; (0, 0) without drift.

        A sum of three slow waves of seeded phase, zero at the first frame, never beyond ``drift_px`` from
        the waves' middle: a camera on a good tripod in wind.
        """
        if not self.drift_px:
            return 0.0, 0.0
        phases = np.random.default_rng([self.seed, DRIFT_STAGE]).uniform(0, 2 * np.pi, (2, 3))
        hertz, weight = np.array([0.11, 0.23, 0.41]), np.array([0.6, 0.3, 0.1])
        turn = 2 * np.pi * hertz * float((frame - self.range.first) / self.rate)
        moved = (weight * (np.sin(turn + phases) - np.sin(phases))).sum(axis=1) * self.drift_px
        return float(moved[0]), float(moved[1])


def _finite(pixels: Image) -> tuple[Image, tuple[str, ...]]:
    """Replace what is no number: NaN and minus infinity by 0, infinity by the brightest finite value.

    What is beyond half floats, in which frames are written, is held to their largest value.
    """
    bad = ~np.isfinite(pixels)
    notes = []
    if bad.any():
        brightest = float(np.max(pixels, where=~bad, initial=0.0))
        notes.append(f"{int(bad.any(axis=-1).sum())} pixels with NaN or infinite values replaced")
        pixels = np.nan_to_num(pixels, nan=0.0, posinf=brightest, neginf=0.0)
    beyond = np.abs(pixels) > HALF_MAX
    if beyond.any():
        notes.append(f"{int(beyond.any(axis=-1).sum())} pixels beyond half floats held to {HALF_MAX:.0f}")
        pixels = np.clip(pixels, -HALF_MAX, HALF_MAX)
    return pixels, tuple(notes)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _digest_of(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        raise BriefError(f"cannot read the plate {path}: {error.strerror}", fix="check plate.file") from error


def _colour(brief: PlateBrief, *, guessed: str, decided: str) -> tuple[str, str]:
    if brief.colour_space.strip().lower() not in ("", "auto"):
        return resolve_space(brief.colour_space), "declared in plate.colour_space"
    if not guessed:
        raise BriefError(
            f"{brief.file}: {decided}",
            fix="declare plate.colour_space: logc4, slog3, ... or 'Rec.2100-PQ - Display'",
        )
    return resolve_space(guessed), decided


def _pick(brief: PlateBrief, available: int, name: str) -> tuple[bool, int, int]:
    """Return whether the plate moves, the held index, and the number of frames of the shot."""
    if brief.hold_frame > available or brief.hold_frame < 0:
        raise BriefError(f"plate.hold_frame {brief.hold_frame}: {name} has {available} frames", fix="use 1 to that")
    if brief.hold_frame:
        return False, brief.hold_frame - 1, max(brief.frames, 1)
    return True, 0, min(available, brief.frames) if brief.frames > 0 else available


def open_plate(brief: PlateBrief, *, root: Path, seed: int = 1) -> PlateSource:
    """Open what a brief calls the plate; relative names are looked for under ``root``.

    The first picture is read, so that what is wrong with it is said now.

    Raises
    ------
    BriefError
        Missing, damaged, of an unknown kind or size; a sequence with gaps; an unknown colour space.
    """
    if not brief.file.strip():
        raise BriefError("plate.file is empty", fix="name a still, a sequence or a movie")
    if not brief.file.isprintable():
        raise BriefError(f"plate.file {brief.file!r} holds bytes that are no text", fix="rename the file or its folder")
    path = root / Path(brief.file).expanduser()
    try:
        if path.is_dir():
            raise BriefError(
                f"{path} is a folder", fix=f"name one file in it or a pattern, such as {path.name}/####.jpg"
            )
        sequence, said = (None, "") if path.suffix.lower() in MOVIE_SUFFIXES else find_sequence(path)
    except (OSError, ValueError) as error:
        raise BriefError(f"cannot read the plate {path}: {_reason(error)}", fix="check its folder") from error
    if path.suffix.lower() in MOVIE_SUFFIXES:
        return _open_movie(brief, path)
    if sequence is None or (len(sequence.files) == 1 and path.is_file()):
        return _open_still(brief, path, said, seed=seed)
    auto = brief.colour_space == "auto"
    if brief.hold_frame:
        moves, held, count = _pick(brief, len(sequence.files), sequence.pattern)
        files: tuple[Path, ...] = (sequence.files[held],)
    else:
        files = sequence.run(limit=brief.frames, named=path)
        moves, _, count = _pick(brief, len(files), sequence.pattern)
    manifest = [[file.name, _digest_of(file)] for file in files]
    try:
        return _source(
            brief,
            path.with_name(sequence.pattern),
            frames=PictureFiles(files=files, auto=auto),
            notes=(said,) if said else (),
            digest_=digest(manifest),
            count=count,
            moves=moves,
            rate=brief.rate,
            seed=seed,
        )
    except BriefError as error:  # the file at fault is not the one that was named
        raise BriefError(
            f"{error.message} ({path.name} was {said})" if said else error.message, fix=error.fix
        ) from error


def _open_still(brief: PlateBrief, path: Path, said: str, *, seed: int) -> PlateSource:
    if not path.is_file():
        raise BriefError(f"there is no plate {path}", fix="check plate.file")
    if brief.hold_frame > 1:
        raise BriefError(f"plate.hold_frame {brief.hold_frame}: {path.name} is a still", fix="leave it out")
    return _source(
        brief,
        path,
        frames=PictureFiles(files=(path,), auto=brief.colour_space == "auto"),
        notes=(said,) if said else (),
        digest_=_digest_of(path),
        count=max(brief.frames, 1),
        moves=False,
        rate=brief.rate,
        seed=seed,
    )


def _open_movie(brief: PlateBrief, path: Path) -> PlateSource:
    seen = _digest_of(path)
    reader = MovieReader(path)
    facts = reader.facts
    moves, held, count = _pick(brief, facts.frames, path.name)
    count_said = f"{facts.frames} frames" if facts.frames > 1 else "1 frame"
    said = f"{facts.codec} movie of {count_said} at {float(facts.rate):.6g} frames a second"
    if facts.rate != brief.rate:
        said += f" (the file's own rate is kept, not {float(brief.rate):.6g})"
    return _source(
        brief,
        path,
        frames=reader,
        notes=(said, *facts.notes),
        digest_=seen,
        count=count,
        moves=moves,
        rate=facts.rate,
        held=held,
    )


def _source(
    brief: PlateBrief,
    path: Path,
    *,
    frames: Frames,
    notes: tuple[str, ...],
    digest_: str,
    count: int,
    moves: bool,
    rate: Fraction,
    held: int = 0,
    seed: int = 1,
) -> PlateSource:
    first = frames.read(held)
    height, width, _ = first.pixels.shape
    space, decided = _colour(brief, guessed=first.colour_space, decided=first.decided)
    _, mended = _finite(first.pixels)
    if moves and brief.drift_px:
        notes = (*notes, "plate.drift_px is for stills and was left out")
    return PlateSource(
        path=path,
        width=width,
        height=height,
        range=FrameRange(brief.first_frame, brief.first_frame + count - 1),
        rate=rate,
        colour_space=space,
        colour_decided=decided,
        notes=(*notes, *first.notes, *mended),
        digest=digest_,
        metadata=first.metadata,
        moves=moves,
        frames=frames,
        held=held,
        drift_px=0.0 if moves else brief.drift_px,
        seed=seed,
    )
