"""Measure the ledger: appends by one writer and by eight, judging, proofs.

    python bench/ledger.py [--each 1000] [--url postgresql+psycopg://...]

Without a URL, SQLite in a temporary folder.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable

from secondunit.clearance.keys import new_key
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.ledger.verify import verify_ledger

WRITERS = 8


def append_many(url: str, count: int) -> None:
    ledger = Ledger(url)
    for number in range(count):
        ledger.append("run", {"shot": "SEQ_0010", "number": number, "output": "0" * 64})
    ledger.close()


def timed(what: str, work: Callable[[], object], *, count: int) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(f"{what:<44} {seconds:8.2f} s  {1000 * seconds / count:8.3f} ms each")
    return seconds


def race(url: str, count: int) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=append_many, args=(url, count)) for _ in range(WRITERS)]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
    if any(p.exitcode for p in writers):
        raise SystemExit("a writer failed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=1000, help="entries by each of eight writers")
    parser.add_argument("--url", default="", help="SQLAlchemy URL of an empty database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url, total = options.url or f"sqlite:///{folder}/show.db", WRITERS * options.each
        timed("one writer", lambda: append_many(url, 200), count=200)
        timed(f"{WRITERS} writers, {options.each} entries each", lambda: race(url, options.each), count=total)
        ledger = Ledger(url)
        assert ledger.size() == total + 200, "entries were lost"
        key = new_key()
        timed(
            "with a private body", lambda: [ledger.append("run", {}, private={"n": i}) for i in range(100)], count=100
        )
        timed("sign a checkpoint", lambda: ledger.checkpoint(key), count=1)
        point = ledger.checkpoint(key)
        judge = lambda: verify_ledger(url, checkpoints=[point], trusted=[key.public])  # noqa: E731
        assert judge() == (), "the ledger is not whole"
        timed(f"judge {ledger.size()} entries", judge, count=ledger.size())
        timed("prove an entry", lambda: ledger.inclusion(17), count=1)
        timed("prove the past unchanged", lambda: ledger.consistency(total // 2), count=1)
        ledger.close()


if __name__ == "__main__":
    main()
