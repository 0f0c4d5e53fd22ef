"""Named palettes: what each part of a set is painted. Swatches are sRGB as a painter's card shows them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from secondunit.core.errors import BriefError
from secondunit.prep.stage.geometry import RGB, Material

_REC709_TO_ACESCG: Final = np.array(
    [[0.613097, 0.339523, 0.047379], [0.070194, 0.916354, 0.013452], [0.020616, 0.109570, 0.869815]]
)
"""Linear Rec.709 D65 to ACEScg D60, Bradford adapted: the matrix of OpenColorIO's ACES configurations."""


def albedo(swatch: str) -> RGB:
    """Return a swatch (``#d8cbb0``, sRGB) as ACEScg albedo.

    >>> tuple(round(v, 3) for v in albedo("#808080"))
    (0.216, 0.216, 0.216)
    """
    code = np.array([int(swatch[k : k + 2], 16) / 255.0 for k in (1, 3, 5)])
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    r, g, b = _REC709_TO_ACESCG @ linear
    return (float(r), float(g), float(b))


def linear_rec709(colour: RGB) -> RGB:
    """Return ACEScg albedo as linear Rec.709, clipped to 0 to 1: what USD preview surfaces and glTF hold."""
    r, g, b = np.clip(np.linalg.inv(_REC709_TO_ACESCG) @ np.array(colour), 0.0, 1.0)
    return (float(r), float(g), float(b))


_COMMON: Final[dict[str, str]] = {
    "party": "#9c948a", "rear": "#a8a196", "roof": "#6e6a66", "slate": "#4b5057", "tile": "#9a5b42", "stain": "#7a7164",
    "brick": "#7c5546", "brick_pale": "#966f5c", "mortar": "#a39a8c", "crack": "#2b2926", "board": "#8a6f4f",
    "board_grey": "#7d766b", "glass": "#27313a", "dark": "#16171a", "curtain": "#cfc8ba", "metal": "#8d9296",
    "zinc": "#a3a8aa", "rust": "#7a4a30", "concrete": "#a5a29b", "tank": "#b9b4a8", "asphalt": "#45464a",
    "asphalt_patch": "#393a3d", "lane": "#d6d4cc", "kerb": "#a7a59f",
    "pavement": "#8f8a82", "pavement_joint": "#726d66",
    "soil": "#5a4a3a", "ground": "#87857f", "bark": "#8b8272",
    "bark_pale": "#b5ad98", "leaf_1": "#5c7a36", "leaf_2": "#46632c",
    "leaf_3": "#7a9143", "leaf_autumn_1": "#b98a33", "leaf_autumn_2": "#9a6a28", "leaf_autumn_3": "#c7a64a",
    "lamp": "#2e3532", "lamp_glass": "#f1ead8", "gravel": "#8e8779", "steel": "#6f7478", "rail": "#6b5d52",
    "timber": "#6a5541", "signal": "#d9a520", "white": "#e6e3dc", "rubber": "#222224",
}  # fmt: skip
"""What no palette changes unless it says so."""

_GLOSS: Final[dict[str, tuple[float, float]]] = {
    "glass": (0.06, 0.0), "metal": (0.45, 0.6), "zinc": (0.4, 0.7), "steel": (0.5, 0.6), "lamp": (0.45, 0.3),
    "iron": (0.5, 0.3), "asphalt": (0.95, 0.0), "slate": (0.6, 0.0), "lamp_glass": (0.3, 0.0), "cladding": (0.45, 0.3),
}  # fmt: skip
"""Roughness and metallic where they are not 0.85 and 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A named palette: a card of swatches by the part they paint."""

    name: str
    note: str
    swatches: dict[str, str] = field(default_factory=dict)

    def swatch(self, role: str) -> str:
        """Return what a part is painted, ``#rrggbb``."""
        return self.swatches.get(role) or _COMMON[role]

    @property
    def card(self) -> tuple[str, ...]:
        """The swatches that tell it from others, in painting order."""
        return tuple(dict.fromkeys(self.swatches[role] for role in _CARD))


_CARD: Final = ("wall_1", "wall_2", "wall_3", "wall_4", "trim", "plinth", "shutter", "joinery", "accent_1", "accent_2")
_ROLES: Final = (
    "wall_1", "wall_2", "wall_3", "wall_4", "trim", "plinth", "shutter", "joinery", "iron", "door", "accent_1",
    "accent_2", "accent_3", "cladding",
)  # fmt: skip


def _palette(name: str, note: str, colours: str, **more: str) -> Palette:
    painted = dict(zip(_ROLES, (f"#{c}" for c in colours.split()), strict=True))
    return Palette(name=name, note=note, swatches=painted | {k: f"#{v}" for k, v in more.items()})


