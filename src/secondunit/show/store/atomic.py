"""Files that are whole or not there: a temporary name, then a rename; and sidecars that prove it."""

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from secondunit.core.errors import StoreError

_MINUTE, _DAY = 60.0, 86_400.0


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
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        write(temporary)
        if sync:
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path} cannot be written: {error.strerror or error}", fix="check permissions and free space")


def sweep(folder: Path) -> None:
    """Remove half-written files that a killed run left; only for a folder that this run holds alone."""
    for pattern in (".*.part", ".*.part.*", ".*.tmp", ".*.tmp.*"):
        for path in folder.rglob(pattern):
            path.unlink(missing_ok=True)


_TEMPORARY = re.compile(r"\..+\.(?P<process>\d+)\.(?:tmp|part)(?:\.\w+)?|.+\.part")


def sweep_shared(folder: Path) -> None:
    """Remove what killed runs left half-written in a folder that other runs may be writing in, the cache.

    A temporary file is left over when the process in its name has gone, and it has not changed for a minute (another
    machine's processes are unknown here), or, without such a name, when it has not changed for a day.
    """
    now = time.time()
    for path in folder.rglob("*"):
        found = _TEMPORARY.fullmatch(path.name)
        if not found:
            continue
        try:
            age = now - path.stat().st_mtime
            if age > (_MINUTE if found["process"] and not _is_alive(int(found["process"])) else _DAY):
                path.unlink()
        except OSError:  # gone meanwhile, or not ours to remove: nothing is lost
            continue


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


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
    with path.open("rb") as stream:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def is_sealed(path: Path, proof: Any) -> bool:
    """Whether a file is there and still what its proof says."""
    if not isinstance(proof, dict) or not path.is_file() or path.stat().st_size != proof.get("bytes"):
        return False
    return seal(path) == proof
