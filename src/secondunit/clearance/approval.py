"""Approvals signed with a person's own key, what makes one count, and the artist's own opt-in.

An approval holds for one declaration and one content: an edit of either leaves it without effect.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from secondunit.clearance.keys import KeyRing, SigningKey, verify
from secondunit.clearance.use import same_person
from secondunit.core.errors import BriefError
from secondunit.core.recipe import digest

LONGEST: Final = timedelta(days=180)
"""No approval lasts longer; our own choice, as are the other limits here."""
VIEWED_WITHIN: Final = timedelta(hours=24)
"""The proxy was opened no longer before the signature."""
RECORDED_WITHIN: Final = timedelta(hours=24)
"""The ledger had the approval no later after the signature."""
CLOCK_SLACK: Final = timedelta(minutes=5)
BATCH_LIMIT: Final = 20
"""Approvals signed in one go, for incidental finals alone."""
RATE_LIMIT: Final = 20
"""Approvals by one key within ``RATE_WINDOW``."""
RATE_WINDOW: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The one thing an approval is for."""

    show: str
    shot: str
    take: int
    output_use: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedApproval:
    """One person's signed decision. Times are UTC, ISO 8601."""

    scope: Scope
    declaration: str
    """Digest of the exact declaration."""
    content: str
    """Digest of what a person judges."""
    role: str
    key_id: str
    decision: Literal["approved", "declined"] = "approved"
    at: str
    expires: str
    proxy: str
    """Digest of the proxy that was opened."""
    proxy_opened_at: str
    conditions: str = ""
    """In the open: no names."""
    document: str = ""
    """Digest of a written approval outside the show, such as a studio's letter."""
    batch: tuple[str, ...] = ()
    """Contents signed in one go, this one among them; empty for one alone."""
    signature: str

    @property
    def digest(self) -> str:
        """SHA-256 of the approval and its signature."""
        return digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the approvals are wanted for, as it stands now."""

    scope: Scope
    declaration: str
    content: str
    proxy: str
    """Digest of the proxy as it lies on disk."""
    artist: str
    artist_keys: tuple[str, ...] = ()
    """Ids of keys of anybody who worked on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An approval with the time at which the ledger got it."""

    approval: SignedApproval
    recorded_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Which approvals count for what is asked."""

    counting: tuple[SignedApproval, ...]
    declined: tuple[SignedApproval, ...]
    """Decisions against it that count; each takes back an earlier approval of its key."""
    refused: tuple[tuple[SignedApproval, str], ...]
    """Approvals meant for this take that do not count, and why."""

    @property
    def roles(self) -> frozenset[str]:
        """The roles whose approval counts."""
        return frozenset(a.role for a in self.counting)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptIn:
    """The artist's own word that they use the tool because they want to."""

    scope: Scope
    key_id: str
    voluntary: bool
    at: str
    signature: str


def sign_approval(
    key: SigningKey,
    *,
    asked: Asked,
    role: str,
    at: datetime,
    expires: datetime,
    proxy_opened_at: datetime,
    decision: Literal["approved", "declined"] = "approved",
    conditions: str = "",
    document: str = "",
    batch: tuple[str, ...] = (),
) -> SignedApproval:
    """Sign a decision on what is asked. Whether it counts is judged by ``standing``, not here."""
    raise NotImplementedError


def standing(history: Iterable[Recorded], *, asked: Asked, ring: KeyRing, on: datetime) -> Standing:
    """Return which approvals of the show's whole history count for what is asked, at a time."""
    raise NotImplementedError


def sign_opt_in(key: SigningKey, *, scope: Scope, voluntary: bool, at: datetime) -> OptIn:
    """Sign an artist's opt-in, or that they would rather not."""
    raise NotImplementedError


def opted_in(given: Iterable[OptIn], *, scope: Scope, ring: KeyRing, artist: str) -> bool:
    """Whether the artist's latest word on this work is yes, by their own key."""
    raise NotImplementedError
