"""The model's pictures of a drawn take, at hand for its final: from the cache, or drawn again and held against it.

What people approved is what the take shows. Pictures that the cache has lost are drawn again with the same seed,
weights and ask; those whose pixels are not the approved ones are put into the take's own frames and measured against
its files. What would be seen in its movie is refused; less is said.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from secondunit.clearance.gate import Grant, admit
from secondunit.core.errors import BackendError, BriefError, ClearanceError, StoreError
from secondunit.core.frames import frame_list
from secondunit.core.recipe import canonical
from secondunit.core.take import Finding
from secondunit.generate.clip_registry import get_clip_generator
from secondunit.generate.clip_windows import from_canvas
from secondunit.media.colour import display
from secondunit.media.exr import read_exr
from secondunit.show.clearing.drawn import Drawn
from secondunit.show.clearing.history import record_run
from secondunit.show.clearing.question import Question
from secondunit.show.clip.draw import Drawing, draw, model_name, model_pixels, plate_at, read_model
from secondunit.show.clip.frames import measure, read_aovs, read_frame
from secondunit.show.clip.paste import FinalPaste, paste_frame, settings_of
from secondunit.show.picture.passes import Naming, take_naming
from secondunit.show.picture.work import record_of
from secondunit.show.store.cache import StageCache
from secondunit.show.store.records import read_json
from secondunit.show.store.takes import PLAN, RECORD, read_result

CHECK = "model's pictures"
TOLERANCE = 2
"""Codes of 255 that the review movie may differ by, at all but the worst thousandth of a frame's pixels."""
_MOST = 99.9
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPictures:
    """All of a model's pictures that a final needs."""

    paste: FinalPaste
    findings: tuple[Finding, ...]
    facts: Mapping[str, Any]
    """For the record: pictures by digest, and how they differ from those that were approved."""


def pictures_for(question: Question, drawn: Drawn, *, grant: Grant, progress: Progress | None = None) -> ModelPictures:
    """Return the model's pictures of a drawn take; no backend is loaded where the cache holds them.

    Parameters
    ----------
    grant
        For the clip model's use in this final.

    Raises
    ------
    BriefError
        Pictures are lost, and so is the take that they were drawn over.
    BackendError
        Pictures are lost, and the backend cannot run, or has other weights now.
    ClearanceError
        The grant is not for this model, or its pictures are not those that were approved.
    """
    admit(drawn.tool, grant=grant)
    scene, frames = question.scene, question.plan.frames
    cache = StageCache.open(scene.show.cache, drawn.recipe)
    lost = [number for number in frames if not cache.holds(model_name(number))]
    found = []
    if lost:
        drawing, other = _drawing_again(question, drawn, lost)
        record_run(scene, grant)
        draw(drawing, cache, grant=grant, progress=progress)
        libraries = "; by other libraries or settings than then" if other else ""
        found.append(_finding("note", f"the cache had lost some, and they were drawn again{libraries}", lost))
    approved = drawn.record.pictures
    pixels = {number: model_pixels(read_model(cache, number)) for number in frames}
    changed = [number for number in frames if pixels[number] != approved[number].pixels]
    apart = _refuse_unlike(question, drawn, cache, changed) if changed else 0.0
    if changed:
        said = f"not bit for bit those that were approved: up to {apart:.0f} of 255 apart in the review movie"
        found.append(_finding("warning", said, changed))
    paste = FinalPaste(
        tool=drawn.tool,
        grant=grant,
        pictures=cache,
        place=drawn.place,
        look=question.plan.brief.look,
        settings=settings_of(drawn.brief, scale=drawn.scale),
        gains={number: approved[number].gain_stops for number in frames},
    )
    facts = {
        "pictures": drawn.record.digest,
        "backend": drawn.tool.label,
        "seed": drawn.brief.seed,
        "weights": drawn.tool.weights_digest,
        "recipe": drawn.recipe.digest,
        "drawn_again": lost,
        "not_as_approved": {f"{number}": pixels[number] for number in changed},
    }
    return ModelPictures(paste=paste, findings=tuple(found), facts=facts)


