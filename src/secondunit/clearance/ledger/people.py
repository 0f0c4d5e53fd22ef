"""The keys a show knows, and the decisions made with them, as entries of its ledger.

The first key entered is the registrar's, the show's own. It countersigns every other, so that whoever merely
writes to the database cannot make themselves an approver. Names are private and can be erased.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from secondunit.clearance.approval import OptIn, Recorded, Scope, SignedApproval
from secondunit.clearance.keys import ERASED, REGISTRAR, KeyRing, PersonKey, SigningKey, verify
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.store import Ledger
from secondunit.core.errors import BriefError, ClearanceError, SecondUnitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The keys of a show, and the entries that claim to be keys and are not."""

    ring: KeyRing
    refused: tuple[tuple[int, str], ...]
    """Entry and reason."""


def register_key(ledger: Ledger, card: PersonKey, *, registrar: SigningKey) -> Entry:
    """Register a person's key, countersigned by the show's registrar; the registrar's own comes first.

    Raises
    ------
    BriefError
        The card does not prove its key, the role is unknown, or the ledger has no registrar yet.
    ClearanceError
        The key is another person's, legal and studio would be one, or this registrar is not the show's.
    """
    ring = read_register(ledger).ring
    ring.add(card)
    if any(k.public == card.public and k.person == ERASED for k in ring.keys):
        raise ClearanceError(f"the key {card.key_id} was somebody's whose name was erased", fix="make a new key")
    known = _registrar(ring)
    if known is None and (card.role != REGISTRAR or card.public != registrar.public):
        raise BriefError("the show has no registrar's key yet", fix="secondunit keys init")
    if known is not None and known.public != registrar.public:
        raise ClearanceError(f"{registrar.key_id} is not this show's registrar", fix=f"use the key {known.key_id}")
    if known is not None and card.role == REGISTRAR and card.public != known.public:
        raise ClearanceError("the show has a registrar already", fix=f"use the key {known.key_id}")
    body = {"public": card.public, "role": card.role, "proof": card.proof, "key_id": card.key_id}
    signed = {**body, "registrar": registrar.key_id, "countersigned": registrar.sign("admits key", body)}
    return ledger.append("key", signed, private={"person": card.person})


def revoke_key(ledger: Ledger, key_id: str, *, at: str, by: SigningKey) -> Entry:
    """Record that a key counts no more from a time on (UTC, ISO 8601), signed by itself or by the registrar.

    Raises
    ------
    BriefError
        The time is none, or has no zone.
    ClearanceError
        The signer is neither, or the show does not know the key.
    """
    try:
        aware = datetime.fromisoformat(at).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise BriefError(f"{at!r} is no time with its zone", fix="write one as 2026-01-31T12:00:00+00:00")
    ring = read_register(ledger).ring
    known = _registrar(ring)
    if not ring.person(key_id):
        raise ClearanceError(f"this show knows no key {key_id}", fix="see: secondunit keys list")
    if by.key_id != key_id and (known is None or by.public != known.public):
        raise ClearanceError(f"{by.key_id} may not revoke {key_id}", fix="use the key itself, or the registrar's")
    body = {"key_id": key_id, "from": at}
    return ledger.append("key_revoked", {**body, "by": by.key_id, "signature": by.sign("revokes key", body)})


def ring_of(ledger: Ledger) -> KeyRing:
    """Return the keys a show knows."""
    return read_register(ledger).ring


def read_register(ledger: Ledger) -> Register:
    """Return the keys a show knows, and the entries that do not make one known, with the reason."""
    ring, refused = KeyRing(), []
    for entry in ledger.entries():
        if entry.kind == "key":
            ring, reason = _admit(ring, entry, ledger.private(entry))
        elif entry.kind == "key_revoked":
            ring, reason = _revoke(ring, entry)
        else:
            continue
        if reason:
            refused.append((entry.seq, reason))
    return Register(ring=ring, refused=tuple(refused))


def record_approval(ledger: Ledger, approval: SignedApproval) -> Entry:
    """Append a signed decision. It is not judged here: what does not count is on record too."""
    return ledger.append("approval", asdict(approval))


def approvals_in(ledger: Ledger) -> tuple[Recorded, ...]:
    """Return the recorded decisions, oldest first. An entry that cannot be read as one decides nothing."""
    return tuple(
        Recorded(approval=approval, recorded_at=entry.at)
        for entry in ledger.entries(kind="approval")
        if (approval := _approval(entry.facts)) is not None
    )


def record_opt_in(ledger: Ledger, given: OptIn) -> Entry:
    """Append an artist's word."""
    return ledger.append("opt_in", asdict(given))


def opt_ins_in(ledger: Ledger) -> tuple[OptIn, ...]:
    """Return the artists' words, oldest first."""
    found = []
    for entry in ledger.entries(kind="opt_in"):
        try:
            found.append(OptIn(**entry.facts))
        except TypeError:
            continue
    return tuple(found)


def _admit(ring: KeyRing, entry: Entry, private: Mapping[str, Any] | None) -> tuple[KeyRing, str]:
    facts = entry.facts
    try:
        claim = {name: facts[name] for name in ("public", "role", "proof", "key_id")}
        person = ERASED if private is None else str(private["person"])
        card = PersonKey(person=person, role=claim["role"], public=claim["public"], proof=claim["proof"])
    except (KeyError, TypeError):
        return ring, "it is no key"
    known = _registrar(ring)
    signer = known.public if known else card.public
    if (card.role == REGISTRAR) != (known is None):
        return ring, "the first key, and no other, is the registrar's"
    if not verify(signer, "admits key", claim, str(facts.get("countersigned"))):
        return ring, "the registrar did not countersign it"
    if person == ERASED:
        return replace(ring, keys=(*ring.keys, card)), ""
    try:
        return ring.add(card), ""
    except SecondUnitError as error:
        return ring, error.message


def _revoke(ring: KeyRing, entry: Entry) -> tuple[KeyRing, str]:
    facts = entry.facts
    body = {"key_id": facts.get("key_id"), "from": facts.get("from")}
    known = _registrar(ring)
    may = [k.public for k in ring.keys if k.key_id == body["key_id"]] + ([known.public] if known else [])
    if not any(verify(public, "revokes key", body, str(facts.get("signature"))) for public in may):
        return ring, "neither the key nor the registrar signed its revocation"
    earliest = min(str(body["from"]), ring.revoked.get(str(body["key_id"]), str(body["from"])))
    return replace(ring, revoked={**ring.revoked, str(body["key_id"]): earliest}), ""


def _registrar(ring: KeyRing) -> PersonKey | None:
    return next((k for k in ring.keys if k.role == REGISTRAR), None)


def _approval(facts: Mapping[str, Any]) -> SignedApproval | None:
    try:
        scope, batch = Scope(**facts["scope"]), tuple(facts["batch"])
        return SignedApproval(**{**facts, "scope": scope, "batch": batch})
    except (KeyError, TypeError):
        return None
