"""A take drawn anew by a clip model, end to end: register, gate, windows, paste, record. One small show for all."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("websockets", reason="ComfyUI needs websockets: pip install 'secondunit[comfyui]'")

from tests.generate.comfy_server import ComfyLike
from tests.show.clip.clip_show_kit import CLIP, SAID
from tests.show.show_kit import BRIEF, FRAMES, SHOT, give_keys, make_show

from secondunit.clearance.gate import run_clip_generator
from secondunit.cli.main import run
from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError, BriefError, ClearanceError
from secondunit.generate.clip import ClipAsk
from secondunit.generate.clip_registry import get_clip_generator
from secondunit.media.exr import read_exr, read_exr_header
from secondunit.show import Show, TakeResult, enhance, open_show, record_of, register_clip, take
from secondunit.show.brief.shot_file import read_shot
from secondunit.show.clearing.tools import registered_tool
from secondunit.show.record.ledger import ledger_of


@pytest.fixture(scope="module")
def server():
    with ComfyLike() as server:
        yield server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, server: ComfyLike) -> Show:
    """A show with a take, keys, and weights that are in no register yet."""
    show = make_show(tmp_path_factory.mktemp("clip") / "show")
    (show.shot_folder(SHOT) / "shot.toml").write_text(BRIEF + CLIP.format(url=server.url))
    take(show, SHOT, draft=False, workers=1)
    give_keys(show)
    return show


@pytest.fixture(scope="module")
def registered(made: Show, tmp_path_factory: pytest.TempPathFactory) -> Show:
    root = tmp_path_factory.mktemp("registered") / "show"
    shutil.copytree(made.root, root)
    show = open_show(root)
    register_clip(show, SHOT, by="Lee Gal", role="legal", said=SAID)
    return show


@pytest.fixture(scope="module")
def drawn(registered: Show) -> TakeResult:
    told: list[str] = []
    result = enhance(registered, SHOT, take=1, tell=told.append)
    assert any("licence" in line for line in told)
    assert any("memory" in line for line in told)
    return result


@pytest.fixture
def copy(made: Show, tmp_path: Path) -> Show:
    shutil.copytree(made.root, tmp_path / "show")
    return open_show(tmp_path / "show")


@pytest.fixture
def ready(registered: Show, tmp_path: Path) -> Show:
    shutil.copytree(registered.root, tmp_path / "show")
    return open_show(tmp_path / "show")


def comp(folder: Path, frame: int, name: str = "comp") -> np.ndarray:
    (path,) = folder.glob(f"*_{name}_*/*.{frame:04d}.exr")
    channels, _ = read_exr(path)
    return np.stack([channels[c] for c in "RGB"], axis=-1).astype(np.float32)


def test_weights_in_no_register_do_not_run_and_the_way_is_told(copy: Show, server: ComfyLike):
    before = len(server.graphs)
    with pytest.raises(ClearanceError, match="SE-01") as refused:
        enhance(copy, SHOT, take=1)
    assert "secondunit clearance register" in refused.value.fix
    assert len(server.graphs) == before
    assert any(row["what"] == "refusal" for row in record_of(copy, shot=SHOT))


@pytest.mark.parametrize(
    "by, role, says",
    [
        ("Ada Example", "legal", "is the artist"),
        ("Bo Other", "director", "does not answer for tools"),
        ("Sam House", "legal", "may not register"),
        ("Lee Gal", "legal", ""),
    ],
)
def test_who_may_register(copy: Show, by: str, role: str, says: str):
    if says:
        with pytest.raises(ClearanceError, match=says):
            register_clip(copy, SHOT, by=by, role=role, said=SAID)
        return
    found = register_clip(copy, SHOT, by=by, role=role, said=SAID)
    assert found.tool.registered == "yes"
    row = next(row for row in record_of(copy) if row["what"] == "tool")
    assert row["said"].startswith("Lee Gal (legal) registers comfyui wan_vace.safetensors")


def test_a_word_off_the_list_is_refused(copy: Show):
    with pytest.raises(BriefError, match="--licence"):
        register_clip(copy, SHOT, by="Lee Gal", role="legal", said={**SAID, "licence": "free"})


@pytest.mark.parametrize("said", [{"licence": "non_commercial"}, {"trains_on_inputs": "yes"}, {"network": "open"}])
def test_registered_is_not_yet_allowed(copy: Show, said: dict[str, str]):
    register_clip(copy, SHOT, by="Lee Gal", role="legal", said={**SAID, **said})
    with pytest.raises(ClearanceError, match="forbidden"):
        enhance(copy, SHOT, take=1)


def test_an_entry_that_nobody_signed_is_none(copy: Show):
    generator = get_clip_generator(copy.brief(SHOT).clip, folder=copy.shot_folder(SHOT))
    with ledger_of(copy) as ledger:
        tool = {"id": "comfyui", "version": "1", "weights_digest": generator.weights_digest, "registered": "yes"}
        ledger.append("tool", {"tool": tool, "model": "m", "role": "legal", "key_id": "0" * 16, "signature": "0" * 128})
        assert registered_tool(generator, ledger).registered == "no"


def test_the_take_that_is_drawn_is_a_take_like_any(registered: Show, drawn: TakeResult):
    assert drawn.take.number == 2
    assert drawn.take.kind == "draft"
    assert drawn.take.plate_lock_max_abs_diff == 0.0
    assert drawn.movie.is_file()
    assert drawn.contact_sheet.is_file()
    passes = {path.name.split("_")[3] for path in drawn.folder.iterdir() if path.is_dir() and path.name != "frames"}
    assert passes == {"comp", "element", "cleanplate", "matte", "shadow"}
    assert len(list(drawn.folder.glob("*_comp_*/*.exr"))) == FRAMES


def test_only_dust_changed_and_the_first_take_not_at_all(registered: Show, drawn: TakeResult):
    base = registered.shot_folder(SHOT) / "takes/t001"
    changed = []
    for frame in range(1001, 1001 + FRAMES):
        ours, theirs = comp(base, frame), comp(drawn.folder, frame)
        apart = np.abs(ours - theirs).max(axis=2) > 0
        changed.append(apart.mean())
        clean = comp(base, frame, "cleanplate")
        assert np.array_equal(clean, comp(drawn.folder, frame, "cleanplate"))
    assert changed[0] == 0, "nothing has fallen yet"
    assert max(changed) > 0.02, "dust was drawn"
    assert max(changed) < 0.9


def test_the_comp_is_its_parts_but_for_grain(drawn: TakeResult):
    (path,) = drawn.folder.glob("*_element_*/*.1010.exr")
    channels, _ = read_exr(path)
    alpha = channels["A"].astype(np.float32)[..., None]
    element = np.stack([channels[c] for c in "RGB"], axis=-1).astype(np.float32)
    behind = comp(drawn.folder, 1010, "cleanplate") * comp(drawn.folder, 1010, "shadow")
    rest = comp(drawn.folder, 1010) - (element + (1 - alpha) * behind)
    assert np.median(np.abs(rest)) < 0.01
    assert {"depth.Z", "id", "motion.X", "density"} <= channels.keys()


def test_the_recipe_says_what_drew_it(drawn: TakeResult):
    record = json.loads((drawn.folder / "take.json").read_text())
    clip = record["recipes"]["clip"]
    assert clip["digest"] == drawn.take.recipe_digest
    assert clip["backend"] == "comfyui 1"
    assert len(clip["weights_digest"]) == 64
    said = clip["parameters"]
    assert said["engine"]["scheduler"] == "uni_pc simple"
    assert said["steps"] == 2
    assert [cut["padded"] for cut in said["stretches"]] == [9, 9]
    assert said["stretches"][1] == {"first": 4, "frames": 8, "padded": 9, "kept": 5}
    assert clip["inputs"]["render"] == record["recipes"]["render"]["digest"]
    (path,) = drawn.folder.glob("*_comp_*/*.1005.exr")
    header, _ = read_exr_header(path)
    assert header.attributes["recipeDigest"] == clip["digest"]


def test_the_graphs_that_ran_lie_beside_the_frames(drawn: TakeResult):
    graphs = sorted(drawn.folder.glob("comfyui_graph_*.json"))
    assert len(graphs) == 2
    assert json.loads(graphs[0].read_text())["11"]["class_type"] == "WanVaceToVideo"


def test_the_second_stretch_is_given_the_end_of_the_first(server: ComfyLike, drawn: TakeResult):
    first, second = server.graphs[-2:]
    masks = [server.read(graph, ["9", 0])[..., 0] for graph in (first, second)]
    assert masks[0][-1].any()
    assert not masks[1][:5].any(), "what is known is not drawn again"
    assert masks[1][-1].any()
    shown = server.read(second, ["7", 0])[:5]
    assert np.abs(shown - server.read(first, ["7", 0])[4:9]).max() > 0.05, "the model's own frames, not ours"


def test_the_model_s_frames_are_kept_as_float(registered: Show, drawn: TakeResult):
    frames = sorted(registered.cache.glob("clip/*/model.*.exr"))
    assert len(frames) == FRAMES
    channels, _ = read_exr(frames[-1])
    assert channels["R"].dtype == np.float32


def test_a_second_run_finds_the_take_whole_and_another_seed_is_another_take(
    registered: Show, drawn: TakeResult, server: ComfyLike
):
    before = len(server.graphs)
    assert enhance(registered, SHOT, take=1).folder == drawn.folder
    assert len(server.graphs) == before
    other = enhance(registered, SHOT, take=1, changes={"seed": 2, "frames": 0})
    assert other.take.number == 3
    assert len(server.graphs) == before + 1, "one stretch where all fits"
    assert not np.array_equal(comp(other.folder, 1010), comp(drawn.folder, 1010))


def test_a_run_that_failed_goes_on_from_the_stretch_that_is_whole(ready: Show, server: ComfyLike):
    shutil.rmtree(ready.cache / "clip", ignore_errors=True)
    shutil.rmtree(ready.shot_folder(SHOT) / "takes/t002", ignore_errors=True)

    def fail(stage: str, done: int, total: int) -> None:
        if "stretch 2" in stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enhance(ready, SHOT, take=1, progress=fail)
    before = len(server.graphs)
    result = enhance(ready, SHOT, take=1)
    assert len(server.graphs) == before + 1
    assert result.take.plate_lock_max_abs_diff == 0.0


def test_other_files_at_the_server_are_other_weights(ready: Show):
    brief, folder = ready.brief(SHOT).clip, ready.shot_folder(SHOT)
    with ledger_of(ready) as ledger:
        assert registered_tool(get_clip_generator(brief, folder=folder), ledger).registered == "yes"
        other = get_clip_generator(replace(brief, text_encoder="other.safetensors"), folder=folder)
        assert registered_tool(other, ledger).registered == "no"


def test_a_grant_is_for_one_tool_and_no_other(registered: Show, drawn: TakeResult, server: ComfyLike):
    from tests.clearance.gate_kit import granted
    from tests.generate.window_kit import window

    generator = get_clip_generator(registered.brief(SHOT).clip, folder=registered.shot_folder(SHOT))
    before = len(server.graphs)
    with pytest.raises(ClearanceError, match="grant is for"):
        run_clip_generator(generator, window(5, 32, 32), ask=ClipAsk(), grant=granted())
    assert len(server.graphs) == before


@pytest.mark.parametrize("prompt", ["dust in the style of some painter", "a Picasso of dust"])
def test_a_prompt_that_names_or_imitates_is_refused_by_the_gate(ready: Show, prompt: str, server: ComfyLike):
    before = len(server.graphs)
    with pytest.raises(ClearanceError) as refused:
        enhance(ready, SHOT, take=1, changes={"prompt": prompt})
    assert "[clip] prompt" in refused.value.fix
    assert len(server.graphs) == before


def test_a_plain_prompt_runs_and_its_words_are_in_no_recipe(ready: Show):
    result = enhance(ready, SHOT, take=1, changes={"prompt": "thick grey concrete dust"})
    assert "concrete" not in (result.folder / "take.json").read_text()
    with ledger_of(ready) as ledger:
        assert not any("concrete" in entry.body for entry in ledger.entries())


def test_a_drawn_take_is_not_drawn_over(registered: Show, drawn: TakeResult):
    with pytest.raises(BriefError, match="drawn by a clip model itself"):
        enhance(registered, SHOT, take=2)


def test_it_says_which_pictures_were_drawn_and_with_what_gains(registered: Show, drawn: TakeResult):
    record = json.loads((drawn.folder / "clip.json").read_text())
    assert len(record["pictures"]) == FRAMES
    frame = json.loads((drawn.folder / "frames/1010.json").read_text())
    assert record["pictures"]["1010"]["pixels"] == frame["model_pixels"]
    assert [round(g, 4) for g in record["pictures"]["1010"]["gain_stops"]] == frame["ring_gain_stops"]
    with ledger_of(registered) as ledger:
        said = [e.facts["clip"] for e in ledger.entries(kind="output") if "clip" in e.facts]
    assert said[0] == {"pictures": record["digest"], "backend": "comfyui 1", "seed": 1}


def test_a_changed_brief_and_a_take_that_is_not_there_are_refused(ready: Show):
    with pytest.raises(BriefError, match="no whole take 9"):
        enhance(ready, SHOT, take=9)
    path = ready.shot_folder(SHOT) / "shot.toml"
    path.write_text(path.read_text().replace("cells = 6000", "cells = 6100"))
    with pytest.raises(BriefError, match="has changed since take 1"):
        enhance(ready, SHOT, take=1)


def test_a_server_that_is_away_is_said_before_a_take_is_begun(ready: Show):
    folders = set((ready.shot_folder(SHOT) / "takes").iterdir())
    with pytest.raises(BackendError, match="no ComfyUI server"):
        enhance(ready, SHOT, take=1, changes={"server": "http://127.0.0.1:1"})
    assert set((ready.shot_folder(SHOT) / "takes").iterdir()) == folders


def test_on_the_command_line(ready: Show, capsys: pytest.CaptureFixture[str]):
    root = str(ready.root)
    assert run(["shot", "enhance", root, SHOT, "--take", "1", "--only-say"]) == 0
    assert "licence: " in capsys.readouterr().out
    assert run(["shot", "enhance", root, SHOT, "--take", "1", "--seed", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "draft"
    assert run(["shot", "enhance", root, SHOT, "--take", "1", "--model", "nope.safetensors"]) == 4
    assert "has no 'nope.safetensors'" in capsys.readouterr().err
    register = ["clearance", "register", root, SHOT, "--by", "Lee Gal", "--role", "legal", "--licence", "open"]
    assert run([*register, "--training-data", "vendor_stated"]) == 0
    assert "registered by Lee Gal" in capsys.readouterr().out


def test_the_brief_of_a_clip_reads_and_is_written_back(drawn: TakeResult, registered: Show):
    written = read_shot(drawn.folder / "shot.toml").clip
    assert written == registered.brief(SHOT).clip
    assert written != ClipBrief()
