"""Policy packs: rules as data. Frozen values; ``pack_toml`` reads them, ``signing`` vouches for them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from secondunit.clearance.policy.canonical import canonical_bytes, digest_of, plain
from secondunit.clearance.policy.vocabulary import Decision, Role

Test = Literal["any", "none", "shown", "not_shown", "at_least"]
"""``any`` and ``none``: a word is there, or no word is; not known where an answer is "unsure".
``shown``: a word is surely there. ``not_shown``: some word is not surely one of these; "unsure" is not.
``at_least``: a number is as high."""

Scope = Literal["step", "use"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One question about one field."""

    field: str
    test: Test
    values: tuple[str, ...] = ()
    number: float = 0.0

    def __str__(self) -> str:
        words = " or ".join(self.values)
        said = {
            "any": f"is {words}",
            "none": f"is not {words}",
            "shown": f"is surely {words}",
            "not_shown": f"is not shown to be {words}",
            "at_least": f"≥ {self.number:g}",
        }
        return f"{self.field} {said[self.test]}"


Clause = tuple[Condition, ...]
"""Conditions that must all hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One verdict of a rule, and when it is given: where any clause holds."""

    verdict: Decision
    when: tuple[Clause, ...]
    roles: tuple[Role, ...] = ()
    evidence: tuple[str, ...] = ()
    says: str = ""
    """This case in plain words, where the rule's own sentence is not enough."""

    @property
    def trigger(self) -> str:
        """The condition in words."""
        return "; or ".join(" and ".join(str(c) for c in clause) for clause in self.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: a plain sentence, where it comes from, and its cases."""

    id: str
    says: str
    source: str
    cases: tuple[Case, ...]
    scope: Scope = "step"
    """``step``: asked of every step that uses a generative or learning tool. ``use``: asked once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Rules of one source, in one revision, for a time and a territory."""

    id: str
    family: str
    """Packs of one family replace one another by date."""
    title: str
    revision: int
    effective_from: date
    effective_to: date | None
    jurisdictions: tuple[str, ...]
    """Territory codes, or ``*`` for all."""
    guild: str
    """Applies where this guild is named, or none is stated; empty: always."""
    droppable: bool
    notes: str
    rules: tuple[Rule, ...]
    signed_by: tuple[str, ...] = field(default=(), compare=False)
    """Ids of the keys whose signatures held; no part of the signed bytes."""
    digest: str = field(init=False, default="", compare=False)
    """SHA-256 of the pack's content, without its signatures."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of(self._body()))

    @property
    def signed_bytes(self) -> bytes:
        """The canonical bytes that signatures are over."""
        return b"secondunit policy pack v1\n" + canonical_bytes(self._body())

    @property
    def name(self) -> str:
        """``id@revision``."""
        return f"{self.id}@{self.revision}"

    def _body(self) -> dict[str, object]:
        body: dict[str, object] = plain(self)
        del body["signed_by"], body["digest"]
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One case of one rule, as a table shows it."""

    id: str
    pack: str
    says: str
    source: str
    trigger: str
    verdict: Decision
    roles: tuple[Role, ...]
    evidence: tuple[str, ...]


def rules_table(packs: tuple[Pack, ...]) -> tuple[RuleRow, ...]:
    """Return every case of every rule of some packs, one row each, in the packs' order."""
    return tuple(
        RuleRow(
            id=rule.id,
            pack=pack.name,
            says=f"{rule.says}: {case.says}" if case.says else rule.says,
            source=rule.source,
            trigger=case.trigger,
            verdict=case.verdict,
            roles=case.roles,
            evidence=case.evidence,
        )
        for pack in packs
        for rule in pack.rules
        for case in rule.cases
    )
