"""A previs opened: everything that its brief says, at any frame."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import CameraPath, Vec3
from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun
from secondunit.prep.previs.brief import PrevisBrief
from secondunit.prep.previs.camera_move import Where, camera_path
from secondunit.prep.previs.cast import (
    Drive,
    eyes_at,
    figure_parts,
    vehicle_middle,
    vehicle_parts,
    vehicle_size,
)
from secondunit.prep.previs.gait import Gait, gait_of
from secondunit.prep.previs.ground_path import GroundPath
from secondunit.prep.previs.proxy import CollapseProxy, RigidPieces, bind
from secondunit.prep.previs.set_scene import SetScene, belongs, gathered
from secondunit.prep.previs.sheet_info import Track
from secondunit.prep.previs.sun_position import Place, SunPosition, local_time, sun_position, sunlight
from secondunit.prep.stage.geometry import Material, Part, Stage

MARK_EYES_M = 1.6
"""Height of a mark when something is measured to it or the camera looks at it: the eyes of who will stand there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rehearsal:
    """A brief, its set and what moves, ready to be seen frame by frame."""

    brief: PrevisBrief
    scene: SetScene
    sun: Sun
    path: CameraPath
    gaits: tuple[Gait, ...]
    drives: tuple[Drive, ...]
    proxy: CollapseProxy | None
    fixed: tuple[Part, ...] = field(repr=False)
    """What stands: the set without the building that comes down."""
    materials: tuple[Material, ...] = field(repr=False)

    def stage(self, frame: int, *, cast: bool = True, building: bool = True) -> Stage:
        """Return everything at a frame, the same parts in the same order at every frame.

        Parameters
        ----------
        cast
            With figures and vehicles.
        building
            With the building that comes down.
        """
        parts = list(self.fixed)
        known = {m.name: m for m in self.materials}
        if building and self.proxy is not None:
            parts += self.proxy.parts_at(frame)
        if cast:
            for gait in self.gaits:
                parts += _take(figure_parts(gait.brief, gait, frame), known)
            for tone, drive in enumerate(self.drives):
                parts += _take(vehicle_parts(drive, frame, tone=tone), known)
        return Stage(parts=tuple(parts), materials=tuple(known.values()), ground=self.scene.stage.ground)

    def subject(self) -> Where | None:
        """Return where the subject is at a frame; None where the brief names none."""
        return self.where(self.brief.camera.subject) if self.brief.camera.subject else None

    def where(self, name: str) -> Where:
        """Return where a figure's eyes, a vehicle's middle or a mark is.

        Raises
        ------
        BriefError
            There is nothing of that name.
        """
        return where_of(self.brief, name, self.gaits, self.drives)

    def groups(self, stage: Stage) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """Return what the parts of a stage belong to: names, and the number of its name for each part."""
        cast = {g.brief.name for g in self.gaits} | {d.brief.name for d in self.drives}
        names: dict[str, int] = {}
        numbers = []
        for part in stage.parts:
            head = part.mesh.path.split("/")[0]
            name = head if head in cast else part.mesh.path.rsplit("/", 1)[0]  # merged by what it belongs to
            numbers.append(names.setdefault(name, len(names)))
        return tuple(names), np.array(numbers, np.int32)

    @property
    def built(self) -> Stage:
        """What is built and stands at the start, without the cast."""
        return self.stage(self.brief.picture.first_frame, cast=False)

    def tracks(self) -> tuple[Track, ...]:
        """Return everybody's way over the ground, for the techvis sheet."""
        frames = self.brief.picture.range
        found = []
        for gait in self.gaits:
            poses = [gait.at(f) for f in frames]
            found.append(
                Track(
                    name=gait.brief.name,
                    kind="figure",
                    places_m=np.array([p.root_m for p in poses]),
                    headings=np.array([p.heading for p in poses]),
                    height_m=gait.brief.height_m,
                )
            )
        for drive in self.drives:
            middles = [vehicle_middle(drive, f) for f in frames]
            length, width, height = vehicle_size(drive.brief.kind)
            found.append(
                Track(
                    name=drive.brief.name,
                    kind="vehicle",
                    places_m=np.array([m for m, _ in middles]),
                    headings=np.array([h for _, h in middles]),
                    height_m=height,
                    size_m=(length, width),
                )
            )
        for mark in self.brief.marks:
            x, z = mark.at_m
            found.append(
                Track(
                    name=mark.name,
                    kind="mark",
                    places_m=np.array([[x, 0.0, z]]),
                    headings=np.array([[0.0, 0.0, -1.0]]),
                    note=mark.note,
                )
            )
        return tuple(found)


