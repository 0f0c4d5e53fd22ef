"""The embedded network's two graphs in ONNX Runtime: found, checked against their digests, and run in tiles.

ONNX Runtime runs on the CPU, and on CUDA where its provider is installed; ``SECONDUNIT_DEVICE=cpu`` keeps it off.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from secondunit.core.errors import BackendError
from secondunit.core.threads import compute_threads
from secondunit.generate.packing import NOISE, PACKING, STATE
from secondunit.media.digest import file_digest

Planes = NDArray[np.float32]

WEIGHTS = Path(__file__).parent / "weights"
"""What the package ships."""
FILES = ("decoder.onnx", "trunk.onnx")
TILE = 1024
"""Buffer pixels along the longest side of a tile, its margins included."""
MARGIN = 64
"""Buffer pixels around a tile that its network sees and that are thrown away: more than the network can reach."""
STEP = 8
"""Tiles and their margins lie on this raster, so that every tile sees the picture in the same phase."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graphs:
    """Both graphs, ready to run."""

    trunk: Any
    decoder: Any
    digest: str
    device: str
    """``cpu`` or ``cuda``."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture: what is computed, and what of it is kept. Buffer pixels."""

    seen: tuple[slice, slice]
    kept: tuple[slice, slice]
    """Within the picture."""
    inner: tuple[slice, slice]
    """Within the tile."""


def weights_digest(folder: Path = WEIGHTS) -> str:
    """Return the SHA-256 that names a folder's weights: over both graphs' own digests.

    Raises
    ------
    BackendError
        A file is missing.
    """
    digest = hashlib.sha256()
    for name in FILES:
        try:
            digest.update(bytes.fromhex(file_digest(folder / name)))
        except OSError as error:
            raise BackendError(
                f"the embedded generator's weights are missing: {name}", fix="install the package again"
            ) from error
    return digest.hexdigest()


@lru_cache(maxsize=2)
def open_graphs(folder: Path = WEIGHTS, *, digest: str = "", threads: int = 0) -> Graphs:
    """Open the graphs.

    Parameters
    ----------
    digest
        What ``weights_digest`` must be; empty takes any.
    threads
        Compute threads; 0 takes those that the process may use (``core.threads``).

    Raises
    ------
    BackendError
        Weights are missing, altered or packed for another version, or ONNX Runtime cannot run.
    """
    found = weights_digest(folder)
    if digest and found != digest:
        raise BackendError(
            f"the embedded generator's weights are not the ones it was shipped with ({found[:12]}, not {digest[:12]})",
            fix="install the package again",
        )
    card = _card(folder)
    if card["packing"] != PACKING or tuple(card["state"]) != STATE or tuple(card["noise"]) != NOISE:
        raise BackendError(
            "the embedded generator's weights were trained for another packing of the buffers",
            fix="train them again, or install the package again",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or compute_threads()
    options.inter_op_num_threads = 1
    # Threads that wait by spinning take the cores from the rest of the frame's work, for nothing here.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # One block laid out for all activations is new memory at every size of dust: pieces that are used again are warm.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    device = _device(onnxruntime.get_available_providers())
    provider = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}[device]
    try:
        trunk, decoder = (
            onnxruntime.InferenceSession(str(folder / name), options, providers=[provider])
            for name in ("trunk.onnx", "decoder.onnx")
        )
    except Exception as error:
        raise BackendError(
            f"ONNX Runtime cannot open the embedded generator: {error}", fix="set SECONDUNIT_DEVICE=cpu"
        ) from error
    if provider not in trunk.get_providers():
        raise BackendError("ONNX Runtime left the GPU it was given", fix="set SECONDUNIT_DEVICE=cpu")
    return Graphs(trunk=trunk, decoder=decoder, digest=found, device=device)


def _card(folder: Path) -> dict[str, Any]:
    try:
        card: dict[str, Any] = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackendError(
            "the embedded generator's weights have no card: weights.json", fix="install the package again"
        ) from error
    return card


