"""Each way to tamper with a ledger is found, and the row named. The tampering is done behind its back, in SQL."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from secondunit.clearance.keys import SigningKey, new_key
from secondunit.clearance.ledger.checkpoint import Checkpoint, public_part, sign_checkpoint
from secondunit.clearance.ledger.entry import Entry, hash_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.ledger.verify import Finding, verify_ledger

COUNT = 40
COLUMNS = "seq, at, kind, policy, body, sealed, prev, hash"


@dataclass(frozen=True)
class Kept:
    """A ledger of forty entries, and what its witness keeps of it."""

    file: Path
    key: SigningKey
    point: Checkpoint

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    def judged(self, *, witnessed: bool = True) -> tuple[Finding, ...]:
        points = [self.point] if witnessed else []
        return verify_ledger(self.url, checkpoints=points, trusted=[self.key.public])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    file = tmp_path_factory.mktemp("ledger") / "show.db"
    ledger, key = Ledger(f"sqlite:///{file}"), new_key()
    for number in range(COUNT - 1):
        ledger.append("run", {"number": number}, private={"name": f"n{number}"} if number % 10 == 3 else None)
    ledger.append("run", {"number": COUNT - 1})
    point = ledger.checkpoint(key)
    for number in range(3):
        ledger.append("run", {"after": number})
    ledger.close()
    return Kept(file=file, key=key, point=point)


@pytest.fixture
def kept(whole: Kept, tmp_path: Path) -> Kept:
    file = tmp_path / "show.db"
    shutil.copy(whole.file, file)
    with sqlite3.connect(file) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
    return replace(whole, file=file)


def rows(raw: sqlite3.Connection) -> list[Entry]:
    names = COLUMNS.split(", ")
    return [
        Entry(**dict(zip(names, row, strict=True))) for row in raw.execute(f"SELECT {COLUMNS} FROM ledger ORDER BY seq")
    ]


def rewrite(raw: sqlite3.Connection, entries: list[Entry]) -> None:
    raw.execute("DELETE FROM ledger")
    for e in entries:
        raw.execute(
            f"INSERT INTO ledger ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?)",
            (e.seq, e.at, e.kind, e.policy, e.body, e.sealed, e.prev, e.hash),
        )


def forged(entries: list[Entry], first: int) -> list[Entry]:
    """Renumber and hash again from an entry on, as the database's owner can."""
    out = entries[:first]
    for seq, entry in enumerate(entries[first:], start=first):
        linked = replace(entry, seq=seq, prev=out[-1].hash if out else "0" * 64)
        out.append(replace(linked, hash=hash_of(linked)))
    return out


def edit(column: str, value: str) -> Callable[[sqlite3.Connection], None]:
    return lambda raw: raw.execute(f"UPDATE ledger SET {column} = ? WHERE seq = 17", (value,)) and None


def rehash(raw: sqlite3.Connection) -> None:
    entries = rows(raw)
    entries[17] = replace(entries[17], body='{"number":99}')
    entries[17] = replace(entries[17], hash=hash_of(entries[17]))
    rewrite(raw, entries)


def delete(raw: sqlite3.Connection) -> None:
    raw.execute("DELETE FROM ledger WHERE seq = 17")


def delete_some(raw: sqlite3.Connection) -> None:
    raw.execute("DELETE FROM ledger WHERE seq BETWEEN 17 AND 20")


def delete_first(raw: sqlite3.Connection) -> None:
    raw.execute("DELETE FROM ledger WHERE seq = 0")


def delete_and_renumber(raw: sqlite3.Connection) -> None:
    entries = [e for e in rows(raw) if e.seq != 17]
    rewrite(raw, [replace(e, seq=seq) for seq, e in enumerate(entries)])


def swap(raw: sqlite3.Connection) -> None:
    entries = rows(raw)
    entries[17], entries[23] = replace(entries[23], seq=17), replace(entries[17], seq=23)
    rewrite(raw, entries)


def insert(raw: sqlite3.Connection) -> None:
    entries = rows(raw)
    extra = replace(entries[17], body='{"put":"in"}')
    extra = replace(extra, hash=hash_of(extra))
    raw.execute("DROP TABLE ledger")
    raw.execute(f"CREATE TABLE ledger ({COLUMNS})")
    later = [replace(e, seq=e.seq + 1) for e in entries[17:]]
    rewrite(raw, [*entries[:17], extra, *later])


