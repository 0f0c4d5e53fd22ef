"""One entry of the ledger and its canonical bytes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from secondunit.core.errors import BriefError, StoreError
from secondunit.core.recipe import canonical

Kind = Literal[
    "acknowledgement",
    "approval",
    "checkpoint",
    "conform",
    "consent",
    "consultation",
    "dataset",
    "declaration",
    "erasure",
    "export",
    "heartbeat",
    "human_edit",
    "incident",
    "key",
    "key_revoked",
    "model",
    "notice",
    "opt_in",
    "output",
    "policy",
    "reading",
    "refusal",
    "revocation",
    "run",
    "selection",
    "temp_expiry",
    "tool",
    "verdict",
]
KINDS: Final[tuple[str, ...]] = get_args(Kind)

GENESIS: Final = "0" * 64
"""What the first entry names as the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A recorded fact. ``seq`` counts from 0 and is the leaf's index in the Merkle tree."""

    seq: int
    at: str
    """Time in UTC, ISO 8601, by the clock of the writer."""
    kind: str
    policy: str
    """Digest of the policy in force; empty before one is."""
    body: str
    """Canonical JSON of what is public."""
    sealed: str
    """Salted SHA-256 of what is private; empty where nothing is."""
    prev: str
    hash: str

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is public, parsed.

        Raises
        ------
        StoreError
            The body is no JSON object: nothing of ours wrote it.
        """
        try:
            parsed = json.loads(self.body)
        except (TypeError, ValueError) as error:
            raise StoreError(f"entry {self.seq} cannot be read", fix="secondunit clearance verify") from error
        if not isinstance(parsed, dict):
            raise StoreError(f"entry {self.seq} is no object", fix="secondunit clearance verify")
        return parsed


def body_text(value: Mapping[str, Any]) -> str:
    """Return the canonical JSON of a body.

    Raises
    ------
    BriefError
        It holds something that JSON cannot say exactly.
    """
    try:
        text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError) as error:
        raise BriefError(
            f"this cannot be recorded: {error}", fix="record plain values: text, numbers, lists"
        ) from error
    return text


def entry_hash(*, seq: int, at: str, kind: str, policy: str, body: str, sealed: str, prev: str) -> str:
    """Return the SHA-256 of an entry's canonical bytes, as 64 hex digits. Every column counts."""
    whole = {
        "at": at, "body": body, "kind": kind, "policy": policy, "prev": prev, "sealed": sealed, "seq": seq, "v": 1,
    }  # fmt: skip
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(entry: Entry, *, seq: int | None = None) -> str:
    """Return the hash that an entry's other columns give, at its own or another place."""
    return entry_hash(
        seq=entry.seq if seq is None else seq,
        at=entry.at,
        kind=entry.kind,
        policy=entry.policy,
        body=entry.body,
        sealed=entry.sealed,
        prev=entry.prev,
    )
