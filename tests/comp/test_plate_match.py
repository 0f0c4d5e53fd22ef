import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Still

from secondunit.comp.plate_match import measure_grain, measure_plate, measure_softness
from secondunit.core.errors import BriefError
from secondunit.imaging.filters import gaussian
from secondunit.imaging.grain import grain_field

MATERIAL = Path(os.environ.get("SECONDUNIT_MATERIAL", Path(__file__).parents[2] / "../shared/material"))


def checks(sigma: float, offset: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[:200, :200] + offset
    board = np.where(((x // 37) + (y // 41)) % 2 > 0, 0.5, 0.2).astype(np.float32)
    return gaussian(np.dstack([board] * 3), sigma_px=sigma)


@pytest.mark.parametrize("sigma", [0.5, 0.8, 1.2, 2.0])
def test_softness_is_what_the_edges_were_blurred_by(sigma: float) -> None:
    assert measure_softness(checks(sigma)) == pytest.approx(sigma, abs=0.12)


@pytest.mark.parametrize("sigma", [0.005, 0.02])
@pytest.mark.parametrize("size_px, shared", [(0.6, 0.9), (1.0, 0.3)])
def test_grain_is_measured(sigma: float, size_px: float, shared: float) -> None:
    ramp = np.linspace(0.1, 0.8, 256, dtype=np.float32)[None, :, None] * np.ones((256, 1, 3), np.float32)
    noise = grain_field(width=256, height=256, size_px=size_px, shared=shared, seed=1, frame=1)
    grain = measure_grain(ramp + sigma * noise)
    middle = np.interp(0.4, grain.luminance, [row[1] for row in grain.sigma])
    assert middle == pytest.approx(sigma, rel=0.3)
    assert grain.size_px == pytest.approx(size_px, abs=0.25)
    assert grain.shared == pytest.approx(shared, abs=0.15)


def test_stronger_grain_in_the_light_is_seen() -> None:
    ramp = np.linspace(0.1, 0.9, 256, dtype=np.float32)[None, :, None] * np.ones((256, 1, 3), np.float32)
    noise = grain_field(width=256, height=256, size_px=0.5, shared=1.0, seed=1, frame=1)
    grain = measure_grain(ramp + 0.03 * ramp * noise)
    assert grain.sigma[-1][1] > 2 * grain.sigma[0][1]


@pytest.mark.parametrize("size", [(1, 1), (10, 300), (30, 30)], ids=str)
def test_small_plates_give_plain_answers(size: tuple[int, int]) -> None:
    plate = np.full((*size, 3), 0.4, np.float32)
    match = measure_plate(plate, matte=np.zeros(size, np.float32))
    assert match.haze_per_km == 0
    assert 0.2 <= match.softness_px <= 3
    assert max(max(row) for row in match.grain.sigma) < 0.01


def test_black_white_and_haze() -> None:
    plate = np.full((120, 160, 3), 0.0, np.float32)
    plate[:60] = (0.5, 0.6, 0.8)
    plate[54:60, :60] = 0.5 * np.float32([0.5, 0.6, 0.8]) + 0.5 * np.float32([0.02, 0.01, 0.03])
    plate[60:] = (0.2, 0.2, 0.2)
    plate[100:110, 20:40] = (0.02, 0.01, 0.03)
    matte = np.zeros((120, 160), np.float32)
    matte[20:90, 100:150] = 1
    plate[20:90, 100:150] = (0.9, 0.8, 0.7)
    match = measure_plate(plate, matte=matte, horizon_row=60, far_m=1000)
    np.testing.assert_allclose(match.black, (0.02, 0.01, 0.03), atol=1e-4)
    np.testing.assert_allclose(match.white_balance, np.array([0.9, 0.8, 0.7]) / 0.8, rtol=1e-3)
    np.testing.assert_allclose(match.sky_colour, (0.5, 0.6, 0.8), atol=0.02)
    assert match.haze_per_km == pytest.approx(np.log(2), rel=0.15)


def test_mattes_of_another_size_are_refused() -> None:
    with pytest.raises(BriefError):
        measure_plate(np.zeros((8, 8, 3), np.float32), matte=np.zeros((8, 9), np.float32))


def test_the_demo_plate() -> None:
    file = MATERIAL / "plates/stills/opencv_doc/building.jpg"
    if not file.exists():
        pytest.skip("the shared material is not here")
    plate = (np.asarray(Still.open(file).convert("RGB"), dtype=np.float32) / 255) ** 2.2
    matte = np.zeros(plate.shape[:2], np.float32)
    matte[140:530, 155:] = 1
    matte[:140, 320:] = 1
    match = measure_plate(plate, matte=matte, horizon_row=511)
    assert 0.5 < match.softness_px < 1.2
    assert max(match.black) < 0.01
    assert match.sky_colour[2] > match.sky_colour[0]
    assert all(max(row) < 0.02 for row in match.grain.sigma)
