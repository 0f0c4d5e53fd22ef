"""Contact pages as a PDF of print quality: six or nine panels a landscape page, captions as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from reportlab.lib.pagesizes import A4, landscape, letter
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from secondunit.core.errors import BriefError
from secondunit.media.atomic import whole_file
from secondunit.prep.boards.lettering import face_for
from secondunit.prep.boards.sheet import STATUS_COLOURS, Caption

GRIDS = {6: (2, 3), 9: (3, 3), 4: (2, 2), 1: (1, 1)}
"""Columns and rows; six stand on an upright page, the others on one that lies."""
_PAPERS = {"a4": A4, "letter": letter}
_MARGIN = 28.0
_GAP = 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePanel:
    """A panel on a page."""

    picture: Path
    """The drawing without its caption, PNG."""
    caption: Caption


def write_pages(path: Path, panels: Sequence[PagePanel], *, title: str, per_page: int = 6, paper: str = "a4") -> int:
    """Write contact pages and return how many. The same panels give the same bytes.

    Raises
    ------
    BriefError
        No panel, or a grid or paper that there is not.
    """
    if not panels:
        raise BriefError("there is no panel to print", fix="draw some boards first")
    if per_page not in GRIDS or paper not in _PAPERS:
        raise BriefError(f"no page of {per_page} panels on {paper}", fix="use 1, 4, 6 or 9 on a4 or letter")
    width, height = _PAPERS[paper] if per_page == 6 else landscape(_PAPERS[paper])
    columns, rows = GRIDS[per_page]
    count = -(-len(panels) // per_page)
    with whole_file(path) as temporary:
        canvas = Canvas(str(temporary), pagesize=(width, height), invariant=1, pageCompression=1)
        canvas.setTitle(title)
        canvas.setCreator("Second Unit")
        for page in range(count):
            _head(canvas, title, page + 1, count, width, height)
            for n, panel in enumerate(panels[page * per_page : (page + 1) * per_page]):
                cell_w = (width - 2 * _MARGIN - (columns - 1) * _GAP) / columns
                cell_h = (height - 2 * _MARGIN - 26 - (rows - 1) * _GAP) / rows
                x = _MARGIN + n % columns * (cell_w + _GAP)
                top = height - _MARGIN - 26 - n // columns * (cell_h + _GAP)
                _cell(canvas, panel, x, top, cell_w, cell_h)
            canvas.showPage()
        canvas.save()
    return count


def _head(canvas: Canvas, title: str, page: int, pages: int, width: float, height: float) -> None:
    y = height - _MARGIN - 6
    canvas.setFillGray(0.1)
    canvas.setFont(_font(title, bold=True), 11)
    canvas.drawString(_MARGIN, y, title)
    canvas.setFont("Helvetica", 8.5)
    canvas.setFillGray(0.4)
    canvas.drawRightString(width - _MARGIN, y, f"{page} / {pages}")
    canvas.setStrokeGray(0.75)
    canvas.setLineWidth(0.5)
    canvas.line(_MARGIN, y - 7, width - _MARGIN, y - 7)


def _cell(canvas: Canvas, panel: PagePanel, x: float, top: float, width: float, height: float) -> None:
    caption = panel.caption
    size = max(5.6, min(9.0, width / 30))
    words = size * 6.9
    drawn = Image.open(panel.picture).convert("RGB")
    packed = BytesIO()
    # Graphite and paper grain pack badly without loss; at this quality a print does not show it.
    drawn.save(packed, "JPEG", quality=92, subsampling=0)
    picture = ImageReader(packed)
    w, h = drawn.size
    scale = min(width / w, (height - words) / h)
    at = (x + (width - w * scale) / 2, top - h * scale)
    canvas.drawImage(picture, *at, w * scale, h * scale)
    canvas.setStrokeGray(0.08)
    canvas.setLineWidth(1.3)
    canvas.rect(*at, w * scale, h * scale)
    left, right = at[0], at[0] + w * scale
    y = at[1] - size * 1.35
    canvas.setFillGray(0.05)
    canvas.setFont(_font(caption.name, bold=True), size * 1.1)
    canvas.drawString(left, y, caption.name)
    tail = f"{caption.seconds}  {caption.aspect}"
    canvas.setFont("Helvetica", size * 0.95)
    canvas.drawRightString(right, y, tail)
    edge = right - pdfmetrics.stringWidth(tail, "Helvetica", size * 0.95) - size * 0.8
    for text, colour in (
        (caption.status, STATUS_COLOURS.get(caption.status, (90, 90, 90))),
        ("own drawing" if caption.own else "", (20, 20, 20)),
    ):
        if text:
            edge = _tag(canvas, text.upper(), edge, y, size, colour)
    y -= size * 1.3
    canvas.setFillGray(0.42)
    _line(canvas, caption.place, left, y, right - left, size * 0.9)
    canvas.setFillGray(0.05)
    y -= size * 1.35
    _line(canvas, caption.said, left, y, right - left, size)
    canvas.setFillGray(0.35)
    for part in _wrap(caption.note, right - left, size * 0.95)[:2]:
        y -= size * 1.25
        _line(canvas, part, left, y, right - left, size * 0.95)


def _tag(canvas: Canvas, words: str, right: float, y: float, size: float, colour: tuple[int, int, int]) -> float:
    length = pdfmetrics.stringWidth(words, "Helvetica-Bold", size * 0.72)
    canvas.setFillColorRGB(*(c / 255 for c in colour))
    canvas.setStrokeColorRGB(*(c / 255 for c in colour))
    canvas.setLineWidth(0.7)
    canvas.roundRect(
        right - length - size * 0.7, y - size * 0.22, length + size * 0.7, size * 1.1, 1.6, stroke=1, fill=0
    )
    canvas.setFont("Helvetica-Bold", size * 0.72)
    canvas.drawString(right - length - size * 0.35, y + size * 0.06, words)
    return right - length - size * 1.2


def _line(canvas: Canvas, text: str, x: float, y: float, width: float, size: float) -> None:
    font = _font(text)
    canvas.setFont(font, size)
    if pdfmetrics.stringWidth(text, font, size) > width:
        while text and pdfmetrics.stringWidth(text + "...", font, size) > width:
            text = text[:-1]
        text = text.rstrip() + "..."
    canvas.drawString(x, y, text)


def _wrap(text: str, width: float, size: float) -> list[str]:
    font = _font(text)
    out: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pdfmetrics.stringWidth(longer, font, size) > width:
            out.append(line)
            longer = word
        line = longer
    return [*out, line] if line else out


def _font(text: str, *, bold: bool = False) -> str:
    """Return a registered font: for Latin a base font, else one of this machine's, else the reader's CJK font."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        pass
    else:
        return "Helvetica-Bold" if bold else "Helvetica"
    face = face_for(text)
    wide = any("\u2e80" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\uff00" <= c <= "\uffef" for c in text)
    if face.endswith(".ttf") and not wide:
        name = Path(face).stem
        try:
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(name, face))
        except TTFError:
            pass
        else:
            return name
    kana = any("\u3040" <= c <= "\u30ff" for c in text)
    hangul = any("\uac00" <= c <= "\ud7af" for c in text)
    name = "HYSMyeongJo-Medium" if hangul else "HeiseiKakuGo-W5" if kana else "STSong-Light"
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name
