"""Who holds whom: bonds between touching pieces, and what is left hanging when some have gone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from secondunit.core.layout import Box
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.fracture.structure import Member, to_local, to_world

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TOUCH_M = 0.02


def bonds_between(
    boxes: tuple[Box, ...], members: Sequence[Member], meshes: Sequence[tuple[int, Floats, Ints]]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return pairs of touching pieces (B, 2), the lower first, and their contact areas in square metres.

    Contact is judged by the pieces' bounds in their own building's frame (in the first building's frame
    between two buildings): exact for parts of the grid, an upper bound between Voronoi cells.
    """
    low = np.array([local.min(axis=0) for _, local, _ in meshes])
    high = np.array([local.max(axis=0) for _, local, _ in meshes])
    box = np.array([members[i].box for i, _, _ in meshes])
    pairs, areas = [], []
    for b in range(len(boxes)):
        a_low, a_high, number = low.copy(), high.copy(), np.flatnonzero(box >= b)
        for other in range(b + 1, len(boxes)):
            for i in np.flatnonzero(box == other).tolist():
                corners = to_local(boxes[b], to_world(boxes[other], meshes[i][1]))
                a_low[i], a_high[i] = corners.min(axis=0), corners.max(axis=0)
        found, area = touching(a_low[number], a_high[number])
        keep = (box[number[found]] == b).any(axis=1)
        pairs.append(number[found[keep]])
        areas.append(area[keep])
    bond = np.concatenate(pairs).reshape(-1, 2)
    height = np.array([to_world(boxes[members[i].box], local)[:, 1].mean() for i, local, _ in meshes])
    swap = height[bond[:, 0]] > height[bond[:, 1]]
    bond[swap] = bond[swap][:, ::-1]
    return bond.astype(np.int32), np.concatenate(areas).astype(np.float32)


def touching(low: Floats, high: Floats) -> tuple[Ints, Floats]:
    """Return pairs (B, 2) of axis-aligned bounds that touch, and the area they share."""
    if len(low) < 2:
        return np.zeros((0, 2), np.int64), np.zeros(0)
    by_size = np.argsort(-(high - low).max(axis=1), kind="stable")
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    reach = np.linalg.norm(half, axis=1)
    tree = cKDTree(centre)
    seen = np.zeros(len(low), dtype=bool)
    rows: list[Ints] = []
    for i in by_size:  # from the largest down, so that its own reach finds every smaller neighbour
        near = np.array(tree.query_ball_point(centre[i], 2 * reach[i] + TOUCH_M), dtype=np.int64)
        seen[i] = True
        near = near[~seen[near]]
        gap = np.abs(centre[near] - centre[i]) - half[near] - half[i]
        near = near[(gap < TOUCH_M).all(axis=1)]
        rows.append(np.stack([np.full(len(near), i), near], axis=1))
    pair = np.sort(np.concatenate(rows), axis=1)
    pair = pair[np.lexsort((pair[:, 1], pair[:, 0]))]
    overlap = np.minimum(high[pair[:, 0]], high[pair[:, 1]]) - np.maximum(low[pair[:, 0]], low[pair[:, 1]])
    overlap = np.sort(np.maximum(overlap, 0.0), axis=1)
    area = overlap[:, 1] * overlap[:, 2]
    return pair[area > 1e-4], area[area > 1e-4]


def hanging(pieces: Pieces, gone: Bools) -> Bools:
    """Return which pieces (P,) are still there but no longer joined to the ground through pieces that are."""
    there = ~gone
    bond = pieces.bond[there[pieces.bond].all(axis=1)]
    count = len(pieces)
    graph = coo_matrix((np.ones(len(bond)), (bond[:, 0], bond[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    held = np.zeros(label.max() + 1, dtype=bool)
    held[label[pieces.grounded & there]] = True
    return np.asarray(there & ~held[label])
