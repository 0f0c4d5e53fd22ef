"""Each person's own Ed25519 key, and the ring of keys a show knows.

A signature covers what it is for as well as what is signed, so that none can be shown as a signature of another
kind. Private halves are in ``key_files``; nothing here touches a disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from secondunit.clearance.use import same_person
from secondunit.core.errors import BriefError, ClearanceError
from secondunit.core.recipe import digest

ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ART": "artist",
        "DIR": "director",
        "GLD": "guild_notice",
        "LEG": "legal",
        "PER": "performer",
        "PRO": "producer",
        "SEC": "security",
        "STU": "studio",
        "VFX": "vfx_supervisor",
        "WRI": "writer",
    }
)
"""The roles of the rule tables, short and long. Keys and approvals carry the long name."""

REGISTRAR = "registrar"
"""The show's own key: it is registered first, admits every other key and signs checkpoints."""

ERASED = "(erased)"
"""The name of a person whose name was erased from the ledger."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private half of a key. Its representation never shows it."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> str:
        """The public half: 64 hex digits."""
        return self.private.public_key().public_bytes_raw().hex()

    @property
    def key_id(self) -> str:
        """Short name of the key, from its public half."""
        return key_id(self.public)

    def sign(self, what: str, value: Any) -> str:
        """Return the signature, 128 hex digits, of a value as this kind of statement."""
        return self.private.sign(_message(what, value)).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKey:
    """One person's public key in one role: the card a person hands over to be registered."""

    person: str
    role: str
    public: str
    proof: str
    """Signature by the key over the card: who hands it over holds the private half."""

    @property
    def key_id(self) -> str:
        """Short name of the key."""
        return key_id(self.public)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """The keys a show knows. Adding returns a new ring or refuses."""

    keys: tuple[PersonKey, ...] = ()
    revoked: Mapping[str, str] = field(default_factory=dict)
    """Key id to the time, in UTC, from which the key counts no more."""

    def add(self, key: PersonKey) -> "KeyRing":
        """Return the ring with one key more.

        Raises
        ------
        BriefError
            The card names no person, no known role, no key, or does not prove that its person holds the key.
        ClearanceError
            The key is another person's, or is or was made for the other of legal and studio.
        """
        check_card(key)
        for other in self.keys:
            one_person = other.person != ERASED and same_person(other.person, key.person)
            if other.public == key.public and other.person != ERASED and not one_person:
                raise ClearanceError(
                    f"the key {key.key_id} is {other.person}'s already", fix=f"have {key.person} make their own key"
                )
            if {other.role, key.role} == {"legal", "studio"} and (one_person or other.public == key.public):
                raise ClearanceError(
                    f"{key.person} cannot be both legal and studio on one show", fix="name two people, a key each"
                )
        if self.find(key.key_id, role=key.role):
            return self
        return replace(self, keys=(*self.keys, key))

    def find(self, identity: str, *, role: str) -> PersonKey | None:
        """Return the key of this id in this role, where the show knows it."""
        return next((k for k in self.keys if k.key_id == identity and k.role == role), None)

    def person(self, identity: str) -> str:
        """Return the name of the person whose key this is; empty where nobody's."""
        return next((k.person for k in self.keys if k.key_id == identity), "")

    def in_force(self, identity: str, *, at: str) -> bool:
        """Whether a key was not yet revoked at a time. A time that is none is after every revocation."""
        if identity not in self.revoked:
            return True
        try:
            return datetime.fromisoformat(at) < datetime.fromisoformat(self.revoked[identity])
        except (TypeError, ValueError):
            return False


def new_key() -> SigningKey:
    """Make a key."""
    return SigningKey(Ed25519PrivateKey.generate())


def key_id(public: str) -> str:
    """Return the short name of a public key: 32 hex digits of its digest."""
    return digest({"ed25519": public})[:32]


def person_key(key: SigningKey, *, person: str, role: str) -> PersonKey:
    """Return the card of a person's key, with its proof.

    Raises
    ------
    BriefError
        The name is empty or the role unknown.
    """
    name = " ".join(person.split())
    card = PersonKey(person=name, role=role, public=key.public, proof="")
    card = replace(card, proof=key.sign("person key", _claim(card)))
    check_card(card)
    return card


def check_card(card: PersonKey) -> None:
    """Refuse a card that cannot be meant.

    Raises
    ------
    BriefError
        It names no person or no known role, or its proof does not hold.
    """
    if not card.person.strip():
        raise BriefError("a key must be somebody's", fix="give the person's name")
    if card.role not in (*ROLES.values(), REGISTRAR):
        raise BriefError(f"{card.role!r} is no role", fix=f"use {', '.join(ROLES.values())}")
    if card.person == ERASED or not verify(card.public, "person key", _claim(card), card.proof):
        raise BriefError(
            f"the card of {card.person}'s key does not prove that they hold it", fix="have them make the card again"
        )


def verify(public: str, what: str, value: Any, signature: str) -> bool:
    """Whether a signature is this key's, over this value, as this kind of statement. Never raises."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
            bytes.fromhex(signature), _message(what, value)
        )
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _claim(card: PersonKey) -> Mapping[str, str]:
    return {"person": card.person, "role": card.role, "public": card.public}


def _message(what: str, value: Any) -> bytes:
    return b"secondunit " + what.encode() + b" v1\n" + digest(value).encode()
