import pickle
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.clearance.gate_kit import DECLARED, FOUR, RULES, TEMP, TOOL, Through, approvals, buffers, granted, use_of
from tests.clearance.policy_kit import ON

from secondunit.clearance.gate import Grant, Rules, clear, decide, run_generator
from secondunit.clearance.policy.declaration import Declaration, Prominence
from secondunit.clearance.policy.records import Artist, InputAsset
from secondunit.clearance.use import Verdict, same_person
from secondunit.core.collapse import Detail
from secondunit.core.errors import ClearanceError


def test_a_draft_is_allowed_recorded_and_marked():
    told: list[Verdict] = []
    grant = clear(use_of(TEMP), TEMP, rules=RULES, record=lambda verdict: told.append(verdict) or "entry")
    assert told == [grant.verdict]
    assert grant.verdict.burn_in == "AI temp"


def test_a_draft_needs_nothing_that_only_a_person_knows():
    bare = Declaration(
        use="u1",
        project="SHW",
        shot="SEQ_0010",
        take=2,
        content="c" * 64,
        declared="2026-11-22T10:00:00+00:00",
        artist=Artist(name="Ada Example", role="artist"),
        stage="vfx",
        output_use="temp_internal",
        modality="picture",
        subjects=("environment",),
        tools=(TOOL,),
        inputs=(InputAsset(id="plate", digest="p" * 64, kind="plate"),),
        steps=DECLARED.steps,
    )
    assert granted(bare).verdict.decision == "allow_record"


def test_a_final_without_an_approval_is_refused_and_the_refusal_recorded():
    told: list[Verdict] = []
    with pytest.raises(ClearanceError, match="Bo Other") as caught:
        clear(
            use_of(DECLARED),
            DECLARED,
            rules=RULES,
            record=lambda v: told.append(v) or "entry",
            who={"director": "Bo Other (director)"},
            command="approve it",
        )
    assert [v.decision for v in told] == ["needs_approval"]
    assert "approve it" in caught.value.fix
    assert set(caught.value.roles) == set(FOUR)


def test_a_final_with_its_approvals_says_whose():
    grant = granted(DECLARED, approvals())
    assert "director: Bo Other" in grant.verdict.approved_by
    assert grant.verdict.burn_in == ""


@pytest.mark.parametrize("lacking", range(4), ids=FOUR)
def test_three_of_four_are_not_enough(lacking: int):
    given = [a for n, a in enumerate(approvals()) if n != lacking]
    verdict = decide(use_of(DECLARED), DECLARED, rules=RULES, approvals=given)
    assert verdict.decision == "needs_approval"
    assert verdict.roles == (list(FOUR)[lacking],)


@pytest.mark.parametrize(
    "change",
    [
        {"person": "Ada Example"},
        {"person": " ada   EXAMPLE "},
        {"person": ""},
        {"person": "   "},
        {"role": "friend"},
        {"role": ""},
        {"role": "artist"},
        {"key": ""},
        {"declaration": "d" * 64},
        {"declaration": ""},
        {"given": ON + timedelta(days=1)},
        {"expires": ON - timedelta(days=1)},
    ],
    ids=str,
)
def test_approvals_that_do_not_count(change: dict[str, object]):
    given = [replace(approval, **change) for approval in approvals()]
    verdict = decide(use_of(DECLARED), DECLARED, rules=RULES, approvals=given)
    assert verdict.decision == "needs_approval"


@pytest.mark.parametrize("output_use", ["unsure", "ideation", "temp_internal", "temp_screened", "marketing"])
def test_no_declared_use_frees_a_final_from_its_approval(output_use: str):
    said = replace(DECLARED, output_use=output_use)
    assert not decide(use_of(said, kind="final"), said, rules=RULES).allowed


