"""The diffusers backend on the real classes at toy size, loaded from folders as published weights are."""

import json
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="clip models are optional: pip install 'secondunit[diffusers]'")
pytest.importorskip("diffusers", reason="clip models are optional: pip install 'secondunit[diffusers]'")
pytest.importorskip("transformers", reason="clip models are optional: pip install 'secondunit[diffusers]'")
pytest.importorskip("accelerate", reason="clip models are optional: pip install 'secondunit[diffusers]'")
pytest.importorskip("ftfy", reason="clip models are optional: pip install 'secondunit[diffusers]'")

import torch
from tests.generate.clip_kit import write_ltx, write_ltx_2, write_wan
from tests.generate.window_kit import window

from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError
from secondunit.generate import clip_diffusers
from secondunit.generate.clip import ClipAsk
from secondunit.generate.clip_registry import get_clip_generator

ASK = ClipAsk(prompt="dust", steps=2, seed=5, guidance=1.0)
BRIEF = ClipBrief(device="cpu")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Toy models gain nothing from threads, and lose much where the machine is busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def wan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wan(tmp_path_factory.mktemp("wan"))


@pytest.fixture(scope="module")
def ltx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ltx(tmp_path_factory.mktemp("ltx"))


@pytest.fixture(scope="module")
def ltx_2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ltx_2(tmp_path_factory.mktemp("ltx2"))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def generator(folder: Path, **said):
    return get_clip_generator(replace(BRIEF, model=str(folder), **said), folder=Path("/nowhere"))


def test_wan_draws_float_frames_from_our_buffers(wan: Path, no_network: None):
    told = []
    given = window(5, 32, 32)
    before = [array.copy() for array in (given.control, given.comp, given.mask, given.depth)]
    made = generator(wan).enhance(given, ask=ASK, progress=lambda done, total: told.append((done, total)))
    assert made.shape == (5, 32, 32, 3)
    assert made.dtype == np.float32
    assert 0 <= made.min() < made.max() <= 1
    assert len(np.unique(made)) > 256 * 3, "more values than 8 bits have"
    assert told == [(1, 2), (2, 2)]
    after = (given.control, given.comp, given.mask, given.depth)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_seed_the_control_and_the_mask_of_wan_each_count_and_nothing_else_does(wan: Path):
    clip, given = generator(wan), window(5, 32, 32)
    made = clip.enhance(given, ask=ASK)
    assert np.array_equal(made, clip.enhance(given, ask=ASK))
    others = {
        "seed": clip.enhance(given, ask=replace(ASK, seed=6)),
        "control": clip.enhance(replace(given, control=1 - given.control), ask=ASK),
        "mask": clip.enhance(replace(given, mask=1 - given.mask), ask=ASK),
        "scale": clip.enhance(given, ask=replace(ASK, control=0.2)),
        "reference": clip.enhance(replace(given, reference=1 - given.reference), ask=ASK),
        "prompt": clip.enhance(given, ask=replace(ASK, prompt="abc")),
    }
    assert {name for name, other in others.items() if np.array_equal(made, other)} == set()


def test_ltx_stays_near_the_comp_by_strength_and_keeps_what_is_known(ltx: Path, no_network: None):
    clip, given = generator(ltx), window(17, 32, 32)
    near = clip.enhance(given, ask=replace(ASK, steps=4, strength=0.05))
    far = clip.enhance(given, ask=replace(ASK, steps=4, strength=1.0))
    assert near.shape == (17, 32, 32, 3)
    assert near.dtype == np.float32
    assert not np.array_equal(near, far)
    assert np.array_equal(near, clip.enhance(given, ask=replace(ASK, steps=4, strength=0.05)))


def test_what_ltx_knows_already_is_a_hard_condition_and_the_rest_is_not(ltx: Path):
    clip, whole = generator(ltx), replace(ASK, steps=2, strength=1.0)
    free = replace(window(17, 32, 32), reference=None)
    inverted = replace(free, comp=1 - free.comp)
    # Left wholly free, it does not see our comp; what it knows at the head it sees, and nothing beyond that.
    assert np.array_equal(clip.enhance(free, ask=whole), clip.enhance(inverted, ask=whole))
    kept = replace(window(17, 32, 32, kept=9), reference=None)
    head, tail = kept.comp.copy(), kept.comp.copy()
    head[:9], tail[9:] = 1 - head[:9], 1 - tail[9:]
    made = clip.enhance(kept, ask=whole)
    assert not np.array_equal(made, clip.enhance(replace(kept, comp=head), ask=whole))
    assert np.array_equal(made, clip.enhance(replace(kept, comp=tail), ask=whole))


def test_ltx_2_draws_after_its_reference_and_from_what_is_known(ltx_2: Path, no_network: None):
    clip, whole = generator(ltx_2), replace(ASK, steps=1)
    given = replace(window(9, 64, 64), reference=None)
    made = clip.enhance(given, ask=whole)
    assert made.shape == (9, 64, 64, 3)
    assert made.dtype == np.float32
    # Our comp is no input of it; the control buffer is, and so is the seed.
    assert np.array_equal(made, clip.enhance(replace(given, comp=1 - given.comp), ask=whole))
    assert not np.array_equal(made, clip.enhance(replace(given, control=1 - given.control), ask=whole))
    assert not np.array_equal(made, clip.enhance(given, ask=replace(whole, seed=6)))
    kept = replace(window(17, 64, 64, kept=9), reference=None)
    other = kept.comp.copy()
    other[:9] = 1 - other[:9]
    assert not np.array_equal(clip.enhance(kept, ask=whole), clip.enhance(replace(kept, comp=other), ask=whole))


