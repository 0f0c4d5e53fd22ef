"""Where the sun stands, by place, date and hour.

Equations of NOAA's solar calculator (Global Monitoring Laboratory, "Solar Calculation Details"), which are those of
J. Meeus, "Astronomical Algorithms", 2nd edition, chapters 25 and 28. Good to 0.02 degrees between 1900 and 2100.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_TURN = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point on the earth, in degrees; north and east positive."""

    latitude_deg: float
    longitude_deg: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude_deg <= 90 and -180 <= self.longitude_deg <= 180):
            raise BriefError(
                f"{self.latitude_deg}, {self.longitude_deg} is no place",
                fix="give latitude -90 to 90 and longitude -180 to 180, west negative",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SunPosition:
    """Where the sun is seen."""

    azimuth_deg: float
    """From true north, clockwise (east is 90)."""
    elevation_deg: float
    """Above the horizon as seen, refraction in it."""


def local_time(day: str, clock: str, utc_offset_h: float) -> datetime:
    """Return a moment from ``2026-03-21`` and ``16:30``, hours ahead of UTC stated.

    Raises
    ------
    BriefError
        It is no date, no time of day, or no offset.
    """
    if not -14 <= utc_offset_h <= 14:
        raise BriefError(f"utc_offset_h = {utc_offset_h}", fix="use -14 to 14; Buenos Aires is -3")
    try:
        naive = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        raise BriefError(f"{day} {clock} is no date and time", fix="write 2026-03-21 and 16:30") from None
    if naive.tzinfo is not None:
        raise BriefError(f"{clock} names its own zone", fix="write 16:30 and give utc_offset_h")
    return naive.replace(tzinfo=timezone(timedelta(hours=utc_offset_h)))


def sun_position(place: Place, moment: datetime) -> SunPosition:
    """Return where the sun is seen at a moment (with its time zone).

    Raises
    ------
    BriefError
        The moment has no time zone, or lies outside 1900 to 2100.
    """
    if moment.tzinfo is None:
        raise BriefError("a time without a zone", fix="state utc_offset_h")
    if not 1900 <= moment.year <= 2100:
        raise BriefError(f"the year {moment.year}", fix="use 1900 to 2100")
    days = (moment - _J2000).total_seconds() / 86_400.0
    century = days / 36_525.0
    mean_longitude = (280.46646 + century * (36_000.76983 + century * 0.0003032)) % _TURN
    anomaly = math.radians(357.52911 + century * (35_999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        math.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + math.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + math.sin(3 * anomaly) * 0.000289
    )
    node = math.radians(125.04 - 1934.136 * century)
    longitude = math.radians(mean_longitude + centre - 0.00569 - 0.00478 * math.sin(node))
    tilt = 23.0 + (26.0 + (21.448 - century * (46.815 + century * (0.00059 - century * 0.001813))) / 60.0) / 60.0
    obliquity = math.radians(tilt + 0.00256 * math.cos(node))
    declination = math.asin(math.sin(obliquity) * math.sin(longitude))
    minutes = _equation_of_time(math.radians(mean_longitude), anomaly, eccentricity, obliquity)
    utc = moment.astimezone(UTC)
    clock = utc.hour * 60 + utc.minute + utc.second / 60 + utc.microsecond / 6e7
    true_solar = (clock + minutes + 4 * place.longitude_deg) % 1440
    hour_angle = math.radians(true_solar / 4 - 180)
    latitude = math.radians(place.latitude_deg)
    up = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(hour_angle)
    east = -math.cos(declination) * math.sin(hour_angle)
    north = math.cos(latitude) * math.sin(declination) - math.sin(latitude) * math.cos(declination) * math.cos(
        hour_angle
    )
    elevation = math.degrees(math.asin(max(-1.0, min(1.0, up))))
    azimuth = math.degrees(math.atan2(east, north)) % _TURN
    return SunPosition(azimuth_deg=azimuth, elevation_deg=elevation + refraction_deg(elevation))


def _equation_of_time(longitude: float, anomaly: float, eccentricity: float, obliquity: float) -> float:
    """Return apparent less mean solar time in minutes (Meeus 28.3)."""
    y = math.tan(obliquity / 2) ** 2
    radians = (
        y * math.sin(2 * longitude)
        - 2 * eccentricity * math.sin(anomaly)
        + 4 * eccentricity * y * math.sin(anomaly) * math.cos(2 * longitude)
        - 0.5 * y * y * math.sin(4 * longitude)
        - 1.25 * eccentricity**2 * math.sin(2 * anomaly)
    )
    return 4 * math.degrees(radians)


def refraction_deg(elevation_deg: float) -> float:
    """Return how far air lifts the sun, by NOAA's fit for standard air."""
    e = elevation_deg
    if e > 85:
        return 0.0
    t = math.tan(math.radians(e))
    if e > 5:
        seconds = 58.1 / t - 0.07 / t**3 + 0.000086 / t**5
    elif e > -0.575:
        seconds = 1735 + e * (-518.2 + e * (103.4 + e * (-12.79 + e * 0.711)))
    else:
        seconds = -20.774 / t
    return seconds / 3600


_DEPTHS = (0.163, 0.197, 0.335)
"""Optical depth of clear air straight up at 610, 545 and 450 nm: Rayleigh (Bucholtz 1995) and aerosol 0.1 at 550."""
_NOON = Sun()


def sunlight(position: SunPosition, *, north_deg: float) -> Sun:
    """Return the scene's sun: direction in the set's axes, and its strength and colour by how much air it crosses.

    Parameters
    ----------
    north_deg
        Compass bearing of the set's -Z axis: 0 where -Z looks north, 90 where it looks east.
    """
    elevation = max(position.elevation_deg, -5.0)
    reference = _air_mass(_NOON.elevation_deg)
    mass = _air_mass(max(elevation, 0.0))
    below = min(max((elevation + 1.0) / 2.0, 0.0), 1.0)  # the disc sets over two degrees of haze
    fall = [math.exp(-depth * (mass - reference)) * below for depth in _DEPTHS]
    dusk = min(max((elevation + 6.0) / 36.0, 0.02), 1.0)
    illuminance = tuple(v * f for v, f in zip(_NOON.illuminance, fall, strict=True))
    sky = tuple(v * dusk**0.7 for v in _NOON.sky)
    azimuth = (position.azimuth_deg - north_deg + 180) % _TURN - 180
    return Sun(
        azimuth_deg=azimuth,
        elevation_deg=elevation,
        illuminance=(illuminance[0], illuminance[1], illuminance[2]),
        sky=(sky[0], sky[1], sky[2]),
    )


def _air_mass(elevation_deg: float) -> float:
    """Return how many times the air overhead light crosses (Kasten and Young 1989)."""
    return float(1.0 / (math.sin(math.radians(elevation_deg)) + 0.50572 * (elevation_deg + 6.07995) ** -1.6364))