@pytest.mark.parametrize("field", ["output_use", "covered_role", "presented", "prominence", "resembles"])
def test_not_to_answer_asks_for_no_fewer_people_than_the_truth(field: str):
    blank = {"resembles": ("unsure",), "prominence": Prominence()}.get(field, "unsure")
    said = replace(DECLARED, **{field: blank})
    roles = decide(use_of(said, kind="final"), said, rules=RULES).judgement.roles
    assert set(decide(use_of(DECLARED), DECLARED, rules=RULES).judgement.roles) <= set(roles)


def test_without_a_declaration_nothing_runs():
    verdict = decide(use_of(TEMP), None, rules=RULES)
    assert verdict.decision == "forbidden"


def test_forbidden_is_lifted_by_nobody():
    said = replace(DECLARED, subjects=("character",))
    told: list[Verdict] = []
    with pytest.raises(ClearanceError, match="NF-08") as caught:
        clear(use_of(said), said, rules=RULES, approvals=approvals(said), record=lambda v: told.append(v) or "entry")
    assert told[0].decision == "forbidden"
    assert caught.value.roles == ()


OTHERS = {
    "a final declared as a temp": (TEMP, {"kind": "final"}),
    "a draft declared as a final": (DECLARED, {"kind": "draft"}),
    "another shot": (DECLARED, {"shot": "SEQ_0020"}),
    "another take": (DECLARED, {"take": 3}),
    "another content": (DECLARED, {"content": "d" * 64}),
    "another artist": (DECLARED, {"artist": "Eva"}),
    "another declaration": (DECLARED, {"declaration": "d" * 64}),
    "a tool that is not declared": (DECLARED, {"generator": "other"}),
    "another version": (DECLARED, {"generator_version": "2"}),
    "other weights": (DECLARED, {"weights_digest": "w" * 64}),
}


@pytest.mark.parametrize("declaration, change", OTHERS.values(), ids=OTHERS.keys())
def test_a_declaration_carries_no_other_use(declaration: Declaration, change: dict[str, object]):
    use = use_of(declaration, **change)
    verdict = decide(use, declaration, rules=RULES, approvals=approvals(declaration))
    assert verdict.decision == "forbidden"
    assert verdict.contradiction


def test_without_packs_nothing_runs():
    assert not decide(use_of(TEMP), TEMP, rules=Rules(packs=(), on=ON)).allowed


def test_the_generator_runs_with_a_grant_and_in_another_process():
    generator = Through()
    grant = pickle.loads(pickle.dumps(granted()))
    layers = run_generator(generator, buffers(), detail=Detail(), grant=grant)
    assert generator.ran == 1
    assert float(layers.alpha[0, 0]) == 0.5


def forged(grant: Grant) -> list[Grant]:
    final = replace(grant.verdict, use=use_of(DECLARED))
    refused = decide(use_of(DECLARED), DECLARED, rules=RULES)
    return [
        replace(grant, seal=""),
        replace(grant, entry=""),
        replace(grant, entry="f" * 64),
        replace(grant, verdict=final),
        replace(grant, verdict=refused),
        Grant(verdict=decide(use_of(TEMP), TEMP, rules=RULES), entry="", seal=grant.seal),
    ]


@pytest.mark.parametrize("n", range(6))
def test_an_altered_grant_runs_nothing(n: int):
    generator = Through()
    with pytest.raises(ClearanceError):
        run_generator(generator, buffers(), detail=Detail(), grant=forged(granted())[n])
    assert generator.ran == 0


@pytest.mark.parametrize("key", ["name", "version", "weights_digest"])
def test_a_grant_is_for_one_generator(key: str):
    class Other(Through):
        pass

    setattr(Other, key, "another")
    generator = Other()
    with pytest.raises(ClearanceError, match="grant is for"):
        run_generator(generator, buffers(), detail=Detail(), grant=granted())
    assert generator.ran == 0


def test_names_are_people_not_spellings():
    assert same_person("Zoë K", "zoe\u0308  k")
    assert not same_person("Zoë K", "Zoe K")
