from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.clearance.policy_kit import DRAFT, FINAL, ON, approval, verdict

from secondunit.clearance.policy.explain import explain, reasons

FOUR = ("studio", "legal", "vfx_supervisor", "director")


@pytest.mark.parametrize(
    "change, why",
    [
        ({"person": "Ada Example"}, "own work"),
        ({"person": " ada  EXAMPLE"}, "own work"),
        ({"person": ""}, "no person"),
        ({"key": " "}, "no key"),
        ({"declaration": "0" * 64}, "another declaration"),
        ({"declaration": ""}, "another declaration"),
        ({"given": date(2026, 11, 23)}, "after this day"),
        ({"expires": date(2026, 11, 21)}, "ended"),
        ({"role": "friend"}, "not known"),
        ({"role": "artist"}, "only the artist"),
    ],
    ids=str,
)
def test_an_approval_that_does_not_count(change: dict[str, Any], why: str):
    others = [approval(role, FINAL) for role in FOUR if role != "director"]
    judged = verdict(FINAL, approvals=[*others, replace(approval("director", FINAL), **change)])
    assert judged.decision == "needs_approval"
    assert judged.missing == ("director",)
    assert len(judged.heeded_not) == 1
    assert why in judged.heeded_not[0]


def test_any_change_of_what_was_declared_voids_every_approval():
    given = [approval(role, FINAL) for role in FOUR]
    for change in ({"content": "d" * 64}, {"take": 2}, {"purpose": "another"}, {"shot": "SEQ_0020"}, {"use": "u2"}):
        assert verdict(replace(FINAL, **change), approvals=given).approved_by == ()


@pytest.mark.parametrize("same", [{"person": "legal person"}, {"person": "Legal  PERSON"}, {"key": "key of legal"}])
def test_legal_and_studio_are_two_people_with_two_keys(same: dict[str, str]):
    given = [approval(role, FINAL) for role in FOUR if role != "studio"]
    judged = verdict(FINAL, approvals=[*given, approval("studio", FINAL, **same)])
    assert judged.missing == ("studio",)
    assert "two people" in judged.heeded_not[0]


def test_the_artist_alone_opts_in():
    asked = replace(FINAL, artist=DRAFT.artist)
    four = [approval(role, asked) for role in FOUR]
    judged = verdict(asked, approvals=four)
    assert "artist" in judged.missing
    assert verdict(asked, approvals=[*four, approval("artist", asked)]).allowed
    assert not verdict(asked, approvals=[*four, approval("artist", asked, person="Bo Other")]).allowed


def test_the_words_say_who_must_do_what():
    text = explain(verdict(FINAL, approvals=[approval("legal", FINAL), approval("studio", FINAL, expires=ON)]))
    assert text.startswith("Not yet: it needs approval.")
    assert "- The director must approve (DG-01, NF-06)." in text
    assert "- The VFX supervisor must approve (NF-04)." in text
    assert "The studio contact, in writing must" not in text
    assert "Approved, legal: legal person." in text


def test_the_words_name_the_question_that_is_open():
    text = explain(verdict(replace(FINAL, presented="unsure", resembles=("event",))))
    assert "- Answer: how the audience is to take it (presented)." in text


def test_the_words_say_what_forbids_and_that_nobody_can_lift_it():
    judged = verdict(replace(DRAFT, subjects=("character",)))
    text = explain(judged)
    assert "Forbidden. No approval lifts this" in text
    assert "- NF-08: No characters by a machine (step element) [subjects: character]." in text
    assert "must approve" not in text
    assert reasons(judged) == ("NF-08: No characters by a machine",)
