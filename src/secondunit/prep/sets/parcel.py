"""The plot divided into lots: frontages, periods and heights, round what is kept and under the sight lines."""

import itertools
from dataclasses import replace

import numpy as np

from secondunit.core.errors import BriefError
from secondunit.prep.sets.brief import PERIODS, KeptLot, Period, SetBrief, SightLine, Skyline
from secondunit.prep.sets.lot import CHAMFER_M, PAVEMENT_M, Corner, Lot
from secondunit.prep.sets.styles import STYLES, styles_for

_LEAST_M = 6.0
ROOF_M = 7.5
"""What may stand on a roof over the wall's top: crowns, huts and tanks."""


def parcel(brief: SetBrief, *, side: int = 0) -> tuple[Lot, ...]:
    """Divide the building line into lots, left to right.

    Raises
    ------
    BriefError
        A kept lot lies outside the plot, over another, or higher than the plot allows; or a sight line leaves no
        room for what is kept.
    """
    rng = np.random.default_rng([brief.seed, 0x9A7CE1, side])
    kept = sorted(brief.keep, key=lambda k: k.from_m) if side == 0 else []
    _check_kept(brief, kept)
    spans: list[tuple[float, float, KeptLot | None]] = []
    at = 0.0
    for held in kept:
        spans += [(a, b, None) for a, b in _divide(at, held.from_m, brief.design.lot_m, rng)]
        spans.append((held.from_m, held.from_m + held.width_m, held))
        at = held.from_m + held.width_m
    spans += [(a, b, None) for a, b in _divide(at, brief.plot.length_m, brief.design.lot_m, rng)]
    heights = storeys_along(
        brief.design.skyline, brief.design.storeys, [(a + b) / 2 / brief.plot.length_m for a, b, _ in spans], rng
    )
    ends = {0: "left", len(spans) - 1: "right"}
    lots, last = [], ""
    for number, ((x0, x1, keep), storeys) in enumerate(zip(spans, heights, strict=True)):
        corner: Corner = "none"
        wanted = brief.plot.street_corners
        if number in ends and wanted in (ends[number], "both") and x1 - x0 > CHAMFER_M + 3.0:
            corner = ends[number]  # type: ignore[assignment]
        if keep is not None:
            lots.append(_kept(brief, keep, corner))
            continue
        period = _period(brief, rng)
        names = [n for n in styles_for(period, storeys) if n != last] or list(styles_for(period, storeys))
        style = names[int(rng.integers(0, len(names)))]
        last = style
        least, most = STYLES[style].storeys
        depth = brief.plot.depth_m * float(rng.uniform(0.62 + 0.3 * brief.design.density, 1.0))
        lot = Lot(
            name=f"lot_{number + 1:02d}", x0=x0, x1=x1, depth_m=round(max(depth, 7.0), 2), style=style,
            storeys=min(max(storeys, least), most), wall=_wall(style, rng), corner=corner,
            seed=int(rng.integers(0, 2**31)),
        )  # fmt: skip
        lots.append(_fit(brief, lot, side=side))
    return tuple(lots)


