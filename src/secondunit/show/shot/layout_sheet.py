"""``layout.png``: the solved scene drawn over the plate, its numbers, and the key of ``shot.toml`` for each."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from secondunit.core.camera import Camera
from secondunit.core.layout import Box, Layout
from secondunit.core.take import Finding
from secondunit.fx.layout.facade_fit import horizon_row
from secondunit.fx.layout.matte import NEAR_M
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import project

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

INK: dict[str, Colour] = {
    "building": (255, 196, 64),
    "canopy": (255, 140, 70),
    "neighbour": (150, 150, 255),
    "floors": (120, 230, 140),
    "bays": (120, 190, 255),
    "matte": (255, 80, 200),
    "holdout": (90, 255, 230),
    "ground": (235, 235, 235),
    "horizon": (255, 90, 90),
    "sun": (255, 230, 90),
}
_PAPER, _TEXT, _DIM = (24, 25, 28), (232, 232, 230), (150, 152, 156)
_WARN = (255, 140, 90)
_SMALLEST = 1000
"""Sheets of small plates are drawn enlarged to this width, so that lines stay thin beside the picture."""


def layout_sheet(
    plate: Picture,
    layout: Layout,
    *,
    matte: Image | None = None,
    holdout: Image | None = None,
    findings: Sequence[Finding] = (),
    frame: int = 1001,
    title: str = "",
) -> Picture:
    """Draw a layout over its plate.

    Parameters
    ----------
    plate
        (height, width, 3) 8-bit as displayed.
    matte, holdout
        (height, width) coverage; its edge is drawn.
    findings
        Written beneath the picture, warnings first.

    Returns
    -------
    (rows, columns, 3) 8-bit: the picture with wireframe, floor and bay lines, ground grid in metres, horizon and sun,
    and below it the numbers with the keys of ``shot.toml`` that change them.
    """
    height, width = plate.shape[:2]
    zoom = max(1, math.ceil(_SMALLEST / width))
    canvas = np.ascontiguousarray(cv2.resize(plate, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC))
    pen = _Pen(canvas, layout.camera.at(frame), width, height, zoom)
    if matte is not None:
        _edge(canvas, matte, INK["matte"], zoom)
    if holdout is not None:
        _edge(canvas, holdout, INK["holdout"], zoom)
    _ground(pen, layout)
    for box in layout.boxes:
        _box(pen, box)
    row = horizon_row(pen.camera, width, height)
    _horizon(pen)
    labels = _sun(pen, layout)
    return _page(canvas, layout, pen, labels, row, findings, title)


class _Pen:
    """Draws world lines on the enlarged picture, cut at the camera's near plane."""

    def __init__(self, canvas: Picture, camera: Camera, width: int, height: int, zoom: int) -> None:
        self.canvas, self.camera, self.width, self.height, self.zoom = canvas, camera, width, height, zoom
        self.thin = max(1, round(canvas.shape[1] / 1600))

    def line(self, a: ArrayLike, b: ArrayLike, colour: Colour, *, thick: int = 1, strength: float = 1.0) -> None:
        ends = np.array([a, b], dtype=np.float64)
        _, depth = project(self.camera, ends, self.width, self.height)
        if depth.max() < NEAR_M:
            return
        if depth.min() < NEAR_M:
            far, near = int(depth.argmax()), int(depth.argmin())
            t = (NEAR_M - depth[near]) / (depth[far] - depth[near])
            ends[near] += t * (ends[far] - ends[near])
        pixels, _ = project(self.camera, ends, self.width, self.height)
        self.stroke(pixels[0], pixels[1], colour, thick=thick, strength=strength)

    def stroke(self, a: ArrayLike, b: ArrayLike, colour: Colour, *, thick: int = 1, strength: float = 1.0) -> None:
        rows, columns = self.canvas.shape[:2]
        (x0, y0), (x1, y1) = (np.clip(np.asarray(p, dtype=np.float64) * self.zoom, -1e6, 1e6) for p in (a, b))
        seen, p, q = cv2.clipLine((-50, -50, columns + 100, rows + 100), (round(x0), round(y0)), (round(x1), round(y1)))
        if not seen:
            return
        target = self.canvas.copy() if strength < 1.0 else self.canvas
        if strength >= 1.0:
            cv2.line(target, p, q, (0, 0, 0), (thick + 2) * self.thin, cv2.LINE_AA)
        cv2.line(target, p, q, colour, thick * self.thin, cv2.LINE_AA)
        if strength < 1.0:
            cv2.addWeighted(target, strength, self.canvas, 1.0 - strength, 0.0, dst=self.canvas)

    def at(self, point: ArrayLike) -> tuple[float, float] | None:
        """Return a world point's place on the enlarged picture, None where it is not seen."""
        pixel, depth = project(self.camera, np.asarray(point), self.width, self.height)
        x, y = float(pixel[0]) * self.zoom, float(pixel[1]) * self.zoom
        rows, columns = self.canvas.shape[:2]
        return (x, y) if float(depth) > NEAR_M and 0 <= x < columns and 0 <= y < rows else None


