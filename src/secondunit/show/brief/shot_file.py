"""``shot.toml`` read into a ShotBrief: closed, typed, in range, with frames that are possible."""

import re
from pathlib import Path
from typing import Any

from secondunit.core.brief import (
    SCHEMA,
    BoxBrief,
    CameraBrief,
    HoldoutBrief,
    MatteBrief,
    PlateBrief,
    ShotBrief,
    SunBrief,
)
from secondunit.core.clip import ClipBrief
from secondunit.core.collapse import Collapse, Detail, Dust, Event, Look
from secondunit.core.errors import BriefError
from secondunit.show.brief.table import check_schema, load_toml, read_table, refuse_unknown

LOWEST_FLOOR_M = 1.5
"""A storey people stand in; only a canopy may be thinner."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

LIMITS = {
    "plate.first_frame": (0, 9_999_999),
    "plate.frames": (0, 5_000),
    "plate.handles": (0, 500),
    "plate.hold_frame": (0, 10_000_000),
    "plate.drift_px": (0, 50),
    "camera.focal_length_mm": (2, 2000),
    "camera.filmback_mm": (0.5, 500),
    "camera.height_m": (0.05, 5000),
    "camera.horizon_px": (-100_000, 100_000),
    "camera.axis_px": (-100_000, 100_000),
    "box.facade_px": (-200_000, 200_000),
    "box.floors": (1, 200),
    "box.bays": (1, 200),
    "box.bays_deep": (1, 50),
    "box.floor_height_m": (0.1, 12),
    "box.depth_m": (0.3, 500),
    "box.window_ratio": (0, 0.95),
    "box.base_m": (-50, 500),
    "box.corner_m": (-10_000, 10_000),
    "box.yaw_deg": (-360, 360),
    "box.width_m": (0.1, 1000),
    "box.from_m": (-100, 1000),
    "box.to_m": (-100, 1000),
    "sun.azimuth_deg": (-360, 360),
    "sun.elevation_deg": (-5, 90),
    "sun.illuminance": (0, 1000),
    "sun.sky": (0, 1000),
    "matte.polygon": (-200_000, 200_000),
    "matte.band_px": (0, 200),
    "holdout.polygon": (-200_000, 200_000),
    "holdout.depth_m": (0.1, 100_000),
    "collapse.start_frame": (0, 9_999_999),
    "collapse.direction_deg": (-360, 360),
    "collapse.lean": (0, 1),
    "collapse.storey_delay_s": (0, 10),
    "collapse.pieces": (50, 6000),
    "collapse.seed": (0, 2**31 - 1),
    "collapse.event.frame": (0, 9_999_999),
    "collapse.event.storey": (0, 199),
    "collapse.event.burst_m_per_s": (0, 60),
    "dust.amount": (0, 20),
    "dust.scale": (0.1, 10),
    "dust.surge": (0, 10),
    "dust.jets": (0, 10),
    "dust.wind_m_per_s": (-30, 30),
    "dust.cells": (2_000, 8_000_000),
    "dust.seed": (0, 2**31 - 1),
    "detail.seed": (0, 2**31 - 1),
    "detail.gain": (0, 4),
    "detail.scale": (0.1, 10),
    "detail.bands": (0, 4),
    "look.dust_tint": (0, 1),
    "look.dust_density": (0, 20),
    "look.sun_gain": (0, 20),
    "look.sky_gain": (0, 20),
    "look.exposure_stops": (-6, 6),
    "look.haze_per_km": (0, 100),
    "look.light_wrap": (0, 2),
    "look.shadow": (0, 2),
    "look.grain": (0, 4),
    "look.ring_px": (0, 64),
    "look.motion_blur_deg": (0, 720),
    "clip.steps": (1, 1000),
    "clip.seed": (0, 2**31 - 1),
    "clip.control": (0, 2),
    "clip.strength": (0, 1),
    "clip.guidance": (0, 30),
    "clip.width": (0, 8192),
    "clip.frames": (0, 1000),
    "clip.dilate_px": (0, 64),
    "clip.feather_px": (0, 64),
    "clip.low_band": (0, 1),
}
"""What a value may be, lowest and highest, by section and key."""

_TOP = [
    "name",
    "plate",
    "camera",
    "box",
    "sun",
    "matte",
    "holdout",
    "collapse",
    "dust",
    "detail",
    "look",
    "clip",
    "clean_plate",
    "use",
]
"""Sections of a shot; [use] is no part of the picture and is read where it is declared."""


def read_shot(path: Path, *, plate_defaults: PlateBrief | None = None) -> ShotBrief:
    """Read ``shot.toml``.

    Parameters
    ----------
    plate_defaults
        The show's rate, first frame and handles, for what [plate] does not say.

    Raises
    ------
    BriefError
        Anything that cannot be meant: the file, the key and the way to put it right.
    """
    return parse_shot(load_toml(path), file=path, plate_defaults=plate_defaults)


def parse_shot(data: dict[str, Any], *, file: Path, plate_defaults: PlateBrief | None = None) -> ShotBrief:
    """Read a shot from parsed TOML; ``file`` is for the messages.

    Raises
    ------
    BriefError
        As ``read_shot``.
    """
    data = dict(data)
    check_schema(data, SCHEMA, file)
    refuse_unknown(data, _TOP, file=file)
    name = data.get("name", "")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise BriefError(
            f"{file}: name = {name!r} is no shot name", fix="use letters, digits, '.', '_', '-', as SEQ_0010"
        )
    plate = data.get("plate", {})
    if not isinstance(plate, dict) or not plate.get("file"):
        raise BriefError(f"{file}: [plate] file is missing", fix='write file = "the/plate.jpg" under [plate]')
    defaults = plate_defaults or PlateBrief(file="")

    def table(cls: type[Any], section: str) -> Any:
        return read_table(cls, data.get(section, {}), file=file, section=section, limits=LIMITS)

    brief = ShotBrief(
        name=name,
        plate=read_table(PlateBrief, plate, file=file, section="plate", limits=LIMITS, defaults=defaults),
        camera=table(CameraBrief, "camera"),
        boxes=_many(BoxBrief, data, "box", file),
        sun=table(SunBrief, "sun"),
        matte=table(MatteBrief, "matte"),
        holdouts=_many(HoldoutBrief, data, "holdout", file),
        clean_plate=_clean_plate(data.get("clean_plate", {}), file),
        collapse=_collapse(data.get("collapse", {}), file),
        dust=table(Dust, "dust"),
        detail=table(Detail, "detail"),
        look=table(Look, "look"),
        clip=table(ClipBrief, "clip"),
    )
    _check(brief, file)
    return brief


def _many(cls: type[Any], data: dict[str, Any], section: str, file: Path) -> tuple[Any, ...]:
    tables = data.get(section, [])
    if not isinstance(tables, list):
        raise BriefError(f"{file}: [{section}] is one of several", fix=f"write [[{section}]] with two brackets")
    return tuple(read_table(cls, table, file=file, section=section, limits=LIMITS) for table in tables)


def _collapse(table: Any, file: Path) -> Collapse:
    if not isinstance(table, dict):
        raise BriefError(f"{file}: [collapse] must be a table", fix="write [collapse] on its own line")
    events = table.get("event", [])
    if not isinstance(events, list):
        raise BriefError(
            f"{file}: [collapse.event] is one of several", fix="write [[collapse.event]] with two brackets"
        )
    read = tuple(read_table(Event, e, file=file, section="collapse.event", limits=LIMITS) for e in events)
    rest = {key: value for key, value in table.items() if key != "event"}
    return read_table(Collapse, rest, file=file, section="collapse", limits=LIMITS, more={"events": read})


def _clean_plate(table: Any, file: Path) -> str:
    if not isinstance(table, dict):
        raise BriefError(f"{file}: [clean_plate] must be a table", fix='write [clean_plate] and file = "..." below it')
    refuse_unknown(table, ["file"], file=file, section="clean_plate")
    value = table.get("file", "")
    if not isinstance(value, str):
        raise BriefError(f"{file}: [clean_plate] file must be text", fix='write file = "clean.exr"')
    return value


def _check(brief: ShotBrief, file: Path) -> None:
    """Refuse what is well formed but impossible: frames outside the shot, boxes without a place, twice-used names."""
    frames = brief.plate.range
    if brief.plate.frames:
        inside = f"use a frame of {frames}"
        if brief.collapse.start_frame not in frames:
            raise BriefError(
                f"{file}: [collapse] start_frame = {brief.collapse.start_frame} is outside the shot {frames}",
                fix=inside,
            )
        for event in brief.collapse.events:
            if event.frame not in frames:
                raise BriefError(
                    f"{file}: [collapse.event] frame = {event.frame} is outside the shot {frames}", fix=inside
                )
        if 2 * brief.plate.handles >= brief.plate.frames:
            raise BriefError(
                f"{file}: [plate] handles = {brief.plate.handles} at both ends leave no frame of {frames}",
                fix="make frames larger or handles smaller",
            )
    for kind, names in (("box", [b.name for b in brief.boxes]), ("holdout", [h.name for h in brief.holdouts])):
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise BriefError(f"{file}: two [[{kind}]] are called '{twice[0]}'", fix="give each its own name")
    buildings = [b.name for b in brief.boxes if b.kind == "building"]
    tallest = max((b.floors for b in brief.boxes if b.kind == "building"), default=200)
    for event in brief.collapse.events:
        if event.storey >= tallest:
            raise BriefError(
                f"{file}: [collapse.event] storey = {event.storey}: the building has {tallest}",
                fix=f"count from 0, so use 0 to {tallest - 1}",
            )
    for box in brief.boxes:
        _check_box(box, buildings, file)
    _check_pictures(brief, file)


def _check_box(box: BoxBrief, buildings: list[str], file: Path) -> None:
    where = f"{file}: [[box]] '{box.name}'"
    if box.kind != "canopy" and box.floor_height_m < LOWEST_FLOOR_M:
        raise BriefError(
            f"{where}: floor_height_m = {box.floor_height_m} is too low for a {box.kind}",
            fix=f"use {LOWEST_FLOOR_M} to 12 metres; only a canopy may be thinner",
        )
    if box.kind == "canopy":
        if box.on not in buildings:
            raise BriefError(
                f"{where}: on = '{box.on}' is no building", fix=f"use one of {', '.join(buildings) or 'none yet'}"
            )
        if box.facade_px is None and box.to_m <= box.from_m:
            raise BriefError(
                f"{where}: to_m must lie beyond from_m", fix="give both in metres along the facade, or facade_px"
            )
    elif box.facade_px is None and None in (box.corner_m, box.yaw_deg, box.width_m):
        raise BriefError(
            f"{where} has no place",
            fix="give facade_px (top left, top right, bottom right, bottom left) or corner_m, yaw_deg and width_m",
        )


def _check_pictures(brief: ShotBrief, file: Path) -> None:
    matte = brief.matte
    if matte.source == "polygon" and len(matte.polygon) < 3:
        raise BriefError(f"{file}: [matte] polygon has {len(matte.polygon)} points", fix="give at least 3")
    if matte.source == "file" and not matte.file:
        raise BriefError(f"{file}: [matte] file is missing", fix='name the picture, or write source = "boxes"')
    for holdout in brief.holdouts:
        if not holdout.file and len(holdout.polygon) < 3:
            raise BriefError(
                f"{file}: [[holdout]] '{holdout.name}' has neither a file nor a polygon of 3 points",
                fix="give one of them",
            )
