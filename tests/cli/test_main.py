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
    ["clearance", "verify"],
    ["clearance", "checkpoint"],
    ["clearance", "conform"],
    ["clearance", "binder"],
    ["keys", "init"],
    ["keys", "person"],
    ["keys", "card"],
    ["keys", "list"],
    ["keys", "revoke"],
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
    assert "fix: make one with 'secondunit new" in text
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
def test_ctrl_c_says_how_to_go_on(tmp_path: Path):
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
    frames, deadline = folder / "takes/t001/frames", time.monotonic() + 120
    while not list(frames.glob("[0-9]*.json")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "run it again to resume" in said
    assert "Traceback" not in said
    assert list(frames.glob("[0-9]*.json"))
