"""Vehicles as clean proxies of real size: enough shape to read as what they are, no maker's model.

A vehicle faces -Z at heading 0, its middle over the origin, its wheels on the floor.
"""

from typing import Literal, get_args

import numpy as np

from secondunit.core.camera import Vec3
from secondunit.core.errors import BriefError
from secondunit.prep.stage.geometry import (
    RGB,
    Material,
    Matrix,
    Mesh,
    Part,
    Stage,
    box,
    cylinder,
    ellipsoid,
    mesh_of,
    move,
    rotation,
    translation,
)

VehicleKind = Literal["car", "van", "truck", "bus", "motorbike", "helicopter"]
VEHICLES: tuple[str, ...] = get_args(VehicleKind)

PAINT = "vehicle_paint"
_GLASS = Material(name="vehicle_glass", base_color=(0.05, 0.06, 0.07), roughness=0.1, glass=True)
_TYRE = Material(name="vehicle_tyre", base_color=(0.035, 0.035, 0.035), roughness=0.9)
_TRIM = Material(name="vehicle_trim", base_color=(0.16, 0.16, 0.16), roughness=0.5)
_RIM = Material(name="vehicle_rim", base_color=(0.5, 0.5, 0.5), roughness=0.35, metallic=0.6)
_LAMP = Material(name="vehicle_lamp", base_color=(0.85, 0.85, 0.8), roughness=0.2)
_TAIL = Material(name="vehicle_tail_lamp", base_color=(0.5, 0.05, 0.03), roughness=0.3)
PLAN_M: dict[str, tuple[float, float, float]] = {
    "car": (1.82, 1.45, 4.5),
    "van": (2.0, 2.3, 5.5),
    "truck": (2.5, 3.6, 8.6),
    "bus": (2.55, 3.15, 11.8),
    "motorbike": (0.74, 1.15, 2.08),
    "helicopter": (2.2, 3.3, 12.0),
}
"""Width, height and length of each kind."""

Station = tuple[float, float, float, float]
"""z, half width, low y, high y of a cross-section."""


def _hull(path: str, stations: list[Station], material: str, *, round_: float = 0.16, tumble: float = 0.0) -> Mesh:
    """Return a body along Z through rounded-box sections; ``tumble`` draws the top in, as a car's side does."""
    sides = 20
    turn = (np.arange(sides) + 0.5) * (2 * np.pi / sides)
    c, s = np.cos(turn), np.sin(turn)
    power = max(round_, 0.02) * 2
    x, y = np.sign(c) * np.abs(c) ** power, np.sign(s) * np.abs(s) ** power
    rows = []
    for z, half, low, high in stations:
        narrow = 1 - tumble * (y + 1) / 2
        rows.append(np.stack([half * x * narrow, low + (high - low) * (y + 1) / 2, np.full(sides, z)], axis=1))
    first, last = rows[0].mean(axis=0), rows[-1].mean(axis=0)
    points = np.concatenate([*rows, [first], [last]])
    i, j = np.arange(sides), (np.arange(sides) + 1) % sides
    faces = []
    for r in range(len(rows) - 1):
        a, b = r * sides, (r + 1) * sides
        faces += [np.stack([a + i, a + j, b + j], axis=1), np.stack([a + i, b + j, b + i], axis=1)]
    end = (len(rows) - 1) * sides
    faces.append(np.stack([j, i, np.full(sides, len(points) - 2)], axis=1))
    faces.append(np.stack([end + i, end + j, np.full(sides, len(points) - 1)], axis=1))
    return mesh_of(path, points, np.concatenate(faces), material)


def _wheel(path: str, x: float, z: float, radius: float, width: float) -> list[Part]:
    lay = translation(x, radius, z) @ rotation("z", 90) @ translation(0, -width / 2, 0)
    out = 1.0 if x > 0 else -1.0
    rim = cylinder(f"{path}/rim", radius * 0.62, width * 0.1, _RIM.name, sides=20)
    hub = cylinder(f"{path}/hub", radius * 0.2, width * 0.16, _TRIM.name, sides=12)
    face = translation(x + out * (width / 2 - width * 0.06), radius, z) @ rotation("z", -90 * out)
    tyre = cylinder(f"{path}/tyre", radius, width, _TYRE.name, sides=26)
    return [Part(mesh=tyre, transform=lay), Part(mesh=rim, transform=face), Part(mesh=hub, transform=face)]


def _pane(path: str, corners: list[tuple[float, float, float]]) -> Part:
    return Part(mesh=mesh_of(path, corners, [(0, 1, 2), (0, 2, 3)], _GLASS.name))


