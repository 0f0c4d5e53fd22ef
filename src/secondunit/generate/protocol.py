"""What a generator is: control buffers of one slab and frame in, relightable dust out."""

from collections.abc import Sequence
from typing import Protocol

from secondunit.core.collapse import Detail
from secondunit.generate.ranges import Range
from secondunit.imaging.buffers import ControlBuffers, DustLayers


class Generator(Protocol):
    """A backend that adds the fine structure of dust to a coarse render.

    A generator is a pure function: the same buffers, detail and frames beside give the same layers, in any order of
    frames and in any process; it changes none of its inputs. Where the coarse dust is clear the result is clear. The
    detail's seed moves the high band only. ``tests/generate/contract.py`` is the contract that every backend passes.
    """

    @property
    def name(self) -> str:
        """Name in a brief and in the recipe."""

    @property
    def version(self) -> str:
        """Raised whenever the backend's pictures change."""

    @property
    def weights_digest(self) -> str:
        """SHA-256 of the weights, empty where there are none."""

    @property
    def needs(self) -> frozenset[str]:
        """Extra channels that the march must make."""

    @property
    def scale(self) -> int:
        """Pixels of the layers, along each side, for one of the buffers."""

    @property
    def factor(self) -> int:
        """How many times finer than the dust's cells its picture looks; 1 where cells mean nothing to it."""

    @property
    def widest_cell_px(self) -> float:
        """Buffer pixels that a cell may cover: beyond it the picture is painted in passes, each finer than the last."""

    @property
    def learned(self) -> tuple[Range, ...]:
        """What it was trained on; beyond it a take carries a finding. Empty where nothing was learned."""

    @property
    def reach(self) -> int:
        """Frames before and after a frame that it looks at too; 0 where each frame stands alone."""

    def generate(self, buffers: ControlBuffers, *, detail: Detail, beside: Sequence[ControlBuffers] = ()) -> DustLayers:
        """Return layers of ``scale`` times the buffers' size.

        Parameters
        ----------
        beside
            Buffers of the frames within ``reach``, of the same slab and size, where there are any: the same frames
            must be given whenever the frame is made, or it is not the same picture.

        Raises
        ------
        BackendError
            A needed channel is missing, or the engine failed.
        """
