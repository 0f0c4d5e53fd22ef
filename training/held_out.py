"""Held-out scenes: short runs of frames that no network has been trained on, early, midway and late in a collapse.

``training.frozen`` keeps them as they are and makes them. Each scene is looked at by two locked cameras, from afar and
from near by. In one of the scenes the coarse solver runs free for far longer than in training, one is looked at much
later, one has a twin (``training.rehearsal``).
"""

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondunit.core.camera import Camera
from secondunit.core.collapse import Detail
from secondunit.core.errors import BriefError
from secondunit.fx.control.march import ERODED, march
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.fx.dust.light import light_dust
from secondunit.fx.dust.simulate import dust_grid
from secondunit.generate.relight import reduce_depth
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from training.fine_motion import render_motion
from training.rehearsal import Rehearsal, rehearse
from training.scene import RATE, Scene, draw_scene
from training.target import render_target
from training.view import View, draw_view

STAGE = 0x48454C44
SEEDS = (9001, 9002, 9003, 9004, 9005, 9006)
TWIN, FREE, LATE = 9002, 9005, 9006
BLOCKS = ("early", "middle", "late")
FOOTPRINTS = ((2.4, 3.6), (4.2, 6.4))
"""Buffer pixels a coarse cell covers: the far camera's, the near camera's."""
CHANNELS = (
    "alpha", "sun", "sky", "optical_depth", "depth", "motion_x", "motion_y", "normal_x", "normal_y", "normal_z",
    "holdout", "stretch", "footprint",
)  # fmt: skip
NOISE = ("noise_0", "noise_1", "noise_2", "noise_3")
BEGUN = 0.012
"""Share of the fine cells with dust in them at which the early block begins."""
_ERODED = ("eroded_alpha", "eroded_sun", "eroded_sky")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutSize:
    """How much of it."""

    frames: int = 120
    """Of the collapse; a scene is over with its late block."""
    span: int = 44
    """Frames from the early block to the late one."""
    late_span: int = 68
    coarse_cells: int = 24_000
    width: int = 192
    height: int = 112
    """Of the control buffers; targets are twice as wide and high."""
    run: int = 5
    """Consecutive frames in a block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutPlan:
    """One scene and how it is looked at."""

    scene: Scene
    views: tuple[View, View]
    span: int
    run: int
    width: int
    height: int
    twin: bool


def plan_scene(seed: int, size: HeldOutSize) -> HeldOutPlan:
    """Return the plan of a held-out scene."""
    scene = draw_scene(seed, frames=size.frames, coarse_cells=size.coarse_cells)
    scene = replace(scene, layout=replace(scene.layout, sun=scene.suns[0]))
    if seed == FREE:
        led = min(16, size.frames // 3)
        scene = replace(scene, segments=((led, False), (size.frames - led, True)))
    return HeldOutPlan(
        scene=scene,
        views=(_view(scene, 0, size), _view(scene, 1, size)),
        span=size.late_span if seed == LATE else size.span,
        run=size.run,
        width=size.width,
        height=size.height,
        twin=seed == TWIN,
    )


def make_scene(path: Path, plan: HeldOutPlan, noise_seeds: tuple[int, ...]) -> dict[str, Any]:
    """Simulate, render and write a scene whole; return a line about it."""
    began = time.process_time()
    middle = plan.run // 2
    wanted: dict[int, tuple[int, int]] = {}
    out = _empty(plan, len(noise_seeds))
    volume: dict[str, Any] = {}
    for moment in rehearse(plan.scene, twin=plan.twin):
        if not wanted and float((moment.fine.extinction > 0.05).mean()) > BEGUN:
            starts = (moment.frame, moment.frame + plan.span // 2, moment.frame + plan.span)
            wanted = {start + n: (block, n) for block, start in enumerate(starts) for n in range(plan.run)}
        if moment.frame not in wanted:
            continue
        block, n = wanted[moment.frame]
        out["frame"][block, n], out["free"][block, n] = moment.frame, moment.free_for
        _render(out, plan, moment, block, n, noise_seeds)
        if block == 1 and n == middle:
            dust = _thicker(moment.fine, plan.scene.extinction_gain)
            volume = {"extinction": dust.extinction, "origin_m": dust.origin_m, "cell_m": np.float64(dust.cell_m)}
        if out["frame"].all():
            break
    if not out["frame"].all():
        raise BriefError(f"scene {plan.scene.seed} has too few frames of dust", fix="draw it with more frames")
    for target, arrays in ((path, out), (volume_path(path), volume)):
        part = target.with_suffix(".part")
        with part.open("wb") as stream:
            np.savez_compressed(stream, **arrays) if target != path else np.savez(stream, **arrays)
        part.replace(target)
    return {"seed": plan.scene.seed, "file": path.name, "cpu_seconds": round(time.process_time() - began, 1)}


def scene_path(folder: Path, seed: int) -> Path:
    """Return where a scene lies."""
    return folder / f"held_{seed:05d}.npz"


def volume_path(path: Path) -> Path:
    """Return where the fine dust of a scene's middle frame lies, for the path tracer."""
    return path.with_name(path.name.replace("held_", "volume_"))


