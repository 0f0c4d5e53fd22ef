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

from secondunit.clearance.gate import Grant
from secondunit.comp.model_dust import model_mask, ring_gain, steady
from secondunit.comp.plate_match import PlateMatch, measure_plate
from secondunit.comp.quality import check_frame
from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError, BriefError, StoreError
from secondunit.core.frames import frame_list
from secondunit.core.recipe import Recipe, canonical, digest
from secondunit.core.take import Take
from secondunit.fx.layout.facade_fit import horizon_row
from secondunit.generate.clip import ClipGenerator, ClipStatement
from secondunit.generate.clip_registry import get_clip_generator
from secondunit.generate.clip_windows import Canvas, Stretch, canvas, from_canvas, stretches
from secondunit.imaging.buffers import Image
from secondunit.media.atomic import sweep
from secondunit.show.brief.axes import describe
from secondunit.show.brief.clip_recipe import ClipEngine, ClipTool, clip_recipe
from secondunit.show.brief.recipes import Plan
from secondunit.show.brief.write import write_shot
from secondunit.show.clearing.history import record_brief, record_output, record_run
from secondunit.show.clearing.question import plan_of
from secondunit.show.clip.ask import ask_clip
from secondunit.show.clip.draw import Drawing, draw, plate_at
from secondunit.show.clip.frames import measure, read_aovs, read_frame
from secondunit.show.clip.paste import paste_frame, settings_of
from secondunit.show.clip.pictures import drawn_again, forget, model_pixels, read_model, unlike
from secondunit.show.picture.kit import PREPARED
from secondunit.show.picture.passes import Naming, take_naming, write_passes
from secondunit.show.picture.prepare import PreparedPlate, prepare_plate
from secondunit.show.picture.proxy import write_contact_sheet, write_proxy
from secondunit.show.picture.simulation import Caches
from secondunit.show.picture.work import peak_mb, record_of
from secondunit.show.shot.scene import Scene, open_scene
from secondunit.show.store.cache import StageCache
from secondunit.show.store.clip_record import ClipRecord, ModelPicture, read_clip_record, write_clip_record
from secondunit.show.store.records import seal, write_json, write_text
from secondunit.show.store.show import Show, locked
from secondunit.show.store.takes import RECORD, TakeResult, area_of, claim, gather, read_result, read_take, write_record

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One take to be drawn anew."""

    drawing: Drawing
    plan: Plan
    """Its render is the clip's recipe."""
    recipe: Recipe
    statement: ClipStatement
    changed: tuple[str, ...]
    """Keys of [clip] that were given for this run."""

    @property
    def scene(self) -> Scene:
        return self.drawing.scene

    @property
    def base(self) -> TakeResult:
        return self.drawing.base


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
        job = _plan(scene, take, changed=tuple(sorted(changes or {})))
        if tell is not None:
            for line in job.statement.lines():
                tell(line)
        takes = scene.folder / "takes"
        number = claim(takes, job.plan, job.base.take.axes)
        naming = take_naming(scene.folder, show=show.settings.code, shot=shot, number=number)
        area = area_of(job.base.folder)
        grant = ask_clip(scene, job.plan, number=number, clip=job.drawing.clip, area=area[1] if area else None)
        return _whole(naming, job) or _make(job, naming, number, grant, progress)


def _plan(scene: Scene, number: int, *, changed: tuple[str, ...]) -> _Job:
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
    naming = take_naming(scene.folder, show=scene.show.settings.code, shot=scene.brief.name, number=number)
    shared = measure(naming, plan.frames, width=base.take.width)
    engine = ClipEngine(
        tool=ClipTool(name=clip.name, version=clip.version, weights_digest=clip.weights_digest),
        settings=statement.settings,
        encoding_stops=shared.encoding.stops,
    )
    sizes = {"canvas": asdict(place), "stretches": [asdict(cut) for cut in cuts], "width": base.take.width}
    whole = clip_recipe(brief, engine=engine, render=base.take.recipe_digest, sizes=sizes)
    return _Job(
        drawing=Drawing(
            scene=scene,
            base=base,
            naming=naming,
            frames=plan.frames,
            clip=clip,
            place=place,
            cuts=cuts,
            shared=shared,
        ),
        plan=replace(plan, render=whole, content=digest(clip_recipe(brief, engine=engine, render=base.content))),
        recipe=whole,
        statement=statement,
        changed=changed,
    )