def forge_beginning(raw: sqlite3.Connection) -> None:
    out: list[Entry] = []
    for entry in rows(raw)[5:]:
        linked = replace(entry, seq=len(out), prev=out[-1].hash if out else entry.prev)
        out.append(replace(linked, hash=hash_of(linked)))
    rewrite(raw, out)


SEEN_ALONE = [
    *(pytest.param(edit(c, v), "edited", 17, id=f"edit-{c}") for c, v in [
        ("body", '{"number":99}'), ("at", "2020-01-01T00:00:00+00:00"), ("kind", "refusal"), ("policy", "x"),
        ("sealed", "f" * 64), ("prev", "f" * 64), ("hash", "f" * 64),
    ]),
    pytest.param(rehash, "edited", 17, id="edit-and-hash-again"),
    pytest.param(delete, "deleted", 17, id="delete"),
    pytest.param(delete_some, "deleted", 17, id="delete-some"),
    pytest.param(delete_first, "deleted", 0, id="delete-first"),
    pytest.param(delete_and_renumber, "deleted", 17, id="delete-and-renumber"),
    pytest.param(swap, "reordered", 17, id="swap"),
    pytest.param(forge_beginning, "deleted", 0, id="beginning-cut-off-and-hashed-again"),
    pytest.param(insert, "forked", 18, id="insert"),
]  # fmt: skip


def forge_edit(raw: sqlite3.Connection) -> None:
    entries = rows(raw)
    entries[17] = replace(entries[17], body='{"number":99}')
    rewrite(raw, forged(entries, 17))


def forge_delete(raw: sqlite3.Connection) -> None:
    rewrite(raw, forged([e for e in rows(raw) if e.seq != 17], 17))


def forge_insert(raw: sqlite3.Connection) -> None:
    entries = rows(raw)
    rewrite(raw, forged([*entries[:17], entries[4], *entries[17:]], 17))


def forge_order(raw: sqlite3.Connection) -> None:
    entries = rows(raw)
    entries[17], entries[18] = entries[18], entries[17]
    rewrite(raw, forged(entries, 17))


def forge_all(raw: sqlite3.Connection) -> None:
    entries = rows(raw)
    entries[0] = replace(entries[0], at="2020-01-01T00:00:00+00:00")
    rewrite(raw, forged(entries, 0))


def forge_last(raw: sqlite3.Connection) -> None:
    entries = rows(raw)[:COUNT]
    entries[-1] = replace(entries[-1], body='{"number":99}')
    rewrite(raw, forged(entries, COUNT - 1))


def truncate(raw: sqlite3.Connection) -> None:
    raw.execute("DELETE FROM ledger WHERE seq >= 30")
    raw.execute("DELETE FROM ledger_private WHERE seq >= 30")
    raw.execute("DELETE FROM vault WHERE seq >= 30")


def empty(raw: sqlite3.Connection) -> None:
    for table in ("ledger", "ledger_private", "vault"):
        raw.execute(f"DELETE FROM {table}")


SEEN_BY_WITNESS = [
    pytest.param(forge_edit, "forked", 17, id="history-rewritten"),
    pytest.param(forge_delete, "forked", 17, id="deleted-and-rewritten"),
    pytest.param(forge_insert, "forked", 17, id="inserted-and-rewritten"),
    pytest.param(forge_order, "forked", 17, id="reordered-and-rewritten"),
    pytest.param(forge_all, "forked", 0, id="all-rewritten"),
    pytest.param(forge_last, "forked", COUNT - 1, id="last-rewritten"),
    pytest.param(truncate, "truncated", 30, id="tail-cut-off"),
    pytest.param(empty, "truncated", 0, id="emptied"),
]


def named(findings: tuple[Finding, ...]) -> set[tuple[str, int | None]]:
    return {(f.kind, f.seq) for f in findings if f.grave}


def tamper(kept: Kept, how: Callable[[sqlite3.Connection], None]) -> None:
    with sqlite3.connect(kept.file) as raw:
        how(raw)
    raw.close()


def test_a_whole_ledger_has_no_findings(whole: Kept) -> None:
    assert whole.judged() == ()
    assert whole.judged(witnessed=False) == ()


