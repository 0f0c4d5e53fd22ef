"""What broken faces and interiors look like: concrete, brick, plaster, contents. Procedural in rest coordinates.

Colours are ACEScg albedos. Everything is a function of the rest position, so a pattern rides on its piece.
"""

from typing import Any

import numpy as np
from numba import njit

_F = np.float32
_HX, _HY, _HZ = np.uint32(0x8DA6B343), np.uint32(0xD8163841), np.uint32(0xCB1AB31F)
CONCRETE, BRICK, PLASTER, GLASS, CONTENTS, METAL = range(6)


@njit(cache=True, nogil=True)
def cell_noise(x: int, y: int, z: int) -> Any:
    """Return a fixed random number in 0 to 1 for an integer cell."""
    h = np.uint32(np.uint32(x) * _HX) ^ np.uint32(np.uint32(y) * _HY) ^ np.uint32(np.uint32(z) * _HZ)
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39))
    h = np.uint32(h ^ (h >> np.uint32(15)))
    return _F(h >> np.uint32(8)) * _F(1.0 / 16777216.0)


@njit(cache=True, nogil=True)
def value_noise(x: Any, y: Any, z: Any) -> Any:
    """Return smooth value noise, 0 to 1, with one lattice cell per unit."""
    fx, fy, fz = np.floor(x), np.floor(y), np.floor(z)
    ix, iy, iz = np.int32(fx), np.int32(fy), np.int32(fz)
    u, v, w = x - fx, y - fy, z - fz
    u, v, w = u * u * (_F(3) - _F(2) * u), v * v * (_F(3) - _F(2) * v), w * w * (_F(3) - _F(2) * w)
    a = cell_noise(ix, iy, iz) * (_F(1) - u) + cell_noise(ix + 1, iy, iz) * u
    b = cell_noise(ix, iy + 1, iz) * (_F(1) - u) + cell_noise(ix + 1, iy + 1, iz) * u
    c = cell_noise(ix, iy, iz + 1) * (_F(1) - u) + cell_noise(ix + 1, iy, iz + 1) * u
    d = cell_noise(ix, iy + 1, iz + 1) * (_F(1) - u) + cell_noise(ix + 1, iy + 1, iz + 1) * u
    return (a * (_F(1) - v) + b * v) * (_F(1) - w) + (c * (_F(1) - v) + d * v) * w


@njit(cache=True, nogil=True)
def roughen(x: Any, y: Any, z: Any, nx: Any, ny: Any, nz: Any, strength: Any) -> Any:
    """Return a normal tilted by the facets and grain of a fracture at a rest point (metres)."""
    fx = value_noise(x * _F(5), y * _F(5), z * _F(5)) + _F(0.6) * value_noise(x * _F(17), y * _F(17), z * _F(17))
    fy = value_noise(y * _F(5) + _F(31), z * _F(5), x * _F(5)) + _F(0.6) * value_noise(
        y * _F(17), z * _F(17) + _F(31), x * _F(17)
    )
    fz = value_noise(z * _F(5), x * _F(5) + _F(57), y * _F(5)) + _F(0.6) * value_noise(
        z * _F(17), x * _F(17), y * _F(17) + _F(57)
    )
    nx = nx + strength * (fx - _F(0.8))
    ny = ny + strength * (fy - _F(0.8))
    nz = nz + strength * (fz - _F(0.8))
    scale = _F(1) / np.sqrt(nx * nx + ny * ny + nz * nz + _F(1e-6))
    return nx * scale, ny * scale, nz * scale


