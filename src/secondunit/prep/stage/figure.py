"""A neutral artist's mannequin: wooden segments on ball joints, no face, nobody's likeness.

Lengths are shares of stature after Drillis and Contini (1966), drawn at 1.75 m and scaled.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from secondunit.core.camera import Vec3
from secondunit.core.errors import BriefError
from secondunit.prep.stage.geometry import (
    Material,
    Matrix,
    Mesh,
    Part,
    Stage,
    ellipsoid,
    merge,
    placed,
    rotation,
    scaling,
    translation,
)
from secondunit.prep.stage.loft import loft
from secondunit.prep.stage.poses import Angles, Hand, Pose

STATURE_M = 1.75
WOOD = Material(name="mannequin", base_color=(0.56, 0.47, 0.36), roughness=0.6)
JOINT = Material(name="mannequin_joint", base_color=(0.44, 0.36, 0.27), roughness=0.6)
_UPPER_ARM, _FOREARM, _THIGH, _CALF, _ANKLE = 0.32, 0.255, 0.43, 0.425, 0.075
_HIP, _SHOULDER, _CHEST = 0.092, 0.174, 0.37


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """A posed mannequin in the world, and where its landmarks are."""

    name: str
    stage: Stage
    head_top: Vec3
    eyes: Vec3
    chin: Vec3
    shoulder_l: Vec3
    shoulder_r: Vec3
    chest: Vec3
    waist: Vec3
    hips: Vec3
    hand_l: Vec3
    hand_r: Vec3
    grip: Matrix
    """The right palm's place in the world: fingers along its -Y, thumb side along +Z."""
    feet: Vec3
    """Under the body's middle, on the floor."""
    facing: Vec3
    """Unit, level: where the chest faces."""
    gaze: Vec3
    """Unit: where the head faces."""


@lru_cache(maxsize=16)
def _segments(hand_l: Hand, hand_r: Hand) -> dict[str, tuple[Mesh, ...]]:
    wood, ball = WOOD.name, JOINT.name
    limbs: dict[str, tuple[Mesh, ...]] = {
        "root": (
            loft("pelvis", [(-0.075, 0.085, 0.07), (-0.03, 0.15, 0.1), (0.03, 0.158, 0.102), (0.085, 0.128, 0.088)],
            wood),
        ),
        "waist": (ellipsoid("abdomen", (0.118, 0.1, 0.083), ball, sides=20, at=(0, 0.02, 0)),),
        "chest": (
            loft(
                "chest",
                [
                    (0.0, 0.104, 0.08, 0, 0.0), (0.07, 0.128, 0.098, 0, 0.004), (0.17, 0.152, 0.113, 0, 0.01),
                    (0.25, 0.163, 0.108, 0, 0.006), (0.305, 0.15, 0.09, 0, -0.004), (0.345, 0.105, 0.066, 0, -0.012),
                    (0.372, 0.055, 0.05, 0, -0.014),
                ],
                wood,
                sides=24,
                squareness=2.3,
            ),
        ),
        "neck": (loft("neck", [(-0.03, 0.054, 0.054), (0.03, 0.047, 0.05), (0.1, 0.045, 0.05, 0, 0.01)], ball),),
        "head": (
            loft(
                "head",
                [
                    (-0.014, 0.026, 0.03, 0, 0.058), (0.006, 0.043, 0.05, 0, 0.043), (0.04, 0.06, 0.076, 0, 0.024),
                    (0.085, 0.073, 0.094, 0, 0.01), (0.13, 0.0785, 0.1, 0, 0.003), (0.17, 0.075, 0.094, 0, -0.002),
                    (0.2, 0.062, 0.078, 0, -0.006), (0.222, 0.04, 0.05, 0, -0.008),
                ],
                wood,
                sides=44,
                dome=0.3,
            ),
        ),
    }  # fmt: skip
    for side, hand in (("l", hand_l), ("r", hand_r)):
        sign = 1.0 if side == "l" else -1.0
        limbs[f"shoulder_{side}"] = (
            ellipsoid(f"shoulder_{side}", (0.058, 0.06, 0.058), ball),
            loft(
                f"upper_arm_{side}",
                [(-0.02, 0.044, 0.047), (-0.1, 0.048, 0.052), (-0.2, 0.043, 0.047), (-0.295, 0.035, 0.037)],
                wood,
            ),
        )
        limbs[f"elbow_{side}"] = (
            ellipsoid(f"elbow_{side}", (0.037, 0.038, 0.037), ball),
            loft(
                f"forearm_{side}",
                [(-0.02, 0.035, 0.036), (-0.075, 0.041, 0.042), (-0.16, 0.034, 0.034), (-0.24, 0.024, 0.028)],
                wood,
            ),
        )
        limbs[f"wrist_{side}"] = _hand(side, sign, hand)
        limbs[f"hip_{side}"] = (
            ellipsoid(f"hip_{side}", (0.078, 0.08, 0.08), ball),
            loft(
                f"thigh_{side}",
                [(-0.02, 0.078, 0.084), (-0.12, 0.081, 0.088), (-0.27, 0.066, 0.072), (-0.4, 0.05, 0.055)],
                wood,
                sides=20,
            ),
        )
        limbs[f"knee_{side}"] = (
            ellipsoid(f"knee_{side}", (0.05, 0.055, 0.054), ball),
            loft(
                f"calf_{side}",
                [
                    (-0.03, 0.046, 0.05, 0, 0.0), (-0.13, 0.054, 0.06, 0, -0.014), (-0.26, 0.041, 0.045, 0, -0.006),
                    (-0.39, 0.03, 0.034, 0, 0.0),
                ],
                wood,
                sides=20,
            ),
        )  # fmt: skip
        limbs[f"ankle_{side}"] = (
            ellipsoid(f"ankle_{side}", (0.034, 0.036, 0.036), ball),
            _foot(side),
        )
    return limbs


