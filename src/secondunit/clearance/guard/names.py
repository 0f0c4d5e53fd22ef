"""Names that a prompt may not carry: the shipped list, and a show's own (its cast and crew, its titles)."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, cast, get_args

from secondunit.clearance.policy.vocabulary import LintHit
from secondunit.core.errors import BriefError


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name and its other spellings, in any script."""

    kind: LintHit
    name: str
    aliases: tuple[str, ...] = ()
    """A surname that means only this person, a name in another script."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All of them."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """A list of names."""

    entries: tuple[Entry, ...]

    def with_people(self, people: Iterable[str], *, kind: LintHit = "performer") -> "Names":
        """Return the list with further names, such as a show's cast."""
        return Names(entries=(*self.entries, *(Entry(kind=kind, name=name) for name in people)))


def load_names(*own: Path) -> Names:
    """Return the shipped list, and lists of a show's own on top. Nothing takes a name off.

    A list is TOML: a table for each kind (artist, work, title, brand, performer, public_person, dead_person) with
    names, each with a list of its other spellings.

    Raises
    ------
    BriefError
        A list cannot be read, or says what no list may.
    """
    shipped = files("secondunit.clearance.guard").joinpath("names.toml").read_text(encoding="utf-8")
    entries = list(_entries(tomllib.loads(shipped), "names.toml"))
    for path in own:
        try:
            entries += _entries(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BriefError(f"{path} cannot be read: {error}", fix="write a table for each kind of name") from error
    return Names(entries=tuple(entries))


def _entries(found: dict[str, Any], where: str) -> Iterable[Entry]:
    for kind, table in found.items():
        if kind not in get_args(LintHit) or kind == "unsure" or not isinstance(table, dict):
            raise BriefError(f"{where}: no list is called {kind!r}", fix=f"use {', '.join(get_args(LintHit)[:-1])}")
        for name, aliases in table.items():
            if not name.strip() or not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
                raise BriefError(f"{where}: {kind}.{name!r} has no list of spellings", fix='write "Name" = []')
            yield Entry(kind=cast(LintHit, kind), name=name, aliases=tuple(aliases))
