"""What the documents say is so: commands, options, files, keys."""

import ast
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import secondunit.show
from secondunit.cli.main import run
from secondunit.core.errors import SecondUnitError
from secondunit.show.brief.settings import ShowSettings, read_settings, write_settings
from secondunit.show.brief.shot_file import LIMITS
from secondunit.show.brief.write import _WORDS

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "ARCHITECTURE.md", *ROOT.glob("docs/**/*.md")])
SOURCES = sorted((ROOT / "src/secondunit").rglob("*.py"))


def commands() -> list[str]:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    return sorted({line.split("#")[0].strip() for line in re.findall(r"^secondunit .+$", text, re.MULTILINE)})


@pytest.mark.parametrize("line", commands())
def test_every_command_written_down_is_understood(line: str, capfd: pytest.CaptureFixture[str]):
    words = shlex.split(line)[1:]
    names = words[: 2 if words[0] in ("shot", "clearance", "keys", "prep") else 1]
    assert run([*names, "--help"]) == 0
    text = capfd.readouterr().out
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", text), f"{' '.join(names)} has no {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_files_named_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (page.parent / target).exists(), target
    for named in re.findall(r"`((?:core|show|clearance|docs|examples|bench)/[\w./-]+\.(?:py|md|toml|jpg))`", text):
        assert (ROOT / named).exists() or (ROOT / "src/secondunit" / named).exists(), named


def test_rooms_in_the_document_are_the_rooms_there_are():
    said = set(re.findall(r"^\| `(\w+)/` \|", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE))
    there = {p.parent.name for p in (ROOT / "src/secondunit").glob("*/__init__.py")}
    assert said == there


def test_the_makefile_has_what_the_readme_names():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`?make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_public_list_is_sorted_true_and_documented():
    names = secondunit.show.__all__
    assert names == sorted(names)
    for name in names:
        assert getattr(secondunit.show, name).__doc__, name


def test_the_python_in_the_readme_is_python_with_our_names():
    (block,) = re.findall(r"```python\n(.+?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    tree = ast.parse(block)
    used = [
        a.name
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom) and n.module == "secondunit.show"
        for a in n.names
    ]
    assert used
    assert set(used) <= set(secondunit.show.__all__)


def test_words_in_a_written_brief_stand_beside_keys_that_exist():
    keys = set(LIMITS) | {"clean_plate.file"}
    unlimited = {"plate.file", "plate.colour_space", "plate.rate", "camera.upright", "camera.file", "box.kind"}
    unlimited |= {"matte.source", "matte.refine", "holdout.key", "collapse.preset", "detail.generator"}
    assert set(_WORDS) <= keys | unlimited


def test_a_commented_show_file_is_toml(tmp_path: Path):
    settings = ShowSettings(code="SHW", artist="Ada")
    path = tmp_path / "show.toml"
    path.write_text(write_settings(settings))
    assert tomllib.loads(path.read_text())
    assert read_settings(path) == settings


def test_every_error_is_in_the_tree_that_is_drawn():
    drawn = set(re.findall(r"\b(\w+Error)\b", Path(sys.modules[SecondUnitError.__module__].__file__ or "").read_text()))
    assert {kind.__name__ for kind in SecondUnitError.__subclasses__()} <= drawn


def test_data_that_is_carried_is_licensed():
    licences = (ROOT / "DATA_LICENSES.md").read_text(encoding="utf-8")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    carried = [f for f in listed.stdout.split() if Path(f).suffix in (".jpg", ".png", ".exr", ".mp4", ".npz")]
    for file in carried:
        if not file.startswith("tests/"):
            assert f"`{file}`" in licences, file


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_imports_stand_at_the_top_outside_the_command_line(source: Path):
    if "cli" in source.relative_to(ROOT / "src/secondunit").parts:
        pytest.skip("commands load what they need when they run")
    for function in (n for n in ast.walk(ast.parse(source.read_text())) if isinstance(n, ast.FunctionDef)):
        late = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not late, f"{source.name}: {function.name} imports inside"
