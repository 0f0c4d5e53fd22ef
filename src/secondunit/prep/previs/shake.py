"""How a hand, a shoulder or a hovering drone is never still: seeded, band-limited, the same on every run."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SHAKE_STAGE = 0x5A4B
"""Stage constant of the shake's random numbers."""

Carrier = Literal["none", "shoulder", "hands", "vehicle", "drone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """How much a way of carrying a camera moves, as standard deviations, and how quickly."""

    position_m: tuple[float, float, float]
    """Sideways, up, forward."""
    turn_deg: tuple[float, float, float]
    """Pan, tilt, roll."""
    corner_hz: float
    """Below it the spectrum is flat; above, turns fall with the square of frequency and places with its cube."""
    highest_hz: float
    """Nothing above it."""


CARRIAGES: dict[Carrier, Carriage] = {
    # Body sway while standing is 4 to 8 mm below 1 Hz, physiological tremor 8 to 12 Hz at hundredths of a degree, which
    # a camera's mass takes out: what is left of a 10 kg shoulder rig is slow.
    "shoulder": Carriage(position_m=(0.008, 0.006, 0.007), turn_deg=(0.30, 0.26, 0.16), corner_hz=0.45, highest_hz=5.0),
    "hands": Carriage(position_m=(0.012, 0.010, 0.010), turn_deg=(0.60, 0.55, 0.40), corner_hz=0.7, highest_hz=8.0),
    "vehicle": Carriage(position_m=(0.006, 0.012, 0.005), turn_deg=(0.10, 0.22, 0.18), corner_hz=1.4, highest_hz=9.0),
    "drone": Carriage(position_m=(0.10, 0.06, 0.08), turn_deg=(0.08, 0.05, 0.03), corner_hz=0.20, highest_hz=1.5),
}
_WAVES = 40
_LOWEST_HZ = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class Shake:
    """What a person writes of it."""

    carrier: Carrier = "none"
    amount: float = 1.0
    """1 is a practised operator standing; 0 a tripod."""
    seed: int = 1
    steps_hz: float = 0.0
    """Steps a second of an operator who walks, 0 for one who stands; a brisk walk is 1.9."""


def shake_at(shake: Shake, seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far the camera is off its path at a moment.

    Returns
    -------
    position_m
        (3,) to the right, up and forward, in the camera's own axes.
    turn_deg
        (3,) pan to the left, tilt up, roll anticlockwise.
    """
    if shake.carrier == "none" or shake.amount == 0:
        return np.zeros(3), np.zeros(3)
    carriage = CARRIAGES[shake.carrier]
    hertz, weight, phases = _waves(shake.carrier, shake.seed)
    unit = np.sum(np.sin(2 * np.pi * hertz * seconds + phases) * weight, axis=1)
    position, turn = unit[:3] * carriage.position_m, unit[3:] * carriage.turn_deg
    if shake.steps_hz:
        # Each step lifts the head once; the body rolls over the standing leg, one cycle each two steps.
        step = 2 * np.pi * shake.steps_hz * seconds
        position += (0.018 * math.sin(step / 2), 0.022 * math.cos(step), 0.0)
        turn += (0.25 * math.sin(step / 2 + 0.4), 0.30 * math.sin(step), 0.35 * math.sin(step / 2))
    return position * shake.amount, turn * shake.amount


@lru_cache(maxsize=16)
def _waves(carrier: Carrier, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies (waves,), weights (6, waves) of unit deviation and phases (6, waves)."""
    carriage = CARRIAGES[carrier]
    hertz = np.geomspace(_LOWEST_HZ, carriage.highest_hz, _WAVES)
    # Log-spaced waves stand for a band as wide as their frequency, hence the root.
    fall = np.array([[3.0]] * 3 + [[2.0]] * 3)
    weight = np.sqrt(hertz) / (1 + (hertz / carriage.corner_hz) ** fall)
    weight *= np.sqrt(2 / np.sum(weight**2, axis=1, keepdims=True))
    return hertz, weight, np.random.default_rng([seed, SHAKE_STAGE]).uniform(0, 2 * np.pi, (6, _WAVES))
