import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.collapse import Collapse
from secondunit.core.errors import BriefError
from secondunit.core.layout import Box, Layout
from secondunit.fx.fracture.breaking import break_building, cells_per_member, voronoi_cells
from secondunit.fx.fracture.pieces import DENSITY_KG_PER_M3, KINDS, MATERIALS, Pieces
from secondunit.fx.fracture.structure import Member, build_members, to_local, to_world
from secondunit.fx.fracture.support import hanging, touching


def block(**changes: object) -> Box:
    values: dict[str, object] = {"name": "block", "corner_m": (-8.0, 0.0, -40.0), "yaw_deg": -30.0, "width_m": 16.0}
    values |= {"height_m": 9.0, "depth_m": 10.0, "floors": 3, "bays": 5}
    return Box(**(values | changes))  # type: ignore[arg-type]


def layout(*boxes: Box) -> Layout:
    return Layout(camera=CameraPath(locked=Camera()), boxes=boxes or (block(),))


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return break_building(layout(), Collapse(pieces=400))


def members(pieces: Pieces, p: int) -> tuple[np.ndarray, np.ndarray]:
    faces = pieces.faces[pieces.face_start[p] : pieces.face_start[p + 1]]
    return pieces.vertices.astype(np.float64), faces


def test_there_are_about_as_many_pieces_as_asked_for(pieces: Pieces) -> None:
    assert 380 <= len(pieces) <= 400


def test_every_piece_is_closed(pieces: Pieces) -> None:
    for p in range(len(pieces)):
        _, faces = members(pieces, p)
        edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
        assert {tuple(e) for e in edges} == {(b, a) for a, b in edges}


def test_every_piece_is_convex_and_faces_outwards(pieces: Pieces) -> None:
    for p in range(len(pieces)):
        vertices, faces = members(pieces, p)
        mine = vertices[pieces.vertex_start[p] : pieces.vertex_start[p + 1]]
        a, b, c = (vertices[faces[:, k]] for k in range(3))
        normal = np.cross(b - a, c - a)
        length = np.linalg.norm(normal, axis=1)
        normal = normal[length > 1e-6] / length[length > 1e-6, None]
        over = np.einsum("fi,fvi->fv", normal, mine[None] - a[length > 1e-6][:, None])
        assert over.max() < 2e-3  # float32 corners forty metres out


def test_volumes_add_up_to_the_members(pieces: Pieces) -> None:
    whole = sum(m.volume_m3 for m in build_members(layout(), Collapse(pieces=400)))
    assert_allclose(pieces.volume_m3.sum(dtype=np.float64), whole, rtol=1e-5)


def test_mass_is_volume_times_the_density_of_the_material(pieces: Pieces) -> None:
    density = np.array(DENSITY_KG_PER_M3)[pieces.material]
    assert_allclose(pieces.mass_kg, pieces.volume_m3 * density, rtol=1e-5)


def test_members_do_not_overlap() -> None:
    parts = build_members(layout(), Collapse(pieces=400))
    low, high = np.array([m.low for m in parts]), np.array([m.high for m in parts])
    assert (high > low).all()
    overlap = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    inside = (overlap > 1e-9).all(axis=2)
    np.fill_diagonal(inside, False)
    assert not inside.any(), [(parts[i], parts[j]) for i, j in np.argwhere(inside)[:2]]


