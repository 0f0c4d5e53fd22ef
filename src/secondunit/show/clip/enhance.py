"""A take whose dust a large video model draws anew: from a written take's passes to a take of its own.

::

    take N: comp, element, mattes, depth ─► windows ─► gate ─► clip model ─► its frames (float EXR, in the cache)
                                                                               │ gain on the ring, dust taken out
    take M: comp, element, cleanplate, matte, shadow ◄── our own plate ◄───────┘

Its EXRs hold the passes of any take. The AOVs are those of take N; light groups are left out, as a model knows none.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from secondunit.clearance.gate import Grant, run_clip_generator
from secondunit.comp.integrate import FrameOutputs
from secondunit.comp.model_dust import PasteSettings, model_mask, paste_dust, ring_gain, steady
from secondunit.comp.plate_lock import allowed, lock
from secondunit.comp.plate_match import PlateMatch, measure_plate
from secondunit.comp.quality import check_frame
from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError, BriefError
from secondunit.core.frames import frame_list
from secondunit.core.recipe import Recipe, canonical, digest
from secondunit.core.take import Take
from secondunit.fx.layout.facade_fit import horizon_row
from secondunit.generate.clip import ClipAsk, ClipGenerator, ClipStatement
from secondunit.generate.clip_registry import get_clip_generator
from secondunit.generate.clip_windows import Canvas, Stretch, canvas, each, from_canvas, stretches
from secondunit.imaging.buffers import Image
from secondunit.imaging.resample import resize
from secondunit.media.atomic import sweep
from secondunit.media.exr import read_exr, write_exr
from secondunit.show.brief.axes import describe
from secondunit.show.brief.recipes import Plan
from secondunit.show.brief.write import write_shot
from secondunit.show.clearing.history import record_brief, record_output, record_run
from secondunit.show.clearing.question import plan_of
from secondunit.show.clip.ask import ask_clip
from secondunit.show.clip.frames import Shared, measure, read_aovs, read_frame, window_of
from secondunit.show.picture.kit import PREPARED
from secondunit.show.picture.passes import Naming, rgb, write_passes
from secondunit.show.picture.prepare import PreparedPlate, prepare_plate
from secondunit.show.picture.proxy import write_contact_sheet, write_proxy
from secondunit.show.picture.simulation import Caches
from secondunit.show.picture.work import peak_mb, record_of
from secondunit.show.shot.scene import Scene, open_scene
from secondunit.show.store.cache import StageCache
from secondunit.show.store.records import seal, write_json, write_text
from secondunit.show.store.show import Show, locked
from secondunit.show.store.takes import RECORD, TakeResult, area_of, claim, gather, read_result, read_take, write_record

Progress = Callable[[str, int, int], None]
VERSION = 1
"""Raised whenever the code from a take's passes to the new comp changes what it makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One take to be drawn anew."""

    scene: Scene
    base: TakeResult
    base_naming: Naming
    plan: Plan
    """Its render is the clip's recipe."""
    recipe: Recipe
    clip: ClipGenerator
    statement: ClipStatement
    place: Canvas
    cuts: tuple[Stretch, ...]
    shared: Shared


def describe_clip(show: Show, shot: str, *, take: int, changes: Mapping[str, Any] | None = None) -> ClipStatement:
    """Return what would run on a take, by which licence and in how much memory; nothing is loaded or drawn.

    Raises
    ------
    BriefError
        There is no such take.
    BackendError
        It cannot run, and how to put that right.
    """
    base, brief = read_take(show.shot_folder(shot), take), replace(show.brief(shot).clip, **(changes or {}))
    clip = get_clip_generator(brief, folder=show.shot_folder(shot))
    place, cuts = _cut(brief, clip, base)
    longest = max(cut.padded for cut in cuts)
    return clip.describe(frames=longest, width=place.padded_width, height=place.padded_height)


