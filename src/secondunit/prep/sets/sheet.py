"""A drafted sheet: lines, areas and words in millimetres on paper, written as SVG or PDF.

Pens after ISO 128-20: a heavy line for what is cut or stands against the sky, a medium one for outlines, a thin one for
the rest; 0.5, 0.25 and 0.13 mm at 1:100 and above, one step finer below.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from secondunit.media.atomic import whole_file

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """Segments drawn with one pen."""

    segments: tuple[tuple[float, float, float, float], ...]
    """x0, y0, x1, y1 from the sheet's top left corner, y down, millimetres."""
    pen_mm: float
    grey: float = 0.0
    """0 black to 1 white."""
    dash_mm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A closed polygon, filled, with or without an edge."""

    points: tuple[tuple[float, float], ...]
    fill: str
    """``#rrggbb``; empty for none."""
    pen_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A line of text."""

    at: tuple[float, float]
    """Its base line."""
    text: str
    size_mm: float = 2.5
    anchor: Anchor = "start"
    turned: bool = False
    """Reads upwards."""
    bold: bool = False
    grey: float = 0.0


@dataclass(slots=True)
class Sheet:
    """A page of paper while it is drawn."""

    width_mm: float
    height_mm: float
    title: str
    marks: list[Stroke | Area | Words] = field(default_factory=list)

    def line(
        self,
        a: tuple[float, float],
        b: tuple[float, float],
        pen_mm: float = 0.18,
        *,
        grey: float = 0.0,
        dash_mm: tuple[float, ...] = (),
    ) -> None:
        """Draw one line."""
        self.marks.append(Stroke(segments=((*a, *b),), pen_mm=pen_mm, grey=grey, dash_mm=dash_mm))

    def lines(self, segments: Sequence[tuple[float, float, float, float]], pen_mm: float, *, grey: float = 0.0) -> None:
        """Draw many lines with one pen."""
        if segments:
            self.marks.append(Stroke(segments=tuple(segments), pen_mm=pen_mm, grey=grey))

    def area(self, points: Sequence[tuple[float, float]], fill: str = "", pen_mm: float = 0.0) -> None:
        """Fill a polygon, draw its edge, or both."""
        self.marks.append(Area(points=tuple(points), fill=fill, pen_mm=pen_mm))

    def words(
        self,
        x: float,
        y: float,
        text: str,
        size_mm: float = 2.5,
        *,
        anchor: Anchor = "start",
        turned: bool = False,
        bold: bool = False,
        grey: float = 0.0,
    ) -> None:
        """Write a line of text."""
        self.marks.append(
            Words(at=(x, y), text=text, size_mm=size_mm, anchor=anchor, turned=turned, bold=bold, grey=grey)
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, pen_mm: float = 0.25) -> None:
        """Draw a rectangle."""
        self.area(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), pen_mm=pen_mm)


def write_svg(path: Path, sheet: Sheet) -> None:
    """Write a sheet as SVG, one user unit a millimetre.

    Raises
    ------
    BriefError
        The folder cannot be written.
    """
    w, h = sheet.width_mm, sheet.height_mm
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w:g}mm" height="{h:g}mm" viewBox="0 0 {w:g} {h:g}">',
        f"<title>{escape(sheet.title)}</title>",
        f'<rect width="{w:g}" height="{h:g}" fill="#ffffff"/>',
    ]
    for mark in sheet.marks:
        rows.append(_svg(mark))
    rows.append("</svg>\n")
    with whole_file(path) as temporary:
        temporary.write_text("\n".join(rows), encoding="utf-8")


def _svg(mark: Stroke | Area | Words) -> str:
    if isinstance(mark, Stroke):
        d = "".join(f"M{a:.2f} {b:.2f}L{c:.2f} {e:.2f}" for a, b, c, e in mark.segments)
        dash = f' stroke-dasharray="{" ".join(f"{v:g}" for v in mark.dash_mm)}"' if mark.dash_mm else ""
        pen = f'stroke="{_hex(mark.grey)}" stroke-width="{mark.pen_mm:g}" stroke-linecap="round"{dash}'
        return f'<path d="{d}" fill="none" {pen}/>'
    if isinstance(mark, Area):
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in mark.points)
        edge = f' stroke="#000000" stroke-width="{mark.pen_mm:g}"' if mark.pen_mm else ""
        return f'<polygon points="{points}" fill="{mark.fill or "none"}"{edge}/>'
    x, y = mark.at
    turn = f' transform="rotate(-90 {x:.2f} {y:.2f})"' if mark.turned else ""
    bold = ' font-weight="bold"' if mark.bold else ""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" '
        f'font-size="{mark.size_mm:g}" '
        f'text-anchor="{mark.anchor}" fill="{_hex(mark.grey)}"{bold}{turn}>{escape(mark.text)}</text>'
    )


def _hex(grey: float) -> str:
    v = round(255 * grey)
    return f"#{v:02x}{v:02x}{v:02x}"


def write_pdf(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write sheets as the pages of one PDF, at their size on paper.

    Letters that no font at hand has print as ``?``.

    Raises
    ------
    BriefError
        The folder cannot be written.
    """
    plain, bold = _fonts()
    with whole_file(path) as temporary:
        page = Canvas(str(temporary), invariant=1, pageCompression=1)
        page.setTitle(sheets[0].title)
        page.setCreator("Second Unit")
        for sheet in sheets:
            page.setPageSize((sheet.width_mm * mm, sheet.height_mm * mm))
            page.translate(0, sheet.height_mm * mm)
            page.scale(mm, -mm)
            page.setLineCap(1)
            for mark in sheet.marks:
                _pdf(page, mark, bold if isinstance(mark, Words) and mark.bold else plain)
            page.showPage()
        page.save()


def _pdf(page: Canvas, mark: Stroke | Area | Words, font: str) -> None:
    if isinstance(mark, Stroke):
        page.setLineWidth(mark.pen_mm)
        page.setStrokeGray(mark.grey)
        page.setDash(list(mark.dash_mm) if mark.dash_mm else [])
        page.lines(mark.segments)
    elif isinstance(mark, Area):
        page.setDash([])
        shape = page.beginPath()
        shape.moveTo(*mark.points[0])
        for x, y in mark.points[1:]:
            shape.lineTo(x, y)
        shape.close()
        if mark.fill:
            page.setFillColor(mark.fill)
        page.setLineWidth(mark.pen_mm or 0.1)
        page.setStrokeGray(0.0)
        page.drawPath(shape, stroke=1 if mark.pen_mm else 0, fill=1 if mark.fill else 0)
    else:
        page.saveState()
        page.translate(*mark.at)
        page.scale(1, -1)
        if mark.turned:
            page.rotate(90)
        page.setFillGray(mark.grey)
        page.setFont(font, mark.size_mm)
        draw = {"start": page.drawString, "middle": page.drawCentredString, "end": page.drawRightString}[mark.anchor]
        draw(0, 0, mark.text)
        page.restoreState()


_DEJAVU = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
)
"""Where the system has them; they carry Greek, Cyrillic and most of what names are written in."""


def _fonts() -> tuple[str, str]:
    if not all(p.is_file() for p in _DEJAVU):
        return "Helvetica", "Helvetica-Bold"
    for path in _DEJAVU:
        if path.stem not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(path.stem, str(path)))
    return _DEJAVU[0].stem, _DEJAVU[1].stem
