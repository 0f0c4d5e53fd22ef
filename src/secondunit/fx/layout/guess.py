"""A first guess of a shot's layout from its picture alone: something sane to correct, for any picture."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.brief import BoxBrief, CameraBrief, PlateBrief, ShotBrief
from secondunit.core.errors import BriefError
from secondunit.core.take import Finding
from secondunit.fx.layout.facade_fit import Corners
from secondunit.fx.layout.solve import solve_layout
from secondunit.fx.layout.vanishing import Vanishing, find_vanishing, line_segments

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_WORK_PX = 900
_FLOORS = (2, 30)
_BAY_M = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutGuess:
    """What ``shot init`` writes down."""

    camera: CameraBrief
    boxes: tuple[BoxBrief, ...]
    findings: tuple[Finding, ...]


def guess_layout(picture: NDArray[np.uint8], *, exif_focal_35mm: float | None = None, seed: int = 1) -> LayoutGuess:
    """Guess the facade of the building that a picture shows.

    The strongest upright and level vanishing points give the facade's directions, their segments its extent, the sky
    its top. Where that leads to no camera that could be, a box in the middle of the picture stands in, and a finding
    says so.

    Parameters
    ----------
    picture
        (height, width, 3) 8-bit, as displayed.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, _WORK_PX / max(height, width))
    small = picture
    if scale < 1.0:
        small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    found = _facade(small, seed)
    if found is not None:
        corners, upright, floors = found
        full = tuple((round(x / scale, 1), round(y / scale, 1)) for x, y in corners)
        box = BoxBrief(name="building", facade_px=full, floors=floors)  # type: ignore[arg-type]
        guess = _settled(box, CameraBrief(upright=upright), width, height, exif_focal_35mm)
        if guess is not None:
            said = f"the facade is guessed from the picture's lines, {floors} floors: draw facade_px to its corners"
            return replace(guess, findings=(Finding(check="layout guess", severity="note", message=said),))
    # Its foot a little under the horizon of a level camera, so that the stand-in can be solved.
    row, aside = 0.5 * height, 0.25 * width
    left, right, top, foot = aside, width - aside, 0.2 * height, row + 0.12 * height
    corners_px = ((left, top), (right, top), (right, foot), (left, foot))
    box = BoxBrief(name="building", facade_px=corners_px)
    said = "no facade was found: a box in the middle of the picture stands in; draw facade_px to the building's corners"
    finding = Finding(check="layout guess", severity="warning", message=said)
    bays = max(1, round(1.5 * (right - left) / (foot - top) * box.floors * box.floor_height_m / (1.5 * _BAY_M)))
    box = replace(box, bays=min(bays, 60))
    return LayoutGuess(camera=CameraBrief(horizon_px=round(row, 1)), boxes=(box,), findings=(finding,))


