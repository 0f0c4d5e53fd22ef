"""A first previs from a shot list entry and its set: a camera that frames what the entry names, a move, marks, an hour.

It is a place to begin. What a director changes in ``previs.toml`` stays changed.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera, Vec3
from secondunit.core.collapse import Collapse
from secondunit.core.layout import Box, Sun
from secondunit.prep.boards.blocking import Blocking, block_scene, is_crowd, vehicle_kind
from secondunit.prep.boards.framing import frame_figures, frame_thing
from secondunit.prep.previs.bodies import body_of
from secondunit.prep.previs.brief import (
    RIG_RADIUS_M,
    Action,
    CameraKey,
    CollapseBrief,
    FigureBrief,
    MarkBrief,
    MoveBrief,
    PictureBrief,
    PrevisBrief,
    SetRef,
    SunPlace,
    Support,
    VehicleBrief,
    VehicleKind,
)
from secondunit.prep.previs.camera_move import camera_path
from secondunit.prep.previs.clearance import nearest
from secondunit.prep.previs.lens import extraction
from secondunit.prep.previs.set_scene import SetScene, belongs
from secondunit.prep.previs.shake import Carrier, Shake
from secondunit.prep.previs.sun_position import Place, local_time, sun_position, sunlight
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.prep.stage.figure import build_figure
from secondunit.prep.stage.poses import pose_of
from secondunit.prep.stage.render import render_stage

Floats = NDArray[np.float64]
_BODY = "Super 35 3-perf"
_FALLS = frozenset({"collapse", "destruction", "demolition"})
_HIGH = {"eye": 1.65, "low": 0.55, "high": 5.5, "overhead": 13.0, "dutch": 1.4}
_TRIAL = (128, 70)
"""Size of the small pictures by which camera positions are compared."""


def guess_previs(
    entry: ShotEntry, scene: SetScene, *, picture: PictureBrief, of_scene: Sequence[ShotEntry] = ()
) -> PrevisBrief:
    """Return a first brief.

    Parameters
    ----------
    picture
        The show's rate, first frame and handles; its length is set from the entry.
    of_scene
        All shots of its scene, so that everybody has the marks they have on the boards.
    """
    length = max(round(entry.duration_s * float(picture.rate)), 2) + 2 * picture.handles
    picture = replace(picture, frames=length)
    blocking = block_scene(tuple(of_scene) or (entry,))
    hero = hero_box(scene.boxes)
    falls = bool(set(entry.effects) & _FALLS) and hero is not None
    spot, turn = _spot(hero, 9.0 if falls else 3.2)
    figures = _figures(entry, blocking, spot, turn, picture, runs=falls)
    vehicles = _vehicles(entry, blocking, spot, turn, picture)
    if falls and hero is not None and (entry.size in ("EWS", "WS", "FS") or not figures):
        eye, target, focal = _before_building(entry, scene, hero, picture)
        subject = "BUILDING"
    else:
        eye, target, focal = _by_framing(entry, figures, vehicles, spot, turn, picture)
        eye = _with_room(scene, eye, target)
        subject = figures[0].name if figures else vehicles[0].name if vehicles else ""
    marks = [MarkBrief(name=f"T{n + 1}", at_m=f.path_m[-1], note=f.name) for n, f in enumerate(figures[:2])]
    if subject == "BUILDING" and hero is not None:
        x, _, z = hero.point(hero.width_m / 2, 0.0, 0.0)
        marks.insert(0, MarkBrief(name="BUILDING", at_m=(_r(x), _r(z)), note="foot of the facade"))
    camera = _moved(entry, eye, target, focal, picture, subject)
    collapse = None
    if falls and hero is not None:
        start = picture.cut.first + round(min(0.9, 0.3 * entry.duration_s) * float(picture.rate))
        collapse = CollapseBrief(building=hero.name, collapse=Collapse(start_frame=start))
    return PrevisBrief(
        name=entry.name,
        picture=picture,
        set=SetRef(name=entry.set_name),
        sun=_hour(entry, scene, hero),
        camera=camera,
        marks=tuple(marks),
        figures=tuple(figures),
        vehicles=tuple(vehicles),
        collapse=collapse,
    )


def hero_box(boxes: Sequence[Box]) -> Box | None:
    """Return the building that a collapse would take: not a low one, nearest to the middle of the block."""
    buildings = [b for b in boxes if b.kind == "building"]
    if not buildings:
        return None
    middles = np.array([b.point(b.width_m / 2, 0, 0) for b in buildings])
    centre = middles.mean(axis=0)
    tall = sorted(b.floors for b in buildings)[len(buildings) // 2]
    worth = [n for n, b in enumerate(buildings) if b.floors >= tall]
    return buildings[min(worth, key=lambda n: float(np.linalg.norm(middles[n] - centre)))]


def _spot(hero: Box | None, before_m: float) -> tuple[Floats, float]:
    """Return where the action is, before the hero's facade, and by how much the stage is turned to face it."""
    if hero is None:
        return np.zeros(3), 0.0
    middle = np.array(hero.point(hero.width_m / 2, 0.0, -before_m))
    return middle * (1, 0, 1), hero.yaw_deg


