"""The look of prep's pages: one file, no script, no network, on screen and on paper."""

from html import escape
from typing import Final

_STYLE: Final = """
:root { color-scheme: light; --ink: #16181d; --soft: #5b616e; --line: #d6d9e0; --tint: #f4f5f7; --mark: #8a4b12;
  --int-day: #ffffff; --ext-day: #fdf3c4; --int-night: #dce8f7; --ext-night: #dcefdc; --other: #ececf1; }
* { box-sizing: border-box; }
html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; color: var(--ink); background: #fff; font: 14px/1.45 "Helvetica Neue", Arial, "Noto Sans",
  "Noto Sans CJK JP", sans-serif; }
main { max-width: 78rem; margin: 0 auto; padding: 2.6rem 2rem 4rem; }
header { border-top: 6px solid var(--ink); padding-top: 1.1rem; margin-bottom: 1.8rem; }
.over { font-size: .76rem; letter-spacing: .09em; text-transform: uppercase; color: var(--mark); margin: 0 0 .3rem; }
h1 { font-size: 2rem; line-height: 1.15; letter-spacing: -.01em; margin: 0 0 .9rem; }
.totals { display: flex; flex-wrap: wrap; gap: .4rem 2.2rem; margin: 0; }
.totals div { min-width: 5rem; }
.totals dt { color: var(--soft); font-size: .76rem; }
.totals dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.totals .small dd { font-size: .92rem; line-height: 1.9; }
h2 { font-size: 1.1rem; margin: 2.4rem 0 .7rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
.lead { color: var(--soft); max-width: 52rem; margin: -.2rem 0 .9rem; font-size: .88rem; }
table { border-collapse: collapse; width: 100%; font-size: .82rem; }
th { text-align: left; font-weight: 600; color: var(--soft); padding: .35rem .5rem; border-bottom: 1px solid;
  white-space: nowrap; }
td { vertical-align: top; border-bottom: 1px solid var(--line); padding: .38rem .5rem; overflow-wrap: anywhere; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.nowrap { white-space: nowrap; overflow-wrap: normal; }
.soft { color: var(--soft); }
.quote { color: var(--soft); font-style: italic; }
b.word { font-weight: 600; font-style: normal; color: var(--ink); background: #fdeccf; padding: 0 .15em; }
.bar { display: inline-block; width: 3.4rem; height: .5rem; background: var(--line); vertical-align: middle; }
.bar i { display: block; height: 100%; background: var(--ink); }
.id { background: var(--int-day); } .ed { background: var(--ext-day); } .in { background: var(--int-night); }
.en { background: var(--ext-night); } .ot { background: var(--other); }
.key { display: flex; gap: 1rem; flex-wrap: wrap; font-size: .76rem; color: var(--soft); margin: 0 0 .8rem; }
.key span::before { content: ""; display: inline-block; width: 1.1rem; height: .7rem; margin-right: .4rem;
  border: 1px solid #a9adb8; vertical-align: -1px; background: inherit; }
.key span { background: none !important; } .key .id::before { background: var(--int-day); }
.key .ed::before { background: var(--ext-day); } .key .in::before { background: var(--int-night); }
.key .en::before { background: var(--ext-night); } .key .ot::before { background: var(--other); }
.sheets { columns: 2; column-gap: 1.4rem; }
.sheet { break-inside: avoid; border: 1px solid #b4b8c2; margin: 0 0 1rem; font-size: .8rem; }
.sheet h3 { margin: 0; padding: .4rem .6rem; display: flex; gap: .7rem; align-items: baseline; font-size: .86rem;
  border-bottom: 1px solid #b4b8c2; }
.sheet h3 .no { font-size: 1.05rem; min-width: 1.6rem; } .sheet h3 .set { flex: 1; }
.sheet h3 .pg { font-weight: 400; white-space: nowrap; }
.sheet dl { display: grid; grid-template-columns: 4.6rem 1fr; gap: .12rem .6rem; margin: .4rem .6rem .5rem; }
.sheet dt { color: var(--soft); } .sheet dd { margin: 0; }
.fx { color: #9a1f12; font-weight: 600; overflow-wrap: normal; }
.hints td { padding: .22rem .5rem; font-size: .78rem; }
.hints p { margin: 0; }
.scene-row td { border-bottom: 1px solid; font-weight: 600; padding-top: .9rem; background: #fff; }
.state { font-size: .74rem; padding: 0 .35rem; border: 1px solid currentColor; white-space: nowrap; }
.state.changed, .state.orphaned { color: #9a1f12; } .state.moved { color: var(--mark); }
.state.kept { color: var(--soft); }
.method p { margin: 0 0 .2rem; }
footer { border-top: 1px solid var(--line); padding-top: .7rem; margin-top: 2.6rem; color: var(--soft);
  font-size: .76rem; overflow-wrap: anywhere; }
@media (max-width: 52rem) { .sheets { columns: 1; } }
@media print {
  @page { size: A4 ORIENTATION; margin: 13mm 12mm; }
  body { font-size: 9.2pt; } main { max-width: none; padding: 0; }
  h2, .lead { break-after: avoid; } main { font-size: .94em; } tr, .sheet { break-inside: avoid; } .sheets { columns: 2; } thead { display: table-header-group; }
  .scene-row { break-after: avoid; }
}
"""


def page(*, language: str, over: str, title: str, totals: str, body: str, footer: str, landscape: bool) -> str:
    """Return a whole page; ``totals`` and ``body`` are HTML, the rest is text."""
    style = _STYLE.replace("ORIENTATION", "landscape" if landscape else "portrait")
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n<title>{escape(title)} – {escape(over)}</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n<main>\n<header>\n"
        f'<p class="over">{escape(over)}</p>\n<h1>{escape(title)}</h1>\n<dl class="totals">{totals}</dl>\n</header>\n'
        f"{body}\n<footer>{escape(footer)}</footer>\n</main>\n</body>\n</html>\n"
    )


def total(name: str, value: str, *, small: bool = False) -> str:
    """Return one of a page's totals."""
    kind = ' class="small"' if small else ""
    return f"<div{kind}><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"


def strip_class(int_ext: str, light: str) -> str:
    """Return the colour of a strip, as the trade's boards have it: white, yellow, blue, green."""
    inside = int_ext == "INT"
    outside = int_ext.startswith("EXT") or int_ext == "INT/EXT"
    if not light or not (inside or outside):
        return "ot"
    night = light in ("night", "dusk", "dawn")
    return ("in" if night else "id") if inside else ("en" if night else "ed")


KEY: Final = (
    '<p class="key"><span class="id">INT day</span><span class="ed">EXT day</span><span class="in">INT night, dawn, '
    'dusk</span><span class="en">EXT night, dawn, dusk</span><span class="ot">place or light not said</span></p>'
)
