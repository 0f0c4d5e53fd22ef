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
LEAST = 0.10
"""Mean alpha under which a crop is seldom taken."""
_MIRRORED = tuple(STATE.index(name) for name in ("motion_x", "normal_x", "sun_x"))
_PLANES = ("state", "noise", "target", "edge", "back")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Crops of pairs of consecutive frames: the n first frames, then the n second ones. All float32."""

    state: Tensor
    """(2n, STATE, h, w)"""
    noises: tuple[Tensor, Tensor]
    """Two draws, (2n, NOISE, h, w) each; a draw's two frames carry the same noise along."""
    wanted: Tensor
    """(2n, 3, 2h, 2w)"""
    weight: Tensor
    """(2n, 1, 2h, 2w)"""
    back: Tensor
    """(n, 2, 2h, 2w) pixels that what the second frame shows has come since the first."""


class Crops:
    """The files of a data set, in a device's memory."""

    def __init__(self, files: Sequence[Path], *, device: str = "cpu") -> None:
        self._device = device
        self._files: list[Path] = []
        self._parts: list[dict[str, Tensor]] = []
        self._alpha: list[NDArray[np.float32]] = []
        """Alpha summed up from the corner, (rows, h + 1, w + 1): a crop's mean in four readings."""
        self.take_in(files)
        if not self._parts:
            raise BriefError("there are no scenes to train on", fix="make them: python -m training.data OUT")

    @property
    def files(self) -> tuple[Path, ...]:
        """What has been taken in."""
        return tuple(self._files)

    @property
    def pairs(self) -> int:
        """How many pairs of frames there are."""
        return sum(len(part["state"]) for part in self._parts)

    def take_in(self, files: Sequence[Path]) -> int:
        """Take in the files that are new; return how many."""
        new = [path for path in files if path not in self._files]
        for path in new:
            with np.load(path) as data:
                alpha = data["state"][:, 1, 0].astype(np.float32)
                self._parts.append({n: torch.from_numpy(data[n]).to(self._device) for n in _PLANES})
            summed = alpha.cumsum(1).cumsum(2)
            self._alpha.append(np.pad(summed, ((0, 0), (1, 0), (1, 0))))
            self._files.append(path)
        return len(new)

    def batch(self, step: int, *, seed: int, count: int, side: int) -> Batch:
        """Return the crops of a step: ``count`` of ``side`` buffer pixels, mirrored and with noise turned at random."""
        rng = np.random.default_rng([seed, STAGE, step])
        rows = [self._crop(rng, side) for _ in range(count)]
        planes = {name: torch.stack([row[name] for row in rows]).float() for name in rows[0]}
        sign = torch.from_numpy(rng.choice((-1.0, 1.0), (count, 1, 2, len(NOISE), 1, 1)).astype(np.float32))
        noises = planes["noise"] * sign.to(self._device)
        edge = planes["edge"].repeat_interleave(2, -1).repeat_interleave(2, -2)[:, :, None]
        state, wanted, back = planes["state"], planes["target"], planes["back"]
        weight = 1.0 - (1.0 - EDGE) * edge
        half = count // 2  # rows are in random order: the first half is as good as any
        for plane in (state, noises, wanted, weight, back):
            plane[:half] = plane[:half].flip(-1)
        state[:half, :, list(_MIRRORED)] *= -1.0
        back[:half, 0] *= -1.0
        return Batch(
            state=_frames(state),
            noises=(_frames(noises[:, :, 0]), _frames(noises[:, :, 1])),
            wanted=_frames(wanted),
            weight=_frames(weight),
            back=back,
        )

    def _crop(self, rng: np.random.Generator, side: int) -> dict[str, Tensor]:
        for _ in range(40):
            which = rng.integers(len(self._parts))
            alpha = self._alpha[which]
            n = rng.integers(len(alpha))
            height, width = alpha.shape[1] - 1, alpha.shape[2] - 1
            y, x = (int(v) for v in (rng.integers(height - side + 1), rng.integers(width - side + 1)))
            a = alpha[n]
            mean = (a[y + side, x + side] - a[y, x + side] - a[y + side, x] + a[y, x]) / side**2
            if mean > LEAST or rng.random() < 0.03:
                break
        part = self._parts[which]
        here = (..., slice(y, y + side), slice(x, x + side))
        there = (..., slice(2 * y, 2 * (y + side)), slice(2 * x, 2 * (x + side)))
        one, two = rng.permutation(part["noise"].shape[2])[:2]
        noise = part["noise"][n]
        return {
            "state": part["state"][n][here],
            "noise": torch.stack((noise[:, one], noise[:, two]), 1)[here],
            "target": part["target"][n][there],
            "edge": part["edge"][n][here],
            "back": part["back"][n][there],
        }


def _frames(planes: Tensor) -> Tensor:
    """Return (n, 2, ...) as (2n, ...): the first frames, then the second ones."""
    return planes.transpose(0, 1).flatten(0, 1).contiguous()
