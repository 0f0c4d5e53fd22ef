"""What a verification finds, each finding with the file, and with the frame and the region where it is known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from secondunit.clearance.provenance.manifest import ReadManifest
from secondunit.clearance.provenance.pixels import Region

Kind = Literal[
    "missing",
    "extra",
    "changed",
    "damaged",
    "unsigned",
    "untrusted",
    "false_claim",
    "other_delivery",
    "no_timestamp",
    "ingredient",
    "litter",
]
NOTES: frozenset[Kind] = frozenset(("no_timestamp", "ingredient", "litter"))

_FIX: dict[Kind, str] = {
    "missing": "ask for the file again",
    "extra": "remove it, or ask who put it there",
    "changed": "ask for the file again; what was approved is not what lies here",
    "damaged": "ask for the file again",
    "unsigned": "do not accept it: nothing says where it comes from",
    "untrusted": "do not accept it; check that these are the show's anchors",
    "false_claim": "do not accept it; ask whoever signed it",
    "other_delivery": "ask for the delivery that the ledger names",
    "no_timestamp": "sign with a time-stamp authority before a release",
    "ingredient": "ask where that material comes from",
    "litter": "remove it",
}
_WORDS = {
    "signingCredential.untrusted": "signed by somebody who is not trusted here",
    "signingCredential.expired": "its certificate has ended, and no time-stamp says that it was signed before",
    "signingCredential.invalid": "its certificate is not fit to sign",
    "assertion.dataHash.mismatch": "its bytes are not those that were signed",
    "assertion.bmffHash.mismatch": "its bytes are not those that were signed",
    "claimSignature.mismatch": "its signature does not hold",
    "assertion.hashedURI.mismatch": "its manifest was altered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it was signed, or that a reader should know."""

    path: Path
    kind: Kind
    message: str
    frame: int | None = None
    """Frame number of a sequence; of a movie, counted from 1."""
    region: Region | None = None
    """Left, top, right, bottom in pixels of the picture, inclusive."""

    @property
    def level(self) -> Literal["bad", "note"]:
        """Whether it is wrong, or only said."""
        return "note" if self.kind in NOTES else "bad"

    @property
    def fix(self) -> str:
        """What to do."""
        return _FIX[self.kind]

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked at, and what was found."""

    findings: tuple[Finding, ...]
    files: int
    frames: int
    root: str
    """Of the delivery that was verified; empty for a lone file."""
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether something was verified and nothing is wrong with it."""
        return self.files > 0 and all(finding.level == "note" for finding in self.findings)


def manifest_findings(path: Path, read: ReadManifest) -> list[Finding]:
    """Return what is wrong with a manifest: anything but ``Trusted`` is."""
    if not read.state:
        return [Finding(path=path, kind="unsigned", message="carries no manifest")]
    found = [
        Finding(path=path, kind="ingredient", message=f"something it was made from: {plain_words((code,))}")
        for code in read.ingredient_failures
    ]
    if not read.trusted:
        kind: Kind = "changed" if any("Hash.mismatch" in code for code in read.failures) else "untrusted"
        found.append(Finding(path=path, kind=kind, message=plain_words(read.failures) or f"reads as {read.state}"))
    return found


def plain_words(codes: tuple[str, ...]) -> str:
    """Return C2PA's failure codes in words."""
    return "; ".join(dict.fromkeys(_WORDS.get(code, code) for code in codes))
