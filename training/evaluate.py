"""Evaluate weights on the held-out scenes; write the page that people read and the numbers that the card carries.

``python -m training.evaluate HELD WEIGHTS --page docs/generator-evaluation.md`` (``make eval``). HELD holds what
``training.frozen make`` made; WEIGHTS is a folder of ``training.export``, or left out for those in the package. The
command ends with 0 whether the gates are passed or not: it measures, and the page says so.
"""

import argparse
import importlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numba
import numpy as np

from secondunit.core.errors import BriefError
from secondunit.generate.embedded import Embedded
from secondunit.media.atomic import whole_file
from training.entrants import CONTROLS, GENERATORS, Stage, set_stage
from training.frozen import FROZEN, Frozen, read_frozen, read_scene
from training.gates import dropped, hold_controls, rule, values_of
from training.held_out import layers_of
from training.measure import measure
from training.metrics import shown
from training.page import Sheet, picture_rows, write_page
from training.yardstick import PICTURE

STAGE = 0x4556414C
RESAMPLES = 2000
MEASURES = (
    "psnr_db", "ssim", "flip", "alpha_l1", "log_spectrum_db", "high_energy", "alpha_log_spectrum_db",
    "alpha_high_energy", "temporal", "temporal_own", "flicker", "streaks", "rim", "pinholes", "specks", "grid",
    "silhouette",
)  # fmt: skip

DRAWN = (
    "calibration_luma", "calibration_alpha", "calibration_fine", "calibration_self", "ranks", "overlap_seeds",
    "overlap_truth", "micro_low_band", "micro_moves",
)  # fmt: skip


def evaluate(folder: Path, weights: Path | None, *, frozen: Frozen, learn: bool = True) -> tuple[dict[str, Any], Sheet]:
    """Measure every scene; return the numbers and the pictures' rows.

    Parameters
    ----------
    weights
        Folder of the graphs; None takes those in the package.
    learn
        False leaves out what needs weights: coarse, procedural and the controls alone.

    Raises
    ------
    BriefError
        A scene is missing, or is not the frozen one.
    """
    began = time.process_time()
    learned = Embedded(weights) if learn else None
    scenes: dict[int, dict[str, dict[str, Any]]] = {}
    free, exact = set(), True
    rows: Sheet = {}
    for seed in frozen.scenes:
        arrays, same = read_scene(folder, seed, frozen)
        exact &= same
        stage = set_stage(seed, arrays, learned)
        scenes[seed] = measure(stage)
        _flip(scenes[seed], stage)
        rows[seed] = picture_rows(stage)
        if stage.free:
            free.add(seed)
        print(f"scene {seed}: {time.process_time() - began:.0f} CPU-s so far", flush=True)
    controls = hold_controls(scenes)
    out = dropped(controls)
    present = [name for name in GENERATORS if name in next(iter(scenes.values()))]
    rulings = {name: rule(scenes, name, without=out, free=frozenset(free)) for name in present}
    yardstick = folder / "yardstick.json"
    said = {
        "held_out": frozen.digest,
        "first_made_pictures": exact,
        "weights": learned.weights_digest if learned is not None else "",
        "noise_seeds": list(frozen.noise_seeds),
        "free_scenes": sorted(free),
        "summary": {name: summarise(scenes, name) for name in (*present, *CONTROLS, "twin")},
        "drawn": {seed: _drawn(scene["embedded"]) for seed, scene in scenes.items() if "embedded" in scene},
        "controls": controls,
        "dropped": out,
        "gates": {name: _told(rulings[name]) for name in present},
        "scenes": {seed: {name: scene[name] for name in present} for seed, scene in scenes.items()},
        "yardstick": json.loads(yardstick.read_text()) if yardstick.is_file() else None,
        "cpu_seconds": round(time.process_time() - began),
    }
    return rounded(said), rows


def summarise(scenes: Mapping[int, Mapping[str, Mapping[str, Any]]], name: str) -> dict[str, Any]:
    """Return each measure's mean over scenes and the 95 % interval of that mean, by bootstrap over scenes."""
    rng = np.random.default_rng([STAGE])
    out = {}
    for metric in MEASURES:
        means = [float(np.mean(list(v.values()))) for s in scenes.values() if (v := values_of(s.get(name, {}), metric))]
        if means:
            drawn = rng.choice(means, (RESAMPLES, len(means))).mean(axis=1)
            low, high = np.quantile(drawn, (0.025, 0.975))
            out[metric] = {"mean": float(np.mean(means)), "low": float(low), "high": float(high), "scenes": len(means)}
    return out


def rounded(value: Any) -> Any:
    """Return numbers to four significant digits, and JSON without NaN or infinity."""
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value


def _told(rulings: list[Any]) -> dict[str, Any]:
    return {
        "passed": sum(r.passed for r in rulings),
        "asked": len(rulings),
        "all": bool(rulings) and all(r.passed for r in rulings),
        "by_gate": {
            gate: [sum(r.passed for r in rulings if r.gate == gate), sum(r.gate == gate for r in rulings)]
            for gate in dict.fromkeys(r.gate for r in rulings)
        },
        "rulings": [asdict(r) for r in rulings],
    }


def _drawn(measures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: measures[name] for name in DRAWN if name in measures}


def _flip(found: dict[str, dict[str, Any]], stage: Stage) -> None:
    """Add the mean FLIP (Andersson et al. 2020) of the middle pictures, where its package is installed."""
    try:
        evaluator = importlib.import_module("flip_evaluator")
    except ImportError:
        return
    for name in (*GENERATORS, *CONTROLS):
        if name not in stage.pictures:
            continue
        values = []
        for v, b in np.ndindex(*stage.truth.shape[:2]):
            one, two = (shown(layers_of(p[v, b, stage.middle])) for p in (stage.truth, stage.pictures[name]))
            values.append(float(evaluator.evaluate(one, two, "LDR", True, False, True)[1]))
        found[name]["flip"] = float(np.mean(values))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("held", type=Path)
    parser.add_argument("weights", type=Path, nargs="?", help="folder of the graphs; those in the package if left out")
    parser.add_argument("--page", type=Path, default=Path("docs/generator-evaluation.md"))
    parser.add_argument("--frozen", type=Path, default=FROZEN)
    parser.add_argument("--controls-only", action="store_true", help="without weights: do the metrics see?")
    given = parser.parse_args()
    # Pictures this small lose more by waiting for another core than they win.
    cv2.setNumThreads(1)
    numba.set_num_threads(1)
    try:
        said, rows = evaluate(
            given.held, given.weights, frozen=read_frozen(given.frozen), learn=not given.controls_only
        )
    except BriefError as error:
        raise SystemExit(f"error: {error}") from error
    write_page(given.page, said, rows, yardstick=given.held / PICTURE)
    with whole_file(given.page.with_suffix(".json")) as part:
        part.write_text(json.dumps(said, indent=1, allow_nan=False) + "\n")
    for name, told in said["gates"].items():
        print(f"{name}: {told['passed']} of {told['asked']} gates passed")
    print(f"{given.page}, {said['cpu_seconds']} CPU-s")


if __name__ == "__main__":
    main()
