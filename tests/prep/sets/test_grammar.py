import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondunit.prep.sets.grammar import derive_facade, split_bays, storey_heights, wall_height
from secondunit.prep.sets.ground_floor import ground_units
from secondunit.prep.sets.styles import BY_PERIOD, MODERN, STYLES, styles_for

STYLE = st.sampled_from(sorted(STYLES))
WIDTH = st.floats(4.0, 70.0)
STOREYS = st.integers(1, 30)


@given(STYLE, WIDTH, STOREYS, st.booleans())
@settings(max_examples=120, deadline=None)
def test_bays_tile_a_front_and_hold_their_openings(name: str, width: float, storeys: int, chamfer: bool) -> None:
    facade = derive_facade(width, STYLES[name], storeys, chamfer=chamfer)
    base = 0.0
    for storey in facade.storeys:
        assert storey.base_m == pytest.approx(base)
        base = storey.top_m
        edges = [storey.bays[0].s0, *(b.s1 for b in storey.bays)]
        assert edges[0] == pytest.approx(facade.margin_m)
        assert edges[-1] == pytest.approx(width - facade.margin_m)
        for bay, nxt in zip(storey.bays, storey.bays[1:], strict=False):
            assert bay.s1 == nxt.s0
        for bay in storey.bays:
            if bay.opening:
                assert bay.opening.width_m <= bay.s1 - bay.s0 + 0.011
                assert bay.opening.sill_m + bay.opening.height_m < storey.height_m
    assert facade.height_m == pytest.approx(base)
    assert len(facade.storeys) == storeys


@given(STYLE, WIDTH)
@settings(max_examples=100, deadline=None)
def test_no_bay_is_narrower_than_its_style_allows_where_there_is_a_choice(name: str, width: float) -> None:
    least, _ = STYLES[name].bay_m
    bays = split_bays(width, STYLES[name], margin_m=0.3)
    if len(bays) > 1:
        assert min(b - a for a, b, _ in bays) > 0.75 * least


def test_heights_of_an_academic_house_are_those_of_its_time() -> None:
    roles = storey_heights(STYLES["academic"], 6)
    assert [h for _, h in roles] == [5.0, 4.2, 3.8, 3.8, 3.8, 3.4]
    assert wall_height(STYLES["academic"], 6) == pytest.approx(24.0)


@pytest.mark.parametrize("name", sorted(STYLES))
def test_proportions_are_those_of_houses(name: str) -> None:
    style = STYLES[name]
    assert 3.7 <= style.ground_m <= 5.2
    assert 2.9 <= style.attic_m <= style.noble_m <= 4.5
    for opening in (style.noble, style.body, style.accent, style.attic):
        assert 1.3 <= opening.height_m <= 3.0
        assert opening.sill_m + opening.height_m <= style.noble_m
    if style.period == "1910":  # tall French windows in walls a foot thick
        assert style.noble.height_m / style.noble.width_m > 2.2
        assert style.reveal_m >= 0.25


@given(STYLE, WIDTH, st.integers(0, 1000))
@settings(max_examples=80, deadline=None)
def test_ground_floor_units_stand_apart_within_the_front(name: str, width: float, seed: int) -> None:
    facade = derive_facade(width, STYLES[name], 4)
    units = ground_units(facade, np.random.default_rng(seed))
    assert all(0 < u.s0 < u.s1 < width for u in units)
    assert all(a.s1 + 0.05 < b.s0 for a, b in itertools.pairwise(units))
    assert all(u.height_m < facade.storeys[0].height_m for u in units)
    assert sum(u.use == "entrance" for u in units) == 1
    lines = [facade.storeys[0].bays[0].s0, *(b.s1 for b in facade.storeys[0].bays)]
    if len(lines) > 3:  # a shop's jambs stand by the bay lines of the floors above
        for unit in (u for u in units if u.use == "shop"):
            assert min(abs(unit.s0 - line) for line in lines) < 0.3


@pytest.mark.parametrize("table", [BY_PERIOD, MODERN], ids=["avenue", "modern"])
def test_every_style_of_a_period_is_of_that_period_or_a_neighbour(table: dict) -> None:
    for names in table.values():
        assert all(name in STYLES for name in names)


def test_a_height_that_no_style_was_built_in_takes_the_nearest() -> None:
    assert styles_for("1910", 2) == ("italianate",)
    assert styles_for("1910", 20) == ("academic",)
    assert set(styles_for("1935", 8)) == {"rational", "deco", "box_oriel"}
