import numpy as np
import pytest

from secondunit.fx.debris.raster import draw, fill_disc, place, rotations, set_up


def picture(points, faces, *, size=16, shift=(0.0, 0.0), alive=True):
    """Draw camera-space triangles with a lens of one picture width."""
    points = np.asarray(points, np.float32)[None]
    faces = np.asarray(faces, np.int32)
    lens = np.array([size, size, size / 2, size / 2], np.float32)
    triangles = np.empty((1, 8 * len(faces), 9), np.float32)
    face, count = np.empty(triangles.shape[:2], np.int32), np.zeros(1, np.int32)
    body = np.zeros(len(faces), np.int32)
    there = np.full((1, 1), alive)
    set_up(points, faces, body, there, lens, np.array([shift], np.float32), size, size, triangles, face, count)
    nearness, identity = np.empty((1, size, size), np.float32), np.empty((1, size, size), np.int32)
    draw(triangles, face, count, nearness, identity)
    return nearness[0], identity[0]


SQUARE = [(-1.0, -1.0, -4.0), (1.0, -1.0, -4.0), (1.0, 1.0, -4.0), (-1.0, 1.0, -4.0)]


def test_a_square_at_four_metres_covers_half_the_width_and_reads_its_depth():
    nearness, identity = picture(SQUARE, [(0, 1, 2), (0, 2, 3)])
    expected = np.zeros((16, 16), bool)
    expected[4:12, 4:12] = True
    assert np.array_equal(identity >= 0, expected)
    np.testing.assert_allclose(nearness[expected], 0.25, rtol=1e-6)


def test_triangles_that_share_an_edge_leave_no_gap_and_the_same_pixels_whatever_the_diagonal():
    rng = np.random.default_rng(3)
    for _ in range(20):
        inside = (*rng.uniform(-0.9, 0.9, 2), -4.0)
        fan = [(k, (k + 1) % 4, 4) for k in range(4)]
        assert (picture([*SQUARE, inside], fan)[1] >= 0).sum() == 64


def test_the_nearer_surface_wins_in_either_order():
    far = [(x, y, -8.0) for x, y in ((-2, -2), (2, -2), (2, 2), (-2, 2))]
    for first, second in ((SQUARE, far), (far, SQUARE)):
        nearness, _ = picture([*first, *second], [(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7)])
        np.testing.assert_allclose(nearness[5:11, 5:11], 0.25, rtol=1e-6)


def test_a_face_turned_away_or_not_alive_is_not_drawn():
    assert (picture(SQUARE, [(0, 2, 1)])[1] < 0).all()
    assert (picture(SQUARE, [(0, 1, 2)], alive=False)[1] < 0).all()


def test_a_ground_under_the_camera_is_clipped_at_the_near_plane():
    ground = [(-50.0, -1.0, 20.0), (50.0, -1.0, 20.0), (50.0, -1.0, -400.0), (-50.0, -1.0, -400.0)]
    nearness, identity = picture(ground, [(0, 1, 2), (0, 2, 3)])
    assert (identity[9:] >= 0).all()
    assert (identity[:8] < 0).all()
    rows = np.arange(9, 16)
    np.testing.assert_allclose(nearness[9:, 8], (rows + 0.5 - 8) / 16, rtol=1e-4)


def test_the_shift_moves_the_sample_not_the_scene():
    left, right = [(-0.05 + 0.03125 * k, 0.0, -1.0) for k in (0, 1)]
    needle = [left, right, (0.0, 0.4, -1.0)]
    assert np.array_equal(picture(needle, [(0, 1, 2)], shift=(0.0, 0.0))[1], picture(needle, [(0, 1, 2)])[1])
    moved = [(x - 0.25 / 16, y, z) for x, y, z in needle]
    assert np.array_equal(picture(needle, [(0, 1, 2)], shift=(0.25, 0.0))[1], picture(moved, [(0, 1, 2)])[1])


def test_a_disc_covers_its_area():
    nearness, identity = np.zeros((64, 64), np.float32), np.full((64, 64), -1, np.int32)
    disc = [np.float32(v) for v in (31.3, 30.8, 0.5, 20.0)]
    fill_disc(*disc, 7, 0, 64, 64, nearness, identity)
    assert (identity == 7).sum() == pytest.approx(np.pi * 400, rel=0.02)


def test_a_still_body_keeps_its_rest_bits_and_a_turned_one_turns_about_its_centre():
    rest = np.array([[1.1, 2.2, 3.3], [2.0, 0.0, 0.0]], np.float32)
    quarter = rotations(np.array([[np.sqrt(0.5), 0, np.sqrt(0.5), 0]], np.float32))
    turn = np.concatenate([quarter, quarter])[None]
    centre = np.array([[0, 0, 0], [1, 0, 0]], np.float32)
    out = np.empty((1, 2, 3), np.float32)
    eye = np.eye(3, dtype=np.float32)[None], np.zeros((1, 3), np.float32)
    still = np.array([[True, False]])
    place(rest, np.array([0, 1], np.int32), centre, turn, centre[None] + np.float32(5), still, *eye, out)
    assert np.array_equal(out[0, 0], rest[0])
    np.testing.assert_allclose(out[0, 1], [6.0, 5.0, 4.0], atol=1e-6)
