"""Mattes: what comes down, and what stands in front of it. Coverage 0 to 1, (height, width) float32."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondunit.core.brief import HoldoutBrief, MatteBrief
from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.core.layout import Box, Layout
from secondunit.fx.layout.matte_edge import cut_out, key_matte
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import project

NEAR_M = 0.1
SAME_DEPTH = 1.15
"""Holdouts whose depths differ by less than this ratio make one layer."""
_SUB = 8
"""Sub-samples along each side of a pixel of a polygon's edge."""
_STRIP = 64


def building_matte(
    brief: MatteBrief, layout: Layout, plate: Image, *, frame: int, root: Path, holdout: Image | None = None
) -> Image:
    """Return the coverage of what comes down.

    Parameters
    ----------
    plate
        (height, width, 3) ACEScg frame that the edge is refined against.
    root
        Folder that ``brief.file`` is relative to.
    holdout
        (height, width) coverage of what stands in front: the edge is left as drawn beneath it.

    Raises
    ------
    BriefError
        The file is missing, unreadable or of another size; a polygon has fewer than three points.
    """
    height, width = plate.shape[:2]
    if brief.source == "file":
        return _read_matte(root, brief.file, "matte.file", width, height)
    if brief.source == "polygon":
        drawn = _polygon(brief.polygon, "matte.polygon", width, height)
    else:
        drawn = box_coverage(layout.falling, layout.camera.at(frame), width, height)
    if not brief.refine or brief.band_px <= 0:
        return drawn
    return cut_out(plate, drawn, band_px=brief.band_px, ignore=holdout)


def holdout_mattes(
    holdouts: tuple[HoldoutBrief, ...], plate: Image, *, root: Path, band_px: int = 4
) -> tuple[Image, Image]:
    """Return coverage and depth of what stands in front of the element.

    Returns
    -------
    alpha
        (height, width), all holdouts over each other.
    depth
        (height, width) metres along the optical axis of the holdout that covers most; inf where none does.

    Raises
    ------
    BriefError
        As ``building_matte``; or a depth is not positive.
    """
    seen, metres = holdout_layers(holdouts, plate, root=root, band_px=band_px)
    if not len(seen):
        return np.zeros(plate.shape[:2], np.float32), np.full(plate.shape[:2], np.inf, np.float32)
    most = seen.max(axis=0)
    depth = np.where(most > 0, metres[seen.argmax(axis=0)], np.float32(np.inf))
    return np.minimum(seen.sum(axis=0), np.float32(1.0)), depth.astype(np.float32)


def holdout_layers(
    holdouts: tuple[HoldoutBrief, ...], plate: Image, *, root: Path, band_px: int = 4
) -> tuple[Image, Image]:
    """Return what stands in front of the element as layers, the nearest first.

    Returns
    -------
    seen
        (layers, height, width) share of each pixel in which the camera sees this layer; the sum is the coverage.
    depth
        (layers,) metres along the optical axis. Holdouts at nearly one depth make one layer.

    Raises
    ------
    BriefError
        As ``building_matte``; or a depth is not positive.
    """
    clear = np.ones(plate.shape[:2], np.float32)
    layers: list[Image] = []
    metres: list[float] = []
    for item in sorted(holdouts, key=lambda h: h.depth_m):
        if not item.depth_m > 0:
            raise BriefError(f"holdout {item.name}: depth_m = {item.depth_m}", fix="give metres from the camera")
        seen = clear * holdout_matte(item, plate, root=root, band_px=band_px)
        clear = clear - seen
        if metres and item.depth_m <= metres[-1] * SAME_DEPTH:
            layers[-1] = layers[-1] + seen
        else:
            layers.append(seen)
            metres.append(item.depth_m)
    stacked = np.stack(layers) if layers else np.zeros((0, *clear.shape), np.float32)
    return stacked.astype(np.float32), np.array(metres, np.float32)


def holdout_matte(item: HoldoutBrief, plate: Image, *, root: Path, band_px: int = 4) -> Image:
    """Return (height, width) coverage of one holdout."""
    height, width = plate.shape[:2]
    if item.file:
        return _read_matte(root, item.file, f"holdout {item.name}", width, height)
    drawn = _polygon(item.polygon, f"holdout {item.name}", width, height)
    if item.key != "none":
        return key_matte(plate, drawn, key=item.key)
    return cut_out(plate, drawn, band_px=band_px, ignore=None) if item.refine else drawn


def box_coverage(boxes: tuple[Box, ...], camera: Camera, width: int, height: int) -> Image:
    """Return (height, width) anti-aliased silhouette of boxes; parts behind the camera are cut away."""
    total = np.zeros((height, width), np.float32)
    for box in boxes:
        outline = box_outline(box, camera, width, height)
        if len(outline) >= 3:
            total = np.maximum(total, polygon_coverage(outline, width, height))
    return total


