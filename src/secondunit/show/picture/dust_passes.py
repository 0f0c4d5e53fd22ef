"""In how many passes a take's dust is painted, and what a later pass is given of an earlier one.

A generator that has learned to make a picture look ``factor`` times finer than its cells is shown a wide cell small:
the dust is marched where a cell covers as many pixels as it has learned. Where the plate has more pixels than that,
the wide cells are opened first: noise that the dust carries is carved into it, and the carved picture is shown to the
generator as the coarse render of cells that are finer by its factor, with noise to match. Turbulence looks the same at
every scale of such a cloud.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Detail
from secondunit.core.layout import Box
from secondunit.fx.dust.simulate import dust_grid
from secondunit.generate.protocol import Generator
from secondunit.imaging.buffers import ControlBuffers, DustLayers
from secondunit.imaging.projection import project
from secondunit.show.brief.recipes import Plan, bare

LEAST_SHARE = 2
"""The dust is marched at this part of each side of the picture at most, and brought back along surfaces' edges."""
MOST_PASSES = 3
_BARE = 3.2
"""Buffer pixels of a cell up to which it is painted as it is: the smooth skin of wider ones is opened first."""
_OPAQUE = np.float32(0.98)
_LEAST = np.float32(1e-3)
_GROWTH = 0.3
"""Logarithm by which a later pass may thicken dust: carving has drawn its edges already."""
_VEIL = np.float32(0.2)
"""Optical depth of which a later pass is shown half."""
_NEARER = 0.25
"""Share of the pixels of what falls that are nearer than where a cell is measured."""
_POINTS = 16
"""Across and up on each side of a box, where it is asked how near it is."""
_NEXT = 7919
"""Added to the broad seed for each pass, so that no two paint with the same noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass: its part of each side of the picture, and how many times finer its cells are than the dust's."""

    share: int
    finer: int
    opens: bool
    """Whether it carves the dust with noise of its own cells first: the billows that so wide a cell has room for."""
    last: bool
    number: int

    def detail(self, plan: Plan) -> Detail:
        """Return what this pass paints with: the micro seed and the bands are the last pass's alone."""
        detail = plan.brief.detail
        return detail if self.last else replace(detail, seed=plan.brief.dust.seed, bands=(1.0, 1.0, 1.0))

    def broad_seed(self, plan: Plan) -> int:
        """Return the seed of the octaves that belong to the simulation."""
        return plan.brief.dust.seed + _NEXT * self.number


def opening_digest(plan: Plan) -> str:
    """Return a digest of all that passes before the last depend on: the recipe less what is the last pass's alone."""
    recipe = plan.generate
    plain = replace(plan.brief.detail, seed=0, bands=(1.0, 1.0, 1.0))
    return replace(recipe, seed=0, parameters={**recipe.parameters, "detail": plain}).digest


def passes_of(plan: Plan, generator: Generator) -> tuple[Pass, ...]:
    """Return the passes of a take: as many for its drafts as for its final, and the same for all frames."""
    if generator.factor == 1:
        return (Pass(share=LEAST_SHARE, finer=1, opens=False, last=True, number=0),)
    cell = cell_px(plan)
    widest = generator.widest_cell_px
    at_plate = cell * plan.plate_width / max(plan.width, 1) / LEAST_SHARE
    finers = [1]
    while len(finers) < MOST_PASSES and at_plate / finers[-1] > (_BARE if len(finers) == 1 else widest):
        finers.append(finers[-1] * _opening(at_plate / finers[-1], generator.factor))
    found = []
    for number, finer in enumerate(finers):
        share = max(LEAST_SHARE, math.ceil(cell / finer / widest))
        last = number == len(finers) - 1
        found.append(Pass(share=share, finer=finer, opens=not last, last=last, number=number))
    return tuple(found)


def _opening(cell: float, factor: int) -> int:
    """Return how many times finer a cell is called once it is opened: not so fine that there is nothing to paint."""
    return next((finer for finer in range(factor, 2, -1) if cell / finer >= 0.5 * _BARE), 2)


def cell_px(plan: Plan) -> float:
    """Return how many pixels of the picture a dust cell covers on the nearer part of what falls, pixel by pixel.

    A wall that runs from far away to right beside the camera is near in most of its pixels, and its dust rolls nearer.
    """
    camera = plan.layout.camera.locked
    surfaces = [_surface(box) for box in plan.layout.falling]
    if not surfaces:
        return 0.0
    points, shares = (np.concatenate(found) for found in zip(*surfaces, strict=True))
    # Asked of the plate's own frame, so that a draft whose sides were rounded is asked the same.
    back = camera.filmback
    frame = (plan.plate_width, max(round(plan.plate_width * back.height_mm / back.width_mm), 1))
    at, depth = project(camera, points, *frame)
    towards = np.asarray(camera.position_m, dtype=np.float64) - points
    apart = np.maximum(np.linalg.norm(towards, axis=1), 1.0)
    facing = np.maximum((shares * towards).sum(axis=1), 0.0) / apart
    seen = (depth > 0.0) & (at >= 0.0).all(axis=1) & (at < frame).all(axis=1)
    weight = facing / apart**2 * seen
    if weight.sum() <= 0.0:
        weight = np.ones(len(points))
    order = np.argsort(apart)
    so_far = np.cumsum(weight[order])
    distance = float(apart[order][np.searchsorted(so_far, _NEARER * so_far[-1])])
    cell = dust_grid(bare(plan.layout), cells=plan.brief.dust.cells).cell_m
    return camera.focal_length_mm / back.width_mm * plan.width * cell / distance


