import io
import math

import numpy as np
import pypdfium2
import pytest
from tests.prep.previs.stages import small_set, two_pieces
from tests.prep.previs.test_rehearsal import BRIEF

from secondunit.core.layout import Sun
from secondunit.prep.previs.brief import PictureBrief
from secondunit.prep.previs.burn_in import TEMP_MARK, Slate, framed, told
from secondunit.prep.previs.drawing import SCALES, View, beyond, fitting_scale, line_drawing
from secondunit.prep.previs.exposure import exposed, metered_stops
from secondunit.prep.previs.rehearsal import rehearse
from secondunit.prep.previs.sheet_info import SheetInfo
from secondunit.prep.previs.techvis import Reading, measure, told_frames
from secondunit.prep.previs.techvis_sheet import feet, techvis_pdf

PLAN = View(centre_m=(0, 0, 0), right=(1, 0, 0), up=(0, 0, -1), scale=200, width_mm=100, height_mm=80)  # 20 x 16 m


def test_a_view_measures_true() -> None:
    a, b = PLAN.on_paper(np.array([[0.0, 5, 0], [4.0, 0, -2.0]]))
    assert a == pytest.approx([50, 40])  # heights do not show in a plan
    assert b - a == pytest.approx([20, 10])  # 4 m and 2 m at 1:200


def test_what_is_drawn_lies_where_the_overlay_is() -> None:
    """The far eye's picture and the millimetres of the overlay agree: the house's front edge is where it is."""
    paper = line_drawing(small_set().stage, PLAN, dots_per_mm=6.0)
    assert paper.shape == (480, 600)
    left = PLAN.on_paper(np.array([[-4.0, 0, 0.0]]))[0]
    column = paper[round((80 - PLAN.on_paper(np.array([[0, 0, -3.0]]))[0][1]) * 6)]
    dark = np.flatnonzero(column < 120) / 6
    assert np.abs(dark - left[0]).min() < 0.4
    # Nine metres up and sixty widths away the edge leans by less than a millimetre.
    assert not ((dark > left[0] + 1) & (dark < PLAN.on_paper(np.array([[3.9, 0, 0]]))[0][0] - 1)).any()


def test_shade_is_drawn_only_with_a_sun() -> None:
    stage = small_set().stage
    plain = line_drawing(stage, PLAN, dots_per_mm=3.0)
    shaded = line_drawing(stage, PLAN, sun=Sun(azimuth_deg=-60, elevation_deg=30), dots_per_mm=3.0)
    assert (shaded.astype(int) <= plain.astype(int)).all()
    assert (shaded < plain).mean() > 0.05
    assert np.array_equal(plain, line_drawing(stage, PLAN, dots_per_mm=3.0))


def test_a_section_leaves_out_what_stands_before_it() -> None:
    stage = small_set().stage
    cut = beyond(stage, point_m=np.array([0.0, 0, 2.0]), normal=np.array([0.0, 0, 1.0]))
    assert {p.mesh.path for p in stage.parts} - {p.mesh.path for p in cut.parts} == {"street/near/lamp_01"}
    assert cut.ground is None


@pytest.mark.parametrize("width,height,scale", [(18, 9, 75), (49, 30, 200), (51, 30, 250), (3, 2, 20), (900, 10, 4000)])
def test_scales_are_those_on_a_ruler(width: float, height: float, scale: int) -> None:
    found = fitting_scale(width, height, width_mm=250, height_mm=160)
    assert found == scale
    assert found in SCALES or found > SCALES[-1]


@pytest.mark.parametrize("metres,said", [(1.65, "5'5\""), (0.0, "0'0\""), (-1.0, "-3'3\""), (3.0479, "10'0\"")])
def test_feet_and_inches(metres: float, said: str) -> None:
    assert feet(metres) == said


