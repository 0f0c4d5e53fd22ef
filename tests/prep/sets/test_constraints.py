from dataclasses import replace

import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.prep.sets.brief import Design, Dressing, Plot, SetBrief, SightLine
from secondunit.prep.sets.build import build_set
from secondunit.prep.sets.constraints import check_constraints, nearest_to_line
from secondunit.prep.sets.kit import Built
from secondunit.prep.stage.geometry import Material, Part, Stage, box, translation

SMALL = SetBrief(
    name="BLOCK",
    plot=Plot(length_m=26.0, depth_m=12.0, street_corners="none"),
    design=Design(storeys=3, skyline="even", period="1910", mix=0.0),
    dressing=Dressing(tree_gap_m=8.0, cars=0.0, lamps=False, kiosks=0),
)


def line(a: tuple, b: tuple, clear: float = 0.3) -> SightLine:
    return SightLine(name="mark", from_m=a, to_m=b, clear_m=clear)


TRIANGLE = np.array([[(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)]])


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ((0.2, 0.2, 5.0), (0.2, 0.2, -5.0), 0.0),
        ((-1.0, -0.4, 0.0), (3.0, -0.4, 0.0), 0.4),
        ((0.2, 0.2, 4.0), (0.2, 0.2, 0.25), 0.8),
        ((-5.0, 0.3, 0.7), (5.0, 0.3, 0.7), 0.7),
        ((2.0, 0.0, -4.0), (2.0, 0.0, 4.0), 1.0),
        ((50.0, 0.0, 0.0), (50.0, 9.0, 0.0), np.inf),
    ],
    ids=["through", "along an edge", "ends before it", "over its face", "past a corner", "far away"],
)
def test_distances_are_those_of_geometry(a: tuple, b: tuple, distance: float) -> None:
    # The line gives its last 0.55 m to its mark, so the third ends 0.25 + 0.55 before the face.
    assert nearest_to_line(line(a, b), TRIANGLE)[0] == pytest.approx(distance, abs=1e-6)


def test_distances_agree_with_sampling() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        triangle = rng.uniform(-1, 1, (1, 3, 3))
        a, b = (tuple(float(v) for v in rng.uniform(-1.5, 1.5, 3)) for _ in range(2))
        sight = line(a, b, 0.1)
        found, _ = nearest_to_line(sight, triangle)
        run = np.array(b) - a
        end = np.array(b) - run / np.linalg.norm(run) * min(0.5 * np.linalg.norm(run), 0.35)
        on_line = np.array(a) + np.linspace(0, 1, 200)[:, None] * (end - a)
        u, v = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 60))
        inside = (u + v) <= 1
        p = triangle[0]
        on_face = p[0] + u[inside][:, None] * (p[1] - p[0]) + v[inside][:, None] * (p[2] - p[0])
        sampled = np.sqrt(((on_line[:, None] - on_face[None]) ** 2).sum(-1)).min()
        assert found <= sampled + 1e-9
        assert sampled - found < 0.04


def test_a_tree_gives_way_to_a_sight_line_and_the_set_says_how_clear_it_is() -> None:
    sight = line((1.0, 5.5, 3.9), (25.0, 5.5, 3.9))
    before = build_set(SMALL)
    after = build_set(replace(SMALL, sight_lines=(sight,)))

    def trees(built) -> int:  # type: ignore[no-untyped-def]
        return sum("near/plane_tree" in p.path for p in built.placements)

    assert trees(after) < trees(before)
    (held,) = [h for h in after.held if "sight line" in h.name]
    assert held.asked == "0.3 m clear"


def test_houses_under_a_sight_line_are_built_lower_not_in_it() -> None:
    sight = line((13.0, 13.0, 20.0), (13.0, 13.0, -30.0))
    built = build_set(replace(SMALL, design=replace(SMALL.design, storeys=5), sight_lines=(sight,)))
    assert (
        min(b.height_m for b in built.boxes)
        < 13.0
        < max(b.height_m for b in build_set(replace(SMALL, design=replace(SMALL.design, storeys=5))).boxes)
    )


def test_a_sight_line_through_the_ground_is_refused() -> None:
    with pytest.raises(BriefError, match="sight line 'mark' is not kept") as refused:
        build_set(replace(SMALL, sight_lines=(line((1.0, 0.1, 2.0), (25.0, 0.1, 2.0)),)))
    assert refused.value.fix


@pytest.mark.parametrize(
    ("at", "said"),
    [((30.0, 0.0, -3.0), "plot length"), ((5.0, 0.0, -15.0), "plot depth"), ((5.0, 47.0, -3.0), "plot height")],
    ids=["beside the plot", "behind it", "over its height"],
)
def test_what_stands_outside_the_plot_is_found(at: tuple, said: str) -> None:
    part = Part(mesh=box("b", (2.0, 3.0, 2.0), "wall_1"), transform=translation(*at))
    stage = Stage(parts=(part,), materials=(Material(name="wall_1"),))
    built = Built(boxes=(), lots=(), dimensions=(), height_m=3.0)
    with pytest.raises(BriefError, match=f"{said} of .* is not kept: buildings/odd"):
        check_constraints(SMALL, built, stage, ["buildings/odd"])
    inside = Stage(parts=(Part(mesh=part.mesh, transform=translation(5.0, 0.0, -3.0)),), materials=stage.materials)
    assert len(check_constraints(SMALL, built, inside, ["buildings/odd"])) == 3
