"""One frame put together: clean plate, shadow, dust behind, debris, dust before it, and what makes them one picture.

The comp can be rebuilt from the written parts, in any compositor, with three nodes::

    comp = element.rgb + (1 - element.a) * (clean * shadow)  [+ grain]

``element`` is premultiplied and holds dust and debris, already matched to the plate (exposure, haze, black level,
softness, light wrap). ``clean`` is the background of this very frame: the plate where the building still stands, the
clean plate where it is gone. ``shadow`` multiplies it. Only grain is added after the merge, and it alone is not in the
parts. See ``docs/comp-recipe.md``.
"""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from secondunit.comp.backdrop import Backdrop
from secondunit.comp.plate_lock import lock
from secondunit.comp.plate_match import PlateMatch
from secondunit.comp.stack import bleed, match_layer, merge, stack
from secondunit.core.collapse import Look
from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image, SurfaceLayer
from secondunit.imaging.filters import gaussian
from secondunit.imaging.grain import grain_field

# What a rasteriser of four samples a pixel leaves of an edge, as the sigma of a Gaussian.
RENDER_SOFTNESS_PX = 0.35
OUTLINE = np.float32(0.003)
"""Relative bend of 1 / depth from one pixel to the next but one that makes an outline."""
_AROUND = np.ones((9, 9), np.uint8)
WRAP_SHARE = 0.006
"""Reach of the light wrap, as a share of the picture's width."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameInputs:
    """All that one frame of the comp is made from, at one size (height, width). None stands for nothing there."""

    frame: int
    plate: Image
    """(height, width, 3) ACEScg."""
    backdrop: Backdrop
    """Clean plate, mattes and what was prepared from them (``prepare_backdrop``)."""
    dust_front: Image | None = None
    """(height, width, 4) premultiplied ACEScg: dust between the camera and the first surface."""
    dust_front_near: Image | None = None
    """(height, width, 4) the part of ``dust_front`` that is nearer than the holdouts. Given, both slabs of dust are
    taken as marched *without* holdouts, and the foreground cuts them here, at full size. None takes them as cut."""
    dust_behind: Image | None = None
    """(height, width, 4) dust beyond surfaces that cover a part of the pixel."""
    front_depth: Image | None = None
    """(height, width) metres, 0 where there is no dust. Needed for haze only."""
    behind_depth: Image | None = None
    surface: SurfaceLayer | None = None
    """Debris."""
    shadow: Image | None = None
    """(height, width, 3) multiplier of ground and neighbours, 1 is unchanged (``plate_shadow``)."""
    shadow_static: Image | None = None
    """(height, width, 3) multiplier of what still stands of the building."""
    look: Look = Look()
    match: PlateMatch = field(default_factory=PlateMatch)
    seed: int = 1
    plate_moves: bool = False
    """The plate's grain changes from frame to frame: the clean plate (made without grain) is given fresh grain too."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameOutputs:
    """One frame's pictures, ACEScg. All (height, width, channels)."""

    comp: Image
    """4 channels, alpha 1; equal to the plate bit for bit outside the ring around ``support``."""
    element: Image
    """4 channels premultiplied: dust and debris, to be merged over ``clean * shadow``."""
    support: Image
    """(height, width) 0 to 1: how much anything touches this pixel; 0 is the plate."""
    matte: Image
    """(height, width) coverage by new pixels: element, or building gone."""
    shadow: Image
    """3 channels, multiplier of ``clean``."""
    clean: Image
    """3 channels: this frame's background without element and shadow."""
    max_abs_diff: float
    """Plate lock: largest difference outside the ring, after rounding to half floats. Must be 0."""
    touched_share: float
    """Share of the picture inside the ring."""


