import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.core.errors import BriefError
from secondunit.prep.previs.ground_path import GroundPath, arrival_s, travelled

places = st.tuples(st.floats(-50, 50), st.floats(-50, 50))


def test_a_straight_line_is_measured() -> None:
    path = GroundPath(((0.0, 0.0), (3.0, 4.0)))
    assert path.length_m == pytest.approx(5.0)
    assert path.at(2.5) == pytest.approx([1.5, 2.0])
    assert path.heading(1.0) == pytest.approx([0.6, 0.8])
    assert path.at(7.0) == pytest.approx([4.2, 5.6])
    assert path.at(-1.0) == pytest.approx([-0.6, -0.8])
    assert math.isinf(path.tightest_m())


def test_a_circle_of_points_has_its_radius() -> None:
    turn = np.linspace(0, math.pi, 13)
    path = GroundPath(tuple((10 * math.cos(a), 10 * math.sin(a)) for a in turn))
    assert path.length_m == pytest.approx(10 * math.pi, rel=2e-3)
    assert path.tightest_m() == pytest.approx(10, rel=0.15)
    middle = path.at(path.length_m / 2)
    assert middle == pytest.approx([0, 10], abs=0.02)
    assert path.heading(path.length_m / 2) == pytest.approx([-1, 0], abs=0.02)


@given(st.lists(places, min_size=1, max_size=6, unique=True))
def test_corners_are_passed_and_directions_are_unit(corners: list[tuple[float, float]]) -> None:
    path = GroundPath(tuple(corners))
    for corner in corners:
        assert np.linalg.norm(path.line - np.array(corner), axis=1).min() < 1e-6
    for metres in np.linspace(-1, path.length_m + 1, 7):
        assert np.linalg.norm(path.heading(float(metres))) == pytest.approx(1.0)


def test_one_point_stays_and_looks_away() -> None:
    path = GroundPath(((2.0, 3.0),))
    assert path.length_m == 0
    assert path.at(0) == pytest.approx([2, 3])
    assert path.heading(0) == pytest.approx([0, -1])


@given(st.floats(0.05, 200), st.floats(0.2, 30), st.floats(0.05, 3))
def test_travel_arrives_never_goes_back_and_keeps_to_its_speed(length: float, speed: float, ramp: float) -> None:
    end = arrival_s(length_m=length, speed_m_per_s=speed, ramp_s=ramp)
    t = np.linspace(-1, end + 1, 400)
    s = travelled(t, length_m=length, speed_m_per_s=speed, ramp_s=ramp)
    assert s[0] == 0
    assert s[-1] == pytest.approx(length)
    assert travelled(end, length_m=length, speed_m_per_s=speed, ramp_s=ramp) == pytest.approx(length)
    pace = np.diff(s) / np.diff(t)
    assert pace.min() >= -1e-9
    assert pace.max() <= speed * (1 + 1e-6)


def test_nothing_to_go_or_no_speed() -> None:
    assert travelled(3.0, length_m=0, speed_m_per_s=2) == 0
    assert travelled(3.0, length_m=5, speed_m_per_s=0) == 0
    with pytest.raises(BriefError):
        GroundPath(())
