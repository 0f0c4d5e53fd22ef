"""The plate read off the building at rest: what its surfaces wear, and what rides on them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera
from secondunit.core.layout import Layout
from secondunit.fx.debris.geometry import Geometry
from secondunit.fx.debris.raster import draw, set_up
from secondunit.fx.debris.shading import card
from secondunit.fx.debris.shadow_map import Maps, Receivers
from secondunit.fx.debris.texture_projection import PlateTexture, make_texture, spread, texture_camera, unlight
from secondunit.fx.debris.trim import Trim, find_trim
from secondunit.fx.fracture.pieces import Pieces
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import directions

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

SPILL_PX = 2
"""Plate pixels by which a lit surface spills over a dark one beside it."""


def read_plate(
    pieces: Pieces, geometry: Geometry, layout: Layout, *, plate: Image, matte: Image, camera: Camera, maps: Maps
) -> tuple[PlateTexture, Trim]:
    """Return the plate as albedo on the pieces at rest, and as trim beyond them.

    Parameters
    ----------
    plate, matte
        (h, w, 3) ACEScg, foreground painted out, and (h, w) coverage by the building.
    camera
        The plate's.
    maps
        Of the pieces at rest.
    """
    height, width = matte.shape
    lens, rotation, position = texture_camera(camera, width, height)
    own = geometry.faces.body < len(pieces)
    points = (pieces.vertices - position) @ rotation
    room = int(own.sum()) + 256
    triangles, face = np.empty((1, room, 9), np.float32), np.empty((1, room), np.int32)
    count = np.zeros(1, np.int32)
    set_up(
        np.ascontiguousarray(points[None], np.float32), geometry.triangles[own], geometry.faces.body[own],
        np.ones((1, len(pieces)), np.bool_), lens, np.zeros((1, 2), np.float32), width, height, triangles,
        face, count,
    )  # fmt: skip
    nearness = np.empty((1, height, width), np.float32)
    identity = np.empty((1, height, width), np.int32)
    draw(triangles, face, count, nearness, identity)
    receivers = seen(camera, nearness[0], identity[0], geometry.faces.normal)
    sun_card, sky_card = card(*receivers, maps)
    light = layout.sun
    covered = identity[0] >= 0
    group = np.where(covered, geometry.faces.side[identity[0]], -1).astype(np.int32)
    valid = covered & (matte > 0.6)
    albedo, unexplained = unlight(
        np.asarray(plate, np.float32), sun=sun_card[..., None] * np.array(light.illuminance, np.float32),
        sky=sky_card[..., None] * np.array(light.sky, np.float32), covered=valid, group=group,
    )  # fmt: skip
    texture = make_texture(
        layout,
        camera=camera,
        albedo=spread(albedo, valid & ~_edges(group, sun_card + sky_card)),
        unexplained=unexplained / _openness(sky_card, valid, group)[..., None],
        nearness=nearness[0],
        side=np.where(valid, group, -1).astype(np.int32),
    )
    trim = find_trim(
        plate, matte=matte, face=identity[0], nearness=nearness[0], face_body=geometry.faces.body, camera=camera,
        maps=maps, sun=np.array(light.illuminance, np.float32), sky=np.array(light.sky, np.float32),
    )  # fmt: skip
    return texture, trim


def _edges(group: Ints, light: Floats) -> Bools:
    """Return (h, w) where the photograph mixes both sides of a corner: where a pixel touches another group.

    On the darker side farther in, too: what spills over it from the lit side would be taken for very bright paint.
    """
    step = np.zeros(group.shape, np.uint8)
    step[:, 1:] |= group[:, 1:] != group[:, :-1]
    step[1:] |= group[1:] != group[:-1]
    step[:, :-1] |= step[:, 1:]
    step[:-1] |= step[1:]
    reach = np.ones((2 * SPILL_PX + 1, 2 * SPILL_PX + 1), np.uint8)
    darker = cv2.dilate(light, reach) > 1.6 * light
    return np.asarray((step > 0) | ((cv2.dilate(step, reach) > 0) & darker))


def _openness(sky_card: Floats, valid: Bools, group: Ints) -> Floats:
    """Return (h, w) what a white card on each pixel's side reads from a sky of one unit, evened out over the side."""
    result = np.ones_like(sky_card)
    for number in np.unique(group[valid]):
        inside = valid & (group == number)
        result[inside] = max(float(sky_card[inside].mean()), 0.1)
    return result


def seen(camera: Camera, nearness: Floats, face: Ints, normal: Floats) -> Receivers:
    """Return the world points and normals of a drawn picture (h, w)."""
    height, width = face.shape
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    ray = directions(camera, np.stack([x, y], axis=-1), width, height)
    depth = np.where(face >= 0, 1.0 / np.maximum(nearness, 1e-6), 0.0)
    points = np.asarray(camera.position_m) + ray * depth[..., None]
    normals = np.where((face >= 0)[..., None], normal[face], 0.0)
    return Receivers(points.astype(np.float32), normals.astype(np.float32))