def _info(**changes: object) -> SheetInfo:
    opened = rehearse(BRIEF, small_set(), pieces=two_pieces())
    tech = measure(
        opened.path, BRIEF.camera, BRIEF.picture, stage=opened.built, sun=opened.sun, subject=opened.subject()
    )
    told_ = told_frames(BRIEF.picture.range, (1001, 1008))
    subject = opened.subject()
    assert subject
    values = {
        "show": "SHW", "shot": "SEQ_0010", "caption": "WS ANNA", "set_name": "SMALL STREET – ñ", "brief": BRIEF,
        "path": opened.path, "techvis": tech, "sun": opened.sun, "stage": opened.built, "tracks": opened.tracks(),
        "told": told_, "subject_m": tuple(subject(f) for f in told_),
        "pictures": ((1001, np.full((54, 96, 3), 90, np.uint8)),), "notes": ("the set is not approved",),
    }  # fmt: skip
    return SheetInfo(**(values | changes))  # type: ignore[arg-type]


def test_the_sheet_says_what_was_measured_and_is_the_same_bytes_again() -> None:
    info = _info()
    data = techvis_pdf(info)
    assert data == techvis_pdf(info)
    page = pypdfium2.PdfDocument(io.BytesIO(data))[0]
    assert page.get_size() == pytest.approx((1190.55, 841.89), abs=0.1)  # A3 landscape
    said = page.get_textpage().get_text_bounded()
    first, last = info.techvis.readings[0], info.techvis.readings[-1]
    for words in (
        "SHW_SEQ_0010", "SMALL STREET – ñ", f"{first.height_m:.2f} m", f"{first.distance_m:.2f} m",
        f"{last.distance_m:.2f} m", f"{info.techvis.length_m:.2f} m", "24 mm", "ANNA", "TAXI", "T1",
        "lamp_01", "the set is not approved", "bearing 294.1°", "34.6037° S, 58.3816° W",
    ):  # fmt: skip
        assert words in said, words


def test_a_rig_that_meets_the_set_is_said_in_red_words() -> None:
    from dataclasses import replace

    info = _info()
    near = replace(info.techvis.near, metres=0.2)
    said = pypdfium2.PdfDocument(io.BytesIO(techvis_pdf(_info(techvis=replace(info.techvis, near=near)))))[0]
    assert "RIG MEETS SET" in said.get_textpage().get_text_bounded()


READING = Reading(
    frame=1009, height_m=1.65, pan_deg=0, tilt_deg=3.4, roll_deg=0, focal_mm=35, across_deg=39, up_deg=20,
    distance_m=4.2, speed_m_per_s=0.5,
)  # fmt: skip


@pytest.mark.parametrize("aspect", [1.0, 1.85, 2.39])
def test_burn_ins_leave_the_picture_alone_where_there_is_room(aspect: float) -> None:
    brief = PictureBrief(aspect=aspect)
    width, height = brief.size
    picture = np.random.default_rng(2).integers(0, 255, (height, width, 3), dtype=np.uint8)
    slate = Slate(name="SHW_SEQ_0010", version="v001", lens="Super 35", subject="ANNA")
    out = framed(picture, brief, READING, slate)
    assert out.shape == (540, 960, 3)
    top, left = (540 - height) // 2, (960 - width) // 2
    inside = out[top : top + height, left : left + width]
    alike = (inside == picture).all(axis=-1).mean()
    assert alike == 1.0 if aspect == 2.39 else alike > 0.85
    assert (out[: max(top, 30)] > 200).any()  # something is written above
    assert not np.array_equal(
        out, framed(picture, brief, READING, Slate(name="X", version="v002", lens="", subject=""))
    )


def test_what_is_burnt_in() -> None:
    slate = Slate(name="A", version="v001", lens="", subject="ANNA")
    assert told(READING, slate) == ("35 mm", "H 1.65 m", "tilt +3°", "D ANNA 4.20 m", "0.5 m/s")
    assert "TEMP" in TEMP_MARK


def test_a_meter_brings_a_grey_wall_to_grey() -> None:
    wall = np.full((20, 30, 3), 0.72, np.float32)
    stops = metered_stops(wall, np.ones((20, 30), np.float32))
    assert stops == pytest.approx(-2.0)
    assert exposed(wall, stops) == pytest.approx(0.18, abs=0.002)
    wall[:2] = 400.0  # a sky that is not covered, a lamp: they do not count
    alpha = np.ones((20, 30), np.float32)
    alpha[:2] = 0
    assert metered_stops(wall, alpha) == stops
    assert math.isfinite(metered_stops(np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.float32)))
