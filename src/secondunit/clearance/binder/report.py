"""What a disclosure report says, as frozen values: the one source that every edition is printed from."""

from dataclasses import dataclass
from typing import Literal

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A policy pack in force."""

    id: str
    title: str
    revision: int
    digest: str
    effective: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What the report is about and how far it reaches."""

    show: str
    code: str
    first_entry: str
    """Time of the ledger's first entry; empty where it has none."""
    complete_as_of: str
    """Time of the last entry that the report knows."""
    generated_at: str
    ledger_head: str
    tree_size: int
    tree_root: str
    signer: str
    policies: tuple[PolicyRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow:
    """One line of the shot map: one take or final, one use of a tool."""

    shot: str
    take: int
    status: Literal["final", "temp"]
    frames: tuple[int, int]
    timecode: tuple[str, str]
    seconds: float
    area_percent: float | None
    """Share of the picture that generated pixels cover, mean over the frames; None where it was not measured."""
    operation: str
    subject: str
    output_use: str
    source_type: str
    """As the manifest says it."""
    authors: tuple[str, ...]
    tool: str
    approvals: tuple[str, ...]
    declaration: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRow:
    """A tool or model that ran, as registered."""

    name: str
    version: str
    kind: str
    hosting: str
    licence: str
    weights: str
    """Digest of its weights, or why there is none."""
    training_data: str
    keeps_inputs: str
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRow:
    """A take or final whose dust a clip model drew."""

    shot: str
    take: int
    status: Literal["final", "temp"]
    tool: str
    weights: str
    licence: str
    seed: int
    prompts: tuple[str, ...]
    """Salted digests; their words are not here."""
    pictures: str
    """Digest over what it drew: of a final, over what was approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRow:
    """An input and by what right it is used."""

    asset: str
    digest: str
    kind: str
    author: str
    basis: str
    document: str
    shots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """A person's consent, by the digest of its document."""

    person: str
    kind: str
    description: str
    scope: str
    period: str
    state: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """A signed decision."""

    shot: str
    take: int
    person: str
    role: str
    at: str
    expires: str
    opened: str
    """What the person opened before signing, by digest."""
    digest: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A guild notice or a consultation."""

    whom: str
    about: str
    at: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorshipRow:
    """What people made in a shot, and what the software made."""

    shot: str
    human: tuple[str, ...]
    generated: tuple[str, ...]
    choices: tuple[str, ...]
    edits: int
    """Changes of the brief that the ledger holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRow:
    """A question that an award asks, and what the record answers."""

    award: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRow:
    """A use that was stopped."""

    at: str
    shot: str
    take: int
    asked: str
    reason: str
    roles: tuple[str, ...]
    later: str
    """What became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """Something that the record does not cover or that a check found wrong."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What the audience is told."""

    credit: str
    place: str
    eu: str
    lookalikes: tuple[str, ...] = ()
    """Shots that resemble a real place, event or person, or may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How a stranger checks the report without us."""

    commands: tuple[str, ...]
    findings: tuple[str, ...]
    """What our own checks found when this was written; empty where all was well."""
    proofs: tuple[tuple[str, str, str], ...] = ()
    """What, its ledger entry, its inclusion proof in short."""
    timestamp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Numbers for the statement, each with what it counts."""

    script_text_operations: int
    refused: int
    characters: int
    performers_altered: int
    finals: int
    temps: int
    declined_by_artists: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report."""

    cover: Cover
    counts: Counts
    uses: tuple[UseRow, ...]
    tools: tuple[ToolRow, ...]
    rights: tuple[RightsRow, ...]
    consents: tuple[ConsentRow, ...]
    approvals: tuple[ApprovalRow, ...]
    notices: tuple[NoticeRow, ...]
    authorship: tuple[AuthorshipRow, ...]
    audience: Audience
    awards: tuple[AwardRow, ...]
    refusals: tuple[RefusalRow, ...]
    gaps: tuple[GapRow, ...]
    unknown: tuple[str, ...]
    verification: Verification
    employment: tuple[str, ...] = ()
    clips: tuple[ClipRow, ...] = ()
    schema: int = SCHEMA

    @property
    def finals(self) -> tuple[UseRow, ...]:
        """The uses that are in the picture."""
        return tuple(use for use in self.uses if use.status == "final")
