"""The moment at which a use is judged, with the facts that only that moment has.

They are no part of the declaration, so that what happens after an approval does not void it.
"""

from dataclasses import dataclass
from typing import Literal

from secondunit.clearance.policy.records import HumanWork
from secondunit.clearance.policy.vocabulary import Answer, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When, and what is known then."""

    moment: Moment = "run"
    manifest: Literal["trusted", "valid", "invalid", "none", "unsure"] = "unsure"
    """State of the output's manifest as read back."""
    timestamped: Answer = "unsure"
    """By a trusted time-stamp authority."""
    anchored: Answer = "unsure"
    """The output's digest is in the ledger."""
    source_type_listed: Answer = "unsure"
    """Source type and actions are from the closed list and agree with the lineage."""
    strips_mark: Answer = "unsure"
    uses_temp: Answer = "unsure"
    """A temp's digest, or a picture like one, is in the final."""
    ai_only_region: Answer = "no"
    """The region is marked as generated only, to be disclaimed."""
    human_work: tuple[HumanWork, ...] = ()
    """What people did after the tool ran."""
    replica_access: Literal["none", "read", "copy", "export", "transfer", "unsure"] = "none"
    biometrics_outside: Answer = "no"
    plan_shown_to_director: Answer = "unsure"
