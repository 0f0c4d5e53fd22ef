"""One panel: a shot list entry staged, rendered, drawn and marked with its moves. A person's panel edits win."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera, Vec3
from secondunit.core.layout import Sun
from secondunit.imaging.projection import project
from secondunit.prep.boards.arrows import (
    CAMERA_ARROWS,
    GroundArrow,
    arrow_of_move,
    draw_camera_arrow,
    draw_ground_arrow,
)
from secondunit.prep.boards.blocking import (
    Blocking,
    Mark,
    VehicleMark,
    by_the_kerb,
    crowd_marks,
    is_crowd,
    level_way,
    pose_for,
    seed_of,
    vehicle_kind,
)
from secondunit.prep.boards.clearing import lit, struck
from secondunit.prep.boards.drawing import WIDTH_PX, Cast, draw_stage
from secondunit.prep.boards.effects import EFFECT, effect_stages
from secondunit.prep.boards.framing import (
    Framed,
    filmback_of,
    frame_figures,
    frame_insert,
    frame_place,
    frame_thing,
    look_at,
)
from secondunit.prep.boards.panel_brief import PanelBrief, PanelCamera
from secondunit.prep.boards.style import style_of
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.prep.stage.blocks import Block
from secondunit.prep.stage.figure import Figure, build_figure, head_guides
from secondunit.prep.stage.geometry import (
    Material,
    Mesh,
    Part,
    Stage,
    box,
    join,
    move,
    rotation,
    scaling,
    translation,
)
from secondunit.prep.stage.poses import Pose, pose_of
from secondunit.prep.stage.props import build_prop
from secondunit.prep.stage.render import render_stage
from secondunit.prep.stage.vehicles import build_vehicle

Array = NDArray[np.float64]
_BACKGROUND = {"ECU": 0.35, "CU": 0.48, "INSERT": 0.6, "MCU": 0.6, "OTS": 0.68, "MS": 0.76, "FS": 0.9}
"""How much of the set is drawn behind each size."""
_NO_EDITS = PanelBrief()
_TABLE = Material(name="insert_table", base_color=(0.5, 0.46, 0.4))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StagedPanel:
    """A panel before it is drawn: everything a drawing, or a previs that begins here, needs."""

    shot: ShotEntry
    stage: Stage
    framed: Framed
    sun: Sun
    night: bool
    cast: Cast
    figures: Mapping[str, Mark]
    vehicles: Mapping[str, VehicleMark]
    guides: tuple[tuple[Vec3, ...], ...]
    ground_arrows: tuple[GroundArrow, ...]
    camera_arrow: str
    seed: int

    @property
    def camera(self) -> Camera:
        """The shot's camera."""
        return self.framed.camera


def stage_panel(
    shot: ShotEntry,
    blocking: Blocking,
    block: Block,
    *,
    aspect: float,
    edits: PanelBrief = _NO_EDITS,
    set_stage: Stage | None = None,
) -> StagedPanel:
    """Return a shot staged.

    Parameters
    ----------
    block
        The sketched set; its kind says whether there are walls.
    set_stage
        A built set in the action's own space; it takes the block's place.

    Raises
    ------
    BriefError
        An edit names a pose, vehicle or arrow that is not there, or is out of range.
    """
    marks = _figure_marks(shot, blocking, edits)
    wheels = _vehicle_marks(shot, blocking, edits, inside=block.inside)
    if set_stage is not None:
        placed_by_hand = {e.name for e in edits.vehicles if e.at_m is not None}
        wheels = by_the_kerb(wheels, turn_deg=0.5 * blocking.yaw_deg, but=placed_by_hand)
    seat = 0.0
    figures: dict[str, Figure] = {}
    for name, mark in marks.items():
        figures[name] = build_figure(
            name,
            pose_of(mark.pose),
            at=(mark.at_m[0], seat, mark.at_m[1]),
            facing_deg=mark.facing_deg,
            height_m=mark.height_m,
        )
    vehicles = {
        name: build_vehicle(name, mark.kind, at=mark.at_m, heading_deg=mark.heading_deg, paint=_paint(name))
        for name, mark in wheels.items()
    }
    if set_stage is not None:
        scenery = move(set_stage, rotation("y", 0.5 * blocking.yaw_deg))
    else:
        scenery = move(block.stage, rotation("y", blocking.yaw_deg))
    side = -1.0 if shot.line_side == "B" else 1.0
    props, target, size = _props(shot, figures)
    props += effect_stages(shot.effects, seed=seed_of(blocking.scene))
    leads = [figures[n] for n in shot.subjects if n in figures]
    if target is not None:
        figures, leads, marks = {}, [], {}
    framed = _framed(
        shot, leads, marks, wheels, vehicles, target=target, size=size, aspect=aspect, side=side, inside=block.inside
    )
    if block.kind == "car" and set_stage is None and leads and shot.size not in ("INSERT",):
        framed = _into_car(shot, framed, leads, aspect)
    framed = _edited(framed, edits, shot, aspect)
    sun = _sun(blocking.sun, edits)
    actors = {*figures, *vehicles, *shot.props, "hand", "table", EFFECT}
    sources = [scenery, *(f.stage for f in figures.values()), *vehicles.values(), *props]
    stage = join(sources)
    if edits.sun_azimuth_deg is None:
        sun = lit(stage, sun, leads, protected=actors)
    stage = struck(stage, framed, leads, protected=actors, keep=block.kind == "car")
    seed = seed_of(blocking.scene, shot.name)
    ground, camera_arrow = _arrows(shot, marks, wheels, leads, framed, edits)
    near = [f for f in figures.values() if _distance(framed.camera, f) < 9.0]
    return StagedPanel(
        shot=shot,
        stage=stage,
        framed=framed,
        sun=sun,
        night=blocking.night and not block.inside,
        cast=Cast(
            figures=tuple(figures),
            objects=(
                *vehicles,
                *shot.props,
                *((EFFECT,) if shot.effects else ()),
                *(() if target is None else ("hand", "table")),
            ),
        ),
        figures=marks,
        vehicles=wheels,
        guides=tuple(line for f in near for line in head_guides(f)),
        ground_arrows=ground,
        camera_arrow=camera_arrow,
        seed=seed,
    )


