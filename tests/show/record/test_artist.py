import os
import pwd
import subprocess
from pathlib import Path

import pytest

from secondunit.show.record import artist
from secondunit.show.record.artist import artist_here


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place where git knows nobody; what it is told goes into the file returned."""
    for name in [n for n in os.environ if n.startswith("GIT_")]:
        monkeypatch.delenv(name)
    settings = tmp_path / "gitconfig"
    settings.write_text("")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return settings


def account(name: str, full_name: str) -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", 1000, 1000, full_name, "/home/ada", "/bin/sh"))


def test_git_knows_who_works_here(nobody: Path):
    if not subprocess.run(["which", "git"], capture_output=True).stdout:
        pytest.skip("git is not installed")
    nobody.write_text("[user]\n\tname = Ada  Exämple\n", encoding="utf-8")
    assert artist_here() == ("Ada Exämple", "git's user.name")


@pytest.mark.parametrize(
    "full_name, found",
    [
        ("Ada Example,Room 1,,", ("Ada Example", "the login's full name")),
        ("& Example", ("Ada Example", "the login's full name")),
        ("", ("ada", "login")),
        ("ada", ("ada", "login")),
    ],
    ids=["full name", "login in full name", "no full name", "login as full name"],
)
def test_else_the_login_tells(nobody: Path, monkeypatch: pytest.MonkeyPatch, full_name: str, found: tuple[str, str]):
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setattr(artist.pwd, "getpwnam", lambda _: account("ada", full_name))
    assert artist_here() == found


def test_an_account_that_is_in_no_list(nobody: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOGNAME", "no-such-login")
    assert artist_here() == ("no-such-login", "login")


def test_without_git_and_login_nobody_is_found(nobody: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(artist.getpass, "getuser", lambda: "")
    assert artist_here() == ("", "")
