"""What years do to a front: streaks, damp at the foot, fallen plaster over brick, cracks, weeds. All of it geometry."""

import math
from collections.abc import Sequence

import numpy as np

from secondunit.prep.sets.assembly import Pen
from secondunit.prep.sets.front import Finish
from secondunit.prep.sets.grammar import Facade

Hole = tuple[float, float, float, float]


def weather(pen: Pen, facade: Facade, finish: Finish, rng: np.random.Generator, *, doors: Sequence[Hole] = ()) -> None:
    """Weather a front whose left foot is the pen's frame, off its openings; ``doors`` are the ground floor's."""
    wear = finish.wear
    if wear < 0.03:
        return
    holes = [*_holes(facade), *doors]
    for a, b, low, _ in holes:
        if low > 2.0 and rng.random() < 0.25 + 0.7 * wear:
            for s in (a - 0.02, b + 0.02):
                if rng.random() < 0.4 + 0.4 * wear:
                    _streak(
                        pen.at("streak"),
                        s,
                        low - 0.08,
                        0.4 + 1.7 * wear * rng.random(),
                        0.07 + 0.2 * wear * rng.random(),
                        0.004,
                    )
    top = facade.height_m
    for _ in range(int(facade.width_m * (0.15 + 1.5 * wear))):
        s = float(rng.uniform(0.3, facade.width_m - 0.3))
        _streak(
            pen.at("streak"), s, top - 0.72, 0.5 + 4.5 * wear * rng.random(), 0.1 + 0.45 * wear * rng.random(), 0.004
        )
    if (wear > 0.25 and facade.style.cornice != "none") or wear > 0.45:
        for _ in range(int(facade.width_m * top * 0.06 * max(0.0, wear - 0.2))):
            _patch(pen, facade, holes, wear, rng)
    if wear > 0.35:
        _damp(pen.at("damp"), facade.width_m, doors, wear, rng)
    for _ in range(int(facade.width_m * 0.8 * max(0.0, wear - 0.3))):
        _crack(pen.at("crack"), facade, holes, rng)
    if wear > 0.5:
        for _ in range(int(facade.width_m * 1.2 * (wear - 0.5))):
            _weed(pen.at("weed"), float(rng.uniform(0.4, facade.width_m - 0.4)), top - 0.02, 0.35, rng)


def weather_party(pen: Pen, length: float, low: float, high: float, wear: float, rng: np.random.Generator) -> None:
    """Weather a bare party wall: damp from the coping, patches where a neighbour's roof once met it."""
    for _ in range(int(length * (0.25 + 0.8 * wear))):
        s, tall = float(rng.uniform(0.3, length - 0.3)), float(rng.uniform(0.15, 0.75)) * (high - low)
        _streak(pen.at("streak"), s, high - 0.02, tall, float(rng.uniform(0.15, 0.6)), 0.004)
    if high - low > 6.0 and rng.random() < 0.6:  # the ghost of a lower house that stood here
        s0 = float(rng.uniform(0.5, 0.4 * length))
        s1, top = (
            min(length - 0.5, s0 + float(rng.uniform(5.0, 9.0))),
            low + float(rng.uniform(2.5, 0.5 * (high - low))),
        )
        pen.at("ghost").polygon("rear", (s0, low, 0.006), (s1, low, 0.006), (s1, top - 0.9, 0.006), (s0, top, 0.006))
        for t in np.arange(low + 2.8, top - 1.0, 2.9):
            pen.at("ghost").wall("mortar", s0, s1, float(t), float(t) + 0.18, 0.009)
    for _ in range(int(length * (high - low) * 0.012 * wear)):
        s, t = float(rng.uniform(1.0, length - 1.0)), float(rng.uniform(low + 0.5, high - 0.5))
        _brick_patch(pen.at("plaster_lost"), s, t, float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.4, 1.3)), rng)


def _damp(pen: Pen, width: float, doors: Sequence[Hole], wear: float, rng: np.random.Generator) -> None:
    """Draw damp that climbs the piers from the pavement, higher here than there."""
    if not doors:
        return
    n = max(4, int(width / 0.3))
    top = 0.62
    high = top + wear * rng.uniform(0.15, 0.75, n + 1)
    for k in range(n):
        a, b = width * k / n, width * (k + 1) / n
        if any(b > p and a < q for p, q, _, _ in doors):
            continue
        pen.polygon(
            "stain", (a, 0.56, 0.003), (b, 0.56, 0.003), (b, float(high[k + 1]), 0.003), (a, float(high[k]), 0.003)
        )


def _holes(facade: Facade) -> list[Hole]:
    found = []
    for storey in facade.storeys:
        for bay in storey.bays:
            if bay.opening:
                half = bay.opening.width_m / 2
                low = storey.base_m + bay.opening.sill_m
                found.append((bay.middle - half, bay.middle + half, low, low + bay.opening.height_m))
    return found


