"""A drawn take from enhance to binder: asked, approved, finished, verified, bound; by its own pictures alone."""

import json
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("websockets", reason="ComfyUI needs websockets: pip install 'secondunit[comfyui]'")

from tests.generate.comfy_server import ComfyLike
from tests.show.clip.clip_show_kit import CLIP, SAID
from tests.show.show_kit import BRIEF, FRAMES, PEOPLE, SHOT, give_keys, make_show, plate_picture

from secondunit.clearance.ledger.people import revoke_key, ring_of
from secondunit.clearance.provenance.verify import verify_path
from secondunit.cli.main import run
from secondunit.core.errors import BriefError, ClearanceError, StoreError
from secondunit.generate.embedded import Embedded
from secondunit.media.exr import read_exr, read_exr_header, write_exr
from secondunit.show import (
    Show,
    TakeResult,
    approve,
    enhance,
    finish,
    open_show,
    opt_in,
    record_work,
    register_clip,
    take,
    verify_show,
    would_say,
    write_show_binder,
)
from secondunit.show.clearing.drawn import enhance_command
from secondunit.show.clearing.why import why
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.people import show_keys, trust_of
from secondunit.show.store.records import seal

PROMPT = "thick grey concrete dust"
NOBODY = "http://127.0.0.1:1"
GENERATOR = f"{Embedded.name} {Embedded.version}"
PASSES = ("comp", "element", "cleanplate", "matte", "shadow")


@pytest.fixture(scope="module")
def server():
    with ComfyLike() as server:
        yield server


@pytest.fixture(scope="module")
def based(tmp_path_factory: pytest.TempPathFactory) -> Show:
    """A show with a take at the plate's size, keys, and the artist's leave and work."""
    show = make_show(tmp_path_factory.mktemp("final") / "show")
    take(show, SHOT, draft=False, workers=1)
    give_keys(show)
    folder = show.shot_folder(SHOT)
    cv2.imwrite(str(folder / "paint.png"), plate_picture())
    record_work(show, SHOT, kind="paint", by="Ada Example", after=folder / "paint.png")
    opt_in(show, SHOT)
    return show


def copied(show: Show, root: Path) -> Show:
    shutil.copytree(show.root, root)
    return open_show(root)


def with_clip(based: Show, root: Path, clip: str) -> Show:
    """A copy whose shot names a clip model, its weights registered."""
    show = copied(based, root)
    (show.shot_folder(SHOT) / "shot.toml").write_text(f'{BRIEF}{clip}prompt = "{PROMPT}"\n')
    register_clip(show, SHOT, by="Lee Gal", role="legal", said=SAID)
    return show


def approve_all(show: Show, number: int) -> None:
    (movie,) = (show.shot_folder(SHOT) / f"takes/t{number:03d}").glob("*.mp4")
    for role, name in PEOPLE.items():
        approve(show, SHOT, take=number, by=name, role=role, proxy=movie)


def replaced(show: Show, old: str, new: str) -> None:
    path = show.shot_folder(SHOT) / "shot.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def drawn(based: Show, tmp_path_factory: pytest.TempPathFactory, server: ComfyLike) -> Show:
    """Take 2, drawn over take 1 at a server; nobody has approved it."""
    show = with_clip(based, tmp_path_factory.mktemp("drawn") / "show", CLIP.format(url=server.url))
    enhance(show, SHOT, take=1, changes={"seed": 5})
    return show


@pytest.fixture(scope="module")
def approved(drawn: Show, tmp_path_factory: pytest.TempPathFactory) -> Show:
    show = copied(drawn, tmp_path_factory.mktemp("approved") / "show")
    approve_all(show, 2)
    return show


