"""One board in a worker: staged, drawn and written, or left where nothing changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.core.recipe import digest
from secondunit.media.png import write_png
from secondunit.prep.boards.blocking import Blocking
from secondunit.prep.boards.drawing import WIDTH_PX
from secondunit.prep.boards.panel import draw_panel, stage_panel
from secondunit.prep.boards.panel_brief import PanelBrief
from secondunit.prep.boards.sheet import caption_for, fitted_drawing, panel_sheet
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.prep.stage.blocks import Block, build_block
from secondunit.show.prep.board_set import set_stage
from secondunit.show.prep.boards_file import panel_template
from secondunit.show.store.records import read_json, write_json, write_text

Codes = NDArray[np.uint8]
VERSION: Final = 1
"""Raised whenever the same shot gives another drawing."""
ART, PANEL, RECORD, EDITS = "art.png", "panel.png", "board.json", "panel.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardJob:
    """What a worker is told: small values, no meshes."""

    shots: tuple[ShotEntry, ...]
    names: tuple[str, ...]
    """As files and captions have them."""
    folders: tuple[str, ...]
    blockings: Mapping[str, Blocking]
    """By scene."""
    edits: tuple[PanelBrief, ...]
    sets: tuple[SetBrief | None, ...]
    """Each shot's approved set, or None for a sketched one."""
    style: str
    aspect: float
    width: int
    again: bool


def own_drawing(folder: Path) -> Path | None:
    """Return a person's drawing in a board's folder: ``drawing.png`` or .jpg; of several the last by name."""
    found = sorted(p for p in folder.glob("drawing*") if p.suffix.lower() in (".png", ".jpg", ".jpeg"))
    return max(found, key=lambda p: (len(p.stem), p.stem)) if found else None


def read_picture(path: Path) -> Codes:
    """Return an 8-bit picture as (height, width, 3), on white where it is transparent.

    Raises
    ------
    BriefError
        It cannot be read.
    """
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise BriefError(f"{path} cannot be read as a picture", fix="save it as PNG or JPEG")
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.shape[2] == 4:
        alpha = picture[..., 3:].astype(np.float32) / 255
        picture = np.asarray(picture[..., :3] * alpha + 255 * (1 - alpha) + 0.5, np.uint8)
    return np.ascontiguousarray(picture[..., ::-1])


@lru_cache(maxsize=4)
def _block(set_name: str, int_ext: str) -> Block:
    return build_block(set_name, int_ext)


def board_recipe(job: BoardJob, k: int) -> str:
    """Return the digest of all that a board's drawing depends on."""
    shot = replace(job.shots[k], revision="", caption="", duration_s=0.0)
    return digest(
        {
            "version": VERSION, "shot": shot, "blocking": job.blockings[shot.scene], "edits": job.edits[k],
            "style": job.edits[k].style or job.style, "aspect": job.aspect, "width": job.width,
            "set": digest(job.sets[k]),
        }
    )  # fmt: skip


def draw_board(job: BoardJob, k: int) -> dict[str, Any]:
    """Draw the ``k``-th board of a job into its folder and return its record.

    Raises
    ------
    BriefError
        A person's drawing cannot be read, or an edit cannot be meant.
    """
    shot, folder = job.shots[k], Path(job.folders[k])
    recipe = board_recipe(job, k)
    own = own_drawing(folder)
    before = read_json(folder / RECORD) if (folder / RECORD).is_file() else {}
    art_file = folder / ART
    same = before.get("recipe") == recipe and art_file.is_file()
    note = job.edits[k].note
    seed = job.blockings[shot.scene].seed % 100_000 + k
    if own is not None:
        height = round(job.width / job.aspect / 2) * 2
        art = fitted_drawing(read_picture(own), width=job.width, height=height)
        source, drew = "drawing", False
    elif same and not job.again and before.get("source") == "staged":
        art, source, drew = read_picture(art_file), "staged", False
    else:
        block = _block(shot.set_name, shot.int_ext)
        brief = job.sets[k]
        stage = set_stage(brief) if brief is not None else None
        staged = stage_panel(
            shot, job.blockings[shot.scene], block, aspect=job.aspect, edits=job.edits[k], set_stage=stage
        )
        style = job.edits[k].style or job.style
        art = draw_panel(staged, style=style, width=job.width)
        source, drew = "staged", True
        if not (folder / EDITS).exists():
            write_text(folder / EDITS, panel_template(staged, style=style))
    caption = caption_for(job.names[k], shot, aspect=job.aspect, note=note, own=own is not None)
    record = {
        "shot": shot.name,
        "recipe": recipe,
        "source": source,
        "drawing": own.name if own is not None else "",
        "style": job.edits[k].style or job.style,
        "revision": shot.revision,
        "set": digest(job.sets[k]) if job.sets[k] is not None else "",
        "art_sha256": _print(art),
    }
    if drew or own is not None or before.get("art_sha256") != record["art_sha256"] or not art_file.is_file():
        write_png(art_file, art)
    told = digest({"caption": caption, "art": record["art_sha256"], "version": VERSION})
    if before.get("panel") != told or not (folder / PANEL).is_file():
        write_png(folder / PANEL, panel_sheet(art, caption, seed=seed))
    record["panel"] = told
    if record != before:
        write_json(folder / RECORD, record, sync=False)
    return {**record, "drew": drew}


def _print(art: Codes) -> str:
    return sha256(np.ascontiguousarray(art).tobytes()).hexdigest()


def width_of(width: int) -> int:
    """Return a panel width that can be drawn; 0 takes the usual.

    Raises
    ------
    BriefError
        Out of range.
    """
    if width == 0:
        return WIDTH_PX
    if not 320 <= width <= 4096:
        raise BriefError(f"a panel {width} pixels wide", fix="use 320 to 4096")
    return width // 2 * 2
