"""The dust of one frame as the camera sees it: marched small, given its detail, brought back to full size."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from secondunit.clearance.gate import Grant, run_generator
from secondunit.core.camera import Camera
from secondunit.fx.control.march import march
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.generate.protocol import Generator
from secondunit.generate.relight import reduce_depth, upsample
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from secondunit.imaging.resample import resize
from secondunit.show.recipes import Plan

MARCH_SHARE = 2
"""The dust is marched at this part of each side of the picture, and brought back along the edges of surfaces."""
_REACH = 7
"""Pixels across of what the filters on the way back to full size may touch."""
GROUND_SINK_M = 0.1
"""How far the dust is let hang below the ground plane: real ground is rough, and no clear gap may show at its foot."""
_NOTHING_M = np.float32(1e-3)
"""A surface right before the lens: no dust is marched before it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DustView:
    """What one frame's dust is seen through and against; pictures (height, width) of the render's size."""

    dust: DustFrame
    light: LightGrid
    plan: Plan
    camera: Camera
    camera_next: Camera
    depth: Image
    """Metres to the nearest surface, inf where none."""
    coverage: Image
    holdout_layers: Image
    """(layers, height, width), the nearest first."""
    holdout_depths: Image
    """(layers,) metres."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DustSeen:
    """Dust layers at the render's size; None where there is no dust."""

    front: DustLayers | None
    """Before the first surface, not cut by holdouts."""
    behind: DustLayers | None
    near: DustLayers
    """The part of ``front`` that is nearer than the holdouts, where there are any."""
    front_depth: Image
    """Metres, 0 where there is no dust."""
    behind_depth: Image
    buffers: ControlBuffers
    """What the generator was given for ``front``."""


def see_dust(view: DustView, *, generator: Generator, grant: Grant, mark: Callable[[str], None]) -> DustSeen:
    """March, generate and bring to full size.

    Parameters
    ----------
    mark
        Called with the name of what was just done.

    Raises
    ------
    ClearanceError
        The gate refuses the grant.
    BackendError
        The generator failed.
    """
    height, width = view.depth.shape
    low = (max(height // MARCH_SHARE, 8), max(width // MARCH_SHARE, 8))
    low_depth = reduce_depth(view.depth, width=low[1], height=low[0])
    coverage = resize(view.coverage, width=low[1], height=low[0], method="area")
    before, beyond = _march(view, low_depth, coverage, generator)
    nearer = [
        (seen, full, small, _march(view, np.minimum(small, low_depth), np.ones(low, np.float32), generator)[0])
        for seen, full, small in _before_holdouts(view, low)
    ]
    mark("march")
    detail = view.plan.brief.detail

    def generated(buffers: ControlBuffers, small: Image, full: Image) -> DustLayers | None:
        if not buffers.channels["alpha"].any():
            return None
        return upsample(run_generator(generator, buffers, detail=detail, grant=grant), low_depth=small, depth=full)

    front, behind = generated(before, low_depth, view.depth), generated(beyond, low_depth, view.depth)
    near = [
        (seen, layers)
        for seen, full, small, buffers in nearer
        if (layers := generated(buffers, small, full)) is not None
    ]
    mark("generate")
    return DustSeen(
        front=front,
        behind=behind,
        near=_seen_through(near, view.holdout_layers),
        front_depth=resize(before.channels["depth"], width=width, height=height, method="linear"),
        behind_depth=resize(beyond.channels["depth"], width=width, height=height, method="linear"),
        buffers=before,
    )


def _march(
    view: DustView, depth: Image, coverage: Image, generator: Generator
) -> tuple[ControlBuffers, ControlBuffers]:
    plan = view.plan
    sunk = view.dust.origin_m - np.array((0.0, GROUND_SINK_M, 0.0), np.float32)
    return march(
        replace(view.dust, origin_m=sunk),
        view.light,
        camera=view.camera,
        camera_next=view.camera_next,
        width=depth.shape[1],
        height=depth.shape[0],
        surface_depth=depth,
        sun_direction=plan.layout.sun.direction,
        rate=float(plan.brief.plate.rate),
        coverage=coverage,
        detail=plan.brief.detail,
        channels=generator.needs,
    )


def _before_holdouts(view: DustView, low: tuple[int, int]) -> list[tuple[Image, Image, Image]]:
    """Return, for each layer of holdouts, its coverage and the depth to march to: at full size and at ``low``.

    A layer is marched a little beyond its edge too, for the filters on the way back; elsewhere nothing is.
    """
    reach = np.ones((_REACH, _REACH), np.uint8)
    found = []
    for seen, metres in zip(view.holdout_layers, view.holdout_depths, strict=True):
        near = cv2.dilate((seen > 0).astype(np.uint8), reach) > 0
        depth = np.where(near, np.float32(metres), _NOTHING_M).astype(np.float32)
        found.append((seen, depth, resize(depth, width=low[1], height=low[0], method="nearest")))
    return found


def _seen_through(near: list[tuple[Image, DustLayers]], layers: Image) -> DustLayers:
    """Return the dust before the holdouts as one picture: the mean over the layers that a pixel sees."""
    planes = np.zeros((3, *layers.shape[1:]), np.float32)
    for seen, dust in near:
        for plane, part in zip(planes, (dust.alpha, dust.sun, dust.sky), strict=True):
            plane += seen * part
    planes /= np.maximum(layers.sum(axis=0), np.float32(1e-4))
    return DustLayers(alpha=np.minimum(planes[0], 1.0), sun=planes[1], sky=planes[2])