def test_outer_faces_cover_the_box_exactly(pieces: Pieces) -> None:
    box = block()
    local = to_local(box, pieces.vertices)[pieces.faces[pieces.face_outer]]
    a, b, c = (local[:, k] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    middle = local.mean(axis=1)
    walls = {
        "front": (np.abs(middle[:, 2]) < 1e-3, box.width_m * box.height_m),
        "back": (np.abs(middle[:, 2] - box.depth_m) < 1e-3, box.width_m * box.height_m),
        "left": (np.abs(middle[:, 0]) < 1e-3, box.depth_m * box.height_m),
        "right": (np.abs(middle[:, 0] - box.width_m) < 1e-3, box.depth_m * box.height_m),
        "roof": (np.abs(middle[:, 1] - box.height_m) < 1e-3, box.width_m * box.depth_m),
    }
    for name, (on, expected) in walls.items():
        assert area[on].sum() == pytest.approx(expected, rel=1e-4), name
    assert area.sum() == pytest.approx(sum(expected for _, expected in walls.values()), rel=1e-4)


def test_sizes_are_those_of_rubble(pieces: Pieces) -> None:
    big = np.sort(pieces.volume_m3)[::-1]
    assert big[: len(big) // 5].sum() > 0.45 * big.sum()
    assert np.median(big) < 0.6 * big.mean()


def test_panes_are_glass_on_the_wall_that_is_seen(pieces: Pieces) -> None:
    pane = pieces.material == MATERIALS.index("glass")
    assert pane.any()
    assert (to_local(block(), pieces.centre[pane])[:, 2] < 0.06).sum() > 0.5 * pane.sum()


def test_all_the_building_hangs_together(pieces: Pieces) -> None:
    nothing = np.zeros(len(pieces), dtype=bool)
    assert pieces.grounded.any()
    assert not hanging(pieces, nothing).any()


def test_without_its_ground_floor_the_rest_hangs(pieces: Pieces) -> None:
    gone = pieces.storey == 0
    assert (hanging(pieces, gone) == ~gone).all()


def test_bonds_name_the_lower_piece_first(pieces: Pieces) -> None:
    assert (pieces.bond[:, 0] != pieces.bond[:, 1]).all()
    assert (pieces.bond_area_m2 > 0).all()
    height = pieces.centre[:, 1][pieces.bond]
    assert (height[:, 0] <= height[:, 1] + 0.5).all()


def test_touching_boxes_share_their_common_face() -> None:
    low, high = np.array([[0.0, 0, 0], [1, 0.5, 0], [5, 0, 0]]), np.array([[1.0, 1, 1], [2, 1.5, 1], [6, 1, 1]])
    pair, area = touching(low, high)
    assert pair.tolist() == [[0, 1]]
    assert_allclose(area, [0.5])


def test_a_canopy_is_held_by_its_building() -> None:
    box = block()
    canopy = Box(name="canopy", kind="canopy", corner_m=box.point(5.0, 2.6, -2.0), yaw_deg=-30.0, width_m=5.0,
                 height_m=0.4, depth_m=2.0, bays=2)  # fmt: skip
    whole = break_building(layout(box, canopy), Collapse(pieces=400))
    roof = whole.kind == KINDS.index("canopy")
    assert roof.any()
    assert not whole.grounded[roof].any()
    assert not hanging(whole, np.zeros(len(whole), dtype=bool)).any()
    assert hanging(whole, ~roof)[roof].all()


def test_the_same_seed_breaks_it_the_same_way_and_another_does_not(pieces: Pieces) -> None:
    again, other = (break_building(layout(), Collapse(pieces=400, seed=s)) for s in (1, 2))
    assert np.array_equal(again.vertices, pieces.vertices)
    assert np.array_equal(again.bond, pieces.bond)
    assert other.vertices.shape != pieces.vertices.shape or not np.array_equal(other.vertices, pieces.vertices)


@pytest.mark.parametrize("count", [1, 2, 5, 17])
def test_cells_fill_their_member(count: int) -> None:
    member = Member(box=0, kind="slab", material="concrete", storey=0, low=(1, 2, 3), high=(5, 2.25, 6))
    cells = voronoi_cells(member, count, np.random.default_rng(4))
    assert len(cells) == count
    assert_allclose(np.concatenate(cells).min(axis=0), member.low)
    assert_allclose(np.concatenate(cells).max(axis=0), member.high)


def test_each_member_gets_a_piece_and_large_ones_more() -> None:
    part = Member(box=0, kind="slab", material="concrete", storey=0, low=(0, 0, 0), high=(4, 0.25, 4))
    sliver = Member(box=0, kind="slab", material="concrete", storey=0, low=(0, 0, 0), high=(0.2, 0.2, 0.2))
    counts = cells_per_member([part] * 10 + [sliver] * 10, 100, np.random.default_rng(0))
    assert counts.min() >= 1
    assert 90 <= counts.sum() <= 100
    assert counts[:10].sum() > 5 * counts[10:].sum()


def test_local_and_world_coordinates_are_inverse() -> None:
    box, points = block(), np.random.default_rng(1).uniform(-20, 20, (50, 3))
    assert_allclose(to_local(box, to_world(box, points)), points, atol=1e-9)
    assert_allclose(to_world(box, np.array([1.0, 2.0, 3.0])), box.point(1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("box", "count"),
    [
        pytest.param(block(width_m=3.0, height_m=2.5, depth_m=3.0, floors=1, bays=1, bays_deep=1), 60, id="shed"),
        pytest.param(block(width_m=0.3, height_m=0.3, depth_m=0.3, floors=1, bays=1, bays_deep=1), 50, id="tiny"),
        pytest.param(block(width_m=60.0, height_m=120.0, floors=40, bays=30), 300, id="tower with few pieces"),
        pytest.param(block(window_ratio=0.0), 200, id="no windows"),
        pytest.param(block(window_ratio=0.95), 300, id="all glass"),
    ],
)
def test_odd_buildings_break_too(box: Box, count: int) -> None:
    whole = break_building(layout(box), Collapse(pieces=count))
    assert 0.3 * count <= len(whole) <= count
    assert (whole.volume_m3 > 0).all()
    assert math.isfinite(float(whole.mass_kg.sum()))


@pytest.mark.parametrize(
    ("scene", "collapse", "message"),
    [
        pytest.param(layout(block(kind="neighbour")), Collapse(), "nothing comes down", id="no building"),
        pytest.param(layout(), Collapse(pieces=3), "collapse.pieces", id="too few"),
        pytest.param(layout(), Collapse(pieces=10**6), "collapse.pieces", id="too many"),
    ],
)
def test_what_cannot_break_is_refused(scene: Layout, collapse: Collapse, message: str) -> None:
    with pytest.raises(BriefError, match=message):
        break_building(scene, collapse)
