"""The techvis sheet: one A3 page to take on set. Plan and side view to scale, the camera's figures, the sun."""

import io
import math

from PIL import Image as Pillow
from reportlab.lib import colors
from reportlab.lib.pagesizes import A3, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from secondunit.prep.previs.bodies import body_of
from secondunit.prep.previs.lens import extraction
from secondunit.prep.previs.sheet_info import SheetInfo
from secondunit.prep.previs.sheet_views import draw_plan, draw_side
from secondunit.prep.previs.techvis import Reading

INK, SOFT, LINE = colors.HexColor("#16181d"), colors.HexColor("#5b616e"), colors.HexColor("#c9ced8")
ALARM = colors.HexColor("#b3261e")
PAGE = landscape(A3)
_EDGE = 10.0
"""Millimetres of margin."""
_COLUMN = 132.0
"""Width of the figures at the right."""


def feet(metres: float) -> str:
    r"""Return metres as a tape measure in feet and inches reads.

    >>> feet(1.6), feet(0.30), feet(-0.1)
    ('5\'3"', '1\'0"', '-0\'4"')
    """
    inches = round(abs(metres) / 0.0254)
    return f"{'-' if metres < 0 and inches else ''}{inches // 12}'{inches % 12}\""


def techvis_pdf(info: SheetInfo) -> bytes:
    """Return the sheet as PDF; the same values give the same bytes."""
    stream = io.BytesIO()
    page = Canvas(stream, pagesize=PAGE, invariant=1, pageCompression=1)
    page.setTitle(f"{info.show} {info.shot} techvis")
    page.setAuthor("Second Unit")
    width, height = PAGE[0] / mm, PAGE[1] / mm
    _head(page, info, width, height)
    left, low, high = _EDGE, _EDGE + 6, height - _EDGE - 16
    views = width - 2 * _EDGE - _COLUMN - 6
    side = 78.0
    draw_plan(page, info, left, low + side + 8, views, high - low - side - 8)
    draw_side(page, info, left, low, views, side)
    _figures(page, info, width - _EDGE - _COLUMN, high)
    _foot(page, info, width)
    page.showPage()
    page.save()
    return stream.getvalue()


def _text(
    page: Canvas, x: float, y: float, said: str, size: float = 8.0, *, bold: bool = False, ink: colors.Color = INK
) -> None:
    page.setFillColor(ink)
    page.setFont("Helvetica-Bold" if bold else "Helvetica", size)
    page.drawString(x * mm, y * mm, _printable(said))


def _printable(said: str) -> str:
    """Return text in the letters that PDF's own fonts have; others become ``?``."""
    return said.encode("cp1252", errors="replace").decode("cp1252")


def _head(page: Canvas, info: SheetInfo, width: float, height: float) -> None:
    top = height - _EDGE
    _text(page, _EDGE, top - 6, f"{info.show}_{info.shot}", 17, bold=True)
    offset = page.stringWidth(_printable(f"{info.show}_{info.shot}"), "Helvetica-Bold", 17) / mm
    _text(page, _EDGE + offset + 5, top - 6, "TECHVIS", 17, ink=SOFT)
    _text(page, _EDGE, top - 11.5, " · ".join(t for t in (info.set_name, info.caption) if t), 9, ink=SOFT)
    picture = info.brief.picture
    frames = f"frames {picture.range} ({picture.frames}), handles {picture.handles} + {picture.handles}"
    said = f"{frames}, {float(picture.rate):g} fps"
    page.setFillColor(SOFT)
    page.setFont("Helvetica", 9)
    page.drawRightString((width - _EDGE) * mm, (top - 6) * mm, said)
    page.drawRightString((width - _EDGE) * mm, (top - 11.5) * mm, "PREVIS, TEMP: measure again on the day")
    page.setStrokeColor(INK)
    page.setLineWidth(0.8)
    page.line(_EDGE * mm, (top - 14) * mm, (width - _EDGE) * mm, (top - 14) * mm)


