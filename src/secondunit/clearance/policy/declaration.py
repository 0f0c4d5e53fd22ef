"""The declaration: what is said, once per use, before a tool runs. A frozen value with a digest.

What the pipeline knows it fills in; a person answers only what only a person knows, and "unsure" is an answer.
Set-like fields are sorted on making, so that the order in which facts are told changes nothing.
"""

from dataclasses import dataclass, field
from typing import Any

from secondunit.clearance.policy.canonical import canonical_bytes, digest_of
from secondunit.clearance.policy.records import Artist, HumanWork, InputAsset, PromptRecord, Talent, ToolRecord
from secondunit.clearance.policy.vocabulary import (
    Answer,
    Award,
    CoveredRole,
    Guild,
    Modality,
    Operation,
    OutputUse,
    Presented,
    Resemblance,
    Stage,
    Subject,
)
from secondunit.core.errors import BriefError


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of the graph: an operation of a tool, or of a hand, on inputs."""

    id: str
    operation: Operation = "unsure"
    tool: str = ""
    """Id of a tool of the declaration; empty for handwork."""
    inputs: tuple[str, ...] = ()
    """Digests of input assets and of other steps' outputs."""
    output: str = ""
    """Digest of what it makes; a recipe's digest stands for output that is not made yet."""
    subjects: tuple[Subject, ...] = ()
    """What this step touches beyond the declaration's subjects."""
    prompts: tuple[PromptRecord, ...] = ()

    def __post_init__(self) -> None:
        _sort(self, "inputs", "subjects", "prompts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prominence:
    """How much of it the audience gets."""

    seconds: float | None = None
    area_percent: float | None = None
    """Largest share of the frame, 0 to 100."""
    in_dialogue: Answer = "unsure"
    story_relevant: Answer = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One use of generative tools, wholly said."""

    use: str
    """Id of the use."""
    project: str
    season: str = ""
    shot: str = ""
    take: int = 0
    content: str = ""
    """Digest of what a person judges: an approval holds for this."""
    declared: str = ""
    """Time of declaring, UTC, ISO 8601."""
    run: str = ""
    """Time the first tool ran; empty before."""

    artist: Artist = field(default_factory=Artist)
    supervisor: str = ""
    director_answer: Answer = "unsure"
    """What the director said when consulted; ``unsure`` where nobody asked."""
    purpose: str = ""
    alternative: str = ""
    """What would be done without a generative tool, and why it was not chosen."""
    covered_role: CoveredRole = "unsure"

    stage: Stage = "unsure"
    output_use: OutputUse = "unsure"
    modality: Modality = "unsure"
    subjects: tuple[Subject, ...] = ("unsure",)
    prominence: Prominence = Prominence()
    resembles: tuple[Resemblance, ...] = ("unsure",)
    presented: Presented = "unsure"
    as_performed: Answer = "unsure"
    """Substantially as scripted, performed and recorded; asked only where talent is touched."""
    nudity: Answer = "unsure"
    """Nudity or sexual content; asked only where a minor is touched."""
    strike: Answer = "unsure"
    """A strike of the performers' union; asked only where talent is touched."""
    lowers_background: Answer = "unsure"
    """Fewer background actors hired because of it; asked only for background performers."""
    given_to_writer: Answer = "unsure"
    """Generated text reaches a writer; asked only where text comes out."""
    writer_notice: Answer = "unsure"
    similarity: Answer = "unsure"
    """Whether a person found the output too like a protected work; ``unsure`` before the check."""
    marks_carried: Answer = "unsure"
    """Whether marks of origin on inputs are carried into the output."""

    guilds: tuple[Guild, ...] = ()
    """Empty: not stated, and every guild's pack applies."""
    territories: tuple[str, ...] = ()
    """Country codes, ``EU`` or ``worldwide``; empty: not stated, and every territory's pack applies."""
    awards: tuple[Award, ...] = ()

    inputs: tuple[InputAsset, ...] = ()
    tools: tuple[ToolRecord, ...] = ()
    steps: tuple[Step, ...] = ()
    talents: tuple[Talent, ...] = ()
    human_work: tuple[HumanWork, ...] = ()

    def __post_init__(self) -> None:
        _sort(self, "subjects", "resembles", "guilds", "territories", "awards")
        _sort(self, "inputs", "tools", "steps", "talents", "human_work")
        for name in ("inputs", "tools", "steps"):
            _unique(name, [item.id for item in getattr(self, name)])
        _unique("talents", [item.person for item in self.talents])
        _refuse_loops(self.steps)

    @property
    def digest(self) -> str:
        """SHA-256 over all of it: what an approval is signed over."""
        return digest_of(self)


def _sort(value: Any, *names: str) -> None:
    for name in names:
        items = {canonical_bytes(item): item for item in getattr(value, name)}
        object.__setattr__(value, name, tuple(items[key] for key in sorted(items)))


def _unique(name: str, ids: list[str]) -> None:
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise BriefError(f"the declaration has two {name} called {twice[0]!r}", fix="give each its own id")


def _refuse_loops(steps: tuple[Step, ...]) -> None:
    makers = makers_of(steps)
    for step in steps:
        if step.id in ancestors(step, makers):
            raise BriefError(f"step {step.id!r} feeds itself", fix="name each step's inputs by what came before it")


def makers_of(steps: tuple[Step, ...]) -> dict[str, tuple[Step, ...]]:
    """Return, for each digest that a step puts out, the steps that do."""
    makers: dict[str, tuple[Step, ...]] = {}
    for step in steps:
        if step.output:
            makers[step.output] = (*makers.get(step.output, ()), step)
    return makers


def ancestors(step: Step, makers: dict[str, tuple[Step, ...]]) -> dict[str, Step]:
    """Return every step that a step's inputs come from, at any depth, by id."""
    found: dict[str, Step] = {}
    ahead = [step]
    while ahead:
        for digest in ahead.pop().inputs:
            for maker in makers.get(digest, ()):
                if maker.id not in found:
                    found[maker.id] = maker
                    ahead.append(maker)
    return found
