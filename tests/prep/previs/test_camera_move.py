import numpy as np
import pytest

from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.imaging.projection import project, rotation_from_angles
from secondunit.prep.previs.brief import CameraKey, MoveBrief, PictureBrief
from secondunit.prep.previs.camera_move import camera_path, filmback_of, pan_tilt_roll, positions
from secondunit.prep.previs.shake import Shake

PICTURE = PictureBrief(frames=24, handles=0, aspect=16 / 9)


def test_positions_and_lens_are_exact_on_the_keys() -> None:
    keys = (
        CameraKey(frame=1001, position_m=(0, 1.6, 8), focal_mm=35),
        CameraKey(frame=1024, position_m=(1, 2, 3), focal_mm=50),
    )
    path = camera_path(MoveBrief(keys=keys), PICTURE)
    assert path.at(1001).position_m == (0, 1.6, 8)
    assert path.at(1024).position_m == (1, 2, 3)
    assert (path.at(1001).focal_length_mm, path.at(1024).focal_length_mm) == (35, 50)
    steps = np.linalg.norm(np.diff(positions(path, PICTURE.range), axis=0), axis=1)
    assert steps[0] < 0.02 * steps.max()  # feathered


def test_a_target_stays_in_the_middle_while_the_camera_moves() -> None:
    keys = (
        CameraKey(frame=1001, position_m=(-3, 1, 8), target_m=(0, 4, -10)),
        CameraKey(frame=1024, position_m=(3, 6, 2), target_m=(0, 4, -10)),
    )
    path = camera_path(MoveBrief(keys=keys), PICTURE)
    for frame in PICTURE.range:
        pixels, depth = project(path.at(frame), [(0, 4, -10)], 960, 540)
        assert pixels[0] == pytest.approx([480, 270], abs=1e-6)
        assert depth[0] > 0


def test_following_beats_targets_and_turns_come_on_top() -> None:
    keys = (CameraKey(frame=1001, position_m=(0, 1, 5), target_m=(100, 0, 0), pan_deg=10),)
    path = camera_path(
        MoveBrief(keys=keys, follow=True, subject="A"), PICTURE, subject=lambda f: (0.0, 1.0, -float(f - 1001))
    )
    assert pan_tilt_roll(path.at(1010)) == pytest.approx((10, 0, 0), abs=1e-9)
    with pytest.raises(BriefError, match="'A'"):
        camera_path(MoveBrief(keys=keys, follow=True, subject="A"), PICTURE)


@pytest.mark.parametrize("angles", [(10.0, 0.0, 0.0), (-40.0, 25.0, 5.0), (170.0, -60.0, -12.0)])
def test_pan_tilt_and_roll_read_back(angles: tuple[float, float, float]) -> None:
    pan, tilt, roll = angles
    keys = (CameraKey(frame=1001, pan_deg=pan, tilt_deg=tilt, roll_deg=roll),)
    assert pan_tilt_roll(camera_path(MoveBrief(keys=keys), PICTURE).locked) == pytest.approx(angles, abs=1e-9)


def test_the_senses_of_the_turns() -> None:
    def seen(**turn: float) -> np.ndarray:
        camera = camera_path(MoveBrief(keys=(CameraKey(frame=1, position_m=(0, 0, 0), **turn),)), PICTURE).locked
        return project(camera, [(0, 0, -10), (1, 0, -10)], 960, 540)[0]

    assert seen(pan_deg=5)[0, 0] < 480  # panning right sends the world left
    assert seen(tilt_deg=5)[0, 1] > 270
    rolled = seen(roll_deg=5)
    assert rolled[1, 1] > rolled[0, 1]  # the horizon's right end goes down
    assert np.allclose(rotation_from_angles(0, 0, 0), np.eye(3))


def test_handheld_leaves_the_lens_alone_and_stays_near() -> None:
    keys = (CameraKey(frame=1001, position_m=(0, 1.6, 8), target_m=(0, 1.6, 0)),)
    steady = camera_path(MoveBrief(keys=keys), PICTURE)
    shaken = camera_path(MoveBrief(keys=keys, shake=Shake(carrier="shoulder")), PICTURE)
    assert not steady.moves
    assert shaken.moves
    off = positions(shaken, PICTURE.range) - positions(steady, PICTURE.range)
    assert 1e-4 < np.abs(off).max() < 0.05
    assert {shaken.at(f).focal_length_mm for f in PICTURE.range} == {35.0}


def test_the_filmback_is_that_of_the_picture_in_whole_pixels() -> None:
    picture = PictureBrief(aspect=2.39)
    width, height = picture.size
    assert (width, height) == (960, 402)
    back = filmback_of(MoveBrief(body="ALEXA Mini 2.8K 4:3", squeeze=2.0), picture)
    assert back.width_mm / back.height_mm == pytest.approx(width / height)
    assert back.height_mm == pytest.approx(17.82)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((CameraKey(frame=3), CameraKey(frame=3)), id="twice"),
        pytest.param((CameraKey(frame=1, position_m=(0, 1, 0), target_m=(0, 1, 0)),), id="stands_on_its_target"),
    ],
)
def test_refused(keys: tuple[CameraKey, ...]) -> None:
    with pytest.raises(BriefError):
        camera_path(MoveBrief(keys=keys), PICTURE)


def test_a_camera_straight_down_is_still_a_camera() -> None:
    keys = (CameraKey(frame=1, position_m=(0, 10, 0), target_m=(0, 0, 0)),)
    camera: Camera = camera_path(MoveBrief(keys=keys), PICTURE).locked
    assert pan_tilt_roll(camera)[1] == pytest.approx(-90)
    assert np.allclose(np.array(camera.rotation).T @ np.array(camera.rotation), np.eye(3))
