"""The dust of one frame as the camera sees it: marched small, given its detail, brought back to full size."""

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
from secondunit.generate.protocol import Generator
from secondunit.generate.relight import reduce_depth, upsample
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from secondunit.imaging.resample import resize
from secondunit.show.dust_passes import Pass, passes_of, refined
from secondunit.show.recipes import Plan

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
    painted: dict[str, DustLayers] = {}
    before_depth: dict[str, Image] = {}
    for step in passes_of(view.plan, generator):
        slabs = _marched(view, step, generator)
        mark("march")
        for name, slab in slabs.items():
            buffers = slab.buffers
            if not buffers.channels["alpha"].any():
                continue
            if name in painted:
                small = upsample(painted[name], low_depth=before_depth[name], depth=slab.low)
                buffers = refined(buffers, small, finer=step.finer)
            painted[name] = run_generator(generator, buffers, detail=step.detail(view.plan), grant=grant)
            before_depth[name] = slab.low
        mark("generate")
    whole = {
        name: upsample(layers, low_depth=slabs[name].low, depth=slabs[name].full) for name, layers in painted.items()
    }
    near = [(seen, whole[_near(n)]) for n, seen in enumerate(view.holdout_layers) if _near(n) in whole]
    mark("generate")
    before, beyond = slabs["front"].buffers, slabs["behind"].buffers
    return DustSeen(
        front=whole.get("front"),
        behind=whole.get("behind"),
        near=_seen_through(near, view.holdout_layers),
        front_depth=resize(before.channels["depth"], width=width, height=height, method="linear"),
        behind_depth=resize(beyond.channels["depth"], width=width, height=height, method="linear"),
        buffers=before,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Slab:
    """One slab of dust as a pass has marched it."""

    buffers: ControlBuffers
    low: Image
    """Depth of the surface it ends at, at the march's size."""
    full: Image
    """The same at full size."""


def _near(layer: int) -> str:
    return f"near {layer}"


def _marched(view: DustView, step: Pass, generator: Generator) -> dict[str, _Slab]:
    """March the dust before the first surface, behind it, and before each layer of holdouts."""
    height, width = view.depth.shape
    low = (max(height // step.share, 8), max(width // step.share, 8))
    low_depth = reduce_depth(view.depth, width=low[1], height=low[0])
    coverage = resize(view.coverage, width=low[1], height=low[0], method="area")
    before, beyond = _march(view, step, low_depth, coverage, generator)
    found = {
        "front": _Slab(buffers=before, low=low_depth, full=view.depth),
        "behind": _Slab(buffers=beyond, low=low_depth, full=view.depth),
    }
    for n, (full, small) in enumerate(_before_holdouts(view, low)):
        nearest = np.minimum(small, low_depth)
        buffers, _ = _march(view, step, nearest, np.ones(low, np.float32), generator)
        found[_near(n)] = _Slab(buffers=buffers, low=small, full=full)
    return found


def _march(
    view: DustView, step: Pass, depth: Image, coverage: Image, generator: Generator
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
        detail=step.detail(plan),
        broad_seed=step.broad_seed(plan),
        noise_cell_m=view.dust.cell_m / step.finer,
        channels=generator.needs,
    )


def _before_holdouts(view: DustView, low: tuple[int, int]) -> list[tuple[Image, Image]]:
    """Return, for each layer of holdouts, the depth to march to: at full size and at ``low``.

    A layer is marched a little beyond its edge too, for the filters on the way back; elsewhere nothing is.
    """
    reach = np.ones((_REACH, _REACH), np.uint8)
    found = []
    for seen, metres in zip(view.holdout_layers, view.holdout_depths, strict=True):
        near = cv2.dilate((seen > 0).astype(np.uint8), reach) > 0
        depth = np.where(near, np.float32(metres), _NOTHING_M).astype(np.float32)
        found.append((depth, resize(depth, width=low[1], height=low[0], method="nearest")))
    return found


def _seen_through(near: list[tuple[Image, DustLayers]], layers: Image) -> DustLayers:
    """Return the dust before the holdouts as one picture: the mean over the layers that a pixel sees."""
    planes = np.zeros((3, *layers.shape[1:]), np.float32)
    for seen, dust in near:
        for plane, part in zip(planes, (dust.alpha, dust.sun, dust.sky), strict=True):
            plane += seen * part
    planes /= np.maximum(layers.sum(axis=0), np.float32(1e-4))
    return DustLayers(alpha=np.minimum(planes[0], 1.0), sun=planes[1], sky=planes[2])