def _placed(spot: Floats, turn_deg: float, at: tuple[float, float]) -> tuple[float, float]:
    """Return a boards mark in the set: the boards' +Z looks out of the facade."""
    a = math.radians(turn_deg)
    x, z = at
    return _r(spot[0] + x * math.cos(a) + z * math.sin(a)), _r(spot[2] - x * math.sin(a) + z * math.cos(a))


def _figures(
    entry: ShotEntry, blocking: Blocking, spot: Floats, turn: float, picture: PictureBrief, *, runs: bool
) -> list[FigureBrief]:
    found: list[FigureBrief] = []
    people = [n for n in entry.subjects if not is_crowd(n)]
    for number, name in enumerate(people):
        mark = blocking.figures.get(name)
        at = mark.at_m if mark is not None else (0.9 * number, 0.0)
        start = _placed(spot, turn, at)
        facing = (mark.facing_deg if mark is not None else 180.0) - turn
        path: tuple[tuple[float, float], ...] = (start,)
        action: Action = "sit" if mark is not None and mark.pose in ("sitting", "driving") else "stand"
        if runs and number == 0:  # away from what comes down, towards the camera's side
            away = ((at[0] - 2.5, at[1] + 4.0), (at[0] - 7.0, at[1] + 6.5))
            path = (start, *(_placed(spot, turn, p) for p in away))
            action = "run"
        elif entry.move == "track":
            path, action = (start, _placed(spot, turn, (at[0] + 4.5, at[1]))), "walk"
        found.append(
            FigureBrief(
                name=name,
                height_m=_r(mark.height_m) if mark is not None else 1.75,
                path_m=path,
                action=action,
                start_frame=picture.cut.first + (round(1.1 * float(picture.rate)) if runs else 0),
                facing_deg=_r((facing + 180) % 360 - 180) if len(path) == 1 else None,
            )
        )
    return found


def _vehicles(
    entry: ShotEntry, blocking: Blocking, spot: Floats, turn: float, picture: PictureBrief
) -> list[VehicleBrief]:
    found = []
    for number, name in enumerate(entry.vehicles):
        kind = vehicle_kind(name)
        if kind not in ("car", "van", "truck", "bus"):
            kind = "car"
        lane = 3.6 + 3.2 * number
        ways = ((-26.0, lane), (18.0, lane)) if number % 2 == 0 else ((26.0, lane), (-18.0, lane))
        named: VehicleKind = kind  # type: ignore[assignment]
        found.append(
            VehicleBrief(
                name=name,
                kind=named,
                path_m=tuple(_placed(spot, turn, w) for w in ways),
                start_frame=picture.first_frame - round(1.5 * float(picture.rate)),
            )
        )
    return found


def _by_framing(
    entry: ShotEntry,
    figures: Sequence[FigureBrief],
    vehicles: Sequence[VehicleBrief],
    spot: Floats,
    turn: float,
    picture: PictureBrief,
) -> tuple[Floats, Floats, float]:
    """Return lens position, target and focal length as the boards frame the same entry."""
    side = -1.0 if entry.line_side == "B" else 1.0
    # The boards' line of action runs along X: framed there, then turned into the set.
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    aspect = picture.size[0] / picture.size[1]
    if figures:
        local = []
        for figure in figures:
            x, z = figure.path_m[0]
            dx, dz = x - float(spot[0]), z - float(spot[2])
            at = (c * dx - s * dz, 0.0, s * dx + c * dz)
            facing = 180.0 if figure.facing_deg is None else figure.facing_deg + turn
            local.append(
                build_figure(figure.name, pose_of("standing"), at=at, facing_deg=facing, height_m=figure.height_m)
            )
        framed = frame_figures(entry, local, {f.name: f.height_m for f in figures}, aspect=aspect, side=side)
    elif vehicles:
        low, high = np.array([-0.95, 0.0, -2.3]), np.array([0.95, 1.5, 2.3])
        framed = frame_thing(entry, low, high, aspect=aspect, side=side, heading_deg=90.0)
    else:
        distance = {"EWS": 16.0, "WS": 10.0, "FS": 6.0}.get(entry.size, 3.5)
        eye = np.array([*_placed(spot, turn, (0.0, distance * side))])
        high = np.array([0.0, 2.2, 0.0])
        return np.array([eye[0], _HIGH[entry.angle], eye[1]]), spot + high, entry.lens_mm
    ex, ez = _placed(spot, turn, (framed.camera.position_m[0], framed.camera.position_m[2]))
    tx, tz = _placed(spot, turn, (framed.target_m[0], framed.target_m[2]))
    return np.array([ex, framed.camera.position_m[1], ez]), np.array([tx, framed.target_m[1], tz]), entry.lens_mm


