import pickle
from dataclasses import replace
from fractions import Fraction

import numpy as np
import OpenEXR
import pytest
from PIL import Image as Pillow

from secondunit.core.brief import PlateBrief
from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.media.colour import ACESCG, LINEAR_REC709, SRGB, display
from secondunit.media.exr import write_exr
from secondunit.media.movies import write_movie
from secondunit.media.plate import open_plate
from secondunit.media.sequences import find_sequence


def grey(level, height=20, width=24):
    return np.full((height, width, 3), level, dtype=np.uint8)


def write_sequence(folder, numbers, *, name="plate.{:04d}.png", size=(20, 24)):
    for number in numbers:
        Pillow.fromarray(grey(number % 256, *size)).save(folder / name.format(number))


def levels(source):
    """The 8-bit code of the first pixel of every frame."""
    return [int(display(source.frame(n), view=source.review_view)[0, 0, 0]) for n in source.range]


def test_a_still_becomes_a_shot_of_frames(tmp_path, codes):
    Pillow.fromarray(codes).save(tmp_path / "still.png")
    source = open_plate(PlateBrief(file="still.png", frames=5), root=tmp_path)
    assert (source.width, source.height, source.range, source.moves) == (64, 48, FrameRange(1001, 1005), False)
    assert source.colour_space == SRGB
    assert source.colour_decided
    frames = [source.frame(n) for n in source.range]
    assert all(np.array_equal(frame, frames[0]) for frame in frames)
    assert frames[0].dtype == np.float32
    assert np.array_equal(display(frames[0], view=source.review_view), codes)


def test_frames_are_read_only(tmp_path, codes):
    Pillow.fromarray(codes).save(tmp_path / "still.png")
    with pytest.raises(ValueError, match="read-only"):
        open_plate(PlateBrief(file="still.png"), root=tmp_path).frame(1001)[0, 0, 0] = 1


def test_frame_outside_the_range(tmp_path, codes):
    Pillow.fromarray(codes).save(tmp_path / "still.png")
    source = open_plate(PlateBrief(file="still.png", frames=5), root=tmp_path)
    for frame in (1000, 1006):
        with pytest.raises(BriefError, match=f"frame {frame} lies outside the plate's 1001-1005"):
            source.frame(frame)


def test_drift_is_gentle_seeded_and_starts_at_rest(tmp_path):
    across = np.arange(0, 256, 4, dtype=np.uint8).reshape(1, 64, 1).repeat(48, axis=0).repeat(3, axis=2)
    Pillow.fromarray(across).save(tmp_path / "still.png")
    brief = PlateBrief(file="still.png", drift_px=0.8)
    source, other = (open_plate(brief, root=tmp_path, seed=seed) for seed in (1, 2))
    moves = np.array([source.drift(n) for n in source.range])
    assert moves[0].tolist() == [0, 0]
    assert 0.05 < np.abs(moves).max() < 1.6
    assert np.abs(np.diff(moves, axis=0)).max() < 0.1
    assert np.array_equal(moves, [open_plate(brief, root=tmp_path).drift(n) for n in source.range])
    assert not np.array_equal(moves, [other.drift(n) for n in other.range])
    # the picture is a ramp from left to right: it must move by as much as drift says
    x, _ = source.drift(1040)
    ramp = source.frame(1001)[24, 10:50, 0]
    moved = source.frame(1040)[24, 10:50, 0]
    assert np.allclose(np.interp(np.arange(2, 38) - x, np.arange(40), ramp), moved[2:38], atol=2e-3)


@pytest.mark.parametrize("name", ["plate.0007.png", "plate.####.png", "plate.%04d.png", "plate.#.png"])
def test_a_sequence_by_any_of_its_names(tmp_path, name):
    write_sequence(tmp_path, range(5, 13))
    source = open_plate(PlateBrief(file=name, frames=0), root=tmp_path)
    assert source.range == FrameRange(1001, 1008)
    assert levels(source) == list(range(5, 13))


@pytest.mark.parametrize(
    "name, pattern, first",
    [
        ("{}.jpg", "#.jpg", "9.jpg"),
        ("{:02d}.png", "##.png", "09.png"),
        ("a_{:06d}.png", "a_######.png", "a_000009.png"),
    ],
)
def test_any_padding(tmp_path, name, pattern, first):
    write_sequence(tmp_path, range(9, 12), name=name)
    sequence, note = find_sequence(tmp_path / first)
    assert sequence is not None
    assert (sequence.pattern, sequence.numbers) == (pattern, (9, 10, 11))
    assert "9-11" in note


def test_numbered_photographs_stand_for_themselves(tmp_path):
    write_sequence(tmp_path, (412, 413), name="IMG_{:04d}.jpg")
    source = open_plate(PlateBrief(file="IMG_0413.jpg"), root=tmp_path)
    assert not source.moves
    assert "IMG_####.jpg" in source.notes[0]
    assert open_plate(PlateBrief(file="IMG_####.jpg"), root=tmp_path).moves


