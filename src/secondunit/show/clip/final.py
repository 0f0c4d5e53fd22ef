"""The model's pictures of a drawn take, for its final: those that were approved, bit for bit, or none.

What people approved is what the take shows. Its record names every picture by its pixels; a final takes them from the
cache and runs no model. One that is gone or is another stops it: ``enhance`` draws it again, where people see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from secondunit.clearance.gate import Grant, admit
from secondunit.core.errors import StoreError
from secondunit.core.frames import frame_list
from secondunit.show.clearing.drawn import Drawn, enhance_command
from secondunit.show.clearing.question import Question
from secondunit.show.clip.paste import FinalPaste, settings_of
from secondunit.show.clip.pictures import model_name, unlike
from secondunit.show.store.cache import StageCache


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPictures:
    """All of a model's pictures that a final needs."""

    paste: FinalPaste
    facts: Mapping[str, Any]
    """For the record: what drew them, and their digest."""


def pictures_for(question: Question, drawn: Drawn, *, grant: Grant) -> ModelPictures:
    """Return the approved pictures of a drawn take; no backend is needed.

    Parameters
    ----------
    grant
        For the clip model's use in this final.

    Raises
    ------
    ClearanceError
        The grant is not for this model.
    StoreError
        A picture is not in the cache, or is not the one that was approved.
    """
    admit(drawn.tool, grant=grant)
    cache = StageCache.open(question.scene.show.cache, drawn.recipe)
    _refuse_others(question, drawn, cache)
    paste = FinalPaste(
        tool=drawn.tool,
        grant=grant,
        cache=cache,
        place=drawn.place,
        look=question.plan.brief.look,
        settings=settings_of(drawn.brief, scale=drawn.scale),
        approved=drawn.record.pictures,
    )
    facts = {
        "pictures": drawn.record.digest,
        "backend": drawn.tool.label,
        "seed": drawn.brief.seed,
        "weights": drawn.tool.weights_digest,
        "recipe": drawn.recipe.digest,
    }
    return ModelPictures(paste=paste, facts=facts)


def _refuse_others(question: Question, drawn: Drawn, cache: StageCache) -> None:
    """Look at every picture before a frame is made: nobody renders for hours what may not leave."""
    wrong = unlike(cache, question.plan.frames, drawn.record.pictures)
    gone = [number for number in wrong if not cache.path(model_name(number)).is_file()]
    other = [number for number in wrong if number not in gone]
    said = [f"frames {frame_list(gone)} are not in the cache"] if gone else []
    said += [f"frames {frame_list(other)} are not those that were approved"] if other else []
    if said:
        raise StoreError(
            f"of the pictures that {drawn.tool.label} drew for take {question.take.take.number}, {', and '.join(said)}",
            fix=f"put {cache.folder} back as it was, or let them be drawn again: "
            f"{enhance_command(question.scene, drawn.brief, drawn.record)}; what comes out other is approved anew",
        )
