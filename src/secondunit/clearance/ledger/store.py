"""The ledger itself: append, read, erase."""

from collections.abc import Mapping
from typing import Any

from secondunit.clearance.keys import SigningKey
from secondunit.clearance.ledger.entry import Entry, Kind


class Ledger:
    """An open ledger. Safe to use from many processes and after a fork."""

    def __init__(self, url: str, *, policy: str = "") -> None:
        """Open the ledger, its tables made where missing; each entry carries the policy's digest."""
        raise NotImplementedError

    def append(self, kind: Kind, body: Mapping[str, Any], *, private: Mapping[str, Any] | None = None) -> Entry:
        """Append an entry and return it once it is committed."""
        raise NotImplementedError

    def entries(self, *, kind: Kind | None = None) -> tuple[Entry, ...]:
        """Return the entries, oldest first."""
        raise NotImplementedError

    def private(self, entry: Entry) -> Mapping[str, Any] | None:
        """Return an entry's private body; None where it has none or its key was erased."""
        raise NotImplementedError

    def erase(self, entry: Entry, *, reason: str) -> Entry:
        """Destroy the key of an entry's private body; return the erasure's own entry."""
        raise NotImplementedError