def buffers_of(
    arrays: dict[str, NDArray[Any]], view: int, block: int, frame: int, *, noise: int | None = None
) -> ControlBuffers:
    """Return the control buffers of one picture.

    Parameters
    ----------
    noise
        Number of the noise seed, for the middle picture of a run; None is the first one's, of which every picture has.
    """
    at = (view, block, frame)
    planes = dict(zip(CHANNELS, arrays["buffers"][at].astype(np.float32), strict=True))
    carried = arrays["noise"][at] if noise is None else arrays["noises"][view, block, noise]
    planes |= dict(zip(NOISE, carried.astype(np.float32), strict=True))
    planes |= dict(zip(_ERODED, arrays["eroded"][at].astype(np.float32), strict=True))
    x, y, z = (float(v) for v in arrays["sun"][view])
    return ControlBuffers(
        frame=int(arrays["frame"][block, frame]), slab="front", channels=planes, sun_direction=(x, y, z)
    )


def layers_of(planes: NDArray[Any]) -> DustLayers:
    """Return (3, height, width) as layers."""
    alpha, sun, sky = planes.astype(np.float32)
    return DustLayers(alpha=alpha, sun=sun, sky=sky)


def _view(scene: Scene, number: int, size: HeldOutSize) -> View:
    """Draw a locked camera of the wanted footprint; only the near one may have something in its way."""
    grid = dust_grid(scene.layout, cells=scene.coarse_cells)
    extent = np.array(grid.shape) * grid.cell_m
    box = scene.layout.falling[0]
    rng = np.random.default_rng([scene.seed, STAGE, number])
    aim = np.array(box.point(0.5 * box.width_m, (0.55, 0.4)[number] * box.height_m, 0.5 * box.depth_m))
    aim += (0.0, 0.25)[number] * box.width_m * np.array((rng.uniform(-1, 1), 0.0, rng.uniform(-1, 1)))
    low, high = FOOTPRINTS[number]
    while True:
        view = draw_view(
            rng, aim=aim, size=np.minimum(extent, 2.2 * box.height_m), cell_m=grid.cell_m, width=size.width,
            height=size.height,
        )  # fmt: skip
        camera = view.camera
        footprint = _focal(camera, size.width) * grid.cell_m / math.dist(camera.position_m, aim)
        if low <= footprint <= high and bool(view.occluders) == (number == 1 and scene.seed % 3 != 0):
            return replace(view, camera_next=camera)


def _focal(camera: Camera, width: int) -> float:
    return camera.focal_length_mm / camera.filmback.width_mm * width


