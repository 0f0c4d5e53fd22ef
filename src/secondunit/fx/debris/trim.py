"""What the plate shows of a building beyond its boxes, and rides on them: a stair tower, railings, aerials.

Every such pixel becomes a small disc that keeps the plate's colour, fixed to the piece beside it.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from secondunit.core.camera import Camera
from secondunit.fx.debris.shading import card
from secondunit.fx.debris.shadow_map import Maps, Receivers
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import directions, intrinsics

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

LEAST_PX = 3.0
"""How far a part must stand out to be more than the soft edge of its wall."""
REACH = 0.12
"""How far it is followed, in picture heights: beyond, a matte that large holds more than building."""
MOST = 6000
"""Discs in all; of more pixels those of a coarser grid are taken, and made larger."""
RADIUS = 0.8
"""Of a disc, in pixels: neighbours overlap."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trim:
    """N discs at rest."""

    point: Floats
    """(N, 3) metres."""
    body: NDArray[np.intp]
    """(N,) the piece each rides on."""
    albedo: Floats
    """(N, 3) what gives the plate's colour under the layout's light at rest."""
    size_m: Floats
    """(N,) diameter."""

    def __len__(self) -> int:
        return len(self.point)


def find_trim(
    plate: Image,
    *,
    matte: Image,
    face: Ints,
    nearness: Floats,
    face_body: Ints,
    camera: Camera,
    maps: Maps,
    sun: Floats,
    sky: Floats,
) -> Trim:
    """Return the parts of the matte that stand out beyond the boxes' silhouette.

    Parameters
    ----------
    plate
        (h, w, 3) ACEScg, foreground painted out.
    matte
        (h, w) coverage by the building.
    face, nearness
        (h, w) what is drawn of the pieces at rest: face number, -1 for none, and 1 / depth.
    face_body
        (F,)
    maps
        Of the pieces at rest.
    sun, sky
        (3,) the layout's light.
    """
    height, width = face.shape
    away, nearest = ndimage.distance_transform_edt(face < 0, return_indices=True)
    beyond = (matte > 0.5) & (face < 0) & (away < REACH * height) & (face >= 0).any()
    far = (beyond & (away > LEAST_PX)).astype(np.uint8)
    keep = beyond & (cv2.dilate(far, np.ones((9, 9), np.uint8)) > 0)
    step = max(math.ceil(math.sqrt(keep.sum() / MOST)), 1)
    rows, columns = np.nonzero(keep & (np.arange(height)[:, None] % step == 0) & (np.arange(width) % step == 0))
    foot = nearest[:, rows, columns]
    # A part stays whole: all of it goes with the piece that most of it stands on.
    _, label = cv2.connectedComponents(keep.astype(np.uint8))
    body, part = face_body[face[foot[0], foot[1]]].astype(np.intp), label[rows, columns]
    for one in np.unique(part):
        body[part == one] = np.bincount(body[part == one]).argmax()
    depth = 1 / np.maximum(nearness[foot[0], foot[1]], 1e-6)
    ray = directions(camera, np.stack([columns + 0.5, rows + 0.5], axis=-1), width, height)
    point = np.asarray(camera.position_m) + ray * depth[:, None]
    normal = facing(ray, maps.sun)
    receivers = Receivers(point.astype(np.float32)[None], normal.astype(np.float32)[None])
    from_sun, from_sky = card(*receivers, maps)
    light = from_sun[0][:, None] * sun + from_sky[0][:, None] * sky
    return Trim(
        point=point.astype(np.float32),
        body=body,
        albedo=(plate[rows, columns] / np.maximum(light, 1e-3)).astype(np.float32),
        size_m=(2 * RADIUS * step * depth / intrinsics(camera, width, height)[0]).astype(np.float32),
    )


def facing(ray: NDArray[np.floating], sun: Floats) -> NDArray[np.float64]:
    """Return (N, 3) the normals that discs are shaded with: towards the camera, the sun and the sky."""
    towards = -0.6 * ray / np.linalg.norm(ray, axis=-1, keepdims=True) + 0.4 * np.asarray(sun) + [0.0, 0.3, 0.0]
    return np.asarray(towards / np.linalg.norm(towards, axis=-1, keepdims=True))
