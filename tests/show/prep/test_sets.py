from pathlib import Path

import pytest
from PIL import Image as Pillow

from secondunit.cli.main import run
from secondunit.core.errors import BriefError
from secondunit.prep.sets.brief import Design, Dressing, KeptLot, Plot, SetBrief, SightLine
from secondunit.show.brief.settings import ShowSettings
from secondunit.show.prep.set_approval import approve_set, approved_brief, approved_set, option_brief, withdraw_set
from secondunit.show.prep.set_brief import default_brief, guessed_kit, read_set_brief, write_set_brief
from secondunit.show.prep.sets import make_sets
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.records import read_json
from secondunit.show.store.show import Show, create_show

NAME = "AV. CORRIENTES, BLOCK 1200"
SMALL = SetBrief(
    name=NAME,
    plot=Plot(length_m=24.0, depth_m=12.0),
    design=Design(storeys=2, period="1910"),
    dressing=Dressing(cars=0.2, trees="none"),
    keep=(KeptLot(name="HOTEL", from_m=10.0, width_m=14.0, storeys=3, period="1910"),),
    sight_lines=(SightLine(name="to the hotel", from_m=(4.0, 1.7, 14.0), to_m=(18.0, 9.0, 3.0)),),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Show:
    show = create_show(tmp_path_factory.mktemp("sets") / "show", ShowSettings(code="SHW", artist="Ada"))
    folder = show.root / "prep/sets/av-corrientes-block-1200"
    folder.mkdir(parents=True)
    (folder / "set.toml").write_text(write_set_brief(SMALL), encoding="utf-8")
    make_sets(show, NAME, options=2, width=160)
    return show


@pytest.fixture
def show(made: Show) -> Show:
    """The show with its options as they were made, whatever a test before did to them."""
    folder = folder_of(made)
    if (folder / "approved.json").is_file():
        (folder / "approved.json").unlink()
    return made


def folder_of(show: Show) -> Path:
    return show.root / "prep/sets/av-corrientes-block-1200"


def test_a_run_leaves_what_a_department_opens_and_a_sheet_to_choose_by(show: Show) -> None:
    folder = folder_of(show)
    for number in (1, 2):
        for end in (".usdc", ".glb", "_elevation.svg", "_plan.svg", "_drawings.pdf", ".png"):
            assert (folder / f"option_{number}{end}").stat().st_size > 2000
    assert (folder / "set.usda").is_file()
    with Pillow.open(folder / "contact.png") as sheet:
        assert sheet.width > 1000
        assert len(sheet.convert("L").getcolors() or range(300)) > 60
    record = read_json(folder / "options.json")
    told = {what: measured for what, _, measured in record["options"][1]["constraints"]}
    assert told["kept lot HOTEL"].startswith("10 to 24 m, 3 storeys")
    assert "sight line to the hotel" in told
    assert not list(folder.glob(".*.tmp*")) + list(folder.glob(".*part*"))


def test_a_brief_survives_its_own_file(tmp_path: Path) -> None:
    for brief in (SMALL, default_brief("GRAIN YARD", "yard"), default_brief('TOWER "B" \\ ü', "modern")):
        path = tmp_path / "set.toml"
        path.write_text(write_set_brief(brief), encoding="utf-8")
        assert read_set_brief(path) == brief


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "X"', "schema is missing"),
        ('schema = 1\nname = "X"\ncolour = "red"', "colour is not a key"),
        ("schema = 1", "lacks name"),
        ('schema = 1\nname = "  "', "a set has no name"),
        ('schema = 1\nname = "X"\nkit = "castle"', "'castle' is not known"),
        ('schema = 1\nname = "X"\nseed = -4', "seed = -4 is out of range"),
        ('schema = 1\nname = "X"\n[plot]\nlength_m = 9000', "length_m = 9000.0 is out of range"),
        ('schema = 1\nname = "X"\n[plot]\nlength_m = "long"', "length_m must be a number"),
        ('schema = 1\nname = "X"\n[plot]\nsides = 3', "sides = 3 is out of range"),
        ('schema = 1\nname = "X"\n[design]\nperiod = "1850"', "'1850' is not known"),
        ('schema = 1\nname = "X"\n[design]\nwear = 1.5', "wear = 1.5 is out of range"),
        ('schema = 1\nname = "X"\n[design]\npalette = "mauve"', "no palette is called 'mauve'"),
        ('schema = 1\nname = "X"\nvary = ["mood"]', "'mood' is not known"),
        ('schema = 1\nname = "X"\n[plot]\nstreet_width_m = 9.0', "no carriageway"),
        ('schema = 1\nname = "X"\n[[keep]]\nname = "H"', "lacks from_m"),
        ('schema = 1\nname = "X"\n[keep]\nname = "H"', "must be a list"),
        (
            'schema = 1\nname = "X"\n[[sight_line]]\nname = "a"\nfrom_m = [1.0, 2.0]\nto_m = [1.0, 2.0, 3.0]',
            "has 2 values",
        ),
        ('schema = 1\nname = "X"\n[sun]\nelevation_deg = 99.0', "is out of range"),
        ('schema = 1\nname = "X"\n[plot]\ndepth_m = nan', "is nan"),
        ("not toml", "not valid TOML"),
    ],
    ids=lambda v: v.splitlines()[-1][:30] if "\n" in v else v[:30],
)
def test_what_cannot_be_meant_is_refused_with_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "set.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BriefError, match=r"set\.toml") as refused:
        read_set_brief(tmp_path / "set.toml")
    assert said in str(refused.value)
    assert refused.value.fix
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "kit"),
    [("AV. CORRIENTES", "avenue"), ("RAILWAY YARD", "yard"), ("HOSPITAL LOBBY", "modern"), ("ПЛОЩАДЬ", "avenue")],
)
def test_a_kit_is_guessed_by_the_name_on_the_page(name: str, kit: str) -> None:
    assert guessed_kit(name) == kit


