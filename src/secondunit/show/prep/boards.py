"""``prep boards``: the shot list as drawn panels, pages, an animatic, a timeline and a Storyboarder project."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.farm.local import LocalFarm
from secondunit.media.png import write_png
from secondunit.prep.boards.animatic import Beat, write_animatic
from secondunit.prep.boards.blocking import block_scene, without_proxy
from secondunit.prep.boards.framing import filmback_of
from secondunit.prep.boards.lettering import VARIABLE, missing_letters
from secondunit.prep.boards.pages import PagePanel, write_pages
from secondunit.prep.boards.panel_brief import PanelBrief
from secondunit.prep.boards.sheet import Caption, caption_for
from secondunit.prep.boards.storyboarder import BoardOut, as_reference, read_storyboarder, uid_of, write_storyboarder
from secondunit.prep.boards.style import style_of
from secondunit.prep.boards.timeline import Clip, write_timeline
from secondunit.prep.shotlist.shot import ShotEntry, caption_of, full_name
from secondunit.prep.stage.blocks import kind_of_place
from secondunit.show.prep.board_set import approved_set
from secondunit.show.prep.board_work import ART, EDITS, PANEL, BoardJob, draw_board, own_drawing, read_picture, width_of
from secondunit.show.prep.boards_file import read_panel
from secondunit.show.prep.shotlist_file import read_shotlist
from secondunit.show.prep.store import PrepStore, prep_of
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.show import Show, locked

Codes = NDArray[np.uint8]
Progress = Callable[[str, int, int], None]
_ALONE: Final = 3
"""So few boards are drawn here: workers would take longer to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardsResult:
    """What was drawn and written."""

    boards: tuple[tuple[str, str], ...]
    """Each shot's full name, and ``drawn``, ``kept`` or ``own drawing``."""
    pages: int
    frames: int
    files: tuple[Path, ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "boards": dict(self.boards),
            "pages": self.pages,
            "frames": self.frames,
            "files": [str(f) for f in self.files],
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardOptions:
    """How boards are made."""

    scene: str = ""
    """One scene by number; empty is all."""
    style: str = "pencil"
    aspect: float = 1.85
    width: int = 0
    """Panel width in pixels; 0 is 1600."""
    per_page: int = 6
    paper: str = "a4"
    workers: int = 0
    again: bool = False
    """Draws panels that have not changed as well."""
    movie: bool = True


def make_boards(
    show: Show, options: BoardOptions = BoardOptions(), *, progress: Progress | None = None
) -> BoardsResult:
    """Draw the boards of a show, or of one scene, and write everything that is made of them.

    Only what changed is drawn again. A person's drawing in a board's folder takes the panel's place and is never
    written; so is ``panel.toml`` once it is there.

    Raises
    ------
    BriefError
        No shot list, no such scene, a style or aspect that there is not, an edit that cannot be meant.
    """
    style_of(options.style)
    filmback_of(options.aspect)
    store = prep_of(show)
    shots = _shots(store, options.scene, show)
    store.root.mkdir(parents=True, exist_ok=True)
    with locked(store.root):
        job = _job(show, store, shots, options)
        records = _drawn(job, options, progress)
        return _written(show, store, job, records, options, progress)


def _shots(store: PrepStore, scene: str, show: Show) -> tuple[ShotEntry, ...]:
    if not store.shotlist.is_file():
        raise BriefError(
            f"{show.root} has no shot list",
            fix=f"make one: secondunit prep breakdown {show.typed}, or write prep/shotlist.toml",
        )
    shots = read_shotlist(store.shotlist)
    wanted = tuple(s for s in shots if not scene or s.scene.casefold() == scene.casefold())
    if not wanted:
        there = ", ".join(dict.fromkeys(s.scene for s in shots)) or "none"
        raise BriefError(f"the shot list has no shot of scene {scene}", fix=f"scenes with shots: {there}")
    return wanted


def _job(show: Show, store: PrepStore, shots: tuple[ShotEntry, ...], options: BoardOptions) -> BoardJob:
    every = read_shotlist(store.shotlist)
    blockings = {}
    for scene in dict.fromkeys(s.scene for s in shots):
        of_scene = [s for s in every if s.scene == scene]
        first = of_scene[0]
        in_car = kind_of_place(first.set_name, first.int_ext) == "car"
        blockings[scene] = block_scene(of_scene, inside_car=in_car)
    sets = {name: approved_set(show, name) for name in dict.fromkeys(s.set_name for s in shots)}
    return BoardJob(
        shots=shots,
        names=tuple(full_name(show.settings.code, s) for s in shots),
        folders=tuple(str(store.board(s.name)) for s in shots),
        blockings=blockings,
        edits=tuple(read_panel(store.board(s.name) / EDITS) for s in shots),
        sets=tuple(sets[s.set_name] if not s.int_ext.upper().startswith("INT") else None for s in shots),
        style=options.style,
        aspect=options.aspect,
        width=width_of(options.width),
        again=options.again,
    )


def _drawn(job: BoardJob, options: BoardOptions, progress: Progress | None) -> list[dict[str, Any]]:
    count = len(job.shots)
    for folder in job.folders:
        Path(folder).mkdir(parents=True, exist_ok=True)
    records: dict[int, dict[str, Any]] = {}

    def told(done: int) -> None:
        if progress is not None:
            progress("boards", done, count)

    alone = count <= _ALONE or options.workers == 1
    with nullcontext() if alone else LocalFarm(workers=options.workers or None) as farm:
        if farm is None:
            for k in range(count):
                records[k] = draw_board(job, k)
                told(k + 1)
        else:
            for k, record in farm.map_frames(draw_board, range(count), job=job):
                records[k] = record
                told(len(records))
    return [records[k] for k in range(count)]


def _written(
    show: Show,
    store: PrepStore,
    job: BoardJob,
    records: Sequence[dict[str, Any]],
    options: BoardOptions,
    progress: Progress | None,
) -> BoardsResult:
    folder = store.root / "boards"
    stem = f"{show.settings.code}_boards" + (f"_{job.shots[0].name.rsplit('_', 1)[0]}" if options.scene else "")
    notes = [e.note if e.note is not None else s.note for e, s in zip(job.edits, job.shots, strict=True)]
    captions = [
        caption_for(n, s, aspect=job.aspect, note=note, own=r["source"] == "drawing")
        for n, s, note, r in zip(job.names, job.shots, notes, records, strict=True)
    ]
    arts = [Path(f) / ART for f in job.folders]
    rate = show.settings.rate
    title = f"{show.settings.code}   Boards" + (f"   Scene {job.shots[0].scene}" if options.scene else "")
    files = [folder / f"{stem}.pdf", folder / f"{stem}.otio"]
    pages = write_pages(
        files[0],
        [PagePanel(picture=a, caption=c) for a, c in zip(arts, captions, strict=True)],
        title=title,
        per_page=options.per_page,
        paper=options.paper,
    )
    clips = [
        Clip(name=n, shot=s, picture=f"{Path(f).name}/{ART}", note=note)
        for n, s, f, note in zip(job.names, job.shots, job.folders, notes, strict=True)
    ]
    write_timeline(files[1], clips, name=stem, rate=rate)
    pictures = [read_picture(a) for a in arts]
    outs = [
        BoardOut(
            shot=n, art=p, seconds=float(s.duration_s), action=caption_of(s), notes=note,
            new_scene=k == 0 or s.scene != job.shots[k - 1].scene,
        )
        for k, (n, s, p, note) in enumerate(zip(job.names, job.shots, pictures, notes, strict=True))
    ]  # fmt: skip
    files.append(
        write_storyboarder(folder / f"{stem}_storyboarder", outs, name=stem, aspect=job.aspect, fps=float(rate))
    )
    frames = 0
    if options.movie:
        if progress is not None:
            progress("animatic", 0, 1)
        seconds = sum(float(s.duration_s) for s in job.shots)
        lines = [
            f"{len(job.shots)} boards, {seconds:.1f} s at {float(rate):g} fps",
            f"style: {job.style}, {job.aspect:.2f}:1",
            "temp: for editorial, not final",
        ]
        beats = [
            Beat(name=n, art=p, seconds=float(s.duration_s), said=caption_of(s))
            for n, s, p in zip(job.names, job.shots, pictures, strict=True)
        ]
        files.append(folder / f"{stem}.mp4")
        frames = write_animatic(files[-1], beats, rate=rate, title=title, lines=lines)
        if progress is not None:
            progress("animatic", 1, 1)
    files += [Path(f) / PANEL for f in job.folders]
    boards = tuple(
        (n, "own drawing" if r["source"] == "drawing" else "drawn" if r["drew"] else "kept")
        for n, r in zip(job.names, records, strict=True)
    )
    _record(show, job, records)
    return BoardsResult(
        boards=boards, pages=pages, frames=frames, files=tuple(files), warnings=_warnings(job, captions)
    )


def _record(show: Show, job: BoardJob, records: Sequence[dict[str, Any]]) -> None:
    """Put drawn boards on the show's record, each with its recipe and picture, so that a shot's lineage begins here."""
    with ledger_of(show) as ledger:
        for shot, name, record in zip(job.shots, job.names, records, strict=True):
            if record["drew"]:
                facts = {
                    "kind": "board",
                    "state": "drawn", "shot": shot.name, "name": name, "recipe": record["recipe"],
                    "art_sha256": record["art_sha256"],
                    "style": record["style"], "set": record["set"],
                }  # fmt: skip
                ledger.append("output", facts)


def _warnings(job: BoardJob, captions: Sequence[Caption]) -> tuple[str, ...]:
    out = []
    lost = sorted(
        {
            c
            for caption in captions
            for c in missing_letters(f"{caption.name}{caption.place}{caption.said}{caption.note}")
        }
    )
    if lost:
        out.append(f"no font here has {''.join(lost[:12])}: set {VARIABLE} to a font file that has")
    lacking = without_proxy(job.shots)
    if lacking:
        out.append(
            f"nothing stands for {', '.join(lacking)} on a stage: draw it in, or name another kind in panel.toml"
        )
    gone = [s.name for s in job.shots if s.revision == "orphaned"]
    if gone:
        out.append(f"orphaned by the revision, kept on the boards: {', '.join(gone)}")
    unknown = [s.name for s, edit in zip(job.shots, job.edits, strict=True) if edit != PanelBrief()]
    if unknown:
        out.append(f"edited by hand in panel.toml: {', '.join(unknown)}")
    return tuple(out)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What came in from Storyboarder."""

    taken: tuple[tuple[str, str], ...]
    """Shot and the file its drawing was written to."""
    same: tuple[str, ...]
    """Shots whose drawing is what is there already."""
    unmatched: tuple[int, ...]
    """Numbers of boards that belong to no shot."""


def import_storyboarder(show: Show, project: Path) -> ImportResult:
    """Take drawings of a Storyboarder project as the panels of their shots.

    A board is matched by the uid we gave it, else by its shot's name. What was drawn over ours comes in as
    ``drawing.png``; where one lies there already the new one takes the next number, and nothing is overwritten.

    Raises
    ------
    BriefError
        No shot list, or the project cannot be read.
    """
    store = prep_of(show)
    shots = _shots(store, "", show)
    names = {full_name(show.settings.code, s): s for s in shots}
    by_uid = {uid_of(n): s for n, s in names.items()}
    by_name = names | {s.name: s for s in shots}
    boards = read_storyboarder(project)
    taken, same, unmatched = [], [], []
    with locked(store.root):
        for board in boards:
            shot = by_uid.get(board.uid) or by_name.get(board.shot)
            if shot is None:
                unmatched.append(board.number)
                continue
            folder = store.board(shot.name)
            if board.art is None or _is_ours(board.art, folder, touched=board.touched):
                same.append(shot.name)
                continue
            old = own_drawing(folder)
            if old is not None and _alike(read_picture(old), board.art):
                same.append(shot.name)
                continue
            target = _free(folder)
            write_png(target, board.art)
            taken.append((shot.name, str(target)))
    return ImportResult(taken=tuple(taken), same=tuple(same), unmatched=tuple(unmatched))


def _is_ours(art: Codes, folder: Path, *, touched: bool) -> bool:
    """Say whether a board is still the drawing we wrote into the project."""
    if touched or not (folder / ART).is_file():
        return False
    ours = read_picture(folder / ART)
    return _alike(as_reference(ours, art.shape[1], art.shape[0]), art)


def _alike(a: Codes, b: Codes) -> bool:
    return a.shape == b.shape and bool((a == b).all())


def _free(folder: Path) -> Path:
    """Return a drawing's name that is not taken and comes after those that are."""
    folder.mkdir(parents=True, exist_ok=True)
    if own_drawing(folder) is None:
        return folder / "drawing.png"
    number = 2
    while any(folder.glob(f"drawing_{number:02d}.*")):
        number += 1
    return folder / f"drawing_{number:02d}.png"
