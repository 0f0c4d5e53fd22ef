import math

import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.imaging.metrics import half_rounded, max_abs_diff, psnr, robust_sigma, robust_sigmas


def test_max_abs_diff_sees_one_pixel_and_not_a_number() -> None:
    a = np.zeros((4, 4, 3), np.float32)
    b = a.copy()
    b[3, 3, 2] = -0.25
    assert max_abs_diff(a, b) == 0.25
    outside = np.ones((4, 4), bool)
    outside[3, 3] = False
    assert max_abs_diff(a, b, where=outside) == 0.0
    b[0, 0, 0] = np.nan
    assert max_abs_diff(a, b) == math.inf
    assert max_abs_diff(a, a, where=np.zeros((4, 4), bool)) == 0.0


def test_equal_infinities_differ_by_nothing() -> None:
    a = np.full((2, 2), np.inf, np.float32)
    assert max_abs_diff(a, a) == 0.0


def test_sizes_must_agree() -> None:
    with pytest.raises(BriefError):
        max_abs_diff(np.zeros((2, 2), np.float32), np.zeros((2, 3), np.float32))


def test_psnr_known_value() -> None:
    a = np.zeros((8, 8), np.float32)
    assert psnr(a, a + np.float32(0.1)) == pytest.approx(20, abs=1e-4)
    assert psnr(a, a) == math.inf


def test_robust_sigma_ignores_outliers() -> None:
    values = np.random.default_rng(1).normal(0, 2, 20000)
    values[:500] = 1e6
    assert robust_sigma(values) == pytest.approx(2, rel=0.06)


def test_robust_sigmas_are_each_rows_own() -> None:
    rows = np.random.default_rng(2).normal(0, [[1.0], [3.0], [0.2]], (3, 4000)).astype(np.float32)
    assert robust_sigmas(rows).tolist() == [robust_sigma(row) for row in rows]
    assert robust_sigmas(rows)[1] == pytest.approx(3, rel=0.06)


def test_half_rounding_is_what_a_half_file_holds() -> None:
    values = np.array([[1 / 3, 70000.0, 1e-9, -2.0]], np.float32)
    rounded = half_rounded(values)
    np.testing.assert_array_equal(rounded, np.clip(values, -65504, 65504).astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(half_rounded(rounded), rounded)