def test_gaps_are_named(tmp_path):
    write_sequence(tmp_path, (1, 2, 3, 6, 7, 9))
    with pytest.raises(BriefError, match=r"plate\.####\.png lacks frames 4-5, 8"):
        open_plate(PlateBrief(file="plate.0001.png"), root=tmp_path)
    with pytest.raises(BriefError, match=r"plate\.hold_frame = 5 to stand on plate\.0007\.png"):
        open_plate(PlateBrief(file="plate.0007.png"), root=tmp_path)
    assert levels(open_plate(PlateBrief(file="plate.####.png", frames=3), root=tmp_path)) == [1, 2, 3]
    held = open_plate(PlateBrief(file="plate.####.png", hold_frame=4, frames=2), root=tmp_path)
    assert levels(held) == [6, 6]


def test_frames_of_another_size(tmp_path):
    write_sequence(tmp_path, (1, 2))
    write_sequence(tmp_path, (3,), size=(22, 24))
    source = open_plate(PlateBrief(file="plate.####.png"), root=tmp_path)
    with pytest.raises(BriefError, match=r"picture 3 .* 24 x 22, not 24 x 20"):
        source.frame(1003)


def test_a_movie_frame_by_frame(tmp_path):
    rate = Fraction(30000, 1001)
    write_movie(tmp_path / "m.mp4", (grey(8 * n, 32, 48) for n in range(30)), rate=rate)
    source = open_plate(PlateBrief(file="m.mp4", frames=0), root=tmp_path)
    assert (source.rate, source.range, source.moves) == (rate, FrameRange(1001, 1030), True)
    assert any("own rate" in note for note in source.notes)
    shuffled = np.random.default_rng(1).permutation(30)
    for index in shuffled:
        shown = display(source.frame(1001 + int(index)), view=source.review_view)
        assert abs(int(shown[5, 5, 0]) - 8 * index) <= 2
    held = open_plate(PlateBrief(file="m.mp4", hold_frame=30, frames=3), root=tmp_path)
    assert len(held.range) == 3
    assert abs(levels(held)[0] - 232) <= 2


def test_a_copy_reads_for_itself(tmp_path):
    write_movie(tmp_path / "m.mp4", (grey(20 * n, 32, 48) for n in range(8)), rate=Fraction(24))
    source = open_plate(PlateBrief(file="m.mp4"), root=tmp_path)
    expected = source.frame(1006)
    data = pickle.dumps(source)
    assert len(data) < 20_000
    assert np.array_equal(pickle.loads(data).frame(1006), expected)


def test_the_digest_follows_the_bytes(tmp_path):
    write_sequence(tmp_path, (1, 2, 3))
    brief = PlateBrief(file="plate.####.png")
    before = open_plate(brief, root=tmp_path).digest
    assert open_plate(brief, root=tmp_path).digest == before
    Pillow.fromarray(grey(77)).save(tmp_path / "plate.0002.png")
    assert open_plate(brief, root=tmp_path).digest != before


def test_our_own_exr_is_acescg(tmp_path):
    light = np.random.default_rng(1).uniform(-0.1, 30, (20, 24, 3)).astype(np.float16).astype(np.float32)
    channels = {name: light[..., i] for i, name in enumerate("RGB")}
    write_exr(tmp_path / "a.exr", channels, frame=1001, rate=Fraction(24))
    source = open_plate(PlateBrief(file="a.exr"), root=tmp_path)
    assert (source.colour_space, source.colour_decided) == (ACESCG, "its chromaticities")
    assert np.array_equal(source.frame(1001), light)


