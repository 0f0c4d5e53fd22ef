"""Cameras as the field knows them: filmback, focal length, pose."""

from dataclasses import dataclass

from secondunit.core.errors import BriefError

Vec3 = tuple[float, float, float]
Mat3 = tuple[Vec3, Vec3, Vec3]

IDENTITY: Mat3 = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmback:
    """The exposed area behind the lens, in millimetres.

    The offset is the lens shift (or the trace of a crop): how far the centre of the picture lies from
    the optical axis, right and up positive, as USD's aperture offsets.
    """

    width_mm: float = 36.0
    height_mm: float = 24.0
    offset_x_mm: float = 0.0
    offset_y_mm: float = 0.0

    def __post_init__(self) -> None:
        if not (0.5 <= self.width_mm <= 500 and 0.5 <= self.height_mm <= 500):
            raise BriefError(f"filmback {self.width_mm} x {self.height_mm} mm is out of range", fix="use 0.5 to 500 mm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A pinhole camera at one frame.

    World and camera are right-handed with Y up; the camera looks along its own -Z, X to the right.
    """

    focal_length_mm: float = 35.0
    filmback: Filmback = Filmback()
    position_m: Vec3 = (0.0, 1.6, 0.0)
    rotation: Mat3 = IDENTITY
    """Camera to world: the columns are the camera's right, up and backward axes in the world."""

    def __post_init__(self) -> None:
        if not 2.0 <= self.focal_length_mm <= 2000.0:
            raise BriefError(f"a focal length of {self.focal_length_mm} mm is out of range", fix="use 2 to 2000 mm")


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPath:
    """A camera over frames. Empty of keys, it is locked; a key stands for its own frame only.

    A frame before the first or after the last key takes that key's camera.
    """

    locked: Camera
    keys: tuple[tuple[int, Camera], ...] = ()

    @property
    def moves(self) -> bool:
        """Whether any two keys differ."""
        return any(camera != self.keys[0][1] for _, camera in self.keys)

    def at(self, frame: int) -> Camera:
        """Return the camera of a frame: its key, else the nearest key, else the locked camera."""
        if not self.keys:
            return self.locked
        return min(self.keys, key=lambda key: (abs(key[0] - frame), key[0]))[1]
