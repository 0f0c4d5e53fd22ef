"""``secondunit prep previs``: from a shot list entry and its set to animatic, techvis sheet, USD, control passes."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.core.recipe import canonical, digest
from secondunit.farm.local import LocalFarm
from secondunit.media.chan import write_chan
from secondunit.media.digest import file_digest
from secondunit.media.movies import write_movie
from secondunit.prep.previs.brief import PictureBrief, PrevisBrief, SetRef
from secondunit.prep.previs.burn_in import Slate, framed
from secondunit.prep.previs.exposure import metered_stops
from secondunit.prep.previs.guess import guess_previs
from secondunit.prep.previs.rehearsal import Rehearsal
from secondunit.prep.previs.sheet_info import SheetInfo
from secondunit.prep.previs.techvis import Techvis, measure, told_frames
from secondunit.prep.previs.techvis_sheet import techvis_pdf
from secondunit.prep.previs.usd_scene import write_scene_usd
from secondunit.prep.shotlist.shot import ShotEntry, caption_of
from secondunit.show.prep.previs_camera import bring_camera, file_camera
from secondunit.show.prep.previs_collapse import run_collapse
from secondunit.show.prep.previs_control import write_control
from secondunit.show.prep.previs_file import previs_text, read_previs
from secondunit.show.prep.previs_job import (
    PrevisJob,
    beauty_at,
    each_frame,
    make_picture,
    picture_cache,
    picture_name,
    rehearsal_of,
)
from secondunit.show.prep.previs_set import built_scene, find_set
from secondunit.show.prep.shotlist_file import read_shotlist
from secondunit.show.prep.store import prep_of
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.records import read_json, write_json, write_text, write_whole
from secondunit.show.store.show import Show, locked

Progress = Callable[[str, int, int], None]
Codes = NDArray[np.uint8]
BRIEF, RECORD = "previs.toml", "previs.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrevisResult:
    """A previs that was made."""

    shot: str
    version: str
    folder: Path
    brief: Path
    begun: bool
    """Whether the brief was written just now, from the shot list."""
    animatic: Path
    techvis: Path
    usd: Path
    chan: Path
    control: Path | None
    record: dict[str, Any]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what machines are told."""
        paths = {
            "folder": self.folder, "brief": self.brief, "animatic": self.animatic, "techvis": self.techvis,
            "usd": self.usd, "chan": self.chan, "control": self.control,
        }  # fmt: skip
        said = {key: str(path) if path else None for key, path in paths.items()}
        return {"shot": self.shot, "version": self.version, **said, "begun": self.begun, "notes": list(self.notes)}


def make_previs(
    show: Show,
    shot: str,
    *,
    camera: Path | None = None,
    control: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
) -> PrevisResult:
    """Make a previs of a shot.

    ``previs.toml`` is written with good guesses where there is none, and read where there is. A changed brief, set or
    camera makes the next version; nothing that was made is written over. A stopped run goes on from its whole frames.

    Parameters
    ----------
    camera
        A camera that was changed elsewhere, USD or ``.chan``: it is copied beside the brief and used from now on.
    control
        Whether to make control passes as well.

    Raises
    ------
    BriefError
        The shot is not on the list, or the brief cannot be meant.
    StoreError
        The show's folder cannot be written, or another run is at work on this previs.
    """
    home = prep_of(show).previs(shot)
    entry, of_scene = entry_of(show, shot)
    if entry is None and not (home / BRIEF).is_file():
        raise BriefError(
            f"{shot} is not on the shot list", fix=f"add it to {prep_of(show).shotlist}, or write {home / BRIEF}"
        )
    with locked(home):
        begun = _begin(show, home, entry, of_scene)
        if camera is not None:
            bring_camera(home / BRIEF, camera)
        brief = previs_brief(show, shot)
        found = find_set(show, brief.set, interior=entry is not None and entry.int_ext == "INT")
        path, notes = file_camera(home, brief)
        job = PrevisJob(cache=show.cache, brief=brief, found=found, camera=path)
        if brief.collapse is not None:  # here, with progress; workers then find it in the cache
            boxes = built_scene(found).boxes
            run_collapse(
                show.cache, brief.collapse, boxes,
                frames=brief.picture.range, rate=brief.picture.rate, progress=progress,
            )  # fmt: skip
        rehearsal = rehearsal_of(job)
        job = _metered(job)
        folder, version, whole = claim_version(home, job.digest, control=control)
        with LocalFarm(workers=workers) as farm:
            pictures = _pictures(job, farm, progress)
            if not whole:
                said = (*notes, *((found.note,) if found.note else ()), *_sun_note(rehearsal))
                _write(show, shot, job, rehearsal, folder, version, pictures, entry, said, progress)
                if control:
                    write_control(job, folder / "control", farm, progress)
                _seal(show, shot, job, rehearsal, folder, version, said, entry)
    return result_of(show, shot, folder, begun=begun)


