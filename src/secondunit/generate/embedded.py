"""The embedded generator: our own small network, trained on our own simulations, run by ONNX Runtime.

A trunk paints the likely picture at twice the buffers' size; decoders add one of the pictures there may be, from the
noise that the dust carries: broad billows from its coarse octaves, which belong to the simulation, and fine structure
that holds nothing wider than some eight pixels, which is all that a micro seed moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Detail
from secondunit.generate.low_band import keep_low_band
from secondunit.generate.packing import compose_layers, pack_noise, pack_state
from secondunit.generate.procedural import carved
from secondunit.generate.ranges import CELL, LEARNED, Range
from secondunit.generate.session import PARTS, STEP, TILE, WEIGHTS, Painted, open_graphs, paint, weights_digest
from secondunit.generate.shipped import SHIPPED
from secondunit.generate.steady import brought, motion_of, steadied
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from secondunit.imaging.half import from_half, to_half

Planes = NDArray[np.float32]

ROOM = 16
"""Buffer pixels around the dust that the network is shown."""
UNSEEN = np.float32(0.004)
"""Alpha that no eye finds: where there is no more, the network is not asked."""
BANDS = (1.0, 2.2)
"""Sigmas in pixels between the fine, the middle and the broad band of the detail."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Said:
    """What the network says of a frame, with an artist's gains in."""

    buffers: ControlBuffers
    detail: Detail
    base: Planes
    planes: NDArray[np.float16]
    """(6, 2h, 2w): all of it, then what no micro seed moves."""


class Embedded:
    """The default generator.

    Parameters
    ----------
    folder
        Weights of one's own training; None takes those in the package, by their digest.
    tile
        Buffer pixels along the longest side of what is computed at once.
    """

    name: ClassVar[str] = "embedded"
    version: ClassVar[str] = "5"
    needs: ClassVar[frozenset[str]] = frozenset()
    scale: ClassVar[int] = 2
    factor: ClassVar[int] = 4
    widest_cell_px: ClassVar[float] = next(r.high for r in LEARNED if r.name == CELL)
    learned: ClassVar[tuple[Range, ...]] = LEARNED
    reach: ClassVar[int] = 1

    def __init__(self, folder: Path | None = None, *, tile: int = TILE) -> None:
        self._folder = WEIGHTS if folder is None else folder
        self._pinned = SHIPPED if folder is None else ""
        self._digest = ""
        self._tile = tile
        self._known: list[_Said] = []

    @property
    def weights_digest(self) -> str:
        """SHA-256 of the weights.

        Raises
        ------
        BackendError
            They are missing.
        """
        if not self._digest:
            self._digest = self._pinned or weights_digest(self._folder)
        return self._digest

    def generate(self, buffers: ControlBuffers, *, detail: Detail, beside: Sequence[ControlBuffers] = ()) -> DustLayers:
        """Return layers of twice the buffers' size; of their own size where the buffers open wide cells.

        Those are taken as the march has carved them, and what comes of them is painted next, as the coarse render of
        finer cells. What is painted is the mean of what is said of the frame and of those beside it, brought along the
        dust's motion (``steady``). Frames that are asked for one after the other are painted once each.

        Raises
        ------
        BackendError
            A channel or the weights are missing, or ONNX Runtime failed.
        """
        if buffers.opens:
            return carved(buffers, detail=detail)
        coarse = _coarse(buffers)
        if detail.gain <= 0.0:
            return coarse
        mine = self._said(buffers, detail)
        whole, owned = np.split(self._steadied(mine, [b for b in beside if b.frame != buffers.frame]), 2)
        one, two = (compose_layers(mine.base, said, growth=buffers.growth) for said in (whole, owned))
        layers = _clear(keep_low_band(one, two), coarse)
        return layers if detail.gain >= 1.0 else _between(coarse, layers, np.float32(detail.gain))

    def likely(self, buffers: ControlBuffers) -> DustLayers:
        """Return the likely picture alone: the mean of all that may be, which no seed moves.

        Raises
        ------
        BackendError
            As ``generate``.
        """
        painted = self._painted(buffers, noise=False)
        return _clear(compose_layers(painted.base, painted.likely), _coarse(buffers))

    def _said(self, buffers: ControlBuffers, detail: Detail) -> "_Said":
        """Paint a frame, or recall what was painted of it as another's neighbour."""
        for known in self._known:
            if known.buffers is buffers and known.detail == detail:
                return known
        painted = self._painted(buffers, noise=True)
        gain = np.float32(max(detail.gain, 1.0))
        owned = painted.likely + gain * painted.broad
        whole = owned + gain * _banded(painted.fine, detail.bands)
        said = _Said(buffers=buffers, detail=detail, base=painted.base, planes=to_half(np.concatenate((whole, owned))))
        self._known = [*self._known[-2 * self.reach :], said]
        return said

    def _steadied(self, mine: "_Said", beside: Sequence[ControlBuffers]) -> Planes:
        if not beside:
            return from_half(mine.planes)
        here = motion_of(mine.buffers, scale=self.scale)
        others = []
        for buffers in sorted(beside, key=lambda b: b.frame):
            said = self._said(buffers, mine.detail)
            there = motion_of(buffers, scale=self.scale)
            later = buffers.frame > mine.buffers.frame
            others.append(brought(from_half(said.planes), there=there, here=here, later=later))
        return steadied(from_half(mine.planes), others)

    def _painted(self, buffers: ControlBuffers, *, noise: bool) -> Painted:
        """Paint the part of the picture that holds dust; the rest stays clear."""
        state = pack_state(buffers)
        _, height, width = state.shape
        out = Painted(**{part: np.zeros((3, 2 * height, 2 * width), np.float32) for part in PARTS})
        box = _around(state[0])
        if box is None:
            return out
        rows, cols = box
        pads = ((0, 0), (0, -(rows.stop - rows.start) % STEP), (0, -(cols.stop - cols.start) % STEP))
        mine = np.pad(state[:, rows, cols], pads, mode="edge")
        carried = np.pad(pack_noise(buffers)[:, rows, cols], pads, mode="edge") if noise else None
        found = paint(open_graphs(self._folder, digest=self._pinned), mine, carried, tile=self._tile)
        inner = (slice(None), slice(0, 2 * (rows.stop - rows.start)), slice(0, 2 * (cols.stop - cols.start)))
        where = (slice(None), slice(2 * rows.start, 2 * rows.stop), slice(2 * cols.start, 2 * cols.stop))
        for part in PARTS:
            getattr(out, part)[where] = getattr(found, part)[inner]
        return out


