"""Layouts as USD for usdview and Blender, and cameras from USD. Metres, Y up, one time code a frame."""

import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from pxr import Gf, Tf, Usd, UsdGeom, UsdLux, Vt

from secondunit.core.camera import Camera, CameraPath, Filmback, Mat3
from secondunit.core.errors import BackendError, BriefError
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout, Sun
from secondunit.media.atomic import whole_file

_GROUND_M = 200.0
_SMALLEST_BACK_MM = 2.0
"""No camera has a filmback so narrow: lens values below it are counted in scene units, as USD has it by the letter."""
_QUADS = (0, 1, 3, 2, 4, 6, 7, 5, 0, 4, 5, 1, 2, 3, 7, 6, 0, 2, 6, 4, 1, 5, 7, 3)
"""Faces of a box over its eight corners, anticlockwise from outside."""


def write_layout_usd(path: Path, layout: Layout, *, frames: FrameRange, rate: Fraction, name: str = "shot") -> None:
    """Write camera, boxes, ground and sun as ``.usda`` or ``.usdc``.

    Lens values are millimetres, as USD and its readers have them by custom; the scene is in metres. The camera has a
    key for each frame where it moves.

    Raises
    ------
    BackendError
        USD cannot write there.
    """
    suffix = path.suffix.lower()
    if suffix not in (".usda", ".usdc", ".usd"):
        raise BriefError(f"{path.name}: a layout is written as .usda or .usdc", fix="name it layout.usda")
    stage = Usd.Stage.CreateInMemory(f"layout{suffix}")
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetTimeCodesPerSecond(float(rate))
    stage.SetFramesPerSecond(float(rate))
    stage.SetStartTimeCode(frames.first)
    stage.SetEndTimeCode(frames.last)
    root = UsdGeom.Xform.Define(stage, f"/{prim_name(name)}")
    stage.SetDefaultPrim(root.GetPrim())
    top = str(root.GetPath())
    define_camera(stage, f"{top}/camera", layout.camera, frames)
    UsdGeom.Xform.Define(stage, f"{top}/proxies")
    used: set[str] = set()
    for box in layout.boxes:
        legal = prim_name(box.name)
        while legal in used:
            legal += "_"
        used.add(legal)
        _write_box(stage, f"{top}/proxies/{legal}", box)
    _write_ground(stage, f"{top}/ground", layout)
    define_sun(stage, f"{top}/sun", layout.sun)
    try:
        with whole_file(path) as temporary:
            stage.GetRootLayer().Export(str(temporary))
    except (Tf.ErrorException, RuntimeError) as error:
        raise BackendError(f"USD could not write {path}: {_first_line(error)}", fix="check the folder") from error


def read_usd_camera(path: Path, frames: FrameRange) -> CameraPath:
    """Read the first camera of a USD scene over a frame range, in metres with Y up.

    Scale and up axis of the scene are taken out; time codes are frames.

    Raises
    ------
    BriefError
        The file is missing or no USD, holds no camera or an orthographic one.
    """
    if not path.is_file():
        raise BriefError(f"{path} does not exist", fix="check camera.file")
    try:
        stage = Usd.Stage.Open(str(path), Usd.Stage.LoadAll)
    except (Tf.ErrorException, RuntimeError) as error:
        raise BriefError(f"{path.name} is no USD scene: {_first_line(error)}", fix="check camera.file") from error
    found = [UsdGeom.Camera(prim) for prim in stage.Traverse() if prim.IsA(UsdGeom.Camera)]
    if not found:
        raise BriefError(f"{path.name} holds no camera", fix="export one, or solve it from the plate")
    camera = found[0]
    scale = UsdGeom.GetStageMetersPerUnit(stage)
    turn = Gf.Matrix4d(1.0)
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z:
        turn.SetRotate(Gf.Rotation(Gf.Vec3d(1, 0, 0), -90.0))
    keys = tuple((frame, _read_camera(camera, frame, scale, turn, path.name)) for frame in frames)
    if all(key == keys[0][1] for _, key in keys):
        return CameraPath(locked=keys[0][1])
    return CameraPath(locked=keys[0][1], keys=keys)


def prim_name(text: str) -> str:
    """Return a legal USD prim name that reads like a text.

    >>> prim_name("2nd unit: über"), prim_name("block")
    ('_2nd_unit___ber', 'block')
    """
    legal = re.sub(r"[^A-Za-z0-9_]", "_", text) or "_"
    return f"_{legal}" if legal[0].isdigit() else legal