def _cut(brief: ClipBrief, clip: ClipGenerator, base: TakeResult) -> tuple[Canvas, tuple[Stretch, ...]]:
    take = base.take
    place = canvas(take.width, take.height, clip.grid, worked_width=brief.width)
    return place, stretches(take.frames[1] - take.frames[0] + 1, clip.grid, most=brief.frames)


def _whole(naming: Naming, job: _Job) -> TakeResult | None:
    """Return the take where nothing of it is missing, the model's pictures among it: it is finished from them."""
    if not (naming.folder / RECORD).is_file():
        return None
    result = read_result(naming.folder)
    frames = (record_of(naming, frame, recipe=job.recipe.digest) for frame in job.plan.frames)
    whole = result.take.recipe_digest == job.recipe.digest and all(record is not None for record in frames)
    if not (whole and result.movie.is_file() and result.contact_sheet.is_file()):
        return None
    record = _before(naming, job)
    cache = StageCache.open(job.scene.show.cache, job.recipe)
    if record is None or unlike(cache, job.plan.frames, record.pictures):
        return None
    # What is asked for now by hand is no longer the brief's to say, whoever said it when the take was drawn.
    if not set(job.changed) <= set(record.changed):
        changed = tuple(sorted({*record.changed, *job.changed}))
        write_clip_record(naming.folder, replace(record, changed=changed))
    return result


def _before(naming: Naming, job: _Job) -> ClipRecord | None:
    """Return what an earlier run put on record of the take."""
    try:
        record = read_clip_record(naming.folder, fix="")
    except StoreError:
        return None
    return record if record.recipe == job.recipe.digest else None


def _make(job: _Job, naming: Naming, number: int, grant: Grant, progress: Progress | None) -> TakeResult:
    began = time.perf_counter()
    scene, plan = job.scene, job.plan
    sweep(naming.folder)
    record_run(scene, grant)
    cache = StageCache.open(scene.show.cache, job.recipe)
    record = _before(naming, job)
    before = record.pictures if record else {}
    if before:
        forget(cache, unlike(cache, plan.frames, before))
    seconds = {"model": draw(job.drawing, cache, grant=grant, progress=progress)}
    write_text(naming.folder / "shot.toml", write_shot(plan.brief))
    for name, data in job.drawing.clip.files().items():
        write_text(naming.folder / name, data)
    at = time.perf_counter()
    pictures = _judged(job, cache)
    records = _paste(job, naming, cache, pictures, progress)
    seconds["paste"] = time.perf_counter() - at
    _, difference, found = gather(records)
    view, mark = scene.plate.review_view, grant.verdict.burn_in
    words = f"take {job.base.take.number}, {describe(job.base.take.axes)}, dust by {job.drawing.clip.name}"
    movie = write_proxy(naming, plan.frames, rate=plan.brief.plate.rate, view=view, mark=mark, label=words)
    sheet = write_contact_sheet(naming, plan.frames, view=view, mark=mark, label=words)
    seconds["total"] = time.perf_counter() - began
    record = ClipRecord(
        take=job.base.take.number,
        recipe=job.recipe.digest,
        said=job.statement.lines(),
        changed=job.changed,
        pictures=pictures,
    )
    write_clip_record(naming.folder, record)
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
            findings=(*drawn_again(before, pictures), *scene.findings, *found),
            recipes={**job.base.take.recipes, "clip": {"digest": job.recipe.digest, **canonical(job.recipe)}},
        ),
        folder=naming.folder,
        movie=movie,
        contact_sheet=sheet,
        content=plan.content,
        peak_mb=peak_mb(),
    )
    write_record(result)
    drawn = {"pictures": record.digest, "backend": job.recipe.backend, "seed": job.recipe.seed}
    record_output(scene, result, records, state="broken" if broken else "whole", clip=drawn)
    if broken:
        raise BackendError(
            f"plate lock is broken by {difference} on frames {frame_list(broken)} of take {number}",
            fix=f"please report it with {naming.folder / RECORD}",
        )
    return result


