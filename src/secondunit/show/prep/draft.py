"""``script.json``: what a show remembers of its script. References, digests and sketches; never the prose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from secondunit.core.errors import StoreError
from secondunit.core.recipe import canonical
from secondunit.prep.script.revision import Change, SceneMark
from secondunit.prep.script.scenes import Scene
from secondunit.prep.script.sketch import content_digest, sketch_of
from secondunit.show.store.records import read_json, write_json

SCHEMA: Final = 1
_HEX: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneRef:
    """A scene by reference."""

    mark: SceneMark
    heading: str
    """As the script has it, at most 80 characters."""
    time_of_day: str
    eighths: int
    first_line: int
    last_line: int
    elements: tuple[str, ...]
    """Kind and lines of each paragraph: action 15-17."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The script as last read, and what became of the scenes of the one before."""

    file: str
    """Relative to the show's folder where it lies in there."""
    format: str
    language: str
    encoding: str
    sha256: str
    size: int
    lines: int
    key: str
    """Under which this show's sketches are made, in hex."""
    scenes: tuple[SceneRef, ...]
    orphaned: tuple[SceneMark, ...] = ()
    """Scenes of earlier drafts that are in none since: known again where they come back."""
    changes: tuple[Change, ...] = ()
    """Against the draft before; empty for the first."""
    earlier: tuple[str, ...] = ()
    """Digests of the drafts before, oldest first."""

    @property
    def marks(self) -> tuple[SceneMark, ...]:
        """The marks of its scenes."""
        return tuple(ref.mark for ref in self.scenes)

    @property
    def ids(self) -> dict[int, str]:
        """Scenes' ids by their ordinal."""
        return {mark.ordinal: mark.id for mark in self.marks}

    def path(self, root: Path) -> Path:
        """Return where the script lies."""
        return root / self.file


def refs_of(scenes: Sequence[Scene], ids: Mapping[int, str], *, key: bytes) -> tuple[SceneRef, ...]:
    """Return scenes by reference, under their ids by ordinal."""
    return tuple(
        SceneRef(
            mark=SceneMark(
                id=ids[scene.ordinal],
                ordinal=scene.ordinal,
                number=scene.number,
                numbered=scene.numbered,
                set_name=scene.set_name,
                int_ext=scene.int_ext,
                light=scene.light,
                page=scene.page,
                digest=content_digest(scene.elements, key=key),
                sketch=sketch_of(scene.elements, key=key),
            ),
            heading=scene.heading[:80],
            time_of_day=scene.time_of_day,
            eighths=scene.eighths,
            first_line=scene.first_line,
            last_line=scene.last_line,
            elements=tuple(f"{e.kind} {e.line}-{e.last_line}" for e in scene.elements),
        )
        for scene in scenes
    )


def renamed(refs: Sequence[SceneRef], ids: Mapping[int, str]) -> tuple[SceneRef, ...]:
    """Return references under other ids, by ordinal."""
    return tuple(replace(ref, mark=replace(ref.mark, id=ids[ref.mark.ordinal])) for ref in refs)


def write_draft(path: Path, draft: Draft) -> None:
    """Write ``script.json``.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    data: dict[str, Any] = {"schema": SCHEMA, **_plain(draft)}
    write_json(path, data)


def read_draft(path: Path) -> Draft | None:
    """Read ``script.json``; None where no script was read yet.

    Raises
    ------
    StoreError
        It is not what this version writes.
    """
    if not path.is_file():
        return None
    data = read_json(path)
    try:
        if data.pop("schema") != SCHEMA:
            raise KeyError("schema")
        scenes = tuple(_ref(row) for row in data.pop("scenes"))
        orphaned = tuple(_mark(row) for row in data.pop("orphaned"))
        changes = tuple(Change(**row) for row in data.pop("changes"))
        earlier = tuple(data.pop("earlier"))
        return Draft(**data, scenes=scenes, orphaned=orphaned, changes=changes, earlier=earlier)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(
            f"{path} is not what this version writes", fix="move it away and read the script again; lists stay"
        ) from error


def _plain(draft: Draft) -> dict[str, Any]:
    data: dict[str, Any] = canonical(draft)
    for ref in data["scenes"]:
        ref["mark"]["sketch"] = _packed(ref["mark"]["sketch"])
    for mark in data["orphaned"]:
        mark["sketch"] = _packed(mark["sketch"])
    return data


def _packed(sketch: Sequence[int]) -> str:
    return "".join(f"{value:0{_HEX}x}" for value in sketch)


def _mark(row: Mapping[str, Any]) -> SceneMark:
    text = row["sketch"]
    sketch = tuple(int(text[at : at + _HEX], 16) for at in range(0, len(text), _HEX))
    return SceneMark(**{**row, "sketch": sketch})


def _ref(row: Mapping[str, Any]) -> SceneRef:
    return SceneRef(**{**row, "mark": _mark(row["mark"]), "elements": tuple(row["elements"])})
