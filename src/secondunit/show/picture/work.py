"""What a worker does with a frame: render it, write its passes, and record it so that it need not be done again."""

import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondunit.clearance.provenance.pixels import PixelPrint, print_pixels, read_print
from secondunit.comp.integrate import FrameOutputs
from secondunit.comp.quality import check_frame
from secondunit.imaging.buffers import DustLayers, Image
from secondunit.imaging.resample import resize
from secondunit.media.exr import stored_channels
from secondunit.show.picture.frame import RenderedFrame, render_frame
from secondunit.show.picture.kit import FrameJob, FrameKit, open_kit
from secondunit.show.picture.passes import Naming, rgb, write_passes
from secondunit.show.store.records import is_sealed, read_json, seal, write_json

Passes = Mapping[str, Mapping[str, NDArray[Any]]]
"""Channels of each pass, by the pass's name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repainted:
    """A frame that something was put into after it was rendered."""

    passes: Passes
    outputs: FrameOutputs
    said: Mapping[str, Any]
    """Further facts for its record."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """A take's frames to be made."""

    job: FrameJob
    naming: Naming
    recipe: str
    """Digest of the render; a frame's record must carry it."""
    rate: Fraction
    owner: str
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Further text attributes of each pass's files, by the pass's name."""
    repaint: Callable[[RenderedFrame, Passes, int], Repainted] | None = None
    """Puts something into a rendered frame before it is written."""


_kits: dict[tuple[str, str], FrameKit] = {}


def make_frame(work: Work, frame: int, *, clock: Callable[[], float] = time.perf_counter) -> dict[str, Any]:
    """Render a frame and write it; return its record.

    Parameters
    ----------
    clock
        Seconds that are recorded by stage: of the wall, or of the processor.

    Raises
    ------
    SecondUnitError
        As ``render_frame`` and ``write_passes``.
    """
    began = clock()
    key = (work.recipe, str(work.naming.folder))
    seconds: dict[str, float] = {}
    if key not in _kits:
        _kits.clear()
        _kits[key] = open_kit(work.job)
        seconds["load"] = clock() - began
    rendered = render_frame(_kits[key], frame, clock=clock)
    seconds |= rendered.seconds
    began = clock()
    painted = Repainted(passes=passes_of(rendered), outputs=rendered.outputs, said={})
    if work.repaint is not None:
        painted = work.repaint(rendered, painted.passes, frame)
        seconds["paste"] = clock() - began
        began = clock()
    passes, outputs = painted.passes, painted.outputs
    # The frame is looked over while it is written.
    with ThreadPoolExecutor(max_workers=1) as aside:
        checking = aside.submit(check_frame, outputs, plate=rendered.plate, frame=frame, match=_kits[key].match)
        names = write_passes(
            passes,
            naming=work.naming,
            frame=frame,
            rate=work.rate,
            header={"owner": work.owner, "recipeDigest": work.recipe, "software": "Second Unit"},
            headers=work.headers,
        )
        check = checking.result()
    seconds["write"] = clock() - began
    began = clock()
    record = {
        "frame": frame,
        "recipe": work.recipe,
        "files": {name: seal(work.naming.folder / name) for name in names},
        "plate_lock_max_abs_diff": outputs.max_abs_diff,
        "check": asdict(check),
        "seconds": seconds,
        **painted.said,
        "worker": os.getpid(),
        "peak_mb": peak_mb(),
    }
    if work.headers:  # to be signed: its prints are taken while the pixels are at hand
        record["prints"] = {
            Path(name).name: print_pixels(stored_channels(channels)).said()
            for name, channels in zip(names, passes.values(), strict=True)
        }
    seconds["check"] = clock() - began
    write_json(work.naming.record(frame), record, sync=False)
    return record


def known_prints(folder: Path) -> dict[str, tuple[str, PixelPrint]]:
    """Return, by file name, the SHA-256 of each frame of a finished folder as written, and the prints of its pixels."""
    known = {}
    for path in sorted((folder / "frames").glob("*.json")):
        record = read_json(path)
        digests = {Path(name).name: proof["sha256"] for name, proof in record["files"].items()}
        for name, said in record.get("prints", {}).items():
            known[name] = (digests[name], read_print(said))
    return known


def record_of(naming: Naming, frame: int, *, recipe: str) -> dict[str, Any] | None:
    """Return a frame's record where it is of this recipe and all its files are what it says."""
    path = naming.record(frame)
    if not path.is_file():
        return None
    record = read_json(path)
    if not isinstance(record, dict) or record.get("recipe") != recipe or not record.get("files"):
        return None
    whole = all(is_sealed(naming.folder / name, proof) for name, proof in record["files"].items())
    return record if whole else None


