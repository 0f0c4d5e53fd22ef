"""The clip backends there are. Each loads its libraries when it is asked for; one that cannot run says why."""

import importlib.util
from importlib import import_module
from pathlib import Path
from typing import cast

from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError
from secondunit.generate.clip import ClipGenerator

_HOMES = {
    "diffusers": (
        "secondunit.generate.clip_diffusers",
        "DiffusersClip",
        ("torch", "diffusers", "transformers", "accelerate", "ftfy"),
    ),
    "comfyui": ("secondunit.generate.comfyui.backend", "ComfyClip", ("websockets",)),
}
"""Module, class and the libraries that only it needs."""


def clip_backends() -> tuple[str, ...]:
    """Return the names that ``get_clip_generator`` knows, sorted."""
    return tuple(sorted(_HOMES))


def get_clip_generator(brief: ClipBrief, *, folder: Path) -> ClipGenerator:
    """Return the clip generator of a brief.

    Parameters
    ----------
    folder
        The shot's: files in the brief are relative to it.

    Raises
    ------
    BackendError
        There is none of that name, a library is not installed, or it cannot run as briefed.
    """
    if brief.backend not in _HOMES:
        raise BackendError(
            f"there is no clip backend {brief.backend!r}", fix=f"use one of: {', '.join(clip_backends())}"
        )
    module, name, needs = _HOMES[brief.backend]
    missing = [library for library in needs if importlib.util.find_spec(library) is None]
    if missing:
        raise BackendError(
            f"the {brief.backend} backend needs {', '.join(missing)}, not installed here",
            fix=f"pip install 'secondunit[{brief.backend}]'",
        )
    try:
        home = import_module(module)
    except ImportError as error:
        raise BackendError(
            f"the {brief.backend} backend cannot load: {error}", fix=f"pip install -U 'secondunit[{brief.backend}]'"
        ) from error
    return cast("ClipGenerator", getattr(home, name)(brief, folder=folder))
