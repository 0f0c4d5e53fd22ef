"""Curves by keys: what a camera, a figure or a light does over frames, exact on every key."""

import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from secondunit.core.errors import BriefError

Easing = Literal["hold", "linear", "ease", "ease-in", "ease-out", "through"]
"""How a value leaves a key for the next.

``hold`` jumps at the next key; ``linear`` keeps one speed; ``ease`` starts and ends at rest with no jerk felt (a dolly
that is feathered in and out); ``ease-in`` only starts at rest, ``ease-out`` only ends there; ``through`` passes the
keys between without stopping, at rest at the first and the last of the run.
"""

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A value at a frame."""

    frame: int
    value: Values
    ease: Easing = "ease"
    """How it goes on from here."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Keys in order of frames; before the first and after the last the value is held."""

    keys: tuple[Key, ...]

    def __post_init__(self) -> None:
        if not self.keys:
            raise BriefError("a curve has no key", fix="give it at least one")
        for before, after in pairwise(self.keys):
            if after.frame <= before.frame:
                raise BriefError(f"keys at frames {before.frame} and {after.frame} are out of order", fix="sort them")
            if len(after.value) != len(before.value):
                raise BriefError(f"the key at {after.frame} has {len(after.value)} values", fix="give as many at each")

    @classmethod
    def of(cls, value: float | Values) -> "Curve":
        """Return a curve that stays."""
        values = value if isinstance(value, tuple) else (value,)
        return cls((Key(frame=0, value=tuple(float(v) for v in values)),))

    def at(self, frame: float) -> Values:
        """Return the value at a frame, or between frames.

        >>> curve = Curve((Key(frame=1, value=(0.0,)), Key(frame=5, value=(8.0,))))
        >>> curve.at(1), curve.at(3), curve.at(9)
        ((0.0,), (4.0,), (8.0,))
        """
        keys = self.keys
        if frame <= keys[0].frame:
            return keys[0].value
        if frame >= keys[-1].frame:
            return keys[-1].value
        n = bisect.bisect_right([k.frame for k in keys], frame) - 1
        here, there = keys[n], keys[n + 1]
        if frame == here.frame:
            return here.value
        t = (frame - here.frame) / (there.frame - here.frame)
        if here.ease == "through":
            return tuple(self._through(n, axis, t) for axis in range(len(here.value)))
        share = _SHARES[here.ease](t)
        return tuple(a + (b - a) * share for a, b in zip(here.value, there.value, strict=True))

    def one(self, frame: float) -> float:
        """Return the first value at a frame."""
        return self.at(frame)[0]

    @property
    def moves(self) -> bool:
        """Whether the value ever changes."""
        return any(key.value != self.keys[0].value for key in self.keys)

    def _through(self, n: int, axis: int, t: float) -> float:
        here, there = self.keys[n], self.keys[n + 1]
        span = there.frame - here.frame
        a, b = here.value[axis], there.value[axis]
        p, q = self._slope(n, axis) * span, self._slope(n + 1, axis) * span
        t2, t3 = t * t, t * t * t
        return (2 * t3 - 3 * t2 + 1) * a + (t3 - 2 * t2 + t) * p + (3 * t2 - 2 * t3) * b + (t3 - t2) * q

    def _slope(self, n: int, axis: int) -> float:
        """Return the slope at a key that is passed, so that no value overshoots its neighbours.

        Fritsch and Butland 1984: the harmonic mean of both sides' slopes, 0 at a turn and at the run's ends.
        """
        keys = self.keys
        if n in (0, len(keys) - 1) or keys[n - 1].ease != "through" or keys[n].ease != "through":
            return 0.0
        before, after = keys[n].frame - keys[n - 1].frame, keys[n + 1].frame - keys[n].frame
        left = (keys[n].value[axis] - keys[n - 1].value[axis]) / before
        right = (keys[n + 1].value[axis] - keys[n].value[axis]) / after
        if left * right <= 0:
            return 0.0
        a, b = 2 * after + before, after + 2 * before
        return (a + b) / (a / left + b / right)


_SHARES: Mapping[str, Callable[[float], float]] = {
    "hold": lambda t: 0.0,
    "linear": lambda t: t,
    "ease": lambda t: t * t * t * (10 + t * (6 * t - 15)),  # least jerk (Flash and Hogan 1985)
    "ease-in": lambda t: t * t * (2 - t),  # slopes 0 and 1
    "ease-out": lambda t: t * (1 + t - t * t),  # slopes 1 and 0
}
