"""Names are found however they are spelt; honest direction passes. What the lint cannot find is written down too."""

import base64
import codecs
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.clearance.guard.edits import within
from secondunit.clearance.guard.names import load_names
from secondunit.clearance.guard.normalise import plain, readings
from secondunit.clearance.guard.prompt_lint import LIMIT, lint, lint_all
from secondunit.core.errors import BriefError

EVASIONS = {
    "as written": "Crowd like a Sebastião Salgado photo",
    "no accents": "sebastiao salgado",
    "surname alone": "a salgado sky",
    "surname first": "Salgado, Sebastião",
    "capitals": "SEBASTIÃO SALGADO",
    "a letter missing": "Sebastiao Salgdo",
    "letters swapped": "Sebastiao Saglado",
    "a letter doubled": "Sebastiaao Sallgado",
    "joined": "SebastiaoSalgado",
    "hyphens": "Sebastião-Salgado",
    "dots": "S.e.b.a.s.t.i.a.o S.a.l.g.a.d.o",
    "spelt out": "S e b a s t i ã o  S a l g a d o",
    "underscores": "sebastiao_salgado_style",
    "zero width space": "Sebastiao Sal\u200bgado",
    "soft hyphen": "Sebas\u00adtiao Salgado",
    "direction marks": "\u202eSebastiao\u202c Salgado",
    "word joiner": "Sal\u2060gado",
    "composed apart": "Sebastia\u0303o Salgado",
    "more accents": "S̷e̷b̷a̷s̷t̷i̷a̷o̷ S̷a̷l̷g̷a̷d̷o̷",
    "Cyrillic twins": "Ѕеbаѕtіао Ѕаlgаdо",
    "Greek twins": "Sεbαsτiαo Sαlgαdο",
    "full width": "Ｓｅｂａｓｔｉａｏ Ｓａｌｇａｄｏ",
    "mathematical": "𝕾𝖊𝖇𝖆𝖘𝖙𝖎𝖆𝖔 𝕾𝖆𝖑𝖌𝖆𝖉𝖔",
    "circled": "ⓈⒺⒷⒶⓈⓉⒾⒶⓄ ⓈⒶⓁⒼⒶⒹⓄ",
    "digits for letters": "5eb4st14o s4lg4d0",
    "signs for letters": "$eb@sti@o $@lg@do",
    "Russian": "Себастьян Сальгадо",
    "Chinese": "像萨尔加多的照片一样",
    "Japanese": "サルガドのような群衆",
    "per cent": "%53alg%61do",
    "HTML": "&#83;alg&#x61;do",
    "escapes": r"\u0053alg\u0061do",
    "base64": base64.b64encode("Sebastião Salgado".encode()).decode(),
    "base64 twice": base64.b64encode(base64.b64encode(b"Sebastiao Salgado")).decode(),
    "hex": b"Sebastiao Salgado".hex(),
    "rot13": codecs.encode("Sebastiao Salgado", "rot13"),
    "backwards": "odagla\u0053 oaitsabeS",
    "over lines": "sebastiao\nsalgado",
    "negative prompt": "(no:1.3) not sebastiao salgado",
}
HONEST = [
    "dust and debris from a five storey concrete building, late sun, wind from the left",
    "grey dust like fine flour, slow billows, thick at the base",
    "make the building fall to the left like a tree",
    "Collapse of the old house on Düsseldorf street, messy rubble, windows missing",
    "a photo by the river in the morning, the same light as the plate",
    "concrete, 1013 frames at 24 fps, 868x600, seed 8f3a",
    "un edificio de hormigón cae despacio, polvo fino, sol de la tarde",
    "Betonteile fallen nach links, der Staub wird vom Wind getragen",
    "砖墙倒塌,灰尘向左飘,下午的阳光",
    "ビルが左へ倒れる、細かい埃、午後の光",
    "пятиэтажный дом падает влево, мелкая пыль, вечернее солнце",
    "great waves of dust, sand dunes behind, a ring road, legs of a crane",
    "/shots/SEQ_0010/plate.1001.exr sha256 " + "9f" * 32,
]
IMITATION = [
    "in the style of my uncle Joe",
    "dust in the manner of an unnamed master",
    "inspired by that famous film",
    "a crowd like a Fritz Lang film",
    "im Stil von Otto Beispiel",
    "al estilo de un maestro",
    "à la manière de Dupont",
    "в стиле известного художника",
    "吉田の風格",
    "as shot by Jane Roe",
]
UNKNOWN = {
    "a name on no list": "Jane Roe stands in the dust",
    "a description instead of a name": "the Brazilian photographer of gold miners",
    "a script without an alias": "سيباستياو سالغادو",
}


