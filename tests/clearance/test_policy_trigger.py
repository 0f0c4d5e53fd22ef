"""The five tests of the trigger language, as tables."""

from dataclasses import replace
from typing import Any

import pytest
from tests.clearance.policy_kit import DRAFT, ON, PLATE, with_step

from secondunit.clearance.policy.facts import Facts, step_facts, use_facts
from secondunit.clearance.policy.occasion import Occasion
from secondunit.clearance.policy.pack import Case, Condition
from secondunit.clearance.policy.records import PromptRecord
from secondunit.clearance.policy.trigger import case_holds, clause_holds, holds, matching, unsure_fields

T, F, U = True, False, None


def facts(*words: str, number: float | None = None) -> Facts:
    return Facts(step="s", words={"f": frozenset(words)}, numbers={"n": number})


def ask(test: Any, *values: str) -> Condition:
    return Condition(field="f", test=test, values=values)


@pytest.mark.parametrize(
    "words, any_, none, shown, not_shown",
    [
        ((), F, T, F, F),
        (("a",), T, F, T, F),
        (("b",), F, T, F, T),
        (("unsure",), U, U, F, T),
        (("a", "b"), T, F, T, T),
        (("a", "unsure"), T, F, T, T),
        (("b", "unsure"), U, U, F, T),
    ],
    ids=str,
)
def test_what_holds_of_words(words: tuple[str, ...], any_: Any, none: Any, shown: Any, not_shown: Any):
    found = [holds(ask(test, "a"), facts(*words)) for test in ("any", "none", "shown", "not_shown")]
    assert found == [any_, none, shown, not_shown]


@pytest.mark.parametrize("number, found", [(None, U), (0.0, F), (1.9, F), (2.0, T), (3.0, T)])
def test_what_holds_of_a_number(number: float | None, found: Any):
    assert holds(Condition(field="n", test="at_least", number=2.0), facts(number=number)) is found


def test_unsure_asked_for_by_name_is_a_word():
    assert holds(ask("any", "unsure"), facts("unsure")) is True
    case = Case(verdict="forbidden", when=((ask("any", "unsure"),),))
    assert unsure_fields(case, facts("unsure")) == ()


def test_a_field_that_is_not_there_is_not_known():
    assert holds(Condition(field="other", test="any", values=("a",)), facts("a")) is None


@pytest.mark.parametrize(
    "clause, clauses, found",
    [((T, T), (), T), ((T, U), (), U), ((F, U), (), F), ((U, U), (), U), ((F,), (T,), T), ((U,), (F,), U),
     ((U,), (T,), T), ((F,), (F,), F)],
    ids=str,
)  # fmt: skip
def test_all_of_a_clause_and_any_of_the_clauses(clause: tuple[Any, ...], clauses: tuple[Any, ...], found: Any):
    words = {T: "a", F: "b", U: "unsure"}
    told = Facts(
        step="s",
        words={f"x{n}": frozenset((words[value],)) for n, value in enumerate((*clause, *clauses))},
        numbers={},
    )
    conditions = [Condition(field=f"x{n}", test="any", values=("a",)) for n in range(len(clause) + len(clauses))]
    first, rest = tuple(conditions[: len(clause)]), conditions[len(clause) :]
    case = Case(verdict="forbidden", when=(first, *((c,) for c in rest)))
    assert case_holds(case, told) is found
    if not clauses:
        assert clause_holds(first, told) is found


def test_an_open_answer_is_named_only_where_it_matters():
    one, other = Condition(field="f", test="any", values=("a",)), Condition(field="g", test="any", values=("a",))
    case = Case(verdict="forbidden", when=((one, other),))
    unknown = {"f": frozenset(("unsure",))}
    assert unsure_fields(case, Facts(step="", words={**unknown, "g": frozenset("a")}, numbers={})) == ("f",)
    assert unsure_fields(case, Facts(step="", words={**unknown, "g": frozenset("b")}, numbers={})) == ()
    both = {"f": frozenset(("a", "unsure")), "g": frozenset("a")}
    assert unsure_fields(case, Facts(step="", words=both, numbers={})) == ("f",)
    missing = Case(verdict="forbidden", when=((Condition(field="n", test="at_least", number=1.0),),))
    assert unsure_fields(missing, facts(number=None)) == ("n",)


def test_what_made_a_case_hold_is_said():
    assert matching(Case(verdict="forbidden", when=((ask("any", "a"),),)), facts("a", "b")) == ("f: a",)
    assert matching(Case(verdict="forbidden", when=((ask("not_shown", "a"),),)), facts("a", "b")) == ("f: b",)


# --- facts -------------------------------------------------------------------------------------------------------


def words(declaration: Any, field: str, **occasion: Any) -> frozenset[str]:
    (only,) = step_facts(declaration, Occasion(**occasion), (), on=ON)
    return only.words[field]


@pytest.mark.parametrize(
    "prompt, hits, permitted",
    [
        ({"linted": "yes"}, set(), set()),
        ({"linted": "no"}, {"unsure"}, set()),
        ({}, {"unsure"}, set()),
        ({"linted": "yes", "hits": ("work",)}, {"work"}, set()),
        ({"linted": "yes", "hits": ("work",), "permission": "p"}, set(), {"work"}),
        ({"linted": "unsure", "hits": ("work",), "permission": "p"}, {"unsure"}, {"work"}),
    ],
    ids=str,
)
def test_a_prompt_that_was_not_linted_is_not_known(prompt: dict[str, Any], hits: set[str], permitted: set[str]):
    said = with_step(DRAFT, prompts=(PromptRecord(digest="1", **prompt),))
    assert words(said, "lint_hits") == hits
    assert words(said, "lint_permitted") == permitted


@pytest.mark.parametrize(
    "declared, run, found",
    [
        ("", "", "no"),
        ("2026-01-01T10:00:00+00:00", "", "yes"),
        ("2026-01-01T10:00:00+00:00", "2026-01-01T10:00:01+00:00", "yes"),
        ("2026-01-01T10:00:00+00:00", "2026-01-01T10:00:00+00:00", "no"),
        ("2026-01-01T10:00:00+00:00", "2026-01-01T12:00:00+03:00", "no"),
        ("2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00", "unsure"),
        ("then", "2026-01-01T11:00:00", "unsure"),
    ],
    ids=str,
)
def test_a_declaration_comes_before_the_run(declared: str, run: str, found: str):
    assert words(replace(DRAFT, declared=declared, run=run), "declared_in_time") == {found}


def test_a_manifest_is_a_mark_whatever_is_said_of_marks():
    marked = replace(DRAFT, inputs=(replace(PLATE, mark="no", manifest="m" * 64),))
    assert words(marked, "input_marks") == {"yes"}


def test_a_step_of_unknown_operation_is_judged():
    unknown = with_step(DRAFT, operation="unsure")
    assert words(unknown, "op_class") == {"unsure"}
    plain = with_step(DRAFT, operation="simulate")
    assert step_facts(plain, Occasion(), (), on=ON) == ()
    assert use_facts(plain, Occasion(), (), on=ON).numbers["ai_steps"] == 0.0
