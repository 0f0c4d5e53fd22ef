"""Packs as data: what the product ships, and every way a pack can be wrong."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.clearance.policy_kit import PACKS

from secondunit.clearance.policy.fields import FIELDS, GROUPS
from secondunit.clearance.policy.in_force import without
from secondunit.clearance.policy.library import shipped_packs
from secondunit.clearance.policy.pack import rules_table
from secondunit.clearance.policy.pack_toml import read_pack, read_pack_file
from secondunit.core.errors import BriefError, ClearanceError

GOOD = """
id = "one"
family = "one"
title = "One"
revision = 3
effective_from = 2026-01-01
effective_to = 2026-12-31
jurisdictions = ["*"]
guild = "dga"
droppable = true
[[rules]]
id = "R-1"
says = "A sentence"
source = "somewhere"
[[rules.cases]]
verdict = "needs_approval"
roles = ["studio", "legal"]
evidence = ["a paper"]
when = [{ output_use = ["@final"], subjects = ["character"] }, { area_percent = { at_least = 50 } }]
"""

TABLE_IDS = (
    *(f"NF-{n:02}" for n in range(17)), *(f"WG-{n:02}" for n in range(1, 6)), *(f"SA-{n:02}" for n in range(1, 18)),
    "DG-01", "DG-02", "IA-01", "IA-02", "OPT-01", "OPT-02", "US-01", "US-02", "EU-01", "EU-02", "EU-03", "EU-04",
    "AW-01", "SE-01", "SE-02", "SE-03", "PV-01", "PV-02", "PV-03",
)  # fmt: skip


def test_every_row_of_the_rule_table_is_in_a_pack():
    ids = {rule.id for pack in PACKS for rule in pack.rules}
    assert len(TABLE_IDS) == 58
    assert set(TABLE_IDS) <= ids
    assert ids - set(TABLE_IDS) == {"SA-18"}


def test_only_the_house_pack_cannot_be_dropped():
    assert [pack.id for pack in PACKS if not pack.droppable] == ["house"]
    assert len(without(PACKS, dropped=["studio", "wga"])) == len(PACKS) - 3
    for name in ("house", "nobody's"):
        with pytest.raises(ClearanceError, match=name):
            without(PACKS, dropped=[name])


def test_the_table_says_everything_a_person_asks_of_a_rule():
    rows = rules_table(PACKS)
    assert len(rows) > 110
    for row in rows:
        assert all((row.id, row.pack, row.says, row.source, row.trigger))
        assert bool(row.roles) == (row.verdict == "needs_approval")
        assert not row.says.endswith(".")
    (crowd,) = [r for r in rows if r.id == "SA-06" and r.pack == "house@1" and "human role" in r.says]
    assert crowd.trigger == "subjects is synthetic_person; or talent_kinds is synthetic"


def test_every_approval_and_every_ban_says_what_to_record_or_why():
    for row in rules_table(PACKS):
        if row.verdict == "needs_approval":
            assert row.evidence, (row.pack, row.id)


def test_a_pack_reads_as_it_is_written():
    pack = read_pack(GOOD)
    assert (pack.name, pack.guild, pack.signed_by) == ("one@3", "dga", ())
    (rule,) = pack.rules
    (case,) = rule.cases
    assert case.roles == ("legal", "studio")
    assert case.when[0][0].values == tuple(sorted(GROUPS["@final"]))
    assert case.when[1][0].number == 50.0


def test_layout_and_comments_are_no_part_of_what_is_signed_and_every_word_is():
    pack = read_pack(GOOD)
    assert read_pack("# a remark\n" + GOOD.replace("droppable = true", "droppable   =   true")).digest == pack.digest
    for old, new in (("A sentence", "A  sentence"), ('"a paper"', '"a paper", "another"'), ("= 50", "= 51"),
                     ("revision = 3", "revision = 4"), ("2026-12-31", "2026-12-30"), ('"character"', '"minor"'),
                     ('guild = "dga"', 'guild = "wga"'), ("droppable = true", "droppable = false")):  # fmt: skip
        other = read_pack(GOOD.replace(old, new))
        assert other.digest != pack.digest, new
        assert other.signed_bytes != pack.signed_bytes
    assert replace(pack, signed_by=("k",)).signed_bytes == pack.signed_bytes


BAD = {
    "no toml": ("[[rules]]", "[[rules", "is not TOML"),
    "unknown key": ('title = "One"', 'title = "One"\nmode = 1', "'mode' is not a key"),
    "no id": ('id = "one"', "", "id is missing"),
    "empty title": ('title = "One"', 'title = " "', "title is missing"),
    "revision 0": ("revision = 3", "revision = 0", "revision"),
    "revision true": ("revision = 3", "revision = true", "revision"),
    "revision 1.5": ("revision = 3", "revision = 1.5", "revision"),
    "no droppable": ("droppable = true", "", "droppable"),
    "droppable 1": ("droppable = true", "droppable = 1", "droppable"),
    "date as text": ("2026-01-01", '"2026-01-01"', "effective_from is no date"),
    "date and time": ("2026-01-01", "2026-01-01T00:00:00", "effective_from is no date"),
    "dates crossed": ("effective_to = 2026-12-31", "effective_to = 2025-12-31", "before"),
    "no place": ('["*"]', "[]", "jurisdictions is empty"),
    "unknown guild": ('"dga"', '"vfx"', "is no guild"),
    "no guild said": ('"dga"', '"none"', "is no guild"),
    "rule key": ('source = "somewhere"', 'source = "somewhere"\nlevel = 2', "'level' is not a key"),
    "no source": ('source = "somewhere"', "", "source is missing"),
    "scope": ('source = "somewhere"', 'source = "s"\nscope = "show"', "scope 'show'"),
    "verdict": ('"needs_approval"', '"warn"', "verdict 'warn'"),
    "role": ('"studio", "legal"', '"studio", "friend"', "role 'friend'"),
    "no roles": ('roles = ["studio", "legal"]', "", "roles go with"),
    "roles on a ban": ('"needs_approval"', '"forbidden"', "roles go with"),
    "role twice": ('"studio", "legal"', '"studio", "studio"', "twice"),
    "field": ("subjects =", "subject =", "'subject' is no field"),
    "value": ('"character"', '"hero"', "never 'hero'"),
    "no value": ('["character"]', "[]", "never 'nothing'"),
    "number as value": ('["character"]', "[3]", "list of words"),
    "group": ('"@final"', '"@finals"', "never '@finals'"),
    "test": ('["character"]', '{ contains = ["character"] }', "no test"),
    "two tests": ('["character"]', '{ shown = ["minor"], any = ["minor"] }', "no one test"),
    "lacks a word": ('["character"]', '{ none = ["character"] }', "would loosen"),
    "number test": ("{ at_least = 50 }", '["50"]', "is a number"),
    "number true": ("{ at_least = 50 }", "{ at_least = true }", "is a number"),
    "at_least of words": ('["character"]', "{ at_least = 1 }", "no test"),
    "empty clause": ("{ area_percent = { at_least = 50 } }", "{}", "always true"),
    "no clause": ("when = [{", "when = []\nother = [{", "'other' is not a key"),
    "cases missing": ("[[rules.cases]]", "[rules.case]", "'case' is not a key"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pack_is_refused_with_its_place_and_a_way_out(name: str):
    old, new, said = BAD[name]
    assert old in GOOD
    with pytest.raises(BriefError, match=re.escape(said)) as caught:
        read_pack(GOOD.replace(old, new, 1), name="one.toml")
    assert caught.value.message.startswith("one.toml")
    assert caught.value.fix


@pytest.mark.parametrize("name", [name for name in FIELDS if FIELDS[name].per_step and FIELDS[name].kind == "one"])
def test_a_rule_about_the_whole_use_may_not_ask_about_one_step(name: str):
    word = min(FIELDS[name].values)
    text = GOOD.replace('source = "somewhere"', 'source = "s"\nscope = "use"').replace(
        'subjects = ["character"]', f'{name} = ["{word}"]'
    )
    with pytest.raises(BriefError, match="from step to step"):
        read_pack(text)


def test_two_rules_of_one_name_are_refused():
    rule = GOOD[GOOD.index("[[rules]]") :]
    with pytest.raises(BriefError, match="two rules are called R-1"):
        read_pack(GOOD + rule)


def test_a_pack_that_cannot_be_read_is_refused(tmp_path: Path):
    with pytest.raises(BriefError, match="cannot be read"):
        read_pack_file(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"title = '\xe9'")
    with pytest.raises(BriefError, match="cannot be read"):
        read_pack_file(tmp_path / "latin.toml")


def test_the_shipped_packs_are_the_same_each_time():
    assert [pack.digest for pack in shipped_packs()] == [pack.digest for pack in PACKS]


def test_the_page_on_packs_names_every_field_value_group_and_pack():
    page = (Path(__file__).parents[2] / "docs" / "clearance" / "packs.md").read_text(encoding="utf-8")
    for name, field in FIELDS.items():
        said = f"| `{name}` | {field.says} | {field.kind} | {', '.join(sorted(field.values)) or 'a number'} |"
        assert said in page.splitlines(), name
    for name, values in GROUPS.items():
        assert f"| `{name}` | {', '.join(values)} |" in page
    for pack in PACKS:
        assert f"`{pack.id}`" in page
