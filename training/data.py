"""Make the data set: pairs of control buffers and fine renders, a file a scene, and a manifest that says how.

``python -m training.data OUT --scenes 1-20 --held-out 9001-9006``. Scenes that are whole are kept, so that a run that
was stopped goes on. Everything is drawn from the scene's number.
"""

import argparse
import hashlib
import json
import os
import platform
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

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
from training.companion import Pair, simulate_pairs
from training.scene import SCENE_VERSION, draw_scene
from training.target import render_target
from training.view import View, draw_view

STAGE = 0x44415441
FILLED = 0.22
"""Least share of a picture with dust in it."""
SCRIPTS = ("companion.py", "data.py", "scene.py", "target.py", "view.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSize:
    """How much of it."""

    frames: int = 64
    coarse_cells: int = 40_000
    width: int = 192
    height: int = 128
    """Of the control buffers; targets are twice as wide and high."""
    every: int = 2
    """Frames from one that is kept to the next."""
    views: int = 5
    noises: int = 3
    """Seeds of carried noise that each view is given with."""


def make_scene(path: Path, seed: int, size: DataSize) -> dict[str, Any]:
    """Simulate a scene, render its pairs and write them whole to ``path``; return its line of the manifest."""
    began = time.process_time()
    scene = draw_scene(seed, frames=size.frames, coarse_cells=size.coarse_cells)
    rows: dict[str, list[NDArray[Any]]] = {k: [] for k in ("state", "noise", "target", "edge", "frame", "free")}
    for number, pair in enumerate(simulate_pairs(scene)):
        if number % size.every or not _seen(pair.coarse):
            continue
        pair = _thicker(pair, scene.extinction_gain)
        sun = scene.suns[number // size.every % 2]
        layout = replace(scene.layout, sun=replace(sun, illuminance=Sun().illuminance, sky=Sun().sky))
        lights = light_dust(pair.fine, layout), light_dust(pair.coarse, layout)
        for n in range(size.views):
            rng = np.random.default_rng([seed, STAGE, pair.frame, n])
            view = _filled(rng, pair, lights[1], layout, size)
            if view is not None:
                for key, value in _render(pair, lights, layout, view, size, rng).items():
                    rows[key].append(value)
    arrays = {key: np.stack(value) for key, value in rows.items()}
    part = path.with_suffix(".part")
    with part.open("wb") as stream:
        np.savez(stream, **arrays)
    part.replace(path)
    return {
        "seed": seed,
        "file": path.name,
        "sha256": file_digest(path),
        "pairs": len(arrays["frame"]),
        "cpu_seconds": round(time.process_time() - began, 1),
        "scene": canonical(scene),
    }


def render_pair(
    pair: Pair, lights: tuple[LightGrid, LightGrid], layout: Layout, view: View, *, width: int, height: int,
    details: tuple[Detail, ...], channels: frozenset[str] = frozenset(),
) -> tuple[tuple[ControlBuffers, ...], DustLayers, NDArray[np.float32]]:  # fmt: skip
    """Return the control buffers of each detail, the fine layers, and the surface's depth at full size."""
    full = view.depth(width=2 * width, height=2 * height)
    low = reduce_depth(full, width=width, height=height)
    fine_light, coarse_light = lights
    target = render_target(
        pair.fine, fine_light, camera=view.camera, width=2 * width, height=2 * height, surface_depth=full,
        sun_direction=layout.sun.direction,
    )  # fmt: skip
    seen = tuple(
        march(
            pair.coarse, coarse_light, camera=view.camera, camera_next=view.camera_next, width=width, height=height,
            surface_depth=low, sun_direction=layout.sun.direction, coverage=np.ones((height, width), np.float32),
            detail=detail, broad_seed=detail.seed, channels=channels,
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


def _render(
    pair: Pair, lights: tuple[LightGrid, LightGrid], layout: Layout, view: View, size: DataSize,
    rng: np.random.Generator,
) -> dict[str, NDArray[Any]]:  # fmt: skip
    details = tuple(Detail(seed=int(s)) for s in rng.integers(1, 1 << 20, size.noises))
    seen, target, full = render_pair(pair, lights, layout, view, width=size.width, height=size.height, details=details)
    low = reduce_depth(full, width=size.width, height=size.height)
    return {
        "state": pack_state(seen[0]).astype(np.float16),
        "noise": np.stack([pack_noise(b) for b in seen]).astype(np.float16),
        "target": pack_layers(target).astype(np.float16),
        "edge": surface_edges(low),
        "frame": np.array(pair.frame, np.int16),
        "free": np.array(pair.free_for, np.int16),
    }


def _filled(
    rng: np.random.Generator, pair: Pair, light: LightGrid, layout: Layout, size: DataSize
) -> View | None:  # fmt: skip
    """Draw views until one has enough dust in it; None where there is none to be had."""
    small = (size.height // 4, size.width // 4)
    for _ in range(8):
        view = aimed(rng, pair.coarse, size)
        depth = view.depth(width=small[1], height=small[0])
        seen, _ = march(
            pair.coarse, light, camera=view.camera, camera_next=view.camera, width=small[1], height=small[0],
            surface_depth=depth, sun_direction=layout.sun.direction, coverage=np.ones(small, np.float32),
        )  # fmt: skip
        if (seen.channels["alpha"] > 0.02).mean() > FILLED:
            return view
    return None


def _seen(dust: DustFrame) -> bool:
    return bool((dust.extinction > 0.05).sum() > 80)


def _thicker(pair: Pair, gain: float) -> Pair:
    """Return both with the dust's extinction multiplied."""

    def scaled(dust: DustFrame) -> DustFrame:
        return replace(dust, extinction=(dust.extinction.astype(np.float32) * np.float32(gain)).astype(np.float16))

    return replace(pair, fine=scaled(pair.fine), coarse=scaled(pair.coarse))


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
        path = out / f"scene_{seed:05d}.npz"
        line = out / f"scene_{seed:05d}.json"
        if path.is_file() and line.is_file():
            continue
        claim = path.with_suffix(".lock")
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        try:
            said = make_scene(path, seed, size)
            line.write_text(json.dumps(said, indent=1) + "\n")
            print(f"scene {seed}: {said['pairs']} pairs, {said['cpu_seconds']} CPU-s", flush=True)
        finally:
            claim.unlink(missing_ok=True)
    write_manifest(out, size)


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
    path.write_text(json.dumps(manifest, indent=1) + "\n")
    return path


def seed_list(text: str) -> list[int]:
    """Read ``1-4,9`` as [1, 2, 3, 4, 9]."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scenes", type=seed_list, default=seed_list("1-20"), help="such as 1-20 or 3,5,9")
    parser.add_argument("--frames", type=int, default=DataSize().frames)
    parser.add_argument("--cells", type=int, default=DataSize().coarse_cells)
    parser.add_argument("--every", type=int, default=DataSize().every)
    parser.add_argument("--views", type=int, default=DataSize().views)
    given = parser.parse_args()
    size = DataSize(frames=given.frames, coarse_cells=given.cells, every=given.every, views=given.views)
    make_data(given.out, seeds=given.scenes, size=size)


if __name__ == "__main__":
    main()
