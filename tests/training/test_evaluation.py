"""Held-out scenes stay what was frozen; the whole evaluation runs from nothing at toy size."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numba
import numpy as np
import pytest
from training.companion import simulate_pairs
from training.entrants import set_stage
from training.evaluate import evaluate, rounded, summarise
from training.frozen import FROZEN, Frozen, freeze, make_held_out, read_frozen, read_scene, record, write_frozen
from training.gates import CHECKS, GATES, dropped, hold_controls, rule
from training.held_out import BLOCKS, FREE, SEEDS, TWIN, HeldOutSize, plan_scene
from training.page import write_page
from training.rehearsal import rehearse
from training.scene import draw_scene

from secondunit.core.errors import BriefError
from secondunit.generate.session import FILES, WEIGHTS
from secondunit.media.digest import file_digest
from training import frozen as freezer

TOY = HeldOutSize(frames=40, span=6, late_span=6, coarse_cells=1500, width=96, height=64, run=3)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Grids this small lose more by waiting for another core than they win."""
    before = numba.get_num_threads(), cv2.getNumThreads()
    numba.set_num_threads(1)
    cv2.setNumThreads(1)
    yield
    numba.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Frozen]:
    folder = tmp_path_factory.mktemp("held")
    frozen = freeze((TWIN,), TOY)
    make_held_out(folder, frozen)
    return folder, record(folder, frozen)


def test_the_frozen_set_is_the_scripts_own() -> None:
    frozen = read_frozen(FROZEN)
    assert tuple(frozen.scenes) == SEEDS
    assert len(set(frozen.noise_seeds)) == freezer.NOISES


def test_a_rehearsal_is_the_training_pair_bit_for_bit() -> None:
    scene = draw_scene(9002, frames=13, coarse_cells=700)
    pairs = list(simulate_pairs(scene))
    moments = [(m.frame, m.free_for, m.fine.extinction, m.coarse) for m in rehearse(scene)]
    assert len(pairs) == len(moments) > 2
    for pair, (frame, free, fine, coarse) in zip(pairs, moments, strict=True):
        assert (pair.frame, pair.free_for) == (frame, free)
        np.testing.assert_array_equal(pair.fine.extinction, fine)
        np.testing.assert_array_equal(pair.coarse.extinction, coarse.extinction)
        np.testing.assert_array_equal(pair.coarse.drift, coarse.drift)


def test_a_twin_shares_the_coarse_state_and_no_detail(made: tuple[Path, Frozen]) -> None:
    arrays, same = read_scene(made[0], TWIN, made[1])
    assert same
    middle = arrays["target"].shape[2] // 2
    truth, twin = arrays["target"][1, 2, middle, 0].astype(float), arrays["twin"][1, 2, 0].astype(float)
    assert 0.01 < np.abs(twin - truth).mean() < 0.2
    assert np.corrcoef(truth.ravel(), twin.ravel())[0, 1] > 0.7


def test_held_out_buffers_are_of_the_same_moment_as_their_truth(made: tuple[Path, Frozen]) -> None:
    arrays, _ = read_scene(made[0], TWIN, made[1])
    views, blocks, run = arrays["target"].shape[:3]
    assert (views, blocks, run) == (2, len(BLOCKS), TOY.run)
    for at in np.ndindex(views, blocks, run):
        truth = arrays["target"][at][0].astype(np.float32)
        small = truth.reshape(TOY.height, 2, TOY.width, 2).mean(axis=(1, 3))
        coarse = arrays["buffers"][at][0].astype(np.float32)
        if small.max() > 0.5:
            assert np.corrcoef(small.ravel(), coarse.ravel())[0, 1] > 0.6
    assert (np.diff(arrays["frame"], axis=1) == 1).all()
    first, second = (arrays["noises"][1, 2, s].astype(np.float32) for s in (0, 1))
    assert np.abs(first - second).max() > 0.5


def altered(said: dict, what: str) -> dict:
    if what == "scene":
        said["scenes"][str(TWIN)] = "0" * 64
    elif what == "script":
        said["scripts"]["scene.py"] = "0" * 64
    elif what == "size":
        said["size"]["width"] += 2
    elif what == "missing":
        del said["digest"]
    return said


@pytest.mark.parametrize("what", ["scene", "script", "size", "missing"])
def test_an_altered_freeze_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "held_out.json"
    write_frozen(path, freeze((TWIN,), TOY))
    assert read_frozen(path).scenes
    path.write_text(json.dumps(altered(json.loads(path.read_text()), what)))
    with pytest.raises(BriefError):
        read_frozen(path)


def test_other_scripts_than_frozen_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "held_out.json"
    write_frozen(path, freeze((TWIN,), TOY))
    monkeypatch.setattr(freezer, "SCRIPTS", freezer.SCRIPTS[:-1])
    with pytest.raises(BriefError, match=r"view\.py|list of scripts"):
        read_frozen(path)


def test_another_seed_or_size_is_another_plan() -> None:
    digests = {freezer.plan_digest(plan_scene(seed, TOY)) for seed in SEEDS}
    digests.add(freezer.plan_digest(plan_scene(SEEDS[0], replace(TOY, width=104))))
    assert len(digests) == len(SEEDS) + 1
    assert plan_scene(FREE, TOY).scene.segments[-1][1]


