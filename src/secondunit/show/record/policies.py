"""The rules a show is under: the packs that ship, its own signed ones, its consents; put on record as they change.

A show's own packs lie in ``SHOW/policy``, each beside its signatures; ``keys.toml`` there lists whose count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from secondunit.clearance.gate import Rules
from secondunit.clearance.ledger.entry import Entry
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.canonical import digest_of
from secondunit.clearance.policy.in_force import in_force, without
from secondunit.clearance.policy.library import load_packs, pins_of, production_keys, release_keys, shipped_packs
from secondunit.clearance.policy.pack import Pack
from secondunit.clearance.policy.signing import Pin
from secondunit.core.errors import BriefError
from secondunit.show.brief.consents import read_consents
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.show import Show

FOLDER = "policy"
KEYS = "keys.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRules:
    """What a show is judged by today."""

    rules: Rules
    pinned: Mapping[str, Pin]
    """What the ledger last had of each pack."""

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The packs in force."""
        return in_force(self.rules.packs, on=self.rules.on)

    @property
    def digest(self) -> str:
        """SHA-256 over the packs in force."""
        return digest_of([pack.digest for pack in self.packs])

    def record(self, ledger: Ledger) -> None:
        """Put the packs on record where they are not those of the last entry."""
        pins = pins_of(self.rules.packs)
        if pins != self.pinned:
            said = {name: {"revision": pin.revision, "digest": pin.digest} for name, pin in sorted(pins.items())}
            ledger.append("policy", {"packs": [pack.name for pack in self.packs], "pins": said})


def rules_of(show: Show) -> ShowRules:
    """Return the rules that a show is under today.

    Raises
    ------
    ClearanceError
        A pack is not signed as it must be, is older than one that was in force, or may not be dropped.
    BriefError
        A pack or a consent cannot be read.
    """
    with ledger_of(show) as ledger:
        pins = _pins(ledger.entries(kind="policy"))
    packs = without(_packs(show, pins), dropped=show.settings.dropped_packs)
    consents = read_consents(show.root / "consents.toml")
    rules = Rules(packs=packs, consents=consents, on=datetime.now(UTC).date())
    return ShowRules(rules=rules, pinned=pins)


def _packs(show: Show, pins: Mapping[str, Pin]) -> tuple[Pack, ...]:
    packs = shipped_packs(pins=pins)
    folder = show.root / FOLDER
    if not folder.is_dir():
        return packs
    trusted = (*release_keys(), *(production_keys(folder / KEYS) if (folder / KEYS).is_file() else ()))
    own = load_packs(folder, trusted=trusted, pins=pins)
    twice = sorted({pack.id for pack in own} & {pack.id for pack in packs})
    if twice:
        raise BriefError(f"{folder} has a pack {twice[0]!r}, which ships with the product", fix="give it its own id")
    return (*packs, *own)


def _pins(entries: Iterable[Entry]) -> dict[str, Pin]:
    pins: dict[str, Pin] = {}
    for entry in entries:
        said = entry.facts.get("pins", {})
        for name, pin in said.items():
            found = Pin(revision=int(pin["revision"]), digest=str(pin["digest"]))
            if name not in pins or found.revision >= pins[name].revision:
                pins[name] = found
    return pins
