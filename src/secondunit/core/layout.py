"""The metric scene of a shot: boxes on a ground plane, a camera, a sun. Metres, Y up, right-handed."""

import math
from dataclasses import dataclass
from typing import Literal

from secondunit.core.camera import CameraPath, Vec3
from secondunit.core.errors import BriefError

BoxKind = Literal["building", "canopy", "neighbour"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An upright box: a building, a canopy fixed to it, or a neighbour that stays.

    ``corner_m`` is the bottom corner at the *left* end of the facade as seen from in front of it;
    the facade runs ``width_m`` along ``along``; the body goes ``depth_m`` behind it along ``inward``.
    A local point (s, t, q) = (along the facade from its left end, up, inward) lies at
    ``corner_m + s * along + t * up + q * inward``.
    """

    name: str
    kind: BoxKind = "building"
    corner_m: Vec3
    yaw_deg: float
    """Direction of the facade's run: 0 runs along +X, positive turns it towards -Z."""
    width_m: float
    height_m: float
    depth_m: float
    floors: int = 1
    bays: int = 1
    """Bays along the facade; columns stand at bay lines."""
    bays_deep: int = 3
    window_ratio: float = 0.35
    """Share of a storey's facade that is glass."""

    def __post_init__(self) -> None:
        for key in ("width_m", "height_m", "depth_m"):
            if not 0.1 <= getattr(self, key) <= 1000.0:
                raise BriefError(f"{self.name}: {key} = {getattr(self, key)}", fix="use 0.1 to 1000 metres")
        if not (1 <= self.floors <= 200 and 1 <= self.bays <= 200 and 1 <= self.bays_deep <= 50):
            raise BriefError(f"{self.name}: floors or bays out of range", fix="use 1 to 200")

    @property
    def along(self) -> Vec3:
        """Unit vector from the facade's left end to its right end, seen from in front."""
        a = math.radians(self.yaw_deg)
        return (math.cos(a), 0.0, -math.sin(a))

    @property
    def inward(self) -> Vec3:
        """Unit vector from the facade into the building, away from who looks at it."""
        x, _, z = self.along
        return (z, 0.0, -x)

    @property
    def floor_height_m(self) -> float:
        """Height of one storey."""
        return self.height_m / self.floors

    def point(self, s: float, t: float, q: float) -> Vec3:
        """Return the world position of a local point (metres along, up, inward)."""
        (x, y, z), (ax, _, az), (ix, _, iz) = self.corner_m, self.along, self.inward
        return (x + s * ax + q * ix, y + t, z + s * az + q * iz)

    def corners(self) -> tuple[Vec3, ...]:
        """Return the eight corners, bit 0 along, bit 1 up, bit 2 inward."""
        return tuple(
            self.point(self.width_m * (i & 1), self.height_m * (i >> 1 & 1), self.depth_m * (i >> 2)) for i in range(8)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sun:
    """Where the sun stands and how it compares with the sky.

    Azimuth 0 is towards -Z (away from the camera), 90 towards +X (camera right); elevation above the horizon.
    """

    azimuth_deg: float = 120.0
    elevation_deg: float = 45.0
    illuminance: tuple[float, float, float] = (3.0, 2.7, 2.3)
    """What a white Lambert card facing the sun reads from the sun alone, ACEScg units of the plate."""
    sky: tuple[float, float, float] = (0.55, 0.65, 0.85)
    """What a white horizontal Lambert card reads from the open sky alone, same units."""

    def __post_init__(self) -> None:
        if not -5.0 <= self.elevation_deg <= 90.0:
            raise BriefError(f"sun elevation {self.elevation_deg} degrees", fix="use -5 to 90")

    @property
    def direction(self) -> Vec3:
        """Unit vector towards the sun."""
        a, e = math.radians(self.azimuth_deg), math.radians(self.elevation_deg)
        return (math.sin(a) * math.cos(e), math.sin(e), -math.cos(a) * math.cos(e))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A shot's scene. The ground is the plane y = 0."""

    camera: CameraPath
    boxes: tuple[Box, ...]
    sun: Sun = Sun()

    @property
    def falling(self) -> tuple[Box, ...]:
        """Boxes that come down: buildings and canopies."""
        return tuple(b for b in self.boxes if b.kind != "neighbour")

    @property
    def standing(self) -> tuple[Box, ...]:
        """Boxes that stay: neighbours."""
        return tuple(b for b in self.boxes if b.kind == "neighbour")
