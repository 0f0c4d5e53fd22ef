"""Beginning a shot, and drawing its scene over its plate."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from secondunit.core.brief import PlateBrief, ShotBrief
from secondunit.core.collapse import Collapse
from secondunit.core.errors import BriefError
from secondunit.core.recipe import canonical
from secondunit.core.take import Finding
from secondunit.fx.layout.guess import guess_layout
from secondunit.fx.layout.matte import building_matte, holdout_mattes
from secondunit.imaging.buffers import Image
from secondunit.media.colour import display
from secondunit.media.plate import PlateSource, open_plate
from secondunit.media.png import write_png
from secondunit.media.usd import write_layout_usd
from secondunit.show.brief.shot_file import LIMITS
from secondunit.show.brief.table import read_table
from secondunit.show.brief.write import write_shot
from secondunit.show.shot.layout_sheet import layout_sheet
from secondunit.show.shot.scene import Scene, open_scene
from secondunit.show.store.records import write_text
from secondunit.show.store.show import Show, locked

FULL_FRAME = 0.97
"""Share of the picture from which a building leaves too little to continue behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutResult:
    """A scene, drawn and written."""

    sheet: Path
    """``layout.png``: the scene over the plate."""
    usd: Path
    brief: Path
    """``shot.toml``."""
    notes: tuple[str, ...]
    """What the plate was taken for."""
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what machines are told."""
        paths = {"sheet": str(self.sheet), "usd": str(self.usd), "brief": str(self.brief)}
        return {**paths, "notes": list(self.notes), "findings": canonical(self.findings)}


def init_shot(
    show: Show,
    shot: str,
    *,
    plate: str,
    colour_space: str = "auto",
    frames: int = 72,
    hold_frame: int = 0,
    force: bool = False,
) -> LayoutResult:
    """Begin a shot: write ``shot.toml`` with best guesses, and draw them.

    Parameters
    ----------
    plate
        A file, one file of a sequence, or a pattern, from where the caller stands.
    force
        Write ``shot.toml`` anew; the old one is kept as ``shot.toml.before``.

    Raises
    ------
    BriefError
        The shot exists already, or the plate cannot be used.
    """
    folder = show.shot_folder(shot)
    path = folder / "shot.toml"
    if path.exists() and not force:
        raise BriefError(f"{path} exists already", fix="edit it and run 'secondunit shot layout', or give --force")
    asked = {"file": plate_name(Path(plate), folder), "colour_space": colour_space, "frames": frames}
    asked["hold_frame"] = hold_frame
    brief_plate = read_table(
        PlateBrief,
        asked,
        file=Path("--plate"),
        section="plate",
        limits=LIMITS,
        defaults=show.settings.plate_defaults,
    )
    source = open_plate(brief_plate, root=folder)
    with locked(folder):
        guess, findings = _guess(shot, _fitted(brief_plate, source), source)
        text = write_shot(guess)
        if path.exists():
            path.replace(path.with_name("shot.toml.before"))
        write_text(path, text)
        result = draw_layout(open_scene(show, shot))
    return replace(result, findings=(*findings, *result.findings))


def layout_shot(show: Show, shot: str) -> LayoutResult:
    """Draw ``layout.png`` and write ``layout.usda`` from ``shot.toml`` as it is now.

    Raises
    ------
    BriefError
        ``shot.toml`` cannot be meant, or the plate or a matte cannot be used.
    """
    show.brief(shot)
    with locked(show.shot_folder(shot)):
        return draw_layout(open_scene(show, shot))


def plate_name(plate: Path, folder: Path) -> str:
    """Return a plate's name as ``shot.toml`` holds it: from the shot inside the show's folder, else absolute."""
    absolute = plate.expanduser().absolute()
    root = folder.parent.parent
    if absolute.is_relative_to(root):
        return str(Path("../..") / absolute.relative_to(root))
    return str(absolute)


def _fitted(brief: PlateBrief, plate: PlateSource) -> PlateBrief:
    """Return the brief with the length and rate that the plate itself has; short plates lose their handles."""
    count = len(plate.range)
    return replace(brief, frames=count, rate=plate.rate, handles=min(brief.handles, max((count - 1) // 2, 0)))


def _guess(shot: str, plate_brief: PlateBrief, plate: PlateSource) -> tuple[ShotBrief, tuple[Finding, ...]]:
    picture = plate.frame(plate.range.first)
    codes = display(picture, view=plate.review_view)
    guessed = guess_layout(codes, exif_focal_35mm=plate.metadata.focal_35mm)
    start = plate.range.first + min(12, max(len(plate.range) // 6, 0))
    brief = ShotBrief(
        name=shot,
        plate=plate_brief,
        camera=guessed.camera,
        boxes=guessed.boxes,
        collapse=Collapse(start_frame=start),
    )
    return brief, guessed.findings


def draw_layout(scene: Scene) -> LayoutResult:
    """Draw an open scene over its plate, and write it as USD."""
    frame = scene.texture_frame
    plate = scene.plate.frame(frame)
    holdout, _ = holdout_mattes(scene.brief.holdouts, plate, root=scene.folder)
    matte = building_matte(scene.brief.matte, scene.layout, plate, frame=frame, root=scene.folder, holdout=holdout)
    findings = (*scene.findings, *_of_matte(matte))
    sheet = layout_sheet(
        display(plate, view=scene.plate.review_view),
        scene.layout,
        matte=matte,
        holdout=holdout,
        findings=findings,
        frame=frame,
    )
    picture, usd = scene.folder / "layout.png", scene.folder / "layout.usda"
    write_png(picture, sheet)
    write_layout_usd(usd, scene.layout, frames=scene.plate.range, rate=scene.plate.rate, name=scene.brief.name)
    space = f"{scene.plate.colour_space} ({scene.plate.colour_decided})"
    size = f"{scene.plate.width} x {scene.plate.height}, {scene.plate.range}, {scene.plate.rate} frames a second"
    return LayoutResult(
        sheet=picture,
        usd=usd,
        brief=scene.folder / "shot.toml",
        notes=(f"plate: {size}", f"colour: taken as {space}", *scene.plate.notes),
        findings=findings,
    )


def _of_matte(matte: Image) -> tuple[Finding, ...]:
    """Say where a matte is empty, or leaves nothing to continue behind the building."""
    if not matte.max() > 0.5:
        said = "the building's matte is empty: mend facade_px or [matte], else no take can be made"
    elif float((matte > 0.5).mean()) > FULL_FRAME:
        said = "the building fills the frame: nothing shows what is behind it; give a [clean_plate]"
    else:
        return ()
    return (Finding(check="matte", severity="warning", message=said),)
