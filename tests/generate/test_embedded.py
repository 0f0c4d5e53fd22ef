import shutil
from dataclasses import replace

import numpy as np
import pytest
from contract import LAYERS, GeneratorContract, buffers_for

from secondunit.core.collapse import Detail
from secondunit.core.errors import BackendError
from secondunit.generate.embedded import Embedded
from secondunit.generate.low_band import low_pass
from secondunit.generate.procedural import Procedural
from secondunit.generate.session import WEIGHTS, _spans, open_graphs, tiles, weights_digest
from secondunit.generate.shipped import SHIPPED

SIZE_LIMIT = 12_000_000


class TestEmbedded(GeneratorContract):
    @pytest.fixture
    def generator(self):
        return Embedded()


def test_the_package_ships_the_weights_it_names():
    assert weights_digest() == SHIPPED == Embedded().weights_digest
    assert sum(p.stat().st_size for p in WEIGHTS.iterdir()) < SIZE_LIMIT


@pytest.mark.parametrize("seed", [2, 9, 1234])
def test_another_micro_seed_keeps_the_low_band(seed):
    generator = Embedded()
    one, two = (
        generator.generate(buffers_for(generator, detail=Detail(seed=s)), detail=Detail(seed=s)) for s in (1, seed)
    )
    for name in LAYERS:
        a, b = getattr(one, name), getattr(two, name)
        assert np.abs(a - b).max() > 0.01, name
        assert np.abs(low_pass(a) - low_pass(b)).max() < 1e-3, name


def test_tiles_leave_no_seam():
    whole, tiled = Embedded(), Embedded(tile=176)
    buffers = buffers_for(whole, width=320, height=240)
    one, two = (g.generate(buffers, detail=Detail()) for g in (whole, tiled))
    for name in LAYERS:
        assert np.abs(getattr(one, name) - getattr(two, name)).max() < 1e-4, name


@pytest.mark.parametrize("height, width, tile", [(8, 8, 512), (512, 512, 512), (520, 1200, 512), (1080, 1920, 256)])
def test_tiles_cover_a_picture_once(height, width, tile):
    seen = np.zeros((height, width), int)
    for part in tiles(height, width, tile=tile):
        seen[part.kept] += 1
        inner = tuple(slice(s.start + i.start, s.start + i.stop) for s, i in zip(part.seen, part.inner, strict=True))
        assert inner == part.kept
    assert (seen == 1).all()
    assert all(a % 8 == 0 for span in _spans(1080, 256) for a in span)


def test_a_gain_between_is_between():
    generator = Embedded()
    buffers = buffers_for(generator)
    none, half, full = (generator.generate(buffers, detail=Detail(gain=g)) for g in (0.0, 0.5, 1.0))
    assert np.allclose(half.sun, 0.5 * (none.sun + full.sun), atol=1e-5)


def test_bands_are_apart():
    generator = Embedded()
    buffers = buffers_for(generator)
    plain = generator.generate(buffers, detail=Detail())
    smooth = generator.generate(buffers, detail=Detail(bands=(0.0, 0.0, 0.0)))
    strong = generator.generate(buffers, detail=Detail(bands=(1.0, 1.0, 3.0)))

    def fine(layers):
        image = layers.sun
        return float(np.abs(image[:, 1:] - image[:, :-1]).mean())

    assert fine(smooth) < fine(plain) < fine(strong)
    assert np.abs(low_pass(smooth.sun) - low_pass(strong.sun)).max() < 1e-3


def test_threads_do_not_change_a_bit():
    state = np.zeros((15, 64, 64), np.float32)
    state[:4] = np.random.default_rng(3).random((4, 64, 64), np.float32)
    one, two = (open_graphs(threads=n).trunk.run(None, {"state": state[None]}) for n in (1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_altered_weights_are_refused(tmp_path, monkeypatch):
    copy = tmp_path / "weights"
    shutil.copytree(WEIGHTS, copy)
    data = bytearray((copy / "trunk.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (copy / "trunk.onnx").write_bytes(bytes(data))
    monkeypatch.setattr("secondunit.generate.embedded.WEIGHTS", copy)
    with pytest.raises(BackendError, match="not the ones it was shipped with"):
        Embedded().generate(buffers_for(Embedded()), detail=Detail())


@pytest.mark.parametrize("name", ["trunk.onnx", "decoder.onnx", "weights.json"])
def test_missing_weights_are_named(tmp_path, name):
    copy = tmp_path / "weights"
    shutil.copytree(WEIGHTS, copy)
    (copy / name).unlink()
    with pytest.raises(BackendError, match=name):
        Embedded(copy).generate(buffers_for(Embedded()), detail=Detail())


def test_weights_for_another_packing_are_refused(tmp_path):
    copy = tmp_path / "weights"
    shutil.copytree(WEIGHTS, copy)
    card = (copy / "weights.json").read_text(encoding="utf-8").replace('"packing": "1"', '"packing": "0"')
    (copy / "weights.json").write_text(card, encoding="utf-8")
    with pytest.raises(BackendError, match="another packing"):
        Embedded(copy).generate(buffers_for(Embedded()), detail=Detail())


@pytest.mark.parametrize("device, said", [("tpu", "cpu or cuda"), ("cuda", "no CUDA provider")])
def test_a_device_that_is_not_there_is_said(monkeypatch, device, said):
    import onnxruntime

    if device == "cuda" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine has CUDA")
    open_graphs.cache_clear()
    monkeypatch.setenv("SECONDUNIT_DEVICE", device)
    with pytest.raises(BackendError) as caught:
        open_graphs()
    assert said in str(caught.value)
    open_graphs.cache_clear()


def test_carved_channels_count_only_where_the_buffers_open_wide_cells():
    generator = Embedded()
    carved = buffers_for(Procedural())
    painted = generator.generate(carved, detail=Detail())
    assert painted.alpha.shape == tuple(2 * n for n in carved.size)
    opened = generator.generate(replace(carved, opens=True), detail=Detail())
    plain = Procedural().generate(carved, detail=Detail())
    assert np.array_equal(opened.sun, plain.sun)
