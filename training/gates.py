"""Which metrics may judge, and what they judge.

A metric that ranks the controls wrongly is dropped. Those that are left gate jointly: an entrant passes where it passes
every gate in every scene and block. No number passes anybody alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Measures = Mapping[str, Any]
"""One entrant's measures in one scene."""
Scene = Mapping[str, Measures]

AGREE = 0.8
"""Share of scenes and blocks in which a control must come out right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that a metric must see."""

    metric: str
    says: str
    right: Callable[[Any, Callable[[str], Any]], bool]
    """From the first entrant's value and a look-up of others'."""
    of: str
    """The entrant whose value is checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Limits of a metric. ``against`` names an entrant whose value is taken off first."""

    name: str
    metric: str
    low: float | None = None
    high: float | None = None
    against: str | None = None
    sign: float = 1.0
    free: bool | None = None
    """Only where the coarse solver has run free for long (True), only where not (False), or wherever (None)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One gate, one entrant, one scene and block."""

    entrant: str
    scene: int
    block: str
    gate: str
    value: float
    low: float | None
    high: float | None
    passed: bool

    @property
    def excess(self) -> float:
        """How far outside its limits, in shares of the limit; negative inside."""
        over = -1.0 if self.high is None else (self.value - self.high) / max(abs(self.high), 1e-3)
        under = -1.0 if self.low is None else (self.low - self.value) / max(abs(self.low), 1e-3)
        return max(over, under)


def _check(metric: str, of: str, says: str, right: Callable[[Any, Callable[[str], Any]], bool]) -> Check:
    return Check(metric=metric, of=of, says=says, right=right)


CHECKS = (
    _check("psnr_db", "blurred", "a soft truth is nearer than a quarter-size one", lambda x, of: x > of("down_up")),
    _check("psnr_db", "regression", "regression is nearer than procedural", lambda x, of: x > of("procedural")),
    _check("ssim", "blurred", "a soft truth is more like it than a quarter-size one", lambda x, of: x > of("down_up")),
    _check("ssim", "noisy", "noise is seen", lambda x, of: x < 0.995),
    _check("ssim", "regression", "regression is more like it than procedural", lambda x, of: x > of("procedural")),
    _check("alpha_l1", "blurred", "a soft truth is nearer than the coarse render", lambda x, of: x < of("coarse")),
    _check("alpha_l1", "regression", "regression is nearer than procedural", lambda x, of: x < of("procedural")),
    _check("log_spectrum_db", "shuffled", "the truth's other frames pass", lambda x, of: x < 1.5),
    _check("log_spectrum_db", "blurred", "softness fails", lambda x, of: x > 3.0),
    _check("log_spectrum_db", "down_up", "a quarter-size picture fails", lambda x, of: x > 3.0),
    _check("log_spectrum_db", "noisy", "noise fails", lambda x, of: x > 3.0),
    _check(
        "log_spectrum_db", "regression", "regression is further than the truth's own", lambda x, of: x > of("shuffled")
    ),
    _check("high_energy", "shuffled", "the truth's other frames pass", lambda x, of: 0.8 < x < 1.25),
    _check("high_energy", "blurred", "softness fails", lambda x, of: x < 0.8),
    _check("high_energy", "down_up", "a quarter-size picture fails", lambda x, of: x < 0.8),
    _check("high_energy", "noisy", "noise fails", lambda x, of: x > 1.25),
    _check("temporal", "shuffled", "frames out of order fail", lambda x, of: x > 1.1),
    _check("temporal", "noisy", "boiling fails", lambda x, of: x > 1.1),
    _check("temporal", "blurred", "softness does not flicker", lambda x, of: x < 1.1),
    _check("temporal_own", "shuffled", "frames out of order fail", lambda x, of: x > 1.1),
    _check("temporal_own", "noisy", "boiling fails", lambda x, of: x > 1.1),
    _check(
        "calibration_self", "embedded", "a draw in the truth's place is one of the draws", lambda x, of: 0.85 < x < 1.18
    ),
    _check("streaks", "streaked", "brushed light fails", lambda x, of: x > 1.15),
    _check("streaks", "noisy", "grain is no streak", lambda x, of: x < 1.0),
    _check("rim", "rimmed", "a dark line fails", lambda x, of: x < 0.9),
    _check("rim", "noisy", "grain is no rim", lambda x, of: 0.95 < x < 1.05),
    _check("pinholes", "holed", "pricked clouds fail", lambda x, of: x > 2.0),
    _check("pinholes", "blurred", "softness makes no holes", lambda x, of: x < 1.0),
    _check("specks", "flecked", "dark dashes fail", lambda x, of: x > 5.0),
    _check("specks", "shuffled", "the truth's other frames pass", lambda x, of: x < 5.0),
    _check("specks", "blurred", "softness makes none", lambda x, of: x < 1.0),
    _check("grid", "gridded", "a faint grid fails", lambda x, of: x > 2.0),
    _check("grid", "noisy", "grain is no grid", lambda x, of: x < 2.0),
    _check("grid", "shuffled", "the truth's other frames pass", lambda x, of: x < 2.0),
    _check("silhouette", "blurred", "softness is smoother", lambda x, of: x < 1.0),
    _check("silhouette", "down_up", "a quarter-size picture is smoother", lambda x, of: x < 1.0),
    _check("silhouette", "shuffled", "the truth's other frames pass", lambda x, of: 0.9 < x < 1.1),
)

