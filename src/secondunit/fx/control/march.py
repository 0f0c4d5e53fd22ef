"""The control march: dust, its light and its noise seen by the camera, as the channels a generator is given."""

from functools import lru_cache
from typing import Any

import numpy as np

from secondunit.core.camera import Camera, Vec3
from secondunit.core.collapse import Detail
from secondunit.fx.control.march_bare import PLANES as BARE
from secondunit.fx.control.march_bare import march_bare
from secondunit.fx.control.march_medium import Medium, medium
from secondunit.fx.control.march_rays import PLANES, march_slab, screen_motion
from secondunit.fx.control.noise import Noise, NoiseSource
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.imaging.buffers import ControlBuffers, Image
from secondunit.imaging.projection import intrinsics, pose

ERODED = frozenset({"eroded_alpha", "eroded_sun", "eroded_sky"})
"""Channels made only where a generator asks for one of them."""

NEAREST_M = 0.3
"""Dust nearer to the camera than this is not drawn: it would be a veil over the lens."""


@lru_cache(maxsize=4)
def _source(detail: Detail, broad_seed: int) -> NoiseSource:
    return NoiseSource(detail, broad_seed=broad_seed)


def march(
    dust: DustFrame,
    light: LightGrid,
    *,
    camera: Camera,
    camera_next: Camera,
    width: int,
    height: int,
    surface_depth: Image,
    sun_direction: Vec3,
    rate: float = 24.0,
    holdout: Image | None = None,
    holdout_depth: Image | None = None,
    coverage: Image | None = None,
    detail: Detail = Detail(),
    broad_seed: int = 1,
    noise_cell_m: float | None = None,
    channels: frozenset[str] = frozenset(),
    bare: frozenset[str] = frozenset(),
    packed: Medium | None = None,
) -> tuple[ControlBuffers, ControlBuffers]:
    """March the dust before and behind the first surface.

    Parameters
    ----------
    dust, light
        One frame of each.
    camera, camera_next
        The camera of this frame and of the next (for motion).
    width, height
        Size of the buffers; a half of the plate's is enough (``generate.relight.upsample`` brings it back).
    surface_depth
        (height, width) metres along the optical axis of the nearest surface, inf where none.
    sun_direction
        Unit vector towards the sun.
    rate
        Frames a second: velocity becomes pixels a frame.
    holdout, holdout_depth
        (height, width) coverage of what stands in front (0 to 1) and its depth in metres: dust beyond it counts
        (1 - holdout). None is none.
    coverage
        (height, width) coverage of the nearest surface. The slab behind is marched only where a surface covers a
        pixel in part; None marches it behind every surface.
    detail
        Seed, gain and scale of the noise; a gain of 0 carves nothing but the finest skin.
    broad_seed
        Seed of the coarse octaves, which are the simulation's rather than the detail's.
    noise_cell_m
        Width of the cell where the octaves begin; None is the dust's own.
    channels
        Extra channels wanted: those of ``ERODED``.
    bare
        Slabs, ``front`` or ``behind``, of which light, thickness and depth are enough: the channels of
        ``march_bare.PLANES``, in a third of the time.
    packed
        ``march_medium.medium`` of dust and light, where one frame is marched more than once; None packs them here.

    Returns
    -------
    front, behind
        ``imaging.buffers.ControlBuffers``. Sun and sky are premultiplied. ``optical_depth`` stops growing where the
        ray has become opaque, at about 5.5.

    Raises
    ------
    ValueError
        A picture has another size than asked, or a channel is unknown.
    """
    if unknown := channels - ERODED:
        raise ValueError(f"the march has no channel {', '.join(sorted(unknown))}")
    shape = (height, width)
    for name, image in (("surface_depth", surface_depth), ("holdout", holdout), ("holdout_depth", holdout_depth)):
        if image is not None and image.shape != shape:
            raise ValueError(f"{name} is {image.shape}, the buffers are {shape}")
    packed = medium(dust, light) if packed is None else packed
    noise = _source(detail, broad_seed).at(life=dust.phase, cell_m=noise_cell_m or dust.cell_m)
    held = np.zeros(shape, np.float32) if holdout is None else np.clip(holdout, 0, 1).astype(np.float32)
    held_at = np.full(shape, np.inf, np.float32) if holdout_depth is None else holdout_depth.astype(np.float32)
    surface = np.where(np.isnan(surface_depth), np.inf, surface_depth).astype(np.float32)
    solid = np.isfinite(surface)
    partly = solid if coverage is None else solid & (coverage < 0.999)
    infinity = np.full(shape, np.inf, np.float32)
    slabs = (
        ("front", np.full(shape, NEAREST_M, np.float32), surface, np.maximum(held, solid)),
        ("behind", np.where(partly, np.maximum(surface, NEAREST_M), infinity), infinity, held),
    )
    results = []
    for slab, near, far, ended in slabs:
        if slab in bare:
            thin = _march_bare(packed, camera, sun_direction, near, far, held, held_at)
            results.append(ControlBuffers(frame=dust.frame, slab=slab, channels=dict(zip(BARE, thin, strict=True))))
            continue
        out = _march(packed, noise, dust, detail, camera, sun_direction, near, far, held, held_at, channels)
        planes = dict(zip(PLANES, out, strict=True))
        found = _motion(out, camera, camera_next, rate) | {"holdout": ended.astype(np.float32)}
        found["footprint"] = _footprint(planes["depth"], camera, width, dust.cell_m)
        results.append(
            ControlBuffers(
                frame=dust.frame,
                slab=slab,
                channels=_to_camera(planes, camera, channels) | found,
                sun_direction=_seen_sun(camera, sun_direction),
            )
        )
    return results[0], results[1]


