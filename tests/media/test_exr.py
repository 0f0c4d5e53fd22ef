import struct
from fractions import Fraction

import numpy as np
import OpenEXR
import pytest

from secondunit.core.errors import BriefError
from secondunit.media.exr import exr_timecode, read_exr, read_exr_header, write_exr

RATE = Fraction(24000, 1001)


def picture(height=33, width=47):
    rng = np.random.default_rng(3)
    return {
        **{name: rng.uniform(-1, 20, (height, width)).astype(np.float32) for name in "RGBA"},
        "depth.Z": rng.uniform(1, 1000, (height, width)).astype(np.float32),
        "motion.X": rng.normal(0, 30, (height, width)).astype(np.float32),
        "id": rng.integers(0, 2**32, (height, width), dtype=np.uint32),
    }


def test_channels_come_back_in_their_types(tmp_path):
    channels = picture()
    write_exr(tmp_path / "a.exr", channels, frame=1001, rate=RATE)
    back, header = read_exr(tmp_path / "a.exr")
    assert set(back) == set(channels)
    assert np.array_equal(back["id"], channels["id"])
    assert back["depth.Z"].dtype == np.float32
    assert np.array_equal(back["depth.Z"], channels["depth.Z"])
    assert back["R"].dtype == np.float16
    assert np.array_equal(back["R"], channels["R"].astype(np.float16))
    assert header.data_window == header.display_window == (0, 0, 46, 32)


def test_header_says_what_a_compositor_looks_for(tmp_path):
    write_exr(tmp_path / "a.exr", picture(), frame=1001, rate=RATE, header={"owner": "Ä", "recipe": "ab12"})
    says = read_exr_header(tmp_path / "a.exr")[0].attributes
    assert np.allclose(says["chromaticities"], (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767))
    assert says["framesPerSecond"] == RATE
    assert tuple(getattr(says["timeCode"], part) for part in ("hours", "minutes", "seconds", "frame")) == (0, 0, 41, 17)
    assert (says["owner"], says["recipe"], says["imageCounter"]) == ("Ä", "ab12", 1001)
    assert says["compression"] == OpenEXR.ZIP_COMPRESSION


def test_the_same_picture_gives_the_same_bytes(tmp_path):
    for name in ("a.exr", "b.exr"):
        write_exr(tmp_path / name, picture(), frame=1001, rate=RATE)
    write_exr(tmp_path / "c.exr", picture(), frame=1002, rate=RATE)
    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()
    assert (tmp_path / "a.exr").read_bytes() != (tmp_path / "c.exr").read_bytes()


def test_nothing_is_left_beside_the_file(tmp_path):
    write_exr(tmp_path / "a.exr", picture(), frame=1001, rate=RATE)
    assert [file.name for file in tmp_path.iterdir()] == ["a.exr"]


def test_half_never_becomes_infinite_but_depth_may(tmp_path):
    far = np.full((16, 16), np.inf, dtype=np.float32)
    write_exr(tmp_path / "a.exr", {"R": far, "depth.Z": far}, frame=1, rate=RATE)
    back, _ = read_exr(tmp_path / "a.exr")
    assert (back["R"] == 65504).all()
    assert np.isinf(back["depth.Z"]).all()


def test_float_keeps_every_bit(tmp_path):
    channels = picture()
    write_exr(tmp_path / "a.exr", channels, frame=1, rate=RATE, half=False, compression="piz")
    assert np.array_equal(read_exr(tmp_path / "a.exr")[0]["G"], channels["G"])


@pytest.mark.parametrize("rate, frame, shown", [(24, 1001, 17), (48, 47, 23), (60, 59, 29), (25, 24, 24)])
def test_timecode_stays_below_thirty(rate, frame, shown):
    assert exr_timecode(frame, Fraction(rate)).frame == shown


@pytest.mark.parametrize(
    "channels, options, says",
    [
        ({}, {}, "channels of sizes"),
        ({"R": np.zeros((4, 4)), "G": np.zeros((4, 5))}, {}, "channels of sizes"),
        ({"R": np.zeros((4, 4, 3))}, {}, "channels of sizes"),
        ({"R": np.zeros((0, 4))}, {}, "channels of sizes"),
        ({"R": np.zeros((4, 4))}, {"compression": "zap"}, "compression 'zap'"),
    ],
    ids=["none", "two sizes", "rgb in one", "empty", "compression"],
)
def test_refuses_to_write(tmp_path, channels, options, says):
    with pytest.raises(BriefError, match=says):
        write_exr(tmp_path / "a.exr", channels, frame=1, rate=RATE, **options)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file(tmp_path):
    write_exr(tmp_path / "a.exr", picture(), frame=1001, rate=RATE)
    before = (tmp_path / "a.exr").read_bytes()
    with pytest.raises(BriefError, match="cannot write"):
        write_exr(tmp_path / "a.exr", picture(), frame=1001, rate=RATE, header={"chromaticities2": object()})
    assert [file.name for file in tmp_path.iterdir()] == ["a.exr"]
    assert (tmp_path / "a.exr").read_bytes() == before


def test_refuses_what_is_not_there_or_no_exr(tmp_path):
    (tmp_path / "text.exr").write_text("hello")
    (tmp_path / "empty.exr").write_bytes(b"")
    for name in ("text.exr", "empty.exr", "missing.exr"):
        with pytest.raises(BriefError, match="cannot be read as EXR"):
            read_exr(tmp_path / name)


def test_refuses_a_truncated_file(tmp_path):
    write_exr(tmp_path / "a.exr", picture(64, 64), frame=1001, rate=RATE)
    whole = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "cut.exr").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(BriefError, match=r"incomplete or damaged|cannot be read"):
        read_exr(tmp_path / "cut.exr")


def test_refuses_deep_and_huge(material, tmp_path):
    with pytest.raises(BriefError, match="deep"):
        read_exr(material / "exr/cortex_gaffer_exr/exr/primitives.exr")
    write_exr(tmp_path / "a.exr", picture(), frame=1, rate=RATE)
    with pytest.raises(BriefError, match="47 x 33"):
        read_exr(tmp_path / "a.exr", limit_px=1000)


def test_refuses_subsampled_chroma(tmp_path):
    write_exr(tmp_path / "a.exr", {name: np.zeros((32, 32)) for name in ("Y", "RY", "BY")}, frame=1, rate=RATE)
    data = bytearray((tmp_path / "a.exr").read_bytes())
    for name in (b"RY\0", b"BY\0"):
        at = data.index(name) + 3 + 8  # OpenEXR file layout, chlist: name, type, pLinear and padding, samplings
        assert data[at : at + 8] == struct.pack("<2i", 1, 1)
        data[at : at + 8] = struct.pack("<2i", 2, 2)
    (tmp_path / "yc.exr").write_bytes(data)
    with pytest.raises(BriefError, match=r"subsampled|cannot be read"):
        read_exr(tmp_path / "yc.exr")