def draw_panel(staged: StagedPanel, *, style: str, width: int = WIDTH_PX) -> NDArray[np.uint8]:
    """Return a staged panel as a drawing with its arrows, (height, width, 3) sRGB codes."""
    back = staged.camera.filmback
    height = round(width * back.height_mm / back.width_mm / 2) * 2
    image = render_stage(staged.stage, staged.camera, width=width, height=height, sun=staged.sun, samples=1, draft=True)
    art = draw_stage(
        image, staged.stage, staged.camera, sun=staged.sun, cast=staged.cast, style=style_of(style), seed=staged.seed,
        guides=staged.guides, night=staged.night, background=_BACKGROUND.get(staged.shot.size, 1.0),
    )  # fmt: skip
    if staged.ground_arrows:
        first = [p.mesh.path.split("/", 1)[0] for p in staged.stage.parts]
        stands = np.array([n in (*staged.cast.figures, *staged.cast.objects) for n in first] + [False])
        cover = stands[np.where(image.part >= 0, image.part, len(first))]
        for n, arrow in enumerate(staged.ground_arrows):
            art = draw_ground_arrow(art, arrow, staged.camera, cover, seed=staged.seed + n)
    if staged.camera_arrow:
        pixels, _ = project(staged.camera, np.asarray([staged.framed.target_m]), 1, 1)
        target = (float(pixels[0, 0]), float(pixels[0, 1]))
        art = draw_camera_arrow(art, staged.camera_arrow, seed=staged.seed, target=target)
    return art


def _paint(name: str) -> tuple[float, float, float]:
    shades = ((0.62, 0.62, 0.6), (0.3, 0.3, 0.32), (0.46, 0.4, 0.34), (0.16, 0.17, 0.19))
    return shades[seed_of(name) % 4]


def _figure_marks(shot: ShotEntry, blocking: Blocking, edits: PanelBrief) -> dict[str, Mark]:
    """Return who is on set: the shot's subjects on their marks, and others of the scene a frame may see."""
    wide = shot.size in ("WS", "EWS", "FS", "OTS") or len(shot.subjects) > 1
    marks: dict[str, Mark] = {}
    for name, mark in blocking.figures.items():
        if name not in shot.subjects and not (wide and shot.subjects and not shot.framing.startswith("single")):
            continue
        if name not in shot.subjects and shot.size == "OTS":
            continue
        posed = replace(mark, pose=pose_for(shot, name, mark.pose))
        marks |= crowd_marks(name, posed) if is_crowd(name) else {name: posed}
    for edit in edits.figures:
        if edit.out:
            marks.pop(edit.name, None)
            continue
        old = marks.get(edit.name, Mark())
        marks[edit.name] = Mark(
            at_m=edit.at_m if edit.at_m is not None else old.at_m,
            facing_deg=edit.facing_deg if edit.facing_deg is not None else old.facing_deg,
            pose=edit.pose or old.pose,
            height_m=edit.height_m if edit.height_m is not None else old.height_m,
        )
    return marks


