import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from secondunit.clearance.binder.editions import EDITIONS, edition
from secondunit.clearance.binder.html import write_html
from secondunit.clearance.binder.pdf import write_pdf
from secondunit.clearance.binder.report import (
    ApprovalRow,
    Audience,
    AuthorshipRow,
    AwardRow,
    ConsentRow,
    Counts,
    Cover,
    GapRow,
    NoticeRow,
    PolicyRow,
    RefusalRow,
    Report,
    RightsRow,
    ToolRow,
    UseRow,
    Verification,
)
from secondunit.clearance.binder.sections import SECTIONS
from secondunit.clearance.binder.signed import check_report
from secondunit.clearance.binder.write import write_binder
from secondunit.clearance.keys import new_key
from secondunit.core.errors import StoreError

HASH = "ab12" * 16
PEOPLE = ("Ada Artist", "Bo Studio", "Cy Performer")
FINAL = UseRow(
    shot="SEQ_0010",
    take=1,
    status="final",
    frames=(1001, 1072),
    timecode=("00:00:41:17", "00:00:44:16"),
    seconds=3.0,
    area_percent=38.25,
    operation="generate",
    subject="environment",
    output_use="final_story",
    source_type="composite",
    authors=("Ada Artist",),
    tool="procedural 3",
    approvals=("Bo Studio (studio)",),
    declaration=HASH,
    verdict="allow_record",
)
REPORT = Report(
    cover=Cover(
        show="The show",
        code="SHW",
        first_entry="2026-11-22T10:00:00.000+00:00",
        complete_as_of="2026-11-22T11:00:00.000+00:00",
        generated_at="2026-11-22T11:01:00.000+00:00",
        ledger_head=HASH,
        tree_size=41,
        tree_root="cd34" * 16,
        signer="show key 12ab34",
        policies=(PolicyRow(id="house", title="House rules", revision=2, digest=HASH, effective="2026-01-01"),),
    ),
    counts=Counts(
        script_text_operations=0,
        refused=1,
        characters=0,
        performers_altered=0,
        finals=1,
        temps=1,
        declined_by_artists=0,
    ),
    uses=(replace(FINAL, take=2, status="temp", area_percent=None, output_use="temp_internal", approvals=()), FINAL),
    tools=(
        ToolRow(
            name="procedural",
            version="4",
            kind="procedural",
            hosting="local",
            licence="Apache-2.0",
            weights="none",
            training_data="none",
            keeps_inputs="no",
            uses=2,
        ),
    ),
    rights=(
        RightsRow(
            asset="plate.jpg",
            digest=HASH,
            kind="plate",
            author="the production",
            basis="owned",
            document="",
            shots=("SEQ_0010",),
        ),
    ),
    consents=(
        ConsentRow(
            person="Cy Performer",
            kind="ebdr",
            description="stunt in scene 4",
            scope="this show",
            period="2026",
            state="holds",
            document=HASH,
        ),
    ),
    approvals=(
        ApprovalRow(
            shot="SEQ_0010",
            take=1,
            person="Bo Studio",
            role="studio",
            at="2026-11-22T10:50:00.000+00:00",
            expires="2026-12-22T10:50:00.000+00:00",
            opened=HASH,
            digest=HASH,
            state="holds",
        ),
    ),
    notices=(NoticeRow(whom="the director", about="SEQ_0010", at="2026-11-20T10:00:00", answer="yes"),),
    authorship=(
        AuthorshipRow(
            shot="SEQ_0010", human=("matte of 13 points",), generated=("dust",), choices=("take 1",), edits=2
        ),
    ),
    audience=Audience(credit="Made with procedural simulation.", place="end credits", eu="marked", lookalikes=()),
    awards=(AwardRow(award="Golden Globes", question="All generative AI?", answer="One shot."),),
    refusals=(
        RefusalRow(
            at="2026-11-22T10:40:00",
            shot="SEQ_0010",
            take=1,
            asked="final_story",
            reason="NF-04: needs approval",
            roles=("studio", "legal"),
            later="approved and finished",
        ),
    ),
    gaps=(GapRow(where="SEQ_0010", what="no trusted time-stamp"),),
    unknown=("Work done outside this software.",),
    verification=Verification(commands=("secondunit verify PATH",), findings=(), timestamp="none"),
)


def pdf_text(data: bytes) -> str:
    pages = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def test_the_studio_edition_holds_every_section():
    page = write_html(edition(REPORT, "studio"))
    for name, (title, _) in SECTIONS.items():
        assert (f"</span>{title}</h2>" in page) == (name != "finals")


