"""The demo show: a photograph, four draft takes, one approved by a second person and finished."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondunit.core.errors import BriefError, StoreError
from secondunit.show.approvals import approvals_of, approve
from secondunit.show.atomic import write_json, write_text
from secondunit.show.pipeline import TakeResult, finish, take
from secondunit.show.scene import open_scene
from secondunit.show.settings import Approver, ShowSettings, UseBrief
from secondunit.show.shots import layout_shot
from secondunit.show.store import Show, create_show, open_show

SHOT = "SEQ_0010"
SUPERVISOR = Approver(name="Demo Supervisor", role="vfx_supervisor")
SETTINGS = ShowSettings(
    code="DEMO",
    artist="Demo Artist",
    use=UseBrief(output_use="final_incidental", purpose="show what Second Unit does"),
    approvers=(SUPERVISOR,),
)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """The demo, made."""

    summary: dict[str, Any]
    where_to_look: tuple[str, ...]


def make_demo(
    folder: Path, *, plate: Path, takes: int = 4, workers: int | None = None, progress: Progress | None = None
) -> DemoResult:
    """Make the demo show, or go on with it.

    Parameters
    ----------
    plate
        The photograph, with an authored ``shot.toml`` beside it under the photograph's own name.

    Raises
    ------
    BriefError
        The photograph or its brief is missing, or the folder holds something else.
    """
    began = time.perf_counter()
    authored = plate.with_suffix(".toml")
    for path in (plate, authored):
        if not path.is_file():
            raise BriefError(f"{path} does not exist", fix="run it from the repository, or give --plate")
    show = open_show(folder) if (folder / "show.toml").is_file() else create_show(folder, SETTINGS)
    lay_out(show, plate, authored)
    drawn = layout_shot(show, SHOT)
    drafts = take(show, SHOT, takes=takes, workers=workers, progress=progress)
    chosen = drafts[0]
    # The demo's second person is a stand-in; in a show it is somebody who looked at the takes.
    if not any((a.take, a.content) == (chosen.take.number, chosen.content) for a in approvals_of(show, SHOT)):
        approve(show, SHOT, take=chosen.take.number, by=SUPERVISOR.name, role=SUPERVISOR.role, note="demo")
    final = finish(show, SHOT, take=chosen.take.number, workers=workers, progress=progress)
    summary = _summary(show, drafts, final, seconds=time.perf_counter() - began)
    write_json(show.root / "summary.json", summary)
    look = (
        f"layout:        {drawn.sheet}",
        f"takes:         {drafts[0].side_by_side or drafts[0].contact_sheet}",
        f"finished take: {final.movie}",
        f"its frames:    {final.folder}",
        f"summary:       {show.root / 'summary.json'}",
    )
    return DemoResult(summary=summary, where_to_look=look)


def lay_out(show: Show, plate: Path, authored: Path) -> None:
    """Put the photograph and its brief into the show, once; an edited brief is left as it is."""
    folder = show.shot_folder(SHOT)
    if (folder / "shot.toml").is_file():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(plate, folder / plate.name)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}", fix="check permissions") from error
    write_text(folder / "shot.toml", authored.read_text(encoding="utf-8"))


def _summary(show: Show, drafts: tuple[TakeResult, ...], final: TakeResult, *, seconds: float) -> dict[str, Any]:
    scene = open_scene(show, SHOT)
    every = [*drafts, final]
    return {
        "plate": {
            "file": scene.brief.plate.file,
            "width": scene.plate.width,
            "height": scene.plate.height,
            "colour_space": scene.plate.colour_space,
            "sha256": scene.plate.digest,
        },
        "frames": [scene.plate.range.first, scene.plate.range.last],
        "rate": str(scene.plate.rate),
        "takes": [result.as_json() for result in drafts],
        "final": final.as_json(),
        "totals": {
            "seconds_of_this_run": round(seconds, 1),
            "seconds_of_takes": round(sum(r.take.seconds["total"] for r in every), 1),
            "frames": sum(r.take.frames[1] - r.take.frames[0] + 1 for r in every),
            "plate_lock_max_abs_diff": max(r.take.plate_lock_max_abs_diff for r in every),
            "peak_memory_mb": max(round(r.peak_mb, 1) for r in every),
        },
    }