def _vehicle_marks(shot: ShotEntry, blocking: Blocking, edits: PanelBrief, *, inside: bool) -> dict[str, VehicleMark]:
    marks = {n: m for n, m in blocking.vehicles.items() if n in shot.vehicles or shot.size in ("WS", "EWS")}
    if shot.subjects and shot.size in ("CU", "ECU", "INSERT"):
        marks = {n: m for n, m in marks.items() if n in shot.vehicles}
    if inside:  # nobody parks in a room: what a scene names there is spoken of, or seen through a window
        marks = {}
    for edit in edits.vehicles:
        if edit.out:
            marks.pop(edit.name, None)
            continue
        old = marks.get(edit.name, VehicleMark(kind=vehicle_kind(edit.name) or "car"))
        marks[edit.name] = VehicleMark(
            at_m=edit.at_m if edit.at_m is not None else old.at_m,
            heading_deg=edit.heading_deg if edit.heading_deg is not None else old.heading_deg,
            kind=edit.kind or old.kind,
        )
    return marks


def _props(shot: ShotEntry, figures: Mapping[str, Figure]) -> tuple[list[Stage], Vec3 | None, float]:
    """Return props in hands or on a table, and where an insert looks."""
    if not shot.props or shot.size not in ("INSERT", "ECU", "CU", "MCU", "MS", "FS"):
        return [], None, 0.3
    name = shot.props[0]
    if shot.size != "INSERT":
        return [], None, 0.3
    holder = next((figures[n] for n in shot.subjects if n in figures), None)
    high, z = 0.74, 0.55
    top = Stage(
        parts=(Part(mesh=box("table/top", (1.5, 0.05, 0.95), _TABLE.name, at=(0, high - 0.05, z))),),
        materials=(_TABLE,),
    )
    turn = -28.0 if seed_of(shot.name) % 2 else 24.0
    prop, size = build_prop(name, place=translation(0, high, z) @ rotation("y", turn))
    parts = [top, prop]
    if holder is not None:
        parts.append(_hand(high, z, size, left=turn > 0))
    return parts, (0.02, high + size * 0.2, z), size


def _hand(high: float, z: float, size: float, *, left: bool) -> Stage:
    """Return a mannequin's forearm and hand that reach for a prop on a table, from the frame's edge."""
    reach = build_figure("hand", Pose(name="reaching", hand_r="flat"), height_m=1.75)
    parts = [p for p in reach.stage.parts if p.mesh.path.endswith(("elbow_r", "forearm_r", "hand_r"))]
    wrist = next(p.transform for p in parts if p.mesh.path.endswith("hand_r"))
    scale = float(np.linalg.norm(wrist[:3, 0]))
    s = -1.0 if left else 1.0
    # Fingers lie along the hand's -Y, its palm looks along +X: laid palm down, fingers to the prop.
    lay = translation(s * (size * 0.34 + 0.13), high + 0.05, z + 0.05) @ rotation("y", s * 28.0)
    lay = lay @ rotation("z", 90.0 * -s + 12.0 * s) @ rotation("y", -90.0 * s) @ scaling(scale)
    undo = lay @ np.linalg.inv(wrist)
    named = tuple(
        Part(
            mesh=Mesh(
                path=f"hand/{p.mesh.path.split('/')[-1]}", points=p.mesh.points, triangles=p.mesh.triangles,
                material=p.mesh.material, normals=p.mesh.normals,
            ),
            transform=undo @ p.transform,
        )
        for p in parts
    )  # fmt: skip
    return Stage(parts=named, materials=reach.stage.materials)


def _framed(
    shot: ShotEntry, leads: Sequence[Figure], marks: Mapping[str, Mark], wheels: Mapping[str, VehicleMark],
    vehicles: Mapping[str, Stage], *, target: Vec3 | None, size: float, aspect: float, side: float, inside: bool,
) -> Framed:  # fmt: skip
    if shot.size == "INSERT" and target is not None:
        way = np.array([0.35, 0.0, side])
        if leads:
            facing = np.asarray(leads[0].facing)
            way = facing + 0.5 * np.array([0.0, 0.0, side])
        return frame_insert(shot, target, size, aspect=aspect, way=way / np.linalg.norm(way))
    if leads:
        known = [f for f in leads if not is_crowd(f.name.split(".")[0])] or list(leads)
        return frame_figures(shot, known, {n: m.height_m for n, m in marks.items()}, aspect=aspect, side=side)
    groups = [n for n in marks if n.split(".")[0] in shot.subjects]
    named = [n for n in shot.vehicles if n in vehicles]
    if named:
        low, high = vehicles[named[0]].bounds()
        return frame_thing(shot, low, high, aspect=aspect, side=side, heading_deg=wheels[named[0]].heading_deg)
    if groups:
        low = np.array([min(marks[n].at_m[0] for n in groups) - 0.4, 0.0, min(marks[n].at_m[1] for n in groups)])
        high = np.array([max(marks[n].at_m[0] for n in groups) + 0.4, 1.8, max(marks[n].at_m[1] for n in groups)])
        return frame_thing(shot, low, high, aspect=aspect, side=side, heading_deg=180.0)
    return frame_place(shot, aspect=aspect, side=side, inside=inside)