def integrate(inputs: FrameInputs) -> FrameOutputs:
    """Put one frame together.

    Raises
    ------
    BriefError
        A picture's size differs from the plate's.
    """
    _check_sizes(inputs)
    height, width = inputs.plate.shape[:2]
    look, match, backdrop = inputs.look, inputs.match, inputs.backdrop
    debris, standing, static = _debris(inputs)
    front = _matched(inputs.dust_front, inputs.front_depth, inputs)
    behind = _matched(inputs.dust_behind, inputs.behind_depth, inputs)
    if inputs.dust_front_near is not None:
        near = _matched(inputs.dust_front_near, inputs.front_depth, inputs)
        front, behind = (
            _held_back(front, near, backdrop.holdout),
            _held_back(behind, near[:1, :1] * 0, backdrop.holdout),
        )
    element, clean, shadow, gone = stack(
        inputs.plate,
        backdrop.behind,
        backdrop.foreground,
        backdrop.removal,
        backdrop.holdout,
        debris,
        standing,
        static,
        front,
        behind,
        _ones(inputs.shadow, inputs.plate),
        _ones(inputs.shadow_static, inputs.plate),
        np.float32(look.shadow),
    )
    if look.light_wrap > 0:
        _wrap(element, clean, shadow, gain=look.light_wrap)
    nodes, sigmas = match.grain.luminance, match.grain.sigma
    noise = (
        grain_field(
            width=width,
            height=height,
            size_px=match.grain.size_px,
            shared=match.grain.shared,
            seed=inputs.seed,
            frame=inputs.frame,
        )
        if look.grain > 0 and float(element[..., 3].max(initial=0)) + inputs.plate_moves * float(gone.max()) > 0
        else np.zeros((1, 1, 3), np.float32)
    )
    comp, support, matte = merge(
        element,
        clean,
        shadow,
        gone,
        noise,
        np.asarray(nodes, dtype=np.float32),
        np.asarray(sigmas, dtype=np.float32) * np.float32(look.grain),
        inputs.plate_moves,
    )
    comp, difference, touched = lock(comp, inputs.plate, support=support, ring_px=look.ring_px)
    return FrameOutputs(
        comp=comp,
        element=element,
        support=support,
        matte=matte,
        shadow=shadow,
        clean=clean,
        max_abs_diff=difference,
        touched_share=touched,
    )


def rebuild(element: Image, clean: Image, shadow: Image) -> Image:
    """Return the comp (height, width, 3) from its written parts, less grain: the recipe in this module's head."""
    merged: Image = element[..., :3] + (1 - element[..., 3:4]) * (clean * shadow)
    return merged


def _check_sizes(inputs: FrameInputs) -> None:
    size = inputs.plate.shape[:2]
    pictures = {
        "clean plate": inputs.backdrop.clean,
        "front dust": inputs.dust_front,
        "front dust before the holdouts": inputs.dust_front_near,
        "dust behind": inputs.dust_behind,
        "front dust depth": inputs.front_depth,
        "depth of dust behind": inputs.behind_depth,
        "debris": inputs.surface.alpha if inputs.surface else None,
        "shadow": inputs.shadow,
        "shadow on what stands": inputs.shadow_static,
    }
    for name, picture in pictures.items():
        if picture is not None and picture.shape[:2] != size:
            raise BriefError(
                f"frame {inputs.frame}: {name} is {picture.shape[1]} x {picture.shape[0]}, the plate "
                f"{size[1]} x {size[0]}",
                fix="bring both to one size before the comp",
            )


def _ones(picture: Image | None, plate: Image) -> Image:
    return np.ones((1, 1, 3), np.float32) if picture is None else np.ascontiguousarray(picture, dtype=np.float32)


def _debris(inputs: FrameInputs) -> tuple[Image, Image, Image]:
    """Debris (height, width, 4), how much of the plate's building stays, and surfaces that stand before the pixel."""
    surface, backdrop = inputs.surface, inputs.backdrop
    nothing = np.zeros((1, 1, 4), np.float32)
    if surface is None:
        return nothing, np.ones(inputs.plate.shape[:2], np.float32), nothing[..., 0]
    static = np.ascontiguousarray(surface.static, dtype=np.float32)
    standing = backdrop.standing(static)
    if not surface.alpha.any():
        return nothing, standing, static
    rgba = np.dstack([surface.sun + surface.sky, surface.alpha]).astype(np.float32)
    matched = _matched(rgba, surface.depth, inputs)
    extra = math.sqrt(max(inputs.match.softness_px**2 - RENDER_SOFTNESS_PX**2, 0.0))
    if extra > 0.15 and matched.shape[:2] == static.shape:
        # Surfaces wear the plate, which is soft already: only what was rendered sharp, their outlines, is softened.
        edge = outlines(surface, shutter=inputs.look.motion_blur_deg / 360)[..., None]
        every = np.dstack([matched, standing, static])
        every += (gaussian(every, sigma_px=extra) - every) * edge
        matched = np.ascontiguousarray(every[..., :4])
        standing, static = np.ascontiguousarray(every[..., 4]), np.ascontiguousarray(every[..., 5])
        # A blur of ones is not quite one, and what stands untouched must stay the plate.
        standing[standing > 0.9999] = 1
    return matched, standing, static


