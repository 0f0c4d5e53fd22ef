"""See a stage through a camera: headless, anti-aliased, the same bytes every time.

Visibility is rasterised, sun and occlusion are rays in a tree.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun
from secondunit.imaging.projection import intrinsics, pose
from secondunit.prep.stage import occlusion, raster, shade
from secondunit.prep.stage.bvh import build_tree
from secondunit.prep.stage.geometry import Floats, Ints, Stage
from secondunit.prep.stage.image import StageImage
from secondunit.prep.stage.surface import central

_AO_STEP = 2
_AO_RAYS = 4
_BOUNCE = 0.35
"""Share of what falls on open ground that it sends back up when a stage has no ground material of its own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packed:
    """A stage as flat arrays, world space."""

    points: Floats
    normals: Floats
    faces: Ints
    part: Ints
    material: Ints
    curved: NDArray[np.bool_]
    wild: NDArray[np.bool_]


def pack(stage: Stage) -> Packed:
    """Return every part of a stage in one set of arrays, in order."""
    index = {m.name: n for n, m in enumerate(stage.materials)}
    lengths = np.array([len(p.mesh.triangles) for p in stage.parts], np.int64)
    linear = np.array([p.transform[:3, :3] for p in stage.parts]).reshape(-1, 3, 3)
    turned = np.ascontiguousarray(np.linalg.inv(linear), np.float32)
    mirrored = np.linalg.det(linear) < 0
    points, normals, faces, first = [], [], [], 0
    for n, part in enumerate(stage.parts):
        mesh = part.mesh
        points.append(mesh.points @ linear[n].T.astype(np.float32) + part.transform[:3, 3].astype(np.float32))
        normals.append(np.zeros_like(mesh.points) if mesh.normals is None else mesh.normals @ turned[n])
        faces.append((mesh.triangles[:, ::-1] if mirrored[n] else mesh.triangles) + np.int32(first))
        first += len(mesh.points)

    def each(values: list[object], kind: type) -> NDArray[np.generic]:
        return np.repeat(np.array(values, kind), lengths) if len(values) else np.zeros(0, kind)

    empty = np.zeros((0, 3), np.float32)
    across = np.concatenate([empty, *normals])
    return Packed(
        points=np.ascontiguousarray(np.concatenate([empty, *points]), np.float32),
        normals=np.ascontiguousarray(across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)),
        faces=np.ascontiguousarray(np.concatenate([empty.astype(np.int32), *faces]), np.int32),
        part=np.repeat(np.arange(len(stage.parts), dtype=np.int32), lengths),
        material=each([index[p.mesh.material] for p in stage.parts], np.int32).astype(np.int32),
        curved=each([p.mesh.normals is not None for p in stage.parts], np.bool_).astype(np.bool_),
        wild=each([p.mesh.wild for p in stage.parts], np.bool_).astype(np.bool_),
    )


def _lens(camera: Camera, width: int, height: int) -> tuple[Floats, Floats, Floats]:
    turn, eye = pose(camera)
    return (
        np.asarray(intrinsics(camera, width, height), np.float32),
        np.ascontiguousarray(turn, np.float32),
        np.asarray(eye, np.float32),
    )


def _ground(lens: Floats, turn: Floats, eye: Floats, *, wanted: bool) -> Floats:
    """Return nearness of the plane y = 0 as g0 + g1 x + g2 y over pixels; never above 0 where there is none to see."""
    if not wanted or eye[1] <= 1e-4:
        return np.array([-1.0, 0.0, 0.0], np.float32)
    fx, fy, cx, cy = (float(v) for v in lens)
    a, b, c = (float(v) for v in turn[1])
    plane = np.array([a * -cx / fx + b * cy / fy - c, a / fx, -b / fy]) / -float(eye[1])
    return np.asarray(plane * (1 - 1e-4), np.float32)  # a set laid on the ground wins over it


