"""The gate asked for a take, and its verdict put on record: once for each answer."""

from dataclasses import dataclass, replace

from secondunit.clearance.approval import Standing
from secondunit.clearance.gate import Grant, Named, clear, decide
from secondunit.clearance.ledger.entry import Kind as EntryKind
from secondunit.clearance.ledger.people import ring_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.judgement import RoleApproval
from secondunit.clearance.use import Use, Verdict
from secondunit.core.errors import ClearanceError
from secondunit.generate.registry import get_generator
from secondunit.show.brief.recipes import Plan
from secondunit.show.clearing.approvals import heeded, standing_of, who_by_role
from secondunit.show.clearing.clip_step import clip_fix, prompt_hits
from secondunit.show.clearing.declare import Declared, Kind, declare
from secondunit.show.clearing.drawn import Drawn
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
    """For what made the last of its dust: the clip model of a drawn take, else the generator."""
    element: Grant
    """For the generator of its frames; the same one where no clip model drew over them."""
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
        use = _use(scene, plan, declared, tool=generator, kind="draft", number=number)
        return clear(use, declared.declaration, rules=rules.rules, record=lambda v: record_verdict(ledger, v))


def ask_final(question: Question, *, ledger: Ledger, rules: ShowRules) -> Cleared:
    """Ask for a final; a refusal is recorded too.

    Raises
    ------
    ClearanceError
        It is forbidden, or somebody has yet to approve it.
    """
    scene, number = question.scene, question.take.take.number
    show, declared, shot = scene.show, question.declared, scene.brief.name
    stood = standing_of(show, declared, movie=question.take.movie, ledger=ledger)
    approvals = heeded(show, stood, ring=ring_of(ledger))
    command = (
        f"secondunit clearance approve {show.root} {shot} --take {number} "
        f'--by "NAME" --role ROLE --proxy {question.take.movie}'
    )

    def cleared(use: Use) -> Grant:
        return clear(
            use,
            declared.declaration,
            rules=rules.rules,
            approvals=approvals,
            record=lambda v: record_verdict(ledger, v),
            who=who_by_role(show),
            command=command,
        )

    try:
        grant = cleared(_final_use(question))
    except ClearanceError as error:
        clip = _clip_fix(question)
        fix = f"{error.fix}; besides, {clip}" if clip and error.roles else clip or error.fix
        if "artist" in error.roles:
            fix += f"; and {show.settings.artist}: secondunit clearance opt-in {show.root} {shot}"
        raise ClearanceError(error.message, fix=fix, roles=error.roles) from error
    element = grant if question.drawn is None else cleared(_element_use(question, question.drawn))
    return Cleared(grant=grant, element=element, standing=stood, approvals=approvals)


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
        use = _final_use(question)
        stood = standing_of(show, question.declared, movie=question.take.movie, ledger=ledger)
        approvals = heeded(show, stood, ring=ring_of(ledger))
        verdict = decide(use, question.declared.declaration, rules=rules.rules, approvals=approvals)
    return Answer(question=question, verdict=verdict, standing=stood)


def _final_use(question: Question) -> Use:
    number = question.take.take.number
    return _use(question.scene, question.plan, question.declared, tool=question.tool, kind="final", number=number)


def _element_use(question: Question, drawn: Drawn) -> Use:
    """Return the use of the generator whose frames a clip model's dust is put into, on the same declaration."""
    generator = get_generator(question.plan.brief.detail.generator)
    use = _final_use(question)
    return replace(
        use,
        generator=generator.name,
        generator_version=generator.version,
        weights_digest=generator.weights_digest,
        recipe=drawn.final_render,
    )


def _clip_fix(question: Question) -> str:
    if question.drawn is None or question.registered is None:
        return ""
    return clip_fix(question.scene, question.registered, prompt_hits(question.drawn.brief))


def _use(scene: Scene, plan: Plan, declared: Declared, *, tool: Named, kind: Kind, number: int) -> Use:
    settings = scene.show.settings
    return Use(
        show=settings.code,
        shot=scene.brief.name,
        take=number,
        kind=kind,
        artist=settings.artist,
        output_use=declared.declaration.output_use,
        generator=tool.name,
        generator_version=tool.version,
        weights_digest=tool.weights_digest,
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
