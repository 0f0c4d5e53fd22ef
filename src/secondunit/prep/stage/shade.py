"""From visible faces to light: sun shadow by rays, sky and ground light, highlights.

Sun and sky follow `core.layout.Sun`: a white Lambert card that faces the sun reads ``illuminance``, one that lies under
the open sky reads ``sky``. Blinn, "Models of light reflection for computer synthesized pictures", SIGGRAPH 1977, for
the highlight; Schlick 1994 for Fresnel.
"""

from typing import Any

import numpy as np
from numba import njit, prange

from secondunit.prep.stage.bvh import blocked
from secondunit.prep.stage.raster import GROUND, SKY
from secondunit.prep.stage.surface import surface, view_ray

_F = np.float32
_HALF = np.float32(0.5)
_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_ROUND_LIFT = np.float32(0.012)
"""Metres a shadow ray starts off a round surface, whose true shape lies outside its triangles."""


@njit(cache=True, nogil=True)
def _lit(
    px: Any, py: Any, pz: Any, nx: Any, ny: Any, nz: Any, t: Any, curved: bool, sun: Any, has_ground: bool,
    low: Any, high: Any, skip: Any, first: Any, count: Any, corners: Any, stack: Any,
) -> bool:  # fmt: skip
    if has_ground and sun[1] <= 0:
        return False
    lift = _F(1.5e-3) + t * _F(3e-4) + (_ROUND_LIFT if curved else _ZERO)
    return not blocked(
        low, high, skip, first, count, corners,
        px + nx * lift, py + ny * lift, pz + nz * lift, sun[0], sun[1], sun[2], _F(1e5), stack,
    )  # fmt: skip


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def sun_rays(
    face: Any, depth: Any, flat: Any, normal: Any, middle: Any, lens: Any, turn: Any, eye: Any, round_face: Any,
    sun: Any,
    has_ground: bool, draft: bool, low: Any, high: Any, skip: Any, first: Any, count: Any, corners: Any, seen: Any,
) -> None:  # fmt: skip
    """Ask for every pixel's middle whether it sees the sun: ``seen`` is 1 lit, 0 blocked, 2 turned away or sky."""
    height, width = face.shape
    stride = 2 if draft else 1
    for phase in range(2 if draft else 1):
        for r in prange(height):
            stack = np.empty(64, np.int32)
            for c in range(width):
                even = r % stride == 0 and c % stride == 0
                if even != (phase == 0):
                    continue
                f = face[r, c]
                if f == SKY:
                    seen[r, c] = 2
                    continue
                if normal[r, c, 0] * sun[0] + normal[r, c, 1] * sun[1] + normal[r, c, 2] * sun[2] <= 0:
                    seen[r, c] = 2
                    continue
                if phase == 1:
                    # Between four pixels of one face that agree there is nothing to ask.
                    r0, c0 = r - r % 2, c - c % 2
                    r1, c1 = min(r0 + 2, (height - 1) // 2 * 2), min(c0 + 2, (width - 1) // 2 * 2)
                    state = seen[r0, c0]
                    if (
                        state == seen[r0, c1] and state == seen[r1, c0] and state == seen[r1, c1] and state < 2
                        and face[r0, c0] == f and face[r0, c1] == f and face[r1, c0] == f and face[r1, c1] == f
                    ):  # fmt: skip
                        seen[r, c] = state
                        continue
                dx, dy, dz = view_ray(_F(c) + middle[0], _F(r) + middle[1], lens, turn)
                t = depth[r, c]
                curved = f >= 0 and round_face[f]
                seen[r, c] = _lit(
                    eye[0] + dx * t, eye[1] + dy * t, eye[2] + dz * t,
                    flat[r, c, 0], flat[r, c, 1], flat[r, c, 2], t, curved,
                    sun, has_ground, low, high, skip, first, count, corners, stack,
                )  # fmt: skip


@njit(cache=True, nogil=True, inline="always")
def _sky(dy: Any, length: Any, k: int, light: Any) -> Any:
    """Return the sky's radiance along a direction: pale at the horizon, deeper above."""
    height = min(max(dy / length, _ZERO), _ONE)
    deep = np.sqrt(height)
    tint = _F(1.35) - _F(0.6) * deep
    grey = (light[1, 0] + light[1, 1] + light[1, 2]) / _F(3.0)
    return (light[1, k] * deep + (grey * _F(0.6) + light[1, k] * _F(0.4)) * (_ONE - deep)) * tint


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def resolve(
    identity: Any, offset: Any, face: Any, depth: Any, flat: Any, normal: Any, seen: Any, ao: Any, lens: Any,
    turn: Any, eye: Any, points: Any, faces: Any,
    face_normal: Any, normals: Any, round_face: Any, face_part: Any, face_material: Any, materials: Any,
    ground_material: int, sun: Any, light: Any,
    low: Any, high: Any, skip: Any, first: Any, count: Any, corners: Any,
    beauty: Any, albedo: Any, alpha: Any, shadow: Any,
) -> None:  # fmt: skip
    """Shade each face once in every pixel it is seen in, weighted by its samples; shadow edges sample by sample.

    ``light`` is (3, 3): sun, sky, and the light the ground throws back up, ACEScg.
    """
    samples = len(offset)
    height, width = face.shape
    has_ground = ground_material >= 0
    share = _ONE / _F(samples)
    for r in prange(height):
        stack = np.empty(64, np.int32)
        done = np.empty(samples, np.bool_)
        for c in range(width):
            state, edge = seen[r, c], False
            for dr, dc in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                rr, cc = r + dr, c + dc
                if samples == 1 or rr < 0 or cc < 0 or rr >= height or cc >= width:
                    continue
                if seen[rr, cc] != state and seen[rr, cc] + state < 2:
                    edge = True
            for k in range(3):
                beauty[r, c, k] = albedo[r, c, k] = 0.0
            alpha[r, c] = shadow[r, c] = 0.0
            done[:] = False
            for s in range(samples):
                if done[s]:
                    continue
                f = identity[r * samples + s, c]
                number, mx, my = 0, _ZERO, _ZERO
                for q in range(s, samples):
                    if identity[r * samples + q, c] == f:
                        done[q] = True
                        number += 1
                        mx += offset[q]
                        my += (_F(q) + _HALF) * share
                weight = _F(number) * share
                x, y = _F(c) + mx / _F(number), _F(r) + my / _F(number)
                dx, dy, dz = view_ray(x, y, lens, turn)
                length = np.sqrt(dx * dx + dy * dy + dz * dz)
                if f == SKY:
                    for k in range(3):
                        beauty[r, c, k] += weight * _sky(dy, length, k, light)
                    continue
                if number == samples and f == face[r, c]:
                    t = depth[r, c]
                    px, py, pz = eye[0] + dx * t, eye[1] + dy * t, eye[2] + dz * t
                    nx, ny, nz = flat[r, c, 0], flat[r, c, 1], flat[r, c, 2]
                    sx, sy, sz = normal[r, c, 0], normal[r, c, 1], normal[r, c, 2]
                else:
                    t, px, py, pz, nx, ny, nz, sx, sy, sz = surface(
                        f, dx, dy, dz, eye, points, faces, face_normal, normals, round_face
                    )
                curved = f >= 0 and round_face[f]
                cosine = sx * sun[0] + sy * sun[1] + sz * sun[2]
                facing = cosine > 0
                open_ = ao[r, c]
                if f != face[r, c]:
                    mine = face_part[f] if f >= 0 else GROUND
                    for dr, dc in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
                        rr, cc = r + dr, c + dc
                        if 0 <= rr < height and 0 <= cc < width:
                            g = face[rr, cc]
                            theirs = face_part[g] if g >= 0 else g
                            if theirs == mine:
                                open_ = ao[rr, cc]
                                break
                lit = _ZERO
                if facing:
                    if edge:
                        hits = 0
                        for q in range(s, samples):
                            if identity[r * samples + q, c] != f:
                                continue
                            ex, ey, ez = view_ray(_F(c) + offset[q], _F(r) + (_F(q) + _HALF) * share, lens, turn)
                            tq, qx, qy, qz, ax, ay, az, _a, _b, _c = surface(
                                f, ex, ey, ez, eye, points, faces, face_normal, normals, round_face
                            )
                            if _lit(
                                qx, qy, qz, ax, ay, az, tq, curved, sun, has_ground,
                                low, high, skip, first, count, corners, stack,
                            ):  # fmt: skip
                                hits += 1
                        lit = _F(hits) / _F(number)
                    elif f == face[r, c] and state != 2:
                        lit = _F(state)
                    elif _lit(
                        px, py, pz, nx, ny, nz, t, curved, sun, has_ground,
                        low, high, skip, first, count, corners, stack,
                    ):  # fmt: skip
                        lit = _ONE
                m = face_material[f] if f >= 0 else ground_material
                vx, vy, vz = -dx / length, -dy / length, -dz / length
                view = max(sx * vx + sy * vy + sz * vz, _F(0.02))
                hx, hy, hz = vx + sun[0], vy + sun[1], vz + sun[2]
                half = max(np.sqrt(hx * hx + hy * hy + hz * hz), _F(1e-6))
                half_cosine = max((sx * hx + sy * hy + sz * hz) / half, _ZERO)
                rough, metal, glass = materials[m, 3], materials[m, 4], materials[m, 5]
                shine = max(_F(2.0) / max(rough * rough * rough * rough, _F(1e-3)) - _F(2.0), _F(1.0))
                glint = (shine + _F(8.0)) / _F(8.0 * np.pi) * half_cosine**shine * max(cosine, _ZERO) * lit
                fresnel = (_ONE - view) ** 5 * (_ONE - rough)
                mirror = _F(2.0) * (sx * vx + sy * vy + sz * vz) * sy - vy
                sky_share = _HALF + _HALF * sy
                # Air: far things take on the horizon, a little, so that depth reads.
                haze = _ONE - np.exp(-max(t - _F(30.0), _ZERO) / _F(900.0))
                for k in range(3):
                    base = materials[m, k]
                    diffuse = base * (_ONE - metal) * (_F(0.25) if glass > 0 else _ONE)
                    strong = (_F(0.04) + fresnel * _F(0.96)) * (_ONE - metal) + metal * base
                    if glass > 0:
                        strong = _F(0.12) + (_ONE - view) ** 5 * _F(0.88)
                    around = light[1, k] * sky_share + light[2, k] * (_ONE - sky_share)
                    up = min(max(mirror * _F(4.0) + _HALF, _ZERO), _ONE)
                    mirrored = up * _sky(mirror, _ONE, k, light) + (_ONE - up) * light[2, k]
                    dull = rough * rough
                    reflected = strong * (mirrored * (_ONE - dull) + around * dull) * open_
                    value = diffuse * (light[0, k] * max(cosine, _ZERO) * lit + around * open_)
                    value += reflected + strong * light[0, k] * min(glint, _F(8.0))
                    value = value * (_ONE - haze) + _sky(_F(0.02), _ONE, k, light) * haze
                    beauty[r, c, k] += weight * value
                    albedo[r, c, k] += weight * base
                alpha[r, c] += weight
                shadow[r, c] += weight * lit
