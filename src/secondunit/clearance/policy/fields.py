"""The fields a rule may ask about, each with its closed values. A condition on anything else is refused.

A field holds a set of words, or a number. ``growing`` fields gather words from inputs, steps and people: more facts
give more words, never fewer, so a rule may not ask that a growing field lacks a word.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from secondunit.clearance.policy import vocabulary as v

Kind = Literal["one", "growing", "number"]
ConsentState = Literal[
    "covers", "not_needed", "none", "outside_scope", "expired", "not_before", "revoked", "wrong_capacity", "unsure"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that rules may ask about."""

    says: str
    kind: Kind
    values: frozenset[str] = frozenset()
    """Closed values; empty for numbers and for free codes."""
    per_step: bool = False
    """Whether it differs from step to step; rules of scope ``use`` see the union of growing ones only."""


def _one(says: str, words: Any, *, per_step: bool = False) -> Field:
    return Field(says=says, kind="one", values=frozenset(get_args(words)) | {"unsure"}, per_step=per_step)


def _many(says: str, words: Any, *, per_step: bool = False) -> Field:
    return Field(says=says, kind="growing", values=frozenset(get_args(words)) | {"unsure"}, per_step=per_step)


def _number(says: str) -> Field:
    return Field(says=says, kind="number")


FIELDS: dict[str, Field] = {
    # the use
    "stage": _one("stage of production", v.Stage),
    "output_use": _one("what the output is for", v.OutputUse),
    "modality": _one("what comes out", v.Modality),
    "presented": _one("how the audience is to take it", v.Presented),
    "covered_role": _one("effect on a covered role", v.CoveredRole),
    "prominence": _one("how prominent it is", Literal["incidental", "prominent", "story"]),
    "area_percent": _number("largest share of the frame"),
    "resembles": _many("what real thing it looks like", v.Resemblance),
    "awards": _many("awards aimed at", v.Award),
    "similarity": _one("too like a protected work", v.Answer),
    "declared_in_time": _one("declared before the run", v.Answer),
    "human_authorship": _one("evidence of human authorship", Literal["shown", "prompt_only", "ai_only_region"]),
    "human_edits": _one("a person worked on the output", v.Answer),
    # the people who do it
    "artist_named": _one("an artist is named", v.Answer),
    "artist_is_writer": _one("a writer asks", v.Answer),
    "opted_in": _one("the artist opted in", v.Answer),
    "policy_acknowledged": _one("the artist was given the policy", v.Answer),
    "director_answer": _one("the director's answer", v.Answer),
    # text
    "given_to_writer": _one("a writer gets generated text", v.Answer),
    "writer_notice": _one("the writer was told", v.Answer),
    # the graph
    "operation": _one("operation", v.Operation, per_step=True),
    "op_class": _one("kind of operation", v.OperationClass, per_step=True),
    "ai_steps": _number("steps that use a generative or learning tool"),
    "unanswered": _number("answers that rules ask for and nobody gave"),
    "subjects": _many("subject", v.Subject, per_step=True),
    "input_kinds": _many("kind of input", v.InputKind, per_step=True),
    "input_rights": _many("rights in an input", v.RightsBasis, per_step=True),
    "confidentiality": _many("confidentiality of an input", v.Confidentiality, per_step=True),
    "personal_data": _many("personal data in an input", v.Answer, per_step=True),
    "input_marks": _many("mark of origin on an input", v.Answer, per_step=True),
    "lint_hits": _many("named in a prompt, without permission", v.LintHit, per_step=True),
    "lint_permitted": _many("named in a prompt, with permission", v.LintHit, per_step=True),
    # the tool
    "tool_method": _one("how the tool works", v.Method, per_step=True),
    "registered": _one("tool and weights are in the register", v.Answer, per_step=True),
    "hosting": _one("where the tool runs", v.Hosting, per_step=True),
    "network": _one("network while it runs", v.Network, per_step=True),
    "licence": _one("licence of the tool and its weights", v.Licence, per_step=True),
    "trains_on_inputs": _one("the tool trains on what it is given", v.Answer, per_step=True),
    "retention": _one("the tool keeps what it is given", v.Retention, per_step=True),
    "training_data": _one("what is known of its training data", v.TrainingData, per_step=True),
    "talent_model_elsewhere": _one("a performer's model outside its project", v.Answer, per_step=True),
    # talent
    "talent_kinds": _many("how a person is touched", v.TalentKind, per_step=True),
    "exceptions": _many("customary alteration claimed", v.AlterationException, per_step=True),
    "consent": _many("consent of a person touched", ConsentState, per_step=True),
    "registry": _many("public consent registry", v.Registry, per_step=True),
    "notices": _many("notice given to a person touched", v.Answer, per_step=True),
    "as_performed": _one("as scripted, performed and recorded", v.Answer),
    "nudity": _one("nudity or sexual content", v.Answer),
    "strike": _one("a performers' strike", v.Answer),
    "lowers_background": _one("fewer background actors hired", v.Answer),
    # the moment
    "moment": _one("moment of judging", v.Moment),
    "manifest": _one("state of the output's manifest", Literal["trusted", "valid", "invalid", "none"]),
    "timestamped": _one("trusted time stamp", v.Answer),
    "anchored": _one("output recorded in the ledger", v.Answer),
    "source_type_listed": _one("source type and actions from the closed list", v.Answer),
    "strips_mark": _one("a mark of origin is removed", v.Answer),
    "marks_carried": _one("marks on inputs are carried over", v.Answer),
    "uses_temp": _one("a temp is in the final", v.Answer),
    "replica_access": _one("access to replica data", Literal["none", "read", "copy", "export", "transfer"]),
    "biometrics_outside": _one("biometrics used outside the project", v.Answer),
    "plan_shown_to_director": _one("the plan was shown to the director at hire", v.Answer),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "@final": ("final_incidental", "final_prominent", "final_story", "marketing"),
    "@temp": ("temp_internal", "temp_screened"),
    "@screened": ("temp_screened", "final_incidental", "final_prominent", "final_story", "marketing"),
    "@performer": ("performer_face", "performer_voice", "performer_body"),
    "@names": ("artist", "work", "title", "brand", "performer", "public_person", "dead_person"),
}
"""Names for lists of values, so that rules read as sentences. ``@final`` counts marketing in."""
