"""Crops of the data set, drawn by step so that a run that was stopped goes on with the same ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from secondunit.core.errors import BriefError
from secondunit.generate.packing import NOISE, STATE

STAGE = 0x43524F50
EDGE = 0.1
"""Weight of pixels beside a surface's edge: their dust is not the network's to know."""
_MIRRORED = tuple(STATE.index(name) for name in ("motion_x", "normal_x", "sun_x"))
_LEAST = 0.10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Crops, all float32."""

    state: Tensor
    """(n, STATE, h, w)"""
    noises: tuple[Tensor, Tensor]
    """Two draws, (n, NOISE, h, w) each."""
    wanted: Tensor
    """(n, 3, 2h, 2w)"""
    weight: Tensor
    """(n, 1, 2h, 2w)"""


class Crops:
    """The scenes of a data set, in memory."""

    def __init__(self, files: Sequence[Path]) -> None:
        if not files:
            raise BriefError("there are no scenes to train on", fix="make them: python -m training.data OUT")
        self._scenes: list[dict[str, NDArray[np.float16]]] = []
        for path in files:
            with np.load(path) as data:
                self._scenes.append({name: data[name] for name in ("state", "noise", "target", "edge")})
        self.files = tuple(files)

    @property
    def pairs(self) -> int:
        """How many pictures there are."""
        return sum(len(scene["state"]) for scene in self._scenes)

    def batch(self, step: int, *, seed: int, count: int, side: int) -> Batch:
        """Return the crops of a step: ``count`` of ``side`` buffer pixels, mirrored and with noise turned at random."""
        rng = np.random.default_rng([seed, STAGE, step])
        rows = [self._crop(rng, side) for _ in range(count)]
        state, one, two, wanted, weight = (torch.from_numpy(np.stack(r)) for r in zip(*rows, strict=True))
        return Batch(state=state, noises=(one, two), wanted=wanted, weight=weight)

    def _crop(self, rng: np.random.Generator, side: int) -> tuple[NDArray[np.float32], ...]:
        for _ in range(40):
            scene = self._scenes[rng.integers(len(self._scenes))]
            n = rng.integers(len(scene["state"]))
            height, width = scene["state"].shape[2:]
            y, x = rng.integers(height - side + 1), rng.integers(width - side + 1)
            here = (slice(y, y + side), slice(x, x + side))
            alpha = scene["state"][n, 0][here]
            if alpha.mean() > _LEAST or rng.random() < 0.03:
                break
        there = (slice(2 * y, 2 * (y + side)), slice(2 * x, 2 * (x + side)))
        state = scene["state"][n][(slice(None), *here)].astype(np.float32)
        wanted = scene["target"][n][(slice(None), *there)].astype(np.float32)
        edge = scene["edge"][n][here].repeat(2, 0).repeat(2, 1).astype(np.float32)[None]
        seeds = rng.permutation(scene["noise"].shape[1])[:2]
        noises = [
            scene["noise"][n, s][(slice(None), *here)].astype(np.float32)
            * rng.choice((-1.0, 1.0), (len(NOISE), 1, 1)).astype(np.float32)
            for s in seeds
        ]
        weight = 1.0 - np.float32(1.0 - EDGE) * edge
        if rng.random() < 0.5:
            state, wanted, weight = (np.ascontiguousarray(a[..., ::-1]) for a in (state, wanted, weight))
            noises = [np.ascontiguousarray(a[..., ::-1]) for a in noises]
            state[list(_MIRRORED)] *= -1.0
        return state, noises[0], noises[1], wanted, weight
