import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from secondunit.core.brief import PlateBrief, ShotBrief, SunBrief
from secondunit.core.camera import Camera, CameraPath
from secondunit.core.layout import Box, Layout
from secondunit.fx.layout.guess import guess_layout, sky_mask
from secondunit.fx.layout.solve import solve_layout
from secondunit.fx.layout.sun_guess import guess_sun
from secondunit.fx.layout.vanishing import find_vanishing, line_segments
from secondunit.imaging.projection import default_filmback, project

MATERIAL = Path(os.environ.get("SECONDUNIT_MATERIAL", Path(__file__).parents[2] / "../shared/material"))


def drawn_building(width: int = 480, height: int = 360) -> tuple[np.ndarray, Camera, Box]:
    """Return a picture of a facade with 6 floors of windows under a blue sky."""
    camera = Camera(focal_length_mm=35.0, filmback=default_filmback(width, height))
    box = Box(name="b", corner_m=(-12.0, 0.0, -52.0), yaw_deg=-28.0, width_m=22.0, height_m=18.0, depth_m=9.0, floors=6)
    picture = np.full((height, width, 3), (120, 160, 220), np.uint8)
    picture[height * 53 // 100 :] = (90, 110, 70)

    def fill(s0: float, s1: float, t0: float, t1: float, colour: tuple[int, int, int]) -> None:
        points = [box.point(s, t, 0) for s, t in ((s0, t0), (s1, t0), (s1, t1), (s0, t1))]
        pixels, _ = project(camera, np.array(points), width, height)
        cv2.fillPoly(picture, [np.round(pixels * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)

    fill(0, 22, 0, 18, (210, 200, 185))
    for floor in range(6):
        for bay in range(6):
            fill(3.6 * bay + 0.9, 3.6 * bay + 2.7, 3 * floor + 0.8, 3 * floor + 2.4, (60, 65, 75))
    return picture, camera, box


def test_a_vanishing_point_is_found_where_lines_meet() -> None:
    random = np.random.default_rng(5)
    starts = random.uniform(0, 400, (40, 2))
    run = np.array([900.0, 210.0]) - starts
    run /= np.linalg.norm(run, axis=1, keepdims=True)
    clutter = random.uniform(0, 400, (25, 4))
    segments = np.concatenate([np.hstack([starts, starts + 50 * run]), clutter])
    found = find_vanishing(segments, upright=False, seed=1)
    assert found is not None
    np.testing.assert_allclose(found.point[:2] / found.point[2], (900, 210), rtol=0.02)
    assert found.members[:40].mean() > 0.8


def test_parallel_uprights_run_to_infinity() -> None:
    x = np.arange(10.0, 200.0, 10.0)
    segments = np.stack([x, np.full_like(x, 10), x, np.full_like(x, 90)], axis=1)
    found = find_vanishing(segments, upright=True, seed=1)
    assert found is not None
    np.testing.assert_allclose(np.abs(found.direction(np.array([50.0, 50.0]))), (0, 1), atol=1e-6)


def test_the_guess_of_a_drawn_facade_is_near_it() -> None:
    picture, camera, box = drawn_building()
    guess = guess_layout(picture, exif_focal_35mm=35.0)
    assert guess.findings[0].severity == "note"
    points = [box.point(s, t, 0) for s, t in ((0, 18), (22, 18), (22, 0), (0, 0))]
    pixels, _ = project(camera, np.array(points), 480, 360)
    assert np.abs(np.array(guess.boxes[0].facade_px) - pixels).max() < 30
    assert 5 <= guess.boxes[0].floors <= 7


def test_the_sky_is_what_is_smooth_and_joined_to_the_top() -> None:
    picture, _, _ = drawn_building()
    sky = sky_mask(picture)
    assert sky[:20, :100].mean() > 0.95
    assert not sky[300:].any()


RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(np.zeros((16, 16, 3), np.uint8), id="tiny black"),
        pytest.param(np.full((90, 60, 3), 255, np.uint8), id="portrait white"),
        pytest.param(RANDOM.integers(0, 255, (61, 487, 3), dtype=np.uint8), id="wide noise"),
        pytest.param(RANDOM.integers(0, 255, (401, 77, 3), dtype=np.uint8), id="tall noise"),
    ],
)
def test_a_picture_without_a_building_gives_a_stand_in_that_solves(picture: np.ndarray) -> None:
    guess = guess_layout(picture)
    assert guess.findings[0].severity == "warning"
    height, width = picture.shape[:2]
    brief = ShotBrief(name="s", plate=PlateBrief(file=""), camera=guess.camera, boxes=guess.boxes)
    layout, _ = solve_layout(brief, width=width, height=height, exif_focal_35mm=None, camera=None)
    assert 0.2 < layout.camera.locked.position_m[1] < 60


def test_the_demo_photograph_tells_its_lens() -> None:
    file = MATERIAL / "plates/stills/opencv_doc/building.jpg"
    if not file.is_file():
        pytest.skip(f"{file} is not here")
    picture = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
    guess = guess_layout(picture)
    brief = ShotBrief(name="s", plate=PlateBrief(file=""), camera=guess.camera, boxes=guess.boxes)
    layout, _ = solve_layout(brief, width=868, height=600, exif_focal_35mm=None, camera=None)
    assert 45 < layout.camera.locked.focal_length_mm < 57
    assert -63 < layout.boxes[0].yaw_deg < -53


def test_the_same_seed_guesses_the_same() -> None:
    picture, _, _ = drawn_building(300, 220)
    assert guess_layout(picture, seed=4) == guess_layout(picture, seed=4)


def test_segments_of_a_blank_picture_are_none() -> None:
    assert line_segments(np.zeros((40, 40, 3), np.uint8)).shape == (0, 4)


def lit_scene() -> tuple[Layout, np.ndarray, np.ndarray]:
    camera = Camera(filmback=default_filmback(64, 64))
    box = Box(name="b", corner_m=(-4.0, 0.0, -20.0), yaw_deg=0.0, width_m=8.0, height_m=6.0, depth_m=4.0)
    layout = Layout(camera=CameraPath(locked=camera), boxes=(box,))
    plate = np.full((64, 64, 3), (0.3, 0.4, 0.6), np.float32)
    plate[36:] = 0.1
    matte = np.zeros((64, 64), np.float32)
    matte[20:36, 20:44] = 1.0
    plate[matte > 0] = (0.7, 0.66, 0.6)
    return layout, plate, matte


def test_the_measured_light_gives_the_facade_its_brightness() -> None:
    layout, plate, matte = lit_scene()
    front = replace(layout, sun=replace(layout.sun, azimuth_deg=200.0, elevation_deg=40.0))
    sun = guess_sun(SunBrief(), front, plate, frame=1, matte=matte, holdout=np.zeros_like(matte))
    np.testing.assert_allclose(sun.sky, (0.3, 0.4, 0.6), rtol=1e-3)
    luma = np.array([0.2722, 0.6741, 0.0537])
    cos = -float(np.dot(sun.direction, front.boxes[0].inward))
    sky, lit = float(np.array(sun.sky) @ luma), float(np.array(sun.illuminance) @ luma)
    shown = 0.55 * (lit * cos + 0.5 * sky + 0.1 * (lit * sun.direction[1] + sky))
    assert shown == pytest.approx(float(np.array([0.7, 0.66, 0.6]) @ luma), rel=0.05)


def test_what_is_stated_of_the_light_stays() -> None:
    layout, plate, matte = lit_scene()
    brief = SunBrief(illuminance=(9.0, 8.0, 7.0))
    sun = guess_sun(brief, layout, plate, frame=1, matte=matte, holdout=np.zeros_like(matte))
    assert sun.illuminance == (9.0, 8.0, 7.0)


def test_a_plate_without_sky_or_facade_keeps_a_usable_light() -> None:
    layout, plate, matte = lit_scene()
    sun = guess_sun(SunBrief(), layout, plate, frame=1, matte=np.ones_like(matte), holdout=np.ones_like(matte))
    assert min(*sun.illuminance, *sun.sky) > 0
