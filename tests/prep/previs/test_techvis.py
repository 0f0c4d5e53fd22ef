import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.core.frames import FrameRange
from secondunit.core.layout import Sun
from secondunit.prep.previs.brief import CameraKey, MoveBrief, PictureBrief
from secondunit.prep.previs.camera_move import camera_path
from secondunit.prep.previs.clearance import nearest, to_triangles
from secondunit.prep.previs.techvis import measure, told_frames
from secondunit.prep.stage.geometry import Material, Part, Stage, box, placed, rotation, translation

GREY = (Material(name="grey"),)
PICTURE = PictureBrief(frames=49, handles=0)


def _stage(*parts: Part) -> Stage:
    return Stage(parts=parts, materials=GREY)


def test_a_straight_dolly_is_measured_as_it_was_keyed() -> None:
    keys = (
        CameraKey(frame=1001, position_m=(0, 1.2, 10), target_m=(0, 1.2, 0), focal_mm=35, ease="linear"),
        CameraKey(frame=1049, position_m=(0, 1.2, 4), target_m=(0, 1.2, 0), focal_mm=35),
    )
    camera = MoveBrief(keys=keys, support="dolly")
    path = camera_path(camera, PICTURE)
    wall = _stage(Part(mesh=box("set/wall", (1.0, 3.0, 1.0), "grey", at=(2.0, 0.0, 7.0))))
    found = measure(path, camera, PICTURE, stage=wall, sun=Sun(), subject=lambda f: (0.0, 1.2, 0.0))
    assert found.length_m == pytest.approx(6.0)
    assert found.top_speed_m_per_s == pytest.approx(3.0)  # 6 m in 2 s
    assert found.rise_m == pytest.approx(0.0)
    assert found.at(1001).distance_m == pytest.approx(10.0)
    assert found.at(1049).distance_m == pytest.approx(4.0)
    assert found.at(1020).height_m == pytest.approx(1.2)
    assert (found.near.metres, found.near.path) == (pytest.approx(1.5), "set/wall")
    assert found.room_m == pytest.approx(0.6)  # a dolly takes 0.9
    assert 1021 <= found.near_frame <= 1029
    assert found.as_json()["rig_room_m"] == 0.6


def test_handles_do_not_lengthen_the_move() -> None:
    keys = tuple(CameraKey(frame=f, position_m=(x, 1.0, 0.0), ease="linear") for f, x in ((1001, 0.0), (1049, 48.0)))
    camera = MoveBrief(keys=keys)
    whole = PictureBrief(frames=49, handles=8)
    found = measure(camera_path(camera, whole), camera, whole, stage=_stage(), sun=Sun())
    assert found.length_m == pytest.approx(32.0)
    assert np.isinf(found.near.metres)
    assert found.at(1001).distance_m is None
    assert found.as_json()["rig_room_m"] is None


@given(st.tuples(*[st.floats(-5, 5)] * 3), st.integers(0, 2**31))
def test_distance_to_triangles_is_that_of_many_points_on_them(point: tuple[float, float, float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    triangles = rng.normal(size=(3, 3, 3))
    u, v = rng.random((2, 6000))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    on = triangles[:, :1] + u[None, :, None] * (triangles[:, 1:2] - triangles[:, :1])
    on = on + v[None, :, None] * (triangles[:, 2:] - triangles[:, :1])
    sampled = np.linalg.norm(on - np.array(point), axis=2).min(axis=1)
    exact = to_triangles(np.array(point), triangles)
    assert (exact <= sampled + 1e-9).all()
    assert exact == pytest.approx(sampled, abs=0.15)


def test_a_needle_without_area_is_an_edge() -> None:
    needle = np.array([[[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]])
    assert to_triangles(np.array([1.0, 2.0, 0.0]), needle) == pytest.approx([2.0])


def test_culling_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    parts = [
        Part(
            mesh=box(f"set/{n}", rng.uniform(0.5, 3, 3), "grey"),
            transform=translation(*rng.uniform(-20, 20, 3)) @ rotation("y", rng.uniform(0, 90)),
        )
        for n in range(30)
    ]
    points = rng.uniform(-20, 20, (12, 3))
    found = nearest(_stage(*parts), points)
    corners = [placed(q.mesh.points, q.transform)[q.mesh.triangles] for q in parts]
    brute = [[to_triangles(p, c).min() for c in corners] for p in points]
    assert found.metres == pytest.approx(np.min(brute))
    assert (found.index, int(found.path[4:])) == np.unravel_index(np.argmin(brute), (12, 30))
    assert nearest(_stage(*parts), points, ignore=("set/",)).path == ""


def test_frames_that_are_told() -> None:
    frames = FrameRange(1001, 1096)
    assert told_frames(frames, (1001, 1050, 1096))[0] == 1001
    assert 1050 in told_frames(frames, (1001, 1050, 1096))
    assert told_frames(frames, ())[-1] == 1096
    assert len(told_frames(frames, tuple(range(1001, 1097)))) <= 7
    assert told_frames(FrameRange(5, 5), ()) == (5,)
