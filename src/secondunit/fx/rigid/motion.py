"""How the pieces move: one rigid transform per piece and frame, and what they struck."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """N frames of P pieces, from ``first_frame``.

    A rest point lies at ``rotate(quaternion[n, p], rest - centre[p]) + position[n, p]`` in frame n.
    """

    first_frame: int
    rate: float
    """Frames a second."""
    position: Floats
    """(N, P, 3) centre of mass in metres."""
    quaternion: Floats
    """(N, P, 4) unit, w x y z; identity at rest."""
    released: Ints
    """(P,) first frame at which the piece is free (may be fractional time rounded up); a large number for never."""
    hit_frame: Ints
    """(H,) frame of each contact that mattered: a landing, a blow, a break from its neighbours."""
    hit_piece: Ints
    """(H,)"""
    hit_position: Floats
    """(H, 3) metres."""
    hit_energy: Floats
    """(H,) joules lost or released, at least 0."""

    @property
    def last_frame(self) -> int:
        """The last frame held."""
        return self.first_frame + len(self.position) - 1

    def index(self, frame: int) -> int:
        """Return the row of a frame, held at both ends."""
        return min(max(frame - self.first_frame, 0), len(self.position) - 1)

    def save(self, path: Path) -> None:
        """Write as an uncompressed ``.npz`` at exactly ``path``."""
        with path.open("wb") as stream:
            np.savez(stream, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: Path) -> "Motion":
        """Read what ``save`` wrote."""
        with np.load(path) as data:
            values = {f.name: data[f.name] for f in fields(cls)}
        return cls(**values | {"first_frame": int(values["first_frame"]), "rate": float(values["rate"])})
