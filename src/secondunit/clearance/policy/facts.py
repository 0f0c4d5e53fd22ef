"""A declaration turned into the fields that rules ask about, step by step, with taint.

What a step's ancestors touch, it touches: subjects, inputs and what their prompts name mark everything downstream.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from secondunit.clearance.policy.consent import consent_state
from secondunit.clearance.policy.declaration import Declaration, Prominence, Step, ancestors, makers_of
from secondunit.clearance.policy.occasion import Occasion
from secondunit.clearance.policy.records import ConsentRecord, InputAsset, PromptRecord, Talent, ToolRecord
from secondunit.clearance.policy.vocabulary import OPERATION_CLASS, Answer

PEOPLE = frozenset(
    ("performer_face", "performer_voice", "performer_body", "background_performer", "real_person", "deceased", "minor")
)
"""Subjects that are somebody: where nobody is named for them, nobody has consented."""

UNKNOWN_INPUT = InputAsset(id="?", digest="?")
UNKNOWN_TOOL = ToolRecord(id="?", registered="no")

Words = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The fields as they stand for one step, or for the use as a whole."""

    step: str
    """Id of the step; empty for the use as a whole."""
    words: Words
    numbers: Mapping[str, float | None]


def ai_steps(declaration: Declaration) -> tuple[Step, ...]:
    """Return the steps that use a generative or learning tool, or may; one unknown step where none is told."""
    if not declaration.steps:
        return (Step(id="?"),)
    return tuple(step for step in declaration.steps if OPERATION_CLASS[step.operation] != "plain")


def step_facts(
    declaration: Declaration, occasion: Occasion, consents: Iterable[ConsentRecord], *, on: date
) -> tuple[Facts, ...]:
    """Return the facts of each step that uses a generative or learning tool."""
    known = tuple(consents)
    shared, numbers = _use_words(declaration, occasion), _numbers(declaration)
    makers = makers_of(declaration.steps)
    return tuple(
        Facts(step=step.id, words={**shared, **_step_words(declaration, step, makers, known, on)}, numbers=numbers)
        for step in ai_steps(declaration)
    )


def use_facts(declaration: Declaration, occasion: Occasion, consents: Iterable[ConsentRecord], *, on: date) -> Facts:
    """Return the facts of the use as a whole: of growing fields, all that any step has."""
    known, union = tuple(consents), dict(_use_words(declaration, occasion))
    makers = makers_of(declaration.steps)
    for step in declaration.steps or ai_steps(declaration):
        for name, words in _step_words(declaration, step, makers, known, on).items():
            union[name] = union.get(name, frozenset()) | words
    return Facts(step="", words=union, numbers=_numbers(declaration))


def _use_words(d: Declaration, o: Occasion) -> dict[str, frozenset[str]]:
    said: dict[str, str] = {
        "stage": d.stage,
        "output_use": d.output_use,
        "modality": d.modality,
        "presented": d.presented,
        "covered_role": d.covered_role,
        "prominence": prominence_of(d.prominence),
        "similarity": d.similarity,
        "declared_in_time": _in_time(d),
        "artist_named": "yes" if d.artist.name.strip() else "no",
        "artist_is_writer": "yes" if d.artist.role == "writer" or d.artist.guild == "wga" else "no",
        "opted_in": d.artist.opted_in,
        "policy_acknowledged": d.artist.policy_acknowledged,
        "director_answer": d.director_answer,
        "given_to_writer": d.given_to_writer,
        "writer_notice": d.writer_notice,
        "as_performed": d.as_performed,
        "nudity": d.nudity,
        "strike": d.strike,
        "lowers_background": d.lowers_background,
        "marks_carried": d.marks_carried,
        "moment": o.moment,
        "manifest": o.manifest,
        "timestamped": o.timestamped,
        "anchored": o.anchored,
        "source_type_listed": o.source_type_listed,
        "strips_mark": o.strips_mark,
        "uses_temp": o.uses_temp,
        "replica_access": o.replica_access,
        "biometrics_outside": o.biometrics_outside,
        "plan_shown_to_director": o.plan_shown_to_director,
        "human_authorship": _authorship(d, o),
        "human_edits": "yes" if _edited(d, o) else "no",
    }
    words = {name: frozenset((value,)) for name, value in said.items()}
    words["resembles"] = frozenset(d.resembles or ("unsure",))
    words["awards"] = frozenset(d.awards)
    return words


def _numbers(d: Declaration) -> dict[str, float | None]:
    return {"area_percent": d.prominence.area_percent, "ai_steps": float(len(ai_steps(d)))}