def _arch(path: str, side: float, z: float, radius: float, half: float) -> Part:
    """Return the dark of a wheel arch, laid on the flank."""
    turn = np.radians(np.linspace(-8, 188, 15))
    rim = np.stack(
        [np.full(15, side * (half + 0.006)), radius * np.sin(turn) + radius * 0.9, z + radius * 1.2 * np.cos(turn)], 1
    )
    hub = np.array([[side * (half + 0.006), radius * 0.9, z]])
    fan = [(15, k, k + 1) if side < 0 else (15, k + 1, k) for k in range(14)]
    return Part(mesh=mesh_of(path, np.concatenate([rim, hub]), fan, _TYRE.name))


def _car() -> list[Part]:
    half = 0.9
    body = _hull(
        "body",
        [
            (-2.24, 0.74, 0.3, 0.55), (-2.18, 0.82, 0.24, 0.66), (-1.9, 0.88, 0.2, 0.74), (-0.95, half, 0.19, 0.86),
            (0.9, half, 0.19, 0.92), (1.85, 0.88, 0.22, 0.94), (2.14, 0.83, 0.28, 0.9), (2.22, 0.76, 0.36, 0.8),
        ],
        PAINT,
        tumble=0.04,
    )  # fmt: skip
    cabin = _hull(
        "cabin",
        [(-0.98, 0.8, 0.82, 0.86), (-0.3, 0.78, 0.84, 1.36), (0.1, 0.78, 0.84, 1.43), (0.75, 0.77, 0.84, 1.41),
         (1.72, 0.79, 0.86, 0.92)],
        PAINT,
        tumble=0.16,
    )  # fmt: skip
    parts = [Part(mesh=body), Part(mesh=cabin)]
    for s in (-1.0, 1.0):
        side = "left" if s < 0 else "right"
        for name, z0, z1, z2, z3 in (("front", -0.62, -0.26, 0.16, 0.16), ("rear", 0.26, 0.26, 0.74, 1.22)):
            x0, x1 = s * 0.805, s * 0.692
            corners = [(x0, 0.93, z0), (x1, 1.31, z1), (x1, 1.31, z2), (x0, 0.94, z3)]
            parts.append(_pane(f"window_{side}_{name}", corners if s > 0 else corners[::-1]))
        for name, z in (("front", -1.38), ("rear", 1.35)):
            parts += _wheel(f"wheel_{side}_{name}", s * 0.79, z, 0.32, 0.21)
            parts.append(_arch(f"arch_{side}_{name}", s, z, 0.335, half - 0.012))
        parts.append(Part(mesh=ellipsoid(f"mirror_{side}", (0.1, 0.07, 0.06), PAINT, at=(s * 0.98, 0.96, -0.62))))
        lamp = ellipsoid(f"lamp_{side}", (0.17, 0.075, 0.08), _LAMP.name, at=(s * 0.6, 0.6, -2.16))
        parts.append(Part(mesh=lamp))
        parts.append(Part(mesh=box(f"tail_{side}", (0.3, 0.14, 0.06), _TAIL.name, at=(s * 0.6, 0.68, 2.19))))
    parts.append(
        _pane("windscreen", [(-0.72, 0.885, -0.93), (-0.6, 1.325, -0.375), (0.6, 1.325, -0.375), (0.72, 0.885, -0.93)])
    )
    parts.append(
        _pane("rear_window", [(0.62, 1.345, 0.92), (0.7, 1.0, 1.6), (-0.7, 1.0, 1.6), (-0.62, 1.345, 0.92)][::-1])
    )
    parts.append(Part(mesh=box("grille", (0.9, 0.12, 0.04), _TRIM.name, at=(0, 0.4, -2.23))))
    parts.append(Part(mesh=box("bumper_rear", (1.5, 0.1, 0.05), _TRIM.name, at=(0, 0.4, 2.2))))
    return parts


