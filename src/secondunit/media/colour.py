"""Colour through OpenColorIO's built-in ACES studio configuration. Scene-linear ACEScg is the working space.

The configuration is pinned by name, so that the same plate gives the same pixels whatever ``$OCIO`` says.
"""

from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import numpy as np
import PyOpenColorIO
from numpy.typing import ArrayLike, NDArray

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image

CONFIG = "studio-config-v2.2.0_aces-v1.3_ocio-v2.4"
"""ACES 1.3 with camera logs; built into every OpenColorIO from 2.4 on."""

ACESCG = "ACEScg"
SRGB = "sRGB Encoded Rec.709 (sRGB)"
VIDEO = "Gamma 2.4 Encoded Rec.709"
"""What a Rec.709 movie is meant to look like on its monitor (ITU-R BT.1886)."""
LINEAR_REC709 = "Linear Rec.709 (sRGB)"
ACES_VIEW = "ACES 1.0 - SDR Video"

AP1_CHROMATICITIES = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
"""x and y of red, green, blue and white of ACEScg (SMPTE ST 2065-1 annex, Academy S-2014-004)."""

_SHORT = {
    "srgb": SRGB,
    "rec709": VIDEO,
    "bt709": VIDEO,
    "video": VIDEO,
    "linear": LINEAR_REC709,
    "lin": LINEAR_REC709,
    "p3": "sRGB Encoded P3-D65",
    "aces": "ACES2065-1",
    "logc": "ARRI LogC3 (EI800)",
    "logc3": "ARRI LogC3 (EI800)",
    "logc4": "ARRI LogC4",
    "slog3": "S-Log3 S-Gamut3.Cine",
    "s-log3": "S-Log3 S-Gamut3.Cine",
    "vlog": "V-Log V-Gamut",
    "v-log": "V-Log V-Gamut",
    "log3g10": "Log3G10 REDWideGamutRGB",
    "clog2": "CanonLog2 CinemaGamut D55",
    "clog3": "CanonLog3 CinemaGamut D55",
    "applelog": "Apple Log",
}

_PLAIN = (SRGB, VIDEO, "Gamma 1.8 Encoded Rec.709", "Gamma 2.2 Encoded Rec.709", "Camera Rec.709")
"""Display encodings that a review movie may carry as they are."""

_CUBE = 80


@lru_cache(maxsize=1)
def _config() -> Any:
    try:
        return PyOpenColorIO.Config.CreateFromBuiltinConfig(CONFIG)
    except PyOpenColorIO.Exception as error:
        raise BriefError(f"OpenColorIO has no {CONFIG}", fix="install opencolorio 2.4 or newer") from error


def resolve_space(name: str) -> str:
    """Return a colour space's full name from any spelling of it: name, alias or our short form.

    >>> resolve_space("srgb"), resolve_space("lin_ap1"), resolve_space("logc4")
    ('sRGB Encoded Rec.709 (sRGB)', 'ACEScg', 'ARRI LogC4')

    Raises
    ------
    BriefError
        There is no such colour space; the nearest names are given.
    """
    wanted = name.strip()
    space = _config().getColorSpace(_SHORT.get(wanted.lower(), wanted))
    if space is not None:
        return str(space.getName())
    known = {str(s).lower(): str(s) for s in [*_SHORT, *_config().getColorSpaceNames()]}
    near = [known[n] for n in get_close_matches(wanted.lower(), list(known), n=3, cutoff=0.45)]
    hint = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else "use sRGB, rec709, ACEScg, logc4, ..."
    raise BriefError(f"there is no colour space {name!r}", fix=hint)


def display_referred(space: str) -> bool:
    """Return whether a space holds pictures already made for a screen (and not scene light or camera log)."""
    return bool(_config().getColorSpace(resolve_space(space)).getEncoding() in ("sdr-video", "hdr-video"))


def review_view(source: str) -> str:
    """Return the view under which a plate of this colour space is reviewed.

    A picture made for a screen is shown by the plain inverse of its own encoding, so that the plate in a review
    movie has the very code values of the file (values above 1 clip). Scene-linear and log plates are shown through
    the ACES SDR view. Screens other than Rec.709's are shown as sRGB.
    """
    space = resolve_space(source)
    if space in _PLAIN:
        return space
    return SRGB if display_referred(space) or space == "Raw" else ACES_VIEW


