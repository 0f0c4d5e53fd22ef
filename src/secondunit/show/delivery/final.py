"""A final on its way out: said where it comes from, signed, read back, anchored in the ledger. Else it stays in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondunit.clearance.ledger.checkpoint import write_checkpoint
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.judge import judge
from secondunit.clearance.policy.judgement import Judgement
from secondunit.clearance.policy.occasion import Occasion
from secondunit.clearance.provenance.delivery import Delivery, sign_delivery
from secondunit.clearance.provenance.findings import Verification
from secondunit.clearance.provenance.lineage import Lineage, Source, Step, source_type
from secondunit.clearance.provenance.statement import Statement, exr_attributes
from secondunit.clearance.provenance.verify import verify_path
from secondunit.core.errors import BackendError, ClearanceError
from secondunit.generate.registry import get_generator
from secondunit.show.clearing.ask import Cleared
from secondunit.show.clearing.history import work_of
from secondunit.show.clearing.question import Question
from secondunit.show.clearing.tools import tool_of
from secondunit.show.picture.passes import PASSES, Naming
from secondunit.show.picture.work import known_prints
from secondunit.show.record.people import FOLDER, ShowKeys
from secondunit.show.record.policies import ShowRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A delivery that was signed, verified and put on record."""

    delivery: Delivery
    verification: Verification
    entry: str
    """Hash of its ledger entry."""
    checkpoint: Path
    """For a witness outside the show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A final that may be made, and all it is signed and judged by."""

    question: Question
    cleared: Cleared
    rules: ShowRules
    keys: ShowKeys


def statement_of(leaving: Leaving, naming: Naming, ledger: Ledger) -> Statement:
    """Return what is said of a final: digests and codes, no names."""
    question, grant, element = leaving.question, leaving.cleared.grant, leaving.cleared.element
    made = lineage_of(question)
    clean = Lineage(plates=made.plates, steps=tuple(s for s in made.steps if s.name in _CLEAN), closed=made.closed)
    at = next(e.seq for e in reversed(ledger.entries(kind="verdict")) if e.hash == grant.entry)
    return Statement(
        show=naming.show,
        shot=naming.shot,
        version=naming.version,
        lineage=made,
        lineages={"cleanplate": clean},
        recipe=question.plan.render.digest,
        use=question.declared.declaration.digest,
        policy=grant.verdict.judgement.policy,
        verdict=grant.verdict.digest,
        approvals=tuple(sorted(signed.digest for signed in leaving.cleared.standing.counting)),
        ledger_head=grant.entry,
        ledger_size=at + 1,
        models=tuple(
            dict.fromkeys(w for w in (element.verdict.use.weights_digest, grant.verdict.use.weights_digest) if w)
        ),
    )


_CLEAN = ("surroundings continued behind the building", "clean plate made by hand")


def lineage_of(question: Question) -> Lineage:
    """Return where a final's picture comes from, step by step."""
    scene, plan = question.scene, question.plan
    generator = get_generator(plan.brief.detail.generator)
    tool = f"{generator.name} {generator.version}"
    trained = tool_of(generator).method != "procedural"
    path = scene.folder / scene.brief.plate.file
    plate = Source(name=path.name, sha256=scene.plate.digest, path=path if path.is_file() else None)
    by_hand = bool(scene.brief.clean_plate)
    steps = (
        Step(name=_CLEAN[int(by_hand)], made="human" if by_hand else "procedural", change="edited", tool="secondunit"),
        Step(
            name="simulated debris",
            made="procedural",
            change="placed",
            tool="secondunit",
            frames=(plan.brief.collapse.start_frame, plan.frames.last),
        ),
        Step(
            name="dust",
            made="trained_model" if trained else "procedural",
            change="placed",
            tool=tool,
            frames=(plan.brief.collapse.start_frame, plan.frames.last),
        ),
        *_drawn_steps(question),
        Step(name="shadow, light wrap and grain", made="procedural", change="edited", tool="secondunit"),
    )
    # What people did to files that they handed over is not known here, so nothing may be called complete then.
    return Lineage(plates=(plate,), steps=steps, closed=not scene.picture_digests)


def _drawn_steps(question: Question) -> tuple[Step, ...]:
    """Return a clip model's step: an element placed over the plate, as nothing that it drew of the plate is used."""
    if question.drawn is None:
        return ()
    frames = (question.plan.brief.collapse.start_frame, question.plan.frames.last)
    tool = question.drawn.tool.label
    return (Step(name="dust drawn anew", made="trained_model", change="placed", tool=tool, frames=frames),)


