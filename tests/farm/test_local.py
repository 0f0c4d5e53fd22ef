"""The farm with real processes. Functions stand at module level: workers import this file."""

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.core.errors import BackendError, BriefError
from secondunit.farm.local import LocalFarm, deal, take_over

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


def uneven(job: int, frame: int) -> tuple[int, int]:
    """The first few frames take long: an even deal would leave the second worker without work."""
    time.sleep(0.3 if frame < job else 0.01)
    return os.getpid(), frame


def test_a_worker_is_given_frames_that_follow_one_another(farm: LocalFarm):
    made = [pair for _, pair in farm.map_frames(uneven, range(1001, 1041), job=0)]
    for worker in {pid for pid, _ in made}:
        mine = [frame for pid, frame in made if pid == worker]
        assert sum(b != a + 1 for a, b in itertools.pairwise(mine)) <= 6


def test_a_worker_that_has_run_out_takes_over(farm: LocalFarm):
    made = [pair for _, pair in farm.map_frames(uneven, range(1001, 1021), job=1009)]
    slow = {pid for pid, frame in made if frame == 1001}
    assert sorted(frame for _, frame in made) == list(range(1001, 1021))
    assert sum(pid not in slow for pid, _ in made) > 10


@given(count=st.integers(0, 40), workers=st.integers(1, 7), turns=st.data())
def test_no_frame_is_lost_or_made_twice(count: int, workers: int, turns: st.DataObject):
    lanes = deal(range(count), workers)
    assert [frame for lane in lanes for frame in lane] == list(range(count))
    assert max(map(len, lanes)) - min(map(len, lanes)) <= 1
    made = []
    while any(lanes):
        lane = turns.draw(st.integers(0, workers - 1))
        if not lanes[lane]:
            take_over(lanes, lane)
        made.append(lanes[lane].popleft())
    assert sorted(made) == list(range(count))


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