@pytest.mark.parametrize("frames, height, width", [(6, 32, 48), (5, 40, 48), (5, 32, 40)])
def test_a_window_off_the_grid_is_refused_not_rounded(wan: Path, frames: int, height: int, width: int):
    with pytest.raises(BackendError, match="takes"):
        generator(wan).enhance(window(frames, height, width), ask=ASK)


def test_it_says_licence_memory_and_place_before_it_runs(wan: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clip_diffusers, "free_bytes", lambda: 64 * 1024**3)
    said = generator(wan).describe(frames=81, width=832, height=480)
    text = "\n".join(said.lines())
    for word in ("WanVACEPipeline", "Apache-2.0", "GiB", "free on this machine", str(wan), "strength is not used"):
        assert word in text, word
    assert said.settings["scheduler"] == "UniPCMultistepScheduler, flow_shift 3"
    assert generator(wan).describe(frames=5, width=1280, height=720).settings["scheduler"].endswith("5")


def test_the_digest_is_of_every_file_and_of_no_other(wan: Path, tmp_path: Path):
    shutil.copytree(wan, tmp_path / "w")
    same, copy = generator(wan).weights_digest, tmp_path / "w"
    assert generator(copy).weights_digest == same
    (copy / "README.md").write_text("about")
    assert generator(copy).weights_digest == same
    weights = copy / "vae/diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))
    assert generator(copy).weights_digest != same


def test_too_little_memory_is_said_and_nothing_is_loaded(wan: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clip_diffusers, "free_bytes", lambda: 50 * 1024**2)
    with pytest.raises(BackendError, match="GiB") as refused:
        generator(wan).describe(frames=81, width=832, height=480)
    assert "width" in refused.value.fix


def test_without_a_card_it_wants_the_cpu_to_be_asked_for(wan: Path):
    if clip_diffusers.torch.cuda.is_available():
        pytest.skip("there is a card here")
    with pytest.raises(BackendError, match="wants a card") as refused:
        generator(wan, device="auto").describe(frames=5, width=32, height=32)
    assert "device = 'cpu'" in refused.value.fix


def test_damaged_weights_fail_in_one_line(wan: Path, tmp_path: Path):
    shutil.copytree(wan, tmp_path / "w")
    (tmp_path / "w/transformer/diffusion_pytorch_model.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    with pytest.raises(BackendError, match="WanVACEPipeline failed"):
        generator(tmp_path / "w").enhance(window(5, 32, 32), ask=ASK)


def test_values_that_are_not_finite_are_refused(wan: Path, tmp_path: Path):
    from safetensors.numpy import load_file, save_file

    shutil.copytree(wan, tmp_path / "w")
    path = tmp_path / "w/vae/diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    name = next(n for n in sorted(tensors) if n.startswith("decoder.conv_out") and n.endswith("bias"))
    tensors[name] = np.full_like(tensors[name], np.nan)
    save_file(tensors, path)
    with pytest.raises(BackendError, match="not finite"):
        generator(tmp_path / "w").enhance(window(5, 32, 32), ask=ASK)


def spoil(folder: Path, how: str) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    if how == "no index":
        (folder / "model_index.json").unlink()
    elif how == "another model":
        index["_class_name"] = "StableDiffusionPipeline"
    elif how == "own code":
        index["vae"] = ["my_code", "Vae"]
    elif how == "no part":
        shutil.rmtree(folder / "vae")
    elif how == "no weights":
        (folder / "vae/diffusion_pytorch_model.safetensors").unlink()
    elif how == "pickled":
        for path in folder.rglob("*.safetensors"):
            path.rename(path.with_suffix(".bin"))
    elif how == "shard":
        text = json.dumps({"weight_map": {"a": "model-00001-of-00002.safetensors"}})
        (folder / "vae/diffusion_pytorch_model.safetensors.index.json").write_text(text)
    elif how == "not json":
        (folder / "model_index.json").write_text("{")
        return
    if how != "no index":
        (folder / "model_index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    "how, says",
    [
        ("no index", "model_index.json"),
        ("another model", "StableDiffusionPipeline"),
        ("own code", "code that we do not run"),
        ("no part", "lacks its vae"),
        ("no weights", "no .safetensors"),
        ("pickled", "pickled"),
        ("shard", "lacks model-00001"),
        ("not json", "cannot be read"),
    ],
)
def test_a_folder_that_cannot_run_says_why(wan: Path, tmp_path: Path, how: str, says: str):
    shutil.copytree(wan, tmp_path / "w")
    spoil(tmp_path / "w", how)
    with pytest.raises(BackendError, match=says) as refused:
        generator(tmp_path / "w")
    assert refused.value.fix


@pytest.mark.parametrize("model, says", [("", "model is empty"), ("/not/there", "no weights at")])
def test_no_weights_is_said_with_the_way_to_them(model: str, says: str):
    with pytest.raises(BackendError, match=says) as refused:
        get_clip_generator(replace(BRIEF, model=model), folder=Path("/nowhere"))
    assert refused.value.fix
