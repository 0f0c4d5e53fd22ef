"""The avenue: a Buenos Aires block of party-wall buildings, lot by lot, and its street."""

from dataclasses import replace

import numpy as np

from secondunit.core.layout import Box
from secondunit.prep.sets.assembly import Assembly, Frame, Pen
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.sets.building import Surroundings, raise_building
from secondunit.prep.sets.cars import park
from secondunit.prep.sets.grammar import Facade
from secondunit.prep.sets.kit import Built, Dimension
from secondunit.prep.sets.lot import PAVEMENT_M, Lot
from secondunit.prep.sets.palettes import KEPT, kept_materials, palette
from secondunit.prep.sets.parcel import parcel
from secondunit.prep.sets.street import lay_street
from secondunit.prep.stage.geometry import Mesh


def build_avenue(assembly: Assembly, brief: SetBrief) -> Built:
    """Build the kit's block and street into an assembly."""
    rng = np.random.default_rng([brief.seed, 0xA7E])
    lots = parcel(brief)
    boxes, dimensions = [], []
    for number, lot in enumerate(lots):
        if lot.storeys < 1:
            _open_lot(assembly.pen(f"buildings/{lot.slug}", Frame()), lot)
            continue
        front = _raise(assembly, Frame(), lots, number, brief)
        boxes.append(_box(lot, front))
        dimensions += [
            Dimension(name=lot.name, from_m=s.base_m, to_m=s.top_m, at_m=lot.x0, upright=True) for s in front.storeys
        ]
    if brief.plot.sides == 2:
        across = Frame(origin=(brief.plot.length_m, 0.0, brief.plot.street_width_m), along=(-1.0, 0.0))
        other = parcel(brief, side=1)
        there = replace(brief, seed=brief.seed + 7919)
        for number, lot in enumerate(other):
            if lot.storeys > 0:
                lot = replace(lot, name=f"across_{number + 1:02d}")
                others = (*other[:number], lot, *other[number + 1 :])
                front = _raise(assembly, across, others, number, there)
                boxes.append(_box(lot, front, frame=across, neighbour=True))
    lay_street(assembly, brief, rng)
    park(assembly, brief, np.random.default_rng([brief.seed, 0xCA5]))
    lengths = [Dimension(name=lot.name, from_m=lot.x0, to_m=lot.x1) for lot in lots]
    return Built(
        boxes=tuple(boxes), lots=lots, dimensions=(*lengths, *dimensions),
        height_m=max((b.height_m for b in boxes), default=4.0),
    )  # fmt: skip


def _raise(assembly: Assembly, frame: Frame, lots: tuple[Lot, ...], number: int, brief: SetBrief) -> Facade:
    lot = lots[number]
    left = lots[number - 1].wall_height_m if number > 0 and lots[number - 1].storeys else 0.0
    right = lots[number + 1].wall_height_m if number + 1 < len(lots) and lots[number + 1].storeys else 0.0
    design = brief.design
    around = Surroundings(
        left_m=left, right_m=right, wear=design.wear, density=design.density, awnings=brief.dressing.awnings
    )
    if not lot.kept:
        return raise_building(assembly, frame, lot, around)
    # A kept lot is built apart, from values that no option changes, and painted with materials of its own.
    apart = Assembly()
    held = Surroundings(left_m=60.0, right_m=60.0, wear=0.25, density=0.7, awnings=0.5)
    front = raise_building(apart, frame, lot, held)
    keep = next(k for k in brief.keep if k.name == lot.name)
    tag = f"{KEPT}{lot.slug}"

    def own(mesh: Mesh) -> Mesh:
        return Mesh(
            path=mesh.path,
            points=mesh.points,
            triangles=mesh.triangles,
            material=f"{mesh.material}{tag}",
            normals=mesh.normals,
        )

    assembly.solids += [own(mesh) for mesh in apart.meshes()]
    renamed = {}
    for key, prototype in apart.prototypes.items():
        renamed[id(prototype)] = replace(
            prototype, name=f"{prototype.name}_{lot.slug}", meshes=tuple(own(m) for m in prototype.meshes)
        )
        assembly.prototypes[(*key, lot.slug)] = renamed[id(prototype)]
    assembly.placements += [replace(p, prototype=renamed[id(p.prototype)]) for p in apart.placements]
    used = {m.material for m in assembly.solids if m.material.endswith(tag)}
    used |= {m.material for p in renamed.values() for m in p.meshes}
    assembly.materials += kept_materials(sorted(used), palette(keep.palette or brief.home_palette))
    return front


def _box(lot: Lot, front: Facade, *, frame: Frame | None = None, neighbour: bool = False) -> Box:
    place = frame or Frame()
    x, _, z = place.world(lot.x0, 0.0, 0.0)
    return Box(
        name=lot.name, kind="neighbour" if neighbour else "building", corner_m=(x, 0.0, z),
        yaw_deg=place.yaw_deg + 0.0, width_m=lot.width_m, height_m=round(PAVEMENT_M + lot.wall_height_m, 3),
        depth_m=lot.depth_m, floors=lot.storeys, bays=len(front.storeys[-1].bays),
        bays_deep=max(1, round(lot.depth_m / 5.0)), window_ratio=round(min(0.9, front.glass_share), 3),
    )  # fmt: skip


def _open_lot(pen: Pen, lot: Lot) -> None:
    """Lay an open lot: nothing higher than the pavement, so that a sight line passes."""
    pen.at("ground").floor("soil", lot.x0, lot.x1, -lot.depth_m, 0.0, 0.1)
