"""Constraints measured on what was built: plot, height, sight lines, kept lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.prep.sets.assembly import Assembly
from secondunit.prep.sets.brief import SetBrief, SightLine
from secondunit.prep.sets.kit import Built
from secondunit.prep.stage.geometry import Stage, placed

Array = NDArray[np.float64]

PROJECTION_M: Final = 1.6
"""How far balconies, awnings and signs may stand out over the pavement."""
_FRAME_M: Final = 0.1
"""How far the frames of small windows in a party wall stand out over the neighbour's ground."""
_MARK_M: Final = 0.25
"""A sight line ends at its mark: what lies this near the mark, and the line's clearance, belongs to the mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One constraint, kept, with what was measured."""

    name: str
    asked: str
    measured: str


def check_constraints(brief: SetBrief, built: Built, stage: Stage, names: Sequence[str]) -> tuple[Held, ...]:
    """Measure every constraint on the built stage; ``names`` are the paths of its parts.

    Raises
    ------
    BriefError
        One is not kept; the message says by what.
    """
    corners = _triangles(stage)
    owner = np.repeat(np.arange(len(stage.parts)), [len(p.mesh.triangles) for p in stage.parts])
    return (
        *_plot(brief, corners, owner, names),
        *_lines(brief.sight_lines, corners, owner, names),
        *_kept(brief, built),
    )


LOOSE: Final = ("street/", "plaza/", "works/loose", "works/stacks")
"""What gives way to a sight line: trees, lamps, cars, benches, stacks; never a building."""


def clear_sight_lines(assembly: Assembly, brief: SetBrief) -> tuple[str, ...]:
    """Take away loose things that stand in a sight line; return their paths."""
    gone = []
    for line in brief.sight_lines:
        kept = []
        for placement in assembly.placements:
            if placement.path.startswith(LOOSE):
                corners = np.concatenate(
                    [placed(m.points, placement.transform)[m.triangles] for m in placement.prototype.meshes]
                )
                if nearest_to_line(line, corners)[0] < line.clear_m:
                    gone.append(placement.path)
                    continue
            kept.append(placement)
        assembly.placements[:] = kept
    return tuple(gone)


def _triangles(stage: Stage) -> Array:
    found = [placed(p.mesh.points, p.transform)[p.mesh.triangles] for p in stage.parts]
    return np.concatenate(found) if found else np.zeros((0, 3, 3))


def _plot(brief: SetBrief, corners: Array, owner: NDArray[np.int64], names: Sequence[str]) -> tuple[Held, ...]:
    built = np.array([n.split("/")[0] in ("buildings", "works") for n in names])
    mine = corners[built[owner]] if len(corners) else corners
    whose = owner[built[owner]]
    return _measure_plot(brief, mine, whose, names)


def _measure_plot(brief: SetBrief, mine: Array, whose: NDArray[np.int64], names: Sequence[str]) -> tuple[Held, ...]:
    plot = brief.plot
    low, high = mine.min(axis=(0, 1)), mine.max(axis=(0, 1))
    sides = [PROJECTION_M if plot.street_corners in (side, "both") else _FRAME_M for side in ("left", "right")]
    limits = [
        ("plot length", 0, -sides[0], plot.length_m + sides[1], f"{plot.length_m:g} m"),
        ("plot depth", 2, -plot.depth_m - 0.7, np.inf, f"{plot.depth_m:g} m"),
        ("plot height", 1, -np.inf, plot.height_m + 1e-3, f"{plot.height_m:g} m"),
    ]
    if brief.plot.sides == 1:
        limits[1] = ("plot depth", 2, -plot.depth_m - 0.7, PROJECTION_M, f"{plot.depth_m:g} m")
    held = []
    for name, axis, least, most, asked in limits:
        for bad, value in ((low[axis] < least, low[axis]), (high[axis] > most, high[axis])):
            if bad:
                k = int(np.argmin(np.abs(mine[:, :, axis] - value).min(axis=1)))
                raise BriefError(
                    f"{name} of {asked} is not kept: {names[whose[k]]} reaches {float(value):.2f} m",
                    fix="give the plot more room, or fewer storeys",
                )
        measured = (
            f"{float(high[1]):.2f} m high" if axis == 1 else f"{float(low[axis]):.2f} to {float(high[axis]):.2f} m"
        )
        held.append(Held(name=name, asked=asked, measured=measured))
    return tuple(held)


