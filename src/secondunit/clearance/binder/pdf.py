"""An edition as PDF, A4, through ReportLab. The same document gives the same bytes."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, Image, PageTemplate, Spacer, Table
from reportlab.platypus import Paragraph as Text

from secondunit.clearance.binder.document import Block, Document, Facts, Grid, Heading, Items, Paragraph, Picture
from secondunit.core.errors import BackendError

_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_INK, _SOFT, _LINE = colors.HexColor("#16181d"), colors.HexColor("#5b616e"), colors.HexColor("#d9dce3")
_TINT, _MARK = colors.HexColor("#f5f6f8"), colors.HexColor("#8a4b12")
_FONTS = Path("/usr/share/fonts/truetype")
_MAC = Path("/System/Library/Fonts/Supplemental/Arial Unicode.ttf")
_WIDER = (
    (_FONTS / "dejavu/DejaVuSans.ttf", _FONTS / "dejavu/DejaVuSans-Bold.ttf"),
    (_FONTS / "noto/NotoSans-Regular.ttf", _FONTS / "noto/NotoSans-Bold.ttf"),
    (_MAC, _MAC),
)
"""Fonts, plain and bold, for letters that PDF's own fonts lack, where the system has one."""


def write_pdf(document: Document) -> bytes:
    """Return the edition as PDF.

    Letters that no font at hand has are printed as ``?``, and the last page says so.

    Raises
    ------
    BackendError
        The page cannot be laid out.
    """
    printer = _Printer(document)
    stream = io.BytesIO()
    template = BaseDocTemplate(
        stream,
        pagesize=A4,
        title=f"{document.title} – {document.edition}",
        author="Second Unit",
        subject=document.footer,
        lang=document.language,
        invariant=1,
    )
    frame = Frame(_MARGIN, 20 * mm, _WIDTH, A4[1] - 38 * mm, leftPadding=0, rightPadding=0, topPadding=0, id="body")
    template.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=printer.furniture)])
    try:
        template.build(printer.story())
    except Exception as error:  # a page that cannot be set must not look like a report that was written
        raise BackendError(f"the {document.edition} cannot be set as PDF: {error}", fix="use the HTML") from error
    return stream.getvalue()


