"""Cameras by the field's sizes: what the frame cuts, measured by projecting the mannequin's own landmarks."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.imaging.projection import project
from secondunit.prep.boards.blocking import block_scene, is_crowd, light_of, pose_for, vehicle_kind, without_proxy
from secondunit.prep.boards.framing import filmback_of, look_at
from secondunit.prep.boards.panel import StagedPanel, stage_panel
from secondunit.prep.boards.panel_brief import PanelArrow, PanelBrief, PanelCamera, PanelFigure, PanelVehicle
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.prep.stage.blocks import BLOCKS, Block, build_block, kind_of_place
from secondunit.prep.stage.figure import build_figure
from secondunit.prep.stage.geometry import Material, Part, Stage, box
from secondunit.prep.stage.poses import pose_of

ASPECT = 1.85
BARE = Block(kind="country", inside=False, stage=Stage(parts=(), materials=(Material(name="floor"),), ground="floor"))


def shot(size: str, **more) -> ShotEntry:
    given = {
        "name": "S004_0010",
        "scene": "4",
        "number": 10,
        "lens_mm": 50.0,
        "subjects": ("ANNA",),
        "framing": "single",
    }
    return ShotEntry(**(given | {"size": size, "set_name": "FIELD", "int_ext": "EXT"} | more))


def staged(*shots: ShotEntry, edits: PanelBrief | None = None, which: int = 0) -> StagedPanel:
    return stage_panel(shots[which], block_scene(shots), BARE, aspect=ASPECT, edits=edits or PanelBrief())


def heights(panel: StagedPanel, name: str) -> dict[str, float]:
    """Where landmarks lie in the frame: 0 its foot, 1 its top."""
    mark = panel.figures[name]
    figure = build_figure(
        name,
        pose_of(mark.pose),
        at=(mark.at_m[0], 0.0, mark.at_m[1]),
        facing_deg=mark.facing_deg,
        height_m=mark.height_m,
    )
    spots = {
        k: getattr(figure, k)
        for k in ("head_top", "eyes", "chin", "chest", "waist", "feet", "shoulder_l", "shoulder_r")
    }
    pixels, depth = project(panel.camera, list(spots.values()), 1, 1)
    assert (depth > 0).all()
    return {k: 1 - float(p[1]) for k, p in zip(spots, pixels, strict=True)} | {"x": float(pixels[1, 0])}


@pytest.mark.parametrize("lens", [24.0, 50.0, 85.0])
@pytest.mark.parametrize(
    "size, inside, outside",
    [
        ("ECU", ("eyes",), ("head_top", "shoulder_l", "chest")),
        ("CU", ("head_top", "eyes", "chin"), ("chest", "waist")),
        ("MCU", ("head_top", "eyes", "chin", "shoulder_l", "shoulder_r"), ("waist", "feet")),
        ("MS", ("head_top", "chest", "shoulder_l"), ("feet",)),
        ("FS", ("head_top", "waist", "feet"), ()),
        ("WS", ("head_top", "feet"), ()),
        ("EWS", ("head_top", "feet"), ()),
    ],
)
def test_a_size_cuts_where_the_field_cuts(size: str, inside: tuple[str, ...], outside: tuple[str, ...], lens: float):
    at = heights(staged(shot(size, lens_mm=lens)), "ANNA")
    for name in inside:
        assert -0.02 < at[name] < 1.0, name
    for name in outside:
        assert not 0.02 < at[name] < 0.995, name
    assert 0.1 < at["x"] < 0.9


@pytest.mark.parametrize("size, share", [("WS", 0.42), ("EWS", 0.14)])
def test_wide_sizes_give_the_figure_its_share(size: str, share: float):
    at = heights(staged(shot(size)), "ANNA")
    assert at["head_top"] - at["feet"] == pytest.approx(share, abs=0.03)


def test_headroom_is_small_and_there():
    for size in ("CU", "MCU", "MS", "FS"):
        assert 0.01 < 1 - heights(staged(shot(size)), "ANNA")["head_top"] < 0.14


def test_a_longer_lens_stands_farther_back():
    near, far = (np.asarray(staged(shot("MCU", lens_mm=mm)).camera.position_m) for mm in (25.0, 100.0))
    target = np.asarray(staged(shot("MCU")).framed.target_m)
    assert np.linalg.norm(far - target) == pytest.approx(4 * np.linalg.norm(near - target), rel=0.02)


SIZES = ("CU", "MS", "WS", "OTS")


@pytest.mark.parametrize("side, sign", [("A", 1), ("B", -1)])
def test_all_cameras_of_a_scene_stay_on_one_side_of_the_line(side: str, sign: int):
    pairs = list(product(SIZES, (("ANNA", "BO"), ("BO", "ANNA"), ("ANNA",), ("BO",))))
    shots = [
        shot(
            size, name=f"S004_{n:04d}", subjects=who, framing="single" if len(who) == 1 else "two-shot", line_side=side
        )
        for n, (size, who) in enumerate(pairs, start=1)
        if size != "OTS" or len(who) == 2
    ]
    for k in range(len(shots)):
        assert staged(*shots, which=k).camera.position_m[2] * sign > 0.05, shots[k]


def test_singles_of_a_pair_look_opposite_ways():
    shots = [shot("MCU", name=f"S004_00{n}0", subjects=(who,), line_side="A") for n, who in ((1, "ANNA"), (2, "BO"))]
    both = [shot("WS", name="S004_0030", subjects=("ANNA", "BO"), framing="two-shot")]
    looks = []
    for k in (0, 1):
        panel = staged(*shots, *both, which=k)
        name = shots[k].subjects[0]
        mark = panel.figures[name]
        figure = build_figure(name, pose_of(mark.pose), at=(mark.at_m[0], 0, mark.at_m[1]), facing_deg=mark.facing_deg)
        right = np.asarray(panel.camera.rotation)[:, 0]
        looks.append(float(np.dot(figure.facing, right)))
    assert looks[0] > 0.2
    assert looks[1] < -0.2


def test_over_the_shoulder_holds_both_the_near_one_at_the_edge():
    panel = staged(
        shot("OTS", subjects=("BO", "ANNA"), framing="over ANNA onto BO", line_side="A"),
        shot("WS", name="S004_0020", subjects=("ANNA", "BO"), framing="two-shot"),
    )
    far, near = heights(panel, "BO"), heights(panel, "ANNA")
    assert 0.25 < far["x"] < 0.75
    assert min(abs(near["x"] - 0.0), abs(near["x"] - 1.0)) < 0.3
    eye = np.asarray(panel.camera.position_m)
    distance = {n: np.hypot(*(np.asarray(panel.figures[n].at_m) - eye[[0, 2]])) for n in ("ANNA", "BO")}
    assert distance["ANNA"] + 0.8 < distance["BO"]


@pytest.mark.parametrize(
    "angle, low, high", [("low", 0.0, 1.2), ("eye", 1.3, 1.8), ("high", 1.9, 9.0), ("overhead", 2.5, 40.0)]
)
def test_angles_set_the_height_of_the_lens(angle: str, low: float, high: float):
    assert low < staged(shot("MS", angle=angle)).camera.position_m[1] < high


def test_dutch_rolls_the_horizon_and_nothing_else_does():
    for angle, roll in (("eye", 0.0), ("low", 0.0), ("dutch", 13.0)):
        right = np.asarray(staged(shot("MS", angle=angle)).camera.rotation)[:, 0]
        assert np.degrees(np.arcsin(right[1])) == pytest.approx(roll, abs=0.5)


@pytest.mark.parametrize("aspect", [1.0, 1.33, 1.78, 1.85, 2.39])
def test_a_filmback_has_its_aspect_and_fits_the_aperture(aspect: float):
    back = filmback_of(aspect)
    assert back.width_mm / back.height_mm == pytest.approx(aspect)
    assert back.width_mm <= 24.89 + 1e-9
    assert back.height_mm <= 18.66 + 1e-9


def test_look_at_is_a_rotation_that_looks_there():
    turn = np.asarray(look_at((1, 2, 3), (-1, 0, -2), roll_deg=10))
    assert np.allclose(turn @ turn.T, np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(1)
    camera = Camera(position_m=(1, 2, 3), rotation=look_at((1, 2, 3), (-1, 0, -2)))
    assert project(camera, (-1, 0, -2), 100, 100)[0] == pytest.approx([50, 50])


def test_an_edit_wins_over_every_rule():
    edits = PanelBrief(
        camera=PanelCamera(position_m=(0.0, 5.0, 9.0), lens_mm=35.0),
        figures=(PanelFigure(name="ANNA", at_m=(1.0, -2.0), pose="crouching"), PanelFigure(name="BO", pose="sitting")),
        sun_azimuth_deg=10.0,
        arrows=(PanelArrow(kind="crane-up"),),
    )
    panel = staged(shot("MS", move="pan"), edits=edits)
    assert panel.camera.position_m == (0.0, 5.0, 9.0)
    assert panel.camera.focal_length_mm == 35.0
    assert panel.figures["ANNA"].pose == "crouching"
    assert panel.figures["ANNA"].at_m == (1.0, -2.0)
    assert panel.figures["BO"].pose == "sitting"
    assert panel.sun.azimuth_deg == 10.0
    assert panel.camera_arrow == "crane-up"
    gone = staged(shot("MS", move="pan"), edits=PanelBrief(arrows=(PanelArrow(kind="none"),)))
    assert gone.camera_arrow == ""


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: PanelBrief(style="oil"), "drawing style 'oil'"),
        (lambda: PanelBrief(figures=(PanelFigure(name="A", pose="flying"),)), "no pose"),
        (lambda: PanelBrief(arrows=(PanelArrow(kind="sideways"),)), "no arrow"),
        (lambda: filmback_of(9.0), "aspect of 9.0"),
    ],
    ids=["style", "pose", "arrow", "aspect"],
)
def test_an_edit_that_cannot_be_meant_is_refused(make, message: str):
    with pytest.raises(BriefError, match=message):
        make()


@pytest.mark.parametrize(
    "place, where, kind",
    [
        ("AV. CORRIENTES, BLOCK 1200", "EXT", "street"), ("KITCHEN", "INT", "room"), ("TAXI", "INT", "car"),
        ("ROOFTOP", "EXT", "roof"), ("УЛИЦА", "EXT", "street"), ("森", "EXT", "country"), ("PATIO", "EXT", "house"),
        ("HOSPITAL CORRIDOR", "INT", "corridor"), ("", "", "street"), ("NOWHERE IN PARTICULAR", "EXT", "street"),
        ("POND", "EXT", "water"),
    ],
)  # fmt: skip
def test_a_heading_names_its_block(place: str, where: str, kind: str):
    assert kind_of_place(place, where) == kind


@pytest.mark.parametrize(
    "place, where",
    [
        ("KITCHEN", "INT"),
        ("TAXI", "INT"),
        ("HALLWAY", "INT"),
        ("STREET", "EXT"),
        ("HOUSE", "EXT"),
        ("FIELD", "EXT"),
        ("ROOF", "EXT"),
        ("LAKE", "EXT"),
    ],
)
def test_every_block_leaves_the_action_free_and_is_the_same_each_time(place: str, where: str):
    one, two = build_block(place, where), build_block(place, where)
    assert one.kind in BLOCKS
    assert [p.mesh.path for p in one.stage.parts] == [p.mesh.path for p in two.stage.parts]
    assert all(
        np.array_equal(p.mesh.points, q.mesh.points) for p, q in zip(one.stage.parts, two.stage.parts, strict=True)
    )


def test_poses_come_from_shot_list_fields():
    assert pose_for(shot("FS", note="runs to the taxi"), "ANNA", "standing") == "running"
    assert pose_for(shot("FS", move="track"), "ANNA", "standing") == "walking"
    assert pose_for(shot("MCU", note="sees it; light from it"), "ANNA", "talking") == "looking up"
    assert pose_for(shot("MS"), "ANNA", "talking") == "talking"


def test_words_say_who_is_many_and_what_drives():
    assert is_crowd("THE CROWD")
    assert not is_crowd("ANNA")
    assert vehicle_kind("POLICE VAN") == "van"
    assert vehicle_kind("ANNA'S SEDAN") == "car"
    assert light_of("NIGHT", inside=False, turn_deg=30).sky[0] < light_of("DAY", inside=False, turn_deg=30).sky[0]
    assert light_of("DUSK", inside=False, turn_deg=30).elevation_deg < 20


@pytest.mark.parametrize("where", [1.2, 2.0])
def test_what_stands_before_the_subject_is_struck_and_nothing_else(where: float):
    view = staged(shot("MS", lens_mm=50.0))
    eye, target = np.asarray(view.camera.position_m), np.asarray(view.framed.target_m)
    at = target + (eye - target) / np.linalg.norm(eye - target) * where
    crate = box("yard/crate/side", (0.8, 3.0, 0.8), "floor", at=(at[0], 0.0, at[2]))
    wall = box("yard/wall/face", (9.0, 4.0, 0.2), "floor", at=(0.0, 0.0, -6.0))
    block = Block(
        kind="country",
        inside=False,
        stage=Stage(parts=(Part(mesh=crate), Part(mesh=wall)), materials=(Material(name="floor"),), ground="floor"),
    )
    blocking = replace(block_scene([view.shot]), yaw_deg=0.0)
    panel = stage_panel(view.shot, blocking, block, aspect=ASPECT)
    kept = {p.mesh.path for p in panel.stage.parts}
    assert "yard/crate/side" not in kept
    assert "yard/wall/face" in kept


def test_what_nothing_stands_for_is_told():
    shots = [shot("WS", vehicles=("HOT AIR BALLOON", "TAXI"))]
    assert without_proxy(shots) == ("HOT AIR BALLOON",)
    assert set(block_scene(shots).vehicles) == {"TAXI"}


def test_an_effect_leaves_a_cloud_on_the_stage_and_only_where_it_has_a_body():
    for effects, wanted in ((("collapse",), True), (("screen",), False), ((), False)):
        paths = {p.mesh.path for p in staged(shot("WS", effects=effects)).stage.parts}
        assert ("effect/cloud" in paths) is wanted


def test_on_a_built_street_a_vehicle_stands_along_the_kerb_unless_a_person_put_it_elsewhere():
    one = shot("WS", subjects=(), vehicles=("TAXI",))
    blocking = replace(block_scene([one]), yaw_deg=20.0)
    panel = stage_panel(one, blocking, BARE, aspect=ASPECT, set_stage=BARE.stage)
    assert panel.vehicles["TAXI"].heading_deg == pytest.approx(80.0)
    mine = PanelBrief(vehicles=(PanelVehicle(name="TAXI", at_m=(1.0, 0.0, 2.0), heading_deg=10.0),))
    moved = stage_panel(one, blocking, BARE, aspect=ASPECT, set_stage=BARE.stage, edits=mine)
    assert moved.vehicles["TAXI"].at_m == (1.0, 0.0, 2.0)
    assert moved.vehicles["TAXI"].heading_deg == 10.0
