"""Elevation and plan of a set, to scale and dimensioned, as an art department pins them up."""

import math
from collections.abc import Iterable
from typing import Final

from secondunit.prep.sets.build import BuiltSet
from secondunit.prep.sets.draughting import Place, dim_h, dim_v, figure, level, tree_face, tree_plan
from secondunit.prep.sets.linework import Linework, Side, linework
from secondunit.prep.sets.lot import PAVEMENT_M, footprint
from secondunit.prep.sets.palettes import palette
from secondunit.prep.sets.sheet import Sheet
from secondunit.prep.sets.styles import STYLES

A2: Final = (594.0, 420.0)
SCALES: Final = (50, 100, 200, 250, 500, 1000)
_MARGIN, _TITLE_H, _LEFT, _RIGHT = 10.0, 30.0, 34.0, 30.0
_TREE_R: Final = 2.7


def draw_set(built: BuiltSet, *, show: str = "") -> tuple[Sheet, Sheet]:
    """Return the elevation and the plan of a set on A2 paper."""
    return _elevation(built, show), _plan(built, show)


def _scale(width_m: float, height_m: float, room_w: float, room_h: float) -> int:
    return next((s for s in SCALES if width_m * 1000 / s <= room_w and height_m * 1000 / s <= room_h), SCALES[-1])


def _lines_of(
    built: BuiltSet, side: Side, window: tuple[float, float, float, float], cell: float, *, leave: Iterable[str]
) -> Linework:
    out = tuple(leave)
    return linework(
        built.singles,
        built.placements,
        side,
        window,
        cell_m=cell,
        wanted=lambda path: not any(word in path for word in out),
    )


def _draw_lines(sheet: Sheet, place: Place, drawn: Linework, *, fine: float) -> None:
    k = 1000.0 / place.scale
    for weight, pen, grey in ((0, 0.07, 0.35), (1, 0.14, 0.1), (2, 0.32, 0.0)):
        those = drawn.segments[drawn.weight == weight]
        paper = [
            (place.x_mm + float(a) * k, place.y_mm - float(b) * k, place.x_mm + float(c) * k, place.y_mm - float(d) * k)
            for a, b, c, d in those
        ]
        sheet.lines(paper, pen * fine, grey=grey)


def _elevation(built: BuiltSet, show: str) -> Sheet:
    brief = built.brief
    top = max((float(m.points[:, 1].max()) for m in built.singles if len(m.points)), default=10.0)
    top = max(
        [
            top,
            *(
                p.transform[1, 3] + float(m.points[:, 1].max())
                for p in built.placements
                for m in p.prototype.meshes
                if p.path.startswith(("buildings", "works"))
            ),
        ]
    )
    width, height = brief.plot.length_m + 8.0, top + 3.0
    sheet = _paper(built, show, "Elevation to the street")
    room_w, room_h = A2[0] - 2 * _MARGIN - _LEFT - _RIGHT, A2[1] - 2 * _MARGIN - _TITLE_H - 62.0
    scale = _scale(width, height, room_w, room_h)
    spare = A2[1] - _MARGIN - _TITLE_H - 52.0 - _MARGIN - 10.0 - height * 1000 / scale
    ground = A2[1] - _MARGIN - _TITLE_H - 52.0 - 0.45 * max(0.0, spare)
    place = Place(scale, 0.5 * (A2[0] - brief.plot.length_m * 1000 / scale) + 2.0, ground)
    drawn = _lines_of(
        built, "front", (-4.0, brief.plot.length_m + 4.0, -0.2, top + 1.0), 0.025 if scale <= 200 else 0.04,
        leave=(
            "plane_tree", "/tree_", "street/far", "across", "street/near/parked", "weeds", "street/next",
            "leaves", "street/marks",
        ),
    )  # fmt: skip
    _draw_lines(sheet, place, drawn, fine=1.0 if scale <= 200 else 0.8)
    x0, x1 = place.at(-5.0, 0.0)[0], place.at(brief.plot.length_m + 5.0, 0.0)[0]
    sheet.line((x0, place.at(0, 0)[1]), (x1, place.at(0, 0)[1]), 0.7)
    for placement in built.placements:
        if "tree_" in placement.path and "street/far" not in placement.path and "pit" not in placement.path:
            tree_face(sheet, place, float(placement.transform[0, 3]), float(placement.transform[1, 3]))
    figure(sheet, place, -2.2)
    _chains(sheet, place, built)
    _levels(sheet, place, built)
    _furniture(sheet, built, scale, north=False)
    return sheet


