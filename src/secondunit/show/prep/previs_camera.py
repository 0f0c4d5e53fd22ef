"""A camera that was changed elsewhere comes back: USD from Blender or Maya, ``.chan`` from Nuke."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.media.chan import read_chan
from secondunit.media.digest import file_digest
from secondunit.media.usd import read_usd_camera
from secondunit.prep.previs.brief import PrevisBrief
from secondunit.prep.previs.camera_move import filmback_of
from secondunit.show.brief.write import toml_value
from secondunit.show.store.records import write_text

_USD = (".usd", ".usda", ".usdc", ".usdz")
_SAME = 0.01
"""How far aspects may differ before it is said."""


def bring_camera(brief: Path, camera: Path) -> None:
    """Copy a camera beside a brief and name it there; the brief as it was is kept as ``previs.toml.before``.

    The keys stay in the brief: take ``file`` out and they hold again.

    Raises
    ------
    BriefError
        The file is not there, or is no camera.
    """
    suffix = camera.suffix.lower()
    if suffix not in (*_USD, ".chan"):
        raise BriefError(f"{camera.name} is no camera", fix="give a .usd, .usda, .usdc or .chan file")
    if not camera.is_file():
        raise BriefError(f"{camera} does not exist", fix="check the path")
    if suffix == ".chan":
        read_chan(camera, width=960, height=540)
    else:
        read_usd_camera(camera, FrameRange(1, 1))
    name = f"camera_{file_digest(camera)[:10]}{suffix}"
    target = brief.parent / name
    if not target.exists():
        shutil.copyfile(camera, target)
    text = brief.read_text(encoding="utf-8")
    changed = with_camera_file(text, name)
    if changed != text:
        write_text(brief.with_name(brief.name + ".before"), text)
        write_text(brief, changed)


def with_camera_file(text: str, name: str) -> str:
    r"""Return a brief's text with ``file`` under [camera] set, all else as a person left it.

    >>> with_camera_file('[camera]\nbody = "x"\n', "a.usda")
    '[camera]\nfile = "a.usda"\nbody = "x"\n'
    """
    line = f"file = {toml_value(name)}"
    lines = text.splitlines(keepends=True)
    inside = False
    for number, content in enumerate(lines):
        head = content.strip()
        if head.startswith("["):
            if inside:
                break
            inside = head.split("#")[0].strip() == "[camera]"
            if inside:
                place = number + 1
        elif inside and re.match(r"#?\s*file\s*=", head):
            note = content[content.index("#", 1) :] if "#" in content[1:] else "\n"
            lines[number] = f"{line}  {note}" if note.startswith("#") else f"{line}\n"
            return "".join(lines)
    else:
        if not inside:
            return f"{text.rstrip()}\n\n[camera]\n{line}\n"
    lines.insert(place, f"{line}\n")
    return "".join(lines)


def file_camera(home: Path, brief: PrevisBrief) -> tuple[CameraPath | None, tuple[str, ...]]:
    """Return the camera that a brief names as a file, fitted to its picture, and what a person should know of it.

    Horizontal angles are kept: a file's aspect is that of the program it was changed in, the picture's is the brief's.

    Raises
    ------
    BriefError
        The file is not there, or holds no camera.
    """
    if not brief.camera.file:
        return None, ()
    path = home / brief.camera.file
    if not path.is_file():
        raise BriefError(f"[camera] file = {brief.camera.file!r} is not in {home}", fix="bring it with --camera FILE")
    width, height = brief.picture.size
    frames = brief.picture.range
    read = (
        read_chan(path, width=width, height=height) if path.suffix.lower() == ".chan" else read_usd_camera(path, frames)
    )
    aspect = width / height
    first = read.at(frames.first).filmback
    notes = []
    if path.suffix.lower() != ".chan" and abs(first.width_mm / first.height_mm / aspect - 1) > _SAME:
        notes.append(
            f"{path.name} is {first.width_mm / first.height_mm:.2f}:1, the picture {aspect:.2f}:1: its width is kept"
        )
    expected = filmback_of(brief.camera, brief.picture)
    if path.suffix.lower() != ".chan" and abs(first.width_mm / expected.width_mm - 1) > _SAME:
        notes.append(
            f"{path.name} has a filmback {first.width_mm:.2f} mm wide, {brief.camera.body} {expected.width_mm:.2f}"
        )

    def fitted(camera: Camera) -> Camera:
        back = camera.filmback
        return replace(camera, filmback=replace(back, height_mm=back.width_mm / aspect))

    keys = tuple((f, fitted(read.at(f))) for f in frames)
    if all(key == keys[0][1] for _, key in keys):
        return CameraPath(locked=keys[0][1]), tuple(notes)
    return CameraPath(locked=keys[0][1], keys=keys), tuple(notes)