def _foot(side: str) -> Mesh:
    sections = [
        (-0.06, 0.028, 0.026),
        (-0.03, 0.037, 0.034),
        (0.06, 0.044, 0.034),
        (0.13, 0.047, 0.024),
        (0.18, 0.034, 0.016),
    ]
    shoe = loft(f"foot_{side}", [(z, rx, ry) for z, rx, ry in sections], WOOD.name, squareness=2.6, sides=18, dome=0.8)
    turn = rotation("x", 90)  # along Y becomes along Z, and the sections' z points down
    points = placed(shoe.points, turn)
    low = points[:, 1].copy()
    points[:, 1] = np.maximum(low, -0.024) - 0.05
    return Mesh(
        path=shoe.path,
        points=np.asarray(points, np.float32),
        triangles=shoe.triangles,
        material=shoe.material,
        normals=np.asarray(shoe.normals @ turn[:3, :3].T, np.float32) if shoe.normals is not None else None,
    )


def _hand(side: str, sign: float, shape: Hand) -> tuple[Mesh, ...]:
    wood = WOOD.name
    palm = loft(
        f"palm_{side}", [(-0.01, 0.02, 0.027), (-0.05, 0.019, 0.041), (-0.092, 0.017, 0.04)], wood, squareness=2.8
    )
    long = loft(
        f"fingers_{side}", [(0.0, 0.0155, 0.038), (-0.045, 0.013, 0.034), (-0.085, 0.009, 0.024)], wood, squareness=2.8
    )
    one = loft(f"finger_{side}", [(0.0, 0.011, 0.011), (-0.05, 0.009, 0.009), (-0.088, 0.0065, 0.0065)], wood, sides=12)
    thumb = loft(
        f"thumb_{side}", [(0.0, 0.014, 0.014), (-0.035, 0.0115, 0.012), (-0.062, 0.008, 0.009)], wood, sides=12
    )
    bend = {"relaxed": 28.0, "flat": 4.0, "fist": 118.0, "point": 118.0}[shape]
    inward = -sign  # palms face the body: fingers curl towards it
    knuckles = translation(0, -0.09, 0) @ rotation("z", inward * bend)
    parts = [palm]
    moves = [np.eye(4)]
    if shape == "point":
        narrow = knuckles @ translation(0, 0, -0.012) @ scaling(1, 0.8, 0.7)
        parts += [long, one]
        moves += [narrow, translation(0, -0.09, 0.03)]
    else:
        parts.append(long)
        moves.append(knuckles @ scaling(1, 0.8 if shape == "fist" else 1.0, 1))
    away = 52.0 if shape == "flat" else 34.0
    parts.append(thumb)
    moves.append(translation(inward * 0.006, -0.03, 0.034) @ rotation("x", -away) @ rotation("z", inward * 14))
    return (merge(f"hand_{side}", parts, moves),)


