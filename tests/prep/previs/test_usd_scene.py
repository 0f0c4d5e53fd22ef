from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom
from tests.prep.previs.stages import small_set, two_pieces
from tests.prep.previs.test_rehearsal import BRIEF

from secondunit.core.frames import FrameRange
from secondunit.media.chan import read_chan, write_chan
from secondunit.media.usd import read_usd_camera
from secondunit.prep.previs.rehearsal import rehearse
from secondunit.prep.previs.usd_scene import write_scene_usd

FRAMES = BRIEF.picture.range


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory):
    opened = rehearse(BRIEF, small_set(), pieces=two_pieces())
    return opened, write_scene_usd(tmp_path_factory.mktemp("usd"), opened)


def test_the_camera_comes_back_as_it_went(written) -> None:
    opened, scene = written
    for file in (scene, scene.with_name("camera.usda")):
        back = read_usd_camera(file, FRAMES)
        for frame in FRAMES:
            a, b = opened.path.at(frame), back.at(frame)
            assert b.position_m == pytest.approx(a.position_m, abs=1e-9)
            assert np.array(b.rotation) == pytest.approx(np.array(a.rotation), abs=1e-9)
            assert b.focal_length_mm == pytest.approx(a.focal_length_mm, rel=1e-6)
            assert b.filmback.width_mm == pytest.approx(a.filmback.width_mm, rel=1e-6)


def test_every_reader_takes_the_lens_for_what_it_is(written) -> None:
    """USD's letter: lenses are in tenths of a scene unit. In centimetres that is millimetres."""
    _, scene = written
    stage = Usd.Stage.Open(str(scene))
    camera = UsdGeom.Camera(next(p for p in stage.Traverse() if p.IsA(UsdGeom.Camera)))
    tenth_m = UsdGeom.GetStageMetersPerUnit(stage) / 10
    assert camera.GetFocalLengthAttr().Get(1001) * tenth_m == pytest.approx(0.024)
    assert camera.GetHorizontalApertureAttr().Get(1001) * tenth_m == pytest.approx(0.02466, abs=2e-4)
    assert camera.GetFocalLengthAttr().GetNumTimeSamples() == 0  # what stays is no animation
    assert camera.GetPrim().GetCustomDataByKey("secondunit:body") == "Super 35 3-perf"


def test_things_are_where_they_are_rendered(written) -> None:
    opened, scene = written
    stage = Usd.Stage.Open(str(scene))
    cache = UsdGeom.BBoxCache(Usd.TimeCode(1006), [UsdGeom.Tokens.default_])

    def middle(path: str) -> np.ndarray:
        box = cache.ComputeWorldBound(stage.GetPrimAtPath(path)).ComputeAlignedRange()
        return np.array(box.GetMidpoint()) / 100

    assert middle("/SEQ_0010/cast/ANNA/head")[[0, 2]] == pytest.approx(
        np.array(opened.where("ANNA")(1006))[[0, 2]], abs=0.12
    )
    assert middle("/SEQ_0010/set/buildings/lot_02") == pytest.approx([7, 3, -3], abs=0.01)
    fallen, standing = middle("/SEQ_0010/collapse/piece_0000"), middle("/SEQ_0010/collapse/piece_0001")
    assert fallen[1] == pytest.approx(2.5, abs=0.05)
    assert standing[1] == pytest.approx(4.5, abs=0.05)
    inside = UsdGeom.Imageable(stage.GetPrimAtPath("/SEQ_0010/collapse/piece_0000/broken_inside"))
    assert inside.ComputeVisibility(Usd.TimeCode(1003)) == UsdGeom.Tokens.invisible
    assert inside.ComputeVisibility(Usd.TimeCode(1004)) != UsdGeom.Tokens.invisible


def test_usd_rules_are_kept(written) -> None:
    _, scene = written
    validation = pytest.importorskip("pxr.UsdValidation", reason="this USD has no validators")
    validators = validation.ValidationRegistry().GetOrLoadAllValidators()
    found = validation.ValidationContext(validators).Validate(Usd.Stage.Open(str(scene)))
    assert len(validators) > 10
    assert [e.GetErrorAsString() for e in found] == []


def test_a_camera_as_blender_writes_it(tmp_path: Path) -> None:
    """Blender 5.0.1: Z up, metres, lenses in tenths of a metre, the picture's own aspect. Taken from its export."""
    stage = Usd.Stage.CreateNew(str(tmp_path / "blender.usda"))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    camera = UsdGeom.Camera.Define(stage, "/root/camera/camera_001")
    camera.CreateFocalLengthAttr(0.21)
    camera.CreateHorizontalApertureAttr(0.2799)
    camera.CreateVerticalApertureAttr(0.2799 * 9 / 16)
    # A camera that looks along the world's +Y in Blender's axes looks along -Z in ours.
    turn = Gf.Matrix4d().SetRotate(Gf.Rotation(Gf.Vec3d(1, 0, 0), 90))
    camera.AddTransformOp().Set(turn.SetTranslateOnly(Gf.Vec3d(26.0, -21.0, 3.7)))
    stage.GetRootLayer().Save()
    found = read_usd_camera(tmp_path / "blender.usda", FrameRange(1, 1)).locked
    assert found.focal_length_mm == pytest.approx(21.0, rel=1e-5)
    assert found.filmback.width_mm == pytest.approx(27.99, rel=1e-5)
    assert found.position_m == pytest.approx((26.0, 3.7, 21.0))
    assert np.array(found.rotation) == pytest.approx(np.eye(3), abs=1e-6)


def test_nukes_chan_there_and_back(written, tmp_path: Path) -> None:
    opened, _ = written
    write_chan(tmp_path / "camera.chan", opened.path, frames=FRAMES)
    back = read_chan(tmp_path / "camera.chan", width=96, height=54)
    for frame in FRAMES:
        a, b = opened.path.at(frame), back.at(frame)
        assert b.position_m == pytest.approx(a.position_m, abs=1e-6)
        assert np.array(b.rotation) == pytest.approx(np.array(a.rotation), abs=1e-6)
        assert b.focal_length_mm / b.filmback.height_mm == pytest.approx(
            a.focal_length_mm / a.filmback.height_mm, rel=1e-5
        )