def _march(
    packed: Medium,
    noise: Noise,
    dust: DustFrame,
    detail: Detail,
    camera: Camera,
    sun_direction: Vec3,
    near: Image,
    far: Image,
    held: Image,
    held_at: Image,
    channels: frozenset[str],
) -> Image:
    height, width = near.shape
    out = np.zeros((len(PLANES), height, width), dtype=np.float32)
    if dust.extinction.size and np.isfinite(near).any():
        march_slab(
            *_grids(packed),
            packed.half.ravel(),
            noise.volume.ravel(),
            noise.turn,
            noise.offset,
            noise.wavelength_m,
            np.float32(np.sum(dust.weight.astype(np.float64) ** 2)),
            np.float32(detail.gain),
            bool(channels),
            *_rays(camera, sun_direction, near, far, held, held_at),
            out,
        )
    return out


def _march_bare(
    packed: Medium, camera: Camera, sun_direction: Vec3, near: Image, far: Image, held: Image, held_at: Image
) -> Image:
    height, width = near.shape
    out = np.zeros((len(BARE), height, width), dtype=np.float32)
    if packed.extinction.size and np.isfinite(near).any():
        march_bare(*_grids(packed), *_rays(camera, sun_direction, near, far, held, held_at), out)
    return out


def _grids(packed: Medium) -> tuple[Any, ...]:
    """Return the dust's and the light's grids as both marches take them first."""
    return (
        packed.extinction.ravel(),
        packed.extinction.shape,
        packed.bricks,
        packed.light.ravel(),
        packed.light.shape[:3],
        packed.origin_m,
        np.float32(packed.cell_m),
        packed.light_origin_m,
        np.float32(packed.light_cell_m),
        packed.light_reach_m,
    )


def _rays(
    camera: Camera, sun_direction: Vec3, near: Image, far: Image, held: Image, held_at: Image
) -> tuple[Any, ...]:  # fmt: skip
    """Return the camera, its rays' ends and the sun as both marches take them last."""
    height, width = near.shape
    return (
        *_lens(camera, width, height),
        near.astype(np.float32),
        far.astype(np.float32),
        held,
        held_at,
        np.asarray(sun_direction, dtype=np.float32),
    )


def _to_camera(planes: dict[str, Image], camera: Camera, channels: frozenset[str]) -> dict[str, Image]:
    """Keep what was asked, normals turned into the camera's axes."""
    rotation = pose(camera)[0].astype(np.float32)
    world = np.stack([planes[f"normal_{axis}"] for axis in "xyz"], axis=-1) @ rotation
    kept = {
        name: image
        for name, image in planes.items()
        if not name.startswith(("velocity", "eroded", "normal")) or name in channels
    }
    return kept | {f"normal_{axis}": np.ascontiguousarray(world[..., i]) for i, axis in enumerate("xyz")}


def _seen_sun(camera: Camera, sun_direction: Vec3) -> Vec3:
    """Turn the sun's direction into the camera's axes."""
    x, y, z = (float(v) for v in np.asarray(sun_direction, np.float64) @ pose(camera)[0])
    return (x, y, z)


def _motion(out: Image, camera: Camera, camera_next: Camera, rate: float) -> dict[str, Image]:
    """Return where the dust that is seen goes until the next frame, in pixels."""
    _, height, width = out.shape
    motion = np.zeros((2, height, width), dtype=np.float32)
    lenses = [_lens(c, width, height) for c in (camera, camera_next)]
    screen_motion(out, *lenses[0], *lenses[1], np.float32(1.0 / rate), motion)
    return {"motion_x": motion[0], "motion_y": motion[1]}


def _lens(camera: Camera, width: int, height: int) -> tuple[Image, Image, Image]:
    """Return intrinsics (4,), rotation (3, 3) and position (3,) as the kernels take them."""
    rotation, position = pose(camera)
    inside = np.asarray(intrinsics(camera, width, height), dtype=np.float32)
    return inside, rotation.astype(np.float32), position.astype(np.float32)


def _footprint(depth: Image, camera: Camera, width: int, cell_m: float) -> Image:
    """Return how many pixels a dust cell covers, 0 where there is no dust."""
    fx = camera.focal_length_mm / camera.filmback.width_mm * width
    return np.where(depth > 0, fx * cell_m / np.maximum(depth, 1e-6), 0).astype(np.float32)
