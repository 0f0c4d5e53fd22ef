import multiprocessing
import os
import sqlite3
from pathlib import Path

import pytest

from secondunit.core.errors import BackendError, BriefError, ClearanceError, StoreError
from secondunit.core.recipe import Recipe
from secondunit.core.take import Axes, Take
from secondunit.show.brief.settings import Approver, ShowSettings
from secondunit.show.clearing.approvals import approve
from secondunit.show.record.ledger import ledger_of, record_of
from secondunit.show.store.cache import StageCache
from secondunit.show.store.records import is_sealed, seal, write_text, write_whole
from secondunit.show.store.show import Show, create_show, locked, open_show
from secondunit.show.store.takes import TakeResult, write_record

SETTINGS = ShowSettings(code="SHW", artist="Ada Example", approvers=(Approver(name="Bo Other", role="director"),))


@pytest.fixture
def show(tmp_path: Path) -> Show:
    return create_show(tmp_path / "show", SETTINGS)


def test_a_show_opens_as_it_was_made(show: Show):
    assert open_show(show.root) == show


def test_a_show_is_never_made_twice(show: Show):
    before = (show.root / "show.toml").read_bytes()
    with pytest.raises(BriefError, match="a show already"):
        create_show(show.root, SETTINGS)
    assert (show.root / "show.toml").read_bytes() == before


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("two years")
    with pytest.raises(BriefError, match="not an empty folder"):
        create_show(tmp_path, SETTINGS)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_no_show_no_shot(tmp_path: Path, show: Show):
    with pytest.raises(BriefError, match="no show"):
        open_show(tmp_path)
    with pytest.raises(BriefError, match="has no shot"):
        show.brief("SEQ_0010")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b", "x" * 65], ids=repr)
def test_names_that_are_no_folder(show: Show, name: str):
    with pytest.raises(BriefError, match="no shot name"):
        show.shot_folder(name)


def test_a_shot_named_otherwise_than_its_folder_is_refused(show: Show):
    write_text(show.shot_folder("SEQ_0010") / "shot.toml", 'schema = 1\nname = "SEQ_0020"\n[plate]\nfile = "a"\n')
    with pytest.raises(BriefError, match="not its folder's name"):
        show.brief("SEQ_0010")


def test_the_database_can_be_elsewhere(show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECONDUNIT_DATABASE", f"sqlite:///{tmp_path / 'other.db'}")
    with ledger_of(show):
        pass
    assert (tmp_path / "other.db").is_file()


def hold(folder: Path, ready, done) -> None:
    with locked(folder):
        ready.set()
        done.wait(30)


def test_a_folder_is_one_runs_alone_until_it_ends_however_it_ends(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, ready, done))
    other.start()
    assert ready.wait(30)
    with pytest.raises(StoreError, match="another run"), locked(tmp_path):
        pass
    other.kill()
    other.join()
    with locked(tmp_path):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be"):
        create_show(tmp_path / "show", SETTINGS)


def test_a_place_below_a_file_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be"):
        create_show(tmp_path / "file" / "show", SETTINGS)
    with pytest.raises(StoreError, match="cannot be"), locked(tmp_path / "file" / "x"):
        pass
    with pytest.raises(StoreError, match="cannot be written"):
        write_text(tmp_path / "file" / "x", "")


def test_what_fails_half_way_leaves_the_old_file_and_no_other(tmp_path: Path):
    path = tmp_path / "a.txt"
    write_text(path, "before")

    def half(at: Path) -> None:
        at.write_text("aft")
        raise ValueError("disk on fire")

    with pytest.raises(ValueError, match="fire"):
        write_whole(path, half)
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_seal_knows_every_change(tmp_path: Path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"frame")
    proof = seal(path)
    assert is_sealed(path, proof)
    path.write_bytes(b"fram3")
    assert not is_sealed(path, proof)
    path.write_bytes(b"fra")
    assert not is_sealed(path, proof)
    path.unlink()
    assert not is_sealed(path, proof)
    assert not is_sealed(path, None)


def test_the_cache_gives_back_only_what_is_whole(tmp_path: Path):
    cache = StageCache.open(tmp_path, Recipe(stage="dust", stage_version=1))
    assert not cache.holds("x.npz")
    cache.put("x.npz", lambda at: at.write_bytes(b"12345"))
    assert cache.holds("x.npz")
    again = StageCache.open(tmp_path, Recipe(stage="dust", stage_version=1))
    assert again == cache
    assert StageCache.open(tmp_path, Recipe(stage="dust", stage_version=2)).folder != cache.folder
    cache.path("x.npz").write_bytes(b"123")
    assert not cache.holds("x.npz")


def test_the_record_is_appended_never_changed(show: Show):
    with ledger_of(show) as ledger:
        ledger.append("run", {"shot": "A", "take": 1})
    with sqlite3.connect(show.root / "show.db") as raw:
        for attack in ("UPDATE ledger SET body = '{}'", "DELETE FROM ledger"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                raw.execute(attack)
    raw.close()
    assert [(row["shot"], row["take"]) for row in record_of(show)] == [("A", 1)]


@pytest.mark.parametrize(
    "url, kind",
    [("nonsense", BriefError), ("sqlite:////no/such/folder/x.db", BackendError)],
    ids=["no url", "no place"],
)
def test_databases_that_cannot_be(show: Show, url: str, kind: type[Exception], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECONDUNIT_DATABASE", url)
    with pytest.raises(kind), ledger_of(show):
        pass


def whole_take(show: Show, content: str = "c" * 64) -> Path:
    """A take of nothing, as far as asking who may approve it goes."""
    folder = show.shot_folder("SEQ_0010") / "takes/t002"
    take = Take(number=2, kind="draft", axes=Axes(), recipe_digest="r" * 64, frames=(1, 2), width=2, height=2)
    sheet, movie = folder / "sheet.png", folder / "movie.mp4"
    write_record(TakeResult(take=take, folder=folder, movie=movie, contact_sheet=sheet, content=content))
    movie.write_bytes(b"moving")
    return movie


@pytest.mark.parametrize(
    "by, role, kind, message",
    [
        ("Ada Example", "director", ClearanceError, "is the artist"),
        ("ada example", "director", ClearanceError, "is the artist"),
        ("Cy Third", "director", ClearanceError, "ask Bo Other"),
        ("Bo Other", "legal", ClearanceError, "may not approve"),
        ("Bo Other", "boss", BriefError, "no role"),
        ("  ", "director", BriefError, "nobody is named"),
    ],
    ids=["artist", "artist in small letters", "stranger", "another role", "no role", "nobody"],
)
def test_who_may_not_approve(show: Show, by: str, role: str, kind: type[Exception], message: str):
    movie = whole_take(show)
    with pytest.raises(kind, match=message):
        approve(show, "SEQ_0010", take=2, by=by, role=role, proxy=movie)
    assert record_of(show) == []


def test_only_whole_takes_are_approved(show: Show):
    with pytest.raises(BriefError, match="no whole take 2"):
        approve(show, "SEQ_0010", take=2, by="Bo Other", role="director", proxy=show.root / "show.toml")
