"""``shot init --from-previs``: the effects shot begins from what was agreed, its layout, its camera, its timing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from secondunit.core.brief import BoxBrief, CameraBrief, HoldoutBrief, MatteBrief, PlateBrief, ShotBrief, SunBrief
from secondunit.core.collapse import Collapse, Look
from secondunit.core.errors import BriefError
from secondunit.core.layout import Box
from secondunit.media.digest import file_digest
from secondunit.media.plate import open_plate
from secondunit.prep.previs.brief import CollapseBrief
from secondunit.prep.previs.rehearsal import Rehearsal
from secondunit.show.brief.shot_file import LIMITS
from secondunit.show.brief.table import read_table
from secondunit.show.brief.write import write_shot
from secondunit.show.prep.previs import BRIEF, PrevisResult, latest_previs
from secondunit.show.prep.previs_camera import file_camera
from secondunit.show.prep.previs_collapse import falling_box
from secondunit.show.prep.previs_file import read_previs
from secondunit.show.prep.previs_job import PrevisJob, copy_whole, rehearsal_of
from secondunit.show.prep.previs_set import find_set
from secondunit.show.prep.previs_standin import Standin, make_standin
from secondunit.show.record.ledger import ledger_of
from secondunit.show.shot.layout import LayoutResult, draw_layout, plate_name
from secondunit.show.shot.plate_link import LINK, STANDIN
from secondunit.show.shot.scene import open_scene
from secondunit.show.store.records import write_json, write_text
from secondunit.show.store.show import Show, locked

Progress = Callable[[str, int, int], None]
CAMERA = "previs_camera.usda"
NEAR_M = 90.0
"""Buildings nearer than this to the camera come along as neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """A version of a previs, opened as it was made."""

    result: PrevisResult
    job: PrevisJob
    rehearsal: Rehearsal


