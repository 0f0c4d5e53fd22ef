"""Every metric on pictures whose number is known, and on faults that it must see."""

import math
from itertools import pairwise

import cv2
import numpy as np
import pytest
from training.entrants import blurred, down_up, flecked, gridded, holed, noisy, rimmed, shuffle, streaked
from training.faults import pinholes, rim, specks, streaks
from training.pictures import lit, screen

from secondunit.imaging.buffers import DustLayers
from training import metrics

SIZE = (144, 192)
ALL = np.ones(SIZE, bool)


def texture(seed: int, *, slope: float = 2.0, size=SIZE) -> np.ndarray:
    """Isotropic noise whose power falls by ``frequency ** (-2 slope)``; zero mean, unit variance."""
    rng = np.random.default_rng(seed)
    f = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.fftfreq(size[1]))
    f[0, 0] = 1.0
    shaped = np.fft.ifft2(np.fft.fft2(rng.standard_normal(size)) * f**-slope).real
    shaped -= shaped.mean()
    return (shaped / shaped.std()).astype(np.float32)


def cloud(seed: int = 1) -> np.ndarray:
    """A round cloud with a rough silhouette, (3, height, width)."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    distance = np.hypot((y - 72) / 52, (x - 96) / 76) + 0.05 * texture(seed, slope=1.4)
    alpha = np.clip((1.05 - distance) / 0.12, 0.0, 1.0).astype(np.float32)
    light = alpha * (0.55 + 0.06 * texture(seed + 50))
    return np.stack([alpha, np.maximum(light, 0.0), np.maximum(0.7 * light, 0.0)]).astype(np.float32)


def layers(planes: np.ndarray) -> DustLayers:
    return DustLayers(alpha=planes[0], sun=planes[1], sky=planes[2])


def test_display_values_are_what_the_screen_rounds() -> None:
    picture = layers(cloud())
    assert np.array_equal(np.round(metrics.shown(picture) * 255), screen(lit(picture)))


def test_psnr_of_a_known_error() -> None:
    truth = np.full(SIZE, 0.5, np.float32)
    assert metrics.error_db(truth + np.float32(0.1), truth, ALL) == pytest.approx(20.0, abs=1e-3)
    assert metrics.error_db(truth, truth, ALL) == math.inf
    half = ALL.copy()
    half[:, 96:] = False
    other = truth.copy()
    other[:, 96:] = 9.0
    assert metrics.error_db(other, truth, half) == math.inf


def test_ssim_is_one_for_itself_and_follows_contrast() -> None:
    grain = 0.5 + 0.1 * texture(2, slope=0.0)
    assert metrics.similarity(grain, grain, ALL) == pytest.approx(1.0, abs=1e-9)
    # Half of the contrast about the same mean: (2 * 1/2 v) / (v + v / 4) = 0.8 where K is small beside v.
    halved = 0.5 + 0.5 * (grain - 0.5)
    inner = np.zeros(SIZE, bool)
    inner[20:-20, 20:-20] = True
    assert metrics.similarity(halved.astype(np.float32), grain, inner) == pytest.approx(0.8, abs=0.03)


def test_power_of_a_wave_lies_at_its_frequency() -> None:
    x = np.arange(SIZE[1])
    wave = np.broadcast_to(np.sin(2 * np.pi * x * 12 / metrics.PATCH), SIZE).astype(np.float32)
    found = metrics.power(wave, metrics.patch_corners(ALL))
    assert found.argmax() == 12
    assert found[11:14].sum() > 0.999 * found.sum()


def test_white_noise_has_an_even_spectrum_of_known_height() -> None:
    white = texture(3, slope=0.0, size=(480, 480))
    corners = metrics.patch_corners(np.ones((480, 480), bool))
    found = metrics.power(white, corners) / len(corners)
    # Variance times the sum of the window's squares: (3 / 8 N) ** 2.
    wanted = (0.375 * metrics.PATCH) ** 2
    np.testing.assert_allclose(found[4:], wanted, rtol=0.12)


def test_half_of_the_amplitude_is_six_decibels_and_a_quarter_of_the_energy() -> None:
    picture = texture(4)
    corners = metrics.patch_corners(ALL)
    whole, half = metrics.power(picture, corners), metrics.power(0.5 * picture, corners)
    assert metrics.log_spectrum_db(half, whole) == pytest.approx(6.02, abs=0.01)
    assert metrics.high_energy(half, whole) == pytest.approx(0.25, abs=1e-4)


def test_patches_lie_in_the_dust() -> None:
    where = np.zeros(SIZE, bool)
    where[40:120, 40:150] = True
    corners = metrics.patch_corners(where)
    assert corners
    for y, x in corners:
        assert where[y : y + metrics.PATCH, x : x + metrics.PATCH].mean() > metrics.COVERED
    assert metrics.power(texture(1), []).shape == (metrics.PATCH // 2 + 1,)


def moving(texture_at, pixels: float, frames: int = 4) -> list[np.ndarray]:
    return [texture_at(pixels * n) for n in range(frames)]


@pytest.mark.parametrize("pixels", [0.0, 1.0, 2.5])
def test_what_moves_as_told_does_not_flicker(pixels: float) -> None:
    wide = texture(5, slope=1.6, size=(144, 256))

    def at(shift: float) -> np.ndarray:
        x, y = np.meshgrid(np.arange(192, dtype=np.float32) + 30 - shift, np.arange(144, dtype=np.float32))
        return cv2.remap(wide, x.astype(np.float32), y, cv2.INTER_LANCZOS4)

    motion = [np.stack([np.full(SIZE, pixels), np.zeros(SIZE)]).astype(np.float32)] * 4
    inner = np.zeros(SIZE, bool)
    inner[12:-12, 12:-12] = True
    left, whole = metrics.flicker(moving(at, pixels), motion, [inner] * 4)
    assert left / whole < 0.2
    if pixels:
        still = [np.zeros((2, *SIZE), np.float32)] * 4
        left, whole = metrics.flicker(moving(at, pixels), still, [inner] * 4)
        assert left / whole > 0.5


def test_detail_drawn_anew_each_frame_leaves_the_root_of_two() -> None:
    run = [texture(n, slope=0.0) for n in range(6)]
    left, whole = metrics.flicker(run, [np.zeros((2, *SIZE), np.float32)] * 6, [ALL] * 6)
    assert left / whole == pytest.approx(math.sqrt(2), abs=0.03)


def test_the_midpoint_rule_follows_a_turning_picture() -> None:
    big = texture(8, slope=1.8)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    angle = 0.12

    def at(n: int) -> np.ndarray:
        c, s = math.cos(n * angle), math.sin(n * angle)
        dx, dy = x - 96, y - 72
        return cv2.remap(big, 96 + c * dx + s * dy, 72 - s * dx + c * dy, cv2.INTER_LANCZOS4)

    # Where each point goes until the next frame: a turn by the angle.
    c, s = math.cos(angle), math.sin(angle)
    motion = np.stack([c * (x - 96) - s * (y - 72) - (x - 96), s * (x - 96) + c * (y - 72) - (y - 72)])
    inner = np.hypot(x - 96, y - 72) < 50
    left, whole = metrics.flicker([at(0), at(1), at(2)], [motion.astype(np.float32)] * 3, [inner] * 3)
    assert left / whole < 0.25


def test_draws_of_the_truths_own_kind_are_calibrated() -> None:
    rng = np.random.default_rng(1)
    draws = rng.standard_normal((8, 100, 100)).astype(np.float32)
    truth = rng.standard_normal((100, 100)).astype(np.float32)
    where = np.ones((100, 100), bool)
    assert metrics.calibration(*metrics.spread_and_error(draws, truth, where), 8) == pytest.approx(1.0, abs=0.02)
    assert metrics.calibration(*metrics.spread_and_error(0.5 * draws, truth, where), 8) < 0.6
    assert metrics.calibration(*metrics.spread_and_error(2.0 * draws, truth, where), 8) > 1.5
    even = metrics.ranks(draws, truth, where)
    assert even.sum() == pytest.approx(1e4)
    np.testing.assert_allclose(even / even.sum(), 1 / 9, atol=0.012)
    sure = metrics.ranks(0.3 * draws, truth, where)
    assert sure[0] + sure[-1] > 0.6 * sure.sum()


def test_ties_share_their_ranks() -> None:
    draws = np.zeros((3, 1, 1), np.float32)
    np.testing.assert_allclose(metrics.ranks(draws, np.zeros((1, 1), np.float32), np.ones((1, 1), bool)), 0.25)


def test_low_pass_sees_blocks_alone() -> None:
    rng = np.random.default_rng(2)
    picture = rng.standard_normal((24, 33, 2)).astype(np.float32)
    small = metrics.low_pass(picture)
    assert small.shape == (3, 4, 2)
    np.testing.assert_allclose(small[1, 2], picture[8:16, 16:24].mean(axis=(0, 1)), rtol=1e-5)


def test_overlap_and_outline_of_discs() -> None:
    y, x = np.mgrid[:200, :200]
    disc = (np.hypot(y - 100, x - 100) < 50).astype(np.float32)
    smaller = (np.hypot(y - 100, x - 100) < 25).astype(np.float32)
    assert metrics.overlap(disc, smaller) == pytest.approx(0.25, abs=0.01)
    assert metrics.overlap(disc, disc) == 1.0
    assert metrics.overlap(0 * disc, 0 * disc) == 1.0
    # Rows and columns cross a disc of radius r 8 r times in all; Crofton's constant makes that 2 pi r.
    length, smooth = metrics.roughness(disc)
    assert length == pytest.approx(2 * math.pi * 50, rel=0.02)
    assert smooth == pytest.approx(length, rel=0.03)


def of_quotients(first, second) -> float:
    return float(first[0] / first[1] / (second[0] / second[1]))


def test_streaks_are_seen_and_grain_is_none() -> None:
    planes = cloud()
    rng = np.random.default_rng(3)

    def measured(p):
        return streaks(metrics.luma(metrics.shown(layers(p))), p[0], ALL)

    truth = measured(planes)
    assert of_quotients(measured(streaked(planes, rng)), truth) > 1.25
    assert of_quotients(measured(noisy(planes, rng)), truth) < 1.0
    assert streaks(np.zeros(SIZE, np.float32), np.zeros(SIZE, np.float32), ALL) == (0.0, 0.0)


def test_a_wave_is_all_streak_and_white_noise_hardly_any() -> None:
    alpha = np.ones(SIZE, np.float32)
    wave = np.broadcast_to(np.sin(np.arange(SIZE[1]) * 1.3), SIZE).astype(np.float32)
    one = streaks(wave, alpha, ALL)
    assert one[0] / one[1] > 0.99
    grain = streaks(texture(1, slope=0.0), alpha, ALL)
    assert grain[0] / grain[1] < 0.3


def test_a_dark_rim_is_seen() -> None:
    def brightness(p) -> float:
        light, alpha, inner, inner_alpha = rim(layers(p), ALL)
        return light / alpha / (inner / inner_alpha)

    planes = cloud()
    whole = brightness(planes)
    assert whole == pytest.approx(1.0, abs=0.05)
    assert brightness(rimmed(planes)) < 0.85 * whole
    assert brightness(noisy(planes, np.random.default_rng(1))) == pytest.approx(whole, abs=0.03)


def test_pinholes_are_counted() -> None:
    alpha = np.ones(SIZE, np.float32)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    for row, col in ((30, 40), (70, 90), (110, 160)):
        alpha -= 0.4 * np.exp(-((y - row) ** 2 + (x - col) ** 2) / 2).astype(np.float32)
    assert pinholes(alpha, ALL) == (3, SIZE[0] * SIZE[1])
    wide = np.ones(SIZE, np.float32)
    wide[40:80, 60:110] = 0.2  # a gap is no pinhole
    assert pinholes(wide, ALL)[0] == 0
    planes = cloud()
    pricked = pinholes(holed(planes, np.random.default_rng(1))[0], ALL)
    assert pricked[0] > pinholes(planes[0], ALL)[0] + 5


def test_flecks_are_counted() -> None:
    picture = np.full(SIZE, 0.5, np.float32)
    picture[40:42, 50:55] = 0.3
    picture[90, 120] = 0.8
    picture[10:40, 100:140] = 0.8  # a patch is no fleck
    assert specks(picture, ALL) == (2, SIZE[0] * SIZE[1])
    planes = cloud()
    grey = metrics.luma(metrics.shown(layers(planes)))
    dashed = metrics.luma(metrics.shown(layers(flecked(planes, np.random.default_rng(1)))))
    assert specks(dashed, ALL)[0] > specks(grey, ALL)[0] + 8


def test_a_grid_is_seen_and_an_edge_is_none() -> None:
    picture = texture(6)
    corners = metrics.patch_corners(ALL)
    on, off = metrics.lattice(picture, corners)
    assert on / off == pytest.approx(1.0, abs=0.35)
    edge = texture(7)
    edge[:, 100:] += 4.0
    on, off = metrics.lattice(edge, corners)
    assert on / off == pytest.approx(1.0, abs=0.35)
    planes = cloud()
    plain, ruled = (metrics.luma(metrics.shown(layers(p))) for p in (planes, gridded(planes)))
    inner = metrics.patch_corners(planes[0] > 0.5)
    first, second = metrics.lattice(plain, inner), metrics.lattice(ruled, inner)
    assert second[0] / second[1] > 1.5 * first[0] / first[1]
    assert metrics.lattice(picture, []) == (0.0, 0.0)


def test_controls_are_what_they_say() -> None:
    planes = cloud()
    rng = np.random.default_rng(4)
    for made in (blurred(planes), down_up(planes), noisy(planes, rng), streaked(planes, rng), holed(planes, rng)):
        assert made.shape == planes.shape
        assert made.dtype == np.float32
        assert made.min() >= 0
        assert made[0].max() <= 1.0 + 1e-6
        assert np.abs(made - planes).max() > 0.01
    assert np.array_equal(rimmed(planes)[0], planes[0])
    for run in (3, 5):
        order = shuffle(run)
        assert sorted(order) == list(range(run))
        assert not any(b - a == 1 for a, b in pairwise(order))
