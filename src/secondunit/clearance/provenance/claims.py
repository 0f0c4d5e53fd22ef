"""A second opinion on what a signed manifest claims: the words are derived again from the lineage and compared.

A signature only says who spoke. The library signs a plate that was ``created``, or an invented source type, as gladly
as the truth; so the reader derives the truth for itself.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secondunit.clearance.provenance.findings import Finding
from secondunit.clearance.provenance.lineage import ACTIONS, IPTC, SOURCE_TYPES, history, source_type
from secondunit.clearance.provenance.manifest import ReadManifest
from secondunit.clearance.provenance.statement import SCHEMA, read_lineage
from secondunit.core.errors import BriefError


def claim_findings(path: Path, read: ReadManifest, *, sequence: Mapping[str, Any] | None = None) -> list[Finding]:
    """Return where a manifest claims what its own lineage does not bear out.

    Parameters
    ----------
    sequence
        The statement in a sequence's document, whose manifest must tell the whole history; None for what was made
        from a sequence.
    """

    def wrong(message: str) -> Finding:
        return Finding(path=path, kind="false_claim", message=message)

    found = [wrong(f"action {a!r} is on no list") for a, _ in read.actions if a not in ACTIONS]
    found += [wrong(f"source type {t!r} is on no list") for _, t in read.actions if t and t not in SOURCE_TYPES]
    said = read.statement
    if said.get("schema") != SCHEMA:
        return [*found, wrong("says nothing of how it was made")]
    if sequence is not None and {k: v for k, v in said.items() if k != "sequence"} != dict(sequence):
        found.append(wrong("the manifest and the document it signs say different things"))
    try:
        lineage = read_lineage(said["lineage"])
    except (KeyError, TypeError, ValueError, BriefError) as error:
        return [*found, wrong(f"its lineage cannot be read: {error}")]
    kind = source_type(lineage)
    if said.get("digitalSourceType") != (kind or ""):
        found.append(wrong(f"says {said.get('digitalSourceType')!r}, but its lineage makes it {kind!r}"))
    if read.complete and not lineage.closed:
        found.append(wrong("says that all actions are in it, but its lineage is open"))
    if any(step.made == "trained_model" for step in lineage.steps) != bool(said.get("models")):
        found.append(wrong("a trained model ran or not: its lineage and its list of models disagree"))
    if any(action == "c2pa.watermarked" for action, _ in read.actions) and not said.get("watermark"):
        found.append(wrong("says that it is watermarked, but names no mark"))
    if sequence is not None:
        if read.actions != history(lineage):
            found.append(wrong("its actions are not those of its lineage"))
    elif read.actions[:1] != (("c2pa.opened", ""),) or {t for _, t in read.actions if t} - {IPTC + (kind or "")}:
        found.append(wrong("its actions are not those of something made from the sequence"))
    return found