def _before_building(
    entry: ShotEntry, scene: SetScene, hero: Box, picture: PictureBrief
) -> tuple[Floats, Floats, float]:
    """Return the place before a building from which most of it is seen: tried by small pictures, the widest lens last.

    The entry's lens is kept where it holds the building; else the longest usual one that does.
    """
    height = _HIGH[entry.angle] if entry.move != "drone" else 9.0
    share = {"EWS": 0.5, "WS": 0.82, "FS": 0.95}.get(entry.size, 0.82)
    aspect = picture.size[0] / picture.size[1]
    back = extraction(body_of(_BODY), squeeze=1.0, aspect=aspect).filmback
    best: tuple[float, Floats, Floats, float] | None = None
    mine = np.array([belongs(name, hero.name) for name in scene.names], bool)
    wider = [f for f in (40.0, 32.0, 25.0, 18.0, 14.0) if f < entry.lens_mm]
    for focal in (entry.lens_mm, *wider):
        for out in (9.0, 13.0, 17.0, 20.0):
            for along in (-1.6, -1.0, -0.5, 0.0, 0.5, 1.0, 1.6):
                eye = np.array(hero.point(hero.width_m * (0.5 + along), 0.0, -out)) + np.array([0.0, height, 0.0])
                aim = np.array(hero.point(hero.width_m / 2, 0.0, 0.0)) * (1, 0, 1)
                level = math.hypot(*(aim - eye)[[0, 2]])
                field = level * back.height_mm / focal
                if field * share < 0.44 * hero.height_m or level < 6:
                    continue
                # The foot of the facade near the foot of the frame: a street needs its ground.
                aim = aim + np.array([0.0, min(max(0.5 * field - 1.3, height), 0.5 * hero.height_m), 0.0])
                worth = _worth(scene, mine, eye, aim, focal, back.width_mm, back.height_mm)
                # A longer lens first, and a three-quarter view before a flat one.
                worth *= 1.0 + 0.06 * min(abs(along), 1.0)
                if best is None or worth > best[0]:
                    best = (worth, eye, aim, focal)
        if best is not None and best[0] > 0.3:
            break
    if best is None:
        eye = np.array(hero.point(hero.width_m / 2, 0.0, -18.0)) + np.array([0.0, height, 0.0])
        return eye, np.array(hero.point(hero.width_m / 2, 0.4 * hero.height_m, 0.0)), 18.0
    return best[1], best[2], best[3]


def _worth(
    scene: SetScene, mine: NDArray[np.bool_], eye: Floats, aim: Floats, focal: float, width_mm: float, height_mm: float
) -> float:
    """Return how well a place serves: the building's share of what it would fill were nothing before it, and room."""
    if nearest(scene.stage, eye[None]).metres < 1.0:
        return 0.0
    key = CameraKey(frame=1, position_m=_v(eye), target_m=_v(aim), focal_mm=focal)
    trial = PictureBrief(
        frames=2, handles=0, first_frame=1, width=_TRIAL[0], height=_TRIAL[1], aspect=width_mm / height_mm
    )
    camera: Camera = camera_path(MoveBrief(body=_BODY, keys=(key,)), trial).locked
    w, h = trial.size
    seen = render_stage(scene.stage, camera, width=w, height=h, sun=Sun(), samples=1, draft=True)
    of_hero = (seen.part >= 0) & mine[np.maximum(seen.part, 0)]
    near = np.isfinite(seen.depth) & (seen.depth < 3.0) & ~of_hero
    return float(of_hero.mean()) * 2.2 - 1.5 * float(near.mean())


def _with_room(scene: SetScene, eye: Floats, target: Floats) -> Floats:
    """Return the lens moved along its line of sight, a little aside and up where it stands in something."""
    if not scene.stage.parts or nearest(scene.stage, eye[None]).metres > 0.45:
        return eye
    way = (target - eye) / max(float(np.linalg.norm(target - eye)), 1e-6)
    aside = np.cross(way, (0.0, 1.0, 0.0))
    tries = [eye + way * a + aside * b for a in (0.0, 0.4, 0.8, -0.5) for b in (0.0, 0.5, -0.5, 1.0, -1.0)]

    def room(point: Floats) -> float:
        return min(nearest(scene.stage, point[None]).metres, 0.5) - 0.05 * float(np.linalg.norm(point - eye))

    return max(tries, key=room)


