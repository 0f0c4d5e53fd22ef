import math
from dataclasses import replace

import numpy as np
import pytest

from secondunit.core.brief import BoxBrief, CameraBrief, PlateBrief, ShotBrief, SunBrief
from secondunit.core.camera import Camera, CameraPath, Filmback
from secondunit.core.errors import BriefError
from secondunit.core.layout import Box
from secondunit.fx.layout.facade_fit import horizon_row
from secondunit.fx.layout.solve import solve_layout
from secondunit.imaging.projection import default_filmback, project, rotation_from_angles

WIDTH, HEIGHT = 868, 600
TRUE_BOX = Box(name="block", corner_m=(-14.0, 0.0, -55.0), yaw_deg=-40.0, width_m=36.0, height_m=18.0, depth_m=12.0)


def true_camera(
    *, focal: float = 40.0, pitch: float = 0.0, roll: float = 0.0, shift: float = 0.0, eye: float = 1.7
) -> Camera:
    rows = rotation_from_angles(0.0, pitch, roll)
    back = replace(default_filmback(WIDTH, HEIGHT), offset_y_mm=shift)
    return Camera(
        focal_length_mm=focal,
        filmback=back,
        position_m=(0.0, eye, 0.0),
        rotation=tuple(tuple(float(v) for v in row) for row in rows),  # type: ignore[arg-type]
    )


def corners(camera: Camera, box: Box, out: float = 0.0) -> tuple[tuple[float, float], ...]:
    w, h = box.width_m, box.height_m
    points = [box.point(s, t, -out) for s, t in ((0, h), (w, h), (w, 0), (0, 0))]
    pixels, depth = project(camera, np.array(points), WIDTH, HEIGHT)
    assert (depth > 0).all()
    return tuple((float(x), float(y)) for x, y in pixels)


def brief(box: BoxBrief, *more: BoxBrief, camera: CameraBrief = CameraBrief(), sun: SunBrief = SunBrief()) -> ShotBrief:
    return ShotBrief(name="shot", plate=PlateBrief(file="p.jpg"), boxes=(box, *more), camera=camera, sun=sun)


def facade(camera: Camera, **changes: object) -> BoxBrief:
    values = {"name": "block", "facade_px": corners(camera, TRUE_BOX), "floors": 6, "floor_height_m": 3.0}
    return BoxBrief(**(values | changes))  # type: ignore[arg-type]


def solve(shot: ShotBrief, **more: object):  # type: ignore[no-untyped-def]
    return solve_layout(shot, **({"width": WIDTH, "height": HEIGHT, "exif_focal_35mm": None, "camera": None} | more))  # type: ignore[arg-type]


def test_a_tilted_camera_and_its_focal_length_come_from_one_facade() -> None:
    camera = true_camera(focal=50.0, pitch=10.0, roll=1.2, eye=0.9)
    layout, findings = solve(brief(facade(camera), camera=CameraBrief(upright=False)))
    found, box = layout.camera.locked, layout.boxes[0]
    assert found.focal_length_mm == pytest.approx(50.0, rel=0.02)
    assert found.position_m[1] == pytest.approx(0.9, abs=0.15)
    assert box.yaw_deg == pytest.approx(-40.0, abs=1.0)
    assert box.width_m == pytest.approx(36.0, rel=0.03)
    np.testing.assert_allclose(corners(found, box), corners(camera, TRUE_BOX), atol=0.6)
    assert any("solved from the facade" in f.message for f in findings)


@pytest.mark.parametrize("stated", ["stated", "exif"])
def test_an_upright_plate_keeps_its_verticals_and_shifts_the_lens(stated: str) -> None:
    camera = true_camera(shift=4.0)
    known = CameraBrief(focal_length_mm=40.0 if stated == "stated" else None)
    layout, _ = solve(brief(facade(camera), camera=known), exif_focal_35mm=40.0 if stated == "exif" else None)
    found = layout.camera.locked
    assert found.rotation == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    assert found.filmback.offset_y_mm == pytest.approx(4.0, abs=0.05)
    assert found.position_m[1] == pytest.approx(1.7, abs=0.05)
    assert layout.boxes[0].width_m == pytest.approx(36.0, rel=0.01)


def test_an_assumed_focal_length_is_said_aloud() -> None:
    frontal = replace(TRUE_BOX, yaw_deg=0.0)
    camera = true_camera()
    layout, findings = solve(brief(facade(camera, facade_px=corners(camera, frontal))))
    assert layout.camera.locked.focal_length_mm == pytest.approx(35.0, rel=0.02)
    assert [f.severity for f in findings if f.check == "focal length"] == ["warning"]