def _van() -> list[Part]:
    body = _hull(
        "body",
        [
            (-2.72, 0.86, 0.34, 0.95), (-2.6, 0.94, 0.28, 1.12), (-2.0, 0.98, 0.26, 1.3), (-1.25, 0.99, 0.26, 2.15),
            (-0.8, 0.99, 0.26, 2.28), (2.6, 0.99, 0.28, 2.28), (2.72, 0.95, 0.34, 2.2),
        ],
        PAINT,
        round_=0.09,
        tumble=0.05,
    )  # fmt: skip
    parts = [Part(mesh=body)]
    parts.append(
        _pane("windscreen", [(-0.84, 1.32, -2.0), (-0.8, 2.05, -1.36), (0.8, 2.05, -1.36), (0.84, 1.32, -2.0)])
    )
    for s in (-1.0, 1.0):
        side = "left" if s < 0 else "right"
        corners = [(s * 0.985, 1.3, -1.72), (s * 0.962, 1.98, -1.2), (s * 0.962, 1.98, -0.6), (s * 0.985, 1.3, -0.6)]
        parts.append(_pane(f"window_{side}", corners if s > 0 else corners[::-1]))
        for name, z in (("front", -1.75), ("rear", 1.65)):
            parts += _wheel(f"wheel_{side}_{name}", s * 0.86, z, 0.35, 0.23)
            parts.append(_arch(f"arch_{side}_{name}", s, z, 0.38, 0.985))
        parts.append(Part(mesh=box(f"mirror_{side}", (0.12, 0.26, 0.1), _TRIM.name, at=(s * 1.08, 1.32, -1.72))))
        parts.append(Part(mesh=box(f"lamp_{side}", (0.3, 0.2, 0.06), _LAMP.name, at=(s * 0.68, 0.8, -2.7))))
        parts.append(Part(mesh=box(f"tail_{side}", (0.12, 0.4, 0.05), _TAIL.name, at=(s * 0.86, 0.9, 2.72))))
        parts.append(Part(mesh=box(f"rail_{side}", (0.02, 0.06, 2.9), _TRIM.name, at=(s * 0.99, 1.18, 0.9))))
    return parts


def _truck() -> list[Part]:
    cab = _hull(
        "cab",
        [(-4.3, 1.15, 0.55, 2.5), (-4.2, 1.2, 0.5, 2.72), (-3.6, 1.22, 0.5, 2.8), (-2.55, 1.22, 0.5, 2.8)],
        PAINT,
        round_=0.08,
        tumble=0.03,
    )
    parts = [Part(mesh=cab), Part(mesh=box("cargo", (2.5, 2.65, 6.5), "vehicle_cargo", at=(0, 0.98, 1.05)))]
    parts.append(Part(mesh=box("chassis", (1.0, 0.28, 8.2), _TRIM.name, at=(0, 0.62, 0.1))))
    parts.append(
        _pane("windscreen", [(-1.06, 1.62, -4.315), (-1.02, 2.5, -4.312), (1.02, 2.5, -4.312), (1.06, 1.62, -4.315)])
    )
    parts.append(Part(mesh=box("bumper", (2.4, 0.34, 0.16), _TRIM.name, at=(0, 0.45, -4.33))))
    parts.append(Part(mesh=box("grille", (1.5, 0.5, 0.05), _TRIM.name, at=(0, 0.95, -4.29))))
    for s in (-1.0, 1.0):
        side = "left" if s < 0 else "right"
        corners = [(s * 1.225, 1.65, -4.0), (s * 1.205, 2.45, -3.85), (s * 1.205, 2.45, -3.0), (s * 1.225, 1.65, -3.0)]
        parts.append(_pane(f"window_{side}", corners if s > 0 else corners[::-1]))
        for name, z in (("front", -3.35), ("rear", 1.9), ("last", 3.1)):
            parts += _wheel(f"wheel_{side}_{name}", s * 1.05, z, 0.5, 0.32)
        parts.append(_arch(f"arch_{side}", s, -3.35, 0.54, 1.21))
        parts.append(Part(mesh=box(f"mirror_{side}", (0.1, 0.5, 0.16), _TRIM.name, at=(s * 1.38, 1.9, -4.1))))
        parts.append(Part(mesh=box(f"lamp_{side}", (0.34, 0.18, 0.05), _LAMP.name, at=(s * 0.9, 0.68, -4.4))))
        parts.append(Part(mesh=box(f"tail_{side}", (0.4, 0.14, 0.05), _TAIL.name, at=(s * 0.9, 0.75, 4.3))))
    return parts