def _drawing_again(question: Question, drawn: Drawn, lost: list[int]) -> tuple[Drawing, bool]:
    """Return what is drawn over once more, and whether by other libraries or settings than then."""
    scene, plan = question.scene, question.plan
    number = question.take.take.number
    what = f"{len(lost)} of the model's pictures of take {number} are in the cache no more"
    naming = _base_naming(question, drawn, what)
    try:
        clip = get_clip_generator(drawn.brief, folder=scene.folder)
        statement = clip.describe(
            frames=max(cut.padded for cut in drawn.cuts),
            width=drawn.place.padded_width,
            height=drawn.place.padded_height,
        )
    except BackendError as error:
        raise BackendError(f"{what}, and cannot be drawn again: {error.message}", fix=error.fix) from error
    tool = drawn.tool
    if (clip.name, clip.version, clip.weights_digest) != (tool.name, tool.version, tool.weights_digest):
        raise BackendError(
            f"{what}, and [clip] now names other weights ({clip.name} {clip.version}, {clip.weights_digest[:16]}…)",
            fix=f"let it name those that drew the take ({tool.label}, {tool.weights_digest[:16]}…)",
        )
    base = read_result(naming.folder)
    drawing = Drawing(
        scene=scene,
        base=base,
        naming=naming,
        frames=plan.frames,
        clip=clip,
        place=drawn.place,
        cuts=drawn.cuts,
        shared=measure(naming, plan.frames, width=base.take.width),
    )
    return drawing, canonical(statement.settings) != canonical(drawn.engine.settings)


def _base_naming(question: Question, drawn: Drawn, what: str) -> Naming:
    """Return where the take lies that was drawn over, by its recipe: its number may be another now."""
    scene = question.scene
    for path in sorted((scene.folder / "takes").glob(f"t[0-9][0-9][0-9]/{PLAN}")):
        if read_json(path).get("recipe") == drawn.base_render and (path.parent / RECORD).is_file():
            number = int(path.parent.name[1:])
            naming = take_naming(scene.folder, show=scene.show.settings.code, shot=scene.brief.name, number=number)
            if all(record_of(naming, n, recipe=drawn.base_render) is not None for n in question.plan.frames):
                return naming
    raise BriefError(
        f"{what}, and take {drawn.record.take}, which they were drawn over, is gone or was altered",
        fix=f"put them back, or make that take again: secondunit shot take {scene.show.typed} {scene.brief.name}",
    )


def _refuse_unlike(question: Question, drawn: Drawn, cache: StageCache, changed: list[int]) -> float:
    """Return by how many codes a take's movie would differ with these pictures; refuse where that would be seen."""
    scene, made = question.scene, question.take
    what = f"the model's pictures of take {made.take.number} are not those that were approved"
    again = "put back the cache's pictures as they were, or draw and approve a take under another seed"
    base = _base_naming(question, drawn, what)
    own = take_naming(scene.folder, show=scene.show.settings.code, shot=scene.brief.name, number=made.take.number)
    worst, size, view = 0.0, made.take, scene.plate.review_view
    for number in changed:
        if record_of(own, number, recipe=drawn.recipe.digest) is None:
            raise StoreError(f"{what}, and frame {number} of that take is no longer as it was made", fix=again)
        picture = from_canvas(read_model(cache, number), drawn.place, width=size.width, height=size.height)
        painted = paste_frame(
            picture,
            read_frame(base, number),
            plate=plate_at(scene, size, number),
            aovs=read_aovs(base, number),
            look=question.plan.brief.look,
            settings=settings_of(drawn.brief),
            gain=np.asarray(drawn.record.pictures[number].gain_stops, np.float32),
        )
        channels, _ = read_exr(own.folder / own.file("comp", number))
        written = np.stack([channels[c] for c in "RGB"], axis=-1).astype(np.float32)
        now, then = (display(comp, view=view).astype(np.int16) for comp in (painted.outputs.comp[..., :3], written))
        worst = max(worst, float(np.percentile(np.abs(now - then).max(axis=2), _MOST)))
    if worst > TOLERANCE:
        raise ClearanceError(
            f"{what}: its movie would differ by {worst:.0f} of 255 on frames {frame_list(changed)}", fix=again
        )
    return worst


def _finding(severity: Any, message: str, frames: list[int]) -> Finding:
    return Finding(check=CHECK, severity=severity, message=message, frames=tuple(frames))
