"""A declaration under the rules that ship, its approvals, and a generator behind the gate that counts its runs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import numpy as np
from tests.clearance import policy_kit as kit

from secondunit.clearance.gate import Grant, Rules, clear
from secondunit.clearance.policy.declaration import Declaration, Prominence, Step
from secondunit.clearance.policy.judgement import RoleApproval
from secondunit.clearance.policy.records import HumanWork, RightsRecord
from secondunit.clearance.use import Use
from secondunit.core.collapse import Detail
from secondunit.imaging.buffers import ControlBuffers, DustLayers

RULES = Rules(packs=kit.PACKS, on=kit.ON)
TOOL = replace(kit.TOOL, id="through")
PLATE = replace(kit.PLATE, rights=RightsRecord(basis="owned", author="the production"), confidentiality="open")
DECLARED = replace(
    kit.FINAL,
    take=2,
    purpose="a collapse",
    covered_role="none",
    prominence=Prominence(seconds=1.0, area_percent=40.0, in_dialogue="no", story_relevant="yes"),
    resembles=("none",),
    territories=("US",),
    inputs=(PLATE,),
    tools=(TOOL,),
    steps=(Step(id="element", operation="generate", tool="through", inputs=(PLATE.digest,), output="c" * 64),),
    human_work=(HumanWork(kind="matte", person="Ada Example", after="m" * 64),),
)
TEMP = replace(DECLARED, output_use="temp_internal")
FOUR = {"vfx_supervisor": "Vi Lens", "director": "Bo Other", "studio": "Sam House", "legal": "Lee Gal"}


def use_of(said: Declaration, **changes: object) -> Use:
    whole = Use(
        show="SHW",
        shot="SEQ_0010",
        take=2,
        kind="draft" if said.output_use.startswith("temp") else "final",
        artist="Ada Example",
        output_use=said.output_use,
        generator="through",
        generator_version="1",
        weights_digest="",
        recipe="r" * 64,
        content="c" * 64,
        declaration=said.digest,
    )
    return replace(whole, **changes)


def approvals(declaration: Declaration = DECLARED) -> tuple[RoleApproval, ...]:
    """The four that a final of a story element needs."""
    return tuple(
        RoleApproval(
            role=role,
            person=person,
            key=f"key of {person}",
            declaration=declaration.digest,
            given=kit.ON,
            expires=kit.ON + timedelta(days=30),
        )
        for role, person in FOUR.items()
    )


class Through:
    """A generator that hands the coarse render through, and counts."""

    name: ClassVar[str] = "through"
    version: ClassVar[str] = "1"
    weights_digest: ClassVar[str] = ""

    def __init__(self) -> None:
        self.ran = 0

    def generate(self, buffers: ControlBuffers, *, detail: Detail, beside: Sequence[ControlBuffers] = ()) -> DustLayers:
        self.ran += 1
        c = buffers.channels
        return DustLayers(alpha=c["alpha"], sun=c["sun"], sky=c["sky"])


def buffers() -> ControlBuffers:
    plane = np.full((4, 6), 0.5, np.float32)
    return ControlBuffers(frame=1, slab="front", channels={"alpha": plane, "sun": plane, "sky": plane})


def granted(declaration: Declaration = TEMP, given: tuple[RoleApproval, ...] = ()) -> Grant:
    return clear(use_of(declaration), declaration, rules=RULES, approvals=given, record=lambda verdict: "e" * 64)