def _bus() -> list[Part]:
    body = _hull(
        "body",
        [(-5.9, 1.2, 0.4, 2.95), (-5.75, 1.27, 0.34, 3.1), (5.8, 1.27, 0.34, 3.1), (5.9, 1.2, 0.42, 2.98)],
        PAINT,
        round_=0.06,
    )
    parts = [Part(mesh=body)]
    parts.append(
        _pane("windscreen", [(-1.12, 1.15, -5.905), (-1.08, 2.62, -5.9), (1.08, 2.62, -5.9), (1.12, 1.15, -5.905)])
    )
    parts.append(Part(mesh=box("destination", (1.7, 0.26, 0.05), _TRIM.name, at=(0, 2.68, -5.88))))
    for s in (-1.0, 1.0):
        side = "left" if s < 0 else "right"
        for k in range(6):
            z0, z1 = -4.5 + k * 1.68, -4.5 + k * 1.68 + 1.5
            corners = [(s * 1.277, 1.35, z0), (s * 1.277, 2.5, z0), (s * 1.277, 2.5, z1), (s * 1.277, 1.35, z1)]
            parts.append(_pane(f"window_{side}_{k + 1}", corners if s > 0 else corners[::-1]))
        for name, z in (("front", -3.3), ("rear", 3.0)):
            parts += _wheel(f"wheel_{side}_{name}", s * 1.1, z, 0.48, 0.3)
            parts.append(_arch(f"arch_{side}_{name}", s, z, 0.52, 1.265))
        parts.append(Part(mesh=box(f"stripe_{side}", (0.012, 0.1, 11.4), _TRIM.name, at=(s * 1.272, 1.15, 0))))
        parts.append(Part(mesh=box(f"lamp_{side}", (0.36, 0.2, 0.05), _LAMP.name, at=(s * 0.9, 0.7, -5.9))))
        parts.append(Part(mesh=box(f"tail_{side}", (0.2, 0.5, 0.05), _TAIL.name, at=(s * 1.05, 0.8, 5.9))))
    return parts


def _bar(path: str, a: Vec3, b: Vec3, radius: float, material: str) -> Part:
    """Return a round bar from one point to another."""
    p, q = np.asarray(a), np.asarray(b)
    along = q - p
    length = float(np.linalg.norm(along))
    y = along / length
    x = np.cross(y, (0.0, 0.0, 1.0) if abs(y[2]) < 0.9 else (1.0, 0.0, 0.0))
    x /= np.linalg.norm(x)
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2], matrix[:3, 3] = x, y, np.cross(x, y), p
    return Part(mesh=cylinder(path, radius, length, material, sides=12), transform=matrix)


def _motorbike() -> list[Part]:
    parts = []
    for name, z in (("front", -0.72), ("rear", 0.72)):
        lay = translation(0, 0.32, z) @ rotation("z", 90)
        width = 0.12 if name == "front" else 0.16
        tyre = cylinder(f"wheel_{name}/tyre", 0.32, width, _TYRE.name, sides=28, at=(0, -width / 2, 0))
        rim = cylinder(f"wheel_{name}/rim", 0.21, width * 1.04, _RIM.name, sides=20, at=(0, -width * 0.52, 0))
        parts += [Part(mesh=tyre, transform=lay), Part(mesh=rim, transform=lay)]
    for s in (-1.0, 1.0):
        side = "left" if s < 0 else "right"
        parts.append(_bar(f"fork_{side}", (s * 0.1, 0.32, -0.72), (s * 0.1, 0.98, -0.44), 0.028, _RIM.name))
        parts.append(_bar(f"bar_{side}", (s * 0.02, 1.0, -0.42), (s * 0.36, 1.04, -0.24), 0.017, _TRIM.name))
        parts.append(_bar(f"swing_{side}", (s * 0.11, 0.36, 0.1), (s * 0.11, 0.32, 0.72), 0.03, _TRIM.name))
        mirror = ellipsoid(f"mirror_{side}", (0.07, 0.045, 0.015), _TRIM.name, at=(s * 0.3, 1.2, -0.34))
        parts.append(Part(mesh=mirror))
    tank = [(-0.34, 0.06, 0.72, 0.84), (-0.2, 0.15, 0.68, 0.95), (0.06, 0.14, 0.68, 0.93), (0.2, 0.08, 0.7, 0.84)]
    parts.append(Part(mesh=_hull("tank", tank, PAINT, round_=0.34)))
    seat = [(0.14, 0.1, 0.72, 0.8), (0.4, 0.15, 0.7, 0.82), (0.8, 0.12, 0.76, 0.9), (0.92, 0.06, 0.82, 0.9)]
    parts.append(Part(mesh=_hull("seat", seat, _TYRE.name, round_=0.3)))
    engine = [(-0.28, 0.14, 0.3, 0.6), (-0.1, 0.2, 0.22, 0.68), (0.18, 0.18, 0.24, 0.66)]
    parts.append(Part(mesh=_hull("engine", engine, _TRIM.name, round_=0.2)))
    parts.append(Part(mesh=ellipsoid("lamp", (0.1, 0.1, 0.09), _LAMP.name, at=(0, 0.92, -0.56))))
    parts.append(_bar("exhaust", (0.2, 0.3, 0.0), (0.2, 0.4, 0.85), 0.05, _RIM.name))
    return parts


