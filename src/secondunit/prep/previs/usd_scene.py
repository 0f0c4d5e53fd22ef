"""A previs as USD: one scene that layers camera, set, cast and collapse, for usdview, Blender, Maya and Houdini.

::

    scene.usda      opens everything; sun and frame range
    camera.usda     the camera alone: change it, save it, bring it back with --camera
    set.usdc        what stands
    cast.usdc       figures and vehicles, a transform for each frame
    collapse.usdc   the pieces, a transform for each frame

Y up, one time code a frame, in centimetres: USD counts lenses in tenths of a scene unit, so that only there every
reader takes 35 for 35 mm. What is built is in metres below a transform of 100. A squeezed lens is written by the
filmback it sees like, as USD knows none.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Sdf, Tf, Usd, UsdGeom, UsdShade, Vt

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.errors import BackendError
from secondunit.media.atomic import whole_file
from secondunit.media.usd import define_camera, define_sun, prim_name
from secondunit.prep.previs.lens import angles_of_view
from secondunit.prep.previs.proxy import CollapseProxy
from secondunit.prep.previs.rehearsal import Rehearsal
from secondunit.prep.stage.geometry import Material, Mesh, Part

_UNITS = 100.0
"""Scene units a metre."""
LAYERS = ("camera.usda", "cast.usdc", "collapse.usdc", "set.usdc")


def write_scene_usd(folder: Path, rehearsal: Rehearsal, *, progress: Callable[[int, int], None] | None = None) -> Path:
    """Write a previs into a folder and return the scene that opens it all.

    Raises
    ------
    BackendError
        USD cannot write there.
    """
    top = f"/{prim_name(rehearsal.brief.name)}"
    layers = [("camera.usda", _camera), ("cast.usdc", _cast), ("set.usdc", _set)]
    if rehearsal.proxy is not None:
        layers.append(("collapse.usdc", _collapse))
    for number, (name, write) in enumerate(layers):
        stage = _stage(name, rehearsal, top)
        write(stage, top, rehearsal)
        _export(stage.GetRootLayer(), folder / name)
        if progress is not None:
            progress(number + 1, len(layers) + 1)
    scene = _stage("scene.usda", rehearsal, top)
    define_sun(scene, f"{top}/sun", rehearsal.sun)
    prim = scene.GetDefaultPrim()
    prim.SetDocumentation("Previs: blocking and timing only. Figures stand for parts and look like nobody.")
    # A layer by itself: the stage in memory could not find files beside a place it does not have yet.
    layer = Sdf.Layer.CreateAnonymous("scene.usda")
    layer.TransferContent(scene.GetRootLayer())
    layer.subLayerPaths = [f"./{name}" for name in LAYERS if name in dict(layers)]
    _export(layer, folder / "scene.usda")
    if progress is not None:
        progress(len(layers) + 1, len(layers) + 1)
    return folder / "scene.usda"


def _stage(name: str, rehearsal: Rehearsal, top: str) -> Any:
    frames, rate = rehearsal.brief.picture.range, float(rehearsal.brief.picture.rate)
    stage = Usd.Stage.CreateInMemory(name)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1 / _UNITS)
    stage.SetTimeCodesPerSecond(rate)
    stage.SetFramesPerSecond(rate)
    stage.SetStartTimeCode(frames.first)
    stage.SetEndTimeCode(frames.last)
    root = UsdGeom.Xform.Define(stage, top)
    stage.SetDefaultPrim(root.GetPrim())
    return stage


def _export(layer: Any, path: Path) -> None:
    try:
        with whole_file(path) as temporary:
            if not layer.Export(str(temporary)):
                raise BackendError(f"USD could not write {path}", fix="check the folder")
    except (Tf.ErrorException, RuntimeError) as error:
        raise BackendError(f"USD could not write {path}: {error}", fix="check the folder") from error


def _camera(stage: Any, top: str, rehearsal: Rehearsal) -> None:
    brief, frames = rehearsal.brief, rehearsal.brief.picture.range
    prim = define_camera(stage, f"{top}/camera", _in_units(rehearsal.path), frames)
    across, up = angles_of_view(rehearsal.path.at(frames.first))
    for key, value in (
        ("body", brief.camera.body),
        ("squeeze", brief.camera.squeeze),
        ("support", brief.camera.support),
        ("horizontalAngleDeg", round(across, 4)),
        ("verticalAngleDeg", round(up, 4)),
    ):
        prim.SetCustomDataByKey(f"secondunit:{key}", value)


def _in_units(path: CameraPath) -> CameraPath:
    def at(camera: Camera) -> Camera:
        x, y, z = (v * _UNITS for v in camera.position_m)
        return replace(camera, position_m=(x, y, z))

    return CameraPath(locked=at(path.locked), keys=tuple((frame, at(camera)) for frame, camera in path.keys))


def _in_metres(stage: Any, path: str) -> None:
    """Begin a group whose contents are in metres."""
    UsdGeom.Xform.Define(stage, path).AddScaleOp().Set(Gf.Vec3f(_UNITS))


def _set(stage: Any, top: str, rehearsal: Rehearsal) -> None:
    _in_metres(stage, f"{top}/set")
    materials = _materials(stage, f"{top}/set/materials", rehearsal.materials)
    names = _Names()
    for part in rehearsal.fixed:
        _mesh(stage, names.under(f"{top}/set", part.mesh.path), part, materials)
    _ground(stage, f"{top}/set/ground", rehearsal, materials)


def _cast(stage: Any, top: str, rehearsal: Rehearsal) -> None:
    frames = rehearsal.brief.picture.range
    first = rehearsal.stage(frames.first, building=False)
    begin = len(rehearsal.fixed)
    used = {p.mesh.material for p in first.parts[begin:]}
    _in_metres(stage, f"{top}/cast")
    materials = _materials(stage, f"{top}/cast/materials", [m for m in first.materials if m.name in used])
    names = _Names()
    places = [names.under(f"{top}/cast", p.mesh.path) for p in first.parts[begin:]]
    ops = []
    for part, path in zip(first.parts[begin:], places, strict=True):
        still = Part(mesh=part.mesh)
        ops.append(_mesh(stage, path, still, materials).AddTransformOp())
    last: list[Any] = [None] * len(ops)
    for frame in frames:
        now = rehearsal.stage(frame, building=False)
        for n, (op, part) in enumerate(zip(ops, now.parts[begin:], strict=True)):
            if last[n] is None or not np.array_equal(last[n], part.transform):
                op.Set(_matrix(part.transform), Usd.TimeCode(frame))
            last[n] = part.transform
    for mark in rehearsal.brief.marks:
        place = UsdGeom.Xform.Define(stage, names.under(f"{top}/cast/marks", mark.name))
        place.AddTranslateOp().Set(Gf.Vec3d(mark.at_m[0], 0.0, mark.at_m[1]))


def _collapse(stage: Any, top: str, rehearsal: Rehearsal) -> None:
    proxy = rehearsal.proxy
    if proxy is None:
        return
    used = {r.material for r in proxy.riders}
    _in_metres(stage, f"{top}/collapse")
    materials = _materials(stage, f"{top}/collapse/materials", [m for m in rehearsal.materials if m.name in used])
    pieces = proxy.pieces
    count = len(pieces.centre)
    ops = []
    for number in range(count):
        path = f"{top}/collapse/piece_{number:04d}"
        ops.append(UsdGeom.Xform.Define(stage, path).AddTransformOp())
    for mesh, number, hidden in _split(proxy):
        path = f"{top}/collapse/piece_{number:04d}/{prim_name(mesh.material)}"
        made = _mesh(stage, path, Part(mesh=mesh), materials)
        if hidden:
            shown = made.CreateVisibilityAttr()
            shown.Set(UsdGeom.Tokens.invisible, Usd.TimeCode(pieces.first_frame))
            shown.Set(UsdGeom.Tokens.inherited, Usd.TimeCode(pieces.start_frame))
    for frame in rehearsal.brief.picture.range:
        turned, position = pieces.transforms(frame)
        row = frame - pieces.first_frame
        for number in range(count):
            before = max(row - 1, 0)
            same = (
                0 < row < len(pieces.position) - 1
                and np.array_equal(pieces.position[before, number], pieces.position[row, number])
                and np.array_equal(pieces.position[row + 1, number], pieces.position[row, number])
                and np.array_equal(pieces.quaternion[before, number], pieces.quaternion[row, number])
                and np.array_equal(pieces.quaternion[row + 1, number], pieces.quaternion[row, number])
            )
            if not same:  # a piece at rest needs no key
                matrix = np.eye(4)
                matrix[:3, :3], matrix[:3, 3] = turned[number], position[number]
                ops[number].Set(_matrix(matrix), Usd.TimeCode(frame))


def _split(proxy: CollapseProxy) -> list[tuple[Mesh, int, bool]]:
    """Return each piece's part of each rider, about the piece's centre."""
    found = []
    for rider in proxy.riders:
        owner = rider.owner[rider.triangles[:, 0]]
        order = np.argsort(owner, kind="stable")
        bounds = np.flatnonzero(np.diff(owner[order])) + 1
        for some in np.split(order, bounds):
            number = int(owner[some[0]])
            used, again = np.unique(rider.triangles[some], return_inverse=True)
            mesh = Mesh(
                path=rider.path,
                points=np.asarray(rider.points[used] - proxy.pieces.centre[number], np.float32),
                triangles=np.asarray(again.reshape(-1, 3), np.int32),
                material=rider.material,
            )
            found.append((mesh, number, rider.hidden))
    return found


class _Names:
    """Gives each semantic path a prim path of its own."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def under(self, top: str, path: str) -> str:
        """Return a free prim path below ``top`` that reads like a semantic path."""
        wanted = "/".join([top, *(prim_name(step) for step in path.split("/") if step)])
        legal, number = wanted, 1
        while legal in self.used:
            number += 1
            legal = f"{wanted}_{number}"
        self.used.add(legal)
        return legal


