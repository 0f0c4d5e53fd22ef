"""One frame, from cached stages to its pictures. What frames share is built once per worker."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from secondunit.clearance.gate import Grant, admit
from secondunit.comp.backdrop import Backdrop, prepare_backdrop
from secondunit.comp.integrate import FrameInputs, FrameOutputs, integrate
from secondunit.comp.plate_match import PlateMatch, measure_plate
from secondunit.comp.shadow import plate_shadow
from secondunit.fx.debris.renderer import DebrisRenderer
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.fx.dust.light import light_dust, standing_boxes
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.layout.facade_fit import horizon_row
from secondunit.fx.rigid.motion import Motion
from secondunit.generate.protocol import Generator
from secondunit.generate.registry import get_generator
from secondunit.generate.relight import relight, thicken
from secondunit.imaging.buffers import DustLayers, Image, SurfaceLayer
from secondunit.imaging.resample import resize
from secondunit.media.plate import PlateSource
from secondunit.show.brief.recipes import Plan, sunlit
from secondunit.show.picture.dust_view import DustSeen, DustView, see_dust
from secondunit.show.picture.prepare import PreparedPlate, prepared_at, standing_depth
from secondunit.show.picture.simulation import MOTION, PIECES, Caches

Colour = tuple[float, float, float]
PREPARED = "prepared.npz"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameJob:
    """What every frame of a take shares, small enough to send."""

    plan: Plan
    plate: PlateSource
    caches: Caches
    folder: Path
    """The shot's."""
    texture_frame: int
    generator: str
    grant: Grant


@dataclass(slots=True, kw_only=True, eq=False)
class FrameKit:
    """What a worker builds from a job, once."""

    job: FrameJob
    full: PreparedPlate
    """Of the texture frame, at the plate's size."""
    prepared: PreparedPlate
    """The same at the size of the render."""
    backdrop: Backdrop
    match: PlateMatch
    renderer: DebrisRenderer
    generator: Generator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedFrame:
    """A frame's pictures and what the passes need beside them."""

    plate: Image
    outputs: FrameOutputs
    surface: SurfaceLayer
    dust: DustSeen | None
    sun_colour: Colour
    """What a unit of sun on the dust reads, ACEScg."""
    sky_colour: Colour
    seconds: dict[str, float]


def open_kit(job: FrameJob) -> FrameKit:
    """Build what a job's frames share.

    Raises
    ------
    SecondUnitError
        A cached stage is missing or a picture cannot be used.
    """
    plan = job.plan
    full = PreparedPlate.load(job.caches.plate.path(PREPARED))
    renderer = DebrisRenderer(
        Pieces.load(job.caches.fracture.path(PIECES)),
        Motion.load(job.caches.rigid.path(MOTION)),
        plan.layout,
        plate=full.texture,
        matte=full.matte,
        texture_frame=job.texture_frame,
        width=plan.width,
        height=plan.height,
        look=plan.brief.look,
        seed=plan.brief.collapse.seed,
    )
    prepared = full.resized(width=plan.width, height=plan.height)
    plate = _plate(job, job.texture_frame)
    backdrop = prepare_backdrop(
        plate,
        clean=prepared.clean,
        matte=prepared.matte,
        holdout=prepared.holdout,
        static_rest=renderer.rest(job.texture_frame),
    )
    return FrameKit(
        job=job,
        full=full,
        prepared=prepared,
        backdrop=backdrop,
        match=measure_plate(
            plate,
            matte=prepared.matte,
            holdout=prepared.holdout,
            horizon_row=horizon_row(plan.layout.camera.at(job.texture_frame), plan.width, plan.height),
        ),
        renderer=renderer,
        generator=get_generator(job.generator),
    )


