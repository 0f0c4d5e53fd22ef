import json
from pathlib import Path

import pytest

from secondunit.cli.main import run
from secondunit.core.errors import BriefError, StoreError
from secondunit.prep.script import open_script as opening
from secondunit.prep.script.script import SPAN
from secondunit.show.brief.settings import ShowSettings
from secondunit.show.prep.breakdown import break_down_show
from secondunit.show.prep.read import draft_of, read_script
from secondunit.show.prep.shotlist_file import read_shotlist, write_shotlist
from secondunit.show.prep.store import prep_of, set_slug
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.show import Show, create_show

SECRET = "The heron counts quietly backwards from nineteen while nobody in the kitchen looks up at all tonight"
FIRST = f"""INT. KITCHEN - NIGHT

{SECRET}. ANNA holds a lantern.

ANNA
Is anybody there, or is it only the radio again, as every winter?

EXT. SQUARE - DAY

The tower collapses in a cloud of dust. BORIS runs. Then Boris coughs. Now Boris stands.

INT. CELLAR - NIGHT

Water drips on a map. A dog sleeps beside three green bottles and an unlit candle.
"""
SECOND = f"""EXT. BRIDGE - DAWN

A new morning. A bus crosses.

INT. KITCHEN - NIGHT

{SECRET}. ANNA holds a lantern.

ANNA
Is anybody there, or is it only the radio again, as every winter?

EXT. SQUARE - DAY

The tower collapses in a cloud of dust and glass. BORIS runs. Then Boris coughs. Now Boris stands. A siren.
"""


@pytest.fixture
def show(tmp_path: Path) -> Show:
    return create_show(tmp_path / "show", ShowSettings(code="SHW", artist="Ada"))


def script_at(show: Show, text: str, name: str = "script.fountain") -> Path:
    path = show.root / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_reading_is_references_and_goes_on_record(show: Show):
    path = script_at(show, FIRST)
    before = path.read_bytes()
    result = read_script(show, path)
    value = result.as_json()
    assert (value["scenes"], value["language"], value["format"]) == (3, "en", "fountain")
    assert value["sha256"] == opening.open_script(path).script.sha256
    assert value["script"] == "script.fountain"
    assert path.read_bytes() == before
    with ledger_of(show) as ledger:
        (entry,) = ledger.entries(kind="reading")
    assert entry.facts["sha256_before"] == entry.facts["sha256_after"] == value["sha256"]
    assert "KITCHEN" not in entry.body


def test_the_show_holds_no_prose(show: Show):
    read_script(show, script_at(show, FIRST))
    break_down_show(show, model="off")
    words = SECRET.split()
    longest = max(len(" ".join(words[a : a + n])) for n in (5,) for a in range(len(words) - n))
    assert longest < SPAN
    for path in prep_of(show).root.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert SECRET not in text, path.name
            assert "only the radio again, as every winter" not in text, path.name
            for quoted in _strings(path, text):
                assert len(quoted) <= SPAN, path.name