def _device(providers: list[str]) -> str:
    wanted = os.environ.get("SECONDUNIT_DEVICE", "")
    if wanted not in ("", "cpu", "cuda"):
        raise BackendError(f"SECONDUNIT_DEVICE={wanted}", fix="set it to cpu or cuda, or leave it out")
    has_cuda = "CUDAExecutionProvider" in providers
    if wanted == "cuda" and not has_cuda:
        raise BackendError("ONNX Runtime has no CUDA provider here", fix="pip install onnxruntime-gpu, or use the CPU")
    return "cuda" if has_cuda and wanted != "cpu" else "cpu"


def tiles(height: int, width: int, *, tile: int = TILE) -> Iterator[Tile]:
    """Cover a picture, whose sides are multiples of ``STEP``, with tiles."""
    for rows in _spans(height, tile):
        for cols in _spans(width, tile):
            yield Tile(
                seen=(slice(rows[0], rows[3]), slice(cols[0], cols[3])),
                kept=(slice(rows[1], rows[2]), slice(cols[1], cols[2])),
                inner=(slice(rows[1] - rows[0], rows[2] - rows[0]), slice(cols[1] - cols[0], cols[2] - cols[0])),
            )


def _spans(length: int, tile: int) -> list[tuple[int, int, int, int]]:
    """Return (seen from, kept from, kept to, seen to) along one side."""
    if length <= tile:
        return [(0, 0, length, length)]
    inner = max((tile - 2 * MARGIN) // STEP * STEP, STEP)
    found = []
    for start in range(0, length, inner):
        stop = min(start + inner, length)
        found.append((max(start - MARGIN, 0), start, stop, min(stop + MARGIN, length)))
    return found


PARTS = ("base", "likely", "broad", "fine")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Painted:
    """What the network painted, (3, 2h, 2w) each: ``packing.compose_layers`` makes layers of it."""

    base: Planes
    """The coarse render: optical depth and the roots of its brightness."""
    likely: Planes
    broad: Planes
    """Billows that the coarse solver was too coarse for; 0 without noise."""
    fine: Planes
    """Detail that the low band does not see; 0 without noise."""


def paint(graphs: Graphs, state: Planes, noise: Planes | None, *, tile: int = TILE) -> Painted:
    """Paint a picture, tile by tile.

    Parameters
    ----------
    state, noise
        As packed, (planes, h, w), sides multiples of ``STEP``.
    """
    _, height, width = state.shape
    if max(height, width) <= tile and state[0].any():
        base, likely, broad, fine = _run(graphs, state, noise)
        return Painted(base=base, likely=likely, broad=broad, fine=fine)
    out = Painted(**{part: np.zeros((3, 2 * height, 2 * width), np.float32) for part in PARTS})
    for part in tiles(height, width, tile=tile):
        if not state[(0, *part.seen)].any():
            continue
        found = _run(
            graphs, state[(slice(None), *part.seen)], None if noise is None else noise[(slice(None), *part.seen)]
        )
        kept, inner = _twice(part.kept), _twice(part.inner)
        for target, planes in zip((out.base, out.likely, out.broad, out.fine), found, strict=True):
            target[(slice(None), *kept)] = planes[(slice(None), *inner)]
    return out


def _run(graphs: Graphs, state: Planes, noise: Planes | None) -> tuple[Planes, Planes, Planes, Planes]:
    """Return base, likely, broad and fine of one tile."""
    base, likely, x0, x1 = graphs.trunk.run(None, {"state": np.ascontiguousarray(state)[None]})
    if noise is None:
        return base[0], likely[0], np.zeros_like(likely[0]), np.zeros_like(likely[0])
    broad, fine = graphs.decoder.run(None, {"x0": x0, "x1": x1, "noise": np.ascontiguousarray(noise)[None]})
    return base[0], likely[0], broad[0], fine[0]


def _twice(part: tuple[slice, slice]) -> tuple[slice, slice]:
    rows, cols = part
    return slice(2 * rows.start, 2 * rows.stop), slice(2 * cols.start, 2 * cols.stop)
