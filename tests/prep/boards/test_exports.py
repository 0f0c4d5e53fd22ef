"""Pages, animatic, timeline and Storyboarder: read back by others' readers, and refused where they are hostile."""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pypdfium2
import pytest

from secondunit.core.errors import BriefError
from secondunit.media.png import write_png
from secondunit.prep.boards.animatic import SLATE_FRAMES, Beat, frames_of, write_animatic
from secondunit.prep.boards.lettering import face_for, missing_letters
from secondunit.prep.boards.pages import PagePanel, write_pages
from secondunit.prep.boards.sheet import caption_for, fitted_drawing, panel_sheet
from secondunit.prep.boards.storyboarder import BoardOut, read_storyboarder, uid_of, write_storyboarder
from secondunit.prep.boards.timeline import Clip, write_timeline
from secondunit.prep.shotlist.shot import ShotEntry

RATE = Fraction(24000, 1001)


def shot(n: int, **more) -> ShotEntry:
    given = {"scene": "4", "number": n, "size": "MS", "subjects": ("ANNA",), "duration_s": 1.3, "set_name": "CAFÉ"}
    return ShotEntry(name=f"S004_{n:04d}", **(given | more))


def art(n: int = 0) -> np.ndarray:
    picture = np.full((104, 192, 3), 250, np.uint8)
    picture[20:60, 30 + n : 90 + n] = 40
    return picture


def test_pages_read_back_with_their_text_and_pictures(tmp_path: Path):
    panels = []
    for n in range(7):
        write_png(tmp_path / f"{n}.png", art(n))
        entry = shot(n * 10, revision="changed" if n == 1 else "", note="a note for this one" if n == 2 else "")
        caption = caption_for(f"SHW_S004_{n:04d}", entry, aspect=1.85)
        panels.append(PagePanel(picture=tmp_path / f"{n}.png", caption=caption))
    assert write_pages(tmp_path / "b.pdf", panels, title="SHW   Boards", per_page=6) == 2
    document = pypdfium2.PdfDocument(tmp_path / "b.pdf")
    try:
        text = "\n".join(document[k].get_textpage().get_text_range() for k in range(2))
        for wanted in ("SHW_S004_0003", "CHANGED", "a note for this one", "1.85:1", "CAFÉ", "2 / 2"):
            assert wanted in text
        page = np.asarray(document[0].render(scale=1).to_pil().convert("L"))
        assert page.shape[0] > page.shape[1]
        assert (page < 80).mean() > 0.02
    finally:
        document.close()
    first = (tmp_path / "b.pdf").read_bytes()
    write_pages(tmp_path / "b.pdf", panels, title="SHW   Boards", per_page=6)
    assert (tmp_path / "b.pdf").read_bytes() == first


@pytest.mark.parametrize("said", ["Ночь в кафе", "夜のカフェ", "夜晚的咖啡馆"], ids=["Cyrillic", "Japanese", "Chinese"])
def test_pages_take_any_script(tmp_path: Path, said: str):
    write_png(tmp_path / "a.png", art())
    caption = caption_for("SHW_S001_0010", shot(10, set_name=said, note=said), aspect=1.85)
    write_pages(tmp_path / "b.pdf", [PagePanel(picture=tmp_path / "a.png", caption=caption)], title="SHW")
    document = pypdfium2.PdfDocument(tmp_path / "b.pdf")
    try:
        assert said.split()[0] in document[0].get_textpage().get_text_range()
    finally:
        document.close()


def test_letters_that_no_face_has_are_told():
    assert missing_letters("Anna, 24 mm, 1.85:1") == ""
    assert missing_letters("A\ue123B") == "\ue123"
    assert face_for("plain") == ""


@pytest.mark.parametrize("seconds, rate", [([1.3] * 9, RATE), ([0.02, 2.5, 3.0], Fraction(24)), ([2.0], Fraction(25))])
def test_frames_never_drift_from_the_seconds(seconds: list[float], rate: Fraction):
    counts = frames_of(seconds, rate)
    assert min(counts) >= 1
    assert abs(sum(counts) - float(sum(seconds) * rate)) <= 1


def test_an_animatic_has_its_frames_and_its_slate(tmp_path: Path):
    beats = [Beat(name=f"S{n}", art=art(n), seconds=0.5, said="MS ANNA") for n in range(3)]
    count = write_animatic(tmp_path / "a.mp4", beats, rate=Fraction(24), title="SHW", lines=["temp"], width=192)
    assert count == SLATE_FRAMES + 36
    with av.open(str(tmp_path / "a.mp4")) as movie:
        frames = [f.to_ndarray(format="gray") for f in movie.decode(video=0)]
    assert len(frames) == count
    assert frames[0].mean() < 60 < frames[SLATE_FRAMES].mean(), "a dark slate, then paper"
    assert np.abs(frames[SLATE_FRAMES].astype(int) - frames[SLATE_FRAMES + 12]).mean() > 0.5


