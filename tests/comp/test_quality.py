from dataclasses import replace

import numpy as np
import pytest

from secondunit.comp.integrate import FrameOutputs
from secondunit.comp.plate_match import PlateMatch
from secondunit.comp.quality import FrameCheck, check_frame, findings
from secondunit.imaging.filters import gaussian
from secondunit.imaging.grain import Grain, grain_field

H, W = 120, 160
MATCH = PlateMatch(grain=Grain(sigma=((0.02,) * 3, (0.02,) * 3), size_px=0.6, shared=0.7))
PLATE = np.full((H, W, 3), 0.5, np.float32)
GOOD = FrameCheck(
    frame=1001,
    bad_pixels=0,
    negative_share=0.0,
    clipped_share=0.0,
    outside_diff=0.0,
    touched_share=0.4,
    luminance=0.4,
    coverage=0.3,
    halo_share=0.0,
    grain_ratio=1.0,
)


def frame(*, grain: float = 0.02) -> FrameOutputs:
    alpha = np.zeros((H, W), np.float32)
    alpha[20:100, 30:130] = 1
    alpha = gaussian(alpha, sigma_px=2)
    element = np.dstack([alpha * 0.4, alpha * 0.35, alpha * 0.3, alpha]).astype(np.float32)
    noise = grain_field(width=W, height=H, size_px=0.6, shared=0.7, seed=1, frame=1)
    comp = element[..., :3] + (1 - alpha[..., None]) * PLATE + grain * noise * alpha[..., None]
    return FrameOutputs(
        comp=np.dstack([comp, np.ones((H, W), np.float32)]).astype(np.float32),
        element=element,
        support=alpha,
        matte=alpha,
        shadow=np.ones_like(PLATE),
        clean=PLATE,
        max_abs_diff=0.0,
        touched_share=0.5,
    )


def check(outputs: FrameOutputs) -> FrameCheck:
    return check_frame(outputs, plate=PLATE, frame=1001, match=MATCH)


def test_a_sound_frame_has_no_findings() -> None:
    measured = check(frame())
    assert findings([measured]) == ()
    assert measured.grain_ratio == pytest.approx(1, abs=0.35)
    assert measured.luminance == pytest.approx(0.36, abs=0.02)


def test_each_fault_is_found() -> None:
    sound = frame()
    bad = sound.comp.copy()
    bad[50, 50, 1] = np.nan
    assert [f.check for f in findings([check(replace(sound, comp=bad))])] == ["not a number"]
    bright = sound.comp.copy()
    bright[40:50, 40:60, :3] = 3
    assert "clipped" in [f.check for f in findings([check(replace(sound, comp=bright))])]
    dark = sound.comp.copy()
    dark[40:50, 40:60, :3] = -1
    assert "negative" in [f.check for f in findings([check(replace(sound, comp=dark))])]
    assert [f.check for f in findings([check(frame(grain=0.0))])] == ["grain"]
    fringed = sound.element.copy()
    edge = (fringed[..., 3] > 0.02) & (fringed[..., 3] < 0.6)
    fringed[edge, :3] = 0.9  # straight colour left where it should be premultiplied
    assert "edge halo" in [f.check for f in findings([check(replace(sound, element=fringed))])]


def test_findings_name_frames_and_blockers_come_first() -> None:
    checks = [
        replace(GOOD, frame=1003, clipped_share=0.5),
        replace(GOOD, frame=1001, outside_diff=0.25),
        replace(GOOD, frame=1002, outside_diff=0.1),
    ]
    found = findings(checks)
    assert [f.severity for f in found] == ["blocker", "warning"]
    assert found[0].frames == (1001, 1002)
    assert "0.25" in found[0].message
    assert "1001-1002" in found[0].message


@pytest.mark.parametrize(
    "levels, jumps",
    [
        pytest.param([0.4, 0.41, 0.42, 0.43], (), id="a ramp is none"),
        pytest.param([0.4, 0.4, 0.5, 0.4, 0.4], (1003,), id="one frame"),
        pytest.param([0.0, 0.4, 0.0, 0.4], (), id="an element that is not there"),
    ],
)
def test_flicker(levels: list[float], jumps: tuple[int, ...]) -> None:
    found = findings([replace(GOOD, frame=1001 + i, luminance=v) for i, v in enumerate(levels)])
    flicker = [f.frames for f in found if f.check == "flicker"]
    assert set(jumps) <= set(flicker[0]) if jumps else flicker == []


def test_nothing_to_look_at_is_fine() -> None:
    empty = replace(frame(), element=np.zeros((H, W, 4), np.float32), support=np.zeros((H, W), np.float32))
    assert findings([check(empty)]) == ()
    assert findings([]) == ()


@pytest.mark.parametrize(
    "shares, levels, jumps",
    [
        pytest.param([0.03, 0.03, 0.3, 0.53, 0.53], [0.29, 0.29, 0.59, 0.6, 0.6], (), id="half a building joins"),
        pytest.param([0.5] * 5, [0.3, 0.3, 0.6, 0.6, 0.6], (1002, 1003), id="the same gets brighter"),
        pytest.param([0.5, 0.5, 0.2, 0.5, 0.5], [0.4] * 5, (1003,), id="a part is gone for a frame"),
        pytest.param([0.5, 0.51, 0.52, 0.53, 0.54], [0.4, 0.4, 0.5, 0.4, 0.4], (1002, 1003, 1004), id="growing dust"),
    ],
)
def test_flicker_is_told_from_what_comes_in(shares: list[float], levels: list[float], jumps: tuple[int, ...]) -> None:
    both = zip(shares, levels, strict=True)
    found = findings([replace(GOOD, frame=1001 + i, coverage=c, luminance=v) for i, (c, v) in enumerate(both)])
    assert [f.frames for f in found if f.check == "flicker"] == ([jumps] if jumps else [])
