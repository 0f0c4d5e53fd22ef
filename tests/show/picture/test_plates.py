"""Plates that are not the demo's: cameras that pan and move, drift, neighbours, one frame, odd sizes, no sky, night."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from secondunit.core.brief import BoxBrief, CameraBrief, PlateBrief, ShotBrief
from secondunit.core.camera import Camera, CameraPath, Filmback
from secondunit.core.frames import FrameRange
from secondunit.fx.layout.solve import solve_layout
from secondunit.generate.registry import get_generator
from secondunit.imaging.projection import directions, project, rotation_from_angles
from secondunit.media.chan import write_chan
from secondunit.media.plate import open_plate
from secondunit.show import Show, ShowSettings, create_show
from secondunit.show.brief.recipes import plan_take
from secondunit.show.clearing.ask import ask_draft
from secondunit.show.picture import around, dust_passes, dust_view
from secondunit.show.picture.around import painted_beside, prepared_of
from secondunit.show.picture.dust_passes import Pass
from secondunit.show.picture.dust_view import DustLook, DustView, look_at_dust
from secondunit.show.picture.frame import RenderedFrame, render_frame
from secondunit.show.picture.kit import PREPARED, FrameJob, FrameKit, open_kit
from secondunit.show.picture.near import Near
from secondunit.show.picture.prepare import prepare_plate
from secondunit.show.picture.simulation import Caches, run_simulation
from secondunit.show.shot.plate_slip import slip_findings, slip_px
from secondunit.show.shot.scene import open_scene

SHOT = "SEQ_0010"
SETTINGS = ShowSettings(code="TST", artist="Ada Example")
FIRST, LAST = 1001, 1008
BRIEF = """schema = 1
name = "SEQ_0010"
[plate]
file = "{file}"
frames = 8
handles = 2
{plate}
[camera]
{camera}
[[box]]
name = "block"
corner_m = [-3.0, 0.0, -14.0]
yaw_deg = {yaw}
width_m = 6
floors = 2
bays = 3
bays_deep = 1
depth_m = 4
{more}
[sun]
azimuth_deg = 140
elevation_deg = 40
[matte]
refine = false
[collapse]
start_frame = 1003
pieces = 50
storey_delay_s = 0.02
[dust]
cells = 6000
"""
Pictures = dict[str, np.ndarray]
Colour = tuple[int, int, int]


def camera_at(frame: int, *, pan: float = 0.0, dolly: float = 0.0, width: int = 96, height: int = 64) -> Camera:
    """A camera 1.6 m up that turns and steps aside from frame to frame."""
    n = frame - FIRST
    turn = rotation_from_angles(pan * n, 8.0, 0.0)
    rows = tuple(tuple(float(v) for v in row) for row in turn)
    back = Filmback(width_mm=36.0, height_mm=36.0 * height / width)
    return Camera(focal_length_mm=30.0, filmback=back, position_m=(dolly * n, 1.6, 0.0), rotation=rows)  # type: ignore[arg-type]


def photograph(
    camera: Camera,
    *,
    width: int = 96,
    height: int = 64,
    sky: Colour = (230, 170, 120),
    wall: Colour = (200, 210, 215),
    panes: Colour = (50, 45, 40),
) -> np.ndarray:
    """What a camera sees, 8-bit BGR: a block 6.4 x 6.4 x 4 m with windows, grass in stripes, one even sky.

    The block is a little larger than the box of the brief, as every roof edge and railing is.
    """
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    ray = directions(camera, np.stack([x, y], axis=-1), width, height)
    eye = np.array(camera.position_m)
    picture = np.empty((height, width, 3))
    picture[:] = sky
    with np.errstate(divide="ignore", invalid="ignore"):
        ground = -eye[1] / ray[..., 1]
        front = (-14.0 - eye[2]) / ray[..., 2]
    at = eye + ray * ground[..., None]
    check = 0.5 + 0.5 * np.sin(4 * ray[..., 0] / np.maximum(-ray[..., 1], 1e-3))
    seen = (ground > 0) & (ground < 300)
    picture[seen] = (np.array([40, 110, 60]) + 25 * check[..., None])[seen]
    at = eye + ray * front[..., None]
    on = (front > 0) & (np.abs(at[..., 0]) < 3.2) & (at[..., 1] > 0) & (at[..., 1] < 6.4)
    picture[on] = wall
    pane = on & (at[..., 0] % 2 > 1.2) & (at[..., 1] % 3 > 1.4)
    picture[pane] = panes
    noise = np.random.default_rng(1).normal(0, 2, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def make_show(root: Path, *, brief: str, pictures: Pictures) -> Show:
    show = create_show(root, SETTINGS)
    folder = show.shot_folder(SHOT)
    folder.mkdir(parents=True)
    for name, picture in pictures.items():
        cv2.imwrite(str(folder / name), picture)
    (folder / "shot.toml").write_text(brief)
    return show


def moving_show(root: Path, *, pan: float, dolly: float) -> Show:
    """A sequence shot by a moving camera, which is known from a .chan."""
    keys = tuple((f, camera_at(f, pan=pan, dolly=dolly)) for f in range(FIRST, LAST + 1))
    pictures = {f"plate.{f}.png": photograph(c) for f, c in keys}
    brief = BRIEF.format(file="plate.####.png", plate="", camera='file = "camera.chan"', yaw=0, more="")
    show = make_show(root, brief=brief, pictures=pictures)
    path = CameraPath(locked=keys[0][1], keys=keys)
    write_chan(show.shot_folder(SHOT) / "camera.chan", path, frames=FrameRange(FIRST, LAST))
    return show


def still_show(
    root: Path,
    *,
    plate: str = "",
    more: str = "",
    width: int = 96,
    height: int = 64,
    change: Callable[[str], str] = str,
    **colours: Colour,
) -> Show:
    """One photograph by the first frame's camera, which is given as a .chan of one frame."""
    camera = camera_at(FIRST, width=width, height=height)
    picture = photograph(camera, width=width, height=height, **colours)
    brief = BRIEF.format(file="plate.png", plate=plate, camera='file = "camera.chan"', yaw=0, more=more)
    show = make_show(root, brief=change(brief), pictures={"plate.png": picture})
    write_chan(show.shot_folder(SHOT) / "camera.chan", CameraPath(locked=camera), frames=FrameRange(FIRST, FIRST))
    return show


