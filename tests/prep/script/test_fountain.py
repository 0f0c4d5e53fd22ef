import difflib
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.prep.script.fountain import read_fountain
from secondunit.prep.script.hidden import without_boneyards, without_notes
from secondunit.prep.script.open_script import open_script, parse_script

Row = tuple[str, str]

EXPECTED = re.compile(
    r"^(HEADING|ACTION|CHARACTER|DIALOGUE|PARENTHETICAL|TRANSITION|LYRIC|SECTION|SYNOPSIS|TITLEENTRY|PAGEBREAK)\b"
    r':?(?:"(.*?)")?((?: \(| "\(| tags:|$).*?)$',
    re.MULTILINE | re.DOTALL,
)
PAIRS: dict[str, tuple[list[str], list[str], str]] = {
    "SceneHeading": ([], [], ""),
    "TitlePage": ([], [], ""),
    "Lyrics": ([], [], ""),
    "Transition": ([], [], ""),
    "PageBreak": ([], [], ""),
    "LineBreaks": ([], [], ""),
    "UTF8": ([], [], ""),
    "Sections": ([], ["TRANSITION CUT TO:"], "CUT TO: on the first line is no title page"),
    "Character": (
        ["ACTION 3CPO Not work."],
        ["CHARACTER 3CPO", "DIALOGUE Not work."],
        "the syntax asks for one letter in a name: 3CPO has three",
    ),
    "Parenthetical": (
        ["DIALOGUE (bouncy) Also trying this?"],
        ["PARENTHETICAL bouncy", "DIALOGUE Also trying this?"],
        "a second parenthetical is one too",
    ),
    "Boneyards": (
        ["ACTION As he rattles off the long list, Brick and Steel share a look. This is going to be BAD. CUT TO:"],
        [
            "ACTION As he rattles off the long list, Brick and Steel share a look. This is going to be BAD.",
            "TRANSITION CUT TO:",
        ],
        "a boneyard hides its lines: what stands before it is followed by nothing",
    ),
}


def rows(pairs: list[Row]) -> list[str]:
    merged: list[Row] = []
    for kind, text in pairs:
        text = " ".join(re.sub(r"\[\[\d+\]\]|/\*\d+\*/", "", text).split())
        if kind in ("ACTION", "DIALOGUE") and merged and merged[-1][0] == kind:
            merged[-1] = (kind, f"{merged[-1][1]} {text}".strip())
        else:
            merged.append((kind, text))
    return [f"{kind} {text}".strip() for kind, text in merged]


@pytest.mark.parametrize("name", PAIRS)
def test_parser_pairs(name: str, screenplays: Path):
    folder = screenplays / "screenplay_tools"
    expected = re.split(r"^/\*0\*/BONEYARD", (folder / f"{name}.txt").read_text("utf-8-sig"), flags=re.MULTILINE)[0]
    theirs = rows([(m[1], m[2] or "") for m in EXPECTED.finditer(expected) if m[1] != "TITLEENTRY"])
    names = {"slug": "HEADING", "page_break": "PAGEBREAK", "centered": "ACTION"}
    script = read_fountain((folder / f"{name}.fountain").read_text("utf-8-sig"))
    ours = rows([(names.get(e.kind, e.kind.upper()), e.text) for e in script if e.kind != "note"])
    changed = list(difflib.ndiff(theirs, ours))
    less = [line[2:] for line in changed if line.startswith("- ")]
    more = [line[2:] for line in changed if line.startswith("+ ")]
    assert (less, more) == PAIRS[name][:2], PAIRS[name][2]


