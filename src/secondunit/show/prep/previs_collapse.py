"""The collapse for a previs: the engine of the final shot with few pieces, kept in the cache."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.collapse import Collapse
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout
from secondunit.core.recipe import Recipe
from secondunit.fx.fracture.breaking import break_building
from secondunit.fx.fracture.pieces import KINDS, Pieces
from secondunit.fx.rigid.motion import Motion
from secondunit.fx.rigid.simulate import simulate
from secondunit.prep.previs.brief import CollapseBrief
from secondunit.prep.previs.proxy import RigidPieces
from secondunit.show.store.cache import StageCache

PIECES, MOTION = "pieces.npz", "motion.npz"
VERSION = 1
PREVIS_PIECES = 480
"""Pieces of a previs collapse: the shot's own number is for pixels, this one for timing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrevisCollapse:
    """A building that comes down, and the recipe that says how."""

    pieces: RigidPieces
    digest: str


def falling_box(said: CollapseBrief, boxes: tuple[Box, ...]) -> Box:
    """Return the box that comes down.

    Raises
    ------
    BriefError
        The set has no building, or none of that name.
    """
    buildings = [b for b in boxes if b.kind == "building"]
    if not buildings:
        raise BriefError("[collapse]: the set has no building that could come down", fix="take [collapse] out")
    if not said.building:
        return buildings[0]
    found = [b for b in buildings if b.name == said.building]
    if not found:
        names = ", ".join(b.name for b in buildings)
        raise BriefError(f"[collapse] building = {said.building!r} is none of the set's", fix=f"use one of {names}")
    return found[0]


def collapse_layout(box: Box, boxes: tuple[Box, ...]) -> Layout:
    """Return a scene in which one box falls and the others stand."""
    standing = tuple(replace(b, kind="neighbour") for b in boxes if b.name != box.name and b.kind == "building")
    return Layout(camera=CameraPath(locked=Camera()), boxes=(replace(box, kind="building"), *standing))


def run_collapse(
    cache: Path,
    said: CollapseBrief,
    boxes: tuple[Box, ...],
    *,
    frames: FrameRange,
    rate: Fraction,
    progress: Callable[[str, int, int], None] | None = None,
) -> PrevisCollapse:
    """Break a building of the set and drop it, or take both from the cache.

    Raises
    ------
    BriefError
        There is no such building, or the collapse begins outside the frames.
    """
    box = falling_box(said, boxes)
    if said.collapse.start_frame not in frames:
        raise BriefError(
            f"[collapse] start_frame = {said.collapse.start_frame} is outside the previs {frames}",
            fix=f"use a frame of {frames}",
        )
    few = replace(said.collapse, pieces=min(said.collapse.pieces, PREVIS_PIECES))
    layout = collapse_layout(box, boxes)
    recipe = Recipe(
        stage="previs-collapse",
        stage_version=VERSION,
        backend="rapier3d",
        seed=few.seed,
        parameters={
            "collapse": few, "boxes": layout.boxes, "first": frames.first, "last": frames.last, "rate": rate,
        },
    )  # fmt: skip
    kept = StageCache.open(cache, recipe)
    if not kept.holds(PIECES):
        kept.put(PIECES, break_building(layout, few, progress=_stage(progress, "previs fracture")).save)
    pieces = Pieces.load(kept.path(PIECES))
    if not kept.holds(MOTION):
        step = _stage(progress, "previs collapse")
        kept.put(MOTION, simulate(pieces, layout, few, frames=frames, rate=rate, progress=step).save)
    return PrevisCollapse(pieces=_handed(pieces, Motion.load(kept.path(MOTION)), few, box), digest=recipe.digest)


def _handed(pieces: Pieces, motion: Motion, collapse: Collapse, box: Box) -> RigidPieces:
    # Fronts are carried by the set's own faces, which windows are set back in: their panels would stand before them.
    owner = np.repeat(np.arange(len(pieces), dtype=np.int32), np.diff(pieces.vertex_start))
    return RigidPieces(
        first_frame=motion.first_frame,
        start_frame=collapse.start_frame,
        box=box.name,
        points=pieces.vertices.astype(np.float64),
        triangles=pieces.faces,
        outer=pieces.face_outer | (pieces.kind[owner[pieces.faces[:, 0]]] == KINDS.index("facade")),
        owner=owner,
        centre=pieces.centre.astype(np.float64),
        position=motion.position.astype(np.float64),
        quaternion=motion.quaternion.astype(np.float64),
    )


def _stage(progress: Callable[[str, int, int], None] | None, name: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(name, done, total)
