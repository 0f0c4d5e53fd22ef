from dataclasses import replace

import numpy as np
import pytest

from secondunit.core.brief import PlateBrief, ShotBrief
from secondunit.core.camera import Camera, CameraPath
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout
from secondunit.generate.registry import get_generator
from secondunit.imaging.buffers import ControlBuffers, DustLayers
from secondunit.show.brief.recipes import Plan, plan_take
from secondunit.show.picture.dust_passes import cell_px, part_of, passes_of, refined

BOX = Box(name="block", corner_m=(-5.0, 0.0, -40.0), yaw_deg=0.0, width_m=10.0, height_m=9.0, depth_m=6.0, floors=3)


def plan(width: int, plate_width: int, *, away_m: float = 0.0) -> Plan:
    box = replace(BOX, corner_m=(-5.0, 0.0, -40.0 - away_m))
    return plan_take(
        ShotBrief(name="A", plate=PlateBrief(file="a.jpg")),
        Layout(camera=CameraPath(locked=Camera(focal_length_mm=50.0)), boxes=(box,)),
        frames=FrameRange(1001, 1072),
        width=width,
        height=width * 9 // 16,
        plate_width=plate_width,
        plate_digest="p",
        picture_digests={},
        generator=("embedded", "4", ""),
    )


@pytest.mark.parametrize("width", [480, 960, 1920, 4096])
@pytest.mark.parametrize("away_m", [0.0, 60.0, 300.0])
def test_a_cell_is_shown_as_wide_as_was_learned_and_the_last_pass_reaches_the_picture(width, away_m):
    generator = get_generator("embedded")
    taken = plan(width, width, away_m=away_m)
    steps = passes_of(taken, generator)
    for step in steps:
        assert cell_px(taken) / step.finer / step.share <= generator.widest_cell_px
    assert [step.last for step in steps] == [False] * (len(steps) - 1) + [True]
    assert [step.opens for step in steps] == [True] * (len(steps) - 1) + [False]
    if len(steps) < 3:
        assert steps[-1].share == 2


def test_a_draft_is_painted_in_as_many_passes_as_its_final():
    generator = get_generator("embedded")
    for plate in (480, 960, 1920, 4096):
        assert len(passes_of(plan(plate // 2, plate), generator)) == len(passes_of(plan(plate, plate), generator))


def test_the_procedural_generator_needs_one():
    (only,) = passes_of(plan(4096, 4096), get_generator("procedural"))
    assert (only.share, only.finer, only.opens) == (2, 1, False)


def test_the_micro_seed_is_the_last_passes_alone():
    taken = plan(1920, 1920)
    taken = replace(taken, brief=replace(taken.brief, detail=replace(taken.brief.detail, seed=77)))
    first, last = passes_of(taken, get_generator("embedded"))
    assert first.detail(taken).seed == taken.brief.dust.seed
    assert last.detail(taken).seed == 77
    assert first.broad_seed(taken) != last.broad_seed(taken)


def layers(alpha: float, sun: float, sky: float) -> DustLayers:
    return DustLayers(**{k: np.full((4, 4), v, np.float32) for k, v in (("alpha", alpha), ("sun", sun), ("sky", sky))})


def test_refined_buffers_hold_the_picture_before_on_finer_cells():
    channels = {n: np.full((4, 4), 8.0, np.float32) for n in ("footprint", "motion_x", "motion_y", "optical_depth")}
    buffers = ControlBuffers(frame=1, slab="front", channels=channels)
    finer = refined(buffers, layers(0.5, 0.2, 0.3), finer=4).channels
    assert finer["footprint"][0, 0] == finer["motion_x"][0, 0] == 2.0
    assert finer["optical_depth"][0, 0] == pytest.approx(-np.log1p(-finer["alpha"][0, 0]), rel=1e-4)
    assert finer["alpha"][0, 0] == pytest.approx(0.5, abs=0.04)
    assert finer["sky"][0, 0] / finer["alpha"][0, 0] == pytest.approx(0.6, rel=1e-4)
    thin = refined(buffers, layers(0.02, 0.01, 0.01), finer=4).channels
    assert 0.0 < thin["alpha"][0, 0] < 0.01
    assert buffers.channels["footprint"][0, 0] == 8.0


def test_a_part_and_the_rest_make_the_whole():
    whole, front = layers(0.75, 0.3, 0.4), layers(0.91, 0.5, 0.5)
    part = part_of(front, before=layers(0.5, 0.2, 0.25), whole=whole)
    assert part is not None
    # Half of the optical depth: twice over it, the painted alpha is met again.
    assert 1 - (1 - part.alpha[0, 0]) ** 2 == pytest.approx(0.91, abs=1e-4)
    assert part_of(front, before=None, whole=whole) is None
    everything = part_of(front, before=whole, whole=whole)
    assert everything is not None
    assert np.allclose(everything.sun, front.sun, atol=1e-4)


def test_a_thin_part_of_opaque_dust_is_thin():
    part = part_of(layers(1.0, 0.5, 0.5), before=layers(0.01, 0.004, 0.004), whole=layers(0.9995, 0.4, 0.4))
    assert part is not None
    assert part.alpha.max() < 0.02


def test_a_part_lies_where_there_is_one_and_nowhere_else():
    whole, front, before = layers(0.75, 0.3, 0.4), layers(0.91, 0.5, 0.5), layers(0.5, 0.2, 0.25)
    every = part_of(front, before=before, whole=whole)
    for plane in (before.alpha, before.sun, before.sky):
        plane[:2] = plane[:, 3] = 0.0
    part = part_of(front, before=before, whole=whole)
    assert every is not None
    assert part is not None
    for name in ("alpha", "sun", "sky"):
        found = getattr(part, name)
        assert np.array_equal(found[2:, :3], getattr(every, name)[2:, :3])
        assert found[:2].max() == found[:, 3].max() == 0.0
    nothing = part_of(front, before=layers(0.0, 0.0, 0.0), whole=whole)
    assert nothing is not None
    assert nothing.alpha.max() == 0.0


def test_a_wall_beside_the_camera_is_near_where_the_picture_shows_it():
    """A long wall that runs past the camera, and the same one square on at the distance of its middle."""
    beside = Box(
        name="row", corner_m=(4.0, -1.7, -31.0), yaw_deg=-90.0, width_m=30.0, height_m=6.0, depth_m=8.0, floors=2
    )
    taken = plan(1024, 1024)
    taken = replace(taken, layout=replace(taken.layout, boxes=(beside,)))
    across = replace(
        taken, layout=replace(taken.layout, boxes=(replace(beside, yaw_deg=0.0, corner_m=(-15.0, -1.7, -16.0)),))
    )
    assert cell_px(taken) > 1.25 * cell_px(across)
    assert passes_of(taken, get_generator("embedded"))[0].opens


def test_a_draft_whose_sides_were_rounded_is_measured_as_its_final():
    whole, draft = plan(463, 463), plan(230, 463)
    assert cell_px(draft) / 230 == pytest.approx(cell_px(whole) / 463, rel=1e-9)


def test_nothing_that_falls_has_no_cell():
    taken = plan(960, 960)
    assert cell_px(replace(taken, layout=replace(taken.layout, boxes=()))) == 0.0
