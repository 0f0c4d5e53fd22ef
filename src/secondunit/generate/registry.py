"""The generators there are. One that cannot run says so; nothing falls back in silence."""

from importlib import import_module

from secondunit.core.errors import BackendError
from secondunit.generate.protocol import Generator

_HOMES = {"embedded": "Embedded", "procedural": "Procedural"}
"""Class by name; its module has the generator's name, and is loaded, with its engine, when it is asked for."""


def generator_names() -> tuple[str, ...]:
    """Return the names that ``get_generator`` knows, sorted."""
    return tuple(sorted(_HOMES))


def get_generator(name: str) -> Generator:
    """Return a generator by name.

    Raises
    ------
    BackendError
        There is none of that name, or its engine is not installed.
    """
    if name not in _HOMES:
        raise BackendError(f"there is no generator {name!r}", fix=f"use one of: {', '.join(generator_names())}")
    try:
        module = import_module(f"secondunit.generate.{name}")
    except ImportError as error:
        raise BackendError(
            f"the generator {name!r} cannot load its engine: {error}", fix="install the package with what it needs"
        ) from error
    generator: Generator = getattr(module, _HOMES[name])()
    return generator
