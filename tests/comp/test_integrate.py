from dataclasses import replace

import numpy as np
import pytest

from secondunit.comp.backdrop import Backdrop, prepare_backdrop
from secondunit.comp.integrate import FrameInputs, FrameOutputs, integrate, outlines, rebuild
from secondunit.comp.plate_match import PlateMatch
from secondunit.core.collapse import Look
from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image, SurfaceLayer
from secondunit.imaging.filters import gaussian
from secondunit.imaging.grain import Grain

H, W = 48, 64
PLAIN = Look(light_wrap=0.0, grain=0.0)


def disc(x: float, y: float, radius: float, soft: float = 1.0) -> Image:
    yy, xx = np.mgrid[:H, :W]
    return np.clip((radius - np.hypot(xx - x, yy - y)) / soft + 0.5, 0, 1).astype(np.float32)


def rgba(matte: Image, colour: tuple[float, float, float]) -> Image:
    return np.dstack([matte[..., None] * np.float32(colour), matte]).astype(np.float32)


def surface(alpha: Image, static: Image, colour: tuple[float, float, float] = (0.5, 0.4, 0.3)) -> SurfaceLayer:
    lit = alpha[..., None] * np.float32(colour)
    return SurfaceLayer(
        sun=lit * np.float32(0.75),
        sky=lit * np.float32(0.25),
        alpha=alpha,
        static=static,
        depth=np.full((H, W), 30, np.float32),
        motion=np.zeros((H, W, 2), np.float32),
        id=np.zeros((H, W), np.uint32),
    )


@pytest.fixture
def plate() -> Image:
    return np.random.default_rng(1).random((H, W, 3), dtype=np.float32)


@pytest.fixture
def rest() -> Image:
    silhouette = np.zeros((H, W), np.float32)
    silhouette[10:40, 16:48] = 1
    return gaussian(silhouette, sigma_px=0.6)


@pytest.fixture
def holdout() -> Image:
    return disc(20, 38, 8, soft=3)


@pytest.fixture
def backdrop(plate: Image, rest: Image, holdout: Image) -> Backdrop:
    clean = np.full((H, W, 3), (0.3, 0.4, 0.6), np.float32)
    return prepare_backdrop(plate, clean=clean, matte=rest, holdout=holdout, static_rest=rest)


@pytest.fixture
def busy(plate: Image, backdrop: Backdrop, rest: Image) -> FrameInputs:
    """A frame with everything in it."""
    moved = disc(32, 20, 9, soft=4)
    dust = disc(40, 34, 14, soft=10) * 0.8
    shade = np.clip(1 - dust[..., None] * np.float32([0.5, 0.4, 0.3]), 0, 1).astype(np.float32)
    return FrameInputs(
        frame=1020,
        plate=plate,
        backdrop=backdrop,
        surface=surface(moved, rest * (1 - np.clip(moved * 1.3, 0, 1))),
        dust_front=rgba(dust, (0.6, 0.5, 0.4)),
        dust_behind=rgba(dust * 0.5, (0.3, 0.3, 0.3)),
        front_depth=np.full((H, W), 25, np.float32),
        behind_depth=np.full((H, W), 40, np.float32),
        shadow=shade,
        shadow_static=shade,
        look=Look(),
        match=PlateMatch(
            black=(0.01, 0.012, 0.015),
            grain=Grain(sigma=((0.01,) * 3, (0.02,) * 3)),
            softness_px=0.7,
            haze_per_km=1.0,
        ),
    )


def colour(outputs: FrameOutputs) -> Image:
    return outputs.comp[..., :3]


def test_before_the_event_the_comp_is_the_plate_bit_for_bit(busy: FrameInputs, rest: Image) -> None:
    quiet = replace(
        busy,
        surface=surface(np.zeros((H, W), np.float32), rest),
        dust_front=None,
        dust_behind=None,
        shadow=np.ones((H, W, 3), np.float32),
        shadow_static=np.ones((H, W, 3), np.float32),
    )
    outputs = integrate(quiet)
    np.testing.assert_array_equal(colour(outputs), busy.plate)
    assert outputs.touched_share == 0
    assert not outputs.matte.any()


def test_nothing_at_all_is_the_plate(plate: Image, backdrop: Backdrop) -> None:
    outputs = integrate(FrameInputs(frame=1, plate=plate, backdrop=backdrop))
    np.testing.assert_array_equal(colour(outputs), plate)
    np.testing.assert_array_equal(outputs.shadow, np.ones_like(plate))
    assert not outputs.element.any()


