"""Drawing: borders traced whole, strokes that stay near their lines, styles that differ, the same bytes each time."""

import numpy as np
import pytest

from secondunit.core.layout import Sun
from secondunit.imaging.projection import intrinsics
from secondunit.prep.boards.arrows import (
    CAMERA_ARROWS,
    GroundArrow,
    arrow_of_move,
    draw_camera_arrow,
    draw_ground_arrow,
)
from secondunit.prep.boards.blocking import block_scene
from secondunit.prep.boards.drawing import Cast, subjects_of
from secondunit.prep.boards.panel import StagedPanel, draw_panel, stage_panel
from secondunit.prep.boards.plot import plot
from secondunit.prep.boards.regions import regions, trace, view_rays
from secondunit.prep.boards.strokes import Hand, Stroke, corners_of, is_straight, simplify, soften, stroke
from secondunit.prep.boards.style import STYLES, style_of
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.prep.stage.blocks import build_block
from secondunit.prep.stage.geometry import Material, Part, Stage, box, ellipsoid, translation
from secondunit.prep.stage.render import render_stage

SHOT = ShotEntry(
    name="S001_0010", scene="1", number=10, size="MS", subjects=("ANNA",), framing="single", set_name="HALLWAY",
    int_ext="INT", lens_mm=35.0, move="pan",
)  # fmt: skip
WIDTH = 480


@pytest.fixture(scope="module")
def staged() -> StagedPanel:
    return stage_panel(SHOT, block_scene([SHOT]), build_block("HALLWAY", "INT"), aspect=1.78)


def test_tracing_walks_every_border_exactly_once():
    rng = np.random.default_rng(5)
    label = np.kron(rng.integers(0, 4, (9, 12)), np.ones((5, 5))).astype(np.int32)
    points, left, right, start = trace(label)
    steps = np.diff(points, axis=0)
    inner = left[1:] >= 0
    assert (np.abs(steps[inner]).sum(axis=1) == 1).all()
    pairs = {tuple(sorted(p)) for p in zip(left[left >= 0].tolist(), right[right >= 0].tolist(), strict=True)}
    cracks = int((label[:, 1:] != label[:, :-1]).sum() + (label[1:] != label[:-1]).sum())
    assert len(pairs) == (left >= 0).sum() == cracks
    flat = label.ravel()
    assert all(flat[a] != flat[b] for a, b in pairs)
    assert start[0] == 0
    assert start[-1] == len(points)


def test_a_closed_border_is_one_chain():
    label = np.zeros((30, 30), np.int32)
    label[8:20, 5:25] = 1
    points, _, _, start = trace(label)
    assert len(start) == 2
    assert (points[0] == points[-1]).all()


def test_regions_are_faces_not_parts():
    materials = (Material(name="a"), Material(name="b"))
    flush = tuple(Part(mesh=box(f"w{k}", (1, 2, 0.5), "a", at=(k - 0.5, 0, 0))) for k in (0, 1))
    other = Part(mesh=box("x", (1, 2, 0.5), "b", at=(1.5, 0, 0)))
    ball = Part(mesh=ellipsoid("e", (0.4, 0.4, 0.4), "a", sides=32), transform=translation(0, 1, 1.2))
    from secondunit.core.camera import Camera, Filmback

    camera = Camera(focal_length_mm=35, filmback=Filmback(width_mm=36, height_mm=20.25), position_m=(0.3, 1.0, 6.0))
    image = render_stage(Stage(parts=(*flush, other, ball), materials=materials), camera, width=160, height=90)
    label = regions(image, view_rays(90, 160, *intrinsics(camera, 160, 90)), least_px=6)

    def names(part: int) -> set[int]:
        inner = image.part == part
        return set(np.unique(label[inner]).tolist())

    front = image.normal[..., 2] > 0.99
    wall = {n: set(np.unique(label[(image.part == n) & front]).tolist()) for n in (0, 1, 2)}
    assert wall[0] & wall[1], "flush pieces of one material are one face"
    assert not wall[0] & wall[2], "another material is another face"
    assert len(names(3)) == 1, "a ball has no creases"


def test_simplify_keeps_corners_and_drops_the_rest():
    line = np.array([(x, 0) for x in range(50)] + [(49, y) for y in range(1, 40)], np.float32)
    assert simplify(line, 0.5).tolist() == [0, 49, 88]
    assert corners_of(soften(line, 2.2))[1:-1] == pytest.approx([49], abs=3)


