"""Counts and sizes brought to a model and back, colour to a screen and back, and the register of backends."""

import ast
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError
from secondunit.generate import clip_registry
from secondunit.generate.clip import ClipGrid
from secondunit.generate.clip_colour import ScreenEncoding, encoding_for
from secondunit.generate.clip_models import GRIDS, LTX, MODELS, WAN
from secondunit.generate.clip_registry import clip_backends, get_clip_generator
from secondunit.generate.clip_windows import (
    canvas,
    check_frames,
    check_grid,
    each,
    from_canvas,
    padded_frames,
    stretches,
    to_canvas,
)

GRIDS_HERE = st.sampled_from([WAN, LTX])


@given(count=st.integers(1, 400), grid=GRIDS_HERE, most=st.sampled_from([0, 17, 33, 81]))
def test_stretches_cover_every_frame_once_on_the_grid(count: int, grid: ClipGrid, most: int):
    cuts = stretches(count, grid, most=most)
    made = [index for cut in cuts for _, index in each(cut)]
    assert made == list(range(count))
    for cut in cuts:
        check_grid((cut.padded, grid.size_step, grid.size_step), grid, name="it")
        assert len(cut.indices) == cut.padded
        assert cut.padded <= grid.most_frames
        assert cut.indices[: cut.frames] == list(range(cut.first, cut.first + cut.frames))
        assert set(cut.indices[cut.frames :]) <= {cut.first + cut.frames - 1}
    for before, after in pairwise(cuts):
        assert after.kept == grid.frame_step + 1
        assert after.first == before.first + before.frames - after.kept


@given(
    width=st.integers(1, 90), height=st.integers(1, 70), channels=st.sampled_from([0, 3]), grid=GRIDS_HERE,
    seed=st.integers(0, 9),
)  # fmt: skip
def test_padding_is_undone_to_the_bit(width: int, height: int, channels: int, grid: ClipGrid, seed: int):
    place = canvas(width, height, grid)
    assert place.padded_width % grid.size_step == place.padded_height % grid.size_step == 0
    assert place.padded_width - width < grid.size_step
    shape = (height, width, channels) if channels else (height, width)
    picture = np.random.default_rng(seed).random(shape, dtype=np.float32)
    padded = to_canvas(picture, place)
    assert padded.shape[:2] == (place.padded_height, place.padded_width)
    assert np.array_equal(padded[-1, :width], picture[-1])
    assert np.array_equal(from_canvas(padded, place, width=width, height=height), picture)


def test_a_worked_size_keeps_the_aspect_and_comes_back_in_size():
    place = canvas(192, 108, WAN, worked_width=64)
    assert (place.width, place.height, place.padded_height) == (64, 36, 48)
    ramp = np.repeat(np.linspace(0, 1, 192, dtype=np.float32)[None], 108, axis=0)
    back = from_canvas(to_canvas(ramp, place), place, width=192, height=108)
    assert back.shape == ramp.shape
    assert np.abs(back - ramp).max() < 0.02


@pytest.mark.parametrize("count, grid, padded", [(1, WAN, 1), (72, WAN, 73), (81, WAN, 81), (1, LTX, 9), (72, LTX, 73)])
def test_counts_that_models_accept(count: int, grid: ClipGrid, padded: int):
    assert padded_frames(count, grid) == padded


def test_too_short_a_stretch_is_refused():
    with pytest.raises(BackendError, match="no room"):
        stretches(40, WAN, most=5)


@pytest.mark.parametrize(
    "frames, says",
    [
        (np.zeros((4, 8, 8, 3)), "shape"),
        (np.zeros((5, 8, 9, 3)), "shape"),
        (np.zeros((5, 8, 8)), "shape"),
        (np.full((5, 8, 8, 3), np.nan), "not finite in 5 of 5"),
        (np.full((5, 8, 8, 3), np.inf), "not finite"),
    ],
)
def test_what_a_model_returns_is_checked(frames: np.ndarray, says: str):
    with pytest.raises(BackendError, match=says):
        check_frames(frames, (5, 8, 8), name="it")


