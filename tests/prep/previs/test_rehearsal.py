from dataclasses import replace

import numpy as np
import pytest
from tests.prep.previs.stages import small_set, two_pieces

from secondunit.core.errors import BriefError
from secondunit.imaging.projection import project
from secondunit.prep.previs.brief import (
    CameraKey,
    FigureBrief,
    MarkBrief,
    MoveBrief,
    PictureBrief,
    PrevisBrief,
    SunPlace,
    VehicleBrief,
)
from secondunit.prep.previs.control import MATTES, channels_of, control_frame, depth_codes, id_codes, normal_codes
from secondunit.prep.previs.legal_size import padding_for
from secondunit.prep.previs.rehearsal import MARK_EYES_M, rehearse
from secondunit.prep.stage.render import render_stage

BRIEF = PrevisBrief(
    name="SEQ_0010",
    picture=PictureBrief(frames=8, handles=1, aspect=16 / 9, width=96, height=54),
    camera=MoveBrief(
        subject="ANNA",
        keys=(
            CameraKey(frame=1001, position_m=(0, 1.6, 14), target_m=(0, 3, 0), focal_mm=24),
            CameraKey(frame=1008, position_m=(1, 1.6, 12), target_m=(0, 3, 0)),
        ),
    ),
    figures=(FigureBrief(name="ANNA", path_m=((-1, 4), (3, 5)), action="walk"),),
    vehicles=(VehicleBrief(name="TAXI", path_m=((-9, 8), (9, 8)), start_frame=950),),
    marks=(MarkBrief(name="T1", at_m=(3, 5), note="ANNA"),),
)


@pytest.fixture(scope="module")
def opened():
    return rehearse(BRIEF, small_set(), pieces=two_pieces())


def test_the_same_triangles_at_every_frame(opened) -> None:
    stages = [opened.stage(f) for f in BRIEF.picture.range]
    assert {s.triangle_count for s in stages} == {stages[0].triangle_count}
    assert {tuple(p.mesh.path for p in s.parts) for s in stages} == {tuple(p.mesh.path for p in stages[0].parts)}
    without = opened.stage(1001, cast=False, building=False)
    assert not [p for p in without.parts if "lot_01" in p.mesh.path or "ANNA" in p.mesh.path]


def test_where_things_are(opened) -> None:
    assert opened.where("T1")(1004) == (3, MARK_EYES_M, 5)
    eyes = opened.where("ANNA")(1001)
    assert eyes == pytest.approx((-1, 1.64, 4), abs=0.03)
    assert opened.where("TAXI")(1001)[1] == pytest.approx(0.87)
    with pytest.raises(BriefError, match="ANNA, TAXI, T1"):
        opened.where("BO")


def test_groups_name_buildings_figures_and_vehicles(opened) -> None:
    stage = opened.stage(1001)
    names, numbers = opened.groups(stage)
    assert {"buildings/lot_01", "buildings/lot_02", "street/near/lamp_01", "ANNA", "TAXI"} <= set(names)
    assert len(numbers) == len(stage.parts)
    assert {names[n] for n, p in zip(numbers, stage.parts, strict=True) if p.mesh.path.startswith("ANNA/")} == {"ANNA"}


def test_control_passes_agree_with_a_plain_render(opened) -> None:
    """The picture inside the legal frame is the picture: same depth, ids and mattes, pixel by pixel."""
    pad = padding_for(aspect=96 / 54, frames=8, model="wan", budget_px=128 * 80)
    channels = control_frame(opened, pad, 2)
    stage = opened.stage(1003)
    seen = render_stage(
        stage, opened.path.at(1003), width=pad.width, height=pad.height, sun=opened.sun, samples=1,
        stage_next=opened.stage(1004), camera_next=opened.path.at(1004),
    )  # fmt: skip
    names, numbers = opened.groups(stage)
    plain = channels_of(
        seen, names, numbers, whose={"ANNA": "figures", "TAXI": "vehicles", "buildings/lot_01": "building"}
    )
    assert set(plain) == set(channels)
    alike = pad.trim(channels["id"]) == plain["id"]
    assert alike.mean() > 0.995
    near = alike & np.isfinite(plain["depth.Z"])
    assert pad.trim(channels["depth.Z"])[near] == pytest.approx(plain["depth.Z"][near], rel=1e-3)
    assert np.abs(pad.trim(channels["motion.X"]) - plain["motion.X"])[near].max() < 0.02


