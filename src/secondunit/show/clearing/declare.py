"""The declaration of a take's use: what the pipeline knows, filled in; what a person knows, from [use]."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from secondunit.clearance.approval import opted_in
from secondunit.clearance.gate import Runs
from secondunit.clearance.guard.ai_marks import ai_marks
from secondunit.clearance.ledger.people import opt_ins_in, ring_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.canonical import plain
from secondunit.clearance.policy.declaration import Declaration, Prominence, Step
from secondunit.clearance.policy.records import Artist, HumanWork, InputAsset, RightsRecord
from secondunit.clearance.policy.vocabulary import Answer
from secondunit.clearance.provenance.manifest import EMBEDDED
from secondunit.core.collapse import Look
from secondunit.core.errors import BriefError
from secondunit.core.recipe import digest
from secondunit.media.digest import file_digest
from secondunit.show.brief.recipes import Plan
from secondunit.show.brief.table import load_toml
from secondunit.show.brief.use import UseBrief, read_use
from secondunit.show.clearing.tools import HOUSE, tool_of
from secondunit.show.shot.scene import Scene
from secondunit.show.store.show import Show

Kind = Literal["draft", "final"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A declaration as the ledger has it."""

    declaration: Declaration
    entry: str
    """Hash of the ledger entry."""
    brief: UseBrief


def use_of(show: Show, shot: str) -> UseBrief:
    """Return what a person declared of a shot: its own [use] over the show's.

    Raises
    ------
    BriefError
        [use] holds an unknown key or word.
    """
    path = show.shot_folder(shot) / "shot.toml"
    return read_use(load_toml(path).get("use", {}), file=path, defaults=show.settings.use)


def declare(
    scene: Scene,
    plan: Plan,
    *,
    kind: Kind,
    number: int,
    generator: Runs,
    ledger: Ledger,
    area: float | None = None,
    more: Callable[[Declaration], Declaration] | None = None,
) -> Declared:
    """Return the declaration of a take, recorded once and found again while nothing it says has changed.

    Parameters
    ----------
    area
        Largest share of the frame that is not the plate, in percent, where the take was made.
    more
        Adds what a further tool did (a clip model), before anything is recorded.

    Raises
    ------
    BriefError
        [use] names a document that does not exist.
    """
    brief = use_of(scene.show, scene.brief.name)
    # Nobody is asked for anything before a draft, so that what was answered since makes no other draft of it.
    acknowledged: Answer = "yes" if kind == "final" and _opted_in(scene, ledger) else "unsure"
    said = _fill(scene, plan, brief, kind=kind, number=number, generator=generator, area=area)
    said = more(said) if more else said
    said = replace(said, artist=replace(said.artist, opted_in=acknowledged, policy_acknowledged=acknowledged))
    statement = said.digest
    for entry in reversed(ledger.entries(kind="declaration")):
        if entry.facts.get("statement") == statement:
            whole = replace(said, declared=str(entry.facts.get("declared", "")))
            if whole.digest == entry.facts.get("declaration"):
                return Declared(declaration=whole, entry=entry.hash, brief=brief)
    whole = replace(said, declared=datetime.now(UTC).isoformat(timespec="milliseconds"))
    body = {
        "shot": whole.shot,
        "take": whole.take,
        "kind": kind,
        "statement": statement,
        "declaration": whole.digest,
        "declared": whole.declared,
        "output_use": whole.output_use,
        "operation": brief.operation,
        "subjects": list(whole.subjects),
        "tools": [f"{tool.id} {tool.version}" for tool in whole.tools],
        "content": whole.content,
    }
    entry = ledger.append("declaration", body, private={"artist": whole.artist.name, "declaration": plain(whole)})
    return Declared(declaration=whole, entry=entry.hash, brief=brief)


def _fill(
    scene: Scene, plan: Plan, brief: UseBrief, *, kind: Kind, number: int, generator: Runs, area: float | None
) -> Declaration:
    settings = scene.show.settings
    output_use = "temp_internal" if kind == "draft" else brief.output_use
    cut = len(plan.frames) - 2 * plan.brief.plate.handles
    seconds = float(max(cut, 1) / plan.brief.plate.rate)
    return Declaration(
        use=digest({"show": settings.code, "shot": scene.brief.name, "take": number, "content": plan.content})[:16],
        project=settings.code,
        season=brief.season,
        shot=scene.brief.name,
        take=number,
        content=plan.content,
        artist=Artist(name=settings.artist, role="artist"),
        supervisor=brief.supervisor or _named(scene.show, "vfx_supervisor"),
        director_answer=brief.director_answer,
        purpose=brief.purpose,
        alternative=brief.alternative,
        covered_role=brief.covered_role,
        stage="vfx",
        output_use=output_use,
        modality="picture",
        subjects=brief.subjects,
        prominence=Prominence(
            seconds=round(seconds, 3),
            area_percent=None if area is None else round(area, 2),
            in_dialogue=brief.in_dialogue,
            story_relevant=brief.story_relevant,
        ),
        resembles=brief.resembles,
        presented=brief.presented,
        similarity=brief.similarity,
        marks_carried=_carried(scene, brief),
        guilds=brief.guilds,
        territories=brief.territories,
        awards=brief.awards,
        inputs=_inputs(scene, brief),
        tools=(HOUSE, tool_of(generator)),
        steps=_steps(scene, plan, generator),
        human_work=_human(scene, kind),
    )


