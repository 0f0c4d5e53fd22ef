import numpy as np
import pytest

from secondunit.comp.shadow import FLOOR, plate_shadow
from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun

SUN = Sun(elevation_deg=30.0, illuminance=(2.0, 1.8, 1.6), sky=(0.5, 0.6, 0.8))
ONE = np.ones((4, 5), np.float32)


def test_unchanged_light_changes_nothing() -> None:
    np.testing.assert_array_equal(plate_shadow(ONE, ONE, sun=SUN), np.ones((4, 5, 3)))


def test_without_sun_the_sky_is_left_and_it_is_bluer() -> None:
    shade = plate_shadow(ONE * 0, ONE, sun=SUN)[0, 0]
    np.testing.assert_allclose(shade, [0.5 / 1.5, 0.6 / 1.5, 0.8 / 1.6], rtol=1e-5)
    assert shade[2] > shade[0]


def test_what_lies_in_its_own_shade_loses_only_sky() -> None:
    np.testing.assert_array_equal(plate_shadow(ONE * 0, ONE, sun=SUN, lit=0.0), np.ones((4, 5, 3)))
    np.testing.assert_allclose(plate_shadow(ONE, ONE * 0.5, sun=SUN, lit=0.0), 0.5, rtol=1e-5)


def test_never_black_and_strength_scales() -> None:
    np.testing.assert_allclose(plate_shadow(ONE * 0, ONE * 0, sun=SUN), FLOOR)
    half = plate_shadow(ONE * 0, ONE, sun=SUN, strength=0.5)
    np.testing.assert_allclose(half, (1 + plate_shadow(ONE * 0, ONE, sun=SUN)) / 2, rtol=1e-5)
    np.testing.assert_array_equal(plate_shadow(ONE * 0, ONE * 0, sun=SUN, strength=0.0), np.ones((4, 5, 3)))


def test_less_light_is_never_brighter() -> None:
    steps = [plate_shadow(ONE * v, ONE, sun=SUN)[0, 0] for v in np.linspace(0, 1, 9)]
    assert (np.diff(steps, axis=0) >= 0).all()


def test_sizes_must_agree() -> None:
    with pytest.raises(BriefError):
        plate_shadow(ONE, ONE[:2], sun=SUN)
