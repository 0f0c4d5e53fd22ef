"""The whole making of the generator at toy size: data, training in two parts, export, and a picture."""

import json
import shutil
import signal
import subprocess
import sys
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
from training.export import export, load_exported  # noqa: E402
from training.lease import end  # noqa: E402
from training.loss import energy_score, moved  # noqa: E402
from training.model import Network, compose, high_band, keep_low  # noqa: E402
from training.ship import ship  # noqa: E402
from training.train import KNOWN, Schedule, Usual, has_half, train  # noqa: E402

SIZE = DataSize(frames=22, coarse_cells=1500, width=64, height=48, every=3, views=2, noises=2, moments=2)
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


@pytest.mark.skipif(not Path("/proc/cpuinfo").is_file(), reason="the kernel does not say what the processor can do")
def test_a_processor_trains_in_half_precision_where_it_has_it():
    flags = Path("/proc/cpuinfo").read_text().split()
    assert has_half("cpu") == ("avx512_bf16" in flags or "amx_bf16" in flags)


def test_the_manifest_says_how_the_data_was_made(data):
    manifest = json.loads((data / "manifest.json").read_text())
    (scene,) = manifest["scenes"]
    assert scene["seed"] == 16
    assert scene["pairs"] > 0
    assert scene["whole"]
    assert sorted(scene["files"]) == sorted(p.name for p in data.glob("*.npz"))
    assert {len(digest) for digest in scene["files"].values()} == {len(manifest["scripts_sha256"])} == {64}
    assert scene["scene"]["collapse"]["seed"] == draw_scene(16).collapse.seed


def test_the_same_seed_gives_the_same_bytes(data, tmp_path):
    make_data(tmp_path, seeds=[16], size=SIZE)
    one, two = (json.loads((d / "scene_00016.json").read_text())["files"] for d in (data, tmp_path))
    assert one == two


def test_crops_depend_on_their_step_alone(data):
    crops = Crops(sorted(data.glob("*.npz")))
    one, two, other = (crops.batch(step, seed=1, count=2, side=32) for step in (4, 4, 5))
    assert torch.equal(one.state, two.state)
    assert torch.equal(one.noises[1], two.noises[1])
    assert not torch.equal(one.state, other.state)
    assert one.state.shape == (4, len(STATE), 32, 32)
    assert one.noises[0].shape == (4, len(NOISE), 32, 32)
    assert one.wanted.shape == (4, 3, 64, 64)
    assert one.back.shape == (2, 2, 64, 64)


