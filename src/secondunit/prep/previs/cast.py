"""Mannequins that walk and vehicles that drive: what moves in a previs, as parts in their places."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Vec3
from secondunit.prep.previs.brief import FigureBrief, VehicleBrief
from secondunit.prep.previs.gait import Foot, Gait, GaitPose
from secondunit.prep.previs.ground_path import GroundPath, travelled
from secondunit.prep.stage.figure import STATURE_M, build_figure
from secondunit.prep.stage.geometry import Part, Stage, move, placed, rotation, translation
from secondunit.prep.stage.poses import Angles, Hand, Pose, pose_of
from secondunit.prep.stage.vehicles import PLAN_M, build_vehicle

Floats = NDArray[np.float64]
_EYES = 0.935
"""Height of the eyes by that of the body."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Leg:
    """Lengths of the mannequin's leg at its full stature, metres."""

    hip: Floats
    """(3,) the left hip from the root, which is what a figure stands on its legs by."""
    thigh: float
    calf: float
    ankle: float
    """Height of the ankle over the sole."""


@lru_cache(maxsize=1)
def _leg() -> _Leg:
    figure = build_figure("measured", Pose(name="measured"), facing_deg=180.0)
    joint = {p.mesh.path.split("/", 1)[1]: p.transform[:3, 3] for p in figure.stage.parts}
    hips = np.array(figure.hips)
    hip, knee, ankle = joint["thigh_l"], joint["calf_l"], joint["foot_l"]
    return _Leg(
        hip=hip - hips,
        thigh=float(np.linalg.norm(hip - knee)),
        calf=float(np.linalg.norm(knee - ankle)),
        ankle=float(ankle[1]),
    )


def leg_angles(reach_m: Floats, *, thigh: float, calf: float, side: float) -> tuple[float, float, float]:
    """Return hip flex, hip side and knee bend in degrees that bring the ankle where it shall be.

    Parameters
    ----------
    reach_m
        (3,) from hip to ankle in the body's axes: left, up, forward. What is too far is stretched towards, and what is
        farther aside than a bent knee lets a leg swing is only come near.
    side
        1 the left leg, -1 the right.
    """
    distance = min(float(np.linalg.norm(reach_m)), 0.9995 * (thigh + calf))
    cosine = (distance**2 - thigh**2 - calf**2) / (2 * thigh * calf)
    knee = math.acos(max(-1.0, min(1.0, cosine)))
    down, back = thigh + calf * math.cos(knee), calf * math.sin(knee)
    unit = reach_m / max(float(np.linalg.norm(reach_m)), 1e-9) * distance
    lean = math.asin(max(-1.0, min(1.0, float(unit[0]) / max(down, 1e-6))))
    flat = -down * math.cos(lean)
    turn = math.atan2(float(unit[2]), float(unit[1])) - math.atan2(-back, flat)
    return -math.degrees(math.remainder(turn, 2 * math.pi)), math.degrees(lean) * side, math.degrees(knee)


def figure_parts(figure: FigureBrief, gait: Gait, frame: float) -> Stage:
    """Return a figure at a frame: the same parts in the same order at every frame.

    Its legs are bent so that its feet are where the gait puts them; where a leg is too short for that, the hips sink.
    """
    pose = gait.at(frame)
    if pose.action == "sit":
        return _seated(figure, pose)
    scale = figure.height_m / STATURE_M
    leg = _leg()
    up = np.array([0.0, 1.0, 0.0])
    left = np.array([pose.heading[2], 0.0, -pose.heading[0]])
    axes = np.stack([left, up, pose.heading])  # rows: a world vector times it gives left, up, forward
    standing = leg.thigh + leg.calf + leg.ankle - float(leg.hip[1])
    feet = {1.0: pose.left, -1.0: pose.right}
    height = standing * pose.hip_height
    for sign, foot in feet.items():
        if foot.planted:
            height = min(height, _highest(foot, pose, leg, sign, scale, axes))
    joints = _upper_body(pose, figure)
    root = pose.root_m + up * height * scale
    for sign, foot in feet.items():
        name = "l" if sign > 0 else "r"
        hip = leg.hip * (sign, 1.0, 1.0)
        reach = axes @ (foot.ankle_m - root) / scale - hip
        flex, side, knee = leg_angles(reach, thigh=leg.thigh, calf=leg.calf, side=sign)
        joints[f"hip_{name}"], joints[f"knee_{name}"] = (flex, side, 0.0), (knee, 0.0, 0.0)
        joints[f"ankle_{name}"] = (knee - flex - foot.pitch_deg, 0.0, 0.0)
    hands: Hand = "fist" if figure.action == "run" else "relaxed"
    facing = math.degrees(math.atan2(pose.heading[0], -pose.heading[2]))
    posed = Pose(name="gait", joints=joints, hand_l=hands, hand_r=hands)
    built = build_figure(figure.name, posed, facing_deg=facing, height_m=figure.height_m)
    return move(built.stage, translation(*(root - np.array(built.hips))))


