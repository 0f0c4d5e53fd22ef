"""The ComfyUI backend against a real server on real sockets, which checks the graph it is sent and runs it."""

import io
import json
import socket
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

pytest.importorskip("websockets", reason="ComfyUI needs websockets: pip install 'secondunit[comfyui]'")

from tests.generate.comfy_server import NODES, ComfyLike
from tests.generate.window_kit import window

from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError
from secondunit.generate.clip import ClipAsk
from secondunit.generate.clip_registry import get_clip_generator
from secondunit.generate.comfyui import backend as module
from secondunit.generate.comfyui import client
from secondunit.generate.comfyui.apng import write_apng
from secondunit.generate.comfyui.graph import fill, node_of, read_graph

BRIEF = ClipBrief(
    backend="comfyui", model="wan_vace.safetensors", text_encoder="umt5.safetensors", vae="wan_vae.safetensors"
)
ASK = ClipAsk(prompt="dust", steps=3, seed=5)


def clip_at(server: ComfyLike, folder: Path = Path("/nowhere"), **said):
    return get_clip_generator(replace(BRIEF, server=server.url, **said), folder=folder)


def test_frames_go_up_a_graph_runs_and_sixteen_bit_frames_come_back():
    told: list[tuple[int, int]] = []
    given = window(9, 32, 48)
    with ComfyLike() as server:
        clip = clip_at(server)
        made = clip.enhance(given, ask=ASK, progress=lambda done, total: told.append((done, total)))
        other = clip.enhance(given, ask=replace(ASK, seed=6))
        graph = server.graphs[0]
    assert made.shape == (9, 32, 48, 3)
    assert made.dtype == np.float32
    assert told == [(1, 3), (2, 3), (3, 3)]
    outside = np.repeat(given.mask[..., None] < 0.5, 3, axis=3)
    assert np.abs(made - given.control)[outside].max() < 1 / 255
    assert np.abs(made - other)[~outside].max() > 0.01
    assert np.abs(made * 255 - np.round(made * 255))[~outside].max() > 0.2, "between the steps of 8 bits"
    assert graph["11"]["inputs"] | {"width": 48, "height": 32, "length": 9} == graph["11"]["inputs"]
    assert graph["12"]["inputs"]["seed"] == 5
    files = clip.files()
    assert json.loads(files["comfyui_graph_1.json"]) == graph
    assert len(files) == 2


def test_a_graph_without_a_reference_has_no_node_for_it():
    with ComfyLike() as server:
        clip_at(server).enhance(replace(window(5, 32, 32), reference=None), ask=ASK)
        graph = server.graphs[0]
    assert "reference_image" not in graph["11"]["inputs"]
    assert node_of(graph, "reference") is None


def test_what_it_says_before_it_runs():
    with ComfyLike() as server:
        said = clip_at(server).describe(frames=81, width=832, height=480)
    text = "\n".join(said.lines())
    for word in ("Apache-2.0", "20.0 of 24.0 GiB", server.url, "wan_vace.safetensors", "cannot be seen from here"):
        assert word in text, word
    assert said.settings["comfyui"] == "0.9.9"
    assert said.settings["bits"] == 16
    assert "leave this machine" not in text


def test_a_server_that_saves_eight_bits_is_told_of_and_used():
    old = {name: node for name, node in NODES.items() if name != "SaveImageAdvanced"}
    with ComfyLike(nodes=old) as server:
        clip = clip_at(server)
        assert any("8 bits" in note for note in clip.describe(frames=5, width=32, height=32).notes)
        made = clip.enhance(window(5, 32, 32), ask=ASK)
    assert made.shape == (5, 32, 32, 3)


@pytest.mark.parametrize(
    "said, without, says",
    [
        ({"model": "other.safetensors"}, "", "has no 'other.safetensors'"),
        ({"vae": "other.safetensors"}, "", "has no 'other.safetensors'"),
        ({}, "WanVaceToVideo", "has no node WanVaceToVideo"),
    ],
)
def test_what_the_server_lacks_is_said_before_anything_runs(said: dict, without: str, says: str):
    with (
        ComfyLike(nodes={name: node for name, node in NODES.items() if name != without}) as server,
        pytest.raises(BackendError, match=says) as refused,
    ):
        clip_at(server, **said).describe(frames=5, width=32, height=32)
    assert refused.value.fix
    assert server.graphs == []


@pytest.mark.parametrize(
    "fault, says",
    [
        ("node", "KSampler failed: Allocation on device"),
        ("a frame less", "gave 4 frames"),
        ("no png", "no PNG"),
    ],
)
def test_a_fault_of_the_server_is_one_line(fault: str, says: str):
    with ComfyLike(fault=fault) as server, pytest.raises(BackendError, match=says) as refused:
        clip_at(server).enhance(window(5, 32, 32), ask=ASK)
    assert refused.value.fix


@pytest.mark.parametrize("fault", ["drops the socket", "says nothing"])
def test_a_last_word_that_never_comes_loses_nothing(fault: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "_SILENCE_S", 0.3)
    with ComfyLike(fault=fault) as server:
        assert clip_at(server).enhance(window(5, 32, 32), ask=ASK).shape == (5, 32, 32, 3)


