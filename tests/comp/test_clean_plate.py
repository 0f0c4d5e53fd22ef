import numpy as np
import pytest

from secondunit.comp.clean_plate import fill_under, make_clean_plate, warp_clean_plate
from secondunit.comp.sky import fit_sky, noise_like
from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import project, rotation_from_angles

H, W, HORIZON = 96, 128, 70


def place() -> Image:
    """Sky, a strip of dark rough green, and grass: no building."""
    draw = np.random.default_rng(4)
    y = np.arange(H)[:, None, None] / H
    picture = np.float32([0.3, 0.45, 0.75]) * (1 - y) + np.float32([0.6, 0.65, 0.7]) * y
    picture = np.broadcast_to(picture, (H, W, 3)).astype(np.float32).copy()
    rough = draw.random((H, W, 1), dtype=np.float32)
    picture[55:HORIZON] = (np.float32([0.05, 0.09, 0.03]) * (0.4 + 1.2 * rough))[55:HORIZON]
    picture[HORIZON:] = (np.float32([0.08, 0.16, 0.05]) * (0.6 + 0.8 * rough))[HORIZON:]
    return picture


def building() -> tuple[Image, Image]:
    matte = np.zeros((H, W), np.float32)
    matte[10:80, 50:128] = 1
    plate = place()
    plate[10:80, 50:128] = (3.0, 0.1, 3.0)  # a colour that nothing else has
    return plate, matte


def test_no_building_is_left_and_the_rest_is_the_plate() -> None:
    plate, matte = building()
    clean = make_clean_plate(plate, matte=matte, horizon_row=HORIZON)
    assert (clean[..., 0] < 1.0).all()
    far = np.ones((H, W), bool)
    far[:94, 34:] = False
    np.testing.assert_array_equal(clean[far], plate[far])


def test_the_sky_goes_on() -> None:
    plate, matte = building()
    clean = make_clean_plate(plate, matte=matte, horizon_row=HORIZON, grain=False)
    np.testing.assert_allclose(clean[14:38, 60:], place()[14:38, 60:], atol=0.05)
    # Trees stand before the horizon, ground below it.
    assert clean[HORIZON - 4, 60:].mean() < 0.5 * clean[20, 60:].mean()
    assert clean[HORIZON + 5, 60:, 1].mean() > clean[HORIZON + 5, 60:, 2].mean()


def test_the_seed_decides() -> None:
    plate, matte = building()
    first = make_clean_plate(plate, matte=matte, horizon_row=HORIZON, seed=1)
    np.testing.assert_array_equal(first, make_clean_plate(plate, matte=matte, horizon_row=HORIZON, seed=1))
    assert not np.array_equal(first, make_clean_plate(plate, matte=matte, horizon_row=HORIZON, seed=2))


@pytest.mark.parametrize(
    "matte, horizon",
    [
        pytest.param(np.ones((H, W), np.float32), HORIZON, id="fills the frame"),
        pytest.param(building()[1], -40.0, id="horizon above"),
        pytest.param(building()[1], 500.0, id="horizon below"),
        pytest.param(building()[1], None, id="horizon unknown"),
    ],
)
def test_hard_places_give_a_finite_picture(matte: Image, horizon: float | None) -> None:
    plate, _ = building()
    clean = make_clean_plate(plate, matte=matte, horizon_row=horizon)
    assert clean.shape == plate.shape
    assert np.isfinite(clean).all()
    assert (clean >= 0).all()


