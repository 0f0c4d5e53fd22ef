"""A camera and facades fitted together to facade corners in pixels, by least squares with priors."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from secondunit.core.brief import BoxBrief, Pixel
from secondunit.core.camera import Camera, CameraPath, Filmback, Mat3
from secondunit.core.errors import BriefError
from secondunit.imaging.projection import directions, project, rotation_from_angles

Array = NDArray[np.float64]
Corners = tuple[Pixel, Pixel, Pixel, Pixel]

FOCAL, PITCH, ROLL, SHIFT, HEIGHT = range(5)
SHARED = 5
"""Unknowns of the camera: log focal length, pitch, roll, lens shift in picture heights, height over the ground."""
OF_BOX = 5
"""Unknowns of one box: x and z of its left foot, yaw, log of its width, log of its height against the stated one."""

_ORDER = "give the corners as top left, top right, bottom right, bottom left"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacadeFit:
    """What is solved: the facades, what is fixed and how strongly each unknown is believed beforehand."""

    boxes: tuple[BoxBrief, ...]
    corners: Array
    width: int
    height: int
    filmback: Filmback
    fixed: CameraPath | None
    frame: int
    horizon: float | None
    prior: Array
    sigma: Array
    """Standard deviation of each unknown's prior; 0 fixes it."""

    def camera(self, values: Array) -> Camera:
        """Return the camera of a set of unknowns: the given one where there is one."""
        if self.fixed is not None:
            return self.fixed.at(self.frame)
        turn = rotation_from_angles(0.0, math.degrees(values[PITCH]), math.degrees(values[ROLL]))
        back = replace(
            self.filmback, offset_y_mm=self.filmback.offset_y_mm + float(values[SHIFT]) * self.filmback.height_mm
        )
        return Camera(
            focal_length_mm=float(np.clip(math.exp(values[FOCAL]), 2.0, 2000.0)),
            filmback=back,
            position_m=(0.0, float(values[HEIGHT]), 0.0),
            rotation=rotation_rows(turn),
        )

    def facade(self, values: Array, index: int) -> Array:
        """Return (4, 3) world corners of a box's facade, in the order of the brief."""
        x, z, yaw, log_width, log_scale = values[SHARED + index * OF_BOX :][:OF_BOX]
        brief = self.boxes[index]
        run = math.exp(log_width) * np.array([math.cos(yaw), 0.0, -math.sin(yaw)])
        foot = np.array([x, brief.base_m, z])
        rise = np.array([0.0, brief.floors * brief.floor_height_m * math.exp(log_scale), 0.0])
        return np.stack([foot + rise, foot + run + rise, foot + run, foot])

    def pixels(self, values: Array) -> Array:
        """Return (boxes, 4, 2) projected corners and give points near or behind the camera a far pixel."""
        points = np.stack([self.facade(values, i) for i in range(len(self.boxes))])
        pixels, depth = project(self.camera(values), points, self.width, self.height)
        behind = np.maximum(0.0, 0.5 - depth)[..., None] * 1e4
        return np.asarray(np.clip(pixels, -1e6, 1e6) + behind)

    def trust_px(self) -> Array:
        """Return (boxes, 4, 1) how well each corner is believed: one outside the picture is only drawn out to."""
        size = np.array([self.width, self.height])
        outside = np.linalg.norm(
            np.maximum(0.0, np.maximum(-self.corners, self.corners - size)), axis=-1, keepdims=True
        )
        return np.asarray(1.0 + 0.01 * outside)

    def residuals(self, free: Array) -> Array:
        """Return misses of the corners, then of the priors, in standard deviations."""
        values = self.prior.copy()
        open_ = self.sigma > 0
        values[open_] = free
        parts = [
            ((self.pixels(values) - self.corners) / self.trust_px()).ravel(),
            ((values - self.prior) / self.sigma.clip(1e-12))[open_],
        ]
        if self.horizon is not None and self.fixed is None:
            parts.append(np.array([(horizon_row(self.camera(values), self.width, self.height) - self.horizon) / 0.5]))
        return np.concatenate(parts)


def horizon_row(camera: Camera, width: int, height: int) -> float:
    """Return the horizon's row at the picture's centre column, in pixels; far outside where it is not seen."""
    back = np.array(camera.rotation)[:, 2]
    forward = np.array([-back[0], 0.0, -back[2]])
    level = forward / max(float(np.hypot(forward[0], forward[2])), 1e-9)
    side = np.array([-level[2], 0.0, level[0]])
    ends, _ = project(camera, np.array(camera.position_m) + 1e5 * np.stack([level, level + 0.2 * side]), width, height)
    (x0, y0), (x1, y1) = ends
    return float(y0 + (width / 2 - x0) * (y1 - y0) / (x1 - x0 if abs(x1 - x0) > 1e-9 else 1e-9))


