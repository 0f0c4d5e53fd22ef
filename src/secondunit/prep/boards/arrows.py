"""Arrows as boards use them: outlined, drawn in perspective, a frame within the frame for a push, a pan or a tilt."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, get_args

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondunit.core.camera import Camera
from secondunit.imaging.projection import pose, project
from secondunit.prep.boards.plot import plot
from secondunit.prep.boards.strokes import Hand, stroke

Floats = NDArray[np.float32]
Codes = NDArray[np.uint8]
CameraArrow = Literal[
    "dolly-in", "dolly-out", "pan-left", "pan-right", "tilt-up", "tilt-down", "track-left", "track-right", "crane-up",
    "crane-down", "handheld", "drone",
]  # fmt: skip
CAMERA_ARROWS: Final[tuple[str, ...]] = get_args(CameraArrow)
_HAND = Hand(wobble_px=0.6, overshoot_px=0.0, taper_px=14.0, tip=0.7)
_EDGE = (24, 24, 26)
_FACE = (255, 255, 253)
_SIDE = (120, 120, 122)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundArrow:
    """Somebody's way over the ground."""

    from_m: tuple[float, float]
    to_m: tuple[float, float]
    bend_m: float = 0.0
    """How far the middle swings to the left."""
    width_m: float = 0.34


def draw_ground_arrow(art: Codes, arrow: GroundArrow, camera: Camera, cover: NDArray[np.bool_], *, seed: int) -> Codes:
    """Return a drawing with a way laid on the ground in perspective, behind what ``cover`` marks."""
    outline = _ribbon(
        np.asarray(arrow.from_m),
        np.asarray(arrow.to_m),
        bend=arrow.bend_m,
        tail=arrow.width_m * 0.62,
        head=arrow.width_m,
    )
    points = np.stack([outline[:, 0], np.full(len(outline), 0.02), outline[:, 1]], axis=1)
    rotation, eye = pose(camera)
    depth = -((points - eye) @ rotation)[:, 2]
    points, depth = points[depth > 0.3], depth[depth > 0.3]
    if len(points) < 6:
        return art
    height, width = art.shape[:2]
    pixels, _ = project(camera, points, width, height)
    return _filled(art, np.asarray(pixels, np.float32), seed=seed, thick=0.0, keep=cover)


def draw_camera_arrow(art: Codes, kind: str, *, seed: int, target: tuple[float, float] = (0.5, 0.5)) -> Codes:
    """Return a drawing with a camera move shown on it.

    Parameters
    ----------
    kind
        One of `CAMERA_ARROWS`.
    target
        Where in the frame a push goes to, 0 to 1.
    """
    height, width = art.shape[:2]
    unit = width / 100.0
    if kind in ("dolly-in", "dolly-out"):
        return _push(art, inwards=kind == "dolly-in", target=target, seed=seed)
    if kind == "handheld":
        return _shaken(art, seed=seed)
    side = -1.0 if kind.endswith("left") else 1.0
    if kind.startswith("pan"):
        y = height - 7.5 * unit
        line = _bezier(
            (width / 2 - side * 30 * unit, y),
            (width / 2, y + 3.4 * unit),
            (width / 2 + side * 30 * unit, y - 0.6 * unit),
        )
        framed = _inner_frame(art, shift=(side * 0.16, 0.0), seed=seed)
        return _filled(framed, _along(line, tail=1.2 * unit, head=3.4 * unit), seed=seed, thick=0.55 * unit)
    if kind.startswith("tilt"):
        up = -1.0 if kind.endswith("up") else 1.0
        x = width - 7.0 * unit
        reach = height * 0.3
        line = _bezier(
            (x, height / 2 - up * reach), (x + 2.0 * unit, height / 2), (x - 0.4 * unit, height / 2 + up * reach)
        )
        framed = _inner_frame(art, shift=(0.0, up * 0.16), seed=seed)
        return _filled(framed, _along(line, tail=1.2 * unit, head=3.2 * unit), seed=seed, thick=0.55 * unit)
    if kind.startswith("track"):
        y = height - 5.6 * unit
        line = _bezier(
            (width / 2 - side * 36 * unit, y + 1.2 * unit),
            (width / 2, y),
            (width / 2 + side * 34 * unit, y - 1.4 * unit),
        )
        return _filled(art, _along(line, tail=0.9 * unit, head=3.6 * unit), seed=seed, thick=0.7 * unit)
    if kind.startswith("crane"):
        up = -1.0 if kind.endswith("up") else 1.0
        x = 8.5 * unit
        line = _bezier(
            (x + 9 * unit, height / 2 - up * height * 0.36),
            (x - 4 * unit, height / 2 - up * height * 0.2),
            (x, height / 2 + up * height * 0.3),
        )
        return _filled(art, _along(line, tail=0.9 * unit, head=3.8 * unit), seed=seed, thick=0.7 * unit)
    y = height * 0.16
    line = np.concatenate([
        _bezier((width * 0.06, y + 8 * unit), (width * 0.3, y - 9 * unit), (width * 0.55, y + 2 * unit)),
        _bezier((width * 0.55, y + 2 * unit), (width * 0.72, y + 10 * unit), (width * 0.9, y + 16 * unit))[1:],
    ])  # fmt: skip
    return _filled(art, _along(line, tail=0.6 * unit, head=4.4 * unit), seed=seed, thick=0.7 * unit)


