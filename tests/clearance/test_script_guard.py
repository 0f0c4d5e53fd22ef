"""Scripts are read as places and left as they were; nothing in the package can reach or return their words."""

import ast
import dataclasses
import gc
import os
import re
import tomllib
import types
import typing
from collections.abc import Sequence
from pathlib import Path

import pytest

import secondunit
from secondunit.clearance.guard import script_guard
from secondunit.clearance.guard.script_guard import LIMIT_BYTES, Receipt, ScriptReader, ScriptRef, open_script
from secondunit.core.collapse import Detail
from secondunit.core.errors import BriefError, StoreError
from secondunit.generate.protocol import Generator
from secondunit.imaging.buffers import ControlBuffers

PACKAGE = Path(secondunit.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
GUARD = PACKAGE / "clearance" / "guard" / "script_guard.py"
SECRET = "zanzibarwhisper"
FOUNTAIN = f"""Title: X

INT. KITCHEN - NIGHT

ANA
The {SECRET} is under the floor.

EXT. STREET - DAY

It falls.

.FORCED HEADING

...not a heading
"""
FDX = f"""<FinalDraft><Content>
<Paragraph Type="Scene Heading"><Text>INT. KITCHEN</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>{SECRET}</Text></Paragraph>
<Paragraph Number="2" Type="Scene Heading"><Text>EXT. STREET</Text></Paragraph>
</Content></FinalDraft>
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "pilot.fountain"
    path.write_text(FOUNTAIN)
    return path


def test_a_script_is_found_by_scene_and_left_as_it_was(script: Path):
    before, stat = script.read_bytes(), script.stat()
    with open_script(script) as reader:
        assert reader.scenes == 3
        assert reader.scene(1) == ScriptRef(script_sha256=reader.sha256, scene=1, first_line=3, last_line=7)
        assert reader.scene(3).last_line == 14
        assert reader.lines(8, 9).scene == 2
        assert reader.lines(1, 1).scene == 0
        with pytest.raises(StoreError, match="still open"):
            reader.receipt()
    assert reader.receipt().unchanged
    assert reader.receipt().size == len(before)
    assert script.read_bytes() == before
    assert script.stat().st_mtime_ns == stat.st_mtime_ns


def test_a_final_draft_file_is_found_by_scene(tmp_path: Path):
    path = tmp_path / "pilot.fdx"
    path.write_text(FDX)
    with open_script(path) as reader:
        assert [reader.scene(n).first_line for n in (1, 2)] == [2, 4]


def test_a_script_that_changes_while_it_is_open_is_an_error(script: Path):
    with pytest.raises(StoreError, match="changed while it was open"), open_script(script):
        script.write_text(FOUNTAIN + "INT. MORE\n")


def test_a_script_that_nobody_may_write_can_be_read(script: Path):
    script.chmod(0o400)
    with open_script(script) as reader:
        assert reader.scenes == 3


def test_the_file_is_opened_for_reading_only(script: Path, monkeypatch: pytest.MonkeyPatch):
    opened: list[int] = []
    real = os.open

    def watch(path: object, flags: int, *more: int) -> int:
        opened.append(flags)
        return real(path, flags, *more)

    monkeypatch.setattr(script_guard.os, "open", watch)
    with open_script(script):
        pass
    assert len(opened) == 2
    assert all(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND) == 0 for flags in opened)


@pytest.mark.parametrize(
    "act",
    [
        lambda r: r.scene(0),
        lambda r: r.scene(4),
        lambda r: r.lines(0, 1),
        lambda r: r.lines(3, 2),
        lambda r: r.lines(1, 999),
    ],
)
def test_a_place_that_is_not_there_is_refused_without_a_word_of_the_script(script: Path, act):
    with open_script(script) as reader, pytest.raises(BriefError) as error:
        act(reader)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("name", ["pilot.pdf", "pilot.docx", "pilot", "none.fountain"])
def test_what_is_no_script_is_refused(tmp_path: Path, name: str):
    if not name.startswith("none"):
        (tmp_path / name).write_text("INT. X\n")
    with pytest.raises(BriefError), open_script(tmp_path / name):
        pass


def test_a_file_too_large_for_a_script_is_refused(tmp_path: Path):
    path = tmp_path / "big.txt"
    with path.open("wb") as handle:
        handle.truncate(LIMIT_BYTES + 1)
    with pytest.raises(BriefError, match="bytes"), open_script(path):
        pass


def reachable(value: object) -> list[object]:
    """Everything that a value holds, however deep; types and modules aside."""
    found, todo = [], [value]
    seen: set[int] = set()
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type | types.ModuleType | types.FunctionType):
            continue
        seen.add(id(one))
        found.append(one)
        todo += gc.get_referents(one)
    return found


def words_in(value: object) -> str:
    texts = [
        o if isinstance(o, str) else o.decode("utf-8", "replace")
        for o in reachable(value)
        if isinstance(o, str | bytes)
    ]
    return "\n".join(texts)


def test_no_word_is_held_while_the_reader_is_open(script: Path):
    class Leaky(ScriptReader):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self.kept = {"lines": [path.read_bytes()]}

    assert SECRET in words_in(Leaky(script)), "the search finds what is held"
    with open_script(script) as reader:
        assert SECRET not in words_in(reader)
        assert SECRET not in words_in(reader.scene(1))
        assert SECRET not in repr(reader) + repr(reader.scene(1))
    assert SECRET not in words_in(reader.receipt())


def test_what_the_reader_gives_has_no_room_for_prose():
    for value in (ScriptRef, Receipt):
        for field in dataclasses.fields(value):
            assert field.type in ("int", int) or "sha256" in field.name, field.name
    public = {name: item for name, item in vars(ScriptReader).items() if not name.startswith("_")}
    allowed = {int, ScriptRef, Receipt}
    for name, item in public.items():
        function = item.fget if isinstance(item, property) else item
        if isinstance(function, types.FunctionType):
            assert typing.get_type_hints(function)["return"] in allowed, name
        else:
            assert isinstance(item, types.MemberDescriptorType), name
            assert name in ("sha256", "size")


def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def strings(tree: ast.Module) -> list[str]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_no_other_module_knows_script_files_or_the_inside_of_the_reader():
    formats = re.compile(r"\.(?:fountain|fdx|celtx|fadein|highland)\b", re.IGNORECASE)
    reading = [PACKAGE / "prep/script", PACKAGE / "cli/prep/read.py"]  # prep reads scripts, and its command names them
    for path, tree in trees().items():
        if path == GUARD or any(path.is_relative_to(room) for room in reading):
            continue
        assert not any(formats.search(text) for text in strings(tree)), path
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "secondunit.clearance.guard.script_guard":
                names = {alias.name for alias in node.names}
                assert names <= {"ScriptReader", "ScriptRef", "Receipt", "open_script"}, path


def test_the_reader_writes_nothing_and_gives_nothing_to_generators():
    tree = ast.parse(GUARD.read_text(encoding="utf-8"))
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"write", "write_text", "write_bytes", "read_text", "read_bytes", "read", "readlines", "print"}
    for path, tree in trees().items():
        room = path.relative_to(PACKAGE).parts[0]
        imports = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        if room in ("generate", "fx", "comp", "media", "imaging", "core", "farm"):
            assert not any("script_guard" in module for module in imports), path


def test_no_generator_can_be_given_text():
    """A generator is given numbers: walk all that ``generate`` takes, down to the leaves."""
    hints = typing.get_type_hints(Generator.generate)
    given = {name: hint for name, hint in hints.items() if name != "return"}
    assert given == {"buffers": ControlBuffers, "detail": Detail, "beside": Sequence[ControlBuffers]}
    words = {
        (kind.__name__, field.name)
        for kind in (ControlBuffers, Detail)
        for field in dataclasses.fields(kind)
        if "str" in str(typing.get_type_hints(kind)[field.name])
    }
    assert words == {("ControlBuffers", "slab"), ("ControlBuffers", "channels")}, "a name of a slab, names of channels"


def test_nothing_that_writes_text_is_installed_with_the_package():
    root = PACKAGE.parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = " ".join(project["dependencies"]).lower()
    for name in (
        "transformers",
        "openai",
        "anthropic",
        "llama",
        "vllm",
        "langchain",
        "google-genai",
        "mistral",
        "ollama",
    ):
        assert name not in wanted
    for path, tree in trees().items():
        for node in ast.walk(tree):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {m.split(".")[0] for m in modules} & {"transformers", "openai", "anthropic", "vllm"}, path
