"""Control passes of a frame, as a generator is handed them: depth, normal, motion, id, mattes."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from secondunit.prep.previs.legal_size import Padding, disparity, id_colour
from secondunit.prep.previs.rehearsal import Rehearsal
from secondunit.prep.stage.image import StageImage
from secondunit.prep.stage.render import render_stage

MATTES: Final = ("building", "figures", "vehicles", "set", "sky")
"""Whose coverage there is: what comes down, who walks, what drives, what stands, and what is behind all of it."""
Channels = dict[str, NDArray[Any]]


def control_frame(rehearsal: Rehearsal, padding: Padding, index: int) -> Channels:
    """Render the passes of a frame of the clip (from 0) at the generator's size.

    Returns
    -------
    ``R``, ``G``, ``B`` scene-linear ACEScg; ``depth.Z`` metres along the axis (inf where the sky is); ``normal.X/Y/Z``
    camera space; ``motion.X/Y`` pixels to the next frame, right and down; ``id`` a number for each building, figure,
    vehicle (0 the sky, 1 the ground); ``matte.*`` 0 or 1.
    """
    frames = rehearsal.brief.picture.range
    frame = frames.first + padding.source_frame(index)
    after = min(frame + 1, frames.last) if index < padding.frames else frame
    stage = rehearsal.stage(frame)
    seen = render_stage(
        stage,
        padding.widened(rehearsal.path.at(frame)),
        width=padding.full_width,
        height=padding.full_height,
        sun=rehearsal.sun,
        samples=1,
        draft=True,
        stage_next=rehearsal.stage(after),
        camera_next=padding.widened(rehearsal.path.at(after)),
    )
    names, numbers = rehearsal.groups(stage)
    return channels_of(seen, names, numbers, whose=_whose(rehearsal))


def _whose(rehearsal: Rehearsal) -> Mapping[str, str]:
    found = {g.brief.name: "figures" for g in rehearsal.gaits} | {d.brief.name: "vehicles" for d in rehearsal.drives}
    if rehearsal.proxy is not None:
        found[f"buildings/{rehearsal.proxy.pieces.box}"] = "building"
    return found


def channels_of(
    seen: StageImage, names: tuple[str, ...], numbers: NDArray[np.int32], *, whose: Mapping[str, str]
) -> Channels:
    """Return a rendered frame as named channels (height, width).

    Parameters
    ----------
    names, numbers
        What parts belong to, and the number of its name for each part.
    whose
        The matte of a name; what is not in it is the set.
    """
    hit = seen.part >= 0
    group = np.where(hit, numbers[np.maximum(seen.part, 0)] if len(numbers) else 0, -1)
    identity = np.where(hit, group + 2, np.where(seen.part == -2, 1, 0)).astype(np.uint32)
    kind = np.array([MATTES.index(whose.get(name, "set")) for name in names] or [0], np.int32)
    covered = np.where(hit, kind[np.maximum(group, 0)], np.where(seen.part == -2, 3, 4))
    found: Channels = {
        "R": seen.beauty[..., 0],
        "G": seen.beauty[..., 1],
        "B": seen.beauty[..., 2],
        "depth.Z": seen.depth,
        "motion.X": seen.motion[..., 0],
        "motion.Y": seen.motion[..., 1],
        "id": identity,
    }
    found |= {f"normal.{axis}": seen.normal[..., k] for k, axis in enumerate("XYZ")}
    found |= {f"matte.{name}": (covered == number).astype(np.float32) for number, name in enumerate(MATTES)}
    return found


def depth_codes(depth: NDArray[np.float32], near: float, far: float, *, bits: int = 8) -> NDArray[Any]:
    """Return (height, width) nearness as grey codes, white the nearest."""
    top = 2**bits - 1
    codes = np.round(disparity(depth, near, far) * top)
    return np.asarray(codes, np.uint8 if bits == 8 else np.uint16)


def normal_codes(channels: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """Return (height, width, 3) camera-space normals as the usual colours; the sky is (128, 128, 255)."""
    normal = np.stack([channels[f"normal.{axis}"] for axis in "XYZ"], axis=-1).astype(np.float32)
    sky = (np.abs(normal).sum(axis=-1) < 1e-6)[..., None]
    normal = np.where(sky, np.array([0, 0, 1], np.float32), normal)
    return np.asarray(np.round((normal * 0.5 + 0.5) * 255), np.uint8)


def id_codes(channels: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """Return (height, width, 3) flat colours of the ids; the sky is black."""
    return id_colour(channels["id"].astype(np.int32) - 1)


def motion_codes(channels: Mapping[str, NDArray[Any]], *, most_px: float) -> NDArray[np.uint8]:
    """Return (height, width, 3) motion: red to the right, green down, 128 at rest, the ends at ``most_px``."""
    x, y = channels["motion.X"].astype(np.float32), channels["motion.Y"].astype(np.float32)
    scaled = np.stack([x, y, np.zeros_like(x)], axis=-1) / max(most_px, 1e-3)
    return np.asarray(np.round(np.clip(scaled * 0.5 + 0.5, 0, 1) * 255), np.uint8)
