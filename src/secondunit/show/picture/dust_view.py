"""The dust of one frame as the camera sees it: marched small, given its detail, brought back to full size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
from secondunit.show.picture.dust_seen import FRONT, DustSeen

_REACH = 7
"""Pixels across of what the filters on the way back to full size may touch."""
GROUND_SINK_M = 0.1
"""How far the dust is let hang below the ground plane: real ground is rough, and no clear gap may show at its foot."""
BEHIND = "behind"
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
class _Slab:
    """One slab of dust as a pass has marched it."""

    buffers: ControlBuffers
    low: Image
    """Depth of the surface it ends at, at the march's size."""
    full: Image
    """The same at full size."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DustLook:
    """Dust as it has been marched, before the last pass is painted."""

    view: DustView
    last: Pass
    slabs: dict[str, _Slab]
    painted: ControlBuffers | None
    """What the last pass is to paint of the dust before the first surface, and what frames beside are given of this
    one; None where there is none, and where slabs are painted each by itself."""
    earlier: DustLayers | None = None
    """What the pass before made of it, at the march's size ``painted_low``."""
    painted_low: Image
    """Depth of the surface that the last painted pass ends at, at its size."""


def look_at_dust(
    view: DustView,
    *,
    generator: Generator,
    grant: Grant,
    mark: Callable[[str], None],
    opened: DustLook | None = None,
) -> DustLook:
    """March the dust, and paint all passes but the last.

    Parameters
    ----------
    mark
        Called with the name of what was just done.
    opened
        A look at the same dust that differs in the last pass alone: what it painted before that is taken over.

    Raises
    ------
    ClearanceError
        The gate refuses the grant.
    BackendError
        The generator failed.
    """
    steps = passes_of(view.plan, generator)
    sunk = view.dust.origin_m - np.array((0.0, GROUND_SINK_M, 0.0), np.float32)
    view = replace(view, dust=replace(view.dust, origin_m=sunk))
    packed = medium(view.dust, view.light)
    if generator.factor == 1:
        slabs = _marched(view, packed, steps[-1], needs=generator.needs)
        mark("march")
        return DustLook(view=view, last=steps[-1], slabs=slabs, painted=None, painted_low=view.depth)
    return _painted(view, packed, steps, generator, grant, mark, opened)


def see_dust(
    look: DustLook,
    *,
    beside: Sequence[ControlBuffers] = (),
    generator: Generator,
    grant: Grant,
    mark: Callable[[str], None],
) -> DustSeen:
    """Paint the last pass and bring it to full size.

    Parameters
    ----------
    beside
        What is painted of the take's frames within the generator's reach (``DustLook.painted``).
    mark
        Called with the name of what was just done.

    Raises
    ------
    ClearanceError
        The gate refuses the grant.
    BackendError
        The generator failed.
    """
    view, step, slabs = look.view, look.last, look.slabs
    height, width = view.depth.shape
    if generator.factor == 1:
        whole = {name: _generated(slab, view, step, generator, grant) for name, slab in slabs.items()}
    else:
        front = _front(look, beside, generator, grant)
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


def _near(layer: int) -> str:
    return f"near {layer}"


def _painted(
    view: DustView,
    packed: Medium,
    steps: tuple[Pass, ...],
    generator: Generator,
    grant: Grant,
    mark: Callable[[str], None],
    opened: DustLook | None,
) -> DustLook:
    """Paint the dust before the first surface, pass by pass, up to the last."""
    layers: DustLayers | None = None
    low: Image = view.depth
    if opened is not None:
        layers, low, steps = opened.earlier, opened.painted_low, steps[-1:]
    for step in steps:
        needs = ERODED if step.opens else generator.needs
        if step.last:
            slabs = _marched(view, packed, step, needs=needs, painted=FRONT)
        else:
            slabs = _marched_front(view, packed, step, needs=needs)
        mark("march")
        slab = slabs["front"]
        buffers: ControlBuffers | None = None
        if slab.buffers.channels["alpha"].any():
            buffers = replace(slab.buffers, opens=step.opens)
            if layers is not None:
                buffers = refined(buffers, upsample(layers, low_depth=low, depth=slab.low), finer=step.finer)
            if not step.last:
                layers = run_generator(generator, buffers, detail=step.detail(view.plan), grant=grant)
                low = slab.low
        mark("generate")
    return DustLook(view=view, last=steps[-1], slabs=slabs, painted=buffers, earlier=layers, painted_low=low)


def _front(look: DustLook, beside: Sequence[ControlBuffers], generator: Generator, grant: Grant) -> DustLayers | None:
    """Paint the last pass of the dust before the first surface; return it at full size."""
    layers, low = look.earlier, look.painted_low
    if look.painted is not None:
        detail = look.last.detail(look.view.plan)
        layers = run_generator(generator, look.painted, detail=detail, grant=grant, beside=beside)
        low = look.slabs["front"].low
    return None if layers is None else upsample(layers, low_depth=low, depth=look.view.depth)


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
