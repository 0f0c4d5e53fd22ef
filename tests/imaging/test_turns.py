"""Rows dealt out to threads."""

import pytest

from secondunit.imaging.turns import dealt


@pytest.mark.parametrize("count", [1, 2, 3, 16, 17])
def test_every_row_has_one_turn_and_both_halves_of_the_turns_reach_from_end_to_end(count: int) -> None:
    rows = [dealt(turn, count) for turn in range(count)]
    assert sorted(rows) == list(range(count))
    assert rows[: (count + 1) // 2] == list(range(0, count, 2))
