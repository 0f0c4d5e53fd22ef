"""A set as USD: real dimensions, semantic names and kinds, materials bound, repeated things instanced, variants.

One file for each option, ``option_1.usdc``, with variants ``palette`` and ``wear``; and ``set.usda``, which holds them
all as the variant set ``option``. Metres, Y up.
"""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from pxr import Gf, Kind, Sdf, Tf, Usd, UsdGeom, UsdLux, UsdShade, Vt

from secondunit.core.camera import Camera
from secondunit.core.errors import BackendError
from secondunit.core.layout import Sun
from secondunit.media.atomic import whole_file
from secondunit.media.usd import prim_name
from secondunit.prep.sets.build import BuiltSet
from secondunit.prep.sets.palettes import KEPT, PALETTES, linear_rec709, material_named
from secondunit.prep.stage.geometry import Material, Mesh

ROOT: Final = "set"
_WORN: Final = re.compile(r"/wear(/|$)|/boards(/|$)|weeds")


def write_option_usd(path: Path, built: BuiltSet) -> None:
    """Write one built set.

    Raises
    ------
    BackendError
        USD cannot write there.
    """
    stage, root = _stage()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    Usd.ModelAPI(root).SetKind(Kind.Tokens.assembly)
    root.SetCustomDataByKey("secondunit:digest", built.digest)
    root.SetCustomDataByKey("secondunit:name", built.brief.name)
    root.SetCustomDataByKey("secondunit:direction", built.brief.direction or "as briefed")
    _materials(stage, built.stage.materials)
    worn: list[str] = []
    taken: set[str] = set()
    parents = _parents([m.path for m in built.singles] + [p.path for p in built.placements])
    for mesh in built.singles:
        place = _path(mesh.path, taken, parents)
        _groups(stage, place)
        _mesh(stage, place, mesh)
        worn += [place] if _WORN.search(mesh.path) else []
    stage.CreateClassPrim("/_prototypes")
    where: dict[int, str] = {}
    for prototype in built.prototypes:
        here = f"/_prototypes/{prim_name(prototype.name)}"
        UsdGeom.Xform.Define(stage, here)
        where[id(prototype)] = here
        own: set[str] = set()
        inner = _parents([m.path for m in prototype.meshes])
        for mesh in prototype.meshes:
            _mesh(stage, _path(mesh.path, own, inner, top=here), mesh)
    for placement in built.placements:
        place = _path(placement.path, taken, parents)
        _groups(stage, place)
        xform = UsdGeom.Xform.Define(stage, place)
        rows = placement.transform.T  # USD multiplies row vectors
        xform.AddTransformOp().Set(Gf.Matrix4d(*(float(v) for v in rows.reshape(-1))))
        xform.GetPrim().GetReferences().AddInternalReference(where[id(placement.prototype)])
        xform.GetPrim().SetInstanceable(True)
        worn += [place] if _WORN.search(placement.path) else []
    for name, camera in built.cameras.items():
        _camera(stage, f"/{ROOT}/cameras/{prim_name(name)}", camera)
    _sun(stage, f"/{ROOT}/lights/sun", built.brief.sun)
    _kinds(stage)
    _palettes(root, built)
    _wear(root, worn)
    _save(stage.GetRootLayer(), path)


def write_set_usd(path: Path, options: Mapping[str, str], *, name: str) -> None:
    """Write the file that holds all options of a set as one variant set.

    Parameters
    ----------
    options
        File name beside ``path`` by variant name.

    Raises
    ------
    BackendError
        USD cannot write there.
    """
    layer = Sdf.Layer.CreateAnonymous("set.usda")
    root = Sdf.PrimSpec(layer, ROOT, Sdf.SpecifierDef, "Xform")
    layer.defaultPrim = ROOT
    layer.pseudoRoot.SetInfo("upAxis", UsdGeom.Tokens.y)
    layer.pseudoRoot.SetInfo("metersPerUnit", 1.0)
    root.kind = Kind.Tokens.assembly
    root.customData = {"secondunit": {"name": name}}
    variants = Sdf.VariantSetSpec(root, "option")
    root.variantSetNameList.prependedItems.append("option")
    for variant, file in options.items():
        held = Sdf.VariantSpec(variants, variant)
        held.primSpec.referenceList.Prepend(Sdf.Reference(f"./{file}"))
    root.variantSelections["option"] = next(iter(options))
    _save(layer, path)


