from dataclasses import replace
from functools import cache

import numba
import numpy as np
import pytest

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.collapse import Look
from secondunit.core.errors import BriefError
from secondunit.core.layout import Box, Layout, Sun
from secondunit.fx.debris.renderer import DebrisRenderer
from secondunit.fx.debris.shadow_map import ShadowCaster, box_solid, sky_parts, visibility
from secondunit.fx.dust.grid import LightGrid
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion
from secondunit.imaging.projection import default_filmback, project

WIDTH, HEIGHT = 64, 48
FIRST, BREAK = 1001, 1003
SUN = Sun(azimuth_deg=215.0, elevation_deg=40.0, illuminance=(1.5, 1.4, 1.2), sky=(0.4, 0.45, 0.55))
BOX = Box(name="house", corner_m=(-4, 0, -20), yaw_deg=0, width_m=8, height_m=6, depth_m=4, floors=2, bays=4)


def a_layout(**changes):
    camera = Camera(focal_length_mm=45, filmback=default_filmback(WIDTH, HEIGHT), position_m=(0, 3, 0))
    return replace(Layout(camera=CameraPath(locked=camera), boxes=(BOX,), sun=SUN), **changes)


def cut(low, high):
    """Return one cuboid of the house, by local corners, and whether each of its faces is the house's own outside."""
    cell = Box(name="c", corner_m=BOX.point(*low), yaw_deg=0, **{
        f"{k}_m": high[i] - low[i] for i, k in enumerate(("width", "height", "depth"))
    })  # fmt: skip
    points, faces = box_solid(cell)
    outer = [low[2] == 0, high[0] == 8, high[2] == 4, low[0] == 0, high[1] == 6, low[1] == 0]
    return points, faces, np.repeat(outer, 2)


def a_house():
    """Return eight pieces that fill the house: left and right, low and high, front and back."""
    cells = [
        cut((4 * i, 3 * j, 2 * k), (4 * i + 4, 3 * j + 3, 2 * k + 2)) for k in (0, 1) for j in (0, 1) for i in (0, 1)
    ]
    count = len(cells)
    return Pieces(
        vertices=np.concatenate([c[0] for c in cells]),
        faces=np.concatenate([c[1] + 8 * i for i, c in enumerate(cells)]).astype(np.int32),
        vertex_start=np.arange(count + 1, dtype=np.int32) * 8,
        face_start=np.arange(count + 1, dtype=np.int32) * 12,
        face_outer=np.concatenate([c[2] for c in cells]),
        centre=np.array([c[0].mean(axis=0) for c in cells], np.float32),
        mass_kg=np.full(count, 57600.0, np.float32),
        volume_m3=np.full(count, 24.0, np.float32),
        material=np.zeros(count, np.int32),
        kind=np.full(count, 2, np.int32),
        box=np.zeros(count, np.int32),
        storey=np.array([0, 0, 1, 1] * 2, np.int32),
        bond=np.zeros((0, 2), np.int32),
        bond_area_m2=np.zeros(0, np.float32),
        grounded=np.array([True, True, False, False] * 2),
    )


def a_motion(pieces, *, step=(0.0, 0.0, 0.5), turn=0.0):
    """Return a motion in which the front right upper piece comes off by ``step`` a frame from BREAK on."""
    frames, count = 8, len(pieces)
    time = np.maximum(np.arange(FIRST, FIRST + frames) - BREAK, 0)
    position = np.repeat(pieces.centre[None], frames, axis=0).astype(np.float32)
    position[:, 3] += time[:, None] * np.array(step, np.float32)
    quaternion = np.zeros((frames, count, 4), np.float32)
    quaternion[..., 0] = 1
    quaternion[:, 3, 0], quaternion[:, 3, 2] = np.cos(turn * time / 2), np.sin(turn * time / 2)
    released = np.full(count, 10**6, np.int32)
    released[3] = BREAK
    none = np.zeros(0, np.int32)
    return Motion(
        first_frame=FIRST, rate=24.0, position=position, quaternion=quaternion, released=released, hit_frame=none,
        hit_piece=none, hit_position=np.zeros((0, 3), np.float32), hit_energy=np.zeros(0, np.float32),
    )  # fmt: skip


