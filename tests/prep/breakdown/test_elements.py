from dataclasses import replace
from pathlib import Path

import pytest
from tests.prep.breakdown.kit import breakdown, names, sheet

from secondunit.prep.breakdown.lexicon import languages, lexicon_of, read_lexicon, tokens_of
from secondunit.prep.breakdown.method import effect_kinds
from secondunit.prep.breakdown.sheet import Breakdown
from secondunit.prep.script.open_script import open_script

ITEMS = {
    "plural": ("She drops two umbrellas.", "props", "umbrella"),
    "other word": ("He loads a revolver.", "props", "gun"),
    "two words": ("A police car waits.", "vehicles", "police car"),
    "accents off": ("A taxi and a BUS.", "vehicles", "bus"),
    "animal": ("Horses in the rain.", "animals", "horse"),
    "crowd": ("The onlookers step back.", "extras", "crowd"),
    "stunt": ("She leaps from the balcony.", "stunts", "jump"),
    "sound": ("Sirens.", "sound", "siren"),
}


@pytest.mark.parametrize("case", ITEMS)
def test_things_are_found(case: str):
    text, category, name = ITEMS[case]
    found = sheet(text)
    assert name in names(found, category)
    item = next(item for item in found.items if item.name == name)
    assert item.lines == (3,)
    assert item.span
    assert len(item.span) <= 80


def test_the_longest_thing_is_meant():
    found = sheet("A police car. A fire truck.")
    assert names(found, "vehicles") == {"police car", "fire engine"}
    assert "police" not in names(found, "extras")


def test_things_spoken_of_are_not_in_the_scene():
    assert not names(sheet("ANNA\nBring the rope and the horse.\n"), "props")


TALK = """INT. BAR - NIGHT

DOLORES BRIGHT, 40, wipes the counter. The phone RINGS. MARTA comes in.

DOLORES
You are late.

TOM (V.O.)
She always was.

DOLORES (CONT'D)
(to the door)
Shut it.

MARTA
Fine.

EXT. STREET - NIGHT

Marta walks. RUFUS follows. Later Rufus sits. Then Rufus sleeps. A RADIO plays.

DOLORES & MARTA
Hey!
"""


def test_cast_by_cue_and_by_mention():
    found = breakdown(TALK)
    bar, street = found.sheets
    assert names(bar, "cast") == {"DOLORES", "TOM", "MARTA"}
    assert bar.seen_cast == ("DOLORES", "MARTA")
    assert names(street, "cast") == {"MARTA", "RUFUS", "DOLORES"}
    people = {person.name: person for person in found.people}
    assert people["DOLORES"].full_name == "DOLORES BRIGHT"
    assert people["DOLORES"].speeches == 3
    assert people["RUFUS"].speaks is False
    assert not people["TOM"].full_name
    assert names(bar, "sound") >= {"ring"}
    assert not names(bar, "unsorted")


def test_who_answers_whom():
    bar = breakdown(TALK).sheets[0]
    assert bar.exchanges[0] == ("DOLORES", 2)
    assert bar.last_speaker == "MARTA"
    assert bar.speeches == 4


SPANISH = """EXT. AV. CORRIENTES, CUADRA 1200 - DÍA

El edificio se desploma en una nube de polvo. Los peatones huyen. Un colectivo frena.

LUCÍA
(grita)
¡Corré!

INT. BAR - NOCHE

Bruno fuma un cigarrillo. Un perro ladra.

BRUNO
No hay fuego.
"""


def test_spanish():
    found = breakdown(SPANISH)
    street, bar = found.sheets
    assert found.language == "es"
    assert (street.set_name, street.light, bar.light) == ("AV. CORRIENTES, CUADRA 1200", "day", "night")
    assert {effect.kind for effect in street.effects if effect.confidence >= 0.5} == {"collapse", "smoke"}
    assert names(street, "vehicles") == {"colectivo"}
    assert names(street, "extras") == {"transeúntes"}
    assert names(bar, "animals") == {"perro"}
    assert names(bar, "props") == {"cigarrillo"}
    assert not bar.effects


OTHERS = {
    "ru": ("ИНТ. ДОМ – НОЧЬ\n\nАННА входит. Дом рушится. Машина горит, пожар.\n\nАННА\nБеги!\n", "collapse"),
    "ja": ("○ 街（夜）\n\nビルが崩れ落ちる。車が爆発する。\n\n太郎「逃げろ」\n", "explosion"),
    "zh": ("内景 医院 夜\n\n大楼倒塌，浓烟四起。警车停下。\n\n约翰：快跑\n", "collapse"),
}


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_have_a_beginning(language: str):
    text, kind = OTHERS[language]
    found = breakdown(text)
    assert found.language == found.lexicon == language
    assert kind in {effect.kind for effect in found.sheets[0].effects}
    assert names(found.sheets[0], "cast")


