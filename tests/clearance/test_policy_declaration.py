from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest
from tests.clearance.policy_kit import CONSENT, DRAFT, FINAL, LEAD, LIPSYNC, ON, PLATE, TOOL

from secondunit.clearance.policy.canonical import canonical_bytes, digest_of
from secondunit.clearance.policy.consent import consent_state, scope_difference
from secondunit.clearance.policy.declaration import Declaration, Prominence, Step, ancestors, makers_of
from secondunit.clearance.policy.facts import prominence_of
from secondunit.clearance.policy.vocabulary import OPERATION_CLASS, Operation, OperationClass
from secondunit.core.errors import BriefError


def test_the_least_declaration_says_nothing_and_is_all_unsure():
    least = Declaration(use="u", project="p")
    assert {least.stage, least.output_use, least.presented, *least.subjects, *least.resembles} == {"unsure"}


def test_an_edit_of_anything_is_another_declaration():
    changes: list[dict[str, Any]] = [
        {"content": "d" * 64},
        {"purpose": "x"},
        {"artist": replace(FINAL.artist, opted_in="no")},
        {"prominence": replace(FINAL.prominence, area_percent=20.5)},
        {"inputs": (replace(PLATE, personal_data="yes"),)},
        {"tools": (replace(TOOL, weights_digest="w"),)},
        {"subjects": ("environment", "minor")},
    ]
    assert len({FINAL.digest, *(replace(FINAL, **change).digest for change in changes)}) == len(changes) + 1


def test_saying_a_thing_twice_or_in_another_order_says_the_same():
    twice = replace(FINAL, subjects=("environment", "environment"), inputs=(PLATE, PLATE), awards=("emmys", "academy"))
    assert twice == replace(FINAL, awards=("academy", "emmys"))
    assert twice.digest == replace(FINAL, awards=("academy", "emmys")).digest


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": (PLATE, replace(PLATE, digest="q" * 64))},
        {"tools": (TOOL, replace(TOOL, version="2"))},
        {"steps": (Step(id="a"), Step(id="a", operation="roto"))},
    ],
    ids=lambda c: next(iter(c)),
)
def test_two_things_of_one_name_are_refused(change: dict[str, Any]):
    with pytest.raises(BriefError, match="two"):
        replace(DRAFT, **change)


def test_people_are_named_once():
    with pytest.raises(BriefError, match="talents"):
        replace(DRAFT, talents=(LEAD, replace(LEAD, kind="minor")))


@pytest.mark.parametrize(
    "steps",
    [
        (Step(id="a", inputs=("x",), output="x"),),
        (Step(id="a", inputs=("y",), output="x"), Step(id="b", inputs=("x",), output="y")),
    ],
    ids=["itself", "round"],
)
def test_a_step_that_feeds_itself_is_refused(steps: tuple[Step, ...]):
    with pytest.raises(BriefError, match="feeds itself"):
        replace(DRAFT, steps=steps)


def test_ancestors_reach_all_the_way_back_and_not_sideways():
    a, b = Step(id="a", output="1"), Step(id="b", inputs=("1",), output="2")
    c, d = Step(id="c", inputs=("2", "1"), output="3"), Step(id="d", inputs=("1",), output="4")
    makers = makers_of((a, b, c, d))
    assert set(ancestors(c, makers)) == {"a", "b"}
    assert set(ancestors(d, makers)) == {"a"}
    assert ancestors(a, makers) == {}


def test_a_long_chain_is_no_trouble():
    steps = tuple(Step(id=f"{n}", inputs=(f"{n}",), output=f"{n + 1}", operation="process") for n in range(300))
    assert len(replace(DRAFT, steps=steps).steps) == 300


@pytest.mark.parametrize(
    "said, found",
    [
        ({}, "unsure"),
        ({"seconds": 1.0, "area_percent": 1.0}, "unsure"),
        ({"seconds": 1.0, "in_dialogue": "no", "story_relevant": "no"}, "unsure"),
        ({"area_percent": 1.0, "in_dialogue": "no", "story_relevant": "no"}, "unsure"),
        ({"seconds": 1.0, "area_percent": 1.0, "in_dialogue": "no"}, "unsure"),
        ({"seconds": 1.0, "area_percent": 1.0, "story_relevant": "no"}, "unsure"),
        ({"seconds": 1.0, "area_percent": 1.0, "in_dialogue": "no", "story_relevant": "no"}, "incidental"),
        ({"in_dialogue": "yes"}, "prominent"),
        ({"story_relevant": "yes"}, "story"),
        ({"story_relevant": "yes", "in_dialogue": "yes"}, "story"),
    ],
    ids=str,
)
def test_prominence_is_known_when_all_of_it_is(said: dict[str, Any], found: str):
    assert prominence_of(Prominence(**said)) == found


