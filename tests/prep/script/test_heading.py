import pytest

from secondunit.prep.script.heading import is_heading, margin_number, read_heading, split_number

HEADINGS = {
    "INT. HOUSE - DAY": ("INT", "HOUSE", "DAY", "day"),
    "INT HOUSE DAY": ("INT", "HOUSE", "DAY", "day"),
    "INT - HOUSE - DAY": ("INT", "HOUSE", "DAY", "day"),
    "int. house - day": ("INT", "HOUSE", "DAY", "day"),
    "I./E. CAR - MOVING - NIGHT": ("INT/EXT", "CAR - MOVING", "NIGHT", "night"),
    "EXT/INT. SORORITY HOUSE - THE DOORWAY": ("INT/EXT", "SORORITY HOUSE - THE DOORWAY", "", ""),
    "EST. CITY - DAWN": ("EXT", "CITY", "DAWN", "dawn"),
    "INT. HOUSE - DAY (1979)": ("INT", "HOUSE", "DAY", "day"),
    "INT./EXT. HOUSE - (PRESENT) DAY": ("INT/EXT", "HOUSE", "DAY", "day"),
    "EXT. ROOF - NIGHT - LATER": ("EXT", "ROOF", "NIGHT - LATER", "night"),
    "INT. WARD - PRE-DAWN": ("INT", "WARD", "PRE-DAWN", "dawn"),
    "INT. OFFICE-DAY": ("INT", "OFFICE", "DAY", "day"),
    "INT. KITCHEN - CONTINUOUS": ("INT", "KITCHEN", "CONTINUOUS", "same"),
    "**INT. BOLD PLACE - NIGHT**": ("INT", "BOLD PLACE", "NIGHT", "night"),
    "EXT. AV. CORRIENTES, CUADRA 1200 - DÍA": ("EXT", "AV. CORRIENTES, CUADRA 1200", "DÍA", "day"),
    "INT. COCINA - AMANECER": ("INT", "COCINA", "AMANECER", "dawn"),
    "INNEN KÜCHE - NACHT": ("INT", "KÜCHE", "NACHT", "night"),
    "EXT. PLAGE - COUCHER DE SOLEIL": ("EXT", "PLAGE", "COUCHER DE SOLEIL", "dusk"),
    "ИНТ. КВАРТИРА МАШИ – КУХНЯ – ДЕНЬ": ("INT", "КВАРТИРА МАШИ - КУХНЯ", "ДЕНЬ", "day"),
    "НАТ. ДВОР. НОЧЬ": ("EXT", "ДВОР.", "НОЧЬ", "night"),
    "ЭКСТ. УЛИЦА - ВЕЧЕР": ("EXT", "УЛИЦА", "ВЕЧЕР", "night"),
    "INT。 病院-日": ("INT", "病院", "日", "day"),
    "○病院・中（夜）": ("", "病院・中", "夜", "night"),
    "内景 医院 夜": ("INT", "医院", "夜", "night"),
    "第3场 医院 日 外": ("EXT", "医院", "日", "day"),
    "1. 外 街道 黄昏": ("EXT", "街道", "黄昏", "dusk"),
}


@pytest.mark.parametrize("line", HEADINGS, ids=str)
def test_headings_are_read(line: str):
    assert is_heading(line)
    said = read_heading(line)
    assert (said.int_ext, said.place, said.time_of_day, said.light) == HEADINGS[line]


@pytest.mark.parametrize(
    "line",
    [
        "INTERCOM",
        "INTERIOR monologue of hers",
        "Est-ce que tu viens",
        "ESTABLISHING",
        "EXTRA COFFEE",
        "He exits.",
        "",
        "int house",
        "Internal affairs are here",
        "内容很好，他笑了。",
        "INT.",
        "x" * 5000,
    ],
    ids=lambda line: line[:20],
)
def test_what_is_no_heading(line: str):
    assert not is_heading(line)


def test_numbers_and_tags_come_off():
    assert split_number("INT. HOUSE - DAY #I-1-A#") == ("INT. HOUSE - DAY", "I-1-A")
    assert split_number("INT./EXT. ROOM #3# #tag") == ("INT./EXT. ROOM", "3")
    assert split_number("EXT. FIELD #one #two") == ("EXT. FIELD", "")
    assert margin_number("A12  EXT. ROAD - NIGHT  A12") == ("EXT. ROAD - NIGHT", "A12")
    assert margin_number("12 ANGRY MEN") == ("12 ANGRY MEN", "")
