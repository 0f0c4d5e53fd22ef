"""What a building is made of before it breaks: box-shaped members in the building's own frame.

Local coordinates are those of ``core.layout.Box``: s along the facade, t up, q inward, in metres.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Collapse
from secondunit.core.layout import Box, Layout
from secondunit.fx.fracture.pieces import KINDS, MATERIALS

Floats = NDArray[np.float64]
Range = tuple[float, float]

WALL_M = 0.22
SLAB_M = 0.25
GLASS_M = 0.05
COLUMN_M = 0.4
BASE_SHARE = 0.62
"""Share of the pieces that unbroken members may take; the rest is for breaking them further."""
_STRUCTURE = 11
_STREAM = (_STRUCTURE, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A box-shaped part: ``low`` and ``high`` corners (s, t, q) in metres."""

    box: int
    """Index in ``Layout.falling``."""
    kind: str
    material: str
    storey: int
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    breakage: float = 1.0
    """How readily it breaks into more pieces, against its size."""

    @property
    def size(self) -> tuple[float, float, float]:
        """Extent along s, t, q in metres."""
        (a, b, c), (d, e, f) = self.low, self.high
        return (d - a, e - b, f - c)

    @property
    def volume_m3(self) -> float:
        """Volume in cubic metres."""
        return math.prod(self.size)


def to_world(box: Box, local: NDArray[np.floating]) -> Floats:
    """Return (..., 3) world positions of local (s, t, q) points."""
    axes = np.array([box.along, (0.0, 1.0, 0.0), box.inward])
    return np.asarray(np.asarray(box.corner_m) + np.asarray(local, dtype=np.float64) @ axes)


def to_local(box: Box, world: NDArray[np.floating]) -> Floats:
    """Return (..., 3) local (s, t, q) of world positions."""
    axes = np.array([box.along, (0.0, 1.0, 0.0), box.inward])
    return np.asarray((np.asarray(world, dtype=np.float64) - np.asarray(box.corner_m)) @ axes.T)


def build_members(layout: Layout, collapse: Collapse) -> tuple[Member, ...]:
    """Return the members of every falling box, disjoint, their shell filling each box's outside.

    Walls the camera sees are divided by bay and storey, and as many of these panels as the number of pieces
    asked for allows into sill, lintel, jambs and glass; a very large building into panels of several bays and storeys.
    """
    members: list[Member] = []
    share = collapse.pieces / max(sum(_surface(b) for b in layout.falling), 1e-9)
    eye = layout.camera.locked.position_m
    for index, box in enumerate(layout.falling):
        limit = max(BASE_SHARE * share * _surface(box), 8.0)
        rng = np.random.default_rng([collapse.seed, _STRUCTURE, index])
        members += _hung(index, box) if box.kind == "canopy" else _building(index, box, eye, limit, rng)
    return tuple(members)


def seen_walls(box: Box, eye: tuple[float, float, float]) -> dict[str, bool]:
    """Return whether each wall (front, back, left, right) faces a point."""
    s, _, q = to_local(box, np.asarray(eye))
    return {"front": bool(q < 0), "back": bool(q > box.depth_m), "left": bool(s < 0), "right": bool(s > box.width_m)}


def _surface(box: Box) -> float:
    return 2 * (box.width_m + box.depth_m) * box.height_m + box.width_m * box.depth_m * (box.floors + 1)


def _building(
    index: int, box: Box, eye: tuple[float, float, float], limit: float, rng: np.random.Generator
) -> list[Member]:
    seen = seen_walls(box, eye)
    members: list[Member] = []
    for bays, floors in _divisions(box):
        inside = np.random.default_rng([*_STREAM, index, bays])
        members = [*_slabs(index, box, bays), *_inside(index, box, bays, floors, inside)]
        walls = list(_walls(index, box, seen, bays, floors))
        members += [panel for panel, _ in walls]
        if len(members) <= limit:
            spare = int((limit - len(members)) / 4)
            windowed = [i for i, (_, cut) in enumerate(walls) if cut is not None and bays == floors == 1]
            chosen = set(rng.permutation(windowed)[:spare].tolist())
            members = members[: len(members) - len(walls)]
            for i, (panel, cut) in enumerate(walls):
                members += _windowed(panel, box.window_ratio, *cut) if cut is not None and i in chosen else [panel]
            break
    return members