def _helicopter() -> list[Part]:
    hull = [
        (-2.6, 0.2, 0.95, 1.35), (-2.35, 0.62, 0.68, 1.8), (-1.6, 0.95, 0.5, 2.3), (-0.4, 1.05, 0.48, 2.42),
        (1.0, 1.0, 0.6, 2.4), (2.0, 0.6, 1.0, 2.25), (2.6, 0.3, 1.35, 2.05),
    ]  # fmt: skip
    parts = [Part(mesh=_hull("hull", hull, PAINT, round_=0.36))]
    boom = [(2.3, 0.24, 1.5, 1.98), (7.0, 0.11, 1.75, 1.98)]
    parts.append(Part(mesh=_hull("boom", boom, PAINT, round_=0.4)))
    parts.append(Part(mesh=_hull("fin", [(6.5, 0.04, 1.6, 2.3), (7.2, 0.04, 1.9, 3.0), (7.4, 0.03, 2.2, 3.0)], PAINT)))
    parts.append(Part(mesh=box("stabiliser", (1.9, 0.05, 0.4), PAINT, at=(0, 1.8, 5.9))))
    parts.append(
        Part(
            mesh=_hull(
                "engine", [(-0.5, 0.4, 2.3, 2.65), (0.2, 0.5, 2.25, 2.85), (1.6, 0.35, 2.2, 2.6)], PAINT, round_=0.3
            )
        )
    )
    glass = [(-2.5, 0.42, 1.1, 1.5), (-2.3, 0.645, 1.05, 1.83), (-1.6, 0.965, 1.15, 2.28), (-1.15, 1.01, 1.2, 2.36)]
    parts.append(Part(mesh=_hull("canopy", glass, _GLASS.name, round_=0.36)))
    parts.append(Part(mesh=cylinder("mast", 0.09, 0.6, _TRIM.name, at=(0, 2.7, 0.0))))
    for k in range(4):
        blade = box(f"rotor/blade_{k + 1}", (0.26, 0.03, 5.2), _TRIM.name, at=(0, 3.25, 2.75))
        parts.append(Part(mesh=blade, transform=rotation("y", 32 + 90 * k)))
    for k in range(2):
        blade = box(f"tail_rotor/blade_{k + 1}", (0.03, 1.5, 0.13), _TRIM.name, at=(0, -0.75, 0))
        parts.append(Part(mesh=blade, transform=translation(0.16, 2.35, 7.2) @ rotation("x", 25 + 90 * k)))
    for s in (-1.0, 1.0):
        side = "left" if s < 0 else "right"
        parts.append(_bar(f"skid_{side}", (s * 1.05, 0.06, -1.9), (s * 1.05, 0.06, 1.5), 0.05, _TRIM.name))
        for name, z in (("front", -1.1), ("rear", 0.8)):
            parts.append(_bar(f"strut_{side}_{name}", (s * 1.05, 0.06, z), (s * 0.6, 0.62, z), 0.035, _TRIM.name))
    return parts


def build_vehicle(
    name: str,
    kind: str,
    *,
    at: Vec3 = (0.0, 0.0, 0.0),
    heading_deg: float = 0.0,
    paint: RGB = (0.3, 0.31, 0.33),
) -> Stage:
    """Return a vehicle in the world, its parts under ``name/``.

    Parameters
    ----------
    kind
        One of `VEHICLES`.
    heading_deg
        0 towards -Z, 90 towards +X.

    Raises
    ------
    BriefError
        There is no vehicle of that kind.
    """
    makers = {
        "car": _car, "van": _van, "truck": _truck, "bus": _bus, "motorbike": _motorbike, "helicopter": _helicopter,
    }  # fmt: skip
    if kind not in makers:
        raise BriefError(f"{name}: there is no vehicle {kind!r}", fix=f"use one of {', '.join(VEHICLES)}")
    own = f"{PAINT}_{name}"
    materials = (
        Material(name=own, base_color=paint, roughness=0.35),
        Material(name="vehicle_cargo", base_color=(0.55, 0.55, 0.53), roughness=0.6),
        _GLASS, _TYRE, _TRIM, _RIM, _LAMP, _TAIL,
    )  # fmt: skip
    parts = []
    for part in makers[kind]():
        mesh = part.mesh
        named = Mesh(
            path=f"{name}/{mesh.path}",
            points=mesh.points,
            triangles=mesh.triangles,
            material=own if mesh.material == PAINT else mesh.material,
            normals=mesh.normals,
        )
        parts.append(Part(mesh=named, transform=part.transform))
    world: Matrix = translation(*at) @ rotation("y", -heading_deg)
    return move(Stage(parts=tuple(parts), materials=materials), world)
