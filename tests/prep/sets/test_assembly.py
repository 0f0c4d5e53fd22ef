import math

import numpy as np
import pytest

from secondunit.prep.sets.assembly import Assembly, Frame, between, sweep
from secondunit.prep.stage.geometry import Mesh


def only(assembly: Assembly) -> Mesh:
    (mesh,) = assembly.meshes()
    return mesh


def volume(mesh: Mesh) -> float:
    """Signed volume of a closed mesh, by the divergence theorem: positive where faces look outwards."""
    a, b, c = (mesh.points[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def test_a_box_is_closed_and_looks_outwards() -> None:
    assembly = Assembly()
    assembly.pen("box").box("wall_1", (1.0, 3.0), (0.5, 2.0), (-1.0, 0.25))
    assert volume(only(assembly)) == pytest.approx(2.0 * 1.5 * 1.25, rel=1e-5)


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 217.0])
def test_a_frame_keeps_hand_and_lengths_wherever_it_looks(angle: float) -> None:
    frame = Frame(origin=(3.0, 1.0, -2.0), along=(math.cos(math.radians(angle)), math.sin(math.radians(angle))))
    m = frame.matrix(2.0, 1.0, 0.5)
    np.testing.assert_allclose(m[:3, :3].T @ m[:3, :3], np.eye(3), atol=1e-12)
    assert np.linalg.det(m[:3, :3]) == pytest.approx(1.0)
    np.testing.assert_allclose(m[:3, 3], frame.world(2.0, 1.0, 0.5))
    assembly = Assembly()
    assembly.pen("box", frame).box("wall_1", (0.0, 2.0), (0.0, 3.0), (0.0, 1.0))
    assert volume(only(assembly)) == pytest.approx(6.0, rel=1e-5)


def test_a_prism_is_closed_and_looks_outwards() -> None:
    assembly = Assembly()
    assembly.pen("p").prism("trim", ((0.0, 0.0), (1.0, 0.0), (1.0, 2.0), (0.0, 2.0)), 0.0, 3.0)
    assert volume(only(assembly)) == pytest.approx(6.0, rel=1e-5)


@pytest.mark.parametrize("sides", [8, 24])
def test_a_turned_body_has_the_volume_of_its_profile(sides: int) -> None:
    assembly = Assembly()
    assembly.pen("p").lathe("tank", ((0.0, 0.0), (1.0, 0.0), (1.0, 2.0), (0.0, 2.0)), sides=sides)
    polygon = 0.5 * sides * math.sin(2 * math.pi / sides)
    mesh = only(assembly)
    assert volume(mesh) == pytest.approx(2.0 * polygon, rel=1e-4)
    assert (mesh.normals is not None) == (sides >= 12)
    if mesh.normals is not None:
        np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
        a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
        assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), mesh.normals[mesh.triangles[:, 0]]) > 0).all()


def test_a_moulding_is_mitred_at_a_corner_and_closed_round_a_block() -> None:
    assembly = Assembly()
    square = [(0.0, 0.0), (4.0, 0.0), (4.0, -4.0), (0.0, -4.0)]
    sweep(assembly.pen("m"), "trim", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)), square, base=2.0, closed=True)
    mesh = only(assembly)
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    np.testing.assert_allclose(low, (-0.5, 2.0, -4.5), atol=1e-5)
    np.testing.assert_allclose(high, (4.5, 3.0, 0.5), atol=1e-5)
    # Its wall side stays open: closing it adds the block itself, whose faces this flux counts.
    assert volume(mesh) > 0


def test_frames_between_points_run_from_one_to_the_other() -> None:
    frame, length = between((1.0, 2.0), (4.0, -2.0), y=0.5)
    assert length == pytest.approx(5.0)
    np.testing.assert_allclose(frame.world(length, 0.0), (4.0, 0.5, -2.0), atol=1e-12)
    assert frame.yaw_deg == pytest.approx(math.degrees(math.atan2(4.0, 3.0)))


def test_a_prototype_is_drawn_once_and_placed_under_numbered_paths() -> None:
    assembly, calls = Assembly(), []

    def draw(pen) -> None:  # type: ignore[no-untyped-def]
        calls.append(1)
        pen.wall("glass", 0.0, 1.0, 0.0, 2.0)

    pen = assembly.pen("house/front")
    for s in (0.0, 3.0):
        pen.place("window", assembly.prototype("window", 1.0, draw=draw), s, 1.0)
    assert len(calls) == 1
    assert [p.path for p in assembly.placements] == ["house/front/window_01", "house/front/window_02"]
    parts = assembly.parts()
    assert parts[0].mesh is parts[1].mesh
    assert assembly.part_names() == ("house/front/window_01", "house/front/window_02")
