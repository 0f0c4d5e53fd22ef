import numpy as np
import pytest

from secondunit.fx.debris.interior import interior_albedo, value_noise
from secondunit.fx.debris.texture_projection import bilinear, spread, unlight
from secondunit.fx.fracture.pieces import KINDS, MATERIALS


def test_unlight_recovers_the_albedo_and_relighting_gives_the_plate_back():
    rng = np.random.default_rng(1)
    paint = rng.uniform(0.1, 0.6, (48, 64, 3)).astype(np.float32)
    sun, sky = np.full((48, 64, 3), 1.1, np.float32), np.full((48, 64, 3), 0.4, np.float32)
    sun[:, 32:] = 0
    group = np.zeros((48, 64), np.int32)
    group[:, 32:] = 1
    plate = paint * (sun + sky)
    albedo, extra = unlight(plate, sun=sun, sky=sky, covered=np.ones((48, 64), bool), group=group)
    np.testing.assert_allclose(albedo, paint, rtol=2e-3)
    np.testing.assert_allclose(albedo * (sun + sky + extra), plate, rtol=2e-3)


def test_a_plate_brighter_than_its_light_is_still_paint_and_relights_to_itself():
    plate = np.full((32, 32, 3), 2.0, np.float32)
    dim = np.full((32, 32, 3), 0.2, np.float32)
    albedo, extra = unlight(
        plate, sun=dim, sky=dim, covered=np.ones((32, 32), bool), group=np.zeros((32, 32), np.int32)
    )
    assert albedo.max() < 0.93
    np.testing.assert_allclose(albedo * (dim + dim + extra), plate, rtol=1e-3)


def test_spread_takes_the_nearest_valid_colour():
    image = np.zeros((9, 9, 3), np.float32)
    image[:, 2], image[:, 6] = 1.0, 2.0
    valid = np.zeros((9, 9), bool)
    valid[:, 2] = valid[:, 6] = True
    out = spread(image, valid)
    assert (out[:, :4] == 1).all()
    assert (out[:, 5:] == 2).all()
    assert np.isfinite(spread(image, np.zeros((9, 9), bool))).all()


def test_bilinear_reads_centres_exactly_and_halfway_between():
    image = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    out = np.empty(3, np.float32)
    bilinear(image, np.float32(1.5), np.float32(0.5), out)
    np.testing.assert_allclose(out, image[0, 1], atol=1e-2)
    bilinear(image, np.float32(2.0), np.float32(1.0), out)
    np.testing.assert_allclose(out, image[:, 1:3].mean(axis=(0, 1)), atol=1e-2)


@pytest.mark.parametrize("material", range(len(MATERIALS)), ids=MATERIALS)
@pytest.mark.parametrize("broken", [False, True], ids=["finished", "broken"])
def test_every_interior_is_a_possible_paint(material, broken):
    rng = np.random.default_rng(2)
    points = rng.uniform(-40, 40, (300, 3)).astype(np.float32)
    colours = np.array(
        [interior_albedo(*p, material, k % len(KINDS), broken, k) for k, p in enumerate(points)], np.float64
    )
    assert colours.min() >= 0
    assert colours.max() < 0.9
    assert colours.std(axis=0).min() > 0.002


def test_noise_is_smooth_bounded_and_not_constant():
    x = np.arange(-4, 4, 0.01, dtype=np.float32)
    y = np.array([value_noise(v, np.float32(0.3), np.float32(-7.7)) for v in x])
    assert y.min() >= 0
    assert y.max() <= 1
    assert y.std() > 0.1
    assert np.abs(np.diff(y)).max() < 0.03
