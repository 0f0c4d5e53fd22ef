from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.imaging.projection import project
from secondunit.prep.sets.assembly import Assembly
from secondunit.prep.sets.brief import Design, Dressing, KeptLot, Plot, SetBrief
from secondunit.prep.sets.build import BuiltSet, build_set
from secondunit.prep.sets.front import Finish
from secondunit.prep.sets.grammar import derive_facade
from secondunit.prep.sets.ground_floor import ground_units
from secondunit.prep.sets.options import DIRECTIONS, OWN_PALETTE, differences, option_brief
from secondunit.prep.sets.palettes import PALETTES, albedo, linear_rec709, palette
from secondunit.prep.sets.styles import STYLES
from secondunit.prep.sets.wear import weather

PLOTS = {
    "avenue": Plot(length_m=30.0, depth_m=13.0),
    "modern": Plot(length_m=44.0, depth_m=26.0, height_m=70.0),
    "yard": Plot(length_m=70.0, depth_m=34.0),
}


def brief_of(kit: str) -> SetBrief:
    design = Design(period="1935" if kit == "avenue" else "1960", storeys=4, palette=OWN_PALETTE[kit])  # type: ignore[index]
    return SetBrief(name=f"THE {kit.upper()}", kit=kit, plot=PLOTS[kit], design=design)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=["avenue", "modern", "yard"])
def options(request: pytest.FixtureRequest) -> list[BuiltSet]:
    brief = brief_of(request.param)
    return [build_set(option_brief(brief, n)) for n in range(1, 7)]


def test_six_options_differ_in_more_than_their_seed(options: list[BuiltSet]) -> None:
    assert len({b.digest for b in options}) == 6
    for a, b in combinations(options, 2):
        assert len(differences(a.brief, b.brief)) >= 2, (a.brief.direction, b.brief.direction)
    assert len({b.brief.design.palette for b in options}) >= 4
    # The silhouettes as seen from the street: heights along the block, in steps of a metre.
    outlines = []
    for built in options:
        x = np.arange(0.5, built.brief.plot.length_m, 1.0)
        high = [
            max((b.height_m for b in built.boxes if b.corner_m[0] <= v <= b.corner_m[0] + b.width_m), default=0.0)
            for v in x
        ]
        outlines.append(np.array(high))
    apart = [float(np.abs(a - b).mean()) for a, b in combinations(outlines, 2)]
    assert np.median(apart) > 2.5


def test_the_same_brief_builds_the_same_set(options: list[BuiltSet]) -> None:
    again = build_set(options[2].brief)
    assert again.digest == options[2].digest
    assert build_set(replace(options[2].brief, seed=options[2].brief.seed + 1)).digest != again.digest


def test_boxes_for_the_collapse_stand_on_the_plot_and_tell_floors_and_bays(options: list[BuiltSet]) -> None:
    for built in options:
        plot = built.brief.plot
        assert built.boxes
        for box in built.boxes:
            x, y, z = box.corner_m
            assert y == 0.0
            assert -1e-6 <= x <= x + box.width_m <= plot.length_m + 1e-6
            assert -plot.depth_m - 1e-6 <= z - box.depth_m < z <= 1e-6
            assert 2.2 <= box.floor_height_m <= 27.0
            assert box.bays >= 1
        if built.brief.kit == "avenue":  # the wall itself is as high as its box says
            for lot, box in zip((lot for lot in built.lots if lot.storeys), built.boxes, strict=True):
                heads = [
                    m.points[:, 1].max()
                    for m in built.singles
                    if m.path.startswith(f"buildings/{lot.slug}/") and "roof/deck" in m.path
                ]
                assert box.floors == lot.storeys
                if STYLES[lot.style].crown != "mansard" or lot.storeys < 4:  # whose last storey is its roof
                    assert max(heads) == pytest.approx(box.height_m, abs=0.02)


def test_triangles_stay_sane_and_repeated_things_are_stored_once(options: list[BuiltSet]) -> None:
    for built in options:
        assert built.triangles <= 150_000
        assert built.triangles_stored < 0.75 * built.triangles
        assert len({id(p.prototype) for p in built.placements}) == len(built.prototypes)


def test_names_are_semantic_and_nothing_is_broken(options: list[BuiltSet]) -> None:
    for built in options:
        for mesh in (*built.singles, *(m for p in built.prototypes for m in p.meshes)):
            assert np.isfinite(mesh.points).all()
            assert len(mesh.triangles)
        tops = {m.path.split("/")[0] for m in built.singles} | {p.path.split("/")[0] for p in built.placements}
        assert tops <= {"buildings", "works", "street", "plaza"}
        paths = [p.path for p in built.placements]
        assert len(set(paths)) == len(paths)


def test_named_cameras_see_the_set(options: list[BuiltSet]) -> None:
    for built in options:
        overview = built.cameras["three_quarter"]
        corners = np.array([c for b in built.boxes for c in b.corners()])
        pixels, depth = project(overview, corners, 1850, 1000)
        assert (depth > 0).all()
        assert (pixels > -40).all()
        assert (pixels[:, 0] < 1890).all()
        assert (pixels[:, 1] < 1040).all()
        assert built.cameras["street"].position_m[1] == pytest.approx(1.65)