def _bezier(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> Floats:
    t = np.linspace(0, 1, 24)[:, None]
    return np.asarray(
        (1 - t) ** 2 * np.asarray(a) + 2 * t * (1 - t) * np.asarray(b) + t * t * np.asarray(c), np.float32
    )


def _along(line: Floats, *, tail: float, head: float) -> Floats:
    """Return an arrow's outline about a centre line: it swells from tail to head, as if it came nearer."""
    way = np.gradient(line, axis=0)
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-6)[:, None]
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    gaps = np.hypot(np.diff(line[:, 0]), np.diff(line[:, 1]))
    along = np.concatenate([[0], np.cumsum(gaps)])
    neck = int(np.searchsorted(along, along[-1] - 2.6 * head))
    half = tail + (head * 0.78 - tail) * (along / along[-1]) ** 1.3
    left = line[: neck + 1] + across[: neck + 1] * half[: neck + 1, None]
    right = line[: neck + 1] - across[: neck + 1] * half[: neck + 1, None]
    barb_l, barb_r = line[neck] + across[neck] * head * 1.75, line[neck] - across[neck] * head * 1.75
    outline = np.concatenate([left, barb_l[None], line[-1:], barb_r[None], right[::-1]])
    return np.asarray(outline, np.float32)


def _ribbon(
    a: NDArray[np.float64], b: NDArray[np.float64], *, bend: float, tail: float, head: float
) -> NDArray[np.float64]:
    way = b - a
    left = np.array([way[1], -way[0]]) / max(float(np.linalg.norm(way)), 1e-6)
    line = _bezier(a, (a + b) / 2 + left * bend * 2, b)
    return np.asarray(_along(line, tail=tail / 2, head=head / 2), np.float64)


def _filled(art: Codes, outline: Floats, *, seed: int, thick: float, keep: NDArray[np.bool_] | None = None) -> Codes:
    """Lay a white shape with an inked edge, and a grey side below it where it has thickness."""
    out = art.copy()
    height, width = art.shape[:2]
    scale = width / 1600
    rng = np.random.default_rng([seed, 61])

    def mask(points: Floats) -> Floats:
        big = np.zeros((height, width), np.uint8)
        cv2.fillPoly(big, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return np.asarray(big / 255, np.float32)

    def lay(cover: Floats, colour: tuple[int, int, int], strength: float) -> None:
        a = (cover if keep is None else cover * ~keep)[..., None] * strength
        out[...] = np.asarray(out * (1 - a) + np.asarray(colour, np.float32) * a + 0.5, np.uint8)

    def edge(points: Floats, size: float) -> None:
        cover = np.zeros((height, width), np.float32)
        closed = np.concatenate([points, points[:1]])
        corners = [k for k in range(len(points)) if _sharp(closed, k)]
        cuts = sorted({0, *corners, len(points)})
        lines = [closed[a : b + 1] for a, b in pairwise(cuts) if b > a]
        plot([stroke(p, width=size * scale, dark=0.98, hand=_HAND, rng=rng) for p in lines if len(p) > 1], cover)
        lay(cover, _EDGE, 1.0)

    if thick > 0:
        below = outline + np.array([thick * 0.35, thick], np.float32)
        for share in (1.0, 0.5):
            lay(mask(outline + (below - outline) * share), _SIDE, 1.0)
        edge(below, 2.2)
    lay(mask(outline), _FACE, 0.96)
    edge(outline, 3.0)
    return out


def _sharp(closed: Floats, k: int) -> bool:
    count = len(closed) - 1
    a, b = closed[k] - closed[(k - 1) % count], closed[k + 1] - closed[k]
    size = max(float(np.hypot(*a) * np.hypot(*b)), 1e-6)
    return float(a @ b) / size < 0.7


def _frame(art: Codes, box: tuple[float, float, float, float], *, seed: int, size: float, dash: bool = False) -> Codes:
    out = art.copy()
    height, width = art.shape[:2]
    rng = np.random.default_rng([seed, 62])
    x0, y0, x1, y1 = box
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]], np.float32)
    hand = Hand(wobble_px=0.7, overshoot_px=9.0, taper_px=10.0, tip=0.8)
    lines = []
    for a, b in pairwise(corners):
        if not dash:
            lines.append(np.stack([a, b]))
            continue
        count = max(2, int(np.hypot(*(b - a)) / (width / 45)))
        t = np.linspace(0, 1, 2 * count)
        lines += [np.stack([a + (b - a) * t[k], a + (b - a) * t[k + 1]]) for k in range(0, 2 * count - 1, 2)]
    cover = np.zeros((height, width), np.float32)
    for halo, colour in ((2.6, _FACE), (1.0, _EDGE)):
        cover[...] = 0
        drawn = [
            stroke(
                p,
                width=size * halo * width / 1600,
                dark=0.9,
                hand=hand,
                rng=np.random.default_rng([seed, n]),
                overshoot=not dash,
            )
            for n, p in enumerate(lines)
        ]
        plot(drawn, cover)
        a = cover[..., None] * (0.8 if halo > 1 else 1.0)
        out[...] = np.asarray(out * (1 - a) + np.asarray(colour, np.float32) * a + 0.5, np.uint8)
    del rng
    return out


