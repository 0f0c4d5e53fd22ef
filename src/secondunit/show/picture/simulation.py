"""The stages before pixels: fracture, rigid bodies, dust. Each runs once for its recipe; the rest reads the cache."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from secondunit.core.collapse import Collapse
from secondunit.core.recipe import Recipe
from secondunit.fx.dust.grid import DustFrame
from secondunit.fx.dust.simulate import simulate_dust
from secondunit.fx.fracture.breaking import break_building
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion
from secondunit.fx.rigid.simulate import simulate
from secondunit.show.brief.recipes import Plan, bare
from secondunit.show.store.cache import StageCache

Progress = Callable[[str, int, int], None]
PIECES, MOTION = "pieces.npz", "motion.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caches:
    """Where a take's stages keep their results."""

    plate: StageCache
    fracture: StageCache
    rigid: StageCache
    dust: StageCache
    light: StageCache
    generate: StageCache

    @classmethod
    def open(cls, root: Path, plan: Plan) -> "Caches":
        """Open the cache of each stage's recipe.

        Raises
        ------
        StoreError
            The show's folder cannot be written.
        """

        def stage(recipe: Recipe) -> StageCache:
            return StageCache.open(root, recipe)

        return cls(
            plate=stage(plan.plate),
            fracture=stage(plan.fracture),
            rigid=stage(plan.rigid),
            dust=stage(plan.dust),
            light=stage(plan.light),
            generate=stage(plan.generate),
        )


def run_simulation(plan: Plan, caches: Caches, *, progress: Progress | None = None) -> dict[str, float]:
    """Run what the cache does not hold; return wall seconds by stage, 0 for what it held.

    Raises
    ------
    SecondUnitError
        A stage refuses its input, or the cache cannot be written.
    """
    collapse, layout = plan.brief.collapse, bare(plan.layout)
    seconds = {"fracture": 0.0, "rigid": 0.0, "dust": 0.0}
    if not caches.fracture.holds(PIECES):
        began = time.perf_counter()
        pieces = break_building(layout, collapse, progress=_stage(progress, "fracture"))
        caches.fracture.put(PIECES, pieces.save)
        seconds["fracture"] = time.perf_counter() - began
    if not caches.rigid.holds(MOTION):
        began = time.perf_counter()
        motion = _fall(plan, collapse, caches, progress)
        caches.rigid.put(MOTION, motion.save)
        seconds["rigid"] = time.perf_counter() - began
    began = time.perf_counter()
    if _blow(plan, caches, progress):
        seconds["dust"] = time.perf_counter() - began
    return seconds


def _fall(plan: Plan, collapse: Collapse, caches: Caches, progress: Progress | None) -> Motion:
    return simulate(
        Pieces.load(caches.fracture.path(PIECES)),
        bare(plan.layout),
        collapse,
        frames=plan.frames,
        rate=plan.brief.plate.rate,
        progress=_stage(progress, "rigid bodies"),
    )


def _blow(plan: Plan, caches: Caches, progress: Progress | None) -> bool:
    """Run the dust where a frame is missing; return whether it ran.

    A killed run goes on from the solver's checkpoint. Should a frame from before it be spoilt, the checkpoint is of no
    use, and all are made again.
    """
    cache = caches.dust
    names = [cache.frame_name(frame) for frame in plan.frames]
    if all(cache.holds(name) for name in names):
        return False
    _simulate_dust(plan, caches, progress)
    if not all(cache.holds(name) for name in names):
        _simulate_dust(plan, caches, progress)
    return True


def _simulate_dust(plan: Plan, caches: Caches, progress: Progress | None) -> None:
    cache = caches.dust

    def keep(frame: DustFrame) -> None:
        cache.put(cache.frame_name(frame.frame), frame.save)

    simulate_dust(
        Pieces.load(caches.fracture.path(PIECES)),
        Motion.load(caches.rigid.path(MOTION)),
        bare(plan.layout),
        plan.brief.dust,
        frames=plan.frames,
        rate=plan.brief.plate.rate,
        out=keep,
        checkpoint=cache.path("checkpoint.npz"),
        progress=_stage(progress, "dust"),
    )


def _stage(progress: Progress | None, name: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(name, done, total)