def test_a_stated_horizon_and_height_are_kept() -> None:
    camera = true_camera(shift=3.0)
    row = horizon_row(camera, WIDTH, HEIGHT)
    known = CameraBrief(focal_length_mm=40.0, horizon_px=row, height_m=1.7)
    layout, _ = solve(brief(facade(camera), camera=known))
    assert horizon_row(layout.camera.locked, WIDTH, HEIGHT) == pytest.approx(row, abs=1e-6)
    assert layout.camera.locked.position_m == (0.0, 1.7, 0.0)


def test_the_horizon_of_a_rolled_camera_is_taken_at_the_centre() -> None:
    camera = true_camera(pitch=8.0, roll=3.0)
    f = camera.focal_length_mm / camera.filmback.height_mm * HEIGHT
    expected = HEIGHT / 2 + f * math.tan(math.radians(8.0)) / math.cos(math.radians(3.0))
    assert horizon_row(camera, WIDTH, HEIGHT) == pytest.approx(expected, abs=0.5)


def test_several_boxes_share_the_camera_and_a_neighbour_may_have_other_floors() -> None:
    camera = true_camera(shift=3.0)
    beside = Box(name="next", corner_m=(-18.0, 0.0, -25.0), yaw_deg=60.0, width_m=14.0, height_m=10.0, depth_m=9.0)
    other = BoxBrief(name="next", kind="neighbour", facade_px=corners(camera, beside), floors=3, floor_height_m=3.0)  # type: ignore[arg-type]
    layout, findings = solve(brief(facade(camera), other, camera=CameraBrief(focal_length_mm=40.0)))
    assert [b.kind for b in layout.boxes] == ["building", "neighbour"]
    assert layout.boxes[1].height_m == pytest.approx(10.0, rel=0.02)
    np.testing.assert_allclose(layout.boxes[1].corner_m, beside.corner_m, atol=0.6)
    assert not [f for f in findings if f.severity == "warning"]


def test_a_canopy_projects_outward_from_its_building() -> None:
    camera = true_camera()
    canopy = BoxBrief(
        name="c", kind="canopy", on="block", from_m=10, to_m=16, base_m=3, floors=1, floor_height_m=0.5, depth_m=4
    )
    layout, _ = solve(brief(facade(camera), canopy, camera=CameraBrief(focal_length_mm=40.0)))
    block, box = layout.boxes
    np.testing.assert_allclose(box.point(0, 0, box.depth_m), block.point(10, 3, 0), atol=1e-9)
    assert np.dot(np.array(box.corner_m) - block.corner_m, block.inward) == pytest.approx(-4.0)
    assert (box.width_m, box.height_m) == pytest.approx((6.0, 0.5))


def test_a_canopy_by_its_front_face() -> None:
    camera = true_camera()
    front = Box(name="c", corner_m=TRUE_BOX.point(10, 3, -4), yaw_deg=-40.0, width_m=6.0, height_m=0.5, depth_m=4.0)
    canopy = BoxBrief(name="c", kind="canopy", on="block", facade_px=corners(camera, front), floors=1, depth_m=4.0)  # type: ignore[arg-type]
    layout, _ = solve(brief(facade(camera), canopy, camera=CameraBrief(focal_length_mm=40.0, upright=True)))
    assert layout.boxes[1].width_m == pytest.approx(6.0, abs=0.15)
    np.testing.assert_allclose(layout.boxes[1].corner_m, front.corner_m, atol=0.3)


def test_boxes_in_metres_pass_through() -> None:
    box = BoxBrief(name="b", corner_m=(-5, 0, -20), yaw_deg=10, width_m=12, floors=4, floor_height_m=3.5, depth_m=7)
    layout, _ = solve(brief(box, camera=CameraBrief(focal_length_mm=30, height_m=2, horizon_px=400)))
    found = layout.boxes[0]
    assert (found.corner_m, found.yaw_deg, found.width_m, found.height_m, found.depth_m) == (
        (-5, 0, -20),
        10,
        12,
        14,
        7,
    )
    assert horizon_row(layout.camera.locked, WIDTH, HEIGHT) == pytest.approx(400)


def test_a_camera_from_a_file_is_used_as_it_is() -> None:
    camera = replace(true_camera(pitch=4.0), position_m=(3.0, 2.0, 5.0))
    path = CameraPath(locked=camera)
    layout, _ = solve(brief(facade(camera)), camera=path)
    assert layout.camera is path
    np.testing.assert_allclose(layout.boxes[0].corner_m, TRUE_BOX.corner_m, atol=0.05)


