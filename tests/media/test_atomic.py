import os
import time
from pathlib import Path

import pytest

from secondunit.core.errors import BriefError
from secondunit.media.atomic import replacing, sweep_shared, whole_file

DEAD = 2**22 + 1  # above Linux's largest process number


def test_a_file_is_there_when_it_is_whole_and_not_before(tmp_path: Path):
    path = tmp_path / "new" / "a.exr"
    with replacing(path) as temporary:
        temporary.write_text("whole")
        assert temporary.suffix == ".exr"
        assert not path.exists()
    assert path.read_text() == "whole"
    assert [p.name for p in path.parent.iterdir()] == ["a.exr"]


@pytest.mark.parametrize("writing", [replacing, whole_file])
def test_what_was_there_stays_when_writing_fails(writing, tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("before")

    def fail() -> None:
        with writing(path) as temporary:
            temporary.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fail()
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_cannot_be_is_the_askers_to_mend(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(BriefError, match="cannot write"), whole_file(tmp_path / "file" / "a.txt"):
        pass


def test_what_killed_runs_left_is_swept_and_nothing_else(tmp_path: Path):
    hour_ago, days_ago = time.time() - 3600, time.time() - 3 * 86_400
    left = {f".frame.1001.{DEAD}.part.npz", f".pieces.{DEAD}.part", f".x.{os.getpid()}.part.npz"}
    kept = {"frame.1001.npz", "frame.1001.npz.json", "recipe.json", "department.npz", "other.npz.part"}
    for name in left | kept:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (days_ago, days_ago))
    at_work = {f".frame.1002.{os.getpid()}.part.npz"}
    for name in at_work:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (hour_ago, hour_ago))
    (tmp_path / f".frame.1003.{DEAD}.part.npz").touch()  # this minute: perhaps another machine's
    sweep_shared(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == kept | at_work | {f".frame.1003.{DEAD}.part.npz"}