def _turn(angles: Angles, *, flex: float, side: float) -> Matrix:
    """Return a joint's rotation: twist about its own axis last, so that flex and side stay in the parent's planes."""
    return rotation("x", flex * angles[0]) @ rotation("z", side * angles[1]) @ rotation("y", angles[2])


def _skeleton(pose: Pose) -> dict[str, Matrix]:
    zero: Angles = (0.0, 0.0, 0.0)

    def at(name: str) -> Angles:
        return pose.joints.get(name, zero)

    place: dict[str, Matrix] = {}
    place["root"] = _turn(at("root"), flex=1, side=-1)
    place["waist"] = place["root"] @ translation(0, 0.1, 0) @ _turn(at("waist"), flex=1, side=-1)
    place["chest"] = place["waist"] @ translation(0, 0.06, 0) @ _turn(at("chest"), flex=1, side=-1)
    place["neck"] = place["chest"] @ translation(0, _CHEST, -0.012) @ _turn(at("neck"), flex=1, side=-1)
    place["head"] = place["neck"] @ translation(0, 0.075, 0.012) @ _turn(at("head"), flex=1, side=-1)
    for s, sign in (("l", 1.0), ("r", -1.0)):
        mirror = (1.0, 1.0, sign)

        def limb(name: str, mirror: tuple[float, float, float] = mirror) -> Angles:
            f, a, t = at(name)
            return f * mirror[0], a * mirror[1], t * mirror[2]

        shoulder = place["chest"] @ translation(sign * _SHOULDER, 0.305, -0.008)
        place[f"shoulder_{s}"] = shoulder @ _turn(limb(f"shoulder_{s}"), flex=-1, side=sign)
        elbow = place[f"shoulder_{s}"] @ translation(0, -_UPPER_ARM, 0)
        place[f"elbow_{s}"] = elbow @ rotation("y", -sign * at(f"elbow_{s}")[2]) @ rotation("x", -at(f"elbow_{s}")[0])
        wrist = place[f"elbow_{s}"] @ translation(0, -_FOREARM, 0)
        place[f"wrist_{s}"] = wrist @ _turn(limb(f"wrist_{s}"), flex=-1, side=sign)
        hip = place["root"] @ translation(sign * _HIP, -0.02, 0)
        f, a, t = at(f"hip_{s}")
        place[f"hip_{s}"] = hip @ rotation("x", -f) @ rotation("z", sign * a) @ rotation("y", sign * t)
        place[f"knee_{s}"] = place[f"hip_{s}"] @ translation(0, -_THIGH, 0) @ rotation("x", at(f"knee_{s}")[0])
        ankle = place[f"knee_{s}"] @ translation(0, -_CALF, 0)
        place[f"ankle_{s}"] = ankle @ rotation("x", -at(f"ankle_{s}")[0])
    return place


