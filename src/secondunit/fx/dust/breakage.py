"""How much dust each break, fall and landing makes, shared out from what the fallen building leaves in the air."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondunit.core.layout import Layout
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion

Floats = NDArray[np.float32]

DUSTY = np.array((1.0, 1.1, 1.5, 0.08, 0.5, 0.1), np.float32)
"""Dust by material, as ``pieces.MATERIALS``."""
TORN_M = 0.12
"""Two bonded pieces that have moved apart by this much are broken."""
TEAR_M_PER_S = 7.0
"""Parting speed at which a break gives its full dust: a crack that opens slowly lets go of little."""
TEAR_SPREAD = (0.4, 0.3, 0.2, 0.1)
"""A break gives its dust over this many frames."""
HIT_POWER = 0.9
"""Dust of a landing by its energy: one slab raises more than its crumbs together do."""
LOOSE_S = 0.9
"""How long a broken piece goes on losing dust."""


def fallen_m3(pieces: Pieces, motion: Motion, layout: Layout) -> float:
    """Volume of building that comes down, by mass of what moves over half a metre."""
    if not len(pieces) or not len(motion.position):
        return 0.0
    moved = np.abs(motion.position[-1] - pieces.centre).max(axis=1) > 0.5
    share = np.array(
        [pieces.mass_kg[moved & (pieces.box == n)].sum() / max(pieces.mass_kg[pieces.box == n].sum(), 1e-6)
         for n in range(len(layout.falling))]
    )  # fmt: skip
    volume = np.array([b.width_m * b.height_m * b.depth_m for b in layout.falling])
    return float((share * volume).sum())


def shed(pieces: Pieces, motion: Motion, *, trails: float, breaks: float) -> Floats:
    """Dust that each piece sheds in flight and as it breaks: (N, P) in m² a second."""
    frames, rate = len(motion.position), motion.rate
    velocity = np.zeros_like(motion.position)
    velocity[1:] = np.diff(motion.position, axis=0) * rate
    speed = np.sqrt((velocity**2).sum(axis=2))
    dusty = DUSTY[pieces.material]
    torn, broke, violence = _tears(pieces, motion)
    free = np.arange(frames)[:, None] - broke[None, :]
    loose = np.where(free >= 0, np.exp(-np.maximum(free, 0) / (LOOSE_S * rate)), 0.0)
    trail = violence * loose * np.cbrt(pieces.volume_m3) ** 2 * dusty * np.clip(speed - 1.5, 0.0, 12.0)
    return _scaled(trail, trails, rate) + _scaled(torn * dusty, breaks, rate)


def _tears(pieces: Pieces, motion: Motion) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Broken bond area per row and piece (N, P), spread over a few rows; when each piece broke off; how violently.

    A bond is broken once its two pieces have moved apart; what falls as one block makes no dust inside, and a crack
    that opens slowly in it makes little.
    """
    frames, count = len(motion.position), len(pieces)
    travel = motion.position - pieces.centre[None]
    torn = np.zeros((frames + len(TEAR_SPREAD), count))
    broke = np.full(count, frames)
    violence = np.zeros(count)
    if len(pieces.bond):
        one, two = pieces.bond[:, 0], pieces.bond[:, 1]
        gap = np.sqrt(((travel[:, one] - travel[:, two]) ** 2).sum(axis=2))
        apart = gap > TORN_M
        gone = np.flatnonzero(apart.any(axis=0))
        when = apart.argmax(axis=0)[gone]
        later_row = np.minimum(when + 2, frames - 1)
        parting = (gap[later_row, gone] - gap[np.maximum(when - 1, 0), gone]) * motion.rate / 3.0
        fierce = np.clip(parting / TEAR_M_PER_S, 0.0, 1.0) ** 1.5
        for end in (one[gone], two[gone]):
            np.minimum.at(broke, end, when)
            np.maximum.at(violence, end, fierce)
            for later, share in enumerate(TEAR_SPREAD):
                np.add.at(torn, (when + later, end), share * fierce * pieces.bond_area_m2[gone])
    else:
        moves = (travel**2).sum(axis=2) > TORN_M**2
        broke = np.where(moves.any(axis=0), moves.argmax(axis=0), frames)
        for later, share in enumerate(TEAR_SPREAD):
            torn[np.minimum(broke + later, frames), np.arange(count)] += share * np.cbrt(pieces.volume_m3) ** 2
        violence[:] = 1.0
    return torn[:frames], broke, violence


def _scaled(amount: NDArray[Any], total: float, rate: float) -> Floats:
    """Scale rates (N, P) a second so that all frames together give ``total``."""
    whole = float(amount.sum()) / rate
    return (amount * (total / whole if whole > 0 else 0.0)).astype(np.float32)


def hits(pieces: Pieces, motion: Motion, layout: Layout, *, dust: float, surge: float) -> tuple[Floats, Floats]:
    """Dust (m²) and pushed air (m³) of each landing."""
    if not len(motion.hit_frame):
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    energy = np.maximum(motion.hit_energy.astype(np.float64), 0.0)
    gain = energy**HIT_POWER * DUSTY[pieces.material[motion.hit_piece]]
    amount = gain * (dust / max(float(gain.sum()), 1e-9))
    height = max((b.height_m for b in layout.falling), default=1.0)
    low = gain * np.exp(-motion.hit_position[:, 1] / (0.15 * height))
    air = low * (0.45 * surge * fallen_m3(pieces, motion, layout) / max(float(low.sum()), 1e-9))
    return amount.astype(np.float32), air.astype(np.float32)
