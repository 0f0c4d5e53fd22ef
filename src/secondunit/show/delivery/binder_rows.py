"""Rows of the disclosure report, each from what the ledger holds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from secondunit.clearance.binder.report import (
    ApprovalRow,
    AuthorshipRow,
    ClipRow,
    ConsentRow,
    RefusalRow,
    RightsRow,
    ToolRow,
    UseRow,
)
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.people import approvals_in, ring_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.records import ConsentRecord
from secondunit.core.frames import timecode
from secondunit.show.clearing.clip_step import STEP
from secondunit.show.store.show import Show

Declared = Mapping[str, Any]
TEMP_TYPE = "not signed: a temp take"
_MADE_BY_PEOPLE = {
    "matte": "matte drawn by hand",
    "roto": "holdouts drawn by hand",
    "keys": "timing of events set by hand",
    "selection": "the take chosen",
    "layout": "layout set by hand",
    "paint": "paint",
    "comp": "comp",
    "grade": "grade",
    "plate": "plate photographed",
    "camera": "camera",
    "sketch": "sketch",
    "edit": "edit",
}


def use_rows(show: Show, ledger: Ledger, entries: Sequence[Entry]) -> tuple[UseRow, ...]:
    """Return each take and final that was made whole, the latest of each."""
    exports = {(e.facts["shot"], e.facts["take"]): e for e in entries if e.kind == "export"}
    verdicts: dict[tuple[str, int, str], list[Entry]] = {}
    for e in entries:
        if e.kind == "verdict":
            verdicts.setdefault((e.facts["shot"], e.facts["take"], e.facts["kind"]), []).append(e)
    made = {
        (e.facts["shot"], e.facts["take"], e.facts["kind"]): e
        for e in entries
        if e.kind == "output" and e.facts.get("state") == "whole"
    }
    ring = ring_of(ledger)
    signed = {r.approval.digest: r.approval for r in approvals_in(ledger)}
    rows = []
    for (shot, take, kind), entry in sorted(made.items()):
        facts, out, given_leave = entry.facts, exports.get((shot, take)), verdicts.get((shot, take, kind), [])
        verdict = next(iter(reversed(given_leave)), None)
        if verdict is None or (kind == "final" and out is None):
            continue
        private = ledger.private(verdict) or {}
        first, last = facts["frames"]
        rate = Fraction(facts["rate"])
        given = [signed[d] for d in out.facts["approvals"] if d in signed] if kind == "final" and out else []
        rows.append(
            UseRow(
                shot=shot,
                take=take,
                status="final" if kind == "final" else "temp",
                frames=(first, last),
                timecode=(timecode(first, rate), timecode(last, rate)),
                seconds=float((last - first + 1) / rate),
                area_percent=facts["area_percent"][0] if facts["area_percent"] else None,
                operation="generate",
                subject=_subject(entries, shot, take, kind),
                output_use=verdict.facts["output_use"],
                source_type=out.facts["source_type"] if kind == "final" and out else TEMP_TYPE,
                authors=(str(private.get("artist", "(erased)")),),
                tool=_tools(given_leave, declaration=verdict.facts["declaration"]),
                approvals=tuple(f"{ring.person(a.key_id)} ({a.role.replace('_', ' ')})" for a in given),
                declaration=verdict.facts["declaration"],
                verdict=verdict.facts["decision"],
            )
        )
    return tuple(rows)


def _tools(verdicts: Iterable[Entry], *, declaration: str) -> str:
    """Return the generators that had leave for one declared use: a clip model's final has two."""
    said = [str(e.facts["generator"]) for e in verdicts if e.facts["declaration"] == declaration]
    return ", ".join(dict.fromkeys(reversed(said)))


def clip_rows(uses: Iterable[UseRow], entries: Sequence[Entry], declared: Iterable[Declared]) -> tuple[ClipRow, ...]:
    """Return the takes and finals of the shot map whose dust a clip model drew."""
    said = {(d["shot"], d["take"], d["kind"]): d for d in declared}
    made = {
        (e.facts["shot"], e.facts["take"], e.facts["kind"]): e.facts["clip"]
        for e in entries
        if e.kind == "output" and e.facts.get("state") == "whole" and "clip" in e.facts
    }
    rows = []
    for use in uses:
        key = (use.shot, use.take, "final" if use.status == "final" else "draft")
        if key not in made:
            continue
        clip, declaration = made[key], said.get(key, {})
        tools = [t for t in declaration.get("tools", ()) if f"{t['id']} {t['version']}" == clip["backend"]]
        steps = [s for s in declaration.get("steps", ()) if s["id"] == STEP]
        rows.append(
            ClipRow(
                shot=use.shot,
                take=use.take,
                status=use.status,
                tool=clip["backend"],
                weights=tools[-1]["weights_digest"] if tools else "(erased)",
                licence=tools[-1]["licence"] if tools else "(erased)",
                seed=clip["seed"],
                prompts=tuple(p["digest"] for s in steps for p in s["prompts"]),
                pictures=clip["pictures"],
            )
        )
    return tuple(rows)


def tool_rows(declared: Iterable[Declared]) -> tuple[ToolRow, ...]:
    """Return the tools that declarations name, and how many name each."""
    found: dict[tuple[str, str, str], tuple[Mapping[str, Any], int]] = {}
    for said in declared:
        for tool in said["tools"]:
            key = (tool["id"], tool["version"], tool["weights_digest"])
            found[key] = (tool, found.get(key, (tool, 0))[1] + 1)
    return tuple(
        ToolRow(
            name=tool["id"],
            version=tool["version"],
            kind=tool["method"],
            hosting=f"{tool['hosting']}, network {tool['network']}",
            licence=tool["licence"],
            weights=tool["weights_digest"] or "none: nothing was trained",
            training_data="none: nothing was trained"
            if tool["training_data"] == "not_applicable"
            else f"{tool['training_data']} {tool['training_statement']}".strip(),
            keeps_inputs=tool["retention"],
            uses=count,
        )
        for tool, count in (found[key] for key in sorted(found))
    )