def _highest(foot: Foot, pose: GaitPose, leg: _Leg, sign: float, scale: float, axes: Floats) -> float:
    """Return the greatest height of the root, at full stature, from which a foot is within reach."""
    reach = axes @ (foot.ankle_m - pose.root_m) / scale - leg.hip * (sign, 0.0, 1.0)
    aside = math.hypot(float(reach[0]), float(reach[2]))
    long = 0.9985 * (leg.thigh + leg.calf)
    return float(reach[1]) + math.sqrt(max(long * long - aside * aside, 0.04)) - float(leg.hip[1])


def _upper_body(pose: GaitPose, figure: FigureBrief) -> dict[str, Angles]:
    """Return trunk and arms: those of somebody who stands, the more of the gait's the more it goes."""
    rest = pose_of("standing").joints
    arm, elbow, lean = pose.arm_deg, pose.elbow_deg, pose.lean_deg
    swing = math.copysign(min(abs(arm), 45.0), arm)
    going: dict[str, Angles] = {
        "waist": (lean, 0.0, 0.0),
        "chest": (0.4 * lean, 0.0, 0.28 * swing),
        "neck": (-0.5 * lean, 0.0, -0.1 * swing),
        "head": (-0.6 * lean, 0.0, -0.18 * swing),
        "shoulder_r": (arm - 3.0, 7.0, 0.0),
        "shoulder_l": (-arm - 3.0, 7.0, 0.0),
        "elbow_r": (elbow + 0.35 * arm, 0.0, 12.0),
        "elbow_l": (elbow - 0.35 * arm, 0.0, 12.0),
    }
    mixed: dict[str, Angles] = {}
    for joint in ("waist", "chest", "neck", "head", "shoulder_l", "shoulder_r", "elbow_l", "elbow_r"):
        a, b = rest.get(joint, (0.0, 0.0, 0.0)), going[joint]
        x, y, z = ((1 - pose.effort) * p + pose.effort * q for p, q in zip(a, b, strict=True))
        mixed[joint] = (x, y, z)
    return mixed


def _seated(figure: FigureBrief, pose: GaitPose) -> Stage:
    facing = math.degrees(math.atan2(pose.heading[0], -pose.heading[2]))
    x, y, z = (float(v) for v in pose.root_m)
    return build_figure(
        figure.name, pose_of("sitting"), at=(x, y, z), facing_deg=facing, height_m=figure.height_m
    ).stage


def eyes_at(figure: FigureBrief, gait: Gait, frame: float) -> Vec3:
    """Return where a figure's eyes are: what a focus puller measures to."""
    pose = gait.at(frame)
    drop = 1.0 if pose.action == "sit" else pose.hip_height
    x, _, z = (float(v) for v in pose.root_m)
    height = (0.68 if pose.action == "sit" else _EYES - 0.53 * (1 - drop)) * figure.height_m
    return (x, height, z)


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """A vehicle's whole way. Its rear axle keeps to the path, as a car's does that is steered in front."""

    brief: VehicleBrief
    path: GroundPath
    rate: float

    def gone_m(self, frame: float) -> float:
        """Return metres along the path at a frame."""
        seconds = (frame - self.brief.start_frame) / self.rate
        return float(
            travelled(seconds, length_m=self.path.length_m, speed_m_per_s=self.brief.speed_m_per_s, ramp_s=2.0)
        )

    def heading(self, metres: float) -> Floats:
        """Return which way it faces (x, z)."""
        if self.path.length_m < 0.2 and self.brief.facing_deg is not None:
            a = math.radians(self.brief.facing_deg)
            return np.array([math.sin(a), -math.cos(a)])
        return self.path.heading(metres)

    def steer_deg(self, metres: float, wheelbase_m: float) -> float:
        """Return the angle of the front wheels, to the right positive."""
        if self.path.length_m < 0.5:
            return 0.0
        ahead, behind = self.path.heading(metres + 0.25), self.path.heading(metres - 0.25)
        turn = math.atan2(ahead[1], ahead[0]) - math.atan2(behind[1], behind[0])
        return math.degrees(math.atan(math.remainder(turn, 2 * math.pi) / 0.5 * wheelbase_m))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Wheel:
    centre: Floats
    radius_m: float
    front: bool