_SUPPORT: dict[str, Support] = {
    "dolly-in": "dolly",
    "dolly-out": "dolly",
    "track": "dolly",
    "crane-up": "crane",
    "crane-down": "crane",
    "handheld": "handheld",
    "drone": "drone",
}
_CARRIER: dict[str, Carrier] = {"handheld": "shoulder", "drone": "drone"}


def _moved(
    entry: ShotEntry, eye: Floats, target: Floats, focal: float, picture: PictureBrief, subject: str
) -> MoveBrief:
    """Return the camera with the entry's move in keys: feathered, inside the cut by a breath at each end."""
    way = target - eye
    distance = float(np.linalg.norm(way))
    flat = way * (1, 0, 1)
    flat = flat / max(float(np.linalg.norm(flat)), 1e-6)
    aside = np.cross(flat, (0.0, 1.0, 0.0))
    up = np.array([0.0, 1.0, 0.0])
    seconds = len(picture.cut) / float(picture.rate)
    push = min(0.30 * distance, 0.9 * seconds)
    ends: tuple[Floats, Floats] = (eye, eye)
    pans: tuple[float | None, float | None] = (None, None)
    tilts: tuple[float | None, float | None] = (None, None)
    match entry.move:
        case "dolly-in":
            ends = (eye, eye + flat * push)
        case "dolly-out":
            ends = (eye + flat * push, eye)
        case "track":
            ends = (eye - aside * 0.35 * min(distance, 6.0), eye + aside * 0.35 * min(distance, 6.0))
        case "crane-up":
            ends = (eye, eye + up * min(3.2, 0.8 * seconds))
        case "crane-down":
            ends = (eye + up * min(3.2, 0.8 * seconds), eye)
        case "drone":
            ends = (eye - flat * 3.0 - up * 1.5, eye + flat * min(4.0, 1.4 * seconds) + up * 1.5)
        case "pan":
            pans = (-14.0, 6.0)
        case "tilt":
            tilts = (-10.0, 4.0)
    breath = min(6, len(picture.cut) // 5)
    frames = (picture.cut.first + breath, picture.cut.last - breath)
    roll = 12.0 if entry.angle == "dutch" else None
    ways = zip(frames, ends, pans, tilts, strict=True)
    keys = [
        CameraKey(frame=f, position_m=_v(place), target_m=_v(target), pan_deg=pan, tilt_deg=tilt)
        for f, place, pan, tilt in ways
    ]
    keys[0] = replace(keys[0], roll_deg=roll, focal_mm=_r(focal))
    if entry.move in ("static", "handheld"):
        keys = keys[:1]
    support = _SUPPORT.get(entry.move, "tripod")
    return MoveBrief(
        body=_BODY,
        support=support,
        rig_radius_m=RIG_RADIUS_M[support],
        subject=subject,
        keys=tuple(keys),
        shake=Shake(carrier=_CARRIER.get(entry.move, "none")),
    )


_HOURS = {
    "dawn": "07:15",
    "dusk": "18:40",
    "morning": "09:00",
    "evening": "18:10",
    "afternoon": "16:00",
    "night": "21:30",
}


def _hour(entry: ShotEntry, scene: SetScene, hero: Box | None) -> SunPlace:
    """Return a day and an hour: as the entry says, or one of the working day at which the sun rakes the facade."""
    base = SunPlace(north_deg=_r(scene.north_deg))
    said = entry.time_of_day.casefold()
    for word, clock in _HOURS.items():
        if word in said:
            return replace(base, time=clock)
    if hero is None:
        return base
    out = -np.array(hero.inward)
    place = Place(latitude_deg=base.latitude_deg, longitude_deg=base.longitude_deg)

    def raking(clock: str) -> float:
        position = sun_position(place, local_time(base.date, clock, base.utc_offset_h))
        sun = sunlight(position, north_deg=base.north_deg)
        square = float(out @ np.array(sun.direction))
        return -abs(square - 0.5) if position.elevation_deg > 12 else -9.0

    return replace(base, time=max((f"{h:02d}:{m:02d}" for h in range(8, 19) for m in (0, 30)), key=raking))


def _r(value: float) -> float:
    return round(float(value), 2)


def _v(point: Floats) -> Vec3:
    x, y, z = (_r(v) for v in point)
    return x, y, z
