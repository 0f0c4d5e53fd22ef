import pytest
from tests.prep.breakdown.kit import breakdown

from secondunit.prep.shotlist.propose import EIGHTH_S, LEAST_S, MOST, propose_shots, sequence_of
from secondunit.prep.shotlist.shot import ShotEntry, caption_of
from secondunit.show.brief.shot_file import NAME

ROW = ["WS", "FS", "OTS", "MS", "MCU", "CU", "ECU"]


def shots(body: str, heading: str = "INT. ROOM - DAY") -> list[ShotEntry]:
    return list(propose_shots(breakdown(f"{heading}\n\n{body}\n").sheets))


def rules(found: list[ShotEntry]) -> list[str]:
    return [shot.origin.split("/")[1] for shot in found]


def talk(turns: int) -> str:
    said = "".join(f"{'ANNA' if n % 2 == 0 else 'BO'}\nSomething of a few words.\n\n" for n in range(turns))
    return f"ANNA and BO at the table.\n\n{said}"


def test_every_scene_has_its_master():
    assert rules(shots("A chair.")) == ["master"]
    assert shots("ANNA waits.\n\nANNA\nHm.\n")[0].size == "FS"
    outside = shots("Nobody.", "EXT. ROAD - DAY")
    assert rules(outside) == ["establish", "master"]
    assert outside[0].size == "EWS"


def test_a_place_is_established_once():
    found = propose_shots(breakdown("EXT. ROAD - DAY\n\nDust.\n\nEXT. ROAD - NIGHT\n\nRain.\n").sheets)
    assert [shot.origin for shot in found if "establish" in shot.origin] == ["sc-1/establish"]


def test_two_who_talk_are_seen_over_shoulders_on_one_side_of_the_line():
    found = shots(talk(4))
    assert rules(found) == ["master", "over-ANNA", "over-BO", "reaction"]
    assert {shot.line_side for shot in found} == {"A"}
    over = found[1]
    assert (over.size, over.framing, over.subjects) == ("OTS", "over BO onto ANNA", ("ANNA", "BO"))


def test_sizes_only_grow_in_a_scene():
    for turns in (2, 4, 8, 14, 30):
        found = [
            s
            for s in shots(talk(turns))
            if s.origin.split("/")[1].split("-")[0] in ("master", "over", "close", "closer")
        ]
        places = [ROW.index(shot.size) for shot in found]
        assert places == sorted(places)
        assert len(found) == {2: 1, 4: 3, 8: 5, 14: 7, 30: 7}[turns]


def test_who_hears_the_last_word_is_the_reaction():
    found = shots(talk(4))
    assert found[-1].subjects == ("ANNA",)  # BO speaks last


def test_effects_have_a_plate_and_a_witness():
    found = shots("The tower collapses. ANNA runs. Anna falls. Then Anna sees.", "EXT. SQUARE - DAY")
    by_rule = dict(zip(rules(found), found, strict=True))
    plate = by_rule["effect-collapse"]
    assert (plate.size, plate.angle, plate.move, plate.effects) == ("WS", "low", "static", ("collapse",))
    assert "clean plate" in plate.note
    assert by_rule["witness"].subjects == ("ANNA",)


def test_effects_of_one_line_are_one_shot():
    found = shots("The tower collapses in a cloud of dust.\n\nA mirror shatters.", "EXT. SQUARE - DAY")
    assert [shot.effects for shot in found if shot.effects] == [("collapse", "smoke"), ("destruction",)]


def test_weak_effects_get_no_shot():
    assert not [shot for shot in shots("Rain.") if shot.effects]


def test_things_in_hand_and_things_that_drive():
    found = shots("A car speeds past. ANNA drops the letter. The letter burns.\n\nANNA\nNo.\n", "EXT. ROAD - DAY")
    by_rule = dict(zip(rules(found), found, strict=True))
    assert (by_rule["vehicle"].move, by_rule["vehicle"].vehicles) == ("track", ("car",))
    assert by_rule["insert-letter"].size == "INSERT"


@pytest.mark.parametrize("turns", [0, 1, 6, 24])
def test_durations_add_up_to_the_scenes_paper(turns: int):
    found = shots(talk(turns) if turns else "A chair.")
    sheet = breakdown(f"INT. ROOM - DAY\n\n{talk(turns) if turns else 'A chair.'}\n").sheets[0]
    assert sum(shot.duration_s for shot in found) == pytest.approx(
        sheet.eighths * EIGHTH_S, abs=0.25 * len(found) + 0.01
    )
    assert min(shot.duration_s for shot in found) >= LEAST_S


def test_names_step_by_ten_and_can_be_folders():
    text = "INT. A - DAY #4A#\n\nx\n\nINT. B - DAY #12#\n\nx\n\nINT. C - DAY #第三#\n\nx\n\nINT. D - DAY #A7#\n\nx\n"
    sheets = breakdown(text).sheets
    assert [sequence_of(sheet) for sheet in sheets] == ["S004A", "S012", "S003", "SA007"]
    found = propose_shots(sheets)
    assert all(NAME.fullmatch(shot.name) for shot in found)
    assert [shot.name for shot in found] == ["S004A_0010", "S012_0010", "S003_0010", "SA007_0010"]


def test_a_long_list_ends():
    crowd = "".join(f"P{chr(65 + n)}\nOne line.\n\nP{chr(65 + n)}\nMore.\n\n" for n in range(20))
    assert len(shots(crowd + talk(30))) <= MOST


def test_captions_hold_fields_alone():
    for shot in shots(talk(14)):
        words = caption_of(shot).replace(",", " ").split()
        allowed = f"{shot.size} {shot.framing} {shot.move} {shot.lens_mm:g} mm eye level {' '.join(shot.subjects)}"
        assert set(words) <= set(allowed.split())
    own = ShotEntry(name="A", scene="1", number=1, size="WS", caption="as I say")
    assert caption_of(own) == "as I say"


def test_the_same_sheets_give_the_same_shots():
    assert shots(talk(9)) == shots(talk(9))