def init_from_previs(
    show: Show,
    shot: str,
    *,
    plate: str = "",
    colour_space: str = "auto",
    force: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> LayoutResult:
    """Begin a shot from the newest previs: boxes, camera path, sun, start frame and preset of the collapse.

    Parameters
    ----------
    plate
        The photographed plate. Without one the previs itself is rendered as a stand-in, named so in its files, its
        headers, the brief and every finding.
    force
        Write ``shot.toml`` anew; the old one is kept as ``shot.toml.before``.

    Raises
    ------
    BriefError
        There is no previs, its set has no building, the shot exists already, or the plate cannot be used.
    """
    folder = show.shot_folder(shot)
    path = folder / "shot.toml"
    if path.exists() and not force:
        raise BriefError(f"{path} exists already", fix="edit it and run 'secondunit shot layout', or give --force")
    taken = _open(show, shot)
    hero = _hero(shot, taken)
    with locked(folder):
        copy_whole(taken.result.usd.parent / "camera.usda", folder / CAMERA)
        standin: Standin | None = None
        if plate:
            brief_plate = _photographed(show, folder, plate, colour_space)
        else:
            version = taken.result.version
            standin = make_standin(show, shot, taken.job, version, folder, workers=workers, progress=progress)
            brief_plate = standin.plate
        brief = _shot_brief(shot, taken, hero, brief_plate, standin)
        text = _head(taken.result, standin) + write_shot(brief)
        if path.exists():
            path.replace(path.with_name("shot.toml.before"))
        write_text(path, text)
        _link(show, shot, folder, taken.result, standin, plate=plate)
        result = draw_layout(open_scene(show, shot))
    return replace(result, notes=(*result.notes, *_told(taken, standin)))


def _open(show: Show, shot: str) -> _Taken:
    result = latest_previs(show, shot)
    brief = read_previs(result.folder / BRIEF)
    camera, _ = file_camera(result.folder.parent, brief)
    job = PrevisJob(cache=show.cache, brief=brief, found=find_set(show, brief.set), camera=camera)
    job = replace(job, stops=float(result.record["stops"]))
    return _Taken(result=result, job=job, rehearsal=rehearsal_of(job))


def _photographed(show: Show, folder: Path, plate: str, colour_space: str) -> PlateBrief:
    asked: dict[str, Any] = {"file": plate_name(Path(plate), folder), "colour_space": colour_space}
    brief = read_table(
        PlateBrief, asked, file=Path("--plate"), section="plate", limits=LIMITS, defaults=show.settings.plate_defaults
    )
    source = open_plate(brief, root=folder)
    count = len(source.range)
    return replace(brief, frames=count, rate=source.rate, handles=min(brief.handles, max((count - 1) // 2, 0)))


def _hero(shot: str, taken: _Taken) -> Box:
    boxes, said = taken.rehearsal.scene.boxes, taken.job.brief.collapse
    if not any(b.kind == "building" for b in boxes):
        raise BriefError(
            f"the previs of {shot} has no building that could come down",
            fix="give its [set] a name: the shot begins from the set's boxes",
        )
    return falling_box(said or CollapseBrief(), boxes)


def _shot_brief(shot: str, taken: _Taken, hero: Box, plate: PlateBrief, standin: Standin | None) -> ShotBrief:
    previs, boxes = taken.job.brief, taken.rehearsal.scene.boxes
    said = previs.collapse
    collapse = said.collapse if said is not None else Collapse(start_frame=previs.picture.cut.first)
    first, last = plate.range.first, plate.range.last
    collapse = replace(collapse, start_frame=min(max(collapse.start_frame, first), last))
    near = [b for b in boxes if b.name != hero.name and b.kind == "building" and _away(b, taken) < NEAR_M]
    sun = taken.rehearsal.sun
    strength = 2.0**taken.job.stops
    illuminance, sky = (_scaled(light, strength) for light in (sun.illuminance, sun.sky))
    return ShotBrief(
        name=shot,
        plate=plate,
        camera=CameraBrief(file=CAMERA),
        boxes=(_box(hero, "building"), *(_box(b, "neighbour") for b in near)),
        sun=SunBrief(
            azimuth_deg=round(sun.azimuth_deg, 2),
            elevation_deg=round(max(sun.elevation_deg, -5.0), 2),
            illuminance=illuminance if standin is not None else None,
            sky=sky if standin is not None else None,
        ),
        matte=MatteBrief(refine=standin is None),
        holdouts=tuple(
            HoldoutBrief(name=h.name, file=h.file, depth_m=h.depth_m, refine=False) for h in standin.holdouts
        )
        if standin is not None
        else (),
        clean_plate=standin.clean if standin is not None else "",
        collapse=collapse,
        look=Look() if standin is None else Look(grain=0.0),  # a rendered plate has none to match
    )


def _scaled(light: tuple[float, float, float], strength: float) -> tuple[float, float, float]:
    r, g, b = (round(v * strength, 4) for v in light)
    return r, g, b


def _box(box: Box, kind: str) -> BoxBrief:
    def r(value: float) -> float:
        return round(float(value), 4)

    x, y, z = box.corner_m
    return BoxBrief(
        name=box.name,
        kind="building" if kind == "building" else "neighbour",
        floors=box.floors,
        bays=box.bays,
        bays_deep=box.bays_deep,
        floor_height_m=r(box.floor_height_m),
        depth_m=r(box.depth_m),
        window_ratio=r(box.window_ratio),
        corner_m=(r(x), r(y), r(z)),
        yaw_deg=r(box.yaw_deg),
        width_m=r(box.width_m),
    )


def _away(box: Box, taken: _Taken) -> float:
    eye = taken.rehearsal.path.at(taken.job.brief.picture.first_frame).position_m
    corners = box.corners()
    return float(min(((x - eye[0]) ** 2 + (z - eye[2]) ** 2) ** 0.5 for x, _, z in corners))


def _head(result: PrevisResult, standin: Standin | None) -> str:
    lines = [f"# Begun from previs {result.version} ({result.record['content'][:12]}): boxes, camera, sun, collapse."]
    if standin is not None:
        lines.append("# The plate is a PREVIS STAND-IN, rendered and not photographed. Put the real one in with")
        lines.append("#   secondunit shot init SHOW SHOT --from-previs --plate FILE --force")
    return "\n".join(lines) + "\n"


def _link(show: Show, shot: str, folder: Path, result: PrevisResult, standin: Standin | None, *, plate: str) -> None:
    """Write which previs the shot came from, and put it on record."""
    content = result.record["content"]
    link = {"schema": 1, "version": result.version, "content": content, "standin": standin is not None}
    write_json(folder / LINK, link)
    body = {
        "shot": shot,
        "previs": result.version,
        "content": content,
        "brief": file_digest(folder / "shot.toml"),
        "plate": STANDIN if standin is not None else Path(plate).name,
    }
    with ledger_of(show) as ledger:
        ledger.append("selection", body)


def _told(taken: _Taken, standin: Standin | None) -> tuple[str, ...]:
    said = [f"layout, camera and timing: previs {taken.result.version}"]
    if standin is not None:
        said.append("plate: a previs stand-in, rendered and not photographed")
        if taken.rehearsal.gaits or taken.rehearsal.drives:
            said.append("figures and vehicles are left out of the stand-in: nothing moving needs a holdout")
    path = taken.result.folder.parent / BRIEF
    if path.is_file() and read_previs(path) != taken.job.brief:
        said.append(f"previs.toml has changed since {taken.result.version}: run prep previs to take the change along")
    return tuple(said)