def previs_brief(show: Show, shot: str) -> PrevisBrief:
    """Read a shot's ``previs.toml``, with the show's rate, first frame and handles where it does not say.

    Raises
    ------
    BriefError
        There is none, it cannot be meant, or it is named otherwise than its folder.
    """
    path = prep_of(show).previs(shot) / BRIEF
    if not path.is_file():
        raise BriefError(f"{shot} has no previs", fix=f"make one: secondunit prep previs {show.typed} {shot}")
    brief = read_previs(path, defaults=_defaults(show))
    if brief.name != shot:
        raise BriefError(f"{path}: name = {brief.name!r} is not its folder's name", fix=f'write name = "{shot}"')
    return brief


def entry_of(show: Show, shot: str) -> tuple[ShotEntry | None, tuple[ShotEntry, ...]]:
    """Return a shot's entry on the shot list and all of its scene; None and nothing where it is not on it."""
    path = prep_of(show).shotlist
    if not path.is_file():
        return None, ()
    entries = read_shotlist(path)
    entry = next((e for e in entries if e.name == shot), None)
    return entry, tuple(e for e in entries if entry is not None and e.scene == entry.scene)


def result_of(show: Show, shot: str, folder: Path, *, begun: bool = False) -> PrevisResult:
    """Read a whole version back.

    Raises
    ------
    StoreError
        Its record is broken.
    """
    record = read_json(folder / RECORD)
    base = f"{show.settings.code}_{shot}_previs_{record['version']}"
    return PrevisResult(
        shot=shot,
        version=record["version"],
        folder=folder,
        brief=folder.parent / BRIEF,
        begun=begun,
        animatic=folder / f"{base}.mp4",
        techvis=folder / f"{base}_techvis.pdf",
        usd=folder / "usd" / "scene.usda",
        chan=folder / f"{base}.chan",
        control=folder / "control" if (folder / "control").is_dir() else None,
        record=record,
        notes=tuple(record["notes"]),
    )


def latest_previs(show: Show, shot: str) -> PrevisResult:
    """Return the newest whole version of a shot's previs.

    Raises
    ------
    BriefError
        There is none.
    """
    whole = sorted(prep_of(show).previs(shot).glob(f"v[0-9][0-9][0-9]/{RECORD}"))
    if not whole:
        raise BriefError(f"{shot} has no previs yet", fix=f"make one: secondunit prep previs {show.typed} {shot}")
    return result_of(show, shot, whole[-1].parent)


def claim_version(home: Path, content: str, *, control: bool) -> tuple[Path, str, bool]:
    """Return the folder of the version of this content, its name, and whether it is whole: the same, or the next."""
    numbers = [0]
    for path in sorted(home.glob("v[0-9][0-9][0-9]")):
        numbers.append(int(path.name[1:]))
        record = path / RECORD
        if not record.is_file():  # begun and stopped: its frames are in the cache
            shutil.rmtree(path)
            numbers.pop()
        elif read_json(record).get("content") == content and (not control or read_json(record)["control"]):
            return path, path.name, True
    name = f"v{max(numbers) + 1:03d}"
    return home / name, name, False


