import pickle
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from secondunit.clearance.gate import ROLES, Grant, clear, decide, run_generator
from secondunit.clearance.use import Approval, Use, Verdict, same_person
from secondunit.core.collapse import Detail
from secondunit.core.errors import ClearanceError
from secondunit.imaging.buffers import ControlBuffers, DustLayers

USE = Use(
    show="SHW",
    shot="SEQ_0010",
    take=2,
    kind="final",
    artist="Ada Example",
    operation="generate",
    subject="environment",
    output_use="final_incidental",
    purpose="",
    generator="through",
    generator_version="1",
    weights_digest="",
    recipe="r" * 64,
    content="c" * 64,
)
DRAFT = replace(USE, kind="draft", output_use="temp_internal")
APPROVAL = Approval(shot="SEQ_0010", take=2, content="c" * 64, by="Bo Other", role="vfx_supervisor", at="2026-01-01")


class Through:
    """A generator that hands the coarse render through, and counts."""

    name: ClassVar[str] = "through"
    version: ClassVar[str] = "1"
    weights_digest: ClassVar[str] = ""

    def __init__(self) -> None:
        self.ran = 0

    def generate(self, buffers: ControlBuffers, *, detail: Detail) -> DustLayers:
        self.ran += 1
        c = buffers.channels
        return DustLayers(alpha=c["alpha"], sun=c["sun"], sky=c["sky"])


def buffers() -> ControlBuffers:
    plane = np.full((4, 6), 0.5, np.float32)
    return ControlBuffers(frame=1, slab="front", channels={"alpha": plane, "sun": plane, "sky": plane})


def granted(use: Use = DRAFT, approvals: tuple[Approval, ...] = ()) -> Grant:
    return clear(use, approvals, record=lambda verdict: "2026-01-02")


def test_a_draft_is_allowed_recorded_and_marked():
    told: list[Verdict] = []
    grant = clear(DRAFT, (), record=lambda verdict: told.append(verdict) or "now")
    assert told == [grant.verdict]
    assert grant.verdict.burn_in == "AI temp"


def test_a_final_without_an_approval_is_refused_and_the_refusal_recorded():
    told: list[Verdict] = []
    with pytest.raises(ClearanceError, match="Bo Other") as caught:
        clear(USE, (), record=lambda v: told.append(v) or "now", who="Bo Other (vfx_supervisor)", command="approve it")
    assert [v.decision for v in told] == ["needs_approval"]
    assert "approve it" in caught.value.fix
    assert caught.value.roles


def test_a_final_with_an_approval_says_whose():
    grant = granted(USE, (APPROVAL,))
    assert grant.verdict.approved_by[0].startswith("Bo Other (vfx_supervisor")
    assert grant.verdict.burn_in == ""


@pytest.mark.parametrize(
    "change",
    [
        {"by": "Ada Example"},
        {"by": " ada   EXAMPLE "},
        {"by": ""},
        {"by": "   "},
        {"role": "friend"},
        {"role": ""},
        {"take": 1},
        {"shot": "SEQ_0020"},
        {"content": "d" * 64},
        {"content": ""},
    ],
    ids=str,
)
def test_approvals_that_do_not_count(change: dict[str, object]):
    assert decide(USE, (replace(APPROVAL, **change),)).decision == "needs_approval"


@pytest.mark.parametrize("output_use", ["unsure", "ideation", "temp_internal", "marketing", ""])
def test_no_declared_use_frees_a_final_from_its_approval(output_use: str):
    assert decide(replace(USE, output_use=output_use), ()).decision == "needs_approval"


def test_the_generator_runs_with_a_grant_and_in_another_process():
    generator = Through()
    grant = pickle.loads(pickle.dumps(granted()))
    layers = run_generator(generator, buffers(), detail=Detail(), grant=grant)
    assert generator.ran == 1
    assert float(layers.alpha[0, 0]) == 0.5


def forged(grant: Grant) -> list[Grant]:
    final = replace(grant.verdict, use=USE)
    refused = decide(USE, ())
    return [
        replace(grant, seal=""),
        replace(grant, recorded_at=""),
        replace(grant, recorded_at="yesterday"),
        replace(grant, verdict=final),
        replace(grant, verdict=refused),
        Grant(verdict=decide(DRAFT, ()), recorded_at="", seal=grant.seal),
    ]


@pytest.mark.parametrize("n", range(6))
def test_an_altered_grant_runs_nothing(n: int):
    generator = Through()
    with pytest.raises(ClearanceError):
        run_generator(generator, buffers(), detail=Detail(), grant=forged(granted())[n])
    assert generator.ran == 0


@pytest.mark.parametrize("key", ["name", "version", "weights_digest"])
def test_a_grant_is_for_one_generator(key: str):
    class Other(Through):
        pass

    setattr(Other, key, "another")
    generator = Other()
    with pytest.raises(ClearanceError, match="grant is for"):
        run_generator(generator, buffers(), detail=Detail(), grant=granted())
    assert generator.ran == 0


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_approve(role: str):
    assert decide(USE, (replace(APPROVAL, role=role),)).decision == "allow_record"


def test_names_are_people_not_spellings():
    assert same_person("Zoë K", "zoe\u0308  k")
    assert not same_person("Zoë K", "Zoe K")
