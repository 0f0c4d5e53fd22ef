"""Frames as one animated PNG: the one lossless sequence that ComfyUI's own LoadImage reads as a batch.

Every frame is stored whole (PNG, third edition, section 11.3): encoders that merge equal frames would lose some of
them, and with them the place of all that follow.
"""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write_apng(frames: Sequence[NDArray[np.uint8]], *, rate: int = 24) -> bytes:
    """Return (height, width, 3) codes as an animated PNG, or a plain one where there is one frame."""
    height, width = frames[0].shape[:2]
    parts = [_SIGNATURE, _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    if len(frames) > 1:
        parts.append(_chunk(b"acTL", struct.pack(">II", len(frames), 1)))
    order = 0
    for n, frame in enumerate(frames):
        if len(frames) > 1:
            control = struct.pack(">IIIIIHHBB", order, width, height, 0, 0, 1, rate, 0, 0)
            parts.append(_chunk(b"fcTL", control))
            order += 1
        data = zlib.compress(_rows(frame), 3)
        if n == 0:
            parts.append(_chunk(b"IDAT", data))
        else:
            parts.append(_chunk(b"fdAT", struct.pack(">I", order) + data))
            order += 1
    return b"".join([*parts, _chunk(b"IEND", b"")])


def _rows(frame: NDArray[np.uint8]) -> bytes:
    """Return a frame's rows, each as its difference to the row above (filter type 2)."""
    rows = np.ascontiguousarray(frame, dtype=np.uint8).reshape(frame.shape[0], -1)
    up = rows.copy()
    up[1:] -= rows[:-1]
    return np.concatenate([np.full((rows.shape[0], 1), 2, np.uint8), up], axis=1).tobytes()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
