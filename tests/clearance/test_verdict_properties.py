"""What holds of every verdict, whatever is declared."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.clearance.policy_kit import CONSENT, DRAFT, ON, PACKS, approval, verdict

from secondunit.clearance.policy import vocabulary as v
from secondunit.clearance.policy.declaration import Declaration, Prominence, Step
from secondunit.clearance.policy.explain import explain, reasons
from secondunit.clearance.policy.judgement import Judgement, RoleApproval
from secondunit.clearance.policy.occasion import Occasion
from secondunit.clearance.policy.records import (
    Artist,
    ConsentRecord,
    InputAsset,
    PromptRecord,
    RightsRecord,
    Talent,
    ToolRecord,
)

SLOW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def word(words: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(words))


def words(of: Any, *, least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(word(of), min_size=least, max_size=3).map(tuple)


ANSWER = word(v.Answer)
DIGESTS = st.sampled_from([letter * 64 for letter in "abcdef"])
PROMPTS = st.builds(
    PromptRecord, digest=DIGESTS, linted=ANSWER, hits=words(v.LintHit), permission=st.sampled_from(["", "p1"])
)
INPUTS = st.builds(
    InputAsset,
    id=st.uuids().map(str),
    digest=DIGESTS,
    kind=word(v.InputKind),
    rights=st.builds(RightsRecord, basis=word(v.RightsBasis)),
    confidentiality=word(v.Confidentiality),
    personal_data=ANSWER,
    mark=ANSWER,
)
TOOLS = st.builds(
    ToolRecord,
    id=st.sampled_from(["one", "two"]),
    method=word(v.Method),
    registered=st.sampled_from(["yes", "yes", "yes", "no", "unsure"]),
    hosting=word(v.Hosting),
    network=word(v.Network),
    licence=word(v.Licence),
    trains_on_inputs=st.sampled_from(["no", "no", "yes", "unsure"]),
    retention=st.sampled_from(["none", "agreed", "kept"]),
    training_data=word(v.TrainingData),
    talent_model=ANSWER,
    project=st.sampled_from(["", "SHW", "OTHER"]),
)
TALENTS = st.builds(
    Talent,
    person=st.sampled_from(["lead", "double", "child"]),
    kind=word(v.TalentKind),
    exception=word(v.AlterationException),
    registry=word(v.Registry),
)
MILD_TOOL = DRAFT.tools[0]


@st.composite
def graphs(draw: Any) -> tuple[Step, ...]:
    """Steps whose inputs are assets or the outputs of earlier steps: no loops."""
    steps: list[Step] = []
    for n in range(draw(st.integers(0, 4))):
        earlier = [step.output for step in steps]
        sources = st.one_of(DIGESTS, st.sampled_from(earlier)) if earlier else DIGESTS
        steps.append(
            Step(
                id=f"s{n}",
                operation=draw(word(v.Operation)),
                tool=draw(st.sampled_from(["one", "two", "dust", ""])),
                inputs=tuple(draw(st.lists(sources, max_size=2))),
                output=f"{n}" * 64,
                subjects=draw(words(v.Subject)),
                prompts=tuple(draw(st.lists(PROMPTS, max_size=1))),
            )
        )
    return tuple(steps)


@st.composite
def declarations(draw: Any) -> Declaration:
    def several(of: Any, key: str) -> tuple[Any, ...]:
        return tuple(draw(st.lists(of, max_size=2, unique_by=lambda item: getattr(item, key))))

    number = st.one_of(st.none(), st.floats(0, 100))
    return Declaration(
        use="u",
        project="SHW",
        season=draw(st.sampled_from(["", "1", "2"])),
        content="c" * 64,
        declared=draw(st.sampled_from(["2026-11-22T10:00:00+00:00"] * 3 + ["", "yesterday"])),
        run=draw(st.sampled_from(["", "2026-11-22T11:00:00+00:00", "2026-11-22T09:00:00"])),
        artist=Artist(
            name=draw(st.sampled_from(["Ada Example", ""])),
            role=draw(st.sampled_from(["artist", "writer"])),
            opted_in=draw(ANSWER),
            policy_acknowledged=draw(ANSWER),
        ),
        director_answer=draw(ANSWER),
        covered_role=draw(word(v.CoveredRole)),
        stage=draw(word(v.Stage)),
        output_use=draw(word(v.OutputUse)),
        modality=draw(word(v.Modality)),
        subjects=draw(words(v.Subject)),
        prominence=draw(
            st.builds(Prominence, seconds=number, area_percent=number, in_dialogue=ANSWER, story_relevant=ANSWER)
        ),
        resembles=draw(words(v.Resemblance)),
        presented=draw(word(v.Presented)),
        as_performed=draw(ANSWER),
        nudity=draw(ANSWER),
        strike=draw(ANSWER),
        lowers_background=draw(ANSWER),
        given_to_writer=draw(ANSWER),
        writer_notice=draw(ANSWER),
        similarity=draw(ANSWER),
        marks_carried=draw(ANSWER),
        guilds=draw(words(v.Guild)),
        territories=draw(st.lists(st.sampled_from(["US", "EU", "AR", "worldwide"]), max_size=2).map(tuple)),
        awards=draw(words(v.Award)),
        inputs=several(INPUTS, "id"),
        tools=(MILD_TOOL, *several(TOOLS, "id")),
        steps=draw(graphs()),
        talents=several(TALENTS, "person"),
    )


OCCASIONS = st.builds(
    Occasion,
    moment=word(v.Moment),
    manifest=st.sampled_from(["trusted", "valid", "invalid", "none", "unsure"]),
    timestamped=ANSWER,
    anchored=ANSWER,
    source_type_listed=ANSWER,
    strips_mark=ANSWER,
    uses_temp=ANSWER,
    ai_only_region=ANSWER,
    replica_access=st.sampled_from(["none", "read", "copy", "export", "transfer", "unsure"]),
    biometrics_outside=ANSWER,
)
CONSENTS = st.lists(
    st.builds(
        lambda person, season, revoked: replace(CONSENT, person=person, seasons=season, revoked=revoked),
        st.sampled_from(["lead", "double", "child"]),
        st.sampled_from([(), ("1",)]),
        st.sampled_from([None, ON]),
    ),
    max_size=2,
)


def every_approval(declaration: Declaration) -> list[RoleApproval]:
    return [approval(role, declaration) for role in v.ROLES]


# --- adding a fact -----------------------------------------------------------------------------------------------


def more_subjects(d: Declaration, draw: Any) -> Declaration:
    assume(d.subjects)
    return replace(d, subjects=(*d.subjects, draw(word(v.Subject))))


def more_resemblance(d: Declaration, draw: Any) -> Declaration:
    assume(d.resembles)
    return replace(d, resembles=(*d.resembles, draw(word(v.Resemblance))))


def more_awards(d: Declaration, draw: Any) -> Declaration:
    return replace(d, awards=(*d.awards, draw(word(v.Award))))


def more_territories(d: Declaration, draw: Any) -> Declaration:
    assume(d.territories)
    return replace(d, territories=(*d.territories, draw(st.sampled_from(["US", "EU", "worldwide"]))))


def more_guilds(d: Declaration, draw: Any) -> Declaration:
    assume(d.guilds)
    return replace(d, guilds=(*d.guilds, draw(word(v.Guild))))


def an_input(d: Declaration, draw: Any) -> Declaration:
    assume(d.steps)
    asset = replace(draw(INPUTS), id="new", digest="f" * 63 + "0")
    step = draw(st.sampled_from(d.steps))
    rest = tuple(s for s in d.steps if s is not step)
    return replace(d, inputs=(*d.inputs, asset), steps=(*rest, replace(step, inputs=(*step.inputs, asset.digest))))


def an_unknown_input(d: Declaration, draw: Any) -> Declaration:
    assume(d.steps)
    step = draw(st.sampled_from(d.steps))
    rest = tuple(s for s in d.steps if s is not step)
    return replace(d, steps=(*rest, replace(step, inputs=(*step.inputs, "f" * 63 + "1"))))


def a_step_before(d: Declaration, draw: Any) -> Declaration:
    assume(d.steps)
    step = draw(st.sampled_from(d.steps))
    rest = tuple(s for s in d.steps if s is not step)
    new = Step(
        id="new",
        operation=draw(word(v.Operation)),
        tool=draw(st.sampled_from(["dust", "one", ""])),
        inputs=(draw(DIGESTS),),
        output="f" * 63 + "2",
        subjects=draw(words(v.Subject)),
        prompts=tuple(draw(st.lists(PROMPTS, max_size=1))),
    )
    return replace(d, steps=(*rest, replace(step, inputs=(*step.inputs, new.output)), new))


def a_step_subject(d: Declaration, draw: Any) -> Declaration:
    assume(d.steps)
    step = draw(st.sampled_from(d.steps))
    rest = tuple(s for s in d.steps if s is not step)
    return replace(d, steps=(*rest, replace(step, subjects=(*step.subjects, draw(word(v.Subject))))))


def a_prompt(d: Declaration, draw: Any) -> Declaration:
    assume(d.steps)
    step = draw(st.sampled_from(d.steps))
    rest = tuple(s for s in d.steps if s is not step)
    return replace(d, steps=(*rest, replace(step, prompts=(*step.prompts, draw(PROMPTS)))))


def a_person(d: Declaration, draw: Any) -> Declaration:
    assume(d.talents)
    return replace(d, talents=(*d.talents, replace(draw(TALENTS), person="somebody else")))


ADDITIONS = [more_subjects, more_resemblance, more_awards, more_territories, more_guilds, an_input, an_unknown_input,
             a_step_before, a_step_subject, a_prompt, a_person]  # fmt: skip


def as_strict(before: Judgement, after: Judgement) -> bool:
    severe = v.DECISIONS.index(after.decision) >= v.DECISIONS.index(before.decision)
    return severe and set(before.roles) <= set(after.roles) and set(before.rules) <= set(after.rules)


@pytest.mark.parametrize("add", ADDITIONS, ids=lambda add: add.__name__)
@SLOW
@given(data=st.data())
def test_a_further_fact_never_loosens(add: Any, data: st.DataObject):
    before, occasion, consents = data.draw(declarations()), data.draw(OCCASIONS), data.draw(CONSENTS)
    after = add(before, data.draw)
    one = verdict(before, consents=consents, occasion=occasion)
    other = verdict(after, consents=consents, occasion=occasion)
    assert as_strict(one, other), (explain(one), explain(other))


@SLOW
@given(declarations(), OCCASIONS, CONSENTS)
def test_no_approval_lifts_what_is_forbidden(d: Declaration, occasion: Occasion, consents: list[ConsentRecord]):
    bare = verdict(d, consents=consents, occasion=occasion)
    lifted = verdict(d, consents=consents, occasion=occasion, approvals=every_approval(d))
    assert (lifted.decision == "forbidden") == (bare.decision == "forbidden")
    assert lifted.roles == bare.roles
    assert lifted.hits == bare.hits
    if bare.decision == "needs_approval" and d.artist.name:
        assert lifted.decision == "allow_record"


@SLOW
@given(declarations(), st.sets(st.sampled_from(v.ROLES)), OCCASIONS)
def test_approvals_lift_the_roles_they_cover_and_no_more(d: Declaration, roles: set[Any], occasion: Occasion):
    assume(d.artist.name)
    judged = verdict(d, occasion=occasion, approvals=[approval(role, d) for role in roles])
    assert set(judged.missing) == set(judged.roles) - roles
    assert judged.allowed == (judged.decision != "forbidden" and judged.decision != "needs_approval")
    if judged.missing:
        assert not judged.allowed


@SLOW
@given(declarations(), OCCASIONS, CONSENTS, st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing(
    d: Declaration, occasion: Occasion, consents: list[ConsentRecord], shuffle: random.Random
):
    def mixed(items: Any) -> tuple[Any, ...]:
        copy = list(items)
        shuffle.shuffle(copy)
        return tuple(copy)

    keys = ("subjects", "resembles", "guilds", "territories", "awards", "inputs", "tools", "talents")
    steps = tuple(replace(s, inputs=mixed(s.inputs), subjects=mixed(s.subjects)) for s in mixed(d.steps))
    other = replace(d, steps=steps, **{key: mixed(getattr(d, key)) for key in keys})
    assert other == d
    given_ = every_approval(d)
    one = verdict(d, consents=consents, occasion=occasion, approvals=given_)
    two = verdict(other, consents=mixed(consents), occasion=occasion, approvals=mixed(given_), packs=mixed(PACKS))
    assert one == two
    assert one.digest == two.digest


@SLOW
@given(declarations(), OCCASIONS, CONSENTS, st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_every_declaration_gets_a_verdict_and_words(
    d: Declaration, occasion: Occasion, consents: list[ConsentRecord], on: date
):
    judged = verdict(d, consents=consents, occasion=occasion, on=on)
    assert judged.decision in v.DECISIONS
    assert judged == verdict(d, consents=consents, occasion=occasion, on=on)
    text = explain(judged)
    if judged.decision == "forbidden":
        assert all(hit.rule in text for hit in judged.hits if hit.decision == "forbidden")
    if judged.decision == "needs_approval":
        assert judged.missing
        assert all(v.ROLE_WORDS[role] in text.lower() or v.ROLE_WORDS[role] in text for role in judged.missing)
        assert reasons(judged)


@SLOW
@given(declarations(), CONSENTS)
def test_a_generative_final_is_never_allowed_unapproved(d: Declaration, consents: list[ConsentRecord]):
    generative = Step(id="g", operation="generate", tool="dust")
    final = replace(d, output_use="final_incidental", steps=(*d.steps, generative))
    assert not verdict(final, consents=consents).allowed


@SLOW
@given(declarations(), st.integers(1, 4000))
def test_time_never_renews_an_approval(d: Declaration, days: int):
    given_ = [replace(a, expires=ON) for a in every_approval(d)]
    later = verdict(d, approvals=given_, on=ON + timedelta(days=days))
    assert later.approved_by == ()
    assert later.missing == later.roles
