"""Sun and sky visibility by orthographic depth maps, and the shadow that pieces and dust lay on the plate."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from secondunit.core.camera import Camera
from secondunit.core.layout import Box, Layout
from secondunit.fx.debris.raster import draw_maps
from secondunit.fx.dust.grid import LightGrid
from secondunit.imaging.buffers import Image
from secondunit.imaging.projection import directions, ground_depth

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

SKY_DIRECTIONS = 6
GROUND_ALBEDO = 0.22
"""Share of the light that the ground sends back up (dry asphalt and grass, broad band)."""

CAVITY = 0.08
"""Light that finds its way by many bounces into a heap or a room, against the open sky."""

_F = np.float32


class Maps(NamedTuple):
    """Depth maps towards the sun and towards a few parts of the sky, all over the same bounds."""

    sun_axes: Floats
    """(3, 4) world to map: pixel x, pixel y, metres towards the light."""
    sun_depth: Floats
    """(n, n) nearness."""
    sky_axes: Floats
    """(D, 3, 4)"""
    sky_depth: Floats
    """(D, m, m)"""
    sun: Floats
    """(3,) unit vector towards the sun."""
    sky: Floats
    """(D, 4) unit vector to a part of the sky, and its solid angle / pi."""
    reach: Floats
    """(2,) metres that a receiver is lifted off its surface: sun maps, sky maps."""


class Veil(NamedTuple):
    """A `LightGrid` as kernels read it."""

    origin: Floats
    cell: np.float32
    low: Floats
    high: Floats
    sun: Floats
    scatter: Floats
    sky: Floats


def veil(light: LightGrid | None) -> Veil:
    """Return what kernels read of a light grid; None is clear air."""
    if light is None:
        zero = np.zeros(3, np.float32)
        one = np.ones((2, 2, 2), np.float32)
        return Veil(zero, _F(1), zero + _F(1), zero, one, one * _F(0), one)
    reach = np.asarray(light.reach_m, np.float32)
    fields = [np.ascontiguousarray(a, dtype=np.float32) for a in (light.sun, light.sun_scatter, light.sky)]
    return Veil(np.asarray(light.origin_m, np.float32), _F(light.cell_m), reach[0].copy(), reach[1].copy(), *fields)


@njit(cache=True, nogil=True)
def read_veil(grid: Any, x: Any, y: Any, z: Any) -> Any:
    """Return (sun transmittance, scattered sun, sky) at a world point, trilinear; clear outside the grid."""
    if not (
        grid.low[0] <= x <= grid.high[0]
        and grid.low[1] - _F(0.5) <= y <= grid.high[1]
        and grid.low[2] <= z <= grid.high[2]
    ):
        return _F(1), _F(0), _F(1)
    nx, ny, nz = grid.sun.shape
    u = min(max((x - grid.origin[0]) / grid.cell - _F(0.5), _F(0)), _F(nx - 1) - _F(1e-3))
    v = min(max((y - grid.origin[1]) / grid.cell - _F(0.5), _F(0)), _F(ny - 1) - _F(1e-3))
    w = min(max((z - grid.origin[2]) / grid.cell - _F(0.5), _F(0)), _F(nz - 1) - _F(1e-3))
    i, j, k = int(u), int(v), int(w)
    u, v, w = u - _F(i), v - _F(j), w - _F(k)
    sun, scatter, sky = _F(0), _F(0), _F(0)
    for a in range(2):
        wa = u if a == 1 else _F(1) - u
        for b in range(2):
            wb = wa * (v if b == 1 else _F(1) - v)
            for c in range(2):
                weight = wb * (w if c == 1 else _F(1) - w)
                p, q, r = min(i + a, nx - 1), min(j + b, ny - 1), min(k + c, nz - 1)
                sun += weight * grid.sun[p, q, r]
                scatter += weight * grid.scatter[p, q, r]
                sky += weight * grid.sky[p, q, r]
    return sun, scatter, sky


@njit(cache=True, nogil=True)
def _lit(axes: Any, depth: Any, x: Any, y: Any, z: Any) -> Any:
    """Return how lit a lifted point is: four comparisons, weighted by where it lies between map pixels."""
    n = depth.shape[0]
    u = axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z + axes[0, 3] - _F(0.5)
    v = axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z + axes[1, 3] - _F(0.5)
    if not (_F(1) < u < _F(n - 2) and _F(1) < v < _F(n - 2)):
        return _F(1)
    near = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z + axes[2, 3]
    i, j = int(u), int(v)
    u, v = u - _F(i), v - _F(j)
    top = (_F(1) - u) * _F(depth[j, i] <= near) + u * _F(depth[j, i + 1] <= near)
    low = (_F(1) - u) * _F(depth[j + 1, i] <= near) + u * _F(depth[j + 1, i + 1] <= near)
    return (_F(1) - v) * top + v * low


@njit(cache=True, nogil=True)
def sun_visible(maps: Any, x: Any, y: Any, z: Any, nx: Any, ny: Any, nz: Any) -> Any:
    """Return the sun's visibility at a point of a surface with a unit normal, 0 to 1."""
    # A map pixel spans the more of a surface the flatter the sun lies on it: the flatter, the higher the point.
    facing = max(nx * maps.sun[0] + ny * maps.sun[1] + nz * maps.sun[2], _F(0.0))
    lift = maps.reach[0] * (_F(1.0) + _F(2.5) * (_F(1.0) - facing) * (_F(1.0) - facing))
    x = x + lift * (nx + _F(0.5) * maps.sun[0])
    y = y + lift * (ny + _F(0.5) * maps.sun[1])
    z = z + lift * (nz + _F(0.5) * maps.sun[2])
    return _lit(maps.sun_axes, maps.sun_depth, x, y, z)