def storeys_along(skyline: Skyline, typical: int, places: list[float], rng: np.random.Generator) -> list[int]:
    """Return the storeys of each lot, by where along the block (0 to 1) its middle lies."""
    u = np.array(places)
    n = len(u)
    if skyline == "even":
        factor = np.ones(n)
    elif skyline == "broken":
        deck = np.array([1.55, 0.5, 1.0, 0.75, 1.25, 0.34])
        factor = np.concatenate([rng.permutation(deck) for _ in range(-(-n // len(deck)))])[:n]
    elif skyline == "peak":
        factor = rng.uniform(0.55, 0.85, n)
        factor[int(np.argmin(np.abs(u - rng.uniform(0.3, 0.7))))] = 2.0
    elif skyline == "steps":
        factor = 0.4 + 1.25 * (u if rng.random() < 0.5 else 1.0 - u)
    elif skyline == "valley":
        factor = 0.45 + 1.1 * np.abs(2.0 * u - 1.0) ** 1.2
    else:
        factor = rng.uniform(0.6, 0.85, n)
        factor[0] = factor[-1] = 1.5
    return [max(1, round(float(f) * typical)) for f in factor]


def _divide(a: float, b: float, typical: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    room = b - a
    if room < 0.05:
        return []
    count = max(1, min(round(room / typical), int(room // _LEAST_M) or 1))
    weight = rng.choice([0.78, 0.9, 1.0, 1.12, 1.4], count)
    cuts = a + np.concatenate([[0.0], np.cumsum(weight / weight.sum() * room)])
    cuts[1:-1] = np.round(cuts[1:-1], 1)
    return [(float(x), float(y)) for x, y in itertools.pairwise(cuts)]


def _period(brief: SetBrief, rng: np.random.Generator) -> Period:
    here = PERIODS.index(brief.design.period)
    if rng.random() >= brief.design.mix:
        return PERIODS[here]
    # What stands in a street is older than the newest house in it, more often than younger.
    other = here + int(rng.choice([-2, -1, 1], p=[0.25, 0.5, 0.25]))
    return PERIODS[min(max(other, 0), len(PERIODS) - 1)] if other != here else PERIODS[here]


def _wall(style: str, rng: np.random.Generator) -> str:
    if style == "brick_90":
        return "brick"
    return f"wall_{1 + int(rng.integers(0, 4))}"


def _kept(brief: SetBrief, keep: KeptLot, corner: Corner) -> Lot:
    """Return the same lot for every option: nothing here is drawn by chance or taken from what options vary."""
    style = styles_for(keep.period, keep.storeys)[0]
    least, most = STYLES[style].storeys
    lot = Lot(
        name=keep.name, x0=keep.from_m, x1=keep.from_m + keep.width_m, depth_m=brief.plot.depth_m, style=style,
        storeys=min(max(keep.storeys, least), most), wall="wall_1", corner=corner, kept=True,
        seed=1 + round(keep.from_m * 10) + 7 * keep.storeys,
    )  # fmt: skip
    if lot.storeys != keep.storeys:
        raise BriefError(
            f"kept lot {keep.name!r}: no style of {keep.period} has {keep.storeys} storeys",
            fix=f"use {least} to {most} storeys, or another period",
        )
    if PAVEMENT_M + lot.wall_height_m + ROOF_M > brief.plot.height_m:
        raise BriefError(
            f"kept lot {keep.name!r} is {lot.wall_height_m + ROOF_M:.1f} m high with its roof, the plot allows "
            f"{brief.plot.height_m:g} m",
            fix="raise plot.height_m or lower the lot",
        )
    cap, line = headroom(brief.sight_lines, lot)
    if line is not None and PAVEMENT_M + lot.wall_height_m + ROOF_M > cap:
        raise BriefError(
            f"sight line {line.name!r} passes over kept lot {keep.name!r} at {cap:.1f} m, which is "
            f"{lot.wall_height_m + ROOF_M:.1f} m high with its roof: both cannot be kept",
            fix="move the line, or lower or move the lot",
        )
    return lot


def _check_kept(brief: SetBrief, kept: list[KeptLot]) -> None:
    at, before = 0.0, "the plot's left end"
    for keep in kept:
        if keep.from_m < at - 1e-6:
            raise BriefError(f"kept lot {keep.name!r} begins at {keep.from_m:g} m, inside {before}", fix="move it")
        gap = keep.from_m - at
        if 1e-6 < gap < _LEAST_M - 1.0:
            raise BriefError(
                f"{gap:g} m between kept lot {keep.name!r} and {before}: too narrow for a lot",
                fix=f"leave none, or {_LEAST_M - 1.0:g} m and more",
            )
        at, before = keep.from_m + keep.width_m, f"kept lot {keep.name!r}"
    gap = brief.plot.length_m - at
    if kept and gap < -1e-6:
        raise BriefError(
            f"{before} ends {-gap:g} m beyond the plot of {brief.plot.length_m:g} m",
            fix="move it, or lengthen the plot",
        )
    if kept and 1e-6 < gap < _LEAST_M - 1.0:
        raise BriefError(f"{gap:g} m between {before} and the plot's right end: too narrow for a lot", fix="move it")


def headroom(lines: tuple[SightLine, ...], lot: Lot) -> tuple[float, SightLine | None]:
    """Return how high a lot may rise under the sight lines that cross it, and the lowest of them; inf where none."""
    low, which = np.inf, None
    for line in lines:
        a, b = np.array(line.from_m), np.array(line.to_m)
        # The plot of a lot and what projects from its front, wider by the line's own clearance.
        box = ((lot.x0 - 0.7, lot.x1 + 0.7), (-lot.depth_m - 0.7, 1.6))
        t0, t1 = 0.0, 1.0
        for axis, (least, most) in zip((0, 2), box, strict=True):
            d = b[axis] - a[axis]
            if abs(d) < 1e-9:
                if not least <= a[axis] <= most:
                    t0, t1 = 1.0, 0.0
                continue
            p, q = sorted(((least - a[axis]) / d, (most - a[axis]) / d))
            t0, t1 = max(t0, p), min(t1, q)
        if t0 < t1:
            height = min(float((a + (b - a) * t)[1]) for t in (t0, t1)) - line.clear_m
            if height < low:
                low, which = height, line
    return low, which


def _fit(brief: SetBrief, lot: Lot, *, side: int) -> Lot:
    """Lower a lot until it stays in the plot's height and under the sight lines; 0 storeys leaves it open."""
    cap = brief.plot.height_m
    if side == 0:
        cap = min(cap, headroom(brief.sight_lines, lot)[0])
    while lot.storeys > 0 and PAVEMENT_M + lot.wall_height_m + ROOF_M > cap:
        storeys = lot.storeys - 1
        style = lot.style
        if storeys and not STYLES[style].storeys[0] <= storeys:
            style = styles_for(lot.period, storeys)[0]
            if not STYLES[style].storeys[0] <= storeys:
                style = styles_for("1910", storeys)[0]
        lot = replace(lot, storeys=storeys, style=style)
    return lot