GATES = (
    Gate(name="log spectrum, dB", metric="log_spectrum_db", high=3.0),
    Gate(name="high-frequency energy", metric="high_energy", low=0.8, high=1.25),
    Gate(name="PSNR below regression, dB", metric="psnr_db", against="regression", sign=-1.0, high=3.3),
    Gate(name="alpha L1 above regression", metric="alpha_l1", against="regression", high=0.01),
    Gate(name="temporal", metric="temporal", low=0.9, high=1.1, free=False),
    Gate(name="temporal, own motion", metric="temporal_own", low=0.9, high=1.1, free=True),
    Gate(name="spread over skill", metric="calibration_luma", low=0.9, high=1.1, free=False),
    Gate(name="low band between micro seeds", metric="micro_low_band", high=1e-3),
    Gate(name="streaks", metric="streaks", high=1.15),
    Gate(name="rim", metric="rim", low=0.9, high=1.1),
    Gate(name="pinholes more than the truth, in 10,000 px", metric="pinholes", high=2.0),
    Gate(name="flecks more than the truth, in 10,000 px", metric="specks", high=5.0),
    Gate(name="grid", metric="grid", high=2.0),
    Gate(name="silhouette", metric="silhouette", low=0.85, high=1.15),
)
_JUDGED_BY = {"calibration_luma": "calibration_self", "micro_low_band": ""}
"""Whose controls stand for a metric that has none of its own."""


def values_of(measures: Measures, metric: str) -> dict[str, float]:
    """Return a metric's values by block; the block of a whole scene is ``""``."""
    value = measures.get(metric)
    if value is None:
        return {}
    return dict(value) if isinstance(value, Mapping) else {"": float(value)}


def hold_controls(scenes: Mapping[int, Scene]) -> list[dict[str, Any]]:
    """Return what became of each check: metric, words, right and asked (numbers of scenes and blocks), passed.

    A check that could not be asked anywhere (no weights) has passed None.
    """
    said = []
    for check in CHECKS:
        right = asked = 0
        for scene in scenes.values():
            for block, value in values_of(scene.get(check.of, {}), check.metric).items():

                def other(name: str, scene: Scene = scene, block: str = block, check: Check = check) -> float:
                    return values_of(scene[name], check.metric)[block]

                asked += 1
                right += check.right(value, other)
        said.append(
            {
                "metric": check.metric, "says": check.says, "of": check.of, "right": right, "asked": asked,
                "passed": right >= AGREE * asked if asked else None,
            }
        )  # fmt: skip
    return said


def dropped(controls: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the metrics that may not judge, each with what it got wrong."""
    out: dict[str, list[str]] = {}
    for line in controls:
        if line["passed"] is False:
            out.setdefault(line["metric"], []).append(line["says"])
    return out


def rule(
    scenes: Mapping[int, Scene], entrant: str, *, without: Mapping[str, Any], free: frozenset[int] = frozenset()
) -> list[Ruling]:
    """Return an entrant's rulings by every gate whose metric may judge, the worst first.

    Parameters
    ----------
    without
        Metrics that may not.
    free
        Scenes whose coarse solver has run free for long.
    """
    out = []
    for gate in GATES:
        if _JUDGED_BY.get(gate.metric, gate.metric) in without:
            continue
        for seed, scene in scenes.items():
            if gate.free is not None and gate.free != (seed in free):
                continue
            base = values_of(scene.get(gate.against or "", {}), gate.metric)
            for block, value in values_of(scene.get(entrant, {}), gate.metric).items():
                if gate.against is not None and block not in base:
                    continue
                off = base[block] if gate.against is not None else 0.0
                told = gate.sign * (value - off)
                passed = (gate.low is None or told >= gate.low) and (gate.high is None or told <= gate.high)
                out.append(
                    Ruling(
                        entrant=entrant, scene=seed, block=block, gate=gate.name, value=told, low=gate.low,
                        high=gate.high, passed=passed,
                    )
                )  # fmt: skip
    return sorted(out, key=lambda r: -r.excess)
