"""The verdict: pure, total, deterministic.

Every rule that matches fires: FORBIDDEN over NEEDS_APPROVAL (of all roles named) over ALLOW_RECORD over ALLOW.
An answer that a rule asks for and nobody gave never allows. Approvals lift the roles they cover, nothing else.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import reduce

from secondunit.clearance.policy.approvals import count
from secondunit.clearance.policy.canonical import digest_of
from secondunit.clearance.policy.declaration import Declaration
from secondunit.clearance.policy.facts import Facts, step_facts, use_facts
from secondunit.clearance.policy.in_force import applies, in_force, lapsed
from secondunit.clearance.policy.judgement import Hit, Judgement, RoleApproval
from secondunit.clearance.policy.occasion import Occasion
from secondunit.clearance.policy.pack import Case, Pack, Rule
from secondunit.clearance.policy.records import ConsentRecord
from secondunit.clearance.policy.trigger import case_holds, matching, unsure_fields
from secondunit.clearance.policy.vocabulary import DECISIONS, ROLES, Decision, Role, stricter

HOUSE = "house"
"""Id of the pack that no show can drop: without it, signed, nothing is allowed."""

RUN = Occasion()


def judge(
    declaration: Declaration | None,
    *,
    packs: Iterable[Pack],
    consents: Iterable[ConsentRecord] = (),
    approvals: Iterable[RoleApproval] = (),
    on: date,
    occasion: Occasion = RUN,
) -> Judgement:
    """Return the verdict on a use.

    Parameters
    ----------
    declaration
        What is said of the use; None where nothing is, which is forbidden.
    packs
        Verified packs, of all dates; those in force on the day are chosen here.
    consents
        What people agreed to.
    approvals
        Approvals whose signatures were verified.
    on
        The day of judging.
    occasion
        The moment, with the facts that only it has.
    """
    chosen = in_force(packs, on=on)
    hits = _pack_faults(chosen)
    if declaration is None:
        hits.append(_own("NF-01", "nothing was declared, and every use is declared before it runs"))
        return _judgement(None, chosen, hits, on=on, occasion=occasion)
    spoken = tuple(pack for pack in chosen if applies(pack, declaration))
    told = tuple(consents)
    steps = step_facts(declaration, occasion, told, on=on)
    whole = use_facts(declaration, occasion, told, on=on)
    missing: set[str] = set()
    asking: set[str] = set()
    might: set[Role] = set()
    for pack in spoken:
        for rule in pack.rules:
            for case in rule.cases:
                hit, unknown = _fire(pack, rule, case, steps if rule.scope == "step" else (whole,))
                hits += [hit] if hit else []
                missing |= set(unknown)
                asking |= {rule.id} if unknown else set()
                might |= set(case.roles) if unknown else set()
    hits += _not_sure(spoken, whole, missing, asking, might)
    judged = _judgement(declaration, spoken, hits, on=on, occasion=occasion)
    return _lifted(judged, declaration, tuple(approvals), on=on)


def _fire(pack: Pack, rule: Rule, case: Case, facts: tuple[Facts, ...]) -> tuple[Hit | None, tuple[str, ...]]:
    """Return a case's hit, if it holds anywhere, and the fields whose answers it misses."""
    if any(c.field == "unanswered" for clause in case.when for c in clause):
        return None, ()
    asked = case.verdict in ("needs_approval", "forbidden")
    unknown = {name for f in facts for name in unsure_fields(case, f)} if asked else set()
    true = [f for f in facts if case_holds(case, f) is True]
    if not true:
        return None, tuple(unknown)
    said = {fact for f in true for fact in matching(case, f)}
    return _hit(pack, rule, case, steps=[f.step for f in true if f.step], facts=said), tuple(unknown)


def _hit(pack: Pack, rule: Rule, case: Case, *, steps: Iterable[str] = (), facts: Iterable[str] = ()) -> Hit:
    return Hit(
        rule=rule.id,
        pack=pack.name,
        decision=case.verdict,
        says=f"{rule.says}: {case.says}" if case.says else rule.says,
        roles=case.roles,
        evidence=case.evidence,
        steps=tuple(sorted(steps)),
        facts=tuple(sorted(facts)),
    )


def _not_sure(
    packs: tuple[Pack, ...], whole: Facts, missing: set[str], asking: set[str], might: set[Role]
) -> list[Hit]:
    """Return the hits of rules about missing answers: those that ask for the number ``unanswered``.

    They ask for the roles of every rule that an answer might bring about too: silence is no easier than the truth.
    """
    counted = replace(whole, numbers={**whole.numbers, "unanswered": float(len(missing))})
    found = []
    for pack in packs:
        for rule in pack.rules:
            for case in rule.cases:
                about = any(c.field == "unanswered" for clause in case.when for c in clause)
                if about and case_holds(case, counted):
                    facts = [f"asked for by: {', '.join(sorted(asking))}"]
                    roles = tuple(role for role in ROLES if role in {*case.roles, *might})
                    hit = _hit(pack, rule, case, facts=facts)
                    found.append(replace(hit, roles=roles, unanswered=tuple(sorted(missing))))
    return found


def _pack_faults(packs: tuple[Pack, ...]) -> list[Hit]:
    faults = [
        _own("SIGNED", f"pack {pack.name} carries no signature that was verified")
        for pack in packs
        if not pack.signed_by
    ]
    if not any(pack.id == HOUSE and not pack.droppable for pack in packs):
        faults.append(_own("HOUSE", "the house pack is not among the packs, and no show may go without it"))
    return faults


def _own(rule: str, says: str) -> Hit:
    return Hit(rule=rule, pack="the judge", decision="forbidden", says=says)


def _judgement(
    declaration: Declaration | None, packs: tuple[Pack, ...], hits: list[Hit], *, on: date, occasion: Occasion
) -> Judgement:
    start: Decision = "allow"
    decision = reduce(stricter, (hit.decision for hit in hits), start)
    asked = {role for hit in hits for role in hit.roles}
    roles = tuple(role for role in ROLES if role in asked)
    ordered = sorted(hits, key=lambda h: (-DECISIONS.index(h.decision), h.rule, h.pack, h.says))
    return Judgement(
        decision=decision,
        use=declaration.use if declaration else "",
        declaration=declaration.digest if declaration else "",
        policy=digest_of([pack.digest for pack in packs]),
        packs=tuple(pack.name for pack in packs),
        on=on,
        moment=occasion.moment,
        hits=tuple(ordered),
        roles=roles,
        missing=roles,
        notes=tuple(note for pack in packs if (note := lapsed(pack, on=on))),
    )


def _lifted(judged: Judgement, declaration: Declaration, approvals: tuple[RoleApproval, ...], *, on: date) -> Judgement:
    """Return a judgement with approvals heeded: they lift NEEDS_APPROVAL where no role is left, and nothing else."""
    counted, not_heeded = count(approvals, declaration, on=on)
    missing = tuple(role for role in judged.roles if role not in counted)
    lifts = judged.decision == "needs_approval" and not missing
    return replace(
        judged,
        decision="allow_record" if lifts else judged.decision,
        missing=missing,
        approved_by=tuple(f"{role}: {', '.join(counted[role])}" for role in judged.roles if role in counted),
        heeded_not=not_heeded,
    )