def _inner_frame(art: Codes, *, shift: tuple[float, float], seed: int) -> Codes:
    """Draw where the move begins: a frame of the same size, set back against the way it goes, cut by the picture."""
    height, width = art.shape[:2]
    w, h = width * 0.64, height * 0.78 if shift[1] == 0 else height * 0.62
    cx, cy = width * (0.5 - shift[0]), height * (0.47 - shift[1])
    return _frame(art, (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2), seed=seed, size=3.0, dash=True)


def _push(art: Codes, *, inwards: bool, target: tuple[float, float], seed: int) -> Codes:
    height, width = art.shape[:2]
    share = 0.62
    x = min(max(target[0], share / 2 + 0.06), 1 - share / 2 - 0.06) * width
    y = min(max(target[1], share / 2 + 0.06), 1 - share / 2 - 0.06) * height
    box = (x - share / 2 * width, y - share / 2 * height, x + share / 2 * width, y + share / 2 * height)
    out = _frame(art, box, seed=seed, size=3.4)
    corners = (
        (0, 0, box[0], box[1]),
        (width, 0, box[2], box[1]),
        (width, height, box[2], box[3]),
        (0, height, box[0], box[3]),
    )
    for n, (ax, ay, bx, by) in enumerate(corners):
        a, b = np.array([ax, ay], float), np.array([bx, by], float)
        start, end = a + (b - a) * 0.14, a + (b - a) * 0.86
        if not inwards:
            start, end = end, start
        line = np.asarray(np.linspace(start, end, 16), np.float32)
        big, small = width * 0.0125, width * 0.0055
        # A push goes away from the eye: its arrows grow smaller inwards.
        shape = _along(line, tail=big if inwards else small * 0.6, head=small * 1.9 if inwards else big * 1.25)
        out = _filled(out, shape, seed=seed + n, thick=0.0)
    return out


def _shaken(art: Codes, *, seed: int) -> Codes:
    height, width = art.shape[:2]
    out = art
    m = width * 0.018
    for n, (dx, dy) in enumerate(((0.0, 0.0), (0.6, -0.5), (-0.5, 0.6))):
        box = (m * (1 + dx), m * (1 + dy), width - m * (1 - dx), height - m * (1 - dy))
        out = _frame(out, box, seed=seed + n, size=1.7)
    return out


def arrow_of_move(move: str, *, lead: float) -> str:
    """Return the arrow of a shot list's move; ``lead`` says which way the subject looks or goes, right positive.

    >>> arrow_of_move("pan", lead=-1.0), arrow_of_move("static", lead=1.0)
    ('pan-left', '')
    """
    way = "left" if lead < 0 or math.isnan(lead) else "right"
    return {"pan": f"pan-{way}", "track": f"track-{way}", "tilt": "tilt-up", "static": ""}.get(move, move)
