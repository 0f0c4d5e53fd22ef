"""Storyboarder projects out and in: a ``.storyboarder`` file beside its ``images`` folder.

Format as Storyboarder 3 reads it (wonderunit/storyboarder, src/js/models/board.js): times in milliseconds, one picture
per layer, named after the board's place and its uid. Boards are told apart by uid, which we make from the shot's name.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.media.atomic import whole_file
from secondunit.media.png import write_png

Codes = NDArray[np.uint8]
LAYERS: Final = ("shot-generator", "reference", "fill", "tone", "pencil", "ink", "notes")
"""From the bottom up."""
HEIGHT_PX: Final = 900
_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MOST_BYTES: Final = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardOut:
    """A board to write."""

    shot: str
    art: Codes
    seconds: float
    action: str
    """What the shot list says of it."""
    notes: str
    new_scene: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoardIn:
    """A board that was read."""

    uid: str
    shot: str
    number: int
    art: Codes | None
    """Its layers, one over the other on white; None where it has none."""
    touched: bool
    """Whether it holds more than the reference layer we wrote."""


def uid_of(shot: str) -> str:
    """Return the five letters that stand for a shot in a project, the same each time."""
    number = int.from_bytes(sha256(shot.encode()).digest()[:8], "big")
    out = ""
    for _ in range(5):
        number, k = divmod(number, len(_LETTERS))
        out += _LETTERS[k]
    return out


def as_reference(art: Codes, width: int, height: int) -> Codes:
    """Return a drawing as it lies in a project's reference layer."""
    return np.asarray(cv2.resize(art, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def write_storyboarder(folder: Path, boards: Sequence[BoardOut], *, name: str, aspect: float, fps: float) -> Path:
    """Write a project into a folder and return its file. Drawings lie in the reference layer, to be drawn over."""
    rows: list[dict[str, Any]] = []
    at = 0
    size = (round(HEIGHT_PX * aspect), HEIGHT_PX) if aspect >= 1 else (HEIGHT_PX, round(HEIGHT_PX / aspect))
    for number, board in enumerate(boards, start=1):
        uid = uid_of(board.shot)
        stem = f"board-{number}-{uid}"
        picture = as_reference(board.art, *size)
        write_png(folder / "images" / f"{stem}-reference.png", picture)
        small = cv2.resize(picture, (round(60 * aspect), 60), interpolation=cv2.INTER_AREA)
        write_png(folder / "images" / f"{stem}-thumbnail.png", small)
        length = round(board.seconds * 1000)
        rows.append(
            {
                "uid": uid,
                "url": f"{stem}.png",
                "newShot": True,
                "lastEdited": 0,
                "layers": {
                    "reference": {"url": f"{stem}-reference.png", "opacity": 1.0, "thumbnail": f"{stem}-thumbnail.png"}
                },
                "number": number,
                "shot": board.shot,
                "time": at,
                "duration": length,
                "dialogue": "",
                "action": board.action,
                "notes": board.notes,
            }
        )
        at += length
    value = {"version": "3.0.0", "aspectRatio": aspect, "fps": fps, "defaultBoardTiming": 2000, "boards": rows}
    path = folder / f"{name}.storyboarder"
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read_storyboarder(path: Path) -> tuple[BoardIn, ...]:
    """Read a project.

    Raises
    ------
    BriefError
        It is no Storyboarder file, or a picture it names lies outside its folder or cannot be read.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BriefError(f"{path.name} is too large for a Storyboarder file", fix="check which file it is")
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BriefError(
            f"{path.name} cannot be read as a Storyboarder file: {error}", fix="save it again there"
        ) from error
    if not isinstance(value, dict) or not isinstance(value.get("boards"), list):
        raise BriefError(f"{path.name} holds no boards", fix="choose the project's .storyboarder file")
    return tuple(_board(row, n, path) for n, row in enumerate(value["boards"], start=1))


def _board(row: Any, number: int, path: Path) -> BoardIn:
    if not isinstance(row, dict):
        raise BriefError(f"{path.name}: board {number} is no table", fix="save it again in Storyboarder")
    found = row.get("layers")
    layers: dict[str, Any] = found if isinstance(found, dict) else {}
    sheet: NDArray[np.float32] | None = None
    seen = []
    for name in LAYERS:
        layer = layers.get(name)
        if not isinstance(layer, dict) or not isinstance(layer.get("url"), str):
            continue
        picture = _layer(path, layer["url"], number)
        if picture is None:
            continue
        seen.append(name)
        opacity = layer.get("opacity", 1.0)
        strength = float(opacity) if isinstance(opacity, int | float) else 1.0
        if sheet is None:
            sheet = np.full((*picture.shape[:2], 3), 255, np.float32)
        if picture.shape[:2] != sheet.shape[:2]:
            picture = cv2.resize(picture, (sheet.shape[1], sheet.shape[0]), interpolation=cv2.INTER_AREA)
        alpha = picture[..., 3:].astype(np.float32) / 255 * min(max(strength, 0.0), 1.0)
        sheet = sheet * (1 - alpha) + picture[..., :3].astype(np.float32) * alpha
    art = None if sheet is None else np.asarray(np.clip(sheet + 0.5, 0, 255), np.uint8)
    uid, shot = row.get("uid"), row.get("shot")
    return BoardIn(
        uid=uid if isinstance(uid, str) else "",
        shot=shot if isinstance(shot, str) else "",
        number=number,
        art=art,
        touched=seen not in ([], ["reference"]),
    )


def _layer(path: Path, url: str, number: int) -> Codes | None:
    """Return a layer's (height, width, 4) RGBA codes, or None where Storyboarder has not drawn it yet."""
    folder = (path.parent / "images").resolve()
    file = (folder / url).resolve()
    if folder not in file.parents:
        raise BriefError(f"{path.name}: board {number} names a picture outside its folder", fix="save it again there")
    if not file.is_file():
        return None
    picture = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.dtype != np.uint8:
        raise BriefError(f"{path.name}: {url} cannot be read as a picture", fix="save it again in Storyboarder")
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.shape[2] == 3:
        picture = np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, np.uint8)], axis=2)
    return np.asarray(picture[..., [2, 1, 0, 3]], np.uint8)
