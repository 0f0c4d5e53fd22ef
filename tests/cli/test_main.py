import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from secondunit.cli.console import progress
from secondunit.cli.main import run
from secondunit.core.errors import BackendError, BriefError, ClearanceError, SecondUnitError, StoreError

COMMAND = [sys.executable, "-c", "from secondunit.cli.main import main; main()"]
COMMANDS = [
    ["new"],
    ["shot", "init"],
    ["shot", "layout"],
    ["shot", "take"],
    ["shot", "finish"],
    ["clearance", "rules"],
    ["clearance", "declare"],
    ["clearance", "why"],
    ["clearance", "approve"],
    ["clearance", "opt-in"],
    ["clearance", "work"],
    ["clearance", "log"],
    ["cache"],
    ["clearance", "verify"],
    ["clearance", "checkpoint"],
    ["clearance", "conform"],
    ["clearance", "binder"],
    ["keys", "init"],
    ["keys", "person"],
    ["keys", "card"],
    ["keys", "list"],
    ["keys", "revoke"],
    ["prep", "read"],
    ["prep", "breakdown"],
    ["verify"],
    ["demo"],
]


def told(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example_and_json(command: list[str], capsys: pytest.CaptureFixture[str]):
    assert run([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"Examples?:\n\n +secondunit " + " ".join(command), text)
    assert "--json" in text


def test_help_is_quick_and_loads_nothing_heavy():
    check = (
        "import sys\nfrom secondunit.cli.main import run\nassert run(['--help']) == 0\n"
        "heavy = {'numpy', 'cv2', 'scipy', 'numba', 'sqlalchemy', 'av', 'rich.progress'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", check], check=True, capture_output=True)


@pytest.mark.parametrize(
    "arguments",
    [["bogus"], ["shot"], ["new"], ["shot", "take", "S", "A", "--takes", "0"], ["shot", "take", "S", "A", "--no-gate"]],
    ids=" ".join,
)
def test_usage_errors_exit_2_without_a_traceback(arguments: list[str], capfd: pytest.CaptureFixture[str]):
    assert run(arguments) == 2
    assert "Traceback" not in capfd.readouterr().err


def test_exit_codes_are_the_error_trees():
    kinds = (SecondUnitError, BriefError, ClearanceError, BackendError, StoreError)
    assert [kind.exit_code for kind in kinds] == [1, 2, 3, 4, 5]


def test_errors_say_what_and_how_in_text_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["shot", "take", str(tmp_path), "SEQ_0010"]) == 2
    text = capsys.readouterr().err
    assert "it has no show.toml" in text
    assert "fix: make one: secondunit new" in text
    assert run(["shot", "take", str(tmp_path), "SEQ_0010", "--json"]) == 2
    assert told(capsys)["error"]["kind"] == "BriefError"


def test_from_nothing_to_a_layout(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    show = str(tmp_path / "show")
    picture = np.full((120, 160, 3), 200, np.uint8)
    picture[40:110, 40:120] = 90
    cv2.imwrite(str(tmp_path / "plate.png"), picture)
    assert run(["new", show, "--artist", "Ada", "--approver", "Bo:director", "--code", "ABC", "--json"]) == 0
    assert told(capsys)["code"] == "ABC"
    init = ["shot", "init", show, "SEQ_0010", "--plate", str(tmp_path / "plate.png"), "--frames", "24"]
    assert run([*init, "--json"]) == 0
    made = told(capsys)
    assert Path(made["sheet"]).is_file()
    assert Path(made["usd"]).is_file()
    assert any("colour: taken as sRGB" in note for note in made["notes"])
    assert run(init) == 2
    assert "exists already" in capsys.readouterr().err
    assert run([*init, "--force", "--json"]) == 0
    capsys.readouterr()
    assert (tmp_path / "show/shots/SEQ_0010/shot.toml.before").is_file()
    assert run(["shot", "layout", show, "SEQ_0010"]) == 0
    assert "layout.png" in capsys.readouterr().out
    assert run(["clearance", "log", show, "--json"]) == 0
    assert told(capsys) == []
    approve = ["clearance", "approve", show, "SEQ_0010", "--take", "1", "--by", "Bo", "--role", "director"]
    assert run([*approve, "--proxy", "x.mp4"]) == 2
    assert "no whole take 1" in capsys.readouterr().err


def test_a_show_needs_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Ada Ö. Example")
    show = tmp_path / "my show"
    assert run(["new", str(show)]) == 0
    said = capsys.readouterr().out
    assert "artist: Ada Ö. Example, by git's user.name" in said
    assert f"edit {show / 'show.toml'}" in said
    assert f"secondunit shot init '{show}' SEQ_0010" in said  # ready to be pasted
    assert 'artist = "Ada Ö. Example"' in (show / "show.toml").read_text(encoding="utf-8")
    assert run(["new", str(tmp_path / "other"), "--artist", "Cy", "--json"]) == 0
    assert told(capsys)["artist"] == "Cy"


def test_a_show_of_nobody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("secondunit.show.record.artist.artist_here", lambda: ("", ""))
    assert run(["new", str(tmp_path / "show")]) == 2
    assert '--artist "Your Name"' in capsys.readouterr().err
    assert not (tmp_path / "show").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json"],
        ["bogus", "--json"],
        ["shot", "--json"],
        ["new", "--json"],
        ["new", "S", "--bogus", "--json"],
        ["shot", "take", "S", "A", "--takes", "many", "--json"],
        ["shot", "take", "S", "A", "--json"],
        ["cache", "S", "--json"],
    ],
    ids=" ".join,
)
def test_machines_are_told_of_every_error_in_json(arguments: list[str], capfd: pytest.CaptureFixture[str]):
    assert run(arguments) == 2
    out, err = capfd.readouterr()
    error = json.loads(out)["error"]
    assert error["exit_code"] == 2
    assert error["message"]
    assert "\n" not in error["message"] + error["fix"]
    assert not err


