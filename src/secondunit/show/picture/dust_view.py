"""The dust of one frame as the camera sees it: marched small, given its detail, brought back to full size."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from secondunit.clearance.gate import Grant, run_generator
from secondunit.core.camera import Camera
from secondunit.fx.control.march import ERODED, march
from secondunit.fx.control.march_medium import Medium, medium
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.generate.protocol import Generator
from secondunit.generate.relight import reduce_depth, upsample
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from secondunit.imaging.resample import resize
from secondunit.show.brief.recipes import Plan
from secondunit.show.picture.dust_passes import Pass, part_of, passes_of, refined

_REACH = 7
"""Pixels across of what the filters on the way back to full size may touch."""
GROUND_SINK_M = 0.1
"""How far the dust is let hang below the ground plane: real ground is rough, and no clear gap may show at its foot."""
LAYERS = ("alpha", "sun", "sky")
FRONT, BEHIND = "front", "behind"
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

    def kept(self) -> "DustSeen":
        """Return what ``load`` gives back of what ``save`` wrote, without the disk."""
        channels = {name: _halved(self.buffers.channels[name]) for name in KEPT}
        return DustSeen(
            front=None if self.front is None else _halved_layers(self.front),
            behind=None if self.behind is None else _halved_layers(self.behind),
            near=_halved_layers(self.near),
            front_depth=_halved(self.front_depth),
            behind_depth=_halved(self.behind_depth),
            buffers=ControlBuffers(frame=self.buffers.frame, slab=FRONT, channels=channels),
        )

    def save(self, path: Path) -> None:
        """Write as a compressed ``.npz`` at exactly ``path``.

        At zlib's quickest, which is a twentieth larger and takes half the time.
        """
        planes: dict[str, Any] = {"frame": np.asarray(self.buffers.frame)}
        for name in ("front", "behind", "near"):
            layers: DustLayers | None = getattr(self, name)
            if layers is not None:
                planes |= {f"{name}.{part}": getattr(layers, part).astype(np.float16) for part in LAYERS}
        planes |= {name: getattr(self, name).astype(np.float16) for name in ("front_depth", "behind_depth")}
        planes |= {f"buffers.{k}": self.buffers.channels[k].astype(np.float16) for k in KEPT}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, plane in planes.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                    np.lib.format.write_array(stream, plane, allow_pickle=False)

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


def _halved(plane: Image) -> Image:
    return plane.astype(np.float16).astype(np.float32)


def _halved_layers(layers: DustLayers) -> DustLayers:
    return DustLayers(alpha=_halved(layers.alpha), sun=_halved(layers.sun), sky=_halved(layers.sky))


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
    steps = passes_of(view.plan, generator)
    sunk = view.dust.origin_m - np.array((0.0, GROUND_SINK_M, 0.0), np.float32)
    view = replace(view, dust=replace(view.dust, origin_m=sunk))
    packed = medium(view.dust, view.light)
    if generator.factor == 1:
        slabs = _marched(view, packed, steps[-1], needs=generator.needs)
        mark("march")
        whole = {name: _generated(slab, view, steps[-1], generator, grant) for name, slab in slabs.items()}
    else:
        front, slabs = _painted(view, packed, steps, generator, grant, mark)
        whole = {name: _grown(slab) for name, slab in slabs.items()}
        coarse = whole["front"]
        whole |= {
            name: None if front is None else part_of(front, before=part, whole=coarse)
            for name, part in whole.items()
            if name not in ("front", "behind")
        }
        whole["front"] = front
    near = [(seen, layers) for n, seen in enumerate(view.holdout_layers) if (layers := whole[_near(n)]) is not None]
    mark("generate")
    before, beyond = slabs["front"].buffers, slabs["behind"].buffers
    return DustSeen(
        front=whole["front"],
        behind=whole["behind"],
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


def _painted(
    view: DustView,
    packed: Medium,
    steps: tuple[Pass, ...],
    generator: Generator,
    grant: Grant,
    mark: Callable[[str], None],
) -> tuple[DustLayers | None, dict[str, _Slab]]:
    """Paint the dust before the first surface, pass by pass; return it at full size, and the last pass's slabs."""
    layers: DustLayers | None = None
    low: Image = view.depth
    for step in steps:
        needs = ERODED if step.opens else generator.needs
        if step.last:
            slabs = _marched(view, packed, step, needs=needs, painted=FRONT)
        else:
            slabs = _marched_front(view, packed, step, needs=needs)
        mark("march")
        slab = slabs["front"]
        if slab.buffers.channels["alpha"].any():
            buffers = replace(slab.buffers, opens=step.opens)
            if layers is not None:
                buffers = refined(buffers, upsample(layers, low_depth=low, depth=slab.low), finer=step.finer)
            layers = run_generator(generator, buffers, detail=step.detail(view.plan), grant=grant)
            low = slab.low
        mark("generate")
    return (None if layers is None else upsample(layers, low_depth=low, depth=view.depth)), slabs


