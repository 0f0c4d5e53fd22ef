"""What ``panel.toml`` says, as values: a person's edits of one panel. None leaves what the rules chose."""

from dataclasses import dataclass

from secondunit.core.camera import Vec3
from secondunit.core.errors import BriefError
from secondunit.prep.boards.arrows import CAMERA_ARROWS
from secondunit.prep.boards.style import style_of
from secondunit.prep.stage.poses import pose_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelCamera:
    """What a person sets of a panel's camera; None leaves the rule's."""

    position_m: Vec3 | None = None
    look_at_m: Vec3 | None = None
    lens_mm: float | None = None
    roll_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelFigure:
    """What a person sets of a figure; a new name brings somebody in."""

    name: str
    at_m: tuple[float, float] | None = None
    facing_deg: float | None = None
    pose: str | None = None
    height_m: float | None = None
    out: bool = False
    """Takes the figure out of this panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelVehicle:
    """What a person sets of a vehicle."""

    name: str
    at_m: Vec3 | None = None
    heading_deg: float | None = None
    kind: str | None = None
    out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelArrow:
    """An arrow a person puts in. One of its kind replaces the rule's; ``kind = "none"`` takes them all out."""

    kind: str
    """``move`` on the ground, ``none``, or a camera arrow."""
    from_m: tuple[float, float] = (0.0, 0.0)
    to_m: tuple[float, float] = (0.0, 0.0)
    bend_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelBrief:
    """A whole ``panel.toml``: a person's edits of one panel."""

    style: str | None = None
    note: str | None = None
    camera: PanelCamera = PanelCamera()
    sun_azimuth_deg: float | None = None
    sun_elevation_deg: float | None = None
    figures: tuple[PanelFigure, ...] = ()
    vehicles: tuple[PanelVehicle, ...] = ()
    arrows: tuple[PanelArrow, ...] = ()

    def __post_init__(self) -> None:
        if self.style is not None:
            style_of(self.style)
        for figure in self.figures:
            if figure.pose is not None:
                pose_of(figure.pose)
        for arrow in self.arrows:
            if arrow.kind not in ("move", "none", *CAMERA_ARROWS):
                raise BriefError(f"there is no arrow {arrow.kind!r}", fix=f"use move, none, {', '.join(CAMERA_ARROWS)}")
