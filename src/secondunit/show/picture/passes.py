"""A frame's files: EXRs that a compositor can use, named as the field names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondunit.media.exr import write_exr

PASSES = ("comp", "element", "cleanplate", "matte", "shadow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How a take's files are called: ``SHW_SEQ_0010_comp_t001/SHW_SEQ_0010_comp_t001.1001.exr``."""

    folder: Path
    show: str
    shot: str
    version: str
    """``t001`` of a take, ``v001`` of a publish."""

    @property
    def stem(self) -> str:
        """Show, shot and version, for files that are no pass."""
        return f"{self.show}_{self.shot}_{self.version}"

    def sequence(self, name: str) -> str:
        """Return the base name of a pass's files and of their folder."""
        return f"{self.show}_{self.shot}_{name}_{self.version}"

    def file(self, name: str, frame: int) -> str:
        """Return a frame's file of a pass, relative to the take's folder."""
        base = self.sequence(name)
        return f"{base}/{base}.{frame:04d}.exr"

    def record(self, frame: int) -> Path:
        """Return where a frame's record lies."""
        return self.folder / "frames" / f"{frame:04d}.json"


def take_naming(folder: Path, *, show: str, shot: str, number: int) -> Naming:
    """Return how the files of a take of a shot are called.

    Parameters
    ----------
    folder
        The shot's.
    """
    version = f"t{number:03d}"
    return Naming(folder=folder / "takes" / version, show=show, shot=shot, version=version)


def rgb(pixels: NDArray[np.float32], prefix: str = "") -> dict[str, NDArray[Any]]:
    """Return (height, width, 3 or 4) pixels as channels R, G, B and, where there is one, A."""
    return {f"{prefix}{c}": pixels[..., n] for n, c in enumerate("RGBA"[: pixels.shape[-1]])}


def write_passes(
    passes: Mapping[str, Mapping[str, NDArray[Any]]],
    *,
    naming: Naming,
    frame: int,
    rate: Fraction,
    header: Mapping[str, str],
    headers: Mapping[str, Mapping[str, str]] | None = None,
) -> list[str]:
    """Write a frame's passes; return their names relative to the take's folder.

    Parameters
    ----------
    header, headers
        Text attributes of every file, and those of one pass by its name.

    Raises
    ------
    BriefError
        A file cannot be written.
    """
    names = []
    for name, channels in passes.items():
        relative = naming.file(name, frame)
        path = naming.folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        write_exr(path, channels, frame=frame, rate=rate, header={**header, **(headers or {}).get(name, {})})
        names.append(relative)
    return names
