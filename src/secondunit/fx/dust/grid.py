"""Dust and its light on a grid, one frame each. Index order (x, y, z), cell (0, 0, 0) has its corner at the origin."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DustFrame:
    """The dust at one frame, cropped to where there is any. Cell-centred."""

    frame: int
    origin_m: Floats
    """(3,) world corner of cell (0, 0, 0) of ``extinction``."""
    cell_m: float
    extinction: Halves
    """(nx, ny, nz) extinction coefficient in 1/m; nx, ny, nz even."""
    velocity: Halves
    """(3, nx/2, ny/2, nz/2) metres a second, cells twice as wide from the same origin."""
    drift: Halves
    """(3, 3, nx/2, ny/2, nz/2) per phase: where the dust was, less where it is, in metres (texture coordinate =
    position + drift)."""
    weight: Floats
    """(3,) blend weight of each phase, summing to 1; each 0 when its phase begins and ends."""
    phase: Floats
    """(3,) number of the life each phase is in: a new life must draw a new offset into the noise."""

    def save(self, path: Path) -> None:
        """Write as an uncompressed ``.npz`` at exactly ``path``."""
        _save(self, path)

    @classmethod
    def load(cls, path: Path) -> "DustFrame":
        """Read what ``save`` wrote."""
        with np.load(path) as data:
            values = {f.name: data[f.name] for f in fields(cls)}
        return cls(**values | {"frame": int(values["frame"]), "cell_m": float(values["cell_m"])})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LightGrid:
    """Light in and below the dust at one frame, for a sun and a sky of one unit (``core.layout.Sun``)."""

    frame: int
    origin_m: Floats
    """(3,)"""
    cell_m: float
    sun: Halves
    """(nx, ny, nz) transmittance from the sun through dust, 0 to 1."""
    sun_scatter: Halves
    """(nx, ny, nz) multiply scattered sun, as radiance a white scatterer would show."""
    sky: Halves
    """(nx, ny, nz) sky light, all orders, as radiance a white scatterer would show; 1 in clear air under open sky."""
    reach_m: Floats
    """(2, 3) lowest and highest world corner of this grid; outside it all is clear (sun 1, scatter 0, sky 1)."""

    def save(self, path: Path) -> None:
        """Write as an uncompressed ``.npz`` at exactly ``path``."""
        _save(self, path)

    @classmethod
    def load(cls, path: Path) -> "LightGrid":
        """Read what ``save`` wrote."""
        with np.load(path) as data:
            values = {f.name: data[f.name] for f in fields(cls)}
        return cls(**values | {"frame": int(values["frame"]), "cell_m": float(values["cell_m"])})


def _save(value: DustFrame | LightGrid, path: Path) -> None:
    with path.open("wb") as stream:
        np.savez(stream, **{f.name: getattr(value, f.name) for f in fields(value)})
