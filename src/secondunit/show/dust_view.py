"""The dust of one frame as the camera sees it: marched small, given its detail, brought back to full size."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from secondunit.clearance.gate import Grant, run_generator
from secondunit.core.camera import Camera
from secondunit.fx.dust_grid import DustFrame, LightGrid
from secondunit.fx.march import march
from secondunit.generate.protocol import Generator
from secondunit.generate.relight import reduce_depth, upsample
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from secondunit.imaging.resample import resize
from secondunit.show.recipes import Plan

MARCH_SHARE = 2
"""The dust is marched at this part of each side of the picture, and brought back along the edges of surfaces."""
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
    holdout: Image
    holdout_depth: Image


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
    near_depth = _before_holdouts(view)
    near_low = None
    if near_depth is not None:
        near_low = resize(near_depth, width=low[1], height=low[0], method="nearest")
        nearer, _ = _march(view, np.minimum(near_low, low_depth), np.ones(low, np.float32), generator)
    mark("march")
    detail = view.plan.brief.detail

    def generated(buffers: ControlBuffers, small: Image, full: Image) -> DustLayers | None:
        if not buffers.channels["alpha"].any():
            return None
        return upsample(run_generator(generator, buffers, detail=detail, grant=grant), low_depth=small, depth=full)

    front, behind = generated(before, low_depth, view.depth), generated(beyond, low_depth, view.depth)
    near = None
    if near_depth is not None and near_low is not None:
        near = generated(nearer, near_low, near_depth)
    mark("generate")
    empty = np.zeros((height, width), np.float32)
    return DustSeen(
        front=front,
        behind=behind,
        near=near or DustLayers(alpha=empty, sun=empty, sky=empty),
        front_depth=resize(before.channels["depth"], width=width, height=height, method="linear"),
        behind_depth=resize(beyond.channels["depth"], width=width, height=height, method="linear"),
        buffers=before,
    )


def _march(
    view: DustView, depth: Image, coverage: Image, generator: Generator
) -> tuple[ControlBuffers, ControlBuffers]:
    plan = view.plan
    return march(
        view.dust,
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


def _before_holdouts(view: DustView) -> Image | None:
    """Return (height, width) metres to the holdouts, a little beyond their edge too; none is marched elsewhere."""
    if not (view.holdout > 0).any():
        return None
    reach = np.ones((2 * MARCH_SHARE + 3, 2 * MARCH_SHARE + 3), np.uint8)
    depth = cv2.erode(np.minimum(view.holdout_depth, np.float32(1e6)), reach)
    near = cv2.dilate((view.holdout > 0).astype(np.uint8), reach) > 0
    return np.where(near & (depth < 1e5), depth, _NOTHING_M).astype(np.float32)
