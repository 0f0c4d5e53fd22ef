import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.imaging.inpaint import inpaint
from secondunit.imaging.quilt import quilt


def stripes(height: int = 64, width: int = 64) -> np.ndarray:
    x = np.arange(width)[None, :, None]
    return np.broadcast_to(np.where(x % 8 < 4, 0.8, 0.1), (height, width, 3)).astype(np.float32)


def test_lines_go_on_through_a_hole() -> None:
    picture = stripes()
    hole = np.zeros((64, 64), np.float32)
    hole[22:42, 20:46] = 1
    broken = picture.copy()
    broken[hole > 0] = 5
    filled = inpaint(broken, hole=hole)
    assert np.abs(filled - picture)[hole > 0].mean() < 0.03
    np.testing.assert_array_equal(filled[hole == 0], picture[hole == 0])


def test_the_same_seed_gives_the_same_picture() -> None:
    picture = np.random.default_rng(2).random((48, 48, 3), dtype=np.float32)
    hole = np.zeros((48, 48), np.float32)
    hole[15:30, 15:30] = 1
    np.testing.assert_array_equal(inpaint(picture, hole=hole, seed=3), inpaint(picture, hole=hole, seed=3))


def test_only_the_source_is_used() -> None:
    picture = stripes()
    picture[:, 40:] = (0.0, 3.0, 0.0)
    hole = np.zeros((64, 64), np.float32)
    hole[20:44, 24:40] = 1
    source = np.zeros((64, 64), np.float32)
    source[:, :24] = 1
    filled = inpaint(picture, hole=hole, source=source, locality=0.0)
    assert filled[hole > 0].max() < 0.9


@pytest.mark.parametrize("thick", [1, 2, 3])
def test_scratches_close(thick: int) -> None:
    picture = np.full((30, 30, 3), 0.4, np.float32)
    hole = np.zeros((30, 30), np.float32)
    hole[:, 14 : 14 + thick] = 1
    broken = picture * (1 - hole[..., None])
    np.testing.assert_allclose(inpaint(broken, hole=hole), picture, atol=0.02)


def test_no_hole_is_a_copy() -> None:
    picture = stripes()
    np.testing.assert_array_equal(inpaint(picture, hole=np.zeros((64, 64), np.float32)), picture)


@pytest.mark.parametrize(
    "hole",
    [
        pytest.param(np.ones((64, 64), np.float32), id="all of it"),
        pytest.param(np.ones((64, 63), np.float32), id="other size"),
    ],
)
def test_impossible_holes_are_refused(hole: np.ndarray) -> None:
    with pytest.raises(BriefError):
        inpaint(stripes(), hole=hole)


def test_quilt_looks_like_its_sample_and_repeats_itself() -> None:
    sample = np.random.default_rng(5).random((50, 60, 3), dtype=np.float32)
    area = np.zeros((50, 60), np.float32)
    area[5:45, 5:55] = 1
    args = {"usable": area, "width": 90, "height": 37, "patch_px": 16, "overlap_px": 5}
    grown = quilt(sample, seed=1, **args)
    assert grown.shape == (37, 90, 3)
    assert grown.mean() == pytest.approx(sample.mean(), abs=0.05)
    assert grown.std() == pytest.approx(sample.std(), rel=0.15)
    np.testing.assert_array_equal(grown, quilt(sample, seed=1, **args))
    assert not np.array_equal(grown, quilt(sample, seed=2, **args))


def test_quilt_needs_room_for_a_patch() -> None:
    with pytest.raises(BriefError):
        quilt(stripes(), usable=np.zeros((64, 64), np.float32), width=10, height=10, seed=1)


def test_quilting_does_not_lay_one_patch_for_ever():
    # Red and green tell which place of the sample a pixel came from. Few places: without care one comes every time.
    y, x = np.mgrid[:26, :26].astype(np.float32)
    sample = np.stack([x, y, np.zeros_like(x)], axis=-1) / 26
    grown = quilt(sample, usable=np.ones((26, 26), np.float32), width=200, height=12, seed=1, patch_px=12, overlap_px=4)
    middles = grown[6, 6 + 8 * np.arange(1, 23), :2] * 26
    steps = np.abs(np.diff(middles, axis=0)).max(axis=1)
    assert (steps < 3.5).mean() < 0.1