def test_mattes_share_the_frame_and_padding_stands_still(opened) -> None:
    pad = padding_for(aspect=96 / 54, frames=8, model="wan", budget_px=128 * 80)
    channels = control_frame(opened, pad, 4)
    total = sum(channels[f"matte.{m}"] for m in MATTES)
    assert np.array_equal(total, np.ones_like(total))
    assert channels["matte.building"].any()
    assert channels["matte.figures"].any()
    sky = channels["matte.sky"] > 0
    assert np.isinf(channels["depth.Z"][sky]).all()
    assert (channels["id"][sky] == 0).all()
    assert not depth_codes(channels["depth.Z"], 1, 50)[sky].any()
    assert (id_codes(channels)[sky] == 0).all()
    assert (normal_codes(channels)[sky] == (128, 128, 255)).all()
    held = control_frame(opened, pad, pad.full_frames - 1)
    last = control_frame(opened, pad, 7)
    assert pad.full_frames == 9
    assert np.abs(held["motion.X"][held["depth.Z"] < 60]).max() < 0.01
    assert np.array_equal(held["depth.Z"], last["depth.Z"])


def test_motion_is_where_the_pixel_goes(opened) -> None:
    """Oracle: the taxi's middle and its near side projected at both frames; what is seen of it lies between."""
    pad = padding_for(aspect=96 / 54, frames=8, model="wan", budget_px=128 * 80)
    channels = control_frame(opened, pad, 1)
    taxi = channels["matte.vehicles"] > 0
    ways = []
    for nearer in (0.0, 0.95):
        places = [
            project(
                pad.widened(opened.path.at(frame)),
                [np.array(opened.where("TAXI")(frame)) + np.array([0, 0, nearer])],
                pad.full_width,
                pad.full_height,
            )[0]
            for frame in (1002, 1003)
        ]
        ways.append(float((places[1] - places[0])[0, 0]))
    assert taxi.any()
    assert ways[0] < np.median(channels["motion.X"][taxi]) < ways[1]


@pytest.mark.parametrize(
    "brief",
    [
        pytest.param(replace(BRIEF, marks=(MarkBrief(name="ANNA", at_m=(0, 0)),)), id="name_twice"),
        pytest.param(replace(BRIEF, camera=replace(BRIEF.camera, subject="NOBODY")), id="no_such_subject"),
        pytest.param(replace(BRIEF, sun=SunPlace(azimuth_deg=3.0)), id="half_a_sun"),
        pytest.param(replace(BRIEF, camera=replace(BRIEF.camera, body="Brownie")), id="no_such_camera"),
    ],
)
def test_refused(brief: PrevisBrief) -> None:
    with pytest.raises(BriefError):
        rehearse(brief, small_set())


def test_the_sun_by_its_angles_overrules_the_hour() -> None:
    said = replace(BRIEF, sun=SunPlace(azimuth_deg=30.0, elevation_deg=20.0, north_deg=77.0))
    sun = rehearse(said, small_set()).sun
    assert (sun.azimuth_deg, sun.elevation_deg) == (30.0, 20.0)
    assert rehearse(BRIEF, small_set()).sun.elevation_deg == pytest.approx(29.9, abs=0.1)


def test_one_seen_frame_is_the_same_bytes_again(opened) -> None:
    def frame() -> np.ndarray:
        again = rehearse(BRIEF, small_set(), pieces=two_pieces())
        return render_stage(
            again.stage(1005), again.path.at(1005), width=64, height=36, sun=again.sun, samples=2
        ).beauty

    assert np.array_equal(frame(), frame())
