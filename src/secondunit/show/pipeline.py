"""Takes and finals: from a brief to frames, each stage done once."""

import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from secondunit.clearance.gate import Grant, clear
from secondunit.clearance.use import Use, Verdict
from secondunit.core.errors import BackendError, BriefError
from secondunit.core.frames import frame_list
from secondunit.core.take import Axes, Take
from secondunit.farm.local import LocalFarm
from secondunit.generate.registry import get_generator
from secondunit.media.plate import PlateSource
from secondunit.show.approvals import approvals_of, record_verdict, who_may
from secondunit.show.atomic import sweep, sweep_shared, write_text
from secondunit.show.axes import AXES, apply, describe, vary
from secondunit.show.database import TAKES, Record
from secondunit.show.frame import PREPARED, FrameJob
from secondunit.show.passes import Naming
from secondunit.show.prepare import prepare_plate
from secondunit.show.proxy import write_contact_sheet, write_proxy, write_side_by_side
from secondunit.show.publish import Publish, open_publish
from secondunit.show.recipes import Plan, draft_size, plan_take
from secondunit.show.scene import Scene, open_scene
from secondunit.show.simulation import Caches, run_simulation
from secondunit.show.store import Show, locked
from secondunit.show.takes import RECORD, TakeResult, claim, gather, read_axes, read_result, write_record
from secondunit.show.toml_write import write_shot
from secondunit.show.work import Work, make_frame, peak_mb, record_of

