"""The collapse in previs: a few rigid pieces, and the building's own front carried along by them.

``show`` breaks and drops the building with the engine of the final shot and hands the pieces over, a transform for each
frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from secondunit.prep.stage.geometry import Material, Mesh, Part, placed

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
_RIDES_M = 2.4
"""Small things ride on a piece whole; the faces of walls are cut down to this size first, so that they break."""
_INSIDE = Material(name="broken_inside", base_color=(0.36, 0.345, 0.325))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RigidPieces:
    """Broken pieces at rest, and where they are at each frame."""

    first_frame: int
    start_frame: int
    """Nothing moves before it."""
    box: str
    """Name of the building that comes down."""
    points: Floats
    """(n, 3) at rest, metres."""
    triangles: Ints
    """(m, 3)"""
    outer: NDArray[np.bool_]
    """(m,) whether a triangle lies on the building's own surface."""
    owner: Ints
    """(n,) which piece a point is of."""
    centre: Floats
    """(p, 3) at rest."""
    position: Floats
    """(frames, p, 3) of the centre."""
    quaternion: Floats
    """(frames, p, 4) w x y z."""

    def moves_at(self, frame: int) -> bool:
        """Whether the building has begun to come down."""
        return frame >= self.start_frame

    def transforms(self, frame: int) -> tuple[Floats, Floats]:
        """Return rotations (p, 3, 3) and positions (p, 3) at a frame, held at both ends."""
        row = min(max(frame - self.first_frame, 0), len(self.position) - 1)
        turned = Rotation.from_quat(self.quaternion[row], scalar_first=True).as_matrix()
        return np.asarray(turned), np.asarray(self.position[row])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rider:
    """Triangles of one material that move with pieces."""

    path: str
    material: str
    points: Floats
    """(n, 3) at rest."""
    triangles: Ints
    owner: Ints
    """(n,) piece of each point."""
    hidden: bool
    """Seen only once the building moves: what lies inside it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CollapseProxy:
    """A building bound to the pieces it breaks into."""

    pieces: RigidPieces
    riders: tuple[Rider, ...]
    materials: tuple[Material, ...]

    def parts_at(self, frame: int) -> list[Part]:
        """Return the building at a frame: the same parts and triangles at every frame.

        What is not to be seen is drawn together into a point.
        """
        moving = self.pieces.moves_at(frame)
        turned, position = self.pieces.transforms(frame)
        parts = []
        for rider in self.riders:
            if moving:
                arm = rider.points - self.pieces.centre[rider.owner]
                points = np.einsum("nij,nj->ni", turned[rider.owner], arm) + position[rider.owner]
            else:
                points = np.broadcast_to(rider.points[:1], rider.points.shape) if rider.hidden else rider.points
            mesh = Mesh(
                path=rider.path,
                points=np.ascontiguousarray(points, np.float32),
                triangles=rider.triangles,
                material=rider.material,
            )
            parts.append(Part(mesh=mesh))
        return parts


def bind(pieces: RigidPieces, parts: Sequence[Part]) -> CollapseProxy:
    """Return a building's parts bound to its pieces: each thing and each bit of wall to the piece it is nearest to.

    Parameters
    ----------
    parts
        The building as the set has it, in place.
    """
    surface, whose = _surface(pieces)
    tree = cKDTree(surface)
    skin: dict[str, list[tuple[Floats, Ints]]] = {}
    for part in parts:
        corners = placed(part.mesh.points, part.transform)[part.mesh.triangles]
        if not len(corners):
            continue
        if np.linalg.norm(np.ptp(corners.reshape(-1, 3), axis=0)) <= _RIDES_M:
            owner = np.full(len(corners), whose[tree.query(corners.mean(axis=(0, 1)))[1]], np.int32)
        else:
            corners = cut_down(corners, longest_m=_RIDES_M)
            owner = whose[tree.query(corners.mean(axis=1))[1]]
        skin.setdefault(part.mesh.material, []).append((corners, owner))
    riders = [_rider(pieces.box, material, some) for material, some in skin.items()]
    inside = pieces.triangles[~pieces.outer] if riders else pieces.triangles
    if len(inside):
        used, numbers = np.unique(inside, return_inverse=True)
        riders.append(
            Rider(
                path=f"buildings/{pieces.box}/{_INSIDE.name}",
                material=_INSIDE.name,
                points=pieces.points[used],
                triangles=np.asarray(numbers.reshape(-1, 3), np.int32),
                owner=pieces.owner[used],
                hidden=bool(skin),
            )
        )
    return CollapseProxy(pieces=pieces, riders=tuple(riders), materials=(_INSIDE,))


def _surface(pieces: RigidPieces) -> tuple[Floats, Ints]:
    """Return points all over the outside of the pieces, and whose they are: corners alone would favour small pieces."""
    faces = pieces.triangles[pieces.outer] if pieces.outer.any() else pieces.triangles
    spots, owners = [], []
    for piece in np.unique(pieces.owner[faces[:, 0]]):
        corners = cut_down(pieces.points[faces[pieces.owner[faces[:, 0]] == piece]], longest_m=0.8)
        spots.append(corners.mean(axis=1))
        owners.append(np.full(len(corners), piece, np.int32))
    return np.concatenate(spots), np.concatenate(owners)


def cut_down(corners: Floats, *, longest_m: float) -> Floats:
    """Return triangles (m, 3, 3) halved at their longest sides until none is longer: the same surface, more of it."""
    done = []
    while len(corners):
        sides = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
        longest = sides.argmax(axis=1)
        large = sides.max(axis=1) > longest_m
        done.append(corners[~large])
        corners, longest = corners[large], longest[large]
        row = np.arange(len(corners))
        a, b, c = (corners[row, (longest + k) % 3] for k in range(3))
        middle = 0.5 * (a + b)
        corners = np.concatenate([np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)])
    return np.concatenate(done) if done else corners


def _rider(box: str, material: str, some: Sequence[tuple[Floats, Ints]]) -> Rider:
    corners = np.concatenate([c for c, _ in some])
    owner = np.concatenate([o for _, o in some])
    return Rider(
        path=f"buildings/{box}/{material}",
        material=material,
        points=corners.reshape(-1, 3),
        triangles=np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3),
        owner=np.repeat(owner, 3),
        hidden=False,
    )
