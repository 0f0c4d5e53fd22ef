"""Set blocks: what a storyboard artist sketches round the action when no set has been built yet.

Each stands round an action area at the origin about 3 m across, with 0 m the floor. A room's walls are wild: seen from
inside only, so a camera may stand behind them. The same name gives the same set.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

import numpy as np

from secondunit.prep.stage.block_exteriors import country, house, parked, roof, street, water
from secondunit.prep.stage.block_interiors import car_inside, corridor, room
from secondunit.prep.stage.block_pieces import MATERIALS
from secondunit.prep.stage.geometry import Stage, join

BlockKind = Literal["room", "corridor", "car", "street", "house", "country", "roof", "water"]
BLOCKS: tuple[str, ...] = get_args(BlockKind)

_WORDS: dict[str, tuple[str, ...]] = {
    "car": ("car", "taxi", "cab", "truck", "van", "bus", "auto", "coche", "voiture", "машина", "車", "车"),
    "corridor": ("corridor", "hallway", "hall", "pasillo", "couloir", "tunnel", "stair", "коридор", "廊下", "走廊"),
    "roof": ("roof", "rooftop", "terrace", "azotea", "toit", "крыша", "屋上", "屋顶"),
    "water": ("river", "lake", "sea", "ocean", "beach", "pond", "shore", "río", "rio", "playa", "море", "река", "海",
    "川"),
    "country": (
        "field", "forest", "woods", "wood", "park", "desert", "hill", "mountain", "garden", "swamp", "meadow", "trail",
        "path", "camp", "campfire", "cemetery", "campo", "bosque", "jardin", "лес", "поле", "森", "山", "田",
    ),
    "street": (
        "street", "avenue", "av", "ave", "road", "calle", "corrientes", "block", "city", "alley", "downtown", "main",
        "sidewalk", "square", "plaza", "town", "rue", "boulevard", "улица", "площадь", "街", "通り", "路", "道",
    ),
    "house": (
        "house", "home", "porch", "yard", "farm", "backyard", "driveway", "casa", "maison", "mansion", "cabin",
        "church",
        "school", "patio", "дом", "двор", "家", "院",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """A sketched set."""

    kind: str
    stage: Stage
    inside: bool
    """Whether there are walls and a ceiling about the action."""


def kind_of_place(set_name: str, int_ext: str) -> BlockKind:
    """Return the block that a scene heading's place asks for; words of a few languages are known.

    >>> kind_of_place("KITCHEN", "INT"), kind_of_place("AV. CORRIENTES", "EXT"), kind_of_place("POND", "EXT")
    ('room', 'street', 'water')
    """
    inside = int_ext.upper().startswith("INT") and "EXT" not in int_ext.upper()
    text = set_name.casefold()
    words = {w.strip(".,'’-/()") for w in text.replace("/", " ").replace("-", " ").split()}
    found = {
        kind
        for kind, known in _WORDS.items()
        if any(w in words or (not w.isascii() and len(w) <= 2 and w in text) for w in known)
    }
    wanted: tuple[BlockKind, ...] = ("car", "corridor") if inside else ("roof", "water", "street", "house", "country")
    for kind in wanted:
        if kind in found:
            return kind
    return "room" if inside else "street" if not found else "country"


def build_block(set_name: str, int_ext: str = "EXT") -> Block:
    """Return the set block for a place."""
    kind = kind_of_place(set_name, int_ext)
    seed = int.from_bytes(sha256(set_name.casefold().encode()).digest()[:4], "big")
    rng = np.random.default_rng([seed, 77])
    makers = {
        "room": room, "corridor": corridor, "car": car_inside, "street": street, "house": house, "country": country,
        "roof": roof, "water": water,
    }  # fmt: skip
    parts, ground = makers[kind](rng, set_name.casefold())
    stage = Stage(parts=tuple(parts), materials=MATERIALS, ground=ground)
    if kind in ("street", "house"):
        stage = join([stage, parked(rng, kind)])
    return Block(kind=kind, stage=stage, inside=kind in ("room", "corridor", "car"))