def test_a_graph_that_the_server_refuses_tells_which_node(tmp_path: Path):
    graph = read_graph(None)
    graph["12"]["inputs"]["positive"] = ["3", 0]
    (tmp_path / "mine.json").write_text(json.dumps(graph))
    with ComfyLike() as server, pytest.raises(BackendError, match="KSampler: Return type mismatch positive"):
        clip_at(server, tmp_path, graph="mine.json").enhance(window(5, 32, 32), ask=ASK)


def test_stopping_here_stops_the_run_there():
    with ComfyLike(step_s=5.0) as server:
        clip = clip_at(server)

        def stop(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            clip.enhance(window(5, 32, 32), ask=ASK, progress=stop)
        assert server.stopped.wait(5)
        assert server.asked.index("/queue") < server.asked.index("/interrupt")


def test_a_run_stopped_at_the_server_is_said():
    with ComfyLike(step_s=5.0) as server:
        threading.Thread(target=lambda: server.working.wait(5) and server.stopped.set(), daemon=True).start()
        with pytest.raises(BackendError, match="stopped at the server"):
            clip_at(server).enhance(window(5, 32, 32), ask=ASK)


def test_no_server_is_said_with_the_way_to_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(BackendError, match="no ComfyUI server is reached") as refused:
            get_clip_generator(replace(BRIEF, server=address), folder=Path()).describe(frames=5, width=32, height=32)
    assert "start it" in refused.value.fix


@pytest.mark.parametrize("url", ["", "localhost:8188", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(BackendError, match="no server's address"):
        get_clip_generator(replace(BRIEF, server=url), folder=Path())


@pytest.mark.parametrize(
    "text, says",
    [
        (None, "does not exist"),
        ("{", "cannot be read"),
        ('{"nodes": [], "links": []}', "API format"),
        ("{}", "API format"),
        ('{"1": {"class_type": "LoadImage", "inputs": {}}}', "su:control"),
        (
            json.dumps({k: {"class_type": "L", "inputs": {}, "_meta": {"title": "su:control"}} for k in "12"}),
            "two nodes",
        ),
    ],
)
def test_a_graph_file_that_is_none_says_why(tmp_path: Path, text: str | None, says: str):
    if text is not None:
        (tmp_path / "graph.json").write_text(text)
    with pytest.raises(BackendError, match=says) as refused:
        get_clip_generator(replace(BRIEF, graph="graph.json"), folder=tmp_path)
    assert refused.value.fix


@pytest.mark.parametrize("key", ["model", "text_encoder", "vae"])
def test_a_file_that_nobody_named_is_asked_for(key: str):
    with pytest.raises(BackendError, match=f"{key} is empty"):
        get_clip_generator(replace(BRIEF, **{key: ""}), folder=Path())


def test_the_digest_is_of_graph_files_and_host_but_of_no_seed():
    one = get_clip_generator(BRIEF, folder=Path()).weights_digest
    assert len(one) == 64
    assert get_clip_generator(replace(BRIEF, seed=9, prompt="x"), folder=Path()).weights_digest == one
    assert get_clip_generator(replace(BRIEF, model="b.safetensors"), folder=Path()).weights_digest != one
    assert get_clip_generator(replace(BRIEF, server="http://farm:8188"), folder=Path()).weights_digest != one


def test_a_server_elsewhere_is_said_to_get_the_frames(monkeypatch: pytest.MonkeyPatch):
    with ComfyLike() as server:
        clip = clip_at(server)
        monkeypatch.setattr(type(clip._server), "is_here", property(lambda self: False))
        notes = clip.describe(frames=5, width=32, height=32).notes
    assert any("leave this machine" in note for note in notes)


def test_filling_changes_a_copy_and_only_what_is_titled():
    graph = read_graph(None)
    before = json.dumps(graph)
    filled = fill(graph, {"sampler": {"seed": 9, "steps": 4, "guidance": 2.0}, "comp": {"picture": "x.png"}})
    assert json.dumps(graph) == before
    assert (filled["12"]["inputs"]["seed"], filled["12"]["inputs"]["cfg"]) == (9, 2.0)
    assert {k: v for k, v in filled.items() if k != "12"} == {k: v for k, v in graph.items() if k != "12"}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_an_animated_png_keeps_every_frame_equal_ones_too(count: int):
    rng = np.random.default_rng(1)
    frames = [rng.integers(0, 256, (7, 11, 3), dtype=np.uint8) for _ in range(count)]
    frames[-1] = frames[max(count - 2, 0)]
    with Image.open(io.BytesIO(write_apng(frames))) as picture:
        found = [np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(picture)]
    assert len(found) == count
    assert all(np.array_equal(a, b) for a, b in zip(frames, found, strict=True))


def test_a_mask_is_uploaded_as_grey_of_the_same_values():
    mask = np.array([[0.0, 1.0], [0.5, 2.0]], np.float32)
    codes = module._codes(mask)
    assert codes.shape == (2, 2, 3)
    assert codes[..., 0].tolist() == [[0, 255], [128, 255]]
