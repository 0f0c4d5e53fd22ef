from pathlib import Path

import cv2
import numpy as np
import pytest

from secondunit.core.brief import HoldoutBrief, MatteBrief
from secondunit.core.camera import Camera, CameraPath
from secondunit.core.errors import BriefError
from secondunit.core.layout import Box, Layout
from secondunit.fx.layout.matte import box_coverage, building_matte, holdout_matte, holdout_mattes, polygon_coverage
from secondunit.fx.layout.matte_edge import cut_out, key_matte
from secondunit.imaging.projection import default_filmback

SIZE = 64
BOX = Box(name="b", corner_m=(-4.0, 0.0, -20.0), yaw_deg=0.0, width_m=8.0, height_m=6.0, depth_m=4.0)
LAYOUT = Layout(camera=CameraPath(locked=Camera(filmback=default_filmback(SIZE, SIZE))), boxes=(BOX,))
GREY = np.full((SIZE, SIZE, 3), 0.2, np.float32)


def matte(brief: MatteBrief, root: Path = Path(), plate: np.ndarray = GREY) -> np.ndarray:
    return building_matte(brief, LAYOUT, plate, frame=1001, root=root)


@pytest.mark.parametrize(
    "points",
    [[(10, 10), (50, 12), (48, 40), (8, 44)], [(8, 44), (48, 40), (50, 12), (10, 10)], [(5, 5), (60, 20), (20, 61)]],
)
def test_a_polygons_coverage_sums_to_its_area(points: list[tuple[float, float]]) -> None:
    p = np.array(points, float)
    area = abs(float(np.sum(p[:, 0] * np.roll(p[:, 1], -1) - np.roll(p[:, 0], -1) * p[:, 1]))) / 2
    assert polygon_coverage(points, SIZE, SIZE).sum() == pytest.approx(area, rel=0.004)


def test_a_polygon_half_a_pixel_over_covers_half_a_pixel() -> None:
    found = polygon_coverage([(2.0, 2.0), (6.5, 2.0), (6.5, 6.0), (2.0, 6.0)], 10, 10)
    np.testing.assert_allclose(found[3], [0, 0, 1, 1, 1, 1, 0.5, 0, 0, 0], atol=0.04)


def test_a_polygon_reaching_outside_is_cut_at_the_picture() -> None:
    assert polygon_coverage([(-500, -500), (900, -500), (900, 900), (-500, 900)], 20, 10).min() == 1.0
    assert polygon_coverage([(-50, -50), (-10, -50), (-10, -10)], 20, 10).max() == 0.0


def test_box_coverage_is_the_projected_silhouette() -> None:
    camera = LAYOUT.camera.locked
    found = box_coverage((BOX,), camera, SIZE, SIZE)
    f = camera.focal_length_mm / 36.0 * SIZE
    assert found.sum() == pytest.approx(8 * 6 * (f / 20) ** 2, rel=0.02)


def test_a_box_around_the_camera_and_one_behind_it() -> None:
    camera = LAYOUT.camera.locked
    around = Box(name="a", corner_m=(-50.0, -20.0, 10.0), yaw_deg=0.0, width_m=100.0, height_m=40.0, depth_m=60.0)
    behind = Box(name="c", corner_m=(-5.0, 0.0, 30.0), yaw_deg=0.0, width_m=10.0, height_m=9.0, depth_m=5.0)
    assert box_coverage((around,), camera, SIZE, SIZE).mean() > 0.99
    assert box_coverage((behind,), camera, SIZE, SIZE).max() == 0.0


def scene(edge: float) -> np.ndarray:
    """Blue over white with a soft upright edge."""
    x = np.arange(SIZE) + 0.5
    share = np.clip(x - edge + 0.5, 0, 1)[None, :, None]
    row = share * np.array([0.8, 0.78, 0.7]) + (1 - share) * np.array([0.25, 0.4, 0.7])
    noise = np.random.default_rng(3).normal(0, 0.01, (SIZE, SIZE, 3))
    return (np.broadcast_to(row, (SIZE, SIZE, 3)) + noise).clip(0, 1).astype(np.float32)


def test_the_cut_moves_to_the_plates_edge_and_stays_soft() -> None:
    drawn = polygon_coverage([(28, -9), (99, -9), (99, 99), (28, 99)], SIZE, SIZE)
    found = cut_out(scene(32.4), drawn, band_px=10, ignore=None)
    middle = found[20:44]
    np.testing.assert_allclose((SIZE - middle.sum(axis=1)).mean(), 32.4, atol=0.4)
    assert middle[:, :30].max() < 0.05
    assert middle[:, 36:].min() > 0.95
    assert 0.02 < middle[:, 32].mean() < 0.98


def test_beneath_a_holdout_the_drawn_edge_stays() -> None:
    drawn = polygon_coverage([(28, -9), (99, -9), (99, 99), (28, 99)], SIZE, SIZE)
    found = cut_out(scene(32.4), drawn, band_px=10, ignore=np.ones((SIZE, SIZE), np.float32))
    np.testing.assert_allclose(found, drawn, atol=1e-3)


