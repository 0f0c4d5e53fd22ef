"""Sequence manifests: every frame of a pass with its digest, its prints and the Merkle root over them.

Formats that C2PA cannot embed in (EXR first of all) are bound through this document: it is signed by a sidecar, and
each frame's SHA-256 is in it.
"""

import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from secondunit.clearance.ledger.merkle import leaf_hash, root_of
from secondunit.clearance.policy.canonical import canonical_bytes
from secondunit.clearance.provenance.pixels import GRID, PixelPrint, print_pixels, read_print
from secondunit.core.errors import BriefError, StoreError
from secondunit.media.digest import file_digest
from secondunit.media.exr import read_exr

SCHEMA = "org.secondunit.sequence/1"
SUFFIX = ".sequence.json"
SIDECAR = ".c2pa"
THREADS = 4
Known = Mapping[str, tuple[str, PixelPrint]]
"""By a frame's file name: the SHA-256 of the file as it was written, and the prints of what was written into it."""
_FRAME = re.compile(r"^(?P<base>.+)\.(?P<number>\d{3,})\.exr$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameEntry:
    """One frame as it was signed."""

    frame: int
    file: str
    sha256: str
    size: int
    print: PixelPrint

    def said(self) -> dict[str, Any]:
        """Return it as plain JSON: a leaf of the tree."""
        return {
            "frame": self.frame,
            "file": self.file,
            "sha256": self.sha256,
            "size": self.size,
            **self.print.said(),
        }

    @property
    def leaf(self) -> bytes:
        """Return its canonical bytes."""
        return canonical_bytes(self.said())


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Return the RFC 6962 root over leaves in order, in hex."""
    return root_of([leaf_hash(leaf) for leaf in leaves]).hex()


def delivered_digest(path: Path) -> str:
    """Return the SHA-256 of a file of a delivery.

    Raises
    ------
    StoreError
        It cannot be read.
    """
    try:
        return file_digest(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}", fix="check permissions and the disk") from error


def find_sequences(folder: Path) -> dict[str, list[tuple[int, Path]]]:
    """Return the EXR sequences directly in a folder: base name → frames and files, in order.

    Raises
    ------
    BriefError
        Two files carry one frame number.
    """
    found: dict[str, dict[int, Path]] = {}
    for path in sorted(folder.glob("*.exr")):
        match = _FRAME.match(path.name)
        if match is None or path.name.startswith("."):
            continue
        frames = found.setdefault(match["base"], {})
        number = int(match["number"])
        if number in frames:
            raise BriefError(f"{frames[number].name} and {path.name} carry one number", fix="keep one of the two")
        frames[number] = path
    return {base: sorted(frames.items()) for base, frames in found.items()}


def read_frames(files: Sequence[tuple[int, Path]], *, known: Known | None = None) -> tuple[FrameEntry, ...]:
    """Return the entries of frames: read and decoded in threads, printed in this one.

    A frame whose file still has the digest that goes with its known prints is not decoded again.

    Hashing thousands of small tiles in several threads has them wait for each other: three times slower, measured.

    Raises
    ------
    BriefError
        A frame cannot be decoded.
    """
    found = []
    prints = known or {}
    with ThreadPoolExecutor(THREADS) as pool:
        ahead = deque(pool.submit(_read, path, prints) for _, path in files[: 2 * THREADS])
        for number, (frame, path) in enumerate(files):
            digest, size, seen = ahead.popleft().result()
            if number + 2 * THREADS < len(files):
                ahead.append(pool.submit(_read, files[number + 2 * THREADS][1], prints))
            print_ = seen if isinstance(seen, PixelPrint) else print_pixels(seen)
            found.append(FrameEntry(frame=frame, file=path.name, sha256=digest, size=size, print=print_))
    return tuple(found)


def _read(path: Path, known: Known) -> tuple[str, int, PixelPrint | dict[str, NDArray[Any]]]:
    """Return a frame's digest, its size, and its prints where they are known for this very file, else its channels."""
    digest, size = delivered_digest(path), path.stat().st_size
    said = known.get(path.name)
    return digest, size, said[1] if said is not None and said[0] == digest else read_exr(path)[0]


def sequence_document(base: str, entries: Sequence[FrameEntry], *, statement: Mapping[str, object]) -> bytes:
    """Return a sequence's manifest, ready to be signed."""
    return canonical_bytes(
        {
            "schema": SCHEMA,
            "name": base,
            "pattern": f"{base}.####.exr",
            "grid": GRID,
            "frames": [entry.said() for entry in entries],
            "root": merkle_root([entry.leaf for entry in entries]),
            "statement": dict(statement),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceDocument:
    """A sequence manifest, read back."""

    name: str
    root: str
    frames: tuple[FrameEntry, ...]
    statement: dict[str, Any]


def read_sequence(data: bytes, *, path: Path) -> SequenceDocument:
    """Parse a sequence manifest and check its root.

    Raises
    ------
    StoreError
        It is not one, or its root is not that of its frames.
    """
    try:
        found = json.loads(data)
        if found["schema"] != SCHEMA or found["grid"] != GRID:
            raise ValueError(f"schema {found['schema']}, grid {found['grid']}")
        entries = tuple(_entry(item) for item in found["frames"])
        document = SequenceDocument(
            name=str(found["name"]), root=str(found["root"]), frames=entries, statement=dict(found["statement"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is no sequence manifest: {error}", fix="ask for the delivery again") from error
    if merkle_root([entry.leaf for entry in entries]) != document.root:
        raise StoreError(f"{path}: the root is not that of its frames", fix="ask for the delivery again")
    return document


def _entry(item: Mapping[str, Any]) -> FrameEntry:
    return FrameEntry(
        frame=int(item["frame"]),
        file=_plain_name(item["file"]),
        sha256=str(item["sha256"]),
        size=int(item["size"]),
        print=read_print(item),
    )


def _plain_name(value: object) -> str:
    """Return a file's name; a path that leaves the folder is refused."""
    name = str(value)
    if name in ("", ".", "..") or Path(name).name != name or "\\" in name:
        raise ValueError(f"file {name!r}")
    return name
