from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from tests.show.show_kit import BRIEF, USE

from secondunit.core.errors import BriefError, StoreError
from secondunit.show.brief.consents import read_consents
from secondunit.show.brief.settings import ShowSettings, read_settings, write_settings
from secondunit.show.brief.use import WORDS, UseBrief, read_use
from secondunit.show.clearing.declare import unanswered, use_of
from secondunit.show.delivery.binder_rows import consent_rows
from secondunit.show.record.people import init_keys, show_keys
from secondunit.show.store.show import Show, create_show

CONSENT = """schema = 1
[[consent]]
person = "the lead"
document = "dddd"
signed_by = "Cy Performer"
capacity = "self"
signed = 2026-01-10
description = "a stunt in scene 4"
operations = ["deage"]
projects = ["SHW"]
territories = ["worldwide"]
starts = 2026-02-01
ends = 2026-12-31
"""


@pytest.fixture
def show(tmp_path: Path) -> Show:
    show = create_show(tmp_path / "show", ShowSettings(code="SHW", artist="Ada", use=USE))
    (show.root / "shots/SEQ_0010").mkdir()
    return show


def test_a_show_says_its_use_and_reads_it_back(show: Show):
    assert read_settings(show.root / "show.toml").use == USE


def test_what_nobody_said_is_not_written_but_is_asked_for():
    text = write_settings(ShowSettings(code="SHW", artist="Ada"))
    assert "plate_rights" not in text
    assert "output_use: one of" in text
    assert "plate_rights" in unanswered(UseBrief())
    assert unanswered(USE) == {}


def test_a_shot_says_what_differs(show: Show):
    (show.root / "shots/SEQ_0010/shot.toml").write_text(BRIEF + '[use]\noutput_use = "final_incidental"\n')
    use = use_of(show, "SEQ_0010")
    assert use.output_use == "final_incidental"
    assert use.plate_author == USE.plate_author


@pytest.mark.parametrize(
    "table, message",
    [
        ({"output_use": "final"}, "not known"),
        ({"covered_roles": "none"}, "did you mean 'covered_role'"),
        ({"resembles": "place"}, "must be a list"),
        ({"approved": True}, "not a key"),
        ({"opted_in": "yes"}, "not a key"),
    ],
    ids=str,
)
def test_uses_that_cannot_be_meant(table: dict[str, object], message: str):
    with pytest.raises(BriefError, match=message):
        read_use(table, file=Path("shot.toml"))


def test_words_stand_beside_keys_that_exist():
    assert set(WORDS) <= {f.name for f in fields(UseBrief)}


def test_a_shows_consents_are_read_and_their_state_told(tmp_path: Path):
    path = tmp_path / "consents.toml"
    assert read_consents(path) == ()
    path.write_text(CONSENT)
    consents = read_consents(path)
    states = [
        consent_rows(consents, on=day)[0].state for day in (date(2026, 1, 15), date(2026, 3, 1), date(2027, 1, 1))
    ]
    assert states == ["begins 2026-02-01", "holds", "ended 2026-12-31"]
    path.write_text(CONSENT + "revoked = 2026-04-01\n")
    assert consent_rows(read_consents(path), on=date(2026, 5, 1))[0].state == "revoked 2026-04-01"


@pytest.mark.parametrize(
    "change, message",
    [
        (("starts = 2026-02-01", 'starts = "spring"'), "must be a date"),
        (('capacity = "self"', 'capacity = "agent"'), "not known"),
        (('document = "dddd"\n', ""), "lacks document"),
        (("[[consent]]", "[consent]"), "one of several"),
        (("schema = 1", "schema = 2"), "schema is 2"),
    ],
    ids=str,
)
def test_consents_that_cannot_be_meant(tmp_path: Path, change: tuple[str, str], message: str):
    path = tmp_path / "consents.toml"
    path.write_text(CONSENT.replace(*change))
    with pytest.raises(BriefError, match=message):
        read_consents(path)


def test_a_passphrase_guards_a_shows_keys(show: Show, tmp_path: Path):
    keys = tmp_path / "keys"
    init_keys(show, keys=keys, passphrase="open sesame")
    with pytest.raises(BriefError, match=r"passphrase|does not open"):
        show_keys(show, keys=keys)
    assert show_keys(show, keys=keys, passphrase="open sesame").identity.trust.anchors


def test_another_shows_keys_do_not_sign(show: Show, tmp_path: Path):
    keys = tmp_path / "keys"
    mine = init_keys(show, keys=keys).private
    other = create_show(tmp_path / "other", ShowSettings(code="OTH", artist="Ada"))
    theirs = init_keys(other, keys=keys).private
    (mine / "registrar.pem").unlink()
    (theirs / "registrar.pem").rename(mine / "registrar.pem")
    with pytest.raises(StoreError, match="another show's key"):
        show_keys(show, keys=keys)
