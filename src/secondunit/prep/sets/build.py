"""From a brief to a built set: the one call that boards, previs and the collapse make."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera
from secondunit.core.layout import Box
from secondunit.core.recipe import digest
from secondunit.prep.sets.assembly import Assembly, Placement, Prototype
from secondunit.prep.sets.avenue import build_avenue
from secondunit.prep.sets.brief import SetBrief, SightLine
from secondunit.prep.sets.constraints import Held, check_constraints, clear_sight_lines
from secondunit.prep.sets.kit import Built, Dimension
from secondunit.prep.sets.lot import Lot
from secondunit.prep.sets.modern import build_modern
from secondunit.prep.sets.palettes import KEPT, material_named, palette
from secondunit.prep.sets.views import set_cameras
from secondunit.prep.sets.yard import build_yard
from secondunit.prep.stage.geometry import Material, Mesh, Stage, placed

VERSION = 1
"""Raised whenever the same brief makes another set."""

_KITS = {"avenue": build_avenue, "modern": build_modern, "yard": build_yard}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BuiltSet:
    """A set in metres: what stands where, and what was promised of it."""

    brief: SetBrief
    stage: Stage
    digest: str
    """Of brief, generator version and geometry to 0.1 mm: the same brief gives the same digest."""
    boxes: tuple[Box, ...]
    """Buildings for the collapse, floors and bays as their fronts have them."""
    lots: tuple[Lot, ...]
    sight_lines: tuple[SightLine, ...]
    held: tuple[Held, ...]
    """Every constraint with what was measured."""
    dimensions: tuple[Dimension, ...]
    """Lengths that drawings give."""
    cameras: Mapping[str, Camera]
    singles: tuple[Mesh, ...]
    """What stands once."""
    prototypes: tuple[Prototype, ...]
    placements: tuple[Placement, ...]
    kept_digests: Mapping[str, str] = field(default_factory=dict)
    """Geometry of each kept lot: equal in all options."""

    @property
    def triangles(self) -> int:
        """Triangles as rendered."""
        return self.stage.triangle_count

    @property
    def triangles_stored(self) -> int:
        """Triangles as files hold them: each prototype once."""
        return sum(len(m.triangles) for m in self.singles) + sum(p.triangles for p in self.prototypes)


def build_set(brief: SetBrief) -> BuiltSet:
    """Build a set.

    Raises
    ------
    BriefError
        A constraint cannot be kept; the message names it.
    """
    assembly = Assembly()
    built = _KITS[brief.kit](assembly, brief)
    clear_sight_lines(assembly, brief)
    singles = tuple(assembly.meshes())
    stage = Stage(parts=assembly.parts(), materials=_materials(assembly, singles, brief), ground="ground")
    held = check_constraints(brief, built, stage, assembly.part_names())
    used = {id(p.prototype) for p in assembly.placements}
    return BuiltSet(
        brief=brief, stage=stage, digest=_digest(brief, stage), boxes=built.boxes, lots=built.lots,
        sight_lines=brief.sight_lines, held=held, dimensions=built.dimensions,
        cameras=set_cameras(brief, _corners(stage, assembly.part_names())),
        singles=singles, prototypes=tuple(p for p in assembly.prototypes.values() if id(p) in used),
        placements=tuple(assembly.placements), kept_digests=_kept(stage, built),
    )  # fmt: skip


def _corners(stage: Stage, names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the corners of what is built on the plot, for cameras to frame."""
    found = []
    for part, name in zip(stage.parts, names, strict=True):
        if name.startswith(("buildings/", "works/")) and len(part.mesh.points):
            p = placed(part.mesh.points, part.transform)
            found += [p.min(axis=0), p.max(axis=0)]
    p = np.array(found or [(0.0, 0.0, 0.0), (10.0, 5.0, -10.0)])
    return np.array(
        [
            (x, y, z)
            for x in (p[:, 0].min(), p[:, 0].max())
            for y in (0.0, p[:, 1].max())
            for z in (p[:, 2].min(), p[:, 2].max())
        ]
    )


def _materials(assembly: Assembly, singles: tuple[Mesh, ...], brief: SetBrief) -> tuple[Material, ...]:
    names = {m.material for m in singles}
    names |= {m.material for p in assembly.placements for m in p.prototype.meshes} | {"ground"}
    painted = palette(brief.design.palette)
    known = {m.name: m for m in assembly.materials}
    return tuple(known.get(name) or material_named(name, painted) for name in sorted(names))


def _digest(brief: SetBrief, stage: Stage) -> str:
    spun = hashlib.sha256()
    shapes: dict[int, bytes] = {}
    for part in stage.parts:
        mesh = part.mesh
        if id(mesh) not in shapes:
            shapes[id(mesh)] = geometry_print(mesh)
        spun.update(shapes[id(mesh)])
        spun.update(np.rint(part.transform * 1e4).astype(np.int64).tobytes())
    told = replace(brief, direction="")
    return digest({"version": VERSION, "brief": told, "geometry": spun.hexdigest()})


def geometry_print(mesh: Mesh) -> bytes:
    """Return a digest of a mesh's shape to 0.1 mm, its material and its name."""
    spun = hashlib.sha256(f"{mesh.path}\0{mesh.material}\0".encode())
    spun.update(np.rint(mesh.points * 1e4).astype(np.int64).tobytes())
    spun.update(mesh.triangles.tobytes())
    return spun.digest()


def _kept(stage: Stage, built: Built) -> dict[str, str]:
    found = {}
    for lot in built.lots:
        if lot.kept:
            spun = hashlib.sha256()
            painted: set[str] = set()
            for part in stage.parts:
                if f"{KEPT}{lot.slug}" in part.mesh.material:
                    spun.update(geometry_print(part.mesh))
                    spun.update(np.rint(part.transform * 1e4).astype(np.int64).tobytes())
                    painted.add(part.mesh.material)
            colours = sorted(
                (m.name, m.base_color, m.roughness, m.metallic) for m in stage.materials if m.name in painted
            )
            found[lot.name] = digest({"geometry": spun.hexdigest(), "materials": colours})
    return found