@pytest.fixture(scope="module")
def finished(approved: Show, tmp_path_factory: pytest.TempPathFactory, server: ComfyLike) -> Show:
    """Finished with no server to be had."""
    show = copied(approved, tmp_path_factory.mktemp("finished") / "show")
    replaced(show, server.url, NOBODY)
    finish(show, SHOT, take=2, workers=1)
    return show


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch", reason="clip models need torch: pip install 'secondunit[diffusers]'")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def wan(based: Show, tmp_path_factory: pytest.TempPathFactory, one_thread: None) -> Show:
    """The real classes of Wan VACE, tiny, from enhance to publish on the command line; the weights are gone by then."""
    for library in ("diffusers", "accelerate", "ftfy"):
        pytest.importorskip(library, reason=f"clip models need {library}: pip install 'secondunit[diffusers]'")
    from tests.generate.clip_kit import write_wan

    folder = tmp_path_factory.mktemp("wan")
    weights = write_wan(folder / "weights")
    clip = f'[clip]\nmodel = "{weights}"\ndevice = "cpu"\nsteps = 2\nguidance = 1.0\n'
    show = with_clip(based, folder / "show", clip)
    root = str(show.root)
    assert run(["shot", "enhance", root, SHOT, "--take", "1", "--seed", "5"]) == 0
    assert run(["shot", "finish", root, SHOT, "--take", "2"]) == 3
    assert not list(show.shot_folder(SHOT).glob("publish/*"))
    (movie,) = (show.shot_folder(SHOT) / "takes/t002").glob("*.mp4")
    for role, name in PEOPLE.items():
        said = ["--take", "2", "--by", name, "--role", role, "--proxy", str(movie)]
        assert run(["clearance", "approve", root, SHOT, *said]) == 0
    shutil.rmtree(weights)
    assert run(["shot", "finish", root, SHOT, "--take", "2", "--workers", "1"]) == 0
    assert run(["verify", str(published(show))]) == 0
    return show


MODELS = [("finished", "comfyui 1"), ("wan", "diffusers 1")]
each_backend = pytest.mark.parametrize("made, model", MODELS, ids=["comfyui", "diffusers"])


@pytest.fixture
def ready(approved: Show, tmp_path: Path) -> Show:
    return copied(approved, tmp_path / "show")


def published(show: Show, version: str = "v001") -> Path:
    return show.shot_folder(SHOT) / "publish" / version


def pixels(folder: Path, name: str, frame: int) -> dict[str, np.ndarray]:
    (path,) = folder.glob(f"*_{name}_*/*.{frame}.exr")
    return read_exr(path)[0]


def same_pixels(ours: Path, theirs: Path, *, names: tuple[str, ...] = PASSES) -> None:
    for frame in range(1001, 1001 + FRAMES):
        for name in names:
            then, now = pixels(ours, name, frame), pixels(theirs, name, frame)
            assert then.keys() == now.keys()
            assert all(np.array_equal(then[c], now[c]) for c in then), (name, frame)


def model_file(show: Show, number: int) -> Path:
    (path,) = show.cache.glob(f"clip/*/model.{number}.exr")
    return path


def repainted(show: Show, number: int) -> dict[Path, bytes]:
    """Put another picture into the cache, whole by its sidecar: nine pixels of it. Return the files that were."""
    path = model_file(show, number)
    was = {p: p.read_bytes() for p in path.parent.glob(f"{path.name}*")}
    channels, _ = read_exr(path)
    for pixels in channels.values():
        pixels[30:33, 40:43] *= np.float32(1.01)
    write_exr(path, channels, frame=number, rate=show.brief(SHOT).plate.rate, half=False)
    path.with_name(f"{path.name}.json").write_text(json.dumps(seal(path)))
    return was


def test_a_final_that_nobody_approved_is_refused_with_the_roles(drawn: Show):
    with pytest.raises(ClearanceError, match="Bo Other") as refused:
        finish(drawn, SHOT, take=2)
    assert set(refused.value.roles) == set(PEOPLE)
    assert "secondunit clearance approve" in refused.value.fix
    assert not list(drawn.shot_folder(SHOT).glob("publish/*"))


def test_why_says_what_drew_it_and_no_word_of_the_prompt(drawn: Show):
    told = why(drawn, SHOT, take=2)
    assert "comfyui 1" in told.text
    assert "licence open" in told.text
    assert "seed 5" in told.text
    assert "prompts by digest" in told.text
    assert "concrete" not in told.text
    (prompt,) = told.as_json()["drawn_by"]["prompts"]
    assert len(prompt) == 64


def test_the_declaration_has_both_models_and_what_each_made(drawn: Show):
    said = would_say(drawn, SHOT, take=2).question.declared.declaration
    assert [tool.id for tool in said.tools] == ["comfyui", "embedded", "secondunit"]
    assert [tool.registered for tool in said.tools] == ["yes"] * 3
    steps = {step.id: step for step in said.steps}
    record = json.loads((drawn.shot_folder(SHOT) / "takes/t002/clip.json").read_text())
    assert steps["clip"].output == record["digest"]
    assert steps["element"].output in steps["clip"].inputs
    assert {steps["element"].output, record["digest"]} <= set(steps["comp"].inputs)


