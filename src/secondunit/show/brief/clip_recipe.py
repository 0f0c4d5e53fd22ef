"""The recipes of a take that a clip model drew: what its pictures depend on, and what a final does with them.

::

    render of the take drawn over ─► clip ─────────────┐
                                                       ▼
    render of its final, at the plate's size ───────► paste

Weights go by their digest and prompts by theirs: a recipe holds no path and no words.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from secondunit.core.clip import ClipBrief
from secondunit.core.recipe import Recipe, digest

VERSION = 1
"""Raised whenever the code from a take's passes to the new comp changes what it makes."""
PASTE_VERSION = 1
"""Raised whenever the code from a clip model's pictures to a final changes what it makes."""
_ELSEWHERE = ("backend", "model", "text_encoder", "vae", "graph", "server", "offload")
"""Keys of [clip] that say where weights lie and what drives them, not what is drawn."""
_WORDS = ("prompt", "negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipTool:
    """A clip generator by its name, version and weights alone: to be judged and recorded, not to be run."""

    name: str
    version: str
    weights_digest: str

    @property
    def label(self) -> str:
        """As recipes and people call it."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipEngine:
    """What a run is made with beside the brief and the take."""

    tool: ClipTool
    settings: Mapping[str, Any]
    """Pipeline, scheduler and library versions, as the backend states them."""
    encoding_stops: float


def asked(brief: ClipBrief) -> dict[str, Any]:
    """Return the brief's keys that the pixels depend on, prompts by their digests."""
    named = asdict(brief)
    for key in _ELSEWHERE:
        named.pop(key)
    for key in _WORDS:
        named[key] = digest(named[key]) if named[key] else ""
    return named


def clip_recipe(brief: ClipBrief, *, engine: ClipEngine, render: str, sizes: Mapping[str, Any] | None = None) -> Recipe:
    """Return the recipe of a drawn take, or, without sizes, what a person judges of it.

    Parameters
    ----------
    render
        Digest of the render of the take that is drawn over, or of its content.
    sizes
        Canvas, stretches and the take's width.
    """
    said = asked(brief) | {"engine": dict(engine.settings), "encoding_stops": engine.encoding_stops}
    return Recipe(
        stage="clip",
        stage_version=VERSION,
        backend=engine.tool.label,
        weights_digest=engine.tool.weights_digest,
        seed=brief.seed,
        parameters={**said, **(sizes or {})},
        inputs={"render": render},
    )


def paste_recipe(
    brief: ClipBrief, *, tool: ClipTool, width: int, height: int, scale: float, render: str, clip: str, approved: str
) -> Recipe:
    """Return the recipe of a final that holds a clip model's dust.

    Parameters
    ----------
    scale
        Pixels of the final for each of the drawn take: reaches in pixels grow with it.
    render, clip
        Digests of the plain final's render and of the drawn take's recipe.
    approved
        Digest of the pictures that people judged.
    """
    return Recipe(
        stage="paste",
        stage_version=PASTE_VERSION,
        backend=tool.label,
        weights_digest=tool.weights_digest,
        seed=brief.seed,
        parameters={
            "dilate_px": brief.dilate_px,
            "feather_px": brief.feather_px,
            "low_band": brief.low_band,
            "scale": scale,
            "width": width,
            "height": height,
        },
        inputs={"render": render, "clip": clip, "approved": approved},
    )
