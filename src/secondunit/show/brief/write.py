"""Briefs written as TOML with a word on each key, so that a person can go on from there."""

import json
from dataclasses import fields
from fractions import Fraction
from typing import Any

from secondunit.core.brief import SCHEMA, BoxBrief, ShotBrief
from secondunit.core.clip import ClipBrief
from secondunit.core.collapse import Event

_WORDS = {
    "plate.file": "the photograph: a still, one file of a sequence (or ####, %04d), or a movie",
    "plate.colour_space": "an OCIO colour space, or auto",
    "plate.rate": 'frames a second; "24000/1001" is exact',
    "plate.first_frame": "number of the first frame, handles included",
    "plate.frames": "length, handles included; 0 takes all of a moving plate",
    "plate.handles": "frames at each end beyond the cut",
    "plate.hold_frame": "hold this frame of a movie as a still; 0 plays it",
    "plate.drift_px": "gentle camera drift given to a still, in pixels",
    "camera.focal_length_mm": "leave out to solve it from the plate",
    "camera.horizon_px": "row of the horizon at the picture's centre",
    "camera.axis_px": "column the lens is centred on, where the picture was cropped at one side",
    "camera.height_m": "height of the lens over the ground",
    "camera.upright": "verticals are vertical in the picture (a crop, a shift lens)",
    "camera.file": "a USD or Nuke .chan camera used instead",
    "box.kind": "building, canopy or neighbour (a neighbour stays)",
    "box.facade_px": "top left, top right, bottom right, bottom left of one facade; may lie outside the picture",
    "box.floors": "storeys, ground floor included",
    "box.bays": "bays along the facade: columns stand at bay lines",
    "box.floor_height_m": "the one known length",
    "box.depth_m": "how deep the body is",
    "box.window_ratio": "share of the facade that is glass",
    "sun.azimuth_deg": "0 away from the camera, 90 to the camera's right",
    "sun.elevation_deg": "above the horizon",
    "sun.illuminance": "what a white card facing the sun reads from the sun alone, ACEScg",
    "sun.sky": "what a white level card reads from the sky alone, ACEScg",
    "matte.source": "boxes (the layout's silhouette), polygon or file",
    "matte.refine": "pull the edge to the plate",
    "matte.band_px": "how far the edge may be pulled",
    "holdout.depth_m": "distance along the camera's axis; dust nearer than this passes in front",
    "holdout.key": "none, dark, bright or green: keys twigs out of what is behind",
    "clean_plate.file": "your own clean plate; leave out to have the surroundings continued",
    "collapse.preset": "progressive, pancake, topple, implosion or corner",
    "collapse.start_frame": "the failure begins here",
    "collapse.direction_deg": "lean: 0 to the front of the facade, 90 to its right end, 180 inward",
    "collapse.lean": "0 straight down to 1 a full topple",
    "collapse.storey_delay_s": "time from one storey's failure to the next",
    "collapse.pieces": "500 to 3000",
    "dust.amount": "1 is the physical default of each gain below",
    "dust.scale": "size of the billows",
    "dust.surge": "the rush along the ground",
    "dust.jets": "bursts through windows as floors close",
    "dust.wind_m_per_s": "x to the camera's right, y up, z towards the camera",
    "dust.cells": "size of the simulation; about 1100000 suits two cores",
    "collapse.seed": "macro seed: how it breaks and falls",
    "dust.seed": "meso seed: the same fall, other billows",
    "detail.generator": "embedded (our own network) or procedural",
    "detail.seed": "micro seed: fine structure alone, nothing wider than some eight pixels",
    "detail.gain": "strength of the fine structure: 0 is the coarse render, 1 what was learned",
    "detail.scale": "size of the noise that the dust carries",
    "detail.bands": "gains of its broad, middle and fine band",
    "look.dust_tint": "albedo of the dust, ACEScg",
    "look.dust_density": "times the optical depth that is seen",
    "look.sun_gain": "times the sun's light in the dust",
    "look.sky_gain": "times the sky's light in the dust",
    "look.exposure_stops": "trim of the element against the plate",
    "look.haze_per_km": "0 measures it",
    "look.light_wrap": "plate light that creeps over the edge of the element",
    "look.shadow": "strength of shadows on ground and neighbours",
    "look.grain": "1 matches the plate",
    "look.ring_px": "how far outside its matte the comp may touch the plate",
    "look.motion_blur_deg": "shutter angle",
    "clip.steps": "of the model's sampler",
    "clip.control": "how strongly the control buffers hold (Wan, LTX-2)",
    "clip.strength": "LTX-Video: how far it may leave our render",
    "clip.guidance": "how strongly the prompt holds; 0 is the model's own",
    "clip.width": "what the model works at; 0 is the take's own",
    "clip.frames": "most at once; 0 is what the model was made for",
    "clip.dilate_px": "how far beyond the physics' alpha new dust may reach",
    "clip.low_band": "how far the dust's broad light stays the simulation's",
}


