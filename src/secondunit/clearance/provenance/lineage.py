"""What was done to what, and the words that C2PA and IPTC have for it. Both vocabularies are closed here.

The C2PA library signs any invented action or source type and reads it back as trusted; nothing here can say one
that is not listed. Sources: C2PA specification 2.2, table 8; IPTC digital source type vocabulary.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from secondunit.core.errors import BriefError

Made = Literal["trained_model", "procedural", "human", "enhancement"]
Change = Literal["created", "edited", "placed"]
SourceType = Literal[
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "compositeSynthetic",
    "composite",
    "algorithmicMedia",
    "algorithmicallyEnhanced",
    "humanEdits",
    "digitalCreation",
]
Action = Literal[
    "c2pa.created",
    "c2pa.opened",
    "c2pa.placed",
    "c2pa.edited",
    "c2pa.enhanced",
    "c2pa.transcoded",
    "c2pa.watermarked",
    "c2pa.published",
]

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES: frozenset[str] = frozenset(IPTC + name for name in get_args(SourceType))
ACTIONS: frozenset[str] = frozenset(get_args(Action))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Photographed material that the work starts from. It was opened, never created, here."""

    name: str
    sha256: str
    path: Path | None = None
    """Where it lies while signing; a manifest that it carries is then carried on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done to the picture."""

    name: str
    """As ``procedural collapse``: what, never who."""
    made: Made
    change: Change
    """``placed`` over the plate, ``edited`` into it, or ``created`` from nothing."""
    tool: str = ""
    """Digest or name and version of what did it."""
    frames: tuple[int, int] | None = None
    """First and last frame; all where there is none."""

    @property
    def source_type(self) -> SourceType:
        """The source type of this step's own contribution."""
        if self.made == "trained_model":
            words: dict[Change, SourceType] = {
                "created": "trainedAlgorithmicMedia",
                "edited": "compositeWithTrainedAlgorithmicMedia",
                "placed": "compositeSynthetic",
            }
            return words[self.change]
        if self.made == "procedural":
            return "algorithmicMedia"
        if self.made == "human":
            return "digitalCreation" if self.change == "created" else "humanEdits"
        return "algorithmicallyEnhanced"

    @property
    def action(self) -> Action:
        """The C2PA action of this step."""
        if self.change == "created":
            return "c2pa.created"
        if self.change == "placed":
            return "c2pa.placed"
        return "c2pa.enhanced" if self.made == "enhancement" else "c2pa.edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where a picture comes from."""

    plates: tuple[Source, ...]
    steps: tuple[Step, ...]
    closed: bool
    """Whether every action is here. Only then may a manifest say so."""

    def __post_init__(self) -> None:
        """Refuse a history that could not have happened."""
        for step in self.steps:
            if step.made not in get_args(Made) or step.change not in get_args(Change):
                raise BriefError(f"step {step.name!r} is {step.made} and {step.change}", fix="use the listed words")
            if step.made == "enhancement" and step.change != "edited":
                raise BriefError(f"{step.name!r} enhances, and so cannot be {step.change}", fix="say edited")
        created = [step for step in self.steps if step.change == "created"]
        if self.plates and created:
            raise BriefError(f"{created[0].name!r} created a picture that has a plate", fix="say edited or placed")
        if not self.plates and (len(created) != 1 or self.steps[0] is not created[0]):
            raise BriefError("a picture without a plate is created once, first", fix="name the plate or the creation")


def source_type(lineage: Lineage) -> SourceType | None:
    """Return the IPTC digital source type of the whole picture; None for a plate nobody touched.

    Only what ran decides: a trained model that edited the plate gives ``compositeWithTrainedAlgorithmicMedia``, one
    whose element was placed over it ``compositeSynthetic``; procedural work over a plate is a ``composite``.
    """
    made = {step.made for step in lineage.steps}
    if not lineage.plates:
        if made <= {"trained_model", "enhancement"}:
            return "trainedAlgorithmicMedia"
        if "trained_model" in made:
            return "compositeSynthetic"
        if made <= {"procedural", "enhancement"}:
            return "algorithmicMedia"
        return "digitalCreation" if "procedural" not in made else "composite"
    if any(step.made == "trained_model" and step.change == "edited" for step in lineage.steps):
        return "compositeWithTrainedAlgorithmicMedia"
    if "trained_model" in made:
        return "compositeSynthetic"
    if "procedural" in made or any(step.change == "placed" for step in lineage.steps):
        return "composite"
    if "human" in made:
        return "humanEdits"
    return "algorithmicallyEnhanced" if made else None


def history(lineage: Lineage) -> tuple[tuple[Action, str], ...]:
    """Return the actions of a lineage in order, each with its source type's address ("" where it has none)."""
    opened: tuple[tuple[Action, str], ...] = (("c2pa.opened", ""),) if lineage.plates else ()
    more: tuple[tuple[Action, str], ...] = tuple(("c2pa.placed", "") for _ in lineage.plates[1:])
    return (*opened, *more, *((step.action, IPTC + step.source_type) for step in lineage.steps))
