"""A shot opened: its brief, its plate and the scene that both make."""

from dataclasses import dataclass, replace
from pathlib import Path

from secondunit.core.brief import ShotBrief
from secondunit.core.camera import Camera, CameraPath
from secondunit.core.errors import BriefError
from secondunit.core.layout import Layout, Sun
from secondunit.core.take import Finding
from secondunit.fx.layout.matte import building_matte, holdout_mattes
from secondunit.fx.layout.solve import solve_layout
from secondunit.fx.layout.sun_guess import guess_sun
from secondunit.imaging.resample import resize
from secondunit.media.chan import read_chan
from secondunit.media.digest import file_digest
from secondunit.media.plate import PlateSource, open_plate
from secondunit.media.usd import read_usd_camera
from secondunit.show.shot.plate_link import standin_findings
from secondunit.show.shot.plate_slip import slip_findings
from secondunit.show.store.show import Show

SUN_PIXELS = 2_000_000
"""As many pixels as the sun's strength is measured on, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What every job on a shot begins with."""

    show: Show
    folder: Path
    """The shot's; names in ``shot.toml`` are relative to it."""
    brief: ShotBrief
    plate: PlateSource
    layout: Layout
    findings: tuple[Finding, ...]
    picture_digests: dict[str, str]
    """SHA-256 of each matte and clean plate that is given as a file."""

    @property
    def texture_frame(self) -> int:
        """The frame whose picture the pieces carry: the last before the failure."""
        return min(max(self.brief.collapse.start_frame - 1, self.plate.range.first), self.plate.range.last)


def open_scene(show: Show, shot: str) -> Scene:
    """Open a shot.

    Raises
    ------
    BriefError
        The brief, the plate or the scene cannot be used; frames of the brief lie outside the plate.
    """
    brief, folder = show.brief(shot), show.shot_folder(shot)
    plate = open_plate(brief.plate, root=folder)
    _check_frames(brief, plate)
    camera = None
    if brief.camera.file:
        camera = read_camera(folder / brief.camera.file, brief, plate)
    layout, findings = solve_layout(
        brief,
        width=plate.width,
        height=plate.height,
        exif_focal_35mm=plate.metadata.focal_35mm,
        camera=camera,
    )
    findings = (*standin_findings(folder), *findings)
    if plate.moves and not layout.camera.moves and len(plate.range) > 1:
        findings = (*findings, *slip_findings(plate))
    layout = replace(layout, sun=_measured_sun(brief, layout, plate, folder))
    if plate.drift_px:
        layout = replace(layout, camera=drifted(layout.camera, plate))
    return Scene(
        show=show,
        folder=folder,
        # Moving plates know their own length and rate.
        brief=replace(brief, plate=replace(brief.plate, frames=len(plate.range), rate=plate.rate)),
        plate=plate,
        layout=layout,
        findings=findings,
        picture_digests=_digests(brief, folder),
    )


def _measured_sun(brief: ShotBrief, layout: Layout, plate: PlateSource, folder: Path) -> Sun:
    """Return the stated sun, what is not stated of its strength measured from the plate.

    Mattes as drawn are near enough for that, and so is a large plate at a smaller size; both are quick.
    """
    frame = plate.range.first
    picture = plate.frame(frame)
    rough = tuple(replace(h, refine=False, key="none") for h in brief.holdouts)
    holdout, _ = holdout_mattes(rough, picture, root=folder)
    matte = building_matte(replace(brief.matte, refine=False), layout, picture, frame=frame, root=folder)
    scale = (SUN_PIXELS / (plate.width * plate.height)) ** 0.5
    if scale < 1:
        width, height = round(plate.width * scale), round(plate.height * scale)
        picture, holdout, matte = (
            resize(p, width=width, height=height, method="area") for p in (picture, holdout, matte)
        )
    return guess_sun(brief.sun, layout, picture, frame=frame, matte=matte, holdout=holdout)


def read_camera(path: Path, brief: ShotBrief, plate: PlateSource) -> CameraPath:
    """Read a camera from USD or Nuke's .chan.

    Raises
    ------
    BriefError
        It is neither, or cannot be read.
    """
    if path.suffix.lower() in (".usd", ".usda", ".usdc", ".usdz"):
        return read_usd_camera(path, plate.range)
    if path.suffix.lower() == ".chan":
        return read_chan(path, width=plate.width, height=plate.height)
    raise BriefError(
        f"[camera] file = {brief.camera.file!r} is no camera", fix="give a .usd, .usda, .usdc or .chan file"
    )


def drifted(path: CameraPath, plate: PlateSource) -> CameraPath:
    """Return the camera of a drifting still: the picture moves on the filmback, as the drift moves it."""

    def at(frame: int) -> Camera:
        camera, (x, y) = path.at(frame), plate.drift(frame)
        back = camera.filmback
        moved = replace(
            back,
            offset_x_mm=back.offset_x_mm - x / plate.width * back.width_mm,
            offset_y_mm=back.offset_y_mm + y / plate.height * back.height_mm,
        )
        return replace(camera, filmback=moved)

    return CameraPath(locked=path.locked, keys=tuple((frame, at(frame)) for frame in plate.range))


def _check_frames(brief: ShotBrief, plate: PlateSource) -> None:
    frames = plate.range
    if brief.collapse.start_frame not in frames:
        raise BriefError(
            f"[collapse] start_frame = {brief.collapse.start_frame} is outside the plate {frames}",
            fix=f"use a frame of {frames}",
        )
    for event in brief.collapse.events:
        if event.frame not in frames:
            raise BriefError(
                f"[collapse.event] frame = {event.frame} is outside the plate {frames}", fix="move it inside"
            )


def _digests(brief: ShotBrief, folder: Path) -> dict[str, str]:
    named = {"matte": brief.matte.file if brief.matte.source == "file" else "", "clean_plate": brief.clean_plate}
    named |= {f"holdout.{h.name}": h.file for h in brief.holdouts}
    found = {}
    for key, name in named.items():
        if name:
            path = folder / name
            if not path.is_file():
                raise BriefError(f"{key}: {path} does not exist", fix="check its path in shot.toml")
            found[key] = file_digest(path)
    return found