def test_softening_takes_the_staircase_out_and_keeps_the_ends():
    stairs = np.array([(k // 2 + k % 2, k // 2) for k in range(120)], np.float32)
    smooth = soften(stairs, 2.2)
    assert np.allclose(smooth[[0, -1]], stairs[[0, -1]], atol=1e-4)
    assert is_straight(smooth, tolerance=0.75)


def test_a_stroke_stays_by_its_line_and_runs_past_its_corners():
    hand = Hand(wobble_px=0.7, overshoot_px=12.0)
    ends = np.array([(20, 30), (420, 30)], np.float32)
    for seed in range(20):
        drawn = stroke(ends, width=3.0, dark=0.9, hand=hand, rng=np.random.default_rng(seed), overshoot=True)
        assert np.abs(drawn.points[:, 1] - 30).max() < 6
        assert 8 <= drawn.points[0, 0] < 20
        assert 420 < drawn.points[-1, 0] <= 432
        assert drawn.width.max() < 3.0 * 1.6
        assert drawn.dark.max() <= 1
        assert drawn.width[0] < drawn.width[len(drawn.width) // 2]


def test_two_strokes_are_never_the_same_but_a_seed_is():
    ends = np.array([(20, 30), (420, 30)], np.float32)
    hand = Hand(wobble_px=0.7)
    one, again, other = (
        stroke(ends, width=3.0, dark=0.9, hand=hand, rng=np.random.default_rng(s)).points.tobytes() for s in (1, 1, 2)
    )
    assert one == again != other


def line(a: tuple[float, float], b: tuple[float, float], width: float) -> Stroke:
    one = np.ones(2, np.float32)
    return Stroke(points=np.array([a, b], np.float32), width=one * width, dark=one)


def test_a_plotted_line_covers_its_area():
    out = plot(
        [
            Stroke(
                points=np.array([(10, 20.3), (90, 20.3)], np.float32),
                width=np.full(2, 4.0, np.float32),
                dark=np.ones(2, np.float32),
            )
        ],
        np.zeros((40, 100), np.float32),
    )
    assert out.sum() == pytest.approx(80 * 4 + np.pi * 4, rel=0.03)
    assert out.max() == 1.0


def test_a_hairline_is_pale_not_broken():
    out = plot(
        [
            Stroke(
                points=np.array([(5, 12.7), (95, 24.1)], np.float32),
                width=np.full(2, 0.5, np.float32),
                dark=np.ones(2, np.float32),
            )
        ],
        np.zeros((40, 100), np.float32),
    )
    assert (out[:, 10:90].sum(axis=0) > 0.24).all()


@pytest.mark.parametrize("style", STYLES)
def test_a_panel_is_the_same_each_time_and_has_lights_and_darks(staged: StagedPanel, style: str):
    one, two = (draw_panel(staged, style=style, width=WIDTH) for _ in range(2))
    assert one.tobytes() == two.tobytes()
    assert one.shape == (round(WIDTH / 1.78 / 2) * 2, WIDTH, 3)
    assert one.dtype == np.uint8
    grey = one.mean(axis=2)
    assert np.percentile(grey, 60) > 150, "a drawing leaves paper"
    assert np.percentile(grey, 1) < 125, "and has lines"


def test_styles_differ(staged: StagedPanel):
    drawn = {s: draw_panel(staged, style=s, width=WIDTH).astype(float) for s in STYLES}
    for a, b in (("pencil", "ink"), ("ink", "marker"), ("marker", "pencil")):
        assert np.abs(drawn[a] - drawn[b]).mean() > 6
    # Ink is black or white; a marker lays flat greys between.
    middle = {s: ((d > 90) & (d < 215)).mean() for s, d in drawn.items()}
    assert middle["marker"] > 1.5 * middle["ink"]


def test_figures_are_outlined_heavier_than_the_set(staged: StagedPanel):
    for name in STYLES:
        style = style_of(name)
        assert style.figure.outline > style.object.outline > style.set.outline > style.set.crease


def test_the_set_stops_short_of_a_figure(staged: StagedPanel):
    image = render_stage(staged.stage, staged.camera, width=320, height=180, sun=Sun(), samples=1, draft=True)
    subjects = subjects_of(image, staged.stage, Cast(figures=("ANNA",)))
    assert set(np.unique(subjects.kind)) == {0, 2}
    assert 0.5 < subjects.focus_m < 6


@pytest.mark.parametrize("kind", CAMERA_ARROWS)
def test_each_camera_arrow_marks_the_picture_and_leaves_its_middle(kind: str):
    art = np.full((270, 480, 3), 180, np.uint8)
    drawn = draw_camera_arrow(art, kind, seed=4)
    assert (drawn != art).any()
    assert drawn.shape == art.shape
    assert (drawn[120:150, 220:260] == 180).mean() > 0.6
    assert (art == 180).all(), "the drawing handed in is not changed"


def test_opposite_moves_are_told_apart():
    art = np.full((270, 480, 3), 180, np.uint8)
    for one, two in (
        ("pan-left", "pan-right"),
        ("tilt-up", "tilt-down"),
        ("dolly-in", "dolly-out"),
        ("crane-up", "crane-down"),
    ):
        assert (draw_camera_arrow(art, one, seed=4) != draw_camera_arrow(art, two, seed=4)).any()
    white = {
        k: np.argwhere((draw_camera_arrow(art, k, seed=4) > 240).all(axis=2))[:, 1]
        for k in ("track-left", "track-right")
    }
    # The head is the broad end: more of the arrow lies there.
    assert np.median(white["track-left"]) < 240 < np.median(white["track-right"])


def test_a_way_on_the_ground_hides_behind_who_stands_before_it(staged: StagedPanel):
    art = np.full((180, 320, 3), 90, np.uint8)
    arrow = GroundArrow(from_m=(-0.5, -1.0), to_m=(1.5, -1.0))
    cover = np.zeros((180, 320), bool)
    free = draw_ground_arrow(art, arrow, _standing_back(staged), cover, seed=1)
    cover[:, :160] = True
    half = draw_ground_arrow(art, arrow, _standing_back(staged), cover, seed=1)
    assert (free != art).sum() > (half != art).sum() > 0
    assert (half[:, :160] == 90).all()


def _standing_back(staged: StagedPanel):
    from dataclasses import replace

    from secondunit.prep.boards.framing import look_at

    return replace(
        staged.camera,
        position_m=(0.0, 2.0, 5.0),
        rotation=look_at((0.0, 2.0, 5.0), (0.0, 0.5, -1.0)),
        focal_length_mm=24.0,
    )


@pytest.mark.parametrize(
    "move, lead, wanted",
    [("pan", 1.0, "pan-right"), ("tilt", -1.0, "tilt-up"), ("drone", 0.0, "drone"), ("static", 1.0, "")],
)
def test_a_move_has_its_arrow(move: str, lead: float, wanted: str):
    assert arrow_of_move(move, lead=lead) == wanted