def _inputs(scene: Scene, brief: UseBrief) -> tuple[InputAsset, ...]:
    plate = InputAsset(
        id=f"plate {Path(scene.brief.plate.file).name}",
        digest=scene.plate.digest,
        kind="plate",
        rights=RightsRecord(
            basis=brief.plate_rights, author=brief.plate_author, document=_document(scene.folder, brief.plate_document)
        ),
        confidentiality=brief.plate_confidentiality,
        personal_data=brief.plate_personal_data,
        mark=_mark(scene, brief),
    )
    drawn = RightsRecord(basis=brief.picture_rights, author=scene.show.settings.artist)
    pictures = tuple(
        InputAsset(
            id=key,
            digest=found,
            kind="control_map",
            rights=drawn,
            confidentiality=brief.plate_confidentiality,
            personal_data="no",
            mark="no",
        )
        for key, found in sorted(scene.picture_digests.items())
    )
    return (plate, *pictures)


def _mark(scene: Scene, brief: UseBrief) -> Answer:
    """Return whether the plate carries a mark of its origin: what is found in it outweighs what is said of it."""
    path = scene.folder / scene.brief.plate.file
    return "yes" if path.is_file() and ai_marks(path) else brief.plate_mark


def _carried(scene: Scene, brief: UseBrief) -> Answer:
    """Return whether a plate's mark of origin goes along: as an ingredient, where the format is one that C2PA reads."""
    reads = Path(scene.brief.plate.file).suffix.lower() in EMBEDDED
    return "yes" if reads or _mark(scene, brief) == "no" else "unsure"


def _steps(scene: Scene, plan: Plan, generator: Runs) -> tuple[Step, ...]:
    element = digest({"element": plan.content})
    return (
        Step(
            id="simulation",
            operation="simulate",
            tool=HOUSE.id,
            inputs=(scene.plate.digest,),
            output=plan.light.digest,
        ),
        Step(
            id="element",
            operation="generate",
            tool=generator.name,
            inputs=(scene.plate.digest, plan.light.digest),
            output=element,
        ),
        Step(
            id="comp",
            operation="composite",
            tool=HOUSE.id,
            inputs=(scene.plate.digest, element, *scene.picture_digests.values()),
            output=plan.content,
        ),
    )


def _human(scene: Scene, kind: Kind) -> tuple[HumanWork, ...]:
    """Return what a person evidently made: shapes drawn by hand, keys that were set, the take that was chosen."""
    artist, brief = scene.show.settings.artist, scene.brief
    found = []
    if brief.matte.source == "polygon" or brief.matte.file:
        found.append(HumanWork(kind="matte", person=artist, after=digest(brief.matte)))
    if brief.holdouts:
        found.append(HumanWork(kind="roto", person=artist, after=digest(brief.holdouts)))
    if brief.look != Look():
        found.append(HumanWork(kind="comp", person=artist, after=digest(brief.look)))
    if brief.collapse.events:
        found.append(HumanWork(kind="keys", person=artist, after=digest(brief.collapse.events)))
    if kind == "final":
        found.append(HumanWork(kind="selection", person=artist, after=digest(brief.collapse)))
    return tuple(found)


def _opted_in(scene: Scene, ledger: Ledger) -> bool:
    settings = scene.show.settings
    given = opt_ins_in(ledger)
    return bool(given) and opted_in(
        given, show=settings.code, shot=scene.brief.name, ring=ring_of(ledger), artist=settings.artist
    )


def _named(show: Show, role: str) -> str:
    return next((a.name for a in show.settings.approvers if a.role == role), "")


def _document(folder: Path, name: str) -> str:
    if not name:
        return ""
    path = folder / name
    if not path.is_file():
        raise BriefError(f"[use] plate_document: {path} does not exist", fix="put the licence there, or leave it out")
    return file_digest(path)


def unanswered(brief: UseBrief) -> Mapping[str, Any]:
    """Return the keys of [use] that nobody answered, with what stands there."""
    unsure = {"unsure", ("unsure",), ""}
    return {
        key: value
        for key in (
            "output_use",
            "purpose",
            "in_dialogue",
            "story_relevant",
            "resembles",
            "presented",
            "covered_role",
            "director_answer",
            "similarity",
            "plate_rights",
            "plate_author",
            "plate_personal_data",
            "plate_confidentiality",
            "plate_mark",
        )
        if (value := getattr(brief, key)) in unsure
    }
