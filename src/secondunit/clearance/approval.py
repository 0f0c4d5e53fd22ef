"""Approvals signed with a person's own key, what makes one count, and the artist's own opt-in.

An approval holds for one declaration and one content: an edit of either leaves it without effect.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from secondunit.clearance.keys import KeyRing, PersonKey, SigningKey, verify
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
    """The artist's own word on a shot: that they use the tool because they want to, or would rather not."""

    show: str
    shot: str
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
    """Sign a decision on what is asked. Whether it counts is judged by ``standing``, not here.

    Raises
    ------
    BriefError
        A time has no time zone.
    """
    approval = SignedApproval(
        scope=asked.scope,
        declaration=asked.declaration,
        content=asked.content,
        role=role,
        key_id=key.key_id,
        decision=decision,
        at=_written(at),
        expires=_written(expires),
        proxy=asked.proxy,
        proxy_opened_at=_written(proxy_opened_at),
        conditions=conditions,
        document=document,
        batch=batch,
        signature="",
    )
    return replace(approval, signature=key.sign("approval", _claim(approval)))


def standing(history: Iterable[Recorded], *, asked: Asked, ring: KeyRing, on: datetime) -> Standing:
    """Return which approvals of the show's whole history count for what is asked, at a time.

    Of each key in a role the latest decision holds. A standing no in a role outweighs a yes by another person in it.
    """
    everything = tuple(history)
    latest: dict[tuple[str, str], SignedApproval] = {}
    refused: list[tuple[SignedApproval, str]] = []
    for recorded in everything:
        given = recorded.approval
        if (given.scope.show, given.scope.shot, given.scope.take) != _take(asked):
            continue
        reason = _fault(recorded, asked=asked, ring=ring, on=on, history=everything)
        if reason:
            refused.append((given, reason))
        else:
            latest[given.key_id, given.role] = given
    declined = tuple(a for a in latest.values() if a.decision == "declined")
    noes = {a.role: ring.person(a.key_id) for a in declined}
    counting: list[SignedApproval] = []
    for given in latest.values():
        if given.decision == "declined":
            continue
        reason = f"{noes[given.role]} ({given.role}) said no" if given.role in noes else ""
        reason = reason or _two_hats(given, counting, ring)
        if reason:
            refused.append((given, reason))
        else:
            counting.append(given)
    return Standing(counting=tuple(counting), declined=declined, refused=tuple(refused))


def sign_opt_in(key: SigningKey, *, show: str, shot: str, voluntary: bool, at: datetime) -> OptIn:
    """Sign an artist's opt-in, or that they would rather not.

    Raises
    ------
    BriefError
        The time has no time zone.
    """
    given = OptIn(show=show, shot=shot, key_id=key.key_id, voluntary=voluntary, at=_written(at), signature="")
    return replace(given, signature=key.sign("opt-in", _claim(given)))


def opted_in(given: Iterable[OptIn], *, show: str, shot: str, ring: KeyRing, artist: str) -> bool:
    """Whether the artist's latest word on a shot, oldest first, is yes, by their own key. Silence is no yes."""
    word = False
    for one in given:
        card = ring.find(one.key_id, role="artist")
        if (one.show, one.shot) != (show, shot) or card is None or not same_person(card.person, artist):
            continue
        if verify(card.public, "opt-in", _claim(one), one.signature):
            word = one.voluntary
    return word


def _fault(recorded: Recorded, *, asked: Asked, ring: KeyRing, on: datetime, history: Sequence[Recorded]) -> str:
    """Return why a decision does not count; empty where it does."""
    given = recorded.approval
    card = ring.find(given.key_id, role=given.role)
    if card is None:
        return f"its key {given.key_id} is not registered for the role {given.role}"
    if not verify(card.public, "approval", _claim(given), given.signature):
        return f"the signature of {card.person} does not hold: it was altered, or is not theirs"
    if given.key_id in asked.artist_keys or same_person(card.person, asked.artist):
        return f"{card.person} is the artist and cannot decide on their own work"
    return (
        _about_another(given, asked)
        or _revoked(recorded, ring)
        or ("" if given.decision == "declined" else _untimely(recorded, on=on))
        or ("" if given.decision == "declined" else _unseen(given, asked))
        or ("" if given.decision == "declined" else _too_many(given, card, history))
    )


