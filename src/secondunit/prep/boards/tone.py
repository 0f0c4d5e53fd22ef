"""How light a drawing is, and which way its shading runs: tones a hand would choose, not a photograph's."""

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera
from secondunit.core.layout import Sun
from secondunit.imaging.projection import pose
from secondunit.prep.boards.lines import FIGURE, Subjects
from secondunit.prep.stage.image import StageImage

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
_LUMA = np.array([0.2722, 0.6741, 0.0537], np.float32)
"""Luminance of ACEScg (S-2014-004)."""


def drawing_tone(image: StageImage, sun: Sun, subjects: Subjects, *, scale: float, key: float) -> Floats:
    """Return (height, width) tone, 0 black to 1 bare paper.

    Light counts more than local colour, far things are left lighter, and small flecks are smoothed away.
    """
    light = image.beauty @ _LUMA
    albedo = np.maximum(image.albedo @ _LUMA, 0.02) / np.maximum(image.alpha, 0.02)
    drawn = np.float32(0.5) * (np.clip(albedo, 0.02, 1) / np.float32(0.5)) ** np.float32(0.55)
    reference = key * float(np.dot(np.asarray(sun.illuminance) * 0.8 + np.asarray(sun.sky), _LUMA))
    value = np.clip(light / albedo * drawn / reference, 0, 4) ** np.float32(0.6)
    value = np.where(image.alpha > 0.5, value, 1.2)
    away = np.log2(np.maximum(subjects.depth / max(subjects.focus_m, 0.5), 1.0))
    keep = np.clip(1.04 - 0.13 * away, 0.4, 1.0)
    value = 1 - (1 - np.minimum(value, 1.05)) * keep
    codes = np.clip(value * 200, 0, 255).astype(np.uint8)
    size = 2 * round(2.5 * scale) + 1
    return np.asarray(cv2.medianBlur(codes, max(3, size)) / 200, np.float32)


def stroke_angles(
    image: StageImage, camera: Camera, rays: Floats, label: Ints, curved: NDArray[np.bool_], subjects: Subjects
) -> Floats:
    """Return (height, width) degrees anticlockwise from the right: the direction hatching takes on each surface.

    On a wall it leans along the wall in perspective, on the ground it lies level, round a form it turns with the form.
    """
    turn, _ = pose(camera)
    # Every second pixel says as much about a surface's direction as all of them.
    near = (slice(None, None, 2), slice(None, None, 2))
    normal, some, ray, bent = image.normal[near], label[near], rays[near], (curved | (subjects.kind == FIGURE))[near]
    world = normal @ np.asarray(turn.T, np.float32)
    up = np.array([0, 1, 0], np.float32)
    along = np.stack([world[..., 2], np.zeros_like(world[..., 0]), -world[..., 0]], axis=-1)
    tangent = up * 0.8 + along * 0.62 - world * (world[..., 1:2] * 0.8)
    local = tangent @ np.asarray(turn, np.float32)
    sx = local[..., 0] + local[..., 2] * ray[..., 0]
    sy = local[..., 1] + local[..., 2] * ray[..., 1]
    angle = np.where(np.abs(world[..., 1]) > 0.75, np.float32(0.06), np.arctan2(sy, sx))
    number = int(label.max()) + 1
    flat = ~bent
    weight = np.bincount(some[flat], minlength=number)
    c = np.bincount(some[flat], np.cos(2 * angle[flat]), number)
    s = np.bincount(some[flat], np.sin(2 * angle[flat]), number)
    mean = 0.5 * np.arctan2(s, c)
    form = _across_forms(some, number)
    round_share = np.bincount(some[bent], minlength=number)
    chosen = np.where(round_share > weight, form, mean)
    return np.asarray((np.degrees(chosen) % 180.0)[label], np.float32)


def _across_forms(label: Ints, number: int) -> NDArray[np.float64]:
    """Return a direction for each region in radians: slantwise across a long form, a plain slant on a compact one."""
    height, width = label.shape
    flat = label.ravel()
    x = np.tile(np.arange(width, dtype=np.float64), height)
    y = np.repeat(np.arange(height, dtype=np.float64), width)
    count = np.maximum(np.bincount(flat, minlength=number), 1)
    mx, my = np.bincount(flat, x, number) / count, np.bincount(flat, y, number) / count
    xx = np.bincount(flat, x * x, number) / count - mx * mx
    yy = np.bincount(flat, y * y, number) / count - my * my
    xy = np.bincount(flat, x * y, number) / count - mx * my
    axis = 0.5 * np.arctan2(-2 * xy, xx - yy)
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    long = spread > 0.5 * (xx + yy)
    # To the right and up where that is possible: the way a right hand falls.
    one, two = axis + np.radians(62), axis - np.radians(62)
    slant = np.where(np.cos(2 * (one - np.radians(48))) > np.cos(2 * (two - np.radians(48))), one, two)
    return np.asarray(np.where(long, slant, np.radians(52)))