def render_stage(
    stage: Stage,
    camera: Camera,
    *,
    width: int,
    height: int,
    sun: Sun = Sun(),
    samples: int = 8,
    stage_next: Stage | None = None,
    camera_next: Camera | None = None,
    ao_reach_m: float = 1.6,
    draft: bool = False,
) -> StageImage:
    """Render one frame.

    Parameters
    ----------
    stage, camera, sun
        What is there, who looks, what lights it.
    width, height
        Pixels. The filmback's aspect should be theirs, else pixels are not square.
    samples
        Per pixel, 1 to 32.
    stage_next, camera_next
        The next frame's, for ``motion``; a stage needs the same parts and triangles. Either may be left out.
    ao_reach_m
        How far occlusion looks, in metres near the camera.
    draft
        Asks for light at every second pixel where it is even, and for occlusion at every fourth: half the time, good
        enough to draw from.

    Raises
    ------
    BriefError
        A size or a number of samples out of range, or a next stage of other triangles.
    """
    if not (1 <= samples <= 32 and 8 <= width <= 8192 and 8 <= height <= 8192):
        raise BriefError(
            f"cannot render {width} x {height} with {samples} samples", fix="use 8 to 8192 pixels, 1 to 32"
        )
    packed = pack(stage)
    after = pack(stage_next) if stage_next is not None else packed
    if after.points.shape != packed.points.shape or not np.array_equal(after.faces, packed.faces):
        raise BriefError("the next frame's stage has other triangles", fix="move the same parts, do not rebuild them")
    lens, turn, eye = _lens(camera, width, height)
    lens_n, turn_n, eye_n = _lens(camera_next or camera, width, height)
    offset = raster.sample_offsets(samples)
    local = np.ascontiguousarray((packed.points - eye) @ turn)
    triangles = np.empty((2 * len(packed.faces) + 8, 9), np.float32)
    owner = np.empty(len(triangles), np.int32)
    number = raster.project_faces(local, packed.faces, packed.wild, lens, width, height, triangles, owner)
    nearness = np.empty((height * samples, width), np.float32)
    identity = np.empty((height * samples, width), np.int32)
    ground = _ground(lens, turn, eye, wanted=stage.ground is not None)
    raster.draw(triangles, owner, number, ground, offset, nearness, identity)

    a, b, c = (packed.points[packed.faces[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-20)
    spread = np.hypot(offset - 0.5, (np.arange(samples) + 0.5) / samples - 0.5)
    middle = int(np.argmin(spread))
    at = np.array([offset[middle], (middle + 0.5) / samples], np.float32)

    def plane(*channels: int) -> Floats:
        return np.empty((height, width, *channels), np.float32)

    face = np.empty((height, width), np.int32)
    depth, normal, flat, motion = plane(), plane(3), plane(3), plane(2)
    moves = stage_next is not None or camera_next is not None
    central(
        identity, offset, middle, lens, turn, eye, packed.points, packed.faces, facing, packed.normals, packed.curved,
        moves, after.points, lens_n, turn_n, eye_n, face, depth, normal, flat, motion,
    )  # fmt: skip
    tree = build_tree(packed.points, packed.faces[~packed.wild])
    nodes = (tree.low, tree.high, tree.skip, tree.first, tree.count, tree.corners)
    step = 2 * _AO_STEP if draft else _AO_STEP
    coarse = np.empty((-(-height // step), -(-width // step)), np.float32)
    place = np.empty((*coarse.shape, 3), np.float32)
    directions, reach = occlusion.ao_directions(_AO_RAYS), np.float32(ao_reach_m)
    occlusion.occlusion(face, depth, flat, at, lens, turn, eye, directions, reach, step, *nodes, coarse, place)
    ao = plane()
    occlusion.gather_occlusion(face, depth, flat, at, step, lens, turn, coarse, place, ao)
    towards = np.asarray(sun.direction, np.float32)
    seen = np.empty((height, width), np.uint8)
    has_ground = stage.ground is not None
    shade.sun_rays(
        face, depth, flat, normal, at, lens, turn, eye, packed.curved, towards, has_ground, draft, *nodes, seen
    )  # fmt: skip
    table = np.array([[*m.base_color, m.roughness, m.metallic, m.glass] for m in stage.materials], np.float32)
    names = [m.name for m in stage.materials]
    under = names.index(stage.ground) if stage.ground is not None else -1
    light = _lights(sun, table[under, :3] if has_ground else np.full(3, _BOUNCE, np.float32))
    beauty, albedo, alpha, shadow = plane(3), plane(3), plane(), plane()
    shade.resolve(
        identity, offset, face, depth, flat, normal, seen, ao, lens, turn, eye, packed.points, packed.faces, facing,
        packed.normals, packed.curved, packed.part, packed.material, table.reshape(-1, 6), under, towards, light,
        *nodes,
        beauty, albedo, alpha, shadow,
    )  # fmt: skip
    hit = face >= 0
    part = face.copy()
    material = np.where(face == raster.GROUND, np.int32(under), np.int32(-1))
    part[hit], material[hit] = packed.part[face[hit]], packed.material[face[hit]]
    return StageImage(
        beauty=beauty, alpha=alpha, albedo=albedo, depth=depth, normal=np.ascontiguousarray(normal @ turn), part=part,
        face=face, material=material, shadow=shadow, ao=ao, motion=motion,
    )  # fmt: skip


def _lights(sun: Sun, ground: Floats) -> Floats:
    """Return (3, 3) radiance units: sun, sky, and what the ground sends up."""
    illuminance, sky = np.asarray(sun.illuminance, np.float32), np.asarray(sun.sky, np.float32)
    high = max(sun.direction[1], 0.0)
    return np.stack([illuminance, sky, ground * (illuminance * np.float32(high * 0.6) + sky * np.float32(0.8))])
