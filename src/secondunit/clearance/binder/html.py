"""An edition as one HTML file: no script, no network, prints well."""

import base64
from html import escape

from secondunit.clearance.binder.document import Block, Document, Facts, Grid, Heading, Items, Paragraph, Picture

_STYLE = """
:root { color-scheme: light; --ink: #16181d; --soft: #5b616e; --line: #d9dce3; --tint: #f5f6f8; --mark: #8a4b12; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff; font: 15px/1.5 "Helvetica Neue", Arial, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 3rem 2rem 5rem; }
header { border-top: 6px solid var(--ink); padding-top: 1.4rem; margin-bottom: 2.5rem; }
.edition { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--mark); margin: 0 0 .4rem; }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -.01em; margin: 0; }
.subtitle { color: var(--soft); margin: .5rem 0 1.6rem; max-width: 44rem; }
h2 { font-size: 1.15rem; margin: 2.6rem 0 .8rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line); }
h2 span { color: var(--soft); font-weight: 400; margin-right: .6rem; }
dl { display: grid; grid-template-columns: 14rem 1fr; gap: .35rem 1.2rem; margin: .8rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: .84rem; margin: .8rem 0; }
th { text-align: left; font-weight: 600; color: var(--soft); padding: .4rem .5rem; border-bottom: 1px solid; }
td { vertical-align: top; border-bottom: 1px solid var(--line); padding: .45rem .5rem; overflow-wrap: anywhere; }
tbody tr:nth-child(even) { background: var(--tint); }
.none { color: var(--soft); }
.lead { font-weight: 600; margin: 1.4rem 0 .3rem; }
.small { color: var(--soft); font-size: .84rem; }
.warn { border-left: 4px solid var(--mark); padding: .5rem .9rem; background: #fbf3ea; }
ul { padding-left: 1.1rem; }
figure { margin: 1.4rem 0; }
figure img { width: 100%; height: auto; display: block; }
figcaption, footer { color: var(--soft); font-size: .8rem; margin-top: .4rem; overflow-wrap: anywhere; }
footer { border-top: 1px solid var(--line); padding-top: .8rem; margin-top: 3rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .5rem; } table { font-size: .72rem; } }
@media print {
  @page { size: A4; margin: 18mm 16mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, .lead { break-after: avoid; }
  tr, figure { break-inside: avoid; }
}
"""


def write_html(document: Document) -> str:
    """Return the page as text."""
    cover = _facts(document.cover)
    body = "\n".join(_block(block) for block in document.blocks)
    return (
        f'<!doctype html>\n<html lang="{escape(document.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(document.title)} – {escape(document.edition)}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<main>\n<header>\n<p class="edition">{escape(document.edition)}</p>\n<h1>{escape(document.title)}</h1>\n'
        f'<p class="subtitle">{escape(document.subtitle)}</p>\n{cover}\n</header>\n{body}\n'
        f"<footer>{escape(document.footer)}</footer>\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h2><span>{block.number}</span>{escape(block.text)}</h2>"
        case Paragraph():
            return f'<p class="{block.tone}">{escape(block.text)}</p>'
        case Items():
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
        case Facts():
            return _facts(block.rows)
        case Grid():
            return _grid(block)
        case Picture():
            data = base64.b64encode(block.jpeg).decode("ascii")
            said = escape(block.caption)
            image = f'<img alt="{said}" src="data:image/jpeg;base64,{data}">'
            return f"<figure>{image}<figcaption>{said}</figcaption></figure>"


def _facts(rows: tuple[tuple[str, str], ...]) -> str:
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows) + "</dl>"


def _grid(grid: Grid) -> str:
    if not grid.rows:
        return f'<p class="none">{escape(grid.none)}</p>'
    columns = "".join(f'<col style="width:{share:.0%}">' for share in grid.widths)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in grid.rows)
    return f"<table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