PALETTES: Final[dict[str, Palette]] = {
    p.name: p
    for p in (
        _palette(
            "piedra paris", "stone-dust render, slate, bottle green",
            "cdbb98 ae9a7c e0d6bf 9d9384 e6dec9 a79a84 3d5244 5a4632 26292a 4a3220 7d2f2a 3c4f60 b08a3e 9aa0a2",
        ),
        _palette(
            "ocre y verde", "ochres and cream, green shutters, oxblood dados",
            "cf9f55 e3cf9f b9783f d9b77c efe3c8 7a3b2c 2f5b45 6b4a2e 1f2a26 5b2f1d 9b3024 2f5b45 d8b24a a8916a",
        ),
        _palette(
            "crema racionalista", "cream and pale grey, nickel, pale green tile",
            "e0d8c2 cfd0c6 d9cdb0 c3c8bd ece7d8 8c9a8e 8a8f84 70757a 5c6164 3e4a48 416b66 8e3b33 c9b27a b9beb9",
        ),
        _palette(
            "gris y teja", "cold greys, exposed brick, roof tile, petrol blue",
            "a9aaa6 9c6650 8c8f8f b8b2a6 c9c7c0 6e6f70 55606a 3a3f44 2b2e31 413a36 255064 a4482f d0a63c 7f878c",
        ),
        _palette(
            "revoque gastado", "weathered pinks, greys and ochres under soot",
            "b89c8a a79f8e b7a27a 8f9590 c0b6a4 77706a 5d6b64 55483c 332f2c 4d3a2c 7c3f36 44585c a5854a 8f8a80",
            party="8d8378", stain="6b6256", pavement="857f76",
        ),
        _palette(
            "fileteado", "painted fronts: rose, sky, yellow, deep green",
            "c9776a 7fa6b4 e0b95c 5f8a70 efe4cf 5b3a36 2c4a6b 7a2f2b 1e2b2e 3b2a22 b5302a 1f6f8b e2a928 86a2a8",
        ),
        _palette(
            "hormigon y bronce", "board-marked concrete, bronze frames, smoked glass",
            "a8a59c 97948b b7b3a8 8b8982 c2beb3 6f6c66 6b5742 4d3d2c 3a342c 54412e 8a5a2e 3f4a46 c08a3e 7a6f5e",
            glass="2b2823",
        ),
        _palette(
            "blanco y vidrio", "white render, clear glass, pale timber",
            "e7e5df d8d8d4 efece4 c8cac9 f3f1ec 9b9c9b b88d5e 43474a 4b5053 9c7a52 2f6f73 d3743d 8fa26a c9d2d6",
            glass="2a3a44",
        ),
        _palette(
            "travertino y azul", "travertine, blue spandrels, anodised aluminium",
            "cbbb9e 3f5f7a ddd0b8 6c8294 e6dcc8 8f8470 8c9298 9aa0a4 6f7579 4a5560 2a4c6b b2523b d9b45a 5f7f97",
            glass="24384a",
        ),
        _palette(
            "oxido y zinc", "red-oxide steel, zinc sheet, soot brick",
            "8c4a36 a0a4a5 7b5a49 8f9392 b5aea2 5a5450 5e3a2c 4a4d4f 3b3d3e 4f3b30 9e3b26 2f4d5c d39b2a 94989a",
        ),
        _palette(
            "cemento y cal", "cement dust, lime wash, faded blue",
            "b7b4ab c9c6bc a6a49d d4d0c4 d9d6cc 8d8a83 6b8494 6a7074 55595b 5b666c 6b8494 9d5a44 cbb274 aeb3b4",
        ),
        _palette(
            "senal y verde", "machine green, signal yellow, galvanised",
            "7d8f7a 9ba39a 63785f b3b7ae c6c8bf 5c615c 3f5a48 474d49 2f3532 3d4a40 d6a51e b4462a 2b5a6b 8b958d",
        ),
    )
}  # fmt: skip


def palette(name: str) -> Palette:
    """Return a palette by name.

    Raises
    ------
    BriefError
        There is none of that name.
    """
    if name not in PALETTES:
        raise BriefError(f"no palette is called {name!r}", fix=f"use one of: {', '.join(PALETTES)}")
    return PALETTES[name]


KEPT: Final = "__"
"""Between a role and the lot whose own material it is: ``wall_1__hotel``."""

_BEHIND: Final[dict[str, tuple[str, float, float]]] = {
    "glass_curtain": ("curtain", 0.5, 0.12), "glass_shop": ("glass", 1.0, 0.05), "glass_rail": ("glass", 1.9, 0.05),
    "trim_wall": ("trim", 1.0, 0.85), "accent_panel": ("accent_1", 1.0, 0.5), "metal_shutter": ("metal", 0.85, 0.55),
    "plaster_edge": ("trim", 0.95, 0.9), "ground": ("ground", 1.0, 0.95), "lamp_glass": ("lamp_glass", 1.0, 0.3),
}  # fmt: skip
"""Materials made of a swatch: which, how bright, how rough."""


def material_named(role: str, painted: Palette, *, name: str = "") -> Material:
    """Return the material of a part in a palette, under its role's name or another."""
    swatch, gain, roughness = _BEHIND.get(role, (role, 1.0, _GLOSS.get(role, (0.85, 0.0))[0]))
    r, g, b = (min(1.0, gain * v) for v in albedo(painted.swatch(swatch)))
    return Material(
        name=name or role, base_color=(r, g, b), roughness=roughness, metallic=_GLOSS.get(role, (0.85, 0.0))[1],
        glass=role in ("glass", "glass_shop", "glass_rail"),
    )  # fmt: skip


def kept_materials(names: list[str], painted: Palette) -> list[Material]:
    """Return the materials of a kept lot, whose names are roles with the lot's tag."""
    return [material_named(name.split(KEPT)[0], painted, name=name) for name in names]