def sky_mask(picture: NDArray[np.uint8]) -> Mask:
    """Return (height, width): smooth, rather bright or blue, and joined to the picture's top edge."""
    height, width = picture.shape[:2]
    value = picture.astype(np.float32) / 255.0
    level = value.mean(axis=2)
    blue = (value[..., 2] >= value[..., 0] - 0.03) & (level > 0.25)
    pale = (level > 0.6) & (value.max(axis=2) - value.min(axis=2) < 0.12)
    blurred = cv2.GaussianBlur(level, (0, 0), 1.0)
    steep = np.hypot(cv2.Sobel(blurred, cv2.CV_32F, 1, 0), cv2.Sobel(blurred, cv2.CV_32F, 0, 1)) > 0.12
    smooth = cv2.erode(((blue | pale) & ~steep).astype(np.uint8), np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(smooth)
    top = np.unique(labels[: max(1, height // 50)])
    sizes = np.bincount(labels.ravel())
    keep = [int(n) for n in top if n != 0 and sizes[n] > 0.003 * height * width]
    return np.asarray(cv2.dilate(np.isin(labels, keep).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)


def _facade(picture: NDArray[np.uint8], seed: int) -> tuple[Corners, bool, int] | None:
    """Return corners in pixels of the picture, whether its verticals are upright, and floors; None where unclear."""
    height, width = picture.shape[:2]
    segments = line_segments(picture)
    sky = sky_mask(picture)
    middle = ((segments[:, :2] + segments[:, 2:]) / 2) if len(segments) else np.zeros((0, 2))
    solid = ~sky[np.clip(middle[:, 1].astype(int), 0, height - 1), np.clip(middle[:, 0].astype(int), 0, width - 1)]
    level = find_vanishing(segments, upright=False, seed=seed, among=solid)
    rise = find_vanishing(segments, upright=True, seed=seed, among=solid)
    diagonal = math.hypot(width, height)
    if level is None or rise is None or level.length_px < 1.5 * diagonal or rise.length_px < 0.7 * diagonal:
        return None
    lean = _lean_deg(rise, width, height)
    if lean > 20.0:
        return None
    ends = segments[level.members | rise.members].reshape(-1, 2)
    x0, x1 = np.percentile(ends[:, 0], (3, 97))
    mid = float(x0 + x1) / 2
    top, foot = _level_rows(segments, level, mid, height)
    top = _under_sky(sky, level, mid, float(x0), float(x1), top)
    if x1 - x0 < 0.15 * width or foot - top < 0.15 * height:
        return None
    centre = np.array([mid, (top + foot) / 2])
    sides = [_line(np.array([x, centre[1]]), rise) for x in (float(x0), float(x1))]
    edges = [_line(np.array([mid, y]), level) for y in (top, foot)]
    corners = [np.cross(edges[e], sides[s]) for e, s in ((0, 0), (0, 1), (1, 1), (1, 0))]
    if any(abs(c[2]) < 1e-9 for c in corners):
        return None
    points = [(float(c[0] / c[2]), float(c[1] / c[2])) for c in corners]
    rows = np.sort(_rows_at(segments[level.members], level, mid))
    return (points[0], points[1], points[2], points[3]), lean < 1.5, _floors(rows, top, foot)


def _settled(box: BoxBrief, camera: CameraBrief, width: int, height: int, exif: float | None) -> LayoutGuess | None:
    """Return the guess if it solves to a camera and a building that could be, its bays by its width."""
    for known in (camera, replace(camera, upright=True)):
        brief = ShotBrief(name="guess", plate=PlateBrief(file=""), camera=known, boxes=(box,))
        try:
            layout, findings = solve_layout(brief, width=width, height=height, exif_focal_35mm=exif, camera=None)
        except BriefError:
            continue
        building, eye = layout.boxes[0], layout.camera.locked
        sane = (
            0.1 <= eye.position_m[1] <= 80.0 and 2.0 <= building.width_m <= 250.0 and 12 <= eye.focal_length_mm <= 400
        )
        missed = any(f.check == "reprojection" and f.severity == "warning" for f in findings)
        if sane and not missed:
            bays = int(np.clip(round(building.width_m / _BAY_M), 1, 60))
            return LayoutGuess(camera=known, boxes=(replace(box, bays=bays),), findings=())
    return None


def _line(at: Array, to: Vanishing) -> Array:
    run = to.direction(at)
    return np.cross([at[0], at[1], 1.0], [at[0] + run[0], at[1] + run[1], 1.0])


def _rows_at(segments: Array, level: Vanishing, column: float) -> Array:
    """Return the row at which each segment's line to the vanishing point crosses a column."""
    middle = (segments[:, :2] + segments[:, 2:]) / 2
    run = level.direction(middle)
    safe = np.where(np.abs(run[:, 0]) < 1e-3, 1e-3, run[:, 0])
    return np.asarray(middle[:, 1] + (column - middle[:, 0]) * run[:, 1] / safe)


def _level_rows(segments: Array, level: Vanishing, column: float, height: int) -> tuple[float, float]:
    rows = _rows_at(segments[level.members], level, column)
    top, foot = np.percentile(rows, (2, 98))
    return float(max(top, -2.0 * height)), float(min(foot, 2.0 * height))


def _under_sky(sky: Mask, level: Vanishing, column: float, x0: float, x1: float, top: float) -> float:
    """Return the row of the roof's line at a column: the lowest line over which most of the picture is sky."""
    height, width = sky.shape
    columns = np.linspace(max(0.0, x0), min(width - 1.0, x1), 40)
    best = top
    for row in np.arange(top, height * 0.8, 2.0):
        run = level.direction(np.array([column, row]))
        if abs(run[0]) < 1e-3:
            return best
        rows = row + (columns - column) * run[1] / run[0]
        inside = (rows >= 0) & (rows < height)
        if int(inside.sum()) < 4:
            continue
        if sky[rows[inside].astype(int), columns[inside].astype(int)].mean() < 0.5:
            return float(row) if row > top + 2.0 else best
        best = float(row)
    return top


def _lean_deg(rise: Vanishing, width: int, height: int) -> float:
    """Return the most that uprights lean at the picture's corners, in degrees."""
    at = np.array([[x, y] for x in (0.0, float(width)) for y in (0.0, float(height))])
    run = rise.direction(at)
    return float(np.degrees(np.arctan2(np.abs(run[:, 0]), np.abs(run[:, 1]))).max())


def _floors(rows: Array, top: float, foot: float) -> int:
    """Return the number of storeys by the strongest repeat of level lines between two rows."""
    size = 256
    counts, _ = np.histogram(rows, bins=size, range=(top, foot))
    signal = cv2.GaussianBlur(counts.astype(np.float32)[None], (0, 0), 1.5)[0]
    signal -= signal.mean()
    if not np.any(signal):
        return 5
    repeat = np.correlate(signal, signal, mode="full")[size - 1 :]
    shortest, longest = size // _FLOORS[1], size // _FLOORS[0]
    window = repeat[shortest : longest + 1] / np.arange(size, 0, -1)[shortest : longest + 1]
    peaks = [
        i
        for i in range(1, len(window) - 1)
        if window[i] >= window[i - 1] and window[i] >= window[i + 1] and window[i] > 0.7 * window.max() > 0
    ]
    if not peaks:
        return 5
    return int(np.clip(round(size / (peaks[0] + shortest)), *_FLOORS))
