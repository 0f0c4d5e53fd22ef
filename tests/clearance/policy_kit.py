"""Declarations to start from in tests of the policy."""

from dataclasses import replace
from datetime import date
from typing import Any

from secondunit.clearance.policy.declaration import Declaration, Prominence, Step
from secondunit.clearance.policy.judge import judge
from secondunit.clearance.policy.judgement import Judgement, RoleApproval
from secondunit.clearance.policy.library import shipped_packs
from secondunit.clearance.policy.records import (
    Artist,
    ConsentRecord,
    HumanWork,
    InputAsset,
    RightsRecord,
    Talent,
    ToolRecord,
)

ON = date(2026, 11, 22)
PACKS = shipped_packs()

PLATE = InputAsset(
    id="plate",
    digest="p" * 64,
    kind="plate",
    rights=RightsRecord(basis="owned", author="Cam Era"),
    confidentiality="proprietary",
    personal_data="no",
    mark="no",
)
TOOL = ToolRecord(
    id="dust",
    version="1",
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
MODEL = replace(
    TOOL, id="model", method="trained", weights_digest="w" * 64, training_data="verified", network="blocked"
)
GENERATE = Step(id="element", operation="generate", tool="dust", inputs=(PLATE.digest,), output="e" * 64)
COMP = Step(id="comp", operation="composite", inputs=(PLATE.digest, GENERATE.output), output="c" * 64)

DRAFT = Declaration(
    use="u1",
    project="SHW",
    shot="SEQ_0010",
    take=1,
    content="c" * 64,
    declared="2026-11-22T10:00:00+00:00",
    artist=Artist(name="Ada Example", role="artist"),
    stage="vfx",
    output_use="temp_internal",
    modality="picture",
    subjects=("environment",),
    inputs=(PLATE,),
    tools=(TOOL,),
    steps=(GENERATE, COMP),
)
"""What the pipeline knows by itself: no person was asked anything."""

FINAL = replace(
    DRAFT,
    artist=replace(DRAFT.artist, opted_in="yes", policy_acknowledged="yes"),
    output_use="final_story",
    prominence=Prominence(seconds=1.0, area_percent=20.0, in_dialogue="no", story_relevant="yes"),
    resembles=("place",),
    presented="fiction",
    covered_role="assists",
    director_answer="yes",
    similarity="no",
    marks_carried="yes",
    territories=("worldwide",),
    human_work=(HumanWork(kind="matte", person="Ada Example"),),
)
"""The collapse of El Eternauta: every question answered."""

LEAD = Talent(person="lead", kind="significant_alteration", registry="not_listed", notice_given="yes")
CONSENT = ConsentRecord(
    person="lead",
    document="d" * 64,
    signed_by="The Lead",
    capacity="self",
    signed=date(2026, 1, 5),
    description="ADR of scripted lines",
    operations=("lipsync",),
    projects=("SHW",),
    seasons=("1",),
    territories=("worldwide",),
    starts=date(2026, 1, 6),
    ends=date(2027, 1, 6),
)
LIPSYNC = replace(
    DRAFT,
    season="1",
    subjects=("performer_face",),
    as_performed="no",
    strike="no",
    nudity="no",
    talents=(LEAD,),
    tools=(MODEL,),
    steps=(Step(id="lips", operation="lipsync", tool="model", inputs=(PLATE.digest,), output="l" * 64),),
)


def with_step(declaration: Declaration, **changes: Any) -> Declaration:
    """The same with its first generative step changed."""
    first = next(s for s in declaration.steps if s.operation not in ("composite", "simulate"))
    rest = tuple(s for s in declaration.steps if s is not first)
    return replace(declaration, steps=(replace(first, **changes), *rest))


def with_tool(declaration: Declaration, **changes: Any) -> Declaration:
    """The same with its one tool changed."""
    (tool,) = declaration.tools
    return replace(declaration, tools=(replace(tool, **changes),))


def verdict(declaration: Declaration | None, **more: Any) -> Judgement:
    """The judgement under the shipped packs."""
    return judge(declaration, **{"packs": PACKS, "on": ON, **more})


def approval(role: str, declaration: Declaration, **changes: Any) -> RoleApproval:
    """A good approval of a declaration, each role by its own person and key."""
    given = RoleApproval(
        role=role,  # type: ignore[arg-type]
        person=declaration.artist.name if role == "artist" else f"{role} person",
        key=f"key of {role}",
        declaration=declaration.digest,
        given=ON,
        expires=date(2026, 12, 31),
    )
    return replace(given, **changes)