def test_outside_the_ring_the_plate_is_untouched(busy: FrameInputs) -> None:
    small = replace(
        busy,
        surface=None,
        shadow=None,
        shadow_static=None,
        dust_behind=None,
        dust_front=rgba(disc(20, 20, 5), (1, 1, 1)),
    )
    outputs = integrate(small)
    far = np.hypot(*(np.mgrid[:H, :W] - 20)) > 5 + 1 + busy.look.ring_px + 1
    np.testing.assert_array_equal(colour(outputs)[far], busy.plate[far])
    assert outputs.max_abs_diff == 0
    assert 0 < outputs.touched_share < 0.3


def test_the_parts_rebuild_the_comp_within_half_floats(busy: FrameInputs) -> None:
    outputs = integrate(replace(busy, look=Look(grain=0)))
    parts = [p.astype(np.float16).astype(np.float32) for p in (outputs.element, outputs.clean, outputs.shadow)]
    touched = outputs.support > 0
    np.testing.assert_allclose(rebuild(*parts)[touched], colour(outputs)[touched], atol=2e-3)
    exact = rebuild(outputs.element, outputs.clean, outputs.shadow)
    np.testing.assert_allclose(exact[touched], colour(outputs)[touched], atol=2e-6)


def test_grain_is_all_that_the_parts_lack(busy: FrameInputs) -> None:
    with_grain, without = integrate(busy), integrate(replace(busy, look=Look(grain=0)))
    difference = np.abs(colour(with_grain) - colour(without))
    assert difference.max() > 0.005
    assert difference.max() < 6 * 0.03
    np.testing.assert_array_equal(with_grain.element, without.element)


def test_opaque_dust_hides_everything_and_shows_its_own_colour(plate: Image, backdrop: Backdrop) -> None:
    full = rgba(np.ones((H, W), np.float32), (0.5, 0.4, 0.3))
    outputs = integrate(FrameInputs(frame=1, plate=plate, backdrop=backdrop, dust_front=full, look=PLAIN))
    np.testing.assert_allclose(colour(outputs), np.broadcast_to(np.float32([0.5, 0.4, 0.3]), (H, W, 3)), atol=1e-6)


def test_where_the_building_is_gone_the_clean_plate_shows(busy: FrameInputs, rest: Image) -> None:
    nothing = np.zeros((H, W), np.float32)
    outputs = integrate(
        replace(
            busy,
            surface=surface(nothing, nothing),
            dust_front=None,
            dust_behind=None,
            shadow=None,
            shadow_static=None,
            look=PLAIN,
        )
    )
    middle = (rest > 0.999) & (busy.backdrop.holdout == 0)
    np.testing.assert_allclose(colour(outputs)[middle], busy.backdrop.clean[middle], atol=1e-6)
    # What stands in front stays the plate to the last bit.
    solid = busy.backdrop.holdout == 1
    assert solid.any()
    np.testing.assert_array_equal(colour(outputs)[solid], busy.plate[solid])


def test_debris_passes_behind_the_holdout(busy: FrameInputs) -> None:
    everywhere = np.ones((H, W), np.float32)
    outputs = integrate(
        replace(busy, surface=surface(everywhere, everywhere * 0), dust_front=None, dust_behind=None, look=PLAIN)
    )
    solid = busy.backdrop.holdout == 1
    np.testing.assert_array_equal(outputs.element[solid], 0)
    np.testing.assert_array_equal(colour(outputs)[solid], busy.plate[solid])


def test_a_soft_twig_over_dust_holds_no_trace_of_what_was_behind_it() -> None:
    twig, wall, dust = np.float32([0.05, 0.04, 0.03]), np.float32([0.9, 0.9, 0.8]), np.float32([0.4, 0.35, 0.3])
    cover = gaussian(disc(32, 24, 6), sigma_px=1.5)
    plate = (twig * cover[..., None] + wall * (1 - cover[..., None])).astype(np.float32)
    matte = np.ones((H, W), np.float32)
    clean = np.full((H, W, 3), 0.5, np.float32)
    backdrop = prepare_backdrop(plate, clean=clean, matte=matte, holdout=cover)
    behind = rgba(1 - cover, (0.4, 0.35, 0.3))  # as the march gives dust beyond the twig
    outputs = integrate(FrameInputs(frame=1, plate=plate, backdrop=backdrop, dust_front=behind, look=PLAIN))
    wanted = twig * cover[..., None] + dust * (1 - cover[..., None])
    assert np.abs(colour(outputs) - wanted).max() < 0.05


