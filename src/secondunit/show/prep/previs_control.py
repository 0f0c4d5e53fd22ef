"""Control passes as files: an EXR sequence with every pass, 16-bit depth, and movies that a generator takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.farm.local import LocalFarm
from secondunit.media.colour import ACES_VIEW, display
from secondunit.media.exr import read_exr
from secondunit.media.movies import write_movie
from secondunit.media.png import write_png
from secondunit.prep.previs.control import MATTES, depth_codes, id_codes, motion_codes, normal_codes
from secondunit.prep.previs.exposure import exposed
from secondunit.prep.previs.legal_size import near_and_far, padding_for
from secondunit.show.prep.previs_job import (
    ControlJob,
    PrevisJob,
    control_cache,
    control_name,
    copy_whole,
    each_frame,
    make_control,
)
from secondunit.show.store.records import write_json

Progress = Callable[[str, int, int], None]
Channels = dict[str, NDArray[Any]]
MOVIES = ("depth", "normal", "motion", "id", "matte", "picture")


def write_control(job: PrevisJob, folder: Path, farm: LocalFarm, progress: Progress | None) -> Path:
    """Make the control passes of a previs and return their record.

    ::

        control/passes/control.1001.exr   every pass of a frame, at the generator's size
        control/depth_16/depth.1001.png   nearness, 16 bits
        control/depth.mp4 normal.mp4 motion.mp4 id.mp4 matte.mp4 picture.mp4
        control/control.json              sizes, padding, how to trim, near and far

    Raises
    ------
    BriefError
        No legal size fits into the budget.
    StoreError
        The folder cannot be written.
    """
    picture, said = job.brief.picture, job.brief.control
    width, height = picture.size
    padding = padding_for(aspect=width / height, frames=picture.frames, model=said.model, budget_px=said.budget_px)
    cache = control_cache(job, padding)
    todo = [n for n in range(padding.full_frames) if not cache.holds(control_name(n))]
    step = None if progress is None else lambda done, total: progress("control passes", done, total)
    made = ControlJob(previs=job, padding=padding)
    each_frame(farm, make_control, todo, job=made, pixels=padding.full_width * padding.full_height, progress=step)
    (folder / "passes").mkdir(parents=True, exist_ok=True)
    sampled, fastest = [], 0.0
    for index in range(padding.full_frames):
        source = cache.path(control_name(index))
        name = f"control.{picture.first_frame + index:04d}.exr"
        copy_whole(source, folder / "passes" / name)
        if index % 4 == 0 or index == padding.full_frames - 1:
            channels, _ = read_exr(source)
            sampled.append(channels["depth.Z"][::4, ::4])
            speed = np.hypot(channels["motion.X"].astype(np.float32), channels["motion.Y"].astype(np.float32))
            fastest = max(fastest, float(np.quantile(speed, 0.999)))
    near, far = near_and_far(np.concatenate([d.ravel() for d in sampled]))
    most = max(4.0, float(np.ceil(fastest)))
    clip = _Clip(job=job, near=near, far=far, most_px=most)
    kept: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in MOVIES}
    for index in range(padding.full_frames):  # each file is read once; what the movies show waits as PNG
        channels, _ = read_exr(cache.path(control_name(index)))
        for name in MOVIES:
            _, packed = cv2.imencode(".png", clip.codes(name, channels), [cv2.IMWRITE_PNG_COMPRESSION, 1])
            kept[name].append(packed)
        path = folder / "depth_16" / f"depth.{picture.first_frame + index:04d}.png"
        write_png(path, depth_codes(channels["depth.Z"], near, far, bits=16))
    for name in MOVIES:
        write_movie(folder / f"{name}.mp4", (_unpacked(p) for p in kept.pop(name)), rate=picture.rate)
    record = {
        "schema": 1,
        "model": said.model,
        "rate": str(picture.rate),
        "first_frame": picture.first_frame,
        **padding.said(),
        "depth": {
            "near_m": round(near, 4), "far_m": round(far, 4),
            "codes": "nearness, linear in 1/metres: white is near_m; the sky is black",
        },
        "normal": "camera space: red right, green up, blue towards the camera",
        "motion": {"most_px": most, "codes": "red right, green down, 128 at rest; the EXR has pixels"},
        "id": "one number for each building, figure, vehicle in all frames; 0 the sky, 1 the ground",
        "matte": f"matte.mp4 is what comes down and who is seen; in the EXR: {', '.join(f'matte.{m}' for m in MATTES)}",
    }  # fmt: skip
    write_json(folder / "control.json", record)
    return folder / "control.json"


class _Clip:
    """How the passes of a clip are shown: the same near and far, the same exposure, from first frame to last."""

    def __init__(self, *, job: PrevisJob, near: float, far: float, most_px: float) -> None:
        self.job, self.near, self.far, self.most_px = job, near, far, most_px

    def codes(self, name: str, channels: Channels) -> NDArray[np.uint8]:
        """Return a pass as codes for a screen."""
        match name:
            case "depth":
                return _grey(depth_codes(channels["depth.Z"], self.near, self.far))
            case "normal":
                return normal_codes(channels)
            case "motion":
                return motion_codes(channels, most_px=self.most_px)
            case "id":
                return id_codes(channels)
            case "matte":
                seen = sum(channels[f"matte.{m}"].astype(np.float32) for m in ("building", "figures", "vehicles"))
                return _grey(np.asarray(np.clip(seen, 0, 1) * 255, np.uint8))
            case _:
                beauty = np.stack([channels[c].astype(np.float32) for c in "RGB"], axis=-1)
                return display(exposed(beauty, self.job.stops), view=ACES_VIEW)


def _grey(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.repeat(codes[..., None], 3, axis=2))


def _unpacked(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