def outlines(surface: SurfaceLayer, *, shutter: float) -> Image:
    """Return (height, width) 1 at and beside the outlines of moving surfaces, 0 well inside of them.

    An outline is where coverage changes, where one piece ends and the next begins, or where the depth leaves the plane
    of the pixels beside it: on a plane 1 / depth is linear in the picture. Motion blur widens it.

    Parameters
    ----------
    shutter
        Share of a frame that the shutter is open.
    """
    near = np.where(np.isfinite(surface.depth), 1 / np.maximum(surface.depth, np.float32(1e-3)), 0).astype(np.float32)
    bend = np.maximum(*(np.abs(cv2.Sobel(near, cv2.CV_32F, *way, ksize=3)) for way in ((2, 0), (0, 2)))) / 4
    bend[[0, -1]] = bend[:, [0, -1]] = 0
    step = (bend > OUTLINE * near) | (np.abs(cv2.Laplacian(surface.alpha, cv2.CV_32F)) > np.float32(0.02))
    across, down = surface.id[:, 1:] != surface.id[:, :-1], surface.id[1:] != surface.id[:-1]
    step[:, 1:] |= across
    step[:, :-1] |= across
    step[1:] |= down
    step[:-1] |= down
    wide = cv2.dilate(step.astype(np.float32), np.ones((3, 3), np.uint8))
    # Where the shutter smears an edge, the instants that it is made of must not be told apart.
    run = cv2.dilate(np.hypot(surface.motion[..., 0], surface.motion[..., 1]) * np.float32(shutter), _AROUND)
    return gaussian(np.maximum(wide, np.clip(run - 0.5, 0, 1)), sigma_px=1.0)


def _held_back(dust: Image, near: Image, holdout: Image) -> Image:
    """Let the foreground hide what is beyond it: the march is linear in the holdout, so the two ends give all."""
    if dust.shape[:2] != holdout.shape:
        return dust
    cut: Image = dust - (dust - near) * holdout[..., None]
    return np.maximum(cut, 0)


def _matched(layer: Image | None, depth: Image | None, inputs: FrameInputs) -> Image:
    """Bring a premultiplied layer to the plate's exposure, air and black level."""
    if layer is None or not layer[..., 3].any():
        return np.zeros((1, 1, 4), np.float32)
    look, match = inputs.look, inputs.match
    haze = look.haze_per_km if look.haze_per_km > 0 else match.haze_per_km
    distance = depth if depth is not None and haze > 0 else np.zeros((1, 1), np.float32)
    matched: Image = match_layer(
        np.ascontiguousarray(layer, dtype=np.float32),
        np.ascontiguousarray(distance, dtype=np.float32),
        np.float32(2.0**look.exposure_stops),
        np.float32(haze / 1000),
        np.asarray(match.haze_colour, dtype=np.float32),
        np.asarray(match.black, dtype=np.float32),
    )
    return matched


def _wrap(element: Image, clean: Image, shadow: Image, *, gain: float) -> None:
    """Let bright background bleed over the element's edges, in place; coverage does not change.

    The share is the square of how open the surroundings are, so it lives at edges and not in the depth of a cloud.
    """
    height, width = element.shape[:2]
    if not element[..., 3].any():
        return
    reach = max(WRAP_SHARE * width, 1.0)
    factor = 2 if min(height, width) >= 64 else 1
    size = (-(-width // factor), -(-height // factor))
    small = cv2.resize(np.dstack([clean * shadow, 1 - element[..., 3]]), size, interpolation=cv2.INTER_AREA)
    small = np.minimum(small, np.float32(4))  # one glint must not flood an edge
    wide = gaussian(small, sigma_px=reach / factor)
    bleed(element, cv2.resize(wide, (width, height), interpolation=cv2.INTER_LINEAR), np.float32(gain))
