"""Stage results by recipe digest: ``.cache/<stage>/<digest>/``, each file proved by its sidecar before it is used."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from secondunit.core.recipe import Recipe, canonical
from secondunit.show.store.records import is_sealed, read_json, seal, write_json, write_whole


def recipe_folder(root: Path, stage: str, digest: str) -> Path:
    """Return where the results of a recipe lie below a cache's root."""
    return root / stage / digest[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCache:
    """The folder of one recipe's results. Picklable: workers open the same folder."""

    folder: Path
    digest: str

    @classmethod
    def open(cls, root: Path, recipe: Recipe) -> "StageCache":
        """Return the cache of a recipe below ``root``, its ``recipe.json`` written.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        digest = recipe.digest
        folder = recipe_folder(root, recipe.stage, digest)
        record = folder / "recipe.json"
        if not record.is_file():
            write_json(record, {"digest": digest, **canonical(recipe)})
        return cls(folder=folder, digest=digest)

    def path(self, name: str) -> Path:
        """Return where a result lies or would lie."""
        return self.folder / name

    def frame_name(self, frame: int) -> str:
        """Return the file name of a frame's result."""
        return f"frame.{frame:04d}.npz"

    def holds(self, name: str) -> bool:
        """Whether a result is there, whole and unaltered."""
        sidecar = self._sidecar(name)
        if not sidecar.is_file():
            return False
        return is_sealed(self.path(name), read_json(sidecar))

    def put(self, name: str, write: Callable[[Path], object]) -> Path:
        """Write a result whole, then its sidecar.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        path = self.path(name)
        self._sidecar(name).unlink(missing_ok=True)
        write_whole(path, write)
        write_json(self._sidecar(name), seal(path), sync=False)
        return path

    def _sidecar(self, name: str) -> Path:
        return self.folder / f"{name}.json"
