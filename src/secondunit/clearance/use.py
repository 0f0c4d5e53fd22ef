"""What is asked of the gate, what people decided, and what the gate said. Frozen values with digests."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from secondunit.core.recipe import digest

Decision = Literal["allow_record", "needs_approval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a generative tool: who, on which shot, with what, for what."""

    show: str
    shot: str
    take: int
    kind: Literal["draft", "final"]
    artist: str
    operation: str
    subject: str
    output_use: str
    purpose: str
    generator: str
    generator_version: str
    weights_digest: str
    recipe: str
    """Digest of the take's whole recipe."""
    content: str
    """Digest of what a person judges: the recipe less its resolution. An approval holds for this."""

    @property
    def digest(self) -> str:
        """SHA-256 of the whole statement."""
        return digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A named person's decision on a take, as recorded."""

    shot: str
    take: int
    content: str
    by: str
    role: str
    at: str
    """Time in UTC, ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate said of a use."""

    use: Use
    decision: Decision
    reason: str
    roles: tuple[str, ...] = ()
    """Who must still approve."""
    approved_by: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the verdict and its use."""
        return digest(self)

    @property
    def burn_in(self) -> str:
        """Mark that a proxy of this use carries; empty on finals."""
        return "AI temp" if self.use.kind == "draft" else ""


def same_person(one: str, other: str) -> bool:
    """Whether two written names mean one person: case, spacing and composed accents do not tell people apart.

    >>> same_person("Ada  Lovelace ", "ada lovelace"), same_person("Ada", "Eva")
    (True, False)
    """
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip().casefold()
