"""Records of a show: text and JSON that are whole or not there, and the proof by which a file is known again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from secondunit.core.errors import StoreError
from secondunit.media.atomic import replacing
from secondunit.media.digest import file_digest


def write_whole(path: Path, write: Callable[[Path], object], *, sync: bool = False) -> None:
    """Let ``write`` fill a temporary file next to ``path``, then rename it there.

    Parameters
    ----------
    sync
        Wait for the disk, for records; frames can be made again and need not wait.

    Raises
    ------
    StoreError
        The folder cannot be written or the disk is full.
    """
    try:
        with replacing(path, sync=sync) as temporary:
            write(temporary)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror or error}", fix="check permissions and free space"
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a record as UTF-8, whole and on the disk.

    Raises
    ------
    StoreError
        As ``write_whole``.
    """
    write_whole(path, lambda at: at.write_text(text, encoding="utf-8"), sync=True)


def write_json(path: Path, value: Any, *, sync: bool = True) -> None:
    """Write a record as indented JSON, whole and on the disk.

    Raises
    ------
    StoreError
        As ``write_whole``.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    write_whole(path, lambda at: at.write_text(text, encoding="utf-8"), sync=sync)


def read_json(path: Path) -> Any:
    """Read a record.

    Raises
    ------
    StoreError
        It is missing or no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} is not a whole record", fix="delete it; it will be made again") from error


def seal(path: Path) -> dict[str, Any]:
    """Return what proves a file later: its size and SHA-256."""
    return {"bytes": path.stat().st_size, "sha256": file_digest(path)}


def is_sealed(path: Path, proof: Any) -> bool:
    """Whether a file is there and still what its proof says."""
    if not isinstance(proof, dict) or not path.is_file() or path.stat().st_size != proof.get("bytes"):
        return False
    return seal(path) == proof
