"""Visible triangles to light: which samples the plate itself shows, and the colour of those it does not."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from secondunit.fx.debris.interior import cell_noise, interior_albedo, roughen, value_noise
from secondunit.fx.debris.raster import BAND, draw_band, fill_disc
from secondunit.fx.debris.shadow_map import Maps, Veil, read_veil, sky_visible, sun_visible
from secondunit.fx.debris.texture_projection import PlateTexture, facade_albedo, plate_albedo, shown_in_plate
from secondunit.imaging.turns import dealt

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

CRUMB = 100
"""Kind of a body that is small debris: its albedo is given, not looked up."""
SAME = np.float32(2e-5)
"""Relative difference of nearness under which a surface is where it was at rest."""

CRACK_NET_M, CRACK_M = np.float32(1.3), np.float32(0.035)
"""Distance between the cracks of a battered wall, and half their greatest width."""
SPALL = 0.75
"""How much of the finish goes where it chips; the rest is left as a wash of its colour."""

_F = np.float32


class Faces(NamedTuple):
    """What does not change from frame to frame."""

    normal: Floats
    """(F, 3) rest normals."""
    body: Ints
    """(F,)"""
    broken: NDArray[np.bool_]
    """(F,)"""
    shell: Ints
    """(F,) the box whose outside it lies on, -1 for none."""
    side: Ints
    """(F,) number of the flat side of its box that it belongs to, -2 for none."""
    centre: Floats
    """(B, 3)"""
    material: Ints
    kind: Ints
    number: Ints
    """(B,) piece number + 1."""
    albedo: Floats
    """(B, 3) of crumbs."""
    crack: Floats
    """(K, 4) outward unit normal and offset of each plane a piece broke along."""
    crack_start: Ints
    """(B + 1,) body b owns planes crack_start[b] to crack_start[b + 1]."""


class Pose(NamedTuple):
    """Where bodies, crumbs and camera are in each of S samples; sample 0 is the frame itself at pixel centres."""

    rotation: Floats
    """(S, B, 3, 3)"""
    position: Floats
    """(S, B, 3)"""
    still: NDArray[np.bool_]
    """(S, B)"""
    next_rotation: Floats
    """(B, 3, 3) one frame on."""
    next_position: Floats
    camera_rotation: Floats
    """(S + 1, 3, 3), the last one frame on."""
    camera_position: Floats
    lens: Floats
    """(4,)"""
    shift: Floats
    """(S, 2) pixels from the centre."""
    disc: Floats
    """(S, D, 4) x, y, 1 / depth, radius in pixels; radius 0 is absent."""
    disc_albedo: Floats
    disc_motion: Floats
    disc_number: Ints
    coat: Floats
    """(B,) how much dust lies on each body, 0 to 1."""
    worn: Floats
    """(B,) how far its finish has spalled, 0 to 1."""
    hold: Ints
    """(B,) for how many instants a colour is kept in a pixel: many for what hardly moves."""


class Light(NamedTuple):
    """Colours that light a frame."""

    sun: Floats
    """(3,) illuminance."""
    sky: Floats
    """(3,)"""
    coat: Floats
    """(3,) albedo of settled dust."""


@njit(cache=True, nogil=True)
def _cracks(u: Any, v: Any) -> Any:
    """Return how far a point (in cells) is from the nearest border between the cells of a jittered net."""
    i, j = int(np.floor(u)), int(np.floor(v))
    first, second = _F(9), _F(9)
    for a in range(i - 1, i + 2):
        for c in range(j - 1, j + 2):
            du, dv = _F(a) + cell_noise(a, c, 17) - u, _F(c) + cell_noise(a, c, 53) - v
            far = np.sqrt(du * du + dv * dv)
            second = min(second, max(far, first))
            first = min(first, far)
    return _F(0.5) * (second - first)


@njit(cache=True, nogil=True)
def _chipped(face: int, x: Any, y: Any, z: Any, faces: Any, worn: Any, pixel_m: Any) -> Any:
    """Return how much of the finish has come off a pixel: along the breaks and in fine cracks, seldom in a patch.

    What is narrower than a pixel covers a part of it, so that fine lines fade with distance and do not crawl.
    """
    b = faces.body[face]
    edge = _F(1)
    for k in range(faces.crack_start[b], faces.crack_start[b + 1]):
        edge = min(edge, faces.crack[k, 3] - faces.crack[k, 0] * x - faces.crack[k, 1] * y - faces.crack[k, 2] * z)
    wide = value_noise(x * _F(1.7), y * _F(1.7), z * _F(1.7))
    fine = value_noise(x * _F(9), y * _F(9), z * _F(9))
    stretch = min(max(_F(4) * (wide + _F(0.3) * fine) - _F(2.4) + worn, _F(0)), _F(1))
    if stretch <= _F(0) and worn < _F(0.4):
        return _F(0)
    width = worn * stretch * (_F(0.015) + _F(0.11) * fine * fine)
    along = min(max((width - edge) / pixel_m + _F(0.5), _F(0)), _F(1)) * min(width / pixel_m, _F(1))
    patch = (_F(0.6) * wide + _F(0.4) * fine - _F(1.12) + _F(0.3) * worn) / (_F(4) * pixel_m) + _F(0.5)
    nx, ny, nz = faces.normal[face, 0], faces.normal[face, 1], faces.normal[face, 2]
    u, v = (x, z) if abs(ny) > _F(0.7) else (x * nz - z * nx, y)
    bend = _F(0.5) * (wide - _F(0.5)) + _F(0.16) * (fine - _F(0.5))
    width = CRACK_M * worn * stretch
    line = width - CRACK_NET_M * _cracks(u / CRACK_NET_M + bend, v / CRACK_NET_M - bend)
    net = min(max(line / pixel_m + _F(0.5), _F(0)), _F(1)) * min(_F(2) * width / pixel_m, _F(1))
    return _F(SPALL) * max(max(along, net), min(max(patch, _F(0)), _F(1)))


@njit(cache=True, nogil=True)
def _albedo_of(face: int, rest: Any, chipped: Any, faces: Any, texture: Any, pixels: Any, out: Any, extra: Any) -> Any:
    """Fill ``out`` with the albedo at a rest point; return whether it is a rough break."""
    b = faces.body[face]
    x, y, z = rest[0], rest[1], rest[2]
    extra[0], extra[1], extra[2] = _F(0), _F(0), _F(0)
    if faces.kind[b] == CRUMB:
        tone = _F(0.7) + _F(0.6) * value_noise(x * _F(19), y * _F(19), z * _F(19))
        for k in range(3):
            out[k] = faces.albedo[b, k] * tone
        return True
    whole = _F(0)
    if not faces.broken[face] and chipped < _F(1):
        n, eye = faces.normal[face], texture.position
        towards = n[0] * (eye[0] - x) + n[1] * (eye[1] - y) + n[2] * (eye[2] - z) > _F(0)
        shown, u, v = shown_in_plate(texture, faces.side[face], x, y, z)
        if shown and towards:
            plate_albedo(texture, u, v, pixels, out)
            for k in range(3):
                extra[k] = texture.unexplained[int(v), int(u), k]
        elif faces.shell[face] >= 0:
            facade_albedo(texture, faces.shell[face], x, y, z, out)
        else:
            out[0], out[1], out[2] = interior_albedo(x, y, z, faces.material[b], faces.kind[b], False, b)
        whole = _F(1) - chipped
        if chipped <= _F(0):
            return False
    red, green, blue = interior_albedo(x, y, z, faces.material[b], faces.kind[b], True, b)
    if whole <= _F(0):
        out[0], out[1], out[2] = red, green, blue
        return True
    out[0] = out[0] * whole + red * (_F(1) - whole)
    out[1] = out[1] * whole + green * (_F(1) - whole)
    out[2] = out[2] * whole + blue * (_F(1) - whole)
    return whole < _F(0.5)


@njit(cache=True, nogil=True)
def _card_sample(point: Any, nx: Any, ny: Any, nz: Any, maps: Any, grid: Any) -> Any:
    """Return what a white Lambert card at a point reads from a sun and from a sky of one unit, in the dust."""
    x, y, z = point[0], point[1], point[2]
    clear, scatter, open_sky = read_veil(grid, x, y, z)
    facing = nx * maps.sun[0] + ny * maps.sun[1] + nz * maps.sun[2]
    direct = _F(0)
    if facing > _F(0) and clear > _F(0.003):
        direct = facing * sun_visible(maps, x, y, z, nx, ny, nz)
    around, bounced = sky_visible(maps, x, y, z, nx, ny, nz)
    return (direct + bounced) * clear + scatter * (_F(0.35) + _F(0.65) * around), around * open_sky


@njit(cache=True, nogil=True)
def _to_picture(pose: Any, s: int, x: Any, y: Any, z: Any) -> Any:
    k, at, lens = pose.camera_rotation[s], pose.camera_position[s], pose.lens
    dx, dy, dz = x - at[0], y - at[1], z - at[2]
    near = _F(-1) / min(k[0, 2] * dx + k[1, 2] * dy + k[2, 2] * dz, _F(-1e-3))
    return (
        lens[2] + lens[0] * (k[0, 0] * dx + k[1, 0] * dy + k[2, 0] * dz) * near,
        lens[3] - lens[1] * (k[0, 1] * dx + k[1, 1] * dy + k[2, 1] * dz) * near,
    )


@njit(cache=True, nogil=True)
def _note(
    face: int, near: Any, rest: Any, count: int, faces: Any, pose: Any, depth: Any, motion: Any, number: Any
) -> None:
    """Write depth, id and exact motion of one pixel."""
    depth[0] = _F(1) / near
    if face >= count:
        number[0] = pose.disc_number[face - count]
        motion[0], motion[1] = pose.disc_motion[face - count, 0], pose.disc_motion[face - count, 1]
        return
    b = faces.body[face]
    number[0] = faces.number[b]
    c = faces.centre[b]
    dx, dy, dz = rest[0] - c[0], rest[1] - c[1], rest[2] - c[2]
    r, p = pose.rotation[0, b], pose.position[0, b]
    ax, ay = _to_picture(
        pose, 0, p[0] + r[0, 0] * dx + r[0, 1] * dy + r[0, 2] * dz, p[1] + r[1, 0] * dx + r[1, 1] * dy + r[1, 2] * dz,
        p[2] + r[2, 0] * dx + r[2, 1] * dy + r[2, 2] * dz,
    )  # fmt: skip
    r, p = pose.next_rotation[b], pose.next_position[b]
    bx, by = _to_picture(
        pose, len(pose.shift), p[0] + r[0, 0] * dx + r[0, 1] * dy + r[0, 2] * dz,
        p[1] + r[1, 0] * dx + r[1, 1] * dy + r[1, 2] * dz, p[2] + r[2, 0] * dx + r[2, 1] * dy + r[2, 2] * dz,
    )  # fmt: skip
    motion[0] = bx - ax if abs(bx - ax) > _F(1e-3) else _F(0)
    motion[1] = by - ay if abs(by - ay) > _F(1e-3) else _F(0)


@njit(parallel=True, cache=True, nogil=True)
def shade_frame(
    triangles: Floats, triangle_face: Ints, triangle_count: Ints, before: Floats, faces: Faces, pose: Pose,
    texture: PlateTexture, maps: Maps, grid: Veil, light: Light, plate_scale: float, sun: Floats, sky: Floats,
    alpha: Floats, static: Floats, depth: Floats, motion: Floats, number: NDArray[np.uint32],
) -> None:  # fmt: skip
    """Draw and shade every sample, band by band.

    Parameters
    ----------
    triangles, triangle_face, triangle_count
        From `secondunit.fx.debris.raster.set_up`, S samples.
    before
        (S, height, width) nearness of the building at rest in the same samples: a surface at the same nearness on a
        body that is still is the one the plate shows.
    plate_scale
        Texture pixels per picture pixel where nothing has moved.
    sun, sky, alpha, static, depth, motion, number
        The channels of `secondunit.imaging.buffers.SurfaceLayer`, zero and (depth) infinite on entry.
    """
    height, width = alpha.shape
    samples = len(pose.shift)
    count = len(faces.body)
    share = _F(1) / _F(samples - 1)
    bands = (height + BAND - 1) // BAND
    for turn in prange(bands):
        band = dealt(turn, bands)
        first = band * BAND
        end = min(first + BAND, height)
        near = np.empty((end - first, width), np.float32)
        who = np.empty((end - first, width), np.int32)
        found = np.zeros((end - first, width), np.float32)
        # Light is worked out once for each face in a pixel and kept while the next instants see the same face.
        lit = np.zeros((end - first, width, 3), np.float32)
        lit_face = np.full((end - first, width), -1, np.int32)
        rough = np.zeros((end - first, width), np.bool_)
        chip = np.zeros((end - first, width), np.float32)
        colour = np.zeros((end - first, width, 3), np.float32)
        tint = np.zeros((end - first, width, 3), np.float32)
        taken = np.zeros((end - first, width), np.int32)
        ray, point, rest = np.empty(3, np.float32), np.empty(3, np.float32), np.empty(3, np.float32)
        albedo, extra = np.empty(3, np.float32), np.empty(3, np.float32)
        for s in range(samples):
            near[:] = 0.0
            who[:] = -1
            draw_band(triangles[s], triangle_face[s], triangle_count[s], first, end, near, who)
            for d in range(pose.disc.shape[1]):
                # By numbers: a view of each row would be counted by both threads, and that is slower than the disc.
                y, radius = pose.disc[s, d, 1], pose.disc[s, d, 3]
                if radius > 0 and y + radius > first and y - radius < end:
                    fill_disc(
                        pose.disc[s, d, 0], y, pose.disc[s, d, 2], radius, count + d, first, end, width, near, who
                    )
            k, at, lens = pose.camera_rotation[s], pose.camera_position[s], pose.lens
            nx, ny, nz = _F(0), _F(0), _F(0)
            for row in range(first, end):
                for c in range(width):
                    face = who[row - first, c]
                    if face < 0:
                        continue
                    iz = near[row - first, c]
                    unmoved = face < count and pose.still[s, faces.body[face]]
                    shown = unmoved and abs(iz - before[s, row, c]) <= SAME * iz
                    if shown and s > 0:
                        static[row, c] += share
                    noted = s == 0 or (number[row, c] == 0 or 0 < found[row - first, c] < iz)
                    if shown and not noted:
                        continue
                    u = (_F(c) + _F(0.5) + pose.shift[s, 0] - lens[2]) / lens[0]
                    v = -(_F(row) + _F(0.5) + pose.shift[s, 1] - lens[3]) / lens[1]
                    z = _F(1) / iz
                    for i in range(3):
                        ray[i] = k[i, 0] * u + k[i, 1] * v - k[i, 2]
                        point[i] = at[i] + ray[i] * z
                        rest[i] = point[i]
                    if face < count and not unmoved:
                        b = faces.body[face]
                        r, p = pose.rotation[s, b], pose.position[s, b]
                        dx, dy, dz = point[0] - p[0], point[1] - p[1], point[2] - p[2]
                        for i in range(3):
                            rest[i] = faces.centre[b, i] + r[0, i] * dx + r[1, i] * dy + r[2, i] * dz
                    if noted:
                        if s > 0:
                            found[row - first, c] = iz
                        _note(
                            face, iz, rest, count, faces, pose, depth[row, c : c + 1], motion[row, c],
                            number[row, c : c + 1],
                        )  # fmt: skip
                    if s == 0 or shown:
                        continue
                    alpha[row, c] += share
                    kept = lit_face[row - first, c] == face
                    if face >= count:
                        for i in range(3):
                            albedo[i], extra[i] = pose.disc_albedo[face - count, i], _F(0)
                        if not kept:
                            inverse = _F(0.6) / np.sqrt(ray[0] * ray[0] + ray[1] * ray[1] + ray[2] * ray[2])
                            nx = maps.sun[0] * _F(0.4) - ray[0] * inverse
                            ny = maps.sun[1] * _F(0.4) - ray[1] * inverse + _F(0.3)
                            nz = maps.sun[2] * _F(0.4) - ray[2] * inverse
                    else:
                        b = faces.body[face]
                        if kept and s - taken[row - first, c] < pose.hold[b]:
                            for i in range(3):
                                albedo[i], extra[i] = colour[row - first, c, i], tint[row - first, c, i]
                        else:
                            at_rest = abs(
                                texture.rotation[0, 2] * (rest[0] - texture.position[0])
                                + texture.rotation[1, 2] * (rest[1] - texture.position[1])
                                + texture.rotation[2, 2] * (rest[2] - texture.position[2])
                            )
                            if not kept:
                                chip[row - first, c] = _F(0)
                                if pose.worn[b] > _F(0.02) and not faces.broken[face] and faces.material[b] != 3:
                                    chip[row - first, c] = _chipped(
                                        face, rest[0], rest[1], rest[2], faces, pose.worn[b], z / lens[0]
                                    )
                            pixels = plate_scale * z / max(at_rest, _F(1e-3))
                            rough[row - first, c] = _albedo_of(
                                face, rest, chip[row - first, c], faces, texture, pixels, albedo, extra
                            )
                            taken[row - first, c] = s
                            for i in range(3):
                                tint[row - first, c, i] = extra[i]
                                colour[row - first, c, i] = albedo[i]
                        if not kept:
                            mx, my, mz = faces.normal[face, 0], faces.normal[face, 1], faces.normal[face, 2]
                            if rough[row - first, c]:
                                mx, my, mz = roughen(rest[0], rest[1], rest[2], mx, my, mz, _F(0.55))
                            nx, ny, nz = mx, my, mz
                            if not unmoved:
                                r = pose.rotation[s, b]
                                nx = r[0, 0] * mx + r[0, 1] * my + r[0, 2] * mz
                                ny = r[1, 0] * mx + r[1, 1] * my + r[1, 2] * mz
                                nz = r[2, 0] * mx + r[2, 1] * my + r[2, 2] * mz
                            lit[row - first, c, 2] = pose.coat[b] * (_F(0.55) + _F(0.45) * max(ny, _F(0)))
                        coat = lit[row - first, c, 2]
                        for i in range(3):
                            albedo[i] += coat * (light.coat[i] - albedo[i])
                    if not kept:
                        norm = _F(1) / np.sqrt(nx * nx + ny * ny + nz * nz + _F(1e-9))
                        from_sun, from_sky = _card_sample(point, nx * norm, ny * norm, nz * norm, maps, grid)
                        lit[row - first, c, 0], lit[row - first, c, 1] = from_sun, from_sky
                        lit_face[row - first, c] = face
                    from_sun, from_sky = lit[row - first, c, 0] * share, lit[row - first, c, 1] * share
                    for i in range(3):
                        sun[row, c, i] += albedo[i] * from_sun * light.sun[i]
                        sky[row, c, i] += albedo[i] * from_sky * (light.sky[i] + extra[i])


@njit(parallel=True, cache=True, nogil=True)
def card(points: Floats, normals: Floats, maps: Maps) -> tuple[Floats, Floats]:
    """Return (h, w) what a white card at each point reads from a sun and from a sky of one unit."""
    height, width, _ = points.shape
    sun, sky = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for row in prange(height):
        for c in range(width):
            p, n = points[row, c], normals[row, c]
            if n[0] * n[0] + n[1] * n[1] + n[2] * n[2] < _F(0.5):
                continue
            facing = n[0] * maps.sun[0] + n[1] * maps.sun[1] + n[2] * maps.sun[2]
            sky[row, c], sun[row, c] = sky_visible(maps, p[0], p[1], p[2], n[0], n[1], n[2])
            if facing > 0:
                sun[row, c] += facing * sun_visible(maps, p[0], p[1], p[2], n[0], n[1], n[2])
    return sun, sky
