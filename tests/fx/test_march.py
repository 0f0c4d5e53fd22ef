from dataclasses import replace

import numba
import numpy as np
import pytest

from secondunit.core.camera import Camera, Filmback
from secondunit.core.collapse import Detail
from secondunit.fx.control.march import ERODED, march
from secondunit.fx.control.march_bare import PLANES as BARE
from secondunit.fx.control.march_medium import medium
from secondunit.fx.dust.grid import DustFrame, LightGrid

W, H = 48, 32
CELL = 0.5
CAMERA = Camera(focal_length_mm=36, filmback=Filmback(width_mm=36, height_mm=24), position_m=(0, 4, 20))
SUN = (0.0, 1.0, 0.0)
ALWAYS = {
    "alpha", "sun", "sky", "optical_depth", "depth", "motion_x", "motion_y", "normal_x", "normal_y", "normal_z",
    "noise_0", "noise_1", "noise_2", "noise_3", "holdout", "stretch", "footprint",
}  # fmt: skip


def dust(extinction: np.ndarray, **changes) -> DustFrame:
    nx, ny, nz = extinction.shape
    half = (nx // 2, ny // 2, nz // 2)
    base = DustFrame(
        frame=1010,
        origin_m=np.array([-nx * CELL / 2, 0, -nz * CELL / 2], np.float32),
        cell_m=CELL,
        extinction=extinction.astype(np.float16),
        velocity=np.zeros((3, *half), np.float16),
        drift=np.zeros((3, 3, *half), np.float16),
        weight=np.array([0.2, 0.5, 0.3], np.float32),
        phase=np.array([1, 2, 3], np.float32),
    )
    return replace(base, **changes)


def block(sigma: float = 0.3) -> np.ndarray:
    """A block 12 m wide, 8 m high and 6 m deep (z -3 to 3) in clear air."""
    extinction = np.zeros((40, 24, 24), np.float32)
    extinction[8:32, 0:16, 6:18] = sigma
    return extinction


def ball(seed: int = 1) -> np.ndarray:
    x, y, z = np.meshgrid(*(np.arange(n) * CELL - n * CELL / 2 for n in (40, 32, 32)), indexing="ij")
    lump = np.random.default_rng(seed).standard_normal((10, 8, 8)).repeat(4, 0).repeat(4, 1).repeat(4, 2)
    return np.clip((6.0 + 0.6 * lump - np.sqrt(x**2 + y**2 + z**2)) / 2.5, 0, 1).astype(np.float32)


def clear(sun=1.0, scatter=0.0, sky=1.0) -> LightGrid:
    one = np.ones((2, 2, 2), np.float16)
    return LightGrid(
        frame=1010, origin_m=np.full(3, -50, np.float32), cell_m=50.0,
        sun=one * sun, sun_scatter=one * scatter, sky=one * sky,
        reach_m=np.array([[-50] * 3, [50] * 3], np.float32),
    )  # fmt: skip


def run(frame: DustFrame, light: LightGrid | None = None, *, surface=np.inf, **options):
    options = {"camera": CAMERA, "camera_next": CAMERA, "sun_direction": SUN, "width": W, "height": H} | options
    shape = (options["height"], options["width"])
    return march(frame, light or clear(), surface_depth=np.full(shape, surface, np.float32), **options)


def test_channels_are_all_there_and_eroded_ones_only_when_asked():
    front, behind = run(dust(block()))
    assert set(front.channels) == set(behind.channels) == ALWAYS
    assert (front.slab, behind.slab, front.frame, front.size) == ("front", "behind", 1010, (H, W))
    eroded, _ = run(dust(block()), channels=ERODED)
    assert set(eroded.channels) == ALWAYS | ERODED
    for image in eroded.channels.values():
        assert image.dtype == np.float32
        assert image.shape == (H, W)
        assert np.isfinite(image).all()


@pytest.mark.parametrize("sigma", [0.02, 0.1, 0.3])
def test_a_uniform_block_follows_beer_and_lambert(sigma):
    front, _ = run(dust(block(sigma)))
    middle = front.channels["alpha"][H // 2, W // 2]
    # 6 m of dust; the linear ramp of half a cell at both faces keeps its integral.
    assert middle == pytest.approx((1 - np.exp(-6 * sigma)) / 0.99, rel=0.02)
    assert front.channels["optical_depth"][H // 2, W // 2] == pytest.approx(6 * sigma, rel=0.02)
    assert front.channels["sky"][H // 2, W // 2] == pytest.approx(middle, rel=1e-3)


def test_single_scattering_is_isotropic_on_average_and_prefers_forward():
    total, values = 0.0, []
    for cosine in np.linspace(-0.98, 0.98, 25):
        sun = (float(np.sqrt(1 - cosine**2)), 0.0, float(-cosine))
        found, _ = run(dust(block()), sun_direction=sun)
        at = found.channels
        values.append(at["sun"][H // 2, W // 2] / at["alpha"][H // 2, W // 2])
        total += values[-1] / 25
    # pi times the phase function: its mean over the sphere is pi / (4 pi).
    assert total == pytest.approx(0.25, rel=0.08)
    assert values[-1] > 2 * values[len(values) // 2]


def test_front_and_behind_make_the_whole():
    frame = dust(block())
    whole = run(frame)[0].channels["alpha"]
    front, behind = run(frame, surface=20.5)
    both = 1 - (1 - 0.99 * front.channels["alpha"]) * (1 - 0.99 * behind.channels["alpha"])
    assert np.allclose(both, 0.99 * whole, atol=0.02)
    assert front.channels["holdout"].min() == 1.0
    assert front.channels["depth"][H // 2, W // 2] < 20.5 < behind.channels["depth"][H // 2, W // 2]


def test_behind_is_left_out_where_the_surface_covers_all():
    _, behind = run(dust(block()), surface=20.5, coverage=np.ones((H, W), np.float32))
    assert behind.channels["alpha"].max() == 0.0


@pytest.mark.parametrize(
    "share, depth, kept",
    [(1.0, 5.0, 0.0), (0.5, 5.0, 0.5), (1.0, 60.0, 1.0), (0.0, 5.0, 1.0)],
    ids=["before", "half", "beyond", "nothing"],
)
def test_a_holdout_takes_what_lies_beyond_it(share, depth, kept):
    frame = dust(block(0.08))
    whole = run(frame, channels=ERODED)[0].channels
    assert whole["eroded_alpha"].max() < 1.0
    held = run(
        frame, channels=ERODED,
        holdout=np.full((H, W), share, np.float32), holdout_depth=np.full((H, W), depth, np.float32),
    )[0].channels  # fmt: skip
    for name in ("alpha", "sun", "sky", "optical_depth", "eroded_alpha"):
        assert np.allclose(held[name], whole[name] * kept, atol=1e-5)


def test_motion_is_the_projected_velocity():
    velocity = np.zeros((3, 20, 12, 12), np.float16)
    velocity[0], velocity[1] = 4.8, -2.4
    front, _ = run(dust(block(3.0), velocity=velocity), rate=24.0)
    at = front.channels
    row, col = H // 2, W // 2
    scale = W / at["depth"][row, col]
    assert at["motion_x"][row, col] == pytest.approx(0.2 * scale, rel=1e-3)
    assert at["motion_y"][row, col] == pytest.approx(0.1 * scale, rel=1e-3)
    moved = replace(CAMERA, position_m=(0.3, 4, 20))
    panned, _ = run(dust(block(3.0)), camera_next=moved)
    assert panned.channels["motion_x"][row, col] == pytest.approx(-0.3 * scale, rel=1e-3)


def test_depth_and_normal_of_a_thick_block():
    front, _ = run(dust(block(4.0)))
    at = front.channels
    assert at["depth"][H // 2, W // 2] == pytest.approx(17.2, abs=0.4)
    assert at["normal_z"][H // 2, W // 2] > 0.95
    assert at["footprint"][H // 2, W // 2] == pytest.approx(W * CELL / at["depth"][H // 2, W // 2], rel=1e-4)
    clear_sky = at["alpha"] == 0
    assert clear_sky.any()
    for image in (value for name, value in at.items() if name != "holdout"):
        assert not image[clear_sky].any()


@pytest.mark.parametrize("shape", [(2, 2, 2), (4, 2, 6), (8, 8, 2)], ids=str)
def test_small_and_empty_grids(shape):
    for fill in (0.0, 1.0):
        front, behind = run(dust(np.full(shape, fill, np.float32)), surface=19.0, channels=ERODED)
        for buffers in (front, behind):
            assert all(np.isfinite(image).all() for image in buffers.channels.values())
        if fill == 0.0:
            assert front.channels["alpha"].max() == front.channels["eroded_alpha"].max() == 0.0


@pytest.mark.parametrize("width, height", [(1, 1), (7, 5), (33, 3)])
def test_odd_sizes(width, height):
    front, _ = run(dust(ball()), width=width, height=height, channels=ERODED)
    assert front.size == (height, width)
    assert all(np.isfinite(image).all() for image in front.channels.values())


def test_erosion_adds_fine_structure_and_never_dust_where_there_was_none():
    front, _ = run(dust(ball()), width=192, height=128, channels=ERODED)
    coarse, fine = front.channels["alpha"], front.channels["eroded_alpha"]
    assert not fine[coarse == 0].any()
    assert fine.max() <= 1.0
    assert fine.min() >= 0.0

    def roughness(name):
        return np.abs(np.diff(front.channels[name], n=2, axis=1)).mean()

    assert roughness("eroded_alpha") > 2 * roughness("alpha")
    assert roughness("eroded_sky") > 2 * roughness("sky")


def test_noise_has_unit_variance_whatever_the_ray():
    front, _ = run(dust(ball()), width=192, height=128)
    inside = front.channels["alpha"] > 0.2
    for octave in (1, 2, 3):
        values = front.channels[f"noise_{octave}"][inside]
        assert 0.5 < values.std() < 1.4, octave
        assert abs(values.mean()) < 0.3


def test_noise_is_carried_by_the_dust():
    shift = np.array([3.0, 0.0, -2.0], np.float32)
    rest = dust(ball())
    drift = np.zeros_like(rest.drift)
    drift += -shift.astype(np.float16)[None, :, None, None, None]
    moved = replace(rest, origin_m=rest.origin_m + shift, drift=drift)
    followed = replace(CAMERA, position_m=(3.0, 4.0, 18.0))
    here = run(rest, channels=ERODED)[0].channels
    there = run(moved, camera=followed, camera_next=followed, channels=ERODED)[0].channels
    for name in ("alpha", "eroded_alpha", "eroded_sun", "noise_1", "noise_3"):
        assert np.allclose(here[name], there[name], atol=5e-3), name
    left = run(replace(moved, drift=rest.drift), camera=followed, camera_next=followed)[0].channels
    assert np.abs(left["noise_1"] - here["noise_1"]).mean() > 0.2


def test_stretched_noise_fades():
    frame = dust(ball())
    x = (np.arange(20) - 10) * 2 * CELL
    drift = np.zeros_like(frame.drift)
    drift[:, 0] = (3.0 * x)[None, :, None, None]
    pulled = run(replace(frame, drift=drift))[0].channels
    inside = pulled["alpha"] > 0.5
    assert pulled["stretch"][inside].mean() > 3.0
    assert np.abs(pulled["noise_0"][inside]).max() < 0.2


def test_the_seed_moves_the_noise_and_not_the_coarse_render():
    one = run(dust(ball()), channels=ERODED, detail=Detail(seed=1))[0].channels
    two = run(dust(ball()), channels=ERODED, detail=Detail(seed=2))[0].channels
    # The steps follow the carved skin: the coarse render is sampled elsewhere, no more.
    for name, apart in {"alpha": 0.03, "sun": 0.03, "sky": 0.03, "depth": 0.3}.items():
        assert np.allclose(one[name], two[name], atol=apart), name
    # A micro seed moves the fine octaves; the broad ones, which are the simulation's, move with its own seed.
    assert np.abs(one["eroded_sky"] - two["eroded_sky"]).max() > 0.05
    other = run(dust(ball()), channels=ERODED, detail=Detail(seed=1), broad_seed=2)[0].channels
    assert np.abs(one["eroded_sky"] - other["eroded_sky"]).max() > 0.05


def test_any_number_of_threads_gives_the_same_bits():
    frame, before = dust(ball()), numba.get_num_threads()
    results = []
    try:
        for threads in sorted({1, before}):
            numba.set_num_threads(threads)
            results.append(run(frame, channels=ERODED)[0].channels)
    finally:
        numba.set_num_threads(before)
    results.append(run(frame, channels=ERODED)[0].channels)
    for name, image in results[0].items():
        assert all(np.array_equal(image, other[name]) for other in results[1:]), name


def test_light_outside_the_grids_reach_is_clear():
    near = replace(clear(sun=0.0, sky=0.0), reach_m=np.array([[90] * 3, [91] * 3], np.float32))
    lit = run(dust(block()), near)[0].channels
    assert np.allclose(lit["sky"], lit["alpha"], atol=1e-3)
    dark = run(dust(block()), clear(sun=0.0, sky=0.0))[0].channels
    assert dark["sky"].max() == dark["sun"].max() == 0.0


def test_inputs_are_left_alone():
    frame, light = dust(ball()), clear()
    kept = frame.extinction.copy(), frame.drift.copy(), light.sky.copy()
    run(frame, light, channels=ERODED)
    for before, after in zip(kept, (frame.extinction, frame.drift, light.sky), strict=True):
        assert np.array_equal(before, after)


def test_refusals():
    with pytest.raises(ValueError, match="no channel glow"):
        run(dust(block()), channels=frozenset({"glow"}))
    with pytest.raises(ValueError, match="holdout is"):
        run(dust(block()), holdout=np.zeros((3, 3), np.float32))


@pytest.mark.parametrize("surface", [np.inf, 19.0])
def test_a_bare_slab_is_the_whole_one_without_what_the_dust_carries(surface):
    frame, held = dust(ball()), np.zeros((H, W), np.float32)
    held[:, : W // 2] = 0.7
    options = {"surface": surface, "holdout": held, "holdout_depth": np.full((H, W), 18.0, np.float32)}
    whole, bare = run(frame, **options), run(frame, bare=frozenset({"front", "behind"}), **options)
    for one, other in zip(whole, bare, strict=True):
        assert other.slab == one.slab
        assert set(other.channels) == set(BARE)
        for name, image in other.channels.items():
            assert np.allclose(image, one.channels[name], rtol=2e-4, atol=2e-5), name
    assert bare[0].channels["alpha"].max() > 0.5


def test_one_slab_may_be_bare_and_the_other_not():
    front, behind = run(dust(ball()), surface=19.0, bare=frozenset({"behind"}), channels=ERODED)
    assert set(front.channels) == ALWAYS | ERODED
    assert set(behind.channels) == set(BARE)


def test_dust_packed_once_is_marched_as_dust_packed_anew():
    frame, light = dust(ball()), clear(sun=0.6)
    anew, once = run(frame, light)[0], run(frame, light, packed=medium(frame, light))[0]
    for name, image in anew.channels.items():
        assert np.array_equal(image, once.channels[name]), name
