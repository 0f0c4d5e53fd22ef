"""One panel's drawing: a rendered stage seen again by a hand with a pencil, a pen or markers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera, Vec3
from secondunit.core.layout import Sun
from secondunit.imaging.projection import intrinsics, project
from secondunit.prep.boards.hatch import hatch
from secondunit.prep.boards.lines import FIGURE, OBJECT, SET, Subjects, contours
from secondunit.prep.boards.paper import grained, on_paper, tooth, washes
from secondunit.prep.boards.plot import plot
from secondunit.prep.boards.regions import regions, view_rays
from secondunit.prep.boards.strokes import Stroke, stroke
from secondunit.prep.boards.style import Style
from secondunit.prep.boards.tone import drawing_tone, stroke_angles
from secondunit.prep.stage.geometry import Stage
from secondunit.prep.stage.image import StageImage

Floats = NDArray[np.float32]
_DRAWING = 4211
_SOFT = ("leaf", "leaves", "foliage", "cloud")
"""Materials whose folds are no lines."""
_DAY_KEY, _NIGHT_KEY = 0.56, 0.85
"""What a tone is measured against: at night even what the light reaches is not left white."""
WIDTH_PX = 1600
"""The panel width that a style's numbers are for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who and what the shot is about: first step of a part's path → kind."""

    figures: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()


def subjects_of(image: StageImage, stage: Stage, cast: Cast) -> Subjects:
    """Return which pixel belongs to which figure or object."""
    numbers: Mapping[str, int] = {name: n + 1 for n, name in enumerate((*cast.figures, *cast.objects))}
    kinds = dict.fromkeys(cast.figures, FIGURE) | dict.fromkeys(cast.objects, OBJECT)
    first = [p.mesh.path.split("/", 1)[0] for p in stage.parts]
    kind = np.array([kinds.get(n, SET) for n in first] + [SET, SET], np.int32)
    group = np.array([numbers.get(n, 0) for n in first] + [0, 0], np.int32)
    part = np.where(image.part >= 0, image.part, len(stage.parts))
    depth = np.where(np.isfinite(image.depth), image.depth, np.float32(1e4)).astype(np.float32)
    who = kind[part]
    best = FIGURE if (who == FIGURE).any() else OBJECT
    near = depth[who == best]
    focus = (
        float(np.median(near))
        if len(near)
        else float(np.percentile(depth[depth < 1e3], 40))
        if (depth < 1e3).any()
        else 10.0
    )
    return Subjects(kind=who, group=group[part], depth=depth, focus_m=focus)


def draw_stage(
    image: StageImage,
    stage: Stage,
    camera: Camera,
    *,
    sun: Sun,
    cast: Cast,
    style: Style,
    seed: int,
    guides: Sequence[Sequence[Vec3]] = (),
    night: bool = False,
    background: float = 1.0,
) -> NDArray[np.uint8]:
    """Return the drawing of a rendered stage.

    Parameters
    ----------
    guides
        Construction lines in the world, as an artist puts on heads; drawn faintly where nothing covers them.
    night
        The sky is laid in dark.
    background
        How much the set counts, 0 to 1: an artist leaves it out behind a close-up.

    Returns
    -------
    drawing
        (height, width, 3) sRGB codes.
    """
    height, width = image.depth.shape
    scale = width / WIDTH_PX
    rng = np.random.default_rng([seed, _DRAWING])
    rays = view_rays(height, width, *intrinsics(camera, width, height))
    subjects = subjects_of(image, stage, cast)
    cloudy = np.array([any(w in m.name for w in _SOFT) for m in stage.materials] + [False])[image.material]
    label = regions(image, rays, least_px=max(6, round(14 * scale)), group=subjects.kind, soft=cloudy)
    rounded = np.array([p.mesh.normals is not None for p in stage.parts] + [False, False])
    curved = rounded[np.where(image.part >= 0, image.part, len(stage.parts))]
    tone = drawing_tone(image, sun, subjects, scale=scale, key=_NIGHT_KEY if night else _DAY_KEY)
    tone = np.where(subjects.kind == SET, 1 - (1 - tone) * np.float32(background), tone).astype(np.float32)
    if night:
        tone = np.where(image.part == -1, _night_sky(height, width), tone).astype(np.float32)
    angle = stroke_angles(image, camera, rays, label, curved, subjects)
    relief = tooth(height, width, scale)

    clear = np.ones((height, width), np.float32)
    for level in style.hatching:
        rows = hatch(tone, angle, label, curved, level, scale=scale, rng=rng)
        clear *= 1 - grained(plot(rows, np.zeros_like(tone)), relief, style.tooth)
    if style.black > 0:
        fill = cv2.GaussianBlur((tone < style.black * (0.55 if night else 1.0)).astype(np.float32), (0, 0), 1.2 * scale)
        clear *= 1 - np.clip((fill - 0.5) * 3 + 0.5, 0, 1)
    back, front = contours(label, subjects, style=style, scale=scale, rng=rng, background=background)
    for lines in (back, front):
        clear *= 1 - grained(plot(lines, np.zeros_like(tone)), relief, style.tooth)
    left = washes(tone, style, scale=scale, rng=rng)
    blue = np.zeros_like(tone)
    if style.construction > 0:
        faint = _guides(guides, camera, image, style, scale=scale, rng=rng)
        blue = grained(plot(faint, blue), relief, style.tooth * 0.6)
    return on_paper(1 - clear, left, style, relief, blue=blue)


def _night_sky(height: int, width: int) -> Floats:
    fall = np.linspace(0.16, 0.44, height, dtype=np.float32)[:, None]
    return np.broadcast_to(fall, (height, width)).astype(np.float32)


def _guides(
    guides: Sequence[Sequence[Vec3]], camera: Camera, image: StageImage, style: Style, *, scale: float,
    rng: np.random.Generator,
) -> list[Stroke]:  # fmt: skip
    height, width = image.depth.shape
    out = []
    for line in guides:
        pixels, depth = project(camera, np.asarray(line), width, height)
        x, y = np.floor(pixels[:, 0]).astype(int), np.floor(pixels[:, 1]).astype(int)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height) & (depth > 0)
        seen = np.zeros(len(x), bool)
        seen[inside] = depth[inside] <= image.depth[y[inside], x[inside]] + 0.012
        edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(np.int8), [0]])))
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            if b - a >= 3:
                points = np.asarray(pixels[a:b], np.float32)
                out.append(
                    stroke(points, width=2.2 * scale, dark=style.construction, hand=style.hand, rng=rng, step=3.0)
                )
    return out
