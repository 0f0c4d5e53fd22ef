"""A folder of weights on this machine, looked at without loading it: which pipeline, whole or not, how large, which.

Nothing here opens a connection. Pickled weights are refused: loading one runs whatever code is in it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondunit.core.errors import BackendError
from secondunit.core.recipe import digest
from secondunit.media.digest import file_digest

INDEX = "model_index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack", ".h5")
_LIBRARIES = ("diffusers", "transformers", "ltx2")
"""Where a part's class may come from; the last is diffusers' own name for a folder of its own."""
_ALIASES = {
    "LTXPipeline": "LTXConditionPipeline",
    "LTXImageToVideoPipeline": "LTXConditionPipeline",
    "LTX2Pipeline": "LTX2InContextPipeline",
    "LTX2ConditionPipeline": "LTX2InContextPipeline",
    "LTX2ImageToVideoPipeline": "LTX2InContextPipeline",
}
"""Pipelines whose weights are the same as of the one that takes our control buffers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFolder:
    """A diffusers folder."""

    folder: Path
    pipeline: str
    """Class that runs it with control buffers."""
    parts: tuple[tuple[str, int], ...]
    """Each component with weights, and its bytes on disk."""
    files: tuple[Path, ...]
    """All that is read, relative and sorted."""

    @property
    def size(self) -> int:
        """Bytes of all weights."""
        return sum(size for _, size in self.parts)

    def digest(self) -> str:
        """Return the SHA-256 over name and content of every file that is read; takes a second for some gigabytes."""
        return digest({path.as_posix(): file_digest(self.folder / path) for path in self.files})


def read_weights(folder: Path, *, known: frozenset[str]) -> WeightFolder:
    """Look at a folder of weights.

    Parameters
    ----------
    known
        Pipelines that can be driven.

    Raises
    ------
    BackendError
        It is missing or incomplete, holds another kind of model, or weights that are pickled.
    """
    if not folder.is_dir():
        raise BackendError(
            f"there are no weights at {folder}",
            fix="fetch the model's diffusers folder yourself, by its licence, and name it in [clip] model",
        )
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackendError(f"{folder} has no {INDEX}", fix="name the folder in the diffusers layout") from None
    except (OSError, ValueError) as error:
        raise BackendError(f"{folder / INDEX} cannot be read: {error}", fix="fetch it again") from error
    named = str(index.get("_class_name", ""))
    pipeline = _ALIASES.get(named, named)
    if pipeline not in known:
        raise BackendError(
            f"{folder} holds a {named or 'model of no kind'}, which takes no control buffers of ours",
            fix=f"use weights of {', '.join(sorted(known))}",
        )
    components = _components(folder, index)
    pickles = sorted(p.name for p in folder.rglob("*") if p.suffix in _PICKLES)
    parts = tuple((name, _weight_bytes(folder / name)) for name in components)
    if pickles and not sum(size for _, size in parts):
        raise BackendError(
            f"{folder} holds pickled weights ({pickles[0]})", fix="use the .safetensors files of the model"
        )
    for name, size in parts:
        if not size and (folder / name / "config.json").is_file():
            raise BackendError(f"{folder / name} has no .safetensors", fix="fetch that folder whole")
    files = sorted(
        path.relative_to(folder)
        for name in components
        for path in (folder / name).rglob("*")
        if path.is_file() and path.suffix not in _PICKLES and not path.name.startswith(".")
    )
    return WeightFolder(
        folder=folder,
        pipeline=pipeline,
        parts=tuple((name, size) for name, size in parts if size),
        files=(Path(INDEX), *files),
    )


def _components(folder: Path, index: dict[str, Any]) -> list[str]:
    found = []
    for name, said in sorted(index.items()):
        if name.startswith("_") or not isinstance(said, list) or len(said) != 2 or said[0] is None:
            continue
        # A class from anywhere else would be code that lies beside the weights.
        if said[0] not in _LIBRARIES:
            raise BackendError(
                f"{folder / INDEX} asks for {said[0]}.{said[1]}, which is code that we do not run",
                fix="use a folder whose parts are all of diffusers and transformers",
            )
        if not (folder / name).is_dir():
            raise BackendError(f"{folder} lacks its {name}", fix="fetch that folder too")
        found.append(name)
    return found


def _weight_bytes(part: Path) -> int:
    """Return the bytes of a part's weights, each shard of its index being there."""
    for path in sorted(part.glob("*.safetensors.index.json")):
        try:
            shards = sorted(set(json.loads(path.read_text(encoding="utf-8"))["weight_map"].values()))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise BackendError(f"{path} cannot be read", fix="fetch it again") from error
        for shard in shards:
            if not (part / shard).is_file():
                raise BackendError(f"{part} lacks {shard}", fix="fetch the rest of that folder")
    return sum(path.stat().st_size for path in part.glob("*.safetensors"))
