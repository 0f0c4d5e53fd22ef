"""What a techvis sheet prints, put together by who knows the show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import CameraPath
from secondunit.core.layout import Sun
from secondunit.prep.previs.brief import PrevisBrief
from secondunit.prep.previs.techvis import Techvis
from secondunit.prep.stage.geometry import Stage

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """Something that stands or goes on the ground."""

    name: str
    kind: str
    """figure, vehicle or mark."""
    places_m: Floats
    """(frames, 3) on the ground; one row stays."""
    headings: Floats
    """(frames, 3) unit, level."""
    height_m: float = 0.0
    size_m: tuple[float, float] = (0.0, 0.0)
    """Length and width of a vehicle."""
    note: str = ""

    @property
    def moves(self) -> bool:
        """Whether it leaves its place."""
        return bool(np.ptp(self.places_m, axis=0).max() > 0.05)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetInfo:
    """One sheet."""

    show: str
    shot: str
    caption: str
    set_name: str
    brief: PrevisBrief
    path: CameraPath
    techvis: Techvis
    sun: Sun
    stage: Stage
    """What is built and stays."""
    tracks: tuple[Track, ...]
    told: tuple[int, ...]
    """Frames that the sheet tells of."""
    pictures: tuple[tuple[int, NDArray[np.uint8]], ...] = ()
    """Frames of the animatic, (height, width, 3) for a screen."""
    subject_m: tuple[tuple[float, float, float], ...] = ()
    """The subject at each told frame, where there is one."""
    notes: tuple[str, ...] = ()
    """What a person must know before the day: set not approved, rig meets a wall."""
