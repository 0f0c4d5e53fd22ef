"""Props as plain small things of real size, named by kind."""

from collections.abc import Mapping
from typing import Final

from secondunit.prep.stage.geometry import (
    Material,
    Matrix,
    Mesh,
    Part,
    Stage,
    box,
    cylinder,
    ellipsoid,
    move,
    rotation,
    translation,
)
from secondunit.prep.stage.loft import loft

LIGHT, DARK, METAL, WOOD = "prop_light", "prop_dark", "prop_metal", "prop_wood"
_MATERIALS: Final = (
    Material(name=LIGHT, base_color=(0.8, 0.79, 0.76)),
    Material(name=DARK, base_color=(0.09, 0.09, 0.1), roughness=0.4),
    Material(name=METAL, base_color=(0.4, 0.4, 0.42), roughness=0.35, metallic=0.5),
    Material(name=WOOD, base_color=(0.36, 0.28, 0.2)),
)
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": ("phone", "cell", "mobile", "smartphone", "radio", "remote", "teléfono", "телефон", "電話", "手机"),
    "paper": ("letter", "note", "photo", "photograph", "paper", "map", "card", "ticket", "envelope", "newspaper",
    "check",
              "poster", "postcard", "invitation", "carta", "письмо", "手紙", "信"),
    "book": ("book", "diary", "bible", "notebook", "script", "journal", "libro", "книга", "本", "书"),
    "bottle": ("bottle", "beer", "wine", "whiskey", "flask", "botella", "бутылка", "瓶"),
    "cup": ("cup", "glass", "mug", "coffee", "tea", "drink", "can", "taza", "чашка", "杯"),
    "case": ("suitcase", "briefcase", "bag", "backpack", "case", "luggage", "purse", "maleta", "сумка", "鞄", "包"),
    "key": ("key", "keys", "ring", "coin", "llave", "ключ", "鍵"),
    "cake": ("cake", "birthday", "pie", "plate", "dish", "food", "torta"),
    "pistol": ("gun", "pistol", "revolver", "weapon", "pistola"),
    "long": ("rifle", "shotgun", "sword", "bat", "stick", "cane", "axe", "umbrella", "rod", "broom", "shovel"),
    "knife": ("knife", "dagger", "pen", "pencil", "cigarette", "screwdriver", "cuchillo"),
    "clock": ("clock", "watch", "compass", "reloj", "часы", "時計"),
    "computer": ("computer", "laptop", "monitor", "screen", "tv", "television", "keyboard"),
    "flower": ("flower", "flowers", "rose", "bouquet", "daffodil", "daffodils", "plant"),
    "ball": ("ball", "balloon", "egg", "apple", "orange", "orb", "globe", "eye"),
}  # fmt: skip
HELD: Final = frozenset(
    {"phone", "paper", "book", "bottle", "cup", "key", "pistol", "knife", "clock", "flower", "ball"}
)
"""Kinds that a hand holds."""


def kind_of_prop(name: str) -> str:
    """Return what kind of thing a prop's name means; ``box`` where no word is known.

    >>> kind_of_prop("ANNA'S LETTER"), kind_of_prop("the machine")
    ('paper', 'box')
    """
    text = name.casefold()
    words = {w.strip(".,'’\"") for w in text.replace("-", " ").split()}
    for kind, known in _KINDS.items():
        if any(w in words or (not w.isascii() and len(w) <= 2 and w in text) for w in known):
            return kind
    return "box"


