"""What the cache holds, stage by stage, whose it is, and throwing it away. What is lost is made again."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from secondunit.core.errors import StoreError
from secondunit.show.store.cache import recipe_folder
from secondunit.show.store.records import read_json
from secondunit.show.store.show import Show, locked
from secondunit.show.store.takes import RECORD


@dataclass(frozen=True, slots=True, kw_only=True)
class StageContents:
    """What the cache holds of one stage."""

    stage: str
    recipes: int
    """How many results of the stage, each for one recipe."""
    unused: int
    """How many of them belong to no whole take: briefs that were changed, runs that were given up."""
    files: int
    size: int
    """Bytes on disk."""
    size_unused: int


def cache_contents(show: Show) -> tuple[StageContents, ...]:
    """Return what the cache holds, by stage in the order of work.

    Raises
    ------
    StoreError
        A take's record is broken.
    """
    taken = _taken(show)
    stages: dict[str, list[Path]] = {}
    for folder in _folders(show):
        stages.setdefault(folder.parent.name, []).append(folder)
    found = []
    for stage, folders in stages.items():
        unused = [folder for folder in folders if folder not in taken]
        sizes = {folder: _sizes(folder) for folder in folders}
        found.append(
            StageContents(
                stage=stage,
                recipes=len(folders),
                unused=len(unused),
                files=sum(len(sizes[folder]) for folder in folders),
                size=sum(sum(sizes[folder]) for folder in folders),
                size_unused=sum(sum(sizes[folder]) for folder in unused),
            )
        )
    return tuple(found)


def clear_cache(show: Show, *, unused_only: bool = False) -> int:
    """Throw the cache away, or what no whole take was made from; return the bytes freed.

    Takes and finals are not touched. What a later run needs again is simulated again, to the same bits.

    Raises
    ------
    StoreError
        A run is at work in this show, a take's record is broken, or the folder cannot be written.
    """
    freed = 0
    with ExitStack() as held:
        for path in sorted(show.root.glob("shots/*/shot.toml")):
            held.enter_context(locked(path.parent))
        taken = _taken(show) if unused_only else frozenset()
        for folder in _folders(show):
            if folder in taken:
                continue
            size = sum(_sizes(folder))
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise StoreError(f"{folder} cannot be removed: {error.strerror}", fix="check permissions") from error
            freed += size
    return freed


def _folders(show: Show) -> Iterator[Path]:
    order = ("plate", "fracture", "rigid", "dust", "light", "generate")
    stages = [path for path in show.cache.glob("*") if path.is_dir() and not path.is_symlink()]
    for stage in sorted(stages, key=lambda p: (order.index(p.name) if p.name in order else len(order), p.name)):
        yield from sorted(path for path in stage.iterdir() if path.is_dir() and not path.is_symlink())


def _taken(show: Show) -> frozenset[Path]:
    """Return the folders that hold what whole takes and finals were made from."""
    records = [*show.root.glob(f"shots/*/takes/t*/{RECORD}"), *show.root.glob(f"shots/*/publish/v*/{RECORD}")]
    found = set()
    for record in records:
        recipes = read_json(record).get("recipes", {})
        for stage, recipe in recipes.items():
            found.add(recipe_folder(show.cache, stage, recipe["digest"]))
    return frozenset(found)


def _sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