def test_a_language_without_a_lexicon_says_so():
    found = breakdown("ΕΣΩΤ. ΣΠΙΤΙ - ΝΥΧΤΑ\n\nΗ ΑΝΝΑ μπαίνει.\n\nΑΝΝΑ\nΓεια.\n")
    assert found.lexicon == ""
    assert "no lexicon for 'el'" in found.notes[0]
    assert [person.name for person in found.people] == ["ΑΝΝΑ"]


@pytest.mark.parametrize("language", languages())
def test_lexicons_are_sound(language: str):
    lexicon = lexicon_of(language)
    assert lexicon is not None
    assert lexicon.language == language
    said = {entry.group.removeprefix("effects.") for entry in lexicon.entries if entry.group.startswith("effects.")}
    assert said <= set(effect_kinds())
    assert "collapse" in said
    for entry in lexicon.entries:
        assert entry.words
        assert all(word not in ("", "*") for word in entry.words)


def test_a_lexicon_is_data():
    lexicon = read_lexicon(
        {
            "language": "xx",
            "plural": ["s"],
            "props": {"words": ["blick|blicker*"]},
            "effects": {"fire": {"strong": ["blaz*"], "things": ["hus"], "beside": ["brenn*"]}},
        }
    )
    found = {(hit.group, hit.name): hit.weight for hit in lexicon.find("Blicks blaze. Brennt. Brennt hus.")}
    assert found["props", "blick"] == 1.0
    assert found["effects.fire", "blaz"] == 0.8
    weights = [hit.weight for hit in lexicon.find("Brennt. Brennt hus.")]
    assert weights == [0.2, 0.8]


def test_tokens_stand_where_they_stand():
    text = "Café, l'été"
    assert [text[token.start : token.end] for token in tokens_of(text)] == ["Café", "l", "été"]


def sameness(found: Breakdown) -> list:
    blank = {"first_line": 0, "last_line": 0, "id": ""}
    return [
        replace(
            sheet,
            **blank,
            items=tuple(replace(item, lines=()) for item in sheet.items),
            effects=tuple(
                replace(effect, causes=tuple(replace(cause, line=0) for cause in effect.causes))
                for effect in sheet.effects
            ),
        )
        for sheet in found.sheets
    ]


@pytest.mark.parametrize("name", ["TestFDX-FD.fountain", "TestFDX-FI.fdx", "TestFDX-FI.fadein", "TestFDX-FI.fountain"])
def test_twins_break_down_alike(name: str, screenplays: Path):
    folder = screenplays / "screenplay_tools"
    one = breakdown((folder / "TestFDX-FD.fdx").read_bytes(), kind="fdx")
    kind = {".fountain": "fountain", ".fdx": "fdx", ".fadein": "fadein"}[Path(name).suffix]
    other = breakdown((folder / name).read_bytes(), kind=kind)  # type: ignore[arg-type]
    assert sameness(one) == sameness(other)
    assert one.people == other.people


def as_final_draft(path: Path) -> bytes:
    """A Final Draft file of a Fountain one, as a word processor would save it: our own writer, for this test."""
    from xml.sax.saxutils import escape

    kinds = {"heading": "Scene Heading", "slug": "Scene Heading", "centered": "Action", "lyric": "Lyrics"}
    rows = []
    new_page = ""
    for e in open_script(path).script.elements:
        if e.kind == "page_break":
            new_page = ' StartsNewPage="Yes"'
        if e.kind in ("page_break", "note", "section", "synopsis"):
            continue
        text = f"({e.text})" if e.kind == "parenthetical" else f"{e.text} {e.extension}".strip()
        style = kinds.get(e.kind, e.kind.title())
        centre = ' Alignment="Center"' if e.kind == "centered" else ""
        paragraph = f'<Paragraph Type="{style}"{centre}{new_page}><Text>{escape(text)}</Text></Paragraph>'
        new_page = ""
        if e.dual:
            paragraph = f"<Paragraph><DualDialogue>{paragraph}</DualDialogue></Paragraph>"
        rows.append(paragraph)
    return f"<FinalDraft><Content>{''.join(rows)}</Content></FinalDraft>".encode()


def test_a_feature_and_its_final_draft_twin_break_down_alike(screenplays: Path):
    path = screenplays / "fountain_official" / "Big Fish.fountain"
    one, other = breakdown(path.read_bytes()), breakdown(as_final_draft(path), kind="fdx")
    assert len(one.sheets) == len(other.sheets) == 192

    def core(found: Breakdown) -> list:
        return [
            (
                (s.number, s.int_ext, s.set_name, s.light, s.speeches, s.exchanges, s.page, s.eighths),
                [(i.category, i.name, i.count, i.span) for i in s.items],
                [(e.kind, e.confidence, [cause.words for cause in e.causes]) for e in s.effects],
            )
            for s in found.sheets
        ]

    assert core(one) == core(other)
    assert one.people == other.people
