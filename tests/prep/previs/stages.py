"""Small stages that the tests of previs play on."""

import numpy as np

from secondunit.core.layout import Box
from secondunit.prep.previs.proxy import RigidPieces
from secondunit.prep.previs.set_scene import SetScene
from secondunit.prep.stage.geometry import Material, Part, Stage, box

GREY = Material(name="grey", base_color=(0.4, 0.4, 0.4))
GLASS = Material(name="glass", base_color=(0.1, 0.1, 0.1), glass=True)
HOUSE = Box(name="lot_01", corner_m=(-4.0, 0.0, 0.0), yaw_deg=0.0, width_m=8.0, height_m=9.0, depth_m=6.0, floors=3)
NEXT = Box(name="lot_02", corner_m=(4.0, 0.0, 0.0), yaw_deg=0.0, width_m=6.0, height_m=6.0, depth_m=6.0, floors=2)


def small_set() -> SetScene:
    """A house, the one beside it, and a lamp post on the pavement."""
    parts = (
        Part(mesh=box("buildings/lot_01/walls", (8.0, 9.0, 6.0), "grey", at=(0.0, 0.0, -3.0))),
        Part(mesh=box("buildings/lot_01/window", (1.0, 1.2, 0.1), "glass", at=(0.0, 4.0, 0.0))),
        Part(mesh=box("buildings/lot_02/walls", (6.0, 6.0, 6.0), "grey", at=(7.0, 0.0, -3.0))),
        Part(mesh=box("street/near/pavement", (30.0, 0.15, 3.0), "grey", at=(0.0, 0.0, 1.5))),
        Part(mesh=box("street/near/lamp_01", (0.2, 4.0, 0.2), "grey", at=(-2.0, 0.0, 2.6))),
    )
    names = tuple(p.mesh.path for p in parts)
    stage = Stage(parts=parts, materials=(GREY, GLASS), ground="grey")
    return SetScene(name="SMALL STREET", stage=stage, names=names, boxes=(HOUSE, NEXT), digest="0" * 64)


def two_pieces(first_frame: int = 1001, frames: int = 8, start: int = 1004) -> RigidPieces:
    """The house cut into a left and a right half: the left falls a metre a frame, the right stays."""
    halves = [box("half", (4.0, 9.0, 6.0), "grey", at=(x, 0.0, -3.0)) for x in (-2.0, 2.0)]
    points = np.concatenate([h.points for h in halves]).astype(np.float64)
    count = len(halves[0].points)
    triangles = np.concatenate([halves[0].triangles, halves[1].triangles + count])
    centre = np.array([[-2.0, 4.5, -3.0], [2.0, 4.5, -3.0]])
    position = np.repeat(centre[None], frames, axis=0)
    for n in range(frames):
        position[n, 0, 1] -= max(first_frame + n - start, 0)
    # The faces that look at each other are broken, the rest is the house's own outside.
    middle = points[triangles].mean(axis=1)
    return RigidPieces(
        first_frame=first_frame,
        start_frame=start,
        box="lot_01",
        points=points,
        triangles=triangles.astype(np.int32),
        outer=np.abs(middle[:, 0]) > 1e-6,
        owner=np.repeat(np.array([0, 1], np.int32), count),
        centre=centre,
        position=position,
        quaternion=np.tile([1.0, 0.0, 0.0, 0.0], (frames, 2, 1)),
    )