def _chains(sheet: Sheet, place: Place, built: BuiltSet) -> None:
    """Frontages under the ground line, the whole under them, and what each lot is."""
    lots = [d for d in built.dimensions if not d.upright]
    y = place.at(0, 0)[1]
    for number, d in enumerate(lots):
        overlaps = any(o.from_m < d.to_m - 0.1 and o.to_m > d.from_m + 0.1 for o in lots[:number])
        row = y + (12.0 if not overlaps else 17.5)
        dim_h(sheet, place.at(d.from_m, 0)[0], place.at(d.to_m, 0)[0], row, f"{d.to_m - d.from_m:.2f}", foot=y + 2.0)
    dim_h(
        sheet,
        place.at(0, 0)[0],
        place.at(built.brief.plot.length_m, 0)[0],
        y + 24.0,
        f"{built.brief.plot.length_m:.2f}",
        foot=y + 2.0,
    )
    for number, lot in enumerate(built.lots, 1):
        mid = place.at(0.5 * (lot.x0 + lot.x1), 0)[0]
        sheet.words(mid, y + 30.5, f"{number}  {lot.name}", 2.2, anchor="middle", bold=True)
        style = STYLES[lot.style]
        kind = f"{style.period} {style.name.replace('_', ' ')}" if built.brief.kit != "yard" else ""
        if lot.storeys < 1:
            kind = "open, for a sight line"
        else:
            sheet.words(
                mid,
                y + 36.5,
                f"{lot.storeys} storeys" + (", kept" if lot.kept else ""),
                1.9,
                anchor="middle",
                grey=0.25,
            )
        sheet.words(mid, y + 33.6, kind, 1.9, anchor="middle", grey=0.25)


def _levels(sheet: Sheet, place: Place, built: BuiltSet) -> None:
    """Storey heights of the two end bodies at the sides, and level marks at each wall's head."""
    upright = [d for d in built.dimensions if d.upright]
    names = list(dict.fromkeys(d.name for d in upright))
    for name, left in ((names[0], True), (names[-1], False)) if names else ():
        x = place.at(-4.4, 0)[0] - 6.0 if left else place.at(built.brief.plot.length_m + 3.2, 0)[0] + 4.0
        for d in (d for d in upright if d.name == name):
            a, b = place.at(0, PAVEMENT_M + d.from_m)[1], place.at(0, PAVEMENT_M + d.to_m)[1]
            dim_v(sheet, x, a, b, f"{d.to_m - d.from_m:.2f}")
        sheet.words(x, place.at(0, 0)[1] + 6.0, name, 1.9, anchor="middle", grey=0.25)
    for box in built.boxes:
        if box.kind == "neighbour":
            continue
        top = box.height_m
        if built.brief.kit == "yard":  # whose boxes end half way up their roofs
            top = max(d.to_m for d in upright if d.name == box.name)
        level(sheet, *place.at(box.corner_m[0] + 0.5 * box.width_m, top), f"+{top:.2f}")