def _stage() -> tuple[Any, Any]:
    stage = Usd.Stage.CreateInMemory("set.usda")
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, f"/{ROOT}").GetPrim()
    stage.SetDefaultPrim(root)
    return stage, root


def _parents(paths: Sequence[str]) -> frozenset[str]:
    """Paths that something else lies under: a mesh there would hold other shapes, which USD does not allow."""
    return frozenset("/".join(parts[:k]) for parts in (p.split("/") for p in paths) for k in range(1, len(parts)))


def _path(path: str, taken: set[str], parents: frozenset[str], *, top: str = f"/{ROOT}") -> str:
    """Return a legal prim path for a semantic one; a path that is taken gets another last name."""
    legal = top + "/" + "/".join(prim_name(p) for p in path.split("/") if p) + ("/faces" if path in parents else "")
    made, number = legal, 1
    while made in taken:
        number += 1
        made = f"{legal}_{number}"
    taken.add(made)
    return made


def _groups(stage: Any, place: str) -> None:
    parent = Sdf.Path(place).GetParentPath()
    if not stage.GetPrimAtPath(parent):
        _groups(stage, str(parent))
        UsdGeom.Xform.Define(stage, parent)


def _kinds(stage: Any) -> None:
    """Mark groups down to buildings and street sides, which are components."""
    for prim in stage.GetPrimAtPath(f"/{ROOT}").GetChildren():
        if prim.GetName() in ("materials", "cameras", "lights"):
            continue
        Usd.ModelAPI(prim).SetKind(Kind.Tokens.group)
        for child in prim.GetChildren():
            if not child.IsInstanceable():
                Usd.ModelAPI(child).SetKind(Kind.Tokens.component)


def _mesh(stage: Any, place: str, mesh: Mesh) -> None:
    prim = UsdGeom.Mesh.Define(stage, place)
    points = Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(mesh.points, np.float32))
    prim.CreatePointsAttr(points)
    prim.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(mesh.triangles), 3, np.int32)))
    prim.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(mesh.triangles.reshape(-1), np.int32)))
    prim.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    prim.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([low, high]).astype(np.float32)))
    if mesh.normals is not None:
        prim.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(mesh.normals, np.float32)))
        prim.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    material = UsdShade.Material(stage.GetPrimAtPath(f"/{ROOT}/materials/{prim_name(mesh.material)}"))
    UsdShade.MaterialBindingAPI.Apply(prim.GetPrim()).Bind(material)


def _materials(stage: Any, materials: Sequence[Material]) -> None:
    UsdGeom.Scope.Define(stage, f"/{ROOT}/materials")
    for material in materials:
        here = f"/{ROOT}/materials/{prim_name(material.name)}"
        made = UsdShade.Material.Define(stage, here)
        shader = UsdShade.Shader.Define(stage, f"{here}/surface")
        shader.CreateIdAttr("UsdPreviewSurface")
        kind = Sdf.ValueTypeNames
        colour = shader.CreateInput("diffuseColor", kind.Color3f)
        if not is_painted(material):
            colour.Set(Gf.Vec3f(*linear_rec709(material.base_color)))
        shader.CreateInput("roughness", kind.Float).Set(material.roughness)
        shader.CreateInput("metallic", kind.Float).Set(material.metallic)
        if material.glass:
            shader.CreateInput("ior", kind.Float).Set(1.5)
        made.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")


