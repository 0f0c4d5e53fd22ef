"""Who is handed what: each edition is a list of sections of the one report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from secondunit.clearance.binder.document import Block, Document, Heading, Paragraph
from secondunit.clearance.binder.report import Report
from secondunit.clearance.binder.sections import SECTIONS, pictures

EditionName = Literal["studio", "guild", "insurer", "festival", "public"]
EDITIONS: tuple[EditionName, ...] = get_args(EditionName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A reader and what is for them."""

    title: str
    subtitle: str
    sections: tuple[str, ...]
    names: bool
    """Whether people are named."""
    stills: bool = False


_KINDS: Mapping[EditionName, Edition] = {
    "studio": Edition(
        title="AI use disclosure",
        subtitle="Studio edition, complete. Confidential: it names people and shows unreleased pictures.",
        sections=tuple(name for name in SECTIONS if name != "finals"),
        names=True,
        stills=True,
    ),
    "guild": Edition(
        title="AI use disclosure",
        subtitle="Guild edition: scripts, performers, notices, authorship and work. Consents without names.",
        sections=(
            "statement",
            "finals",
            "consents",
            "notices",
            "authorship",
            "employment",
            "exceptions",
            "gaps",
            "verification",
        ),
        names=False,
    ),
    "insurer": Edition(
        title="AI use disclosure",
        subtitle="Edition for errors-and-omissions insurers and distributors: rights, tools, approvals and gaps.",
        sections=(
            "statement",
            "shot_map",
            "tools",
            "rights",
            "consents",
            "approvals",
            "audience",
            "exceptions",
            "gaps",
            "verification",
        ),
        names=True,
    ),
    "festival": Edition(
        title="AI use disclosure",
        subtitle="Festival and awards edition.",
        sections=("statement", "finals", "authorship", "audience", "awards", "gaps", "verification"),
        names=False,
    ),
    "public": Edition(
        title="How this picture used generative tools",
        subtitle="Public edition. It names nobody.",
        sections=("statement", "finals", "audience", "verification"),
        names=False,
    ),
}


def edition(report: Report, name: EditionName, *, stills: Mapping[str, bytes] | None = None) -> Document:
    """Return an edition as a document.

    Parameters
    ----------
    stills
        JPEG by caption, for the editions that show pictures.
    """
    kind, cover = _KINDS[name], report.cover
    blocks: list[Block] = []
    for number, section in enumerate(kind.sections, start=1):
        title, write = SECTIONS[section]
        blocks += [Heading(number=number, text=title), *write(report, names=kind.names)]
        if section == "statement" and kind.stills:
            blocks += pictures(stills or {})
        if section == "statement" and report.verification.findings:
            blocks.append(Paragraph(text="Checks found something wrong: see the last section.", tone="warn"))
    facts = [
        ("Show", f"{cover.show} ({cover.code})"),
        ("Period", f"{cover.first_entry[:10] or 'nothing recorded'} to {cover.complete_as_of[:10] or 'now'}"),
        ("Complete as of", f"{cover.complete_as_of[:16].replace('T', ' ')} UTC, entry {cover.tree_size} of the ledger"),
        ("Written", f"{cover.generated_at[:16].replace('T', ' ')} UTC"),
        ("Signed by", cover.signer),
        ("Rules in force", "; ".join(f"{p.title}, revision {p.revision}" for p in cover.policies) or "none"),
    ]
    return Document(
        title=kind.title,
        edition=f"{name} edition",
        subtitle=kind.subtitle,
        cover=tuple(facts),
        blocks=tuple(blocks),
        footer=f"{cover.show} · {name} edition · ledger {cover.ledger_head[:16]} · {cover.generated_at[:10]}",
    )
