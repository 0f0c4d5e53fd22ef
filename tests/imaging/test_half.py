"""Half floats there and back are NumPy's own."""

import numpy as np
import pytest

from secondunit.imaging.half import from_half, halved, to_half


def _floats() -> np.ndarray:
    """Every half, what lies beside it as a float, the middle between it and the next, and floats of every exponent."""
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float32)
    bits = halves.view(np.uint32)
    middles = (halves[:-1].astype(np.float64) + halves[1:]).astype(np.float32) / np.float32(2.0)
    rng = np.random.default_rng(5)
    spread = rng.integers(0, 2**32, 400_000, dtype=np.uint32).view(np.float32)
    beside = np.concatenate([(bits + np.uint32(1)).view(np.float32), (bits - np.uint32(1)).view(np.float32)])
    return np.concatenate([halves, beside, middles, spread, np.float32([65519.99, 65520.0, 1e9, -1e9])])


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_float_is_rounded_as_numpy_rounds_it() -> None:
    floats = _floats()
    want, found = floats.astype(np.float16), to_half(floats)
    nothing = np.isnan(floats)
    assert np.array_equal(found.view(np.uint16)[~nothing], want.view(np.uint16)[~nothing])
    assert np.isnan(found[nothing]).all()


def test_every_half_comes_back() -> None:
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    want, found = halves.astype(np.float32), from_half(halves)
    nothing = np.isnan(want)
    assert np.array_equal(found.view(np.uint32)[~nothing], want.view(np.uint32)[~nothing])
    assert np.isnan(found[nothing]).all()


def test_planes_of_any_layout_keep_their_shape() -> None:
    picture = np.random.default_rng(1).random((6, 5, 3), np.float32)
    assert np.array_equal(to_half(picture[..., 1]), picture[..., 1].astype(np.float16))
    assert np.array_equal(halved(picture[:, ::2]), picture[:, ::2].astype(np.float16).astype(np.float32))
    assert to_half(np.empty((0, 4), np.float32)).shape == (0, 4)
