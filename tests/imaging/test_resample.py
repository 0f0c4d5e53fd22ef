import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.imaging.resample import resize, warp


@pytest.mark.parametrize("method", ["area", "linear", "lanczos", "nearest"])
@pytest.mark.parametrize("size", [(8, 6), (31, 17), (1, 1), (100, 80)], ids=str)
def test_constants_stay_constant(method: str, size: tuple[int, int]) -> None:
    width, height = size
    result = resize(np.full((40, 50, 4), 0.3, np.float32), width=width, height=height, method=method)
    assert result.shape == (height, width, 4)
    np.testing.assert_allclose(result, 0.3, atol=1e-5)


def test_area_keeps_the_mean_and_same_size_is_a_copy() -> None:
    picture = np.random.default_rng(1).random((40, 60), dtype=np.float32)
    assert resize(picture, width=30, height=20).mean() == pytest.approx(picture.mean(), abs=1e-6)
    same = resize(picture, width=60, height=40)
    np.testing.assert_array_equal(same, picture)
    assert same is not picture


def test_no_pixels_is_refused() -> None:
    with pytest.raises(BriefError):
        resize(np.zeros((4, 4), np.float32), width=0, height=4)


def test_warp_by_a_shift_counts_pixels_from_the_corner() -> None:
    picture = np.zeros((9, 9), np.float32)
    picture[4, 4] = 1
    moved = warp(picture, [[1, 0, 2], [0, 1, 0], [0, 0, 1]], width=9, height=9)
    assert np.unravel_index(moved.argmax(), moved.shape) == (4, 2)
    # Twice as large about the corner: the middle of pixel 4 (4.5) lands on 9.0, between pixels 8 and 9.
    large = warp(picture, np.diag([0.5, 0.5, 1]), width=18, height=18)
    assert large[8, 8] == pytest.approx(large[9, 9], abs=1e-5)
