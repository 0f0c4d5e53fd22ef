"""The physics engine, kept behind one class: bodies of glued pieces that break as they strike, on solid ground."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import rapier3d
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from secondunit.core.layout import Box
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.fracture.sections import Groups

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRAVITY = 9.81
BREAK_M_PER_S = (2.2, 3.5)
"""Change of speed in one step that breaks a group into panels, and a panel into pieces."""
STILL_M, STILL_FRAMES = 0.04, 12
SPIN_RAD_PER_S, THROWN_M_PER_S, RISING_M_PER_S = 6.0, 5.0, 2.5
"""How fast a body may turn; go beyond what its own fall explains; and rise."""
PILE = 0.25
"""Share of the building's height under which loose bodies strike one another. Above it they pass: whole pieces
cannot crumble, and would jam in the air where a real wall crushes."""
_SHRINK = 0.97
_GROUND_M = 600.0
_GROUND = rapier3d.InteractionGroups(rapier3d.Group.GROUP_0, rapier3d.Group.ALL)
_LOW = rapier3d.InteractionGroups(rapier3d.Group.GROUP_1, rapier3d.Group.GROUP_0 | rapier3d.Group.GROUP_1)
_AIRBORNE = rapier3d.InteractionGroups(rapier3d.Group.GROUP_2, rapier3d.Group.GROUP_0)


@dataclass(slots=True, eq=False)
class Body:
    """Pieces that move as one."""

    members: Ints
    middle: Floats
    """(3,) their common centre of mass at rest: the body's origin."""
    level: int
    """0 a group, 1 a panel, 2 a piece."""
    handle: Any = None
    """Its handle in the engine."""
    velocity: Floats | None = None
    """At the last step, where it can still break."""
    toughness: float = 1.0
    airborne: bool = False


