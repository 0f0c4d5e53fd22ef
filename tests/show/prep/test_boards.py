"""``prep boards`` on a show: what is drawn, what is kept, what a person made and nobody may touch."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from secondunit.core.errors import BriefError
from secondunit.media.png import write_png
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.show.brief.settings import ShowSettings
from secondunit.show.prep.board_work import own_drawing, read_picture
from secondunit.show.prep.boards import BoardOptions, import_storyboarder, make_boards
from secondunit.show.prep.boards_file import read_panel
from secondunit.show.prep.shotlist_file import write_shotlist
from secondunit.show.record.ledger import record_of
from secondunit.show.store.show import Show, create_show

SMALL = BoardOptions(width=320, movie=False, workers=1)
SHOTS = (
    ShotEntry(
        name="S004_0010", scene="4", number=10, size="MS", subjects=("ANNA",), framing="single", set_name="HALLWAY",
        int_ext="INT", duration_s=0.5,
    ),
    ShotEntry(
        name="S005_0010", scene="5", number=10, size="CU", subjects=("BO",), framing="single", set_name="HALLWAY",
        int_ext="INT", duration_s=0.5, note="hears it",
    ),
)  # fmt: skip


@pytest.fixture
def show(tmp_path: Path) -> Show:
    made = create_show(tmp_path / "show", ShowSettings(code="SHW", artist="Ada Example"))
    (made.root / "prep").mkdir()
    write_shotlist(made.root / "prep" / "shotlist.toml", SHOTS)
    return made


def board(show: Show, n: int = 0) -> Path:
    return show.root / "prep" / "boards" / SHOTS[n].name


def test_boards_are_drawn_once_and_kept(show: Show):
    first = make_boards(show, replace(SMALL, movie=True))
    assert dict(first.boards) == {"SHW_S004_0010": "drawn", "SHW_S005_0010": "drawn"}
    names = sorted(p.name for p in (show.root / "prep" / "boards").iterdir())
    assert names == [
        "S004_0010", "S005_0010", "SHW_boards.mp4", "SHW_boards.otio", "SHW_boards.pdf", "SHW_boards_storyboarder",
    ]  # fmt: skip
    before = {p: p.read_bytes() for p in (show.root / "prep" / "boards").rglob("*") if p.is_file()}
    again = make_boards(show, replace(SMALL, movie=True))
    assert set(dict(again.boards).values()) == {"kept"}
    for path, data in before.items():
        assert path.read_bytes() == data, path.name
    assert [r["said"] for r in record_of(show) if r["what"] == "output"] == ["board drawn"] * 2


def test_only_what_changed_is_drawn_again(show: Show):
    make_boards(show, SMALL)
    art = (board(show, 1) / "art.png").read_bytes()
    write_shotlist(show.root / "prep" / "shotlist.toml", (replace(SHOTS[0], lens_mm=85.0, size="CU"), SHOTS[1]))
    assert dict(make_boards(show, SMALL).boards) == {"SHW_S004_0010": "drawn", "SHW_S005_0010": "kept"}
    assert (board(show, 1) / "art.png").read_bytes() == art


def test_a_revision_changes_the_caption_and_not_the_drawing(show: Show):
    make_boards(show, SMALL)
    art, panel = ((board(show) / name).read_bytes() for name in ("art.png", "panel.png"))
    write_shotlist(show.root / "prep" / "shotlist.toml", (replace(SHOTS[0], revision="orphaned"), SHOTS[1]))
    result = make_boards(show, SMALL)
    assert dict(result.boards)["SHW_S004_0010"] == "kept"
    assert (board(show) / "art.png").read_bytes() == art
    assert (board(show) / "panel.png").read_bytes() != panel
    assert any("orphaned" in w for w in result.warnings)


def test_the_template_edits_nothing_and_an_edit_wins(show: Show):
    make_boards(show, SMALL)
    file = board(show) / "panel.toml"
    assert read_panel(file) == read_panel(board(show) / "nothing.toml")
    art = read_picture(board(show) / "art.png")
    mine = 'schema = 1\nnote = "closer"\nstyle = "ink"\n[camera]\nlens_mm = 24.0\n'
    mine += '[[figure]]\nname = "ANNA"\npose = "crouching"\n'
    file.write_text(mine)
    result = make_boards(show, SMALL)
    assert dict(result.boards) == {"SHW_S004_0010": "drawn", "SHW_S005_0010": "kept"}
    assert file.read_text() == mine
    assert np.abs(read_picture(board(show) / "art.png").astype(int) - art).mean() > 5
    assert any("S004_0010" in w for w in result.warnings)


@pytest.mark.parametrize(
    "text, message",
    [
        ('schema = 1\nstile = "ink"', "did you mean 'style'"),
        ('schema = 1\nstyle = "oil"', "no drawing style 'oil'"),
        ('schema = 1\n[[figure]]\nname = "A"\npose = "flying"', "no pose 'flying'"),
        ('schema = 1\n[[figure]]\npose = "sitting"', "lacks name"),
        ("schema = 1\n[camera]\nlens_mm = 1.0", "out of range"),
        ("schema = 1\n[camera]\nposition_m = [1.0, 2.0]", "has 2 values"),
        ('schema = 1\n[[arrow]]\nkind = "sideways"', "no arrow 'sideways'"),
        ('schema = 1\n[[vehicle]]\nname = "V"\nkind = "tank"', "no vehicle 'tank'"),
        ("style = 1", "schema is missing"),
    ],
    ids=["key", "style", "pose", "name", "lens", "position", "arrow", "vehicle", "schema"],
)
def test_an_edit_that_cannot_be_meant_is_refused_and_nothing_lost(show: Show, text: str, message: str):
    board(show).mkdir(parents=True)
    (board(show) / "panel.toml").write_text(text)
    with pytest.raises(BriefError, match=message):
        make_boards(show, replace(SMALL, scene="4"))
    assert (board(show) / "panel.toml").read_text() == text


def test_a_drawing_takes_the_panel_and_is_never_written(show: Show):
    board(show).mkdir(parents=True)
    mine = np.full((200, 300, 3), 255, np.uint8)
    mine[50:150, 100:200] = (200, 30, 30)
    write_png(board(show) / "drawing.png", mine)
    data = (board(show) / "drawing.png").read_bytes()
    result = make_boards(show, replace(SMALL, again=True))
    assert dict(result.boards) == {"SHW_S004_0010": "own drawing", "SHW_S005_0010": "drawn"}
    assert (board(show) / "drawing.png").read_bytes() == data
    art = read_picture(board(show) / "art.png")
    assert art[art.shape[0] // 2, art.shape[1] // 2].tolist() == [200, 30, 30]
    (board(show) / "drawing.png").unlink()
    assert dict(make_boards(show, SMALL).boards)["SHW_S004_0010"] == "drawn"


def test_a_drawing_that_is_no_picture_is_refused(show: Show):
    board(show).mkdir(parents=True)
    (board(show) / "drawing.png").write_bytes(b"not a picture")
    with pytest.raises(BriefError, match="cannot be read as a picture"):
        make_boards(show, SMALL)


def test_storyboarder_brings_drawings_in_beside_older_ones(show: Show):
    make_boards(show, SMALL)
    (project,) = (show.root / "prep" / "boards").rglob("*.storyboarder")
    assert import_storyboarder(show, project).taken == ()
    value = json.loads(project.read_text())
    for round_, wanted in ((1, "drawing.png"), (2, "drawing_02.png")):
        ink = np.zeros((900, 1665, 4), np.uint8)
        ink[100 * round_ : 100 * round_ + 80, 300:900] = (0, 0, 160, 255)
        write_png(project.parent / "images" / "ink.png", ink)
        value["boards"][0]["layers"]["ink"] = {"url": "ink.png"}
        project.write_text(json.dumps(value))
        result = import_storyboarder(show, project)
        assert [(name, Path(file).name) for name, file in result.taken] == [("S004_0010", wanted)]
        assert import_storyboarder(show, project).taken == (), "the same drawing is not taken twice"
    assert own_drawing(board(show)) == board(show) / "drawing_02.png"
    assert dict(make_boards(show, SMALL).boards)["SHW_S004_0010"] == "own drawing"


def test_boards_of_nobody_are_told(show: Show, tmp_path: Path):
    (tmp_path / "b.storyboarder").write_text('{"boards": [{"uid": "ZZZZZ", "shot": "99A"}]}')
    assert import_storyboarder(show, tmp_path / "b.storyboarder").unmatched == (1,)


def test_one_scene_is_drawn_by_itself(show: Show):
    result = make_boards(show, replace(SMALL, scene="5"))
    assert [name for name, _ in result.boards] == ["SHW_S005_0010"]
    assert (show.root / "prep" / "boards" / "SHW_boards_S005.pdf").is_file()
    assert not board(show).exists()


def test_workers_draw_what_one_alone_draws(show: Show, tmp_path: Path):
    more = tuple(
        replace(SHOTS[0], name=f"S004_00{n}0", number=n * 10, size=size)
        for n, size in enumerate(("MS", "CU", "FS", "MCU"), 1)
    )
    write_shotlist(show.root / "prep" / "shotlist.toml", more)
    make_boards(show, SMALL)
    alone = {s.name: (show.root / "prep" / "boards" / s.name / "art.png").read_bytes() for s in more}
    make_boards(show, replace(SMALL, again=True, workers=2))
    for name, data in alone.items():
        assert (show.root / "prep" / "boards" / name / "art.png").read_bytes() == data


@pytest.mark.parametrize(
    "options, message",
    [
        (replace(SMALL, scene="77"), "no shot of scene 77"),
        (replace(SMALL, style="oil"), "no drawing style"),
        (replace(SMALL, aspect=9.0), "aspect of 9.0"),
        (replace(SMALL, width=10), "10 pixels wide"),
        (replace(SMALL, per_page=5), "no page of 5"),
    ],
    ids=["scene", "style", "aspect", "width", "page"],
)
def test_what_cannot_be_made_is_refused(show: Show, options: BoardOptions, message: str):
    with pytest.raises(BriefError, match=message):
        make_boards(show, options)


def test_a_show_without_a_shot_list_says_how_to_get_one(tmp_path: Path):
    made = create_show(tmp_path / "show", ShowSettings(code="SHW", artist="Ada Example"))
    with pytest.raises(BriefError, match="prep breakdown"):
        make_boards(made, SMALL)