def _defaults(show: Show) -> PictureBrief:
    said = show.settings
    return PictureBrief(
        rate=said.rate, first_frame=said.first_frame, handles=said.handles, frames=2 * said.handles + 72
    )


def _begin(show: Show, home: Path, entry: ShotEntry | None, of_scene: tuple[ShotEntry, ...]) -> bool:
    path = home / BRIEF
    if path.is_file() or entry is None:
        return False
    found = find_set(show, SetRef(name=entry.set_name), interior=entry.int_ext == "INT")
    guessed = guess_previs(entry, built_scene(found), picture=_defaults(show), of_scene=of_scene)
    write_text(path, previs_text(guessed))
    return True


def _metered(job: PrevisJob) -> PrevisJob:
    seen = beauty_at(job, job.brief.picture.cut.first, samples=1, scale=0.25)
    return replace(job, stops=metered_stops(seen.beauty, seen.alpha))


def _sun_note(rehearsal: Rehearsal) -> tuple[str, ...]:
    return ("the sun is down at this hour: the light is the sky's",) if rehearsal.sun.elevation_deg <= 0 else ()


def _pictures(job: PrevisJob, farm: LocalFarm, progress: Progress | None) -> Callable[[int], Codes]:
    """Make what pictures are missing; return how to get one."""
    cache, frames = picture_cache(job), job.brief.picture.range
    todo = [f for f in frames if not cache.holds(picture_name(f))]
    step = None if progress is None else lambda done, total: progress("previs frames", done, total)
    width, height = job.brief.picture.size
    each_frame(farm, make_picture, todo, job=job, pixels=width * height, progress=step)

    def picture(frame: int) -> Codes:
        codes = cv2.imread(str(cache.path(picture_name(frame))), cv2.IMREAD_COLOR)
        return np.ascontiguousarray(np.asarray(codes, np.uint8)[..., ::-1])

    return picture


def _write(
    show: Show,
    shot: str,
    job: PrevisJob,
    rehearsal: Rehearsal,
    folder: Path,
    version: str,
    pictures: Callable[[int], Codes],
    entry: ShotEntry | None,
    notes: tuple[str, ...],
    progress: Progress | None,
) -> None:
    brief, frames = job.brief, job.brief.picture.range
    base = folder / f"{show.settings.code}_{shot}_previs_{version}"
    tech = techvis_of(rehearsal)
    squeeze = "" if brief.camera.squeeze == 1 else f" {brief.camera.squeeze:g}x"
    lens = f"{brief.camera.body}{squeeze}  {brief.picture.aspect:g}:1"
    slate = Slate(name=f"{show.settings.code}_{shot}", version=version, lens=lens, subject=brief.camera.subject)
    movie = base.with_name(base.name + ".mp4")

    def shown() -> Iterator[Codes]:
        for number, frame in enumerate(frames):
            yield framed(pictures(frame), brief.picture, tech.at(frame), slate)
            if progress is not None:
                progress("previs animatic", number + 1, len(frames))

    write_movie(movie, shown(), rate=brief.picture.rate)
    info = sheet_info(show, shot, rehearsal, tech, entry, notes=notes, pictures=pictures)
    write_whole(base.with_name(base.name + "_techvis.pdf"), lambda at: at.write_bytes(techvis_pdf(info)))
    write_json(base.with_name(base.name + "_techvis.json"), tech.as_json())
    write_scene_usd(folder / "usd", rehearsal)
    write_chan(base.with_name(base.name + ".chan"), rehearsal.path, frames=frames)
    write_text(folder / BRIEF, previs_text(brief))


