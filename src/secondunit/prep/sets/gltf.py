"""A set as binary glTF 2.0 for the browser: named nodes, shared meshes, materials, cameras. Metres, Y up.

Khronos, "glTF 2.0 Specification" (2021). Flat faces carry no normals: a reader makes them flat, as 3.7.2.1 asks.
"""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondunit.media.atomic import whole_file
from secondunit.prep.sets.build import BuiltSet
from secondunit.prep.sets.palettes import linear_rec709
from secondunit.prep.stage.geometry import Mesh

_FLOAT, _U16, _U32 = 5126, 5123, 5125
_POINTS, _INDICES = 34962, 34963


class _Document:
    """The JSON and the binary chunk while they grow."""

    def __init__(self) -> None:
        self.binary = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self.meshes: list[dict[str, Any]] = []
        self.nodes: list[dict[str, Any]] = []

    def accessor(self, data: NDArray[Any], kind: str, component: int, target: int, *, bounds: bool = False) -> int:
        """Append an array; return its accessor."""
        self.binary += b"\0" * (-len(self.binary) % 4)
        raw = np.ascontiguousarray(data).tobytes()
        self.views.append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(raw), "target": target})
        self.binary += raw
        made: dict[str, Any] = {
            "bufferView": len(self.views) - 1,
            "componentType": component,
            "count": len(data),
            "type": kind,
        }
        if bounds:
            made |= {"min": [float(v) for v in data.min(axis=0)], "max": [float(v) for v in data.max(axis=0)]}
        self.accessors.append(made)
        return len(self.accessors) - 1

    def mesh(self, name: str, parts: tuple[Mesh, ...], materials: dict[str, int]) -> int:
        """Append a mesh of one primitive for each part."""
        primitives = []
        for part in parts:
            points, triangles, normals = _welded(part)
            if not len(triangles):
                continue
            attributes = {"POSITION": self.accessor(points, "VEC3", _FLOAT, _POINTS, bounds=True)}
            if normals is not None:
                attributes["NORMAL"] = self.accessor(normals, "VEC3", _FLOAT, _POINTS)
            small = len(points) < 65535
            numbers = triangles.reshape(-1).astype(np.uint16 if small else np.uint32)
            index = self.accessor(numbers, "SCALAR", _U16 if small else _U32, _INDICES)
            primitives.append({"attributes": attributes, "indices": index, "material": materials[part.material]})
        self.meshes.append({"name": name, "primitives": primitives})
        return len(self.meshes) - 1

    def node(self, name: str, **more: Any) -> int:
        """Append a node."""
        self.nodes.append({"name": name, **more})
        return len(self.nodes) - 1


def _welded(mesh: Mesh) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32] | None]:
    """Points that are the same become one; triangles without area, which validators count, go."""
    rows = mesh.points if mesh.normals is None else np.concatenate([mesh.points, mesh.normals], axis=1)
    rows = np.asarray(rows, np.float32) + np.float32(0.0)  # no negative zeros
    unique, back = np.unique(rows, axis=0, return_inverse=True)
    triangles = back.reshape(-1)[mesh.triangles.astype(np.int64)]
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    triangles = triangles[(a != b) & (b != c) & (c != a)]
    used, triangles = np.unique(triangles, return_inverse=True)
    unique = unique[used]
    points = np.ascontiguousarray(unique[:, :3])
    normals = None
    if mesh.normals is not None:
        n = unique[:, 3:].astype(np.float64)
        normals = np.asarray(n / np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-9), np.float32)
    return points, triangles.reshape(-1, 3), normals


def write_glb(path: Path, built: BuiltSet) -> None:
    """Write a built set as ``.glb``.

    Raises
    ------
    BriefError
        The folder cannot be written.
    """
    document = _Document()
    used = {m.material for m in built.singles} | {m.material for p in built.prototypes for m in p.meshes}
    materials = [m for m in built.stage.materials if m.name in used]
    number = {m.name: n for n, m in enumerate(materials)}
    groups: dict[str, list[int]] = {}
    for mesh in built.singles:
        made = document.mesh(mesh.path, (mesh,), number)
        if document.meshes[made]["primitives"]:
            groups.setdefault(_group(mesh.path), []).append(document.node(mesh.path, mesh=made))
        else:
            document.meshes.pop()
    shared = {id(p): document.mesh(p.name, p.meshes, number) for p in built.prototypes}
    for placement in built.placements:
        matrix = [float(v) for v in (placement.transform.T + 0.0).reshape(-1)]
        node = document.node(placement.path, mesh=shared[id(placement.prototype)], matrix=matrix)
        groups.setdefault(_group(placement.path), []).append(node)
    tops: dict[str, list[int]] = {}
    for name, children in groups.items():
        tops.setdefault(name.split("/")[0], []).append(document.node(name, children=children))
    scene = [document.node(name, children=children) for name, children in tops.items()]
    cameras = []
    for number_, (name, camera) in enumerate(built.cameras.items()):
        back = camera.filmback
        cameras.append(
            {
                "name": name,
                "type": "perspective",
                "perspective": {
                    "yfov": 2 * math.atan(0.5 * back.height_mm / camera.focal_length_mm),
                    "aspectRatio": back.width_mm / back.height_mm,
                    "znear": 0.1,
                    "zfar": 10000.0,
                },
            }
        )
        turn = np.eye(4)
        turn[:3, :3], turn[:3, 3] = np.array(camera.rotation), camera.position_m
        scene.append(document.node(f"camera/{name}", camera=number_, matrix=[float(v) for v in turn.T.reshape(-1)]))
    body: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "Second Unit", "extras": {"digest": built.digest}},
        "scene": 0,
        "scenes": [{"name": built.brief.name, "nodes": scene}],
        "nodes": document.nodes,
        "meshes": document.meshes,
        "materials": [
            {
                "name": m.name,
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*linear_rec709(m.base_color), 1.0],
                    "metallicFactor": m.metallic,
                    "roughnessFactor": m.roughness,
                },
                "doubleSided": m.name.startswith(("leaf", "signal", "steel", "iron")),
            }
            for m in materials
        ],
        "cameras": cameras,
        "accessors": document.accessors,
        "bufferViews": document.views,
        "buffers": [{"byteLength": len(document.binary) + (-len(document.binary) % 4)}],
    }
    with whole_file(path) as temporary:
        temporary.write_bytes(_packed(body, bytes(document.binary)))


def _group(path: str) -> str:
    return "/".join(path.split("/")[:2])


def _packed(body: dict[str, Any], binary: bytes) -> bytes:
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    total = 12 + 8 + len(text) + 8 + len(binary)
    return b"".join(
        (struct.pack("<4sII", b"glTF", 2, total), struct.pack("<I4s", len(text), b"JSON"), text,
         struct.pack("<I4s", len(binary), b"BIN\0"), binary)
    )  # fmt: skip
