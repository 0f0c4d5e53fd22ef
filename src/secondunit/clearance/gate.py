"""The gate, inside the functions that run generators: one for frames, one for clips. No verdict, no pixels.

There is no way round.
It asks the rules itself: nobody can hand it a judgement. What is missing never allows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from secondunit.clearance.policy.declaration import Declaration
from secondunit.clearance.policy.judge import judge
from secondunit.clearance.policy.judgement import RoleApproval
from secondunit.clearance.policy.pack import Pack
from secondunit.clearance.policy.records import ConsentRecord
from secondunit.clearance.policy.vocabulary import ROLE_WORDS
from secondunit.clearance.use import TEMPORARY, Use, Verdict, same_person
from secondunit.core.collapse import Detail
from secondunit.core.errors import ClearanceError
from secondunit.core.recipe import digest
from secondunit.imaging.buffers import ControlBuffers, DustLayers
from secondunit.imaging.clip import ClipWindow, Frames

Asked = TypeVar("Asked", contravariant=True)


class Named(Protocol):
    """What every tool that the gate runs says of itself."""

    @property
    def name(self) -> str:
        """Its name in the registry."""

    @property
    def version(self) -> str:
        """Changes with its output."""

    @property
    def weights_digest(self) -> str:
        """SHA-256 of its weights; empty where it has none."""


class Runs(Named, Protocol):
    """The shape of a generator, as the gate needs it."""

    def generate(self, buffers: ControlBuffers, *, detail: Detail, beside: Sequence[ControlBuffers] = ()) -> DustLayers:
        """Make element layers from control buffers."""


class RunsClips(Named, Protocol[Asked]):
    """The shape of a clip generator, as the gate needs it."""

    def enhance(self, window: ClipWindow, *, ask: Asked, progress: Callable[[int, int], None] | None = None) -> Frames:
        """Draw a stretch of frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a use is judged by: the packs in force, the consents there are, and the day."""

    packs: tuple[Pack, ...]
    consents: tuple[ConsentRecord, ...] = ()
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Leave to run one generator for one use. ``clear`` makes it once the verdict is recorded.

    Small and picklable, so that the gate holds in worker processes too.
    """

    verdict: Verdict
    entry: str
    """Hash of the ledger entry that holds the verdict."""
    seal: str


def decide(
    use: Use, declaration: Declaration | None, *, rules: Rules, approvals: Sequence[RoleApproval] = ()
) -> Verdict:
    """Return the verdict on a use, as the rules have it. No declaration is a declaration of nothing.

    Parameters
    ----------
    approvals
        Approvals whose signatures were verified; the rules decide which of them they heed.
    """
    judgement = judge(declaration, packs=rules.packs, consents=rules.consents, approvals=approvals, on=rules.on)
    return Verdict(use=use, judgement=judgement, contradiction=_contradiction(use, declaration))


def clear(
    use: Use,
    declaration: Declaration | None,
    *,
    rules: Rules,
    approvals: Sequence[RoleApproval] = (),
    record: Callable[[Verdict], str],
    who: Mapping[str, str] | None = None,
    command: str = "",
) -> Grant:
    """Decide on a use, record the verdict, and return the grant.

    Parameters
    ----------
    record
        Writes the verdict where it lasts and returns the hash of its entry; called before anything is granted, and
        for a refusal too.
    who
        Names of the people in a role, for the message.
    command
        How to record an approval, for the message.

    Raises
    ------
    ClearanceError
        The use is forbidden, or needs an approval that is not recorded.
    """
    verdict = decide(use, declaration, rules=rules, approvals=approvals)
    entry = record(verdict)
    if not verdict.allowed:
        raise _refusal(verdict, who=who or {}, command=command)
    return Grant(verdict=verdict, entry=entry, seal=_seal(verdict, entry))


def run_generator(
    generator: Runs, buffers: ControlBuffers, *, detail: Detail, grant: Grant, beside: Sequence[ControlBuffers] = ()
) -> DustLayers:
    """Run a generator: the only place where one runs.

    Raises
    ------
    ClearanceError
        The grant was altered, grants nothing, or is for another generator.
    """
    admit(generator, grant=grant)
    return generator.generate(buffers, detail=detail, beside=beside)


def run_clip_generator(
    generator: RunsClips[Asked],
    window: ClipWindow,
    *,
    ask: Asked,
    grant: Grant,
    progress: Callable[[int, int], None] | None = None,
) -> Frames:
    """Run a clip generator on a stretch of frames: the only place where one runs.

    Raises
    ------
    ClearanceError
        As ``run_generator``.
    """
    admit(generator, grant=grant)
    return generator.enhance(window, ask=ask, progress=progress)


def admit(generator: Named, *, grant: Grant) -> None:
    """Refuse what a grant does not allow: before a generator runs, and before what it made earlier is used again.

    Raises
    ------
    ClearanceError
        The grant was altered, grants nothing, or is for another tool than this.
    """
    verdict = grant.verdict
    if grant.seal != _seal(verdict, grant.entry) or not verdict.allowed or not grant.entry:
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


def _contradiction(use: Use, declaration: Declaration | None) -> str:
    """Return where a use and its declaration do not fit; an approval of one must not carry another."""
    if declaration is None:
        return ""
    temporary = declaration.output_use in TEMPORARY
    if use.kind == "final" and temporary:
        return f"a finished version cannot be declared as {declaration.output_use}"
    if use.kind == "draft" and not temporary:
        return f"a draft take cannot be declared as {declaration.output_use}"
    said = (declaration.shot, declaration.take, declaration.content, declaration.output_use, declaration.digest)
    if said != (use.shot, use.take, use.content, use.output_use, use.declaration):
        return "the declaration is of another use"
    if not same_person(declaration.artist.name, use.artist):
        return "the declaration names another artist"
    ran = (use.generator, use.generator_version, use.weights_digest)
    if ran not in [(tool.id, tool.version, tool.weights_digest) for tool in declaration.tools]:
        return f"the declaration does not name {use.generator} {use.generator_version} among its tools"
    return ""


def _refusal(verdict: Verdict, *, who: Mapping[str, str], command: str) -> ClearanceError:
    use = verdict.use
    what = f"take {use.take} of {use.shot}"
    if verdict.decision == "needs_approval":
        people = "; ".join(who.get(role) or ROLE_WORDS[role] for role in verdict.roles)
        return ClearanceError(
            f"{what} may not be finished yet. Still to approve it: {people}. {use.artist} made it and may not",
            fix=f"have each of them run: {command}" if command else "record their approvals",
            roles=tuple(verdict.roles),
        )
    hits = [hit for hit in verdict.judgement.hits if hit.decision == "forbidden"]
    reasons = verdict.contradiction or "; ".join(f"{hit.rule}: {hit.says}" for hit in hits)
    return ClearanceError(
        f"{what} is forbidden: {reasons}", fix="change what is declared or done; no approval lifts this"
    )


def _seal(verdict: Verdict, entry: str) -> str:
    return digest({"verdict": verdict.digest, "entry": entry, "by": "secondunit.clearance.gate"})
