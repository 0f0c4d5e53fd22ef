"""Meshes: volumes against the formulas of solid geometry, closed surfaces, transforms that agree with themselves."""

import math

import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.prep.stage.figure import build_figure
from secondunit.prep.stage.geometry import (
    Material,
    Mesh,
    Part,
    Stage,
    box,
    cylinder,
    ear_clip,
    ellipsoid,
    extrude,
    join,
    merge,
    placed,
    rotation,
    scaling,
    translation,
)
from secondunit.prep.stage.poses import POSES, blend, pose_of, running, walking
from secondunit.prep.stage.vehicles import PLAN_M, VEHICLES, build_vehicle

L_PLAN = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]


def volume(mesh: Mesh) -> float:
    """Gauss: a sixth of the sum of triple products; negative where faces look inwards."""
    a, b, c = (mesh.points[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def is_closed(mesh: Mesh) -> bool:
    """Each edge is walked once each way, after points that lie together are made one."""
    _, same = np.unique(np.round(mesh.points, 5), axis=0, return_inverse=True)
    t = same.reshape(-1)[mesh.triangles]
    t = t[(t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 2] != t[:, 0])]
    edges = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    return sorted(map(tuple, edges.tolist())) == sorted((b, a) for a, b in edges.tolist())


@pytest.mark.parametrize(
    "mesh, wanted",
    [
        (box("a", (1, 2, 3), "m"), 6.0),
        (cylinder("a", 0.5, 2, "m", sides=200), math.pi * 0.25 * 2),
        (cylinder("a", 1, 2, "m", radius_top=0.5, sides=200), math.pi * 2 / 3 * (1 + 0.5 + 0.25)),
        (ellipsoid("a", (1, 2, 3), "m", sides=160), 4 / 3 * math.pi * 6),
        (extrude("a", L_PLAN, 2, "m"), 6.0),
        (extrude("a", L_PLAN[::-1], 2, "m"), 6.0),
    ],
    ids=["box", "cylinder", "frustum", "ellipsoid", "prism", "prism the other way round"],
)
def test_a_solid_has_its_volume_and_is_closed(mesh: Mesh, wanted: float):
    assert volume(mesh) == pytest.approx(wanted, rel=2e-3)
    assert is_closed(mesh)


def test_a_mirrored_part_still_looks_outwards():
    mesh = merge("m", [box("a", (1, 1, 1), "m"), box("b", (1, 1, 1), "m")], [scaling(-1, 1, 1), translation(5, 0, 0)])
    assert volume(mesh) == pytest.approx(2.0)


def test_ears_cover_a_concave_plan_once():
    plan = np.asarray(L_PLAN, float)
    a, b, c = (plan[ear_clip(plan)[:, k]] for k in range(3))
    areas = ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])) / 2
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(3.0)


@pytest.mark.parametrize(
    "points, message",
    [([(0, 0), (1, 0)], "three corners"), ([(0, 0), (2, 0), (0, 2), (2, 2), (1, -3)], "crosses itself")],
    ids=["a line", "crossed"],
)
def test_a_plan_that_is_none_is_refused(points: list[tuple[float, float]], message: str):
    with pytest.raises(BriefError, match=message):
        ear_clip(points)


def test_a_stage_refuses_materials_it_has_not():
    part = Part(mesh=box("a", (1, 1, 1), "brick"))
    with pytest.raises(BriefError, match="no material 'brick'"):
        Stage(parts=(part,), materials=(Material(name="stone"),))
    with pytest.raises(BriefError, match="share a name"):
        Stage(parts=(), materials=(Material(name="a"), Material(name="a")))


def test_joining_keeps_the_first_of_two_materials_and_grounds():
    one = Stage(parts=(), materials=(Material(name="a", roughness=0.1),), ground="a")
    two = Stage(parts=(), materials=(Material(name="a", roughness=0.9), Material(name="b")), ground="b")
    both = join([one, two])
    assert both.ground == "a"
    assert {m.name: m.roughness for m in both.materials}["a"] == 0.1


@pytest.mark.parametrize("name", POSES)
def test_every_pose_stands_on_the_floor_and_is_of_its_stature(name: str):
    figure = build_figure("A", pose_of(name), height_m=1.8)
    low = min(placed(p.mesh.points, p.transform)[:, 1].min() for p in figure.stage.parts)
    if name not in ("sitting", "driving"):
        assert low == pytest.approx(pose_of(name).lift_m * 1.8 / 1.75, abs=1e-3)
    if name in ("standing", "talking", "listening", "phone"):
        assert figure.head_top[1] == pytest.approx(1.8, abs=0.05)
    assert all(np.isfinite(p.mesh.points).all() and is_closed(p.mesh) for p in figure.stage.parts)


def test_a_figure_faces_as_it_is_told():
    for facing, way in ((0, (0, 0, -1)), (90, (1, 0, 0)), (180, (0, 0, 1))):
        figure = build_figure("A", blend(walking(0.25), pose_of("standing"), 0.0), facing_deg=facing)
        assert np.dot(figure.facing, way) > 0.95


@pytest.mark.parametrize("gait", [walking, running])
def test_a_gait_comes_round_and_mirrors_itself(gait):
    def feet(phase: float, side: str) -> np.ndarray:
        figure = build_figure("A", gait(phase), facing_deg=180)
        part = next(p for p in figure.stage.parts if p.mesh.path.endswith(f"foot_{side}"))
        return placed(part.mesh.points, part.transform).mean(axis=0)

    assert np.allclose(feet(0.0, "l"), feet(1.0, "l"), atol=1e-6)
    left, right = feet(0.1, "l"), feet(0.6, "r")
    assert np.allclose(left * (-1, 1, 1), right, atol=0.02)


@pytest.mark.parametrize("kind", VEHICLES)
def test_a_vehicle_has_its_size_and_stands_on_its_wheels(kind: str):
    low, high = build_vehicle("V", kind).bounds()
    width, height, length = PLAN_M[kind]
    assert low[1] == pytest.approx(0.0, abs=0.07)
    assert (high - low)[1] == pytest.approx(height, rel=0.12)
    assert (high - low)[2] == pytest.approx(length, rel=0.12)
    if kind != "helicopter":  # its rotor is wider than its hull
        assert width <= (high - low)[0] <= width * 1.3


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: pose_of("flying"), "no pose 'flying'"),
        (lambda: build_vehicle("V", "tank"), "no vehicle 'tank'"),
        (lambda: build_figure("A", pose_of("standing"), height_m=4.0), "stature of 4.0"),
    ],
    ids=["pose", "vehicle", "giant"],
)
def test_what_is_not_there_is_refused(make, message: str):
    with pytest.raises(BriefError, match=message):
        make()


def test_turning_is_right_handed():
    assert np.allclose(rotation("x", 90)[:3, :3] @ (0, 1, 0), (0, 0, 1))
    assert np.allclose(rotation("z", 90)[:3, :3] @ (1, 0, 0), (0, 1, 0))
