"""What counts as loosening, checked against every combination of words."""

from dataclasses import replace
from itertools import chain, combinations, product
from typing import Any

import pytest
from tests.clearance.policy_kit import PACKS

from secondunit.clearance.policy.facts import Facts
from secondunit.clearance.policy.loosen import as_strict, loosenings
from secondunit.clearance.policy.pack import Case, Condition, Pack
from secondunit.clearance.policy.pack_toml import read_pack
from secondunit.clearance.policy.trigger import case_holds, unsure_fields

TEXT = """
id = "one"
family = "one"
title = "One"
revision = 1
effective_from = 2026-01-01
effective_to = 2027-12-31
jurisdictions = ["EU", "US"]
droppable = false
[[rules]]
id = "R-1"
says = "A sentence"
source = "somewhere"
[[rules.cases]]
verdict = "needs_approval"
roles = ["legal"]
evidence = ["a paper"]
when = [{ output_use = ["final_story"], subjects = ["character", "minor"], area_percent = { at_least = 50 } }]
[[rules.cases]]
verdict = "forbidden"
when = [{ registered = { not_shown = ["yes"] } }]
[[rules]]
id = "R-2"
says = "Another"
source = "elsewhere"
[[rules.cases]]
verdict = "allow_record"
evidence = ["a note"]
when = [{ stage = ["vfx"] }]
"""

LOOSER = {
    "a rule gone": (TEXT[TEXT.index('[[rules]]\nid = "R-2"') :], ""),
    "a case gone": ('[[rules.cases]]\nverdict = "forbidden"\nwhen = [{ registered = { not_shown = ["yes"] } }]\n', ""),
    "milder": ('verdict = "forbidden"', 'verdict = "needs_approval"\nroles = ["legal", "studio"]'),
    "another role": ('roles = ["legal"]', 'roles = ["studio"]'),
    "less evidence": ('evidence = ["a paper"]', "evidence = []"),
    "a word less": ('["character", "minor"]', '["character"]'),
    "a condition more": ('stage = ["vfx"]', 'stage = ["vfx"], output_use = ["final_story"]'),
    "a higher bar": ("at_least = 50", "at_least = 60"),
    "more shown suffices": ('not_shown = ["yes"]', 'not_shown = ["yes", "unsure"]'),
    "unsure escapes": ('stage = ["vfx"]', 'stage = { shown = ["vfx"] }, output_use = ["final_story"]'),
    "unsure no longer asked": ('output_use = ["final_story"]', 'output_use = { shown = ["final_story"] }'),
    "unsure asks fewer": ('output_use = ["final_story"]', 'output_use = ["final_story", "unsure"]'),
    "asked of all steps": ('output_use = ["final_story"], ', ""),
    "another scope": ('source = "elsewhere"', 'source = "elsewhere"\nscope = "use"'),
    "later": ("2026-01-01", "2026-06-01"),
    "sooner over": ("2027-12-31", "2027-06-30"),
    "fewer places": ('["EU", "US"]', '["EU"]'),
    "one guild": ("droppable = false", 'droppable = false\nguild = "dga"'),
    "droppable": ("droppable = false", "droppable = true"),
    "another family": ('family = "one"', 'family = "two"'),
}
NOT_LOOSER = {
    "words": ("A sentence", "Better said"),
    "a role more": ('roles = ["legal"]', 'roles = ["legal", "studio"]'),
    "a word more": ('["character", "minor"]', '["character", "minor", "deceased"]'),
    "a lower bar": ("at_least = 50", "at_least = 10"),
    "severer": ('verdict = "needs_approval"\nroles = ["legal"]', 'verdict = "forbidden"'),
    "earlier": ("2026-01-01", "2025-01-01"),
    "open end": ("effective_to = 2027-12-31\n", ""),
    "everywhere": ('["EU", "US"]', '["*"]'),
    "a clause more": ('[{ stage = ["vfx"] }]', '[{ stage = ["vfx"] }, { stage = ["di"] }]'),
    "a case more": (
        '[[rules]]\nid = "R-2"',
        '[[rules]]\nid = "R-3"\nsays = "N"\nsource = "n"\n'
        '[[rules.cases]]\nverdict = "forbidden"\nwhen = [{ stage = ["di"] }]\n[[rules]]\nid = "R-2"',
    ),
}


