"""The registers of tools that may run, as declarations name them. What is in none is declared as unknown.

The product's own is code. A show's own, of the clip models that it brings, is in its ledger (``clearing/register.py``).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from secondunit import __version__
from secondunit.clearance.gate import Named, Runs
from secondunit.clearance.keys import verify
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.people import ring_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.canonical import digest_of
from secondunit.clearance.policy.records import ToolRecord
from secondunit.core.errors import BriefError
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
        version="5",
        method="trained",
        weights_digest=SHIPPED,
        training_data="verified",
        training_statement="docs/model-card.md: simulations of our own, made by training/data.py from numbered seeds",
    ),
)
REGISTER: Mapping[tuple[str, str], ToolRecord] = {(tool.id, tool.version): tool for tool in _GENERATORS}
"""Generators by name and version; one that has weights is here with their digest."""

REGISTRARS = ("security", "legal", "studio", "vfx_supervisor")
"""Roles that may enter a tool in a show's register."""
SAYS = "registers tool"
"""What a signature under such an entry says."""


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


def registered_tool(generator: Named, ledger: Ledger) -> ToolRecord:
    """Return the show's record of a clip generator with these very weights; where it has none, one that knows nothing.

    The last entry counts. One that is not signed by a key of the show, in a role that answers for tools, is none.
    """
    wanted = (generator.name, generator.version, generator.weights_digest)
    for entry in reversed(ledger.entries(kind="tool")):
        tool = _read(entry, ledger)
        if tool is not None and (tool.id, tool.version, tool.weights_digest) == wanted:
            return tool
    return ToolRecord(id=wanted[0], version=wanted[1], weights_digest=wanted[2], registered="no")


def _read(entry: Entry, ledger: Ledger) -> ToolRecord | None:
    facts: dict[str, Any] = dict(entry.facts)
    signature, role = str(facts.pop("signature", "")), str(facts.get("role", ""))
    ring = ring_of(ledger)
    key = ring.find(str(facts.get("key_id", "")), role=role) if role in REGISTRARS else None
    if key is None or not ring.in_force(key.key_id, at=entry.at) or not verify(key.public, SAYS, facts, signature):
        return None
    try:
        said = dict(facts["tool"])
        return ToolRecord(**{k: v for k, v in said.items() if v is not None})
    except (TypeError, KeyError, ValueError, BriefError):
        return None
