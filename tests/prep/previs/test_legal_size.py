from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.core.camera import Camera, Filmback
from secondunit.core.errors import BriefError
from secondunit.imaging.projection import project
from secondunit.prep.previs.brief import Model
from secondunit.prep.previs.legal_size import (
    GRIDS,
    disparity,
    id_colour,
    legal_frames,
    metres_of,
    near_and_far,
    padding_for,
)

MODELS = get_args(Model)


@pytest.mark.parametrize("model", MODELS)
@given(aspect=st.sampled_from([1.0, 1.33, 16 / 9, 1.85, 2.0, 2.39]), frames=st.integers(1, 400))
def test_the_clip_is_legal_and_holds_the_picture(model: Model, aspect: float, frames: int) -> None:
    found = padding_for(aspect=aspect, frames=frames, model=model, budget_px=832 * 480)
    grid = GRIDS[model]
    assert found.full_width % grid.side == 0
    assert found.full_height % grid.side == 0
    assert (found.full_frames - 1) % grid.step == 0
    assert frames <= found.full_frames < frames + grid.step + grid.least
    assert found.full_width * found.full_height <= 832 * 480
    assert found.width / found.height == pytest.approx(aspect, rel=0.006)
    assert found.width % 2 == found.height % 2 == 0
    assert found.left + found.width <= found.full_width
    assert found.top + found.height <= found.full_height
    assert found.width * found.height > 0.75 * 832 * 480


def test_sizes_that_people_know() -> None:
    wan = padding_for(aspect=16 / 9, frames=96, model="wan", budget_px=832 * 480)
    assert (wan.full_width, wan.full_height, wan.full_frames) == (832, 480, 97)
    ltx = padding_for(aspect=16 / 9, frames=96, model="ltx", budget_px=1280 * 736)
    assert (ltx.full_width, ltx.full_height, ltx.full_frames) == (1280, 736, 97)
    assert (ltx.width, ltx.height) == (1280, 720)


@given(st.sampled_from(MODELS), st.sampled_from([1.33, 16 / 9, 2.39]), st.integers(0, 2**31))
def test_trimming_gives_back_exactly_what_was_padded(model: Model, aspect: float, seed: int) -> None:
    pad = padding_for(aspect=aspect, frames=6, model=model, budget_px=320 * 192)
    rng = np.random.default_rng(seed)
    shots = rng.random((6, pad.height, pad.width, 3), dtype=np.float32)
    clip = np.zeros((pad.full_frames, pad.full_height, pad.full_width, 3), np.float32)
    for index in range(pad.full_frames):
        clip[index, pad.top : pad.top + pad.height, pad.left : pad.left + pad.width] = shots[pad.source_frame(index)]
    assert all(np.array_equal(pad.trim(clip[n]), shots[n]) for n in range(6))
    assert all(np.array_equal(pad.trim(clip[n]), shots[5]) for n in range(6, pad.full_frames))
    with pytest.raises(BriefError, match="its own size"):
        pad.trim(shots[0][:-1])


def test_the_wider_camera_puts_every_point_where_it_was() -> None:
    pad = padding_for(aspect=2.39, frames=9, model="wan", budget_px=832 * 480)
    camera = Camera(filmback=Filmback(width_mm=28, height_mm=28 / 2.39, offset_x_mm=0.7, offset_y_mm=-0.4))
    points = np.random.default_rng(1).uniform((-3, 0, -20), (3, 4, -5), (50, 3))
    small, _ = project(camera, points, pad.width, pad.height)
    large, _ = project(pad.widened(camera), points, pad.full_width, pad.full_height)
    assert large - (pad.left, pad.top) == pytest.approx(small, abs=1e-9)


@pytest.mark.parametrize("model,frames,legal", [("wan", 1, 5), ("wan", 81, 81), ("ltx", 121, 121), ("ltx", 122, 129)])
def test_lengths(model: Model, frames: int, legal: int) -> None:
    assert legal_frames(frames, model) == legal


def test_depth_goes_there_and_back() -> None:
    depth = np.geomspace(2, 80, 64, dtype=np.float32)
    near, far = near_and_far(depth, share=0.0, far_share=0.0)
    assert (near, far) == pytest.approx((2, 80))
    assert metres_of(disparity(depth, near, far), near, far) == pytest.approx(depth, rel=1e-4)
    assert near_and_far(np.full(4, np.inf, np.float32)) == (1.0, 2.0)


def test_no_two_ids_near_each_other_look_alike() -> None:
    colours = id_colour(np.arange(64, dtype=np.int32)).astype(int)
    apart = np.abs(colours[:, None] - colours[None]).sum(axis=2)
    assert (apart + 1000 * np.eye(64, dtype=int)).min() >= 12
    assert (apart[np.arange(63), np.arange(1, 64)] > 90).all()
    assert not id_colour(np.array([-1], np.int32)).any()


def test_too_small_a_budget_is_refused() -> None:
    with pytest.raises(BriefError, match="budget_px"):
        padding_for(aspect=2.39, frames=9, model="ltx", budget_px=100)
