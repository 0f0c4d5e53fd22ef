import itertools
from dataclasses import replace

import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.prep.sets.brief import Design, KeptLot, Plot, SetBrief, SightLine
from secondunit.prep.sets.lot import CHAMFER_M, footprint
from secondunit.prep.sets.parcel import headroom, parcel, storeys_along

BRIEF = SetBrief(name="BLOCK", plot=Plot(length_m=60.0))


def keep(**values: object) -> KeptLot:
    return KeptLot(**{"name": "HOTEL", "from_m": 20.0, "width_m": 14.0, "storeys": 5, "period": "1910"} | values)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(12))
def test_lots_tile_the_plot_whatever_the_seed(seed: int) -> None:
    lots = parcel(replace(BRIEF, seed=seed))
    assert lots[0].x0 == 0.0
    assert lots[-1].x1 == pytest.approx(60.0)
    assert all(a.x1 == b.x0 for a, b in itertools.pairwise(lots))
    assert min(lot.width_m for lot in lots) > 4.0
    assert all(lot.depth_m <= BRIEF.plot.depth_m for lot in lots)


def test_a_kept_lot_is_where_it_is_whatever_else_changes() -> None:
    found = set()
    for seed in range(6):
        design = Design(period="1960", storeys=9, palette="gris y teja", wear=0.1 * seed)
        lots = parcel(replace(BRIEF, seed=seed, design=design, keep=(keep(),)))
        found.add(next(lot for lot in lots if lot.kept))
    assert len(found) == 1
    (lot,) = found
    assert (lot.x0, lot.x1, lot.storeys, lot.period) == (20.0, 34.0, 5, "1910")


@pytest.mark.parametrize(
    ("keeps", "plot", "lines", "said"),
    [
        ((keep(from_m=50.0),), {}, (), "beyond the plot"),
        ((keep(), keep(name="BANK", from_m=30.0)), {}, (), "inside kept lot 'HOTEL'"),
        ((keep(from_m=2.0),), {}, (), "too narrow"),
        ((keep(storeys=40),), {}, (), "no style of 1910 has 40 storeys"),
        ((keep(),), {"height_m": 15.0}, (), "the plot allows 15 m"),
        (
            (keep(),),
            {},
            (SightLine(name="crane", from_m=(27.0, 10.0, 15.0), to_m=(27.0, 10.0, -30.0)),),
            "both cannot be kept",
        ),
    ],
    ids=["beyond", "overlap", "sliver", "too high for its period", "over the plot's height", "under a sight line"],
)
def test_what_cannot_be_kept_is_refused_with_a_way_out(keeps: tuple, plot: dict, lines: tuple, said: str) -> None:
    brief = replace(BRIEF, plot=replace(BRIEF.plot, **plot), keep=keeps, sight_lines=lines)
    with pytest.raises(BriefError, match=said) as refused:
        parcel(brief)
    assert refused.value.fix


def test_lots_under_a_sight_line_stay_below_it_and_the_others_do_not() -> None:
    line = SightLine(name="crane", from_m=(45.0, 14.0, 30.0), to_m=(45.0, 14.0, -40.0))
    free = parcel(replace(BRIEF, design=Design(skyline="even", storeys=8)))
    held = parcel(replace(BRIEF, design=Design(skyline="even", storeys=8), sight_lines=(line,)))
    under = [lot for lot in held if lot.x0 - 0.7 < 45.0 < lot.x1 + 0.7]
    assert under
    assert all(lot.wall_height_m < 14.0 - 0.3 - 7.0 for lot in under)
    assert [a for a, b in zip(free, held, strict=True) if b not in under] == [b for b in held if b not in under]


def test_headroom_is_the_lowest_point_of_the_line_over_the_lot() -> None:
    lot = parcel(BRIEF)[0]
    falling = SightLine(name="a", from_m=(-10.0, 30.0, -5.0), to_m=(70.0, 10.0, -5.0), clear_m=0.5)
    cap, which = headroom((falling,), lot)
    assert which is falling
    assert cap == pytest.approx(30.0 - 20.0 * (lot.x1 + 0.7 + 10.0) / 80.0 - 0.5)
    aside = SightLine(name="b", from_m=(-10.0, 3.0, 12.0), to_m=(70.0, 3.0, 12.0))
    assert headroom((aside,), lot) == (np.inf, None)


def test_skylines_are_what_their_names_say() -> None:
    u = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]
    made = {
        kind: storeys_along(kind, 8, u, np.random.default_rng(3))
        for kind in ("even", "peak", "steps", "valley", "corners", "broken")
    }  # type: ignore[arg-type]
    assert made["even"] == [8] * 7
    assert sorted(made["peak"])[-1] >= 2 * sorted(made["peak"])[-2]
    assert made["steps"] in (sorted(made["steps"]), sorted(made["steps"], reverse=True))
    assert min(made["valley"]) == made["valley"][3]
    assert made["corners"][0] == made["corners"][-1] == max(made["corners"])
    assert len(set(made["broken"])) >= 5


@pytest.mark.parametrize("corner", ["none", "left", "right"])
@pytest.mark.parametrize("inset", [0.0, 2.4])
def test_a_footprint_runs_round_once_and_keeps_its_corner_at_45_degrees(corner: str, inset: float) -> None:
    lot = replace(parcel(BRIEF)[0], corner=corner)  # type: ignore[arg-type]
    street, rest = footprint(lot, inset=inset)
    plan = np.array([*street, *rest])
    x, z = plan[:, 0], plan[:, 1]
    area = 0.5 * abs(np.sum(x * np.roll(z, -1) - np.roll(x, -1) * z))
    if inset == 0.0:
        assert area == pytest.approx(lot.width_m * lot.depth_m - (0.5 * CHAMFER_M**2 if corner != "none" else 0.0))
    if corner != "none":
        run = np.array(street[2]) - np.array(street[1])
        assert abs(run[0]) == pytest.approx(abs(run[1]))
