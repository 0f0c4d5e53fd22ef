"""Half floats there and back, as NumPy rounds them and in a tenth of its time: frames hold many planes of them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

HALF_MAX = 65504.0
"""The largest half that is not infinite."""

_F, _U, _H = np.float32, np.uint32, np.uint16
_SIGN, _REST = _U(0x8000), _U(0x7FFFFFFF)
_LEAST = _U(0x38800000)
"""The smallest half that is not subnormal, 2^-14, as a float's bits."""
_BEYOND, _NAN = _U(0x47800000), _U(0x7F800000)
_BIAS = _U(0xC8000FFF)
"""Takes a float's exponent to a half's, and adds half of the last place less one."""
_PLACES = _F(2.0**24)
"""Subnormal halves in one."""
_SCALE = _F(2.0**112)
"""What a half's bits, read as a float's, are too small by."""
_ENDLESS = _U(0x0F800000)
"""Infinity's bits among those."""


def to_half(plane: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return a plane as half floats, to the nearest and ties to even; 65520 and beyond is infinite.

    Parameters
    ----------
    plane
        float32 of any shape.
    """
    out = np.empty(plane.shape, np.float16)
    flat = np.ascontiguousarray(plane, dtype=np.float32).reshape(-1)
    _to_half(flat, flat.view(np.uint32), out.reshape(-1).view(np.uint16))
    return out


def from_half(plane: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return half floats of any shape as float32, which holds every one of them."""
    out = np.empty(plane.shape, np.float32)
    flat = out.reshape(-1)
    _from_half(np.ascontiguousarray(plane, dtype=np.float16).reshape(-1).view(np.uint16), flat, flat.view(np.uint32))
    return out


def halved(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what is left of a plane that was kept as half floats."""
    return from_half(to_half(plane))


@njit(cache=True, nogil=True)
def _to_half(plane, bits, out):  # type: ignore[no-untyped-def]
    for i in range(plane.size):
        # Numba counts in 64 bits what is of 32: each step is brought back.
        size = _U(bits[i] & _REST)
        odd = _U(_U(size >> _U(13)) & _U(1))
        normal = _U(_U(size + _BIAS + odd) >> _U(13))
        small = _U(np.rint(min(abs(plane[i]), _F(1.0)) * _PLACES))
        large = _U(0x7E00) if size > _NAN else _U(0x7C00)
        found = small if size < _LEAST else (large if size >= _BEYOND else normal)
        out[i] = _H(_U(_U(bits[i] >> _U(16)) & _SIGN) | found)


@njit(cache=True, nogil=True)
def _from_half(plane, out, bits):  # type: ignore[no-untyped-def]
    for i in range(plane.size):
        half = _U(plane[i])
        size = _U(_U(half & _U(0x7FFF)) << _U(13))
        whole = _U(size | _NAN) if size >= _ENDLESS else size
        bits[i] = _U(whole | _U(_U(half & _SIGN) << _U(16)))
    for i in range(plane.size):
        out[i] *= _SCALE
