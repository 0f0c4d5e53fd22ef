"""The frame in which the picture changes from the plate's own pixels to pieces that wear them."""

from dataclasses import replace

import numpy as np
import pytest

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.collapse import Look
from secondunit.core.layout import Box, Layout, Sun
from secondunit.fx.debris.geometry import assemble
from secondunit.fx.debris.renderer import DebrisRenderer
from secondunit.fx.debris.small_debris import scatter
from secondunit.fx.debris.texture_projection import panes
from secondunit.fx.fracture.pieces import MATERIALS, Pieces
from secondunit.fx.rigid.motion import Motion
from secondunit.imaging.projection import default_filmback, project

WIDTH, HEIGHT = 96, 72
FIRST, BREAK = 1001, 1003
SUN = Sun(azimuth_deg=215.0, elevation_deg=40.0, illuminance=(1.5, 1.4, 1.2), sky=(0.4, 0.45, 0.55))
CAMERA = Camera(focal_length_mm=45, filmback=default_filmback(WIDTH, HEIGHT), position_m=(0, 3, 0))
HOUSE = Box(name="house", corner_m=(-4, 0, -20), yaw_deg=0, width_m=8, height_m=6, depth_m=4, floors=2, bays=4)
LAYOUT = Layout(camera=CameraPath(locked=CAMERA), boxes=(HOUSE,), sun=SUN)
FACES = np.array(
    [t for a, b, c, d in ((0, 1, 3, 2), (1, 5, 7, 3), (5, 4, 6, 7), (4, 0, 2, 6), (2, 3, 7, 6), (0, 4, 5, 1))
     for t in ((a, b, c), (a, c, d))], np.int32
)  # fmt: skip


def halves(*, slant: float = 0.0, materials: tuple[str, str] = ("concrete", "concrete")) -> Pieces:
    """Return the house in a left and a right piece, parted upright or at a slant (metres at the top)."""
    corners = np.array(HOUSE.corners(), np.float32)
    middle = np.where(corners[:, 1] > 3, slant, 0.0)
    left, right = corners.copy(), corners.copy()
    left[:, 0] = np.where(corners[:, 0] > 0, middle, corners[:, 0])
    right[:, 0] = np.where(corners[:, 0] < 0, middle, corners[:, 0])
    outer = np.repeat([[True, False, True, True, True, True], [True, True, True, False, True, True]], 2, axis=1)
    return Pieces(
        vertices=np.concatenate([left, right]),
        faces=np.concatenate([FACES, FACES + 8]),
        vertex_start=np.array([0, 8, 16], np.int32),
        face_start=np.array([0, 12, 24], np.int32),
        face_outer=outer.reshape(-1),
        centre=np.array([left.mean(axis=0), right.mean(axis=0)], np.float32),
        mass_kg=np.full(2, 2e5, np.float32),
        volume_m3=np.full(2, 96.0, np.float32),
        material=np.array([MATERIALS.index(m) for m in materials], np.int32),
        kind=np.full(2, 2, np.int32),
        box=np.zeros(2, np.int32),
        storey=np.zeros(2, np.int32),
        bond=np.zeros((0, 2), np.int32),
        bond_area_m2=np.zeros(0, np.float32),
        grounded=np.ones(2, bool),
    )


def sinking(pieces: Pieces, *, step_m: float = 0.4, struck: bool = False) -> Motion:
    """Return a motion in which the right piece goes down from BREAK on, and is struck two frames later."""
    time = np.maximum(np.arange(FIRST, FIRST + 8) - BREAK, 0)
    position = np.repeat(pieces.centre[None], 8, axis=0).astype(np.float32)
    position[:, 1, 1] -= step_m * time
    quaternion = np.zeros((8, 2, 4), np.float32)
    quaternion[..., 0] = 1
    hits = np.array([1] if struck else [], np.int32)
    return Motion(
        first_frame=FIRST, rate=24.0, position=position, quaternion=quaternion,
        released=np.array([10**6, BREAK], np.int32), hit_frame=hits * 0 + np.int32(BREAK + 2), hit_piece=hits,
        hit_position=position[0, hits], hit_energy=np.full(len(hits), 1e6, np.float32),
    )  # fmt: skip


