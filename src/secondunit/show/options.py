"""Micro options: one frame of a take with many seeds of fine structure, side by side, before one is rendered."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from secondunit.core.errors import BriefError
from secondunit.media.atomic import sweep_shared
from secondunit.media.colour import display
from secondunit.media.contact_sheet import contact_sheet
from secondunit.media.png import write_png
from secondunit.show.brief.recipes import draft_size
from secondunit.show.clearing.ask import ask_draft
from secondunit.show.clearing.question import plan_of
from secondunit.show.picture.frame import render_frame
from secondunit.show.picture.kit import PREPARED, FrameJob, FrameKit, open_kit
from secondunit.show.picture.prepare import prepare_plate
from secondunit.show.picture.simulation import Caches, run_simulation
from secondunit.show.shot.scene import open_scene
from secondunit.show.store.show import Show, locked
from secondunit.show.store.takes import read_axes, read_result

MOST = 16
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MicroOptions:
    """The options, drawn."""

    sheet: Path
    frame: int
    offsets: tuple[int, ...]
    """What each adds to the take's micro seed."""
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return what machines are told."""
        return {
            "sheet": str(self.sheet), "frame": self.frame, "micro": list(self.offsets), "seconds": self.seconds
        }  # fmt: skip


def micro_options(
    show: Show,
    shot: str,
    *,
    take: int,
    offsets: Sequence[int] = tuple(range(9)),
    frame: int | None = None,
    progress: Progress | None = None,
) -> MicroOptions:
    """Render one frame of a take at draft size with several micro seeds, as a contact sheet.

    Parameters
    ----------
    offsets
        Added to the take's own micro seed; 0 is the take as it is.
    frame
        Which one; None takes one two thirds into the collapse.

    Raises
    ------
    BriefError
        There is no such take or frame, or too many options are asked for.
    ClearanceError
        What the show declares is forbidden even as a temp.
    """
    began = time.perf_counter()
    if not 1 <= len(offsets) <= MOST:
        raise BriefError(f"{len(offsets)} options", fix=f"ask for 1 to {MOST}")
    folder = show.shot_folder(shot)
    axes, _ = read_axes(folder / "takes", take)
    made = read_result(folder / "takes" / f"t{take:03d}")
    with locked(folder):
        scene = open_scene(show, shot)
        frames = scene.plate.range
        start = scene.brief.collapse.start_frame
        chosen = start + 2 * (frames.last - start) // 3 if frame is None else frame
        if chosen not in frames:
            raise BriefError(f"frame {chosen} is not in the shot", fix=f"use one of {frames}")
        width, height = draft_size(scene.plate.width, scene.plate.height)
        kit: FrameKit | None = None
        pictures, mark = [], ""
        for done, offset in enumerate(offsets):
            if progress is not None:
                progress("micro options", done, len(offsets))
            plan = plan_of(scene, replace(axes, detail=axes.detail + offset), width, height)
            grant = ask_draft(scene, plan, number=take)
            caches = Caches.open(show.cache, plan)
            if kit is None:
                sweep_shared(show.cache)
                if not caches.plate.holds(PREPARED):
                    caches.plate.put(PREPARED, prepare_plate(scene).save)
                run_simulation(plan, caches, progress=progress)
            job = FrameJob(
                plan=plan,
                plate=scene.plate,
                caches=caches,
                folder=folder,
                texture_frame=scene.texture_frame,
                generator=plan.brief.detail.generator,
                grant=grant,
            )
            kit = open_kit(job) if kit is None else replace(kit, job=job)
            comp = render_frame(kit, chosen).outputs.comp[..., :3]
            pictures.append(display(comp, view=scene.plate.review_view))
            mark = grant.verdict.burn_in
    labels = [f"micro {axes.detail + offset:+d}" if offset else "the take as it is" for offset in offsets]
    title = f"{made.movie.stem}   {chosen}" + (f"   {mark}" if mark else "")
    path = made.folder / f"{made.movie.stem}_micro_{chosen}.png"
    write_png(path, contact_sheet(pictures, columns=3, labels=labels, title=title, subtitle="the fine structure alone"))
    if progress is not None:
        progress("micro options", len(offsets), len(offsets))
    return MicroOptions(sheet=path, frame=chosen, offsets=tuple(offsets), seconds=round(time.perf_counter() - began, 2))