def test_canonical_bytes_are_the_same_for_the_same_and_refuse_what_has_none():
    assert (
        canonical_bytes({"b": 1, "a": [date(2026, 1, 2), None, "é"]}) == '{"a":["2026-01-02",null,"é"],"b":1}'.encode()
    )
    assert digest_of(frozenset(("b", "a"))) == digest_of(["a", "b"])
    for bad in (object(), float("nan"), {1, "a"}, b"x"):
        with pytest.raises((TypeError, ValueError)):
            canonical_bytes(bad)


# --- consent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change, state",
    [
        ({}, "covers"),
        ({"operations": ("voiceclone",)}, "outside_scope"),
        ({"operations": ()}, "outside_scope"),
        ({"projects": ("OTHER",)}, "outside_scope"),
        ({"projects": ()}, "outside_scope"),
        ({"seasons": ("2",)}, "outside_scope"),
        ({"seasons": ()}, "covers"),
        ({"territories": ("US",)}, "unsure"),
        ({"starts": date(2026, 11, 23)}, "expired"),
        ({"ends": date(2026, 11, 21)}, "expired"),
        ({"ends": ON, "starts": ON}, "covers"),
        ({"signed": ON}, "not_before"),
        ({"signed": date(2026, 11, 21)}, "covers"),
        ({"revoked": ON}, "revoked"),
        ({"revoked": date(2026, 11, 23)}, "covers"),
        ({"capacity": "unsure"}, "unsure"),
        ({"description": " "}, "unsure"),
        ({"document": ""}, "unsure"),
        ({"person": "somebody else"}, "none"),
    ],
    ids=str,
)
def test_a_consent_covers_what_it_names_and_nothing_else(change: dict[str, Any], state: str):
    assert consent_state(LEAD, "lipsync", LIPSYNC, [replace(CONSENT, **change)], on=ON) == state


@pytest.mark.parametrize(
    "territories, state",
    [(("US",), "covers"), (("US", "AR"), "outside_scope"), (("worldwide",), "outside_scope")],
    ids=str,
)
def test_every_territory_of_the_use_must_be_agreed(territories: tuple[str, ...], state: str):
    consent = replace(CONSENT, territories=("US", "CA"))
    assert consent_state(LEAD, "lipsync", replace(LIPSYNC, territories=territories), [consent], on=ON) == state


def test_a_season_that_is_not_said_is_not_known():
    assert consent_state(LEAD, "lipsync", replace(LIPSYNC, season=""), [CONSENT], on=ON) == "unsure"


@pytest.mark.parametrize(
    "kind, capacity, state",
    [
        ("deceased", "estate", "covers"),
        ("deceased", "self", "wrong_capacity"),
        ("minor", "guardian", "covers"),
        ("minor", "self", "wrong_capacity"),
        ("ebdr", "self", "covers"),
    ],
    ids=str,
)
def test_who_may_consent(kind: Any, capacity: Any, state: str):
    talent, consent = replace(LEAD, kind=kind), replace(CONSENT, capacity=capacity)
    assert consent_state(talent, "lipsync", LIPSYNC, [consent], on=ON) == state


def test_the_best_of_a_persons_consents_counts():
    expired, good = replace(CONSENT, ends=date(2026, 2, 1)), CONSENT
    other = replace(CONSENT, projects=("OTHER",))
    assert consent_state(LEAD, "lipsync", LIPSYNC, [expired, other], on=ON) == "expired"
    assert consent_state(LEAD, "lipsync", LIPSYNC, [expired, other, good], on=ON) == "covers"


def test_training_is_agreed_in_so_many_words():
    train = replace(CONSENT, operations=("finetune",))
    assert consent_state(LEAD, "finetune", LIPSYNC, [train], on=ON) == "outside_scope"
    assert consent_state(LEAD, "finetune", LIPSYNC, [replace(train, training="yes")], on=ON) == "covers"


@pytest.mark.parametrize("operation, state", [("denoise", "not_needed"), ("deage", "none"), ("unsure", "none")])
def test_a_customary_alteration_needs_none_but_its_name_alone_frees_nothing(operation: Any, state: str):
    assert consent_state(replace(LEAD, kind="customary_alteration"), operation, LIPSYNC, [], on=ON) == state


def test_the_difference_in_scope_is_said():
    said = scope_difference(CONSENT, "voiceclone", replace(LIPSYNC, project="PITCH", season="2"))
    assert said == (
        "operation voiceclone, consent names lipsync",
        "project PITCH, consent names SHW",
        "season 2, consent names 1",
    )


def test_every_operation_is_of_a_known_kind_and_what_makes_pictures_counts_as_generative():
    assert set(OPERATION_CLASS) == set(get_args(Operation))
    assert set(OPERATION_CLASS.values()) == set(get_args(OperationClass))
    generative = {name for name, kind in OPERATION_CLASS.items() if kind == "generative"}
    assert generative == {
        "generate", "edit", "inpaint", "relight", "upscale", "deage", "lipsync", "voiceclone", "rewrite",
    }  # fmt: skip