def _edge(canvas: Picture, matte: Image, colour: Colour, zoom: int) -> None:
    big = cv2.resize(matte, canvas.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    found, _ = cv2.findContours((big > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    long = [c for c in found if len(c) > 12 * zoom]
    cv2.drawContours(canvas, long, -1, colour, max(2, round(canvas.shape[1] / 1000)), cv2.LINE_AA)


def _box(pen: _Pen, box: Box) -> None:
    for k in range(1, box.floors):
        t = box.height_m * k / box.floors
        pen.line(box.point(0, t, 0), box.point(box.width_m, t, 0), INK["floors"])
    for k in range(1, box.bays):
        s = box.width_m * k / box.bays
        pen.line(box.point(s, 0, 0), box.point(s, box.height_m, 0), INK["bays"], strength=0.6)
    corners = box.corners()
    edges = [(a, a | bit) for a in range(8) for bit in (1, 2, 4) if not a & bit]
    for a, b in sorted(edges, key=lambda e: -(e[0] + e[1])):
        front = a < 4 and b < 4
        pen.line(corners[a], corners[b], INK[box.kind], thick=2 if front else 1, strength=1.0 if front else 0.5)


def _ground(pen: _Pen, layout: Layout) -> None:
    """Draw a grid on the ground before the first facade, its lines along and across it; 5 m, or 1 m if it is small."""
    if not layout.boxes:
        return
    box = layout.boxes[0]
    step = 5.0 if box.width_m > 12 else 1.0
    across = np.arange(-2 * step, box.width_m + 2.5 * step, step)
    out = np.arange(0.0, 8.5 * step, step)
    base = -box.corner_m[1]
    for s in across:
        pen.line(box.point(s, base, -out[-1]), box.point(s, base, 0), INK["ground"], strength=0.35)
    for q in out:
        pen.line(box.point(across[0], base, -q), box.point(across[-1], base, -q), INK["ground"], strength=0.35)


def _horizon(pen: _Pen) -> None:
    back = np.array(pen.camera.rotation)[:, 2]
    ahead = np.array([-back[0], 0.0, -back[2]])
    ahead /= max(float(np.linalg.norm(ahead)), 1e-9)
    side = np.array([-ahead[2], 0.0, ahead[0]])
    far = np.array(pen.camera.position_m) + 1e5 * ahead
    pen.line(far - 5e4 * side, far + 5e4 * side, INK["horizon"], thick=2)


def _sun(pen: _Pen, layout: Layout) -> list[tuple[float, float, str, Colour]]:
    """Draw a pole on the ground before the facade, the ray that meets its tip and its shadow; return labels."""
    labels: list[tuple[float, float, str, Colour]] = []
    if not layout.boxes:
        return labels
    box, sun = layout.boxes[0], np.array(layout.sun.direction)
    tall = 0.35 * box.height_m
    # Where along the front the pole is seen best: the first place whose foot and tip lie in the picture.
    for s, q in ((a, b) for b in (0.25, 0.12, 0.5) for a in (0.5, 0.35, 0.65, 0.2, 0.8, 0.05)):
        foot = np.array(box.point(s * box.width_m, -box.corner_m[1], -q * box.height_m))
        tip = foot + np.array([0.0, tall, 0.0])
        if pen.at(foot) and pen.at(tip):
            break
    else:
        return labels
    pen.line(foot, tip, INK["sun"], thick=2)
    pen.line(tip, tip + sun * tall, INK["sun"], thick=2)
    if sun[1] > 0.05:
        shadow = foot + tall * np.array([-sun[0], 0.0, -sun[2]]) / sun[1]
        pen.line(foot, shadow, (40, 40, 40), thick=3)
    for share in (0.88,):
        head, _ = project(pen.camera, np.array([tip + sun * tall * share, tip + sun * tall]), pen.width, pen.height)
        run = head[1] - head[0]
        wing = np.array([-run[1], run[0]]) * 0.5
        pen.stroke(head[1], head[0] + wing, INK["sun"], thick=2)
        pen.stroke(head[1], head[0] - wing, INK["sun"], thick=2)
    if place := pen.at(tip):
        labels.append((place[0] + 8, place[1], "sun", INK["sun"]))
    return labels


def _page(
    canvas: Picture,
    layout: Layout,
    pen: _Pen,
    labels: list[tuple[float, float, str, Colour]],
    horizon: float,
    findings: Sequence[Finding],
    title: str,
) -> Picture:
    """Return the drawn picture with labels on it and the numbers beneath."""
    rows, columns = canvas.shape[:2]
    size = max(13, columns // 95)
    font, bold = ImageFont.load_default(size), ImageFont.load_default(round(size * 1.25))
    for box in layout.boxes:
        for t in (0.5, 0.25, 0.75):
            if place := pen.at(box.point(t * box.width_m, box.height_m * 0.5, 0)):
                labels.append((*place, f"{box.name}  {box.width_m:.1f} x {box.height_m:.1f} m", INK[box.kind]))
                break
    labels.append((8.0, min(max(horizon * pen.zoom - size - 6, 4.0), rows - size - 8.0), "horizon", INK["horizon"]))
    if len(layout.boxes) and (mark := _grid_mark(pen, layout.boxes[0])):
        labels.append(mark)
    entries = _numbers(layout, pen.camera, horizon)
    notes = sorted(findings, key=lambda f: {"blocker": 0, "warning": 1, "note": 2}[f.severity])
    wrap = max(40, int(columns / (size * 0.56)))
    lines = [(f, part) for f in notes for part in _wrapped(f"{f.severity}: {f.message}", wrap)]
    step = round(size * 1.55)
    panel = Pillow.new("RGB", (columns, step * (len(entries) + len(lines) + 4) + 12), _PAPER)
    page = Pillow.new("RGB", (columns, rows + panel.height))
    picture = Pillow.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    for x, y, text, colour in labels:
        _tag(draw, x, y, text, colour, font)
    draw = ImageDraw.Draw(panel)
    draw.text((14, 10), title or "layout", font=bold, fill=_TEXT)
    _legend(draw, columns, 14, font, size)
    y = 10 + round(step * 1.5)
    for name, value, key in entries:
        draw.text((14, y), name, font=font, fill=_DIM)
        draw.text((14 + size * 9, y), value, font=font, fill=_TEXT)
        draw.text((columns - 14, y), key, font=font, fill=INK["floors"], anchor="ra")
        y += step
    y += step // 2
    for finding, text in lines:
        draw.text((14, y), text, font=font, fill=_DIM if finding.severity == "note" else _WARN)
        y += step
    page.paste(picture, (0, 0))
    page.paste(panel, (0, rows))
    return np.asarray(page, dtype=np.uint8)


def _numbers(layout: Layout, camera: Camera, horizon: float) -> list[tuple[str, str, str]]:
    """Return (what, value, keys of shot.toml) for each number of a layout."""
    back, tilt = camera.filmback, math.degrees(math.asin(max(-1.0, min(1.0, -camera.rotation[1][2]))))
    shift = f", shift {back.offset_y_mm:+.2f} mm" if abs(back.offset_y_mm) > 0.005 else ""
    if abs(back.offset_x_mm) > 0.005:
        shift += f", aside {back.offset_x_mm:+.2f} mm"
    entries = [
        (
            "camera",
            f"{camera.focal_length_mm:.1f} mm on {back.width_mm:.1f} x {back.height_mm:.1f} mm{shift}",
            "[camera] focal_length_mm, filmback_mm, upright",
        ),
        (
            "horizon",
            f"row {horizon:.1f} at the centre, tilt {tilt:+.1f}°, eye {camera.position_m[1]:.2f} m over the ground",
            "[camera] horizon_px, height_m",
        ),
    ]
    for box in layout.boxes:
        x, y, z = box.corner_m
        where = f"left foot at ({x:.1f}, {y:.1f}, {z:.1f}) m, turned {box.yaw_deg:.1f}°"
        size = f"{box.width_m:.1f} x {box.height_m:.1f} x {box.depth_m:.1f} m"
        keys = "facade_px, floors, floor_height_m, bays, depth_m"
        if box.kind == "canopy":
            keys = "facade_px or from_m, to_m, base_m; depth_m"
        entries.append(
            (f"{box.kind}", f"{box.name}: {size}, {box.floors} floors, {box.bays} bays; {where}", f"[[box]] {keys}")
        )
    sun = layout.sun
    light = ", ".join(f"{v:.2f}" for v in sun.illuminance)
    sky = ", ".join(f"{v:.2f}" for v in sun.sky)
    entries.append(
        (
            "sun",
            f"azimuth {sun.azimuth_deg:.0f}°, {sun.elevation_deg:.0f}° high, illuminance ({light}), sky ({sky})",
            "[sun] azimuth_deg, elevation_deg, illuminance, sky",
        )
    )
    return entries


def _grid_mark(pen: _Pen, box: Box) -> tuple[float, float, str, Colour] | None:
    step = 5.0 if box.width_m > 12 else 1.0
    for s in (0.9, 0.7, 0.5, 0.3, 0.1):
        for n in (2, 1, 3, 4):
            place = pen.at(box.point(s * box.width_m, -box.corner_m[1], -n * step))
            if place:
                return (*place, f"ground grid {step:g} m", INK["ground"])
    return None


def _tag(
    draw: ImageDraw.ImageDraw,
    x: float,
    y: float,
    text: str,
    colour: Colour,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    box = draw.textbbox((x, y), text, font=font)
    draw.rectangle((box[0] - 4, box[1] - 3, box[2] + 4, box[3] + 3), fill=_PAPER)
    draw.text((x, y), text, font=font, fill=colour)


def _legend(
    draw: ImageDraw.ImageDraw, columns: int, y: float, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, size: int
) -> None:
    x = float(columns - 14)
    for name in ("holdout", "matte", "bays", "floors", "building"):
        x -= draw.textlength(name, font=font)
        draw.text((x, y), name, font=font, fill=_TEXT)
        x -= size * 1.6
        draw.line((x, y + size * 0.65, x + size * 1.2, y + size * 0.65), fill=INK[name], width=max(2, size // 6))
        x -= size


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = "   "
        line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines
