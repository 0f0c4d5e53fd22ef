"""The renderer against closed forms: where things are, how light falls, and the same bytes every time."""

import math

import numpy as np
import pytest

from secondunit.core.camera import Camera, Filmback
from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun
from secondunit.imaging.projection import ground_depth, project, rotation_from_angles
from secondunit.prep.stage.bvh import blocked, build_tree
from secondunit.prep.stage.geometry import Material, Part, Stage, box, cylinder, ellipsoid, move, translation
from secondunit.prep.stage.render import pack, render_stage

GREY = Material(name="grey", base_color=(0.18, 0.18, 0.18), roughness=1.0)
WHITE = Material(name="white", base_color=(1.0, 1.0, 1.0), roughness=1.0)
W, H = 96, 54


def camera(*, position=(0.0, 1.5, 6.0), pitch=0.0, yaw=0.0, focal=35.0) -> Camera:
    turn = rotation_from_angles(yaw, pitch, 0)
    rows = tuple(tuple(float(v) for v in row) for row in turn)
    return Camera(
        focal_length_mm=focal, filmback=Filmback(width_mm=36, height_mm=20.25), position_m=position, rotation=rows
    )


def stage(*meshes, ground="grey") -> Stage:
    return Stage(parts=tuple(Part(mesh=m) for m in meshes), materials=(GREY, WHITE), ground=ground)


def shoot(what: Stage, view: Camera, **more):
    return render_stage(what, view, width=W, height=H, **more)


def test_the_ground_lies_where_the_plane_does():
    view = camera(pitch=-15)
    image = shoot(stage(), view)
    wanted = ground_depth(view, W, H)
    seen = np.isfinite(image.depth) & (wanted < 100)
    assert seen.sum() > W * H / 2
    # The central sample lies within half a pixel of the pixel's middle.
    wanted = np.where(seen, wanted, 0)
    steps = np.abs(np.diff(wanted, axis=0, append=wanted[-1:])) + 0.02
    assert (np.abs(image.depth - wanted)[seen] <= steps[seen]).all()
    assert (image.part[seen] == -2).all()


def test_a_box_is_where_projection_puts_it():
    view = camera()
    image = shoot(stage(box("a", (2, 1, 1), "white", at=(0.5, 0.5, 0))), view)
    corners = [(x, y, 0.5) for x in (-0.5, 1.5) for y in (0.5, 1.5)]
    pixels, depth = project(view, corners, W, H)
    ys, xs = np.nonzero(image.part == 0)
    assert xs.min() == pytest.approx(pixels[:, 0].min(), abs=1)
    assert xs.max() + 1 == pytest.approx(pixels[:, 0].max(), abs=1)
    assert ys.max() + 1 == pytest.approx(pixels[:, 1].max(), abs=1)
    front = image.depth[image.part == 0]
    assert np.percentile(front, 50) == pytest.approx(depth[0], abs=1e-3)
    assert np.allclose(image.normal[int(pixels[:, 1].mean()), int(pixels[:, 0].mean())], (0, 0, 1), atol=1e-5)


def test_coverage_is_the_share_of_the_pixel():
    view = camera(position=(0, 0, 5), focal=50)
    sheet = box("a", (1.0, 1.0, 0.02), "white", at=(0.0, -0.5, 0))
    image = shoot(stage(sheet, ground=None), view, samples=16)
    (left, _), (right, _) = project(view, [(-0.5, 0, 0.01), (0.5, 0, 0.01)], W, H)[0]
    assert image.alpha[H // 2].sum() == pytest.approx(right - left, abs=0.15)


def test_a_lit_card_reads_lambert():
    sun = Sun(azimuth_deg=180, elevation_deg=35, illuminance=(2.0, 2.0, 2.0), sky=(0.0, 0.0, 0.0))
    white = Stage(parts=(), materials=(Material(name="g", base_color=(0.5, 0.5, 0.5), roughness=1.0),), ground="g")
    image = shoot(white, camera(pitch=-60, position=(0, 3, 0)), sun=sun)
    # 0.5 albedo, cosine of the sun to the ground; the rest is the material's faint highlight.
    assert image.beauty[H // 2, W // 2, 1] == pytest.approx(0.5 * 2.0 * math.sin(math.radians(35)), rel=0.08)
    assert (image.shadow == 1).all()


def test_the_open_sky_gives_a_white_card_its_own_colour():
    sun = Sun(elevation_deg=-5, sky=(0.5, 0.5, 0.5))
    card = Stage(parts=(), materials=(WHITE,), ground="white")
    image = shoot(card, camera(pitch=-80, position=(0, 3, 0)), sun=sun)
    assert image.beauty[H // 2, W // 2] == pytest.approx([0.5] * 3, rel=0.08)
    assert image.shadow.max() == 0


def test_a_shadow_falls_where_the_sun_throws_it():
    sun = Sun(azimuth_deg=90, elevation_deg=45)
    view = camera(position=(0, 12, 0.01), pitch=-89.9)
    image = shoot(stage(box("post", (0.5, 2.0, 0.5), "white")), view, sun=sun)
    # The sun stands towards +X at 45 degrees: a post of 2 m throws 2 m towards -X.
    inside, past, other = project(view, [(-1.2, 0, 0), (-2.9, 0, 0), (1.2, 0, 0)], W, H)[0].astype(int)
    assert image.shadow[inside[1], inside[0]] == 0
    assert image.shadow[past[1], past[0]] == 1
    assert image.shadow[other[1], other[0]] == 1


def test_a_corner_is_darker_than_open_ground():
    wall = box("wall", (6, 3, 0.2), "grey", at=(0, 0, -0.1))
    image = shoot(stage(wall), camera(position=(0, 2.0, 5), pitch=-20), sun=Sun(elevation_deg=-5))
    near, far = project(camera(position=(0, 2.0, 5), pitch=-20), [(0, 0, 0.08), (0, 0, 1.7)], W, H)[0].astype(int)
    assert image.ao[near[1], near[0]] < 0.75 < 0.95 < image.ao[far[1], far[0]]


def test_motion_is_the_difference_of_two_projections():
    view, after = camera(), camera(position=(0.2, 1.5, 6.0))
    here = stage(box("a", (1, 1, 1), "white", at=(0, 1, 0)))
    moved = move(here, translation(0.1, 0.05, 0))
    image = shoot(here, view, stage_next=moved, camera_next=after)
    y, x = (int(v) for v in np.argwhere(image.part == 0)[200])
    # Unproject the sample, move the point, project it again.
    spread = 0.5
    d = np.array([(x + 0.5 - W / 2) / (35 / 36 * W), -(y + 0.5 - H / 2) / (35 / 20.25 * H), -1.0])
    point = np.array([0, 1.5, 6.0]) + d * image.depth[y, x]
    before = project(view, point, W, H)[0]
    wanted = project(after, point + np.array([0.1, 0.05, 0]), W, H)[0] - before
    assert image.motion[y, x] == pytest.approx(wanted, abs=spread * 0.05)
    ground = image.part == -2
    assert np.abs(image.motion[ground][:, 0]).max() > 0.1


def test_a_stage_that_changed_its_triangles_has_no_motion():
    with pytest.raises(BriefError, match="other triangles"):
        shoot(stage(box("a", (1, 1, 1), "grey")), camera(), stage_next=stage(cylinder("a", 1, 1, "grey")))


@pytest.mark.parametrize("draft", [False, True])
def test_the_same_stage_gives_the_same_bytes(draft: bool):
    what = stage(ellipsoid("e", (0.5, 0.9, 0.5), "white", at=(0, 0.9, 0)), cylinder("p", 0.05, 3, "grey", at=(1, 0, 1)))
    one, two = (shoot(what, camera(pitch=-8), draft=draft) for _ in range(2))
    for name in ("beauty", "depth", "normal", "part", "shadow", "ao", "motion"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()


def test_a_draft_differs_little():
    what = stage(box("a", (1, 2, 1), "white"), ellipsoid("e", (0.5, 0.9, 0.5), "white", at=(1.4, 0.9, 0)))
    fine, draft = (shoot(what, camera(pitch=-8), draft=d).shadow for d in (False, True))
    assert np.abs(fine - draft).mean() < 0.004


def test_a_thin_post_does_not_flicker():
    """A post 0.6 pixels wide keeps its coverage while the camera creeps sideways."""
    what = stage(cylinder("p", 0.01, 3.0, "white", sides=8), ground=None)
    sums = [
        shoot(what, camera(position=(x, 1.5, 1.9)), samples=16).alpha[H // 2].sum() for x in np.linspace(0, 0.03, 7)
    ]
    assert min(sums) > 0.4
    assert max(sums) - min(sums) < 0.2


def test_a_wild_wall_is_unseen_from_behind_and_lets_the_sun_in():
    from dataclasses import replace

    wall = replace(box("w", (4, 3, 0.01), "white", at=(0, 0, 3)), wild=True)
    front, back = camera(position=(0, 1.5, 0)), camera(position=(0, 1.5, 6))
    # The camera behind the box's front face sees through its back face; from inside nothing of it is seen.
    assert (shoot(stage(wall), back).part == 0).any()
    sun = Sun(azimuth_deg=180, elevation_deg=30)
    lit = shoot(stage(wall), camera(position=(0, 4, 1.0), pitch=-70), sun=sun)
    assert lit.shadow[lit.part == -2].min() == 1
    del front


def test_rays_agree_with_every_triangle():
    rng = np.random.default_rng(3)
    points = rng.uniform(-1, 1, (120, 3)).astype(np.float32)
    faces = np.arange(120, dtype=np.int32).reshape(-1, 3)
    tree = build_tree(points, faces)
    stack = np.empty(64, np.int32)
    hits = 0
    for _ in range(300):
        o, d = rng.uniform(-2, 2, 3), rng.standard_normal(3)
        d /= np.linalg.norm(d)
        got = blocked(
            tree.low, tree.high, tree.skip, tree.first, tree.count, tree.corners,
            *(np.float32(v) for v in (*o, *d)), np.float32(10), stack,
        )  # fmt: skip
        wanted = any(_hits(o, d, points[f].astype(float)) for f in faces)
        assert got == wanted
        hits += wanted
    assert 20 < hits < 280


def _hits(o: np.ndarray, d: np.ndarray, t: np.ndarray) -> bool:
    """Solve o + s d = a + u e1 + v e2 outright."""
    try:
        u, v, s = np.linalg.solve(np.stack([t[1] - t[0], t[2] - t[0], -d], axis=1), o - t[0])
    except np.linalg.LinAlgError:
        return False
    return bool(u >= 0 and v >= 0 and u + v <= 1 and 0 < s < 10)


@pytest.mark.parametrize("bad", [{"width": 4}, {"samples": 0}, {"samples": 64}], ids=["narrow", "none", "many"])
def test_a_size_out_of_range_is_refused(bad: dict[str, int]):
    with pytest.raises(BriefError, match="cannot render"):
        render_stage(stage(), camera(), **({"width": W, "height": H} | bad))


def test_an_empty_stage_is_sky():
    image = shoot(stage(ground=None), camera())
    assert (image.part == -1).all()
    assert (image.alpha == 0).all()
    assert (image.beauty > 0).all()
    assert len(pack(stage(ground=None)).faces) == 0
