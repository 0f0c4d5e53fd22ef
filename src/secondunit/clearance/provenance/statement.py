"""What is said of a delivery: digests and codes only. No prompt, no name of a person, no biometrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from secondunit.clearance.provenance.lineage import Lineage, Source, Step, source_type

LABEL = "org.secondunit.ai-use"
SCHEMA = f"{LABEL}/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a delivery is and on whose word. Everything that can be a digest is one."""

    show: str
    shot: str
    version: str
    lineage: Lineage
    """Of the picture."""
    lineages: Mapping[str, Lineage] = field(default_factory=dict)
    """Of passes that differ from the picture, by the pass's name: ``cleanplate``."""
    picture: str = "comp"
    """The pass that the movies show."""
    recipe: str = ""
    use: str = ""
    """Digest of the declaration."""
    policy: str = ""
    """Digest of the policy packs in force."""
    verdict: str = ""
    approvals: tuple[str, ...] = ()
    """Digests of the approvals."""
    ledger_head: str = ""
    """The ledger as it stood."""
    ledger_size: int = 0
    models: tuple[str, ...] = ()
    """Digests of the weights that ran; empty where none did."""
    watermark: tuple[str, str] | None = None
    """The invisible mark in the movies: its algorithm, as C2PA's list of soft bindings names it, and its value. Nothing
    here makes one."""

    @property
    def stem(self) -> str:
        """How the delivery's own files are called."""
        return f"{self.show}_{self.shot}_{self.version}"

    def lineage_of(self, sequence: str) -> Lineage:
        """Return the lineage of a sequence by its name, as ``SHW_SEQ_0010_cleanplate_v001``."""
        return next((line for name, line in self.lineages.items() if f"_{name}_" in sequence), self.lineage)

    def said(self, lineage: Lineage) -> dict[str, object]:
        """Return the statement as plain JSON, for the assertion and the sequence manifests."""
        return {
            "schema": SCHEMA,
            "show": self.show,
            "shot": self.shot,
            "version": self.version,
            "recipe": self.recipe,
            "use": self.use,
            "policy": self.policy,
            "verdict": self.verdict,
            "approvals": list(self.approvals),
            "ledgerHead": self.ledger_head,
            "ledgerSize": self.ledger_size,
            "models": list(self.models) if any(step.made == "trained_model" for step in lineage.steps) else [],
            "watermark": ":".join(self.watermark or ()),
            "digitalSourceType": source_type(lineage) or "",
            "lineage": lineage_json(lineage),
        }


def lineage_json(lineage: Lineage) -> dict[str, object]:
    """Return a lineage as plain JSON."""
    return {
        "closed": lineage.closed,
        "plates": [{"name": plate.name, "sha256": plate.sha256} for plate in lineage.plates],
        "steps": [
            {"name": s.name, "made": s.made, "change": s.change, "tool": s.tool, "frames": _range(s.frames)}
            for s in lineage.steps
        ],
    }


def read_lineage(said: Mapping[str, object]) -> Lineage:
    """Return the lineage that ``lineage_json`` wrote.

    Raises
    ------
    BriefError, KeyError, TypeError, ValueError
        It is not one.
    """
    plates, steps = said["plates"], said["steps"]
    if not isinstance(plates, list) or not isinstance(steps, list):
        raise TypeError("plates and steps are lists")
    return Lineage(
        plates=tuple(Source(name=str(p["name"]), sha256=str(p["sha256"])) for p in plates),
        steps=tuple(
            Step(
                name=str(s["name"]),
                made=s["made"],
                change=s["change"],
                tool=str(s["tool"]),
                frames=_read_range(str(s["frames"])),
            )
            for s in steps
        ),
        closed=said["closed"] is True,
    )


def _range(frames: tuple[int, int] | None) -> str:
    """Return frames as text: C2PA's reader gives lists of numbers back as bytes."""
    return "" if frames is None else f"{frames[0]}-{frames[1]}"


def _read_range(text: str) -> tuple[int, int] | None:
    first, _, last = text.partition("-")
    return (int(first), int(last)) if text else None


def exr_attributes(statement: Statement, *, sequence: str = "") -> dict[str, str]:
    """Return text attributes for EXR headers: hints that survive many tools. They prove nothing by themselves.

    They are written with the frame, before it is hashed; the root over the frames can therefore not be among them.
    The manifest that holds it is named instead.
    """
    lineage = statement.lineage_of(sequence) if sequence else statement.lineage
    found = {
        "aiProvenance:useId": statement.use,
        "aiProvenance:recipe": statement.recipe,
        "aiProvenance:policyDigest": statement.policy,
        "aiProvenance:approvals": " ".join(statement.approvals),
        "aiProvenance:ledgerEntry": statement.ledger_head,
        "aiProvenance:digitalSourceType": source_type(lineage) or "",
        "aiProvenance:manifest": f"{sequence}.sequence.json.c2pa"
        if sequence
        else f"{statement.stem}.delivery.json.c2pa",
    }
    return {name: value for name, value in found.items() if value}