@lru_cache(maxsize=64)
def _converter(source: str, target: str) -> Any:
    return _config().getProcessor(resolve_space(source), resolve_space(target)).getDefaultCPUProcessor()


def convert(pixels: ArrayLike, *, source: str, target: str) -> Image:
    """Return (height, width, 3) float32 pixels carried from one colour space to another, unclamped.

    Raises
    ------
    BriefError
        Unknown colour space, or the pixels are not (height, width, 3).
    """
    image = np.array(pixels, dtype=np.float32, order="C")
    if image.ndim != 3 or image.shape[2] != 3:
        raise BriefError(f"colour needs (height, width, 3) pixels, not {image.shape}", fix="give RGB")
    if resolve_space(source) != resolve_space(target) and image.size:
        _converter(source, target).applyRGB(image)
    return image


def to_acescg(pixels: ArrayLike, source: str) -> Image:
    """Return pixels of ``source`` as scene-linear ACEScg; see `convert`."""
    return convert(pixels, source=source, target=ACESCG)


def from_acescg(pixels: ArrayLike, target: str) -> Image:
    """Return scene-linear ACEScg pixels in ``target``; see `convert`."""
    return convert(pixels, source=ACESCG, target=target)


@lru_cache(maxsize=8)
def _display_processor(view: str) -> Any:
    chain = _baked_aces_view() if view == ACES_VIEW else PyOpenColorIO.ColorSpaceTransform(ACESCG, resolve_space(view))
    return (
        _config()
        .getProcessor(chain)
        .getOptimizedCPUProcessor(
            PyOpenColorIO.BIT_DEPTH_F32, PyOpenColorIO.BIT_DEPTH_UINT8, PyOpenColorIO.OPTIMIZATION_VERY_GOOD
        )
    )


def _baked_aces_view() -> Any:
    """Bake the ACES view into a cube behind the ACEScct curve: nine times faster.

    99 of 100 values stay within 1 code of 255; a saturated colour at the edge of the gamut may be 20 off.
    """
    axis = np.linspace(0, 1, _CUBE, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(1, -1, 3).copy()
    view = PyOpenColorIO.DisplayViewTransform("ACEScct", "sRGB - Display", ACES_VIEW)
    _config().getProcessor(view).getDefaultCPUProcessor().applyRGB(grid)
    cube = PyOpenColorIO.Lut3DTransform(_CUBE)
    cube.setData(grid.reshape(-1))
    cube.setInterpolation(PyOpenColorIO.INTERP_TETRAHEDRAL)
    return PyOpenColorIO.GroupTransform([PyOpenColorIO.ColorSpaceTransform(ACESCG, "ACEScct"), cube])


def display(pixels: ArrayLike, *, view: str = SRGB) -> NDArray[np.uint8]:
    """Return ACEScg pixels as 8-bit codes for an sRGB or Rec.709 screen.

    Parameters
    ----------
    pixels
        (height, width, 3) scene-linear ACEScg.
    view
        What `review_view` returned: a display encoding, or the ACES SDR view (baked into a cube).

    Returns
    -------
    codes
        (height, width, 3) uint8. Values outside 0 to 1 of the encoding are clipped; what is not finite is black.

    Raises
    ------
    BriefError
        Unknown view, or the pixels are not (height, width, 3).
    """
    image = np.ascontiguousarray(pixels, dtype=np.float32)
    if image.ndim != 3 or image.shape[2] != 3:
        raise BriefError(f"display needs (height, width, 3) pixels, not {image.shape}", fix="give RGB")
    height, width, _ = image.shape
    codes = np.empty(image.shape, dtype=np.uint8)
    _display_processor(view).apply(
        PyOpenColorIO.PackedImageDesc(image, width, height, 3),
        PyOpenColorIO.PackedImageDesc(
            codes, width, height, PyOpenColorIO.CHANNEL_ORDERING_RGB, PyOpenColorIO.BIT_DEPTH_UINT8, 1, 3, 3 * width
        ),
    )
    return codes