def test_corners_that_fit_no_camera_are_warned_of() -> None:
    camera = true_camera()
    tl, tr, br, bl = corners(camera, TRUE_BOX)
    bent = ((tl[0] + 90, tl[1]), tr, br, bl)
    _, findings = solve(brief(facade(camera, facade_px=bent), camera=CameraBrief(focal_length_mm=40.0)))
    assert [f.severity for f in findings if f.check == "reprojection"] == ["warning"]


def test_an_open_sun_stands_front_left_of_the_facade_and_a_stated_one_stays() -> None:
    camera = true_camera()
    layout, _ = solve(brief(facade(camera), camera=CameraBrief(focal_length_mm=40.0)))
    box, sun = layout.boxes[0], layout.sun
    assert np.dot(sun.direction, box.inward) < -0.4
    assert np.dot(sun.direction, box.along) < -0.4
    stated, _ = solve(brief(facade(camera), sun=SunBrief(azimuth_deg=10, elevation_deg=20, sky=(1, 2, 3))))
    assert (stated.sun.azimuth_deg, stated.sun.elevation_deg, stated.sun.sky) == (10, 20, (1, 2, 3))


GOOD = ((100.0, 100.0), (400.0, 80.0), (400.0, 420.0), (100.0, 400.0))


@pytest.mark.parametrize(
    "order",
    [(1, 0, 3, 2), (3, 2, 1, 0), (0, 1, 3, 2), (1, 2, 3, 0), (0, 2, 1, 3)],
    ids=["mirrored", "upside down", "crossed", "turned", "bow tie"],
)
def test_corners_in_another_order_are_refused_with_the_right_one(order: tuple[int, ...]) -> None:
    px = tuple(GOOD[i] for i in order)
    with pytest.raises(BriefError, match="another order") as refused:
        solve(brief(BoxBrief(name="b", facade_px=px)))  # type: ignore[arg-type]
    assert "[100, 100], [400, 80], [400, 420], [100, 400]" in refused.value.fix


@pytest.mark.parametrize(
    "boxes, said",
    [
        pytest.param((), "no building", id="no box"),
        pytest.param((BoxBrief(name="n", kind="neighbour", facade_px=GOOD),), "no building", id="only a neighbour"),
        pytest.param((BoxBrief(name="b"),), "where it stands", id="nowhere"),
        pytest.param((BoxBrief(name="b", facade_px=GOOD),) * 2, "share a name", id="two names"),
        pytest.param((BoxBrief(name="b", facade_px=((5, 5), (7, 5), (7, 9), (5, 8))),), "shorter than 4", id="tiny"),
        pytest.param((BoxBrief(name="b", facade_px=((0, 0), (1e6, 0), (1e6, 9), (0, 9))),), "far outside", id="far"),
        pytest.param(
            (BoxBrief(name="b", facade_px=((0, 0), (math.nan, 0), (9, 9), (0, 9))),), "not four points", id="nan"
        ),
        pytest.param(
            (BoxBrief(name="b", facade_px=GOOD), BoxBrief(name="c", kind="canopy", on="x", to_m=3)),
            "no building",
            id="on",
        ),
        pytest.param(
            (BoxBrief(name="b", facade_px=GOOD), BoxBrief(name="c", kind="canopy", on="b", from_m=3, to_m=3)),
            "no length",
            id="short canopy",
        ),
    ],
)
def test_bad_boxes_are_refused(boxes: tuple[BoxBrief, ...], said: str) -> None:
    with pytest.raises(BriefError, match=said) as refused:
        solve(ShotBrief(name="s", plate=PlateBrief(file="p"), boxes=boxes))
    assert refused.value.fix


def test_a_building_that_fills_the_frame_solves() -> None:
    box = replace(TRUE_BOX, corner_m=(-30.0, 0.0, -18.0), yaw_deg=-5.0, width_m=60.0, height_m=30.0)
    camera = true_camera(eye=1.6)
    layout, _ = solve(
        brief(facade(camera, facade_px=corners(camera, box), floors=10), camera=CameraBrief(focal_length_mm=40))
    )
    assert layout.boxes[0].width_m == pytest.approx(60.0, rel=0.03)


def test_the_same_brief_gives_the_same_layout() -> None:
    shot = brief(facade(true_camera(pitch=5.0)), camera=CameraBrief(upright=False))
    assert solve(shot) == solve(shot)


def test_another_filmback_scales_the_lens() -> None:
    camera = true_camera()
    half = CameraBrief(filmback_mm=(18.0, 18.0 * HEIGHT / WIDTH), focal_length_mm=20.0)
    layout, _ = solve(brief(facade(camera), camera=half))
    assert isinstance(layout.camera.locked.filmback, Filmback)
    assert layout.boxes[0].width_m == pytest.approx(36.0, rel=0.01)
