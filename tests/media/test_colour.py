import numpy as np
import PyOpenColorIO
import pytest

from secondunit.core.errors import BriefError
from secondunit.media.colour import (
    ACES_VIEW,
    CONFIG,
    SRGB,
    display,
    from_acescg,
    resolve_space,
    review_view,
    to_acescg,
)

EVERY_CODE = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)


@pytest.mark.parametrize("space", ["srgb", "rec709", "g22_rec709", "camera_rec709"])
def test_a_screen_picture_comes_back_code_for_code_under_its_own_view(space):
    assert np.array_equal(display(to_acescg(EVERY_CODE / 255, space), view=review_view(space)), EVERY_CODE)


def test_saturated_codes_come_back_too():
    picture = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    assert np.array_equal(display(to_acescg(picture / 255, "srgb")), picture)


@pytest.mark.parametrize("space", ["logc3", "logc4", "slog3", "ACES2065-1", "lin_rec709", "vlog", "p3"])
def test_any_space_goes_to_acescg_and_back(space):
    pixels = np.random.default_rng(2).uniform(0.1, 0.9, (8, 8, 3)).astype(np.float32)
    assert np.allclose(from_acescg(to_acescg(pixels, space), space), pixels, atol=2e-4)


def test_middle_grey_of_srgb_in_acescg():
    # IEC 61966-2-1: code 0.5 is ((0.5 + 0.055) / 1.055) ** 2.4; neutral stays neutral between D65 and ACES white
    grey = to_acescg(np.full((1, 1, 3), 0.5), "srgb")
    assert np.allclose(grey, ((0.5 + 0.055) / 1.055) ** 2.4, atol=2e-4)


def test_red_of_rec709_in_acescg():
    # AMPAS S-2014-004 with Bradford adaptation: the published first column of linear Rec.709 to AP1
    red = to_acescg(np.array([[[1.0, 0.0, 0.0]]]), "lin_rec709")
    assert np.allclose(red, [[[0.6131, 0.0702, 0.0206]]], atol=2e-4)


def test_nothing_is_clamped_on_the_way_in():
    out = to_acescg(np.array([[[-0.5, 0.0, 0.0], [0.0, 0.0, 90.0]]]), "lin_rec709")
    assert out.max() > 50
    assert out.min() < 0


def test_input_is_left_alone():
    pixels = np.full((4, 4, 3), 0.5, dtype=np.float32)
    to_acescg(pixels, "srgb")
    assert (pixels == 0.5).all()


def test_the_baked_aces_view_is_the_view():
    # oracle: OpenColorIO's own unbaked ACES 1.0 SDR view of the pinned configuration
    config = PyOpenColorIO.Config.CreateFromBuiltinConfig(CONFIG)
    view = PyOpenColorIO.DisplayViewTransform("ACEScg", "sRGB - Display", ACES_VIEW)
    light = np.random.default_rng(1).uniform(0.5, 1.5, (64, 64, 3)) * np.geomspace(1e-3, 8, 64).reshape(64, 1, 1)
    exact = light.astype(np.float32)
    config.getProcessor(view).getDefaultCPUProcessor().applyRGB(exact)
    apart = np.abs(display(light, view=ACES_VIEW) - np.clip(exact, 0, 1) * 255)
    assert apart.mean() < 0.5
    assert np.percentile(apart, 99) < 1.5
    ramp = display(np.geomspace(1e-3, 100, 64).reshape(1, 64, 1).repeat(3, axis=2), view=ACES_VIEW)[0, :, 1]
    assert (np.diff(ramp.astype(int)) >= 0).all()
    assert ramp[0] < 3
    assert ramp[-1] > 250


def test_nan_shows_black_and_bright_light_white():
    picture = np.array([[[np.nan] * 3, [9000.0] * 3]], dtype=np.float32)
    assert display(picture)[0, 0].tolist() == [0, 0, 0]
    assert display(picture)[0, 1].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    "space, view",
    [("srgb", SRGB), ("p3", SRGB), ("ACEScg", ACES_VIEW), ("logc4", ACES_VIEW), ("lin_rec709", ACES_VIEW)],
)
def test_review_views(space, view):
    assert review_view(space) == view


def test_a_misspelt_space_names_its_neighbours():
    with pytest.raises(BriefError, match=r"no colour space 'ACESgc' → did you mean 'ACEScg'"):
        resolve_space("ACESgc")


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (4,)], ids=["grey", "rgba", "line"])
def test_only_rgb_pictures(shape):
    with pytest.raises(BriefError, match="height, width, 3"):
        to_acescg(np.zeros(shape), "srgb")
    with pytest.raises(BriefError, match="height, width, 3"):
        display(np.zeros(shape))
