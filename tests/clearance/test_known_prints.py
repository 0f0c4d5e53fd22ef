"""Prints that are taken as frames are written: the same as of the files, used for these files alone."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from secondunit.clearance.provenance.pixels import print_picture, print_pixels
from secondunit.clearance.provenance.sequence import read_frames
from secondunit.media.digest import file_digest
from secondunit.media.exr import stored_channels, write_exr

RNG = np.random.default_rng(7)


def channels() -> dict[str, np.ndarray]:
    picture = RNG.normal(0.4, 2.0, (37, 53)).astype(np.float32)
    picture[0, :3] = [np.inf, -np.inf, 1e9]
    depth = RNG.uniform(1, 90, picture.shape).astype(np.float32)
    ids = RNG.integers(0, 99999, picture.shape, dtype=np.uint32)
    return {"R": picture, "A": picture[::-1], "depth.Z": depth, "id": ids, "motion.X": depth / 7}


def test_prints_of_what_is_written_are_those_of_the_file(tmp_path: Path):
    path, made = tmp_path / "a.1001.exr", channels()
    write_exr(path, made, frame=1001, rate=Fraction(24))
    assert print_pixels(stored_channels(made)) == print_picture(path)


def test_known_prints_count_for_that_very_file_only(tmp_path: Path):
    path, made = tmp_path / "a.1001.exr", channels()
    write_exr(path, made, frame=1001, rate=Fraction(24))
    odd = print_pixels({"R": np.zeros((4, 4), np.float32)})
    (taken,) = read_frames([(1001, path)], known={path.name: (file_digest(path), odd)})
    assert taken.print == odd  # not decoded again
    (read,) = read_frames([(1001, path)], known={path.name: ("0" * 64, odd)})
    assert read.print == print_picture(path)  # another file by that name: what was known is of no use
