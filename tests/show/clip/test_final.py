"""A drawn take finished: refused, approved, signed, verified; its model's pictures used again, drawn again, held to."""

import json
import shutil
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
from secondunit.core.errors import BackendError, BriefError, ClearanceError, StoreError
from secondunit.generate import clip_registry
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
from secondunit.show.clearing.why import why
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.people import show_keys, trust_of
from secondunit.show.store.records import seal

PROMPT = "thick grey concrete dust"


@pytest.fixture(scope="module")
def server():
    with ComfyLike() as server:
        yield server


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, server: ComfyLike) -> Show:
    """A show whose take 2 a model drew over take 1, at the plate's size; nobody has approved it."""
    show = make_show(tmp_path_factory.mktemp("final") / "show")
    folder = show.shot_folder(SHOT)
    (folder / "shot.toml").write_text(BRIEF + CLIP.format(url=server.url) + f'prompt = "{PROMPT}"\n')
    take(show, SHOT, draft=False, workers=1)
    give_keys(show)
    register_clip(show, SHOT, by="Lee Gal", role="legal", said=SAID)
    enhance(show, SHOT, take=1, changes={"seed": 5})
    cv2.imwrite(str(folder / "paint.png"), plate_picture())
    record_work(show, SHOT, kind="paint", by="Ada Example", after=folder / "paint.png")
    opt_in(show, SHOT)
    return show


def copied(show: Show, root: Path) -> Show:
    shutil.copytree(show.root, root)
    return open_show(root)


def approve_all(show: Show, number: int) -> None:
    (movie,) = (show.shot_folder(SHOT) / f"takes/t{number:03d}").glob("*.mp4")
    for role, name in PEOPLE.items():
        approve(show, SHOT, take=number, by=name, role=role, proxy=movie)


@pytest.fixture(scope="module")
def approved(drawn: Show, tmp_path_factory: pytest.TempPathFactory) -> Show:
    show = copied(drawn, tmp_path_factory.mktemp("approved") / "show")
    approve_all(show, 2)
    return show


@pytest.fixture(scope="module")
def finished(approved: Show, tmp_path_factory: pytest.TempPathFactory) -> Show:
    """Finished with no backend to be had."""
    show = copied(approved, tmp_path_factory.mktemp("finished") / "show")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clip_registry, "_HOMES", {})
        finish(show, SHOT, take=2, workers=1)
    return show


@pytest.fixture
def ready(approved: Show, tmp_path: Path) -> Show:
    return copied(approved, tmp_path / "show")


def published(show: Show, version: str = "v001") -> Path:
    return show.shot_folder(SHOT) / "publish" / version


def pixels(folder: Path, name: str, frame: int) -> dict[str, np.ndarray]:
    (path,) = folder.glob(f"*_{name}_*/*.{frame}.exr")
    return read_exr(path)[0]


def model_files(show: Show) -> list[Path]:
    return sorted(show.cache.glob("clip/*/model.*.exr"))


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


def test_it_is_published_as_any_final_and_verifies(finished: Show):
    folder = published(finished)
    record = json.loads((folder / "take.json").read_text())
    assert record["kind"] == "final"
    assert record["plate_lock_max_abs_diff"] == 0.0
    assert {"render", "clip", "paste"} <= set(record["recipes"])
    paste = record["recipes"]["paste"]
    assert record["recipe_digest"] == paste["digest"]
    assert paste["inputs"]["clip"] == record["recipes"]["clip"]["digest"]
    assert paste["inputs"]["render"] == record["recipes"]["render"]["digest"]
    for name in ("comp", "element", "cleanplate", "matte", "shadow"):
        assert len(list(folder.glob(f"*_{name}_*/*.exr"))) == FRAMES
    header, _ = read_exr_header(next(folder.glob("*_comp_*/*.1010.exr")))
    assert header.attributes["recipeDigest"] == paste["digest"]
    assert header.attributes["aiProvenance:digitalSourceType"] == "compositeSynthetic"
    assert verify_path(folder, trust=trust_of(finished)).ok
    assert verify_show(finished).wrong == ()


def test_what_finishes_is_what_was_seen(finished: Show):
    # Made at the plate's size, the take and its final are the same pictures.
    for frame in (1002, 1006, 1012):
        for name in ("comp", "element", "matte"):
            then, now = (
                pixels(f, name, frame) for f in (finished.shot_folder(SHOT) / "takes/t002", published(finished))
            )
            assert then.keys() == now.keys()
            assert all(np.array_equal(then[c], now[c]) for c in then), (name, frame)


def test_its_manifests_name_both_models(finished: Show):
    said = next(json.loads(p.read_text()) for p in sorted(published(finished).rglob("*_comp_*.sequence.json")))
    text = json.dumps(said)
    recipes = json.loads((published(finished) / "take.json").read_text())["recipes"]
    assert recipes["clip"]["weights_digest"] in text
    assert recipes["render"]["weights_digest"] in text
    assert recipes["clip"]["weights_digest"] != recipes["render"]["weights_digest"]
    assert "dust drawn anew" in text
    assert "comfyui 1" in text
    assert PROMPT not in text


