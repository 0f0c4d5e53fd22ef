"""A take drawn over by a clip model: in stretches, through the gate, into the cache."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from secondunit.clearance.gate import Grant, run_clip_generator
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange, frame_list
from secondunit.core.take import Take
from secondunit.generate.clip import ClipAsk, ClipGenerator
from secondunit.generate.clip_windows import Canvas, Stretch, each
from secondunit.imaging.buffers import Image
from secondunit.imaging.resample import resize
from secondunit.show.clip.frames import Shared, window_of
from secondunit.show.clip.pictures import keep_model, model_name, read_model
from secondunit.show.picture.passes import Naming
from secondunit.show.picture.work import record_of
from secondunit.show.shot.scene import Scene
from secondunit.show.store.cache import StageCache
from secondunit.show.store.takes import TakeResult

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A take that a clip model draws over."""

    scene: Scene
    """[clip] of its brief is what is asked."""
    base: TakeResult
    naming: Naming
    """Of the take that is drawn over."""
    frames: FrameRange
    clip: ClipGenerator
    place: Canvas
    cuts: tuple[Stretch, ...]
    shared: Shared


def draw(drawing: Drawing, cache: StageCache, *, grant: Grant, progress: Progress | None) -> float:
    """Run the model on every stretch whose frames the cache lacks; return seconds.

    Raises
    ------
    BriefError
        The take that is drawn over is no longer as it was made.
    BackendError, ClearanceError
        As ``run_clip_generator``.
    """
    began = time.perf_counter()
    frames, brief = drawing.frames, drawing.scene.brief.clip
    ask = ClipAsk(
        prompt=brief.prompt,
        negative=brief.negative,
        steps=brief.steps,
        seed=brief.seed,
        control=brief.control,
        strength=brief.strength,
        guidance=brief.guidance,
    )

    def drawn(number: int) -> Image:
        return read_model(cache, number)

    checked = False
    for n, cut in enumerate(drawing.cuts, start=1):
        wanted = [(at, frames.first + index) for at, index in each(cut)]
        if all(cache.holds(model_name(number)) for _, number in wanted):
            continue
        if not checked:
            _check_base(drawing)
            checked = True
        stage = f"model, stretch {n} of {len(drawing.cuts)}: steps"
        if progress is not None:
            progress(stage, 0, brief.steps)
        window = window_of(
            drawing.naming,
            frames,
            cut,
            place=drawing.place,
            shared=drawing.shared,
            clip=brief,
            rate=drawing.scene.plate.rate,
            reference=plate_at(drawing.scene, drawing.base.take, drawing.scene.texture_frame)
            if brief.reference
            else None,
            known=drawn,
        )
        made = run_clip_generator(drawing.clip, window, ask=ask, grant=grant, progress=_steps(progress, stage))
        for at, number in wanted:
            picture = drawing.shared.encoding.decode(made[at, : drawing.place.height, : drawing.place.width])
            keep_model(cache, number, picture, rate=drawing.scene.plate.rate)
    return time.perf_counter() - began


def plate_at(scene: Scene, size: Take, frame: int) -> Image:
    """Return a frame of the plate at a take's size."""
    return resize(scene.plate.frame(frame), width=size.width, height=size.height, method="area")


def _check_base(drawing: Drawing) -> None:
    take = drawing.base.take
    records = {n: record_of(drawing.naming, n, recipe=take.recipe_digest) for n in drawing.frames}
    if altered := [n for n, record in records.items() if record is None]:
        raise BriefError(
            f"take {take.number} is no longer as it was made: frames {frame_list(altered)}",
            fix=f"make them again: secondunit shot take {drawing.scene.show.typed} {drawing.scene.brief.name}",
        )


def _steps(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(stage, done, total)
