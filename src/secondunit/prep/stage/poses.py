"""Poses of a mannequin: joint angles in degrees, and gaits by phase.

A joint's angles are (flex, side, twist). Flex brings a limb or the body forward (a knee bends the calf back, an
elbow the forearm forward); side takes a limb away from the body, or leans the body to its left; twist turns it left.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from secondunit.core.errors import BriefError

Angles = tuple[float, float, float]
Hand = Literal["relaxed", "fist", "point", "flat"]
JOINTS = (
    "root", "waist", "chest", "neck", "head",
    "shoulder_l", "elbow_l", "wrist_l", "shoulder_r", "elbow_r", "wrist_r",
    "hip_l", "knee_l", "ankle_l", "hip_r", "knee_r", "ankle_r",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A pose. Its lowest point stands on the floor, unless ``seat_m`` says how high it sits."""

    name: str
    joints: Mapping[str, Angles] = field(default_factory=dict)
    hand_l: Hand = "relaxed"
    hand_r: Hand = "relaxed"
    seat_m: float | None = None
    """Height of the seat, for a figure of 1.75 m."""
    lift_m: float = 0.0
    """How far the lowest point is off the floor, as in the flight of a run."""

    def __post_init__(self) -> None:
        for joint in self.joints:
            if joint not in JOINTS:
                raise BriefError(f"a mannequin has no joint {joint!r}", fix=f"use one of {', '.join(JOINTS)}")


def _standing() -> Pose:
    return Pose(
        name="standing",
        joints={
            "root": (0, 0, 4), "waist": (-2, 2, 0), "chest": (-1, -1, -4), "neck": (8, 0, 0), "head": (-4, 1, 3),
            "shoulder_l": (4, 9, 0), "elbow_l": (14, 0, 10), "wrist_l": (4, 0, 0),
            "shoulder_r": (-3, 8, 0), "elbow_r": (10, 0, 10), "wrist_r": (6, 0, 0),
            "hip_l": (5, 5, 12), "knee_l": (7, 0, 0), "hip_r": (-2, 3, 8), "knee_r": (2, 0, 0),
        },
    )  # fmt: skip


def walking(phase: float = 0.12) -> Pose:
    """Return a walk at a phase of its cycle, 0 to 1: at 0 the left heel strikes, at 0.5 the right.

    Joint curves follow the shape of gait studies (Winter, "Biomechanics and motor control of human movement", 2009).
    """
    joints: dict[str, Angles] = {}
    for side, shift in (("l", 0.0), ("r", 0.5)):
        p = (phase + shift) % 1.0
        swing = math.cos(2 * math.pi * p)
        hip = 26 * swing + 4
        knee = 6 + 14 * math.exp(-(((p - 0.14) / 0.09) ** 2)) + 56 * math.exp(-(((p - 0.72) / 0.12) ** 2))
        ankle = 4 - 16 * math.exp(-(((p - 0.6) / 0.08) ** 2)) + 6 * math.sin(2 * math.pi * p)
        other = "r" if side == "l" else "l"
        joints[f"hip_{side}"], joints[f"knee_{side}"] = (hip, 2, 4), (knee, 0, 0)
        joints[f"ankle_{side}"] = (ankle, 0, 0)
        joints[f"shoulder_{other}"] = (24 * swing - 2, 7, 0)
        joints[f"elbow_{other}"] = (24 + 16 * swing, 0, 12)
    turn = math.cos(2 * math.pi * phase)
    joints |= {"root": (0, 0, -5 * turn), "waist": (3, 0, 0), "chest": (1, 0, 9 * turn), "head": (0, 0, -3 * turn)}
    return Pose(name="walking", joints=joints)


def running(phase: float = 0.1) -> Pose:
    """Return a run at a phase of its cycle, 0 to 1: at 0 the left leg reaches forward."""
    joints: dict[str, Angles] = {}
    for side, shift in (("l", 0.0), ("r", 0.5)):
        p = (phase + shift) % 1.0
        swing = math.cos(2 * math.pi * p)
        knee = 24 + 12 * math.exp(-(((p - 0.15) / 0.1) ** 2)) + 82 * math.exp(-(((p - 0.68) / 0.16) ** 2))
        other = "r" if side == "l" else "l"
        joints[f"hip_{side}"], joints[f"knee_{side}"] = (44 * swing + 12, 2, 2), (knee, 0, 0)
        joints[f"ankle_{side}"] = (-20 * (1 - swing) / 2, 0, 0)
        joints[f"shoulder_{other}"] = (48 * swing - 6, 10, 10)
        joints[f"elbow_{other}"] = (92 + 10 * swing, 0, 18)
    turn = math.cos(2 * math.pi * phase)
    joints |= {"root": (9, 0, -9 * turn), "waist": (9, 0, 0), "chest": (4, 0, 18 * turn), "neck": (-6, 0, 0)}
    joints["head"] = (-8, 0, -8 * turn)
    flight = 0.07 * max(0.0, -math.cos(4 * math.pi * (phase - 0.15)))
    return Pose(name="running", joints=joints, hand_l="fist", hand_r="fist", lift_m=flight)


