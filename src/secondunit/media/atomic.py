"""Whole files or none: written under another name, then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from secondunit.core.errors import BriefError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it is flushed to disk and takes that name.

    The temporary name is hidden, ends like the real one (codecs look at the suffix) and carries the process
    number, so that two processes never share it. On failure it is removed and what was there before stays.

    Raises
    ------
    BriefError
        The folder is missing or cannot be written.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.open("wb").close()
    except OSError as error:
        raise BriefError(f"cannot write {path}: {error.strerror}", fix="choose a folder that can be written") from error
    try:
        yield temporary
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
