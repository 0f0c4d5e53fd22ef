"""What ``previs.toml`` says, as values. Reading the file is the show's work; the meaning is here."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from secondunit.core.camera import Vec3
from secondunit.core.collapse import Collapse
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.prep.previs.curve import Easing
from secondunit.prep.previs.shake import Shake

SCHEMA = 1
Point = tuple[float, float]
"""x and z on the ground, metres."""
Support = Literal["tripod", "dolly", "crane", "handheld", "drone", "vehicle", "slider"]
Action = Literal["stand", "walk", "run", "sit"]
VehicleKind = Literal["car", "van", "truck", "bus"]
Model = Literal["wan", "ltx"]

RIG_RADIUS_M: dict[Support, float] = {
    "tripod": 0.6,
    "dolly": 0.9,
    "crane": 0.7,
    "handheld": 0.5,
    "drone": 0.6,
    "vehicle": 1.2,
    "slider": 0.5,
}
"""Room a support takes round the lens: legs, an operator, a remote head, propellers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureBrief:
    """Frames and size."""

    rate: Fraction = Fraction(24)
    first_frame: int = 1001
    frames: int = 88
    """Length, handles included."""
    handles: int = 8
    aspect: float = 1.85
    """Of the delivery; the picture is this shape inside the animatic's frame."""
    width: int = 960
    height: int = 540
    """Of the animatic's frame; what the picture leaves of it carries the burn-ins."""

    def __post_init__(self) -> None:
        if 2 * self.handles >= self.frames:
            raise BriefError(f"handles = {self.handles} leave nothing of {self.frames} frames", fix="make frames more")

    @property
    def range(self) -> FrameRange:
        """All frames, handles included."""
        return FrameRange(self.first_frame, self.first_frame + self.frames - 1)

    @property
    def cut(self) -> FrameRange:
        """The frames without their handles."""
        return self.range.without_handles(self.handles)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of the picture itself, even."""
        if self.aspect >= self.width / self.height:
            return self.width, max(2, round(self.width / self.aspect / 2) * 2)
        return max(2, round(self.height * self.aspect / 2) * 2), self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRef:
    """Which set it plays in."""

    name: str = ""
    """As the shot list has it; empty for a bare stage."""
    option: int = 0
    """An option of a set that is not approved, 0 its own brief; an approved set is used as it was locked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SunPlace:
    """Where and when; or the angles themselves."""

    latitude_deg: float = -34.6037
    longitude_deg: float = -58.3816
    date: str = "2026-03-21"
    time: str = "16:30"
    utc_offset_h: float = -3.0
    north_deg: float = 0.0
    """Compass bearing of the set's -Z axis."""
    azimuth_deg: float | None = None
    """In the set's axes, 0 towards -Z, 90 towards +X; with elevation_deg it overrules place and hour."""
    elevation_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraKey:
    """What the camera does at a frame; what is left out has no key there."""

    frame: int
    position_m: Vec3 | None = None
    """The lens: x, height over the ground, z."""
    target_m: Vec3 | None = None
    """The point it looks at."""
    pan_deg: float | None = None
    """To the right; on top of the target where there is one."""
    tilt_deg: float | None = None
    """Up."""
    roll_deg: float | None = None
    """The horizon's right end down."""
    focal_mm: float | None = None
    ease: Easing = "ease"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveBrief:
    """A camera, its lens, and how it moves."""

    body: str = "Super 35 3-perf"
    squeeze: float = 1.0
    """1 is spherical; 2 an anamorphic of the classic kind."""
    support: Support = "tripod"
    rig_radius_m: float | None = None
    """Room the rig needs round the lens; None takes the support's usual."""
    subject: str = ""
    """A figure, vehicle or mark whose distance is told."""
    follow: bool = False
    """Keep looking at the subject; targets are then not read."""
    file: str = ""
    """A USD or .chan camera that is used instead of the keys."""
    keys: tuple[CameraKey, ...] = ()
    shake: Shake = field(default_factory=Shake)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkBrief:
    """A mark on the floor."""

    name: str
    at_m: Point
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureBrief:
    """A neutral figure: it stands for a part in the blocking and looks like nobody."""

    name: str
    height_m: float = 1.75
    path_m: tuple[Point, ...] = ((0.0, 0.0),)
    """Where it goes along the ground; one point stays."""
    action: Action = "walk"
    start_frame: int = 1001
    """It sets out here."""
    speed_m_per_s: float | None = None
    """None: 1.4 walking, 3.8 running."""
    facing_deg: float | None = None
    """Which way it faces where it stands: 0 towards -Z, 90 towards +X; None looks along the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleBrief:
    """A vehicle on its way; its rear axle keeps to the path."""

    name: str
    kind: VehicleKind = "car"
    path_m: tuple[Point, ...] = ((0.0, 0.0),)
    start_frame: int = 1001
    speed_m_per_s: float = 8.0
    facing_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollapseBrief:
    """The collapse as previs needs it: which building, and all that the shot's own [collapse] will say."""

    building: str = ""
    """Name of the set's box that comes down; empty takes the first."""
    collapse: Collapse = Collapse()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlBrief:
    """Control passes for a generator."""

    model: Model = "wan"
    budget_px: int = 832 * 480
    """Pixels a frame may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrevisBrief:
    """A whole ``previs.toml``."""

    name: str
    picture: PictureBrief = PictureBrief()
    set: SetRef = SetRef()
    sun: SunPlace = SunPlace()
    camera: MoveBrief = MoveBrief()
    marks: tuple[MarkBrief, ...] = ()
    figures: tuple[FigureBrief, ...] = ()
    vehicles: tuple[VehicleBrief, ...] = ()
    collapse: CollapseBrief | None = None
    control: ControlBrief = ControlBrief()

    @property
    def names(self) -> tuple[str, ...]:
        """Whoever and whatever has a name: figures, vehicles, marks."""
        figures, vehicles = (f.name for f in self.figures), (v.name for v in self.vehicles)
        return (*figures, *vehicles, *(m.name for m in self.marks))
