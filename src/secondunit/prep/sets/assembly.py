"""A set while it is being built: faces gathered by what they are and what they are made of, and repeated things placed.

Facade space is (s, t, z): metres along the facade from its left end seen from the street, up, and out towards the
street. A window's reveal goes to negative z, a balcony to positive z.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from secondunit.prep.stage.geometry import Material, Mesh, Part

Point = tuple[float, float, float]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a facade stands: its left foot and the direction it runs, level, in world metres."""

    origin: Point = (0.0, 0.0, 0.0)
    along: tuple[float, float] = (1.0, 0.0)
    """Unit vector (x, z)."""

    @property
    def out(self) -> tuple[float, float]:
        """Unit vector (x, z) towards the street."""
        return (-self.along[1], self.along[0])

    @property
    def yaw_deg(self) -> float:
        """The run as `core.layout.Box` counts it: 0 along +X, positive towards -Z."""
        return math.degrees(math.atan2(-self.along[1], self.along[0]))

    def world(self, s: float, t: float, z: float = 0.0) -> Point:
        """Return the world position of a facade point."""
        (x, y, w), (ax, az) = self.origin, self.along
        return (x + s * ax - z * az, y + t, w + s * az + z * ax)

    def matrix(self, s: float = 0.0, t: float = 0.0, z: float = 0.0, *, turn_deg: float = 0.0) -> Matrix:
        """Return the (4, 4) transform from facade space, moved to a facade point and turned about its upright."""
        c, w = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
        (ax, az), m = self.along, np.eye(4)
        m[:3, 0] = (ax * c + az * w, 0.0, az * c - ax * w)
        m[:3, 2] = (ax * w - az * c, 0.0, az * w + ax * c)
        m[:3, 3] = self.world(s, t, z)
        return m

    def moved(self, s: float, t: float = 0.0, z: float = 0.0) -> "Frame":
        """Return the same direction from another foot."""
        return Frame(origin=self.world(s, t, z), along=self.along)


