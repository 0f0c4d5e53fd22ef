"""``previs.toml``: read closed and typed, written with a word on each key so that a person can go on from there."""

import itertools
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from secondunit.core.collapse import Collapse, Event
from secondunit.core.errors import BriefError
from secondunit.prep.previs.bodies import body_of
from secondunit.prep.previs.brief import (
    SCHEMA,
    CameraKey,
    CollapseBrief,
    ControlBrief,
    FigureBrief,
    MarkBrief,
    MoveBrief,
    PictureBrief,
    PrevisBrief,
    SetRef,
    SunPlace,
    VehicleBrief,
)
from secondunit.prep.previs.shake import Shake
from secondunit.prep.previs.sun_position import local_time
from secondunit.show.brief.shot_file import LIMITS as SHOT_LIMITS
from secondunit.show.brief.shot_file import NAME
from secondunit.show.brief.table import check_schema, load_toml, read_table, refuse_unknown
from secondunit.show.brief.write import toml_value

LIMITS: Final = {
    "set.option": (0, 24),
    "picture.first_frame": (0, 9_999_999),
    "picture.frames": (2, 2_000),
    "picture.handles": (0, 500),
    "picture.aspect": (0.4, 4.0),
    "picture.width": (64, 4096),
    "picture.height": (64, 4096),
    "sun.latitude_deg": (-90, 90),
    "sun.longitude_deg": (-180, 180),
    "sun.utc_offset_h": (-14, 14),
    "sun.north_deg": (-360, 360),
    "sun.azimuth_deg": (-360, 360),
    "sun.elevation_deg": (-5, 90),
    "camera.squeeze": (1, 2),
    "camera.rig_radius_m": (0, 20),
    "camera.shake.amount": (0, 10),
    "camera.shake.seed": (0, 2**31 - 1),
    "camera.shake.steps_hz": (0, 4),
    "camera.key.frame": (0, 9_999_999),
    "camera.key.position_m": (-5_000, 5_000),
    "camera.key.target_m": (-5_000, 5_000),
    "camera.key.pan_deg": (-720, 720),
    "camera.key.tilt_deg": (-90, 90),
    "camera.key.roll_deg": (-180, 180),
    "camera.key.focal_mm": (4, 2000),
    "mark.at_m": (-5_000, 5_000),
    "figure.height_m": (0.6, 2.4),
    "figure.path_m": (-5_000, 5_000),
    "figure.start_frame": (-100_000, 9_999_999),
    "figure.speed_m_per_s": (0.1, 12),
    "figure.facing_deg": (-360, 360),
    "vehicle.path_m": (-5_000, 5_000),
    "vehicle.start_frame": (-100_000, 9_999_999),
    "vehicle.speed_m_per_s": (0, 80),
    "vehicle.facing_deg": (-360, 360),
    "control.budget_px": (16_384, 4_200_000),
    **{key: limit for key, limit in SHOT_LIMITS.items() if key.startswith("collapse.")},
}
"""Lowest and highest value by table and key; they hold for each number of a list."""

_TOP: Final = ["name", "picture", "set", "sun", "camera", "mark", "figure", "vehicle", "collapse", "control"]