def toml_value(value: Any) -> str:
    r"""Return a value as TOML.

    >>> toml_value((1.0, 2)), toml_value(Fraction(24000, 1001)), toml_value('say "x"')
    ('[1.0, 2]', '"24000/1001"', '"say \\"x\\""')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return str(value.numerator) if value.denominator == 1 else f'"{value.numerator}/{value.denominator}"'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return repr(value)


def write_shot(brief: ShotBrief) -> str:
    """Return the text of a commented ``shot.toml`` that reads back as ``brief``."""
    blocks = [f"schema = {SCHEMA}\nname = {toml_value(brief.name)}"]
    blocks.append(_table("[plate]", "plate", brief.plate))
    blocks.append(_table("[camera]", "camera", brief.camera))
    blocks += [_table("[[box]]", "box", box) for box in brief.boxes]
    blocks.append(_table("[sun]", "sun", brief.sun))
    blocks.append(_table("[matte]", "matte", brief.matte))
    blocks += [_table("[[holdout]]", "holdout", holdout) for holdout in brief.holdouts]
    if brief.clean_plate:
        words = _WORDS["clean_plate.file"]
        blocks.append(f"[clean_plate]\nfile = {toml_value(brief.clean_plate)}  # {words}")
    blocks.append(_table("[collapse]", "collapse", brief.collapse))
    blocks += [_table("[[collapse.event]]", "collapse.event", event) for event in brief.collapse.events]
    blocks += [_table(f"[{s}]", s, getattr(brief, s)) for s in ("dust", "detail", "look")]
    if brief.clip != ClipBrief():
        blocks.append(_table("[clip]", "clip", brief.clip))
    return "\n\n".join(blocks) + "\n"


def _table(head: str, section: str, value: Any) -> str:
    lines = [head]
    for field in fields(value):
        item = getattr(value, field.name)
        words = _WORDS.get(f"{section}.{field.name}", "")
        comment = f"  # {words}" if words else ""
        if item is None:
            if words:
                lines.append(f"# {field.name} ={comment.removeprefix(' ')}")
        elif _is_long(item):
            lines.append(f"{field.name} = [{comment}")
            lines += [f"  {toml_value(part)}," for part in item]
            lines.append("]")
        elif item not in ("", ()) and not _holds_events(item) and not _is_idle(value, field.name):
            lines.append(f"{field.name} = {toml_value(item)}{comment}")
    return "\n".join(lines)


def _is_long(item: Any) -> bool:
    return isinstance(item, tuple) and bool(item) and isinstance(item[0], tuple)


def _holds_events(item: Any) -> bool:
    return isinstance(item, tuple) and bool(item) and isinstance(item[0], Event)


def _is_idle(value: Any, name: str) -> bool:
    """Whether a key says nothing here: where along its building a box hangs that is no canopy."""
    return isinstance(value, BoxBrief) and value.kind != "canopy" and name in ("from_m", "to_m", "base_m")
