from pathlib import Path

import pytest

from secondunit.core.errors import StoreError
from secondunit.core.recipe import Recipe
from secondunit.show.brief.settings import ShowSettings
from secondunit.show.store.cache import StageCache
from secondunit.show.store.cache_contents import cache_contents, clear_cache
from secondunit.show.store.records import write_json, write_text
from secondunit.show.store.show import Show, create_show, locked


@pytest.fixture
def show(tmp_path: Path) -> Show:
    """A show with one take, made from dust of seed 1; the dust of seed 2 belongs to nobody."""
    show = create_show(tmp_path / "my show", ShowSettings(code="SHW", artist="Ada"))
    for seed in (1, 2):
        cache = StageCache.open(show.cache, dust(seed))
        cache.put("frame.1001.npz", lambda at: at.write_bytes(b"x" * 1000))
    StageCache.open(show.cache, Recipe(stage="light", stage_version=1))
    shot = show.shot_folder("SEQ_0010")
    write_text(shot / "shot.toml", "")
    write_json(shot / "takes/t001/take.json", {"recipes": {"dust": {"digest": dust(1).digest}}})
    return show


def dust(seed: int) -> Recipe:
    return Recipe(stage="dust", stage_version=1, seed=seed)


def test_the_cache_says_what_it_holds_and_whose_it_is(show: Show):
    held = {stage.stage: stage for stage in cache_contents(show)}
    assert list(held) == ["dust", "light"]
    assert (held["dust"].recipes, held["dust"].unused, held["dust"].files) == (2, 1, 6)
    assert 1000 < held["dust"].size_unused < held["dust"].size < 5000
    assert (held["light"].recipes, held["light"].unused) == (1, 1)


def test_what_no_take_was_made_from_can_go(show: Show):
    freed = clear_cache(show, unused_only=True)
    assert freed > 1000
    assert [(s.stage, s.recipes, s.unused) for s in cache_contents(show)] == [("dust", 1, 0)]
    assert StageCache.open(show.cache, dust(1)).holds("frame.1001.npz")
    assert (show.shot_folder("SEQ_0010") / "takes/t001/take.json").is_file()


def test_all_of_it_can_go(show: Show):
    size = sum(stage.size for stage in cache_contents(show))
    assert clear_cache(show) == size
    assert cache_contents(show) == ()
    assert clear_cache(show) == 0


def test_nothing_goes_while_a_run_is_at_work(show: Show):
    with locked(show.shot_folder("SEQ_0010")), pytest.raises(StoreError, match="another run"):
        clear_cache(show)
    assert len(cache_contents(show)) == 2
