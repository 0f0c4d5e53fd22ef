"""Whether a recorded consent covers what is about to be done to a person. What is not named is not covered."""

from collections.abc import Iterable
from datetime import date

from secondunit.clearance.policy.declaration import Declaration
from secondunit.clearance.policy.fields import ConsentState
from secondunit.clearance.policy.records import ConsentRecord, Talent
from secondunit.clearance.policy.vocabulary import Capacity, Operation

ALWAYS_ASKED: frozenset[Operation] = frozenset(
    ("generate", "deage", "lipsync", "voiceclone", "scan", "train", "finetune", "unsure")
)
"""Operations that need consent whatever kind of alteration is claimed."""

CAPACITY: dict[str, Capacity] = {"deceased": "estate", "minor": "guardian"}

_WORST_LAST: tuple[ConsentState, ...] = (
    "covers", "unsure", "not_before", "wrong_capacity", "expired", "outside_scope", "revoked"
)  # fmt: skip


def consent_state(
    talent: Talent, operation: Operation, declaration: Declaration, consents: Iterable[ConsentRecord], *, on: date
) -> ConsentState:
    """Return how a person's consents stand to one operation on one day.

    The best of the person's consents counts; where none covers, the state nearest to covering is told.
    """
    if talent.kind in ("none", "customary_alteration") and operation not in ALWAYS_ASKED:
        return "not_needed"
    states = [_one(c, talent, operation, declaration, on) for c in consents if c.person == talent.person]
    return min(states, key=_WORST_LAST.index) if states else "none"


def scope_difference(consent: ConsentRecord, operation: Operation, declaration: Declaration) -> tuple[str, ...]:
    """Return what of a use a consent does not name, in words; empty where it names all of it."""
    said: list[str] = []
    if operation not in consent.operations:
        said.append(f"operation {operation}, consent names {', '.join(consent.operations) or 'none'}")
    if operation in ("train", "finetune") and consent.training != "yes":
        said.append("training is not agreed")
    if declaration.project not in consent.projects:
        said.append(f"project {declaration.project}, consent names {', '.join(consent.projects) or 'none'}")
    if consent.seasons and declaration.season and declaration.season not in consent.seasons:
        said.append(f"season {declaration.season}, consent names {', '.join(consent.seasons)}")
    if "worldwide" not in consent.territories:
        beyond = [t for t in declaration.territories if t not in consent.territories]
        said += [f"territory {t}, consent names {', '.join(consent.territories) or 'none'}" for t in beyond]
    return tuple(said)


def _one(
    consent: ConsentRecord, talent: Talent, operation: Operation, declaration: Declaration, on: date
) -> ConsentState:
    if consent.revoked is not None and consent.revoked <= on:
        return "revoked"
    if scope_difference(consent, operation, declaration):
        return "outside_scope"
    if not consent.starts <= on <= consent.ends:
        return "expired"
    if not consent.signed < on:
        return "not_before"
    capacity = CAPACITY.get(talent.kind)
    if capacity is not None and consent.capacity not in (capacity, "unsure"):
        return "wrong_capacity"
    unknown = (
        consent.capacity == "unsure"
        or operation == "unsure"
        or (bool(consent.seasons) and not declaration.season)
        or ("worldwide" not in consent.territories and not declaration.territories)
        or not consent.description.strip()
        or not consent.document
    )
    return "unsure" if unknown else "covers"
