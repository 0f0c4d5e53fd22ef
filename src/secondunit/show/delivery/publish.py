"""Publishes: numbered, whole, and never changed. Made under another name and renamed when all is there."""

from dataclasses import dataclass
from pathlib import Path

from secondunit.core.errors import StoreError
from secondunit.core.take import Axes
from secondunit.show.brief.recipes import Plan
from secondunit.show.store.records import read_json
from secondunit.show.store.takes import PLAN, begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A version on its way out, or already out."""

    folder: Path
    """Where it is now."""
    home: Path
    """Where it belongs: ``publish/v001``."""

    @property
    def version(self) -> str:
        """As ``v001``."""
        return self.home.name

    @property
    def is_out(self) -> bool:
        """Whether it is released: nobody writes in it any more."""
        return self.folder == self.home

    def release(self) -> Path:
        """Put the whole publish in its place; return that.

        Raises
        ------
        StoreError
            The place cannot be written.
        """
        if not self.is_out:
            try:
                self.folder.rename(self.home)
            except OSError as error:
                raise StoreError(f"{self.home} cannot be written: {error.strerror}", fix="check permissions") from error
        return self.home


def open_publish(root: Path, plan: Plan, axes: Axes) -> Publish:
    """Return the publish of a plan: the one there is, the one that was begun, or the next version.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    numbers = [0]
    for path in sorted([*root.glob(f"v[0-9][0-9][0-9]/{PLAN}"), *root.glob(f".v[0-9][0-9][0-9]/{PLAN}")]):
        name = path.parent.name.removeprefix(".")
        numbers.append(int(name[1:]))
        if read_json(path).get("recipe") == plan.render.digest:
            return Publish(folder=path.parent, home=root / name)
    version = f"v{max(numbers) + 1:03d}"
    folder = root / f".{version}"
    begin(folder, plan, axes, version=version)
    return Publish(folder=folder, home=root / version)