_WORDS: Final = {
    "picture.rate": 'frames a second; "24000/1001" is exact',
    "picture.first_frame": "number of the first frame, handles included",
    "picture.frames": "length, handles included",
    "picture.handles": "frames at each end beyond the cut",
    "picture.aspect": "of the delivery: 1.78, 1.85, 2.39",
    "picture.width": "of the animatic's frame, the picture inside it",
    "set.name": "as the shot list has it; empty plays on a bare floor",
    "set.option": "an option of a set that is not approved yet; 0 its own brief",
    "sun.latitude_deg": "north positive",
    "sun.longitude_deg": "east positive",
    "sun.date": "the day of the shoot",
    "sun.time": "on the clock there",
    "sun.utc_offset_h": "hours ahead of UTC; Buenos Aires is -3",
    "sun.north_deg": "compass bearing of the set's -Z axis",
    "sun.azimuth_deg": "0 towards -Z, 90 towards +X: with elevation_deg it overrules place and hour",
    "camera.body": "see: secondunit prep cameras",
    "camera.squeeze": "1 spherical; 1.3, 1.5, 1.8, 2 anamorphic",
    "camera.support": "tripod dolly crane handheld drone vehicle slider",
    "camera.rig_radius_m": "room the rig needs round the lens; left out takes the support's usual",
    "camera.subject": "a figure, vehicle or mark: its distance is told",
    "camera.follow": "keep looking at the subject; targets are then not read",
    "camera.file": "a USD or .chan camera used instead of the keys",
    "camera.shake.carrier": "none shoulder hands vehicle drone",
    "camera.shake.amount": "1 is a practised operator",
    "camera.shake.steps_hz": "steps a second of an operator who walks; 1.9 is brisk",
    "camera.key.position_m": "x to the right, height of the lens, z towards you",
    "camera.key.target_m": "the point it looks at; or leave out and give pan_deg and tilt_deg",
    "camera.key.ease": "hold linear ease ease-in ease-out through",
    "mark.at_m": "x and z on the floor",
    "figure.path_m": "x and z of each corner of the way; one point stays",
    "figure.action": "stand walk run sit",
    "figure.start_frame": "sets out here",
    "figure.speed_m_per_s": "left out: 1.4 walking, 3.8 running",
    "figure.facing_deg": "who stands: 0 towards -Z, 90 towards +X, 180 towards you",
    "vehicle.kind": "car van truck bus",
    "vehicle.path_m": "way of the rear axle",
    "collapse.building": "name of the set's building that comes down",
    "collapse.preset": "progressive, pancake, topple, implosion or corner",
    "collapse.start_frame": "the failure begins here",
    "collapse.direction_deg": "lean: 0 to the front of the facade, 90 to its right end, 180 inward",
    "collapse.lean": "0 straight down to 1 a full topple",
    "control.model": "wan (sides of 16, 4k+1 frames) or ltx (sides of 32, 8n+1 frames)",
    "control.budget_px": "pixels a frame may have: 399360 is 832 x 480, 921600 is 1280 x 720",
}


def read_previs(path: Path, *, defaults: PictureBrief | None = None) -> PrevisBrief:
    """Read ``previs.toml``.

    Parameters
    ----------
    defaults
        The show's rate, first frame and handles, for what [picture] does not say.

    Raises
    ------
    BriefError
        Anything that cannot be meant: the file, the key and the way to put it right.
    """
    return parse_previs(load_toml(path), file=path, defaults=defaults)


def parse_previs(data: dict[str, Any], *, file: Path, defaults: PictureBrief | None = None) -> PrevisBrief:
    """Read a previs from parsed TOML; ``file`` is for the messages.

    Raises
    ------
    BriefError
        As ``read_previs``.
    """
    data = dict(data)
    check_schema(data, SCHEMA, file)
    refuse_unknown(data, _TOP, file=file)
    name = data.get("name", "")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise BriefError(f"{file}: name = {name!r} is no shot name", fix="use letters, digits, '.', '_', '-'")

    def table(cls: type[Any], section: str, start: Any = None) -> Any:
        return read_table(cls, data.get(section, {}), file=file, section=section, limits=LIMITS, defaults=start)

    brief = PrevisBrief(
        name=name,
        picture=table(PictureBrief, "picture", defaults),
        set=table(SetRef, "set"),
        sun=table(SunPlace, "sun"),
        camera=_camera(data.get("camera", {}), file),
        marks=_many(MarkBrief, data, "mark", file),
        figures=_many(FigureBrief, data, "figure", file),
        vehicles=_many(VehicleBrief, data, "vehicle", file),
        collapse=_collapse(data["collapse"], file) if "collapse" in data else None,
        control=table(ControlBrief, "control"),
    )
    _check(brief, file)
    return brief


def _camera(table: Any, file: Path) -> MoveBrief:
    if not isinstance(table, dict):
        raise BriefError(f"{file}: [camera] must be a table", fix="write [camera] on its own line, its keys below")
    rest = {key: value for key, value in table.items() if key not in ("key", "shake")}
    shake = read_table(Shake, table.get("shake", {}), file=file, section="camera.shake", limits=LIMITS)
    keys = tuple(
        read_table(CameraKey, row, file=file, section="camera.key", limits=LIMITS)
        for row in _rows(table.get("key", []), "camera.key", file)
    )
    more = {"keys": keys, "shake": shake}
    return read_table(MoveBrief, rest, file=file, section="camera", limits=LIMITS, more=more)