def test_shadow_darkens_the_plate_and_is_switched_off_by_the_look(busy: FrameInputs) -> None:
    only = replace(busy, surface=None, dust_front=None, dust_behind=None, shadow_static=None, look=PLAIN)
    shaded = integrate(only)
    assert (colour(shaded) <= busy.plate + 1e-6).all()
    assert (colour(shaded) < busy.plate * 0.9).any()
    np.testing.assert_array_equal(colour(integrate(replace(only, look=replace(PLAIN, shadow=0.0)))), busy.plate)


def test_black_level_lifts_black_debris_to_the_plates_black_and_leaves_grey(busy: FrameInputs) -> None:
    everywhere = np.ones((H, W), np.float32)
    match = PlateMatch(black=(0.02, 0.03, 0.04))
    for tone, wanted in ((0.0, (0.02, 0.03, 0.04)), (0.5, (0.5, 0.5, 0.5))):
        layer = surface(everywhere, everywhere * 0, colour=(tone, tone, tone))
        element = integrate(
            replace(busy, surface=layer, match=match, dust_front=None, dust_behind=None, look=PLAIN)
        ).element
        np.testing.assert_allclose(element[2, 60, :3], wanted, atol=1e-4)


def test_exposure_and_haze(plate: Image, backdrop: Backdrop) -> None:
    full = rgba(np.ones((H, W), np.float32), (0.2, 0.2, 0.2))
    base = FrameInputs(frame=1, plate=plate, backdrop=backdrop, dust_front=full, look=PLAIN)
    brighter = integrate(replace(base, look=replace(PLAIN, exposure_stops=1.0)))
    np.testing.assert_allclose(brighter.element[..., :3], 0.4, atol=1e-6)
    far = replace(
        base,
        front_depth=np.full((H, W), 1000, np.float32),
        match=PlateMatch(haze_per_km=np.log(2), haze_colour=(1.0, 1.0, 1.0)),
    )
    np.testing.assert_allclose(integrate(far).element[..., :3], 0.6, atol=1e-5)
    assert np.array_equal(integrate(far).element[..., 3], integrate(base).element[..., 3])


def test_wrap_brightens_edges_only_and_keeps_coverage(plate: Image, backdrop: Backdrop) -> None:
    bright = np.full_like(plate, 2.0)
    dark = rgba(disc(32, 24, 14), (0.05, 0.05, 0.05))
    base = FrameInputs(frame=1, plate=bright, backdrop=replace(backdrop, clean=bright), dust_front=dark, look=PLAIN)
    plain, wrapped = integrate(base), integrate(replace(base, look=replace(PLAIN, light_wrap=1.0)))
    np.testing.assert_array_equal(plain.element[..., 3], wrapped.element[..., 3])
    lift = wrapped.element[..., 0] - plain.element[..., 0]
    assert (lift >= 0).all()
    assert lift[24, 32] < 1e-4 < lift[24, 19]


def test_same_inputs_same_pixels(busy: FrameInputs) -> None:
    np.testing.assert_array_equal(integrate(busy).comp, integrate(busy).comp)
    assert not np.array_equal(integrate(busy).comp, integrate(replace(busy, frame=1021)).comp)


def test_inputs_are_left_alone(busy: FrameInputs) -> None:
    before = [a.copy() for a in (busy.plate, busy.dust_front, busy.surface.alpha, busy.backdrop.clean)]
    integrate(busy)
    for was, now in zip(before, (busy.plate, busy.dust_front, busy.surface.alpha, busy.backdrop.clean), strict=True):
        np.testing.assert_array_equal(was, now)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"dust_front": np.zeros((H, W + 1, 4), np.float32)}, id="dust"),
        pytest.param({"shadow": np.ones((H + 2, W, 3), np.float32)}, id="shadow"),
        pytest.param({"plate": np.zeros((H, W * 2, 3), np.float32)}, id="plate"),
    ],
)
def test_other_sizes_are_refused(busy: FrameInputs, change: dict[str, Image]) -> None:
    with pytest.raises(BriefError, match="frame 1020"):
        integrate(replace(busy, **change))


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (17, 3), (33, 47)], ids=str)
def test_odd_sizes(size: tuple[int, int]) -> None:
    draw = np.random.default_rng(3)
    plate = draw.random((*size, 3), dtype=np.float32)
    backdrop = prepare_backdrop(plate, clean=plate, matte=np.ones(size, np.float32))
    dust = np.full((*size, 4), 0.5, np.float32)
    outputs = integrate(FrameInputs(frame=1, plate=plate, backdrop=backdrop, dust_front=dust))
    assert outputs.comp.shape == (*size, 4)
    assert np.isfinite(outputs.comp).all()


