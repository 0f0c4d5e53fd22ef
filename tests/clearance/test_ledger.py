"""The ledger: what is appended stays, what is private can be erased, what is claimed is proved."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secondunit.clearance.keys import new_key
from secondunit.clearance.ledger.checkpoint import leaves_of, read_checkpoint, write_checkpoint
from secondunit.clearance.ledger.entry import GENESIS, hash_of
from secondunit.clearance.ledger.merkle import proves_consistency, proves_inclusion
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.ledger.verify import verify_ledger
from secondunit.core.errors import BackendError, BriefError, StoreError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "show.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    ledger = Ledger(url, policy="p" * 64)
    yield ledger
    ledger.close()


def test_entries_are_linked_from_the_first(ledger: Ledger) -> None:
    for number in range(3):
        ledger.append("run", {"number": number})
    first, second, third = ledger.entries()
    assert [e.seq for e in (first, second, third)] == [0, 1, 2]
    assert (first.prev, second.prev, third.prev) == (GENESIS, first.hash, second.hash)
    assert all(hash_of(e) == e.hash and e.policy == "p" * 64 for e in (first, second, third))
    assert third.facts == {"number": 2}


def test_entries_of_one_kind(ledger: Ledger) -> None:
    ledger.append("run", {})
    wanted = ledger.append("refusal", {"why": "no"})
    assert ledger.entries(kind="refusal") == (wanted,)
    assert ledger.size() == 2


def test_a_ledger_opened_again_goes_on(url: str, ledger: Ledger) -> None:
    first = ledger.append("run", {})
    again = Ledger(url)
    assert again.append("run", {}).prev == first.hash
    again.close()


def test_text_of_any_script_comes_back(ledger: Ledger) -> None:
    said = {"text": "Ñandú 雪 \u0000 \U0001f3ac 'quoted\"", "nested": [1, 2.5, None, True]}
    ledger.append("run", said, private=said)
    (entry,) = ledger.entries()
    assert entry.facts == said
    assert ledger.private(entry) == said


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"a": float("nan")}, id="not-a-number"),
        pytest.param({"a": float("inf")}, id="infinite"),
        pytest.param({"a": {1, 2}}, id="a-set"),
        pytest.param({"a": b"bytes"}, id="bytes"),
        pytest.param({"a": "\ud800"}, id="half-a-character"),
    ],
)
@pytest.mark.parametrize("where", ["body", "private"])
def test_what_json_cannot_say_is_refused_and_nothing_is_written(
    ledger: Ledger, body: dict[str, Any], where: str
) -> None:
    with pytest.raises(BriefError, match="cannot be recorded"):
        ledger.append("run", body if where == "body" else {}, private=body if where == "private" else None)
    assert ledger.size() == 0


def test_an_unknown_kind_is_refused(ledger: Ledger) -> None:
    with pytest.raises(BriefError, match="no kind of entry"):
        ledger.append("gossip", {})  # type: ignore[arg-type]


def test_the_same_words_are_sealed_differently_each_time(ledger: Ledger) -> None:
    one, two = (ledger.append("run", {}, private={"name": "Ada"}) for _ in range(2))
    assert one.sealed != two.sealed


def test_nothing_private_is_on_disk_in_the_clear(ledger: Ledger, file: Path) -> None:
    ledger.append("run", {"shot": "SHOWN"}, private={"name": "HIDDENNAME"})
    assert b"SHOWN" in file.read_bytes()
    assert b"HIDDENNAME" not in file.read_bytes()


def test_erasing_destroys_the_key_and_leaves_the_chain_whole(ledger: Ledger, url: str, file: Path) -> None:
    entry = ledger.append("run", {}, private={"name": "Ada"})
    kept = ledger.append("run", {}, private={"name": "Bo"})
    with sqlite3.connect(file) as raw:
        (key,) = raw.execute("SELECT key FROM vault WHERE seq = 0").fetchone()
    assert key in file.read_bytes()
    erasure = ledger.erase(entry, reason="asked to")
    assert ledger.private(entry) is None
    assert ledger.private(kept) == {"name": "Bo"}
    assert erasure.facts == {"entry": 0, "reason": "asked to"}
    assert key not in b"".join(f.read_bytes() for f in file.parent.iterdir())
    assert verify_ledger(url) == ()


def test_an_entry_is_erased_once(ledger: Ledger) -> None:
    entry = ledger.append("run", {}, private={"name": "Ada"})
    ledger.erase(entry, reason="asked to")
    with pytest.raises(BriefError, match="nothing private left"):
        ledger.erase(entry, reason="again")
    with pytest.raises(BriefError, match="nothing private left"):
        ledger.erase(ledger.append("run", {}), reason="never had any")
    assert [e.kind for e in ledger.entries()] == ["run", "erasure", "run"]


def test_a_private_body_that_was_swapped_is_not_handed_out(ledger: Ledger, file: Path) -> None:
    entry = ledger.append("run", {}, private={"name": "Ada"})
    ledger.append("run", {}, private={"name": "Bo"})
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE vault SET key = (SELECT key FROM vault WHERE seq = 1) WHERE seq = 0")
    with pytest.raises(StoreError, match="entry 0 was altered"):
        ledger.private(entry)


@pytest.mark.parametrize("table", ["ledger", "ledger_private"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET seq = 9", "DELETE FROM {}"])
def test_the_database_itself_refuses_changes(ledger: Ledger, file: Path, table: str, verb: str) -> None:
    ledger.append("run", {}, private={"name": "Ada"})
    with sqlite3.connect(file) as raw, pytest.raises(sqlite3.IntegrityError, match="appended, never changed"):
        raw.execute(verb.format(table))


def test_an_entry_is_proved_to_somebody_who_has_only_the_root(ledger: Ledger) -> None:
    entries = [ledger.append("run", {"number": n}) for n in range(11)]
    root = ledger.root()
    for entry in entries:
        proof = ledger.inclusion(entry.seq)
        path = [bytes.fromhex(step) for step in proof.path]
        (leaf,) = leaves_of([entry.hash])
        assert proof.root == root
        assert proves_inclusion(leaf, index=entry.seq, size=11, proof=path, root=bytes.fromhex(root))


def test_the_past_is_proved_unchanged_to_somebody_who_has_only_its_root(ledger: Ledger) -> None:
    for number in range(7):
        ledger.append("run", {"number": number})
    old = bytes.fromhex(ledger.root())
    for number in range(6):
        ledger.append("run", {"number": number})
    proof = ledger.consistency(7)
    path = [bytes.fromhex(step) for step in proof.path]
    assert proof.size == 13
    assert proves_consistency(old=7, old_root=old, size=13, root=bytes.fromhex(ledger.root()), proof=path)


def test_a_tree_larger_than_the_ledger_is_refused(ledger: Ledger) -> None:
    ledger.append("run", {})
    with pytest.raises(IndexError):
        ledger.root(size=2)


def test_a_checkpoint_comes_back_from_its_file(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append("run", {}, private={"name": "HIDDENNAME"})
    point = ledger.checkpoint(new_key())
    write_checkpoint(point, tmp_path / "point.json")
    assert read_checkpoint(tmp_path / "point.json") == point
    assert point.root == ledger.root(size=1)
    assert "HIDDENNAME" not in (tmp_path / "point.json").read_text()


def test_an_empty_ledger_has_no_checkpoint(ledger: Ledger) -> None:
    with pytest.raises(BriefError, match="empty"):
        ledger.checkpoint(new_key())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="no-json"),
        pytest.param("[]", id="a-list"),
        pytest.param('{"origin": "x"}', id="fields-missing"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "point.json").write_text(text)
    with pytest.raises(BriefError, match="cannot be read as a checkpoint"):
        read_checkpoint(tmp_path / "point.json")


@pytest.mark.parametrize(
    "url, error",
    [
        pytest.param("nonsense", BriefError, id="no-url"),
        pytest.param("sqlite:////nowhere/at/all/show.db", BackendError, id="no-folder"),
        pytest.param("postgresql+psycopg://nobody@/none?host=/nowhere", BackendError, id="no-server"),
    ],
)
def test_a_database_that_cannot_be_used_is_named(url: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        Ledger(url)
    assert caught.value.fix  # type: ignore[attr-defined]
