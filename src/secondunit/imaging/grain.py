"""Film and sensor grain as numbers: how strong at which brightness, how coarse, how coloured."""

from dataclasses import dataclass

import numpy as np

from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import gaussian, luminance

_STAGE = 0x6772


@dataclass(frozen=True, slots=True, kw_only=True)
class Grain:
    """A plate's grain."""

    luminance: tuple[float, ...] = (0.0, 1.0)
    """Nodes in ACEScg luminance, rising."""
    sigma: tuple[tuple[float, float, float], ...] = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    """Standard deviation per channel at each node, ACEScg."""
    size_px: float = 0.5
    """Sigma of the Gaussian that white noise must be blurred by to look as coarse."""
    shared: float = 0.7
    """Correlation between the channels: 0 coloured, 1 grey."""

    def strength(self, picture: Image) -> Image:
        """Return (height, width, 3): the standard deviation the grain has on each pixel of a picture."""
        y = luminance(picture)
        nodes = np.asarray(self.luminance, dtype=np.float32)
        curves = [np.interp(y, nodes, [row[c] for row in self.sigma]) for c in range(3)]
        return np.stack(curves, axis=-1).astype(np.float32)


def grain_field(*, width: int, height: int, size_px: float, shared: float, seed: int, frame: int) -> Image:
    """Return (height, width, 3) noise of zero mean and unit variance, another for every frame and seed.

    Parameters
    ----------
    size_px
        Coarseness, see ``Grain.size_px``.
    shared
        Correlation between the channels, 0 to 1.
    """
    draw = np.random.default_rng([seed, _STAGE, frame])
    noise = draw.standard_normal((height, width, 4), dtype=np.float32)
    if size_px > 0.15:
        noise = gaussian(noise, sigma_px=size_px) / np.float32(_blur_gain(size_px))
    common, own = np.float32(shared**0.5), np.float32((1 - shared) ** 0.5)
    field: Image = noise[..., 3:4] * common + noise[..., :3] * own
    return field


def _blur_gain(sigma_px: float) -> float:
    """Return what the blur leaves of unit white noise: the sum of squares of the sampled kernel."""
    reach = max(1, round(4 * sigma_px + 1))
    x = np.arange(-reach, reach + 1)
    kernel = np.exp(-(x**2) / (2 * sigma_px**2))
    kernel /= kernel.sum()
    return float((kernel**2).sum())