def opened(show: Show, *, width: int | None = None, height: int | None = None) -> FrameKit:
    """Simulate a show's shot and open what its frames share, in this process; at the plate's size by default."""
    scene = open_scene(show, SHOT)
    plan = plan_take(
        scene.brief,
        scene.layout,
        frames=scene.plate.range,
        width=width or scene.plate.width,
        height=height or scene.plate.height,
        plate_width=scene.plate.width,
        plate_digest=scene.plate.digest,
        picture_digests=scene.picture_digests,
        generator=("embedded", get_generator("embedded").version, get_generator("embedded").weights_digest),
    )
    caches = Caches.open(show.cache, plan)
    caches.plate.put(PREPARED, prepare_plate(scene).save)
    run_simulation(plan, caches)
    job = FrameJob(
        plan=plan,
        plate=scene.plate,
        caches=caches,
        folder=scene.folder,
        texture_frame=scene.texture_frame,
        generator="embedded",
        grant=ask_draft(scene, plan, number=1),
    )
    return open_kit(job)


def changed(frame: RenderedFrame) -> np.ndarray:
    """(height, width) where the comp is not the plate."""
    return np.asarray((frame.outputs.comp[..., :3] != frame.plate).any(axis=-1))


def row_and_column(coverage: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[: coverage.shape[0], : coverage.shape[1]]
    return float(np.average(y, weights=coverage)), float(np.average(x, weights=coverage))


MOVES = {"locked": (0.0, 0.0), "pan": (0.5, 0.0), "dolly": (0.0, 0.15)}


@pytest.fixture(scope="module", params=MOVES, ids=MOVES)
def moving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, FrameKit]:
    pan, dolly = MOVES[request.param]
    return request.param, opened(moving_show(tmp_path_factory.mktemp("moving") / "show", pan=pan, dolly=dolly))


def test_a_chan_camera_moves_the_layout(moving: tuple[str, FrameKit]):
    name, kit = moving
    assert kit.job.plan.layout.camera.moves == (name != "locked")
    assert kit.job.plate.moves


def test_before_the_failure_a_moving_camera_shows_its_plate(moving: tuple[str, FrameKit]):
    # The photographed block is larger than its box: what the matte holds beyond the box must stay too.
    _, kit = moving
    for frame in (FIRST, FIRST + 1):
        assert not changed(render_frame(kit, frame)).any()


def test_outside_the_matte_a_moving_camera_shows_its_plate(moving: tuple[str, FrameKit]):
    _, kit = moving
    for frame in (1005, LAST):
        rendered = render_frame(kit, frame)
        assert rendered.outputs.max_abs_diff == 0.0
        assert 0.02 < changed(rendered).mean() < 0.9


