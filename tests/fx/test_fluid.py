import numpy as np
import pytest

from secondunit.fx.dust.advection import CENTRE, carry, carry_drift, centre_velocity, correct, departures
from secondunit.fx.dust.fluid import EMIT, EXPAND, PUSH_X, PUSH_Z, Air, Fluid, Grid
from secondunit.fx.dust.pressure import inverse_laplacian, project

GRID = Grid(origin_m=(0.0, 0.0, 0.0), cell_m=0.5, shape=(20, 12, 16))


def faces(shape, seed=0):
    nx, ny, nz = shape
    rng = np.random.default_rng(seed)
    u, v, w = (
        rng.standard_normal(s).astype(np.float32) for s in ((nx + 1, ny, nz), (nx, ny + 1, nz), (nx, ny, nz + 1))
    )
    v[:, 0] = 0.0
    return u, v, w


def divergence(u, v, w):
    return np.diff(u, axis=0) + np.diff(v, axis=1) + np.diff(w, axis=2)


def fluid(solid=None, **air):
    still = np.zeros(GRID.shape, bool) if solid is None else solid
    return Fluid(
        GRID,
        air=Air(**air),
        solid=still,
        billow=np.ones((8, 8, 8), np.float32),
        swirl=np.zeros((8, 8, 8, 3), np.float32),
    )


def test_projection_leaves_only_the_wanted_expansion():
    u, v, w = faces(GRID.shape)
    wanted = np.random.default_rng(1).standard_normal(GRID.shape).astype(np.float32)
    before = np.abs(divergence(u, v, w)).max()
    project(u, v, w, wanted, inverse=inverse_laplacian(GRID.shape), limit=100.0)
    assert np.abs(divergence(u, v, w) - wanted).max() < 1e-4 * before
    assert not v[:, 0].any()


def test_projection_of_divergence_free_air_changes_nothing():
    u, v, w = faces(GRID.shape)
    inverse = inverse_laplacian(GRID.shape)
    project(u, v, w, None, inverse=inverse, limit=100.0)
    again = [a.copy() for a in (u, v, w)]
    project(*again, None, inverse=inverse, limit=100.0)
    for once, twice in zip((u, v, w), again, strict=True):
        np.testing.assert_allclose(once, twice, atol=2e-5)


def moved(field, velocity_cells):
    nx, ny, nz = field.shape
    velocity = np.empty((nx, ny, nz, 3), np.float32)
    velocity[:] = velocity_cells
    trace = np.empty_like(velocity)
    departures(velocity, np.float32(1.0), trace)
    first, low, high, out = (np.empty_like(field) for _ in range(4))
    carry(field, trace, CENTRE, first, low, high)
    correct(field, first, low, high, trace, CENTRE, out)
    return first, out


def test_whole_cells_are_carried_exactly():
    field = np.random.default_rng(0).random((12, 10, 8)).astype(np.float32)
    _, out = moved(field, (2.0, 1.0, -1.0))
    np.testing.assert_allclose(out[3:-3, 2:-2, 2:-2], field[1:-5, 1:-3, 3:-1], atol=1e-5)


def test_correction_keeps_more_of_a_blob_and_never_overshoots():
    x, y, z = np.meshgrid(*(np.arange(24.0),) * 3, indexing="ij")
    field = np.exp(-((x - 10) ** 2 + (y - 12) ** 2 + (z - 12) ** 2) / 8).astype(np.float32)
    plain, better = field, field
    for _ in range(6):
        plain = moved(plain, (0.5, 0.0, 0.0))[0]
        better = moved(better, (0.5, 0.0, 0.0))[1]
    truth = np.exp(-((x - 13) ** 2 + (y - 12) ** 2 + (z - 12) ** 2) / 8)
    assert np.abs(better - truth).max() < 0.5 * np.abs(plain - truth).max()
    assert better.max() <= field.max()
    assert better.min() >= 0.0


def test_nothing_flows_in_from_outside():
    _, out = moved(np.ones((8, 8, 8), np.float32), (1.0, 0.0, 0.0))
    assert out[0].max() == 0.0
    assert out[1:].min() == 1.0


def test_drift_tells_where_the_dust_was():
    velocity = np.empty((16, 16, 16, 3), np.float32)
    velocity[:] = (0.4, -0.2, 0.6)
    trace, drift = np.empty_like(velocity), np.zeros((3, 8, 8, 8), np.float32)
    departures(velocity, np.float32(1.0), trace)
    for _ in range(3):
        out = np.empty_like(drift)
        carry_drift(drift, trace, np.float32(0.5), out)
        drift = out
    centre = drift[:, 3:5, 3:5, 3:5]
    np.testing.assert_allclose(centre.mean(axis=(1, 2, 3)), np.array((-0.4, 0.2, -0.6)) * 3 * 0.5, atol=1e-5)


