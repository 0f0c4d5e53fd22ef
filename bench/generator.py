"""Seconds of the embedded generator: pictures full of dust, by size, and micro options. For idle cores.

``python bench/generator.py``. Every number is a whole call on a frame that dust fills; ratios are within this run.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from secondunit.core.camera import Camera, Filmback
from secondunit.core.collapse import Detail
from secondunit.fx.control.march import march
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.generate.embedded import Embedded
from secondunit.generate.procedural import Procedural
from secondunit.imaging.buffers import ControlBuffers

SIZES = ((960, 540), (1920, 1080))
RUNS = 3


def cloud() -> tuple[DustFrame, LightGrid]:
    """Return a lumpy wall of dust, 48 m wide, lit from above."""
    cell, shape = 0.5, (96, 56, 32)
    rng = np.random.default_rng(11)
    lump = rng.standard_normal(tuple(n // 4 for n in shape)).repeat(4, 0).repeat(4, 1).repeat(4, 2)
    extinction = (0.8 * np.clip(1.0 + 0.6 * lump, 0, 3)).astype(np.float16)
    half = tuple(n // 2 for n in shape)
    origin = np.array([-24, -4, -8], np.float32)
    dust = DustFrame(
        frame=1010, origin_m=origin, cell_m=cell, extinction=extinction, velocity=np.zeros((3, *half), np.float16),
        drift=np.zeros((3, 3, *half), np.float16), weight=np.array([0.2, 0.5, 0.3], np.float32),
        phase=np.array([1, 2, 3], np.float32),
    )  # fmt: skip
    height = np.broadcast_to(np.linspace(0.2, 0.9, half[1])[None, :, None], half)
    light = LightGrid(
        frame=1010, origin_m=origin, cell_m=1.0, sun=height.astype(np.float16),
        sun_scatter=(0.4 * height).astype(np.float16), sky=height.astype(np.float16),
        reach_m=np.stack([origin, origin + np.array(half)]).astype(np.float32),
    )  # fmt: skip
    return dust, light


def seen(width: int, height: int, *, seed: int = 1, needs: frozenset[str] = frozenset()) -> ControlBuffers:
    """March the cloud for a picture of a size."""
    camera = Camera(
        focal_length_mm=45, filmback=Filmback(width_mm=36, height_mm=20.25), position_m=(0, 7, 40)
    )  # fmt: skip
    dust, light = cloud()
    size = (height // 2, width // 2)
    front, _ = march(
        dust, light, camera=camera, camera_next=camera, width=size[1], height=size[0],
        surface_depth=np.full(size, np.inf, np.float32), sun_direction=(0.0, 1.0, 0.0),
        coverage=np.ones(size, np.float32), detail=Detail(seed=seed), channels=needs,
    )  # fmt: skip
    return front


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return the medians of a few runs, after one: by the wall, and of the processor."""
    work()
    wall, cpu = [], []
    for _ in range(RUNS):
        began, spent = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - spent)
    return statistics.median(wall), statistics.median(cpu)


def main() -> None:
    embedded, procedural = Embedded(), Procedural()
    spent = []
    for width, height in SIZES:
        buffers = seen(width, height)
        covered = float((buffers.channels["alpha"] > 0).mean())
        marched, _ = seconds(lambda w=width, h=height: seen(w, h))
        # Another object each time: a generator remembers what it said of buffers that it is given again.
        network = seconds(lambda b=buffers: embedded.generate(replace(b), detail=Detail()))
        spent.append(network)
        print(
            f"{width}x{height}, {covered:.0%} dust: march {marched:.2f} s, "
            f"embedded {network[0]:.2f} s, {network[1]:.2f} CPU-s"
        )
    area = SIZES[1][0] * SIZES[1][1] / (SIZES[0][0] * SIZES[0][1])
    wall, cpu = (spent[1][clock] / spent[0][clock] for clock in range(2))
    print(f"1080p over 960x540: {wall:.2f} times the wall, {cpu:.2f} times the CPU, {area:.0f} times the area")
    carved = seen(*SIZES[0], needs=procedural.needs)
    quick, _ = seconds(lambda: procedural.generate(carved, detail=Detail()))
    print(f"procedural at 960x540, half size: {quick:.2f} s")
    began = time.perf_counter()
    for seed in range(9):
        embedded.generate(seen(480, 270, seed=seed), detail=Detail(seed=seed))
    print(f"nine micro options at 480x270: {time.perf_counter() - began:.1f} s, march and network")


if __name__ == "__main__":
    main()
