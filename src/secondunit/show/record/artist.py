"""Who is at work here, where nobody said: git's user.name, the login's full name, or the login itself."""

import getpass
import pwd
import subprocess


def artist_here() -> tuple[str, str]:
    """Return a name, and where it was found, in words; both empty where nothing tells.

    A show needs its artist named, so that somebody else approves; this is the best guess, said aloud.
    """
    for find, where in ((_by_git, "git's user.name"), (_by_full_name, "the login's full name"), (_by_login, "login")):
        name = " ".join(find().split())
        if name and name.isprintable():
            return name, where
    return "", ""


def _by_git() -> str:
    try:
        asked = subprocess.run(["git", "config", "--get", "user.name"], capture_output=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.decode(errors="ignore") if asked.returncode == 0 else ""


def _by_full_name() -> str:
    """Return the first field of the account's GECOS entry; its ``&`` stands for the login (passwd(5))."""
    try:
        account = pwd.getpwnam(_by_login())
    except KeyError:
        return ""
    name = account.pw_gecos.split(",")[0].replace("&", account.pw_name.capitalize())
    return "" if name == account.pw_name else name


def _by_login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
