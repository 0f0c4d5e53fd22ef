"""How a breaking building holds together: sections that come down as one, and glued groups of pieces in them.

A section is a stack of storeys under a few bays. Read upwards it is a chain of *links*: walls and columns of the
ground floor (0), first slab (1), walls of the first floor (2), ... roof (2 * floors - 1). Pieces that stay
together until they strike something (part of a wall, part of a floor) share a group; within it, a panel.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Collapse
from secondunit.core.layout import Box, Layout
from secondunit.fx.fracture.pieces import KINDS, Pieces
from secondunit.fx.fracture.structure import to_local, to_world

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SECTION_M = 8.0
_SECTIONS = 21
_SLABS = (KINDS.index("slab"), KINDS.index("roof"))
_FACADE = KINDS.index("facade")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """One stack of storeys."""

    box: int
    floors: int
    floor_height_m: float
    across: float
    """0 at the facade's left end to 1 at its right."""
    behind: float
    """0 at the front to 1 at the back."""
    foot_m: Floats
    """(3,) the middle of its foot in the world."""
    area_m2: float
    span_m: tuple[float, float]
    """Its two ends along the facade; infinite at the building's own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """G groups of glued pieces."""

    of_piece: Ints
    """(P,) group of each piece."""
    panel_of_piece: Ints
    """(P,) panel of each piece; panels nest in groups."""
    section: Ints
    """(G,) index of its section, -1 for what hangs on the building."""
    link: Ints
    """(G,) place in its section's chain."""
    facade: NDArray[np.bool_]
    """(G,) part of an outer wall."""
    outward: Floats
    """(G, 3) unit vector out of the building."""
    corners: Floats
    """(G, 8, 3) world bounds at rest, turned as the building is."""
    edge: NDArray[np.bool_]
    """(G,) an outer wall next to another section."""
    sections: tuple[Section, ...]

    def __len__(self) -> int:
        return len(self.section)


def group_pieces(pieces: Pieces, layout: Layout, collapse: Collapse) -> Groups:
    """Return the sections and groups of a broken building."""
    rng = np.random.default_rng([collapse.seed, _SECTIONS])
    count = len(pieces)
    section, link = np.full(count, -1), np.zeros(count, dtype=np.int64)
    key = np.zeros((count, 3), dtype=np.int64)  # section, group within it, panel within that
    outward = np.zeros((count, 3))
    sections: list[Section] = []
    for index, box in enumerate(layout.falling):
        mine = np.flatnonzero(pieces.box == index)
        local = to_local(box, pieces.centre[mine])
        wall, out = _walls(box, local)
        outward[mine] = out @ np.array([box.along, (0.0, 1.0, 0.0), box.inward])
        bay = np.clip((local[:, 0] / box.width_m * box.bays).astype(np.int64), 0, box.bays - 1)
        if box.kind == "canopy":
            key[mine] = np.stack([np.full(len(mine), -1 - index), bay, bay], axis=1)
            continue
        slab = np.isin(pieces.kind[mine], _SLABS)
        storey = pieces.storey[mine].astype(np.int64)
        level = np.clip(np.rint((local[:, 1]) / box.floor_height_m).astype(np.int64), 1, box.floors)
        link[mine] = np.where(slab, 2 * level - 1, 2 * storey)
        found, where = _sections(index, box, bay, local, rng)
        section[mine] = where + len(sections)
        sections += found
        key[mine, 0] = section[mine]
        key[mine, 1:] = _glue(box, pieces.kind[mine], wall, storey, bay, local, link[mine], mine, rng)
    return _collect(pieces, layout, key, section, link, outward, tuple(sections))


def _walls(box: Box, local: Floats) -> tuple[Ints, Floats]:
    """Return the nearest wall (0 front, 1 back, 2 left, 3 right) and the local outward direction."""
    gap = np.stack([local[:, 2], box.depth_m - local[:, 2], local[:, 0], box.width_m - local[:, 0]], axis=1)
    wall = gap.argmin(axis=1)
    return wall, np.array([[0, 0, -1.0], [0, 0, 1.0], [-1.0, 0, 0], [1.0, 0, 0]])[wall]


