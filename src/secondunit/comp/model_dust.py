"""The dust of a picture that a large model drew, taken out of it and put over our own plate.

A video model returns a whole picture: its own memory of the plate, softer and shifted in colour, with dust before it.
Only the dust is wanted. What stands behind the dust is known exactly (our clean plate, shadowed), and what colour dust
has here is known from the simulation; so how much dust each pixel of the model's picture holds can be solved for
(Smith and Blinn, "Blue Screen Matting", SIGGRAPH 1996, with both backings' places taken by the one that is known)::

    model = dust + (1 - alpha) * background        alpha between the physics' own, drawn in and grown out a little

The dust is then merged over *our* background. Light of the model's plate cannot enter: where it drew no dust alpha is
0 and the comp stays as it was, bit for bit; where it did, a pixel's dust is held near the simulation's colour. Pieces
of the building that are seen stay ours too.
"""

from dataclasses import dataclass

import numpy as np

from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import box, dilate, erode, gaussian, luminance, spread

LEAST = np.float32(0.02)
"""Dust thinner than this is none: a mask holds no haze that covers the whole picture."""
_EDGE_SHARE = 0.007
"""How far a piece's soft edge reaches, as a share of the picture's width."""
_SPECK_SHARE, _SPECK_PX = 0.0035, 1.5
"""Radius under which dust on its own is a mote: a share of the picture's width, and no more than some pixels."""
_SEEN = np.float32(0.04)
"""Beyond the physics' alpha, solved alpha under this is the model's error about its plate."""
_DARKEST, _BRIGHTEST = np.float32(2.0**-1.75), np.float32(2.0**1.25)
"""How far detail may leave the simulation's colour near it, as gains."""
_CORE = np.float32(2.0)
"""So many standard deviations of the plate's texture are taken for the model's error where plate is seen."""
_TEXTURE_SHARE = 0.005
"""Reach of what counts as texture, as a share of the picture's width."""
_GAIN = (0.5, 2.0)
_RING_SHARE = 0.03
"""Width of the ring that gains are measured on, as a share of the picture's width."""
_BROAD_SHARE = 0.02
"""Sigma of the band that stays the simulation's, as a share of the picture's width."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakeFrame:
    """One written frame of a take, ACEScg, as its passes hold it."""

    comp: Image
    """(height, width, 3)."""
    element: Image
    """(height, width, 4) premultiplied."""
    clean: Image
    shadow: Image
    matte: Image
    """(height, width)."""
    pieces: Image
    """(height, width): 1 where a moving piece is seen, or stands behind dust."""
    optical_depth: Image
    """(height, width) of the dust before the first surface."""

    @property
    def background(self) -> Image:
        """(height, width, 3): what stands behind the element."""
        lit: Image = self.clean * self.shadow
        return lit


@dataclass(frozen=True, slots=True, kw_only=True)
class PasteSettings:
    """How the model's dust comes in; pixels of the take."""

    dilate_px: float = 4.0
    feather_px: float = 3.0
    low_band: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pasted:
    """A frame with the model's dust."""

    comp: Image
    """(height, width, 3); the take's own bits wherever nothing was pasted."""
    element: Image
    matte: Image
    changed: np.ndarray
    """(height, width) of bool."""


def dust_alpha(frame: TakeFrame) -> Image:
    """Return (height, width): how much of each pixel is dust, pieces that can be seen through it left out.

    The soft edge that blur gives a piece is the piece's, and a few pixels on their own are no dust.
    """
    width = frame.pieces.shape[1]
    edge, speck = max(_EDGE_SHARE * width, 1.0), min(_SPECK_SHARE * width, _SPECK_PX)
    around = dilate(frame.pieces, radius_px=edge) * np.exp(-np.maximum(frame.optical_depth, 0))
    alpha: Image = np.clip(frame.element[..., 3], 0, 1) * (1 - np.clip(gaussian(around, sigma_px=1.0), 0, 1))
    body = dilate(erode((alpha > LEAST).astype(np.float32), radius_px=speck), radius_px=2 * speck)
    return np.where((alpha > LEAST) & (body > 0), alpha, np.float32(0)).astype(np.float32)


def model_mask(frame: TakeFrame, *, grow_px: float) -> Image:
    """Return (height, width) 0 or 1: where a model is to draw. Pieces that are clearly seen are left to us."""
    dusty = dilate((dust_alpha(frame) > LEAST).astype(np.float32), radius_px=grow_px)
    seen = (frame.pieces * np.exp(-np.maximum(frame.optical_depth, 0))) > 0.5
    return np.where(seen, np.float32(0), dusty).astype(np.float32)


