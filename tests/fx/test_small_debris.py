import numpy as np
import pytest

from secondunit.fx.debris.small_debris import CHUNK, SHARDS, fly, scatter, shatter_frames
from secondunit.fx.fracture.pieces import Pieces
from secondunit.fx.rigid.motion import Motion


def one_piece(*, hits=1):
    frames, height = 40, 8.0
    t = np.arange(frames) / 24
    y = np.maximum(height - 4.905 * t**2, 0.5)
    position = np.zeros((frames, 1, 3), np.float32)
    position[:, 0, 1] = y
    quaternion = np.zeros((frames, 1, 4), np.float32)
    quaternion[..., 0] = 1
    motion = Motion(
        first_frame=1001,
        rate=24.0,
        position=position,
        quaternion=quaternion,
        released=np.array([1001], np.int32),
        hit_frame=np.full(hits, 1031, np.int32),
        hit_piece=np.zeros(hits, np.int32),
        hit_position=np.zeros((hits, 3), np.float32),
        hit_energy=np.full(hits, 5e4, np.float32),
    )
    pieces = Pieces(
        vertices=np.zeros((4, 3), np.float32),
        faces=np.zeros((4, 3), np.int32),
        vertex_start=np.array([0, 4], np.int32),
        face_start=np.array([0, 4], np.int32),
        face_outer=np.ones(4, bool),
        centre=np.array([[0, height, 0]], np.float32),
        mass_kg=np.array([900.0], np.float32),
        volume_m3=np.array([0.4], np.float32),
        material=np.zeros(1, np.int32),
        kind=np.zeros(1, np.int32),
        box=np.zeros(1, np.int32),
        storey=np.zeros(1, np.int32),
        bond=np.zeros((0, 2), np.int32),
        bond_area_m2=np.zeros(0, np.float32),
        grounded=np.zeros(1, bool),
    )
    return pieces, motion


def test_without_drag_it_is_a_parabola():
    start, speed, t = np.zeros((1, 3)), np.array([[3.0, 5.0, -1.0]]), np.array([0.8])
    place = fly(start, speed=speed, drag=np.array([1e-5]), seconds=t)
    np.testing.assert_allclose(place, [[2.4, 5 * 0.8 - 4.905 * 0.64, -0.8]], atol=1e-4)


def test_heavy_drag_reaches_terminal_speed():
    drag, t = np.array([4.0]), np.array([5.0])
    later = fly(np.zeros((1, 3)), speed=np.zeros((1, 3)), drag=drag, seconds=t + 1)
    fall = fly(np.zeros((1, 3)), speed=np.zeros((1, 3)), drag=drag, seconds=t) - later
    assert fall[0, 1] == pytest.approx(9.81 / 4, rel=1e-6)


def test_nothing_goes_below_the_ground_or_is_there_before_it_breaks():
    small = scatter(*one_piece(), seed=4, count=600)
    assert len(small) == 600
    assert not small.at(1000.0)[0].any()
    for frame in np.linspace(1001, 1120, 40):
        there, place = small.at(frame)
        assert (place[there, 1] > 0).all()
    there, place = small.at(1200.0)
    assert there.all()
    np.testing.assert_allclose(place[:, 1], 0.4 * small.size_m, atol=1e-3)


def test_each_place_joins_on_over_its_landings():
    small = scatter(*one_piece(), seed=4, count=300)
    speed = [np.linalg.norm(small.at(f + 0.01)[1] - small.at(f)[1], axis=1).max() for f in np.arange(1001, 1060, 0.31)]
    assert max(speed) * 24 / 0.01 < 40.0


def test_the_same_seed_gives_the_same_and_another_another():
    a, b, c = (scatter(*one_piece(), seed=s, count=200) for s in (1, 1, 2))
    assert np.array_equal(a.start_m, b.start_m)
    assert not np.array_equal(a.start_m, c.start_m)


def test_nothing_breaks_nothing_flies():
    pieces, motion = one_piece(hits=0)
    still = Motion(**{f: getattr(motion, f) for f in motion.__slots__} | {"released": np.array([10**9], np.int32)})
    assert len(scatter(pieces, still, seed=1)) == 0


def test_what_only_begins_to_move_drops_no_chunks():
    assert (scatter(*one_piece(hits=0), seed=3, count=400).group > CHUNK).all()
    assert (scatter(*one_piece(), seed=3, count=400).group == CHUNK).any()


def test_a_pane_flies_to_shards_at_its_first_blow():
    pieces, motion = one_piece(hits=3)
    assert np.isinf(shatter_frames(pieces, motion, np.array([False]))).all()
    shatters = shatter_frames(pieces, motion, np.array([True]))
    assert shatters.tolist() == [1031.0]
    small = scatter(pieces, motion, seed=3, count=100, shatters=shatters)
    assert len(small) == 100 + SHARDS
    assert (np.abs(small.born_s[-SHARDS:] * 24 - 1031) < 1e-9).all()
    assert small.glint(1033.0).max() > 1
    assert (small.glint(1300.0) == 1).all()
    assert not scatter(pieces, motion, seed=3, count=100).glass.any()