@njit(cache=True, nogil=True)
def sky_visible(maps: Any, x: Any, y: Any, z: Any, nx: Any, ny: Any, nz: Any) -> Any:
    """Return what a white card reads at a point from a sky and (once bounced off the ground) a sun of one unit."""
    lift = maps.reach[1]
    total, opened, whole = _F(0), _F(0), _F(0)
    for d in range(len(maps.sky)):
        one = maps.sky[d]
        facing = nx * one[0] + ny * one[1] + nz * one[2]
        seen = _lit(
            maps.sky_axes[d], maps.sky_depth[d], x + lift * (nx + _F(0.6) * one[0]), y + lift * (ny + _F(0.6) * one[1]),
            z + lift * (nz + _F(0.6) * one[2]),
        )  # fmt: skip
        total += max(facing, _F(0)) * one[3] * seen
        opened += seen * (_F(1) + facing)
        whole += _F(1) + facing
    free = opened / max(whole, _F(1e-3))
    bounce = _F(GROUND_ALBEDO) * _F(0.5) * (_F(1) - ny) * free
    inside = _F(CAVITY) * (_F(1) - free)
    return total + bounce + inside, (bounce + _F(0.5) * inside) * max(maps.sun[1], _F(0))


def light_axes(direction: NDArray[np.float64], low: Floats, high: Floats, size: int) -> tuple[Floats, float]:
    """Return the (3, 4) map of a light that covers a world box with ``size`` pixels square, and metres per pixel."""
    toward = np.asarray(direction, np.float64) / np.linalg.norm(direction)
    side = np.cross([0.0, 1.0, 0.0] if abs(toward[1]) < 0.95 else [0.0, 0.0, 1.0], toward)
    side /= np.linalg.norm(side)
    up = np.cross(toward, side)
    corners = np.array([[(low, high)[i >> k & 1][k] for k in range(3)] for i in range(8)], np.float64)
    u, v = corners @ side, corners @ up
    metres = max(float(np.ptp(u)), float(np.ptp(v))) / (size - 8)
    axes = np.zeros((3, 4))
    axes[0, :3], axes[0, 3] = side / metres, size / 2 - (u.min() + u.max()) / 2 / metres
    axes[1, :3], axes[1, 3] = -up / metres, size / 2 + (v.min() + v.max()) / 2 / metres
    axes[2, :3] = toward
    return axes.astype(np.float32), metres


