from datetime import datetime

import pytest

from secondunit.core.errors import BriefError
from secondunit.core.layout import Sun
from secondunit.prep.previs.sun_position import Place, local_time, refraction_deg, sun_position, sunlight

# Oracle: NREL's SPA (Reda and Andreas 2004) as in pvlib 0.16.1, spa_python, pressure 1013.25 hPa, 12 degrees C, delta T
# of its date: topocentric azimuth and apparent elevation. The first place and hour are those of SPA's own example.
SPA = [
    ("golden", 39.742476, -105.1786, "2003-10-17T12:30:30-07:00", 194.3403, 39.8922),
    ("buenos_aires_afternoon", -34.6037, -58.3816, "2026-03-21T16:30:00-03:00", 294.0664, 29.8947),
    ("buenos_aires_dawn", -34.6037, -58.3816, "2026-06-21T08:15:00-03:00", 59.6603, 2.0897),
    ("london_noon", 51.5074, -0.1278, "2024-06-20T12:00:00+00:00", 178.9193, 61.935),
    ("singapore", 1.3521, 103.8198, "2030-09-23T10:00:00+08:00", 91.4446, 45.6957),
    ("tokyo_1950", 35.6762, 139.6503, "1950-12-22T15:00:00+09:00", 226.5428, 14.3171),
    ("near_the_south_pole", -89.0, 0.0, "2026-12-21T06:00:00+00:00", 89.9188, 23.4773),
    ("los_angeles_2075", 34.0522, -118.2437, "2075-05-01T18:45:00-07:00", 282.165, 9.6495),
]


@pytest.mark.parametrize("latitude,longitude,moment,azimuth,elevation", [c[1:] for c in SPA], ids=[c[0] for c in SPA])
def test_agrees_with_nrel_spa(latitude: float, longitude: float, moment: str, azimuth: float, elevation: float) -> None:
    found = sun_position(Place(latitude_deg=latitude, longitude_deg=longitude), datetime.fromisoformat(moment))
    assert found.azimuth_deg == pytest.approx(azimuth, abs=0.02)
    assert found.elevation_deg == pytest.approx(elevation, abs=0.02)


def test_the_sun_crosses_the_north_in_the_southern_hemisphere() -> None:
    place = Place(latitude_deg=-34.6, longitude_deg=-58.38)
    noon = sun_position(place, local_time("2026-03-21", "13:01", -3))
    assert min(noon.azimuth_deg, 360 - noon.azimuth_deg) < 1.0


def test_refraction_on_the_horizon_is_that_of_the_almanac() -> None:
    assert refraction_deg(-0.575) * 60 == pytest.approx(34.5, abs=1.0)  # the Nautical Almanac's 34 minutes
    assert refraction_deg(90) == 0.0


@pytest.mark.parametrize("north,azimuth", [(0.0, -65.93), (90.0, -155.93), (294.07, 0.0)])
def test_the_set_turns_under_the_compass(north: float, azimuth: float) -> None:
    found = sun_position(Place(latitude_deg=-34.6037, longitude_deg=-58.3816), local_time("2026-03-21", "16:30", -3))
    assert sunlight(found, north_deg=north).azimuth_deg == pytest.approx(azimuth, abs=0.05)


def test_light_is_the_house_sun_at_its_height_and_warm_and_weak_when_low() -> None:
    from secondunit.prep.previs.sun_position import SunPosition

    usual = sunlight(SunPosition(azimuth_deg=0, elevation_deg=Sun().elevation_deg), north_deg=0)
    assert usual.illuminance == pytest.approx(Sun().illuminance)
    low = sunlight(SunPosition(azimuth_deg=0, elevation_deg=4), north_deg=0)
    assert low.illuminance[0] < 0.6 * usual.illuminance[0]
    assert low.illuminance[2] / low.illuminance[0] < 0.5 * usual.illuminance[2] / usual.illuminance[0]
    night = sunlight(SunPosition(azimuth_deg=0, elevation_deg=-30), north_deg=0)
    assert night.illuminance == (0.0, 0.0, 0.0)
    assert max(night.sky) > 0


@pytest.mark.parametrize(
    "day,clock,offset",
    [
        pytest.param("2026-02-30", "12:00", 0, id="no_such_day"),
        pytest.param("2026-02-01", "25:00", 0, id="no_such_hour"),
        pytest.param("2026-02-01", "12:00", 15, id="offset"),
        pytest.param("2026-02-01", "12:00+02:00", 0, id="two_zones"),
    ],
)
def test_times_that_are_none(day: str, clock: str, offset: float) -> None:
    with pytest.raises(BriefError):
        local_time(day, clock, offset)


def test_refused_places_and_years() -> None:
    with pytest.raises(BriefError):
        Place(latitude_deg=91, longitude_deg=0)
    with pytest.raises(BriefError, match="1900"):
        sun_position(Place(latitude_deg=0, longitude_deg=0), local_time("1850-01-01", "12:00", 0))
    with pytest.raises(BriefError, match="zone"):
        sun_position(Place(latitude_deg=0, longitude_deg=0), datetime(2026, 1, 1, 12))
