"""Contours: region borders chosen, joined through junctions, weighted by what they divide, and drawn as strokes."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.prep.boards.regions import trace
from secondunit.prep.boards.strokes import Floats, Stroke, corners_of, evened, is_straight, soften, stroke
from secondunit.prep.boards.style import Style

Ints = NDArray[np.int32]
SET, OBJECT, FIGURE = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subjects:
    """What each pixel belongs to."""

    kind: Ints
    """(height, width): `SET`, `OBJECT` or `FIGURE`."""
    group: Ints
    """(height, width): one number for each figure, vehicle or prop; 0 for the set, ground and sky."""
    depth: Floats
    """(height, width) metres; the sky at 1e4."""
    focus_m: float
    """How far away what the shot is about stands."""


@dataclass(slots=True)
class _Chain:
    points: Floats
    width: Floats
    dark: Floats
    top: int
    """Kind of the nearer side."""
    label: int
    """Region of the nearer side."""


def contours(
    label: Ints, subjects: Subjects, *, style: Style, scale: float, rng: np.random.Generator, background: float = 1.0
) -> tuple[list[Stroke], list[Stroke]]:
    """Return strokes of the set and strokes of figures and objects.

    Parameters
    ----------
    label
        (height, width) regions.
    scale
        Panel width by 1600: widths and lengths follow it.
    background
        How much the set counts, 0 to 1: less behind a close-up.
    """
    chains = _joined(_chains(label, subjects, style=style, scale=scale))
    halo = _halo(subjects, scale)
    crowded = _crowding(label, scale)
    back: list[Stroke] = []
    front: list[Stroke] = []
    for chain in chains:
        target = front if chain.top > SET else back
        if chain.top == SET:
            chain.dark = chain.dark * np.float32(0.66 + 0.34 * background)
        for piece in _pieces(chain):
            if chain.top == SET and _left_out(piece[0], crowded, scale=scale, rng=rng):
                continue
            for points, width, dark in _outside(piece, halo) if chain.top == SET else [piece]:
                _draw(target, points, width * scale, dark, kind=chain.top, style=style, scale=scale, rng=rng)
    return back, front


def _chains(label: Ints, subjects: Subjects, *, style: Style, scale: float) -> list[_Chain]:
    points, left, right, start = trace(label)
    depth, kind, group, names = (a.ravel() for a in (subjects.depth, subjects.kind, subjects.group, label))
    a, b = np.maximum(left, 0), np.maximum(right, 0)
    near_is_a = depth[a] <= depth[b]
    near, far = np.where(near_is_a, a, b), np.where(near_is_a, b, a)
    dn, df = depth[near], depth[far]
    gap = (df - dn) / np.maximum(dn, 0.1)
    other = (group[near] != group[far]).astype(np.int64)
    covers = (gap > 0.025) | (df - dn > 0.35)
    table = np.array([[w.crease, w.inner, w.outline] for w in (style.set, style.object, style.figure)])
    rank = np.where(covers, 1 + ((other > 0) | (kind[near] == SET) & (gap > 0.4)), 0)
    width = table[kind[near], rank]
    away = np.maximum(dn / max(subjects.focus_m, 0.5), 1e-3)
    # Things nearer than the subject are drawn heavier, farther ones lighter: depth by weight.
    width = width * np.clip(away ** np.where(kind[near] == FIGURE, -0.42, -0.24), 0.5, 1.4)
    fade = np.clip(1.04 - 0.13 * np.log2(np.maximum(away, 1.0)), 0.42, 1.0)
    dark = style.line_dark * fade * np.where(rank == 0, 0.86, 1.0)
    out = []
    for s, e in pairwise(start.tolist()):
        if e - s < 4:
            continue
        steps = slice(s + 1, e)
        top = int(np.bincount(kind[near[steps]], minlength=3).argmax())
        region = int(np.bincount(names[near[steps]]).argmax())
        w, d = width[steps], dark[steps]
        out.append(
            _Chain(
                points=points[s:e].astype(np.float32),
                width=np.concatenate([w[:1], w]).astype(np.float32),
                dark=np.concatenate([d[:1], d]).astype(np.float32),
                top=top,
                label=region,
            )
        )
    return out


def _joined(chains: list[_Chain]) -> list[_Chain]:
    """Run lines on through junctions where they go on straight."""
    ends: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for n, chain in enumerate(chains):
        for end in (0, -1):
            x, y = chain.points[end]
            ends.setdefault((int(x), int(y)), []).append((n, end))
    partner: dict[tuple[int, int], tuple[int, int]] = {}
    for here in ends.values():
        if len(here) < 2:
            continue
        best = []
        for i in range(len(here)):
            for j in range(i + 1, len(here)):
                (p, e), (q, f) = here[i], here[j]
                if p == q or chains[p].top != chains[q].top:
                    continue
                cosine = float(_leaving(chains[p], e) @ -_leaving(chains[q], f))
                same = chains[p].label == chains[q].label
                if cosine > (0.72 if same else 0.93):
                    best.append((cosine + 0.2 * same, here[i], here[j]))
        for _, one, two in sorted(best, reverse=True):
            if one not in partner and two not in partner:
                partner[one], partner[two] = two, one
    out, done = [], set()
    for n in range(len(chains)):
        if n in done:
            continue
        # Walk back to where this line begins, then forward.
        at, end, seen = n, 0, {n}
        while (at, end) in partner and partner[(at, end)][0] not in seen:
            at, entered = partner[(at, end)]
            end = -1 - entered
            seen.add(at)
        run: list[tuple[int, bool]] = []
        into = end
        while True:
            run.append((at, into == -1))
            done.add(at)
            leave = (at, -1 - into)
            if leave not in partner or partner[leave][0] in done:
                break
            at, into = partner[leave]
        parts = [(chains[k], flip) for k, flip in run]
        first = parts[0][0]

        def laid(name: str, parts: list[tuple[_Chain, bool]] = parts) -> Floats:
            arrays = [getattr(c, name)[::-1] if flip else getattr(c, name) for c, flip in parts]
            return np.concatenate([arrays[0], *[a[1:] for a in arrays[1:]]])

        out.append(
            _Chain(points=laid("points"), width=laid("width"), dark=laid("dark"), top=first.top, label=first.label)
        )
    return out


def _leaving(chain: _Chain, end: int) -> Floats:
    """Return the unit direction in which a line leaves its end point, into itself."""
    reach = min(12, len(chain.points) - 1)
    a, b = (chain.points[0], chain.points[reach]) if end == 0 else (chain.points[-1], chain.points[-1 - reach])
    way = b - a
    return np.asarray(way / max(float(np.hypot(way[0], way[1])), 1e-6), np.float32)


def _pieces(chain: _Chain) -> list[tuple[Floats, Floats, Floats]]:
    """Cut a line where the hand would lift: at corners."""
    smooth = soften(chain.points, 2.2)
    width, dark = evened(chain.width, 7), evened(chain.dark, 7)
    cuts = corners_of(smooth)
    out = []
    for a, b in pairwise(cuts):
        if b - a < 3:
            continue
        piece = chain.points[a : b + 1]
        # Softened again by itself, so that the corner stays a corner.
        out.append(
            (
                soften(piece, 2.4 if chain.top == SET else min(9.0, max(4.0, len(piece) / 40))),
                width[a : b + 1],
                dark[a : b + 1],
            )
        )
    return out


def _halo(subjects: Subjects, scale: float) -> NDArray[np.bool_]:
    """Return where the set's lines stop short of a figure before them."""
    front = (subjects.kind > SET).astype(np.uint8)
    size = 2 * round(3.5 * scale) + 1
    return np.asarray(cv2.dilate(front, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0)


def _crowding(label: Ints, scale: float) -> Floats:
    """Return (height, width) how crowded with borders a picture is, as a share of its pixels there."""
    edge = np.zeros(label.shape, np.float32)
    edge[:, 1:] += label[:, 1:] != label[:, :-1]
    edge[1:] += label[1:] != label[:-1]
    size = 2 * round(16 * scale) + 1
    return np.asarray(cv2.blur(np.minimum(edge, 1), (size, size)) * scale, np.float32)


def _left_out(points: Floats, crowded: Floats, *, scale: float, rng: np.random.Generator) -> bool:
    """Say whether a hand would not bother with a line: a short one where many lie close already."""
    x, y = points[len(points) // 2]
    dense = crowded[min(int(y), crowded.shape[0] - 1), min(int(x), crowded.shape[1] - 1)]
    short = max(0.0, 1 - len(points) / (95 * scale))
    return bool(rng.random() < short * np.clip((dense - 0.10) / 0.16, 0, 1))


def _outside(piece: tuple[Floats, Floats, Floats], halo: NDArray[np.bool_]) -> list[tuple[Floats, Floats, Floats]]:
    points, width, dark = piece
    x = np.clip(points[:, 0].astype(int), 0, halo.shape[1] - 1)
    y = np.clip(points[:, 1].astype(int), 0, halo.shape[0] - 1)
    free = ~halo[y, x]
    if free.all():
        return [piece]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], free.astype(np.int8), [0]])))
    return [(points[a:b], width[a:b], dark[a:b]) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 6]


def _draw(
    target: list[Stroke], points: Floats, width: Floats, dark: Floats, *, kind: int, style: Style, scale: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    length = len(points)
    if length < (5 if kind > SET else 9) * scale:
        return
    straight = is_straight(points, tolerance=1.5 * scale)
    if straight:
        points = np.stack([points[0], points[-1]])
        width, dark = width[[0, -1]], dark[[0, -1]]
    over = straight and kind != FIGURE and length > 26 * scale
    target.append(stroke(points, width=width, dark=dark, hand=style.hand, rng=rng, overshoot=over))
    if style.restate > 0 and length > 50 * scale and rng.random() < style.restate:
        shift = rng.normal(0, 1.3 * scale, 2).astype(np.float32)
        again = stroke(points + shift, width=width * 0.55, dark=dark * 0.55, hand=style.hand, rng=rng, overshoot=over)
        target.append(again)