class Rubble:
    """Everything that has come loose."""

    def __init__(self, pieces: Pieces, groups: Groups, standing: Sequence[Box], *, step_s: float, burst: float) -> None:
        self.pieces, self.groups, self.step_s, self.burst = pieces, groups, step_s, burst
        self.world = rapier3d.PhysicsWorld(gravity=(0.0, -GRAVITY, 0.0))
        settings = self.world.integration_parameters
        settings.dt = step_s
        settings.normalized_max_corrective_velocity = 2.0
        self.centre = pieces.centre.astype(np.float64)
        self.toughness = np.random.default_rng([len(pieces), 43]).lognormal(0.0, 0.45, len(pieces))
        self.hulls = [self._hull(p) for p in range(len(pieces))]
        ground = self.world.add_body(rapier3d.RigidBody.fixed())
        floor = rapier3d.Collider.cuboid(_GROUND_M, 5.0, _GROUND_M).translation((0.0, -5.0, 0.0)).friction(0.8)
        self.world.add_collider(floor.collision_groups(_GROUND), ground)
        for box in standing:
            self._stand(box, ground)
        self.upright = [
            self.world.add_collider(
                rapier3d.Collider.convex_hull(self.hulls[p])
                .translation(tuple(self.centre[p]))
                .friction(0.7)
                .collision_groups(_GROUND),
                ground,
            )
            for p in range(len(pieces))
        ]
        top = float(pieces.vertices[:, 1].max())
        self.meets_m = PILE * top
        self.fastest = math.sqrt(2 * GRAVITY * top) + burst
        self.bodies: list[Body] = []
        self.trail: dict[int, list[Floats]] = {}

    def _hull(self, piece: int) -> NDArray[np.float32]:
        rows = slice(self.pieces.vertex_start[piece], self.pieces.vertex_start[piece + 1])
        return np.asarray((self.pieces.vertices[rows] - self.pieces.centre[piece]) * _SHRINK, dtype=np.float32)

    def _stand(self, box: Box, ground: "rapier3d.RigidBodyHandle") -> None:
        corners = np.array(box.corners(), dtype=np.float32)
        self.world.add_collider(rapier3d.Collider.convex_hull(corners).friction(0.7).collision_groups(_GROUND), ground)

    def take_down(self, members: Ints) -> None:
        """Remove pieces from what stands fixed."""
        for p in members:
            self.world.remove_collider(self.upright[p])

    def add(self, body: Body, rotation: Floats, place: Floats, velocity: Floats, spin: Floats) -> None:
        """Set a body free where it is, in the world, as fast as it goes."""
        body.velocity = self._calm(velocity, float(body.middle[1] - place[1]))
        spin = self._slow(spin, body)
        builder = (
            rapier3d.RigidBody.dynamic()
            .position(
                rapier3d.Isometry3(
                    tuple(place),
                    rapier3d.Rotation3.from_quaternion(*Rotation.from_matrix(rotation).as_quat(scalar_first=True)),
                )
            )
            .linvel(tuple(body.velocity))
            .angvel(tuple(spin))
            .linear_damping(0.05)
            .angular_damping(0.3)
        )
        body.handle = self.world.add_body(builder)
        body.airborne = float(place[1]) > self.meets_m
        groups = _AIRBORNE if body.airborne else _LOW
        for p in body.members:
            shape = rapier3d.Collider.convex_hull(self.hulls[p])
            shape = shape.translation(tuple(self.centre[p] - body.middle)).mass(float(self.pieces.mass_kg[p]))
            self.world.add_collider(shape.friction(0.7).restitution(0.02).collision_groups(groups), body.handle)
        body.toughness = float(self.toughness[body.members[0]])
        if len(body.members) == 1:
            body.level = 2
        self.bodies.append(body)

    def _calm(self, velocity: Floats, fallen_m: float) -> Floats:
        """Slow what goes faster than its fall and a burst explain, or is squeezed out upwards like a stone."""
        most = min(self.fastest, math.sqrt(2.0 * GRAVITY * max(fallen_m, 0.0) + (THROWN_M_PER_S + self.burst) ** 2))
        speed = float(np.linalg.norm(velocity))
        velocity = velocity * min(1.0, most / max(speed, 1e-9))
        return np.array([velocity[0], min(velocity[1], RISING_M_PER_S + self.burst), velocity[2]])

    def _slow(self, spin: Floats, body: Body) -> Floats:
        """Limit a spin, so that no far end of a body whips round."""
        reach = float(np.linalg.norm(self.centre[body.members] - body.middle, axis=1).max()) + 1.0
        most = min(SPIN_RAD_PER_S, 0.5 * self.fastest / reach)
        return spin * min(1.0, most / max(float(np.linalg.norm(spin)), 1e-9))

    def step(self) -> None:
        """Advance by one step; what has struck too hard breaks."""
        if not self.bodies:
            return
        self.world.step()
        limit = (0.8 * self.fastest) ** 2
        sound: list[Body] = []
        broken: list[tuple[Body, Floats]] = []
        for body in self.bodies:
            state = self.world.rigid_bodies[body.handle]
            v = state.linvel
            if v.y > RISING_M_PER_S or v.x * v.x + v.y * v.y + v.z * v.z > limit:
                state.linvel = rapier3d.Vec3(*self._calm(_vector(v), float(body.middle[1]) - state.translation.y))
            if body.level == 2:
                sound.append(body)
                continue
            now = _vector(state.linvel)
            was = body.velocity if body.velocity is not None else now
            blow = float(np.linalg.norm(now - was - np.array([0.0, -GRAVITY * self.step_s, 0.0])))
            body.velocity = now
            if blow > BREAK_M_PER_S[body.level] * body.toughness:
                broken.append((body, was))
            else:
                sound.append(body)
        self.bodies = sound
        for body, was in broken:
            self._break(body, was)

    def shatter(self, body: Body, velocity: Floats, *, whole: bool) -> None:
        """Break a body that has just been added, into panels or (``whole``) at once into pieces."""
        if body.level == 2:
            return
        body.level = 1 if whole else body.level
        self.bodies.remove(body)
        self._break(body, velocity)

    def _break(self, body: Body, was: Floats) -> None:
        """Replace a body by its panels, or a panel by its pieces, keeping part of the speed it had."""
        state = self.world.rigid_bodies[body.handle]
        rotation, place = _matrix(state.rotation), _vector(state.translation)
        velocity, spin = 0.5 * (_vector(state.linvel) + was), _vector(state.angvel)
        self.world.remove_body(body.handle)
        label = self.groups.panel_of_piece[body.members] if body.level == 0 else body.members
        parts = [body.members[label == k] for k in np.unique(label)]
        level = body.level + 1
        if len(parts) == 1:
            parts, level = [body.members[i : i + 1] for i in range(len(body.members))], 2
        for members in parts:
            mass = self.pieces.mass_kg[members].astype(np.float64)
            middle = (self.centre[members] * mass[:, None]).sum(axis=0) / mass.sum()
            arm = rotation @ (middle - body.middle)
            part = Body(members=members, middle=middle, level=level)
            self.add(part, rotation, place + arm, velocity + np.cross(spin, arm), spin)

    def read(self, at: Floats, turned: Floats) -> None:
        """Write positions (P, 3) and quaternions (P, 4) of everything loose."""
        for body in self.bodies:
            state = self.world.rigid_bodies[body.handle]
            place = _vector(state.translation)
            if len(body.members) == 1:
                at[body.members[0]] = place
            else:
                at[body.members] = place + (self.centre[body.members] - body.middle) @ _matrix(state.rotation).T
            r = state.rotation
            turned[body.members] = (r.w, r.i, r.j, r.k)

    def settle(self) -> None:
        """Hold what has hardly moved for some frames, and slow what goes faster than falling explains."""
        for body in self.bodies:
            state = self.world.rigid_bodies[body.handle]
            if state.is_fixed:
                continue
            if body.airborne and state.translation.y < self.meets_m:
                body.airborne = False
                for collider in state.colliders:
                    self.world.colliders[collider].collision_groups = _LOW
            velocity = _vector(state.linvel)
            calm = self._calm(velocity, float(body.middle[1]) - state.translation.y)
            if not np.array_equal(calm, velocity):
                state.linvel = rapier3d.Vec3(*calm)
            spin = _vector(state.angvel)
            slow = self._slow(spin, body)
            if not np.array_equal(slow, spin):
                state.angvel = rapier3d.Vec3(*slow)
            trail = self.trail.setdefault(int(body.members[0]) * 4 + body.level, [])
            trail.append(_vector(state.translation))
            if len(trail) > STILL_FRAMES:
                trail.pop(0)
                if float(np.abs(trail[-1] - trail[0]).max()) < STILL_M:
                    state.body_type = rapier3d.RigidBodyType.FIXED
                    body.level = 2


def _vector(v: "rapier3d.Vec3") -> Floats:
    return np.array([v.x, v.y, v.z])


def _matrix(r: "rapier3d.Rotation3") -> Floats:
    return np.asarray(Rotation.from_quat([r.w, r.i, r.j, r.k], scalar_first=True).as_matrix())
