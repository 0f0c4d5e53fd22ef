from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.collapse import Collapse, Event, Preset
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout
from secondunit.fx.fracture.breaking import break_building
from secondunit.fx.fracture.pieces import KINDS, Pieces
from secondunit.fx.fracture.presets import events_for
from secondunit.fx.fracture.structure import to_local
from secondunit.fx.rigid.motion import Motion
from secondunit.fx.rigid.simulate import release_frames, simulate

GRAVITY = 9.81
RATE, FRAMES, START = Fraction(24), FrameRange(1001, 1060), 1005
PRESETS: tuple[Preset, ...] = ("progressive", "pancake", "topple", "implosion", "corner")
BLOCK = Box(name="block", corner_m=(-12.0, 0.0, -40.0), yaw_deg=-25.0, width_m=24.0, height_m=12.0, depth_m=10.0,
            floors=4, bays=6)  # fmt: skip
NEIGHBOUR = Box(name="next door", kind="neighbour", corner_m=(-40.0, 0.0, -40.0), yaw_deg=0.0, width_m=10.0,
                height_m=6.0, depth_m=10.0)  # fmt: skip
SCENE = Layout(camera=CameraPath(locked=Camera()), boxes=(BLOCK, NEIGHBOUR))


def brief(preset: Preset = "progressive", **changes: object) -> Collapse:
    return replace(Collapse(preset=preset, start_frame=START, pieces=260), **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return break_building(SCENE, brief())


@pytest.fixture(scope="module")
def motions(pieces: Pieces) -> dict[str, Motion]:
    return {p: simulate(pieces, SCENE, brief(p), frames=FRAMES, rate=RATE) for p in PRESETS}


@pytest.fixture(params=PRESETS)
def motion(request: pytest.FixtureRequest, motions: dict[str, Motion]) -> Motion:
    return motions[request.param]


def corners(pieces: Pieces, motion: Motion, row: int) -> np.ndarray:
    owner = np.repeat(np.arange(len(pieces)), np.diff(pieces.vertex_start))
    q, v = motion.quaternion[row][owner], pieces.vertices - pieces.centre[owner]
    turned = v + 2 * np.cross(q[:, 1:], np.cross(q[:, 1:], v) + q[:, :1] * v)
    return turned + motion.position[row][owner]


def speeds(motion: Motion) -> np.ndarray:
    return np.linalg.norm(np.diff(motion.position, axis=0), axis=2) * motion.rate


def test_it_holds_every_frame_and_piece(pieces: Pieces, motion: Motion) -> None:
    assert motion.position.shape == (len(FRAMES), len(pieces), 3)
    assert np.isfinite(motion.position).all()
    assert_allclose(np.linalg.norm(motion.quaternion, axis=2), 1.0, atol=1e-5)


def test_nothing_stirs_before_the_start_and_rest_is_exact(pieces: Pieces, motion: Motion) -> None:
    for frame in range(FRAMES.first, START + 1):
        assert np.array_equal(motion.position[motion.index(frame)], pieces.centre)
        assert (motion.quaternion[motion.index(frame)] == [1, 0, 0, 0]).all()
    assert motion.released.min() >= START
    assert motion.hit_frame.min() >= START


def test_a_piece_stands_exactly_until_it_is_released(pieces: Pieces, motion: Motion) -> None:
    frame = np.arange(len(FRAMES))[:, None] + FRAMES.first
    moved = (motion.position != pieces.centre).any(axis=2)
    assert not (moved & (frame < motion.released)).any()


def test_nothing_outruns_its_fall(motion: Motion) -> None:
    assert speeds(motion).max() < 1.1 * np.sqrt(2 * GRAVITY * BLOCK.height_m) + 1.5


def test_nothing_rises_over_the_roof(motion: Motion) -> None:
    assert motion.position[..., 1].max() < BLOCK.height_m * 1.1


def test_nothing_sinks_into_the_ground(pieces: Pieces, motion: Motion) -> None:
    for row in range(0, len(FRAMES), 3):
        assert corners(pieces, motion, row)[:, 1].min() > -0.05


def test_hits_are_ordinary_numbers(pieces: Pieces, motion: Motion) -> None:
    assert 20 < len(motion.hit_frame) <= 20_000
    assert (motion.hit_energy >= 0).all()
    assert ((motion.hit_piece >= 0) & (motion.hit_piece < len(pieces))).all()
    assert np.isin(motion.hit_frame, np.arange(FRAMES.first, FRAMES.last + 1)).all()
    assert np.isfinite(motion.hit_position).all()


def test_the_same_brief_moves_it_the_same_way(pieces: Pieces, motions: dict[str, Motion]) -> None:
    again = simulate(pieces, SCENE, brief(), frames=FRAMES, rate=RATE)
    for name in ("position", "quaternion", "released", "hit_frame", "hit_piece", "hit_energy"):
        assert np.array_equal(getattr(again, name), getattr(motions["progressive"], name)), name


def test_another_seed_moves_it_otherwise(pieces: Pieces, motions: dict[str, Motion]) -> None:
    other = simulate(pieces, SCENE, brief(seed=2), frames=FRAMES, rate=RATE)
    assert not np.array_equal(other.position, motions["progressive"].position)


@pytest.mark.parametrize("preset", ["progressive", "pancake", "implosion"])
def test_the_roof_comes_down_gathering_speed(pieces: Pieces, motions: dict[str, Motion], preset: str) -> None:
    roof = motions[preset].position[:, pieces.kind == KINDS.index("roof"), 1].mean(axis=1)
    assert roof[-1] < 0.35 * roof[0]
    fall = roof[0] - roof
    half, nine = (int(np.searchsorted(fall, share * fall[-1])) for share in (0.3, 0.9))
    early, late = fall[half] / (half + 1 - (START - FRAMES.first)), (fall[nine] - fall[half]) / (nine - half)
    assert late > 1.5 * early


def test_progressive_starts_at_one_end(pieces: Pieces, motions: dict[str, Motion]) -> None:
    along = to_local(BLOCK, pieces.centre)[:, 0] / BLOCK.width_m
    started = motions["progressive"].released
    assert np.median(started[along < 1 / 3]) < np.median(started[along > 2 / 3])


def test_pancake_starts_at_the_top(pieces: Pieces, motions: dict[str, Motion]) -> None:
    started = motions["pancake"].released
    assert np.median(started[pieces.storey == 3]) < np.median(started[pieces.storey == 0])


def test_topple_carries_the_roof_forward(pieces: Pieces, motions: dict[str, Motion]) -> None:
    roof = pieces.kind == KINDS.index("roof")
    row = motions["topple"].index(START + 36)
    local = to_local(BLOCK, motions["topple"].position[row, roof]) - to_local(BLOCK, pieces.centre[roof])
    assert local[:, 2].mean() < -2.0
    assert to_local(BLOCK, motions["progressive"].position[row, roof])[:, 2].mean() > 2.0


def test_implosion_dips_in_the_middle_first(pieces: Pieces, motions: dict[str, Motion]) -> None:
    roof = pieces.kind == KINDS.index("roof")
    along = to_local(BLOCK, pieces.centre[roof])[:, 0] / BLOCK.width_m
    row = motions["implosion"].index(START + 18)
    drop = pieces.centre[roof, 1] - motions["implosion"].position[row, roof, 1]
    assert drop[np.abs(along - 0.5) < 0.17].mean() > 1.3 * drop[np.abs(along - 0.5) > 0.33].mean()


def test_corner_leaves_one_end_standing(pieces: Pieces, motions: dict[str, Motion]) -> None:
    standing = motions["corner"].released > 10**8
    assert 0.1 < standing.mean() < 0.6


def test_an_own_event_replaces_the_preset(pieces: Pieces) -> None:
    events = (Event(frame=1010, storey=2, parts="facade", side="front", burst_m_per_s=3.0),)
    collapse = brief(events=events)
    assert events_for(collapse, SCENE) == events
    start = release_frames(pieces, SCENE, collapse, RATE, frames=FRAMES)
    gone = np.isfinite(start)
    assert gone.any()
    assert start[gone].min() >= 1010
    assert (pieces.kind[gone] == KINDS.index("facade")).mean() > 0.9


@pytest.mark.parametrize("preset", PRESETS)
def test_events_start_on_the_frame_asked_for(preset: Preset) -> None:
    events = events_for(brief(preset), SCENE)
    assert events[0].frame == START
    assert [e.frame for e in events] == sorted(e.frame for e in events)
    slower = events_for(brief(preset, storey_delay_s=0.5), SCENE)
    assert slower[-1].frame > events[-1].frame


def test_presets_differ() -> None:
    assert len({events_for(brief(p), SCENE) for p in PRESETS}) == len(PRESETS)


def test_release_frames_agree_with_the_motion(pieces: Pieces, motions: dict[str, Motion]) -> None:
    start = release_frames(pieces, SCENE, brief(), RATE, frames=FRAMES)
    released = motions["progressive"].released
    assert np.array_equal(np.isfinite(start), released < 10**8)
    assert_allclose(np.ceil(start[np.isfinite(start)]), released[np.isfinite(start)])


@pytest.mark.parametrize(
    ("collapse", "frames", "rate"),
    [
        pytest.param(brief(start_frame=2000), FRAMES, RATE, id="starts after the shot"),
        pytest.param(brief(), FrameRange(1001, 1001), RATE, id="one frame"),
        pytest.param(brief(start_frame=900), FrameRange(1001, 1010), Fraction(60000, 1001), id="began before the shot"),
        pytest.param(brief(events=(Event(frame=1003, storey=50),)), FRAMES, RATE, id="storey that is not there"),
    ],
)
def test_odd_shots_work(pieces: Pieces, collapse: Collapse, frames: FrameRange, rate: Fraction) -> None:
    motion = simulate(pieces, SCENE, collapse, frames=frames, rate=rate)
    assert len(motion.position) == len(frames)
    assert np.isfinite(motion.position).all()


def test_a_pile_comes_to_rest(pieces: Pieces) -> None:
    long = simulate(pieces, SCENE, brief(), frames=FrameRange(1001, 1130), rate=RATE)
    assert np.mean(speeds(long)[-6:].max(axis=0) < 0.02) > 0.9


def test_progress_is_told(pieces: Pieces) -> None:
    told: list[tuple[int, int]] = []
    simulate(pieces, SCENE, brief(), frames=FrameRange(1001, 1004), rate=RATE, progress=lambda *a: told.append(a))
    assert told[-1] == (4, 4)