Progress = Callable[[str, int, int], None]
GENERATOR = "procedural"
__all__ = ["TakeResult", "finish", "take"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assignment:
    """One take to be made whole."""

    scene: Scene
    plan: Plan
    naming: Naming
    kind: Literal["draft", "final"]
    number: int
    axes: Axes
    grant: Grant
    label: str


def take(
    show: Show,
    shot: str,
    *,
    takes: int = 1,
    draft: bool = True,
    vary_axes: Sequence[str] = AXES,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[TakeResult, ...]:
    """Make takes of a shot.

    Parameters
    ----------
    takes
        How many; the first is the brief as it stands, each other one varies an axis.
    draft
        Half of each side of the plate; else the plate's own size. Neither is a final.
    vary_axes
        Which axes to vary: motion, dust, wind, detail.
    workers
        Processes; one for each core by default.
    progress
        Called with the stage, what is done and what there is in all.

    Raises
    ------
    BriefError
        The shot cannot be made as it is briefed.
    StoreError
        The show's folder cannot be written, or another run is at work on this shot.
    """
    show.brief(shot)
    with locked(show.shot_folder(shot)), LocalFarm(workers=workers) as farm:
        scene = open_scene(show, shot)
        results, namings = [], []
        for axes in vary(takes, axes=vary_axes):
            assignment = _draft(scene, axes, full=not draft)
            results.append(_whole(assignment) or _make(assignment, farm, progress))
            namings.append((assignment.naming, describe(axes)))
        side = _side_by_side(scene, namings) if takes > 1 else None
    return tuple(replace(result, side_by_side=side) for result in results)


def finish(
    show: Show, shot: str, *, take: int, workers: int | None = None, progress: Progress | None = None
) -> TakeResult:
    """Finish a take at the plate's size and publish it; its simulation is used again.

    Raises
    ------
    BriefError
        There is no such take, or the brief has changed since it was made.
    ClearanceError
        No other named person than the artist has approved this take.
    StoreError
        The show's folder cannot be written, or another run is at work on this shot.
    """
    folder = show.shot_folder(shot)
    show.brief(shot)
    with locked(folder), LocalFarm(workers=workers) as farm:
        scene = open_scene(show, shot)
        axes, content = read_axes(folder / "takes", take)
        plan = _plan(scene, axes, scene.plate.width, scene.plate.height)
        if plan.content != content:
            raise BriefError(
                f"{folder / 'shot.toml'} has changed since take {take} was made",
                fix=f"put it back, or make takes again: secondunit shot take {show.typed} {shot}",
            )
        grant = _ask(scene, plan, kind="final", number=take)
        publish = open_publish(folder / "publish", plan, axes)
        if publish.is_out:
            return read_result(publish.folder)
        assignment = _Assignment(
            scene=scene,
            plan=plan,
            naming=Naming(folder=publish.folder, show=show.settings.code, shot=shot, version=publish.version),
            kind="final",
            number=take,
            axes=axes,
            grant=grant,
            label=f"final of take {take}",
        )
        return _published(publish, _make(assignment, farm, progress))


def _draft(scene: Scene, axes: Axes, *, full: bool) -> _Assignment:
    plate = scene.plate
    width, height = (plate.width, plate.height) if full else draft_size(plate.width, plate.height)
    plan = _plan(scene, axes, width, height)
    number = claim(scene.folder / "takes", plan, axes)
    version = f"t{number:03d}"
    return _Assignment(
        scene=scene,
        plan=plan,
        naming=Naming(
            folder=scene.folder / "takes" / version,
            show=scene.show.settings.code,
            shot=scene.brief.name,
            version=version,
        ),
        kind="draft",
        number=number,
        axes=axes,
        grant=_ask(scene, plan, kind="draft", number=number),
        label=f"take {number}",
    )


def _plan(scene: Scene, axes: Axes, width: int, height: int) -> Plan:
    generator = get_generator(GENERATOR)
    return plan_take(
        apply(scene.brief, axes),
        scene.layout,
        frames=scene.plate.range,
        width=width,
        height=height,
        plate_digest=scene.plate.digest,
        picture_digests=scene.picture_digests,
        generator=(generator.name, generator.version, generator.weights_digest),
    )


def _ask(scene: Scene, plan: Plan, *, kind: Literal["draft", "final"], number: int) -> Grant:
    """Ask the gate, once for a take, and have its verdict recorded."""
    show, settings, shot = scene.show, scene.show.settings, scene.brief.name
    generator = get_generator(GENERATOR)
    use = Use(
        show=settings.code,
        shot=shot,
        take=number,
        kind=kind,
        artist=settings.artist,
        operation=settings.use.operation,
        subject=settings.use.subject,
        output_use="temp_internal" if kind == "draft" else settings.use.output_use,
        purpose=settings.use.purpose,
        generator=generator.name,
        generator_version=generator.version,
        weights_digest=generator.weights_digest,
        recipe=plan.render.digest,
        content=plan.content,
    )

    def record(verdict: Verdict) -> str:
        return record_verdict(show, verdict)

    role = settings.approvers[0].role if settings.approvers else "vfx_supervisor"
    name = shlex.quote(settings.approvers[0].name) if settings.approvers else '"Their Name"'
    command = f"secondunit clearance approve {show.typed} {shot} --take {number} --by {name} --role {role}"
    given = approvals_of(show, shot) if kind == "final" else ()
    return clear(use, given, record=record, who=who_may(show), command=command)


def _whole(assignment: _Assignment) -> TakeResult | None:
    """Return the take where nothing of it is missing."""
    folder, plan = assignment.naming.folder, assignment.plan
    if not (folder / RECORD).is_file():
        return None
    result = read_result(folder)
    frames = (record_of(assignment.naming, frame, recipe=plan.render.digest) for frame in plan.frames)
    whole = result.take.recipe_digest == plan.render.digest and all(record is not None for record in frames)
    return result if whole and result.movie.is_file() and result.contact_sheet.is_file() else None


def _make(assignment: _Assignment, farm: LocalFarm, progress: Progress | None) -> TakeResult:
    """Make a take whole: what its folder holds already is not made again."""
    began = time.perf_counter()
    scene, plan, naming = assignment.scene, assignment.plan, assignment.naming
    caches = Caches.open(scene.show.cache, plan)
    sweep(naming.folder)
    sweep_shared(scene.show.cache)
    said = _named(progress, assignment.label)
    seconds = {"prepare": _prepare(scene, caches, said)}
    seconds |= run_simulation(plan, caches, progress=said)
    write_text(naming.folder / "shot.toml", write_shot(plan.brief))
    records = _render(assignment, caches, farm, progress)
    spent, difference, found = gather(records)
    for stage, value in spent.items():
        seconds[stage] = seconds.get(stage, 0.0) + value
    began_proxy = time.perf_counter()
    rate, view, mark = plan.brief.plate.rate, scene.plate.review_view, assignment.grant.verdict.burn_in
    words = describe(assignment.axes)
    movie = write_proxy(naming, plan.frames, rate=rate, view=view, mark=mark, label=words)
    sheet = write_contact_sheet(naming, plan.frames, view=view, mark=mark, label=words)
    seconds["proxy"] = time.perf_counter() - began_proxy
    seconds["total"] = time.perf_counter() - began
    broken = [r["frame"] for r in records if r["plate_lock_max_abs_diff"] != 0.0]
    whole = Take(
        number=assignment.number,
        kind=assignment.kind,
        axes=assignment.axes,
        recipe_digest=plan.render.digest,
        frames=(plan.frames.first, plan.frames.last),
        width=plan.width,
        height=plan.height,
        seconds={stage: round(value, 3) for stage, value in seconds.items()},
        plate_lock_max_abs_diff=difference,
        findings=(*scene.findings, *found),
        recipes=plan.recipes,
    )
    workers = {r["worker"]: max(q["peak_mb"] for q in records if q["worker"] == r["worker"]) for r in records}
    result = TakeResult(
        take=whole,
        folder=naming.folder,
        movie=movie,
        contact_sheet=sheet,
        content=plan.content,
        peak_mb=peak_mb() + sum(workers.values()),
    )
    write_record(result)
    _record_take(scene, whole, naming.folder, state="broken" if broken else "whole")
    if broken:
        raise BackendError(
            f"plate lock is broken by {difference} on frames {frame_list(broken)} of {assignment.label}",
            fix=f"please report it with {naming.folder / 'take.json'}",
        )
    return result


def _prepare(scene: Scene, caches: Caches, progress: Progress | None) -> float:
    began = time.perf_counter()
    if caches.plate.holds(PREPARED):
        return 0.0
    _read_through(scene.plate, progress)
    if progress is not None:
        progress("mattes and clean plate", 0, 1)
    caches.plate.put(PREPARED, prepare_plate(scene).save)
    if progress is not None:
        progress("mattes and clean plate", 1, 1)
    return time.perf_counter() - began


def _read_through(plate: PlateSource, progress: Progress | None) -> None:
    """Read every frame of a moving plate once, so that a damaged one is told of before hours of work."""
    frames = plate.range if plate.moves else ()
    for done, frame in enumerate(frames, start=1):
        plate.frame(frame)
        if progress is not None:
            progress("plate", done, len(frames))


def _render(
    assignment: _Assignment, caches: Caches, farm: LocalFarm, progress: Progress | None
) -> list[dict[str, Any]]:
    scene, plan = assignment.scene, assignment.plan
    job = FrameJob(
        plan=plan,
        plate=scene.plate,
        caches=caches,
        folder=scene.folder,
        texture_frame=scene.texture_frame,
        generator=GENERATOR,
        grant=assignment.grant,
    )
    work = Work(
        job=job,
        naming=assignment.naming,
        recipe=plan.render.digest,
        rate=plan.brief.plate.rate,
        owner=scene.show.settings.artist,
    )
    records = {frame: record_of(work.naming, frame, recipe=work.recipe) for frame in plan.frames}
    done = {frame: record for frame, record in records.items() if record is not None}
    todo = [frame for frame in plan.frames if frame not in done]
    total, before = len(plan.frames), len(done)

    def report(made: int, _: int) -> None:
        if progress is not None:
            progress(f"{assignment.label}: frames", before + made, total)

    report(0, total)
    for frame, record in farm.map_frames(make_frame, todo, job=work, progress=report):
        done[frame] = record
    return [done[frame] for frame in plan.frames]


def _record_take(scene: Scene, whole: Take, folder: Path, *, state: str) -> None:
    Record(scene.show.database_url).add(
        TAKES,
        shot=scene.brief.name,
        take=whole.number,
        kind=whole.kind,
        state=state,
        recipe=whole.recipe_digest,
        folder=str(folder.relative_to(scene.show.root)),
    )


def _side_by_side(scene: Scene, takes: list[tuple[Naming, str]]) -> Path:
    first, last = takes[0][0].version, takes[-1][0].version
    path = scene.folder / "takes" / f"{scene.show.settings.code}_{scene.brief.name}_{first}-{last}_takes.png"
    title = f"{scene.show.settings.code}_{scene.brief.name}   takes side by side   AI temp"
    return write_side_by_side(path, takes, scene.plate.range, view=scene.plate.review_view, title=title)


def _published(publish: Publish, result: TakeResult) -> TakeResult:
    folder = publish.release()
    movie, sheet = folder / result.movie.name, folder / result.contact_sheet.name
    return replace(result, folder=folder, movie=movie, contact_sheet=sheet)


def _named(progress: Progress | None, label: str) -> Progress | None:
    return None if progress is None else lambda stage, done, total: progress(f"{label}: {stage}", done, total)
