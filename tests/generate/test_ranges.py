"""What a generator has learned, and what lies outside."""

import pytest

from secondunit.generate.ranges import CELL, LEARNED, SUN, Range, outside
from secondunit.generate.registry import generator_names, get_generator


def test_inside_and_at_the_ends_nothing_is_said() -> None:
    for each in LEARNED:
        assert outside(LEARNED, {each.name: each.low}) == ()
        assert outside(LEARNED, {each.name: each.high}) == ()


def test_a_low_sun_is_said_with_its_range() -> None:
    assert outside(LEARNED, {SUN: 3.0, CELL: 4.0}) == ("sun elevation is 3°, learned from 8 to 75°",)


def test_what_was_not_learned_cannot_be_outside() -> None:
    assert outside((), {SUN: -20.0}) == ()
    assert outside(LEARNED, {"mood": 3.0}) == ()


@pytest.mark.parametrize(("value", "said"), [(0.125, "0.12"), (7.0, "7"), (1.5, "1.5"), (12.3, "12")])
def test_numbers_are_short(value: float, said: str) -> None:
    assert said in Range(name="x", unit="", low=0.0, high=1.0).said(value)


@pytest.mark.parametrize("name", generator_names())
def test_a_cell_that_is_painted_was_learned(name: str) -> None:
    generator = get_generator(name)
    highest = [r.high for r in generator.learned if r.name == CELL]
    assert highest == ([] if name == "procedural" else [generator.widest_cell_px])