def test_what_falls_goes_with_the_camera(moving: tuple[str, FrameKit]):
    name, kit = moving
    pan, dolly = MOVES[name]
    rendered = render_frame(kit, LAST)
    coverage = rendered.surface.alpha + rendered.surface.static
    _, column = row_and_column(coverage)
    middle = (0.0, 2.0, -14.0)
    (here,), _ = project(camera_at(LAST, pan=pan, dolly=dolly), [middle], 96, 64)
    assert column == pytest.approx(here[0], abs=3.0)
    if name != "locked":
        (before,), _ = project(camera_at(FIRST), [middle], 96, 64)
        assert abs(here[0] - before[0]) > 4.0, "the move is too small to show anything"


def test_the_clean_plate_turns_with_a_pan(moving: tuple[str, FrameKit]):
    name, kit = moving
    if name == "dolly":
        pytest.skip("exact for a camera that turns on its spot only")
    plate = kit.job.plate.frame(LAST)
    prepared = prepared_of(kit, LAST)
    beside = (slice(48, 62), slice(74, 92))  # striped grass
    turned = np.abs(prepared.clean - plate)[beside].mean()
    left = np.abs(kit.full.clean - plate)[beside].mean()
    assert turned < 0.012
    assert left > 2 * turned or name == "locked"


def test_a_drifting_still_keeps_its_building_until_the_failure(tmp_path: Path):
    kit = opened(still_show(tmp_path / "show", plate="drift_px = 20.0"))
    assert abs(kit.job.plate.drift(LAST)[0]) + abs(kit.job.plate.drift(LAST)[1]) > 0.3
    for frame in (FIRST, FIRST + 1):
        assert not changed(render_frame(kit, frame)).any()
    last = render_frame(kit, LAST)
    assert last.outputs.max_abs_diff == 0.0
    assert changed(last).any()
    prepared = prepared_of(kit, LAST)
    before, now = (kit.job.plate.drift(f) for f in (kit.job.texture_frame, LAST))
    moved = np.subtract(row_and_column(prepared.matte), row_and_column(kit.full.matte))
    np.testing.assert_allclose(moved, [now[1] - before[1], now[0] - before[0]], atol=0.3)
    assert np.abs(moved).max() > 0.5
    # The layout's camera goes along, so that pieces stay in their places.
    moved = np.subtract(row_and_column(kit.renderer.rest(LAST)), row_and_column(kit.renderer.rest(FIRST + 1)))
    np.testing.assert_allclose(moved, [now[1] - before[1], now[0] - before[0]], atol=0.3)


NEIGHBOUR = """[[box]]
name = "shop"
kind = "neighbour"
corner_m = [-1.0, 0.0, -9.0]
yaw_deg = 0
width_m = 5
floors = 1
bays = 2
depth_m = 3
"""


def test_a_neighbour_stays_and_hides_what_falls_behind_it(tmp_path: Path):
    kit = opened(still_show(tmp_path / "show", more=NEIGHBOUR))
    camera = kit.job.plan.layout.camera.at(FIRST)
    (left, right), _ = project(camera, [(-0.7, 0.3, -9.0), (3.7, 2.5, -9.0)], 96, 64)
    inside = (slice(int(right[1]) + 1, int(left[1]) - 1), slice(int(left[0]) + 1, int(right[0]) - 1))
    rendered = render_frame(kit, LAST)
    assert rendered.surface.alpha[inside].size > 40
    assert not rendered.surface.alpha[inside].any()
    assert not rendered.surface.static[inside].any()
    assert rendered.surface.alpha.any() or rendered.surface.static.any()
    assert rendered.outputs.max_abs_diff == 0.0


def one_frame(brief: str) -> str:
    return brief.replace("frames = 8\nhandles = 2", "frames = 1\nhandles = 0").replace("= 1003", "= 1001")


def test_a_plate_of_one_frame(tmp_path: Path):
    kit = opened(still_show(tmp_path / "show", change=one_frame))
    assert kit.job.plan.frames == FrameRange(1001, 1001)
    assert np.isfinite(render_frame(kit, 1001).outputs.comp).all()


@pytest.mark.parametrize("width, height", [(97, 63), (41, 89)], ids=["odd", "odd portrait"])
def test_odd_sizes(tmp_path: Path, width: int, height: int):
    kit = opened(still_show(tmp_path / "show", width=width, height=height))
    rendered = render_frame(kit, LAST)
    assert rendered.outputs.comp.shape[:2] == (height, width)
    assert rendered.outputs.max_abs_diff == 0.0
    assert np.isfinite(rendered.outputs.comp).all()