def ring_gain(model: Image, frame: TakeFrame, *, mask: Image) -> np.ndarray:
    """Return (3,) log2 gains that bring the model's plate to ours on a ring outside the mask; NaN where there is none.

    The median of the logs of both, so that what the model moved a little does not count.
    """
    width = mask.shape[1]
    outside = (dilate(mask, radius_px=max(_RING_SHARE * width, 2.0)) > 0.5) & (dilate(mask, radius_px=2.0) < 0.5)
    ring = outside & (frame.element[..., 3] <= 0)
    if int(ring.sum()) < 16:
        return np.full(3, np.nan, np.float32)
    ours, theirs = gaussian(frame.comp, sigma_px=1.5)[ring], gaussian(model, sigma_px=1.5)[ring]
    floor = np.float32(1e-3)
    gain = np.median(np.log2(np.maximum(ours, floor)) - np.log2(np.maximum(theirs, floor)), axis=0)
    return np.asarray(np.clip(gain, np.log2(_GAIN[0]), np.log2(_GAIN[1])), dtype=np.float32)


def steady(gains: np.ndarray, *, sigma_frames: float = 3.0) -> np.ndarray:
    """Return (frames, 3) gains without their jitter; frames without a ring take their neighbours', all-missing is 0."""
    known = np.isfinite(gains).all(axis=1)
    if not known.any():
        return np.zeros_like(gains)
    at = np.arange(len(gains))
    filled = np.stack([np.interp(at, at[known], gains[known, c]) for c in range(3)], axis=1)
    weight = np.exp(-0.5 * ((at[:, None] - at[None]) / sigma_frames) ** 2)
    weight /= weight.sum(axis=1, keepdims=True)
    return np.asarray(weight @ filled, dtype=np.float32)


def paste_dust(
    model: Image, frame: TakeFrame, *, allowed: np.ndarray, gain: np.ndarray, settings: PasteSettings
) -> Pasted:
    """Take the dust out of a model's picture and put it over our plate.

    Parameters
    ----------
    model
        (height, width, 3) ACEScg, of the take's size.
    allowed
        (height, width) of bool: where the comp may differ from the plate at all.
    gain
        (3,) log2, of the ring.
    """
    alpha = np.clip(frame.element[..., 3], 0, 1)
    dusty = dust_alpha(frame)
    behind = frame.background
    share = np.where(alpha > 0, dusty / np.maximum(alpha, np.float32(1e-4)), np.float32(1))  # of the pixel: not pieces
    grown = gaussian(dilate(dusty, radius_px=settings.dilate_px), sigma_px=settings.feather_px)
    ceiling = np.where(allowed, np.maximum(np.clip(grown, 0, 1), alpha), 0)
    drawn = gaussian(erode(alpha, radius_px=settings.dilate_px), sigma_px=settings.feather_px)
    floor = np.minimum(drawn, alpha)
    colour = _dust_colour(frame, dusty)
    matched = model * np.exp2(gain).astype(np.float32)
    texture = _texture(behind)
    new_alpha = _solved(matched, behind, colour, alpha, texture)
    new_alpha = np.clip(new_alpha, floor, ceiling)
    new_alpha = np.where((alpha <= 0) & (new_alpha < _SEEN), 0, new_alpha)
    new_alpha = (alpha + share * (new_alpha - alpha)).astype(np.float32)
    expected = colour * new_alpha[..., None]
    # What is seen through the dust is the model's plate: as much of it as ours has texture is taken for an error.
    through = (1 - new_alpha) * texture
    dust = expected + _cored(matched - (1 - new_alpha[..., None]) * behind - expected, _CORE * through[..., None])
    dust = np.clip(dust, expected * _DARKEST, expected * _BRIGHTEST)
    dust = _broad(dust, frame, dusty, settings.low_band)
    element = frame.element[..., :3] + share[..., None] * (dust - frame.element[..., :3])
    changed = allowed & (ceiling > 0) & (share > 0) & ((new_alpha > 0) | (alpha > 0))
    comp = element + (1 - new_alpha[..., None]) * behind + _grain(frame, alpha, new_alpha)
    uncovered = (1 - frame.matte) / np.maximum(1 - alpha, np.float32(1e-3))
    matte = np.maximum(frame.matte, 1 - (1 - new_alpha) * np.clip(uncovered, 0, 1))
    rgba = np.dstack([element, new_alpha]).astype(np.float32)
    return Pasted(
        comp=np.where(changed[..., None], comp, frame.comp).astype(np.float32),
        element=np.where(changed[..., None], rgba, frame.element).astype(np.float32),
        matte=np.where(changed, matte, frame.matte).astype(np.float32),
        changed=changed,
    )


