import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pypdfium2
import pytest

from secondunit.core.errors import BriefError
from secondunit.core.frames import FrameRange
from secondunit.media.exr import read_exr
from secondunit.media.plate import open_plate
from secondunit.media.png import write_png
from secondunit.media.usd import read_usd_camera
from secondunit.prep.previs.brief import PictureBrief
from secondunit.prep.previs.legal_size import Padding
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.show.brief.settings import ShowSettings
from secondunit.show.prep import previs as job
from secondunit.show.prep.from_previs import init_from_previs
from secondunit.show.prep.lineage import lineage_of
from secondunit.show.prep.previs import latest_previs, make_previs, previs_brief
from secondunit.show.prep.previs_file import previs_text
from secondunit.show.prep.shotlist_file import write_shotlist
from secondunit.show.prep.store import prep_of
from secondunit.show.record.ledger import record_of
from secondunit.show.store.show import Show, create_show

ENTRY = ShotEntry(
    name="SEQ_0010", scene="4", number=10, size="WS", lens_mm=25.0, move="dolly-in", duration_s=0.25,
    subjects=("ANNA",), vehicles=("TAXI",), set_name="AV. CORRIENTES", int_ext="EXT", time_of_day="DAY",
    effects=("collapse",),
)  # fmt: skip


def _small(show: Show, shot: str = "SEQ_0010") -> None:
    """Make a guessed brief small enough for a test."""
    path = prep_of(show).previs(shot) / "previs.toml"
    brief = previs_brief(show, shot)
    collapse = brief.collapse
    if collapse is not None:
        collapse = replace(collapse, collapse=replace(collapse.collapse, pieces=60))
    small = replace(
        brief,
        picture=replace(brief.picture, width=128, height=72),
        control=replace(brief.control, budget_px=16_384),
        collapse=collapse,
    )
    path.write_text(previs_text(small), encoding="utf-8")


def _show(root: Path, *entries: ShotEntry) -> Show:
    show = create_show(root / "show", ShowSettings(code="SHW", artist="Ada Example", handles=1))
    show.root.joinpath("prep").mkdir()
    write_shotlist(prep_of(show).shotlist, entries)
    return show


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    """A street whose building comes down, guessed, made small, made."""
    show = _show(tmp_path_factory.mktemp("previs"), ENTRY)
    home = prep_of(show).previs("SEQ_0010")
    home.mkdir(parents=True)
    assert job._begin(show, home, ENTRY, (ENTRY,))
    _small(show)
    return show, make_previs(show, "SEQ_0010", workers=1)


def test_everything_a_person_asked_for_is_there(made) -> None:
    _, result = made
    assert result.version == "v001"
    with av.open(str(result.animatic)) as movie:
        frames = [f.to_ndarray(format="rgb24") for f in movie.decode(video=0)]
    assert len(frames) == 8
    assert frames[0].shape == (72, 128, 3)
    page = pypdfium2.PdfDocument(result.techvis)
    assert len(page) == 1
    said = page[0].get_textpage().get_text_bounded()
    for words in ("SHW_SEQ_0010", "TECHVIS", "Super 35 3-perf", "lens height", "PLAN 1:", "SIDE VIEW 1:", "2026-03-21"):
        assert words in said
    page.close()
    usd = read_usd_camera(result.usd, FrameRange(1001, 1008))
    assert usd.at(1001).focal_length_mm <= 25.0
    told = json.loads(result.techvis.with_suffix(".json").read_text())
    assert len(told["frames"]) == 8
    assert told["frames"][0]["distance_m"] > 5
    assert "the avenue kit" in result.notes[0]


def test_a_control_clip_is_trimmed_back_to_the_picture(made) -> None:
    _, result = made
    record = json.loads((result.control / "control.json").read_text())
    left, top, width, height = record["crop_left_top_width_height"]
    pad = Padding(
        width=width, height=height, frames=record["picture_frames"], full_width=record["full_size"][0],
        full_height=record["full_size"][1], full_frames=record["full_frames"], left=left, top=top,
    )  # fmt: skip
    files = sorted((result.control / "passes").glob("*.exr"))
    assert len(files) == pad.full_frames == 9
    first, _ = read_exr(files[0])
    assert pad.trim(first["depth.Z"]).shape == (height, width)
    held, last = read_exr(files[8])[0], read_exr(files[7])[0]
    assert np.array_equal(held["depth.Z"], last["depth.Z"])
    for name in ("depth", "normal", "motion", "id", "matte", "picture"):
        with av.open(str(result.control / f"{name}.mp4")) as movie:
            sizes = {f.to_ndarray(format="rgb24").shape[:2] for f in movie.decode(video=0)}
        assert sizes == {(pad.full_height, pad.full_width)}
    assert len(list((result.control / "depth_16").glob("*.png"))) == 9


def test_a_change_makes_the_next_version_and_a_killed_run_goes_on(made) -> None:
    show, result = made
    before = {p: p.stat().st_mtime_ns for p in result.folder.rglob("*") if p.is_file()}
    assert make_previs(show, "SEQ_0010", workers=1).version == "v001"
    path = prep_of(show).previs("SEQ_0010") / "previs.toml"
    text = path.read_text()
    path.write_text(text.replace("utc_offset_h = -3.0", "utc_offset_h = -2.5"))
    seen: list[int] = []

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "previs frames":
            seen.append(done)
            if done == 3 and total == 8:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_previs(show, "SEQ_0010", control=False, workers=1, progress=stop)
    seen.clear()
    second = make_previs(show, "SEQ_0010", control=False, workers=1, progress=stop)
    path.write_text(text)
    assert seen[-1] == 5  # three were there
    assert (second.version, second.control) == ("v002", None)
    assert second.animatic.is_file()
    assert {p: p.stat().st_mtime_ns for p in result.folder.rglob("*") if p.is_file()} == before
    assert make_previs(show, "SEQ_0010", workers=1).version == "v001"


