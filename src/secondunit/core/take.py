"""Takes and what checks said of them."""

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["note", "warning", "blocker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check saw."""

    check: str
    severity: Severity
    message: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """What this take varies against the brief; each names a person's idea of 'another one'."""

    motion: int = 0
    """Added to the collapse's seed: how it breaks and falls."""
    dust: float = 1.0
    """Times the brief's billow scale and amount."""
    wind: float = 1.0
    """Times the brief's wind, negative turns it round."""
    detail: int = 0
    """Added to the generator's seed: fine structure only."""
    turbulence: int = 0
    """Added to the dust's seed: the same fall, other billows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One attempt, as ``take.json`` records it."""

    number: int
    kind: Literal["draft", "final"]
    axes: Axes
    recipe_digest: str
    frames: tuple[int, int]
    width: int
    height: int
    seconds: dict[str, float] = field(default_factory=dict)
    plate_lock_max_abs_diff: float = 0.0
    findings: tuple[Finding, ...] = ()
    recipes: dict[str, Any] = field(default_factory=dict)
