"""Approvals given and the record read: what the gate is told, and who told it."""

from collections.abc import Mapping
from typing import Any

from secondunit.clearance.gate import ROLES
from secondunit.clearance.use import Approval, Use, Verdict, same_person
from secondunit.core.errors import BriefError, ClearanceError, StoreError
from secondunit.core.recipe import canonical
from secondunit.show.atomic import read_json
from secondunit.show.database import APPROVALS, TAKES, USES, VERDICTS, Record
from secondunit.show.store import Show


def approve(show: Show, shot: str, *, take: int, by: str, role: str, note: str = "") -> Approval:
    """Record that a person approves a take as it stands now.

    Raises
    ------
    BriefError
        There is no such take, or no such role.
    ClearanceError
        The person is the artist, or is not among the show's approvers.
    """
    record = show.shot_folder(shot) / "takes" / f"t{take:03d}" / "take.json"
    if not record.is_file():
        raise BriefError(f"{shot} has no whole take {take}", fix=f"make it: secondunit shot take {show.typed} {shot}")
    content = read_json(record).get("content")
    if not isinstance(content, str):
        raise StoreError(f"{record} says nothing of its content", fix="delete the take and make it again")
    name = " ".join(by.split())
    if role not in ROLES:
        raise BriefError(f"{role!r} is no role", fix=f"use {', '.join(ROLES)}")
    if not name:
        raise BriefError("nobody is named", fix='say who: --by "Name"')
    if same_person(name, show.settings.artist):
        raise ClearanceError(f"{name} is the artist of this show and cannot approve it", fix=f"ask {who_may(show)}")
    if not _is_approver(show, name, role):
        raise ClearanceError(f"{name} ({role}) may not approve this show", fix=f"ask {who_may(show)}, or see show.toml")
    at = Record(show.database_url).add(APPROVALS, shot=shot, take=take, content=content, by=name, role=role, note=note)
    return Approval(shot=shot, take=take, content=content, by=name, role=role, at=at)


def approvals_of(show: Show, shot: str) -> tuple[Approval, ...]:
    """Return the recorded approvals of a shot by people who may approve."""
    keys = ("shot", "take", "content", "by", "role", "at")
    rows = Record(show.database_url).rows(APPROVALS, shot=shot)
    given = (Approval(**{key: row[key] for key in keys}) for row in rows)
    return tuple(a for a in given if _is_approver(show, a.by, a.role))


def who_may(show: Show) -> str:
    """Return, in words, who may approve finals of this show."""
    people = [f"{a.name} ({a.role})" for a in show.settings.approvers]
    return " or ".join(people) or f"a named person in a role of {', '.join(ROLES)}"


def record_verdict(show: Show, verdict: Verdict) -> str:
    """Append a use and its verdict; return the time they were recorded."""
    record, use = Record(show.database_url), verdict.use
    _record_use(record, use)
    return record.add(
        VERDICTS,
        digest=verdict.digest,
        use=use.digest,
        shot=use.shot,
        take=use.take,
        decision=verdict.decision,
        reason="; ".join([verdict.reason, *verdict.approved_by]),
    )


def _record_use(record: Record, use: Use) -> None:
    if record.rows(USES, digest=use.digest):
        return
    statement = ", ".join(f"{key}={value}" for key, value in canonical(use).items() if value != "")
    record.add(
        USES,
        digest=use.digest,
        shot=use.shot,
        take=use.take,
        artist=use.artist,
        output_use=use.output_use,
        statement=statement,
    )


def record_of(show: Show, *, shot: str = "") -> list[dict[str, Any]]:
    """Return all that is recorded, oldest first: what (use, verdict, approval, take), when, and what was said."""
    record = Record(show.database_url)
    only = {"shot": shot} if shot else {}
    told: list[dict[str, Any]] = []
    for what, table in (("use", USES), ("verdict", VERDICTS), ("approval", APPROVALS), ("take", TAKES)):
        for row in record.rows(table, **only):
            told.append({**row, "what": what, "said": _said(what, row)})
    return sorted(told, key=lambda row: row["at"])


def _said(what: str, row: Mapping[str, Any]) -> str:
    if what == "use":
        return f"{row['artist']} asks for {row['output_use']}"
    if what == "verdict":
        return f"{row['decision']}: {row['reason']}"
    if what == "approval":
        return f"{row['by']} ({row['role']}) approved" + (f": {row['note']}" if row["note"] else "")
    return f"{row['kind']} {row['state']}"


def _is_approver(show: Show, name: str, role: str) -> bool:
    people = show.settings.approvers
    return not people or any(same_person(a.name, name) and a.role == role for a in people)
