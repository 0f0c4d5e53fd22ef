"""A scene of the training set: everything about one collapse, its weather and its light, drawn from one seed."""

from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

import numpy as np

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.collapse import Collapse, Dust, Preset
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout, Sun
from secondunit.fx.dust.fluid import Air

STAGE = 0x53434E45
RATE = Fraction(24)
SCENE_VERSION = 1
"""Raised whenever a seed would give another scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One collapse at training scale: a small building, so that the coarse cell has the size it has in a shot."""

    seed: int
    layout: Layout
    """With a locked camera that only leans the dust's grid; the views have their own (``views``)."""
    suns: tuple[Sun, Sun]
    collapse: Collapse
    dust: Dust
    air: Air
    frames: FrameRange
    coarse_cells: int
    extinction_gain: float
    """By which the dust is denser or thinner than the solver's, for the pictures alone."""
    segments: tuple[tuple[int, bool], ...]
    """(frames, free) in turn: whether the coarse solver is led by the fine one or runs on its own."""


def draw_scene(seed: int, *, frames: int = 64, coarse_cells: int = 40_000) -> Scene:
    """Draw the scene of a seed.

    Parameters
    ----------
    frames
        Length of the simulation at 24 frames a second.
    coarse_cells
        Aimed-at cells of the coarse grid; the fine one has 64 times as many.
    """
    rng = np.random.default_rng([seed, STAGE])
    floor = float(rng.uniform(2.6, 3.4))
    floors = int(rng.integers(2, 6))
    width = float(rng.uniform(6.0, 15.0))
    depth = float(rng.uniform(5.0, 9.0))
    yaw = float(rng.uniform(-40.0, 40.0))
    box = Box(
        name="block", corner_m=(-0.5 * width, 0.0, -30.0), yaw_deg=yaw, width_m=width, height_m=floors * floor,
        depth_m=depth, floors=floors, bays=max(2, round(width / 3.0)), bays_deep=2,
        window_ratio=float(rng.uniform(0.1, 0.5)),
    )  # fmt: skip
    boxes = [box]
    if rng.random() < 0.6:  # something for the surge to run into
        side = float(rng.choice((-1.0, 1.0)))
        near = float(rng.uniform(4.0, 9.0))
        corner = (side * (0.5 * width + near) - (4.0 if side < 0 else 0.0), 0.0, float(rng.uniform(-34.0, -24.0)))
        other = Box(
            name="neighbour",
            kind="neighbour",
            corner_m=corner,
            yaw_deg=float(rng.uniform(-20, 20)),
            width_m=float(rng.uniform(3, 8)),
            height_m=float(rng.uniform(2, 8)),
            depth_m=float(rng.uniform(3, 7)),
        )
        boxes.append(other)
    start = int(rng.integers(2, 5))
    collapse = Collapse(
        preset=str(rng.choice(get_args(Preset))),  # type: ignore[arg-type]
        start_frame=start,
        direction_deg=float(rng.uniform(-60, 60)),
        lean=float(rng.uniform(0.0, 0.6)),
        storey_delay_s=float(rng.uniform(0.04, 0.12)),
        pieces=int(rng.integers(140, 320)),
        seed=int(rng.integers(1, 1 << 20)),
    )
    wind = float(rng.uniform(0.0, 2.5))
    bearing = float(rng.uniform(0.0, 2.0 * np.pi))
    dust = Dust(
        amount=float(np.exp(rng.uniform(np.log(0.6), np.log(2.2)))),
        scale=float(np.exp(rng.uniform(np.log(0.7), np.log(1.5)))),
        surge=float(rng.uniform(0.6, 1.8)),
        jets=float(rng.uniform(0.3, 1.8)),
        wind_m_per_s=(wind * float(np.cos(bearing)), 0.0, wind * float(np.sin(bearing))),
        cells=coarse_cells,
        seed=int(rng.integers(1, 1 << 20)),
    )
    air = Air(
        wind_m_per_s=dust.wind_m_per_s,
        weight_m_per_s2=float(rng.uniform(0.3, 0.8)),
        lift_m_per_s2=float(rng.uniform(0.8, 2.6)),
        swirl=float(rng.uniform(0.7, 1.4)),
        turbulence_m_per_s2=float(rng.uniform(30.0, 60.0)),
        shear_turbulence_per_s=float(rng.uniform(2.0, 4.0)),
        thinning_per_m_s=float(rng.uniform(0.35, 0.7)),
    )
    camera = Camera(position_m=(float(rng.uniform(-10, 10)), 2.0, 20.0))
    suns = tuple(
        Sun(azimuth_deg=float(rng.uniform(0.0, 360.0)), elevation_deg=float(rng.uniform(8.0, 75.0))) for _ in range(2)
    )
    return Scene(
        seed=seed,
        layout=Layout(camera=CameraPath(locked=camera), boxes=tuple(boxes), sun=suns[0]),
        suns=(suns[0], suns[1]),
        collapse=collapse,
        dust=dust,
        air=air,
        frames=FrameRange(1, frames),
        coarse_cells=coarse_cells,
        extinction_gain=float(np.exp(rng.uniform(np.log(0.6), np.log(1.7)))),
        segments=_segments(rng, frames),
    )


def _segments(rng: np.random.Generator, frames: int) -> tuple[tuple[int, bool], ...]:
    """Led and free stretches in turn; about two fifths of the frames are free."""
    found: list[tuple[int, bool]] = []
    left, free = frames, False
    while left > 0:
        length = min(int(rng.integers(4, 13)) if free else int(rng.integers(8, 15)), left)
        found.append((length, free))
        left -= length
        free = not free
    return tuple(found)
