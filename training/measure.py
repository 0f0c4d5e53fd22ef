"""All that is measured of one scene, for every entrant and control."""

from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from secondunit.imaging.buffers import Image
from training.entrants import FAULTS, Planes, Stage
from training.faults import pinholes, rim, specks, streaks
from training.held_out import BLOCKS, layers_of
from training.metrics import (
    Floats,
    alpha_error,
    calibration,
    error_db,
    fine,
    flicker,
    high_energy,
    lattice,
    log_spectrum_db,
    low_pass,
    luma,
    overlap,
    patch_corners,
    power,
    ranks,
    roughness,
    shown,
    similarity,
    spread_and_error,
)

ENOUGH = 6
"""Patches a block needs for a spectrum; with fewer it is not measured."""
SOME = 400
"""Pixels of skin or body that a fault needs to be measured."""
OF_TRUTH = ("truth", "blurred", "down_up", "noisy", "shuffled", *FAULTS)
"""Entrants whose pictures move as the fine dust does."""


@dataclass(slots=True, kw_only=True)
class _Sums:
    """What is summed over a scene's pictures before it is divided."""

    square: list[float] = field(default_factory=list)
    similar: list[float] = field(default_factory=list)
    alpha: list[float] = field(default_factory=list)
    light: dict[str, Floats] = field(default_factory=dict)
    cover: dict[str, Floats] = field(default_factory=dict)
    streak: Floats = field(default_factory=lambda: np.zeros(2))
    rim: Floats = field(default_factory=lambda: np.zeros(4))
    holes: Floats = field(default_factory=lambda: np.zeros(2))
    specks: Floats = field(default_factory=lambda: np.zeros(2))
    grid: Floats = field(default_factory=lambda: np.zeros(2))
    outline: Floats = field(default_factory=lambda: np.zeros(2))
    fine_motion: Floats = field(default_factory=lambda: np.zeros(2))
    own_motion: Floats = field(default_factory=lambda: np.zeros(2))