def _plan(built: BuiltSet, show: str) -> Sheet:
    brief = built.brief
    plot = brief.plot
    sheet = _paper(built, show, "Site and roof plan")
    left, right = -13.0, plot.length_m + 13.0
    v0, v1 = -plot.street_width_m - 2.0, plot.depth_m + 3.0
    room_w, room_h = A2[0] - 2 * _MARGIN - 26.0, A2[1] - 2 * _MARGIN - _TITLE_H - 46.0
    scale = _scale(right - left, v1 - v0, room_w, room_h)
    k = 1000.0 / scale
    place = Place(
        scale,
        0.5 * (A2[0] - (right - left) * k) - left * k - 6.0,
        _MARGIN + 22.0 + 0.5 * (room_h - (v1 - v0) * k) + v1 * k,
    )
    for lot in built.lots:
        if lot.storeys > 0:
            outline = _outline(built, lot.name)
            sheet.area([place.at(x, -z) for x, z in outline], fill="#efece6")
    drawn = _lines_of(
        built, "top", (left, right, v0, v1), 0.03 if scale <= 200 else 0.05,
        leave=(
            "plane_tree", "/tree_", "/joints", "weeds", "leaves", "lamp", "across", "wear", "street/marks/patches",
        ),
    )  # fmt: skip
    _draw_lines(sheet, place, drawn, fine=0.85)
    for lot in built.lots:
        if lot.storeys > 0:
            sheet.area([place.at(x, -z) for x, z in _outline(built, lot.name)], pen_mm=0.5)
    for placement in built.placements:
        if "tree_" in placement.path and "pit" not in placement.path:
            tree_plan(
                sheet, *place.at(float(placement.transform[0, 3]), -float(placement.transform[2, 3])), _TREE_R * k
            )
    for number, lot in enumerate(built.lots, 1):
        x, y = place.at(
            0.5 * (lot.x0 + lot.x1),
            0.5 * lot.depth_m
            if brief.kit == "avenue"
            else -0.5 * (_outline(built, lot.name)[0][1] + _outline(built, lot.name)[2][1]),
        )
        text = f"{lot.storeys} st." if lot.storeys else "open"
        sheet.area(
            [(x - 8.5, y - 5.6), (x + 8.5, y - 5.6), (x + 8.5, y + 3.0), (x - 8.5, y + 3.0)], fill="#ffffff", pen_mm=0.1
        )
        sheet.words(x, y - 1.6, f"{number}", 3.2, anchor="middle", bold=True)
        sheet.words(x, y + 1.9, text, 2.0, anchor="middle")
    _plan_dimensions(sheet, place, built, left, right)
    _sight_lines(sheet, place, built)
    _cameras(sheet, place, built, (left, right, v0, v1))
    _furniture(sheet, built, scale, north=True)
    return sheet


def _outline(built: BuiltSet, name: str) -> list[tuple[float, float]]:
    if built.brief.kit == "avenue":
        lot = next(lot for lot in built.lots if lot.name == name)
        street, rest = footprint(lot)
        return [*street, *rest]
    box = next(b for b in built.boxes if b.name == name)
    x, _, z = box.corner_m
    return [(x, z), (x + box.width_m, z), (x + box.width_m, z - box.depth_m), (x, z - box.depth_m)]


def _plan_dimensions(sheet: Sheet, place: Place, built: BuiltSet, left: float, right: float) -> None:
    plot = built.brief.plot
    back = place.at(0, plot.depth_m)[1]
    row = back - 6.0
    chain = [d for d in built.dimensions if not d.upright] if built.brief.kit == "avenue" else []
    for d in chain:
        dim_h(sheet, place.at(d.from_m, 0)[0], place.at(d.to_m, 0)[0], row, f"{d.to_m - d.from_m:.2f}", foot=back - 1.0)
    dim_h(sheet, place.at(0, 0)[0], place.at(plot.length_m, 0)[0], row - 7.0, f"{plot.length_m:.2f}", foot=back - 1.0)
    x = place.at(right, 0)[0] + 5.0
    p, w = plot.pavement_m, plot.street_width_m
    for a, b in ((plot.depth_m, 0.0), (0.0, -p), (-p, -(w - p)), (-(w - p), -w)):
        dim_v(sheet, x, place.at(0, b)[1], place.at(0, a)[1], f"{abs(a - b):.2f}")
    dim_v(sheet, x + 8.0, place.at(0, -w)[1], place.at(0, 0)[1], f"{w:.2f}")
    sheet.line(
        (place.at(left, 0)[0], place.at(0, 0)[1]),
        (place.at(right, 0)[0], place.at(0, 0)[1]),
        0.25,
        dash_mm=(8.0, 1.5, 1.0, 1.5),
    )
    sheet.words(place.at(left, 0)[0] + 1.0, place.at(0, 0)[1] - 1.2, "building line", 1.9, grey=0.2)
    mid = place.at(0.5 * plot.length_m, -0.5 * w)
    name = built.brief.name
    sheet.words(mid[0], mid[1] + 1.5, name, 4.2, anchor="middle", bold=True, grey=0.3)


