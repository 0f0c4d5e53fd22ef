from dataclasses import replace

import pytest
from tests.show.picture.test_dust_passes import plan

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.layout import Sun
from secondunit.generate.registry import get_generator
from secondunit.show.brief.recipes import Plan
from secondunit.show.picture.dust_ranges import CHECK, range_findings


def said(taken: Plan, name: str = "embedded") -> list[str]:
    findings = range_findings(taken, get_generator(name))
    assert {f.check for f in findings} <= {CHECK}
    assert {f.severity for f in findings} <= {"warning"}
    return [f.message for f in findings]


@pytest.mark.parametrize("width", [640, 1920, 4096])
def test_an_ordinary_take_is_inside(width):
    assert said(plan(width, width)) == []


def test_a_take_from_very_far_away_has_cells_too_small():
    (message,) = said(plan(480, 480, away_m=600.0))
    assert message.startswith("dust cell is 0.")
    assert "procedural" in message


def test_a_sun_at_the_horizon_and_a_storm():
    taken = plan(960, 960)
    taken = replace(
        taken,
        layout=replace(taken.layout, sun=Sun(elevation_deg=2.0)),
        brief=replace(taken.brief, dust=replace(taken.brief.dust, wind_m_per_s=(9.0, 0.0, 0.0))),
    )
    sun, wind = said(taken)
    assert "sun elevation is 2°, learned from 8 to 75°" in sun
    assert "wind is 9 m/s, learned from 0 to 2.5 m/s" in wind
    assert said(taken, "procedural") == []


def test_a_drone_that_ends_above_is_told_once():
    taken = plan(960, 960)
    camera = taken.layout.camera.locked
    above = replace(camera, position_m=(0.0, 60.0, -20.0))
    path = CameraPath(locked=camera, keys=((1001, camera), (1072, above)))
    (message,) = said(replace(taken, layout=replace(taken.layout, camera=path)))
    assert message.startswith("camera above the dust is 6")


def test_a_fisheye():
    taken = plan(960, 960)
    camera = Camera(focal_length_mm=8.0)
    messages = said(replace(taken, layout=replace(taken.layout, camera=CameraPath(locked=camera))))
    assert any("field of view" in message for message in messages)
