"""The plate as a texture: projected onto the building at rest, freed of its light, continued where it shows nothing."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from secondunit.core.camera import Camera
from secondunit.core.layout import Box, Layout
from secondunit.fx.fracture.pieces import MATERIALS, Pieces
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import intrinsics, pose, project

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

ATLAS_PX_PER_M = 20.0
ATLAS_LIMIT = 1536
ALBEDO_LIMIT = 0.92
"""Brightest albedo a plate pixel may imply (fresh white paint); what is brighter is a reflection or a wrong sun."""

PANE = 0.15
"""A pane is at most this bright against the building's median."""

_F = np.float32


class PlateTexture(NamedTuple):
    """Albedo of the building, in the plate's own picture and unrolled along each facade."""

    lens: Floats
    """(4,) fx, fy, cx, cy of the texture camera in texture pixels."""
    rotation: Floats
    """(3, 3) camera to world."""
    position: Floats
    """(3,)"""
    fine: Floats
    """(h, w, 3) albedo."""
    half: Floats
    """The same at half the size."""
    quarter: Floats
    nearness: Floats
    """(h, w) 1 / depth of the nearest surface at rest, 0 where none."""
    side: Ints
    """(h, w) number of the flat side that shows, -1 where the albedo is not the building's."""
    unexplained: Floats
    """(h, w, 3) light in the plate that the layout's sun and sky do not account for: that much more sky."""
    atlas: Floats
    """(boxes, rows, columns, 3) facade albedo, row 0 at the foot; unused margin repeats."""
    atlas_size: Ints
    """(boxes, 2) rows and columns in use."""
    box: Floats
    """(boxes, 12) corner, along, inward, width, height, depth."""


def texture_camera(camera: Camera, width: int, height: int) -> tuple[Floats, Floats, Floats]:
    """Return (lens, rotation, position) as kernels take them."""
    rotation, position = pose(camera)
    lens = np.array(intrinsics(camera, width, height), np.float32)
    return lens, rotation.astype(np.float32), position.astype(np.float32)


@njit(cache=True, nogil=True)
def bilinear(image: Any, u: Any, v: Any, out: Any) -> None:
    """Read (h, w, 3) at pixel position u, v (centres at +0.5), held at the edges."""
    height, width, _ = image.shape
    u = min(max(u - _F(0.5), _F(0)), _F(width) - _F(1.001))
    v = min(max(v - _F(0.5), _F(0)), _F(height) - _F(1.001))
    i, j = int(u), int(v)
    u, v = u - _F(i), v - _F(j)
    for k in range(3):
        top = image[j, i, k] * (_F(1) - u) + image[j, i + 1, k] * u
        low = image[j + 1, i, k] * (_F(1) - u) + image[j + 1, i + 1, k] * u
        out[k] = top * (_F(1) - v) + low * v


@njit(cache=True, nogil=True)
def shown_in_plate(texture: Any, side: int, x: Any, y: Any, z: Any) -> Any:
    """Return whether the plate shows a rest point of a side, and the texture pixel it falls on.

    Where two sides meet they are as far away: without its own number a wall would wear the canopy that hides it.
    """
    dx, dy, dz = x - texture.position[0], y - texture.position[1], z - texture.position[2]
    r = texture.rotation
    depth = -(r[0, 2] * dx + r[1, 2] * dy + r[2, 2] * dz)
    if depth < _F(0.1):
        return False, _F(0), _F(0)
    near = _F(1) / depth
    u = texture.lens[2] + texture.lens[0] * (r[0, 0] * dx + r[1, 0] * dy + r[2, 0] * dz) * near
    v = texture.lens[3] - texture.lens[1] * (r[0, 1] * dx + r[1, 1] * dy + r[2, 1] * dz) * near
    height, width = texture.nearness.shape
    if not (_F(0.5) <= u < _F(width) - _F(0.5) and _F(0.5) <= v < _F(height) - _F(0.5)):
        return False, u, v
    i, j = int(u), int(v)
    if texture.side[j, i] != side:
        return False, u, v
    # Loose, because depth runs on by a good part of a metre from pixel to pixel on a wall seen at a slant.
    slack = _F(0.25) * near * near + _F(0.003) * near
    p, q = int(u - _F(0.5)), int(v - _F(0.5))
    n = texture.nearness
    close = min(
        min(abs(n[q, p] - near), abs(n[q, p + 1] - near)), min(abs(n[q + 1, p] - near), abs(n[q + 1, p + 1] - near))
    )
    return close <= slack, u, v


