from dataclasses import replace

import numpy as np
import pytest
from tests.prep.previs.stages import small_set

from secondunit.imaging.projection import project
from secondunit.prep.previs.brief import PictureBrief
from secondunit.prep.previs.clearance import nearest
from secondunit.prep.previs.guess import guess_previs, hero_box
from secondunit.prep.previs.rehearsal import rehearse
from secondunit.prep.previs.set_scene import bare_scene
from secondunit.prep.shotlist.shot import MOVES, SIZES, ShotEntry

PICTURE = PictureBrief(width=320, height=180, aspect=16 / 9)
TALK = ShotEntry(name="S1_0010", scene="1", number=10, size="MS", lens_mm=50, subjects=("ANNA", "BO"), duration_s=2.0)
FALL = ShotEntry(
    name="S1_0020", scene="1", number=20, size="WS", lens_mm=25, subjects=("ANNA",), vehicles=("BUS",),
    duration_s=3.0, effects=("collapse", "dust"), move="dolly-in", set_name="SMALL STREET",
)  # fmt: skip


def _seen(brief, name: str, frame: int) -> np.ndarray:
    opened = rehearse(brief, small_set())
    pixels, depth = project(opened.path.at(frame), [opened.where(name)(frame)], 320, 180)
    assert depth[0] > 0
    return pixels[0]


@pytest.mark.parametrize("size", [s for s in SIZES if s != "INSERT"])
def test_whom_it_names_is_in_frame(size: str) -> None:
    brief = guess_previs(replace(TALK, size=size), small_set(), picture=PICTURE)  # type: ignore[arg-type]
    x, y = _seen(brief, "ANNA", brief.picture.cut.first)
    assert 0 < x < 320
    assert 0 < y < 180
    assert brief.camera.subject == "ANNA"


@pytest.mark.parametrize("move", MOVES)
def test_each_move_is_keyed_inside_the_cut_and_stays_off_the_walls(move: str) -> None:
    brief = guess_previs(replace(TALK, move=move), small_set(), picture=PICTURE)  # type: ignore[arg-type]
    frames = [k.frame for k in brief.camera.keys]
    assert all(f in brief.picture.cut for f in frames)
    assert len(frames) == (1 if move in ("static", "handheld") else 2)
    opened = rehearse(brief, small_set())
    assert opened.path.moves == (move != "static")
    places = np.array([opened.path.at(f).position_m for f in brief.picture.range])
    assert places[:, 1].min() > 0.1
    assert nearest(opened.built, places).metres > 0.3


def test_a_collapse_is_seen_whole_and_begins_inside_the_cut() -> None:
    brief = guess_previs(FALL, small_set(), picture=PICTURE)
    assert brief.collapse is not None
    assert brief.collapse.building == "lot_01"
    assert brief.collapse.collapse.start_frame in brief.picture.cut
    assert brief.camera.subject == "BUILDING"
    opened = rehearse(brief, small_set())
    house = small_set().boxes[0]
    pixels, depth = project(opened.path.at(brief.picture.cut.first), house.corners(), 320, 180)
    assert (depth > 1).all()
    front = pixels[[0, 1, 2, 3]]
    assert front[:, 0].min() > -40
    assert front[:, 0].max() < 360
    assert np.ptp(front[:, 1]) > 60
    assert opened.gaits[0].brief.action == "run"
    assert brief.vehicles[0].kind == "bus"


def test_the_lens_of_the_list_is_kept_where_it_can_be() -> None:
    wide = guess_previs(FALL, small_set(), picture=PICTURE)
    assert wide.camera.keys[0].focal_mm == 25
    long = guess_previs(replace(FALL, lens_mm=135.0), small_set(), picture=PICTURE)
    assert long.camera.keys[0].focal_mm < 135
    assert guess_previs(TALK, small_set(), picture=PICTURE).camera.keys[0].focal_mm == 50


@pytest.mark.parametrize("said,clock", [("NIGHT", "21:30"), ("DAWN", "07:15"), ("LATE AFTERNOON", "16:00")])
def test_the_hour_of_the_heading(said: str, clock: str) -> None:
    assert guess_previs(replace(TALK, time_of_day=said), small_set(), picture=PICTURE).sun.time == clock


def test_the_same_entry_gives_the_same_brief_and_a_bare_floor_will_do() -> None:
    assert guess_previs(FALL, small_set(), picture=PICTURE) == guess_previs(FALL, small_set(), picture=PICTURE)
    bare = guess_previs(FALL, bare_scene(), picture=PICTURE)
    assert bare.collapse is None
    assert hero_box(()) is None
    rehearse(bare, bare_scene())


def test_length_follows_the_list() -> None:
    brief = guess_previs(TALK, small_set(), picture=PICTURE)
    assert len(brief.picture.cut) == 48
    assert brief.picture.frames == 64