def _foot(page: Canvas, info: SheetInfo, width: float) -> None:
    _text(page, _EDGE, _EDGE, "Metres; feet and inches beside them. Heights are over y = 0 of the set.", 7, ink=SOFT)
    if info.notes:
        page.setFillColor(ALARM)
        page.setFont("Helvetica-Bold", 8)
        page.drawRightString((width - _EDGE) * mm, _EDGE * mm, _printable(" · ".join(info.notes))[:150])


def _figures(page: Canvas, info: SheetInfo, x: float, top: float) -> None:
    y = top - 4
    for title, rows in _blocks(info):
        _text(page, x, y, title, 8.5, bold=True, ink=SOFT)
        y -= 1.4
        page.setStrokeColor(LINE)
        page.setLineWidth(0.4)
        page.line(x * mm, y * mm, (x + _COLUMN) * mm, y * mm)
        y -= 4.0
        for name, said, alarm in rows:
            _text(page, x, y, name, 8, ink=SOFT)
            _text(page, x + 30, y, said, 8.6, bold=alarm, ink=ALARM if alarm else INK)
            y -= 4.5
        y -= 1.8
    y = _table(page, info, x, y)
    y = _pictures(page, info, x, y - 3)
    _room_to_write(page, x, y - 2)


Row = tuple[str, str, bool]


def _blocks(info: SheetInfo) -> list[tuple[str, list[Row]]]:
    brief, tech = info.brief, info.techvis
    camera, first = brief.camera, tech.readings[0]
    body, picture = body_of(camera.body), brief.picture
    width, height = picture.size
    cut = extraction(body, squeeze=camera.squeeze, aspect=width / height)
    focals = sorted({round(r.focal_mm, 1) for r in tech.readings})
    lens = (
        f"{focals[0]:g} mm" if len(focals) == 1 else f"{first.focal_mm:.3g} to {tech.readings[-1].focal_mm:.3g} mm zoom"
    )
    kind = "spherical" if camera.squeeze == 1 else f"anamorphic {camera.squeeze:g}x"
    sensor: list[Row] = [
        ("camera", body.name, False),
        ("sensor", f"{body.width_mm:g} x {body.height_mm:g} mm", False),
        ("extraction", f"{cut.used_width_mm:.2f} x {cut.used_height_mm:.2f} mm for {picture.aspect:g}:1", False),
        ("lens", f"{lens}, {kind}  (sees like {tech.equivalent_mm:.0f} mm on full frame)", False),
        ("angle of view", f"{first.across_deg:.1f}° across, {first.up_deg:.1f}° up (start)", False),
    ]
    if camera.file:
        sensor = [("camera", f"from {camera.file}", False), *sensor[3:]]
    move: list[Row] = [
        (
            "support",
            camera.support + (f", carried by {camera.shake.carrier}" if camera.shake.carrier != "none" else ""),
            False,
        ),
        ("length", f"{_both(tech.length_m)}   rise {_both(tech.rise_m)}", False),
        (
            "top speed",
            f"{tech.top_speed_m_per_s:.2f} m/s at {tech.top_speed_frame}"
            f"   pull {tech.top_acceleration_m_per_s2:.2f} m/s²",
            False,
        ),
        _clearance(info),
    ]
    sun = brief.sun
    bearing = (tech.azimuth_deg + sun.north_deg) % 360
    north, east = "S" if sun.latitude_deg < 0 else "N", "W" if sun.longitude_deg < 0 else "E"
    where = f"{abs(sun.latitude_deg):.4f}° {north}, {abs(sun.longitude_deg):.4f}° {east}"
    light: list[Row] = [
        ("place", where if sun.azimuth_deg is None else "angles as stated", False),
        ("time", f"{sun.date} {sun.time} (UTC{sun.utc_offset_h:+g})" if sun.azimuth_deg is None else "-", False),
        (
            "sun",
            f"bearing {bearing:.1f}°, {tech.elevation_deg:.1f}° up: a 2 m stick throws {_shadow(tech.elevation_deg)}",
            tech.elevation_deg <= 0,
        ),
    ]
    return [("CAMERA AND LENS", sensor), ("MOVE", move), ("SUN", light)]


def _both(metres: float) -> str:
    return f"{metres:.2f} m ({feet(metres)})"


