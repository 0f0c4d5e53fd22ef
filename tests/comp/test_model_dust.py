"""Dust out of a model's picture: the plate never comes along, pieces stay ours, edges may move only so far."""

from dataclasses import replace

import numpy as np
import pytest

from secondunit.comp.model_dust import (
    PasteSettings,
    TakeFrame,
    dust_alpha,
    grey_of,
    inverse_depth,
    model_mask,
    paste_dust,
    ring_gain,
    steady,
)
from secondunit.imaging.filters import gaussian

HEIGHT, WIDTH = 96, 128
NOTHING = np.zeros(3, np.float32)
EVERYWHERE = np.ones((HEIGHT, WIDTH), bool)


def smooth(seed: int, sigma: float) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((HEIGHT, WIDTH)).astype(np.float32)
    soft = gaussian(noise, sigma_px=sigma)
    return soft / soft.std()


def take_frame(*, pieces: bool = False, grain: float = 0.004) -> TakeFrame:
    """A textured dark wall with a cloud of pale dust, and a piece half in it where asked."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    clean = np.repeat((0.08 + 0.04 * np.sign(np.sin(x / 3) * np.sin(y / 4)))[..., None], 3, axis=2).astype(np.float32)
    alpha = np.clip(1.4 - np.hypot(x - 64, y - 52) / 24, 0, 0.96).astype(np.float32)
    colour = np.array([0.42, 0.40, 0.37], np.float32) * (1 + 0.15 * smooth(1, 6))[..., None]
    element = np.dstack([colour * alpha[..., None], alpha]).astype(np.float32)
    seen = np.zeros((HEIGHT, WIDTH), np.float32)
    if pieces:
        seen[44:60, 78:98] = 1
        thin = np.exp(-0.4) * seen  # a piece behind a little dust
        element[..., :3] = element[..., :3] * (1 - thin[..., None]) + thin[..., None] * 0.02
        element[..., 3] = np.maximum(element[..., 3], seen)
    depth = -np.log(np.maximum(1 - alpha, 1e-3))
    depth[seen > 0] = 0.4
    shadow = np.ones_like(clean)
    noise = np.random.default_rng(2).normal(0, grain, clean.shape) * (element[..., 3:] > 0)
    comp = element[..., :3] + (1 - element[..., 3:4]) * clean * shadow + noise
    return TakeFrame(
        comp=comp.astype(np.float32), element=element, clean=clean, shadow=shadow, matte=element[..., 3].copy(),
        pieces=seen, optical_depth=depth.astype(np.float32),
    )  # fmt: skip


def paste(model: np.ndarray, frame: TakeFrame, *, allowed: np.ndarray = EVERYWHERE, gain=NOTHING, **said):
    return paste_dust(model.astype(np.float32), frame, allowed=allowed, gain=gain, settings=PasteSettings(**said))


def test_a_model_that_returns_our_comp_changes_next_to_nothing():
    frame = take_frame(grain=0.0)
    made = paste(frame.comp, frame)
    assert np.abs(made.comp - frame.comp).max() < 0.06
    assert np.abs(made.comp - frame.comp).mean() < 0.004
    assert np.abs(made.element[..., 3] - frame.element[..., 3]).mean() < 0.02


def test_where_the_model_drew_no_dust_the_comp_is_ours_bit_for_bit():
    frame = take_frame()
    model = frame.comp * 0.8 + 0.03 + 0.02 * smooth(5, 1.0)[..., None]  # a plate remembered badly
    made = paste(model, frame)
    far = gaussian((frame.element[..., 3] > 0).astype(np.float32), sigma_px=3.0) < 0.002
    assert far.mean() > 0.4
    assert np.array_equal(made.comp[far], frame.comp[far])
    assert np.array_equal(made.element[far], frame.element[far])


def test_a_wrong_plate_behind_thin_dust_does_not_come_along():
    frame = take_frame(grain=0.0)
    # The model moved the wall's texture by half its period: behind thin dust it would show as another wall.
    moved = np.roll(frame.clean, 9, axis=1)
    model = frame.element[..., :3] + (1 - frame.element[..., 3:4]) * moved
    made = paste(model, frame)
    alpha = frame.element[..., 3]
    thin = (alpha > 0.05) & (alpha < 0.5)
    ours = np.abs(made.comp - frame.comp)[thin].mean()
    theirs = np.abs(model - frame.comp)[thin].mean()
    assert ours < 0.3 * theirs


def test_fine_structure_of_the_model_comes_in():
    frame = take_frame(grain=0.0)
    detail = 0.08 * smooth(7, 1.2)[..., None] * frame.element[..., 3:4]
    made = paste(frame.comp + detail, frame)
    dense = frame.element[..., 3] > 0.8
    came = (made.comp - frame.comp)[dense]
    assert np.corrcoef(came[:, 0], detail[..., 0][dense])[0, 1] > 0.9
    assert came.std() > 0.6 * detail[dense].std()


def test_broad_light_stays_the_simulation_s_and_may_be_let_go():
    frame = take_frame(grain=0.0)
    model = frame.element[..., :3] * 1.5 + (1 - frame.element[..., 3:4]) * frame.background
    dense = frame.element[..., 3] > 0.8
    locked, free = paste(model, frame), paste(model, frame, low_band=0.0)
    assert locked.comp[dense].mean() == pytest.approx(frame.comp[dense].mean(), rel=0.06)
    assert free.comp[dense].mean() > 1.3 * frame.comp[dense].mean()


def test_new_dust_reaches_no_further_than_asked_and_never_past_the_ring():
    frame = take_frame(grain=0.0)
    flood = np.full_like(frame.comp, 0.45)  # dust everywhere
    near, wide = paste(flood, frame, dilate_px=1, feather_px=0.5), paste(flood, frame, dilate_px=8, feather_px=3)
    grown = [(p.element[..., 3] > 0.02).sum() for p in (near, wide)]
    assert (frame.element[..., 3] > 0.02).sum() <= grown[0] < grown[1]
    allowed = frame.element[..., 3] > 0.2
    held = paste(flood, frame, allowed=allowed, dilate_px=8, feather_px=3)
    assert np.array_equal(held.comp[~allowed], frame.comp[~allowed])


def test_dust_that_the_model_left_out_is_kept_by_the_physics():
    frame = take_frame(grain=0.0)
    made = paste(frame.clean, frame)  # no dust at all
    deep = gaussian((frame.element[..., 3] > 0.9).astype(np.float32), sigma_px=2) > 0.98
    assert deep.any()
    assert made.element[..., 3][deep].min() > 0.8
    assert np.isfinite(made.comp).all()
    assert (made.comp >= 0).all()


def test_pieces_that_are_seen_stay_ours():
    frame = take_frame(pieces=True)
    model = frame.comp.copy()
    model[44:60, 78:98] = [0.9, 0.1, 0.9]  # the model's idea of a piece
    core = np.zeros((HEIGHT, WIDTH), bool)
    core[48:56, 82:94] = True
    assert not model_mask(frame, grow_px=3)[core].any()
    made = paste(model, frame)
    kept = np.exp(-0.4)
    assert np.abs(made.comp - frame.comp)[core].max() < (1 - kept) * 0.9
    assert np.abs(made.comp - frame.comp)[core].mean() < 0.15


def test_the_parts_still_make_the_comp():
    frame = take_frame(grain=0.0)
    made = paste(frame.comp * 1.1 + 0.03 * smooth(3, 1.5)[..., None], frame)
    rebuilt = made.element[..., :3] + (1 - made.element[..., 3:4]) * frame.background
    assert np.abs(rebuilt - made.comp).max() < 1e-5
    assert (made.matte >= made.element[..., 3] - 1e-6).all()


def test_grain_of_the_take_goes_on():
    quiet, grainy = take_frame(grain=0.0), take_frame(grain=0.01)
    model = quiet.comp
    dense = quiet.element[..., 3] > 0.8
    residual = paste(model, grainy).comp - paste(model, quiet).comp
    assert residual[dense].std() == pytest.approx(0.01, rel=0.1)


def test_the_gain_is_read_off_the_ring_and_undone():
    frame = take_frame(grain=0.0)
    mask = model_mask(frame, grow_px=2)
    model = frame.comp * np.array([0.7, 1.0, 1.25], np.float32)
    gain = ring_gain(model, frame, mask=mask)
    assert gain == pytest.approx(np.log2([1 / 0.7, 1.0, 1 / 1.25]), abs=0.02)
    made, plain = paste(model, frame, gain=gain), paste(model, frame)
    assert np.abs(made.comp - frame.comp).mean() < 0.5 * np.abs(plain.comp - frame.comp).mean()


def test_without_a_ring_there_is_no_gain():
    frame = take_frame()
    assert np.isnan(ring_gain(frame.comp, frame, mask=np.ones((HEIGHT, WIDTH), np.float32))).all()


def test_gains_are_steadied_and_gaps_filled():
    jitter = np.random.default_rng(1).normal(0.3, 0.1, (40, 3)).astype(np.float32)
    jitter[10:14] = np.nan
    calm = steady(jitter)
    assert np.isfinite(calm).all()
    assert np.abs(np.diff(calm, axis=0)).max() < 0.04
    assert calm.mean() == pytest.approx(0.3, abs=0.05)
    assert not steady(np.full((3, 3), np.nan, np.float32)).any()


def test_a_frame_without_dust_is_left_alone():
    frame = take_frame()
    bare = replace(
        frame, element=np.zeros_like(frame.element), comp=frame.clean, matte=np.zeros_like(frame.matte),
        optical_depth=np.zeros_like(frame.matte),
    )  # fmt: skip
    assert not dust_alpha(bare).any()
    made = paste(np.full_like(frame.clean, 0.5), bare)
    assert np.array_equal(made.comp, bare.comp)
    assert not made.changed.any()


def test_depth_runs_from_near_to_far_and_grey_is_grey():
    metres = np.array([[10.0, 20.0, 40.0, 0.0]], np.float32)
    alpha = np.array([[1, 1, 1, 0]], np.float32)
    assert inverse_depth(metres, alpha, near=10, far=40)[0].tolist() == pytest.approx([1, 1 / 3, 0, 0])
    grey = grey_of(np.array([[[1.0, 0.0, 0.0]]], np.float32))
    assert grey[0, 0].tolist() == pytest.approx([0.2126] * 3)
