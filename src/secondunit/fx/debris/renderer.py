"""Broken pieces as pixels: lit as the plate, wearing the plate, blurred by the shutter."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Look
from secondunit.core.errors import BriefError
from secondunit.core.layout import Layout
from secondunit.fx.debris.geometry import assemble
from secondunit.fx.debris.plate_reading import read_plate, seen
from secondunit.fx.debris.raster import draw, place, rotations, set_up
from secondunit.fx.debris.shading import Light, Pose, shade_frame
from secondunit.fx.debris.shadow_map import (
    Maps,
    Receivers,
    ShadowCaster,
    ground_receivers,
    receiver_shadow,
    veil,
    visibility,
)
from secondunit.fx.debris.small_debris import CHUNK, scatter, shatter_frames
from secondunit.fx.debris.texture_projection import panes
from secondunit.fx.dust.grid import LightGrid
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion
from secondunit.imaging.buffers import Image, SurfaceLayer
from secondunit.imaging.projection import intrinsics

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

SAMPLES = 8
"""Beauty samples of a pixel: each has its own place in the pixel and its own time in the shutter."""
STILL_M = 0.002
"""Movement below which a piece stands where the plate shows it."""
COAT_S = 2.5
"""Seconds in which a falling piece whitens with the dust it falls through."""
LARGEST_DISC = 0.005
"""Radius, in picture heights, beyond which a fragment that flies past the lens would show that it is a plain disc."""
BLOW_J_PER_KG = 20.0
"""Energy of the blows that batter a piece (a landing at 6 m/s)."""

# Eight rooks, far apart from one time to the next; the first, whose colour is kept longest, next to the middle.
_ROOKS = np.array([(4, 3), (1, 6), (6, 1), (2, 0), (7, 4), (0, 2), (5, 7), (3, 5)])
_VEIL_REACH = 1.5


class DebrisRenderer:
    """Renders a collapse's pieces over its plate; built once, then any frame in any order.

    Motion blur is centred on the frame: `SAMPLES` instants spread over the shutter of ``look.motion_blur_deg``,
    each at its own place in the pixel, so one set of samples is both blur and anti-aliasing. Depth, id and motion come
    from one more sample at the frame itself and the pixel's centre; where that finds nothing, from the nearest of
    the others, so that every covered pixel has a depth.

    Parameters
    ----------
    pieces, motion, layout
        What fell, how, and where.
    plate
        (h, w, 3) ACEScg plate of the texture frame, foreground holdouts painted out. Any size.
    matte
        (h, w) 0 to 1 coverage of the building in it; texture is taken inside only.
    texture_frame
        The frame of the plate.
    width, height
        Size of what is rendered: the plate's or a fraction of it.
    look
        Dust tint and shutter.
    seed
        Of the small debris.
    small
        About how many small bodies fly in all; 0 for none.

    Raises
    ------
    BriefError
        Plate and matte differ in size, or pieces and motion in number.
    """

    def __init__(
        self, pieces: Pieces, motion: Motion, layout: Layout, *, plate: Image, matte: Image, texture_frame: int,
        width: int, height: int, look: Look, seed: int, small: int = 9000,
    ) -> None:  # fmt: skip
        if plate.shape[:2] != matte.shape:
            raise BriefError(
                f"the plate is {plate.shape[1]} x {plate.shape[0]} and its matte {matte.shape[1]} x {matte.shape[0]}",
                fix="make the matte at the plate's size",
            )
        if motion.position.shape[1] != len(pieces):
            raise BriefError(
                f"{len(pieces)} pieces and a motion of {motion.position.shape[1]}",
                fix="simulate the motion again from these pieces",
            )
        self.pieces, self.motion, self.layout, self.look = pieces, motion, layout, look
        self.width, self.height = width, height
        glass = panes(pieces, plate, matte=matte, camera=layout.camera.at(texture_frame))
        self._shatters = shatter_frames(pieces, motion, glass)
        self.small = scatter(pieces, motion, seed=seed, count=small, shatters=self._shatters)
        self._geometry = assemble(pieces, self.small, layout)
        low, high = _bounds(pieces, motion)
        self._caster = ShadowCaster(layout, low=low, high=high)
        self._rest_maps = self._maps_of(pieces.vertices, np.ones(len(pieces), np.bool_))
        self.texture, self._trim = read_plate(
            pieces, self._geometry, layout, plate=plate, matte=matte, camera=layout.camera.at(texture_frame),
            maps=self._rest_maps,
        )  # fmt: skip
        self._plate_width = plate.shape[1]
        self._before = lru_cache(maxsize=1)(self._draw_before)
        self._maps = lru_cache(maxsize=2)(self._draw_maps)
        self._ground_before = lru_cache(maxsize=1)(self._see_ground)
        self._standing_before = lru_cache(maxsize=1)(self._see_standing)

    def render(self, frame: int, *, light: LightGrid | None) -> SurfaceLayer:
        """Return the pieces and small debris of a frame.

        Parameters
        ----------
        frame
            Any; the motion is held at both ends.
        light
            Light in the dust; None is clear air.
        """
        geometry, faces = self._geometry, self._geometry.faces
        times = self._times(frame)
        pose, alive = self._pose(frame, times)
        points = np.empty((len(times), len(geometry.vertices), 3), np.float32)
        place(
            geometry.vertices, geometry.vertex_body, faces.centre, pose.rotation, pose.position, pose.still,
            pose.camera_rotation, pose.camera_position, points,
        )  # fmt: skip
        triangles, triangle_face, count = self._set_up(points, alive, pose)
        sun_light = self.layout.sun
        lights = Light(
            np.array(sun_light.illuminance, np.float32),
            np.array(sun_light.sky, np.float32), 0.75 * np.array(self.look.dust_tint, np.float32),
        )  # fmt: skip
        size = (self.height, self.width)
        layer = SurfaceLayer(
            sun=np.zeros((*size, 3), np.float32),
            sky=np.zeros((*size, 3), np.float32),
            alpha=np.zeros(size, np.float32),
            static=np.zeros(size, np.float32),
            depth=np.full(size, np.inf, np.float32),
            motion=np.zeros((*size, 2), np.float32),
            id=np.zeros(size, np.uint32),
        )
        before, _ = self._before(self._camera_key(frame))
        shade_frame(
            triangles, triangle_face, count, before, faces, pose, self.texture, self._maps(frame),
            veil(light), lights,
            np.float32(self._plate_width / self.width), layer.sun, layer.sky, layer.alpha, layer.static, layer.depth,
            layer.motion, layer.id,
        )  # fmt: skip
        return layer

    def rest(self, frame: int) -> Image:
        """Return (h, w) coverage by the unbroken building under a frame's camera: ``static`` while all stands."""
        nearness, _ = self._before(self._camera_key(frame))
        return np.asarray((nearness[1:] > 0).mean(axis=0), dtype=np.float32)

    def receiver_shadow(self, frame: int, *, light: LightGrid | None) -> tuple[Image, Image]:
        """Return (sun, sky) visibility (h, w) of the ground and the neighbours, as if the falling boxes were gone.

        1 where nothing changes against the plate; see `secondunit.fx.debris.shadow_map.receiver_shadow`.
        """
        receivers, before = self._ground_before(self._camera_key(frame))
        return receiver_shadow(receivers, now=self._maps(frame), before=before, light=light)

    def static_shadow(self, frame: int, *, light: LightGrid | None) -> tuple[Image, Image]:
        """Return (sun, sky) visibility (h, w) of the building where it stands unmoved, against the plate."""
        receivers, before = self._standing_before(self._camera_key(frame))
        return receiver_shadow(receivers, now=self._maps(frame), before=before, light=light)

    def _times(self, frame: int) -> NDArray[np.float64]:
        shutter = self.look.motion_blur_deg / 360.0
        return frame + np.append(0.0, ((np.arange(SAMPLES) + 0.5) / SAMPLES - 0.5) * shutter)

    def _camera_key(self, frame: int) -> int:
        """Return a frame that stands for this one's camera, so that a locked camera's work is done once."""
        return frame if self.layout.camera.moves else 0

    def _cameras(self, times: NDArray[np.float64]) -> tuple[Floats, Floats]:
        """Return (T, 3, 3) and (T, 3) camera poses at fractional frames, linear between whole ones."""
        path = self.layout.camera
        out = []
        for time in times:
            first = int(np.floor(time))
            a, b, part = path.at(first), path.at(first + 1), time - first
            turn = np.asarray(a.rotation) * (1 - part) + np.asarray(b.rotation) * part
            left, _, right = np.linalg.svd(turn)
            stand = np.asarray(a.position_m) * (1 - part) + np.asarray(b.position_m) * part
            out.append((left @ right if a != b else np.asarray(a.rotation), stand))
        rotation, position = zip(*out, strict=True)
        return np.array(rotation, np.float32), np.array(position, np.float32)

    def _pieces_at(self, times: NDArray[np.float64]) -> tuple[Floats, Floats]:
        """Return (T, P, 3) positions and (T, P, 4) quaternions between the motion's frames."""
        motion = self.motion
        row = np.clip(times - motion.first_frame, 0, len(motion.position) - 1)
        low = np.floor(row).astype(np.intp)
        high = np.minimum(low + 1, len(motion.position) - 1)
        part = (row - low).astype(np.float32)[:, None, None]
        position = motion.position[low] * (1 - part) + motion.position[high] * part
        a, b = motion.quaternion[low], motion.quaternion[high]
        b = np.where((a * b).sum(-1, keepdims=True) < 0, -b, b)
        turn = a * (1 - part) + b * part
        turn /= np.linalg.norm(turn, axis=-1, keepdims=True)
        return position.astype(np.float32), turn.astype(np.float32)

    def _pose(self, frame: int, times: NDArray[np.float64]) -> tuple[Pose, Bools]:
        """Return where everything is in each sample, and (S, B) what is there at all."""
        every = np.append(times, frame + 1.0)
        position, quaternion = self._pieces_at(every)
        geometry, crumbs = self._geometry, self._geometry.crumbs
        there, spot, turn = self._crumbs_at(every)
        position = np.concatenate([position, spot[:, crumbs]], axis=1)
        quaternion = np.concatenate([quaternion, turn], axis=1)
        rotation = rotations(quaternion)
        moved = np.linalg.norm(position[:-1, : len(self.pieces)] - self.pieces.centre, axis=-1) > STILL_M
        turned = np.abs(quaternion[:-1, : len(self.pieces), 1:]).max(axis=-1) > 3e-4
        still = np.zeros((len(times), position.shape[1]), np.bool_)
        still[:, : len(self.pieces)] = ~(moved | turned)
        alive = np.ones_like(still)
        alive[:, : len(self.pieces)] = times[:, None] < self._shatters
        alive[:, len(self.pieces) :] = there[:-1, crumbs]
        camera_rotation, camera_position = self._cameras(every)
        lens = np.array(intrinsics(self.layout.camera.at(frame), self.width, self.height), np.float32)
        shift = np.zeros((len(times), 2), np.float32)
        shift[1:] = (_ROOKS + 0.5) / SAMPLES - 0.5
        which = np.nonzero((self.small.group != CHUNK) & there.any(axis=0))[0]
        trim, body = self._trim, self._trim.body
        arm = trim.point - geometry.faces.centre[body]
        ridden = np.einsum("tnij,nj->tni", rotation[:, body], arm) + position[:, body]
        flying = np.concatenate([there[:, which], np.append(~still[:, body], ~still[:1, body], axis=0)], axis=1)
        disc, disc_motion = self._discs(
            flying, np.concatenate([spot[:, which], ridden], axis=1),
            np.concatenate([self.small.size_m[which], trim.size_m]), camera_rotation, camera_position, lens, shift,
        )  # fmt: skip
        albedo = self.small.albedo[which] * self.small.glint(frame)[which, None]
        coat, worn = self._wear(frame)
        pose = Pose(
            rotation[:-1], position[:-1], still, rotation[-1], position[-1], camera_rotation, camera_position, lens,
            shift, disc, np.concatenate([albedo, trim.albedo]), disc_motion,
            np.concatenate([self.small.piece[which], body]).astype(np.int32) + np.int32(1), coat, worn,
            self._hold(position, quaternion, camera_position[0], float(lens[0])),
        )  # fmt: skip
        return pose, alive

    def _wear(self, frame: int) -> tuple[Floats, Floats]:
        """Return (B,) how much dust lies on each body and how far its finish is gone, both 0 to 1.

        Both come of blows: what still hangs together with its neighbours stays clean.
        """
        motion, count = self.motion, len(self.pieces)
        struck = np.nonzero(motion.hit_frame <= frame)[0]
        who = motion.hit_piece[struck]
        blow = np.zeros(count)
        np.add.at(blow, who, motion.hit_energy[struck] / np.maximum(self.pieces.mass_kg[who], 1.0))
        falling = np.clip((frame - motion.released) / motion.rate / COAT_S, 0, 1)
        battered = -np.expm1(-blow / BLOW_J_PER_KG) * (falling > 0)
        coat, worn = np.full((2, len(self._geometry.radius)), 0.3, np.float32)
        coat[:count] = 0.1 * falling + 0.32 * battered * np.minimum(4 * falling, 1)
        worn[:count] = 0.85 * battered
        return coat, worn

    def _hold(self, position: Floats, quaternion: Floats, eye: Floats, focal_px: float) -> Ints:
        """Return (B,) samples that share a colour; a new one every two pixels of movement, four at most."""
        run = np.linalg.norm(position[-2] - position[1], axis=-1)
        turn = 2 * np.sqrt(np.maximum(0, 1 - (quaternion[-2] * quaternion[1]).sum(axis=-1) ** 2))
        depth = np.maximum(np.linalg.norm(position[0] - eye, axis=-1), 0.5)
        pixels = (run + turn * self._geometry.radius) / depth * focal_px
        return np.asarray(np.clip(SAMPLES * 2 / np.maximum(pixels, 1e-3), 2, SAMPLES), dtype=np.int32)

    def _crumbs_at(self, times: NDArray[np.float64]) -> tuple[Bools, Floats, Floats]:
        """Return small debris (T, N) there, (T, N, 3) places, and (T, C, 4) quaternions of those with a body."""
        small, crumbs = self.small, self._geometry.crumbs
        there, spot = zip(*(small.at(float(t)) for t in times), strict=True)
        half = np.stack([small.angle(float(t))[crumbs] for t in times]) / 2
        turn = np.concatenate([np.cos(half)[..., None], np.sin(half)[..., None] * small.axis[crumbs]], axis=-1)
        return np.stack(there), np.stack(spot), turn.astype(np.float32)

    def _discs(
        self, there: Bools, spot: Floats, size_m: Floats, camera_rotation: Floats, camera_position: Floats,
        lens: Floats, shift: Floats,
    ) -> tuple[Floats, Floats]:  # fmt: skip
        """Return (S, D, 4) discs of fragments and grit, then of trim, and their (D, 2) motion."""
        local = np.einsum("tnk,tkj->tnj", spot - camera_position[:, None], camera_rotation)
        near = -1.0 / np.minimum(local[..., 2], -0.1)
        x = lens[2] + lens[0] * local[..., 0] * near
        y = lens[3] - lens[1] * local[..., 1] * near
        radius = 0.5 * size_m * lens[0] * near * (local[..., 2] < -0.3) * there
        flown = radius.shape[1] - len(self._trim)
        radius[:, :flown] = np.minimum(radius[:, :flown], LARGEST_DISC * self.height)
        disc = np.stack([x, y, near, radius], axis=-1)[:-1]
        disc[..., :2] -= shift[:, None]
        motion = np.stack([x[-1] - x[0], y[-1] - y[0]], axis=-1)
        return np.ascontiguousarray(disc, dtype=np.float32), np.ascontiguousarray(motion, dtype=np.float32)

    def _set_up(self, points: Floats, alive: Bools, pose: Pose) -> tuple[Floats, Ints, Ints]:
        geometry = self._geometry
        room = len(geometry.triangles) + 256
        triangles = np.empty((len(points), room, 9), np.float32)
        face = np.empty((len(points), room), np.int32)
        count = np.zeros(len(points), np.int32)
        set_up(
            points, geometry.triangles, geometry.faces.body, alive, pose.lens, pose.shift, self.width, self.height,
            triangles, face, count,
        )  # fmt: skip
        return triangles, face, count

    def _draw_before(self, key: int) -> tuple[Floats, Ints]:
        """Return (S, h, w) nearness of the building at rest under this frame's samples, and the (h, w) faces seen."""
        geometry = self._geometry
        times = self._times(key)
        pose, _ = self._pose(key, times)
        rest = np.ones_like(pose.still)
        alive = np.zeros_like(pose.still)
        alive[:, : len(self.pieces)] = True
        points = np.empty((len(times), len(geometry.vertices), 3), np.float32)
        place(
            geometry.vertices, geometry.vertex_body, geometry.faces.centre, pose.rotation, pose.position, rest,
            pose.camera_rotation, pose.camera_position, points,
        )  # fmt: skip
        nearness = np.empty((len(times), self.height, self.width), np.float32)
        identity = np.empty(nearness.shape, np.int32)
        draw(*self._set_up(points, alive, pose), nearness, identity)
        return nearness, identity[0].copy()

    def _maps_of(self, points: Floats, alive: Bools) -> Maps:
        own = self._geometry.faces.body < len(self.pieces)
        return self._caster.draw(
            points, faces=self._geometry.triangles[own], face_body=self._geometry.faces.body[own], alive=alive
        )

    def _draw_maps(self, frame: int) -> Maps:
        position, quaternion = self._pieces_at(np.array([float(frame)]))
        body = self._geometry.vertex_body[: len(self.pieces.vertices)]
        arm = self.pieces.vertices - self.pieces.centre[body]
        points = np.einsum("vij,vj->vi", rotations(quaternion[0])[body], arm) + position[0][body]
        return self._maps_of(points.astype(np.float32), frame < self._shatters)

    def _see_ground(self, key: int) -> tuple[Receivers, Floats]:
        camera = self.layout.camera.at(key)
        receivers = ground_receivers(self.layout, camera, width=self.width, height=self.height)
        return receivers, visibility(*receivers, self._rest_maps)

    def _see_standing(self, key: int) -> tuple[Receivers, Floats]:
        nearness, face = self._before(key)
        camera = self.layout.camera.at(key)
        receivers = seen(camera, nearness[0], face, self._geometry.faces.normal)
        return receivers, visibility(*receivers, self._rest_maps)


def _bounds(pieces: Pieces, motion: Motion) -> tuple[Floats, Floats]:
    """Return the world box of everything that casts a shadow; a stray piece does not widen it without end."""
    low, high = pieces.vertices.min(axis=0), pieces.vertices.max(axis=0)
    grow = _VEIL_REACH * (high[1] - low[1])
    reached = motion.position.reshape(-1, 3)
    low = np.maximum(reached.min(axis=0) - 1.5, low - grow)
    high = np.minimum(reached.max(axis=0) + 1.5, high + grow)
    low = np.minimum(low, pieces.vertices.min(axis=0) - 0.5)
    high = np.maximum(high, pieces.vertices.max(axis=0) + 0.5)
    low[1] = -0.5
    return low.astype(np.float32), high.astype(np.float32)
