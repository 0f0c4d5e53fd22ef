"""Plates as they come: one clear line for each, and nothing that libraries print."""

import os
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from PIL import Image as Pillow

from secondunit.core.brief import PlateBrief
from secondunit.core.errors import BriefError
from secondunit.media.movies import write_movie
from secondunit.media.plate import open_plate
from secondunit.media.quiet import quiet


def exr(path: Path, pixels: np.ndarray) -> Path:
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}
    OpenEXR.File(header, {"RGB": pixels}).write(str(path))
    return path


def noise(height: int = 96, width: int = 64) -> np.ndarray:
    return np.random.default_rng(1).random((height, width, 3), dtype=np.float32)


@pytest.mark.parametrize("damage", ["cut off", "spoilt"])
def test_a_damaged_exr_is_one_error_and_no_chatter(tmp_path: Path, damage: str, capfd: pytest.CaptureFixture[str]):
    path = exr(tmp_path / "plate.exr", noise())
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    path.write_bytes(data[:half] if damage == "cut off" else data[:half] + os.urandom(400) + data[half + 400 :])
    with pytest.raises(BriefError, match="incomplete or damaged"):
        open_plate(PlateBrief(file="plate.exr"), root=tmp_path)
    assert capfd.readouterr() == ("", "")


def test_quiet_gives_the_streams_back(capfd: pytest.CaptureFixture[str]):
    def chatter() -> None:
        print("a library's line")
        os.write(2, b"and one from its C")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), quiet():
        chatter()
    print("ours")
    os.write(2, b"ours as well")
    assert capfd.readouterr() == ("ours\n", "ours as well")


def test_the_file_of_a_sequence_at_fault_is_told_with_the_one_named(tmp_path: Path):
    for number, size in ((1, 15), (2, 40)):
        Pillow.new("RGB", (size, size)).save(tmp_path / f"tiny.{number:04d}.png")
    with pytest.raises(BriefError, match=r"tiny\.0001\.png is 15 x 15.*\(tiny\.0002\.png was taken as the sequence"):
        open_plate(PlateBrief(file="tiny.0002.png"), root=tmp_path)


def test_values_beyond_half_floats_are_held_and_told(tmp_path: Path):
    pixels = noise()
    pixels[3, 4], pixels[5, 6], pixels[7, 8] = 1e30, -1e20, np.inf
    exr(tmp_path / "plate.exr", pixels)
    plate = open_plate(PlateBrief(file="plate.exr", colour_space="ACEScg"), root=tmp_path)
    frame = plate.frame(1001)
    assert np.abs(frame).max() <= 65504
    assert frame[3, 4].min() == 65504
    assert frame[5, 6].max() == -65504
    assert any("3 pixels beyond half floats" in note for note in plate.notes)  # infinity stands for the brightest


def test_a_movie_that_is_cut_off_says_so(tmp_path: Path):
    frames = np.random.default_rng(1).integers(0, 255, (40, 64, 96, 3), dtype=np.uint8)
    path = tmp_path / "whole.mp4"
    write_movie(path, frames, rate=PlateBrief(file="").rate)
    assert not any("cut off" in note for note in open_plate(PlateBrief(file=str(path)), root=tmp_path).notes)
    data = path.read_bytes()
    short = tmp_path / "short.mp4"
    short.write_bytes(data[: len(data) * 3 // 5])  # the index comes first, so the movie still opens
    notes = open_plate(PlateBrief(file=str(short)), root=tmp_path).notes
    assert any("the file says 40 frames" in note and "cut off or damaged" in note for note in notes)


@pytest.mark.parametrize(
    "name, message",
    [("bad\udcff.jpg", "no text"), ("two\nlines.jpg", "no text"), ("n" * 300 + ".jpg", "File name too long")],
    ids=["bytes that are no text", "a line break", "a name too long"],
)
def test_names_that_cannot_be_written_down(tmp_path: Path, name: str, message: str):
    with pytest.raises(BriefError, match=message):
        open_plate(PlateBrief(file=name), root=tmp_path)


def test_any_name_that_can_be_written_down_will_do(tmp_path: Path):
    name = "Ein Haus – 建物 #1 (näher)?.png"
    Pillow.fromarray(np.zeros((32, 48, 3), np.uint8)).save(tmp_path / name)
    assert open_plate(PlateBrief(file=name), root=tmp_path).width == 48


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anywhere")
def test_a_folder_that_may_not_be_read(tmp_path: Path):
    (tmp_path / "locked").mkdir(mode=0)
    with pytest.raises(BriefError, match="Permission denied"):
        open_plate(PlateBrief(file="locked/plate.0001.png"), root=tmp_path)
