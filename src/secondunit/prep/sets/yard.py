"""The industrial yard: works behind a fence, arranged after what they made."""

import numpy as np

from secondunit.core.errors import BriefError
from secondunit.core.layout import Box
from secondunit.prep.sets import yard_parts as part
from secondunit.prep.sets.assembly import Assembly, Frame
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.sets.cars import park, vehicle
from secondunit.prep.sets.kit import Built, Dimension
from secondunit.prep.sets.lot import Lot
from secondunit.prep.sets.modern import plant_weeds
from secondunit.prep.sets.parcel import headroom
from secondunit.prep.sets.sheds import RoofKind, shed
from secondunit.prep.sets.street import lay_street

_STOREY_M = 4.2
_ROOF_M = 4.5

Range = tuple[float, float]


class Yard:
    """A yard while it is laid out: what is taken, what was built."""

    def __init__(self, assembly: Assembly, brief: SetBrief) -> None:
        self.pen = assembly.pen("works", Frame())
        self.brief = brief
        self.rng = np.random.default_rng([brief.seed, 0x7A2D])
        self.boxes: list[Box] = []
        self.lots: list[Lot] = []
        self.tops: dict[str, float] = {}
        """Ridge or rim of each body; its box for the collapse is as high as the middle of its roof."""
        self.taken: list[tuple[Range, Range]] = []

    def cap(self, x: Range, z: Range) -> float:
        """How high one may build on a rectangle."""
        probe = Lot(name="probe", x0=x[0], x1=x[1], depth_m=-z[0], style="ribbon", storeys=1)
        return min(self.brief.plot.height_m, headroom(self.brief.sight_lines, probe)[0])

    def fits(self, x: Range, z: Range, height: float) -> bool:
        """Whether something may stand there; if so its ground is taken."""
        plot = self.brief.plot
        if x[0] < 0.0 or x[1] > plot.length_m or z[0] < -plot.depth_m or z[1] > 0.0:
            return False
        free = all(x[1] < a[0] or x[0] > a[1] or z[1] < b[0] or z[0] > b[1] for a, b in self.taken)
        if free and height <= self.cap(x, z):
            self.taken.append((x, z))
            return True
        return False

    def shed(self, name: str, x: Range, z: Range, roof: RoofKind, *, eaves: float = 0.0) -> None:
        """Build a shed as high as briefed, lower where a limit asks for it; none where none fits."""
        brief = self.brief
        old = brief.design.period in ("1910", "1935") or self.rng.random() < 0.4 * brief.design.mix
        asked = eaves or 3.2 + 1.5 * brief.design.storeys
        rise = {"sawtooth": 2.9, "gable": 0.2 * (x[1] - x[0]) + 1.0, "barrel": 0.22 * (x[1] - x[0])}[roof]
        tall = min(asked, self.cap(x, z) - rise - 0.2)
        if x[1] - x[0] < 4.0 or z[1] - z[0] < 3.5 or tall < 3.0 or not self.fits(x, z, tall + rise):
            return
        wall = "brick" if old else f"wall_{1 + len(self.lots) % 4}"
        bays = shed(self.pen.at(name), x, z, tall, roof, brick=old, wall=wall, wear=brief.design.wear, rng=self.rng)
        self.record(name, x, z, tall + 0.5 * rise, bays)
        self.tops[name] = tall + rise

    def record(self, name: str, x: Range, z: Range, height: float, bays: int) -> None:
        """Remember a body for the collapse, the drawings and the report."""
        floors = max(1, round(height / _STOREY_M))
        self.boxes.append(
            Box(
                name=name,
                corner_m=(x[0], 0.0, z[1]),
                yaw_deg=0.0,
                width_m=x[1] - x[0],
                height_m=round(height, 2),
                depth_m=z[1] - z[0],
                floors=floors,
                bays=max(1, bays),
                bays_deep=max(1, round((z[1] - z[0]) / 6.0)),
                window_ratio=0.2,
            )
        )
        self.lots.append(Lot(name=name, x0=x[0], x1=x[1], depth_m=z[1] - z[0], style="ribbon", storeys=floors))


