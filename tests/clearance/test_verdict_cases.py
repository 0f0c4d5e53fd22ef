"""The ten worked cases of the rule table, and what a draft costs an artist: nothing."""

from dataclasses import replace

from tests.clearance.policy_kit import (
    CONSENT,
    DRAFT,
    FINAL,
    LEAD,
    LIPSYNC,
    MODEL,
    TOOL,
    approval,
    verdict,
    with_tool,
)

from secondunit.clearance.policy.declaration import Prominence, Step
from secondunit.clearance.policy.explain import explain
from secondunit.clearance.policy.records import InputAsset, PromptRecord, RightsRecord


def test_a_draft_needs_nothing_of_anybody():
    judged = verdict(DRAFT)
    assert judged.decision == "allow_record"
    assert judged.missing == ()
    assert "NF-03" in judged.rules


def test_1_el_eternauta_needs_four_people_and_a_credit_line():
    judged = verdict(FINAL)
    assert judged.decision == "needs_approval"
    assert set(judged.missing) == {"studio", "legal", "vfx_supervisor", "director"}
    assert set(judged.rules) >= {"NF-04", "NF-06", "DG-01", "OPT-02", "US-01", "EU-01", "EU-02"}
    assert "NF-00" not in judged.rules
    assert any("credit line" in item for item in judged.evidence)


def test_1_and_with_their_four_approvals_it_is_allowed():
    four = [approval(role, FINAL) for role in ("studio", "legal", "vfx_supervisor", "director")]
    judged = verdict(FINAL, approvals=four)
    assert judged.decision == "allow_record"
    assert len(judged.approved_by) == 4
    assert verdict(FINAL, approvals=four[:3]).missing == ("director",)


def test_2_a_moodboard_from_own_location_photos():
    photo = InputAsset(id="photo", digest="1" * 64, kind="reference", rights=RightsRecord(basis="owned"))
    mood = replace(
        DRAFT,
        stage="dev",
        output_use="ideation",
        inputs=(photo,),
        steps=(Step(id="board", operation="generate", tool="dust", inputs=("1" * 64,)),),
    )
    judged = verdict(mood)
    assert judged.decision == "allow_record"
    assert "NF-02" in judged.rules


def test_3_fix_this_line_of_dialogue():
    fix = replace(
        DRAFT,
        modality="text",
        subjects=("script_text",),
        steps=(Step(id="fix", operation="rewrite", tool="dust"),),
    )
    judged = verdict(fix)
    assert judged.decision == "forbidden"
    assert "WG-01" in judged.rules


def test_4_a_crowd_like_a_named_photographer():
    prompt = PromptRecord(digest="2" * 64, linted="yes", hits=("artist",))
    crowd = replace(DRAFT, steps=(Step(id="crowd", operation="generate", tool="dust", prompts=(prompt,)),))
    judged = verdict(crowd)
    assert judged.decision == "forbidden"
    assert "NF-13" in judged.rules
    allowed = replace(prompt, permission="letter 7")
    judged = verdict(replace(DRAFT, steps=(Step(id="crowd", operation="generate", tool="dust", prompts=(allowed,)),)))
    assert (judged.decision, judged.missing) == ("needs_approval", ("legal",))


def test_5_noise_reduction_on_production_sound_as_recorded():
    quiet = replace(
        DRAFT,
        stage="sound",
        output_use="final_incidental",
        artist=FINAL.artist,
        prominence=Prominence(seconds=4.0, area_percent=0.0, in_dialogue="no", story_relevant="no"),
        modality="sound",
        subjects=("performer_voice",),
        resembles=("none",),
        presented="fiction",
        covered_role="none",
        as_performed="yes",
        talents=(replace(LEAD, kind="customary_alteration", exception="noise"),),
        tools=(MODEL,),
        steps=(Step(id="quiet", operation="denoise", tool="model", inputs=(DRAFT.inputs[0].digest,)),),
    )
    judged = verdict(quiet)
    assert judged.decision == "allow_record", explain(judged)
    assert "SA-04" in judged.rules
    loud = verdict(replace(quiet, as_performed="no"))
    assert set(loud.missing) == {"performer", "director", "legal"}
    assert "SA-05" in loud.rules


def test_6_lip_sync_beyond_the_season_that_was_agreed():
    judged = verdict(replace(LIPSYNC, season="2"), consents=[CONSENT])
    assert judged.decision == "forbidden"
    assert [hit.rule for hit in judged.hits if hit.decision == "forbidden"] == ["SA-03"]
    within = verdict(LIPSYNC, consents=[CONSENT])
    assert within.decision == "needs_approval"
    assert set(within.missing) == {"performer", "director", "legal"}


def test_7_a_poster_whose_prominence_nobody_said():
    poster = replace(
        FINAL, output_use="final_incidental", subjects=("prop_incidental", "onscreen_text"), prominence=Prominence()
    )
    judged = verdict(poster)
    assert judged.decision == "needs_approval"
    (hit,) = [hit for hit in judged.hits if hit.rule == "NF-00"]
    assert hit.unanswered == ("prominence",)
    assert set(hit.roles) == {"studio", "legal", "director"}  # the director, were it prominent


def test_8_a_performers_model_reused_for_a_pitch():
    pitch = with_tool(replace(LIPSYNC, project="PITCH", stage="dev"), talent_model="yes", project="SHW")
    judged = verdict(pitch, consents=[replace(CONSENT, projects=("PITCH",))])
    assert judged.decision == "forbidden"
    assert [hit.rule for hit in judged.hits if hit.decision == "forbidden"] == ["SA-12"]


def test_9_a_cloud_generator_on_its_free_tier():
    cloud = with_tool(DRAFT, hosting="public", network="open", tier="free", trains_on_inputs="yes", retention="kept")
    judged = verdict(cloud)
    assert judged.decision == "forbidden"
    assert {"NF-09", "NF-10"} <= {hit.rule for hit in judged.hits if hit.decision == "forbidden"}


def test_10_open_weights_that_are_not_for_commerce():
    judged = verdict(with_tool(DRAFT, method="trained", licence="non_commercial", training_data="verified"))
    assert judged.decision == "forbidden"
    assert [hit.rule for hit in judged.hits if hit.decision == "forbidden"] == ["SE-02"]
    assert verdict(replace(DRAFT, tools=(TOOL,))).decision == "allow_record"
