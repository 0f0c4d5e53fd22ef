import numpy as np
import pytest

from secondunit.generate.low_band import keep_low_band, low_pass
from secondunit.imaging.buffers import DustLayers


def picture(seed: int, shape: tuple[int, int], spread: float) -> DustLayers:
    rng = np.random.default_rng(seed)
    height, width = shape
    y, x = np.mgrid[:height, :width]
    disc = np.clip(1.6 - np.hypot(y - height / 2, x - width / 2) / (0.3 * min(shape)), 0, 1)
    noise = rng.normal(0, spread, shape)
    alpha = np.clip(disc + noise * (disc > 0), 0, 1).astype(np.float32)
    return DustLayers(alpha=alpha, sun=(0.3 * alpha).astype(np.float32), sky=(0.6 * alpha).astype(np.float32))


@pytest.mark.parametrize("shape", [(64, 64), (67, 90), (9, 5)])
def test_the_low_band_is_given_back(shape):
    likely = picture(1, shape, 0.0)
    found = [keep_low_band(picture(seed, shape, 0.15), likely) for seed in (2, 3)]
    for name in ("alpha", "sun", "sky"):
        want = low_pass(getattr(likely, name))
        for layers in found:
            assert np.abs(low_pass(getattr(layers, name)) - want).max() < 1e-3, name
        assert np.abs(getattr(found[0], name) - getattr(found[1], name)).max() > 0.02


def test_clear_stays_clear_and_ranges_hold():
    likely = picture(1, (64, 64), 0.0)
    layers = keep_low_band(picture(2, (64, 64), 0.3), likely)
    assert not layers.alpha[likely.alpha == 0].any()
    assert layers.alpha.max() <= 1.0
    assert layers.sun.min() >= 0.0
