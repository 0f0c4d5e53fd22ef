"""What the command line says: results, progress with time left, errors with their exit codes."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from secondunit.core.errors import ClearanceError, SecondUnitError

Progress = Callable[[str, int, int], None]
STOPPED = 130


def say(text: str) -> None:
    """Print a line for people."""
    sys.stdout.write(text + "\n")


def answer(value: Any, *, as_json: bool, text: str) -> None:
    """Print a result: JSON for machines, else text for people."""
    say(json.dumps(value, indent=2, ensure_ascii=False) if as_json else text)


def refuse(error: SecondUnitError, *, as_json: bool) -> int:
    """Print an error without a traceback; return its exit code."""
    if as_json:
        kind = type(error).__name__
        body: dict[str, Any] = {"kind": kind, "message": error.message, "fix": error.fix, "exit_code": error.exit_code}
        if isinstance(error, ClearanceError):
            body["roles"] = list(error.roles)
        say(json.dumps({"error": body}, indent=2, ensure_ascii=False))
    else:
        sys.stderr.write(f"error: {error.message}\n")
        if error.fix:
            sys.stderr.write(f"  fix: {error.fix}\n")
    return error.exit_code


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
    with Bars(*columns, TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True)) as bars:

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def _lines() -> Progress:
    begun: dict[str, float] = {}
    said: dict[str, float] = {}

    def show(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        start = begun.setdefault(stage, now)
        if done < total and now - said.get(stage, 0.0) < 10.0:
            return
        said[stage] = now
        left = (now - start) / done * (total - done) if done else 0.0
        rest = f", about {left:.0f} s left" if 0 < done < total else ""
        sys.stderr.write(f"{stage}: {done}/{total}, {now - start:.0f} s{rest}\n")
        sys.stderr.flush()

    return show
