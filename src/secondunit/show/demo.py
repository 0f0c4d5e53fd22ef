"""The demo show: draft takes free, a final that stops until four people sign, then signed, verified and bound.

The people are stand-ins: their keys are made here, in the demo's folder, and protect nothing.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondunit.core.errors import BriefError, ClearanceError, StoreError
from secondunit.show.brief.settings import Approver, ShowSettings
from secondunit.show.brief.use import UseBrief
from secondunit.show.clearing.approvals import approve, opt_in
from secondunit.show.delivery.binder import write_show_binder
from secondunit.show.delivery.check import verify_show
from secondunit.show.pipeline import TakeResult, finish, take
from secondunit.show.record.people import add_person, has_keys, init_keys
from secondunit.show.shot.layout import layout_shot
from secondunit.show.shot.scene import open_scene
from secondunit.show.store.records import write_json, write_text
from secondunit.show.store.show import Show, create_show, open_show

SHOT = "SEQ_0010"
PEOPLE = (
    Approver(name="Demo Supervisor", role="vfx_supervisor"),
    Approver(name="Demo Director", role="director"),
    Approver(name="Demo Studio", role="studio"),
    Approver(name="Demo Counsel", role="legal"),
)
# A collapse in the story of a fictional series, over a photograph of a real building.
USE = UseBrief(
    output_use="final_story",
    purpose="an apartment block comes down in episode 6",
    alternative="a miniature; not affordable on this budget",
    in_dialogue="no",
    story_relevant="yes",
    resembles=("place",),
    presented="fiction",
    covered_role="assists",
    director_answer="yes",
    similarity="no",
    territories=("worldwide",),
    plate_rights="licensed",
    plate_author="the OpenCV contributors (Apache-2.0, see DATA_LICENSES.md)",
    plate_personal_data="no",
    plate_confidentiality="open",
    plate_mark="no",
)
SETTINGS = ShowSettings(code="DEMO", artist="Demo Artist", use=USE, approvers=PEOPLE)
STAND_INS = "These keys are stand-ins, made by the demo. Keys of a real show lie outside its folder.\n"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """The demo, made."""

    summary: dict[str, Any]
    where_to_look: tuple[str, ...]
    story: tuple[str, ...]
    """What happened on the way, a line each."""


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
    story = [f"{len(drafts)} draft takes made; nobody was asked for a form"]
    keys = show.root / "keys"
    final = _finished(show, drafts[0], keys=keys, workers=workers, progress=progress, story=story)
    checked = verify_show(show)
    state = "; ".join(checked.wrong) if checked.wrong else f"whole, {checked.entries} entries"
    story += [f"verified: {said}" for said in checked.deliveries] + [f"ledger: {state}"]
    binder = write_show_binder(show, keys=keys)
    summary = _summary(show, drafts, final, seconds=time.perf_counter() - began)
    summary["clearance"] = {"story": story, "wrong": list(checked.wrong), "notes": list(checked.notes)}
    write_json(show.root / "summary.json", summary)
    look = (
        f"layout:        {drawn.sheet}",
        f"takes:         {drafts[0].side_by_side or drafts[0].contact_sheet}",
        f"finished take: {final.movie}",
        f"its frames:    {final.folder}",
        f"binder:        {binder.editions['studio'][1]}",
        f"summary:       {show.root / 'summary.json'}",
    )
    return DemoResult(summary=summary, where_to_look=look, story=tuple(story))


def sign_for_all(show: Show, chosen: TakeResult, *, keys: Path, note: str = "demo") -> None:
    """Make stand-ins' keys and have each of them sign: what people do in a show, after they looked."""
    if not has_keys(show):
        init_keys(show, keys=keys, organisation="Second Unit demo", inside=True)
        write_text(keys / "README.txt", STAND_INS)
    artist = show.settings.artist
    add_person(show, name=artist, role="artist", keys=keys, inside=True)
    opt_in(show, SHOT, keys=keys)
    for person in show.settings.approvers:
        add_person(show, name=person.name, role=person.role, keys=keys, inside=True)
        approve(
            show,
            SHOT,
            take=chosen.take.number,
            by=person.name,
            role=person.role,
            proxy=chosen.movie,
            note=note,
            keys=keys,
        )


def _finished(
    show: Show,
    chosen: TakeResult,
    *,
    keys: Path,
    workers: int | None,
    progress: Progress | None,
    story: list[str],
) -> TakeResult:
    """Finish the chosen take: it is refused, four people sign, and it is made."""
    number = chosen.take.number
    try:
        return finish(show, SHOT, take=number, workers=workers, progress=progress, keys=keys)
    except ClearanceError as refused:
        story.append(f"the final stopped: {refused.message}")
    sign_for_all(show, chosen, keys=keys)
    names = ", ".join(f"{p.name} ({p.role})" for p in show.settings.approvers)
    story.append(f"signed with their own keys (stand-ins here): {names}")
    final = finish(show, SHOT, take=number, workers=workers, progress=progress, keys=keys)
    story.append(f"the final was made, signed and verified; signing took {final.sign_seconds:.1f} s")
    return final


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
