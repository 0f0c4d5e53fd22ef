"""Frames, rates and timecode. Frames are integers, rates are fractions, ranges are inclusive."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from secondunit.core.errors import BriefError

_NTSC = {"23.976": 24, "23.98": 24, "29.97": 30, "47.952": 48, "47.95": 48, "59.94": 60, "119.88": 120}


def frame_rate(text: str | int | float | Fraction) -> Fraction:
    """Read a frame rate exactly.

    The decimal short forms of the NTSC family mean their exact fractions.

    >>> frame_rate("23.976"), frame_rate(25), frame_rate("30000/1001")
    (Fraction(24000, 1001), Fraction(25, 1), Fraction(30000, 1001))

    Raises
    ------
    BriefError
        The text is no rate, or lies outside 1 to 1000 frames a second.
    """
    name = str(text).strip()
    try:
        rate = Fraction(_NTSC[name] * 1000, 1001) if name in _NTSC else Fraction(name)
    except (ValueError, ZeroDivisionError):
        raise BriefError(f"{text!r} is not a frame rate", fix="write 24, 25, 23.976 or 24000/1001") from None
    if not 1 <= rate <= 1000:
        raise BriefError(f"a rate of {name} frames a second is out of range", fix="use 1 to 1000")
    return rate


@dataclass(frozen=True, slots=True, order=True)
class FrameRange:
    """An inclusive run of frame numbers.

    >>> list(FrameRange(1001, 1003)), len(FrameRange(1001, 1072)), str(FrameRange(1001, 1072))
    ([1001, 1002, 1003], 72, '1001-1072')
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BriefError(
                f"frame range {self.first}-{self.last} ends before it starts",
                fix="give the first frame, then the last",
            )

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.first <= frame <= self.last

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def without_handles(self, handles: int) -> "FrameRange":
        """Return the cut: this range less its handles at both ends.

        Raises
        ------
        BriefError
            The handles leave no frame.
        """
        if handles < 0 or len(self) <= 2 * handles:
            raise BriefError(
                f"{handles} + {handles} handles leave no frame of {self}",
                fix="make the shot longer or the handles shorter",
            )
        return FrameRange(self.first + handles, self.last - handles)


def timecode(frame: int, rate: Fraction) -> str:
    """Return the non-drop timecode ``HH:MM:SS:FF`` of a frame counted from zero.

    >>> timecode(1001, Fraction(24))
    '00:00:41:17'
    """
    base = round(rate)
    seconds, rest = divmod(frame, base)
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"


def frame_list(frames: list[int]) -> str:
    """Write frames as short runs, as the field does.

    >>> frame_list([1001, 1002, 1003, 1007])
    '1001-1003, 1007'
    """
    runs: list[list[int]] = []
    for frame in sorted(set(frames)):
        if runs and frame == runs[-1][1] + 1:
            runs[-1][1] = frame
        else:
            runs.append([frame, frame])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs)