@pytest.mark.parametrize("name", EDITIONS)
def test_html_and_pdf_say_the_same(name: str):
    page = edition(REPORT, name)
    html, pdf = write_html(page), pdf_text(write_pdf(page))
    for said in (page.title, "SEQ_0010", "00:00:41:17", "38.2 %", "generate, environment"):
        assert said in html
        if said != page.title:
            assert said.split(",")[0] in pdf.replace("\r\n", " ")
    assert ("SEQ_0010 take 2" in html) == (name in ("studio", "insurer"))


@pytest.mark.parametrize("name", ["guild", "festival", "public"])
def test_editions_for_outsiders_name_nobody(name: str):
    page = edition(REPORT, name)
    for said in (write_html(page), pdf_text(write_pdf(page))):
        assert [person for person in PEOPLE if person.split()[0] + " " in said] == []


def test_the_public_edition_shows_no_takes_no_refusals_and_no_pictures():
    page = write_html(edition(REPORT, "public", stills={"SEQ_0010": b"jpeg"}))
    assert "temp_internal" not in page
    assert "NF-04" not in page
    assert "<img" not in page


def test_what_people_write_cannot_become_markup():
    bad = replace(REPORT, gaps=(GapRow(where="<script>x</script>", what='"><img src=x onerror=y> & <b>'),))
    page = edition(bad, "studio")
    assert "<script>" not in write_html(page)
    assert "<img src" not in write_html(page)
    assert "<script>x</script>" in pdf_text(write_pdf(page))


def test_empty_tables_say_what_their_emptiness_means():
    bare = replace(REPORT, uses=(), consents=(), approvals=(), refusals=(), tools=(), rights=(), authorship=(), gaps=())
    page = write_html(edition(bare, "studio"))
    assert "Nothing was generated." in page
    assert "there is no consent on record" in page
    assert "No gap was found by the checks this software has." in page


def test_an_area_that_was_not_measured_is_not_a_number():
    assert "not measured" in write_html(edition(REPORT, "studio"))


def test_findings_are_told_on_the_first_page():
    wrong = replace(REPORT, verification=replace(REPORT.verification, findings=("ledger: row 7 was changed",)))
    page = edition(wrong, "public")
    assert "Checks found something wrong" in write_html(page)
    assert "row 7 was changed" in pdf_text(write_pdf(page))


def test_letters_no_font_has_are_counted():
    odd = replace(REPORT, unknown=("\U00012000 is cuneiform",))
    assert "in no font at hand" in pdf_text(write_pdf(edition(odd, "studio")))
    assert "\U00012000" in write_html(edition(odd, "studio"))


def test_a_long_report_breaks_over_pages():
    long = replace(REPORT, uses=tuple(replace(FINAL, shot=f"SEQ_{n:04d}") for n in range(150)))
    text = pdf_text(write_pdf(edition(long, "studio")))
    assert "SEQ_0149" in text
    assert len(pypdfium2.PdfDocument(write_pdf(edition(long, "studio")))) > 5


def test_the_same_report_gives_the_same_bytes():
    assert write_pdf(edition(REPORT, "public")) == write_pdf(edition(REPORT, "public"))


@pytest.fixture
def binder(tmp_path: Path):
    still = cv2.imencode(".jpg", np.full((60, 80, 3), 128, np.uint8))[1].tobytes()
    return write_binder(REPORT, tmp_path / "binder", key=new_key(), stills={"SEQ_0010": still})


def test_a_binder_is_whole_and_checks(binder):
    assert len(binder.editions) == len(EDITIONS)
    assert all(path.stat().st_size > 1000 for pair in binder.editions.values() for path in pair)
    assert check_report(binder.report) == ()
    assert "<img" in binder.editions["studio"][0].read_text()


def test_each_tampering_with_a_binder_is_found(binder):
    said = json.loads(binder.report.read_text())
    assert "another key" in check_report(binder.report, public=new_key().public)[0]
    said["body"]["report"]["counts"]["refused"] = 0
    binder.report.write_text(json.dumps(said))
    assert "changed after it was signed" in check_report(binder.report)[0]


def test_a_changed_or_missing_edition_is_named(binder):
    page, paper = binder.editions["public"]
    page.write_text(page.read_text().replace("none", "some"))
    paper.unlink()
    assert [found.split(":")[0] for found in check_report(binder.report)] == ["public.html", "public.pdf"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"body": {}}', '{"body": {"editions": 3}}'])
def test_what_is_no_report(tmp_path: Path, text: str):
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(StoreError, match="no signed report"):
        check_report(tmp_path / "report.json")
