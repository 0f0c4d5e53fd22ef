"""The ground floor: the front's bays grouped into shops, entrances and garages, each pier under a pier."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from secondunit.prep.sets.assembly import Pen
from secondunit.prep.sets.front import Finish
from secondunit.prep.sets.grammar import Facade
from secondunit.prep.sets.shops import ShopKind, ShopState, awning, blade_sign, entrance, fascia, garage, shop
from secondunit.prep.sets.walls import pierced
from secondunit.prep.sets.windows import reveal

Use = Literal["shop", "entrance", "garage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One opening of the ground floor."""

    use: Use
    s0: float
    s1: float
    height_m: float

    @property
    def middle(self) -> float:
        """Metres along."""
        return 0.5 * (self.s0 + self.s1)


def ground_units(facade: Facade, rng: np.random.Generator, *, entrance_here: bool = True) -> tuple[Unit, ...]:
    """Return what opens in the ground floor, from left to right. Piers stand at the bay lines of the floors above."""
    bays, style = facade.storeys[0].bays, facade.style
    tall = facade.storeys[0].height_m
    shop_head = min(tall - 1.15, 3.3)
    door: set[int] = set()
    if entrance_here:
        middle = len(bays) // 2
        door = {middle if style.accents == "centre" or len(bays) < 3 else int(rng.integers(0, len(bays)))}
        if len(bays) == 1:
            return _narrow(bays[0].s0, bays[0].s1, tall, shop_head)
    units: list[Unit] = []
    k, drive = 0, style.ground == "lobby" and len(bays) > 3 and bool(rng.random() < 0.5)
    while k < len(bays):
        bay = bays[k]
        if k in door:
            room = bay.s1 - bay.s0
            wide = min(1.8 if style.period == "1910" else 2.4, room - 0.5)
            units.append(
                Unit(use="entrance", s0=bay.middle - wide / 2, s1=bay.middle + wide / 2, height_m=min(tall - 0.7, 3.3))
            )
            k += 1
            continue
        end = k
        while end + 1 < len(bays) and end + 1 not in door and bays[end + 1].s1 - bay.s0 <= 5.6:
            end += 1
        use: Use = "shop"
        if drive and bays[end].s1 - bay.s0 > 2.9:
            use, drive = "garage", False
        units.append(
            Unit(use=use, s0=bay.s0 + 0.28, s1=bays[end].s1 - 0.28, height_m=2.6 if use == "garage" else shop_head)
        )
        k = end + 1
    return tuple(u for u in units if u.s1 - u.s0 > 0.7)


def _narrow(s0: float, s1: float, tall: float, shop_head: float) -> tuple[Unit, ...]:
    door = Unit(use="entrance", s0=s0 + 0.15, s1=s0 + 1.15, height_m=min(tall - 0.8, 3.0))
    return (door, Unit(use="shop", s0=s0 + 1.55, s1=s1 - 0.2, height_m=shop_head)) if s1 - s0 > 3.2 else (door,)


def draw_ground(
    pen: Pen,
    facade: Facade,
    units: tuple[Unit, ...],
    finish: Finish,
    rng: np.random.Generator,
    *,
    awnings: float,
) -> None:
    """Draw the ground floor of a front whose left foot is the pen's frame."""
    style, storey = facade.style, facade.storeys[0]
    here = pen.at("ground_floor")
    holes = [(u.s0, u.s1, 0.0, u.height_m) for u in units]
    wall = "plinth" if style.period in ("1935", "1960") and not style.rusticated else finish.wall
    pierced(
        here.at("wall"), wall, (0.0, facade.width_m), (0.0, storey.top_m), holes,
        course_m=0.5 if style.rusticated else 0.0,
    )  # fmt: skip
    left = 0.0
    for unit in units:  # a stone foot on each pier
        _foot(here, left, unit.s0)
        left = unit.s1
    _foot(here, left, facade.width_m)
    for number, unit in enumerate(units, 1):
        _draw_unit(here.at(f"{unit.use}_{number:02d}"), facade, unit, finish, rng, awnings=awnings)


def _foot(pen: Pen, s0: float, s1: float) -> None:
    if s1 - s0 > 0.05:
        pen.at("plinth").box("plinth", (s0 - 0.0, s1), (0.0, 0.55), (0.0, 0.05), skip="bd")


def _draw_unit(
    pen: Pen, facade: Facade, unit: Unit, finish: Finish, rng: np.random.Generator, *, awnings: float
) -> None:
    style, wide = facade.style, unit.s1 - unit.s0
    old = style.period == "1910"
    deep = {"shop": 0.38, "entrance": 0.5, "garage": 0.32}[unit.use]
    reveal(pen.at("reveal"), finish.wall, unit.s0, unit.s1, 0.0, unit.height_m, deep, sill=False)
    accent = f"accent_{1 + int(rng.integers(0, 3))}"
    if unit.use == "entrance":
        pen.place("door", entrance(pen.assembly, wide, unit.height_m, old=old), unit.middle, 0.0)
        edge = pen.at("surround")
        for a, b in ((unit.s0 - 0.2, unit.s0), (unit.s1, unit.s1 + 0.2)):
            edge.box("trim", (a, b), (0.0, unit.height_m), (0.0, 0.08), skip="bd")
        edge.box("trim", (unit.s0 - 0.28, unit.s1 + 0.28), (unit.height_m, unit.height_m + 0.22), (0.0, 0.16), skip="b")
        if style.ground == "lobby":
            edge.box(
                "concrete",
                (unit.s0 - 0.6, unit.s1 + 0.6),
                (unit.height_m + 0.22, unit.height_m + 0.36),
                (0.0, 1.3),
                skip="b",
            )
        return
    if unit.use == "garage":
        pen.place("gate", garage(pen.assembly, wide, unit.height_m), unit.middle, 0.0)
        return
    shut, broken = 0.18 + 0.4 * finish.wear, 0.5 * max(0.0, finish.wear - 0.4)
    p = np.array([1.0, 0.25, shut, broken])
    states: list[ShopState] = ["open", "half", "shut", "boarded"]
    state = states[int(rng.choice(4, p=p / p.sum()))]
    doors: list[Literal["left", "middle", "right"]] = ["left", "middle", "right"]
    kind = ShopKind(
        width_m=round(wide, 2), height_m=round(unit.height_m, 2), state=state, door=doors[int(rng.integers(0, 3))],
        old=old, accent=accent,
    )  # fmt: skip
    pen.place("front", shop(pen.assembly, kind), unit.middle, 0.0)
    board = unit.height_m + 0.12
    tall = min(0.62, facade.storeys[0].top_m - board - 0.3)
    device = int(rng.integers(0, 6))
    if tall > 0.25 and state != "boarded":
        fascia(pen.at("sign"), unit.s0 - 0.1, unit.s1 + 0.1, board, board + tall, accent, device=device)
    if state == "open" and rng.random() < awnings:
        pen.place(
            "awning", awning(pen.assembly, wide + 0.1, 0.75, 1.35, accent), unit.middle, unit.height_m + 0.06, 0.09
        )
    if len(facade.storeys) > 2 and rng.random() < 0.3 * finish.density and wide > 2.0:
        high = min(2.8, 0.75 * facade.storeys[1].height_m)
        pen.place(
            "blade_sign",
            blade_sign(pen.assembly, high, accent, device),
            unit.s0 - 0.14,
            facade.storeys[1].base_m + 0.45,
        )
