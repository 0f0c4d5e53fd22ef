"""What a clip generator is: a stretch of a take's frames in, as many frames out.

It stands beside ``Generator``, which makes one slab of one frame. A large video model knows no slabs and no alpha: it
returns pictures, plate and all. What of them is dust, and how it comes into the comp, is the comp's work
(``comp/model_dust.py``); nothing that a model drew of the plate is ever used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from secondunit.imaging.clip import ClipWindow, Frames

Steps = Callable[[int, int], None]
"""Called with the steps that are done and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipGrid:
    """Which numbers of frames and which sizes a model accepts."""

    frame_step: int
    """Frames are ``frame_step * k + 1``."""
    size_step: int
    """Each side is a multiple of this."""
    most_frames: int
    """As many as it was made for at once."""
    least_frames: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipAsk:
    """What is asked of a model beside its pictures."""

    prompt: str = ""
    negative: str = ""
    steps: int = 30
    seed: int = 1
    control: float = 1.0
    strength: float = 0.6
    guidance: float = 0.0
    """0 is the model's own default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipStatement:
    """What is said before a model runs."""

    model: str
    licence: str
    """In words, with how well it is known."""
    parameters: str
    memory: str
    """What it needs and what there is."""
    place: str
    """Where the weights lie, or the server."""
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Pipeline, scheduler and library versions, for the recipe."""

    def lines(self) -> tuple[str, ...]:
        """Return it for people, a line each."""
        return (
            f"model:   {self.model} ({self.place})",
            f"licence: {self.licence}",
            f"size:    {self.parameters}",
            f"memory:  {self.memory}",
            *(f"note:    {note}" for note in self.notes),
        )


class ClipGenerator(Protocol):
    """A backend that draws the dust of a stretch of frames.

    The same window, ask and weights give the same frames on the same machine. It changes none of its inputs, downloads
    nothing, and either runs or says why not.
    """

    @property
    def name(self) -> str:
        """Name in a brief and in the recipe."""

    @property
    def version(self) -> str:
        """Raised whenever the backend's pictures change."""

    @property
    def weights_digest(self) -> str:
        """SHA-256 over all the files that it runs."""

    @property
    def grid(self) -> ClipGrid:
        """What it accepts."""

    def files(self) -> Mapping[str, str]:
        """Return what a person may open elsewhere once it has run, by file name."""

    def describe(self, *, frames: int, width: int, height: int) -> ClipStatement:
        """Say what would run, by which licence and in how much memory.

        Raises
        ------
        BackendError
            It cannot run here, and how to put that right.
        """

    def enhance(self, window: ClipWindow, *, ask: ClipAsk, progress: Steps | None = None) -> Frames:
        """Return (frames, height, width, 3) display-referred sRGB, float32, of the window's size and count.

        Raises
        ------
        BackendError
            The window does not lie on the grid, or the engine failed.
        """