def _generated(slab: _Slab, view: DustView, step: Pass, generator: Generator, grant: Grant) -> DustLayers | None:
    if not slab.buffers.channels["alpha"].any():
        return None
    layers = run_generator(generator, slab.buffers, detail=step.detail(view.plan), grant=grant)
    return upsample(layers, low_depth=slab.low, depth=slab.full)


def _grown(slab: _Slab) -> DustLayers | None:
    """Return a slab's coarse render at full size."""
    channels = slab.buffers.channels
    if not channels["alpha"].any():
        return None
    coarse = DustLayers(alpha=channels["alpha"], sun=channels["sun"], sky=channels["sky"])
    return upsample(coarse, low_depth=slab.low, depth=slab.full)


def _marched_front(
    view: DustView, packed: Medium, step: Pass, *, needs: frozenset[str], painted: str = FRONT
) -> dict[str, _Slab]:
    """March the dust before the first surface, and in the last pass what an edge's pixels show behind it."""
    height, width = view.depth.shape
    low = (max(height // step.share, 8), max(width // step.share, 8))
    low_depth = reduce_depth(view.depth, width=low[1], height=low[0])
    coverage = (
        resize(view.coverage, width=low[1], height=low[0], method="area") if step.last else np.ones(low, np.float32)
    )
    bare = frozenset((FRONT, BEHIND)) - {painted} if painted else frozenset[str]()
    before, beyond = _march(view, packed, step, low_depth, coverage, needs, bare)
    return {
        FRONT: _Slab(buffers=before, low=low_depth, full=view.depth),
        BEHIND: _Slab(buffers=beyond, low=low_depth, full=view.depth),
    }


def _marched(
    view: DustView, packed: Medium, step: Pass, *, needs: frozenset[str], painted: str = ""
) -> dict[str, _Slab]:
    """March the dust before the first surface, behind it, and before each layer of holdouts.

    ``painted`` is the one slab that a generator will be given; all of them where it is empty.
    """
    found = _marched_front(view, packed, step, needs=needs, painted=painted)
    low_depth = found[FRONT].low
    bare = frozenset((FRONT, BEHIND)) if painted else frozenset[str]()
    for n, (full, small) in enumerate(_before_holdouts(view, low_depth.shape)):
        nearest = np.minimum(small, low_depth)
        buffers, _ = _march(view, packed, step, nearest, np.ones(nearest.shape, np.float32), needs, bare)
        found[_near(n)] = _Slab(buffers=buffers, low=small, full=full)
    return found


def _march(
    view: DustView,
    packed: Medium,
    step: Pass,
    depth: Image,
    coverage: Image,
    needs: frozenset[str],
    bare: frozenset[str],
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
        detail=step.detail(plan),
        broad_seed=step.broad_seed(plan),
        noise_cell_m=view.dust.cell_m / step.finer,
        channels=needs,
        bare=bare,
        packed=packed,
    )


def _before_holdouts(view: DustView, low: tuple[int, ...]) -> list[tuple[Image, Image]]:
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
