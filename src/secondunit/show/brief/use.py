"""``[use]`` of ``show.toml`` and ``shot.toml``: what only a person knows of how generative tools are used.

Everything else of a declaration the pipeline fills in. A shot's [use] says what differs from the show's. Nothing here
is needed for draft takes; a final without answers is sent to the people who can give them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from secondunit.clearance.policy.vocabulary import (
    Answer,
    Award,
    Confidentiality,
    CoveredRole,
    Guild,
    OutputUse,
    Presented,
    Resemblance,
    RightsBasis,
    Subject,
)
from secondunit.show.brief.table import read_table
from secondunit.show.brief.write import toml_value


@dataclass(frozen=True, slots=True, kw_only=True)
class UseBrief:
    """The use of generative tools that a person declares."""

    output_use: OutputUse = "unsure"
    """What finished frames are for. Unsure is not yes: it needs an approval like any final."""
    operation: Literal["generate"] = "generate"
    subject: Subject = "environment"
    more_subjects: tuple[Subject, ...] = ()
    purpose: str = ""
    alternative: str = ""
    """What would be done without generative tools, and why it was not chosen."""
    in_dialogue: Answer = "unsure"
    story_relevant: Answer = "unsure"
    resembles: tuple[Resemblance, ...] = ("unsure",)
    """Real things it looks like: person, place, event, none."""
    presented: Presented = "unsure"
    covered_role: CoveredRole = "unsure"
    """Whether it takes over work that a guild covers."""
    director_answer: Answer = "unsure"
    similarity: Answer = "unsure"
    """Whether a person who looked found it too like a protected work."""
    season: str = ""
    guilds: tuple[Guild, ...] = ()
    """Empty: not stated, and every guild's rules apply."""
    territories: tuple[str, ...] = ()
    awards: tuple[Award, ...] = ()
    plate_rights: RightsBasis = "unsure"
    plate_author: str = ""
    plate_document: str = ""
    """The contract, licence or release of the plate: a file, beside the brief; its digest is kept."""
    plate_personal_data: Answer = "unsure"
    """Whether people can be recognised in the plate."""
    plate_confidentiality: Confidentiality = "unsure"
    plate_mark: Answer = "unsure"
    """Whether the plate carries a machine-readable mark of its origin."""
    picture_rights: RightsBasis = "unsure"
    """By what right mattes and clean plates that are given as files are used."""
    supervisor: str = ""

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """All subjects, each once."""
        return tuple(dict.fromkeys((self.subject, *self.more_subjects)))


WORDS: Mapping[str, str] = {
    "output_use": "ideation, temp_internal, temp_screened, final_incidental, final_prominent, final_story, marketing",
    "subject": "what it shows: environment, prop_incidental, prop_prominent, key_visual, onscreen_text, ...",
    "purpose": "in one sentence",
    "alternative": "what would be done without it, and why it was not chosen",
    "in_dialogue": "yes or no: is it spoken of?",
    "story_relevant": "yes or no: does the story turn on it?",
    "resembles": "real things it looks like: person, place, event, or none",
    "presented": "fiction, docu_fiction or authentic",
    "covered_role": "none, assists or replaces work that a guild covers",
    "director_answer": "what the director said when asked",
    "similarity": "yes or no: did a person who looked find it too like a protected work?",
    "plate_rights": "owned, licensed, public_domain, consent or unlicensed",
    "plate_author": "who photographed it",
    "plate_document": "file of the licence or release, beside this one; its digest is kept",
    "plate_personal_data": "yes or no: can people be recognised in it?",
    "plate_confidentiality": "open, proprietary or sensitive",
    "picture_rights": "the same, for mattes and clean plates given as files",
    "plate_mark": "yes or no: does it carry C2PA or XMP marks of its origin?",
}
"""A word on each key that a person may have to answer."""


def read_use(table: Any, *, file: Path, defaults: UseBrief | None = None) -> UseBrief:
    """Read a [use] table.

    Raises
    ------
    BriefError
        An unknown key or a word that is not in its list.
    """
    return read_table(UseBrief, table, file=file, section="use", limits={}, defaults=defaults or UseBrief())


def write_use(use: UseBrief) -> list[str]:
    """Return the lines of a [use] table: the four that every show has, and what else is said."""
    plain, lines = UseBrief(), ["[use]  # what generative tools are used for; docs/clearance/artist.md"]
    for field in fields(UseBrief):
        value = getattr(use, field.name)
        if field.name in ("output_use", "operation", "subject", "purpose") or value != getattr(plain, field.name):
            lines.append(f"{field.name} = {toml_value(value)}")
    if use.output_use == "unsure":
        lines.append(f"# output_use: one of {WORDS['output_use']}")
    return lines
