"""How true the truth is: the held-out targets beside the same dust path-traced.

``python -m training.yardstick HELD`` writes ``yardstick.json`` and a picture, which the evaluation's page tells. Kept
apart from the evaluation since it needs no weights.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.fx.dust.grid import DustFrame
from secondunit.fx.dust.light import light_dust
from secondunit.imaging.buffers import DustLayers, Image
from secondunit.media.atomic import whole_file
from secondunit.media.contact_sheet import contact_sheet
from secondunit.media.png import write_png
from training.frozen import read_frozen
from training.held_out import plan_scene, scene_path, volume_path
from training.path_tracer import trace
from training.pictures import lit, screen
from training.target import render_target

WIDTH, HEIGHT = 160, 96
BLOCK = 8
"""Pixels along one edge of what is averaged before both are compared."""
PICTURE = "yardstick.png"
LIT = 0.5
"""Least alpha of a block that is compared."""


def compare(target: DustLayers, halves: tuple[DustLayers, DustLayers]) -> dict[str, Any]:
    """Return how a target stands to a truth that was traced twice: gain, correlation, what is left, and the noise.

    ``gain`` is the least-squares factor from truth to target; ``left`` what that leaves, root mean square over blocks,
    in shares of the truth's mean; ``noise`` is the truth's own, told by its halves.
    """
    out: dict[str, Any] = {}
    alpha = _blocks(target.alpha)
    there = alpha > LIT
    truth_alpha = 0.5 * (_blocks(halves[0].alpha) + _blocks(halves[1].alpha))
    out["alpha"] = float((alpha - truth_alpha).mean())
    for name in ("sun", "sky"):
        mine = _blocks(getattr(target, name))[there]
        one, two = (_blocks(getattr(h, name))[there] for h in halves)
        truth = 0.5 * (one + two)
        gain = float((mine * truth).sum() / (truth * truth).sum())
        out[name] = {
            "gain": gain,
            "mean": float(mine.mean() / truth.mean()),
            "correlation": float(np.corrcoef(mine, truth)[0, 1]),
            "left": float(np.sqrt(np.mean((mine - gain * truth) ** 2)) / mine.mean()),
            "noise": float(np.sqrt(np.mean((one - two) ** 2)) / 2.0 / truth.mean()),
        }
    return out


def _blocks(image: Image) -> NDArray[np.float64]:
    height, width = (n // BLOCK * BLOCK for n in image.shape)
    whole = image[:height, :width].astype(np.float64)
    return np.asarray(whole.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).mean(axis=(1, 3)))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("held", type=Path)
    parser.add_argument("--scenes", type=int, nargs="*", help="all that are there, if left out")
    parser.add_argument("--samples", type=int, default=512, help="paths a pixel")
    given = parser.parse_args()
    frozen = read_frozen()
    rows: list[dict[str, Any]] = []
    crops: list[tuple[str, NDArray[np.uint8]]] = []
    for seed in given.scenes or frozen.scenes:
        path = volume_path(scene_path(given.held, seed))
        if not path.is_file():
            continue
        began = time.process_time()
        plan = plan_scene(seed, frozen.size)
        with np.load(path) as data:
            dust = _dust(data["extinction"], data["origin_m"], float(data["cell_m"]))
        view = replace(plan.views[0], occluders=())
        sun = plan.scene.layout.sun.direction
        seen = {
            "camera": view.camera, "width": WIDTH, "height": HEIGHT, "sun_direction": sun,
            "surface_depth": view.depth(width=WIDTH, height=HEIGHT),
        }  # fmt: skip
        target = render_target(dust, light_dust(dust, plan.scene.layout), **seen)  # type: ignore[arg-type]
        one, two = (trace(dust, **seen, samples=given.samples // 2, seed=n) for n in (1, 2))  # type: ignore[arg-type]
        rows.append({"seed": seed, "sun_elevation": plan.scene.layout.sun.elevation_deg, **compare(target, (one, two))})
        print(json.dumps(rows[-1]), f"{time.process_time() - began:.0f} CPU-s", flush=True)
        truth = DustLayers(
            alpha=0.5 * (one.alpha + two.alpha), sun=0.5 * (one.sun + two.sun), sky=0.5 * (one.sky + two.sky)
        )
        for words, layers in (("target", target), ("path-traced", truth)):
            big = cv2.resize(screen(lit(layers)), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
            crops.append((f"{words}\nscene {seed}", np.asarray(big, dtype=np.uint8)))
    if crops:
        sheet = contact_sheet([crop for _, crop in crops], columns=4, labels=[words for words, _ in crops])
        write_png(given.held / PICTURE, sheet)
    said = {
        "samples": given.samples,
        "width": WIDTH,
        "height": HEIGHT,
        "block": BLOCK,
        "noise": max((row[k]["noise"] for row in rows for k in ("sun", "sky")), default=0.0),
        "scenes": rows,
    }
    with whole_file(given.held / "yardstick.json") as part:
        part.write_text(json.dumps(said, indent=1) + "\n")


def _dust(extinction: NDArray[Any], origin: NDArray[Any], cell: float) -> DustFrame:
    nx, ny, nz = (n // 2 for n in extinction.shape)
    return DustFrame(
        frame=1, origin_m=origin.astype(np.float32), cell_m=cell, extinction=extinction.astype(np.float16),
        velocity=np.zeros((3, nx, ny, nz), np.float16), drift=np.zeros((0, 3, nx, ny, nz), np.float16),
        weight=np.zeros(3, np.float32), phase=np.zeros(3, np.float32),
    )  # fmt: skip


if __name__ == "__main__":
    main()
