import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.core.errors import BriefError
from secondunit.prep.previs.curve import Curve, Easing, Key

EASINGS: tuple[Easing, ...] = ("hold", "linear", "ease", "ease-in", "ease-out", "through")
numbers = st.floats(-1e3, 1e3)


@given(st.lists(st.tuples(st.integers(1, 40), numbers, st.sampled_from(EASINGS)), min_size=1, max_size=6))
def test_every_key_is_met_exactly(rows: list[tuple[int, float, Easing]]) -> None:
    frames = np.cumsum([step for step, _, _ in rows]).tolist()
    curve = Curve(tuple(Key(frame=f, value=(v,), ease=e) for f, (_, v, e) in zip(frames, rows, strict=True)))
    assert [curve.one(f) for f in frames] == [v for _, v, _ in rows]
    assert curve.one(-100) == rows[0][1]
    assert curve.one(10_000) == rows[-1][1]


@given(st.lists(st.tuples(st.integers(1, 40), numbers), min_size=2, max_size=6), st.sampled_from(EASINGS))
def test_no_easing_overshoots_its_keys(rows: list[tuple[int, float]], ease: Easing) -> None:
    frames = np.cumsum([step for step, _ in rows]).tolist()
    curve = Curve(tuple(Key(frame=f, value=(v,), ease=ease) for f, (_, v) in zip(frames, rows, strict=True)))
    for n in range(len(rows) - 1):
        low, high = sorted((rows[n][1], rows[n + 1][1]))
        inside = [curve.one(f) for f in np.linspace(frames[n], frames[n + 1], 23)]
        assert min(inside) >= low - 1e-9 * (1 + abs(low))
        assert max(inside) <= high + 1e-9 * (1 + abs(high))


@pytest.mark.parametrize(
    "ease,start,end",
    [("linear", 1.0, 1.0), ("ease", 0.0, 0.0), ("ease-in", 0.0, 1.0), ("ease-out", 1.0, 0.0), ("through", 0.0, 0.0)],
)
def test_speeds_at_both_ends(ease: Easing, start: float, end: float) -> None:
    curve = Curve((Key(frame=0, value=(0.0,), ease=ease), Key(frame=100, value=(100.0,))))
    assert curve.one(1e-3) / 1e-3 == pytest.approx(start, abs=1e-3)
    assert (100 - curve.one(100 - 1e-3)) / 1e-3 == pytest.approx(end, abs=1e-3)


def test_through_does_not_stop_on_the_way() -> None:
    keys = tuple(Key(frame=f, value=(float(f),), ease="through") for f in (0, 10, 20, 30))
    curve = Curve(keys)
    assert (curve.one(10.01) - curve.one(9.99)) / 0.02 == pytest.approx(1.0, abs=1e-3)
    stops = Curve(tuple(Key(frame=f, value=(float(f),), ease="ease") for f in (0, 10, 20, 30)))
    assert (stops.one(10.01) - stops.one(9.99)) / 0.02 == pytest.approx(0.0, abs=1e-3)


def test_hold_jumps_at_the_next_key() -> None:
    curve = Curve((Key(frame=1, value=(0.0, 1.0), ease="hold"), Key(frame=3, value=(5.0, 6.0))))
    assert curve.at(2.999) == (0.0, 1.0)
    assert curve.at(3) == (5.0, 6.0)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((), id="none"),
        pytest.param((Key(frame=2, value=(0.0,)), Key(frame=2, value=(1.0,))), id="same_frame"),
        pytest.param((Key(frame=2, value=(0.0,)), Key(frame=1, value=(1.0,))), id="backwards"),
        pytest.param((Key(frame=1, value=(0.0,)), Key(frame=2, value=(1.0, 2.0))), id="other_size"),
    ],
)
def test_refused(keys: tuple[Key, ...]) -> None:
    with pytest.raises(BriefError):
        Curve(keys)
