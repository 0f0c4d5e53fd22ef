"""The whole making of the generator at toy size: data, training in two parts, export, and a picture."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training.companion import FACTOR, simulate_pairs
from training.data import DataSize, make_data, seed_list
from training.scene import draw_scene

from secondunit.core.collapse import Detail
from secondunit.core.errors import BriefError
from secondunit.generate.embedded import Embedded
from secondunit.generate.packing import NOISE, STATE, compose_layers, pack_layers

torch = pytest.importorskip("torch", reason="PyTorch is not installed: only training needs it")
pytest.importorskip("onnx", reason="onnx is not installed: only exporting needs it")

from training.crops import Crops  # noqa: E402
from training.export import export  # noqa: E402
from training.loss import energy_score  # noqa: E402
from training.model import Network, compose, high_band  # noqa: E402
from training.train import Schedule, train  # noqa: E402

SIZE = DataSize(frames=22, coarse_cells=1500, width=64, height=48, every=3, views=2, noises=2)
torch.set_num_threads(1)
SCHEDULE = Schedule(regression_steps=3, score_steps=3, batch=2, side=32)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("data")
    make_data(out, seeds=[16], size=SIZE)
    return out


@pytest.fixture(scope="module")
def run(data, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run")
    train(data, out, schedule=SCHEDULE)
    return out


def test_a_scene_is_its_seed():
    assert draw_scene(5) == draw_scene(5)
    assert draw_scene(5) != draw_scene(6)
    assert sum(length for length, _ in draw_scene(5, frames=40).segments) == 40


def test_fine_and_coarse_hold_the_same_dust():
    scene = replace(draw_scene(16, frames=22, coarse_cells=1500), segments=((22, False),))
    *_, last = simulate_pairs(scene)
    assert last.coarse.cell_m == pytest.approx(FACTOR * last.fine.cell_m)
    fine = float(last.fine.extinction.astype(np.float32).sum()) * last.fine.cell_m**3
    coarse = float(last.coarse.extinction.astype(np.float32).sum()) * last.coarse.cell_m**3
    assert coarse == pytest.approx(fine, rel=0.35)
    assert last.free_for == 0


def test_the_manifest_says_how_the_data_was_made(data):
    manifest = json.loads((data / "manifest.json").read_text())
    (scene,) = manifest["scenes"]
    assert scene["seed"] == 16
    assert scene["pairs"] > 0
    assert len(scene["sha256"]) == len(manifest["scripts_sha256"]) == 64
    assert scene["scene"]["collapse"]["seed"] == draw_scene(16).collapse.seed


def test_the_same_seed_gives_the_same_bytes(data, tmp_path):
    make_data(tmp_path, seeds=[16], size=SIZE)
    one, two = (json.loads((d / "scene_00016.json").read_text())["sha256"] for d in (data, tmp_path))
    assert one == two


def test_crops_depend_on_their_step_alone(data):
    crops = Crops(sorted(data.glob("*.npz")))
    one, two, other = (crops.batch(step, seed=1, count=2, side=32) for step in (4, 4, 5))
    assert torch.equal(one.state, two.state)
    assert torch.equal(one.noises[1], two.noises[1])
    assert not torch.equal(one.state, other.state)
    assert one.state.shape == (2, len(STATE), 32, 32)
    assert one.noises[0].shape == (2, len(NOISE), 32, 32)
    assert one.wanted.shape == (2, 3, 64, 64)


def test_no_scenes_are_refused():
    with pytest.raises(BriefError, match="no scenes"):
        Crops([])


def test_a_run_in_two_parts_is_the_run_in_one(data, run, tmp_path):
    train(data, tmp_path, schedule=SCHEDULE, minutes=0.0)  # stops before its first step
    train(data, tmp_path, schedule=SCHEDULE)
    whole, parts = (torch.load(p / "checkpoint.pt", weights_only=True)["average"] for p in (run, tmp_path))
    assert all(torch.equal(whole[k], parts[k]) for k in whole)


def test_what_is_exported_paints_what_torch_paints(run, tmp_path):
    said = export(run, tmp_path)
    assert said["torch_difference"] < 1e-5
    assert said["steps"] == 6
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 12_000_000
    from contract import buffers_for

    generator = Embedded(tmp_path)
    layers = generator.generate(buffers_for(generator, width=64, height=48), detail=Detail())
    assert layers.alpha.shape == (96, 128)
    assert np.isfinite(layers.sun).all()


def test_training_and_the_product_compose_alike():
    rng = np.random.default_rng(1)
    base = rng.random((3, 8, 8), np.float32) * np.array([4.0, 1.0, 1.0], np.float32)[:, None, None]
    said = rng.normal(0, 0.8, (3, 8, 8)).astype(np.float32)
    theirs = compose(torch.from_numpy(base)[None], torch.from_numpy(said)[None])[0].numpy()
    assert np.allclose(theirs, pack_layers(compose_layers(base, said)), atol=1e-5)


def test_noise_moves_the_high_band_of_the_fine_decoder_alone():
    torch.manual_seed(3)
    network = Network()
    for part in (network.decoder.leave, network.broad.leave):
        torch.nn.init.normal_(part.weight, std=0.1)
    state = torch.rand(1, len(STATE), 32, 32)
    noise = torch.randn(2, len(NOISE), 32, 32)
    with torch.no_grad():
        _, _, x0, x1 = network.trunk(state)
        fine = [network.decoder(x0, x1, z[None]) for z in noise]
        other = noise[0].clone()
        other[2:] = noise[1, 2:]
        assert torch.equal(network.broad(x1, noise[:1]), network.broad(x1, other[None]))
    apart = fine[0] - fine[1]
    assert apart.abs().max() > 1e-3
    low = torch.nn.functional.avg_pool2d(apart, 8)
    assert low.abs().max() < 0.35 * apart.abs().max()
    assert high_band(torch.ones(1, 3, 64, 64)).abs().max() < 1e-6


def test_the_energy_score_prefers_the_truths_own_spread():
    torch.manual_seed(1)
    weight = torch.ones(24, 1, 64, 64)
    truth = torch.randn(24, 3, 64, 64)

    def score(spread: float) -> float:
        one, two = (spread * torch.randn(24, 3, 64, 64) for _ in range(2))
        return float(energy_score(one, two, truth, weight))

    right = score(1.0)
    assert right < score(0.5)
    assert right < score(1.6)
    assert right < score(0.0)


@pytest.mark.parametrize("text, seeds", [("3", [3]), ("1-3,9", [1, 2, 3, 9])])
def test_lists_of_seeds(text, seeds):
    assert seed_list(text) == seeds
