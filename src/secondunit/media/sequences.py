"""Numbered image sequences: found from a pattern or from one of their files, with their gaps."""

import re
from dataclasses import dataclass
from pathlib import Path

from secondunit.core.errors import BriefError
from secondunit.core.frames import frame_list

_LONE = re.compile(r"^(?P<prefix>.*?)(?P<number>\d+)(?P<suffix>\.[A-Za-z0-9]+)$")
_PATTERN = re.compile(r"#+|%0?\d*d")
_PHOTOGRAPHS = frozenset((".jpg", ".jpeg", ".jpe", ".webp", ".avif", ".mpo"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSequence:
    """Files of one picture series by their numbers."""

    pattern: str
    """As the field writes it: ``plate.####.exr``."""
    numbers: tuple[int, ...]
    files: tuple[Path, ...]

    def run(self, *, limit: int = 0, named: Path | None = None) -> tuple[Path, ...]:
        """Return the files of an unbroken run from the first number, at most ``limit`` frames (0: to the last).

        ``named`` is the file that a person named, for the advice in the error.

        Raises
        ------
        BriefError
            Numbers are missing from that run; they are named.
        """
        first = self.numbers[0]
        last = self.numbers[-1] if limit <= 0 else min(self.numbers[-1], first + limit - 1)
        missing = sorted(set(range(first, last + 1)) - set(self.numbers)) if last - first < 1_000_000 else []
        if missing or last - first >= 1_000_000:
            what = f"frames {frame_list(missing)}" if missing else f"most frames from {first} to {last}"
            hold = self.files.index(named) + 1 if named in self.files else 1
            raise BriefError(
                f"{self.pattern} lacks {what}",
                fix=f"copy them again, or set plate.hold_frame = {hold} to stand on {self.files[hold - 1].name}",
            )
        return self.files[: last - first + 1]


def _collect(folder: Path, prefix: str, suffix: str) -> ImageSequence | None:
    found: dict[int, Path] = {}
    widths: set[int] = set()
    for file in sorted(folder.iterdir()):
        number = file.name[len(prefix) : len(file.name) - len(suffix)]
        plain = file.name.startswith(prefix) and file.name.endswith(suffix) and number.isascii() and number.isdigit()
        if not plain:
            continue
        if int(number) in found:
            raise BriefError(
                f"{found[int(number)].name} and {file.name} carry the same number", fix="keep one of the two"
            )
        found[int(number)] = file
        widths.add(len(number))
    numbers = tuple(sorted(found))
    pattern = prefix + "#" * min(widths, default=1) + suffix
    return ImageSequence(pattern=pattern, numbers=numbers, files=tuple(found[n] for n in numbers)) if found else None


def find_sequence(path: Path) -> tuple[ImageSequence | None, str]:
    """Return the sequence that a plate's name means, and a note to pass on.

    A pattern (``plate.####.exr``, ``plate.%04d.exr``; any padding is accepted) always means one. The name of an
    existing file means the sequence it belongs to when it has numbered neighbours, except that numbered photographs
    (``IMG_0412.jpg``) stand for themselves; ``01.jpg`` and ``plate.0001.jpg`` do not.

    Raises
    ------
    BriefError
        A pattern that no file answers, or two files of the same number.
    """
    pattern = _PATTERN.search(path.name)
    if pattern and not path.exists():
        prefix, suffix = path.name[: pattern.start()], path.name[pattern.end() :]
        sequence = _collect(path.parent, prefix, suffix) if path.parent.is_dir() else None
        if sequence is None:
            raise BriefError(f"no file answers {path}", fix="check plate.file: folder, name and suffix")
        return sequence, ""
    lone = _LONE.match(path.name)
    if not lone or not path.is_file():
        return None, ""
    prefix, suffix = lone["prefix"], lone["suffix"]
    sequence = _collect(path.parent, prefix, suffix)
    if sequence is None or len(sequence.files) < 2:
        return None, ""
    if suffix.lower() in _PHOTOGRAPHS and prefix and not prefix.endswith("."):
        return None, f"taken as a still; write {sequence.pattern} to take its {len(sequence.files)} neighbours"
    return sequence, f"taken as the sequence {sequence.pattern}, {frame_list(list(sequence.numbers))}"
