"""What ``shot.toml`` says, as typed values. Reading the file is the show's work; the meaning is here."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from secondunit.core.clip import ClipBrief
from secondunit.core.collapse import Collapse, Detail, Dust, Look
from secondunit.core.frames import FrameRange
from secondunit.core.layout import BoxKind

Pixel = tuple[float, float]
"""x to the right, y down, in plate pixels from the top left corner of the picture; may lie outside it."""

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateBrief:
    """Which photographed images the shot stands on, and how they become frames."""

    file: str
    """A still, one file of a sequence (or a pattern with #### or %04d), or a movie."""
    colour_space: str = "auto"
    """An OCIO colour space or alias, or ``auto`` to guess from the file."""
    rate: Fraction = Fraction(24)
    first_frame: int = 1001
    frames: int = 72
    """Length for a still; for moving plates the most that is taken, 0 for all."""
    handles: int = 8
    hold_frame: int = 0
    """For a moving plate: hold this frame of the file (1 is its first) as a still; 0 plays it."""
    drift_px: float = 0.0
    """Gentle camera drift given to a still, in plate pixels; 0 is locked."""

    @property
    def range(self) -> FrameRange:
        """The plate range, handles included (stills)."""
        return FrameRange(self.first_frame, self.first_frame + max(self.frames, 1) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraBrief:
    """What is known of the camera. A value of None is solved from the plate."""

    focal_length_mm: float | None = None
    filmback_mm: tuple[float, float] | None = None
    """Width and height; None takes 36 mm wide at the plate's aspect."""
    height_m: float | None = None
    horizon_px: float | None = None
    """Row of the horizon at the picture's centre; None is solved from the facades."""
    axis_px: float | None = None
    """Column that the lens is centred on; None is the picture's middle. A picture cropped at one side has another."""
    upright: bool = True
    """Verticals of the plate are vertical (a crop, a shift lens): the horizon moves the axis, not the tilt."""
    file: str = ""
    """A USD or Nuke .chan camera that is used instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxBrief:
    """One box of the scene, by its facade's corners in the plate or by metres."""

    name: str
    kind: BoxKind = "building"
    facade_px: tuple[Pixel, Pixel, Pixel, Pixel] | None = None
    """Corners of one facade in order: top left, top right, bottom right, bottom left."""
    floors: int = 5
    bays: int = 6
    bays_deep: int = 3
    floor_height_m: float = 3.0
    depth_m: float = 12.0
    window_ratio: float = 0.35
    base_m: float = 0.0
    """Height of the box's foot over the ground (a canopy hangs)."""
    corner_m: tuple[float, float, float] | None = None
    yaw_deg: float | None = None
    width_m: float | None = None
    on: str = ""
    """A canopy: the name of the building whose facade it is fixed to; then ``from_m``/``to_m`` along that facade."""
    from_m: float = 0.0
    to_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SunBrief:
    """What is known of the light; None is measured or guessed from the plate."""

    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    illuminance: tuple[float, float, float] | None = None
    sky: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatteBrief:
    """Coverage of what comes down."""

    source: Literal["boxes", "polygon", "file"] = "boxes"
    polygon: tuple[Pixel, ...] = ()
    file: str = ""
    refine: bool = True
    """Refine the edge against the plate (GrabCut in a band around it)."""
    band_px: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutBrief:
    """Something that stands in front: trees, cars, a hedge."""

    name: str
    polygon: tuple[Pixel, ...] = ()
    file: str = ""
    depth_m: float = 10.0
    """Distance from the camera along its axis; dust nearer than this passes in front of it."""
    refine: bool = True
    key: Literal["none", "dark", "bright", "green"] = "none"
    """Pull a luminance or colour key inside the polygon (twigs against sky)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotBrief:
    """A whole ``shot.toml``."""

    name: str
    plate: PlateBrief
    camera: CameraBrief = CameraBrief()
    boxes: tuple[BoxBrief, ...] = ()
    sun: SunBrief = SunBrief()
    matte: MatteBrief = MatteBrief()
    holdouts: tuple[HoldoutBrief, ...] = ()
    clean_plate: str = ""
    """An artist's own clean plate; empty lets the comp continue the surroundings."""
    collapse: Collapse = Collapse()
    dust: Dust = Dust()
    detail: Detail = Detail()
    look: Look = Look()
    clip: ClipBrief = ClipBrief()
