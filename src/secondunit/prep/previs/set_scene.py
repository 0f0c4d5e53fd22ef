"""The set as previs needs it: few large meshes, each known by what it belongs to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.core.layout import Box
from secondunit.prep.sets.build import BuiltSet
from secondunit.prep.stage.geometry import Material, Part, Stage, merge

Floats = NDArray[np.float64]
BARE_GROUND = Material(name="bare_ground", base_color=(0.23, 0.225, 0.215))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetScene:
    """A set, with the full name of each of its parts."""

    name: str
    stage: Stage
    """Its parts in the set's own order."""
    names: tuple[str, ...]
    """Semantic path of each part in the whole: ``buildings/lot_03/floor_02/window_04/glass``."""
    boxes: tuple[Box, ...] = ()
    digest: str = ""
    north_deg: float = 0.0
    """Compass bearing of -Z as the set has it."""
    approved: bool = False


def scene_of(built: BuiltSet, *, approved: bool) -> SetScene:
    """Return a built set as a scene."""
    names = [mesh.path for mesh in built.singles]
    names += [f"{p.path}/{mesh.path.split('/', 1)[-1]}" for p in built.placements for mesh in p.prototype.meshes]
    return SetScene(
        name=built.brief.name,
        stage=built.stage,
        names=tuple(names),
        boxes=built.boxes,
        digest=built.digest,
        # A plot says where north is, positive towards +X; a bearing says where -Z looks.
        north_deg=(-built.brief.plot.north_deg) % 360,
        approved=approved,
    )


def bare_scene() -> SetScene:
    """Return a floor without a set."""
    stage = Stage(parts=(), materials=(BARE_GROUND,), ground=BARE_GROUND.name)
    return SetScene(name="", stage=stage, names=(), digest=hashlib.sha256(b"bare").hexdigest())


def group_of(name: str) -> str:
    """Return what a part belongs to: a building by its lot, a tree, a lamp, a car, a stretch of pavement.

    >>> group_of("buildings/lot_03/floor_02/window_04/glass"), group_of("street/near/plane_tree_02/leaves")
    ('buildings/lot_03', 'street/near/plane_tree_02')
    """
    steps = name.split("/")
    return "/".join(steps[: 2 if steps[0] == "buildings" else 3])


def gathered(parts: Sequence[Part], names: Sequence[str]) -> list[Part]:
    """Return parts merged by what they belong to and what they are made of, in the order they first come."""
    together: dict[tuple[str, str], list[Part]] = {}
    for part, name in zip(parts, names, strict=True):
        if len(part.mesh.triangles):
            together.setdefault((group_of(name), part.mesh.material), []).append(part)
    return [
        Part(mesh=merge(f"{group}/{material}", [p.mesh for p in some], [p.transform for p in some]))
        for (group, material), some in together.items()
    ]


def belongs(name: str, box: str) -> bool:
    """Whether a part is of the building that a box stands for."""
    return name.startswith((f"buildings/{box}/", f"{box}/"))