def _step_words(
    d: Declaration,
    step: Step,
    makers: dict[str, tuple[Step, ...]],
    consents: tuple[ConsentRecord, ...],
    on: date,
) -> dict[str, frozenset[str]]:
    line = (step, *ancestors(step, makers).values())
    subjects = frozenset(d.subjects or ("unsure",)).union(*(s.subjects for s in line))
    assets = _inputs(d, line, makers)
    prompts = [prompt for s in line for prompt in s.prompts]
    tool = _tool(d, step)
    return {
        "operation": frozenset((step.operation,)),
        "op_class": frozenset((OPERATION_CLASS[step.operation],)),
        "subjects": subjects,
        "input_kinds": frozenset(asset.kind for asset in assets),
        "input_rights": frozenset(asset.rights.basis for asset in assets),
        "confidentiality": frozenset(asset.confidentiality for asset in assets),
        "personal_data": frozenset(asset.personal_data for asset in assets),
        "input_marks": frozenset("yes" if asset.manifest else asset.mark for asset in assets),
        **_lint(prompts),
        "tool_method": frozenset((tool.method,)),
        "registered": frozenset((tool.registered,)),
        "hosting": frozenset((tool.hosting,)),
        "network": frozenset((tool.network,)),
        "licence": frozenset((tool.licence,)),
        "trains_on_inputs": frozenset((tool.trains_on_inputs,)),
        "retention": frozenset((tool.retention,)),
        "training_data": frozenset((tool.training_data,)),
        "talent_model_elsewhere": frozenset((_elsewhere(tool, d),)),
        **_talent(d, step, subjects, consents, on),
    }


def _talent(
    d: Declaration, step: Step, subjects: frozenset[str], consents: tuple[ConsentRecord, ...], on: date
) -> dict[str, frozenset[str]]:
    nobody = bool(subjects & PEOPLE) and not d.talents
    states: set[str] = {"none"} if nobody else set()
    states |= {consent_state(t, step.operation, d, consents, on=on) for t in d.talents}
    if "unsure" in subjects and not d.talents:
        states.add("unsure")
    return {
        "talent_kinds": frozenset(t.kind for t in d.talents) or frozenset(("unsure",) if nobody else ()),
        "exceptions": frozenset(t.exception for t in d.talents if t.kind == "customary_alteration"),
        "consent": frozenset(states),
        "registry": frozenset(t.registry for t in d.talents if _likeness(t)),
        "notices": frozenset(t.notice_given for t in d.talents if _likeness(t)),
    }


def _likeness(talent: Talent) -> bool:
    return talent.kind not in ("none", "customary_alteration")


def _inputs(d: Declaration, line: tuple[Step, ...], makers: Mapping[str, tuple[Step, ...]]) -> list[InputAsset]:
    by_digest: dict[str, list[InputAsset]] = {}
    for asset in d.inputs:
        by_digest.setdefault(asset.digest, []).append(asset)
    found: list[InputAsset] = []
    for digest in sorted({digest for step in line for digest in step.inputs}):
        assets = by_digest.get(digest, [])
        found += assets or ([] if digest in makers else [UNKNOWN_INPUT])
    return found


def _tool(d: Declaration, step: Step) -> ToolRecord:
    return next((tool for tool in d.tools if tool.id == step.tool), UNKNOWN_TOOL)


def _lint(prompts: list[PromptRecord]) -> dict[str, frozenset[str]]:
    free: set[str] = set()
    permitted: set[str] = set()
    for prompt in prompts:
        (permitted if prompt.permission else free).update(prompt.hits)
        if prompt.linted != "yes":
            free.add("unsure")
    return {"lint_hits": frozenset(free), "lint_permitted": frozenset(permitted)}


def _elsewhere(tool: ToolRecord, d: Declaration) -> Answer:
    if tool.talent_model == "no" or (tool.talent_model == "yes" and tool.project and tool.project == d.project):
        return "no"
    return "yes" if tool.talent_model == "yes" and tool.project else "unsure"


def prominence_of(p: Prominence) -> str:
    """Return how prominent something is; "unsure" where any of its four answers is missing.

    >>> prominence_of(Prominence(seconds=1.0, area_percent=4.0, in_dialogue="no", story_relevant="no"))
    'incidental'
    """
    if p.story_relevant == "yes":
        return "story"
    if p.in_dialogue == "yes":
        return "prominent"
    known = p.story_relevant == p.in_dialogue == "no" and p.seconds is not None and p.area_percent is not None
    return "incidental" if known else "unsure"


def _in_time(d: Declaration) -> Answer:
    if not d.declared:
        return "no"
    if not d.run:
        return "yes"
    try:
        declared, run = datetime.fromisoformat(d.declared), datetime.fromisoformat(d.run)
        return "yes" if declared < run else "no"
    except (ValueError, TypeError):
        return "unsure"


def _work(d: Declaration, o: Occasion) -> tuple[str, ...]:
    return tuple(work.kind for work in (*d.human_work, *o.human_work))


def _edited(d: Declaration, o: Occasion) -> bool:
    return not {"paint", "comp", "roto", "grade", "edit"}.isdisjoint(_work(d, o))


def _authorship(d: Declaration, o: Occasion) -> str:
    if _work(d, o):
        return "shown"
    return "ai_only_region" if o.ai_only_region == "yes" else "prompt_only"
