"""A PostgreSQL server of a test's own: on a socket in a folder of its own, gone when the test is done."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = ("initdb", "pg_ctl", "postgres")


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a database; skip, with the reason, where there is none to be had."""
    missing = [p for p in PROGRAMS if shutil.which(p) is None]
    if missing:
        pytest.skip(f"PostgreSQL's {', '.join(missing)} is not on PATH")
    pytest.importorskip("psycopg", reason="psycopg, PostgreSQL's driver, is not installed")
    user = _user()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="su-pg-", dir=memory))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        _run(["initdb", "-D", str(data), "-U", "secondunit", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
        options = f"-k {folder} -c listen_addresses="
        _run(["pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "-t", "60", "-o", options, "start"], user)
        try:
            yield f"postgresql+psycopg://secondunit@/postgres?host={folder}"
        finally:
            _run(["pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> pwd.struct_passwd | None:
    """Return whom to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("this is root, PostgreSQL refuses to run as root, and there is no other user to run it as")


def _run(command: list[str], user: pwd.struct_passwd | None) -> None:
    other = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        timeout=120,
        **other,
    )  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')}")