def test_wind_blows_on_undisturbed():
    air = fluid(wind_m_per_s=(1.5, 0.0, -0.5), ground_friction=0.0)
    for _ in range(4):
        air.step(np.zeros((*GRID.shape, 6), np.float32), seconds=1 / 24, shift=(0, 0, 0))
    np.testing.assert_allclose(air.velocity[..., 0], 1.5, atol=1e-3)
    np.testing.assert_allclose(air.velocity[..., 2], -0.5, atol=1e-3)
    assert not air.extinction.any()


def test_air_goes_round_a_solid_and_dust_stays_out_of_it():
    solid = np.zeros(GRID.shape, bool)
    solid[8:12, :6, 6:10] = True
    air = fluid(solid, wind_m_per_s=(4.0, 0.0, 0.0))
    sources = np.zeros((*GRID.shape, 6), np.float32)
    sources[4:7, :6, 4:12, EMIT] = 20.0
    for _ in range(6):
        air.step(sources, seconds=1 / 24, shift=(0, 0, 0))
    assert not air.u[8:13, :6, 6:10].any()
    assert not air.extinction[solid].any()
    assert air.extinction.max() > 0.5


def test_expansion_pushes_dust_out_along_the_ground():
    air = fluid()
    sources = np.zeros((*GRID.shape, 6), np.float32)
    sources[9:11, :2, 7:9, EMIT] = 30.0
    sources[9:11, :2, 7:9, EXPAND] = 30.0
    for _ in range(12):
        air.step(sources, seconds=1 / 24, shift=(0, 0, 0))
    assert air.velocity[13, 0, 8, 0] > 0.5 > -0.5 > air.velocity[6, 0, 8, 0]
    assert air.extinction[13, 0, 8] > 0.0


def test_a_scrap_fades_before_a_cloud():
    air = fluid(weight_m_per_s2=0.0, lift_m_per_s2=0.0)
    air.extinction[2:4, 8:10, 2:4] = 1.0
    air.extinction[9:19, :8, 6:16] = 1.0
    for _ in range(12):
        air.step(np.zeros((*GRID.shape, 6), np.float32), seconds=1 / 24, shift=(0, 0, 0))
    assert air.extinction[2:4, 8:10, 2:4].max() < 0.6
    assert air.extinction[13, 3, 10] > 0.8


def test_solids_carry_the_air_with_them():
    air = fluid()
    sources = np.zeros((*GRID.shape, 6), np.float32)
    block = np.s_[6:14, 4:8, 5:11]
    sources[(*block, 0)] = 3.0
    sources[(*block, PUSH_X + 1)] = 3.0 * -10.0
    for _ in range(5):
        air.step(sources, seconds=1 / 24, shift=(0, 0, 0))
    middle = air.velocity[10, 6, 8]
    assert -10.0 < middle[1] < -1.0
    assert abs(middle[PUSH_X - 1]) < 1.0
    assert abs(middle[PUSH_Z - 1]) < 1.0


@pytest.mark.parametrize("threads", [1, 2])
def test_thread_count_changes_no_bit(threads):
    import numba

    if threads > numba.config.NUMBA_NUM_THREADS:
        pytest.skip("this machine starts fewer threads")

    def run(count):
        numba.set_num_threads(count)
        air = fluid(wind_m_per_s=(0.5, 0.0, 0.2))
        rng = np.random.default_rng(3)
        for _ in range(3):
            sources = np.zeros((*GRID.shape, 6), np.float32)
            sources[6:12, :5, 6:10] = rng.random((6, 5, 4, 6)) * 8
            air.step(sources, seconds=1 / 24, shift=(1, 2, 3))
        return air

    before = numba.get_num_threads()
    try:
        one, other = run(1), run(threads)
    finally:
        numba.set_num_threads(before)
    for name in ("u", "v", "w", "extinction", "heat", "drift"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


def test_centre_velocity_is_the_mean_of_the_faces():
    u, v, w = faces((4, 4, 4))
    out = np.empty((4, 4, 4, 3), np.float32)
    centre_velocity(u, v, w, out)
    np.testing.assert_allclose(out[..., 1], 0.5 * (v[:, 1:] + v[:, :-1]), atol=1e-6)
