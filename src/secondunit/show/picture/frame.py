"""One frame, from cached stages to its pictures. What frames share is built once per worker."""

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from secondunit.clearance.gate import admit
from secondunit.comp.backdrop import Backdrop, prepare_backdrop
from secondunit.comp.integrate import FrameInputs, FrameOutputs, integrate
from secondunit.comp.shadow import plate_shadow
from secondunit.generate.relight import relight, thicken
from secondunit.imaging.buffers import DustLayers, Image, SurfaceLayer
from secondunit.show.brief.recipes import Plan
from secondunit.show.picture.around import look_at, painted_beside, stand
from secondunit.show.picture.dust_passes import opening_digest
from secondunit.show.picture.dust_seen import DustSeen
from secondunit.show.picture.dust_view import see_dust
from secondunit.show.picture.kit import FrameKit, plate_at
from secondunit.show.picture.prepare import PreparedPlate

Colour = tuple[float, float, float]


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
    kit.near.turn_to(frame, recipe=plan.generate.digest, opening=opening_digest(plan))
    plate = plate_at(job, frame)
    standing = stand(kit, frame, watch.mark)
    light, surface = standing.light, standing.surface
    backdrop = _backdrop(kit, frame, plate, standing.prepared)
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
    # What was made is packed and kept while the comp goes on.
    with ThreadPoolExecutor(max_workers=1) as aside:
        dust_seen, keeping = _dust(kit, frame, watch, aside)
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
        if keeping is not None:
            keeping.result()
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


def _dust(kit: FrameKit, frame: int, watch: "_Watch", aside: Executor) -> "tuple[DustSeen | None, Future[Path] | None]":
    """Return a frame's dust, from the cache or made, and the keeping of what was made."""
    cache, grant = kit.job.caches.generate, kit.job.grant
    name = cache.frame_name(frame)
    if cache.holds(name):
        admit(kit.generator, grant=grant)
        return DustSeen.load(cache.path(name)), None
    seen = look_at(kit, frame, watch.mark)
    if seen is None:
        return None, None
    beside = painted_beside(kit, frame, watch.mark)
    made = see_dust(seen, beside=beside, generator=kit.generator, grant=grant, mark=watch.mark)
    return made.kept(), aside.submit(cache.put, name, made.save)


class _Watch:
    """Seconds since the last mark, by name."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: dict[str, float] = {}
        self._clock, self._last = clock, clock()

    def mark(self, name: str) -> None:
        now = self._clock()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now


def _backdrop(kit: FrameKit, frame: int, plate: Image, prepared: PreparedPlate) -> Backdrop:
    """Return a frame's backdrop; the kit's own where neither plate nor camera moves."""
    if not kit.job.plan.layout.camera.moves and not kit.job.plate.moves:
        return kit.backdrop
    return prepare_backdrop(
        plate,
        clean=prepared.clean,
        matte=prepared.matte,
        holdout=prepared.holdout,
        static_rest=kit.renderer.rest(frame),
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