def _sections(index: int, box: Box, bay: Ints, local: Floats, rng: np.random.Generator) -> tuple[list[Section], Ints]:
    """Divide a building along (at even bays, as its floors are) and across."""
    wide = int(np.clip(round(box.width_m / SECTION_M), 1, min(8, max(box.bays // 2, 1))))
    deep = 2 if box.depth_m >= 8.0 else 1
    jitter = rng.uniform(-0.3, 0.3, wide - 1) * box.bays / wide
    edge = np.unique(2 * np.rint((np.linspace(0, box.bays, wide + 1)[1:-1] + jitter) / 2).astype(np.int64))
    edge = edge[(edge > 0) & (edge < box.bays)]
    wide = len(edge) + 1
    ends = np.concatenate([[0], edge, [box.bays]]) * box.width_m / box.bays
    along = (bay[:, None] >= edge[None, :]).sum(axis=1)
    inward = np.clip((local[:, 2] / box.depth_m * deep).astype(np.int64), 0, deep - 1)
    sections = []
    for i in range(wide):
        for j in range(deep):
            middle = (0.5 * (ends[i] + ends[i + 1]), 0.0, (j + 0.5) / deep * box.depth_m)
            sections.append(
                Section(
                    box=index,
                    floors=box.floors,
                    floor_height_m=box.floor_height_m,
                    across=float(middle[0] / box.width_m),
                    behind=(j + 0.5) / deep,
                    foot_m=to_world(box, np.array(middle)),
                    area_m2=float((ends[i + 1] - ends[i]) * box.depth_m / deep),
                    span_m=(
                        float(ends[i]) if i > 0 else -math.inf,
                        float(ends[i + 1]) if i + 1 < wide else math.inf,
                    ),
                )
            )
    return sections, along * deep + inward


def _glue(
    box: Box,
    kind: NDArray[np.int32],
    wall: Ints,
    storey: Ints,
    bay: Ints,
    local: Floats,
    link: Ints,
    mine: Ints,
    rng: np.random.Generator,
) -> Ints:
    """Return (group, panel) numbers within a box: runs of wall of one to three bays, plates of floor, single rest."""
    deep = np.clip((local[:, 2] / box.depth_m * box.bays_deep).astype(np.int64), 0, box.bays_deep - 1)
    place = np.where(wall < 2, bay, deep)
    run = np.cumsum(rng.random((4, box.floors, max(box.bays, box.bays_deep) + 1)) < 0.7, axis=2)
    two = (storey + rng.integers(0, 2, 4)[wall]) // 2  # walls hold together over two storeys
    facade, floor = kind == _FACADE, np.isin(kind, _SLABS)
    plate = np.stack([bay // 2, deep], axis=1)
    group = np.where(
        facade,
        (wall * 1000 + two) * 1000 + run[wall, np.minimum(two, box.floors - 1), place],
        np.where(floor, 10_000_000 + (link * 1000 + plate[:, 0]) * 100 + plate[:, 1], 1_000_000_000 + mine),
    )
    panel = np.where(facade, storey * 1000 + place, np.where(floor, plate[:, 0], 0))
    return np.stack([group, panel], axis=1)


def _collect(
    pieces: Pieces,
    layout: Layout,
    key: Ints,
    section: Ints,
    link: Ints,
    outward: Floats,
    sections: tuple[Section, ...],
) -> Groups:
    # A run of wall may cross from one section into another: then each takes its own part of it.
    _, first, of_piece = np.unique(key[:, :2], axis=0, return_index=True, return_inverse=True)
    _, panel = np.unique(key, axis=0, return_inverse=True)
    of_piece = of_piece.reshape(-1)
    count = len(first)
    corners = np.zeros((count, 8, 3))
    edge = np.zeros(count, dtype=bool)
    lowest = np.full(count, 1 << 30)
    np.minimum.at(lowest, of_piece, link)
    pick = np.array([[i & 1, i >> 1 & 1, i >> 2] for i in range(8)])
    owner = np.repeat(of_piece, np.diff(pieces.vertex_start))
    for index, box in enumerate(layout.falling):
        groups = np.flatnonzero(pieces.box[first] == index)
        low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
        mine = np.isin(owner, groups)
        local = to_local(box, pieces.vertices[mine])
        np.minimum.at(low, owner[mine], local)
        np.maximum.at(high, owner[mine], local)
        bounds = np.stack([low[groups], high[groups]], axis=1)
        for g, (a, b) in zip(groups, bounds[:, :, 0], strict=True):
            ends = sections[section[first[g]]].span_m if section[first[g]] >= 0 else (-math.inf, math.inf)
            edge[g] = pieces.kind[first[g]] == _FACADE and (a - ends[0] < 0.5 or ends[1] - b < 0.5)
        corners[groups] = to_world(box, np.stack([bounds[:, pick[:, a], a] for a in range(3)], axis=-1))
    return Groups(
        of_piece=of_piece,
        panel_of_piece=panel.reshape(-1),
        section=section[first],
        link=lowest,
        facade=pieces.kind[first] == _FACADE,
        outward=outward[first],
        corners=corners,
        edge=edge,
        sections=sections,
    )
