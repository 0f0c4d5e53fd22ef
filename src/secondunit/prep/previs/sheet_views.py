"""The two drawings of a techvis sheet: the plan from above, and the side view across the camera's line of sight."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from secondunit.core.camera import Camera
from secondunit.prep.previs.camera_move import pan_tilt_roll, positions
from secondunit.prep.previs.drawing import View, beyond, fitting_scale, line_drawing
from secondunit.prep.previs.lens import angles_of_view
from secondunit.prep.previs.sheet_info import SheetInfo, Track

Floats = NDArray[np.float64]
CAMERA, SUBJECT, CAR, MARK = (colors.HexColor(c) for c in ("#c2410c", "#1d4ed8", "#0f766e", "#7c3aed"))
SUN_INK, INK, SOFT = colors.HexColor("#b7791f"), colors.HexColor("#16181d"), colors.HexColor("#5b616e")
_INKS = {"figure": SUBJECT, "vehicle": CAR, "mark": MARK}
_SECTION_M = 1.2
"""How far before the line of sight the side view is cut."""


class _Pen:
    """Draws metres of a view on a page."""

    def __init__(self, page: Canvas, view: View, x: float, y: float) -> None:
        self.page, self.view, self.x, self.y = page, view, x, y

    def at(self, point_m: Iterable[float]) -> tuple[float, float]:
        """Return points on the page of a place in metres."""
        a, b = self.view.on_paper(np.array(tuple(point_m)))[0]
        return (self.x + float(a)) * mm, (self.y + float(b)) * mm

    def line(self, points_m: Floats, ink: colors.Color, width: float = 0.8, dash: tuple[float, ...] = ()) -> None:
        """Draw a run of places."""
        self.page.setStrokeColor(ink)
        self.page.setLineWidth(width)
        self.page.setDash(list(dash))
        trail = self.page.beginPath()
        for n, point in enumerate(points_m):
            (trail.moveTo if n == 0 else trail.lineTo)(*self.at(point))
        self.page.drawPath(trail)
        self.page.setDash()

    def area(self, points_m: Floats, ink: colors.Color, alpha: float) -> None:
        """Fill a polygon of places."""
        self.page.setFillColor(ink, alpha=alpha)
        trail = self.page.beginPath()
        for n, point in enumerate(points_m):
            (trail.moveTo if n == 0 else trail.lineTo)(*self.at(point))
        trail.close()
        self.page.drawPath(trail, stroke=0, fill=1)
        self.page.setFillColor(INK, alpha=1)

    def say(
        self,
        point_m: Iterable[float],
        said: str,
        ink: colors.Color,
        *,
        size: float = 7,
        dx: float = 1.5,
        dy: float = 1.5,
    ) -> None:
        """Write beside a place, on a white ground so that lines do not cross it."""
        x, y = self.at(point_m)
        self.said(x + dx * mm, y + dy * mm, said, ink, size=size)

    def said(self, x: float, y: float, said: str, ink: colors.Color, *, size: float = 7, middle: bool = False) -> None:
        """Write at a point of the page."""
        said = said.encode("cp1252", errors="replace").decode("cp1252")
        wide = self.page.stringWidth(said, "Helvetica-Bold", size)
        x -= wide / 2 if middle else 0
        self.page.setFillColor(colors.white, alpha=0.82)
        self.page.rect(x - 0.8, y - 1.2, wide + 1.6, size + 1.2, stroke=0, fill=1)
        self.page.setFillColor(ink, alpha=1)
        self.page.setFont("Helvetica-Bold", size)
        self.page.drawString(x, y, said)

    def dimension(self, a: Iterable[float], b: Iterable[float], said: str, ink: colors.Color) -> None:
        """Draw a measured line with ticks at both ends and its length in the middle."""
        (xa, ya), (xb, yb) = self.at(a), self.at(b)
        self.page.setStrokeColor(ink)
        self.page.setLineWidth(0.5)
        self.page.line(xa, ya, xb, yb)
        long = max(math.hypot(xb - xa, yb - ya), 1e-6)
        tx, ty = -(yb - ya) / long * 1.1 * mm, (xb - xa) / long * 1.1 * mm
        for x, y in ((xa, ya), (xb, yb)):
            self.page.line(x - tx, y - ty, x + tx, y + ty)
        self.said((xa + xb) / 2, (ya + yb) / 2 - 2, said, ink, size=6.5, middle=True)


def _framed(page: Canvas, x: float, y: float, width: float, height: float, title: str) -> None:
    page.setStrokeColor(INK)
    page.setLineWidth(0.6)
    page.rect(x * mm, y * mm, width * mm, height * mm)
    page.setFillColor(colors.white)
    wide = page.stringWidth(title, "Helvetica-Bold", 8.5)
    page.rect(x * mm, (y + height - 6) * mm, wide + 4 * mm, 6 * mm, stroke=1, fill=1)
    page.setFillColor(INK)
    page.setFont("Helvetica-Bold", 8.5)
    page.drawString((x + 2) * mm, (y + height - 4.2) * mm, title)


def _forward(camera: Camera) -> Floats:
    return -np.array([row[2] for row in camera.rotation])


def _reach(info: SheetInfo) -> float:
    """Return how many metres of the frustum are drawn: a little beyond the subject."""
    distances = [r.distance_m for r in info.techvis.readings if r.distance_m is not None]
    return 1.15 * max(distances) if distances else 12.0


def _interest(info: SheetInfo) -> Floats:
    """Return (n, 3) places that must be on the paper."""
    frames = info.brief.picture.range
    place = positions(info.path, frames)
    ends = [place]
    for frame in (frames.first, frames.last):
        camera = info.path.at(frame)
        flat = _forward(camera) * (1, 0, 1)
        norm = float(np.linalg.norm(flat))
        if norm > 1e-6:
            ends.append((np.array(camera.position_m) + flat / norm * min(_reach(info), 40.0))[None])
    inside = [t.places_m[: len(frames)] for t in info.tracks if np.linalg.norm(t.places_m[0] - place[0]) < 80]
    return np.concatenate([*ends, *inside])


def draw_plan(page: Canvas, info: SheetInfo, x: float, y: float, width: float, height: float) -> None:
    """Draw the plan into a rectangle of the page, all in millimetres."""
    points = _interest(info)
    low, high = points.min(axis=0), points.max(axis=0)
    size = np.maximum(high - low, 4.0) + 5.0
    scale = fitting_scale(float(size[0]), float(size[2]), width_mm=width, height_mm=height)
    middle = (low + high) / 2
    view = View(
        centre_m=(float(middle[0]), 0.0, float(middle[2])), right=(1.0, 0.0, 0.0), up=(0.0, 0.0, -1.0),
        scale=scale, width_mm=width, height_mm=height,
    )  # fmt: skip
    paper = line_drawing(info.stage, view, sun=info.sun if info.sun.elevation_deg > 0 else None)
    page.saveState()
    clip = page.beginPath()
    clip.rect(x * mm, y * mm, width * mm, height * mm)
    page.clipPath(clip, stroke=0)
    page.drawImage(ImageReader(Pillow.fromarray(paper)), x * mm, y * mm, width * mm, height * mm)
    pen = _Pen(page, view, x, y)
    frames = info.brief.picture.range
    for frame, strong in ((frames.last, False), (frames.first, True)):
        _frustum_from_above(pen, info, frame, strong=strong)
    for track in info.tracks:
        _track(pen, track)
    place = positions(info.path, frames)
    pen.line(place, CAMERA, 1.6)
    _sights(pen, info)
    _frame_ticks(pen, info, place)
    for frame in (frames.last, frames.first):
        _camera_from_above(pen, info.path.at(frame), filled=frame == frames.first)
    if info.techvis.length_m > 0.3:
        a, b = place[0], place[-1]
        off = np.cross(b - a, (0, 1, 0))
        off = off / max(float(np.linalg.norm(off)), 1e-6) * 9 * scale / 1000
        pen.dimension(a + off, b + off, f"{math.dist(a[[0, 2]], b[[0, 2]]):.2f} m", CAMERA)
    _compass(pen, info, x + width - 14, y + height - 16)
    _scale_bar(pen, x + 5, y + 5)
    page.restoreState()
    _framed(page, x, y, width, height, f"PLAN 1:{scale}")


def _frustum_from_above(pen: _Pen, info: SheetInfo, frame: int, *, strong: bool) -> None:
    camera = info.path.at(frame)
    pan, _, _ = pan_tilt_roll(camera)
    half = angles_of_view(camera)[0] / 2
    reach = _reach(info)
    eye = np.array(camera.position_m)
    turns = np.radians(np.linspace(pan - half, pan + half, 13))
    arc = np.stack([eye[0] + reach * np.sin(turns), np.zeros(13), eye[2] - reach * np.cos(turns)], axis=1)
    outline = np.concatenate([eye[None], arc, eye[None]])
    if strong:
        pen.area(outline, CAMERA, 0.09)
    pen.line(outline, CAMERA, 0.5, () if strong else (3, 2))


def _camera_from_above(pen: _Pen, camera: Camera, *, filled: bool) -> None:
    """Draw the sign for a camera, always of one size on paper: a body, and a matte box opening forward."""
    x, y = pen.at(camera.position_m)
    pan, _, _ = pan_tilt_roll(camera)
    page = pen.page
    page.saveState()
    page.translate(x, y)
    page.rotate(-pan)
    page.setStrokeColor(CAMERA)
    page.setFillColor(CAMERA if filled else colors.white)
    page.setLineWidth(1.0)
    page.rect(-1.3 * mm, -4.2 * mm, 2.6 * mm, 3.4 * mm, fill=1)
    trail = page.beginPath()
    for n, (a, b) in enumerate(((-0.7, -0.8), (-1.5, 0.6), (1.5, 0.6), (0.7, -0.8))):
        (trail.moveTo if n == 0 else trail.lineTo)(a * mm, b * mm)
    trail.close()
    page.drawPath(trail, fill=1)
    page.restoreState()


def _frame_ticks(pen: _Pen, info: SheetInfo, place: Floats) -> None:
    frames = info.brief.picture.range
    if info.techvis.length_m < 0.3:
        pen.say(place[0], f"{frames}", CAMERA, dx=3.5, dy=-3)
        return
    for n in range(0, len(frames), 12):
        px, py = pen.at(place[n])
        pen.page.setFillColor(CAMERA)
        pen.page.circle(px, py, 0.55 * mm, stroke=0, fill=1)
    shown: list[tuple[float, float]] = []
    for frame in (frames.first, frames.last, *info.told):
        spot = pen.at(place[frame - frames.first])
        if all(math.dist(spot, other) > 9 * mm for other in shown):
            pen.said(spot[0] + 3.2 * mm, spot[1] - 3.4 * mm, str(frame), CAMERA, size=6.5)
            shown.append(spot)


def _sights(pen: _Pen, info: SheetInfo) -> None:
    """Draw the line of sight to the subject at both ends, with its length."""
    if not info.subject_m:
        return
    ends = {info.told[0]: info.subject_m[0], info.told[-1]: info.subject_m[-1]}
    for frame, subject in ends.items():
        eye = info.path.at(frame).position_m
        pen.line(np.array([eye, subject]), CAMERA, 0.6, (1.2, 1.8))
        share = 0.72 if frame == info.told[0] else 0.4
        spot = np.array(eye) * (1 - share) + np.array(subject) * share
        said = f"{frame}: {math.dist(eye, subject):.2f} m"
        pen.said(*pen.at(spot), said, CAMERA, size=6.5, middle=True)


def _track(pen: _Pen, track: Track) -> None:
    ink = _INKS[track.kind]
    page, first, last = pen.page, track.places_m[0], track.places_m[-1]
    if track.moves:
        pen.line(track.places_m, ink, 1.1, (2.5, 1.6))
        _arrow_head(pen, track.places_m[-2], last, ink)
    if track.kind == "vehicle":
        for place, heading, alpha in ((last, track.headings[-1], 0.15), (first, track.headings[0], 0.35)):
            _vehicle(pen, place, heading, track.size_m, ink, alpha)
    elif track.kind == "figure":
        for place, heading, fill in ((last, track.headings[-1], False), (first, track.headings[0], True)):
            px, py = pen.at(place)
            page.setStrokeColor(ink)
            page.setFillColor(ink if fill else colors.white)
            page.setLineWidth(0.9)
            page.circle(px, py, 1.25 * mm, fill=1)
            page.line(px, py, px + heading[0] * 2.6 * mm, py - heading[2] * 2.6 * mm)
    else:
        px, py = pen.at(first)
        page.setStrokeColor(ink)
        page.setLineWidth(1.4)
        page.line(px - 1.4 * mm, py, px + 1.4 * mm, py)
        page.line(px, py, px, py - 2.2 * mm)
    pen.say(first, track.name + (f" ({track.note})" if track.note else ""), ink, dx=2.0, dy=1.2)


def _vehicle(
    pen: _Pen, place: Floats, heading: Floats, size: tuple[float, float], ink: colors.Color, alpha: float
) -> None:
    along, out = heading * size[0] / 2, np.array([-heading[2], 0.0, heading[0]]) * size[1] / 2
    corners = np.array([place + along + out, place + along - out, place - along - out, place - along + out])
    pen.area(corners, ink, alpha)
    pen.line(np.concatenate([corners, corners[:1]]), ink, 0.8)


def _arrow_head(pen: _Pen, before: Floats, tip: Floats, ink: colors.Color) -> None:
    (xa, ya), (xb, yb) = pen.at(before), pen.at(tip)
    angle = math.atan2(yb - ya, xb - xa)
    trail = pen.page.beginPath()
    trail.moveTo(xb + 3.4 * mm * math.cos(angle), yb + 3.4 * mm * math.sin(angle))
    for side in (2.5, -2.5):
        trail.lineTo(xb + 1.5 * mm * math.cos(angle + side), yb + 1.5 * mm * math.sin(angle + side))
    trail.close()
    pen.page.setFillColor(ink)
    pen.page.drawPath(trail, stroke=0, fill=1)


def _compass(pen: _Pen, info: SheetInfo, x: float, y: float) -> None:
    """Draw north, and the sun as it stands: its ray comes in along the arrow."""
    page = pen.page
    page.setFillColor(colors.white, alpha=0.85)
    page.circle(x * mm, y * mm, 11 * mm, stroke=0, fill=1)
    north = math.radians(-info.brief.sun.north_deg)
    for angle, ink, said in ((north, INK, "N"),):
        tip = (x + 7 * math.sin(angle), y + 7 * math.cos(angle))
        page.setStrokeColor(ink)
        page.setLineWidth(1.1)
        page.line((x - 6 * math.sin(angle)) * mm, (y - 6 * math.cos(angle)) * mm, tip[0] * mm, tip[1] * mm)
        page.setFillColor(ink, alpha=1)
        page.setFont("Helvetica-Bold", 9)
        page.drawCentredString((x + 9.4 * math.sin(angle)) * mm, (y + 9.4 * math.cos(angle)) * mm - 3, said)
    if info.sun.elevation_deg > 0:
        a = math.radians(info.sun.azimuth_deg)
        sx, sy = x + 8 * math.sin(a), y + 8 * math.cos(a)
        page.setStrokeColor(SUN_INK)
        page.setFillColor(SUN_INK)
        page.circle(sx * mm, sy * mm, 1.5 * mm, fill=1)
        page.setLineWidth(0.9)
        page.line(sx * mm, sy * mm, (x + 1.5 * math.sin(a)) * mm, (y + 1.5 * math.cos(a)) * mm)
        page.setFont("Helvetica-Bold", 6.5)
        page.drawCentredString(x * mm, (y - 13.5) * mm, f"sun {info.sun.elevation_deg:.0f}° up")


def _scale_bar(pen: _Pen, x: float, y: float) -> None:
    page, scale = pen.page, pen.view.scale
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50, 100) if s * 4000 / scale >= 28)
    each = step * 1000 / scale
    page.setFillColor(colors.white, alpha=0.85)
    page.rect((x - 2) * mm, (y - 2) * mm, (4 * each + 14) * mm, 8 * mm, stroke=0, fill=1)
    for n in range(4):
        page.setFillColor(INK if n % 2 == 0 else colors.white, alpha=1)
        page.setStrokeColor(INK)
        page.setLineWidth(0.5)
        page.rect((x + n * each) * mm, y * mm, each * mm, 1.4 * mm, fill=1)
    page.setFillColor(INK)
    page.setFont("Helvetica", 6.5)
    for n in (0, 2, 4):
        page.drawCentredString((x + n * each) * mm, (y + 2.4) * mm, f"{n * step:g}")
    page.drawString((x + 4 * each + 3) * mm, (y + 2.4) * mm, "m")


def draw_side(page: Canvas, info: SheetInfo, x: float, y: float, width: float, height: float) -> None:
    """Draw the side view: cut along the line of sight at the start, camera to the left, into a rectangle."""
    frames = info.brief.picture.range
    place = positions(info.path, frames)
    along = _line_of_sight(info, place)
    right = along
    toward = np.cross(right, (0.0, 1.0, 0.0))
    points = _interest(info)
    run = points @ right
    heights = np.concatenate([place[:, 1], [t.height_m for t in info.tracks], [2.5]])
    tall = float(heights.max()) + 1.2
    ground_mm = 9.0
    scale = fitting_scale(
        float(np.ptp(run)) + 5.0, tall * height / (height - ground_mm - 7), width_mm=width, height_mm=height
    )
    middle = right * (run.min() + run.max()) / 2 + toward * float(place[0] @ toward)
    lift = (height / 2 - ground_mm) * scale / 1000
    view = View(
        centre_m=(float(middle[0]), float(lift), float(middle[2])),
        right=(float(right[0]), 0.0, float(right[2])), up=(0.0, 1.0, 0.0),
        scale=scale, width_mm=width, height_mm=height,
    )  # fmt: skip
    front = max(float((place @ toward).max()), float(place[0] @ toward)) + _SECTION_M
    paper = line_drawing(beyond(info.stage, point_m=toward * front, normal=toward), view)
    page.saveState()
    clip = page.beginPath()
    clip.rect(x * mm, y * mm, width * mm, height * mm)
    page.clipPath(clip, stroke=0)
    page.drawImage(ImageReader(Pillow.fromarray(paper)), x * mm, y * mm, width * mm, height * mm)
    pen = _Pen(page, view, x, y)
    page.setFillColor(colors.HexColor("#e7e5df"))
    page.rect(x * mm, y * mm, width * mm, ground_mm * mm, stroke=0, fill=1)
    page.setStrokeColor(INK)
    page.setLineWidth(1.0)
    page.line(x * mm, (y + ground_mm) * mm, (x + width) * mm, (y + ground_mm) * mm)
    for track in info.tracks:
        _upright(pen, track)
    pen.line(place, CAMERA, 1.6)
    for frame in (frames.last, frames.first):
        _sight_from_aside(pen, info, frame, right, strong=frame == frames.first)
    _heights(pen, info, place)
    _scale_bar(pen, x + width - 52, y + 2)
    page.restoreState()
    _framed(page, x, y, width, height, f"SIDE VIEW 1:{scale}, cut along the first line of sight")


def _line_of_sight(info: SheetInfo, place: Floats) -> Floats:
    """Return the level unit direction that the side view runs along."""
    first = info.path.at(info.brief.picture.range.first)
    look = np.array(info.subject_m[0]) - place[0] if info.subject_m else _forward(first)
    flat = look * (1, 0, 1)
    length = float(np.linalg.norm(flat))
    return np.asarray(flat / length) if length > 1e-3 else np.array([0.0, 0.0, -1.0])


def _upright(pen: _Pen, track: Track) -> None:
    if track.kind == "mark":
        px, py = pen.at(track.places_m[0])
        pen.page.setStrokeColor(MARK)
        pen.page.setLineWidth(1.4)
        pen.page.line(px, py, px, py + 2.2 * mm)
        pen.said(px - 2 * mm, py - 4.2 * mm, track.name, MARK, size=6)
        return
    ink = _INKS[track.kind]
    for place, width in ((track.places_m[-1], 0.6), (track.places_m[0], 1.4)):
        if track.kind == "figure":
            head = place + np.array([0, 0.93 * track.height_m, 0])
            pen.line(np.array([place, head]), ink, width)
            hx, hy = pen.at(head)
            pen.page.setFillColor(ink if width > 1 else colors.white)
            pen.page.circle(hx, hy, max(0.07 * track.height_m * 1000 / pen.view.scale, 0.5) * mm, fill=1)
        else:
            right, heading = np.array(pen.view.right), track.headings[0 if width > 1 else -1]
            across = np.array([-heading[2], 0.0, heading[0]])
            long = abs(float(heading @ right)) * track.size_m[0] + abs(float(across @ right)) * track.size_m[1]
            half = right * long / 2
            top = (0, track.height_m, 0)
            corners = np.array([place - half, place + half, place + half + top, place - half + top, place - half])
            pen.line(corners, ink, width)
    head = track.places_m[0] + (0, track.height_m, 0)
    pen.say(head, f"{track.name} {track.height_m:.2f} m", ink, size=6.5, dx=-4, dy=1.0)


def _sight_from_aside(pen: _Pen, info: SheetInfo, frame: int, right: Floats, *, strong: bool) -> None:
    camera = info.path.at(frame)
    _, tilt, _ = pan_tilt_roll(camera)
    half = angles_of_view(camera)[1] / 2
    ahead = 1.0 if float(_forward(camera) @ right) >= 0 else -1.0
    eye, reach = np.array(camera.position_m), _reach(info)
    angles = np.radians(np.array([tilt - half, tilt, tilt + half]))
    rays = [eye + reach * (ahead * right * math.cos(a) + np.array([0, math.sin(a), 0])) for a in angles]
    if strong:
        pen.area(np.array([eye, rays[0], rays[2]]), CAMERA, 0.09)
    for ray, width, dash in ((rays[0], 0.5, ()), (rays[1], 0.6, (4, 1.5, 1, 1.5)), (rays[2], 0.5, ())):
        pen.line(np.array([eye, ray]), CAMERA, width, dash if strong else (3, 2))
    x, y = pen.at(eye)
    page = pen.page
    page.saveState()
    page.translate(x, y)
    page.rotate(tilt if ahead > 0 else 180 - tilt)
    page.setStrokeColor(CAMERA)
    page.setFillColor(CAMERA if strong else colors.white)
    page.setLineWidth(1.0)
    page.rect(-4.2 * mm, -1.3 * mm, 3.4 * mm, 2.6 * mm, fill=1)
    trail = page.beginPath()
    for n, (a, b) in enumerate(((-0.8, -0.7), (0.6, -1.5), (0.6, 1.5), (-0.8, 0.7))):
        (trail.moveTo if n == 0 else trail.lineTo)(a * mm, b * mm)
    trail.close()
    page.drawPath(trail, fill=1)
    page.restoreState()
    if abs(tilt) >= 0.5:
        pen.said(x + 1.0 * mm, y + 3.6 * mm, f"tilt {tilt:+.1f}°", CAMERA, size=6.5)


def _heights(pen: _Pen, info: SheetInfo, place: Floats) -> None:
    """Draw how high the lens is at both ends."""
    frames = info.brief.picture.range
    offset = np.array(pen.view.right) * 6.5 * pen.view.scale / 1000
    told = [(frames.first, -offset)]
    apart = abs(float((place[-1] - place[0]) @ np.array(pen.view.right)))
    if apart * 1000 / pen.view.scale > 12 or abs(place[-1][1] - place[0][1]) > 0.1:
        told.append((frames.last, offset if (place[-1] - place[0]) @ np.array(pen.view.right) >= 0 else -2.3 * offset))
    for frame, off in told:
        eye = place[frame - frames.first]
        foot = eye * (1, 0, 1)
        pen.dimension(foot + off, eye + off, f"{eye[1]:.2f} m", CAMERA)
        fx, fy = pen.at(foot + off)
        pen.said(fx, fy - 4.4 * mm, str(frame), CAMERA, size=6.5, middle=True)
