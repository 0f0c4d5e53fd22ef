"""Frames in parallel on this machine: spawned processes that keep their heavy state, and stop cleanly."""

import ctypes
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import get_context
from types import TracebackType
from typing import Any, TypeVar

from secondunit.core.errors import BackendError, SecondUnitError

Job = TypeVar("Job")
Result = TypeVar("Result")


AHEAD = 2
"""Frames that a worker has at a time: the one it makes and the next. Few, so that stopping is quick."""


class LocalFarm:
    """A pool of worker processes, each with one compute thread.

    Workers start at the first call and live until the farm closes, so that takes share the time it takes to load. Each
    is given frames that follow one another, so that it can use again what it knows of the last one.
    """

    def __init__(self, *, workers: int | None = None) -> None:
        """Say how many workers; the number of cores by default."""
        self.workers = max(1, workers if workers is not None else (os.cpu_count() or 1))
        self._pools: list[ProcessPoolExecutor] = []
        """Of one process each."""

    def __enter__(self) -> "LocalFarm":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(at_once=kind is not None)

    def close(self, *, at_once: bool = False) -> None:
        """Let the workers go; at once leaves what they are at."""
        pools, self._pools = self._pools, []
        processes = [process for pool in pools for process in (pool._processes or {}).values()]
        for pool in pools:
            pool.shutdown(wait=not at_once, cancel_futures=True)
        if at_once:
            for process in processes:
                process.terminate()
            for process in processes:
                process.join()

    def map_frames(
        self,
        function: Callable[[Job, int], Result],
        frames: Iterable[int],
        *,
        job: Job,
        progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[tuple[int, Result]]:
        """Yield (frame, result) as they complete.

        Parameters
        ----------
        function
            A module-level function; it keeps what it builds from ``job`` for the next frame itself.
        job
            What every frame shares; small and picklable.
        progress
            Called with frames done and in all.

        Raises
        ------
        SecondUnitError
            A frame failed: the frame's own error, its number in the message.
        BackendError
            A worker died, or a frame failed in a way nobody foresaw.
        """
        todo = list(frames)
        with _one_thread_each():
            while len(self._pools) < min(self.workers, len(todo)):
                context = get_context("spawn")
                self._pools.append(ProcessPoolExecutor(1, mp_context=context, initializer=_begin))
        return self._run(function, todo, job, progress)

    def _run(
        self,
        function: Callable[[Any, int], Result],
        todo: list[int],
        job: Any,
        progress: Callable[[int, int], None] | None,
    ) -> Iterator[tuple[int, Result]]:
        pools = self._pools[: len(todo)]
        lanes = deal(todo, len(pools))
        waiting: dict[Future[Result], tuple[int, int]] = {}
        done = 0

        def feed(lane: int) -> None:
            for _ in range(AHEAD - sum(mine == lane for mine, _ in waiting.values())):
                if not lanes[lane]:
                    take_over(lanes, lane)
                if not lanes[lane]:
                    return
                frame = lanes[lane].popleft()
                with _one_thread_each():
                    waiting[pools[lane].submit(function, job, frame)] = (lane, frame)

        try:
            for lane in range(len(pools)):
                feed(lane)
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    lane, frame = waiting.pop(future)
                    result = _result(future, frame)
                    feed(lane)
                    done += 1
                    if progress is not None:
                        progress(done, len(todo))
                    yield frame, result
        except BaseException:
            self.close(at_once=True)
            raise


def deal(frames: Sequence[int], lanes: int) -> list[deque[int]]:
    """Deal frames out in runs that follow one another, as even as may be."""
    cuts = [len(frames) * lane // max(lanes, 1) for lane in range(lanes + 1)]
    return [deque(frames[first:last]) for first, last in pairwise(cuts)]


def take_over(lanes: list[deque[int]], lane: int) -> None:
    """Give a lane that has run out the later half of the longest."""
    longest = max(lanes, key=len)
    later = [longest.pop() for _ in range((len(longest) + 1) // 2)]
    lanes[lane].extend(reversed(later))


def _result(future: "Future[Result]", frame: int) -> Result:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise BackendError(
            f"a worker died at frame {frame}", fix="run it again to resume; with less memory, use --workers 1"
        ) from error
    except SecondUnitError as error:
        error.message = f"frame {frame}: {error.message}"
        raise
    except Exception as error:
        raise BackendError(
            f"frame {frame} failed: {type(error).__name__}: {error}", fix="please report it with the log"
        ) from error


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Give processes that start inside one compute thread each; the parent's own setting stays."""
    names = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin() -> None:
    """Prepare a worker: the parent alone hears Ctrl-C; a worker whose parent is gone ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        _die_with_parent()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG, prctl(2)
    if os.getppid() == 1:
        sys.exit(1)
