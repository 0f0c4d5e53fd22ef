"""A whole shot, small: 96 x 64 pixels, a dozen frames, two storeys. One show for all tests; each stage runs once."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.show.show_kit import BRIEF, FRAMES, PEOPLE, SHOT, give_keys, make_show, plate_picture

from secondunit.clearance.binder.signed import check_report
from secondunit.cli.main import run
from secondunit.core.errors import BriefError, ClearanceError, StoreError
from secondunit.media.exr import read_exr, read_exr_header
from secondunit.show import (
    Show,
    TakeResult,
    approve,
    finish,
    opt_in,
    record_work,
    take,
    verify_show,
    would_say,
    write_show_binder,
)
from secondunit.show.delivery.conform import conform
from secondunit.show.record.ledger import record_of
from secondunit.show.store.show import locked


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Show:
    return make_show(tmp_path_factory.mktemp("pipeline") / "show")


@pytest.fixture(scope="module")
def drafts(show: Show) -> tuple[TakeResult, ...]:
    return take(show, SHOT, takes=2, draft=False, vary_axes=["detail"], workers=2)


@pytest.fixture(scope="module")
def final(show: Show, drafts: tuple[TakeResult, ...]) -> TakeResult:
    give_keys(show)
    paint = show.shot_folder(SHOT) / "paint.png"
    cv2.imwrite(str(paint), plate_picture())
    record_work(show, SHOT, kind="paint", by="Ada Example", after=paint)
    opt_in(show, SHOT)
    for role, name in PEOPLE.items():
        approve(show, SHOT, take=1, by=name, role=role, proxy=drafts[0].movie)
    return finish(show, SHOT, take=1, workers=1)


def files_of(result: TakeResult) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(result.folder.rglob("*.exr"))}


def channels(result: TakeResult, name: str, frame: int) -> dict[str, np.ndarray]:
    (path,) = result.folder.glob(f"*_{name}_*/*.{frame}.exr")
    return read_exr(path)[0]


def test_a_take_is_a_folder_with_all_its_parts(drafts: tuple[TakeResult, ...]):
    for result in drafts:
        record = json.loads((result.folder / "take.json").read_text())
        assert record["plate_lock_max_abs_diff"] == 0.0
        assert set(record["recipes"]) == {"plate", "fracture", "rigid", "dust", "light", "generate", "render"}
        assert record["seconds"]["total"] > 0
        for name in ("comp", "element", "cleanplate", "matte", "shadow"):
            folder = result.folder / f"TST_{SHOT}_{name}_t{result.take.number:03d}"
            assert len(list(folder.glob("*.exr"))) == FRAMES
        assert result.contact_sheet.is_file()
        assert result.side_by_side is not None
        assert result.side_by_side.is_file()


def test_the_movie_has_every_frame(drafts: tuple[TakeResult, ...]):
    with av.open(str(drafts[0].movie)) as movie:
        assert sum(1 for _ in movie.decode(video=0)) == FRAMES


def test_before_the_failure_the_comp_is_the_plate(drafts: tuple[TakeResult, ...]):
    first, second = (channels(drafts[0], "comp", f) for f in (1001, 1002))
    for c in "RGB":
        assert np.array_equal(first[c], second[c])
    assert not channels(drafts[0], "element", 1001)["A"].any()
    assert not channels(drafts[0], "matte", 1001)["A"].any()


def test_afterwards_something_comes_down(drafts: tuple[TakeResult, ...]):
    element = channels(drafts[0], "element", 1012)
    assert element["A"].max() > 0.5
    assert element["depth.Z"][element["A"] > 0.9].min() > 1.0
    assert element["id"].dtype == np.uint32
    assert {"motion.X", "motion.Y", "density", "light.sun.R", "light.sky.B"} <= set(element)


def test_the_comp_is_rebuilt_from_its_parts(drafts: tuple[TakeResult, ...]):
    comp, element = channels(drafts[0], "comp", 1010), channels(drafts[0], "element", 1010)
    clean, shadow = channels(drafts[0], "cleanplate", 1010), channels(drafts[0], "shadow", 1010)
    for c in "RGB":
        rebuilt = element[c] + (1 - element["A"].astype(np.float32)) * clean[c] * shadow[c]
        # Grain is all that is not in the parts; the plate here has little.
        assert np.abs(rebuilt - comp[c]).mean() < 0.02


def test_one_axis_changes_its_own_stage_only(drafts: tuple[TakeResult, ...]):
    one, two = (r.take.recipes for r in drafts)
    assert [s for s in one if one[s]["digest"] != two[s]["digest"]] == ["generate", "render"]
    assert drafts[1].description == "detail 1"
    assert files_of(drafts[0]) != files_of(drafts[1])


def test_a_whole_take_is_not_made_again(show: Show, drafts: tuple[TakeResult, ...]):
    before = {p: p.stat().st_mtime_ns for p in drafts[0].folder.rglob("*") if p.is_file()}
    again = take(show, SHOT, takes=1, draft=False)
    assert again[0].take == drafts[0].take
    assert {p: p.stat().st_mtime_ns for p in drafts[0].folder.rglob("*") if p.is_file()} == before


def test_a_spoilt_frame_is_made_again_to_the_same_bytes(show: Show, drafts: tuple[TakeResult, ...]):
    whole = files_of(drafts[0])
    spoilt = next(drafts[0].folder.glob("*_comp_*/*.1010.exr"))
    spoilt.write_bytes(spoilt.read_bytes()[:100])
    take(show, SHOT, takes=1, draft=False, workers=1)
    assert files_of(drafts[0]) == whole


def test_spoilt_dust_is_made_again_to_the_same_frames(show: Show, drafts: tuple[TakeResult, ...]):
    whole = files_of(drafts[0])
    (spoilt,) = show.cache.glob("dust/*/frame.1006.npz")
    dust = spoilt.read_bytes()
    spoilt.write_bytes(dust[:-1])
    next(drafts[0].folder.glob("*_comp_*/*.1006.exr")).unlink()
    take(show, SHOT, takes=1, draft=False, workers=1)
    assert spoilt.read_bytes() == dust
    assert files_of(drafts[0]) == whole


def test_a_final_without_an_approval_is_refused(show: Show, drafts: tuple[TakeResult, ...]):
    with pytest.raises(ClearanceError, match="Bo Other") as caught:
        finish(show, SHOT, take=2)
    assert "secondunit clearance approve" in caught.value.fix
    assert not list(show.shot_folder(SHOT).glob("publish/*"))
    assert set(caught.value.roles) == {"artist", *PEOPLE}
    assert "opt-in" in caught.value.fix
    assert [r for r in record_of(show, shot=SHOT) if r["what"] == "refusal" and r["said"].startswith("needs_approval")]


def test_a_final_is_published_once_and_never_changed(show: Show, final: TakeResult):
    assert final.folder == show.shot_folder(SHOT) / "publish/v001"
    assert final.take.kind == "final"
    assert final.take.plate_lock_max_abs_diff == 0.0
    before = {p: p.stat().st_mtime_ns for p in final.folder.rglob("*") if p.is_file()}
    assert finish(show, SHOT, take=1).folder == final.folder
    assert {p: p.stat().st_mtime_ns for p in final.folder.rglob("*") if p.is_file()} == before


def test_what_finishes_is_what_was_seen(show: Show, drafts: tuple[TakeResult, ...], final: TakeResult):
    # Made at the plate's size, the take and its final are the same pictures.
    for frame in (1005, 1012):
        draft, last = channels(drafts[0], "comp", frame), channels(final, "comp", frame)
        assert all(np.array_equal(draft[c], last[c]) for c in "RGBA")


def test_a_changed_brief_cannot_be_finished_on_an_old_approval(show: Show, final: TakeResult):
    path = show.shot_folder(SHOT) / "shot.toml"
    path.write_text(BRIEF + "[look]\ngrain = 0.5\n")
    try:
        with pytest.raises(BriefError, match="has changed since take 1"):
            finish(show, SHOT, take=1)
    finally:
        path.write_text(BRIEF)


def test_the_same_show_elsewhere_gives_the_same_bytes(drafts: tuple[TakeResult, ...], tmp_path: Path):
    other = take(make_show(tmp_path / "other"), SHOT, draft=False, workers=1)[0]
    assert other.take.recipe_digest == drafts[0].take.recipe_digest
    assert files_of(other) == files_of(drafts[0])


def test_kill_9_and_go_on(drafts: tuple[TakeResult, ...], tmp_path: Path):
    show = make_show(tmp_path / "killed")
    command = [
        sys.executable,
        "-c",
        "from secondunit.cli.main import main; main()",
        "shot",
        "take",
        str(show.root),
        SHOT,
    ]
    run = subprocess.Popen([*command, "--full", "--workers", "1"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    frames = show.shot_folder(SHOT) / "takes/t001/frames"
    deadline = time.monotonic() + 120
    while len(list(frames.glob("[0-9]*.json"))) < 3 and time.monotonic() < deadline and run.poll() is None:
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait(30)
    kept = {p: p.stat().st_mtime_ns for p in frames.glob("[0-9]*.json")}
    assert 3 <= len(kept) < FRAMES, "killed too early or too late to show anything"
    result = take(show, SHOT, draft=False, workers=1)[0]
    assert {p: p.stat().st_mtime_ns for p in kept} == kept
    assert files_of(result) == files_of(drafts[0])


def test_a_final_carries_its_provenance(show: Show, final: TakeResult):
    (path,) = final.folder.glob("*_comp_*/*.1005.exr")
    said = read_exr_header(path)[0].attributes
    assert said["aiProvenance:digitalSourceType"] == "compositeSynthetic"  # a trained model painted some of it
    assert said["aiProvenance:approvals"].count(" ") == 3
    checked = verify_show(show)
    assert checked.wrong == ()
    assert len(checked.deliveries) == 1


def test_a_flipped_byte_of_a_final_is_named(show: Show, final: TakeResult):
    (path,) = final.folder.glob("*_comp_*/*.1007.exr")
    whole = path.read_bytes()
    path.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
    try:
        assert [said for said in verify_show(show).wrong if "1007" in said]
        assert run(["verify", str(final.folder)]) == 5
    finally:
        path.write_bytes(whole)
    assert run(["verify", str(final.folder)]) == 0


def test_why_says_who_must_do_what(show: Show, final: TakeResult, capsys: pytest.CaptureFixture[str]):
    assert run(["clearance", "why", str(show.root), SHOT, "--take", "2"]) == 0
    text = capsys.readouterr().out
    assert "The director must approve" in text
    assert "Sam House (studio) looks and signs" in text
    assert would_say(show, SHOT, take=1).verdict.decision == "allow_record"


def test_an_answer_that_changes_after_the_approvals_voids_them(show: Show, final: TakeResult):
    path = show.shot_folder(SHOT) / "shot.toml"
    path.write_text(BRIEF + '[use]\npurpose = "two buildings come down"\n')
    try:
        answer = would_say(show, SHOT, take=1)
    finally:
        path.write_text(BRIEF)
    assert answer.verdict.decision == "needs_approval"
    assert {reason for _, reason in answer.standing.refused} == {"the declaration was edited after it"}


def test_a_story_element_without_work_by_hand_is_refused_before_a_frame_is_made(
    drafts: tuple[TakeResult, ...], tmp_path: Path
):
    show = make_show(tmp_path / "show")
    shutil.copytree(drafts[0].folder.parents[1], show.shot_folder(SHOT), dirs_exist_ok=True)
    shutil.rmtree(show.shot_folder(SHOT) / "publish", ignore_errors=True)
    give_keys(show)
    opt_in(show, SHOT)
    for role, name in PEOPLE.items():
        approve(show, SHOT, take=1, by=name, role=role, proxy=drafts[0].movie)
    with pytest.raises(ClearanceError, match="NF-06") as caught:
        finish(show, SHOT, take=1)
    assert "secondunit clearance work" in caught.value.fix
    assert not list(show.shot_folder(SHOT).glob("publish/*/frames/*"))


def test_the_binder_is_whole(show: Show, final: TakeResult):
    binder = write_show_binder(show)
    assert check_report(binder.report) == ()
    page = binder.editions["studio"][0].read_text()
    for said in ("Sam House (studio)", "paint (digest", "take 1 of 2", "final story", "approval was missing"):
        assert said in page, said
    public = binder.editions["public"][0].read_text()
    assert not [name for name in ("Ada Example", *PEOPLE.values()) if name in public]


def test_a_temp_in_a_cut_is_found(show: Show, drafts: tuple[TakeResult, ...], final: TakeResult, tmp_path: Path):
    stranger = tmp_path / "stranger.mp4"
    stranger.write_bytes(b"made elsewhere")
    cut = tmp_path / "cut.otio"
    urls = [final.movie, drafts[1].movie, stranger, tmp_path / "gone.mov"]
    cut.write_text(json.dumps({"clips": [{"media_reference": {"target_url": str(url)}} for url in urls]}))
    assert [row.state for row in conform(show, [cut])] == ["final", "temp", "unknown", "missing"]
    assert {row.state for row in conform(show, [final.folder])} == {"final"}


def test_the_same_final_twice_adds_nothing_but_says_so(show: Show, final: TakeResult):
    before = [row for row in record_of(show) if row["what"] in ("verdict", "run", "output", "export")]
    finish(show, SHOT, take=1)
    assert [row for row in record_of(show) if row["what"] in ("verdict", "run", "output", "export")] == before


def test_two_runs_at_once_are_refused(show: Show, drafts: tuple[TakeResult, ...]):
    with locked(show.shot_folder(SHOT)), pytest.raises(StoreError, match="another run"):
        take(show, SHOT)


BAD = {
    "a matte of another size": ('[matte]\nsource = "file"\nfile = "small.png"\n', "small.png"),
    "a missing matte": ('[matte]\nsource = "file"\nfile = "none.png"\n', "none.png"),
    "a missing clean plate": ('[clean_plate]\nfile = "none.exr"\n', "does not exist"),
    "a clean plate of another size": ('[clean_plate]\nfile = "small.png"\n', "clean plate is 40 x 32"),
}


@pytest.mark.parametrize("more, message", BAD.values(), ids=BAD.keys())
def test_pictures_that_do_not_fit(tmp_path: Path, more: str, message: str):
    show = make_show(tmp_path / "bad")
    folder = show.shot_folder(SHOT)
    cv2.imwrite(str(folder / "small.png"), np.full((32, 40), 255, np.uint8))
    (folder / "shot.toml").write_text(BRIEF + more)
    with pytest.raises(BriefError, match=message) as caught:
        take(show, SHOT)
    assert caught.value.fix
    assert not list(folder.glob("takes/*/take.json"))


def test_an_event_outside_a_short_plate(tmp_path: Path):
    show = make_show(tmp_path / "short")
    path = show.shot_folder(SHOT) / "shot.toml"
    path.write_text(BRIEF.replace("frames = 12", "frames = 1").replace("handles = 2", "handles = 0"))
    with pytest.raises(BriefError, match="start_frame = 1003 is outside"):
        take(show, SHOT)
