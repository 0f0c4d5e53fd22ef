"""The disclosure report of a show, gathered from its ledger and its published files; nothing in it is typed in."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from secondunit.clearance.binder.editions import EDITIONS, EditionName
from secondunit.clearance.binder.report import (
    Counts,
    Cover,
    PolicyRow,
    Report,
    Verification,
)
from secondunit.clearance.binder.write import Binder, write_binder
from secondunit.clearance.keys import key_id
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.store import Ledger
from secondunit.media.jpeg import jpeg_of
from secondunit.show.delivery.binder_rows import (
    approval_rows,
    authorship_rows,
    clip_rows,
    consent_rows,
    refusal_rows,
    rights_rows,
    tool_rows,
    use_rows,
)
from secondunit.show.delivery.binder_words import audience, awards, employment, gaps, notices
from secondunit.show.delivery.check import Checked, verify_show
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.people import FOLDER, registrar_public, show_keys
from secondunit.show.record.policies import ShowRules, rules_of
from secondunit.show.store.show import Show

UNKNOWN = (
    "Work done outside this software, and pictures imported without being declared.",
    "Whether what people declared is true: it is kept as they said it, with their name.",
    "Hours worked; the software does not watch people.",
    "Whether a plate holds material that somebody else owns; a person answers for that.",
)


def write_show_binder(
    show: Show,
    folder: Path | None = None,
    *,
    editions: Sequence[EditionName] = EDITIONS,
    keys: Path | None = None,
    passphrase: str = "",
) -> Binder:
    """Write a show's binder: a signed report, and from it each edition as HTML and PDF.

    Parameters
    ----------
    folder
        ``SHOW/binder`` where left out.

    Raises
    ------
    BriefError
        The show has no keys to sign with.
    StoreError
        The folder cannot be written.
    """
    signer = show_keys(show, keys=keys, passphrase=passphrase).registrar
    rules, checked = rules_of(show), verify_show(show)
    with ledger_of(show, policy=rules.digest) as ledger:
        report = gather(show, ledger, rules=rules, checked=checked)
        stills = _stills(show, ledger.entries(kind="export"))
        made = write_binder(report, folder or show.root / "binder", key=signer, stills=stills, only=editions)
    return made


def gather(show: Show, ledger: Ledger, *, rules: ShowRules, checked: Checked) -> Report:
    """Return the report of a show as its ledger stands."""
    entries = ledger.entries()
    uses = use_rows(show, ledger, entries)
    declared = _declarations(ledger, entries)
    finals = [use for use in uses if use.status == "final"]
    touched = [d for d in declared if d["output_use"] not in ("ideation", "temp_internal", "temp_screened")]
    subjects = [subject for d in touched for subject in d["subjects"]]
    refusals = refusal_rows(entries)
    return Report(
        cover=_cover(show, ledger, entries, rules),
        counts=Counts(
            script_text_operations=sum("script_text" in d["subjects"] and d["modality"] == "text" for d in declared),
            refused=len(refusals),
            characters=sum(s == "character" for s in subjects),
            performers_altered=sum(s.startswith(("performer_", "background_", "deceased")) for s in subjects),
            finals=len(finals),
            temps=len(uses) - len(finals),
            declined_by_artists=sum(e.kind == "opt_in" and not e.facts.get("voluntary") for e in entries),
        ),
        uses=uses,
        tools=tool_rows(declared),
        rights=rights_rows(declared),
        consents=consent_rows(rules.rules.consents, on=rules.rules.on),
        approvals=approval_rows(show, ledger),
        notices=notices(entries, touched),
        authorship=authorship_rows(entries, declared),
        audience=audience(touched, uses),
        awards=awards(touched, len(finals)),
        refusals=refusals,
        gaps=gaps(checked, touched, finals=bool(finals)),
        unknown=UNKNOWN,
        verification=_verification(show, ledger, entries, checked),
        employment=employment(touched),
        clips=clip_rows(uses, entries, declared),
    )


def _cover(show: Show, ledger: Ledger, entries: Sequence[Entry], rules: ShowRules) -> Cover:
    packs = tuple(
        PolicyRow(
            id=pack.id,
            title=pack.title,
            revision=pack.revision,
            digest=pack.digest,
            effective=pack.effective_from.isoformat(),
        )
        for pack in rules.packs
    )
    return Cover(
        show=show.root.name,
        code=show.settings.code,
        first_entry=entries[0].at if entries else "",
        complete_as_of=entries[-1].at if entries else "",
        generated_at=datetime.now(UTC).isoformat(timespec="seconds"),
        ledger_head=entries[-1].hash if entries else "",
        tree_size=len(entries),
        tree_root=ledger.root() if entries else "",
        signer=f"the show's own key {key_id(registrar_public(show))}",
        policies=packs,
    )


def _declarations(ledger: Ledger, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return what was declared, latest for each take and kind; what was erased is known by its public part alone."""
    found: dict[tuple[str, int, str], dict[str, Any]] = {}
    for entry in entries:
        if entry.kind != "declaration":
            continue
        facts, private = entry.facts, ledger.private(entry) or {}
        whole = private.get("declaration") or {}
        bare = {
            "inputs": [],
            "tools": [],
            "human_work": [],
            "resembles": ["unsure"],
            "awards": [],
            "modality": "picture",
            "covered_role": "unsure",
            "director_answer": "unsure",
            "artist": {"name": "(erased)"},
        }
        found[facts["shot"], facts["take"], facts["kind"]] = {
            **bare,
            **whole,
            "shot": facts["shot"],
            "take": facts["take"],
            "kind": facts["kind"],
            "subjects": facts["subjects"],
            "output_use": facts["output_use"],
            "declared": facts["declared"],
        }
    return list(found.values())


def _verification(show: Show, ledger: Ledger, entries: Sequence[Entry], checked: Checked) -> Verification:
    proofs = []
    for entry in entries:
        if entry.kind == "export":
            proof = ledger.inclusion(entry.seq)
            what = f"{entry.facts['shot']} {entry.facts['version']}, root {str(entry.facts['root'])[:16]}…"
            proofs.append((what, f"{entry.seq} of {proof.size}", " ".join(step[:12] for step in proof.path)))
    stamp = (
        show.settings.time_stamp_url or "none: no time-stamp authority is configured; only the show vouches for when"
    )
    return Verification(
        commands=(
            f"secondunit verify FOLDER --trust {FOLDER}/ca.pem",
            "secondunit clearance verify SHOW --checkpoint FILE",
        ),
        findings=checked.wrong,
        proofs=tuple(proofs),
        timestamp=stamp,
    )


def _stills(show: Show, exports: Sequence[Entry]) -> dict[str, bytes]:
    """Return the contact sheet of each published version as JPEG, by caption."""
    found = {}
    for entry in exports:
        shot, version = str(entry.facts["shot"]), str(entry.facts["version"])
        folder = show.root / "shots" / shot / "publish" / version
        for sheet in sorted(folder.glob("*_contact.png")):
            found[f"{shot} {version}: frames of the finished version"] = jpeg_of(sheet)
    return found
