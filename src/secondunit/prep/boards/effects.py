"""An effect on a board: a cloud where it will be, so that the frame leaves room for it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from secondunit.prep.stage.geometry import (
    Material,
    Matrix,
    Mesh,
    Part,
    Stage,
    ellipsoid,
    merge,
    mesh_of,
    scaling,
    translation,
)

EFFECT: Final = "effect"
_CLOUD: Final = Material(name="effect_cloud", base_color=(0.55, 0.54, 0.52), roughness=1.0)
_SHAPES: Final = {
    "collapse": (6.5, 7.0, 34),
    "destruction": (6.5, 7.0, 34),
    "explosion": (4.6, 8.5, 30),
    "fire": (2.4, 7.0, 24),
    "smoke": (2.6, 9.0, 24),
    "dust": (6.0, 3.0, 18),
    "crash": (3.0, 3.2, 12),
}
"""How wide and high a cloud of each kind is in metres, and of how many lumps."""


def effect_stages(effects: Sequence[str], *, seed: int) -> list[Stage]:
    """Return a cloud for the first effect that is one; nothing for effects without a body of their own."""
    kind = next((e for e in effects if e in _SHAPES), None)
    if kind is None:
        return []
    wide, high, count = _SHAPES[kind]
    rng = np.random.default_rng([seed, 41])
    lumps: list[Mesh] = []
    places: list[Matrix] = []
    for k in range(count):
        up = (k / (count - 1)) ** 0.8
        # A column that opens upwards for what rises, a skirt that spreads below for what falls.
        spread = wide * (0.35 + 0.65 * (up if high > wide else 1 - up) ** 0.9) * 0.42
        a = k * 2.39996 + float(rng.uniform(-0.3, 0.3))  # the golden angle
        r = spread * float(np.sqrt(rng.uniform(0.05, 1.0)))
        size = 0.24 * max(wide, 2.2) * float(rng.uniform(0.75, 1.3))
        ball = ellipsoid(f"{EFFECT}/cloud", (1.0, 0.86, 1.0), _CLOUD.name, sides=22)
        x, y, z = (ball.points[:, n : n + 1] for n in range(3))
        bumps = 1 + 0.09 * np.sin(5 * x + k) * np.sin(5 * y - k) + 0.06 * np.sin(9 * z + 2 * k)
        lumps.append(mesh_of(f"{EFFECT}/cloud", ball.points * bumps, ball.triangles, _CLOUD.name, smooth=True))
        places.append(translation(0.4 + r * np.cos(a), 0.4 * size + up * high, -9.5 + r * np.sin(a)) @ scaling(size))
    cloud = merge(f"{EFFECT}/cloud", lumps, places)  # one part: its outline is drawn, not its lumps
    return [Stage(parts=(Part(mesh=cloud),), materials=(_CLOUD,))]
