"""Whole files or none: written under another name, then renamed; and what killed runs left of them, swept."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from secondunit.core.errors import BriefError

_MINUTE, _DAY = 60.0, 86_400.0
_TEMPORARY = re.compile(r"\..+\.(?P<process>\d+)\.part(?:\.\w+)?")


@contextmanager
def replacing(path: Path, *, sync: bool = True) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it takes that name.

    The temporary name is hidden, ends like the real one (codecs look at the suffix) and carries the process
    number, so that two processes never share it. On failure it is removed and what was there before stays.

    Parameters
    ----------
    sync
        Wait for the disk first; what can be made again need not wait.

    Raises
    ------
    OSError
        The folder cannot be made or written, or the disk is full.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        temporary.open("wb").close()
        yield temporary
        if sync:
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path as ``replacing`` does, for a file that a person asked for.

    Raises
    ------
    BriefError
        The folder is missing or cannot be written.
    """
    with ExitStack() as stack:
        try:
            temporary = stack.enter_context(replacing(path))
        except OSError as error:
            raise BriefError(
                f"cannot write {path}: {error.strerror}", fix="choose a folder that can be written"
            ) from error
        yield temporary


def sweep(folder: Path) -> None:
    """Remove half-written files that a killed run left; only for a folder that this run holds alone."""
    for pattern in (".*.part", ".*.part.*"):
        for path in folder.rglob(pattern):
            path.unlink(missing_ok=True)


def sweep_shared(folder: Path) -> None:
    """Remove what killed runs left half-written in a folder that other runs may be writing in, the cache.

    A temporary file is left over when the process in its name has gone and it has not changed for a minute (another
    machine's processes are unknown here), or when it has not changed for a day.
    """
    now = time.time()
    for path in folder.rglob("*"):
        found = _TEMPORARY.fullmatch(path.name)
        if not found:
            continue
        try:
            age = now - path.stat().st_mtime
            if age > (_DAY if _is_alive(int(found["process"])) else _MINUTE):
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
