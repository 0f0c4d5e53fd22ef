from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from secondunit.core.camera import Camera, CameraPath
from secondunit.core.collapse import Dust
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Box, Layout
from secondunit.fx.dust.crush import rooms_of
from secondunit.fx.dust.emission import DUST_M2_PER_M3, Emitter
from secondunit.fx.dust.fluid import EMIT, EXPAND
from secondunit.fx.dust.light import standing_boxes
from secondunit.fx.dust.simulate import dust_grid, simulate_dust
from secondunit.fx.dust.snapshot import LIFE_FRAMES
from secondunit.fx.fracture.pieces import KINDS, Pieces
from secondunit.fx.rigid.motion import Motion

RATE = Fraction(24)
FRAMES = FrameRange(1001, 1020)
BOX = Box(name="b", corner_m=(-6, 0, -20), yaw_deg=20, width_m=12, height_m=9, depth_m=8, floors=3, bays=3, bays_deep=2)
LAYOUT = Layout(camera=CameraPath(locked=Camera()), boxes=(BOX,))
SMALL = Dust(cells=12_000)
_CUBE = [(0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4), (2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2),
         (1, 3, 7), (1, 7, 5)]  # fmt: skip


def building(box=BOX):
    """Slabs and front panels, one per bay, as cuboids."""
    spans = []
    step, rise = box.width_m / box.bays, box.floor_height_m
    for storey in range(box.floors):
        for bay in range(box.bays):
            s = bay * step
            kind = "roof" if storey == box.floors - 1 else "slab"
            spans.append(
                ((s, (storey + 1) * rise - 0.3, 0.3), (s + step, (storey + 1) * rise, box.depth_m), kind, storey)
            )
            spans.append(((s, storey * rise, 0.0), (s + step, (storey + 1) * rise, 0.3), "facade", storey))
    local = np.array([[[(a, b)[i >> axis & 1][axis] for axis in range(3)] for i in range(8)] for a, b, _, _ in spans])
    frame = np.array((box.along, (0, 1, 0), box.inward))
    world = local @ frame + np.array(box.corner_m)
    count = len(spans)
    volume = (local.max(axis=1) - local.min(axis=1)).prod(axis=1).astype(np.float32)
    return Pieces(
        vertices=world.reshape(-1, 3).astype(np.float32),
        faces=np.concatenate([np.array(_CUBE) + 8 * p for p in range(count)]).astype(np.int32),
        vertex_start=np.arange(count + 1, dtype=np.int32) * 8,
        face_start=np.arange(count + 1, dtype=np.int32) * 12,
        face_outer=np.ones(12 * count, bool),
        centre=world.mean(axis=1).astype(np.float32),
        mass_kg=2400 * volume,
        volume_m3=volume,
        material=np.zeros(count, np.int32),
        kind=np.array([KINDS.index(k) for *_, k, _ in spans], np.int32),
        box=np.zeros(count, np.int32),
        storey=np.array([s for *_, s in spans], np.int32),
        bond=np.array([(p, p + 1) for p in range(count - 1)], np.int32),
        bond_area_m2=np.full(count - 1, 2.0, np.float32),
        grounded=np.array([s == 0 for *_, s in spans]),
    )


def falling(pieces, *, frames=20, start=4):
    seconds = np.maximum(np.arange(frames) - start, 0) / 24
    late = np.linspace(0.0, 0.12, len(pieces))
    drop = 4.9 * np.maximum(seconds[:, None] - late, 0.0) ** 2
    position = np.repeat(pieces.centre[None], frames, axis=0)
    floor = np.minimum(pieces.centre[:, 1], 0.4)
    position[..., 1] = np.maximum(position[..., 1] - drop, floor)
    quaternion = np.zeros((frames, len(pieces), 4), np.float32)
    quaternion[..., 0] = 1.0
    landed = (position[..., 1] <= floor + 1e-4) & (seconds[:, None] > late)
    who = np.flatnonzero(landed.any(axis=0) & (pieces.centre[:, 1] > 0.5))
    when = landed.argmax(axis=0)[who]
    return Motion(
        first_frame=1001,
        rate=24.0,
        position=position.astype(np.float32),
        quaternion=quaternion,
        released=np.full(len(pieces), 1001 + start, np.int32),
        hit_frame=(1001 + when).astype(np.int32),
        hit_piece=who.astype(np.int32),
        hit_position=position[when, who].astype(np.float32),
        hit_energy=(pieces.mass_kg[who] * 40.0).astype(np.float32),
    )


