"""One verification while it runs: what was read, what was seen, what was found."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secondunit.clearance.provenance.authority import Trust
from secondunit.clearance.provenance.claims import claim_findings
from secondunit.clearance.provenance.delivery_list import DeliveryList, read_list
from secondunit.clearance.provenance.diagnose import diagnose_file, diagnose_picture
from secondunit.clearance.provenance.findings import Finding, Kind, manifest_findings
from secondunit.clearance.provenance.manifest import EMBEDDED, ReadManifest, read_embedded, read_sidecar
from secondunit.clearance.provenance.sequence import (
    SIDECAR,
    THREADS,
    FrameEntry,
    SequenceDocument,
    delivered_digest,
    read_sequence,
)
from secondunit.core.errors import StoreError

LITTER = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
NO_TIMESTAMP = "no trusted timestamp: only the show vouches for when it was signed"


@dataclass(slots=True, kw_only=True)
class Inspection:
    """What a verification holds together. Each signed document is read once."""

    trust: Trust
    findings: list[Finding] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    frames: int = 0
    root: str = ""
    _sequences: dict[Path, SequenceDocument | None] = field(default_factory=dict)
    _lists: dict[Path, DeliveryList | None] = field(default_factory=dict)

    def say(self, path: Path, kind: Kind, message: str, *, frame: int | None = None) -> None:
        """Add a finding."""
        self.findings.append(Finding(path=path, kind=kind, message=message, frame=frame))

    def sequence(self, path: Path) -> SequenceDocument | None:
        """Return a sequence manifest where it is trusted and true."""
        if path not in self._sequences:
            self._sequences[path] = self._read_sequence(path)
        return self._sequences[path]

    def list(self, path: Path) -> DeliveryList | None:
        """Return a delivery's list where it is trusted and true."""
        if path not in self._lists:
            self._lists[path] = self._read_list(path)
        return self._lists[path]

    def check_files(self, files: Iterable[tuple[Path, Mapping[str, Any]]]) -> None:
        """Compare files with their lines in a list; those that carry a manifest must carry a trusted one."""
        pairs = list(files)
        for (path, entry), digest in zip(pairs, _digests([p for p, _ in pairs]), strict=True):
            self.seen.add(path)
            if digest is None:
                self.say(path, "missing", "is not there")
            elif digest != entry["sha256"]:
                self.findings.append(diagnose_file(path, entry))
            elif path.suffix.lower() in EMBEDDED:
                self.check_embedded(path)

    def check_frames(self, folder: Path, entries: Iterable[FrameEntry]) -> None:
        """Compare frames with their entries in a sequence manifest."""
        chosen = list(entries)
        for entry, digest in zip(chosen, _digests([folder / e.file for e in chosen]), strict=True):
            path = folder / entry.file
            self.frames += path not in self.seen
            self.seen.add(path)
            if digest is None:
                self.say(path, "missing", f"frame {entry.frame} is not there", frame=entry.frame)
            elif digest != entry.sha256:
                self.findings.append(diagnose_picture(path, entry.print, frame=entry.frame))

    def check_lone(self, path: Path) -> None:
        """Verify a file that no list names: it must carry its own manifest."""
        if path.name in LITTER:
            self.say(path, "litter", "left by the operating system")
            return
        self.seen.add(path)
        if path.is_symlink() or path.suffix.lower() not in EMBEDDED:
            self.say(path, "unsigned", "nothing says where it comes from")
        else:
            self.check_embedded(path)

    def check_embedded(self, path: Path) -> None:
        """Verify the manifest in a file."""
        read = read_embedded(path, self.trust)
        self.findings += manifest_findings(path, read)
        if read.trusted:
            self.findings += claim_findings(path, read)
            self._note_time(path, read)

    def _signed(self, path: Path) -> tuple[bytes, ReadManifest] | None:
        """Return a document's bytes where its sidecar is trusted."""
        beside = path.with_name(path.name + SIDECAR)
        self.seen |= {path, beside}
        if not beside.is_file():
            self.say(path, "unsigned", f"{beside.name} is not beside it")
            return None
        try:
            data, manifest = path.read_bytes(), beside.read_bytes()
        except OSError as error:
            self.say(path, "damaged", f"cannot be read: {error.strerror}")
            return None
        read = read_sidecar(data, manifest, self.trust)
        self.findings += manifest_findings(path, read)
        if not read.trusted:
            return None
        self._note_time(path, read)
        return data, read

    def _read_sequence(self, path: Path) -> SequenceDocument | None:
        signed = self._signed(path)
        if signed is None:
            return None
        try:
            found = read_sequence(signed[0], path=path)
        except StoreError as error:
            self.say(path, "false_claim", error.message)
            return None
        self.findings += claim_findings(path, signed[1], sequence=found.statement)
        return found

    def _read_list(self, path: Path) -> DeliveryList | None:
        signed = self._signed(path)
        if signed is None:
            return None
        try:
            found = read_list(signed[0], path=path)
        except StoreError as error:
            self.say(path, "false_claim", error.message)
            return None
        self.findings += claim_findings(path, signed[1])
        return found

    def _note_time(self, path: Path, read: ReadManifest) -> None:
        """Say once that nobody outside vouches for the time."""
        if not read.signed_at and not any(finding.kind == "no_timestamp" for finding in self.findings):
            self.say(path, "no_timestamp", NO_TIMESTAMP)


def _digests(paths: list[Path]) -> list[str | None]:
    """Return the digest of each file; None where there is none (a link is none), empty where it cannot be read."""

    def digest(path: Path) -> str | None:
        try:
            return delivered_digest(path) if path.is_file() and not path.is_symlink() else None
        except StoreError:
            return ""

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(digest, paths))
