"""Recipes: all it takes to make the same pixels. At once cache key, reproducibility record and provenance."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from fractions import Fraction
from typing import Any


def canonical(value: Any) -> Any:
    """Return a value as plain JSON: dataclasses as objects, tuples as lists, fractions as text.

    Raises
    ------
    TypeError
        The value has no canonical form (a float array, an open file).
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {key: canonical(item) for key, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form in a recipe")


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON, as 64 hex digits.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One stage of work, wholly said."""

    stage: str
    stage_version: int
    """Raised whenever the stage's code changes what it makes."""
    backend: str = ""
    weights_digest: str = ""
    seed: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Digest of each input by its name; an earlier stage's recipe digest stands for its output."""

    @property
    def digest(self) -> str:
        """The recipe's own SHA-256."""
        return digest(self)
