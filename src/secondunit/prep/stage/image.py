"""What the stage renderer returns: one frame's picture and everything a drawing or a control pass needs of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.imaging.buffers import Image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageImage:
    """One frame of a stage.

    ``beauty``, ``alpha``, ``albedo`` and ``shadow`` are anti-aliased; the others are those of the pixel's central
    sample, never mixed across an edge.
    """

    beauty: Image
    """(height, width, 3) scene-linear ACEScg; the sky stands where nothing is."""
    alpha: Image
    """(height, width) coverage by parts and ground."""
    albedo: Image
    """(height, width, 3) ACEScg, 0 where the sky is."""
    depth: Image
    """(height, width) metres along the optical axis; inf where the sky is."""
    normal: Image
    """(height, width, 3) unit, camera space (x right, y up, z towards the camera); 0 where the sky is."""
    part: NDArray[np.int32]
    """(height, width) index into ``stage.parts``; -1 sky, -2 ground."""
    face: NDArray[np.int32]
    """(height, width) triangle number counted over all parts in order; -1 sky, -2 ground."""
    material: NDArray[np.int32]
    """(height, width) index into ``stage.materials``; -1 where the sky is."""
    shadow: Image
    """(height, width) 1 in full sun, 0 where the sun is blocked or the surface turns away from it."""
    ao: Image
    """(height, width) how much of the sky a point sees of what its normal faces, 0 to 1."""
    motion: Image
    """(height, width, 2) pixels from this frame to the next, x right, y down; 0 in the sky or with no next frame."""