def build_figure(
    name: str, pose: Pose, *, at: Vec3 = (0.0, 0.0, 0.0), facing_deg: float = 0.0, height_m: float = STATURE_M
) -> Figure:
    """Return a posed mannequin.

    Parameters
    ----------
    name
        First step of its parts' paths.
    at
        The floor under it.
    facing_deg
        0 towards -Z, 90 towards +X.
    height_m
        Stature, 0.6 to 2.4.

    Raises
    ------
    BriefError
        A stature out of range.
    """
    if not 0.6 <= height_m <= 2.4:
        raise BriefError(f"{name}: a stature of {height_m} m", fix="use 0.6 to 2.4")
    place = _skeleton(pose)
    segments = _segments(pose.hand_l, pose.hand_r)
    low = min(float(placed(m.points, place[joint])[:, 1].min()) for joint, meshes in segments.items() for m in meshes)
    rise = pose.lift_m - low if pose.seat_m is None else pose.seat_m + 0.09
    scale = height_m / STATURE_M
    world = translation(*at) @ rotation("y", 180.0 - facing_deg) @ scaling(scale) @ translation(0, rise, 0)
    parts = []
    for joint, meshes in segments.items():
        for mesh in meshes:
            named = Mesh(
                path=f"{name}/{mesh.path}",
                points=mesh.points,
                triangles=mesh.triangles,
                material=mesh.material,
                normals=mesh.normals,
            )
            parts.append(Part(mesh=named, transform=world @ place[joint]))

    def spot(joint: str, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Vec3:
        p = world @ place[joint] @ np.array([x, y, z, 1.0])
        return float(p[0]), float(p[1]), float(p[2])

    def way(joint: str, *, level: bool) -> Vec3:
        v = (world @ place[joint])[:3, 2].copy()
        if level:
            v[1] = 0.0
        length = float(np.linalg.norm(v))
        v = v / length if length > 1e-6 else world[:3, 2] / scale
        return float(v[0]), float(v[1]), float(v[2])

    hips = spot("root")
    return Figure(
        name=name,
        stage=Stage(parts=tuple(parts), materials=(WOOD, JOINT)),
        head_top=spot("head", 0, 0.237, 0),
        eyes=spot("head", 0, 0.115, 0.1),
        chin=spot("head", 0, -0.02, 0.08),
        shoulder_l=spot("shoulder_l"),
        shoulder_r=spot("shoulder_r"),
        chest=spot("chest", 0, 0.2, 0.1),
        waist=spot("waist"),
        hips=hips,
        hand_l=spot("wrist_l", 0, -0.09, 0),
        hand_r=spot("wrist_r", 0, -0.09, 0),
        grip=world @ place["wrist_r"] @ translation(0.03, -0.075, 0.0),
        feet=(hips[0], at[1], hips[2]),
        facing=way("chest", level=True),
        gaze=way("head", level=False),
    )


def head_guides(figure: Figure) -> tuple[tuple[Vec3, ...], ...]:
    """Return the construction lines an artist puts on a head, centre line and eye line, as points in the world."""
    head = next(p for p in figure.stage.parts if p.mesh.path.endswith("/head"))
    points = head.mesh.points.astype(np.float64)

    def skin(direction: tuple[float, float, float]) -> Matrix:
        way = np.asarray(direction) / np.linalg.norm(direction)
        middle = np.array([0.0, 0.11, 0.0])
        best = np.argsort(-((points - middle) @ way) / np.linalg.norm(points - middle, axis=1))[:6]
        reach = ((points[best] - middle) @ way).mean()
        return np.asarray(middle + way * (reach + 0.002))

    centre = [skin((0.0, np.sin(a), np.cos(a))) for a in np.radians(np.arange(-48, 70, 8))]
    eyes = [skin((np.sin(a), 0.03, np.cos(a))) for a in np.radians(np.arange(-78, 79, 8))]
    return tuple(
        tuple((float(x), float(y), float(z)) for x, y, z in placed(np.array(line), head.transform))
        for line in (centre, eyes)
    )
