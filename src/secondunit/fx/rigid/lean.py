"""Which way the parts of a building lean as they come down."""

import math

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Collapse, Side
from secondunit.core.layout import Box
from secondunit.fx.fracture.sections import Section

Floats = NDArray[np.float64]

LEAN_DEG = 22.0
"""Tilt of a block at ``lean`` 1 once it has fallen about its own height."""
FOLD_DEG = 7.0
"""Tilt inwards of an imploding building's sections."""


def on_side(section: Section, side: Side) -> bool:
    """Return whether a section belongs to a side of its building: a third along, or a half across."""
    third = min(int(section.across * 3), 2)
    return {
        "all": True,
        "left": third == 0,
        "middle": third == 1,
        "right": third == 2,
        "front": section.behind <= 0.5,
        "back": section.behind >= 0.5,
    }[side]


def direction(box: Box, direction_deg: float) -> Floats:
    """Return the world direction of a fall: 0 out of the facade, 90 towards its right end, 180 inward."""
    a = math.radians(direction_deg)
    return np.asarray(-math.cos(a) * np.array(box.inward) + math.sin(a) * np.array(box.along))


def lean_of(box: Box, section: Section, collapse: Collapse) -> tuple[Floats, float]:
    """Return where a section leans, not quite a unit vector, and how far in radians."""
    towards = direction(box, collapse.direction_deg)
    full = math.radians(LEAN_DEG) * collapse.lean
    if collapse.preset == "implosion":
        inward = (0.5 - section.behind) * 2 * np.array(box.inward) + (0.5 - section.across) * 1.6 * np.array(box.along)
        return np.asarray(inward + 0.3 * collapse.lean * towards), math.radians(FOLD_DEG)
    if collapse.preset == "pancake":
        return towards, 0.25 * full
    return towards, full


def toe_of(box: Box, towards: Floats) -> Floats:
    """Return a point of the hinge a toppling box turns about: some way in from its leading foot."""
    feet = np.array([box.point(s * box.width_m, 0.0, q * box.depth_m) for s in (0, 1) for q in (0, 1)])
    ahead = feet @ towards
    return np.asarray(feet.mean(axis=0) + towards * 0.4 * (ahead.max() - ahead.min()))
