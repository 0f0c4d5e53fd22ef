"""Kernels compiled in this process and kernels that Numba reads back from disk make the same bytes.

Run as a script, this prints digests of what the kernels make: ``python -m tests.fx.test_same_bytes``.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from secondunit.core.camera import Camera, CameraPath, Filmback
from secondunit.core.layout import Layout, Sun
from secondunit.fx.control.march import ERODED, march
from secondunit.fx.dust.advection import CENTRE, carry, departures
from secondunit.fx.dust.grid import DustFrame
from secondunit.fx.dust.light import light_dust
from secondunit.generate.relight import upsample
from secondunit.imaging.buffers import DustLayers

ROOT = Path(__file__).parents[2]
CELL = 0.5
WIDTH, HEIGHT = 160, 96
SUN = Sun(azimuth_deg=215.0, elevation_deg=40.0)


def a_cloud() -> DustFrame:
    rng = np.random.default_rng(1)
    x, y, z = np.meshgrid(*(np.arange(n) * CELL - n * CELL / 2 for n in (40, 32, 32)), indexing="ij")
    lump = rng.standard_normal((10, 8, 8)).repeat(4, 0).repeat(4, 1).repeat(4, 2)
    extinction = 0.6 * np.clip((6.0 + 0.6 * lump - np.sqrt(x**2 + y**2 + z**2)) / 2.5, 0, 1)
    half = tuple(n // 2 for n in extinction.shape)
    return DustFrame(
        frame=1010,
        origin_m=np.array([-10, 0, -8], np.float32),
        cell_m=CELL,
        extinction=extinction.astype(np.float16),
        velocity=rng.normal(0, 2, (3, *half)).astype(np.float16),
        drift=rng.normal(0, 0.3, (3, 3, *half)).astype(np.float16),
        weight=np.array([0.2, 0.5, 0.3], np.float32),
        phase=np.array([1, 2, 3], np.float32),
    )


def at_work() -> Iterator[tuple[str, np.ndarray]]:
    """Carry, light and march a cloud, and bring what is seen to a picture's size."""
    cloud = a_cloud()
    field = cloud.extinction.astype(np.float32)
    air = np.random.default_rng(2).normal(0, 4, (*field.shape, 3)).astype(np.float32)
    trace = np.empty_like(air)
    departures(air, np.float32(0.1), trace)
    first, low, high = (np.empty_like(field) for _ in range(3))
    carry(field, trace, CENTRE, first, low, high)
    yield from {"trace": trace, "carried": first}.items()

    camera = Camera(focal_length_mm=36, filmback=Filmback(width_mm=36, height_mm=21.6), position_m=(1.3, 4.7, 20))
    light = light_dust(cloud, Layout(camera=CameraPath(locked=camera), boxes=(), sun=SUN))
    yield from {"sun": light.sun, "scatter": light.sun_scatter, "sky": light.sky}.items()
    low_depth = np.full((HEIGHT, WIDTH), 21.0, np.float32)
    low_depth[:, : WIDTH // 2] = np.inf
    front, _ = march(
        cloud, light, camera=camera, camera_next=replace(camera, position_m=(1.4, 4.7, 20)), width=WIDTH, height=HEIGHT,
        surface_depth=low_depth, sun_direction=SUN.direction, channels=ERODED,
    )  # fmt: skip
    yield from front.channels.items()
    layers = DustLayers(**{name: front.channels[name] for name in ("alpha", "sun", "sky")})
    depth = low_depth.repeat(2, 0).repeat(2, 1)
    full = upsample(layers, low_depth=low_depth, depth=depth)
    yield from {"full alpha": full.alpha, "full sun": full.sun, "full sky": full.sky}.items()


def digests(cache: Path) -> dict[str, str]:
    """Return the digests of another process's work."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fx.test_same_bytes"], cwd=ROOT, env=os.environ | {"NUMBA_CACHE_DIR": str(cache)},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_first_run_makes_the_bytes_of_all_later_ones(tmp_path):
    compiled = digests(tmp_path)
    assert list(tmp_path.rglob("*march_slab*.nbc"))
    read_back = digests(tmp_path)
    assert [name for name in compiled if compiled[name] != read_back[name]] == []
    assert len(set(compiled.values())) > 20


def test_no_kernel_lets_the_compiler_choose_where_to_round():
    sources = sorted((ROOT / "src").rglob("*.py"))
    kernels = [path for path in sources if "@njit(" in path.read_text(encoding="utf-8")]
    assert len(kernels) > 20
    assert [path.name for path in kernels if "fastmath=" in path.read_text(encoding="utf-8")] == []


if __name__ == "__main__":
    print(json.dumps({name: hashlib.sha256(plane.tobytes()).hexdigest() for name, plane in at_work()}))
