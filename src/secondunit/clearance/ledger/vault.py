"""Private bodies: each encrypted with its own key. The chain holds a salted hash, so a key can be destroyed.

The salt is inside the encrypted text: once the key is gone, nobody can try names against the hash.
"""

import hashlib
import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SALT: Final = 32
_NONCE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A private body, encrypted."""

    commitment: str
    """Salted SHA-256, 64 hex digits: what the chain holds."""
    nonce: bytes
    cipher: bytes
    key: bytes


def seal(body: str) -> Sealed:
    """Encrypt a body with a new key (AES-256-GCM)."""
    salt, nonce, key = os.urandom(_SALT), os.urandom(_NONCE), AESGCM.generate_key(256)
    commitment = _commit(salt, body.encode())
    cipher = AESGCM(key).encrypt(nonce, salt + body.encode(), commitment.encode())
    return Sealed(commitment=commitment, nonce=nonce, cipher=cipher, key=key)


def unseal(*, commitment: str, nonce: bytes, cipher: bytes, key: bytes) -> str | None:
    """Return the body; None where the key, the text or the hash do not belong together."""
    try:
        plain = AESGCM(key).decrypt(nonce, cipher, commitment.encode())
    except (InvalidTag, ValueError):
        return None
    salt, body = plain[:_SALT], plain[_SALT:]
    return body.decode() if _commit(salt, body) == commitment else None


def _commit(salt: bytes, body: bytes) -> str:
    return hashlib.sha256(b"secondunit private v1\n" + salt + body).hexdigest()