@njit(cache=True, nogil=True)
def plate_albedo(texture: Any, u: Any, v: Any, pixels: Any, out: Any) -> None:
    """Read the plate's albedo at texture pixel u, v; ``pixels`` is how many texture pixels one picture pixel spans."""
    if pixels < _F(1.4):
        bilinear(texture.fine, u, v, out)
    elif pixels < _F(2.8):
        bilinear(texture.half, u * _F(0.5), v * _F(0.5), out)
    else:
        bilinear(texture.quarter, u * _F(0.25), v * _F(0.25), out)


@njit(cache=True, nogil=True)
def facade_albedo(texture: Any, box: int, x: Any, y: Any, z: Any, out: Any) -> None:
    """Continue a box's facade over any rest point of its shell: round its corners mirrored, storey for storey."""
    b = texture.box[box]
    dx, dy, dz = x - b[0], y - b[1], z - b[2]
    s = dx * b[3] + dy * b[4] + dz * b[5]
    q = dx * b[6] + dy * b[7] + dz * b[8]
    width = b[9]
    run = s + q if s < _F(0.5) * width else s - q + _F(2) * width
    run = run - np.floor(run / (_F(2) * width)) * _F(2) * width
    run = min(run, _F(2) * width - run)
    rows, columns = texture.atlas_size[box, 0], texture.atlas_size[box, 1]
    bilinear(texture.atlas[box, :rows, :columns], run / width * _F(columns), dy / b[10] * _F(rows), out)


def unlight(plate: Image, *, sun: Floats, sky: Floats, covered: NDArray[np.bool_], group: Ints) -> tuple[Image, Image]:
    """Divide the light out of a plate.

    The modelled light is smoothed within each surface group first: a shadow edge that the model puts a little beside
    the photographed one would otherwise be printed into the texture.

    Parameters
    ----------
    plate
        (h, w, 3) ACEScg.
    sun, sky
        (h, w, 3) what a white card on the surface reads from each.
    covered
        (h, w) the building's own pixels.
    group
        (h, w) a number per flat side; -1 where none.

    Returns
    -------
    albedo, unexplained
        (h, w, 3) each; ``plate == albedo * (sun + sky + unexplained)`` up to the smoothing. ``unexplained`` is there
        where the layout's light is too weak for any paint to be as bright as the plate.
    """
    total = (sun + sky).astype(np.float32)
    smooth = np.zeros_like(total)
    extra = np.zeros_like(total)
    sigma = max(plate.shape[:2]) / 90
    for number in np.unique(group[covered]):
        inside = covered & (group == number)
        weight = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), sigma)
        blurred = cv2.GaussianBlur(total * inside[..., None], (0, 0), sigma)
        smooth[inside] = (blurred / np.maximum(weight, 1e-4)[..., None])[inside]
        if inside.sum() >= 16:
            bright = np.percentile(plate[inside].mean(axis=-1), 85)
            needed = bright / 0.72 - smooth[inside].mean()
            if needed > 0:
                tint = smooth[inside].mean(axis=0)
                extra[inside] = needed * tint / max(float(tint.mean()), 1e-6)
    albedo = np.maximum(plate, 0) / np.maximum(smooth + extra, 1e-3)
    # Held by its brightest channel: cut one by one, red tiles in more light than is modelled would turn to sand.
    albedo = albedo * np.minimum(1, ALBEDO_LIMIT / np.maximum(albedo.max(axis=-1, keepdims=True), 1e-6))
    return albedo.astype(np.float32), extra


def panes(pieces: Pieces, plate: Image, *, matte: Image, camera: Camera) -> NDArray[np.bool_]:
    """Return (P,) which pieces of glass look it: where the plate shows a wall in a pane's place, it is wall.

    A layout's windows are a guess. A pane is believed if it is out of sight, or much darker than the building is.
    """
    height, width = matte.shape
    light = np.asarray(plate, np.float32).mean(axis=-1)
    inside = matte > 0.5
    limit = PANE * float(np.median(light[inside])) if inside.any() else np.inf
    found = pieces.material == MATERIALS.index("glass")
    for pane in np.flatnonzero(found):
        points = pieces.vertices[pieces.vertex_start[pane] : pieces.vertex_start[pane + 1]]
        pixels, depth = project(camera, np.asarray(points, np.float64), width, height)
        low, high = np.floor(pixels.min(axis=0)).astype(int), np.ceil(pixels.max(axis=0)).astype(int)
        seen = light[max(low[1], 0) : max(high[1], 0), max(low[0], 0) : max(high[0], 0)]
        if depth.min() > 0.1 and seen.size:
            found[pane] = np.median(seen) < limit
    return np.asarray(found)


