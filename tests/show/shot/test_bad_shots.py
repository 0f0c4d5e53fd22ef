"""Shots that cannot become what was meant: told when they are laid out, and before anything is simulated."""

from pathlib import Path

import cv2
import pytest
from tests.show.show_kit import SHOT, brief_of, plate_picture

from secondunit.core.errors import BriefError
from secondunit.show import Show, ShowSettings, create_show, layout_shot, take
from secondunit.show.record.ledger import ledger_of


@pytest.fixture
def show(tmp_path: Path) -> Show:
    show = create_show(tmp_path / "Schöne Show #1?", ShowSettings(code="TST", artist="Ada Example"))
    folder = show.shot_folder(SHOT)
    folder.mkdir(parents=True)
    for number in range(1, 9):
        cv2.imwrite(str(folder / f"plate.{number:04d}.png"), plate_picture(number))
    return show


def write_brief(show: Show, more: str = "", *, plate: str = "plate.0001.png", facade: str = "") -> None:
    text = brief_of(plate, frames=8, handles=0) + more
    if facade:
        text = text.replace("[[30, 14], [68, 14], [68, 50], [30, 50]]", facade)
    (show.shot_folder(SHOT) / "shot.toml").write_text(text, encoding="utf-8")


def warned(show: Show) -> list[str]:
    return [f.message for f in layout_shot(show, SHOT).findings if f.check == "matte"]


def test_a_sound_layout_has_nothing_to_say_of_its_matte(show: Show):
    write_brief(show)
    assert warned(show) == []


@pytest.mark.parametrize(
    "more, facade",
    [
        ("", "[[300, 14], [368, 14], [368, 50], [300, 50]]"),
        ('[matte]\nsource = "polygon"\npolygon = [[-90, -90], [-10, -90], [-10, -10]]\n', ""),
    ],
    ids=["a facade outside the picture", "a polygon outside the picture"],
)
def test_an_empty_matte_is_told_by_the_layout_and_refused_by_a_take(show: Show, more: str, facade: str):
    write_brief(show, more, facade=facade)
    (said,) = warned(show)
    assert "empty" in said
    with pytest.raises(BriefError, match="matte is empty"):
        take(show, SHOT, workers=1)


def test_a_building_that_fills_the_frame_asks_for_a_clean_plate(show: Show):
    write_brief(
        show, '[matte]\nsource = "polygon"\nrefine = false\npolygon = [[-9, -9], [200, -9], [200, 99], [-9, 99]]\n'
    )
    (said,) = warned(show)
    assert "clean_plate" in said


@pytest.mark.parametrize("damage", ["cut off", "another size", "empty"])
def test_a_frame_that_cannot_be_read_is_told_before_anything_is_simulated(show: Show, damage: str):
    write_brief(show)
    path = show.shot_folder(SHOT) / "plate.0005.png"
    if damage == "another size":
        cv2.imwrite(str(path), plate_picture()[:40])
    else:
        path.write_bytes(path.read_bytes()[: 2000 if damage == "cut off" else 0])
    with pytest.raises(BriefError, match=r"plate\.0005|picture 5"):
        take(show, SHOT, workers=1)
    assert not list(show.cache.glob("*/*/*.npz"))


def test_a_plate_that_went_away_is_told_and_nothing_is_lost(show: Show):
    write_brief(show, plate="plate.0001.png")
    layout_shot(show, SHOT)
    before = (show.shot_folder(SHOT) / "layout.png").read_bytes()
    for path in show.shot_folder(SHOT).glob("plate.*.png"):
        path.rename(path.with_name("away." + path.name))
    with pytest.raises(BriefError, match=r"there is no plate .*plate\.0001\.png"):
        take(show, SHOT, workers=1)
    assert (show.shot_folder(SHOT) / "layout.png").read_bytes() == before


@pytest.mark.parametrize("name", ["Schöne Show #1?", "100 % done", "a?b=c&d", "plain"])
def test_the_record_lies_in_its_show_whatever_that_is_called(tmp_path: Path, name: str):
    show = create_show(tmp_path / "shows" / name, ShowSettings(code="TST", artist="Ada Example"))
    assert (show.root / "show.db").is_file()
    assert [path.name for path in (tmp_path / "shows").iterdir()] == [name]
    with ledger_of(show) as ledger:
        ledger.append("incident", {"shot": "A"})
        assert len(ledger.entries(kind="incident")) == 1
    assert [path.name for path in (tmp_path / "shows").iterdir()] == [name]