def _sight_lines(sheet: Sheet, place: Place, built: BuiltSet) -> None:
    for line in built.sight_lines:
        a, b = place.at(line.from_m[0], -line.from_m[2]), place.at(line.to_m[0], -line.to_m[2])
        sheet.line(a, b, 0.3, dash_mm=(5.0, 1.2, 0.8, 1.2))
        turn = math.atan2(b[1] - a[1], b[0] - a[0])
        for off in (2.7, -2.7):
            sheet.line(b, (b[0] + 3.0 * math.cos(turn + off), b[1] + 3.0 * math.sin(turn + off)), 0.3)
        mid = (0.8 * a[0] + 0.2 * b[0], 0.8 * a[1] + 0.2 * b[1])
        sheet.words(mid[0] + 2.0, mid[1] - 1.5, f"sight line: {line.name}", 2.2, bold=True)


def _cameras(sheet: Sheet, place: Place, built: BuiltSet, window: tuple[float, float, float, float]) -> None:
    for number, (name, camera) in enumerate(built.cameras.items(), 1):
        x, _, z = camera.position_m
        if not (window[0] < x < window[1] and window[2] < -z < window[3]):
            continue
        p = place.at(x, -z)
        r = camera.rotation
        ahead = math.atan2(r[2][2], -r[0][2])
        half = math.atan(0.5 * camera.filmback.width_mm / camera.focal_length_mm)
        ends = [(p[0] + 13.0 * math.cos(ahead + s), p[1] - 13.0 * math.sin(ahead + s)) for s in (half, -half)]
        for end in ends:
            sheet.line(p, end, 0.18)
        sheet.area(
            [
                p,
                (p[0] + 3.4 * math.cos(ahead + 0.5), p[1] - 3.4 * math.sin(ahead + 0.5)),
                (p[0] + 3.4 * math.cos(ahead - 0.5), p[1] - 3.4 * math.sin(ahead - 0.5)),
            ],
            fill="#000000",
        )
        label = f"C{number} {name.replace('_', ' ')} {camera.focal_length_mm:g} mm, h {camera.position_m[1]:.2f}"
        sheet.words(p[0] - 1.0, p[1] + 4.4, label, 2.0)


