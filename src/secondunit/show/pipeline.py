"""Takes and finals: from a brief to frames, each stage done once."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from secondunit.clearance.gate import Grant
from secondunit.core.errors import BackendError
from secondunit.core.frames import frame_list
from secondunit.core.take import Axes, Take
from secondunit.farm.local import LocalFarm
from secondunit.generate.registry import get_generator
from secondunit.media.atomic import sweep, sweep_shared
from secondunit.media.plate import PlateSource
from secondunit.show.brief.axes import VARIED, describe, vary
from secondunit.show.brief.recipes import Plan, draft_size
from secondunit.show.brief.write import write_shot
from secondunit.show.clearing.ask import ask_draft, ask_final
from secondunit.show.clearing.history import record_brief, record_output, record_run, record_selection
from secondunit.show.clearing.question import final_question, plan_of
from secondunit.show.clip.final import ModelPictures, pictures_for
from secondunit.show.delivery.final import Leaving, export, headers_of, refuse_export, statement_of
from secondunit.show.delivery.publish import Publish, open_publish
from secondunit.show.picture.dust_ranges import range_findings
from secondunit.show.picture.kit import PREPARED, FrameJob
from secondunit.show.picture.passes import Naming, take_naming
from secondunit.show.picture.prepare import prepare_plate
from secondunit.show.picture.proxy import write_contact_sheet, write_proxy, write_side_by_side
from secondunit.show.picture.simulation import Caches, run_simulation
from secondunit.show.picture.work import Work, make_frame, peak_mb, record_of
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.people import show_keys
from secondunit.show.record.policies import rules_of
from secondunit.show.shot.scene import Scene, open_scene
from secondunit.show.store.records import write_text
from secondunit.show.store.show import Show, locked
from secondunit.show.store.takes import RECORD, TakeResult, claim, gather, read_result, write_record

Progress = Callable[[str, int, int], None]
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
    recipes: Mapping[str, Any]
    words: str
    """What makes it another take, for its sheet."""
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Text attributes of each pass's frames."""
    pictures: ModelPictures | None = None
    """Of a clip model, that are put into its frames."""


def take(
    show: Show,
    shot: str,
    *,
    takes: int = 1,
    draft: bool = True,
    vary_axes: Sequence[str] = VARIED,
    base: Axes = Axes(),
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
        Which axes to vary: motion, turbulence, dust, wind, detail.
    base
        The first take's own axes: seeds that a person chose.
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
        record_brief(scene)
        results, namings = [], []
        for axes in vary(takes, axes=vary_axes, base=base):
            assignment = _draft(scene, axes, full=not draft)
            results.append(_whole(assignment) or _make(assignment, farm, progress))
            namings.append((assignment.naming, describe(axes)))
        side = _side_by_side(scene, namings) if takes > 1 else None
    return tuple(replace(result, side_by_side=side) for result in results)


def finish(
    show: Show,
    shot: str,
    *,
    take: int,
    workers: int | None = None,
    progress: Progress | None = None,
    keys: Path | None = None,
    passphrase: str = "",
) -> TakeResult:
    """Finish a take at the plate's size, sign, verify and publish it; its simulation is used again.

    Of a take that a clip model drew, the model's own pictures are used again too, bit for bit; the model does not run.

    Parameters
    ----------
    keys
        Folder of the show's private keys, where they are not in their usual place.

    Raises
    ------
    BriefError
        There is no such take, the brief has changed since it was made, or the show has no keys to sign with.
    ClearanceError
        The rules forbid it, or somebody has yet to approve this take.
    StoreError
        The show's folder cannot be written, another run is at work on this shot, or a clip model's pictures are not
        those that were approved.
    """
    folder = show.shot_folder(shot)
    show.brief(shot)
    rules = rules_of(show)
    with (
        locked(folder),
        LocalFarm(workers=workers) as farm,
        ledger_of(show, policy=rules.digest) as ledger,
    ):
        rules.record(ledger)
        question = final_question(show, shot, take=take, ledger=ledger)
        cleared = ask_final(question, ledger=ledger, rules=rules)
        signers = show_keys(show, keys=keys, passphrase=passphrase)
        publish = open_publish(folder / "publish", question.plan, question.axes)
        if publish.is_out:
            return read_result(publish.folder)
        leaving = Leaving(question=question, cleared=cleared, rules=rules, keys=signers)
        refuse_export(leaving, ledger)
        naming = Naming(folder=publish.folder, show=show.settings.code, shot=shot, version=publish.version)
        drawn = question.drawn
        pictures = pictures_for(question, drawn, grant=cleared.grant) if drawn else None
        statement = statement_of(leaving, naming, ledger)
        record_selection(question, ledger)
        assignment = _Assignment(
            scene=question.scene,
            plan=question.plan,
            naming=naming,
            kind="final",
            number=take,
            axes=question.axes,
            grant=cleared.element,
            label=f"final of take {take}",
            recipes=question.recipes,
            words=describe(question.axes) + (f", dust by {drawn.tool.name}" if drawn else ""),
            headers=headers_of(statement, naming),
            pictures=pictures,
        )
        result = _make(assignment, farm, progress)
        out = export(publish.folder, leaving, statement=statement, ledger=ledger)
        seconds = out.delivery.seconds + out.verification.seconds
        return _published(publish, replace(result, sign_seconds=round(seconds, 3)))


def _draft(scene: Scene, axes: Axes, *, full: bool) -> _Assignment:
    plate = scene.plate
    width, height = (plate.width, plate.height) if full else draft_size(plate.width, plate.height)
    plan = plan_of(scene, axes, width, height)
    number = claim(scene.folder / "takes", plan, axes)
    return _Assignment(
        scene=scene,
        plan=plan,
        naming=take_naming(scene.folder, show=scene.show.settings.code, shot=scene.brief.name, number=number),
        kind="draft",
        number=number,
        axes=axes,
        grant=ask_draft(scene, plan, number=number),
        label=f"take {number}",
        recipes=plan.recipes,
        words=describe(axes),
    )


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
    record_run(scene, assignment.grant)
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
    words, pictures = assignment.words, assignment.pictures
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
        findings=(*scene.findings, *range_findings(plan, get_generator(plan.brief.detail.generator)), *found),
        recipes=dict(assignment.recipes),
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
    record_output(
        scene, result, records, state="broken" if broken else "whole", clip=pictures.facts if pictures else None
    )
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
        generator=plan.brief.detail.generator,
        grant=assignment.grant,
    )
    work = Work(
        job=job,
        naming=assignment.naming,
        recipe=plan.render.digest,
        rate=plan.brief.plate.rate,
        owner=scene.show.settings.artist,
        headers=assignment.headers,
        repaint=assignment.pictures.paste if assignment.pictures else None,
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
