"""The draughtsman's symbols: dimension lines, level marks, trees, a figure for scale."""

import math
from typing import Final

from secondunit.prep.sets.sheet import Sheet


class Place:
    """Drawing metres to paper millimetres."""

    def __init__(self, scale: int, x_mm: float, y_mm: float) -> None:
        self.scale, self.x_mm, self.y_mm = scale, x_mm, y_mm

    def at(self, u: float, v: float) -> tuple[float, float]:
        """Return where a point of the drawing lies on paper."""
        k = 1000.0 / self.scale
        return (self.x_mm + u * k, self.y_mm - v * k)


def dim_h(sheet: Sheet, x0: float, x1: float, y: float, text: str, *, foot: float) -> None:
    """Draw a level dimension line with its text."""
    sheet.line((x0 - 1.0, y), (x1 + 1.0, y), 0.13)
    way = 1.0 if y > foot else -1.0
    for x in (x0, x1):
        sheet.line((x, foot), (x, y + 1.5 * way), 0.09, grey=0.3)
        sheet.line((x - 0.9, y + 0.9), (x + 0.9, y - 0.9), 0.3)
    sheet.words(0.5 * (x0 + x1), y - 0.8, text, 2.1, anchor="middle")


def dim_v(sheet: Sheet, x: float, y0: float, y1: float, text: str) -> None:
    """Draw an upright dimension line with its text."""
    sheet.line((x, y0 + 1.0), (x, y1 - 1.0), 0.13)
    for y in (y0, y1):
        sheet.line((x - 1.5, y), (x + 1.5, y), 0.09, grey=0.3)
        sheet.line((x - 0.9, y + 0.9), (x + 0.9, y - 0.9), 0.3)
    sheet.words(x - 0.8, 0.5 * (y0 + y1), text, 2.1, anchor="middle", turned=True)


def level(sheet: Sheet, x: float, y: float, text: str) -> None:
    """Draw a level mark."""
    sheet.area([(x, y), (x - 1.3, y - 2.2), (x + 1.3, y - 2.2)], fill="#000000")
    sheet.area([(x + 1.8, y - 4.2), (x + 13.0, y - 4.2), (x + 13.0, y - 1.2), (x + 1.8, y - 1.2)], fill="#ffffff")
    sheet.words(x + 2.2, y - 1.7, text, 2.3, bold=True)


def tree_face(sheet: Sheet, place: Place, x: float, foot: float) -> None:
    """Draw a plane in outline only, so that the front stays readable behind it."""
    k = 1000.0 / place.scale
    c = place.at(x, foot + 6.9)
    lobes = []
    for n in range(72):
        a = 2 * math.pi * n / 72
        r = (1.0 + 0.07 * math.sin(9 * a + x) + 0.05 * math.sin(14 * a)) * k
        lobes.append((c[0] + 2.9 * r * math.cos(a), c[1] + 2.9 * r * math.sin(a)))
    sheet.lines([(*a, *b) for a, b in zip(lobes, [*lobes[1:], lobes[0]], strict=True)], 0.1, grey=0.45)
    for s in (-0.2, 0.2):
        sheet.line(place.at(x + s, foot), place.at(x + 0.8 * s, foot + 4.0), 0.1, grey=0.45)


def tree_plan(sheet: Sheet, x: float, y: float, r: float) -> None:
    """Draw a tree as plans have it."""
    ring = [
        (x + (r + 0.06 * r * math.sin(11 * a)) * math.cos(a), y + (r + 0.06 * r * math.sin(11 * a)) * math.sin(a))
        for a in (2 * math.pi * n / 60 for n in range(60))
    ]
    sheet.lines([(*a, *b) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)], 0.13, grey=0.25)
    sheet.lines([(x - 0.8, y, x + 0.8, y), (x, y - 0.8, x, y + 0.8)], 0.2)
    sheet.lines(
        [
            (x + 0.2 * r * math.cos(a), y + 0.2 * r * math.sin(a), x + 0.8 * r * math.cos(a), y + 0.8 * r * math.sin(a))
            for a in (math.pi * n / 4 + 0.3 for n in range(8))
        ],
        0.07,
        grey=0.5,
    )


_FIGURE: Final = (
    (-0.1, 0.0), (-0.13, 0.45), (-0.16, 0.9), (-0.2, 1.1), (-0.24, 0.85), (-0.29, 0.87), (-0.25, 1.3), (-0.2, 1.44),
    (-0.06, 1.5), (-0.05, 1.54), (-0.09, 1.62), (-0.07, 1.72), (0.0, 1.76), (0.07, 1.72), (0.09, 1.62), (0.05, 1.54),
    (0.06, 1.5), (0.2, 1.44), (0.25, 1.3), (0.29, 0.87), (0.24, 0.85), (0.2, 1.1), (0.16, 0.9), (0.13, 0.45),
    (0.1, 0.0),     (0.02, 0.0), (0.0, 0.8), (-0.02, 0.0),
)  # fmt: skip
"""A standing figure 1.76 m tall, for scale."""


def figure(sheet: Sheet, place: Place, x: float) -> None:
    """Draw a standing figure, for scale."""
    sheet.area([place.at(x + s, t) for s, t in _FIGURE], fill="#555555")