def test_the_binder_names_the_model_and_no_word_of_the_prompt(finished: Show, tmp_path: Path):
    made = write_show_binder(finished, tmp_path / "binder", editions=("studio",))
    text = "".join(p.read_text() for p in sorted((tmp_path / "binder").rglob("*")) if p.suffix in (".json", ".html"))
    assert made.report
    assert "comfyui 1" in text
    assert "embedded 2" in text
    assert "seed 5" in text
    assert "concrete" not in text


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


def test_lost_pictures_are_drawn_again_to_the_same_final(finished: Show, ready: Show, server: ComfyLike):
    model_files(ready)[7].unlink()
    before = len(server.graphs)
    result = finish(ready, SHOT, take=2, workers=1)
    assert len(server.graphs) == before + 1, "the one stretch that lacked a frame"
    (found,) = [f for f in result.take.findings if f.check == "model's pictures"]
    assert (found.severity, found.frames) == ("note", (1008,))
    assert "drawn again" in found.message
    then, now = pixels(published(finished), "comp", 1010), pixels(result.folder, "comp", 1010)
    assert all(np.array_equal(then[c], now[c]) for c in "RGBA")


def test_lost_pictures_and_no_backend_or_other_weights_or_no_base(ready: Show, monkeypatch: pytest.MonkeyPatch):
    model_files(ready)[7].unlink()
    path = ready.shot_folder(SHOT) / "shot.toml"
    text = path.read_text()
    path.write_text(text.replace("umt5.safetensors", "other.safetensors"))
    with pytest.raises(BackendError, match=r"in the cache no more.*other weights|cannot be drawn again"):
        finish(ready, SHOT, take=2, workers=1)
    path.write_text(text)
    with monkeypatch.context() as patch:
        patch.setattr(clip_registry, "_HOMES", {})
        with pytest.raises(BackendError, match="cannot be drawn again"):
            finish(ready, SHOT, take=2, workers=1)
    spoilt = next(ready.shot_folder(SHOT).glob("takes/t001/*_comp_*/*.1008.exr"))
    spoilt.write_bytes(spoilt.read_bytes()[:-1])
    with pytest.raises(BriefError, match="take 1, which they were drawn over, is gone or was altered"):
        finish(ready, SHOT, take=2, workers=1)
    assert not published(ready).exists()


def test_the_take_that_was_drawn_over_may_be_gone_while_the_pictures_are_there(ready: Show):
    shutil.rmtree(ready.shot_folder(SHOT) / "takes/t001")
    result = finish(ready, SHOT, take=2, workers=1)
    assert verify_path(result.folder, trust=trust_of(ready)).ok


def changed_picture(show: Show, number: int, *, gain: float) -> None:
    """Put another picture into the cache, whole by its sidecar."""
    path = next(p for p in model_files(show) if f"{number}" in p.name)
    channels, _ = read_exr(path)
    rate = show.brief(SHOT).plate.rate
    write_exr(path, {c: channels[c] * np.float32(gain) for c in "RGB"}, frame=number, rate=rate, half=False)
    path.with_name(f"{path.name}.json").write_text(json.dumps(seal(path)))


def test_pictures_that_look_other_than_those_approved_are_refused(ready: Show):
    changed_picture(ready, 1010, gain=3.0)
    with pytest.raises(ClearanceError, match=r"not those that were approved.*1010"):
        finish(ready, SHOT, take=2, workers=1)
    assert not published(ready).exists()


def test_pictures_that_differ_by_rounding_are_finished_and_it_is_said(ready: Show):
    changed_picture(ready, 1010, gain=1.0005)
    result = finish(ready, SHOT, take=2, workers=1)
    (found,) = [f for f in result.take.findings if f.check == "model's pictures"]
    assert found.severity == "warning"
    assert found.frames == (1010,)
    with ledger_of(ready) as ledger:
        said = [
            e.facts["clip"]
            for e in ledger.entries(kind="output")
            if e.facts.get("kind") == "final" and "clip" in e.facts
        ]
    assert list(said[-1]["not_as_approved"]) == ["1010"]


def test_a_run_that_was_stopped_goes_on(ready: Show):
    def stop(stage: str, done: int, total: int) -> None:
        if "frames" in stage and done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(ready, SHOT, take=2, workers=1, progress=stop)
    (begun,) = (ready.shot_folder(SHOT) / "publish").glob(".v001")
    whole = {p.name: p.stat().st_mtime_ns for p in begun.glob("frames/*.json")}
    assert len(whole) >= 5
    result = finish(ready, SHOT, take=2, workers=1)
    assert result.folder == published(ready)
    kept = {p.name: p.stat().st_mtime_ns for p in result.folder.glob("frames/*.json")}
    assert {name: kept[name] for name in whole} == whole


@pytest.mark.parametrize(
    "old, new, says",
    [
        (PROMPT, "thin white dust", r"\[clip\] prompt"),
        ("steps = 2", "steps = 3", r"\[clip\] steps"),
        ("cells = 6000", "cells = 6100", "has changed since take 2"),
    ],
)
def test_a_changed_brief_is_refused(ready: Show, old: str, new: str, says: str):
    path = ready.shot_folder(SHOT) / "shot.toml"
    path.write_text(path.read_text().replace(old, new))
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
