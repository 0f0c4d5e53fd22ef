import numpy as np
import pytest

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.layout import Box, Layout
from secondunit.core.take import Finding
from secondunit.imaging.projection import default_filmback
from secondunit.show.shot.layout_sheet import INK, layout_sheet


def scene(width: int, height: int, z: float = -30.0) -> Layout:
    camera = Camera(filmback=default_filmback(width, height))
    box = Box(
        name="block", corner_m=(-8.0, 0.0, z), yaw_deg=-15.0, width_m=16.0, height_m=9.0, depth_m=8.0, floors=3, bays=4
    )
    canopy = Box(
        name="roof", kind="canopy", corner_m=box.point(4, 2.5, -3), yaw_deg=-15.0, width_m=4, height_m=0.3, depth_m=3
    )
    return Layout(camera=CameraPath(locked=camera), boxes=(box, canopy))


def drawn(sheet: np.ndarray, name: str) -> int:
    return int((np.abs(sheet.astype(int) - INK[name]).max(axis=2) < 12).sum())


def test_every_part_is_drawn() -> None:
    plate = np.full((200, 320, 3), 90, np.uint8)
    matte = np.zeros((200, 320), np.float32)
    matte[40:120, 60:260] = 1.0
    holdout = np.zeros_like(matte)
    holdout[150:190, 20:100] = 1.0
    bare = layout_sheet(plate, Layout(camera=scene(320, 200).camera, boxes=()))
    full = layout_sheet(plate, scene(320, 200), matte=matte, holdout=holdout)
    for name in ("building", "canopy", "floors", "matte", "holdout", "sun"):
        assert drawn(full, name) > drawn(bare, name) + 50, name
    assert drawn(full, "horizon") > 200


def test_the_plate_lies_under_the_lines_unchanged_elsewhere() -> None:
    plate = np.full((200, 1200, 3), 90, np.uint8)
    sheet = layout_sheet(plate, scene(1200, 200))
    assert sheet.shape[1] == 1200
    assert (sheet[:200] == 90).all(axis=2).mean() > 0.5


def test_warnings_are_written_and_make_the_sheet_longer() -> None:
    plate = np.full((200, 320, 3), 90, np.uint8)
    warning = Finding(check="reprojection", severity="warning", message="off by 9 px " * 20)
    plain, warned = layout_sheet(plate, scene(320, 200)), layout_sheet(plate, scene(320, 200), findings=[warning])
    assert warned.shape[0] > plain.shape[0]


@pytest.mark.parametrize("width, height", [(16, 16), (33, 91), (601, 40)])
@pytest.mark.parametrize("z", [-30.0, 4.0, 60.0], ids=["ahead", "around", "behind"])
def test_any_size_and_any_place_is_drawn(width: int, height: int, z: float) -> None:
    sheet = layout_sheet(np.zeros((height, width, 3), np.uint8), scene(width, height, z))
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] >= 1000 or sheet.shape[1] == width