@pytest.mark.parametrize("stops", [0.0, -1.5])
def test_light_goes_to_the_screen_and_back(stops: float):
    encoding = ScreenEncoding(stops=stops)
    # Colours inside Rec.709: greys, and mixtures near them.
    scene = np.random.default_rng(1).uniform(0.05, 0.6, (9, 9, 1)).astype(np.float32) * np.ones(3, np.float32)
    scene *= np.array([1.0, 0.95, 0.9], np.float32)
    screen = encoding.encode(scene)
    assert 0 <= screen.min() <= screen.max() <= 1
    assert encoding.decode(screen) == pytest.approx(scene, rel=2e-4)


def test_a_mid_grey_has_the_code_that_srgb_gives_it():
    grey = np.full((1, 1, 3), 0.18, np.float32)
    assert ScreenEncoding().encode(grey)[0, 0].tolist() == pytest.approx([0.4613] * 3, abs=2e-3)  # IEC 61966-2-1


@given(bright=st.floats(0.0, 60.0))
def test_the_dust_fits_under_the_screen_s_white(bright: float):
    encoding = encoding_for(bright)
    assert encoding.stops <= 0
    assert bright * 2**encoding.stops <= 0.7501
    if encoding.stops < 0:
        assert bright * 2**encoding.stops > 0.6


def test_what_is_no_number_is_no_light_for_the_model():
    scene = np.array([[[np.nan, np.inf, -1.0]]], np.float32)
    screen = ScreenEncoding().encode(scene)
    assert np.isfinite(screen).all()


def test_every_known_model_has_a_licence_with_its_mark_a_size_and_a_grid():
    for model in MODELS.values():
        assert model.pipeline in GRIDS
        assert "[card]" in model.licence
        assert "[estimate]" in model.memory_gib
    assert {model.pipeline for model in MODELS.values()} == set(GRIDS)


def test_the_backends_there_are():
    assert clip_backends() == ("comfyui", "diffusers")


@pytest.mark.parametrize("backend", ["diffusers", "comfyui"])
def test_a_library_that_is_not_installed_is_named_with_its_extra(backend: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clip_registry.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BackendError, match="not installed here") as refused:
        get_clip_generator(ClipBrief(backend=backend), folder=Path())  # type: ignore[arg-type]
    assert f"secondunit[{backend}]" in refused.value.fix


def test_a_library_that_is_broken_is_said(monkeypatch: pytest.MonkeyPatch):
    def broken(name: str) -> None:
        raise ImportError("undefined symbol: cudnn")

    monkeypatch.setattr(clip_registry, "import_module", broken)
    monkeypatch.setattr(clip_registry.importlib.util, "find_spec", lambda name: object())
    with pytest.raises(BackendError, match="undefined symbol"):
        get_clip_generator(ClipBrief(), folder=Path())


def test_there_is_no_backend_of_another_name():
    with pytest.raises(BackendError, match="no clip backend"):
        get_clip_generator(replace(ClipBrief(), backend="none"), folder=Path())  # type: ignore[arg-type]


def test_nothing_heavy_is_loaded_until_a_clip_model_is_asked_for():
    heavy = "('torch', 'diffusers', 'websockets')"
    code = f"import sys, secondunit.show.clip.enhance; print([m for m in {heavy} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_only_two_modules_import_the_large_libraries():
    sources = Path(clip_registry.__file__).parents[1]
    found = set()
    for source in sources.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in ("torch", "diffusers", "transformers") for name in names):
                found.add(source.name)
    assert {"clip_diffusers.py", "clip_drivers.py"} <= found
    assert not {
        name for name in found if name.startswith("clip") and name not in ("clip_diffusers.py", "clip_drivers.py")
    }


def test_there_is_one_way_to_a_clip_generator_and_it_is_the_gate():
    sources, calls = Path(clip_registry.__file__).parents[1], []
    for source in sources.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "enhance":
                calls.append(source.relative_to(sources).as_posix())
    assert calls == ["clearance/gate.py"]
