"""Which approvals count for a declaration on a day: roles covered, people apart."""

from datetime import date

from secondunit.clearance.policy.declaration import Declaration
from secondunit.clearance.policy.judgement import RoleApproval
from secondunit.clearance.policy.vocabulary import ROLES
from secondunit.clearance.use import same_person


def count(
    approvals: tuple[RoleApproval, ...], declaration: Declaration, *, on: date
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Return, by role, the people whose approvals count, and why each other one does not.

    An approval counts for the very declaration, on its days, from a named person who is not the artist; in the
    role ``artist``, only from the artist. Legal and studio must be two people with two keys: where they are one, only
    legal counts.
    """
    valid: list[RoleApproval] = []
    refused: list[str] = []
    for approval in sorted(set(approvals), key=lambda a: (a.role, a.person, a.key, a.given, a.expires, a.declaration)):
        fault = _fault(approval, declaration, on)
        if fault:
            refused.append(f"{approval.role}: {approval.person or 'nobody'}: {fault}")
        else:
            valid.append(approval)
    legal = [a for a in valid if a.role == "legal"]
    studio = [a for a in valid if a.role == "studio"]
    if legal and studio and not any(_apart(one, other) for one in legal for other in studio):
        refused += [f"studio: {a.person}: legal and studio must be two people with two keys" for a in studio]
        valid = [a for a in valid if a.role != "studio"]
    people = {role: tuple(dict.fromkeys(a.person for a in valid if a.role == role)) for role in ROLES}
    return {role: names for role, names in people.items() if names}, tuple(refused)


def _fault(approval: RoleApproval, declaration: Declaration, on: date) -> str:
    artist = same_person(approval.person, declaration.artist.name)
    if approval.role not in ROLES:
        return "this role is not known"
    if not approval.person.strip() or not approval.key.strip():
        return "no person or no key is named"
    if approval.declaration != declaration.digest:
        return "it was given for another declaration, or this one was changed since"
    if on < approval.given:
        return f"it is dated {approval.given}, after this day"
    if on > approval.expires:
        return f"it ended {approval.expires}"
    if approval.role == "artist" and not artist:
        return "only the artist can opt in"
    if approval.role != "artist" and artist:
        return "nobody approves their own work"
    return ""


def _apart(one: RoleApproval, other: RoleApproval) -> bool:
    return one.key != other.key and not same_person(one.person, other.person)
