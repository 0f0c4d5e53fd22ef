import json
import os
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdShade, UsdUtils

from secondunit.media.usd import prim_name
from secondunit.prep.sets.brief import Design, Dressing, Plot, SetBrief
from secondunit.prep.sets.build import BuiltSet, build_set
from secondunit.prep.sets.gltf import write_glb
from secondunit.prep.sets.options import option_brief
from secondunit.prep.sets.palettes import linear_rec709, material_named, palette
from secondunit.prep.sets.usd import write_option_usd, write_set_usd

VALIDATOR = "gltf-validator@2.0.0-dev.3.10"


def brief() -> SetBrief:
    return SetBrief(
        name="AV. CORRIENTES, BLOCK 1200",
        plot=Plot(length_m=28.0, depth_m=12.0),
        design=Design(storeys=3, wear=0.9, period="1910"),
        dressing=Dressing(cars=0.5),
    )


@pytest.fixture(scope="module")
def built() -> BuiltSet:
    return build_set(brief())


@pytest.fixture(scope="module")
def folder(built: BuiltSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("set")
    write_option_usd(place / "option_1.usdc", built)
    write_option_usd(place / "option_2.usdc", build_set(option_brief(brief(), 2)))
    write_set_usd(place / "set.usda", {"option_1": "option_1.usdc", "option_2": "option_2.usdc"}, name="x")
    write_glb(place / "option_1.glb", built)
    return place


def complaints(file: Path) -> list[str]:
    if hasattr(UsdUtils, "ComplianceChecker"):  # until usd-core 25
        checker = UsdUtils.ComplianceChecker()
        checker.CheckCompliance(str(file))
        return [*checker.GetErrors(), *checker.GetFailedChecks(), *checker.GetWarnings()]
    validation = pytest.importorskip("pxr.UsdValidation")
    context = validation.ValidationContext(validation.ValidationRegistry().GetOrLoadAllValidators())
    return [error.GetMessage() for error in context.Validate(Usd.Stage.Open(str(file)))]


@pytest.mark.parametrize("name", ["option_1.usdc", "option_2.usdc", "set.usda"])
def test_usds_own_validators_have_nothing_to_say(folder: Path, name: str) -> None:
    assert complaints(folder / name) == []


def test_the_usd_check_can_fail(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "option_1.usdc", tmp_path / "bad.usdc")
    stage = Usd.Stage.Open(str(tmp_path / "bad.usdc"))
    mesh = next(p for p in stage.Traverse() if p.IsA(UsdGeom.Mesh))
    UsdGeom.Mesh.Define(stage, mesh.GetPath().AppendChild("inside"))
    stage.GetRootLayer().Save()
    assert complaints(tmp_path / "bad.usdc")


def test_usd_holds_metres_kinds_names_and_instances(folder: Path, built: BuiltSet) -> None:
    stage = Usd.Stage.Open(str(folder / "option_1.usdc"))
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert UsdGeom.GetStageUpAxis(stage) == "Y"
    assert Usd.ModelAPI(stage.GetDefaultPrim()).GetKind() == "assembly"
    lot = stage.GetPrimAtPath("/set/buildings/lot_01")
    assert Usd.ModelAPI(lot).GetKind() == "component"
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default"])
    size = cache.ComputeWorldBound(stage.GetPrimAtPath("/set/buildings")).ComputeAlignedRange().GetSize()
    low, high = np.inf, -np.inf
    for box in built.boxes:
        low, high = min(low, box.corner_m[0]), max(high, box.corner_m[0] + box.width_m)
    assert high - low <= size[0] <= high - low + 3.2
    instances = [p for p in stage.Traverse() if p.IsInstance()]
    assert len(instances) == len(built.placements)
    assert len(stage.GetPrototypes()) == len(built.prototypes)
    drawn = sum(
        len(UsdGeom.Mesh(p).GetFaceVertexCountsAttr().Get())
        for p in stage.Traverse(Usd.TraverseInstanceProxies())
        if p.IsA(UsdGeom.Mesh)
    )
    assert drawn == built.triangles


def test_every_mesh_has_a_material_that_says_its_colour(folder: Path) -> None:
    stage = Usd.Stage.Open(str(folder / "set.usda"))
    for prim in stage.Traverse(Usd.TraverseInstanceProxies()):
        if prim.IsA(UsdGeom.Mesh):
            material, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()
            shader = UsdShade.Shader(material.GetPrim().GetChild("surface"))
            assert shader.GetIdAttr().Get() == "UsdPreviewSurface"
            assert shader.GetInput("diffuseColor").Get() is not None, material.GetPath()


def test_the_palette_variant_paints_and_the_wear_variant_mends(folder: Path) -> None:
    stage = Usd.Stage.Open(str(folder / "option_1.usdc"))
    root = stage.GetDefaultPrim()
    colour = stage.GetPrimAtPath("/set/materials/trim/surface").GetAttribute("inputs:diffuseColor")
    for name in ("piedra paris", "fileteado"):
        root.GetVariantSet("palette").SetVariantSelection(prim_name(name))
        wanted = linear_rec709(material_named("trim", palette(name)).base_color)
        np.testing.assert_allclose(colour.Get(), wanted, atol=1e-6)

    def seen() -> int:
        return sum(
            UsdGeom.Imageable(p).ComputeVisibility() != "invisible" for p in stage.Traverse() if p.IsA(UsdGeom.Mesh)
        )

    worn = seen()
    root.GetVariantSet("wear").SetVariantSelection("none")
    assert seen() < worn


def test_the_option_variant_brings_another_set(folder: Path) -> None:
    stage = Usd.Stage.Open(str(folder / "set.usda"))
    root = stage.GetDefaultPrim()
    marks = set()
    for name in root.GetVariantSet("option").GetVariantNames():
        root.GetVariantSet("option").SetVariantSelection(name)
        marks.add(root.GetCustomDataByKey("secondunit:digest"))
    assert len(marks) == 2


def parsed(path: Path) -> tuple[dict, bytes]:
    data = path.read_bytes()
    magic, version, total = struct.unpack("<4sII", data[:12])
    assert (magic, version, total) == (b"glTF", 2, len(data))
    length, kind = struct.unpack("<I4s", data[12:20])
    assert kind == b"JSON"
    return json.loads(data[20 : 20 + length]), data[28 + length :]


def test_gltf_holds_every_triangle_once_and_every_place(folder: Path, built: BuiltSet) -> None:
    body, binary = parsed(folder / "option_1.glb")
    assert body["buffers"][0]["byteLength"] == len(binary)
    placed = [n for n in body["nodes"] if "matrix" in n and "mesh" in n]
    assert len(placed) == len(built.placements)
    assert any(n["name"].startswith("buildings/lot_01") for n in body["nodes"])
    stored = sum(body["accessors"][p["indices"]]["count"] // 3 for m in body["meshes"] for p in m["primitives"])
    assert 0.98 * built.triangles_stored <= stored <= built.triangles_stored
    assert {c["name"] for c in body["cameras"]} == set(built.cameras)


@pytest.fixture(scope="session")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Khronos validator as npm carries it; SECONDUNIT_GLTF_VALIDATOR names a folder that has it already."""
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    said = os.environ.get("SECONDUNIT_GLTF_VALIDATOR")
    if said:
        return Path(said)
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    place = tmp_path_factory.mktemp("npm")
    done = subprocess.run(
        ["npm", "install", "--prefix", str(place), "--no-audit", "--no-fund", VALIDATOR],
        capture_output=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        pytest.skip(f"npm cannot fetch {VALIDATOR}")
    return place / "node_modules/gltf-validator"


def issues(validator: Path, file: Path) -> dict:
    code = (
        f"require({json.dumps(str(validator))}).validateBytes(new Uint8Array(require('fs').readFileSync("
        f"{json.dumps(str(file))}))).then(r => console.log(JSON.stringify(r.issues)))"
    )
    done = subprocess.run(["node", "-e", code], capture_output=True, check=True, text=True, timeout=60)
    return json.loads(done.stdout)


def test_the_khronos_validator_has_nothing_to_say(folder: Path, validator: Path, tmp_path: Path) -> None:
    found = issues(validator, folder / "option_1.glb")
    assert (found["numErrors"], found["numWarnings"], found["numInfos"]) == (0, 0, 0), found["messages"][:5]
    data = bytearray((folder / "option_1.glb").read_bytes())
    at = data.index(b'"max":[') + 7
    data[at : at + 1] = b"9"
    (tmp_path / "bad.glb").write_bytes(data)
    assert issues(validator, tmp_path / "bad.glb")["numErrors"] > 0  # the check can fail


def test_names_that_are_no_ascii_pass(tmp_path: Path) -> None:
    made = build_set(
        SetBrief(name="ПЛОЩАДЬ «МАЯК» & CO", plot=Plot(length_m=20.0, depth_m=10.0), design=Design(storeys=1))
    )
    write_option_usd(tmp_path / "o.usdc", made)
    write_glb(tmp_path / "o.glb", made)
    assert complaints(tmp_path / "o.usdc") == []
    assert parsed(tmp_path / "o.glb")[0]["scenes"][0]["name"] == "ПЛОЩАДЬ «МАЯК» & CO"
    from secondunit.prep.sets.drawings import draw_set
    from secondunit.prep.sets.sheet import write_svg

    write_svg(tmp_path / "o.svg", draw_set(made)[0])
    words = [t.text for t in ET.parse(tmp_path / "o.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert "ПЛОЩАДЬ «МАЯК» & CO" in words
