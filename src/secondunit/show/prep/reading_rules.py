"""Who must agree that a script is read for a breakdown, by the rules a show is under."""

from secondunit.clearance.policy.pack import Clause
from secondunit.show.record.policies import rules_of
from secondunit.show.store.show import Show


def reading_rules(show: Show) -> tuple[str, ...]:
    """Return, in words, the rules that want somebody's approval before a breakdown is used.

    Raises
    ------
    ClearanceError, BriefError
        As ``rules_of``.
    """
    return tuple(
        f"{rule.id} ({pack.id}): {rule.says}; {' and '.join(case.roles)} to agree, the reading is on the record"
        for pack in rules_of(show).packs
        for rule in pack.rules
        for case in rule.cases
        if case.verdict == "needs_approval" and any(_is_reading(clause) for clause in case.when)
    )


def _is_reading(clause: Clause) -> bool:
    """Whether a clause speaks of reading a script, and asks nothing else."""
    asked = {condition.field: condition.values for condition in clause}
    return "reading" in asked.get("op_class", ()) and asked.get("subjects") == ("script_text",) and len(asked) == 2