def _lines(
    lines: tuple[SightLine, ...], corners: Array, owner: NDArray[np.int64], names: Sequence[str]
) -> tuple[Held, ...]:
    held = []
    for line in lines:
        distance, which = nearest_to_line(line, corners)
        if distance < line.clear_m:
            raise BriefError(
                f"sight line {line.name!r} is not kept: {names[owner[which]]} stands {distance:.2f} m from it, "
                f"{line.clear_m:g} m are asked",
                fix="move the line, or ask for less clearance",
            )
        far = "nothing near" if not np.isfinite(distance) else f"nearest {distance:.2f} m, {names[owner[which]]}"
        held.append(Held(name=f"sight line {line.name}", asked=f"{line.clear_m:g} m clear", measured=far))
    return tuple(held)


def nearest_to_line(line: SightLine, corners: Array) -> tuple[float, int]:
    """Return how near (n, 3, 3) triangles come to a sight line, and which does; inf where none is within 3 m of it."""
    a, b = np.array(line.from_m), np.array(line.to_m)
    run = b - a
    length = float(np.linalg.norm(run))
    b = b - run / max(length, 1e-9) * min(0.5 * length, line.clear_m + _MARK_M)
    reach = max(3.0, line.clear_m)
    low, high = np.minimum(a, b) - reach, np.maximum(a, b) + reach
    near = np.nonzero((corners.max(axis=1) > low).all(axis=1) & (corners.min(axis=1) < high).all(axis=1))[0]
    if not len(near):
        return np.inf, -1
    t = corners[near]
    distance = np.full(len(near), np.inf)
    for k in range(3):
        distance = np.minimum(distance, _segments(a, b, t[:, k], t[:, (k + 1) % 3]))
    for end in (a, b):
        distance = np.minimum(distance, _point_to_face(end, t))
    distance[_pierces(a, b, t)] = 0.0
    best = int(np.argmin(distance))
    return (float(distance[best]), int(near[best])) if distance[best] < reach else (np.inf, -1)


def _segments(a: Array, b: Array, p: Array, q: Array) -> Array:
    """Distances from the segment ab to segments pq; Ericson, Real-Time Collision Detection, 5.1.9."""
    d1, d2, r = b - a, q - p, a - p
    aa, ee = float(d1 @ d1), np.maximum((d2 * d2).sum(axis=1), 1e-18)
    c, f, bb = r @ d1, (d2 * r).sum(axis=1), d2 @ d1
    denominator = aa * ee - bb * bb
    s = np.clip(np.where(denominator > 1e-12, (bb * f - c * ee) / np.maximum(denominator, 1e-12), 0.0), 0.0, 1.0)
    t = np.clip((bb * s + f) / ee, 0.0, 1.0)
    s = np.clip((bb * t - c) / max(aa, 1e-18), 0.0, 1.0)
    return np.asarray(np.linalg.norm((a + s[:, None] * d1) - (p + t[:, None] * d2), axis=1))


def _point_to_face(point: Array, t: Array) -> Array:
    normal = np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    size = np.linalg.norm(normal, axis=1)
    unit = normal / np.maximum(size, 1e-12)[:, None]
    off = ((point - t[:, 0]) * unit).sum(axis=1)
    foot = point - off[:, None] * unit
    inside = np.ones(len(t), np.bool_)
    for k in range(3):
        side = np.cross(t[:, (k + 1) % 3] - t[:, k], foot - t[:, k])
        inside &= (side * unit).sum(axis=1) >= 0
    return np.where(inside & (size > 1e-12), np.abs(off), np.inf)


def _pierces(a: Array, b: Array, t: Array) -> NDArray[np.bool_]:
    """Möller and Trumbore, "Fast, Minimum Storage Ray/Triangle Intersection", JGT 2 (1997)."""
    d, e1, e2 = b - a, t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]
    h = np.cross(np.broadcast_to(d, e2.shape), e2)
    det = (e1 * h).sum(axis=1)
    safe = np.where(np.abs(det) < 1e-12, 1.0, det)
    s = a - t[:, 0]
    u = (s * h).sum(axis=1) / safe
    q = np.cross(s, e1)
    v = q @ d / safe
    w = (e2 * q).sum(axis=1) / safe
    return np.asarray((np.abs(det) > 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1) & (w >= 0) & (w <= 1))


def _kept(brief: SetBrief, built: Built) -> tuple[Held, ...]:
    held = []
    for keep in brief.keep:
        lot = next((lot for lot in built.lots if lot.name == keep.name), None)
        if lot is None or abs(lot.x0 - keep.from_m) > 1e-6 or abs(lot.width_m - keep.width_m) > 1e-6:
            raise BriefError(f"kept lot {keep.name!r} is not where it must be", fix="report this: it is a fault")
        held.append(
            Held(
                name=f"kept lot {keep.name}",
                asked=f"{keep.from_m:g} to {keep.from_m + keep.width_m:g} m, {keep.storeys} storeys, {keep.period}",
                measured=f"{lot.x0:g} to {lot.x1:g} m, {lot.storeys} storeys, {lot.style}",
            )
        )
    return tuple(held)