def _empty(plan: HeldOutPlan, seeds: int) -> dict[str, NDArray[Any]]:
    pictures = (len(plan.views), len(BLOCKS), plan.run)
    low, full = (plan.height, plan.width), (2 * plan.height, 2 * plan.width)
    out: dict[str, NDArray[Any]] = {
        "buffers": np.zeros((*pictures, len(CHANNELS), *low), np.float16),
        "noise": np.zeros((*pictures, len(NOISE), *low), np.float16),
        "noises": np.zeros((*pictures[:2], seeds, len(NOISE), *low), np.float16),
        "eroded": np.zeros((*pictures, 3, *low), np.float16),
        "target": np.zeros((*pictures, 3, *full), np.float16),
        "motion": np.zeros((*pictures, 2, *full), np.float16),
        "depth": np.stack([v.depth(width=full[1], height=full[0]) for v in plan.views]).astype(np.float32),
        "sun": np.zeros((len(plan.views), 3), np.float32),
        "frame": np.zeros(pictures[1:], np.int16),
        "free": np.zeros(pictures[1:], np.int16),
    }
    if plan.twin:
        out["twin"] = np.zeros((*pictures[:2], 3, *full), np.float16)
    return out


def _render(
    out: dict[str, NDArray[Any]], plan: HeldOutPlan, moment: Rehearsal, block: int, n: int, seeds: tuple[int, ...]
) -> None:
    scene = plan.scene
    fine, coarse = (_thicker(d, scene.extinction_gain) for d in (moment.fine, moment.coarse))
    lights = light_dust(fine, scene.layout), light_dust(coarse, scene.layout)
    for v, view in enumerate(plan.views):
        full: Image = out["depth"][v]
        at = (v, block, n)
        out["target"][at] = _picture(fine, lights[0], plan, view, full)
        out["motion"][at] = render_motion(
            fine, moment.velocity, camera=view.camera, width=2 * plan.width, height=2 * plan.height,
            surface_depth=full, rate=float(RATE),
        )  # fmt: skip
        middle = n == plan.run // 2
        for number, seed in enumerate(seeds if middle else seeds[:1]):
            seen = _march(coarse, lights[1], plan, view, full, Detail(seed=seed), eroded=number == 0)
            carried = np.stack([seen.channels[name] for name in NOISE])
            if number == 0:
                out["buffers"][at] = np.stack([seen.channels[name] for name in CHANNELS])
                out["eroded"][at] = np.stack([seen.channels[name] for name in _ERODED])
                out["noise"][at] = carried
                out["sun"][v] = seen.sun_direction
            if middle:
                out["noises"][v, block, number] = carried
        if middle and moment.twin is not None:
            twin = _thicker(moment.twin, scene.extinction_gain)
            out["twin"][v, block] = _picture(twin, light_dust(twin, scene.layout), plan, view, full)


def _picture(dust: DustFrame, light: LightGrid, plan: HeldOutPlan, view: View, depth: Image) -> Image:
    layers = render_target(
        dust, light, camera=view.camera, width=2 * plan.width, height=2 * plan.height, surface_depth=depth,
        sun_direction=plan.scene.layout.sun.direction,
    )  # fmt: skip
    return np.stack([layers.alpha, layers.sun, layers.sky])


def _march(
    dust: DustFrame, light: LightGrid, plan: HeldOutPlan, view: View, depth: Image, detail: Detail, *, eroded: bool
) -> ControlBuffers:
    width, height = plan.width, plan.height
    return march(
        dust, light, camera=view.camera, camera_next=view.camera_next, width=width, height=height,
        surface_depth=reduce_depth(depth, width=width, height=height),
        sun_direction=plan.scene.layout.sun.direction, rate=float(RATE), coverage=np.ones((height, width), np.float32),
        detail=detail, broad_seed=detail.seed, channels=ERODED if eroded else frozenset(),
    )[0]  # fmt: skip


def _thicker(dust: DustFrame, gain: float) -> DustFrame:
    return replace(dust, extinction=(dust.extinction.astype(np.float32) * np.float32(gain)).astype(np.float16))
