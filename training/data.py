"""Make the data set: control buffers and fine renders of pairs of consecutive frames, and a manifest that says how.

``python -m training.data OUT --scenes 1-20``. Everything is drawn from the scene's number. Scenes that are whole are
kept, so that a run that was stopped goes on; several runs may share a folder, each takes scenes that none has taken.
"""

import argparse
import fcntl
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Detail
from secondunit.core.layout import Layout, Sun
from secondunit.core.recipe import canonical
from secondunit.fx.control.march import march
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.fx.dust.light import light_dust
from secondunit.generate.packing import NOISE, PACKING, STATE, pack_layers, pack_noise, pack_state
from secondunit.generate.relight import reduce_depth, surface_edges
from secondunit.imaging.buffers import ControlBuffers, DustLayers
from secondunit.media.atomic import whole_file
from secondunit.media.digest import file_digest
from training.fine_motion import render_motion
from training.rehearsal import Rehearsal, rehearse
from training.scene import RATE, SCENE_VERSION, draw_scene
from training.target import render_target
from training.view import View, draw_view

STAGE = 0x44415441
FILLED = 0.22
"""Least share of a picture with dust in it."""
SCRIPTS = ("companion.py", "data.py", "fine_motion.py", "rehearsal.py", "scene.py", "target.py", "view.py")
Rows = dict[str, list[NDArray[Any]]]
PLANES = ("state", "noise", "target", "edge", "back", "frame", "free")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSize:
    """How much of it."""

    frames: int = 64
    coarse_cells: int = 40_000
    width: int = 192
    height: int = 128
    """Of the control buffers; targets are twice as wide and high."""
    every: int = 4
    """Frames from one pair of consecutive frames to the next."""
    views: int = 4
    noises: int = 3
    """Seeds of carried noise that each view is given with."""
    moments: int = 4
    """Pairs of frames in a file."""


