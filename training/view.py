"""Cameras and what stands in their way: how the pairs of a scene are looked at."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera, Filmback, Mat3
from secondunit.imaging.buffers import Image

STAGE = 0x56494557
FOOTPRINT = (1.6, 7.0)
"""Buffer pixels that a coarse cell covers, drawn in between: from a draft to a close view in 4K."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A camera and its occluders."""

    camera: Camera
    camera_next: Camera
    occluders: tuple[tuple[NDArray[np.float32], float], ...]
    """Polygons (n, 2) in shares of the picture's width and height, and their depth in metres."""

    def depth(self, *, width: int, height: int) -> Image:
        """Return (height, width) metres to the nearest occluder, inf where there is none."""
        out = np.full((height, width), np.inf, np.float32)
        for polygon, metres in self.occluders:
            mask = np.zeros((height, width), np.uint8)
            cv2.fillPoly(mask, [np.round(polygon * (width, height) * 16).astype(np.int32)], 1, shift=4)
            out[mask > 0] = np.minimum(out[mask > 0], np.float32(metres))
        return out


def draw_view(
    rng: np.random.Generator, *, aim: NDArray[np.float64], size: NDArray[np.float64], cell_m: float, width: int,
    height: int,
) -> View:  # fmt: skip
    """Draw a view of dust.

    Parameters
    ----------
    aim
        (3,) metres, somewhere in the dust.
    size
        (3,) metres of the box around the dust.
    cell_m
        Of the coarse grid.
    width, height
        Of the buffers.
    """
    footprint = math.exp(rng.uniform(*np.log(FOOTPRINT)))
    fov = math.radians(rng.uniform(18.0, 55.0))
    fx = 0.5 * width / math.tan(0.5 * fov)
    distance = max(fx * cell_m / footprint, 0.6 * float(np.hypot(size[0], size[2])))
    bearing = rng.uniform(0.0, 2.0 * math.pi)
    up = math.radians(rng.choice((rng.uniform(-2.0, 6.0), rng.uniform(6.0, 24.0))))
    place = aim + distance * np.array(
        (math.sin(bearing) * math.cos(up), math.sin(up), math.cos(bearing) * math.cos(up))
    )
    place[1] = max(place[1], 0.5)
    shift = rng.normal(0.0, 0.02, 3) * rng.integers(0, 2)
    focal = 36.0 * fx / width
    cameras = [_camera(place + s, aim, focal, width, height) for s in (np.zeros(3), shift)]
    return View(
        camera=cameras[0],
        camera_next=cameras[1],
        occluders=_occluders(rng, distance, float(size.max())),
    )


def _camera(place: NDArray[np.float64], aim: NDArray[np.float64], focal: float, width: int, height: int) -> Camera:
    back = place - aim
    back /= np.linalg.norm(back)
    right = np.cross((0.0, 1.0, 0.0), back)
    right /= np.linalg.norm(right)
    axes = np.stack((right, np.cross(back, right), back), axis=1)
    rotation: Mat3 = tuple(tuple(float(v) for v in row) for row in axes)  # type: ignore[assignment]
    x, y, z = (float(v) for v in place)
    film = Filmback(width_mm=36.0, height_mm=36.0 * height / width)
    return Camera(focal_length_mm=focal, filmback=film, position_m=(x, y, z), rotation=rotation)


def _occluders(rng: np.random.Generator, distance: float, size: float) -> tuple[tuple[NDArray[np.float32], float], ...]:
    """Draw poles, slabs, chunks in flight and round crowns, before the dust and amid it."""
    if rng.random() < 0.45:
        return ()
    found = []
    for _ in range(int(rng.integers(1, 7))):
        at = rng.uniform(-0.05, 1.05, 2)
        kind = rng.integers(4)
        if kind == 0:  # pole
            half = rng.uniform(0.003, 0.012)
            shape = np.array(((-half, -2.0), (half, -2.0), (half, 2.0), (-half, 2.0))) + at
        elif kind == 1:  # slab or building edge
            w, h = rng.uniform(0.05, 0.4), rng.uniform(0.1, 0.8)
            at[1] = 1.0 - h * rng.uniform(0.4, 1.0)
            shape = np.array(((0, 0), (w, rng.uniform(-0.05, 0.05)), (w, h), (0, h))) + at
        else:  # chunk or crown
            n = 5 if kind == 2 else 24
            radius = rng.uniform(0.006, 0.05) if kind == 2 else rng.uniform(0.04, 0.16)
            angle = np.sort(rng.uniform(0, 2 * np.pi, n))
            r = radius * rng.uniform(0.6, 1.2, n)[:, None]
            shape = np.stack((np.cos(angle), 1.6 * np.sin(angle)), 1) * r + at
        metres = (
            rng.uniform(0.3 * distance, distance - 0.5 * size)
            if rng.random() < 0.5 and distance > size
            else (distance + rng.uniform(-0.45, 0.4) * size)
        )
        found.append((shape.astype(np.float32), max(float(metres), 1.0)))
    return tuple(found)
