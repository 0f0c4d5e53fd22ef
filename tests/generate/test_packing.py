from dataclasses import replace

import numpy as np
import pytest
from contract import buffers_for

from secondunit.core.errors import BackendError
from secondunit.generate.packing import (
    NOISE,
    STATE,
    compose_layers,
    from_root,
    pack_layers,
    pack_noise,
    pack_state,
    to_root,
    unpack_layers,
)
from secondunit.generate.procedural import Procedural
from secondunit.imaging.buffers import DustLayers


def test_light_survives_the_root_space():
    light = np.geomspace(1e-5, 20.0, 200, dtype=np.float32)
    assert np.allclose(from_root(to_root(light)), light, rtol=1e-3, atol=1e-6)
    assert to_root(np.zeros(1, np.float32))[0] == 0.0
    assert from_root(np.zeros(1, np.float32))[0] == pytest.approx(0.0, abs=1e-9)


def test_layers_survive_packing():
    rng = np.random.default_rng(2)
    layers = DustLayers(**{n: rng.random((6, 7), np.float32) for n in ("alpha", "sun", "sky")})
    back = unpack_layers(pack_layers(layers))
    for name in ("alpha", "sun", "sky"):
        assert np.allclose(getattr(back, name), getattr(layers, name), atol=1e-5)


def test_a_state_is_bounded_and_clear_where_there_is_no_dust():
    buffers = buffers_for(Procedural())
    state, noise = pack_state(buffers), pack_noise(buffers)
    assert state.shape == (len(STATE), *buffers.size)
    assert noise.shape == (len(NOISE), *buffers.size)
    assert np.isfinite(state).all()
    assert np.abs(state).max() <= 3.5
    clear = buffers.channels["alpha"] <= 0
    for name in ("alpha", "optical_depth", "sun", "sky", "footprint", "motion_x", "normal_y", "stretch"):
        assert not state[STATE.index(name)][clear].any(), name
    assert not noise[:, clear].any()


def test_the_suns_direction_is_the_cameras():
    buffers = replace(buffers_for(Procedural()), sun_direction=(0.6, 0.0, -0.8))
    state = pack_state(buffers)
    assert [float(state[STATE.index(f"sun_{a}")][0, 0]) for a in "xyz"] == pytest.approx([0.6, 0.0, -0.8])


def test_a_missing_channel_is_named():
    buffers = buffers_for(Procedural())
    rest = {k: v for k, v in buffers.channels.items() if k != "stretch"}
    with pytest.raises(BackendError, match="stretch"):
        pack_state(replace(buffers, channels=rest))


def test_nothing_painted_is_the_coarse_render():
    depth = np.array([[0.0, 0.1, 1.0, 5.0]], np.float32)
    base = np.stack([depth, np.full_like(depth, 0.5), np.full_like(depth, 0.8)])
    layers = compose_layers(base, np.zeros_like(base))
    assert np.allclose(layers.alpha, np.minimum((1 - np.exp(-depth)) / 0.99, 1.0))
    assert np.allclose(layers.sun, layers.alpha * 0.25)


def test_nothing_painted_can_make_dust_rims_or_holes():
    rng = np.random.default_rng(5)
    depth = np.array([0.0, 0.05, 0.5, 6.0], np.float32)[None].repeat(500, 0)
    base = np.stack([depth, np.full_like(depth, 0.5), np.full_like(depth, 0.8)])
    layers = compose_layers(base, rng.normal(0.0, 1.0, base.shape).astype(np.float32))
    assert not layers.alpha[:, 0].any()
    assert not layers.sun[:, 0].any()
    assert layers.alpha[:, 3].min() > 0.2
    bright = layers.sun[:, 1:] / layers.alpha[:, 1:]
    assert bright.max() <= 0.25 * 1.16**2
    assert bright.min() >= 0.25 * 0.64**2
