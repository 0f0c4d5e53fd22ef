"""An OpenEXR file as a plate: which channels are the picture, which window, which primaries."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.imaging.buffers import Image
from secondunit.media.colour import ACESCG, AP1_CHROMATICITIES, LINEAR_REC709
from secondunit.media.exr import ExrHeader, read_exr, read_exr_header
from secondunit.media.quiet import quiet
from secondunit.media.stills import MAX_PIXELS, PlateMetadata, Still, check_size

_PRIMARIES = {
    (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290): LINEAR_REC709,
    AP1_CHROMATICITIES: ACESCG,
    (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.0770, 0.32168, 0.33767): "ACES2065-1",
    (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290): "Linear P3-D65",
    (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290): "Linear Rec.2020",
}

_RGB_NAMES = (("R", "G", "B"), ("r", "g", "b"), ("red", "green", "blue"), ("Red", "Green", "Blue"))


def choose_channels(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the three channels that are the picture (or one, grey): the bare RGB, else the first RGB layer.

    >>> choose_channels(("A", "B", "G", "R", "diffuse.R")), choose_channels(("Z", "beauty.B", "beauty.G", "beauty.R"))
    (('R', 'G', 'B'), ('beauty.R', 'beauty.G', 'beauty.B'))

    Raises
    ------
    BriefError
        There is no picture among them.
    """
    layers = sorted({name.rpartition(".")[0] for name in names})
    layers.sort(key=lambda layer: (layer != "", layer.lower() not in ("rgba", "rgb", "beauty", "main")))
    for layer in layers:
        prefix = f"{layer}." if layer else ""
        for rgb in _RGB_NAMES:
            if all(prefix + channel in names for channel in rgb):
                return tuple(prefix + channel for channel in rgb)
    for grey in ("Y", "y", "L"):
        if grey in names:
            return (grey,)
    if len(names) == 1:
        return names
    raise BriefError(f"the EXR has no R, G, B among {', '.join(names[:8])}", fix="export the beauty pass")


def _display(pixels: Image, header: ExrHeader) -> tuple[Image, str]:
    """Place the data window in the display window: cropped where it is larger, black where it is smaller."""
    if header.data_window == header.display_window:
        return pixels, ""
    left, top, right, bottom = header.display_window
    x, y, x1, y1 = header.data_window
    picture = np.zeros((bottom - top + 1, right - left + 1, pixels.shape[2]), dtype=np.float32)
    ax, ay, bx, by = max(left, x), max(top, y), min(right, x1) + 1, min(bottom, y1) + 1
    if bx > ax and by > ay:
        picture[ay - top : by - top, ax - left : bx - left] = pixels[ay - y : by - y, ax - x : bx - x]
    covered = x <= left and y <= top and x1 >= right and y1 >= bottom
    what = "overscan cropped" if covered else "black outside the data window"
    return picture, f"data window {x1 - x + 1} x {y1 - y + 1} placed in the display window: {what}"


def _space(header: ExrHeader) -> tuple[str, str]:
    """Return the colour space and how it was decided."""
    chromaticities: Any = header.attributes.get("chromaticities")
    if chromaticities is None:
        return LINEAR_REC709, "an EXR without chromaticities is linear Rec.709 (OpenEXR's rule)"
    for known, space in _PRIMARIES.items():
        if np.allclose(chromaticities, known, atol=2e-3):
            return space, "its chromaticities"
    return LINEAR_REC709, "its chromaticities are none we know: taken for linear Rec.709, declare plate.colour_space"


def read_exr_still(path: Path) -> Still:
    """Decode an EXR as a plate.

    Raises
    ------
    BriefError
        As `media.exr.read_exr`; no picture among the channels; a size out of bounds.
    """
    with quiet():
        header, names = read_exr_header(path, limit_px=MAX_PIXELS)
    left, top, right, bottom = header.display_window
    check_size(path.name, width=right - left + 1, height=bottom - top + 1)
    chosen = choose_channels(names)
    with quiet():
        channels, header = read_exr(path, limit_px=MAX_PIXELS)
    planes: list[NDArray[Any]] = [channels[name] for name in chosen]
    notes = []
    if len(planes) == 1:
        notes.append(f"greyscale expanded to RGB from channel {chosen[0]}")
        planes = planes * 3
    elif chosen[0] != "R":
        notes.append(f"picture taken from channels {', '.join(chosen)}")
    if "A" in names:
        notes.append("alpha dropped: a plate has none")
    pixels, placed = _display(np.stack(planes, axis=-1).astype(np.float32), header)
    aspect = float(header.attributes.get("pixelAspectRatio", 1.0))
    if abs(aspect - 1.0) > 1e-3:
        notes.append(f"pixel aspect {aspect:.3f}: worked on as it is; set camera.filmback_mm to the true aspect")
    space, decided = _space(header)
    focal = header.attributes.get("nominalFocalLength")
    return Still(
        pixels=pixels,
        colour_space=space,
        decided=decided,
        notes=(*notes, placed) if placed else tuple(notes),
        metadata=PlateMetadata(focal_length_mm=float(focal) if focal else None),
    )