def test_kept_lots_are_the_same_in_every_option() -> None:
    keep = KeptLot(name="HOTEL", from_m=10.0, width_m=12.0, storeys=5, period="1910")
    brief = replace(brief_of("avenue"), keep=(keep,))
    built = [build_set(option_brief(brief, n)) for n in (1, 3, 5)]
    assert len({b.kept_digests["HOTEL"] for b in built}) == 1
    assert len({b.brief.design.palette for b in built}) == 3
    other = build_set(replace(brief, keep=(replace(keep, storeys=6),)))
    assert other.kept_digests["HOTEL"] != built[0].kept_digests["HOTEL"]


def test_axes_that_may_not_vary_stay_as_briefed() -> None:
    brief = replace(brief_of("avenue"), vary=("skyline",))
    for n in range(1, 7):
        made = option_brief(brief, n)
        assert set(differences(brief, made)) <= {"skyline"}
        assert made.design.palette == brief.design.palette
    assert option_brief(replace(brief, vary=()), 4).design == brief.design


def test_options_after_the_last_direction_are_others_again() -> None:
    brief = brief_of("avenue")
    count = len(DIRECTIONS["avenue"])
    first, later = option_brief(brief, 1), option_brief(brief, count + 1)
    assert later.seed != first.seed
    assert later.design.palette != first.design.palette


@pytest.mark.parametrize("kit", ["modern", "yard"])
def test_kits_without_lots_say_so(kit: str) -> None:
    keep = KeptLot(name="HOTEL", from_m=10.0, width_m=12.0, storeys=5)
    with pytest.raises(BriefError, match="no lots to keep"):
        build_set(replace(brief_of(kit), keep=(keep,)))


def test_a_period_that_a_kit_does_not_know_is_refused() -> None:
    brief = brief_of("modern")
    with pytest.raises(BriefError, match="no buildings of 1910") as refused:
        build_set(replace(brief, design=replace(brief.design, period="1910")))
    assert "1960" in refused.value.fix


def test_the_other_side_of_the_street_is_built_where_asked_and_stays() -> None:
    brief = replace(brief_of("avenue"), plot=Plot(length_m=26.0, depth_m=12.0, sides=2), dressing=Dressing(cars=0.0))
    built = build_set(brief)
    across = [b for b in built.boxes if b.kind == "neighbour"]
    assert across
    for box in across:
        assert box.corner_m[2] == pytest.approx(brief.plot.street_width_m)
        assert box.inward[2] > 0.99


def test_a_street_without_a_carriageway_is_refused() -> None:
    with pytest.raises(BriefError, match="no carriageway"):
        SetBrief(name="LANE", plot=Plot(street_width_m=12.0, pavement_m=5.0))


@pytest.mark.parametrize("name", sorted(PALETTES))
def test_every_palette_paints_every_part(name: str) -> None:
    for role in ("wall_1", "wall_4", "trim", "shutter", "party", "roof", "leaf_1", "glass", "accent_3"):
        assert palette(name).swatch(role).startswith("#")
    assert len(palette(name).card) >= 6


def test_colours_go_to_acescg_and_back() -> None:
    for swatch in ("#ffffff", "#7c5546", "#3d5244"):
        linear = np.array([int(swatch[k : k + 2], 16) / 255 for k in (1, 3, 5)])
        linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
        np.testing.assert_allclose(linear_rec709(albedo(swatch)), linear, atol=1e-5)
    with pytest.raises(BriefError, match="no palette"):
        palette("mauve")


def test_fallen_plaster_and_damp_lie_on_walls_never_over_an_opening() -> None:
    facade = derive_facade(14.0, STYLES["academic"], 5)
    units = ground_units(facade, np.random.default_rng(1))
    doors = [(u.s0, u.s1, 0.0, u.height_m) for u in units]
    holes = []
    for storey in facade.storeys:
        for bay in storey.bays:
            if bay.opening:
                half, low = bay.opening.width_m / 2, storey.base_m + bay.opening.sill_m
                holes.append((bay.middle - half, bay.middle + half, low, low + bay.opening.height_m))
    for seed in range(4):
        assembly = Assembly()
        weather(assembly.pen("wear"), facade, Finish(wear=1.0), np.random.default_rng(seed), doors=doors)
        meshes = {m.path: m for m in assembly.meshes() if "plaster_lost" in m.path or "damp" in m.path}
        assert {p.split("/")[1] for p in meshes} == {"plaster_lost", "damp"}
        for mesh in meshes.values():
            middle = mesh.points[mesh.triangles].mean(axis=1)
            for a, b, low, high in (*holes, *doors):
                inside = (middle[:, 0] > a) & (middle[:, 0] < b) & (middle[:, 1] > low) & (middle[:, 1] < high)
                assert not inside.any()
