"""Control buffers as the numbers that the embedded network reads: scaled, bounded, and free of a shot's own units.

Training and inference pack with this same code, so that what was learned is what is met.
"""

import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BackendError
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image

Planes = NDArray[np.float32]

STATE = (
    "alpha", "optical_depth", "sun", "sky", "footprint", "motion_x", "motion_y", "normal_x", "normal_y", "normal_z",
    "sun_x", "sun_y", "sun_z", "holdout", "stretch",
)  # fmt: skip
"""Planes of ``pack_state``, in order. Sun is first the light in the dust, then the sun's direction."""
NOISE = ("noise_0", "noise_1", "noise_2", "noise_3")
"""Planes of ``pack_noise``, in order, the coarsest first."""
BROAD = NOISE[:2]
"""Octaves that belong to the simulation: a micro seed leaves them alone."""
PACKING = "1"
"""Raised whenever the same buffers would pack to other numbers: weights are trained for one packing."""

DEPTH = 3.0
"""Most that the network may change the logarithm of optical depth by."""
FAINT = 0.03
"""Coarse optical depth at which half of that change is let through: a solver's faint outskirts hold no wisps."""
BRIGHTER, DARKER = 0.15, 0.35
"""Most that it may change the root of the brightness by, as a share."""
WHOLE = 1.0 / 0.99
"""The march calls a ray opaque that lets a hundredth through."""

LIT = 0.1
"""Sum of the two roots of brightness below which there is no dust, and at twice which all of it counts."""
FLOOR, ROOT = 1e-4, 1e-2
"""Of the square-root space: what is added to light, and taken off its root."""


def to_root(light: Image) -> Image:
    """Return light in the square-root space of the network, 0 where there is none."""
    return np.asarray(np.sqrt(np.maximum(light, 0.0) + np.float32(FLOOR)) - np.float32(ROOT), dtype=np.float32)


def from_root(root: Image) -> Image:
    """Return light from the square-root space of the network; 0 or more."""
    whole = np.maximum(root, 0.0) + np.float32(ROOT)
    return np.asarray(whole * whole - np.float32(FLOOR), dtype=np.float32)


def pack_state(buffers: ControlBuffers) -> Planes:
    """Return (len(STATE), height, width): the coarse render and its geometry, without noise.

    Raises
    ------
    BackendError
        A channel is missing.
    """
    c = _channels(buffers, ("alpha", "optical_depth", "sun", "sky", "footprint", "holdout", "stretch"))
    alpha = c["alpha"]
    cells = np.maximum(c["footprint"], np.float32(0.25))
    out = np.zeros((len(STATE), *alpha.shape), np.float32)
    out[0] = alpha
    out[1] = 0.4 * np.log1p(c["optical_depth"])
    out[2] = to_root(c["sun"])
    out[3] = to_root(c["sky"])
    out[4] = np.where(alpha > 0, alpha * np.clip(0.5 * (np.log2(cells) - 1.5), -1.5, 1.5), 0.0)
    for row, axis in enumerate("xy"):
        out[5 + row] = alpha * np.clip(0.5 * buffers.channels[f"motion_{axis}"] / cells, -1.5, 1.5)
    for row, axis in enumerate("xyz"):
        out[7 + row] = alpha * buffers.channels[f"normal_{axis}"]
        out[10 + row] = np.float32(buffers.sun_direction[row])
    out[13] = c["holdout"]
    out[14] = np.where(alpha > 0, alpha * np.clip(c["stretch"] - 1.0, 0.0, 2.0), 0.0)
    return out


def pack_noise(buffers: ControlBuffers) -> Planes:
    """Return (len(NOISE), height, width): what the dust carries, 0 where there is none.

    Raises
    ------
    BackendError
        A channel is missing.
    """
    c = _channels(buffers, ("alpha", *NOISE))
    there = c["alpha"] > 0
    return np.stack([np.where(there, np.clip(c[name], -3.5, 3.5), np.float32(0.0)) for name in NOISE])


def pack_layers(layers: DustLayers) -> Planes:
    """Return (3, height, width): alpha, and light in square-root space: what the network is shown as the answer."""
    return np.stack([layers.alpha, to_root(layers.sun), to_root(layers.sky)])


def unpack_layers(planes: Planes) -> DustLayers:
    """Return layers from ``pack_layers``' space, held to their ranges."""
    return DustLayers(
        alpha=np.clip(planes[0], 0.0, 1.0).astype(np.float32), sun=from_root(planes[1]), sky=from_root(planes[2])
    )


def compose_layers(base: Planes, painted: Planes, *, growth: float = DEPTH) -> DustLayers:
    """Return layers from what the network says.

    Parameters
    ----------
    base
        (3, height, width) coarse optical depth, and the roots of the sun's and the sky's brightness a unit of alpha.
    painted
        (3, height, width) what to add to the depth's logarithm, and by which share to change the roots.
    growth
        Most that is added to that logarithm.

    Notes
    -----
    Nothing painted makes dust where there is none, nor light without dust, nor a hole in thick dust.
    """
    said = np.clip(painted[0], -DEPTH, min(growth, DEPTH)) * (base[0] / (base[0] + np.float32(FAINT)))
    depth = base[0] * np.exp(said)
    alpha = np.clip((1.0 - np.exp(-depth)) * np.float32(WHOLE), 0.0, 1.0).astype(np.float32)
    # Dust that neither sun nor sky reaches is none: a stray reading beside an edge would be a black dash.
    alpha *= np.clip((base[1] + base[2]) / np.float32(LIT) - 1.0, 0.0, 1.0)
    lights = []
    for root, said in zip(base[1:], painted[1:], strict=True):
        change = np.where(said > 0, BRIGHTER * np.tanh(said / BRIGHTER), DARKER * np.tanh(said / DARKER))
        bright = root * (1.0 + change)
        lights.append((alpha * bright * bright).astype(np.float32))
    return DustLayers(alpha=alpha, sun=lights[0], sky=lights[1])


def _channels(buffers: ControlBuffers, names: tuple[str, ...]) -> dict[str, Image]:
    if missing := sorted(set(names) - buffers.channels.keys()):
        raise BackendError(f"the embedded generator needs {', '.join(missing)}", fix="march the dust anew")
    return {name: np.asarray(buffers.channels[name], dtype=np.float32) for name in names}