def sky_parts() -> Floats:
    """Return (D, 4): directions over the sky and weights that make an open horizontal card read exactly 1."""
    ring = np.radians(np.arange(SKY_DIRECTIONS - 1) * 360 / (SKY_DIRECTIONS - 1) + 20)
    height = np.radians(34.0)
    parts = [[0.05, 0.998, 0.03]] + [
        [np.cos(height) * np.sin(a), np.sin(height), np.cos(height) * np.cos(a)] for a in ring
    ]
    out = np.ones((SKY_DIRECTIONS, 4))
    out[:, :3] = parts
    out[:, 3] = 1.0 / out[:, 1].sum()
    return out.astype(np.float32)


class ShadowCaster:
    """Draws `Maps` over fixed bounds, so that shadows do not crawl from frame to frame.

    Parameters
    ----------
    layout
        Its sun, and its standing boxes as casters.
    low, high
        (3,) world bounds of everything that casts, metres.
    texel_m
        Wanted size of a sun map pixel.
    """

    def __init__(self, layout: Layout, *, low: Floats, high: Floats, texel_m: float = 0.06) -> None:
        self.sun = np.array(layout.sun.direction)
        if self.sun[1] < 0.03:
            self.sun[1] = 0.03
            self.sun /= np.linalg.norm(self.sun)
        span = float(np.linalg.norm(np.asarray(high) - np.asarray(low)))
        size = int(np.clip(span / texel_m, 256, 2048)) // 8 * 8
        self.sun_axes, sun_texel = light_axes(self.sun, low, high, size)
        self.sky = sky_parts()
        maps = [light_axes(part[:3].astype(np.float64), low, high, 224) for part in self.sky]
        self.sky_axes = np.stack([axes for axes, _ in maps])
        self.reach = np.array([1.6 * sun_texel + 0.02, min(0.8 * max(texel for _, texel in maps), 0.35)], np.float32)
        self.size = size
        solids = [box_solid(box) for box in layout.standing]
        self.box_points = np.concatenate([p for p, _ in solids]) if solids else np.zeros((0, 3), np.float32)
        self.box_faces = (
            np.concatenate([f + 8 * i for i, (_, f) in enumerate(solids)]) if solids else np.zeros((0, 3), np.int32)
        )

    def draw(self, points: Floats, *, faces: Ints, face_body: Ints, alive: NDArray[np.bool_]) -> Maps:
        """Return the maps of (V, 3) world points in triangles, and of the standing boxes."""
        every = np.concatenate([points, self.box_points])
        corner = np.concatenate([faces, self.box_faces + np.int32(len(points))])
        body = np.concatenate([face_body, np.full(len(self.box_faces), len(alive), np.int32)])
        casts = np.append(alive, True)
        sun_depth = np.empty((1, self.size, self.size), np.float32)
        sky_depth = np.empty((len(self.sky), 224, 224), np.float32)
        draw_maps(_to_maps(every, self.sun_axes[None]), corner, body, casts, sun_depth)
        draw_maps(_to_maps(every, self.sky_axes), corner, body, casts, sky_depth)
        return Maps(
            self.sun_axes, sun_depth[0], self.sky_axes, sky_depth, self.sun.astype(np.float32), self.sky, self.reach
        )


def _to_maps(points: Floats, axes: Floats) -> Floats:
    return np.ascontiguousarray(points @ axes[:, :, :3].transpose(0, 2, 1) + axes[:, None, :, 3], dtype=np.float32)


def box_solid(box: Box) -> tuple[Floats, Ints]:
    """Return a box as (8, 3) corners and (12, 3) triangles, anticlockwise from outside."""
    quads = ((0, 1, 3, 2), (1, 5, 7, 3), (5, 4, 6, 7), (4, 0, 2, 6), (2, 3, 7, 6), (0, 4, 5, 1))
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return np.array(box.corners(), np.float32), np.array(faces, np.int32)


@njit(parallel=True, cache=True, nogil=True)
def visibility(points: Floats, normals: Floats, maps: Maps) -> Floats:
    """Return (H, W, 2) sun and sky visibility of (H, W, 3) world points; not-a-number points read 1."""
    height, width, _ = points.shape
    out = np.ones((height, width, 2), np.float32)
    for row in prange(height):
        for c in range(width):
            p, n = points[row, c], normals[row, c]
            if n[0] * n[0] + n[1] * n[1] + n[2] * n[2] < _F(0.5):
                continue
            out[row, c, 0] = sun_visible(maps, p[0], p[1], p[2], n[0], n[1], n[2])
            out[row, c, 1] = sky_visible(maps, p[0], p[1], p[2], n[0], n[1], n[2])[0]
    return out