def _surface(box: Box) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points all over a box, and how much of its surface each stands for along its normal: (n, 3) both."""
    size = np.array((box.width_m, box.height_m, box.depth_m))
    axes = np.array((box.along, (0.0, 1.0, 0.0), box.inward))
    steps = (np.arange(_POINTS) + 0.5) / _POINTS
    points, shares = [], []
    for axis in range(3):
        across, up = (axis + 1) % 3, (axis + 2) % 3
        for end in (0.0, 1.0):
            local = np.zeros((_POINTS, _POINTS, 3))
            local[..., axis] = end * size[axis]
            local[..., across] = (steps * size[across])[:, None]
            local[..., up] = steps * size[up]
            points.append(np.asarray(box.corner_m) + local.reshape(-1, 3) @ axes)
            area = size[across] * size[up] / _POINTS**2
            shares.append(np.broadcast_to((2.0 * end - 1.0) * area * axes[axis], points[-1].shape))
    return np.concatenate(points), np.concatenate(shares)


def refined(buffers: ControlBuffers, layers: DustLayers, *, finer: int) -> ControlBuffers:
    """Return buffers whose coarse render is the picture of the pass before, on cells finer by ``finer``.

    Parameters
    ----------
    layers
        Of the buffers' size.
    """
    channels = dict(buffers.channels)
    found = np.clip(layers.alpha, 0.0, 1.0)
    thin = -np.log1p(-np.minimum(found, _OPAQUE))
    thin *= thin**2 / (thin**2 + _VEIL**2)  # the veil that carving leaves around a billow would be torn to scraps
    alpha = np.where(found < _OPAQUE, 1.0 - np.exp(-thin), found).astype(np.float32)
    kept = (alpha / np.maximum(found, _LEAST)).astype(np.float32)
    thick = np.maximum(channels["optical_depth"], thin)
    channels |= {
        "alpha": alpha,
        "sun": layers.sun * kept,
        "sky": layers.sky * kept,
        "optical_depth": np.where(alpha < _OPAQUE, thin, thick).astype(np.float32),
        "footprint": channels["footprint"] / np.float32(finer),
        "motion_x": channels["motion_x"] / np.float32(finer),
        "motion_y": channels["motion_y"] / np.float32(finer),
    }
    return replace(buffers, channels=channels, growth=_GROWTH, finer=finer)


def part_of(front: DustLayers, *, before: DustLayers | None, whole: DustLayers | None) -> DustLayers | None:
    """Return the part of what was painted that lies before something, by the coarse renders of the part and the whole.

    Optical depth is shared out as the coarse render has it, and brightness follows it: the part has the whole's detail.
    """
    if before is None or whole is None:
        return None
    there = before.alpha > 0
    rows, cols = (np.flatnonzero(there.any(axis=axis)) for axis in (1, 0))
    out = DustLayers(
        **{name: np.zeros_like(getattr(front, name), dtype=np.float32) for name in ("alpha", "sun", "sky")}
    )
    if len(rows):
        box = (slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1))
        part = _share(*(_cut(layers, box) for layers in (front, before, whole)))
        for name in ("alpha", "sun", "sky"):
            getattr(out, name)[box] = getattr(part, name)
    return out


def _cut(layers: DustLayers, box: tuple[slice, slice]) -> DustLayers:
    return DustLayers(alpha=layers.alpha[box], sun=layers.sun[box], sky=layers.sky[box])


def _share(front: DustLayers, before: DustLayers, whole: DustLayers) -> DustLayers:
    top = np.float32(0.9999)
    share = np.clip(
        np.log1p(-np.minimum(before.alpha, top)) / np.minimum(np.log1p(-np.minimum(whole.alpha, top)), -1e-6), 0.0, 1.0
    )
    alpha = 1.0 - np.power(1.0 - np.clip(front.alpha, 0.0, top), share)
    lights = []
    for name in ("sun", "sky"):
        painted = getattr(front, name) / np.maximum(front.alpha, _LEAST)
        mine = getattr(before, name) / np.maximum(before.alpha, _LEAST)
        all_of_it = getattr(whole, name) / np.maximum(whole.alpha, _LEAST)
        lights.append(alpha * painted * np.clip(mine / np.maximum(all_of_it, _LEAST), 0.3, 3.0))
    return DustLayers(
        alpha=alpha.astype(np.float32), sun=lights[0].astype(np.float32), sky=lights[1].astype(np.float32)
    )