def check_corners(name: str, corners: Corners, width: int, height: int) -> None:
    """Refuse corners that are no facade seen from in front.

    Raises
    ------
    BriefError
        The corners are crossed, in another order, or span no area; the fix says the order that would do.
    """
    points = np.asarray(corners, dtype=np.float64)
    if points.shape != (4, 2) or not np.isfinite(points).all():
        raise BriefError(f"box {name}: facade_px is not four points", fix=_ORDER)
    if np.abs(points).max() > 50 * max(width, height):
        raise BriefError(f"box {name}: a corner of facade_px lies far outside the plate", fix="use pixels of the plate")
    (tl, tr, br, bl) = points
    ordered = tl[0] < tr[0] and bl[0] < br[0] and tl[1] < bl[1] and tr[1] < br[1]
    following = np.roll(points, -1, axis=0) - points
    turns = (
        following[:, 0] * np.roll(following, -1, axis=0)[:, 1] - following[:, 1] * np.roll(following, -1, axis=0)[:, 0]
    )
    if not ordered or (turns <= 0).any():
        sides = points[np.argsort(points[:, 0], kind="stable")]
        left, right = sides[:2][np.argsort(sides[:2, 1])], sides[2:][np.argsort(sides[2:, 1])]
        right_order = [tuple(float(v) for v in p) for p in (left[0], right[0], right[1], left[1])]
        better = ", ".join(f"[{x:g}, {y:g}]" for x, y in right_order)
        raise BriefError(
            f"box {name}: the corners of facade_px are crossed or in another order",
            fix=f"{_ORDER}: perhaps facade_px = [{better}]",
        )
    heights = (float(np.hypot(*(bl - tl))), float(np.hypot(*(br - tr))))
    if min(*heights, float(np.hypot(*(tr - tl)))) < 4.0:
        raise BriefError(f"box {name}: a side of facade_px is shorter than 4 px", fix="give a facade one can see")


def best_fit(problem: FacadeFit) -> Array:
    """Return the unknowns of the best of several starts."""
    open_ = problem.sigma > 0
    best: tuple[float, Array] | None = None
    for scale in (1.0, 0.6, 1.6):
        start = _start(problem, scale)
        found = least_squares(problem.residuals, start[open_], x_scale="jac", max_nfev=400, loss="linear")
        if np.isfinite(found.cost) and (best is None or found.cost < best[0] - 1e-9):
            values = problem.prior.copy()
            values[open_] = found.x
            best = (float(found.cost), values)
    if best is None:
        raise BriefError("no camera fits the facade corners", fix="check facade_px, camera.focal_length_mm and upright")
    return best[1]


def _start(problem: FacadeFit, scale: float) -> Array:
    """Return a start from the heights of each facade's ends and the row where its edges meet."""
    values = problem.prior.copy()
    tl, tr, br, bl = problem.corners[0]
    if problem.sigma[FOCAL] > 0:
        values[FOCAL] += math.log(scale)
    back = problem.filmback
    focal_px = math.exp(values[FOCAL]) / back.height_mm * problem.height
    meet = _meeting(tl, tr, bl, br)
    row = float(np.clip(meet, -2.0 * problem.height, 3.0 * problem.height))
    if problem.horizon is not None:
        row = problem.horizon
    if problem.sigma[SHIFT] > 0:
        values[SHIFT] = row / problem.height - 0.5
    if problem.sigma[PITCH] > 0:
        values[PITCH] = math.atan((row - problem.height / 2) / focal_px)
    if problem.fixed is None and problem.sigma[HEIGHT] > 0:
        rise = problem.boxes[0].floors * problem.boxes[0].floor_height_m
        values[HEIGHT] = problem.boxes[0].base_m + (bl[1] - row) / max(bl[1] - tl[1], 4.0) * rise
    camera = problem.camera(values)
    for index, box in enumerate(problem.boxes):
        a, b, c, d = problem.corners[index]
        rise = box.floors * box.floor_height_m
        fy = camera.focal_length_mm / camera.filmback.height_mm * problem.height
        ends = [
            np.array(camera.position_m)
            + directions(camera, foot, problem.width, problem.height) * fy * rise / max(foot[1] - top[1], 4.0)
            for top, foot in ((a, d), (b, c))
        ]
        run = ends[1] - ends[0]
        at = SHARED + OF_BOX * index
        values[at : at + 4] = (ends[0][0], ends[0][2], math.atan2(-run[2], run[0]), math.log(np.hypot(run[0], run[2])))
    return values


def _meeting(tl: Array, tr: Array, bl: Array, br: Array) -> float:
    """Return the row where the facade's top and foot lines meet; the middle of the facade where they are parallel."""
    a, b = tr - tl, br - bl
    cross = float(a[0] * b[1] - a[1] * b[0])
    if abs(cross) < 0.01 * float(np.hypot(*a) * np.hypot(*b)):
        return float((tl[1] + 2 * bl[1] + tr[1] + 2 * br[1]) / 6)
    away = bl - tl
    return float(tl[1] + a[1] * (away[0] * b[1] - away[1] * b[0]) / cross)


def focal_spread(problem: FacadeFit, values: Array) -> float:
    """Return the relative standard deviation of the focal length that the corners alone give at one pixel each."""
    open_ = problem.sigma > 0
    free, count = values[open_], problem.corners.size
    steps = np.maximum(np.abs(free), 1.0) * 1e-6
    columns = [
        (problem.residuals(free + step) - problem.residuals(free - step))[:count] / (2 * size)
        for size, step in zip(steps, np.diag(steps), strict=True)
    ]
    J = np.stack(columns, axis=1)
    spread = np.linalg.pinv(J.T @ J + np.diag(1e-10 / steps**2 * 1e-12), hermitian=True)
    weak = np.linalg.eigvalsh(J.T @ J / np.outer(np.sqrt((J**2).sum(0)) + 1e-12, np.sqrt((J**2).sum(0)) + 1e-12))[0]
    return math.inf if weak < 1e-9 else math.sqrt(max(float(spread[0, 0]), 0.0))


def rotation_rows(matrix: Array) -> Mat3:
    """Return a rotation as the rows that a ``Camera`` keeps."""
    a, b, c = ((float(r[0]), float(r[1]), float(r[2])) for r in matrix)
    return (a, b, c)