@each_backend
def test_it_is_published_as_any_final_and_verifies(made: str, model: str, request: pytest.FixtureRequest):
    show = request.getfixturevalue(made)
    folder = published(show)
    record = json.loads((folder / "take.json").read_text())
    assert record["kind"] == "final"
    assert record["plate_lock_max_abs_diff"] == 0.0
    assert {"render", "clip", "paste"} <= set(record["recipes"])
    paste, clip = record["recipes"]["paste"], record["recipes"]["clip"]
    assert clip["backend"] == model
    assert record["recipe_digest"] == paste["digest"]
    assert paste["inputs"]["clip"] == clip["digest"]
    assert paste["inputs"]["render"] == record["recipes"]["render"]["digest"]
    for name in PASSES:
        assert len(list(folder.glob(f"*_{name}_*/*.exr"))) == FRAMES
    header, _ = read_exr_header(next(folder.glob("*_comp_*/*.1010.exr")))
    assert header.attributes["recipeDigest"] == paste["digest"]
    assert header.attributes["aiProvenance:digitalSourceType"] == "compositeSynthetic"
    assert verify_path(folder, trust=trust_of(show)).ok
    assert verify_show(show).wrong == ()


@each_backend
def test_what_finishes_is_what_was_seen(made: str, model: str, request: pytest.FixtureRequest):
    # Made at the plate's size, the take and its final are the same pictures.
    show = request.getfixturevalue(made)
    same_pixels(show.shot_folder(SHOT) / "takes/t002", published(show))
    dust = pixels(show.shot_folder(SHOT) / "takes/t001", "comp", 1010)
    assert not np.array_equal(dust["R"], pixels(published(show), "comp", 1010)["R"]), "the model's, not ours"


@each_backend
def test_its_manifests_and_its_pictures_on_record_name_both_models(
    made: str, model: str, request: pytest.FixtureRequest
):
    show = request.getfixturevalue(made)
    said = next(json.loads(p.read_text()) for p in sorted(published(show).rglob("*_comp_*.sequence.json")))
    text = json.dumps(said)
    recipes = json.loads((published(show) / "take.json").read_text())["recipes"]
    assert recipes["clip"]["weights_digest"] in text
    assert recipes["render"]["weights_digest"] in text
    assert recipes["clip"]["weights_digest"] != recipes["render"]["weights_digest"]
    assert "dust drawn anew" in text
    assert model in text
    assert PROMPT not in text
    approved = json.loads((show.shot_folder(SHOT) / "takes/t002/clip.json").read_text())
    for number, picture in approved["pictures"].items():
        frame = json.loads((published(show) / f"frames/{number}.json").read_text())
        assert frame["model_pixels"] == picture["pixels"]
    with ledger_of(show) as ledger:
        outputs = [e.facts for e in ledger.entries(kind="output") if e.facts["kind"] == "final"]
        tools = {e.facts["generator"] for e in ledger.entries(kind="verdict") if e.facts["kind"] == "final"}
    (clip,) = [facts["clip"] for facts in outputs if "clip" in facts]
    assert (clip["pictures"], clip["backend"], clip["seed"]) == (approved["digest"], model, 5)
    assert tools == {model, GENERATOR}


@each_backend
def test_the_binder_names_both_models_and_no_word_of_the_prompt(
    made: str, model: str, request: pytest.FixtureRequest, tmp_path: Path
):
    show = request.getfixturevalue(made)
    binder = write_show_binder(show, tmp_path / "binder", editions=("studio",))
    text = "".join(p.read_text() for p in sorted((tmp_path / "binder").rglob("*")) if p.suffix in (".json", ".html"))
    assert binder.report
    assert model in text
    assert GENERATOR in text
    assert "seed 5" in text
    assert "drew the dust of these takes" in text
    assert "concrete" not in text


def test_the_recipe_says_what_of_diffusers_drew_it(wan: Show):
    said = json.loads((published(wan) / "take.json").read_text())["recipes"]["clip"]["parameters"]
    assert said["stretches"] == [{"first": 0, "frames": 12, "padded": 13, "kept": 0}]
    assert said["engine"]["pipeline"] == "WanVACEPipeline"


