"""What is asked of the gate and what the gate said. Frozen values with digests."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from secondunit.clearance.policy.judgement import Judgement
from secondunit.clearance.policy.vocabulary import Decision, Role
from secondunit.core.recipe import digest

TEMPORARY = ("ideation", "temp_internal", "temp_screened")
"""Output uses that are never in the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a generative tool: who, on which shot, with what, for what."""

    show: str
    shot: str
    take: int
    kind: Literal["draft", "final"]
    artist: str
    output_use: str
    generator: str
    generator_version: str
    weights_digest: str
    recipe: str
    """Digest of the take's whole recipe."""
    content: str
    """Digest of what a person judges: the recipe less its resolution. An approval holds for this."""
    declaration: str
    """Digest of the declaration that says all else."""

    @property
    def digest(self) -> str:
        """SHA-256 of the whole statement."""
        return digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate said of a use."""

    use: Use
    judgement: Judgement
    """What the rules say of its declaration."""
    contradiction: str = ""
    """Where use and declaration do not fit each other; empty where they do."""

    @property
    def decision(self) -> Decision:
        """The verdict: a contradiction is never allowed."""
        return "forbidden" if self.contradiction else self.judgement.decision

    @property
    def allowed(self) -> bool:
        """Whether it may go on."""
        return self.decision in ("allow", "allow_record")

    @property
    def roles(self) -> tuple[Role, ...]:
        """Who must still approve; nobody where it is forbidden, as nobody may."""
        return self.judgement.missing if self.decision == "needs_approval" else ()

    @property
    def approved_by(self) -> tuple[str, ...]:
        """Each approval that counted."""
        return self.judgement.approved_by

    @property
    def digest(self) -> str:
        """SHA-256 of the verdict and its use."""
        said = {"use": self.use.digest, "judgement": self.judgement.digest, "contradiction": self.contradiction}
        return digest(said)

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
