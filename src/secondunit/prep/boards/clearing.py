"""What a crew does before a take: turn the light until it reaches the action, strike what stands in the way."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from secondunit.core.layout import Sun
from secondunit.imaging.projection import project
from secondunit.prep.boards.framing import Framed
from secondunit.prep.stage.bvh import blocked, build_tree
from secondunit.prep.stage.figure import Figure
from secondunit.prep.stage.geometry import Stage, placed
from secondunit.prep.stage.render import pack, render_stage

Array = NDArray[np.float64]
_LOOK_PX = 128


def lit(stage: Stage, sun: Sun, leads: Sequence[Figure], *, protected: set[str]) -> Sun:
    """Return the sun turned, and raised, until it reaches the action: nobody lights a scene from behind a house."""
    packed = pack(stage)
    names = [p.mesh.path.split("/", 1)[0].split(".")[0] for p in stage.parts]
    of_set = np.array([n not in protected for n in names] + [False])
    keep = of_set[packed.part] & ~packed.wild if len(packed.part) else np.zeros(0, bool)
    tree = build_tree(packed.points, packed.faces[keep])
    spots = [f.chest for f in leads[:3]] or [(0.0, 1.2, 0.0)]
    stack = np.empty(64, np.int32)
    for rise in (0.0, 14.0, 26.0):
        for turn in (0.0, 16.0, -16.0, 34.0, -34.0, 55.0, -55.0, 80.0, -80.0):
            tried = replace(sun, azimuth_deg=sun.azimuth_deg + turn, elevation_deg=min(sun.elevation_deg + rise, 72.0))
            d = np.asarray(tried.direction, np.float32)
            shaded = [
                blocked(
                    tree.low, tree.high, tree.skip, tree.first, tree.count, tree.corners,
                    np.float32(x), np.float32(y + 0.3), np.float32(z), d[0], d[1], d[2], np.float32(500.0), stack,
                )
                for x, y, z in spots
            ]  # fmt: skip
            if not any(shaded):
                return tried
    return sun


def struck(stage: Stage, framed: Framed, leads: Sequence[Figure], *, protected: set[str], keep: bool) -> Stage:
    """Return the stage with what stands in the camera's way struck: set pieces about the lens or before the subject.

    What is in the way is seen in a small picture through the shot's own camera, and again once it is gone.
    """
    if keep:
        return stage
    stage = _without(stage, _about_the_lens(stage, np.asarray(framed.camera.position_m), protected))
    spots = [p for f in leads[:2] for p in (f.eyes, f.chest)] or [framed.target_m]
    back = framed.camera.filmback
    height = max(8, round(_LOOK_PX * back.height_mm / back.width_mm))
    for _ in range(6):
        look = render_stage(stage, framed.camera, width=_LOOK_PX, height=height, samples=1, draft=True)
        names = [p.mesh.path for p in stage.parts]
        loose = np.array([_first(n) not in protected for n in names])
        gone: set[str] = set()
        pixels, depth = project(framed.camera, np.asarray(spots), _LOOK_PX, height)
        for (x, y), far in zip(pixels.astype(int).tolist(), depth.tolist(), strict=True):
            if 0 <= x < _LOOK_PX and 0 <= y < height and look.depth[y, x] < 0.93 * far:
                part = int(look.part[y, x])
                if part >= 0 and loose[part]:
                    gone.add(piece_of(names[part]))
        seen, counts = np.unique(look.part[look.part >= 0], return_counts=True)
        for part, count in zip(seen.tolist(), counts.tolist(), strict=True):
            near = float(np.median(look.depth[look.part == part])) < 0.4 * framed.distance_m
            if loose[part] and near and count > 0.22 * look.part.size:
                gone.add(piece_of(names[part]))
        if not gone:
            break
        stage = _without(stage, gone)
    return stage


def _about_the_lens(stage: Stage, eye: Array, protected: set[str]) -> set[str]:
    gone = set()
    for part in stage.parts:
        if _first(part.mesh.path) in protected or not len(part.mesh.points):
            continue
        if part.mesh.wild:
            # A room's walls stand along their own X and face +Z: one seen from behind goes with all that hangs on it.
            local = np.linalg.inv(part.transform) @ np.append(eye, 1.0)
            if part.mesh.path.startswith("room/") and local[2] < 0:
                gone.add(piece_of(part.mesh.path))
            continue
        points = placed(part.mesh.points, part.transform)
        low, high = points.min(axis=0), points.max(axis=0)
        near = 0.45 if (high - low).max() < 9.0 else 0.0
        around = np.all(eye > low - near) and np.all(eye < high + near)
        if around and (near > 0 or part.mesh.path.endswith(("body", "walls"))):
            gone.add(piece_of(part.mesh.path))
    return gone


def _without(stage: Stage, gone: set[str]) -> Stage:
    if not gone:
        return stage
    parts = tuple(p for p in stage.parts if piece_of(p.mesh.path) not in gone)
    return Stage(parts=parts, materials=stage.materials, ground=stage.ground)


def _first(path: str) -> str:
    return path.split("/", 1)[0].split(".")[0]


def piece_of(path: str) -> str:
    """Return the name of the thing a part is a piece of: a shelf with its books, a tree with its crown.

    >>> piece_of("street/left_03/windows"), piece_of("set/street/plane_tree_02/leaves")
    ('street/left_03', 'set/street/plane_tree_02')
    """
    steps = path.split("/")
    if steps[0] == "set":  # a built set: a building, a tree or a lamp whole
        return "/".join(steps[:3]) if len(steps) > 3 else path
    return "/".join(steps[:2]) if len(steps) > 2 else path