def _around(alpha: Image) -> tuple[slice, slice] | None:
    """Return the part of a picture that shows dust, on the raster of tiles, with room around it."""
    found = []
    for axis, length in enumerate(alpha.shape):
        seen = np.flatnonzero((alpha > UNSEEN).any(axis=1 - axis))
        if not len(seen):
            return None
        low = max(int(seen[0]) - ROOM, 0) // STEP * STEP
        high = min(-(-(int(seen[-1]) + 1 + ROOM) // STEP) * STEP, length)
        found.append(slice(low, high))
    return found[0], found[1]


def _banded(detail: Planes, bands: tuple[float, float, float]) -> Planes:
    """Return the detail with its broad, middle and fine band multiplied."""
    broad, middle, fine = (np.float32(b) for b in bands)
    if broad == middle == fine == 1.0:
        return detail
    out = np.empty_like(detail)
    for plane, target in zip(detail, out, strict=True):
        soft, softer = (cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) for sigma in BANDS)
        target[...] = fine * (plane - soft) + middle * (soft - softer) + broad * softer
    return out


def _coarse(buffers: ControlBuffers) -> DustLayers:
    """Return the coarse render at twice its size, bilinear."""
    height, width = buffers.size
    alpha, sun, sky = (
        np.asarray(cv2.resize(buffers.channels[name], (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR))
        for name in ("alpha", "sun", "sky")
    )
    return DustLayers(alpha=np.clip(alpha, 0.0, 1.0), sun=np.maximum(sun, 0.0), sky=np.maximum(sky, 0.0))


def _clear(layers: DustLayers, coarse: DustLayers) -> DustLayers:
    """Return layers with nothing where the coarse render is clear."""
    there = coarse.alpha > 0
    return DustLayers(
        alpha=np.where(there, layers.alpha, np.float32(0.0)),
        sun=np.where(there, layers.sun, np.float32(0.0)),
        sky=np.where(there, layers.sky, np.float32(0.0)),
    )


def _between(one: DustLayers, two: DustLayers, share: np.float32) -> DustLayers:
    return DustLayers(
        alpha=one.alpha + share * (two.alpha - one.alpha),
        sun=one.sun + share * (two.sun - one.sun),
        sky=one.sky + share * (two.sky - one.sky),
    )