def enhance(
    show: Show,
    shot: str,
    *,
    take: int,
    changes: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> TakeResult:
    """Draw a take's dust anew with the clip model that [clip] names; the result is a take of its own.

    Parameters
    ----------
    take
        The take that is drawn over; it stays as it is.
    changes
        Values of [clip] for this run, over the brief's.
    progress
        Called with the stage, what is done and what there is in all.
    tell
        Called with each line of what is about to run, before it runs.

    Raises
    ------
    BriefError
        There is no such take, it was drawn by a model itself, or the brief has changed since it was made.
    BackendError
        The backend cannot run, or failed.
    ClearanceError
        The weights are in no register, or the rules forbid it.
    StoreError
        The show's folder cannot be written, or another run is at work on this shot.
    """
    show.brief(shot)
    with locked(show.shot_folder(shot)):
        scene = open_scene(show, shot)
        scene = replace(scene, brief=replace(scene.brief, clip=replace(scene.brief.clip, **(changes or {}))))
        record_brief(scene)
        job = _plan(scene, take)
        if tell is not None:
            for line in job.statement.lines():
                tell(line)
        takes = scene.folder / "takes"
        number = claim(takes, job.plan, job.base.take.axes)
        naming = _naming(scene, number)
        area = area_of(job.base.folder)
        grant = ask_clip(scene, job.plan, number=number, clip=job.clip, area=area[1] if area else None)
        return _whole(naming, job) or _make(job, naming, number, grant, progress)


def _plan(scene: Scene, number: int) -> _Job:
    base = read_take(scene.folder, number)
    if "clip" in base.take.recipes:
        raise BriefError(f"take {number} was drawn by a clip model itself", fix="name the take that it was made from")
    plan = plan_of(scene, base.take.axes, base.take.width, base.take.height)
    if plan.render.digest != base.take.recipe_digest:
        raise BriefError(
            f"{scene.folder / 'shot.toml'} has changed since take {number} was made",
            fix=f"make takes again with 'secondunit shot take {scene.show.typed} {scene.brief.name}', or put it back",
        )
    brief = scene.brief.clip
    clip = get_clip_generator(brief, folder=scene.folder)
    place, cuts = _cut(brief, clip, base)
    statement = clip.describe(
        frames=max(cut.padded for cut in cuts), width=place.padded_width, height=place.padded_height
    )
    naming = _naming(scene, number)
    shared = measure(naming, plan.frames, width=base.take.width)
    said = _said(brief) | {"engine": dict(statement.settings), "encoding_stops": shared.encoding.stops}
    sizes = {"canvas": asdict(place), "stretches": [asdict(cut) for cut in cuts], "width": base.take.width}

    def recipe(parameters: dict[str, Any], render: str) -> Recipe:
        return Recipe(
            stage="clip",
            stage_version=VERSION,
            backend=f"{clip.name} {clip.version}",
            weights_digest=clip.weights_digest,
            seed=brief.seed,
            parameters=parameters,
            inputs={"render": render},
        )

    whole = recipe({**said, **sizes}, base.take.recipe_digest)
    return _Job(
        scene=scene,
        base=base,
        base_naming=naming,
        plan=replace(plan, render=whole, content=digest(recipe(said, base.content))),
        recipe=whole,
        clip=clip,
        statement=statement,
        place=place,
        cuts=cuts,
        shared=shared,
    )


def _cut(brief: ClipBrief, clip: ClipGenerator, base: TakeResult) -> tuple[Canvas, tuple[Stretch, ...]]:
    take = base.take
    place = canvas(take.width, take.height, clip.grid, worked_width=brief.width)
    return place, stretches(take.frames[1] - take.frames[0] + 1, clip.grid, most=brief.frames)


def _said(brief: ClipBrief) -> dict[str, Any]:
    """Return the brief's keys that the pixels depend on; weights go by their digest, prompts by theirs."""
    named = asdict(brief)
    for key in ("backend", "model", "text_encoder", "vae", "graph", "server", "offload"):
        named.pop(key)
    for key in ("prompt", "negative"):
        named[key] = digest(named[key]) if named[key] else ""
    return named


def _naming(scene: Scene, number: int) -> Naming:
    version = f"t{number:03d}"
    return Naming(
        folder=scene.folder / "takes" / version,
        show=scene.show.settings.code,
        shot=scene.brief.name,
        version=version,
    )


def _whole(naming: Naming, job: _Job) -> TakeResult | None:
    """Return the take where nothing of it is missing."""
    if not (naming.folder / RECORD).is_file():
        return None
    result = read_result(naming.folder)
    frames = (record_of(naming, frame, recipe=job.recipe.digest) for frame in job.plan.frames)
    whole = result.take.recipe_digest == job.recipe.digest and all(record is not None for record in frames)
    return result if whole and result.movie.is_file() and result.contact_sheet.is_file() else None


def _make(job: _Job, naming: Naming, number: int, grant: Grant, progress: Progress | None) -> TakeResult:
    began = time.perf_counter()
    scene, plan = job.scene, job.plan
    sweep(naming.folder)
    record_run(scene, grant)
    cache = StageCache.open(scene.show.cache, job.recipe)
    seconds = {"model": _draw(job, cache, grant, progress)}
    write_text(naming.folder / "shot.toml", write_shot(plan.brief))
    for name, data in job.clip.files().items():
        write_text(naming.folder / name, data)
    at = time.perf_counter()
    records = _paste(job, naming, cache, progress)
    seconds["paste"] = time.perf_counter() - at
    _, difference, found = gather(records)
    view, mark = scene.plate.review_view, grant.verdict.burn_in
    words = f"take {job.base.take.number}, {describe(job.base.take.axes)}, dust by {job.clip.name}"
    movie = write_proxy(naming, plan.frames, rate=plan.brief.plate.rate, view=view, mark=mark, label=words)
    sheet = write_contact_sheet(naming, plan.frames, view=view, mark=mark, label=words)
    seconds["total"] = time.perf_counter() - began
    write_json(
        naming.folder / "clip.json",
        {"take": job.base.take.number, "said": list(job.statement.lines()), "recipe": job.recipe.digest},
    )
    broken = [r["frame"] for r in records if r["plate_lock_max_abs_diff"] != 0.0]
    result = TakeResult(
        take=Take(
            number=number,
            kind="draft",
            axes=job.base.take.axes,
            recipe_digest=job.recipe.digest,
            frames=job.base.take.frames,
            width=job.base.take.width,
            height=job.base.take.height,
            seconds={stage: round(value, 3) for stage, value in seconds.items()},
            plate_lock_max_abs_diff=difference,
            findings=(*scene.findings, *found),
            recipes={**job.base.take.recipes, "clip": {"digest": job.recipe.digest, **canonical(job.recipe)}},
        ),
        folder=naming.folder,
        movie=movie,
        contact_sheet=sheet,
        content=plan.content,
        peak_mb=peak_mb(),
    )
    write_record(result)
    record_output(scene, result, records, state="broken" if broken else "whole")
    if broken:
        raise BackendError(
            f"plate lock is broken by {difference} on frames {frame_list(broken)} of take {number}",
            fix=f"please report it with {naming.folder / RECORD}",
        )
    return result


def _draw(job: _Job, cache: StageCache, grant: Grant, progress: Progress | None) -> float:
    """Run the model on every stretch whose frames the cache lacks; return seconds."""
    began = time.perf_counter()
    frames, brief = job.plan.frames, job.scene.brief.clip
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
        return _read_model(cache, number)

    for n, cut in enumerate(job.cuts, start=1):
        wanted = [(at, frames.first + index) for at, index in each(cut)]
        if all(cache.holds(_name(number)) for _, number in wanted):
            continue
        stage = f"model, stretch {n} of {len(job.cuts)}: steps"
        if progress is not None:
            progress(stage, 0, brief.steps)
        window = window_of(
            job.base_naming,
            frames,
            cut,
            place=job.place,
            shared=job.shared,
            clip=brief,
            rate=job.plan.brief.plate.rate,
            reference=_plate(job, job.scene.texture_frame) if brief.reference else None,
            known=drawn,
        )
        made = run_clip_generator(job.clip, window, ask=ask, grant=grant, progress=_steps(progress, stage))
        for at, number in wanted:
            picture = job.shared.encoding.decode(made[at, : job.place.height, : job.place.width])
            _keep(job, cache, number, picture)
    return time.perf_counter() - began


def _steps(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(stage, done, total)


def _name(number: int) -> str:
    return f"model.{number:04d}.exr"


def _keep(job: _Job, cache: StageCache, number: int, picture: Image) -> None:
    """Put one of the model's frames in the cache: scene-linear, 32-bit float."""

    def write(path: Any) -> None:
        rate = job.plan.brief.plate.rate
        write_exr(path, rgb(picture), frame=number, rate=rate, header={"recipeDigest": cache.digest}, half=False)

    cache.put(_name(number), write)


def _read_model(cache: StageCache, number: int) -> Image:
    channels, _ = read_exr(cache.path(_name(number)))
    return np.stack([channels[c] for c in "RGB"], axis=-1).astype(np.float32)


def _plate(job: _Job, frame: int) -> Image:
    size = job.base.take
    return resize(job.scene.plate.frame(frame), width=size.width, height=size.height, method="area")


def _paste(job: _Job, naming: Naming, cache: StageCache, progress: Progress | None) -> list[dict[str, Any]]:
    """Put the model's dust into every frame whose files are not there yet; return the frames' records."""
    frames, match = job.plan.frames, _match(job)
    gains = []
    for number in frames:
        base = read_frame(job.base_naming, number)
        model = _fitted(job, cache, number)
        gains.append(ring_gain(model, base, mask=model_mask(base, grow_px=job.shared.grow_px)))
    brought = steady(np.stack(gains))
    records = []
    for n, number in enumerate(frames):
        record = record_of(naming, number, recipe=job.recipe.digest)
        if record is None:
            record = _frame(job, naming, number, _fitted(job, cache, number), gain=brought[n], match=match)
        records.append(record)
        if progress is not None:
            progress("frames", n + 1, len(frames))
    return records


def _fitted(job: _Job, cache: StageCache, number: int) -> Image:
    """Return one of the model's frames at the take's size."""
    size = job.base.take
    return from_canvas(_read_model(cache, number), job.place, width=size.width, height=size.height)


def _match(job: _Job) -> PlateMatch:
    """Measure the plate as the take's own frames were measured."""
    scene, plan, size = job.scene, job.plan, job.base.take
    caches = Caches.open(scene.show.cache, plan)
    if not caches.plate.holds(PREPARED):
        caches.plate.put(PREPARED, prepare_plate(scene).save)
    full = PreparedPlate.load(caches.plate.path(PREPARED))
    prepared = full.resized(width=size.width, height=size.height)
    row = horizon_row(plan.layout.camera.at(scene.texture_frame), size.width, size.height)
    plate = _plate(job, scene.texture_frame)
    return measure_plate(plate, matte=prepared.matte, holdout=prepared.holdout, horizon_row=row)


def _frame(
    job: _Job, naming: Naming, number: int, model: Image, *, gain: np.ndarray, match: PlateMatch
) -> dict[str, Any]:
    began = time.perf_counter()
    look, brief = job.plan.brief.look, job.scene.brief.clip
    base, plate = read_frame(job.base_naming, number), _plate(job, number)
    support = np.maximum(base.matte, np.abs(1 - base.shadow).max(axis=2)).astype(np.float32)
    settings = PasteSettings(dilate_px=brief.dilate_px, feather_px=brief.feather_px, low_band=brief.low_band)
    pasted = paste_dust(model, base, allowed=allowed(support, ring_px=look.ring_px), gain=gain, settings=settings)
    comp = np.dstack([pasted.comp, np.ones(support.shape, np.float32)])
    comp, difference, touched = lock(comp, plate, support=support, ring_px=look.ring_px)
    outputs = FrameOutputs(
        comp=comp,
        element=pasted.element,
        support=support,
        matte=pasted.matte,
        shadow=base.shadow,
        clean=base.clean,
        max_abs_diff=difference,
        touched_share=touched,
    )
    names = write_passes(
        {
            "comp": rgb(comp),
            "element": rgb(pasted.element) | read_aovs(job.base_naming, number),
            "cleanplate": rgb(base.clean),
            "matte": {"A": pasted.matte},
            "shadow": rgb(base.shadow),
        },
        naming=naming,
        frame=number,
        rate=job.plan.brief.plate.rate,
        header={
            "owner": job.scene.show.settings.artist,
            "recipeDigest": job.recipe.digest,
            "software": "Second Unit",
        },
    )
    record = {
        "frame": number,
        "recipe": job.recipe.digest,
        "files": {name: seal(naming.folder / name) for name in names},
        "plate_lock_max_abs_diff": difference,
        "check": asdict(check_frame(outputs, plate=plate, frame=number, match=match)),
        "seconds": {"paste": time.perf_counter() - began},
        "ring_gain_stops": [round(float(g), 4) for g in gain],
        "changed_share": float(pasted.changed.mean()),
        "worker": 0,
        "peak_mb": peak_mb(),
    }
    write_json(naming.record(number), record, sync=False)
    return record