@pytest.mark.parametrize("name", LOOSER)
def test_this_loosens(name: str):
    old, new = LOOSER[name]
    assert old in TEXT
    assert loosenings(read_pack(TEXT), read_pack(TEXT.replace(old, new, 1)))


@pytest.mark.parametrize("name", NOT_LOOSER)
def test_this_does_not_loosen(name: str):
    old, new = NOT_LOOSER[name]
    assert old in TEXT
    assert loosenings(read_pack(TEXT), read_pack(TEXT.replace(old, new, 1))) == ()


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.id)
def test_no_shipped_pack_is_looser_than_itself_and_each_is_without_any_one_case(pack: Pack):
    assert loosenings(pack, pack) == ()
    for n, rule in enumerate(pack.rules):
        for m in range(len(rule.cases)):
            fewer = replace(rule, cases=(*rule.cases[:m], *rule.cases[m + 1 :]))
            rules = (*pack.rules[:n], fewer, *pack.rules[n + 1 :])
            assert loosenings(pack, replace(pack, rules=rules)), (rule.id, m)


# --- soundness ---------------------------------------------------------------------------------------------------

WORDS = ("yes", "no", "unsure")
LISTS = [("yes",), ("no",), ("yes", "no"), ("yes", "unsure")]
WORD_SETS = [frozenset(c) for c in chain.from_iterable(combinations(WORDS, n) for n in range(4))]


def conditions(field: str) -> list[Condition]:
    tests: tuple[Any, ...] = ("any", "none", "shown", "not_shown")
    return [Condition(field=field, test=test, values=values) for test in tests for values in LISTS]


def outcome(case: Case, facts: Facts) -> tuple[bool, bool]:
    """Whether a case fires, and whether it leaves an answer open."""
    return case_holds(case, facts) is True, bool(unsure_fields(case, facts))


def worse(case: Case, facts: Facts) -> tuple[int, frozenset[str]]:
    """Severity and roles that a case adds, missing answers being asked of studio and legal."""
    fires, is_open = outcome(case, facts)
    asks = case.verdict in ("needs_approval", "forbidden")
    roles: set[str] = set(case.roles) if fires else set()
    level = {"forbidden": 3, "needs_approval": 2, "allow_record": 1, "allow": 0}[case.verdict] if fires else 0
    if asks and is_open:
        level, roles = max(level, 2), roles | {"studio", "legal"}
    return level, frozenset(roles)


FACTS = [Facts(step="s", words={"one": a, "two": b}, numbers={}) for a, b in product(WORD_SETS, WORD_SETS)]
CLAUSES = [(c,) for c in conditions("one")] + [
    (a, b) for a, b in product(conditions("one")[::3], conditions("two")[::3])
]
VERDICTS: list[tuple[Any, tuple[Any, ...]]] = [
    ("forbidden", ()), ("needs_approval", ("performer",)), ("allow_record", ()),
]  # fmt: skip


def test_whatever_is_called_as_strict_is_as_strict_for_every_combination_of_words():
    compared = called = 0
    for (old_verdict, old_roles), (new_verdict, new_roles) in product(VERDICTS, VERDICTS):
        for before, after in product(CLAUSES, CLAUSES):
            old = Case(verdict=old_verdict, roles=old_roles, when=(before,))
            new = Case(verdict=new_verdict, roles=new_roles, when=(after,))
            compared += 1
            if not as_strict(old, new):
                continue
            called += 1
            for facts in FACTS:
                (level, roles), (now, asked) = worse(old, facts), worse(new, facts)
                assert now >= level, (old, new, facts)
                assert now == 3 or roles <= asked, (old, new, facts)
    assert compared > 10_000
    assert called > 200