@njit(parallel=True, cache=True, nogil=True)
def _veiled(points: Floats, normals: Floats, now: Floats, before: Floats, grid: Veil) -> Floats:
    """Compare visibility now, behind dust, with what the plate was photographed under."""
    height, width, _ = points.shape
    out = np.ones((height, width, 2), np.float32)
    for row in prange(height):
        for c in range(width):
            p, n = points[row, c], normals[row, c]
            if n[0] * n[0] + n[1] * n[1] + n[2] * n[2] < _F(0.5):
                continue
            sun, scatter, sky = read_veil(grid, p[0] + _F(0.3) * n[0], p[1] + _F(0.3) * n[1], p[2] + _F(0.3) * n[2])
            lost = before[row, c, 0] - now[row, c, 0] * sun - scatter
            out[row, c, 0] = min(max(_F(1) - lost, _F(0)), _F(1))
            open_sky = max(before[row, c, 1], _F(0.02))
            out[row, c, 1] = min(max(now[row, c, 1] / open_sky * sky, _F(0)), _F(1))
    return out


class Receivers(NamedTuple):
    """Where the plate can be shadowed: (h, w, 3) world points and unit normals, zero normals where there is none."""

    points: Floats
    normals: Floats


def ground_receivers(layout: Layout, camera: Camera, *, width: int, height: int, far_m: float = 400.0) -> Receivers:
    """Return the ground plane and the standing boxes as the camera sees them without the falling boxes."""
    depth = ground_depth(camera, width, height)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    ray = directions(camera, np.stack([x, y], axis=-1), width, height)
    normal = np.where(np.isfinite(depth)[..., None], [0.0, 1.0, 0.0], 0.0)
    for box in layout.standing:
        hit, facing = _enter_box(box, np.asarray(camera.position_m, np.float64), ray)
        nearer = hit < depth
        depth = np.where(nearer, hit, depth)
        normal = np.where(nearer[..., None], facing, normal)
    normal[~(depth < far_m)] = 0.0
    point = np.asarray(camera.position_m) + ray * np.where(depth < far_m, depth, 0.0)[..., None]
    return Receivers(point.astype(np.float32), normal.astype(np.float32))


def _enter_box(
    box: Box, position: NDArray[np.float64], ray: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (h, w) depth at which rays enter a box (inf for none) and the (h, w, 3) normal there."""
    axes = np.array([box.along, (0.0, 1.0, 0.0), box.inward])
    start = axes @ (position - np.asarray(box.corner_m))
    slope = ray @ axes.T
    slope = np.where(np.abs(slope) < 1e-9, 1e-9, slope)
    a, b = -start / slope, (np.array([box.width_m, box.height_m, box.depth_m]) - start) / slope
    entry, leave = np.minimum(a, b), np.maximum(a, b).min(axis=-1)
    axis = entry.argmax(axis=-1)
    depth = entry.max(axis=-1)
    normal = axes[axis] * -np.sign(np.take_along_axis(slope, axis[..., None], axis=-1))
    return np.where((depth < leave) & (depth > 0), depth, np.inf), normal


def receiver_shadow(receivers: Receivers, *, now: Maps, before: Floats, light: LightGrid | None) -> tuple[Image, Image]:
    """Return how much sun and sky reaches the plate's own surfaces, against when it was photographed.

    Parameters
    ----------
    receivers
        From `ground_receivers`, or the standing pieces.
    now
        Maps of this frame's pieces.
    before
        (h, w, 2) `visibility` under the intact building's maps: shadow that the plate already has is not laid twice,
        and where the sun comes back the plate is left as it is.
    light
        Light below the dust; None is clear air.

    Returns
    -------
    sun_visibility, sky_visibility
        (h, w) 0 to 1; 1 where nothing changes.
    """
    out = _veiled(receivers.points, receivers.normals, visibility(*receivers, now), before, veil(light))
    return np.ascontiguousarray(out[..., 0]), np.ascontiguousarray(out[..., 1])