def a_renderer(plate, pieces=None, *, matte=None, step_m=0.4, struck=False):
    pieces = halves() if pieces is None else pieces
    return DebrisRenderer(
        pieces, sinking(pieces, step_m=step_m, struck=struck), LAYOUT, plate=plate,
        matte=silhouette().astype(np.float32) if matte is None else matte, texture_frame=FIRST, width=WIDTH,
        height=HEIGHT, look=Look(motion_blur_deg=0.0), seed=1, small=0,
    )  # fmt: skip


def silhouette():
    corners, _ = project(CAMERA, HOUSE.corners(), WIDTH, HEIGHT)
    (left, top), (right, foot) = corners.min(axis=0), corners.max(axis=0)
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return (x > left) & (x < right) & (y > top) & (y < foot)


@pytest.mark.parametrize("level", [0.003, 0.1, 0.5])
def test_dark_and_light_parts_of_the_plate_keep_their_level_when_they_begin_to_move(level):
    plate = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    plate[20:60, 56:68] = level
    layer = a_renderer(plate, step_m=0.004).render(BREAK + 1, light=None)
    inner = np.zeros((HEIGHT, WIDTH), bool)
    inner[30:45, 60:64] = True
    assert (layer.alpha[inner] == 1).all()
    assert (layer.sun + layer.sky)[inner].mean() == pytest.approx(level, rel=0.08, abs=1e-3)


def test_a_tower_beyond_the_boxes_rides_down_on_what_it_stands_on():
    plate = np.full((HEIGHT, WIDTH, 3), 0.4, np.float32)
    top = int(np.nonzero(silhouette().any(axis=1))[0][0])
    tower = np.zeros((HEIGHT, WIDTH), bool)
    tower[top - 8 : top, 60:68] = True
    plate[tower] = (0.5, 0.1, 0.05)
    renderer = a_renderer(plate, matte=(silhouette() | tower).astype(np.float32))
    assert renderer.render(FIRST, light=None).alpha.max() == 0
    down = 0.4 * 2 * 45 / CAMERA.filmback.width_mm * WIDTH / 20
    layer = renderer.render(BREAK + 2, light=None)
    seen = np.roll(tower, round(down), axis=0)
    seen[:, [60, 67]] = False
    inside = seen & np.roll(seen, 2, axis=0) & np.roll(seen, -2, axis=0)
    assert inside.sum() > 10
    assert layer.alpha[inside].min() == 1
    np.testing.assert_allclose((layer.sun + layer.sky)[inside].mean(axis=0), (0.5, 0.1, 0.05), rtol=0.1)
    above = np.zeros_like(tower)
    above[: top - 9] = True
    assert layer.alpha[above].max() == 0
    assert (layer.id[inside] == 2).all()


def test_a_soft_edge_beyond_the_boxes_is_no_tower():
    wide = np.zeros((HEIGHT, WIDTH), bool)
    wide[1:-1, 1:-1] = silhouette()[:-2, 1:-1] | silhouette()[2:, 1:-1] | silhouette()[1:-1, 2:]
    plate = np.full((HEIGHT, WIDTH, 3), 0.4, np.float32)
    assert len(a_renderer(plate, matte=(wide | silhouette()).astype(np.float32))._trim) == 0


def test_joints_square_to_the_building_do_not_chip_and_breaks_at_a_slant_do():
    for slant, cracks in ((0.0, 0), (1.5, 2)):
        pieces = halves(slant=slant)
        small = scatter(pieces, sinking(pieces), seed=1, count=0)
        assert len(assemble(pieces, small, LAYOUT).faces.crack) == cracks


def test_a_pane_is_believed_where_the_plate_is_dark_and_where_it_shows_nothing():
    pieces = halves(materials=("glass", "glass"))
    plate = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    plate[:, WIDTH // 2 :] = 0.02
    matte = np.ones((HEIGHT, WIDTH), np.float32)
    matte[:, WIDTH // 2 + 20 :] = 0
    assert panes(pieces, plate, matte=matte, camera=CAMERA).tolist() == [False, True]
    away = replace(CAMERA, position_m=(400, 3, 0))
    assert panes(pieces, plate, matte=matte, camera=away).tolist() == [True, True]
    assert not panes(halves(), plate, matte=matte, camera=CAMERA).any()


def test_a_pane_is_gone_once_it_is_struck():
    plate = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    plate[:, WIDTH // 2 :] = 0.02
    renderer = a_renderer(plate, halves(materials=("concrete", "glass")), step_m=0.1, struck=True)
    assert (renderer.render(BREAK + 1, light=None).id == 2).any()
    assert not (renderer.render(BREAK + 2, light=None).id == 2).any()