def box_outline(box: Box, camera: Camera, width: int, height: int) -> NDArray[np.float64]:
    """Return (n, 2) pixels of a box's convex outline, clockwise as seen; empty where it lies behind the camera."""
    corners = np.array(box.corners())
    _, depth = project(camera, corners, width, height)
    points = [corners[depth >= NEAR_M]]
    for a in range(8):
        for bit in (1, 2, 4):
            b = a ^ bit
            if depth[a] < NEAR_M <= depth[b]:
                t = (NEAR_M - depth[a]) / (depth[b] - depth[a])
                points.append((corners[a] + t * (corners[b] - corners[a]))[None])
    ahead = np.concatenate(points)
    if len(ahead) < 3:
        return np.zeros((0, 2))
    pixels, _ = project(camera, ahead, width, height)
    hull = cv2.convexHull(np.clip(pixels, -1e5, 1e5).astype(np.float32))
    return np.asarray(hull.reshape(-1, 2), dtype=np.float64)


def polygon_coverage(points: ArrayLike, width: int, height: int) -> Image:
    """Return (height, width) area coverage of a polygon in pixels, 8 x 8 samples a pixel.

    >>> polygon_coverage([(1, 1), (3, 1), (3, 2.5), (1, 2.5)], 4, 4).sum(axis=1).round(1).tolist()
    [0.0, 2.0, 1.0, 0.0]
    """
    at = np.asarray(points, dtype=np.float64)
    coverage = np.zeros((height, width), np.float32)
    top = max(0, int(np.floor(at[:, 1].min())))
    bottom = min(height, int(np.ceil(at[:, 1].max())))
    left, right = max(0, int(np.floor(at[:, 0].min()))), min(width, int(np.ceil(at[:, 0].max())))
    if right <= left:
        return coverage
    for y in range(top, bottom, _STRIP):
        rows = min(_STRIP, bottom - y)
        fine = np.zeros((rows * _SUB, (right - left) * _SUB), np.uint8)
        # OpenCV counts from pixel centres and also fills what the edge touches: half a sample on each side.
        local = (at - (left, y)) * _SUB - 0.5
        cv2.fillPoly(fine, [_inset(local)], 255, lineType=cv2.LINE_8, shift=8)
        small = cv2.resize(fine, (right - left, rows), interpolation=cv2.INTER_AREA)
        coverage[y : y + rows, left:right] = small.astype(np.float32) / 255.0
    return coverage


def _inset(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return fixed-point vertices, drawn in by what a filled edge would add."""
    following, before = np.roll(points, -1, axis=0) - points, points - np.roll(points, 1, axis=0)
    area = 0.5 * float(np.sum(points[:, 0] * np.roll(points[:, 1], -1) - np.roll(points[:, 0], -1) * points[:, 1]))
    sign = 1.0 if area > 0 else -1.0
    normals = []
    for edge in (before, following):
        length = np.maximum(np.hypot(edge[:, 0], edge[:, 1]), 1e-9)
        normals.append(sign * np.stack([-edge[:, 1], edge[:, 0]], axis=1) / length[:, None])
    mean = normals[0] + normals[1]
    mean /= np.maximum((mean * normals[1]).sum(axis=1, keepdims=True), 0.25)
    return np.asarray(np.round(np.clip(points + 0.5 * mean, -4e6, 4e6) * 256.0), dtype=np.int32)


def _polygon(points: tuple[tuple[float, float], ...], key: str, width: int, height: int) -> Image:
    if len(points) < 3:
        raise BriefError(f"{key}: a polygon of {len(points)} points", fix="give three or more [x, y] points")
    if not np.isfinite(points).all():
        raise BriefError(f"{key}: a point is not a number", fix="give plate pixels")
    return polygon_coverage(points, width, height)


def _read_matte(root: Path, name: str, key: str, width: int, height: int) -> Image:
    """Read a matte: its alpha where it carries one that varies, else its brightness."""
    path = root / name
    if not name or not path.is_file():
        raise BriefError(f"{key}: there is no file {path}", fix="give an image beside shot.toml")
    data = np.frombuffer(path.read_bytes(), np.uint8)
    try:
        pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if len(data) else None
    except cv2.error:
        pixels = None
    if pixels is None:
        raise BriefError(f"{key}: {path.name} cannot be read", fix="save it as an 8 or 16-bit PNG or TIFF")
    if pixels.shape[:2] != (height, width):
        raise BriefError(
            f"{key}: {path.name} is {pixels.shape[1]} x {pixels.shape[0]}, the plate is {width} x {height}",
            fix="save the matte at the plate's size",
        )
    top = float(np.iinfo(pixels.dtype).max) if np.issubdtype(pixels.dtype, np.integer) else 1.0
    values = np.nan_to_num(pixels.astype(np.float32) / top)
    if values.ndim == 3 and values.shape[2] in (2, 4) and values[..., -1].min() < 1.0:
        values = values[..., -1]
    elif values.ndim == 3:
        values = values[..., : min(3, values.shape[2])].mean(axis=2)
    return np.asarray(np.clip(values, 0.0, 1.0), dtype=np.float32)
