"""Where prep's files lie in a show.

::

    SHOW/prep/script.json       references to the script: scenes by number, line range and digest; never the prose
    SHOW/prep/breakdown.json    elements, effects, eighths; breakdown.csv and breakdown.html beside it
    SHOW/prep/corrections.toml  what a person put right; applied again on each run
    SHOW/prep/shotlist.toml     the shot list; a person edits it
    SHOW/prep/boards/<SHOT>/    panels and drawings
    SHOW/prep/sets/<slug>/      set options; an approved one is locked
    SHOW/prep/previs/<SHOT>/    camera moves, animatics, techvis
"""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from secondunit.core.errors import BriefError
from secondunit.show.brief.shot_file import NAME
from secondunit.show.store.show import Show


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepStore:
    """The prep folder of a show."""

    show: Show

    @property
    def root(self) -> Path:
        """The folder; it is made when something is written."""
        return self.show.root / "prep"

    @property
    def script(self) -> Path:
        """References to the script."""
        return self.root / "script.json"

    @property
    def breakdown(self) -> Path:
        """The breakdown as JSON."""
        return self.root / "breakdown.json"

    @property
    def corrections(self) -> Path:
        """What a person put right."""
        return self.root / "corrections.toml"

    @property
    def shotlist(self) -> Path:
        """The shot list."""
        return self.root / "shotlist.toml"

    @property
    def proposals(self) -> Path:
        """What was proposed last, by which a person's edits are known."""
        return self.root / "shotlist.proposed.json"

    def board(self, shot: str) -> Path:
        """Return the folder of a shot's panels.

        Raises
        ------
        BriefError
            The name cannot be a folder.
        """
        return self.root / "boards" / _named(shot)

    def set(self, name: str) -> Path:
        """Return the folder of a set, by its name on the page or its slug.

        Raises
        ------
        BriefError
            Nothing of the name can be a folder.
        """
        return self.root / "sets" / set_slug(name)

    def previs(self, shot: str) -> Path:
        """Return the folder of a shot's previs.

        Raises
        ------
        BriefError
            The name cannot be a folder.
        """
        return self.root / "previs" / _named(shot)


def prep_of(show: Show) -> PrepStore:
    """Return where prep's files of a show lie."""
    return PrepStore(show=show)


def set_slug(name: str) -> str:
    """Return a set's name as a folder can have it; letters of any script are kept.

    >>> set_slug("AV. CORRIENTES, BLOCK 1200"), set_slug("Café – Día"), set_slug("МАЙ")
    ('av-corrientes-block-1200', 'cafe-dia', 'май')

    Raises
    ------
    BriefError
        Nothing of the name can be a folder.
    """
    plain = "".join(_without_accent(c) for c in unicodedata.normalize("NFC", name.casefold()))
    slug = re.sub(r"[\W_]+", "-", plain).strip("-")[:80].rstrip("-")
    if not slug:
        raise BriefError(f"{name!r} is no name of a set", fix="use letters or digits")
    return slug


def _without_accent(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1]
    return base if base.isascii() else letter  # in other scripts the marks make the letter


def _named(shot: str) -> str:
    if not NAME.fullmatch(shot):
        raise BriefError(f"{shot!r} is no shot name", fix="use letters, digits and ._- as SEQ_0010")
    return shot