def rehearse(
    brief: PrevisBrief, scene: SetScene, *, pieces: RigidPieces | None = None, camera: CameraPath | None = None
) -> Rehearsal:
    """Open a previs.

    Parameters
    ----------
    pieces
        The collapse, where the brief has one.
    camera
        A camera from a file, used instead of the keys.

    Raises
    ------
    BriefError
        A name is used twice or is nobody's, a camera or an hour that cannot be.
    """
    rate = float(brief.picture.rate)
    names = brief.names
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise BriefError(
            f"{brief.name}: two are called '{twice[0]}'", fix="give each figure, vehicle and mark its name"
        )
    gaits = tuple(gait_of(f, rate=rate) for f in brief.figures)
    drives = tuple(Drive(v, GroundPath(v.path_m), rate) for v in brief.vehicles)
    falling = pieces.box if pieces is not None else None
    mine = [falling is not None and belongs(n, falling) for n in scene.names]
    fixed = gathered(
        [p for p, m in zip(scene.stage.parts, mine, strict=True) if not m],
        [n for n, m in zip(scene.names, mine, strict=True) if not m],
    )
    proxy = None
    if pieces is not None:
        building = [p for p, m in zip(scene.stage.parts, mine, strict=True) if m]
        proxy = bind(pieces, building)
    subject = where_of(brief, brief.camera.subject, gaits, drives) if brief.camera.subject else None
    return Rehearsal(
        brief=brief,
        scene=scene,
        sun=sun_of(brief, scene),
        path=camera or camera_path(brief.camera, brief.picture, subject=subject),
        gaits=gaits,
        drives=drives,
        proxy=proxy,
        fixed=tuple(fixed),
        materials=(*scene.stage.materials, *(proxy.materials if proxy else ())),
    )


def sun_of(brief: PrevisBrief, scene: SetScene) -> Sun:
    """Return the sun over a set: by the angles the brief states, else by place, date and hour.

    Raises
    ------
    BriefError
        One angle is stated without the other, or the place or hour cannot be.
    """
    said = brief.sun
    if (said.azimuth_deg is None) != (said.elevation_deg is None):
        raise BriefError(f"{brief.name}: [sun] has one angle", fix="give azimuth_deg and elevation_deg, or neither")
    if said.azimuth_deg is not None and said.elevation_deg is not None:
        position = SunPosition(azimuth_deg=said.azimuth_deg % 360, elevation_deg=said.elevation_deg)
        return sunlight(position, north_deg=0.0)
    place = Place(latitude_deg=said.latitude_deg, longitude_deg=said.longitude_deg)
    return sunlight(sun_position(place, local_time(said.date, said.time, said.utc_offset_h)), north_deg=said.north_deg)


def where_of(brief: PrevisBrief, name: str, gaits: tuple[Gait, ...], drives: tuple[Drive, ...]) -> Where:
    """Return where something named is, at each frame.

    Raises
    ------
    BriefError
        There is nothing of that name.
    """
    for gait in gaits:
        if gait.brief.name == name:
            return lambda frame: eyes_at(gait.brief, gait, frame)
    for drive in drives:
        if drive.brief.name == name:
            return lambda frame: _over(vehicle_middle(drive, frame)[0], vehicle_size(drive.brief.kind)[2] * 0.6)
    for mark in brief.marks:
        if mark.name == name:
            x, z = mark.at_m
            return lambda frame: (x, MARK_EYES_M, z)
    there = ", ".join(brief.names) or "nobody yet"
    raise BriefError(f"{brief.name}: there is no {name!r}", fix=f"name a figure, vehicle or mark: {there}")


def _over(place: NDArray[np.float64], height: float) -> Vec3:
    return float(place[0]), height, float(place[2])


def _take(stage: Stage, known: dict[str, Material]) -> tuple[Part, ...]:
    for material in stage.materials:
        known.setdefault(material.name, material)
    return stage.parts