def _materials(stage: Any, path: str, materials: Sequence[Material]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for material in materials:
        here = f"{path}/{prim_name(material.name)}"
        shade = UsdShade.Material.Define(stage, here)
        shader = UsdShade.Shader.Define(stage, f"{here}/preview")
        shader.CreateIdAttr("UsdPreviewSurface")
        colour = _screen_linear(material.base_color)
        shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*colour))
        shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(0.1 if material.glass else material.roughness)
        shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(material.metallic)
        shade.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
        made[material.name] = (shade, colour)
    return made


def _screen_linear(acescg: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return an ACEScg albedo in linear Rec.709, which UsdPreviewSurface means, inside 0 to 1."""
    matrix = ((1.70505, -0.62179, -0.08326), (-0.13026, 1.14080, -0.01055), (-0.02400, -0.12897, 1.15297))
    r, g, b = (min(max(sum(m * c for m, c in zip(row, acescg, strict=True)), 0.0), 1.0) for row in matrix)
    return r, g, b


def _mesh(stage: Any, path: str, part: Part, materials: dict[str, Any]) -> Any:
    mesh, prim = part.mesh, UsdGeom.Mesh.Define(stage, path)
    points = np.ascontiguousarray(mesh.points, np.float32)
    prim.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    prim.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(mesh.triangles), 3, np.int32)))
    prim.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(mesh.triangles.reshape(-1), np.int32)))
    prim.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    low, high = points.min(axis=0), points.max(axis=0)
    prim.CreateExtentAttr(Vt.Vec3fArray([Gf.Vec3f(*map(float, low)), Gf.Vec3f(*map(float, high))]))
    if mesh.normals is not None:
        prim.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(mesh.normals, np.float32)))
        prim.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    if not np.array_equal(part.transform, np.eye(4)):
        prim.AddTransformOp().Set(_matrix(part.transform))
    shade, colour = materials[mesh.material]
    prim.CreateDisplayColorAttr(Vt.Vec3fArray([Gf.Vec3f(*colour)]))
    UsdShade.MaterialBindingAPI.Apply(prim.GetPrim()).Bind(shade)
    return prim


def _matrix(transform: np.ndarray[Any, Any]) -> Any:
    # USD multiplies row vectors: its rows are our columns.
    return Gf.Matrix4d(*(float(v) for v in np.asarray(transform).T.reshape(-1)))


def _ground(stage: Any, path: str, rehearsal: Rehearsal, materials: dict[str, Any]) -> None:
    name = rehearsal.scene.stage.ground
    if name is None:
        return
    place = np.array(rehearsal.path.at(rehearsal.brief.picture.range.first).position_m)
    reach = 150.0
    corners = [(-1, -1), (-1, 1), (1, 1), (1, -1)]
    points = np.array([(place[0] + a * reach, -0.005, place[2] + b * reach) for a, b in corners], np.float32)
    triangles = np.array([(0, 1, 2), (0, 2, 3)], np.int32)
    _mesh(stage, path, Part(mesh=Mesh(path="ground", points=points, triangles=triangles, material=name)), materials)