def define_camera(stage: Any, path: str, camera: CameraPath, frames: FrameRange) -> Any:
    """Add a camera to a USD stage: a key for each frame where it moves; lens values in millimetres. Return its prim."""
    prim = UsdGeom.Camera.Define(stage, path)
    prim.CreateClippingRangeAttr(Gf.Vec2f(0.1, 10_000.0))
    place = prim.AddTransformOp()
    moving = camera.moves
    for frame in frames if moving else (frames.first,):
        now = camera.at(frame)
        time = Usd.TimeCode(frame) if moving else Usd.TimeCode.Default()
        r, p = now.rotation, now.position_m
        # USD multiplies row vectors: its rows are our columns.
        rows = [[float(r[i][j]) for i in range(3)] + [0.0] for j in range(3)]
        place.Set(Gf.Matrix4d(*rows[0], *rows[1], *rows[2], float(p[0]), float(p[1]), float(p[2]), 1.0), time)
    seen = [camera.at(frame) for frame in frames]
    for attribute, values in (
        (prim.CreateFocalLengthAttr(), [c.focal_length_mm for c in seen]),
        (prim.CreateHorizontalApertureAttr(), [c.filmback.width_mm for c in seen]),
        (prim.CreateVerticalApertureAttr(), [c.filmback.height_mm for c in seen]),
        (prim.CreateHorizontalApertureOffsetAttr(), [c.filmback.offset_x_mm for c in seen]),
        (prim.CreateVerticalApertureOffsetAttr(), [c.filmback.offset_y_mm for c in seen]),
    ):
        # What stays is no animation: a reader would lock it against change.
        if len(set(values)) == 1:
            attribute.Set(values[0])
        else:
            for frame, value in zip(frames, values, strict=True):
                attribute.Set(value, Usd.TimeCode(frame))
    return prim.GetPrim()


def _write_box(stage: Any, path: str, box: Box) -> None:
    mesh = UsdGeom.Mesh.Define(stage, path)
    points = [Gf.Vec3f(*(float(v) for v in corner)) for corner in box.corners()]
    mesh.CreatePointsAttr(Vt.Vec3fArray(points))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray([4] * 6))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray(list(_QUADS)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(points))
    grey = {"building": (0.6, 0.55, 0.5), "canopy": (0.5, 0.55, 0.6), "neighbour": (0.3, 0.3, 0.3)}[box.kind]
    mesh.CreateDisplayColorAttr(Vt.Vec3fArray([Gf.Vec3f(*grey)]))
    prim = mesh.GetPrim()
    prim.SetCustomDataByKey("secondunit:kind", box.kind)
    prim.SetCustomDataByKey("secondunit:floors", box.floors)
    prim.SetCustomDataByKey("secondunit:bays", box.bays)


def _write_ground(stage: Any, path: str, layout: Layout) -> None:
    mesh = UsdGeom.Mesh.Define(stage, path)
    x, _, z = layout.boxes[0].corner_m if layout.boxes else (0.0, 0.0, 0.0)
    points = [
        Gf.Vec3f(float(x + a * _GROUND_M), 0.0, float(z + b * _GROUND_M))
        for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1))
    ]
    mesh.CreatePointsAttr(Vt.Vec3fArray(points))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray([4]))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray([0, 1, 2, 3]))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(points))
    mesh.CreateDisplayColorAttr(Vt.Vec3fArray([Gf.Vec3f(0.2, 0.22, 0.2)]))


def define_sun(stage: Any, path: str, sun: Sun) -> None:
    """Add a sun to a USD stage, as strong as a white card sees it."""
    light = UsdLux.DistantLight.Define(stage, path)
    peak = max(*sun.illuminance, 1e-6)
    light.CreateIntensityAttr(peak * math.pi)  # a white card facing it then reads `illuminance`
    light.CreateColorAttr(Gf.Vec3f(*(float(v / peak) for v in sun.illuminance)))
    light.CreateAngleAttr(0.53)
    # A distant light shines along its own -Z.
    spin = UsdGeom.Xformable(light)
    spin.AddRotateYOp().Set(180.0 - sun.azimuth_deg)
    spin.AddRotateXOp().Set(-sun.elevation_deg)


def _read_camera(camera: Any, frame: int, scale: float, turn: Any, name: str) -> Camera:
    time = Usd.TimeCode(frame)
    if camera.GetProjectionAttr().Get(time) == UsdGeom.Tokens.orthographic:
        raise BriefError(f"{name}: the camera is orthographic", fix="use a perspective camera")
    matrix = UsdGeom.Imageable(camera).ComputeLocalToWorldTransform(time) * turn
    place = matrix.ExtractTranslation()
    pure = matrix.RemoveScaleShear().ExtractRotationMatrix()
    rotation: Mat3 = tuple(tuple(float(pure[j][i]) for j in range(3)) for i in range(3))  # type: ignore[assignment]
    lens = [
        float(attribute.Get(time))
        for attribute in (
            camera.GetFocalLengthAttr(),
            camera.GetHorizontalApertureAttr(),
            camera.GetVerticalApertureAttr(),
            camera.GetHorizontalApertureOffsetAttr(),
            camera.GetVerticalApertureOffsetAttr(),
        )
    ]
    if lens[1] < _SMALLEST_BACK_MM:
        # A scene in metres by USD's letter (Blender, Houdini): lenses in tenths of a unit, not in millimetres.
        lens = [value * scale * 100.0 for value in lens]
    return Camera(
        focal_length_mm=lens[0],
        filmback=Filmback(width_mm=lens[1], height_mm=lens[2], offset_x_mm=lens[3], offset_y_mm=lens[4]),
        position_m=(float(place[0]) * scale, float(place[1]) * scale, float(place[2]) * scale),
        rotation=rotation,
    )


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:160]
