"""The show's folder: where each thing lies, who is at work in it.

::

    SHOW/show.toml
    SHOW/show.db
    SHOW/shots/SEQ_0010/shot.toml  layout.png  layout.usda  takes/t001/  publish/v001/
    SHOW/.cache/<stage>/<digest>/
"""

import fcntl
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from secondunit.clearance.ledger.store import Ledger
from secondunit.core.brief import ShotBrief
from secondunit.core.errors import BriefError, StoreError
from secondunit.show.brief.settings import ShowSettings, check_settings, read_settings, write_settings
from secondunit.show.brief.shot_file import NAME, read_shot
from secondunit.show.store.records import write_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """An open show."""

    root: Path
    settings: ShowSettings

    @property
    def cache(self) -> Path:
        """Where stages keep their results; may be deleted at any time."""
        return self.root / ".cache"

    @property
    def typed(self) -> str:
        """The folder as a person types it in a shell."""
        return shlex.quote(str(self.root))

    @property
    def database_url(self) -> str | URL:
        """SQLAlchemy URL: the environment's, the show's, or ``show.db`` in the folder, whatever that is called."""
        said = os.environ.get("SECONDUNIT_DATABASE", "") or self.settings.database
        return said or URL.create("sqlite", database=str(self.root / "show.db"))

    def shot_folder(self, shot: str) -> Path:
        """Return a shot's folder.

        Raises
        ------
        BriefError
            The name cannot be a folder.
        """
        if not NAME.fullmatch(shot):
            raise BriefError(f"{shot!r} is no shot name", fix="use letters, digits and ._- as SEQ_0010")
        return self.root / "shots" / shot

    def brief(self, shot: str) -> ShotBrief:
        """Read a shot's brief, with the show's rate, first frame and handles where it does not say.

        Raises
        ------
        BriefError
            There is no such shot, or its ``shot.toml`` cannot be meant.
        """
        path = self.shot_folder(shot) / "shot.toml"
        if not path.is_file():
            shots = ", ".join(sorted(p.parent.name for p in self.root.glob("shots/*/shot.toml"))) or "none yet"
            fix = f"shots here: {shots}; make one: secondunit shot init {self.typed} {shot} --plate FILE"
            raise BriefError(f"{self.root} has no shot {shot}", fix=fix)
        brief = read_shot(path, plate_defaults=self.settings.plate_defaults)
        if brief.name != shot:
            raise BriefError(f"{path}: name = {brief.name!r} is not its folder's name", fix=f'write name = "{shot}"')
        return brief


def create_show(root: Path, settings: ShowSettings) -> Show:
    """Make a show folder.

    Raises
    ------
    BriefError
        There is a show already, or the folder holds something else.
    StoreError
        The folder cannot be written.
    BackendError
        The database cannot be used.
    """
    if (root / "show.toml").exists():
        raise BriefError(f"{root} is a show already", fix="use it, or choose another folder")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise BriefError(f"{root} is not an empty folder", fix="choose a new folder")
    check_settings(settings, file=root / "show.toml")
    try:
        (root / "shots").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{root} cannot be made: {error.strerror}", fix="choose a folder you may write to") from error
    write_text(root / ".gitignore", ".cache/\n")
    write_text(root / "show.toml", write_settings(settings))
    show = Show(root=root.resolve(), settings=settings)
    Ledger(show.database_url).close()
    return show


def open_show(root: Path) -> Show:
    """Open a show folder.

    Raises
    ------
    BriefError
        It is no show, or its ``show.toml`` cannot be meant.
    """
    path = root / "show.toml"
    if not path.is_file():
        raise BriefError(
            f"{root} is no show: it has no show.toml", fix=f"make one: secondunit new {shlex.quote(str(root))}"
        )
    return Show(root=root.resolve(), settings=read_settings(path))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process alone; the system lets go when the process ends, however it ends.

    Raises
    ------
    StoreError
        Another run is at work in it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / ".lock").open("w")
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written: {error.strerror}", fix="check permissions and free space"
        ) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"another run is at work in {folder}", fix="wait for it to end, or stop it; nothing is lost"
            ) from error
        yield