def _meshes(kind: str) -> tuple[list[Part], float]:
    """Return a prop that stands on y = 0, and its size in metres."""

    def flat(mesh: Mesh) -> Part:
        return Part(mesh=mesh)

    if kind == "phone":
        return [
            flat(box("body", (0.075, 0.009, 0.152), DARK)),
            flat(box("screen", (0.066, 0.0012, 0.138), LIGHT, at=(0, 0.009, 0))),
        ], 0.17
    if kind == "paper":
        sheet = box("sheet", (0.15, 0.002, 0.21), LIGHT)
        lines = [
            box(
                f"line_{k}",
                (0.11 if k < 7 else 0.07, 0.0004, 0.0016),
                DARK,
                at=(0.0 if k < 7 else -0.02, 0.002, -0.07 + 0.017 * k),
            )
            for k in range(9)
        ]
        return [flat(sheet), *(flat(m) for m in lines)], 0.26
    if kind == "book":
        return [
            flat(box("pages", (0.148, 0.03, 0.208), LIGHT, at=(0.003, 0.003, 0))), flat(box("cover", (0.16, 0.004,
            0.22), WOOD)),
            flat(box("cover_top", (0.16, 0.004, 0.22), WOOD, at=(0, 0.033, 0))), flat(box("spine", (0.006, 0.037,
            0.22), WOOD, at=(-0.078, 0, 0))),
        ], 0.28  # fmt: skip
    if kind == "bottle":
        body = loft(
            "body",
            [
                (0, 0.037, 0.037),
                (0.17, 0.037, 0.037),
                (0.205, 0.028, 0.028),
                (0.23, 0.015, 0.015),
                (0.29, 0.014, 0.014),
            ],
            DARK,
            dome=0,
        )
        return [flat(body), flat(cylinder("label", 0.0378, 0.08, LIGHT, sides=24, at=(0, 0.06, 0)))], 0.31
    if kind == "cup":
        ring = [
            Part(
                mesh=ellipsoid("handle", (0.007, 0.007, 0.007), LIGHT, sides=8),
                transform=rotation("z", 22.5 * k) @ translation(0.028, 0, 0),
            )
            for k in range(-4, 5)
        ]
        handle = [Part(mesh=p.mesh, transform=translation(0.04, 0.048, 0) @ p.transform) for p in ring]
        return [
            flat(cylinder("body", 0.034, 0.095, LIGHT, radius_top=0.042, sides=24)),
            flat(cylinder("drink", 0.038, 0.001, DARK, sides=24, at=(0, 0.0951, 0))),
            *handle,
        ], 0.13
    if kind == "case":
        return [flat(box("body", (0.46, 0.34, 0.14), WOOD)), flat(box("lid", (0.465, 0.02, 0.145), DARK, at=(0, 0.2,
        0))),
                flat(box("handle", (0.13, 0.02, 0.02), DARK, at=(0, 0.38, 0))), flat(box("stem_l", (0.015, 0.05,
                0.02), DARK, at=(-0.06, 0.34, 0))),
                flat(box("stem_r", (0.015, 0.05, 0.02), DARK, at=(0.06, 0.34, 0)))], 0.55  # fmt: skip
    if kind == "key":
        return [Part(mesh=cylinder("bow", 0.014, 0.003, METAL, sides=20), transform=translation(0, 0.003, 0)),
                flat(box("shaft", (0.004, 0.003, 0.05), METAL, at=(0, 0.002, 0.038))), flat(box("bit", (0.012, 0.003,
                0.008), METAL, at=(0.006, 0.002, 0.055)))], 0.09  # fmt: skip
    if kind == "cake":
        parts = [flat(cylinder("plate", 0.17, 0.012, LIGHT, sides=32)), flat(cylinder("cake", 0.13, 0.09, WOOD,
        sides=32, at=(0, 0.012, 0))),
                 flat(cylinder("icing", 0.134, 0.02, LIGHT, sides=32, at=(0, 0.095, 0)))]  # fmt: skip
        for k in range(6):
            turn = rotation("y", 60.0 * k)
            parts.append(
                Part(mesh=cylinder("candle", 0.004, 0.06, METAL, sides=8, at=(0.085, 0.115, 0)), transform=turn)
            )
            parts.append(
                Part(
                    mesh=ellipsoid("flame", (0.004, 0.01, 0.004), LIGHT, sides=8, at=(0.085, 0.186, 0)), transform=turn
                )
            )
        return parts, 0.36
    if kind == "pistol":
        grip = Part(mesh=box("grip", (0.028, 0.1, 0.04), DARK, at=(0, 0, 0)), transform=rotation("x", -12))
        return [
            grip,
            flat(box("slide", (0.026, 0.035, 0.18), METAL, at=(0, 0.095, 0.06))),
            flat(box("guard", (0.008, 0.03, 0.045), METAL, at=(0, 0.062, 0.045))),
        ], 0.24
    if kind == "long":
        return [
            Part(mesh=cylinder("shaft", 0.014, 1.0, WOOD, sides=12)),
            flat(box("head", (0.04, 0.16, 0.05), METAL, at=(0, 0.92, 0))),
        ], 1.1
    if kind == "knife":
        return [
            flat(box("blade", (0.004, 0.022, 0.13), METAL, at=(0, 0.002, 0.06))),
            flat(box("handle", (0.014, 0.026, 0.1), WOOD, at=(0, 0, -0.055))),
        ], 0.26
    if kind == "clock":
        face = Part(
            mesh=cylinder("face", 0.06, 0.015, LIGHT, sides=32), transform=translation(0, 0.062, 0) @ rotation("x", 90)
        )
        rim = Part(
            mesh=cylinder("rim", 0.066, 0.014, METAL, sides=32),
            transform=translation(0, 0.062, -0.002) @ rotation("x", 90),
        )
        hands = [
            Part(
                mesh=box(f"hand_{k}", (0.005, length, 0.002), DARK),
                transform=translation(0, 0.062, 0.016) @ rotation("z", turn),
            )
            for k, (length, turn) in enumerate(((0.032, -60.0), (0.048, 30.0)))
        ]
        return [rim, face, *hands], 0.15
    if kind == "computer":
        lid = Part(
            mesh=box("lid", (0.34, 0.23, 0.008), DARK), transform=translation(0, 0.015, -0.115) @ rotation("x", -18)
        )
        screen = Part(
            mesh=box("screen", (0.32, 0.205, 0.002), LIGHT, at=(0, 0.012, 0.005)),
            transform=translation(0, 0.015, -0.115) @ rotation("x", -18),
        )
        return [
            flat(box("base", (0.34, 0.015, 0.24), METAL)),
            flat(box("keys", (0.28, 0.002, 0.1), DARK, at=(0, 0.015, -0.03))),
            lid,
            screen,
        ], 0.42
    if kind == "flower":
        parts = [
            Part(
                mesh=cylinder(f"stem_{k}", 0.003, 0.26, WOOD, sides=8),
                transform=rotation("y", 72.0 * k) @ rotation("x", 9),
            )
            for k in range(5)
        ]
        parts += [
            Part(
                mesh=ellipsoid(f"bloom_{k}", (0.032, 0.026, 0.032), LIGHT, sides=12, at=(0, 0.27, 0)),
                transform=rotation("y", 72.0 * k) @ rotation("x", 9),
            )
            for k in range(5)
        ]
        return parts, 0.34
    if kind == "ball":
        return [flat(ellipsoid("ball", (0.05, 0.05, 0.05), LIGHT, sides=28, at=(0, 0.05, 0)))], 0.13
    return [flat(box("body", (0.26, 0.2, 0.2), WOOD)), flat(box("lid", (0.27, 0.03, 0.21), WOOD, at=(0, 0.2, 0)))], 0.34


def build_prop(name: str, *, place: Matrix, kind: str = "") -> tuple[Stage, float]:
    """Return a prop in the world and its size in metres. ``kind`` is read from the name where it is empty."""
    parts, size = _meshes(kind or kind_of_prop(name))
    named = tuple(
        Part(
            mesh=Mesh(
                path=f"{name}/{p.mesh.path}", points=p.mesh.points, triangles=p.mesh.triangles,
                material=p.mesh.material,
                normals=p.mesh.normals,
            ),
            transform=p.transform,
        )
        for p in parts
    )  # fmt: skip
    return move(Stage(parts=named, materials=_MATERIALS), place), size