@pytest.mark.parametrize("text", EVASIONS.values(), ids=EVASIONS)
def test_a_name_is_found_however_it_is_spelt(text: str):
    hits = lint(text)
    assert ("artist", "Sebastião Salgado") in {(hit.kind, hit.entry) for hit in hits}, hits


@pytest.mark.parametrize("text", HONEST)
def test_honest_direction_passes(text: str):
    assert lint(text) == ()


@pytest.mark.parametrize("text", IMITATION)
def test_asking_to_imitate_is_unsure_even_where_no_list_knows_whom(text: str):
    assert "unsure" in {hit.kind for hit in lint(text)}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_what_no_list_holds_is_not_found_and_the_documents_say_so(text: str):
    assert lint(text) == ()


@pytest.mark.parametrize("entry", load_names().entries, ids=lambda e: e.name)
def test_every_name_on_the_list_is_found_in_each_of_its_spellings(entry):
    for spelling in entry.spellings:
        for text in (spelling, spelling.upper(), f"a wall, {spelling} and dust"):
            assert entry.name in {hit.entry for hit in lint(text)}, text


@pytest.mark.parametrize("text", ["a B a n k s y wall", "a B a n k s y y nada", "B.A.N.K.S.Y", "b-a-n-k-s-y"])
def test_a_short_name_is_found_spelt_out(text: str):
    assert "Banksy" in {hit.entry for hit in lint(text)}


def test_a_show_adds_names_and_takes_none_off(tmp_path: Path):
    own = tmp_path / "names.toml"
    own.write_text('[performer]\n"Jane Roe" = ["Джейн Роу"]\n[title]\n"Night Harbour" = []\n')
    names = load_names(own).with_people(["Ada Example"])
    kinds = {
        text: lint(text, names=names)[0].kind for text in ("jane r0e", "Night-Harbour", "Джейн Роу", "Ada Exampel")
    }
    assert set(kinds.values()) == {"performer", "title"}
    assert lint("Banksy", names=names)


@pytest.mark.parametrize(
    "text", ["[villain]\n'X' = []", "[artist]\n'' = []", "[artist]\n'X' = 'Y'", "artist = 3", "[unsure]\n'X' = []", "["]
)
def test_a_list_that_says_something_else_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "names.toml"
    path.write_text(text)
    with pytest.raises(BriefError):
        load_names(path)


def test_a_text_too_long_to_judge_is_unsure():
    assert [hit.kind for hit in lint("x" * (LIMIT + 1))] == ["unsure"]


def test_the_longest_text_is_judged_in_time():
    began = time.perf_counter()
    lint(("dust and rubble %41 QUJDREVGR0hJSktM " * 600)[:LIMIT])
    assert time.perf_counter() - began < 30


def test_all_texts_of_a_use_are_judged():
    found = lint_all({"prompt": "dust", "negative": "no Banksy", "file title": "Star Wars"})
    assert set(found) == {"negative", "file title"}


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text: str):
    assert isinstance(lint(text), tuple)
    assert next(iter(readings(text))) == plain(text)


@given(st.text("abcdefgh", min_size=1, max_size=9), st.text("abcdefgh", min_size=1, max_size=9), st.integers(0, 3))
def test_slips_are_counted_as_the_plain_definition_counts_them(one: str, other: str, limit: int):
    def distance(a: str, b: str) -> int:
        if not a or not b:
            return len(a) + len(b)
        best = min(distance(a[:-1], b) + 1, distance(a, b[:-1]) + 1, distance(a[:-1], b[:-1]) + (a[-1] != b[-1]))
        if len(a) > 1 and len(b) > 1 and a[-1] == b[-2] and a[-2] == b[-1]:
            best = min(best, distance(a[:-2], b[:-2]) + 1)
        return best

    one, other = one[:5], other[:5]
    assert within(one, other, limit) == (distance(one, other) <= limit)
