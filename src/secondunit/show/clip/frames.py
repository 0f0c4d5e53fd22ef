"""A take's written passes as a clip model's buffers, and what all its frames share: exposure, depth range, canvas."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondunit.comp.model_dust import TakeFrame, dust_alpha, grey_of, inverse_depth, model_mask
from secondunit.core.clip import ClipBrief
from secondunit.core.errors import StoreError
from secondunit.core.frames import FrameRange
from secondunit.generate.clip_colour import ScreenEncoding, encoding_for
from secondunit.generate.clip_windows import Canvas, Stretch, to_canvas
from secondunit.imaging.buffers import Image
from secondunit.imaging.clip import ClipWindow
from secondunit.media.exr import read_exr
from secondunit.show.picture.passes import Naming
from secondunit.show.picture.proxy import spread

GROW_SHARE = 0.008
"""How far the model's mask reaches beyond the dust, as a share of the picture's width: it is cut at latent pixels."""
_NEUTRAL = np.float32(0.5)
_SAMPLES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What holds for all frames of a take."""

    encoding: ScreenEncoding
    near_m: float
    far_m: float
    grow_px: float


def read_frame(naming: Naming, frame: int) -> TakeFrame:
    """Return one written frame.

    Raises
    ------
    StoreError
        A pass lacks a channel.
    BriefError
        A file is missing or damaged.
    """
    passes = {name: read_exr(naming.folder / naming.file(name, frame))[0] for name in _CHANNELS}
    try:
        return take_frame(passes)
    except KeyError as error:
        raise StoreError(f"{naming.stem} frame {frame} lacks {error}", fix="make that take again") from error


def take_frame(passes: Mapping[str, Mapping[str, NDArray[Any]]]) -> TakeFrame:
    """Return a frame from its passes' channels, as they are stored in files.

    Raises
    ------
    KeyError
        A pass lacks a channel.
    """
    planes = {name: {c: passes[name][c].astype(np.float32) for c in cs} for name, cs in _CHANNELS.items()}
    rgb = {name: np.stack([found[c] for c in "RGB"], axis=-1) for name, found in planes.items() if "R" in found}
    element = planes["element"]
    return TakeFrame(
        comp=rgb["comp"],
        element=np.dstack([rgb["element"], element["A"]]),
        clean=rgb["cleanplate"],
        shadow=rgb["shadow"],
        matte=planes["matte"]["A"],
        pieces=(passes["element"]["id"] > 0).astype(np.float32),
        optical_depth=element["density"],
    )


_CHANNELS = {
    "comp": "RGB",
    "element": ("R", "G", "B", "A", "density"),
    "cleanplate": "RGB",
    "shadow": "RGB",
    "matte": "A",
}


def kept_aovs(element: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the element's AOVs that stay true whoever drew the dust: depth, motion, pieces and optical depth."""
    return {name: pixels for name, pixels in element.items() if name not in "RGBA" and not name.startswith("light.")}


def read_aovs(naming: Naming, frame: int) -> dict[str, NDArray[Any]]:
    """Return ``kept_aovs`` of a written frame."""
    return kept_aovs(read_exr(naming.folder / naming.file("element", frame))[0])


def read_depth(naming: Naming, frame: int) -> Image:
    """Return (height, width) metres of what is seen first of the element, 0 where there is none."""
    return read_exr(naming.folder / naming.file("element", frame))[0]["depth.Z"].astype(np.float32)


def measure(naming: Naming, frames: FrameRange, *, width: int) -> Shared:
    """Measure a take on some of its frames: how bright its dust is, how near and how far."""
    bright, depths = [0.0], [np.zeros(0, np.float32)]
    for number in spread(frames, _SAMPLES):
        frame = read_frame(naming, number)
        dusty = dust_alpha(frame) > 0.1
        if dusty.any():
            bright.append(float(np.percentile(frame.comp[dusty].max(axis=1), 99.5)))
            metres = read_depth(naming, number)[dusty]
            depths.append(metres[metres > 0][::7])
    known = np.concatenate(depths)
    near, far = (float(v) for v in np.percentile(known, (2, 98))) if len(known) else (0.0, 0.0)
    return Shared(encoding=encoding_for(max(bright)), near_m=near, far_m=far, grow_px=max(GROW_SHARE * width, 2.0))


def window_of(
    naming: Naming,
    frames: FrameRange,
    stretch: Stretch,
    *,
    place: Canvas,
    shared: Shared,
    clip: ClipBrief,
    rate: Fraction,
    reference: Image | None,
    known: Callable[[int], Image],
) -> ClipWindow:
    """Return a stretch of a take as a model is given it.

    Parameters
    ----------
    reference
        (height, width, 3) ACEScg: the plate before anything falls.
    known
        Returns what the model drew of a frame of the stretch before, (height, width, 3) ACEScg at the worked size.
    """
    size = (stretch.padded, place.padded_height, place.padded_width)
    control, comp = np.empty((*size, 3), np.float32), np.empty((*size, 3), np.float32)
    mask, depth = np.empty(size, np.float32), np.empty(size, np.float32)
    encoding = shared.encoding
    before = -1
    for n, index in enumerate(stretch.indices):
        if index == before:  # the last frame, held
            for pictures in (control, comp, mask, depth):
                pictures[n] = pictures[n - 1]
            continue
        before = index
        number = frames.first + index
        frame = read_frame(naming, number)
        shown = to_canvas(encoding.encode(frame.comp), place).clip(0, 1)
        drawn = to_canvas(model_mask(frame, grow_px=shared.grow_px), place, nearest=True)
        far = inverse_depth(read_depth(naming, number), dust_alpha(frame), near=shared.near_m, far=shared.far_m)
        depth[n] = to_canvas(far, place).clip(0, 1)
        mask[n] = (drawn > 0.5).astype(np.float32)
        comp[n] = shown
        if n < stretch.kept:
            theirs = to_canvas(encoding.encode(known(number)), place).clip(0, 1)
            comp[n] = control[n] = np.where(mask[n][..., None] > 0, theirs, shown)
            mask[n] = 0
        else:
            inside = _inside(clip, comp=shown, depth=depth[n])
            control[n] = np.where(mask[n][..., None] > 0, inside, shown)
    return ClipWindow(
        control=control,
        comp=comp,
        mask=mask,
        depth=depth,
        reference=None if reference is None else to_canvas(encoding.encode(reference), place).clip(0, 1),
        kept=stretch.kept,
        rate=float(rate),
    )


def _inside(clip: ClipBrief, *, comp: Image, depth: Image) -> Image:
    if clip.inside == "comp":
        return comp
    if clip.inside == "grey":
        return grey_of(comp)
    if clip.inside == "depth":
        return np.repeat(depth[..., None], 3, axis=2)
    return np.full_like(comp, _NEUTRAL)
