"""What a use draws on: inputs with their rights, tools with their terms, people with their consents. Frozen values."""

from dataclasses import dataclass
from datetime import date

from secondunit.clearance.policy.vocabulary import (
    AlterationException,
    Answer,
    Capacity,
    Confidentiality,
    Guild,
    Hosting,
    HumanWorkKind,
    InputKind,
    Licence,
    LintHit,
    Method,
    Network,
    Operation,
    Registry,
    Retention,
    RightsBasis,
    TalentKind,
    TrainingData,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRecord:
    """Why an input may be used."""

    basis: RightsBasis = "unsure"
    author: str = ""
    document: str = ""
    """Digest of the contract, licence or release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputAsset:
    """One thing a step was given."""

    id: str
    digest: str
    """SHA-256 of its bytes, or of the recipe that stands for it; steps name their inputs by it."""
    kind: InputKind = "unsure"
    rights: RightsRecord = RightsRecord()
    confidentiality: Confidentiality = "unsure"
    personal_data: Answer = "unsure"
    mark: Answer = "unsure"
    """Whether it carries a machine-readable mark of its origin (C2PA, XMP, watermark)."""
    manifest: str = ""
    """Digest of its manifest, where it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRecord:
    """One tool or model, as the production's register has it."""

    id: str
    version: str = ""
    method: Method = "unsure"
    registered: Answer = "unsure"
    """Whether these very digests are in the signed register."""
    code_digest: str = ""
    weights_digest: str = ""
    """SHA-256 of the weights; empty where it has none."""
    hosting: Hosting = "unsure"
    network: Network = "unsure"
    licence: Licence = "unsure"
    trains_on_inputs: Answer = "unsure"
    retention: Retention = "unsure"
    terms: str = ""
    """Digest of the terms as read, with ``tier`` and ``terms_read``."""
    tier: str = ""
    terms_read: date | None = None
    training_data: TrainingData = "unsure"
    training_statement: str = ""
    """Address and digest of the training-data statement."""
    talent_model: Answer = "unsure"
    """Whether it was made from a performer's face, body or voice."""
    project: str = ""
    """The one project a talent model belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRecord:
    """One prompt, without its words: those stay encrypted outside."""

    digest: str
    """Salted digest of the words."""
    writer: str = ""
    linted: Answer = "unsure"
    hits: tuple[LintHit, ...] = ()
    permission: str = ""
    """Id of the document that allows what was hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talent:
    """One person whose face, voice or body is touched."""

    person: str
    """Role id or pseudonym; consents name the same."""
    kind: TalentKind = "unsure"
    exception: AlterationException = "unsure"
    """Which customary alteration this is; asked only where ``kind`` says it is one."""
    registry: Registry = "unsure"
    notice_given: Answer = "unsure"
    pay_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """What one person agreed to. What it does not name it does not cover."""

    person: str
    document: str
    """Digest of the signed document."""
    signed_by: str
    capacity: Capacity
    signed: date
    description: str
    operations: tuple[Operation, ...]
    projects: tuple[str, ...]
    territories: tuple[str, ...]
    """Country codes, or ``worldwide``."""
    starts: date
    ends: date
    seasons: tuple[str, ...] = ()
    """Empty where the project has none."""
    media: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    training: Answer = "no"
    revoked: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanWork:
    """One thing a person made or chose, before or after a tool ran."""

    kind: HumanWorkKind
    person: str
    before: str = ""
    after: str = ""
    hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """Who does the work."""

    name: str = ""
    role: str = ""
    guild: Guild = "none"
    opted_in: Answer = "unsure"
    policy_acknowledged: Answer = "unsure"
