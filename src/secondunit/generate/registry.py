"""The generators there are. One that cannot run says so; nothing falls back in silence."""

from collections.abc import Callable

from secondunit.core.errors import BackendError
from secondunit.generate.embedded import Embedded
from secondunit.generate.procedural import Procedural
from secondunit.generate.protocol import Generator

_GENERATORS: dict[str, Callable[[], Generator]] = {"embedded": Embedded, "procedural": Procedural}


def generator_names() -> tuple[str, ...]:
    """Return the names that ``get_generator`` knows, sorted."""
    return tuple(sorted(_GENERATORS))


def get_generator(name: str) -> Generator:
    """Return a generator by name.

    Raises
    ------
    BackendError
        There is none of that name.
    """
    try:
        make = _GENERATORS[name]
    except KeyError:
        raise BackendError(
            f"there is no generator {name!r}", fix=f"use one of: {', '.join(generator_names())}"
        ) from None
    return make()