@pytest.mark.parametrize("how, kind, seq", SEEN_ALONE)
def test_clumsy_tampering_is_seen_from_the_rows_alone(
    kept: Kept, how: Callable[[sqlite3.Connection], None], kind: str, seq: int
) -> None:
    tamper(kept, how)
    assert (kind, seq) in named(kept.judged(witnessed=False))


@pytest.mark.parametrize("how", [p.values[0] for p in SEEN_ALONE[:-2]])
def test_an_edit_is_not_blamed_on_rows_far_away(kept: Kept, how: Callable[[sqlite3.Connection], None]) -> None:
    tamper(kept, how)
    found = [f for f in kept.judged() if f.kind in ("edited", "deleted")]
    assert all(f.seq in (0, 16, 17, 23) for f in found), found


@pytest.mark.parametrize("how, kind, seq", SEEN_BY_WITNESS)
def test_careful_tampering_is_seen_by_the_witness(
    kept: Kept, how: Callable[[sqlite3.Connection], None], kind: str, seq: int
) -> None:
    tamper(kept, how)
    found = kept.judged()
    assert (kind, seq) in named(found)
    assert all(f.says for f in found)


@pytest.mark.parametrize("how", [p.values[0] for p in SEEN_BY_WITNESS])
def test_the_witness_needs_no_list_of_entries_to_see_it(kept: Kept, how: Callable[[sqlite3.Connection], None]) -> None:
    tamper(kept, how)
    bare = replace(kept.point, hashes=())
    found = verify_ledger(kept.url, checkpoints=[bare], trusted=[kept.key.public])
    assert {f.kind for f in found} & {"forked", "truncated"}


def test_another_ledger_in_its_place_is_named_from_its_first_entry(kept: Kept) -> None:
    tamper(kept, forge_all)
    bare = replace(kept.point, hashes=())
    assert ("forked", 0) in named(verify_ledger(kept.url, checkpoints=[bare], trusted=[kept.key.public]))


@pytest.mark.parametrize(
    "body", [pytest.param({"size": 1000}, id="of-the-future"), pytest.param({"size": 0}, id="of-nothing")]
)
def test_a_checkpoint_inside_the_chain_that_cannot_be_is_named(kept: Kept, body: dict[str, object]) -> None:
    ledger = Ledger(kept.url)
    entry = ledger.append("checkpoint", {**public_part(kept.point), **body})
    ledger.close()
    assert ("checkpoint", entry.seq) in named(verify_ledger(kept.url))


def test_a_checkpoint_inside_the_chain_shows_a_rewritten_past_to_who_knows_its_key(kept: Kept) -> None:
    tamper(kept, forge_edit)
    assert named(kept.judged(witnessed=False)) == {("forked", None)}


def test_without_any_key_or_witness_a_rewritten_past_cannot_be_seen(kept: Kept) -> None:
    """The limit that the documents state: hence witnesses."""
    tamper(kept, forge_edit)
    assert verify_ledger(kept.url) == ()


def test_two_signed_histories_of_one_length_are_a_fork(kept: Kept) -> None:
    other = sign_checkpoint(kept.key, [*kept.point.hashes[:-1], "a" * 64], at=kept.point.at)
    found = verify_ledger(kept.url, checkpoints=[kept.point, other], trusted=[kept.key.public])
    assert any("was forked" in f.says for f in found)
    assert ("forked", COUNT - 1) in named(found)


@pytest.mark.parametrize(
    "change, says",
    [
        pytest.param({"size": 39}, "signature does not hold", id="size"),
        pytest.param({"root": "a" * 64}, "signature does not hold", id="root"),
        pytest.param({"at": "2020-01-01T00:00:00+00:00"}, "signature does not hold", id="time"),
        pytest.param({"origin": "a" * 64}, "signature does not hold", id="origin"),
        pytest.param({"signature": "00"}, "signature does not hold", id="signature"),
        pytest.param({"hashes": ("a" * 64,) * COUNT}, "not what was signed", id="hashes"),
    ],
)
def test_an_altered_checkpoint_is_no_witness(kept: Kept, change: dict[str, object], says: str) -> None:
    bent = replace(kept.point, **change)  # type: ignore[arg-type]
    found = verify_ledger(kept.url, checkpoints=[bent], trusted=[kept.key.public])
    assert any(f.kind == "checkpoint" and says in f.says for f in found)


