import math
from itertools import product

import pytest

from secondunit.core.camera import Camera
from secondunit.core.errors import BriefError
from secondunit.prep.previs.bodies import BODIES, SQUEEZES, body_of
from secondunit.prep.previs.lens import angles_of_view, equivalent_mm, extraction

# Oracle: ARRI's and RED's lens calculators' formula, 2 atan(width / 2f), at widths from the makers' data sheets.
SEEN = [
    ("ALEXA 35 4.6K 3:2 open gate", 1.0, 27.99 / 19.22, 35.0, 43.59, 30.71),
    ("Super 35 3-perf", 1.0, 24.89 / 13.87, 50.0, 27.95, 15.80),
    ("RED V-RAPTOR 8K VV", 1.0, 40.96 / 21.60, 24.0, 80.95, 48.46),
    ("Anamorphic 35 4-perf", 2.0, 2.39, 50.0, 47.42, 20.83),
]


@pytest.mark.parametrize("body,squeeze,aspect,focal,across,up", SEEN, ids=[row[0] for row in SEEN])
def test_angles_of_view(body: str, squeeze: float, aspect: float, focal: float, across: float, up: float) -> None:
    cut = extraction(body_of(body), squeeze=squeeze, aspect=aspect)
    found = angles_of_view(Camera(focal_length_mm=focal, filmback=cut.filmback))
    assert found == pytest.approx((across, up), abs=0.03)


@pytest.mark.parametrize("aspect", [1.33, 1.78, 1.85, 2.39])
def test_the_extraction_lies_on_the_sensor_and_fills_one_side(aspect: float) -> None:
    for body, squeeze in product(BODIES.values(), SQUEEZES):
        cut = extraction(body, squeeze=squeeze, aspect=aspect)
        assert cut.filmback.width_mm / cut.filmback.height_mm == pytest.approx(aspect)
        assert cut.used_width_mm <= body.width_mm + 1e-9
        assert cut.used_height_mm <= body.height_mm + 1e-9
        assert math.isclose(cut.used_width_mm, body.width_mm) or math.isclose(cut.used_height_mm, body.height_mm)


@pytest.mark.parametrize("name", BODIES)
def test_photosites_are_square_and_sources_are_named(name: str) -> None:
    body = BODIES[name]
    assert body.source
    if body.photosites:
        columns, rows = body.photosites
        assert body.width_mm / columns == pytest.approx(body.height_mm / rows, rel=0.01)


def test_equivalent_of_super_35_is_the_well_known_crop() -> None:
    cut = extraction(body_of("super 35 3-PERF"), squeeze=1.0, aspect=24.89 / 13.87)
    assert equivalent_mm(Camera(focal_length_mm=35.0, filmback=cut.filmback)) == pytest.approx(50.6, abs=0.1)


@pytest.mark.parametrize("aspect,squeeze", [(0.1, 1.0), (5.0, 1.0), (1.78, 0.5), (1.78, 3.0)])
def test_refused(aspect: float, squeeze: float) -> None:
    with pytest.raises(BriefError):
        extraction(body_of("Super 16"), squeeze=squeeze, aspect=aspect)


def test_an_unknown_camera_is_told_near_ones() -> None:
    with pytest.raises(BriefError, match="ALEXA 35 4"):
        body_of("alexa 35 4.6k")