def _streak(pen: Pen, s: float, top: float, tall: float, wide: float, z: float) -> None:
    """Draw a run of dirt: broad at its head, split into two tails."""
    foot, h = max(0.05, top - tall), wide / 2
    if top - foot < 0.15:
        return
    mid = top - 0.45 * (top - foot)
    pen.polygon("stain", (s - 0.7 * h, mid, z), (s + 0.75 * h, mid, z), (s + h, top, z), (s - h, top, z))
    low = foot + 0.25 * (top - foot)
    pen.polygon("stain", (s - 0.35 * h, low, z), (s - 0.05 * h, mid, z), (s - 0.7 * h, mid, z))
    pen.polygon("stain", (s + 0.2 * h, foot, z), (s + 0.75 * h, mid, z), (s - 0.05 * h, mid, z))


def _free(s: float, t: float, rx: float, ry: float, facade: Facade, holes: list[Hole]) -> bool:
    if not (rx < s < facade.width_m - rx and 0.3 + ry < t < facade.height_m - 0.8 - ry):
        return False
    return all(
        s + rx < a - 0.04 or s - rx > b + 0.04 or t + ry < low - 0.05 or t - ry > high + 0.1
        for a, b, low, high in holes
    )


def _patch(pen: Pen, facade: Facade, holes: list[Hole], wear: float, rng: np.random.Generator) -> None:
    low = facade.storeys[0].top_m + 0.3 if len(facade.storeys) > 1 else 0.4
    if rng.random() < 0.25:
        low = 0.5
    for attempt in range(30):  # a large one where there is room for it, else smaller and smaller
        s, t = float(rng.uniform(0.2, facade.width_m - 0.2)), float(rng.uniform(low, facade.height_m - 1.0))
        size = (0.5 + 1.5 * wear * float(rng.random())) * (1.0 - 0.028 * attempt)
        # Plaster falls down a pier or along a floor: long one way, as wide as there is wall the other.
        rx, ry = (0.45 * size, 1.5 * size) if rng.random() < 0.6 else (1.3 * size, 0.5 * size)
        if _free(s, t, rx, ry, facade, holes):
            _brick_patch(pen.at("plaster_lost"), s, t, rx, ry, rng)
            return


def _brick_patch(pen: Pen, s: float, t: float, rx: float, ry: float, rng: np.random.Generator) -> None:
    """Fallen plaster: a ragged hole with a lip, courses of brick within it."""
    n = 13
    radius = rng.uniform(0.6, 1.0, n)
    turn = np.linspace(0, 2 * math.pi, n, endpoint=False) + rng.uniform(-0.15, 0.15, n)
    rim = [(s + rx * q * math.cos(a), t + ry * q * math.sin(a)) for q, a in zip(radius, turn, strict=True)]
    for k in range(n):
        a, b = rim[k], rim[(k + 1) % n]
        pen.polygon("mortar", (s, t, 0.004), (*a, 0.004), (*b, 0.004))
        out_a, out_b = (s + 1.07 * (a[0] - s), t + 1.07 * (a[1] - t)), (s + 1.07 * (b[0] - s), t + 1.07 * (b[1] - t))
        pen.polygon("plaster_edge", (*a, 0.004), (*out_a, 0.012), (*out_b, 0.012), (*b, 0.004))
    rows = int(2.0 * ry / 0.075)
    for row in range(rows):
        y = t - ry + 0.075 * (row + 0.5)
        x = s - rx + (0.13 if row % 2 else 0.0)
        while x < s + rx - 0.1:
            if all(_inside(u, y, rim) for u in (x + 0.01, x + 0.23)):
                pen.wall("brick" if rng.random() < 0.6 else "brick_pale", x, x + 0.24, y - 0.031, y + 0.031, 0.007)
            x += 0.26


def _inside(x: float, y: float, rim: list[tuple[float, float]]) -> bool:
    odd = False
    for (ax, ay), (bx, by) in zip(rim, [*rim[1:], rim[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            odd = not odd
    return odd


def _crack(pen: Pen, facade: Facade, holes: list[Hole], rng: np.random.Generator) -> None:
    """Draw a crack that climbs from an opening's corner, as settlement makes them."""
    if not holes:
        return
    a, b, low, high = holes[int(rng.integers(0, len(holes)))]
    right, up = bool(rng.random() < 0.5), bool(rng.random() < 0.6)
    s, t = (b if right else a), (high if up else low)
    for k in range(int(rng.integers(3, 7))):
        ds, dt = (
            float(rng.uniform(0.02, 0.22)) * (1 if right else -1),
            float(rng.uniform(0.12, 0.35)) * (1 if up else -1),
        )
        w = 0.022 * (1.0 - k / 8)
        u, v = s + ds, t + dt
        if not (0.1 < u < facade.width_m - 0.1) or any(p - 0.05 < u < q + 0.05 and x < v < y for p, q, x, y in holes):
            return
        corners = [(s - w, t, 0.005), (s + w, t, 0.005), (u + 0.8 * w, v, 0.005), (u - 0.8 * w, v, 0.005)]
        pen.polygon("crack", *(corners if up else reversed(corners)))
        s, t = u, v


def _weed(pen: Pen, s: float, t: float, z: float, rng: np.random.Generator) -> None:
    for _ in range(7):
        a, tall = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(0.15, 0.45))
        c, w = 0.06 * math.cos(a), 0.06 * math.sin(a)
        tip = (s + 4.0 * c, t + tall, z + 3.0 * w)
        pen.polygon("leaf_2", (s - w, t, z + c), (s + w, t, z - c), tip)
        pen.polygon("leaf_2", (s + w, t, z - c), (s - w, t, z + c), tip)
