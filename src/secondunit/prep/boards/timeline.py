"""The boards as an OpenTimelineIO timeline: a clip for each panel, its drawing as media, its note as a marker."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

from secondunit.media.atomic import whole_file
from secondunit.prep.boards.animatic import frames_of
from secondunit.prep.shotlist.shot import ShotEntry, caption_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A panel in the timeline."""

    name: str
    shot: ShotEntry
    picture: str
    """Path of its drawing from the timeline's folder, with forward slashes."""
    note: str


_COLOURS = {
    "new": otio.schema.MarkerColor.GREEN,
    "moved": otio.schema.MarkerColor.CYAN,
    "changed": otio.schema.MarkerColor.ORANGE,
    "orphaned": otio.schema.MarkerColor.RED,
}


def write_timeline(path: Path, clips: Sequence[Clip], *, name: str, rate: Fraction) -> None:
    """Write an ``.otio`` whose clips follow one another, whole frames each."""
    speed = float(rate)
    timeline = otio.schema.Timeline(name=name)
    timeline.metadata["secondunit"] = {"rate": f"{rate.numerator}/{rate.denominator}", "kind": "boards"}
    track = otio.schema.Track(name="Boards", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    counts = frames_of([float(c.shot.duration_s) for c in clips], rate)
    for clip, count in zip(clips, counts, strict=True):
        shot = clip.shot
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, speed), otio.opentime.RationalTime(count, speed))
        media = otio.schema.ExternalReference(target_url=clip.picture, available_range=span)
        media.name = clip.name
        item = otio.schema.Clip(name=clip.name, media_reference=media, source_range=span)
        item.metadata["secondunit"] = {
            "scene": shot.scene,
            "size": shot.size,
            "angle": shot.angle,
            "lens_mm": float(shot.lens_mm),
            "move": shot.move,
            "set": shot.set_name,
            "caption": caption_of(shot),
            "revision": shot.revision,
        }
        marks = [(f"effect: {', '.join(shot.effects)}", otio.schema.MarkerColor.PURPLE)] if shot.effects else []
        marks += [(clip.note, otio.schema.MarkerColor.YELLOW)] if clip.note else []
        marks += [(shot.revision, _COLOURS[shot.revision])] if shot.revision in _COLOURS else []
        for words, colour in marks:
            start = otio.opentime.TimeRange(otio.opentime.RationalTime(0, speed), otio.opentime.RationalTime(1, speed))
            item.markers.append(otio.schema.Marker(name=words, color=colour, marked_range=start))
        track.append(item)
    with whole_file(path) as temporary:
        otio.adapters.write_to_file(timeline, str(temporary), adapter_name="otio_json")
