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
_DOWN = {"walk": (-0.47, 0.73), "run": (-0.22, 0.36)}
"""Where the body is, in steps past a foot, when that foot comes down and when it leaves."""
_STRIKE_DEG = {"walk": -16.0, "run": -2.0}
_PUSH_DEG = {"walk": 40.0, "run": 50.0}
_LIFT = {"walk": 0.03, "run": 0.10}
"""How high a swinging ankle rises over the straight way, by body height."""
_BOB = {"walk": 0.028, "run": -0.03}
"""Highest over the standing leg when walking, lowest there when running, by the height of the hips."""
_CROUCH = {"walk": 0.958, "run": 0.945}
"""Mean height of the hips while going, by that of standing."""
HIP_HALF = 0.0526
ANKLE_UP, BALL_AHEAD, HEEL_BEHIND = 0.0423, 0.097, 0.0343
"""Half the distance of the hips, height of the ankle over the sole, and how far ball and heel lie from under it: by
body height, those of the mannequin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """A foot at a moment."""

    ankle_m: Floats
    """(3,) the joint."""
    contact_m: Floats
    """(3,) what it stands on: heel, ball, or the point under the ankle; where it would, in the air."""
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
    effort: float
    """0 at rest to 1 well under way."""
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
        kind = self._kind
        effort = self._effort(gone) if moving else 0.0
        swing = {"walk": 24.0, "run": 42.0}[kind]
        return GaitPose(
            root_m=np.array([x, 0.0, z]),
            heading=np.array([heading[0], 0.0, heading[1]]),
            hip_height=1 - effort * (1 - _CROUCH[kind] - _BOB[kind] * math.cos(2 * math.pi * (turn - 0.1))),
            lean_deg=effort * {"walk": 2.0, "run": 9.0}[kind],
            left=self._foot(gone, 1),
            right=self._foot(gone, 0),
            arm_deg=effort * swing * math.sin(math.pi * turn),
            elbow_deg=12.0 + effort * {"walk": 10.0, "run": 70.0}[kind],
            effort=effort,
            action=action if moving or action == "sit" else "stand",
        )

    def _effort(self, gone: float) -> float:
        """Return 0 at rest to 1 after the first step and before the last."""
        edge = min(gone, self.path.length_m - gone) / self.step_m
        return _smooth(edge)

    def _heading(self, gone: float) -> Floats:
        if self.goes or self.brief.facing_deg is None:
            return self.path.heading(gone)
        a = math.radians(self.brief.facing_deg)
        return np.array([math.sin(a), -math.cos(a)])

    def _foot(self, gone: float, side: int) -> Foot:
        """Return a foot: 1 the left, which steps first, 0 the right."""
        if not self.goes:
            return self._down(0.0, side, 0.0)
        step, length = self.step_m, self.path.length_m
        on, off = _DOWN[self._kind]
        put = 0.0
        for number in range(1, round(length / step) + 2):
            if number % 2 != side:
                continue
            to = min(number * step, length)
            low = max(0.0, (number - 2 + off) * step)
            high = min(length, (number + on) * step)
            if gone <= low:
                break
            if gone < high:
                before = self._down(put, side, self._rolled((low - put) / step))
                after = self._down(to, side, self._rolled((high - to) / step))
                return self._swung(before, after, (gone - low) / (high - low), (to - put) / step)
            put = to
        return self._down(put, side, self._rolled((gone - put) / step))

    @property
    def _kind(self) -> Literal["walk", "run"]:
        return "run" if self.brief.action == "run" else "walk"

    def _rolled(self, past: float) -> float:
        """Return the pitch of a standing foot when the body is so many steps past it: heel down, flat, heel off."""
        on, off = _DOWN[self._kind]
        if past < 0:
            return _STRIKE_DEG[self._kind] * _smooth((past - 0.5 * on) / (0.5 * on))
        return _PUSH_DEG[self._kind] * _smooth((past - 0.15 * off) / (0.85 * off))

    def _down(self, metres: float, side: int, pitch: float) -> Foot:
        """Return a foot that stands: it turns about its ball when the heel is off, about the heel when the toes are."""
        tall = self.brief.height_m
        print_, (hx, hz) = self._print(metres, side), self._heading(metres)
        pivot = (BALL_AHEAD if pitch > 0 else -HEEL_BEHIND if pitch < 0 else 0.0) * tall
        a = math.radians(pitch)
        along = pivot - pivot * math.cos(a) + ANKLE_UP * tall * math.sin(a)
        rise = ANKLE_UP * tall * math.cos(a) + pivot * math.sin(a)
        ahead = np.array([hx, 0.0, hz])
        return Foot(
            ankle_m=print_ + ahead * along + np.array([0.0, rise, 0.0]),
            contact_m=print_ + ahead * pivot,
            pitch_deg=pitch,
            planted=True,
        )

    def _swung(self, before: Foot, after: Foot, t: float, share: float) -> Foot:
        """Return a foot on its way from one print to the next."""
        glide = _smooth(t)
        lift = min(1.0, share / 2) * _LIFT[self._kind] * self.brief.height_m * math.sin(math.pi * t) ** 2
        mixed = (1 - glide) * before.ankle_m + glide * after.ankle_m
        # The foot hangs back in the first half of the swing, and its toes clear the ground in the second.
        pitch = (1 - glide) * before.pitch_deg + glide * after.pitch_deg
        return Foot(
            ankle_m=mixed + np.array([0.0, lift, 0.0]),
            contact_m=(1 - glide) * before.contact_m + glide * after.contact_m,
            pitch_deg=pitch + 14 * math.sin(2 * math.pi * t) * min(1.0, share / 2),
            planted=False,
        )

    def _print(self, metres: float, side: int) -> Floats:
        """Return where a foot stands after so many metres: the point under its ankle."""
        x, z = self.path.at(metres)
        hx, hz = self._heading(metres)
        out = HIP_HALF * self.brief.height_m * (0.8 if self.goes else 1.0) * (1 if side == 0 else -1)
        return np.array([x - hz * out, 0.0, z + hx * out])


def _smooth(t: float) -> float:
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def gait_of(figure: FigureBrief, *, rate: float) -> Gait:
    """Return a figure's way."""
    return Gait(figure, GroundPath(figure.path_m), rate)
