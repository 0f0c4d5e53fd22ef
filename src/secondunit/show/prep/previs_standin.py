"""A plate where none is shot yet: the previs without its cast, its clean plate and its holdouts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.brief import PlateBrief
from secondunit.core.recipe import Recipe
from secondunit.farm.local import LocalFarm
from secondunit.imaging.buffers import Image
from secondunit.media.exr import write_exr
from secondunit.media.png import write_png
from secondunit.prep.previs.exposure import exposed
from secondunit.prep.previs.rehearsal import Rehearsal
from secondunit.prep.stage.geometry import Stage, placed
from secondunit.prep.stage.render import render_stage
from secondunit.show.prep.previs_job import PrevisJob, copy_whole, each_frame, rehearsal_of
from secondunit.show.shot.plate_link import STANDIN
from secondunit.show.store.cache import StageCache
from secondunit.show.store.show import Show

Progress = Callable[[str, int, int], None]
VERSION = 1
SAMPLES = 12
FOLDER = "previs_standin"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandinHoldout:
    """What stands before the building, in one band of depth."""

    name: str
    file: str
    depth_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standin:
    """A stand-in on disk, named as ``shot.toml`` names files."""

    plate: PlateBrief
    clean: str
    holdouts: tuple[StandinHoldout, ...]


def make_standin(
    show: Show,
    shot: str,
    job: PrevisJob,
    version: str,
    folder: Path,
    *,
    workers: int | None,
    progress: Progress | None,
) -> Standin:
    """Render a stand-in into a shot's folder; frames that are whole in the cache are used again.

    A locked camera needs one picture, a moving one all of them. The building stands whole: the shot brings it down.
    """
    rehearsal, picture = rehearsal_of(job), job.brief.picture
    moves = rehearsal.path.moves
    frames = list(picture.range) if moves else [picture.first_frame]
    cache = _cache(job)
    todo = [f for f in frames if not cache.holds(_name(f))]
    step = None if progress is None else lambda done, total: progress("stand-in plate", done, total)
    with LocalFarm(workers=workers) as farm:
        width, height = picture.size
        each_frame(farm, make_plate_frame, todo, job=job, pixels=2 * width * height, progress=step)
    base = f"{show.settings.code}_{shot}_previs_standin_{version}"
    home = folder / FOLDER
    home.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        copy_whole(cache.path(_name(frame)), home / f"{base}.{frame:04d}.exr")
    reference = _reference(job)
    clean = f"{FOLDER}/{base}_clean.exr"
    _write(folder / clean, _seen(job, rehearsal, reference, building=False)[0], job, reference)
    return Standin(
        plate=PlateBrief(
            file=f"{FOLDER}/{base}.{'####' if moves else f'{picture.first_frame:04d}'}.exr",
            colour_space="ACEScg",
            rate=picture.rate,
            first_frame=picture.first_frame,
            frames=picture.frames,
            handles=picture.handles,
        ),
        clean=clean,
        holdouts=_holdouts(job, rehearsal, reference, folder, base),
    )


def make_plate_frame(job: PrevisJob, frame: int) -> None:
    """Render a frame of the stand-in into the cache: a worker's work."""
    beauty, _ = _seen(job, rehearsal_of(job), frame, building=True)
    _cache(job).put(_name(frame), lambda path: _write(path, beauty, job, frame))


def _cache(job: PrevisJob) -> StageCache:
    recipe = Recipe(
        stage="previs-standin",
        stage_version=VERSION,
        parameters={"content": job.digest, "stops": job.stops, "samples": SAMPLES},
    )
    return StageCache.open(job.cache, recipe)


def _name(frame: int) -> str:
    return f"plate.{frame:04d}.exr"


def _reference(job: PrevisJob) -> int:
    """Return the frame whose picture the shot's mattes are drawn on: the last before the failure."""
    picture, said = job.brief.picture, job.brief.collapse
    start = said.collapse.start_frame if said is not None else picture.cut.first
    return min(max(start - 1, picture.range.first), picture.range.last)


def _seen(job: PrevisJob, rehearsal: Rehearsal, frame: int, *, building: bool) -> tuple[Image, NDArray[np.float32]]:
    width, height = job.brief.picture.size
    # The building as it is before it moves, at whatever frame the camera looks.
    stage = rehearsal.stage(job.brief.picture.first_frame, cast=False, building=building)
    seen = render_stage(stage, rehearsal.path.at(frame), width=width, height=height, sun=rehearsal.sun, samples=SAMPLES)
    return exposed(seen.beauty, job.stops), seen.depth


def _write(path: Path, beauty: Image, job: PrevisJob, frame: int) -> None:
    channels = {name: beauty[..., k] for k, name in enumerate("RGB")}
    header = {"comments": f"{STANDIN}: rendered, not photographed"}
    write_exr(path, channels, frame=frame, rate=job.brief.picture.rate, header=header)


def _holdouts(job: PrevisJob, rehearsal: Rehearsal, frame: int, folder: Path, base: str) -> tuple[StandinHoldout, ...]:
    """Draw what stands before the building, trees, lamps, cars, in two bands of depth."""
    proxy = rehearsal.proxy
    width, height = job.brief.picture.size
    stage = rehearsal.stage(job.brief.picture.first_frame, cast=False)
    names, numbers = rehearsal.groups(stage)
    seen = render_stage(
        stage, rehearsal.path.at(frame), width=2 * width, height=2 * height, sun=rehearsal.sun, samples=1
    )
    building = np.array([n.startswith("buildings/") for n in names], bool)
    flat = np.array([_is_flat(stage, numbers, k) for k in range(len(names))], bool)
    if not names:
        return ()
    group = np.where(seen.part >= 0, numbers[np.maximum(seen.part, 0)], -1)
    loose = (group >= 0) & ~building[np.maximum(group, 0)] & ~flat[np.maximum(group, 0)]
    if proxy is not None:
        hero = names.index(f"buildings/{proxy.pieces.box}") if f"buildings/{proxy.pieces.box}" in names else -1
        behind = seen.depth[group == hero]
        loose &= seen.depth < (float(np.quantile(behind, 0.05)) if behind.size else np.inf)
    if not loose.any():
        return ()
    depths = seen.depth[loose]
    split = float(np.sqrt(depths.min() * depths.max()))
    found = []
    for name, chosen in (("near", loose & (seen.depth <= split)), ("far", loose & (seen.depth > split))):
        if chosen.mean() < 2e-4:
            continue
        coverage = cv2.resize(chosen.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        file = f"{FOLDER}/{base}_holdout_{name}.png"
        write_png(folder / file, np.asarray(np.round(coverage * 255), np.uint8))
        depth = round(float(np.median(seen.depth[chosen])), 2)
        found.append(StandinHoldout(name=f"street_{name}", file=file, depth_m=depth))
    return tuple(found)


def _is_flat(stage: Stage, numbers: NDArray[np.int32], number: int) -> bool:
    """Whether something lies on the ground, a pavement, a marking: no holdout, debris falls on it."""
    tops = [
        float(placed(p.mesh.points, p.transform)[:, 1].max())
        for p, n in zip(stage.parts, numbers, strict=True)
        if n == number and len(p.mesh.points)
    ]
    return bool(tops) and max(tops) < 0.4
