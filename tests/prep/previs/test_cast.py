import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.prep.previs.brief import FigureBrief, VehicleBrief
from secondunit.prep.previs.cast import (
    Drive,
    eyes_at,
    figure_parts,
    leg_angles,
    vehicle_middle,
    vehicle_parts,
    vehicle_size,
)
from secondunit.prep.previs.gait import gait_of
from secondunit.prep.previs.ground_path import GroundPath
from secondunit.prep.stage.geometry import Stage, placed, rotation

RATE = 24.0
ROUND = ((0.0, 0.0), (4.0, -2.0), (9.0, -2.5))


def _part(stage: Stage, ending: str) -> np.ndarray:
    return next(p.transform for p in stage.parts if p.mesh.path.endswith(ending))


@given(st.floats(-0.12, 0.12), st.floats(-0.84, -0.45), st.floats(-0.5, 0.5), st.sampled_from([1.0, -1.0]))
def test_a_leg_ends_where_it_is_asked_to(x: float, y: float, z: float, side: float) -> None:
    wanted = np.array([x, y, z])
    if np.linalg.norm(wanted) > 0.85:
        wanted *= 0.85 / np.linalg.norm(wanted)
    flex, aside, knee = leg_angles(wanted, thigh=0.43, calf=0.425, side=side)
    hip = rotation("x", -flex) @ rotation("z", side * aside)
    ankle = hip[:3, :3] @ (np.array([0, -0.43, 0]) + rotation("x", knee)[:3, :3] @ np.array([0, -0.425, 0]))
    assert ankle == pytest.approx(wanted, abs=1e-6)
    assert -0.1 <= knee <= 180


def test_a_leg_that_is_too_short_points_there_stretched() -> None:
    flex, _, knee = leg_angles(np.array([0.0, -2.0, 0.0]), thigh=0.43, calf=0.425, side=1)
    assert abs(flex) < 3
    assert knee < 5


@pytest.mark.parametrize("action", ["walk", "run"])
@pytest.mark.parametrize("height", [1.2, 1.75, 1.95])
def test_planted_feet_of_the_mannequin_are_on_the_ground_where_they_were_put(action: str, height: float) -> None:
    figure = FigureBrief(name="A", action=action, height_m=height, path_m=ROUND)  # type: ignore[arg-type]
    gait = gait_of(figure, rate=RATE)
    off, low = 0.0, 0.0
    for frame in np.arange(1001, 1001 + 24 * 5, 2.0):
        pose, stage = gait.at(frame), figure_parts(figure, gait, frame)
        for side, foot in (("l", pose.left), ("r", pose.right)):
            if foot.planted:
                off = max(off, float(np.linalg.norm(_part(stage, f"/foot_{side}")[:3, 3] - foot.ankle_m)))
        low = min(low, min(float(placed(p.mesh.points, p.transform)[:, 1].min()) for p in stage.parts))
    assert off < 2e-3
    assert low > -0.012 * height


def test_the_same_parts_at_every_frame() -> None:
    figure = FigureBrief(name="A", action="run", path_m=ROUND)
    gait = gait_of(figure, rate=RATE)
    paths = {tuple(p.mesh.path for p in figure_parts(figure, gait, f).parts) for f in (990, 1010, 1031, 1200)}
    assert len(paths) == 1


@pytest.mark.parametrize("action", ["stand", "sit", "walk"])
def test_eyes_are_at_the_mannequins_head(action: str) -> None:
    figure = FigureBrief(name="A", action=action, path_m=((1, 2), (6, 2)) if action == "walk" else ((1, 2),))  # type: ignore[arg-type]
    gait = gait_of(figure, rate=RATE)
    for frame in (1001, 1040):
        head = _part(figure_parts(figure, gait, frame), "/head")[:3, 3] + (0, 0.115, 0)
        assert np.linalg.norm(np.array(eyes_at(figure, gait, frame)) - head) < 0.22


def test_a_car_turns_with_its_path_and_its_rear_axle_keeps_to_it() -> None:
    drive = Drive(
        VehicleBrief(name="C", path_m=((0, 0), (0, -20), (15, -35)), start_frame=1001),
        GroundPath(((0, 0), (0, -20), (15, -35))),
        RATE,
    )
    for frame in (1001, 1060, 1110):
        gone = drive.gone_m(frame)
        middle, heading = vehicle_middle(drive, frame)
        x, z = drive.path.at(gone)
        axle = middle - 1.35 * heading  # the car's rear wheels are 1.35 m behind its middle
        assert axle[[0, 2]] == pytest.approx([x, z], abs=0.02)
        assert heading[[0, 2]] == pytest.approx(drive.path.heading(gone))
    assert drive.gone_m(900) == 0
    assert abs(drive.steer_deg(20.0, 2.73)) > 1
    straight = Drive(VehicleBrief(name="C"), GroundPath(((0.0, 0.0), (0.0, -20.0))), RATE)
    assert straight.steer_deg(9.0, 2.73) == pytest.approx(0.0, abs=1e-6)


def test_wheels_roll_as_far_as_the_car_goes() -> None:
    way = ((0.0, 0.0), (0.0, -60.0))
    drive = Drive(VehicleBrief(name="C", path_m=way, start_frame=1001), GroundPath(way), RATE)
    before, after = vehicle_parts(drive, 1080), vehicle_parts(drive, 1081)
    tyre = next(n for n, p in enumerate(before.parts) if p.mesh.path.endswith("wheel_left_rear/tyre"))
    turn = after.parts[tyre].transform[:3, :3] @ before.parts[tyre].transform[:3, :3].T
    angle = math.acos((np.trace(turn) - 1) / 2)
    gone = drive.gone_m(1081) - drive.gone_m(1080)
    assert angle * 0.32 == pytest.approx(gone, rel=1e-3)
    assert len(before.parts) == len(after.parts)


def test_a_parked_car_faces_where_it_is_told() -> None:
    drive = Drive(VehicleBrief(name="C", path_m=((1, 2),), facing_deg=90), GroundPath(((1, 2),)), RATE)
    _, heading = vehicle_middle(drive, 1001)
    assert heading == pytest.approx([1, 0, 0], abs=1e-9)
    assert vehicle_size("car") == (4.5, 1.82, 1.45)