def _palettes(root: Any, built: BuiltSet) -> None:
    """Each palette as a variant that says every colour it paints: a variant is weaker than the prim itself.

    Written as specs of the layer: composing the stage after each of some hundred colours would take seconds.
    """
    layer = root.GetStage().GetRootLayer()
    own = built.brief.design.palette
    spec = layer.GetPrimAtPath(root.GetPath())
    painted = [m for m in built.stage.materials if is_painted(m)]
    with Sdf.ChangeBlock():
        variants = Sdf.VariantSetSpec(spec, "palette")
        spec.variantSetNameList.prependedItems.append("palette")
        for name, palette in PALETTES.items():
            inside = Sdf.VariantSpec(variants, prim_name(name)).primSpec
            scope = Sdf.PrimSpec(inside, "materials", Sdf.SpecifierOver)
            for material in painted:
                colour = material.base_color if name == own else material_named(material.name, palette).base_color
                over = Sdf.PrimSpec(
                    Sdf.PrimSpec(scope, prim_name(material.name), Sdf.SpecifierOver), "surface", Sdf.SpecifierOver
                )
                attribute = Sdf.AttributeSpec(over, "inputs:diffuseColor", Sdf.ValueTypeNames.Color3f)
                attribute.default = Gf.Vec3f(*linear_rec709(colour))
        spec.variantSelections["palette"] = prim_name(own)


def is_painted(material: Material) -> bool:
    """Whether a palette paints a material: all but vehicles and what a kept lot wears."""
    return KEPT not in material.name and not material.name.startswith("vehicle")


def _wear(root: Any, places: Sequence[str]) -> None:
    """One variant that takes away what is there because of wear and nothing else."""
    layer = root.GetStage().GetRootLayer()
    spec = layer.GetPrimAtPath(root.GetPath())
    with Sdf.ChangeBlock():
        variants = Sdf.VariantSetSpec(spec, "wear")
        spec.variantSetNameList.prependedItems.append("wear")
        Sdf.VariantSpec(variants, "as_built")
        clean = Sdf.VariantSpec(variants, "none").primSpec
        for place in places:
            over = clean
            for name in place.split("/")[2:]:
                over = over.nameChildren.get(name) or Sdf.PrimSpec(over, name, Sdf.SpecifierOver)
            attribute = Sdf.AttributeSpec(over, "visibility", Sdf.ValueTypeNames.Token)
            attribute.default = UsdGeom.Tokens.invisible
        spec.variantSelections["wear"] = "as_built"


def _camera(stage: Any, place: str, camera: Camera) -> None:
    _groups(stage, place)
    prim = UsdGeom.Camera.Define(stage, place)
    prim.CreateClippingRangeAttr(Gf.Vec2f(0.1, 10_000.0))
    r, p = camera.rotation, camera.position_m
    rows = [[float(r[i][j]) for i in range(3)] + [0.0] for j in range(3)]
    prim.AddTransformOp().Set(Gf.Matrix4d(*rows[0], *rows[1], *rows[2], *(float(v) for v in p), 1.0))
    prim.CreateFocalLengthAttr(camera.focal_length_mm)
    prim.CreateHorizontalApertureAttr(camera.filmback.width_mm)
    prim.CreateVerticalApertureAttr(camera.filmback.height_mm)


def _sun(stage: Any, place: str, sun: Sun) -> None:
    _groups(stage, place)
    light = UsdLux.DistantLight.Define(stage, place)
    peak = max(*sun.illuminance, 1e-6)
    light.CreateIntensityAttr(peak * math.pi)  # a white card facing it then reads `illuminance`
    light.CreateColorAttr(Gf.Vec3f(*(float(v / peak) for v in sun.illuminance)))
    light.CreateAngleAttr(0.53)
    spin = UsdGeom.Xformable(light)
    spin.AddRotateYOp().Set(180.0 - sun.azimuth_deg)
    spin.AddRotateXOp().Set(-sun.elevation_deg)


def _save(layer: Any, path: Path) -> None:
    try:
        with whole_file(path) as temporary:
            layer.Export(str(temporary))
    except (Tf.ErrorException, RuntimeError) as error:
        said = str(error).strip().splitlines() or ["unknown"]
        raise BackendError(f"USD could not write {path}: {said[0][:160]}", fix="check the folder") from error
