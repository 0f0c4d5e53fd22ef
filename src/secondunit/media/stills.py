"""Still pictures: JPEG, PNG, TIFF, WebP, Radiance and their kin, at their full depth and the right way up.

8-bit files are read by Pillow, deeper ones by OpenCV; OpenEXR has its own module.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms, UnidentifiedImageError

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.media.colour import LINEAR_REC709, SRGB

MAX_SIDE_PX = 16384
MAX_PIXELS = 200_000_000
MIN_SIDE_PX = 16

_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP", "PPM", "TGA", "JPEG2000")
_ADOBE_RGB = "Gamma 2.2 Encoded AdobeRGB"
_DISPLAY_P3 = "sRGB Encoded P3-D65"
_FULL_FRAME_DIAGONAL_MM = 43.267


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateMetadata:
    """What a file says of the camera that took it; None where it says nothing."""

    focal_length_mm: float | None = None
    focal_35mm: float | None = None
    """35 mm equivalent focal length."""
    filmback_mm: tuple[float, float] | None = None
    """Width and height of the exposed area, of the upright picture."""
    camera: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A decoded picture, still in the file's own encoding."""

    pixels: Image
    """(height, width, 3) float32; 0 to 1 for integer files, unclamped for float files."""
    colour_space: str
    """What the file is taken for."""
    decided: str
    """How that was decided, in words."""
    notes: tuple[str, ...] = ()
    metadata: PlateMetadata = PlateMetadata()


def check_size(name: str, *, width: int, height: int) -> None:
    """Refuse a picture that is too large or too small to work on.

    Raises
    ------
    BriefError
        A side over 16384 pixels, over 200 million pixels, or a side under 16.
    """
    if width > MAX_SIDE_PX or height > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise BriefError(
            f"{name} is {width} x {height}, larger than {MAX_SIDE_PX} px a side or {MAX_PIXELS // 10**6} megapixels",
            fix="make it smaller",
        )
    if width < MIN_SIDE_PX or height < MIN_SIDE_PX:
        raise BriefError(f"{name} is {width} x {height}, too small", fix=f"use {MIN_SIDE_PX} px a side or more")


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn and mirror pixels as EXIF orientation 1 to 8 says (CIPA DC-008 4.6.5)."""
    if orientation in (5, 6, 7, 8):
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if 0 < number < 1e5 else None


def _camera(exif: Mapping[int, Any], detail: Mapping[int, Any], *, width: int, height: int) -> PlateMetadata:
    """Read lens and filmback. ``width`` and ``height`` are those of the upright picture."""
    focal, focal_35 = _number(detail.get(0x920A)), _number(detail.get(0xA405))
    unit_mm = {2: 25.4, 3: 10.0, 4: 1.0}.get(detail.get(0xA210, 2), 25.4)
    across, pixels = _number(detail.get(0xA20E)), _number(detail.get(0xA002))
    diagonal = float(np.hypot(width, height))
    long_side = None
    if across and pixels:
        long_side = pixels / across * unit_mm
    elif focal and focal_35:
        long_side = focal / focal_35 * _FULL_FRAME_DIAGONAL_MM * max(width, height) / diagonal
    filmback = None
    if long_side and 1.0 <= long_side <= 120.0:
        scale = long_side / max(width, height)
        filmback = (round(width * scale, 3), round(height * scale, 3))
        focal_35 = focal_35 or (focal and focal * _FULL_FRAME_DIAGONAL_MM / (diagonal * scale))
    name = " ".join(str(exif.get(tag, "")).strip("\0 ") for tag in (0x010F, 0x0110)).strip()
    return PlateMetadata(focal_length_mm=focal, focal_35mm=focal_35, filmback_mm=filmback, camera=name)


def _known_profile(icc: bytes) -> tuple[str, str]:
    """Return the colour space that an ICC profile stands for ('' where none of ours) and the profile's name."""
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip()
    except (ImageCms.PyCMSError, OSError, ValueError):
        return "", "a damaged ICC profile"
    low = name.lower()
    spaces = {"srgb": SRGB, "adobe rgb": _ADOBE_RGB, "display p3": _DISPLAY_P3}
    return next((space for key, space in spaces.items() if key in low), ""), name