def build_yard(assembly: Assembly, brief: SetBrief) -> Built:
    """Build the kit's yard and street into an assembly.

    Raises
    ------
    BriefError
        Kept lots, or nothing fits under the limits.
    """
    if brief.keep:
        raise BriefError("the yard kit has no lots to keep", fix="use kit avenue, or vary = [...] to hold an axis")
    yard = Yard(assembly, brief)
    length, depth = brief.plot.length_m, brief.plot.depth_m
    gate = (0.44 * length, 0.44 * length + 7.0)
    part.fence(yard.pen.at("fence"), 0.2, length - 0.2, -0.4, (gate,))
    _gatehouse(yard, gate)
    lay = {
        "even": _works, "peak": _silos, "steps": _depot, "valley": _tank_farm, "broken": _mixed, "corners": _closed,
    }[brief.design.skyline]  # fmt: skip
    lay(yard)
    if not yard.boxes:
        raise BriefError(
            "plot and sight lines leave no room for a building", fix="make the plot longer or higher, or move the lines"
        )
    ground = assembly.pen("plaza", Frame())
    ground.at("yard").floor(
        "gravel" if brief.design.period in ("1910", "1935") else "concrete", 0.0, length, -depth, 0.0, 0.02
    )
    _scatter(yard)
    if brief.design.wear > 0.6:
        plant_weeds(ground, brief, yard.taken, yard.rng, 90)
    lay_street(assembly, brief, yard.rng)
    park(assembly, brief, np.random.default_rng([brief.seed, 0xCA5]))
    lengths = [Dimension(name=lot.name, from_m=lot.x0, to_m=lot.x1) for lot in yard.lots]
    heights = [
        Dimension(
            name=b.name,
            from_m=0.0,
            to_m=yard.tops.get(b.name, b.height_m),
            at_m=b.corner_m[0],
            upright=True,
        )
        for b in yard.boxes
    ]
    top = max(b.height_m for b in yard.boxes)
    return Built(boxes=tuple(yard.boxes), lots=tuple(yard.lots), dimensions=(*lengths, *heights), height_m=top)


def _gatehouse(yard: Yard, gate: Range) -> None:
    x = (gate[1] + 1.2, gate[1] + 5.6)
    if yard.fits(x, (-5.0, -1.2), 3.6):
        pen = yard.pen.at("gatehouse")
        shed(pen, x, (-5.0, -1.2), 2.9, "barrel", brick=True, wall="brick", wear=yard.brief.design.wear, rng=yard.rng)
    yard.taken.append(((gate[0], gate[1]), (-yard.brief.plot.depth_m * 0.55, 0.0)))  # the way in stays free


def _works(yard: Yard) -> None:
    length, depth = yard.brief.plot.length_m, yard.brief.plot.depth_m
    gate = 0.44 * length
    yard.shed("shed_1", (3.0, gate - 3.0), (-0.62 * depth, -2.5), "sawtooth")
    yard.shed("shed_2", (gate + 15.0, length - 3.0), (-0.62 * depth, -2.5), "sawtooth")
    yard.shed("boiler_house", (3.0, 21.0), (-depth + 1.0, -0.66 * depth), "gable", eaves=8.5)
    _chimney(yard, 28.0, -0.84 * depth, 31.0)
    part.track(yard.pen.at("siding"), 36.0, length - 2.0, -depth + 3.0)
    yard.taken.append(((36.0, length), (-depth + 0.6, -depth + 5.4)))


def _chimney(yard: Yard, x: float, z: float, height: float) -> None:
    tall = min(height, yard.cap((x - 3.0, x + 3.0), (z - 3.0, z + 3.0)) - 1.1)
    if tall > 9.0 and yard.fits((x - 2.8, x + 2.8), (z - 2.8, z + 2.8), tall + 1.0):
        part.chimney(yard.pen.at("chimney"), x, z, tall)


