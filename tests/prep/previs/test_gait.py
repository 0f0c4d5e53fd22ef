import math
from itertools import pairwise

import numpy as np
import pytest

from secondunit.prep.previs.brief import FigureBrief
from secondunit.prep.previs.gait import ANKLE_UP, BALL_AHEAD, HEEL_BEHIND, GaitPose, gait_of

RATE = 24.0
BEND = ((0.0, 0.0), (2.0, -4.0), (7.0, -6.0))
WAYS = [
    pytest.param(FigureBrief(name="A", path_m=BEND, action="walk"), id="walk"),
    pytest.param(FigureBrief(name="A", path_m=BEND, action="run"), id="run"),
    pytest.param(FigureBrief(name="A", path_m=BEND, action="walk", speed_m_per_s=0.7, height_m=1.2), id="child_slow"),
    pytest.param(FigureBrief(name="A", path_m=((0, 0), (0.5, 0))), id="one_step"),
]


def _poses(figure: FigureBrief, step: float = 0.25) -> list[GaitPose]:
    gait = gait_of(figure, rate=RATE)
    last = figure.start_frame + RATE * (gait.path.length_m / gait.speed + 2)
    return [gait.at(f) for f in np.arange(figure.start_frame - 4, last, step)]


@pytest.mark.parametrize("figure", WAYS)
def test_a_planted_foot_never_slides(figure: FigureBrief) -> None:
    """While it is down a foot turns about heel, sole, ball; each of these stays where it was put."""
    tall = figure.height_m
    poses, seen = _poses(figure), 0
    for before, now in pairwise(poses):
        for a, b in ((before.left, now.left), (before.right, now.right)):
            if not (a.planted and b.planted):
                continue
            assert b.contact_m[1] == 0
            assert b.ankle_m[1] >= ANKLE_UP * tall * math.cos(math.radians(b.pitch_deg)) - 1e-9
            if np.sign(a.pitch_deg) == np.sign(b.pitch_deg):
                assert np.abs(a.contact_m - b.contact_m).max() < 1e-9
                seen += 1
            else:  # from heel to sole to ball along the same foot
                assert np.linalg.norm(a.contact_m - b.contact_m) < (BALL_AHEAD + HEEL_BEHIND) * tall + 1e-9
    assert seen > 20


@pytest.mark.parametrize("figure", WAYS)
def test_nothing_jumps_and_legs_reach(figure: FigureBrief) -> None:
    poses = _poses(figure)
    for before, now in pairwise(poses):
        for a, b in ((before.left, now.left), (before.right, now.right)):
            assert np.linalg.norm(b.ankle_m - a.ankle_m) < 0.2  # a quarter of a frame
            assert abs(b.pitch_deg - a.pitch_deg) < 25
        assert np.linalg.norm(now.root_m - before.root_m) <= gait_of(figure, rate=RATE).speed / RATE / 4 + 1e-9


def test_walking_always_has_a_foot_down_and_running_flies() -> None:
    walk = _poses(FigureBrief(name="A", path_m=((0, 0), (0, -9)), action="walk"))
    assert all(p.left.planted or p.right.planted for p in walk)
    run = _poses(FigureBrief(name="A", path_m=((0, 0), (0, -20)), action="run"))
    assert sum(not (p.left.planted or p.right.planted) for p in run) > 0.15 * len(run)


@pytest.mark.parametrize("figure", WAYS)
def test_it_stands_at_both_ends_with_its_feet_together(figure: FigureBrief) -> None:
    gait = gait_of(figure, rate=RATE)
    for pose in (gait.at(figure.start_frame - 10), gait.at(figure.start_frame + 10_000)):
        assert pose.action == "stand"
        assert pose.hip_height == 1.0
        assert pose.left.planted
        assert pose.right.planted
        middle = 0.5 * (pose.left.contact_m + pose.right.contact_m)
        assert middle == pytest.approx(pose.root_m, abs=1e-9)
    assert gait.at(figure.start_frame + 10_000).root_m[[0, 2]] == pytest.approx(figure.path_m[-1])


def test_steps_are_as_long_as_people_make_them() -> None:
    gait = gait_of(FigureBrief(name="A", path_m=((0, 0), (0, -20)), height_m=1.75), rate=RATE)
    assert gait.step_m == pytest.approx(0.725, abs=0.03)
    assert gait.speed / gait.step_m == pytest.approx(1.93, abs=0.1)  # steps a second


def test_who_stands_faces_where_it_is_told() -> None:
    gait = gait_of(FigureBrief(name="A", action="stand", facing_deg=90, path_m=((1, 2),)), rate=RATE)
    assert gait.at(1500).heading == pytest.approx([1, 0, 0], abs=1e-12)
    assert gait.at(1500).root_m == pytest.approx([1, 0, 2])
