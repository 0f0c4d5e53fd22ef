from dataclasses import replace
from typing import Any

import pytest

from secondunit.core.brief import PlateBrief, ShotBrief
from secondunit.core.camera import Camera, CameraPath
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout
from secondunit.show.brief.recipes import Plan, bare, draft_size, plan_take, sunlit

STAGES = ("plate", "fracture", "rigid", "dust", "light", "generate", "render")
BOX = Box(name="block", corner_m=(-5.0, 0.0, -20.0), yaw_deg=0.0, width_m=10.0, height_m=9.0, depth_m=6.0, floors=3)
BRIEF = ShotBrief(name="A", plate=PlateBrief(file="a.jpg"))
LAYOUT = Layout(camera=CameraPath(locked=Camera()), boxes=(BOX,))


def plan(brief: ShotBrief = BRIEF, layout: Layout = LAYOUT, **changes: Any) -> Plan:
    values: dict[str, Any] = {
        "frames": FrameRange(1001, 1072),
        "width": 434,
        "height": 300,
        "plate_width": 868,
        "plate_digest": "p",
        "picture_digests": {},
        "generator": ("procedural", "1", ""),
    }
    return plan_take(brief, layout, **(values | changes))


def changed(after: Plan) -> set[str]:
    before = plan()
    return {stage for stage in STAGES if getattr(after, stage).digest != getattr(before, stage).digest}


def test_the_same_brief_has_the_same_digests():
    assert changed(plan()) == set()


def test_the_sun_runs_light_and_after_again():
    sun = replace(LAYOUT.sun, azimuth_deg=10.0)
    assert changed(plan(layout=replace(LAYOUT, sun=sun))) == {"light", "generate", "render"}


def test_the_strength_of_the_sun_only_renders_again():
    sun = replace(LAYOUT.sun, illuminance=(9.0, 9.0, 9.0))
    assert changed(plan(layout=replace(LAYOUT, sun=sun))) == {"render"}


CHANGES = {
    "detail": (replace(BRIEF, detail=replace(BRIEF.detail, seed=2)), {"generate", "render"}),
    "shutter": (replace(BRIEF, look=replace(BRIEF.look, motion_blur_deg=90.0)), {"generate", "render"}),
    "look": (replace(BRIEF, look=replace(BRIEF.look, grain=0.0)), {"render"}),
    "dust": (replace(BRIEF, dust=replace(BRIEF.dust, amount=2.0)), {"dust", "light", "generate", "render"}),
    "collapse": (
        replace(BRIEF, collapse=replace(BRIEF.collapse, seed=2)),
        {"fracture", "rigid", "dust", "light", "generate", "render"},
    ),
    "matte": (replace(BRIEF, matte=replace(BRIEF.matte, band_px=3)), {"plate", "generate", "render"}),
}


@pytest.mark.parametrize("brief, stages", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_runs_what_stands_on_it_and_no_more(brief: ShotBrief, stages: set[str]):
    assert changed(plan(brief)) == stages


def test_size_and_generator_only_generate_again():
    assert changed(plan(width=868, height=600)) == {"generate", "render"}
    assert changed(plan(generator=("procedural", "2", ""))) == {"generate", "render"}


def test_another_plate_prepares_and_renders_again():
    assert changed(plan(plate_digest="q")) == {"plate", "generate", "render"}
    assert changed(plan(picture_digests={"matte": "m"})) == {"plate", "generate", "render"}


def test_an_approval_holds_for_any_size_but_not_for_another_look():
    assert plan(width=868, height=600).content == plan().content
    assert plan(replace(BRIEF, look=replace(BRIEF.look, shadow=0.5))).content != plan().content
    assert plan(generator=("other", "1", "")).content != plan().content
    assert plan(frames=FrameRange(1001, 1073)).content != plan().content


def test_stages_are_handed_no_more_light_than_their_recipe_names():
    bright = replace(LAYOUT, sun=replace(LAYOUT.sun, azimuth_deg=7.0, illuminance=(9.0, 9.0, 9.0), sky=(5.0, 5.0, 5.0)))
    assert bare(bright) == bare(LAYOUT)
    assert sunlit(bright) == sunlit(replace(bright, sun=replace(bright.sun, illuminance=(1.0, 1.0, 1.0))))
    assert sunlit(bright).sun.azimuth_deg == 7.0


@pytest.mark.parametrize("width, height", [(868, 600), (501, 333), (16, 16), (33, 4000)])
def test_drafts_are_even_and_never_larger(width: int, height: int):
    w, h = draft_size(width, height)
    assert w % 2 == h % 2 == 0
    assert w <= width
    assert h <= height