def techvis_of(rehearsal: Rehearsal) -> Techvis:
    """Measure a rehearsal."""
    return measure(
        rehearsal.path,
        rehearsal.brief.camera,
        rehearsal.brief.picture,
        stage=rehearsal.built,
        sun=rehearsal.sun,
        subject=rehearsal.subject(),
    )


def sheet_info(
    show: Show,
    shot: str,
    rehearsal: Rehearsal,
    tech: Techvis,
    entry: ShotEntry | None,
    *,
    notes: tuple[str, ...],
    pictures: Callable[[int], Codes],
) -> SheetInfo:
    """Put together what the techvis sheet prints."""
    brief, frames = rehearsal.brief, rehearsal.brief.picture.range
    told = told_frames(frames, tuple(k.frame for k in brief.camera.keys))
    spaced = [round(frames.first + share * (len(frames) - 1)) for share in (0.0, 0.36, 0.68, 1.0)]
    shown = tuple(dict.fromkeys(spaced))
    subject = rehearsal.subject()
    alarms = [*notes]
    if tech.room_m < 0:
        alarms.insert(0, "the rig meets the set")
    return SheetInfo(
        show=show.settings.code,
        shot=shot,
        caption=caption_of(entry) if entry is not None else "",
        set_name=rehearsal.scene.name,
        brief=brief,
        path=rehearsal.path,
        techvis=tech,
        sun=rehearsal.sun,
        stage=rehearsal.built,
        tracks=rehearsal.tracks(),
        told=told,
        pictures=tuple((f, pictures(f)) for f in shown),
        subject_m=tuple(subject(f) for f in told) if subject else (),
        notes=tuple(alarms),
    )


def _seal(
    show: Show,
    shot: str,
    job: PrevisJob,
    rehearsal: Rehearsal,
    folder: Path,
    version: str,
    notes: tuple[str, ...],
    entry: ShotEntry | None,
) -> None:
    """Write the version's record and put it on the show's: the previs is whole with it."""
    files = {p.relative_to(folder).as_posix(): file_digest(p) for p in sorted(folder.glob("*")) if p.is_file()}
    files |= {p.relative_to(folder).as_posix(): file_digest(p) for p in sorted((folder / "usd").glob("*.usd*"))}
    sources = sources_of(show, shot, job, rehearsal, entry)
    control = (folder / "control").is_dir()
    record = {
        "schema": 1,
        "shot": shot,
        "version": version,
        "content": job.digest,
        "stops": job.stops,
        "from": sources,
        "control": control,
        "files": files,
        "notes": list(notes),
    }
    body = {
        "shot": shot,
        "kind": "previs",
        "state": version,
        "content": job.digest,
        "from": sources,
        "frames": list(job.brief.picture.range),
        "size": [job.brief.picture.width, job.brief.picture.height],
        "animatic": files[f"{show.settings.code}_{shot}_previs_{version}.mp4"],
    }
    with ledger_of(show) as ledger:
        ledger.append("output", body)
    write_json(folder / RECORD, record)


def sources_of(show: Show, shot: str, job: PrevisJob, rehearsal: Rehearsal, entry: ShotEntry | None) -> dict[str, str]:
    """Return the digests of what a previs comes from: its line on the shot list, its panels, its set, its brief."""
    found = {"brief": digest(job.brief), "set": rehearsal.scene.digest}
    if entry is not None:
        found["shot_list"] = digest(canonical(entry))
    panel = panel_of(show, shot)
    if panel:
        found["panel"] = panel
    if job.camera is not None:
        found["camera"] = digest(job.camera)
    return found


def panel_of(show: Show, shot: str) -> str:
    """Return the digest of a shot's panel as it was last drawn, by the record; empty where none was."""
    with ledger_of(show) as ledger:
        drawn = [e.facts for e in ledger.entries(kind="output") if e.facts.get("kind") == "board"]
    mine = [f for f in drawn if f.get("shot") == shot]
    return str(mine[-1].get("art_sha256", "")) if mine else ""
