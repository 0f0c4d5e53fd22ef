"""Material-anchored noise: a tileable band-limited volume, read at texture coordinates that the dust carries."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Detail

Floats = NDArray[np.float32]

STAGE = 601
"""This stage's constant in ``default_rng([seed, STAGE])``."""

SIZE = 64
"""Cells along one edge of the noise tile."""

OCTAVES = 4
BROAD = 2
"""Octaves that another micro seed leaves alone."""
PHASES = 3

_BAND = (0.10, 0.26)
"""Lowest and highest frequency of the volume, cycles a cell: above it trilinear reads would show the lattice."""

_CENTRE = 0.18
"""Frequency that stands for the band, cycles a cell: an octave's wavelength is 1 / _CENTRE cells."""

_LONGEST = 9.0
"""Wavelength of the coarsest octave in dust cells. Its billows, |n|, are half as wide: just below what the coarse
simulation carries."""

_LACUNARITY = 2.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noise:
    """What the march needs to read four octaves of noise in three phases at one frame."""

    volume: Floats
    """(SIZE + 1, SIZE + 1, SIZE + 1) unit variance, zero mean; the last layer repeats the first."""
    turn: Floats
    """(OCTAVES, 3, 3) from metres of texture coordinate to cells of the volume."""
    offset: Floats
    """(OCTAVES, PHASES, 3) cells, drawn anew for each phase's life."""
    wavelength_m: Floats
    """(OCTAVES,)"""


def noise_volume(seed: int, *, size: int = SIZE) -> Floats:
    """Return a tileable Gaussian volume of one band, zero mean and unit variance.

    Returns
    -------
    (size, size, size) float32; periodic along every axis.

    >>> v = noise_volume(3, size=16)
    >>> bool(abs(v.mean()) < 1e-6), bool(abs(v.std() - 1) < 1e-5)
    (True, True)
    """
    white = np.random.default_rng([seed, STAGE]).standard_normal((size, size, size))
    k = np.fft.fftfreq(size)
    frequency = np.sqrt(k[:, None, None] ** 2 + k[None, :, None] ** 2 + np.fft.rfftfreq(size)[None, None, :] ** 2)
    low, high = _BAND
    band = np.exp(-(((frequency - _CENTRE) / (0.5 * (high - low))) ** 2))
    band[0, 0, 0] = 0.0
    value = np.fft.irfftn(np.fft.rfftn(white) * band, s=(size, size, size), axes=(0, 1, 2))
    return np.asarray(value / value.std(), dtype=np.float32)


class NoiseSource:
    """Noise for one ``Detail``; the volume is made once and read by every frame.

    Parameters
    ----------
    detail
        The seed names turns and offsets of the fine octaves; the scale multiplies wavelengths.
    broad_seed
        Names the volume, and turns and offsets of the first ``BROAD`` octaves: they belong to the simulation.
    """

    def __init__(self, detail: Detail, *, broad_seed: int = 1) -> None:
        self._detail = detail
        self._seeds = [broad_seed] * BROAD + [detail.seed] * (OCTAVES - BROAD)
        self._volume = np.ascontiguousarray(np.pad(noise_volume(broad_seed), ((0, 1),) * 3, mode="wrap"))
        drawn = {seed: self._draw_turns(seed) for seed in set(self._seeds)}
        self._turns = np.stack([drawn[seed][octave] for octave, seed in enumerate(self._seeds)])

    @staticmethod
    def _draw_turns(seed: int) -> list[NDArray[np.float64]]:
        rng = np.random.default_rng([seed, STAGE, 1])
        return [_rotation(rng) for _ in range(OCTAVES)]

    def at(self, *, life: Floats, cell_m: float) -> Noise:
        """Return the noise of one frame.

        Parameters
        ----------
        life
            (PHASES,) number of the life each phase is in: a new one draws new offsets.
        cell_m
            Width of a dust cell: octaves begin where the simulation ends.
        """
        wavelength = _LONGEST * cell_m * self._detail.scale / _LACUNARITY ** np.arange(OCTAVES)
        turn = self._turns / (_CENTRE * wavelength[:, None, None])
        offset = np.empty((OCTAVES, PHASES, 3), dtype=np.float32)
        for phase in range(PHASES):
            number = round(float(life[phase])) & 0xFFFFFFFF
            for octave, seed in enumerate(self._seeds):
                rng = np.random.default_rng([seed, STAGE, 2 + phase, number])
                offset[octave, phase] = rng.uniform(0.0, SIZE, (OCTAVES, 3))[octave]
        return Noise(
            volume=self._volume,
            turn=turn.astype(np.float32),
            offset=offset,
            wavelength_m=wavelength.astype(np.float32),
        )


def _rotation(rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a turn (or its mirror image): octaves of one volume must not line up, nor show the volume's axes."""
    q, r = np.linalg.qr(rng.standard_normal((3, 3)))
    return np.asarray(q * np.sign(np.diag(r)))