def test_a_checkpoint_by_a_stranger_is_no_witness(kept: Kept) -> None:
    stranger = sign_checkpoint(new_key(), kept.point.hashes, at=kept.point.at)
    found = verify_ledger(kept.url, checkpoints=[stranger], trusted=[kept.key.public])
    assert any("not trusted" in f.says for f in found)


@pytest.mark.parametrize(
    "sql, says",
    [
        pytest.param("UPDATE ledger_private SET cipher = x'00' WHERE seq = 13", "not the one", id="body"),
        pytest.param("UPDATE vault SET key = x'00' WHERE seq = 13", "not the one", id="key"),
        pytest.param("DELETE FROM vault WHERE seq = 13", "no entry says that it was erased", id="key-gone"),
        pytest.param("DELETE FROM ledger_private WHERE seq = 13", "lost its private body", id="body-gone"),
        pytest.param("INSERT INTO ledger_private VALUES (14, x'00', x'00')", "does not name", id="body-added"),
        pytest.param("INSERT INTO vault VALUES (99, x'00')", "not there", id="stray"),
    ],
)
def test_a_private_body_that_was_touched_is_named(kept: Kept, sql: str, says: str) -> None:
    tamper(kept, lambda raw: raw.execute(sql) and None)
    (found,) = kept.judged()
    assert found.kind == "vault"
    assert says in found.says
    assert found.seq in (13, 14, 99)


def test_an_erased_key_that_came_back_is_named(kept: Kept) -> None:
    with sqlite3.connect(kept.file) as raw:
        (key,) = raw.execute("SELECT key FROM vault WHERE seq = 13").fetchone()
    ledger = Ledger(kept.url)
    ledger.erase(ledger.entries()[13], reason="asked to")
    assert kept.judged() == ()
    tamper(kept, lambda raw: raw.execute("INSERT INTO vault VALUES (13, ?)", (key,)) and None)
    assert named(kept.judged()) == {("vault", 13)}


def test_a_clock_that_ran_back_is_remarked_on(kept: Kept) -> None:
    def turn(raw: sqlite3.Connection) -> None:
        entries = rows(raw)
        entries[-1] = replace(entries[-1], at="2020-01-01T00:00:00+00:00")
        rewrite(raw, forged(entries, len(entries) - 1))

    tamper(kept, turn)
    (found,) = kept.judged()
    assert (found.kind, found.seq, found.grave) == ("clock", COUNT + 3, False)


def test_an_entry_of_a_kind_that_nothing_writes_is_named(kept: Kept) -> None:
    def add(raw: sqlite3.Connection) -> None:
        entries = rows(raw)
        rewrite(raw, forged([*entries, replace(entries[-1], kind="gossip")], len(entries)))

    tamper(kept, add)
    assert named(kept.judged()) == {("inserted", COUNT + 4)}


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("DROP TABLE vault", id="table-gone"),
        pytest.param("ALTER TABLE ledger RENAME COLUMN body TO words", id="column-gone"),
    ],
)
def test_a_ledger_without_its_tables_is_a_finding(kept: Kept, sql: str) -> None:
    tamper(kept, lambda raw: raw.execute(sql) and None)
    (found,) = kept.judged()
    assert found.kind == "missing"


def test_judging_makes_no_file(tmp_path: Path) -> None:
    (found,) = verify_ledger(f"sqlite:///{tmp_path / 'none.db'}")
    assert found.kind == "missing"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "show.db").write_text("not a database, but long enough to be looked at as one" * 30)
    (found,) = verify_ledger(f"sqlite:///{tmp_path / 'show.db'}")
    assert found.kind == "missing"


@pytest.mark.parametrize("value", ["x'00ff'", "NULL", "'[]'", "'not json'"])
def test_a_row_of_nonsense_is_a_finding_and_no_crash(kept: Kept, value: str) -> None:
    def spoil(raw: sqlite3.Connection) -> None:
        entries = rows(raw)
        raw.execute("DROP TABLE ledger")
        raw.execute(f"CREATE TABLE ledger ({COLUMNS})")
        rewrite(raw, entries)
        for column in ("body", "kind", "at", "hash"):
            raw.execute(f"UPDATE ledger SET {column} = {value} WHERE seq = {17 + len(column)}")
        raw.execute(f"UPDATE ledger SET body = {value} WHERE seq = {COUNT}")

    tamper(kept, spoil)
    assert {21, 19, COUNT} <= {f.seq for f in kept.judged()}