KINDS = {
    "SceneNumbers.fountain": {"heading": 7},
    "SceneHeaders.fountain": {"heading": 16, "slug": 1, "action": 3},
    "SectionHeaders.fountain": {"section": 7},
    "Synopses.fountain": {"section": 3, "synopsis": 3},
    "Sections-Complex.fountain": {"section": 3, "synopsis": 1, "heading": 2},
    "PageBreaks.fountain": {"action": 3, "page_break": 2},
    "CenteredText.fountain": {"centered": 3, "transition": 1},
    "Transitions.fountain": {"transition": 5, "action": 2},
    "MultilineAction.fountain": {"action": 3},
    "Boneyard.fountain": {"action": 2},
    "Notes.fountain": {"action": 2, "note": 3},
    "DualDialogue.fountain": {"character": 2, "dialogue": 2},
    "ForcedElements.fountain": {"action": 1, "character": 2, "dialogue": 1, "lyric": 2},
    "Indenting.fountain": {
        "transition": 1,
        "heading": 1,
        "action": 2,
        "character": 2,
        "dialogue": 2,
        "parenthetical": 1,
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_official_samples(name: str, screenplays: Path):
    script = open_script(screenplays / "fountain_official" / name).script
    assert Counter(element.kind for element in script.elements) == KINDS[name]


def test_official_details(screenplays: Path):
    official = screenplays / "fountain_official"
    numbers = [e.number for e in open_script(official / "SceneNumbers.fountain").script.elements]
    assert numbers == ["1", "1A", "1a", "A1", "I-1-A", "1.", "110A"]
    dual = open_script(official / "DualDialogue.fountain").script.elements
    assert [e.dual for e in dual if e.kind == "character"] == [False, True]
    speech = open_script(official / "Dialogue.fountain").script.elements
    cues = [(e.text, e.extension) for e in speech if e.kind == "character"]
    assert ("EVE", "(O.S.)") in cues
    assert ("R2D2", "") in cues
    assert not any(name == "23" for name, _ in cues)
    forced = open_script(official / "ForcedElements.fountain").script.elements
    assert [e.text for e in forced if e.kind in ("action", "character")] == ["BANG\nBANG\nBANG", "McDUCK", "SINGER"]


COUNTS = {
    "fountain_official/Big Fish.fountain": (192, "en"),
    "fountain_official/Brick And Steel.txt": (6, "en"),
    "afterwriting/samples/brick_and_steel.fountain": (6, "en"),
    "afterwriting/samples/my_living_memory.fountain": (9, "en"),
    "afterwriting/samples/printing_trouble.fountain": (29, "en"),
    "afterwriting/test/data/screenplays/cyrillic.fountain": (2, "ru"),
    "afterwriting/test/data/screenplays/jp.fountain": (1, "ja"),
    "afterwriting/test/data/screenplays/sc.fountain": (1, "zh"),
}


@pytest.mark.parametrize("name", COUNTS)
def test_known_scene_counts_and_languages(name: str, screenplays: Path):
    script = open_script(screenplays / name).script
    assert (sum(e.kind == "heading" for e in script.elements), script.language) == COUNTS[name]


def test_scripts_without_capitals_have_cues(screenplays: Path):
    for name, cue in (("jp", "ジョン"), ("sc", "约翰")):
        script = open_script(screenplays / f"afterwriting/test/data/screenplays/{name}.fountain").script
        assert [e.text for e in script.elements if e.kind == "character"] == [cue]
    text = "○ 部屋（夜）\n\n太郎「もう遅い」\n\n外は雨。\n"
    kinds = [(e.kind, e.text) for e in read_fountain(text)]
    assert ("character", "太郎") in kinds
    assert ("dialogue", "もう遅い") in kinds


SAME = "INT. ROOM - DAY\n\nA door.\n\nANNA\n(low)\nCome in.\n\nEXT. ROAD - NIGHT\n\nRain.\n"


@pytest.mark.parametrize(
    "encoded",
    [
        SAME.encode(),
        b"\xef\xbb\xbf" + SAME.encode(),
        SAME.replace("\n", "\r\n").encode(),
        SAME.replace("\n", "\r").encode(),
        SAME.encode("utf-16"),
        SAME.encode("utf-16-le"),
        b"\xfe\xff" + SAME.encode("utf-16-be"),
        SAME.encode("utf-32"),
    ],
    ids=["utf-8", "bom", "crlf", "cr", "utf-16", "utf-16-le bare", "utf-16-be", "utf-32"],
)
def test_encodings_and_line_ends_change_nothing(encoded: bytes):
    plain = parse_script(SAME.encode(), kind="fountain", name="a")
    assert parse_script(encoded, kind="fountain", name="a").elements == plain.elements


def test_old_windows_text_is_read_and_said():
    script = parse_script("INT. CAFÉ - DÍA\n\nLlueve.\n".encode("cp1252"), kind="fountain", name="a")
    assert script.elements[0].text == "INT. CAFÉ - DÍA"
    assert "Windows-1252" in script.notes[0]


def test_printed_scripts_lose_margins_and_furniture():
    text = "12   INT. HOUSE - DAY   12\n\nShe waits.\n\nCONTINUED:\n\n14.\n\n13A  EXT. ROAD - NIGHT  13A\n\nHe runs.\n"
    script = read_fountain(text, printed=True)
    assert [(e.kind, e.number) for e in script if e.kind == "heading"] == [("heading", "12"), ("heading", "13A")]
    assert [e.text for e in script if e.kind == "action"] == ["She waits.", "He runs."]


def test_forced_headings_are_scenes_where_there_are_no_others():
    assert [e.kind for e in read_fountain(".KONYHA\n\nCsend.\n\n.UTCA\n\nZaj.\n") if e.kind != "action"] == [
        "heading"
    ] * 2
    mixed = read_fountain("INT. A - DAY\n\nx\n\n.POV\n\ny\n\n.NUMBERED #2#\n\nz\n")
    assert [e.kind for e in mixed if e.kind != "action"] == ["heading", "slug", "heading"]


def test_lines_are_those_of_the_file():
    text = "Title: A\n\n/* gone\ngone */\nINT. ROOM - DAY\n\n[[note\nof two]] One.\nTwo.\n"
    found = {e.kind: (e.line, e.last_line) for e in read_fountain(text)}
    assert found == {"heading": (5, 5), "note": (7, 8), "action": (8, 9)}


@given(st.text(alphabet="/*[]ab \n", max_size=200))
def test_hiding_keeps_every_line_in_its_place(text: str):
    assert without_boneyards(text).count("\n") == text.count("\n")
    assert without_notes(text)[0].count("\n") == text.count("\n")


@given(st.text(max_size=300))
def test_any_text_is_read_within_its_lines(text: str):
    text = text.replace("\r", "\n")
    lines = text.count("\n") + 1
    for element in read_fountain(text):
        assert 1 <= element.line <= element.last_line <= lines


def test_prose_is_not_in_a_representation():
    script = parse_script(b"INT. ROOM - DAY\n\nA secret sentence.\n", kind="fountain", name="a")
    assert "secret" not in repr(script)
    assert "secret" not in repr(script.elements)