_SEATED = {
    "hip_l": (84, 7, 8), "knee_l": (82, 0, 0), "hip_r": (80, 5, 6), "knee_r": (92, 0, 0), "waist": (6, 0, 0),
}  # fmt: skip

_POSES: dict[str, Pose] = {
    p.name: p
    for p in (
        _standing(),
        walking(),
        running(),
        Pose(
            name="talking",
            joints={
                "root": (0, 0, -4), "waist": (1, -2, 0), "chest": (2, 1, 6), "neck": (8, 0, 0), "head": (-5, -3, 4),
                "shoulder_l": (26, 16, 0), "elbow_l": (72, 0, 28), "wrist_l": (-18, 0, 0),
                "shoulder_r": (4, 9, 0), "elbow_r": (24, 0, 14),
                "hip_l": (-3, 5, 10), "knee_l": (3, 0, 0), "hip_r": (9, 4, 10), "knee_r": (12, 0, 0),
            },
            hand_l="flat",
        ),
        Pose(
            name="listening",
            joints={
                "root": (0, 0, 3), "waist": (-1, 3, 0), "chest": (-2, -2, -3), "neck": (10, 0, 0), "head": (-4, -6, -3),
                "shoulder_l": (24, 3, -42), "elbow_l": (104, 0, 0), "shoulder_r": (20, 2, -46), "elbow_r": (100, 0, 0),
                "hip_l": (7, 5, 14), "knee_l": (10, 0, 0), "hip_r": (-2, 3, 6), "knee_r": (1, 0, 0),
            },
            hand_l="flat",
            hand_r="flat",
        ),
        Pose(
            name="sitting",
            joints={
                **_SEATED, "chest": (4, 0, 0), "neck": (6, 0, 0), "head": (-6, 0, 0),
                "shoulder_l": (30, 7, -8), "elbow_l": (48, 0, 0), "shoulder_r": (26, 7, -8), "elbow_r": (56, 0, 0),
            },
            seat_m=0.46,
        ),
        Pose(
            name="driving",
            joints={
                "waist": (-14, 0, 0), "chest": (4, 0, 0), "neck": (8, 0, 0), "head": (2, 0, 0),
                "hip_l": (82, 6, 4), "knee_l": (62, 0, 0), "hip_r": (80, 4, 2), "knee_r": (54, 0, 0),
                "shoulder_l": (62, 5, -6), "elbow_l": (34, 0, 0), "shoulder_r": (60, 5, -6), "elbow_r": (38, 0, 0),
            },
            hand_l="fist",
            hand_r="fist",
            seat_m=0.30,
        ),
        Pose(
            name="crouching",
            joints={
                "root": (8, 0, 0), "waist": (26, 0, 0), "chest": (18, 0, 0), "neck": (-8, 0, 0), "head": (-22, 0, 8),
                "hip_l": (112, 10, 10), "knee_l": (128, 0, 0), "ankle_l": (28, 0, 0),
                "hip_r": (58, 8, 8), "knee_r": (132, 0, 0), "ankle_r": (-8, 0, 0),
                "shoulder_l": (42, 8, -10), "elbow_l": (52, 0, 0), "shoulder_r": (30, 14, 0), "elbow_r": (26, 0, 0),
            },
        ),
        Pose(
            name="kneeling",
            joints={
                "root": (4, 0, 0), "waist": (12, 0, 0), "chest": (8, 0, 0), "head": (10, 0, 0),
                "hip_l": (86, 6, 8), "knee_l": (92, 0, 0), "hip_r": (-4, 4, 4), "knee_r": (100, 0, 0),
                "ankle_r": (-40, 0, 0),
                "shoulder_l": (38, 6, -12), "elbow_l": (38, 0, 0), "shoulder_r": (36, 6, -12), "elbow_r": (44, 0, 0),
            },
        ),
        Pose(
            name="pointing",
            joints={
                "root": (0, 0, 6), "waist": (2, 0, 0), "chest": (2, 0, 14), "neck": (4, 0, -6), "head": (-4, 0, -8),
                "shoulder_r": (86, 12, 0), "elbow_r": (6, 0, 0), "shoulder_l": (-6, 10, 0), "elbow_l": (22, 0, 12),
                "hip_l": (-8, 6, 12), "knee_l": (4, 0, 0), "hip_r": (14, 4, 6), "knee_r": (10, 0, 0),
            },
            hand_r="point",
        ),
        Pose(
            name="looking up",
            joints={
                "waist": (-7, 0, 0), "chest": (-9, 0, 3), "neck": (-14, 0, 0), "head": (-26, 4, 4),
                "shoulder_l": (-2, 13, 0), "elbow_l": (22, 0, 14), "shoulder_r": (8, 12, 0), "elbow_r": (34, 0, 14),
                "hip_l": (8, 6, 12), "knee_l": (6, 0, 0), "hip_r": (-7, 4, 6), "knee_r": (4, 0, 0),
            },
            hand_r="relaxed",
        ),
        Pose(
            name="fallen",
            joints={
                "root": (-88, 14, 24), "waist": (10, 6, 10), "chest": (4, 4, 12), "neck": (-8, 0, 0), "head": (6, 12,
                26),
                "shoulder_l": (24, 78, 0), "elbow_l": (46, 0, 0), "shoulder_r": (-8, 32, 0), "elbow_r": (30, 0, 0),
                "hip_l": (44, 12, 10), "knee_l": (66, 0, 0), "hip_r": (6, 10, 0), "knee_r": (14, 0, 0),
                "ankle_l": (-25, 0, 0), "ankle_r": (-25, 0, 0),
            },
        ),
        Pose(
            name="carrying",
            joints={
                "root": (-2, 0, 0), "waist": (-7, 0, 0), "chest": (-2, 0, 0), "neck": (8, 0, 0),
                "shoulder_l": (24, 5, -12), "elbow_l": (82, 0, 0), "shoulder_r": (24, 5, -12), "elbow_r": (82, 0, 0),
                "hip_l": (20, 4, 4), "knee_l": (12, 0, 0), "hip_r": (-16, 4, 4), "knee_r": (20, 0, 0),
                "ankle_r": (-12, 0, 0),
            },
            hand_l="flat",
            hand_r="flat",
        ),
        Pose(
            name="shielding",
            joints={
                "root": (4, 0, 14), "waist": (14, 6, 0), "chest": (12, 4, 10), "neck": (14, 0, 0), "head": (12, 8, 10),
                "shoulder_l": (118, 4, -34), "elbow_l": (96, 0, 0), "shoulder_r": (96, 14, -30), "elbow_r": (112, 0, 0),
                "hip_l": (34, 8, 8), "knee_l": (42, 0, 0), "hip_r": (-14, 6, 8), "knee_r": (34, 0, 0),
                "ankle_r": (-10, 0, 0),
            },
            hand_l="flat",
            hand_r="flat",
        ),
        Pose(
            name="holding",
            joints={
                "waist": (1, -2, 0), "chest": (3, 1, 4), "neck": (10, 0, 0), "head": (14, 0, 4),
                "shoulder_r": (34, 6, -14), "elbow_r": (78, 0, 0), "wrist_r": (0, 0, 30),
                "shoulder_l": (2, 9, 0), "elbow_l": (18, 0, 12),
                "hip_l": (6, 5, 12), "knee_l": (8, 0, 0), "hip_r": (-2, 3, 8), "knee_r": (2, 0, 0),
            },
        ),
        Pose(
            name="phone",
            joints={
                "waist": (1, -2, 0), "chest": (2, 1, 4), "neck": (8, 0, 0), "head": (2, -8, 2),
                "shoulder_r": (34, 22, -36), "elbow_r": (140, 0, 0), "shoulder_l": (2, 9, 0), "elbow_l": (18, 0, 12),
                "hip_l": (6, 5, 12), "knee_l": (8, 0, 0), "hip_r": (-2, 3, 8), "knee_r": (2, 0, 0),
            },
            hand_r="fist",
        ),
    )
}  # fmt: skip
POSES: tuple[str, ...] = tuple(_POSES)


def pose_of(name: str) -> Pose:
    """Return a pose by name.

    Raises
    ------
    BriefError
        There is none of that name.
    """
    pose = _POSES.get(name.strip().lower().replace("_", " ").replace("-", " "))
    if pose is None:
        raise BriefError(f"there is no pose {name!r}", fix=f"use one of {', '.join(POSES)}")
    return pose


def blend(a: Pose, b: Pose, share: float) -> Pose:
    """Return the pose between two: joint angles mixed, hands those of the nearer."""
    zero = (0.0, 0.0, 0.0)
    mixed = {
        j: tuple((1 - share) * p + share * q for p, q in zip(a.joints.get(j, zero), b.joints.get(j, zero), strict=True))
        for j in JOINTS
    }
    near = a if share < 0.5 else b
    return Pose(
        name=near.name,
        joints={j: (v[0], v[1], v[2]) for j, v in mixed.items()},
        hand_l=near.hand_l,
        hand_r=near.hand_r,
        seat_m=near.seat_m,
        lift_m=(1 - share) * a.lift_m + share * b.lift_m,
    )