def a_plate():
    """Return a lit picture with a pattern on the house."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    tone = 0.35 + 0.15 * np.sin(x * 0.9) * np.cos(y * 0.7)
    return (tone[..., None] * np.array([1.0, 0.9, 0.75])).astype(np.float32)


@cache
def a_renderer(*, step=(0.0, 0.0, 0.5), turn=0.0, small=0, look=None, layout=None):
    pieces = a_house()
    return DebrisRenderer(
        pieces, a_motion(pieces, step=step, turn=turn), layout or a_layout(), plate=a_plate(),
        matte=np.ones((HEIGHT, WIDTH), np.float32), texture_frame=FIRST, width=WIDTH, height=HEIGHT,
        look=look or Look(), seed=1, small=small,
    )  # fmt: skip


def silhouette():
    corners, _ = project(a_layout().camera.locked, BOX.corners(), WIDTH, HEIGHT)
    return corners.min(axis=0), corners.max(axis=0)


def test_before_the_event_nothing_is_rendered_anew_and_the_silhouette_is_the_plates():
    layer = a_renderer(small=500).render(FIRST, light=None)
    assert layer.alpha.max() == 0
    assert layer.sun.max() == layer.sky.max() == 0
    low, high = silhouette()
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = (x > low[0] + 1) & (x < high[0] - 1) & (y > low[1] + 1) & (y < high[1] - 1)
    outside = (x < low[0] - 1) | (x > high[0] + 1) | (y < low[1] - 1) | (y > high[1] + 1)
    assert (layer.static[inside] == 1).all()
    assert (layer.static[outside] == 0).all()
    assert np.isfinite(layer.depth[inside]).all()
    assert np.isinf(layer.depth[outside]).all()
    assert (layer.motion == 0).all()
    np.testing.assert_allclose(layer.depth[inside].min(), 20.0, rtol=1e-4)


def test_what_moves_is_alpha_and_what_stands_stays_the_plates():
    layer = a_renderer().render(BREAK + 3, light=None)
    moved = layer.id == 4
    assert moved.sum() > 50
    middle = moved & (layer.alpha == 1)
    assert middle.sum() > 40
    assert (layer.static[layer.id == 1] > 0.8).all()
    assert (layer.alpha + layer.static <= 1 + 1e-5).all()
    assert (layer.sun + layer.sky)[middle].min() > 0
    assert np.isfinite(layer.depth[layer.alpha + layer.static > 0]).all()


def test_a_piece_that_has_hardly_moved_looks_like_the_plate():
    layer = a_renderer(step=(0.0, 0.0, 0.004), look=Look(motion_blur_deg=0.0)).render(BREAK + 1, light=None)
    middle = (layer.id == 4) & (layer.alpha == 1)
    middle[:, 1:] &= middle[:, :-1]
    middle[1:] &= middle[:-1]
    assert middle.sum() > 30
    difference = (layer.sun + layer.sky)[middle] - a_plate()[middle]
    assert np.abs(difference).mean() < 0.02
    assert np.abs(difference.mean()) < 0.012


def test_in_light_that_the_layout_does_not_know_a_piece_keeps_its_brightness_too():
    # At night: the plate is brighter than any paint in the stated light.
    dim = Sun(azimuth_deg=215.0, elevation_deg=40.0, illuminance=(0.02, 0.02, 0.02), sky=(0.03, 0.03, 0.04))
    layer = a_renderer(step=(0.0, 0.0, 0.003), layout=a_layout(sun=dim)).render(BREAK + 1, light=None)
    inside = layer.alpha > 0.99
    assert inside.sum() > 40
    assert (layer.sun + layer.sky)[inside].mean() == pytest.approx(a_plate()[inside].mean(), rel=0.1)


def test_the_back_of_what_comes_off_and_the_hole_it_leaves_are_not_the_plates():
    layer = a_renderer(step=(2.0, 0.0, 0.0)).render(BREAK + 3, light=None)
    assert ((layer.id == 8) & (layer.alpha > 0.9)).sum() > 30


def test_motion_is_exact():
    step = (0.4, -0.2, 0.6)
    renderer = a_renderer(step=step)
    layer = renderer.render(BREAK + 2, light=None)
    rows, columns = np.nonzero((layer.id == 4) & (layer.alpha == 1))
    camera = a_layout().camera.locked
    at = np.stack([columns, rows], axis=-1) + 0.5
    back, depth = camera.filmback, layer.depth[rows, columns][:, None]
    ray = (at - [WIDTH / 2, HEIGHT / 2]) / (45 / back.width_mm * WIDTH) * [1, -1]
    world = np.concatenate([ray * depth, -depth], axis=1) + camera.position_m
    later, _ = project(camera, world + np.array(step), WIDTH, HEIGHT)
    np.testing.assert_allclose(layer.motion[rows, columns], later - at, atol=2e-3)


def test_blur_spreads_coverage_and_keeps_its_sum():
    step = (0.9, 0.0, 0.0)
    sharp = a_renderer(step=step, look=Look(motion_blur_deg=0.0)).render(BREAK + 3, light=None)
    blurred = a_renderer(step=step, look=Look(motion_blur_deg=360.0)).render(BREAK + 3, light=None)
    part = lambda layer: ((layer.alpha > 0.05) & (layer.alpha < 0.95)).sum()  # noqa: E731
    assert part(blurred) > part(sharp)
    total = [(layer.alpha + layer.static).sum() for layer in (sharp, blurred)]
    assert total[0] == pytest.approx(total[1], rel=0.02)


def test_one_thread_and_two_give_the_same_bits():
    renderer = a_renderer(small=500, turn=0.1)
    layers = []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        layers.append(renderer.render(BREAK + 4, light=None))
    for name in ("sun", "sky", "alpha", "static", "depth", "motion", "id"):
        assert np.array_equal(getattr(layers[0], name), getattr(layers[1], name)), name


def test_small_debris_flies_after_the_break():
    with_it, without = (a_renderer(small=n).render(BREAK + 3, light=None) for n in (4000, 0))
    assert with_it.alpha.sum() > without.alpha.sum()


def test_dust_darkens_what_is_in_it():
    def grid(value):
        return LightGrid(
            frame=BREAK + 3, origin_m=np.array([-10, -1, -30], np.float32), cell_m=2.0,
            sun=np.full((10, 8, 12), value, np.float16), sun_scatter=np.zeros((10, 8, 12), np.float16),
            sky=np.full((10, 8, 12), value, np.float16), reach_m=np.array([[-10, -1, -30], [10, 15, -6]], np.float32),
        )  # fmt: skip

    renderer = a_renderer()
    clear, open_grid, thick = (renderer.render(BREAK + 3, light=g) for g in (None, grid(1.0), grid(0.25)))
    np.testing.assert_allclose(open_grid.sun, clear.sun, atol=1e-5)
    np.testing.assert_allclose(thick.sun, 0.25 * clear.sun, atol=1e-3)
    np.testing.assert_allclose(thick.sky, 0.25 * clear.sky, atol=1e-3)


def test_a_moving_camera_still_leaves_the_plate_alone_before_the_event():
    locked = a_layout().camera.locked
    keys = tuple((FIRST + i, replace(locked, position_m=(0.1 * i, 3.0, 0.0))) for i in range(8))
    layer = a_renderer(layout=a_layout(camera=CameraPath(locked=locked, keys=keys))).render(FIRST + 1, light=None)
    assert layer.alpha.max() == 0
    assert layer.static.sum() > 100
    assert layer.motion[layer.static == 1][:, 0].max() < 0


def test_shadow_on_the_plate_is_one_until_something_falls_over_it():
    renderer = a_renderer(step=(0.0, -0.9, 1.5))
    for pair in (renderer.receiver_shadow(FIRST, light=None), renderer.static_shadow(FIRST, light=None)):
        for visible in pair:
            assert visible.shape == (HEIGHT, WIDTH)
            assert (visible == 1).all()
    sun, sky = renderer.receiver_shadow(BREAK + 3, light=None)
    assert sky[HEIGHT - 6 :].min() < 0.9
    assert 0 <= sun.min() <= sun.max() == 1
    assert (sky[:10] == 1).all()


def test_an_open_card_reads_one_and_a_point_under_a_roof_is_dark():
    parts = sky_parts()
    assert (parts[:, 1] * parts[:, 3]).sum() == pytest.approx(1.0, abs=1e-6)
    points, faces = box_solid(Box(name="r", corner_m=(-5, 2, 5), yaw_deg=0, width_m=10, height_m=0.5, depth_m=10))
    caster = ShadowCaster(a_layout(), low=points.min(axis=0), high=points.max(axis=0))
    maps = caster.draw(points, faces=faces, face_body=np.zeros(12, np.int32), alive=np.ones(1, bool))
    at = np.array([[[0, 0, 0], [60, 0, 60]]], np.float32)
    up = np.array([[[0, 1, 0], [0, 1, 0]]], np.float32)
    under, away = visibility(at, up, maps)[0]
    assert under[0] == 0
    assert under[1] < 0.4
    np.testing.assert_allclose(away, 1.0, atol=1e-5)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"matte": np.ones((HEIGHT, WIDTH + 1), np.float32)}, "its matte 65 x 48"),
        ({"motion": 5}, "8 pieces and a motion of 5"),
    ],
    ids=["matte of another size", "motion of other pieces"],
)
def test_what_does_not_belong_together_is_refused(change, message):
    pieces = a_house()
    motion = a_motion(pieces)
    if "motion" in change:
        names = {f: getattr(motion, f) for f in motion.__slots__}
        motion = Motion(**names | {k: names[k][:, :5] for k in ("position", "quaternion")})
    matte = change.get("matte", np.ones((HEIGHT, WIDTH), np.float32))
    with pytest.raises(BriefError, match=message):
        DebrisRenderer(
            pieces, motion, a_layout(), plate=a_plate(), matte=matte,
            texture_frame=FIRST, width=WIDTH, height=HEIGHT, look=Look(), seed=1,
        )  # fmt: skip
