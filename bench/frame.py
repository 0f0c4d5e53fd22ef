"""Seconds of one frame, from the coarse grid to files on disk, stage by stage, at 960x540 and at 1920x1080.

    python bench/frame.py [FOLDER]

The demo's own photograph and collapse, mid-collapse, where dust fills the picture; the path is the one that takes are
made by. The simulation is cached, as it is for every frame but the first: FOLDER keeps it for the next run. Light, dust
and comp are made anew each time, for frames that follow one another as a worker is given them: each looks one ahead.
The photograph is stretched to the asked size, and painted in as many passes as a plate of that size is, so that the
work is that of its pixels.

One process computes on every core it may use. Budget: 1.5 s for the generator and 3 s for the frame from coarse grid
to comp, at 960x540 on two idle cores, and at 1080p no more than its area. Files are written after that, and the frame
is looked over beside: that time is printed too. The load of the machine is printed, as wall time says little where
others work too: CPU time is what to compare then. Exit status 1 where a budget is missed.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from secondunit.core.take import Axes
from secondunit.show.clearing.ask import ask_draft
from secondunit.show.clearing.question import plan_of
from secondunit.show.demo import SETTINGS, SHOT, lay_out
from secondunit.show.picture.kit import PREPARED, FrameJob
from secondunit.show.picture.passes import Naming
from secondunit.show.picture.prepare import prepare_plate
from secondunit.show.picture.simulation import Caches, run_simulation
from secondunit.show.picture.work import Work, make_frame
from secondunit.show.shot.scene import Scene, open_scene
from secondunit.show.store.show import create_show, open_show

PLATE = Path("examples/plates/building.jpg")
SIZES = ((960, 540), (1920, 1080))
FRAME = 1060
"""Dust before half of the picture, and pieces still falling in it. The first of a run, and not counted."""
RUNS = 3
"""Frames after it that are."""
GENERATOR_S, FRAME_S = 1.5, 3.0
STAGES = ("light", "debris", "shadow", "march", "generate", "comp", "write", "check")
TO_COMP = STAGES[:6]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds of one size: of each stage and in all, by the wall and of the processor; medians of the runs."""

    wall: dict[str, float]
    cpu: dict[str, float]


def open_demo(folder: Path) -> Scene:
    """Return the demo's shot, its simulation made where the folder does not hold it."""
    show = open_show(folder) if (folder / "show.toml").is_file() else create_show(folder, SETTINGS)
    lay_out(show, PLATE, PLATE.with_suffix(".toml"))
    return open_scene(show, SHOT)


def work_of(scene: Scene, *, width: int, height: int) -> Work:
    """Return the work of a take of a size, all that frames share cached."""
    plan = replace(plan_of(scene, Axes(), width, height), plate_width=width)
    caches = Caches.open(scene.show.cache, plan)
    if not caches.plate.holds(PREPARED):
        caches.plate.put(PREPARED, prepare_plate(scene).save)
    run_simulation(plan, caches)
    job = FrameJob(
        plan=plan,
        plate=scene.plate,
        caches=caches,
        folder=scene.folder,
        texture_frame=scene.texture_frame,
        generator=plan.brief.detail.generator,
        grant=ask_draft(scene, plan, number=1),
    )
    naming = Naming(
        folder=scene.folder / "takes" / f"bench{height}",
        show=scene.show.settings.code,
        shot=SHOT,
        version="t001",
    )
    return Work(job=job, naming=naming, recipe=plan.render.digest, rate=plan.brief.plate.rate, owner="bench")


def run_seconds(work: Work, clock: Callable[[], float]) -> list[dict[str, float]]:
    """Make a run of frames with nothing of theirs cached; return each one's seconds by stage and in all."""
    caches = work.job.caches
    for cache in (caches.light, caches.generate):
        for frame in range(FRAME - 1, FRAME + RUNS + 2):
            cache.path(cache.frame_name(frame)).unlink(missing_ok=True)
    found = []
    for frame in range(FRAME, FRAME + RUNS + 1):
        began = clock()
        record = make_frame(work, frame, clock=clock)
        found.append(record["seconds"] | {"whole": clock() - began})
    return found[1:]


def measure(work: Work) -> Spent:
    """Time a run by each clock; the first frame of all, which loads and compiles, is made before."""
    make_frame(work, FRAME + RUNS + 2)
    return Spent(wall=_median(run_seconds(work, time.perf_counter)), cpu=_median(run_seconds(work, time.process_time)))


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {stage: statistics.median(run[stage] for run in runs) for stage in (*STAGES, "whole")}


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        scene = open_demo(Path(sys.argv[1] if len(sys.argv) > 1 else temporary) / "show")
        found = []
        for width, height in SIZES:
            load = os.getloadavg()[0]
            spent = measure(work_of(scene, width=width, height=height))
            found.append(spent)
            print(f"{width}x{height}, frame {FRAME}, {os.cpu_count()} cores, load {load:.1f} before the first run")
            for stage in (*STAGES, "whole"):
                print(f"  {stage:<9} {spent.wall[stage]:7.2f} s wall {spent.cpu[stage]:7.2f} s CPU")
    area = SIZES[1][0] * SIZES[1][1] / (SIZES[0][0] * SIZES[0][1])
    ratio = found[1].wall["whole"] / found[0].wall["whole"]
    work_ratio = found[1].cpu["whole"] / found[0].cpu["whole"]
    print(f"1080p over 960x540: {ratio:.2f} times the wall, {work_ratio:.2f} times the CPU, {area:.0f} times the area")
    generator, comp = found[0].wall["generate"], sum(found[0].wall[stage] for stage in TO_COMP)
    print(f"budget at 960x540: generator {generator:.2f} of {GENERATOR_S} s, to the comp {comp:.2f} of {FRAME_S} s")
    return 0 if generator <= GENERATOR_S and comp <= FRAME_S and work_ratio <= area else 1


if __name__ == "__main__":
    sys.exit(main())