@njit(cache=True, nogil=True)
def interior_albedo(x: Any, y: Any, z: Any, material: int, kind: int, broken: bool, body: int) -> Any:
    """Return the albedo of a face the plate never showed.

    Parameters
    ----------
    x, y, z
        Rest position, metres.
    material, kind
        Indices in `secondunit.fx.fracture.pieces.MATERIALS` and ``KINDS``.
    broken
        A fracture rather than a finished surface.
    body
        Number of the piece: contents and rooms take their colour from it.
    """
    wide = value_noise(x * _F(0.7), y * _F(0.7), z * _F(0.7))
    middle = value_noise(x * _F(3.1), y * _F(3.1), z * _F(3.1))
    fine = value_noise(x * _F(23), y * _F(23), z * _F(23))
    tone = _F(0.72) + _F(0.28) * wide + _F(0.2) * (middle - _F(0.5)) + _F(0.22) * (fine - _F(0.5))
    if material == CONTENTS:
        warm = cell_noise(body, 3, 7)
        level = _F(0.06) + _F(0.22) * cell_noise(body, 11, 5)
        return level * tone * (_F(0.85) + _F(0.4) * warm), level * tone, level * tone * (_F(1.15) - _F(0.5) * warm)
    if material == METAL:
        rust = max(_F(0), middle - _F(0.45)) * _F(1.6)
        return (
            (_F(0.16) + _F(0.1) * rust) * tone,
            (_F(0.155) - _F(0.02) * rust) * tone,
            (_F(0.15) - _F(0.08) * rust) * tone,
        )
    if material == GLASS:
        return _F(0.05) * tone, _F(0.07) * tone, _F(0.068) * tone
    if material == PLASTER or (kind == 2 and not broken):
        room = cell_noise(int(np.floor(x * _F(0.25))), int(np.floor(y * _F(0.33))), int(np.floor(z * _F(0.25))))
        tint = _F(0.9) + _F(0.12) * room
        level = (_F(0.5) + _F(0.12) * room) * (tone * _F(0.6) + _F(0.4))
        if broken:
            level *= _F(0.85)
        return level, level * (_F(0.96) + _F(0.03) * room), level * tint * _F(0.92)
    if material == BRICK and broken:
        course = int(np.floor(y * _F(13.3)))
        mortar = y * _F(13.3) - np.floor(y * _F(13.3)) < _F(0.14)
        joint = (x + z) * _F(4.4) + _F(0.5) * _F(course & 1)
        mortar = mortar or joint - np.floor(joint) < _F(0.06)
        one = cell_noise(course, int(np.floor(joint)), 9)
        if mortar:
            return _F(0.42) * tone, _F(0.39) * tone, _F(0.35) * tone
        level = (_F(0.2) + _F(0.12) * one) * tone
        return level * _F(1.35), level * _F(0.78), level * _F(0.58)
    level = _F(0.40) * tone
    if broken:
        stone = value_noise(x * _F(41), y * _F(41), z * _F(41))
        level = _F(0.36) * tone * (_F(0.75) + _F(0.5) * stone)
        rebar = _rebar(x, y, z, kind)
        if rebar > _F(0):
            return (
                _F(0.10) * rebar + level * (_F(1) - rebar),
                _F(0.055) * rebar + level * _F(0.985) * (_F(1) - rebar),
                (_F(0.035) * rebar + level * _F(0.945) * (_F(1) - rebar)),
            )
    return level, level * _F(0.985), level * _F(0.945)


@njit(cache=True, nogil=True)
def _rebar(x: Any, y: Any, z: Any, kind: int) -> Any:
    """Return how much of a rusty bar shows at a fracture of a slab, a column or a core."""
    if kind == 2 or kind == 3:
        return _F(0)
    u, v, w = x * _F(3.6), y * _F(9), z * _F(3.6)
    cell = cell_noise(int(np.floor(u)), int(np.floor(v)), int(np.floor(w)))
    if cell < _F(0.55):
        return _F(0)
    u, v, w = u - np.floor(u) - _F(0.5), v - np.floor(v) - _F(0.5), w - np.floor(w) - _F(0.5)
    streak = min(u * u + v * v, v * v + w * w)
    return max(_F(0), _F(0.85) - streak * _F(50))