def _into_car(shot: ShotEntry, framed: Framed, leads: Sequence[Figure], aspect: float) -> Framed:
    """Return a camera on the bonnet or at the side window: a car's inside is seen from before its dash."""
    lead = leads[0]
    both = len(leads) > 1 and shot.size not in ("CU", "ECU", "MCU")
    x = 0.0 if both else lead.eyes[0]
    target = (x, lead.eyes[1] - 0.1, lead.eyes[2] - 0.1)
    frame = {"ECU": 0.22, "CU": 0.36, "MCU": 0.52, "MS": 0.8, "OTS": 0.8}.get(shot.size, 1.05)
    back = filmback_of(aspect)
    distance = max(frame * shot.lens_mm / back.height_mm, 1.35)
    place = (x + 0.35 * distance * (0.25 if both else 0.6), lead.eyes[1] + 0.12, target[2] + distance * 0.94)
    camera = replace(framed.camera, position_m=place, rotation=look_at(place, target))
    return Framed(camera=camera, target_m=target, distance_m=distance, frame_height_m=frame)


def _edited(framed: Framed, edits: PanelBrief, shot: ShotEntry, aspect: float) -> Framed:
    e = edits.camera
    if e == PanelCamera():
        return framed
    place = e.position_m or framed.camera.position_m
    target = e.look_at_m or framed.target_m
    roll = e.roll_deg if e.roll_deg is not None else (13.0 if shot.angle == "dutch" else 0.0)
    lens = e.lens_mm or framed.camera.focal_length_mm
    camera = Camera(
        focal_length_mm=lens,
        filmback=filmback_of(aspect),
        position_m=place,
        rotation=look_at(place, target, roll_deg=roll),
    )
    distance = float(np.linalg.norm(np.asarray(place) - np.asarray(target)))
    return Framed(
        camera=camera, target_m=target, distance_m=distance, frame_height_m=distance * camera.filmback.height_mm / lens
    )


def _sun(sun: Sun, edits: PanelBrief) -> Sun:
    if edits.sun_azimuth_deg is not None:
        sun = replace(sun, azimuth_deg=edits.sun_azimuth_deg)
    if edits.sun_elevation_deg is not None:
        sun = replace(sun, elevation_deg=edits.sun_elevation_deg)
    return sun


def _distance(camera: Camera, figure: Figure) -> float:
    return float(np.linalg.norm(np.asarray(camera.position_m) - np.asarray(figure.eyes)))


def _arrows(
    shot: ShotEntry,
    marks: Mapping[str, Mark],
    wheels: Mapping[str, VehicleMark],
    leads: Sequence[Figure],
    framed: Framed,
    edits: PanelBrief,
) -> tuple[tuple[GroundArrow, ...], str]:
    ground: list[GroundArrow] = []
    for name, mark in marks.items():
        if name in shot.subjects and mark.pose in ("walking", "running") and shot.size in ("FS", "WS", "EWS"):
            x, _, z = level_way(mark.facing_deg)
            reach = 2.6 if mark.pose == "walking" else 3.8
            a = (mark.at_m[0] + 0.55 * x, mark.at_m[1] + 0.55 * z)
            ground.append(GroundArrow(from_m=a, to_m=(a[0] + reach * x, a[1] + reach * z), bend_m=0.12))
    right = np.asarray(framed.camera.rotation)[:, 0]
    ways = [f.gaze for f in leads] or [level_way(wheels[n].heading_deg) for n in shot.vehicles if n in wheels]
    lead = float(np.asarray(ways[0]) @ right) if ways else math.cos(seed_of(shot.name))
    camera = arrow_of_move(shot.move, lead=lead)
    if any(a.kind == "none" for a in edits.arrows):
        return (), ""
    own = [a for a in edits.arrows if a.kind == "move"]
    if own:
        ground = [GroundArrow(from_m=a.from_m, to_m=a.to_m, bend_m=a.bend_m) for a in own]
    camera = next((a.kind for a in edits.arrows if a.kind in CAMERA_ARROWS), camera)
    return tuple(ground), camera