def test_a_building_that_fills_the_frame(tmp_path: Path):
    def near(brief: str) -> str:
        brief = brief.replace("corner_m = [-3.0, 0.0, -14.0]", "corner_m = [-12.0, 0.0, -7.0]")
        return brief.replace("width_m = 6", "width_m = 24").replace("floors = 2", "floors = 5")

    kit = opened(still_show(tmp_path / "show", change=near))
    assert kit.full.matte.mean() > 0.7
    assert not changed(render_frame(kit, FIRST)).any()
    rendered = render_frame(kit, LAST)
    assert np.isfinite(rendered.outputs.comp).all()
    assert changed(rendered).any()


def test_dust_at_night_is_no_brighter_than_the_street(tmp_path: Path):
    # Lit panes over a dark wall and a dark sky: the panes are lamps, not paint in the sun.
    scene = open_scene(still_show(tmp_path / "night", sky=(45, 30, 25), wall=(60, 50, 45), panes=(230, 240, 235)), SHOT)
    night = scene.layout.sun
    day = open_scene(still_show(tmp_path / "day"), SHOT).layout.sun
    assert max(night.illuminance) < 0.5 * min(day.illuminance)
    assert max(night.sky) < 0.5 * min(day.sky)


def test_a_plate_that_moves_under_a_locked_camera_is_told(tmp_path: Path):
    show = moving_show(tmp_path / "show", pan=0.5, dolly=0.0)
    assert not [f for f in open_scene(show, SHOT).findings if f.check == "camera move"]
    path = show.shot_folder(SHOT) / "shot.toml"
    path.write_text(path.read_text().replace('file = "camera.chan"', "horizon_px = 40"))
    (found,) = [f for f in open_scene(show, SHOT).findings if f.check == "camera move"]
    assert found.severity == "warning"
    assert "hold_frame" in found.message


@pytest.mark.parametrize("move_px", [0.0, 3.0, 11.0])
def test_the_slip_of_a_plate_is_measured(tmp_path: Path, move_px: float):
    draw = np.random.default_rng(5)
    wide = cv2.GaussianBlur(draw.uniform(0, 255, (200, 300)).astype(np.float32), (0, 0), 2.5)
    wide = cv2.normalize(wide, None, 20, 235, cv2.NORM_MINMAX)
    for n in range(3):
        step = np.array([[1, 0, -n * move_px / 2], [0, 1, 0]], np.float32)
        picture = cv2.warpAffine(wide, step, (300, 200), borderMode=cv2.BORDER_REFLECT)[20:-20, 20:-20]
        cv2.imwrite(str(tmp_path / f"p.{n + 1}.png"), np.clip(picture, 0, 255).astype(np.uint8))
    plate = open_plate(PlateBrief(file="p.#.png", frames=0, first_frame=1), root=tmp_path)
    slip = slip_px(plate, plate.range)
    assert slip == pytest.approx(move_px, abs=0.4)
    assert bool(slip_findings(plate)) == (move_px > 1)


def test_a_cut_in_a_plate_is_told(tmp_path: Path):
    draw = np.random.default_rng(6)
    for n in range(2):
        picture = cv2.GaussianBlur(draw.uniform(0, 255, (120, 160)).astype(np.float32), (0, 0), 2.0)
        picture = cv2.normalize(picture, None, 0, 255, cv2.NORM_MINMAX)
        cv2.imwrite(str(tmp_path / f"p.{n + 1}.png"), picture.astype(np.uint8))
    plate = open_plate(PlateBrief(file="p.#.png", frames=0, first_frame=1), root=tmp_path)
    assert slip_px(plate, plate.range) is None
    assert "cut" in slip_findings(plate)[0].message


def test_a_cropped_picture_is_solved_round_its_own_axis():
    # A level camera sees a facade slanting away; 40 of 96 columns are cropped from the left of the picture.
    whole = Camera(focal_length_mm=30.0, filmback=Filmback(width_mm=36.0, height_mm=24.0))
    turn = np.radians(35.0)
    run = 6.0 * np.array([np.cos(turn), 0.0, -np.sin(turn)])
    foot = np.array([1.0, 0.0, -12.0])
    rise = np.array([0.0, 6.0, 0.0])
    pixels, _ = project(whole, [foot + rise, foot + run + rise, foot + run, foot], 96, 64)
    box = BoxBrief(name="block", facade_px=tuple((x - 40, y) for x, y in pixels), floors=2, bays=2)
    known = CameraBrief(focal_length_mm=30.0, axis_px=48 - 40, filmback_mm=(36.0 * 56 / 96, 24.0))
    brief = ShotBrief(name="S", plate=PlateBrief(file="x.png"), camera=known, boxes=(box,))
    layout, _ = solve_layout(brief, width=56, height=64, exif_focal_35mm=None, camera=None)
    assert layout.boxes[0].yaw_deg == pytest.approx(35.0, abs=0.2)
    middle, _ = solve_layout(
        replace(brief, camera=replace(known, axis_px=None)), width=56, height=64, exif_focal_35mm=None, camera=None
    )
    assert abs(middle.boxes[0].yaw_deg - 35.0) > 3.0


