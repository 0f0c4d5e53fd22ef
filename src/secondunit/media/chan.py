"""Nuke's ``.chan`` cameras: one line a frame, ``frame tx ty tz rx ry rz [vfov]``, degrees, rotation order ZXY."""

import math
from pathlib import Path

import numpy as np

from secondunit.core.camera import Camera, CameraPath, Filmback, Mat3
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.imaging.projection import default_filmback
from secondunit.media.atomic import whole_file

DEFAULT_VFOV_DEG = 37.85
"""Taken where a file has no eighth column: 35 mm on a 24 mm high filmback."""


def read_chan(path: Path, *, width: int, height: int) -> CameraPath:
    """Read a ``.chan`` camera for a plate of a size; positions are taken as metres.

    The rotation is Nuke's ZXY order: z first, then x, then y, so world = Ry Rx Rz.

    Raises
    ------
    BriefError
        The file is missing, no text, has no frames, a frame twice, a frame that is no whole number, or a line that is
        not seven or eight numbers.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BriefError(f"{path} cannot be read: {error.strerror}", fix="check camera.file") from error
    except UnicodeDecodeError as error:
        raise BriefError(f"{path.name} is no text file", fix="export the camera from Nuke as .chan") from error
    keys: dict[int, Camera] = {}
    back = default_filmback(width, height)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        values = _numbers(line, path.name, number)
        frame = int(values[0])
        if frame != values[0]:
            raise BriefError(f"{path.name}, line {number}: frame {values[0]:g}", fix="use whole frames")
        if frame in keys:
            raise BriefError(f"{path.name}, line {number}: frame {frame} comes twice", fix="keep one line a frame")
        keys[frame] = _camera(values, back, f"{path.name}, line {number}")
    if not keys:
        raise BriefError(f"{path.name} has no frames", fix="export the camera from Nuke as .chan")
    ordered = tuple(sorted(keys.items()))
    return CameraPath(locked=ordered[0][1], keys=ordered)


def write_chan(path: Path, camera: CameraPath, *, frames: FrameRange) -> None:
    """Write a camera as ``.chan``, a line for each frame. A lens shift has no place there and is left out."""
    lines = []
    for frame in frames:
        now = camera.at(frame)
        vfov = math.degrees(2.0 * math.atan(now.filmback.height_mm / (2.0 * now.focal_length_mm)))
        numbers = (*now.position_m, *zxy_angles(now.rotation), vfov)
        lines.append(f"{frame}\t" + "\t".join(f"{value:.9g}" for value in numbers))
    with whole_file(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def zxy_angles(rotation: Mat3) -> tuple[float, float, float]:
    """Return the degrees about x, y and z of a camera-to-world rotation Ry Rx Rz.

    >>> zxy_angles(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    (0.0, 0.0, 0.0)
    """
    r = rotation
    x = math.asin(max(-1.0, min(1.0, -r[1][2])))
    if abs(r[1][2]) < 1.0 - 1e-12:
        y, z = math.atan2(r[0][2], r[2][2]), math.atan2(r[1][0], r[1][1])
    else:
        y, z = math.atan2(-r[2][0], r[0][0]), 0.0
    return (math.degrees(x) + 0.0, math.degrees(y) + 0.0, math.degrees(z) + 0.0)


def _numbers(line: str, name: str, number: int) -> list[float]:
    words = line.replace(",", " ").split()
    try:
        values = [float(word) for word in words]
    except ValueError:
        values = []
    if len(values) not in (7, 8) or not all(math.isfinite(v) for v in values):
        raise BriefError(
            f"{name}, line {number}: {line.strip()[:40]!r} is not seven or eight numbers",
            fix="write frame tx ty tz rx ry rz vfov",
        )
    return values


def _camera(values: list[float], back: Filmback, where: str) -> Camera:
    vfov = values[7] if len(values) == 8 else DEFAULT_VFOV_DEG
    if not 0.1 < vfov < 175.0:
        raise BriefError(f"{where}: a vertical angle of view of {vfov:g} degrees", fix="use 0.1 to 175")
    x, y, z = (math.radians(a) for a in values[4:7])
    ry = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    rx = np.array([[1, 0, 0], [0, math.cos(x), -math.sin(x)], [0, math.sin(x), math.cos(x)]])
    rz = np.array([[math.cos(z), -math.sin(z), 0], [math.sin(z), math.cos(z), 0], [0, 0, 1]])
    a, b, c = ((float(r[0]), float(r[1]), float(r[2])) for r in ry @ rx @ rz)
    return Camera(
        focal_length_mm=back.height_mm / (2.0 * math.tan(math.radians(vfov) / 2.0)),
        filmback=back,
        position_m=(values[1], values[2], values[3]),
        rotation=(a, b, c),
    )
