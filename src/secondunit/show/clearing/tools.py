"""The register of tools that may run, as declarations name them. What is not in it is declared as unknown."""

from collections.abc import Mapping
from dataclasses import replace

from secondunit import __version__
from secondunit.clearance.gate import Runs
from secondunit.clearance.policy.canonical import digest_of
from secondunit.clearance.policy.records import ToolRecord
from secondunit.generate.shipped import SHIPPED

HOUSE = ToolRecord(
    id="secondunit",
    version=__version__,
    method="procedural",
    registered="yes",
    hosting="local",
    network="none",
    licence="open",
    trains_on_inputs="no",
    retention="none",
    training_data="not_applicable",
    talent_model="no",
)
"""Simulation and comp: physics and arithmetic, nothing trained, nothing sent."""

_GENERATORS = (
    replace(HOUSE, id="procedural", version="1"),
    replace(
        HOUSE,
        id="embedded",
        version="4",
        method="trained",
        weights_digest=SHIPPED,
        training_data="verified",
        training_statement="docs/model-card.md: simulations of our own, made by training/data.py from numbered seeds",
    ),
)
REGISTER: Mapping[tuple[str, str], ToolRecord] = {(tool.id, tool.version): tool for tool in _GENERATORS}
"""Generators by name and version; one that has weights is here with their digest."""


def tool_of(generator: Runs) -> ToolRecord:
    """Return the register's record of a generator; where it has none, or other weights, one that knows nothing."""
    found = REGISTER.get((generator.name, generator.version))
    if found is None or found.weights_digest != generator.weights_digest:
        return ToolRecord(
            id=generator.name,
            version=generator.version,
            weights_digest=generator.weights_digest,
            registered="no",
        )
    return found


def register_digest() -> str:
    """Return the SHA-256 of the register."""
    return digest_of([HOUSE, *REGISTER.values()])
