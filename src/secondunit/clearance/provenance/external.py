"""An external signer: a program that is given bytes and prints their signature. The key never comes here."""

import subprocess
from collections.abc import Sequence

from secondunit.core.errors import BackendError, BriefError


def run_signer(command: Sequence[str], data: bytes, *, timeout_s: float) -> bytes:
    """Return what the program printed for some bytes on its standard input.

    Raises
    ------
    BriefError
        There is no command.
    BackendError
        The program is missing, failed, took too long or printed nothing.
    """
    if not command:
        raise BriefError("no signing command", fix="give the program and its arguments")
    try:
        done = subprocess.run(list(command), input=data, capture_output=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackendError(f"the signer {command[0]} did not answer: {error}", fix="run it by hand") from error
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip()[-200:]
        raise BackendError(f"the signer {command[0]} failed: {said or 'no output'}", fix="run it by hand")
    return done.stdout