def _silo_bank(
    yard: Yard, x0: float, z: float, *, count: int, rows: int, radius: float, height: float, steel: bool
) -> None:
    count = min(count, int((yard.brief.plot.length_m - 1.0 - x0) // (2 * radius)))
    if count < 1:
        return
    x, zz = (x0, x0 + 2 * radius * count), (z - 2 * radius * rows, z)
    head = 5.5 if not steel else 2.6
    tall = min(height, yard.cap(x, zz) - head - 1.5)
    if tall < 5.0 or not yard.fits(x, zz, tall + head):
        return
    one = part.silo(yard.pen.assembly, radius, tall, steel=steel)
    here = yard.pen.at("silos")
    for r in range(rows):
        for k in range(count):
            here.place("silo", one, x0 + radius * (2 * k + 1), 0.0, z - radius * (2 * r + 1))
    mid = 0.5 * (zz[0] + zz[1])
    here.at("gallery").box("cladding", x, (tall + 1.4, tall + (4.4 if not steel else 2.4)), (mid - 1.8, mid + 1.8))
    for k in range(count * 2):
        s = x0 + radius * (k + 0.5)
        here.at("gallery/windows").box(
            "glass", (s - 0.5, s + 0.5), (tall + 2.2, tall + 3.2), (mid - 1.85, mid + 1.85), skip="udlr"
        ) if not steel else None
        here.at("gallery/legs").beam("steel", (s, tall + 0.3, mid), (s, tall + 1.4, mid), 0.2)
    yard.record("silos", x, zz, tall, count)


def _silos(yard: Yard) -> None:
    length, depth = yard.brief.plot.length_m, yard.brief.plot.depth_m
    _silo_bank(yard, 0.52 * length, -0.3 * depth, count=6, rows=2, radius=3.4, height=22.0, steel=False)
    yard.shed(
        "head_house",
        (0.52 * length - 10.5, 0.52 * length - 0.4),
        (-0.3 * depth - 13.0, -0.3 * depth),
        "gable",
        eaves=27.0,
    )
    yard.shed("loading_shed", (4.0, 0.34 * length), (-0.62 * depth, -0.2 * depth), "barrel")
    part.track(yard.pen.at("siding"), 2.0, length - 2.0, -depth + 3.0)
    yard.taken.append(((0.0, length), (-depth + 0.6, -depth + 5.4)))


def _depot(yard: Yard) -> None:
    length, depth = yard.brief.plot.length_m, yard.brief.plot.depth_m
    yard.shed("warehouse", (3.0, 0.3 * length), (-depth + 2.0, -0.35 * depth), "gable", eaves=8.0)
    x, z = (0.34 * length, length - 4.0), (-depth + 4.0, -0.28 * depth)
    paints = ("accent_1", "accent_2", "wall_1", "signal", "wall_3")
    asm, here = yard.pen.assembly, yard.pen.at("stacks")
    rng, lanes = yard.rng, max(1, int((z[1] - z[0]) // 3.2))
    high = int(max(0.0, yard.cap(x, z) - 0.2) // 2.6)
    for lane in range(lanes):
        s = x[0] + 6.3
        while s + 6.3 < x[1]:
            stack = min(high, int(rng.integers(0, 5)))
            long = rng.random() < 0.7
            for level in range(stack):
                one = part.container(asm, paints[int(rng.integers(0, len(paints)))], long=bool(long))
                here.place(
                    "container",
                    one,
                    s + float(rng.uniform(-0.06, 0.06)),
                    2.6 * level + 0.02,
                    z[0] + 1.5 + 3.2 * lane,
                    turn_deg=180.0 * int(rng.integers(0, 2)),
                )
            s += 12.8 if long else 6.7
    yard.taken.append((x, z))
    if yard.cap(x, (z[0] - 3, z[1] + 3)) > 20.0:
        part.gantry(yard.pen.at("gantry"), 0.68 * length, z[0] - 1.5, z[1] + 1.5, 15.5)


def _tank_farm(yard: Yard) -> None:
    length, depth = yard.brief.plot.length_m, yard.brief.plot.depth_m
    asm, here = yard.pen.assembly, yard.pen.at("tanks")
    for k, (share, r, h) in enumerate(((0.1, 7.5, 10.5), (0.29, 6.0, 9.0), (0.66, 6.5, 12.0), (0.84, 7.5, 10.5))):
        x, z = min(max(share * length, r + 1.6), length - r - 1.6), -0.62 * depth
        tall = min(h, yard.cap((x - r - 1, x + r + 1), (z - r - 1, z + r + 1)) - 2.0)
        if tall > 3.0 and yard.fits((x - r - 1.0, x + r + 1.0), (z - r - 1.0, z + r + 1.0), tall):
            here.place("tank", part.tank(asm, r, tall), x, 0.02, z, turn_deg=40.0 * k)
            yard.record(f"tank_{k + 1}", (x - r, x + r), (z - r, z + r), tall, 4)
    for a, b in ((2.0, 0.4 * length), (0.56 * length, length - 2.0)):  # bund walls
        for frame, run in (
            (Frame(origin=(a, 0.0, -0.28 * depth)), b - a),
            (Frame(origin=(a, 0.0, -depth + 1.2)), b - a),
        ):
            yard.pen.at("bund").on(frame).box("concrete", (0.0, run), (0.0, 1.3), (-0.25, 0.0), skip="d")
        for x in (a, b - 0.25):
            yard.pen.at("bund").box(
                "concrete", (x, x + 0.25), (0.0, 1.3), (-depth + 1.2, -0.28 * depth - 0.25), skip="d"
            )
    part.pipe_rack(yard.pen.at("pipe_rack"), 4.0, length - 4.0, -0.18 * depth, 4.6, yard.rng)
    yard.taken.append(((3.0, length - 3.0), (-0.24 * depth, -0.13 * depth)))
    yard.shed(
        "pump_house", (0.42 * length + 9.5, 0.42 * length + 16.5), (-0.5 * depth, -0.3 * depth), "gable", eaves=4.4
    )


def _mixed(yard: Yard) -> None:
    length, depth = yard.brief.plot.length_m, yard.brief.plot.depth_m
    yard.shed("old_works", (3.0, 0.26 * length), (-0.7 * depth, -2.5), "sawtooth")
    yard.shed("press_shop", (0.28 * length, 0.42 * length), (-depth + 2.0, -0.25 * depth), "barrel", eaves=9.5)
    _silo_bank(yard, 0.6 * length, -0.42 * depth, count=3, rows=1, radius=2.6, height=12.0, steel=True)
    yard.shed("packing_hall", (0.78 * length, length - 3.0), (-0.85 * depth, -3.0), "gable")
    x, z = 0.53 * length, -0.8 * depth
    if yard.fits((x - 3.2, x + 3.2), (z - 3.2, z + 3.2), 21.0):
        part.water_tower(yard.pen.at("water_tower"), x, z, 14.0)
    part.pipe_rack(yard.pen.at("pipe_rack"), 0.44 * length, 0.77 * length, -0.34 * depth, 5.2, yard.rng)


def _closed(yard: Yard) -> None:
    length, depth = yard.brief.plot.length_m, yard.brief.plot.depth_m
    yard.shed("left_works", (3.0, 0.32 * length), (-0.75 * depth, -2.5), "sawtooth")
    yard.shed("right_works", (0.7 * length, length - 3.0), (-0.75 * depth, -2.5), "gable")
    x, z = 0.56 * length, -0.62 * depth
    if yard.fits((x - 3.2, x + 3.2), (z - 3.2, z + 3.2), 19.0):
        part.water_tower(yard.pen.at("water_tower"), x, z, 12.0)
    _chimney(yard, 0.4 * length, -0.86 * depth, 24.0)
    part.track(yard.pen.at("siding"), 2.0, length - 2.0, -depth + 3.0)
    yard.taken.append(((0.0, length), (-depth + 0.6, -depth + 5.4)))


def _scatter(yard: Yard) -> None:
    """Masts, clutter and trucks where the ground is free."""
    length, depth, rng = yard.brief.plot.length_m, yard.brief.plot.depth_m, yard.rng
    asm, here = yard.pen.assembly, yard.pen.at("loose")
    for s in np.arange(12.0, length, 28.0):
        spot = ((float(s) - 0.4, float(s) + 0.4), (-1.9, -1.1))
        if yard.cap(*spot) > 15.0:
            here.place("mast", part.mast(asm), float(s), 0.0, -1.5, turn_deg=180.0)
    kinds = ("pallets", "drums", "reel", "beams")
    for _ in range(round(10 + 50 * yard.brief.design.density)):
        s, z = float(rng.uniform(4.0, length - 4.0)), float(rng.uniform(-depth + 2.0, -3.0))
        kind = kinds[int(rng.integers(0, len(kinds)))]
        r = 3.3 if kind == "beams" else 1.3
        if yard.fits((s - r, s + r), (z - 1.4, z + 1.4), 2.0):
            here.place(kind, part.clutter(asm, kind), s, 0.02, z, turn_deg=float(rng.uniform(-20, 20)))
    for _ in range(round(5 * yard.brief.dressing.cars)):
        s, z = float(rng.uniform(8.0, length - 8.0)), float(rng.uniform(-depth + 4.0, -4.0))
        if yard.fits((s - 5.0, s + 5.0), (z - 1.8, z + 1.8), 3.8):
            here.place(
                "truck",
                vehicle(asm, "truck", int(rng.integers(0, 6))),
                s,
                0.02,
                z,
                turn_deg=180.0 * int(rng.integers(0, 2)),
            )