def render_frame(kit: FrameKit, frame: int, *, clock: Callable[[], float] = time.perf_counter) -> RenderedFrame:
    """Render one frame.

    Parameters
    ----------
    clock
        Seconds that are reported by stage: of the wall, or of the processor.

    Raises
    ------
    SecondUnitError
        A cached stage is missing, or the gate refuses.
    """
    watch = _Watch(clock)
    job, plan = kit.job, kit.job.plan
    plate = _plate(job, frame)
    dust, light = _dust_and_light(kit, frame)
    watch.mark("light")
    prepared, backdrop = _surroundings(kit, frame, plate)
    camera = plan.layout.camera.at(frame)
    neighbours = standing_depth(plan.layout, camera, width=plan.width, height=plan.height)
    surface = _hidden(kit.renderer.render(frame, light=light), neighbours)
    watch.mark("debris")
    inputs = FrameInputs(
        frame=frame,
        plate=plate,
        backdrop=backdrop,
        surface=surface,
        look=plan.brief.look,
        match=kit.match,
        seed=plan.brief.detail.seed,
        plate_moves=job.plate.moves,
    )
    sun = plan.layout.sun
    inputs = replace(
        inputs,
        shadow=plate_shadow(*kit.renderer.receiver_shadow(frame, light=light), sun=sun),
        # Of a building that has wholly come away nothing stands to be shaded.
        shadow_static=plate_shadow(*kit.renderer.static_shadow(frame, light=light), sun=sun)
        if surface.static.any()
        else None,
    )
    watch.mark("shadow")
    dust_seen: DustSeen | None = None
    name = job.caches.generate.frame_name(frame)
    if job.caches.generate.holds(name):
        admit(kit.generator, grant=job.grant)
        dust_seen = DustSeen.load(job.caches.generate.path(name))
    elif dust.extinction.any():
        depth = surface.depth if neighbours is None else np.minimum(surface.depth, neighbours)
        view = DustView(
            dust=dust,
            light=light,
            plan=plan,
            camera=camera,
            camera_next=plan.layout.camera.at(frame + 1),
            depth=depth,
            coverage=surface.alpha + surface.static if neighbours is None else np.isfinite(depth).astype(np.float32),
            holdout_layers=prepared.holdout_layers,
            holdout_depths=prepared.holdout_depths,
        )
        made = see_dust(view, generator=kit.generator, grant=job.grant, mark=watch.mark)
        job.caches.generate.put(name, made.save)
        dust_seen = made.kept()
    if dust_seen is not None:
        inputs = replace(
            inputs,
            dust_front=_lit(plan, dust_seen.front),
            dust_behind=_lit(plan, dust_seen.behind),
            dust_front_near=_lit(plan, dust_seen.near),
            front_depth=dust_seen.front_depth,
            behind_depth=dust_seen.behind_depth,
        )
    outputs = integrate(inputs)
    watch.mark("comp")
    look = plan.brief.look
    return RenderedFrame(
        plate=plate,
        outputs=outputs,
        surface=surface,
        dust=dust_seen,
        sun_colour=_product(look.dust_tint, _times(plan.layout.sun.illuminance, look.sun_gain)),
        sky_colour=_product(look.dust_tint, _times(plan.layout.sun.sky, look.sky_gain)),
        seconds=watch.seconds,
    )


class _Watch:
    """Seconds since the last mark, by name."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: dict[str, float] = {}
        self._clock, self._last = clock, clock()

    def mark(self, name: str) -> None:
        now = self._clock()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now


def _plate(job: FrameJob, frame: int) -> Image:
    return resize(job.plate.frame(frame), width=job.plan.width, height=job.plan.height, method="area")


def _dust_and_light(kit: FrameKit, frame: int) -> tuple[DustFrame, LightGrid]:
    """Load a frame's dust, and its light or make and keep it."""
    job, caches = kit.job, kit.job.caches
    name = caches.dust.frame_name(frame)
    dust = DustFrame.load(caches.dust.path(name))
    if caches.light.holds(name):
        return dust, LightGrid.load(caches.light.path(name))
    layout = sunlit(job.plan.layout)
    light = light_dust(
        dust, layout, occluders=standing_boxes(kit.renderer.pieces, kit.renderer.motion, layout, frame=frame)
    )
    caches.light.put(name, light.save)
    return dust, light


def _surroundings(kit: FrameKit, frame: int, plate: Image) -> tuple[PreparedPlate, Backdrop]:
    """Return mattes and backdrop of a frame; the kit's own where neither plate nor camera moves."""
    job, plan = kit.job, kit.job.plan
    moves = plan.layout.camera.moves
    if not moves and not job.plate.moves:
        return kit.prepared, kit.backdrop
    prepared = kit.prepared
    if moves:
        full = prepared_at(
            kit.full,
            brief=plan.brief,
            layout=plan.layout,
            plate=job.plate,
            folder=job.folder,
            frame=frame,
            reference=job.texture_frame,
        )
        prepared = full.resized(width=plan.width, height=plan.height)
    return prepared, prepare_backdrop(
        plate,
        clean=prepared.clean,
        matte=prepared.matte,
        holdout=prepared.holdout,
        static_rest=kit.renderer.rest(frame),
    )


def _hidden(surface: SurfaceLayer, neighbours: Image | None) -> SurfaceLayer:
    """Take away what stands or falls behind a neighbour."""
    if neighbours is None:
        return surface
    seen = (surface.depth <= neighbours).astype(np.float32)
    return replace(
        surface,
        sun=surface.sun * seen[..., None],
        sky=surface.sky * seen[..., None],
        alpha=surface.alpha * seen,
        static=surface.static * seen,
    )


def _lit(plan: Plan, layers: DustLayers | None) -> Image | None:
    if layers is None:
        return None
    sun, look = plan.layout.sun, plan.brief.look
    return relight(
        thicken(layers, look.dust_density),
        tint=look.dust_tint,
        sun=_times(sun.illuminance, look.sun_gain),
        sky=_times(sun.sky, look.sky_gain),
    )


def _times(colour: Colour, gain: float) -> Colour:
    return (colour[0] * gain, colour[1] * gain, colour[2] * gain)


def _product(one: Colour, other: Colour) -> Colour:
    return (one[0] * other[0], one[1] * other[1], one[2] * other[2])
