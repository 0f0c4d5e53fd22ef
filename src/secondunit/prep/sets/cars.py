"""Parked vehicles of a set."""

from functools import lru_cache
from typing import Final

import numpy as np

from secondunit.prep.sets.assembly import Assembly, Frame, Prototype
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.sets.palettes import albedo
from secondunit.prep.stage.geometry import Material, Mesh, merge
from secondunit.prep.stage.vehicles import build_vehicle

PAINTS: Final = ("#8f9497", "#2b2f33", "#d4d2cb", "#7a2a26", "#2e4763", "#b59b62")


def vehicle(assembly: Assembly, kind: str, paint: int) -> Prototype:
    """Return a vehicle in one of six paints; it heads along +X of the frame it is placed in."""
    number = paint % len(PAINTS)
    key = ("vehicle", kind, number)
    if key not in assembly.prototypes:
        meshes, materials = _made(kind, number)
        known = {m.name for m in assembly.materials}
        assembly.materials += [m for m in materials if m.name not in known]
        assembly.prototypes[key] = Prototype(name=f"vehicle_{kind}_{number}", meshes=meshes)
    return assembly.prototypes[key]


@lru_cache(maxsize=64)
def _made(kind: str, paint: int) -> tuple[tuple[Mesh, ...], tuple[Material, ...]]:
    stage = build_vehicle(f"{kind}_{paint}", kind, heading_deg=90.0, paint=albedo(PAINTS[paint]))
    meshes = []
    for stuff in dict.fromkeys(p.mesh.material for p in stage.parts):
        those = [p for p in stage.parts if p.mesh.material == stuff]
        meshes.append(merge(f"vehicle/{stuff}", [p.mesh for p in those], [p.transform for p in those]))
    wanted = {m.material for m in meshes}
    return tuple(meshes), tuple(m for m in stage.materials if m.name in wanted)


def park(assembly: Assembly, brief: SetBrief, rng: np.random.Generator) -> None:
    """Park cars and vans along both kerbs, away from the crossings."""
    plot, share = brief.plot, brief.dressing.cars
    rows = ((plot.pavement_m + 1.15, 0.0, "near"), (plot.street_width_m - plot.pavement_m - 1.15, 180.0, "far"))
    for z, turn, name in rows:
        pen = assembly.pen(f"street/{name}", Frame())
        at = 9.0
        while at < plot.length_m - 9.0:
            if rng.random() < 0.62 * share:
                kind = "van" if rng.random() < 0.14 else "car"
                one = vehicle(assembly, kind, int(rng.integers(0, len(PAINTS))))
                pen.place(
                    "parked",
                    one,
                    at,
                    0.0,
                    z + float(rng.uniform(-0.08, 0.08)),
                    turn_deg=turn + float(rng.uniform(-1.2, 1.2)),
                )
            at += 6.4
