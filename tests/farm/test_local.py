"""The farm with real processes. Functions stand at module level: workers import this file."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secondunit.core.errors import BackendError, BriefError
from secondunit.farm.local import LocalFarm

SECONDUNIT = Path(__file__).parents[2] / "src"


def tenfold(job: int, frame: int) -> int:
    return job * frame


def thread_setting(job: str, frame: int) -> str:
    return os.environ[job]


def process(job: None, frame: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def refuses(job: None, frame: int) -> int:
    if frame == 1003:
        raise BriefError("this frame has no plate", fix="shoot it")
    return frame


def breaks(job: None, frame: int) -> float:
    return 1 / (frame - 1002)


def dies(job: None, frame: int) -> int:
    os._exit(9)


@pytest.fixture(scope="module")
def farm():
    with LocalFarm(workers=2) as farm:
        yield farm


def test_every_frame_comes_back_once_with_its_result(farm: LocalFarm):
    told: list[tuple[int, int]] = []
    got = dict(farm.map_frames(tenfold, range(1001, 1021), job=10, progress=lambda d, t: told.append((d, t))))
    assert got == {frame: frame * 10 for frame in range(1001, 1021)}
    assert told == [(n, 20) for n in range(1, 21)]


def test_no_frames_is_no_work(farm: LocalFarm):
    assert list(farm.map_frames(tenfold, [], job=1)) == []


def test_workers_have_one_thread_and_live_on(farm: LocalFarm):
    before = os.environ.get("NUMBA_NUM_THREADS")
    settings = {v for _, v in farm.map_frames(thread_setting, range(6), job="NUMBA_NUM_THREADS")}
    assert settings == {"1"}
    assert os.environ.get("NUMBA_NUM_THREADS") == before
    first = {pid for _, pid in farm.map_frames(process, range(8), job=None)}
    again = {pid for _, pid in farm.map_frames(process, range(8), job=None)}
    assert os.getpid() not in first
    assert len(first | again) <= 2


@pytest.mark.parametrize(
    "function, kind, message",
    [
        (refuses, BriefError, "frame 1003: this frame has no plate"),
        (breaks, BackendError, "frame 1002 failed: ZeroDivisionError"),
        (dies, BackendError, "a worker died"),
    ],
    ids=["our error", "an unforeseen error", "a dead worker"],
)
def test_a_failing_frame_says_which(function, kind, message):
    with LocalFarm(workers=2) as farm, pytest.raises(kind, match=message):
        list(farm.map_frames(function, range(1001, 1010), job=None))


def test_after_a_failure_the_farm_works_again():
    with LocalFarm(workers=1) as farm:
        with pytest.raises(BriefError):
            list(farm.map_frames(refuses, [1003], job=None))
        assert list(farm.map_frames(tenfold, [2], job=2)) == [(2, 4)]


SCRIPT = """
import signal, sys, time
from pathlib import Path
from secondunit.farm.local import LocalFarm

signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it

def slow(job, frame):
    import os
    Path(job, str(os.getpid())).touch()
    time.sleep(60)

if __name__ == "__main__":
    with LocalFarm(workers=2) as farm:
        list(farm.map_frames(slow, range(9), job=sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("signal_number", [2, 9], ids=["Ctrl-C", "kill -9"])
def test_no_worker_outlives_its_parent(tmp_path: Path, signal_number: int):
    script, marks = tmp_path / "run.py", tmp_path / "marks"
    script.write_text(SCRIPT)
    marks.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(SECONDUNIT)}
    parent = subprocess.Popen([sys.executable, script, marks], env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(marks.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = [int(path.name) for path in marks.iterdir()]
    assert len(workers) == 2
    os.kill(parent.pid, signal_number)
    parent.wait(30)
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