@pytest.mark.parametrize("name,said", [("x.txt", "no camera"), ("missing.usda", "does not exist")])
def test_what_is_no_camera_is_refused(made, tmp_path: Path, name: str, said: str) -> None:
    show, _ = made
    with pytest.raises(BriefError, match=said):
        make_previs(show, "SEQ_0010", camera=tmp_path / name)


def test_a_shot_begins_from_it(made) -> None:
    show, _ = made
    result = init_from_previs(show, "SEQ_0010", workers=1)
    previs = latest_previs(show, "SEQ_0010")
    brief = show.brief("SEQ_0010")
    said = previs_brief(show, "SEQ_0010").collapse
    assert said is not None
    building = [b for b in brief.boxes if b.kind == "building"]
    assert [b.name for b in building] == [said.building]
    assert brief.collapse == said.collapse
    assert brief.camera.file == "previs_camera.usda"
    assert len([b for b in brief.boxes if b.kind == "neighbour"]) >= 2
    assert next(f.check for f in result.findings if f.severity == "warning") == "plate"
    assert any("stand-in" in note for note in result.notes)
    folder = show.shot_folder("SEQ_0010")
    plate = open_plate(brief.plate, root=folder)
    assert len(plate.range) == 8
    assert plate.width == 128
    text = (folder / "shot.toml").read_text()
    assert "PREVIS STAND-IN" in text
    assert result.sheet.is_file()
    # The lineage is on the record, and told in order.
    steps = lineage_of(show, "SEQ_0010")
    assert [s.what for s in steps][-1] == "shot"
    shot, made_of = steps[-1], dict(steps[-1].comes_from)
    assert made_of["previs"] == f"{previs.version} {previs.record['content']}"
    assert shot.digest
    first = next(s for s in steps if s.what == "previs")
    assert {"brief", "set", "shot_list"} <= dict(first.comes_from).keys()
    assert any(row["what"] == "selection" and row["shot"] == "SEQ_0010" for row in record_of(show))
    with pytest.raises(BriefError, match="exists already"):
        init_from_previs(show, "SEQ_0010")


def test_the_real_plate_takes_the_stand_ins_place(made) -> None:
    show, _ = made
    still = show.root / "plate.png"
    write_png(still, np.random.default_rng(3).integers(0, 255, (70, 128, 3), dtype=np.uint8))
    result = init_from_previs(show, "SEQ_0010", plate=str(still), force=True)
    assert not [f for f in result.findings if "stand-in" in f.message]
    assert show.brief("SEQ_0010").plate.file == "../../plate.png"
    assert (show.shot_folder("SEQ_0010") / "shot.toml.before").is_file()


def test_a_talk_on_a_bare_floor_and_a_camera_changed_elsewhere(tmp_path: Path) -> None:
    talk = replace(ENTRY, name="SEQ_0020", size="MS", move="handheld", set_name="", effects=(), vehicles=())
    show = _show(tmp_path, talk)
    home = prep_of(show).previs("SEQ_0020")
    home.mkdir(parents=True)
    job._begin(show, home, talk, (talk,))
    _small(show, "SEQ_0020")
    result = make_previs(show, "SEQ_0020", control=False, workers=1)
    brief = previs_brief(show, "SEQ_0020")
    assert brief.camera.shake.carrier == "shoulder"
    assert brief.collapse is None
    assert "bare floor" in result.notes[0]
    with pytest.raises(BriefError, match="no building"):
        init_from_previs(show, "SEQ_0020")
    assert not show.shot_folder("SEQ_0020").exists()
    # Two metres higher in Nuke, and back.
    rows = [line.split("\t") for line in result.chan.read_text().splitlines()]
    moved = tmp_path / "from_nuke.chan"
    moved.write_text("\n".join("\t".join([r[0], r[1], str(float(r[2]) + 2), *r[3:]]) for r in rows) + "\n")
    text = (home / "previs.toml").read_text()
    changed = make_previs(show, "SEQ_0020", camera=moved, control=False, workers=1)
    told = json.loads(changed.techvis.with_suffix(".json").read_text())["frames"]
    before = json.loads(result.techvis.with_suffix(".json").read_text())["frames"]
    for a, b in zip(told, before, strict=True):
        assert a["height_m"] == pytest.approx(b["height_m"] + 2, abs=2e-3)
        assert a["tilt_deg"] == pytest.approx(b["tilt_deg"], abs=0.02)
        assert a["horizontal_angle_deg"] == pytest.approx(b["horizontal_angle_deg"], abs=0.02)
    assert (home / "previs.toml.before").read_text() == text
    assert changed.version == "v002"


def test_what_is_not_on_the_list_is_refused(tmp_path: Path) -> None:
    show = _show(tmp_path, ENTRY)
    with pytest.raises(BriefError, match="not on the shot list"):
        make_previs(show, "SEQ_0099")
    with pytest.raises(BriefError, match="has no previs yet"):
        init_from_previs(show, "SEQ_0010")


def test_a_picture_is_the_largest_of_its_shape() -> None:
    assert PictureBrief(aspect=1.85).size == (960, 518)
    assert PictureBrief(aspect=1.0).size == (540, 540)
