import numpy as np
import pytest

from secondunit.generate.relight import reduce_depth, relight, upsample
from secondunit.imaging.buffers import DustLayers


def even(alpha=0.6, sun=0.2, sky=0.3, shape=(20, 30)):
    alpha_, sun_, sky_ = (np.full(shape, value, np.float32) for value in (alpha, sun, sky))
    return DustLayers(alpha=alpha_, sun=sun_, sky=sky_)


def test_relight_is_tint_times_light_and_stays_premultiplied():
    picture = relight(even(), tint=(0.6, 0.5, 0.4), sun=(3.0, 2.0, 1.0), sky=(0.5, 0.6, 0.7))
    assert picture.shape == (20, 30, 4)
    assert picture.dtype == np.float32
    assert np.allclose(picture[0, 0], [0.6 * (0.6 + 0.15), 0.5 * (0.4 + 0.18), 0.4 * (0.2 + 0.21), 0.6])


def test_relight_is_linear_in_the_light():
    one = relight(even(), tint=(1, 1, 1), sun=(1, 1, 1), sky=(0, 0, 0))[..., :3]
    two = relight(even(), tint=(1, 1, 1), sun=(0, 0, 0), sky=(2, 2, 2))[..., :3]
    both = relight(even(), tint=(1, 1, 1), sun=(1, 1, 1), sky=(2, 2, 2))[..., :3]
    assert np.allclose(one + two, both)
    assert not relight(even(0, 0, 0), tint=(1, 1, 1), sun=(9, 9, 9), sky=(9, 9, 9)).any()


@pytest.mark.parametrize("size", [(40, 60), (41, 61), (20, 30), (33, 100)])
def test_an_even_layer_stays_even_at_any_size(size):
    low, full = np.full((20, 30), np.inf, np.float32), np.full(size, np.inf, np.float32)
    big = upsample(even(), low_depth=low, depth=full)
    assert big.alpha.shape == size
    assert np.allclose(big.alpha, 0.6, atol=1e-5)
    assert np.allclose(big.sky, 0.3, atol=1e-5)


def test_dust_before_a_piece_ends_at_the_pieces_edge():
    # A piece at 10 m covers columns 0 to 24 of 60; the dust stands at 20 m and more, behind it.
    depth = np.full((40, 60), np.inf, np.float32)
    depth[:, :25] = 10.0
    low_depth = reduce_depth(depth, width=30, height=20)
    dust = np.where(np.isinf(low_depth), 0.9, 0.0).astype(np.float32)
    big = upsample(DustLayers(alpha=dust, sun=dust, sky=dust), low_depth=low_depth, depth=depth)
    assert big.alpha[:, :25].max() < 0.01
    assert big.alpha[:, 25:].min() > 0.89


def test_alpha_and_light_never_leave_their_range():
    rng = np.random.default_rng(3)
    alpha = (rng.random((20, 30)) > 0.5).astype(np.float32)
    depth = rng.choice(np.array([5.0, 30.0, np.inf], np.float32), (41, 59))
    low = reduce_depth(depth, width=30, height=20)
    big = upsample(DustLayers(alpha=alpha, sun=alpha, sky=alpha), low_depth=low, depth=depth)
    for image in (big.alpha, big.sun, big.sky):
        assert np.isfinite(image).all()
        assert image.min() >= 0.0
    assert big.alpha.max() <= 1.0
    assert not big.sun[big.alpha == 0].any()


def test_reduced_depth_keeps_both_sides_of_an_edge():
    depth = np.full((40, 60), 50.0, np.float32)
    depth[:, :25] = 10.0
    low = reduce_depth(depth, width=30, height=20)
    assert set(np.unique(low)) == {10.0, 50.0}
    assert set(np.unique(low[:, 12])) == {10.0, 50.0}
    assert np.array_equal(reduce_depth(depth, width=60, height=40), depth)
    assert reduce_depth(depth[:1, :1], width=1, height=1).shape == (1, 1)
