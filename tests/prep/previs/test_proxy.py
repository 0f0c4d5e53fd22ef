import numpy as np
import pytest
from tests.prep.previs.stages import small_set, two_pieces

from secondunit.prep.previs.proxy import bind, cut_down
from secondunit.prep.previs.set_scene import belongs, gathered, group_of, scene_of
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.sets.build import build_set


def _area(corners: np.ndarray) -> float:
    return float(
        0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
    )


def test_cutting_down_keeps_the_surface() -> None:
    corners = np.array([[[0.0, 0, 0], [9, 0, 0], [0, 5, 0]], [[0, 0, 0], [0.5, 0, 0], [0, 0.5, 0]]])
    small = cut_down(corners, longest_m=2.4)
    assert _area(small) == pytest.approx(_area(corners))
    sides = np.linalg.norm(small - np.roll(small, -1, axis=1), axis=2)
    assert sides.max() <= 2.4
    assert len(small) > 10
    assert len(cut_down(corners[:0], longest_m=1.0)) == 0


def _walls() -> list:
    scene = small_set()
    return [p for p, n in zip(scene.stage.parts, scene.names, strict=True) if belongs(n, "lot_01")]


def test_before_it_moves_the_building_is_the_sets_own() -> None:
    proxy = bind(two_pieces(), _walls())
    parts = proxy.parts_at(1001)
    points = np.concatenate([p.mesh.points for p in parts])
    assert points.min(axis=0) == pytest.approx([-4, 0, -6])
    assert points.max(axis=0) == pytest.approx([4, 9, 0.05])
    hidden = [p for p in parts if p.mesh.path.endswith("broken_inside")]
    assert len(hidden) == 1
    assert np.ptp(hidden[0].mesh.points, axis=0).max() == 0  # drawn together into a point
    area = sum(_area(p.mesh.points[p.mesh.triangles].astype(float)) for p in parts)
    assert area == pytest.approx(sum(_area(p.mesh.points[p.mesh.triangles].astype(float)) for p in _walls()), rel=1e-4)


def test_the_front_rides_on_the_piece_it_is_on() -> None:
    proxy = bind(two_pieces(), _walls())
    before, after = proxy.parts_at(1001), proxy.parts_at(1006)
    assert [p.mesh.path for p in before] == [p.mesh.path for p in after]
    skin = next(n for n, p in enumerate(before) if p.mesh.material == "grey")
    moved = after[skin].mesh.points - before[skin].mesh.points
    side = before[skin].mesh.points[before[skin].mesh.triangles].mean(axis=1)[:, 0]
    per_triangle = moved[before[skin].mesh.triangles][:, 0]
    far = np.abs(side) > 1.3
    assert per_triangle[far & (side < 0)] == pytest.approx(np.tile([0, -2, 0], ((far & (side < 0)).sum(), 1)), abs=1e-5)
    assert np.abs(per_triangle[far & (side > 0)]).max() < 1e-5
    inside = next(p for p in after if p.mesh.path.endswith("broken_inside"))
    assert np.ptp(inside.mesh.points, axis=0)[1] > 5


def test_frames_beyond_the_simulation_hold() -> None:
    pieces = two_pieces()
    assert np.array_equal(pieces.transforms(1)[1], pieces.transforms(1001)[1])
    assert np.array_equal(pieces.transforms(9999)[1], pieces.transforms(1008)[1])


def test_gathering_keeps_every_triangle_under_its_owner() -> None:
    scene = scene_of(build_set(SetBrief(name="AVENUE")), approved=False)
    some = gathered(scene.stage.parts, scene.names)
    assert sum(len(p.mesh.triangles) for p in some) == scene.stage.triangle_count
    assert len(some) < len(scene.stage.parts) / 3
    assert {group_of(n) for n in scene.names} == {p.mesh.path.rsplit("/", 1)[0] for p in some}
    assert all(any(belongs(n, box.name) for n in scene.names) for box in scene.boxes)