def test_a_flat_plate_leaves_a_soft_edge_near_the_drawn_one() -> None:
    drawn = polygon_coverage([(28, -9), (99, -9), (99, 99), (28, 99)], SIZE, SIZE)
    found = cut_out(GREY, drawn, band_px=6, ignore=None)
    assert np.isfinite(found).all()
    assert found[:, :20].max() == 0.0
    assert found[:, 36:].min() == 1.0


def test_a_dark_key_keeps_twigs_thinner_than_a_pixel() -> None:
    sky = np.full((SIZE, SIZE, 3), (0.4, 0.5, 0.65), np.float32)
    sky[:, 20:30] = 0.01
    sky[:, 45] = 0.5 * 0.01 + 0.5 * sky[0, 0]
    found = key_matte(sky, np.ones((SIZE, SIZE), np.float32), key="dark")
    assert found[:, 22:28].min() > 0.98
    assert found[:, 33:43].max() < 0.02
    assert 0.1 < found[:, 45].mean() < 0.8


def test_green_and_bright_keys() -> None:
    plate = np.full((SIZE, SIZE, 3), (0.5, 0.3, 0.3), np.float32)
    plate[:, :30] = (0.05, 0.2, 0.03)
    full = np.ones((SIZE, SIZE), np.float32)
    assert key_matte(plate, full, key="green")[:, 5:25].min() > 0.9
    assert key_matte(plate, full, key="green")[:, 35:].max() < 0.1
    assert key_matte(plate, full, key="bright")[:, 35:].min() > 0.9
    assert key_matte(plate, full, key="bright")[:, 5:25].max() < 0.1


@pytest.mark.parametrize("key", ["dark", "bright", "green"])
def test_a_key_on_an_even_plate_keeps_the_drawn_shape(key: str) -> None:
    drawn = polygon_coverage([(10, 10), (50, 10), (50, 50), (10, 50)], SIZE, SIZE)
    np.testing.assert_array_equal(key_matte(GREY, drawn, key=key), drawn)  # type: ignore[arg-type]


def square(name: str, x: float, depth: float) -> HoldoutBrief:
    points = ((x, 10.0), (x + 20, 10.0), (x + 20, 30.0), (x, 30.0))
    return HoldoutBrief(name=name, polygon=points, depth_m=depth, refine=False)


def test_the_nearer_holdout_gives_the_depth() -> None:
    alpha, depth = holdout_mattes((square("far", 10, 30.0), square("near", 20, 8.0)), GREY, root=Path())
    assert (depth[20, 15], depth[20, 25], depth[20, 35]) == (30.0, 8.0, 8.0)
    assert np.isinf(depth[50, 50])
    assert alpha[20, 25] == 1.0
    assert alpha[50, 50] == 0.0


def test_no_holdout_covers_nothing() -> None:
    alpha, depth = holdout_mattes((), GREY, root=Path())
    assert alpha.max() == 0.0
    assert np.isinf(depth).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_file_mattes_are_read_at_full_depth(tmp_path: Path, channels: int, depth: type) -> None:
    top = np.iinfo(depth).max
    drawn = np.zeros((SIZE, SIZE), depth)
    drawn[10:20] = top // 2
    picture = drawn if channels == 1 else np.dstack([drawn] * channels)
    assert cv2.imwrite(str(tmp_path / "m.png"), picture)
    found = matte(MatteBrief(source="file", file="m.png"), tmp_path)
    assert found[15, 30] == pytest.approx(0.5, abs=0.003)
    assert found[40, 30] == 0.0


@pytest.mark.parametrize(
    "brief, said",
    [
        pytest.param(MatteBrief(source="file", file="small.png"), "8 x 6, the plate is 64 x 64", id="size"),
        pytest.param(MatteBrief(source="file", file="none.png"), "no file", id="missing"),
        pytest.param(MatteBrief(source="file"), "no file", id="unnamed"),
        pytest.param(MatteBrief(source="file", file="empty.png"), "cannot be read", id="empty"),
        pytest.param(MatteBrief(source="file", file="noise.png"), "cannot be read", id="noise"),
        pytest.param(MatteBrief(source="polygon", polygon=((1, 1), (2, 2))), "2 points", id="two points"),
        pytest.param(
            MatteBrief(source="polygon", polygon=((1, 1), (2, 2), (float("nan"), 3))), "not a number", id="nan"
        ),
    ],
)
def test_bad_mattes_are_refused(tmp_path: Path, brief: MatteBrief, said: str) -> None:
    cv2.imwrite(str(tmp_path / "small.png"), np.zeros((6, 8), np.uint8))
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "noise.png").write_bytes(b"noise" * 40)
    with pytest.raises(BriefError, match=said) as refused:
        matte(brief, tmp_path)
    assert refused.value.fix


def test_a_holdout_at_no_distance_is_refused() -> None:
    with pytest.raises(BriefError, match="depth_m"):
        holdout_mattes((square("x", 5, 0.0),), GREY, root=Path())


def test_the_boxes_are_the_matte_where_nothing_is_drawn() -> None:
    found = matte(MatteBrief(refine=False))
    np.testing.assert_array_equal(found, box_coverage((BOX,), LAYOUT.camera.locked, SIZE, SIZE))
    assert holdout_matte(square("s", 5, 2.0), GREY, root=Path()).sum() == pytest.approx(400, rel=0.01)
