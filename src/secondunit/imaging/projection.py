"""Between metres and pixels. Pixel (0, 0) is the top left corner of the picture; pixel centres are at +0.5."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondunit.core.camera import Camera, Filmback

Array = NDArray[np.float64]


def intrinsics(camera: Camera, width: int, height: int) -> tuple[float, float, float, float]:
    """Return (fx, fy, cx, cy) in pixels of a ``width`` x ``height`` picture.

    The filmback's own aspect gives the pixel aspect; its offsets move the optical axis.
    """
    back = camera.filmback
    fx = camera.focal_length_mm / back.width_mm * width
    fy = camera.focal_length_mm / back.height_mm * height
    cx = width * (0.5 - back.offset_x_mm / back.width_mm)
    cy = height * (0.5 + back.offset_y_mm / back.height_mm)
    return fx, fy, cx, cy


def pose(camera: Camera) -> tuple[Array, Array]:
    """Return the camera-to-world rotation (3, 3) and the position (3,) in metres."""
    return np.asarray(camera.rotation, dtype=np.float64), np.asarray(camera.position_m, dtype=np.float64)


def project(camera: Camera, points_m: ArrayLike, width: int, height: int) -> tuple[Array, Array]:
    """Project world points.

    Parameters
    ----------
    points_m
        (..., 3) world positions.

    Returns
    -------
    pixels
        (..., 2) x right and y down. Points behind the camera give finite nonsense: look at the depth.
    depth_m
        (...) distance along the optical axis, positive in front.
    """
    rotation, position = pose(camera)
    local = (np.asarray(points_m, dtype=np.float64) - position) @ rotation
    depth = -local[..., 2]
    safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
    fx, fy, cx, cy = intrinsics(camera, width, height)
    pixels = np.stack([cx + fx * local[..., 0] / safe, cy - fy * local[..., 1] / safe], axis=-1)
    return pixels, depth


def directions(camera: Camera, pixels: ArrayLike, width: int, height: int) -> Array:
    """Return (..., 3) world directions through pixels, scaled so that one unit is one metre of depth."""
    rotation, _ = pose(camera)
    fx, fy, cx, cy = intrinsics(camera, width, height)
    at = np.asarray(pixels, dtype=np.float64)
    local = np.stack([(at[..., 0] - cx) / fx, -(at[..., 1] - cy) / fy, np.full(at.shape[:-1], -1.0)], axis=-1)
    return np.asarray(local @ rotation.T)


def ground_depth(camera: Camera, width: int, height: int) -> Array:
    """Return (height, width) depth in metres of the ground plane y = 0; inf above the horizon."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    ray = directions(camera, np.stack([x, y], axis=-1), width, height)[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = -camera.position_m[1] / ray
    return np.where((ray < 0) & (depth > 0), depth, np.inf)


def rotation_from_angles(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Array:
    """Return camera-to-world for a camera turned left by yaw, up by pitch, anticlockwise by roll.

    >>> bool(np.allclose(rotation_from_angles(0, 0, 0), np.eye(3)))
    True
    """
    y, p, r = (math.radians(a) for a in (yaw_deg, pitch_deg, roll_deg))
    ry = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    rx = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    rz = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return np.asarray(ry @ rx @ rz)


def default_filmback(width: int, height: int, width_mm: float = 36.0) -> Filmback:
    """Return a filmback of square pixels for a picture's aspect."""
    return Filmback(width_mm=width_mm, height_mm=width_mm * height / width)