def rights_rows(declared: Iterable[Declared]) -> tuple[RightsRow, ...]:
    """Return each input of a declared use, and by what right it is used."""
    found: dict[tuple[str, str], RightsRow] = {}
    for said in declared:
        for asset in said["inputs"]:
            key = (asset["id"], asset["digest"])
            shots = {said["shot"], *(found[key].shots if key in found else ())}
            found[key] = RightsRow(
                asset=asset["id"],
                digest=asset["digest"],
                kind=asset["kind"].replace("_", " "),
                author=asset["rights"]["author"] or "not said",
                basis=asset["rights"]["basis"].replace("_", " "),
                document=asset["rights"]["document"],
                shots=tuple(sorted(shots)),
            )
    return tuple(found[key] for key in sorted(found))


def consent_rows(consents: Iterable[ConsentRecord], *, on: date) -> tuple[ConsentRow, ...]:
    """Return the consents a show has, and whether they hold on a day."""

    def state(consent: ConsentRecord) -> str:
        if consent.revoked and consent.revoked <= on:
            return f"revoked {consent.revoked}"
        if on < consent.starts:
            return f"begins {consent.starts}"
        return "holds" if on <= consent.ends else f"ended {consent.ends}"

    return tuple(
        ConsentRow(
            person=consent.person,
            kind=f"{', '.join(consent.operations)} (signed by {consent.capacity})",
            description=consent.description,
            scope=", ".join((*consent.projects, *consent.seasons, *consent.territories)),
            period=f"{consent.starts} to {consent.ends}",
            state=state(consent),
            document=consent.document,
        )
        for consent in consents
    )


def approval_rows(show: Show, ledger: Ledger) -> tuple[ApprovalRow, ...]:
    """Return every recorded decision, and whether something finished stands on it."""
    ring = ring_of(ledger)
    stood = {d for e in ledger.entries(kind="export") for d in e.facts["approvals"]}
    return tuple(
        ApprovalRow(
            shot=given.scope.shot,
            take=given.scope.take,
            person=ring.person(given.key_id) or f"unknown key {given.key_id}",
            role=given.role,
            at=given.at,
            expires=given.expires,
            opened=given.proxy,
            digest=given.digest,
            state="declined" if given.decision == "declined" else ("counted" if given.digest in stood else "not used"),
        )
        for given in (recorded.approval for recorded in approvals_in(ledger))
    )


def refusal_rows(entries: Sequence[Entry]) -> tuple[RefusalRow, ...]:
    """Return what was refused, and what became of it."""
    out = {(e.facts["shot"], e.facts["take"]): e.seq for e in entries if e.kind == "export"}
    rows = []
    for entry in entries:
        if entry.kind != "refusal":
            continue
        facts = entry.facts
        shot, take = str(facts["shot"]), int(facts["take"])
        later = "approved and finished" if out.get((shot, take), -1) > entry.seq else "not finished"
        words = {"needs_approval": "approval was missing", "forbidden": "forbidden"}
        reason = str(facts.get("contradiction") or words.get(facts["decision"], facts["decision"]))
        rows.append(
            RefusalRow(
                at=entry.at,
                shot=shot,
                take=take,
                asked=str(facts["output_use"]),
                reason=f"{reason} ({', '.join(facts['rules'])})",
                roles=tuple(facts["missing"]),
                later=later,
            )
        )
    return tuple(rows)


def authorship_rows(entries: Sequence[Entry], declared: Sequence[Declared]) -> tuple[AuthorshipRow, ...]:
    """Return what people made and chose in each shot."""
    rows = []
    for shot in sorted({str(said["shot"]) for said in declared}):
        work = [(w["kind"], w["after"]) for said in declared if said["shot"] == shot for w in said["human_work"]]
        facts = [e.facts for e in entries if e.kind == "human_edit" and e.facts["shot"] == shot]
        work += [(f["work"], f["after"]) for f in facts if "work" in f]
        human = dict.fromkeys(f"{_MADE_BY_PEOPLE[kind]} (digest {after[:12]})" for kind, after in work)
        edits = [f for f in facts if "work" not in f]
        changed = dict.fromkeys(key for facts in edits for key in facts["keys"])
        chosen = [e.facts for e in entries if e.kind == "selection" and e.facts["shot"] == shot]
        choices = [f"take {c['take']} of {len(c['of'])}" for c in chosen]
        choices += [f"{len(changed)} keys of the brief changed: {', '.join(list(changed)[:8])}"] if changed else []
        rows.append(
            AuthorshipRow(
                shot=shot,
                human=tuple(human),
                generated=_generated(shot, declared),
                choices=tuple(choices),
                edits=max(len(edits) - 1, 0),
            )
        )
    return tuple(rows)


def _generated(shot: str, declared: Sequence[Declared]) -> tuple[str, ...]:
    steps = {step["id"] for said in declared if said["shot"] == shot for step in said.get("steps", ())}
    anew = ("dust drawn anew by a clip model",) if STEP in steps else ()
    return ("motion and pictures of debris, by simulation", "dust and its fine structure", *anew)


def _subject(entries: Sequence[Entry], shot: str, take: int, kind: str) -> str:
    found = [e.facts for e in entries if e.kind == "declaration"]
    said = [f["subjects"] for f in found if (f["shot"], f["take"], f["kind"]) == (shot, take, kind)]
    return ", ".join(said[-1]) if said else "not declared"
