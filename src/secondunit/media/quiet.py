"""Libraries that print what they also raise: their lines are kept off the terminal and out of our JSON."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what a library prints inside, to Python's standard output or straight to the process's standard error.

    For short calls that read one file from outside: what is wrong with it must come as an exception. Python's own
    ``sys.stderr`` goes to the same place and is silent as well; a process without one is left alone.
    """
    with redirect_stdout(io.StringIO()):
        try:
            sys.stderr.flush()
            kept = os.dup(2)
        except (OSError, ValueError, AttributeError):
            yield
            return
        try:
            with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a descriptor, not a path
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
