"""What the rules say of a use, and the approvals that a judgement heeds. Frozen values."""

from dataclasses import dataclass
from datetime import date

from secondunit.clearance.policy.canonical import digest_of
from secondunit.clearance.policy.vocabulary import Decision, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleApproval:
    """One person's yes in one role, its signature already verified."""

    role: Role
    person: str
    key: str
    """Id of the key that signed it."""
    declaration: str
    """Digest of the declaration it was given for."""
    given: date
    expires: date
    """The last day it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One rule that applies, and why."""

    rule: str
    pack: str
    decision: Decision
    says: str
    """The rule in plain words."""
    roles: tuple[Role, ...] = ()
    evidence: tuple[str, ...] = ()
    """What is to be recorded."""
    steps: tuple[str, ...] = ()
    """Ids of the steps it applies to; empty where it applies to the use as a whole."""
    facts: tuple[str, ...] = ()
    """The facts that made it apply, as ``field: value``."""
    unanswered: tuple[str, ...] = ()
    """Fields whose answers would settle it; only where nobody knows yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on a use, under named packs, on a day."""

    decision: Decision
    use: str
    declaration: str
    """Digest of the declaration; empty where none was made."""
    policy: str
    """Digest over the packs in force."""
    packs: tuple[str, ...]
    """Each pack in force, as ``id@revision``."""
    on: date
    moment: str
    hits: tuple[Hit, ...]
    """Every rule that applies, strictest first."""
    roles: tuple[Role, ...] = ()
    """All roles that the rules ask for."""
    missing: tuple[Role, ...] = ()
    """Those of them whose approval is still to come."""
    approved_by: tuple[str, ...] = ()
    """``role: person`` of each approval that counted."""
    heeded_not: tuple[str, ...] = ()
    """Each approval that did not count, and why."""
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the whole judgement."""
        return digest_of(self)

    @property
    def allowed(self) -> bool:
        """Whether the use may go on."""
        return self.decision in ("allow", "allow_record")

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that apply, sorted, each once."""
        return tuple(sorted({hit.rule for hit in self.hits}))

    @property
    def evidence(self) -> tuple[str, ...]:
        """Everything that is to be recorded, each once, in the rules' order."""
        return tuple(dict.fromkeys(item for hit in self.hits for item in hit.evidence))
