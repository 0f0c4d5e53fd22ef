import numpy as np
import pytest

from secondunit.imaging.grain import Grain, grain_field


@pytest.mark.parametrize("size_px", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_noise_has_unit_variance_and_the_correlation_it_says(size_px: float, shared: float) -> None:
    noise = grain_field(width=256, height=256, size_px=size_px, shared=shared, seed=1, frame=1001)
    assert noise.dtype == np.float32
    assert noise.std() == pytest.approx(1, rel=0.06)
    assert abs(float(noise.mean())) < 0.05
    assert np.corrcoef(noise.reshape(-1, 3).T)[0, 2] == pytest.approx(shared, abs=0.06)


def test_same_frame_same_grain_other_frame_other_grain() -> None:
    args = {"width": 32, "height": 16, "size_px": 0.6, "shared": 0.5}
    first = grain_field(seed=1, frame=1, **args)
    np.testing.assert_array_equal(first, grain_field(seed=1, frame=1, **args))
    for other in (grain_field(seed=1, frame=2, **args), grain_field(seed=2, frame=1, **args)):
        assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.1


def test_strength_follows_the_curve() -> None:
    grain = Grain(luminance=(0.0, 1.0), sigma=((0.01, 0.02, 0.03), (0.03, 0.04, 0.05)))
    grey = np.full((1, 1, 3), 0.5, np.float32)
    np.testing.assert_allclose(grain.strength(grey)[0, 0], [0.02, 0.03, 0.04], atol=1e-4)
    np.testing.assert_allclose(grain.strength(grey * 10)[0, 0], [0.03, 0.04, 0.05], atol=1e-6)