def _dust_colour(frame: TakeFrame, dusty: Image) -> Image:
    """Return (height, width, 3): the straight colour of the simulation's dust, carried on beyond its edge."""
    alpha = frame.element[..., 3]
    straight = frame.element[..., :3] / np.maximum(alpha, np.float32(0.02))[..., None]
    width = dusty.shape[1]
    return spread(
        np.ascontiguousarray(straight, dtype=np.float32),
        np.ascontiguousarray(dusty**2),
        sigma_px=max(0.006 * width, 1.0),
    )


def _solved(model: Image, behind: Image, colour: Image, alpha: Image, texture: Image) -> Image:
    """Return the alpha under which the model's picture is dust of this colour over our background.

    Where dust and background look alike it cannot be told, and the physics' own alpha stands.
    """
    apart = colour - behind
    power = np.sum(apart * apart, axis=2)
    found = np.clip(np.sum((model - behind) * apart, axis=2) / np.maximum(power, np.float32(1e-8)), 0, 1)
    doubt = _CORE * (1 - alpha) * texture * np.float32(3**0.5) / np.sqrt(np.maximum(power, np.float32(1e-8)))
    scale = luminance(colour) + luminance(behind) + np.float32(1e-3)
    told = np.clip(np.sqrt(power) / scale * 3 - np.float32(0.5), 0, 1)  # from a sixth of their sum to a half
    blended: Image = alpha + told * _cored(found - alpha, doubt)
    return gaussian(blended.astype(np.float32), sigma_px=0.7)


def _texture(picture: Image) -> Image:
    """Return (height, width): the local standard deviation of a picture, the largest of its channels.

    Where a picture has none, a copy that is a pixel off looks the same; where it has much, all of it may differ.
    """
    radius = max(round(_TEXTURE_SHARE * picture.shape[1]), 2)
    mean = box(picture, radius_px=radius)
    spreadout: Image = np.sqrt(np.maximum(box(picture * picture, radius_px=radius) - mean * mean, 0)).max(axis=2)
    return spreadout


def _cored(difference: Image, width: Image) -> Image:
    """Return differences with ``width`` taken off towards 0."""
    cored: Image = np.sign(difference) * np.maximum(np.abs(difference) - width, 0)
    return cored


def _broad(dust: Image, frame: TakeFrame, dusty: Image, share: float) -> Image:
    """Bring the broad band of the dust's light to the simulation's, by a gain that is smooth and bounded."""
    if share <= 0:
        return dust
    sigma = max(_BROAD_SHARE * dusty.shape[1], 2.0)
    weight = dusty[..., None]
    ours = gaussian(frame.element[..., :3] * weight, sigma_px=sigma)
    theirs = gaussian(dust * weight, sigma_px=sigma)
    floor = np.float32(1e-3)
    gain = np.clip((ours + floor) / (theirs + floor), *_GAIN)
    brought: Image = dust * np.power(gain, np.float32(share))
    return brought


def _grain(frame: TakeFrame, alpha: Image, new_alpha: Image) -> Image:
    """Return the take's own grain, as strong as the new cover wants it."""
    rebuilt = frame.element[..., :3] + (1 - alpha[..., None]) * frame.background
    cover = np.sqrt(np.maximum(1 - (1 - alpha) ** 2, 0))
    wanted = np.sqrt(np.maximum(1 - (1 - new_alpha) ** 2, 0))
    ratio = np.where(cover > 0.05, wanted / np.maximum(cover, np.float32(0.05)), 1)
    grain: Image = (frame.comp - rebuilt) * np.clip(ratio, 0, 2)[..., None]
    return np.where((alpha > 0)[..., None], grain, 0).astype(np.float32)


def grey_of(comp: Image) -> Image:
    """Return (height, width, 3): a screen-encoded picture's luma (Rec. ITU-R BT.709) in all three channels."""
    luma = comp @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.repeat(luma[..., None], 3, axis=2).astype(np.float32)


def inverse_depth(metres: Image, alpha: Image, *, near: float, far: float) -> Image:
    """Return (height, width) 0 to 1: 1 at ``near``, 0 at ``far`` and where nothing is."""
    if not 0 < near < far:
        return np.where(alpha > 0, np.float32(0.5), np.float32(0)).astype(np.float32)
    with np.errstate(divide="ignore"):
        inverse = np.where(metres > 0, 1 / np.maximum(metres, np.float32(1e-3)), 0)
    scaled = (inverse - 1 / far) / (1 / near - 1 / far)
    return np.where(alpha > 0, np.clip(scaled, 0, 1), 0).astype(np.float32)