def test_a_changed_byte_does_not_verify(finished: Show, tmp_path: Path):
    show = copied(finished, tmp_path / "show")
    path = next(published(show).glob("*_comp_*/*.1010.exr"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    found = verify_path(published(show), trust=trust_of(show))
    assert not found.ok
    assert any(path.name in str(f) for f in found.findings)


def test_finishing_twice_is_one_publish_even_when_the_cache_is_gone(finished: Show, tmp_path: Path):
    show = copied(finished, tmp_path / "show")
    shutil.rmtree(show.cache)
    before = {p: p.stat().st_mtime_ns for p in published(show).rglob("*") if p.is_file()}
    assert finish(show, SHOT, take=2, workers=1).folder == published(show)
    assert {p: p.stat().st_mtime_ns for p in published(show).rglob("*") if p.is_file()} == before


def test_pictures_that_are_gone_or_others_are_told_and_drawn_again_by_the_command_that_is_said(
    ready: Show, server: ComfyLike, capsys: pytest.CaptureFixture[str]
):
    model_file(ready, 1010).unlink()
    repainted(ready, 1007)
    spoilt = model_file(ready, 1012)
    spoilt.write_bytes(spoilt.read_bytes()[:-9])
    assert run(["shot", "finish", str(ready.root), SHOT, "--take", "2"]) == 5
    said, fix = capsys.readouterr().err.strip().splitlines()
    assert "comfyui 1 drew for take 2" in said
    assert "frames 1010 are not in the cache" in said
    assert "frames 1007, 1012 are not those that were approved" in said
    assert not published(ready).exists()
    command = fix.split("drawn again: ")[1].split("; ")[0]
    assert "--seed 5" in command
    before = len(server.graphs)
    assert run(shlex.split(command)[1:]) == 0
    assert len(server.graphs) == before + 2, "both stretches hold some"
    assert "approvals" not in capsys.readouterr().out
    assert would_say(ready, SHOT, take=2).verdict.allowed, "bit for bit as they were: the approvals stand"


def test_the_command_names_what_was_changed_by_hand_and_no_words(drawn: Show):
    question = would_say(drawn, SHOT, take=2).question
    assert question.drawn is not None
    record = replace(question.drawn.record, changed=("model", "prompt", "seed"))
    brief = replace(question.drawn.brief, model="my wan.safetensors")
    said = enhance_command(question.scene, brief, record)
    assert said.endswith("--take 1 --model 'my wan.safetensors' --seed 5 (with the same prompt as then)")
    assert PROMPT not in said


def test_pictures_that_come_out_others_are_approved_anew(ready: Show, server: ComfyLike):
    # A server whose model draws otherwise than then: a driver, a card, a library.
    model_file(ready, 1012).unlink()
    with ComfyLike(drift=0.05) as other:
        replaced(ready, server.url, other.url)
        again = enhance(ready, SHOT, take=1, changes={"seed": 5})
    assert again.take.number == 2
    (found,) = [f for f in again.take.findings if f.check == "model's pictures"]
    assert found.severity == "warning"
    assert 1012 in found.frames
    with pytest.raises(ClearanceError) as refused:
        finish(ready, SHOT, take=2)
    assert set(refused.value.roles) == set(PEOPLE)


def test_a_run_that_was_stopped_goes_on_to_the_same_final(ready: Show, finished: Show):
    shutil.rmtree(ready.shot_folder(SHOT) / "takes/t001")  # no final needs the take that was drawn over

    def stop(stage: str, done: int, total: int) -> None:
        if "frames" in stage and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(ready, SHOT, take=2, workers=1, progress=stop)
    (begun,) = (ready.shot_folder(SHOT) / "publish").glob(".v001")
    whole = {p.name: p.stat().st_mtime_ns for p in begun.glob("frames/*.json")}
    assert len(whole) >= 3
    was: dict[Path, bytes] = {}

    def meddle(stage: str, done: int, total: int) -> None:
        if "frames" in stage and not was:
            was.update(repainted(ready, 1012))

    with pytest.raises(StoreError, match=r"frame 1012: .*is not the picture that was approved"):
        finish(ready, SHOT, take=2, workers=1, progress=meddle)
    assert not published(ready).exists()
    for path, data in was.items():
        path.write_bytes(data)
    result = finish(ready, SHOT, take=2, workers=1)
    assert result.folder == published(ready)
    kept = {p.name: p.stat().st_mtime_ns for p in result.folder.glob("frames/*.json")}
    assert {name: kept[name] for name in whole} == whole
    same_pixels(published(finished), result.folder)
    assert verify_path(result.folder, trust=trust_of(ready)).ok


@pytest.mark.parametrize(
    "old, new, says",
    [
        (PROMPT, "thin white dust", r"\[clip\] prompt"),
        ("steps = 2", "steps = 3", r"\[clip\] steps"),
        ("cells = 6000", "cells = 6100", "has changed since take 2"),
    ],
)
def test_a_changed_brief_is_refused(ready: Show, old: str, new: str, says: str):
    replaced(ready, old, new)
    for ask in (lambda: finish(ready, SHOT, take=2), lambda: would_say(ready, SHOT, take=2)):
        with pytest.raises(BriefError, match=says):
            ask()


def test_an_altered_record_of_what_was_drawn_is_refused(ready: Show):
    path = ready.shot_folder(SHOT) / "takes/t002/clip.json"
    said = json.loads(path.read_text())
    said["pictures"]["1010"]["pixels"] = "0" * 64
    path.write_text(json.dumps(said))
    with pytest.raises(StoreError, match="was altered"):
        finish(ready, SHOT, take=2)
    path.unlink()
    with pytest.raises(StoreError, match="does not say which pictures") as refused:
        finish(ready, SHOT, take=2)
    assert "shot enhance" in refused.value.fix
    enhance(ready, SHOT, take=1, changes={"seed": 5})
    assert would_say(ready, SHOT, take=2).verdict.allowed, "the same pictures, the same declaration"


@pytest.mark.parametrize(
    "said, says, fix",
    [
        ({"licence": "non_commercial"}, "the licence is non-commercial", "no approval lifts this"),
        ({"licence": "unsure"}, "legal", "what the licence of these weights"),
        ({"training_data": "unknown"}, "legal", "clearance approve"),
        ({"trains_on_inputs": "yes"}, "forbidden", "no approval lifts this"),
    ],
)
def test_a_register_that_says_otherwise_now_is_heeded(ready: Show, said: dict[str, str], says: str, fix: str):
    register_clip(ready, SHOT, by="Lee Gal", role="legal", said={**SAID, **said})
    with pytest.raises(ClearanceError, match=says) as refused:
        finish(ready, SHOT, take=2)
    assert fix in refused.value.fix


def test_weights_that_are_in_no_register_any_more_are_refused_and_the_way_told(ready: Show):
    with ledger_of(ready) as ledger:
        (key,) = [k.key_id for k in ring_of(ledger).keys if k.person == "Lee Gal"]
        # It was stolen before anything was entered with it.
        revoke_key(ledger, key, at="2020-01-01T00:00:00+00:00", by=show_keys(ready).registrar)
    with pytest.raises(ClearanceError, match="SE-01") as refused:
        finish(ready, SHOT, take=2)
    assert "secondunit clearance register" in refused.value.fix
    assert not list(ready.shot_folder(SHOT).glob("publish/*"))


def test_a_draft_of_half_the_size_is_finished_at_the_plate_s_size(ready: Show, capsys: pytest.CaptureFixture[str]):
    small: TakeResult = take(ready, SHOT, draft=True, workers=1)[0]
    over = enhance(ready, SHOT, take=small.take.number)
    assert over.take.width == 48
    approve_all(ready, over.take.number)
    assert run(["shot", "finish", str(ready.root), SHOT, "--take", str(over.take.number), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["width"], said["height"]) == (96, 64)
    folder = published(ready)
    paste = json.loads((folder / "take.json").read_text())["recipes"]["paste"]
    assert paste["parameters"]["scale"] == 2.0
    final, plain = pixels(folder, "comp", 1010), pixels(ready.shot_folder(SHOT) / "takes/t001", "comp", 1010)
    apart = np.abs(final["R"].astype(np.float32) - plain["R"].astype(np.float32)) > 0
    assert 0.02 < apart.mean() < 0.9, "the model's dust is in it, over our own plate"
    assert verify_path(folder, trust=trust_of(ready)).ok
