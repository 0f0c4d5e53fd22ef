import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.media.movie_reader import MovieReader
from secondunit.media.movies import padded_even, write_movie

RATE = Fraction(24000, 1001)


def frames(count=10, height=48, width=64):
    y, x = np.mgrid[0:height, 0:width]
    for n in range(count):
        yield np.stack([(x * 2 + 8 * n) % 256, y * 3 % 256, np.full_like(x, 25 * n % 256)], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("codec, name", [("h264", "m.mp4"), ("prores", "m.mov")])
def test_decodes_back_to_the_same_count_size_and_tags(tmp_path, codec, name):
    assert write_movie(tmp_path / name, frames(30), rate=RATE, codec=codec) == 30
    with av.open(str(tmp_path / name)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (stream.average_rate, context.width, context.height) == (RATE, 64, 48)
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        assert context.pix_fmt == ("yuv420p" if codec == "h264" else "yuv444p12le")
        decoded = list(container.decode(stream))
        assert len(decoded) == 30
        assert sum(frame.key_frame for frame in decoded) >= 2
        assert all((frame.colorspace, frame.color_range) == (1, 1) for frame in decoded)


@pytest.mark.parametrize("codec, name, tolerance", [("h264", "m.mp4", 1.6), ("prores", "m.mov", 0.6)])
def test_levels_survive(tmp_path, codec, name, tolerance):
    ramp = np.repeat(np.arange(256, dtype=np.uint8), 2).reshape(1, 512, 1).repeat(32, axis=0).repeat(3, axis=2)
    write_movie(tmp_path / name, [ramp] * 3, rate=RATE, codec=codec)
    shown = MovieReader(tmp_path / name).read(1).pixels * 255
    assert np.abs(shown - ramp).max() < tolerance


def test_colours_survive_the_matrix(tmp_path):
    patches = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40)]
    picture = np.zeros((32, 128, 3), dtype=np.uint8)
    for i, patch in enumerate(patches):
        picture[:, 32 * i : 32 * i + 32] = patch
    write_movie(tmp_path / "m.mp4", [picture] * 3, rate=RATE)
    shown = MovieReader(tmp_path / "m.mp4").read(0).pixels[16, 16::32] * 255
    assert np.abs(shown - patches).max() < 3


def test_the_index_comes_first_and_nothing_is_left_over(tmp_path):
    write_movie(tmp_path / "m.mp4", frames(), rate=RATE)
    data = (tmp_path / "m.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert [file.name for file in tmp_path.iterdir()] == ["m.mp4"]


def test_the_same_frames_give_the_same_bytes(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        write_movie(tmp_path / name, frames(), rate=RATE)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize("height, width", [(47, 64), (48, 63), (47, 63)])
def test_odd_sides_are_lengthened_by_their_edge(tmp_path, height, width):
    picture = next(frames(1, height, width))
    padded = padded_even(picture)
    assert padded.shape == (48, 64, 3)
    assert np.array_equal(padded[:height, :width], picture)
    assert np.array_equal(padded[-1, :width], picture[-1])
    write_movie(tmp_path / "m.mp4", frames(3, height, width), rate=RATE)
    assert MovieReader(tmp_path / "m.mp4").read(2).pixels.shape == (48, 64, 3)


def _failing():
    yield from frames(2)
    raise RuntimeError("the renderer died")


def test_a_failure_leaves_no_half_movie(tmp_path):
    with pytest.raises(RuntimeError, match="renderer died"):
        write_movie(tmp_path / "m.mp4", _failing(), rate=RATE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name, pictures, codec, says",
    [
        ("m.mp4", [], "h264", "no frame"),
        ("m.mp4", list(frames(1)), "vp7", "codec 'vp7'"),
        ("m.mp4", list(frames(1)), "prores", "does not go into .mp4"),
        ("m.mp4", [*frames(1), *frames(1, 50)], "h264", "not \\(48, 64, 3\\)"),
        ("m.mp4", [np.zeros((48, 64, 3), np.float32)], "h264", "8 or 16-bit RGB"),
        ("m.mp4", [np.zeros((48, 64), np.uint8)], "h264", "8 or 16-bit RGB"),
    ],
    ids=["none", "codec", "container", "two sizes", "float", "grey"],
)
def test_refuses_to_write(tmp_path, name, pictures, codec, says):
    with pytest.raises(BriefError, match=says):
        write_movie(tmp_path / name, pictures, rate=RATE, codec=codec)
    assert not list(tmp_path.iterdir())


def test_a_turned_movie_is_read_upright(tmp_path):
    write_movie(tmp_path / "m.mp4", frames(3), rate=RATE)
    data = bytearray((tmp_path / "m.mp4").read_bytes())
    # ISO 14496-12 8.3.2: the matrix of the track header, 40 bytes after its version (version 0)
    at = data.index(b"tkhd") + 4 + 40
    quarter_clockwise = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    assert data[at : at + 4] == struct.pack(">i", 1 << 16)
    data[at : at + 36] = quarter_clockwise
    (tmp_path / "turned.mp4").write_bytes(data)
    reader = MovieReader(tmp_path / "turned.mp4")
    plain = MovieReader(tmp_path / "m.mp4").read(1).pixels
    assert (reader.facts.width, reader.facts.height) == (48, 64)
    assert np.array_equal(reader.read(1).pixels, np.rot90(plain, -1))
    assert any("turned upright" in note for note in reader.facts.notes)


@pytest.mark.parametrize("codec, suffix", [("mjpeg", ".avi"), ("mpeg2video", ".mpg"), ("libx264", ".mkv")])
def test_other_movies_frame_by_frame(tmp_path, codec, suffix):
    path = tmp_path / f"m{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.bit_rate = 4_000_000
        for n in range(40):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 + 4 * n, np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    reader = MovieReader(path)
    assert (reader.facts.frames, reader.facts.rate) == (40, 25)
    for index in np.random.default_rng(1).permutation(40)[:12]:
        assert abs(reader.read(int(index)).pixels[20, 30, 1] * 255 - (40 + 4 * index)) < 3


@pytest.mark.parametrize("clip", ["gopro/karma.mp4", "city_cc0/cityCC0.mpg"])
def test_real_clips_are_frame_exact(material, clip):
    path = material / "plates/clips" / clip
    with av.open(str(path)) as container:
        expected = [float(f.to_ndarray(format="gray")[::8, ::8].mean()) for f in container.decode(video=0)]
    reader = MovieReader(path)
    assert reader.facts.frames == len(expected)
    for index in (len(expected) - 1, 0, 117, 116, 60):
        assert float(reader._decode(index).to_ndarray(format="gray")[::8, ::8].mean()) == expected[index]