def test_nan_and_infinity_are_replaced_and_said(tmp_path):
    light = np.full((20, 24), 0.5, np.float32)
    light[3, 4], light[5, 6], light[7, 8], light[9, 9] = np.nan, np.inf, -np.inf, 7.0
    channels = {"R": light, "G": np.full_like(light, 0.5), "B": np.full_like(light, 0.5)}
    OpenEXR.File({"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}, channels).write(
        str(tmp_path / "a.exr")
    )
    source = open_plate(PlateBrief(file="a.exr", colour_space="acescg"), root=tmp_path)
    assert "3 pixels with NaN or infinite values replaced" in source.notes
    picture = source.frame(1001)
    assert [picture[3, 4, 0], picture[5, 6, 0], picture[7, 8, 0]] == [0.0, 7.0, 0.0]


def test_data_window_is_placed_in_the_display_window(tmp_path):
    header = {
        "type": OpenEXR.scanlineimage,
        "compression": OpenEXR.ZIP_COMPRESSION,
        "dataWindow": (np.array([-4, 2], np.int32), np.array([19, 21], np.int32)),
        "displayWindow": (np.array([0, 0], np.int32), np.array([39, 29], np.int32)),
    }
    rows, columns = np.mgrid[2:22, -4:20].astype(np.float32)
    channels = {"R": rows, "G": columns, "B": np.ones_like(rows)}
    OpenEXR.File(header, channels).write(str(tmp_path / "a.exr"))
    source = open_plate(PlateBrief(file="a.exr", colour_space="acescg"), root=tmp_path)
    picture = source.frame(1001)
    assert (source.width, source.height) == (40, 30)
    assert picture[10, 7].tolist() == [10, 7, 1]
    assert not picture[:2].any()
    assert not picture[22:].any()
    assert not picture[:, 20:].any()
    assert any("data window" in note for note in source.notes)


@pytest.mark.parametrize(
    "change, says",
    [
        ({"file": ""}, "plate.file is empty"),
        ({"file": "none.png"}, "there is no plate"),
        ({"file": "none.####.png"}, "no file answers"),
        ({"file": "none.mp4"}, "cannot read the plate"),
        ({"file": "."}, "is a folder"),
        ({"file": "text.mp4"}, "cannot be opened as a movie"),
        ({"file": "text.png"}, "no picture we can read"),
        ({"file": "text.exr"}, "cannot be read as EXR"),
        ({"file": "text.dpx"}, "cannot be read as DPX"),
        ({"colour_space": "sGBR"}, "no colour space 'sGBR'"),
        ({"hold_frame": 2}, "is a still"),
        ({"hold_frame": -1, "file": "m.mp4"}, "hold_frame -1"),
        ({"hold_frame": 9, "file": "m.mp4"}, "has 3 frames"),
        ({"file": "cut.mp4"}, "cannot be opened|damaged|holds no frame"),
    ],
)
def test_bad_briefs(tmp_path, codes, change, says):
    Pillow.fromarray(codes).save(tmp_path / "still.png")
    write_movie(tmp_path / "m.mp4", [grey(9, 32, 48)] * 3, rate=Fraction(24))
    whole = (tmp_path / "m.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    for suffix in ("mp4", "png", "exr", "dpx"):
        (tmp_path / f"text.{suffix}").write_text("no picture at all, only words")
    with pytest.raises(BriefError, match=says) as caught:
        open_plate(replace(PlateBrief(file="still.png"), **change), root=tmp_path)
    assert caught.value.fix


REAL = [
    ("plates/stills/opencv_doc/building.jpg", {}, (868, 600), 72, Fraction(24)),
    ("plates/sequences/opensfm_lund_street/images/01.jpg", {}, (1024, 768), 29, Fraction(24)),
    ("plates/clips/city_cc0/cityCC0.mpg", {"frames": 0}, (720, 405), 190, Fraction(25)),
    ("plates/clips/gopro/max-heromode.mp4", {"hold_frame": 60}, (848, 480), 72, Fraction(30000, 1001)),
    ("plates/clips/tears_of_steel/tears_of_steel.webm", {}, (960, 400), 48, Fraction(24)),
    ("exr/openexr_images/Tiles/GoldenGate.exr", {}, (1262, 860), 72, Fraction(24)),
    ("exr/openexr_images/TestImages/BrightRingsNanInf.exr", {}, (800, 800), 72, Fraction(24)),
    ("exr/cortex_gaffer_exr/exr/oversizeDataWindow.exr", {}, (256, 256), 72, Fraction(24)),
    ("exr/cortex_gaffer_exr/dpx/uvMap.512x256.dpx", {"colour_space": "logc3"}, (512, 256), 72, Fraction(24)),
    ("exr/oiio_formats/libtiffpic/depth/flower-rgb-contig-16.tif", {"hold_frame": 7}, (73, 43), 72, Fraction(24)),
]


@pytest.mark.parametrize("file, change, size, frames, rate", REAL, ids=[row[0].rsplit("/", 1)[1] for row in REAL])
def test_real_plates(material, file, change, size, frames, rate):
    source = open_plate(PlateBrief(file=file, **change), root=material)
    assert ((source.width, source.height), len(source.range), source.rate) == (size, frames, rate)
    for n in (source.range.last, source.range.first):
        picture = source.frame(n)
        assert picture.shape == (size[1], size[0], 3)
        assert np.isfinite(picture).all()
        assert picture.std() > 0.01
    assert np.isfinite(source.frame(source.range.first)).all()


def test_the_demo_photograph_shows_as_itself(material):
    path = material / "plates/stills/opencv_doc/building.jpg"
    source = open_plate(PlateBrief(file=str(path)), root=material)
    with Pillow.open(path) as picture:
        assert np.array_equal(display(source.frame(1001), view=source.review_view), np.asarray(picture.convert("RGB")))


def test_an_exr_without_chromaticities_is_rec709(material):
    source = open_plate(PlateBrief(file="exr/openexr_images/Tiles/GoldenGate.exr"), root=material)
    assert source.colour_space == LINEAR_REC709
    assert source.frame(1001).max() > 100