def _shadow(elevation: float) -> str:
    return "no shadow: it is down" if elevation <= 0.3 else f"{2 / math.tan(math.radians(elevation)):.1f} m"


def _clearance(info: SheetInfo) -> Row:
    tech = info.techvis
    if math.isinf(tech.near.metres):
        return ("clearance", "nothing built", False)
    what = tech.near.path.rsplit("/", 1)[0].rsplit("/", 1)[-1]
    said = f"{_both(tech.near.metres)} lens to {what}"[:74]
    if tech.room_m < 0:
        return ("clearance", f"RIG MEETS SET: {said} at {tech.near_frame}", True)
    return (
        "clearance",
        f"{said}; rig of {tech.rig_radius_m:g} m leaves {tech.room_m:.2f} m ({tech.near_frame})",
        tech.room_m < 0.3,
    )


_COLUMNS = (
    ("frame", 0),
    ("lens height", 15),
    ("pan", 43),
    ("tilt", 56),
    ("roll", 69),
    ("lens", 80),
    ("distance", 93),
    ("m/s", 121),
)


def _table(page: Canvas, info: SheetInfo, x: float, y: float) -> float:
    _text(
        page,
        x,
        y,
        "BY FRAME" + (f"   distance to {info.brief.camera.subject}" if info.subject_m else ""),
        8.5,
        bold=True,
        ink=SOFT,
    )
    y -= 4.6
    for name, at in _COLUMNS:
        _text(page, x + at, y, name, 7, ink=SOFT)
    y -= 1.3
    page.setStrokeColor(LINE)
    page.line(x * mm, y * mm, (x + _COLUMN) * mm, y * mm)
    y -= 3.8
    for frame in info.told:
        for (_, at), said in zip(_COLUMNS, _cells(info.techvis.at(frame)), strict=True):
            _text(page, x + at, y, said, 8.2, bold=at == 0)
        y -= 4.5
    return y


def _cells(reading: Reading) -> tuple[str, ...]:
    return (
        str(reading.frame),
        _both(reading.height_m),
        f"{reading.pan_deg:+.1f}°",
        f"{reading.tilt_deg:+.1f}°",
        f"{reading.roll_deg:+.1f}°",
        f"{reading.focal_mm:.3g} mm",
        "-" if reading.distance_m is None else _both(reading.distance_m),
        f"{reading.speed_m_per_s:.2f}",
    )


def _pictures(page: Canvas, info: SheetInfo, x: float, top: float) -> float:
    if not info.pictures:
        return top
    gap, low = 3.0, _EDGE + 10
    count = len(info.pictures)
    rows, columns = (count, 1) if count < 3 else (2, 2)
    height, width = info.pictures[0][1].shape[:2]
    each = min((_COLUMN - gap * (columns - 1)) / columns, ((top - low) / rows - 6) * width / height)
    if each < 12:
        return top
    tall = each * height / width
    for number, (frame, picture) in enumerate(info.pictures[: rows * columns]):
        left = x + number % columns * (each + gap)
        base = top - (number // columns + 1) * (tall + 5.5) + 3
        page.drawImage(ImageReader(Pillow.fromarray(picture)), left * mm, base * mm, each * mm, tall * mm)
        page.setStrokeColor(INK)
        page.setLineWidth(0.4)
        page.rect(left * mm, base * mm, each * mm, tall * mm)
        _text(page, left, base - 3.2, str(frame), 7, ink=SOFT)
    return float(top - math.ceil(len(info.pictures[: rows * columns]) / columns) * (tall + 5.5))


def _room_to_write(page: Canvas, x: float, top: float) -> None:
    """Rule what is left of the column for what is found on the day."""
    low = _EDGE + 6
    if top - low < 16:
        return
    _text(page, x, top - 4, "NOTES ON THE DAY", 8.5, bold=True, ink=SOFT)
    page.setStrokeColor(LINE)
    page.setLineWidth(0.4)
    y = top - 12
    while y >= low:
        page.line(x * mm, y * mm, (x + _COLUMN) * mm, y * mm)
        y -= 7