def _paper(built: BuiltSet, show: str, what: str) -> Sheet:
    sheet = Sheet(A2[0], A2[1], f"{built.brief.name}: {what}")
    m = _MARGIN
    sheet.box(m, m, A2[0] - m, A2[1] - m, 0.7)
    y0, y1 = A2[1] - m - _TITLE_H, A2[1] - m
    sheet.line((m, y0), (A2[0] - m, y0), 0.5)
    for x in (m + 250.0, m + 378.0, m + 470.0):
        sheet.line((x, y0), (x, y1), 0.25)
    brief = built.brief
    sheet.words(m + 5.0, y0 + 9.0, brief.name, 6.0, bold=True)
    sheet.words(m + 5.0, y0 + 15.5, what, 4.0)
    option = f"option {brief.option}" if brief.option else "as briefed"
    sheet.words(m + 5.0, y0 + 21.5, f"{option}   {brief.direction}", 2.8, grey=0.15)
    sheet.words(m + 5.0, y0 + 26.5, show, 2.6, grey=0.3)
    x = m + 255.0
    d = brief.design
    rows = (
        ("kit", f"{brief.kit}, period {d.period}, mix {d.mix:.2f}"),
        ("skyline", f"{d.skyline}, {d.storeys} storeys typical"),
        ("lots", f"{d.lot_m:.1f} m typical, density {d.density:.2f}"),
        ("wear", f"{d.wear:.2f}"), ("seed", f"{brief.seed}"),
    )  # fmt: skip
    for number, (key, value) in enumerate(rows):
        sheet.words(x, y0 + 6.0 + 5.2 * number, key, 2.2, grey=0.4)
        sheet.words(x + 17.0, y0 + 6.0 + 5.2 * number, value, 2.4)
    x = m + 383.0
    sheet.words(x, y0 + 6.0, f"palette: {d.palette}", 2.4)
    card = palette(d.palette).card
    wide = 80.0 / len(card)
    for number, swatch in enumerate(card):
        a, b = x + wide * number, x + wide * (number + 1)
        sheet.area([(a, y0 + 9.0), (b, y0 + 9.0), (b, y0 + 17.0), (a, y0 + 17.0)], fill=swatch, pen_mm=0.1)
    sun = brief.sun
    sheet.words(x, y0 + 22.0, f"sun: azimuth {sun.azimuth_deg:g}°, elevation {sun.elevation_deg:g}°", 2.2, grey=0.2)
    sheet.words(x, y0 + 26.5, f"digest {built.digest[:16]}", 2.2, grey=0.2)
    return sheet


def _furniture(sheet: Sheet, built: BuiltSet, scale: int, *, north: bool) -> None:
    """Scale, scale bar, and the north arrow."""
    m = _MARGIN
    x, y0 = A2[0] - m - 99.0, A2[1] - m - _TITLE_H
    sheet.words(x, y0 + 7.0, f"1:{scale} on A2", 4.0, bold=True)
    sheet.words(x, y0 + 12.0, "all lengths in metres", 2.2, grey=0.2)
    k = 1000.0 / scale
    step = 1.0 if k * 10 > 60 else (5.0 if k * 10 > 15 else 10.0)
    count = max(2, int(58.0 / (step * k)))
    for n in range(count):
        a, b = x + n * step * k, x + (n + 1) * step * k
        sheet.area(
            [(a, y0 + 17.0), (b, y0 + 17.0), (b, y0 + 19.5), (a, y0 + 19.5)],
            fill="#000000" if n % 2 == 0 else "#ffffff",
            pen_mm=0.13,
        )
        sheet.words(a, y0 + 23.5, f"{n * step:g}", 2.2, anchor="middle")
    sheet.words(x + count * step * k, y0 + 23.5, f"{count * step:g} m", 2.2, anchor="middle")
    if north:
        a = math.radians(built.brief.plot.north_deg)
        cx, cy, r = A2[0] - m - 17.0, y0 + 14.0, 9.0
        tip = (cx + r * math.sin(a), cy - r * math.cos(a))
        tail = (cx - r * math.sin(a), cy + r * math.cos(a))
        side = (math.cos(a) * 3.4, math.sin(a) * 3.4)
        sheet.area(
            [tip, (tail[0] + side[0], tail[1] + side[1]), (cx - 0.3 * r * math.sin(a), cy + 0.3 * r * math.cos(a))],
            fill="#000000",
        )
        sheet.area(
            [tip, (tail[0] - side[0], tail[1] - side[1]), (cx - 0.3 * r * math.sin(a), cy + 0.3 * r * math.cos(a))],
            pen_mm=0.2,
        )
        sheet.words(
            cx + (r + 3.4) * math.sin(a), cy - (r + 2.6) * math.cos(a) + 1.0, "N", 3.2, anchor="middle", bold=True
        )