def _divisions(box: Box) -> Iterator[tuple[int, int]]:
    """Yield (bays to a panel, storeys to a panel), finest first, down to one panel to a wall."""
    bays = floors = 1
    while True:
        yield bays, floors
        if bays >= box.bays and floors >= box.floors:
            return
        if (floors * box.floor_height_m <= bays * box.width_m / box.bays and floors < box.floors) or bays >= box.bays:
            floors *= 2
        else:
            bays *= 2


def _thick(box: Box) -> tuple[float, float]:
    """Wall and slab thickness, thinner for a very small box."""
    return (
        min(WALL_M, 0.15 * box.width_m, 0.15 * box.depth_m, 0.15 * box.floor_height_m),
        min(SLAB_M, 0.12 * box.floor_height_m),
    )


def _steps(length: float, count: int, group: int, ends: Range = (0.0, 0.0)) -> list[Range]:
    """Cut a length at every ``group``-th of ``count`` equal parts, pulling in both ends."""
    marks = [length * i / count for i in range(0, count, group)] + [length]
    marks[0], marks[-1] = ends[0], length - ends[1]
    return list(pairwise(marks))


def _walls(
    index: int, box: Box, seen: dict[str, bool], bays: int, floors: int
) -> Iterator[tuple[Member, tuple[int, bool] | None]]:
    """Yield wall panels; where the camera sees them, with the axis they run along and whether they face its far end."""
    wall, _ = _thick(box)
    for name in ("front", "back", "left", "right"):
        across = name in ("front", "back")
        if across:
            runs = _steps(box.width_m, box.bays, bays if seen[name] else max(bays, 2))
            skin = (0.0, wall) if name == "front" else (box.depth_m - wall, box.depth_m)
        else:
            runs = _steps(box.depth_m, box.bays_deep, bays, (wall, wall))
            skin = (0.0, wall) if name == "left" else (box.width_m - wall, box.width_m)
        for storey in range(0, box.floors, floors):
            high = min(storey + floors, box.floors) * box.floor_height_m
            for run in runs:
                panel = _panel(index, storey, run, (storey * box.floor_height_m, high), skin, across)
                if seen[name]:
                    yield panel, (0 if across else 2, name in ("back", "right"))
                else:
                    yield replace(panel, breakage=0.3), None


def _panel(index: int, storey: int, run: Range, up: Range, skin: Range, across: bool) -> Member:
    s, q = (run, skin) if across else (skin, run)
    return Member(
        box=index,
        kind="facade",
        material="concrete",
        storey=storey,
        low=(s[0], up[0], q[0]),
        high=(s[1], up[1], q[1]),
    )


def _windowed(panel: Member, ratio: float, axis: int, far: bool) -> Iterator[Member]:
    """Split a panel around its window: sill, lintel, two jambs, glass. ``far`` has its outside at the high end."""
    ratio = min(max(ratio, 0.0), 0.85)
    if ratio < 0.02:
        yield panel
        return
    wide = min(0.9, math.sqrt(ratio * 1.5))
    tall = min(0.9, ratio / wide)
    low, high, size = panel.low, panel.high, panel.size
    t0 = low[1] + size[1] * (1 - tall) * 0.6
    t1 = t0 + size[1] * tall
    r0 = low[axis] + size[axis] * (1 - wide) / 2
    r1 = high[axis] - size[axis] * (1 - wide) / 2

    def part(run: Range, up: Range) -> Member:
        a, b = list(low), list(high)
        (a[axis], b[axis]), (a[1], b[1]) = run, up
        return replace(panel, low=(a[0], a[1], a[2]), high=(b[0], b[1], b[2]))

    yield part((low[axis], high[axis]), (low[1], t0))
    yield part((low[axis], high[axis]), (t1, high[1]))
    yield part((low[axis], r0), (t0, t1))
    yield part((r1, high[axis]), (t0, t1))
    pane = part((r0, r1), (t0, t1))
    skin = 2 - axis
    a, b = list(pane.low), list(pane.high)
    glass = min(GLASS_M, 0.5 * panel.size[skin])
    a[skin], b[skin] = (b[skin] - glass, b[skin]) if far else (a[skin], a[skin] + glass)
    yield replace(pane, material="glass", low=(a[0], a[1], a[2]), high=(b[0], b[1], b[2]), breakage=0.8)