def test_a_scene_that_was_stopped_is_made_again(data, tmp_path):
    for path in data.glob("scene_*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    line = tmp_path / "scene_00016.json"
    said = json.loads(line.read_text())
    line.write_text(json.dumps(said | {"whole": False, "files": {}}))
    make_data(tmp_path, seeds=[16], size=SIZE)
    assert json.loads(line.read_text())["files"] == said["files"]


def test_the_motion_between_two_frames_explains_the_fine_dust(data):
    """Where the second frame's dust was: brought along, the first frame is nearer to it than as it stands."""
    stood, brought = 0.0, 0.0
    for path in data.glob("*.npz"):
        with np.load(path) as rows:
            alpha = torch.from_numpy(rows["target"][:, :, :1].astype(np.float32))
            back = torch.from_numpy(rows["back"].astype(np.float32))
        first, second = alpha[:, 0], alpha[:, 1]
        stood += float((second - first).abs().sum())
        brought += float((second - moved(first, back)).abs().sum())
    assert brought < 0.8 * stood


def test_moving_by_whole_pixels_is_exact():
    picture = torch.rand(1, 3, 16, 16)
    back = torch.zeros(1, 2, 16, 16)
    back[:, 0], back[:, 1] = 2.0, -1.0
    found = moved(picture, back)
    assert torch.allclose(found[..., :-1, 2:], picture[..., 1:, :-2], atol=1e-5)


def test_files_that_come_in_are_taken_in_once(data):
    first, *others = sorted(data.glob("*.npz"))
    crops = Crops([first])
    before = crops.pairs
    assert crops.take_in([first, *others]) == len(others) > 0
    assert crops.pairs > before
    assert crops.take_in([first, *others]) == 0


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


def test_what_was_exported_can_be_begun_from(data, run, tmp_path):
    export(run, tmp_path / "graphs")
    kept = torch.load(run / "checkpoint.pt", weights_only=True)["average"]
    network = Network()
    load_exported(network, tmp_path / "graphs")
    assert all(torch.equal(kept[k], v) for k, v in network.state_dict().items())
    schedule = replace(SCHEDULE, regression_steps=0, score_steps=1, score_rate=0.0)
    begun = train(data, tmp_path / "on", schedule=schedule, begin=tmp_path / "graphs").state_dict()
    assert all(torch.allclose(kept[k], v, atol=1e-6) for k, v in begun.items())
    said = json.loads((tmp_path / "on" / "schedule.json").read_text())
    assert len(said["begin_sha256"]["trunk.onnx"]) == 64


def test_a_card_says_what_its_weights_began_from(data, run, tmp_path):
    first, second, on = (tmp_path / name for name in ("first", "second", "on"))
    pin = tmp_path / "pin.py"
    pin.write_text('SHIPPED = ""\n')
    card = ship(run, [data], machine="a test", weights=first, card_page=tmp_path / "one.md", pin=pin)
    assert pin.read_text() == f'SHIPPED = "{card["digest"]}"\n'
    assert card["data"]["scenes"] == 1
    assert "It began from" not in (tmp_path / "one.md").read_text()
    train(data, on, schedule=replace(SCHEDULE, regression_steps=0, score_steps=1), begin=first)
    with pytest.raises(ValueError, match="name the right --began"):
        ship(on, [data], machine="a test", weights=second, card_page=tmp_path / "two.md", pin=None)
    later = ship(
        on, [data], machine="a test", weights=second, card_page=tmp_path / "two.md", pin=None,
        began=first / "weights.json",
    )  # fmt: skip
    assert later["training"]["began"]["digest"] == card["digest"] != later["digest"]
    assert later["data"]["pairs"] == card["data"]["pairs"]  # the same scene again is one scene
    assert f"It began from weights `{card['digest'][:16]}…`" in (tmp_path / "two.md").read_text()


def test_the_score_does_not_pull_the_trunk(data):
    """Through the features it has pulled the trunk away from what is likely, until neither held."""
    from training.train import _paint, _Parts

    torch.manual_seed(4)
    network = Network()
    batch = Crops(sorted(data.glob("*.npz"))).batch(0, seed=1, count=2, side=32)
    *_, broad, fine = _paint(
        _Parts.of(network, half=False, compiled=False), batch.state, torch.cat(batch.noises), "cpu"
    )
    (broad.square().mean() + fine.square().mean()).backward()
    assert all(p.grad is None for p in network.trunk.parameters())
    assert all(p.grad is not None for p in network.decoder.parameters())


def test_nothing_is_said_where_there_is_no_dust():
    torch.manual_seed(5)
    network = Network()
    for part in (network.trunk.leave, network.decoder.leave, network.broad.leave):
        torch.nn.init.normal_(part.weight, std=0.5)
    there = torch.zeros(1, 1, 32, 32)
    there[..., 16:] = 1.0
    with torch.no_grad():
        _, likely, broad, fine = network(torch.rand(1, len(STATE), 32, 32) * there, torch.randn(1, 4, 32, 32) * there)
    assert not likely[..., :32].any()
    assert likely[..., 32:].any()
    assert not broad[..., :26].any()  # smooth, and so a little beyond
    assert not fine[..., :16].any()


def test_a_step_of_outsize_gradient_is_left_out():
    usual = Usual()
    assert all(usual.takes(1.0 + 0.01 * n, scoring=False) for n in range(KNOWN))
    assert not usual.takes(30.0, scoring=False)
    assert not usual.takes(float("nan"), scoring=False)
    assert usual.takes(1.1, scoring=False)
    assert usual.dropped == 2
    assert usual.takes(30.0, scoring=True)  # another stage, of which nothing is known yet


def test_processes_share_the_scenes(tmp_path):
    size = ["--frames", "14", "--cells", "1500", "--views", "1"]
    command = [sys.executable, "-m", "training.data", str(tmp_path), "--scenes", "16-17", "--workers", "2", *size]
    subprocess.run(command, check=True, capture_output=True)
    made = json.loads((tmp_path / "manifest.json").read_text())["scenes"]
    assert [(scene["seed"], scene["whole"]) for scene in made] == [(16, True), (17, True)]


def test_a_lease_ends_with_what_is_worth_keeping(data, run, tmp_path):
    lent, kept = tmp_path / "lent", tmp_path / "kept"
    shutil.copytree(data, lent)
    kept.mkdir()
    maker = subprocess.Popen(["sleep", "60"], start_new_session=True)
    (lent / "makers.txt").write_text(str(maker.pid))
    (lent / "making.log").write_text("")
    end(lent, run, kept)
    assert maker.wait(10) == -signal.SIGTERM
    assert export(kept, tmp_path / "graphs")["steps"] == 6
    assert json.loads((kept / "manifest.json").read_text())["scenes"][0]["seed"] == 16


def test_training_and_the_product_compose_alike():
    rng = np.random.default_rng(1)
    base = rng.random((3, 8, 8), np.float32) * np.array([4.0, 1.0, 1.0], np.float32)[:, None, None]
    said = rng.normal(0, 0.8, (3, 8, 8)).astype(np.float32)
    theirs = compose(torch.from_numpy(base)[None], torch.from_numpy(said)[None])[0].numpy()
    assert np.allclose(theirs, pack_layers(compose_layers(base, said)), atol=1e-5)


def test_what_is_scored_keeps_the_low_band_and_what_is_clear():
    torch.manual_seed(2)
    there = (torch.rand(2, 1, 8, 8) > 0.4).float().repeat_interleave(8, 2).repeat_interleave(8, 3)
    broad = torch.full((2, 3, 64, 64), 0.5) * there
    fine = torch.clamp(broad + 0.05 * torch.randn(2, 3, 64, 64), 0.0, 1.0) * there
    kept = keep_low(fine, broad)
    apart = [torch.nn.functional.avg_pool2d(p - broad, 8)[:, :1].abs().mean() for p in (fine, kept)]
    assert apart[1] < 0.35 * apart[0]
    assert not kept[:, :1][there == 0].any()


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
