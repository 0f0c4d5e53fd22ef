import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.imaging.filters import box, dilate, distance, erode, gaussian, luminance, spread


@pytest.mark.parametrize("shape", [(40, 50), (40, 50, 1), (40, 50, 3), (40, 50, 4), (1, 1), (3, 200, 3)], ids=str)
@pytest.mark.parametrize("sigma", [0.0, 0.7, 3.0, 15.0])
def test_blur_keeps_shape_and_constants(shape: tuple[int, ...], sigma: float) -> None:
    flat = np.full(shape, 0.25, np.float32)
    result = gaussian(flat, sigma_px=sigma)
    assert result.shape == shape
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, flat, atol=1e-6)


@pytest.mark.parametrize("sigma", [1.0, 4.0, 9.0, 20.0])
def test_blur_has_the_deviation_it_says(sigma: float) -> None:
    dot = np.zeros((255, 255), np.float32)
    dot[127, 127] = 1
    blurred = gaussian(dot, sigma_px=sigma)
    x = np.arange(255) - (blurred.sum(axis=0) * np.arange(255)).sum() / blurred.sum()
    measured = np.sqrt((blurred.sum(axis=0) * x**2).sum() / blurred.sum())
    assert measured == pytest.approx(sigma, rel=0.08)


def test_blur_refuses_nonsense() -> None:
    with pytest.raises(BriefError):
        gaussian(np.zeros((4, 4), np.float32), sigma_px=-1)


def test_dilate_and_erode_move_an_edge_by_the_radius() -> None:
    matte = np.zeros((41, 41), np.float32)
    matte[20, 20] = 1
    grown = dilate(matte, radius_px=6)
    assert grown[20, 26] == 1
    assert grown[20, 27] == 0
    assert grown[25, 25] == 0  # a disc, not a square
    np.testing.assert_array_equal(erode(grown, radius_px=6), matte)


def test_distance() -> None:
    matte = np.zeros((5, 9), np.float32)
    matte[2, 1] = 1
    assert distance(matte)[2, 5] == pytest.approx(4)
    assert np.isinf(distance(np.zeros((3, 3), np.float32))).all()


def test_spread_keeps_what_is_known_and_reaches_everything() -> None:
    picture = np.random.default_rng(1).random((60, 70, 3), dtype=np.float32)
    known = np.zeros((60, 70), np.float32)
    known[:10, :10] = 1
    filled = spread(picture, known, sigma_px=1.5)
    np.testing.assert_allclose(filled[:10, :10], picture[:10, :10], atol=1e-6)
    assert picture[:10, :10].min() - 1e-4 <= filled.min() <= filled.max() <= picture[:10, :10].max() + 1e-4


def test_box_is_a_mean() -> None:
    picture = np.zeros((5, 5), np.float32)
    picture[2, 2] = 9
    assert box(picture, radius_px=1)[1, 1] == pytest.approx(1)


def test_luminance_of_white_is_one() -> None:
    assert luminance(np.ones((1, 1, 3), np.float32))[0, 0] == pytest.approx(1, abs=1e-6)
