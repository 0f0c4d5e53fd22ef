import numpy as np
import pytest

from secondunit.core.collapse import Detail
from secondunit.fx.control.noise import OCTAVES, SIZE, NoiseSource, noise_volume

LIFE = np.array([1, 2, 3], np.float32)


def test_volume_is_tileable_unit_variance_and_of_one_band():
    volume = noise_volume(5, size=32)
    assert volume.dtype == np.float32
    assert abs(volume.mean()) < 1e-5
    assert volume.std() == pytest.approx(1.0, abs=1e-4)
    # The step across the seam is no larger than the steps inside.
    inside = np.abs(np.diff(volume, axis=0)).mean()
    seam = np.abs(volume[0] - volume[-1]).mean()
    assert seam == pytest.approx(inside, rel=0.15)
    power = np.abs(np.fft.fftn(volume)) ** 2
    k = np.fft.fftfreq(32)
    f = np.sqrt(k[:, None, None] ** 2 + k[None, :, None] ** 2 + k[None, None, :] ** 2)
    assert power[(f > 0.04) & (f < 0.34)].sum() > 0.98 * power.sum()


def test_the_same_seed_gives_the_same_volume_and_another_does_not():
    assert np.array_equal(noise_volume(1, size=16), noise_volume(1, size=16))
    correlation = np.mean(noise_volume(1, size=32) * noise_volume(2, size=32))
    assert abs(correlation) < 0.05


def test_a_new_life_draws_new_offsets_and_leaves_the_other_phases():
    source = NoiseSource(Detail(seed=4))
    before, after = source.at(life=LIFE, cell_m=0.6), source.at(life=LIFE + np.float32([0, 1, 0]), cell_m=0.6)
    assert np.array_equal(before.offset[:, [0, 2]], after.offset[:, [0, 2]])
    assert not np.any(before.offset[:, 1] == after.offset[:, 1])
    assert before.offset.min() >= 0
    assert before.offset.max() <= SIZE


def test_scale_and_cell_set_the_wavelength():
    base = NoiseSource(Detail()).at(life=LIFE, cell_m=0.5)
    wide = NoiseSource(Detail(scale=2.0)).at(life=LIFE, cell_m=0.5)
    coarse = NoiseSource(Detail()).at(life=LIFE, cell_m=1.0)
    assert np.allclose(wide.wavelength_m, 2 * base.wavelength_m)
    assert np.allclose(coarse.wavelength_m, 2 * base.wavelength_m)
    assert np.all(np.diff(base.wavelength_m) < 0)
    # Each turn is orthogonal, scaled: no axis is favoured.
    for o in range(OCTAVES):
        scale = abs(np.linalg.det(base.turn[o].astype(float))) ** (1 / 3)
        assert np.allclose(base.turn[o] @ base.turn[o].T, np.eye(3) * scale**2, rtol=1e-4, atol=1e-4)


def test_the_padded_volume_repeats_its_first_layer():
    volume = NoiseSource(Detail()).at(life=LIFE, cell_m=0.5).volume
    assert np.array_equal(volume[-1], volume[0])
    assert np.array_equal(volume[..., -1], volume[..., 0])
