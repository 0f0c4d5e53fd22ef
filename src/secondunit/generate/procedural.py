"""The procedural generator: detail carved in three dimensions, its low band locked to the simulation. No weights."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from secondunit.core.collapse import Detail
from secondunit.core.errors import BackendError
from secondunit.generate.detail import lock_low_band
from secondunit.generate.ranges import Range
from secondunit.imaging.buffers import ControlBuffers, DustLayers


class Procedural:
    """Fine structure from noise that the dust carries, carved by the march (``eroded_*``).

    The march has already used the detail's seed and gain; here only a gain under 1 leads back to the coarse render.
    """

    name: ClassVar[str] = "procedural"
    version: ClassVar[str] = "1"
    weights_digest: ClassVar[str] = ""
    needs: ClassVar[frozenset[str]] = frozenset({"eroded_alpha", "eroded_sun", "eroded_sky"})
    scale: ClassVar[int] = 1
    factor: ClassVar[int] = 1
    widest_cell_px: ClassVar[float] = float("inf")
    learned: ClassVar[tuple[Range, ...]] = ()
    reach: ClassVar[int] = 0

    def generate(self, buffers: ControlBuffers, *, detail: Detail, beside: Sequence[ControlBuffers] = ()) -> DustLayers:
        """Return layers of the buffers' size.

        Raises
        ------
        BackendError
            A needed channel is missing.
        """
        return carved(buffers, detail=detail)


def carved(buffers: ControlBuffers, *, detail: Detail) -> DustLayers:
    """Return the layers that the march has carved, their low band locked to the coarse render.

    Raises
    ------
    BackendError
        A carved channel is missing.
    """
    channels = buffers.channels
    if missing := sorted(Procedural.needs - channels.keys()):
        raise BackendError(
            f"the procedural generator needs {', '.join(missing)}", fix="march with channels=generator.needs"
        )
    coarse = np.maximum(channels["alpha"], 0.0)
    clear = coarse <= 0.0
    fine = DustLayers(
        alpha=np.clip(np.where(clear, 0.0, channels["eroded_alpha"]), 0.0, 1.0).astype(np.float32),
        sun=np.maximum(np.where(clear, 0.0, channels["eroded_sun"]), 0.0).astype(np.float32),
        sky=np.maximum(np.where(clear, 0.0, channels["eroded_sky"]), 0.0).astype(np.float32),
    )
    locked = lock_low_band(fine, buffers)
    share = np.float32(min(max(detail.gain, 0.0), 1.0))
    if share == 1.0:
        return locked
    return DustLayers(
        alpha=np.clip(coarse + share * (locked.alpha - coarse), 0.0, 1.0),
        sun=np.maximum(channels["sun"] + share * (locked.sun - channels["sun"]), 0.0),
        sky=np.maximum(channels["sky"] + share * (locked.sky - channels["sky"]), 0.0),
    )