@pytest.mark.parametrize(
    "raised, code, says",
    [
        (ZeroDivisionError("two\nlines"), 1, "error: ZeroDivisionError: two lines"),
        (MemoryError(), 4, "not enough memory"),
        (OSError(28, "No space left on device", "/a/b.exr"), 5, "error: /a/b.exr: No space left on device"),
        (BackendError("the solver\nblew up"), 4, "error: the solver blew up"),
        (KeyboardInterrupt(), 130, "run it again to resume"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_what_nobody_foresaw_is_one_line_and_a_log(
    raised: BaseException,
    code: int,
    says: str,
    as_json: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
):
    def fail(folder: Path) -> None:
        raise raised

    monkeypatch.setattr("secondunit.show.store.show.open_show", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run(["cache", "S", *(["--json"] if as_json else [])]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    logs = list(tmp_path.iterdir())
    assert len(logs) == (1 if code in (1, 4) else 0)
    if logs:
        assert "Traceback" in logs[0].read_text()
    if as_json:
        error = json.loads(out)["error"]
        assert error["exit_code"] == code
        assert error.get("log", "") == (str(logs[0]) if logs else "")
        assert not err
    else:
        assert says in err


def test_the_cache_is_listed_and_cleared(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    show = tmp_path / "my show"
    assert run(["new", str(show), "--artist", "Ada"]) == 0
    kept = show / ".cache/dust/0123"
    kept.mkdir(parents=True)
    (kept / "frame.1001.npz").write_bytes(b"x" * 2_000_000)
    capsys.readouterr()
    assert run(["cache", str(show)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"dust +1 +1 +1 +2\.0", said)
    assert f"secondunit cache '{show}' --clear-unused" in said
    assert run(["cache", str(show), "--clear-unused", "--json"]) == 0
    assert told(capsys) == {"cache": str(show / ".cache"), "bytes": 0, "freed": 2_000_000, "stages": []}
    assert not kept.exists()


@pytest.mark.parametrize("before", [0, 30], ids=["fresh", "resumed"])
def test_time_left_counts_only_what_this_run_made(before: int, monkeypatch: pytest.MonkeyPatch, capsys):
    now = [1000.0]
    monkeypatch.setattr("secondunit.cli.console.time.monotonic", lambda: now[0])
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    with progress(quiet=False) as show:
        assert show is not None
        show("frames", before, 40)
        now[0] += 20
        show("frames", before + 5, 40)
    assert f"frames: {before + 5}/40, 20 s, about {(40 - before - 5) * 4} s left" in capsys.readouterr().err


def test_bars_of_many_takes_fit_on_the_screen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("LINES", "8")
    monkeypatch.setenv("COLUMNS", "120")
    with progress(quiet=False) as show:
        assert show is not None
        for number in range(1, 31):
            show(f"take {number}: frames", 0, 10)
            show(f"take {number}: frames", 10, 10)
    shown = re.findall(r"take (\d+): frames", capsys.readouterr().err)
    assert shown[-5:] == ["26", "27", "28", "29", "30"]
    assert "20" not in shown[-12:]  # the last picture holds no more than the screen does


def test_keys_of_a_show_and_its_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    show, keys = str(tmp_path / "show"), ["--keys", str(tmp_path / "keys")]
    assert run(["new", show, "--artist", "Ada"]) == 0
    assert run(["keys", "person", show, "--name", "Bo", "--role", "director", *keys]) == 2
    assert "secondunit keys init" in capsys.readouterr().err
    assert run(["keys", "init", show, "--keys", str(tmp_path / "show/secret")]) == 2
    assert "inside the show" in capsys.readouterr().err
    assert run(["keys", "init", show, *keys, "--json"]) == 0
    private = Path(told(capsys)["private"])
    assert private.is_relative_to(tmp_path / "keys")
    assert all(path.stat().st_mode & 0o077 == 0 for path in private.iterdir())
    assert not [p for p in (tmp_path / "show").rglob("*") if p.is_file() and b"PRIVATE KEY" in p.read_bytes()]
    assert run(["keys", "init", show, *keys]) == 2
    assert run(["keys", "person", show, "--name", "Bo", "--role", "director", *keys]) == 0
    card = str(tmp_path / "cy.json")
    assert run(["keys", "card", card, "--name", "Cy", "--role", "legal", "--keys", str(tmp_path / "other")]) == 0
    assert run(["keys", "person", show, "--card", card, *keys]) == 0
    assert run(["keys", "person", show, "--name", "Cy", "--role", "studio", *keys]) == 3
    assert "both legal and studio" in capsys.readouterr().err
    assert run(["keys", "list", show, "--json"]) == 0
    rows = told(capsys)
    assert [row["role"] for row in rows] == ["registrar", "director", "legal"]
    assert run(["keys", "revoke", show, rows[1]["key"], *keys]) == 0
    capsys.readouterr()
    assert run(["keys", "list", show]) == 0
    assert capsys.readouterr().out.count("revoked") == 1


def test_the_record_verifies_and_a_checkpoint_shows_its_truncation(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    show, keys = str(tmp_path / "show"), ["--keys", str(tmp_path / "keys")]
    assert run(["new", show, "--artist", "Ada"]) == 0
    assert run(["keys", "init", show, *keys]) == 0
    assert run(["keys", "person", show, "--name", "Bo", "--role", "director", *keys]) == 0
    out = str(tmp_path / "witness.json")
    assert run(["clearance", "checkpoint", show, "--out", out, *keys]) == 0
    assert run(["clearance", "verify", show, "--checkpoint", out]) == 0
    assert "the record is whole" in capsys.readouterr().out
    with sqlite3.connect(tmp_path / "show/show.db") as raw:
        raw.executescript("DROP TRIGGER ledger_no_delete; DELETE FROM ledger WHERE seq >= 1;")
    raw.close()
    assert run(["clearance", "verify", show, "--checkpoint", out, "--json"]) == 5
    assert any("cut off" in said for said in told(capsys)["wrong"])


def test_rules_are_a_table(capsys: pytest.CaptureFixture[str]):
    assert run(["clearance", "rules", "--rule", "nf-04", "--json"]) == 0
    assert {"studio", "legal", "vfx_supervisor"} <= {role for row in told(capsys) for role in row["roles"]}
    assert run(["clearance", "rules"]) == 0
    assert "WG-01" in capsys.readouterr().out
    assert run(["clearance", "rules", "--rule", "XX-99"]) == 2


def test_a_file_that_nobody_signed_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    show = tmp_path / "show"
    assert run(["new", str(show), "--artist", "Ada"]) == 0
    picture = show / "x.png"
    cv2.imwrite(str(picture), np.zeros((8, 8, 3), np.uint8))
    assert run(["verify", str(picture)]) == 2
    assert run(["keys", "init", str(show), "--keys", str(tmp_path / "keys")]) == 0
    assert run(["verify", str(picture)]) == 5
    assert "NOT as signed" in capsys.readouterr().out
    assert run(["verify", str(tmp_path)]) == 2


@pytest.mark.parametrize("approver", ["Bo", "Bo:boss", "Ada:director"])
def test_approvers_that_cannot_be(tmp_path: Path, approver: str, capsys: pytest.CaptureFixture[str]):
    assert run(["new", str(tmp_path / "show"), "--artist", "Ada", "--approver", approver]) == 2
    assert not (tmp_path / "show").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.parametrize(
    "number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM of a farm"]
)
def test_stopping_says_how_to_go_on(tmp_path: Path, number: int, code: int):
    picture = np.full((64, 96, 3), 200, np.uint8)
    picture[14:50, 30:68] = 90
    cv2.imwrite(str(tmp_path / "plate.png"), picture)
    show = tmp_path / "show"
    assert run(["new", str(show), "--artist", "Ada"]) == 0
    folder = show / "shots/SEQ_0010"
    folder.mkdir()
    (folder / "shot.toml").write_text(
        'schema = 1\nname = "SEQ_0010"\n[plate]\nfile = "../../../plate.png"\n[camera]\nfocal_length_mm = 30\n'
        'horizon_px = 44\nheight_m = 1.6\n[[box]]\nname = "b"\nfloors = 2\nbays = 2\nbays_deep = 1\ndepth_m = 5\n'
        "facade_px = [[30, 14], [68, 14], [68, 50], [30, 50]]\n[collapse]\npieces = 50\n[dust]\ncells = 6000\n"
    )
    # Pytest may ignore SIGINT in children it starts; this one must hear it.
    hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    take = [sys.executable, "-c", hear + COMMAND[2], "shot", "take", str(show), "SEQ_0010", "--workers", "1"]
    process = subprocess.Popen(take, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    frames, deadline = folder / "takes/t001/frames", time.monotonic() + 400  # kernels may have to be compiled
    while not list(frames.glob("[0-9]*.json")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert "run it again to resume" in said
    assert "Traceback" not in said
    assert list(frames.glob("[0-9]*.json"))