def peak_mb() -> float:
    """Return the most memory this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)


def passes_of(rendered: RenderedFrame) -> dict[str, dict[str, NDArray[Any]]]:
    """Return the channels of each pass.

    ``element`` carries the AOVs: depth in metres and motion in pixels a frame of what is seen first (0 where there is
    nothing), the number of the piece, the optical depth of the dust, and the element's light from sun and from sky
    apart, before it was matched to the plate.
    """
    outputs = rendered.outputs
    return {
        "comp": rgb(outputs.comp),
        "element": rgb(outputs.element) | _aovs(rendered),
        "cleanplate": rgb(outputs.clean),
        "matte": {"A": outputs.matte},
        "shadow": rgb(outputs.shadow),
    }


def _aovs(rendered: RenderedFrame) -> dict[str, NDArray[Any]]:
    surface, size = rendered.surface, rendered.plate.shape[:2]
    moved = surface.alpha > 0
    depth = np.where(moved, surface.depth, 0.0).astype(np.float32)
    motion = np.where(moved[..., None], surface.motion, 0.0).astype(np.float32)
    density = np.zeros(size, np.float32)
    if rendered.dust is not None and rendered.dust.front is not None:
        channels = rendered.dust.buffers.channels

        def grown(name: str) -> Image:
            return resize(channels[name], width=size[1], height=size[0], method="linear")

        scale = size[1] / channels["alpha"].shape[1]
        first = rendered.dust.front.alpha > np.where(moved, 0.5, 0.02)
        depth = np.where(first, grown("depth"), depth)
        dust_motion = np.stack([grown("motion_x"), grown("motion_y")], axis=-1) * np.float32(scale)
        motion = np.where(first[..., None], dust_motion, motion)
        density = grown("optical_depth")
    found: dict[str, NDArray[Any]] = {
        "depth.Z": np.where(np.isfinite(depth), depth, 0.0).astype(np.float32),
        "motion.X": motion[..., 0],
        "motion.Y": motion[..., 1],
        "id": np.where(moved, surface.id, 0).astype(np.uint32),
        "density": density,
    }
    for light in ("sun", "sky"):
        found |= rgb(_light_group(rendered, light), f"light.{light}.")
    return found


def _light_group(rendered: RenderedFrame, light: str) -> Image:
    """Return (height, width, 3): the element's light from one source, layers merged as the comp merges them."""
    surface = rendered.surface
    total: Image = (surface.sun if light == "sun" else surface.sky).copy()
    rest = np.clip(1 - surface.alpha - surface.static, 0, 1)
    if rendered.dust is None:
        return total
    for layers, cover in ((rendered.dust.behind, rest), (rendered.dust.front, None)):
        if layers is None:
            continue
        colour = _colour(rendered, layers, light)
        if cover is not None:
            total += colour * cover[..., None]
        else:
            total = colour + total * (1 - layers.alpha[..., None])
    return total.astype(np.float32)


def _colour(rendered: RenderedFrame, layers: DustLayers, light: str) -> Image:
    plane = layers.sun if light == "sun" else layers.sky
    strength = rendered.sun_colour if light == "sun" else rendered.sky_colour
    return np.asarray(plane[..., None] * np.asarray(strength, dtype=np.float32), dtype=np.float32)