def test_no_matte_no_change_and_a_hint_is_taken() -> None:
    plate, matte = building()
    np.testing.assert_array_equal(make_clean_plate(plate, matte=matte * 0, horizon_row=HORIZON), plate)
    hinted = make_clean_plate(
        plate, matte=np.ones((H, W), np.float32), horizon_row=HORIZON, sky_hint=(0.1, 0.2, 0.9), grain=False
    )
    assert hinted[2, :, 2].mean() > 3 * hinted[2, :, 0].mean()


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (16, 200), (200, 16)], ids=str)
def test_tiny_and_long_plates(size: tuple[int, int]) -> None:
    plate = np.full((*size, 3), 0.3, np.float32)
    matte = np.zeros(size, np.float32)
    matte[: size[0] // 2 + 1, size[1] // 2 :] = 1
    assert np.isfinite(make_clean_plate(plate, matte=matte, horizon_row=size[0] * 0.7)).all()


def test_not_a_number_in_the_plate_does_not_spread() -> None:
    plate, matte = building()
    plate[5, 5] = np.nan
    plate[30, 80] = np.inf
    assert np.isfinite(make_clean_plate(plate, matte=matte, horizon_row=HORIZON)).all()


def test_mattes_of_another_size_are_refused() -> None:
    plate, matte = building()
    with pytest.raises(BriefError):
        make_clean_plate(plate, matte=matte[:-1], horizon_row=HORIZON)


def test_foreground_outside_the_building_stays() -> None:
    plate, matte = building()
    holdout = np.zeros((H, W), np.float32)
    holdout[60:96, 20:60] = 1
    clean = make_clean_plate(plate, matte=matte, holdout=holdout, horizon_row=HORIZON)
    np.testing.assert_array_equal(clean[60:96, 20:30], plate[60:96, 20:30])


def test_sky_is_found_and_fitted() -> None:
    plate, matte = building()
    sky = fit_sky(plate, known=1 - matte, horizon_row=HORIZON)
    assert sky.seen[20:45, 8:40].mean() > 0.9
    assert not sky.seen[60:].any()
    np.testing.assert_allclose(sky.field[12:50], place()[12:50], atol=0.04)


def test_noise_like_measures_what_is_there() -> None:
    draw = np.random.default_rng(2)
    flat = np.full((80, 80, 3), 0.5, np.float32)
    for sigma in (0.0, 0.01, 0.03):
        noisy = flat + sigma * draw.standard_normal((80, 80, 1)).astype(np.float32)
        noise = noise_like(noisy, where=np.ones((80, 80), np.float32), seed=1)
        assert 0.5 * noise.std() == pytest.approx(sigma, rel=0.35, abs=1e-4)


def test_fill_under_takes_the_foreground_off_along_the_facade() -> None:
    x = np.arange(128)[None, :, None]
    wall = np.broadcast_to(np.where(x % 16 < 6, 0.1, 0.7), (96, 128, 3)).astype(np.float32)
    mask = np.zeros((96, 128), np.float32)
    mask[60:90, 40:70] = 1
    plate = wall.copy()
    plate[mask > 0] = (0, 0.5, 0)
    corners = ((4.0, 4.0), (124.0, 4.0), (124.0, 92.0), (4.0, 92.0))
    for facade in (None, corners):
        filled = fill_under(plate, mask=mask, source=1 - mask, facade_px=facade)
        assert np.abs(filled - wall)[62:88, 42:68].mean() < 0.12
        np.testing.assert_array_equal(filled[:50], plate[:50])
    np.testing.assert_array_equal(fill_under(plate, mask=mask * 0), plate)


def test_a_turned_camera_sees_the_clean_plate_where_it_was() -> None:
    still = Camera(focal_length_mm=35.0)
    turn = rotation_from_angles(6.0, 3.0, 0.0)
    turned = Camera(focal_length_mm=40.0, rotation=tuple(map(tuple, turn.tolist())))
    point = np.array([1.0, 1.6 - 1.0, -100.0])
    (x, y), _ = project(still, point, W, H)
    clean = np.zeros((H, W, 3), np.float32)
    clean[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2] = 1
    seen = warp_clean_plate(clean, reference=still, now=turned)[..., 0]
    (u, v), _ = project(turned, point, W, H)
    rows, columns = np.nonzero(seen > 0.5)
    assert columns.mean() + 0.5 == pytest.approx(u, abs=1.0)
    assert rows.mean() + 0.5 == pytest.approx(v, abs=1.0)
    np.testing.assert_allclose(warp_clean_plate(clean, reference=still, now=still), clean, atol=1e-4)
