from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdLux, UsdUtils

from secondunit.core.camera import Camera, CameraPath, Filmback
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout, Sun
from secondunit.imaging.projection import project, rotation_from_angles
from secondunit.media.usd import prim_name, read_usd_camera, write_layout_usd

FRAMES = FrameRange(1001, 1004)


def camera(yaw: float = 20.0) -> Camera:
    rows = rotation_from_angles(yaw, 5.0, -2.0)
    return Camera(
        focal_length_mm=47.0,
        filmback=Filmback(width_mm=24.0, height_mm=16.0, offset_x_mm=0.5, offset_y_mm=-1.25),
        position_m=(1.0, 2.5, -3.0),
        rotation=tuple(tuple(float(v) for v in row) for row in rows),  # type: ignore[arg-type]
    )


def layout(path: CameraPath) -> Layout:
    boxes = tuple(
        Box(name=n, corner_m=(-4.0, 0.0, -30.0), yaw_deg=-30.0, width_m=8.0, height_m=9.0, depth_m=5.0)
        for n in ("2nd block", "2nd_block")
    )
    return Layout(camera=path, boxes=boxes, sun=Sun(azimuth_deg=200.0, elevation_deg=35.0))


@pytest.mark.parametrize("suffix", ["usda", "usdc"])
def test_a_locked_camera_comes_back(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"layout.{suffix}"
    write_layout_usd(file, layout(CameraPath(locked=camera())), frames=FRAMES, rate=Fraction(24))
    back = read_usd_camera(file, FRAMES)
    assert not back.moves
    points = np.array([[-3.0, 1.0, -20.0], [2.0, 4.0, -9.0]])
    np.testing.assert_allclose(
        project(back.at(1001), points, 640, 480)[0], project(camera(), points, 640, 480)[0], atol=1e-3
    )


@pytest.mark.parametrize("suffix", ["usda", "usdc"])
def test_usds_own_validators_have_nothing_to_say(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"layout.{suffix}"
    keys = tuple((f, camera(float(f - 1000))) for f in FRAMES)
    write_layout_usd(file, layout(CameraPath(locked=camera(), keys=keys)), frames=FRAMES, rate=Fraction(24000, 1001))
    assert complaints(file) == []
    stage = Usd.Stage.Open(str(file))
    UsdGeom.Mesh.Define(stage, "/outside").CreateFaceVertexCountsAttr([4])
    stage.GetRootLayer().ClearDefaultPrim()
    stage.GetRootLayer().Save()
    assert complaints(file)  # the check can fail


def complaints(file: Path) -> list[str]:
    if hasattr(UsdUtils, "ComplianceChecker"):  # until usd-core 25
        checker = UsdUtils.ComplianceChecker()
        checker.CheckCompliance(str(file))
        return [*checker.GetErrors(), *checker.GetFailedChecks(), *checker.GetWarnings()]
    validation = pytest.importorskip("pxr.UsdValidation")
    context = validation.ValidationContext(validation.ValidationRegistry().GetOrLoadAllValidators())
    return [error.GetMessage() for error in context.Validate(Usd.Stage.Open(str(file)))]


def test_a_moving_camera_keeps_a_key_for_each_frame(tmp_path: Path) -> None:
    keys = tuple((f, replace(camera(float(f - 1000)), focal_length_mm=40.0 + f - 1001)) for f in FRAMES)
    file = tmp_path / "layout.usda"
    write_layout_usd(file, layout(CameraPath(locked=keys[0][1], keys=keys)), frames=FRAMES, rate=Fraction(24000, 1001))
    back = read_usd_camera(file, FRAMES)
    for frame, key in keys:
        np.testing.assert_allclose(back.at(frame).rotation, key.rotation, atol=1e-6)
        assert back.at(frame).focal_length_mm == pytest.approx(key.focal_length_mm)
    assert Usd.Stage.Open(str(file)).GetTimeCodesPerSecond() == pytest.approx(24000 / 1001)


def test_the_scene_says_its_units_and_holds_legal_distinct_closed_boxes(tmp_path: Path) -> None:
    file = tmp_path / "layout.usda"
    write_layout_usd(file, layout(CameraPath(locked=camera())), frames=FRAMES, rate=Fraction(25))
    stage = Usd.Stage.Open(str(file))
    assert UsdGeom.GetStageUpAxis(stage) == "Y"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (1001, 1004)
    meshes = [UsdGeom.Mesh(p) for p in stage.GetPrimAtPath("/shot/proxies").GetChildren()]
    assert [m.GetPrim().GetName() for m in meshes] == ["_2nd_block", "_2nd_block_"]
    points = np.array(meshes[0].GetPointsAttr().Get())
    quads = np.array(meshes[0].GetFaceVertexIndicesAttr().Get()).reshape(6, 4)
    middle = points.mean(axis=0)
    for quad in quads:
        a, b, c, _ = points[quad]
        assert np.cross(b - a, c - b) @ (points[quad].mean(axis=0) - middle) > 0


def test_the_sun_shines_from_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "layout.usda"
    scene = layout(CameraPath(locked=camera()))
    write_layout_usd(file, scene, frames=FRAMES, rate=Fraction(25))
    stage = Usd.Stage.Open(str(file))
    light = UsdLux.DistantLight(stage.GetPrimAtPath("/shot/sun"))
    matrix = light.ComputeLocalToWorldTransform(Usd.TimeCode.Default())
    back = np.array(matrix.TransformDir((0.0, 0.0, 1.0)))
    np.testing.assert_allclose(back, scene.sun.direction, atol=1e-6)


def test_scale_and_up_axis_of_a_foreign_scene_are_taken_out(tmp_path: Path) -> None:
    stage = Usd.Stage.CreateNew(str(tmp_path / "z.usda"))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)
    prim = UsdGeom.Camera.Define(stage, "/cam")
    prim.AddTranslateOp().Set((100.0, 200.0, 300.0))
    stage.Save()
    found = read_usd_camera(tmp_path / "z.usda", FRAMES).locked
    np.testing.assert_allclose(found.position_m, (1.0, 3.0, -2.0), atol=1e-6)
    forward = -np.array(found.rotation)[:, 2]
    np.testing.assert_allclose(forward, (0.0, -1.0, 0.0), atol=1e-6)


@pytest.mark.parametrize(
    "content", [None, b"", b"not usd", b"#usda 1.0\n"], ids=["missing", "empty", "noise", "no camera"]
)
def test_a_file_without_a_camera_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "camera.usda"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BriefError) as refused:
        read_usd_camera(file, FRAMES)
    assert "\n" not in str(refused.value)
    assert refused.value.fix


def test_an_orthographic_camera_is_refused(tmp_path: Path) -> None:
    stage = Usd.Stage.CreateNew(str(tmp_path / "o.usda"))
    UsdGeom.Camera.Define(stage, "/cam").CreateProjectionAttr(UsdGeom.Tokens.orthographic)
    stage.Save()
    with pytest.raises(BriefError, match="orthographic"):
        read_usd_camera(tmp_path / "o.usda", FRAMES)


def test_names_are_made_legal() -> None:
    assert prim_name("") == "_"
    assert prim_name("9") == "_9"
