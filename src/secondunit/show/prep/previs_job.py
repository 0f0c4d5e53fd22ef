"""What a worker is handed to make a frame of a previs, and how it makes one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import CameraPath
from secondunit.core.recipe import Recipe, digest
from secondunit.farm.local import LocalFarm
from secondunit.media.colour import ACES_VIEW, display
from secondunit.media.exr import write_exr
from secondunit.media.png import write_png
from secondunit.prep.previs.brief import PrevisBrief
from secondunit.prep.previs.control import control_frame
from secondunit.prep.previs.exposure import exposed
from secondunit.prep.previs.legal_size import Padding
from secondunit.prep.previs.rehearsal import Rehearsal, rehearse
from secondunit.prep.stage.render import render_stage
from secondunit.show.prep.previs_collapse import PrevisCollapse, run_collapse
from secondunit.show.prep.previs_set import SetFound, built_scene
from secondunit.show.store.cache import StageCache
from secondunit.show.store.records import write_whole

Job = TypeVar("Job")
VERSION = 1
"""Raised whenever the same brief makes other frames."""
SAMPLES = 3
"""An animatic is for timing: edges smooth enough to read, shade in corners coarser than on boards."""
ALONE_PX = 1_500_000
"""Fewer pixels than this in all are made without workers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrevisJob:
    """A previs, wholly said. Small and picklable: a worker builds the rest."""

    cache: Path
    brief: PrevisBrief
    found: SetFound
    camera: CameraPath | None
    """A camera from a file."""
    stops: float = 0.0
    """Exposure of the animatic."""

    @property
    def digest(self) -> str:
        """What decides its frames, exposure aside."""
        return content_of(self)


@lru_cache(maxsize=4)
def content_of(job: PrevisJob) -> str:
    """Return the digest of what decides a previs."""
    return digest(
        {
            "version": VERSION,
            "brief": job.brief,
            "set": job.found.brief,
            "camera": job.camera,
        }
    )


@lru_cache(maxsize=2)
def _rehearsal(cache: Path, brief: PrevisBrief, found: SetFound, camera: CameraPath | None) -> Rehearsal:
    scene = built_scene(found)
    collapse: PrevisCollapse | None = None
    if brief.collapse is not None:
        frames, rate = brief.picture.range, brief.picture.rate
        collapse = run_collapse(cache, brief.collapse, scene.boxes, frames=frames, rate=rate)
    return rehearse(brief, scene, pieces=collapse.pieces if collapse else None, camera=camera)


def rehearsal_of(job: PrevisJob) -> Rehearsal:
    """Return a job's rehearsal; a process builds it once.

    Raises
    ------
    BriefError
        The brief names what is not there.
    """
    return _rehearsal(job.cache, job.brief, job.found, job.camera)


def picture_cache(job: PrevisJob) -> StageCache:
    """Return where the animatic's pictures are kept."""
    recipe = Recipe(
        stage="previs-picture",
        stage_version=VERSION,
        parameters={"content": job.digest, "stops": job.stops, "samples": SAMPLES},
    )
    return StageCache.open(job.cache, recipe)


def control_cache(job: PrevisJob, padding: Padding) -> StageCache:
    """Return where control frames are kept."""
    recipe = Recipe(
        stage="previs-control",
        stage_version=VERSION,
        parameters={"content": job.digest, "padding": padding},
    )
    return StageCache.open(job.cache, recipe)


def picture_name(frame: int) -> str:
    """Return the file of a picture in its cache."""
    return f"picture.{frame:04d}.png"


def control_name(index: int) -> str:
    """Return the file of a control frame in its cache."""
    return f"control.{index:04d}.exr"


def beauty_at(job: PrevisJob, frame: int, *, samples: int = SAMPLES, scale: float = 1.0) -> Any:
    """Render a frame of the picture as the animatic has it; return what the renderer saw."""
    rehearsal = rehearsal_of(job)
    width, height = job.brief.picture.size
    return render_stage(
        rehearsal.stage(frame),
        rehearsal.path.at(frame),
        width=max(round(width * scale), 16),
        height=max(round(height * scale), 16),
        sun=rehearsal.sun,
        samples=samples,
        draft=True,
    )


def make_picture(job: PrevisJob, frame: int) -> None:
    """Render a frame of the animatic into the cache: a worker's work."""
    seen = beauty_at(job, frame)
    codes: NDArray[np.uint8] = display(exposed(seen.beauty, job.stops), view=ACES_VIEW)
    picture_cache(job).put(picture_name(frame), lambda path: write_png(path, codes))


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlJob:
    """Control passes of a previs."""

    previs: PrevisJob
    padding: Padding


def make_control(job: ControlJob, index: int) -> None:
    """Render the passes of a frame of the clip (from 0) into the cache: a worker's work."""
    channels = control_frame(rehearsal_of(job.previs), job.padding, index)
    picture = job.previs.brief.picture
    header = {"comments": "previs control passes: blocking and timing, no finished picture"}

    def write(path: Path) -> None:
        write_exr(path, channels, frame=picture.first_frame + index, rate=picture.rate, header=header)

    control_cache(job.previs, job.padding).put(control_name(index), write)


def each_frame(
    farm: LocalFarm,
    make: Callable[[Job, int], None],
    frames: Sequence[int],
    *,
    job: Job,
    pixels: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Make frames in workers, or here where they are so few and small that workers would take longer to start."""
    if len(frames) * pixels > ALONE_PX:
        for _ in farm.map_frames(make, frames, job=job, progress=progress):
            pass
        return
    for number, frame in enumerate(frames):
        make(job, frame)
        if progress is not None:
            progress(number + 1, len(frames))


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that it is whole or not there.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    write_whole(target, lambda at: at.write_bytes(source.read_bytes()))
