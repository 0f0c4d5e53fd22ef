"""How a figure walks or runs along a path: feet stand where they are put down, whatever the body does.

Steps are laid out on the path first; the body's way between them moves the legs. So a planted foot cannot slide.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from secondunit.prep.previs.brief import FigureBrief
from secondunit.prep.previs.ground_path import GroundPath, travelled

Floats = NDArray[np.float64]
Gear = Literal["stand", "walk", "run", "sit"]

WALK_M_PER_S, RUN_M_PER_S = 1.4, 3.8
_STEP = 0.414
"""Length of a walking step by body height at an easy pace (Winter, Biomechanics and Motor Control, 4th edition)."""
_RUN_HZ = 2.7
"""Steps a second of somebody who runs, near enough at every speed (Cavagna et al. 1988)."""
_SWING = {"walk": 0.40, "run": 0.65}
"""Half of the body's way, in steps, during which a foot is in the air: over 0.5 both are, for a moment."""
_LIFT_M = {"walk": 0.055, "run": 0.16}
_BOB_M = {"walk": 0.022, "run": -0.035}
"""Highest over the standing leg when walking, lowest there when running."""
_CROUCH = {"walk": 0.985, "run": 0.93}
"""Hip height while going, by that of standing."""
HIP_HALF_M = 0.052
"""Half the distance between the hips, by body height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """A foot at a moment."""

    ankle_m: Floats
    """(3,) over the sole's point under it: 0 height is a sole flat on the ground."""
    pitch_deg: float
    """Toes down positive."""
    planted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GaitPose:
    """A figure at a frame, in the world."""

    root_m: Floats
    """(3,) on the ground under the pelvis."""
    heading: Floats
    """(3,) unit, level, which way it faces."""
    hip_height: float
    """Height of the hips, by that of standing."""
    lean_deg: float
    left: Foot
    right: Foot
    arm_deg: float
    """Right arm forward, left arm back by as much."""
    elbow_deg: float
    action: Gear


@dataclass(frozen=True, slots=True, eq=False)
class Gait:
    """A figure's whole way."""

    brief: FigureBrief
    path: GroundPath
    rate: float

    @property
    def speed(self) -> float:
        """Metres a second when up to speed."""
        if self.brief.speed_m_per_s is not None:
            return self.brief.speed_m_per_s
        return RUN_M_PER_S if self.brief.action == "run" else WALK_M_PER_S

    @property
    def goes(self) -> bool:
        """Whether it leaves its place at all."""
        return self.brief.action in ("walk", "run") and self.path.length_m > 0.2 and self.speed > 0

    @property
    def step_m(self) -> float:
        """Length of one step; a whole number of them makes the way."""
        wanted = self.speed / _RUN_HZ
        if self.brief.action == "walk":
            # Faster is longer and quicker steps alike (Grieve and Gear 1966).
            wanted = _STEP * self.brief.height_m * math.sqrt(self.speed / WALK_M_PER_S)
        return self.path.length_m / max(1, round(self.path.length_m / wanted))

    def gone_m(self, frame: float) -> float:
        """Return metres along the path at a frame."""
        if not self.goes:
            return 0.0
        seconds = (frame - self.brief.start_frame) / self.rate
        return float(travelled(seconds, length_m=self.path.length_m, speed_m_per_s=self.speed))

    def at(self, frame: float) -> GaitPose:
        """Return the pose at a frame."""
        gone = self.gone_m(frame)
        x, z = self.path.at(gone)
        heading = self._heading(gone)
        action: Gear = self.brief.action if self.goes or self.brief.action == "sit" else "stand"
        moving = self.goes and 0 < gone < self.path.length_m
        turn = gone / self.step_m if self.goes else 0.0
        kind = "run" if self.brief.action == "run" else "walk"
        effort = self._effort(gone) if moving else 0.0
        standing = 1 - effort * (1 - _CROUCH[kind])
        bob = effort * _BOB_M[kind] * math.cos(2 * math.pi * turn)
        swing = {"walk": 24.0, "run": 42.0}[kind]
        return GaitPose(
            root_m=np.array([x, 0.0, z]),
            heading=np.array([heading[0], 0.0, heading[1]]),
            hip_height=standing + bob,
            lean_deg=effort * {"walk": 2.0, "run": 9.0}[kind],
            left=self._foot(gone, 1),
            right=self._foot(gone, 0),
            arm_deg=effort * swing * math.sin(math.pi * turn),
            elbow_deg=12.0 + effort * {"walk": 10.0, "run": 70.0}[kind],
            action=action if moving or action == "sit" else "stand",
        )

    def _effort(self, gone: float) -> float:
        """Return 0 at rest to 1 after the first step and before the last."""
        edge = min(gone, self.path.length_m - gone) / self.step_m
        t = min(max(edge, 0.0), 1.0)
        return t * t * (3 - 2 * t)

    def _heading(self, gone: float) -> Floats:
        if self.goes or self.brief.facing_deg is None:
            return self.path.heading(gone)
        a = math.radians(self.brief.facing_deg)
        return np.array([math.sin(a), -math.cos(a)])

    def _foot(self, gone: float, side: int) -> Foot:
        """Return a foot: 1 the left, which steps first, 0 the right."""
        if not self.goes:
            return Foot(ankle_m=self._print(0.0, side), pitch_deg=0.0, planted=True)
        step, length = self.step_m, self.path.length_m
        count = round(length / step)
        kind = "run" if self.brief.action == "run" else "walk"
        half = _SWING[kind] * step
        put = 0.0
        for number in range(1, count + 2):
            if number % 2 != side:
                continue
            centre = (number - 1) * step
            low, high = max(0.0, centre - half), min(length, centre + half)
            to = min(number * step, length)
            if gone < low:
                break
            if gone < high:
                t = (gone - low) / (high - low)
                glide = t * t * (3 - 2 * t)
                lift = min(1.0, (to - put) / step) * _LIFT_M[kind] * math.sin(math.pi * t) ** 2
                ankle = (1 - glide) * self._print(put, side) + glide * self._print(to, side)
                pitch = (32.0 if kind == "walk" else 50.0) * math.sin(math.pi * t) * (1 - 1.6 * t)
                return Foot(ankle_m=ankle + np.array([0.0, lift, 0.0]), pitch_deg=pitch, planted=t == 0)
            put = to
        return Foot(ankle_m=self._print(put, side), pitch_deg=0.0, planted=True)

    def _print(self, metres: float, side: int) -> Floats:
        """Return where a foot stands after so many metres."""
        x, z = self.path.at(metres)
        hx, hz = self._heading(metres)
        out = HIP_HALF_M * self.brief.height_m * (1 if side == 0 else -1)
        return np.array([x - hz * out, 0.0, z + hx * out])


def gait_of(figure: FigureBrief, *, rate: float) -> Gait:
    """Return a figure's way."""
    return Gait(figure, GroundPath(figure.path_m), rate)
