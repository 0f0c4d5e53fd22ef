"""Whether a revision of a pack loosens anything. What cannot be shown to be as strict counts as loosening.

A case is as strict as an old one where it fires wherever the old one does, its verdict is no milder, and its roles
and evidence are no fewer. "Fires wherever" is decided clause by clause: each clause of the old case must imply one of
the new. This is sound, not complete: a rewording that happens to be equal may need a second signature, never the
other way round. ``tests/clearance/test_policy_loosen.py`` checks it against every combination of words.
"""

from secondunit.clearance.policy.pack import Case, Clause, Condition, Pack, Rule
from secondunit.clearance.policy.vocabulary import DECISIONS

_IMPLIES = {
    ("any", "any"),
    ("shown", "any"),
    ("shown", "shown"),
}
"""Old test, new test: implied where the new words hold the old."""

UNSURE_TESTS = ("any", "none", "at_least")
"""Tests that an "unsure" answer leaves open."""


def loosenings(old: Pack, new: Pack) -> tuple[str, ...]:
    """Return, in words, what a revision loosens or may loosen; empty where it only tightens."""
    found = _frame(old, new)
    rules = {rule.id: rule for rule in new.rules}
    for rule in old.rules:
        after = rules.get(rule.id)
        if after is None:
            found.append(f"{rule.id} is gone")
        else:
            found += _rule(rule, after)
    return tuple(found)


def _frame(old: Pack, new: Pack) -> list[str]:
    found = []
    if (old.id, old.family) != (new.id, new.family):
        found.append("it is another pack, or of another family")
    if new.effective_from > old.effective_from:
        found.append(f"it begins later, {new.effective_from}")
    if new.effective_to is not None and (old.effective_to is None or new.effective_to < old.effective_to):
        found.append(f"it ends sooner, {new.effective_to}")
    if "*" not in new.jurisdictions and not set(old.jurisdictions) <= set(new.jurisdictions):
        found.append("it speaks of fewer territories")
    if new.guild and new.guild != old.guild:
        found.append(f"it speaks only of {new.guild}")
    if new.droppable and not old.droppable:
        found.append("a show may now drop it")
    return found


def _rule(old: Rule, new: Rule) -> list[str]:
    if old.scope != new.scope:
        return [f"{old.id} is asked of another scope"]
    return [
        f"{old.id}, case {n}: {case.verdict} where {case.trigger}"
        for n, case in enumerate(old.cases, 1)
        if not any(as_strict(case, other) for other in new.cases)
    ]


def as_strict(old: Case, new: Case) -> bool:
    """Whether a new case fires wherever an old one does, and asks no less."""
    severe = DECISIONS.index(new.verdict) >= DECISIONS.index(old.verdict)
    asks = new.verdict == "forbidden" or set(old.roles) <= set(new.roles)
    records = set(old.evidence) <= set(new.evidence)
    final = new.verdict in ("forbidden", "allow_record", "allow")
    return severe and asks and records and all(any(_implies(a, b, final=final) for b in new.when) for a in old.when)


def _implies(old: Clause, new: Clause, *, final: bool) -> bool:
    """Whether every condition of the new clause follows from one of the old.

    Unless ``final``, an answer that the old clause misses must be missed by the new one too: where nobody knows,
    studio and legal decide, and a case that fires outright would ask only its own roles.
    """
    follows = all(any(_follows(a, b) for a in old) for b in new)
    return follows and (final or all(any(_asks_like(a, b) for b in new) for a in old if a.test in UNSURE_TESTS))


def _asks_like(old: Condition, new: Condition) -> bool:
    return (
        old.field == new.field and new.test in UNSURE_TESTS and ("unsure" in old.values or "unsure" not in new.values)
    )


def _follows(old: Condition, new: Condition) -> bool:
    if old.field != new.field:
        return False
    if old.test == new.test == "at_least":
        return new.number <= old.number
    before, after = set(old.values), set(new.values)
    if (old.test, new.test) in _IMPLIES:
        return before <= after
    if old.test in ("none", "not_shown") and new.test == old.test:
        return after <= before
    return False
