"""Plans and side views of a stage to scale: what a draughtsman would see from far above or far aside, as lines."""

import re
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera, Filmback, Mat3
from secondunit.core.layout import Sun
from secondunit.prep.stage.geometry import Mesh, Part, Stage, placed
from secondunit.prep.stage.render import render_stage

Floats = NDArray[np.float64]
_FAR: Final = 60.0
"""How many widths of the view away the eye stands: lines that should be parallel part by half a degree at the edge."""
_BACK_MM: Final = 20.0
_GREEN: Final = re.compile(r"(?:^|[/_])(?:tree|leaves|shrub|hedge)")
"""Parts that are drawn as crowns. A street is none, for all its letters."""
SCALES: Final = (20, 25, 50, 75, 100, 125, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A window on the world seen without perspective."""

    centre_m: tuple[float, float, float]
    right: tuple[float, float, float]
    """Unit vector that runs to the right on paper."""
    up: tuple[float, float, float]
    """Unit vector that runs up on paper."""
    scale: int
    """One to so many."""
    width_mm: float
    height_mm: float

    @property
    def width_m(self) -> float:
        """What it covers across."""
        return self.width_mm * self.scale / 1000

    @property
    def height_m(self) -> float:
        """What it covers up."""
        return self.height_mm * self.scale / 1000

    def on_paper(self, points_m: Floats) -> Floats:
        """Return (n, 2) millimetres from the window's lower left corner."""
        off = np.asarray(points_m, np.float64).reshape(-1, 3) - self.centre_m
        across, up = off @ np.array(self.right), off @ np.array(self.up)
        return np.stack([across, up], axis=1) * 1000 / self.scale + (self.width_mm / 2, self.height_mm / 2)

    @property
    def camera(self) -> Camera:
        """A camera so far away, through so long a lens, that it sees the window almost without perspective."""
        right, up = np.array(self.right), np.array(self.up)
        back = np.cross(right, up)
        eye = np.array(self.centre_m) + back * self.width_m * _FAR
        rows: Mat3 = tuple(  # type: ignore[assignment]
            (float(right[i]), float(up[i]), float(back[i])) for i in range(3)
        )
        return Camera(
            focal_length_mm=_BACK_MM * _FAR,
            filmback=Filmback(width_mm=_BACK_MM, height_mm=_BACK_MM * self.height_mm / self.width_mm),
            position_m=(float(eye[0]), float(eye[1]), float(eye[2])),
            rotation=rows,
        )


def fitting_scale(width_m: float, height_m: float, *, width_mm: float, height_mm: float) -> int:
    """Return the largest usual scale at which so many metres fit on so much paper.

    >>> fitting_scale(18.0, 9.0, width_mm=250.0, height_mm=160.0)
    75
    """
    wanted = max(width_m / width_mm, height_m / height_mm) * 1000
    return next((s for s in SCALES if s >= wanted), int(np.ceil(wanted / 500) * 500))


def beyond(stage: Stage, *, point_m: Floats, normal: Floats) -> Stage:
    """Return what of a stage lies beyond a plane, against its normal, without the ground: for a side view."""
    kept = []
    for part in stage.parts:
        ahead = (placed(part.mesh.points, part.transform) - point_m) @ normal
        triangles = part.mesh.triangles
        behind = (ahead[triangles] <= 0).all(axis=1)
        if behind.all():
            kept.append(part)
        elif behind.any():
            mesh = Mesh(
                path=part.mesh.path,
                points=part.mesh.points,
                triangles=np.ascontiguousarray(triangles[behind]),
                material=part.mesh.material,
                normals=part.mesh.normals,
            )
            kept.append(Part(mesh=mesh, transform=part.transform))
    return Stage(parts=tuple(kept), materials=stage.materials)


def line_drawing(stage: Stage, view: View, *, sun: Sun | None = None, dots_per_mm: float = 8.0) -> NDArray[np.uint8]:
    """Return (height, width) grey paper: outlines dark, creases light; with a sun, its cast shadows as a tint.

    Deterministic: the same stage gives the same paper.
    """
    width, height = round(view.width_mm * dots_per_mm), round(view.height_mm * dots_per_mm)
    seen = render_stage(stage, view.camera, width=width, height=height, sun=sun or Sun(), samples=1, draft=True)
    eye = view.width_m * _FAR
    depth = np.where(np.isfinite(seen.depth), seen.depth, eye * 2).astype(np.float32)
    step = view.width_m / width
    jump, crease = np.zeros((height, width), bool), np.zeros((height, width), bool)
    for axis in (0, 1):
        a = [slice(None), slice(None)]
        b = [slice(None), slice(None)]
        a[axis], b[axis] = slice(0, -1), slice(1, None)
        here, there = tuple(a), tuple(b)
        # A slope seen edge on falls quickly as well; what both surfaces' slopes explain is no outline.
        slope = np.minimum(_slope(seen.normal[here]), _slope(seen.normal[there])) * step
        gap = np.abs(depth[here] - depth[there]) - 1.5 * slope
        jump[here] |= gap > max(0.35, 3 * step)
        turned = (seen.normal[here] * seen.normal[there]).sum(axis=-1) < 0.85
        other = (seen.part[here] != seen.part[there]) & (gap > 0.02)
        crease[here] |= (turned | other) & (seen.face[here] != seen.face[there])
    crown, rim = _crowns(stage, seen.part, reach=max(3, round(0.45 / step)))
    jump &= ~crown
    crease &= ~crown
    solid = (seen.part >= 0) & (depth < eye - 2.2) & ~crown
    paper = np.full((height, width), 255.0, np.float32)
    paper -= 14.0 * solid
    if sun is not None:
        paper -= 26.0 * (1.0 - seen.shadow) * (seen.part != -1)
    paper[crease] = np.minimum(paper[crease], 178)
    outline = cv2.dilate(jump.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    paper[outline] = 92
    paper[crown] = np.maximum(paper[crown], 226)
    paper[rim] = 150
    return np.asarray(np.clip(paper, 0, 255), np.uint8)


def _crowns(stage: Stage, part: NDArray[np.int32], *, reach: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where trees are, gaps between leaves closed, and the rim of it: a plan shows a crown, not its leaves."""
    trees = np.array([_GREEN.search(p.mesh.path) is not None for p in stage.parts], bool)
    if not trees.any():
        nothing = np.zeros(part.shape, bool)
        return nothing, nothing
    seen = ((part >= 0) & trees[np.maximum(part, 0)]).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    closed = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, disc)
    rim = closed - cv2.erode(closed, np.ones((3, 3), np.uint8))
    return closed > 0, rim > 0


def _slope(normal: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how many metres a surface falls away for each metre across the paper, at most 30."""
    z = np.maximum(np.abs(normal[..., 2]), 1e-3)
    return np.asarray(np.minimum(np.hypot(normal[..., 0], normal[..., 1]) / z, 30.0), np.float32)
