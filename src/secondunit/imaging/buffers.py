"""The pictures that rooms hand each other. All float32, scene-linear, premultiplied, (height, width[, channels])."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class DustLayers:
    """Relightable dust: what a generator returns.

    ``sun`` and ``sky`` are in-scattered light for a sun and a sky of one unit (see ``core.layout.Sun``: a white
    Lambert card that faces the light reads 1), albedo 1, premultiplied by alpha. The picture is
    ``tint * (sun * sun_illuminance + sky * sky_colour)``.
    """

    alpha: Image
    """(height, width), 0 to 1."""
    sun: Image
    """(height, width), 0 or more."""
    sky: Image
    """(height, width), 0 or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlBuffers:
    """What a generator is given for one frame and one slab of dust: named channels of one size.

    Always present: ``alpha``, ``sun``, ``sky`` (the coarse render), ``optical_depth``, ``depth`` (metres, mean of what
    is seen; 0 where alpha is 0), ``motion_x``, ``motion_y`` (pixels a frame, this frame to the next), ``normal_x``,
    ``normal_y``, ``normal_z`` (camera space, from the density gradient), ``noise_0`` to ``noise_3`` (unit variance,
    carried by the dust), ``holdout`` (0 to 1: how much of the ray ended at a surface), ``stretch`` (how far the
    texture coordinates have been pulled, 1 is not at all), ``footprint`` (pixels a coarse cell covers).
    Only where a generator asks: ``eroded_alpha``, ``eroded_sun``, ``eroded_sky`` (the march with material-anchored
    noise carved into the density). A slab that was marched bare, for no generator, has the first five alone.
    """

    frame: int
    slab: str
    """``front`` (before the first surface) or ``behind``."""
    channels: dict[str, Image] = field(default_factory=dict)
    sun_direction: tuple[float, float, float] = (0.0, 1.0, 0.0)
    """Unit vector towards the sun in the camera's axes: right, up, backward."""
    opens: bool = False
    """Whether the cells are too wide for what is to be painted, and the carved channels stand for the picture."""
    growth: float = 3.0
    """Most that painting may add to the logarithm of the coarse optical depth; less where that is carved already."""
    finer: int = 1
    """How many times finer its cells are than the dust's. ``footprint`` and motion are those of the finer cells: dust
    that moves by a pixel a frame says a pixel by this."""

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        height, width = self.channels["alpha"].shape
        return height, width


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceLayer:
    """Rendered pieces of one frame, motion-blurred and anti-aliased."""

    sun: Image
    """(height, width, 3) ACEScg radiance from the sun, premultiplied."""
    sky: Image
    """(height, width, 3) ACEScg radiance from the sky, premultiplied."""
    alpha: Image
    """(height, width) coverage by what is rendered anew: moved pieces and surfaces the plate never showed."""
    static: Image
    """(height, width) coverage by surfaces still where the plate shows them: the plate's own pixel stands for them."""
    depth: Image
    """(height, width) metres along the optical axis of the nearest surface, moved or static; inf where none."""
    motion: Image
    """(height, width, 2) pixels from this frame to the next, x right, y down; 0 where none."""
    id: NDArray[np.uint32]
    """(height, width) piece number + 1 of the nearest surface, 0 where none."""