def between(a: tuple[float, float], b: tuple[float, float], *, y: float = 0.0) -> tuple[Frame, float]:
    """Return the frame that runs from one plan point (x, z) to another, and its length."""
    dx, dz = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dz)
    return Frame(origin=(a[0], y, a[1]), along=(dx / length, dz / length)), length


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prototype:
    """A thing that stands in many places: a window, a tree, a lamp. About its own origin, metres."""

    name: str
    meshes: tuple[Mesh, ...]

    @property
    def triangles(self) -> int:
        """Triangles of one."""
        return sum(len(m.triangles) for m in self.meshes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """A prototype in its place, under its semantic path."""

    path: str
    prototype: Prototype
    transform: Matrix


@dataclass(slots=True)
class Assembly:
    """Gathers faces and placements. The order of calls is the order of the result: nothing depends on hashing."""

    faces: dict[tuple[str, str], list[Point]] = field(default_factory=dict)
    """By path and material: triangles as triples of world points."""
    rounds: dict[tuple[str, str], list[tuple[Point, Point]]] = field(default_factory=dict)
    """The same for round bodies, each corner with its unit normal."""
    solids: list[Mesh] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    prototypes: dict[tuple[object, ...], Prototype] = field(default_factory=dict)
    materials: list[Material] = field(default_factory=list)
    """Those that are of the set's own making; others are named by their role."""
    taken: dict[str, int] = field(default_factory=dict)

    def pen(self, path: str, frame: Frame | None = None) -> "Pen":
        """Return a pen that draws under a path in a frame."""
        return Pen(assembly=self, path=path, frame=frame or Frame())

    def prototype(self, *key: object, draw: "Callable[[Pen], None]") -> Prototype:
        """Return the prototype of a key, drawn about the origin where it is asked for the first time."""
        if key not in self.prototypes:
            sheet = Assembly()
            draw(sheet.pen(str(key[0])))
            number = 1 + sum(1 for known in self.prototypes if known[0] == key[0])
            self.prototypes[key] = Prototype(name=f"{key[0]}_{number:02d}", meshes=tuple(sheet.meshes()))
        return self.prototypes[key]

    def free_path(self, path: str) -> str:
        """Return a path with the next free number: ``.../window`` gives ``.../window_03``."""
        self.taken[path] = self.taken.get(path, 0) + 1
        return f"{path}_{self.taken[path]:02d}"

    def meshes(self) -> Iterator[Mesh]:
        """Yield what was drawn, one mesh for each path and material."""
        several = {path for path, _ in self.faces}
        count = {path: sum(1 for p, _ in self.faces if p == path) for path in several}
        for (path, material), corners in self.faces.items():
            points = np.array(corners, np.float32)
            triangles = np.arange(len(points), dtype=np.int32).reshape(-1, 3)
            name = f"{path}/{material}" if count[path] > 1 else path
            yield Mesh(path=name, points=points, triangles=triangles, material=material)
        for (path, material), pairs in self.rounds.items():
            points = np.array([p for p, _ in pairs], np.float32)
            normals = np.array([n for _, n in pairs], np.float32)
            triangles = np.arange(len(points), dtype=np.int32).reshape(-1, 3)
            yield Mesh(
                path=f"{path}/{material}_round", points=points, triangles=triangles, material=material, normals=normals
            )
        yield from self.solids

    def part_names(self) -> tuple[str, ...]:
        """Return the semantic path of each of `parts`, in their order."""
        single = [mesh.path for mesh in self.meshes()]
        return (*single, *(p.path for p in self.placements for _ in p.prototype.meshes))

    def parts(self) -> tuple[Part, ...]:
        """Return everything as parts of a stage; placements of one prototype share its meshes."""
        single = [Part(mesh=mesh) for mesh in self.meshes()]
        return (*single, *(Part(mesh=m, transform=p.transform) for p in self.placements for m in p.prototype.meshes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """Draws in a frame under a path."""

    assembly: Assembly
    path: str
    frame: Frame

    def at(self, name: str) -> "Pen":
        """Return a pen one path deeper."""
        return Pen(assembly=self.assembly, path=f"{self.path}/{name}", frame=self.frame)

    def on(self, frame: Frame) -> "Pen":
        """Return a pen in another frame."""
        return Pen(assembly=self.assembly, path=self.path, frame=frame)

    def polygon(self, material: str, *points: Point) -> None:
        """Draw a convex polygon, anticlockwise as it is seen."""
        world = [self.frame.world(*p) for p in points]
        into = self.assembly.faces.setdefault((self.path, material), [])
        for k in range(1, len(world) - 1):
            into += (world[0], world[k], world[k + 1])

    def wall(self, material: str, s0: float, s1: float, t0: float, t1: float, z: float = 0.0) -> None:
        """Draw an upright rectangle that faces the street; none where it has no area."""
        if s1 - s0 > 1e-4 and t1 - t0 > 1e-4:
            self.polygon(material, (s0, t0, z), (s1, t0, z), (s1, t1, z), (s0, t1, z))

    def floor(self, material: str, s0: float, s1: float, z0: float, z1: float, t: float, *, down: bool = False) -> None:
        """Draw a level rectangle seen from above, or from below."""
        if s1 - s0 > 1e-4 and z1 - z0 > 1e-4:
            corners = [(s0, t, z0), (s0, t, z1), (s1, t, z1), (s1, t, z0)]
            self.polygon(material, *(reversed(corners) if down else corners))

    def box(self, material: str, s: Sequence[float], t: Sequence[float], z: Sequence[float], *, skip: str = "") -> None:
        """Draw a box between pairs of metres; ``skip`` leaves faces out, by l r d u b f for left to front."""
        (s0, s1), (t0, t1), (z0, z1) = s, t, z
        if "f" not in skip:
            self.polygon(material, (s0, t0, z1), (s1, t0, z1), (s1, t1, z1), (s0, t1, z1))
        if "b" not in skip:
            self.polygon(material, (s1, t0, z0), (s0, t0, z0), (s0, t1, z0), (s1, t1, z0))
        if "l" not in skip:
            self.polygon(material, (s0, t0, z0), (s0, t0, z1), (s0, t1, z1), (s0, t1, z0))
        if "r" not in skip:
            self.polygon(material, (s1, t0, z1), (s1, t0, z0), (s1, t1, z0), (s1, t1, z1))
        if "u" not in skip:
            self.polygon(material, (s0, t1, z1), (s1, t1, z1), (s1, t1, z0), (s0, t1, z0))
        if "d" not in skip:
            self.polygon(material, (s0, t0, z0), (s1, t0, z0), (s1, t0, z1), (s0, t0, z1))

    def prism(self, material: str, outline: Sequence[tuple[float, float]], s0: float, s1: float) -> None:
        """Draw a convex outline of (z, t), anticlockwise seen from the left end, along the facade; ends closed."""
        n = len(outline)
        for k in range(n):
            (za, ta), (zb, tb) = outline[k], outline[(k + 1) % n]
            self.polygon(material, (s0, ta, za), (s1, ta, za), (s1, tb, zb), (s0, tb, zb))
        self.polygon(material, *((s0, t, z) for z, t in outline))
        self.polygon(material, *((s1, t, z) for z, t in reversed(outline)))

    def lathe(
        self, material: str, profile: Sequence[tuple[float, float]], *, at: Point = (0.0, 0.0, 0.0), sides: int = 8
    ) -> None:
        """Draw a turned body from (radius, height) upwards about an upright axis, open at radii above zero."""
        turn = [2 * math.pi * k / sides for k in range(sides)]
        ring = [(math.cos(a), -math.sin(a)) for a in turn]
        smooth = sides >= 12
        into = self.assembly.rounds.setdefault((self.path, material), []) if smooth else []

        def corner(k: int, r: float, y: float) -> Point:
            return (at[0] + r * ring[k][0], at[1] + y, at[2] + r * ring[k][1])

        for (r0, y0), (r1, y1) in itertools.pairwise(profile):
            slope, rise = math.hypot(r1 - r0, y1 - y0) or 1.0, r0 - r1
            for k in range(sides):
                m = (k + 1) % sides
                a, b, c, d = corner(k, r0, y0), corner(m, r0, y0), corner(m, r1, y1), corner(k, r1, y1)
                if not smooth:
                    if r0 < 1e-6:
                        self.polygon(material, a, c, d)
                    elif r1 < 1e-6:
                        self.polygon(material, a, b, c)
                    else:
                        self.polygon(material, a, b, c, d)
                    continue
                out, up = (y1 - y0) / slope, rise / slope
                left, right = (self._normal(ring[i][0] * out, up, ring[i][1] * out) for i in (k, m))
                p, q, u, v = (self.frame.world(*x) for x in (a, b, c, d))
                if r0 > 1e-6:
                    into += ((p, left), (q, right), (u, right))
                if r1 > 1e-6:
                    into += ((p, left), (u, right), (v, left))

    def _normal(self, s: float, t: float, z: float) -> Point:
        (ax, az) = self.frame.along
        length = math.sqrt(s * s + t * t + z * z) or 1.0
        return ((s * ax - z * az) / length, t / length, (s * az + z * ax) / length)

    def beam(self, material: str, a: Point, b: Point, width: float, *, sides: int = 4) -> None:
        """Draw a straight member between two points, open at its ends."""
        p, q = np.array(a), np.array(b)
        run = q - p
        run /= max(float(np.linalg.norm(run)), 1e-9)
        side = np.cross(run, (0.0, 1.0, 0.0) if abs(run[1]) < 0.9 else (1.0, 0.0, 0.0))
        side /= np.linalg.norm(side)
        up = np.cross(side, run)
        r = width / (2 * math.cos(math.pi / sides))
        turn = [2 * math.pi * (k + 0.5) / sides for k in range(sides)]
        ring = [r * (math.cos(w) * side + math.sin(w) * up) for w in turn]
        for k in range(sides):
            i, j = ring[k], ring[(k + 1) % sides]
            corners = (p + j, p + i, q + i, q + j)
            self.polygon(material, *((float(c[0]), float(c[1]), float(c[2])) for c in corners))

    def place(
        self, name: str, prototype: Prototype, s: float, t: float, z: float = 0.0, *, turn_deg: float = 0.0
    ) -> None:
        """Stand a prototype at a facade point, its front to the street."""
        if prototype.meshes:
            path = self.assembly.free_path(f"{self.path}/{name}")
            transform = self.frame.matrix(s, t, z, turn_deg=turn_deg)
            self.assembly.placements.append(Placement(path=path, prototype=prototype, transform=transform))


def sweep(
    pen: Pen,
    material: str,
    profile: Sequence[tuple[float, float]],
    path: Sequence[tuple[float, float]],
    *,
    base: float,
    closed: bool = False,
) -> None:
    """Draw a moulding along a run of plan points, mitred at each corner, its ends cut square and closed.

    Parameters
    ----------
    profile
        (out, up) from the wall's foot of the moulding to its head, in metres.
    path
        World (x, z) points with the street on the right hand of who walks them backwards: as facades run.
    """
    points = np.array(path, np.float64)
    n = len(points)
    runs = np.roll(points, -1, axis=0) - points
    runs /= np.maximum(np.linalg.norm(runs, axis=1, keepdims=True), 1e-9)
    outs = np.stack([-runs[:, 1], runs[:, 0]], axis=1)
    mitres = []
    for k in range(n):
        before = outs[k - 1] if closed or k > 0 else outs[k]
        after = outs[k] if closed or k < n - 1 else outs[k - 1]
        m = before + after
        mitres.append(m * 2.0 / max(float(m @ m), 0.3))
    world = pen.on(Frame())

    def at(k: int, out: float, up: float) -> Point:
        x, z = points[k % n] + mitres[k % n] * out
        return (float(x), base + up, float(z))

    for k in range(n if closed else n - 1):
        for (o0, u0), (o1, u1) in itertools.pairwise(profile):
            world.polygon(material, at(k, o0, u0), at(k + 1, o0, u0), at(k + 1, o1, u1), at(k, o1, u1))
    if not closed:
        for k, back in ((0, True), (n - 1, False)):
            for (o0, u0), (o1, u1) in itertools.pairwise(profile):
                if abs(u1 - u0) > 1e-6:  # slices of the section between wall and moulding
                    corners = [at(k, 0.0, u0), at(k, o0, u0), at(k, o1, u1), at(k, 0.0, u1)]
                    world.polygon(material, *(corners if back else reversed(corners)))