@lru_cache(maxsize=16)
def _model(name: str, kind: str, tone: int) -> tuple[Stage, tuple[_Wheel | None, ...], float, float]:
    """Return a vehicle at rest, which of its parts are wheels, where its rear axle is, and its wheelbase."""
    paints = ((0.30, 0.31, 0.33), (0.32, 0.12, 0.10), (0.14, 0.20, 0.30), (0.46, 0.44, 0.40))
    stage = build_vehicle(name, kind, paint=paints[tone % len(paints)])
    round_: dict[str, _Wheel] = {}
    for part in stage.parts:
        steps = part.mesh.path.split("/")
        if steps[-1] == "tyre":
            points = placed(part.mesh.points, part.transform)
            low, high = points.min(axis=0), points.max(axis=0)
            wheel = _Wheel(
                centre=(low + high) / 2, radius_m=float(high[1] - low[1]) / 2, front="front" in part.mesh.path
            )
            round_["/".join(steps[:-1])] = wheel
    wheels = tuple(round_.get("/".join(p.mesh.path.split("/")[:-1])) for p in stage.parts)
    rear = [w.centre[2] for w in round_.values() if not w.front]
    front = [w.centre[2] for w in round_.values() if w.front]
    axle = float(np.mean(rear)) if rear else 0.0
    return stage, wheels, axle, axle - float(np.mean(front)) if front else 2.5


def vehicle_parts(drive: Drive, frame: float, *, tone: int = 0) -> Stage:
    """Return a vehicle at a frame: wheels rolled as far as it went, the front ones turned into the bend."""
    stage, wheels, axle, base = _model(drive.brief.name, drive.brief.kind, tone)
    gone = drive.gone_m(frame)
    steer = drive.steer_deg(gone, base)
    world = _vehicle_place(drive, gone, axle)
    parts = []
    for part, wheel in zip(stage.parts, wheels, strict=True):
        own = np.eye(4)
        if wheel is not None:
            turn = rotation("y", -steer) if wheel.front else np.eye(4)
            roll = rotation("x", -math.degrees(gone / wheel.radius_m))
            own = translation(*wheel.centre) @ turn @ roll @ translation(*-wheel.centre)
        parts.append(Part(mesh=part.mesh, transform=world @ own @ part.transform))
    return Stage(parts=tuple(parts), materials=stage.materials)


def _vehicle_place(drive: Drive, gone: float, axle: float) -> Floats:
    x, z = drive.path.at(gone)
    hx, hz = drive.heading(gone)
    turned = rotation("y", -math.degrees(math.atan2(hx, -hz)))
    return np.asarray(translation(x, 0, z) @ turned @ translation(0, 0, -axle))


def vehicle_middle(drive: Drive, frame: float) -> tuple[Floats, Floats]:
    """Return the middle of a vehicle on the ground (3,) and the unit direction it faces (3,)."""
    _, _, axle, _ = _model(drive.brief.name, drive.brief.kind, 0)
    gone = drive.gone_m(frame)
    hx, hz = drive.heading(gone)
    return np.asarray(_vehicle_place(drive, gone, axle)[:3, 3]), np.array([hx, 0.0, hz])


def vehicle_size(kind: str) -> tuple[float, float, float]:
    """Return a vehicle's length, width and height in metres."""
    width, height, length = PLAN_M[kind]
    return length, width, height
