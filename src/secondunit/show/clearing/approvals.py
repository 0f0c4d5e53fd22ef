"""Approvals signed with people's own keys, the artist's opt-in, and what they come to for a take."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal, cast

from secondunit.clearance.approval import (
    Asked,
    Scope,
    SignedApproval,
    Standing,
    sign_approval,
    sign_opt_in,
    standing,
)
from secondunit.clearance.keys import ROLES as KEY_ROLES
from secondunit.clearance.keys import KeyRing
from secondunit.clearance.ledger.people import approvals_in, record_approval, record_opt_in, ring_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.judgement import RoleApproval
from secondunit.clearance.policy.vocabulary import Role
from secondunit.clearance.use import same_person
from secondunit.core.errors import BriefError, ClearanceError
from secondunit.media.digest import file_digest
from secondunit.show.clearing.declare import Declared
from secondunit.show.clearing.question import final_question
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.people import signing_key
from secondunit.show.store.show import Show
from secondunit.show.store.takes import read_take

ROLES = tuple(role for role in KEY_ROLES.values() if role != "artist")
"""Who may approve; the artist opts in instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An approval as recorded."""

    approval: SignedApproval
    by: str
    entry: str
    """Hash of its ledger entry."""


def approve(
    show: Show,
    shot: str,
    *,
    take: int,
    by: str,
    role: str,
    proxy: Path,
    note: str = "",
    decision: Literal["approved", "declined"] = "approved",
    days: int = 30,
    document: Path | None = None,
    keys: Path | None = None,
    key_file: Path | None = None,
    passphrase: str = "",
) -> Given:
    """Sign and record a person's decision on a take as it stands now.

    Parameters
    ----------
    proxy
        The movie that the person opened; it must be this take's.
    note
        Conditions, read by everybody: no names.
    days
        How long the approval holds.
    document
        A written approval from outside, such as a studio's letter; its digest is signed.

    Raises
    ------
    BriefError
        There is no such take or role, the proxy is not this take's, or the person has no key.
    ClearanceError
        The person is the artist, is not among the show's approvers, or their key is not registered.
    """
    name = " ".join(by.split())
    result = read_take(show.shot_folder(shot), take)
    if role not in ROLES:
        raise BriefError(f"{role!r} is no role", fix=f"use {', '.join(ROLES)}")
    if not name:
        raise BriefError("nobody is named", fix='say who: --by "Name"')
    if same_person(name, show.settings.artist):
        raise ClearanceError(f"{name} is the artist of this show and cannot approve it", fix=f"ask {who_may(show)}")
    if not is_approver(show, name, role):
        raise ClearanceError(f"{name} ({role}) may not approve this show", fix=f"ask {who_may(show)}, or see show.toml")
    key = signing_key(show, name=name, role=role, keys=keys, file=key_file, passphrase=passphrase)
    opened = datetime.now(UTC)
    if given_digest(proxy) != given_digest(result.movie):
        raise BriefError(f"{proxy} is not the movie of take {take}", fix=f"open and give {result.movie}")
    with ledger_of(show) as ledger:
        declared = final_question(show, shot, take=take, ledger=ledger).declared
        asked = asked_of(show, declared, movie=result.movie, ring=ring_of(ledger))
        now = datetime.now(UTC)
        signed = sign_approval(
            key,
            asked=asked,
            role=role,
            at=now,
            expires=now + timedelta(days=days),
            proxy_opened_at=min(opened, now),
            decision=decision,
            conditions=note,
            document=given_digest(document) if document else "",
        )
        entry = record_approval(ledger, signed)
    return Given(approval=signed, by=name, entry=entry.hash)


def opt_in(show: Show, shot: str, *, voluntary: bool = True, keys: Path | None = None, passphrase: str = "") -> str:
    """Sign and record that the artist uses the tool of their own will, or would rather not; return the time.

    Raises
    ------
    BriefError
        The artist has no key.
    ClearanceError
        The show does not know it.
    """
    settings = show.settings
    key = signing_key(show, name=settings.artist, role="artist", keys=keys, passphrase=passphrase)
    given = sign_opt_in(key, show=settings.code, shot=shot, voluntary=voluntary, at=datetime.now(UTC))
    with ledger_of(show) as ledger:
        return record_opt_in(ledger, given).at


def asked_of(show: Show, declared: Declared, *, movie: Path, ring: KeyRing) -> Asked:
    """Return what approvals are wanted for, as it stands now."""
    declaration, artist = declared.declaration, show.settings.artist
    return Asked(
        scope=Scope(
            show=show.settings.code,
            shot=declaration.shot,
            take=declaration.take,
            output_use=declaration.output_use,
        ),
        declaration=declaration.digest,
        content=declaration.content,
        proxy=given_digest(movie),
        artist=artist,
        artist_keys=tuple(k.key_id for k in ring.keys if same_person(k.person, artist)),
    )


def standing_of(show: Show, declared: Declared, *, movie: Path, ledger: Ledger) -> Standing:
    """Return which recorded approvals count for a take now, and why others do not."""
    ring = ring_of(ledger)
    asked = asked_of(show, declared, movie=movie, ring=ring)
    return standing(approvals_in(ledger), asked=asked, ring=ring, on=datetime.now(UTC))


def heeded(show: Show, stood: Standing, *, ring: KeyRing) -> tuple[RoleApproval, ...]:
    """Return approvals that count as the rules want them; whoever is no approver of the show is left out."""
    found = []
    for signed in stood.counting:
        person = ring.person(signed.key_id)
        if is_approver(show, person, signed.role):
            found.append(
                RoleApproval(
                    role=cast(Role, signed.role),
                    person=person,
                    key=signed.key_id,
                    declaration=signed.declaration,
                    given=date.fromisoformat(signed.at[:10]),
                    expires=date.fromisoformat(signed.expires[:10]),
                )
            )
    return tuple(found)


def who_may(show: Show) -> str:
    """Return, in words, who may approve finals of this show."""
    people = [f"{a.name} ({a.role})" for a in show.settings.approvers]
    return " or ".join(people) or f"a named person in a role of {', '.join(ROLES)}"


def who_by_role(show: Show) -> dict[str, str]:
    """Return the names of the show's approvers by the role that rules ask for."""
    found: dict[str, list[str]] = {}
    for approver in show.settings.approvers:
        found.setdefault(approver.role, []).append(f"{approver.name} ({approver.role})")
    return {role: " or ".join(names) for role, names in found.items()}


def is_approver(show: Show, name: str, role: str) -> bool:
    """Whether a person may approve in a role: where show.toml names approvers, nobody else."""
    people = show.settings.approvers
    return not people or any(same_person(a.name, name) and a.role == role for a in people)


def given_digest(path: Path) -> str:
    """Return the SHA-256 of a file that a person gave, or judges.

    Raises
    ------
    BriefError
        It cannot be read.
    """
    try:
        return file_digest(path)
    except OSError as error:
        raise BriefError(f"{path} cannot be read: {error.strerror}", fix="check the path") from error