def _about_another(given: SignedApproval, asked: Asked) -> str:
    if given.scope.output_use != asked.scope.output_use:
        return f"it was for {given.scope.output_use}, and {asked.scope.output_use} is asked"
    if given.declaration != asked.declaration:
        return "the declaration was edited after it"
    if given.content != asked.content:
        return "the take was changed after it"
    return ""


def _revoked(recorded: Recorded, ring: KeyRing) -> str:
    key = recorded.approval.key_id
    return "" if ring.in_force(key, at=recorded.recorded_at) else f"its key was revoked on {ring.revoked[key]}"


def _untimely(recorded: Recorded, *, on: datetime) -> str:
    given = recorded.approval
    try:
        at, expires, written = (
            _time(given.at),
            _time(given.expires),
            _time(recorded.recorded_at),
        )
    except ValueError:
        return "one of its times is none"
    if at > min(on, written) + CLOCK_SLACK:
        return f"it is dated {given.at}, which is later than its record"
    if written - at > RECORDED_WITHIN:
        return f"it is dated {given.at} but was recorded on {recorded.recorded_at}: it may be backdated"
    if not at < expires <= at + LONGEST:
        return f"it must expire within {LONGEST.days} days of its date, and says {given.expires}"
    return f"it expired on {given.expires}" if expires <= on else ""


def _unseen(given: SignedApproval, asked: Asked) -> str:
    if not given.proxy or given.proxy != asked.proxy:
        return "what was opened is not the proxy of this take"
    try:
        opened, at = _time(given.proxy_opened_at), _time(given.at)
    except ValueError:
        return "no time says when the proxy was opened"
    if not opened <= at <= opened + VIEWED_WITHIN:
        return f"the proxy was opened on {given.proxy_opened_at}, not shortly before it was signed"
    return ""


def _too_many(given: SignedApproval, card: PersonKey, history: Sequence[Recorded]) -> str:
    if given.batch:
        if given.scope.output_use != "final_incidental":
            return f"it was signed in a batch, and a {given.scope.output_use} needs its own look"
        if given.content not in given.batch:
            return "it is not in the batch it names"
        if len(set(given.batch)) > BATCH_LIMIT:
            return f"it was one of a batch of {len(set(given.batch))}; {BATCH_LIMIT} is the limit"
    at = _time(given.at)
    near = {
        other.approval.content
        for other in history
        if other.approval.key_id == given.key_id
        and other.approval.decision == "approved"
        and _within(other.approval.at, at)
        and verify(card.public, "approval", _claim(other.approval), other.approval.signature)
    }
    if len(near) > RATE_LIMIT:
        minutes = RATE_WINDOW // timedelta(minutes=1)
        return f"{card.person} signed {len(near)} approvals in {minutes} minutes; {RATE_LIMIT} is the limit"
    return ""


def _two_hats(given: SignedApproval, counting: Sequence[SignedApproval], ring: KeyRing) -> str:
    """Legal and studio are two people with two keys, whatever the ring let in."""
    for other in counting:
        if {given.role, other.role} == {"legal", "studio"} and (
            given.key_id == other.key_id or same_person(ring.person(given.key_id), ring.person(other.key_id))
        ):
            return "legal and studio must be two people with a key each"
    return ""


def _take(asked: Asked) -> tuple[str, str, int]:
    return asked.scope.show, asked.scope.shot, asked.scope.take


def _within(text: str, at: datetime) -> bool:
    try:
        return at - RATE_WINDOW < _time(text) <= at
    except ValueError:
        return False


def _claim(signed: SignedApproval | OptIn) -> Mapping[str, Any]:
    return {name: value for name, value in asdict(signed).items() if name != "signature"}


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(str(text))
    if at.tzinfo is None:
        raise ValueError("no time zone")
    return at


def _written(at: datetime) -> str:
    if at.tzinfo is None:
        raise BriefError(f"{at} has no time zone", fix="use UTC")
    return at.astimezone(UTC).isoformat()