class _Printer:
    """Holds the fonts and styles of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.plain, self.bold = "Helvetica", "Helvetica-Bold"
        self.lost = 0
        if not all(_fits(text) for text in _texts(document)):
            for plain, bold in _WIDER:
                if plain.is_file() and bold.is_file():
                    self.plain, self.bold = (_registered(path) for path in (plain, bold))
                    break
        self.styles = {
            "body": self._style(9.5, 13.5, after=4),
            "lead": self._style(10, 13, before=8, after=2, bold=True),
            "small": self._style(8, 11, before=2, after=3, colour=_SOFT),
            "warn": self._style(9.5, 13, before=4, after=6, colour=_MARK, bold=True),
            "title": self._style(24, 27, before=4, after=6, bold=True),
            "edition": self._style(8.5, 11, colour=_MARK, bold=True),
            "heading": self._style(12.5, 16, before=12, after=4, bold=True),
            "cell": self._style(7.6, 9.8),
            "column": self._style(7.6, 9.8, colour=_SOFT, bold=True),
            "name": self._style(9, 12.5, colour=_SOFT),
            "value": self._style(9, 12.5),
        }

    def _style(
        self,
        size: float,
        leading: float,
        *,
        before: float = 0,
        after: float = 0,
        colour: colors.Color = _INK,
        bold: bool = False,
    ) -> ParagraphStyle:
        return ParagraphStyle(
            name=f"{size}-{leading}-{before}-{after}-{bold}",
            fontName=self.bold if bold else self.plain,
            fontSize=size,
            leading=leading,
            spaceBefore=before,
            spaceAfter=after,
            textColor=colour,
            alignment=TA_LEFT,
            splitLongWords=1,
        )

    def text(self, said: str, style: str) -> Text:
        return Text(escape(self.printable(said)), self.styles[style])

    def printable(self, said: str) -> str:
        """Return text with ``?`` for each letter the font lacks; they are counted."""
        if self.plain == "Helvetica":
            kept = said.encode("cp1252", "replace").decode("cp1252")
        else:
            glyphs = pdfmetrics.getFont(self.plain).face.charToGlyph  # type: ignore[attr-defined]
            kept = "".join(c if ord(c) in glyphs or c.isspace() else "?" for c in said)
        self.lost += sum(a != b for a, b in zip(said, kept, strict=True))
        return kept

    def story(self) -> list[Flowable]:
        document = self.document
        flow: list[Flowable] = [
            self.text(document.edition.upper(), "edition"),
            self.text(document.title, "title"),
            self.text(document.subtitle, "small"),
            Spacer(1, 4 * mm),
            self.facts(document.cover),
        ]
        for block in document.blocks:
            flow += self.block(block)
        if self.lost:
            said = f"{self.lost} letters of this page are in no font at hand and print as ?; the HTML carries them all."
            flow.append(self.text(said, "warn"))
        return flow

    def block(self, block: Block) -> list[Flowable]:
        match block:
            case Heading():
                return [CondPageBreak(32 * mm), self.text(f"{block.number}   {block.text}", "heading"), _rule()]
            case Paragraph():
                return [self.text(block.text, block.tone)]
            case Items():
                return [self.items(block.items)]
            case Facts():
                return [self.facts(block.rows)]
            case Grid():
                return [self.grid(block)]
            case Picture():
                return [*self.picture(block)]

    def items(self, items: tuple[str, ...]) -> Flowable:
        rows = [[self.text("–", "body"), self.text(item, "body")] for item in items]
        return _table(rows, [5 * mm, _WIDTH - 5 * mm], [("BOTTOMPADDING", (0, 0), (-1, -1), 0)])

    def facts(self, rows: tuple[tuple[str, str], ...]) -> Flowable:
        cells = [[self.text(name, "name"), self.text(value, "value")] for name, value in rows]
        return _table(cells, [46 * mm, _WIDTH - 46 * mm], [("BOTTOMPADDING", (0, 0), (-1, -1), 1)])

    def grid(self, grid: Grid) -> Flowable:
        if not grid.rows:
            return self.text(grid.none, "small")
        head = [self.text(name, "column") for name in grid.columns]
        rows = [[self.text(cell, "cell") for cell in row] for row in grid.rows]
        look: list[tuple[Any, ...]] = [
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, _INK),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, _LINE),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.white, _TINT]),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ]
        return _table([head, *rows], [_WIDTH * share for share in grid.widths], look, repeat=1)

    def picture(self, block: Picture) -> list[Flowable]:
        width, height = ImageReader(io.BytesIO(block.jpeg)).getSize()
        wide = min(_WIDTH, 150 * mm * width / height)
        image = Image(io.BytesIO(block.jpeg), width=wide, height=wide * height / width, hAlign="LEFT")
        return [CondPageBreak(wide * height / width + 12 * mm), image, self.text(block.caption, "small")]

    def furniture(self, canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setStrokeColor(_INK)
        canvas.setLineWidth(2.5)
        canvas.line(_MARGIN, A4[1] - 13 * mm, _MARGIN + 16 * mm, A4[1] - 13 * mm)
        canvas.setFont(self.plain, 7.5)
        canvas.setFillColor(_SOFT)
        canvas.drawString(_MARGIN, 11 * mm, self.printable(self.document.footer))
        canvas.drawRightString(A4[0] - _MARGIN, 11 * mm, f"{canvas.getPageNumber()}")
        canvas.restoreState()


def _rule() -> Flowable:
    return _table([[""]], [_WIDTH], [("LINEABOVE", (0, 0), (-1, 0), 0.6, _LINE)], height=3)


def _table(
    rows: Sequence[list[Text] | list[str]],
    widths: list[float],
    look: list[tuple[Any, ...]],
    *,
    repeat: int = 0,
    height: float | None = None,
) -> Flowable:
    heights = [height] * len(rows) if height is not None else None
    table = Table(rows, colWidths=widths, rowHeights=heights, repeatRows=repeat, hAlign="LEFT")
    bare: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
    ]
    table.setStyle([*bare, *look])
    return table


def _registered(path: Path) -> str:
    pdfmetrics.registerFont(TTFont(path.stem, str(path)))
    return path.stem


def _fits(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _texts(document: Document) -> list[str]:
    found: list[str] = [document.title, document.subtitle, *(part for row in document.cover for part in row)]
    for block in document.blocks:
        match block:
            case Heading() | Paragraph():
                found.append(block.text)
            case Items():
                found += block.items
            case Facts():
                found += [part for pair in block.rows for part in pair]
            case Grid():
                found += [*block.columns, block.none, *(cell for line in block.rows for cell in line)]
            case Picture():
                found.append(block.caption)
    return found
