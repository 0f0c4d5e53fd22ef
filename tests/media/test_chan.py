from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.imaging.projection import default_filmback, rotation_from_angles
from secondunit.media.chan import read_chan, write_chan


def test_a_camera_comes_back(tmp_path: Path) -> None:
    keys = []
    for n, frame in enumerate(FrameRange(1001, 1003)):
        rows = rotation_from_angles(30.0 * n - 100.0, 12.0 * n - 20.0, 7.0 * n)
        pose = tuple(tuple(float(v) for v in row) for row in rows)
        keys.append((frame, Camera(filmback=default_filmback(320, 240), position_m=(n, 2.0, -n), rotation=pose)))  # type: ignore[arg-type]
    path = CameraPath(locked=keys[0][1], keys=tuple(keys))
    write_chan(tmp_path / "a.chan", path, frames=FrameRange(1001, 1003))
    back = read_chan(tmp_path / "a.chan", width=320, height=240)
    assert back.moves
    for frame, key in keys:
        np.testing.assert_allclose(back.at(frame).rotation, key.rotation, atol=1e-7)
        np.testing.assert_allclose(back.at(frame).position_m, key.position_m)
        assert back.at(frame).focal_length_mm == pytest.approx(key.focal_length_mm, rel=1e-6)


def test_looking_straight_up_comes_back(tmp_path: Path) -> None:
    rows = rotation_from_angles(25.0, 90.0, 0.0)
    pose = tuple(tuple(float(v) for v in row) for row in rows)
    camera = replace(Camera(filmback=default_filmback(320, 240)), rotation=pose)  # type: ignore[arg-type]
    write_chan(tmp_path / "a.chan", CameraPath(locked=camera), frames=FrameRange(1, 1))
    found = read_chan(tmp_path / "a.chan", width=320, height=240)
    np.testing.assert_allclose(found.at(1).rotation, camera.rotation, atol=1e-6)


def test_rotation_order_is_nukes_zxy(tmp_path: Path) -> None:
    (tmp_path / "a.chan").write_text("1 0 0 0 0 90 90 40\n")
    rotation = np.array(read_chan(tmp_path / "a.chan", width=100, height=100).locked.rotation)
    np.testing.assert_allclose(rotation @ (1, 0, 0), (0, 1, 0), atol=1e-12)
    np.testing.assert_allclose(rotation @ (0, 1, 0), (0, 0, 1), atol=1e-12)


@pytest.mark.parametrize(
    "text, said",
    [
        pytest.param("", "no frames", id="empty"),
        pytest.param("1 2 3\n", "line 1", id="too few"),
        pytest.param("1 0 0 0 0 0 0 40\nx 0 0 0 0 0 0 40\n", "line 2", id="word"),
        pytest.param("1 0 0 0 nan 0 0 40\n", "line 1", id="nan"),
        pytest.param("1.5 0 0 0 0 0 0 40\n", "frame 1.5", id="half frame"),
        pytest.param("1 0 0 0 0 0 0 40\n1 0 0 0 0 0 0 40\n", "twice", id="twice"),
        pytest.param("1 0 0 0 0 0 0 180\n", "angle of view", id="fisheye"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.chan").write_text(text)
    with pytest.raises(BriefError, match=said):
        read_chan(tmp_path / "a.chan", width=100, height=100)


def test_binary_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.chan").write_bytes(b"\xff\xfe\x00\x81")
    for name in ("a.chan", "b.chan"):
        with pytest.raises(BriefError):
            read_chan(tmp_path / name, width=100, height=100)
