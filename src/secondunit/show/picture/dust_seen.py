"""One frame's dust as it was painted, kept on disk so that a look tried later finds it made."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from secondunit.imaging.half import from_half, halved, to_half

LAYERS = ("alpha", "sun", "sky")
FRONT = "front"
KEPT = ("alpha", "depth", "motion_x", "motion_y", "optical_depth")
"""Channels of the buffers that passes are made of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DustSeen:
    """Dust layers at the render's size, to half-float precision; None where there is no dust.

    What is kept on disk is what was made, bit for bit, so that a look tried later is the look tried at once.
    """

    front: DustLayers | None
    """Before the first surface, not cut by holdouts."""
    behind: DustLayers | None
    near: DustLayers
    """The part of ``front`` that is nearer than the holdouts, where there are any."""
    front_depth: Image
    """Metres, 0 where there is no dust."""
    behind_depth: Image
    buffers: ControlBuffers
    """What the generator was given for ``front``: the channels of ``KEPT``."""

    def kept(self) -> "DustSeen":
        """Return what ``load`` gives back of what ``save`` wrote, without the disk."""
        channels = {name: halved(self.buffers.channels[name]) for name in KEPT}
        return DustSeen(
            front=None if self.front is None else _halved_layers(self.front),
            behind=None if self.behind is None else _halved_layers(self.behind),
            near=_halved_layers(self.near),
            front_depth=halved(self.front_depth),
            behind_depth=halved(self.behind_depth),
            buffers=ControlBuffers(frame=self.buffers.frame, slab=FRONT, channels=channels),
        )

    def save(self, path: Path) -> None:
        """Write as a compressed ``.npz`` at exactly ``path``.

        At zlib's quickest, which is a twentieth larger and takes half the time.
        """
        planes: dict[str, Any] = {"frame": np.asarray(self.buffers.frame)}
        for name in ("front", "behind", "near"):
            layers: DustLayers | None = getattr(self, name)
            if layers is not None:
                planes |= {f"{name}.{part}": to_half(getattr(layers, part)) for part in LAYERS}
        planes |= {name: to_half(getattr(self, name)) for name in ("front_depth", "behind_depth")}
        planes |= {f"buffers.{k}": to_half(self.buffers.channels[k]) for k in KEPT}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, plane in planes.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                    np.lib.format.write_array(stream, plane, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> "DustSeen":
        """Read what ``save`` wrote."""
        with np.load(path) as data:
            planes = {name: from_half(data[name]) for name in data.files if name != "frame"}
            frame = int(data["frame"])

        def layers(name: str) -> DustLayers | None:
            if f"{name}.alpha" not in planes:
                return None
            return DustLayers(**{part: planes[f"{name}.{part}"] for part in LAYERS})

        near = layers("near")
        if near is None:
            raise KeyError("near.alpha")
        return cls(
            front=layers("front"),
            behind=layers("behind"),
            near=near,
            front_depth=planes["front_depth"],
            behind_depth=planes["behind_depth"],
            buffers=ControlBuffers(frame=frame, slab="front", channels={k: planes[f"buffers.{k}"] for k in KEPT}),
        )


def _halved_layers(layers: DustLayers) -> DustLayers:
    return DustLayers(alpha=halved(layers.alpha), sun=halved(layers.sun), sky=halved(layers.sky))