def headers_of(statement: Statement, naming: Naming) -> Mapping[str, Mapping[str, str]]:
    """Return the text attributes of each pass's frames: hints that survive many tools and prove nothing."""
    return {name: exr_attributes(statement, sequence=naming.sequence(name)) for name in PASSES}


def judge_export(leaving: Leaving, ledger: Ledger) -> Judgement:
    """Return what the rules say of letting a final out, once it is signed, verified and anchored."""
    declaration, rules = leaving.question.declared.declaration, leaving.rules.rules
    occasion = Occasion(
        moment="export",
        manifest="trusted",
        timestamped="yes" if leaving.keys.identity.time_stamp_url else "no",
        anchored="yes",
        source_type_listed="yes",
        strips_mark="no",
        uses_temp="no",
        human_work=work_of(declaration.shot, declaration.artist.name, ledger),
    )
    return judge(
        declaration,
        packs=rules.packs,
        consents=rules.consents,
        approvals=leaving.cleared.approvals,
        on=rules.on,
        occasion=occasion,
    )


def refuse_export(leaving: Leaving, ledger: Ledger) -> Judgement:
    """Return the judgement of an export that may be; put on record and raise where it may not.

    It is asked before a frame is made too: nobody renders for hours what may not leave.

    Raises
    ------
    ClearanceError
        The rules forbid it, or it lacks an approval that only leaving asks for.
    """
    judged = judge_export(leaving, ledger)
    if judged.allowed:
        return judged
    question = leaving.question
    declaration, show = question.declared.declaration, question.scene.show.root
    blocks = [hit for hit in judged.hits if hit.decision == judged.decision]
    body = {
        "shot": declaration.shot,
        "take": declaration.take,
        "kind": "export",
        "decision": judged.decision,
        "rules": sorted({hit.rule for hit in blocks}),
        "missing": list(judged.missing),
        "output_use": declaration.output_use,
    }
    ledger.append("refusal", body)
    said = "; ".join(dict.fromkeys(f"{hit.rule}: {hit.says}" for hit in blocks))
    fix = f"have these roles approve: {', '.join(judged.missing)}"
    if judged.decision == "forbidden":
        fix = "change what is declared or done; no approval lifts this"
    if any(hit.rule in ("NF-06", "US-01") for hit in blocks) and judged.decision == "forbidden":
        fix = (
            "draw a holdout or set [look] in shot.toml, or record work done by hand: "
            f'secondunit clearance work {show} {declaration.shot} --kind paint --by "NAME" --after FILE'
        )
    raise ClearanceError(
        f"take {declaration.take} of {declaration.shot} may not leave: {said}", fix=fix, roles=judged.missing
    )


def export(folder: Path, leaving: Leaving, *, statement: Statement, ledger: Ledger) -> Export:
    """Sign a finished folder, verify it, judge it for export and put it on record.

    Raises
    ------
    BackendError
        It could not be signed, or does not verify.
    ClearanceError
        The rules do not let it out.
    """
    question, keys = leaving.question, leaving.keys
    show, declaration = question.scene.show, question.declared.declaration
    about = {"shot": declaration.shot, "take": declaration.take, "version": statement.version}
    delivery = sign_delivery(folder, statement=statement, identity=keys.identity, known=known_prints(folder))
    anchored = {**about, "kind": "final", "state": "signed", "root": delivery.root, "recipe": statement.recipe}
    ledger.append("output", anchored)
    verification = verify_path(folder, trust=keys.identity.trust, expected_root=delivery.root)
    if not verification.ok:
        wrong = [str(f) for f in verification.findings if f.level == "bad"]
        ledger.append("incident", {**about, "what": "does not verify", "findings": wrong[:20]})
        raise BackendError(f"the final does not verify: {wrong[0]}", fix="finish it again; nothing was published")
    judged = refuse_export(leaving, ledger)
    body: dict[str, Any] = {
        **about,
        "root": delivery.root,
        "files": delivery.files,
        "use": statement.use,
        "verdict": statement.verdict,
        "approvals": list(statement.approvals),
        "source_type": source_type(statement.lineage) or "",
        "rules": list(judged.rules),
        "notes": list(delivery.notes),
        "seconds": round(delivery.seconds + verification.seconds, 3),
    }
    entry = ledger.append("export", body)
    point = ledger.checkpoint(keys.registrar)
    path = show.root / FOLDER / "checkpoints" / f"{point.size:08d}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(point, path)
    return Export(delivery=delivery, verification=verification, entry=entry.hash, checkpoint=path)
