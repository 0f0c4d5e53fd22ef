"""What a learned generator has seen, and what of a take lies outside it.

Beyond what it was trained on a network still paints, and is as sure of it. So a take says where that is so.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a generator was trained on of one quantity, both ends included."""

    name: str
    """As in ``outside``'s values, and as a finding calls it."""
    unit: str
    """As it is written after a number, empty where there is none."""
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Say whether a value lies inside."""
        return self.low <= value <= self.high

    def said(self, value: float) -> str:
        """Return a value beside the range, in words."""
        low, high = _number(self.low), _number(self.high)
        return f"{self.name} is {_number(value)}{self.unit}, learned from {low} to {high}{self.unit}"


CELL, SUN, WIND, AMOUNT, SCALE = "dust cell", "sun elevation", "wind", "dust amount", "dust scale"
SURGE, JETS, LOOKS_DOWN, FIELD = "surge", "jets", "camera above the dust", "field of view"

LEARNED = (
    Range(name=CELL, unit=" px", low=1.6, high=7.0),
    Range(name=SUN, unit="°", low=8.0, high=75.0),
    Range(name=WIND, unit=" m/s", low=0.0, high=2.5),
    Range(name=AMOUNT, unit="", low=0.36, high=3.7),
    Range(name=SCALE, unit="", low=0.7, high=1.5),
    Range(name=SURGE, unit="", low=0.6, high=1.8),
    Range(name=JETS, unit="", low=0.3, high=1.8),
    Range(name=LOOKS_DOWN, unit="°", low=-15.0, high=35.0),
    Range(name=FIELD, unit="°", low=18.0, high=55.0),
)
"""What ``training/scene.py`` and ``training/view.py`` draw from; a test holds these to those.

The cell is in pixels of the control buffers; amount is the brief's times the training's gain on extinction; how far
the camera stands above the dust is the angle of a ray, and training pictures have rays beside their middle.
"""


def outside(ranges: tuple[Range, ...], values: Mapping[str, float]) -> tuple[str, ...]:
    """Return, in words, what of a take lies outside what was learned; a quantity that was not learned cannot."""
    return tuple(r.said(values[r.name]) for r in ranges if r.name in values and not r.holds(values[r.name]))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:.0f}"
