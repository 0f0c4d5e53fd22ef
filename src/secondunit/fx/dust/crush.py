"""Closing floors: how the storeys of a falling building shut, and what air they press out where."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from secondunit.core.layout import Box, Layout
from secondunit.fx.fracture.pieces import KINDS, Pieces
from secondunit.fx.rigid.motion import Motion

Floats = NDArray[np.float32]

BIN_M = 5.0
"""Aimed-at size of the parts of a storey that are followed one by one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rooms:
    """R parts of storeys of one building over N frames of a ``Motion``."""

    size_m: tuple[float, float]
    """Along the facade and inward."""
    along: Floats
    """(3,)"""
    inward: Floats
    """(3,)"""
    centre: Floats
    """(N, R, 3) middle of the room's floor, in the world."""
    gap_m: Floats
    """(N, R) from floor to ceiling, at least 0."""
    closing_m_per_s: Floats
    """(N, R) how fast it shuts, at least 0."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """W openings through which rooms blow, belonging to one ``Rooms``."""

    room: NDArray[np.int64]
    """(W,)"""
    offset: Floats
    """(W, 3) from the room's centre at the floor to the window, with no height."""
    outward: Floats
    """(W, 3) unit vector out of the building."""
    width_m: float


def rooms_of(box: Box, pieces: Pieces, motion: Motion, *, number: int) -> tuple[Rooms, Windows]:
    """Follow the rooms of building ``number`` of ``Layout.falling``."""
    ns, nq = (max(1, round(length / BIN_M)) for length in (box.width_m, box.depth_m))
    levels, columns = box.floors + 1, ns * nq
    heights = _levels(box, pieces, motion, number=number, ns=ns, nq=nq)
    s = (np.arange(ns) + 0.5) * box.width_m / ns
    q = (np.arange(nq) + 0.5) * box.depth_m / nq
    along, inward = np.array(box.along), np.array(box.inward)
    plan = np.array(box.corner_m) + (s[:, None, None] * along + q[None, :, None] * inward)
    plan = np.broadcast_to(plan.reshape(1, 1, columns, 3), (1, levels, columns, 3))
    rest = plan + np.array((0.0, 1.0, 0.0)) * (np.arange(levels) * box.floor_height_m)[None, :, None, None]
    where = rest + heights
    gap = np.maximum(where[:, 1:, :, 1] - where[:, :-1, :, 1], 0.0)
    gap = np.minimum(gap, box.floor_height_m * 1.2)
    closing = np.zeros_like(gap)
    closing[1:] = np.maximum(gap[:-1] - gap[1:], 0.0) * motion.rate
    frames = len(closing)
    rooms = Rooms(
        size_m=(box.width_m / ns, box.depth_m / nq),
        along=along.astype(np.float32),
        inward=inward.astype(np.float32),
        centre=where[:, :-1].reshape(frames, -1, 3).astype(np.float32),
        gap_m=gap.reshape(frames, -1).astype(np.float32),
        closing_m_per_s=np.minimum(closing, 20.0).reshape(frames, -1).astype(np.float32),
    )
    return rooms, _windows(box, ns=ns, nq=nq)


def buildings(layout: Layout) -> list[tuple[int, Box]]:
    """Return the falling boxes that have rooms, with their numbers."""
    return [(n, box) for n, box in enumerate(layout.falling) if box.kind == "building"]


def _levels(box: Box, pieces: Pieces, motion: Motion, *, number: int, ns: int, nq: int) -> NDArray[np.float64]:
    """How far each floor level has moved over each column: (N, levels, ns * nq, 3)."""
    levels = box.floors + 1
    mine = pieces.box == number
    flat = mine & np.isin(pieces.kind, (KINDS.index("slab"), KINDS.index("roof")))
    use = flat if flat.any() else mine
    local = pieces.centre - np.array(box.corner_m, np.float32)
    s = np.clip((local @ np.array(box.along, np.float32) / box.width_m * ns).astype(int), 0, ns - 1)
    q = np.clip((local @ np.array(box.inward, np.float32) / box.depth_m * nq).astype(int), 0, nq - 1)
    level = np.clip(np.rint(local[:, 1] / box.floor_height_m).astype(int), 0, levels - 1)
    column = s * nq + q
    chosen = np.flatnonzero(use)
    travel = (motion.position - pieces.centre[None]).astype(np.float64)
    moved = _means(travel[:, chosen], (level * ns * nq + column)[chosen], levels * ns * nq, pieces.mass_kg[chosen])
    by_level = _means(travel[:, chosen], level[chosen], levels, pieces.mass_kg[chosen])
    out = moved.reshape(len(travel), levels, ns * nq, 3)
    out = np.where(np.isnan(out), by_level[:, :, None, :], out)
    out[:, 0] = np.nan_to_num(out[:, 0])  # no slab at the foot: the ground itself
    for n in range(1, levels):
        out[:, n] = np.where(np.isnan(out[:, n]), out[:, n - 1], out[:, n])
    return out


def _means(values: NDArray[np.float64], group: NDArray[np.int64], groups: int, weight: Floats) -> NDArray[np.float64]:
    """Weighted mean of (N, P, 3) by group: (N, groups, 3), NaN where a group is empty."""
    matrix = scipy.sparse.csr_array((weight.astype(np.float64), (group, np.arange(len(group)))), (groups, len(group)))
    total: NDArray[np.float64] = np.asarray(matrix.sum(axis=1)).ravel()
    summed = np.stack([matrix @ frame for frame in values]) if len(values) else np.zeros((0, groups, 3))
    return np.where(total[None, :, None] > 0, summed / np.maximum(total, 1e-9)[None, :, None], np.nan)


def _windows(box: Box, *, ns: int, nq: int) -> Windows:
    """One window in the middle of each bay of each outer room, on all four sides."""
    along, inward = np.array(box.along), np.array(box.inward)
    room, offset, outward = [], [], []
    size_s, size_q = box.width_m / ns, box.depth_m / nq
    for storey in range(box.floors):
        base = storey * ns * nq
        for bay in range(box.bays):
            s = (bay + 0.5) * box.width_m / box.bays
            i = min(int(s / size_s), ns - 1)
            for j, side in ((0, -1.0), (nq - 1, 1.0)):
                room.append(base + i * nq + j)
                offset.append((s - (i + 0.5) * size_s) * along + side * 0.5 * size_q * inward)
                outward.append(side * inward)
        for bay in range(box.bays_deep):
            q = (bay + 0.5) * box.depth_m / box.bays_deep
            j = min(int(q / size_q), nq - 1)
            for i, side in ((0, -1.0), (ns - 1, 1.0)):
                room.append(base + i * nq + j)
                offset.append((q - (j + 0.5) * size_q) * inward + side * 0.5 * size_s * along)
                outward.append(side * along)
    return Windows(
        room=np.array(room),
        offset=np.array(offset, np.float32),
        outward=np.array(outward, np.float32),
        width_m=box.width_m / box.bays,
    )
