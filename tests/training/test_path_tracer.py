"""The yardstick against what can be worked out on paper."""

from itertools import pairwise

import numpy as np
import pytest
from training.path_tracer import around, majorants, phase, trace, turned

from secondunit.core.camera import Camera, Filmback
from secondunit.fx.control.march_rays import LOBE_BACK, LOBE_FORWARD, LOBE_MIX
from secondunit.fx.dust.grid import DustFrame

MEAN_COSINE = float((1 - LOBE_MIX) * LOBE_FORWARD + LOBE_MIX * LOBE_BACK)


def cloud(extinction: np.ndarray, cell_m: float = 1.0, origin=(0.0, 0.0, 0.0)) -> DustFrame:
    nx, ny, nz = (max(n // 2, 1) for n in extinction.shape)
    return DustFrame(
        frame=1, origin_m=np.array(origin, np.float32), cell_m=cell_m, extinction=extinction.astype(np.float16),
        velocity=np.zeros((3, nx, ny, nz), np.float16), drift=np.zeros((0, 3, nx, ny, nz), np.float16),
        weight=np.zeros(3, np.float32), phase=np.zeros(3, np.float32),
    )  # fmt: skip


def seen(dust: DustFrame, *, distance: float, size: int = 6, fov_mm: float = 400.0, sun=(0.0, 1.0, 0.0), **given):
    """Look along -Z at the middle of the dust through a long lens: rays are all but parallel."""
    extent = np.array(dust.extinction.shape) * dust.cell_m
    middle = dust.origin_m + 0.5 * extent
    camera = Camera(
        focal_length_mm=fov_mm, filmback=Filmback(width_mm=10.0, height_mm=10.0),
        position_m=(float(middle[0]), float(middle[1]), float(middle[2] + distance)),
    )  # fmt: skip
    depth = np.full((size, size), np.inf, np.float32)
    return trace(dust, camera=camera, width=size, height=size, surface_depth=depth, sun_direction=sun, **given)


def test_alpha_of_a_homogeneous_slab_is_beer_and_lamberts() -> None:
    layers = seen(cloud(np.full((16, 16, 8), 0.1)), distance=60.0, samples=3000)
    # 108,000 draws of a coin of 0.55: three sigma is 0.0045.
    assert layers.alpha.mean() == pytest.approx(1 - np.exp(-0.8), abs=0.0046)


def test_single_scattering_of_a_slab_lit_from_behind_the_camera() -> None:
    sigma, thick = 0.15, 8.0
    layers = seen(
        cloud(np.full((16, 16, 8), sigma)), distance=60.0, samples=3000, sun=(0.0, 1e-6, 1.0), ground=0.0, orders=1
    )
    # In along z by s, out by the same: the integral of sigma exp(-2 sigma s) over the slab, times p(180 degrees) pi.
    wanted = 0.25 * float(phase(np.float32(-1.0))) * 0.5 * (1 - np.exp(-2 * float(np.float16(sigma)) * thick))
    assert layers.sun.mean() == pytest.approx(wanted, rel=0.01)


def test_a_denser_half_takes_what_a_linear_ramp_takes() -> None:
    sigma = np.zeros((4, 4, 12))
    sigma[..., 6:] = 0.4
    layers = seen(cloud(sigma), distance=40.0, samples=4000, size=5)
    # Trilinear between cell centres: the ramp holds as much as the step.
    assert layers.alpha.mean() == pytest.approx(1 - np.exp(-6 * float(np.float16(0.4))), abs=0.004)


def test_white_furnace_nothing_is_lost_or_won() -> None:
    rng = np.random.default_rng(3)
    dust = cloud(rng.uniform(0.0, 1.5, (12, 12, 12)), origin=(0.0, 0.5, 0.0))
    layers = seen(dust, distance=60.0, samples=300, albedo=1.0, ground=1.0)
    np.testing.assert_allclose(layers.sky, layers.alpha, rtol=1e-5)
    greyer = seen(dust, distance=60.0, samples=300, albedo=0.9, ground=1.0)
    assert 0.1 < greyer.sky.mean() < 0.8 * greyer.alpha.mean()


def test_suns_from_everywhere_are_a_white_sky() -> None:
    # Over all directions, 4 x mean sun = what a whole sphere of sky gives = alpha, where nothing is absorbed. The
    # cloud is its own mirror image in height, so that suns above stand for those below.
    rng = np.random.default_rng(5)
    half = rng.uniform(0.0, 1.0, (10, 5, 10))
    dust = cloud(np.concatenate((half, half[:, ::-1]), axis=1))
    suns, found, met = 160, 0.0, 0.0
    for n in range(suns):  # Fibonacci's lattice on the upper half
        y = (n + 0.5) / suns
        angle = n * np.pi * (3 - np.sqrt(5))
        ring = np.sqrt(1 - y * y)
        sun = (ring * np.cos(angle), y, ring * np.sin(angle))
        layers = seen(dust, distance=60.0, size=3, samples=60, sun=sun, albedo=1.0, ground=0.0, seed=n)
        found, met = found + float(layers.sun.mean()), met + float(layers.alpha.mean())
    assert 4.0 * found / met == pytest.approx(1.0, abs=0.02)


def test_directions_are_drawn_from_the_phase_function() -> None:
    state, cosines = np.uint64(7), []
    for _ in range(20000):
        state, _, _, z = turned(np.uint64(state), np.float32(0), np.float32(0), np.float32(1))
        cosines.append(float(z))
    assert np.mean(cosines) == pytest.approx(MEAN_COSINE, abs=0.012)
    edges = np.linspace(-1, 1, 9)
    mids = np.linspace(-1, 1, 1601)
    density = np.array([float(phase(np.float32(c))) for c in mids])
    assert 0.5 * np.trapezoid(density, mids) == pytest.approx(1.0, abs=1e-3)
    share = [
        0.5 * np.trapezoid(density[(mids >= a) & (mids <= b)], mids[(mids >= a) & (mids <= b)])
        for a, b in pairwise(edges)
    ]
    np.testing.assert_allclose(np.histogram(cosines, edges)[0] / len(cosines), share, atol=0.012)


@pytest.mark.parametrize("way", [(1, 0, 0), (0, 1, 0), (0, 0, -1), (0.577, 0.577, 0.577), (0.69, 0.01, 0.7238)])
def test_a_turn_keeps_its_angle(way) -> None:
    way = np.array(way, np.float32) / np.float32(np.linalg.norm(way))
    turn = np.array(around(*way, np.float32(0.3), np.float32(0.81)))
    assert turn @ way == pytest.approx(0.3, abs=2e-4)
    assert np.linalg.norm(turn) == pytest.approx(1.0, abs=1e-5)


def test_majorants_bound_every_read() -> None:
    sigma = np.random.default_rng(1).uniform(0, 1, (9, 6, 10)).astype(np.float32)
    bricks = majorants(sigma)
    assert bricks.shape == (3, 2, 3)
    for i, j, k in np.ndindex(bricks.shape):
        low = [max(4 * n - 1, 0) for n in (i, j, k)]
        block = sigma[low[0] : 4 * i + 5, low[1] : 4 * j + 5, low[2] : 4 * k + 5]
        assert bricks[i, j, k] == block.max()


def test_a_surface_hides_what_is_behind_it_and_another_seed_is_another_draw() -> None:
    dust = cloud(np.full((8, 8, 8), 0.5))
    camera = Camera(
        focal_length_mm=400.0, filmback=Filmback(width_mm=10.0, height_mm=10.0), position_m=(4.0, 4.0, 44.0)
    )
    depth = np.full((4, 4), np.inf, np.float32)
    depth[:, :2] = 35.0  # a metre before the dust

    def at(seed: int) -> np.ndarray:
        return trace(
            dust, camera=camera, width=4, height=4, surface_depth=depth, sun_direction=(0, 1, 0), samples=40, seed=seed
        ).sky

    first = at(1)
    assert not first[:, :2].any()
    assert first[:, 2:].all()
    np.testing.assert_array_equal(first, at(1))
    assert (first[:, 2:] != at(2)[:, 2:]).all()
