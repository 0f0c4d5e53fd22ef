import numpy as np
import pytest

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.layout import Box, Layout, Sun
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.fx.dust.light import GROUND, light_dust

CELL = 0.5


def layout(elevation=90.0, azimuth=90.0):
    return Layout(camera=CameraPath(locked=Camera()), boxes=(), sun=Sun(azimuth_deg=azimuth, elevation_deg=elevation))


def dust(extinction, origin=(0.0, 0.0, 0.0)):
    nx, ny, nz = extinction.shape
    half = (nx // 2, ny // 2, nz // 2)
    return DustFrame(
        frame=1001,
        origin_m=np.array(origin, np.float32),
        cell_m=CELL,
        extinction=extinction.astype(np.float16),
        velocity=np.zeros((3, *half), np.float16),
        drift=np.zeros((3, 3, *half), np.float16),
        weight=np.full(3, 1 / 3, np.float32),
        phase=np.zeros(3, np.float32),
    )


def slab(value, shape=(24, 16, 24)):
    return dust(np.full(shape, value, np.float32))


def test_clear_air_is_clear():
    light = light_dust(slab(0.0, (4, 4, 4)), layout(40.0))
    assert (light.sun == 1).all()
    assert (light.sun_scatter == 0).all()
    np.testing.assert_allclose(light.sky.astype(np.float32), 1.0, atol=2e-3)


def test_sun_dims_as_beer_and_lambert_say():
    light = light_dust(slab(0.3), layout(90.0))
    middle = light.sun[light.sun.shape[0] // 2, :, light.sun.shape[2] // 2].astype(np.float64)
    height = light.sun.shape[1]
    cell = light.cell_m
    inside = middle[: height - 2]
    depth = 0.3 * cell * (np.arange(height - 2)[::-1] + 0.5)
    np.testing.assert_allclose(inside, np.exp(-depth), rtol=0.03)


@pytest.mark.parametrize("elevation", [15.0, 40.0, 90.0])
def test_dust_is_never_brighter_than_a_white_card(elevation):
    light = light_dust(slab(4.0), layout(elevation))
    radiance = 0.25 * light.sun.astype(np.float32) + light.sun_scatter
    assert radiance.max() < 1.0
    assert light.sky.max() <= 1.0
    assert light.sun_scatter.max() > 0.05


def test_thick_dust_gives_back_most_of_what_falls_on_it():
    light = light_dust(slab(4.0, (32, 16, 32)), layout(90.0))
    column = np.s_[light.sun.shape[0] // 2, :-2, light.sun.shape[2] // 2]
    source = (0.25 * light.sun[column].astype(np.float64) + light.sun_scatter[column])[::-1]
    share = 1.0 - np.exp(-4.0 * light.cell_m)
    seen = (source * share * (1 - share) ** np.arange(len(source))).sum()
    assert 0.3 < seen < 1.0


def test_depth_of_a_cloud_is_darker_than_its_skin():
    light = light_dust(slab(2.0, (32, 24, 32)), layout(60.0))
    x, z = light.sky.shape[0] // 2, light.sky.shape[2] // 2
    assert light.sky[x, -3, z] > 3 * light.sky[x, 1, z]
    assert light.sky[x, 0, z] < 0.2
    assert light.sky[0, 0, 0] > light.sky[x, 0, z]


def test_grid_holds_the_shadow_on_the_ground():
    cloud = np.zeros((8, 24, 8), np.float32)
    cloud[:, 16:] = 3.0
    light = light_dust(dust(cloud), layout(45.0, azimuth=90.0))  # sun at +X, shadow at -X
    ground = light.sun[:, 0, light.sun.shape[2] // 2].astype(np.float32)
    x = light.origin_m[0] + (np.arange(len(ground)) + 0.5) * light.cell_m
    shaded = x[ground < 0.3]
    assert -12.0 < shaded.mean() < -5.0
    assert light.reach_m[0, 0] < shaded.min()
    np.testing.assert_allclose(light.reach_m[1] - light.reach_m[0], np.array(light.sun.shape) * light.cell_m)
    assert light.origin_m[1] == pytest.approx(0.0, abs=light.cell_m)


def test_ground_is_reached_though_the_crop_floats():
    light = light_dust(dust(np.full((8, 8, 8), 1.0, np.float32), origin=(3.0, 6.0, -2.0)), layout(50.0))
    assert light.origin_m[1] == pytest.approx(0.0, abs=0.01)
    top = light.sun[light.sun.shape[0] // 2]
    assert top.max() <= 1.0


def test_occluder_shades_dust_only():
    wall = Box(
        name="w", kind="neighbour", corner_m=(-6.0, 0.0, 20.0), yaw_deg=90.0, width_m=40.0, height_m=30.0, depth_m=2.0
    )
    cloud = np.zeros((16, 8, 16), np.float32)
    cloud[:8] = 1.0
    free, shaded = (light_dust(dust(cloud), layout(30.0, azimuth=270.0), occluders=o) for o in ((), (wall,)))
    assert shaded.sun[4, 1, 5] < 0.5 * free.sun[4, 1, 5]
    assert (shaded.sun[-1] == free.sun[-1]).all()


def test_sun_below_the_horizon_leaves_the_sky():
    light = light_dust(slab(0.5), layout(-3.0))
    assert light.sun.max() < 0.001
    assert light.sun_scatter.max() < 0.01
    assert light.sky.max() > 0.4


def test_same_bits_every_time_and_through_a_file(tmp_path):
    frame, where = slab(0.7), layout(35.0)
    one, two = light_dust(frame, where), light_dust(frame, where)
    one.save(tmp_path / "light.npz")
    back = LightGrid.load(tmp_path / "light.npz")
    for name in ("sun", "sun_scatter", "sky", "reach_m"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes() == getattr(back, name).tobytes()


def test_bright_ground_is_not_brighter_than_the_sky():
    assert 0.0 < GROUND < 1.0