PIECES = building()
MOTION = falling(PIECES)


def simulated(**given):
    frames = []
    arguments = {"frames": FRAMES, "rate": RATE} | given
    dust = arguments.pop("dust", SMALL)
    motion = arguments.pop("motion", MOTION)
    out = arguments.pop("out", frames.append)
    simulate_dust(PIECES, motion, LAYOUT, dust, out=out, **arguments)
    return frames


@pytest.fixture(scope="module")
def frames():
    return simulated()


def amount(frame):
    return float(frame.extinction.astype(np.float64).sum()) * frame.cell_m**3


def test_every_frame_is_handed_out_in_order(frames):
    assert [f.frame for f in frames] == list(FRAMES)


def test_no_dust_before_the_first_break_and_much_after(frames):
    assert all(amount(f) == 0 for f in frames[:4])
    assert amount(frames[-1]) > 0.1 * DUST_M2_PER_M3 * BOX.width_m * BOX.height_m * BOX.depth_m
    assert frames[-1].extinction.max() > 1.0


def test_frames_are_cropped_to_even_boxes_around_the_dust(frames):
    for frame in frames:
        shape = frame.extinction.shape
        assert all(n % 2 == 0 for n in shape)
        assert frame.velocity.shape == (3, *(n // 2 for n in shape))
        assert frame.drift.shape == (3, 3, *(n // 2 for n in shape))
        assert frame.weight.sum() == pytest.approx(1.0)
        assert np.isfinite(frame.extinction).all()
        assert frame.extinction.min() >= 0
    grid = dust_grid(LAYOUT, cells=SMALL.cells)
    assert np.prod(frames[8].extinction.shape) < np.prod(grid.shape)


def test_a_phase_has_no_weight_when_its_life_begins(frames):
    lives = np.array([f.phase for f in frames])
    weights = np.array([f.weight for f in frames])
    begins = np.diff(lives, axis=0) > 0
    assert begins.any(axis=0).all()
    assert (weights[1:][begins] == 0).all()
    for frame, begin in zip(frames[1:], begins, strict=True):
        for phase in np.flatnonzero(begin):
            assert np.abs(frame.drift[phase]).max() < 32.0 / 24 + 0.1
    assert np.diff(np.flatnonzero(begins[:, 0])).tolist() in ([LIFE_FRAMES], [])


def test_dust_rushes_out_along_the_ground(frames):
    frame = frames[-1]
    middle = np.array(BOX.point(6, 0, 4))
    cells = np.argwhere(frame.extinction[:, 0] > 0.1)
    x = frame.origin_m[0] + (cells[:, 0] + 0.5) * frame.cell_m - middle[0]
    z = frame.origin_m[2] + (cells[:, 1] + 0.5) * frame.cell_m - middle[2]
    assert np.hypot(x, z).max() > 8.0


def test_same_seed_same_bits_other_seed_other_bits(frames):
    again = simulated()
    other = simulated(dust=replace(SMALL, seed=2))
    assert all(a.extinction.tobytes() == b.extinction.tobytes() for a, b in zip(frames, again, strict=True))
    assert frames[-1].extinction.tobytes() != other[-1].extinction.tobytes()


def test_killed_run_goes_on_from_its_checkpoint_bit_for_bit(frames, tmp_path):
    path = tmp_path / "state.npz"
    seen = []

    def killed(frame):
        seen.append(frame)
        if frame.frame == 1019:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulated(out=killed, checkpoint=path)
    assert path.exists()
    rest = simulated(checkpoint=path)
    assert rest[0].frame == 1017
    assert not path.exists()
    for frame in rest:
        truth = frames[frame.frame - 1001]
        for name in ("extinction", "velocity", "drift", "weight", "phase", "origin_m"):
            assert getattr(frame, name).tobytes() == getattr(truth, name).tobytes(), name


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data[: len(data) // 2], id="cut short"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: b"not a zip at all", id="other bytes"),
    ],
)
def test_spoilt_checkpoint_is_ignored(spoil, tmp_path):
    path = tmp_path / "state.npz"

    def killed(frame):
        if frame.frame == 1018:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulated(out=killed, checkpoint=path)
    path.write_bytes(spoil(path.read_bytes()))
    assert simulated(checkpoint=path, frames=FrameRange(1001, 1006))[0].frame == 1001


def test_checkpoint_of_other_dust_is_ignored(tmp_path):
    path = tmp_path / "state.npz"

    def killed(frame):
        if frame.frame == 1018:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulated(out=killed, checkpoint=path)
    assert simulated(checkpoint=path, dust=replace(SMALL, amount=0.5))[0].frame == 1001


def test_still_building_makes_no_dust():
    still = falling(PIECES, start=10**6)
    assert all(amount(f) == 0 for f in simulated(motion=still, frames=FrameRange(1001, 1012)))


def test_frames_before_and_after_the_motion_are_served():
    out = simulated(frames=FrameRange(998, 1024))
    assert [f.frame for f in out] == list(range(998, 1025))
    assert amount(out[-1]) < 1.05 * amount(out[-3])


def test_progress_is_told():
    told = []
    simulated(frames=FrameRange(1001, 1006), progress=lambda done, total: told.append((done, total)))
    assert told == [(n, 6) for n in range(1, 7)]


def made(**gains):
    dust = replace(SMALL, **gains)
    grid = dust_grid(LAYOUT, cells=dust.cells)
    emitter = Emitter(PIECES, MOTION, LAYOUT, dust, grid=grid)
    out = np.empty((*grid.shape, 6), np.float32)
    total = np.zeros(6)
    for row in range(len(MOTION.position)):
        emitter.sources(row - 0.5, out=out)
        total += out.sum(axis=(0, 1, 2), dtype=np.float64) * grid.cell_m**3 / 24
    return total


def test_emission_gives_about_what_it_promises():
    promised = DUST_M2_PER_M3 * BOX.width_m * BOX.height_m * BOX.depth_m
    assert 0.5 * promised < made()[EMIT] < 1.3 * promised


def test_gains_do_what_they_say():
    base = made()
    assert made(amount=2.0)[EMIT] == pytest.approx(2 * base[EMIT], rel=0.02)
    assert made(amount=0.0)[EMIT] == 0
    assert made(surge=2.0)[EXPAND] > 1.05 * base[EXPAND]
    assert made(jets=0.0)[EMIT] < base[EMIT]


def test_rooms_shut_by_their_own_height_at_most():
    rooms, windows = rooms_of(BOX, PIECES, MOTION, number=0)
    shut = rooms.closing_m_per_s.sum(axis=0) / 24
    assert shut.max() <= BOX.floor_height_m * 1.01
    assert shut.max() > 0.6 * BOX.floor_height_m
    assert windows.room.max() < rooms.gap_m.shape[1]
    inward = np.array(BOX.inward)
    assert {round(float(o @ inward)) for o in windows.outward} == {-1, 0, 1}


def test_standing_box_comes_down_with_its_pieces():
    heights = [
        next(b.height_m for b in standing_boxes(PIECES, MOTION, LAYOUT, frame=f) if b.name == "b")
        for f in (1001, 1010, 1014)
    ]
    assert BOX.height_m >= heights[0] > heights[1] > heights[2]
    assert heights[0] > 0.8 * BOX.height_m


@pytest.mark.parametrize(
    ("height", "width", "floors"),
    [pytest.param(3.0, 4.0, 1, id="a shed"), pytest.param(180.0, 40.0, 45, id="a tower")],
)
def test_any_building_makes_dust(height, width, floors):
    box = replace(BOX, height_m=height, width_m=width, floors=floors)
    where = Layout(camera=CameraPath(locked=Camera()), boxes=(box, replace(BOX, name="n", kind="neighbour")))
    pieces = building(box)
    seen = []
    simulate_dust(pieces, falling(pieces), where, SMALL, frames=FRAMES, rate=RATE, out=seen.append)
    assert amount(seen[-1]) > 0
    assert np.isfinite(seen[-1].velocity).all()


def test_grid_is_roomy_even_and_about_as_large_as_asked():
    grid = dust_grid(LAYOUT, cells=200_000)
    assert 0.8 * 200_000 < np.prod(grid.shape) < 1.5 * 200_000
    assert all(n % 2 == 0 for n in grid.shape)
    low, high = np.array(grid.origin_m), np.array(grid.origin_m) + np.array(grid.shape) * grid.cell_m
    for corner in BOX.corners():
        assert (corner >= low - 1e-6).all()
        assert (corner <= high).all()
    assert grid.origin_m[1] == 0.0
