import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondunit.core.errors import BriefError
from secondunit.imaging.merge import mix, over, premultiply, under, unpremultiply


def picture(seed: int, channels: int = 4) -> np.ndarray:
    draw = np.random.default_rng(seed)
    alpha = draw.random((6, 5, 1), dtype=np.float32)
    colour = draw.random((6, 5, 3), dtype=np.float32) * 2
    return np.concatenate([colour * alpha, alpha], axis=2) if channels == 4 else colour


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_over_is_associative(seed: int) -> None:
    a, b, c = picture(seed), picture(seed + 1), picture(seed + 2)
    np.testing.assert_allclose(over(over(a, b), c), over(a, over(b, c)), atol=1e-6)


def test_over_known_values() -> None:
    half_red = np.array([[[0.5, 0, 0, 0.5]]], np.float32)
    blue = np.array([[[0, 0, 1.0]]], np.float32)
    np.testing.assert_array_equal(over(half_red, blue), [[[0.5, 0, 0.5]]])
    np.testing.assert_array_equal(under(blue, half_red), over(half_red, blue))


def test_nothing_over_a_picture_is_the_picture_bit_for_bit() -> None:
    back = picture(3, channels=3)
    np.testing.assert_array_equal(over(np.zeros((6, 5, 4), np.float32), back), back)


def test_premultiply_and_back() -> None:
    colour, alpha = picture(4, channels=3), np.linspace(0.1, 1, 30, dtype=np.float32).reshape(6, 5)
    np.testing.assert_allclose(unpremultiply(premultiply(colour, alpha)), colour, rtol=1e-5)
    assert not unpremultiply(np.zeros((2, 2, 4), np.float32)).any()


def test_mix_ends_are_the_pictures() -> None:
    a, b = picture(1, channels=3), picture(2, channels=3)
    np.testing.assert_array_equal(mix(a, b, np.zeros((6, 5), np.float32)), a)
    np.testing.assert_allclose(mix(a, b, np.ones((6, 5), np.float32)), b, atol=1e-6)


@pytest.mark.parametrize(
    "front, back",
    [
        pytest.param((4, 4, 3), (4, 4, 3), id="no alpha"),
        pytest.param((4, 4, 4), (4, 5, 3), id="other size"),
        pytest.param((4, 4), (4, 4, 3), id="a matte"),
    ],
)
def test_over_refuses(front: tuple[int, ...], back: tuple[int, ...]) -> None:
    with pytest.raises(BriefError):
        over(np.zeros(front, np.float32), np.zeros(back, np.float32))
