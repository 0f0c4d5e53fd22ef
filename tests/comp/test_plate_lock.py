import math

import numpy as np
import pytest

from secondunit.comp.plate_lock import allowed, lock, outside_difference
from secondunit.core.errors import BriefError

PLATE = np.random.default_rng(1).random((20, 30, 3), dtype=np.float32)


def support() -> np.ndarray:
    matte = np.zeros((20, 30), np.float32)
    matte[8:12, 10:15] = 0.001
    return matte


def test_outside_the_ring_the_plate_comes_back_bit_for_bit() -> None:
    comp = np.dstack([PLATE + np.float32(0.1), np.ones((20, 30), np.float32)])
    locked, difference, share = lock(comp, PLATE, support=support(), ring_px=2)
    inside = allowed(support(), ring_px=2)
    np.testing.assert_array_equal(locked[~inside][:, :3], PLATE[~inside])
    np.testing.assert_array_equal(locked[inside], comp[inside])
    assert difference == 0.0
    assert share == pytest.approx(inside.mean())
    assert inside[10, 8]
    assert not inside[10, 7]


def test_no_support_gives_the_plate() -> None:
    locked, difference, share = lock(PLATE * 0, PLATE, support=np.zeros((20, 30), np.float32), ring_px=6)
    np.testing.assert_array_equal(locked, PLATE)
    assert (difference, share) == (0.0, 0.0)


def test_the_check_sees_one_changed_pixel() -> None:
    inside = allowed(support(), ring_px=2)
    comp = PLATE.copy()
    comp[0, 0, 1] += np.float32(0.01)
    assert outside_difference(comp, PLATE, inside=inside) == pytest.approx(0.01, abs=1e-3)
    comp[10, 12] = 9
    comp[0, 0] = PLATE[0, 0]
    assert outside_difference(comp, PLATE, inside=inside) == 0.0
    comp[1, 1, 0] = math.nan
    assert outside_difference(comp, PLATE, inside=inside) == math.inf


def test_brighter_than_half_floats_is_no_difference() -> None:
    bright = PLATE.copy()
    bright[0, 0] = 1e6
    assert lock(bright, bright, support=support(), ring_px=1)[1] == 0.0


def test_sizes_must_agree() -> None:
    with pytest.raises(BriefError):
        lock(PLATE, PLATE[:10], support=support(), ring_px=1)