def _collapse(table: Any, file: Path) -> CollapseBrief:
    if not isinstance(table, dict):
        raise BriefError(f"{file}: [collapse] must be a table", fix="write [collapse] on its own line")
    events = tuple(
        read_table(Event, row, file=file, section="collapse.event", limits=LIMITS)
        for row in _rows(table.get("event", []), "collapse.event", file)
    )
    building = table.get("building", "")
    if not isinstance(building, str):
        raise BriefError(f"{file}: [collapse] building must be text", fix='write building = "lot_03"')
    rest = {key: value for key, value in table.items() if key not in ("event", "building")}
    collapse = read_table(Collapse, rest, file=file, section="collapse", limits=LIMITS, more={"events": events})
    return CollapseBrief(building=building, collapse=collapse)


def _many(cls: type[Any], data: dict[str, Any], section: str, file: Path) -> tuple[Any, ...]:
    rows = _rows(data.get(section, []), section, file)
    return tuple(read_table(cls, row, file=file, section=section, limits=LIMITS) for row in rows)


def _rows(rows: Any, section: str, file: Path) -> list[Any]:
    if not isinstance(rows, list):
        raise BriefError(f"{file}: [{section}] is one of several", fix=f"write [[{section}]] with two brackets")
    return rows


def _check(brief: PrevisBrief, file: Path) -> None:
    """Refuse what is well formed but impossible."""
    body_of(brief.camera.body)
    local_time(brief.sun.date, brief.sun.time, brief.sun.utc_offset_h)
    frames = [key.frame for key in brief.camera.keys]
    for before, after in itertools.pairwise(frames):
        if after <= before:
            raise BriefError(
                f"{file}: [[camera.key]] frame = {after} comes after {before}", fix="one key a frame, in order"
            )
    if (brief.sun.azimuth_deg is None) != (brief.sun.elevation_deg is None):
        raise BriefError(f"{file}: [sun] has one angle", fix="give azimuth_deg and elevation_deg, or neither")
    ways = [(f.name, f.path_m) for f in brief.figures] + [(v.name, v.path_m) for v in brief.vehicles]
    for name, way in ways:
        if not way:
            raise BriefError(f"{file}: '{name}' has an empty path_m", fix="give at least one point: [[0.0, 0.0]]")
    if brief.collapse is not None and brief.collapse.collapse.start_frame not in brief.picture.range:
        raise BriefError(
            f"{file}: [collapse] start_frame = {brief.collapse.collapse.start_frame} is outside {brief.picture.range}",
            fix=f"use a frame of {brief.picture.range}",
        )


def previs_text(brief: PrevisBrief) -> str:
    """Return the text of a commented ``previs.toml`` that reads back as ``brief``."""
    blocks = [f"schema = {SCHEMA}\nname = {toml_value(brief.name)}"]
    blocks += [
        _table("[picture]", "picture", brief.picture),
        _table("[set]", "set", brief.set),
        _table("[sun]", "sun", brief.sun),
        _table("[camera]", "camera", brief.camera, skip=("keys", "shake")),
        _table("[camera.shake]", "camera.shake", brief.camera.shake),
    ]
    blocks += [_table("[[camera.key]]", "camera.key", key, words=n == 0) for n, key in enumerate(brief.camera.keys)]
    for section, rows in (("mark", brief.marks), ("figure", brief.figures), ("vehicle", brief.vehicles)):
        blocks += [_table(f"[[{section}]]", section, row, words=n == 0) for n, row in enumerate(rows)]
    if brief.collapse is not None:
        said = _table("[collapse]", "collapse", brief.collapse.collapse, skip=("events",))
        building = f"building = {toml_value(brief.collapse.building)}  # {_WORDS['collapse.building']}"
        blocks.append(said.replace("[collapse]", f"[collapse]\n{building}", 1))
        blocks += [_table("[[collapse.event]]", "collapse.event", e) for e in brief.collapse.collapse.events]
    blocks.append(_table("[control]", "control", brief.control))
    return "\n\n".join(blocks) + "\n"


def _table(head: str, section: str, value: Any, *, skip: Sequence[str] = (), words: bool = True) -> str:
    lines = [head]
    for field in fields(value):
        item, key = getattr(value, field.name), f"{section}.{field.name}"
        said = f"  # {_WORDS[key]}" if words and key in _WORDS else ""
        if field.name in skip:
            continue
        if item is None or (item == "" and said):
            example = '""' if item == "" else ""
            if said:
                lines.append(f"# {field.name} = {example}{said}".replace("=   #", "=  #"))
        elif item != "":
            lines.append(f"{field.name} = {toml_value(item)}{said}")
    return "\n".join(lines)
