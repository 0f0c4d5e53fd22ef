"""What the command line says: results, progress with time left, errors with their exit codes."""

import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from secondunit.core.errors import BackendError, ClearanceError, SecondUnitError, StoreError

Progress = Callable[[str, int, int], None]
STOPPED = 130


def say(text: str) -> None:
    """Print a line for people."""
    sys.stdout.write(text + "\n")


def tell(text: str) -> None:
    """Print a line beside the result, before or while work goes on."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def answer(value: Any, *, as_json: bool, text: str) -> None:
    """Print a result: JSON for machines, else text for people."""
    say(json.dumps(value, indent=2, ensure_ascii=False) if as_json else text)


def refuse(error: BaseException, *, as_json: bool) -> int:
    """Print an error without a traceback; return its exit code.

    What is not of our own making (an engine that failed, a fault of ours) leaves its traceback in a file.
    """
    message, fix, code = str(error) or type(error).__name__, "", 1
    if isinstance(error, SecondUnitError):
        message, fix, code = error.message, error.fix, error.exit_code
    elif isinstance(error, OSError) and error.strerror:
        what = f"{error.filename}: " if error.filename else ""
        message, fix, code = f"{what}{error.strerror}", "check permissions and free space", StoreError.exit_code
    elif isinstance(error, MemoryError):
        message, code = "there is not enough memory", BackendError.exit_code
        fix = "close other programs, give --workers 1, or make dust.cells or the plate smaller"
    else:
        message, fix = f"{type(error).__name__}: {message}", "this is a fault of Second Unit: please report it"
    log = _keep_traceback(error) if code in (1, 4) else None
    roles = error.roles if isinstance(error, ClearanceError) else None
    return complain(message, fix=fix, code=code, kind=type(error).__name__, as_json=as_json, log=log, roles=roles)


def complain(
    message: str,
    *,
    fix: str = "",
    code: int,
    kind: str = "UsageError",
    as_json: bool,
    log: Path | None = None,
    roles: tuple[str, ...] | None = None,
) -> int:
    """Print what is wrong in one line and how to put it right in another; return the exit code."""
    message, fix = one_line(message), one_line(fix)
    if as_json:
        body: dict[str, Any] = {"kind": kind, "message": message, "fix": fix, "exit_code": code}
        body |= {"log": str(log)} if log else {}
        body |= {"roles": list(roles)} if roles is not None else {}
        say(json.dumps({"error": body}, indent=2, ensure_ascii=False))
        return code
    sys.stderr.write(f"error: {message}\n" + (f"  fix: {fix}\n" if fix else "") + (f"  log: {log}\n" if log else ""))
    return code


def one_line(text: str) -> str:
    r"""Return a text on one line, its white space single.

    >>> one_line("a\\n  b")
    'a b'
    """
    return " ".join(text.split())


def _keep_traceback(error: BaseException) -> Path | None:
    try:
        handle, name = tempfile.mkstemp(prefix="secondunit-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write("".join(traceback.format_exception(error)))
    except OSError:
        return None
    return Path(name)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress | None]:
    """Give a progress function ``(stage, done, total)``: bars on a terminal, lines elsewhere, None when quiet."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[Progress]:
    # Rich takes a tenth of a second to load, which --help must not pay.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tasks: dict[str, Any] = {}
    console = Console(stderr=True)
    with Bars(*columns, TextColumn("left"), TimeRemainingColumn(), console=console) as bars:

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                if len(tasks) >= max(console.height - 2, 2):  # what is at work must stay on the screen
                    bars.remove_task(tasks.pop(next(iter(tasks))))
                # What was there before does not count for the speed.
                tasks[stage] = bars.add_task(stage, total=total, completed=done)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def _lines() -> Progress:
    begun: dict[str, tuple[float, int]] = {}
    said: dict[str, float] = {}

    def show(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        start, before = begun.setdefault(stage, (now, done))
        if done < total and now - said.get(stage, 0.0) < 10.0:
            return
        said[stage] = now
        rest = f", about {(now - start) / (done - before) * (total - done):.0f} s left" if before < done < total else ""
        sys.stderr.write(f"{stage}: {done}/{total}, {now - start:.0f} s{rest}\n")
        sys.stderr.flush()

    return show