def _slabs(index: int, box: Box, bays: int) -> Iterator[Member]:
    """Yield the ceiling of each storey as the floor of the one above it, and the roof."""
    wall, slab = _thick(box)
    deep = 2 if box.depth_m > 8 else 1
    for k in range(1, box.floors + 1):
        roof = k == box.floors
        for s in _steps(box.width_m, box.bays, max(bays, 2), (wall, wall)):
            for q in _steps(box.depth_m, deep, 1, (wall, wall)):
                yield Member(
                    box=index,
                    kind="roof" if roof else "slab",
                    material="concrete",
                    storey=min(k, box.floors - 1),
                    low=(s[0], k * box.floor_height_m - slab, q[0]),
                    high=(s[1], k * box.floor_height_m, q[1]),
                    breakage=0.55,
                )


def _inside(index: int, box: Box, bays: int, floors: int, rng: np.random.Generator) -> Iterator[Member]:
    """Yield columns behind both long walls, a core, partitions and contents where they fit."""
    wall, slab = _thick(box)
    if floors > 1 or box.depth_m < 4 or box.width_m < 4 or box.floor_height_m < 2:
        return
    bay = box.width_m / box.bays
    column = min(COLUMN_M, bay / 6)
    group = max(2, bays)
    lines = [box.width_m * i / box.bays for i in range(group, box.bays, group)]
    reach = box.depth_m - wall - column
    core = (0.42 * box.width_m, 0.58 * box.width_m)
    for storey in range(box.floors):
        up = (storey * box.floor_height_m, (storey + 1) * box.floor_height_m - slab)

        def member(kind: str, material: str, s: Range, t: Range, q: Range, breakage: float, k: int = storey) -> Member:
            return Member(
                box=index,
                kind=kind,
                material=material,
                storey=k,
                low=(s[0], t[0], q[0]),
                high=(s[1], t[1], q[1]),
                breakage=breakage,
            )

        for line in lines:
            s = (line - column / 2, line + column / 2)
            yield member("column", "concrete", s, up, (wall, wall + column), 1.2)
            yield member("column", "concrete", s, up, (reach, reach + column), 0.5)
        middle = box.depth_m / 2
        yield member("core", "concrete", core, up, (middle - 0.15, middle + 0.15), 1.0)
        for i in range(0, box.bays, max(bays, 3)):
            place = (i + rng.uniform(0.3, 0.7)) * bay
            if wall + 0.5 < place < box.width_m - wall - 0.5 and abs(place / bay - round(place / bay)) * bay > column:
                q = (wall + column + 0.3, middle - 0.3)
                yield member("partition", "plaster", (place - 0.06, place + 0.06), up, q, 0.7)
                if rng.random() < 0.7:
                    wide, tall = rng.uniform(0.4, 0.22 * bay + 0.4), rng.uniform(0.7, min(1.9, 0.8 * (up[1] - up[0])))
                    s = (place + 0.1, min(place + 0.1 + wide, box.width_m - wall - 0.05))
                    q0 = wall + column + rng.uniform(0.3, 0.2 * middle + 0.35)
                    deep = min(q0 + rng.uniform(0.4, 1.0), middle - 0.3)
                    if s[1] - s[0] > 0.2 and deep - q0 > 0.2:
                        yield member("contents", "contents", s, (up[0], up[0] + tall), (q0, deep), 0.0)


def _hung(index: int, box: Box) -> list[Member]:
    """Return a canopy: a deck with fascias round its front and sides."""
    wall, _ = _thick(box)
    deck = box.height_m if box.height_m < 0.6 else 0.35 * box.height_m
    parts: list[tuple[str, tuple[float, float, float], tuple[float, float, float]]] = []
    for s in _steps(box.width_m, box.bays, 1):
        parts.append(("canopy", (s[0], box.height_m - deck, 0.0), (s[1], box.height_m, box.depth_m)))
        if deck < box.height_m:
            parts.append(("canopy", (s[0], 0.0, 0.0), (s[1], box.height_m - deck, wall)))
    if deck < box.height_m:
        for s in ((0.0, wall), (box.width_m - wall, box.width_m)):
            parts.append(("canopy", (s[0], 0.0, wall), (s[1], box.height_m - deck, box.depth_m)))
    return [
        Member(box=index, kind=kind, material="concrete", storey=0, low=low, high=high) for kind, low, high in parts
    ]


def kind_index(kind: str) -> int:
    """Return the number of a kind in ``pieces.KINDS``."""
    return KINDS.index(kind)


def material_index(material: str) -> int:
    """Return the number of a material in ``pieces.MATERIALS``."""
    return MATERIALS.index(material)
