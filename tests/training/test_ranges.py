"""What the product says the generator has learned is what training draws."""

import math

import numpy as np
import pytest
from training.scene import draw_scene
from training.view import FOOTPRINT, draw_view

from secondunit.generate import ranges

DRAWS = 400


def _seen() -> dict[str, list[float]]:
    seen: dict[str, list[float]] = {r.name: [] for r in ranges.LEARNED}
    rng = np.random.default_rng(5)
    for seed in range(1, DRAWS + 1):
        scene = draw_scene(seed)
        dust = scene.dust
        seen[ranges.SUN] += [sun.elevation_deg for sun in scene.suns]
        seen[ranges.WIND].append(math.hypot(*dust.wind_m_per_s))
        seen[ranges.AMOUNT].append(dust.amount * scene.extinction_gain)
        seen[ranges.SCALE].append(dust.scale)
        seen[ranges.SURGE].append(dust.surge)
        seen[ranges.JETS].append(dust.jets)
        aim = np.array((0.0, 5.0, -30.0))
        camera = draw_view(rng, aim=aim, size=np.full(3, 10.0), cell_m=0.3, width=192, height=128).camera
        half = math.degrees(math.atan(0.5 * camera.filmback.height_mm / camera.focal_length_mm))
        x, y, z = np.array(camera.position_m) - aim
        above = math.degrees(math.atan2(y, math.hypot(x, z)))
        seen[ranges.LOOKS_DOWN] += [above - half, above + half]
        seen[ranges.FIELD].append(
            2.0 * math.degrees(math.atan(0.5 * camera.filmback.width_mm / camera.focal_length_mm))
        )
    seen[ranges.CELL] += FOOTPRINT
    return seen


def test_said_ranges_are_those_that_training_draws_from() -> None:
    seen = _seen()
    for said in ranges.LEARNED:
        width = said.high - said.low
        low, high = min(seen[said.name]), max(seen[said.name])
        if said.name != ranges.LOOKS_DOWN:  # rays: those of the widest pictures reach further yet
            assert said.low - 0.01 * width <= low, said
            assert high <= said.high + 0.02 * width, said
        assert low <= said.low + 0.1 * width, said
        assert high >= said.high - 0.12 * width, said


def test_a_cell_is_as_wide_as_training_says() -> None:
    cell = next(r for r in ranges.LEARNED if r.name == ranges.CELL)
    assert (cell.low, cell.high) == pytest.approx(FOOTPRINT)
