"""What a clip model is handed: a stretch of frames, encoded for a screen, at the model's own size and count."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.imaging.buffers import Image

Frames = NDArray[np.float32]
"""(frames, height, width[, channels])."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipWindow:
    """A stretch of frames as a clip model takes them.

    Colours are display-referred sRGB, 0 to 1, float32: what such models were trained on.
    """

    control: Frames
    """(frames, height, width, 3): the plate outside the mask; inside, what the brief's ``inside`` says."""
    comp: Frames
    """(frames, height, width, 3): our whole comp."""
    mask: Frames
    """(frames, height, width): 1 where the model is to draw, 0 where the picture is given."""
    depth: Frames
    """(frames, height, width): inverse depth of the dust, 1 the nearest of the take, 0 the farthest or none."""
    reference: Image | None
    """(height, width, 3): the plate before anything falls."""
    kept: int = 0
    """So many frames at the head are given whole: the end of the stretch before."""
    rate: float = 24.0

    @property
    def size(self) -> tuple[int, int, int]:
        """Frames, height, width."""
        frames, height, width = self.mask.shape
        return frames, height, width