def test_an_approved_option_is_locked_recorded_and_used(show: Show) -> None:
    assert approved_brief(show, NAME) is None
    with pytest.raises(BriefError, match="no option of set"):
        approved_set(show, NAME)
    done = approve_set(show, NAME, 2)
    built = approved_set(show, NAME)
    assert built.digest == done.digest == read_json(folder_of(show) / "options.json")["options"][1]["digest"]
    assert approved_brief(show, NAME) == built.brief == option_brief(show, NAME, 2)
    with ledger_of(show) as ledger:
        entry = ledger.entries(kind="selection")[-1]
    assert entry.facts["set"] == "av-corrientes-block-1200"
    assert entry.facts["option"] == 2
    assert entry.facts["content"] == done.digest
    assert set(entry.facts["files"]) >= {"option_2.usdc", "option_2_drawings.pdf"}
    with pytest.raises(BriefError, match=r"approved .option 2. and locked"):
        make_sets(show, NAME, options=1, width=160)
    with pytest.raises(BriefError, match=r"option 2 of set .* is approved already"):
        approve_set(show, NAME, 1)
    assert withdraw_set(show, NAME) == 2
    assert approved_brief(show, NAME) is None
    with ledger_of(show) as ledger:
        assert [e.facts["option"] for e in ledger.entries(kind="selection")][-2:] == [2, 0]
    with pytest.raises(BriefError, match="is not approved"):
        withdraw_set(show, NAME)


@pytest.mark.parametrize("file", ["option_1.usdc", "option_1_plan.svg", "set.toml"])
def test_one_changed_byte_of_a_locked_set_is_refused_by_name(show: Show, file: str) -> None:
    approve_set(show, NAME, 1)
    path = folder_of(show) / file
    before = path.read_bytes()
    try:
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]) if file != "set.toml" else before + b"# a note\n")
        with pytest.raises(BriefError, match=f"locked, but .*{file} has changed since it was approved") as refused:
            approved_set(show, NAME)
        assert "--withdraw" in refused.value.fix
        path.unlink()
        with pytest.raises(BriefError, match="is gone"):
            approved_brief(show, NAME)
    finally:
        path.write_bytes(before)
    assert approved_set(show, NAME).brief.option == 1


def test_what_changed_before_the_choice_cannot_be_approved(show: Show) -> None:
    path = folder_of(show) / "set.toml"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(before.replace("storeys = 2", "storeys = 4"), encoding="utf-8")
        with pytest.raises(BriefError, match="has changed since its options were made"):
            approve_set(show, NAME, 1)
    finally:
        path.write_text(before, encoding="utf-8")
    with pytest.raises(BriefError, match="no option 9"):
        approve_set(show, NAME, 9)
    with pytest.raises(BriefError, match="has no options yet"):
        approve_set(show, "ELSEWHERE", 1)


def test_the_command_line_makes_chooses_and_refuses(show: Show, capfd: pytest.CaptureFixture[str]) -> None:
    at = str(show.root)
    assert run(["prep", "sets", at, "--set", NAME, "--approve", "1", "--json"]) == 0
    assert '"option": 1' in capfd.readouterr().out
    assert run(["prep", "sets", at, "--set", NAME]) == 2
    assert "locked" in capfd.readouterr().err
    assert run(["prep", "sets", at, "--set", NAME, "--withdraw"]) == 0
    assert run(["prep", "sets", at, "--set", NAME, "--kit", "yard"]) == 2
    assert "kit = 'avenue'" in capfd.readouterr().err
    assert run(["prep", "sets", at, "--set", NAME, "--kit", "castle"]) == 2
    assert run(["prep", "sets", at, "--set", NAME, "--approve", "1", "--withdraw"]) == 2
    assert run(["prep", "sets", at, "--set", "???"]) == 2