def measure(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return measures by entrant and name; by block where a measure is a dictionary. What cannot be measured is None.

    Spatial measures take the first, middle and last picture of each run, motion takes all.
    """
    views, _, run = stage.truth.shape[:3]
    some = sorted({0, stage.middle, run - 1})
    truth, corners, count = _Sums(), {}, dict.fromkeys(BLOCKS, 0)
    true_shown: dict[tuple[int, ...], Image] = {}
    for at in product(range(views), range(len(BLOCKS)), some):
        corners[at] = patch_corners(stage.where[at] & (stage.truth[at][0] > 0.02))
        count[BLOCKS[at[1]]] += len(corners[at])
        true_shown[at] = shown(layers_of(stage.truth[at]))
    found: dict[str, dict[str, Any]] = {}
    for name, planes in {"truth": stage.truth, **stage.pictures}.items():
        sums = truth if name == "truth" else _Sums()
        for at in product(range(views), range(len(BLOCKS)), some):
            _one(sums, stage, planes, at, true_shown[at], corners[at])
        for v, b in product(range(views), range(0 if name in FAULTS else len(BLOCKS))):
            _moving(sums, stage, name, planes, v, b)
        found[name] = _said(sums, truth, count)
    _drawn(found, stage)
    if stage.twin is not None:
        found["twin"] = _twin(stage)
    return found


def _one(
    sums: _Sums, stage: Stage, planes: Planes, at: tuple[int, ...], truth: Image, corners: list[tuple[int, int]]
) -> None:
    layers, where, block = layers_of(planes[at]), stage.where[at], BLOCKS[at[1]]
    if not where.any():
        return
    picture = shown(layers)
    grey = luma(picture)
    sums.square.append(float(np.mean((picture[where] - truth[where]) ** 2)))
    sums.similar.append(similarity(grey, luma(truth), where))
    sums.alpha.append(alpha_error(layers.alpha, stage.truth[at][0], where))
    for kept, plane in ((sums.light, grey), (sums.cover, layers.alpha)):
        kept[block] = kept.get(block, 0.0) + power(plane, corners)
    sums.streak += streaks(grey, layers.alpha, stage.open[at[0]])
    sums.rim += rim(layers, stage.open[at[0]])
    sums.holes += pinholes(layers.alpha, stage.open[at[0]])
    sums.specks += specks(grey, where)
    sums.grid += lattice(grey, corners)
    sums.outline += roughness(np.where(stage.open[at[0]], layers.alpha, np.float32(0.0)))


def _moving(sums: _Sums, stage: Stage, name: str, planes: Planes, view: int, block: int) -> None:
    run = [luma(shown(layers_of(p))) for p in planes[view, block]]
    where = [m & (t[0] > 0.1) for m, t in zip(stage.where[view, block], stage.truth[view, block], strict=True)]
    exact = list(stage.motion[view, block])
    sums.fine_motion += flicker(run, exact, where)
    own = exact if name in OF_TRUTH else list(stage.coarse_motion[view, block])
    sums.own_motion += flicker(run, own, where)


def _said(sums: _Sums, truth: _Sums, count: dict[str, int]) -> dict[str, Any]:
    mean_square = float(np.mean(sums.square))
    enough = [b for b in BLOCKS if count[b] >= ENOUGH]
    quotient = {k: _over(getattr(sums, k), getattr(truth, k)) for k in ("streak", "outline", "grid")}
    return {
        "psnr_db": None if mean_square == 0 else -10.0 * float(np.log10(mean_square)),
        "ssim": float(np.mean(sums.similar)),
        "alpha_l1": float(np.mean(sums.alpha)),
        "log_spectrum_db": {b: log_spectrum_db(sums.light[b], truth.light[b]) for b in enough},
        "high_energy": {b: high_energy(sums.light[b], truth.light[b]) for b in enough},
        "alpha_log_spectrum_db": {b: log_spectrum_db(sums.cover[b], truth.cover[b]) for b in enough},
        "alpha_high_energy": {b: high_energy(sums.cover[b], truth.cover[b]) for b in enough},
        "temporal": _over(sums.fine_motion, truth.fine_motion),
        "temporal_own": _over(sums.own_motion, truth.own_motion),
        "flicker": sums.fine_motion[0] / max(sums.fine_motion[1], 1e-9),
        "streaks": quotient["streak"] if min(truth.streak[1], sums.streak[1]) > 0 else None,
        "silhouette": quotient["outline"],
        "specks": 1e4 * (sums.specks[0] / max(sums.specks[1], 1.0) - truth.specks[0] / max(truth.specks[1], 1.0)),
        "grid": quotient["grid"],
        "rim": _rim(sums.rim) / _rim(truth.rim) if min(sums.rim[1], truth.rim[1]) > SOME else None,
        "pinholes": 1e4 * (sums.holes[0] / max(sums.holes[1], 1.0) - truth.holes[0] / max(truth.holes[1], 1.0))
        if min(sums.holes[1], truth.holes[1]) > SOME
        else None,
    }


def _over(mine: Floats, theirs: Floats) -> float | None:
    """Return the quotient of two quotients."""
    if min(mine[1], *theirs) <= 0:
        return None
    return float(mine[0] / mine[1] / (theirs[0] / theirs[1]))


def _rim(sums: Floats) -> float:
    return float(sums[0] / sums[1] / (sums[2] / sums[3]))


def _drawn(found: dict[str, dict[str, Any]], stage: Stage) -> None:
    """Add what takes several draws of one picture: how far they are apart, and whether the truth might be one."""
    if stage.draws is None or stage.micro is None:
        return
    seeds = stage.draws.shape[2]
    sums: dict[str, list[tuple[float, float]]] = {"luma": [], "alpha": [], "fine": [], "self": []}
    rank = np.zeros(seeds + 1)
    between, beside = [], []
    for v, b in product(range(stage.draws.shape[0]), range(len(BLOCKS))):
        where = stage.where[v, b, stage.middle]
        if where.sum() < SOME:
            continue
        grey = np.stack([luma(shown(layers_of(p))) for p in stage.draws[v, b]])
        true_planes = stage.truth[v, b, stage.middle]
        true_grey = luma(shown(layers_of(true_planes)))
        sums["luma"].append(spread_and_error(grey, true_grey, where))
        sums["alpha"].append(spread_and_error(stage.draws[v, b, :, 0], true_planes[0], where))
        sums["fine"].append(spread_and_error(np.stack([fine(g) for g in grey]), fine(true_grey), where))
        sums["self"].append(spread_and_error(grey[:-1], grey[-1], where))
        rank += ranks(grey, true_grey, where)
        between += [overlap(stage.draws[v, b, 0, 0], p[0]) for p in stage.draws[v, b, 1:]]
        beside += [overlap(true_planes[0], p[0]) for p in stage.draws[v, b]]
    said = found["embedded"]
    for name, pairs in sums.items():
        variance, error = np.mean(pairs, axis=0)
        said[f"calibration_{name}"] = calibration(float(variance), float(error), seeds - (name == "self"))
    said["ranks"] = [round(float(r), 4) for r in rank / rank.sum()]
    said["overlap_seeds"], said["overlap_truth"] = float(np.mean(between)), float(np.mean(beside))
    apart = [
        low_pass(np.moveaxis(pair[0] - pair[1], 0, -1)) for pair in stage.micro.reshape(-1, *stage.micro.shape[2:])
    ]
    said["micro_low_band"] = float(max(np.abs(a).max() for a in apart))
    said["micro_moves"] = float(np.abs(stage.micro[:, :, 0] - stage.micro[:, :, 1]).max())


def _twin(stage: Stage) -> dict[str, Any]:
    """Return how near another fine simulation of the same coarse state comes: no generator can come nearer."""
    assert stage.twin is not None
    square, similar, alpha = [], [], []
    light: dict[str, Floats] = {}
    true_light: dict[str, Floats] = {}
    for v, b in product(range(stage.twin.shape[0]), range(len(BLOCKS))):
        at = (v, b, stage.middle)
        where = stage.where[at]
        if not where.any():
            continue
        mine, theirs = shown(layers_of(stage.twin[v, b])), shown(layers_of(stage.truth[at]))
        square.append(10.0 ** (-0.1 * error_db(mine, theirs, where)))
        similar.append(similarity(luma(mine), luma(theirs), where))
        alpha.append(alpha_error(stage.twin[v, b, 0], stage.truth[at][0], where))
        corners = patch_corners(where & (stage.truth[at][0] > 0.02))
        for kept, picture in ((light, mine), (true_light, theirs)):
            kept[BLOCKS[b]] = kept.get(BLOCKS[b], 0.0) + power(luma(picture), corners)
    filled = [b for b in light if true_light[b].any()]
    return {
        "psnr_db": -10.0 * float(np.log10(np.mean(square))),
        "ssim": float(np.mean(similar)),
        "alpha_l1": float(np.mean(alpha)),
        "log_spectrum_db": {b: log_spectrum_db(light[b], true_light[b]) for b in filled},
        "high_energy": {b: high_energy(light[b], true_light[b]) for b in filled},
    }
