"""What a crew does before a take: turn the light until it reaches the action, strike what stands in the way."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from secondunit.core.layout import Sun
from secondunit.prep.boards.framing import Framed
from secondunit.prep.stage.bvh import blocked, build_tree
from secondunit.prep.stage.figure import Figure
from secondunit.prep.stage.geometry import Part, Stage, placed
from secondunit.prep.stage.render import pack

Array = NDArray[np.float64]


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
    """Return the stage with what stands in the camera's way struck: set pieces about the lens or before the subject."""
    if keep:
        return stage
    eye = np.asarray(framed.camera.position_m)
    spots = [np.asarray(p) for f in leads[:2] for p in (f.eyes, f.chest)] or [np.asarray(framed.target_m)]
    gone: set[str] = set()
    for part in stage.parts:
        name = part.mesh.path
        first = name.split("/", 1)[0].split(".")[0]
        if first in protected or part.mesh.wild or not len(part.mesh.points):
            continue
        points = placed(part.mesh.points, part.transform)
        low, high = points.min(axis=0), points.max(axis=0)
        if (high - low).max() > 9.0:
            if np.all(eye > low) and np.all(eye < high) and _solid(part):
                gone.add(_piece(name))
            continue
        if np.all(eye > low - 0.45) and np.all(eye < high + 0.45):
            gone.add(_piece(name))
            continue
        for spot in spots:
            if _crosses(eye, spot, low, high):
                gone.add(_piece(name))
                break
    if not gone:
        return stage
    return Stage(
        parts=tuple(p for p in stage.parts if _piece(p.mesh.path) not in gone),
        materials=stage.materials,
        ground=stage.ground,
    )


def _solid(part: Part) -> bool:
    return part.mesh.path.endswith(("body", "walls"))


def _piece(path: str) -> str:
    """Return the name of the thing a part is a piece of: a shelf with its books, a tree with its crown."""
    steps = path.split("/")
    if steps[0] == "set":  # a built set: a tree or lamp whole, a piece of a facade by itself
        return "/".join(steps[:3]) if len(steps) > 3 and steps[1] == "street" else path
    return "/".join(steps[:2]) if len(steps) > 2 else path


def _crosses(eye: Array, spot: Array, low: Array, high: Array) -> bool:
    """Say whether the sight line to a spot passes a box well before it gets there (slab test)."""
    way = spot - eye
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (low - eye) / way, (high - eye) / way
    near, far = np.nanmax(np.minimum(a, b)), np.nanmin(np.maximum(a, b))
    return bool(near <= far and far > 0 and near < 0.93)
