"""One frame, from cached stages to its pictures. What frames share is built once per worker."""

import time
from dataclasses import dataclass, field, replace

from secondunit.clearance.gate import Grant, run_generator
from secondunit.comp.backdrop import Backdrop, prepare_backdrop
from secondunit.comp.integrate import FrameInputs, FrameOutputs, integrate
from secondunit.comp.plate_match import PlateMatch, measure_plate
from secondunit.comp.shadow import plate_shadow
from secondunit.core.camera import Camera
from secondunit.fx.debris import DebrisRenderer
from secondunit.fx.dust_grid import DustFrame, LightGrid
from secondunit.fx.light import light_dust
from secondunit.fx.march import march
from secondunit.fx.motion import Motion
from secondunit.fx.pieces import Pieces
from secondunit.generate.protocol import Generator
from secondunit.generate.registry import get_generator
from secondunit.generate.relight import reduce_depth, relight, upsample
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image, SurfaceLayer
from secondunit.imaging.resample import resize
from secondunit.media.plate import PlateSource
from secondunit.show.prepare import PreparedPlate, horizon_row
from secondunit.show.recipes import Plan, sunlit
from secondunit.show.simulation import MOTION, PIECES, Caches

Colour = tuple[float, float, float]
PREPARED = "prepared.npz"
MARCH_SHARE = 2
"""The dust is marched at this part of each side of the picture, and brought back along the edges of surfaces."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameJob:
    """What every frame of a take shares, small enough to send."""

    plan: Plan
    plate: PlateSource
    caches: Caches
    texture_frame: int
    generator: str
    grant: Grant


@dataclass(slots=True, kw_only=True, eq=False)
class FrameKit:
    """What a worker builds from a job, once."""

    job: FrameJob
    prepared: PreparedPlate
    backdrop: Backdrop
    match: PlateMatch
    renderer: DebrisRenderer
    generator: Generator
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedFrame:
    """A frame's pictures and what the passes need beside them."""

    plate: Image
    outputs: FrameOutputs
    surface: SurfaceLayer
    front: DustLayers | None
    behind: DustLayers | None
    front_buffers: ControlBuffers | None
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
        static_rest=renderer.render(plan.frames.first, light=None).static,
    )
    return FrameKit(
        job=job,
        prepared=prepared,
        backdrop=backdrop,
        match=measure_plate(
            plate,
            matte=prepared.matte,
            holdout=prepared.holdout,
            horizon_row=horizon_row(plan.layout.camera.at(job.texture_frame), width=plan.width, height=plan.height),
        ),
        renderer=renderer,
        generator=get_generator(job.generator),
    )


def render_frame(kit: FrameKit, frame: int) -> RenderedFrame:
    """Render one frame.

    Raises
    ------
    SecondUnitError
        A cached stage is missing, or the gate refuses.
    """
    watch = _Watch()
    job, plan = kit.job, kit.job.plan
    plate = _plate(job, frame)
    dust, light = _dust_and_light(job, frame)
    watch.mark("light")
    surface = kit.renderer.render(frame, light=light)
    watch.mark("debris")
    camera = plan.layout.camera.at(frame)
    inputs = FrameInputs(
        frame=frame,
        plate=plate,
        backdrop=kit.backdrop,
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
        shadow_static=plate_shadow(*kit.renderer.static_shadow(frame, light=light), sun=sun),
    )
    watch.mark("shadow")
    front, behind, buffers = None, None, None
    if dust.extinction.any():
        low_depth, (before, beyond) = _march(kit, dust, light, surface, camera, frame)
        watch.mark("march")
        front = _generate(kit, before, low_depth, surface.depth)
        behind = _generate(kit, beyond, low_depth, surface.depth)
        buffers = before
        watch.mark("generate")
        inputs = replace(
            inputs,
            dust_front=_lit(plan, front),
            dust_behind=_lit(plan, behind),
            front_depth=_grown(before.channels["depth"], plate),
            behind_depth=_grown(beyond.channels["depth"], plate),
        )
    outputs = integrate(inputs)
    watch.mark("comp")
    return RenderedFrame(
        plate=plate,
        outputs=outputs,
        surface=surface,
        front=front,
        behind=behind,
        front_buffers=buffers,
        sun_colour=_product(plan.brief.look.dust_tint, plan.layout.sun.illuminance),
        sky_colour=_product(plan.brief.look.dust_tint, plan.layout.sun.sky),
        seconds=watch.seconds,
    )


class _Watch:
    """Wall seconds since the last mark, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = now - self._last
        self._last = now


def _plate(job: FrameJob, frame: int) -> Image:
    return resize(job.plate.frame(frame), width=job.plan.width, height=job.plan.height, method="area")


def _dust_and_light(job: FrameJob, frame: int) -> tuple[DustFrame, LightGrid]:
    """Load a frame's dust, and its light or make and keep it."""
    caches = job.caches
    name = caches.dust.frame_name(frame)
    dust = DustFrame.load(caches.dust.path(name))
    if caches.light.holds(name):
        return dust, LightGrid.load(caches.light.path(name))
    light = light_dust(dust, sunlit(job.plan.layout))
    caches.light.put(name, light.save)
    return dust, light


def _march(
    kit: FrameKit, dust: DustFrame, light: LightGrid, surface: SurfaceLayer, camera: Camera, frame: int
) -> tuple[Image, tuple[ControlBuffers, ControlBuffers]]:
    plan = kit.job.plan
    width, height = max(plan.width // MARCH_SHARE, 8), max(plan.height // MARCH_SHARE, 8)
    low_depth = reduce_depth(surface.depth, width=width, height=height)
    buffers = march(
        dust,
        light,
        camera=camera,
        camera_next=plan.layout.camera.at(frame + 1),
        width=width,
        height=height,
        surface_depth=low_depth,
        sun_direction=plan.layout.sun.direction,
        rate=float(plan.brief.plate.rate),
        holdout=resize(kit.prepared.holdout, width=width, height=height, method="area"),
        holdout_depth=resize(kit.prepared.holdout_depth, width=width, height=height, method="nearest"),
        coverage=resize(surface.alpha + surface.static, width=width, height=height, method="area"),
        detail=plan.brief.detail,
        channels=kit.generator.needs,
    )
    return low_depth, buffers


def _generate(kit: FrameKit, buffers: ControlBuffers, low_depth: Image, depth: Image) -> DustLayers | None:
    if not buffers.channels["alpha"].any():
        return None
    layers = run_generator(kit.generator, buffers, detail=kit.job.plan.brief.detail, grant=kit.job.grant)
    return upsample(layers, low_depth=low_depth, depth=depth)


def _lit(plan: Plan, layers: DustLayers | None) -> Image | None:
    if layers is None:
        return None
    sun = plan.layout.sun
    return relight(layers, tint=plan.brief.look.dust_tint, sun=sun.illuminance, sky=sun.sky)


def _product(one: Colour, other: Colour) -> Colour:
    return (one[0] * other[0], one[1] * other[1], one[2] * other[2])


def _grown(picture: Image, like: Image) -> Image:
    height, width = like.shape[:2]
    return resize(picture, width=width, height=height, method="linear")
