import cv2
import numpy as np
import pytest

from secondunit.generate.detail import cut_sigma_px, lock_low_band, low_band
from secondunit.imaging.buffers import ControlBuffers, DustLayers


def disc(size=128, radius=40.0, soft=8.0):
    y, x = np.mgrid[:size, :size] - size / 2 + 0.5
    return np.clip((radius - np.hypot(x, y)) / soft + 0.5, 0, 1).astype(np.float32)


def buffers(alpha, **channels):
    found = {"alpha": alpha, "sun": 0.5 * alpha, "sky": 0.7 * alpha, "footprint": np.where(alpha > 0, 4.0, 0.0)}
    return ControlBuffers(
        frame=1, slab="front", channels={k: v.astype(np.float32) for k, v in found.items()} | channels
    )


@pytest.mark.parametrize("sigma", [0.5, 2.0, 5.0, 12.0])
def test_low_band_keeps_what_is_even_and_drops_what_is_fine(sigma):
    even = np.full((60, 90), 0.4, np.float32)
    assert np.allclose(low_band(even, sigma_px=sigma), 0.4, atol=1e-5)
    checks = (np.indices((60, 90)).sum(0) % 2).astype(np.float32)
    inside = low_band(checks, sigma_px=max(sigma, 1.5))[10:-10, 10:-10]
    assert np.abs(inside - 0.5).max() < 0.05


def test_the_reduced_gaussian_is_close_to_the_full_one():
    image = disc()
    full = cv2.GaussianBlur(image, (0, 0), 9.0, borderType=cv2.BORDER_REPLICATE)
    assert np.abs(low_band(image, sigma_px=9.0) - full).max() < 0.02


def test_the_cut_follows_the_footprint():
    assert cut_sigma_px(buffers(disc())) == pytest.approx(6.4, rel=0.01)
    assert cut_sigma_px(buffers(np.zeros((8, 8)))) == 1.0


def test_a_shifted_brightness_is_brought_back_and_the_detail_stays():
    alpha = disc()
    ripple = 1 + 0.3 * np.sin(np.arange(128) * 1.6).astype(np.float32)[None, :]
    fine = DustLayers(alpha=alpha, sun=0.5 * alpha * ripple * 1.3, sky=0.7 * alpha * 0.75)
    locked = lock_low_band(fine, buffers(alpha))
    middle = np.s_[40:88, 40:88]
    assert locked.sun[middle].mean() == pytest.approx(0.5, rel=0.02)
    assert locked.sky[middle].mean() == pytest.approx(0.7, rel=0.02)
    assert locked.sun[middle].std() == pytest.approx(0.5 * ripple[0, 40:88].std(), rel=0.1)


def test_the_lock_puts_no_skirt_around_a_crisp_edge():
    coarse, crisp = disc(soft=30.0), (disc(soft=0.1) > 0.5).astype(np.float32)
    locked = lock_low_band(DustLayers(alpha=crisp, sun=crisp, sky=crisp), buffers(coarse))
    outside = crisp == 0
    for image in (locked.alpha, locked.sun, locked.sky):
        assert not image[outside].any()
