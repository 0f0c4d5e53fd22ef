"""Detail held steady in time: what is said of a frame and of its neighbours, brought along the dust's motion, averaged.

A network that sees one frame decides some of its billows anew in the next. Three frames' mean has no more to say of
where dust is than one frame has, for it is taken of what the network adds, not of the picture.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.imaging.buffers import ControlBuffers, Image

Planes = NDArray[np.float32]
FINE = 2.5
"""Sigma in pixels of what is taken off to leave the fine structure: what is narrower than some eight pixels."""
STRONGEST = 1.3
"""Most that it is multiplied by: neighbours that have nothing in common are not made a pattern of."""


def motion_of(buffers: ControlBuffers, *, scale: int) -> Planes:
    """Return (2, scale * h, scale * w) pixels from this frame to the next, at ``scale`` times the buffers' size."""
    height, width = buffers.size
    gain = np.float32(scale * buffers.finer)
    return np.stack(
        [
            gain * _enlarged(buffers.channels[f"motion_{axis}"], width=scale * width, height=scale * height)
            for axis in "xy"
        ]
    )


def brought(planes: Planes, *, there: Planes, here: Planes, later: bool) -> Planes:
    """Return a neighbour's planes brought along the motion to where they are in this frame, cubic.

    Parameters
    ----------
    planes
        (n, height, width) of the frame before, or with ``later`` of the frame after.
    there, here
        (2, height, width) pixels to the next frame, of the neighbour and of this frame.

    Notes
    -----
    The way is the mean of both frames' motion, the second read at the first one's end (the midpoint rule).
    """
    sign = np.float32(1.0 if later else -1.0)
    height, width = planes.shape[1:]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    far = _read(there, x + sign * here[0], y + sign * here[1], cv2.INTER_LINEAR)
    way = np.float32(0.5) * (far + here)
    return _read(planes, x + sign * way[0], y + sign * way[1], cv2.INTER_CUBIC)


def steadied(planes: Planes, others: Sequence[Planes]) -> Planes:
    """Return the mean of a frame's planes and its neighbours', which have been brought to it.

    What the three have in common is as strong in it as what the frame had to say by itself: each plane's fine structure
    is multiplied to have the energy that the frame's own had.
    """
    if not others:
        return planes.copy()
    out = np.empty_like(planes)
    for number, plane in enumerate(planes):
        mean = plane.copy()
        for other in others:
            mean += other[number]
        mean /= np.float32(1 + len(others))
        fine = _fine(mean)
        gain = np.sqrt(_energy(_fine(plane)) / max(_energy(fine), 1e-12))
        out[number] = mean + np.float32(np.clip(gain, 1.0, STRONGEST) - 1.0) * fine
    return out


def _fine(plane: Image) -> Image:
    soft = cv2.GaussianBlur(plane, (0, 0), FINE, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(plane - soft, dtype=np.float32)


def _energy(plane: Image) -> float:
    return float(np.square(plane).sum(dtype=np.float64))


def _read(planes: Planes, x: Image, y: Image, how: int) -> Planes:
    """Return planes read elsewhere, a plane at a time: OpenCV reads no more than four channels by cubics."""
    return np.stack([cv2.remap(plane, x, y, how, borderMode=cv2.BORDER_REPLICATE) for plane in planes])


def _enlarged(image: Image, *, width: int, height: int) -> Image:
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
