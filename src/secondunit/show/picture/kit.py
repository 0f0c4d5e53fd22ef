"""What a take's frames share: small enough to send to a worker, and what the worker builds of it once."""

from dataclasses import dataclass, field
from pathlib import Path

from secondunit.clearance.gate import Grant
from secondunit.comp.backdrop import Backdrop, prepare_backdrop
from secondunit.comp.plate_match import PlateMatch, measure_plate
from secondunit.fx.debris.renderer import DebrisRenderer
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.layout.facade_fit import horizon_row
from secondunit.fx.rigid.motion import Motion
from secondunit.generate.protocol import Generator
from secondunit.generate.registry import get_generator
from secondunit.imaging.buffers import Image
from secondunit.imaging.resample import resize
from secondunit.media.plate import PlateSource
from secondunit.show.brief.recipes import Plan
from secondunit.show.picture.near import Near
from secondunit.show.picture.prepare import PreparedPlate
from secondunit.show.picture.simulation import MOTION, PIECES, Caches

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
    near: Near = field(default_factory=Near)


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
    plate = plate_at(job, job.texture_frame)
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


def plate_at(job: FrameJob, frame: int) -> Image:
    """Return a frame of the plate at the render's size."""
    return resize(job.plate.frame(frame), width=job.plan.width, height=job.plan.height, method="area")
