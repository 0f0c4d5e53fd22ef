"""The gate asked for a take, and its verdict put on record: once for each answer."""

from dataclasses import dataclass

from secondunit.clearance.approval import Standing
from secondunit.clearance.gate import Grant, clear, decide
from secondunit.clearance.ledger.entry import Kind as EntryKind
from secondunit.clearance.ledger.people import ring_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.judgement import RoleApproval
from secondunit.clearance.use import Use, Verdict
from secondunit.core.errors import ClearanceError
from secondunit.generate.registry import get_generator
from secondunit.show.brief.recipes import Plan
from secondunit.show.clearing.approvals import heeded, standing_of, who_by_role
from secondunit.show.clearing.declare import Declared, Kind, declare
from secondunit.show.clearing.question import Question, final_question
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.policies import ShowRules, rules_of
from secondunit.show.shot.scene import Scene
from secondunit.show.store.show import Show


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the gate says of a final, and who approved it."""

    question: Question
    verdict: Verdict
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """Leave for a final, and what it stands on."""

    grant: Grant
    standing: Standing
    approvals: tuple[RoleApproval, ...]


def ask_draft(scene: Scene, plan: Plan, *, number: int) -> Grant:
    """Ask for a draft take: nobody has to fill in anything.

    Raises
    ------
    ClearanceError
        What the show declares is forbidden even as a temp.
    """
    show = scene.show
    rules = rules_of(show)
    with ledger_of(show, policy=rules.digest) as ledger:
        rules.record(ledger)
        generator = get_generator(plan.brief.detail.generator)
        declared = declare(scene, plan, kind="draft", number=number, generator=generator, ledger=ledger)
        use = _use(scene, plan, declared, kind="draft", number=number)
        return clear(use, declared.declaration, rules=rules.rules, record=lambda v: record_verdict(ledger, v))


def ask_final(question: Question, *, ledger: Ledger, rules: ShowRules) -> Cleared:
    """Ask for a final; a refusal is recorded too.

    Raises
    ------
    ClearanceError
        It is forbidden, or somebody has yet to approve it.
    """
    scene, number = question.scene, question.take.take.number
    show, declared = scene.show, question.declared
    use = _use(scene, question.plan, declared, kind="final", number=number)
    stood = standing_of(show, declared, movie=question.take.movie, ledger=ledger)
    approvals = heeded(show, stood, ring=ring_of(ledger))
    shot = scene.brief.name
    command = (
        f"secondunit clearance approve {show.root} {shot} --take {number} "
        f'--by "NAME" --role ROLE --proxy {question.take.movie}'
    )
    try:
        grant = clear(
            use,
            declared.declaration,
            rules=rules.rules,
            approvals=approvals,
            record=lambda v: record_verdict(ledger, v),
            who=who_by_role(show),
            command=command,
        )
    except ClearanceError as error:
        if "artist" not in error.roles:
            raise
        also = f"; and {show.settings.artist}: secondunit clearance opt-in {show.root} {shot}"
        raise ClearanceError(error.message, fix=error.fix + also, roles=error.roles) from error
    return Cleared(grant=grant, standing=stood, approvals=approvals)


def would_say(show: Show, shot: str, *, take: int) -> Answer:
    """Return what the gate would say of a final now, without asking for one.

    Raises
    ------
    BriefError
        There is no such take, or the brief has changed since it was made.
    """
    rules = rules_of(show)
    with ledger_of(show, policy=rules.digest) as ledger:
        rules.record(ledger)
        question = final_question(show, shot, take=take, ledger=ledger)
        use = _use(question.scene, question.plan, question.declared, kind="final", number=take)
        stood = standing_of(show, question.declared, movie=question.take.movie, ledger=ledger)
        approvals = heeded(show, stood, ring=ring_of(ledger))
        verdict = decide(use, question.declared.declaration, rules=rules.rules, approvals=approvals)
    return Answer(question=question, verdict=verdict, standing=stood)


def _use(scene: Scene, plan: Plan, declared: Declared, *, kind: Kind, number: int) -> Use:
    settings, generator = scene.show.settings, get_generator(plan.brief.detail.generator)
    return Use(
        show=settings.code,
        shot=scene.brief.name,
        take=number,
        kind=kind,
        artist=settings.artist,
        output_use=declared.declaration.output_use,
        generator=generator.name,
        generator_version=generator.version,
        weights_digest=generator.weights_digest,
        recipe=plan.render.digest,
        content=plan.content,
        declaration=declared.declaration.digest,
    )


def record_verdict(ledger: Ledger, verdict: Verdict) -> str:
    """Put a verdict on record and return its entry's hash. Leave that was given is found again; each refusal counts."""
    if verdict.allowed:
        for entry in reversed(ledger.entries(kind="verdict")):
            if entry.facts.get("verdict") == verdict.digest:
                return entry.hash
    kind: EntryKind = "verdict" if verdict.allowed else "refusal"
    use, judged = verdict.use, verdict.judgement
    body = {
        "shot": use.shot,
        "take": use.take,
        "kind": use.kind,
        "verdict": verdict.digest,
        "decision": verdict.decision,
        "rules": list(judged.rules),
        "roles": list(judged.roles),
        "missing": list(verdict.roles),
        "contradiction": verdict.contradiction,
        "output_use": use.output_use,
        "declaration": use.declaration,
        "recipe": use.recipe,
        "content": use.content,
        "generator": f"{use.generator} {use.generator_version}",
        "weights": use.weights_digest,
        "policy": judged.policy,
        "packs": list(judged.packs),
        "on": judged.on.isoformat(),
    }
    private = {"artist": use.artist, "approved_by": list(verdict.approved_by)}
    return ledger.append(kind, body, private=private).hash