def test_backdrop_refuses_other_sizes(plate: Image) -> None:
    with pytest.raises(BriefError, match="matte"):
        prepare_backdrop(plate, clean=plate, matte=np.zeros((3, 3), np.float32))


def test_railings_beyond_the_silhouette_stay_while_the_roof_below_stays(plate: Image, rest: Image) -> None:
    matte = rest.copy()
    matte[4:10, 20:40] = 1  # a railing that no piece stands for
    backdrop = prepare_backdrop(plate, clean=plate * 0, matte=matte, static_rest=rest)
    half = rest.copy()
    half[:, 32:] = 0
    standing = backdrop.standing(half)
    assert standing[5, 24] == 1
    assert standing[5, 38] == 0


def test_the_foreground_cuts_dust_at_full_size(busy: FrameInputs) -> None:
    near, beyond = rgba(np.full((H, W), 0.2, np.float32), (1, 1, 1)), rgba(np.full((H, W), 0.9, np.float32), (1, 1, 1))
    base = replace(busy, surface=None, shadow=None, shadow_static=None, look=PLAIN, match=PlateMatch())
    outputs = integrate(replace(base, dust_front=beyond, dust_front_near=near, dust_behind=beyond))
    holdout = busy.backdrop.holdout
    wanted = 1 - (1 - (0.9 - 0.7 * holdout)) * (1 - 0.9 * (1 - holdout))
    np.testing.assert_allclose(outputs.element[..., 3], wanted, atol=1e-5)
    # With nothing beyond the foreground it makes no difference.
    same = integrate(replace(base, dust_front=near, dust_front_near=near, dust_behind=None))
    plain = integrate(replace(base, dust_front=near, dust_behind=None))
    np.testing.assert_allclose(same.element, plain.element, atol=1e-6)


def test_a_wall_at_a_slant_has_no_outline_and_its_end_has() -> None:
    x = np.arange(W, dtype=np.float32)
    slanted = np.broadcast_to(1 / (0.02 + 0.0004 * x), (H, W)).astype(np.float32)
    wall = surface(np.ones((H, W), np.float32), np.zeros((H, W), np.float32))
    assert outlines(replace(wall, depth=slanted), shutter=0.5).max() == 0
    behind = np.where(x < 32, slanted, np.float32(70)).astype(np.float32)
    edge = outlines(replace(wall, depth=behind), shutter=0.5)
    assert edge[:, 31:33].min() > 0.9
    assert edge[:, 2:24].max() < 0.01
    other = np.where(x < 32, np.uint32(1), np.uint32(2)) * np.ones((H, 1), np.uint32)
    slow, fast = (replace(wall, depth=slanted, motion=np.full((H, W, 2), v, np.float32)) for v in (0.4, 6.0))
    assert outlines(slow, shutter=0.5).max() == 0
    assert outlines(fast, shutter=0.5).min() == 1
    assert outlines(replace(wall, depth=slanted, id=other.astype(np.uint32)), shutter=0.5)[:, 31:33].min() > 0.9


def test_what_begins_to_move_is_as_sharp_as_the_plate(plate: Image, backdrop: Backdrop) -> None:
    whole = np.ones((H, W), np.float32)
    worn = replace(surface(whole, 0 * whole), sun=plate * np.float32(0.75), sky=plate * np.float32(0.25))
    match = PlateMatch(softness_px=1.5, black=(0.0, 0.0, 0.0))
    out = integrate(FrameInputs(frame=1, plate=plate, backdrop=backdrop, surface=worn, look=PLAIN, match=match))
    seen = (backdrop.holdout == 0)[2:-2, 2:-2]
    np.testing.assert_allclose(out.comp[2:-2, 2:-2, :3][seen], plate[2:-2, 2:-2][seen], atol=1e-5)
