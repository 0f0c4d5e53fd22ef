"""The clip models we know: licence, size and memory as far as known, and a field for the revision a show pins.

Marks: [card] as the publisher's model card had it when this was written, from memory; [computed] from the
configuration; [estimate] ours. None was run here with its real weights. Read the licence that lies beside the weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from secondunit.generate.clip import ClipGrid

WAN = ClipGrid(frame_step=4, size_step=16, most_frames=81)
LTX = ClipGrid(frame_step=8, size_step=32, most_frames=121, least_frames=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipModel:
    """A published model."""

    title: str
    pipeline: str
    """Class in diffusers."""
    licence: str
    parameters: str
    memory_gib: str
    """On a card, at 832 x 480 and its usual number of frames."""
    revision: str = ""
    """Commit of the published weights that we tried; empty: none."""


MODELS: Mapping[str, ClipModel] = {
    "wan-2.1-vace-1.3b": ClipModel(
        title="Wan 2.1 VACE 1.3B",
        pipeline="WanVACEPipeline",
        licence="Apache-2.0 [card]",
        parameters="1.3 billion and its control blocks, text encoder 5.7 billion [card]",
        memory_gib="20; 10 with offload [estimate]",
    ),
    "wan-2.1-vace-14b": ClipModel(
        title="Wan 2.1 VACE 14B",
        pipeline="WanVACEPipeline",
        licence="Apache-2.0 [card]",
        parameters="14 billion and its control blocks, text encoder 5.7 billion [card]",
        memory_gib="60; 45 with offload [estimate]",
    ),
    "ltx-video": ClipModel(
        title="LTX-Video 0.9.5 and later",
        pipeline="LTXConditionPipeline",
        licence="the publisher's own open-weights licence, with terms for commercial use [card]: read it",
        parameters="2 or 13 billion, text encoder 4.8 billion [card]",
        memory_gib="18 (2 billion), 40 (13 billion) [estimate]",
    ),
    "ltx-2": ClipModel(
        title="LTX-2",
        pipeline="LTX2InContextPipeline",
        licence="LTX-2 community licence, with terms for commercial use [card]: read it",
        parameters="19 billion with sound, text encoder 12 billion [card]",
        memory_gib="65; 45 with offload [estimate]",
    ),
}

GRIDS: Mapping[str, ClipGrid] = {"WanVACEPipeline": WAN, "LTXConditionPipeline": LTX, "LTX2InContextPipeline": LTX}
"""What each pipeline accepts with the published weights."""


def models_of(pipeline: str) -> tuple[ClipModel, ...]:
    """Return the known models that a pipeline runs."""
    return tuple(model for model in MODELS.values() if model.pipeline == pipeline)


def licences_of(pipeline: str) -> str:
    """Return, for people, which licences weights of a pipeline are known to come under."""
    known = [f"{model.title}: {model.licence}" for model in models_of(pipeline)]
    return "; ".join(known) or "not known: read what lies beside the weights"
