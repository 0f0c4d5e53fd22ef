"""Approvals: each way in which one does not count, and the artist's own word."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.clearance.approval import (
    BATCH_LIMIT,
    LONGEST,
    RATE_LIMIT,
    RATE_WINDOW,
    RECORDED_WITHIN,
    VIEWED_WITHIN,
    Asked,
    Recorded,
    Scope,
    SignedApproval,
    Standing,
    opted_in,
    sign_approval,
    sign_opt_in,
    standing,
)
from secondunit.clearance.keys import KeyRing, SigningKey, new_key, person_key
from secondunit.clearance.ledger.people import approvals_in, opt_ins_in, record_approval, record_opt_in
from secondunit.clearance.ledger.store import Ledger
from secondunit.core.errors import BriefError

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ASKED = Asked(
    scope=Scope(show="SHW", shot="SEQ_0010", take=2, output_use="final_story"),
    declaration="d" * 64,
    content="c" * 64,
    proxy="e" * 64,
    artist="Ada Example",
)
VFX, DIR, LEG, STU, ART = (new_key() for _ in range(5))
PEOPLE = (
    (VFX, "Vi", "vfx_supervisor"),
    (DIR, "Dee", "director"),
    (LEG, "Lee", "legal"),
    (STU, "Stu", "studio"),
    (ART, "Ada Example", "artist"),
    (ART, "Ada Example", "vfx_supervisor"),
)
RING = KeyRing()
for _key, _person, _role in PEOPLE:
    RING = RING.add(person_key(_key, person=_person, role=_role))


def signed(
    key: SigningKey = VFX,
    role: str = "vfx_supervisor",
    *,
    asked: Asked = ASKED,
    at: datetime = AT,
    lasts: timedelta = 30 * DAY,
    opened: timedelta = 5 * MINUTE,
    **more: object,
) -> SignedApproval:
    return sign_approval(key, asked=asked, role=role, at=at, expires=at + lasts, proxy_opened_at=at - opened, **more)  # type: ignore[arg-type]


def recorded(approval: SignedApproval, *, after: timedelta = MINUTE) -> Recorded:
    return Recorded(approval=approval, recorded_at=(datetime.fromisoformat(approval.at) + after).isoformat())


def judged(
    *history: Recorded | SignedApproval, asked: Asked = ASKED, ring: KeyRing = RING, on: datetime = AT + DAY
) -> Standing:
    full = [h if isinstance(h, Recorded) else recorded(h) for h in history]
    return standing(full, asked=asked, ring=ring, on=on)


def reason(standing: Standing) -> str:
    assert not standing.roles
    ((_, why),) = standing.refused
    return why


def test_approvals_by_four_keys_count() -> None:
    given = [signed(k, r) for k, _, r in PEOPLE[:4]]
    result = judged(*given)
    assert result.roles == {"vfx_supervisor", "director", "legal", "studio"}
    assert result.refused == result.declined == ()


def test_silence_approves_nothing() -> None:
    assert judged().roles == frozenset()


FIELDS: list[tuple[str, object]] = [
    ("declaration", "f" * 64),
    ("content", "f" * 64),
    ("role", "director"),
    ("decision", "declined"),
    ("at", (AT + MINUTE).isoformat()),
    ("expires", (AT + 60 * DAY).isoformat()),
    ("proxy", "f" * 64),
    ("proxy_opened_at", (AT - MINUTE).isoformat()),
    ("conditions", "none"),
    ("document", "f" * 64),
    ("batch", ("c" * 64,)),
    ("scope", replace(ASKED.scope, output_use="marketing")),
    ("signature", "00" * 64),
]


@pytest.mark.parametrize("field, value", FIELDS, ids=[f for f, _ in FIELDS])
def test_every_field_is_under_the_signature(field: str, value: object) -> None:
    bent = replace(signed(), **{field: value})  # type: ignore[arg-type]
    ring = RING.add(person_key(VFX, person="Vi", role="director"))
    assert "signature of Vi does not hold" in reason(judged(bent, ring=ring))


def test_a_signature_lent_to_another_key_does_not_hold() -> None:
    bent = replace(signed(), key_id=DIR.key_id, role="director")
    assert "signature of Dee does not hold" in reason(judged(bent))


@pytest.mark.parametrize(
    "now, why",
    [
        pytest.param(replace(ASKED, declaration="f" * 64), "declaration was edited", id="declaration-edited"),
        pytest.param(replace(ASKED, content="f" * 64), "take was changed", id="take-changed"),
        pytest.param(replace(ASKED, proxy="f" * 64), "not the proxy of this take", id="other-proxy"),
        pytest.param(
            replace(ASKED, scope=replace(ASKED.scope, output_use="marketing")), "marketing is asked", id="other-use"
        ),
        pytest.param(replace(ASKED, artist="Vi"), "Vi is the artist", id="artist-by-name"),
        pytest.param(replace(ASKED, artist_keys=(VFX.key_id,)), "Vi is the artist", id="artist-by-key"),
    ],
)
def test_an_approval_is_void_when_what_it_was_for_changes(now: Asked, why: str) -> None:
    assert why in reason(judged(signed(), asked=now))


@pytest.mark.parametrize("field, value", [("show", "XXX"), ("shot", "SEQ_0020"), ("take", 3)])
def test_an_approval_of_another_take_is_no_approval_of_this(field: str, value: object) -> None:
    elsewhere = replace(ASKED, scope=replace(ASKED.scope, **{field: value}))  # type: ignore[arg-type]
    result = judged(signed(asked=elsewhere))
    assert result.roles == frozenset()
    assert result.refused == ()


def test_the_artist_cannot_decide_on_their_own_work() -> None:
    assert "Ada Example is the artist" in reason(judged(signed(ART, "vfx_supervisor")))


@pytest.mark.parametrize("key, role", [(new_key(), "vfx_supervisor"), (VFX, "legal"), (VFX, "registrar")])
def test_a_key_decides_in_the_role_it_is_registered_for_alone(key: SigningKey, role: str) -> None:
    assert "is not registered for the role" in reason(judged(signed(key, role)))


Case = tuple[Callable[[], Recorded | SignedApproval], str]
TIMES: dict[str, Case] = {
    "expired": (lambda: signed(lasts=DAY), "it expired"),
    "lasts-too-long": (lambda: signed(lasts=LONGEST + MINUTE), "must expire within"),
    "expired-when-signed": (lambda: signed(lasts=-DAY), "must expire within"),
    "proxy-not-opened": (lambda: signed(asked=replace(ASKED, proxy="")), "not the proxy"),
    "proxy-opened-long-ago": (lambda: signed(opened=VIEWED_WITHIN + MINUTE), "not shortly before"),
    "proxy-opened-afterwards": (lambda: signed(opened=-MINUTE), "not shortly before"),
    "backdated": (lambda: recorded(signed(), after=RECORDED_WITHIN + MINUTE), "may be backdated"),
    "postdated": (lambda: recorded(signed(), after=-10 * MINUTE), "later than its record"),
    "from-the-future": (lambda: signed(at=AT + 2 * DAY), "later than its record"),
    "record-without-a-time": (lambda: Recorded(approval=signed(), recorded_at="soon"), "is none"),
}


@pytest.mark.parametrize("make, why", TIMES.values(), ids=TIMES)
def test_an_approval_out_of_its_time_does_not_count(make: Callable[[], Recorded | SignedApproval], why: str) -> None:
    assert why in reason(judged(make()))


def test_the_times_that_just_count() -> None:
    approval = signed(lasts=LONGEST, opened=VIEWED_WITHIN)
    assert judged(recorded(approval, after=RECORDED_WITHIN), on=AT + LONGEST - MINUTE).roles
    assert not judged(recorded(approval, after=RECORDED_WITHIN), on=AT + LONGEST).roles


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(BriefError, match="no time zone"):
        signed(at=AT.replace(tzinfo=None))


def test_a_revoked_key_counts_no_more_but_what_it_signed_before_stays() -> None:
    ring = replace(RING, revoked={VFX.key_id: (AT + 10 * MINUTE).isoformat()})
    assert judged(signed(), ring=ring).roles == {"vfx_supervisor"}
    late = recorded(signed(), after=20 * MINUTE)
    assert "was revoked" in reason(judged(late, ring=ring))


def test_a_no_takes_back_an_earlier_yes_and_a_yes_an_earlier_no() -> None:
    yes, no = signed(), signed(decision="declined", at=AT + MINUTE)
    assert judged(yes, no).roles == frozenset()
    assert judged(yes, no).declined == (no,)
    again = signed(at=AT + 2 * MINUTE)
    assert judged(yes, no, again).roles == {"vfx_supervisor"}
    assert judged(yes, no, again).declined == ()


def test_a_no_needs_no_proxy_and_does_not_expire() -> None:
    no = signed(decision="declined", lasts=DAY, opened=-MINUTE)
    assert judged(no, on=AT + 300 * DAY).declined == (no,)


def test_a_no_in_a_role_outweighs_a_yes_by_another_in_it() -> None:
    other = new_key()
    ring = RING.add(person_key(other, person="Val", role="vfx_supervisor"))
    no = signed(other, decision="declined")
    assert "Val (vfx_supervisor) said no" in reason(judged(signed(), no, ring=ring))
    assert judged(signed(DIR, "director"), no, ring=ring).roles == {"director"}


def test_legal_and_studio_are_two_people_even_where_the_ring_is_not_sound() -> None:
    cards = [person_key(LEG, person=p, role=r) for p, r in (("Lee", "legal"), ("LEE", "studio"))]
    ring = KeyRing(keys=tuple(cards))
    assert judged(signed(LEG, "legal"), signed(LEG, "studio"), ring=ring).roles == {"legal"}


INCIDENTAL = replace(ASKED, scope=replace(ASKED.scope, output_use="final_incidental"))


def batch_of(count: int) -> tuple[str, ...]:
    return (ASKED.content, *(f"{n:064x}" for n in range(count - 1)))


@pytest.mark.parametrize(
    "asked, batch, why",
    [
        pytest.param(ASKED, batch_of(2), "needs its own look", id="story-in-a-batch"),
        pytest.param(INCIDENTAL, batch_of(BATCH_LIMIT + 1), f"batch of {BATCH_LIMIT + 1}", id="too-large"),
        pytest.param(INCIDENTAL, ("f" * 64,), "not in the batch", id="not-in-it"),
    ],
)
def test_a_batch_has_its_limits(asked: Asked, batch: tuple[str, ...], why: str) -> None:
    assert why in reason(judged(signed(asked=asked, batch=batch), asked=asked))


def test_incidental_finals_may_be_approved_in_a_batch() -> None:
    assert judged(signed(asked=INCIDENTAL, batch=batch_of(BATCH_LIMIT)), asked=INCIDENTAL).roles


def stamped(count: int, *, step: timedelta) -> list[SignedApproval]:
    """Approvals of other shots by the same key, the last just before AT."""
    out = []
    for n in range(count):
        scope = replace(ASKED.scope, shot=f"SEQ_{n + 20:04d}")
        other = replace(ASKED, scope=scope, content=f"{n:064x}")
        out.append(signed(asked=other, at=AT - step * (n + 1)))
    return out


def test_a_rubber_stamp_is_refused() -> None:
    fast = stamped(RATE_LIMIT, step=timedelta(seconds=10))
    assert f"{RATE_LIMIT + 1} approvals in 10 minutes" in reason(judged(*fast, signed()))
    assert judged(*fast[1:], signed()).roles
    slow = stamped(RATE_LIMIT, step=RATE_WINDOW / 10)
    assert judged(*slow, signed()).roles


def test_nobody_can_use_up_anothers_rate() -> None:
    forged = [replace(a, signature="00" * 64) for a in stamped(40, step=timedelta(seconds=1))]
    assert judged(*forged, signed()).roles == {"vfx_supervisor"}


def test_signing_the_same_again_is_no_rubber_stamp() -> None:
    many = [signed(at=AT + timedelta(seconds=n)) for n in range(RATE_LIMIT + 5)]
    assert judged(*many).roles == {"vfx_supervisor"}


@given(st.permutations([signed(k, r) for k, _, r in PEOPLE[:4]]))
def test_the_order_of_approvals_by_different_people_does_not_matter(given_: list[SignedApproval]) -> None:
    assert judged(*given_).roles == {"vfx_supervisor", "director", "legal", "studio"}


@given(st.sampled_from([f for f, _ in FIELDS if f != "scope"]), st.text(min_size=1, max_size=8))
def test_no_altered_approval_ever_counts(field: str, text: str) -> None:
    bent = replace(signed(), **{field: text})  # type: ignore[arg-type]
    assert not judged(Recorded(approval=bent, recorded_at=(AT + MINUTE).isoformat())).roles


def test_approvals_and_opt_ins_come_back_from_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'show.db'}")
    approval = signed(asked=INCIDENTAL, batch=batch_of(3), conditions="grade it darker", at=datetime.now(UTC))
    record_approval(ledger, approval)
    ledger.append("approval", {"role": "legal"})
    given = sign_opt_in(ART, show="SHW", shot="SEQ_0010", voluntary=True, at=AT)
    record_opt_in(ledger, given)
    ledger.append("opt_in", {"voluntary": True})
    (back,) = approvals_in(ledger)
    assert back.approval == approval
    assert judged(back, asked=INCIDENTAL, on=datetime.now(UTC)).roles == {"vfx_supervisor"}
    assert opt_ins_in(ledger) == (given,)
    ledger.close()


def opted(*words: tuple[SigningKey, bool], shot: str = "SEQ_0010") -> bool:
    given = [sign_opt_in(k, show="SHW", shot="SEQ_0010", voluntary=v, at=AT) for k, v in words]
    return opted_in(given, show="SHW", shot=shot, ring=RING, artist="ada example")


def test_the_artists_latest_word_holds() -> None:
    assert opted((ART, True))
    assert opted((ART, False), (ART, True))
    assert not opted((ART, True), (ART, False))
    assert not opted()


def test_nobody_opts_in_for_the_artist() -> None:
    assert not opted((VFX, True))
    assert not opted((new_key(), True))
    assert not opted((ART, True), shot="SEQ_0020")
    other = sign_opt_in(ART, show="SHW", shot="SEQ_0010", voluntary=False, at=AT)
    without = KeyRing().add(person_key(ART, person="Ada Example", role="vfx_supervisor"))
    given = [sign_opt_in(ART, show="SHW", shot="SEQ_0010", voluntary=True, at=AT)]
    assert not opted_in(given, show="SHW", shot="SEQ_0010", ring=without, artist="Ada Example")
    bent = replace(other, voluntary=True)
    assert not opted_in([bent], show="SHW", shot="SEQ_0010", ring=RING, artist="Ada Example")
