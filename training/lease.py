"""Training on a machine that is lent by the minute: data is made on its cores while its GPU trains.

``python -m training.lease begin DATA`` sets processes to work that make scenes until they are stopped, and returns;
``training.train DATA RUN --compiled --stages A B`` trains, in as many calls as it takes; ``training.lease end DATA RUN
OUT`` stops them and puts what is worth keeping into ``OUT``: the averaged weights, logs and the data's manifest.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import torch

from training.data import DataSize, write_manifest

SCENES = "1-400"
"""More than there is time for."""


def begin(data: Path, *, workers: int) -> None:
    """Compile the solver once, then make scenes in the background."""
    data.mkdir(parents=True, exist_ok=True)
    alone = os.environ | {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    once = ("--scenes", "16", "--frames", "14", "--cells", "1500", "--views", "1")
    subprocess.run([*_maker(data.with_name("once")), *once], env=alone, check=True)
    making = [*_maker(data), "--scenes", SCENES]
    with (data / "making.log").open("a") as log:
        started = [
            subprocess.Popen(making, env=alone, start_new_session=True, stdout=log, stderr=log) for _ in range(workers)
        ]
    (data / "makers.txt").write_text(" ".join(str(process.pid) for process in started))


def end(data: Path, run: Path, out: Path) -> None:
    """Stop making scenes; keep weights, logs and manifest."""
    for pid in (data / "makers.txt").read_text().split():
        try:
            os.killpg(int(pid), signal.SIGTERM)
        except ProcessLookupError:
            continue
    write_manifest(data, DataSize())
    kept = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    torch.save({name: kept[name] for name in ("average", "step", "seconds")}, out / "checkpoint.pt")
    for path in (data / "manifest.json", data / "making.log", run / "log.jsonl", run / "schedule.json"):
        shutil.copy(path, out)


def _maker(data: Path) -> list[str]:
    return [sys.executable, "-m", "training.data", str(data)]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    doing = parser.add_subparsers(dest="doing", required=True)
    beginning = doing.add_parser("begin")
    beginning.add_argument("data", type=Path)
    beginning.add_argument("--workers", type=int, default=max((os.cpu_count() or 2) - 2, 1))
    ending = doing.add_parser("end")
    for name in ("data", "run", "out"):
        ending.add_argument(name, type=Path)
    given = parser.parse_args()
    if given.doing == "begin":
        begin(given.data, workers=given.workers)
    else:
        end(given.data, given.run, given.out)


if __name__ == "__main__":
    main()
