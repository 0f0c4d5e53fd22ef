from dataclasses import FrozenInstanceError, dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.core.camera import Camera, CameraPath, Filmback
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange, frame_list, frame_rate, timecode
from secondunit.core.layout import Box, Sun
from secondunit.core.recipe import Recipe, canonical, digest
from secondunit.imaging.projection import directions, project, rotation_from_angles


@pytest.mark.parametrize(
    "text, rate",
    [
        ("23.976", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        (25, Fraction(25)),
        ("48000/1001", Fraction(48000, 1001)),
    ],
)
def test_rates_are_exact(text: str | int, rate: Fraction):
    assert frame_rate(text) == rate


@pytest.mark.parametrize("text", ["", "film", "0", "-24", "1/0", "nan", "inf", 5000])
def test_what_is_no_rate(text: str | int):
    with pytest.raises(BriefError):
        frame_rate(text)


@given(st.integers(-10_000, 10_000), st.integers(1, 500), st.integers(0, 100))
def test_longer_handles_move_both_ends_of_the_cut_alike(first: int, length: int, handles: int):
    frames = FrameRange(first, first + length - 1)
    if 2 * handles >= length:
        with pytest.raises(BriefError):
            frames.without_handles(handles)
    else:
        cut = frames.without_handles(handles)
        assert len(cut) == length - 2 * handles
        assert cut.first - frames.first == frames.last - cut.last == handles


@given(st.sets(st.integers(0, 3000), max_size=40))
def test_a_frame_list_reads_back(frames: set[int]):
    read: set[int] = set()
    for run in frame_list(sorted(frames)).split(", "):
        if run:
            a, _, b = run.partition("-")
            read |= set(range(int(a), int(b or a) + 1))
    assert read == frames


@given(st.integers(0, 24 * 3600 * 24 - 1))
def test_timecode_counts_every_frame_of_a_day(frame: int):
    h, m, s, f = (int(part) for part in timecode(frame, Fraction(24)).split(":"))
    assert ((h * 60 + m) * 60 + s) * 24 + f == frame


def test_a_range_that_ends_before_it_starts():
    with pytest.raises(BriefError):
        FrameRange(2, 1)


def test_a_camera_holds_its_nearest_key():
    a, b = Camera(focal_length_mm=20), Camera(focal_length_mm=30)
    path = CameraPath(locked=Camera(), keys=((10, a), (20, b)))
    assert [path.at(f).focal_length_mm for f in (0, 10, 16, 20, 99)] == [20, 20, 30, 30, 30]
    assert path.moves
    assert not CameraPath(locked=a, keys=((1, a), (2, a))).moves


@pytest.mark.parametrize("make", [lambda: Camera(focal_length_mm=0.035), lambda: Filmback(width_mm=0.036)])
def test_lenses_in_metres_are_refused(make):
    with pytest.raises(BriefError, match="out of range"):
        make()


@given(
    st.floats(-80, 80), st.floats(-40, 40), st.floats(-20, 20), st.floats(0, 868), st.floats(0, 600), st.floats(1, 200)
)
def test_project_undoes_directions(yaw: float, pitch: float, roll: float, x: float, y: float, depth: float):
    turn = tuple(tuple(float(v) for v in row) for row in rotation_from_angles(yaw, pitch, roll))
    back = Filmback(width_mm=36, height_mm=24.9, offset_x_mm=1.0, offset_y_mm=-2.0)
    camera = Camera(filmback=back, rotation=turn, position_m=(3.0, 2.0, 1.0))  # type: ignore[arg-type]
    point = np.array(camera.position_m) + depth * directions(camera, [x, y], 868, 600)
    pixel, found = project(camera, point, 868, 600)
    assert np.allclose(pixel, [x, y], atol=1e-6)
    assert np.isclose(found, depth)


@given(st.floats(-180, 180), st.floats(0.1, 90))
def test_a_box_is_right_handed_and_square(yaw: float, width: float):
    box = Box(name="b", corner_m=(1.0, 0.0, -9.0), yaw_deg=yaw, width_m=width, height_m=9, depth_m=4)
    along, inward = np.array(box.along), np.array(box.inward)
    assert np.allclose(np.cross([0, 1, 0], along), inward)
    corners = np.array(box.corners())
    assert np.isclose(np.linalg.norm(corners[7] - corners[0]), np.sqrt(width**2 + 81 + 16))


@pytest.mark.parametrize(
    "azimuth, elevation, to", [(0, 0, (0, 0, -1)), (90, 0, (1, 0, 0)), (180, 0, (0, 0, 1)), (7, 90, (0, 1, 0))]
)
def test_the_sun_stands_where_it_is_said_to(azimuth: float, elevation: float, to: tuple[float, float, float]):
    assert np.allclose(Sun(azimuth_deg=azimuth, elevation_deg=elevation).direction, to, atol=1e-12)


@dataclass(frozen=True)
class Value:
    a: int
    b: tuple[float, ...]


def test_digests_are_of_meaning_not_of_spelling():
    assert digest(Value(1, (2.0, 3.0))) == digest({"b": [2.0, 3.0], "a": 1})
    assert digest(Fraction(24000, 1001)) == digest("24000/1001")
    assert digest({"a": 1}) != digest({"a": 2})
    assert digest({"a": 1}) != digest({"b": 1})


def test_known_digest():
    # printf '{"a":1}' | sha256sum
    assert digest({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


@pytest.mark.parametrize(
    "value", [np.zeros(3), object(), {1, 2}, Value], ids=["an array", "an object", "a set", "a class"]
)
def test_what_has_no_canonical_form(value: object):
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "b"},
        {"stage_version": 2},
        {"backend": "x"},
        {"seed": 1},
        {"parameters": {"p": 1}},
        {"inputs": {"i": "d"}},
    ],
    ids=str,
)
def test_all_of_a_recipe_counts(change: dict[str, object]):
    base: dict[str, object] = {"stage": "a", "stage_version": 1}
    assert Recipe(**(base | change)).digest != Recipe(**base).digest  # type: ignore[arg-type]


def test_values_are_frozen():
    with pytest.raises(FrozenInstanceError):
        Sun().azimuth_deg = 3.0  # type: ignore[misc]
