"""The broken building: closed convex pieces in their rest places, and what holds them together."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

MATERIALS = ("concrete", "brick", "plaster", "glass", "contents", "metal")
DENSITY_KG_PER_M3 = (2400.0, 1800.0, 1100.0, 2500.0, 300.0, 7800.0)
KINDS = ("slab", "column", "facade", "partition", "contents", "roof", "canopy", "core")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """P pieces, triangles in one soup. World rest positions in metres."""

    vertices: Floats
    """(V, 3) rest positions in the world."""
    faces: Ints
    """(F, 3) vertex numbers, anticlockwise from outside."""
    vertex_start: Ints
    """(P + 1,) piece p owns vertices vertex_start[p] to vertex_start[p + 1]."""
    face_start: Ints
    """(P + 1,) the same for faces."""
    face_outer: NDArray[np.bool_]
    """(F,) True where the face lies on the member's own surface, False where it broke."""
    centre: Floats
    """(P, 3) centre of mass at rest."""
    mass_kg: Floats
    """(P,)"""
    volume_m3: Floats
    """(P,)"""
    material: Ints
    """(P,) index in MATERIALS."""
    kind: Ints
    """(P,) index in KINDS."""
    box: Ints
    """(P,) index in Layout.falling."""
    storey: Ints
    """(P,) 0 is the ground floor."""
    bond: Ints
    """(B, 2) pieces that touch, the first the lower or outer."""
    bond_area_m2: Floats
    """(B,)"""
    grounded: NDArray[np.bool_]
    """(P,) stands on the ground."""

    def __len__(self) -> int:
        return len(self.centre)

    def save(self, path: Path) -> None:
        """Write as an uncompressed ``.npz`` at exactly ``path``."""
        with path.open("wb") as stream:
            np.savez(stream, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: Path) -> "Pieces":
        """Read what ``save`` wrote."""
        with np.load(path) as data:
            return cls(**{f.name: data[f.name] for f in fields(cls)})
