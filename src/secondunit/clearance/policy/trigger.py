"""Conditions evaluated over facts, in three values: true, false, and None where an answer is missing."""

from collections.abc import Iterable

from secondunit.clearance.policy.facts import Facts
from secondunit.clearance.policy.pack import Case, Clause, Condition


def holds(condition: Condition, facts: Facts) -> bool | None:
    """Return whether a condition holds; None where nobody knows."""
    if condition.test == "at_least":
        number = facts.numbers.get(condition.field)
        return None if number is None else number >= condition.number
    words = facts.words.get(condition.field, frozenset(("unsure",)))
    asked = frozenset(condition.values)
    if condition.test == "not_shown":
        return not words <= asked
    found = None if "unsure" in words else False
    if words & asked:
        found = True
    if condition.test == "shown":
        return found is True
    return found if condition.test == "any" else _negated(found)


def clause_holds(clause: Clause, facts: Facts) -> bool | None:
    """Return whether all conditions of a clause hold: false if any is false, else None if any is unknown."""
    return _all(holds(condition, facts) for condition in clause)


def case_holds(case: Case, facts: Facts) -> bool | None:
    """Return whether any clause of a case holds: true if one is true, else None if one is unknown."""
    return _negated(_all(_negated(clause_holds(clause, facts)) for clause in case.when))


def unsure_fields(case: Case, facts: Facts) -> tuple[str, ...]:
    """Return the fields, in clauses not known to be false, that an "unsure" or a missing answer stands in.

    A field counts even where another of its words already matches: what is not known may be worse.
    """
    found = {
        condition.field
        for clause in case.when
        if clause_holds(clause, facts) is not False
        for condition in clause
        if condition.test in ("any", "none", "at_least") and _unsure(condition, facts)
    }
    return tuple(sorted(found))


def matching(case: Case, facts: Facts) -> tuple[str, ...]:
    """Return, as ``field: words``, the facts that make a case hold."""
    said = {
        condition.field: _said(condition, facts)
        for clause in case.when
        if clause_holds(clause, facts)
        for condition in clause
    }
    return tuple(f"{name}: {said[name]}" for name in sorted(said))


def _unsure(condition: Condition, facts: Facts) -> bool:
    if condition.test == "at_least":
        return facts.numbers.get(condition.field) is None
    words = facts.words.get(condition.field, frozenset(("unsure",)))
    return "unsure" in words and "unsure" not in condition.values


def _said(condition: Condition, facts: Facts) -> str:
    if condition.test == "at_least":
        return f"{facts.numbers.get(condition.field)}"
    words = facts.words.get(condition.field, frozenset())
    told = words - set(condition.values) if condition.test == "not_shown" else words & set(condition.values)
    return ", ".join(sorted(told or words))


def _all(values: Iterable[bool | None]) -> bool | None:
    seen = set(values)
    if False in seen:
        return False
    return None if None in seen else True


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value
