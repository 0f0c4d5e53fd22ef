"""Cameras and formats: the exposed area behind the lens, as their makers and the standards give it."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from secondunit.core.errors import BriefError


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A camera in one recording format, or a film aperture."""

    name: str
    width_mm: float
    height_mm: float
    photosites: tuple[int, int] | None
    """Columns and rows that are read; None for film."""
    source: str
    """Where the numbers stand."""

    @property
    def aspect(self) -> float:
        """Width by height, before any squeeze is taken out."""
        return self.width_mm / self.height_mm


_ARRI_35 = "ARRI, ALEXA 35 user manual, sensor modes"
_ARRI_LF = "ARRI, ALEXA Mini LF user manual, recording resolutions"
_ARRI_MINI = "ARRI, ALEXA Mini user manual, sensor modes"
_ARRI_65 = "ARRI, ALEXA 65 technical data"
_SONY_2 = "Sony, VENICE 2 8K operating instructions, imager modes"
_SONY_1 = "Sony, VENICE operating instructions, imager modes"
_RED = "RED Digital Cinema, specifications of the camera"
_BMD = "Blackmagic Design, technical specifications of the camera"
_SMPTE_35 = "SMPTE ST 59, 35 mm camera aperture images"

_ROWS: Final = (
    ("Super 35 4-perf", 24.89, 18.67, None, f"{_SMPTE_35}, style C"),
    ("Super 35 3-perf", 24.89, 13.87, None, "Kodak, essential reference guide for filmmakers, 3-perf camera aperture"),
    ("Academy 35", 21.95, 16.00, None, f"{_SMPTE_35}, style A"),
    ("Anamorphic 35 4-perf", 21.95, 18.59, None, f"{_SMPTE_35}, style B"),
    ("VistaVision 8-perf", 37.72, 24.92, None, "American Cinematographer Manual, 10th edition, camera apertures"),
    ("65 mm 5-perf", 52.48, 23.01, None, "SMPTE ST 215, 65 mm camera aperture image"),
    ("IMAX 15-perf", 70.41, 52.63, None, "American Cinematographer Manual, 10th edition, camera apertures"),
    ("Super 16", 12.52, 7.41, None, "SMPTE ST 201, 16 mm type W camera aperture image"),
    ("Full frame 36 x 24", 36.0, 24.0, None, "ISO 1007, 135 film image"),
    ("ALEXA 35 4.6K 3:2 open gate", 27.99, 19.22, (4608, 3164), _ARRI_35),
    ("ALEXA 35 4.6K 16:9", 27.99, 15.75, (4608, 2592), _ARRI_35),
    ("ALEXA 35 4K 16:9", 24.88, 14.00, (4096, 2304), _ARRI_35),
    ("ALEXA 35 3.3K 6:5", 20.22, 16.95, (3328, 2790), _ARRI_35),
    ("ALEXA Mini 3.4K open gate", 28.25, 18.17, (3424, 2202), _ARRI_MINI),
    ("ALEXA Mini 2.8K 4:3", 23.76, 17.82, (2880, 2160), _ARRI_MINI),
    ("ALEXA Mini LF 4.5K open gate", 36.70, 25.54, (4448, 3096), _ARRI_LF),
    ("ALEXA Mini LF 4.5K 2.39:1", 36.70, 15.31, (4448, 1856), _ARRI_LF),
    ("ALEXA Mini LF 3.8K 16:9", 31.68, 17.82, (3840, 2160), _ARRI_LF),
    ("ALEXA 65 6.5K open gate", 54.12, 25.58, (6560, 3100), _ARRI_65),
    ("VENICE 2 8.6K 3:2", 35.9, 24.0, (8640, 5760), _SONY_2),
    ("VENICE 2 8.2K 17:9", 34.1, 18.0, (8192, 4320), _SONY_2),
    ("VENICE 2 5.8K 6:5", 24.1, 20.2, (5792, 4854), _SONY_2),
    ("VENICE 2 5.8K 17:9 Super 35", 24.1, 12.7, (5792, 3056), _SONY_2),
    ("VENICE 6K 3:2", 36.2, 24.1, (6048, 4032), _SONY_1),
    ("RED V-RAPTOR 8K VV", 40.96, 21.60, (8192, 4320), _RED),
    ("RED V-RAPTOR 8K S35", 26.21, 13.82, (8192, 4320), _RED),
    ("RED KOMODO 6K", 27.03, 14.26, (6144, 3240), _RED),
    ("RED MONSTRO 8K VV", 40.96, 21.60, (8192, 4320), _RED),
    ("URSA Mini Pro 12K", 27.03, 14.25, (12288, 6480), _BMD),
    ("Pocket Cinema Camera 6K", 23.10, 12.99, (6144, 3456), _BMD),
)

BODIES: Final[Mapping[str, Body]] = {
    name: Body(name=name, width_mm=width, height_mm=height, photosites=sites, source=source)
    for name, width, height, sites, source in _ROWS
}

SQUEEZES: Final = (1.0, 1.25, 1.3, 1.33, 1.5, 1.65, 1.8, 2.0)
"""Spherical, and the anamorphic factors that lenses are sold with."""


def body_of(name: str) -> Body:
    """Return a camera by its name in the table, however its letters are cased.

    Raises
    ------
    BriefError
        There is no such camera; near ones are named.
    """
    folded = {key.casefold(): key for key in BODIES}
    wanted = " ".join(name.casefold().split())
    if wanted in folded:
        return BODIES[folded[wanted]]
    near = [folded[n] for n in difflib.get_close_matches(wanted, folded, n=3, cutoff=0.45)]
    fix = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else "see secondunit prep cameras"
    raise BriefError(f"there is no camera {name!r} in the table", fix=fix)