def test_pictures_that_were_altered_or_belong_elsewhere_are_refused(made: tuple[Path, Frozen], tmp_path: Path) -> None:
    folder, frozen = made
    for name in ("held_09002.npz", "held_09002.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    read_scene(tmp_path, TWIN, frozen)
    with pytest.raises(BriefError, match="another set"):
        read_scene(tmp_path, TWIN, replace(frozen, digest="0" * 64))
    line = json.loads((tmp_path / "held_09002.json").read_text())
    with np.load(tmp_path / "held_09002.npz") as data:
        arrays = {name: data[name] for name in data.files}
    arrays["target"] = (0.8 * arrays["target"]).astype(np.float16)
    with (tmp_path / "held_09002.npz").open("wb") as stream:
        np.savez(stream, **arrays)
    with pytest.raises(BriefError, match="altered"):
        read_scene(tmp_path, TWIN, frozen)
    line["sha256"] = file_digest(tmp_path / "held_09002.npz")
    (tmp_path / "held_09002.json").write_text(json.dumps(line))
    with pytest.raises(BriefError, match="looks otherwise"):
        read_scene(tmp_path, TWIN, frozen)
    with pytest.raises(BriefError, match="is not in"):
        read_scene(tmp_path, SEEDS[0], frozen)


def test_a_scene_that_is_whole_is_not_made_again(made: tuple[Path, Frozen]) -> None:
    path = made[0] / "held_09002.npz"
    before = path.stat().st_mtime_ns
    make_held_out(made[0], made[1])
    assert path.stat().st_mtime_ns == before
    assert not list(made[0].glob("*.lock"))


def test_the_whole_evaluation_from_nothing(made: tuple[Path, Frozen], tmp_path: Path) -> None:
    folder, frozen = made
    if not all((WEIGHTS / name).is_file() for name in FILES):
        pytest.skip("no weights in the package")
    said, rows = evaluate(folder, None, frozen=frozen)
    page = tmp_path / "page.md"
    write_page(page, said, rows)
    text = page.read_text()
    for words in ("## Verdict", "## Do the metrics see?", "Spread over skill", *(f"page-{b}.jpg" for b in BLOCKS)):
        assert words in text
    assert all((tmp_path / f"page-{b}.jpg").stat().st_size > 2000 for b in BLOCKS)
    json.dumps(said, allow_nan=False)
    scene = said["scenes"][str(TWIN)]
    assert scene["coarse"]["psnr_db"] < 60
    assert scene["embedded"]["micro_low_band"] < 1e-3
    assert scene["embedded"]["calibration_self"] == pytest.approx(1.0, abs=0.25)
    assert said["summary"]["twin"]["psnr_db"]["scenes"] == 1
    assert "truth" not in said["summary"]


def test_the_controls_alone_need_no_weights_and_come_out_the_same(made: tuple[Path, Frozen], tmp_path: Path) -> None:
    first, rows = evaluate(made[0], None, frozen=made[1], learn=False)
    assert set(first["gates"]) == {"coarse", "procedural"}
    assert not first["weights"]
    write_page(tmp_path / "page.md", first, rows)
    stages = [set_stage(TWIN, read_scene(made[0], TWIN, made[1])[0], None) for _ in range(2)]
    for name, planes in stages[0].pictures.items():
        np.testing.assert_array_equal(planes, stages[1].pictures[name])


def scenes_of(**changes: float) -> dict:
    """A scene in which every control comes out right and ``embedded`` passes, but for what is changed."""
    base = {
        "psnr_db": 30.0, "ssim": 0.9, "alpha_l1": 0.02, "temporal": 1.0, "temporal_own": 1.0, "streaks": 1.0,
        "rim": 1.0, "pinholes": 0.0, "specks": 0.0, "grid": 1.0, "silhouette": 1.0,
        "log_spectrum_db": {"late": 1.0}, "high_energy": {"late": 1.0},
    }  # fmt: skip

    def but(**other) -> dict:
        return {**base, **other}

    scene = {
        "coarse": but(psnr_db=27.0, alpha_l1=0.05),
        "procedural": but(psnr_db=28.0, ssim=0.8, alpha_l1=0.06, log_spectrum_db={"late": 6.0}),
        "regression": but(psnr_db=32.0, ssim=0.92, log_spectrum_db={"late": 7.0}, high_energy={"late": 0.3}),
        "embedded": but(calibration_luma=1.0, calibration_self=1.0, micro_low_band=1e-5),
        "blurred": but(psnr_db=40.0, ssim=0.98, alpha_l1=0.01, log_spectrum_db={"late": 9.0},
                       high_energy={"late": 0.3}, temporal=0.9, silhouette=0.9),
        "down_up": but(psnr_db=35.0, ssim=0.95, log_spectrum_db={"late": 15.0}, high_energy={"late": 0.1},
                       silhouette=0.8),
        "noisy": but(ssim=0.7, log_spectrum_db={"late": 12.0}, high_energy={"late": 3.0}, temporal=1.5,
                     temporal_own=1.5, streaks=0.6),
        "shuffled": but(log_spectrum_db={"late": 0.3}, temporal=1.6, temporal_own=1.6),
        "streaked": but(streaks=1.6),
        "rimmed": but(rim=0.7),
        "holed": but(pinholes=15.0),
        "flecked": but(specks=20.0),
        "gridded": but(grid=3.0),
    }  # fmt: skip
    for key, value in changes.items():
        who, metric = key.split("__")
        scene[who][metric] = {"late": value} if isinstance(scene[who].get(metric), dict) else value
    return {1: scene}


def test_right_controls_drop_nothing_and_a_good_entrant_passes_all() -> None:
    scenes = scenes_of()
    controls = hold_controls(scenes)
    assert len(controls) == len(CHECKS)
    assert all(c["passed"] for c in controls)
    assert dropped(controls) == {}
    rulings = rule(scenes, "embedded", without={})
    assert {r.gate for r in rulings} == {g.name for g in GATES if g.free is not True}
    assert all(r.passed for r in rulings)


@pytest.mark.parametrize(
    "change, gate",
    [
        ({"embedded__log_spectrum_db": 3.1}, "log spectrum, dB"),
        ({"embedded__high_energy": 1.26}, "high-frequency energy"),
        ({"embedded__high_energy": 0.79}, "high-frequency energy"),
        ({"embedded__psnr_db": 28.6}, "PSNR below regression, dB"),
        ({"embedded__alpha_l1": 0.031}, "alpha L1 above regression"),
        ({"embedded__temporal": 1.11}, "temporal"),
        ({"embedded__temporal": 0.89}, "temporal"),
        ({"embedded__calibration_luma": 0.85}, "spread over skill"),
        ({"embedded__calibration_luma": 1.2}, "spread over skill"),
        ({"embedded__micro_low_band": 2e-3}, "low band between micro seeds"),
        ({"embedded__streaks": 1.2}, "streaks"),
        ({"embedded__rim": 0.85}, "rim"),
        ({"embedded__pinholes": 2.5}, "pinholes more than the truth, in 10,000 px"),
        ({"embedded__specks": 6.0}, "flecks more than the truth, in 10,000 px"),
        ({"embedded__grid": 2.1}, "grid"),
        ({"embedded__silhouette": 0.8}, "silhouette"),
    ],
)
def test_each_gate_shuts(change: dict, gate: str) -> None:
    rulings = rule(scenes_of(**change), "embedded", without={})
    assert [r.gate for r in rulings if not r.passed] == [gate]
    assert rulings[0].gate == gate
    assert rulings[0].excess > 0


@pytest.mark.parametrize(
    "change, metric",
    [
        ({"blurred__psnr_db": 20.0}, "psnr_db"),
        ({"noisy__ssim": 0.999}, "ssim"),
        ({"blurred__alpha_l1": 0.5}, "alpha_l1"),
        ({"shuffled__log_spectrum_db": 4.0}, "log_spectrum_db"),
        ({"noisy__high_energy": 1.0}, "high_energy"),
        ({"shuffled__temporal": 1.0}, "temporal"),
        ({"embedded__calibration_self": 1.3}, "calibration_self"),
        ({"streaked__streaks": 1.0}, "streaks"),
        ({"rimmed__rim": 1.0}, "rim"),
        ({"holed__pinholes": 0.0}, "pinholes"),
        ({"flecked__specks": 0.0}, "specks"),
        ({"gridded__grid": 1.0}, "grid"),
        ({"blurred__silhouette": 1.1}, "silhouette"),
    ],
)
def test_a_metric_that_ranks_a_control_wrongly_does_not_judge(change: dict, metric: str) -> None:
    scenes = scenes_of(**change)
    out = dropped(hold_controls(scenes))
    assert set(out) == {metric}
    judged_by = {"calibration_self": "spread over skill"}
    gates = {g.name for g in GATES if g.metric == metric} | {judged_by.get(metric, "")}
    assert not gates & {r.gate for r in rule(scenes, "embedded", without=out)}


def test_free_scenes_are_judged_by_their_own_motion() -> None:
    gates = {r.gate for r in rule(scenes_of(), "embedded", without={}, free=frozenset({1}))}
    assert "temporal, own motion" in gates
    assert not gates & {"temporal", "spread over skill"}


def test_means_have_intervals_over_scenes_not_frames() -> None:
    scenes = {n: {"embedded": {"psnr_db": 30.0 + n}} for n in range(6)}
    said = summarise(scenes, "embedded")["psnr_db"]
    assert said["mean"] == pytest.approx(32.5)
    assert said["scenes"] == 6
    # The standard deviation of a mean of six draws from 0 to 5 is 0.70.
    assert said["high"] - said["low"] == pytest.approx(2 * 1.96 * 0.697, rel=0.12)
    assert summarise({1: {"embedded": {"psnr_db": None}}}, "embedded") == {}


def test_numbers_become_plain_json() -> None:
    assert rounded({1: (1.23456, float("nan"), float("inf"), 2)}) == {"1": [1.235, None, None, 2]}
