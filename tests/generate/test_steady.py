"""Detail held steady: what was said of a neighbour is found again where the dust has gone."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from contract import buffers_for

from secondunit.core.collapse import Detail
from secondunit.generate.embedded import Embedded
from secondunit.generate.low_band import low_pass
from secondunit.generate.steady import brought, motion_of, steadied
from secondunit.imaging.buffers import ControlBuffers

LAYERS = ("alpha", "sun", "sky")
STEP = 3
"""Buffer pixels that the dust moves a frame."""


def run(count: int, *, detail: Detail = Detail(), shake: float = 0.0) -> list[ControlBuffers]:
    """A cloud that drifts to the right, of which the network may be told a little else in each frame."""
    first = buffers_for(Embedded(), detail=detail)
    rng = np.random.default_rng(7)
    motion = {"motion_x": np.full(first.size, STEP, np.float32), "motion_y": np.zeros(first.size, np.float32)}
    found = []
    for n in range(count):
        channels = {name: np.roll(image, STEP * n, axis=1) for name, image in first.channels.items()} | motion
        for name in ("normal_x", "normal_y", "noise_0", "noise_1", "noise_2", "noise_3"):
            channels[name] = (channels[name] + shake * rng.standard_normal(first.size)).astype(np.float32)
        found.append(replace(first, frame=1001 + n, channels=channels))
    return found


@pytest.mark.parametrize("later", [False, True])
def test_a_neighbour_is_brought_along_the_motion(later):
    here = np.random.default_rng(1).random((2, 24, 32)).astype(np.float32)
    motion = np.zeros((2, 24, 32), np.float32)
    motion[0], motion[1] = 2.0, -1.0
    moved = np.roll(here, (2, -1) if later else (-2, 1), axis=(2, 1))
    found = brought(moved, there=motion, here=motion, later=later)
    assert np.allclose(found[:, 3:-3, 4:-4], here[:, 3:-3, 4:-4], atol=1e-4)


def test_motion_is_in_the_pictures_pixels_whatever_the_cells():
    buffers = run(1)[0]
    assert np.allclose(motion_of(buffers, scale=2)[0], 2 * STEP)
    finer = {f"motion_{axis}": buffers.channels[f"motion_{axis}"] / 4 for axis in "xy"}
    assert np.allclose(motion_of(replace(buffers, channels=buffers.channels | finer, finer=4), scale=2)[0], 2 * STEP)


def test_a_frame_that_stands_alone_is_left_as_it_is():
    planes = np.random.default_rng(1).random((6, 8, 8)).astype(np.float32)
    assert np.array_equal(steadied(planes, []), planes)
    assert np.allclose(steadied(planes, [planes, planes]), planes, atol=1e-6)


def test_beside_the_frame_there_is_less_boiling():
    frames = run(5, shake=0.25)
    generator = Embedded()
    alone = [generator.generate(b, detail=Detail()).sun for b in frames]
    held = [
        generator.generate(frames[n], detail=Detail(), beside=[frames[n - 1], frames[n + 1]]).sun for n in (1, 2, 3)
    ]

    def boils(pictures):
        return sum(float(np.abs(b - np.roll(a, 2 * STEP, axis=1)).sum()) for a, b in itertools.pairwise(pictures))

    assert boils(held) < 0.7 * boils(alone[1:4])
    fine = [p - np.roll(p, 2, axis=1) for p in (held[1], alone[2])]
    assert np.abs(fine[0]).mean() > 0.7 * np.abs(fine[1]).mean()


def test_what_was_painted_before_changes_nothing():
    before, frame, after = run(3, shake=0.1)
    warm = Embedded()
    for buffers, beside in ((before, [frame]), (frame, [before, after])):
        found = warm.generate(buffers, detail=Detail(), beside=beside)
    cold = Embedded().generate(frame, detail=Detail(), beside=[after, before])
    assert all(np.array_equal(getattr(found, name), getattr(cold, name)) for name in LAYERS)
    alone = Embedded().generate(frame, detail=Detail())
    assert not np.array_equal(alone.sun, cold.sun)


def test_a_micro_seed_moves_no_low_band_beside_others_either():
    one, two = (run(3, detail=Detail(seed=seed)) for seed in (1, 2))
    layers = [
        Embedded().generate(frames[1], detail=Detail(seed=seed), beside=[frames[0], frames[2]])
        for seed, frames in ((1, one), (2, two))
    ]
    for name in LAYERS:
        apart = [low_pass(getattr(layer, name)) for layer in layers]
        assert np.abs(apart[0] - apart[1]).max() < 1e-3
        assert np.abs(getattr(layers[0], name) - getattr(layers[1], name)).max() > 0.01
