"""The dust of one frame as the camera sees it: marched small, given its detail, brought back to full size."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from secondunit.clearance.gate import Grant, run_generator
from secondunit.core.camera import Camera
from secondunit.fx.control.march import march
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.fx.dust.simulate import dust_grid
from secondunit.generate.protocol import Generator
from secondunit.generate.relight import reduce_depth, upsample
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from secondunit.imaging.resample import resize
from secondunit.show.recipes import Plan, bare

MARCH_SHARE = 2
"""The dust is marched at this part of each side of the picture at most, and brought back along surfaces' edges."""
WIDEST_CELL_PX = 7.0
"""Pixels of the march that a dust cell may cover: beyond it a generator would paint larger than it has learned."""
_REACH = 7
"""Pixels across of what the filters on the way back to full size may touch."""
GROUND_SINK_M = 0.1
"""How far the dust is let hang below the ground plane: real ground is rough, and no clear gap may show at its foot."""
LAYERS = ("alpha", "sun", "sky")
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


KEPT = ("alpha", "depth", "motion_x", "motion_y", "optical_depth")
"""Channels of the buffers that passes are made of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DustSeen:
    """Dust layers at the render's size, to half-float precision; None where there is no dust.

    What is kept on disk is what was made, bit for bit, so that a look tried later is the look tried at once.
    """

    front: DustLayers | None
    """Before the first surface, not cut by holdouts."""
    behind: DustLayers | None
    near: DustLayers
    """The part of ``front`` that is nearer than the holdouts, where there are any."""
    front_depth: Image
    """Metres, 0 where there is no dust."""
    behind_depth: Image
    buffers: ControlBuffers
    """What the generator was given for ``front``: the channels of ``KEPT``."""

    def save(self, path: Path) -> None:
        """Write as a compressed ``.npz`` at exactly ``path``."""
        planes: dict[str, Any] = {}
        for name in ("front", "behind", "near"):
            layers: DustLayers | None = getattr(self, name)
            if layers is not None:
                planes |= {f"{name}.{part}": getattr(layers, part).astype(np.float16) for part in LAYERS}
        planes |= {name: getattr(self, name).astype(np.float16) for name in ("front_depth", "behind_depth")}
        planes |= {f"buffers.{k}": self.buffers.channels[k].astype(np.float16) for k in KEPT}
        with path.open("wb") as stream:
            np.savez_compressed(stream, frame=self.buffers.frame, **planes)

    @classmethod
    def load(cls, path: Path) -> "DustSeen":
        """Read what ``save`` wrote."""
        with np.load(path) as data:
            planes = {name: data[name].astype(np.float32) for name in data.files if name != "frame"}
            frame = int(data["frame"])

        def layers(name: str) -> DustLayers | None:
            if f"{name}.alpha" not in planes:
                return None
            return DustLayers(**{part: planes[f"{name}.{part}"] for part in LAYERS})

        near = layers("near")
        if near is None:
            raise KeyError("near.alpha")
        return cls(
            front=layers("front"),
            behind=layers("behind"),
            near=near,
            front_depth=planes["front_depth"],
            behind_depth=planes["behind_depth"],
            buffers=ControlBuffers(frame=frame, slab="front", channels={k: planes[f"buffers.{k}"] for k in KEPT}),
        )


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
    share = march_share(view.plan)
    low = (max(height // share, 8), max(width // share, 8))
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


def march_share(plan: Plan) -> int:
    """Return at which part of each side of the picture a take's dust is marched: one for all its frames."""
    camera = plan.layout.camera.locked
    corners = np.array([p for box in plan.layout.falling for p in box.corners()])
    if not len(corners):
        return MARCH_SHARE
    distance = float(np.linalg.norm(corners.mean(axis=0) - np.array(camera.position_m)))
    cell = dust_grid(bare(plan.layout), cells=plan.brief.dust.cells).cell_m
    pixels = camera.focal_length_mm / camera.filmback.width_mm * plan.width * cell / max(distance, 1.0)
    return max(MARCH_SHARE, math.ceil(pixels / WIDEST_CELL_PX))


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
        broad_seed=plan.brief.dust.seed,
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