END = 1020


@pytest.fixture(scope="module")
def dusty(tmp_path_factory: pytest.TempPathFactory) -> FrameKit:
    """A collapse that is looked at for long enough that its dust has come before it."""
    return opened(
        still_show(
            tmp_path_factory.mktemp("dusty") / "show", change=lambda brief: brief.replace("frames = 8", "frames = 20")
        )
    )


def again(kit: FrameKit) -> FrameKit:
    """A worker that has made nothing yet."""
    cache = kit.job.caches.generate
    for frame in kit.job.plan.frames:
        cache.path(cache.frame_name(frame)).unlink(missing_ok=True)
    return replace(kit, near=Near(), generator=get_generator("embedded"))


def test_a_frame_is_the_same_in_whatever_order_frames_are_made(dusty: FrameKit):
    """Detail is held steady by the frames beside: they must be the same ones however a frame is come by."""
    alone = render_frame(again(dusty), END - 1).outputs.comp
    for frames in (range(END - 3, END + 1), (END, END - 1), (END - 2, END - 1)):
        kit = again(dusty)
        found = {frame: render_frame(kit, frame).outputs.comp for frame in frames}
        assert np.array_equal(found[END - 1], alone)


def test_a_frame_is_shown_those_beside_it_that_the_take_has(dusty: FrameKit):
    kit = again(dusty)
    assert [b.frame for b in painted_beside(kit, END - 1, lambda _: None)] == [END - 2, END]
    assert [b.frame for b in painted_beside(kit, END, lambda _: None)] == [END - 1]
    assert painted_beside(kit, FIRST, lambda _: None) == []


def test_frames_in_order_are_looked_at_once(dusty: FrameKit, monkeypatch: pytest.MonkeyPatch):
    looked: list[int] = []

    def look(view: DustView, **given: Any) -> DustLook:
        looked.append(view.dust.frame)
        return look_at_dust(view, **given)

    monkeypatch.setattr(around, "look_at_dust", look)
    kit = again(dusty)
    for frame in range(END - 4, END + 1):
        render_frame(kit, frame)
    assert looked == [END - 4, END - 5, END - 3, END - 2, END - 1, END]


def test_another_micro_seed_takes_over_what_was_opened(dusty: FrameKit, monkeypatch: pytest.MonkeyPatch):
    """Of one frame's many options the passes before the last are the same: they are painted for the first alone."""
    opens: list[int] = []

    def marched(view: DustView, packed: Any, step: Pass, **given: Any) -> Any:
        opens.extend([view.dust.frame] * step.opens)
        return marched_front(view, packed, step, **given)

    marched_front = dust_view._marched_front
    monkeypatch.setattr(dust_view, "_marched_front", marched)
    monkeypatch.setattr(dust_passes, "_BARE", 0.0)  # cells of so small a picture are narrow
    kit = again(dusty)
    render_frame(kit, END - 1)
    assert sorted(opens) == [END - 2, END - 1, END]
    other = with_micro(kit, 5)
    beside = render_frame(other, END - 1).outputs.comp
    assert len(opens) == 3
    alone = render_frame(again(other), END - 1).outputs.comp
    assert len(opens) == 6
    assert np.array_equal(beside, alone)
    thick = with_micro(kit, 5, scale=1.4)
    render_frame(thick, END - 1)
    assert len(opens) == 9, "another scale of noise opens otherwise"


def with_micro(kit: FrameKit, seed: int, *, scale: float = 1.0) -> FrameKit:
    """The same worker, asked for another micro seed."""
    plan = kit.job.plan
    detail = replace(plan.brief.detail, seed=seed, scale=scale)
    generate = replace(plan.generate, seed=seed, parameters={**plan.generate.parameters, "detail": detail})
    plan = replace(plan, brief=replace(plan.brief, detail=detail), generate=generate)
    caches = replace(
        kit.job.caches, generate=replace(kit.job.caches.generate, folder=kit.job.folder / f"{seed} {scale}")
    )
    return replace(kit, job=replace(kit.job, plan=plan, caches=caches))
