"""Signed packs: Ed25519 over canonical bytes, two signers where anything is loosened, revisions that only rise.

A missing, bad or insufficient signature refuses the pack; there is no unsigned mode.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from secondunit.clearance.policy.loosen import loosenings
from secondunit.clearance.policy.pack import Pack
from secondunit.core.errors import BriefError, ClearanceError

TrustScope = Literal["release", "production"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """The public half of a key that may sign packs."""

    holder: str
    """Who holds the private half: two keys of one holder are one signer."""
    public: str
    """32 bytes in hex."""
    scope: TrustScope
    """``release`` keys come with the product, and they alone vouch for packs that no show can drop."""

    @property
    def id(self) -> str:
        """First 16 hex digits of the SHA-256 of the public bytes."""
        return key_id(bytes.fromhex(self.public))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The revision of a pack last seen, as the ledger has it."""

    revision: int
    digest: str


def key_id(public: bytes) -> str:
    """Return the id of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def read_trusted(text: str, *, scope: TrustScope, name: str = "keys") -> tuple[TrustedKey, ...]:
    """Return the keys that a TOML text lists as ``[[keys]]`` with ``holder`` and ``public``.

    The scope is the reader's to say, never the file's: a production's file cannot call its keys release keys.

    Raises
    ------
    BriefError
        It is no such list.
    """
    try:
        items = tomllib.loads(text).get("keys", [])
        keys = tuple(TrustedKey(holder=item["holder"], public=item["public"], scope=scope) for item in items)
        for key in keys:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BriefError(f"{name} lists no keys: {error}", fix="write [[keys]] with holder and public (hex)") from error
    return keys


def sign(pack: Pack, keys: Iterable[Ed25519PrivateKey]) -> str:
    """Return the text of the detached signature file of a pack."""
    signatures = [
        {"key": key_id(key.public_key().public_bytes_raw()), "signature": key.sign(pack.signed_bytes).hex()}
        for key in keys
    ]
    body = {"pack": pack.name, "digest": pack.digest, "signatures": signatures}
    return json.dumps(body, indent=2) + "\n"


def signers(pack: Pack, signatures: str, trusted: Iterable[TrustedKey], *, name: str = "") -> tuple[TrustedKey, ...]:
    """Return the trusted keys whose signatures hold over a pack, one for each holder.

    A signature by a key that nobody trusts counts for nothing; one by a trusted key that does not hold is refused.

    Raises
    ------
    ClearanceError
        The file is no signature file, speaks of another pack, or holds a bad signature.
    """
    name = name or f"signature of {pack.name}"
    keys = {key.id: key for key in trusted}
    try:
        body = json.loads(signatures)
        said = [(str(item["key"]), bytes.fromhex(item["signature"])) for item in body["signatures"]]
        about = (body["pack"], body["digest"])
    except (ValueError, KeyError, TypeError) as error:
        raise ClearanceError(f"{name} is no signature file", fix="sign the pack again") from error
    if about != (pack.name, pack.digest):
        raise ClearanceError(
            f"{name} speaks of {about[0]}, and of other content than the pack has",
            fix="put the pack back as it was signed, or have it signed anew",
        )
    held: dict[str, TrustedKey] = {}
    for key, signature in said:
        if key not in keys:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[key].public)).verify(signature, pack.signed_bytes)
        except InvalidSignature as error:
            raise ClearanceError(f"{name}: the signature of key {key} does not hold", fix="sign it again") from error
        held.setdefault(_plain(keys[key].holder), keys[key])
    return tuple(held[holder] for holder in sorted(held))


def admit(
    pack: Pack,
    signatures: str,
    *,
    trusted: Iterable[TrustedKey],
    previous: Pack | None = None,
    pins: Mapping[str, Pin] | None = None,
) -> Pack:
    """Return a pack with its signers named, if it may be used.

    One signer suffices for the very revision that is pinned, and for a later one that is shown to loosen nothing
    against ``previous``. All else, a pack seen for the first time too, needs two.

    Raises
    ------
    ClearanceError
        Its signatures are bad or too few, its revision falls, or its content changed under one revision.
    """
    pin = (pins or {}).get(pack.id)
    if pin and pack.revision < pin.revision:
        raise ClearanceError(
            f"pack {pack.name} is older than revision {pin.revision}, which was in force", fix="put the later one back"
        )
    if pin and pack.revision == pin.revision and pack.digest != pin.digest:
        raise ClearanceError(
            f"pack {pack.name} is not the {pack.name} that was in force", fix="raise the revision with each change"
        )
    known = {key for key in trusted if pack.droppable or key.scope == "release"}
    held = signers(pack, signatures, sorted(known, key=lambda key: key.id))
    need = _need(pack, previous, pin)
    if len(held) < need:
        whose = "" if pack.droppable else " of release keys"
        raise ClearanceError(
            f"pack {pack.name} needs {need} signers{whose} and has {len(held)}",
            fix="have it signed by another key holder, or put the signed revision back",
        )
    return replace(pack, signed_by=tuple(key.id for key in held))


def _need(pack: Pack, previous: Pack | None, pin: Pin | None) -> int:
    if pin and pin.digest == pack.digest:
        return 1
    known = previous is not None and pin is not None and previous.digest == pin.digest
    return 1 if previous is not None and known and not loosenings(previous, pack) else 2


def _plain(holder: str) -> str:
    return " ".join(holder.split()).casefold()