def make_scene(out: Path, seed: int, size: DataSize) -> dict[str, Any]:
    """Simulate a scene and render its pairs of frames into files in ``out``; return its line of the manifest.

    The line lies beside the files as they come, so that a run which is stopped has said what it made.
    """
    began = time.process_time()
    scene = draw_scene(seed, frames=size.frames, coarse_cells=size.coarse_cells)
    said: dict[str, Any] = {"seed": seed, "files": {}, "pairs": 0, "whole": False, "scene": canonical(scene)}
    rows: Rows = {name: [] for name in PLANES}
    first: list[_Look] = []
    for number, moment in enumerate(rehearse(scene)):
        if number % size.every > 1:
            continue
        sun = scene.suns[number // size.every % 2]
        layout = replace(scene.layout, sun=replace(sun, illuminance=Sun().illuminance, sky=Sun().sky))
        moment = replace(
            moment,
            fine=_thicker(moment.fine, scene.extinction_gain),
            coarse=_thicker(moment.coarse, scene.extinction_gain),
        )
        if number % size.every == 0:
            first = _first(moment, layout, size, seed) if _seen(moment.coarse) else []
            continue
        if not first:
            continue
        lights = _lights(moment, layout)
        for before in first:
            after = _look(moment, lights, layout, before.view, before.details, size)
            for name, value in _row(before, after, moment).items():
                rows[name].append(value)
        first = []
        if len(rows["frame"]) >= size.moments * size.views:
            _write(out, said, rows, began)
    _write(out, said, rows, began)
    said["whole"] = True
    _line(out, said, began)
    return said


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """One frame through one camera."""

    view: View
    details: tuple[Detail, ...]
    planes: dict[str, NDArray[Any]]
    motion: NDArray[np.float32]
    """(2, 2h, 2w) pixels to the next frame of what the fine render shows."""


def _lights(moment: Rehearsal, layout: Layout) -> tuple[LightGrid, LightGrid]:
    """Light the fine dust and the coarse."""
    return light_dust(moment.fine, layout), light_dust(moment.coarse, layout)


def _first(moment: Rehearsal, layout: Layout, size: DataSize, seed: int) -> list[_Look]:
    """Draw the views of a pair of frames and look at its first frame."""
    lights = _lights(moment, layout)
    found = []
    for n in range(size.views):
        rng = np.random.default_rng([seed, STAGE, moment.frame, n])
        view = _filled(rng, moment.coarse, lights[1], layout, size)
        if view is not None:
            details = tuple(Detail(seed=int(s)) for s in rng.integers(1, 1 << 20, size.noises))
            found.append(_look(moment, lights, layout, view, details, size))
    return found


def _look(
    moment: Rehearsal, lights: tuple[LightGrid, LightGrid], layout: Layout, view: View, details: tuple[Detail, ...],
    size: DataSize,
) -> _Look:  # fmt: skip
    seen, target, full = _render(moment, lights, layout, view, width=size.width, height=size.height, details=details)
    low = reduce_depth(full, width=size.width, height=size.height)
    motion = render_motion(
        moment.fine, moment.velocity, camera=view.camera, width=2 * size.width, height=2 * size.height,
        surface_depth=full, rate=float(RATE),
    )  # fmt: skip
    planes = {
        "state": pack_state(seen[0]).astype(np.float16),
        "noise": np.stack([pack_noise(b) for b in seen]).astype(np.float16),
        "target": pack_layers(target).astype(np.float16),
        "edge": surface_edges(low),
    }
    return _Look(view=view, details=details, planes=planes, motion=motion)


def _row(before: _Look, after: _Look, moment: Rehearsal) -> dict[str, NDArray[Any]]:
    """Return both frames' planes, and where in the first picture what the second shows has been: the midpoint rule."""
    there = after.motion
    _, height, width = there.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    here = [cv2.remap(plane, x - there[0], y - there[1], cv2.INTER_LINEAR) for plane in before.motion]
    both = {name: np.stack([before.planes[name], after.planes[name]]) for name in before.planes}
    return both | {
        "back": (0.5 * (np.stack(here) + there)).astype(np.float16),
        "frame": np.array(moment.frame, np.int16),
        "free": np.array(moment.free_for, np.int16),
    }


def _write(out: Path, said: dict[str, Any], rows: Rows, began: float) -> None:
    """Write the rows that have come together to a file, whole, and empty them."""
    count = len(rows["frame"])
    if not count:
        return
    path = out / f"scene_{said['seed']:05d}_{len(said['files'])}.npz"
    with whole_file(path) as part:
        np.savez(part, **{name: np.stack(value) for name, value in rows.items()})
        said["files"][path.name] = file_digest(part)
    said["pairs"] += count
    _line(out, said, began)
    for value in rows.values():
        value.clear()


def _line(out: Path, said: dict[str, Any], began: float) -> None:
    said["cpu_seconds"] = round(time.process_time() - began, 1)
    with whole_file(_line_path(out, said["seed"])) as part:
        part.write_text(json.dumps(said, indent=1) + "\n")


def _line_path(out: Path, seed: int) -> Path:
    return out / f"scene_{seed:05d}.json"


def _render(
    moment: Rehearsal, lights: tuple[LightGrid, LightGrid], layout: Layout, view: View, *, width: int, height: int,
    details: tuple[Detail, ...],
) -> tuple[tuple[ControlBuffers, ...], DustLayers, NDArray[np.float32]]:  # fmt: skip
    """Return the control buffers of each detail, the fine layers, and the surface's depth at full size."""
    full = view.depth(width=2 * width, height=2 * height)
    low = reduce_depth(full, width=width, height=height)
    fine_light, coarse_light = lights
    target = render_target(
        moment.fine, fine_light, camera=view.camera, width=2 * width, height=2 * height, surface_depth=full,
        sun_direction=layout.sun.direction,
    )  # fmt: skip
    seen = tuple(
        march(
            moment.coarse, coarse_light, camera=view.camera, camera_next=view.camera_next, width=width, height=height,
            surface_depth=low, sun_direction=layout.sun.direction, coverage=np.ones((height, width), np.float32),
            detail=detail, broad_seed=detail.seed,
        )[0]
        for detail in details
    )  # fmt: skip
    return seen, target, full


def aimed(rng: np.random.Generator, dust: DustFrame, size: DataSize) -> View:
    """Draw a view that is aimed at dust."""
    extent = np.array(dust.extinction.shape) * dust.cell_m
    cells = np.argwhere(dust.extinction > 0.05)
    aim = dust.origin_m + (cells[rng.integers(len(cells))] + 0.5) * dust.cell_m
    return draw_view(
        rng, aim=aim.astype(np.float64), size=extent.astype(np.float64), cell_m=dust.cell_m, width=size.width,
        height=size.height,
    )  # fmt: skip


def _filled(rng: np.random.Generator, dust: DustFrame, light: LightGrid, layout: Layout, size: DataSize) -> View | None:
    """Draw views until one has enough dust in it; None where there is none to be had."""
    small = (size.height // 4, size.width // 4)
    for _ in range(8):
        view = aimed(rng, dust, size)
        depth = view.depth(width=small[1], height=small[0])
        seen, _ = march(
            dust, light, camera=view.camera, camera_next=view.camera, width=small[1], height=small[0],
            surface_depth=depth, sun_direction=layout.sun.direction, coverage=np.ones(small, np.float32),
        )  # fmt: skip
        if (seen.channels["alpha"] > 0.02).mean() > FILLED:
            return view
    return None


def _seen(dust: DustFrame) -> bool:
    return bool((dust.extinction > 0.05).sum() > 80)


def _thicker(dust: DustFrame, gain: float) -> DustFrame:
    """Return dust with its extinction multiplied."""
    return replace(dust, extinction=(dust.extinction.astype(np.float32) * np.float32(gain)).astype(np.float16))


def scripts_digest() -> str:
    """Return the SHA-256 over the scripts that make the data."""
    digest = hashlib.sha256()
    for name in SCRIPTS:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def make_data(out: Path, *, seeds: list[int], size: DataSize) -> None:
    """Make the scenes that ``out`` does not hold, one after another, and keep its manifest true."""
    out.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        if _is_whole(out, seed):
            continue
        with (out / f"scene_{seed:05d}.lock").open("w") as claim:  # given back when its process ends, however it ends
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if not _is_whole(out, seed):
                said = make_scene(out, seed, size)
                print(f"scene {seed}: {said['pairs']} pairs of frames, {said['cpu_seconds']} CPU-s", flush=True)
                write_manifest(out, size)
    write_manifest(out, size)


def _is_whole(out: Path, seed: int) -> bool:
    path = _line_path(out, seed)
    return path.is_file() and bool(json.loads(path.read_text())["whole"])


def write_manifest(out: Path, size: DataSize) -> Path:
    """Gather the scenes' lines into ``manifest.json``."""
    scenes = [json.loads(p.read_text()) for p in sorted(out.glob("scene_*.json"))]
    manifest = {
        "packing": PACKING,
        "state": STATE,
        "noise": NOISE,
        "scene_version": SCENE_VERSION,
        "scripts_sha256": scripts_digest(),
        "size": asdict(size),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "numpy": np.__version__,
        "scenes": scenes,
    }
    path = out / "manifest.json"
    with whole_file(path) as part:
        part.write_text(json.dumps(manifest, indent=1) + "\n")
    return path


def seed_list(text: str) -> list[int]:
    """Read ``1-4,9`` as [1, 2, 3, 4, 9]; nothing as []."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--scenes", type=seed_list, default=seed_list("1-20"), help="such as 1-20 or 3,5,9; empty gathers the manifest"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes that share the scenes")
    parser.add_argument("--frames", type=int, default=DataSize().frames)
    parser.add_argument("--cells", type=int, default=DataSize().coarse_cells)
    parser.add_argument("--every", type=int, default=DataSize().every)
    parser.add_argument("--views", type=int, default=DataSize().views)
    given = parser.parse_args()
    size = DataSize(frames=given.frames, coarse_cells=given.cells, every=given.every, views=given.views)
    if given.workers > 1:
        _share(sys.argv[1:], given.workers)
    make_data(given.out, seeds=given.scenes, size=size)


def _share(arguments: list[str], workers: int) -> None:
    """Have processes of one thread each make the scenes; each takes those that none has taken."""
    alone = os.environ | {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "training.data", *arguments, "--workers", "1"]
    makers = [subprocess.Popen(command, env=alone) for _ in range(workers)]
    if failed := [maker for maker in makers if maker.wait() != 0]:
        raise SystemExit(f"{len(failed)} of {workers} processes failed; run it again to go on")


if __name__ == "__main__":
    main()