def _judged(job: _Job, cache: StageCache) -> dict[int, ModelPicture]:
    """Return the model's frames by their digests, with the gains that bring each to our plate."""
    drawing, pictures, gains = job.drawing, [], []
    for number in drawing.frames:
        drawn, base = read_model(cache, number), read_frame(drawing.naming, number)
        pictures.append(model_pixels(drawn))
        gains.append(ring_gain(_fitted(job, drawn), base, mask=model_mask(base, grow_px=drawing.shared.grow_px)))
    brought = steady(np.stack(gains))
    return {
        number: ModelPicture(pixels=pixels, gain_stops=(float(gain[0]), float(gain[1]), float(gain[2])))
        for number, pixels, gain in zip(drawing.frames, pictures, brought, strict=True)
    }


def _paste(
    job: _Job, naming: Naming, cache: StageCache, pictures: Mapping[int, ModelPicture], progress: Progress | None
) -> list[dict[str, Any]]:
    """Put the model's dust into every frame whose files are not there yet; return the frames' records."""
    frames, match = job.plan.frames, _match(job)
    records = []
    for n, number in enumerate(frames):
        picture = pictures[number]
        record = record_of(naming, number, recipe=job.recipe.digest)
        if record is None or not _holds(record, picture):
            gain = np.asarray(picture.gain_stops, np.float32)
            record = _frame(job, naming, number, _fitted(job, read_model(cache, number)), gain=gain, match=match)
            record["model_pixels"] = picture.pixels
            write_json(naming.record(number), record, sync=False)
        records.append(record)
        if progress is not None:
            progress("frames", n + 1, len(frames))
    return records


def _holds(record: Mapping[str, Any], picture: ModelPicture) -> bool:
    """Whether a frame was made from a picture as it is now: pictures that were lost may have been drawn again."""
    gain = [round(stops, 4) for stops in picture.gain_stops]
    same: bool = record.get("model_pixels", picture.pixels) == picture.pixels and record["ring_gain_stops"] == gain
    return same


def _fitted(job: _Job, picture: Image) -> Image:
    """Return one of the model's frames at the take's size."""
    size = job.base.take
    return from_canvas(picture, job.drawing.place, width=size.width, height=size.height)


def _match(job: _Job) -> PlateMatch:
    """Measure the plate as the take's own frames were measured."""
    scene, plan, size = job.scene, job.plan, job.base.take
    caches = Caches.open(scene.show.cache, plan)
    if not caches.plate.holds(PREPARED):
        caches.plate.put(PREPARED, prepare_plate(scene).save)
    full = PreparedPlate.load(caches.plate.path(PREPARED))
    prepared = full.resized(width=size.width, height=size.height)
    row = horizon_row(plan.layout.camera.at(scene.texture_frame), size.width, size.height)
    plate = plate_at(scene, size, scene.texture_frame)
    return measure_plate(plate, matte=prepared.matte, holdout=prepared.holdout, horizon_row=row)


def _frame(
    job: _Job, naming: Naming, number: int, model: Image, *, gain: np.ndarray, match: PlateMatch
) -> dict[str, Any]:
    began = time.perf_counter()
    drawing, plate = job.drawing, plate_at(job.scene, job.base.take, number)
    painted = paste_frame(
        model,
        read_frame(drawing.naming, number),
        plate=plate,
        aovs=read_aovs(drawing.naming, number),
        look=job.plan.brief.look,
        settings=settings_of(job.scene.brief.clip),
        gain=gain,
    )
    names = write_passes(
        painted.passes,
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
        "plate_lock_max_abs_diff": painted.outputs.max_abs_diff,
        "check": asdict(check_frame(painted.outputs, plate=plate, frame=number, match=match)),
        "seconds": {"paste": time.perf_counter() - began},
        **painted.said,
        "worker": 0,
        "peak_mb": peak_mb(),
    }
    return record
