"""The gate, inside the one function that runs a generator. No verdict, no pixels; there is no way round.

A draft is allowed with a record. A final needs the recorded approval, for exactly this content, of a named
person who is not the artist. A missing answer means that approval is needed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from secondunit.clearance.use import Approval, Use, Verdict, same_person
from secondunit.core.collapse import Detail
from secondunit.core.errors import ClearanceError
from secondunit.core.recipe import digest
from secondunit.imaging.buffers import ControlBuffers, DustLayers

ROLES = ("vfx_supervisor", "director", "producer", "legal", "studio")


class Runs(Protocol):
    """The shape of a generator, as the gate needs it."""

    @property
    def name(self) -> str:
        """Its name in the registry."""

    @property
    def version(self) -> str:
        """Changes with its output."""

    @property
    def weights_digest(self) -> str:
        """SHA-256 of its weights; empty where it has none."""

    def generate(self, buffers: ControlBuffers, *, detail: Detail) -> DustLayers:
        """Make element layers from control buffers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Leave to run one generator for one use. ``clear`` makes it once the verdict is recorded.

    Small and picklable, so that the gate holds in worker processes too.
    """

    verdict: Verdict
    recorded_at: str
    seal: str


def decide(use: Use, approvals: Iterable[Approval]) -> Verdict:
    """Return the verdict on a use.

    An approval counts where its shot, take and content are the use's, its role is known and its name is
    given and not the artist's.
    """
    if use.kind == "draft":
        return Verdict(use=use, decision="allow_record", reason="a draft: recorded, and marked AI temp")
    given = [a for a in approvals if _counts(a, use)]
    if given:
        names = tuple(f"{a.by} ({a.role}, {a.at})" for a in given)
        return Verdict(use=use, decision="allow_record", reason="a final, approved", approved_by=names)
    return Verdict(
        use=use,
        decision="needs_approval",
        reason="a final needs a named person other than the artist to approve it",
        roles=ROLES[:1],
    )


def clear(
    use: Use, approvals: Iterable[Approval], *, record: Callable[[Verdict], str], who: str = "", command: str = ""
) -> Grant:
    """Decide on a use, record the verdict, and return the grant.

    Parameters
    ----------
    record
        Writes the verdict where it lasts and returns the time of writing; called before anything is granted,
        and for a refusal too.
    who, command
        Who may approve and how to record it, for the message.

    Raises
    ------
    ClearanceError
        The use needs an approval that is not recorded.
    """
    verdict = decide(use, approvals)
    at = record(verdict)
    if verdict.decision != "allow_record":
        people = who or f"a named {ROLES[0]}"
        raise ClearanceError(
            f"take {use.take} of {use.shot} may not be finished yet: {people} must approve it, not {use.artist}",
            fix=f"have them run: {command}" if command else "record their approval",
            roles=verdict.roles,
        )
    return Grant(verdict=verdict, recorded_at=at, seal=_seal(verdict, at))


def run_generator(generator: Runs, buffers: ControlBuffers, *, detail: Detail, grant: Grant) -> DustLayers:
    """Run a generator: the only place where one runs.

    Raises
    ------
    ClearanceError
        The grant was altered, grants nothing, or is for another generator.
    """
    verdict = grant.verdict
    if grant.seal != _seal(verdict, grant.recorded_at) or verdict.decision != "allow_record" or not grant.recorded_at:
        raise ClearanceError("this grant is not one the gate gave", fix="ask for a verdict and have it recorded")
    use = verdict.use
    if (generator.name, generator.version, generator.weights_digest) != (
        use.generator,
        use.generator_version,
        use.weights_digest,
    ):
        raise ClearanceError(
            f"the grant is for {use.generator} {use.generator_version}, not {generator.name} {generator.version}",
            fix="ask for a verdict on the generator that is to run",
        )
    return generator.generate(buffers, detail=detail)


def _counts(approval: Approval, use: Use) -> bool:
    return (
        (approval.shot, approval.take, approval.content) == (use.shot, use.take, use.content)
        and approval.role in ROLES
        and bool(approval.by.strip())
        and not same_person(approval.by, use.artist)
    )


def _seal(verdict: Verdict, at: str) -> str:
    return digest({"verdict": verdict.digest, "recorded_at": at, "by": "secondunit.clearance.gate"})