def test_a_timeline_reads_back(tmp_path: Path):
    shots = [shot(10, effects=("collapse",)), shot(20, revision="orphaned", duration_s=2.0)]
    clips = [Clip(name=f"SHW_{s.name}", shot=s, picture=f"{s.name}/art.png", note="look up") for s in shots]
    write_timeline(tmp_path / "b.otio", clips, name="boards", rate=RATE)
    timeline = otio.adapters.read_from_file(str(tmp_path / "b.otio"))
    found = list(timeline.find_clips())
    assert [c.name for c in found] == ["SHW_S004_0010", "SHW_S004_0020"]
    assert [c.duration().value for c in found] == frames_of([1.3, 2.0], RATE)
    assert found[0].source_range.start_time.rate == pytest.approx(float(RATE))
    assert found[1].media_reference.target_url == "S004_0020/art.png"
    assert [m.name for m in found[0].markers] == ["effect: collapse", "look up"]
    assert found[1].markers[-1].color == otio.schema.MarkerColor.RED
    assert timeline.duration().value == sum(frames_of([1.3, 2.0], RATE))


def boards(count: int = 2) -> list[BoardOut]:
    return [
        BoardOut(shot=f"SHW_S004_00{n}0", art=art(n), seconds=1.5, action="MS ANNA", notes="n", new_scene=n == 0)
        for n in range(count)
    ]


def test_a_storyboarder_project_goes_out_and_in(tmp_path: Path):
    file = write_storyboarder(tmp_path, boards(), name="b", aspect=192 / 104, fps=24.0)
    value = json.loads(file.read_text())
    assert [b["time"] for b in value["boards"]] == [0, 1500]
    assert all(b["dialogue"] == "" for b in value["boards"]), "nothing of a script goes out"
    for board in value["boards"]:
        assert (tmp_path / "images" / board["layers"]["reference"]["url"]).is_file()
    back = read_storyboarder(file)
    assert [b.uid for b in back] == [uid_of(f"SHW_S004_00{n}0") for n in range(2)]
    assert not any(b.touched for b in back)
    assert back[0].art is not None
    assert back[0].art.shape == (900, round(900 * 192 / 104), 3)


def test_what_is_drawn_over_a_board_comes_in(tmp_path: Path):
    file = write_storyboarder(tmp_path, boards(1), name="b", aspect=192 / 104, fps=24.0)
    value = json.loads(file.read_text())
    ink = np.zeros((900, round(900 * 192 / 104), 4), np.uint8)
    ink[700:800, 300:500] = (200, 0, 0, 255)
    write_png(tmp_path / "images" / "ink.png", ink)
    value["boards"][0]["layers"]["ink"] = {"url": "ink.png"}
    file.write_text(json.dumps(value))
    (board,) = read_storyboarder(file)
    assert board.touched
    assert board.art is not None
    assert (board.art[750, 400] == (200, 0, 0)).all()


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "cannot be read"),
        ("[]", "holds no boards"),
        ('{"boards": [3]}', "is no table"),
        ('{"boards": [{"layers": {"ink": {"url": "../../secret.png"}}}]}', "outside its folder"),
        ("[" * 100000, "cannot be read"),
    ],
    ids=["cut short", "a list", "a number", "a way out", "nested"],
)
def test_a_project_that_is_none_is_refused(tmp_path: Path, text: str, message: str):
    (tmp_path / "b.storyboarder").write_text(text)
    with pytest.raises(BriefError, match=message):
        read_storyboarder(tmp_path / "b.storyboarder")


def test_a_picture_that_is_not_there_yet_is_no_error(tmp_path: Path):
    (tmp_path / "b.storyboarder").write_text('{"boards": [{"layers": {"ink": {"url": "later.png"}}, "uid": "ABCDE"}]}')
    (board,) = read_storyboarder(tmp_path / "b.storyboarder")
    assert board.art is None


def test_a_panel_shows_its_caption_and_status():
    plain = panel_sheet(art(), caption_for("SHW_S004_0010", shot(10), aspect=1.85), seed=1)
    marked = panel_sheet(art(), caption_for("SHW_S004_0010", shot(10, revision="orphaned"), aspect=1.85), seed=1)
    assert plain.shape == marked.shape
    assert (marked[..., 0].astype(int) - marked[..., 2] > 60).sum() > (
        plain[..., 0].astype(int) - plain[..., 2] > 60
    ).sum()
    same = panel_sheet(art(), caption_for("SHW_S004_0010", shot(10), aspect=1.85), seed=1)
    assert plain.tobytes() == same.tobytes()


def test_a_drawing_of_another_shape_is_shown_whole():
    tall = np.zeros((300, 100, 3), np.uint8)
    sheet = fitted_drawing(tall, width=192, height=104)
    dark = np.argwhere(sheet[..., 0] < 128)
    assert sheet.shape == (104, 192, 3)
    assert np.ptp(dark[:, 0]) + 1 == 104
    assert np.ptp(dark[:, 1]) + 1 == pytest.approx(104 / 3, abs=1)


@pytest.mark.parametrize("bad", [{"per_page": 5}, {"paper": "a0"}, {"panels": []}], ids=["grid", "paper", "nothing"])
def test_pages_that_cannot_be_are_refused(tmp_path: Path, bad: dict):
    write_png(tmp_path / "a.png", art())
    panel = PagePanel(picture=tmp_path / "a.png", caption=caption_for("S", shot(10), aspect=1.85))
    given = {"panels": [panel], "title": "SHW"} | bad
    with pytest.raises(BriefError):
        write_pages(tmp_path / "b.pdf", given.pop("panels"), **given)