def _strings(path: Path, text: str) -> list[str]:
    """All quotations a JSON file holds."""
    if path.suffix != ".json":
        return []
    found: list[str] = []

    def walk(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                walk(item, name)
        elif isinstance(value, list):
            for item in value:
                walk(item, key)
        elif isinstance(value, str) and key in ("span", "words", "heading", "name"):
            found.append(value)

    walk(json.loads(text))
    return found


def test_a_revision_loses_nothing(show: Show):
    read_script(show, script_at(show, FIRST))
    first = break_down_show(show, model="off").shots
    store = prep_of(show)
    mine = [s if s.name != "S002_0010" else _with(s, note="crane, ask grip") for s in first]
    write_shotlist(store.shotlist, mine)
    board = store.board("S003_0010")
    board.mkdir(parents=True)
    (board / "panel.png").write_bytes(b"drawn by hand")
    drawn = store.board("DREAM_0010")
    drawn.mkdir(parents=True)

    result = read_script(show, script_at(show, SECOND, "second.fountain"))
    said = result.as_json()["revision"]
    assert said["scenes"] == {"new": 1, "kept": 1, "changed": 1, "orphaned": 1}
    assert {s.name for s in first} <= set(said["shots"])
    assert said["shots"]["S001_0010"] == "kept"
    assert said["shots"]["S002_0010"] == "changed, page 1"
    assert said["shots"]["S003_0010"].startswith("orphaned")
    assert said["boards"] == {
        "DREAM_0010": "kept: no shot of that name is in the list",
        "S003_0010": said["shots"]["S003_0010"],
    }
    second = break_down_show(show, model="off").shots
    by_name = {s.name: s for s in second}
    assert {s.name for s in first} <= set(by_name)
    assert by_name["S002_0010"].note == "crane, ask grip"
    assert by_name["S001_0010"].revision == "kept"
    assert by_name["S001_0010"].scene == "2"  # its scene has another number now; its name stays
    assert by_name["S003_0010"].revision == "orphaned"
    assert (board / "panel.png").read_bytes() == b"drawn by hand"
    assert [s.revision for s in second if s.set_name == "BRIDGE"] == ["new"] * sum(
        s.set_name == "BRIDGE" for s in second
    )

    # The scene comes back: so do its shots.
    again = read_script(show, script_at(show, FIRST, "third.fountain"))
    assert dict(again.shots)["S003_0010"] == "changed, page 1" or dict(again.shots)["S003_0010"].startswith(
        ("kept", "moved")
    )
    third = {s.name: s for s in break_down_show(show, model="off").shots}
    assert set(by_name) <= set(third)
    assert third["S003_0010"].revision != "orphaned"


def _with(shot, **fields):
    from dataclasses import replace

    return replace(shot, **fields)


def test_reading_the_same_file_again_changes_nothing(show: Show):
    path = script_at(show, FIRST)
    read_script(show, path)
    once = prep_of(show).script.read_bytes()
    read_script(show, path)
    assert prep_of(show).script.read_bytes() == once


def test_the_same_show_breaks_down_to_the_same_bytes(show: Show):
    read_script(show, script_at(show, FIRST))
    break_down_show(show, model="off")
    files = {p.name: p.read_bytes() for p in prep_of(show).root.iterdir() if p.is_file()}
    break_down_show(show, model="off")
    assert {p.name: p.read_bytes() for p in prep_of(show).root.iterdir() if p.is_file()} == files


def test_a_changed_or_lost_script_is_said(show: Show):
    path = script_at(show, FIRST)
    with pytest.raises(BriefError, match="no script yet"):
        break_down_show(show)
    read_script(show, path)
    path.write_text(SECOND)
    with pytest.raises(BriefError, match="was changed since"):
        break_down_show(show)
    path.unlink()
    with pytest.raises(BriefError, match="is not there"):
        break_down_show(show)


def test_a_script_without_scenes_is_refused(show: Show):
    with pytest.raises(BriefError, match="no scene headings"):
        read_script(show, script_at(show, "Just a sentence.\n"))
    assert not prep_of(show).script.exists()


def test_a_file_that_changes_while_it_is_read_is_refused(show: Show, monkeypatch: pytest.MonkeyPatch):
    path = script_at(show, FIRST)
    real = opening.parse_script

    def parse(data, **more):
        path.write_text(SECOND)
        return real(data, **more)

    monkeypatch.setattr(opening, "parse_script", parse)
    with pytest.raises(StoreError, match="changed while it was read"):
        read_script(show, path)
    assert not prep_of(show).script.exists()


def test_a_record_of_another_version_is_refused_and_nothing_lost(show: Show):
    read_script(show, script_at(show, FIRST))
    store = prep_of(show)
    store.script.write_text('{"schema": 99}')
    with pytest.raises(StoreError, match="not what this version writes"):
        draft_of(show)
    assert store.script.read_text() == '{"schema": 99}'


CORRECTED = """schema = 1
[[remove]]
scene = "2"
category = "effects"
name = "smoke"
[[add]]
scene = "1"
category = "props"
name = "matchbox"
[[add]]
scene = "3"
category = "effects"
name = "water"
[[rename]]
category = "cast"
name = "BORIS"
to = "BOLIVAR"
[[scene]]
scene = "1"
set_name = "GREAT KITCHEN"
eighths = 5
"""


def test_corrections_are_remembered_through_a_revision(show: Show):
    read_script(show, script_at(show, FIRST))
    store = prep_of(show)
    break_down_show(show, model="off")
    assert "[[add]]" in store.corrections.read_text()
    store.corrections.write_text(CORRECTED)
    sheets = break_down_show(show, model="off").breakdown.sheets
    assert (sheets[0].set_name, sheets[0].eighths) == ("GREAT KITCHEN", 5)
    assert "matchbox" in {item.name for item in sheets[0].items}
    assert [effect.kind for effect in sheets[1].effects] == ["collapse"]
    assert sheets[1].seen_cast == ("BOLIVAR",)
    assert sheets[2].effects[0].confidence == 1.0
    read_script(show, script_at(show, SECOND, "second.fountain"))
    found = break_down_show(show, model="off").breakdown
    kitchen = next(sheet for sheet in found.sheets if sheet.number == "2")
    assert kitchen.set_name == "GREAT KITCHEN"
    assert "smoke" not in {effect.kind for sheet in found.sheets for effect in sheet.effects}
    assert any("scene 3 is not in this draft" in said for said in found.lost)
    assert store.corrections.read_text() == CORRECTED


BAD = {
    "category": ('[[add]]\ncategory = "hats"\nname = "x"', "is none"),
    "kind": ('[[add]]\ncategory = "effects"\nname = "boom"', "no kind of effect"),
    "name": ('[[remove]]\ncategory = "props"', "lacks name"),
    "scene": ('[[add]]\nscene = "77"\ncategory = "props"\nname = "x"', "no scene 77"),
    "key": ('[[add]]\nprop = "x"', "prop"),
    "light": ('[[scene]]\nscene = "1"\nlight = "noon"', "light"),
    "eighths": ('[[scene]]\nscene = "1"\neighths = 0', "out of range"),
    "all scenes": ("[[scene]]\neighths = 2", "names no scene"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_corrections_are_refused_with_the_way_out(case: str, show: Show):
    text, said = BAD[case]
    read_script(show, script_at(show, FIRST))
    prep_of(show).corrections.write_text(f"schema = 1\n{text}\n")
    with pytest.raises(BriefError, match=said) as caught:
        break_down_show(show, model="off")
    assert caught.value.fix


def test_a_bad_shot_list_is_refused_and_left_as_it_is(show: Show):
    read_script(show, script_at(show, FIRST))
    store = prep_of(show)
    store.shotlist.write_text('schema = 1\n[[shot]]\nname = "A"\nscene = "1"\nnumber = 10\nsize = "HUGE"\n')
    text = store.shotlist.read_text()
    with pytest.raises(BriefError, match="HUGE"):
        break_down_show(show, model="off")
    assert store.shotlist.read_text() == text


def test_who_must_agree_to_a_breakdown_is_said(show: Show, tmp_path: Path):
    read_script(show, script_at(show, FIRST))
    (note,) = [note for note in break_down_show(show, model="off").breakdown.notes if "WG-05" in note]
    assert "writer and producer to agree" in note
    other = create_show(
        tmp_path / "other", ShowSettings(code="SHW", artist="Ada", dropped_packs=("wga-2026", "wga-2023"))
    )
    read_script(other, script_at(other, FIRST))
    assert not [note for note in break_down_show(other, model="off").breakdown.notes if "WG-05" in note]


def test_the_command_line_reads_and_breaks_down(show: Show, capsys: pytest.CaptureFixture[str]):
    path = script_at(show, FIRST)
    assert run(["prep", "read", str(show.root), str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["scenes"] == 3
    assert {"language", "sha256"} <= set(told)
    assert run(["prep", "breakdown", str(show.root), "--model", "off", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["shots"] > 3
    assert run(["prep", "read", str(show.root), str(script_at(show, SECOND, "second.fountain"))]) == 0
    said = capsys.readouterr().out
    assert "against the draft before" in said
    assert "none erased" in said
    assert run(["prep", "read", str(show.root), "missing.fountain", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["fix"]


def test_pages_are_whole_and_escape_what_they_quote(show: Show):
    text = FIRST.replace("SQUARE", "<SCRIPT>ALERT(1)</SCRIPT>").replace("a lantern", 'a lantern & "glass"')
    read_script(show, script_at(show, text))
    result = break_down_show(show, model="off")
    for path in result.files:
        if path.suffix == ".html":
            page = path.read_text(encoding="utf-8")
            assert page.startswith("<!doctype html>")
            assert page.endswith("</html>\n")
            assert "<SCRIPT>" not in page
            assert "http" not in page
    rows = (prep_of(show).root / "breakdown.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 4
    shots = read_shotlist(prep_of(show).shotlist)
    assert {shot.name for shot in shots} == {shot.name for shot in result.shots}


def test_method_notes_quote_the_shows_own_takes(show: Show):
    folder = show.root / "shots/SEQ_0010/takes/t003"
    folder.mkdir(parents=True)
    take = {"frames": [1001, 1072], "seconds": {"total": 144.0}, "width": 960, "height": 540}
    (folder / "take.json").write_text(json.dumps(take))
    read_script(show, script_at(show, FIRST))
    notes = {effect.kind: note for _, effect, note in break_down_show(show, model="off").effects}
    assert "2.0 wall seconds a frame at 960x540" in notes["collapse"].figures[-1].says
    assert notes["collapse"].unmeasured == ""


@pytest.mark.parametrize(
    "name, slug", [("AV. CORRIENTES, BLOCK 1200", "av-corrientes-block-1200"), ("病院", "病院"), ("МАЙ", "май")]
)
def test_sets_have_folders(name: str, slug: str):
    assert set_slug(name) == slug