def spread(image: Image, valid: NDArray[np.bool_]) -> Image:
    """Return the image with each invalid pixel taking its nearest valid one's colour."""
    if not valid.any():
        return np.full_like(image, 0.35)
    _, labels = cv2.distanceTransformWithLabels(
        (~valid).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    rows, columns = np.nonzero(valid)
    source = np.zeros((int(labels.max()) + 1, 2), np.intp)
    source[labels[valid]] = np.stack([rows, columns], axis=-1)
    at = source[labels]
    return np.ascontiguousarray(image[at[..., 0], at[..., 1]])


def unroll_facade(box: Box, *, camera: Camera, albedo: Image, nearness: Floats, valid: NDArray[np.bool_]) -> Image:
    """Return a box's facade, rectified, row 0 at its foot, whole: what the plate hides is repeated from other bays."""
    scale = min(ATLAS_PX_PER_M, ATLAS_LIMIT / max(box.width_m, box.height_m))
    rows, columns = max(int(box.height_m * scale), 4), max(int(box.width_m * scale), 4)
    t, s = np.meshgrid(
        (np.arange(rows) + 0.5) / rows * box.height_m, (np.arange(columns) + 0.5) / columns * box.width_m, indexing="ij"
    )
    along = np.asarray(box.along)
    points = np.asarray(box.corner_m) + s[..., None] * along + t[..., None] * np.array([0.0, 1.0, 0.0])
    height, width = valid.shape
    pixels, depth = project(camera, points, width, height)
    column, row = np.floor(pixels[..., 0]), np.floor(pixels[..., 1])
    inside = (depth > 0.1) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
    i, j = np.where(inside, column, 0).astype(np.intp), np.where(inside, row, 0).astype(np.intp)
    known = inside & valid[j, i] & (np.abs(1.0 / np.maximum(nearness[j, i], 1e-6) - depth) < 0.35)
    at = pixels.astype(np.float32) - 0.5
    picture = cv2.remap(albedo, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _repeat(picture, known, bay=columns / box.bays, storey=rows / box.floors, bays=box.bays, floors=box.floors)


def _repeat(picture: Image, known: NDArray[np.bool_], *, bay: float, storey: float, bays: int, floors: int) -> Image:
    """Fill unknown pixels from whole bays away, then whole storeys, then with the mean."""
    out, have = picture.copy(), known.copy()
    shifts = [(0, round(k * bay * sign)) for k in range(1, bays) for sign in (1, -1)]
    shifts += [(round(k * storey * sign), 0) for k in range(1, floors) for sign in (1, -1)]
    for down, right in shifts:
        if have.all():
            break
        moved = np.zeros_like(have)
        source = np.zeros_like(out)
        rows, columns = have.shape
        if abs(down) >= rows or abs(right) >= columns:
            continue
        to = (slice(max(down, 0), rows + min(down, 0)), slice(max(right, 0), columns + min(right, 0)))
        of = (slice(max(-down, 0), rows + min(-down, 0)), slice(max(-right, 0), columns + min(-right, 0)))
        moved[to], source[to] = have[of] if down else known[of], out[of]
        take = moved & ~have
        out[take] = source[take]
        have |= take
    mean = out[have].mean(axis=0) if have.any() else np.full(3, 0.35, np.float32)
    out[~have] = mean
    return out


def make_texture(
    layout: Layout, *, camera: Camera, albedo: Image, unexplained: Image, nearness: Floats, side: Ints
) -> PlateTexture:
    """Return the texture of a plate's albedo, seen by ``camera``, as kernels read it.

    Parameters
    ----------
    albedo, unexplained
        (h, w, 3) from `unlight`.
    nearness
        (h, w) 1 / depth of the building at rest.
    side
        (h, w) number of the flat side that shows, -1 where the albedo is not the building's.
    """
    valid = side >= 0
    height, width = valid.shape
    full = spread(albedo, valid)
    half = cv2.resize(full, (max(width // 2, 2), max(height // 2, 2)), interpolation=cv2.INTER_AREA)
    quarter = cv2.resize(full, (max(width // 4, 2), max(height // 4, 2)), interpolation=cv2.INTER_AREA)
    sheets = [unroll_facade(b, camera=camera, albedo=full, nearness=nearness, valid=valid) for b in layout.falling]
    size = np.array([s.shape[:2] for s in sheets] or [(2, 2)], np.int32)
    atlas = np.zeros((max(len(sheets), 1), int(size[:, 0].max()), int(size[:, 1].max()), 3), np.float32)
    for sheet, target in zip(sheets, atlas, strict=False):
        target[: sheet.shape[0], : sheet.shape[1]] = sheet
    box = np.zeros((max(len(sheets), 1), 12), np.float32)
    for b, row in zip(layout.falling, box, strict=False):
        row[:] = (*b.corner_m, *b.along, *b.inward, b.width_m, b.height_m, b.depth_m)
    return PlateTexture(
        *texture_camera(camera, width, height), full, half, quarter, nearness, side, spread(unexplained, valid),
        atlas, size, box,
    )  # fmt: skip
