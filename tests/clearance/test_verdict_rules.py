"""Every case of every rule, each fired by a declaration that a person could write."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.clearance.policy_kit import (
    CONSENT,
    DRAFT,
    FINAL,
    LEAD,
    LIPSYNC,
    MODEL,
    ON,
    PACKS,
    PLATE,
    verdict,
    with_step,
    with_tool,
)

from secondunit.clearance.policy.declaration import Declaration, Step
from secondunit.clearance.policy.in_force import in_force
from secondunit.clearance.policy.judgement import Judgement
from secondunit.clearance.policy.occasion import Occasion
from secondunit.clearance.policy.records import InputAsset, PromptRecord, RightsRecord, Talent

EXPORT = Occasion(
    moment="export",
    manifest="trusted",
    timestamped="yes",
    anchored="yes",
    source_type_listed="yes",
    strips_mark="no",
    uses_temp="no",
)
SCRIPT = InputAsset(id="script", digest="5" * 64, kind="script_derived", rights=RightsRecord(basis="owned"))
PROMPT = PromptRecord(digest="6" * 64, linted="yes")


def op(operation: Any, declaration: Declaration = DRAFT, **changes: Any) -> Declaration:
    return with_step(replace(declaration, **changes), operation=operation)


def hit(*what: Any, permission: str = "", declaration: Declaration = DRAFT) -> Declaration:
    return with_step(declaration, prompts=(replace(PROMPT, hits=what, permission=permission),))


def plate(declaration: Declaration = DRAFT, **changes: Any) -> Declaration:
    return replace(declaration, inputs=(replace(PLATE, **changes),))


def talent(kind: Any, declaration: Declaration = DRAFT, **changes: Any) -> Declaration:
    person = Talent(person="lead", kind=kind, registry="not_listed", exception="noise")
    said = {"strike": "no", "nudity": "no", "as_performed": "yes", "lowers_background": "no"}
    return replace(declaration, talents=(person,), **{**said, **changes})


def from_script(declaration: Declaration) -> Declaration:
    steps = tuple(replace(s, inputs=(*s.inputs, SCRIPT.digest)) for s in declaration.steps)
    return replace(declaration, inputs=(*declaration.inputs, SCRIPT), steps=steps)


GRANTS = (replace(CONSENT, operations=("generate", "deage", "lipsync", "denoise", "voiceclone"), seasons=()),)
COVERED: dict[str, Any] = {"consents": GRANTS}
FORBID, ASK, NOTE = "forbidden", "needs_approval", "allow_record"

TABLE: list[tuple[str, str, Declaration | None, dict[str, Any]]] = [
    ("NF-00", ASK, replace(FINAL, resembles=("unsure",)), {}),
    ("NF-00", ASK, replace(FINAL, presented="unsure", resembles=("event",)), {}),
    ("NF-00", ASK, with_tool(FINAL, licence="unsure"), {}),
    ("NF-00", ASK, replace(DRAFT, steps=()), {}),
    ("NF-01", NOTE, DRAFT, {}),
    ("NF-01", FORBID, None, {}),
    ("NF-01", FORBID, replace(DRAFT, declared=""), {}),
    ("NF-01", FORBID, replace(DRAFT, run="2026-11-22T09:59:59+00:00"), {}),
    ("NF-02", NOTE, replace(DRAFT, output_use="ideation"), {}),
    ("NF-03", NOTE, replace(DRAFT, output_use="temp_screened"), {}),
    ("NF-04", ASK, FINAL, {}),
    ("NF-04", ASK, replace(FINAL, output_use="marketing"), {}),
    ("NF-05", ASK, replace(FINAL, output_use="final_incidental"), {}),
    ("NF-06", ASK, FINAL, {}),
    ("NF-06", ASK, replace(FINAL, output_use="final_incidental"), {}),
    ("NF-06", FORBID, FINAL, {"occasion": EXPORT}),
    ("NF-06", FORBID, replace(FINAL, output_use="final_incidental"), {"occasion": EXPORT}),
    ("NF-07", ASK, replace(FINAL, subjects=("onscreen_text",)), {}),
    ("NF-08", ASK, replace(DRAFT, subjects=("key_visual",)), {}),
    ("NF-08", ASK, replace(DRAFT, subjects=("story_setting",)), {}),
    ("NF-08", FORBID, replace(DRAFT, subjects=("character",)), {}),
    ("NF-09", FORBID, with_tool(DRAFT, trains_on_inputs="yes"), {}),
    ("NF-09", FORBID, with_tool(DRAFT, trains_on_inputs="unsure"), {}),
    ("NF-09", FORBID, with_tool(DRAFT, retention="kept"), {}),
    ("NF-10", FORBID, with_tool(DRAFT, hosting="public"), {}),
    ("NF-10", ASK, with_tool(plate(confidentiality="sensitive"), hosting="enterprise"), {}),
    ("NF-10", NOTE, DRAFT, {}),
    ("NF-11", ASK, plate(personal_data="yes"), {}),
    ("NF-12", FORBID, plate(op("finetune"), rights=RightsRecord(basis="licensed")), {}),
    ("NF-12", FORBID, plate(op("train"), rights=RightsRecord(basis="unsure")), {}),
    ("NF-13", FORBID, hit("work"), {}),
    ("NF-13", ASK, hit("brand", permission="p"), {}),
    ("NF-14", ASK, FINAL, {}),
    ("NF-14", ASK, plate(FINAL, rights=RightsRecord(basis="unlicensed")), {}),
    ("NF-14", ASK, replace(FINAL, similarity="yes"), {}),
    ("NF-15", NOTE, replace(DRAFT, steps=(*DRAFT.steps, Step(id="more", operation="upscale", tool="dust"))), {}),
    ("NF-16", FORBID, replace(DRAFT, subjects=("real_event",), presented="authentic"), {}),
    ("NF-16", FORBID, replace(FINAL, resembles=("event",), presented="authentic"), {}),
    ("NF-16", ASK, replace(DRAFT, subjects=("real_event",), presented="docu_fiction"), {}),
    ("NF-16", ASK, replace(FINAL, resembles=("person",), presented="docu_fiction"), {}),
    ("WG-01", FORBID, op("rewrite", subjects=("script_text",)), {}),
    ("WG-01", FORBID, from_script(replace(DRAFT, modality="text")), {}),
    ("WG-01", FORBID, op("summarise", subjects=("script_text",), modality="text"), {}),
    ("WG-02", FORBID, replace(DRAFT, modality="text", given_to_writer="yes", writer_notice="no"), {}),
    ("WG-02", NOTE, replace(DRAFT, modality="text", given_to_writer="yes", writer_notice="yes"), {}),
    ("WG-03", ASK, replace(DRAFT, artist=replace(DRAFT.artist, role="writer")), {}),
    ("WG-04", FORBID, op("index", subjects=("script_text",)), {}),
    ("WG-04", FORBID, from_script(op("train")), {}),
    ("WG-04", ASK, with_tool(op("train", subjects=("script_text",)), hosting="enterprise"), {}),
    ("WG-05", ASK, op("summarise", subjects=("script_text",), modality="data"), {}),
    ("WG-05", FORBID, with_tool(op("summarise", subjects=("script_text",)), hosting="enterprise"), {}),
    ("SA-01", FORBID, LIPSYNC, {}),
    ("SA-01", FORBID, talent("ebdr"), {}),
    ("SA-01", FORBID, op("generate", subjects=("performer_face",)), {}),
    ("SA-01", ASK, talent("ebdr"), COVERED),
    ("SA-01", ASK, LIPSYNC, COVERED),
    ("SA-02", ASK, talent("icdr"), COVERED),
    ("SA-03", FORBID, LIPSYNC, {"consents": (replace(CONSENT, ends=date(2026, 11, 21)),)}),
    ("SA-03", FORBID, LIPSYNC, {"consents": (replace(CONSENT, revoked=ON),)}),
    ("SA-03", FORBID, replace(LIPSYNC, territories=("AR",)), {"consents": (replace(CONSENT, territories=("US",)),)}),
    ("SA-04", NOTE, op("denoise", talent("customary_alteration", subjects=("performer_voice",))), {}),
    ("SA-04", ASK, replace(op("denoise"), talents=(Talent(person="x", kind="customary_alteration"),)), {}),
    ("SA-05", ASK, LIPSYNC, COVERED),
    ("SA-05", ASK, talent("customary_alteration", as_performed="no"), COVERED),
    ("SA-06", FORBID, replace(DRAFT, subjects=("synthetic_person",)), {}),
    ("SA-06", ASK, talent("synthetic"), COVERED),
    ("SA-07", ASK, talent("background"), COVERED),
    ("SA-07", FORBID, talent("background", lowers_background="yes"), COVERED),
    ("SA-08", FORBID, talent("ebdr", strike="yes"), COVERED),
    ("SA-08", FORBID, replace(LIPSYNC, strike="yes"), COVERED),
    ("SA-09", FORBID, talent("minor", nudity="yes"), COVERED),
    ("SA-09", FORBID, op("deage", talent("significant_alteration", nudity="yes")), COVERED),
    ("SA-09", ASK, replace(DRAFT, subjects=("minor",)), {}),
    ("SA-10", FORBID, DRAFT, {"occasion": Occasion(moment="access", biometrics_outside="yes")}),
    ("SA-10", ASK, DRAFT, {"occasion": Occasion(moment="access", replica_access="copy")}),
    ("SA-10", ASK, DRAFT, {"occasion": Occasion(moment="access", replica_access="transfer")}),
    ("SA-11", ASK, op("scan"), {}),
    ("SA-12", FORBID, with_tool(DRAFT, talent_model="yes", project="OTHER"), {}),
    ("SA-13", ASK, replace(LIPSYNC, stage="loc"), COVERED),
    ("SA-14", FORBID, hit("performer"), {}),
    ("SA-14", ASK, hit("performer", permission="p"), {}),
    ("SA-15", FORBID, replace(DRAFT, subjects=("deceased",)), {}),
    ("SA-15", ASK, talent("deceased", subjects=("deceased",)), {"consents": (replace(GRANTS[0], capacity="estate"),)}),
    ("SA-16", FORBID, replace(LIPSYNC, talents=(replace(LEAD, registry="prohibited"),)), {}),
    ("SA-16", ASK, replace(LIPSYNC, talents=(replace(LEAD, registry="prohibited"),)), COVERED),
    ("SA-16", NOTE, LIPSYNC, COVERED),
    ("SA-17", ASK, LIPSYNC, COVERED),
    ("SA-18", ASK, op("train", subjects=("performer_voice",)), {}),
    ("DG-01", ASK, replace(DRAFT, output_use="temp_screened"), {}),
    ("DG-01", ASK, replace(FINAL, director_answer="no"), {}),
    ("DG-01", NOTE, FINAL, {}),
    ("DG-02", NOTE, DRAFT, {"occasion": Occasion(moment="setup")}),
    ("IA-01", ASK, replace(DRAFT, covered_role="replaces"), {}),
    ("IA-02", FORBID, DRAFT, {"occasion": Occasion(moment="login")}),
    ("IA-02", NOTE, FINAL, {}),
    ("OPT-01", FORBID, replace(DRAFT, artist=replace(DRAFT.artist, opted_in="no")), {}),
    ("OPT-01", ASK, replace(FINAL, artist=DRAFT.artist), {}),
    ("OPT-02", FORBID, replace(FINAL, artist=replace(FINAL.artist, name=" ")), {}),
    ("OPT-02", NOTE, FINAL, {}),
    ("US-01", FORBID, replace(FINAL, human_work=()), {"occasion": EXPORT}),
    ("US-01", NOTE, FINAL, {}),
    ("US-02", NOTE, FINAL, {}),
    ("EU-01", FORBID, FINAL, {"occasion": replace(EXPORT, manifest="valid")}),
    ("EU-01", NOTE, FINAL, {}),
    ("EU-02", NOTE, FINAL, {}),
    ("EU-02", ASK, FINAL, {}),
    ("EU-02", ASK, replace(FINAL, resembles=("none",), subjects=("real_event",)), {}),
    ("EU-03", FORBID, DRAFT, {"occasion": Occasion(strips_mark="yes")}),
    ("EU-03", FORBID, plate(replace(FINAL, marks_carried="no"), mark="yes"), {"occasion": EXPORT}),
    ("EU-03", FORBID, plate(replace(FINAL, marks_carried="no"), manifest="m" * 64), {"occasion": EXPORT}),
    ("EU-04", NOTE, DRAFT, {}),
    ("AW-01", NOTE, replace(FINAL, awards=("academy", "golden_globes", "emmys", "cannes", "bbc")), {}),
    ("SE-01", FORBID, with_tool(DRAFT, registered="no"), {}),
    ("SE-01", FORBID, replace(DRAFT, tools=()), {}),
    ("SE-02", FORBID, with_tool(DRAFT, licence="non_commercial"), {}),
    ("SE-02", ASK, with_tool(FINAL, method="trained", training_data="unknown"), {}),
    ("SE-03", FORBID, with_tool(DRAFT, network="open"), {}),
    ("PV-01", FORBID, FINAL, {"occasion": replace(EXPORT, manifest="none")}),
    ("PV-01", FORBID, FINAL, {"occasion": replace(EXPORT, anchored="no")}),
    ("PV-01", ASK, FINAL, {"occasion": replace(EXPORT, timestamped="no")}),
    ("PV-02", FORBID, FINAL, {"occasion": replace(EXPORT, source_type_listed="unsure")}),
    ("PV-03", FORBID, DRAFT, {"occasion": Occasion(uses_temp="yes")}),
    ("PV-03", FORBID, FINAL, {"occasion": Occasion(moment="conform")}),
]  # fmt: skip

EARLIER = date(2024, 6, 1)


def judged(row: tuple[str, str, Declaration | None, dict[str, Any]], **more: Any) -> Judgement:
    return verdict(row[2], **{**row[3], **more})


@pytest.mark.parametrize("row", TABLE, ids=[f"{n}-{row[0]}-{row[1]}" for n, row in enumerate(TABLE)])
def test_a_rule_gives_its_verdict(row: tuple[str, str, Declaration | None, dict[str, Any]]):
    found = judged(row)
    assert (row[0], row[1]) in {(hit.rule, hit.decision) for hit in found.hits}
    if row[1] == FORBID:
        assert found.decision == FORBID


def test_every_case_of_every_pack_is_fired_by_the_table():
    earlier = [replace(c, signed=date(2023, 1, 1), starts=date(2023, 1, 2)) for c in GRANTS]
    fired: set[tuple[str, str, str]] = set()
    for row in TABLE:
        for more in ({}, {"on": EARLIER, "consents": earlier}):
            fired |= {(hit.pack, hit.rule, hit.says) for hit in judged(row, **more).hits}
    cases = {
        (pack.name, rule.id, f"{rule.says}: {case.says}" if case.says else rule.says)
        for pack in PACKS
        for rule in pack.rules
        for case in rule.cases
    }
    assert cases - fired == set()


def test_a_draft_and_the_worked_final_fire_these_rules_and_no_others():
    assert verdict(DRAFT).rules == ("EU-04", "NF-01", "NF-03", "NF-10")
    assert verdict(FINAL).rules == (
        "DG-01", "EU-01", "EU-02", "IA-02", "NF-01", "NF-04", "NF-06", "NF-10", "NF-14", "OPT-02", "US-01", "US-02",
    )  # fmt: skip


# --- taint -------------------------------------------------------------------------------------------------------


def chain(*steps: Step) -> Declaration:
    return replace(DRAFT, steps=steps)


def test_what_an_early_step_touches_marks_every_later_one():
    early = Step(id="a", operation="process", inputs=(PLATE.digest,), output="a" * 64, subjects=("character",))
    middle = Step(id="b", operation="composite", inputs=("a" * 64,), output="b" * 64)
    last = Step(id="c", operation="generate", tool="dust", inputs=("b" * 64,))
    apart = replace(last, inputs=())
    assert verdict(chain(early, middle, last)).decision == FORBID
    (found,) = [hit for hit in verdict(chain(early, middle, last)).hits if hit.decision == FORBID]
    assert (found.rule, found.steps) == ("NF-08", ("c",))
    assert verdict(chain(early, middle, apart)).decision == NOTE


def test_an_input_of_an_early_step_is_an_input_of_every_later_one():
    early = Step(id="a", operation="process", inputs=(PLATE.digest,), output="a" * 64)
    last = Step(id="c", operation="finetune", tool="dust", inputs=("a" * 64,))
    assert "NF-12" not in verdict(chain(early, last)).rules
    assert "NF-12" in verdict(plate(chain(early, last), rights=RightsRecord(basis="unlicensed"))).rules


def test_an_input_that_nobody_declared_is_of_unknown_source():
    stranger = with_step(FINAL, inputs=(PLATE.digest, "9" * 64))
    found = verdict(stranger)
    (not_sure,) = [hit for hit in found.hits if hit.rule == "NF-00"]
    assert {"input_rights", "personal_data"} <= set(not_sure.unanswered)


def test_the_worst_step_decides():
    good = Step(id="a", operation="generate", tool="dust", output="a" * 64)
    bad = Step(id="b", operation="generate", tool="cloud", inputs=("a" * 64,))
    cloud = replace(MODEL, id="cloud", retention="kept")
    found = verdict(replace(DRAFT, steps=(good, bad), tools=(*DRAFT.tools, cloud)))
    assert found.decision == FORBID
    assert [hit.steps for hit in found.hits if hit.rule == "NF-09"] == [("b",)]


# --- packs in force ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "on, names",
    [
        (date(2024, 6, 1), {"dga-2023", "house", "sag-aftra-2023", "wga-2023"}),
        (date(2026, 5, 1), {"awards", "dga-2023", "house", "iatse-2024", "sag-aftra-2023", "studio", "wga-2023"}),
        (date(2026, 5, 2), {"awards", "dga-2023", "house", "iatse-2024", "sag-aftra-2023", "studio", "wga-2026"}),
        (ON, {"awards", "dga-2026", "eu-art50", "house", "iatse-2024", "sag-aftra-2026", "studio", "wga-2026"}),
        (date(2035, 1, 1), {"awards", "dga-2026", "eu-art50", "house", "iatse-2024", "sag-aftra-2026", "studio",
                            "wga-2026"}),
    ],
    ids=lambda given: str(given) if isinstance(given, date) else "",
)  # fmt: skip
def test_contracts_follow_their_dates(on: date, names: set[str]):
    assert {pack.id for pack in in_force(PACKS, on=on)} == names


def test_a_contract_past_its_end_still_holds_and_says_so():
    found = verdict(DRAFT, on=date(2035, 1, 1))
    assert any("SAG-AFTRA, 2026 ended 2030-06-30" in note for note in found.notes)
    assert verdict(DRAFT).notes == ()


def test_guilds_and_territories_choose_packs_and_silence_chooses_all():
    everywhere = {name.split("@")[0] for name in verdict(DRAFT).packs}
    assert {"eu-art50", "wga-2026", "sag-aftra-2026"} <= everywhere
    here = {name.split("@")[0] for name in verdict(replace(DRAFT, guilds=("dga",), territories=("AR",))).packs}
    assert here == {"house", "studio", "awards", "dga-2026"}
    union = {name.split("@")[0] for name in verdict(replace(DRAFT, guilds=("none",), territories=("EU",))).packs}
    assert union == {"house", "studio", "awards", "eu-art50"}


@pytest.mark.parametrize("pack", ["house"])
def test_without_the_house_pack_nothing_is_allowed(pack: str):
    found = verdict(DRAFT, packs=[p for p in PACKS if p.id != pack])
    assert found.decision == FORBID
    assert found.hits[0].rule == "HOUSE"


def test_a_pack_that_nobody_vouched_for_allows_nothing():
    found = verdict(DRAFT, packs=[replace(p, signed_by=()) if p.id == "studio" else p for p in PACKS])
    assert found.decision == FORBID
    assert found.hits[0].rule == "SIGNED"


def test_a_house_pack_made_droppable_is_no_house_pack():
    weak = [replace(p, droppable=True, revision=9, effective_from=ON) if p.id == "house" else p for p in PACKS]
    assert verdict(DRAFT, packs=weak).decision == FORBID


def test_without_the_studios_pack_a_final_still_needs_a_named_person():
    found = verdict(replace(FINAL, resembles=("none",)), packs=[p for p in PACKS if p.id != "studio"])
    assert set(found.missing) == {"vfx_supervisor", "director"}


# --- what no tool touched, and what is said first ------------------------------------------------------------------


def test_work_without_a_generative_tool_is_allowed_and_still_leaves_with_its_provenance():
    by_hand = op("paint", FINAL, output_use="temp_internal", guilds=("none",), artist=DRAFT.artist)
    assert verdict(by_hand).decision == "allow"
    assert verdict(by_hand, occasion=replace(EXPORT, manifest="none")).decision == FORBID
    assert verdict(by_hand, occasion=EXPORT).allowed


def test_whether_a_model_is_a_performers_must_be_known():
    found = verdict(with_tool(DRAFT, talent_model="unsure"))
    assert found.decision == ASK
    assert [h.unanswered for h in found.hits if h.rule == "NF-00"] == [("talent_model_elsewhere",)]
    assert verdict(with_tool(DRAFT, talent_model="yes", project="SHW")).decision == NOTE
    assert verdict(with_tool(DRAFT, talent_model="yes", project="")).decision == ASK


def test_the_strictest_comes_first():
    found = verdict(replace(FINAL, subjects=("environment", "character")))
    decisions = [hit.decision for hit in found.hits]
    assert decisions == sorted(decisions, key=[FORBID, ASK, NOTE].index)
    assert found.hits[0].rule == "NF-08"


def test_a_draft_asks_nobody_even_of_a_plate_of_which_little_is_known():
    unknown = plate(personal_data="unsure", confidentiality="unsure", mark="unsure", rights=RightsRecord())
    assert verdict(unknown).decision == NOTE
    assert verdict(with_tool(unknown, hosting="enterprise")).decision == ASK
    assert "NF-00" in verdict(replace(unknown, output_use="temp_screened")).rules