def _profile_to_srgb(picture: Pillow.Image, icc: bytes) -> Pillow.Image | None:
    """Return the picture carried to sRGB by its own profile, None where the profile does not serve."""
    try:
        return ImageCms.profileToProfile(
            picture, ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _rgb8(picture: Pillow.Image, *, auto: bool) -> tuple[NDArray[np.uint8], str, str, list[str]]:
    """Return 8-bit RGB, colour space, how it was decided, notes."""
    notes = []
    icc = picture.info.get("icc_profile") or b""
    adobe = picture.getexif().get_ifd(0x8769).get(0xA001) == 2
    space, decided = (_ADOBE_RGB, "EXIF says Adobe RGB") if adobe else (SRGB, "8-bit files are taken for sRGB")
    if picture.mode == "CMYK":
        converted = _profile_to_srgb(picture, icc) if icc else None
        notes.append(f"CMYK converted to RGB {'by its profile' if converted else 'without a profile: check colours'}")
        return np.asarray(converted or picture.convert("RGB")), SRGB, "CMYK converted to sRGB", notes
    if "A" in picture.getbands() or "a" in picture.getbands() or "transparency" in picture.info:
        notes.append("alpha dropped: a plate has none")
        picture = picture.convert("RGBA")
    elif picture.mode in ("1", "L", "P", "LAB", "HSV", "YCbCr"):
        grey = picture.mode in ("1", "L")
        notes.append("greyscale expanded to RGB" if grey else f"{picture.mode} pixels converted to RGB")
    if icc:
        known, name = _known_profile(icc)
        if known:
            space, decided = known, f"its ICC profile is {name!r}"
        elif auto and picture.mode in ("RGB", "RGBA") and (carried := _profile_to_srgb(picture.convert("RGB"), icc)):
            picture, decided = carried, f"its ICC profile {name!r} was converted to sRGB"
        else:
            notes.append(f"{name} set aside")
    return np.asarray(picture.convert("RGB")), space, decided, notes


def _deep(path: Path, data: bytes) -> tuple[Image, str, str, list[str]]:
    """Decode a file of more than 8 bits a channel."""
    level = cv2.utils.logging.setLogLevel(0)  # what it would print is in our own error
    try:
        raw = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise BriefError(f"{path.name} cannot be decoded: {error.err}", fix="save it as 16-bit TIFF or EXR") from error
    finally:
        cv2.utils.logging.setLogLevel(level)
    if raw is None or raw.ndim not in (2, 3) or raw.dtype.kind not in "uf":
        raise BriefError(f"{path.name} cannot be decoded", fix="save it as JPEG, PNG, 8 or 16-bit TIFF, or EXR")
    notes = []
    if raw.ndim == 2 or raw.shape[2] == 1:
        notes.append("greyscale expanded to RGB")
        raw = np.repeat(raw.reshape(*raw.shape[:2], 1), 3, axis=2)
    elif raw.shape[2] == 4:
        notes.append("alpha dropped: a plate has none")
    rgb = raw[..., 2::-1]
    if rgb.dtype.kind == "f":
        return rgb.astype(np.float32), LINEAR_REC709, "float files are taken for linear Rec.709", notes
    full = float(np.iinfo(rgb.dtype).max)
    return (rgb / full).astype(np.float32), SRGB, f"{rgb.dtype.itemsize * 8}-bit files are taken for sRGB", notes


def _bits(picture: Pillow.Image, data: bytes) -> int:
    """Return the bits of a channel: Pillow would quietly take the upper eight of sixteen."""
    if picture.format == "PNG":
        return data[24]
    if picture.format == "TIFF":
        depths = getattr(picture, "tag_v2", {}).get(258, (8,))
        return max(depths) if isinstance(depths, tuple) else int(depths)
    return 16 if picture.mode.startswith(("I", "F")) else 8


def read_still(path: Path, *, auto: bool = True) -> Still:
    """Decode a picture file.

    Parameters
    ----------
    auto
        Whether the colour space is to be taken from the file; else an unusual ICC profile is not applied.

    Raises
    ------
    BriefError
        Missing, empty, damaged, truncated, an unknown kind of file, or a size out of bounds.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BriefError(f"cannot read the plate {path}: {error.strerror}", fix="check plate.file") from error
    if not data:
        raise BriefError(f"{path} is empty", fix="export it again")
    metadata, orientation, deep = PlateMetadata(), 1, False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # size and EXIF damage are judged here, not by Pillow's warnings
        try:
            with Pillow.open(io.BytesIO(data), formats=_FORMATS) as picture:
                check_size(path.name, width=picture.width, height=picture.height)
                exif = picture.getexif()
                orientation = int(exif.get(0x0112, 1) or 1)
                width, height = (picture.height, picture.width) if orientation > 4 else picture.size
                metadata = _camera(exif, exif.get_ifd(0x8769), width=width, height=height)
                deep = _bits(picture, data) > 8
                if not deep:
                    codes, space, decided, notes = _rgb8(picture, auto=auto)
                    pixels = codes.astype(np.float32) / np.float32(255)
        except UnidentifiedImageError as error:
            if path.suffix.lower() not in (".hdr", ".tif", ".tiff", ".pfm"):
                known = "JPEG, PNG, TIFF, WebP or EXR still, or a movie"
                raise BriefError(f"{path.name} is no picture we can read", fix=f"use a {known}") from error
            deep = True
        except Pillow.DecompressionBombError as error:
            raise BriefError(
                f"{path.name} is larger than {MAX_PIXELS // 10**6} megapixels", fix="make it smaller"
            ) from error
        except (
            OSError,
            ValueError,
            SyntaxError,
            TypeError,
            KeyError,
            IndexError,
            OverflowError,
            RuntimeError,
        ) as error:
            raise BriefError(f"{path.name} is damaged: {error}", fix="export it again") from error
    if deep:
        pixels, space, decided, notes = _deep(path, data)
        check_size(path.name, width=pixels.shape[1], height=pixels.shape[0])
    if orientation not in (0, 1):
        notes.append(f"turned upright as EXIF orientation {orientation} says")
    return Still(
        pixels=np.ascontiguousarray(upright(pixels, orientation)),
        colour_space=space,
        decided=decided,
        notes=tuple(notes),
        metadata=metadata,
    )
