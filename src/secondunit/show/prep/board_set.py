"""The approved set of a shot, moved so that the action plays where a board stages it."""

from functools import lru_cache

from secondunit.prep.previs.set_scene import scene_of
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.sets.build import build_set
from secondunit.prep.stage.geometry import Mesh, Part, Stage, translation
from secondunit.show.prep.set_approval import approved_brief
from secondunit.show.store.show import Show

_KERB_TO_ACTION_M = 2.2
"""The action plays this far out from the kerb, the block behind it."""


def approved_set(show: Show, name: str) -> SetBrief | None:
    """Return the brief of a set that was approved, or None where none is.

    Raises
    ------
    BriefError, StoreError
        The set is no longer what was approved.
    """
    return approved_brief(show, name) if name.strip() else None


@lru_cache(maxsize=1)
def set_stage(brief: SetBrief) -> Stage:
    """Return a set built, its parts named in full below ``set/``, the action's place at the origin."""
    scene = scene_of(build_set(brief), approved=True)
    plot = brief.plot
    shift = translation(-plot.length_m / 2, 0.0, -(plot.pavement_m + _KERB_TO_ACTION_M))
    parts = []
    for part, name in zip(scene.stage.parts, scene.names, strict=True):
        m = part.mesh
        mesh = Mesh(
            path=f"set/{name}",
            points=m.points,
            triangles=m.triangles,
            material=m.material,
            uv=m.uv,
            normals=m.normals,
            wild=m.wild,
        )
        parts.append(Part(mesh=mesh, transform=shift @ part.transform))
    return Stage(parts=tuple(parts), materials=scene.stage.materials, ground=scene.stage.ground)
