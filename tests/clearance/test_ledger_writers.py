"""Many processes append to one ledger: nothing is lost, nothing twice, and the chain is whole."""

import multiprocessing
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from tests.clearance.ledger_writer import append_many
from tests.clearance.postgres import server

from secondunit.clearance.keys import new_key
from secondunit.clearance.ledger import store
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.ledger.verify import verify_ledger
from secondunit.core.errors import BackendError

WRITERS = 8
FEW = 125


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: taking turns is under test, not how fast a disk syncs."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, quick: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{quick / 'show.db'}"
    url: str = request.getfixturevalue("postgres")
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in ("ledger", "ledger_private", "vault"):
            connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()
    return url


def race(url: str, *, count: int) -> tuple[Entry, ...]:
    """Run the writers, which also race to make the tables; return what they left."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=append_many, args=(url, w, count)) for w in range(WRITERS)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(timeout=300)
    assert [p.exitcode for p in writers] == [0] * WRITERS
    ledger = Ledger(url)
    entries = ledger.entries()
    ledger.close()
    return entries


def nothing_lost(entries: tuple[Entry, ...], *, count: int) -> None:
    assert [e.seq for e in entries] == list(range(WRITERS * count))
    told = Counter((e.facts["writer"], e.facts["number"]) for e in entries)
    assert told == Counter((w, n) for w in range(WRITERS) for n in range(count))
    for writer in range(WRITERS):
        assert [e.facts["number"] for e in entries if e.facts["writer"] == writer] == list(range(count))


def test_eight_writers_lose_nothing(url: str) -> None:
    nothing_lost(race(url, count=FEW), count=FEW)
    assert verify_ledger(url) == ()


@pytest.mark.long
def test_eight_writers_of_a_thousand_lose_nothing(url: str) -> None:
    nothing_lost(race(url, count=1000), count=1000)
    assert verify_ledger(url) == ()


def test_a_ledger_is_judged_while_others_write(url: str) -> None:
    ledger = Ledger(url)
    ledger.append("run", {"writer": -1, "number": 0})
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=append_many, args=(url, w, 60)) for w in range(2)]
    for process in writers:
        process.start()
    judged = 0
    while any(p.is_alive() for p in writers):
        assert verify_ledger(url) == ()
        judged += 1
    assert [p.exitcode for p in writers] == [0, 0]
    assert judged > 0
    assert ledger.size() == 121
    ledger.close()


def test_threads_share_a_ledger(url: str) -> None:
    ledger = Ledger(url)
    threads = [
        threading.Thread(target=lambda: [ledger.append("run", {}) for _ in range(20)], daemon=True) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert ledger.size() == 80
    assert verify_ledger(url) == ()
    ledger.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_ledger_goes_on_after_a_fork(url: str) -> None:
    ledger = Ledger(url)
    ledger.append("run", {"by": "parent"})
    child = os.fork()
    if child == 0:
        try:
            for _ in range(30):
                ledger.append("run", {"by": "child"})
            os._exit(0)
        finally:
            os._exit(1)
    for _ in range(30):
        ledger.append("run", {"by": "parent"})
    assert os.waitpid(child, 0)[1] == 0
    assert Counter(e.facts["by"] for e in ledger.entries()) == {"parent": 31, "child": 30}
    assert verify_ledger(url) == ()
    ledger.close()


def test_a_failed_append_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(url)
    ledger.append("run", {})

    def fail(*_: object) -> None:
        raise RuntimeError("killed between the entry and its private body")

    with monkeypatch.context() as patch:
        patch.setattr(store, "_keep", fail)
        with pytest.raises(RuntimeError):
            ledger.append("run", {}, private={"name": "Ada"})
    ledger.append("run", {})
    assert ledger.size() == 2
    assert verify_ledger(url) == ()
    ledger.close()


def test_without_turns_a_place_taken_meanwhile_is_found_anew(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where writers take no turns, the unique columns refuse the second, who reads the head again."""
    ledger, other = Ledger(postgres), Ledger(postgres)
    before = ledger.size()
    real, tries = store.entry_hash, []

    def meddle(**columns: Any) -> str:
        tries.append(columns["seq"])
        if len(tries) == 1:
            other.append("run", {"by": "other"})
        return real(**columns)

    monkeypatch.setattr(store, "writing", lambda engine: engine.begin())
    monkeypatch.setattr(store, "entry_hash", meddle)
    assert ledger.append("run", {"by": "first"}).seq == before + 1
    assert tries == [before, before, before + 1]
    assert verify_ledger(postgres) == ()
    for each in (ledger, other):
        each.close()


def test_erasing_and_witnessing_on_either_database(url: str) -> None:
    ledger, key = Ledger(url), new_key()
    entry = ledger.append("run", {"text": "Ñ 雪 \u0000"}, private={"name": "Ada"})
    point = ledger.checkpoint(key)
    ledger.erase(entry, reason="asked to")
    assert ledger.private(entry) is None
    assert verify_ledger(url, checkpoints=[point], trusted=[key.public]) == ()
    ledger.close()


@pytest.mark.parametrize(
    "sql",
    ["UPDATE ledger SET seq = 9", "DELETE FROM ledger", "DELETE FROM ledger_private", "TRUNCATE ledger"],
)
def test_postgresql_itself_refuses_changes(postgres: str, sql: str) -> None:
    ledger = Ledger(postgres)
    ledger.append("run", {}, private={"name": "Ada"})
    ledger.close()
    engine = create_engine(postgres)
    with engine.connect() as connection, pytest.raises(DBAPIError, match="appended, never changed"):
        connection.execute(text(sql))
    engine.dispose()


def test_a_database_that_stays_busy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secondunit.clearance.ledger.tables.WAIT_S", 0.01)
    monkeypatch.setattr(store, "_TRIES", 2)
    url = f"sqlite:///{tmp_path / 'show.db'}"
    ledger, holder = Ledger(url), create_engine(url)
    with holder.connect() as connection:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        with pytest.raises(BackendError, match="locked") as caught:
            ledger.append("run", {})
    assert "other writers" in caught.value.fix
    holder.dispose()
    ledger.close()
